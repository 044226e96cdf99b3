/*
 * Rows in and out. Every test of `both` runs on SQLite and, when SHUREN_TEST_PG names a server
 * (tools/with-postgres), on PostgreSQL with a schema of its own; else it counts as skipped there.
 */
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "db/id.h"

#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define OK(expr) assert_ok(&w->cx, (expr), __FILE__, __LINE__)

struct world {
	struct ctx cx;
	struct db *db;
	char *url, *folder;
};

static void assert_ok(struct ctx *cx, enum err e, const char *file, int line)
{
	if (e != ERR_OK) {
		print_error(
			"%s:%d: %s: " STR_FMT "\n", file, line, err_slug(e), STR_ARG(cx->error));
		fail();
	}
}

static struct world *world_new(void)
{
	struct arena *mem = arena_create();
	struct world *w = arena_new(mem, struct world);

	w->cx = (struct ctx){.mem = mem, .now_us = INT64_C(1795478400000000), .is_english = true};
	w->folder = arena_strz(mem, "/tmp/shuren-db-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	return w;
}

static int setup_sqlite(void **state)
{
	struct world *w = world_new();

	w->url = arena_printf(w->cx.mem, "%s/place", w->folder);
	OK(db_open(&w->cx, str_from(w->url), DB_CREATE, &w->db));
	*state = w;
	return 0;
}

static int setup_postgres(void **state)
{
	const char *server = getenv("SHUREN_TEST_PG");
	struct world *w = world_new();

	*state = w;
	if (!server)
		return 0; /* the test skips itself */
	w->url = arena_printf(w->cx.mem, "%s?schema=test_db", server);
	OK(db_open(&w->cx, str_from(w->url), DB_CREATE, &w->db));
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	char *command = arena_printf(w->cx.mem, "rm -rf '%s'", w->folder);
	int rc = 0;

	if (w->db && db_dialect(w->db) == DB_POSTGRES)
		OK(db_exec(&w->cx, w->db, "DROP SCHEMA test_db CASCADE"));
	db_close(w->db);
	rc = system(command);
	arena_free(w->cx.mem);
	return rc;
}

/* The world of a test that needs an open store. */
static struct world *open_world(void **state)
{
	struct world *w = *state;

	if (!w->db)
		skip();
	return w;
}

static const struct db_column person_columns[] = {
	{"id", DB_I64, false},
	{"name", DB_TEXT, false},
	{"height", DB_F64, true},
	{"is_local", DB_BOOL, true},
	{"born", DB_DATE, true},
	{"photo", DB_BLOB, true},
};

static void make_person(struct world *w)
{
	OK(db_exec(&w->cx, w->db,
		"-- a comment; with @pk\n"
		"CREATE TABLE person (id @pk, name @text NOT NULL, height @f64, is_local @bool, "
		"born @text, photo @blob) @strict;"
		"CREATE UNIQUE INDEX person_name ON person (name);"));
}

static enum err add_person(struct world *w, int64_t id, const char *name)
{
	struct db_stmt *st;
	enum err e =
		db_prepare(&w->cx, w->db, "INSERT INTO person (id, name) VALUES (:id, :name)", &st);

	if (e != ERR_OK)
		return e;
	db_bind_i64(st, db_param(st, "id"), id);
	db_bind_text(st, db_param(st, "name"), str_from(name));
	e = db_run(&w->cx, st, NULL);
	db_release(st);
	return e;
}

static int64_t count(struct world *w, const char *sql)
{
	struct db_stmt *st;
	bool has_row;
	int64_t n;

	OK(db_prepare(&w->cx, w->db, sql, &st));
	OK(db_step(&w->cx, st, &has_row));
	assert_true(has_row);
	n = db_i64(st, 0);
	db_release(st);
	return n;
}

static int64_t people(struct world *w)
{
	return count(w, "SELECT count(*) FROM person");
}

static void values_of_every_type_round_trip(void **state)
{
	struct world *w = open_world(state);
	struct db_stmt *st;
	struct date born;
	bool has_row;
	int64_t changed;

	make_person(w);
	assert_true(date_from_ymd(2019, 2, 28, &born));
	OK(db_prepare(&w->cx, w->db,
		"INSERT INTO person VALUES (:id, :name, :height, :is_local, :born, :photo)", &st));
	db_bind_i64(st, 1, INT64_MIN);
	db_bind_text(st, 2, STR("离石 'o:x' ::"));
	db_bind_f64(st, 3, 0.1);
	db_bind_bool(st, 4, true);
	db_bind_date(st, 5, born);
	db_bind_blob(st, 6, STR("\0\1\377"));
	OK(db_run(&w->cx, st, &changed));
	assert_int_equal(changed, 1);
	db_bind_i64(st, 1, INT64_MAX);
	db_bind_text(st, 2, STR_NONE);
	db_bind_null(st, 3, DB_F64);
	db_bind_null(st, 4, DB_BOOL);
	db_bind_date(st, 5, DATE_NONE);
	db_bind_null(st, 6, DB_BLOB);
	OK(db_run(&w->cx, st, &changed));
	db_release(st);

	OK(db_prepare(&w->cx, w->db, "SELECT * FROM person ORDER BY id", &st));
	OK(db_describe(&w->cx, st));
	assert_int_equal(db_column_count(st), 6);
	assert_string_equal(db_column_name(st, 3), "is_local");
	OK(db_step(&w->cx, st, &has_row));
	assert_true(has_row);
	assert_true(db_i64(st, 0) == INT64_MIN);
	assert_true(str_eq(db_text(st, 1), STR("离石 'o:x' ::")));
	assert_true(db_f64(st, 2) > 0.0999 && db_f64(st, 2) < 0.1001);
	assert_true(db_bool(st, 3));
	assert_int_equal(db_date(st, 4).day, born.day);
	assert_true(str_eq(db_blob(st, 5), STR("\0\1\377")));
	OK(db_step(&w->cx, st, &has_row));
	assert_true(has_row);
	assert_true(db_i64(st, 0) == INT64_MAX);
	assert_false(db_is_null(st, 1));
	assert_int_equal(db_text(st, 1).n, 0);
	for (int i = 2; i < 6; i++)
		assert_true(db_is_null(st, i));
	assert_int_equal(db_date(st, 4).day, DATE_NONE.day);
	OK(db_step(&w->cx, st, &has_row));
	assert_false(has_row);
	db_release(st);
}

static void a_parameter_may_stand_twice_and_be_null(void **state)
{
	struct world *w = open_world(state);
	struct db_stmt *st;
	bool has_row;
	int64_t rows[2] = {0};

	make_person(w);
	OK(add_person(w, 1, "b"));
	OK(add_person(w, 2, "a"));
	OK(db_prepare(&w->cx, w->db,
		"SELECT count(*) FROM person WHERE (:id IS NULL OR id = :id) AND name > :after",
		&st));
	for (int i = 0; i < 2; i++) {
		if (i == 0)
			db_bind_null(st, 1, DB_I64);
		else
			db_bind_i64(st, 1, 2);
		db_bind_text(st, 2, STR(""));
		OK(db_step(&w->cx, st, &has_row));
		rows[i] = db_i64(st, 0);
		db_reset(st);
	}
	db_release(st);
	assert_int_equal(rows[0], 2);
	assert_int_equal(rows[1], 1);
}

static void statements_run_while_another_is_read(void **state)
{
	struct world *w = open_world(state);
	struct db_stmt *outer, *inner;
	bool has_row;
	int64_t sum = 0;

	make_person(w);
	for (int i = 1; i <= 50; i++)
		OK(add_person(w, i, arena_printf(w->cx.mem, "p%02d", i)));
	OK(db_prepare(&w->cx, w->db, "SELECT id, name FROM person ORDER BY id", &outer));
	for (int i = 1;; i++) {
		OK(db_step(&w->cx, outer, &has_row));
		if (!has_row)
			break;
		assert_int_equal(db_i64(outer, 0), i);
		OK(db_prepare(&w->cx, w->db, "SELECT id FROM person WHERE name = :n", &inner));
		db_bind_text(inner, 1, str_copy(w->cx.mem, db_text(outer, 1)));
		OK(db_step(&w->cx, inner, &has_row));
		sum += db_i64(inner, 0);
		db_release(inner);
	}
	db_release(outer);
	assert_int_equal(sum, 50 * 51 / 2);
}

static void rollback_undoes_and_commit_keeps(void **state)
{
	struct world *w = open_world(state);

	make_person(w);
	OK(db_begin(&w->cx, w->db, DB_WRITE));
	OK(add_person(w, 1, "a"));
	db_rollback(w->db);
	assert_int_equal(people(w), 0);
	OK(db_begin(&w->cx, w->db, DB_WRITE));
	OK(add_person(w, 1, "a"));
	OK(db_savepoint(&w->cx, w->db, "one"));
	OK(add_person(w, 2, "b"));
	OK(db_savepoint_rollback(&w->cx, w->db, "one"));
	OK(db_savepoint(&w->cx, w->db, "two"));
	OK(add_person(w, 3, "c"));
	OK(db_savepoint_release(&w->cx, w->db, "two"));
	OK(db_commit(&w->cx, w->db));
	assert_int_equal(people(w), 2);
}

static void a_unique_conflict_names_its_columns(void **state)
{
	struct world *w = open_world(state);

	make_person(w);
	OK(add_person(w, 1, "a"));
	assert_int_equal(add_person(w, 2, "a"), ERR_CONFLICT);
	assert_int_equal(db_last_failure(w->db)->kind, DB_FAILURE_UNIQUE);
	assert_string_equal(db_last_failure(w->db)->constraint, "person(name)");
	assert_int_equal(add_person(w, 1, "b"), ERR_CONFLICT);
	assert_string_equal(db_last_failure(w->db)->constraint, "person(id)");
	assert_true(str_is(w->cx.error, "there is such a row already: person(id)"));
}

static void a_failed_transaction_cannot_commit(void **state)
{
	struct world *w = open_world(state);

	make_person(w);
	OK(db_begin(&w->cx, w->db, DB_WRITE));
	OK(add_person(w, 1, "a"));
	assert_int_equal(add_person(w, 1, "b"), ERR_CONFLICT);
	assert_int_equal(db_commit(&w->cx, w->db), ERR_STORE);
	assert_int_equal(people(w), 0);
	OK(db_begin(&w->cx, w->db, DB_WRITE));
	OK(add_person(w, 1, "a"));
	OK(db_savepoint(&w->cx, w->db, "s"));
	assert_int_equal(add_person(w, 1, "b"), ERR_CONFLICT);
	OK(db_savepoint_rollback(&w->cx, w->db, "s"));
	OK(db_commit(&w->cx, w->db));
	assert_int_equal(people(w), 1);
}

static void a_read_transaction_cannot_write(void **state)
{
	struct world *w = open_world(state);

	make_person(w);
	OK(db_begin(&w->cx, w->db, DB_READ));
	assert_int_equal(people(w), 0);
	assert_int_equal(add_person(w, 1, "a"), ERR_STORE);
	assert_int_equal(db_last_failure(w->db)->kind, DB_FAILURE_READ_ONLY);
	db_rollback(w->db);
	OK(add_person(w, 1, "a"));
}

static void text_sorts_by_bytes(void **state)
{
	static const char *const names[] = {"B", "a", "b", "吕", "离", "é"};
	static const char *const sorted[] = {"B", "a", "b", "é", "吕", "离"};
	struct world *w = open_world(state);
	struct db_stmt *st;
	bool has_row;

	make_person(w);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		OK(add_person(w, (int64_t)i, names[i]));
	OK(db_prepare(&w->cx, w->db, "SELECT name FROM person ORDER BY name", &st));
	for (size_t i = 0; i < ARRAY_LEN(sorted); i++) {
		OK(db_step(&w->cx, st, &has_row));
		assert_true(str_is(db_text(st, 0), sorted[i]));
	}
	db_release(st);
}

static enum err load(struct world *w, int64_t from, int64_t to, int64_t *out_rows)
{
	struct db_value v[6];
	struct db_bulk *bulk;
	char name[32];

	for (size_t i = 0; i < 6; i++)
		v[i] = (struct db_value){.type = person_columns[i].type};
	TRY(db_bulk_begin(&w->cx, w->db, "person", person_columns, 6, &bulk));
	for (int64_t i = from; i < to; i++) {
		v[0].i64 = i;
		v[1].text = (struct str){name, (size_t)snprintf(name, sizeof name, "n%" PRId64, i)};
		v[2].f64 = 1.5;
		v[3].boolean = i % 2;
		v[4].date.day = (int32_t)i % 20000;
		v[5].is_null = i % 3 > 0;
		v[5].text = v[1].text;
		TRY(db_bulk_row(&w->cx, bulk, v));
	}
	return db_bulk_end(&w->cx, bulk, out_rows);
}

static void bulk_load_puts_every_row_in(void **state)
{
	struct world *w = open_world(state);
	int64_t rows = 0;

	make_person(w);
	OK(db_begin(&w->cx, w->db, DB_WRITE));
	OK(load(w, 0, 30000, &rows));
	OK(db_commit(&w->cx, w->db));
	assert_int_equal(rows, 30000);
	assert_int_equal(people(w), 30000);
	assert_int_equal(count(w, "SELECT count(*) FROM person WHERE is_local = TRUE"), 15000);
	assert_int_equal(count(w, "SELECT count(*) FROM person WHERE photo IS NULL"), 20000);
	assert_int_equal(
		count(w, "SELECT count(*) FROM person WHERE born = '1970-02-01' AND name = 'n31'"),
		1);
}

static void a_conflict_in_a_bulk_load_undoes_it(void **state)
{
	struct world *w = open_world(state);
	enum err e;

	make_person(w);
	OK(add_person(w, 777, "first"));
	OK(db_begin(&w->cx, w->db, DB_WRITE));
	e = load(w, 0, 1000, NULL);
	assert_int_equal(e, ERR_CONFLICT);
	assert_string_equal(db_last_failure(w->db)->constraint, "person(id)");
	db_rollback(w->db);
	assert_int_equal(people(w), 1);
}

static void indexes_come_back_after_a_load(void **state)
{
	struct world *w = open_world(state);
	struct db_indexes indexes;
	bool has = true;

	make_person(w);
	OK(db_begin(&w->cx, w->db, DB_WRITE));
	OK(db_drop_indexes(&w->cx, w->db, "person", &indexes));
	OK(db_has_index(&w->cx, w->db, "person_name", &has));
	assert_false(has);
	OK(load(w, 0, 100, NULL));
	OK(db_restore_indexes(&w->cx, w->db, &indexes));
	OK(db_commit(&w->cx, w->db));
	OK(db_has_index(&w->cx, w->db, "person_name", &has));
	assert_true(has);
	assert_int_equal(add_person(w, 200, "n7"), ERR_CONFLICT);
}

static void the_schema_can_be_asked(void **state)
{
	struct world *w = open_world(state);
	struct db_columns columns;
	bool has;

	OK(db_has_table(&w->cx, w->db, "person", &has));
	assert_false(has);
	OK(db_list_columns(&w->cx, w->db, "person", &columns));
	assert_int_equal(columns.list.count, 0);
	make_person(w);
	OK(db_has_table(&w->cx, w->db, "person", &has));
	assert_true(has);
	OK(db_list_columns(&w->cx, w->db, "person", &columns));
	assert_int_equal(columns.list.count, 6);
	assert_string_equal(columns.list.items[5].name, "photo");
	assert_int_equal(columns.list.items[5].type, DB_BLOB);
	assert_int_equal(columns.list.items[2].type, DB_F64);
	assert_false(columns.list.items[0].is_nullable);
	assert_true(columns.list.items[2].is_nullable);
}

static void a_wrong_statement_says_why(void **state)
{
	struct world *w = open_world(state);
	struct db_stmt *st = NULL;
	enum err e = db_prepare(&w->cx, w->db, "SELECT absent FROM nowhere", &st);

	if (e == ERR_OK) {
		e = db_describe(&w->cx, st);
		db_release(st);
	}
	assert_int_equal(e, ERR_STORE);
	if (str_find(w->cx.error, STR("nowhere")) == SIZE_MAX)
		fail_msg(STR_FMT, STR_ARG(w->cx.error));
}

static void a_second_writer_is_told_to_wait(void **state)
{
	struct world *w = open_world(state);
	struct db *other;

	make_person(w);
	OK(db_open(&w->cx, str_from(w->url), DB_EXISTING, &other));
	OK(db_set_wait(&w->cx, other, 20));
	OK(db_begin(&w->cx, w->db, DB_WRITE));
	OK(add_person(w, 1, "a"));
	OK(db_begin(&w->cx, other, DB_READ)); /* readers go on */
	db_rollback(other);
	assert_int_equal(db_begin(&w->cx, other, DB_WRITE), ERR_BUSY);
	OK(db_commit(&w->cx, w->db));
	OK(db_begin(&w->cx, other, DB_WRITE));
	db_rollback(other);
	db_close(other);
}

#define ON(name, dialect)                                                                          \
	{                                                                                          \
#name " (" #dialect ")", name, setup_##dialect, teardown, NULL                     \
	}
#define BOTH(name) ON(name, sqlite), ON(name, postgres)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(values_of_every_type_round_trip),
		BOTH(a_parameter_may_stand_twice_and_be_null),
		BOTH(statements_run_while_another_is_read),
		BOTH(rollback_undoes_and_commit_keeps),
		BOTH(a_unique_conflict_names_its_columns),
		BOTH(a_failed_transaction_cannot_commit),
		BOTH(a_read_transaction_cannot_write),
		BOTH(text_sorts_by_bytes),
		BOTH(bulk_load_puts_every_row_in),
		BOTH(a_conflict_in_a_bulk_load_undoes_it),
		BOTH(indexes_come_back_after_a_load),
		BOTH(the_schema_can_be_asked),
		BOTH(a_wrong_statement_says_why),
		BOTH(a_second_writer_is_told_to_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
