#include "mod/allocate/pass_years.h"

#include <math.h>

/* Buying for a later year can lift the spread of an earlier one: it is looked at again. */
#define EARLY_ROUNDS 4

struct planner {
	struct ctx *cx;
	struct dataset *ds;
	const struct pack_evaluation *evaluation;
	const struct pass_years_options *options;
	struct pass_years *out;
	struct dataset_ledger *rows;
	struct column **columns; /* pupils first, then what can be raised */
	size_t column_count;
	int64_t **kept; /* [column][row], as it was */
	bool *in_area;  /* [row] */
	double *ratio;  /* [year]: of today's pupils */
};

/* --- rows ----------------------------------------------------------------------------------- */

static enum err take_columns(struct planner *p)
{
	const struct pack_units *units = p->evaluation->units;
	const struct column *county, *group;
	struct table *t;

	p->rows = dataset_find(p->ds, units->ledger.text);
	t = p->rows->table;
	county = table_find(t, STR("county"));
	group = table_find(t, units->group.text);
	if (!county || !group)
		return ctx_fail(p->cx, ERR_REJECTED, "%s",
			TR(p->cx, "数据没有列 county", "the rows have no column county"));
	p->columns = arena_array(p->cx->mem, struct column *, units->measures.count + 1);
	p->columns[p->column_count++] = table_find(t, units->weight.text);
	for (size_t k = 0; k < units->measures.count; k++) {
		struct column *c = table_find(t, units->measures.items[k].raise.text);
		if (c)
			p->columns[p->column_count++] = c;
	}
	p->kept = arena_array(p->cx->mem, int64_t *, p->column_count);
	for (size_t c = 0; c < p->column_count; c++) {
		p->kept[c] = arena_array(p->cx->mem, int64_t, t->row_count);
		for (size_t i = 0; i < t->row_count; i++)
			if (!column_get(p->columns[c], i, &p->kept[c][i]))
				p->kept[c][i] = -1;
	}
	p->in_area = arena_array(p->cx->mem, bool, t->row_count);
	for (size_t i = 0; i < t->row_count; i++)
		p->in_area[i] = str_eq(column_text(county, i), p->out->area) &&
				str_eq(column_text(group, i), p->out->group);
	return ERR_OK;
}

static void restore(struct planner *p)
{
	for (size_t c = 0; c < p->column_count; c++)
		for (size_t i = 0; i < p->rows->table->row_count; i++)
			if (p->kept[c][i] >= 0)
				column_set_i64(p->columns[c], i, p->kept[c][i]);
}

static int64_t set_pupils(struct planner *p, int32_t t)
{
	int64_t sum = 0;

	for (size_t i = 0; i < p->rows->table->row_count; i++) {
		int64_t then;
		if (!p->in_area[i] || p->kept[0][i] < 0)
			continue;
		then = llround((double)p->kept[0][i] * p->ratio[t]);
		column_set_i64(p->columns[0], i, then);
		sum += then;
	}
	return sum;
}

/* --- the forecast --------------------------------------------------------------------------- */

static enum err find_ratios(struct planner *p)
{
	const struct forecast_data *f = p->options->forecast;
	const struct forecast_series *s = &f->series;
	size_t years = (size_t)p->options->years, group = 0, band = 0;
	double *people = arena_array(p->cx->mem, double, s->zone_count *years * s->grade_count);
	struct forecast_changes none = {0};
	struct forecast_backtest test;
	double now = 0;

	while (group < s->group_count && !str_eq(f->counties[group], p->out->area))
		group++;
	while (band < s->band_count && !str_eq(f->stages[band].id, p->out->group))
		band++;
	if (band == s->band_count)
		return ctx_fail(p->cx, ERR_PACK,
			TR(p->cx, "参数 forecast.last_grade 没有学段 '" STR_FMT "'",
				"parameter forecast.last_grade has no stage '" STR_FMT "'"),
			STR_ARG(p->out->group));
	forecast_test(s, p->options->years, &test);
	forecast_project(
		s, s->year_count, s->birth_count, &test.options, &none, p->options->years, people);
	p->ratio = arena_array(p->cx->mem, double, years);
	for (size_t z = 0; z < s->zone_count; z++)
		for (size_t g = f->stages[band].grade_from; g <= f->stages[band].grade_to; g++) {
			size_t last = z * (size_t)s->year_count + (size_t)s->year_count - 1;
			if (s->group_of[z] != group)
				continue;
			now += s->pupils[last * s->grade_count + g];
			for (size_t t = 0; t < years; t++)
				p->ratio[t] += people[(z * years + t) * s->grade_count + g];
		}
	if (!(now > 0))
		return ctx_fail(p->cx, ERR_REJECTED,
			TR(p->cx, "台账 grade_enrolment 没有县区 " STR_FMT " 的在校生",
				"ledger grade_enrolment has no pupils of county " STR_FMT),
			STR_ARG(p->out->area));
	for (size_t t = 0; t < years; t++)
		p->ratio[t] /= now;
	return ERR_OK;
}

/* --- years ---------------------------------------------------------------------------------- */

/* The year with the rows as they are: what it still needs is bought and laid over them. */
static enum err solve_year(struct planner *p, int32_t t, struct pass_year *out)
{
	const struct forecast_data *f = p->options->forecast;
	struct evaluation_run *run;
	struct evaluation_result after;

	*out = (struct pass_year){.year = f->first_year + f->series.year_count + t,
		.factor = pow((1 + p->options->growth) / (1 + p->options->discount), t + 1),
		.pupils = set_pupils(p, t)};
	TRY(evaluation_ready(p->cx, p->ds, p->evaluation, &run));
	TRY(evaluation_area(p->cx, run, p->out->area, &out->before));
	if (p->options->begin)
		p->options->begin(p->options->begin_arg);
	TRY(pass_solve(p->cx, run, &out->before, p->out->group, p->options->pass, &out->plan));
	if (!out->plan.budget.answer.raises)
		return ERR_OK;
	pass_apply(&out->plan);
	TRY(evaluation_ready(p->cx, p->ds, p->evaluation, &run));
	TRY(evaluation_area(p->cx, run, p->out->area, &after));
	out->is_confirmed = pass_is_confirmed(&out->plan, &after);
	return ERR_OK;
}

static bool is_stuck(
	struct planner *p, const struct pass_year *y, int32_t t, struct pass_schedule *s)
{
	s->cause = pass_cause(p->cx, &y->plan);
	s->stuck = (size_t)t;
	if (s->cause.n)
		s->cost = 0;
	return s->cause.n > 0;
}

static enum err plan_late(struct planner *p)
{
	struct pass_schedule *s = &p->out->late;

	s->years = arena_array(p->cx->mem, struct pass_year, p->options->years);
	for (int32_t t = 0; t < p->options->years; t++) {
		TRY(solve_year(p, t, &s->years[t]));
		if (is_stuck(p, &s->years[t], t, s))
			return ERR_OK;
		s->cost += s->years[t].plan.budget.answer.cost * s->years[t].factor;
	}
	return ERR_OK;
}

/* Everything at the first year's price, until no year needs more. The last round's plans, in which
 * nothing is bought, say how each year stands; what was bought is in the first year's plan. */
static enum err plan_early(struct planner *p)
{
	struct pass_schedule *s = &p->out->early;
	bool is_done = false;

	s->years = arena_array(p->cx->mem, struct pass_year, p->options->years);
	for (int round = 0; round < EARLY_ROUNDS && !is_done; round++) {
		is_done = true;
		for (int32_t t = 0; t < p->options->years; t++) {
			double cost;
			TRY(solve_year(p, t, &s->years[t]));
			if (is_stuck(p, &s->years[t], t, s))
				return ERR_OK;
			cost = s->years[t].plan.budget.answer.cost;
			s->cost += cost * s->years[0].factor;
			is_done &= !(cost > 0);
		}
	}
	if (is_done)
		return ERR_OK;
	s->cost = 0;
	s->cause = str_from(TR(p->cx, "为后面的年份提前买的东西一再使前面的年份不达标",
		"what is bought ahead for later years keeps failing the earlier ones"));
	return ERR_OK;
}

/* Of the raises of all rounds: what stands in the rows more than at first, as the first year's. */
static void collect_early(struct planner *p)
{
	struct pass_year *first = &p->out->early.years[0];
	struct pass_plan *plan = &first->plan;
	const struct requirements *q = &plan->needs;

	/* With nothing missing the plan is empty: its totals hold all that was bought. */
	for (size_t i = 0; i < q->unit_count; i++)
		for (size_t k = 0; k < q->measure_count; k++) {
			struct column *c =
				table_find(q->rows->table, q->measures[k].measure->raise.text);
			size_t at = i * q->measure_count + k, row = q->units[i].row;
			int64_t now, was = 0;
			for (size_t n = 1; c && n < p->column_count; n++)
				if (p->columns[n] == c)
					was = MAX(p->kept[n][row], 0);
			if (!c || !column_get(c, row, &now) || now <= was)
				continue;
			for (int d = q->measures[k].scale; d < c->scale; d++) {
				now /= 10;
				was /= 10;
			}
			plan->budget.answer.raises[at] = now - was;
			plan->needs.totals[at] -= now - was;
			plan->budget.answer.cost_e12 += pass_cost(plan, i, k);
		}
	plan->budget.answer.cost = (double)plan->budget.answer.cost_e12 / 1e12;
}

/* Each year alone, from what there is today. */
static enum err find_bound(struct planner *p)
{
	double lowest = HUGE_VAL;

	for (int32_t t = 0; t < p->options->years; t++) {
		struct pass_year alone;
		restore(p);
		TRY(solve_year(p, t, &alone));
		lowest = fmin(lowest, alone.factor);
		if (alone.plan.budget.answer.raises)
			p->out->bound =
				fmax(p->out->bound, alone.plan.budget.answer.bound * lowest);
	}
	return ERR_OK;
}

enum err pass_years_solve(struct ctx *cx, struct dataset *ds,
	const struct pack_evaluation *evaluation, struct str area, struct str group,
	const struct pass_years_options *options, struct pass_years *out)
{
	struct planner p = {
		.cx = cx, .ds = ds, .evaluation = evaluation, .options = options, .out = out};
	enum err e;

	*out = (struct pass_years){.area = area, .group = group, .count = options->years};
	TRY(take_columns(&p));
	TRY(find_ratios(&p));
	e = plan_late(&p);
	restore(&p);
	if (e == ERR_OK)
		e = plan_early(&p);
	if (e == ERR_OK && !out->early.cause.n)
		collect_early(&p);
	restore(&p);
	if (e == ERR_OK)
		e = find_bound(&p);
	restore(&p);
	return e;
}

const struct pass_schedule *pass_years_best(const struct pass_years *y)
{
	if (y->late.cause.n && y->early.cause.n)
		return NULL;
	if (y->early.cause.n || (!y->late.cause.n && y->late.cost <= y->early.cost))
		return &y->late;
	return &y->early;
}

double pass_years_gap(const struct pass_years *y)
{
	const struct pass_schedule *best = pass_years_best(y);

	return best && best->cost > 0 ? fmax(best->cost - y->bound, 0) / best->cost : 0;
}
