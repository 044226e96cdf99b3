/*
 * Indicators over a million rows in memory: the vector back end beside SQLite's own SQL on the
 * same rows. Prints one JSON object; bench/measure/duck.mjs is the third peer.
 *   measure-bench ROWS.csv RULES.txt ROUNDS
 * ROWS.csv is what bench/measure/rows.py writes; rules are grouped by county.
 */
#include "engine/column/group.h"
#include "engine/rule/plan.h"
#include "wire/table_reader.h"

#include <sqlite3.h>
#include <sys/resource.h>
#include <time.h>

#define RULES_MAX 64

static const struct {
	const char *name;
	enum column_type type;
} fields[] = {
	{"county", COLUMN_TEXT},
	{"school", COLUMN_TEXT},
	{"stage", COLUMN_TEXT},
	{"sex", COLUMN_TEXT},
	{"grade", COLUMN_INT},
	{"boarding", COLUMN_INT},
	{"left_behind", COLUMN_INT},
	{"migrant", COLUMN_INT},
	{"class_size", COLUMN_INT},
	{"distance", COLUMN_INT},
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void stop(const char *what)
{
	fprintf(stderr, "measure-bench: %s\n", what);
	exit(1);
}

static void load(struct ctx *cx, const char *path, struct table *table)
{
	const struct table_row *row;
	struct table_reader *reader;

	table_init(table, cx->mem, STR("pupils"), NULL);
	for (size_t f = 0; f < ARRAY_LEN(fields); f++)
		table_add(table, str_from(fields[f].name), fields[f].type, 0);
	if (table_reader_open(cx, path, NULL, &reader) != ERR_OK)
		stop(str_z(cx->mem, cx->error));
	while (table_reader_next(reader, &row) == ERR_OK && row)
		for (size_t f = 0; row->number > 1 && f < ARRAY_LEN(fields); f++) {
			struct str s = table_row_cell(row, (uint32_t)f)->text;
			if (fields[f].type == COLUMN_TEXT)
				column_append_text(table->columns.items[f], s);
			else
				column_append_i64(table->columns.items[f],
					strtoll(str_z(cx->mem, s), NULL, 10));
		}
	table_reader_close(reader);
	table_seal(table);
}

static size_t read_rules(struct ctx *cx, const char *path, const struct rule_env *env,
	const struct rule **rules, const char **texts)
{
	FILE *f = fopen(path, "r");
	struct problems ps;
	char line[1000];
	size_t n = 0;

	problems_init(&ps, cx->mem);
	while (f && n < RULES_MAX && fgets(line, sizeof line, f)) {
		const struct rule_options options = {.kind = RULE_AGGREGATE};
		struct rule *rule;
		line[strcspn(line, "\n")] = 0;
		texts[n] = arena_strz(cx->mem, line);
		if (!rule_compile(cx->mem, env, str_from(texts[n]), &options, &rule, &ps))
			stop(str_z(cx->mem, ps.list.items[0].text));
		rules[n++] = rule;
	}
	if (f)
		fclose(f);
	if (n == 0)
		stop("no rules");
	return n;
}

static const struct rule_env *make_env(struct arena *mem)
{
	struct rule_column *columns = arena_array(mem, struct rule_column, ARRAY_LEN(fields));
	struct rule_env *env = arena_new(mem, struct rule_env);

	for (size_t f = 0; f < ARRAY_LEN(fields); f++)
		columns[f] = (struct rule_column){.name = str_from(fields[f].name),
			.type = fields[f].type == COLUMN_TEXT ? RULE_TEXT : RULE_NUM};
	*env = (struct rule_env){.columns = columns, .column_count = ARRAY_LEN(fields)};
	return env;
}

static void must(int code, sqlite3 *db)
{
	if (code != SQLITE_OK)
		stop(sqlite3_errmsg(db));
}

static sqlite3 *load_sqlite(const struct table *table)
{
	sqlite3 *db;
	sqlite3_stmt *st;

	must(sqlite3_open(":memory:", &db), db);
	must(sqlite3_exec(db,
		     "CREATE TABLE pupils (county TEXT, school TEXT, stage TEXT, sex TEXT, grade"
		     " INTEGER, boarding INTEGER, left_behind INTEGER, migrant INTEGER, class_size"
		     " INTEGER, distance INTEGER) STRICT; BEGIN",
		     NULL, NULL, NULL),
		db);
	must(sqlite3_prepare_v2(
		     db, "INSERT INTO pupils VALUES (?,?,?,?,?,?,?,?,?,?)", -1, &st, NULL),
		db);
	for (size_t i = 0; i < table->row_count; i++) {
		for (size_t f = 0; f < ARRAY_LEN(fields); f++) {
			const struct column *c = table->columns.items[f];
			int64_t v = 0;
			bool has = column_get(c, i, &v);
			if (!has)
				sqlite3_bind_null(st, (int)f + 1);
			else if (c->type == COLUMN_TEXT) {
				struct str s = dict_text(c->dict, (uint32_t)v);
				sqlite3_bind_text(st, (int)f + 1, s.p, (int)s.n, SQLITE_STATIC);
			} else
				sqlite3_bind_int64(st, (int)f + 1, v);
		}
		sqlite3_step(st);
		sqlite3_reset(st);
	}
	sqlite3_finalize(st);
	must(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), db);
	return db;
}

static double run_sqlite(
	sqlite3 *db, const char **texts, size_t n, struct arena *mem, double *out_sum)
{
	struct strbuf sql;
	sqlite3_stmt *st;
	double start;

	(void)mem;
	strbuf_init(&sql, 65536);
	strbuf_z(&sql, "SELECT county");
	for (size_t i = 0; i < n; i++)
		strbuf_printf(&sql, ", %s", texts[i]);
	strbuf_z(&sql, " FROM pupils GROUP BY county");
	start = now();
	must(sqlite3_prepare_v2(db, sql.p, -1, &st, NULL), db);
	*out_sum = 0;
	while (sqlite3_step(st) == SQLITE_ROW)
		for (size_t i = 0; i < n; i++)
			*out_sum += sqlite3_column_double(st, (int)i + 1);
	sqlite3_finalize(st);
	strbuf_release(&sql);
	return now() - start;
}

/* Grouping, planning and summing, as for a question that was never asked before. */
static double run_vector(struct ctx *cx, const struct table *table, const struct rule *const *rules,
	size_t n, double *out_sum)
{
	struct arena *mem = arena_create();
	const struct column *county = table_find(table, STR("county"));
	double start = now(), taken;
	struct groups groups;
	struct plan_sums sums;
	struct plan *plan;
	struct str missing;

	groups_make(mem, &county, 1, table->row_count, &groups);
	if (!plan_make(mem, rules, n, table, &plan, &missing))
		stop(str_z(cx->mem, missing));
	plan_sums_init(&sums, mem, plan, groups.count);
	plan_run_sums(plan_run_new(mem, plan), 0, table->row_count, groups.ids, &sums);
	*out_sum = 0;
	for (size_t g = 0; g < groups.count; g++)
		for (size_t i = 0; i < n; i++)
			*out_sum += plan_finish(plan, i, &sums, g).value;
	taken = now() - start;
	arena_free(mem);
	return taken;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	struct ctx cx = {.mem = arena_create(), .is_english = true};
	const struct rule *rules[RULES_MAX];
	const char *texts[RULES_MAX];
	double ours[99], theirs[99], sum = 0, their_sum = 0;
	struct table table;
	sqlite3 *db;
	size_t n;
	int rounds = argc == 4 ? (int)strtol(argv[3], NULL, 10) : 0;

	if (rounds < 1 || rounds > 99)
		stop("usage: measure-bench ROWS.csv RULES.txt ROUNDS");
	load(&cx, argv[1], &table);
	n = read_rules(&cx, argv[2], make_env(cx.mem), rules, texts);
	db = load_sqlite(&table);
	for (int r = 0; r < rounds; r++) {
		ours[r] = run_vector(&cx, &table, rules, n, &sum);
		theirs[r] = run_sqlite(db, texts, n, cx.mem, &their_sum);
	}
	if (sum < their_sum || sum > their_sum)
		stop("the sums differ");
	qsort(ours, (size_t)rounds, sizeof *ours, by_value);
	qsort(theirs, (size_t)rounds, sizeof *theirs, by_value);
	printf("{\"rows\": %zu, \"rules\": %zu, \"shuren\": %.6f, \"sqlite\": %.6f, \"sum\": "
	       "%.0f}\n",
		table.row_count, n, ours[rounds / 2], theirs[rounds / 2], sum);
	sqlite3_close(db);
	arena_free(cx.mem);
	return 0;
}
