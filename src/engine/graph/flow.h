/*
 * Minimum-cost flow with lower bounds on integer data, by the network simplex.
 *
 * Build a network, solve it, read flows and potentials; change costs, bounds or supplies and
 * solve again from the last basis. Every unit supplied must be used: supplies add up to 0, or
 * there is no answer. Parallel arcs, loops, negative costs and negative lower bounds are fine.
 *
 * The answer can be proved right without this code: flow_check.h takes the caller's own data,
 * the flows and the potentials. "No answer" is proved by a cut (flow_explain).
 *
 * Memory: 12 bytes an arc for ends and cost and 4 for the capacity while all costs and
 * capacities fit in 32 bits (8 more where they do not), 8 for lower bounds if there are any,
 * and 64 a node. One thread at a time; no limits on time: the caller chooses the size.
 */
#pragma once

#include "base/arena.h"

/* An arc without an upper bound. */
#define FLOW_NO_LIMIT INT64_MAX
/* Supplies, bounds and costs that are given must lie within +-FLOW_MAX. */
#define FLOW_MAX ((int64_t)1 << 61)

struct flow;

struct flow_arc {
	int32_t from, to;     /* nodes, 0 .. node_count-1 */
	int64_t lower, upper; /* lower <= upper; upper may be FLOW_NO_LIMIT */
	int64_t cost;         /* for one unit */
};

enum flow_status {
	FLOW_OPTIMAL,
	FLOW_INFEASIBLE, /* flow_explain names the cut */
	FLOW_UNBOUNDED,  /* a cycle of negative cost has no upper bound (even if infeasible) */
	FLOW_TOO_LARGE,  /* sums would leave 64 bits: scale the data down, in a new network if
			    lower bounds or supplies at one node did */
};

/*
 * A network in mem (and freed with it). Arcs are numbered 0 .. arc_count-1 and carry nothing
 * until they are set. node_count >= 1, node_count + arc_count < 2^31.
 */
struct flow *flow_create(struct arena *mem, int32_t node_count, int32_t arc_count);

/* Positive: the node gives; negative: it takes. */
void flow_set_supply(struct flow *f, int32_t node, int64_t supply);
/* Set an arc. Before the first solve; after it the ends must stay what they were. */
void flow_set_arc(struct flow *f, int32_t arc, struct flow_arc a);
void flow_set_cost(struct flow *f, int32_t arc, int64_t cost);
void flow_set_bounds(struct flow *f, int32_t arc, int64_t lower, int64_t upper);

/* Solve, from the last basis if there is one. The same network gives the same answer. */
enum flow_status flow_solve(struct flow *f);

/* After FLOW_OPTIMAL: */
int64_t flow_on_arc(const struct flow *f, int32_t arc);
/* cost + potential(from) - potential(to) is >= 0 on arcs below their upper bound and <= 0 on
 * arcs above their lower bound. */
int64_t flow_potential(const struct flow *f, int32_t node);
i128 flow_cost(const struct flow *f);

/* At any time: */
int32_t flow_node_count(const struct flow *f);
int32_t flow_arc_count(const struct flow *f);
struct flow_arc flow_get_arc(const struct flow *f, int32_t arc);
int64_t flow_supply(const struct flow *f, int32_t node);
/* Pivots done since creation: for benchmarks. */
int64_t flow_pivots(const struct flow *f);

/*
 * Why there is no answer: a set of nodes whose needs cannot be met. What is taken inside, less
 * what is given inside, is `need`; arcs into the set can bring at most `capacity` (upper bounds
 * in, less lower bounds out), and need > capacity. The set may be all nodes when supplies do
 * not add up; `need` is then positive if supply is short, and if there is too much of it the
 * set is empty, need is 0 and capacity is -surplus.
 */
struct flow_cut {
	bool *in_set;   /* per node, in mem */
	int64_t *unmet; /* per node: what it still takes (>0), or what is left over (<0) */
	i128 need, capacity;
};
/* After FLOW_INFEASIBLE. */
struct flow_cut flow_explain(const struct flow *f, struct arena *mem);
