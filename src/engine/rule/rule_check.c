/*
 * From the parsed tree to typed nodes: names, literals, logic. Numbers are in rule_arith.c,
 * functions and aggregates in rule_func.c.
 */
#include "engine/rule/rule_check.h"

struct place rule_place(const struct rule_source *source, size_t offset)
{
	struct place place = source->at;
	struct str before = str_sub(source->text, 0, offset);
	size_t line_start = 0;

	if (place.line == 0)
		place.line = 1;
	if (place.column == 0)
		place.column = 1;
	for (size_t i = 0; i < before.n; i++) {
		if (before.p[i] != '\n')
			continue;
		place.line++;
		place.column = 1;
		line_start = i + 1;
	}
	for (size_t i = line_start; i < before.n; i++)
		place.column += ((unsigned char)before.p[i] & 0xC0) != 0x80;
	return place;
}

void rule_error(struct rule_source *source, size_t offset, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	source->has_failed = true;
	problems_error(source->problems, rule_place(source, offset), "%s", text);
}

struct str rule_nearest(struct str name, const struct str *names, size_t n)
{
	struct str best = STR_NONE;
	size_t best_distance = MAX((size_t)1, utf8_length(name) / 3) + 1;

	for (size_t i = 0; i < n; i++) {
		size_t distance = str_distance(name, names[i], best_distance);
		if (distance < best_distance) {
			best = names[i];
			best_distance = distance;
		}
	}
	return best;
}

const char *type_name(const struct checker *ck, enum rule_type type)
{
	switch (type) {
	case RULE_NULL:
		return "null";
	case RULE_NUM:
		return SAY(ck, "数", "number");
	case RULE_TEXT:
		return SAY(ck, "文本", "text");
	case RULE_DATE:
		return SAY(ck, "日期", "date");
	case RULE_BOOL:
		return SAY(ck, "是非", "condition");
	case RULE_RATIO:
		return SAY(ck, "比值", "ratio");
	}
	return "";
}

struct typed of_bool(const struct rule_node *node)
{
	return (struct typed){.is_ok = true, .type = RULE_BOOL, .node = node, .unit.is_any = true};
}

struct typed of_node(const struct rule_node *node, bool is_any)
{
	return (struct typed){
		.is_ok = true, .type = node->type, .node = node, .unit.is_any = is_any};
}

/* "，是不是 'x'？" when a near name exists. */
const char *did_you_mean(struct checker *ck, struct str name, const struct str *names, size_t n)
{
	struct str near = rule_nearest(name, names, n);

	if (!near.n)
		return "";
	return arena_printf(ck->mem,
		SAY(ck, "，是不是 '" STR_FMT "'？", " (did you mean '" STR_FMT "'?)"),
		STR_ARG(near));
}

static const struct rule_column *find_column(struct checker *ck, struct str name, size_t offset)
{
	const struct rule_env *env = ck->env;
	struct str *names;
	size_t n = 0;

	for (size_t i = 0; i < env->column_count; i++)
		if (str_eq(env->columns[i].name, name))
			return &env->columns[i];
	for (size_t i = 0; i < env->column_count; i++)
		if (str_eq(env->columns[i].title, name))
			return &env->columns[i];
	names = arena_array(ck->mem, struct str, env->column_count * 2 + 1);
	for (size_t i = 0; i < env->column_count; i++) {
		names[n++] = env->columns[i].name;
		if (env->columns[i].title.n)
			names[n++] = env->columns[i].title;
	}
	rule_error(ck->source, offset,
		SAY(ck, "没有字段 '" STR_FMT "'%s", "there is no column '" STR_FMT "'%s"),
		STR_ARG(name), did_you_mean(ck, name, names, n));
	return NULL;
}

static struct typed check_name(struct checker *ck, const struct rule_ast *ast)
{
	const struct rule_column *column = find_column(ck, ast->text, ast->offset);
	struct rule_node *node;
	struct typed t;
	size_t index;

	if (!column)
		return BAD_TYPED;
	if (column->is_sealed) {
		rule_error(ck->source, ast->offset,
			SAY(ck, "字段 '" STR_FMT "' 加密保存, 规则读不到",
				"column '" STR_FMT "' is sealed: rules cannot read it"),
			STR_ARG(ast->text));
		return BAD_TYPED;
	}
	if (ck->make.is_final) {
		rule_error(ck->source, ast->offset,
			SAY(ck, "字段 '" STR_FMT "' 要放在 sum(…) 一类的汇总里",
				"column '" STR_FMT
				"' must stand inside an aggregate such as sum(…)"),
			STR_ARG(ast->text));
		return BAD_TYPED;
	}
	index = (size_t)(column - ck->env->columns);
	node = node_new(&ck->make, NODE_COLUMN, column->type, column->scale);
	node->value = (int64_t)index;
	for (size_t i = 0;; i++) {
		if (i == ck->columns.count)
			*VEC_PUSH(ck->mem, &ck->columns) = index;
		if (ck->columns.items[i] == index)
			break;
	}
	t = of_node(node, column->type != RULE_NUM);
	t.column = column;
	if (column->type == RULE_NUM && !unit_parse(column->unit, &t.unit)) {
		rule_error(ck->source, ast->offset,
			SAY(ck, "字段 '" STR_FMT "' 的单位看不懂",
				"the unit of column '" STR_FMT "' can't be read"),
			STR_ARG(ast->text));
		return BAD_TYPED;
	}
	return t;
}

struct typed check_bool(struct checker *ck, const struct rule_ast *ast)
{
	struct typed t = check_expression(ck, ast);

	if (!t.is_ok)
		return t;
	if (t.type == RULE_NULL)
		return of_bool(node_null(&ck->make, RULE_BOOL, 0));
	if (t.type == RULE_BOOL)
		return t;
	rule_error(ck->source, ast->offset,
		SAY(ck, "这里要条件（是或否），却是%s", "a condition is needed here, not a %s"),
		type_name(ck, t.type));
	return BAD_TYPED;
}

static struct typed check_binary(struct checker *ck, const struct rule_ast *ast)
{
	bool is_logic = ast->binary <= BIN_AND;
	struct typed a =
		is_logic ? check_bool(ck, ast->args[0]) : check_expression(ck, ast->args[0]);
	struct typed b =
		is_logic ? check_bool(ck, ast->args[1]) : check_expression(ck, ast->args[1]);
	size_t at = ast->offset;

	if (!a.is_ok || !b.is_ok)
		return BAD_TYPED;
	switch (ast->binary) {
	case BIN_OR:
		return of_bool(NODE(&ck->make, NODE_OR, a.node, b.node));
	case BIN_AND:
		return of_bool(NODE(&ck->make, NODE_AND, a.node, b.node));
	case BIN_EQ:
		return compare(ck, NODE_EQ, a, b, at);
	case BIN_NE:
		return compare(ck, NODE_NE, a, b, at);
	case BIN_LT:
		return compare(ck, NODE_LT, a, b, at);
	case BIN_LE:
		return compare(ck, NODE_LE, a, b, at);
	case BIN_GT:
		return compare(ck, NODE_GT, a, b, at);
	case BIN_GE:
		return compare(ck, NODE_GE, a, b, at);
	case BIN_ADD:
		return add(ck, NODE_ADD, a, b, at);
	case BIN_SUB:
		return add(ck, NODE_SUB, a, b, at);
	case BIN_MUL:
		return multiply(ck, a, b, at);
	case BIN_DIV:
		return divide(ck, a, b, at);
	case BIN_MOD:
		return modulo(ck, a, b, at);
	}
	return BAD_TYPED;
}

static struct typed negated_if(struct checker *ck, bool is_negated, struct typed t)
{
	if (t.is_ok && is_negated)
		t.node = NODE(&ck->make, NODE_NOT, t.node);
	return t;
}

/* x in (…): constants of one scale become one node, the rest a chain of or. */
static struct typed check_in(struct checker *ck, const struct rule_ast *ast)
{
	struct typed x = check_expression(ck, ast->args[0]), chain = BAD_TYPED;
	const struct rule_node **constants =
		arena_array(ck->mem, const struct rule_node *, ast->arg_count);
	size_t n = 1;

	for (size_t i = 1; i < ast->arg_count; i++) {
		struct typed a = x, item = check_expression(ck, ast->args[i]), test;
		bool is_null = item.is_ok && item.type == RULE_NULL;
		if (!unify(ck, &a, &item, ast->args[i]->offset))
			return BAD_TYPED;
		if (!ck->make.is_final && x.type != RULE_BOOL && a.type != RULE_RATIO &&
			a.type != RULE_NULL && node_is_const(item.node) && a.node == x.node) {
			constants[n++] = item.node;
			continue;
		}
		test = is_null ? of_bool(node_null(&ck->make, RULE_BOOL, 0))
			       : compare(ck, NODE_EQ, a, item, ast->args[i]->offset);
		if (!test.is_ok)
			return test;
		chain = chain.is_ok ? of_bool(NODE(&ck->make, NODE_OR, chain.node, test.node))
				    : test;
	}
	constants[0] = x.node;
	if (n > 1) {
		struct typed in = of_bool(node_make(&ck->make, NODE_IN, n, constants));
		chain = chain.is_ok ? of_bool(NODE(&ck->make, NODE_OR, in.node, chain.node)) : in;
	}
	return negated_if(ck, ast->is_negated, chain);
}

static struct typed check_between(struct checker *ck, const struct rule_ast *ast)
{
	struct typed x = check_expression(ck, ast->args[0]);
	struct typed low =
		compare(ck, NODE_GE, x, check_expression(ck, ast->args[1]), ast->args[1]->offset);
	struct typed high =
		compare(ck, NODE_LE, x, check_expression(ck, ast->args[2]), ast->args[2]->offset);

	if (!low.is_ok || !high.is_ok)
		return BAD_TYPED;
	return negated_if(
		ck, ast->is_negated, of_bool(NODE(&ck->make, NODE_AND, low.node, high.node)));
}

static struct typed check_like(struct checker *ck, const struct rule_ast *ast)
{
	struct typed x = check_expression(ck, ast->args[0]);
	const struct rule_ast *pattern = ast->args[1];
	struct rule_node *node;

	if (!x.is_ok)
		return x;
	if (x.type != RULE_TEXT || pattern->kind != AST_TEXT) {
		rule_error(ck->source, ast->offset, "%s",
			SAY(ck, "like 左边要文本，右边要写成 '…' 的样式",
				"like wants text on its left and a literal pattern on its right"));
		return BAD_TYPED;
	}
	node = node_new(&ck->make, NODE_LIKE, RULE_BOOL, 0);
	node->args = arena_array(ck->mem, const struct rule_node *, 1);
	node->args[0] = x.node;
	node->arg_count = 1;
	node->depth = x.node->depth + 1;
	node->text = pattern->text;
	return negated_if(ck, ast->is_negated, of_bool(node));
}

static struct typed when_condition(struct checker *ck, const struct rule_ast *ast, size_t i)
{
	if (!ast->has_operand)
		return check_bool(ck, ast->args[i]);
	return compare(ck, NODE_EQ, check_expression(ck, ast->args[0]),
		check_expression(ck, ast->args[i]), ast->args[i]->offset);
}

static struct typed check_case(struct checker *ck, const struct rule_ast *ast)
{
	size_t first = ast->has_operand ? 1 : 0, n = ast->arg_count - first;
	size_t count = n / 2, out_count = 0;
	const struct rule_node **args = arena_array(ck->mem, const struct rule_node *, n + 1);
	struct typed *values = arena_array(ck->mem, struct typed, count + 1);
	struct typed result = {.is_ok = true, .type = RULE_NULL, .unit.is_any = true};

	result.node = node_null(&ck->make, RULE_NULL, 0);
	for (size_t i = 0; i <= count; i++) {
		if (i < count) {
			struct typed when = when_condition(ck, ast, first + i * 2);
			if (!when.is_ok)
				return BAD_TYPED;
			args[i * 2] = when.node;
			values[i] = check_expression(ck, ast->args[first + i * 2 + 1]);
		} else if (ast->has_else)
			values[i] = check_expression(ck, ast->args[ast->arg_count - 1]);
		else
			values[i] = of_node(node_null(&ck->make, RULE_NULL, 0), true);
		if (values[i].is_ok && values[i].type == RULE_RATIO)
			return ratio_refused(ck, ast->offset);
		if (!unify(ck, &result, &values[i], ast->offset))
			return BAD_TYPED;
	}
	/* Scale, type and unit are known only now: bring every branch to them. */
	for (size_t i = 0; i <= count; i++) {
		if (!unify(ck, &result, &values[i], ast->offset))
			return BAD_TYPED;
		out_count = i < count ? i * 2 + 1 : i * 2;
		args[out_count] = values[i].node;
	}
	result.column = NULL;
	if (result.type != RULE_NULL)
		result.node = node_make(&ck->make, NODE_CASE, out_count + 1, args);
	return result;
}

static struct typed literal(struct checker *ck, const struct rule_ast *ast)
{
	if (ast->kind == AST_NUMBER)
		return of_node(node_number(&ck->make, ast->value, ast->scale), true);
	if (ast->kind == AST_DATE)
		return of_node(node_value(&ck->make, RULE_DATE, ast->value), true);
	if (ast->kind == AST_BOOL)
		return of_node(node_value(&ck->make, RULE_BOOL, ast->value), true);
	if (ast->kind == AST_NULL)
		return of_node(node_null(&ck->make, RULE_NULL, 0), true);
	if (ck->make.is_final) {
		rule_error(ck->source, ast->offset, "%s",
			SAY(ck, "文本只能用在汇总的里面",
				"text can stand only inside an aggregate"));
		return BAD_TYPED;
	}
	return of_node(node_text(&ck->make, ast->text), true);
}

static struct typed negative(struct checker *ck, const struct rule_ast *ast)
{
	struct typed t = check_expression(ck, ast->args[0]);

	if (!want_number(ck, &t, ast->offset))
		return BAD_TYPED;
	t.node = NODE(&ck->make, NODE_NEG, t.node);
	t.column = NULL;
	return t;
}

static struct typed check_is_null(struct checker *ck, const struct rule_ast *ast)
{
	struct typed t = check_expression(ck, ast->args[0]);
	const struct rule_node *node;

	if (!t.is_ok)
		return t;
	if (t.type == RULE_NULL)
		return of_bool(node_value(&ck->make, RULE_BOOL, 1));
	node = NODE(&ck->make, NODE_IS_NULL, t.node);
	if (t.type == RULE_RATIO)
		node = NODE(&ck->make, NODE_OR, node,
			NODE(&ck->make, NODE_IS_NULL, nonzero(ck, t.den)));
	return of_bool(node);
}

struct typed check_expression(struct checker *ck, const struct rule_ast *ast)
{
	if (ck->source->has_failed || ck->make.is_too_large)
		return BAD_TYPED;
	switch (ast->kind) {
	case AST_NUMBER:
	case AST_TEXT:
	case AST_DATE:
	case AST_BOOL:
	case AST_NULL:
		return literal(ck, ast);
	case AST_NAME:
		return check_name(ck, ast);
	case AST_NEG:
		return negative(ck, ast);
	case AST_NOT:
		return negated_if(ck, true, check_bool(ck, ast->args[0]));
	case AST_BINARY:
		return check_binary(ck, ast);
	case AST_IS_NULL:
		return check_is_null(ck, ast);
	case AST_IN:
		return check_in(ck, ast);
	case AST_BETWEEN:
		return check_between(ck, ast);
	case AST_LIKE:
		return check_like(ck, ast);
	case AST_CASE:
		return check_case(ck, ast);
	case AST_CALL:
		return check_call(ck, ast);
	}
	return BAD_TYPED;
}
