#include "mod/measure/place_data.h"

#include "mod/ledger/ledger_rows.h"
#include "mod/ledger/ledger_table.h"

/* Rules read no sealed field: it takes no room. */
static void append(struct column *c, const struct field_value *v, bool is_sealed)
{
	if (v->is_null || is_sealed)
		column_append_null(c);
	else if (c->type == COLUMN_TEXT)
		column_append_text(c, v->text);
	else
		column_append_i64(c, v->number);
}

static enum err read_rows(
	struct ctx *cx, struct ledger_cursor *rows, struct arena *mem, struct dataset_ledger *dl)
{
	struct table *table = dl->table;
	size_t n = dl->ledger->fields.count;
	VEC(int64_t) ids = {0};
	struct column *org = table_add(table, STR("@org"), COLUMN_TEXT, 0);
	struct column *county = table_add(table, STR("@county"), COLUMN_TEXT, 0);
	const struct ledger_row *row;

	for (;;) {
		TRY(ledger_rows_next(cx, rows, &row));
		if (!row)
			break;
		for (size_t f = 0; f < n; f++)
			append(table->columns.items[f], &row->values[f],
				dl->ledger->fields.items[f].secrecy == SECRECY_SEALED);
		*VEC_PUSH(mem, &ids) = row->id;
		column_append_text(org, row->org);
		column_append_text(county, row->county);
	}
	table_seal(table);
	dl->row_ids = ids.items;
	return ERR_OK;
}

enum err dataset_add_place(struct ctx *cx, struct dataset *ds, const struct open_place *place,
	const struct org_tree *tree, struct str ledger, struct str within)
{
	struct dataset_ledger dl = {.ledger = pack_find_ledgers(ds->pack, ledger),
		.source = str_copy(ds->mem, place->url)};
	struct ledger_filter filter = {.period = ds->period, .within = within};
	struct stored_ledger stored;
	struct ledger_cursor *rows;

	if (dataset_find(ds, ledger))
		return ERR_OK;
	if (!dl.ledger)
		return ctx_fail(cx, ERR_NOT_FOUND,
			TR(cx, "没有台账 '" STR_FMT "'", "no ledger '" STR_FMT "'"),
			STR_ARG(ledger));
	stored_ledger_init(ds->mem, dl.ledger, &stored);
	if (stored.period == SIZE_MAX)
		filter.period = STR_NONE; /* it has no periods: its rows are those of today */
	else if (!filter.period.n)
		TRY(ledger_latest_period(cx, place->db, &stored, &filter.period));
	TRY(ledger_rows_begin(cx, place->db, &stored, tree, &filter, &rows));
	dl.table = ledger_table_new(ds->mem, dl.ledger);
	TRY(read_rows(cx, rows, ds->mem, &dl));
	ds->top = within;
	*VEC_PUSH(ds->mem, &ds->ledgers) = dl;
	return ERR_OK;
}
