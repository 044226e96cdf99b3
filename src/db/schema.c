/* Questions about the schema, and indexes put aside during a load. */
#include "db/driver.h"

static const char *pick(const struct db *db, const char *sqlite, const char *postgres)
{
	return db->driver->dialect == DB_SQLITE ? sqlite : postgres;
}

/* Is there a row for the one parameter? */
static enum err exists(struct ctx *cx, struct db *db, const char *sql, const char *name, bool *out)
{
	struct db_stmt *st;
	enum err e;

	TRY(db_prepare(cx, db, sql, &st));
	db_bind_text(st, 1, str_from(name));
	e = db_step(cx, st, out);
	db_release(st);
	return e;
}

enum err db_has_table(struct ctx *cx, struct db *db, const char *table, bool *out)
{
	return exists(cx, db,
		pick(db, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = :name",
			"SELECT 1 FROM pg_tables WHERE schemaname = current_schema() "
			"AND tablename = :name"),
		table, out);
}

enum err db_has_index(struct ctx *cx, struct db *db, const char *index, bool *out)
{
	return exists(cx, db,
		pick(db, "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = :name",
			"SELECT 1 FROM pg_indexes WHERE schemaname = current_schema() "
			"AND indexname = :name"),
		index, out);
}

static enum db_type type_of(struct str declared)
{
	if (str_is(declared, "INTEGER") || str_is(declared, "bigint"))
		return DB_I64;
	if (str_is(declared, "REAL") || str_is(declared, "double precision"))
		return DB_F64;
	if (str_is(declared, "boolean"))
		return DB_BOOL;
	if (str_is(declared, "BLOB") || str_is(declared, "bytea"))
		return DB_BLOB;
	return DB_TEXT;
}

static enum err read_columns(struct ctx *cx, struct db_stmt *st, struct db_columns *out)
{
	bool has_row;

	for (;;) {
		struct db_column *column;
		TRY(db_step(cx, st, &has_row));
		if (!has_row)
			return ERR_OK;
		column = VEC_PUSH(cx->mem, &out->list);
		column->name = str_z(cx->mem, db_text(st, 0));
		column->type = type_of(db_text(st, 1));
		column->is_nullable = db_bool(st, 2);
	}
}

enum err db_list_columns(struct ctx *cx, struct db *db, const char *table, struct db_columns *out)
{
	struct db_columns columns = {0};
	struct db_stmt *st;
	enum err e;

	TRY(db_prepare(cx, db,
		pick(db,
			"SELECT name, type, \"notnull\" = 0 AND pk = 0 FROM "
			"pragma_table_info(:name) "
			"ORDER BY cid",
			"SELECT column_name::text, data_type::text, is_nullable = 'YES' "
			"FROM information_schema.columns WHERE table_schema = current_schema() "
			"AND table_name = :name ORDER BY ordinal_position"),
		&st));
	db_bind_text(st, 1, str_from(table));
	e = read_columns(cx, st, &columns);
	db_release(st);
	if (e == ERR_OK)
		*out = columns;
	return e;
}

/* The names of the indexes to drop and the statements that make them. */
static enum err read_indexes(struct ctx *cx, struct db *db, const char *table,
	struct db_indexes *names, struct db_indexes *ddl)
{
	struct db_stmt *st;
	bool has_row;
	enum err e;

	TRY(db_prepare(cx, db,
		pick(db,
			"SELECT name, sql FROM sqlite_schema WHERE type = 'index' "
			"AND tbl_name = :name AND sql IS NOT NULL ORDER BY name",
			"SELECT indexname::text, indexdef FROM pg_indexes "
			"WHERE schemaname = current_schema() AND tablename = :name "
			"AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname "
			"AND connamespace = current_schema()::regnamespace) ORDER BY indexname"),
		&st));
	db_bind_text(st, 1, str_from(table));
	while ((e = db_step(cx, st, &has_row)) == ERR_OK && has_row) {
		*VEC_PUSH(cx->mem, &names->ddl) = str_z(cx->mem, db_text(st, 0));
		*VEC_PUSH(cx->mem, &ddl->ddl) = str_z(cx->mem, db_text(st, 1));
	}
	db_release(st);
	return e;
}

enum err db_drop_indexes(struct ctx *cx, struct db *db, const char *table, struct db_indexes *out)
{
	struct db_indexes names = {0}, ddl = {0};

	assert(db->in_tx);
	TRY(read_indexes(cx, db, table, &names, &ddl));
	for (size_t i = 0; i < names.ddl.count; i++)
		TRY(db->driver->exec(
			cx, db, arena_printf(cx->mem, "DROP INDEX \"%s\"", names.ddl.items[i])));
	*out = ddl;
	return ERR_OK;
}

enum err db_restore_indexes(struct ctx *cx, struct db *db, const struct db_indexes *indexes)
{
	/* Threads beside this one sort what it has read: keys of 6 MB at a time, which stay in the
	   processor's cache; 16 MB take longer. With one alone this thread sorts, too, whenever
	   that one is busy, and nobody reads on. */
	static const char more[] = "PRAGMA threads = 2", less[] = "PRAGMA threads = 0";
	bool is_sqlite = db_dialect(db) == DB_SQLITE;

	assert(db->in_tx);
	if (is_sqlite)
		TRY(db->driver->exec(cx, db, more));
	for (size_t i = 0; i < indexes->ddl.count; i++)
		TRY(db->driver->exec(cx, db, indexes->ddl.items[i]));
	return is_sqlite ? db->driver->exec(cx, db, less) : ERR_OK;
}

enum err db_backup(struct ctx *cx, struct db *db, const char *path)
{
	return db->driver->backup(cx, db, path);
}

enum err db_scrub(struct ctx *cx, struct db *db, const char *const *tables, size_t count)
{
	assert(!db_in_transaction(db));
	if (db_dialect(db) == DB_SQLITE)
		return db_exec(cx, db, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
	for (size_t i = 0; i < count; i++)
		TRY(db_exec(cx, db, arena_printf(cx->mem, "VACUUM FULL %s", tables[i])));
	return ERR_OK;
}
