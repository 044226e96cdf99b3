/* The files that a demo's rows go to: a workbook or CSV for each ledger, titles on top. */
#include "mod/demo/demo_internal.h"
#include "mod/pack/rules.h"

#include <errno.h>

/* The slot of a table that a field is written from: one of its own. */
static size_t slot_of(const struct demo_table *t, const struct pack_field *field)
{
	for (size_t i = DEMO_OWN; i < t->layout->own_count; i++)
		if (str_eq(t->layout->slots[i].name, field->name.text))
			return i;
	return SIZE_MAX;
}

/* The file has a column for each field that some table gives. */
static void choose_fields(struct machine *m, struct demo_output *o)
{
	o->fields = arena_array(m->cx->mem, const struct pack_field *, o->ledger->fields.count);
	for (size_t i = 0; i < o->ledger->fields.count; i++) {
		const struct pack_field *f = &o->ledger->fields.items[i];
		bool is_given = false;
		for (size_t k = 0; k < m->table_count; k++)
			is_given |=
				m->tables[k].output == o && slot_of(&m->tables[k], f) != SIZE_MAX;
		if (is_given)
			o->fields[o->field_count++] = f;
	}
	for (size_t k = 0; k < m->table_count; k++) {
		struct demo_table *t = &m->tables[k];
		if (t->output != o)
			continue;
		t->columns = arena_array(m->cx->mem, size_t, o->field_count);
		for (size_t i = 0; i < o->field_count; i++)
			t->columns[i] = slot_of(t, o->fields[i]);
	}
}

static struct xlsx_style style_of(const struct pack_field *f)
{
	struct xlsx_style style = {.kind = XLSX_TEXT};

	if (f->type == FIELD_INTEGER || f->type == FIELD_BOOLEAN)
		style.kind = XLSX_INTEGER;
	else if (f->type == FIELD_DECIMAL) {
		style.kind = XLSX_DECIMAL;
		style.decimals = (uint8_t)MIN(f->scale, 9);
	} else if (f->type == FIELD_DATE)
		style.kind = XLSX_DATE;
	return style;
}

static void write_header(struct machine *m, struct demo_output *o)
{
	struct xlsx_sheet_settings sheet = {
		.name = m->request->demo->notice.text, .freeze_rows = 1};

	if (o->form == DEMO_CSV) {
		for (size_t i = 0; i < o->field_count; i++)
			csv_write_text(&o->csv, o->fields[i]->title.text);
		csv_write_row_end(&o->csv);
		return;
	}
	xlsx_sheet_begin(o->xlsx, &sheet);
	for (size_t i = 0; i < o->field_count; i++)
		xlsx_column_set(o->xlsx, (uint32_t)i,
			&(struct xlsx_column){.width = 16, .style = style_of(o->fields[i])});
	(void)xlsx_row_begin(o->xlsx);
	for (size_t i = 0; i < o->field_count; i++)
		xlsx_put_text(o->xlsx, (uint32_t)i, o->fields[i]->title.text,
			(struct xlsx_style){.is_header = true});
}

/* Beside the files stands a note, so that nobody takes them for real. */
static enum err write_note(struct machine *m)
{
	char *path = arena_printf(m->cx->mem, "%s/README.txt", m->request->dir);
	struct str notice = m->request->demo->notice.text;
	FILE *f = fopen(path, "we");
	bool is_written;

	if (!f)
		return ctx_fail(m->cx, ERR_IO, TR(m->cx, "写不了 %s：%s", "cannot write %s: %s"),
			path, strerror(errno));
	is_written = fprintf(f, STR_FMT "\n", STR_ARG(notice)) > 0;
	is_written &= fclose(f) == 0;
	return is_written
		       ? ERR_OK
		       : ctx_fail(m->cx, ERR_IO, TR(m->cx, "写不了 %s：%s", "cannot write %s: %s"),
				 path, strerror(errno));
}

enum err demo_outputs_open(struct machine *m)
{
	const struct pack_demo *demo = m->request->demo;

	m->outputs = arena_array(m->cx->mem, struct demo_output, demo->outputs.count);
	for (size_t i = 0; i < demo->outputs.count; i++) {
		struct demo_output *o = &m->outputs[i];
		o->ledger = pack_find_ledgers(m->request->pack, demo->outputs.items[i].ledger.text);
		o->form = demo->outputs.items[i].as;
		o->path = arena_printf(m->cx->mem, "%s/" STR_FMT ".%s", m->request->dir,
			STR_ARG(o->ledger->id.text), o->form == DEMO_CSV ? "csv" : "xlsx");
		for (size_t k = 0; k < m->table_count; k++)
			if (str_eq(m->tables[k].layout->table->ledger.text, o->ledger->id.text))
				m->tables[k].output = o;
		choose_fields(m, o);
		if (o->form == DEMO_CSV)
			TRY(csv_writer_open(&o->csv, m->cx, CSV_FOR_PEOPLE, o->path));
		else
			TRY(xlsx_writer_open(m->cx, o->path, &o->xlsx));
		m->output_count++;
		write_header(m, o);
	}
	return write_note(m);
}

static void put_csv(
	struct demo_output *o, const struct demo_slot *slot, struct str text, bool is_null)
{
	bool is_text = !is_null &&
		       (slot->is_written ||
			       (slot->type != FIELD_INTEGER && slot->type != FIELD_DECIMAL &&
				       slot->type != FIELD_BOOLEAN && slot->type != FIELD_DATE));

	if (is_text)
		csv_write_text(&o->csv, text);
	else
		csv_write_plain(&o->csv, text);
}

static void put_xlsx(struct demo_output *o, uint32_t column, const struct demo_table *t,
	size_t slot, struct str text)
{
	struct xlsx_style style = style_of(o->fields[column]);

	if (style.kind == XLSX_TEXT)
		xlsx_put_text(o->xlsx, column, text, style);
	else if (style.kind == XLSX_DATE)
		xlsx_put_date(o->xlsx, column, (struct date){(int32_t)t->numbers[slot]}, style);
	else
		xlsx_put_number(o->xlsx, column, text, style);
}

void demo_output_row(struct machine *m, struct demo_table *t)
{
	struct demo_output *o = t->output;
	struct strbuf text;

	strbuf_init(&text, 1 << 16);
	if (o->form == DEMO_XLSX)
		(void)xlsx_row_begin(o->xlsx);
	for (size_t i = 0; i < o->field_count; i++) {
		size_t slot = t->columns[i];
		bool is_null = slot == SIZE_MAX || t->nulls[slot];
		strbuf_reset(&text);
		if (!is_null)
			demo_slot_text(m, t, slot, &text);
		if (o->form == DEMO_CSV)
			put_csv(o, is_null ? NULL : &t->layout->slots[slot], strbuf_view(&text),
				is_null);
		else if (!is_null)
			put_xlsx(o, (uint32_t)i, t, slot, strbuf_view(&text));
	}
	if (o->form == DEMO_CSV)
		csv_write_row_end(&o->csv);
	strbuf_release(&text);
	o->rows++;
}

enum err demo_outputs_close(struct machine *m, struct demo_files *out)
{
	enum err first = ERR_OK;

	for (size_t i = 0; i < m->output_count; i++) {
		struct demo_output *o = &m->outputs[i];
		enum err e = o->form == DEMO_CSV ? csv_writer_close(&o->csv)
						 : xlsx_writer_close(o->xlsx);
		if (first == ERR_OK)
			first = e;
		*VEC_PUSH(m->cx->mem, &out->list) = (struct demo_file){o->ledger, o->path, o->rows};
	}
	return first;
}
