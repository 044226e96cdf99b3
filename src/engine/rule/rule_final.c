/* The last step of an aggregate rule: exact rationals over the sums. */
#include "engine/rule/rule_node.h"

#include "base/num.h"

#include <math.h>

/* A number num/den (den > 0), a truth 0 or 1, a date. */
struct exact {
	enum rule_state state;
	i128 num, den;
};

static const struct exact missing = {.state = RULE_MISSING, .den = 1};
static const struct exact overflow = {.state = RULE_OVERFLOW, .den = 1};

static struct exact whole(i128 value)
{
	return (struct exact){.num = value, .den = 1};
}

static u128 absolute(i128 v)
{
	return v < 0 ? -(u128)v : (u128)v;
}

static u128 gcd(u128 a, u128 b)
{
	while (b) {
		u128 rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

/* In lowest terms with a positive denominator. den is not 0. */
static struct exact reduced(i128 num, i128 den)
{
	i128 divisor = (i128)gcd(absolute(num), absolute(den));

	if (divisor > 1) {
		num /= divisor;
		den /= divisor;
	}
	if (den < 0 && (__builtin_sub_overflow((i128)0, num, &num) ||
			       __builtin_sub_overflow((i128)0, den, &den)))
		return overflow;
	return (struct exact){.num = num, .den = den};
}

static bool worst(struct exact a, struct exact b, struct exact *out)
{
	if (a.state == RULE_VALUE && b.state == RULE_VALUE)
		return false;
	*out = a.state == RULE_OVERFLOW || b.state == RULE_OVERFLOW ? overflow : missing;
	return true;
}

static struct exact times(struct exact a, struct exact b)
{
	/* Cancelling crosswise first keeps the products small. */
	struct exact x = reduced(a.num, b.den), y = reduced(b.num, a.den), out;

	if (worst(x, y, &out))
		return out;
	if (__builtin_mul_overflow(x.num, y.num, &out.num) ||
		__builtin_mul_overflow(x.den, y.den, &out.den))
		return overflow;
	return out;
}

static struct exact plus(struct exact a, struct exact b, int sign)
{
	i128 common = (i128)gcd((u128)a.den, (u128)b.den), left, right, den;

	if (__builtin_mul_overflow(a.num, b.den / common, &left) ||
		__builtin_mul_overflow(b.num, a.den / common, &right) ||
		__builtin_mul_overflow(a.den, b.den / common, &den) ||
		(sign > 0 ? __builtin_add_overflow(left, right, &left)
			  : __builtin_sub_overflow(left, right, &left)))
		return overflow;
	return reduced(left, den);
}

static struct exact over(struct exact a, struct exact b)
{
	struct exact inverse;

	if (b.num == 0)
		return missing;
	inverse = reduced(b.den, b.num);
	return inverse.state == RULE_VALUE ? times(a, inverse) : inverse;
}

/* -1, 0, 1; both are values. Whole parts first, then the inverted rests: it can't overflow. */
static int order(struct exact a, struct exact b)
{
	for (int sign = 1;; sign = -sign) {
		i128 p = a.num / a.den, q = b.num / b.den, r = a.num % a.den, s = b.num % b.den;
		if (r < 0) {
			r += a.den;
			p--;
		}
		if (s < 0) {
			s += b.den;
			q--;
		}
		if (p != q)
			return p < q ? -sign : sign;
		if (r == 0 || s == 0)
			return r == s ? 0 : r < s ? -sign : sign;
		a = (struct exact){.num = a.den, .den = r};
		b = (struct exact){.num = b.den, .den = s};
	}
}

static bool holds(enum node_op op, int o)
{
	switch ((int)op) {
	case NODE_EQ:
		return o == 0;
	case NODE_NE:
		return o != 0;
	case NODE_LT:
		return o < 0;
	case NODE_LE:
		return o <= 0;
	case NODE_GT:
		return o > 0;
	default:
		return o >= 0;
	}
}

static i128 floor_of(struct exact a)
{
	i128 q = a.num / a.den;

	return q - (a.num % a.den < 0);
}

/* To a number of digits; half away from zero. */
static struct exact to_digits(enum node_op op, struct exact a, int digits)
{
	struct exact scale = whole(pow10_i64(digits)), half = {.num = 1, .den = 2};
	bool is_negative = a.num < 0;
	i128 units;

	a = times(a, scale);
	if (a.state == RULE_VALUE && op == NODE_ROUND) {
		if (is_negative)
			a.num = -a.num;
		a = plus(a, half, 1);
	}
	if (a.state != RULE_VALUE)
		return a;
	units = floor_of(a);
	if (op == NODE_ROUND && is_negative)
		units = -units;
	if (op == NODE_CEIL && a.num % a.den != 0)
		units++;
	return reduced(units, scale.num);
}

struct finisher {
	const struct rule *rule;
	const struct rule_sum *sums;
	struct exact *memo; /* by node id; den 0: not yet */
};

static struct exact eval(struct finisher *f, const struct rule_node *node);

static struct exact partial_value(const struct finisher *f, const struct rule_node *node)
{
	const struct rule_sum *sum = &f->sums[node->value];

	if (node->is_count)
		return whole(sum->count);
	return sum->count == 0 ? missing : reduced(sum->sum, pow10_i64(node->scale));
}

static struct exact logic(struct finisher *f, const struct rule_node *node)
{
	struct exact a = eval(f, node->args[0]), b = eval(f, node->args[1]), out;
	i128 decisive = node->op == NODE_OR;

	if ((a.state == RULE_VALUE && a.num == decisive) ||
		(b.state == RULE_VALUE && b.num == decisive))
		return whole(decisive);
	return worst(a, b, &out) ? out : whole(!decisive);
}

static struct exact cases(struct finisher *f, const struct rule_node *node)
{
	size_t i = 0;

	for (; i + 1 < node->arg_count; i += 2) {
		struct exact when = eval(f, node->args[i]);
		if (when.state == RULE_OVERFLOW)
			return when;
		if (when.state == RULE_VALUE && when.num)
			return eval(f, node->args[i + 1]);
	}
	return eval(f, node->args[i]);
}

static struct exact first_present(struct finisher *f, const struct rule_node *node)
{
	struct exact value = missing;

	for (size_t i = 0; i < node->arg_count && value.state == RULE_MISSING; i++)
		value = eval(f, node->args[i]);
	return value;
}

static struct exact two(struct finisher *f, const struct rule_node *node)
{
	struct exact a = eval(f, node->args[0]), b = eval(f, node->args[1]), out;

	if (worst(a, b, &out))
		return out;
	switch ((int)node->op) {
	case NODE_ADD:
		return plus(a, b, 1);
	case NODE_SUB:
		return plus(a, b, -1);
	case NODE_MUL:
		return times(a, b);
	case NODE_DIV:
		return over(a, b);
	default:
		return whole(holds(node->op, order(a, b)));
	}
}

static struct exact one(struct finisher *f, const struct rule_node *node)
{
	struct exact a = eval(f, node->args[0]);

	if (node->op == NODE_IS_NULL && a.state != RULE_OVERFLOW)
		return whole(a.state == RULE_MISSING);
	if (a.state != RULE_VALUE)
		return a;
	switch ((int)node->op) {
	case NODE_NEG:
		return plus(whole(0), a, -1);
	case NODE_ABS:
		return a.num < 0 ? plus(whole(0), a, -1) : a;
	case NODE_NOT:
		return whole(!a.num);
	default:
		return to_digits(node->op, a, (int)node->value);
	}
}

static struct exact eval_new(struct finisher *f, const struct rule_node *node)
{
	switch (node->op) {
	case NODE_CONST:
		return node->is_null ? missing : reduced(node->value, pow10_i64(node->scale));
	case NODE_PARTIAL:
		return partial_value(f, node);
	case NODE_AND:
	case NODE_OR:
		return logic(f, node);
	case NODE_CASE:
		return cases(f, node);
	case NODE_COALESCE:
		return first_present(f, node);
	case NODE_NEG:
	case NODE_ABS:
	case NODE_NOT:
	case NODE_IS_NULL:
	case NODE_ROUND:
	case NODE_FLOOR:
	case NODE_CEIL:
		return one(f, node);
	case NODE_ADD:
	case NODE_SUB:
	case NODE_MUL:
	case NODE_DIV:
	case NODE_EQ:
	case NODE_NE:
	case NODE_LT:
	case NODE_LE:
	case NODE_GT:
	case NODE_GE:
		return two(f, node);
	case NODE_COLUMN:
	case NODE_IDIV:
	case NODE_MOD:
	case NODE_IN:
	case NODE_LIKE:
	case NODE_LENGTH:
	case NODE_YEAR:
	case NODE_MONTH:
	case NODE_DAY:
	case NODE_DAYS:
		break;
	}
	BUG("node %d has no place in a final expression", (int)node->op);
}

static struct exact eval(struct finisher *f, const struct rule_node *node)
{
	struct exact *memo = &f->memo[node->id];

	if (memo->den == 0)
		*memo = eval_new(f, node);
	return *memo;
}

struct rule_result rule_finish(const struct rule *rule, const struct rule_sum *sums)
{
	struct arena *scratch = arena_create();
	struct finisher f = {.rule = rule, .sums = sums};
	struct exact value;
	struct rule_result result;

	assert(rule->kind == RULE_AGGREGATE);
	f.memo = arena_array(scratch, struct exact, rule->node_count);
	value = eval(&f, rule->value);
	result = (struct rule_result){.state = value.state, .num = value.num, .den = value.den};
	if (value.state == RULE_VALUE)
		result.value = (double)((long double)value.num / (long double)value.den);
	arena_free(scratch);
	return result;
}

void rule_sum_merge(const struct rule_partial *partial, struct rule_sum *into, struct rule_sum from,
	bool is_minus)
{
	switch (partial->kind) {
	case RULE_SUM:
		into->sum += is_minus ? -from.sum : from.sum;
		break;
	case RULE_COUNT:
		break;
	case RULE_MIN:
	case RULE_MAX:
		assert(!is_minus);
		if (from.count &&
			(!into->count || (partial->kind == RULE_MIN ? from.sum < into->sum
								    : from.sum > into->sum)))
			into->sum = from.sum;
		break;
	}
	into->count += is_minus ? -from.count : from.count;
}
