/* Documents: what is written is well-formed, holds the text as it was, and is the same each time.
 */
#include "wire/document.h"
#include "wire/xlsx_package.h"

#include <setjmp.h>
#include <unistd.h>
#include <cmocka.h>

#define LONG_NAME "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789"

struct world {
	struct ctx cx;
	char folder[40];
	char *path;
};

static struct world *world_new(const char *file)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	w->cx = (struct ctx){.mem = arena_create(), .is_english = true};
	memcpy(w->folder, "/tmp/shuren-document-XXXXXX", sizeof "/tmp/shuren-document-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	w->path = arena_printf(w->cx.mem, "%s/%s", w->folder, file);
	return w;
}

static void world_free(struct world *w)
{
	(void)unlink(w->path);
	assert_int_equal(rmdir(w->folder), 0); /* nothing is left beside the file */
	arena_free(w->cx.mem);
	free(w);
}

static struct str file_bytes(struct world *w)
{
	FILE *f = fopen(w->path, "rb");
	struct strbuf b;
	char block[4096];
	size_t got;
	struct str s;

	assert_non_null(f);
	strbuf_init(&b, STRBUF_MAX);
	while ((got = fread(block, 1, sizeof block, f)) > 0)
		strbuf_add(&b, block, got);
	fclose(f);
	s = str_copy(w->cx.mem, strbuf_view(&b));
	strbuf_release(&b);
	return s;
}

static const struct document_settings settings = {.title = {"R&D <title>", 11},
	.running = {"running \"head\"", 14},
	.mark = {"MARK", 4},
	.made_at_us = 1790000000123456};

/* Everything a document can hold, with text that must not get through as it is. */
static enum err write_sample(struct world *w, enum document_format format, size_t rows)
{
	const struct document_column columns[] = {{STR("名称 <a>"), 30, DOCUMENT_LEFT},
		{STR("n"), 10, DOCUMENT_RIGHT}, {STR("note"), 20, DOCUMENT_CENTER}};
	struct document *d;

	TRY(document_open(&w->cx, w->path, format, &settings, &d));
	document_section(d, &(struct document_section){0});
	document_text(d, DOCUMENT_TITLE, STR("题目 \x01\x1F<b>&amp;"));
	document_text(d, DOCUMENT_MARK, STR("演示"));
	document_section(d, &(struct document_section){.is_landscape = true, .has_frame = true});
	document_text(d, DOCUMENT_HEADING, STR("一、"));
	document_text(d, DOCUMENT_BODY, STR("first\nsecond\xE2\x80\xAEthird"));
	document_table_begin(d,
		&(struct document_table){.columns = columns, .column_count = 3, .is_dense = true});
	document_band(d, STR("group & group"));
	for (size_t i = 0; i < rows; i++)
		document_row(d, (struct document_cell[]){{.text = STR(LONG_NAME LONG_NAME)},
					{.text = str_printf(w->cx.mem, "%zu", i)},
					{.text = STR("\"bad\" > 0"), .is_bad = true}});
	document_band(d, STR("empty group"));
	document_table_end(d);
	document_section(d, &(struct document_section){.has_frame = true});
	document_text(d, DOCUMENT_NOTE, STR(""));
	return document_close(d);
}

/* --- docx ----------------------------------------------------------------------------------- */

struct seen {
	struct strbuf text;
	size_t rows, headers, tables, sections, breaks;
};

static void start(void *user, const XML_Char *name, const XML_Char **attributes)
{
	struct xlsx_xml *xml = user;
	struct seen *s = xml->user;
	(void)attributes;

	s->rows += xlsx_is(name, "tr");
	s->tables += xlsx_is(name, "tbl");
	s->headers += xlsx_is(name, "tblHeader");
	s->sections += xlsx_is(name, "sectPr");
	s->breaks += xlsx_is(name, "br");
}

static void end(void *user, const XML_Char *name)
{
	struct xlsx_xml *xml = user;
	struct seen *s = xml->user;

	if (xlsx_is(name, "p"))
		strbuf_char(&s->text, '\n');
}

static void text(void *user, const XML_Char *p, int n)
{
	struct xlsx_xml *xml = user;
	struct seen *s = xml->user;

	strbuf_add(&s->text, p, (size_t)n);
}

static void read_part(struct world *w, struct zip *zip, const char *name, struct seen *out)
{
	struct xlsx_package package = {.cx = &w->cx, .zip = zip, .inflated_max = 1 << 26};

	assert_int_equal(
		xlsx_xml_parse(&package, str_from(name), 1 << 26, start, end, text, out), ERR_OK);
}

static void docx_is_well_formed_and_holds_the_text(void **state)
{
	static const char *const parts[] = {"[Content_Types].xml", "_rels/.rels",
		"docProps/core.xml", "word/_rels/document.xml.rels", "word/styles.xml",
		"word/settings.xml", "word/fontTable.xml", "word/header0.xml", "word/header1.xml",
		"word/footer0.xml", "word/footer1.xml", "word/document.xml"};
	struct world *w = world_new("a.docx");
	struct seen seen = {0};
	zip_t *zip;
	int code;
	(void)state;

	assert_int_equal(write_sample(w, DOCUMENT_DOCX, 3), ERR_OK);
	zip = zip_open(w->path, ZIP_RDONLY | ZIP_CHECKCONS, &code);
	assert_non_null(zip);
	assert_int_equal(zip_get_num_entries(zip, 0), ARRAY_LEN(parts));
	strbuf_init(&seen.text, STRBUF_MAX);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		strbuf_reset(&seen.text);
		seen = (struct seen){.text = seen.text};
		read_part(w, zip, parts[i], &seen);
	}
	/* The last part was the document. */
	assert_int_equal(seen.tables, 1);
	assert_int_equal(seen.rows, 1 + 2 + 3);
	assert_int_equal(seen.headers, 1);
	assert_int_equal(seen.sections, 3);
	assert_int_equal(seen.breaks, 1);
	assert_non_null(strstr(seen.text.p, "题目 <b>&amp;\n"));
	assert_non_null(strstr(seen.text.p, "firstsecondthird\n"));
	assert_non_null(strstr(seen.text.p,
		"名称 <a>\nn\nnote\ngroup & group\n" LONG_NAME LONG_NAME "\n0\n\"bad\" > 0\n"));
	strbuf_release(&seen.text);
	zip_close(zip);
	world_free(w);
}

/* --- pdf ------------------------------------------------------------------------------------ */

static size_t count(struct str haystack, const char *needle)
{
	size_t n = 0, at;

	while ((at = str_find(haystack, str_from(needle))) != SIZE_MAX) {
		n++;
		haystack = str_sub(haystack, at + strlen(needle), haystack.n);
	}
	return n;
}

static size_t pages(struct str pdf)
{
	return count(pdf, "/Type /Page %");
}

static void pdf_grows_by_pages_and_is_complete(void **state)
{
	struct world *w = world_new("a.pdf");
	struct str few, many;
	(void)state;

	assert_int_equal(write_sample(w, DOCUMENT_PDF, 1), ERR_OK);
	few = file_bytes(w);
	assert_true(str_starts(few, "%PDF-1."));
	assert_true(str_ends(few, "%%EOF\n"));
	assert_int_equal(pages(few), 3);
	assert_true(count(few, "/Title") > 0);
	assert_int_equal(write_sample(w, DOCUMENT_PDF, 200), ERR_OK);
	many = file_bytes(w);
	/* 200 rows of two lines or more, some 25 on a page that lies. */
	assert_in_range(pages(many), 8, 40);
	world_free(w);
}

static void a_row_higher_than_a_page_is_parted(void **state)
{
	const struct document_column columns[] = {
		{STR("a"), 1, DOCUMENT_LEFT}, {STR("b"), 1, DOCUMENT_LEFT}};
	struct world *w = world_new("a.pdf");
	struct strbuf b;
	struct document *d;
	(void)state;

	strbuf_init(&b, STRBUF_MAX);
	for (int i = 0; i < 200; i++)
		strbuf_printf(&b, "%d\n", i);
	assert_int_equal(document_open(&w->cx, w->path, DOCUMENT_PDF, &settings, &d), ERR_OK);
	document_section(d, &(struct document_section){.has_frame = true});
	document_table_begin(d, &(struct document_table){.columns = columns, .column_count = 2});
	document_row(d, (struct document_cell[]){{.text = strbuf_view(&b)}, {.text = STR("b")}});
	document_table_end(d);
	assert_int_equal(document_close(d), ERR_OK);
	/* 200 lines of at least 12 points on pages of 638. */
	assert_in_range(pages(file_bytes(w)), 4, 8);
	strbuf_release(&b);
	world_free(w);
}

/* --- both ----------------------------------------------------------------------------------- */

static void the_same_calls_give_the_same_bytes(void **state)
{
	static const enum document_format formats[] = {DOCUMENT_DOCX, DOCUMENT_PDF};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		struct world *w = world_new("a");
		struct str first;
		assert_int_equal(write_sample(w, formats[i], 40), ERR_OK);
		first = file_bytes(w);
		assert_int_equal(unlink(w->path), 0);
		assert_int_equal(write_sample(w, formats[i], 40), ERR_OK);
		assert_true(str_eq(first, file_bytes(w)));
		world_free(w);
	}
}

static void what_cannot_be_written_is_told_and_leaves_nothing(void **state)
{
	static const enum document_format formats[] = {DOCUMENT_DOCX, DOCUMENT_PDF};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		struct world *w = world_new("a");
		char *good = w->path;
		w->path = arena_printf(w->cx.mem, "%s/none/a", w->folder);
		assert_int_equal(write_sample(w, formats[i], 1), ERR_IO);
		assert_true(w->cx.error.n > 0);
		w->path = good;
		world_free(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(docx_is_well_formed_and_holds_the_text),
		cmocka_unit_test(pdf_grows_by_pages_and_is_complete),
		cmocka_unit_test(a_row_higher_than_a_page_is_parted),
		cmocka_unit_test(the_same_calls_give_the_same_bytes),
		cmocka_unit_test(what_cannot_be_written_is_told_and_leaves_nothing),
	};

	return cmocka_run_group_tests_name("document", tests, NULL, NULL);
}
