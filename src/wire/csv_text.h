/*
 * The text of a CSV file as UTF-8, in a window that moves over the file: encodings are told and
 * decoded here, so that csv_reader.c sees checked UTF-8 only. Internal to wire/.
 *
 * Encoding: by byte order mark (UTF-8, UTF-16); else the file is ASCII until the first window
 * with other bytes, and that window says whether it is UTF-8 or GB18030 (what Excel and WPS
 * write in China).
 */
#pragma once

#include "wire/table_source.h"

enum csv_fault {
	CSV_FAULT_NONE,
	CSV_FAULT_NUL,      /* a zero byte: not a text file */
	CSV_FAULT_ENCODING, /* bytes that the encoding does not have */
	CSV_FAULT_IO,
};

struct csv_text {
	struct table_bytes *bytes;
	uint64_t offset;          /* read of the file so far */
	char *p;                  /* own malloc; `size` bytes and 8 more that may be read */
	size_t size, cap, window; /* window: bytes read at a time */
	char *raw;                /* undecoded bytes, when there is a decoder */
	size_t raw_size;
	void *decoder; /* iconv_t, NULL for UTF-8 */
	enum { CSV_ASCII, CSV_UTF8, CSV_DECODED } encoding;
	size_t checked;       /* bytes of p known to be good */
	bool is_at_end;       /* nothing behind p[checked] */
	enum csv_fault fault; /* why nothing is behind p[checked]; p[0..checked) is good */
	int io_errno;
};

void csv_text_init(struct csv_text *text, struct table_bytes *bytes);
void csv_text_release(struct csv_text *text);
/*
 * Drop the first `used` bytes and get more behind the rest: afterwards p[0..checked) is good
 * text and holds at least one byte more than before, or is_at_end is set.
 */
void csv_text_more(struct csv_text *text, size_t used);
