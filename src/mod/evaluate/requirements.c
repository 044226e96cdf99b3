#include "mod/evaluate/requirements.h"

#include "base/num.h"
#include "engine/column/group.h"
#include "mod/evaluate/evaluate_internal.h"

#define NANO  1000000000
#define MICRO 1000000
/* Finest decimals of what is not counted, where the data have no finer ones. */
#define DECIMALS 2

/* num / den * factor as an integer, rounded up or down; PACK when it is not a small number >= 0. */
static enum err scaled(struct ctx *cx, const struct located *text, const struct rule_result *v,
	i128 factor, i128 divisor, bool is_up, int64_t *out)
{
	i128 num, den, q;

	if (v->state != RULE_VALUE || v->den <= 0 || v->num < 0 ||
		__builtin_mul_overflow(v->num, factor, &num) ||
		__builtin_mul_overflow(v->den, divisor, &den) ||
		__builtin_add_overflow(num, is_up ? den - 1 : 0, &num) ||
		(q = num / den) > INT64_MAX / 2)
		return ctx_fail(cx, ERR_PACK,
			TR(cx, "'" STR_FMT "' 不是可用的数", "'" STR_FMT "' is no usable number"),
			STR_ARG(text->text));
	*out = (int64_t)q;
	return ERR_OK;
}

/* The value of a bound for the group; absent is a mistake of the pack. */
static enum err bound(struct ctx *cx, const struct evaluation_run *run, const struct located *text,
	struct str group, struct rule_result *out)
{
	bool is_set;

	TRY(bound_value(cx, run, text, group, out, &is_set));
	if (!is_set)
		return ctx_fail(cx, ERR_PACK,
			TR(cx, "'" STR_FMT "' 对 " STR_FMT " 没有值",
				"'" STR_FMT "' has no value for " STR_FMT),
			STR_ARG(text->text), STR_ARG(group));
	return ERR_OK;
}

static bool is_for_each(const struct pack_clause *clause, const char *what)
{
	for (size_t i = 0; i < clause->for_each.count; i++)
		if (str_is(clause->for_each.items[i].text, what))
			return true;
	return false;
}

/* The limit of every measure's dispersion, if a clause that decides has one. */
static enum err read_limit(
	struct ctx *cx, const struct evaluation_run *run, struct str group, int64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < run->e->clauses.count; i++) {
		const struct pack_clause *c = &run->e->clauses.items[i];
		struct rule_result v;
		if (!c->dispersion || c->is_information || !c->dispersion->at_most.text.n ||
			!is_for_each(c, "measure"))
			continue;
		TRY(bound(cx, run, &c->dispersion->at_most, group, &v));
		TRY(scaled(cx, &c->dispersion->at_most, &v, MICRO, 1, false, out));
	}
	return ERR_OK;
}

static enum err read_thresholds(struct ctx *cx, const struct evaluation_run *run, struct str group,
	struct requirements *out)
{
	int64_t limit;

	TRY(read_limit(cx, run, group, &limit));
	for (size_t k = 0; k < out->measure_count; k++) {
		const struct pack_measure *m = &out->rules->measures.items[k];
		struct located text = m->parameter;
		int64_t per_micro = m->per.is_set ? m->per.micro : MICRO;
		struct rule_result v;

		out->measures[k] = (struct required_measure){.measure = m, .limit_micro = limit};
		text.text = str_printf(cx->mem, "param(" STR_FMT ", group)", STR_ARG(text.text));
		TRY(bound(cx, run, &text, group, &v));
		TRY(scaled(cx, &text, &v, (i128)NANO * MICRO, per_micro, true,
			&out->measures[k].threshold_nano));
	}
	return ERR_OK;
}

static enum err read_met(struct ctx *cx, const struct evaluation_run *run, struct str group,
	struct requirements *out)
{
	for (size_t i = 0; i < run->e->clauses.count; i++) {
		const struct pack_met *met = run->e->clauses.items[i].met;
		struct rule_result v;
		int64_t count = 0;
		if (!met)
			continue;
		TRY(bound(cx, run, &met->at_least, group, &v));
		TRY(scaled(cx, &met->at_least, &v, 1, 1, true, &count));
		out->at_least = (size_t)MIN(count, (int64_t)out->measure_count);
		TRY(bound(cx, run, &met->floor, group, &v));
		return scaled(cx, &met->floor, &v, MICRO, 1, true, &out->floor_ppm);
	}
	return ctx_fail(cx, ERR_INVALID,
		TR(cx, "评估 " STR_FMT " 不要求每个单位逐项达标, 无从推算",
			"evaluation " STR_FMT " does not ask its units to meet measures"),
		STR_ARG(run->e->id.text));
}

/* Decimals of the measure's totals: as few as they can be written with. */
static int find_scale(const struct evaluation_run *run, const struct requirements *q, size_t k)
{
	const struct row_values *v = &run->units.numerators[k];
	int scale = q->measures[k].measure->is_counted ? 0 : MIN(DECIMALS, v->scale);

	for (size_t i = 0; i < q->unit_count; i++) {
		int64_t total = v->num[q->units[i].row];
		while (scale < v->scale && total % pow10_i64(v->scale - scale) != 0)
			scale++;
	}
	return scale;
}

static void read_unit(const struct evaluation_run *run, const struct unit_result *u,
	struct required_unit *out, struct problems *ps)
{
	const struct unit_rules *r = &run->units;
	bool has_share = r->share_sum && r->share_sum[u->row] > 0 && r->share.state[u->row] == 0;

	*out = (struct required_unit){.row = u->row,
		.org = u->org,
		.name = u->name,
		.weight = (int64_t)u->weight,
		.weight_max = INT64_MAX,
		.share_num = 1,
		.share_den = 1};
	if (has_share && r->share.num[u->row] > 0) {
		out->share_num = r->share.num[u->row];
		out->share_den = (int64_t)r->share_sum[u->row]; /* a sum of integers */
	}
	if (out->weight <= 0 || r->weight.scale != 0)
		problems_error(ps, (struct place){.file = run->unit_rows->source},
			TR(ps, STR_FMT " " STR_FMT ": 权数应为正整数",
				STR_FMT " " STR_FMT ": the weight must be a whole number above 0"),
			STR_ARG(u->org), STR_ARG(u->name));
}

static void read_totals(
	const struct evaluation_run *run, struct requirements *out, size_t k, struct problems *ps)
{
	const struct row_values *v = &run->units.numerators[k];
	struct required_measure *m = &out->measures[k];

	m->scale = find_scale(run, out, k);
	for (size_t i = 0; i < out->unit_count; i++) {
		size_t row = out->units[i].row;
		struct place at = {.file = run->unit_rows->source};
		if (run->unit_rows->row_numbers)
			at.line = (int)run->unit_rows->row_numbers[row];
		if (v->state[row] != 0)
			problems_error(ps, at,
				TR(ps, STR_FMT ": " STR_FMT " 未填",
					STR_FMT ": " STR_FMT " has no value"),
				STR_ARG(out->units[i].org), STR_ARG(m->measure->title.text));
		else if (v->num[row] < 0 || (m->measure->is_counted && m->scale > 0))
			problems_error(ps, at,
				TR(ps, STR_FMT ": " STR_FMT " 应为非负整数",
					STR_FMT ": " STR_FMT " must be a whole number from 0"),
				STR_ARG(out->units[i].org), STR_ARG(m->measure->title.text));
		out->totals[i * out->measure_count + k] =
			v->num[row] / pow10_i64(v->scale - m->scale);
	}
}

static enum err rejected(struct ctx *cx, const struct problems *ps)
{
	struct strbuf b;
	enum err e;

	strbuf_init(&b, STRBUF_MAX);
	problems_format(ps, &b);
	e = ctx_fail(cx, ERR_REJECTED, "%s", b.p);
	strbuf_release(&b);
	return e;
}

/* The tightest of the pack's limits that has a value for the unit. */
static enum err read_weight_limits(
	struct ctx *cx, const struct evaluation_run *run, struct requirements *out)
{
	for (size_t n = 0; n < out->rules->weight_limits.count; n++) {
		struct row_values v;
		TRY(row_values_make(cx, run, run->unit_rows,
			&out->rules->weight_limits.items[n].at_most, false, &v));
		for (size_t i = 0; i < out->unit_count; i++) {
			struct required_unit *u = &out->units[i];
			if (v.state[u->row] == 0)
				u->weight_max =
					MIN(u->weight_max, v.num[u->row] / pow10_i64(v.scale));
		}
	}
	return ERR_OK;
}

static void find_alone(struct ctx *cx, const struct evaluation_run *run, struct requirements *out)
{
	const struct column *org = table_find(run->unit_rows->table, STR("org"));
	struct groups groups;
	size_t *rows, n = run->unit_rows->table->row_count;

	if (!org)
		return;
	groups_make(cx->mem, &org, 1, n, &groups);
	rows = arena_array(cx->mem, size_t, groups.count);
	for (size_t i = 0; i < n; i++)
		rows[groups.ids[i]]++;
	for (size_t i = 0; i < out->unit_count; i++)
		out->units[i].is_alone = rows[groups.ids[out->units[i].row]] == 1;
}

enum err evaluation_requirements(struct ctx *cx, const struct evaluation_run *run,
	const struct evaluation_result *result, struct str group, struct requirements *out)
{
	const struct pack_units *units = run->e->units;
	struct problems ps;

	if (!units || !run->unit_rows)
		return ctx_fail(cx, ERR_INVALID,
			TR(cx, "评估 " STR_FMT " 没有单位的数据",
				"evaluation " STR_FMT " has no rows of units"),
			STR_ARG(run->e->id.text));
	*out = (struct requirements){.rules = units,
		.rows = run->unit_rows,
		.measure_count = units->measures.count,
		.units = arena_array(cx->mem, struct required_unit, result->units.count),
		.measures = arena_array(cx->mem, struct required_measure, units->measures.count),
		.totals =
			arena_array(cx->mem, int64_t, result->units.count * units->measures.count)};
	TRY(read_met(cx, run, group, out));
	TRY(read_thresholds(cx, run, group, out));
	problems_init(&ps, cx->mem);
	ps.is_english = cx->is_english;
	for (size_t i = 0; i < result->units.count; i++) {
		const struct unit_result *u = &result->units.items[i];
		if (u->is_included && str_eq(u->group, group))
			read_unit(run, u, &out->units[out->unit_count++], &ps);
	}
	TRY(read_weight_limits(cx, run, out));
	find_alone(cx, run, out);
	for (size_t k = 0; k < out->measure_count; k++)
		read_totals(run, out, k, &ps);
	return ps.error_count ? rejected(cx, &ps) : ERR_OK;
}
