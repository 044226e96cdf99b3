/*
 * XML of a sheet, tokenized in place: twice as fast as expat, which is most of the time of
 * reading a workbook, and for this one part only. It takes UTF-8 without document types and
 * checks that tags nest; names keep their prefix, text is not checked to be UTF-8 (the reader
 * checks what it keeps). Internal to wire/.
 */
#pragma once

#include "wire/xlsx_package.h"

enum { XLSX_SCAN_DEPTH = 64, XLSX_SCAN_NAMES = 2048 };

struct xlsx_scan {
	struct xlsx_part part;
	void *user;
	/* Names and values are NUL-terminated and live during the call. */
	void (*start)(struct xlsx_scan *scan, const char *name, const char **attributes);
	void (*end)(struct xlsx_scan *scan, const char *name);
	void (*text)(struct xlsx_scan *scan, const char *p, size_t n);
	enum err error;
	bool is_paused;

	char *p; /* own malloc: the window */
	size_t at, size, cap;
	bool is_at_end, has_root;
	/* Open elements: their names one behind the other, each with a NUL. */
	char names[XLSX_SCAN_NAMES];
	uint16_t starts[XLSX_SCAN_DEPTH];
	uint16_t depth, names_size;
};

/* user and the handlers are set afterwards. Close it even when it failed. */
MUST_CHECK enum err xlsx_scan_open(
	struct xlsx_scan *scan, struct xlsx_package *package, struct str part);
/* To the next pause, or to the end (is_paused is not set then). */
MUST_CHECK enum err xlsx_scan_run(struct xlsx_scan *scan);
void xlsx_scan_close(struct xlsx_scan *scan);
/* For handlers: return from xlsx_scan_run behind the tag at hand; or for good, with the error
   that ctx_fail has been told. */
void xlsx_scan_pause(struct xlsx_scan *scan);
void xlsx_scan_fail(struct xlsx_scan *scan, enum err e);
