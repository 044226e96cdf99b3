/* Shared by the two files of the PostgreSQL driver. */
#pragma once

#include <libpq-fe.h>

#include "db/driver.h"

struct pg_db {
	struct db base;
	PGconn *conn;
	struct db_stmt *streaming; /* whose rows are still on the wire; NULL: the wire is free */
	int64_t name_count;        /* prepared statements so far, to name them */
	bool is_read_only;
};

/* Classify res (NULL: the connection itself), tell it, and clear res. */
enum err pg_fail(struct ctx *cx, struct pg_db *db, PGresult *res);
/* Move the rows that are on the wire to the memory of their statement. */
void pg_free_wire(struct pg_db *db);
/* Run sql with nothing to read from it. */
enum err pg_exec(struct ctx *cx, struct db *db, const char *sql);

enum err pg_bulk_begin(struct ctx *cx, struct db *db, struct db_bulk *bulk);
enum err pg_bulk_row(struct ctx *cx, struct db_bulk *bulk, const struct db_value *values);
enum err pg_bulk_end(struct ctx *cx, struct db_bulk *bulk);
void pg_bulk_release(struct db_bulk *bulk);
