/* Solving a horizon's parts one after the other, and putting the answers together. */
#include "engine/layout/horizon_impl.h"

#include <math.h>

/* Rounds of the climb, tries of the search. A part of few sites has a rougher bound, which takes
 * more rounds, and each costs little there. */
#define ROUNDS       500
#define ROUNDS_SITES 20000
#define TRIES_A_SITE 12
#define TRIES        2000
#define DIVE_STEPS   10

static bool moves_fit(const struct horizon *h)
{
	const struct layout *l = h->years;

	for (int32_t i = 0; i < l->site_count; i++) {
		int32_t count = l->first_state[i + 1] - l->first_state[i];
		if (count > HORIZON_STATES_MAX ||
			h->first_move[i + 1] - h->first_move[i] != count * count)
			return false;
	}
	for (int32_t m = 0; m < h->first_move[l->site_count]; m++)
		if (h->move_year[m] < 0 || h->move_cost[m] < 0 || h->move_cost[m] > LAYOUT_COST_MAX)
			return false;
	for (int32_t t = 0; t < h->year_count; t++)
		if (h->move_weight[t] < 0 || h->move_weight[t] > HORIZON_WEIGHT_MAX)
			return false;
	return true;
}

/* What everything could cost at most stays far from the end of 64 bits. */
static bool sums_fit(const struct horizon *h)
{
	i128 sum = 0;

	for (int32_t t = 0; t < h->year_count; t++) {
		const struct layout *l = &h->years[t];
		for (int32_t j = 0; j < l->point_count; j++)
			sum += (i128)l->demand[j] * l->unmet_cost;
		for (int32_t i = 0; i < l->site_count; i++) {
			int64_t most = 0;
			for (int32_t s = l->first_state[i]; s < l->first_state[i + 1]; s++)
				most = MAX(most, l->state_cost[s]);
			sum += most;
			most = 0;
			for (int32_t m = h->first_move[i]; m < h->first_move[i + 1]; m++)
				most = MAX(most, h->move_cost[m]);
			sum += (i128)most * h->move_weight[t] / HORIZON_WEIGHT_UNITS;
		}
	}
	return sum < (i128)1 << 61;
}

bool horizon_fits(const struct horizon *h)
{
	if (h->year_count < 1 || h->year_count > HORIZON_YEARS_MAX)
		return false;
	for (int32_t t = 0; t < h->year_count; t++) {
		const struct layout *l = &h->years[t];
		if (!layout_fits(l) || l->site_count != h->years->site_count ||
			l->point_count != h->years->point_count ||
			l->kind_count != h->years->kind_count ||
			l->first_state != h->years->first_state ||
			l->state_room != h->years->state_room ||
			l->base_state != h->years->base_state || l->kind != h->years->kind ||
			l->first_arc != h->years->first_arc || l->arc_site != h->years->arc_site)
			return false;
	}
	return moves_fit(h) && sums_fit(h);
}

static int32_t base_of(const struct part *p, int32_t site)
{
	int32_t id = p->site_id[site];

	return p->first_state[site] + p->l->base_state[id] - p->l->first_state[id];
}

/* As layout.c: what each site that changes is worth; false when one is better off unchanged. */
static bool value_changes(struct walk *w, struct horizon_answer *out)
{
	const struct span *s = w->span;
	const struct part *p = &s->part[0];
	size_t cells = (size_t)s->years * (size_t)p->site_count;
	double best = w->best_cost;
	int64_t unmet;

	memcpy(w->state, w->best, cells * sizeof *w->state);
	(void)horizon_walk_cost(w);
	unmet = horizon_walk_left(w);
	for (int32_t i = 0; i < p->site_count; i++) {
		int32_t id = p->site_id[i], base = base_of(p, i);
		bool is_changed = false;
		out->saving[id] = out->more_unmet[id] = 0;
		for (int32_t t = 0; t < s->years; t++) {
			is_changed |= w->best[t * p->site_count + i] != base;
			w->state[t * p->site_count + i] = base;
		}
		if (!is_changed)
			continue;
		out->saving[id] = (int64_t)(horizon_walk_cost(w) - best);
		if (out->saving[id] < 0)
			return false;
		out->more_unmet[id] = horizon_walk_left(w) - unmet;
		for (int32_t t = 0; t < s->years; t++)
			w->state[t * p->site_count + i] = w->best[t * p->site_count + i];
	}
	return true;
}

static void take_answer(struct walk *w, struct horizon_answer *out)
{
	const struct span *s = w->span;
	const struct layout *l = s->h->years;
	const struct part *p = &s->part[0];
	int32_t arcs = l->first_arc[l->point_count];

	while (!value_changes(w, out))
		continue;
	memcpy(w->state, w->best, (size_t)(s->years * p->site_count) * sizeof *w->state);
	(void)horizon_walk_cost(w);
	for (int32_t t = 0; t < s->years; t++) {
		for (int32_t i = 0; i < p->site_count; i++)
			out->state[t * l->site_count + p->site_id[i]] =
				part_state_id(p, i, w->best[t * p->site_count + i]);
		for (int32_t e = 0; e < p->item_count; e++)
			out->flow[t * arcs + p->item_arc[e]] = layout_search_item(&w->search[t], e);
		for (int32_t j = 0; j < p->point_count; j++) {
			int32_t at = t * l->point_count + p->point_id[j];
			out->unmet[at] = layout_search_left(&w->search[t], j);
			out->prices[at] = llround(s->price[t * s->points + j]);
		}
	}
	out->is_cut_short |= w->is_cut_short;
}

static void solve_part(const struct horizon *h, struct cutter *c, int32_t number,
	struct arena *scratch, const struct layout_limits *limits, struct horizon_answer *out)
{
	int rounds = limits->rounds;
	struct span s;
	struct walk w;

	horizon_span_init(&s, scratch, h, c, number);
	if (rounds <= 0)
		rounds = MAX(ROUNDS, ROUNDS_SITES / MAX(s.part[0].site_count, 1));
	horizon_walk_init(&w, scratch, &s, limits);
	for (int32_t t = 0; t < s.years; t++)
		for (int32_t i = 0; i < s.part[0].site_count; i++)
			w.state[t * s.part[0].site_count + i] = base_of(&s.part[0], i);
	w.tries_max = MAX(TRIES_A_SITE * s.part[0].site_count, TRIES);
	(void)horizon_walk_cost(&w);
	memcpy(s.price, w.price, (size_t)(s.years * s.points) * sizeof *s.price);
	horizon_span_climb(&s, scratch, limits, w.best_cost, limits->gap / 2, rounds / 2);
	horizon_walk_dive(&w, scratch, DIVE_STEPS);
	/* Where much was left at first its prices were too high to climb from: those of the plan.
	 */
	if (s.bound < w.best_cost * 0.9) {
		memcpy(w.state, w.best, (size_t)(s.years * s.part[0].site_count) * sizeof *w.state);
		(void)horizon_walk_cost(&w);
		memcpy(s.price, w.price, (size_t)(s.years * s.points) * sizeof *s.price);
	}
	horizon_span_climb(&s, scratch, limits, w.best_cost, limits->gap / 2, rounds / 2);
	if (s.bound < w.best_cost * (1 - limits->gap))
		horizon_walk_dive(&w, scratch, 2 * DIVE_STEPS);
	horizon_walk_improve(&w, scratch);
	take_answer(&w, out);
}

/* Sites where nobody ever comes: the cheapest path. */
static void settle_idle(const struct horizon *h, const struct cutter *c, struct horizon_answer *out)
{
	const struct layout *l = h->years;

	for (int32_t i = 0; i < l->site_count; i++) {
		int64_t least = 0;
		int32_t to = l->base_state[i], when = 0;
		if (c->of_site[i] >= 0)
			continue;
		/* Leave at once or in some year for a state that is cheaper from then on. */
		for (int32_t s = l->first_state[i]; s < l->first_state[i + 1]; s++)
			for (int32_t t = 0; t < h->year_count && s != l->base_state[i]; t++) {
				int32_t m = horizon_move(h, i, l->base_state[i], s);
				int64_t change;
				if (h->move_year[m] > t)
					continue;
				change = horizon_move_cost(h, t, m);
				for (int32_t u = t; u < h->year_count; u++)
					change += h->years[u].state_cost[s] -
						  h->years[u].state_cost[l->base_state[i]];
				if (change < least) {
					least = change;
					to = s;
					when = t;
				}
			}
		for (int32_t t = 0; t < h->year_count; t++)
			out->state[t * l->site_count + i] = t < when ? l->base_state[i] : to;
		out->saving[i] = -least;
	}
}

void horizon_solve(struct arena *mem, const struct horizon *h, const struct layout_limits *limits,
	struct horizon_answer *out)
{
	struct arena *work = arena_create(), *scratch = arena_create();
	const struct layout *l = h->years;
	size_t years = (size_t)h->year_count;
	struct cutter c;

	assert(horizon_fits(h));
	*out = (struct horizon_answer){.of = h,
		.state = arena_array(mem, int32_t, years * (size_t)l->site_count),
		.flow = arena_array(mem, int64_t, years * (size_t)l->first_arc[l->point_count]),
		.unmet = arena_array(mem, int64_t, years * (size_t)l->point_count),
		.prices = arena_array(mem, int64_t, years * (size_t)l->point_count),
		.saving = arena_array(mem, int64_t, l->site_count),
		.more_unmet = arena_array(mem, int64_t, l->site_count)};
	layout_cut(&c, work, l);
	for (int32_t t = 0; t < h->year_count; t++)
		for (int32_t j = 0; j < l->point_count; j++)
			if (c.of_point[j] < 0) {
				out->unmet[t * l->point_count + j] = h->years[t].demand[j];
				out->prices[t * l->point_count + j] = h->years[t].unmet_cost;
			}
	settle_idle(h, &c, out);
	out->part_count = c.count;
	for (int32_t number = 0; number < c.count; number++) {
		solve_part(h, &c, number, scratch, limits, out);
		arena_reset(scratch);
	}
	arena_free(scratch);
	arena_free(work);
}
