/* Tables of a PDF: rows are measured, kept whole where they can be, and parted where not. */
#include "wire/pdf_internal.h"

#define PAD_Y 2.5 /* above and below in a cell */

/* A row on its way to the page: each cell is a layout and the line that comes next. */
struct cell_lines {
	PangoLayout *layout;
	PangoLayoutIter *iter;
	bool is_done, is_bad, is_soft;
	double left, width, height; /* height of all its lines */
};

struct row {
	struct cell_lines cells[DOCUMENT_COLUMNS_MAX];
	size_t count;
	double height, fill; /* fill: grey behind it, 0 black to 1 none */
};

static void make_bold(PangoLayout *layout)
{
	PangoAttrList *attributes = pango_attr_list_copy(pango_layout_get_attributes(layout));

	pango_attr_list_insert(attributes, pango_attr_weight_new(PANGO_WEIGHT_BOLD));
	pango_layout_set_attributes(layout, attributes);
	pango_attr_list_unref(attributes);
}

static void row_cell(struct document *d, struct row *row, const PangoFontDescription *font,
	struct str text, double left, double width, enum document_align align, bool is_bold)
{
	struct pdf *x = d->own;
	struct cell_lines *cell = &row->cells[row->count++];
	int w, h;

	*cell = (struct cell_lines){.left = left, .width = width};
	cell->layout = pdf_lay_out(x, font, text, width - 2 * DOCUMENT_CELL_PAD, align);
	if (is_bold)
		make_bold(cell->layout);
	cell->iter = pango_layout_get_iter(cell->layout);
	pango_layout_get_size(cell->layout, &w, &h);
	cell->height = (double)h / PANGO_SCALE;
	row->height = MAX(row->height, cell->height + 2 * PAD_Y);
}

static void row_release(struct row *row)
{
	for (size_t c = 0; c < row->count; c++) {
		pango_layout_iter_free(row->cells[c].iter);
		g_object_unref(row->cells[c].layout);
	}
}

static void header_row(struct document *d, struct row *row)
{
	struct pdf *x = d->own;
	double left = x->page.left;

	*row = (struct row){.fill = 0.93};
	for (size_t c = 0; c < d->table.column_count; c++) {
		double width = document_column_width(d, c, pdf_width(x));
		row_cell(d, row,
			x->faces[d->table.is_dense ? PDF_FACE_HEADER_DENSE : PDF_FACE_HEADER],
			d->table.columns[c].title, left, width, DOCUMENT_CENTER, false);
		left += width;
	}
}

/* The lines of one cell that fit below y into `height`; at least one, so that there is an end. */
static double draw_lines(struct pdf *x, struct cell_lines *cell, double y, double height)
{
	double used = 0;

	if (cell->is_bad)
		pdf_red(x);
	else if (cell->is_soft)
		cairo_set_source_rgb(x->cr, 0.4, 0.4, 0.4);
	else
		pdf_black(x);
	while (!cell->is_done) {
		double line = pdf_line_height(cell->iter);
		if (used > 0 && used + line > height + 0.01)
			break;
		pdf_show_line(x, cell->iter, cell->left + DOCUMENT_CELL_PAD, y + used);
		used += line;
		cell->is_done = !pango_layout_iter_next_line(cell->iter);
	}
	return used;
}

static void draw_grid(struct pdf *x, const struct row *row, double height)
{
	pdf_black(x);
	cairo_set_line_width(x->cr, PDF_LINE_PT);
	for (size_t c = 0; c < row->count; c++)
		cairo_rectangle(x->cr, row->cells[c].left, x->y, row->cells[c].width, height);
	cairo_stroke(x->cr);
}

static void draw_fill(struct pdf *x, const struct row *row, double height)
{
	if (row->fill >= 1)
		return;
	cairo_set_source_rgb(x->cr, row->fill, row->fill, row->fill);
	cairo_rectangle(x->cr, x->page.left, x->y, pdf_width(x), height);
	cairo_fill(x->cr);
}

static void draw_whole(struct pdf *x, struct row *row)
{
	draw_fill(x, row, row->height);
	for (size_t c = 0; c < row->count; c++) {
		struct cell_lines *cell = &row->cells[c];
		draw_lines(x, cell, x->y + (row->height - cell->height) / 2, row->height);
	}
	draw_grid(x, row, row->height);
	x->y += row->height;
}

static bool is_row_done(const struct row *row)
{
	for (size_t c = 0; c < row->count; c++)
		if (!row->cells[c].is_done)
			return false;
	return true;
}

static void draw_header(struct document *d)
{
	struct row header;

	header_row(d, &header);
	draw_whole(d->own, &header);
	row_release(&header);
}

static void next_table_page(struct document *d)
{
	pdf_next_page(d);
	draw_header(d);
}

/* A row higher than a page: as many lines as there is room for, the rest on the next page. */
static void draw_parts(struct document *d, struct row *row)
{
	struct pdf *x = d->own;

	while (!is_row_done(row)) {
		double room = pdf_bottom(x) - x->y - 2 * PAD_Y, used = 0;
		for (size_t c = 0; c < row->count; c++) {
			double lines = draw_lines(x, &row->cells[c], x->y + PAD_Y, room);
			used = MAX(used, lines);
		}
		draw_grid(x, row, used + 2 * PAD_Y);
		x->y += used + 2 * PAD_Y;
		if (!is_row_done(row))
			next_table_page(d);
	}
}

/* before: height of what is drawn above it on the same page, a band. */
static void place_row(struct document *d, struct row *row, struct row *band)
{
	struct pdf *x = d->own;
	double above = band ? band->height : 0;

	if (x->y + above + row->height > pdf_bottom(x) && !x->is_new)
		next_table_page(d);
	if (band)
		draw_whole(x, band);
	if (x->y + row->height > pdf_bottom(x))
		draw_parts(d, row);
	else
		draw_whole(x, row);
	x->is_new = false;
}

void pdf_table_begin(struct document *d)
{
	struct pdf *x = d->own;
	struct row header;

	header_row(d, &header);
	/* Not a header alone at the foot of a page. */
	if (x->y + header.height + 40 > pdf_bottom(x) && !x->is_new)
		pdf_next_page(d);
	draw_whole(x, &header);
	row_release(&header);
	x->band_size = 0;
}

static void band_row(struct document *d, struct row *row)
{
	struct pdf *x = d->own;

	*row = (struct row){.fill = 0.97};
	row_cell(d, row, x->faces[d->table.is_dense ? PDF_FACE_HEADER_DENSE : PDF_FACE_HEADER],
		(struct str){x->band, x->band_size}, x->page.left, pdf_width(x), DOCUMENT_LEFT,
		false);
}

void pdf_row(struct document *d, const struct document_cell *cells)
{
	struct pdf *x = d->own;
	struct row row = {.fill = 1}, band;
	double left = x->page.left;
	bool has_band = x->band_size > 0;

	for (size_t c = 0; c < d->table.column_count; c++) {
		double width = document_column_width(d, c, pdf_width(x));
		row_cell(d, &row, x->faces[d->table.is_dense ? PDF_FACE_CELL_DENSE : PDF_FACE_CELL],
			cells[c].text, left, width, d->table.columns[c].align, cells[c].is_bad);
		row.cells[c].is_bad = cells[c].is_bad;
		row.cells[c].is_soft = cells[c].is_soft;
		left += width;
	}
	if (has_band)
		band_row(d, &band);
	place_row(d, &row, has_band ? &band : NULL);
	if (has_band)
		row_release(&band);
	row_release(&row);
	x->band_size = 0;
}

/* A band without rows is shown too. */
static void draw_lone_band(struct document *d)
{
	struct pdf *x = d->own;
	struct row band;

	if (x->band_size == 0)
		return;
	band_row(d, &band);
	place_row(d, &band, NULL);
	row_release(&band);
	x->band_size = 0;
}

void pdf_band(struct document *d, struct str text)
{
	struct pdf *x = d->own;

	draw_lone_band(d);
	x->band_size = MIN(text.n, sizeof x->band);
	while (x->band_size < text.n && x->band_size > 0 &&
		((unsigned char)text.p[x->band_size] & 0xC0) == 0x80)
		x->band_size--; /* not in the middle of a character */
	memcpy(x->band, text.p, x->band_size);
}

void pdf_table_end(struct document *d)
{
	struct pdf *x = d->own;

	draw_lone_band(d);
	x->y += 6;
	x->is_new = false;
}
