#include "base/str.h"

static size_t sequence_length(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xC2 && lead < 0xE0)
		return 2;
	if (lead >= 0xE0 && lead < 0xF0)
		return 3;
	if (lead >= 0xF0 && lead < 0xF5)
		return 4;
	return 0;
}

bool utf8_check(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0; i < s.n;) {
		size_t length = sequence_length(p[i]);
		if (length == 0 || length > s.n - i || p[i] == 0)
			return false;
		for (size_t k = 1; k < length; k++)
			if ((p[i + k] & 0xC0) != 0x80)
				return false;
		if ((p[i] == 0xE0 && p[i + 1] < 0xA0) || (p[i] == 0xED && p[i + 1] > 0x9F) ||
			(p[i] == 0xF0 && p[i + 1] < 0x90) || (p[i] == 0xF4 && p[i + 1] > 0x8F))
			return false;
		i += length;
	}
	return true;
}

uint32_t utf8_next(struct str s, size_t *at)
{
	const unsigned char *p = (const unsigned char *)s.p + *at;
	size_t length = sequence_length(p[0]);

	if (length == 0 || length > s.n - *at) {
		*at += 1;
		return 0xFFFD;
	}
	*at += length;
	switch (length) {
	case 1:
		return p[0];
	case 2:
		return (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
	case 3:
		return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
	default:
		return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 |
		       (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3F);
	}
}

size_t utf8_put(char out[4], uint32_t rune)
{
	if (rune < 0x80) {
		out[0] = (char)rune;
		return 1;
	}
	if (rune < 0x800) {
		out[0] = (char)(0xC0 | rune >> 6);
		out[1] = (char)(0x80 | (rune & 0x3F));
		return 2;
	}
	if (rune < 0x10000) {
		out[0] = (char)(0xE0 | rune >> 12);
		out[1] = (char)(0x80 | (rune >> 6 & 0x3F));
		out[2] = (char)(0x80 | (rune & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | rune >> 18);
	out[1] = (char)(0x80 | (rune >> 12 & 0x3F));
	out[2] = (char)(0x80 | (rune >> 6 & 0x3F));
	out[3] = (char)(0x80 | (rune & 0x3F));
	return 4;
}

size_t utf8_length(struct str s)
{
	size_t length = 0;

	for (size_t at = 0; at < s.n; length++)
		utf8_next(s, &at);
	return length;
}

size_t utf8_width(struct str s)
{
	size_t width = 0;

	for (size_t at = 0; at < s.n;) {
		uint32_t rune = utf8_next(s, &at);
		bool is_wide =
			(rune >= 0x1100 && rune <= 0x115F) || (rune >= 0x2E80 && rune <= 0xA4CF) ||
			(rune >= 0xAC00 && rune <= 0xD7A3) || (rune >= 0xF900 && rune <= 0xFAFF) ||
			(rune >= 0xFE30 && rune <= 0xFE6F) || (rune >= 0xFF00 && rune <= 0xFF60) ||
			(rune >= 0xFFE0 && rune <= 0xFFE6) || (rune >= 0x20000 && rune <= 0x3FFFD);
		width += is_wide ? 2 : 1;
	}
	return width;
}

struct str utf8_narrow(struct arena *mem, struct str s)
{
	char *out;
	size_t n = 0;

	/* All the forms start with byte EF or E3: most text is left alone without a copy. */
	if (str_find_char(s, '\xEF') == SIZE_MAX && str_find_char(s, '\xE3') == SIZE_MAX)
		return s;
	out = arena_strn(mem, s.p, s.n);
	for (size_t at = 0; at < s.n;) {
		uint32_t rune = utf8_next(s, &at);
		if (rune >= 0xFF01 && rune <= 0xFF5E)
			rune -= 0xFF01 - 0x21;
		else if (rune == 0x3000)
			rune = ' ';
		n += utf8_put(out + n, rune);
	}
	out[n] = '\0';
	return (struct str){out, n};
}
