/*
 * Plans of a part: a path through the states for each site, served year by year. At the networks'
 * prices the shortest paths say what another path of one site can save at most; the promising ones
 * are tried, the best first, and when none helps and sites are few, two at once.
 */
#include "engine/layout/horizon_impl.h"

#include <math.h>

/* Of the climb between two settlements of a dive. */
#define DIVE_ROUNDS 25
/* Turns tried behind a first one that does not pay by itself, where sites are few: among many the
 * relaxation leaves little to two at once, and each try costs more. */
#define SECOND_TRIES 4
#define PAIR_SITES   20

void horizon_walk_init(
	struct walk *w, struct arena *mem, struct span *s, const struct layout_limits *limits)
{
	int32_t sites = s->part[0].site_count;

	*w = (struct walk){.span = s, .limits = limits, .best_cost = HUGE_VAL};
	w->search = arena_array(mem, struct search, s->years);
	w->state = arena_array(mem, int32_t, s->years * sites);
	w->best = arena_array(mem, int32_t, s->years * sites);
	w->price = arena_array(mem, double, s->years * s->points);
	w->moved = arena_array(mem, double, sites);
	for (int32_t t = 0; t < s->years; t++) {
		layout_search_init(&w->search[t], mem, &s->part[t], &s->dual[t], limits);
		w->search[t].price = w->price + t * s->points;
		w->search[t].state = w->state + t * sites;
	}
}

static int32_t base_of(const struct part *p, int32_t site)
{
	int32_t id = p->site_id[site];

	return p->first_state[site] + p->l->base_state[id] - p->l->first_state[id];
}

/* What the moves of a site's path cost. */
static double moves_cost(const struct span *s, int32_t site, const int32_t *path, int32_t stride)
{
	int32_t from = base_of(&s->part[0], site);
	double cost = 0;

	for (int32_t t = 0; t < s->years; t++) {
		cost += horizon_span_move(s, t, site, from, path[t * stride]);
		from = path[t * stride];
	}
	return cost;
}

double horizon_walk_cost(struct walk *w)
{
	const struct span *s = w->span;
	int32_t sites = s->part[0].site_count;
	double cost = 0;

	for (int32_t t = 0; t < s->years; t++)
		cost += layout_search_cost(&w->search[t]);
	for (int32_t i = 0; i < sites; i++)
		cost += moves_cost(s, i, w->state + i, sites);
	if (cost < w->best_cost) {
		w->best_cost = cost;
		memcpy(w->best, w->state, (size_t)(s->years * sites) * sizeof *w->best);
	}
	w->tries++;
	return cost;
}

int64_t horizon_walk_left(const struct walk *w)
{
	int64_t sum = 0;

	for (int32_t t = 0; t < w->span->years; t++)
		for (int32_t j = 0; j < w->span->points; j++)
			sum += layout_search_left(&w->search[t], j);
	return sum;
}

static double left_cost(const struct walk *w)
{
	double sum = 0;

	for (int32_t t = 0; t < w->span->years; t++)
		for (int32_t j = 0; j < w->span->points; j++)
			sum += (double)layout_search_left(&w->search[t], j) *
			       w->span->part[t].unmet_cost;
	return sum;
}

static bool is_done(struct walk *w)
{
	if (w->limits->is_over && w->limits->is_over(w->limits->is_over_arg))
		w->is_cut_short = true;
	return w->is_cut_short || w->tries >= w->tries_max ||
	       w->span->bound >= w->best_cost * (1 - w->limits->gap);
}

/* A site takes another path. */
struct turn {
	int32_t site, path;
	double gain, worth;
};

/* Room for the turns of all sites, one to each state. */
struct turns {
	struct turn *list;
	int32_t *paths; /* [path][year] */
};

static struct turns make_turns(const struct walk *w, struct arena *mem)
{
	size_t states = (size_t)w->span->part[0].state_count;

	return (struct turns){arena_array(mem, struct turn, states),
		arena_array(mem, int32_t, states * (size_t)w->span->years)};
}

static int by_worth(const void *a, const void *b)
{
	const struct turn *x = a, *y = b;

	if (x->worth > y->worth || x->worth < y->worth)
		return x->worth > y->worth ? -1 : 1;
	if (x->site != y->site)
		return x->site - y->site;
	return x->path - y->path;
}

/* Without what customers pay: states and moves alone. */
static double plain_cost(const struct span *s, int32_t site, const int32_t *path, int32_t stride)
{
	double cost = moves_cost(s, site, path, stride);

	for (int32_t t = 0; t < s->years; t++)
		cost += s->part[t].state_cost[path[t * stride]];
	return cost;
}

static bool is_own(const int32_t *path, const int32_t *own, int32_t years, int32_t stride)
{
	for (int32_t t = 0; t < years; t++)
		if (path[t] != own[t * stride])
			return false;
	return true;
}

/*
 * The turns that may save more than `least` at the networks' prices, best first. While units are
 * left their prices promise too much: no more than what is left counts.
 */
static size_t promising(struct walk *w, double least, int32_t not_site, struct turns out)
{
	struct span *s = w->span;
	const struct part *p = &s->part[0];
	double left = left_cost(w);
	size_t count = 0;

	(void)horizon_span_values(s, w->price);
	for (int32_t i = 0; i < p->site_count; i++) {
		const int32_t *own = w->state + i;
		double now = moves_cost(s, i, own, p->site_count), plain;
		for (int32_t t = 0; t < s->years; t++)
			now += s->dual[t].value[own[t * p->site_count]];
		plain = plain_cost(s, i, own, p->site_count);
		horizon_span_reach(s, i, SPAN_COST);
		for (int32_t b = 0; b < p->first_state[i + 1] - p->first_state[i]; b++) {
			double gain = now - s->reach[(s->years - 1) * HORIZON_STATES_MAX + b];
			int32_t *path = out.paths + count * (size_t)s->years;
			double more;
			if (i == not_site || !(gain > least + 1e-6))
				continue;
			horizon_span_path(s, i, b, path);
			if (is_own(path, own, s->years, p->site_count))
				continue;
			more = plain_cost(s, i, path, 1) - plain;
			out.list[count] = (struct turn){i, (int32_t)count, gain,
				left > 0 ? MIN(gain + more, left) - more : gain};
			count++;
		}
	}
	if (count)
		qsort(out.list, count, sizeof *out.list, by_worth);
	return count;
}

static void take(struct walk *w, int32_t site, const int32_t *path, int32_t *out_old)
{
	int32_t sites = w->span->part[0].site_count;

	for (int32_t t = 0; t < w->span->years; t++) {
		out_old[t] = w->state[t * sites + site];
		w->state[t * sites + site] = path[t];
	}
}

static void take_turn(struct walk *w, struct turns turns, size_t at, int32_t *out_old)
{
	const struct turn *turn = &turns.list[at];

	take(w, turn->site, turns.paths + turn->path * w->span->years, out_old);
}

static void restore_best(struct walk *w)
{
	size_t cells = (size_t)w->span->years * (size_t)w->span->part[0].site_count;

	memcpy(w->state, w->best, cells * sizeof *w->state);
	(void)horizon_walk_cost(w);
}

/* One pass over the promising turns, taking each that helps. */
static bool improve_pass(struct walk *w, struct turns turns)
{
	double before = w->best_cost;
	int32_t old[HORIZON_YEARS_MAX], ignored[HORIZON_YEARS_MAX];
	size_t count;

	restore_best(w);
	count = promising(w, 0, -1, turns);
	for (size_t k = 0; k < count && !is_done(w); k++) {
		double best = w->best_cost;
		take_turn(w, turns, k, old);
		if (horizon_walk_cost(w) >= best)
			take(w, turns.list[k].site, old, ignored);
	}
	return w->best_cost < before;
}

/* A turn that does not pay by itself, and another that makes it pay. */
static bool improve_two(struct walk *w, struct turns firsts, struct turns seconds)
{
	int32_t old[HORIZON_YEARS_MAX], other[HORIZON_YEARS_MAX], ignored[HORIZON_YEARS_MAX];
	double best = w->best_cost;
	size_t count;

	restore_best(w);
	count = promising(w, -HUGE_VAL, -1, firsts);
	for (size_t k = 0; k < count && !is_done(w); k++) {
		int32_t site = firsts.list[k].site;
		size_t more;
		double cost;
		take_turn(w, firsts, k, old);
		cost = horizon_walk_cost(w);
		if (cost < best)
			return true;
		more = promising(w, cost - best, site, seconds);
		for (size_t j = 0; j < MIN(more, SECOND_TRIES); j++) {
			take_turn(w, seconds, j, other);
			if (horizon_walk_cost(w) < best)
				return true;
			take(w, seconds.list[j].site, other, ignored);
		}
		take(w, site, old, ignored);
	}
	return false;
}

void horizon_walk_improve(struct walk *w, struct arena *scratch)
{
	struct turns firsts = make_turns(w, scratch), seconds = make_turns(w, scratch);
	bool is_better = true, tries_two = w->span->part[0].site_count <= PAIR_SITES;

	while (is_better && !is_done(w)) {
		is_better = improve_pass(w, firsts);
		if (!is_better && tries_two)
			is_better = improve_two(w, firsts, seconds);
	}
}

/* From `state`: better paths while units are left, the best first. */
static void repair(struct walk *w, struct arena *scratch)
{
	struct turns turns = make_turns(w, scratch);
	int32_t old[HORIZON_YEARS_MAX], ignored[HORIZON_YEARS_MAX];
	double cost = horizon_walk_cost(w);
	bool is_better = true;

	while (is_better && horizon_walk_left(w) > 0) {
		size_t count = promising(w, 0, -1, turns);
		is_better = false;
		for (size_t k = 0; k < count && !is_better; k++) {
			double now;
			take_turn(w, turns, k, old);
			now = horizon_walk_cost(w);
			is_better = now < cost;
			if (is_better)
				cost = now;
			else
				take(w, turns.list[k].site, old, ignored);
		}
		if (!is_better)
			(void)horizon_walk_cost(w);
	}
}

struct surest {
	int32_t site, end;
	double weight;
};

static int by_weight(const void *a, const void *b)
{
	const struct surest *x = a, *y = b;

	if (x->weight > y->weight || x->weight < y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->site - y->site;
}

/* The path nearest to the mean of the picks becomes the site's only one. */
static void settle(struct walk *w, int32_t site)
{
	struct span *s = w->span;
	const struct part *p = &s->part[0];
	int32_t path[HORIZON_YEARS_MAX];

	horizon_span_reach(s, site, SPAN_MEAN);
	horizon_span_path(s, site, horizon_span_end(s, site), path);
	for (int32_t t = 0; t < s->years; t++) {
		for (int32_t b = p->first_state[site]; b < p->first_state[site + 1]; b++)
			s->dual[t].is_banned[b] = b != path[t];
		w->state[t * p->site_count + site] = path[t];
	}
}

void horizon_walk_dive(struct walk *w, struct arena *scratch, int32_t steps)
{
	struct span *s = w->span;
	int32_t sites = s->part[0].site_count, left = sites;
	size_t cells = (size_t)s->years * (size_t)s->points;
	struct surest *list = arena_array(scratch, struct surest, sites);
	bool *is_settled = arena_array(scratch, bool, sites);
	double *price = arena_array(scratch, double, cells), bound = s->bound;

	memcpy(price, s->price, cells * sizeof *price);
	while (left > 0) {
		int32_t count = 0, least = MAX(left / steps, 1);
		for (int32_t i = 0; i < sites; i++) {
			if (is_settled[i])
				continue;
			horizon_span_reach(s, i, SPAN_MEAN);
			list[count] = (struct surest){i, horizon_span_end(s, i), 0};
			list[count].weight =
				-s->reach[(s->years - 1) * HORIZON_STATES_MAX + list[count].end] /
				s->years;
			count++;
		}
		qsort(list, (size_t)count, sizeof *list, by_weight);
		for (int32_t n = 0; n < count && (n < least || list[n].weight > 0.98); n++) {
			settle(w, list[n].site);
			is_settled[list[n].site] = true;
			left--;
		}
		if (left == 0)
			break;
		s->bound = -HUGE_VAL;
		horizon_span_climb(s, scratch, w->limits, HUGE_VAL, 0, DIVE_ROUNDS);
	}
	for (int32_t t = 0; t < s->years; t++)
		memset(s->dual[t].is_banned, 0, (size_t)s->part[0].state_count * sizeof(bool));
	memcpy(s->price, price, cells * sizeof *price);
	s->bound = bound;
	repair(w, scratch);
}
