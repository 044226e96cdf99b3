/*
 * Documents as PDF: pango lays text out, cairo draws it. Pages are built from the top; what does
 * not fit goes to the next one, tables with their header row. Only a row is held at a time.
 */
#include "base/date.h"
#include "wire/document_internal.h"
#include "wire/library_leaks.h"

#include <cairo-pdf.h>
#include <errno.h>
#include <pango/pangocairo.h>
#include <pthread.h>
#include <unistd.h>

#define LINE_PT   0.5 /* of the grid */
#define PAD_Y     2.5 /* above and below in a cell */
#define MARK_PT   9.0 /* letters of the frame */
#define NUMBER_PT 14.0
#define BAND_HOLD 1000 /* bytes of a band's title */

/* A font and its size, made once. */
enum face { FACE_CELL, FACE_CELL_DENSE, FACE_HEADER, FACE_HEADER_DENSE, FACE_FRAME, FACE_NUMBER };
#define FACES (FACE_NUMBER + 1)

struct pdf {
	char *part; /* the file while it is made */
	FILE *file;
	cairo_surface_t *surface;
	cairo_t *cr;
	PangoFontMap *fonts;
	PangoContext *context;
	PangoFontDescription *styles[DOCUMENT_STYLES], *faces[FACES];
	struct document_page page;
	double y;    /* top of what comes next */
	bool is_new; /* nothing stands on the page but its frame and a header row */
	int page_count, number;
	int outline; /* the last heading of level 1 */
	char band[BAND_HOLD];
	size_t band_size; /* a band waits for its first row; 0: none */
};

static double bottom_of(const struct pdf *x)
{
	return x->page.height - x->page.bottom;
}

static double width_of(const struct pdf *x)
{
	return x->page.width - x->page.left - x->page.right;
}

/* --- text ----------------------------------------------------------------------------------- */

static PangoLayout *lay_out(struct pdf *x, const PangoFontDescription *font, struct str text,
	double width, enum document_align align)
{
	static const PangoAlignment aligns[] = {
		PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER, PANGO_ALIGN_RIGHT};
	PangoLayout *layout = pango_layout_new(x->context);
	PangoAttrList *attributes = pango_attr_list_new();

	/* A long code parted between lines must not get a hyphen that is not in it. */
	pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
	pango_layout_set_attributes(layout, attributes);
	pango_attr_list_unref(attributes);
	pango_layout_set_font_description(layout, font);
	pango_layout_set_text(layout, text.p ? text.p : "", (int)text.n);
	pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_alignment(layout, aligns[align]);
	return layout;
}

static double line_height(PangoLayoutIter *iter)
{
	PangoRectangle box;

	pango_layout_iter_get_line_extents(iter, NULL, &box);
	return (double)box.height / PANGO_SCALE;
}

/* One line at x, its top at y. */
static void show_line(struct pdf *x, PangoLayoutIter *iter, double left, double y)
{
	PangoRectangle box;

	pango_layout_iter_get_line_extents(iter, NULL, &box);
	cairo_move_to(x->cr, left + (double)box.x / PANGO_SCALE,
		y + (double)(pango_layout_iter_get_baseline(iter) - box.y) / PANGO_SCALE);
	pango_cairo_show_layout_line(x->cr, pango_layout_iter_get_line_readonly(iter));
}

static void black(struct pdf *x)
{
	cairo_set_source_rgb(x->cr, 0, 0, 0);
}

static void red(struct pdf *x)
{
	cairo_set_source_rgb(x->cr, 0.75, 0, 0);
}

/* --- pages ---------------------------------------------------------------------------------- */

static void draw_running(struct document *d)
{
	struct pdf *x = d->own;
	const struct document_page *p = &x->page;
	struct str both = d->settings.mark.n
				  ? str_printf(d->scratch, STR_FMT "　" STR_FMT,
					    STR_ARG(d->settings.running), STR_ARG(d->settings.mark))
				  : d->settings.running;
	PangoLayout *layout = lay_out(x, x->faces[FACE_FRAME], both, width_of(x), DOCUMENT_CENTER);
	PangoAttrList *attributes = pango_attr_list_new();
	PangoAttribute *attribute = pango_attr_foreground_new(0xC000, 0, 0);
	int width, height;

	attribute->start_index = (guint)d->settings.running.n;
	pango_attr_list_insert(attributes, attribute);
	pango_layout_set_attributes(layout, attributes);
	pango_attr_list_unref(attributes);
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_MIDDLE);
	pango_layout_get_size(layout, &width, &height);
	cairo_set_source_rgb(x->cr, 0.35, 0.35, 0.35);
	cairo_move_to(x->cr, p->left, p->top * 0.72 - (double)height / PANGO_SCALE);
	pango_cairo_show_layout(x->cr, layout);
	g_object_unref(layout);
	cairo_set_source_rgb(x->cr, 0.35, 0.35, 0.35);
	cairo_set_line_width(x->cr, LINE_PT);
	cairo_move_to(x->cr, p->left, p->top * 0.72 + 3);
	cairo_rel_line_to(x->cr, width_of(x), 0);
	cairo_stroke(x->cr);
}

/* GB/T 9704: the number between two dashes below the text. */
static void draw_number(struct document *d)
{
	struct pdf *x = d->own;
	struct str text = str_printf(d->scratch, "— %d —", x->number);
	PangoLayout *layout = lay_out(x, x->faces[FACE_NUMBER], text, width_of(x), DOCUMENT_CENTER);

	black(x);
	cairo_move_to(x->cr, x->page.left, bottom_of(x) + x->page.bottom * 0.25);
	pango_cairo_show_layout(x->cr, layout);
	g_object_unref(layout);
}

static void page_begin(struct document *d)
{
	struct pdf *x = d->own;

	x->page_count++;
	if (d->section.has_frame) {
		x->number++;
		draw_running(d);
		draw_number(d);
	}
	black(x);
	x->y = x->page.top;
	x->is_new = true;
}

static void next_page(struct document *d)
{
	struct pdf *x = d->own;

	cairo_show_page(x->cr);
	page_begin(d);
}

static void pdf_section(struct document *d, const struct document_section *section)
{
	struct pdf *x = d->own;

	if (d->has_section)
		cairo_show_page(x->cr);
	x->page = document_page_of(section->is_landscape);
	cairo_pdf_surface_set_size(x->surface, x->page.width, x->page.height);
	d->section = *section;
	page_begin(d);
}

/* --- paragraphs ----------------------------------------------------------------------------- */

static void add_outline(struct document *d, const struct document_look *look, struct str text)
{
	struct pdf *x = d->own;
	int parent = look->level == 1 ? CAIRO_PDF_OUTLINE_ROOT : x->outline, added;

	/* Whole numbers: cairo reads them by the locale, where a comma may stand for the point. */
	added = cairo_pdf_surface_add_outline(x->surface, parent, str_z(d->scratch, text),
		arena_printf(d->scratch, "page=%d pos=[%d %d]", x->page_count, (int)x->page.left,
			(int)x->y),
		CAIRO_PDF_OUTLINE_FLAG_OPEN);
	if (look->level == 1)
		x->outline = added;
}

/* Lines of a fixed height, as official documents have them. */
static void pdf_text(struct document *d, enum document_style style, struct str text)
{
	const struct document_look *look = &document_looks[style];
	struct pdf *x = d->own;
	PangoLayout *layout = lay_out(x, x->styles[style], text, width_of(x), look->align);
	double together = look->stays_with_next ? look->line_pt + 90 : 0;
	PangoLayoutIter *iter;

	if (look->is_indented)
		pango_layout_set_indent(layout, (int)(look->size_pt * 2 * PANGO_SCALE));
	if (!x->is_new)
		x->y += look->before_pt;
	if (x->y + together > bottom_of(x) && !x->is_new)
		next_page(d);
	if (look->level)
		add_outline(d, look, text);
	iter = pango_layout_get_iter(layout);
	do {
		if (x->y + look->line_pt > bottom_of(x) && !x->is_new)
			next_page(d);
		look->is_red ? red(x) : black(x);
		show_line(x, iter, x->page.left, x->y + (look->line_pt - line_height(iter)) / 2);
		x->y += look->line_pt;
		x->is_new = false;
	} while (pango_layout_iter_next_line(iter));
	x->y += look->after_pt;
	pango_layout_iter_free(iter);
	g_object_unref(layout);
}

/* --- tables --------------------------------------------------------------------------------- */

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
	cell->layout = lay_out(x, font, text, width - 2 * DOCUMENT_CELL_PAD, align);
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
		double width = document_column_width(d, c, width_of(x));
		row_cell(d, row, x->faces[d->table.is_dense ? FACE_HEADER_DENSE : FACE_HEADER],
			d->table.columns[c].title, left, width, DOCUMENT_CENTER, false);
		left += width;
	}
}

/* The lines of one cell that fit below y into `height`; at least one, so that there is an end. */
static double draw_lines(struct pdf *x, struct cell_lines *cell, double y, double height)
{
	double used = 0;

	if (cell->is_bad)
		red(x);
	else if (cell->is_soft)
		cairo_set_source_rgb(x->cr, 0.4, 0.4, 0.4);
	else
		black(x);
	while (!cell->is_done) {
		double line = line_height(cell->iter);
		if (used > 0 && used + line > height + 0.01)
			break;
		show_line(x, cell->iter, cell->left + DOCUMENT_CELL_PAD, y + used);
		used += line;
		cell->is_done = !pango_layout_iter_next_line(cell->iter);
	}
	return used;
}

static void draw_grid(struct pdf *x, const struct row *row, double height)
{
	black(x);
	cairo_set_line_width(x->cr, LINE_PT);
	for (size_t c = 0; c < row->count; c++)
		cairo_rectangle(x->cr, row->cells[c].left, x->y, row->cells[c].width, height);
	cairo_stroke(x->cr);
}

static void draw_fill(struct pdf *x, const struct row *row, double height)
{
	if (row->fill >= 1)
		return;
	cairo_set_source_rgb(x->cr, row->fill, row->fill, row->fill);
	cairo_rectangle(x->cr, x->page.left, x->y, width_of(x), height);
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
	next_page(d);
	draw_header(d);
}

/* A row higher than a page: as many lines as there is room for, the rest on the next page. */
static void draw_parts(struct document *d, struct row *row)
{
	struct pdf *x = d->own;

	while (!is_row_done(row)) {
		double room = bottom_of(x) - x->y - 2 * PAD_Y, used = 0;
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

	if (x->y + above + row->height > bottom_of(x) && !x->is_new)
		next_table_page(d);
	if (band)
		draw_whole(x, band);
	if (x->y + row->height > bottom_of(x))
		draw_parts(d, row);
	else
		draw_whole(x, row);
	x->is_new = false;
}

static void pdf_table_begin(struct document *d)
{
	struct pdf *x = d->own;
	struct row header;

	header_row(d, &header);
	/* Not a header alone at the foot of a page. */
	if (x->y + header.height + 40 > bottom_of(x) && !x->is_new)
		next_page(d);
	draw_whole(x, &header);
	row_release(&header);
	x->band_size = 0;
}

static void band_row(struct document *d, struct row *row)
{
	struct pdf *x = d->own;

	*row = (struct row){.fill = 0.97};
	row_cell(d, row, x->faces[d->table.is_dense ? FACE_HEADER_DENSE : FACE_HEADER],
		(struct str){x->band, x->band_size}, x->page.left, width_of(x), DOCUMENT_LEFT,
		false);
}

static void pdf_row(struct document *d, const struct document_cell *cells)
{
	struct pdf *x = d->own;
	struct row row = {.fill = 1}, band;
	double left = x->page.left;
	bool has_band = x->band_size > 0;

	for (size_t c = 0; c < d->table.column_count; c++) {
		double width = document_column_width(d, c, width_of(x));
		row_cell(d, &row, x->faces[d->table.is_dense ? FACE_CELL_DENSE : FACE_CELL],
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

static void pdf_band(struct document *d, struct str text)
{
	struct pdf *x = d->own;

	draw_lone_band(d);
	x->band_size = MIN(text.n, sizeof x->band);
	while (x->band_size < text.n && x->band_size > 0 &&
		((unsigned char)text.p[x->band_size] & 0xC0) == 0x80)
		x->band_size--; /* not in the middle of a character */
	memcpy(x->band, text.p, x->band_size);
}

static void pdf_table_end(struct document *d)
{
	struct pdf *x = d->own;

	draw_lone_band(d);
	x->y += 6;
	x->is_new = false;
}

/* --- the file ------------------------------------------------------------------------------- */

static cairo_status_t write_bytes(void *arg, const unsigned char *bytes, unsigned int n)
{
	struct pdf *x = arg;

	return fwrite(bytes, 1, n, x->file) == n ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

/*
 * The one moment that takes memory: cairo reads each font whole to cut out what is used, some
 * 100 MB for the four that we name. One document at a time.
 */
static void finish(struct pdf *x)
{
	static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&one_at_a_time);
	cairo_surface_finish(x->surface);
	pthread_mutex_unlock(&one_at_a_time);
}

static enum err pdf_close(struct document *d)
{
	struct pdf *x = d->own;
	bool is_good;

	if (d->has_section)
		cairo_show_page(x->cr);
	finish(x);
	is_good = cairo_surface_status(x->surface) == CAIRO_STATUS_SUCCESS &&
		  cairo_status(x->cr) == CAIRO_STATUS_SUCCESS;
	is_good = fclose(x->file) == 0 && is_good;
	x->file = NULL;
	if (!is_good || rename(x->part, d->path) != 0)
		return ctx_fail(d->cx, ERR_IO, TR(d->cx, "写不出 %s", "cannot write %s"), d->path);
	x->part = NULL;
	return ERR_OK;
}

static void pdf_release(struct document *d)
{
	struct pdf *x = d->own;

	for (size_t i = 0; i < DOCUMENT_STYLES; i++)
		pango_font_description_free(x->styles[i]);
	for (size_t i = 0; i < FACES; i++)
		pango_font_description_free(x->faces[i]);
	if (x->context)
		g_object_unref(x->context);
	if (x->fonts)
		g_object_unref(x->fonts);
	cairo_destroy(x->cr);
	if (x->surface) {
		finish(x); /* nothing when it has been done */
		cairo_surface_destroy(x->surface);
	}
	if (x->file)
		fclose(x->file);
	if (x->part)
		(void)unlink(x->part);
}

static PangoFontDescription *font(const char *families, double size_pt, bool is_bold)
{
	PangoFontDescription *f = pango_font_description_new();

	pango_font_description_set_family(f, families);
	pango_font_description_set_absolute_size(f, size_pt * PANGO_SCALE);
	pango_font_description_set_weight(f, is_bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	return f;
}

static void make_fonts(struct pdf *x)
{
	static const char cell[] = DOCUMENT_TABLE_PDF_FONT, header[] = DOCUMENT_HEADER_PDF_FONT;

	for (size_t i = 0; i < DOCUMENT_STYLES; i++)
		x->styles[i] = font(document_looks[i].pdf_font, document_looks[i].size_pt,
			document_looks[i].is_bold);
	x->faces[FACE_CELL] = font(cell, DOCUMENT_TABLE_PT, false);
	x->faces[FACE_CELL_DENSE] = font(cell, DOCUMENT_DENSE_PT, false);
	x->faces[FACE_HEADER] = font(header, DOCUMENT_TABLE_PT, false);
	x->faces[FACE_HEADER_DENSE] = font(header, DOCUMENT_DENSE_PT, false);
	x->faces[FACE_FRAME] = font(cell, MARK_PT, false);
	x->faces[FACE_NUMBER] = font(cell, NUMBER_PT, false);
}

/* A font map of our own: documents are made on several threads. */
static void make_context(struct pdf *x)
{
	cairo_font_options_t *options = cairo_font_options_create();

	x->fonts = pango_cairo_font_map_new();
	pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(x->fonts), 72);
	x->context = pango_font_map_create_context(x->fonts);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	pango_cairo_context_set_font_options(x->context, options);
	cairo_font_options_destroy(options);
	pango_context_set_round_glyph_positions(x->context, FALSE);
	/* Which form of a character is meant where Chinese and Japanese differ. */
	pango_context_set_language(x->context, pango_language_from_string("zh-cn"));
	pango_cairo_update_context(x->cr, x->context);
}

static bool has_chinese(struct pdf *x)
{
	PangoLayout *layout = lay_out(x, x->faces[FACE_CELL], STR("中文"), 1000, DOCUMENT_LEFT);
	bool has_all = pango_layout_get_unknown_glyphs_count(layout) == 0;

	g_object_unref(layout);
	return has_all;
}

static void set_metadata(struct document *d)
{
	struct pdf *x = d->own;
	struct strbuf at;

	strbuf_init(&at, 64);
	strbuf_instant(&at, d->settings.made_at_us - d->settings.made_at_us % 1000000);
	cairo_pdf_surface_set_metadata(
		x->surface, CAIRO_PDF_METADATA_TITLE, str_z(d->cx->mem, d->settings.title));
	cairo_pdf_surface_set_metadata(x->surface, CAIRO_PDF_METADATA_CREATOR, "Shuren");
	cairo_pdf_surface_set_metadata(x->surface, CAIRO_PDF_METADATA_CREATE_DATE, at.p);
	cairo_pdf_surface_set_metadata(x->surface, CAIRO_PDF_METADATA_MOD_DATE, at.p);
	strbuf_release(&at);
}

static const struct document_writer pdf_writer = {pdf_section, pdf_text, pdf_table_begin, pdf_row,
	pdf_band, pdf_table_end, pdf_close, pdf_release};

enum err pdf_writer_open(struct document *d)
{
	struct pdf *x = arena_new(d->cx->mem, struct pdf);

	library_leaks_known();
	d->own = x;
	d->writer = &pdf_writer;
	x->part = arena_printf(d->cx->mem, "%s.part", d->path);
	x->file = fopen(x->part, "wb");
	if (!x->file) {
		x->part = NULL;
		return ctx_fail(d->cx, ERR_IO, TR(d->cx, "写不出 %s: %s", "cannot write %s: %s"),
			d->path, strerror(errno));
	}
	x->page = document_page_of(false);
	x->surface =
		cairo_pdf_surface_create_for_stream(write_bytes, x, x->page.width, x->page.height);
	x->cr = cairo_create(x->surface);
	set_metadata(d);
	make_context(x);
	make_fonts(x);
	if (!has_chinese(x))
		return ctx_fail(d->cx, ERR_IO, "%s",
			TR(d->cx, "这台机器没有中文字体 (Debian: fonts-noto-cjk), 不能生成 PDF",
				"no font for Chinese on this machine (Debian: fonts-noto-cjk): no "
				"PDF can be made"));
	return ERR_OK;
}
