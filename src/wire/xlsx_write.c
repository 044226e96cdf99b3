/*
 * A thin, typed layer over libxlsxwriter in constant_memory mode. What it adds: styles by value,
 * numbers that never lose digits, drop-downs of any length, the first error kept.
 */
/* First: its headers use calls that base/banned.h takes away. */
#include <xlsxwriter.h>

#include "wire/xlsx_write.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "base/num.h"
#include "wire/library_leaks.h"

enum {
	STYLES_MAX = 64,
	LIST_INLINE_MAX = 200, /* bytes; the format allows 255 characters */
	COMMENT_RUNES = 1000,
};

struct choice_list {
	const struct str *choices; /* copies in the writer's arena */
	size_t count;
};

struct xlsx_writer {
	struct ctx *cx;
	const char *path;
	lxw_workbook *book;
	lxw_worksheet *sheet;
	uint32_t row; /* number of the row being written; 0 before the first */
	struct xlsx_style styles[STYLES_MAX];
	lxw_format *formats[STYLES_MAX];
	size_t style_count;
	VEC(struct choice_list) lists; /* one a column of the hidden sheet */
	enum err error;
};

static const char codes_sheet[] = "_代码";

static void keep_error(struct xlsx_writer *w, lxw_error code)
{
	struct ctx *cx = w->cx;

	if (code == LXW_NO_ERROR || w->error != ERR_OK)
		return;
	switch ((int)code) {
	case LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED:
		w->error = ctx_fail(cx, ERR_TOO_LARGE,
			TR(cx, "第 %u 行有文字超过 32767 字",
				"row %u: a text is over 32,767 characters"),
			w->row);
		break;
	case LXW_ERROR_WORKSHEET_INDEX_OUT_OF_RANGE:
		w->error = w->row > LXW_ROW_MAX
				   ? ctx_fail(cx, ERR_TOO_LARGE,
					     TR(cx, "行数超过工作簿的上限 1048576",
						     "over the 1,048,576 rows of a workbook"))
				   : ctx_fail(cx, ERR_INVALID,
					     TR(cx, "第 %u 行的列次序不对",
						     "row %u: columns out of order"),
					     w->row);
		break;
	case LXW_ERROR_CREATING_XLSX_FILE:
	case LXW_ERROR_CREATING_TMPFILE:
	case LXW_ERROR_READING_TMPFILE:
	case LXW_ERROR_ZIP_FILE_OPERATION:
	case LXW_ERROR_ZIP_FILE_ADD:
	case LXW_ERROR_ZIP_CLOSE:
		w->error =
			ctx_fail(cx, ERR_IO, TR(cx, "写不了工作簿 %s：%s", "cannot write %s: %s"),
				w->path, lxw_strerror(code));
		break;
	default:
		w->error = ctx_fail(cx, ERR_INVALID,
			TR(cx, "写不了工作簿 %s：%s", "cannot write %s: %s"), w->path,
			lxw_strerror(code));
		break;
	}
}

static void discard(void *arg)
{
	struct xlsx_writer *w = arg;

	if (w->book)
		lxw_workbook_free(w->book);
	w->book = NULL;
}

enum err xlsx_writer_open(struct ctx *cx, const char *path, struct xlsx_writer **out)
{
	struct xlsx_writer *w = arena_new(cx->mem, struct xlsx_writer);
	lxw_workbook_options options = {.constant_memory = LXW_TRUE};

	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	/* Said before the work is done, not after. */
	if (fd < 0)
		return ctx_fail(cx, ERR_IO, TR(cx, "写不了工作簿 %s：%s", "cannot write %s: %s"),
			path, strerror(errno));
	close(fd);
	library_leaks_known();
	w->cx = cx;
	w->path = arena_strz(cx->mem, path);
	w->book = workbook_new_opt(w->path, &options);
	if (!w->book)
		return ctx_fail(cx, ERR_IO, TR(cx, "写不了工作簿 %s", "cannot write %s"), path);
	/* The file's own date; without it the library would read the clock. */
	(void)workbook_set_properties(
		w->book, &(lxw_doc_properties){.created = (time_t)(cx->now_us / 1000000)});
	arena_defer(cx->mem, discard, w);
	*out = w;
	return ERR_OK;
}

static bool same_style(struct xlsx_style a, struct xlsx_style b)
{
	return a.kind == b.kind && a.decimals == b.decimals && a.is_header == b.is_header &&
	       a.is_bad == b.is_bad && a.is_hint == b.is_hint && a.is_unlocked == b.is_unlocked;
}

static void set_number_format(lxw_format *format, struct xlsx_style style)
{
	switch (style.kind) {
	case XLSX_GENERAL:
		break;
	case XLSX_TEXT:
		format_set_num_format(format, "@");
		break;
	case XLSX_INTEGER:
		format_set_num_format(format, "0");
		break;
	case XLSX_DECIMAL: {
		char code[16];
		assert(style.decimals <= 9);
		snprintf(code, sizeof code, style.decimals ? "0.%.*s" : "0", style.decimals,
			"000000000");
		format_set_num_format(format, code);
		break;
	}
	case XLSX_DATE:
		format_set_num_format(format, "yyyy\\-mm\\-dd");
		break;
	}
}

/* The one format of a style; NULL is the default one. */
static lxw_format *format_of(struct xlsx_writer *w, struct xlsx_style style)
{
	lxw_format *format;

	if (same_style(style, (struct xlsx_style){0}))
		return NULL;
	for (size_t i = 0; i < w->style_count; i++)
		if (same_style(w->styles[i], style))
			return w->formats[i];
	assert(w->style_count < STYLES_MAX);
	format = workbook_add_format(w->book);
	set_number_format(format, style);
	if (style.is_header) {
		format_set_bold(format);
		format_set_bg_color(format, 0xD9E1F2);
		format_set_align(format, LXW_ALIGN_CENTER);
		format_set_align(format, LXW_ALIGN_VERTICAL_CENTER);
		format_set_text_wrap(format);
		format_set_border(format, LXW_BORDER_THIN);
	}
	if (style.is_bad)
		format_set_bg_color(format, 0xFFC7CE);
	if (style.is_hint) {
		format_set_italic(format);
		format_set_font_color(format, 0x7F7F7F);
	}
	if (style.is_unlocked)
		format_set_unlocked(format);
	w->styles[w->style_count] = style;
	w->formats[w->style_count++] = format;
	return format;
}

void xlsx_sheet_begin(struct xlsx_writer *w, const struct xlsx_sheet_settings *settings)
{
	lxw_worksheet *sheet;
	char *name = str_z(w->cx->mem, settings->name);
	lxw_error code = workbook_validate_sheet_name(w->book, name);

	keep_error(w, code);
	/* A sheet that can take the calls to come, even under a name that was refused. */
	sheet = workbook_add_worksheet(w->book, code == LXW_NO_ERROR ? name : NULL);
	assert(sheet);
	w->sheet = sheet;
	w->row = 0;
	if (settings->freeze_rows || settings->freeze_columns)
		worksheet_freeze_panes(
			sheet, settings->freeze_rows, (lxw_col_t)settings->freeze_columns);
	if (settings->is_hidden)
		worksheet_hide(sheet);
	if (settings->is_protected) {
		lxw_protection allowed = {.format_cells = 1,
			.format_columns = 1,
			.format_rows = 1,
			.insert_rows = 1,
			.delete_rows = 1,
			.sort = 1,
			.autofilter = 1};
		worksheet_protect(sheet, NULL, &allowed);
	}
}

void xlsx_column_set(struct xlsx_writer *w, uint32_t column, const struct xlsx_column *settings)
{
	double width = settings->width > 0 ? settings->width : LXW_DEF_COL_WIDTH;

	keep_error(w, worksheet_set_column(w->sheet, (lxw_col_t)column, (lxw_col_t)column, width,
			      format_of(w, settings->style)));
}

/* At most `most` code points of text, NUL-terminated. */
static char *cut_runes(struct arena *mem, struct str text, size_t most)
{
	size_t at = 0, runes = 0;

	while (at < text.n && runes++ < most)
		utf8_next(text, &at);
	return str_z(mem, str_sub(text, 0, at));
}

/* The range of the hidden sheet that holds the choices. */
static char *range_of_list(struct xlsx_writer *w, const struct xlsx_input *input)
{
	struct arena *mem = w->cx->mem;
	struct choice_list *list = NULL;
	struct str *copies;
	char column[LXW_MAX_COL_NAME_LENGTH];
	size_t i;

	for (i = 0; i < w->lists.count && !list; i++) {
		bool is_same = w->lists.items[i].count == input->choice_count;
		for (size_t k = 0; is_same && k < input->choice_count; k++)
			is_same = str_eq(w->lists.items[i].choices[k], input->choices[k]);
		if (is_same)
			list = &w->lists.items[i];
	}
	if (!list) {
		copies = arena_array(mem, struct str, input->choice_count);
		for (size_t k = 0; k < input->choice_count; k++)
			copies[k] = str_copy(mem, input->choices[k]);
		list = VEC_PUSH(mem, &w->lists);
		*list = (struct choice_list){copies, input->choice_count};
	}
	lxw_col_to_name(column, (lxw_col_t)(list - w->lists.items), 1);
	return arena_printf(
		mem, "='%s'!%s$1:%s$%zu", codes_sheet, column, column, input->choice_count);
}

/* Choices that fit into the rule itself as "a,b,c"; NULL when they don't. */
static char **inline_choices(struct xlsx_writer *w, const struct xlsx_input *input)
{
	char **list = arena_array(w->cx->mem, char *, input->choice_count + 1);
	size_t size = 0;

	for (size_t i = 0; i < input->choice_count; i++) {
		size += input->choices[i].n + 1;
		if (size > LIST_INLINE_MAX || str_find_char(input->choices[i], ',') != SIZE_MAX ||
			str_find_char(input->choices[i], '"') != SIZE_MAX)
			return NULL;
		list[i] = str_z(w->cx->mem, input->choices[i]);
	}
	return list;
}

void xlsx_input_set(struct xlsx_writer *w, uint32_t column, const struct xlsx_input *input)
{
	struct arena *mem = w->cx->mem;
	lxw_data_validation rule = {.validate = LXW_VALIDATION_TYPE_ANY, .ignore_blank = 1};
	char **list;

	assert(input->first_row > 0 && input->last_row >= input->first_row);
	if (input->choice_count) {
		list = inline_choices(w, input);
		rule.validate = list ? LXW_VALIDATION_TYPE_LIST : LXW_VALIDATION_TYPE_LIST_FORMULA;
		rule.dropdown = 1;
		if (list)
			rule.value_list = list;
		else
			rule.value_formula = range_of_list(w, input);
	} else if (input->has_range) {
		rule.validate = input->is_integer ? LXW_VALIDATION_TYPE_INTEGER
						  : LXW_VALIDATION_TYPE_DECIMAL;
		rule.criteria = LXW_VALIDATION_CRITERIA_BETWEEN;
		rule.minimum_number = input->minimum;
		rule.maximum_number = input->maximum;
	}
	if (input->is_only_warning)
		rule.error_type = LXW_VALIDATION_ERROR_TYPE_WARNING;
	if (input->title.n)
		rule.input_title = cut_runes(mem, input->title, 32);
	if (input->message.n)
		rule.input_message = cut_runes(mem, input->message, 255);
	keep_error(w, worksheet_data_validation_range(w->sheet, input->first_row - 1,
			      (lxw_col_t)column, input->last_row - 1, (lxw_col_t)column, &rule));
}

void xlsx_filter_set(
	struct xlsx_writer *w, uint32_t header_row, uint32_t last_row, uint32_t from, uint32_t to)
{
	assert(header_row > 0 && last_row >= header_row);
	keep_error(w, worksheet_autofilter(w->sheet, header_row - 1, (lxw_col_t)from, last_row - 1,
			      (lxw_col_t)to));
}

uint32_t xlsx_row_begin(struct xlsx_writer *w)
{
	return ++w->row;
}

/* In a workbook _x0041_ in a text means A: the first _ of a text like that becomes _x005F_. */
static void escape_escapes(struct strbuf *b, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '_' && i + 6 < text.n && text.p[i + 1] == 'x' &&
			text.p[i + 6] == '_')
			strbuf_z(b, "_x005F");
		strbuf_char(b, text.p[i]);
	}
}

void xlsx_put_text(struct xlsx_writer *w, uint32_t column, struct str text, struct xlsx_style style)
{
	struct strbuf b;

	assert(w->row > 0);
	if (text.n == 0) {
		xlsx_put_empty(w, column, style);
		return;
	}
	strbuf_init(&b, STRBUF_MAX);
	if (memmem(text.p, text.n, "_x", 2))
		escape_escapes(&b, text);
	else
		strbuf_str(&b, text);
	keep_error(w, worksheet_write_string(
			      w->sheet, w->row - 1, (lxw_col_t)column, b.p, format_of(w, style)));
	strbuf_release(&b);
}

static size_t significant_digits(struct str decimal)
{
	size_t digits = 0, zeros = 0;

	for (size_t i = 0; i < decimal.n; i++) {
		char c = decimal.p[i];
		if (c == 'e' || c == 'E')
			break;
		if (c < '0' || c > '9' || (c == '0' && digits + zeros == 0))
			continue;
		/* Zeros count once a digit follows them. */
		if (c == '0') {
			zeros++;
		} else {
			digits += zeros + 1;
			zeros = 0;
		}
	}
	return digits;
}

void xlsx_put_number(
	struct xlsx_writer *w, uint32_t column, struct str decimal, struct xlsx_style style)
{
	double value;

	assert(w->row > 0);
	if (significant_digits(decimal) > 15 || parse_f64(decimal, &value) != NUM_OK ||
		fabs(value) >= 1e15) {
		xlsx_put_text(w, column, decimal, style);
		return;
	}
	keep_error(w, worksheet_write_number(
			      w->sheet, w->row - 1, (lxw_col_t)column, value, format_of(w, style)));
}

void xlsx_put_date(
	struct xlsx_writer *w, uint32_t column, struct date date, struct xlsx_style style)
{
	/* Day 1 is 1900-01-01; the 1900-02-29 that never was, day 60, shifts what follows. */
	int64_t serial = (int64_t)date.day + 25569;

	assert(w->row > 0);
	if (date.day == DATE_NONE.day) {
		xlsx_put_empty(w, column, style);
		return;
	}
	if (serial <= 60)
		serial--;
	if (serial < 1) {
		struct strbuf text;
		strbuf_init(&text, 64);
		strbuf_date(&text, date);
		xlsx_put_text(w, column, strbuf_view(&text), style);
		strbuf_release(&text);
		return;
	}
	style.kind = XLSX_DATE;
	keep_error(w, worksheet_write_number(w->sheet, w->row - 1, (lxw_col_t)column,
			      (double)serial, format_of(w, style)));
}

void xlsx_put_empty(struct xlsx_writer *w, uint32_t column, struct xlsx_style style)
{
	lxw_format *format = format_of(w, style);

	assert(w->row > 0);
	if (format)
		keep_error(
			w, worksheet_write_blank(w->sheet, w->row - 1, (lxw_col_t)column, format));
}

void xlsx_put_comment(struct xlsx_writer *w, uint32_t column, struct str text)
{
	assert(w->row > 0);
	keep_error(w, worksheet_write_comment(w->sheet, w->row - 1, (lxw_col_t)column,
			      cut_runes(w->cx->mem, text, COMMENT_RUNES)));
}

/* The lists of drop-downs, one a column. */
static void write_lists(struct xlsx_writer *w)
{
	size_t rows = 0;

	if (w->lists.count == 0)
		return;
	xlsx_sheet_begin(
		w, &(struct xlsx_sheet_settings){.name = str_from(codes_sheet), .is_hidden = true});
	for (size_t i = 0; i < w->lists.count; i++)
		rows = MAX(rows, w->lists.items[i].count);
	for (size_t row = 0; row < rows; row++) {
		xlsx_row_begin(w);
		for (size_t i = 0; i < w->lists.count; i++)
			if (row < w->lists.items[i].count)
				xlsx_put_text(w, (uint32_t)i, w->lists.items[i].choices[row],
					(struct xlsx_style){.kind = XLSX_TEXT});
	}
}

enum err xlsx_writer_close(struct xlsx_writer *w)
{
	assert(w->book);
	write_lists(w);
	if (w->error == ERR_OK)
		keep_error(w, workbook_close(w->book));
	else
		lxw_workbook_free(w->book);
	w->book = NULL;
	return w->error;
}
