/* Migrations, and every named query against the schema they make, on both databases. */
#include "db/id.h"
#include "db/migrate.h"
#include "db_world.h"
#include "mod/org/org_sql.h"

static const struct db_migration steps[] = {
	{1, "one", "CREATE TABLE a (id @pk) @strict", "c1"},
	{2, "two", "CREATE TABLE b (id @pk) @strict; INSERT INTO a (id) VALUES (1)", "c2"},
	{3, "broken", "CREATE TABLE c (id @pk) @strict; INSERT INTO a (id) VALUES (1)", "c3"},
};

static enum err migrate(struct world *w, int count, int *out_applied)
{
	return db_migrate(&w->cx, w->db, &(struct db_migrations){steps, count}, out_applied);
}

static void steps_are_made_once_and_in_order(void **state)
{
	struct world *w = open_world(state);
	struct db_migrations two = {steps, 2};
	int applied;

	assert_int_equal(db_check_schema(&w->cx, w->db, &two), ERR_NOT_FOUND);
	OK(migrate(w, 1, &applied));
	assert_int_equal(applied, 1);
	assert_int_equal(db_check_schema(&w->cx, w->db, &two), ERR_STORE);
	assert_true(str_find(w->cx.error, STR("shuren upgrade")) != SIZE_MAX);
	OK(migrate(w, 2, &applied));
	assert_int_equal(applied, 1);
	OK(migrate(w, 2, &applied));
	assert_int_equal(applied, 0);
	OK(db_check_schema(&w->cx, w->db, &two));
}

static void a_broken_step_leaves_nothing_of_itself(void **state)
{
	struct world *w = open_world(state);
	bool has;

	assert_int_equal(migrate(w, 3, NULL), ERR_CONFLICT);
	OK(db_has_table(&w->cx, w->db, "b", &has));
	assert_true(has);
	OK(db_has_table(&w->cx, w->db, "c", &has));
	assert_false(has);
}

static void a_newer_store_and_a_changed_step_are_refused(void **state)
{
	static const struct db_migration changed[] = {
		{1, "one", "CREATE TABLE a (id @pk) @strict", "other"}};
	struct world *w = open_world(state);

	OK(migrate(w, 2, NULL));
	assert_int_equal(migrate(w, 1, NULL), ERR_STORE);
	assert_true(str_find(w->cx.error, STR("newer")) != SIZE_MAX);
	assert_int_equal(
		db_migrate(&w->cx, w->db, &(struct db_migrations){changed, 1}, NULL), ERR_STORE);
	assert_true(str_find(w->cx.error, STR("0001_one differs")) != SIZE_MAX);
	assert_false(db_in_transaction(w->db));
}

static void the_programs_own_schema_is_made(void **state)
{
	static const char *const tables[] = {"meta", "pack", "pack_file", "org", "org_alias",
		"org_event", "import_batch", "snapshot", "audit"};
	struct world *w = open_world(state);
	bool has;

	OK(db_migrate(&w->cx, w->db, &db_migrations, NULL));
	OK(db_check_schema(&w->cx, w->db, &db_migrations));
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		OK(db_has_table(&w->cx, w->db, tables[i], &has));
		if (!has)
			fail_msg("no table %s", tables[i]);
	}
}

static void every_query_prepares_and_has_its_columns(void **state)
{
	static const struct db_column wrong_name[] = {{"title", DB_TEXT, false}};
	static const struct db_query wrong = {.name = "wrong",
		.sql = "SELECT name FROM org",
		.columns = wrong_name,
		.column_count = 1};
	struct world *w = open_world(state);

	OK(db_migrate(&w->cx, w->db, &db_migrations, NULL));
	for (size_t i = 0; i < org_query_count; i++)
		OK(db_check_query(&w->cx, w->db, org_queries[i]));
	assert_int_equal(db_check_query(&w->cx, w->db, &wrong), ERR_STORE);
	assert_true(str_find(w->cx.error, STR("title")) != SIZE_MAX);
}

static struct org_put_in school(struct world *w, const char *code, const char *parent)
{
	return (struct org_put_in){
		.id = db_new_id(&w->cx, w->db),
		.code = str_from(code),
		.name = str_printf(w->cx.mem, "学校 %s", code),
		.kind = STR("school"),
		.has_parent_code = parent != NULL,
		.parent_code = str_from(parent),
		.state = STR("open"),
		.updated_at = w->cx.now_us,
	};
}

static void generated_queries_carry_nulls_rows_and_versions(void **state)
{
	struct world *w = open_world(state);
	struct org_put_in in;
	struct org_rows_rows rows;
	struct org_alias_rows_rows aliases;
	int64_t changed;

	OK(db_migrate(&w->cx, w->db, &db_migrations, NULL));
	OK(db_begin(&w->cx, w->db, DB_WRITE));
	in = school(w, "b", "top"); /* before its parent: the reference is deferred */
	OK(org_put(&w->cx, w->db, &in, &changed));
	in = school(w, "top", NULL);
	in.has_opened_on = true;
	assert_true(date_from_ymd(1958, 9, 1, &in.opened_on));
	in.has_lon = in.has_lat = true;
	in.lon = 111.13;
	OK(org_put(&w->cx, w->db, &in, NULL));
	in = school(w, "a", "top");
	OK(org_put(&w->cx, w->db, &in, NULL));
	OK(db_commit(&w->cx, w->db));

	OK(org_rows(&w->cx, w->db, &rows));
	assert_int_equal(rows.count, 3);
	assert_true(str_is(rows.items[0].code, "a") && str_is(rows.items[0].parent_code, "top"));
	assert_true(!rows.items[2].has_parent_code && rows.items[2].has_opened_on &&
		    rows.items[2].has_lon && !rows.items[2].has_closed_on);
	assert_int_equal(rows.items[2].closed_on.day, DATE_NONE.day);
	assert_int_equal(rows.items[2].version, 1);
	in.version = 1;
	OK(org_put(&w->cx, w->db, &in, &changed));
	assert_int_equal(changed, 1);
	OK(org_put(&w->cx, w->db, &in, &changed)); /* the version it saw is stale now */
	assert_int_equal(changed, 0);
	OK(org_put_alias(
		&w->cx, w->db, &(struct org_put_alias_in){STR("local"), STR("7"), STR("a")}, NULL));
	OK(org_alias_rows(&w->cx, w->db, &aliases));
	assert_int_equal(aliases.count, 1);
	assert_true(str_is(aliases.items[0].alias, "7"));
}

static void a_missing_parent_stops_the_commit(void **state)
{
	struct world *w = open_world(state);
	struct org_put_in in;

	OK(db_migrate(&w->cx, w->db, &db_migrations, NULL));
	in = school(w, "b", "nowhere");
	OK(db_begin(&w->cx, w->db, DB_WRITE));
	OK(org_put(&w->cx, w->db, &in, NULL));
	assert_int_equal(db_commit(&w->cx, w->db), ERR_CONFLICT);
	assert_int_equal(db_last_failure(w->db)->kind, DB_FAILURE_FOREIGN_KEY);
	assert_false(db_in_transaction(w->db));
}

static enum err add_two(struct world *w, struct db *db)
{
	struct org_put_in a = school(w, "a", NULL), b = school(w, "b", "a");

	TRY(db_begin(&w->cx, db, DB_WRITE));
	TRY(org_put(&w->cx, db, &a, NULL));
	TRY(org_put(&w->cx, db, &b, NULL));
	return db_commit(&w->cx, db);
}

/* Builds with -Dfaults=true only: the n-th call fails, for every n until none does. */
static void a_failure_at_any_call_leaves_all_or_nothing(void **state)
{
	struct world *w = open_world(state);
	struct org_rows_rows rows = {0};
	enum err e = ERR_IO;
	int n = 0;

	OK(db_migrate(&w->cx, w->db, &db_migrations, NULL));
	while (e != ERR_OK) {
		struct db *db;
		char *text = arena_printf(w->cx.mem, "%d", ++n);
		assert_int_equal(setenv("FAULT", text, 1), 0);
		OK(db_open(&w->cx, str_from(w->url), DB_EXISTING, &db));
		unsetenv("FAULT");
		e = add_two(w, db);
		db_close(db);
		OK(org_rows(&w->cx, w->db, &rows));
		assert_int_equal(rows.count, e == ERR_OK ? 2 : 0);
	}
	if (n == 1)
		skip();
	assert_true(n > 5); /* begin, two of prepare and step, commit */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(steps_are_made_once_and_in_order),
		BOTH(a_broken_step_leaves_nothing_of_itself),
		BOTH(a_newer_store_and_a_changed_step_are_refused),
		BOTH(the_programs_own_schema_is_made),
		BOTH(every_query_prepares_and_has_its_columns),
		BOTH(generated_queries_carry_nulls_rows_and_versions),
		BOTH(a_missing_parent_stops_the_commit),
		BOTH(a_failure_at_any_call_leaves_all_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
