/*
 * CSV out: RFC 4180 with CRLF, rows of any length, to a file or to any sink.
 *
 * Two kinds of reader want different bytes:
 * - programs (CSV_EXACT): what was given is what is written;
 * - people who open it in Excel or WPS (CSV_FOR_PEOPLE): a byte order mark, so that Chinese is
 *   read right; and text that a spreadsheet would change or run is written as the formula
 *   ="text": ids with leading zeros or more than 15 digits, and text that begins with = + - @
 *   TAB or CR (formula injection). table_reader.h reads ="text" back as text. Text that can't
 *   stand in such a formula (it holds quotes or line ends, or is longer than 250 bytes) gets a
 *   leading ' instead, which stays visible. Numbers are never touched: -5 is written -5.
 */
#pragma once

#include "base/err.h"

enum csv_style { CSV_EXACT, CSV_FOR_PEOPLE };

/* Takes all bytes or fails; it has then called ctx_fail. */
typedef enum err csv_sink(void *arg, struct str bytes);

struct csv_writer {
	struct ctx *cx;
	enum csv_style style;
	csv_sink *sink;
	void *arg;
	struct strbuf pending;
	bool is_row_begun;
	enum err error; /* the first; later calls do nothing */
	int fd;         /* of csv_writer_open, else -1 */
};

/* Writing to sink; released by csv_writer_close. */
void csv_writer_init(
	struct csv_writer *w, struct ctx *cx, enum csv_style style, csv_sink *sink, void *arg);
/* Writing to a new file at path, which is replaced. Fails: IO. */
MUST_CHECK enum err csv_writer_open(
	struct csv_writer *w, struct ctx *cx, enum csv_style style, const char *path);
void csv_write_text(struct csv_writer *w, struct str text);
/* A number or date in its final form: never quoted or guarded. */
void csv_write_plain(struct csv_writer *w, struct str text);
void csv_write_row_end(struct csv_writer *w);
/* Everything out, memory and file released. Fails: the first error there was; IO. */
MUST_CHECK enum err csv_writer_close(struct csv_writer *w);
