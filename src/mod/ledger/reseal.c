/* All sealed fields of a place under one key: what a new key, a rotation and an upgrade do. */
#include "mod/ledger/import.h"
#include "mod/ledger/sealed.h"
#include "mod/ledger/snapshot.h"

#define ROWS_A_BATCH 500

struct walk {
	struct ctx *cx;
	struct open_place *place;
	const struct seal_ring *ring;
	struct reseal *work;
	const struct stored_ledger *l;
	struct arena *mem; /* of a batch */
	struct db_stmt *select, *update;
	int64_t id, version; /* the last row that was read */
	struct seal_salts salts;
};

/* A row of a batch: its values opened, in the order of the sealed fields. */
struct opened {
	int64_t id, version;
	struct str *texts;
	bool *is_null;
};

/* With which all begins that the current key has sealed, in either form. */
static struct str current_head(const struct walk *w, bool is_former)
{
	char head[SEAL_HEAD_SIZE];

	return str_copy(w->cx->mem, seal_head(w->ring->current, is_former, head));
}

/* " AND …": what stands in the column is not sealed by the current key. */
static void not_sealed_sql(const struct walk *w, const struct stored_field *f, struct strbuf *sql)
{
	strbuf_z(sql, " AND (");
	if (f->print)
		strbuf_printf(sql, "\"%s\" IS NULL OR (", f->print);
	strbuf_printf(sql, "substr(\"%s\", 1, %zu) <> :head AND substr(\"%s\", 1, %zu) <> :former)",
		f->column, current_head(w, false).n, f->column, current_head(w, true).n);
	if (f->print)
		strbuf_char(sql, ')');
}

static void select_sql(const struct walk *w, const char *table, struct strbuf *sql)
{
	const struct stored_ledger *l = w->l;
	bool is_first = true;

	strbuf_z(sql, "SELECT id, version");
	for (size_t i = 0; i < l->field_count; i++)
		if (l->fields[i].is_sealed)
			strbuf_printf(sql, ", \"%s\"", l->fields[i].column);
	strbuf_printf(
		sql, " FROM %s WHERE (id > :id OR (id = :id AND version > :version)) AND (", table);
	for (size_t i = 0; i < l->field_count; i++) {
		const struct stored_field *f = &l->fields[i];
		if (!f->is_sealed)
			continue;
		strbuf_printf(sql, "%s(\"%s\" IS NOT NULL", is_first ? "" : " OR ", f->column);
		if (w->work->only_clear)
			not_sealed_sql(w, f, sql);
		strbuf_char(sql, ')');
		is_first = false;
	}
	strbuf_printf(sql, ") ORDER BY id, version LIMIT %d", ROWS_A_BATCH);
}

static void update_sql(const struct walk *w, const char *table, struct strbuf *sql)
{
	const struct stored_ledger *l = w->l;
	const char *comma = "";

	strbuf_printf(sql, "UPDATE %s SET ", table);
	for (size_t i = 0; i < l->field_count; i++) {
		const struct stored_field *f = &l->fields[i];
		if (!f->is_sealed)
			continue;
		strbuf_printf(sql, "%s\"%s\" = :v%zu", comma, f->column, i);
		if (f->print)
			strbuf_printf(sql, ", \"%s\" = :p%zu", f->print, i);
		comma = ", ";
	}
	strbuf_z(sql, " WHERE id = :id AND version = :version");
}

static enum err prepare(struct walk *w, const char *table)
{
	struct strbuf sql;
	enum err e;

	strbuf_init(&sql, 65536);
	select_sql(w, table, &sql);
	e = db_prepare(w->cx, w->place->db, sql.p, &w->select);
	strbuf_reset(&sql);
	update_sql(w, table, &sql);
	if (e == ERR_OK)
		e = db_prepare(w->cx, w->place->db, sql.p, &w->update);
	strbuf_release(&sql);
	return e;
}

/* What stands in the column, in the clear: it may have been sealed or not. */
static enum err open_value(struct walk *w, size_t i, int64_t id, struct str text, struct str *out)
{
	char key_id[SEAL_KEY_ID_SIZE];

	if (seal_is_sealed(text, key_id))
		return sealed_open(w->cx, w->mem, w->ring, w->l, i, id, text, out);
	*out = str_copy(w->mem, text);
	return ERR_OK;
}

static enum err take_row(struct walk *w, struct opened *row)
{
	size_t n = w->l->field_count;
	int column = 2;

	*row = (struct opened){db_i64(w->select, 0), db_i64(w->select, 1),
		arena_array(w->mem, struct str, n), arena_array(w->mem, bool, n)};
	for (size_t i = 0; i < n; i++) {
		if (!w->l->fields[i].is_sealed)
			continue;
		row->is_null[i] = db_is_null(w->select, column);
		if (!row->is_null[i])
			TRY(open_value(w, i, row->id, db_text(w->select, column), &row->texts[i]));
		column++;
	}
	w->id = row->id;
	w->version = row->version;
	return ERR_OK;
}

static enum err read_batch(struct walk *w, struct opened *rows, size_t *out)
{
	bool has_row = true;

	*out = 0;
	db_bind_i64(w->select, db_param(w->select, "id"), w->id);
	db_bind_i64(w->select, db_param(w->select, "version"), w->version);
	if (w->work->only_clear) {
		db_bind_text(w->select, db_param(w->select, "head"), current_head(w, false));
		db_bind_text(w->select, db_param(w->select, "former"), current_head(w, true));
	}
	while (*out < ROWS_A_BATCH) {
		TRY(db_step(w->cx, w->select, &has_row));
		if (!has_row)
			break;
		TRY(take_row(w, &rows[(*out)++]));
	}
	db_reset(w->select);
	return ERR_OK;
}

static enum err bind_value(struct walk *w, size_t i, const struct opened *row)
{
	const struct stored_field *f = &w->l->fields[i];
	struct db_value value = {.type = DB_TEXT, .is_null = row->is_null[i]}, print = value;

	if (!value.is_null) {
		TRY(sealed_value(w->cx, w->mem, w->ring, &w->salts, w->l, i, row->id, row->texts[i],
			&value.text));
		w->work->values++;
	}
	if (f->print && !value.is_null)
		TRY(sealed_print(
			w->cx, w->mem, w->ring, w->l, i, row->texts[i], &print.text, NULL));
	db_bind(w->update, db_param(w->update, arena_printf(w->mem, "v%zu", i)), &value);
	if (f->print)
		db_bind(w->update, db_param(w->update, arena_printf(w->mem, "p%zu", i)), &print);
	return ERR_OK;
}

static enum err write_row(struct walk *w, const struct opened *row)
{
	for (size_t i = 0; i < w->l->field_count; i++)
		if (w->l->fields[i].is_sealed)
			TRY(bind_value(w, i, row));
	db_bind_i64(w->update, db_param(w->update, "id"), row->id);
	db_bind_i64(w->update, db_param(w->update, "version"), row->version);
	TRY(db_run(w->cx, w->update, NULL));
	db_reset(w->update);
	return ERR_OK;
}

static enum err walk_table(struct walk *w, const char *table, int64_t *rows)
{
	struct opened batch[ROWS_A_BATCH];
	size_t n = ROWS_A_BATCH;

	w->id = w->version = 0;
	TRY(prepare(w, table));
	while (n == ROWS_A_BATCH) {
		arena_reset(w->mem);
		TRY(read_batch(w, batch, &n));
		for (size_t i = 0; i < n; i++)
			TRY(write_row(w, &batch[i]));
		*rows += (int64_t)n;
		if (w->work->progress && n)
			w->work->progress(w->work->arg, w->l->ledger->id.text, *rows);
	}
	db_release(w->select);
	db_release(w->update);
	return ERR_OK;
}

static enum err walk_ledgers(struct walk *w)
{
	const struct pack *p = w->place->pack;

	for (size_t i = 0; i < p->ledgers.count; i++) {
		struct stored_ledger l;
		int64_t rows = 0;
		stored_ledger_init(w->cx->mem, &p->ledgers.items[i], &l);
		if (!l.has_sealed)
			continue;
		w->l = &l;
		TRY(walk_table(w, l.table, &rows));
		TRY(walk_table(w, l.history, &rows));
	}
	return ERR_OK;
}

enum err ledgers_reseal(
	struct ctx *cx, struct open_place *place, const struct seal_ring *ring, struct reseal *work)
{
	struct walk w = {.cx = cx, .place = place, .ring = ring, .work = work};
	struct snapshots frozen;
	enum err e;

	assert(ring->current && db_in_transaction(place->db));
	TRY(snapshots_before_reseal(cx, place, &frozen));
	w.mem = arena_create();
	e = walk_ledgers(&w);
	arena_free(w.mem);
	TRY(e);
	return work->values ? snapshots_after_reseal(cx, place, &frozen) : ERR_OK;
}
