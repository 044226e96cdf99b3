#include "wire/xlsx_book.h"

#include "base/num.h"

enum { PART_MAX = 128 << 20, SHEETS_MAX = 4096, STYLES_MAX = 1 << 20 };

static void XMLCALL workbook_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct xlsx_book *book = ((struct xlsx_xml *)data)->user;
	const char *value, *state;

	if (xlsx_is(name, "workbookPr")) {
		value = xlsx_attribute(attributes, "date1904");
		book->is_1904 = value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
		return;
	}
	value = xlsx_attribute(attributes, "name");
	if (!xlsx_is(name, "sheet") || !value || book->sheets.count >= SHEETS_MAX)
		return;
	state = xlsx_attribute(attributes, "state");
	*VEC_PUSH(book->mem, &book->sheets) = (struct xlsx_sheet){
		.name = str_copy(book->mem, str_from(value)),
		.relation = str_copy(book->mem, str_from(xlsx_attribute(attributes, "id"))),
		.is_hidden = state && strcmp(state, "visible") != 0,
	};
}

/* Give each sheet its part; what is no worksheet (charts, dialogs) falls out. */
static void resolve_sheets(struct xlsx_book *book, const struct xlsx_relations *rels)
{
	size_t kept = 0;

	for (size_t i = 0; i < book->sheets.count; i++) {
		struct xlsx_sheet *sheet = &book->sheets.items[i];
		const struct xlsx_relation *rel =
			xlsx_relation_by_id(rels, str_z(book->mem, sheet->relation));
		if (!rel || !str_is(rel->kind, "worksheet"))
			continue;
		sheet->part = rel->target;
		book->sheets.items[kept++] = *sheet;
	}
	book->sheets.count = kept;
}

struct custom_format {
	int id;
	enum xlsx_format format;
};

struct styles {
	struct xlsx_book *book;
	VEC(struct custom_format) codes;
	bool is_in_cell_xfs;
};

static enum xlsx_format format_of_id(const struct styles *styles, int id)
{
	for (size_t i = 0; i < styles->codes.count; i++)
		if (styles->codes.items[i].id == id)
			return styles->codes.items[i].format;
	return xlsx_format_builtin(id);
}

static int attribute_int(const XML_Char **attributes, const char *local)
{
	const char *value = xlsx_attribute(attributes, local);
	int64_t v;

	return value && parse_i64(str_from(value), 0, INT_MAX, &v) == NUM_OK ? (int)v : -1;
}

static void XMLCALL styles_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct styles *styles = ((struct xlsx_xml *)data)->user;
	struct xlsx_book *book = styles->book;
	const char *code;

	if (xlsx_is(name, "numFmt")) {
		code = xlsx_attribute(attributes, "formatCode");
		if (code && styles->codes.count < 4096) {
			*VEC_PUSH(book->mem, &styles->codes) =
				(struct custom_format){attribute_int(attributes, "numFmtId"),
					xlsx_format_of_code(str_from(code))};
		}
	} else if (xlsx_is(name, "cellXfs")) {
		styles->is_in_cell_xfs = true;
	} else if (styles->is_in_cell_xfs && xlsx_is(name, "xf") &&
		   book->formats.count < STYLES_MAX) {
		enum xlsx_format format =
			format_of_id(styles, attribute_int(attributes, "numFmtId"));
		*VEC_PUSH(book->mem, &book->formats) = (uint8_t)format;
	}
}

static void XMLCALL styles_end(void *data, const XML_Char *name)
{
	struct styles *styles = ((struct xlsx_xml *)data)->user;

	if (xlsx_is(name, "cellXfs"))
		styles->is_in_cell_xfs = false;
}

static enum err open_parts(struct xlsx_book *book)
{
	struct ctx *cx = book->package.cx;
	struct xlsx_relations rels;
	const struct xlsx_relation *rel;
	struct styles styles = {.book = book};

	TRY(xlsx_relations_load(&book->package, STR_NONE, &rels));
	rel = xlsx_relation_by_kind(&rels, "officeDocument");
	if (!rel || !xlsx_package_has(&book->package, rel->target))
		return ctx_fail(cx, ERR_UNSUPPORTED,
			TR(cx, "这是压缩文件，不是 .xlsx 工作簿",
				"this is a zip file, but not an .xlsx workbook"));
	book->part = rel->target;
	TRY(xlsx_xml_parse(&book->package, book->part, PART_MAX, workbook_start, NULL, NULL, book));
	TRY(xlsx_relations_load(&book->package, book->part, &rels));
	resolve_sheets(book, &rels);
	if (book->sheets.count == 0)
		return ctx_fail(cx, ERR_UNSUPPORTED,
			TR(cx, "文件里没有工作表", "the file has no worksheet"));
	rel = xlsx_relation_by_kind(&rels, "sharedStrings");
	if (rel && xlsx_package_has(&book->package, rel->target))
		book->strings_part = rel->target;
	rel = xlsx_relation_by_kind(&rels, "styles");
	if (!rel || !xlsx_package_has(&book->package, rel->target))
		return ERR_OK;
	book->styles_part = rel->target;
	return xlsx_xml_parse(&book->package, book->styles_part, PART_MAX, styles_start, styles_end,
		NULL, &styles);
}

enum err xlsx_book_open(struct xlsx_book *book, struct ctx *cx, const struct table_bytes *bytes,
	uint64_t inflated_max)
{
	enum err e;

	*book = (struct xlsx_book){.mem = cx->mem};
	TRY(xlsx_package_open(&book->package, cx, bytes, inflated_max));
	e = open_parts(book);
	if (e != ERR_OK)
		xlsx_book_close(book);
	return e;
}

void xlsx_book_close(struct xlsx_book *book)
{
	xlsx_package_close(&book->package);
	free(book->strings.p);
	free(book->strings.ends);
	book->strings = (struct xlsx_strings){0};
}

struct strings_reader {
	struct xlsx_strings *strings;
	size_t start, cell_max;
	bool is_text, is_phonetic;
};

static void XMLCALL strings_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct strings_reader *reader = ((struct xlsx_xml *)data)->user;

	(void)attributes;
	name = xlsx_local_name(name);
	if (strcmp(name, "t") == 0)
		reader->is_text = !reader->is_phonetic;
	else if (strcmp(name, "rPh") == 0)
		reader->is_phonetic = true;
	else if (strcmp(name, "si") == 0)
		reader->start = reader->strings->size;
}

static void XMLCALL strings_text(void *data, const XML_Char *text, int n)
{
	struct xlsx_xml *xml = data;
	struct strings_reader *reader = xml->user;
	struct xlsx_strings *strings = reader->strings;

	if (!reader->is_text)
		return;
	if (strings->size - reader->start + (size_t)n > reader->cell_max ||
		strings->size + (size_t)n > UINT32_MAX) {
		struct ctx *cx = xml->part.package->cx;
		xlsx_xml_fail(xml, ctx_fail(cx, ERR_TOO_LARGE,
					   TR(cx, "有一个单元格的文字太长",
						   "the text of a cell is over the limit")));
		return;
	}
	if (strings->cap - strings->size < (size_t)n) {
		strings->cap = MAX(strings->cap + strings->cap / 2, strings->size + (size_t)n);
		strings->cap = MAX(strings->cap, (size_t)1 << 16);
		strings->p = table_realloc(strings->p, strings->cap, 1);
	}
	memcpy(strings->p + strings->size, text, (size_t)n);
	strings->size += (size_t)n;
}

static void XMLCALL strings_end(void *data, const XML_Char *name)
{
	struct strings_reader *reader = ((struct xlsx_xml *)data)->user;
	struct xlsx_strings *strings = reader->strings;

	name = xlsx_local_name(name);
	if (strcmp(name, "t") == 0) {
		reader->is_text = false;
	} else if (strcmp(name, "rPh") == 0) {
		reader->is_phonetic = false;
	} else if (strcmp(name, "si") == 0) {
		if (strings->size > reader->start)
			strings->size = reader->start + xlsx_unescape(strings->p + reader->start,
								strings->size - reader->start);
		if (strings->count == strings->ends_cap) {
			strings->ends_cap = strings->ends_cap ? strings->ends_cap * 3 / 2 : 4096;
			strings->ends = table_realloc(
				strings->ends, strings->ends_cap, sizeof *strings->ends);
		}
		strings->ends[strings->count++] = (uint32_t)strings->size;
	}
}

enum err xlsx_book_load_strings(struct xlsx_book *book, uint64_t max, size_t cell_max)
{
	struct strings_reader reader = {.strings = &book->strings, .cell_max = cell_max};

	if (book->has_strings || book->strings_part.n == 0)
		return ERR_OK;
	book->has_strings = true;
	return xlsx_xml_parse(&book->package, book->strings_part, max, strings_start, strings_end,
		strings_text, &reader);
}

enum err xlsx_book_find_sheet(
	struct xlsx_book *book, struct str name, const struct xlsx_sheet **out)
{
	struct ctx *cx = book->package.cx;
	struct strbuf names;
	enum err e;

	for (size_t i = 0; i < book->sheets.count; i++)
		if (str_eq(str_trim(book->sheets.items[i].name), str_trim(name))) {
			*out = &book->sheets.items[i];
			return ERR_OK;
		}
	strbuf_init(&names, 4096);
	for (size_t i = 0; i < book->sheets.count; i++)
		if (!book->sheets.items[i].is_hidden) {
			strbuf_z(&names, names.n ? TR(cx, "、", ", ") : "");
			strbuf_str(&names, book->sheets.items[i].name);
		}
	e = ctx_fail(cx, ERR_REJECTED,
		TR(cx, "工作簿里没有名为“%.*s”的工作表，现有：%.*s",
			"the workbook has no sheet named '%.*s'; it has: %.*s"),
		STR_ARG(name), STR_ARG(strbuf_view(&names)));
	strbuf_release(&names);
	return e;
}
