/* Tokens of the rule language. Internal to engine/rule. */
#pragma once

#include "engine/rule/rule_ast.h"

enum token_kind {
	TOKEN_END,
	TOKEN_NUMBER, /* text as written */
	TOKEN_TEXT,   /* text with '' undone */
	TOKEN_NAME,   /* text as written; may be a keyword */
	TOKEN_QUOTED, /* "name" with "" undone */
	TOKEN_SIGN,   /* text: ( ) , + - * / % = < <= > >= <> != . */
	TOKEN_BAD,    /* reported */
};

struct token {
	enum token_kind kind;
	struct str text;
	size_t offset, end;
};

/* The token at *offset after blanks; *offset moves behind it. */
struct token rule_lex(struct arena *mem, struct rule_source *source, size_t *offset);
/* Is it this keyword, in any case? */
bool token_is_word(const struct token *token, const char *word);
bool token_is_sign(const struct token *token, const char *sign);
