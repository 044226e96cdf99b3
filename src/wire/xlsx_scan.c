#include "wire/xlsx_scan.h"

enum {
	WINDOW = 1 << 16,
	TOKEN_MAX = 4 << 20, /* bytes of one tag or comment */
	ATTRIBUTES_MAX = 64,
	ENTITY_MAX = 12, /* bytes of the longest reference, &#x0010FFFF; */
};

enum step { STEP_DONE, STEP_NEEDS_MORE, STEP_BAD };

static enum err fail_malformed(struct xlsx_scan *scan)
{
	struct ctx *cx = scan->part.package->cx;

	return ctx_fail(cx, ERR_REJECTED,
		TR(cx, "工作簿的 %s 第 %" PRIu64 " 字节附近不是正确的 XML",
			"%s of the workbook is malformed XML near byte %" PRIu64),
		scan->part.name.p, scan->part.done - (scan->size - scan->at));
}

void xlsx_scan_pause(struct xlsx_scan *scan)
{
	scan->is_paused = true;
}

void xlsx_scan_fail(struct xlsx_scan *scan, enum err e)
{
	if (scan->error == ERR_OK)
		scan->error = e;
}

/* Fill the window behind what is left in it; it grows for a token that does not fit. */
static enum err refill(struct xlsx_scan *scan)
{
	struct ctx *cx = scan->part.package->cx;

	if (scan->at > 0) {
		scan->size -= scan->at;
		memmove(scan->p, scan->p + scan->at, scan->size);
		scan->at = 0;
	}
	if (scan->size > scan->cap / 2) {
		if (scan->size > TOKEN_MAX)
			return ctx_fail(cx, ERR_TOO_LARGE,
				TR(cx, "工作簿的 %s 有过长的标记", "%s holds an overlong token"),
				scan->part.name.p);
		scan->cap *= 2;
		scan->p = table_realloc(scan->p, scan->cap, 1);
	}
	while (scan->size < scan->cap && !scan->is_at_end) {
		size_t got = 0;
		TRY(xlsx_part_read(
			&scan->part, scan->p + scan->size, scan->cap - scan->size, &got));
		scan->size += got;
		scan->is_at_end = got == 0;
	}
	return ERR_OK;
}

/* The declared encoding, if any, must be UTF-8, which UTF-16 files contradict by their bytes. */
static enum err check_encoding(struct xlsx_scan *scan)
{
	struct ctx *cx = scan->part.package->cx;
	struct str head = {scan->p, scan->size};
	struct str declaration;
	size_t at;
	bool is_utf8 = true;

	if (str_starts(head, "\xEF\xBB\xBF"))
		scan->at = 3;
	if (head.n >= 2 && ((unsigned char)head.p[0] >= 0xFE || !head.p[0] || !head.p[1]))
		is_utf8 = false;
	head = str_sub(head, scan->at, head.n);
	/* Not <?xml-stylesheet and the like. */
	if (str_starts(head, "<?xml") && head.n > 5 && strchr(" \t\r\n", head.p[5])) {
		declaration = str_sub(head, 0, str_find(head, STR("?>")));
		at = str_find(declaration, STR("encoding"));
		if (at != SIZE_MAX) {
			struct str rest = str_sub(declaration, at + 8, at + 24);
			while (rest.n && strchr(" \t\r\n='\"", rest.p[0]))
				rest = str_sub(rest, 1, rest.n);
			is_utf8 = rest.n >= 5 && (strncasecmp(rest.p, "utf-8", 5) == 0 ||
							 strncasecmp(rest.p, "us-as", 5) == 0);
		}
	}
	if (!is_utf8)
		return ctx_fail(cx, ERR_UNSUPPORTED,
			TR(cx, "工作簿的 %s 不是 UTF-8，请用 Excel 或 WPS 重新保存",
				"%s of the workbook is not UTF-8: save it again with Excel or WPS"),
			scan->part.name.p);
	return ERR_OK;
}

enum err xlsx_scan_open(struct xlsx_scan *scan, struct xlsx_package *package, struct str part)
{
	*scan = (struct xlsx_scan){.cap = WINDOW};
	TRY(xlsx_part_open(package, part, UINT64_MAX, &scan->part));
	scan->p = table_realloc(NULL, scan->cap, 1);
	TRY(refill(scan));
	return check_encoding(scan);
}

void xlsx_scan_close(struct xlsx_scan *scan)
{
	free(scan->p);
	scan->p = NULL;
	xlsx_part_close(&scan->part);
}

/* The code point of the reference between & and ; or 0. */
static uint32_t reference(const char *p, size_t n)
{
	static const struct {
		const char *name;
		char c;
	} named[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
	uint32_t rune = 0, base = 10;
	size_t i = 1;

	for (size_t k = 0; k < ARRAY_LEN(named); k++)
		if (strlen(named[k].name) == n && memcmp(named[k].name, p, n) == 0)
			return (unsigned char)named[k].c;
	if (n < 2 || p[0] != '#')
		return 0;
	if (p[1] == 'x') {
		base = 16;
		i = 2;
	}
	if (i == n)
		return 0;
	for (; i < n; i++) {
		char c = p[i];
		uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
				 : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
				 : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A') + 10
							: 16;
		if (digit >= base)
			return 0;
		rune = rune * base + digit;
		if (rune > 0x10FFFF)
			return 0;
	}
	return rune >= 0xD800 && rune < 0xE000 ? 0 : rune;
}

/* References and line ends of p[0..n) made plain in place; SIZE_MAX when a reference is bad. */
static size_t decode(char *p, size_t n)
{
	size_t out = 0, i = 0;

	while (i < n) {
		if (p[i] == '&') {
			char *semicolon = memchr(p + i, ';', MIN(n - i, (size_t)ENTITY_MAX));
			size_t length = semicolon ? (size_t)(semicolon - p) - i - 1 : 0;
			uint32_t rune = length ? reference(p + i + 1, length) : 0;
			if (rune == 0)
				return SIZE_MAX;
			i += length + 2;
			out += utf8_put(p + out, rune);
		} else if (p[i] == '\r') {
			i += i + 1 < n && p[i + 1] == '\n' ? 2 : 1;
			p[out++] = '\n';
		} else {
			p[out++] = p[i++];
		}
	}
	return out;
}

static bool needs_decoding(const char *p, size_t n)
{
	return memchr(p, '&', n) || memchr(p, '\r', n);
}

/* Text up to the next tag; what is cut off by the window may be given in pieces. */
static enum step read_text(struct xlsx_scan *scan)
{
	char *p = scan->p + scan->at;
	size_t left = scan->size - scan->at, n, length;
	const char *tag = memchr(p, '<', left);

	n = tag ? (size_t)(tag - p) : left;
	if (!tag && !scan->is_at_end) {
		/* A reference or CR LF may go on in the next window. */
		size_t from = n > ENTITY_MAX ? n - ENTITY_MAX : 0;
		const char *cut = memrchr(p + from, '&', n - from);
		if (cut)
			n = (size_t)(cut - p);
		else if (n && p[n - 1] == '\r')
			n--;
		if (n == 0)
			return STEP_NEEDS_MORE;
	}
	length = needs_decoding(p, n) ? decode(p, n) : n;
	if (length == SIZE_MAX)
		return STEP_BAD;
	scan->at += n;
	if (scan->depth && length)
		scan->text(scan, p, length);
	return STEP_DONE;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline bool ends_name(char c)
{
	return is_blank(c) || c == '=' || c == '>' || c == '/' || c == '<' || c == '"' || c == '\'';
}

/* Where a name ends in a tag whose '>' is in the window. */
static const char *name_end(const char *p)
{
	while (!ends_name(*p))
		p++;
	return p;
}

static bool push_name(struct xlsx_scan *scan, const char *name, size_t n)
{
	if (scan->depth == XLSX_SCAN_DEPTH || scan->names_size + n + 1 > XLSX_SCAN_NAMES)
		return false;
	scan->starts[scan->depth++] = scan->names_size;
	memcpy(scan->names + scan->names_size, name, n);
	scan->names[scan->names_size + n] = '\0';
	scan->names_size = (uint16_t)(scan->names_size + n + 1);
	return true;
}

/* Is p[0..n) the name of the open element? Then it is open no more, but told as ended. */
static bool pop_name(struct xlsx_scan *scan, const char *p, size_t n)
{
	const char *name;
	uint16_t start;

	if (scan->depth == 0)
		return false;
	start = scan->starts[scan->depth - 1];
	name = scan->names + start;
	if ((size_t)(scan->names_size - start) != n + 1 || memcmp(name, p, n) != 0)
		return false;
	scan->end(scan, name);
	scan->depth--;
	scan->names_size = start;
	return true;
}

/*
 * The attributes between p and the end of the tag ('>' ends it only outside quotes). list gets name
 * and value in turns and NULL; NULs are written last, when the tag is whole. Returns the position
 * behind the tag, or NULL; *out_step says why.
 */
static char *read_attributes(
	struct xlsx_scan *scan, char *p, const char **list, bool *out_empty, enum step *out_step)
{
	char *limit = scan->p + scan->size;
	char *ends[2 * ATTRIBUTES_MAX], *values[ATTRIBUTES_MAX];
	size_t count = 0;

	*out_step = STEP_BAD;
	for (;;) {
		while (p < limit && is_blank(*p))
			p++;
		if (p == limit || (*p == '/' && p + 1 == limit)) {
			*out_step = STEP_NEEDS_MORE;
			return NULL;
		}
		if (*p == '>' || (*p == '/' && p[1] == '>'))
			break;
		if (count == ATTRIBUTES_MAX)
			return NULL;
		list[2 * count] = p;
		while (p < limit && !ends_name(*p))
			p++;
		ends[2 * count] = p;
		if (p < limit && p == list[2 * count])
			return NULL;
		while (p < limit && (is_blank(*p) || *p == '='))
			p++;
		if (p < limit && *p != '"' && *p != '\'')
			return NULL;
		list[2 * count + 1] = values[count] = p + 1;
		p = p < limit ? memchr(p + 1, *p, (size_t)(limit - p - 1)) : NULL;
		if (!p) {
			*out_step = STEP_NEEDS_MORE;
			return NULL;
		}
		ends[2 * count + 1] = p++;
		count++;
	}
	*out_empty = *p == '/';
	for (size_t i = 0; i < count; i++) {
		char *value = values[i];
		size_t n = (size_t)(ends[2 * i + 1] - value);
		if (needs_decoding(value, n))
			n = decode(value, n);
		if (n == SIZE_MAX)
			return NULL;
		*ends[2 * i] = '\0';
		value[n] = '\0';
	}
	list[2 * count] = NULL;
	return p + (*out_empty ? 2 : 1);
}

static enum step read_start(struct xlsx_scan *scan)
{
	const char *attributes[2 * ATTRIBUTES_MAX + 1];
	char *p = scan->p + scan->at + 1, *behind;
	size_t n;
	enum step step;
	bool is_empty = false;

	/* The name ends before '>' at the latest, and that is in the window. */
	if (!memchr(p, '>', scan->size - scan->at - 1))
		return STEP_NEEDS_MORE;
	n = (size_t)(name_end(p) - p);
	if (n == 0 || (!is_blank(p[n]) && p[n] != '>' && p[n] != '/') ||
		(scan->depth == 0 && scan->has_root))
		return STEP_BAD;
	behind = read_attributes(scan, p + n, attributes, &is_empty, &step);
	if (!behind)
		return step;
	if (!push_name(scan, p, n))
		return STEP_BAD;
	scan->has_root = true;
	scan->at = (size_t)(behind - scan->p);
	scan->start(scan, scan->names + scan->starts[scan->depth - 1], attributes);
	if (is_empty)
		pop_name(scan, scan->names + scan->starts[scan->depth - 1], n);
	return STEP_DONE;
}

static enum step read_end(struct xlsx_scan *scan)
{
	char *p = scan->p + scan->at + 2;
	char *gt = memchr(p, '>', scan->size - scan->at - 2);
	size_t n;

	if (!gt)
		return STEP_NEEDS_MORE;
	n = (size_t)(gt - p);
	while (n && is_blank(p[n - 1]))
		n--;
	scan->at = (size_t)(gt + 1 - scan->p);
	return pop_name(scan, p, n) ? STEP_DONE : STEP_BAD;
}

/* Comments, instructions and CDATA; a document type is refused. */
static enum step read_special(struct xlsx_scan *scan)
{
	struct str left = {scan->p + scan->at, scan->size - scan->at};
	struct ctx *cx = scan->part.package->cx;
	bool is_cdata = str_starts(left, "<![CDATA[");
	const char *closing = is_cdata ? "]]>" : str_starts(left, "<!--") ? "-->" : "?>";
	size_t end;

	if (left.n < 9)
		return STEP_NEEDS_MORE;
	if (left.p[1] == '!' && !is_cdata && !str_starts(left, "<!--")) {
		if (str_starts(left, "<!DOCTYPE"))
			xlsx_scan_fail(
				scan, ctx_fail(cx, ERR_REJECTED,
					      TR(cx, "工作簿含有不允许的 XML 声明（DOCTYPE）",
						      "the workbook holds an XML document "
						      "type, which is not allowed")));
		return STEP_BAD;
	}
	end = str_find(left, str_from(closing));
	if (end == SIZE_MAX)
		return STEP_NEEDS_MORE;
	if (is_cdata && scan->depth && end > 9)
		scan->text(scan, left.p + 9, end - 9);
	scan->at += end + strlen(closing);
	return STEP_DONE;
}

static enum step read_token(struct xlsx_scan *scan)
{
	const char *p = scan->p + scan->at;

	if (*p != '<')
		return read_text(scan);
	if (scan->size - scan->at < 2)
		return STEP_NEEDS_MORE;
	if (p[1] == '/')
		return read_end(scan);
	if (p[1] == '!' || p[1] == '?')
		return read_special(scan);
	return read_start(scan);
}

enum err xlsx_scan_run(struct xlsx_scan *scan)
{
	scan->is_paused = false;
	while (!scan->is_paused && scan->error == ERR_OK) {
		enum step step = scan->at < scan->size ? read_token(scan) : STEP_NEEDS_MORE;
		if (scan->error != ERR_OK)
			break;
		if (step == STEP_BAD)
			return fail_malformed(scan);
		if (step == STEP_DONE)
			continue;
		if (!scan->is_at_end) {
			TRY(refill(scan));
		} else if (scan->at == scan->size && scan->depth == 0 && scan->has_root) {
			return ERR_OK;
		} else {
			return fail_malformed(scan);
		}
	}
	return scan->error;
}
