/*
 * The PostgreSQL driver: connection, failures, transactions.
 *
 * A write transaction takes one advisory lock per schema before its first statement, so that
 * there is one writer per place, as with SQLite: what a service has read is still true when it
 * writes, and the audit chain has one end.
 */
#include "db/postgres.h"
#include "db/postgres_stmt.h"

/* Any number that other programs on the server do not lock. */
#define LOCK_SPACE "7487366"

static enum db_failure_kind failure_kind(const char *state, PGconn *conn)
{
	static const struct {
		const char *state; /* a whole SQLSTATE or its class */
		enum db_failure_kind kind;
	} kinds[] = {
		{"40001", DB_FAILURE_BUSY},
		{"40P01", DB_FAILURE_BUSY},
		{"55P03", DB_FAILURE_BUSY},
		{"53300", DB_FAILURE_BUSY},
		{"23505", DB_FAILURE_UNIQUE},
		{"23503", DB_FAILURE_FOREIGN_KEY},
		{"23502", DB_FAILURE_NOT_NULL},
		{"23514", DB_FAILURE_CHECK},
		{"53100", DB_FAILURE_FULL},
		{"25006", DB_FAILURE_READ_ONLY},
		{"XX001", DB_FAILURE_CORRUPT},
		{"XX002", DB_FAILURE_CORRUPT},
		{"08", DB_FAILURE_CONNECTION},
		{"57P01", DB_FAILURE_CONNECTION},
		{"57P02", DB_FAILURE_CONNECTION},
		{"57P03", DB_FAILURE_BUSY},
		{"58030", DB_FAILURE_IO},
	};

	if (state)
		for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
			if (strncmp(state, kinds[i].state, strlen(kinds[i].state)) == 0)
				return kinds[i].kind;
	return PQstatus(conn) == CONNECTION_BAD ? DB_FAILURE_CONNECTION : DB_FAILURE_OTHER;
}

/* "Key (code, name)=(…) already exists." in any language to "org(code, name)". */
static const char *unique_name(struct ctx *cx, const PGresult *res)
{
	struct str detail = str_from(PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL));
	const char *table = PQresultErrorField(res, PG_DIAG_TABLE_NAME);
	size_t from = str_find_char(detail, '('), to = str_find(detail, STR(")=("));

	if (!table || from == SIZE_MAX || to == SIZE_MAX || to < from)
		return PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME);
	return arena_printf(
		cx->mem, "%s(" STR_FMT ")", table, STR_ARG(str_sub(detail, from + 1, to)));
}

static const char *constraint_name(struct ctx *cx, const PGresult *res, enum db_failure_kind kind)
{
	const char *table = PQresultErrorField(res, PG_DIAG_TABLE_NAME);
	const char *column = PQresultErrorField(res, PG_DIAG_COLUMN_NAME);

	if (kind == DB_FAILURE_UNIQUE)
		return unique_name(cx, res);
	if (kind == DB_FAILURE_NOT_NULL && table && column)
		return arena_printf(cx->mem, "%s.%s", table, column);
	return PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME);
}

enum err pg_fail(struct ctx *cx, struct pg_db *db, PGresult *res)
{
	const char *said = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
	enum db_failure_kind kind = failure_kind(state, db->conn);
	const char *constraint = res ? constraint_name(cx, res, kind) : NULL;
	enum err e =
		db_fail(cx, &db->base, kind, constraint, said ? said : PQerrorMessage(db->conn));

	PQclear(res);
	return e;
}

enum err pg_exec(struct ctx *cx, struct db *db, const char *sql)
{
	struct pg_db *pg = (struct pg_db *)db;
	ExecStatusType status;
	PGresult *res;

	pg_free_wire(pg);
	res = PQexec(pg->conn, sql);
	status = PQresultStatus(res);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
		return pg_fail(cx, pg, res);
	PQclear(res);
	return ERR_OK;
}

static void pg_close(struct db *db)
{
	struct pg_db *pg = (struct pg_db *)db;

	PQfinish(pg->conn);
	free(pg);
}

static enum err pg_set_wait(struct ctx *cx, struct db *db, int wait_ms)
{
	/* 0 would mean for ever. */
	return pg_exec(cx, db, arena_printf(cx->mem, "SET lock_timeout = %d", MAX(wait_ms, 1)));
}

static enum err pg_begin(struct ctx *cx, struct db *db, enum db_tx tx)
{
	enum err e;

	if (tx == DB_READ || ((struct pg_db *)db)->is_read_only)
		return pg_exec(cx, db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
	TRY(pg_exec(cx, db, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"));
	e = pg_exec(
		cx, db, "SELECT pg_advisory_xact_lock(" LOCK_SPACE ", hashtext(current_schema()))");
	if (e != ERR_OK)
		db->driver->rollback(db);
	return e;
}

static enum err pg_commit(struct ctx *cx, struct db *db)
{
	return pg_exec(cx, db, "COMMIT");
}

static void pg_rollback(struct db *db)
{
	struct pg_db *pg = (struct pg_db *)db;

	pg_free_wire(pg);
	/* When the connection is lost the server rolls back by itself. */
	PQclear(PQexec(pg->conn, "ROLLBACK"));
}

static enum err pg_backup(struct ctx *cx, struct db *db, const char *path)
{
	(void)db;
	return ctx_fail(cx, ERR_UNSUPPORTED,
		TR(cx, "PostgreSQL 的备份请用 pg_dump -Fc -f %s",
			"back up PostgreSQL with pg_dump -Fc -f %s"),
		path);
}

static const struct db_driver postgres_driver = {
	.dialect = DB_POSTGRES,
	.close = pg_close,
	.set_wait = pg_set_wait,
	.exec = pg_exec,
	.prepare = pg_prepare,
	.finalize = pg_finalize,
	.bind = pg_bind,
	.describe = pg_describe,
	.step = pg_step,
	.changes = pg_changes,
	.reset = pg_reset,
	.is_null = pg_is_null,
	.i64 = pg_i64,
	.f64 = pg_f64,
	.bytes = pg_bytes,
	.column_count = pg_column_count,
	.column_name = pg_column_name,
	.begin = pg_begin,
	.commit = pg_commit,
	.rollback = pg_rollback,
	.bulk_begin = pg_bulk_begin,
	.bulk_row = pg_bulk_row,
	.bulk_end = pg_bulk_end,
	.bulk_release = pg_bulk_release,
	.backup = pg_backup,
};

/* ---- opening ---- */

static bool schema_is_plain(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] != '_' && !(name.p[i] >= 'a' && name.p[i] <= 'z') &&
			!(i > 0 && name.p[i] >= '0' && name.p[i] <= '9'))
			return false;
	return name.n > 0 && name.n < 64;
}

/* libpq refuses parameters that it does not know: schema= is taken out of the URL. */
static enum err split_url(struct ctx *cx, struct str url, char **out_url, char **out_schema)
{
	struct str rest = url, base = str_cut(&rest, '?');
	char *plain = str_z(cx->mem, base);
	struct str schema = STR("public");
	char sep = '?';

	while (rest.n) {
		struct str item = str_cut(&rest, '&');
		if (str_starts(item, "schema=")) {
			schema = str_sub(item, strlen("schema="), item.n);
			continue;
		}
		plain = arena_printf(cx->mem, "%s%c" STR_FMT, plain, sep, STR_ARG(item));
		sep = '&';
	}
	if (!schema_is_plain(schema))
		return ctx_fail(cx, ERR_INVALID,
			TR(cx, "schema 名只能用小写字母、数字和 _：" STR_FMT,
				"a schema name is lower-case letters, digits and _: " STR_FMT),
			STR_ARG(schema));
	*out_url = plain;
	*out_schema = str_z(cx->mem, schema);
	return ERR_OK;
}

static enum err use_schema(struct ctx *cx, struct pg_db *pg, const char *schema, enum db_mode mode)
{
	PGresult *res = PQexecParams(pg->conn, "SELECT 1 FROM pg_namespace WHERE nspname = $1", 1,
		NULL, &schema, NULL, NULL, 0);
	bool exists = PQresultStatus(res) == PGRES_TUPLES_OK && PQntuples(res) == 1;

	if (PQresultStatus(res) != PGRES_TUPLES_OK)
		return pg_fail(cx, pg, res);
	PQclear(res);
	if (!exists && mode != DB_CREATE)
		return ctx_fail(cx, ERR_NOT_FOUND,
			TR(cx, "没有 schema %s", "there is no schema %s"), schema);
	if (!exists) /* two at once: both are content */
		TRY(pg_exec(cx, &pg->base,
			arena_printf(cx->mem, "CREATE SCHEMA IF NOT EXISTS \"%s\"", schema)));
	return pg_exec(cx, &pg->base, arena_printf(cx->mem, "SET search_path TO \"%s\"", schema));
}

static enum err settle(struct ctx *cx, struct pg_db *pg, const char *schema, enum db_mode mode)
{
	const char *encoding = PQparameterStatus(pg->conn, "server_encoding");

	if (!encoding || strcmp(encoding, "UTF8") != 0)
		return ctx_fail(cx, ERR_STORE,
			TR(cx, "数据库编码是 %s，须为 UTF8",
				"the database encoding is %s, not UTF8"),
			encoding ? encoding : "?");
	TRY(pg_exec(cx, &pg->base,
		"SET client_encoding = 'UTF8'; SET client_min_messages = warning;"
		"SET standard_conforming_strings = on; SET TimeZone = 'UTC'"));
	TRY(pg_set_wait(cx, &pg->base, DB_WAIT_MS));
	TRY(use_schema(cx, pg, schema, mode));
	if (mode != DB_READ_ONLY)
		return ERR_OK;
	pg->is_read_only = true;
	return pg_exec(cx, &pg->base, "SET default_transaction_read_only = on");
}

static void ignore_notice(void *arg, const char *message)
{
	(void)arg, (void)message; /* libraries do not print */
}

enum err postgres_open(struct ctx *cx, struct str url, enum db_mode mode, struct db **out)
{
	static const char *const keys[] = {
		"fallback_application_name", "connect_timeout", "dbname", NULL};
	struct pg_db *pg;
	char *plain = NULL, *schema = NULL;
	enum err e;

	TRY(split_url(cx, url, &plain, &schema));
	pg = calloc(1, sizeof *pg);
	if (!pg)
		BUG("out of memory");
	pg->base.driver = &postgres_driver;
	/* The URL comes last: what it says wins. */
	pg->conn = PQconnectdbParams(keys, (const char *const[]){"shuren", "10", plain, NULL}, 1);
	if (!pg->conn)
		BUG("out of memory");
	PQsetNoticeProcessor(pg->conn, ignore_notice, NULL);
	e = PQstatus(pg->conn) == CONNECTION_OK ? settle(cx, pg, schema, mode)
						: pg_fail(cx, pg, NULL);
	if (e != ERR_OK) {
		/* Never the URL itself: it may hold a password. */
		const char *host = PQhost(pg->conn), *name = PQdb(pg->conn);
		char *where = arena_printf(cx->mem, "%s/%s", host ? host : "", name ? name : "");
		char *said = arena_strn(cx->mem, cx->error.p, cx->error.n);
		pg_close(&pg->base);
		return ctx_fail(cx, e,
			TR(cx, "打不开 PostgreSQL %s：%s", "cannot open PostgreSQL %s: %s"), where,
			said);
	}
	*out = &pg->base;
	return ERR_OK;
}
