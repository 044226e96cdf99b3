/* Styles, fonts, frame and directory of a DOCX: all made of document_looks and the settings. */
#include "wire/docx_parts.h"

#include "base/date.h"

#define XML     "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>"
#define TYPES   "application/vnd.openxmlformats-officedocument.wordprocessingml."
#define PACKAGE "http://schemas.openxmlformats.org/package/2006/"
#define LATIN   "Times New Roman"
#define RED     "C00000"

void docx_escape(struct strbuf *b, struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		switch (text.p[i]) {
		case '&':
			strbuf_z(b, "&amp;");
			break;
		case '<':
			strbuf_z(b, "&lt;");
			break;
		case '>':
			strbuf_z(b, "&gt;");
			break;
		case '"':
			strbuf_z(b, "&quot;");
			break;
		default:
			strbuf_char(b, text.p[i]);
		}
}

/* --- directory ------------------------------------------------------------------------------ */

static void content_types(struct document *d, struct strbuf *b)
{
	static const char *const parts[][2] = {{"document", "document.main"}, {"styles", "styles"},
		{"settings", "settings"}, {"fontTable", "fontTable"}, {"header0", "header"},
		{"header1", "header"}, {"footer0", "footer"}, {"footer1", "footer"}};
	(void)d;

	strbuf_z(b, XML "<Types xmlns=\"" PACKAGE "content-types\">"
			"<Default Extension=\"rels\" ContentType=\"application/"
			"vnd.openxmlformats-package.relationships+xml\"/>"
			"<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
			"<Override PartName=\"/docProps/core.xml\" ContentType=\"application/"
			"vnd.openxmlformats-package.core-properties+xml\"/>");
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		strbuf_printf(b,
			"<Override PartName=\"/word/%s.xml\" ContentType=\"" TYPES "%s+xml\"/>",
			parts[i][0], parts[i][1]);
	strbuf_z(b, "</Types>");
}

static void package_relations(struct document *d, struct strbuf *b)
{
	(void)d;
	strbuf_z(b, XML "<Relationships xmlns=\"" PACKAGE "relationships\">"
			"<Relationship Id=\"document\" Type=\"" DOCX_RELATIONS
			"/officeDocument\" Target=\"word/document.xml\"/>"
			"<Relationship Id=\"core\" Type=\"" PACKAGE
			"relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>"
			"</Relationships>");
}

static void document_relations(struct document *d, struct strbuf *b)
{
	static const char *const parts[][2] = {{"styles", "styles"}, {"settings", "settings"},
		{"fontTable", "fontTable"}, {"header0", "header"}, {"header1", "header"},
		{"footer0", "footer"}, {"footer1", "footer"}};
	(void)d;

	strbuf_z(b, XML "<Relationships xmlns=\"" PACKAGE "relationships\">");
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		strbuf_printf(b,
			"<Relationship Id=\"%s\" Type=\"" DOCX_RELATIONS
			"/%s\" Target=\"%s.xml\"/>",
			parts[i][0], parts[i][1], parts[i][0]);
	strbuf_z(b, "</Relationships>");
}

static void core(struct document *d, struct strbuf *b)
{
	strbuf_z(b, XML "<cp:coreProperties xmlns:cp=\"" PACKAGE "metadata/core-properties\" "
			"xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
			"xmlns:dcterms=\"http://purl.org/dc/terms/\" "
			"xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>");
	docx_escape(b, d->settings.title);
	strbuf_z(b, "</dc:title><dc:creator>Shuren</dc:creator>"
		    "<dcterms:created xsi:type=\"dcterms:W3CDTF\">");
	/* Whole seconds: word processors refuse others. */
	strbuf_instant(b, d->settings.made_at_us - d->settings.made_at_us % 1000000);
	strbuf_z(b, "</dcterms:created></cp:coreProperties>");
}

/* --- looks ---------------------------------------------------------------------------------- */

static void settings(struct document *d, struct strbuf *b)
{
	(void)d;
	strbuf_z(b, XML "<w:settings xmlns:w=\"" DOCX_NAMESPACE "\"><w:zoom w:percent=\"100\"/>"
			"<w:defaultTabStop w:val=\"420\"/><w:characterSpacingControl "
			"w:val=\"doNotCompress\"/><w:compat><w:compatSetting "
			"w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/"
			"word\" w:val=\"15\"/></w:compat></w:settings>");
}

static void font(struct strbuf *b, const char *name, const char *substitute)
{
	strbuf_printf(b, "<w:font w:name=\"%s\">", name);
	if (substitute)
		strbuf_printf(b, "<w:altName w:val=\"%s\"/>", substitute);
	strbuf_z(b, "<w:charset w:val=\"86\"/><w:pitch w:val=\"variable\"/></w:font>");
}

static bool is_named_before(size_t style)
{
	for (size_t i = 0; i < style; i++)
		if (!strcmp(document_looks[i].docx_font, document_looks[style].docx_font))
			return true;
	return !strcmp(document_looks[style].docx_font, DOCUMENT_HEADER_DOCX_FONT);
}

static void fonts(struct document *d, struct strbuf *b)
{
	(void)d;
	strbuf_z(b, XML "<w:fonts xmlns:w=\"" DOCX_NAMESPACE "\">");
	for (size_t i = 0; i < DOCUMENT_STYLES; i++)
		if (!is_named_before(i))
			font(b, document_looks[i].docx_font, document_looks[i].docx_substitute);
	font(b, DOCUMENT_HEADER_DOCX_FONT, "SimHei");
	font(b, DOCUMENT_TABLE_DOCX_FONT, "SimSun");
	strbuf_z(b, "</w:fonts>");
}

static void kind_of_letters(struct strbuf *b, const char *name)
{
	strbuf_printf(b,
		"<w:rFonts w:ascii=\"" LATIN "\" w:hAnsi=\"" LATIN
		"\" w:eastAsia=\"%s\" w:cs=\"" LATIN "\"/>",
		name);
}

static void size_of_letters(struct strbuf *b, double pt)
{
	int half = (int)(pt * 2);

	strbuf_printf(b, "<w:sz w:val=\"%d\"/><w:szCs w:val=\"%d\"/>", half, half);
}

static void style(struct strbuf *b, const struct document_look *look)
{
	static const char *const aligns[] = {"both", "center", "right"};

	strbuf_printf(
		b, "<w:style w:type=\"paragraph\" w:styleId=\"%s\"><w:name w:val=\"", look->name);
	if (look->level)
		strbuf_printf(b, "heading %d", look->level);
	else
		strbuf_z(b, look->name);
	strbuf_z(b, "\"/><w:basedOn w:val=\"Normal\"/><w:qFormat/><w:pPr>");
	if (look->stays_with_next)
		strbuf_z(b, "<w:keepNext/><w:keepLines/>");
	strbuf_printf(b,
		"<w:spacing w:before=\"%d\" w:after=\"%d\" w:line=\"%d\" w:lineRule=\"exact\"/>",
		(int)(look->before_pt * 20), (int)(look->after_pt * 20), (int)(look->line_pt * 20));
	if (look->is_indented)
		strbuf_printf(b, "<w:ind w:firstLineChars=\"200\" w:firstLine=\"%d\"/>",
			(int)(look->size_pt * 40));
	strbuf_printf(b, "<w:jc w:val=\"%s\"/>", aligns[look->align]);
	if (look->level)
		strbuf_printf(b, "<w:outlineLvl w:val=\"%d\"/>", look->level - 1);
	strbuf_z(b, "</w:pPr><w:rPr>");
	kind_of_letters(b, look->docx_font);
	strbuf_z(b, look->is_bold ? "<w:b/>" : "");
	strbuf_z(b, look->is_red ? "<w:color w:val=\"" RED "\"/>" : "");
	size_of_letters(b, look->size_pt);
	strbuf_z(b, "</w:rPr></w:style>");
}

static void cell_style(
	struct strbuf *b, const char *id, const char *more, const char *name, double size_pt)
{
	strbuf_printf(b,
		"<w:style w:type=\"paragraph\" w:styleId=\"%s%s\"><w:name w:val=\"%s%s\"/>"
		"<w:basedOn w:val=\"Normal\"/><w:pPr><w:spacing w:before=\"20\" w:after=\"20\"/>"
		"</w:pPr><w:rPr>",
		id, more, id, more);
	kind_of_letters(b, name);
	size_of_letters(b, size_pt);
	strbuf_z(b, "</w:rPr></w:style>");
}

static void grid_style(struct strbuf *b)
{
	static const char *const sides[] = {"top", "left", "bottom", "right", "insideH", "insideV"};
	int pad = (int)(DOCUMENT_CELL_PAD * 20);

	strbuf_z(b, "<w:style w:type=\"table\" w:styleId=\"" DOCX_GRID
		    "\"><w:name w:val=\"Table Grid\"/><w:tblPr><w:tblBorders>");
	for (size_t i = 0; i < ARRAY_LEN(sides); i++)
		strbuf_printf(b,
			"<w:%s w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>",
			sides[i]);
	strbuf_printf(b,
		"</w:tblBorders><w:tblCellMar><w:left w:w=\"%d\" w:type=\"dxa\"/>"
		"<w:right w:w=\"%d\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr></w:style>",
		pad, pad);
}

static void styles(struct document *d, struct strbuf *b)
{
	(void)d;
	strbuf_z(b, XML "<w:styles xmlns:w=\"" DOCX_NAMESPACE
			"\"><w:docDefaults><w:rPrDefault><w:rPr>");
	kind_of_letters(b, DOCUMENT_TABLE_DOCX_FONT);
	size_of_letters(b, DOCUMENT_TABLE_PT);
	strbuf_z(b, "<w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault>"
		    "<w:pPrDefault/></w:docDefaults><w:style w:type=\"paragraph\" "
		    "w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/></w:style>");
	for (size_t i = 0; i < DOCUMENT_STYLES; i++)
		style(b, &document_looks[i]);
	cell_style(b, DOCX_CELL, "", DOCUMENT_TABLE_DOCX_FONT, DOCUMENT_TABLE_PT);
	cell_style(b, DOCX_CELL, DOCX_DENSE, DOCUMENT_TABLE_DOCX_FONT, DOCUMENT_DENSE_PT);
	cell_style(b, DOCX_HEADER, "", DOCUMENT_HEADER_DOCX_FONT, DOCUMENT_TABLE_PT);
	cell_style(b, DOCX_HEADER, DOCX_DENSE, DOCUMENT_HEADER_DOCX_FONT, DOCUMENT_DENSE_PT);
	strbuf_z(b, "<w:style w:type=\"paragraph\" w:styleId=\"" DOCX_NO_ROOM
		    "\"><w:name w:val=\"" DOCX_NO_ROOM "\"/><w:basedOn w:val=\"Normal\"/><w:pPr>"
		    "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"20\" w:lineRule=\"exact\"/>"
		    "</w:pPr><w:rPr><w:sz w:val=\"2\"/></w:rPr></w:style>");
	grid_style(b);
	strbuf_z(b, "</w:styles>");
}

/* --- frame ---------------------------------------------------------------------------------- */

static void header_empty(struct document *d, struct strbuf *b)
{
	(void)d;
	strbuf_z(b, XML "<w:hdr xmlns:w=\"" DOCX_NAMESPACE "\"><w:p/></w:hdr>");
}

static void footer_empty(struct document *d, struct strbuf *b)
{
	(void)d;
	strbuf_z(b, XML "<w:ftr xmlns:w=\"" DOCX_NAMESPACE "\"><w:p/></w:ftr>");
}

static void header(struct document *d, struct strbuf *b)
{
	strbuf_z(b,
		XML "<w:hdr xmlns:w=\"" DOCX_NAMESPACE
		    "\"><w:p><w:pPr><w:pBdr><w:bottom w:val=\"single\" w:sz=\"4\" w:space=\"4\" "
		    "w:color=\"808080\"/></w:pBdr><w:jc w:val=\"center\"/></w:pPr><w:r><w:rPr>");
	strbuf_z(b, "<w:color w:val=\"595959\"/><w:sz w:val=\"18\"/></w:rPr>"
		    "<w:t xml:space=\"preserve\">");
	docx_escape(b, d->settings.running);
	strbuf_z(b, "</w:t></w:r>");
	if (d->settings.mark.n) {
		strbuf_z(b, "<w:r><w:rPr><w:b/><w:color w:val=\"" RED
			    "\"/><w:sz w:val=\"18\"/></w:rPr><w:t xml:space=\"preserve\">　");
		docx_escape(b, d->settings.mark);
		strbuf_z(b, "</w:t></w:r>");
	}
	strbuf_z(b, "</w:p></w:hdr>");
}

/* GB/T 9704: the number between two dashes, 4号. */
static void footer(struct document *d, struct strbuf *b)
{
	static const char run[] = "<w:r><w:rPr><w:sz w:val=\"28\"/></w:rPr>";
	(void)d;

	strbuf_printf(b,
		XML
		"<w:ftr xmlns:w=\"" DOCX_NAMESPACE
		"\"><w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr>%s<w:t "
		"xml:space=\"preserve\">— </w:t></w:r>%s<w:fldChar w:fldCharType=\"begin\"/></w:r>"
		"%s<w:instrText xml:space=\"preserve\"> PAGE </w:instrText></w:r>%s<w:fldChar "
		"w:fldCharType=\"separate\"/></w:r>%s<w:t>1</w:t></w:r>%s<w:fldChar "
		"w:fldCharType=\"end\"/></w:r>%s<w:t xml:space=\"preserve\"> —</w:t></w:r>"
		"</w:p></w:ftr>",
		run, run, run, run, run, run, run);
}

void docx_parts_make(struct document *d, struct docx_part out[DOCX_PARTS])
{
	static const struct {
		const char *name;
		void (*make)(struct document *d, struct strbuf *b);
	} makers[DOCX_PARTS] = {{"[Content_Types].xml", content_types},
		{"_rels/.rels", package_relations}, {"docProps/core.xml", core},
		{"word/_rels/document.xml.rels", document_relations}, {"word/styles.xml", styles},
		{"word/settings.xml", settings}, {"word/fontTable.xml", fonts},
		{"word/header0.xml", header_empty}, {"word/header1.xml", header},
		{"word/footer0.xml", footer_empty}, {"word/footer1.xml", footer}};

	for (size_t i = 0; i < DOCX_PARTS; i++) {
		struct strbuf b;
		strbuf_init(&b, STRBUF_MAX);
		makers[i].make(d, &b);
		out[i] = (struct docx_part){makers[i].name, str_copy(d->cx->mem, strbuf_view(&b))};
		strbuf_release(&b);
	}
}
