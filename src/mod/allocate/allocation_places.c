/* Places as a plan's result: figures of today and then, actions, points, who goes elsewhere. */
#include "mod/allocate/allocation_places_tell.h"
#include "mod/allocate/places_add.h"

struct work {
	struct allocation *a;
	struct places_teller teller;
	struct places_data data;
	struct places_model model, now_model;
	struct places_plan plan, now;
	struct places_addition addition;
};

static void add_rows(struct work *w)
{
	struct ctx *cx = w->a->cx;
	const struct places_data *d = &w->data;
	const struct layout *l = &w->model.layout;

	for (int32_t i = 0; i < d->site_count; i++) {
		int32_t then = w->plan.answer.state[i], now = l->base_state[i];
		const struct places_state *state = &w->model.states[then];
		struct str reason = places_reason(cx, &w->plan, i);
		for (int32_t k = 0; k < d->kind_count && reason.n > 0; k++) {
			int64_t from = places_room(l, now, k), to = places_room(l, then, k);
			if (from == to && !(from > 0 && then == now))
				continue;
			*VEC_PUSH(cx->mem, &w->a->out->rows) = (struct allocation_row){
				.county = d->sites[i].county,
				.item = d->sites[i].code,
				.name = d->sites[i].name,
				.action = places_action_names[state->action],
				.stage = d->kinds[k].stage,
				.from = allocation_whole(cx->mem, from),
				.to = allocation_whole(cx->mem, to),
				.once = allocation_money(cx->mem, state->once),
				.saving = allocation_money(cx->mem, w->plan.answer.saving[i]),
				.reason = reason,
				.is_proposed = state->action != PLACES_KEEP};
		}
	}
}

/* The site that takes most of the point's units more than today, and the one that takes most
 * less; -1: none. */
static int64_t shift_of(const struct work *w, int32_t j, int32_t *from, int32_t *to)
{
	const struct layout *l = &w->model.layout;
	int64_t less = 0, more = 0, sum = 0;

	*from = *to = -1;
	for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++) {
		int64_t by = w->plan.answer.flow[e] - w->now.answer.flow[e];
		sum += MAX(by, 0);
		if (by > more) {
			more = by;
			*to = l->arc_site[e];
		}
		if (by < less) {
			less = by;
			*from = l->arc_site[e];
		}
	}
	return sum;
}

static void add_homes(struct work *w)
{
	const struct layout *l = &w->model.layout;
	const int64_t *taken = places_tell_taken(&w->teller, &w->plan);

	for (int32_t c = 0; c < w->data.community_count; c++) {
		int64_t unmet = 0, children = 0;
		bool is_moved = false;
		for (int32_t k = 0; k < l->kind_count; k++) {
			int32_t j = c * l->kind_count + k, from, to;
			int64_t people = shift_of(w, j, &from, &to);
			struct places_change_of change = {.before = &w->now,
				.after = &w->plan,
				.taken = taken,
				.point = j,
				.from = from,
				.to = to,
				.people = people};
			children += l->demand[j];
			unmet += w->plan.answer.unmet[j];
			is_moved |= people > 0;
			if (people > 0)
				places_tell_shift(&w->teller, &change);
			change.from = change.to = -1;
			change.people = w->plan.answer.unmet[j];
			if (change.people > 0)
				places_tell_shift(&w->teller, &change);
		}
		places_tell_home(&w->teller, c, is_moved, unmet, children);
	}
}

static enum err solve(struct work *w)
{
	const struct allocation_until *asked = w->a->until;
	struct places_until until = {0};
	const struct allocation_addition *more = w->a->request->additions.items;

	if (asked)
		until = (struct places_until){asked->is_over, asked->told, asked->arg};
	TRY(places_as_is(w->a->cx, &w->model, &w->now_model, &w->now));
	TRY(places_solve(w->a->cx, &w->model, asked ? &until : NULL, NULL, &w->plan));
	if (!w->a->request->additions.count)
		return ERR_OK;
	TRY(places_add(w->a->cx, &w->plan, more->stage, more->places, asked ? &until : NULL,
		&w->addition));
	w->plan = w->addition.plan;
	return ERR_OK;
}

enum err allocation_places(struct allocation *a)
{
	struct work *w = arena_new(a->cx->mem, struct work);
	const struct layout_verdict *v = &w->plan.verdict;

	if (a->request->years)
		return allocation_places_years(a);
	w->a = a;
	TRY(allocation_load_places(a, &w->data));
	TRY(places_build(a->cx, &w->data, &w->model));
	TRY(solve(w));
	places_tell_begin(&w->teller, a, &w->data);
	a->out->unit = "yuan_a_year";
	a->out->cost = v->cost;
	a->out->cost_before = w->now.verdict.cost;
	a->out->bound = v->bound;
	a->out->gap = v->cost > 0 ? (double)(v->cost - v->bound) / (double)v->cost : 0;
	a->out->seconds = w->plan.seconds;
	a->out->problem = places_shortages(a->cx, &w->plan);
	a->out->is_whole = a->out->problem.n == 0;
	places_tell_figures(&w->teller, &w->now, &w->plan);
	add_rows(w);
	places_tell_sites(&w->teller, &w->plan);
	add_homes(w);
	return ERR_OK;
}
