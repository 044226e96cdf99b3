#include "mod/allocate/pass.h"

#include "base/num.h"
#include "engine/column/dispersion.h"

#include <math.h>

/* What a piece of measure k costs for the org; 0 when no price was given. */
static int64_t price_of(struct ctx *cx, const struct pass_prices *prices, struct str org, size_t k)
{
	const int64_t *own = strmap_find(
		&prices->by_org, pass_key(cx->mem, org, prices->rules->measures.items[k].id.text));

	return own ? *own : prices->common[k];
}

static enum err set_prices(struct ctx *cx, const struct pass_plan *plan,
	const struct pass_prices *prices, int64_t *out_prices, struct uplift_resource *resources)
{
	const struct requirements *q = &plan->needs;

	for (size_t k = 0; k < q->measure_count; k++) {
		const struct pack_measure *m = q->measures[k].measure;
		for (size_t i = 0; i < q->unit_count; i++) {
			int64_t price = price_of(cx, prices, q->units[i].org, k);
			if (!price && m->raise.text.n)
				return ctx_fail(cx, ERR_REJECTED,
					TR(cx,
						STR_FMT ": 学校 " STR_FMT " 的 " STR_FMT
							" (" STR_FMT ") 没有单价",
						STR_FMT ": no price for org " STR_FMT ", " STR_FMT
							" (" STR_FMT ")"),
					STR_ARG(prices->source), STR_ARG(q->units[i].org),
					STR_ARG(m->id.text), STR_ARG(m->title.text));
			out_prices[i * q->measure_count + k] = MAX(price, 1);
		}
		resources[k].price_micro = q->unit_count ? out_prices[k] : 1;
	}
	return ERR_OK;
}

static bool are_prices_common(const struct requirements *q, const int64_t *prices)
{
	for (size_t at = q->measure_count; at < q->unit_count * q->measure_count; at++)
		if (prices[at] != prices[at - q->measure_count])
			return false;
	return true;
}

/* Neither the pair, nor everything of the org, nor the measure everywhere. */
static bool may_raise(struct ctx *cx, const struct strmap *forbidden, struct str org, struct str id)
{
	return !forbidden || (!strmap_find(forbidden, pass_key(cx->mem, org, id)) &&
				     !strmap_find(forbidden, pass_key(cx->mem, org, STR_NONE)) &&
				     !strmap_find(forbidden, pass_key(cx->mem, STR_NONE, id)));
}

static void set_bounds(struct ctx *cx, const struct pass_plan *plan, const struct strmap *forbidden,
	int64_t *out_uppers)
{
	const struct requirements *q = &plan->needs;

	for (size_t i = 0; i < q->unit_count; i++)
		for (size_t k = 0; k < q->measure_count; k++) {
			const struct pack_measure *m = q->measures[k].measure;
			size_t at = i * q->measure_count + k;
			bool is_free = m->raise.text.n &&
				       may_raise(cx, forbidden, q->units[i].org, m->id.text);
			out_uppers[at] = is_free ? UPLIFT_NO_UPPER : q->totals[at];
		}
}

static enum err make_problem(
	struct ctx *cx, const struct pass_options *options, struct pass_plan *plan)
{
	const struct requirements *q = &plan->needs;
	size_t n = q->unit_count, count = q->measure_count;
	struct uplift_resource *resources = arena_array(cx->mem, struct uplift_resource, count);
	struct uplift_share *shares = arena_array(cx->mem, struct uplift_share, n);
	int64_t *weights = arena_array(cx->mem, int64_t, n);
	int64_t *uppers = arena_array(cx->mem, int64_t, n * count);
	int64_t *prices = arena_array(cx->mem, int64_t, n * count);
	bool has_shares = false;

	for (size_t i = 0; i < n; i++) {
		weights[i] = q->units[i].weight;
		shares[i] = (struct uplift_share){q->units[i].share_num, q->units[i].share_den};
		has_shares |= shares[i].num != shares[i].den;
	}
	for (size_t k = 0; k < count; k++)
		resources[k] = (struct uplift_resource){.scale = q->measures[k].scale,
			.threshold_nano = q->measures[k].threshold_nano,
			.floor_ppm = q->floor_ppm,
			.limit_micro = q->measures[k].limit_micro,
			.is_shared = q->measures[k].measure->is_shared};
	TRY(set_prices(cx, plan, options->prices, prices, resources));
	set_bounds(cx, plan, options->forbidden, uppers);
	plan->problem = (struct uplift_problem){.unit_count = n,
		.resource_count = count,
		.excusals = (int)(count - q->at_least),
		.weights = weights,
		.resources = resources,
		.shares = has_shares ? shares : NULL,
		.stocks = q->totals,
		.uppers = uppers,
		.prices_micro = are_prices_common(q, prices) ? NULL : prices};
	return ERR_OK;
}

static void find_dispersions(struct ctx *cx, struct pass_plan *plan)
{
	const struct requirements *q = &plan->needs;
	double *weights = arena_array(cx->mem, double, q->unit_count);
	double *totals = arena_array(cx->mem, double, q->unit_count);

	plan->cv_before = arena_array(cx->mem, double, q->measure_count);
	for (size_t k = 0; k < q->measure_count; k++) {
		bool is_shared = q->measures[k].measure->is_shared;
		struct dispersion d;
		for (size_t i = 0; i < q->unit_count; i++) {
			const struct required_unit *u = &q->units[i];
			weights[i] = (double)u->weight;
			totals[i] = (double)q->totals[i * q->measure_count + k];
			if (is_shared)
				totals[i] *= (double)u->share_num / (double)u->share_den;
		}
		d = dispersion_of(weights, totals, q->unit_count);
		plan->cv_before[k] = d.state == DISPERSION_OK ? d.cv : (double)NAN;
	}
}

/* The engine's own limits, as a message about the data. */
static enum err bad_input(struct ctx *cx, const struct pass_plan *plan)
{
	const struct uplift_cause *c = &plan->budget.answer.cause;
	const struct requirements *q = &plan->needs;
	struct str org = c->unit < q->unit_count ? q->units[c->unit].org : STR_NONE;
	struct str what = c->resource < q->measure_count
				  ? q->measures[c->resource].measure->title.text
				  : STR_NONE;

	return ctx_fail(cx, ERR_REJECTED,
		TR(cx, "数值超出可计算的范围: " STR_FMT " " STR_FMT,
			"a number is outside of what can be computed: " STR_FMT " " STR_FMT),
		STR_ARG(org), STR_ARG(what));
}

enum err pass_solve(struct ctx *cx, const struct evaluation_run *run,
	const struct evaluation_result *result, struct str group,
	const struct pass_options *options, struct pass_plan *out)
{
	struct uplift_answer *answer = &out->budget.answer;
	struct uplift_fault fault;

	*out = (struct pass_plan){
		.area = result->area, .group = group, .has_budget = options->budget_micro >= 0};
	TRY(evaluation_requirements(cx, run, result, group, &out->needs));
	if (out->needs.unit_count == 0)
		return ctx_fail(cx, ERR_REJECTED,
			TR(cx, STR_FMT " 没有 " STR_FMT " 的参评单位",
				STR_FMT " has no units of " STR_FMT),
			STR_ARG(result->area), STR_ARG(group));
	TRY(make_problem(cx, options, out));
	find_dispersions(cx, out);
	if (out->has_budget)
		uplift_solve_budget(&out->problem, &options->uplift, options->budget_micro, cx->mem,
			&out->budget);
	else
		uplift_solve(&out->problem, &options->uplift, cx->mem, answer);
	if (answer->status == UPLIFT_BAD_INPUT)
		return bad_input(cx, out);
	if (!answer->raises)
		return ERR_OK;
	fault = uplift_check(&out->problem, answer, out->budget.is_passing, out->budget.is_within);
	if (fault.kind != UPLIFT_FAULT_NONE)
		BUG("the check finds fault %d at unit %zu, resource %zu", (int)fault.kind,
			fault.unit, fault.resource);
	return ERR_OK;
}

/* "missing" pieces as text. */
static const char *pieces(struct ctx *cx, const struct pass_plan *plan, int64_t steps, size_t k)
{
	return dec_format(cx->mem, steps, plan->needs.measures[k].scale);
}

struct str pass_cause(struct ctx *cx, const struct pass_plan *plan)
{
	const struct uplift_cause *c = &plan->budget.answer.cause;
	const struct requirements *q = &plan->needs;
	struct str org = c->unit < q->unit_count ? q->units[c->unit].org : STR_NONE;
	struct str what = c->resource < q->measure_count
				  ? q->measures[c->resource].measure->title.text
				  : STR_NONE;

	if (plan->budget.answer.status == UPLIFT_UNKNOWN)
		return str_from(
			TR(cx, "在限定时间内没有找到方案", "no plan was found in the time"));
	if (plan->budget.answer.status != UPLIFT_INFEASIBLE)
		return STR_NONE;
	if (c->kind == UPLIFT_CAUSE_FLOOR)
		return str_printf(cx->mem,
			TR(cx, "学校 " STR_FMT " 的 " STR_FMT " 不许增加, 离最低要求还差 %s",
				"org " STR_FMT ": " STR_FMT
				" must not be raised, and is %s below its floor"),
			STR_ARG(org), STR_ARG(what), pieces(cx, plan, c->missing, c->resource));
	if (c->kind == UPLIFT_CAUSE_THRESHOLD)
		return str_printf(cx->mem,
			TR(cx, "学校 " STR_FMT " 不许增加的指标太多; 最近的 " STR_FMT " 还差 %s",
				"org " STR_FMT ": too many measures must not be raised; the "
				"nearest, " STR_FMT ", lacks %s"),
			STR_ARG(org), STR_ARG(what), pieces(cx, plan, c->missing, c->resource));
	if (c->kind == UPLIFT_CAUSE_SPREAD)
		return str_printf(cx->mem,
			TR(cx, STR_FMT " 的差异系数在不许增加的限制下最低只能到 %.6f",
				"the dispersion of " STR_FMT
				" cannot come below %.6f with what must not be raised"),
			STR_ARG(what), (double)c->cv_micro / 1e6);
	return str_from(TR(cx, "各项限制单独都能满足, 合在一起没有方案",
		"each rule alone could be met, all together cannot"));
}

/* Steps of the plan as the column writes them. */
static int64_t in_column(
	const struct pass_plan *plan, size_t k, const struct column *column, int64_t steps)
{
	return steps * pow10_i64(column->scale - plan->needs.measures[k].scale);
}

static void raise_cell(struct column *column, size_t row, int64_t by)
{
	int64_t v;

	if (!column_get(column, row, &v))
		v = 0;
	column_set_i64(column, row, v + by);
}

void pass_apply(const struct pass_plan *plan)
{
	const struct requirements *q = &plan->needs;
	const struct column *orgs = table_find(q->rows->table, STR("org"));

	for (size_t k = 0; k < q->measure_count; k++) {
		const struct pack_measure *m = q->measures[k].measure;
		struct column *column = table_find(q->rows->table, m->raise.text);
		for (size_t i = 0; column && i < q->unit_count; i++) {
			int64_t by = plan->budget.answer.raises[i * q->measure_count + k];
			if (!by)
				continue;
			by = in_column(plan, k, column, by);
			raise_cell(column, q->units[i].row, by);
			for (size_t row = 0; m->is_shared && row < q->rows->table->row_count; row++)
				if (row != q->units[i].row &&
					str_eq(column_text(orgs, row), q->units[i].org))
					raise_cell(column, row, by);
		}
	}
}

bool pass_is_confirmed(const struct pass_plan *plan, const struct evaluation_result *after)
{
	size_t i = 0;

	for (size_t u = 0; u < after->units.count; u++) {
		const struct unit_result *unit = &after->units.items[u];
		if (!unit->is_included || !str_eq(unit->group, plan->group))
			continue;
		if ((!plan->has_budget || plan->budget.is_passing[i]) &&
			unit->verdict != VERDICT_PASS)
			return false;
		i++;
	}
	for (size_t c = 0; c < after->clauses.count; c++) {
		const struct clause_result *r = &after->clauses.items[c];
		if (r->clause->dispersion && !r->is_information && str_eq(r->group, plan->group) &&
			r->measure < plan->needs.measure_count && r->verdict != VERDICT_PASS &&
			(!plan->has_budget || plan->budget.is_within[r->measure]))
			return false;
	}
	return true;
}
