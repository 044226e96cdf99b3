/* Watches, row checks and moves: for how many rows or groups of a case a condition holds. */
#include "mod/packtest/packtest_internal.h"

#include "base/num.h"
#include "engine/column/group.h"
#include "engine/rule/plan.h"
#include "mod/pack/rules.h"

/* A condition over one ledger's rows. */
struct condition {
	const struct located *rule, *when;
	const struct located_list *for_each; /* NULL or empty: of each row */
	bool wants_false;                    /* a check counts what breaks it */
};

struct scan {
	struct case_run *run;
	const struct rule_env *env;
	const struct table *table;
	struct date day;
};

static enum err ready(struct case_run *run, struct str ledger, struct scan *out)
{
	const struct dataset_ledger *dl = dataset_find(&run->ds, ledger);

	if (!dl)
		return ctx_fail(run->cx, ERR_NOT_FOUND,
			TR(run->cx, "given 没有台账 " STR_FMT " 的行",
				"given has no rows of ledger " STR_FMT),
			STR_ARG(ledger));
	*out = (struct scan){.run = run, .table = dl->table, .day = case_day(run)};
	out->env = pack_rule_env(run->cx->mem, run->p, dl->ledger, out->day, false);
	return ERR_OK;
}

static enum err make(const struct scan *s, const struct located *text, enum rule_kind kind,
	bool wants_bool, struct plan **out)
{
	struct arena *mem = s->run->cx->mem;
	const struct rule **rule = arena_array(mem, const struct rule *, 1);
	struct problems ps;
	struct str missing;

	problems_init(&ps, mem);
	ps.is_english = s->run->cx->is_english;
	rule[0] = pack_compile(mem, s->env, text, kind, wants_bool, &ps);
	if (!rule[0] || !plan_make(mem, rule, 1, s->table, out, &missing))
		return ctx_fail(s->run->cx, ERR_PACK, STR_FMT,
			STR_ARG(ps.list.count ? ps.list.items[0].text : text->text));
	if (s->run->coverage)
		cover_rule(s->run->coverage, text, s->day);
	return ERR_OK;
}

/* One byte a row: 1 true, 0 false, 2 neither. */
static enum err row_truth(const struct scan *s, const struct located *text, uint8_t **out)
{
	size_t n = s->table->row_count;
	struct plan_run *run;
	struct plan *plan;

	*out = arena_array(s->run->cx->mem, uint8_t, n);
	TRY(make(s, text, RULE_ROW, true, &plan));
	run = plan_run_new(s->run->cx->mem, plan);
	for (size_t from = 0; from < n; from += PLAN_BATCH) {
		size_t batch = MIN(PLAN_BATCH, n - from);
		struct plan_vector v;
		plan_run_rows(run, from, batch);
		v = plan_run_vector(run, 0);
		for (size_t i = 0; i < batch; i++)
			(*out)[from + i] = v.states && v.states[i] ? 2 : v.bits[i];
	}
	return ERR_OK;
}

/* Groups of the rows that `when` takes; the rest goes to one more, which does not count. */
static enum err count_groups(
	const struct scan *s, const struct condition *c, const uint8_t *when, size_t *out)
{
	struct arena *mem = s->run->cx->mem;
	const struct column **keys = arena_array(mem, const struct column *, c->for_each->count);
	struct plan_sums sums;
	struct groups groups;
	struct plan *plan;

	TRY(make(s, c->rule, RULE_AGGREGATE, true, &plan));
	for (size_t i = 0; i < c->for_each->count; i++)
		keys[i] = table_find(s->table, c->for_each->items[i].text);
	groups_make(mem, keys, c->for_each->count, s->table->row_count, &groups);
	for (size_t i = 0; when && i < s->table->row_count; i++)
		if (when[i] != 1)
			groups.ids[i] = (uint32_t)groups.count;
	plan_sums_init(&sums, mem, plan, groups.count + 1);
	plan_run_sums(plan_run_new(mem, plan), 0, s->table->row_count, groups.ids, &sums);
	*out = 0;
	for (size_t g = 0; g < groups.count; g++) {
		struct rule_result r = plan_finish(plan, 0, &sums, g);
		*out += r.state == RULE_VALUE && (r.num == 0) == c->wants_false;
	}
	return ERR_OK;
}

static enum err count(const struct scan *s, const struct condition *c, size_t *out)
{
	uint8_t *when = NULL, *truth;

	if (c->when && c->when->text.n)
		TRY(row_truth(s, c->when, &when));
	if (c->for_each && c->for_each->count)
		return count_groups(s, c, when, out);
	TRY(row_truth(s, c->rule, &truth));
	*out = 0;
	for (size_t i = 0; i < s->table->row_count; i++)
		*out += (!when || when[i] == 1) && truth[i] == (c->wants_false ? 0 : 1);
	return ERR_OK;
}

static enum err expect_count(
	const struct scan *s, const struct condition *c, struct str what, const struct yaml_node *n)
{
	size_t found;

	TRY(count(s, c, &found));
	expect_number(s->run, what, true, (double)found, n);
	return ERR_OK;
}

static const struct pack_check *find_check(const struct pack_ledger *l, struct str id)
{
	for (size_t i = 0; i < l->checks.count; i++)
		if (str_eq(l->checks.items[i].id.text, id))
			return &l->checks.items[i];
	return NULL;
}

/* What a field derives of the first row. */
static enum err expect_derived(
	const struct scan *s, const struct pack_field *f, const struct yaml_node *n)
{
	struct plan_run *run;
	struct plan_vector v;
	struct plan *plan;
	bool is_set;
	double value = 0;

	TRY(make(s, &f->derive, RULE_ROW, false, &plan));
	run = plan_run_new(s->run->cx->mem, plan);
	plan_run_rows(run, 0, 1);
	v = plan_run_vector(run, 0);
	is_set = (!v.states || !v.states[0]) && (!v.denominators || v.denominators[0]);
	if (is_set && v.bits)
		value = v.bits[0];
	else if (is_set)
		value = dec_to_f64(v.numbers[0], plan->rules[0]->scale) /
			(v.denominators ? (double)v.denominators[0] : 1);
	expect_number(s->run, f->name.text, is_set, value, n);
	return ERR_OK;
}

static enum err run_ledger(struct case_run *run, const struct pack_ledger *l)
{
	struct scan s;

	TRY(ready(run, l->id.text, &s));
	for (const struct yaml_node *n = run->c->expect->first; n; n = n->next) {
		const struct pack_check *k = find_check(l, n->key);
		const struct pack_field *f = ledger_field(l, n->key);
		if (k && !k->before.text.n) {
			struct condition c = {&k->rule, &k->when, &k->for_each, true};
			TRY(expect_count(&s, &c, n->key, n));
		} else if (!k && f && f->derive.text.n && s.table->row_count) {
			TRY(expect_derived(&s, f, n));
		} else {
			problems_error(&run->ps, n->key_at,
				TR(run->cx, "台账没有只看本期行的检查或派生字段 '" STR_FMT "'",
					"the ledger has no check of the rows alone and no derived "
					"field '" STR_FMT "'"),
				STR_ARG(n->key));
		}
	}
	return ERR_OK;
}

static enum err run_flow(struct case_run *run, const struct pack_flow *flow)
{
	struct scan s;

	TRY(ready(run, flow->ledger.text, &s));
	for (const struct yaml_node *n = run->c->expect->first; n; n = n->next) {
		const struct pack_move *m = NULL;
		for (size_t i = 0; i < flow->moves.count; i++)
			if (str_eq(flow->moves.items[i].id.text, n->key))
				m = &flow->moves.items[i];
		if (m && m->when.text.n) {
			struct condition c = {.rule = &m->when};
			TRY(expect_count(&s, &c, n->key, n));
		} else {
			problems_error(&run->ps, n->key_at,
				TR(run->cx, "流程没有带条件的办理 '" STR_FMT "'",
					"the flow has no move with a condition '" STR_FMT "'"),
				STR_ARG(n->key));
		}
	}
	return ERR_OK;
}

enum err case_conditions(struct case_run *run)
{
	const struct pack_case *c = run->c;
	const struct pack_watch *w = pack_find_watches(run->p, c->watch.text);
	struct scan s;

	if (c->ledger.text.n)
		return run_ledger(run, pack_find_ledgers(run->p, c->ledger.text));
	if (c->flow.text.n)
		return run_flow(run, pack_find_flows(run->p, c->flow.text));
	TRY(ready(run, w->from.text, &s));
	struct condition watched = {.rule = &w->when, .for_each = &w->for_each};
	return expect_count(&s, &watched, w->id.text, c->expect);
}
