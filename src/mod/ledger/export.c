#include "mod/ledger/export.h"

#include "mod/ledger/export_internal.h"
#include "wire/csv_write.h"
#include "wire/xlsx_write.h"

struct str field_heading(struct arena *mem, const struct pack_field *field)
{
	struct str title = field->title.text.n ? field->title.text : field->name.text;

	return field->unit.text.n ? str_printf(mem, STR_FMT "（" STR_FMT "）", STR_ARG(title),
					    STR_ARG(field->unit.text))
				  : title;
}

static size_t byte_of(struct str s, size_t rune)
{
	size_t at = 0;

	while (rune-- > 0 && at < s.n)
		(void)utf8_next(s, &at);
	return at;
}

struct str mask_text(struct arena *mem, struct str text)
{
	size_t length = utf8_length(text), tail = length > 2;
	struct str head = str_sub(text, 0, byte_of(text, 1));

	if (length <= tail)
		return STR("****");
	return str_printf(mem, STR_FMT "***" STR_FMT, STR_ARG(head),
		STR_ARG(str_sub(text, byte_of(text, length - tail), text.n)));
}

struct str export_text(struct export *x, size_t f, const struct ledger_row *row, bool as_title)
{
	const struct pack_field *field = &x->stored.ledger->fields.items[f];

	strbuf_reset(&x->cell);
	field_format(x->place->pack, field, &row->values[f], as_title, &x->cell);
	if (field->secrecy == SECRECY_PERSONAL && !x->request->is_unmasked && x->cell.n) {
		arena_reset(x->row_mem);
		return mask_text(x->row_mem, strbuf_view(&x->cell));
	}
	return strbuf_view(&x->cell);
}

static struct xlsx_style style_of(const struct pack_field *f)
{
	switch ((enum field_type)f->type) {
	case FIELD_INTEGER:
		return (struct xlsx_style){.kind = XLSX_INTEGER};
	case FIELD_DECIMAL:
		return (struct xlsx_style){
			.kind = XLSX_DECIMAL, .decimals = (uint8_t)MIN(f->scale, 2)};
	case FIELD_DATE:
		return (struct xlsx_style){.kind = XLSX_DATE};
	case FIELD_STRING:
	case FIELD_TEXT:
	case FIELD_BOOLEAN:
	case FIELD_TIME:
	case FIELD_ORG:
	case FIELD_PERIOD:
	case FIELD_FILE:
	case FIELD_POINT:
		break;
	}
	return (struct xlsx_style){.kind = XLSX_TEXT};
}

static double width_of(const struct pack_field *f)
{
	size_t title = utf8_width(f->title.text) + 4;

	if (f->type == FIELD_ORG || f->from_org.text.n)
		title = MAX(title, 16);
	return (double)MIN(MAX(title, 8), 40);
}

static void begin_sheet(struct export *x, struct xlsx_writer *w)
{
	const struct pack_ledger *l = x->stored.ledger;

	xlsx_sheet_begin(w, &(struct xlsx_sheet_settings){
				    .name = str_sub(l->title.text, 0, byte_of(l->title.text, 31)),
				    .freeze_rows = 1});
	for (size_t c = 0; c < x->column_count; c++)
		xlsx_column_set(w, (uint32_t)c,
			&(struct xlsx_column){.width = width_of(&l->fields.items[x->columns[c]]),
				.style = style_of(&l->fields.items[x->columns[c]])});
	(void)xlsx_row_begin(w);
	for (size_t c = 0; c < x->column_count; c++)
		xlsx_put_text(w, (uint32_t)c,
			field_heading(x->cx->mem, &l->fields.items[x->columns[c]]),
			(struct xlsx_style){.is_header = true});
}

static void put_cell(struct export *x, struct xlsx_writer *w, size_t c,
	const struct ledger_row *row, struct xlsx_style style)
{
	size_t f = x->columns[c];
	const struct field_value *v = &row->values[f];

	if (v->is_null)
		return;
	if (style.kind == XLSX_DATE)
		xlsx_put_date(w, (uint32_t)c, (struct date){(int32_t)v->number}, style);
	else if (style.kind == XLSX_TEXT)
		xlsx_put_text(w, (uint32_t)c, export_text(x, f, row, true), style);
	else
		xlsx_put_number(w, (uint32_t)c, export_text(x, f, row, true), style);
}

static enum err write_xlsx(struct export *x)
{
	const struct pack_ledger *l = x->stored.ledger;
	struct xlsx_style *styles = arena_array(x->cx->mem, struct xlsx_style, x->column_count);
	const struct ledger_row *row;
	struct xlsx_writer *w;

	for (size_t c = 0; c < x->column_count; c++)
		styles[c] = style_of(&l->fields.items[x->columns[c]]);
	TRY(xlsx_writer_open(x->cx, x->request->to, &w));
	begin_sheet(x, w);
	for (;;) {
		TRY(ledger_rows_next(x->cx, x->rows, &row));
		if (!row)
			break;
		if (++x->row_count >= 1048576)
			return ctx_fail(x->cx, ERR_TOO_LARGE, "%s",
				TR(x->cx, "超过一张工作表的 1,048,575 行, 请导出为 CSV",
					"more rows than a sheet holds (1,048,575); export as CSV"));
		(void)xlsx_row_begin(w);
		for (size_t c = 0; c < x->column_count; c++)
			put_cell(x, w, c, row, styles[c]);
	}
	return xlsx_writer_close(w);
}

static bool is_plain(const struct pack_field *f)
{
	return f->type == FIELD_INTEGER || f->type == FIELD_DECIMAL || f->type == FIELD_DATE;
}

enum err export_csv(struct export *x, const char *path, enum csv_style style)
{
	const struct pack_ledger *l = x->stored.ledger;
	bool for_people = style == CSV_FOR_PEOPLE;
	const struct ledger_row *row;
	struct csv_writer w;
	enum err e;

	TRY(csv_writer_open(&w, x->cx, style, path));
	for (size_t c = 0; c < x->column_count; c++) {
		const struct pack_field *field = &l->fields.items[x->columns[c]];
		csv_write_text(
			&w, for_people ? field_heading(x->cx->mem, field) : field->name.text);
	}
	csv_write_row_end(&w);
	while ((e = ledger_rows_next(x->cx, x->rows, &row)) == ERR_OK && row) {
		x->row_count++;
		for (size_t c = 0; c < x->column_count; c++) {
			struct str text = export_text(x, x->columns[c], row, for_people);
			if (is_plain(&l->fields.items[x->columns[c]]))
				csv_write_plain(&w, text);
			else
				csv_write_text(&w, text);
		}
		csv_write_row_end(&w);
	}
	/* Closed in any case; what came first is what is told. */
	if (csv_writer_close(&w) != ERR_OK && e == ERR_OK)
		e = ERR_IO;
	return e;
}

static void take_columns(struct export *x)
{
	const struct pack_ledger *l = x->stored.ledger;

	x->columns = arena_array(x->cx->mem, size_t, l->fields.count);
	for (size_t f = 0; f < l->fields.count; f++)
		if (l->fields.items[f].secrecy != SECRECY_SEALED)
			x->columns[x->column_count++] = f;
}

static void release(void *arg)
{
	struct export *x = arg;

	strbuf_release(&x->cell);
	arena_free(x->row_mem);
}

enum err export_run(struct ctx *cx, struct open_place *place, const struct export_request *request,
	size_t *out_rows)
{
	struct export *x = arena_new(cx->mem, struct export);
	const struct ledger_filter filter = {.period = request->period,
		.within = request->within,
		.where = request->where,
		.progress = request->progress,
		.arg = request->arg,
		.by_key = true};
	struct str to = str_from(request->to);
	enum err e;

	*x = (struct export){
		.cx = cx, .place = place, .request = request, .row_mem = arena_create()};
	strbuf_init(&x->cell, STRBUF_MAX);
	arena_defer(cx->mem, release, x);
	stored_ledger_init(cx->mem, request->ledger, &x->stored);
	take_columns(x);
	/* One moment: a writer between two pages would be seen half. */
	TRY(db_begin(cx, place->db, DB_READ));
	e = org_tree_load(cx, place->db, cx->mem, &x->tree);
	if (e == ERR_OK)
		e = ledger_rows_begin(cx, place->db, &x->stored, &x->tree, &filter, &x->rows);
	if (e == ERR_OK)
		e = str_ends(to, ".xlsx")  ? write_xlsx(x)
		    : str_ends(to, ".csv") ? export_csv(x, request->to, CSV_FOR_PEOPLE)
					   : export_package(x);
	db_rollback(place->db);
	*out_rows = x->row_count;
	return e;
}
