/* Zones grow from their roots: always next the block that loses least, against its best site at
 * priced costs. First within the rooms, then without regard to them. */
#include "engine/zone/zone_impl.h"

#define REPAIRS 40

struct entry {
	int64_t loss;
	int32_t block, site;
};

struct growth {
	const struct zone_work *w;
	struct arena *mem;
	struct rng *rng;
	int64_t *price;    /* [site], of a unit */
	int64_t *cheapest; /* [block]: a unit at its best site */
	int64_t *load;     /* [site] */
	int32_t *site;
	VEC(struct entry) heap;
	bool is_within; /* rooms are kept */
};

static bool before(const struct entry *a, const struct entry *b)
{
	if (a->loss != b->loss)
		return a->loss < b->loss;
	return a->block != b->block ? a->block < b->block : a->site < b->site;
}

static void push(struct growth *g, struct entry entry)
{
	size_t at = g->heap.count;

	*VEC_PUSH(g->mem, &g->heap) = entry;
	while (at > 0 && before(&entry, &g->heap.items[(at - 1) / 2])) {
		g->heap.items[at] = g->heap.items[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	g->heap.items[at] = entry;
}

static struct entry pop(struct growth *g)
{
	struct entry top = g->heap.items[0], last = g->heap.items[--g->heap.count];
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;
		if (child >= g->heap.count)
			break;
		if (child + 1 < g->heap.count &&
			before(&g->heap.items[child + 1], &g->heap.items[child]))
			child++;
		if (!before(&g->heap.items[child], &last))
			break;
		g->heap.items[at] = g->heap.items[child];
		at = child;
	}
	if (g->heap.count > 0)
		g->heap.items[at] = last;
	return top;
}

static int64_t priced(const struct growth *g, int32_t arc)
{
	return g->w->z->arc_cost[arc] + g->price[g->w->z->arc_site[arc]];
}

static void offer(struct growth *g, int32_t block, int32_t site)
{
	int32_t e = g->site[block] < 0 ? zone_arc(g->w, block, site) : -1;

	if (e >= 0)
		push(g, (struct entry){priced(g, e) - g->cheapest[block], block, site});
}

static void join(struct growth *g, int32_t block, int32_t site)
{
	const struct zone_map *z = g->w->z;

	g->site[block] = site;
	g->load[site] += g->w->units[block];
	for (int32_t e = z->first_near[block]; e < z->first_near[block + 1]; e++)
		offer(g, z->near[e], site);
}

/* Everything that touches a zone or a root. */
static void offer_all(struct growth *g)
{
	const struct zone_map *z = g->w->z;

	g->heap.count = 0;
	for (int32_t v = 0; v < z->block_count; v++) {
		if (g->site[v] >= 0)
			continue;
		for (int32_t n = g->w->first_site_of[v]; n < g->w->first_site_of[v + 1]; n++)
			offer(g, v, g->w->site_of[n]);
		for (int32_t e = z->first_near[v]; e < z->first_near[v + 1]; e++)
			if (g->site[z->near[e]] >= 0)
				offer(g, v, g->site[z->near[e]]);
	}
}

static void spread(struct growth *g)
{
	for (int pass = 0; pass < 2; pass++) {
		g->is_within = pass == 0;
		offer_all(g);
		while (g->heap.count > 0) {
			struct entry e = pop(g);
			if (g->site[e.block] >= 0)
				continue;
			if (g->is_within &&
				g->load[e.site] + g->w->units[e.block] > g->w->room[e.site])
				continue;
			join(g, e.block, e.site);
		}
	}
}

/* --- blocks that were shut in --------------------------------------------------------------- */

/* Blocks that their zone no longer joins to its site are given up. */
static void drop_apart(struct growth *g)
{
	const struct zone_map *z = g->w->z;
	bool *is_joined = arena_array(g->mem, bool, z->block_count);
	int32_t *queue = arena_array(g->mem, int32_t, z->block_count), count = 0;

	for (int32_t v = 0; v < z->block_count; v++)
		for (int32_t n = g->w->first_site_of[v]; n < g->w->first_site_of[v + 1]; n++)
			if (g->w->site_of[n] == g->site[v]) {
				is_joined[v] = true;
				queue[count++] = v;
			}
	for (int32_t n = 0; n < count; n++)
		for (int32_t e = z->first_near[queue[n]]; e < z->first_near[queue[n] + 1]; e++) {
			int32_t u = z->near[e];
			if (is_joined[u] || g->site[u] != g->site[queue[n]])
				continue;
			is_joined[u] = true;
			queue[count++] = u;
		}
	for (int32_t v = 0; v < z->block_count; v++)
		if (!is_joined[v] && g->site[v] >= 0) {
			g->load[g->site[v]] -= g->w->units[v];
			g->site[v] = -1;
		}
}

static bool is_root(const struct growth *g, int32_t block, int32_t site)
{
	for (int32_t n = g->w->first_site_of[block]; n < g->w->first_site_of[block + 1]; n++)
		if (g->w->site_of[n] == site)
			return true;
	return false;
}

/* Take all blocks of the shortest way to the site from whoever has them. */
static void break_through(struct growth *g, int32_t block, int32_t site)
{
	const struct zone_map *z = g->w->z;
	int32_t *from = arena_array(g->mem, int32_t, z->block_count);
	int32_t *queue = arena_array(g->mem, int32_t, z->block_count), count = 0, at = -1;

	for (int32_t v = 0; v < z->block_count; v++)
		from[v] = -1;
	from[block] = block;
	queue[count++] = block;
	for (int32_t n = 0; n < count && at < 0; n++) {
		int32_t v = queue[n];
		if (g->site[v] == site || is_root(g, v, site)) {
			at = v;
			break;
		}
		for (int32_t e = z->first_near[v]; e < z->first_near[v + 1]; e++)
			if (from[z->near[e]] < 0 && zone_arc(g->w, z->near[e], site) >= 0) {
				from[z->near[e]] = v;
				queue[count++] = z->near[e];
			}
	}
	for (; at >= 0; at = at == block ? -1 : from[at]) {
		if (g->site[at] >= 0)
			g->load[g->site[at]] -= g->w->units[at];
		g->site[at] = site;
		g->load[site] += g->w->units[at];
	}
}

/* Its best site at first, any later: two blocks may shut each other in for ever. */
static int32_t choose(struct growth *g, int32_t block, bool is_any)
{
	const struct zone_map *z = g->w->z;
	int32_t best = -1, seen = 0;

	for (int32_t e = z->first_arc[block]; e < z->first_arc[block + 1]; e++) {
		if (!g->w->is_alive[e])
			continue;
		seen++;
		if (best < 0 ||
			(is_any ? rng_below(g->rng, seen) == 0 : priced(g, e) < priced(g, best)))
			best = e;
	}
	return best < 0 ? -1 : z->arc_site[best];
}

static void repair(struct growth *g)
{
	for (int round = 0; round < REPAIRS; round++) {
		bool is_done = true;
		for (int32_t v = 0; v < g->w->z->block_count; v++) {
			int32_t site = g->site[v] < 0 ? choose(g, v, round > 3) : -1;
			if (site < 0)
				continue;
			is_done = false;
			break_through(g, v, site);
			drop_apart(g);
		}
		if (is_done)
			return;
		spread(g);
	}
}

/* --- start ---------------------------------------------------------------------------------- */

static void set_prices(struct growth *g, int64_t noise)
{
	const struct zone_map *z = g->w->z;
	double mean = 0, count = 0;

	for (int32_t v = 0; v < z->block_count; v++) {
		g->cheapest[v] = 0;
		if (z->first_arc[v] < z->first_arc[v + 1]) {
			mean += (double)z->arc_cost[z->first_arc[v]];
			count++;
		}
	}
	for (int32_t i = 0; i < z->site_count; i++) {
		g->price[i] = g->w->upper_price[i] - g->w->lower_price[i];
		if (noise > 0 && count > 0)
			g->price[i] +=
				(int64_t)(rng_normal(g->rng) * mean / count * (double)noise / 1e6);
	}
	for (int32_t v = 0; v < z->block_count; v++) {
		int64_t least = INT64_MAX;
		for (int32_t e = z->first_arc[v]; e < z->first_arc[v + 1]; e++)
			if (g->w->is_alive[e])
				least = MIN(least, priced(g, e));
		g->cheapest[v] = least;
	}
}

void zone_grow(const struct zone_work *w, struct rng *rng, int64_t noise, int32_t *site)
{
	const struct zone_map *z = w->z;
	struct growth g = {.w = w, .mem = arena_create(), .rng = rng, .site = site};

	g.price = arena_array(g.mem, int64_t, z->site_count);
	g.cheapest = arena_array(g.mem, int64_t, z->block_count);
	g.load = arena_array(g.mem, int64_t, z->site_count);
	for (int32_t v = 0; v < z->block_count; v++)
		site[v] = -1;
	set_prices(&g, noise);
	for (int32_t i = 0; i < z->site_count; i++) {
		int32_t r = z->first_root[i];
		/* A site that must have a zone needs its only root. */
		if (w->least[i] > 0 && z->first_root[i + 1] == r + 1 && site[z->root[r]] < 0 &&
			zone_arc(w, z->root[r], i) >= 0)
			join(&g, z->root[r], i);
	}
	spread(&g);
	repair(&g);
	arena_free(g.mem);
}
