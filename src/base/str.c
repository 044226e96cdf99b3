#include "base/str.h"

struct str str_from(const char *z)
{
	return z ? (struct str){z, strlen(z)} : STR_NONE;
}

struct str str_copy(struct arena *mem, struct str s)
{
	return (struct str){arena_strn(mem, s.p, s.n), s.n};
}

char *str_z(struct arena *mem, struct str s)
{
	return arena_strn(mem, s.p, s.n);
}

struct str str_printf(struct arena *mem, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = arena_vprintf(mem, fmt, ap);
	va_end(ap);
	return str_from(text);
}

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_is(struct str a, const char *z)
{
	return str_eq(a, str_from(z));
}

int str_cmp(struct str a, struct str b)
{
	size_t n = MIN(a.n, b.n);
	int order = n ? memcmp(a.p, b.p, n) : 0;

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, const char *z)
{
	size_t n = strlen(z);

	return s.n >= n && memcmp(s.p, z, n) == 0;
}

bool str_ends(struct str s, const char *z)
{
	size_t n = strlen(z);

	return s.n >= n && memcmp(s.p + s.n - n, z, n) == 0;
}

struct str str_sub(struct str s, size_t from, size_t to)
{
	to = MIN(to, s.n);
	from = MIN(from, to);
	return (struct str){from ? s.p + from : s.p, to - from}; /* p may be NULL */
}

size_t str_find_char(struct str s, char c)
{
	const char *hit = s.n ? memchr(s.p, c, s.n) : NULL;

	return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

size_t str_find(struct str s, struct str needle)
{
	const char *hit;

	if (needle.n == 0)
		return 0;
	hit = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
	return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

struct str str_cut(struct str *rest, char sep)
{
	size_t at = str_find_char(*rest, sep);
	struct str head;

	if (at == SIZE_MAX) {
		head = *rest;
		*rest = str_sub(*rest, rest->n, rest->n);
		return head;
	}
	head = str_sub(*rest, 0, at);
	*rest = str_sub(*rest, at + 1, rest->n);
	return head;
}

/* Bytes of the blank that s starts (or ends) with; 0 when it is none. */
static size_t blank_at_start(struct str s)
{
	if (s.n && strchr(" \t\r\n", s.p[0]) && s.p[0])
		return 1;
	if (str_starts(s, "\xC2\xA0"))
		return 2;
	if (str_starts(s, "\xE3\x80\x80") || str_starts(s, "\xEF\xBB\xBF"))
		return 3;
	return 0;
}

static size_t blank_at_end(struct str s)
{
	if (s.n && strchr(" \t\r\n", s.p[s.n - 1]) && s.p[s.n - 1])
		return 1;
	if (str_ends(s, "\xC2\xA0"))
		return 2;
	if (str_ends(s, "\xE3\x80\x80") || str_ends(s, "\xEF\xBB\xBF"))
		return 3;
	return 0;
}

static bool is_plain_byte(char c)
{
	return (unsigned char)c > ' ' && (unsigned char)c < 0x80;
}

struct str str_trim(struct str s)
{
	size_t n;

	/* Nearly all cells of a file are like this. */
	if (s.n == 0 || (is_plain_byte(s.p[0]) && is_plain_byte(s.p[s.n - 1])))
		return s;
	while ((n = blank_at_start(s)) > 0)
		s = str_sub(s, n, s.n);
	while ((n = blank_at_end(s)) > 0)
		s = str_sub(s, 0, s.n - n);
	return s;
}

size_t str_distance(struct str a, struct str b, size_t max)
{
	enum { LONGEST = 64 };
	uint32_t ra[LONGEST], rb[LONGEST];
	size_t row[LONGEST + 1];
	size_t na = 0, nb = 0;

	for (size_t at = 0; at < a.n && na < LONGEST;)
		ra[na++] = utf8_next(a, &at);
	for (size_t at = 0; at < b.n && nb < LONGEST;)
		rb[nb++] = utf8_next(b, &at);
	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t substituted = diagonal + (ra[i - 1] != rb[j - 1]);
			diagonal = row[j];
			row[j] = MIN(substituted, MIN(row[j], row[j - 1]) + 1);
		}
	}
	return MIN(row[nb], max + 1);
}

void strbuf_init(struct strbuf *b, size_t max)
{
	*b = (struct strbuf){.max = max};
}

void strbuf_release(struct strbuf *b)
{
	free(b->p);
	*b = (struct strbuf){.max = b->max};
}

void strbuf_reset(struct strbuf *b)
{
	b->n = 0;
	b->too_long = false;
	if (b->p)
		b->p[0] = '\0';
}

static bool reserve(struct strbuf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : 256;
	char *p;

	if (more > b->max || b->n > b->max - more) {
		b->too_long = true;
		return false;
	}
	if (b->cap > b->n + more)
		return true;
	while (cap <= b->n + more)
		cap *= 2;
	p = realloc(b->p, cap);
	if (!p) {
		fputs("shuren: out of memory\n", stderr);
		abort();
	}
	b->p = p;
	b->cap = cap;
	return true;
}

void strbuf_add(struct strbuf *b, const void *p, size_t n)
{
	if (!reserve(b, n))
		return;
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void strbuf_char(struct strbuf *b, char c)
{
	strbuf_add(b, &c, 1);
}

void strbuf_str(struct strbuf *b, struct str s)
{
	strbuf_add(b, s.p, s.n);
}

void strbuf_z(struct strbuf *b, const char *z)
{
	strbuf_add(b, z, strlen(z));
}

void strbuf_printf(struct strbuf *b, const char *fmt, ...)
{
	char small[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof small, fmt, ap);
	va_end(ap);
	if (n < 0)
		BUG("bad format '%s'", fmt);
	if ((size_t)n < sizeof small) {
		strbuf_add(b, small, (size_t)n);
		return;
	}
	if (!reserve(b, (size_t)n))
		return;
	va_start(ap, fmt);
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

struct str strbuf_view(const struct strbuf *b)
{
	return (struct str){b->p ? b->p : "", b->n};
}
