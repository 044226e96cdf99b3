/* The workbook that goes out to be filled in. */
#include "base/num.h"
#include "mod/ledger/export.h"
#include "wire/xlsx_write.h"

#define FILL_ROWS 10000 /* as far down as drop-downs and ranges reach */

static bool is_required(const struct pack_field *f)
{
	return f->constraints && f->constraints->is_required;
}

static const char *type_text(struct ctx *cx, const struct pack_field *f)
{
	switch ((enum field_type)f->type) {
	case FIELD_INTEGER:
		return TR(cx, "整数", "whole number");
	case FIELD_DECIMAL:
		return TR(cx, "数字", "number");
	case FIELD_BOOLEAN:
		return TR(cx, "是 或 否", "yes or no");
	case FIELD_DATE:
		return TR(cx, "日期, 如 2026-09-01", "a date such as 2026-09-01");
	case FIELD_TIME:
		return TR(cx, "时间, 如 08:30", "a time such as 08:30");
	case FIELD_ORG:
		return TR(cx, "机构代码", "code of an organisation");
	case FIELD_PERIOD:
		return TR(cx, "周期, 如 2025 或 2025-2026", "a period such as 2025 or 2025-2026");
	case FIELD_POINT:
		return TR(cx, "经度 纬度", "longitude latitude");
	case FIELD_FILE:
		return TR(cx, "文件名", "name of a file");
	case FIELD_STRING:
	case FIELD_TEXT:
		break;
	}
	return TR(cx, "文字", "text");
}

static struct str range_text(struct ctx *cx, const struct pack_field *f)
{
	const struct pack_constraints *c = f->constraints;
	struct strbuf b;
	struct str text;

	if (!c)
		return STR("");
	strbuf_init(&b, 500);
	if (c->minimum.is_set) {
		strbuf_z(&b, "≥ ");
		strbuf_dec_short(&b, c->minimum.micro, 6);
	}
	if (c->maximum.is_set) {
		strbuf_z(&b, b.n ? ", ≤ " : "≤ ");
		strbuf_dec_short(&b, c->maximum.micro, 6);
	}
	if (c->max_length)
		strbuf_printf(&b,
			TR(cx, "%s最多 %" PRId64 " 字", "%sat most %" PRId64 " characters"),
			b.n ? ", " : "", c->max_length);
	text = str_copy(cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}

/* What may be chosen, by the titles people know. */
static struct str *choices_of(
	struct ctx *cx, const struct pack *p, const struct pack_field *f, size_t *n)
{
	const struct located_list *own = f->constraints ? &f->constraints->choices : NULL;
	const struct pack_codes *codes = f->codes.text.n ? pack_find_codes(p, f->codes.text) : NULL;
	struct str *list;

	*n = 0;
	if (f->type == FIELD_BOOLEAN) {
		list = arena_array(cx->mem, struct str, 2);
		list[(*n)++] = STR("是");
		list[(*n)++] = STR("否");
		return list;
	}
	list = arena_array(
		cx->mem, struct str, (codes ? codes->items.count : 0) + (own ? own->count : 0));
	for (size_t i = 0; !codes && own && i < own->count; i++)
		list[(*n)++] = own->items[i].text;
	for (size_t i = 0; codes && i < codes->items.count; i++) {
		bool is_allowed = !own || own->count == 0;
		for (size_t k = 0; own && k < own->count; k++)
			is_allowed |= str_eq(own->items[k].text, codes->items.items[i].code.text);
		if (is_allowed)
			list[(*n)++] = codes->items.items[i].title.text;
	}
	return list;
}

static struct str message_of(struct ctx *cx, const struct pack_field *f)
{
	struct str range = range_text(cx, f);

	return str_printf(cx->mem, "%s%s" STR_FMT "%s" STR_FMT "%s", type_text(cx, f),
		range.n ? ", " : "", STR_ARG(range), f->help.text.n ? "\n" : "",
		STR_ARG(f->help.text), is_required(f) ? TR(cx, "\n必填", "\nrequired") : "");
}

/* Typed by nobody: what the tree knows and what is computed. */
static bool is_filled(const struct pack_field *f)
{
	return !f->derive.text.n && (!f->from_org.text.n || str_is(f->from_org.text, "name"));
}

static void set_input(struct ctx *cx, struct xlsx_writer *w, uint32_t column, const struct pack *p,
	const struct pack_field *f)
{
	const struct pack_constraints *c = f->constraints;
	struct xlsx_input input = {.first_row = 2,
		.last_row = FILL_ROWS,
		.title = f->title.text,
		.message = message_of(cx, f)};

	input.choices = choices_of(cx, p, f, &input.choice_count);
	if (!input.choice_count && (f->type == FIELD_INTEGER || f->type == FIELD_DECIMAL) && c &&
		(c->minimum.is_set || c->maximum.is_set)) {
		input.has_range = true;
		input.is_integer = f->type == FIELD_INTEGER;
		input.minimum = c->minimum.is_set ? (double)c->minimum.micro / 1e6 : -1e15;
		input.maximum = c->maximum.is_set ? (double)c->maximum.micro / 1e6 : 1e15;
	}
	xlsx_input_set(w, column, &input);
}

static struct xlsx_style style_of(const struct pack_field *f)
{
	if (f->type == FIELD_INTEGER)
		return (struct xlsx_style){.kind = XLSX_INTEGER};
	if (f->type == FIELD_DATE)
		return (struct xlsx_style){.kind = XLSX_DATE};
	return (struct xlsx_style){.kind = f->type == FIELD_DECIMAL ? XLSX_GENERAL : XLSX_TEXT};
}

static void write_form(
	struct ctx *cx, struct xlsx_writer *w, const struct pack *p, const struct pack_ledger *l)
{
	uint32_t column = 0;

	xlsx_sheet_begin(w, &(struct xlsx_sheet_settings){
				    .name = str_from(TR(cx, "填报", "Rows")), .freeze_rows = 1});
	for (size_t i = 0; i < l->fields.count; i++) {
		const struct pack_field *f = &l->fields.items[i];
		if (!is_filled(f))
			continue;
		xlsx_column_set(w, column,
			&(struct xlsx_column){
				.width = (double)MIN(utf8_width(f->title.text) + 6, 40),
				.style = style_of(f)});
		set_input(cx, w, column++, p, f);
	}
	(void)xlsx_row_begin(w);
	column = 0;
	for (size_t i = 0; i < l->fields.count; i++) {
		const struct pack_field *f = &l->fields.items[i];
		if (!is_filled(f))
			continue;
		xlsx_put_text(w, column,
			str_printf(cx->mem, STR_FMT "%s", STR_ARG(field_heading(cx->mem, f)),
				is_required(f) ? "*" : ""),
			(struct xlsx_style){.is_header = true});
		xlsx_put_comment(w, column++, message_of(cx, f));
	}
}

static void put_line(struct xlsx_writer *w, const struct str *cells, size_t n, bool is_header)
{
	(void)xlsx_row_begin(w);
	for (size_t i = 0; i < n; i++)
		xlsx_put_text(w, (uint32_t)i, cells[i],
			(struct xlsx_style){.kind = XLSX_TEXT, .is_header = is_header});
}

static struct str choices_text(struct ctx *cx, const struct pack *p, const struct pack_field *f)
{
	struct strbuf b;
	struct str *list, text;
	size_t n;

	list = choices_of(cx, p, f, &n);
	strbuf_init(&b, 2000);
	for (size_t i = 0; i < n && b.n < 600; i++)
		strbuf_printf(&b, "%s" STR_FMT, i ? "、" : "", STR_ARG(list[i]));
	text = str_copy(cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}

static void write_guide(
	struct ctx *cx, struct xlsx_writer *w, const struct pack *p, const struct pack_ledger *l)
{
	const struct str head[] = {str_from(TR(cx, "列", "Column")),
		str_from(TR(cx, "必填", "Required")), str_from(TR(cx, "填什么", "What")),
		str_from(TR(cx, "单位", "Unit")), str_from(TR(cx, "范围", "Range")),
		str_from(TR(cx, "可选", "Choices")), str_from(TR(cx, "说明", "Notes"))};

	xlsx_sheet_begin(
		w, &(struct xlsx_sheet_settings){.name = str_from(TR(cx, "说明", "Guide"))});
	for (uint32_t i = 0; i < ARRAY_LEN(head); i++)
		xlsx_column_set(w, i, &(struct xlsx_column){.width = i == 1 || i == 3 ? 8 : 24});
	put_line(w, &(const struct str){.p = l->title.text.p, .n = l->title.text.n}, 1, false);
	put_line(w, &l->source.text, 1, false);
	put_line(w, head, ARRAY_LEN(head), true);
	for (size_t i = 0; i < l->fields.count; i++) {
		const struct pack_field *f = &l->fields.items[i];
		const struct str line[] = {f->title.text,
			str_from(is_required(f) ? TR(cx, "是", "yes") : ""),
			str_from(type_text(cx, f)), f->unit.text, range_text(cx, f),
			choices_text(cx, p, f), f->help.text};
		if (is_filled(f))
			put_line(w, line, ARRAY_LEN(line), false);
	}
	for (size_t i = 0; i < l->checks.count; i++) {
		const struct str line[] = {
			str_from(i ? "" : TR(cx, "填报后核对", "Checked afterwards")), STR(""),
			l->checks.items[i].message.text};
		put_line(w, line, ARRAY_LEN(line), false);
	}
}

enum err template_write(
	struct ctx *cx, const struct pack *p, const struct pack_ledger *ledger, const char *path)
{
	struct xlsx_writer *w;

	TRY(xlsx_writer_open(cx, path, &w));
	write_form(cx, w, p, ledger);
	write_guide(cx, w, p, ledger);
	return xlsx_writer_close(w);
}
