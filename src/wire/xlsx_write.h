/*
 * Workbooks out, in constant memory: sheets one after another, rows from the top, cells from the
 * left (columns may be skipped, not gone back to). For exports, templates and rejects.
 *
 *   TRY(xlsx_writer_open(cx, path, &w));
 *   xlsx_sheet_begin(w, &(struct xlsx_sheet_settings){.name = STR("学校"), .freeze_rows = 1});
 *   xlsx_column_set(w, 0, &(struct xlsx_column){.width = 14, .style = {.kind = XLSX_TEXT}});
 *   xlsx_row_begin(w);
 *   xlsx_put_text(w, 0, STR("学校标识码"), (struct xlsx_style){.is_header = true});
 *   return xlsx_writer_close(w);
 *
 * Calls can't fail one by one: the first error is kept and told by xlsx_writer_close. Text is
 * always text: "=1+1" and "007" stay what they are. Comments and drop-downs are kept in memory
 * until the end (about 1 KB each); everything else is on disk.
 */
#pragma once

#include "base/date.h"
#include "base/err.h"

struct xlsx_writer;

enum xlsx_kind {
	XLSX_GENERAL,
	XLSX_TEXT, /* number format @: what is typed stays as it is, zeros in front too */
	XLSX_INTEGER,
	XLSX_DECIMAL, /* `decimals` places */
	XLSX_DATE,    /* yyyy-mm-dd */
};

/* How a cell looks. Equal styles share one format; there may be up to 64 in a workbook. */
struct xlsx_style {
	enum xlsx_kind kind;
	uint8_t decimals; /* of XLSX_DECIMAL, 0..9 */
	bool is_header;   /* bold on grey, centred, wrapped */
	bool is_bad;      /* red fill */
	bool is_hint;     /* grey italics */
	bool is_unlocked; /* may be edited in a protected sheet */
};

struct xlsx_sheet_settings {
	struct str name; /* at most 31 characters, none of []:*?/\ */
	uint32_t freeze_rows, freeze_columns;
	bool is_hidden;
	/* Cells can't be edited but those of an unlocked style. No password: against slips only. */
	bool is_protected;
};

struct xlsx_column {
	double width;            /* in characters; 0: the default */
	struct xlsx_style style; /* of cells that are not written */
};

/* What may be typed into the cells of a column, from first_row to last_row (from 1). */
struct xlsx_input {
	uint32_t first_row, last_row;
	const struct str *choices; /* a drop-down; long lists go to a hidden sheet by themselves */
	size_t choice_count;
	/* Shown when the cell is chosen; cut to 32 and 255 characters. Either may be empty. */
	struct str title, message;
	/* Without choices: a whole number or decimal within, when has_range is set. */
	bool has_range, is_integer;
	double minimum, maximum;
	bool is_only_warning; /* other values can be typed after a warning */
};

/* The file at path is made now and filled on close. Released with cx->mem. Fails: IO. */
MUST_CHECK enum err xlsx_writer_open(struct ctx *cx, const char *path, struct xlsx_writer **out);
void xlsx_sheet_begin(struct xlsx_writer *w, const struct xlsx_sheet_settings *settings);
/* Before the first row of the sheet. */
void xlsx_column_set(struct xlsx_writer *w, uint32_t column, const struct xlsx_column *settings);
void xlsx_input_set(struct xlsx_writer *w, uint32_t column, const struct xlsx_input *input);
/* A filter over the columns from..to, its arrows in header_row (from 1), down to last_row. */
void xlsx_filter_set(
	struct xlsx_writer *w, uint32_t header_row, uint32_t last_row, uint32_t from, uint32_t to);

/* The next row; returns its number, from 1. */
uint32_t xlsx_row_begin(struct xlsx_writer *w);
void xlsx_put_text(
	struct xlsx_writer *w, uint32_t column, struct str text, struct xlsx_style style);
/* Decimal text, such as "-12.50". Over 15 digits, or no number: written as text, lossless. */
void xlsx_put_number(
	struct xlsx_writer *w, uint32_t column, struct str decimal, struct xlsx_style style);
/* DATE_NONE and days before 1900 can't be written as dates: empty, or text. */
void xlsx_put_date(
	struct xlsx_writer *w, uint32_t column, struct date date, struct xlsx_style style);
void xlsx_put_empty(struct xlsx_writer *w, uint32_t column, struct xlsx_style style);
/* A comment on a cell of this row; cut to 1,000 characters. */
void xlsx_put_comment(struct xlsx_writer *w, uint32_t column, struct str text);

/*
 * Write the file. Fails: IO; TOO_LARGE (over 1,048,576 rows or a text over 32,767 characters);
 * INVALID (a sheet name that can't be, or rows and columns gone back to).
 */
MUST_CHECK enum err xlsx_writer_close(struct xlsx_writer *w);
