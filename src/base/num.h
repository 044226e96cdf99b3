/*
 * Numbers from and to text. Decimals are scaled integers: value = scaled / 10^scale, never a
 * binary fraction. All parsers want the whole text; blanks are the caller's to trim.
 */
#pragma once

#include "base/str.h"

#define DEC_SCALE_MAX 18

enum num_result {
	NUM_OK,
	NUM_NOT_A_NUMBER, /* empty, or something else than a number */
	NUM_TOO_LARGE,    /* outside the range of the type or of min..max */
	NUM_TOO_FINE,     /* more decimals than the scale, and they are not zeros */
};

/* Decimal digits with an optional sign. *out is written only on NUM_OK. */
MUST_CHECK enum num_result parse_i64(struct str s, int64_t min, int64_t max, int64_t *out);
/*
 * A decimal such as -12.5, 12. or .5; thousands commas are allowed when well placed (1,234.5);
 * an exponent is accepted (1.2E3), as workbooks write it. Exact or refused.
 */
MUST_CHECK enum num_result parse_dec(struct str s, int scale, int64_t *out);
/* A finite binary number (C locale), for statistics only. */
MUST_CHECK enum num_result parse_f64(struct str s, double *out);

int64_t pow10_i64(int exponent); /* 0..18 */
/* scaled * 10^(to - from); false on overflow or lost digits. */
MUST_CHECK bool dec_rescale(int64_t scaled, int from, int to, int64_t *out);
/* Half-even division of integers: the one rounding of amounts. den must not be 0. */
i128 div_half_even(i128 num, i128 den);

/* "12.50" with scale decimals; dec_short drops trailing zeros ("12.5", "12"). */
void strbuf_dec(struct strbuf *b, int64_t scaled, int scale);
void strbuf_dec_short(struct strbuf *b, int64_t scaled, int scale);
char *dec_format(struct arena *mem, int64_t scaled, int scale);
void strbuf_i128(struct strbuf *b, i128 value);
/* The shortest text that reads back as the same double; "null" when it is not finite. */
void strbuf_f64(struct strbuf *b, double value);
double dec_to_f64(i128 scaled, int scale);
