#include "zone/county.h"

#include "engine/zone/near.h"

#include <math.h>

static void settle(struct rng *rng, const struct county_size *n, int64_t *x, int64_t *y)
{
	int32_t towns = n->blocks / 12 + 1;

	for (int32_t v = 0; v < n->blocks; v++) {
		/* The first ones are the towns' middles. */
		bool is_town = v < towns;
		int32_t town = is_town ? v : (int32_t)rng_below(rng, towns);
		x[v] = is_town ? rng_below(rng, 30000)
			       : x[town] + (int64_t)(rng_normal(rng) * 2500);
		y[v] = is_town ? rng_below(rng, 30000)
			       : y[town] + (int64_t)(rng_normal(rng) * 2500);
	}
}

struct arc {
	int64_t cost;
	int32_t site;
};

static int by_cost(const void *a, const void *b)
{
	const struct arc *x = a, *y = b;

	if (x->cost != y->cost)
		return x->cost < y->cost ? -1 : 1;
	return (x->site > y->site) - (x->site < y->site);
}

static int by_site(const void *a, const void *b)
{
	const struct arc *x = a, *y = b;

	return (x->site > y->site) - (x->site < y->site);
}

static void add_arcs(struct arena *mem, struct zone_map *z, const struct county_size *n,
	const int64_t *x, const int64_t *y)
{
	struct arc *arcs = arena_array(mem, struct arc, n->sites);
	int32_t near = MIN(n->near, n->sites);
	int32_t *first = arena_array(mem, int32_t, n->blocks + 1);
	int32_t *site = arena_array(mem, int32_t, n->blocks * near);
	int64_t *cost = arena_array(mem, int64_t, n->blocks * near);

	for (int32_t v = 0; v < n->blocks; v++) {
		for (int32_t i = 0; i < n->sites; i++) {
			int32_t home = z->root[i];
			double dx = (double)(x[v] - x[home]), dy = (double)(y[v] - y[home]);
			arcs[i] = (struct arc){llround(sqrt(dx * dx + dy * dy) * 1.35) + 100, i};
		}
		qsort(arcs, (size_t)n->sites, sizeof *arcs, by_cost);
		qsort(arcs, (size_t)near, sizeof *arcs, by_site);
		for (int32_t e = 0; e < near; e++) {
			site[first[v] + e] = arcs[e].site;
			cost[first[v] + e] = arcs[e].cost;
		}
		first[v + 1] = first[v] + near;
	}
	z->first_arc = first;
	z->arc_site = site;
	z->arc_cost = cost;
}

static void add_sites(
	struct arena *mem, struct zone_map *z, const struct county_size *n, struct rng *rng)
{
	int32_t *first = arena_array(mem, int32_t, n->sites + 1);
	int32_t *root = arena_array(mem, int32_t, n->sites);
	bool *is_taken = arena_array(mem, bool, n->blocks);

	for (int32_t i = 0; i < n->sites; i++) {
		int32_t v = i % 3 ? (int32_t)rng_below(rng, n->blocks) : i;
		while (is_taken[v])
			v = (v + 1) % n->blocks;
		is_taken[v] = true;
		root[i] = v;
		first[i + 1] = i + 1;
	}
	z->first_root = first;
	z->root = root;
}

static int64_t arc_cost(const struct zone_map *z, int32_t block, int32_t site)
{
	for (int32_t e = z->first_arc[block]; e < z->first_arc[block + 1]; e++)
		if (z->arc_site[e] == site)
			return z->arc_cost[e];
	return -1;
}

/*
 * Zones as they might be now: each grows from its root, always the nearest block next, some sites
 * reaching further than others. -1: shut in.
 */
static int32_t *plant(struct arena *mem, const struct zone_map *z, struct rng *rng)
{
	int32_t *site = arena_array(mem, int32_t, z->block_count), to;
	int64_t *reach = arena_array(mem, int64_t, z->site_count);

	for (int32_t v = 0; v < z->block_count; v++)
		site[v] = -1;
	for (int32_t i = 0; i < z->site_count; i++) {
		reach[i] = rng_between(rng, 70, 130);
		site[z->root[i]] = i;
	}
	do {
		int64_t least = INT64_MAX;
		int32_t block = 0;
		to = -1;
		for (int32_t v = 0; v < z->block_count; v++)
			for (int32_t e = z->first_near[v]; e < z->first_near[v + 1] && site[v] < 0;
				e++) {
				int32_t i = site[z->near[e]];
				int64_t cost = i < 0 ? -1 : arc_cost(z, v, i);
				if (cost < 0 || cost * reach[i] >= least)
					continue;
				least = cost * reach[i];
				block = v;
				to = i;
			}
		if (to >= 0)
			site[block] = to;
	} while (to >= 0);
	return site;
}

/* Cohorts of a block are much alike; a site has room for its zone, and some more or none. */
static void add_numbers(
	struct arena *mem, struct zone_map *z, const struct county_size *n, struct rng *rng)
{
	int64_t *demand = arena_array(mem, int64_t, n->blocks * n->cohorts);
	int64_t *lower = arena_array(mem, int64_t, n->sites * n->cohorts);
	int64_t *upper = arena_array(mem, int64_t, n->sites * n->cohorts);
	int32_t *site = plant(mem, z, rng);

	for (int32_t v = 0; v < n->blocks; v++) {
		int64_t each = rng_between(rng, 0, 80);
		for (int32_t k = 0; k < n->cohorts; k++) {
			int64_t one = each * rng_between(rng, 80, 120) / (100 * n->cohorts);
			demand[v * n->cohorts + k] = one;
			if (site[v] >= 0)
				upper[site[v] * n->cohorts + k] += one;
		}
	}
	for (int32_t r = 0; r < n->sites * n->cohorts; r++) {
		lower[r] = n->has_lower ? upper[r] * 7 / 10 : 0;
		upper[r] = upper[r] * (100 + rng_between(rng, 0, 2 * n->slack)) / 100;
	}
	z->demand = demand;
	z->lower = lower;
	z->upper = upper;
}

struct zone_map county_make(struct arena *mem, struct county_size size, struct rng *rng)
{
	struct zone_map z = {size.blocks, size.sites, size.cohorts, NULL, NULL, NULL, NULL, NULL,
		NULL, NULL, NULL, NULL, NULL};
	int64_t *x = arena_array(mem, int64_t, size.blocks);
	int64_t *y = arena_array(mem, int64_t, size.blocks);
	struct near near;

	settle(rng, &size, x, y);
	near = near_gabriel(mem, size.blocks, x, y);
	z.first_near = near.first;
	z.near = near.to;
	add_sites(mem, &z, &size, rng);
	add_arcs(mem, &z, &size, x, y);
	add_numbers(mem, &z, &size, rng);
	return z;
}
