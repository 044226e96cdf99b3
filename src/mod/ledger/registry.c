/* The rows of the registry ledger as the tree of organisations. */
#include "mod/ledger/import.h"
#include "base/num.h"
#include "mod/ledger/ledger_rows.h"

/* Names of the registry's fields; a pack may leave out all but the first four. */
static struct str text_of(
	const struct ledger_row *row, const struct pack_ledger *l, const char *name)
{
	const struct pack_field *f = ledger_field(l, str_from(name));
	const struct field_value *v = f ? &row->values[f - l->fields.items] : NULL;

	return v && !v->is_null ? v->text : STR("");
}

static struct date date_of(
	const struct ledger_row *row, const struct pack_ledger *l, const char *name)
{
	const struct pack_field *f = ledger_field(l, str_from(name));
	const struct field_value *v = f ? &row->values[f - l->fields.items] : NULL;

	return v && !v->is_null ? (struct date){(int32_t)v->number} : DATE_NONE;
}

static bool degrees_of(
	const struct ledger_row *row, const struct pack_ledger *l, const char *name, double *out)
{
	const struct pack_field *f = ledger_field(l, str_from(name));
	const struct field_value *v = f ? &row->values[f - l->fields.items] : NULL;

	if (!v || v->is_null)
		return false;
	*out = dec_to_f64(v->number, (int)f->scale);
	return true;
}

static struct org_entry entry_of(
	struct arena *mem, const struct ledger_row *row, const struct pack_ledger *l)
{
	struct org_entry e = {.code = str_copy(mem, text_of(row, l, "code")),
		.name = str_copy(mem, text_of(row, l, "name")),
		.kind = str_copy(mem, text_of(row, l, "kind")),
		.parent = str_copy(mem, text_of(row, l, "parent")),
		.merged_into = str_copy(mem, text_of(row, l, "merged_into")),
		.alias = str_copy(mem, text_of(row, l, "former_code")),
		.opened_on = date_of(row, l, "opened_on"),
		.closed_on = date_of(row, l, "closed_on")};

	e.has_point = degrees_of(row, l, "lon", &e.lon) && degrees_of(row, l, "lat", &e.lat);
	return e;
}

enum err registry_sync(struct ctx *cx, struct open_place *place, struct str **out_codes,
	struct org_problems *problems)
{
	const struct pack_ledger *ledger = pack_find_ledgers(place->pack, STR("orgs"));
	struct date today = {(int32_t)(cx->now_us / 86400000000)};
	const struct ledger_filter all = {.by_key = true};
	VEC(struct org_entry) entries = {0};
	struct org_tree none = {0};
	struct ledger_cursor *rows;
	const struct ledger_row *row;
	struct stored_ledger stored;

	if (!ledger)
		return ctx_fail(cx, ERR_PACK, "%s",
			TR(cx, "政策包里没有机构名录 (台账 orgs)",
				"the packs have no registry (ledger orgs)"));
	stored_ledger_init(cx->mem, ledger, &stored);
	strmap_init(&none.by_code, cx->mem);
	TRY(ledger_rows_begin(cx, place->db, &stored, &none, &all, &rows));
	for (;;) {
		TRY(ledger_rows_next(cx, rows, &row));
		if (!row)
			break;
		*VEC_PUSH(cx->mem, &entries) = entry_of(cx->mem, row, ledger);
	}
	*out_codes = arena_array(cx->mem, struct str, entries.count);
	for (size_t i = 0; i < entries.count; i++)
		(*out_codes)[i] = entries.items[i].code;
	TRY(org_sync(cx, place->db, place->pack, entries.items, entries.count, today, problems));
	if (problems->list.count)
		return ERR_OK;
	return db_exec(cx, place->db,
		"UPDATE l_orgs SET county = (SELECT o.county FROM org o WHERE o.code = l_orgs.code)"
		" WHERE county <> (SELECT o.county FROM org o WHERE o.code = l_orgs.code)");
}
