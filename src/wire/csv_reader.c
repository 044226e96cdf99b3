/*
 * CSV by RFC 4180, read leniently where people's files are: any of CRLF, LF and CR ends a row,
 * rows may differ in length, a quote inside an unquoted cell is a character, and ="0012" (how
 * a zero is saved from Excel) is 0012.
 *
 * Separators and line ends are searched eight bytes at a time; cells point into the window of
 * csv_text and nothing is copied. A row that is not whole in the window is begun again after
 * more of the file has been read.
 */
#include "wire/csv_text.h"

struct csv {
	struct csv_text text;
	size_t at; /* start of the next row in text.p */
	uint32_t row;
	uint64_t line;
	char separator;
	struct table_cell *cells; /* own malloc */
	size_t count, cap;
	size_t marked_count;   /* cells with is_inexact set: quotes still inside */
	uint64_t row_lines;    /* lines that the row takes */
	uint32_t column_count; /* of the row, empty ones too */
};

/* How a try to read one row ended. */
enum row_end { ROW_WHOLE, ROW_NEEDS_MORE, ROW_BAD_QUOTE };

#define ONES  0x0101010101010101u
#define HIGHS 0x8080808080808080u

/* 0x80 in each byte of word that is c; exact for every byte. */
static inline uint64_t bytes_equal(uint64_t word, uint64_t c)
{
	uint64_t x = word ^ c;

	return ~(((x & ~HIGHS) + ~HIGHS) | x | ~HIGHS);
}

/* Position of the first separator, CR or LF in p[at..end), or end. p[end..end+8) is readable. */
static inline size_t find_special(const char *p, size_t at, size_t end, char separator)
{
	uint64_t seps = ONES * (unsigned char)separator;

	while (at < end) {
		uint64_t word, hits;
		memcpy(&word, p + at, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		word = __builtin_bswap64(word);
#endif
		hits = bytes_equal(word, seps) | bytes_equal(word, ONES * '\n') |
		       bytes_equal(word, ONES * '\r');
		if (hits)
			return MIN(at + (size_t)__builtin_ctzll(hits) / 8, end);
		at += 8;
	}
	return end;
}

static uint64_t count_lines(const char *p, size_t n)
{
	uint64_t lines = 0;
	const char *end = p + n, *hit;

	while (p < end && (hit = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		lines++;
		p = hit + 1;
	}
	return lines;
}

/* ="0012", the way to keep a zero in a CSV that Excel opens, is 0012. */
static struct str unwrap_formula(struct str s)
{
	if (s.n >= 3 && s.p[0] == '=' && s.p[1] == '"' && s.p[s.n - 1] == '"' &&
		!memchr(s.p + 2, '"', s.n - 3))
		return str_sub(s, 2, s.n - 1);
	return s;
}

static void add_cell(struct csv *csv, uint32_t column, struct str s, bool is_marked)
{
	if (s.n == 0)
		return;
	if (csv->count == csv->cap) {
		csv->cap = csv->cap ? csv->cap * 2 : 64;
		csv->cells = table_realloc(csv->cells, csv->cap, sizeof *csv->cells);
	}
	csv->cells[csv->count++] = (struct table_cell){s, column, CELL_TEXT, is_marked};
	csv->marked_count += is_marked;
}

/*
 * The quoted cell that begins at p[*at] == '"'. Text behind the closing quote belongs to it, as
 * spreadsheet programs read it. A cell that has to be moved together (doubled quotes, a tail)
 * is only marked: the row may have to be begun again, see settle_cells.
 */
static enum row_end read_quoted(struct csv *csv, size_t *at, uint32_t column)
{
	const char *p = csv->text.p;
	size_t from = *at + 1, i = from, end = csv->text.checked, tail;
	bool has_doubled = false;

	for (;;) {
		const char *quote = i < end ? memchr(p + i, '"', end - i) : NULL;
		if (!quote)
			return csv->text.is_at_end ? ROW_BAD_QUOTE : ROW_NEEDS_MORE;
		i = (size_t)(quote - p) + 1;
		if (i == end && !csv->text.is_at_end)
			return ROW_NEEDS_MORE;
		if (i == end || p[i] != '"')
			break;
		has_doubled = true;
		i++;
	}
	tail = find_special(p, i, end, csv->separator);
	if (tail == end && !csv->text.is_at_end)
		return ROW_NEEDS_MORE;
	*at = tail;
	csv->row_lines += count_lines(p + from, i - from);
	if (!has_doubled && tail == i) {
		struct str s = unwrap_formula((struct str){p + from, i - 1 - from});
		add_cell(csv, column, s, false);
		return ROW_WHOLE;
	}
	add_cell(csv, column, (struct str){p + from, tail - from}, true);
	return ROW_WHOLE;
}

/* The row is whole: take the quotes out of marked cells, in place. */
static void settle_cells(struct csv *csv)
{
	size_t kept = 0;

	for (size_t c = 0; c < csv->count; c++) {
		struct table_cell *cell = &csv->cells[c];
		if (cell->is_inexact) {
			char *p = csv->text.p + (cell->text.p - csv->text.p);
			size_t out = 0, i = 0;
			bool is_quoted = true;
			for (; i < cell->text.n; i++) {
				if (is_quoted && p[i] == '"') {
					i++;
					is_quoted = i < cell->text.n && p[i] == '"';
					if (i == cell->text.n)
						break;
				}
				p[out++] = p[i];
			}
			cell->text = unwrap_formula((struct str){p, out});
			cell->is_inexact = false;
		}
		if (cell->text.n)
			csv->cells[kept++] = *cell;
	}
	csv->count = kept;
	csv->marked_count = 0;
}

/* Read one row from csv->at; *out_next is where the next one starts. */
static enum row_end read_row(struct csv *csv, size_t *out_next)
{
	const char *p = csv->text.p;
	size_t at = csv->at, end = csv->text.checked;
	uint32_t column = 0;

	csv->count = csv->marked_count = 0;
	csv->row_lines = 1;
	for (;; column++) {
		if (at < end && p[at] == '"') {
			enum row_end how = read_quoted(csv, &at, column);
			if (how != ROW_WHOLE)
				return how;
		} else {
			size_t from = at;
			at = find_special(p, at, end, csv->separator);
			if (at == end && !csv->text.is_at_end)
				return ROW_NEEDS_MORE;
			add_cell(csv, column, unwrap_formula((struct str){p + from, at - from}),
				false);
		}
		if (at == end || p[at] != csv->separator)
			break;
		at++;
	}
	if (at < end && p[at] == '\r') {
		if (at + 1 == end && !csv->text.is_at_end)
			return ROW_NEEDS_MORE;
		at++;
		if (at < end && p[at] == '\n')
			at++;
	} else if (at < end) {
		at++;
	}
	csv->column_count = column + 1;
	*out_next = at;
	return ROW_WHOLE;
}

static enum err refuse_size(struct ctx *cx, uint64_t line)
{
	return ctx_fail(cx, ERR_TOO_LARGE,
		TR(cx, "第 %" PRIu64 " 行太长：单元格、列数或整行超过上限（也可能缺少收尾的引号）",
			"line %" PRIu64
			": a cell, the columns or the whole row are over the limit (or a closing "
			"quote is missing)"),
		line);
}

/* Nothing good is left behind the window's text and a row is not finished: why? */
static enum err explain_fault(struct table_reader *reader, struct csv *csv)
{
	struct ctx *cx = reader->cx;
	uint64_t line = csv->line + count_lines(csv->text.p + csv->at, csv->text.checked - csv->at);

	switch (csv->text.fault) {
	case CSV_FAULT_NUL:
		return ctx_fail(cx, ERR_REJECTED,
			TR(cx, "第 %" PRIu64 " 行有空字节，文件不是文本（CSV）",
				"line %" PRIu64 " holds a zero byte: the file is not text (CSV)"),
			line);
	case CSV_FAULT_ENCODING:
		return ctx_fail(cx, ERR_REJECTED,
			TR(cx, "第 %" PRIu64 " 行的编码不对：既不是 UTF-8 也不是 GB18030",
				"line %" PRIu64 " is neither UTF-8 nor GB18030"),
			line);
	case CSV_FAULT_IO:
		return ctx_fail(cx, ERR_IO, TR(cx, "读文件时出错：%s", "cannot read the file: %s"),
			strerror(csv->text.io_errno));
	case CSV_FAULT_NONE:
		break;
	}
	BUG("no fault to explain");
}

/* A row longer than the limit never comes out, so that a lost quote can't take all memory. */
static enum err get_more(struct table_reader *reader, struct csv *csv)
{
	if (csv->text.checked - csv->at > reader->opts.row_max)
		return refuse_size(reader->cx, csv->line);
	csv_text_more(&csv->text, csv->at);
	csv->at = 0;
	return ERR_OK;
}

static enum err check_sizes(struct table_reader *reader, struct csv *csv, size_t next)
{
	if (next - csv->at > reader->opts.row_max || csv->column_count > TABLE_COLUMNS_MAX ||
		csv->row == UINT32_MAX)
		return refuse_size(reader->cx, csv->line);
	if (next - csv->at <= reader->opts.cell_max)
		return ERR_OK;
	for (size_t i = 0; i < csv->count; i++)
		if (csv->cells[i].text.n > reader->opts.cell_max)
			return refuse_size(reader->cx, csv->line);
	return ERR_OK;
}

static enum err csv_next(struct table_reader *reader, bool *out_more)
{
	struct csv *csv = reader->state;
	size_t next = 0;

	for (;;) {
		enum row_end how;
		if (csv->at == csv->text.checked && csv->text.is_at_end) {
			if (csv->text.fault != CSV_FAULT_NONE)
				return explain_fault(reader, csv);
			*out_more = false;
			return ERR_OK;
		}
		how = read_row(csv, &next);
		/* What stands before a fault is not the end of a row. */
		if (csv->text.fault != CSV_FAULT_NONE &&
			(how == ROW_BAD_QUOTE || (how == ROW_WHOLE && next == csv->text.checked)))
			return explain_fault(reader, csv);
		if (how == ROW_BAD_QUOTE)
			return ctx_fail(reader->cx, ERR_REJECTED,
				TR(reader->cx, "第 %" PRIu64 " 行的引号没有收尾",
					"the row at line %" PRIu64 " has an unterminated quote"),
				csv->line);
		if (how == ROW_NEEDS_MORE) {
			TRY(get_more(reader, csv));
			continue;
		}
		TRY(check_sizes(reader, csv, next));
		if (csv->marked_count)
			settle_cells(csv);
		csv->row++;
		reader->row = (struct table_row){csv->row, csv->line, csv->count, csv->cells};
		csv->line += csv->row_lines;
		csv->at = next;
		if (csv->count) {
			*out_more = true;
			return ERR_OK;
		}
	}
}

/* The separator seen most in the first line outside quotes; comma when there is none. */
static char detect_separator(struct str text)
{
	static const char candidates[] = {',', '\t', ';'};
	size_t counts[ARRAY_LEN(candidates)] = {0}, best = 0;
	bool is_quoted = false;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"')
			is_quoted = !is_quoted;
		if (is_quoted)
			continue;
		if (text.p[i] == '\n' || text.p[i] == '\r')
			break;
		for (size_t k = 0; k < ARRAY_LEN(candidates); k++)
			counts[k] += text.p[i] == candidates[k];
	}
	for (size_t k = 1; k < ARRAY_LEN(candidates); k++)
		if (counts[k] > counts[best])
			best = k;
	return candidates[best];
}

static enum err csv_open(struct table_reader *reader)
{
	struct csv *csv = table_realloc(NULL, 1, sizeof *csv);
	struct str head;

	*csv = (struct csv){.line = 1, .separator = reader->opts.separator};
	reader->state = csv;
	csv_text_init(&csv->text, &reader->bytes);
	csv_text_more(&csv->text, 0);
	if (csv->text.checked == 0 && csv->text.fault != CSV_FAULT_NONE)
		return explain_fault(reader, csv);
	head = (struct str){csv->text.p, csv->text.checked};
	if (str_trim(head).n == 0 && csv->text.is_at_end)
		return ctx_fail(reader->cx, ERR_REJECTED,
			TR(reader->cx, "文件是空的", "the file is empty"));
	/* Excel's own way to say it: a first line "sep=;". */
	if (str_starts(head, "sep=") && head.n > 5 && (head.p[5] == '\r' || head.p[5] == '\n')) {
		csv->separator = csv->separator ? csv->separator : head.p[4];
		csv->at = head.n > 6 && head.p[5] == '\r' && head.p[6] == '\n' ? 7 : 6;
		csv->line = 2;
		csv->row = 1;
	}
	if (!csv->separator)
		csv->separator = detect_separator(head);
	return ERR_OK;
}

static void csv_close(struct table_reader *reader)
{
	struct csv *csv = reader->state;

	csv_text_release(&csv->text);
	free(csv->cells);
	free(csv);
}

static struct str csv_sheet(const struct table_reader *reader)
{
	(void)reader;
	return STR_NONE;
}

static uint64_t csv_total(const struct table_reader *reader)
{
	return reader->bytes.size;
}

static uint64_t csv_done(const struct table_reader *reader)
{
	const struct csv *csv = reader->state;
	uint64_t pending = csv->text.checked - csv->at;

	return csv->text.offset > pending ? csv->text.offset - pending : 0;
}

const struct table_source csv_source = {
	TABLE_CSV, csv_open, csv_next, csv_close, csv_sheet, csv_total, csv_done};
