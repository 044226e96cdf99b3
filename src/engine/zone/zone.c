/* The order of work: which arcs can be used at all, bound and prices, zones, a better bound. */
#include "engine/zone/zone_impl.h"

/* A search through everything is tried up to this many blocks. */
#define SMALL 40
/* Starts of the search. */
#define STARTS 4
#define SEED   20260907
/* Pairs of block and site whose arcs are looked up in a table. */
#define TABLE_MAX (1 << 24)

/* Alive or not; -1: none. */
static int32_t find_arc(const struct zone_map *z, int32_t block, int32_t site)
{
	int32_t low = z->first_arc[block], end = z->first_arc[block + 1], high = end;

	while (low < high) {
		int32_t mid = low + (high - low) / 2;
		if (z->arc_site[mid] < site)
			low = mid + 1;
		else
			high = mid;
	}
	return low < end && z->arc_site[low] == site ? low : -1;
}

int32_t zone_arc(const struct zone_work *w, int32_t block, int32_t site)
{
	int32_t e;

	if (w->table)
		return w->table[(size_t)block * (size_t)w->z->site_count + (size_t)site];
	e = find_arc(w->z, block, site);
	return e >= 0 && w->is_alive[e] ? e : -1;
}

int64_t zone_arc_cost(const struct zone_work *w, int32_t block, int32_t arc)
{
	return w->z->arc_cost[arc] * MAX(w->units[block], 1);
}

static bool lists_fit(const int32_t *first, int32_t count, const int32_t *items, int32_t below)
{
	for (int32_t i = 0; i < count; i++) {
		if (first[i + 1] < first[i])
			return false;
		for (int32_t e = first[i]; e < first[i + 1]; e++)
			if (items[e] < 0 || items[e] >= below)
				return false;
	}
	return first[0] == 0;
}

static bool numbers_fit(const struct zone_map *z)
{
	int64_t units = 0;

	for (int32_t n = 0; n < z->block_count * z->cohort_count; n++) {
		if (z->demand[n] < 0 || z->demand[n] > ZONE_UNITS_MAX)
			return false;
		units += z->demand[n];
	}
	for (int32_t n = 0; n < z->site_count * z->cohort_count; n++)
		if (z->lower[n] < 0 || z->lower[n] > z->upper[n] || z->upper[n] > ZONE_UNITS_MAX)
			return false;
	for (int32_t e = 0; e < z->first_arc[z->block_count]; e++)
		if (z->arc_cost[e] < 0 || z->arc_cost[e] > ZONE_COST_MAX)
			return false;
	return units <= ZONE_UNITS_MAX;
}

bool zone_fits(const struct zone_map *z)
{
	if (z->block_count < 1 || z->site_count < 1 || z->cohort_count < 1 ||
		z->cohort_count > ZONE_COHORTS_MAX || z->block_count > ZONE_ARCS_MAX ||
		z->site_count > ZONE_ARCS_MAX || z->first_arc[z->block_count] > ZONE_ARCS_MAX)
		return false;
	if (!lists_fit(z->first_root, z->site_count, z->root, z->block_count) ||
		!lists_fit(z->first_near, z->block_count, z->near, z->block_count) ||
		!lists_fit(z->first_arc, z->block_count, z->arc_site, z->site_count))
		return false;
	for (int32_t v = 0; v < z->block_count; v++)
		for (int32_t e = z->first_arc[v] + 1; e < z->first_arc[v + 1]; e++)
			if (z->arc_site[e] <= z->arc_site[e - 1])
				return false;
	return numbers_fit(z);
}

/* --- what can be used ----------------------------------------------------------------------- */

static void wake(struct zone_work *w, int32_t block, int32_t site, int32_t *queue, int32_t *count)
{
	int32_t e = find_arc(w->z, block, site);

	if (e < 0 || w->is_alive[e])
		return;
	w->is_alive[e] = true;
	queue[(*count)++] = block;
}

static void wake_arcs(struct zone_work *w)
{
	const struct zone_map *z = w->z;
	int32_t *queue = arena_array(w->mem, int32_t, z->block_count);

	for (int32_t i = 0; i < z->site_count; i++) {
		int32_t count = 0;
		for (int32_t r = z->first_root[i]; r < z->first_root[i + 1]; r++)
			wake(w, z->root[r], i, queue, &count);
		for (int32_t n = 0; n < count; n++)
			for (int32_t e = z->first_near[queue[n]]; e < z->first_near[queue[n] + 1];
				e++)
				wake(w, z->near[e], i, queue, &count);
	}
}

static void list_sites(struct zone_work *w)
{
	const struct zone_map *z = w->z;
	int32_t roots = z->first_root[z->site_count], *next;

	w->first_site_of = arena_array(w->mem, int32_t, z->block_count + 2);
	w->site_of = arena_array(w->mem, int32_t, roots);
	next = w->first_site_of + 1;
	for (int32_t r = 0; r < roots; r++)
		next[z->root[r] + 1]++;
	for (int32_t v = 1; v <= z->block_count; v++)
		next[v] += next[v - 1];
	for (int32_t i = 0; i < z->site_count; i++)
		for (int32_t r = z->first_root[i]; r < z->first_root[i + 1]; r++)
			w->site_of[next[z->root[r]]++] = i;
}

static void make_table(struct zone_work *w)
{
	const struct zone_map *z = w->z;
	size_t sites = (size_t)z->site_count, cells = (size_t)z->block_count * sites;
	int32_t *table;

	if (cells > TABLE_MAX)
		return;
	table = arena_array(w->mem, int32_t, cells);
	for (size_t n = 0; n < cells; n++)
		table[n] = -1;
	for (int32_t v = 0; v < z->block_count; v++)
		for (int32_t e = z->first_arc[v]; e < z->first_arc[v + 1]; e++)
			if (w->is_alive[e])
				table[(size_t)v * sites + (size_t)z->arc_site[e]] = e;
	w->table = table;
}

static struct zone_work prepare(
	struct arena *mem, const struct zone_map *z, const struct zone_limits *limits)
{
	struct zone_work w = {.mem = mem,
		.z = z,
		.limits = limits,
		.units = arena_array(mem, int64_t, z->block_count),
		.room = arena_array(mem, int64_t, z->site_count),
		.least = arena_array(mem, int64_t, z->site_count),
		.is_alive = arena_array(mem, bool, z->first_arc[z->block_count]),
		.upper_price = arena_array(mem, int64_t, z->site_count),
		.lower_price = arena_array(mem, int64_t, z->site_count),
		.block_price = arena_array(mem, int64_t, z->block_count)};

	for (int32_t n = 0; n < z->block_count * z->cohort_count; n++)
		w.units[n / z->cohort_count] += z->demand[n];
	for (int32_t n = 0; n < z->site_count * z->cohort_count; n++) {
		w.room[n / z->cohort_count] += z->upper[n];
		w.least[n / z->cohort_count] += z->lower[n];
	}
	wake_arcs(&w);
	list_sites(&w);
	make_table(&w);
	return w;
}

/* --- solving -------------------------------------------------------------------------------- */

static int64_t cost_of(const struct zone_work *w, const int32_t *site)
{
	int64_t cost = 0;

	for (int32_t v = 0; v < w->z->block_count; v++)
		cost += zone_arc_cost(w, v, zone_arc(w, v, site[v]));
	return cost;
}

/* Units over and under all limits; a block without a site breaks them all. */
static int64_t broken_of(const struct zone_work *w, const int32_t *site)
{
	const struct zone_map *z = w->z;
	int32_t kinds = z->cohort_count;
	int64_t sum = 0, *load = arena_array(w->mem, int64_t, z->site_count * kinds);

	for (int32_t n = 0; n < z->block_count * kinds; n++) {
		if (site[n / kinds] < 0)
			return INT64_MAX;
		load[site[n / kinds] * kinds + n % kinds] += z->demand[n];
	}
	for (int32_t r = 0; r < z->site_count * kinds; r++)
		sum += MAX(load[r] - z->upper[r], 0) + MAX(z->lower[r] - load[r], 0);
	return sum;
}

static bool is_over(const struct zone_limits *l)
{
	return l->is_over && l->is_over(l->is_over_arg);
}

/* Several starts, from the prices as they are and then disturbed: the cheapest zones that keep all
 * rules, else those that break limits least. Returns their cost, -1 when none keep all rules. */
static int64_t search(const struct zone_work *w, struct zone_answer *out)
{
	int32_t *site = arena_array(w->mem, int32_t, w->z->block_count);
	int64_t cost = -1, least = 0;
	struct rng rng;

	rng_seed(&rng, SEED);
	for (int start = 0; start < STARTS && (start == 0 || !is_over(w->limits)); start++) {
		bool is_good, is_better;
		zone_grow(w, &rng, start * 150000, site);
		is_good = zone_search(w, &rng, site, &out->moves);
		if (is_good)
			is_better = !out->has_zones || cost_of(w, site) < cost;
		else
			is_better = start == 0 || (!out->has_zones && broken_of(w, site) < least);
		if (!is_better)
			continue;
		memcpy(out->site, site, (size_t)w->z->block_count * sizeof *site);
		out->has_zones |= is_good;
		cost = is_good ? cost_of(w, site) : -1;
		least = is_good ? 0 : broken_of(w, site);
	}
	return cost;
}

void zone_solve(struct arena *mem, const struct zone_map *z, const struct zone_limits *limits,
	struct zone_answer *out)
{
	size_t rows = (size_t)z->site_count * (size_t)z->cohort_count;
	struct arena *scratch = arena_create();
	struct zone_work w = prepare(scratch, z, limits);
	int64_t cost;

	*out = (struct zone_answer){.site = arena_array(mem, int32_t, z->block_count),
		.block_price = arena_array(mem, int64_t, z->block_count),
		.upper_price = arena_array(mem, int64_t, rows),
		.lower_price = arena_array(mem, int64_t, rows)};
	out->flow_bound = zone_flow(&w);
	cost = search(&w, out);
	if (z->block_count <= SMALL) {
		out->is_exhausted = zone_exhaust(&w, out->site, &cost);
		out->has_zones = cost >= 0;
	}
	zone_climb(&w, cost, out);
	arena_free(scratch);
}
