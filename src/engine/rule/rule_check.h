/* The type checker's own parts: rule_check.c names and logic, rule_arith.c numbers,
 * rule_func.c functions and aggregates. Internal. */
#pragma once

#include "engine/rule/rule_ast.h"
#include "engine/rule/rule_node.h"
#include "engine/rule/rule_unit.h"

/* A checked expression. Of no use when !is_ok: the error is reported. */
struct typed {
	bool is_ok;
	enum rule_type type;
	const struct rule_node *node, *den; /* den: RULE_RATIO only */
	struct unit unit;
	const struct rule_column *column; /* when it is just a column */
};

struct checker {
	struct arena *mem;
	const struct rule_env *env;
	const struct rule_options *options;
	struct rule_source *source;
	struct node_maker make; /* is_final: outside the aggregates of an aggregate rule */
	bool is_in_aggregate;
	VEC(size_t) columns;
	VEC(struct rule_partial) partials;
};

#define BAD_TYPED ((struct typed){.is_ok = false})

struct typed check_expression(struct checker *ck, const struct rule_ast *ast);
struct typed check_call(struct checker *ck, const struct rule_ast *ast);
/* A condition; NULL literals become unknown. */
struct typed check_bool(struct checker *ck, const struct rule_ast *ast);

/* NUM or RATIO (a bare NULL becomes NUM), else an error at offset. */
bool want_number(struct checker *ck, struct typed *t, size_t offset);
/* Give both one type (NULL takes the other's), one scale and one unit, or report. */
bool unify(struct checker *ck, struct typed *a, struct typed *b, size_t offset);
struct typed compare(
	struct checker *ck, enum node_op op, struct typed a, struct typed b, size_t offset);
struct typed divide(struct checker *ck, struct typed a, struct typed b, size_t offset);
struct typed of_bool(const struct rule_node *node);
struct typed of_node(const struct rule_node *node, bool is_any); /* a value; is_any: its unit */
struct typed add(
	struct checker *ck, enum node_op op, struct typed a, struct typed b, size_t offset);
struct typed multiply(struct checker *ck, struct typed a, struct typed b, size_t offset);
struct typed modulo(struct checker *ck, struct typed a, struct typed b, size_t offset);
/* NULL instead of 0. */
const struct rule_node *nonzero(struct checker *ck, const struct rule_node *node);
/* "，是不是 'x'？" when a near name exists, else "". */
const char *did_you_mean(struct checker *ck, struct str name, const struct str *names, size_t n);
const struct rule_node *rescale(
	struct checker *ck, const struct rule_node *node, int to, size_t offset);
struct typed ratio_refused(struct checker *ck, size_t offset);
const char *type_name(const struct checker *ck, enum rule_type type);

#define SAY(ck, zh, en) TR((ck)->source->problems, zh, en)
