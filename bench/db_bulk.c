/*
 * Bulk load of generated rows, timed:  db_bulk URL ROWS COLUMNS none|keep|defer
 * COLUMNS are an id and then, in turn, short texts and small integers. `keep` maintains two
 * indexes while it loads, `defer` drops them and makes them again. Prints seconds, rows a second
 * and the peak of resident memory in MB. With URL "csv" it writes the same rows as CSV instead.
 */
#include "db/db.h"

#include <sys/resource.h>
#include <time.h>

enum { COLUMNS_MAX = 64 };

static char names[COLUMNS_MAX][8];
static struct db_column columns[COLUMNS_MAX];
static char texts[COLUMNS_MAX][16];
static struct db_value values[COLUMNS_MAX];

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Row i: texts repeat as the names of schools and classes do; integers are spread. */
static void fill(int64_t i, int column_count)
{
	values[0].i64 = i;
	for (int c = 1; c < column_count; c++) {
		int64_t v = (i * 7919 + c * 104729) % 100003;
		if (values[c].type == DB_I64) {
			values[c].i64 = v;
			continue;
		}
		for (int d = 6; d >= 0; d--, v /= 10)
			texts[c][d] = (char)('0' + v % 10);
		values[c].text = (struct str){texts[c], 7};
	}
}

static void write_csv(int64_t rows, int column_count)
{
	for (int64_t i = 0; i < rows; i++) {
		fill(i, column_count);
		for (int c = 0; c < column_count; c++)
			if (values[c].type == DB_I64)
				printf("%s%" PRId64, c ? "," : "", values[c].i64);
			else
				printf("," STR_FMT, STR_ARG(values[c].text));
		putchar('\n');
	}
}

static enum err make_table(struct ctx *cx, struct db *db, int column_count, bool has_indexes)
{
	struct strbuf sql;
	enum err e;

	strbuf_init(&sql, 10000);
	strbuf_z(&sql, "DROP TABLE IF EXISTS load; CREATE TABLE load (id @pk");
	for (int c = 1; c < column_count; c++)
		strbuf_printf(&sql, ", %s %s NOT NULL", names[c],
			columns[c].type == DB_I64 ? "@i64" : "@text");
	strbuf_z(&sql, ") @strict;");
	if (has_indexes)
		strbuf_z(&sql,
			"CREATE INDEX load_a ON load (c1); CREATE INDEX load_b ON load (c2, c1);");
	e = db_exec(cx, db, sql.p);
	strbuf_release(&sql);
	return e;
}

static enum err load(struct ctx *cx, struct db *db, int64_t rows, int column_count, bool defer)
{
	struct db_indexes indexes = {0};
	struct db_bulk *bulk;

	TRY(db_begin(cx, db, DB_WRITE));
	if (defer)
		TRY(db_drop_indexes(cx, db, "load", &indexes));
	TRY(db_bulk_begin(cx, db, "load", columns, column_count, &bulk));
	for (int64_t i = 0; i < rows; i++) {
		fill(i, column_count);
		TRY(db_bulk_row(cx, bulk, values));
	}
	TRY(db_bulk_end(cx, bulk, NULL));
	TRY(db_restore_indexes(cx, db, &indexes));
	return db_commit(cx, db);
}

int main(int argc, char **argv)
{
	struct ctx cx = {.mem = arena_create(), .is_english = true};
	int64_t rows = argc == 5 ? strtoll(argv[2], NULL, 10) : 0;
	int column_count = argc == 5 ? (int)strtol(argv[3], NULL, 10) : 0;
	struct rusage usage;
	struct db *db;
	double start;
	enum err e;

	if (rows < 1 || column_count < 1 || column_count > COLUMNS_MAX) {
		fputs("usage: db_bulk URL|csv ROWS COLUMNS none|keep|defer\n", stderr);
		return 2;
	}
	for (int c = 0; c < column_count; c++) {
		snprintf(names[c], sizeof names[c], "c%d", c);
		columns[c] =
			(struct db_column){c ? names[c] : "id", c % 2 ? DB_TEXT : DB_I64, false};
		values[c].type = columns[c].type;
	}
	if (strcmp(argv[1], "csv") == 0) {
		write_csv(rows, column_count);
		return 0;
	}
	e = db_open(&cx, str_from(argv[1]), DB_CREATE, &db);
	if (e == ERR_OK)
		e = make_table(&cx, db, column_count, strcmp(argv[4], "none") != 0);
	start = seconds();
	if (e == ERR_OK)
		e = load(&cx, db, rows, column_count, strcmp(argv[4], "defer") == 0);
	if (e != ERR_OK) {
		fprintf(stderr, STR_FMT "\n", STR_ARG(cx.error));
		return 3;
	}
	start = seconds() - start;
	getrusage(RUSAGE_SELF, &usage);
	printf("%.2f s  %.2f M rows/s  %.1f MB\n", start, (double)rows / start / 1e6,
		(double)usage.ru_maxrss / 1024);
	db_close(db);
	arena_free(cx.mem);
	return 0;
}
