/*
 * The user's own workbook back, with what is wrong marked in it: red cells, comments, a column
 * of problems with a filter. Everything else (formats, widths, formulas, other sheets) is copied
 * as it was, part by part.
 */
#pragma once

#include "base/err.h"

#define XLSX_MARK_ROW UINT32_MAX

struct xlsx_mark {
	uint32_t row;    /* from 1 */
	uint32_t column; /* from 0; XLSX_MARK_ROW when the whole row is meant */
	struct str text;
};

struct xlsx_annotation {
	struct str sheet; /* by name, as table_reader_sheet() tells it */
	/* Ascending by row, then column; several on one cell are shown together. */
	const struct xlsx_mark *marks;
	size_t mark_count;
	/*
	 * Where the column of problems goes: behind all columns in use. With its title in
	 * header_row (from 1; 0: no such column, no filter), filtered down to last_row.
	 */
	uint32_t header_row, problem_column, last_row;
	struct str problem_title;
	size_t comments_max; /* 0: 1,000; cells beyond are red without a comment */
};

/*
 * Read the workbook at in_path and write the marked one to out_path, replacing it. Time and
 * memory as for reading; the sheet is on disk in between.
 * Fails: as table_reader_open; REJECTED (no such sheet); UNSUPPORTED (a part is not UTF-8: write
 * a fresh workbook of the bad rows with xlsx_write.h instead); IO.
 */
MUST_CHECK enum err xlsx_annotate(struct ctx *cx, const char *in_path, const char *out_path,
	const struct xlsx_annotation *annotation);
