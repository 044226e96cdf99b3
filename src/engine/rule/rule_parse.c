/*
 * Recursive descent, one function a level of precedence:
 *   or < and < not < (is, in, between, like, comparison) < + - < * / % < unary - < primary
 */
#include "engine/rule/rule_lex.h"

#include "base/date.h"
#include "base/num.h"

struct parser {
	struct arena *mem;
	struct rule_source *source;
	struct token token; /* looked at, not yet taken */
	size_t next;        /* offset behind it */
	size_t node_count;
	int nesting;
};

typedef VEC(const struct rule_ast *) ast_list;

static const struct rule_ast *expression(struct parser *p);

static void advance(struct parser *p)
{
	p->token = rule_lex(p->mem, p->source, &p->next);
}

static bool take_sign(struct parser *p, const char *sign)
{
	if (!token_is_sign(&p->token, sign))
		return false;
	advance(p);
	return true;
}

static bool take_word(struct parser *p, const char *word)
{
	if (!token_is_word(&p->token, word))
		return false;
	advance(p);
	return true;
}

static const struct rule_ast *expected(struct parser *p, const char *what)
{
	if (p->token.kind == TOKEN_BAD || p->source->has_failed)
		return NULL;
	if (p->token.kind == TOKEN_END)
		rule_error(p->source, p->token.offset,
			TR(p->source->problems, "规则没写完：这里应有 %s",
				"the rule ends too early: %s is expected here"),
			what);
	else
		rule_error(p->source, p->token.offset,
			TR(p->source->problems, "这里应有 %s，却是 “" STR_FMT "”",
				"%s is expected here, not '" STR_FMT "'"),
			what, STR_ARG(str_sub(p->source->text, p->token.offset, p->token.end)));
	return NULL;
}

static struct rule_ast *node(struct parser *p, enum ast_kind kind, size_t offset)
{
	struct rule_ast *ast = arena_new(p->mem, struct rule_ast);

	if (++p->node_count == RULE_AST_MAX)
		rule_error(p->source, offset, "%s",
			TR(p->source->problems, "规则太长，请拆成几条",
				"the rule is too long: split it"));
	ast->kind = kind;
	ast->offset = offset;
	ast->depth = 1;
	return ast;
}

/* NULL arguments stand for errors already reported, and make the node NULL too. */
static const struct rule_ast *with_args(
	struct parser *p, struct rule_ast *ast, const struct rule_ast *const *args, size_t n)
{
	ast->args = arena_array(p->mem, const struct rule_ast *, n);
	ast->arg_count = n;
	for (size_t i = 0; i < n; i++) {
		if (!args[i])
			return NULL;
		ast->args[i] = args[i];
		ast->depth = MAX(ast->depth, args[i]->depth + 1);
	}
	if (ast->depth > RULE_DEPTH_MAX) {
		rule_error(p->source, ast->offset, "%s",
			TR(p->source->problems, "规则嵌套太深", "the rule is nested too deeply"));
		return NULL;
	}
	return p->source->has_failed ? NULL : ast;
}

static const struct rule_ast *unary(
	struct parser *p, enum ast_kind kind, size_t offset, const struct rule_ast *arg)
{
	return with_args(p, node(p, kind, offset), &arg, 1);
}

static const struct rule_ast *binary(struct parser *p, enum ast_binary op, size_t offset,
	const struct rule_ast *a, const struct rule_ast *b)
{
	struct rule_ast *ast = node(p, AST_BINARY, offset);

	ast->binary = op;
	return with_args(p, ast, (const struct rule_ast *[]){a, b}, 2);
}

static bool fits_int64(struct str digits, int scale, int64_t *out)
{
	return parse_dec(digits, scale, out) == NUM_OK;
}

static const struct rule_ast *number(struct parser *p)
{
	struct rule_ast *ast = node(p, AST_NUMBER, p->token.offset);
	size_t point = str_find_char(p->token.text, '.');
	size_t places = point == SIZE_MAX ? 0 : p->token.text.n - point - 1;

	if (places > 9 || !fits_int64(p->token.text, (int)places, &ast->value)) {
		rule_error(p->source, p->token.offset, "%s",
			TR(p->source->problems, "数字太大，或小数多于 9 位",
				"the number is too large or has more than 9 decimals"));
		return NULL;
	}
	ast->scale = (int)places;
	advance(p);
	return ast;
}

static const struct rule_ast *date_literal(struct parser *p, size_t offset)
{
	struct rule_ast *ast = node(p, AST_DATE, offset);
	struct date day;

	if (!date_parse(p->token.text, &day)) {
		rule_error(p->source, p->token.offset, "%s",
			TR(p->source->problems, "没有这一天，日期写作 date '2026-09-01'",
				"there is no such day; a date is written date '2026-09-01'"));
		return NULL;
	}
	ast->value = day.day;
	advance(p);
	return ast;
}

static const struct rule_ast *case_expression(struct parser *p, size_t offset)
{
	struct rule_ast *ast = node(p, AST_CASE, offset);
	ast_list args = {0};

	if (!token_is_word(&p->token, "when")) {
		ast->has_operand = true;
		*VEC_PUSH(p->mem, &args) = expression(p);
	}
	if (!token_is_word(&p->token, "when"))
		return expected(p, "when");
	while (!p->source->has_failed && take_word(p, "when")) {
		*VEC_PUSH(p->mem, &args) = expression(p);
		if (!take_word(p, "then"))
			return expected(p, "then");
		*VEC_PUSH(p->mem, &args) = expression(p);
	}
	if (take_word(p, "else")) {
		ast->has_else = true;
		*VEC_PUSH(p->mem, &args) = expression(p);
	}
	if (!take_word(p, "end"))
		return expected(p, "end");
	return with_args(p, ast, args.items, args.count);
}

/* A list in brackets, after the opening one. */
static bool list(struct parser *p, ast_list *args)
{
	do {
		const struct rule_ast *arg = expression(p);
		if (!arg)
			return false;
		*VEC_PUSH(p->mem, args) = arg;
	} while (take_sign(p, ","));
	if (!take_sign(p, ")"))
		return expected(p, ", )") != NULL;
	return true;
}

static struct str lower(struct arena *mem, struct str text)
{
	char *z = arena_strn(mem, text.p, text.n);

	for (size_t i = 0; i < text.n; i++)
		if (z[i] >= 'A' && z[i] <= 'Z')
			z[i] = (char)(z[i] | 0x20);
	return (struct str){z, text.n};
}

static const struct rule_ast *call(struct parser *p, const struct token *name)
{
	struct rule_ast *ast = node(p, AST_CALL, name->offset);
	ast_list args = {0};

	ast->text = lower(p->mem, name->text);
	if (take_sign(p, "*")) {
		ast->is_star = true;
		if (!take_sign(p, ")"))
			return expected(p, ")");
	} else if (!take_sign(p, ")")) {
		if (!list(p, &args))
			return NULL;
	}
	if (!with_args(p, ast, args.items, args.count))
		return NULL;
	if (take_word(p, "filter")) {
		if (!take_sign(p, "(") || !take_word(p, "where"))
			return expected(p, "(where");
		ast->filter = expression(p);
		if (!ast->filter)
			return NULL;
		ast->depth = MAX(ast->depth, ast->filter->depth + 1);
		if (!take_sign(p, ")"))
			return expected(p, ")");
	}
	return ast;
}

/* Words that can't begin an operand: met here they show what is missing. */
static bool is_reserved(const struct token *token)
{
	static const char *const words[] = {"and", "or", "is", "in", "between", "like", "then",
		"else", "end", "when", "filter", "where"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (token_is_word(token, words[i]))
			return true;
	return false;
}

static const struct rule_ast *word(struct parser *p)
{
	struct token name = p->token;
	struct rule_ast *ast;

	if (is_reserved(&name))
		return expected(p, TR(p->source->problems, "数、名称或括号", "a value"));
	advance(p);
	if (token_is_word(&name, "case"))
		return case_expression(p, name.offset);
	if (token_is_word(&name, "date") && p->token.kind == TOKEN_TEXT)
		return date_literal(p, name.offset);
	if (name.kind == TOKEN_NAME && take_sign(p, "("))
		return call(p, &name);
	if (token_is_word(&name, "null"))
		return node(p, AST_NULL, name.offset);
	if (token_is_word(&name, "true") || token_is_word(&name, "false")) {
		ast = node(p, AST_BOOL, name.offset);
		ast->value = token_is_word(&name, "true");
		return ast;
	}
	ast = node(p, AST_NAME, name.offset);
	ast->text = name.text;
	ast->is_quoted = name.kind == TOKEN_QUOTED;
	return ast;
}

static const struct rule_ast *primary(struct parser *p)
{
	const struct rule_ast *inner;
	struct rule_ast *ast;

	switch (p->token.kind) {
	case TOKEN_NUMBER:
		return number(p);
	case TOKEN_TEXT:
		ast = node(p, AST_TEXT, p->token.offset);
		ast->text = p->token.text;
		advance(p);
		return ast;
	case TOKEN_NAME:
	case TOKEN_QUOTED:
		return word(p);
	case TOKEN_SIGN:
		if (!take_sign(p, "("))
			break;
		inner = expression(p);
		if (inner && !take_sign(p, ")"))
			return expected(p, ")");
		return inner;
	case TOKEN_END:
	case TOKEN_BAD:
		break;
	}
	return expected(p, TR(p->source->problems, "数、名称或括号", "a value"));
}

static const struct rule_ast *signed_value(struct parser *p)
{
	size_t offset = p->token.offset;
	bool is_negative = false;
	const struct rule_ast *value;

	for (;;) {
		if (take_sign(p, "-"))
			is_negative = !is_negative;
		else if (!take_sign(p, "+"))
			break;
	}
	value = primary(p);
	return is_negative && value ? unary(p, AST_NEG, offset, value) : value;
}

struct level {
	const char *sign;
	enum ast_binary op;
};

static const struct level *sign_of(struct parser *p, const struct level *levels, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (token_is_sign(&p->token, levels[i].sign))
			return &levels[i];
	return NULL;
}

static const struct rule_ast *product(struct parser *p)
{
	static const struct level levels[] = {{"*", BIN_MUL}, {"/", BIN_DIV}, {"%", BIN_MOD}};
	const struct rule_ast *left = signed_value(p);
	const struct level *level;

	while (left && (level = sign_of(p, levels, ARRAY_LEN(levels)))) {
		size_t offset = p->token.offset;
		advance(p);
		left = binary(p, level->op, offset, left, signed_value(p));
	}
	return left;
}

static const struct rule_ast *sum(struct parser *p)
{
	static const struct level levels[] = {{"+", BIN_ADD}, {"-", BIN_SUB}};
	const struct rule_ast *left = product(p);
	const struct level *level;

	while (left && (level = sign_of(p, levels, ARRAY_LEN(levels)))) {
		size_t offset = p->token.offset;
		advance(p);
		left = binary(p, level->op, offset, left, product(p));
	}
	return left;
}

static const struct rule_ast *is_null(struct parser *p, size_t offset, const struct rule_ast *left)
{
	bool is_negated = take_word(p, "not");
	const struct rule_ast *test;

	if (!take_word(p, "null"))
		return expected(p, "null");
	test = unary(p, AST_IS_NULL, offset, left);
	return test && is_negated ? unary(p, AST_NOT, offset, test) : test;
}

/* in, between, like; with a not before them. */
static const struct rule_ast *membership(struct parser *p, const struct rule_ast *left)
{
	size_t offset = p->token.offset;
	bool is_negated = take_word(p, "not");
	struct rule_ast *ast = node(p, AST_IN, p->token.offset);
	ast_list args = {0};

	ast->offset = offset;
	ast->is_negated = is_negated;
	*VEC_PUSH(p->mem, &args) = left;
	if (take_word(p, "in")) {
		if (!take_sign(p, "("))
			return expected(p, "(");
		if (!list(p, &args))
			return NULL;
	} else if (take_word(p, "between")) {
		ast->kind = AST_BETWEEN;
		*VEC_PUSH(p->mem, &args) = sum(p);
		if (!take_word(p, "and"))
			return expected(p, "and");
		*VEC_PUSH(p->mem, &args) = sum(p);
	} else if (take_word(p, "like")) {
		ast->kind = AST_LIKE;
		*VEC_PUSH(p->mem, &args) = sum(p);
	} else
		return expected(p, "in, between, like");
	return with_args(p, ast, args.items, args.count);
}

static const struct rule_ast *comparison(struct parser *p)
{
	static const struct level levels[] = {{"=", BIN_EQ}, {"<>", BIN_NE}, {"!=", BIN_NE},
		{"<=", BIN_LE}, {"<", BIN_LT}, {">=", BIN_GE}, {">", BIN_GT}};
	const struct rule_ast *left = sum(p);
	const struct level *level;
	size_t offset = p->token.offset;

	if (!left)
		return NULL;
	if ((level = sign_of(p, levels, ARRAY_LEN(levels)))) {
		advance(p);
		left = binary(p, level->op, offset, left, sum(p));
		if (left && sign_of(p, levels, ARRAY_LEN(levels)))
			return expected(p, TR(p->source->problems, "and（比较不能连写）",
						   "and (comparisons do not chain)"));
		return left;
	}
	if (take_word(p, "is"))
		return is_null(p, offset, left);
	if (token_is_word(&p->token, "not") || token_is_word(&p->token, "in") ||
		token_is_word(&p->token, "between") || token_is_word(&p->token, "like"))
		return membership(p, left);
	return left;
}

static const struct rule_ast *negation(struct parser *p)
{
	size_t offset = p->token.offset, count = 0;
	const struct rule_ast *value;

	while (take_word(p, "not"))
		count++;
	value = comparison(p);
	/* Two stand for any even number, so that the operand is still checked to be a condition. */
	for (size_t i = count ? 2 - count % 2 : 0; i > 0 && value; i--)
		value = unary(p, AST_NOT, offset, value);
	return value;
}

static const struct rule_ast *conjunction(struct parser *p)
{
	const struct rule_ast *left = negation(p);

	while (left && token_is_word(&p->token, "and")) {
		size_t offset = p->token.offset;
		advance(p);
		left = binary(p, BIN_AND, offset, left, negation(p));
	}
	return left;
}

static const struct rule_ast *expression(struct parser *p)
{
	const struct rule_ast *left;

	if (++p->nesting > RULE_DEPTH_MAX) {
		rule_error(p->source, p->token.offset, "%s",
			TR(p->source->problems, "规则嵌套太深", "the rule is nested too deeply"));
		return NULL;
	}
	left = conjunction(p);
	while (left && token_is_word(&p->token, "or")) {
		size_t offset = p->token.offset;
		advance(p);
		left = binary(p, BIN_OR, offset, left, conjunction(p));
	}
	p->nesting--;
	return left;
}

const struct rule_ast *rule_parse(struct arena *mem, struct rule_source *source)
{
	struct parser p = {.mem = mem, .source = source};
	const struct rule_ast *ast;

	if (source->text.n > RULE_TEXT_MAX || !utf8_check(source->text)) {
		rule_error(source, 0, "%s",
			source->text.n > RULE_TEXT_MAX
				? TR(source->problems, "规则太长，请拆成几条",
					  "the rule is too long: split it")
				: TR(source->problems, "规则不是 UTF-8 文本",
					  "the rule is not UTF-8 text"));
		return NULL;
	}
	advance(&p);
	ast = expression(&p);
	if (ast && p.token.kind != TOKEN_END)
		ast = expected(&p, TR(source->problems, "运算符或结尾", "an operator or the end"));
	return source->has_failed ? NULL : ast;
}
