/* What is written to a workbook or CSV is read back as it was, and is safe to open. */
#include "wire/csv_write.h"
#include "wire/table_reader.h"
#include "wire/xlsx_write.h"

#include <setjmp.h>
#include <unistd.h>
#include <cmocka.h>

static char *temporary(struct arena *mem)
{
	char *path = arena_strz(mem, "/tmp/shuren-table-XXXXXX");
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	return path;
}

/* The cells of the named sheet (or of a CSV file) as "A1=text" lines; kinds by the sign. */
static const char *read_back(struct ctx *cx, const char *path, const char *sheet)
{
	static const char signs[] = "?=#&@!";
	struct table_options opts = {.sheet = str_from(sheet)};
	struct table_reader *reader;
	const struct table_row *row;
	struct strbuf b;
	char name[TABLE_CELL_NAME_MAX];

	strbuf_init(&b, STRBUF_MAX);
	strbuf_z(&b, "");
	assert_int_equal(table_reader_open(cx, path, &opts, &reader), ERR_OK);
	while (table_reader_next(reader, &row) == ERR_OK && row)
		for (size_t i = 0; i < row->count; i++)
			strbuf_printf(&b, "%s%c" STR_FMT "\n",
				table_reader_cell_name(row->number, row->cells[i].column, name),
				signs[row->cells[i].kind], STR_ARG(row->cells[i].text));
	table_reader_close(reader);
	unlink(path);
	const char *text = str_z(cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}

static void workbooks_are_read_back_as_they_were_written(void **state)
{
	struct ctx cx = {.mem = arena_create(), .is_english = true};
	char *path = temporary(cx.mem);
	struct xlsx_writer *w;
	struct date day;
	struct xlsx_style plain = {0}, bad = {.kind = XLSX_TEXT, .is_bad = true};
	(void)state;

	assert_int_equal(xlsx_writer_open(&cx, path, &w), ERR_OK);
	xlsx_sheet_begin(w, &(struct xlsx_sheet_settings){
				    .name = STR("学校"), .freeze_rows = 1, .is_protected = true});
	xlsx_column_set(w, 0, &(struct xlsx_column){20, {.kind = XLSX_TEXT, .is_unlocked = true}});
	xlsx_filter_set(w, 1, 4, 0, 3);
	assert_int_equal(xlsx_row_begin(w), 1);
	xlsx_put_text(w, 0, STR("学校标识码"), (struct xlsx_style){.is_header = true});
	xlsx_put_comment(w, 0, STR("十位代码"));
	xlsx_row_begin(w);
	xlsx_put_text(w, 0, STR("0012"), bad);
	xlsx_put_comment(w, 0, STR("没有这所学校"));
	xlsx_put_text(w, 1, STR("=1+1"), plain);
	xlsx_put_text(w, 3, STR("a\nb <&> \"_x0041_\""), plain);
	assert_int_equal(xlsx_row_begin(w), 3);
	assert_int_equal(xlsx_row_begin(w), 4);
	xlsx_put_number(w, 0, STR("-12.50"), (struct xlsx_style){XLSX_DECIMAL, .decimals = 2});
	xlsx_put_number(w, 1, STR("0.1"), plain);
	xlsx_put_number(w, 2, STR("141102201501011234"), plain);
	xlsx_put_number(w, 3, STR("999999999999999"), plain);
	assert_true(date_from_ymd(2026, 3, 5, &day));
	xlsx_put_date(w, 4, day, plain);
	assert_true(date_from_ymd(1900, 2, 28, &day));
	xlsx_put_date(w, 5, day, bad);
	assert_true(date_from_ymd(1849, 10, 1, &day));
	xlsx_put_date(w, 6, day, plain);
	xlsx_put_date(w, 7, DATE_NONE, plain);
	assert_int_equal(xlsx_writer_close(w), ERR_OK);
	assert_string_equal(read_back(&cx, path, ""),
		"A1=学校标识码\n"
		"A2=0012\nB2==1+1\nD2=a\nb <&> \"_x0041_\"\n"
		"A4#-12.5\nB4#0.1\nC4=141102201501011234\nD4#999999999999999\n"
		"E4@2026-03-05\nF4@1900-02-28\nG4=1849-10-01\n");
	arena_free(cx.mem);
}

/* Lists too long for a rule, or with a comma, stand once in a hidden sheet. */
static void long_drop_downs_go_to_a_hidden_sheet(void **state)
{
	struct ctx cx = {.mem = arena_create(), .is_english = true};
	char *path = temporary(cx.mem);
	struct xlsx_writer *w;
	struct str few[] = {STR("小学"), STR("初中")}, comma[] = {STR("a,b"), STR("c")};
	struct str many[60];
	const char *codes;
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = str_printf(cx.mem, "选项%zu", i);
	assert_int_equal(xlsx_writer_open(&cx, path, &w), ERR_OK);
	xlsx_sheet_begin(w, &(struct xlsx_sheet_settings){.name = STR("模板")});
	for (uint32_t column = 0; column < 4; column++) {
		struct xlsx_input input = {.first_row = 2,
			.last_row = 1000,
			.title = STR("提示"),
			.message = STR("请选择")};
		input.choices = column == 0 ? few : column == 3 ? comma : many;
		input.choice_count = column == 0   ? ARRAY_LEN(few)
				     : column == 3 ? ARRAY_LEN(comma)
						   : ARRAY_LEN(many);
		xlsx_input_set(w, column, &input);
	}
	xlsx_input_set(w, 4,
		&(struct xlsx_input){.first_row = 2,
			.last_row = 9,
			.has_range = true,
			.is_integer = true,
			.maximum = 100});
	xlsx_row_begin(w);
	xlsx_put_text(w, 0, STR("x"), (struct xlsx_style){0});
	assert_int_equal(xlsx_writer_close(w), ERR_OK);
	codes = read_back(&cx, path, "_代码");
	assert_non_null(strstr(codes, "A60=选项59\n"));
	assert_non_null(strstr(codes, "B1=a,b\n"));
	assert_null(strstr(codes, "C1"));
	arena_free(cx.mem);
}

static void the_first_error_of_a_workbook_is_kept(void **state)
{
	struct ctx cx = {.mem = arena_create(), .is_english = true};
	struct xlsx_writer *w;
	char *path = temporary(cx.mem), *text = arena_alloc(cx.mem, 40000);
	(void)state;

	memset(text, 'x', 39999);
	assert_int_equal(xlsx_writer_open(&cx, path, &w), ERR_OK);
	xlsx_sheet_begin(w, &(struct xlsx_sheet_settings){.name = STR("a")});
	xlsx_row_begin(w);
	xlsx_put_text(w, 0, str_from(text), (struct xlsx_style){0});
	assert_int_equal(xlsx_writer_close(w), ERR_TOO_LARGE);
	assert_true(str_is(cx.error, "row 1: a text is over 32,767 characters"));
	assert_int_equal(xlsx_writer_open(&cx, path, &w), ERR_OK);
	xlsx_sheet_begin(w, &(struct xlsx_sheet_settings){.name = STR("a/b")});
	xlsx_row_begin(w);
	assert_int_equal(xlsx_writer_close(w), ERR_INVALID);
	assert_int_equal(xlsx_writer_open(&cx, "/nowhere/x.xlsx", &w), ERR_IO);
	/* A writer that is given up is released with its arena. */
	assert_int_equal(xlsx_writer_open(&cx, path, &w), ERR_OK);
	xlsx_sheet_begin(w, &(struct xlsx_sheet_settings){.name = STR("a")});
	unlink(path);
	arena_free(cx.mem);
}

static enum err collect(void *arg, struct str bytes)
{
	strbuf_str(arg, bytes);
	return ERR_OK;
}

static void csv_is_guarded_for_people_and_exact_for_programs(void **state)
{
	static const char *const texts[] = {"a", "a,b", "say \"x\"", "two\nlines", "007",
		"141102201501011234", "=1+1", "@x", "-", "=\"x\"", "0", "123"};
	struct ctx cx = {.mem = arena_create(), .is_english = true};
	struct strbuf exact, people;
	struct csv_writer w;
	(void)state;

	strbuf_init(&exact, STRBUF_MAX);
	strbuf_init(&people, STRBUF_MAX);
	for (int style = CSV_EXACT; style <= CSV_FOR_PEOPLE; style++) {
		csv_writer_init(&w, &cx, (enum csv_style)style, collect,
			style == CSV_EXACT ? &exact : &people);
		for (size_t i = 0; i < ARRAY_LEN(texts); i++)
			csv_write_text(&w, str_from(texts[i]));
		csv_write_plain(&w, STR("-5"));
		csv_write_row_end(&w);
		assert_int_equal(csv_writer_close(&w), ERR_OK);
	}
	assert_string_equal(exact.p,
		"a,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",007,141102201501011234,=1+1,@x,-,"
		"\"=\"\"x\"\"\",0,123,-5\r\n");
	assert_string_equal(people.p,
		"\xEF\xBB\xBF"
		"a,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",\"=\"\"007\"\"\","
		"\"=\"\"141102201501011234\"\"\",\"=\"\"=1+1\"\"\",\"=\"\"@x\"\"\",\"=\"\"-\"\"\","
		"\"'=\"\"x\"\"\",0,123,-5\r\n");
	strbuf_release(&exact);
	strbuf_release(&people);
	arena_free(cx.mem);
}

static void guarded_csv_files_are_read_back_as_text(void **state)
{
	struct ctx cx = {.mem = arena_create(), .is_english = true};
	char *path = temporary(cx.mem);
	struct csv_writer w;
	(void)state;

	assert_int_equal(csv_writer_open(&w, &cx, CSV_FOR_PEOPLE, path), ERR_OK);
	csv_write_text(&w, STR("007"));
	csv_write_text(&w, STR(""));
	csv_write_text(&w, STR("=1+1,2"));
	csv_write_row_end(&w);
	assert_int_equal(csv_writer_close(&w), ERR_OK);
	assert_string_equal(read_back(&cx, path, ""), "A1=007\nC1==1+1,2\n");
	assert_int_equal(csv_writer_open(&w, &cx, CSV_EXACT, "/nowhere/x.csv"), ERR_IO);
	arena_free(cx.mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(workbooks_are_read_back_as_they_were_written),
		cmocka_unit_test(long_drop_downs_go_to_a_hidden_sheet),
		cmocka_unit_test(the_first_error_of_a_workbook_is_kept),
		cmocka_unit_test(csv_is_guarded_for_people_and_exact_for_programs),
		cmocka_unit_test(guarded_csv_files_are_read_back_as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
