/*
 * Random tiny facility location problems against brute force: every set of open sites, each
 * served by successive shortest paths, one unit at a time; or, single-source, every way to give
 * each customer a site. Also: a plan or proof that is tampered with must not pass the check, and
 * the two knapsacks must agree with each other and with all subsets.
 * usage: prop-facility [SEED [ROUNDS]]
 */
#include "base/num.h"
#include "base/rng.h"
#include "engine/places/facility_check.h"
#include "engine/places/knapsack.h"
#include "engine/places/knapsack_check.h"

#define SITES_MAX     6
#define CUSTOMERS_MAX 6
/* All demands divide it, so costs of single units are whole in its parts. */
#define PARTS 12

struct instance {
	struct facility f;
	int64_t capacity[SITES_MAX], fixed[SITES_MAX], demand[CUSTOMERS_MAX];
	int64_t cost[SITES_MAX * CUSTOMERS_MAX];
};

#define CHECK(claim)                                                                               \
	do {                                                                                       \
		if (!(claim)) {                                                                    \
			fprintf(stderr, "round %d: not true: %s\n", round_now, #claim);            \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

static void random_instance(struct rng *rng, struct instance *in)
{
	static const int64_t demands[] = {1, 2, 3, 4, 6, 12};
	int32_t n = (int32_t)rng_between(rng, 1, SITES_MAX);
	int32_t m = (int32_t)rng_between(rng, 1, CUSTOMERS_MAX);
	int64_t size = rng_between(rng, 2, 30), dear = rng_between(rng, 0, 300);
	bool is_equal = rng_below(rng, 3) == 0;

	*in = (struct instance){0};
	for (int32_t i = 0; i < n; i++) {
		in->capacity[i] = is_equal ? size : rng_between(rng, 0, size);
		in->fixed[i] = rng_between(rng, 0, dear);
	}
	for (int32_t j = 0; j < m; j++)
		in->demand[j] = demands[rng_below(rng, (int64_t)ARRAY_LEN(demands))];
	for (int32_t e = 0; e < n * m; e++)
		in->cost[e] = rng_between(rng, 0, 100);
	in->f = (struct facility){
		.site_count = n, .customer_count = m, .is_single_source = rng_below(rng, 2)};
}

/* The instance moves about: its pointers are set where it is used. */
static void point(struct instance *in)
{
	in->f.capacity = in->capacity;
	in->f.fixed = in->fixed;
	in->f.demand = in->demand;
	in->f.cost = in->cost;
}

/* Cost of one unit, in parts. */
static int64_t unit_cost(const struct instance *in, int32_t i, int32_t j)
{
	return in->cost[i * in->f.customer_count + j] * PARTS / in->demand[j];
}

/*
 * One more unit for customer `to` over the open sites: Bellman-Ford on sites, where a site may
 * pass on a unit of another customer that it serves. Nodes: sites; a path ends at a site with
 * room. Returns false if there is none.
 */
static bool add_unit(const struct instance *in, int32_t set, int32_t to,
	int64_t x[SITES_MAX][CUSTOMERS_MAX], int64_t used[SITES_MAX])
{
	int32_t n = in->f.site_count, m = in->f.customer_count, at = -1;
	int32_t from[SITES_MAX], moved[SITES_MAX];
	int64_t dist[SITES_MAX];

	for (int32_t i = 0; i < n; i++) {
		dist[i] = set >> i & 1 ? unit_cost(in, i, to) : INT64_MAX / 4;
		from[i] = -1;
		moved[i] = to;
	}
	for (int32_t round = 0; round < n; round++)
		for (int32_t i = 0; i < n; i++)
			for (int32_t j = 0; j < m; j++)
				for (int32_t k = 0; k < n && (set >> i & 1) && x[i][j] > 0; k++) {
					int64_t d =
						dist[i] + unit_cost(in, k, j) - unit_cost(in, i, j);
					if (!(set >> k & 1) || d >= dist[k])
						continue;
					dist[k] = d;
					from[k] = i;
					moved[k] = j;
				}
	for (int32_t i = 0; i < n; i++)
		if ((set >> i & 1) && used[i] < in->capacity[i] && (at < 0 || dist[i] < dist[at]))
			at = i;
	if (at < 0)
		return false;
	used[at]++;
	for (; at >= 0; at = from[at]) {
		x[at][moved[at]]++;
		if (from[at] >= 0)
			x[from[at]][moved[at]]--;
	}
	return true;
}

/* The least cost with these sites open, in parts, or -1. */
static int64_t serve(const struct instance *in, int32_t set)
{
	int64_t x[SITES_MAX][CUSTOMERS_MAX] = {{0}}, used[SITES_MAX] = {0}, sum = 0;

	for (int32_t j = 0; j < in->f.customer_count; j++)
		for (int64_t k = 0; k < in->demand[j]; k++)
			if (!add_unit(in, set, j, x, used))
				return -1;
	for (int32_t i = 0; i < in->f.site_count; i++) {
		sum += set >> i & 1 ? in->fixed[i] * PARTS : 0;
		for (int32_t j = 0; j < in->f.customer_count; j++)
			sum += x[i][j] * unit_cost(in, i, j);
	}
	return sum;
}

/* Every site for customer j and all after it; cost in parts so far. */
static void assign(
	const struct instance *in, int32_t j, int64_t used[SITES_MAX], int64_t cost, int64_t *best)
{
	if (j == in->f.customer_count) {
		if (*best < 0 || cost < *best)
			*best = cost;
		return;
	}
	for (int32_t i = 0; i < in->f.site_count; i++) {
		int64_t opening = used[i] == 0 ? in->fixed[i] * PARTS : 0;

		if (used[i] + in->demand[j] > in->capacity[i])
			continue;
		used[i] += in->demand[j];
		assign(in, j + 1, used,
			cost + opening + in->cost[i * in->f.customer_count + j] * PARTS, best);
		used[i] -= in->demand[j];
	}
}

static int64_t brute_force(const struct instance *in)
{
	int64_t best = -1, used[SITES_MAX] = {0};

	if (in->f.is_single_source) {
		assign(in, 0, used, 0, &best);
		return best;
	}

	for (int32_t set = 0; set < 1 << in->f.site_count; set++) {
		int64_t cost = serve(in, set);
		if (cost >= 0 && (best < 0 || cost < best))
			best = cost;
	}
	return best;
}

/* Spoil the plan in one of several ways; the check must see it. */
static bool spoiled_is_seen(struct rng *rng, const struct instance *in, struct facility_answer *a)
{
	struct facility_share *share = &a->shares[rng_below(rng, (int64_t)a->share_count)];

	switch (rng_below(rng, 4)) {
	case 0:
		share->amount++;
		break;
	case 1:
		a->open[share->site] = false;
		break;
	case 2:
		a->share_count--;
		break;
	default:
		share->customer = in->f.customer_count;
		break;
	}
	return facility_check(&in->f, a).fault != FACILITY_PLAN_GOOD;
}

/* A tree that leaves plans out must not count as a proof. */
static bool gap_in_tree_is_seen(const struct instance *in, struct facility_answer *a)
{
	a->step_count--;
	return a->step_count == 0 || !facility_check(&in->f, a).has_bound;
}

static bool knapsacks_agree(struct rng *rng, struct arena *mem)
{
	struct knapsack_thing things[12];
	struct knapsack_item items[12];
	int32_t count = (int32_t)rng_between(rng, 0, 12), chosen;
	int64_t capacity = rng_between(rng, 0, 120), best = 0, weight = 0, worth = 0;
	struct knapsack_sack sack;
	struct knapsack k;
	double bound;

	for (int32_t i = 0; i < count; i++) {
		things[i] =
			(struct knapsack_thing){rng_between(rng, 1, 50), rng_between(rng, 1, 50)};
		items[i] = (struct knapsack_item){
			(double)things[i].worth, (double)things[i].weight, i};
	}
	for (int32_t set = 0; set < 1 << count; set++) {
		int64_t w = 0, v = 0;
		for (int32_t i = 0; i < count; i++)
			if (set >> i & 1) {
				w += things[i].weight;
				v += things[i].worth;
			}
		best = w <= capacity ? MAX(best, v) : best;
	}
	knapsack_init(&k, mem, count);
	bound = knapsack_solve(&k, items, count, (double)capacity, &chosen);
	for (int32_t i = 0; i < chosen; i++) {
		weight += things[items[i].id].weight;
		worth += things[items[i].id].worth;
	}
	knapsack_sack_init(&sack, mem, count);
	return weight <= capacity && worth == best && bound < (double)best + 0.01 &&
	       knapsack_most(&sack, things, count, capacity) == best;
}

/* Time that is up at a given question, and how often it was asked after that. */
struct patience {
	int64_t left, asked_after;
};

static bool is_out(void *arg)
{
	struct patience *p = arg;

	if (p->left > 0) {
		p->left--;
		return false;
	}
	p->asked_after++;
	return true;
}

/* Cut short anywhere, what is said is true, and the questions end soon. */
static bool cut_short_is_sound(struct rng *rng, const struct instance *in, int64_t best)
{
	struct arena *mem = arena_create();
	struct patience patience = {.left = rng_below(rng, 400)};
	struct facility_limits limits = {.is_over = is_out, .is_over_arg = &patience};
	struct facility_answer a = facility_solve(mem, &in->f, &limits);
	struct facility_verdict v = facility_check(&in->f, &a);
	bool is_sound = v.has_bound && patience.asked_after <= 100;

	if (a.has_plan)
		is_sound &= v.fault == FACILITY_PLAN_GOOD && v.cost * PARTS >= best && best >= 0;
	else
		is_sound &= a.is_cut_short || (best < 0 && v.is_infeasible);
	if (best >= 0)
		is_sound &= !v.is_infeasible && v.bound * PARTS <= best;
	arena_free(mem);
	return is_sound;
}

int main(int argc, char **argv)
{
	int64_t seed = 20260903, rounds = 400;
	int32_t plans = 0, none = 0, grown = 0;
	struct rng rng;

	if ((argc > 1 && parse_i64(str_from(argv[1]), 0, INT64_MAX, &seed) != NUM_OK) ||
		(argc > 2 && parse_i64(str_from(argv[2]), 1, 1000000, &rounds) != NUM_OK))
		return 2;
	rng_seed(&rng, (uint64_t)seed);
	for (int round_now = 0; round_now < rounds; round_now++) {
		struct arena *mem = arena_create();
		struct facility_limits limits = {0};
		struct facility_answer a;
		struct facility_verdict v;
		struct instance in;
		int64_t best;

		random_instance(&rng, &in);
		point(&in);
		best = brute_force(&in);
		a = facility_solve(mem, &in.f, &limits);
		v = facility_check(&in.f, &a);
		CHECK(a.has_plan == (best >= 0));
		CHECK(v.has_bound && v.is_infeasible == !a.has_plan);
		if (a.has_plan) {
			CHECK(v.fault == FACILITY_PLAN_GOOD);
			CHECK(v.cost == (best + PARTS - 1) / PARTS);
			CHECK(v.bound * PARTS <= best && v.bound >= v.cost - 2);
			CHECK(spoiled_is_seen(&rng, &in, &a));
		}
		CHECK(cut_short_is_sound(&rng, &in, best));
		grown += a.step_count > 1;
		CHECK(knapsacks_agree(&rng, mem));
		CHECK(gap_in_tree_is_seen(&in, &a));
		plans += a.has_plan;
		none += !a.has_plan;
		arena_free(mem);
	}
	printf("seed %" PRId64 ": %d with a plan, %d without, %d branched\n", seed, plans, none,
		grown);
	return plans == 0 || none == 0 || grown == 0;
}
