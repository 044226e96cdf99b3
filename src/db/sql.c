#include "db/sql.h"

static const struct {
	const char *token, *sqlite, *postgres;
} tokens[] = {
	/* Ids are made by the program: neither AUTOINCREMENT nor a sequence. */
	{"pk", "INTEGER PRIMARY KEY", "BIGINT PRIMARY KEY"},
	{"i64", "INTEGER", "BIGINT"},
	{"f64", "REAL", "DOUBLE PRECISION"},
	{"bool", "INTEGER", "BOOLEAN"},
	/* Byte order on both, whatever locale the PostgreSQL cluster was made with. */
	{"text", "TEXT", "TEXT COLLATE \"C\""},
	{"blob", "BLOB", "BYTEA"},
	{"strict", "STRICT", ""},
};

static bool is_word(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

static size_t word_length(const char *p)
{
	size_t n = 0;

	while (is_word(p[n]))
		n++;
	return n;
}

/* Bytes of the quoted text, quoted name or comment at p; 0 when there is none. */
static size_t skip_opaque(const char *p)
{
	const char *end;

	if (*p == '\'' || *p == '"') {
		end = strchr(p + 1, *p); /* a doubled quote reads as two texts: the same */
		return end ? (size_t)(end - p) + 1 : strlen(p);
	}
	if (p[0] == '-' && p[1] == '-')
		return strcspn(p, "\n");
	if (p[0] == '/' && p[1] == '*') {
		end = strstr(p + 2, "*/");
		return end ? (size_t)(end - p) + 2 : strlen(p);
	}
	return 0;
}

static size_t name_index(struct arena *mem, struct sql_names *names, const char *p, size_t n)
{
	for (size_t i = 0; i < names->list.count; i++)
		if (strlen(names->list.items[i]) == n && memcmp(names->list.items[i], p, n) == 0)
			return i + 1;
	*VEC_PUSH(mem, &names->list) = arena_strn(mem, p, n);
	return names->list.count;
}

char *sql_params(
	struct arena *mem, const char *sql, enum db_dialect dialect, struct sql_names *names)
{
	struct strbuf b;
	char *text;

	strbuf_init(&b, STRBUF_MAX);
	for (const char *p = sql; *p;) {
		size_t n = skip_opaque(p);
		if (n) {
			strbuf_add(&b, p, n);
		} else if (p[0] == ':' && p[1] == ':') {
			strbuf_add(&b, p, n = 2);
		} else if (p[0] == ':' && is_word(p[1])) {
			n = 1 + word_length(p + 1);
			strbuf_printf(&b, "%c%zu", dialect == DB_SQLITE ? '?' : '$',
				name_index(mem, names, p + 1, n - 1));
		} else {
			strbuf_add(&b, p, n = 1);
		}
		p += n;
	}
	text = str_z(mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}

static const char *token_text(const char *p, size_t n, enum db_dialect dialect)
{
	for (size_t i = 0; i < ARRAY_LEN(tokens); i++)
		if (strlen(tokens[i].token) == n && memcmp(tokens[i].token, p, n) == 0)
			return dialect == DB_SQLITE ? tokens[i].sqlite : tokens[i].postgres;
	BUG("no such token in SQL: @%.*s", (int)n, p);
}

char *sql_tokens(struct arena *mem, const char *sql, enum db_dialect dialect)
{
	struct strbuf b;
	char *text;

	strbuf_init(&b, STRBUF_MAX);
	for (const char *p = sql; *p;) {
		size_t n = skip_opaque(p);
		if (n) {
			strbuf_add(&b, p, n);
		} else if (p[0] == '@' && is_word(p[1])) {
			n = 1 + word_length(p + 1);
			strbuf_z(&b, token_text(p + 1, n - 1, dialect));
		} else {
			strbuf_add(&b, p, n = 1);
		}
		p += n;
	}
	text = str_z(mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}
