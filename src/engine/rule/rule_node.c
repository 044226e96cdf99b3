#include "engine/rule/rule_node.h"

#include "base/num.h"

struct rule_node *node_new(struct node_maker *mk, enum node_op op, enum rule_type type, int scale)
{
	struct rule_node *node = arena_new(mk->mem, struct rule_node);

	if (mk->count >= RULE_NODE_MAX)
		mk->is_too_large = true;
	node->op = op;
	node->type = type;
	node->scale = scale;
	node->depth = 1;
	node->id = (uint32_t)mk->count++;
	return node;
}

const struct rule_node *node_number(struct node_maker *mk, int64_t value, int scale)
{
	struct rule_node *node = node_new(mk, NODE_CONST, RULE_NUM, scale);

	node->value = value;
	return node;
}

const struct rule_node *node_value(struct node_maker *mk, enum rule_type type, int64_t value)
{
	struct rule_node *node = node_new(mk, NODE_CONST, type, 0);

	node->value = value;
	return node;
}

const struct rule_node *node_text(struct node_maker *mk, struct str text)
{
	struct rule_node *node = node_new(mk, NODE_CONST, RULE_TEXT, 0);

	node->text = text;
	return node;
}

const struct rule_node *node_null(struct node_maker *mk, enum rule_type type, int scale)
{
	struct rule_node *node = node_new(mk, NODE_CONST, type, scale);

	node->is_null = true;
	return node;
}

bool node_is_const(const struct rule_node *node)
{
	return node->op == NODE_CONST && !node->is_null;
}

static bool fold(enum node_op op, int64_t a, int64_t b, int64_t *out)
{
	/* Only what node_make asks for; the other operators are not folded. */
	if (op == NODE_ADD)
		return !__builtin_add_overflow(a, b, out);
	if (op == NODE_SUB)
		return !__builtin_sub_overflow(a, b, out);
	if (op == NODE_MUL)
		return !__builtin_mul_overflow(a, b, out);
	if (op == NODE_NEG)
		return !__builtin_sub_overflow(0, a, out);
	return false;
}

static enum rule_type result_type(enum node_op op, const struct rule_node *first, size_t n,
	const struct rule_node *const *args)
{
	if (op >= NODE_EQ && op <= NODE_IS_NULL)
		return RULE_BOOL;
	if (op == NODE_IN || op == NODE_LIKE)
		return RULE_BOOL;
	if (op == NODE_LENGTH || (op >= NODE_YEAR && op <= NODE_DAYS))
		return RULE_NUM;
	return op == NODE_CASE ? args[n - 1]->type : first->type;
}

const struct rule_node *node_make(
	struct node_maker *mk, enum node_op op, size_t n, const struct rule_node *const *args)
{
	const struct rule_node *a = args[0], *b = n > 1 ? args[1] : args[0];
	enum rule_type type = result_type(op, a, n, args);
	int scale = op == NODE_CASE ? args[n - 1]->scale : type == a->type ? a->scale : 0;
	struct rule_node *node;
	int64_t folded;

	if (op == NODE_MUL)
		scale = a->scale + b->scale;
	else if (op == NODE_IDIV || op == NODE_LENGTH || op >= NODE_YEAR)
		scale = 0;
	if (!mk->is_final && node_is_const(a) && node_is_const(b) && type == RULE_NUM &&
		fold(op, a->value, b->value, &folded))
		return node_number(mk, folded, scale);
	node = node_new(mk, op, type, type == RULE_NUM ? scale : 0);
	node->args = arena_array(mk->mem, const struct rule_node *, n);
	node->arg_count = n;
	for (size_t i = 0; i < n; i++) {
		node->args[i] = args[i];
		node->depth = MAX(node->depth, args[i]->depth + 1);
	}
	if (node->depth > RULE_NODE_DEEP)
		mk->is_too_large = true;
	return node;
}
