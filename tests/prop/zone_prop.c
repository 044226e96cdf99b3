/*
 * Random small maps against brute force over all zones: when the search went through everything it
 * finds the least cost, or that there are no zones; the bound is never above the least, and every
 * answer keeps all rules. Then larger maps, disturbed: no rule is broken, and where zones are
 * missing the reason is a true one. Usage: prop-zone SEED COUNT LARGER
 */
#include "base/num.h"
#include "zone/county.h"

enum { BLOCKS = 8, SITES = 3 };

/* --- brute force ---------------------------------------------------------------------------- */

static void flood(const struct zone_map *z, const int32_t *site, int32_t v, bool *is_met)
{
	is_met[v] = true;
	for (int32_t e = z->first_near[v]; e < z->first_near[v + 1]; e++)
		if (!is_met[z->near[e]] && site[z->near[e]] == site[v])
			flood(z, site, z->near[e], is_met);
}

/* The cost of the zones, or -1 when a rule is broken. */
static int64_t cost_of(const struct zone_map *z, const int32_t *site)
{
	int64_t cost = 0, load[SITES * ZONE_COHORTS_MAX] = {0};
	bool is_met[BLOCKS] = {0};

	for (int32_t v = 0; v < z->block_count; v++) {
		int64_t units = 0, each = -1;
		for (int32_t k = 0; k < z->cohort_count; k++) {
			load[site[v] * z->cohort_count + k] += z->demand[v * z->cohort_count + k];
			units += z->demand[v * z->cohort_count + k];
		}
		for (int32_t e = z->first_arc[v]; e < z->first_arc[v + 1]; e++)
			if (z->arc_site[e] == site[v])
				each = z->arc_cost[e];
		if (each < 0)
			return -1;
		cost += each * MAX(units, 1);
	}
	for (int32_t r = 0; r < z->site_count * z->cohort_count; r++)
		if (load[r] < z->lower[r] || load[r] > z->upper[r])
			return -1;
	for (int32_t i = 0; i < z->site_count; i++)
		for (int32_t r = z->first_root[i]; r < z->first_root[i + 1]; r++)
			if (site[z->root[r]] == i)
				flood(z, site, z->root[r], is_met);
	for (int32_t v = 0; v < z->block_count; v++)
		if (!is_met[v])
			return -1;
	return cost;
}

static int64_t brute(const struct zone_map *z)
{
	int32_t site[BLOCKS] = {0}, v;
	int64_t least = -1;

	do {
		int64_t cost = cost_of(z, site);
		if (cost >= 0 && (least < 0 || cost < least))
			least = cost;
		for (v = 0; v < z->block_count && ++site[v] == z->site_count; v++)
			site[v] = 0;
	} while (v < z->block_count);
	return least;
}

/* Is what zone_explain says so? Every lack is a proof that there are no zones. */
static bool is_true(const struct zone_map *z, const struct zone_shortage *s)
{
	int64_t need = 0, room = 0;

	if (s->lack != ZONE_LACKS_ROOM && s->lack != ZONE_LACKS_UNITS)
		return true;
	for (int32_t v = 0; v < z->block_count; v++)
		if (s->is_block[v])
			*(s->lack == ZONE_LACKS_ROOM ? &need : &room) +=
				z->demand[v * z->cohort_count + s->cohort];
	for (int32_t i = 0; i < z->site_count; i++) {
		int32_t r = i * z->cohort_count + s->cohort;
		if (s->is_site[i] && s->lack == ZONE_LACKS_ROOM)
			room += z->upper[r];
		else if (s->is_site[i])
			need += z->lower[r];
	}
	return need == s->need && room == s->room && need > room;
}

struct tally {
	int64_t none, explained;
	double gap, worst;
};

static bool agrees(struct arena *mem, const struct zone_map *z, struct tally *t)
{
	struct zone_limits limits = {.kicks = 10, .rounds = 60};
	int64_t least = brute(z);
	struct zone_answer a;
	struct zone_verdict v;
	struct zone_shortage s;
	bool is_good;

	zone_solve(mem, z, &limits, &a);
	v = zone_check(z, &a);
	s = zone_explain(mem, z);
	is_good = a.has_zones == (v.fault == ZONE_GOOD) && a.is_exhausted &&
		  (least >= 0) == a.has_zones && is_true(z, &s);
	if (least >= 0)
		is_good &= v.cost == least && v.bound <= least && cost_of(z, a.site) == least &&
			   s.lack == ZONE_LACKS_NOTHING && a.flow_bound <= least &&
			   v.bound + z->block_count >= a.flow_bound;
	t->none += least < 0;
	t->explained += s.lack != ZONE_LACKS_NOTHING;
	if (!is_good)
		printf("fault %d, cost %" PRId64 ", least %" PRId64 ", bound %" PRId64
		       ", flow %" PRId64 ", lack %d\n",
			v.fault, v.cost, least, v.bound, a.flow_bound, s.lack);
	return is_good;
}

/* --- maps ----------------------------------------------------------------------------------- */

static struct zone_map small(struct arena *mem, struct rng *rng)
{
	struct county_size n = {(int32_t)rng_between(rng, 2, BLOCKS), 1,
		(int32_t)rng_between(rng, 1, 2), SITES, (int32_t)rng_between(rng, 0, 80),
		rng_below(rng, 2) == 0};
	struct zone_map z;

	n.sites = (int32_t)rng_between(rng, 1, MIN(SITES, n.blocks));
	n.near = (int32_t)rng_between(rng, 1, SITES);
	z = county_make(mem, n, rng);
	if (rng_below(rng, 3) == 0) { /* sites in the same block, and roots without bound */
		int32_t *root = arena_array(mem, int32_t, z.site_count);
		for (int32_t i = 0; i < z.site_count; i++)
			root[i] = (int32_t)rng_below(rng, z.block_count);
		z.root = root;
	}
	return z;
}

static bool holds(struct arena *mem, struct rng *rng, struct tally *t)
{
	struct county_size n = {(int32_t)rng_between(rng, 41, 110),
		(int32_t)rng_between(rng, 4, 14), (int32_t)rng_between(rng, 1, 3),
		(int32_t)rng_between(rng, 3, 9), (int32_t)rng_between(rng, 5, 60),
		rng_below(rng, 3) == 0};
	struct zone_map z = county_make(mem, n, rng);
	struct zone_limits limits = {.kicks = 4, .rounds = 40};
	struct zone_answer a;
	struct zone_verdict v;
	struct zone_shortage s;

	zone_solve(mem, &z, &limits, &a);
	v = zone_check(&z, &a);
	s = zone_explain(mem, &z);
	if (a.has_zones != (v.fault == ZONE_GOOD) || !is_true(&z, &s) ||
		(a.has_zones && (v.bound > v.cost || s.lack != ZONE_LACKS_NOTHING))) {
		printf("fault %d at %d, bound %" PRId64 ", cost %" PRId64 ", lack %d\n", v.fault,
			v.at, v.bound, v.cost, s.lack);
		return false;
	}
	t->none += !a.has_zones;
	t->explained += s.lack != ZONE_LACKS_NOTHING;
	if (a.has_zones) {
		double gap = (double)(v.cost - v.bound) / (double)v.cost;
		t->gap += gap;
		t->worst = gap > t->worst ? gap : t->worst;
	}
	return true;
}

int main(int argc, char **argv)
{
	int64_t n[3] = {20260907, 300, 60};
	struct tally tiny = {0}, large = {0};
	struct rng rng;

	for (int i = 0; i < 3 && argc == 4; i++)
		if (parse_i64(str_from(argv[i + 1]), 0, 1000000000, &n[i]) != NUM_OK)
			return 2;
	rng_seed(&rng, (uint64_t)n[0]);
	for (int64_t i = 0; i < n[1] + n[2]; i++) {
		struct arena *mem = arena_create();
		bool is_good;
		if (i < n[1]) {
			struct zone_map z = small(mem, &rng);
			is_good = zone_fits(&z) && agrees(mem, &z, &tiny);
		} else {
			is_good = holds(mem, &rng, &large);
		}
		arena_free(mem);
		if (!is_good) {
			printf("seed %" PRId64 " map %" PRId64 "\n", n[0], i);
			return 1;
		}
	}
	printf("seed %" PRId64 ": %" PRId64 " small maps, %" PRId64 " without zones (%" PRId64
	       " explained); %" PRId64 " larger, %" PRId64 " without (%" PRId64
	       " explained), mean gap %.4f, worst %.4f\n",
		n[0], n[1], tiny.none, tiny.explained, n[2], large.none, large.explained,
		large.gap / (double)MAX(n[2] - large.none, 1), large.worst);
	/* A test that never finds zones, or always, shows nothing. */
	return tiny.none * 10 < n[1] || tiny.none * 10 > n[1] * 9;
}
