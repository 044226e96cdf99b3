/*
 * The proof in integers. For any prices u of blocks and w, y >= 0 of a site's limits,
 *
 *   sum of u + sum of lower y - sum of upper w
 *   + for each site: the least sum of  cost - u + (w - y) demand  over blocks that fit in it
 * together
 *
 * that a chain of blocks can join to it, is at most the cost of any zones. What fits together is a
 * 0-1 knapsack over all cohorts' units, filled here by dynamic programming over the room, or
 * bounded as if blocks could be cut where that would be long.
 */
#include "engine/zone/zone.h"

/* Items times room that are filled exactly. */
#define CELLS_MAX 50000000

static int64_t units_of(const struct zone_map *z, int32_t block)
{
	int64_t sum = 0;

	for (int32_t k = 0; k < z->cohort_count; k++)
		sum += z->demand[block * z->cohort_count + k];
	return sum;
}

/* Any prices prove a bound; within these no sum leaves 64 bits. */
#define PRICE_MAX (4 * ZONE_COST_MAX)

static int64_t block_price(const struct zone_answer *a, int32_t block, int64_t units)
{
	int64_t most = PRICE_MAX * MAX(units, 1);

	return MAX(MIN(a->block_price[block], most), -most);
}

static int64_t limit_price(const int64_t *prices, int32_t row)
{
	return MAX(MIN(prices[row], PRICE_MAX), 0);
}

struct gain {
	int64_t worth, units;
};

static int by_density(const void *a, const void *b)
{
	const struct gain *x = a, *y = b;
	i128 left = (i128)x->worth * y->units, right = (i128)y->worth * x->units;

	return left > right ? -1 : left < right;
}

/* Blocks cut at will: not less than what whole ones are worth. */
static i128 most_cut(struct gain *items, size_t count, int64_t room)
{
	i128 sum = 0;

	if (count)
		qsort(items, count, sizeof *items, by_density);
	for (size_t n = 0; n < count && room > 0; n++) {
		if (items[n].units <= room)
			sum += items[n].worth;
		else
			sum += ((i128)items[n].worth * room + items[n].units - 1) / items[n].units;
		room -= MIN(room, items[n].units);
	}
	return sum;
}

static i128 most_whole(struct gain *items, size_t count, int64_t room)
{
	int64_t all = 0, *best;
	struct arena *mem;
	i128 most;

	for (size_t n = 0; n < count; n++)
		all += items[n].units;
	room = MIN(room, all);
	if ((i128)room * (int64_t)count > CELLS_MAX)
		return most_cut(items, count, room);
	mem = arena_create();
	best = arena_array(mem, int64_t, room + 1);
	for (size_t n = 0; n < count; n++)
		for (int64_t r = room; r >= items[n].units; r--)
			best[r] = MAX(best[r], best[r - items[n].units] + items[n].worth);
	most = best[room];
	arena_free(mem);
	return most;
}

/* Arcs by site: first[site] .. first[site + 1] of arc, with the block of each. */
struct by_site {
	size_t *first;
	int32_t *arc, *block;
};

static struct by_site sort_arcs(struct arena *mem, const struct zone_map *z)
{
	int32_t arcs = z->first_arc[z->block_count];
	struct by_site s = {.first = arena_array(mem, size_t, z->site_count + 2),
		.arc = arena_array(mem, int32_t, arcs),
		.block = arena_array(mem, int32_t, arcs)};
	size_t *next = s.first + 1;

	for (int32_t e = 0; e < arcs; e++)
		next[z->arc_site[e] + 1]++;
	for (int32_t i = 1; i <= z->site_count; i++)
		next[i] += next[i - 1];
	for (int32_t v = 0; v < z->block_count; v++)
		for (int32_t e = z->first_arc[v]; e < z->first_arc[v + 1]; e++) {
			size_t at = next[z->arc_site[e]]++;
			s.arc[at] = e;
			s.block[at] = v;
		}
	return s;
}

/* What the site's roots can reach through blocks that may belong to it: 2; others with an arc: 1.
 */
static void mark_usable(const struct zone_map *z, const struct by_site *arcs, int32_t site,
	uint8_t *mark, int32_t *queue)
{
	int32_t count = 0;

	for (size_t n = arcs->first[site]; n < arcs->first[site + 1]; n++)
		mark[arcs->block[n]] = 1;
	for (int32_t r = z->first_root[site]; r < z->first_root[site + 1]; r++)
		if (mark[z->root[r]] == 1) {
			mark[z->root[r]] = 2;
			queue[count++] = z->root[r];
		}
	for (int32_t n = 0; n < count; n++)
		for (int32_t e = z->first_near[queue[n]]; e < z->first_near[queue[n] + 1]; e++)
			if (mark[z->near[e]] == 1) {
				mark[z->near[e]] = 2;
				queue[count++] = z->near[e];
			}
}

static i128 site_gain(const struct zone_map *z, const struct zone_answer *a,
	const struct by_site *arcs, int32_t site, const uint8_t *mark, struct gain *items)
{
	int32_t kinds = z->cohort_count;
	int64_t room = 0;
	size_t count = 0;
	i128 sum = 0;

	for (int32_t k = 0; k < kinds; k++)
		room += z->upper[site * kinds + k];
	for (size_t n = arcs->first[site]; n < arcs->first[site + 1]; n++) {
		int32_t v = arcs->block[n];
		int64_t units = units_of(z, v);
		int64_t worth =
			block_price(a, v, units) - z->arc_cost[arcs->arc[n]] * MAX(units, 1);
		for (int32_t k = 0; k < kinds; k++)
			worth += (limit_price(a->lower_price, site * kinds + k) -
					 limit_price(a->upper_price, site * kinds + k)) *
				 z->demand[v * kinds + k];
		if (worth <= 0 || mark[v] != 2)
			continue;
		if (units == 0)
			sum += worth;
		else
			items[count++] = (struct gain){worth, units};
	}
	return sum + most_whole(items, count, room);
}

static int64_t bound_of(const struct zone_map *z, const struct zone_answer *a)
{
	struct arena *mem = arena_create();
	struct by_site arcs = sort_arcs(mem, z);
	struct gain *items = arena_array(mem, struct gain, z->block_count);
	int32_t *queue = arena_array(mem, int32_t, z->block_count);
	uint8_t *mark = arena_array(mem, uint8_t, z->block_count);
	int32_t rows = z->site_count * z->cohort_count;
	i128 bound = 0;

	for (int32_t v = 0; v < z->block_count; v++)
		bound += block_price(a, v, units_of(z, v));
	for (int32_t r = 0; r < rows; r++) {
		bound += (i128)limit_price(a->lower_price, r) * z->lower[r];
		bound -= (i128)limit_price(a->upper_price, r) * z->upper[r];
	}
	for (int32_t i = 0; i < z->site_count; i++) {
		mark_usable(z, &arcs, i, mark, queue);
		bound -= site_gain(z, a, &arcs, i, mark, items);
		for (size_t n = arcs.first[i]; n < arcs.first[i + 1]; n++)
			mark[arcs.block[n]] = 0;
	}
	arena_free(mem);
	/* Costs are not negative. */
	return bound > 0 ? (int64_t)MIN(bound, INT64_MAX) : 0;
}

/* Mark what each site's roots reach inside its zone. */
static void mark_joined(
	const struct zone_map *z, const int32_t *site, bool *is_joined, int32_t *queue)
{
	int32_t count = 0;

	for (int32_t i = 0; i < z->site_count; i++)
		for (int32_t r = z->first_root[i]; r < z->first_root[i + 1]; r++)
			if (site[z->root[r]] == i && !is_joined[z->root[r]]) {
				is_joined[z->root[r]] = true;
				queue[count++] = z->root[r];
			}
	for (int32_t n = 0; n < count; n++)
		for (int32_t e = z->first_near[queue[n]]; e < z->first_near[queue[n] + 1]; e++) {
			int32_t w = z->near[e];
			if (site[w] == site[queue[n]] && !is_joined[w]) {
				is_joined[w] = true;
				queue[count++] = w;
			}
		}
}

static bool check_blocks(
	struct arena *mem, const struct zone_map *z, const int32_t *site, struct zone_verdict *v)
{
	bool *is_joined = arena_array(mem, bool, z->block_count);

	for (int32_t b = 0; b < z->block_count; b++) {
		bool is_arc = false;
		for (int32_t e = z->first_arc[b]; e < z->first_arc[b + 1]; e++)
			if (z->arc_site[e] == site[b]) {
				is_arc = true;
				v->cost += z->arc_cost[e] * MAX(units_of(z, b), 1);
			}
		if (!is_arc) {
			v->fault = ZONE_SITE;
			v->at = b;
			return false;
		}
	}
	mark_joined(z, site, is_joined, arena_array(mem, int32_t, z->block_count));
	for (int32_t b = 0; b < z->block_count; b++)
		if (!is_joined[b]) {
			v->fault = ZONE_APART;
			v->at = b;
			return false;
		}
	return true;
}

static void check_limits(
	struct arena *mem, const struct zone_map *z, const int32_t *site, struct zone_verdict *v)
{
	int32_t kinds = z->cohort_count;
	int64_t *load = arena_array(mem, int64_t, (size_t)z->site_count * (size_t)kinds);

	for (int32_t b = 0; b < z->block_count; b++)
		for (int32_t k = 0; k < kinds; k++)
			load[site[b] * kinds + k] += z->demand[b * kinds + k];
	for (int32_t r = 0; r < z->site_count * kinds; r++) {
		if (load[r] >= z->lower[r] && load[r] <= z->upper[r])
			continue;
		v->fault = load[r] > z->upper[r] ? ZONE_OVER : ZONE_UNDER;
		v->at = r / kinds;
		v->cohort = r % kinds;
		v->by = load[r] > z->upper[r] ? load[r] - z->upper[r] : z->lower[r] - load[r];
		return;
	}
}

struct zone_verdict zone_check(const struct zone_map *z, const struct zone_answer *a)
{
	struct arena *mem = arena_create();
	struct zone_verdict v = {0};

	if (check_blocks(mem, z, a->site, &v))
		check_limits(mem, z, a->site, &v);
	v.bound = bound_of(z, a);
	arena_free(mem);
	return v;
}
