/* The tree as parsed. Internal to engine/rule. */
#pragma once

#include "engine/rule/rule.h"

#define RULE_DEPTH_MAX 200  /* of the parsed tree */
#define RULE_AST_MAX   4000 /* nodes */

enum ast_kind {
	AST_NUMBER, /* value, scale */
	AST_TEXT,   /* text */
	AST_DATE,   /* value: day */
	AST_BOOL,   /* value */
	AST_NULL,
	AST_NAME, /* text; is_quoted */
	AST_NEG,
	AST_NOT,
	AST_BINARY,  /* binary, args[0..1] */
	AST_IS_NULL, /* is_negated */
	AST_IN,      /* args[0] in args[1..], is_negated */
	AST_BETWEEN, /* args[0] between args[1] and args[2], is_negated */
	AST_LIKE,    /* args[0] like args[1], is_negated */
	AST_CASE,    /* [operand], when, then, when, then …, [else]: has_operand, has_else */
	AST_CALL,    /* text is the lower-case name; is_star; filter */
};

enum ast_binary {
	BIN_OR,
	BIN_AND,
	BIN_EQ,
	BIN_NE,
	BIN_LT,
	BIN_LE,
	BIN_GT,
	BIN_GE,
	BIN_ADD,
	BIN_SUB,
	BIN_MUL,
	BIN_DIV,
	BIN_MOD,
};

struct rule_ast {
	enum ast_kind kind;
	enum ast_binary binary;
	bool is_negated, is_quoted, is_star, has_operand, has_else;
	int depth, scale;
	size_t offset; /* in the text, of the token that names the node */
	int64_t value;
	struct str text;
	const struct rule_ast **args;
	size_t arg_count;
	const struct rule_ast *filter;
};

/* What parser and checker share to report at a byte offset of the text. */
struct rule_source {
	struct str text;
	struct place at;
	struct problems *problems;
	bool has_failed;
};

struct place rule_place(const struct rule_source *source, size_t offset);
void rule_error(struct rule_source *source, size_t offset, const char *fmt, ...) PRINTF(3, 4);
/* The nearest of n names, or an empty str when none is near. */
struct str rule_nearest(struct str name, const struct str *names, size_t n);

/* NULL after a problem was reported. */
const struct rule_ast *rule_parse(struct arena *mem, struct rule_source *source);
