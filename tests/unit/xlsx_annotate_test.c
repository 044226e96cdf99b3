/* A user's workbook comes back with its bad cells marked and everything else as it was. */
#include "wire/table_reader.h"
#include "wire/xlsx_annotate.h"
#include "wire/xlsx_package.h"
#include "wire/xlsx_write.h"

#include <setjmp.h>
#include <unistd.h>
#include <cmocka.h>

#define FIXTURE(name) TABLE_FIXTURES "/" name

struct world {
	struct ctx cx;
	char *in, *out;
};

static char *temporary(struct arena *mem)
{
	char *path = arena_strz(mem, "/tmp/shuren-annotate-XXXXXX");
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	return path;
}

static int make_world(void **state)
{
	static struct world world;

	world.cx = (struct ctx){.mem = arena_create(), .is_english = true};
	world.in = temporary(world.cx.mem);
	world.out = temporary(world.cx.mem);
	*state = &world;
	return 0;
}

static int drop_world(void **state)
{
	struct world *world = *state;

	unlink(world->in);
	unlink(world->out);
	arena_free(world->cx.mem);
	return 0;
}

static const char *read_all(struct ctx *cx, const char *path)
{
	struct table_reader *reader;
	const struct table_row *row;
	struct strbuf b;
	char name[TABLE_CELL_NAME_MAX], *text;

	strbuf_init(&b, STRBUF_MAX);
	assert_int_equal(table_reader_open(cx, path, NULL, &reader), ERR_OK);
	while (table_reader_next(reader, &row) == ERR_OK && row) {
		for (size_t i = 0; i < row->count; i++)
			strbuf_printf(&b, "%s%s=" STR_FMT, i ? " " : "",
				table_reader_cell_name(row->number, row->cells[i].column, name),
				STR_ARG(row->cells[i].text));
		strbuf_char(&b, '\n');
	}
	text = str_z(cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}

static const char *part_of(struct ctx *cx, const char *path, const char *part)
{
	struct xlsx_package package;
	struct table_bytes bytes = {.fd = -1, .path = path};
	struct str text;

	assert_int_equal(xlsx_package_open(&package, cx, &bytes, 1 << 30), ERR_OK);
	assert_int_equal(xlsx_package_load(&package, str_from(part), 1 << 24, &text), ERR_OK);
	xlsx_package_close(&package);
	return text.p;
}

static size_t count_of(const char *text, const char *needle)
{
	size_t count = 0;

	for (; (text = strstr(text, needle)) != NULL; text++)
		count++;
	return count;
}

/* A workbook with a comment on A1 when asked for, a date and a gap at row 4. */
static void write_workbook(struct world *world, bool has_comment)
{
	struct xlsx_writer *w;
	struct date day = {20000};
	struct xlsx_style plain = {0};

	assert_int_equal(xlsx_writer_open(&world->cx, world->in, &w), ERR_OK);
	xlsx_sheet_begin(w, &(struct xlsx_sheet_settings){.name = STR("数据"), .freeze_rows = 1});
	xlsx_column_set(w, 1, &(struct xlsx_column){.width = 33});
	for (int i = 1; i <= 6; i++) {
		uint32_t row = xlsx_row_begin(w);
		if (row == 4)
			continue;
		xlsx_put_text(w, 0, row == 1 ? STR("代码") : STR("007"),
			(struct xlsx_style){.kind = XLSX_TEXT, .is_header = row == 1});
		if (has_comment && row <= 2)
			xlsx_put_comment(w, 0, STR("原有批注"));
		if (row != 3)
			xlsx_put_date(w, 1, day, plain);
	}
	assert_int_equal(xlsx_writer_close(w), ERR_OK);
}

static const struct xlsx_mark some_marks[] = {
	{2, 0, {"不是 <代码>", sizeof "不是 <代码>" - 1}},
	{2, 0, {"too", 3}},
	{3, 1, {"missing", 7}},
	{4, 1, {"no row", 6}},
	{6, 1, {"date", 4}},
	{6, XLSX_MARK_ROW, {"double", 6}},
	{9, 0, {"behind", 6}},
};

static struct xlsx_annotation some_annotation(void)
{
	return (struct xlsx_annotation){.sheet = STR("数据"),
		.marks = some_marks,
		.mark_count = ARRAY_LEN(some_marks),
		.header_row = 1,
		.problem_column = 2,
		.last_row = 9,
		.problem_title = STR("问题")};
}

static const char annotated[] = "A1=代码 B1=2024-10-04 C1=问题\n"
				"A2=007 B2=2024-10-04 C2=A: 不是 <代码>; A: too\n"
				"A3=007 C3=B: missing\n"
				"C4=B: no row\n"
				"A5=007 B5=2024-10-04\n"
				"A6=007 B6=2024-10-04 C6=B: date; double\n"
				"C9=A: behind\n";

static void bad_cells_are_red_and_have_comments(void **state)
{
	struct world *world = *state;
	struct xlsx_annotation what = some_annotation();
	const char *sheet, *comments, *styles;

	write_workbook(world, false);
	assert_int_equal(xlsx_annotate(&world->cx, world->in, world->out, &what), ERR_OK);
	assert_string_equal(read_all(&world->cx, world->out), annotated);
	sheet = part_of(&world->cx, world->out, "xl/worksheets/sheet1.xml");
	assert_int_equal(count_of(sheet, "<autoFilter ref=\"A1:C9\"/>"), 1);
	assert_int_equal(count_of(sheet, "<legacyDrawing "), 1);
	assert_int_equal(count_of(sheet, "<pane ySplit=\"1\""), 1);
	assert_int_equal(count_of(sheet, "width=\"33."), 1);
	assert_true(strstr(sheet, "<autoFilter") > strstr(sheet, "</sheetData>"));
	comments = part_of(&world->cx, world->out, "xl/shurenComments.xml");
	assert_int_equal(count_of(comments, "<comment "), 5);
	assert_non_null(strstr(comments, "不是 &lt;代码&gt;\ntoo"));
	styles = part_of(&world->cx, world->out, "xl/styles.xml");
	/* One fill; a red copy of the text, the date and the plain style. */
	assert_int_equal(count_of(styles, "FFFFC7CE"), 1);
	assert_int_equal(count_of(styles, "applyFill=\"1\""), 3 + 1);
}

/* What a template of ours had is still there, and a cell that had a comment keeps it. */
static void existing_comments_are_kept(void **state)
{
	struct world *world = *state;
	struct xlsx_annotation what = some_annotation();
	const char *comments, *shapes;

	write_workbook(world, true);
	assert_int_equal(xlsx_annotate(&world->cx, world->in, world->out, &what), ERR_OK);
	assert_string_equal(read_all(&world->cx, world->out), annotated);
	comments = part_of(&world->cx, world->out, "xl/comments1.xml");
	assert_int_equal(count_of(comments, "<comment "), 6);
	assert_int_equal(count_of(comments, "原有批注"), 2);
	shapes = part_of(&world->cx, world->out, "xl/drawings/vmlDrawing1.vml");
	assert_int_equal(count_of(shapes, "<v:shape "), 6);
	assert_int_equal(count_of(part_of(&world->cx, world->out, "xl/worksheets/sheet1.xml"),
				 "<legacyDrawing "),
		1);
}

static void only_the_first_comments_are_written(void **state)
{
	struct world *world = *state;
	struct xlsx_annotation what = some_annotation();

	what.comments_max = 2;
	what.header_row = 0;
	write_workbook(world, false);
	assert_int_equal(xlsx_annotate(&world->cx, world->in, world->out, &what), ERR_OK);
	assert_int_equal(
		count_of(part_of(&world->cx, world->out, "xl/shurenComments.xml"), "<comment "), 2);
	assert_null(
		strstr(part_of(&world->cx, world->out, "xl/worksheets/sheet1.xml"), "autoFilter"));
}

/* Prefixes, strict namespaces, missing styles and references: marked all the same. */
static void odd_workbooks_are_annotated_too(void **state)
{
	struct world *world = *state;
	struct xlsx_mark mark = {2, 1, STR("bad")};
	struct xlsx_annotation what = {.sheet = STR("Sheet1"),
		.marks = &mark,
		.mark_count = 1,
		.header_row = 1,
		.problem_column = 5,
		.last_row = 2,
		.problem_title = STR("问题")};

	assert_int_equal(
		xlsx_annotate(&world->cx, FIXTURE("strict-prefixed.xlsx"), world->out, &what),
		ERR_OK);
	assert_string_equal(read_all(&world->cx, world->out), "B2=前缀 D2=5 F2=B: bad\n");
	what.sheet = STR("表");
	what.problem_column = 19;
	mark.row = 1;
	assert_int_equal(
		xlsx_annotate(&world->cx, FIXTURE("dates-1900.xlsx"), world->out, &what), ERR_OK);
	assert_non_null(
		strstr(read_all(&world->cx, world->out), " S1=2023-03-15 T1=问题: B: bad\n"));
	assert_int_equal(xlsx_annotate(&world->cx, FIXTURE("absolute.xlsx"), world->out, &what),
		ERR_REJECTED);
	assert_int_equal(xlsx_annotate(&world->cx, FIXTURE("truncated.xlsx"), world->out, &what),
		ERR_REJECTED);
	assert_int_equal(
		xlsx_annotate(&world->cx, FIXTURE("dates-1900.xlsx"), "/nowhere/x", &what), ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			bad_cells_are_red_and_have_comments, make_world, drop_world),
		cmocka_unit_test_setup_teardown(existing_comments_are_kept, make_world, drop_world),
		cmocka_unit_test_setup_teardown(
			only_the_first_comments_are_written, make_world, drop_world),
		cmocka_unit_test_setup_teardown(
			odd_workbooks_are_annotated_too, make_world, drop_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
