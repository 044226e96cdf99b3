/*
 * Text. `struct str` looks at bytes somebody else owns; `struct strbuf` builds text up to a
 * maximum. UTF-8 is checked once, where text comes in (utf8_check); the rest relies on it.
 */
#pragma once

#include "base/arena.h"

struct str {
	const char *p; /* not NUL-terminated unless the maker says so; may be NULL when n is 0 */
	size_t n;      /* bytes */
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_FMT      "%.*s"
#define STR_ARG(s)   (int)(s).n, (s).p ? (s).p : ""
#define STR_NONE     ((struct str){NULL, 0})

struct str str_from(const char *z);                   /* NULL gives an empty str */
struct str str_copy(struct arena *mem, struct str s); /* the copy has a NUL behind it */
char *str_z(struct arena *mem, struct str s);         /* NUL-terminated copy */
struct str str_printf(struct arena *mem, const char *fmt, ...) PRINTF(2, 3);
bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *z);
int str_cmp(struct str a, struct str b); /* bytes, shorter first */
bool str_starts(struct str s, const char *z);
bool str_ends(struct str s, const char *z);
struct str str_sub(struct str s, size_t from, size_t to); /* clamps */
/* Position of the first c or of the first needle; SIZE_MAX when absent. */
size_t str_find_char(struct str s, char c);
size_t str_find(struct str s, struct str needle);
/* Cut off and return what stands before the first sep; *rest is what is behind it. */
struct str str_cut(struct str *rest, char sep);
/* Without leading and trailing blanks: ASCII space, tab, CR, LF, U+00A0, U+3000, BOM. */
struct str str_trim(struct str s);
/* Edit distance of code points, at most max+1: for "did you mean". */
size_t str_distance(struct str a, struct str b, size_t max);

/* Text being built. Born with a maximum; what would pass it sets `too_long` and is dropped. */
struct strbuf {
	char *p; /* NUL-terminated, own malloc; never NULL after the first add */
	size_t n, cap, max;
	bool too_long;
};

#define STRBUF_MAX ((size_t)1 << 30)

void strbuf_init(struct strbuf *b, size_t max);
void strbuf_release(struct strbuf *b);
void strbuf_reset(struct strbuf *b);
void strbuf_add(struct strbuf *b, const void *p, size_t n);
void strbuf_char(struct strbuf *b, char c);
void strbuf_str(struct strbuf *b, struct str s);
void strbuf_z(struct strbuf *b, const char *z);
void strbuf_printf(struct strbuf *b, const char *fmt, ...) PRINTF(2, 3);
struct str strbuf_view(const struct strbuf *b);

/* UTF-8. */
bool utf8_check(struct str s); /* shortest forms only, no surrogates, no NUL */
/* Decode one code point at s.p[*at], step *at past it. Undefined on unchecked text. */
uint32_t utf8_next(struct str s, size_t *at);
size_t utf8_put(char out[4], uint32_t rune); /* bytes written */
size_t utf8_length(struct str s);            /* code points */
size_t utf8_width(struct str s);             /* terminal cells: CJK and full-width count two */
/* Full-width ASCII (U+FF01..U+FF5E) and U+3000 to their plain forms; in mem if it changed. */
struct str utf8_narrow(struct arena *mem, struct str s);
