#include "wire/xlsx_edit.h"

enum { WINDOW = 1 << 16, TOKEN_MAX = 4 << 20 };

void xml_edit_fail(struct xml_edit *edit, enum err e)
{
	if (edit->error == ERR_OK) {
		edit->error = e;
		XML_StopParser(edit->parser, XML_FALSE);
	}
}

static uint64_t tag_offset(const struct xml_edit *edit)
{
	return (uint64_t)XML_GetCurrentByteIndex(edit->parser);
}

struct str xml_edit_tag(const struct xml_edit *edit)
{
	uint64_t at = tag_offset(edit);
	int n = XML_GetCurrentByteCount(edit->parser);

	assert(at >= edit->base && at + (uint64_t)n <= edit->base + edit->raw.n);
	return (struct str){edit->raw.p + (at - edit->base), (size_t)n};
}

bool xml_edit_is_empty_tag(const struct xml_edit *edit)
{
	return str_ends(xml_edit_tag(edit), "/>");
}

static void flush(struct xml_edit *edit, size_t at_least)
{
	if (!edit->file || edit->out->n < at_least)
		return;
	if (edit->out->n && fwrite(edit->out->p, 1, edit->out->n, edit->file) != edit->out->n)
		xml_edit_fail(edit,
			ctx_fail(edit->cx, ERR_IO,
				TR(edit->cx, "写临时文件时出错", "cannot write a temporary file")));
	strbuf_reset(edit->out);
}

static void pass_until(struct xml_edit *edit, uint64_t offset)
{
	if (offset > edit->done) {
		if (!edit->is_dropping)
			strbuf_add(edit->out, edit->raw.p + (edit->done - edit->base),
				(size_t)(offset - edit->done));
		edit->done = offset;
		flush(edit, WINDOW);
	}
}

void xml_edit_reach(struct xml_edit *edit)
{
	pass_until(edit, tag_offset(edit));
}

void xml_edit_drop(struct xml_edit *edit)
{
	edit->done =
		MAX(edit->done, tag_offset(edit) + (uint64_t)XML_GetCurrentByteCount(edit->parser));
}

void xml_edit_replace(struct xml_edit *edit, struct str tag)
{
	xml_edit_reach(edit);
	strbuf_str(edit->out, tag);
	xml_edit_drop(edit);
}

void xml_edit_put(struct xml_edit *edit, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	assert(n >= 0 && (size_t)n < sizeof text);
	strbuf_add(edit->out, text, (size_t)n);
}

void strbuf_xml(struct strbuf *b, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c == '&')
			strbuf_z(b, "&amp;");
		else if (c == '<')
			strbuf_z(b, "&lt;");
		else if (c == '>')
			strbuf_z(b, "&gt;");
		else if (c == '"')
			strbuf_z(b, "&quot;");
		else if (c >= 0x20 || c == '\n' || c == '\t')
			strbuf_char(b, (char)c);
	}
}

void xml_edit_put_text(struct xml_edit *edit, struct str text)
{
	strbuf_xml(edit->out, text);
}

/* The attribute at p[*at..], cut off; false at the end of the tag. Tags are well-formed here. */
static bool next_attribute(struct str tag, size_t *at, struct str *name, struct str *whole)
{
	size_t i = *at, from;
	char quote;

	while (i < tag.n && strchr(" \t\r\n", tag.p[i]))
		i++;
	if (i >= tag.n || tag.p[i] == '/' || tag.p[i] == '>')
		return false;
	from = i;
	while (i < tag.n && !strchr(" \t\r\n=", tag.p[i]))
		i++;
	*name = str_sub(tag, from, i);
	while (i < tag.n && tag.p[i] != '"' && tag.p[i] != '\'')
		i++;
	if (i >= tag.n)
		return false;
	quote = tag.p[i++];
	while (i < tag.n && tag.p[i] != quote)
		i++;
	*at = MIN(i + 1, tag.n);
	*whole = str_sub(tag, from, *at);
	return true;
}

struct str xml_tag_set(struct arena *mem, struct str tag, const char *attribute, const char *value)
{
	struct strbuf b;
	struct str name, whole, out;
	size_t at = 0;

	strbuf_init(&b, STRBUF_MAX);
	while (at < tag.n && !strchr(" \t\r\n/>", tag.p[at]))
		at++;
	strbuf_str(&b, str_sub(tag, 0, at));
	while (next_attribute(tag, &at, &name, &whole)) {
		if (str_is(name, attribute))
			continue;
		strbuf_char(&b, ' ');
		strbuf_str(&b, whole);
	}
	if (value) {
		strbuf_printf(&b, " %s=\"", attribute);
		strbuf_xml(&b, str_from(value));
		strbuf_char(&b, '"');
	}
	strbuf_z(&b, str_ends(tag, "/>") ? "/>" : ">");
	out = str_copy(mem, strbuf_view(&b));
	strbuf_release(&b);
	return out;
}

static void read_root(struct xml_edit *edit, const XML_Char *name, const XML_Char **attributes)
{
	const char *colon = strchr(name, ':');

	if (colon && (size_t)(colon - name) + 2 <= sizeof edit->prefix)
		memcpy(edit->prefix, name, (size_t)(colon - name) + 1);
	for (size_t i = 0; attributes[i]; i += 2)
		if (strncmp(attributes[i], "xmlns", 5) == 0 &&
			strstr(attributes[i + 1], "purl.oclc.org/ooxml/spreadsheetml"))
			edit->is_strict = true;
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct xml_edit *edit = data;

	if (++edit->depth == 1)
		read_root(edit, name, attributes);
	if (edit->error == ERR_OK)
		edit->start(edit, xlsx_local_name(name), attributes);
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
	struct xml_edit *edit = data;

	if (edit->error == ERR_OK)
		edit->end(edit, xlsx_local_name(name));
	edit->depth--;
}

static void fail_encoding(struct xml_edit *edit)
{
	xml_edit_fail(
		edit, ctx_fail(edit->cx, ERR_UNSUPPORTED,
			      TR(edit->cx, "工作簿的 %s 不是 UTF-8，不能在原文件上批注",
				      "%s of the workbook is not UTF-8: it can't be annotated"),
			      edit->part.name.p));
}

static void XMLCALL on_declaration(
	void *data, const XML_Char *version, const XML_Char *encoding, int standalone)
{
	(void)version;
	(void)standalone;
	if (encoding && strcasecmp(encoding, "UTF-8") != 0 && strcasecmp(encoding, "US-ASCII") != 0)
		fail_encoding(data);
}

static void XMLCALL on_doctype(void *data, const XML_Char *name, const XML_Char *sysid,
	const XML_Char *pubid, int has_internal_subset)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)has_internal_subset;
	fail_encoding(data);
}

/* One window of the part to expat; then pass on what no handler can want any more. */
static enum err feed(struct xml_edit *edit, bool *out_more)
{
	char window[WINDOW];
	size_t got = 0;
	XML_Index at;

	TRY(xlsx_part_read(&edit->part, window, sizeof window, &got));
	if (edit->part.done == got && got > 1 &&
		((unsigned char)window[0] >= 0xFE || window[0] == '\0' || window[1] == '\0'))
		fail_encoding(edit);
	if (edit->error != ERR_OK)
		return edit->error;
	strbuf_add(&edit->raw, window, got);
	*out_more = got > 0;
	if (XML_Parse(edit->parser, window, (int)got, got == 0) != XML_STATUS_OK)
		return edit->error != ERR_OK ? edit->error
					     : ctx_fail(edit->cx, ERR_REJECTED,
						       TR(edit->cx, "工作簿的 %s 不是正确的 XML",
							       "%s of the workbook is malformed"),
						       edit->part.name.p);
	if (got == 0) {
		pass_until(edit, edit->base + edit->raw.n);
		return edit->error;
	}
	at = XML_GetCurrentByteIndex(edit->parser);
	if (at >= 0)
		pass_until(edit, (uint64_t)at);
	if (edit->done > edit->base) {
		size_t drop = (size_t)(MIN(edit->done, edit->base + edit->raw.n) - edit->base);
		memmove(edit->raw.p, edit->raw.p + drop, edit->raw.n - drop);
		edit->raw.n -= drop;
		edit->base += drop;
	}
	if (edit->raw.n > TOKEN_MAX)
		return ctx_fail(edit->cx, ERR_TOO_LARGE,
			TR(edit->cx, "工作簿的 %s 有过长的标记", "%s holds an overlong token"),
			edit->part.name.p);
	return edit->error;
}

enum err xml_edit_run(struct xml_edit *edit, struct xlsx_package *package, struct str part)
{
	bool has_more = true;
	enum err e = ERR_OK;

	TRY(xlsx_part_open(package, part, UINT64_MAX, &edit->part));
	strbuf_init(&edit->raw, STRBUF_MAX);
	edit->parser = XML_ParserCreate(NULL);
	if (!edit->parser)
		BUG("out of memory");
	XML_SetUserData(edit->parser, edit);
	XML_SetElementHandler(edit->parser, on_start, on_end);
	XML_SetXmlDeclHandler(edit->parser, on_declaration);
	XML_SetStartDoctypeDeclHandler(edit->parser, on_doctype);
	while (e == ERR_OK && has_more)
		e = feed(edit, &has_more);
	if (e == ERR_OK)
		flush(edit, 0);
	XML_ParserFree(edit->parser);
	edit->parser = NULL;
	strbuf_release(&edit->raw);
	xlsx_part_close(&edit->part);
	return e == ERR_OK ? edit->error : e;
}
