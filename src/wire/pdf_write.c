/*
 * Documents as PDF: pango lays text out, cairo draws it. Pages are built from the top; what does
 * not fit goes to the next one, tables with their header row. Only a row is held at a time.
 */
#include "base/date.h"
#include "wire/library_leaks.h"
#include "wire/pdf_internal.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#define MARK_PT   9.0 /* letters of the frame */
#define NUMBER_PT 14.0

double pdf_bottom(const struct pdf *x)
{
	return x->page.height - x->page.bottom;
}

double pdf_width(const struct pdf *x)
{
	return x->page.width - x->page.left - x->page.right;
}

/* --- text ----------------------------------------------------------------------------------- */

PangoLayout *pdf_lay_out(struct pdf *x, const PangoFontDescription *font, struct str text,
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

double pdf_line_height(PangoLayoutIter *iter)
{
	PangoRectangle box;

	pango_layout_iter_get_line_extents(iter, NULL, &box);
	return (double)box.height / PANGO_SCALE;
}

void pdf_show_line(struct pdf *x, PangoLayoutIter *iter, double left, double y)
{
	PangoRectangle box;

	pango_layout_iter_get_line_extents(iter, NULL, &box);
	cairo_move_to(x->cr, left + (double)box.x / PANGO_SCALE,
		y + (double)(pango_layout_iter_get_baseline(iter) - box.y) / PANGO_SCALE);
	pango_cairo_show_layout_line(x->cr, pango_layout_iter_get_line_readonly(iter));
}

void pdf_black(struct pdf *x)
{
	cairo_set_source_rgb(x->cr, 0, 0, 0);
}

void pdf_red(struct pdf *x)
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
	PangoLayout *layout =
		pdf_lay_out(x, x->faces[PDF_FACE_FRAME], both, pdf_width(x), DOCUMENT_CENTER);
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
	cairo_set_line_width(x->cr, PDF_LINE_PT);
	cairo_move_to(x->cr, p->left, p->top * 0.72 + 3);
	cairo_rel_line_to(x->cr, pdf_width(x), 0);
	cairo_stroke(x->cr);
}

/* GB/T 9704: the number between two dashes below the text. */
static void draw_number(struct document *d)
{
	struct pdf *x = d->own;
	struct str text = str_printf(d->scratch, "— %d —", x->number);
	PangoLayout *layout =
		pdf_lay_out(x, x->faces[PDF_FACE_NUMBER], text, pdf_width(x), DOCUMENT_CENTER);

	pdf_black(x);
	cairo_move_to(x->cr, x->page.left, pdf_bottom(x) + x->page.bottom * 0.25);
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
	pdf_black(x);
	x->y = x->page.top;
	x->is_new = true;
}

void pdf_next_page(struct document *d)
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
	PangoLayout *layout = pdf_lay_out(x, x->styles[style], text, pdf_width(x), look->align);
	double together = look->stays_with_next ? look->line_pt + 90 : 0;
	PangoLayoutIter *iter;

	if (look->is_indented)
		pango_layout_set_indent(layout, (int)(look->size_pt * 2 * PANGO_SCALE));
	if (!x->is_new)
		x->y += look->before_pt;
	if (x->y + together > pdf_bottom(x) && !x->is_new)
		pdf_next_page(d);
	if (look->level)
		add_outline(d, look, text);
	iter = pango_layout_get_iter(layout);
	do {
		if (x->y + look->line_pt > pdf_bottom(x) && !x->is_new)
			pdf_next_page(d);
		look->is_red ? pdf_red(x) : pdf_black(x);
		pdf_show_line(
			x, iter, x->page.left, x->y + (look->line_pt - pdf_line_height(iter)) / 2);
		x->y += look->line_pt;
		x->is_new = false;
	} while (pango_layout_iter_next_line(iter));
	x->y += look->after_pt;
	pango_layout_iter_free(iter);
	g_object_unref(layout);
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
	for (size_t i = 0; i < PDF_FACES; i++)
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
	x->faces[PDF_FACE_CELL] = font(cell, DOCUMENT_TABLE_PT, false);
	x->faces[PDF_FACE_CELL_DENSE] = font(cell, DOCUMENT_DENSE_PT, false);
	x->faces[PDF_FACE_HEADER] = font(header, DOCUMENT_TABLE_PT, false);
	x->faces[PDF_FACE_HEADER_DENSE] = font(header, DOCUMENT_DENSE_PT, false);
	x->faces[PDF_FACE_FRAME] = font(cell, MARK_PT, false);
	x->faces[PDF_FACE_NUMBER] = font(cell, NUMBER_PT, false);
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
	PangoLayout *layout =
		pdf_lay_out(x, x->faces[PDF_FACE_CELL], STR("中文"), 1000, DOCUMENT_LEFT);
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
