#include "mod/ledger/row_history.h"

#include "mod/audit/audit.h"
#include "mod/ledger/change_log.h"
#include "mod/ledger/sealed.h"
#include "mod/place/place_keys.h"
#include "wire/csv_write.h"

static void copy_values(
	struct arena *mem, const struct ledger_row *row, size_t n, struct row_version *out)
{
	out->values = arena_array(mem, struct field_value, n);
	for (size_t f = 0; f < n; f++) {
		out->values[f] = row->values[f];
		out->values[f].text = str_copy(mem, row->values[f].text);
	}
}

/* Both tables have the columns of ledger_rows_select; the history four more. */
static enum err read_versions(struct ctx *cx, struct open_place *place,
	const struct stored_ledger *l, const struct org_tree *tree, int64_t id, bool is_history,
	struct row_versions *out)
{
	struct ledger_row row = {
		.values = arena_array(cx->mem, struct field_value, l->ledger->fields.count)};
	struct db_stmt *st = NULL;
	struct strbuf sql;
	bool has_row = true;
	enum err e;

	strbuf_init(&sql, 65536);
	ledger_rows_select(l, is_history ? l->history : l->table, &sql);
	strbuf_z(&sql, " WHERE id = :id ORDER BY version");
	e = db_prepare(cx, place->db, sql.p, &st);
	strbuf_release(&sql);
	TRY(e);
	db_bind_i64(st, 1, id);
	for (;;) {
		struct row_version *v;
		TRY(db_step(cx, st, &has_row));
		if (!has_row)
			break;
		ledger_rows_take(l, tree, st, &row);
		v = VEC_PUSH(cx->mem, &out->list);
		*v = (struct row_version){.version = row.version,
			.made_at = row.updated_at,
			.import_id = row.import_id,
			.made_by = str_copy(cx->mem, row.updated_by),
			.is_current = !is_history};
		copy_values(cx->mem, &row, l->ledger->fields.count, v);
	}
	db_release(st);
	return ERR_OK;
}

static enum err read_ends(struct ctx *cx, struct open_place *place, const struct stored_ledger *l,
	int64_t id, struct row_versions *out)
{
	struct db_stmt *st = NULL;
	bool has_row = true;

	TRY(db_prepare(cx, place->db,
		arena_printf(cx->mem,
			"SELECT version, gone_how, gone_at, gone_by FROM %s WHERE id = :id",
			l->history),
		&st));
	db_bind_i64(st, 1, id);
	for (;;) {
		TRY(db_step(cx, st, &has_row));
		if (!has_row)
			break;
		for (size_t i = 0; i < out->list.count; i++) {
			struct row_version *v = &out->list.items[i];
			if (v->version != db_i64(st, 0))
				continue;
			v->gone_how = str_copy(cx->mem, db_text(st, 1));
			v->gone_at = db_i64(st, 2);
			v->gone_by = str_copy(cx->mem, db_text(st, 3));
		}
	}
	db_release(st);
	return ERR_OK;
}

/*
 * The same text sealed twice differs. What may be compared, and shown to nobody, is its keyed hash;
 * without the key a sealed field is taken for changed.
 */
static enum err compare_by_print(struct ctx *cx, struct open_place *place,
	const struct stored_ledger *l, int64_t id, struct row_versions *versions)
{
	struct seal_ring ring;

	TRY(place_keys(cx, place, &ring));
	for (size_t v = 0; v < versions->list.count && ring.current; v++)
		for (size_t i = 0; i < l->field_count; i++) {
			struct field_value *value =
				&versions->list.items[v].values[l->fields[i].index];
			struct str text;
			char key_id[SEAL_KEY_ID_SIZE];
			if (!l->fields[i].is_sealed || value->is_null ||
				!seal_is_sealed(value->text, key_id) ||
				!seal_ring_find(&ring, str_from(key_id)))
				continue;
			TRY(sealed_open(cx, cx->mem, &ring, l, i, id, value->text, &text));
			TRY(sealed_print(cx, cx->mem, &ring, l, i, text, &value->text, NULL));
		}
	return ERR_OK;
}

enum err row_history(struct ctx *cx, struct open_place *place, const struct pack_ledger *ledger,
	int64_t id, struct row_versions *out)
{
	struct stored_ledger l;

	*out = (struct row_versions){0};
	stored_ledger_init(cx->mem, ledger, &l);
	TRY(org_tree_keep(cx, place->db, &place->orgs));
	TRY(read_versions(cx, place, &l, &place->orgs.tree, id, true, out));
	TRY(read_ends(cx, place, &l, id, out));
	TRY(read_versions(cx, place, &l, &place->orgs.tree, id, false, out));
	return l.has_sealed ? compare_by_print(cx, place, &l, id, out) : ERR_OK;
}

static enum err add_bytes(void *arg, struct str bytes)
{
	strbuf_str(arg, bytes);
	return ERR_OK;
}

/* The fields as the one row of a file, so that a form is checked as a workbook is. */
enum err row_as_file(struct ctx *cx, const struct row_text *fields, size_t n, struct str *out)
{
	struct csv_writer w;
	struct strbuf b;
	enum err e;

	strbuf_init(&b, 1 << 20);
	csv_writer_init(&w, cx, CSV_EXACT, add_bytes, &b);
	for (size_t i = 0; i < n; i++)
		csv_write_text(&w, fields[i].name);
	csv_write_row_end(&w);
	for (size_t i = 0; i < n; i++)
		csv_write_text(&w, fields[i].value);
	csv_write_row_end(&w);
	e = csv_writer_close(&w);
	if (e == ERR_OK && b.too_long)
		e = ctx_fail(cx, ERR_TOO_LARGE, "%s", TR(cx, "这一行太长", "the row is too long"));
	*out = str_copy(cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	return e;
}

enum err row_put(struct ctx *cx, struct open_place *place, const struct pack_ledger *ledger,
	const struct row_text *fields, size_t field_count, struct str period, struct str within,
	int64_t version, struct import_result *result)
{
	struct import_request request = {.ledger = ledger,
		.path = "-",
		.period = period,
		.within = within,
		.wants_version = true,
		.version = version};

	TRY(row_as_file(cx, fields, field_count, &request.bytes));
	return import_run(cx, place, &request, result);
}

static enum err check_row(struct ctx *cx, struct open_place *place, const struct stored_ledger *l,
	const struct org_tree *tree, int64_t id, int64_t version, struct str within)
{
	const struct ledger_filter filter = {.id = id};
	struct ledger_cursor *rows;
	const struct ledger_row *row;
	enum err e = ERR_OK;

	TRY(ledger_rows_begin(cx, place->db, l, tree, &filter, &rows));
	TRY(ledger_rows_next(cx, rows, &row));
	if (!row)
		return ctx_fail(
			cx, ERR_NOT_FOUND, "%s", TR(cx, "没有这一行", "there is no such row"));
	if (within.n && !org_is_within(tree, row->org, within))
		e = ctx_fail(cx, ERR_FORBIDDEN, "%s",
			TR(cx, "这一行不在您的管理范围内", "the row is outside your scope"));
	else if (row->version != version)
		e = ctx_fail(cx, ERR_CONFLICT,
			TR(cx,
				"这一行已被改过: 您看到的是第 %" PRId64 " 版, 现在是第 %" PRId64
				" 版",
				"the row has changed: you saw version %" PRId64
				", now it is %" PRId64),
			version, row->version);
	else
		e = ledger_check_frozen(cx, place->db, l->ledger->id.text, row->period);
	ledger_rows_end(rows);
	return e;
}

static enum err move_out(
	struct ctx *cx, struct open_place *place, const struct stored_ledger *l, int64_t id)
{
	size_t n;
	const struct db_column *columns = stored_columns(cx->mem, l, &n);
	struct db_stmt *st = NULL;
	struct changed_rows gone = {{id}, 1};
	struct strbuf names;
	char *sql;

	strbuf_init(&names, 65536);
	for (size_t i = 0; i < n; i++)
		strbuf_printf(&names, ", \"%s\"", columns[i].name);
	sql = arena_printf(cx->mem,
		"INSERT INTO %s (gone_at, gone_by, gone_import, gone_how%s) SELECT :gone_at, "
		":gone_by,"
		" NULL, 'deleted'%s FROM %s WHERE id = :id",
		l->history, names.p, names.p, l->table);
	strbuf_release(&names);
	TRY(db_prepare(cx, place->db, sql, &st));
	db_bind_i64(st, 1, cx->now_us);
	db_bind_text(st, 2, cx->user.p ? cx->user : STR(""));
	db_bind_i64(st, 3, id);
	TRY(db_run(cx, st, NULL));
	db_release(st);
	TRY(db_prepare(cx, place->db,
		arena_printf(cx->mem, "DELETE FROM %s WHERE id = :id", l->table), &st));
	db_bind_i64(st, 1, id);
	TRY(db_run(cx, st, NULL));
	db_release(st);
	TRY(change_log_add(cx, place->db, l->ledger->id.text, &gone));
	return audit_append(cx, place->db,
		&(struct audit_entry){.who = cx->user,
			.action = STR("row.delete"),
			.object = str_printf(
				cx->mem, STR_FMT "/%" PRId64, STR_ARG(l->ledger->id.text), id)});
}

enum err row_delete(struct ctx *cx, struct open_place *place, const struct pack_ledger *ledger,
	int64_t id, int64_t version, struct str within)
{
	struct stored_ledger l;
	bool is_joined = db_in_transaction(place->db);
	enum err e;

	stored_ledger_init(cx->mem, ledger, &l);
	if (l.is_registry)
		return ctx_fail(cx, ERR_FORBIDDEN, "%s",
			TR(cx, "机构只能撤销 (填撤销日期), 不能删除",
				"organisations are closed (give the date), not deleted"));
	if (!is_joined)
		TRY(db_begin(cx, place->db, DB_WRITE));
	e = org_tree_keep(cx, place->db, &place->orgs);
	if (e == ERR_OK)
		e = check_row(cx, place, &l, &place->orgs.tree, id, version, within);
	if (e == ERR_OK)
		e = move_out(cx, place, &l, id);
	if (is_joined)
		return e;
	if (e == ERR_OK)
		e = db_commit(cx, place->db);
	db_rollback(place->db);
	return e;
}
