/*
 * Random rules on random rows: the vector back end and SQL must agree exactly, NULLs included.
 * Always against SQLite; against PostgreSQL too when SHUREN_TEST_PG holds a connection string.
 * usage: rule-prop [SEED [ROUNDS]]
 */
#include "base/num.h"
#include "base/rng.h"
#include "engine/column/group.h"
#include "engine/rule/plan.h"

#include <sqlite3.h>
#ifdef SHUREN_PG
#include <libpq-fe.h>
#endif

#define ROWS 3000
/* For static tables, where a compound literal may not stand. */
#define S(literal)                                                                                 \
	{                                                                                          \
		"" literal, sizeof(literal) - 1                                                    \
	}

static const struct str texts[] = {S("public"), S("private"), S("公办"), S("a%b"), S("A*b"),
	S("it's"), S("民办园"), S(""), S("[x]"), S("zz")};

static const struct rule_column columns[] = {
	{.name = S("a"), .title = S("甲"), .type = RULE_NUM},
	{.name = S("b"), .type = RULE_NUM},
	{.name = S("c"), .type = RULE_NUM, .scale = 2},
	{.name = S("d"), .type = RULE_NUM, .scale = 4},
	{.name = S("e"), .type = RULE_NUM},
	{.name = S("t"), .type = RULE_TEXT},
	{.name = S("u"), .type = RULE_TEXT},
	{.name = S("x"), .type = RULE_DATE},
	{.name = S("y"), .type = RULE_DATE},
	{.name = S("p"), .type = RULE_BOOL},
	{.name = S("q"), .type = RULE_BOOL},
	{.name = S("g"), .type = RULE_NUM},
};
#define COLUMN_COUNT ARRAY_LEN(columns)
#define GROUP_COLUMN (COLUMN_COUNT - 1)

static const struct rule_param_entry by_text[] = {{.text = S("public"), .value = 425},
	{.text = S("公办"), .value = 530}, {.text = S("none"), .value = 1}};
static const struct rule_param_entry by_number[] = {
	{.number = 1, .value = -3}, {.number = -2, .value = 20}};

static bool find_param(void *arg, struct str name, struct rule_param *out)
{
	(void)arg;
	*out = (struct rule_param){.type = RULE_NUM, .scale = 2, .value = 150};
	if (str_is(name, "k"))
		return true;
	out->entries = str_is(name, "kt") ? by_text : by_number;
	out->entry_count = str_is(name, "kt") ? ARRAY_LEN(by_text) : ARRAY_LEN(by_number);
	out->key_type = str_is(name, "kt") ? RULE_TEXT : RULE_NUM;
	return str_is(name, "kt") || str_is(name, "kn");
}

static const struct rule_env env = {
	.columns = columns, .column_count = COLUMN_COUNT, .param = find_param};

/* --- random rules --- */

struct maker {
	struct rng *rng;
	struct strbuf *out;
	int depth;
};

static bool chance(struct maker *m, int percent)
{
	return rng_below(m->rng, 100) < percent;
}

static void number(struct maker *m);
static void condition(struct maker *m);
static void text(struct maker *m);
static void date(struct maker *m);

static void pick(struct maker *m, const char *const *words, size_t n)
{
	strbuf_z(m->out, words[rng_below(m->rng, (int64_t)n)]);
}
#define PICK(m, ...)                                                                               \
	pick((m), (const char *const[]){__VA_ARGS__},                                              \
		ARRAY_LEN(((const char *const[]){__VA_ARGS__})))

static void put(struct maker *m, const char *shape)
{
	for (; *shape; shape++) {
		if (*shape == 'N')
			number(m);
		else if (*shape == 'B')
			condition(m);
		else if (*shape == 'T')
			text(m);
		else if (*shape == 'D')
			date(m);
		else if (*shape == 'C')
			PICK(m, "=", "<>", "<", "<=", ">", ">=", "!=");
		else
			strbuf_char(m->out, *shape);
	}
}

static void number(struct maker *m)
{
	static const char *const shapes[] = {"(N + N)", "(N - N)", "N * N", "N % N", "-N", "abs(N)",
		"coalesce(N, N)", "nullif(N, N)", "greatest(N, N)", "least(N, N, N)", "round(N, 1)",
		"round(N)", "floor(N)", "ceil(N)", "round(N / N, 2)", "floor(N / N)", "ceil(N / N)",
		"round((N / N) + N, 1)", "round((N / N) / (N / N), 1)", "div(N, N)", "length(T)",
		"year(D)", "month(D)", "day(D)", "(D - D)", "case when B then N else N end",
		"case when B then N end", "case N when N then N when N then N end",
		"case T when T then N else N end", "round(N * (N / N), 3)", "param(kt, T)",
		"param(kn, N)", "div(N / N, N)"};

	if (--m->depth <= 0 || chance(m, 25))
		PICK(m, "a", "b", "c", "d", "e", "a", "c", "0", "1", "2.5", "100", "0.05", "7",
			"null", "param(k)", "\"甲\"", "-3");
	else
		put(m, shapes[rng_below(m->rng, ARRAY_LEN(shapes))]);
	m->depth++;
}

static void condition(struct maker *m)
{
	static const char *const shapes[] = {"N C N", "N C N", "T C T", "D C D", "(B and B)",
		"(B or B)", "not (B)", "N is null", "T is not null", "(B) is null",
		"a in (1, 2, -3)", "N in (1, N, 2.50)", "t in ('public', 'nowhere', '公办')",
		"u not in ('a%b', null)", "T in (T, 'zz')", "N between N and N",
		"N not between N and N", "T between T and T", "t like '%b'", "u like '_办%'",
		"t not like '%i_%'", "T like '[x%'", "u like 'A*b'", "(p = q)", "(p <> (B))",
		"(N / N) C N", "(N / N) C (N / N)", "(N / N) is null", "(N * (N / N) - N) C 2",
		"coalesce(B, B)", "case when B then B else B end", "nullif(p, q)",
		"x in (date '2026-09-01', D)", "(N / N) between 0.5 and N", "a C 3", "c C 2.55",
		"t C 'public'", "x C date '2020-02-29'"};

	if (--m->depth <= 0 || chance(m, 15))
		PICK(m, "p", "q", "true", "false", "a > 0", "t = 'public'", "p", "q", "null");
	else
		put(m, shapes[rng_below(m->rng, ARRAY_LEN(shapes))]);
	m->depth++;
}

static void text(struct maker *m)
{
	if (--m->depth <= 0 || chance(m, 70))
		PICK(m, "t", "u", "t", "u", "'public'", "'公办'", "'nowhere'", "'it''s'");
	else
		put(m, chance(m, 50) ? "coalesce(T, T)" : "case when B then T else T end");
	m->depth++;
}

static void date(struct maker *m)
{
	if (--m->depth <= 0 || chance(m, 70))
		PICK(m, "x", "y", "date '2026-09-01'", "x");
	else
		put(m, chance(m, 50) ? "greatest(D, D)" : "case when B then D else D end");
	m->depth++;
}

static void aggregate(struct maker *m)
{
	static const char *const shapes[] = {"sum(N) filter (where B)", "sum(N)", "count(*)",
		"count(N)", "count(T) filter (where B)", "min(N)", "max(N) filter (where B)",
		"min(D)", "max(D) filter (where B)", "avg(N)", "count(*) filter (where B)",
		"count(B)"};

	put(m, shapes[rng_below(m->rng, ARRAY_LEN(shapes))]);
}

/* --- random rows, in a table, in SQLite, in PostgreSQL --- */

static int64_t random_value(struct rng *rng, size_t c)
{
	static const int64_t extremes[] = {INT64_MAX, INT64_MIN, 1000000007, -1, 0};

	switch (columns[c].name.p[0]) {
	case 'a':
		return rng_between(rng, -5, 5);
	case 'b':
		return rng_between(rng, -1000000000000, 1000000000000);
	case 'c':
		return rng_between(rng, -50000, 50000);
	case 'd':
		return rng_between(rng, 0, 300);
	case 'e':
		return rng_below(rng, 10) ? rng_between(rng, 0, 9) : extremes[rng_below(rng, 5)];
	case 't':
	case 'u':
		return rng_below(rng, ARRAY_LEN(texts));
	case 'x':
	case 'y':
		return rng_between(rng, 10000, 21000);
	case 'g':
		return rng_below(rng, 7);
	default:
		return rng_below(rng, 2);
	}
}

static void make_rows(struct table *table, struct rng *rng)
{
	for (size_t c = 0; c < COLUMN_COUNT; c++) {
		static const enum column_type types[] = {[RULE_NUM] = COLUMN_INT,
			[RULE_TEXT] = COLUMN_TEXT,
			[RULE_DATE] = COLUMN_DATE,
			[RULE_BOOL] = COLUMN_BOOL};
		enum column_type type = columns[c].scale ? COLUMN_DEC : types[columns[c].type];
		struct column *column = table_add(table, columns[c].name, type, columns[c].scale);
		bool has_nulls = c != 0 && rng_below(rng, 3) > 0;
		for (size_t r = 0; r < ROWS; r++) {
			int64_t value = random_value(rng, c);
			if (has_nulls && rng_below(rng, 6) == 0)
				column_append_null(column);
			else if (type == COLUMN_TEXT)
				column_append_text(column, texts[value]);
			else
				column_append_i64(column, value);
		}
	}
	table_seal(table);
}

static void cell(struct strbuf *out, const struct table *table, size_t c, size_t r, bool is_pg)
{
	int64_t value;

	if (!column_get(table->columns.items[c], r, &value))
		strbuf_z(out, "NULL");
	else if (columns[c].type == RULE_TEXT || columns[c].type == RULE_DATE) {
		strbuf_char(out, '\'');
		if (columns[c].type == RULE_DATE)
			strbuf_date(out, (struct date){(int32_t)value});
		else {
			struct str s = dict_text(table->dict, (uint32_t)value);
			for (size_t i = 0; i < s.n; i++)
				strbuf_printf(out, s.p[i] == '\'' ? "''" : "%c", s.p[i]);
		}
		strbuf_char(out, '\'');
	} else if (columns[c].type == RULE_BOOL && is_pg)
		strbuf_z(out, value ? "TRUE" : "FALSE");
	else
		strbuf_printf(out, "%" PRId64, value);
}

/* CREATE and INSERT as one script. */
static void script(struct strbuf *out, const struct table *table, bool is_pg)
{
	strbuf_z(out,
		is_pg ? "CREATE TEMP TABLE \"f\" (rn BIGINT" : "CREATE TABLE \"f\" (rn INTEGER");
	for (size_t c = 0; c < COLUMN_COUNT; c++)
		strbuf_printf(out, ", \"%s\" %s", columns[c].name.p,
			columns[c].type == RULE_TEXT || columns[c].type == RULE_DATE ? "TEXT"
			: columns[c].type == RULE_BOOL && is_pg                      ? "BOOLEAN"
			: is_pg                                                      ? "BIGINT"
										     : "INTEGER");
	strbuf_z(out, is_pg ? ");\n" : ") STRICT;\n");
	for (size_t r = 0; r < ROWS; r++) {
		strbuf_z(out, r % 500 ? ",(" : "INSERT INTO \"f\" VALUES (");
		strbuf_printf(out, "%zu", r);
		for (size_t c = 0; c < COLUMN_COUNT; c++) {
			strbuf_char(out, ',');
			cell(out, table, c, r, is_pg);
		}
		strbuf_char(out, ')');
		if (r % 500 == 499 || r == ROWS - 1)
			strbuf_z(out, ";\n");
	}
}

/* Rows of text cells from either database; a NULL cell has p == NULL. */
struct answer {
	struct str *cells;
	size_t rows, width;
	bool has_failed; /* out of range: the database raised */
};

struct world {
	struct arena *mem;
	sqlite3 *lite;
#ifdef SHUREN_PG
	PGconn *pg;
#endif
	bool has_pg;
	const struct table *table;
	struct groups groups;
	size_t compared, skipped;
};

static void die(const char *what, struct str rule, const char *detail)
{
	fprintf(stderr, "%s\n  rule: " STR_FMT "\n  %s\n", what, STR_ARG(rule), detail);
	exit(1);
}

static struct answer ask_sqlite(struct world *w, const char *sql, struct str rule)
{
	struct answer out = {0};
	VEC(struct str) cells = {0};
	sqlite3_stmt *stmt;
	int rc;

	if (sqlite3_prepare_v2(w->lite, sql, -1, &stmt, NULL) != SQLITE_OK)
		die(sqlite3_errmsg(w->lite), rule, sql);
	out.width = (size_t)sqlite3_column_count(stmt);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		for (size_t i = 0; i < out.width; i++) {
			const char *z = (const char *)sqlite3_column_text(stmt, (int)i);
			*VEC_PUSH(w->mem, &cells) = z ? str_copy(w->mem, str_from(z)) : STR_NONE;
		}
		out.rows++;
	}
	out.has_failed = rc != SQLITE_DONE;
	if (out.has_failed && !strstr(sqlite3_errmsg(w->lite), "overflow"))
		die(sqlite3_errmsg(w->lite), rule, sql);
	out.cells = cells.items;
	sqlite3_finalize(stmt);
	return out;
}

static struct answer ask_pg(struct world *w, const char *sql, struct str rule)
{
	struct answer out = {0};
#ifdef SHUREN_PG
	PGresult *result = PQexec(w->pg, sql);
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (PQresultStatus(result) != PGRES_TUPLES_OK) {
		out.has_failed = true;
		if (!state || strcmp(state, "22003") != 0)
			die(PQerrorMessage(w->pg), rule, sql);
		PQclear(result);
		return out;
	}
	out.width = (size_t)PQnfields(result);
	out.rows = (size_t)PQntuples(result);
	out.cells = arena_array(w->mem, struct str, out.rows * out.width + 1);
	for (size_t i = 0; i < out.rows * out.width; i++) {
		int r = (int)(i / out.width), c = (int)(i % out.width);
		if (!PQgetisnull(result, r, c))
			out.cells[i] = str_copy(w->mem, str_from(PQgetvalue(result, r, c)));
	}
	PQclear(result);
#else
	(void)w, (void)sql, (void)rule;
#endif
	return out;
}

static struct str expected_cell(struct world *w, const struct rule *rule, const struct plan *plan,
	struct plan_vector v, size_t i, bool is_pg)
{
	struct strbuf b;
	struct str out;

	if (v.states && v.states[i])
		return STR_NONE;
	strbuf_init(&b, 4096);
	if (v.bits)
		strbuf_z(&b, is_pg ? (v.bits[i] ? "t" : "f") : v.bits[i] ? "1" : "0");
	else if (rule->type == RULE_TEXT) {
		strbuf_z(&b, "");
		strbuf_str(&b, plan_text(plan, v.numbers[i]));
	} else if (rule->type == RULE_DATE)
		strbuf_date(&b, (struct date){(int32_t)v.numbers[i]});
	else
		strbuf_printf(&b, "%" PRId64, v.numbers[i]);
	out = str_copy(w->mem, strbuf_view(&b));
	strbuf_release(&b);
	return out;
}

static bool same_cell(struct str a, struct str b)
{
	return (a.p == NULL) == (b.p == NULL) && (!a.p || str_eq(a, b));
}

static void compare_rows(struct world *w, const struct rule *rule, const struct plan *plan,
	const char *sql, bool is_pg)
{
	struct answer answer = is_pg ? ask_pg(w, sql, rule->text) : ask_sqlite(w, sql, rule->text);
	struct plan_run *run = plan_run_new(w->mem, plan);
	bool has_errors = false;

	for (size_t r = 0; r < ROWS; r++) {
		struct plan_vector v;
		struct str want;
		if (r % PLAN_BATCH == 0)
			plan_run_rows(run, r, MIN(PLAN_BATCH, ROWS - r));
		v = plan_run_vector(run, 0);
		if (v.states && v.states[r % PLAN_BATCH] & PLAN_ERROR) {
			has_errors = true;
			continue;
		}
		if (answer.has_failed)
			continue;
		want = expected_cell(w, rule, plan, v, r % PLAN_BATCH, is_pg);
		if (!same_cell(want, answer.cells[r]))
			die(is_pg ? "PostgreSQL differs" : "SQLite differs", rule->text,
				arena_printf(w->mem,
					"row %zu: ours " STR_FMT ", theirs " STR_FMT "\n%s", r,
					STR_ARG(want.p ? want : STR("NULL")),
					STR_ARG(answer.cells[r].p ? answer.cells[r] : STR("NULL")),
					sql));
	}
	/* A database may raise for a branch that is not taken; the vector side must not differ
	 * else. */
	if (answer.has_failed || has_errors)
		w->skipped++;
	else
		w->compared++;
}

static void check_row_rule(struct world *w, const struct rule *rule, const struct plan *plan)
{
	for (int is_pg = 0; is_pg <= w->has_pg; is_pg++) {
		struct strbuf sql;
		strbuf_init(&sql, 400000);
		strbuf_z(&sql, "SELECT ");
		if (rule_sql_row(&sql, rule, is_pg ? RULE_POSTGRES : RULE_SQLITE, STR("f"))) {
			strbuf_z(&sql, " FROM \"f\" ORDER BY rn");
			compare_rows(w, rule, plan, sql.p, is_pg);
		} else
			w->skipped++;
		strbuf_release(&sql);
	}
}

static void compare_sums(struct world *w, const struct plan *plan, const struct plan_sums *sums,
	const struct answer *answer, struct str text, bool is_pg)
{
	const struct table *table = w->table;

	if (answer->rows != w->groups.count)
		die("another number of groups", text, "");
	for (size_t r = 0; r < answer->rows; r++) {
		size_t group = 0;
		for (; group < w->groups.count; group++) {
			struct strbuf key;
			bool is_same;
			strbuf_init(&key, 100);
			cell(&key, table, GROUP_COLUMN, w->groups.first_row[group], is_pg);
			is_same =
				str_eq(strbuf_view(&key), answer->cells[r * answer->width].p
								  ? answer->cells[r * answer->width]
								  : STR("NULL"));
			strbuf_release(&key);
			if (is_same)
				break;
		}
		for (size_t p = 0; p < plan->partial_count; p++) {
			const struct str *cells = &answer->cells[r * answer->width + 1 + p * 2];
			struct rule_sum ours = sums->items[group * plan->partial_count + p], theirs;
			int64_t count = 0;
			if (sums->overflows[p])
				continue;
			if (parse_i64(cells[1], 0, INT64_MAX, &count) != NUM_OK ||
				!rule_sum_parse(&plan->partials[p], cells[0], count, &theirs)) {
				if (!is_pg && cells[0].p &&
					str_find_char(cells[0], '.') != SIZE_MAX)
					continue; /* SQLite went over to REAL within a branch or a
						     sum */
				die("not a sum", text, str_z(w->mem, cells[0]));
			}
			if (ours.count != theirs.count || ours.sum != theirs.sum)
				die(is_pg ? "PostgreSQL differs" : "SQLite differs", text,
					arena_printf(w->mem,
						"group %zu partial %zu: ours %" PRId64
						" rows, theirs %" PRId64 " (sum " STR_FMT ")",
						group, p, ours.count, theirs.count,
						STR_ARG(cells[0])));
		}
	}
	w->compared++;
}

/* Grouped by SQL and by us in one scan, in two parts, and row by row as a what-if does. */
static void check_sums(struct world *w, const struct plan *plan, struct str text)
{
	struct plan_run *run = plan_run_new(w->mem, plan);
	struct plan_sums whole, parts, rows;
	int64_t values[COLUMN_COUNT];
	uint8_t nulls[COLUMN_COUNT];

	plan_sums_init(&whole, w->mem, plan, w->groups.count);
	plan_sums_init(&parts, w->mem, plan, w->groups.count);
	plan_sums_init(&rows, w->mem, plan, w->groups.count);
	plan_run_sums(run, 0, ROWS, w->groups.ids, &whole);
	plan_run_sums(run, 0, 1500, w->groups.ids, &parts);
	plan_run_sums(run, 1500, ROWS, w->groups.ids, &parts);
	for (size_t r = 0; r < ROWS; r++) {
		struct plan_row row = {.values = values, .nulls = nulls};
		for (size_t c = 0; c < COLUMN_COUNT; c++)
			nulls[c] = !column_get(w->table->columns.items[c], r, &values[c]);
		plan_run_row(run, row, false, w->groups.ids[r], &rows);
	}
	for (size_t i = 0; i < w->groups.count * plan->partial_count; i++)
		if (whole.items[i].sum != parts.items[i].sum ||
			whole.items[i].count != parts.items[i].count ||
			whole.items[i].sum != rows.items[i].sum ||
			whole.items[i].count != rows.items[i].count)
			die("parts or single rows do not add up to the whole", text, "");
	for (int is_pg = 0; is_pg <= w->has_pg; is_pg++) {
		struct strbuf sql;
		struct rule_select select = {.dialect = is_pg ? RULE_POSTGRES : RULE_SQLITE,
			.table = STR("f"),
			.groups = &columns[GROUP_COLUMN].name,
			.group_count = 1};
		strbuf_init(&sql, 400000);
		if (rule_sql_partials(&sql, plan->partials, plan->partial_count, &select, &env)) {
			struct answer answer =
				is_pg ? ask_pg(w, sql.p, text) : ask_sqlite(w, sql.p, text);
			if (!answer.has_failed)
				compare_sums(w, plan, &whole, &answer, text, is_pg);
			else
				w->skipped++;
		}
		strbuf_release(&sql);
	}
}

static bool one_rule(struct world *w, struct rng *rng)
{
	struct strbuf text_buf;
	struct maker m = {.rng = rng, .out = &text_buf, .depth = (int)rng_between(rng, 2, 5)};
	struct rule_options options = {.kind = rng_below(rng, 2) ? RULE_ROW : RULE_AGGREGATE};
	struct problems problems;
	struct rule *rule;
	const struct rule *rules[1];
	struct plan *plan;
	struct str missing, source;

	strbuf_init(&text_buf, RULE_TEXT_MAX - 1);
	if (options.kind == RULE_AGGREGATE)
		aggregate(&m);
	else
		put(&m, rng_below(rng, 2)   ? "B"
			: rng_below(rng, 4) ? "N"
			: rng_below(rng, 2) ? "T"
					    : "D");
	source = str_copy(w->mem, strbuf_view(&text_buf));
	strbuf_release(&text_buf);
	problems_init(&problems, w->mem);
	problems.is_english = true;
	if (!rule_compile(w->mem, &env, source, &options, &rule, &problems))
		return false;
	rules[0] = rule;
	if (!plan_make(w->mem, rules, 1, w->table, &plan, &missing))
		die("no plan", source, "");
	if (options.kind == RULE_AGGREGATE)
		check_sums(w, plan, source);
	else
		check_row_rule(w, rule, plan);
	return true;
}

static void open_world(struct world *w, const struct table *table)
{
	struct strbuf sql;
	char *message = NULL;

	strbuf_init(&sql, STRBUF_MAX);
	script(&sql, table, false);
	if (sqlite3_open(":memory:", &w->lite) != SQLITE_OK ||
		sqlite3_exec(w->lite, sql.p, NULL, NULL, &message) != SQLITE_OK)
		die("can't fill SQLite", STR(""), message ? message : "");
#ifdef SHUREN_PG
	if (getenv("SHUREN_TEST_PG")) {
		w->pg = PQconnectdb(getenv("SHUREN_TEST_PG"));
		strbuf_reset(&sql);
		script(&sql, table, true);
		if (PQstatus(w->pg) != CONNECTION_OK)
			die("can't reach PostgreSQL", STR(""), PQerrorMessage(w->pg));
		PQclear(PQexec(w->pg, "SET client_min_messages = error"));
		PGresult *filled = PQexec(w->pg, sql.p);
		if (PQresultStatus(filled) != PGRES_COMMAND_OK)
			die("can't fill PostgreSQL", STR(""), PQerrorMessage(w->pg));
		PQclear(filled);
		w->has_pg = true;
	}
#endif
	strbuf_release(&sql);
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 20260901;
	long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 300;
	struct arena *mem = arena_create();
	struct world w = {.mem = arena_create()};
	struct table table;
	struct rng rng;
	long refused = 0;

	rng_seed(&rng, seed);
	printf("seed %" PRIu64 ", %ld rules\n", seed, rounds);
	table_init(&table, mem, STR("f"), NULL);
	make_rows(&table, &rng);
	w.table = &table;
	open_world(&w, &table);
	groups_make(mem, (const struct column *[]){table.columns.items[GROUP_COLUMN]}, 1, ROWS,
		&w.groups);
	for (long i = 0; i < rounds; i++) {
		refused += !one_rule(&w, &rng);
		arena_reset(w.mem);
	}
	printf("%zu compared, %zu with overflow, %ld did not compile%s\n", w.compared, w.skipped,
		refused, w.has_pg ? "" : " (PostgreSQL not asked)");
	sqlite3_close(w.lite);
#ifdef SHUREN_PG
	if (w.has_pg)
		PQfinish(w.pg);
#endif
	arena_free(w.mem);
	arena_free(mem);
	return w.compared == 0;
}
