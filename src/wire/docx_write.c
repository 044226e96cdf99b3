/*
 * Documents as DOCX (ECMA-376, WordprocessingML). The body goes to a file without a name and from
 * there into the zip, so that memory stays small; times in the zip are fixed, so that equal
 * documents are equal files.
 */
#include "wire/docx_parts.h"

#include <zip.h>

/* Twentieths of a point, which is what pages and tables are measured in. */
static int twips(double pt)
{
	return (int)(pt * 20 + 0.5);
}

struct docx {
	FILE *body;
	bool has_numbers; /* a section with page numbers has been ended */
};

static void put(struct document *d, const char *fmt, ...) PRINTF(2, 3);

static void put(struct document *d, const char *fmt, ...)
{
	struct docx *x = d->own;
	va_list ap;

	va_start(ap, fmt);
	if (vfprintf(x->body, fmt, ap) < 0)
		document_keep_error(d, ctx_fail(d->cx, ERR_IO, "%s", d->path));
	va_end(ap);
}

/* A run of text; line breaks inside become <w:br/>. */
static void put_run(struct document *d, const char *properties, struct str text)
{
	struct strbuf b;
	bool is_first = true;

	strbuf_init(&b, STRBUF_MAX);
	strbuf_printf(&b, "<w:r>%s", properties);
	while (text.n || is_first) {
		struct str line = str_cut(&text, '\n');
		strbuf_z(&b, is_first ? "<w:t xml:space=\"preserve\">"
				      : "<w:br/><w:t xml:space=\"preserve\">");
		docx_escape(&b, line);
		strbuf_z(&b, "</w:t>");
		is_first = false;
	}
	strbuf_z(&b, "</w:r>");
	put(d, STR_FMT, STR_ARG(strbuf_view(&b)));
	strbuf_release(&b);
}

/* --- sections and text ---------------------------------------------------------------------- */

static void put_section(struct document *d)
{
	struct docx *x = d->own;
	struct document_page p = document_page_of(d->section.is_landscape);
	const char *frame = d->section.has_frame ? "1" : "0";

	put(d,
		"<w:sectPr><w:headerReference w:type=\"default\" r:id=\"header%s\"/>"
		"<w:footerReference w:type=\"default\" r:id=\"footer%s\"/>"
		"<w:pgSz w:w=\"%d\" w:h=\"%d\"%s/>"
		"<w:pgMar w:top=\"%d\" w:right=\"%d\" w:bottom=\"%d\" w:left=\"%d\" "
		"w:header=\"%d\" "
		"w:footer=\"%d\" w:gutter=\"0\"/>",
		frame, frame, twips(p.width), twips(p.height),
		d->section.is_landscape ? " w:orient=\"landscape\"" : "", twips(p.top),
		twips(p.right), twips(p.bottom), twips(p.left), twips(p.top / 2),
		twips(p.bottom / 2));
	if (d->section.has_frame && !x->has_numbers)
		put(d, "<w:pgNumType w:start=\"1\"/>");
	x->has_numbers |= d->section.has_frame;
	put(d, "</w:sectPr>");
}

/* The properties of a section stand in its last paragraph: one that takes no room. */
static void docx_section(struct document *d, const struct document_section *section)
{
	(void)section;
	if (!d->has_section)
		return;
	put(d, "<w:p><w:pPr><w:pStyle w:val=\"" DOCX_NO_ROOM "\"/>");
	put_section(d);
	put(d, "</w:pPr></w:p>");
}

static void docx_text(struct document *d, enum document_style style, struct str text)
{
	put(d, "<w:p><w:pPr><w:pStyle w:val=\"%s\"/></w:pPr>", document_looks[style].name);
	if (text.n)
		put_run(d, "", text);
	put(d, "</w:p>");
}

/* --- tables --------------------------------------------------------------------------------- */

static int text_width(const struct document *d)
{
	struct document_page p = document_page_of(d->section.is_landscape);

	return twips(p.width - p.left - p.right);
}

static int column_twips(const struct document *d, size_t column)
{
	return (int)document_column_width(d, column, text_width(d));
}

struct cell_form {
	int width;
	size_t span;
	const char *fill; /* RGB or NULL */
	const char *run;  /* properties of the letters */
	enum document_align align;
	bool is_title, stays_with_next;
};

static void put_cell(struct document *d, const struct cell_form *f, struct str text)
{
	static const char *const aligns[] = {"left", "center", "right"};

	put(d, "<w:tc><w:tcPr><w:tcW w:w=\"%d\" w:type=\"dxa\"/>", f->width);
	if (f->span > 1)
		put(d, "<w:gridSpan w:val=\"%zu\"/>", f->span);
	if (f->fill)
		put(d, "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"%s\"/>", f->fill);
	put(d,
		"<w:vAlign w:val=\"center\"/></w:tcPr><w:p><w:pPr><w:pStyle w:val=\"%s%s\"/>%s"
		"<w:jc w:val=\"%s\"/></w:pPr>",
		f->is_title ? DOCX_HEADER : DOCX_CELL, d->table.is_dense ? DOCX_DENSE : "",
		f->stays_with_next ? "<w:keepNext/>" : "", aligns[f->align]);
	if (text.n)
		put_run(d, f->run, text);
	put(d, "</w:p></w:tc>");
}

static void docx_table_begin(struct document *d)
{
	put(d,
		"<w:tbl><w:tblPr><w:tblStyle w:val=\"" DOCX_GRID
		"\"/><w:tblW w:w=\"%d\" w:type=\"dxa\"/>"
		"<w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>",
		text_width(d));
	for (size_t c = 0; c < d->table.column_count; c++)
		put(d, "<w:gridCol w:w=\"%d\"/>", column_twips(d, c));
	put(d, "</w:tblGrid><w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
	for (size_t c = 0; c < d->table.column_count; c++)
		put_cell(d,
			&(struct cell_form){.width = column_twips(d, c),
				.fill = "EDEDED",
				.run = "",
				.align = DOCUMENT_CENTER,
				.is_title = true,
				.stays_with_next = true},
			d->table.columns[c].title);
	put(d, "</w:tr>");
}

static void docx_row(struct document *d, const struct document_cell *cells)
{
	put(d, "<w:tr><w:trPr><w:cantSplit/></w:trPr>");
	for (size_t c = 0; c < d->table.column_count; c++)
		put_cell(d,
			&(struct cell_form){.width = column_twips(d, c),
				.run = cells[c].is_bad ? "<w:rPr><w:b/><w:color w:val=\"C00000\"/>"
							 "</w:rPr>"
				       : cells[c].is_soft
					       ? "<w:rPr><w:color w:val=\"666666\"/></w:rPr>"
					       : "",
				.align = d->table.columns[c].align},
			cells[c].text);
	put(d, "</w:tr>");
}

static void docx_band(struct document *d, struct str text)
{
	put(d, "<w:tr><w:trPr><w:cantSplit/></w:trPr>");
	put_cell(d,
		&(struct cell_form){.width = text_width(d),
			.span = d->table.column_count,
			.fill = "F7F7F7",
			.run = "",
			.is_title = true,
			.stays_with_next = true},
		text);
	put(d, "</w:tr>");
}

/* Two tables without a paragraph between them would be one. */
static void docx_table_end(struct document *d)
{
	put(d, "</w:tbl><w:p><w:pPr><w:pStyle w:val=\"" DOCX_NO_ROOM "\"/></w:pPr></w:p>");
}

/* --- the file ------------------------------------------------------------------------------- */

/* The first day that a zip can name. */
#define ZIP_DATE 0x21

static bool add(zip_t *zip, const char *name, zip_source_t *source)
{
	zip_int64_t index = source ? zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8) : -1;

	if (index < 0 && source)
		zip_source_free(source);
	return index >= 0 && zip_file_set_dostime(zip, (zip_uint64_t)index, 0, ZIP_DATE, 0) == 0;
}

static bool fill(struct document *d, zip_t *zip)
{
	struct docx *x = d->own;
	struct docx_part parts[DOCX_PARTS];
	zip_source_t *source;

	docx_parts_make(d, parts);
	for (size_t i = 0; i < DOCX_PARTS; i++)
		if (!add(zip, parts[i].name,
			    zip_source_buffer(zip, parts[i].text.p, parts[i].text.n, 0)))
			return false;
	source = zip_source_filep(zip, x->body, 0, -1);
	if (source)
		x->body = NULL; /* libzip closes it */
	return add(zip, "word/document.xml", source);
}

static enum err docx_close(struct document *d)
{
	struct docx *x = d->own;
	int code = 0;
	zip_t *zip;

	put_section(d);
	put(d, "</w:body></w:document>");
	if (d->error != ERR_OK || fflush(x->body) != 0 || fseek(x->body, 0, SEEK_SET) != 0)
		return ctx_fail(d->cx, ERR_IO, TR(d->cx, "写不出 %s", "cannot write %s"), d->path);
	zip = zip_open(d->path, ZIP_CREATE | ZIP_TRUNCATE, &code);
	if (!zip)
		return ctx_fail(d->cx, ERR_IO, TR(d->cx, "写不出 %s", "cannot write %s"), d->path);
	if (!fill(d, zip) || zip_close(zip) < 0) {
		enum err e =
			ctx_fail(d->cx, ERR_IO, TR(d->cx, "写不出 %s: %s", "cannot write %s: %s"),
				d->path, zip_strerror(zip));
		zip_discard(zip);
		return e;
	}
	return ERR_OK;
}

static void docx_release(struct document *d)
{
	struct docx *x = d->own;

	if (x->body)
		fclose(x->body);
	x->body = NULL;
}

static const struct document_writer docx_writer = {docx_section, docx_text, docx_table_begin,
	docx_row, docx_band, docx_table_end, docx_close, docx_release};

enum err docx_writer_open(struct document *d)
{
	struct docx *x = arena_new(d->cx->mem, struct docx);

	x->body = tmpfile();
	if (!x->body)
		return ctx_fail(d->cx, ERR_IO, "tmpfile");
	d->own = x;
	d->writer = &docx_writer;
	put(d, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>"
	       "<w:document xmlns:w=\"" DOCX_NAMESPACE "\" xmlns:r=\"" DOCX_RELATIONS
	       "\"><w:body>");
	return d->error;
}
