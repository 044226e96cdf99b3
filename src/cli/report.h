/*
 * A table as the result of a command: columns and rows, printed as an aligned table, JSON (an
 * array of objects), CSV or a workbook, whatever --format says. Lives in one arena.
 */
#pragma once

#include "cli/cli.h"

enum report_kind { REPORT_TEXT, REPORT_NUMBER };

struct report_column {
	const char *name;  /* key in JSON, header in CSV */
	const char *title; /* header for people */
	enum report_kind kind;
};

struct report {
	struct arena *mem;
	const struct report_column *columns;
	size_t column_count;
	VEC(struct str) cells; /* row by row; p NULL: nothing (null) */
};

void report_init(
	struct report *r, struct arena *mem, const struct report_column *columns, size_t count);
/* Append cells of the current row, left to right. Numbers are text already in decimal form. */
void report_str(struct report *r, struct str s);
void report_z(struct report *r, const char *z);
void report_i64(struct report *r, int64_t v);
void report_f64(struct report *r, double v); /* not finite: null */
void report_null(struct report *r);
/*
 * Print to standard output. Fails: IO; with xlsx INVALID (standard output is a terminal) and
 * TOO_LARGE (as xlsx_writer_close).
 */
MUST_CHECK enum err report_print(
	struct ctx *cx, const struct report *r, const struct cli_args *args);
