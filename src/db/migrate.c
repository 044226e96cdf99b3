#include "db/migrate.h"

static const char table[] =
	"CREATE TABLE IF NOT EXISTS schema_migration (number @i64 NOT NULL PRIMARY KEY, "
	"name @text NOT NULL, checksum @text NOT NULL, applied_at @i64 NOT NULL) @strict";

/* Compare one row of schema_migration with the step of the program that has its number. */
static enum err compare(
	struct ctx *cx, const struct db_stmt *st, const struct db_migrations *migrations, int at)
{
	int64_t number = db_i64(st, 0);
	const struct db_migration *m;

	if (number > migrations->count)
		return ctx_fail(cx, ERR_STORE,
			TR(cx, "数据库的结构（%" PRId64 "）比程序（%d）新，请先升级 shuren",
				"the store has schema %" PRId64
				", newer than the %d of this program: upgrade shuren"),
			number, migrations->count);
	m = &migrations->items[at];
	if (number != m->number || !str_is(db_text(st, 1), m->checksum))
		return ctx_fail(cx, ERR_STORE,
			TR(cx, "迁移 %04d_%s 与数据库里记录的不同，程序不敢改动",
				"migration %04d_%s differs from the one that made this store"),
			m->number, m->name);
	return ERR_OK;
}

/* How many steps the store has, after comparing each. */
static enum err applied_count(
	struct ctx *cx, struct db *db, const struct db_migrations *migrations, int *out)
{
	struct db_stmt *st;
	bool has_row;
	int count = 0;
	enum err e;

	TRY(db_prepare(
		cx, db, "SELECT number, checksum FROM schema_migration ORDER BY number", &st));
	while ((e = db_step(cx, st, &has_row)) == ERR_OK && has_row) {
		e = compare(cx, st, migrations, count);
		if (e != ERR_OK)
			break;
		count++;
	}
	db_release(st);
	if (e == ERR_OK)
		*out = count;
	return e;
}

static enum err record(struct ctx *cx, struct db *db, const struct db_migration *m)
{
	struct db_stmt *st;
	enum err e;

	TRY(db_prepare(cx, db,
		"INSERT INTO schema_migration (number, name, checksum, applied_at) "
		"VALUES (:number, :name, :checksum, :applied_at)",
		&st));
	db_bind_i64(st, 1, m->number);
	db_bind_text(st, 2, str_from(m->name));
	db_bind_text(st, 3, str_from(m->checksum));
	db_bind_i64(st, 4, cx->now_us);
	e = db_run(cx, st, NULL);
	db_release(st);
	return e;
}

/* The next step inside a transaction; *out_done when there is none left. */
static enum err step(
	struct ctx *cx, struct db *db, const struct db_migrations *migrations, bool *out_done)
{
	const struct db_migration *m;
	int count;

	TRY(db_exec(cx, db, table));
	TRY(applied_count(cx, db, migrations, &count));
	*out_done = count == migrations->count;
	if (*out_done)
		return ERR_OK;
	m = &migrations->items[count];
	assert(m->number == count + 1);
	TRY(db_exec(cx, db, m->sql));
	return record(cx, db, m);
}

enum err db_migrate(
	struct ctx *cx, struct db *db, const struct db_migrations *migrations, int *out_applied)
{
	bool is_done = false;
	int applied = 0;

	while (!is_done) {
		enum err e;
		TRY(db_begin(cx, db, DB_WRITE));
		e = step(cx, db, migrations, &is_done);
		if (e != ERR_OK) {
			db_rollback(db);
			return e;
		}
		TRY(db_commit(cx, db));
		applied += !is_done;
	}
	if (out_applied)
		*out_applied = applied;
	return ERR_OK;
}

enum err db_schema_number(
	struct ctx *cx, struct db *db, const struct db_migrations *migrations, int *out)
{
	bool has_table;

	TRY(db_has_table(cx, db, "schema_migration", &has_table));
	if (!has_table)
		return ctx_fail(cx, ERR_NOT_FOUND,
			TR(cx, "这里还没有建库，请先运行 shuren init",
				"nothing is set up here: run shuren init"));
	return applied_count(cx, db, migrations, out);
}

enum err db_check_schema(struct ctx *cx, struct db *db, const struct db_migrations *migrations)
{
	int count;

	TRY(db_schema_number(cx, db, migrations, &count));
	if (count < migrations->count)
		return ctx_fail(cx, ERR_STORE,
			TR(cx, "数据库的结构是旧的（%d，应为 %d），请运行 shuren upgrade",
				"the store has the old schema %d of %d: run shuren upgrade"),
			count, migrations->count);
	return ERR_OK;
}
