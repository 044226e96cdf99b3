/*
 * Bulk load into PostgreSQL: rows gather in a buffer in COPY's binary form, and each full buffer
 * is one COPY. Between two of them the wire is free for other statements.
 */
#include "db/postgres.h"
#include "db/postgres_wire.h"

#define BUFFER_SIZE ((size_t)1 << 20)

static const char copy_header[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0"; /* and the NUL behind it */

struct pg_bulk {
	char *copy; /* the COPY statement */
	unsigned char *bytes;
	size_t n, cap;
};

enum err pg_bulk_begin(struct ctx *cx, struct db *db, struct db_bulk *bulk)
{
	struct pg_bulk *b = arena_new(bulk->mem, struct pg_bulk);
	struct strbuf sql;

	(void)cx, (void)db;
	strbuf_init(&sql, STRBUF_MAX);
	strbuf_printf(&sql, "COPY \"%s\" (", bulk->table);
	for (int i = 0; i < bulk->column_count; i++)
		strbuf_printf(&sql, "%s\"%s\"", i ? ", " : "", bulk->columns[i].name);
	strbuf_z(&sql, ") FROM STDIN (FORMAT binary)");
	b->copy = str_z(bulk->mem, strbuf_view(&sql));
	strbuf_release(&sql);
	b->cap = BUFFER_SIZE;
	b->bytes = malloc(b->cap);
	if (!b->bytes)
		BUG("out of memory");
	bulk->own = b;
	return ERR_OK;
}

/* Send what has gathered, as one COPY. */
static enum err flush(struct ctx *cx, struct db_bulk *bulk)
{
	static const char trailer[] = {'\377', '\377'};
	struct pg_bulk *b = bulk->own;
	struct pg_db *pg = (struct pg_db *)bulk->db;
	PGresult *res, *failure = NULL;
	bool is_sent;

	if (b->n == 0)
		return ERR_OK;
	pg_free_wire(pg);
	res = PQexec(pg->conn, b->copy);
	if (PQresultStatus(res) != PGRES_COPY_IN)
		return pg_fail(cx, pg, res);
	PQclear(res);
	is_sent = PQputCopyData(pg->conn, copy_header, (int)sizeof copy_header) == 1 &&
		  PQputCopyData(pg->conn, (const char *)b->bytes, (int)b->n) == 1 &&
		  PQputCopyData(pg->conn, trailer, (int)sizeof trailer) == 1 &&
		  PQputCopyEnd(pg->conn, NULL) == 1;
	b->n = 0;
	while ((res = PQgetResult(pg->conn))) {
		if (PQresultStatus(res) != PGRES_COMMAND_OK && !failure)
			failure = res;
		else
			PQclear(res);
	}
	if (failure || !is_sent)
		return pg_fail(cx, pg, failure);
	return ERR_OK;
}

static size_t value_size(const struct db_value *v)
{
	if (v->is_null)
		return 0;
	switch (v->type) {
	case DB_I64:
	case DB_F64:
		return 8;
	case DB_BOOL:
		return 1;
	case DB_DATE:
		return v->date.day == DATE_NONE.day ? 0 : DB_DATE_SIZE;
	case DB_TEXT:
	case DB_BLOB:
		break;
	}
	return v->text.n;
}

static void put_value(unsigned char *to, const struct db_value *v, size_t size)
{
	switch (v->type) {
	case DB_I64:
		pg_put(to, (uint64_t)v->i64, 8);
		return;
	case DB_F64:
		pg_put(to, pg_f64_bits(v->f64), 8);
		return;
	case DB_BOOL:
		*to = v->boolean;
		return;
	case DB_DATE:
		db_format_date((char *)to, v->date);
		return;
	case DB_TEXT:
	case DB_BLOB:
		if (size)
			memcpy(to, v->text.p, size);
		return;
	}
}

static bool is_null(const struct db_value *v)
{
	return v->is_null || (v->type == DB_DATE && v->date.day == DATE_NONE.day);
}

static enum err make_room(struct ctx *cx, struct db_bulk *bulk, size_t size)
{
	struct pg_bulk *b = bulk->own;

	if (b->cap - b->n >= size)
		return ERR_OK;
	TRY(flush(cx, bulk));
	if (size <= b->cap)
		return ERR_OK;
	if (size > INT_MAX / 2)
		return ctx_fail(cx, ERR_TOO_LARGE,
			TR(cx, "一条记录有 %zu 字节", "one row has %zu bytes"), size);
	free(b->bytes);
	b->cap = size;
	b->bytes = malloc(size);
	if (!b->bytes)
		BUG("out of memory");
	return ERR_OK;
}

enum err pg_bulk_row(struct ctx *cx, struct db_bulk *bulk, const struct db_value *values)
{
	struct pg_bulk *b = bulk->own;
	size_t size = 2;
	unsigned char *to;

	for (int i = 0; i < bulk->column_count; i++)
		size += 4 + value_size(&values[i]);
	TRY(make_room(cx, bulk, size));
	to = b->bytes + b->n;
	pg_put(to, (uint64_t)bulk->column_count, 2);
	to += 2;
	for (int i = 0; i < bulk->column_count; i++) {
		size_t bytes = value_size(&values[i]);
		bool null = is_null(&values[i]);
		pg_put(to, null ? UINT32_MAX : bytes, 4);
		to += 4;
		if (!null)
			put_value(to, &values[i], bytes);
		to += bytes;
	}
	b->n += size;
	return ERR_OK;
}

enum err pg_bulk_end(struct ctx *cx, struct db_bulk *bulk)
{
	return flush(cx, bulk);
}

void pg_bulk_release(struct db_bulk *bulk)
{
	struct pg_bulk *b = bulk->own;

	free(b->bytes);
}
