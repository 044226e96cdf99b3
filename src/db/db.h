/*
 * Rows in and out of SQLite (the default) or PostgreSQL, behind one interface chosen by URL when
 * the program runs:
 *
 *   PLACE                  a folder; the store is PLACE/shuren.db
 *   sqlite:FILE            a SQLite file; "sqlite::memory:" for tests
 *   postgres://…?schema=S  PostgreSQL (postgresql:// too); the tables live in schema S (public)
 *
 * What both promise, so that the code above never asks which one it has:
 * - SQL is the common part of both dialects, parameters are `:name`, DDL uses the tokens below.
 * - Text is UTF-8 and sorts by bytes. Booleans, dates (ISO text) and 64-bit integers round-trip.
 * - One writer at a time per place: db_begin(DB_WRITE) waits for the other one up to 5 s
 *   (db_set_wait), then ERR_BUSY. Readers see one moment and never wait (but see db_claim).
 * - db_commit returns after the data are on disk: neither kill -9 nor a power cut loses them.
 * - After a failed statement the transaction can only be rolled back (wholly or to a savepoint).
 *
 * DDL tokens, expanded by db_exec: @pk @i64 @f64 @bool @text @blob are column types, @strict
 * stands behind the closing parenthesis of CREATE TABLE. `id @pk` is a 64-bit primary key that
 * the program makes (db/id.h): no sequence, no autoincrement.
 *
 * A connection belongs to one thread at a time. Errors: each function says the detail with
 * ctx_fail and classifies it (db_last_failure). ERR_BUSY: try again. ERR_CONFLICT: a unique or
 * foreign key says no. ERR_IO: disk full, unreadable file, lost connection. ERR_STORE: the rest.
 */
#pragma once

#include "base/date.h"
#include "base/err.h"

struct db;      /* a connection */
struct db_stmt; /* a prepared statement of a connection */
struct db_bulk; /* a bulk load that is going on */

enum db_dialect { DB_SQLITE, DB_POSTGRES };

enum db_mode {
	DB_EXISTING,  /* the store must exist: else ERR_NOT_FOUND */
	DB_CREATE,    /* make file (and folder PLACE) or schema when absent */
	DB_READ_ONLY, /* must exist; every write fails */
};

enum db_tx { DB_READ, DB_WRITE };

enum db_type { DB_I64, DB_F64, DB_TEXT, DB_BLOB, DB_BOOL, DB_DATE };

/* What db_bind and db_bulk_row take. `type` holds for NULL too: PostgreSQL wants to know. */
struct db_value {
	enum db_type type;
	bool is_null;
	union {
		int64_t i64;
		double f64;
		struct str text; /* also blob; not copied: must live as long as said there */
		struct date date;
		bool boolean;
	};
};

struct db_column {
	const char *name;
	enum db_type type;
	bool is_nullable;
};

/* ---- connection ---- */

/*
 * Open the store at url. The caller owns *out (db_close, or db_close_with).
 * Fails: NOT_FOUND (no such store), INVALID (malformed URL), STORE (not a database), IO.
 */
MUST_CHECK enum err db_open(struct ctx *cx, struct str url, enum db_mode mode, struct db **out);
/* Roll back what is open and close. NULL is fine. */
void db_close(struct db *db);
/* Close when mem is reset or freed. */
void db_close_with(struct arena *mem, struct db *db);
enum db_dialect db_dialect(const struct db *db);
/* How long this connection waits for another one's lock before ERR_BUSY; 5,000 at first. */
MUST_CHECK enum err db_set_wait(struct ctx *cx, struct db *db, int wait_ms);

/*
 * Have the store for oneself until db_share, outside of a transaction: what is then loaded is
 * written once, where SQLite's write-ahead log has it written twice. Whoever comes meanwhile
 * waits, or is told that the store is busy. false: others have it open, or it would not help;
 * then all is as before.
 */
bool db_claim(struct db *db);
void db_share(struct db *db); /* after db_claim, whatever it said */

/*
 * Run a script of one or more statements without parameters; tokens are expanded. Rows are
 * dropped. Not atomic of itself: stand in a transaction.
 */
MUST_CHECK enum err db_exec(struct ctx *cx, struct db *db, const char *sql);

/* ---- statements ---- */

/*
 * The statement for sql, from the cache of the connection or prepared now. It is the caller's
 * until db_release; the same SQL asked for again meanwhile gives a second statement.
 * `:name` parameters are numbered from 1 in order of first appearance.
 * PostgreSQL prepares on the first step, when the types of the parameters are known.
 */
MUST_CHECK enum err db_prepare(
	struct ctx *cx, struct db *db, const char *sql, struct db_stmt **out);
/* Reset and hand back to the cache. NULL is fine. */
void db_release(struct db_stmt *st);

/*
 * Bind parameter index (from 1). Text and blobs are not copied: they must live until the
 * statement is reset, released or bound anew. Unbound parameters are NULL text.
 */
void db_bind(struct db_stmt *st, int index, const struct db_value *value);
void db_bind_null(struct db_stmt *st, int index, enum db_type type);
void db_bind_i64(struct db_stmt *st, int index, int64_t value);
void db_bind_f64(struct db_stmt *st, int index, double value);
void db_bind_bool(struct db_stmt *st, int index, bool value);
void db_bind_text(struct db_stmt *st, int index, struct str value);
void db_bind_blob(struct db_stmt *st, int index, struct str value);
void db_bind_date(struct db_stmt *st, int index, struct date value); /* DATE_NONE is NULL */
/* The index of parameter `name` (without colon); a name that is not in the SQL is a bug. */
int db_param(const struct db_stmt *st, const char *name);

/* The next row, or *out_has_row = false at the end. On an error the statement is reset. */
MUST_CHECK enum err db_step(struct ctx *cx, struct db_stmt *st, bool *out_has_row);
/* Step to the end and reset. *out_changed: rows inserted, changed or deleted; may be NULL. */
MUST_CHECK enum err db_run(struct ctx *cx, struct db_stmt *st, int64_t *out_changed);
/* Ready for the next binding and step; bound values stay. */
void db_reset(struct db_stmt *st);

/* The current row. Columns count from 0. NULL reads as 0, "" or DATE_NONE. */
bool db_is_null(const struct db_stmt *st, int column);
int64_t db_i64(const struct db_stmt *st, int column);
double db_f64(const struct db_stmt *st, int column);
bool db_bool(const struct db_stmt *st, int column);
struct str db_text(const struct db_stmt *st, int column); /* until the next step or reset */
struct str db_blob(const struct db_stmt *st, int column); /* until the next step or reset */
struct date db_date(const struct db_stmt *st, int column);

/* Prepare for certain, so that the two below may be used before the first step. */
MUST_CHECK enum err db_describe(struct ctx *cx, struct db_stmt *st);
int db_column_count(const struct db_stmt *st);
const char *db_column_name(const struct db_stmt *st, int column);

/* ---- named queries, written by tools/sqlgen from .sql files ---- */

struct db_query {
	const char *name;
	const char *sql;
	const char *sql_postgres; /* NULL: the same */
	const struct db_column *params;
	const struct db_column *columns;
	int param_count, column_count;
};

/* The statement of a query; parameter i + 1 is query->params[i] in both dialects. */
MUST_CHECK enum err db_prepare_query(
	struct ctx *cx, struct db *db, const struct db_query *query, struct db_stmt **out);
/* Prepare it and compare the names of its columns with the declared ones. Fails: STORE. */
MUST_CHECK enum err db_check_query(struct ctx *cx, struct db *db, const struct db_query *query);

/* ---- transactions ---- */

/* Transactions do not nest; savepoints do. A write inside DB_READ fails on both. */
MUST_CHECK enum err db_begin(struct ctx *cx, struct db *db, enum db_tx tx);
/*
 * Statements that are running are reset. When a statement of the transaction has failed, or the
 * commit itself fails, all is rolled back and the error returned: never half of it.
 */
MUST_CHECK enum err db_commit(struct ctx *cx, struct db *db);
/* Never fails; statements not yet released are released. Without a transaction: nothing. */
void db_rollback(struct db *db);
bool db_in_transaction(const struct db *db);
/* name: letters, digits and _. */
MUST_CHECK enum err db_savepoint(struct ctx *cx, struct db *db, const char *name);
MUST_CHECK enum err db_savepoint_release(struct ctx *cx, struct db *db, const char *name);
/* Undo what came after the savepoint, and drop it. */
MUST_CHECK enum err db_savepoint_rollback(struct ctx *cx, struct db *db, const char *name);

/* ---- bulk load ---- */

/*
 * Load many rows into columns of table as fast as the database can. Needs a write transaction.
 * Other statements may run meanwhile, but see the rows for certain only after db_bulk_end; a
 * conflict may be told as late as there. table and columns (names are the program's own, not
 * input) must live until the end. *out is released by db_bulk_end, or with the transaction.
 */
MUST_CHECK enum err db_bulk_begin(struct ctx *cx, struct db *db, const char *table,
	const struct db_column *columns, int column_count, struct db_bulk **out);
/* One value a column, of the declared type. Text is not kept after the call. */
MUST_CHECK enum err db_bulk_row(
	struct ctx *cx, struct db_bulk *bulk, const struct db_value *values);
/* Everything is in. Ends the load also when it fails. out_rows may be NULL. */
MUST_CHECK enum err db_bulk_end(struct ctx *cx, struct db_bulk *bulk, int64_t *out_rows);

/*
 * Indexes of a table that are not part of a constraint, dropped before a large load and made
 * again behind it, in the same transaction. Memory: cx->mem.
 */
struct db_indexes {
	VEC(char *) ddl;
};
MUST_CHECK enum err db_drop_indexes(
	struct ctx *cx, struct db *db, const char *table, struct db_indexes *out);
MUST_CHECK enum err db_restore_indexes(
	struct ctx *cx, struct db *db, const struct db_indexes *indexes);

/* ---- schema ---- */

MUST_CHECK enum err db_has_table(struct ctx *cx, struct db *db, const char *table, bool *out);
MUST_CHECK enum err db_has_index(struct ctx *cx, struct db *db, const char *index, bool *out);
/* Names and types in order of definition, in cx->mem; none when there is no such table. A bool
 * is DB_I64 on SQLite, a date is DB_TEXT on both: the store knows no more. */
struct db_columns {
	VEC(struct db_column) list;
};
MUST_CHECK enum err db_list_columns(
	struct ctx *cx, struct db *db, const char *table, struct db_columns *out);

/* ---- the rest ---- */

/*
 * Copy the store as it is now to a new file while others go on reading and writing. SQLite only;
 * on PostgreSQL ERR_UNSUPPORTED names pg_dump. Fails: CONFLICT (the file exists), IO.
 */
MUST_CHECK enum err db_backup(struct ctx *cx, struct db *db, const char *path);

/*
 * Rewrite the store so that what was overwritten or deleted in these tables stands in none of its
 * files any more: SQLite the whole file and its WAL, PostgreSQL the tables (its own WAL and
 * backups keep theirs until they age out). Outside a transaction; takes as long as a copy, and on
 * PostgreSQL nobody reads the tables meanwhile. Fails: BUSY.
 */
MUST_CHECK enum err db_scrub(
	struct ctx *cx, struct db *db, const char *const *tables, size_t count);

enum db_failure_kind {
	DB_FAILURE_NONE,
	DB_FAILURE_BUSY,
	DB_FAILURE_UNIQUE,
	DB_FAILURE_FOREIGN_KEY,
	DB_FAILURE_NOT_NULL,
	DB_FAILURE_CHECK,
	DB_FAILURE_FULL,
	DB_FAILURE_CORRUPT,
	DB_FAILURE_READ_ONLY,
	DB_FAILURE_CONNECTION,
	DB_FAILURE_IO,
	DB_FAILURE_OTHER,
};

struct db_failure {
	enum db_failure_kind kind;
	/* "table(column, column)" of a unique key, the same on both; else what the database
	 * says, or "". */
	char constraint[160];
};

/* The last failure of the connection; good until the next one. */
const struct db_failure *db_last_failure(const struct db *db);
