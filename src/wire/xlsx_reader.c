/*
 * The rows of one sheet of a workbook. The scan of its XML pauses behind each row that has
 * something in it; cells of shared strings point into the book's table, all others into the row's
 * own buffer.
 *
 * Cells without something to see are never made. References (r="B7") may be missing, as some
 * writers leave them out; when they are there, rows and cells must ascend.
 */
#include "wire/xlsx_book.h"
#include "wire/xlsx_scan.h"

#include <math.h>

#include "base/num.h"

enum value_type { TYPE_NUMBER, TYPE_SHARED, TYPE_TEXT, TYPE_BOOL, TYPE_ERROR, TYPE_DATE };

#define NOT_LOCAL UINT32_MAX

struct xlsx {
	struct xlsx_book book;
	const struct xlsx_sheet *sheet;
	struct xlsx_scan scan;
	size_t cell_max, row_max;
	bool has_row; /* a row was read while the sheet was chosen */

	/* The row that is being read. */
	uint32_t row;             /* number, from 1 */
	uint32_t column;          /* of the next cell, when it does not say */
	struct table_cell *cells; /* own malloc */
	uint32_t *starts;         /* of the cell's text in `text`, or NOT_LOCAL */
	size_t count, cap;
	char *text; /* own malloc */
	size_t size, text_cap;

	/* The cell that is being read. */
	size_t start; /* of its text */
	uint32_t cell_column;
	enum value_type type;
	enum xlsx_format format;
	bool is_in_data, is_in_row, is_in_cell, is_text, is_phonetic;
};

static void fail_row(struct xlsx_scan *scan, enum err e, const char *zh, const char *en)
{
	struct xlsx *x = scan->user;
	struct ctx *cx = scan->part.package->cx;

	xlsx_scan_fail(scan,
		ctx_fail(cx, e, TR(cx, "工作表“%.*s”第 %u 行：%s", "sheet '%.*s', row %u: %s"),
			STR_ARG(x->sheet->name), x->row, TR(cx, zh, en)));
}

static void start_row(struct xlsx_scan *scan, const char **attributes)
{
	struct xlsx *x = scan->user;
	const char *r = xlsx_attribute(attributes, "r");
	int64_t number = (int64_t)x->row + 1;

	x->is_in_row = true;
	x->column = 0;
	x->count = 0;
	x->size = 0;
	if (r && parse_i64(str_from(r), 1, INT32_MAX, &number) != NUM_OK)
		fail_row(scan, ERR_REJECTED, "行号不对", "bad row number");
	else if (number > TABLE_ROWS_MAX)
		fail_row(scan, ERR_TOO_LARGE, "行数超过 1048576", "over 1,048,576 rows");
	else if (number <= x->row)
		fail_row(scan, ERR_REJECTED, "行的次序不对", "rows out of order");
	else
		x->row = (uint32_t)number;
}

static enum value_type type_of(const char *t)
{
	if (!t)
		return TYPE_NUMBER;
	switch (t[0]) {
	case 's':
		return t[1] == 't' ? TYPE_TEXT : TYPE_SHARED;
	case 'i':
		return TYPE_TEXT;
	case 'b':
		return TYPE_BOOL;
	case 'e':
		return TYPE_ERROR;
	case 'd':
		return TYPE_DATE;
	default:
		return TYPE_NUMBER;
	}
}

static void start_cell(struct xlsx_scan *scan, const char **attributes)
{
	struct xlsx *x = scan->user;
	const char *ref = NULL, *type = NULL, *style = NULL;
	uint32_t row, column = x->column;

	for (size_t i = 0; attributes[i]; i += 2) {
		const char *name = attributes[i];
		if (name[0] == 'r' && !name[1])
			ref = attributes[i + 1];
		else if (name[0] == 't' && !name[1])
			type = attributes[i + 1];
		else if (name[0] == 's' && !name[1])
			style = attributes[i + 1];
	}
	if (ref && !xlsx_parse_ref(ref, &row, &column)) {
		fail_row(scan, ERR_REJECTED, "单元格地址不对", "bad cell reference");
		return;
	}
	if (column >= TABLE_COLUMNS_MAX) {
		fail_row(scan, ERR_TOO_LARGE, "列数超过 16384", "over 16,384 columns");
		return;
	}
	if (column < x->column) {
		fail_row(scan, ERR_REJECTED, "单元格的次序不对", "cells out of order");
		return;
	}
	x->is_in_cell = true;
	x->cell_column = column;
	x->column = column + 1;
	x->start = x->size;
	x->type = type_of(type);
	x->format = XLSX_FORMAT_NUMBER;
	if (style && x->type == TYPE_NUMBER) {
		int64_t s;
		if (parse_i64(str_from(style), 0, INT64_MAX, &s) == NUM_OK &&
			(uint64_t)s < x->book.formats.count)
			x->format = (enum xlsx_format)x->book.formats.items[s];
	}
}

static void sheet_start(struct xlsx_scan *scan, const char *name, const char **attributes)
{
	struct xlsx *x = scan->user;

	name = xlsx_local_name(name);
	if (x->is_in_cell) {
		if (strcmp(name, "v") == 0)
			x->is_text = true;
		else if (strcmp(name, "t") == 0)
			x->is_text = !x->is_phonetic;
		else if (strcmp(name, "rPh") == 0)
			x->is_phonetic = true;
	} else if (x->is_in_row) {
		if (name[0] == 'c' && !name[1])
			start_cell(scan, attributes);
	} else if (x->is_in_data) {
		if (strcmp(name, "row") == 0)
			start_row(scan, attributes);
	} else if (strcmp(name, "sheetData") == 0) {
		x->is_in_data = true;
	}
}

static void make_room(struct xlsx *x, size_t n)
{
	if (x->text_cap - x->size >= n)
		return;
	x->text_cap = MAX(MAX(x->text_cap * 2, x->size + n), (size_t)4096);
	x->text = table_realloc(x->text, x->text_cap, 1);
}

static void sheet_text(struct xlsx_scan *scan, const char *text, size_t n)
{
	struct xlsx *x = scan->user;

	if (!x->is_text)
		return;
	if (x->size - x->start + n > x->cell_max || x->size + n > x->row_max) {
		fail_row(scan, ERR_TOO_LARGE, "单元格或整行的文字太长",
			"the text of a cell or of the row is over the limit");
		return;
	}
	make_room(x, n);
	memcpy(x->text + x->size, text, n);
	x->size += n;
}

static void add_cell(struct xlsx *x, struct table_cell cell, uint32_t start)
{
	if (x->count == x->cap) {
		x->cap = x->cap ? x->cap * 2 : 64;
		x->cells = table_realloc(x->cells, x->cap, sizeof *x->cells);
		x->starts = table_realloc(x->starts, x->cap, sizeof *x->starts);
	}
	cell.column = x->cell_column;
	x->starts[x->count] = start;
	x->cells[x->count++] = cell;
}

/* The cell's text is what stands in the row's buffer from its start on, now n bytes long. */
static void add_local(struct xlsx *x, enum cell_kind kind, size_t n, bool is_inexact)
{
	x->size = x->start + n;
	add_cell(x, (struct table_cell){{NULL, n}, 0, kind, is_inexact}, (uint32_t)x->start);
}

static void replace_text(struct xlsx *x, const char *text, size_t n)
{
	x->size = x->start;
	make_room(x, n);
	memcpy(x->text + x->start, text, n);
}

static void end_shared(struct xlsx_scan *scan, struct str raw)
{
	struct xlsx *x = scan->user;
	const struct xlsx_strings *strings = &x->book.strings;
	int64_t i;
	uint32_t from;

	if (parse_i64(raw, 0, INT64_MAX, &i) != NUM_OK || (uint64_t)i >= strings->count) {
		fail_row(scan, ERR_REJECTED, "单元格引用的文字不存在",
			"a cell names a text that is not there");
		return;
	}
	x->size = x->start;
	from = i ? strings->ends[i - 1] : 0;
	if (strings->ends[i] > from)
		add_cell(x,
			(struct table_cell){
				{strings->p + from, strings->ends[i] - from}, 0, CELL_TEXT, false},
			NOT_LOCAL);
}

static void end_number(struct xlsx *x, struct str raw)
{
	char text[XLSX_VALUE_MAX];
	bool is_inexact = false;
	double serial;
	size_t n;

	if (x->format != XLSX_FORMAT_NUMBER && parse_f64(raw, &serial) == NUM_OK) {
		n = xlsx_date_text(serial, x->format, x->book.is_1904, text);
		if (n) {
			replace_text(x, text, n);
			add_local(x, CELL_DATE, n, false);
			return;
		}
	}
	n = xlsx_number_text(raw, text, &is_inexact);
	if (n == 0) {
		add_local(x, CELL_TEXT, raw.n, false);
		return;
	}
	replace_text(x, text, n);
	add_local(x, CELL_NUMBER, n, is_inexact);
}

/* An ISO date in the sheet: 2026-03-05T00:00:00 loses a midnight, the T becomes a blank. */
static void end_iso_date(struct xlsx *x, struct str raw)
{
	size_t n = raw.n;
	char *p = x->text + x->start;

	if (n > 11 && p[10] == 'T') {
		p[10] = ' ';
		n = MIN(n, 19);
		if (n == 19 && memcmp(p + 11, "00:00:00", 8) == 0)
			n = 10;
	}
	add_local(x, CELL_DATE, n, false);
}

static void end_cell(struct xlsx_scan *scan)
{
	struct xlsx *x = scan->user;
	struct str raw = {x->text ? x->text + x->start : "", x->size - x->start};

	x->is_in_cell = x->is_text = x->is_phonetic = false;
	if (x->type != TYPE_TEXT)
		raw = str_trim(raw);
	if (raw.n == 0) {
		x->size = x->start;
		return;
	}
	if (!utf8_check(raw)) {
		fail_row(scan, ERR_REJECTED, "单元格的文字不是 UTF-8",
			"the text of a cell is not UTF-8");
		return;
	}
	if (x->type != TYPE_TEXT && raw.p != x->text + x->start) {
		memmove(x->text + x->start, raw.p, raw.n);
		raw.p = x->text + x->start;
	}
	switch (x->type) {
	case TYPE_SHARED:
		end_shared(scan, raw);
		break;
	case TYPE_NUMBER:
		end_number(x, raw);
		break;
	case TYPE_TEXT: {
		size_t n = xlsx_unescape(x->text + x->start, raw.n);
		if (n)
			add_local(x, CELL_TEXT, n, false);
		break;
	}
	case TYPE_BOOL:
		replace_text(x, raw.p[0] == '1' || raw.p[0] == 't' ? "TRUE" : "FALSE", 5);
		add_local(x, CELL_BOOL, x->text[x->start] == 'T' ? 4 : 5, false);
		break;
	case TYPE_ERROR:
		add_local(x, CELL_ERROR, raw.n, false);
		break;
	case TYPE_DATE:
		end_iso_date(x, raw);
		break;
	}
}

static void sheet_end(struct xlsx_scan *scan, const char *name)
{
	struct xlsx *x = scan->user;

	name = xlsx_local_name(name);
	if (x->is_in_cell) {
		if (name[0] == 'c' && !name[1])
			end_cell(scan);
		else if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0)
			x->is_text = false;
		else if (strcmp(name, "rPh") == 0)
			x->is_phonetic = false;
	} else if (x->is_in_row) {
		if (strcmp(name, "row") == 0) {
			x->is_in_row = false;
			if (x->count)
				xlsx_scan_pause(scan);
		}
	} else if (x->is_in_data && strcmp(name, "sheetData") == 0) {
		x->is_in_data = false;
	}
}

/* Run to the next row with something in it; x->count stays 0 at the end of the sheet. */
static enum err run_to_row(struct xlsx *x)
{
	x->count = 0;
	TRY(xlsx_scan_run(&x->scan));
	if (!x->scan.is_paused)
		x->count = 0;
	for (size_t i = 0; i < x->count; i++)
		if (x->starts[i] != NOT_LOCAL)
			x->cells[i].text.p = x->text + x->starts[i];
	return ERR_OK;
}

static enum err open_sheet(struct table_reader *reader, const struct xlsx_sheet *sheet)
{
	struct xlsx *x = reader->state;

	xlsx_scan_close(&x->scan);
	x->sheet = sheet;
	x->row = 0;
	x->is_in_data = x->is_in_row = x->is_in_cell = x->is_text = x->is_phonetic = false;
	TRY(xlsx_scan_open(&x->scan, &x->book.package, sheet->part));
	x->scan.user = x;
	x->scan.start = sheet_start;
	x->scan.end = sheet_end;
	x->scan.text = sheet_text;
	return run_to_row(x);
}

static enum err choose_sheet(struct table_reader *reader)
{
	struct xlsx *x = reader->state;
	struct ctx *cx = reader->cx;
	const struct xlsx_sheet *sheet;

	if (reader->opts.sheet.n) {
		TRY(xlsx_book_find_sheet(&x->book, reader->opts.sheet, &sheet));
		return open_sheet(reader, sheet);
	}
	for (size_t i = 0; i < x->book.sheets.count; i++) {
		if (x->book.sheets.items[i].is_hidden)
			continue;
		TRY(open_sheet(reader, &x->book.sheets.items[i]));
		if (x->count)
			return ERR_OK;
	}
	return ctx_fail(cx, ERR_REJECTED, TR(cx, "工作簿里没有数据", "the workbook holds no data"));
}

static enum err xlsx_open(struct table_reader *reader)
{
	struct xlsx *x = table_realloc(NULL, 1, sizeof *x);

	*x = (struct xlsx){
		.cell_max = reader->opts.cell_max,
		.row_max = MIN(reader->opts.row_max, (size_t)UINT32_MAX / 2),
	};
	reader->state = x;
	TRY(xlsx_book_open(&x->book, reader->cx, &reader->bytes, reader->opts.unzipped_max));
	TRY(xlsx_book_load_strings(
		&x->book, reader->opts.shared_strings_max, reader->opts.cell_max));
	TRY(choose_sheet(reader));
	x->has_row = true;
	return ERR_OK;
}

static enum err xlsx_next(struct table_reader *reader, bool *out_more)
{
	struct xlsx *x = reader->state;

	if (!x->has_row)
		TRY(run_to_row(x));
	x->has_row = false;
	reader->row = (struct table_row){x->row, 0, x->count, x->cells};
	*out_more = x->count > 0;
	return ERR_OK;
}

static void xlsx_close(struct table_reader *reader)
{
	struct xlsx *x = reader->state;

	xlsx_scan_close(&x->scan);
	xlsx_book_close(&x->book);
	free(x->cells);
	free(x->starts);
	free(x->text);
	free(x);
}

static struct str xlsx_sheet_name(const struct table_reader *reader)
{
	const struct xlsx *x = reader->state;

	return x->sheet ? x->sheet->name : STR_NONE;
}

static uint64_t xlsx_total(const struct table_reader *reader)
{
	return ((const struct xlsx *)reader->state)->scan.part.size;
}

static uint64_t xlsx_done(const struct table_reader *reader)
{
	return ((const struct xlsx *)reader->state)->scan.part.done;
}

const struct table_source xlsx_source = {
	TABLE_XLSX, xlsx_open, xlsx_next, xlsx_close, xlsx_sheet_name, xlsx_total, xlsx_done};
