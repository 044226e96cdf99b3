/* Imports as they happened, and taking one back. */
#include "mod/ledger/import.h"

#include "mod/audit/audit.h"
#include "mod/ledger/import_internal.h"

static enum err find_batch(
	struct ctx *cx, struct db *db, int64_t id, struct str *ledger, struct str *state)
{
	struct db_stmt *st = NULL;
	bool has_row = false;

	TRY(db_prepare(cx, db, "SELECT ledger, state FROM import_batch WHERE id = :id", &st));
	db_bind_i64(st, 1, id);
	TRY(db_step(cx, st, &has_row));
	if (has_row) {
		*ledger = str_copy(cx->mem, db_text(st, 0));
		*state = str_copy(cx->mem, db_text(st, 1));
	}
	db_release(st);
	return has_row ? ERR_OK
		       : ctx_fail(cx, ERR_NOT_FOUND,
				 TR(cx, "没有导入 %" PRId64, "there is no import %" PRId64), id);
}

static enum err count_where(
	struct ctx *cx, struct db *db, const char *sql, int64_t id, int64_t *out)
{
	struct db_stmt *st = NULL;
	bool has_row = false;

	TRY(db_prepare(cx, db, sql, &st));
	db_bind_i64(st, 1, id);
	TRY(db_step(cx, st, &has_row));
	*out = has_row ? db_i64(st, 0) : 0;
	db_release(st);
	return ERR_OK;
}

/* A row that this import made and something later changed or took away. */
static enum err check_untouched(
	struct ctx *cx, struct db *db, const struct stored_ledger *l, int64_t id)
{
	int64_t later;

	TRY(count_where(cx, db,
		arena_printf(cx->mem,
			"SELECT count(*) FROM %s WHERE import_id = :id AND (gone_import IS NULL OR"
			" gone_import NOT IN (SELECT id FROM import_batch WHERE state = 'undone'))",
			l->history),
		id, &later));
	if (later)
		return ctx_fail(cx, ERR_CONFLICT,
			TR(cx, "这次导入的 %" PRId64 " 行后来又改过, 不能整批撤销",
				"%" PRId64 " rows of this import were changed since; it cannot be "
				"taken back as a whole"),
			later);
	return ERR_OK;
}

static enum err check_periods(
	struct ctx *cx, struct db *db, const struct stored_ledger *l, int64_t id)
{
	struct db_stmt *st = NULL;
	VEC(struct str) periods = {0};
	bool has_row = true;

	TRY(db_prepare(cx, db,
		arena_printf(
			cx->mem, "SELECT DISTINCT period FROM %s WHERE import_id = :id", l->table),
		&st));
	db_bind_i64(st, 1, id);
	for (;;) {
		TRY(db_step(cx, st, &has_row));
		if (!has_row)
			break;
		*VEC_PUSH(cx->mem, &periods) = str_copy(cx->mem, db_text(st, 0));
	}
	db_release(st);
	for (size_t i = 0; i < periods.count; i++)
		TRY(ledger_check_frozen(cx, db, l->ledger->id.text, periods.items[i]));
	return ERR_OK;
}

static enum err run(struct ctx *cx, struct db *db, const char *sql, const struct db_value *values,
	size_t n, int64_t *out_changed)
{
	struct db_stmt *st = NULL;

	TRY(db_prepare(cx, db, sql, &st));
	for (size_t i = 0; i < n; i++)
		db_bind(st, (int)i + 1, &values[i]);
	TRY(db_run(cx, st, out_changed));
	db_release(st);
	return ERR_OK;
}

static const char *column_list(
	struct ctx *cx, const struct db_column *columns, size_t from, size_t n, const char *fmt)
{
	struct strbuf b;
	const char *list;

	strbuf_init(&b, 65536);
	for (size_t i = from; i < n; i++) {
		strbuf_z(&b, i > from ? ", " : "");
		for (const char *c = fmt; *c; c++) {
			if (*c == '@')
				strbuf_printf(&b, "\"%s\"", columns[i].name);
			else
				strbuf_char(&b, *c);
		}
	}
	list = str_z(cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	return list;
}

/*
 * Every row of the import goes into the history as undone; then changed ones get the values of
 * their former version, under a version of their own, and new ones go.
 */
static enum err take_back(struct ctx *cx, struct db *db, const struct stored_ledger *l, int64_t id,
	struct import_result *result)
{
	const struct db_value gone[] = {{.type = DB_I64, .i64 = cx->now_us},
		{.type = DB_TEXT, .text = cx->user.p ? cx->user : STR("")},
		{.type = DB_I64, .i64 = id}};
	const struct db_value one = {.type = DB_I64, .i64 = id};
	size_t n;
	const struct db_column *columns = stored_columns(cx->mem, l, &n);
	const char *names = column_list(cx, columns, 0, n, "@");
	/* All but id, version, updated_at, updated_by and import_id come from the former row. */
	const char *fields =
		n > STORED_SYSTEM_COLUMNS
			? arena_printf(cx->mem, ", %s",
				  column_list(cx, columns, STORED_SYSTEM_COLUMNS, n, "@ = f.@"))
			: "";
	struct changed_rows touched = {0};
	int64_t changed, fresh;

	changed_rows_add_many(&touched);
	TRY(change_log_add(cx, db, l->ledger->id.text, &touched));
	TRY(run(cx, db,
		arena_printf(cx->mem,
			"INSERT INTO %s (gone_at, gone_by, gone_import, gone_how, %s)"
			" SELECT :gone_at, :gone_by, NULL, 'undone', %s FROM %s"
			" WHERE import_id = :id",
			l->history, names, names, l->table),
		gone, 3, NULL));
	TRY(run(cx, db,
		arena_printf(cx->mem,
			"UPDATE %s SET county = f.county, org = f.org, period = f.period,"
			" state = f.state, version = %s.version + 1, updated_at = :now,"
			" updated_by = :by, import_id = f.import_id%s FROM %s f"
			" WHERE f.gone_import = :id AND f.id = %s.id",
			l->table, l->table, fields, l->history, l->table),
		gone, 3, &changed));
	TRY(run(cx, db, arena_printf(cx->mem, "DELETE FROM %s WHERE import_id = :id", l->table),
		&one, 1, &fresh));
	result->rows_changed = (size_t)changed;
	result->rows_new = (size_t)fresh;
	result->rows_total = result->rows_changed + result->rows_new;
	return run(
		cx, db, "UPDATE import_batch SET state = 'undone' WHERE id = :id", &one, 1, NULL);
}

/* No ledger may speak of an organisation that goes. */
static enum err check_speakers(struct ctx *cx, struct open_place *place)
{
	for (size_t i = 0; i < place->pack->ledgers.count; i++) {
		struct stored_ledger l;
		int64_t rows;
		stored_ledger_init(cx->mem, &place->pack->ledgers.items[i], &l);
		if (l.is_registry || l.owner == SIZE_MAX)
			continue;
		TRY(count_where(cx, place->db,
			arena_printf(cx->mem,
				"SELECT count(*) FROM %s WHERE org <> '' AND :id = :id AND NOT "
				"EXISTS"
				" (SELECT 1 FROM l_orgs o WHERE o.code = %s.org)",
				l.table, l.table),
			0, &rows));
		if (rows)
			return ctx_fail(cx, ERR_CONFLICT,
				TR(cx, "台账 " STR_FMT " 有 %" PRId64 " 行属于这些机构, 不能撤销",
					"ledger " STR_FMT " has %" PRId64 " rows of these "
					"organisations"),
				STR_ARG(l.ledger->id.text), rows);
	}
	return ERR_OK;
}

static enum err sync_after(struct ctx *cx, struct open_place *place)
{
	struct org_problems problems;
	struct str *codes;

	TRY(check_speakers(cx, place));
	TRY(registry_sync(cx, place, &codes, &problems));
	if (problems.list.count)
		return ctx_fail(cx, ERR_CONFLICT, STR_FMT " " STR_FMT,
			STR_ARG(codes[problems.list.items[0].entry]),
			STR_ARG(problems.list.items[0].text));
	return ERR_OK;
}

static enum err undo(
	struct ctx *cx, struct open_place *place, int64_t id, struct import_result *result)
{
	struct str name = STR_NONE, state = STR_NONE;
	const struct pack_ledger *ledger;
	struct stored_ledger l;

	TRY(find_batch(cx, place->db, id, &name, &state));
	ledger = pack_find_ledgers(place->pack, name);
	if (!ledger)
		return ctx_fail(cx, ERR_NOT_FOUND,
			TR(cx, "台账 " STR_FMT " 已不在政策包里",
				"ledger " STR_FMT " left the packs"),
			STR_ARG(name));
	if (str_is(state, "undone"))
		return ctx_fail(cx, ERR_CONFLICT, "%s",
			TR(cx, "这次导入已经撤销过", "this import was taken back already"));
	stored_ledger_init(cx->mem, ledger, &l);
	TRY(check_untouched(cx, place->db, &l, id));
	TRY(check_periods(cx, place->db, &l, id));
	TRY(take_back(cx, place->db, &l, id, result));
	if (l.is_registry)
		TRY(sync_after(cx, place));
	result->id = id;
	return audit_append(cx, place->db,
		&(struct audit_entry){.who = cx->user,
			.action = STR("import.undo"),
			.object = str_printf(cx->mem, STR_FMT "/%" PRId64, STR_ARG(name), id),
			.detail = str_printf(cx->mem, "removed %zu restored %zu", result->rows_new,
				result->rows_changed)});
}

enum err import_undo(
	struct ctx *cx, struct open_place *place, int64_t id, struct import_result *result)
{
	enum err e;

	*result = (struct import_result){0};
	if (db_in_transaction(place->db))
		return undo(cx, place, id, result);
	TRY(db_begin(cx, place->db, DB_WRITE));
	e = undo(cx, place, id, result);
	if (e == ERR_OK)
		e = db_commit(cx, place->db);
	db_rollback(place->db);
	return e;
}

enum err import_list(struct ctx *cx, const struct open_place *place, struct str ledger,
	int64_t limit, struct import_entries *out)
{
	struct db_stmt *st = NULL;
	bool has_row = false;

	*out = (struct import_entries){0};
	TRY(db_prepare(cx, place->db,
		"SELECT id, started_at, ended_at, rows_total, rows_new, rows_changed, rows_same,"
		" ledger, file_name, period, state, made_by FROM import_batch"
		" WHERE :ledger = '' OR ledger = :ledger ORDER BY id DESC LIMIT :limit",
		&st));
	db_bind_text(st, 1, ledger.p ? ledger : STR(""));
	db_bind_i64(st, 2, limit);
	for (;;) {
		struct import_entry *e;
		TRY(db_step(cx, st, &has_row));
		if (!has_row)
			break;
		e = VEC_PUSH(cx->mem, &out->list);
		*e = (struct import_entry){db_i64(st, 0), db_i64(st, 1), db_i64(st, 2),
			db_i64(st, 3), db_i64(st, 4), db_i64(st, 5), db_i64(st, 6),
			str_copy(cx->mem, db_text(st, 7)), str_copy(cx->mem, db_text(st, 8)),
			str_copy(cx->mem, db_text(st, 9)), str_copy(cx->mem, db_text(st, 10)),
			str_copy(cx->mem, db_text(st, 11))};
	}
	db_release(st);
	return ERR_OK;
}
