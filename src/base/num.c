#include "base/num.h"

#include <errno.h>
#include <math.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int64_t pow10_i64(int exponent)
{
	int64_t p = 1;

	assert(exponent >= 0 && exponent <= DEC_SCALE_MAX);
	while (exponent-- > 0)
		p *= 10;
	return p;
}

enum num_result parse_i64(struct str s, int64_t min, int64_t max, int64_t *out)
{
	bool is_negative = s.n && s.p[0] == '-';
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0;
	int64_t v = 0;
	bool is_too_large = false;

	if (i == s.n)
		return NUM_NOT_A_NUMBER;
	for (; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return NUM_NOT_A_NUMBER;
		/* Built up negatively, so that the smallest value parses. */
		if (__builtin_mul_overflow(v, 10, &v) ||
			__builtin_sub_overflow(v, s.p[i] - '0', &v))
			is_too_large = true;
	}
	if (is_too_large || (!is_negative && v == INT64_MIN))
		return NUM_TOO_LARGE;
	v = is_negative ? v : -v;
	if (v < min || v > max)
		return NUM_TOO_LARGE;
	*out = v;
	return NUM_OK;
}

/* Are the commas of the integer part in s[0..n) every third place from the right? */
static bool commas_are_placed(struct str integer)
{
	size_t first = str_find_char(integer, ',');

	if (first == SIZE_MAX)
		return true;
	if (first == 0 || first > 3)
		return false;
	for (size_t i = first; i < integer.n; i++) {
		bool wants_comma = (integer.n - i) % 4 == 0;
		if ((integer.p[i] == ',') != wants_comma)
			return false;
	}
	return true;
}

enum num_result parse_dec(struct str s, int scale, int64_t *out)
{
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0;
	bool is_negative = s.n && s.p[0] == '-';
	size_t integer_end, mantissa_end;
	int64_t exponent = 0, v = 0;
	int place; /* the power of ten that the next digit stands for */
	bool has_digit = false, is_fine = true, is_small = true;
	struct str integer;

	assert(scale >= 0 && scale <= DEC_SCALE_MAX);
	for (mantissa_end = i; mantissa_end < s.n; mantissa_end++)
		if (s.p[mantissa_end] == 'e' || s.p[mantissa_end] == 'E')
			break;
	if (mantissa_end < s.n) {
		enum num_result r =
			parse_i64(str_sub(s, mantissa_end + 1, s.n), -400, 400, &exponent);
		if (r != NUM_OK)
			return r;
	}
	integer = str_sub(s, i, mantissa_end);
	integer_end = str_find_char(integer, '.');
	if (integer_end != SIZE_MAX)
		integer = str_sub(integer, 0, integer_end);
	if (!commas_are_placed(integer))
		return NUM_NOT_A_NUMBER;
	place = (int)exponent - 1;
	for (size_t k = 0; k < integer.n; k++)
		place += integer.p[k] != ',';
	for (; i < mantissa_end; i++) {
		int64_t add;
		if (s.p[i] == '.' || (s.p[i] == ',' && integer_end == SIZE_MAX) ||
			(s.p[i] == ',' && s.p + i < integer.p + integer.n)) {
			if (s.p[i] == '.' && s.p + i != integer.p + integer.n)
				return NUM_NOT_A_NUMBER;
			continue;
		}
		if (!is_digit(s.p[i]))
			return NUM_NOT_A_NUMBER;
		has_digit = true;
		if (s.p[i] != '0') {
			if (place < -scale)
				is_fine = false;
			else if (place + scale > DEC_SCALE_MAX)
				is_small = false;
			else if (__builtin_mul_overflow(
					 pow10_i64(place + scale), s.p[i] - '0', &add) ||
				 __builtin_sub_overflow(v, add, &v))
				is_small = false;
		}
		place--;
	}
	if (!has_digit)
		return NUM_NOT_A_NUMBER;
	if (!is_small || (!is_negative && v == INT64_MIN))
		return NUM_TOO_LARGE;
	if (!is_fine)
		return NUM_TOO_FINE;
	*out = is_negative ? v : -v;
	return NUM_OK;
}

enum num_result parse_f64(struct str s, double *out)
{
	char text[64];
	char *end;
	double v;

	if (s.n == 0 || s.n >= sizeof text)
		return NUM_NOT_A_NUMBER;
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]) && !strchr("+-.eE", s.p[i]))
			return NUM_NOT_A_NUMBER;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	v = strtod(text, &end);
	if (end != text + s.n)
		return NUM_NOT_A_NUMBER;
	if (!isfinite(v))
		return NUM_TOO_LARGE;
	*out = v;
	return NUM_OK;
}

bool dec_rescale(int64_t scaled, int from, int to, int64_t *out)
{
	int64_t p;

	if (to >= from)
		return !__builtin_mul_overflow(scaled, pow10_i64(to - from), out);
	p = pow10_i64(from - to);
	if (scaled % p)
		return false;
	*out = scaled / p;
	return true;
}

i128 div_half_even(i128 num, i128 den)
{
	i128 q, r, twice;

	assert(den != 0);
	if (den < 0) {
		num = -num;
		den = -den;
	}
	q = num / den;
	r = num % den;
	twice = 2 * (r < 0 ? -r : r);
	if (twice > den || (twice == den && q % 2 != 0))
		q += num < 0 ? -1 : 1;
	return q;
}

void strbuf_i128(struct strbuf *b, i128 value)
{
	char digits[48];
	size_t n = sizeof digits;
	u128 v = value < 0 ? -(u128)value : (u128)value;

	do {
		digits[--n] = (char)('0' + (int)(v % 10));
		v /= 10;
	} while (v);
	if (value < 0)
		digits[--n] = '-';
	strbuf_add(b, digits + n, sizeof digits - n);
}

void strbuf_dec(struct strbuf *b, int64_t scaled, int scale)
{
	uint64_t v = scaled < 0 ? -(uint64_t)scaled : (uint64_t)scaled;
	uint64_t p = (uint64_t)pow10_i64(scale);

	strbuf_printf(b, "%s%" PRIu64, scaled < 0 ? "-" : "", v / p);
	if (scale > 0)
		strbuf_printf(b, ".%0*" PRIu64, scale, v % p);
}

void strbuf_dec_short(struct strbuf *b, int64_t scaled, int scale)
{
	while (scale > 0 && scaled % 10 == 0) {
		scaled /= 10;
		scale--;
	}
	strbuf_dec(b, scaled, scale);
}

char *dec_format(struct arena *mem, int64_t scaled, int scale)
{
	struct strbuf b;
	char *text;

	strbuf_init(&b, 64);
	strbuf_dec(&b, scaled, scale);
	text = arena_strn(mem, b.p, b.n);
	strbuf_release(&b);
	return text;
}

void strbuf_f64(struct strbuf *b, double value)
{
	char text[40];

	if (!isfinite(value)) {
		strbuf_z(b, "null");
		return;
	}
	if (fabs(value) < 1e15 && value == nearbyint(value)) {
		strbuf_printf(b, "%.0f", value == 0 ? 0.0 : value);
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	strbuf_z(b, text);
}

double dec_to_f64(i128 scaled, int scale)
{
	/* Both operands are exact up to 2^64 and 10^27 in long double: one rounding remains. */
	return (double)((long double)scaled / (long double)pow10_i64(scale));
}
