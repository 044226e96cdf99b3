/*
 * Transactions, savepoints and bulk loads: the part that is the same for every driver.
 */
#include "db/driver.h"

static void reset_statements(struct db *db, bool release)
{
	for (struct db_stmt *st = db->cache; st; st = st->next) {
		db_reset(st);
		if (release && st->is_taken)
			db_release(st);
	}
}

static void bulk_free(struct db_bulk *bulk)
{
	struct arena *mem = bulk->mem;

	for (struct db_bulk **at = &bulk->db->bulks; *at; at = &(*at)->next)
		if (*at == bulk) {
			*at = bulk->next;
			break;
		}
	bulk->db->driver->bulk_release(bulk);
	arena_free(mem);
}

enum err db_begin(struct ctx *cx, struct db *db, enum db_tx tx)
{
	assert(!db->in_tx);
	reset_statements(db, false);
	db->is_failed = false;
	TRY(db_fault(cx, db));
	TRY(db->driver->begin(cx, db, tx));
	db->in_tx = true;
	return ERR_OK;
}

enum err db_commit(struct ctx *cx, struct db *db)
{
	enum err e;

	assert(db->in_tx);
	if (db->is_failed) {
		db_rollback(db);
		return ctx_fail(cx, ERR_STORE,
			TR(cx, "事务中已有语句失败，全部撤回",
				"a statement of the transaction failed; all was rolled back"));
	}
	if (db->bulks)
		BUG("commit while a bulk load into %s is open", db->bulks->table);
	reset_statements(db, false);
	e = db_fault(cx, db);
	if (e == ERR_OK)
		e = db->driver->commit(cx, db);
	if (e != ERR_OK)
		db_rollback(db);
	db->in_tx = false;
	return e;
}

bool db_claim(struct db *db)
{
	assert(!db->in_tx);
	return db->driver->claim && db->driver->claim(db);
}

void db_share(struct db *db)
{
	assert(!db->in_tx);
	if (db->driver->share)
		db->driver->share(db);
}

void db_rollback(struct db *db)
{
	if (!db->in_tx)
		return;
	while (db->bulks)
		bulk_free(db->bulks);
	reset_statements(db, true);
	db->driver->rollback(db);
	db->in_tx = false;
	db->is_failed = false;
}

bool db_in_transaction(const struct db *db)
{
	return db->in_tx;
}

static enum err savepoint_exec(struct ctx *cx, struct db *db, const char *verb, const char *name)
{
	assert(db->in_tx);
	for (const char *p = name; *p; p++)
		assert(*p == '_' || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			(*p >= '0' && *p <= '9'));
	return db->driver->exec(cx, db, arena_printf(cx->mem, "%s %s", verb, name));
}

enum err db_savepoint(struct ctx *cx, struct db *db, const char *name)
{
	return savepoint_exec(cx, db, "SAVEPOINT", name);
}

enum err db_savepoint_release(struct ctx *cx, struct db *db, const char *name)
{
	return savepoint_exec(cx, db, "RELEASE SAVEPOINT", name);
}

enum err db_savepoint_rollback(struct ctx *cx, struct db *db, const char *name)
{
	while (db->bulks)
		bulk_free(db->bulks);
	reset_statements(db, false);
	TRY(savepoint_exec(cx, db, "ROLLBACK TO SAVEPOINT", name));
	db->is_failed = false;
	return savepoint_exec(cx, db, "RELEASE SAVEPOINT", name);
}

enum err db_bulk_begin(struct ctx *cx, struct db *db, const char *table,
	const struct db_column *columns, int column_count, struct db_bulk **out)
{
	struct arena *mem = arena_create();
	struct db_bulk *bulk = arena_new(mem, struct db_bulk);
	enum err e;

	assert(db->in_tx && column_count > 0);
	*bulk = (struct db_bulk){.db = db,
		.mem = mem,
		.table = table,
		.columns = columns,
		.column_count = column_count};
	e = db->driver->bulk_begin(cx, db, bulk);
	if (e != ERR_OK) {
		arena_free(mem);
		return e;
	}
	bulk->next = db->bulks;
	db->bulks = bulk;
	*out = bulk;
	return ERR_OK;
}

enum err db_bulk_row(struct ctx *cx, struct db_bulk *bulk, const struct db_value *values)
{
	TRY(db_fault(cx, bulk->db));
	TRY(bulk->db->driver->bulk_row(cx, bulk, values));
	bulk->rows++;
	return ERR_OK;
}

enum err db_bulk_end(struct ctx *cx, struct db_bulk *bulk, int64_t *out_rows)
{
	enum err e = db_fault(cx, bulk->db);

	if (e == ERR_OK)
		e = bulk->db->driver->bulk_end(cx, bulk);
	if (e == ERR_OK && out_rows)
		*out_rows = bulk->rows;
	bulk_free(bulk);
	return e;
}
