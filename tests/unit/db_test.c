/*
 * Rows in and out. Every test of `both` runs on SQLite and, when SHUREN_TEST_PG names a server
 * (tools/with-postgres), on PostgreSQL with a schema of its own; else it counts as skipped there.
 */
#include "db/id.h"
#include "db_world.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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

static enum err load_committed(struct world *w, int64_t from, int64_t to)
{
	TRY(db_begin(&w->cx, w->db, DB_WRITE));
	TRY(load(w, from, to, NULL));
	return db_commit(&w->cx, w->db);
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

/* Rows wait in a buffer: one that is larger than it must not lose its place or its bytes. */
static void bulk_load_takes_rows_of_any_size(void **state)
{
	static const size_t sizes[] = {3, 70000, 0, 65000, 3, 200000, 65536, 1, 1, 60000, 60000};
	struct world *w = open_world(state);
	struct db_value v[6];
	struct db_bulk *bulk;
	struct db_stmt *st;
	bool has = true;

	make_person(w);
	OK(db_begin(&w->cx, w->db, DB_WRITE));
	OK(db_bulk_begin(&w->cx, w->db, "person", person_columns, 6, &bulk));
	for (size_t i = 0; i < 6; i++)
		v[i] = (struct db_value){.type = person_columns[i].type};
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		char *bytes = arena_alloc(w->cx.mem, sizes[i] + 1);
		memset(bytes, 'a' + (int)i, sizes[i]);
		v[0].i64 = (int64_t)i;
		v[1].text = (struct str){bytes, sizes[i]};
		v[4].date.day = i % 2 ? DATE_NONE.day : (int32_t)i;
		v[5].text = (struct str){bytes, sizes[i] / 2};
		OK(db_bulk_row(&w->cx, bulk, v));
		memset(bytes, '#', sizes[i]); /* it is not kept after the call */
	}
	OK(db_bulk_end(&w->cx, bulk, NULL));
	OK(db_commit(&w->cx, w->db));
	OK(db_prepare(&w->cx, w->db, "SELECT name, born, photo FROM person ORDER BY id", &st));
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		OK(db_step(&w->cx, st, &has));
		assert_true(has);
		assert_int_equal(db_text(st, 0).n, sizes[i]);
		for (size_t at = 0; at < sizes[i]; at += 997)
			assert_int_equal(db_text(st, 0).p[at], 'a' + (int)i);
		assert_int_equal(db_date(st, 1).day, i % 2 ? DATE_NONE.day : (int32_t)i);
		assert_int_equal(db_blob(st, 2).n, sizes[i] / 2);
	}
	db_release(st);
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

static void a_store_is_claimed_while_nobody_else_has_it(void **state)
{
	struct world *w = open_world(state);
	bool is_sqlite = db_dialect(w->db) == DB_SQLITE;
	struct db *writer = w->db, *other;

	make_person(w);
	OK(db_open(&w->cx, str_from(w->url), DB_READ_ONLY, &other));
	assert_false(db_claim(w->db));
	db_share(w->db);
	db_close(other);
	assert_int_equal(db_claim(w->db), is_sqlite);
	OK(db_begin(&w->cx, w->db, DB_WRITE));
	OK(load(w, 0, 1000, NULL));
	db_rollback(w->db);
	assert_int_equal(people(w), 0);
	OK(db_begin(&w->cx, w->db, DB_WRITE));
	OK(load(w, 0, 1000, NULL));
	OK(db_commit(&w->cx, w->db));
	db_share(w->db);
	/* As before: a reader does not wait for the writer. */
	OK(db_begin(&w->cx, w->db, DB_WRITE));
	OK(add_person(w, 5000, "a"));
	OK(db_open(&w->cx, str_from(w->url), DB_READ_ONLY, &other));
	w->db = other;
	assert_int_equal(people(w), 1000);
	w->db = writer;
	db_rollback(writer);
	db_close(other);
}

/* In a child: all rows in one transaction. */
static void load_as_child(struct world *w, bool is_claimed, int rows)
{
	enum err e = db_open(&w->cx, str_from(w->url), DB_EXISTING, &w->db);

	if (e == ERR_OK && is_claimed && !db_claim(w->db))
		e = ERR_BUSY;
	if (e == ERR_OK)
		e = db_begin(&w->cx, w->db, DB_WRITE);
	if (e == ERR_OK)
		e = load(w, 0, rows, NULL);
	if (e == ERR_OK)
		e = db_commit(&w->cx, w->db);
	_exit(e == ERR_OK ? 0 : 1);
}

/* A child loads 200,000 rows in one transaction and is killed while it does; who comes next reads.
 */
static void kill_in_a_load(struct world *w, bool is_claimed)
{
	enum { ROWS = 200000 };
	const char *journal = arena_printf(w->cx.mem, "%s/shuren.db-journal", w->url);
	int kept = 0, cut_off = 0;

	for (useconds_t wait_us = 20000; wait_us < 2000000 && !kept; wait_us = wait_us * 3 / 2) {
		int status;
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0)
			load_as_child(w, is_claimed, ROWS);
		usleep(wait_us);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		cut_off += access(journal, F_OK) == 0;
		OK(db_open(&w->cx, str_from(w->url), DB_READ_ONLY, &w->db));
		kept = (int)people(w);
		if (WIFEXITED(status)) /* acknowledged: all must be there */
			assert_int_equal(WEXITSTATUS(status), 0);
		assert_true(kept == 0 || kept == ROWS);
		if (WIFEXITED(status))
			assert_int_equal(kept, ROWS);
		db_close(w->db);
		w->db = NULL;
	}
	assert_true(is_claimed ? cut_off > 0 : cut_off == 0);
}

static void kill_in_a_bulk_load_leaves_all_or_none(void **state)
{
	struct world *w = open_world(state);

	make_person(w);
	db_close(w->db);
	w->db = NULL;
	kill_in_a_load(w, false);
}

static void kill_in_a_claimed_load_leaves_all_or_none(void **state)
{
	struct world *w = open_world(state);

	make_person(w);
	db_close(w->db);
	w->db = NULL;
	kill_in_a_load(w, true);
}

static void a_full_disk_is_told_and_loses_nothing(void **state)
{
	struct world *w = open_world(state);
	enum err e;

	make_person(w);
	OK(add_person(w, -1, "kept"));
	OK(db_exec(&w->cx, w->db, "PRAGMA max_page_count = 100"));
	OK(db_begin(&w->cx, w->db, DB_WRITE));
	w->cx.is_english = false;
	e = load(w, 0, 100000, NULL);
	assert_int_equal(e, ERR_IO);
	assert_int_equal(db_last_failure(w->db)->kind, DB_FAILURE_FULL);
	assert_true(str_starts(w->cx.error, "磁盘已满"));
	assert_int_equal(db_commit(&w->cx, w->db), ERR_STORE);
	assert_int_equal(people(w), 1);
	OK(add_person(w, -2, "small"));
}

static void a_backup_is_one_moment_under_writes(void **state)
{
	struct world *w = open_world(state);
	char *path = arena_printf(w->cx.mem, "%s/copy.db", w->folder);
	struct db *other;

	make_person(w);
	OK(load_committed(w, 0, 5000));
	OK(db_open(&w->cx, str_from(w->url), DB_EXISTING, &other));
	OK(db_begin(&w->cx, other, DB_WRITE));
	OK(db_exec(&w->cx, other, "DELETE FROM person WHERE id < 100"));
	OK(db_backup(&w->cx, w->db, path));
	OK(db_commit(&w->cx, other));
	db_close(other);
	assert_int_equal(db_backup(&w->cx, w->db, path), ERR_CONFLICT);
	assert_int_equal(people(w), 4900);
	db_close(w->db);
	OK(db_open(&w->cx, str_printf(w->cx.mem, "sqlite:%s", path), DB_READ_ONLY, &w->db));
	assert_int_equal(people(w), 5000);
	assert_int_equal(add_person(w, -1, "x"), ERR_STORE);
	assert_int_equal(db_last_failure(w->db)->kind, DB_FAILURE_READ_ONLY);
}

static void what_cannot_be_opened_says_why(void **state)
{
	struct world *w = *state;
	struct db *db;
	char *path = arena_printf(w->cx.mem, "%s/junk.db", w->folder);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	for (int i = 0; i < 1000; i++)
		fputs("this is no database\n", f);
	fclose(f);
	assert_int_equal(
		db_open(&w->cx, str_printf(w->cx.mem, "sqlite:%s", path), DB_EXISTING, &db),
		ERR_STORE);
	assert_true(str_find(w->cx.error, STR("is no database")) != SIZE_MAX);
	assert_int_equal(db_open(&w->cx, str_from(path), DB_EXISTING, &db), ERR_INVALID);
	assert_int_equal(
		db_open(&w->cx, str_printf(w->cx.mem, "%s/absent", w->folder), DB_EXISTING, &db),
		ERR_NOT_FOUND);
	assert_int_equal(db_open(&w->cx, STR_NONE, DB_CREATE, &db), ERR_INVALID);
	assert_int_equal(db_open(&w->cx, STR("sqlite:"), DB_CREATE, &db), ERR_INVALID);
	assert_int_equal(db_open(&w->cx, STR("/proc/none/here"), DB_CREATE, &db), ERR_IO);
}

static void postgres_refusals_name_the_way_out(void **state)
{
	struct world *w = open_world(state);
	const char *server = getenv("SHUREN_TEST_PG");
	struct db *db;

	assert_int_equal(db_backup(&w->cx, w->db, "/tmp/x"), ERR_UNSUPPORTED);
	assert_true(str_find(w->cx.error, STR("pg_dump")) != SIZE_MAX);
	assert_int_equal(db_open(&w->cx, str_printf(w->cx.mem, "%s?schema=absent", server),
				 DB_EXISTING, &db),
		ERR_NOT_FOUND);
	assert_int_equal(
		db_open(&w->cx, str_printf(w->cx.mem, "%s?schema=a;b", server), DB_CREATE, &db),
		ERR_INVALID);
	assert_int_equal(
		db_open(&w->cx, STR("postgres://u:secret@127.0.0.1:1/none"), DB_EXISTING, &db),
		ERR_IO);
	assert_true(str_find(w->cx.error, STR("secret")) == SIZE_MAX);
	OK(db_open(&w->cx, str_from(w->url), DB_READ_ONLY, &db));
	assert_int_equal(db_exec(&w->cx, db, "CREATE TABLE t (id @pk) @strict"), ERR_STORE);
	assert_int_equal(db_last_failure(db)->kind, DB_FAILURE_READ_ONLY);
	db_close(db);
}

static void a_lost_connection_is_told(void **state)
{
	struct world *w = open_world(state);
	struct db *other;
	int64_t pid = count(w, "SELECT pg_backend_pid()");

	OK(db_open(&w->cx, str_from(w->url), DB_EXISTING, &other));
	OK(db_begin(&w->cx, w->db, DB_WRITE));
	OK(db_exec(&w->cx, other,
		arena_printf(w->cx.mem, "SELECT pg_terminate_backend(%d)", (int)pid)));
	assert_int_equal(db_exec(&w->cx, w->db, "SELECT 1"), ERR_IO);
	assert_int_equal(db_last_failure(w->db)->kind, DB_FAILURE_CONNECTION);
	assert_int_not_equal(db_commit(&w->cx, w->db), ERR_OK);
	db_close(w->db);
	w->db = other;
}

static void a_sum_must_be_cast(void **state)
{
	struct world *w = open_world(state);
	struct db_stmt *st;
	bool has_row;

	make_person(w);
	OK(add_person(w, 7, "a"));
	OK(db_prepare(&w->cx, w->db, "SELECT sum(id) AS total FROM person", &st));
	assert_int_equal(db_step(&w->cx, st, &has_row), ERR_STORE);
	assert_true(str_find(w->cx.error, STR("total")) != SIZE_MAX);
	db_release(st);
	assert_int_equal(count(w, "SELECT CAST(sum(id) AS BIGINT) FROM person"), 7);
}

static void ids_grow_whatever_the_clock_does(void **state)
{
	struct world *w = open_world(state);
	int64_t first = db_new_id(&w->cx, w->db), last = first, at = w->cx.now_us;

	assert_true(id_instant_us(first) == at);
	for (int i = 0; i < 1200000; i++) {
		int64_t id = db_new_id(&w->cx, w->db);
		assert_true(id > last);
		last = id;
	}
	w->cx.now_us = at - 5000000;
	assert_true(db_new_id(&w->cx, w->db) > last);
	w->cx.now_us = at + 1000000;
	assert_true(id_instant_us(db_new_id(&w->cx, w->db)) == w->cx.now_us);
	w->cx.now_us = at;
	db_seed_ids(w->db, 1);
	first = db_new_id(&w->cx, w->db);
	db_seed_ids(w->db, 1);
	assert_true(db_new_id(&w->cx, w->db) == first);
}

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
		BOTH(bulk_load_takes_rows_of_any_size),
		BOTH(a_conflict_in_a_bulk_load_undoes_it),
		BOTH(indexes_come_back_after_a_load),
		BOTH(the_schema_can_be_asked),
		BOTH(a_wrong_statement_says_why),
		BOTH(a_second_writer_is_told_to_wait),
		BOTH(a_store_is_claimed_while_nobody_else_has_it),
		ON(kill_in_a_bulk_load_leaves_all_or_none, sqlite),
		ON(kill_in_a_claimed_load_leaves_all_or_none, sqlite),
		ON(a_full_disk_is_told_and_loses_nothing, sqlite),
		ON(a_backup_is_one_moment_under_writes, sqlite),
		ON(what_cannot_be_opened_says_why, sqlite),
		ON(ids_grow_whatever_the_clock_does, sqlite),
		ON(postgres_refusals_name_the_way_out, postgres),
		ON(a_lost_connection_is_told, postgres),
		ON(a_sum_must_be_cast, postgres),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
