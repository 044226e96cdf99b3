/*
 * Tables that people hand in: CSV and XLSX behind one streaming interface. One row at a time,
 * in the order of the file; memory does not grow with the number of rows (a workbook's shared
 * strings are held, compact, up to a limit).
 *
 *   TRY(table_reader_open(cx, path, NULL, &reader));
 *   while ((e = table_reader_next(reader, &row)) == ERR_OK && row)
 *           for (size_t i = 0; i < row->count; i++)
 *                   use(row->number, row->cells[i].column, row->cells[i].text);
 *
 * The kind of file is told from its first bytes, never from its name. What is not read (.xls,
 * macro workbooks, web pages saved as .xls, encrypted and damaged files) is refused with what
 * the user can do about it.
 *
 * Only cells with something in them are given, ascending by column; rows without any are left
 * out, so that formatted but empty ranges cost nothing: row->number tells where a row stands.
 * Cells that hold nothing but formatting are empty; blanks a user typed are text.
 */
#pragma once

#include "base/err.h"

enum table_kind { TABLE_CSV, TABLE_XLSX };

enum cell_kind {
	CELL_EMPTY,  /* only from table_row_cell(), for a cell that is not there */
	CELL_TEXT,   /* every cell of a CSV file is text */
	CELL_NUMBER, /* text is decimal, at most 15 significant digits: 1234.5, -0.3, 1.2e+30 */
	CELL_BOOL,   /* text is TRUE or FALSE */
	CELL_DATE,   /* text is 2026-03-05, 2026-03-05 08:30:00, or 08:30:00 (a time or duration) */
	CELL_ERROR,  /* a formula that failed; text is #REF! and the like */
};

struct table_cell {
	struct str text; /* UTF-8; lives until the next table_reader_next */
	uint32_t column; /* from 0 */
	enum cell_kind kind;
	/* A number of more than 15 digits: the workbook itself has lost some of them. An id in
	   such a cell must be refused, not rounded. */
	bool is_inexact;
};

struct table_row {
	uint32_t number; /* from 1, as a spreadsheet program shows it */
	uint64_t line;   /* of the file, from 1 (CSV); 0 for a workbook */
	size_t count;    /* never 0 */
	const struct table_cell *cells;
};

/* Limits; 0 takes the default. They bound memory and time for hostile files. */
struct table_options {
	struct str sheet;            /* by name; empty: the first visible sheet with rows */
	char separator;              /* of CSV; 0: comma, tab or semicolon, from line 1 */
	size_t cell_max;             /* bytes of text; 256 KiB */
	size_t row_max;              /* bytes of text of all cells; 8 MiB */
	uint64_t unzipped_max;       /* bytes of all parts read of a workbook; 8 GiB */
	uint64_t shared_strings_max; /* bytes of that part, uncompressed; 512 MiB */
};

#define TABLE_ROWS_MAX    1048576u /* of a workbook; CSV has no limit but 2^32 - 1 */
#define TABLE_COLUMNS_MAX 16384u

struct table_reader;

/*
 * Open the file at path. opts may be NULL. The reader is released with cx->mem, or earlier by
 * table_reader_close.
 * Fails: IO (cannot be read), UNSUPPORTED (another kind of file), REJECTED (damaged, encrypted,
 * empty, no such sheet: the message lists those there are), TOO_LARGE (over a limit).
 */
MUST_CHECK enum err table_reader_open(struct ctx *cx, const char *path,
	const struct table_options *opts, struct table_reader **out);
/* The same for bytes in memory, which must outlive the reader. */
MUST_CHECK enum err table_reader_open_bytes(struct ctx *cx, struct str bytes,
	const struct table_options *opts, struct table_reader **out);
/*
 * The next row, or NULL in *out at the end. After a failure the reader is done for.
 * Fails: IO, REJECTED (malformed: the message names line, or sheet and row), TOO_LARGE.
 */
MUST_CHECK enum err table_reader_next(struct table_reader *reader, const struct table_row **out);
/* Releases memory and file. NULL is fine. */
void table_reader_close(struct table_reader *reader);

enum table_kind table_reader_kind(const struct table_reader *reader);
/* The name of the sheet that is read; empty for CSV. Lives as long as the reader. */
struct str table_reader_sheet(const struct table_reader *reader);
/* What was read and how much there is, in bytes of the file (CSV) or of the sheet. */
void table_reader_progress(
	const struct table_reader *reader, uint64_t *out_done, uint64_t *out_total);

/* The cell of a column; one of kind CELL_EMPTY when there is nothing in it. Constant time for
   rows without holes. */
const struct table_cell *table_row_cell(const struct table_row *row, uint32_t column);

/* "C12" for row 12, column 2; row 0 gives the column alone, "C". Returns buf. */
#define TABLE_CELL_NAME_MAX 20
char *table_reader_cell_name(uint32_t row, uint32_t column, char buf[TABLE_CELL_NAME_MAX]);
