/* Why there are no zones: rules are looked at one by one, those of limits by the cut of a flow of
 * one cohort. */
#include "engine/graph/flow.h"
#include "engine/zone/zone.h"

/* Blocks that a chain of blocks with arcs to the same site joins to it; arcs that do: is_alive. */
static bool *find_alive(struct arena *mem, const struct zone_map *z)
{
	bool *is_alive = arena_array(mem, bool, z->first_arc[z->block_count]);
	int32_t *arc = arena_array(mem, int32_t, z->block_count);
	int32_t *queue = arena_array(mem, int32_t, z->block_count);

	for (int32_t i = 0; i < z->site_count; i++) {
		int32_t count = 0;
		for (int32_t v = 0; v < z->block_count; v++) {
			arc[v] = -1;
			for (int32_t e = z->first_arc[v]; e < z->first_arc[v + 1]; e++)
				if (z->arc_site[e] == i)
					arc[v] = e;
		}
		for (int32_t r = z->first_root[i]; r < z->first_root[i + 1]; r++) {
			int32_t v = z->root[r];
			if (arc[v] >= 0 && !is_alive[arc[v]]) {
				is_alive[arc[v]] = true;
				queue[count++] = v;
			}
		}
		for (int32_t n = 0; n < count; n++)
			for (int32_t e = z->first_near[queue[n]]; e < z->first_near[queue[n] + 1];
				e++) {
				int32_t u = z->near[e];
				if (arc[u] < 0 || is_alive[arc[u]])
					continue;
				is_alive[arc[u]] = true;
				queue[count++] = u;
			}
	}
	return is_alive;
}

/*
 * Nodes: ground, sites, blocks. For room each block must get its demand through sites that hold at
 * most their upper limit; for units each site must get its lower limit from blocks.
 */
static struct flow *network(struct arena *mem, const struct zone_map *z, const bool *is_alive,
	int32_t cohort, bool is_room)
{
	int32_t sites = z->site_count, arcs = z->first_arc[z->block_count], kinds = z->cohort_count;
	struct flow *f =
		flow_create(mem, 1 + sites + z->block_count, arcs + MAX(sites, z->block_count));
	int64_t total = 0;

	for (int32_t v = 0; v < z->block_count; v++) {
		int64_t demand = z->demand[v * kinds + cohort];
		int32_t node = 1 + sites + v;
		for (int32_t e = z->first_arc[v]; e < z->first_arc[v + 1]; e++) {
			int32_t site = 1 + z->arc_site[e];
			flow_set_arc(f, e,
				(struct flow_arc){is_room ? site : node, is_room ? node : site, 0,
					is_alive[e] ? FLOW_NO_LIMIT : 0, 0});
		}
		if (is_room)
			flow_set_supply(f, node, -demand);
		else
			flow_set_arc(f, arcs + v, (struct flow_arc){0, node, 0, demand, 0});
		total += is_room ? demand : 0;
	}
	for (int32_t i = 0; i < sites; i++) {
		if (is_room) {
			flow_set_arc(f, arcs + i,
				(struct flow_arc){0, 1 + i, 0, z->upper[i * kinds + cohort], 0});
			continue;
		}
		flow_set_supply(f, 1 + i, -z->lower[i * kinds + cohort]);
		total += z->lower[i * kinds + cohort];
	}
	/* Arcs that neither case uses stay empty: from the ground to the ground. */
	for (int32_t n = is_room ? sites : z->block_count; n < MAX(sites, z->block_count); n++)
		flow_set_arc(f, arcs + n, (struct flow_arc){0, 0, 0, 0, 0});
	flow_set_supply(f, 0, total);
	return f;
}

static void read_room(const struct zone_map *z, const bool *is_alive, const struct flow_cut *cut,
	struct zone_shortage *s)
{
	int32_t kinds = z->cohort_count;

	for (int32_t v = 0; v < z->block_count; v++) {
		if (!cut->in_set[1 + z->site_count + v] || z->demand[v * kinds + s->cohort] == 0)
			continue;
		s->is_block[v] = true;
		s->need += z->demand[v * kinds + s->cohort];
		for (int32_t e = z->first_arc[v]; e < z->first_arc[v + 1]; e++)
			s->is_site[z->arc_site[e]] |= is_alive[e];
	}
	for (int32_t i = 0; i < z->site_count; i++)
		s->room += s->is_site[i] ? z->upper[i * kinds + s->cohort] : 0;
}

static void read_units(const struct zone_map *z, const bool *is_alive, const struct flow_cut *cut,
	struct zone_shortage *s)
{
	int32_t kinds = z->cohort_count;

	for (int32_t i = 0; i < z->site_count; i++)
		if (cut->in_set[1 + i] && z->lower[i * kinds + s->cohort] > 0) {
			s->is_site[i] = true;
			s->need += z->lower[i * kinds + s->cohort];
		}
	for (int32_t v = 0; v < z->block_count; v++) {
		for (int32_t e = z->first_arc[v]; e < z->first_arc[v + 1]; e++)
			s->is_block[v] |= is_alive[e] && s->is_site[z->arc_site[e]];
		s->room += s->is_block[v] ? z->demand[v * kinds + s->cohort] : 0;
	}
}

/* False: the flow finds no lack. */
static bool explain_limits(
	const struct zone_map *z, const bool *is_alive, bool is_room, struct zone_shortage *s)
{
	for (s->cohort = 0; s->cohort < z->cohort_count; s->cohort++) {
		struct arena *mem = arena_create();
		struct flow *f = network(mem, z, is_alive, s->cohort, is_room);
		bool is_short = flow_solve(f) == FLOW_INFEASIBLE;
		if (is_short) {
			struct flow_cut cut = flow_explain(f, mem);
			if (is_room)
				read_room(z, is_alive, &cut, s);
			else
				read_units(z, is_alive, &cut, s);
		}
		arena_free(mem);
		if (is_short && s->need > s->room) {
			s->lack = is_room ? ZONE_LACKS_ROOM : ZONE_LACKS_UNITS;
			return true;
		}
	}
	s->cohort = 0;
	return false;
}

/* A block that is larger than every site it may belong to; of several the first. */
static bool explain_whole(const struct zone_map *z, const bool *is_alive, struct zone_shortage *s)
{
	int32_t kinds = z->cohort_count;

	for (int32_t n = 0; n < z->block_count * kinds; n++) {
		int32_t v = n / kinds;
		int64_t most = 0;
		for (int32_t e = z->first_arc[v]; e < z->first_arc[v + 1]; e++)
			if (is_alive[e])
				most = MAX(most, z->upper[z->arc_site[e] * kinds + n % kinds]);
		if (z->demand[n] <= most)
			continue;
		for (int32_t e = z->first_arc[v]; e < z->first_arc[v + 1]; e++)
			s->is_site[z->arc_site[e]] |= is_alive[e];
		s->is_block[v] = true;
		s->lack = ZONE_LACKS_WHOLE;
		s->cohort = n % kinds;
		s->need = z->demand[n];
		s->room = most;
		return true;
	}
	return false;
}

struct zone_shortage zone_explain(struct arena *mem, const struct zone_map *z)
{
	struct zone_shortage s = {.is_block = arena_array(mem, bool, z->block_count),
		.is_site = arena_array(mem, bool, z->site_count)};
	bool *is_alive = find_alive(mem, z);

	for (int32_t v = 0; v < z->block_count; v++)
		if (z->first_arc[v] == z->first_arc[v + 1]) {
			s.is_block[v] = true;
			s.lack = ZONE_LACKS_SITE;
		}
	if (s.lack)
		return s;
	for (int32_t v = 0; v < z->block_count; v++) {
		bool is_joined = false;
		for (int32_t e = z->first_arc[v]; e < z->first_arc[v + 1]; e++)
			is_joined |= is_alive[e];
		if (!is_joined) {
			s.is_block[v] = true;
			s.lack = ZONE_LACKS_WAY;
		}
	}
	if (s.lack || explain_limits(z, is_alive, true, &s) || explain_whole(z, is_alive, &s))
		return s;
	(void)explain_limits(z, is_alive, false, &s);
	return s;
}
