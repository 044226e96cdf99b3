#include "wire/json_read.h"

#include "base/map.h"

struct reader {
	struct ctx *cx;
	struct str text;
	size_t at;
	int depth;
};

static enum err wrong(struct reader *r, const char *zh, const char *en)
{
	int line = 1, column = 1;

	for (size_t i = 0; i < r->at && i < r->text.n; i++) {
		column = r->text.p[i] == '\n' ? 1 : column + 1;
		line += r->text.p[i] == '\n';
	}
	return ctx_fail(r->cx, ERR_INVALID,
		TR(r->cx, "JSON 第 %d 行第 %d 列: %s", "JSON line %d column %d: %s"), line, column,
		TR(r->cx, zh, en));
}

static char peek(const struct reader *r)
{
	return r->at < r->text.n ? r->text.p[r->at] : '\0';
}

static void skip_blanks(struct reader *r)
{
	while (r->at < r->text.n &&
		(peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\n' || peek(r) == '\r'))
		r->at++;
}

static bool take_hex(struct reader *r, uint32_t *out)
{
	uint32_t v = 0;

	if (r->text.n - r->at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		char c = r->text.p[r->at++];
		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v = v << 4 | (uint32_t)((c | 32) - 'a' + 10);
		else
			return false;
	}
	*out = v;
	return true;
}

static bool take_rune(struct reader *r, uint32_t *out)
{
	uint32_t low;

	if (!take_hex(r, out) || *out == 0)
		return false;
	if (*out >= 0xDC00 && *out <= 0xDFFF)
		return false;
	if (*out < 0xD800 || *out > 0xDBFF)
		return true;
	if (r->text.n - r->at < 6 || r->text.p[r->at] != '\\' || r->text.p[r->at + 1] != 'u')
		return false;
	r->at += 2;
	if (!take_hex(r, &low) || low < 0xDC00 || low > 0xDFFF)
		return false;
	*out = 0x10000 + ((*out - 0xD800) << 10) + (low - 0xDC00);
	return true;
}

static bool take_escape(struct reader *r, char **to)
{
	static const char from[] = "\"\\/bfnrt", is[] = "\"\\/\b\f\n\r\t";
	char c = r->at < r->text.n ? r->text.p[r->at++] : '\0';
	const char *known = c ? strchr(from, c) : NULL;
	uint32_t rune;

	if (known) {
		*(*to)++ = is[known - from];
		return true;
	}
	if (c != 'u' || !take_rune(r, &rune))
		return false;
	*to += utf8_put(*to, rune);
	return true;
}

/* Unescaped text is never longer than it is written. */
static enum err read_text(struct reader *r, struct str *out)
{
	size_t end = ++r->at;
	char *p, *to;

	while (end < r->text.n && r->text.p[end] != '"')
		end += r->text.p[end] == '\\' ? 2 : 1;
	if (end >= r->text.n)
		return wrong(r, "文字没有结束的引号", "text without a closing quote");
	p = to = arena_alloc(r->cx->mem, end - r->at + 1);
	while (r->at < end) {
		char c = r->text.p[r->at++];
		if ((unsigned char)c < 0x20)
			return wrong(r, "文字里有控制字符", "a control character in a text");
		if (c != '\\')
			*to++ = c;
		else if (!take_escape(r, &to))
			return wrong(r, "转义不对", "a wrong escape");
	}
	r->at = end + 1;
	*out = (struct str){p, (size_t)(to - p)};
	return ERR_OK;
}

static size_t digits(struct reader *r)
{
	size_t from = r->at;

	while (peek(r) >= '0' && peek(r) <= '9')
		r->at++;
	return r->at - from;
}

static enum err read_number(struct reader *r, struct str *out)
{
	size_t from = r->at;
	bool is_zero;

	r->at += peek(r) == '-';
	is_zero = peek(r) == '0';
	if (is_zero ? digits(r) != 1 : digits(r) == 0)
		return wrong(r, "不是数", "not a number");
	if (peek(r) == '.') {
		r->at++;
		if (digits(r) == 0)
			return wrong(r, "小数点后没有数字", "no digit behind the point");
	}
	if (peek(r) == 'e' || peek(r) == 'E') {
		r->at++;
		r->at += peek(r) == '+' || peek(r) == '-';
		if (digits(r) == 0)
			return wrong(r, "指数没有数字", "an exponent without digits");
	}
	*out = str_copy(r->cx->mem, str_sub(r->text, from, r->at));
	return ERR_OK;
}

static bool take_word(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	if (r->text.n - r->at < n || memcmp(r->text.p + r->at, word, n) != 0)
		return false;
	r->at += n;
	return true;
}

static enum err read_value(struct reader *r, struct json_node *node);

static enum err read_key(struct reader *r, struct strmap *seen, struct str *out)
{
	bool is_new;

	if (peek(r) != '"')
		return wrong(r, "应为用引号括起的键", "a key in quotes is expected");
	TRY(read_text(r, out));
	strmap_put(seen, *out, &is_new);
	if (!is_new)
		return wrong(r, "同一个键出现了两次", "the same key twice");
	skip_blanks(r);
	if (peek(r) != ':')
		return wrong(r, "键后应为 ':'", "':' is expected behind a key");
	r->at++;
	return ERR_OK;
}

static enum err read_members(struct reader *r, struct json_node *node, char close)
{
	struct json_node **tail = &node->first;
	struct strmap seen;

	if (++r->depth > JSON_DEPTH_MAX)
		return wrong(r, "嵌套太深", "nested too deeply");
	strmap_init(&seen, r->cx->mem);
	r->at++;
	skip_blanks(r);
	if (peek(r) != close)
		for (;;) {
			struct json_node *child = arena_new(r->cx->mem, struct json_node);
			skip_blanks(r);
			if (close == '}')
				TRY(read_key(r, &seen, &child->key));
			TRY(read_value(r, child));
			*tail = child;
			tail = &child->next;
			if (peek(r) != ',')
				break;
			r->at++;
		}
	if (peek(r) != close)
		return wrong(r, "应为 ',' 或结束的括号", "',' or a closing bracket is expected");
	r->at++;
	r->depth--;
	return ERR_OK;
}

static enum err read_value(struct reader *r, struct json_node *node)
{
	skip_blanks(r);
	switch (peek(r)) {
	case '{':
		node->kind = JSON_MAP;
		TRY(read_members(r, node, '}'));
		break;
	case '[':
		node->kind = JSON_LIST;
		TRY(read_members(r, node, ']'));
		break;
	case '"':
		node->kind = JSON_TEXT;
		TRY(read_text(r, &node->text));
		break;
	default:
		if (take_word(r, "null"))
			node->kind = JSON_NULL;
		else if (take_word(r, "true"))
			node->kind = JSON_TRUE;
		else if (take_word(r, "false"))
			node->kind = JSON_FALSE;
		else {
			node->kind = JSON_NUMBER;
			TRY(read_number(r, &node->text));
		}
	}
	skip_blanks(r);
	return ERR_OK;
}

enum err json_parse(struct ctx *cx, struct str text, struct json_node **out)
{
	struct reader r = {.cx = cx, .text = text};
	struct json_node *node = arena_new(cx->mem, struct json_node);

	if (!utf8_check(text))
		return ctx_fail(
			cx, ERR_INVALID, "%s", TR(cx, "JSON 不是 UTF-8", "JSON is not UTF-8"));
	TRY(read_value(&r, node));
	if (r.at != text.n)
		return wrong(&r, "值后还有别的内容", "something stands behind the value");
	*out = node;
	return ERR_OK;
}

const struct json_node *json_get(const struct json_node *map, const char *key)
{
	if (!map || map->kind != JSON_MAP)
		return NULL;
	for (const struct json_node *n = map->first; n; n = n->next)
		if (str_is(n->key, key))
			return n;
	return NULL;
}

/* As deep as JSON_DEPTH_MAX lets the reading be. */
void json_node(struct json_writer *w, const struct json_node *node)
{
	switch (node->kind) {
	case JSON_NULL:
		json_null(w);
		return;
	case JSON_FALSE:
	case JSON_TRUE:
		json_bool(w, node->kind == JSON_TRUE);
		return;
	case JSON_NUMBER:
		json_number(w, node->text);
		return;
	case JSON_TEXT:
		json_str(w, node->text);
		return;
	case JSON_LIST:
		json_array(w);
		for (const struct json_node *n = node->first; n; n = n->next)
			json_node(w, n);
		json_end_array(w);
		return;
	case JSON_MAP:
		json_object(w);
		for (const struct json_node *n = node->first; n; n = n->next) {
			json_key_str(w, n->key);
			json_node(w, n);
		}
		json_end_object(w);
		return;
	}
}
