/* Tables that people hand in come out cell by cell, and what can't be read is said clearly. */
#include "wire/table_reader.h"

#include <setjmp.h>
#include <cmocka.h>

#define FIXTURE(name) TABLE_FIXTURES "/" name

/* Everything a reader gives, as text: "1: A=a B#5 …", kinds by the sign, the error at the end. */
static char *dump(struct arena *mem, enum err e, struct table_reader *reader, struct ctx *cx)
{
	static const char signs[] = "?=#&@!";
	const struct table_row *row;
	struct strbuf b;
	char *text;
	char name[TABLE_CELL_NAME_MAX];

	strbuf_init(&b, STRBUF_MAX);
	while (e == ERR_OK && (e = table_reader_next(reader, &row)) == ERR_OK && row) {
		strbuf_printf(&b, "%u:", row->number);
		for (size_t i = 0; i < row->count; i++) {
			const struct table_cell *cell = &row->cells[i];
			assert_ptr_equal(table_row_cell(row, cell->column), cell);
			assert_true(utf8_check(cell->text));
			strbuf_printf(&b, " %s%c%s" STR_FMT,
				table_reader_cell_name(0, cell->column, name), signs[cell->kind],
				cell->is_inexact ? "~" : "", STR_ARG(cell->text));
		}
		strbuf_char(&b, '\n');
	}
	if (e != ERR_OK)
		strbuf_printf(&b, "%s: " STR_FMT "\n", err_slug(e), STR_ARG(cx->error));
	text = str_z(mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}

static void check_csv(struct str bytes, const struct table_options *opts, const char *expected)
{
	struct ctx cx = {.mem = arena_create(), .is_english = true};
	struct table_reader *reader = NULL;
	enum err e = table_reader_open_bytes(&cx, bytes, opts, &reader);

	assert_string_equal(dump(cx.mem, e, reader, &cx), expected);
	arena_free(cx.mem);
}

static void check_file(const char *path, const char *sheet, const char *expected)
{
	struct ctx cx = {.mem = arena_create(), .is_english = true};
	struct table_options opts = {.sheet = str_from(sheet)};
	struct table_reader *reader = NULL;
	enum err e = table_reader_open(&cx, path, &opts, &reader);

	assert_string_equal(dump(cx.mem, e, reader, &cx), expected);
	arena_free(cx.mem);
}

static void csv_follows_rfc_4180_and_is_lenient_beyond(void **state)
{
	static const struct {
		const char *text, *expected, *why;
	} cases[] = {
		{"a,b\r\n1,2\r\n", "1: A=a B=b\n2: A=1 B=2\n", "CRLF"},
		{"a,b\n1,2", "1: A=a B=b\n2: A=1 B=2\n", "LF, no end of line at the end"},
		{"a,b\r1,2\r", "1: A=a B=b\n2: A=1 B=2\n", "CR alone"},
		{"\"a\"\"b\",\"x\r\ny\"\n", "1: A=a\"b B=x\r\ny\n", "quotes"},
		{"\"\",\"\"\"\"\n", "1: B=\"\n", "empty quoted cell is empty"},
		{"\"a\"b,c\n", "1: A=ab B=c\n", "text behind a quote belongs to the cell"},
		{"a\"b,c\"\n", "1: A=a\"b B=c\"\n", "a quote inside is a character"},
		{"a\n\n,,\n b \n", "1: A=a\n4: A= b \n", "rows without anything are left out"},
		{",,x\n", "1: C=x\n", "empty cells are left out"},
		{"=\"007\",\"=\"\"008\"\"\"\n", "1: A=007 B=008\n", "Excel's way to keep zeros"},
		{"a\tb\tc,d\n", "1: A=a B=b C=c,d\n", "tabs"},
		{"a;b;c,d\n", "1: A=a B=b C=c,d\n", "semicolons"},
		{"sep=|\na|b\n", "2: A=a B=b\n", "separator said in the first line"},
		{"\xEF\xBB\xBF\xE5\x8E\xBF,b\n", "1: A=\xE5\x8E\xBF B=b\n", "UTF-8 mark"},
		{"\xCF\xD8,b\n", "1: A=\xE5\x8E\xBF B=b\n", "GB18030"},
		{"\"a\nb\nc", "rejected: the row at line 1 has an unterminated quote\n", "no end"},
		{"a\n\"b\nc\",d\n\"e",
			"1: A=a\n2: A=b\nc B=d\nrejected: the row at line 4 has an "
			"unterminated quote\n",
			"lines are counted in cells"},
		{"a\n\xE5\x8E\xBF\n\xFF\n",
			"1: A=a\nrejected: line 2 is neither UTF-8 nor GB18030\n", "bad in both"},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		print_message("%s\n", cases[i].why);
		check_csv(str_from(cases[i].text), NULL, cases[i].expected);
	}
}

static void csv_knows_utf_16_and_zero_bytes(void **state)
{
	(void)state;
	check_csv(STR("\xFF\xFE\xBF\x53,\0b\0\n\0"), NULL, "1: A=\xE5\x8E\xBF B=b\n");
	check_csv(STR("\xFE\xFF\x53\xBF\0,\0b\0\n"), NULL, "1: A=\xE5\x8E\xBF B=b\n");
	check_csv(STR("a,b\nc,\0d\n"), NULL,
		"1: A=a B=b\nrejected: line 2 holds a zero byte: the file is not text (CSV)\n");
	check_csv(STR(" \r\n\r\n"), NULL, "rejected: the file is empty\n");
	check_csv(STR(""), NULL, "rejected: the file is empty\n");
}

static void csv_limits_name_the_line(void **state)
{
	struct table_options opts = {.cell_max = 4, .row_max = 8};
	(void)state;

	check_csv(STR("abcd,ef\n"), &opts, "1: A=abcd B=ef\n");
	check_csv(STR("a\nabcde,ef\n"), &opts,
		"1: A=a\ntoo-large: line 2: a cell, the columns or the whole row are over the "
		"limit "
		"(or a closing quote is missing)\n");
	check_csv(STR("ab,cd,ef,gh\n"), &opts,
		"too-large: line 1: a cell, the columns or the whole row are over the limit (or a "
		"closing quote is missing)\n");
}

/* Rows across the borders of the window, in all encodings, come out as they went in. */
static void long_csv_files_lose_nothing_at_window_borders(void **state)
{
	struct arena *mem = arena_create();
	struct strbuf b;
	(void)state;

	strbuf_init(&b, STRBUF_MAX);
	for (int i = 0; i < 60000; i++)
		strbuf_printf(&b, "%d,\"吕梁\"\"%d\n号\",x%.*s\r\n", i, i * 7, i % 23,
			"abcdefghijklmnopqrstuvwxyz");
	for (int skip = 0; skip < 5; skip++) {
		struct ctx cx = {.mem = arena_create(), .is_english = true};
		struct table_reader *reader;
		const struct table_row *row;
		int i = 0;
		uint64_t done, total;
		assert_int_equal(table_reader_open_bytes(&cx,
					 str_printf(mem, "%.*s\n%s", skip + 1, "zzzzzz", b.p), NULL,
					 &reader),
			ERR_OK);
		assert_int_equal(table_reader_next(reader, &row), ERR_OK);
		while (table_reader_next(reader, &row) == ERR_OK && row) {
			char text[64];
			snprintf(text, sizeof text, "吕梁\"%d\n号", i * 7);
			assert_int_equal(row->count, 3);
			assert_int_equal(row->number, i + 2);
			assert_int_equal(row->line, i * 2 + 2);
			assert_true(str_is(row->cells[1].text, text));
			assert_int_equal(row->cells[2].text.n, i % 23 + 1);
			i++;
		}
		assert_int_equal(i, 60000);
		table_reader_progress(reader, &done, &total);
		assert_int_equal(done, total);
		arena_free(cx.mem);
	}
	strbuf_release(&b);
	arena_free(mem);
}

static void workbooks_read_as_a_user_sees_them(void **state)
{
	(void)state;
	check_file(FIXTURE("texts.xlsx"), "",
		"1: A=学校 B=在校生 数 C=東京\n"
		"3: A=行内 C=学校x D!#DIV/0! E&TRUE F&FALSE\n"
		"4: A=a\rb_x000D_c C=<&中\n");
	check_file(FIXTURE("dates-1900.xlsx"), "",
		"1: A@2023-03-15 B@2023-03-15 C@2023-03-15 08:30:00 D@2023-03-15 E#1.5 F@36:00:00 "
		"G#45000 H#45000 I#0.125 J@2023-03-15 K@12:00:00 L@2023-03-15 M@1900-02-29 "
		"N@1900-02-28 O@1900-03-01 P@1900-01-01 Q#-1 R#2958466 S@2023-03-15\n");
	check_file(FIXTURE("dates-1904.xlsx"), "",
		"1: A@1904-01-01 B@1904-03-01 C@2026-03-05 D@2026-03-05 08:30:00\n");
	check_file(FIXTURE("numbers.xlsx"), "",
		"1: A#0.3 B#~141102201501011000 C#~141102201501011000 D#123456789012345 E#100000 "
		"F#0 G#12.5 H#0.1 I#0.0000001 J#-1234.5678 K#~1e+300 L#7 M#1000000000000000 "
		"N#0.05\n"
		"1048576: XFD#7\n");
	check_file(FIXTURE("strict-prefixed.xlsx"), "", "2: B=前缀 D#5\n");
	check_file(FIXTURE("absolute.xlsx"), "", "1: A#1\n");
}

static void the_first_visible_sheet_with_rows_is_read_unless_named(void **state)
{
	(void)state;
	check_file(FIXTURE("sheets.xlsx"), "", "1: A#3\n");
	check_file(FIXTURE("sheets.xlsx"), "代码", "1: A#1\n");
	check_file(FIXTURE("sheets.xlsx"), "空", "");
	check_file(FIXTURE("sheets.xlsx"), "没有",
		"rejected: the workbook has no sheet named '没有'; it has: 空, 数据, 其他\n");
	check_file(FIXTURE("empty-sheets.xlsx"), "", "rejected: the workbook holds no data\n");
}

static void what_is_not_read_says_what_to_do(void **state)
{
	static const struct {
		const char *path, *start;
	} cases[] = {
		{FIXTURE("old.xls"), "unsupported: this is an old .xls file"},
		{FIXTURE("encrypted.xlsx"), "rejected: the workbook is encrypted"},
		{FIXTURE("page.xls"), "unsupported: this is a web page"},
		{FIXTURE("macro.xlsm"), "unsupported: the workbook holds macros"},
		{FIXTURE("document.ods"), "unsupported: this is an OpenDocument file"},
		{FIXTURE("no-workbook.zip"), "unsupported: this is a zip file"},
		{FIXTURE("truncated.xlsx"), "rejected: the workbook is damaged"},
		{FIXTURE("flipped.xlsx"), "rejected: the workbook is damaged"},
		{FIXTURE("doctype.xlsx"), "rejected: the workbook holds an XML document type"},
		{FIXTURE("bomb.xlsx"), "too-large: the workbook is too large once unpacked"},
		{FIXTURE("bad-string.xlsx"), "rejected: sheet '表', row 1: a cell names a text"},
		{FIXTURE("rows-backwards.xlsx"), "2: A#1\nrejected: sheet '表', row 2: rows out"},
		{FIXTURE("cells-backwards.xlsx"), "rejected: sheet '表', row 2: cells out"},
		{FIXTURE("too-far.xlsx"), "too-large: sheet '表', row 0: over 1,048,576 rows"},
		{FIXTURE("too-wide.xlsx"), "too-large: sheet '表', row 1: over 16,384 columns"},
		{FIXTURE("broken-xml.xlsx"), "rejected: xl/worksheets/sheet1.xml of the workbook"},
		{FIXTURE("not-there.xlsx"), "io: cannot open"},
		{TABLE_FIXTURES, "io: "},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ctx cx = {.mem = arena_create(), .is_english = true};
		struct table_reader *reader = NULL;
		enum err e = table_reader_open(&cx, cases[i].path, NULL, &reader);
		const char *text = dump(cx.mem, e, reader, &cx);
		if (strncmp(text, cases[i].start, strlen(cases[i].start)) != 0)
			fail_msg("%s gave %s", cases[i].path, text);
		arena_free(cx.mem);
	}
}

static void workbook_limits_hold(void **state)
{
	struct ctx cx = {.mem = arena_create(), .is_english = true};
	struct table_options opts = {.shared_strings_max = 50};
	struct table_reader *reader;
	(void)state;

	assert_int_equal(
		table_reader_open(&cx, FIXTURE("texts.xlsx"), &opts, &reader), ERR_TOO_LARGE);
	opts = (struct table_options){.cell_max = 4};
	assert_int_equal(
		table_reader_open(&cx, FIXTURE("texts.xlsx"), &opts, &reader), ERR_TOO_LARGE);
	opts = (struct table_options){.unzipped_max = 1000};
	assert_int_equal(
		table_reader_open(&cx, FIXTURE("texts.xlsx"), &opts, &reader), ERR_TOO_LARGE);
	arena_free(cx.mem);
}

static void cells_have_spreadsheet_names(void **state)
{
	char name[TABLE_CELL_NAME_MAX];
	(void)state;

	assert_string_equal(table_reader_cell_name(12, 2, name), "C12");
	assert_string_equal(table_reader_cell_name(1, 25, name), "Z1");
	assert_string_equal(table_reader_cell_name(1, 26, name), "AA1");
	assert_string_equal(table_reader_cell_name(1048576, 16383, name), "XFD1048576");
	assert_string_equal(
		table_reader_cell_name(UINT32_MAX, UINT32_MAX, name), "MWLQKWV4294967295");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_follows_rfc_4180_and_is_lenient_beyond),
		cmocka_unit_test(csv_knows_utf_16_and_zero_bytes),
		cmocka_unit_test(csv_limits_name_the_line),
		cmocka_unit_test(long_csv_files_lose_nothing_at_window_borders),
		cmocka_unit_test(workbooks_read_as_a_user_sees_them),
		cmocka_unit_test(the_first_visible_sheet_with_rows_is_read_unless_named),
		cmocka_unit_test(what_is_not_read_says_what_to_do),
		cmocka_unit_test(workbook_limits_hold),
		cmocka_unit_test(cells_have_spreadsheet_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
