/*
 * Tells the kind of a file from its first bytes and hands the work to csv_reader.c or
 * xlsx_reader.c. Everything that is not a table is refused here, with advice.
 */
#include "wire/table_source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void *table_realloc(void *p, size_t count, size_t size)
{
	p = reallocarray(p, count, size);
	if (!p) {
		fputs("shuren: out of memory\n", stderr);
		abort();
	}
	return p;
}

/* Bytes of the whole file that may hold needle: for the directory names of old formats. */
static bool file_has(const struct table_bytes *bytes, struct str needle)
{
	enum { WINDOW = 1 << 16, SEARCHED = 64 << 20 };
	char *window;
	size_t size = 0;
	bool is_found = false;

	if (bytes->memory.p)
		return memmem(bytes->memory.p, bytes->memory.n, needle.p, needle.n) != NULL;
	window = table_realloc(NULL, WINDOW, 1);
	for (off_t at = 0; at < SEARCHED && !is_found;) {
		/* The needle may lie across two windows. */
		size_t kept = MIN(size, needle.n - 1);
		ssize_t n;
		memmove(window, window + size - kept, kept);
		n = pread(bytes->fd, window + kept, WINDOW - kept, at);
		if (n <= 0)
			break;
		at += n;
		size = kept + (size_t)n;
		is_found = memmem(window, size, needle.p, needle.n) != NULL;
	}
	free(window);
	return is_found;
}

/* Does text start with z, letters in either case, after blanks and a byte order mark? */
static bool starts_with_markup(struct str head, const char *z)
{
	head = str_trim(head);
	return head.n >= strlen(z) && strncasecmp(head.p, z, strlen(z)) == 0;
}

static enum err refuse_ole(struct table_reader *reader)
{
	struct ctx *cx = reader->cx;
	/* The stream's name, in UTF-16, in the directory of the compound file. */
	static const char encrypted[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";

	if (file_has(&reader->bytes, (struct str){encrypted, sizeof encrypted}))
		return ctx_fail(cx, ERR_REJECTED,
			TR(cx, "工作簿设有打开密码，请取消密码后重新上传",
				"the workbook is encrypted: remove the password and try again"));
	return ctx_fail(cx, ERR_UNSUPPORTED,
		TR(cx, "这是旧版 .xls 文件，请在 Excel 或 WPS 中另存为 .xlsx 后重新上传",
			"this is an old .xls file: save it as .xlsx in Excel or WPS and try "
			"again"));
}

static enum err choose_source(struct table_reader *reader, struct str head)
{
	struct ctx *cx = reader->cx;
	static const char *const markup[] = {
		"<html", "<!doctype", "<table", "<?xml", "<meta", "<head"};

	if (reader->bytes.size == 0 || str_trim(head).n == 0)
		return ctx_fail(cx, ERR_REJECTED, TR(cx, "文件是空的", "the file is empty"));
	if (str_starts(head, "PK\3\4") || str_starts(head, "PK\5\6")) {
		reader->source = &xlsx_source;
		return ERR_OK;
	}
	if (str_starts(head, "\xD0\xCF\x11\xE0"))
		return refuse_ole(reader);
	for (size_t i = 0; i < ARRAY_LEN(markup); i++)
		if (starts_with_markup(head, markup[i]))
			return ctx_fail(cx, ERR_UNSUPPORTED,
				TR(cx,
					"这是另存为 .xls 的网页或 XML，不是真正的工作簿，请另存为 "
					".xlsx",
					"this is a web page or XML saved as .xls, not a workbook: "
					"save it as .xlsx"));
	if (str_starts(head, "%PDF") || str_starts(head, "\x89PNG") ||
		str_starts(head, "\xFF\xD8\xFF") || str_starts(head, "Rar!") ||
		str_starts(head, "7z\xBC\xAF") || str_starts(head, "\x1F\x8B"))
		return ctx_fail(cx, ERR_UNSUPPORTED,
			TR(cx, "文件不是表格，请使用 .xlsx 或 .csv",
				"the file is not a table: use .xlsx or .csv"));
	reader->source = &csv_source;
	return ERR_OK;
}

static void set_limits(struct table_options *opts)
{
	if (!opts->cell_max)
		opts->cell_max = 256 << 10;
	if (!opts->row_max)
		opts->row_max = 8 << 20;
	if (!opts->unzipped_max)
		opts->unzipped_max = (uint64_t)8 << 30;
	if (!opts->shared_strings_max)
		opts->shared_strings_max = (uint64_t)512 << 20;
}

static void release(void *reader)
{
	table_reader_close(reader);
}

static struct table_reader *reader_new(struct ctx *cx, const struct table_options *opts)
{
	struct table_reader *reader = arena_new(cx->mem, struct table_reader);

	reader->cx = cx;
	reader->bytes.fd = -1;
	if (opts) {
		reader->opts = *opts;
		reader->opts.sheet = str_copy(cx->mem, opts->sheet);
	}
	set_limits(&reader->opts);
	arena_defer(cx->mem, release, reader);
	return reader;
}

static enum err start(struct table_reader *reader, struct str head, struct table_reader **out)
{
	enum err e = choose_source(reader, head);

	if (e == ERR_OK)
		e = reader->source->open(reader);
	if (e != ERR_OK) {
		table_reader_close(reader);
		return e;
	}
	*out = reader;
	return ERR_OK;
}

enum err table_reader_open(struct ctx *cx, const char *path, const struct table_options *opts,
	struct table_reader **out)
{
	struct table_reader *reader = reader_new(cx, opts);
	struct stat st;
	char head[512];
	ssize_t n;

	reader->bytes.path = arena_strz(cx->mem, path);
	reader->bytes.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (reader->bytes.fd < 0 || fstat(reader->bytes.fd, &st) < 0) {
		table_reader_close(reader);
		return ctx_fail(cx, ERR_IO, TR(cx, "打不开文件 %s：%s", "cannot open %s: %s"), path,
			strerror(errno));
	}
	if (!S_ISREG(st.st_mode)) {
		table_reader_close(reader);
		return ctx_fail(
			cx, ERR_IO, TR(cx, "%s 不是普通文件", "%s is not a regular file"), path);
	}
	reader->bytes.size = (uint64_t)st.st_size;
	n = pread(reader->bytes.fd, head, sizeof head, 0);
	if (n < 0) {
		table_reader_close(reader);
		return ctx_fail(cx, ERR_IO, TR(cx, "读不出文件 %s：%s", "cannot read %s: %s"), path,
			strerror(errno));
	}
	return start(reader, (struct str){head, (size_t)n}, out);
}

enum err table_reader_open_bytes(struct ctx *cx, struct str bytes, const struct table_options *opts,
	struct table_reader **out)
{
	struct table_reader *reader = reader_new(cx, opts);

	reader->bytes.memory = bytes;
	reader->bytes.size = bytes.n;
	return start(reader, str_sub(bytes, 0, 512), out);
}

enum err table_reader_next(struct table_reader *reader, const struct table_row **out)
{
	bool has_more = false;

	assert(reader->source);
	if (reader->is_done) {
		*out = NULL;
		return ERR_OK;
	}
	/* Until proven otherwise: a reader that has failed gives no more rows. */
	reader->is_done = true;
	TRY(reader->source->next(reader, &has_more));
	reader->is_done = !has_more;
	*out = has_more ? &reader->row : NULL;
	assert(!has_more || reader->row.count > 0);
	return ERR_OK;
}

void table_reader_close(struct table_reader *reader)
{
	if (!reader)
		return;
	if (reader->state)
		reader->source->close(reader);
	reader->state = NULL;
	reader->is_done = true;
	if (reader->bytes.fd >= 0)
		close(reader->bytes.fd);
	reader->bytes.fd = -1;
}

enum table_kind table_reader_kind(const struct table_reader *reader)
{
	return reader->source->kind;
}

struct str table_reader_sheet(const struct table_reader *reader)
{
	return reader->state ? reader->source->sheet(reader) : STR_NONE;
}

void table_reader_progress(
	const struct table_reader *reader, uint64_t *out_done, uint64_t *out_total)
{
	*out_total = reader->state ? reader->source->total(reader) : 0;
	*out_done = reader->state ? MIN(reader->source->done(reader), *out_total) : 0;
}

const struct table_cell *table_row_cell(const struct table_row *row, uint32_t column)
{
	static const struct table_cell empty = {.text = {"", 0}, .kind = CELL_EMPTY};
	size_t from = 0, to = row->count;

	if (column < row->count && row->cells[column].column == column)
		return &row->cells[column];
	/* Columns ascend: a cell stands at or before the index of its column. */
	to = MIN(to, (size_t)column + 1);
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (row->cells[middle].column == column)
			return &row->cells[middle];
		if (row->cells[middle].column < column)
			from = middle + 1;
		else
			to = middle;
	}
	return &empty;
}

char *table_reader_cell_name(uint32_t row, uint32_t column, char buf[TABLE_CELL_NAME_MAX])
{
	char letters[8];
	size_t n = sizeof letters;
	uint64_t c = (uint64_t)column + 1;

	while (c > 0) {
		c--;
		letters[--n] = (char)('A' + c % 26);
		c /= 26;
	}
	if (row)
		snprintf(buf, TABLE_CELL_NAME_MAX, "%.*s%" PRIu32, (int)(sizeof letters - n),
			letters + n, row);
	else
		snprintf(buf, TABLE_CELL_NAME_MAX, "%.*s", (int)(sizeof letters - n), letters + n);
	return buf;
}
