/*
 * Random networks: small ones against enumeration of all flows, larger ones by their proof
 * (optimal) or their cut (infeasible); each is then changed a few times and solved again from
 * the last basis, which must give the cost that a fresh solve gives.
 * usage: flow-prop [SEED [ROUNDS]]
 */
#include "base/num.h"
#include "base/rng.h"
#include "engine/graph/flow.h"
#include "engine/graph/flow_check.h"

struct instance {
	int32_t node_count, arc_count;
	int64_t supplies[64];
	struct flow_arc arcs[512];
};

#define CHECK(claim)                                                                               \
	do {                                                                                       \
		if (!(claim)) {                                                                    \
			fprintf(stderr, "round %d: not true: %s\n", round_now, #claim);            \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

static struct flow_arc random_arc(struct rng *rng, const struct instance *in, int64_t cap_max)
{
	int64_t lower = rng_below(rng, 4) ? 0 : rng_between(rng, -1, 1);

	return (struct flow_arc){(int32_t)rng_below(rng, in->node_count),
		(int32_t)rng_below(rng, in->node_count), lower, lower + rng_below(rng, cap_max + 1),
		rng_between(rng, -3, 9)};
}

static void random_supplies(struct rng *rng, struct instance *in, int64_t most)
{
	memset(in->supplies, 0, sizeof in->supplies);
	for (int32_t i = 0; i < in->node_count / 2 + 1; i++) {
		int64_t amount = rng_below(rng, most + 1);
		in->supplies[rng_below(rng, in->node_count)] += amount;
		in->supplies[rng_below(rng, in->node_count)] -= amount;
	}
	if (rng_below(rng, 20) == 0)
		in->supplies[0] += rng_between(rng, -1, 1);
}

static void random_instance(struct rng *rng, struct instance *in, bool is_tiny)
{
	in->node_count = (int32_t)rng_between(rng, 1, is_tiny ? 4 : 40);
	in->arc_count = (int32_t)rng_between(rng, 0, is_tiny ? 6 : 300);
	for (int32_t i = 0; i < in->arc_count; i++)
		in->arcs[i] = random_arc(rng, in, is_tiny ? 2 : 12);
	random_supplies(rng, in, is_tiny ? 2 : 8);
}

static struct flow *build(struct arena *mem, const struct instance *in)
{
	struct flow *f = flow_create(mem, in->node_count, in->arc_count);

	for (int32_t u = 0; u < in->node_count; u++)
		flow_set_supply(f, u, in->supplies[u]);
	for (int32_t i = 0; i < in->arc_count; i++)
		flow_set_arc(f, i, in->arcs[i]);
	return f;
}

/* All flows within bounds, one arc after the other. */
static void enumerate(
	const struct instance *in, int32_t at, int64_t *balance, int64_t cost, int64_t *best)
{
	if (at == in->arc_count) {
		for (int32_t u = 0; u < in->node_count; u++)
			if (balance[u] != 0)
				return;
		*best = MIN(*best, cost);
		return;
	}
	for (int64_t x = in->arcs[at].lower; x <= in->arcs[at].upper; x++) {
		balance[in->arcs[at].from] -= x;
		balance[in->arcs[at].to] += x;
		enumerate(in, at + 1, balance, cost + x * in->arcs[at].cost, best);
		balance[in->arcs[at].from] += x;
		balance[in->arcs[at].to] -= x;
	}
}

static bool cut_is_right(const struct instance *in, const struct flow *f, struct arena *mem)
{
	struct flow_cut cut = flow_explain(f, mem);
	int64_t need = 0, capacity = 0, sum = 0;
	bool is_empty = true;

	for (int32_t u = 0; u < in->node_count; u++) {
		sum += in->supplies[u];
		if (!cut.in_set[u])
			continue;
		need -= in->supplies[u];
		is_empty = false;
	}
	for (int32_t i = 0; i < in->arc_count; i++) {
		const struct flow_arc *a = &in->arcs[i];
		if (!cut.in_set[a->from] && cut.in_set[a->to])
			capacity += a->upper;
		else if (cut.in_set[a->from] && !cut.in_set[a->to])
			capacity -= a->lower;
	}
	if (is_empty)
		capacity = -sum;
	return need > capacity && cut.need == need && cut.capacity == capacity;
}

static bool proof_is_right(const struct instance *in, const struct flow *f, struct arena *mem)
{
	int64_t *potentials = arena_array(mem, int64_t, in->node_count);
	struct flow_check c;
	struct flow_verdict v;

	for (int32_t u = 0; u < in->node_count; u++)
		potentials[u] = flow_potential(f, u);
	flow_check_begin(&c, mem, in->node_count, in->supplies, potentials);
	for (int32_t i = 0; i < in->arc_count; i++) {
		const struct flow_arc *a = &in->arcs[i];
		flow_check_arc(&c, a->from, a->to, a->lower, a->upper, a->cost, flow_on_arc(f, i));
	}
	v = flow_check_end(&c);
	return v.is_optimal && v.cost == flow_cost(f);
}

static void change(struct rng *rng, struct instance *in, struct flow *f)
{
	int64_t kind = rng_below(rng, 3);

	if (kind == 0 || in->arc_count == 0) {
		random_supplies(rng, in, 8);
		for (int32_t u = 0; u < in->node_count; u++)
			flow_set_supply(f, u, in->supplies[u]);
		return;
	}
	for (int64_t k = rng_between(rng, 1, 10); k > 0; k--) {
		int32_t i = (int32_t)rng_below(rng, in->arc_count);
		struct flow_arc fresh = random_arc(rng, in, 12), *a = &in->arcs[i];

		if (kind == 1) {
			a->cost = fresh.cost;
			flow_set_cost(f, i, a->cost);
		} else {
			a->lower = fresh.lower;
			a->upper = fresh.upper;
			flow_set_bounds(f, i, a->lower, a->upper);
		}
	}
}

int main(int argc, char **argv)
{
	int64_t seed = 20260902, rounds = 400;
	int counts[2] = {0};
	struct rng rng;

	if ((argc > 1 && parse_i64(str_from(argv[1]), 0, INT64_MAX, &seed) != NUM_OK) ||
		(argc > 2 && parse_i64(str_from(argv[2]), 1, 1000000, &rounds) != NUM_OK))
		return 2;
	rng_seed(&rng, (uint64_t)seed);
	for (int round_now = 0; round_now < rounds; round_now++) {
		struct arena *mem = arena_create();
		struct instance in;
		bool is_tiny = round_now % 2 == 0;
		struct flow *f;

		random_instance(&rng, &in, is_tiny);
		f = build(mem, &in);
		for (int step = 0; step < (is_tiny ? 1 : 6); step++) {
			enum flow_status status = flow_solve(f);
			enum flow_status fresh = flow_solve(build(mem, &in));

			CHECK(status == FLOW_OPTIMAL || status == FLOW_INFEASIBLE);
			CHECK(status == fresh);
			counts[status]++;
			if (status == FLOW_OPTIMAL)
				CHECK(proof_is_right(&in, f, mem));
			else
				CHECK(cut_is_right(&in, f, mem));
			if (is_tiny) {
				int64_t balance[64], best = INT64_MAX;
				memcpy(balance, in.supplies, sizeof balance);
				enumerate(&in, 0, balance, 0, &best);
				CHECK((best == INT64_MAX) == (status == FLOW_INFEASIBLE));
				CHECK(status == FLOW_INFEASIBLE || flow_cost(f) == best);
			}
			change(&rng, &in, f);
		}
		arena_free(mem);
	}
	printf("seed %" PRId64 ": %d optimal, %d infeasible\n", seed, counts[FLOW_OPTIMAL],
		counts[FLOW_INFEASIBLE]);
	return counts[FLOW_OPTIMAL] == 0 || counts[FLOW_INFEASIBLE] == 0;
}
