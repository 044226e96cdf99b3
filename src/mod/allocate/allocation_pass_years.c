/*
 * The path to pass over years as a plan's result: what is bought for which school in which year at
 * today's prices, and how each year stands before that. A row for each school and measure is what
 * is decided on; steps say when.
 */
#include "mod/allocate/allocation_pass_asked.h"
#include "mod/allocate/pass_years.h"
#include "mod/allocate/rows.h"

#include <math.h>

/* Each year is solved for buying late, for buying early, and alone. */
#define SOLVES_A_YEAR 3

struct work {
	struct allocation *a;
	struct pass_asked asked;
	struct pass_years_options options;
	struct forecast_data forecast;
	struct strmap rows; /* school and measure -> place in the result's rows */
	int64_t solved, solves;
};

static void begin(void *arg)
{
	struct work *w = arg;

	allocation_told(w->a, MIN(w->solved, w->solves), w->solves);
	w->solved++;
	pass_asked_begin(&w->asked);
}

static enum err read_options(struct work *w)
{
	const struct allocation_request *r = w->a->request;
	int64_t discount, growth = 0;

	TRY(allocate_number(w->a->cx, w->a->ds.pack, "places.discount", STR_NONE, &discount));
	if (r->growth && parse_dec(r->growth->text, 6, &growth) != NUM_OK)
		return ctx_fail(w->a->cx, ERR_INVALID, "%s",
			TR(w->a->cx, "单价上涨应为百分数", "growth should be a percentage"));
	w->options = (struct pass_years_options){.years = (int32_t)r->years,
		.growth = (double)growth / 1e8,
		.discount = (double)discount / 1e8,
		.forecast = &w->forecast,
		.pass = &w->asked.options,
		.begin = begin,
		.begin_arg = w};
	return ERR_OK;
}

/* ---- what is bought ---- */

struct raise {
	const struct pass_year *year;
	size_t unit, measure;
	int64_t by, once; /* once: thousandths */
};

static void add_step(struct work *w, const struct raise *r, struct str reason)
{
	const struct requirements *q = &r->year->plan.needs;
	const struct required_measure *m = &q->measures[r->measure];
	int64_t from = q->totals[r->unit * q->measure_count + r->measure];
	struct arena *mem = w->a->cx->mem;

	*VEC_PUSH(mem, &w->a->out->steps) = (struct allocation_step){.county = r->year->plan.area,
		.item = q->units[r->unit].org,
		.name = q->units[r->unit].name,
		.year = r->year->year,
		.action = "raise",
		.stage = w->asked.stage,
		.measure = m->measure->id.text,
		.measure_title = m->measure->title.text,
		.from = pass_pieces(mem, from, m->scale),
		.to = pass_pieces(mem, from + r->by, m->scale),
		.once = allocation_money(mem, r->once),
		.reason = reason};
}

/* The row of the school and measure grows by what this year buys. */
static void add_to_row(struct work *w, const struct raise *r, struct str reason, int64_t *once)
{
	struct allocation_result *out = w->a->out;
	const struct allocation_step *step = &out->steps.items[out->steps.count - 1];
	struct arena *mem = w->a->cx->mem;
	struct str bought = str_printf(mem, TR(w->a->cx, "%d 年增至 " STR_FMT, "%d: to " STR_FMT),
		r->year->year, STR_ARG(step->to));
	bool is_new = false;
	int64_t *at = strmap_put(&w->rows, pass_key(mem, step->item, step->measure), &is_new);
	struct allocation_row *row;

	if (is_new) {
		*at = (int64_t)out->rows.count;
		*VEC_PUSH(mem, &out->rows) = (struct allocation_row){.county = step->county,
			.item = step->item,
			.name = step->name,
			.action = step->action,
			.stage = step->stage,
			.measure = step->measure,
			.measure_title = step->measure_title,
			.from = step->from,
			.reason = reason,
			.is_proposed = true};
	}
	row = &out->rows.items[*at];
	row->to = step->to;
	once[*at] += r->once;
	row->once = allocation_money(mem, once[*at]);
	row->reason = str_printf(mem, STR_FMT "; " STR_FMT, STR_ARG(bought), STR_ARG(row->reason));
}

/* once: of each row of the result, room for `all` of this area's. */
static void add_year(struct work *w, const struct pass_year *year, int64_t *once, bool *is_raised)
{
	const struct requirements *q = &year->plan.needs;

	for (size_t at = 0; at < q->unit_count * q->measure_count; at++) {
		struct raise r = {.year = year,
			.unit = at / q->measure_count,
			.measure = at % q->measure_count,
			.by = year->plan.budget.answer.raises[at]};
		struct str why;
		if (r.by == 0)
			continue;
		r.once = (int64_t)(pass_cost(&year->plan, r.unit, r.measure) / E12_PER_MILLI);
		why = pass_reason(w->a->cx, &year->plan, r.unit, r.measure);
		add_step(w, &r, why);
		add_to_row(w, &r, why, once);
		is_raised[r.unit] = true;
	}
}

/* ---- how the years stand ---- */

static void add_figure(struct work *w, const struct pass_year *year, const char *figure, double v)
{
	*VEC_PUSH(w->a->cx->mem, &w->a->out->years) =
		(struct allocation_year){.county = year->plan.area,
			.stage = w->asked.stage,
			.year = year->year,
			.figure = figure,
			.value = v};
}

static void add_area(struct work *w, const struct pass_years *y, double failing_today)
{
	const struct pass_schedule *best = pass_years_best(y);
	struct allocation_result *out = w->a->out;
	struct ctx *cx = w->a->cx;
	const struct requirements *q;
	bool *is_raised;
	int64_t *once;

	*VEC_PUSH(cx->mem, &out->figures) = (struct allocation_figure){.county = y->area,
		.stage = w->asked.stage,
		.figure = "failing",
		.before = failing_today,
		.after = best ? 0 : (double)NAN,
		.limit = (double)NAN};
	if (!best) {
		pass_asked_problem(&w->asked, y->area,
			str_printf(cx->mem, TR(cx, "%d 年: " STR_FMT, "%d: " STR_FMT),
				y->late.years[y->late.stuck].year, STR_ARG(y->late.cause)));
		return;
	}
	q = &best->years[0].plan.needs;
	is_raised = arena_array(cx->mem, bool, q->unit_count);
	once = arena_array(cx->mem, int64_t, out->rows.count + q->unit_count * q->measure_count);
	for (int32_t t = 0; t < y->count; t++) {
		const struct pass_year *year = &best->years[t];
		add_year(w, year, once, is_raised);
		add_figure(w, year, "pupils", (double)year->pupils);
		add_figure(w, year, "failing", pass_failing(&year->before, w->asked.stage));
		add_figure(w, year, "once", year->plan.budget.answer.cost);
		if (!year->is_confirmed)
			pass_asked_problem(&w->asked, y->area,
				str_printf(cx->mem,
					TR(cx, "%d 年: 评估没有确认这个方案",
						"%d: the evaluation does not confirm the plan"),
					year->year));
	}
	out->cost += llround(best->cost * 1000);
	out->bound += (int64_t)floor(y->bound * 1000);
	pass_asked_points(&w->asked, &best->years[0].plan, is_raised);
}

static enum err solve_areas(struct work *w)
{
	struct ctx *cx = w->a->cx;
	struct evaluation_run *run;
	struct str *areas;
	size_t n, count = 0;

	TRY(evaluation_ready(cx, &w->a->ds, w->asked.evaluation, &run));
	evaluation_areas(cx, run, &areas, &n);
	w->solves = (int64_t)n * w->options.years * SOLVES_A_YEAR;
	for (size_t i = 0; i < n; i++) {
		struct pass_years *years = arena_new(cx->mem, struct pass_years);
		struct evaluation_result today;
		if (!areas[i].n)
			continue;
		TRY(evaluation_ready(cx, &w->a->ds, w->asked.evaluation, &run));
		TRY(evaluation_area(cx, run, areas[i], &today));
		TRY(pass_years_solve(cx, &w->a->ds, w->asked.evaluation, areas[i], w->asked.stage,
			&w->options, years));
		add_area(w, years, pass_failing(&today, w->asked.stage));
		count++;
	}
	if (count)
		return ERR_OK;
	return ctx_fail(
		cx, ERR_REJECTED, "%s", TR(cx, "没有数据行", "there are no rows to plan on"));
}

enum err allocation_pass_years(struct allocation *a)
{
	struct work *w = arena_new(a->cx->mem, struct work);
	struct allocation_result *out = a->out;

	w->a = a;
	strmap_init(&w->rows, a->cx->mem);
	TRY(pass_asked_read(&w->asked, a));
	TRY(allocation_load_forecast(a, &w->forecast));
	TRY(read_options(w));
	TRY(solve_areas(w));
	out->unit = "yuan_of_today";
	out->seconds = pass_asked_seconds(&w->asked);
	out->bound = MIN(out->bound, out->cost);
	out->gap = out->cost > 0 ? (double)(out->cost - out->bound) / (double)out->cost : 0;
	return ERR_OK;
}
