/* Too little room within reach: the cut of a flow with each site at its largest. */
#include "engine/graph/flow.h"
#include "engine/layout/layout.h"

static int64_t largest(const struct layout *l, int32_t site, int32_t kind)
{
	int64_t room = 0;

	for (int32_t s = l->first_state[site]; s < l->first_state[site + 1]; s++)
		room = MAX(room, l->state_room[s * l->kind_count + kind]);
	return room;
}

/* Source 0, sites, points, and a sink for what need not be used. */
static struct flow *largest_network(struct arena *mem, const struct layout *l, int32_t kind)
{
	int32_t sites = l->site_count, points = l->point_count, arc = 0;
	struct flow *f = flow_create(mem, 1 + sites + points, sites + l->first_arc[points]);
	int64_t total = 0;

	for (int32_t i = 0; i < sites; i++)
		flow_set_arc(f, arc++, (struct flow_arc){0, 1 + i, 0, largest(l, i, kind), 0});
	for (int32_t j = 0; j < points; j++) {
		int64_t demand = l->kind[j] == kind ? l->demand[j] : 0;
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++)
			flow_set_arc(f, arc++,
				(struct flow_arc){1 + l->arc_site[e], 1 + sites + j, 0,
					l->kind[j] == kind ? FLOW_NO_LIMIT : 0, 0});
		flow_set_supply(f, 1 + sites + j, -demand);
		total += demand;
	}
	flow_set_supply(f, 0, total);
	return f;
}

struct layout_shortage layout_explain(struct arena *mem, const struct layout *l, int32_t kind)
{
	struct layout_shortage s = {.kind = kind,
		.is_short = arena_array(mem, bool, l->point_count),
		.is_within = arena_array(mem, bool, l->site_count)};
	struct arena *scratch = arena_create();
	struct flow *f = largest_network(scratch, l, kind);

	if (flow_solve(f) == FLOW_INFEASIBLE) {
		struct flow_cut cut = flow_explain(f, scratch);
		for (int32_t j = 0; j < l->point_count; j++) {
			if (!cut.in_set[1 + l->site_count + j] || l->kind[j] != kind)
				continue;
			s.is_short[j] = true;
			s.need += l->demand[j];
			for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++)
				s.is_within[l->arc_site[e]] = true;
		}
		for (int32_t i = 0; i < l->site_count; i++)
			s.room += s.is_within[i] ? largest(l, i, kind) : 0;
	}
	arena_free(scratch);
	return s;
}
