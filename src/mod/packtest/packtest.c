#include "mod/packtest/packtest.h"

#include "base/num.h"
#include "mod/evaluate/evaluate.h"
#include "mod/measure/indicator.h"
#include "mod/packtest/packtest_internal.h"

#include <math.h>

void differs(struct case_run *run, const char *fmt, ...)
{
	va_list ap;

	if (run->differs->n)
		strbuf_z(run->differs, "; ");
	va_start(ap, fmt);
	strbuf_z(run->differs, arena_vprintf(run->cx->mem, fmt, ap));
	va_end(ap);
}

void expect_text(struct case_run *run, struct str what, const char *got, const struct yaml_node *n)
{
	if (!str_is(n->text, got))
		differs(run,
			TR(run->cx, STR_FMT " 为 %s, 应为 " STR_FMT,
				STR_FMT " is %s, expected " STR_FMT),
			STR_ARG(what), got, STR_ARG(n->text));
}

/* How far apart two numbers may be when one of them is written like this. */
static double tolerance(struct str written, double value)
{
	size_t point = str_find_char(written, '.');
	size_t decimals = point == SIZE_MAX ? 0 : written.n - point - 1;

	return decimals >= 4 ? 0.5000001 * pow(10, -(double)decimals) : 1e-9 * fmax(1, fabs(value));
}

void expect_number(
	struct case_run *run, struct str what, bool is_set, double got, const struct yaml_node *n)
{
	struct strbuf b;
	double want;

	if (parse_f64(n->text, &want) != NUM_OK) {
		problems_error(&run->ps, n->at,
			TR(run->cx, "'" STR_FMT "' 应为数字", "'" STR_FMT "' should be a number"),
			STR_ARG(n->text));
		return;
	}
	if (is_set && fabs(got - want) <= tolerance(n->text, want))
		return;
	strbuf_init(&b, 100);
	strbuf_z(&b, "");
	is_set ? strbuf_f64(&b, got) : strbuf_z(&b, "null");
	expect_text(run, what, b.p, n);
	strbuf_release(&b);
}

struct date case_day(const struct case_run *run)
{
	return (struct date){(int32_t)(run->cx->now_us / 86400000000)};
}

/* The end of the case's period is today for it, also of one to come; without a period it is now. */
static int64_t case_now(const struct ctx *cx, struct str period)
{
	struct date latest = {INT32_MAX};
	struct date end = period_day(period, latest);

	return end.day == latest.day ? cx->now_us : end.day * INT64_C(86400000000);
}

/* --- evaluations ---------------------------------------------------------------------------- */

static void expect_parts(
	struct case_run *run, const struct clause_result *r, const struct yaml_node *expected)
{
	for (const struct yaml_node *n = expected->first; n; n = n->next) {
		struct str what = str_printf(
			run->cx->mem, STR_FMT " " STR_FMT, STR_ARG(r->id), STR_ARG(n->key));
		if (str_is(n->key, "verdict"))
			expect_text(run, what, verdict_name(r->verdict), n);
		else if (str_is(n->key, "op"))
			expect_text(run, what, r->op ? r->op : "", n);
		else if (str_is(n->key, "value"))
			expect_number(run, what, r->value.is_set, r->value.value, n);
		else if (str_is(n->key, "limit"))
			expect_number(run, what, r->limit.is_set, r->limit.value, n);
		else if (str_is(n->key, "short_by"))
			expect_number(run, what, r->short_by.is_set, r->short_by.value, n);
		else if (str_is(n->key, "note") && str_find(r->note, n->text) != SIZE_MAX)
			continue;
		else if (str_is(n->key, "note"))
			expect_text(run, what, str_z(run->cx->mem, r->note), n);
		else
			problems_error(
				&run->ps, n->key_at, "verdict, op, value, limit, short_by, note");
	}
}

static void expect_clause(struct case_run *run, const struct evaluation_result *result,
	const struct yaml_node *expected)
{
	const struct clause_result *r = NULL;

	if (str_is(expected->key, "verdict")) {
		expect_text(run, expected->key, verdict_name(result->verdict), expected);
		return;
	}
	if (str_is(expected->key, "units")) {
		expect_units(run, result, expected);
		return;
	}
	for (size_t i = 0; i < result->clauses.count && !r; i++)
		if (str_eq(result->clauses.items[i].id, expected->key))
			r = &result->clauses.items[i];
	if (!r) {
		problems_error(&run->ps, expected->key_at,
			TR(run->cx, "没有条款 '" STR_FMT "'", "no clause '" STR_FMT "'"),
			STR_ARG(expected->key));
		return;
	}
	if (run->coverage)
		cover_clause(run->coverage, result->evaluation, r->clause, r->id, case_day(run));
	if (expected->kind == YAML_SCALAR)
		expect_text(run, r->id, verdict_name(r->verdict), expected);
	else
		expect_parts(run, r, expected);
}

static enum err run_evaluation(struct case_run *run, const struct pack_evaluation *e)
{
	struct ctx in_chinese = *run->cx; /* the language that cases expect notes in */
	struct evaluation_result result;
	struct evaluation_run *evaluation;
	enum err failed;

	in_chinese.is_english = false;
	failed = evaluation_ready(&in_chinese, &run->ds, e, &evaluation);
	if (failed == ERR_OK)
		failed = evaluation_area(&in_chinese, evaluation, run->area, &result);
	run->cx->error = in_chinese.error;
	TRY(failed);
	for (const struct yaml_node *n = run->c->expect->first; n; n = n->next)
		expect_clause(run, &result, n);
	return ERR_OK;
}

static enum err run_indicator(struct case_run *run, const struct pack_indicator *d)
{
	const struct yaml_node *expected = run->c->expect;
	struct indicator_result r;

	TRY(indicator_compute(run->cx, &run->ds, NULL, d, STR_NONE, &r));
	if (run->coverage)
		cover_indicator(run->coverage, d, case_day(run));
	if (str_is(expected->text, "missing") || str_is(expected->text, "undefined"))
		expect_text(run, d->id.text, indicator_state_name(r.total.state), expected);
	else
		expect_number(
			run, d->id.text, r.total.state == INDICATOR_VALUE, r.total.value, expected);
	return ERR_OK;
}

/* --- one case ------------------------------------------------------------------------------- */

/* The subject exists and `expect` has its form; else a problem. */
static bool is_well_formed(struct case_run *run)
{
	const struct pack_case *c = run->c;
	const struct pack *p = run->p;
	const struct {
		const struct located *name;
		bool is_known, is_map;
	} subjects[] = {
		{&c->evaluation, pack_find_evaluations(p, c->evaluation.text) != NULL, true},
		{&c->indicator, pack_find_indicators(p, c->indicator.text) != NULL, false},
		{&c->watch, pack_find_watches(p, c->watch.text) != NULL, false},
		{&c->ledger, pack_find_ledgers(p, c->ledger.text) != NULL, true},
		{&c->flow, pack_find_flows(p, c->flow.text) != NULL, true},
	};
	size_t given = 0;

	for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
		struct place at = subjects[i].name->at;
		if (!subjects[i].name->text.n)
			continue;
		given++;
		if (!subjects[i].is_known)
			problems_error(&run->ps, at,
				TR(run->cx, "没有 '" STR_FMT "'", "there is no '" STR_FMT "'"),
				STR_ARG(subjects[i].name->text));
		if ((c->expect->kind == YAML_MAP) != subjects[i].is_map)
			problems_error(&run->ps, c->expect->at, "%s",
				subjects[i].is_map
					? TR(run->cx, "expect 应为 名称: 结果",
						  "expect holds NAME: answer")
					: TR(run->cx, "expect 应为一个值", "expect is one value"));
	}
	if (given != 1)
		problems_error(&run->ps, c->at, "%s",
			TR(run->cx, "应有 evaluation, indicator, watch, ledger, flow 之一",
				"one of evaluation, indicator, watch, ledger, flow expected"));
	return run->ps.error_count == 0;
}

static enum err run_subject(struct case_run *run)
{
	const struct pack_case *c = run->c;

	if (c->evaluation.text.n)
		return run_evaluation(run, pack_find_evaluations(run->p, c->evaluation.text));
	if (c->indicator.text.n)
		return run_indicator(run, pack_find_indicators(run->p, c->indicator.text));
	return case_conditions(run);
}

static void run_case(struct case_run *run)
{
	struct strbuf b;

	if (is_well_formed(run)) {
		case_rows(run);
		if (run->ps.error_count == 0 && run_subject(run) != ERR_OK)
			differs(run, STR_FMT, STR_ARG(run->cx->error));
	}
	if (run->ps.error_count == 0)
		return;
	strbuf_init(&b, STRBUF_MAX);
	problems_format(&run->ps, &b);
	differs(run, STR_FMT, STR_ARG(str_trim(strbuf_view(&b))));
	strbuf_release(&b);
}

void packtest_run(struct ctx *cx, const struct pack *p, struct str only, struct packtest *out)
{
	struct arena *mem = arena_create();
	struct coverage coverage;

	*out = (struct packtest){0};
	coverage_init(&coverage, cx->mem, p);
	for (size_t i = 0; i < p->cases.count; i++) {
		struct ctx sub = *cx;
		struct case_run run = {.cx = &sub, .p = p, .c = &p->cases.items[i]};
		struct strbuf text;
		if (!str_starts(run.c->id.text, str_z(cx->mem, only)))
			continue;
		arena_reset(mem);
		sub.mem = mem;
		sub.now_us = case_now(cx, run.c->period.text);
		strbuf_init(&text, 1 << 16);
		run.differs = &text;
		run.area = run.c->area.text.n ? run.c->area.text : STR(CASE_AREA);
		run.coverage = only.n ? NULL : &coverage;
		problems_init(&run.ps, mem);
		dataset_init(&run.ds, mem, p, run.c->period.text);
		run_case(&run);
		*VEC_PUSH(cx->mem, &out->results) = (struct case_result){
			run.c, text.n == 0, str_copy(cx->mem, strbuf_view(&text))};
		out->failed += text.n != 0;
		strbuf_release(&text);
	}
	arena_free(mem);
	if (only.n == 0 && coverage_missing(cx, &coverage, out) != ERR_OK)
		*VEC_PUSH(cx->mem, &out->uncovered) = cx->error;
}
