/* Solving a layout's parts one after the other, and putting the answers together. */
#include "base/map.h"
#include "engine/layout/layout_impl.h"

#include <math.h>

#define ROUNDS       600
#define FLOWS_A_SITE 8

bool layout_fits(const struct layout *l)
{
	int64_t units = 0, cost = 0;

	if (l->kind_count < 1 || l->kind_count > LAYOUT_KINDS_MAX || l->unmet_cost < 0 ||
		l->unmet_cost > LAYOUT_UNIT_MAX)
		return false;
	for (int32_t i = 0; i < l->site_count; i++) {
		int64_t most = 0;
		if (l->first_state[i] >= l->first_state[i + 1] ||
			l->base_state[i] < l->first_state[i] ||
			l->base_state[i] >= l->first_state[i + 1])
			return false;
		for (int32_t s = l->first_state[i]; s < l->first_state[i + 1]; s++) {
			if (l->state_cost[s] < 0 || l->state_cost[s] > LAYOUT_COST_MAX)
				return false;
			most = MAX(most, l->state_cost[s]);
			for (int32_t k = 0; k < l->kind_count; k++) {
				int64_t room = l->state_room[s * l->kind_count + k];
				if (room < 0 || room > LAYOUT_UNITS_MAX)
					return false;
			}
		}
		cost += most;
		if (cost > (int64_t)1 << 60)
			return false;
	}
	for (int32_t j = 0; j < l->point_count; j++) {
		if (l->kind[j] < 0 || l->kind[j] >= l->kind_count || l->demand[j] < 0 ||
			l->demand[j] > LAYOUT_UNITS_MAX - units)
			return false;
		units += l->demand[j];
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++)
			if (l->arc_site[e] < 0 || l->arc_site[e] >= l->site_count ||
				l->arc_cost[e] < 0 || l->arc_cost[e] > l->unmet_cost)
				return false;
	}
	return true;
}

static uint64_t mix(uint64_t hash, int64_t v)
{
	return hash_i64(hash ^ (uint64_t)v) + 0x9E3779B97F4A7C15U;
}

static uint64_t look_of(const struct part *p)
{
	const struct layout *l = p->l;
	uint64_t h = mix(1, l->unmet_cost);

	for (int32_t i = 0; i < p->site_count; i++) {
		int32_t id = p->site_id[i];
		h = mix(mix(h, id), l->base_state[id] - l->first_state[id]);
		for (int32_t s = l->first_state[id]; s < l->first_state[id + 1]; s++) {
			h = mix(h, l->state_cost[s]);
			for (int32_t k = 0; k < l->kind_count; k++)
				h = mix(h, l->state_room[s * l->kind_count + k]);
		}
	}
	for (int32_t j = 0; j < p->point_count; j++) {
		int32_t id = p->point_id[j];
		h = mix(mix(mix(h, id), l->kind[id]), l->demand[id]);
		for (int32_t e = l->first_arc[id]; e < l->first_arc[id + 1]; e++)
			h = mix(mix(h, l->arc_site[e]), l->arc_cost[e]);
	}
	return h;
}

/* --- one part ------------------------------------------------------------------------------- */

/* The former answer's part looks the same: take it over. */
static void keep_part(
	const struct part *p, const struct layout_answer *former, struct layout_answer *out)
{
	const struct layout *l = p->l, *old = former->of;

	for (int32_t i = 0; i < p->site_count; i++) {
		int32_t id = p->site_id[i];
		out->state[id] = l->first_state[id] + former->state[id] - old->first_state[id];
		out->saving[id] = former->saving[id];
		out->more_unmet[id] = former->more_unmet[id];
	}
	for (int32_t j = 0; j < p->point_count; j++) {
		int32_t id = p->point_id[j];
		out->unmet[id] = former->unmet[id];
		out->prices[id] = former->prices[id];
		for (int32_t e = l->first_arc[id]; e < l->first_arc[id + 1]; e++)
			out->flow[e] = former->flow[old->first_arc[id] + e - l->first_arc[id]];
	}
	for (int32_t n = 0; n < former->row_count; n++)
		if (former->rows[n].points[0] == p->point_id[0])
			out->rows[out->row_count++] = former->rows[n];
	out->parts_kept++;
}

static void start_states(struct search *s, const struct layout_answer *former)
{
	const struct part *p = s->p;

	for (int32_t i = 0; i < p->site_count; i++) {
		int32_t id = p->site_id[i], count = p->first_state[i + 1] - p->first_state[i];
		int32_t at = p->l->base_state[id] - p->l->first_state[id];
		if (former && former->state[id] - former->of->first_state[id] < count)
			at = former->state[id] - former->of->first_state[id];
		s->state[i] = p->first_state[i] + at;
	}
}

/*
 * What each site that changes is worth: the cost with that one as it is now. False when one is
 * better off so; the search has then kept that plan.
 */
static bool value_changes(struct search *s, struct layout_answer *out)
{
	const struct part *p = s->p;
	const struct layout *l = p->l;
	double best = s->best_cost;
	int64_t unmet = 0;

	memcpy(s->state, s->best_state, (size_t)p->site_count * sizeof *s->state);
	(void)layout_search_cost(s);
	for (int32_t j = 0; j < p->point_count; j++)
		unmet += layout_search_left(s, j);
	for (int32_t i = 0; i < p->site_count; i++) {
		int32_t id = p->site_id[i], planned = s->best_state[i];
		int32_t base = p->first_state[i] + l->base_state[id] - l->first_state[id];
		out->saving[id] = out->more_unmet[id] = 0;
		if (base == planned)
			continue;
		s->state[i] = base;
		out->saving[id] = (int64_t)(layout_search_cost(s) - best);
		if (out->saving[id] < 0)
			return false;
		out->more_unmet[id] = -unmet;
		for (int32_t j = 0; j < p->point_count; j++)
			out->more_unmet[id] += layout_search_left(s, j);
		s->state[i] = planned;
	}
	return true;
}

static void take_answer(struct search *s, struct layout_answer *out)
{
	const struct part *p = s->p;

	while (!value_changes(s, out))
		continue;
	memcpy(s->state, s->best_state, (size_t)p->site_count * sizeof *s->state);
	(void)layout_search_cost(s);
	for (int32_t i = 0; i < p->site_count; i++)
		out->state[p->site_id[i]] = part_state_id(p, i, s->best_state[i]);
	for (int32_t e = 0; e < p->item_count; e++)
		out->flow[p->item_arc[e]] = layout_search_item(s, e);
	for (int32_t j = 0; j < p->point_count; j++) {
		out->unmet[p->point_id[j]] = layout_search_left(s, j);
		out->prices[p->point_id[j]] = llround(s->dual->price[j]);
	}
}

/* The row that the bound keeps, for the check. */
static void add_row(
	const struct part *p, int32_t kind, struct arena *mem, struct layout_answer *out)
{
	struct layout_row *r = &out->rows[out->row_count++];

	*r = (struct layout_row){kind, p->site_count, p->point_count,
		arena_array(mem, int32_t, p->site_count),
		arena_array(mem, int32_t, p->point_count)};
	memcpy(r->sites, p->site_id, (size_t)p->site_count * sizeof *r->sites);
	memcpy(r->points, p->point_id, (size_t)p->point_count * sizeof *r->points);
}

static void solve_part(const struct part *p, struct arena *mem, struct arena *scratch,
	const struct layout_limits *limits, const struct layout_answer *former,
	struct layout_answer *out)
{
	int rounds = limits->rounds > 0 ? limits->rounds : ROUNDS;
	/* One plan differs from the next by how fast the dive goes; the best counts. */
	static const int32_t dive_steps[] = {10, 20};
	struct search s;
	struct dual d;

	layout_dual_init(&d, scratch, p);
	if (layout_dual_keep_row(&d, scratch))
		add_row(p, d.row.kind, mem, out);
	layout_search_init(&s, scratch, p, &d, limits);
	start_states(&s, former);
	(void)layout_search_cost(&s);
	for (int32_t j = 0; j < p->point_count; j++)
		d.price[j] = former ? (double)former->prices[p->point_id[j]] : s.price[j];
	/* From a former answer few steps do; else climb, dive, climb to the better plan, improve.
	 */
	s.flows_max = former ? 2 * p->site_count + 100 : FLOWS_A_SITE * p->site_count + 200;
	layout_dual_climb(&d, scratch, limits, s.best_cost, limits->gap / 2,
		former ? rounds / 6 : rounds / 2);
	if (!former) {
		layout_search_dive(&s, scratch, dive_steps[0]);
		layout_dual_climb(&d, scratch, limits, s.best_cost, limits->gap / 2, rounds / 2);
		for (size_t n = 1; n < ARRAY_LEN(dive_steps); n++)
			if (d.bound < s.best_cost * (1 - limits->gap))
				layout_search_dive(&s, scratch, dive_steps[n]);
	} else {
		layout_search_repair(&s, scratch);
	}
	layout_search_improve(&s, scratch);
	take_answer(&s, out);
	out->flows += s.flows;
	out->is_cut_short |= s.is_cut_short;
}

void layout_solve(struct arena *mem, const struct layout *l, const struct layout_limits *limits,
	const struct layout_answer *former, struct layout_answer *out)
{
	struct arena *work = arena_create(), *scratch = arena_create();
	struct cutter c;

	assert(layout_fits(l));
	assert(!former || (former->of->site_count == l->site_count &&
				  former->of->point_count == l->point_count));
	*out = (struct layout_answer){.of = l,
		.state = arena_array(mem, int32_t, l->site_count),
		.flow = arena_array(mem, int64_t, l->first_arc[l->point_count]),
		.unmet = arena_array(mem, int64_t, l->point_count),
		.prices = arena_array(mem, int64_t, l->point_count),
		.saving = arena_array(mem, int64_t, l->site_count),
		.more_unmet = arena_array(mem, int64_t, l->site_count),
		.part = arena_array(mem, uint64_t, l->point_count)};
	layout_cut(&c, work, l);
	for (int32_t j = 0; j < l->point_count; j++)
		if (c.of_point[j] < 0) {
			out->unmet[j] = l->demand[j];
			out->prices[j] = l->unmet_cost;
		}
	for (int32_t i = 0; i < l->site_count; i++) {
		/* Of the sites where nobody comes: the cheapest state. */
		out->state[i] = l->base_state[i];
		for (int32_t s = l->first_state[i]; c.of_site[i] < 0 && s < l->first_state[i + 1];
			s++)
			if (l->state_cost[s] < l->state_cost[out->state[i]])
				out->state[i] = s;
		out->saving[i] = l->state_cost[l->base_state[i]] - l->state_cost[out->state[i]];
	}
	out->part_count = c.count;
	out->rows = arena_array(mem, struct layout_row, c.count);
	for (int32_t number = 0; number < c.count; number++) {
		struct part p;
		uint64_t look;
		layout_take_part(&c, scratch, l, number, &p);
		look = look_of(&p);
		for (int32_t j = 0; j < p.point_count; j++)
			out->part[p.point_id[j]] = look;
		if (former && former->part[p.point_id[0]] == look)
			keep_part(&p, former, out);
		else
			solve_part(&p, mem, scratch, limits, former, out);
		arena_reset(scratch);
	}
	arena_free(scratch);
	arena_free(work);
}
