/* The path to pass as a plan's result: for each county what to buy, and how far apart units are. */
#include "mod/allocate/allocation_pass_asked.h"

#include <math.h>
#include <time.h>

#define GAP          1e-5
#define AREA_SECONDS 5

struct work {
	struct allocation *a;
	struct pass_asked asked;
	struct evaluation_run *run;
	struct evaluation_result *before;
	struct pass_plan *plans;
	size_t count;
};

/* ---- what is asked ---- */

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool is_late(void *arg)
{
	const struct pass_asked *p = arg;
	const struct allocation_until *until = p->a->until;

	return seconds_now() > p->until || (until && until->is_over(until->arg));
}

double pass_asked_seconds(const struct pass_asked *p)
{
	return seconds_now() - p->started;
}

void pass_asked_begin(struct pass_asked *p)
{
	p->until = seconds_now() + AREA_SECONDS;
}

/* The newest evaluation whose units can be raised. */
static enum err find_evaluation(struct pass_asked *p)
{
	const struct pack *pack = p->a->ds.pack;
	struct str asked = p->a->request->stage;
	const struct pack_units *units;

	for (size_t i = 0; i < pack->evaluations.count; i++) {
		const struct pack_evaluation *e = &pack->evaluations.items[i];
		bool can_raise = false;
		for (size_t m = 0; e->units && m < e->units->measures.count; m++)
			can_raise |= e->units->measures.items[m].raise.text.n > 0;
		if (can_raise && (!p->evaluation ||
					 e->effective_from.day > p->evaluation->effective_from.day))
			p->evaluation = e;
	}
	if (!p->evaluation || p->evaluation->units->groups.count == 0)
		return ctx_fail(p->a->cx, ERR_PACK, "%s",
			TR(p->a->cx, "政策包没有可以测算补齐路径的评估",
				"the packs have no evaluation to find a path for"));
	units = p->evaluation->units;
	p->stage = asked.n ? asked : units->groups.items[0].text;
	for (size_t i = 0; i < units->groups.count; i++)
		if (str_eq(units->groups.items[i].text, p->stage))
			return ERR_OK;
	return ctx_fail(p->a->cx, ERR_INVALID,
		TR(p->a->cx, "评估 " STR_FMT " 没有学段 '" STR_FMT "'",
			"evaluation " STR_FMT " has no stage '" STR_FMT "'"),
		STR_ARG(p->evaluation->id.text), STR_ARG(p->stage));
}

static enum err take_prices(struct pass_asked *p)
{
	struct ctx *cx = p->a->cx;
	const struct pack_units *units = p->evaluation->units;
	const struct pack_value *value = allocation_value(cx, p->a->ds.pack, STR("pass.price"));

	p->prices = (struct pass_prices){.rules = units,
		.source = STR("pass.price"),
		.common = arena_array(cx->mem, int64_t, units->measures.count)};
	strmap_init(&p->prices.by_org, cx->mem);
	for (size_t i = 0; value && i < value->is.count; i++)
		for (size_t k = 0; k < units->measures.count; k++)
			if (str_eq(units->measures.items[k].id.text, value->is.items[i].key))
				p->prices.common[k] = value->is.items[i].micro;
	for (size_t k = 0; k < units->measures.count; k++)
		if (p->prices.common[k] > UPLIFT_PRICE_MAX)
			return ctx_fail(cx, ERR_INVALID,
				TR(cx, "单价太大: " STR_FMT, "the price is too high: " STR_FMT),
				STR_ARG(units->measures.items[k].title.text));
	return ERR_OK;
}

/* What must not be raised: a school, a measure, or one of the other. */
static enum err take_bans(struct pass_asked *p)
{
	const struct allocation_change *changes = p->a->request->changes.items;
	const struct dataset_ledger *rows =
		dataset_find(&p->a->ds, p->evaluation->units->ledger.text);
	const struct column *org = rows ? table_find(rows->table, STR("org")) : NULL;
	struct ctx *cx = p->a->cx;
	struct strmap orgs;

	strmap_init(&orgs, cx->mem);
	strmap_init(&p->forbidden, cx->mem);
	for (size_t i = 0; org && i < rows->table->row_count; i++)
		(void)strmap_put(&orgs, column_text(org, i), NULL);
	for (size_t i = 0; i < p->a->request->changes.count; i++) {
		if (changes[i].code.n && !strmap_find(&orgs, changes[i].code))
			return ctx_fail(cx, ERR_REJECTED,
				TR(cx, "数据里没有学校 '" STR_FMT "'",
					"there is no school '" STR_FMT "' in the rows"),
				STR_ARG(changes[i].code));
		(void)strmap_put(&p->forbidden,
			pass_key(cx->mem, changes[i].code, changes[i].measure), NULL);
	}
	return ERR_OK;
}

enum err pass_asked_read(struct pass_asked *p, struct allocation *a)
{
	struct ctx *cx = a->cx;

	*p = (struct pass_asked){.a = a, .started = seconds_now()};
	TRY(find_evaluation(p));
	TRY(allocation_read(a, str_z(cx->mem, p->evaluation->units->ledger.text)));
	TRY(take_prices(p));
	TRY(take_bans(p));
	p->options = (struct pass_options){.prices = &p->prices,
		.forbidden = &p->forbidden,
		.budget_micro = -1,
		.uplift = {.gap = GAP, .stop = is_late, .stop_arg = p}};
	if (a->request->budget &&
		parse_dec(a->request->budget->text, 6, &p->options.budget_micro) != NUM_OK)
		return ctx_fail(cx, ERR_INVALID, "%s",
			TR(cx, "预算应为不小于 0 的金额", "the budget must be a sum from 0"));
	return ERR_OK;
}

static enum err solve(struct work *w)
{
	struct ctx *cx = w->a->cx;
	struct str *areas;
	size_t n;

	TRY(evaluation_ready(cx, &w->a->ds, w->asked.evaluation, &w->run));
	evaluation_areas(cx, w->run, &areas, &n);
	w->before = arena_array(cx->mem, struct evaluation_result, n + 1);
	w->plans = arena_array(cx->mem, struct pass_plan, n + 1);
	for (size_t i = 0; i < n; i++) {
		double start = seconds_now();
		if (!areas[i].n)
			continue;
		TRY(evaluation_area(cx, w->run, areas[i], &w->before[w->count]));
		pass_asked_begin(&w->asked);
		TRY(pass_solve(cx, w->run, &w->before[w->count], w->asked.stage, &w->asked.options,
			&w->plans[w->count]));
		w->a->out->seconds += seconds_now() - start;
		w->count++;
		allocation_told(w->a, (int64_t)i + 1, (int64_t)n);
	}
	if (w->count)
		return ERR_OK;
	return ctx_fail(
		cx, ERR_REJECTED, "%s", TR(cx, "没有数据行", "there are no rows to plan on"));
}

/* ---- the result ---- */

double pass_failing(const struct evaluation_result *r, struct str group)
{
	double n = 0;

	for (size_t u = 0; u < r->units.count; u++)
		n += r->units.items[u].is_included && str_eq(r->units.items[u].group, group) &&
		     r->units.items[u].verdict != VERDICT_PASS;
	return n;
}

void pass_asked_figures(struct pass_asked *p, const struct pass_plan *plan, double failing_before,
	double failing_after)
{
	struct arena *mem = p->a->cx->mem;
	struct allocation_result *out = p->a->out;

	*VEC_PUSH(mem, &out->figures) = (struct allocation_figure){.county = plan->area,
		.stage = p->stage,
		.figure = "failing",
		.before = failing_before,
		.after = failing_after};
	for (size_t k = 0; k < plan->needs.measure_count; k++) {
		const struct required_measure *m = &plan->needs.measures[k];
		*VEC_PUSH(mem, &out->figures) = (struct allocation_figure){.county = plan->area,
			.stage = p->stage,
			.measure = m->measure->id.text,
			.measure_title = m->measure->title.text,
			.figure = "dispersion",
			.before = plan->cv_before[k],
			.after = plan->budget.answer.raises ? plan->budget.answer.rows[k].cv
							    : (double)NAN,
			.limit = m->limit_micro ? (double)m->limit_micro / 1e6 : (double)NAN};
	}
}

struct str pass_pieces(struct arena *mem, int64_t steps, int scale)
{
	struct strbuf b;
	struct str s;

	strbuf_init(&b, 40);
	strbuf_dec_short(&b, steps, scale);
	s = str_copy(mem, strbuf_view(&b));
	strbuf_release(&b);
	return s;
}

/* Below its own standard, or only to bring units closer together. */
struct str pass_reason(struct ctx *cx, const struct pass_plan *plan, size_t i, size_t k)
{
	const struct requirements *q = &plan->needs;
	const struct required_measure *m = &q->measures[k];
	const struct required_unit *u = &q->units[i];
	double per = m->measure->per.is_set ? (double)m->measure->per.micro / 1e6 : 1;
	double share = m->measure->is_shared ? (double)u->share_num / (double)u->share_den : 1;
	double held = dec_to_f64(q->totals[i * q->measure_count + k], m->scale) * share /
		      (double)MAX(u->weight, 1);
	double asked = (double)m->threshold_nano / 1e9;

	if (held < asked)
		return str_printf(cx->mem,
			TR(cx, "现在 %.2f " STR_FMT ", 标准 %.2f",
				"%.2f " STR_FMT " now, the standard is %.2f"),
			held * per, STR_ARG(m->measure->unit.text), asked * per);
	return str_printf(cx->mem,
		TR(cx, "已达标准 %.2f; 为缩小校际差异 (上限 %.2f)",
			"the standard of %.2f is met; to bring units closer (limit %.2f)"),
		asked * per, (double)m->limit_micro / 1e6);
}

void pass_asked_rows(struct pass_asked *p, const struct pass_plan *plan)
{
	const struct requirements *q = &plan->needs;
	struct arena *mem = p->a->cx->mem;

	for (size_t at = 0; at < q->unit_count * q->measure_count; at++) {
		size_t i = at / q->measure_count, k = at % q->measure_count;
		int64_t by = plan->budget.answer.raises ? plan->budget.answer.raises[at] : 0;
		int scale = q->measures[k].scale;
		if (!by)
			continue;
		*VEC_PUSH(mem, &p->a->out->rows) = (struct allocation_row){.county = plan->area,
			.item = q->units[i].org,
			.name = q->units[i].name,
			.action = "raise",
			.stage = p->stage,
			.measure = q->measures[k].measure->id.text,
			.measure_title = q->measures[k].measure->title.text,
			.from = pass_pieces(mem, q->totals[at], scale),
			.to = pass_pieces(mem, q->totals[at] + by, scale),
			.once = allocation_money(
				mem, (int64_t)(pass_cost(plan, i, k) / E12_PER_MILLI)),
			.reason = pass_reason(p->a->cx, plan, i, k),
			.is_proposed = true};
	}
}

void pass_asked_points(struct pass_asked *p, const struct pass_plan *plan, const bool *is_raised)
{
	const struct requirements *q = &plan->needs;

	for (size_t i = 0; i < q->unit_count; i++) {
		const struct org *org = org_find(p->a->tree, q->units[i].org);
		if (!org || !org->has_point)
			continue;
		*VEC_PUSH(p->a->cx->mem, &p->a->out->points) =
			(struct allocation_point){.code = org->code,
				.name = org->name,
				.county = plan->area,
				.what = "site",
				.action = is_raised[i] ? "raise" : "same",
				.lon = org->lon,
				.lat = org->lat,
				.size = q->units[i].weight};
	}
}

void pass_asked_raised(struct pass_asked *p, const struct pass_plan *plan)
{
	const struct requirements *q = &plan->needs;
	bool *is_raised = arena_array(p->a->cx->mem, bool, q->unit_count);

	for (size_t at = 0; at < q->unit_count * q->measure_count; at++)
		is_raised[at / q->measure_count] |= plan->budget.answer.raises[at] > 0;
	pass_asked_points(p, plan, is_raised);
}

void pass_asked_problem(struct pass_asked *p, struct str area, struct str text)
{
	struct allocation_result *out = p->a->out;

	if (!text.n)
		return;
	out->is_whole = false;
	out->problem =
		str_printf(p->a->cx->mem, STR_FMT STR_FMT ": " STR_FMT "\n", STR_ARG(out->problem),
			STR_ARG(org_attribute(p->a->tree, area, STR("name"))), STR_ARG(text));
}

/* The answers are laid over the rows and judged again: what counts is what the rules say then. */
static enum err add_area(struct work *w, struct evaluation_run *after_run, size_t i)
{
	const struct pass_plan *plan = &w->plans[i];
	const struct uplift_answer *answer = &plan->budget.answer;
	struct allocation_result *out = w->a->out;
	struct evaluation_result after;
	struct ctx *cx = w->a->cx;

	TRY(evaluation_area(cx, after_run, plan->area, &after));
	pass_asked_figures(&w->asked, plan, pass_failing(&w->before[i], w->asked.stage),
		pass_failing(&after, w->asked.stage));
	pass_asked_problem(&w->asked, plan->area, pass_cause(cx, plan));
	if (!answer->raises)
		return ERR_OK;
	if (!pass_is_confirmed(plan, &after))
		pass_asked_problem(&w->asked, plan->area,
			str_from(TR(cx, "评估没有确认这个方案",
				"the evaluation does not confirm the plan")));
	out->cost += (int64_t)(answer->cost_e12 / E12_PER_MILLI);
	out->bound += (int64_t)floor(answer->bound * 1000);
	pass_asked_rows(&w->asked, plan);
	pass_asked_raised(&w->asked, plan);
	return ERR_OK;
}

enum err allocation_pass(struct allocation *a)
{
	struct work *w = arena_new(a->cx->mem, struct work);
	struct evaluation_run *after;

	if (a->request->years)
		return allocation_pass_years(a);
	if (a->request->move_percent)
		return allocation_pass_moves(a);
	w->a = a;
	TRY(pass_asked_read(&w->asked, a));
	TRY(solve(w));
	a->out->unit = "yuan";
	for (size_t i = 0; i < w->count; i++)
		if (w->plans[i].budget.answer.raises)
			pass_apply(&w->plans[i]);
	TRY(evaluation_ready(a->cx, &a->ds, w->asked.evaluation, &after));
	for (size_t i = 0; i < w->count; i++)
		TRY(add_area(w, after, i));
	a->out->bound = MIN(a->out->bound, a->out->cost);
	a->out->gap = a->out->cost > 0
			      ? (double)(a->out->cost - a->out->bound) / (double)a->out->cost
			      : 0;
	return ERR_OK;
}
