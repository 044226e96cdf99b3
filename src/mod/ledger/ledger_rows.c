#include "mod/ledger/ledger_rows.h"

struct ledger_cursor {
	const struct stored_ledger *ledger;
	const struct org_tree *tree;
	struct str within;
	struct db_stmt *st;
	struct ledger_row row;
	bool (*progress)(void *arg, size_t rows);
	void *arg;
	size_t row_count;
};

void ledger_fill_from_org(const struct stored_ledger *ledger, const struct org_tree *tree,
	struct str owner, struct field_value *values)
{
	for (size_t i = 0; i < ledger->ledger->fields.count; i++) {
		const struct pack_field *f = &ledger->ledger->fields.items[i];
		struct str text;
		if (!f->from_org.text.n)
			continue;
		text = org_attribute(tree, owner, f->from_org.text);
		values[i] = (struct field_value){.is_null = !text.n, .text = text};
	}
}

void ledger_rows_select(const struct stored_ledger *l, const char *from, struct strbuf *sql)
{
	strbuf_z(sql, "SELECT id, version, updated_at, import_id, county, org, period, state,"
		      " updated_by");
	for (size_t i = 0; i < l->field_count; i++)
		strbuf_printf(sql, ", \"%s\"", l->fields[i].column);
	strbuf_printf(sql, " FROM %s", from ? from : l->table);
}

static void select_sql(const struct stored_ledger *l, const struct ledger_filter *filter,
	const struct org_tree *tree, const struct org *within, struct strbuf *sql)
{
	ledger_rows_select(l, NULL, sql);
	strbuf_z(sql, " WHERE TRUE");
	if (filter->period.n)
		strbuf_z(sql, " AND period = :period");
	if (within && within->county.n)
		strbuf_z(sql, " AND county = :county");
	/* Nothing stands below it: the store can do the cutting. */
	if (within && org_is_leaf(tree, within))
		strbuf_z(sql, " AND org = :org");
	if (filter->id)
		strbuf_z(sql, " AND id = :id");
	if (filter->and_where)
		strbuf_printf(sql, " AND (%s)", filter->and_where);
	if (filter->where && filter->where->sql.n)
		strbuf_str(sql, strbuf_view(&filter->where->sql));
	if (!filter->by_key)
		return;
	strbuf_z(sql, " ORDER BY ");
	for (size_t i = 0; i < l->grain_count; i++)
		strbuf_printf(sql, "\"%s\", ", l->fields[l->grain[i]].column);
	strbuf_z(sql, "id");
}

enum err ledger_rows_begin(struct ctx *cx, struct db *db, const struct stored_ledger *ledger,
	const struct org_tree *tree, const struct ledger_filter *filter, struct ledger_cursor **out)
{
	struct ledger_cursor *c = arena_new(cx->mem, struct ledger_cursor);
	const struct org *within = filter->within.n ? org_find(tree, filter->within) : NULL;
	struct strbuf sql;
	enum err e;

	*out = c;
	if (filter->within.n && !within)
		return ctx_fail(cx, ERR_NOT_FOUND,
			TR(cx, "没有机构 '" STR_FMT "'", "no organisation '" STR_FMT "'"),
			STR_ARG(filter->within));
	c->ledger = ledger;
	c->tree = tree;
	c->within = filter->within;
	c->progress = filter->progress;
	c->arg = filter->arg;
	c->row.values = arena_array(cx->mem, struct field_value, ledger->ledger->fields.count);
	strbuf_init(&sql, 65536);
	select_sql(ledger, filter, tree, within, &sql);
	e = db_prepare(cx, db, sql.p, &c->st);
	strbuf_release(&sql);
	TRY(e);
	if (filter->period.n)
		db_bind_text(c->st, db_param(c->st, "period"), filter->period);
	if (within && within->county.n)
		db_bind_text(c->st, db_param(c->st, "county"), within->county);
	if (within && org_is_leaf(tree, within))
		db_bind_text(c->st, db_param(c->st, "org"), within->code);
	if (filter->id)
		db_bind_i64(c->st, db_param(c->st, "id"), filter->id);
	if (filter->where)
		db_where_bind(filter->where, c->st);
	return ERR_OK;
}

static void take_value(
	const struct db_stmt *st, int column, enum db_type type, struct field_value *out)
{
	*out = (struct field_value){.is_null = db_is_null(st, column)};
	if (out->is_null)
		return;
	switch (type) {
	case DB_I64:
		out->number = db_i64(st, column);
		return;
	case DB_BOOL:
		out->number = db_bool(st, column);
		return;
	case DB_DATE:
		out->number = db_date(st, column).day;
		return;
	case DB_F64:
	case DB_TEXT:
	case DB_BLOB:
		break;
	}
	out->text = db_text(st, column);
	/* System columns hold '' where a field would be NULL. */
	out->is_null = out->text.n == 0;
}

void ledger_rows_take(const struct stored_ledger *l, const struct org_tree *tree,
	const struct db_stmt *st, struct ledger_row *row)
{
	row->id = db_i64(st, 0);
	row->version = db_i64(st, 1);
	row->updated_at = db_i64(st, 2);
	row->import_id = db_i64(st, 3);
	row->county = db_text(st, 4);
	row->org = db_text(st, 5);
	row->period = db_text(st, 6);
	row->state = db_text(st, 7);
	row->updated_by = db_text(st, 8);
	for (size_t i = 0; i < l->field_count; i++)
		take_value(st, STORED_SYSTEM_COLUMNS + (int)i, l->fields[i].type,
			&row->values[l->fields[i].index]);
	ledger_fill_from_org(l, tree, row->org, row->values);
}

enum err ledger_rows_next(
	struct ctx *cx, struct ledger_cursor *cursor, const struct ledger_row **out)
{
	bool has_row = false;

	*out = NULL;
	for (;;) {
		TRY(db_step(cx, cursor->st, &has_row));
		if (!has_row) {
			ledger_rows_end(cursor);
			return ERR_OK;
		}
		if (cursor->within.n &&
			!org_is_within(cursor->tree, db_text(cursor->st, 5), cursor->within))
			continue;
		if (++cursor->row_count % 1024 == 0 && cursor->progress &&
			!cursor->progress(cursor->arg, cursor->row_count))
			return ctx_fail(cx, ERR_CANCELLED, "%s", TR(cx, "已取消", "cancelled"));
		ledger_rows_take(cursor->ledger, cursor->tree, cursor->st, &cursor->row);
		*out = &cursor->row;
		return ERR_OK;
	}
}

void ledger_rows_end(struct ledger_cursor *cursor)
{
	db_release(cursor->st);
	cursor->st = NULL;
}

/*
 * Leaps through the index on (county, period): first from county to county, then in each to what is
 * asked for. A few dozen look-ups, however many rows there are. `%s` is the table, each time.
 */
#define COUNTIES                                                                                   \
	"WITH RECURSIVE k (county) AS (SELECT min(county) FROM %s UNION ALL SELECT (SELECT "       \
	"min(l.county) FROM %s AS l WHERE l.county > k.county) FROM k WHERE k.county IS NOT NULL)"
#define LATEST                                                                                     \
	COUNTIES                                                                                   \
	" SELECT max((SELECT max(l.period) FROM %s AS l WHERE l.county = k.county)) FROM k"
#define PERIODS                                                                                    \
	COUNTIES                                                                                   \
	", p (county, period) AS (SELECT k.county, (SELECT min(l.period) FROM %s AS l WHERE "      \
	"l.county = k.county) FROM k UNION ALL SELECT p.county, (SELECT min(l.period) FROM %s AS " \
	"l WHERE l.county = p.county AND l.period > p.period) FROM p WHERE p.period IS NOT NULL)"  \
	" SELECT DISTINCT period FROM p WHERE period <> '' ORDER BY period"

enum err ledger_latest_period(
	struct ctx *cx, struct db *db, const struct stored_ledger *ledger, struct str *out)
{
	struct db_stmt *st = NULL;
	bool has_row = false;

	*out = STR_NONE;
	TRY(db_prepare(cx, db,
		arena_printf(cx->mem, LATEST, ledger->table, ledger->table, ledger->table), &st));
	TRY(db_step(cx, st, &has_row));
	if (has_row && !db_is_null(st, 0))
		*out = str_copy(cx->mem, db_text(st, 0));
	db_release(st);
	return ERR_OK;
}

enum err ledger_list_periods(struct ctx *cx, struct db *db, const struct stored_ledger *ledger,
	struct ledger_periods *out)
{
	struct db_stmt *st = NULL;
	bool has_row = false;

	*out = (struct ledger_periods){0};
	TRY(db_prepare(cx, db,
		arena_printf(cx->mem, PERIODS, ledger->table, ledger->table, ledger->table,
			ledger->table),
		&st));
	for (;;) {
		TRY(db_step(cx, st, &has_row));
		if (!has_row)
			break;
		*VEC_PUSH(cx->mem, &out->list) = str_copy(cx->mem, db_text(st, 0));
	}
	db_release(st);
	return ERR_OK;
}
