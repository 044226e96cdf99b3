/*
 * Places over years as a plan's result: what each site does in which year, how each year stands,
 * and which communities' children go to another school in which year, and why.
 */
#include "mod/allocate/allocation_places_tell.h"
#include "mod/allocate/places_path.h"

struct work {
	struct allocation *a;
	struct places_teller teller;
	struct places_data data;
	struct forecast_data forecast;
	struct forecast_scenario scenario;
	struct places_demand demand;
	struct places_path path;
	struct places_model model, now_model; /* of today's children */
	struct places_plan now;
	struct places_model *models; /* [year] */
	struct places_plan *plans;   /* [year]: state, flow and unmet only */
};

/* Each year as a plan of its own, on the path's arrays. */
static void view_years(struct work *w)
{
	const struct horizon_answer *answer = &w->path.answer;
	struct arena *mem = w->a->cx->mem;

	w->models = arena_array(mem, struct places_model, w->demand.count);
	w->plans = arena_array(mem, struct places_plan, w->demand.count);
	for (int32_t t = 0; t < w->demand.count; t++) {
		const struct layout *l = &w->path.horizon.years[t];
		w->models[t] = w->path.model;
		w->models[t].layout = *l;
		w->plans[t] = (struct places_plan){.model = &w->models[t],
			.answer = {.of = &w->models[t].layout,
				.state = answer->state + t * l->site_count,
				.flow = answer->flow + t * l->first_arc[l->point_count],
				.unmet = answer->unmet + t * l->point_count}};
	}
}

static enum err solve(struct work *w)
{
	const struct allocation_until *asked = w->a->until;
	struct places_until until = {0};
	struct allocation *a = w->a;

	if (asked)
		until = (struct places_until){asked->is_over, asked->told, asked->arg};
	TRY(allocation_load_places(a, &w->data));
	TRY(allocation_load_forecast(a, &w->forecast));
	TRY(allocation_take_scenario(a, &w->forecast, &w->scenario));
	TRY(places_forecast(a->cx, &w->data, a->ds.pack, &w->forecast, &w->scenario,
		(int32_t)a->request->years, &w->demand));
	TRY(places_build(a->cx, &w->data, &w->model));
	TRY(places_as_is(a->cx, &w->model, &w->now_model, &w->now));
	TRY(places_path_solve(
		a->cx, &w->data, a->ds.pack, &w->demand, asked ? &until : NULL, &w->path));
	view_years(w);
	return places_path_as_is(a->cx, &w->path, &a->out->cost_before);
}

/* ---- rows to be decided on, and steps ---- */

static void add_rows(struct work *w)
{
	struct proposal_row *rows;
	size_t count = places_path_rows(w->a->cx, &w->path, &rows);

	for (size_t i = 0; i < count; i++)
		(void)allocation_propose(w->a, &rows[i]);
}

static void add_step(struct work *w, const struct places_step *s, int32_t kind, bool is_first)
{
	const struct layout *l = w->path.horizon.years;
	const struct places_site *sites = w->data.sites;
	struct ctx *cx = w->a->cx;
	bool is_merger = places_step_is_merger(s);

	*VEC_PUSH(cx->mem, &w->a->out->steps) =
		(struct allocation_step){.county = sites[s->site].county,
			.item = sites[s->site].code,
			.name = sites[s->site].name,
			.year = w->demand.first_year + s->year,
			.action = places_step_action(s),
			.stage = w->data.kinds[kind].stage,
			.from = allocation_whole(cx->mem, places_room(l, s->from, kind)),
			.to = allocation_whole(cx->mem, places_room(l, s->to, kind)),
			.into = is_merger ? sites[s->into].code : STR_NONE,
			.into_name = is_merger ? sites[s->into].name : STR_NONE,
			/* The step's money stands on its first stage, so that sums are right. */
			.once = is_first ? allocation_money(cx->mem, s->once) : STR_NONE,
			.reason = places_path_reason(cx, &w->path, s)};
}

static void add_steps(struct work *w)
{
	struct places_step *steps;
	size_t count = places_path_steps(w->a->cx, &w->path, &steps);

	for (size_t n = 0; n < count; n++) {
		bool is_first = true;
		for (int32_t k = 0; k < w->data.kind_count; k++) {
			if (!places_step_concerns(&w->path, &steps[n], k))
				continue;
			add_step(w, &steps[n], k, is_first);
			is_first = false;
		}
	}
}

/* ---- years ---- */

static void add_year(
	struct work *w, size_t county, int32_t kind, int32_t year, const struct places_sums *s)
{
	const struct {
		const char *figure;
		double value;
	} figures[] = {{"children", s->children}, {"places", s->places}, {"sites", s->sites},
		{"unmet", s->unmet}, {"km", places_mean_km(s)}};

	for (size_t i = 0; i < ARRAY_LEN(figures); i++)
		*VEC_PUSH(w->a->cx->mem, &w->a->out->years) =
			(struct allocation_year){.county = w->teller.counties.entries[county].key,
				.stage = w->data.kinds[kind].stage,
				.year = w->demand.first_year + year,
				.figure = figures[i].figure,
				.value = figures[i].value};
}

static void add_years(struct work *w)
{
	for (int32_t t = 0; t < w->demand.count; t++) {
		const struct places_sums *sums = places_tell_sums(&w->teller, &w->plans[t]);
		for (size_t c = 0; c < w->teller.counties.count; c++)
			for (int32_t k = 0; k < w->data.kind_count; k++)
				add_year(w, c, k, t,
					&sums[c * (size_t)w->data.kind_count + (size_t)k]);
	}
}

/* ---- communities ---- */

/* The site that takes most of the point's children, and how many; -1: nobody does. */
static int32_t main_site(const struct places_plan *plan, int32_t j, int64_t *out_people)
{
	const struct layout *l = &plan->model->layout;
	int32_t site = -1;

	*out_people = 0;
	for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++)
		if (plan->answer.flow[e] > *out_people) {
			*out_people = plan->answer.flow[e];
			site = l->arc_site[e];
		}
	return site;
}

/* One community and stage through the years; true: most of it goes elsewhere some time. */
static bool add_shifts(struct work *w, int32_t j, int64_t *const *taken, int64_t *last_unmet)
{
	int64_t people, unmet = w->now.answer.unmet[j];
	int32_t was = main_site(&w->now, j, &people);
	bool is_moved = false;

	for (int32_t t = 0; t < w->demand.count; t++) {
		int32_t is = main_site(&w->plans[t], j, &people);
		struct places_change_of change = {.before = t ? &w->plans[t - 1] : &w->now,
			.after = &w->plans[t],
			.taken = taken[t],
			.point = j,
			.from = was,
			.to = is,
			.people = people,
			.year = w->demand.first_year + t};
		if (is >= 0 && is != was) {
			places_tell_shift(&w->teller, &change);
			is_moved = true;
		}
		change.to = -1;
		change.people = w->plans[t].answer.unmet[j];
		if (change.people > 0 && (t == 0 || unmet == 0))
			places_tell_shift(&w->teller, &change);
		unmet = w->plans[t].answer.unmet[j];
		was = is >= 0 ? is : was; /* a year without children changes nothing */
	}
	*last_unmet += unmet;
	return is_moved;
}

static void add_homes(struct work *w)
{
	int32_t kinds = w->data.kind_count;
	const struct layout *last = &w->models[w->demand.count - 1].layout;
	int64_t **taken = arena_array(w->a->cx->mem, int64_t *, w->demand.count);

	for (int32_t t = 0; t < w->demand.count; t++)
		taken[t] = places_tell_taken(&w->teller, &w->plans[t]);
	for (int32_t c = 0; c < w->data.community_count; c++) {
		int64_t unmet = 0, children = 0;
		bool is_moved = false;
		for (int32_t k = 0; k < kinds; k++) {
			children += last->demand[c * kinds + k];
			is_moved |= add_shifts(w, c * kinds + k, taken, &unmet);
		}
		places_tell_home(&w->teller, c, is_moved, unmet, children);
	}
}

enum err allocation_places_years(struct allocation *a)
{
	struct work *w = arena_new(a->cx->mem, struct work);
	const struct horizon_verdict *v = &w->path.verdict;

	w->a = a;
	TRY(solve(w));
	places_tell_begin(&w->teller, a, &w->data);
	a->out->unit = "yuan_of_today";
	a->out->cost = v->cost;
	a->out->bound = v->bound;
	a->out->gap = v->cost > 0 ? (double)(v->cost - v->bound) / (double)v->cost : 0;
	a->out->seconds = w->path.seconds;
	a->out->problem = places_path_shortages(a->cx, &w->path);
	a->out->is_whole = a->out->problem.n == 0;
	places_tell_figures(&w->teller, &w->now, &w->plans[w->demand.count - 1]);
	add_rows(w);
	add_steps(w);
	add_years(w);
	places_tell_sites(&w->teller, &w->plans[w->demand.count - 1]);
	add_homes(w);
	return ERR_OK;
}
