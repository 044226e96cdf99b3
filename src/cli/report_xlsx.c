/*
 * A report as a workbook on standard output. A workbook is a zip and needs a file that can be
 * gone back in, so it is made beside, without a name for others, and copied.
 */
#include "base/num.h"
#include "cli/report_internal.h"
#include "wire/xlsx_write.h"

#include <fcntl.h>
#include <unistd.h>

#define WIDTH_MIN 8
#define WIDTH_MAX 60

/* Wide enough for what stands in it, within reason. */
static double column_width(const struct report *r, size_t column)
{
	size_t width = utf8_width(str_from(r->columns[column].title));

	for (size_t i = 0; i < report_row_count(r); i++)
		width = MAX(width, utf8_width(report_cell(r, i, column)));
	return (double)MIN(MAX(width + 2, WIDTH_MIN), WIDTH_MAX);
}

/* Binary fractions have up to 17 digits, a workbook 15: rounded, so that they stay numbers. */
static void put_number(struct ctx *cx, struct xlsx_writer *w, uint32_t column, struct str text)
{
	double value;

	if (str_find_char(text, '.') != SIZE_MAX && parse_f64(text, &value) == NUM_OK)
		text = str_printf(cx->mem, "%.15g", value);
	xlsx_put_number(w, column, text, (struct xlsx_style){0});
}

static enum err write_book(struct ctx *cx, const struct report *r, const char *path)
{
	struct xlsx_writer *w;

	TRY(xlsx_writer_open(cx, path, &w));
	xlsx_sheet_begin(w, &(struct xlsx_sheet_settings){.name = STR("shuren"), .freeze_rows = 1});
	for (size_t c = 0; c < r->column_count; c++)
		xlsx_column_set(w, (uint32_t)c,
			&(struct xlsx_column){.width = column_width(r, c),
				.style = {.kind = r->columns[c].kind == REPORT_TEXT
							  ? XLSX_TEXT
							  : XLSX_GENERAL}});
	xlsx_row_begin(w);
	for (size_t c = 0; c < r->column_count; c++)
		xlsx_put_text(w, (uint32_t)c,
			str_from(r->columns[c].title[0] ? r->columns[c].title : r->columns[c].name),
			(struct xlsx_style){.is_header = true});
	for (size_t i = 0; i < report_row_count(r); i++) {
		xlsx_row_begin(w);
		for (size_t c = 0; c < r->column_count; c++) {
			struct str s = report_cell(r, i, c);
			if (s.p && r->columns[c].kind == REPORT_NUMBER)
				put_number(cx, w, (uint32_t)c, s);
			else if (s.p)
				xlsx_put_text(
					w, (uint32_t)c, s, (struct xlsx_style){.kind = XLSX_TEXT});
		}
	}
	return xlsx_writer_close(w);
}

static bool copy_out(int fd)
{
	char block[65536];
	ssize_t got;

	while ((got = read(fd, block, sizeof block)) > 0)
		if (fwrite(block, 1, (size_t)got, stdout) != (size_t)got)
			return false;
	return got == 0;
}

enum err report_print_xlsx(struct ctx *cx, const struct report *r)
{
	char folder[] = "/tmp/shuren-table-XXXXXX";
	char *path;
	enum err e;
	int fd;

	if (isatty(STDOUT_FILENO))
		return ctx_fail(cx, ERR_INVALID, "%s",
			TR(cx, "工作簿不能显示在终端上, 请转到文件: … --format xlsx > 文件.xlsx",
				"a workbook is not for a terminal, send it to a file: "
				"… --format xlsx > FILE.xlsx"));
	if (!mkdtemp(folder))
		return ctx_fail(cx, ERR_IO, "%s", folder);
	path = arena_printf(cx->mem, "%s/table.xlsx", folder);
	e = write_book(cx, r, path);
	fd = e == ERR_OK ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	(void)unlink(path);
	(void)rmdir(folder);
	if (e == ERR_OK && (fd < 0 || !copy_out(fd)))
		e = ctx_fail(cx, ERR_IO, "%s",
			TR(cx, "写标准输出出错", "writing standard output failed"));
	if (fd >= 0)
		close(fd);
	return e;
}
