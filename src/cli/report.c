#include "cli/report_internal.h"

#include "wire/json_write.h"

#include <math.h>

void report_init(
	struct report *r, struct arena *mem, const struct report_column *columns, size_t count)
{
	*r = (struct report){.mem = mem, .columns = columns, .column_count = count};
}

void report_str(struct report *r, struct str s)
{
	*VEC_PUSH(r->mem, &r->cells) = s.p ? s : STR("");
}

void report_z(struct report *r, const char *z)
{
	if (z)
		report_str(r, str_from(z));
	else
		report_null(r);
}

void report_i64(struct report *r, int64_t v)
{
	report_str(r, str_printf(r->mem, "%" PRId64, v));
}

void report_f64(struct report *r, double v)
{
	struct strbuf b;

	if (!isfinite(v)) {
		report_null(r);
		return;
	}
	strbuf_init(&b, 64);
	strbuf_f64(&b, v);
	report_str(r, str_copy(r->mem, strbuf_view(&b)));
	strbuf_release(&b);
}

void report_null(struct report *r)
{
	*VEC_PUSH(r->mem, &r->cells) = STR_NONE;
}

size_t report_row_count(const struct report *r)
{
	assert(r->column_count > 0 && r->cells.count % r->column_count == 0);
	return r->cells.count / r->column_count;
}

struct str report_cell(const struct report *r, size_t row, size_t column)
{
	return r->cells.items[row * r->column_count + column];
}

static void pad(struct strbuf *out, size_t n)
{
	while (n-- > 0)
		strbuf_char(out, ' ');
}

static void print_table(const struct report *r, struct strbuf *out)
{
	size_t *widths = arena_array(r->mem, size_t, r->column_count);

	for (size_t c = 0; c < r->column_count; c++) {
		widths[c] = utf8_width(str_from(r->columns[c].title));
		for (size_t i = 0; i < report_row_count(r); i++)
			widths[c] = MAX(widths[c], utf8_width(report_cell(r, i, c)));
	}
	for (size_t i = 0; i <= report_row_count(r); i++) {
		for (size_t c = 0; c < r->column_count; c++) {
			struct str s =
				i == 0 ? str_from(r->columns[c].title) : report_cell(r, i - 1, c);
			size_t gap = widths[c] - utf8_width(s);
			bool is_last = c + 1 == r->column_count;
			if (r->columns[c].kind == REPORT_NUMBER)
				pad(out, gap);
			strbuf_str(out, s);
			if (r->columns[c].kind == REPORT_TEXT && !is_last)
				pad(out, gap);
			strbuf_z(out, is_last ? "\n" : "  ");
		}
	}
}

static void print_json(const struct report *r, struct strbuf *out)
{
	struct json_writer w;

	json_begin(&w, out);
	json_array(&w);
	for (size_t i = 0; i < report_row_count(r); i++) {
		json_object(&w);
		for (size_t c = 0; c < r->column_count; c++) {
			struct str s = report_cell(r, i, c);
			json_key(&w, r->columns[c].name);
			if (!s.p)
				json_null(&w);
			else if (r->columns[c].kind == REPORT_TEXT)
				json_str(&w, s);
			else
				json_number(&w, s);
		}
		json_end_object(&w);
	}
	json_end_array(&w);
	strbuf_char(out, '\n');
}

static void csv_cell(struct strbuf *out, struct str s)
{
	bool needs_quotes =
		str_find_char(s, ',') != SIZE_MAX || str_find_char(s, '"') != SIZE_MAX ||
		str_find_char(s, '\n') != SIZE_MAX || str_find_char(s, '\r') != SIZE_MAX;

	if (!needs_quotes) {
		strbuf_str(out, s);
		return;
	}
	strbuf_char(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			strbuf_char(out, '"');
		strbuf_char(out, s.p[i]);
	}
	strbuf_char(out, '"');
}

static void print_csv(const struct report *r, struct strbuf *out)
{
	for (size_t i = 0; i <= report_row_count(r); i++)
		for (size_t c = 0; c < r->column_count; c++) {
			csv_cell(out,
				i == 0 ? str_from(r->columns[c].name) : report_cell(r, i - 1, c));
			strbuf_z(out, c + 1 == r->column_count ? "\r\n" : ",");
		}
}

enum err report_print(struct ctx *cx, const struct report *r, const struct cli_args *args)
{
	struct str format = cli_get(args, "format");
	struct strbuf out;
	enum err e = ERR_OK;

	strbuf_init(&out, STRBUF_MAX);
	if (str_is(format, "json"))
		print_json(r, &out);
	else if (str_is(format, "csv"))
		print_csv(r, &out);
	else if (str_is(format, "xlsx"))
		e = report_print_xlsx(cx, r);
	else
		print_table(r, &out);
	if (e == ERR_OK && fwrite(out.p ? out.p : "", 1, out.n, stdout) != out.n)
		e = ctx_fail(
			cx, ERR_IO, TR(cx, "写标准输出出错", "writing standard output failed"));
	strbuf_release(&out);
	return e;
}
