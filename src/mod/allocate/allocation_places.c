/* Places as a plan's result: figures of today and then, actions, points, who goes elsewhere. */
#include "mod/allocate/allocation_internal.h"
#include "mod/allocate/places.h"

#include <math.h>

struct work {
	struct allocation *a;
	struct places_data data;
	struct places_model model, now_model;
	struct places_plan plan, now;
	struct strmap counties; /* code -> its place among them */
	int32_t *county_of_site, *county_of_home;
};

static int64_t room_of(const struct layout *l, int32_t state, int32_t kind)
{
	return l->state_room[state * l->kind_count + kind];
}

static enum err load(struct work *w)
{
	static const struct allocation_column columns[] = {
		{"type", offsetof(struct allocation_change, type)},
		{"code", offsetof(struct allocation_change, code)},
		{"stage", offsetof(struct allocation_change, stage)},
		{"value", offsetof(struct allocation_change, value)}};
	struct allocation *a = w->a;
	struct table_reader *table;

	TRY(allocation_read(a, "communities"));
	TRY(allocation_read(a, "community_children"));
	TRY(allocation_read(a, "school_sites"));
	TRY(allocation_read(a, "site_places"));
	TRY(places_load(a->cx, &a->ds, &w->data));
	if (a->request->changes.count) {
		TRY(allocation_changes(a, columns, ARRAY_LEN(columns), &table));
		TRY(places_change(
			a->cx, table, TR(a->cx, "假设的变化", "supposed changes"), &w->data));
	}
	return places_build(a->cx, &w->data, &w->model);
}

static int by_code(const void *a, const void *b)
{
	return str_cmp(
		((const struct strmap_entry *)a)->key, ((const struct strmap_entry *)b)->key);
}

static void find_counties(struct work *w)
{
	struct arena *mem = w->a->cx->mem;
	const struct places_data *d = &w->data;
	struct strmap seen;

	strmap_init(&seen, mem);
	for (int32_t i = 0; i < d->site_count; i++)
		(void)strmap_put(&seen, d->sites[i].county, NULL);
	for (int32_t c = 0; c < d->community_count; c++)
		(void)strmap_put(&seen, d->communities[c].county, NULL);
	qsort(seen.entries, seen.count, sizeof *seen.entries, by_code);
	strmap_init(&w->counties, mem);
	for (size_t i = 0; i < seen.count; i++)
		*strmap_put(&w->counties, seen.entries[i].key, NULL) = (int64_t)i;
	w->county_of_site = arena_array(mem, int32_t, d->site_count);
	w->county_of_home = arena_array(mem, int32_t, d->community_count);
	for (int32_t i = 0; i < d->site_count; i++)
		w->county_of_site[i] = (int32_t)*strmap_find(&w->counties, d->sites[i].county);
	for (int32_t c = 0; c < d->community_count; c++)
		w->county_of_home[c] =
			(int32_t)*strmap_find(&w->counties, d->communities[c].county);
}

/* ---- figures ---- */

struct sums {
	double children, sites, places, unmet, km, longest;
};

/* [county * kinds + kind] */
static void add_up(const struct work *w, const struct places_plan *plan, struct sums *out)
{
	const struct places_data *d = &w->data;
	const struct layout *l = &plan->model->layout;

	for (int32_t i = 0; i < l->site_count; i++)
		for (int32_t k = 0; k < l->kind_count; k++) {
			int64_t room = room_of(l, plan->answer.state[i], k);
			struct sums *s = &out[w->county_of_site[i] * l->kind_count + k];
			s->places += (double)room;
			s->sites += room > 0;
		}
	for (int32_t j = 0; j < l->point_count; j++) {
		int32_t k = l->kind[j];
		struct sums *s = &out[w->county_of_home[j / l->kind_count] * l->kind_count + k];
		s->children += (double)l->demand[j];
		s->unmet += (double)plan->answer.unmet[j];
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++) {
			double km = plan->model->km[e];
			if (plan->answer.flow[e] == 0)
				continue;
			s->km += (double)plan->answer.flow[e] * km;
			s->longest = fmax(s->longest, places_minutes(d, k, km));
		}
	}
}

static void add_figure(struct work *w, struct str county, int32_t kind, const char *figure,
	double before, double after, double limit)
{
	*VEC_PUSH(w->a->cx->mem, &w->a->out->figures) = (struct allocation_figure){.county = county,
		.stage = w->data.kinds[kind].stage,
		.figure = figure,
		.before = before,
		.after = after,
		.limit = limit};
}

static double mean_km(const struct sums *s)
{
	double served = s->children - s->unmet;

	return served > 0 ? s->km / served : (double)NAN;
}

static void add_figures(struct work *w)
{
	size_t cells = w->counties.count * (size_t)w->data.kind_count;
	struct sums *before = arena_array(w->a->cx->mem, struct sums, cells);
	struct sums *after = arena_array(w->a->cx->mem, struct sums, cells);

	add_up(w, &w->now, before);
	add_up(w, &w->plan, after);
	for (size_t c = 0; c < w->counties.count; c++)
		for (int32_t k = 0; k < w->data.kind_count; k++) {
			size_t at = c * (size_t)w->data.kind_count + (size_t)k;
			const struct sums *b = &before[at], *n = &after[at];
			struct str county = w->counties.entries[c].key;
			add_figure(w, county, k, "children", b->children, n->children, (double)NAN);
			add_figure(w, county, k, "unmet", b->unmet, n->unmet, 0);
			add_figure(w, county, k, "places", b->places, n->places, (double)NAN);
			add_figure(w, county, k, "sites", b->sites, n->sites, (double)NAN);
			add_figure(w, county, k, "km", mean_km(b), mean_km(n), (double)NAN);
			add_figure(w, county, k, "minutes_longest", b->longest, n->longest,
				w->data.kinds[k].minutes_max);
		}
}

/* ---- rows and points ---- */

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
			int64_t from = room_of(l, now, k), to = room_of(l, then, k);
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

static void add_sites(struct work *w)
{
	const struct places_data *d = &w->data;
	const struct layout *l = &w->model.layout;

	for (int32_t i = 0; i < d->site_count; i++) {
		int32_t then = w->plan.answer.state[i];
		enum places_action action = w->model.states[then].action;
		int64_t size = 0;
		for (int32_t k = 0; k < d->kind_count; k++)
			size += MAX(room_of(l, then, k), room_of(l, l->base_state[i], k));
		*VEC_PUSH(w->a->cx->mem, &w->a->out->points) =
			(struct allocation_point){.code = d->sites[i].code,
				.name = d->sites[i].name,
				.county = d->sites[i].county,
				.what = "site",
				.action = action == PLACES_KEEP && !d->sites[i].is_open
						  ? "none"
						  : places_action_names[action],
				.lon = d->sites[i].lon,
				.lat = d->sites[i].lat,
				.size = size};
	}
}

/* The site that takes most of the point's units more than today, and the one that takes most
 * less; -1: none. */
static int64_t shift_of(const struct work *w, int32_t j, int32_t *from, int32_t *to, double *km)
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
			*km = w->model.km[e];
		}
		if (by < less) {
			less = by;
			*from = l->arc_site[e];
		}
	}
	return sum;
}

static void add_home(struct work *w, int32_t c, bool is_moved, int64_t unmet, int64_t children)
{
	const struct places_community *home = &w->data.communities[c];

	*VEC_PUSH(w->a->cx->mem, &w->a->out->points) = (struct allocation_point){.code = home->code,
		.name = home->name,
		.county = home->county,
		.what = "home",
		.action = unmet > 0  ? "short"
			  : is_moved ? "moved"
				     : "same",
		.lon = home->lon,
		.lat = home->lat,
		.size = children};
}

static void add_shift(
	struct work *w, int32_t j, int32_t from, int32_t to, int64_t people, double km)
{
	const struct places_data *d = &w->data;
	const struct layout *l = &w->model.layout;
	const struct places_community *home = &d->communities[j / l->kind_count];

	*VEC_PUSH(w->a->cx->mem, &w->a->out->shifts) = (struct allocation_shift){.code = home->code,
		.name = home->name,
		.county = home->county,
		.stage = d->kinds[l->kind[j]].stage,
		.from = from < 0 ? STR_NONE : d->sites[from].code,
		.from_name = from < 0 ? STR_NONE : d->sites[from].name,
		.to = to < 0 ? STR_NONE : d->sites[to].code,
		.to_name = to < 0 ? STR_NONE : d->sites[to].name,
		.people = people,
		.minutes = to < 0 ? (double)NAN : places_minutes(d, l->kind[j], km)};
}

static void add_homes(struct work *w)
{
	const struct layout *l = &w->model.layout;

	for (int32_t c = 0; c < w->data.community_count; c++) {
		int64_t unmet = 0, children = 0;
		bool is_moved = false;
		for (int32_t k = 0; k < l->kind_count; k++) {
			int32_t j = c * l->kind_count + k, from, to;
			double km = 0;
			int64_t people = shift_of(w, j, &from, &to, &km);
			children += l->demand[j];
			unmet += w->plan.answer.unmet[j];
			is_moved |= people > 0;
			if (people > 0)
				add_shift(w, j, from, to, people, km);
			if (w->plan.answer.unmet[j] > 0)
				add_shift(w, j, -1, -1, w->plan.answer.unmet[j], 0);
		}
		add_home(w, c, is_moved, unmet, children);
	}
}

enum err allocation_places(struct allocation *a)
{
	struct work *w = arena_new(a->cx->mem, struct work);
	struct places_until until = {0};
	const struct layout_verdict *v = &w->plan.verdict;

	w->a = a;
	if (a->until)
		until = (struct places_until){a->until->is_over, a->until->arg};
	TRY(load(w));
	TRY(places_as_is(a->cx, &w->model, &w->now_model, &w->now));
	TRY(places_solve(a->cx, &w->model, a->until ? &until : NULL, NULL, &w->plan));
	find_counties(w);
	a->out->unit = "yuan_a_year";
	a->out->cost = v->cost;
	a->out->cost_before = w->now.verdict.cost;
	a->out->bound = v->bound;
	a->out->gap = v->cost > 0 ? (double)(v->cost - v->bound) / (double)v->cost : 0;
	a->out->seconds = w->plan.seconds;
	a->out->problem = places_shortages(a->cx, &w->plan);
	a->out->is_whole = a->out->problem.n == 0;
	add_figures(w);
	add_rows(w);
	add_sites(w);
	add_homes(w);
	return ERR_OK;
}
