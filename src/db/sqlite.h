/* What the files of the SQLite driver share. */
#pragma once

#include "db/driver.h"

#include <sqlite3.h>

struct sqlite_db {
	struct db base;
	sqlite3 *handle;
	int64_t changes;    /* of the last statement that ran to its end */
	bool is_query_only; /* a read transaction made it so */
	bool is_claimed;    /* nobody else has it open */
	int wait_ms;
};

/* Remember and tell what the last call on the handle failed with. */
enum err sqlite_fail(struct ctx *cx, struct sqlite_db *db);
/* The library's result code. Text is not copied; a date must have been made text before. */
int sqlite_bind_value(sqlite3_stmt *s, int index, const struct db_value *v);

/* sqlite_bulk.c */
enum err sqlite_bulk_begin(struct ctx *cx, struct db *db, struct db_bulk *bulk);
enum err sqlite_bulk_row(struct ctx *cx, struct db_bulk *bulk, const struct db_value *values);
enum err sqlite_bulk_end(struct ctx *cx, struct db_bulk *bulk);
void sqlite_bulk_release(struct db_bulk *bulk);
