/* The transportation problem beneath: blocks cut at will, cohorts added up; and what is lacking
 * when there are no zones. */
#include "engine/graph/flow.h"
#include "engine/zone/zone_impl.h"

/* Nodes: blocks, then sites, then the ground. Arcs: each live one, then a site to the ground. */
static struct flow *network(const struct zone_work *w, struct arena *mem)
{
	const struct zone_map *z = w->z;
	int32_t arcs = z->first_arc[z->block_count], ground = z->block_count + z->site_count;
	struct flow *f = flow_create(mem, ground + 1, arcs + z->site_count);
	int64_t total = 0;

	for (int32_t v = 0; v < z->block_count; v++) {
		for (int32_t e = z->first_arc[v]; e < z->first_arc[v + 1]; e++)
			flow_set_arc(f, e,
				(struct flow_arc){v, z->block_count + z->arc_site[e], 0,
					w->is_alive[e] ? FLOW_NO_LIMIT : 0, z->arc_cost[e]});
		flow_set_supply(f, v, w->units[v]);
		total += w->units[v];
	}
	for (int32_t i = 0; i < z->site_count; i++)
		flow_set_arc(f, arcs + i,
			(struct flow_arc){z->block_count + i, ground, w->least[i], w->room[i], 0});
	flow_set_supply(f, ground, -total);
	return f;
}

/* Of an empty block: that of its cheapest site. */
static int64_t cheapest(const struct zone_work *w, int32_t block)
{
	int64_t least = INT64_MAX;

	for (int32_t e = w->z->first_arc[block]; e < w->z->first_arc[block + 1]; e++)
		if (w->is_alive[e])
			least = MIN(least, w->z->arc_cost[e]);
	return least == INT64_MAX ? 0 : least;
}

/* A site is worth what a unit more of room would save: its potential above the ground's. */
static void read_prices(struct zone_work *w, const struct flow *f)
{
	const struct zone_map *z = w->z;
	int64_t ground = flow_potential(f, z->block_count + z->site_count);

	for (int32_t i = 0; i < z->site_count; i++) {
		int64_t price = ground - flow_potential(f, z->block_count + i);
		w->upper_price[i] = MAX(price, 0);
		w->lower_price[i] = MAX(-price, 0);
	}
	for (int32_t v = 0; v < z->block_count; v++) {
		int64_t least = INT64_MAX;
		for (int32_t e = z->first_arc[v]; e < z->first_arc[v + 1]; e++) {
			int32_t i = z->arc_site[e];
			if (w->is_alive[e])
				least = MIN(least,
					z->arc_cost[e] + w->upper_price[i] - w->lower_price[i]);
		}
		w->block_price[v] = least == INT64_MAX ? 0
				    : w->units[v]      ? least * w->units[v]
						       : cheapest(w, v);
	}
}

int64_t zone_flow(struct zone_work *w)
{
	struct arena *mem = arena_create();
	struct flow *f = network(w, mem);
	int64_t cost = -1;

	if (flow_solve(f) == FLOW_OPTIMAL) {
		cost = (int64_t)flow_cost(f);
		for (int32_t v = 0; v < w->z->block_count; v++)
			cost += w->units[v] ? 0 : cheapest(w, v);
		read_prices(w, f);
	} else {
		/* Without limits: each block at its cheapest. */
		for (int32_t v = 0; v < w->z->block_count; v++)
			w->block_price[v] = cheapest(w, v) * MAX(w->units[v], 1);
	}
	arena_free(mem);
	return cost;
}
