/*
 * Zones made better block by block. What always holds: each zone is joined to its site. Limits
 * are paid for where they are broken, dearer until they are kept. A step shifts one border block;
 * a chain pushes another block on from where the first one came to (so a swap is a chain of two).
 * Kicks disturb one neighbourhood, and what does not help is taken back.
 */
#include "engine/zone/zone_impl.h"

#define KICKS         40
#define KICKS_MAX     40000
#define DEPTH         4
#define PERIODS       60
#define PENALTY_RANGE 4096

struct shift {
	int32_t block, from;
};

/* On the way from a site that is over its limits: to this site, by moving that block. */
struct way {
	int64_t far; /* INT64_MAX: not reached */
	int32_t from, block;
	bool is_done;
};

struct search {
	const struct zone_work *w;
	struct arena *mem;
	struct rng *rng;
	int32_t *site;        /* [block] */
	int32_t *head;        /* [site]: a zone's blocks are a list */
	int32_t *next, *last; /* [block] */
	int32_t *size;        /* [site] */
	int64_t *load;        /* [site * cohorts] */
	int64_t *broken;      /* [site]: units over and under */
	int64_t all_broken, cost, penalty, none_cost;
	int32_t *stamp, *queue; /* [block], for walks */
	int32_t stamp_now;
	int32_t *todo, todo_count; /* blocks to be looked at */
	bool *is_todo;
	int32_t *options; /* sites that a block touches */
	struct way *ways; /* [site] */
	VEC(struct shift) log;
	int64_t moves;
	int32_t *best;     /* [block]: the best that keeps all rules */
	int64_t best_cost; /* -1: none yet */
};

/* --- bookkeeping ---------------------------------------------------------------------------- */

static int64_t cost_at(const struct search *s, int32_t block, int32_t site)
{
	if (site < 0)
		return s->none_cost * MAX(s->w->units[block], 1);
	return zone_arc_cost(s->w, block, zone_arc(s->w, block, site));
}

/* Units over and under at a site if a block came (sign 1) or went (-1); block -1: as it is. */
static int64_t broken_with(const struct search *s, int32_t site, int32_t block, int64_t sign)
{
	const struct zone_map *z = s->w->z;
	int64_t sum = 0;

	for (int32_t k = 0; k < z->cohort_count; k++) {
		int32_t r = site * z->cohort_count + k;
		int64_t load = s->load[r];
		if (block >= 0)
			load += sign * z->demand[block * z->cohort_count + k];
		sum += MAX(load - z->upper[r], 0) + MAX(z->lower[r] - load, 0);
	}
	return sum;
}

static int64_t gain_of(const struct search *s, int32_t block, int32_t to)
{
	int32_t from = s->site[block];
	int64_t broken = broken_with(s, to, block, 1) - s->broken[to];

	if (from >= 0)
		broken += broken_with(s, from, block, -1) - s->broken[from];
	return cost_at(s, block, from) - cost_at(s, block, to) - broken * s->penalty;
}

static void leave(struct search *s, int32_t block)
{
	const struct zone_map *z = s->w->z;
	int32_t site = s->site[block];

	s->cost -= cost_at(s, block, site);
	s->site[block] = -1;
	if (site < 0)
		return;
	if (s->last[block] >= 0)
		s->next[s->last[block]] = s->next[block];
	else
		s->head[site] = s->next[block];
	if (s->next[block] >= 0)
		s->last[s->next[block]] = s->last[block];
	s->size[site]--;
	for (int32_t k = 0; k < z->cohort_count; k++)
		s->load[site * z->cohort_count + k] -= z->demand[block * z->cohort_count + k];
	s->all_broken -= s->broken[site];
	s->broken[site] = broken_with(s, site, -1, 0);
	s->all_broken += s->broken[site];
}

static void enter(struct search *s, int32_t block, int32_t site)
{
	const struct zone_map *z = s->w->z;

	s->site[block] = site;
	s->cost += cost_at(s, block, site);
	if (site < 0)
		return;
	s->next[block] = s->head[site];
	s->last[block] = -1;
	if (s->head[site] >= 0)
		s->last[s->head[site]] = block;
	s->head[site] = block;
	s->size[site]++;
	for (int32_t k = 0; k < z->cohort_count; k++)
		s->load[site * z->cohort_count + k] += z->demand[block * z->cohort_count + k];
	s->all_broken -= s->broken[site];
	s->broken[site] = broken_with(s, site, -1, 0);
	s->all_broken += s->broken[site];
}

static void shift(struct search *s, int32_t block, int32_t to)
{
	*VEC_PUSH(s->mem, &s->log) = (struct shift){block, s->site[block]};
	leave(s, block);
	enter(s, block, to);
}

static void take_back(struct search *s, size_t mark)
{
	while (s->log.count > mark) {
		struct shift last = s->log.items[--s->log.count];
		leave(s, last.block);
		enter(s, last.block, last.from);
	}
}

static int64_t value(const struct search *s)
{
	return s->cost + s->all_broken * s->penalty;
}

/* --- contiguity ----------------------------------------------------------------------------- */

static bool is_root(const struct search *s, int32_t block, int32_t site)
{
	for (int32_t n = s->w->first_site_of[block]; n < s->w->first_site_of[block + 1]; n++)
		if (s->w->site_of[n] == site)
			return true;
	return false;
}

/* Walk the zone from its roots without the block. */
static bool is_whole_without(struct search *s, int32_t site, int32_t block)
{
	const struct zone_map *z = s->w->z;
	int32_t count = 0, now = ++s->stamp_now;

	s->stamp[block] = now;
	for (int32_t r = z->first_root[site]; r < z->first_root[site + 1]; r++) {
		int32_t v = z->root[r];
		if (s->site[v] == site && s->stamp[v] != now) {
			s->stamp[v] = now;
			s->queue[count++] = v;
		}
	}
	for (int32_t n = 0; n < count; n++)
		for (int32_t e = z->first_near[s->queue[n]]; e < z->first_near[s->queue[n] + 1];
			e++) {
			int32_t u = z->near[e];
			if (s->site[u] != site || s->stamp[u] == now)
				continue;
			s->stamp[u] = now;
			s->queue[count++] = u;
		}
	return count == s->size[site] - 1;
}

/* Does the block's zone stay whole when it goes? Mostly its neighbours alone tell: a leaf that is
 * no root cuts nothing off. */
static bool may_leave(struct search *s, int32_t block)
{
	const struct zone_map *z = s->w->z;
	int32_t site = s->site[block], same = 0;

	if (site < 0)
		return true;
	for (int32_t e = z->first_near[block]; e < z->first_near[block + 1]; e++)
		same += s->site[z->near[e]] == site && z->near[e] != block;
	if (same == 0 || (same == 1 && !is_root(s, block, site)))
		return true;
	return is_whole_without(s, site, block);
}

/* Sites that the block touches and may belong to, but its own. */
static int32_t list_options(struct search *s, int32_t block, int32_t *out)
{
	const struct zone_map *z = s->w->z;
	int32_t count = 0, roots = s->w->first_site_of[block + 1] - s->w->first_site_of[block];
	int32_t nears = z->first_near[block + 1] - z->first_near[block];

	for (int32_t n = 0; n < roots + nears; n++) {
		int32_t site = n < roots ? s->w->site_of[s->w->first_site_of[block] + n]
					 : s->site[z->near[z->first_near[block] + n - roots]];
		bool is_new = site >= 0 && site != s->site[block];
		for (int32_t i = 0; i < count && is_new; i++)
			is_new = out[i] != site;
		if (is_new && zone_arc(s->w, block, site) >= 0)
			out[count++] = site;
	}
	return count;
}

/* --- steps ---------------------------------------------------------------------------------- */

static void look_at(struct search *s, int32_t block)
{
	if (s->is_todo[block])
		return;
	s->is_todo[block] = true;
	s->todo[s->todo_count++] = block;
}

static void look_around(struct search *s, int32_t block)
{
	const struct zone_map *z = s->w->z;

	look_at(s, block);
	for (int32_t e = z->first_near[block]; e < z->first_near[block + 1]; e++)
		look_at(s, z->near[e]);
}

/* What was shifted since mark, and who borders on it. */
static void look_at_shifts(struct search *s, size_t mark)
{
	for (size_t n = mark; n < s->log.count; n++)
		look_around(s, s->log.items[n].block);
}

struct choice {
	int32_t block, to;
	int64_t gain;
};

/* The best shift of a block of the zone, but of `kept`. */
static struct choice best_push(struct search *s, int32_t site, int32_t kept, int32_t *options)
{
	struct choice best = {-1, -1, INT64_MIN};

	for (int32_t v = s->head[site]; v >= 0; v = s->next[v]) {
		int32_t count = v == kept ? 0 : list_options(s, v, options);
		for (int32_t n = 0; n < count; n++) {
			int64_t gain = gain_of(s, v, options[n]);
			s->moves++;
			if (gain > best.gain && may_leave(s, v))
				best = (struct choice){v, options[n], gain};
		}
	}
	return best;
}

/* Shift the block to the site and push on until it pays; all taken back if it never does. */
static bool chain(struct search *s, int32_t block, int32_t to, int64_t gain, int32_t *options)
{
	size_t mark = s->log.count;

	shift(s, block, to);
	for (int depth = 1; depth < DEPTH && gain <= 0; depth++) {
		struct choice c = best_push(s, to, block, options);
		if (c.block < 0)
			break;
		gain += c.gain;
		shift(s, c.block, c.to);
		block = c.block;
		to = c.to;
	}
	if (gain > 0)
		return true;
	take_back(s, mark);
	return false;
}

/* The first step or chain of the block that pays. */
static bool improve(struct search *s, int32_t block)
{
	const struct zone_map *z = s->w->z;
	int32_t most = z->first_near[block + 1] - z->first_near[block] +
		       s->w->first_site_of[block + 1] - s->w->first_site_of[block];
	int32_t count = list_options(s, block, s->options), best = -1;
	size_t mark = s->log.count;
	int64_t gain = 0;

	if (count == 0 || !may_leave(s, block))
		return false;
	for (int32_t n = 0; n < count; n++) {
		int64_t g = gain_of(s, block, s->options[n]);
		s->moves++;
		if (g > gain) {
			gain = g;
			best = s->options[n];
		}
	}
	if (best >= 0) {
		shift(s, block, best);
		look_at_shifts(s, mark);
		return true;
	}
	for (int32_t n = 0; n < count; n++)
		if (chain(s, block, s->options[n], gain_of(s, block, s->options[n]),
			    s->options + most)) {
			look_at_shifts(s, mark);
			return true;
		}
	return false;
}

static void remember(struct search *s)
{
	if (s->all_broken > 0 || (s->best_cost >= 0 && s->cost >= s->best_cost))
		return;
	for (int32_t v = 0; v < s->w->z->block_count; v++)
		if (s->site[v] < 0)
			return;
	s->best_cost = s->cost;
	memcpy(s->best, s->site, (size_t)s->w->z->block_count * sizeof *s->best);
}

static void descend(struct search *s)
{
	while (s->todo_count > 0) {
		int32_t v = s->todo[--s->todo_count];
		s->is_todo[v] = false;
		(void)improve(s, v);
	}
}

/* --- kicks ---------------------------------------------------------------------------------- */

static bool shift_at_random(struct search *s, int32_t block)
{
	int32_t count = list_options(s, block, s->options);
	int32_t to;

	if (count == 0 || !may_leave(s, block))
		return false;
	to = s->options[rng_below(s->rng, count)];
	shift(s, block, to);
	return true;
}

/* Any block; while limits are broken, every other time one where they are. */
static int32_t choose_block(struct search *s)
{
	const struct zone_map *z = s->w->z;
	int64_t nth =
		s->all_broken > 0 && rng_below(s->rng, 2) ? rng_below(s->rng, s->all_broken) : -1;

	for (int32_t i = 0; i < z->site_count && nth >= 0; i++) {
		nth -= s->broken[i];
		if (nth < 0)
			return s->head[i] >= 0                           ? s->head[i]
			       : z->first_root[i] < z->first_root[i + 1] ? z->root[z->first_root[i]]
									 : 0;
	}
	return (int32_t)rng_below(s->rng, z->block_count);
}

/* Ways on from a site: by each block that may leave it, at what that costs, more or less. */
static void walk_on(struct search *s, int32_t site)
{
	for (int32_t v = s->head[site]; v >= 0; v = s->next[v]) {
		int32_t count = list_options(s, v, s->options);
		if (count == 0 || s->w->units[v] == 0 || !may_leave(s, v))
			continue;
		for (int32_t n = 0; n < count; n++) {
			struct way *way = &s->ways[s->options[n]];
			int64_t more = cost_at(s, v, s->options[n]) - cost_at(s, v, site);
			int64_t far = s->ways[site].far +
				      MAX(more, 0) / 100 * rng_between(s->rng, 70, 130) + 1;
			if (!way->is_done && far < way->far)
				*way = (struct way){far, site, v, false};
		}
	}
}

/* The nearest site that has room for the block that comes last; -1: there is none. */
static int32_t find_room(struct search *s, int32_t site)
{
	int32_t sites = s->w->z->site_count;

	for (int32_t i = 0; i < sites; i++)
		s->ways[i] = (struct way){i == site ? 0 : INT64_MAX, -1, -1, false};
	for (;;) {
		int32_t at = -1;
		for (int32_t i = 0; i < sites; i++)
			if (!s->ways[i].is_done && s->ways[i].far < INT64_MAX &&
				(at < 0 || s->ways[i].far < s->ways[at].far))
				at = i;
		if (at < 0)
			return -1;
		if (at != site && broken_with(s, at, s->ways[at].block, 1) <= s->broken[at])
			return at;
		s->ways[at].is_done = true;
		walk_on(s, at);
	}
}

static bool may_shift(struct search *s, int32_t block, int32_t to)
{
	int32_t count = list_options(s, block, s->options);

	for (int32_t n = 0; n < count; n++)
		if (s->options[n] == to)
			return may_leave(s, block);
	return false;
}

/*
 * What is too much at one site is handed on, block by block through the zones between, to one that
 * has room: far imbalances are beyond the reach of chains. The last block goes first.
 */
static void relieve(struct search *s)
{
	int32_t block = choose_block(s), from = s->site[block], at;

	if (from < 0 || s->broken[from] == 0)
		return;
	for (at = find_room(s, from); at >= 0 && at != from; at = s->ways[at].from) {
		if (!may_shift(s, s->ways[at].block, at))
			return;
		shift(s, s->ways[at].block, at);
	}
}

/* Disturb one neighbourhood at random. */
static void shake(struct search *s)
{
	const struct zone_map *z = s->w->z;
	int32_t at = choose_block(s);
	int64_t steps = rng_between(s->rng, 2, 5);

	for (int64_t n = 0; n < steps * 3 && (int64_t)s->log.count < steps; n++) {
		int32_t nears = z->first_near[at + 1] - z->first_near[at];
		(void)shift_at_random(s, at);
		if (nears > 0)
			at = z->near[z->first_near[at] + (int32_t)rng_below(s->rng, nears)];
	}
}

static void kick(struct search *s)
{
	int64_t before = value(s);

	s->log.count = 0;
	if (s->all_broken > 0 && rng_below(s->rng, 3) == 0)
		relieve(s);
	else
		shake(s);
	look_at_shifts(s, 0);
	descend(s);
	if (value(s) > before)
		take_back(s, 0);
	else
		remember(s);
}

static struct search begin(const struct zone_work *w, struct arena *mem, struct rng *rng)
{
	const struct zone_map *z = w->z;
	struct search s = {.w = w,
		.mem = mem,
		.rng = rng,
		.site = arena_array(mem, int32_t, z->block_count),
		.head = arena_array(mem, int32_t, z->site_count),
		.next = arena_array(mem, int32_t, z->block_count),
		.last = arena_array(mem, int32_t, z->block_count),
		.size = arena_array(mem, int32_t, z->site_count),
		.load = arena_array(mem, int64_t, z->site_count * z->cohort_count),
		.broken = arena_array(mem, int64_t, z->site_count),
		.stamp = arena_array(mem, int32_t, z->block_count),
		.queue = arena_array(mem, int32_t, z->block_count),
		.todo = arena_array(mem, int32_t, z->block_count),
		.is_todo = arena_array(mem, bool, z->block_count),
		.ways = arena_array(mem, struct way, z->site_count),
		.best = arena_array(mem, int32_t, z->block_count),
		.best_cost = -1};
	int32_t most = 0;
	int64_t dearest = 0, price = 0;

	for (int32_t v = 0; v < z->block_count; v++)
		most = MAX(most, z->first_near[v + 1] - z->first_near[v] + w->first_site_of[v + 1] -
					 w->first_site_of[v]);
	s.options = arena_array(mem, int32_t, 2 * (size_t)most);
	for (int32_t e = 0; e < z->first_arc[z->block_count]; e++)
		dearest = MAX(dearest, z->arc_cost[e]);
	for (int32_t i = 0; i < z->site_count; i++) {
		price = MAX(price, MAX(w->upper_price[i], w->lower_price[i]));
		s.head[i] = -1;
		s.broken[i] = w->least[i];
		s.all_broken += w->least[i];
	}
	s.none_cost = 4 * (dearest + 1);
	s.penalty = MAX(price, dearest / 64) + 1;
	return s;
}

static void load_zones(struct search *s, const int32_t *site)
{
	for (int32_t v = 0; v < s->w->z->block_count; v++) {
		s->site[v] = -1;
		s->cost += cost_at(s, v, -1);
	}
	for (int32_t v = 0; v < s->w->z->block_count; v++) {
		leave(s, v);
		enter(s, v, site[v]);
		look_at(s, v);
	}
}

/* Breaking limits gets dearer while they are broken and cheaper while they are kept, so that the
 * search comes by on both sides of them. */
static void adapt(struct search *s, int64_t least)
{
	if (s->all_broken == 0) {
		s->penalty = MAX(s->penalty * 5 / 8, least);
		return;
	}
	s->penalty = MIN(s->penalty * 8 / 5 + 1, least * PENALTY_RANGE);
	for (int32_t v = 0; v < s->w->z->block_count; v++)
		look_at(s, v);
	descend(s);
	remember(s);
}

bool zone_search(const struct zone_work *w, struct rng *rng, int32_t *site, int64_t *out_moves)
{
	struct arena *mem = arena_create();
	struct search s = begin(w, mem, rng);
	int64_t per_block = w->limits->kicks > 0 ? w->limits->kicks : KICKS;
	int64_t kicks = MIN(per_block * w->z->block_count, KICKS_MAX);
	int64_t period = MAX(kicks / PERIODS, 1), least = s.penalty;

	load_zones(&s, site);
	descend(&s);
	remember(&s);
	for (int64_t n = 0; n < kicks; n++) {
		if (n % 64 == 0 && w->limits->is_over && w->limits->is_over(w->limits->is_over_arg))
			break;
		if (n % period == period - 1)
			adapt(&s, least);
		kick(&s);
	}
	memcpy(site, s.best_cost >= 0 ? s.best : s.site, (size_t)w->z->block_count * sizeof *site);
	*out_moves += s.moves;
	arena_free(mem);
	return s.best_cost >= 0;
}
