/*
 * What a number in a workbook says to the person who looks at it: decimal text without binary
 * noise, and dates. Internal to wire/.
 */
#pragma once

#include "base/str.h"

enum xlsx_format {
	XLSX_FORMAT_NUMBER,
	XLSX_FORMAT_DATE,
	XLSX_FORMAT_TIME, /* of a day */
	XLSX_FORMAT_DATE_TIME,
	XLSX_FORMAT_ELAPSED, /* hours go on over 24 */
};

/* Of number format ids below 164, as Excel and WPS in China show them. */
enum xlsx_format xlsx_format_builtin(int id);
/* Of a format code such as yyyy"年"m"月"d"日";@ */
enum xlsx_format xlsx_format_of_code(struct str code);

#define XLSX_VALUE_MAX 40

/*
 * The shortest decimal of at most 15 digits; 0 when raw is no number. *out_inexact when it has
 * more than 15 digits before the point.
 */
size_t xlsx_number_text(struct str raw, char out[XLSX_VALUE_MAX], bool *out_inexact);
/* 0 when there is no such date, as a spreadsheet program shows #### then. */
size_t xlsx_date_text(
	double serial, enum xlsx_format format, bool is_1904, char out[XLSX_VALUE_MAX]);
/* Length of p[0..n) after _x000D_ and the like were decoded in place. */
size_t xlsx_unescape(char *p, size_t n);
/* "C12": column from 0, row from 1 (0 when there is no number). False when it is none. */
bool xlsx_parse_ref(const char *ref, uint32_t *out_row, uint32_t *out_column);
