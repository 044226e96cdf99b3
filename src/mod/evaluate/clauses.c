/* Each kind of clause to a verdict, and the verdicts of the clauses to that of the area. */
#include "mod/evaluate/evaluate_internal.h"

#include "base/num.h"
#include "engine/column/dispersion.h"
#include "mod/measure/indicator.h"

#include <math.h>

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = {"pass", "fail", "missing", "undefined"};

	return names[v];
}

struct judging {
	struct ctx *cx;
	struct evaluation_run *run;
	struct evaluation_result *out;
	struct str area;
};

/* A bound of four forms as operator and limit. */
static enum err take_bound(const struct judging *j, const struct located *const forms[4],
	struct str group, struct clause_result *r, struct rule_result *limit)
{
	static const char *const ops[] = {">=", "<=", ">", "<"};
	bool is_set;

	for (int i = 0; i < 4; i++) {
		TRY(bound_value(j->cx, j->run, forms[i], group, limit, &is_set));
		if (!is_set)
			continue;
		r->op = ops[i];
		r->limit = (struct number_opt){true, limit->value};
	}
	return ERR_OK;
}

static bool holds(const char *op, double value, double limit)
{
	if (op[0] == '>')
		return op[1] ? value >= limit : value > limit;
	return op[1] ? value <= limit : value < limit;
}

static double rounded(double v, int digits)
{
	double p = pow(10, digits);

	return round(v * p) / p;
}

bool bound_agrees(const char *op, double value, double other, double limit)
{
	return holds(op, value, limit) == holds(op, other, limit);
}

bool clause_holds_rounded(const struct clause_result *c, int digits, double *out_read)
{
	assert(c->value.is_set);
	*out_read = rounded(c->value.value, digits);
	return !c->op || bound_agrees(c->op, c->value.value, *out_read, c->limit.value);
}

static void add_note(const struct judging *j, struct clause_result *r, const char *fmt, ...)
	PRINTF(3, 4);

static void add_note(const struct judging *j, struct clause_result *r, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = arena_vprintf(j->cx->mem, fmt, ap);
	va_end(ap);
	r->note = r->note.n ? str_printf(j->cx->mem, STR_FMT "; %s", STR_ARG(r->note), text)
			    : str_from(text);
}

/* The verdict of a value under the bound that r has; a reading at 2 or 3 decimals is warned of. */
static void judge_value(const struct judging *j, struct clause_result *r, double value)
{
	r->value = (struct number_opt){true, value};
	r->verdict = VERDICT_PASS;
	if (!r->op)
		return;
	if (!holds(r->op, value, r->limit.value)) {
		r->verdict = VERDICT_FAIL;
		r->short_by = (struct number_opt){true, fabs(value - r->limit.value)};
	}
	for (int digits = 2; digits <= 3; digits++) {
		double read;
		if (!clause_holds_rounded(r, digits, &read))
			add_note(j, r,
				TR(j->cx, "按 %d 位小数读作 %.*f 时结论会相反, 以未取整的值为准",
					"read with %d decimals (%.*f) the verdict would be the "
					"other; the unrounded value decides"),
				digits, digits, read);
	}
}

/* --- units ---------------------------------------------------------------------------------- */

static bool is_counted_unit(const struct unit_result *u, struct str group)
{
	return u->is_included && str_eq(u->group, group);
}

static void judge_met(const struct judging *j, struct str group, struct clause_result *r)
{
	size_t units = 0, failed = 0, missing = 0;

	for (size_t i = 0; i < j->out->units.count; i++) {
		const struct unit_result *u = &j->out->units.items[i];
		if (!is_counted_unit(u, group))
			continue;
		units++;
		failed += u->verdict == VERDICT_FAIL;
		missing += u->verdict == VERDICT_MISSING;
	}
	r->op = "<=";
	r->limit = (struct number_opt){true, 0};
	if (units)
		r->value = (struct number_opt){true, (double)failed};
	r->unit = STR("所");
	if (failed) {
		r->verdict = VERDICT_FAIL;
		r->short_by = r->value;
		add_note(j, r, TR(j->cx, "%zu 所中 %zu 所未达标", "of %zu units %zu fail"), units,
			failed);
	} else if (missing || !units) {
		r->verdict = VERDICT_MISSING;
	}
	if (missing)
		add_note(j, r, TR(j->cx, "%zu 所数据不全", "%zu units lack data"), missing);
	if (!units)
		add_note(j, r, "%s", TR(j->cx, "没有该类单位的数据", "no units of this group"));
}

static void dispersion_value(
	const struct judging *j, struct str group, size_t k, struct clause_result *r)
{
	size_t n = 0, missing = 0;
	double *weights = arena_array(j->cx->mem, double, j->out->units.count);
	double *totals = arena_array(j->cx->mem, double, j->out->units.count);
	struct dispersion d;

	for (size_t i = 0; i < j->out->units.count; i++) {
		const struct unit_result *u = &j->out->units.items[i];
		if (!is_counted_unit(u, group))
			continue;
		if (!u->values[k].is_set) {
			missing++;
			continue;
		}
		weights[n] = u->weight;
		totals[n++] = u->totals[k];
	}
	if (missing || n == 0) {
		r->verdict = VERDICT_MISSING;
		if (missing)
			add_note(j, r, TR(j->cx, "%zu 所未填", "%zu units have no value"), missing);
		else
			add_note(j, r, "%s",
				TR(j->cx, "没有该类单位的数据", "no units of this group"));
		return;
	}
	d = dispersion_of(weights, totals, n);
	if (d.state != DISPERSION_OK) {
		r->verdict = VERDICT_UNDEFINED;
		add_note(j, r, "%s",
			d.state == DISPERSION_ZERO_MEAN ? TR(j->cx, "平均值为 0, 差异系数无法计算",
								  "the mean is 0: no coefficient")
							: TR(j->cx, "数据无法计算差异系数",
								  "the data allow no coefficient"));
		return;
	}
	judge_value(j, r, d.cv);
	if (n == 1)
		add_note(j, r, "%s", TR(j->cx, "只有一所, 差异系数为 0", "one unit only: 0"));
}

static void judge_composite(const struct judging *j, struct str group, struct clause_result *r)
{
	const struct pack_units *units = j->run->e->units;
	double sum = 0;

	for (size_t k = 0; k < units->measures.count; k++) {
		struct clause_result one = {0};
		dispersion_value(j, group, k, &one);
		if (!one.value.is_set) {
			r->verdict = one.verdict;
			add_note(j, r, STR_FMT ": " STR_FMT,
				STR_ARG(units->measures.items[k].title.text), STR_ARG(one.note));
			return;
		}
		sum += one.value.value;
	}
	judge_value(j, r, sum / (double)units->measures.count);
}

/* --- rows ----------------------------------------------------------------------------------- */

/* Aggregate over the area's rows; is_missing: a row lacks a value that the rule needs. */
static enum err aggregate(const struct judging *j, struct str ledger, const struct located *text,
	struct rule_result *out, struct clause_result *r)
{
	struct dataset_ledger *dl = dataset_find(j->run->ds, ledger);
	const struct rule_env *env;
	const struct rule *rule;
	struct problems ps;
	struct plan *plan;
	struct plan_sums sums;
	struct str missing;
	uint32_t *ids;
	size_t rows = 0;

	*out = (struct rule_result){.state = RULE_MISSING};
	if (!dl) {
		add_note(j, r,
			TR(j->cx, "没有台账 " STR_FMT " 的数据", "no rows of ledger " STR_FMT),
			STR_ARG(ledger));
		return ERR_OK;
	}
	env = pack_rule_env(j->cx->mem, j->run->ds->pack, dl->ledger, j->run->day, false);
	problems_init(&ps, j->cx->mem);
	rule = pack_compile(j->cx->mem, env, text, RULE_AGGREGATE, false, &ps);
	if (!rule || !plan_make(j->cx->mem, &rule, 1, dl->table, &plan, &missing))
		return ctx_fail(j->cx, ERR_PACK, STR_FMT, STR_ARG(text->text));
	ids = arena_array(j->cx->mem, uint32_t, dl->table->row_count);
	for (size_t i = 0; i < dl->table->row_count; i++) {
		ids[i] = row_in_area(dl, i, j->area) ? 0 : 1;
		rows += ids[i] == 0;
	}
	for (size_t c = 0; c < rule->column_count; c++) {
		const struct rule_column *name = &env->columns[rule->columns[c]];
		const struct column *column = table_find(dl->table, name->name);
		size_t empty = 0;
		int64_t v;
		if (str_find(text->text, STR("coalesce")) != SIZE_MAX)
			break;
		for (size_t i = 0; i < dl->table->row_count; i++)
			empty += ids[i] == 0 && !column_get(column, i, &v);
		if (empty) {
			add_note(j, r,
				TR(j->cx, STR_FMT " 有 %zu 行未填", STR_FMT ": %zu rows are empty"),
				STR_ARG(name->title), empty);
			return ERR_OK;
		}
	}
	plan_sums_init(&sums, j->cx->mem, plan, 2);
	plan_run_sums(plan_run_new(j->cx->mem, plan), 0, dl->table->row_count, ids, &sums);
	*out = plan_finish(plan, 0, &sums, 0);
	if (rows == 0)
		add_note(j, r,
			TR(j->cx, "台账 " STR_FMT " 没有本地区的行",
				"ledger " STR_FMT " has no row of the area"),
			STR_ARG(ledger));
	return ERR_OK;
}

static enum err judge_ratio(
	const struct judging *j, const struct pack_clause_value *v, struct clause_result *r)
{
	const struct located *forms[4] = {&v->at_least, &v->at_most, &v->above, &v->below};
	const struct pack_indicator *d =
		v->indicator.text.n ? pack_find_indicators(j->run->ds->pack, v->indicator.text)
				    : NULL;
	struct str from = d ? d->from.text : v->from.text;
	const struct located *num_text = d ? &d->numerator : &v->numerator;
	const struct located *den_text = d ? &d->denominator : &v->denominator;
	struct str den_from = d ? d->denominator_from.text : v->denominator_from.text;
	const struct dec_opt *per = d ? &d->per : &v->per;
	struct rule_result limit = {0}, num, den = {.state = RULE_VALUE, .num = 1, .den = 1};
	double value;

	TRY(take_bound(j, forms, STR_NONE, r, &limit));
	r->unit = d ? d->unit.text : v->unit.text;
	TRY(aggregate(j, from, num_text, &num, r));
	if (den_text->text.n && num.state == RULE_VALUE)
		TRY(aggregate(j, den_from.n ? den_from : from, den_text, &den, r));
	if (num.state == RULE_MISSING || den.state == RULE_MISSING) {
		r->verdict = VERDICT_MISSING;
		return ERR_OK;
	}
	if (num.state == RULE_OVERFLOW || den.state == RULE_OVERFLOW || den.num == 0) {
		r->verdict = VERDICT_UNDEFINED;
		add_note(j, r, "%s",
			den.num == 0 ? TR(j->cx, "分母为 0, 无法计算", "the denominator is 0")
				     : TR(j->cx, "数值过大", "the numbers are too large"));
		return ERR_OK;
	}
	/* Integers in long double are exact here, so that 100 * 21 / 500 is 4.2 itself. */
	value = (double)((long double)num.num * (long double)den.den *
			 (per->is_set ? (long double)per->micro / 1e6L : 1.0L) /
			 ((long double)num.den * (long double)den.num));
	judge_value(j, r, value);
	return ERR_OK;
}

/* The first rows that fail by name, and what each still needs where the clause says it. */
static void list_failed(const struct judging *j, const struct dataset_ledger *dl, size_t row,
	const struct row_values *needs, size_t nth, struct clause_result *r)
{
	struct str name = column_text(table_find(dl->table, STR("org_name")), row);
	struct strbuf b;

	if (!name.n)
		name = column_text(table_find(dl->table, STR("org")), row);
	strbuf_init(&b, 100);
	strbuf_z(&b, "");
	if (needs->state[row] == 0)
		strbuf_dec_short(&b, needs->num[row], needs->scale);
	if (nth < 5 && name.n)
		add_note(j, r,
			b.n ? TR(j->cx, STR_FMT " 差 %s", STR_FMT " short of %s") : STR_FMT "%s",
			STR_ARG(name), b.p);
	strbuf_release(&b);
	if (nth == 5)
		add_note(j, r, "…");
}

static enum err judge_every(
	const struct judging *j, const struct pack_clause_every *e, struct clause_result *r)
{
	struct dataset_ledger *dl = dataset_find(j->run->ds, e->from.text);
	double share = e->share.is_set ? (double)e->share.micro / 1e6 : 100;
	size_t rows = 0, in_scope = 0, passed = 0, failed = 0;
	struct row_values where, require, needs;

	if (dl) {
		TRY(row_values_make(j->cx, j->run, dl, &e->needs, false, &needs));
		TRY(row_values_make(j->cx, j->run, dl, &e->where, true, &where));
		TRY(row_values_make(j->cx, j->run, dl, &e->require, true, &require));
	}
	for (size_t i = 0; dl && i < dl->table->row_count; i++) {
		if (!row_in_area(dl, i, j->area))
			continue;
		rows++;
		if (e->where.text.n && where.state[i] == 0 && !where.num[i])
			continue;
		in_scope++;
		if (e->where.text.n && where.state[i] != 0)
			continue; /* not known whether it is meant: counts as unknown */
		if (require.state[i] == 0 && require.num[i])
			passed++;
		else if (require.state[i] == 0)
			list_failed(j, dl, i, &needs, failed++, r);
	}
	if (rows == 0) {
		r->verdict = VERDICT_MISSING;
		add_note(j, r,
			TR(j->cx, "台账 " STR_FMT " 没有本地区的行",
				"ledger " STR_FMT " has no row of the area"),
			STR_ARG(e->from.text));
		return ERR_OK;
	}
	r->op = ">=";
	r->unit = STR("%");
	r->limit = (struct number_opt){true, share};
	if (in_scope == 0) {
		add_note(j, r, "%s", TR(j->cx, "没有适用的单位", "applies to no unit"));
		return ERR_OK;
	}
	if ((double)passed * 100 >= share * (double)in_scope) {
		judge_value(j, r, 100.0 * (double)passed / (double)in_scope);
	} else if ((double)(in_scope - failed) * 100 < share * (double)in_scope) {
		judge_value(j, r, 100.0 * (double)(in_scope - failed) / (double)in_scope);
		add_note(j, r, TR(j->cx, "%zu 个单位未达到", "%zu units fail"), failed);
	} else {
		r->verdict = VERDICT_MISSING;
		add_note(j, r, TR(j->cx, "%zu 个单位数据不全", "%zu units lack data"),
			in_scope - passed - failed);
	}
	return ERR_OK;
}

static void judge_evidence(
	const struct judging *j, const struct pack_clause *clause, struct clause_result *r)
{
	const struct dataset_ledger *dl = dataset_find(j->run->ds, j->run->e->evidence.text);
	int64_t answer;

	r->verdict = VERDICT_MISSING;
	for (size_t i = 0; dl && i < dl->table->row_count; i++) {
		if (!row_in_area(dl, i, j->area) ||
			!str_eq(column_text(table_find(dl->table, STR("evaluation")), i),
				j->run->e->id.text) ||
			!str_eq(column_text(table_find(dl->table, STR("clause")), i), r->id) ||
			!column_get(table_find(dl->table, STR("answer")), i, &answer))
			continue;
		r->verdict =
			(answer != 0) != clause->evidence->must_be_no ? VERDICT_PASS : VERDICT_FAIL;
		r->note = column_text(table_find(dl->table, STR("document")), i);
		return;
	}
	add_note(j, r, "%s", TR(j->cx, "没有佐证", "no evidence given"));
}

/* --- all ------------------------------------------------------------------------------------- */

static enum verdict worse(enum verdict a, enum verdict b)
{
	static const int rank[] = {[VERDICT_PASS] = 0,
		[VERDICT_UNDEFINED] = 1,
		[VERDICT_MISSING] = 2,
		[VERDICT_FAIL] = 3};

	return rank[a] >= rank[b] ? a : b;
}

struct str evaluation_group_title(
	const struct pack *p, const struct pack_evaluation *e, struct str group)
{
	const struct pack_units *units = e->units;
	const struct pack_ledger *l = units ? pack_find_ledgers(p, units->ledger.text) : NULL;
	const struct pack_field *f = l ? ledger_field(l, units->group.text) : NULL;
	const struct pack_codes *codes = f ? pack_find_codes(p, f->codes.text) : NULL;

	for (size_t i = 0; codes && i < codes->items.count; i++)
		if (str_eq(codes->items.items[i].code.text, group))
			return codes->items.items[i].title.text;
	return group;
}

static enum err judge_clause(const struct judging *j, const struct pack_clause *clause,
	struct str group, size_t measure, bool is_part, enum verdict *out_verdict)
{
	const struct pack_units *units = j->run->e->units;
	struct clause_result r = {.clause = clause,
		.is_part = is_part,
		.is_information = clause->is_information,
		.group = group,
		.measure = measure};
	struct str name = measure != SIZE_MAX ? units->measures.items[measure].id.text : STR_NONE;
	size_t at = j->out->clauses.count;
	struct rule_result limit = {0};

	r.id = text_replace_braced(j->cx->mem, clause->id.text, "group", group);
	r.id = text_replace_braced(j->cx->mem, r.id, "measure", name);
	r.title = text_replace_braced(j->cx->mem, clause->title.text, "group",
		evaluation_group_title(j->run->ds->pack, j->run->e, group));
	r.title = text_replace_braced(j->cx->mem, r.title, "measure",
		measure != SIZE_MAX ? units->measures.items[measure].title.text : STR_NONE);
	*VEC_PUSH(j->cx->mem, &j->out->clauses) = r;
	if (clause->dispersion || clause->composite) {
		const struct pack_bound *b =
			clause->dispersion ? clause->dispersion : clause->composite;
		const struct located *forms[4] = {&b->at_least, &b->at_most, &b->above, &b->below};
		TRY(take_bound(j, forms, group, &r, &limit));
	}
	if (clause->met)
		judge_met(j, group, &r);
	if (clause->dispersion)
		dispersion_value(j, group, measure, &r);
	if (clause->composite)
		judge_composite(j, group, &r);
	if (clause->value)
		TRY(judge_ratio(j, clause->value, &r));
	if (clause->every)
		TRY(judge_every(j, clause->every, &r));
	if (clause->evidence)
		judge_evidence(j, clause, &r);
	for (size_t i = 0; i < clause->parts.count; i++) {
		enum verdict part;
		TRY(judge_clause(j, &clause->parts.items[i], group, measure, true, &part));
		r.verdict = worse(r.verdict, part);
	}
	j->out->clauses.items[at] = r;
	*out_verdict = r.verdict;
	return ERR_OK;
}

static enum err judge_for_each(const struct judging *j, const struct pack_clause *clause)
{
	const struct pack_units *units = j->run->e->units;
	bool by_group = false, by_measure = false;
	enum verdict v;

	for (size_t i = 0; i < clause->for_each.count; i++) {
		by_group |= str_is(clause->for_each.items[i].text, "group");
		by_measure |= str_is(clause->for_each.items[i].text, "measure");
	}
	for (size_t g = 0; g < (by_group ? units->groups.count : 1); g++)
		for (size_t k = 0; k < (by_measure ? units->measures.count : 1); k++) {
			TRY(judge_clause(j, clause,
				by_group ? units->groups.items[g].text : STR_NONE,
				by_measure ? k : SIZE_MAX, false, &v));
			if (!clause->is_information)
				j->out->verdict = worse(j->out->verdict, v);
		}
	return ERR_OK;
}

/* The period asked for, or the latest of the rows: each ledger has kept only its latest. */
static struct str latest_period(const struct dataset *ds)
{
	struct str latest = ds->period;

	for (size_t i = 0; !ds->period.n && i < ds->ledgers.count; i++) {
		const struct table *t = ds->ledgers.items[i].table;
		for (size_t row = 0; row < t->row_count; row++) {
			struct str period = column_text(table_find(t, STR("period")), row);
			if (str_cmp(period, latest) > 0)
				latest = period;
		}
	}
	return latest;
}

enum err evaluation_ready(struct ctx *cx, const struct dataset *ds, const struct pack_evaluation *e,
	struct evaluation_run **out)
{
	struct evaluation_run *run = arena_new(cx->mem, struct evaluation_run);
	struct date today = {(int32_t)(cx->now_us / 86400000000)};

	run->ds = ds;
	run->e = e;
	run->day = period_day(latest_period(ds), today);
	*out = run;
	return units_ready(cx, run);
}

static int by_code(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void evaluation_areas(struct ctx *cx, const struct evaluation_run *run, struct str **out, size_t *n)
{
	struct strmap seen;

	strmap_init(&seen, cx->mem);
	for (size_t d = 0; d < run->ds->ledgers.count; d++) {
		const struct dataset_ledger *dl = &run->ds->ledgers.items[d];
		for (size_t i = 0; i < dl->table->row_count; i++)
			(void)strmap_put(&seen, column_text(dataset_area_column(dl), i), NULL);
	}
	*n = seen.count;
	*out = arena_array(cx->mem, struct str, seen.count);
	for (size_t i = 0; i < seen.count; i++)
		(*out)[i] = seen.entries[i].key;
	if (*n)
		qsort(*out, *n, sizeof **out, by_code);
}

enum err evaluation_area(
	struct ctx *cx, struct evaluation_run *run, struct str area, struct evaluation_result *out)
{
	struct judging j = {cx, run, out, area};

	*out = (struct evaluation_result){
		.evaluation = run->e, .area = area, .period = latest_period(run->ds)};
	TRY(units_area(cx, run, area, out));
	for (size_t i = 0; i < run->e->clauses.count; i++)
		TRY(judge_for_each(&j, &run->e->clauses.items[i]));
	return ERR_OK;
}
