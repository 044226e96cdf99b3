/*
 * Documents out, for print: text, headings and tables on A4, as DOCX or PDF. What is written goes
 * straight to the file, so a document of any length takes the memory of one table row.
 *
 *   TRY(document_open(cx, path, DOCUMENT_PDF, &(struct document_settings){.title = …}, &d));
 *   document_section(d, &(struct document_section){.is_landscape = true, .has_frame = true});
 *   document_text(d, DOCUMENT_HEADING, STR("…"));
 *   document_table_begin(d, &(struct document_table){.columns = columns, .column_count = 3});
 *   document_row(d, cells);
 *   document_table_end(d);
 *   return document_close(d);
 *
 * Calls can't fail one by one: the first error is kept and told by document_close. Text is UTF-8
 * and always text: characters that a document can't hold (control characters, those that turn
 * the direction of what follows) are left out, "\n" begins a new line. The same calls with the
 * same settings give the same bytes on one machine; a PDF holds the fonts it uses, a DOCX names
 * those usual in official documents (GB/T 9704-2012: margins, sizes and kinds of letters) with
 * substitutes.
 */
#pragma once

#include "base/err.h"

enum document_format { DOCUMENT_DOCX, DOCUMENT_PDF };

struct document;

struct document_settings {
	struct str title;   /* of the file, and shown by readers */
	struct str running; /* above each page of a section that has a frame */
	struct str mark;    /* stands in red beside it; empty: none */
	int64_t made_at_us; /* UTC; written into the file */
};

/* Pages of one kind; what follows begins on a new page. */
struct document_section {
	bool is_landscape;
	bool has_frame; /* line above and page number below; numbers begin at 1 in the first */
};

enum document_style {
	DOCUMENT_TITLE,      /* large, centred */
	DOCUMENT_SUBTITLE,   /* centred */
	DOCUMENT_MARK,       /* red, centred */
	DOCUMENT_FIELD,      /* a line of a title page, in its middle */
	DOCUMENT_HEADING,    /* 一、 also in the outline; stays with what follows */
	DOCUMENT_SUBHEADING, /* （一） likewise */
	DOCUMENT_BODY,       /* first line two characters in */
	DOCUMENT_NOTE,       /* small */
	DOCUMENT_GAP,        /* an empty line */
	DOCUMENT_STYLES,
};

enum document_align { DOCUMENT_LEFT, DOCUMENT_CENTER, DOCUMENT_RIGHT };

struct document_column {
	struct str title;
	double width; /* share of the page: in proportion to the other columns' */
	enum document_align align;
};

struct document_table {
	const struct document_column *columns; /* must live until the table's end */
	size_t column_count;
	bool is_dense; /* small letters: many columns */
};

#define DOCUMENT_COLUMNS_MAX 40

struct document_cell {
	struct str text;
	bool is_bad;  /* red and bold */
	bool is_soft; /* grey */
};

/*
 * The file at path is made; what stood there is replaced on close, and only when all went well.
 * Released with cx->mem. Fails: IO (also: no font for Chinese on this machine, PDF).
 */
MUST_CHECK enum err document_open(struct ctx *cx, const char *path, enum document_format format,
	const struct document_settings *settings, struct document **out);
/* Before anything else at least one section is begun. */
void document_section(struct document *d, const struct document_section *section);
void document_text(struct document *d, enum document_style style, struct str text);
/* The titles are the header row, repeated on each page. */
void document_table_begin(struct document *d, const struct document_table *table);
/* column_count cells. A row is not parted between pages unless it is higher than a page. */
void document_row(struct document *d, const struct document_cell *cells);
/* One cell over all columns, the title of the rows that follow; stays with the first of them. */
void document_band(struct document *d, struct str text);
void document_table_end(struct document *d);
/* Write the file. Fails: IO. */
MUST_CHECK enum err document_close(struct document *d);
