#include "wire/xlsx_value.h"

#include <math.h>

#include "base/date.h"
#include "base/num.h"

enum xlsx_format xlsx_format_builtin(int id)
{
	if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 ||
		(id >= 50 && id <= 54) || id == 57 || id == 58)
		return XLSX_FORMAT_DATE;
	if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || id == 45 || id == 47 || id == 55 ||
		id == 56)
		return XLSX_FORMAT_TIME;
	if (id == 22)
		return XLSX_FORMAT_DATE_TIME;
	if (id == 46)
		return XLSX_FORMAT_ELAPSED;
	return XLSX_FORMAT_NUMBER;
}

/* Past what is shown literally at code[i], or i: "text", \x, _x, *x, [..] but [h] [m] [s]. */
static size_t skip_literal(struct str code, size_t i, bool *is_elapsed)
{
	size_t end;

	switch (code.p[i]) {
	case '"':
		for (end = i + 1; end < code.n && code.p[end] != '"'; end++)
			;
		return end + 1;
	case '\\':
	case '_':
	case '*':
		return i + 2;
	case '[':
		if (i + 2 < code.n && strchr("hHmMsS", code.p[i + 1]) &&
			(code.p[i + 2] == ']' || code.p[i + 2] == code.p[i + 1]))
			*is_elapsed = true;
		for (end = i + 1; end < code.n && code.p[end] != ']'; end++)
			;
		return end + 1;
	default:
		return i;
	}
}

enum xlsx_format xlsx_format_of_code(struct str code)
{
	bool is_elapsed = false, has_date = false, has_time = false, has_month = false;

	if (str_starts(code, "General") || str_starts(code, "G/"))
		return XLSX_FORMAT_NUMBER;
	for (size_t i = 0; i < code.n && code.p[i] != ';';) {
		size_t behind = skip_literal(code, i, &is_elapsed);
		if (behind > i) {
			i = behind;
			continue;
		}
		switch (code.p[i] | 0x20) {
		case 'y':
		case 'd':
		case 'b':
			has_date = true;
			break;
		case 'e': /* the year of an era, or an exponent */
			if (i + 1 < code.n && (code.p[i + 1] == '+' || code.p[i + 1] == '-'))
				return XLSX_FORMAT_NUMBER;
			has_date = true;
			break;
		case 'h':
		case 's':
			has_time = true;
			break;
		case 'm':
			has_month = true;
			break;
		default:
			break;
		}
		i++;
	}
	if (is_elapsed)
		return XLSX_FORMAT_ELAPSED;
	if (has_date)
		return has_time ? XLSX_FORMAT_DATE_TIME : XLSX_FORMAT_DATE;
	if (has_time)
		return XLSX_FORMAT_TIME;
	return has_month ? XLSX_FORMAT_DATE : XLSX_FORMAT_NUMBER;
}

/* 12.50 and 12.0 are 12.5 and 12. */
static struct str drop_zeros(struct str raw)
{
	if (raw.n == 0 || (raw.p[raw.n - 1] != '0' && raw.p[raw.n - 1] != '.') ||
		!memchr(raw.p, '.', raw.n) || memchr(raw.p, 'E', raw.n) ||
		memchr(raw.p, 'e', raw.n))
		return raw;
	while (raw.n > 1 && raw.p[raw.n - 1] == '0')
		raw.n--;
	if (raw.p[raw.n - 1] == '.')
		raw.n--;
	return raw;
}

/* Is raw already the text we want? At most 15 digits, no blanks, no superfluous zeros. */
static bool is_plain(struct str raw)
{
	size_t digits = 0, i = raw.n && raw.p[0] == '-', point = SIZE_MAX, from = i;

	for (; i < raw.n; i++) {
		if (raw.p[i] >= '0' && raw.p[i] <= '9')
			digits++;
		else if (raw.p[i] == '.' && point == SIZE_MAX)
			point = i;
		else
			return false;
	}
	if (digits == 0 || digits > 15 || point == from || raw.p[raw.n - 1] == '.')
		return false;
	if (raw.p[from] == '0' && digits > 1 && point != from + 1)
		return false;
	return point == SIZE_MAX ? raw.p[from] != '0' || from == 0 : raw.p[raw.n - 1] != '0';
}

/* digits (15, the point behind the first) times 10^exponent, written out or as 1.2e+30. */
static size_t write_decimal(bool is_negative, char *digits, int exponent, char *out)
{
	int n = 15, k = 0;

	while (n > 1 && digits[n - 1] == '0')
		n--;
	if (is_negative)
		out[k++] = '-';
	if (exponent < -12 || exponent > 20) {
		out[k++] = digits[0];
		if (n > 1)
			out[k++] = '.';
		memcpy(out + k, digits + 1, (size_t)(n - 1));
		k += n - 1;
		return (size_t)k +
		       (size_t)snprintf(out + k, XLSX_VALUE_MAX - (size_t)k, "e%+d", exponent);
	}
	for (int place = MAX(exponent, 0); place >= MIN(exponent - n + 1, 0); place--) {
		int i = exponent - place;
		if (place == -1)
			out[k++] = '.';
		out[k++] = i >= 0 && i < n ? digits[i] : '0';
	}
	out[k] = '\0';
	return (size_t)k;
}

size_t xlsx_number_text(struct str raw, char out[XLSX_VALUE_MAX], bool *out_inexact)
{
	char scientific[XLSX_VALUE_MAX], digits[16];
	double value;

	*out_inexact = false;
	raw = drop_zeros(raw);
	if (is_plain(raw)) {
		memcpy(out, raw.p, raw.n);
		out[raw.n] = '\0';
		return raw.n;
	}
	if (parse_f64(str_trim(raw), &value) != NUM_OK)
		return 0;
	*out_inexact = fabs(value) >= 1e15;
	if (fabs(value) < 1e-300) {
		memcpy(out, "0", 2);
		return 1;
	}
	/* d.dddddddddddddde+XX: 15 digits are what a spreadsheet shows, the rest is noise. */
	snprintf(scientific, sizeof scientific, "%.14e", fabs(value));
	digits[0] = scientific[0];
	memcpy(digits + 1, scientific + 2, 14);
	return write_decimal(value < 0, digits, (int)strtol(scientific + 17, NULL, 10), out);
}

/* Day number of a workbook to text; 1900 had no 29 February, but day 60 says so. */
static int write_day(int64_t day, bool is_1904, char *out)
{
	struct date d;
	int year, month, dom;

	if (!is_1904 && day == 60)
		return snprintf(out, XLSX_VALUE_MAX, "1900-02-29");
	if (!is_1904 && day == 0)
		return snprintf(out, XLSX_VALUE_MAX, "1900-01-00");
	/* 1904-01-01 is day -24107 since 1970, 1899-12-30 is day -25569. */
	d.day = (int32_t)(is_1904 ? day - 24107 : day < 60 ? day - 25568 : day - 25569);
	date_to_ymd(d, &year, &month, &dom);
	if (year > 9999)
		return 0;
	return snprintf(out, XLSX_VALUE_MAX, "%04d-%02d-%02d", year, month, dom);
}

size_t xlsx_date_text(
	double serial, enum xlsx_format format, bool is_1904, char out[XLSX_VALUE_MAX])
{
	int64_t day, second;
	int n = 0;

	if (!(serial >= 0) || serial >= 2958466)
		return 0;
	day = (int64_t)serial;
	second = (int64_t)((serial - (double)day) * 86400 + 0.5);
	if (second == 86400) {
		day++;
		second = 0;
	}
	if (format == XLSX_FORMAT_ELAPSED) {
		second += day * 86400;
	} else if (format != XLSX_FORMAT_TIME) {
		n = write_day(day, is_1904, out);
		if (n == 0)
			return 0;
	}
	if (format == XLSX_FORMAT_DATE || (format == XLSX_FORMAT_DATE_TIME && second == 0))
		return (size_t)n;
	n += snprintf(out + n, XLSX_VALUE_MAX - (size_t)n, "%s%02d:%02d:%02d", n ? " " : "",
		(int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
	return (size_t)n;
}

/* _xHHHH_ at p: its code unit, or -1. */
static int32_t escaped_unit(const char *p, size_t n)
{
	int32_t unit = 0;

	if (n < 7 || p[0] != '_' || p[1] != 'x' || p[6] != '_')
		return -1;
	for (int i = 2; i < 6; i++) {
		char c = p[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
						   : -1;
		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

size_t xlsx_unescape(char *p, size_t n)
{
	size_t out = 0, i = 0;

	if (n < 7 || !memmem(p, n, "_x", 2))
		return n;
	while (i < n) {
		int32_t unit = escaped_unit(p + i, n - i);
		uint32_t rune = (uint32_t)unit;
		if (unit < 0) {
			p[out++] = p[i++];
			continue;
		}
		i += 7;
		if (unit >= 0xD800 && unit < 0xDC00) {
			int32_t low = escaped_unit(p + i, n - i);
			if (low >= 0xDC00 && low < 0xE000) {
				rune = 0x10000 + ((rune - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
				i += 7;
			}
		}
		if (rune >= 0xD800 && rune < 0xE000)
			rune = 0xFFFD;
		if (rune != 0)
			out += utf8_put(p + out, rune);
	}
	return out;
}

bool xlsx_parse_ref(const char *ref, uint32_t *out_row, uint32_t *out_column)
{
	uint32_t column = 0, row = 0;

	for (; (*ref | 0x20) >= 'a' && (*ref | 0x20) <= 'z'; ref++) {
		column = column * 26 + (uint32_t)((*ref | 0x20) - 'a' + 1);
		if (column > 16384)
			return false;
	}
	for (; *ref >= '0' && *ref <= '9'; ref++) {
		row = row * 10 + (uint32_t)(*ref - '0');
		if (row > 1048576)
			return false;
	}
	if (*ref || column == 0)
		return false;
	*out_row = row;
	*out_column = column - 1;
	return true;
}
