/*
 * Inside of db/: what a driver offers and what the common part (db.c) keeps for it.
 * db.c checks, counts and caches; a driver only talks to its library.
 */
#pragma once

#include "db/db.h"
#include "db/id.h"

#define DB_WAIT_MS   5000
#define DB_DATE_SIZE 10

struct db_driver {
	enum db_dialect dialect;
	void (*close)(struct db *db);
	enum err (*set_wait)(struct ctx *cx, struct db *db, int wait_ms);
	bool (*claim)(struct db *db); /* NULL: it would not help */
	void (*share)(struct db *db);
	enum err (*exec)(struct ctx *cx, struct db *db, const char *sql);

	/* Makes the driver's part of a statement whose text and params are set. */
	enum err (*prepare)(struct ctx *cx, struct db *db, struct db_stmt *st);
	void (*finalize)(struct db_stmt *st);
	/* Dates arrive as DB_TEXT. The pointers in value live until reset. */
	void (*bind)(struct db_stmt *st, int index, const struct db_value *value);
	enum err (*describe)(struct ctx *cx, struct db_stmt *st);
	enum err (*step)(struct ctx *cx, struct db_stmt *st, bool *out_has_row);
	int64_t (*changes)(const struct db_stmt *st);
	void (*reset)(struct db_stmt *st);
	bool (*is_null)(const struct db_stmt *st, int column);
	int64_t (*i64)(const struct db_stmt *st, int column);
	double (*f64)(const struct db_stmt *st, int column);
	struct str (*bytes)(const struct db_stmt *st, int column);
	int (*column_count)(const struct db_stmt *st);
	const char *(*column_name)(const struct db_stmt *st, int column);

	enum err (*begin)(struct ctx *cx, struct db *db, enum db_tx tx);
	enum err (*commit)(struct ctx *cx, struct db *db);
	void (*rollback)(struct db *db);

	enum err (*bulk_begin)(struct ctx *cx, struct db *db, struct db_bulk *bulk);
	enum err (*bulk_row)(struct ctx *cx, struct db_bulk *bulk, const struct db_value *values);
	enum err (*bulk_end)(struct ctx *cx, struct db_bulk *bulk);
	void (*bulk_release)(struct db_bulk *bulk); /* after bulk_end or a failure */

	enum err (*backup)(struct ctx *cx, struct db *db, const char *path);
};

struct db {
	const struct db_driver *driver;
	struct db_stmt *cache; /* newest use first */
	int cache_count;
	struct db_bulk *bulks; /* open ones */
	struct db_failure failure;
	struct id_source ids;
	bool in_tx;
	bool is_failed; /* a statement of the open transaction failed */
#ifdef DB_FAULTS
	long fault_after; /* calls that still succeed; negative: never fail */
#endif
};

struct db_param_value {
	char *name;
	char date[DB_DATE_SIZE]; /* the text of a bound date */
};

/* The driver's statement begins with this. All memory of it is in mem. */
struct db_stmt {
	struct db *db;
	struct db_stmt *next; /* in the cache */
	struct arena *mem;
	uint64_t key;     /* hash of the SQL as given */
	const char *sql;  /* as given */
	const char *text; /* as the database wants it */
	struct db_param_value *params;
	int param_count;
	bool is_taken;
	bool is_running; /* stepped and not yet reset */
	void *own;       /* the driver's part */
};

struct db_bulk {
	struct db *db;
	struct db_bulk *next;
	struct arena *mem;
	const char *table;
	const struct db_column *columns;
	int column_count;
	int64_t rows;
	void *own;
};

/* YYYY-MM-DD, without a NUL. */
void db_format_date(char out[DB_DATE_SIZE], struct date d);

/*
 * Stands first in every call that reaches the database. In builds with -Dfaults=true the call
 * number FAULT (environment, from 1) of each connection fails here, so that a test can walk over
 * every place where a database may fail.
 */
MUST_CHECK enum err db_fault(struct ctx *cx, struct db *db);

/* Openers of the drivers: fill *out with a connection whose driver is set. */
enum err sqlite_open(struct ctx *cx, struct str path, enum db_mode mode, struct db **out);
enum err postgres_open(struct ctx *cx, struct str url, enum db_mode mode, struct db **out);

/*
 * Remember and tell a failure. `said` is the text of the database for the reader who knows it;
 * constraint may be NULL. Marks an open transaction as failed. db may be NULL (while opening).
 */
enum err db_fail(struct ctx *cx, struct db *db, enum db_failure_kind kind, const char *constraint,
	const char *said);
