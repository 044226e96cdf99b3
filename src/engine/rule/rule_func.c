/* Functions, aggregates, parameters, and the way from text to a compiled rule. */
#include "engine/rule/rule_check.h"

#include "base/num.h"

#define DIGITS_MAX   9
#define GREATEST_MAX 8
#define ENTRIES_MAX  500

/* Integer division with a scale of one's choice. */
static const struct rule_node *quotient(
	struct checker *ck, const struct rule_node *a, const struct rule_node *b, int scale)
{
	struct rule_node *node = node_new(&ck->make, NODE_IDIV, RULE_NUM, scale);

	node->args = arena_array(ck->mem, const struct rule_node *, 2);
	node->args[0] = a;
	node->args[1] = b;
	node->arg_count = 2;
	node->depth = MAX(a->depth, b->depth) + 1;
	return node;
}

static const struct rule_node *number(struct checker *ck, int64_t value)
{
	return node_number(&ck->make, value, 0);
}

static const struct rule_node *below_zero(struct checker *ck, const struct rule_node *node)
{
	return NODE(&ck->make, NODE_LT, node, number(ck, 0));
}

static const struct rule_node *above_zero(struct checker *ck, const struct rule_node *node)
{
	return NODE(&ck->make, NODE_GT, node, number(ck, 0));
}

/* v at scale s, cut to n < s digits, half away from zero. */
static const struct rule_node *round_number(
	struct checker *ck, const struct rule_node *v, int digits)
{
	int64_t unit = pow10_i64(v->scale - digits);
	const struct rule_node *half = number(ck, unit / 2), *whole = number(ck, unit);

	return NODE(&ck->make, NODE_CASE, below_zero(ck, v),
		quotient(ck, NODE(&ck->make, NODE_SUB, v, half), whole, digits),
		quotient(ck, NODE(&ck->make, NODE_ADD, v, half), whole, digits));
}

/* top / bottom in units of 10^-digits: the integers to divide. */
static void ratio_integers(struct checker *ck, const struct typed *t, int digits,
	const struct rule_node **top, const struct rule_node **bottom)
{
	int shift = digits + t->den->scale - t->node->scale;

	*top = t->node;
	*bottom = t->den;
	assert(shift >= -DEC_SCALE_MAX && shift <= DEC_SCALE_MAX + DIGITS_MAX);
	if (shift > 0)
		*top = NODE(&ck->make, NODE_MUL, *top,
			number(ck, pow10_i64(MIN(shift, DEC_SCALE_MAX))));
	if (shift > DEC_SCALE_MAX)
		*top = NODE(
			&ck->make, NODE_MUL, *top, number(ck, pow10_i64(shift - DEC_SCALE_MAX)));
	if (shift < 0)
		*bottom = NODE(&ck->make, NODE_MUL, *bottom, number(ck, pow10_i64(-shift)));
}

/* (2t ± b) / 2b, with the signs arranged so that the truncating division rounds half away. */
static const struct rule_node *round_ratio(struct checker *ck, const struct typed *t, int digits)
{
	const struct rule_node *top, *bottom, *minus, *twice, *up, *down;
	struct node_maker *mk = &ck->make;

	ratio_integers(ck, t, digits, &top, &bottom);
	minus = NODE(mk, NODE_NEG, bottom);
	twice = NODE(mk, NODE_MUL, number(ck, 2), top);
	up = NODE(mk, NODE_ADD, twice, NODE(mk, NODE_CASE, below_zero(ck, top), minus, bottom));
	down = NODE(mk, NODE_ADD, NODE(mk, NODE_NEG, twice),
		NODE(mk, NODE_CASE, above_zero(ck, top), bottom, minus));
	return NODE(mk, NODE_CASE, above_zero(ck, bottom),
		quotient(ck, up, NODE(mk, NODE_MUL, number(ck, 2), bottom), digits),
		below_zero(ck, bottom),
		quotient(ck, down, NODE(mk, NODE_MUL, number(ck, -2), bottom), digits),
		node_null(mk, RULE_NUM, digits));
}

static const struct rule_node *floor_ceil(struct checker *ck, const struct typed *t, bool is_ceil)
{
	struct node_maker *mk = &ck->make;
	const struct rule_node *top, *bottom, *q, *rest, *test, *moved;

	if (t->type == RULE_RATIO)
		ratio_integers(ck, t, 0, &top, &bottom);
	else {
		top = t->node;
		bottom = number(ck, pow10_i64(t->node->scale));
	}
	q = quotient(ck, top, bottom, 0);
	rest = NODE(mk, NODE_MOD, top, bottom);
	moved = NODE(mk, is_ceil ? NODE_ADD : NODE_SUB, q, number(ck, 1));
	if (t->type == RULE_RATIO) {
		const struct rule_node *positive = above_zero(ck, bottom);
		const struct rule_node *negative = below_zero(ck, bottom);
		test = NODE(mk, NODE_OR,
			NODE(mk, NODE_AND, above_zero(ck, rest), is_ceil ? positive : negative),
			NODE(mk, NODE_AND, below_zero(ck, rest), is_ceil ? negative : positive));
	} else
		test = is_ceil ? above_zero(ck, rest) : below_zero(ck, rest);
	return NODE(mk, NODE_CASE, test, moved, q);
}

static struct typed wrong_count(struct checker *ck, const struct rule_ast *ast, const char *shape)
{
	rule_error(ck->source, ast->offset, SAY(ck, "应写作 %s", "it is written %s"), shape);
	return BAD_TYPED;
}

static struct typed round_call(struct checker *ck, const struct rule_ast *ast)
{
	bool is_round = str_is(ast->text, "round");
	struct typed t = check_expression(ck, ast->args[0]);
	int digits = 0;

	if (!want_number(ck, &t, ast->offset))
		return BAD_TYPED;
	if (ast->arg_count == 2) {
		const struct rule_ast *arg = ast->args[1];
		if (arg->kind != AST_NUMBER || arg->scale || arg->value > DIGITS_MAX)
			return wrong_count(ck, ast, "round(x, 0…9)");
		digits = (int)arg->value;
	}
	t.column = NULL;
	if (ck->make.is_final) {
		struct rule_node *node = node_new(&ck->make,
			is_round                    ? NODE_ROUND
			: str_is(ast->text, "ceil") ? NODE_CEIL
						    : NODE_FLOOR,
			RULE_NUM, digits);
		node->args = arena_array(ck->mem, const struct rule_node *, 1);
		node->args[0] = t.node;
		node->arg_count = 1;
		node->depth = t.node->depth + 1;
		node->value = digits;
		t.node = node;
	} else if (t.type == RULE_NUM && t.node->scale <= digits)
		return t;
	else if (!is_round)
		t.node = floor_ceil(ck, &t, str_is(ast->text, "ceil"));
	else
		t.node = t.type == RULE_RATIO ? round_ratio(ck, &t, digits)
					      : round_number(ck, t.node, digits);
	t.type = RULE_NUM;
	t.den = NULL;
	return t;
}

static struct typed abs_call(struct checker *ck, const struct rule_ast *ast)
{
	struct typed t = check_expression(ck, ast->args[0]);

	if (!want_number(ck, &t, ast->offset))
		return BAD_TYPED;
	t.node = NODE(&ck->make, NODE_ABS, t.node);
	if (t.type == RULE_RATIO)
		t.den = NODE(&ck->make, NODE_ABS, t.den);
	t.column = NULL;
	return t;
}

/* Arguments brought to one type, scale and unit; ratios refused. */
static struct typed *same_arguments(struct checker *ck, const struct rule_ast *ast)
{
	struct typed *args = arena_array(ck->mem, struct typed, ast->arg_count + 1);

	for (size_t i = 0; i < ast->arg_count; i++) {
		args[i] = check_expression(ck, ast->args[i]);
		if (args[i].is_ok && args[i].type == RULE_RATIO) {
			ratio_refused(ck, ast->args[i]->offset);
			return NULL;
		}
		if (i && !unify(ck, &args[0], &args[i], ast->args[i]->offset))
			return NULL;
	}
	for (size_t i = 1; i < ast->arg_count; i++)
		if (!unify(ck, &args[0], &args[i], ast->args[i]->offset))
			return NULL;
	return args[0].is_ok ? args : NULL;
}

static struct typed coalesce_call(struct checker *ck, const struct rule_ast *ast)
{
	const struct rule_node **nodes =
		arena_array(ck->mem, const struct rule_node *, ast->arg_count);
	struct typed *args = same_arguments(ck, ast), t;

	if (!args)
		return BAD_TYPED;
	for (size_t i = 0; i < ast->arg_count; i++)
		nodes[i] = args[i].node;
	t = args[0];
	t.column = NULL;
	if (t.type != RULE_NULL)
		t.node = node_make(&ck->make, NODE_COALESCE, ast->arg_count, nodes);
	return t;
}

static struct typed nullif_call(struct checker *ck, const struct rule_ast *ast)
{
	struct typed *args = same_arguments(ck, ast), t;

	if (!args)
		return BAD_TYPED;
	t = args[0];
	t.column = NULL;
	if (t.type == RULE_NULL)
		return t;
	t.node = NODE(&ck->make, NODE_CASE, NODE(&ck->make, NODE_EQ, args[0].node, args[1].node),
		node_null(&ck->make, t.type, t.node->scale), args[0].node);
	return t;
}

/* Each argument is the answer when it beats all others; a NULL one lets none win. */
static struct typed extreme_call(struct checker *ck, const struct rule_ast *ast)
{
	enum node_op op = str_is(ast->text, "greatest") ? NODE_GE : NODE_LE;
	struct typed *args, t;
	size_t n = ast->arg_count, at = 0;
	const struct rule_node **nodes = arena_array(ck->mem, const struct rule_node *, n * 2 + 1);

	if (n > GREATEST_MAX)
		return wrong_count(ck, ast, "greatest(a, …) (≤ 8)");
	args = same_arguments(ck, ast);
	if (!args)
		return BAD_TYPED;
	t = args[0];
	if (t.type == RULE_BOOL || t.type == RULE_NULL || n == 1)
		return t.type == RULE_BOOL ? wrong_count(ck, ast, "greatest(1, 2)") : t;
	for (size_t i = 0; i < n; i++) {
		const struct rule_node *test = NULL;
		for (size_t j = 0; j < n; j++) {
			const struct rule_node *beats;
			if (j == i)
				continue;
			beats = NODE(&ck->make, op, args[i].node, args[j].node);
			test = test ? NODE(&ck->make, NODE_AND, test, beats) : beats;
		}
		nodes[at++] = test;
		nodes[at++] = args[i].node;
	}
	nodes[at++] = node_null(&ck->make, t.type, t.node->scale);
	t.node = node_make(&ck->make, NODE_CASE, at, nodes);
	t.column = NULL;
	return t;
}

static struct typed div_call(struct checker *ck, const struct rule_ast *ast)
{
	struct typed t = divide(ck, check_expression(ck, ast->args[0]),
		check_expression(ck, ast->args[1]), ast->offset);
	const struct rule_node *top, *bottom;

	if (!t.is_ok)
		return t;
	if (ck->make.is_final) {
		rule_error(ck->source, ast->offset, "%s",
			SAY(ck, "汇总之后用 floor(a / b)",
				"outside the aggregates use floor(a / b)"));
		return BAD_TYPED;
	}
	ratio_integers(ck, &t, 0, &top, &bottom);
	t.node = quotient(ck, top, bottom, 0);
	t.type = RULE_NUM;
	t.den = NULL;
	return t;
}

static struct typed of_text_or_date(struct checker *ck, const struct rule_ast *ast)
{
	bool is_length = str_is(ast->text, "length");
	enum rule_type want = is_length ? RULE_TEXT : RULE_DATE;
	struct typed t = check_expression(ck, ast->args[0]);

	if (!t.is_ok)
		return t;
	if (t.type == RULE_NULL) {
		t.type = want;
		t.node = node_null(&ck->make, want, 0);
	}
	if (t.type != want || ck->make.is_final) {
		rule_error(ck->source, ast->offset,
			SAY(ck, "这里要%s，却是%s", "a %s is needed here, not a %s"),
			type_name(ck, want), type_name(ck, t.type));
		return BAD_TYPED;
	}
	t.node = NODE(&ck->make,
		is_length                    ? NODE_LENGTH
		: str_is(ast->text, "year")  ? NODE_YEAR
		: str_is(ast->text, "month") ? NODE_MONTH
					     : NODE_DAY,
		t.node);
	t.type = RULE_NUM;
	t.column = NULL;
	t.unit = (struct unit){.is_any = true};
	return t;
}

/* --- parameters --- */

static const struct rule_node *entry_value(
	struct checker *ck, const struct rule_param *param, int64_t value)
{
	return param->type == RULE_NUM ? node_number(&ck->make, value, param->scale)
				       : node_value(&ck->make, param->type, value);
}

static const struct rule_node *param_table(
	struct checker *ck, const struct rule_param *param, struct typed key, size_t offset)
{
	size_t n = MIN(param->entry_count, (size_t)ENTRIES_MAX), at = 0;
	const struct rule_node **args = arena_array(ck->mem, const struct rule_node *, n * 2 + 1);

	for (size_t i = 0; i < n; i++) {
		const struct rule_param_entry *entry = &param->entries[i];
		struct typed want = {.is_ok = true, .unit.is_any = true}, test;
		want.type = param->key_type;
		want.node = param->key_type == RULE_TEXT ? node_text(&ck->make, entry->text)
							 : number(ck, entry->number);
		key.column = NULL;
		test = compare(ck, NODE_EQ, key, want, offset);
		if (!test.is_ok)
			return NULL;
		args[at++] = test.node;
		args[at++] = entry_value(ck, param, entry->value);
	}
	args[at++] = node_null(&ck->make, param->type, param->type == RULE_NUM ? param->scale : 0);
	return node_make(&ck->make, NODE_CASE, at, args);
}

/* A literal key is looked up here: it works outside aggregates too, and a slip is found. */
static const struct rule_node *param_at(
	struct checker *ck, const struct rule_param *param, const struct rule_ast *key)
{
	bool is_text = param->key_type == RULE_TEXT;

	for (size_t i = 0; i < param->entry_count; i++)
		if (is_text ? str_eq(param->entries[i].text, key->text)
			    : param->entries[i].number == key->value)
			return entry_value(ck, param, param->entries[i].value);
	rule_error(ck->source, key->offset, "%s",
		SAY(ck, "参数表里没有这个键", "the parameter has no such key"));
	return NULL;
}

static bool find_param(struct checker *ck, const struct rule_ast *ast, struct rule_param *out)
{
	const struct rule_ast *name = ast->args[0];
	struct str near;

	if (name->kind != AST_NAME && name->kind != AST_TEXT) {
		wrong_count(ck, ast, "param(name) / param(name, key)");
		return false;
	}
	if (ck->env->param && ck->env->param(ck->env->arg, name->text, out))
		return true;
	near = rule_nearest(name->text, ck->env->param_names, ck->env->param_count);
	rule_error(ck->source, name->offset,
		near.n ? SAY(ck, "没有参数 '" STR_FMT "'，是不是 '" STR_FMT "'？",
				 "there is no parameter '" STR_FMT "' (did you mean '" STR_FMT
				 "'?)")
		       : SAY(ck, "没有参数 '" STR_FMT "'" STR_FMT,
				 "there is no parameter '" STR_FMT "'" STR_FMT),
		STR_ARG(name->text), STR_ARG(near));
	return false;
}

static struct typed param_call(struct checker *ck, const struct rule_ast *ast)
{
	struct rule_param param = {.type = RULE_NUM};
	struct typed t = {.is_ok = true}, key;

	if (!find_param(ck, ast, &param))
		return BAD_TYPED;
	if ((ast->arg_count == 2) != (param.key_type != RULE_NULL))
		return wrong_count(
			ck, ast, param.key_type == RULE_NULL ? "param(name)" : "param(name, key)");
	t.type = param.type;
	if (!unit_parse(param.unit, &t.unit))
		return wrong_count(ck, ast, "unit: a*b/c");
	t.unit.is_any |= !param.unit.n;
	if (ast->arg_count == 1)
		t.node = entry_value(ck, &param, param.value);
	else if (ast->args[1]->kind == (param.key_type == RULE_TEXT ? AST_TEXT : AST_NUMBER))
		t.node = param_at(ck, &param, ast->args[1]);
	else {
		key = check_expression(ck, ast->args[1]);
		t.node = key.is_ok ? param_table(ck, &param, key, ast->offset) : NULL;
	}
	return t.node ? t : BAD_TYPED;
}

/* --- aggregates --- */

static bool is_aggregate(struct str name)
{
	static const char *const names[] = {"sum", "avg", "min", "max", "count"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_is(name, names[i]))
			return true;
	return false;
}

/* The argument and the filter, checked as rows. */
static bool aggregate_parts(struct checker *ck, const struct rule_ast *ast, struct typed *value,
	struct rule_partial *partial)
{
	bool is_count = str_is(ast->text, "count"),
	     is_sum = str_is(ast->text, "sum") || str_is(ast->text, "avg");
	struct typed filter = {0};

	ck->make.is_final = false;
	ck->is_in_aggregate = true;
	if (!ast->is_star)
		*value = check_expression(ck, ast->args[0]);
	if (ast->filter)
		filter = check_bool(ck, ast->filter);
	ck->make.is_final = true;
	ck->is_in_aggregate = false;
	if ((!ast->is_star && !value->is_ok) || (ast->filter && !filter.is_ok))
		return false;
	partial->filter = filter.node;
	partial->value = ast->is_star ? NULL : value->node;
	if (value->type == RULE_RATIO) {
		ratio_refused(ck, ast->offset);
		return false;
	}
	if (is_count)
		return true;
	if (!is_sum && value->type == RULE_DATE)
		return true;
	if (is_sum && value->type == RULE_BOOL) {
		rule_error(ck->source, ast->offset, "%s",
			SAY(ck, "条件不能求和：写 count(*) filter (where …)",
				"conditions are counted, not summed: count(*) filter (where …)"));
		return false;
	}
	if (!want_number(ck, value, ast->offset))
		return false;
	partial->value = value->node;
	if (value->type != RULE_NUM)
		ratio_refused(ck, ast->offset);
	return value->type == RULE_NUM;
}

static const struct rule_node *partial_node(struct checker *ck, size_t index, bool is_count)
{
	const struct rule_partial *partial = &ck->partials.items[index];
	struct rule_node *node =
		node_new(&ck->make, NODE_PARTIAL, partial->type, is_count ? 0 : partial->scale);

	node->type = is_count ? RULE_NUM : partial->type;
	node->value = (int64_t)index;
	node->is_count = is_count;
	return node;
}

static bool unit_of_rows(struct checker *ck, struct typed *t, size_t offset)
{
	struct str unit = ck->options->row_unit;

	t->unit = (struct unit){.is_any = unit.n == 0};
	if (unit.n == 0 || unit_parse(unit, &t->unit))
		return true;
	rule_error(ck->source, offset, "%s",
		SAY(ck, "行的单位看不懂", "the unit of the rows can't be read"));
	return false;
}

static struct typed aggregate_call(struct checker *ck, const struct rule_ast *ast)
{
	struct rule_partial partial = {.kind = RULE_SUM, .is_additive = true, .type = RULE_NUM};
	struct typed t = {.is_ok = true, .type = RULE_NUM, .unit.is_any = true};
	bool is_count = str_is(ast->text, "count");
	size_t index = ck->partials.count;

	if (ck->options->kind != RULE_AGGREGATE || ck->is_in_aggregate) {
		rule_error(ck->source, ast->offset, "%s",
			ck->is_in_aggregate
				? SAY(ck, "汇总里面不能再汇总",
					  "an aggregate can't stand in another")
				: SAY(ck, "这条规则逐行计算，不能用汇总",
					  "this rule is about one row: it can't aggregate"));
		return BAD_TYPED;
	}
	if (ast->is_star ? !is_count : ast->arg_count != 1)
		return wrong_count(ck, ast, is_count ? "count(*) / count(x)" : "sum(x)");
	if (!aggregate_parts(ck, ast, &t, &partial))
		return BAD_TYPED;
	if (is_count)
		partial.kind = RULE_COUNT;
	else if (str_is(ast->text, "min") || str_is(ast->text, "max")) {
		partial.kind = str_is(ast->text, "min") ? RULE_MIN : RULE_MAX;
		partial.is_additive = false;
		partial.type = t.type;
	}
	partial.scale = is_count ? 0 : t.node->scale;
	*VEC_PUSH(ck->mem, &ck->partials) = partial;
	t.type = partial.type;
	t.node = partial_node(ck, index, is_count);
	t.column = NULL;
	if (is_count && !unit_of_rows(ck, &t, ast->offset))
		return BAD_TYPED;
	if (str_is(ast->text, "avg"))
		t.node = NODE(&ck->make, NODE_DIV, t.node, partial_node(ck, index, true));
	return t;
}

static const struct function {
	const char *name;
	size_t arg_min, arg_max;
	const char *shape;
	struct typed (*check)(struct checker *ck, const struct rule_ast *ast);
} functions[] = {
	{"abs", 1, 1, "abs(x)", abs_call},
	{"ceil", 1, 1, "ceil(x)", round_call},
	{"coalesce", 1, 64, "coalesce(a, b, …)", coalesce_call},
	{"day", 1, 1, "day(date)", of_text_or_date},
	{"div", 2, 2, "div(a, b)", div_call},
	{"floor", 1, 1, "floor(x)", round_call},
	{"greatest", 1, 64, "greatest(a, b, …)", extreme_call},
	{"least", 1, 64, "least(a, b, …)", extreme_call},
	{"length", 1, 1, "length(text)", of_text_or_date},
	{"month", 1, 1, "month(date)", of_text_or_date},
	{"nullif", 2, 2, "nullif(a, b)", nullif_call},
	{"param", 1, 2, "param(name) / param(name, key)", param_call},
	{"round", 1, 2, "round(x, 2)", round_call},
	{"year", 1, 1, "year(date)", of_text_or_date},
};

static struct typed unknown_function(struct checker *ck, const struct rule_ast *ast)
{
	struct str names[ARRAY_LEN(functions) + 5] = {
		STR("sum"), STR("avg"), STR("min"), STR("max"), STR("count")};
	struct str near;

	for (size_t i = 0; i < ARRAY_LEN(functions); i++)
		names[i + 5] = str_from(functions[i].name);
	near = rule_nearest(ast->text, names, ARRAY_LEN(names));
	rule_error(ck->source, ast->offset,
		near.n ? SAY(ck, "没有函数 '" STR_FMT "'，是不是 '" STR_FMT "'？",
				 "there is no function '" STR_FMT "' (did you mean '" STR_FMT "'?)")
		       : SAY(ck, "没有函数 '" STR_FMT "'" STR_FMT,
				 "there is no function '" STR_FMT "'" STR_FMT),
		STR_ARG(ast->text), STR_ARG(near));
	return BAD_TYPED;
}

struct typed check_call(struct checker *ck, const struct rule_ast *ast)
{
	if (is_aggregate(ast->text))
		return aggregate_call(ck, ast);
	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		const struct function *f = &functions[i];
		if (!str_is(ast->text, f->name))
			continue;
		if (ast->is_star || ast->filter || ast->arg_count < f->arg_min ||
			ast->arg_count > f->arg_max)
			return wrong_count(ck, ast, f->shape);
		return f->check(ck, ast);
	}
	return unknown_function(ck, ast);
}

/* --- a whole rule --- */

static bool all_additive(const struct rule *rule)
{
	for (size_t i = 0; i < rule->partial_count; i++)
		if (!rule->partials[i].is_additive)
			return false;
	return true;
}

static struct typed check_whole(struct checker *ck, const struct rule_ast *ast)
{
	struct typed t = check_expression(ck, ast);

	if (t.is_ok && ck->make.is_too_large) {
		rule_error(ck->source, 0, "%s",
			SAY(ck, "规则太复杂，请拆成几条", "the rule is too complex: split it"));
		return BAD_TYPED;
	}
	if (t.is_ok && ck->options->wants_bool && t.type != RULE_BOOL && t.type != RULE_NULL) {
		rule_error(ck->source, ast->offset,
			SAY(ck, "这里要条件（是或否），却是%s",
				"a condition is needed here, not a %s"),
			type_name(ck, t.type));
		return BAD_TYPED;
	}
	if (t.is_ok && t.type == RULE_NULL) {
		t.type = ck->options->wants_bool ? RULE_BOOL : RULE_NUM;
		t.node = node_null(&ck->make, t.type, 0);
	}
	return t;
}

bool rule_compile(struct arena *mem, const struct rule_env *env, struct str text,
	const struct rule_options *options, struct rule **out, struct problems *problems)
{
	struct rule_source source = {.text = text, .at = options->at, .problems = problems};
	struct checker ck = {.mem = mem, .env = env, .options = options, .source = &source};
	const struct rule_ast *ast = rule_parse(mem, &source);
	struct rule *rule;
	struct typed t;

	if (!ast)
		return false;
	ck.make = (struct node_maker){.mem = mem, .is_final = options->kind == RULE_AGGREGATE};
	t = check_whole(&ck, ast);
	if (!t.is_ok || source.has_failed) {
		assert(source.has_failed || ck.make.is_too_large);
		if (!source.has_failed)
			rule_error(&source, 0, "%s",
				TR(problems, "规则太复杂，请拆成几条",
					"the rule is too complex: split it"));
		return false;
	}
	rule = arena_new(mem, struct rule);
	*rule = (struct rule){.text = text,
		.kind = options->kind,
		.type = t.type,
		.scale = options->kind != RULE_ROW ? 0
			 : t.type == RULE_NUM      ? t.node->scale
			 : t.type == RULE_RATIO    ? t.node->scale - t.den->scale
						   : 0,
		.unit = unit_format(mem, &t.unit),
		.env = env,
		.columns = ck.columns.items,
		.column_count = ck.columns.count,
		.partials = ck.partials.items,
		.partial_count = ck.partials.count,
		.value = t.node,
		.denominator = t.type == RULE_RATIO ? t.den : NULL,
		.ast = ast,
		.node_count = ck.make.count};
	rule->is_additive = all_additive(rule);
	*out = rule;
	return true;
}
