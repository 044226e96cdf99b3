/* What the writers of the formats share with document.c. Internal to wire/. */
#pragma once

#include "wire/document.h"

/* A writer of one format. Texts come cleaned; `scratch` is emptied after each call. */
struct document_writer {
	void (*section)(struct document *d, const struct document_section *section);
	void (*text)(struct document *d, enum document_style style, struct str text);
	void (*table_begin)(struct document *d);
	void (*row)(struct document *d, const struct document_cell *cells);
	void (*band)(struct document *d, struct str text);
	void (*table_end)(struct document *d);
	enum err (*close)(
		struct document *d);         /* when no error is kept; else only release follows */
	void (*release)(struct document *d); /* after close, or without; once */
};

/* How a style looks; one table for both formats, so that they look alike. */
struct document_look {
	const char *name; /* of the style in DOCX */
	const char *docx_font, *docx_substitute;
	const char *pdf_font; /* families in order of preference */
	double size_pt, line_pt, before_pt, after_pt;
	enum document_align align;
	bool is_bold, is_red, is_indented, stays_with_next;
	int level; /* of the outline, 1..; 0: none */
};
extern const struct document_look document_looks[DOCUMENT_STYLES];

/* Points. A4, the margins of GB/T 9704-2012 (37, 26, 35 and 28 mm); lying ones have less. */
struct document_page {
	double width, height, top, right, bottom, left;
};
struct document_page document_page_of(bool is_landscape);

#define DOCUMENT_TABLE_PT         10.5
#define DOCUMENT_DENSE_PT         9.0
#define DOCUMENT_CELL_PAD         3.0 /* left and right in a cell, points */
#define DOCUMENT_TABLE_DOCX_FONT  "宋体"
#define DOCUMENT_TABLE_PDF_FONT   "Noto Serif CJK SC,SimSun,serif"
#define DOCUMENT_HEADER_DOCX_FONT "黑体"
#define DOCUMENT_HEADER_PDF_FONT  "Noto Sans CJK SC,SimHei,sans-serif"

struct document {
	struct ctx *cx;
	const char *path;
	struct document_settings settings;
	const struct document_writer *writer;
	void *own; /* the writer's */
	struct arena *scratch;
	struct document_section section;
	bool has_section;
	struct document_table table; /* while one is written */
	bool has_table;
	enum err error;
	bool is_closed;
};

/* Share of the page of a column, of `width`. */
double document_column_width(const struct document *d, size_t column, double width);
void document_keep_error(struct document *d, enum err e);

MUST_CHECK enum err docx_writer_open(struct document *d);
MUST_CHECK enum err pdf_writer_open(struct document *d);
