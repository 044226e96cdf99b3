/*
 * The XML inside a workbook, where a fuzzer of whole files hardly gets: the input is the sheet
 * up to a zero byte, then the shared strings, then the styles, zipped up without compression.
 * What can be read must survive being annotated as well.
 */
#include "table_fuzz.h"

#include <unistd.h>
#include <zip.h>

#include "wire/xlsx_annotate.h"

#define REL "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

static const char root_rels[] =
	"<Relationships><Relationship Id=\"a\" Type=\"" REL "/officeDocument\" Target=\"w.xml\"/>"
	"</Relationships>";
static const char book_rels[] =
	"<Relationships><Relationship Id=\"a\" Type=\"" REL "/worksheet\" Target=\"sheet.xml\"/>"
	"<Relationship Id=\"b\" Type=\"" REL "/sharedStrings\" Target=\"strings.xml\"/>"
	"<Relationship Id=\"c\" Type=\"" REL "/styles\" Target=\"styles.xml\"/></Relationships>";
static const char book[] =
	"<workbook xmlns:r=\"" REL "\"><sheets><sheet name=\"s\" r:id=\"a\"/></sheets></workbook>";

static void add(zip_t *zip, const char *name, struct str text)
{
	zip_source_t *source = zip_source_buffer(zip, text.p, text.n, 0);
	zip_int64_t i;

	assert(source);
	i = zip_file_add(zip, name, source, 0);
	assert(i >= 0);
	zip_set_file_compression(zip, (zip_uint64_t)i, ZIP_CM_STORE, 0);
}

/* The zip in memory; the caller frees it. */
static struct str make_workbook(struct str input)
{
	zip_error_t error;
	zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &error);
	zip_t *zip = zip_open_from_source(target, ZIP_TRUNCATE, &error);
	struct str strings, styles = input, sheet;
	zip_stat_t st;
	char *bytes;

	assert(zip);
	zip_source_keep(target);
	sheet = str_cut(&styles, '\0');
	strings = str_cut(&styles, '\0');
	add(zip, "_rels/.rels", str_from(root_rels));
	add(zip, "_rels/w.xml.rels", str_from(book_rels));
	add(zip, "[Content_Types].xml", STR("<Types/>"));
	add(zip, "w.xml", str_from(book));
	add(zip, "sheet.xml", sheet);
	add(zip, "strings.xml", strings.n ? strings : STR("<sst/>"));
	add(zip, "styles.xml", styles.n ? styles : STR("<styleSheet/>"));
	if (zip_close(zip) < 0)
		BUG("cannot zip");
	zip_source_stat(target, &st);
	bytes = malloc(st.size);
	assert(bytes);
	zip_source_open(target);
	zip_source_read(target, bytes, st.size);
	zip_source_close(target);
	zip_source_free(target);
	return (struct str){bytes, st.size};
}

static void annotate(struct str workbook)
{
	static const struct xlsx_mark marks[] = {
		{1, 0, {"a", 1}}, {2, 1, {"b", 1}}, {2, XLSX_MARK_ROW, {"c", 1}}, {7, 3, {"d", 1}}};
	struct xlsx_annotation what = {.sheet = STR("s"),
		.marks = marks,
		.mark_count = ARRAY_LEN(marks),
		.header_row = 1,
		.problem_column = 5,
		.problem_title = STR("p")};
	struct ctx cx = {.mem = arena_create()};
	char in[] = "/tmp/shuren-fuzz-XXXXXX", out[] = "/tmp/shuren-fuzz-XXXXXX";
	int fd = mkstemp(in);

	close(mkstemp(out));
	if (write(fd, workbook.p, workbook.n) != (ssize_t)workbook.n)
		BUG("cannot write %s", in);
	close(fd);
	if (xlsx_annotate(&cx, in, out, &what) == ERR_OK) {
		struct table_reader *reader;
		const struct table_row *row;
		enum err e = table_reader_open(&cx, out, NULL, &reader);
		/* What is added keeps the XML whole and rows and cells in order. */
		while (e == ERR_OK && (e = table_reader_next(reader, &row)) == ERR_OK && row)
			;
		if (e != ERR_OK)
			assert(str_find(cx.error, STR("sheet.xml")) == SIZE_MAX &&
				str_find(cx.error, STR("styles.xml")) == SIZE_MAX);
	}
	unlink(in);
	unlink(out);
	arena_free(cx.mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct table_options opts = {.cell_max = 1000,
		.row_max = 5000,
		.unzipped_max = 1 << 20,
		.shared_strings_max = 1 << 18};
	struct str workbook = make_workbook((struct str){(const char *)data, size});

	fuzz_read(workbook, &opts);
	annotate(workbook);
	free((void *)(uintptr_t)workbook.p);
	return 0;
}
