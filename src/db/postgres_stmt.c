/*
 * Statements of the PostgreSQL driver. Rows come one by one from the wire in binary form, so that
 * a million of them need no memory. The wire carries one result at a time: when another statement
 * runs meanwhile, the rows that are still to come move to the memory of their statement
 * (pg_free_wire) and are read from there. That is the only place where size matters, and it has
 * a bound.
 *
 * A statement is prepared at its first step, with the types of the values bound by then.
 */
#include "db/postgres_stmt.h"
#include "db/postgres_wire.h"

#include "base/num.h"

#define REST_MAX ((size_t)256 << 20) /* bytes of rows that may wait in memory */

struct pg_stmt {
	char name[24];
	bool is_prepared, knows_columns, is_sent, is_done;
	/* Parameters, an array each as libpq wants it. */
	Oid *types, *prepared_types;
	const char **values;
	int *lengths, *formats;
	unsigned char (*numbers)[8];
	/* Columns. */
	int column_count;
	char **names;
	Oid *column_types;
	struct str *cells; /* the current row; p is NULL for NULL */
	PGresult *row;     /* owns the cells, unless they are in rest */
	struct strbuf rest;
	size_t rest_at;
	PGresult *failure; /* found while the wire was freed; told at the next step */
	bool is_too_large; /* likewise */
	int64_t changes;
};

static struct pg_stmt *own(const struct db_stmt *st)
{
	return st->own;
}

static struct pg_db *pg_of(const struct db_stmt *st)
{
	return (struct pg_db *)st->db;
}

enum err pg_prepare(struct ctx *cx, struct db *db, struct db_stmt *st)
{
	struct pg_stmt *s = arena_new(st->mem, struct pg_stmt);
	int n = st->param_count;

	(void)cx;
	snprintf(s->name, sizeof s->name, "s%" PRId64, ++((struct pg_db *)db)->name_count);
	s->types = arena_array(st->mem, Oid, n);
	s->prepared_types = arena_array(st->mem, Oid, n);
	s->values = arena_array(st->mem, const char *, n);
	s->lengths = arena_array(st->mem, int, n);
	s->formats = arena_array(st->mem, int, n);
	s->numbers = arena_calloc(st->mem, (size_t)n, 8);
	for (int i = 0; i < n; i++) {
		s->types[i] = PG_TEXT;
		s->formats[i] = 1;
	}
	strbuf_init(&s->rest, REST_MAX);
	st->own = s;
	return ERR_OK;
}

void pg_finalize(struct db_stmt *st)
{
	struct pg_stmt *s = own(st);

	pg_reset(st);
	strbuf_release(&s->rest);
	if (s->is_prepared && PQstatus(pg_of(st)->conn) == CONNECTION_OK) {
		char sql[40];
		pg_free_wire(pg_of(st));
		snprintf(sql, sizeof sql, "DEALLOCATE %s", s->name);
		/* In a failed transaction this fails: the server forgets it with the session. */
		PQclear(PQexec(pg_of(st)->conn, sql));
	}
}

static void bind_number(struct pg_stmt *s, int i, Oid type, uint64_t bits, int size)
{
	s->types[i] = type;
	pg_put(s->numbers[i], bits, size);
	s->values[i] = (const char *)s->numbers[i];
	s->lengths[i] = size;
}

static void bind_bytes(struct pg_stmt *s, int i, Oid type, struct str bytes)
{
	if (bytes.n > INT_MAX)
		BUG("a value of %zu bytes", bytes.n);
	s->types[i] = type;
	s->values[i] = bytes.p ? bytes.p : "";
	s->lengths[i] = (int)bytes.n;
}

void pg_bind(struct db_stmt *st, int index, const struct db_value *v)
{
	struct pg_stmt *s = own(st);
	int i = index - 1;
	/* The type of NULL is taken from an empty value of that type. */
	struct str bytes = v->is_null ? STR_NONE : v->text;

	switch (v->type) {
	case DB_I64:
		bind_number(s, i, PG_INT8, (uint64_t)v->i64, 8);
		break;
	case DB_F64:
		bind_number(s, i, PG_FLOAT8, pg_f64_bits(v->f64), 8);
		break;
	case DB_BOOL:
		bind_number(s, i, PG_BOOL, !v->is_null && v->boolean, 1);
		break;
	case DB_TEXT:
	case DB_DATE:
		bind_bytes(s, i, PG_TEXT, bytes);
		break;
	case DB_BLOB:
		bind_bytes(s, i, PG_BYTEA, bytes);
		break;
	}
	if (v->is_null)
		s->values[i] = NULL;
}

static bool type_is_read(Oid type)
{
	static const Oid types[] = {PG_BOOL, PG_BYTEA, PG_CHAR, PG_NAME, PG_INT8, PG_INT2, PG_INT4,
		PG_TEXT, PG_OID, PG_FLOAT4, PG_FLOAT8, PG_BPCHAR, PG_VARCHAR};

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i] == type)
			return true;
	return false;
}

/* Keep names and types of the columns, and refuse what SQLite could not mean either. */
static enum err learn_columns(struct ctx *cx, struct db_stmt *st, const PGresult *res)
{
	struct pg_stmt *s = own(st);

	if (s->knows_columns)
		return ERR_OK;
	s->column_count = PQnfields(res);
	s->names = arena_array(st->mem, char *, s->column_count);
	s->column_types = arena_array(st->mem, Oid, s->column_count);
	s->cells = arena_array(st->mem, struct str, s->column_count);
	for (int i = 0; i < s->column_count; i++) {
		s->names[i] = arena_strz(st->mem, PQfname(res, i));
		s->column_types[i] = PQftype(res, i);
		if (!type_is_read(s->column_types[i]))
			return db_fail(cx, st->db, DB_FAILURE_OTHER, NULL,
				arena_printf(cx->mem,
					TR(cx,
						"列 %s 的类型不共用，请 CAST 成 BIGINT 或 DOUBLE "
						"PRECISION",
						"column %s has no common type: CAST it to BIGINT "
						"or DOUBLE "
						"PRECISION"),
					s->names[i]));
	}
	s->knows_columns = true;
	return ERR_OK;
}

static enum err prepare_now(struct ctx *cx, struct db_stmt *st)
{
	struct pg_stmt *s = own(st);
	struct pg_db *pg = pg_of(st);
	size_t size = (size_t)st->param_count * sizeof *s->types;
	PGresult *res;

	if (s->is_prepared && (size == 0 || memcmp(s->types, s->prepared_types, size) == 0))
		return ERR_OK;
	pg_free_wire(pg);
	if (s->is_prepared)
		TRY(pg_exec(cx, st->db, arena_printf(cx->mem, "DEALLOCATE %s", s->name)));
	s->is_prepared = false;
	res = PQprepare(pg->conn, s->name, st->text, st->param_count, s->types);
	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		return pg_fail(cx, pg, res);
	PQclear(res);
	if (size)
		memcpy(s->prepared_types, s->types, size);
	s->is_prepared = true;
	return ERR_OK;
}

enum err pg_describe(struct ctx *cx, struct db_stmt *st)
{
	PGresult *res;
	enum err e;

	if (own(st)->knows_columns)
		return ERR_OK;
	TRY(prepare_now(cx, st));
	pg_free_wire(pg_of(st));
	res = PQdescribePrepared(pg_of(st)->conn, own(st)->name);
	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		return pg_fail(cx, pg_of(st), res);
	e = learn_columns(cx, st, res);
	PQclear(res);
	return e;
}

/* ---- rows ---- */

static void drop_row(struct pg_stmt *s)
{
	PQclear(s->row);
	s->row = NULL;
}

static void clear_wire(struct pg_db *pg)
{
	PGresult *res;

	while ((res = PQgetResult(pg->conn)))
		PQclear(res);
	pg->streaming = NULL;
}

static void set_changes(struct pg_stmt *s, PGresult *res)
{
	struct str text = str_from(PQcmdTuples(res));

	/* A SELECT counts its rows too, which is no change. */
	if (strncmp(PQcmdStatus(res), "SELECT", 6) == 0 ||
		parse_i64(text, 0, INT64_MAX, &s->changes) != NUM_OK)
		s->changes = 0;
}

/* A row of res behind the others in rest: for each column its length (-1: NULL) and bytes. */
static void keep_row(struct pg_stmt *s, const PGresult *res)
{
	for (int i = 0; i < PQnfields(res); i++) {
		int length = PQgetisnull(res, 0, i) ? -1 : PQgetlength(res, 0, i);
		strbuf_add(&s->rest, &length, sizeof length);
		if (length > 0)
			strbuf_add(&s->rest, PQgetvalue(res, 0, i), (size_t)length);
	}
}

void pg_free_wire(struct pg_db *pg)
{
	struct db_stmt *st = pg->streaming;
	struct pg_stmt *s;
	PGresult *res;

	if (!st)
		return;
	s = own(st);
	while ((res = PQgetResult(pg->conn))) {
		ExecStatusType status = PQresultStatus(res);
		if (status == PGRES_SINGLE_TUPLE) {
			keep_row(s, res);
		} else if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
			set_changes(s, res);
		} else if (!s->failure) {
			s->failure = res;
			continue;
		}
		PQclear(res);
	}
	s->is_too_large = s->rest.too_long;
	pg->streaming = NULL;
}

static bool row_from_rest(struct pg_stmt *s)
{
	if (s->rest_at >= s->rest.n)
		return false;
	for (int i = 0; i < s->column_count; i++) {
		int length;
		memcpy(&length, s->rest.p + s->rest_at, sizeof length);
		s->rest_at += sizeof length;
		s->cells[i] = length < 0 ? STR_NONE
					 : (struct str){s->rest.p + s->rest_at, (size_t)length};
		s->rest_at += (size_t)MAX(length, 0);
	}
	return true;
}

static void row_from_result(struct pg_stmt *s)
{
	for (int i = 0; i < s->column_count; i++)
		s->cells[i] = PQgetisnull(s->row, 0, i)
				      ? STR_NONE
				      : (struct str){PQgetvalue(s->row, 0, i),
						(size_t)PQgetlength(s->row, 0, i)};
}

static enum err send(struct ctx *cx, struct db_stmt *st)
{
	struct pg_stmt *s = own(st);
	struct pg_db *pg = pg_of(st);

	TRY(prepare_now(cx, st));
	pg_free_wire(pg);
	if (!PQsendQueryPrepared(
		    pg->conn, s->name, st->param_count, s->values, s->lengths, s->formats, 1))
		return pg_fail(cx, pg, NULL);
	if (!PQsetSingleRowMode(pg->conn))
		BUG("single-row mode");
	pg->streaming = st;
	s->is_sent = true;
	return ERR_OK;
}

static enum err row_from_wire(struct ctx *cx, struct db_stmt *st, bool *out_has_row)
{
	struct pg_stmt *s = own(st);
	struct pg_db *pg = pg_of(st);
	PGresult *res = PQgetResult(pg->conn);
	ExecStatusType status = PQresultStatus(res);
	enum err e;

	if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK &&
		status != PGRES_COMMAND_OK) {
		clear_wire(pg);
		return pg_fail(cx, pg, res);
	}
	s->row = res;
	e = learn_columns(cx, st, res);
	if (e != ERR_OK) {
		clear_wire(pg);
		return e;
	}
	*out_has_row = status == PGRES_SINGLE_TUPLE;
	if (*out_has_row) {
		row_from_result(s);
		return ERR_OK;
	}
	set_changes(s, res);
	s->is_done = true;
	clear_wire(pg);
	return ERR_OK;
}

static enum err row_from_memory(struct ctx *cx, struct db_stmt *st, bool *out_has_row)
{
	struct pg_stmt *s = own(st);
	PGresult *failure = s->failure;

	if (s->is_too_large)
		return ctx_fail(cx, ERR_TOO_LARGE,
			TR(cx, "查询结果太大，不能边读边执行别的语句",
				"the result is too large to run other statements while it is "
				"read"));
	*out_has_row = row_from_rest(s);
	if (!*out_has_row && failure) {
		s->failure = NULL;
		return pg_fail(cx, pg_of(st), failure);
	}
	s->is_done = !*out_has_row;
	return ERR_OK;
}

enum err pg_step(struct ctx *cx, struct db_stmt *st, bool *out_has_row)
{
	struct pg_stmt *s = own(st);

	drop_row(s);
	if (s->is_done) {
		*out_has_row = false;
		return ERR_OK;
	}
	if (!s->is_sent)
		TRY(send(cx, st));
	if (pg_of(st)->streaming == st)
		return row_from_wire(cx, st, out_has_row);
	return row_from_memory(cx, st, out_has_row);
}

int64_t pg_changes(const struct db_stmt *st)
{
	return own(st)->changes;
}

void pg_reset(struct db_stmt *st)
{
	struct pg_stmt *s = own(st);

	drop_row(s);
	if (pg_of(st)->streaming == st)
		clear_wire(pg_of(st));
	PQclear(s->failure);
	s->failure = NULL;
	strbuf_release(&s->rest);
	s->rest_at = 0;
	s->is_sent = s->is_done = s->is_too_large = false;
}

/* ---- columns ---- */

static struct str cell(const struct db_stmt *st, int column)
{
	const struct pg_stmt *s = own(st);

	assert(column >= 0 && column < s->column_count && s->is_sent);
	return s->cells[column];
}

bool pg_is_null(const struct db_stmt *st, int column)
{
	return !cell(st, column).p;
}

double pg_f64(const struct db_stmt *st, int column)
{
	struct str c = cell(st, column);
	uint64_t bits;
	double value;
	float narrow;
	uint32_t narrow_bits;

	if (!c.p)
		return 0;
	switch (own(st)->column_types[column]) {
	case PG_FLOAT8:
		bits = pg_get(c.p, 8);
		memcpy(&value, &bits, sizeof value);
		return value;
	case PG_FLOAT4:
		narrow_bits = (uint32_t)pg_get(c.p, 4);
		memcpy(&narrow, &narrow_bits, sizeof narrow);
		return (double)narrow;
	default:
		return (double)pg_i64(st, column);
	}
}

int64_t pg_i64(const struct db_stmt *st, int column)
{
	struct str c = cell(st, column);

	if (!c.p)
		return 0;
	switch (own(st)->column_types[column]) {
	case PG_INT8:
		return (int64_t)pg_get(c.p, 8);
	case PG_INT4:
		return (int32_t)pg_get(c.p, 4);
	case PG_OID:
		return (int64_t)pg_get(c.p, 4);
	case PG_INT2:
		return (int16_t)pg_get(c.p, 2);
	case PG_BOOL:
		return c.p[0] != 0;
	default:
		BUG("column %s is not an integer", own(st)->names[column]);
	}
}

struct str pg_bytes(const struct db_stmt *st, int column)
{
	return cell(st, column);
}

int pg_column_count(const struct db_stmt *st)
{
	return own(st)->column_count;
}

const char *pg_column_name(const struct db_stmt *st, int column)
{
	return own(st)->names[column];
}
