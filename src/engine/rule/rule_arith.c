/*
 * Numbers: scales, units, exact ratios. A ratio a/b is kept as two nodes; comparing it
 * multiplies out, so that no binary fraction is ever involved.
 */
#include "engine/rule/rule_check.h"

#include "base/num.h"

bool want_number(struct checker *ck, struct typed *t, size_t offset)
{
	if (!t->is_ok)
		return false;
	if (t->type == RULE_NULL) {
		t->type = RULE_NUM;
		t->node = node_null(&ck->make, RULE_NUM, 0);
	}
	if (t->type == RULE_NUM || t->type == RULE_RATIO)
		return true;
	rule_error(ck->source, offset,
		SAY(ck, "这里要数，却是%s", "a number is needed here, not a %s"),
		type_name(ck, t->type));
	return false;
}

const struct rule_node *rescale(
	struct checker *ck, const struct rule_node *node, int to, size_t offset)
{
	int places = to - node->scale;
	int64_t value;

	assert(places >= 0);
	if (places == 0 || ck->make.is_final)
		return node;
	if (to > DEC_SCALE_MAX) {
		rule_error(ck->source, offset, "%s",
			SAY(ck, "小数位太多（超过 18 位），请先用 round(x, n)",
				"too many decimals (over 18): use round(x, n) first"));
		return node;
	}
	if (node->op == NODE_CONST && node->is_null)
		return node_null(&ck->make, RULE_NUM, to);
	if (node_is_const(node) && dec_rescale(node->value, node->scale, to, &value))
		return node_number(&ck->make, value, to);
	return NODE(&ck->make, NODE_MUL, node, node_number(&ck->make, pow10_i64(places), places));
}

/* Product, with the limit on places. */
static const struct rule_node *times(
	struct checker *ck, const struct rule_node *a, const struct rule_node *b, size_t offset)
{
	if (!ck->make.is_final && a->scale + b->scale > DEC_SCALE_MAX)
		rule_error(ck->source, offset, "%s",
			SAY(ck, "小数位太多（超过 18 位），请先用 round(x, n)",
				"too many decimals (over 18): use round(x, n) first"));
	if (node_is_const(a) && a->value == 1 && a->scale == 0)
		return b;
	if (node_is_const(b) && b->value == 1 && b->scale == 0)
		return a;
	return NODE(&ck->make, NODE_MUL, a, b);
}

static void align(
	struct checker *ck, const struct rule_node **a, const struct rule_node **b, size_t offset)
{
	int scale = MAX((*a)->scale, (*b)->scale);

	*a = rescale(ck, *a, scale, offset);
	*b = rescale(ck, *b, scale, offset);
}

static bool is_percent(const struct unit *unit)
{
	return unit->count == 1 && str_eq(unit->factors[0].name, STR("%"));
}

static bool same_unit(struct checker *ck, struct typed *a, struct typed *b, size_t offset)
{
	struct unit unit;
	struct str left, right;

	if (unit_same(&a->unit, &b->unit, &unit)) {
		a->unit = b->unit = unit;
		return true;
	}
	left = unit_format(ck->mem, &a->unit);
	right = unit_format(ck->mem, &b->unit);
	/* 100 * a / b is a plain number to the checker, and what people compare with %. */
	if ((is_percent(&a->unit) && !b->unit.count) || (is_percent(&b->unit) && !a->unit.count)) {
		problems_warn(ck->source->problems, rule_place(ck->source, offset), "%s",
			SAY(ck, "百分数与无单位的数相比：确认另一边已乘 100",
				"a percentage against a plain number: make sure that is times "
				"100"));
		a->unit = b->unit = is_percent(&a->unit) ? a->unit : b->unit;
		return true;
	}
	rule_error(ck->source, offset, SAY(ck, "单位不同：%s 与 %s", "the units differ: %s and %s"),
		left.n ? left.p : SAY(ck, "无单位", "no unit"),
		right.n ? right.p : SAY(ck, "无单位", "no unit"));
	return false;
}

/* A literal that a column can never hold is most likely a slip. */
static void check_enum(
	struct checker *ck, const struct typed *column, const struct typed *literal, size_t offset)
{
	const struct rule_column *c = column->column;

	if (!c || !c->enum_count || literal->type != RULE_TEXT || !node_is_const(literal->node))
		return;
	for (size_t i = 0; i < c->enum_count; i++)
		if (str_eq(c->enums[i], literal->node->text))
			return;
	problems_warn(ck->source->problems, rule_place(ck->source, offset),
		SAY(ck, "字段 '" STR_FMT "' 不会是 '" STR_FMT "'%s",
			"column '" STR_FMT "' is never '" STR_FMT "'%s"),
		STR_ARG(c->name), STR_ARG(literal->node->text),
		did_you_mean(ck, literal->node->text, c->enums, c->enum_count));
}

static void take_type(struct checker *ck, struct typed *null, const struct typed *other)
{
	int scale = other->type == RULE_NUM ? other->node->scale : 0;

	null->type = other->type == RULE_RATIO ? RULE_NUM : other->type;
	null->node = node_null(&ck->make, null->type, scale);
}

bool unify(struct checker *ck, struct typed *a, struct typed *b, size_t offset)
{
	bool is_number;

	if (!a->is_ok || !b->is_ok)
		return false;
	if (a->type == RULE_NULL && b->type != RULE_NULL)
		take_type(ck, a, b);
	else if (b->type == RULE_NULL && a->type != RULE_NULL)
		take_type(ck, b, a);
	is_number = (a->type == RULE_NUM || a->type == RULE_RATIO) &&
		    (b->type == RULE_NUM || b->type == RULE_RATIO);
	if (!is_number && a->type != b->type) {
		rule_error(ck->source, offset,
			SAY(ck, "两边类型不同：%s 与 %s", "the types differ: %s and %s"),
			type_name(ck, a->type), type_name(ck, b->type));
		return false;
	}
	if (!is_number) {
		check_enum(ck, a, b, offset);
		check_enum(ck, b, a, offset);
		return true;
	}
	if (a->type == RULE_NUM && b->type == RULE_NUM)
		align(ck, &a->node, &b->node, offset);
	return same_unit(ck, a, b, offset);
}

static const struct rule_node *den_of(struct checker *ck, const struct typed *t)
{
	return t->type == RULE_RATIO ? t->den : node_number(&ck->make, 1, 0);
}

static const struct rule_node *sign_test(
	struct checker *ck, enum node_op op, const struct rule_node *node)
{
	return NODE(&ck->make, op, node, node_number(&ck->make, 0, node->scale));
}

/* NULL instead of 0. */
const struct rule_node *nonzero(struct checker *ck, const struct rule_node *node)
{
	if (node_is_const(node) && node->value != 0)
		return node;
	return NODE(&ck->make, NODE_CASE, sign_test(ck, NODE_NE, node), node,
		node_null(&ck->make, RULE_NUM, node->scale));
}

/* a/b op c/d: multiplied out by b*d, whose sign turns the comparison. */
static const struct rule_node *compare_ratios(struct checker *ck, enum node_op op,
	const struct typed *a, const struct typed *b, size_t offset)
{
	const struct rule_node *a_den = den_of(ck, a), *b_den = den_of(ck, b);
	const struct rule_node *left = times(ck, a->node, b_den, offset);
	const struct rule_node *right = times(ck, b->node, a_den, offset);
	const struct rule_node *den = times(ck, a_den, b_den, offset);

	align(ck, &left, &right, offset);
	if (node_is_const(den) && den->value > 0)
		return NODE(&ck->make, op, left, right);
	return NODE(&ck->make, NODE_CASE, sign_test(ck, NODE_GT, den),
		NODE(&ck->make, op, left, right), sign_test(ck, NODE_LT, den),
		NODE(&ck->make, op, right, left), node_null(&ck->make, RULE_BOOL, 0));
}

struct typed compare(
	struct checker *ck, enum node_op op, struct typed a, struct typed b, size_t offset)
{
	if (a.is_ok && b.is_ok && (a.type == RULE_NULL || b.type == RULE_NULL))
		problems_warn(ck->source->problems, rule_place(ck->source, offset), "%s",
			SAY(ck, "与 null 比较永远得不出结果，应写 is null",
				"comparing with null is never true: write is null"));
	if (!unify(ck, &a, &b, offset))
		return BAD_TYPED;
	if (a.type == RULE_NULL)
		return of_bool(node_null(&ck->make, RULE_BOOL, 0));
	if (a.type == RULE_BOOL && op != NODE_EQ && op != NODE_NE) {
		rule_error(ck->source, offset, "%s",
			SAY(ck, "是非值不能比大小", "conditions have no order"));
		return BAD_TYPED;
	}
	if (a.type == RULE_RATIO || b.type == RULE_RATIO)
		return of_bool(compare_ratios(ck, op, &a, &b, offset));
	return of_bool(NODE(&ck->make, op, a.node, b.node));
}

struct typed add(struct checker *ck, enum node_op op, struct typed a, struct typed b, size_t offset)
{
	struct typed out = a;

	if (op == NODE_SUB && a.is_ok && b.is_ok && a.type == RULE_DATE && b.type == RULE_DATE) {
		out = of_node(
			NODE(&ck->make, ck->make.is_final ? NODE_SUB : NODE_DAYS, a.node, b.node),
			false);
		out.type = RULE_NUM;
		return unit_parse(STR("天"), &out.unit) ? out : BAD_TYPED;
	}
	if (!want_number(ck, &a, offset) || !want_number(ck, &b, offset) ||
		!unify(ck, &a, &b, offset))
		return BAD_TYPED;
	out = a;
	out.column = NULL;
	if (a.type == RULE_RATIO || b.type == RULE_RATIO) {
		const struct rule_node *a_den = den_of(ck, &a), *b_den = den_of(ck, &b);
		const struct rule_node *left = times(ck, a.node, b_den, offset);
		const struct rule_node *right = times(ck, b.node, a_den, offset);
		align(ck, &left, &right, offset);
		out.type = RULE_RATIO;
		out.den = times(ck, a_den, b_den, offset);
		out.node = NODE(&ck->make, op, left, right);
		return out;
	}
	out.node = NODE(&ck->make, op, a.node, b.node);
	return out;
}

static bool combine_units(struct checker *ck, const struct typed *a, const struct typed *b,
	int sign, struct unit *out, size_t offset)
{
	if (unit_combine(&a->unit, &b->unit, sign, out))
		return true;
	rule_error(
		ck->source, offset, "%s", SAY(ck, "单位太复杂", "the unit has too many factors"));
	return false;
}

struct typed multiply(struct checker *ck, struct typed a, struct typed b, size_t offset)
{
	struct typed out;

	if (!want_number(ck, &a, offset) || !want_number(ck, &b, offset))
		return BAD_TYPED;
	out = (struct typed){.is_ok = true, .type = RULE_NUM};
	if (!combine_units(ck, &a, &b, 1, &out.unit, offset))
		return BAD_TYPED;
	out.node = times(ck, a.node, b.node, offset);
	if (a.type == RULE_RATIO || b.type == RULE_RATIO) {
		out.type = RULE_RATIO;
		out.den = times(ck, den_of(ck, &a), den_of(ck, &b), offset);
	}
	return out;
}

struct typed divide(struct checker *ck, struct typed a, struct typed b, size_t offset)
{
	struct typed out;

	if (!want_number(ck, &a, offset) || !want_number(ck, &b, offset))
		return BAD_TYPED;
	out = (struct typed){.is_ok = true, .type = RULE_RATIO};
	if (!combine_units(ck, &a, &b, -1, &out.unit, offset))
		return BAD_TYPED;
	if (ck->make.is_final) {
		out.type = RULE_NUM;
		out.node = NODE(&ck->make, NODE_DIV, a.node, b.node);
		return out;
	}
	out.node = a.node;
	if (b.type == RULE_RATIO)
		out.node = times(ck, out.node, nonzero(ck, b.den), offset);
	out.den = times(ck, den_of(ck, &a), b.node, offset);
	return out;
}

struct typed ratio_refused(struct checker *ck, size_t offset)
{
	rule_error(ck->source, offset, "%s",
		SAY(ck,
			"除法的结果是比值，不能放在这里：用 round(a / b, 2) 定下小数位，"
			"或先分别求和再相除",
			"a division gives a ratio, which can't stand here: fix its decimals with "
			"round(a / b, 2), or divide the sums"));
	return BAD_TYPED;
}

struct typed modulo(struct checker *ck, struct typed a, struct typed b, size_t offset)
{
	if (!want_number(ck, &a, offset) || !want_number(ck, &b, offset))
		return BAD_TYPED;
	if (a.type == RULE_RATIO || b.type == RULE_RATIO || ck->make.is_final)
		return ratio_refused(ck, offset);
	if (!unify(ck, &a, &b, offset))
		return BAD_TYPED;
	a.node = NODE(&ck->make, NODE_MOD, a.node, b.node);
	a.column = NULL;
	return a;
}
