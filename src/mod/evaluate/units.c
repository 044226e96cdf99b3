/*
 * Units: the schools' stages inside an area. What a school holds for all its stages together is
 * apportioned by weight (share = weight of the row / weights of the org's rows), then each
 * measure is total * per / weight column.
 */
#include "mod/evaluate/evaluate_internal.h"

#include "base/num.h"
#include "engine/column/group.h"

#include <math.h>

static enum err broken(struct ctx *cx, const struct problems *ps)
{
	struct strbuf b;
	enum err e;

	strbuf_init(&b, 4000);
	problems_format(ps, &b);
	e = ctx_fail(cx, ERR_PACK, "%s", b.p ? b.p : "");
	strbuf_release(&b);
	return e;
}

enum err row_values_make(struct ctx *cx, const struct evaluation_run *run,
	const struct dataset_ledger *dl, const struct located *text, bool wants_bool,
	struct row_values *out)
{
	size_t n = dl->table->row_count;
	const struct rule_env *env =
		pack_rule_env(cx->mem, run->ds->pack, dl->ledger, run->day, false);
	const struct rule *rule;
	struct problems ps;
	struct plan *plan;
	struct plan_run *scan;
	struct str missing;

	*out = (struct row_values){
		.num = arena_array(cx->mem, int64_t, n), .state = arena_array(cx->mem, uint8_t, n)};
	if (!text->text.n) {
		memset(out->state, PLAN_NULL, n);
		return ERR_OK;
	}
	problems_init(&ps, cx->mem);
	ps.is_english = cx->is_english;
	rule = pack_compile(cx->mem, env, text, RULE_ROW, wants_bool, &ps);
	if (!rule)
		return broken(cx, &ps);
	out->scale = rule->scale;
	if (!plan_make(cx->mem, &rule, 1, dl->table, &plan, &missing))
		return ctx_fail(cx, ERR_PACK, "no column " STR_FMT, STR_ARG(missing));
	scan = plan_run_new(cx->mem, plan);
	for (size_t from = 0; from < n; from += PLAN_BATCH) {
		size_t batch = MIN(PLAN_BATCH, n - from);
		struct plan_vector v;
		plan_run_rows(scan, from, batch);
		v = plan_run_vector(scan, 0);
		for (size_t i = 0; i < batch; i++) {
			out->state[from + i] = v.states ? v.states[i] : 0;
			out->num[from + i] = v.bits ? v.bits[i] : v.numbers[i];
		}
	}
	return ERR_OK;
}

bool row_is_true(const struct row_values *v, size_t row)
{
	return v->state[row] == 0 && v->num[row] != 0;
}

bool row_in_area(const struct dataset_ledger *dl, size_t row, struct str area)
{
	return str_eq(column_text(dataset_area_column(dl), row), area);
}

enum err bound_value(struct ctx *cx, const struct evaluation_run *run, const struct located *text,
	struct str group, struct rule_result *out, bool *out_is_set)
{
	const struct rule_env *env = pack_constant_env(cx->mem, run->ds->pack, run->day);
	struct located one = *text;
	const struct rule *rule;
	struct problems ps;

	*out_is_set = text->text.n > 0;
	if (!*out_is_set)
		return ERR_OK;
	if (group.n)
		one.text = text_replace_word(cx->mem, text->text, "group",
			str_printf(cx->mem, "'" STR_FMT "'", STR_ARG(group)));
	problems_init(&ps, cx->mem);
	ps.is_english = cx->is_english;
	rule = pack_compile(cx->mem, env, &one, RULE_AGGREGATE, false, &ps);
	if (!rule)
		return broken(cx, &ps);
	*out = rule_finish(rule, NULL);
	if (out->state != RULE_VALUE)
		*out_is_set = false;
	return ERR_OK;
}

/* For each row the sum of the shares of all rows of its org. */
static void sum_shares(struct ctx *cx, struct evaluation_run *run)
{
	const struct table *t = run->unit_rows->table;
	const struct column *org = table_find(t, STR("org"));
	const struct row_values *share = &run->units.share;
	struct groups groups;
	double *sums;

	groups_make(cx->mem, &org, 1, t->row_count, &groups);
	sums = arena_array(cx->mem, double, groups.count);
	run->units.share_sum = arena_array(cx->mem, double, t->row_count);
	for (size_t i = 0; i < t->row_count; i++)
		if (share->state[i] == 0)
			sums[groups.ids[i]] += (double)share->num[i];
	for (size_t i = 0; i < t->row_count; i++)
		run->units.share_sum[i] = sums[groups.ids[i]];
}

enum err units_ready(struct ctx *cx, struct evaluation_run *run)
{
	const struct pack_units *u = run->e->units;
	struct unit_rules *r = &run->units;
	struct located weight;

	if (!u)
		return ERR_OK;
	run->unit_rows = dataset_find(run->ds, u->ledger.text);
	if (!run->unit_rows)
		return ERR_OK;
	weight = u->weight;
	TRY(row_values_make(cx, run, run->unit_rows, &u->where, true, &r->where));
	TRY(row_values_make(cx, run, run->unit_rows, &weight, false, &r->weight));
	r->exclude = arena_array(cx->mem, struct row_values, u->exclude.count);
	for (size_t i = 0; i < u->exclude.count; i++)
		TRY(row_values_make(
			cx, run, run->unit_rows, &u->exclude.items[i].when, true, &r->exclude[i]));
	r->numerators = arena_array(cx->mem, struct row_values, u->measures.count);
	for (size_t i = 0; i < u->measures.count; i++)
		TRY(row_values_make(cx, run, run->unit_rows, &u->measures.items[i].numerator, false,
			&r->numerators[i]));
	if (u->apportion) {
		TRY(row_values_make(
			cx, run, run->unit_rows, &u->apportion->weight, false, &r->share));
		sum_shares(cx, run);
	}
	return ERR_OK;
}

static double per_of(const struct pack_measure *m)
{
	return m->per.is_set ? (double)m->per.micro / 1e6 : 1.0;
}

/* The unit's part of the resource in long double: exact integers, one division. */
static void set_value(const struct evaluation_run *run, size_t row, size_t k, struct unit_result *u)
{
	const struct pack_measure *m = &run->e->units->measures.items[k];
	const struct row_values *v = &run->units.numerators[k];
	long double total, top, bottom;

	u->totals[k] = (double)NAN;
	if (v->state[row] != 0 || u->weight <= 0)
		return;
	top = (long double)v->num[row];
	bottom = (long double)pow10_i64(v->scale);
	if (m->is_shared && run->units.share_sum && run->units.share_sum[row] > 0) {
		top *= (long double)run->units.share.num[row];
		bottom *= (long double)run->units.share_sum[row];
	}
	total = top / bottom;
	u->totals[k] = (double)total;
	u->values[k].value =
		(double)(top * (long double)per_of(m) / (bottom * (long double)u->weight));
	u->values[k].is_set = true;
}

/* What the unit needs to reach the limit, in whole units where it is counted. */
static struct number_opt needs_of(
	const struct pack_measure *m, const struct unit_result *u, size_t k, double limit)
{
	double want = limit * u->weight / per_of(m) - u->totals[k];

	if (m->is_counted)
		want = ceil(want - 1e-9);
	return (struct number_opt){true, want};
}

static void judge_unit(const struct evaluation_run *run, struct evaluation_result *out,
	struct unit_result *u, const struct number_opt *limits, size_t at_least, double floor)
{
	const struct pack_units *units = run->e->units;
	bool is_under_floor = false, has_missing = false;

	for (size_t k = 0; k < units->measures.count; k++) {
		struct below *b;
		if (!u->values[k].is_set) {
			has_missing = true;
			continue;
		}
		/* One rounding of the exact ratio, compared with the limit as it is written. */
		if (u->values[k].value >= limits[k].value) {
			u->met++;
			continue;
		}
		b = VEC_PUSH(run->ds->mem, &u->below);
		*b = (struct below){.measure = k,
			.value = u->values[k].value,
			.limit = limits[k].value,
			.floor = limits[k].value * floor};
		b->floor = (double)(nearbyint(b->floor * 1e9) / 1e9);
		b->is_excused = b->value >= b->floor;
		b->needs = needs_of(&units->measures.items[k], u, k, limits[k].value);
		is_under_floor |= !b->is_excused;
	}
	if (is_under_floor || u->below.count > units->measures.count - at_least)
		u->verdict = VERDICT_FAIL;
	else if (has_missing)
		u->verdict = VERDICT_MISSING;
	u->limits = limits;
	(void)out;
}

static const struct pack_clause *met_clause(const struct pack_evaluation *e)
{
	for (size_t i = 0; i < e->clauses.count; i++)
		if (e->clauses.items[i].met)
			return &e->clauses.items[i];
	return NULL;
}

static enum err judge_units(
	struct ctx *cx, const struct evaluation_run *run, struct evaluation_result *out)
{
	const struct pack_units *units = run->e->units;
	const struct pack_clause *clause = met_clause(run->e);
	struct rule_result at_least = {0}, floor = {0}, limit = {0};
	bool is_set;

	if (!clause)
		return ERR_OK;
	for (size_t g = 0; g < units->groups.count; g++) {
		struct str group = units->groups.items[g].text;
		struct number_opt *limits =
			arena_array(cx->mem, struct number_opt, units->measures.count);
		TRY(bound_value(cx, run, &clause->met->at_least, group, &at_least, &is_set));
		TRY(bound_value(cx, run, &clause->met->floor, group, &floor, &is_set));
		for (size_t k = 0; k < units->measures.count; k++) {
			struct located text = units->measures.items[k].parameter;
			text.text = str_printf(
				cx->mem, "param(" STR_FMT ", group)", STR_ARG(text.text));
			TRY(bound_value(cx, run, &text, group, &limit, &is_set));
			limits[k] = (struct number_opt){is_set, is_set ? limit.value : 0};
		}
		for (size_t i = 0; i < out->units.count; i++)
			if (out->units.items[i].is_included &&
				str_eq(out->units.items[i].group, group))
				judge_unit(run, out, &out->units.items[i], limits,
					(size_t)at_least.value, floor.value);
	}
	return ERR_OK;
}

enum err units_area(
	struct ctx *cx, struct evaluation_run *run, struct str area, struct evaluation_result *out)
{
	const struct pack_units *units = run->e->units;
	const struct dataset_ledger *dl = run->unit_rows;
	const struct column *org, *name, *group;

	if (!units || !dl)
		return ERR_OK;
	org = table_find(dl->table, STR("org"));
	name = table_find(dl->table, STR("org_name"));
	group = table_find(dl->table, units->group.text);
	for (size_t row = 0; row < dl->table->row_count; row++) {
		struct unit_result *u;
		if (!row_in_area(dl, row, area) ||
			(units->where.text.n && !row_is_true(&run->units.where, row)))
			continue;
		u = VEC_PUSH(cx->mem, &out->units);
		*u = (struct unit_result){.row = row,
			.org = column_text(org, row),
			.name = column_text(name, row),
			.group = column_text(group, row),
			.is_included = true};
		u->values = arena_array(cx->mem, struct number_opt, units->measures.count);
		u->totals = arena_array(cx->mem, double, units->measures.count);
		u->weight =
			run->units.weight.state[row] == 0 ? (double)run->units.weight.num[row] : 0;
		for (size_t i = 0; i < units->exclude.count && u->is_included; i++)
			if (row_is_true(&run->units.exclude[i], row)) {
				u->is_included = false;
				u->reason = units->exclude.items[i].reason.text;
			}
		for (size_t k = 0; k < units->measures.count; k++)
			set_value(run, row, k, u);
	}
	return judge_units(cx, run, out);
}
