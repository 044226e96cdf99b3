/*
 * The sheet's XML with red cells and the column of problems. Rows without marks pass through
 * untouched; in a marked row the cells that are missing are put where they belong.
 */
#include "wire/xlsx_annotate_parts.h"

#include "base/num.h"

struct walk {
	struct xml_edit *edit;
	struct sheet_annotation *sheet;
	struct arena *mem;
	size_t mark; /* the next one not yet written */
	uint32_t row, column;
	uint32_t header_style; /* of the last cell of the header row */
	bool is_in_data, is_marked_row, was_empty_row, is_problem_written;
	bool has_cols, is_data_done, has_filter, has_drawing;
	uint32_t cols_end; /* columns that <cols> describes */
};

static bool wants_problem(const struct walk *w)
{
	return w->sheet->what->header_row > 0;
}

/* Texts of the marks of the row, or of one cell, joined. */
static void put_texts(struct walk *w, size_t from)
{
	const struct xlsx_annotation *what = w->sheet->what;
	char name[TABLE_CELL_NAME_MAX];

	for (size_t i = from; i < what->mark_count && what->marks[i].row == w->row; i++) {
		if (i > from)
			xml_edit_put(w->edit, "%s", TR(w->edit->cx, "；", "; "));
		if (what->marks[i].column < what->problem_column)
			xml_edit_put(w->edit, "%s%s",
				table_reader_cell_name(0, what->marks[i].column, name),
				TR(w->edit->cx, "列：", ": "));
		xml_edit_put_text(w->edit, what->marks[i].text);
	}
}

static size_t first_mark_of_row(const struct walk *w)
{
	size_t i = w->mark;

	while (i > 0 && w->sheet->what->marks[i - 1].row == w->row)
		i--;
	return i;
}

static void put_problem_cell(struct walk *w)
{
	struct xml_edit *edit = w->edit;
	const struct xlsx_annotation *what = w->sheet->what;
	const char *p = edit->prefix;
	size_t first = first_mark_of_row(w);
	bool is_header = w->row == what->header_row;
	bool has_marks = first < what->mark_count && what->marks[first].row == w->row;
	char name[TABLE_CELL_NAME_MAX];

	if (w->is_problem_written || !wants_problem(w) || (!is_header && !has_marks))
		return;
	w->is_problem_written = true;
	xml_edit_put(edit, "<%sc r=\"%s\"", p,
		table_reader_cell_name(w->row, what->problem_column, name));
	if (is_header && w->header_style)
		xml_edit_put(edit, " s=\"%u\"", w->header_style);
	else if (!is_header && w->sheet->reds->is_possible)
		xml_edit_put(edit, " s=\"%u\"", red_style_of(w->sheet->reds, 0));
	xml_edit_put(edit, " t=\"inlineStr\"><%sis><%st xml:space=\"preserve\">", p, p);
	if (is_header) {
		xml_edit_put_text(edit, what->problem_title);
		if (has_marks)
			xml_edit_put(edit, "%s", TR(edit->cx, "：", ": "));
	}
	put_texts(w, first);
	xml_edit_put(edit, "</%st></%sis></%sc>", p, p, p);
}

/* Marked cells left of column (of the row at hand) that are not in the file. */
static void put_missing_cells(struct walk *w, uint32_t column)
{
	const struct xlsx_annotation *what = w->sheet->what;
	char name[TABLE_CELL_NAME_MAX];

	while (w->mark < what->mark_count && what->marks[w->mark].row == w->row &&
		what->marks[w->mark].column < column) {
		uint32_t at = what->marks[w->mark].column;
		if (at < TABLE_COLUMNS_MAX && w->sheet->reds->is_possible)
			xml_edit_put(w->edit, "<%sc r=\"%s\" s=\"%u\"/>", w->edit->prefix,
				table_reader_cell_name(w->row, at, name),
				red_style_of(w->sheet->reds, 0));
		while (w->mark < what->mark_count && what->marks[w->mark].row == w->row &&
			what->marks[w->mark].column == at)
			w->mark++;
	}
}

static void finish_row(struct walk *w)
{
	const struct xlsx_annotation *what = w->sheet->what;

	put_missing_cells(w, wants_problem(w) ? what->problem_column : XLSX_MARK_ROW);
	put_problem_cell(w);
	while (w->mark < what->mark_count && what->marks[w->mark].row == w->row)
		w->mark++;
}

/* Marked rows before row `end` that the file does not have. */
static void put_missing_rows(struct walk *w, uint32_t end)
{
	const struct xlsx_annotation *what = w->sheet->what;

	while (w->mark < what->mark_count && what->marks[w->mark].row < end) {
		w->row = what->marks[w->mark].row;
		w->is_problem_written = false;
		xml_edit_put(w->edit, "<%srow r=\"%u\">", w->edit->prefix, w->row);
		finish_row(w);
		xml_edit_put(w->edit, "</%srow>", w->edit->prefix);
	}
}

static void start_row(struct walk *w, const XML_Char **attributes)
{
	struct xml_edit *edit = w->edit;
	const struct xlsx_annotation *what = w->sheet->what;
	const char *r = xlsx_attribute(attributes, "r");
	int64_t number = (int64_t)w->row + 1;
	struct str tag;

	if (r && (parse_i64(str_from(r), w->row + 1, TABLE_ROWS_MAX, &number) != NUM_OK)) {
		xml_edit_fail(edit, ctx_fail(edit->cx, ERR_REJECTED,
					    TR(edit->cx, "行的次序不对", "rows out of order")));
		return;
	}
	xml_edit_reach(edit);
	put_missing_rows(w, (uint32_t)number);
	w->row = (uint32_t)number;
	w->column = 0;
	w->is_problem_written = false;
	w->is_marked_row = w->row == what->header_row ||
			   (w->mark < what->mark_count && what->marks[w->mark].row == w->row);
	w->was_empty_row = xml_edit_is_empty_tag(edit);
	if (!w->is_marked_row)
		return;
	/* spans is a hint that would no longer be true. */
	tag = xml_tag_set(w->mem, xml_edit_tag(edit), "spans", NULL);
	if (w->was_empty_row)
		tag = str_printf(w->mem, STR_FMT ">", STR_ARG(str_sub(tag, 0, tag.n - 2)));
	xml_edit_replace(edit, tag);
}

static void end_row(struct walk *w)
{
	if (!w->is_marked_row)
		return;
	xml_edit_reach(w->edit);
	finish_row(w);
	if (w->was_empty_row)
		xml_edit_put(w->edit, "</%srow>", w->edit->prefix);
	w->is_marked_row = false;
}

static uint32_t style_of(const XML_Char **attributes)
{
	const char *s = xlsx_attribute(attributes, "s");
	int64_t style = 0;

	return s && parse_i64(str_from(s), 0, UINT16_MAX, &style) == NUM_OK ? (uint32_t)style : 0;
}

static void start_cell(struct walk *w, const XML_Char **attributes)
{
	struct xml_edit *edit = w->edit;
	const struct xlsx_annotation *what = w->sheet->what;
	const char *ref = xlsx_attribute(attributes, "r");
	uint32_t row, column = w->column;
	char style[16];

	if (ref && (!xlsx_parse_ref(ref, &row, &column) || column < w->column)) {
		xml_edit_fail(
			edit, ctx_fail(edit->cx, ERR_REJECTED,
				      TR(edit->cx, "单元格的次序不对", "cells out of order")));
		return;
	}
	w->column = column + 1;
	if (!w->is_marked_row)
		return;
	xml_edit_reach(edit);
	put_missing_cells(w, column);
	if (wants_problem(w) && column >= what->problem_column) {
		put_problem_cell(w);
		/* Empty by contract, perhaps formatted: the new cell stands there now. */
		if (column == what->problem_column && w->is_problem_written)
			edit->is_dropping = true;
		return;
	}
	if (w->row == what->header_row)
		w->header_style = style_of(attributes);
	if (w->mark < what->mark_count && what->marks[w->mark].row == w->row &&
		what->marks[w->mark].column == column) {
		if (w->sheet->reds->is_possible) {
			snprintf(style, sizeof style, "%u",
				red_style_of(w->sheet->reds, style_of(attributes)));
			xml_edit_replace(edit, xml_tag_set(w->mem, xml_edit_tag(edit), "s", style));
		}
		while (w->mark < what->mark_count && what->marks[w->mark].row == w->row &&
			what->marks[w->mark].column == column)
			w->mark++;
	}
}

/* "A1:N100" reaching to the column of problems and row last; NULL when ref is none. */
static char *widen_ref(struct walk *w, const char *ref, uint32_t last)
{
	const struct xlsx_annotation *what = w->sheet->what;
	const char *colon = ref ? strchr(ref, ':') : NULL;
	uint32_t row1, column1, row2, column2;
	char from[TABLE_CELL_NAME_MAX], to[TABLE_CELL_NAME_MAX];

	if (!colon ||
		!xlsx_parse_ref(arena_strn(w->mem, ref, (size_t)(colon - ref)), &row1, &column1) ||
		!xlsx_parse_ref(colon + 1, &row2, &column2) || row1 == 0 || row2 == 0)
		return NULL;
	return arena_printf(w->mem, "%s:%s", table_reader_cell_name(row1, column1, from),
		table_reader_cell_name(MAX(row2, last), MAX(column2, what->problem_column), to));
}

static void put_filter(struct walk *w)
{
	const struct xlsx_annotation *what = w->sheet->what;
	char from[TABLE_CELL_NAME_MAX], to[TABLE_CELL_NAME_MAX];

	w->has_filter = true;
	xml_edit_put(w->edit, "<%sautoFilter ref=\"%s:%s\"/>", w->edit->prefix,
		table_reader_cell_name(what->header_row, 0, from),
		table_reader_cell_name(
			MAX(what->last_row, what->header_row), what->problem_column, to));
}

static void put_drawing(struct walk *w)
{
	w->has_drawing = true;
	xml_edit_put(w->edit, "<%slegacyDrawing xmlns:r=\"%s\" r:id=\"%s\"/>", w->edit->prefix,
		w->edit->is_strict ? "http://purl.oclc.org/ooxml/officeDocument/relationships"
				   : "http://schemas.openxmlformats.org/officeDocument/2006/"
				     "relationships",
		w->sheet->new_drawing_id);
}

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Elements of a sheet have a fixed order: what stands behind the place of ours comes now. */
static void put_before_followers(struct walk *w, const char *name)
{
	static const char *const before_filter[] = {
		"sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios"};
	static const char *const behind_drawing[] = {"legacyDrawingHF", "drawingHF", "picture",
		"oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
		"AlternateContent"};

	xml_edit_reach(w->edit);
	if (wants_problem(w) && !w->has_filter && !w->sheet->has_table &&
		!is_one_of(name, before_filter, ARRAY_LEN(before_filter)))
		put_filter(w);
	if (w->sheet->wants_drawing && !w->has_drawing &&
		(name[0] == '\0' || is_one_of(name, behind_drawing, ARRAY_LEN(behind_drawing))))
		put_drawing(w);
}

static void start_behind_data(struct walk *w, const char *name, const XML_Char **attributes)
{
	struct xml_edit *edit = w->edit;

	if (strcmp(name, "autoFilter") == 0) {
		char *ref =
			widen_ref(w, xlsx_attribute(attributes, "ref"), w->sheet->what->last_row);
		w->has_filter = true;
		if (ref && wants_problem(w))
			xml_edit_replace(edit, xml_tag_set(w->mem, xml_edit_tag(edit), "ref", ref));
		return;
	}
	if (strcmp(name, "legacyDrawing") == 0) {
		w->has_drawing = true;
		w->sheet->drawing_id = str_copy(w->mem, str_from(xlsx_attribute(attributes, "id")));
	}
	put_before_followers(w, name);
}

static void put_col(struct walk *w)
{
	uint32_t number = w->sheet->what->problem_column + 1;

	if (number > w->cols_end)
		xml_edit_put(w->edit,
			"<%scol min=\"%u\" max=\"%u\" width=\"50\" customWidth=\"1\"/>",
			w->edit->prefix, number, number);
}

static void start_before_data(struct walk *w, const char *name, const XML_Char **attributes)
{
	struct xml_edit *edit = w->edit;
	char *ref;

	if (!wants_problem(w))
		return;
	if (strcmp(name, "dimension") == 0) {
		ref = widen_ref(w, xlsx_attribute(attributes, "ref"), 1);
		if (ref)
			xml_edit_replace(edit, xml_tag_set(w->mem, xml_edit_tag(edit), "ref", ref));
	} else if (strcmp(name, "cols") == 0) {
		w->has_cols = true;
	} else if (strcmp(name, "sheetData") == 0 && !w->has_cols) {
		xml_edit_reach(edit);
		xml_edit_put(edit, "<%scols>", edit->prefix);
		put_col(w);
		xml_edit_put(edit, "</%scols>", edit->prefix);
	}
}

static void on_start(struct xml_edit *edit, const char *name, const XML_Char **attributes)
{
	struct walk *w = edit->user;
	const char *max;
	int64_t end;

	if (edit->depth == 2 && !w->is_data_done) {
		start_before_data(w, name, attributes);
		w->is_in_data = strcmp(name, "sheetData") == 0;
	} else if (edit->depth == 2) {
		start_behind_data(w, name, attributes);
	} else if (edit->depth == 3 && w->is_in_data && strcmp(name, "row") == 0) {
		start_row(w, attributes);
	} else if (edit->depth == 4 && w->is_in_data && strcmp(name, "c") == 0) {
		start_cell(w, attributes);
	} else if (edit->depth == 3 && strcmp(name, "col") == 0) {
		max = xlsx_attribute(attributes, "max");
		if (max && parse_i64(str_from(max), 1, TABLE_COLUMNS_MAX, &end) == NUM_OK)
			w->cols_end = MAX(w->cols_end, (uint32_t)end);
	}
}

static void on_end(struct xml_edit *edit, const char *name)
{
	struct walk *w = edit->user;

	if (w->is_in_data && edit->depth == 4 && edit->is_dropping) {
		xml_edit_drop(edit);
		edit->is_dropping = false;
	} else if (w->is_in_data && edit->depth == 3 && strcmp(name, "row") == 0) {
		end_row(w);
	} else if (w->is_in_data && edit->depth == 2) {
		w->is_in_data = false;
		w->is_data_done = true;
		/* Behind <sheetData/> there is nothing to put rows into. */
		if (w->row > 0) {
			xml_edit_reach(edit);
			put_missing_rows(w, UINT32_MAX);
		}
	} else if (edit->depth == 2 && strcmp(name, "cols") == 0 && wants_problem(w)) {
		xml_edit_reach(edit);
		put_col(w);
	} else if (edit->depth == 1 && w->is_data_done) {
		put_before_followers(w, "");
	}
}

enum err sheet_annotate(
	struct sheet_annotation *sheet, struct xlsx_book *book, struct str part, FILE *file)
{
	struct strbuf out;
	struct xml_edit edit = {.cx = book->package.cx,
		.out = &out,
		.file = file,
		.start = on_start,
		.end = on_end};
	struct walk walk = {.edit = &edit, .sheet = sheet, .mem = book->mem};
	enum err e;

	strbuf_init(&out, STRBUF_MAX);
	edit.user = &walk;
	e = xml_edit_run(&edit, &book->package, part);
	sheet->is_strict = edit.is_strict;
	strbuf_release(&out);
	return e;
}
