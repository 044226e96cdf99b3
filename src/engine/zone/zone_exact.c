/*
 * Small maps: blocks one by one, the site of least priced cost first. With the prices of the
 * transportation problem the bound is a sum over blocks: what is decided at its priced cost, the
 * rest at its best. Contiguity is asked when all are placed and, on the way, whether a block can
 * still be reached.
 */
#include "engine/zone/zone_impl.h"

#define STEPS_MAX 2000000

struct exact {
	const struct zone_work *w;
	int32_t *order; /* of blocks: largest first */
	int32_t *site;  /* [block]; -1: open */
	int32_t *out;
	int64_t *load; /* [site * cohorts] */
	int64_t *rest; /* [place in order]: sum of the best priced costs from there on */
	bool *is_seen; /* [block] */
	int32_t *queue;
	int64_t constant, best; /* best -1: none */
	int64_t steps;
};

static int64_t priced(const struct exact *x, int32_t block, int32_t arc)
{
	int32_t i = x->w->z->arc_site[arc];

	return zone_arc_cost(x->w, block, arc) +
	       (x->w->upper_price[i] - x->w->lower_price[i]) * x->w->units[block];
}

/* Put a block at a site (sign 1) or take it away (-1); false: over the limit. */
static bool put(struct exact *x, int32_t block, int32_t site, int64_t sign)
{
	const struct zone_map *z = x->w->z;
	bool fits = true;

	for (int32_t k = 0; k < z->cohort_count; k++) {
		int32_t r = site * z->cohort_count + k;
		x->load[r] += sign * z->demand[block * z->cohort_count + k];
		fits &= x->load[r] <= z->upper[r];
	}
	x->site[block] = sign > 0 ? site : -1;
	return fits;
}

/* Walk from the site's roots through its blocks and open ones: are all its blocks met? */
static bool is_joined(struct exact *x, int32_t site)
{
	const struct zone_map *z = x->w->z;
	int32_t count = 0;

	memset(x->is_seen, 0, (size_t)z->block_count * sizeof *x->is_seen);
	for (int32_t r = z->first_root[site]; r < z->first_root[site + 1]; r++) {
		int32_t v = z->root[r];
		if (!x->is_seen[v] && (x->site[v] == site || x->site[v] < 0)) {
			x->is_seen[v] = true;
			x->queue[count++] = v;
		}
	}
	for (int32_t n = 0; n < count; n++)
		for (int32_t e = z->first_near[x->queue[n]]; e < z->first_near[x->queue[n] + 1];
			e++) {
			int32_t u = z->near[e];
			if (x->is_seen[u] || (x->site[u] != site && x->site[u] >= 0))
				continue;
			x->is_seen[u] = true;
			x->queue[count++] = u;
		}
	for (int32_t v = 0; v < z->block_count; v++)
		if (x->site[v] == site && !x->is_seen[v])
			return false;
	return true;
}

static bool all_joined(struct exact *x)
{
	for (int32_t i = 0; i < x->w->z->site_count; i++)
		if (!is_joined(x, i))
			return false;
	return true;
}

static void finish(struct exact *x)
{
	const struct zone_map *z = x->w->z;
	int64_t cost = 0;

	for (int32_t r = 0; r < z->site_count * z->cohort_count; r++)
		if (x->load[r] < z->lower[r])
			return;
	for (int32_t v = 0; v < z->block_count; v++)
		cost += zone_arc_cost(x->w, v, zone_arc(x->w, v, x->site[v]));
	if (x->best >= 0 && cost >= x->best)
		return;
	x->best = cost;
	memcpy(x->out, x->site, (size_t)z->block_count * sizeof *x->out);
}

/* The block's arcs from the least priced cost on: the one after `former` (-1: the first). */
static int32_t next_arc(const struct exact *x, int32_t block, int32_t former)
{
	const struct zone_map *z = x->w->z;
	int32_t best = -1;

	for (int32_t e = z->first_arc[block]; e < z->first_arc[block + 1]; e++) {
		int64_t cost = priced(x, block, e);
		int64_t old = former < 0 ? 0 : priced(x, block, former);
		if (!x->w->is_alive[e] ||
			(former >= 0 && (cost < old || (cost == old && e <= former))))
			continue;
		if (best < 0 || cost < priced(x, block, best))
			best = e;
	}
	return best;
}

/* Depth is at most the number of blocks, which is small. */
static bool go(struct exact *x, int32_t at, int64_t sum)
{
	const struct zone_map *z = x->w->z;
	int32_t v;

	if (++x->steps > STEPS_MAX)
		return false;
	if (at == z->block_count) {
		finish(x);
		return true;
	}
	v = x->order[at];
	for (int32_t e = next_arc(x, v, -1); e >= 0; e = next_arc(x, v, e)) {
		int32_t site = z->arc_site[e];
		int64_t now = sum + priced(x, v, e);
		bool is_good;
		if (x->best >= 0 && x->constant + now + x->rest[at + 1] >= x->best)
			break;
		is_good = !put(x, v, site, 1) || !all_joined(x) || go(x, at + 1, now);
		(void)put(x, v, site, -1);
		if (!is_good)
			return false;
	}
	return true;
}

static void order_blocks(struct exact *x)
{
	int32_t count = x->w->z->block_count;

	for (int32_t v = 0; v < count; v++) {
		int32_t at = v;
		for (; at > 0 && x->w->units[x->order[at - 1]] < x->w->units[v]; at--)
			x->order[at] = x->order[at - 1];
		x->order[at] = v;
	}
	for (int32_t at = count - 1; at >= 0; at--) {
		int32_t e = next_arc(x, x->order[at], -1);
		x->rest[at] = x->rest[at + 1] + (e < 0 ? 0 : priced(x, x->order[at], e));
	}
}

bool zone_exhaust(const struct zone_work *w, int32_t *site, int64_t *cost)
{
	const struct zone_map *z = w->z;
	struct arena *mem = arena_create();
	struct exact x = {.w = w,
		.order = arena_array(mem, int32_t, z->block_count),
		.site = arena_array(mem, int32_t, z->block_count),
		.out = site,
		.load = arena_array(mem, int64_t, z->site_count * z->cohort_count),
		.rest = arena_array(mem, int64_t, z->block_count + 1),
		.is_seen = arena_array(mem, bool, z->block_count),
		.queue = arena_array(mem, int32_t, z->block_count),
		.best = *cost};
	bool is_done;

	for (int32_t v = 0; v < z->block_count; v++)
		x.site[v] = -1;
	for (int32_t i = 0; i < z->site_count; i++)
		x.constant += w->lower_price[i] * w->least[i] - w->upper_price[i] * w->room[i];
	order_blocks(&x);
	is_done = go(&x, 0, 0);
	*cost = x.best;
	arena_free(mem);
	return is_done;
}
