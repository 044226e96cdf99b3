/*
 * What the two files that write PDF share: pages and text, and the tables on them. Internal to
 * wire/.
 */
#pragma once

#include "wire/document_internal.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#define PDF_LINE_PT  0.5  /* of the grid */
#define PDF_BAND_MAX 1000 /* bytes of a band's title */

/* A font and its size, made once. */
enum pdf_face {
	PDF_FACE_CELL,
	PDF_FACE_CELL_DENSE,
	PDF_FACE_HEADER,
	PDF_FACE_HEADER_DENSE,
	PDF_FACE_FRAME,
	PDF_FACE_NUMBER
};
#define PDF_FACES (PDF_FACE_NUMBER + 1)

struct pdf {
	char *part; /* the file while it is made */
	FILE *file;
	cairo_surface_t *surface;
	cairo_t *cr;
	PangoFontMap *fonts;
	PangoContext *context;
	PangoFontDescription *styles[DOCUMENT_STYLES], *faces[PDF_FACES];
	struct document_page page;
	double y;    /* top of what comes next */
	bool is_new; /* nothing stands on the page but its frame and a header row */
	int page_count, number;
	int outline; /* the last heading of level 1 */
	char band[PDF_BAND_MAX];
	size_t band_size; /* a band waits for its first row; 0: none */
};

/* Points: where the text of a page ends, and how wide it is. */
double pdf_bottom(const struct pdf *x);
double pdf_width(const struct pdf *x);
/* Text wrapped at a width; the caller unrefs it. */
PangoLayout *pdf_lay_out(struct pdf *x, const PangoFontDescription *font, struct str text,
	double width, enum document_align align);
double pdf_line_height(PangoLayoutIter *iter);
/* One line, its left end at left and its top at y. */
void pdf_show_line(struct pdf *x, PangoLayoutIter *iter, double left, double y);
void pdf_black(struct pdf *x);
void pdf_red(struct pdf *x);
/* The page is full: on with the next of its section. */
void pdf_next_page(struct document *d);

/* Of the document_writer. */
void pdf_table_begin(struct document *d);
void pdf_row(struct document *d, const struct document_cell *cells);
void pdf_band(struct document *d, struct str text);
void pdf_table_end(struct document *d);
