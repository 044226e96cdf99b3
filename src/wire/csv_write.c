#include "wire/csv_write.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { FLUSH_AT = 1 << 18, FORMULA_TEXT_MAX = 250 };

static enum err write_file(void *arg, struct str bytes)
{
	struct csv_writer *w = arg;

	while (bytes.n) {
		ssize_t n = write(w->fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ctx_fail(w->cx, ERR_IO,
				TR(w->cx, "写文件时出错：%s", "cannot write the file: %s"),
				strerror(errno));
		bytes = str_sub(bytes, (size_t)n, bytes.n);
	}
	return ERR_OK;
}

void csv_writer_init(
	struct csv_writer *w, struct ctx *cx, enum csv_style style, csv_sink *sink, void *arg)
{
	*w = (struct csv_writer){.cx = cx, .style = style, .sink = sink, .arg = arg, .fd = -1};
	strbuf_init(&w->pending, STRBUF_MAX);
	if (style == CSV_FOR_PEOPLE)
		strbuf_z(&w->pending, "\xEF\xBB\xBF");
}

enum err csv_writer_open(
	struct csv_writer *w, struct ctx *cx, enum csv_style style, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0)
		return ctx_fail(cx, ERR_IO, TR(cx, "写不了文件 %s：%s", "cannot write %s: %s"),
			path, strerror(errno));
	csv_writer_init(w, cx, style, write_file, w);
	w->fd = fd;
	return ERR_OK;
}

static void flush(struct csv_writer *w)
{
	if (w->error == ERR_OK && w->pending.n)
		w->error = w->sink(w->arg, strbuf_view(&w->pending));
	strbuf_reset(&w->pending);
}

static bool is_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

/* Would a spreadsheet program run or change this text? */
static bool needs_guard(struct str text)
{
	if (text.n == 0)
		return false;
	if (strchr("=+-@\t\r", text.p[0]))
		return true;
	return is_digits(text) && ((text.p[0] == '0' && text.n > 1) || text.n > 15);
}

static void begin_cell(struct csv_writer *w)
{
	if (w->is_row_begun)
		strbuf_char(&w->pending, ',');
	w->is_row_begun = true;
}

static void add_quoted(struct strbuf *b, const char *before, struct str text, const char *after)
{
	strbuf_char(b, '"');
	strbuf_z(b, before);
	for (const char *quote; (quote = text.n ? memchr(text.p, '"', text.n) : NULL) != NULL;) {
		size_t n = (size_t)(quote - text.p) + 1;
		strbuf_add(b, text.p, n);
		strbuf_char(b, '"');
		text = str_sub(text, n, text.n);
	}
	strbuf_str(b, text);
	strbuf_z(b, after);
	strbuf_char(b, '"');
}

void csv_write_text(struct csv_writer *w, struct str text)
{
	bool has_special = false, has_quote_or_end = false;

	begin_cell(w);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		has_quote_or_end |= c == '"' || c == '\n' || c == '\r';
		has_special |= c == ',';
	}
	if (w->style == CSV_FOR_PEOPLE && needs_guard(text)) {
		if (has_quote_or_end || text.n > FORMULA_TEXT_MAX)
			add_quoted(&w->pending, "'", text, "");
		else
			add_quoted(&w->pending, "=\"\"", text, "\"\"");
	} else if (has_special || has_quote_or_end) {
		add_quoted(&w->pending, "", text, "");
	} else {
		strbuf_str(&w->pending, text);
	}
}

void csv_write_plain(struct csv_writer *w, struct str text)
{
	begin_cell(w);
	strbuf_str(&w->pending, text);
}

void csv_write_row_end(struct csv_writer *w)
{
	strbuf_z(&w->pending, "\r\n");
	w->is_row_begun = false;
	if (w->pending.n >= FLUSH_AT)
		flush(w);
}

enum err csv_writer_close(struct csv_writer *w)
{
	flush(w);
	strbuf_release(&w->pending);
	if (w->fd >= 0 && close(w->fd) < 0 && w->error == ERR_OK)
		w->error = ctx_fail(w->cx, ERR_IO,
			TR(w->cx, "写文件时出错：%s", "cannot write the file: %s"),
			strerror(errno));
	w->fd = -1;
	return w->error;
}
