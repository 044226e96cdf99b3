#include "layout_cost.h"

#include "engine/graph/flow.h"

int64_t layout_cost(const struct layout *l, const int32_t *state)
{
	struct arena *mem = arena_create();
	int32_t groups = l->site_count * l->kind_count, arcs = l->first_arc[l->point_count], at = 0;
	struct flow *f =
		flow_create(mem, 1 + groups + l->point_count, groups + arcs + l->point_count);
	int64_t total = 0, cost;

	for (int32_t i = 0; i < l->site_count; i++)
		for (int32_t k = 0; k < l->kind_count; k++)
			flow_set_arc(f, at++,
				(struct flow_arc){0, 1 + i * l->kind_count + k, 0,
					l->state_room[state[i] * l->kind_count + k], 0});
	for (int32_t j = 0; j < l->point_count; j++) {
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++)
			flow_set_arc(f, at++,
				(struct flow_arc){1 + l->arc_site[e] * l->kind_count + l->kind[j],
					1 + groups + j, 0, FLOW_NO_LIMIT, l->arc_cost[e]});
		flow_set_arc(f, at++,
			(struct flow_arc){0, 1 + groups + j, 0, FLOW_NO_LIMIT, l->unmet_cost});
		flow_set_supply(f, 1 + groups + j, -l->demand[j]);
		total += l->demand[j];
	}
	flow_set_supply(f, 0, total);
	if (flow_solve(f) != FLOW_OPTIMAL)
		BUG("not served");
	cost = (int64_t)flow_cost(f);
	for (int32_t i = 0; i < l->site_count; i++)
		cost += l->state_cost[state[i]];
	arena_free(mem);
	return cost;
}
