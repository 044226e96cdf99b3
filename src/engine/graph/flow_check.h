/*
 * Is this really the cheapest flow? Proves an answer from the caller's own data, in integers,
 * and shares nothing with the solver. Feed every arc once, in any order:
 *
 *   struct flow_check c;
 *   flow_check_begin(&c, mem, node_count, supplies, potentials);
 *   for each arc: flow_check_arc(&c, from, to, lower, upper, cost, flow);
 *   struct flow_verdict v = flow_check_end(&c);
 *
 * The proof: the flow keeps all bounds and balances, so its cost is an upper bound; and for any
 * potentials the sum of supplies times potentials and of negative reduced costs at their best
 * bounds is a lower bound (weak duality). When both are equal, the flow is optimal.
 */
#pragma once

#include "base/arena.h"

struct flow_check {
	int32_t node_count;
	int32_t arc_at; /* arcs fed */
	const int64_t *potentials;
	i128 *balance; /* supply less what has flowed out, plus in */
	i128 cost, bound;
	int32_t bad_arc;
	bool is_bound_finite;
};

struct flow_verdict {
	bool is_feasible;
	bool is_optimal;  /* feasible, and cost == bound */
	int32_t bad_arc;  /* first arc outside its bounds or with an end that is no node, or -1 */
	int32_t bad_node; /* first node out of balance, or -1 */
	bool is_bound_finite; /* false: the potentials prove nothing */
	i128 cost, bound;     /* bound <= optimal cost <= cost */
};

/* supplies and potentials: node_count each, kept by the caller until the end. potentials may be
 * NULL: then only feasibility and cost are checked. */
void flow_check_begin(struct flow_check *c, struct arena *mem, int32_t node_count,
	const int64_t *supplies, const int64_t *potentials);
/* upper == INT64_MAX: no upper bound. */
void flow_check_arc(struct flow_check *c, int32_t from, int32_t to, int64_t lower, int64_t upper,
	int64_t cost, int64_t flow);
struct flow_verdict flow_check_end(const struct flow_check *c);
