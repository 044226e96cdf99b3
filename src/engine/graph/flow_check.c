/* The proof of an answer by weak duality; see the header. Sums in 128 bits: |flow| and |cost|
 * below 2^63 and fewer than 2^31 arcs cannot leave them unless products near 2^126 add up,
 * which the solver's limits (2^60 on sums) exclude for answers that it gives. */
#include "engine/graph/flow_check.h"

void flow_check_begin(struct flow_check *c, struct arena *mem, int32_t node_count,
	const int64_t *supplies, const int64_t *potentials)
{
	*c = (struct flow_check){.node_count = node_count,
		.potentials = potentials,
		.balance = arena_array(mem, i128, node_count),
		.bad_arc = -1,
		.is_bound_finite = potentials != NULL};
	for (int32_t i = 0; i < node_count; i++) {
		c->balance[i] = supplies[i];
		if (potentials)
			c->bound -= (i128)supplies[i] * potentials[i];
	}
}

void flow_check_arc(struct flow_check *c, int32_t from, int32_t to, int64_t lower, int64_t upper,
	int64_t cost, int64_t flow)
{
	bool is_good = from >= 0 && from < c->node_count && to >= 0 && to < c->node_count &&
		       flow >= lower && (upper == INT64_MAX || flow <= upper);
	int32_t at = c->arc_at++;

	if (!is_good) {
		c->bad_arc = c->bad_arc < 0 ? at : c->bad_arc;
		return;
	}
	c->balance[from] -= flow;
	c->balance[to] += flow;
	c->cost += (i128)cost * flow;
	if (c->potentials) {
		i128 reduced = (i128)cost + c->potentials[from] - c->potentials[to];

		if (reduced < 0 && upper == INT64_MAX)
			c->is_bound_finite = false;
		else
			c->bound += reduced * (reduced < 0 ? upper : lower);
	}
}

struct flow_verdict flow_check_end(const struct flow_check *c)
{
	struct flow_verdict v = {.bad_arc = c->bad_arc,
		.bad_node = -1,
		.is_bound_finite = c->is_bound_finite,
		.cost = c->cost,
		.bound = c->bound};

	for (int32_t i = c->node_count - 1; i >= 0; i--)
		if (c->balance[i] != 0)
			v.bad_node = i;
	v.is_feasible = v.bad_arc < 0 && v.bad_node < 0;
	v.is_optimal = v.is_feasible && v.is_bound_finite && v.cost == v.bound;
	return v;
}
