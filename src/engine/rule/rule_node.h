/*
 * The typed tree that both back ends read: what the checker leaves after scales are aligned,
 * ratios taken apart and functions written out in a few primitives. Nodes are shared (a graph
 * without cycles): walk them with care for repetition. Internal to engine/rule.
 */
#pragma once

#include "engine/rule/rule.h"

#define RULE_NODE_MAX  20000
#define RULE_NODE_DEEP 900 /* SQLite refuses trees deeper than 1000 */

enum node_op {
	NODE_CONST,  /* value, or text; is_null */
	NODE_COLUMN, /* value: index into env->columns */
	NODE_ADD,
	NODE_SUB,
	NODE_MUL,
	NODE_IDIV, /* towards zero; NULL for 0 */
	NODE_MOD,  /* sign of the dividend; NULL for 0 */
	NODE_NEG,
	NODE_ABS,
	NODE_EQ, /* comparisons: both sides of one type and, for NUM, of one scale */
	NODE_NE,
	NODE_LT,
	NODE_LE,
	NODE_GT,
	NODE_GE,
	NODE_AND,
	NODE_OR,
	NODE_NOT,
	NODE_IS_NULL,
	NODE_CASE, /* when, then, …, else: odd count */
	NODE_COALESCE,
	NODE_IN,   /* args[1..] are constants, none NULL */
	NODE_LIKE, /* text: the pattern */
	NODE_LENGTH,
	NODE_YEAR,
	NODE_MONTH,
	NODE_DAY,
	NODE_DAYS, /* date - date */
	/* Only in the final expression of an aggregate rule, where numbers are rationals: */
	NODE_PARTIAL, /* value: index into partials; is_count: its count, else its sum */
	NODE_DIV,
	NODE_ROUND, /* value: digits */
	NODE_FLOOR,
	NODE_CEIL,
};

struct rule_node {
	enum node_op op;
	enum rule_type type;
	bool is_null, is_count;
	int scale, depth;
	uint32_t id;
	int64_t value;
	struct str text;
	const struct rule_node **args;
	size_t arg_count;
};

/* Makes the nodes of one rule. */
struct node_maker {
	struct arena *mem;
	size_t count;
	bool is_too_large; /* sticky: over RULE_NODE_MAX or RULE_NODE_DEEP */
	bool is_final;     /* rationals: constants are not folded */
};

const struct rule_node *node_number(struct node_maker *mk, int64_t value, int scale);
const struct rule_node *node_value(struct node_maker *mk, enum rule_type type, int64_t value);
const struct rule_node *node_text(struct node_maker *mk, struct str text);
const struct rule_node *node_null(struct node_maker *mk, enum rule_type type, int scale);
/* Folds arithmetic of constants. type BOOL for comparisons and logic, else that of args[0]. */
const struct rule_node *node_make(
	struct node_maker *mk, enum node_op op, size_t n, const struct rule_node *const *args);
#define NODE(mk, op, ...)                                                                          \
	node_make((mk), (op),                                                                      \
		sizeof((const struct rule_node *[]){__VA_ARGS__}) / sizeof(struct rule_node *),    \
		(const struct rule_node *[]){__VA_ARGS__})
/* A fresh node to fill in. */
struct rule_node *node_new(struct node_maker *mk, enum node_op op, enum rule_type type, int scale);
bool node_is_const(const struct rule_node *node); /* and not NULL */
