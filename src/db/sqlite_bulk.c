/*
 * Bulk load into SQLite. Rows gather until there are as many as one INSERT takes: starting and
 * ending a statement and finding the end of the table cost a quarter of a row by itself.
 *
 * Texts are copied into a buffer of fixed size; a row that does not fit into an empty one goes
 * in at once, from where it stands.
 */
#include "db/sqlite.h"

#define ROWS        64
#define VALUES_MAX  16384 /* of one INSERT: half of what SQLite takes */
#define BUFFER_SIZE ((size_t)64 << 10)

struct sqlite_bulk {
	sqlite3_stmt *one, *many; /* INSERT of one row and of `rows`; many is made when needed */
	int rows;                 /* ROWS, or fewer of a table with very many columns */
	struct db_value *values;  /* of the rows that wait */
	int row_count;
	char *texts; /* of the rows that wait */
	size_t used;
};

static enum err prepare(
	struct ctx *cx, const struct db_bulk *bulk, int row_count, sqlite3_stmt **out)
{
	struct sqlite_db *db = (struct sqlite_db *)bulk->db;
	struct strbuf sql;
	int rc;

	strbuf_init(&sql, STRBUF_MAX);
	strbuf_printf(&sql, "INSERT INTO \"%s\" (", bulk->table);
	for (int i = 0; i < bulk->column_count; i++)
		strbuf_printf(&sql, "%s\"%s\"", i ? ", " : "", bulk->columns[i].name);
	strbuf_z(&sql, ") VALUES");
	for (int row = 0; row < row_count; row++) {
		strbuf_z(&sql, row ? ", (" : " (");
		for (int i = 0; i < bulk->column_count; i++)
			strbuf_z(&sql, i ? ", ?" : "?");
		strbuf_char(&sql, ')');
	}
	rc = sqlite3_prepare_v3(db->handle, sql.p, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
	strbuf_release(&sql);
	return rc == SQLITE_OK ? ERR_OK : sqlite_fail(cx, db);
}

enum err sqlite_bulk_begin(struct ctx *cx, struct db *db, struct db_bulk *bulk)
{
	struct sqlite_bulk *b = arena_new(bulk->mem, struct sqlite_bulk);

	(void)db;
	bulk->own = b;
	b->rows = MAX(1, MIN(ROWS, VALUES_MAX / bulk->column_count));
	b->values = arena_array(bulk->mem, struct db_value, b->rows * bulk->column_count);
	b->texts = arena_alloc(bulk->mem, BUFFER_SIZE);
	return prepare(cx, bulk, 1, &b->one);
}

/* row_count rows from values by the statement that takes so many. */
static enum err insert(struct ctx *cx, const struct db_bulk *bulk, sqlite3_stmt *s,
	const struct db_value *values, int row_count)
{
	enum err e = ERR_OK;

	for (int i = 0; i < row_count * bulk->column_count; i++)
		if (sqlite_bind_value(s, i + 1, &values[i]) != SQLITE_OK)
			BUG("binding %s.%s", bulk->table,
				bulk->columns[i % bulk->column_count].name);
	if (sqlite3_step(s) != SQLITE_DONE)
		e = sqlite_fail(cx, (struct sqlite_db *)bulk->db);
	(void)sqlite3_reset(s); /* repeats the error of the step */
	return e;
}

static enum err flush(struct ctx *cx, const struct db_bulk *bulk)
{
	struct sqlite_bulk *b = bulk->own;
	int row_count = b->row_count;

	b->row_count = 0;
	b->used = 0;
	if (row_count == b->rows) {
		if (!b->many)
			TRY(prepare(cx, bulk, b->rows, &b->many));
		return insert(cx, bulk, b->many, b->values, b->rows);
	}
	for (int row = 0; row < row_count; row++)
		TRY(insert(cx, bulk, b->one, &b->values[row * bulk->column_count], 1));
	return ERR_OK;
}

static bool has_text(const struct db_value *v)
{
	return !v->is_null && (v->type == DB_TEXT || v->type == DB_BLOB);
}

static size_t text_size(const struct db_bulk *bulk, const struct db_value *values)
{
	size_t size = 0;

	for (int i = 0; i < bulk->column_count; i++)
		if (has_text(&values[i]))
			size += values[i].text.n;
		else if (values[i].type == DB_DATE)
			size += DB_DATE_SIZE;
	return size;
}

/* A copy of v that lives in the buffer; `to` has room for it. The bytes that it takes. */
static size_t keep(char *to, const struct db_value *v, struct db_value *out)
{
	*out = *v;
	if (has_text(v)) {
		if (v->text.n)
			memcpy(to, v->text.p, v->text.n);
		out->text.p = to;
		return v->text.n;
	}
	if (v->type != DB_DATE)
		return 0;
	out->type = DB_TEXT;
	out->is_null = v->is_null || v->date.day == DATE_NONE.day;
	if (out->is_null)
		return 0;
	db_format_date(to, v->date);
	out->text = (struct str){to, DB_DATE_SIZE};
	return DB_DATE_SIZE;
}

/* A row that is larger than the buffer: its dates alone are written into it. */
static enum err insert_large(
	struct ctx *cx, const struct db_bulk *bulk, const struct db_value *values)
{
	struct sqlite_bulk *b = bulk->own;

	TRY(flush(cx, bulk));
	for (int i = 0; i < bulk->column_count; i++) {
		b->values[i] = values[i];
		if (!has_text(&values[i]))
			b->used += keep(b->texts + b->used, &values[i], &b->values[i]);
	}
	b->used = 0;
	return insert(cx, bulk, b->one, b->values, 1);
}

enum err sqlite_bulk_row(struct ctx *cx, struct db_bulk *bulk, const struct db_value *values)
{
	struct sqlite_bulk *b = bulk->own;
	size_t size = text_size(bulk, values);

	if (size > BUFFER_SIZE)
		return insert_large(cx, bulk, values);
	if (b->used + size > BUFFER_SIZE)
		TRY(flush(cx, bulk));
	for (int i = 0; i < bulk->column_count; i++)
		b->used += keep(b->texts + b->used, &values[i],
			&b->values[b->row_count * bulk->column_count + i]);
	return ++b->row_count == b->rows ? flush(cx, bulk) : ERR_OK;
}

enum err sqlite_bulk_end(struct ctx *cx, struct db_bulk *bulk)
{
	return flush(cx, bulk);
}

void sqlite_bulk_release(struct db_bulk *bulk)
{
	const struct sqlite_bulk *b = bulk->own;

	(void)sqlite3_finalize(b->one);
	(void)sqlite3_finalize(b->many);
}
