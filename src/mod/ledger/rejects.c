#include "mod/ledger/rejects.h"

#include "wire/xlsx_annotate.h"
#include "wire/xlsx_write.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static uint32_t last_column(const struct intake *in)
{
	const struct intake_column *columns;
	uint32_t last = 0;
	size_t n;

	columns = intake_columns(in, &n);
	for (size_t i = 0; i < n; i++)
		last = MAX(last, columns[i].column);
	return last;
}

static enum err annotate(struct ctx *cx, struct intake *in, const char *path, const char *out_path)
{
	const struct intake_problems *ps = intake_problems(in);
	const struct cell_problem *list = ps->list.items;
	struct xlsx_mark *marks = arena_array(cx->mem, struct xlsx_mark, ps->list.count);
	struct xlsx_annotation a = {.sheet = table_reader_sheet(intake_reader(in)),
		.marks = marks,
		.mark_count = ps->list.count,
		.header_row = intake_header_row(in),
		.problem_column = last_column(in) + 1,
		.problem_title = str_from(TR(cx, "问题", "Problems"))};

	for (size_t i = 0; i < ps->list.count; i++) {
		const struct cell_problem *p = &list[i];
		marks[i] = (struct xlsx_mark){p->row, p->column,
			p->is_warning ? str_printf(cx->mem, "%s" STR_FMT,
						TR(cx, "提醒: ", "warning: "), STR_ARG(p->text))
				      : p->text};
		a.last_row = MAX(a.last_row, p->row);
	}
	return xlsx_annotate(cx, path, out_path, &a);
}

/* The annotator reads files: what came over the net is put into one for the while. */
static enum err annotate_bytes(
	struct ctx *cx, struct intake *in, struct str bytes, const char *out_path)
{
	char *path = arena_printf(cx->mem, "%s.XXXXXX", out_path);
	int fd = mkstemp(path);
	size_t done = 0;
	enum err e;

	if (fd < 0)
		return ctx_fail(cx, ERR_IO, TR(cx, "写不了 %s: %s", "cannot write %s: %s"), path,
			strerror(errno));
	while (done < bytes.n) {
		ssize_t n = write(fd, bytes.p + done, bytes.n - done);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	close(fd);
	e = done == bytes.n ? annotate(cx, in, path, out_path)
			    : ctx_fail(cx, ERR_IO, TR(cx, "写不了 %s: %s", "cannot write %s: %s"),
				      path, strerror(errno));
	unlink(path);
	return e;
}

static void put_header(struct xlsx_writer *w, struct ctx *cx, const struct intake *in)
{
	const struct xlsx_style header = {.is_header = true};
	const struct intake_column *columns;
	size_t n;

	columns = intake_columns(in, &n);
	(void)xlsx_row_begin(w);
	xlsx_put_text(w, 0, str_from(TR(cx, "原行号", "Row")), header);
	for (size_t i = 0; i < n; i++)
		xlsx_put_text(w, columns[i].column + 1, columns[i].header, header);
	xlsx_put_text(w, last_column(in) + 2, str_from(TR(cx, "问题", "Problems")), header);
}

/* The problems of a row from list[at] on; returns the first of the next row. */
static size_t put_row(struct xlsx_writer *w, struct ctx *cx, const struct intake *in,
	const struct table_row *row, const struct cell_problem *list, size_t at, size_t count)
{
	struct strbuf all;
	size_t end = at, next = at;

	while (end < count && list[end].row == row->number)
		end++;
	(void)xlsx_row_begin(w);
	xlsx_put_number(w, 0, str_printf(cx->mem, "%u", row->number), (struct xlsx_style){0});
	strbuf_init(&all, 30000);
	for (size_t c = 0; c < row->count && row->cells[c].column <= last_column(in); c++) {
		uint32_t column = row->cells[c].column;
		bool is_bad = false;
		for (next = at; next < end; next++)
			if (list[next].column == column)
				is_bad = true;
		xlsx_put_text(w, column + 1, row->cells[c].text,
			(struct xlsx_style){.kind = XLSX_TEXT, .is_bad = is_bad});
	}
	for (size_t i = at; i < end; i++)
		strbuf_printf(&all, "%s%s" STR_FMT "%s" STR_FMT, all.n ? "; " : "",
			list[i].is_warning ? TR(cx, "提醒: ", "warning: ") : "",
			STR_ARG(list[i].title), list[i].title.n ? ": " : "", STR_ARG(list[i].text));
	xlsx_put_text(w, last_column(in) + 2, strbuf_view(&all), (struct xlsx_style){0});
	strbuf_release(&all);
	return end;
}

static enum err write_fresh(
	struct ctx *cx, struct intake *in, const char *path, struct str bytes, const char *out_path)
{
	const struct intake_problems *ps = intake_problems(in);
	const struct cell_problem *list = ps->list.items;
	const struct table_row *row;
	struct table_reader *reader;
	struct xlsx_writer *w;
	size_t at = 0;

	if (bytes.p)
		TRY(table_reader_open_bytes(cx, bytes, NULL, &reader));
	else
		TRY(table_reader_open(cx, path, NULL, &reader));
	TRY(xlsx_writer_open(cx, out_path, &w));
	xlsx_sheet_begin(w, &(struct xlsx_sheet_settings){
				    .name = str_from(TR(cx, "退回", "Refused")), .freeze_rows = 1});
	put_header(w, cx, in);
	while (at < ps->list.count) {
		enum err e = table_reader_next(reader, &row);
		if (e != ERR_OK || !row)
			break; /* what can't be read further has been told */
		while (at < ps->list.count && list[at].row < row->number)
			at++;
		if (at < ps->list.count && list[at].row == row->number)
			at = put_row(w, cx, in, row, list, at, ps->list.count);
	}
	table_reader_close(reader);
	return xlsx_writer_close(w);
}

enum err rejects_write(
	struct ctx *cx, struct intake *in, const char *path, struct str bytes, const char *out_path)
{
	if (table_reader_kind(intake_reader(in)) == TABLE_CSV)
		return write_fresh(cx, in, path, bytes, out_path);
	return bytes.p ? annotate_bytes(cx, in, bytes, out_path) : annotate(cx, in, path, out_path);
}
