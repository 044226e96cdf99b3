#include "wire/csv_text.h"

#include <errno.h>
#include <iconv.h>
#include <unistd.h>

enum {
	WINDOW = 1 << 19,
	SLACK = 8, /* readable behind the window, for scans of a word at a time */
};

void csv_text_init(struct csv_text *text, struct table_bytes *bytes)
{
	/* Small files need no large window. */
	size_t window = (size_t)MIN((uint64_t)WINDOW, bytes->size + 64);

	*text = (struct csv_text){.bytes = bytes, .cap = window, .window = window};
	text->p = table_realloc(NULL, text->cap + SLACK, 1);
	memset(text->p, 0, text->cap + SLACK);
}

void csv_text_release(struct csv_text *text)
{
	if (text->decoder)
		iconv_close((iconv_t)text->decoder);
	free(text->raw);
	free(text->p);
	*text = (struct csv_text){0};
}

/* Up to n bytes of the file to p; 0 at its end. */
static size_t read_file(struct csv_text *text, char *p, size_t n)
{
	struct table_bytes *bytes = text->bytes;
	ssize_t got;

	if (bytes->fd < 0) {
		struct str part = str_sub(bytes->memory, text->offset, text->offset + n);
		if (part.n)
			memcpy(p, part.p, part.n);
		text->offset += part.n;
		return part.n;
	}
	do {
		got = pread(bytes->fd, p, n, (off_t)text->offset);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		text->fault = CSV_FAULT_IO;
		text->io_errno = errno;
		return 0;
	}
	text->offset += (uint64_t)got;
	return (size_t)got;
}

/* Bytes of p[0..n) that are whole code points, the last one perhaps cut off by the window. */
static size_t whole_runes(const char *p, size_t n)
{
	for (size_t back = 1; back <= 3 && back <= n; back++) {
		unsigned char c = (unsigned char)p[n - back];
		if (c < 0x80)
			return n;
		if (c >= 0xC0) {
			size_t length = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
			return length > back ? n - back : n;
		}
	}
	return n;
}

/* Length of the longest good start of p[0..n), found by halving: only used on bad text. */
static size_t good_prefix(const char *p, size_t n)
{
	size_t good = 0;

	while (n - good > 0) {
		size_t middle = good + (n - good + 1) / 2;
		size_t whole = whole_runes(p, middle);
		if (whole > good && utf8_check((struct str){p + good, whole - good})) {
			good = whole;
		} else if (whole <= good) {
			break;
		} else {
			n = middle - 1;
		}
	}
	return good;
}

static bool is_ascii(const char *p, size_t n)
{
	uint64_t seen = 0, word;
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		memcpy(&word, p + i, 8);
		seen |= word;
	}
	for (; i < n; i++)
		seen |= (unsigned char)p[i];
	return (seen & 0x8080808080808080u) == 0;
}

static void start_decoding(struct csv_text *text, const char *from, const char *raw, size_t n)
{
	iconv_t decoder = iconv_open("UTF-8", from);

	if (decoder == (iconv_t)-1) {
		text->fault = CSV_FAULT_ENCODING;
		return;
	}
	text->decoder = decoder;
	text->encoding = CSV_DECODED;
	text->raw = table_realloc(NULL, text->window, 1);
	assert(n <= text->window);
	memcpy(text->raw, raw, n);
	text->raw_size = n;
}

/* Decode what is in raw, and more of the file, into the free part of the window. */
static void decode(struct csv_text *text)
{
	char *in, *out = text->p + text->size;
	size_t in_left, out_left = text->cap - text->size;
	size_t got = read_file(text, text->raw + text->raw_size, text->window - text->raw_size);

	text->raw_size += got;
	in = text->raw;
	in_left = text->raw_size;
	if (in_left &&
		iconv((iconv_t)text->decoder, &in, &in_left, &out, &out_left) == (size_t)-1 &&
		(errno == EILSEQ || (errno == EINVAL && got == 0)))
		text->fault = CSV_FAULT_ENCODING;
	memmove(text->raw, in, in_left);
	text->raw_size = in_left;
	text->size = (size_t)(out - text->p);
	text->is_at_end = text->fault != CSV_FAULT_NONE || (got == 0 && in_left == 0);
}

/* The file's first bytes stand in the window: take a byte order mark off. */
static void read_mark(struct csv_text *text)
{
	struct str head = {text->p, text->size};
	const char *from = str_starts(head, "\xFF\xFE")   ? "UTF-16LE"
			   : str_starts(head, "\xFE\xFF") ? "UTF-16BE"
							  : NULL;

	if (from) {
		start_decoding(text, from, text->p + 2, text->size - 2);
		text->size = 0;
	} else if (str_starts(head, "\xEF\xBB\xBF")) {
		text->encoding = CSV_UTF8;
		text->size -= 3;
		memmove(text->p, text->p + 3, text->size);
	}
}

/* Check p[checked..size); tell the encoding by it when that is still open. */
static void check(struct csv_text *text)
{
	char *p = text->p + text->checked;
	size_t n = text->size - text->checked;
	size_t whole = text->is_at_end ? n : whole_runes(p, n);

	if (text->encoding == CSV_ASCII && !is_ascii(p, n)) {
		if (utf8_check((struct str){p, whole}) || memchr(p, 0, n)) {
			text->encoding = CSV_UTF8;
		} else {
			start_decoding(text, "GB18030", p, n);
			text->size = text->checked;
			text->is_at_end = false;
			return;
		}
	}
	if (!utf8_check((struct str){p, whole})) {
		whole = good_prefix(p, whole);
		text->fault = p[whole] == '\0' ? CSV_FAULT_NUL : CSV_FAULT_ENCODING;
		text->is_at_end = true;
	}
	text->checked += whole;
}

void csv_text_more(struct csv_text *text, size_t used)
{
	size_t before;

	assert(used <= text->checked);
	memmove(text->p, text->p + used, text->size - used);
	text->size -= used;
	text->checked -= used;
	before = text->checked;
	if (text->cap - text->size < text->window / 2) {
		text->cap *= 2;
		text->p = table_realloc(text->p, text->cap + SLACK, 1);
	}
	while (text->checked == before && !text->is_at_end) {
		if (text->decoder) {
			decode(text);
		} else {
			bool is_first = text->offset == 0;
			size_t room = MIN(text->cap - text->size, text->window);
			size_t got = read_file(text, text->p + text->size, room);
			text->size += got;
			text->is_at_end = got == 0;
			if (is_first)
				read_mark(text);
		}
		if (text->fault == CSV_FAULT_NONE || text->decoder)
			check(text);
	}
	memset(text->p + text->size, 0, SLACK);
}
