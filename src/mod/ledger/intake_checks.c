/*
 * The row checks of a ledger over a batch. A check fails where its `when` holds and its rule is
 * false; unknown passes, as in SQL. Checks against the former period or over groups of rows need
 * the store or the whole file and are the import's (import_checks.c).
 */
#include "engine/rule/plan.h"
#include "mod/ledger/intake_internal.h"

struct intake_check {
	const struct pack_check *check;
	size_t rule, when; /* positions in rules; SIZE_MAX: no `when` */
};

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

enum err intake_checks_ready(struct ctx *cx, struct intake *in)
{
	const struct pack_ledger *ledger = in->ledger;
	struct date today = {(int32_t)(cx->now_us / 86400000000)};
	const struct rule_env *env = pack_rule_env(cx->mem, in->pack, ledger, today, false);
	struct problems ps;

	problems_init(&ps, cx->mem);
	ps.is_english = cx->is_english;
	in->checks = arena_array(cx->mem, struct intake_check, ledger->checks.count);
	in->rules = arena_array(cx->mem, const struct rule *, 2 * ledger->checks.count);
	for (size_t i = 0; i < ledger->checks.count; i++) {
		const struct pack_check *k = &ledger->checks.items[i];
		struct intake_check *c;
		if (k->for_each.count || k->before.text.n)
			continue;
		c = &in->checks[in->check_count++];
		c->check = k;
		c->rule = in->rule_count;
		in->rules[in->rule_count++] =
			pack_compile(cx->mem, env, &k->rule, RULE_ROW, true, &ps);
		c->when = SIZE_MAX;
		if (k->when.text.n) {
			c->when = in->rule_count;
			in->rules[in->rule_count++] =
				pack_compile(cx->mem, env, &k->when, RULE_ROW, true, &ps);
		}
	}
	return ps.error_count ? broken(cx, &ps) : ERR_OK;
}

static bool is_true(struct plan_vector v, size_t i)
{
	return (!v.states || !v.states[i]) && v.bits[i];
}

static bool is_false(struct plan_vector v, size_t i)
{
	return (!v.states || !v.states[i]) && !v.bits[i];
}

/* The first column of the rule that the file has: where the mark goes. */
static uint32_t column_of_rule(const struct intake *in, const struct rule *rule)
{
	for (size_t i = 0; i < rule->column_count; i++) {
		uint32_t at = in->field_columns[rule->columns[i]];
		if (at != UINT32_MAX)
			return at;
	}
	return UINT32_MAX;
}

static void run_check(struct intake *in, const struct plan_run *run, const struct intake_check *c,
	size_t from, size_t n)
{
	struct plan_vector rule = plan_run_vector(run, c->rule);
	struct plan_vector when = {0};

	if (c->when != SIZE_MAX)
		when = plan_run_vector(run, c->when);
	for (size_t i = 0; i < n; i++) {
		bool is_warning = c->check->level == 1;
		if (!is_false(rule, i) || (c->when != SIZE_MAX && !is_true(when, i)))
			continue;
		if (!is_warning)
			in->has_error[from + i] = true;
		intake_problem(in, in->row_numbers[from + i],
			column_of_rule(in, in->rules[c->rule]), is_warning, STR_NONE, STR_FMT,
			STR_ARG(c->check->message.text));
	}
}

enum err intake_checks_run(struct ctx *cx, struct intake *in, const struct table *table, size_t n)
{
	struct plan *plan;
	struct plan_run *run;
	struct str missing;

	if (in->check_count == 0)
		return ERR_OK;
	if (!plan_make(in->batch_mem, in->rules, in->rule_count, table, &plan, &missing))
		return ctx_fail(cx, ERR_PACK, "no column " STR_FMT, STR_ARG(missing));
	run = plan_run_new(in->batch_mem, plan);
	for (size_t from = 0; from < n; from += PLAN_BATCH) {
		size_t batch = MIN(PLAN_BATCH, n - from);
		plan_run_rows(run, from, batch);
		for (size_t i = 0; i < in->check_count; i++)
			run_check(in, run, &in->checks[i], from, batch);
	}
	return ERR_OK;
}
