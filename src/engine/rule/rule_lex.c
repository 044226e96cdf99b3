#include "engine/rule/rule_lex.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static struct token bad(struct rule_source *source, size_t offset, const char *zh, const char *en)
{
	rule_error(source, offset, "%s", TR(source->problems, zh, en));
	return (struct token){.kind = TOKEN_BAD, .offset = offset, .end = source->text.n};
}

/* Between two quotes, a doubled quote standing for one. */
static struct token quoted(struct arena *mem, struct rule_source *source, size_t offset)
{
	struct str all = source->text;
	char quote = all.p[offset];
	char *text = arena_alloc(mem, all.n - offset + 1);
	size_t n = 0, i = offset + 1;

	for (;; i++) {
		if (i >= all.n)
			return bad(source, offset, "引号没有配对", "this quote is never closed");
		if (all.p[i] == quote) {
			if (i + 1 >= all.n || all.p[i + 1] != quote)
				break;
			i++;
		}
		text[n++] = all.p[i];
	}
	return (struct token){.kind = quote == '"' ? TOKEN_QUOTED : TOKEN_TEXT,
		.text = {text, n},
		.offset = offset,
		.end = i + 1};
}

static struct token number(struct rule_source *source, size_t offset)
{
	struct str all = source->text;
	size_t i = offset;

	while (i < all.n && is_digit(all.p[i]))
		i++;
	if (i < all.n && all.p[i] == '.') {
		i++;
		if (i >= all.n || !is_digit(all.p[i]))
			return bad(source, offset, "小数点后应有数字",
				"digits are expected after the decimal point");
		while (i < all.n && is_digit(all.p[i]))
			i++;
	}
	if (i < all.n && is_letter(all.p[i]))
		return bad(source, offset, "数字后面紧跟着字母（不支持科学记数法）",
			"letters right behind a number (exponents are not supported)");
	return (struct token){
		.kind = TOKEN_NUMBER, .text = str_sub(all, offset, i), .offset = offset, .end = i};
}

static struct token sign(struct rule_source *source, size_t offset)
{
	static const char *const signs[] = {
		"<=", ">=", "<>", "!=", "(", ")", ",", "+", "-", "*", "/", "%", "=", "<", ">"};
	struct str rest = str_sub(source->text, offset, source->text.n);

	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (str_starts(rest, signs[i]))
			return (struct token){.kind = TOKEN_SIGN,
				.text = str_sub(rest, 0, strlen(signs[i])),
				.offset = offset,
				.end = offset + strlen(signs[i])};
	if ((unsigned char)source->text.p[offset] >= 0x80)
		return bad(source, offset,
			"中文名称要写在双引号里（如 \"在校生数\"），符号要用半角",
			"Chinese names go in double quotes, and signs must be ASCII");
	return bad(
		source, offset, "规则里不能有这个字符", "this character has no meaning in a rule");
}

struct token rule_lex(struct arena *mem, struct rule_source *source, size_t *offset)
{
	struct str all = source->text;
	size_t at = *offset;
	struct token token;

	while (at < all.n && is_blank(all.p[at]))
		at++;
	if (at >= all.n)
		token = (struct token){.kind = TOKEN_END, .offset = all.n, .end = all.n};
	else if (all.p[at] == '\'' || all.p[at] == '"')
		token = quoted(mem, source, at);
	else if (is_digit(all.p[at]))
		token = number(source, at);
	else if (is_letter(all.p[at])) {
		size_t i = at;
		/* A dot joins the parts of a parameter's name: balance.floor. */
		while (i < all.n &&
			(is_letter(all.p[i]) || is_digit(all.p[i]) ||
				(all.p[i] == '.' && i + 1 < all.n && is_letter(all.p[i + 1]))))
			i++;
		token = (struct token){
			.kind = TOKEN_NAME, .text = str_sub(all, at, i), .offset = at, .end = i};
	} else
		token = sign(source, at);
	*offset = token.end;
	return token;
}

bool token_is_word(const struct token *token, const char *word)
{
	if (token->kind != TOKEN_NAME || token->text.n != strlen(word))
		return false;
	for (size_t i = 0; i < token->text.n; i++)
		if ((token->text.p[i] | 0x20) != word[i])
			return false;
	return true;
}

bool token_is_sign(const struct token *token, const char *text)
{
	return token->kind == TOKEN_SIGN && str_is(token->text, text);
}
