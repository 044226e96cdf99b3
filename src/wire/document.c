/* What documents of all formats have in common: order of calls, clean text, the look of styles. */
#include "wire/document_internal.h"

#define MM(n) ((n)*72.0 / 25.4)

/*
 * Sizes after GB/T 9704-2012: title 2号 (22 pt), headings and text 3号 (16 pt), 22 lines a page.
 * SOURCE unverified beyond that: the standard is for letters of offices, reports follow its habit.
 */
#define SONG "FZXiaoBiaoSong-B05S,Noto Serif CJK SC,SimSun,serif"
#define FANG "FangSong,FangSong_GB2312,Noto Serif CJK SC,serif"
#define HEI  "SimHei,Noto Sans CJK SC,sans-serif"
#define KAI  "KaiTi,KaiTi_GB2312,Noto Serif CJK SC,serif"

const struct document_look document_looks[DOCUMENT_STYLES] = {
	[DOCUMENT_TITLE] = {"Title", "方正小标宋简体", "宋体", SONG, 22, 36, 0, 12, DOCUMENT_CENTER,
		.is_bold = true},
	[DOCUMENT_SUBTITLE] = {"Subtitle", "楷体_GB2312", "楷体", KAI, 16, 28, 0, 6,
		DOCUMENT_CENTER, .level = 0},
	[DOCUMENT_MARK] = {"Mark", "黑体", "SimHei", HEI, 16, 28, 12, 12, DOCUMENT_CENTER,
		.is_bold = true, .is_red = true},
	[DOCUMENT_FIELD] = {"Field", "仿宋_GB2312", "仿宋", FANG, 16, 34, 0, 0, DOCUMENT_LEFT,
		.is_indented = true},
	[DOCUMENT_HEADING] = {"Heading1", "黑体", "SimHei", HEI, 16, 28, 14, 6, DOCUMENT_LEFT,
		.stays_with_next = true, .level = 1},
	[DOCUMENT_SUBHEADING] = {"Heading2", "楷体_GB2312", "楷体", KAI, 14, 24, 8, 4,
		DOCUMENT_LEFT, .is_bold = true, .stays_with_next = true, .level = 2},
	[DOCUMENT_BODY] = {"Body", "仿宋_GB2312", "仿宋", FANG, 16, 28, 0, 0, DOCUMENT_LEFT,
		.is_indented = true},
	[DOCUMENT_NOTE] = {"Note", "仿宋_GB2312", "仿宋", FANG, 10.5, 16, 2, 2, DOCUMENT_LEFT,
		.level = 0},
	[DOCUMENT_GAP] = {"Gap", "仿宋_GB2312", "仿宋", FANG, 16, 28, 0, 0, DOCUMENT_LEFT,
		.level = 0},
};

struct document_page document_page_of(bool is_landscape)
{
	if (is_landscape)
		return (struct document_page){MM(297), MM(210), MM(25), MM(20), MM(20), MM(20)};
	return (struct document_page){MM(210), MM(297), MM(37), MM(26), MM(35), MM(28)};
}

double document_column_width(const struct document *d, size_t column, double width)
{
	double all = 0;

	for (size_t c = 0; c < d->table.column_count; c++)
		all += d->table.columns[c].width;
	return width * d->table.columns[column].width / all;
}

void document_keep_error(struct document *d, enum err e)
{
	if (d->error == ERR_OK)
		d->error = e;
}

/* --- text ----------------------------------------------------------------------------------- */

/* XML 1.0 has no place for most of these; marks of direction let text pass for another. */
static const struct {
	uint32_t from, to;
} dropped[] = {{0, 0x09}, {0x0B, 0x1F}, {0x7F, 0x9F}, {0x200E, 0x200F}, {0x2028, 0x202E},
	{0x2066, 0x2069}, {0xD800, 0xDFFF}, {0xFEFF, 0xFEFF}, {0xFFFE, 0xFFFF},
	{0x110000, UINT32_MAX}};

static bool is_kept(uint32_t rune)
{
	for (size_t i = 0; i < ARRAY_LEN(dropped); i++)
		if (rune >= dropped[i].from && rune <= dropped[i].to)
			return false;
	return true;
}

static struct str clean(struct arena *mem, struct str s)
{
	/* A byte that is no UTF-8 becomes U+FFFD, three bytes. */
	char *out = arena_alloc(mem, s.n * 3 + 1);
	size_t n = 0;

	for (size_t at = 0; at < s.n;) {
		uint32_t rune = utf8_next(s, &at);
		if (rune == '\t')
			rune = ' ';
		if (is_kept(rune))
			n += utf8_put(out + n, rune);
	}
	return (struct str){out, n};
}

/* --- calls ---------------------------------------------------------------------------------- */

static void release(void *arg)
{
	struct document *d = arg;

	if (!d->is_closed && d->own)
		d->writer->release(d);
	d->is_closed = true;
	arena_free(d->scratch);
}

enum err document_open(struct ctx *cx, const char *path, enum document_format format,
	const struct document_settings *settings, struct document **out)
{
	struct document *d = arena_new(cx->mem, struct document);

	*d = (struct document){.cx = cx,
		.path = arena_strz(cx->mem, path),
		.settings = *settings,
		.scratch = arena_create()};
	d->settings.title = clean(cx->mem, settings->title);
	d->settings.running = clean(cx->mem, settings->running);
	d->settings.mark = clean(cx->mem, settings->mark);
	arena_defer(cx->mem, release, d);
	switch (format) {
	case DOCUMENT_DOCX:
		TRY(docx_writer_open(d));
		break;
	case DOCUMENT_PDF:
		TRY(pdf_writer_open(d));
		break;
	}
	*out = d;
	return ERR_OK;
}

void document_section(struct document *d, const struct document_section *section)
{
	assert(!d->has_table);
	if (d->error == ERR_OK)
		d->writer->section(d, section);
	d->section = *section;
	d->has_section = true;
	arena_reset(d->scratch);
}

void document_text(struct document *d, enum document_style style, struct str text)
{
	assert(d->has_section && !d->has_table && style < DOCUMENT_STYLES);
	if (d->error == ERR_OK)
		d->writer->text(d, style, clean(d->scratch, text));
	arena_reset(d->scratch);
}

void document_table_begin(struct document *d, const struct document_table *table)
{
	struct document_column *columns;

	assert(d->has_section && !d->has_table);
	assert(table->column_count > 0 && table->column_count <= DOCUMENT_COLUMNS_MAX);
	columns = arena_array(d->cx->mem, struct document_column, table->column_count);
	for (size_t c = 0; c < table->column_count; c++) {
		assert(table->columns[c].width > 0);
		columns[c] = table->columns[c];
		columns[c].title = clean(d->cx->mem, table->columns[c].title);
	}
	d->table = *table;
	d->table.columns = columns;
	d->has_table = true;
	if (d->error == ERR_OK)
		d->writer->table_begin(d);
	arena_reset(d->scratch);
}

void document_row(struct document *d, const struct document_cell *cells)
{
	struct document_cell own[DOCUMENT_COLUMNS_MAX];

	assert(d->has_table);
	for (size_t c = 0; c < d->table.column_count; c++) {
		own[c] = cells[c];
		own[c].text = clean(d->scratch, cells[c].text);
	}
	if (d->error == ERR_OK)
		d->writer->row(d, own);
	arena_reset(d->scratch);
}

void document_band(struct document *d, struct str text)
{
	assert(d->has_table);
	if (d->error == ERR_OK)
		d->writer->band(d, clean(d->scratch, text));
	arena_reset(d->scratch);
}

void document_table_end(struct document *d)
{
	assert(d->has_table);
	if (d->error == ERR_OK)
		d->writer->table_end(d);
	d->has_table = false;
	arena_reset(d->scratch);
}

enum err document_close(struct document *d)
{
	assert(!d->has_table && !d->is_closed);
	if (d->error == ERR_OK)
		d->error = d->writer->close(d);
	d->writer->release(d);
	d->is_closed = true;
	return d->error;
}
