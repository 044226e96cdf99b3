/*
 * A rule of any bytes: it compiles and then computes, prints as SQL and explains itself, or
 * every reason why not has a text.
 */
#include "engine/rule/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct rule_column columns[] = {
	{.name = {"pupils", 6}, .title = {"在校生数", 12}, .type = RULE_NUM, .unit = {"人", 3}},
	{.name = {"area", 4}, .type = RULE_NUM, .scale = 2, .unit = {"m2", 2}},
	{.name = {"stage", 5}, .type = RULE_TEXT},
	{.name = {"opened_on", 9}, .type = RULE_DATE},
	{.name = {"private", 7}, .type = RULE_BOOL},
	{.name = {"wide", 4}, .type = RULE_NUM, .scale = 9},
};

static bool param(void *arg, struct str name, struct rule_param *out)
{
	(void)arg;
	*out = (struct rule_param){.type = RULE_NUM, .scale = 2, .value = 1500};
	return str_is(name, "limit");
}

static struct table *make_table(struct arena *mem)
{
	static const int64_t values[] = {
		0, 1, -1, INT64_MAX, INT64_MIN + 1, 1000000007, -999999999999};
	struct table *t = arena_new(mem, struct table);

	table_init(t, mem, STR("t"), NULL);
	table_add(t, STR("pupils"), COLUMN_INT, 0);
	table_add(t, STR("area"), COLUMN_DEC, 2);
	table_add(t, STR("stage"), COLUMN_TEXT, 0);
	table_add(t, STR("opened_on"), COLUMN_DATE, 0);
	table_add(t, STR("private"), COLUMN_BOOL, 0);
	table_add(t, STR("wide"), COLUMN_DEC, 9);
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		column_append_i64(t->columns.items[0], values[i]);
		column_append_i64(t->columns.items[1], values[ARRAY_LEN(values) - 1 - i]);
		column_append_text(t->columns.items[2], i % 2 ? STR("primary") : STR("小学"));
		column_append_i64(t->columns.items[3], (int64_t)i * 4000 - 9000);
		if (i % 3)
			column_append_i64(t->columns.items[4], (int64_t)i % 2);
		else
			column_append_null(t->columns.items[4]);
		column_append_i64(t->columns.items[5], values[i]);
	}
	table_seal(t);
	return t;
}

static void compute(struct arena *mem, const struct rule *rule)
{
	const struct table *table = make_table(mem);
	struct plan_run *run;
	struct plan_sums sums;
	struct plan *plan;
	struct str missing;

	assert(plan_make(mem, &rule, 1, table, &plan, &missing));
	run = plan_run_new(mem, plan);
	if (rule->kind == RULE_ROW) {
		plan_run_rows(run, 0, table->row_count);
		(void)plan_run_vector(run, 0);
		return;
	}
	plan_sums_init(&sums, mem, plan, 1);
	plan_run_sums(run, 0, table->row_count, NULL, &sums);
	(void)plan_finish(plan, 0, &sums, 0);
}

static void print(const struct rule *rule)
{
	struct rule_select select = {.table = STR("t")};
	struct strbuf sql;

	for (int d = 0; d < 2; d++) {
		bool fits;
		select.dialect = d ? RULE_POSTGRES : RULE_SQLITE;
		strbuf_init(&sql, 1 << 20);
		fits = rule->kind == RULE_ROW ? rule_sql_row(&sql, rule, select.dialect, STR(""))
					      : rule_sql_partials(&sql, rule->partials,
							rule->partial_count, &select, rule->env);
		assert(!fits || utf8_check(strbuf_view(&sql)));
		strbuf_reset(&sql);
		rule_explain(&sql, rule, d);
		strbuf_release(&sql);
	}
}

static void try_kind(struct str text, enum rule_kind kind, bool wants_bool)
{
	const struct rule_env env = {
		.columns = columns, .column_count = ARRAY_LEN(columns), .param = param};
	const struct rule_options options = {.kind = kind, .wants_bool = wants_bool};
	struct arena *mem = arena_create();
	struct problems ps;
	struct rule *rule;

	problems_init(&ps, mem);
	if (rule_compile(mem, &env, text, &options, &rule, &ps)) {
		compute(mem, rule);
		print(rule);
	} else {
		assert(ps.error_count > 0 && ps.list.items[0].text.n > 0);
	}
	arena_free(mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};

	try_kind(text, RULE_ROW, false);
	try_kind(text, RULE_ROW, true);
	try_kind(text, RULE_AGGREGATE, false);
	return 0;
}
