/*
 * Red styles, comments and their shapes: the small parts that go with a marked sheet. Existing
 * parts are added to; what stands in them stays.
 */
#include "wire/xlsx_annotate_parts.h"

#include "base/map.h"

enum { SHAPE_FIRST = 60 * 1024 + 1 }; /* far from the numbers that programs give */

uint32_t red_style_of(struct red_styles *reds, uint32_t style)
{
	for (size_t i = 0; i < reds->sources.count; i++)
		if (reds->sources.items[i] == style)
			return reds->first + (uint32_t)i;
	*VEC_PUSH(reds->mem, &reds->sources) = style;
	return reds->first + (uint32_t)reds->sources.count - 1;
}

struct styles_walk {
	struct red_styles *reds;
	struct arena *mem;
	uint32_t fill_count, xf_count;
	bool is_in_fills, is_in_xfs;
	VEC(struct str) texts; /* of the styles that are copied; in mem */
	size_t xf_at;          /* in the output: where the content of the style at hand begins */
};

static bool is_source(const struct red_styles *reds, uint32_t style)
{
	for (size_t i = 0; i < reds->sources.count; i++)
		if (reds->sources.items[i] == style)
			return true;
	return false;
}

static void styles_start(struct xml_edit *edit, const char *name, const XML_Char **attributes)
{
	struct styles_walk *w = edit->user;
	char fill[16];

	(void)attributes;
	if (edit->depth == 2) {
		w->is_in_fills = strcmp(name, "fills") == 0;
		w->is_in_xfs = strcmp(name, "cellXfs") == 0;
		/* The counts are optional; ours would be known only behind them. */
		if (w->is_in_fills || w->is_in_xfs)
			xml_edit_replace(
				edit, xml_tag_set(w->mem, xml_edit_tag(edit), "count", NULL));
	} else if (edit->depth == 3 && w->is_in_fills) {
		w->fill_count++;
	} else if (edit->depth == 3 && w->is_in_xfs) {
		/* What is passed on from here to the end of the style is its source. */
		xml_edit_reach(edit);
		w->xf_at = edit->out->n;
		if (is_source(w->reds, w->xf_count)) {
			struct str tag = xml_edit_tag(edit);
			snprintf(fill, sizeof fill, "%u", w->fill_count);
			tag = xml_tag_set(w->mem, tag, "fillId", fill);
			*VEC_PUSH(w->mem, &w->texts) = xml_tag_set(w->mem, tag, "applyFill", "1");
		}
		w->xf_at += xml_edit_tag(edit).n;
	}
}

static void put_red_styles(struct xml_edit *edit, struct styles_walk *w)
{
	xml_edit_reach(edit);
	for (size_t i = 0; i < w->reds->sources.count; i++) {
		uint32_t source = w->reds->sources.items[i];
		size_t text = 0;
		/* Texts are in the order of the file. */
		for (size_t k = 0; k < w->reds->sources.count; k++)
			text += w->reds->sources.items[k] < source;
		if (text < w->texts.count)
			strbuf_str(edit->out, w->texts.items[text]);
		else
			xml_edit_put(edit, "<%sxf fillId=\"%u\" applyFill=\"1\"/>", edit->prefix,
				w->fill_count);
	}
}

static void styles_end(struct xml_edit *edit, const char *name)
{
	struct styles_walk *w = edit->user;
	const char *p = edit->prefix;

	if (edit->depth == 2 && w->is_in_fills) {
		xml_edit_reach(edit);
		xml_edit_put(edit,
			"<%sfill><%spatternFill patternType=\"solid\"><%sfgColor "
			"rgb=\"FFFFC7CE\"/><%sbgColor indexed=\"64\"/></%spatternFill></%sfill>",
			p, p, p, p, p, p);
	} else if (edit->depth == 2 && w->is_in_xfs) {
		put_red_styles(edit, w);
	} else if (edit->depth == 3 && w->is_in_xfs) {
		xml_edit_reach(edit);
		if (is_source(w->reds, w->xf_count) && w->texts.count) {
			struct str *text = &w->texts.items[w->texts.count - 1];
			/* Alignment and protection stand inside the style. */
			if (!str_ends(*text, "/>"))
				*text = str_printf(w->mem, STR_FMT STR_FMT "</%sxf>",
					STR_ARG(*text), (int)(edit->out->n - w->xf_at),
					edit->out->p + w->xf_at, p);
		}
		w->xf_count++;
	}
	(void)name;
}

enum err red_styles_write(struct red_styles *reds, struct xlsx_book *book, struct strbuf *out)
{
	struct styles_walk walk = {.reds = reds, .mem = book->mem};
	struct xml_edit edit = {.cx = book->package.cx,
		.user = &walk,
		.out = out,
		.start = styles_start,
		.end = styles_end};

	return xml_edit_run(&edit, &book->package, book->styles_part);
}

void notes_collect(struct notes *notes, const struct xlsx_annotation *what)
{
	size_t most = what->comments_max ? what->comments_max : 1000;

	for (size_t i = 0; i < what->mark_count; i++) {
		const struct xlsx_mark *mark = &what->marks[i];
		struct note *last =
			notes->list.count ? &notes->list.items[notes->list.count - 1] : NULL;
		if (mark->column >= TABLE_COLUMNS_MAX)
			continue;
		if (last && last->row == mark->row && last->column == mark->column)
			last->text = str_printf(notes->mem, STR_FMT "\n" STR_FMT,
				STR_ARG(last->text), STR_ARG(mark->text));
		else if (notes->list.count < most)
			*VEC_PUSH(notes->mem, &notes->list) =
				(struct note){mark->row, mark->column, mark->text};
	}
}

struct append_walk {
	struct str xml;
	const char *before;  /* local name of the element at whose end xml goes; NULL: the root */
	struct strmap *refs; /* cells that have a comment; may be NULL */
};

static void append_start(struct xml_edit *edit, const char *name, const XML_Char **attributes)
{
	struct append_walk *w = edit->user;
	const char *ref;

	if (w->refs && strcmp(name, "comment") == 0) {
		ref = xlsx_attribute(attributes, "ref");
		if (ref)
			strmap_put(w->refs, str_copy(w->refs->mem, str_from(ref)), NULL);
	}
	/* <a/> can't take anything in: it becomes <a> and </a>. */
	if (xml_edit_is_empty_tag(edit) &&
		(w->before ? strcmp(name, w->before) == 0 : edit->depth == 1)) {
		struct str tag = xml_edit_tag(edit);
		xml_edit_reach(edit);
		strbuf_str(edit->out, str_sub(tag, 0, tag.n - 2));
		strbuf_char(edit->out, '>');
		strbuf_str(edit->out, w->xml);
		xml_edit_put(edit, "</%s%s>", edit->prefix, name);
		xml_edit_drop(edit);
		w->xml = STR_NONE;
	}
}

static void append_end(struct xml_edit *edit, const char *name)
{
	struct append_walk *w = edit->user;

	if (w->before ? strcmp(name, w->before) == 0 : edit->depth == 1) {
		xml_edit_reach(edit);
		strbuf_str(edit->out, w->xml);
		w->xml = STR_NONE;
	}
}

static enum err append_run(
	struct xlsx_book *book, struct str part, struct append_walk *walk, struct strbuf *out)
{
	struct xml_edit edit = {.cx = book->package.cx,
		.user = walk,
		.out = out,
		.start = append_start,
		.end = append_end};

	return xml_edit_run(&edit, &book->package, part);
}

enum err part_append(struct xlsx_book *book, struct str part, const char *empty_root,
	struct str xml, struct strbuf *out)
{
	struct append_walk walk = {.xml = xml};
	const char *name = empty_root ? empty_root + 1 : "";

	if (part.n)
		return append_run(book, part, &walk, out);
	strbuf_z(out, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n");
	strbuf_z(out, empty_root);
	strbuf_str(out, xml);
	strbuf_printf(out, "</%.*s>", (int)strcspn(name, " >"), name);
	return ERR_OK;
}

static void drop_notes_at(struct notes *notes, const struct strmap *refs)
{
	char name[TABLE_CELL_NAME_MAX];
	size_t kept = 0;

	for (size_t i = 0; i < notes->list.count; i++) {
		const struct note *note = &notes->list.items[i];
		table_reader_cell_name(note->row, note->column, name);
		if (!strmap_find(refs, str_from(name)))
			notes->list.items[kept++] = *note;
	}
	notes->list.count = kept;
}

static void format_comments(const struct notes *notes, const char *ns, struct strbuf *b)
{
	char name[TABLE_CELL_NAME_MAX];

	for (size_t i = 0; i < notes->list.count; i++) {
		const struct note *note = &notes->list.items[i];
		strbuf_printf(b,
			"<comment xmlns=\"%s\" ref=\"%s\" authorId=\"0\"><text><t "
			"xml:space=\"preserve\">",
			ns, table_reader_cell_name(note->row, note->column, name));
		strbuf_xml(b, note->text);
		strbuf_z(b, "</t></text></comment>");
	}
}

enum err notes_write_comments(struct notes *notes, struct xlsx_book *book, struct str part,
	bool is_strict, struct strbuf *out)
{
	const char *ns = is_strict ? "http://purl.oclc.org/ooxml/spreadsheetml/main"
				   : "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
	struct append_walk walk = {.before = "commentList"};
	struct strmap refs;
	struct strbuf comments;
	enum err e = ERR_OK;

	strbuf_init(&comments, STRBUF_MAX);
	if (part.n) {
		/* First only to see which cells have a comment. */
		strmap_init(&refs, book->mem);
		walk.refs = &refs;
		e = append_run(book, part, &walk, out);
		strbuf_reset(out);
		drop_notes_at(notes, &refs);
		format_comments(notes, ns, &comments);
		walk = (struct append_walk){.xml = strbuf_view(&comments), .before = "commentList"};
		if (e == ERR_OK)
			e = append_run(book, part, &walk, out);
	} else {
		format_comments(notes, ns, &comments);
		strbuf_printf(out,
			"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
			"<comments "
			"xmlns=\"%s\"><authors><author>Shuren</author></authors><commentList>",
			ns);
		strbuf_str(out, strbuf_view(&comments));
		strbuf_z(out, "</commentList></comments>");
	}
	strbuf_release(&comments);
	return e;
}

#define VML_NAMESPACES                                                                             \
	" xmlns:v=\"urn:schemas-microsoft-com:vml\""                                               \
	" xmlns:o=\"urn:schemas-microsoft-com:office:office\""                                     \
	" xmlns:x=\"urn:schemas-microsoft-com:office:excel\""

enum err notes_write_shapes(
	const struct notes *notes, struct xlsx_book *book, struct str part, struct strbuf *out)
{
	struct strbuf shapes;
	enum err e;

	strbuf_init(&shapes, STRBUF_MAX);
	strbuf_z(&shapes, "<v:shapetype" VML_NAMESPACES
			  " id=\"_x0000_t202_shuren\" coordsize=\"21600,21600\" o:spt=\"202\""
			  " path=\"m,l,21600r21600,l21600,xe\"><v:stroke joinstyle=\"miter\"/>"
			  "<v:path gradientshapeok=\"t\" o:connecttype=\"rect\"/></v:shapetype>");
	for (size_t i = 0; i < notes->list.count; i++) {
		const struct note *note = &notes->list.items[i];
		uint32_t row = note->row - 1, column = note->column;
		strbuf_printf(&shapes,
			"<v:shape" VML_NAMESPACES " id=\"_x0000_s%zu\" type=\"#_x0000_t202_shuren\""
			" style=\"position:absolute;width:160pt;height:60pt;z-index:%zu;"
			"visibility:hidden\" fillcolor=\"#ffffe1\" o:insetmode=\"auto\">"
			"<v:fill color2=\"#ffffe1\"/><v:shadow on=\"t\" color=\"black\""
			" obscured=\"t\"/><v:path o:connecttype=\"none\"/>",
			SHAPE_FIRST + i, i + 1);
		strbuf_printf(&shapes,
			"<v:textbox style=\"mso-direction-alt:auto\"><div "
			"style=\"text-align:left\"/>"
			"</v:textbox><x:ClientData ObjectType=\"Note\"><x:MoveWithCells/>"
			"<x:SizeWithCells/><x:Anchor>%u, 15, %u, 2, %u, 31, %u, 4</x:Anchor>"
			"<x:AutoFill>False</x:AutoFill><x:Row>%u</x:Row><x:Column>%u</x:Column>"
			"</x:ClientData></v:shape>",
			column + 1, row ? row - 1 : 0, column + 3, row + 3, row, column);
	}
	e = part_append(book, part, "<xml" VML_NAMESPACES ">", strbuf_view(&shapes), out);
	strbuf_release(&shapes);
	return e;
}
