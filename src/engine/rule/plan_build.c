/*
 * From typed nodes to steps. Equal steps are found by value numbering, so rules share what they
 * have in common; ranges of values decide which steps check for overflow; at the end vectors
 * that are no longer needed give their slot to later ones, so that all stay in the cache.
 */
#include "engine/rule/plan_program.h"

#include "base/num.h"

#define INT64_RANGE ((struct range){INT64_MIN, INT64_MAX})
#define KEEP        SIZE_MAX

struct range {
	i128 low, high;
};

struct value {
	struct operand operand;
	struct range range;
	bool can_fail; /* its state may be PLAN_ERROR */
	size_t last_use;
	bool has_slot;
};

struct builder {
	struct arena *mem, *scratch;
	struct plan *plan;
	struct plan_program *program;
	bool is_any;
	VEC(struct value) values;
	VEC(struct step) steps;
	VEC(size_t) accumulators; /* their steps */
	struct strmap numbering;
	size_t *memo; /* of the rule at hand, by node id: value + 1 */
};

static const struct value *value_at(const struct builder *b, size_t v)
{
	return &b->values.items[v];
}

/* While building, an operand's slot is the number of its value. */
static struct operand use(const struct builder *b, size_t v)
{
	struct operand operand = value_at(b, v)->operand;

	operand.is_used = true;
	operand.slot = (uint32_t)v;
	return operand;
}

static struct str key_of(struct builder *b, const struct step *step)
{
	struct strbuf key;
	struct str kept;

	strbuf_init(&key, STRBUF_MAX);
	strbuf_printf(&key, "%d %d %d %d:", (int)step->code, (int)step->compare, step->is_null,
		step->out.is_bit);
	for (int i = 0; i < 3; i++) {
		const struct operand *o = i == 0 ? &step->a : i == 1 ? &step->b : &step->c;
		if (o->is_const)
			strbuf_printf(&key, "k%" PRId64, o->constant);
		else if (o->is_used)
			strbuf_printf(&key, "v%" PRIu32, o->slot);
		strbuf_char(&key, ',');
	}
	strbuf_printf(&key, "%zu;", step->column);
	for (size_t i = 0; i < step->list_count; i++)
		strbuf_printf(&key, "%" PRId64 ",", step->list[i]);
	strbuf_str(&key, step->text);
	kept = str_copy(b->scratch, strbuf_view(&key));
	strbuf_release(&key);
	return kept;
}

/* The value of this step, made only when no equal step is there yet. */
static size_t emit(struct builder *b, struct step step, struct range range, bool can_fail)
{
	bool is_new;
	int64_t *number = strmap_put(&b->numbering, key_of(b, &step), &is_new);
	struct value *value;

	if (!is_new)
		return (size_t)*number;
	*number = (int64_t)b->values.count;
	step.out.is_used = true;
	step.out.slot = (uint32_t)b->values.count;
	if (step.code == STEP_LIKE)
		step.index = b->program->like_count++;
	value = VEC_PUSH(b->scratch, &b->values);
	*value = (struct value){.operand = step.out, .range = range, .can_fail = can_fail};
	*VEC_PUSH(b->mem, &b->steps) = step;
	return b->values.count - 1;
}

static size_t constant(struct builder *b, int64_t k)
{
	*VEC_PUSH(b->scratch, &b->values) = (struct value){
		.operand = {.is_used = true, .is_const = true, .constant = k}, .range = {k, k}};
	return b->values.count - 1;
}

static size_t filled(struct builder *b, bool is_bit, bool is_null, int64_t k)
{
	struct step step = {.code = STEP_CONST, .is_null = is_null};

	step.a.constant = k;
	step.a.is_const = true;
	step.out.is_bit = is_bit;
	step.out.has_state = is_null;
	return emit(b, step, (struct range){is_null ? 0 : k, is_null ? 0 : k}, false);
}

/* A constant as a vector, for steps that want one. */
static size_t vector(struct builder *b, size_t v)
{
	const struct operand *o = &value_at(b, v)->operand;

	return o->is_const ? filled(b, false, false, o->constant) : v;
}

static int64_t text_code(struct builder *b, struct str text)
{
	struct plan *plan = b->plan;
	uint32_t code;

	if (dict_find(plan->table->dict, text, &code))
		return code;
	for (size_t i = 0; i < plan->literal_count; i++)
		if (str_eq(plan->literals[i], text))
			return LITERAL_CODE + (int64_t)i;
	BUG("a literal that plan_make did not collect");
}

static struct range hull(struct range a, struct range b)
{
	return (struct range){MIN(a.low, b.low), MAX(a.high, b.high)};
}

static struct range product(struct range a, struct range b)
{
	/* Both within int64, so the products fit. */
	i128 p = a.low * b.low, q = a.low * b.high, r = a.high * b.low, s = a.high * b.high;

	return (struct range){MIN(MIN(p, q), MIN(r, s)), MAX(MAX(p, q), MAX(r, s))};
}

static i128 magnitude(struct range r)
{
	return MAX(r.low < 0 ? -r.low : r.low, r.high < 0 ? -r.high : r.high);
}

static struct range arithmetic_range(enum step_code code, struct range x, struct range y)
{
	i128 m = magnitude(x);

	switch ((int)code) {
	case STEP_ADD:
		return (struct range){x.low + y.low, x.high + y.high};
	case STEP_SUB:
		return (struct range){x.low - y.high, x.high - y.low};
	case STEP_MUL:
		return product(x, y);
	case STEP_NEG:
		return (struct range){-x.high, -x.low};
	case STEP_ABS:
		return (struct range){0, m};
	case STEP_MOD:
		m = MIN(m, magnitude(y));
		return (struct range){-m, m};
	default:
		return (struct range){-m, m};
	}
}

static size_t arithmetic(struct builder *b, enum step_code code, size_t x, size_t y, bool has_y)
{
	struct range xr = value_at(b, x)->range, yr = value_at(b, y)->range, range;
	struct step step = {.code = code};
	bool is_division = code == STEP_IDIV || code == STEP_MOD, can_fail;

	if (!has_y || (value_at(b, x)->operand.is_const && value_at(b, y)->operand.is_const))
		x = vector(b, x);
	can_fail = value_at(b, x)->can_fail || (has_y && value_at(b, y)->can_fail);
	step.a = use(b, x);
	if (has_y)
		step.b = use(b, y);
	range = arithmetic_range(code, xr, yr);
	if (range.low < INT64_MIN || range.high > INT64_MAX) {
		step.is_checked = true;
		range = INT64_RANGE;
	}
	range = hull(range, (struct range){0, 0}); /* what stands under a NULL */
	step.out.has_state = step.a.has_state || step.b.has_state || step.is_checked ||
			     (is_division && yr.low <= 0 && yr.high >= 0);
	return emit(b, step, range, can_fail || step.is_checked);
}

static size_t bit_step(struct builder *b, struct step step, bool can_fail)
{
	step.out.is_bit = true;
	step.out.has_state = step.a.has_state || step.b.has_state || step.c.has_state;
	return emit(b, step, (struct range){0, 1}, can_fail);
}

static size_t lower(struct builder *b, const struct rule_node *node);

static enum node_op mirrored(enum node_op op)
{
	switch ((int)op) {
	case NODE_LT:
		return NODE_GT;
	case NODE_LE:
		return NODE_GE;
	case NODE_GT:
		return NODE_LT;
	case NODE_GE:
		return NODE_LE;
	default:
		return op;
	}
}

static const struct column *column_of(const struct builder *b, const struct rule_node *node)
{
	return b->plan->columns[node->value];
}

static bool has_nulls(const struct builder *b, const struct column *column)
{
	return b->is_any || column->null_count > 0;
}

static void assume(struct builder *b, const struct rule_node *node)
{
	const struct column *column = column_of(b, node);
	struct assumption *assumption = &b->program->assumptions[node->value];

	assumption->is_used = true;
	assumption->has_nulls = has_nulls(b, column);
	assumption->min = b->is_any ? INT64_MIN : column->min;
	assumption->max = b->is_any ? INT64_MAX : column->max;
}

static int64_t constant_of(struct builder *b, const struct rule_node *node)
{
	return node->type == RULE_TEXT ? text_code(b, node->text) : node->value;
}

/* column op constant, straight on the stored bytes. */
static bool compare_column(struct builder *b, const struct rule_node *node, size_t *out)
{
	const struct rule_node *left = node->args[0], *right = node->args[1];
	enum node_op op = node->op;
	struct step step = {.code = STEP_COMPARE_COLUMN};

	if (left->op == NODE_CONST) {
		left = node->args[1];
		right = node->args[0];
		op = mirrored(op);
	}
	if (b->is_any || left->op != NODE_COLUMN || !node_is_const(right) ||
		left->type == RULE_BOOL || column_of(b, left)->width == 8)
		return false;
	if (left->type == RULE_TEXT && op != NODE_EQ && op != NODE_NE)
		return false;
	assume(b, left);
	step.compare = op;
	step.column = (size_t)left->value;
	step.a.is_const = true;
	step.a.constant = constant_of(b, right);
	step.out.is_bit = true;
	step.out.has_state = has_nulls(b, column_of(b, left));
	*out = emit(b, step, (struct range){0, 1}, false);
	return true;
}

static size_t compare(struct builder *b, const struct rule_node *node)
{
	struct step step = {.code = STEP_COMPARE, .compare = node->op};
	size_t fused, x, y;

	if (compare_column(b, node, &fused))
		return fused;
	x = lower(b, node->args[0]);
	y = lower(b, node->args[1]);
	if (value_at(b, x)->operand.is_const && value_at(b, y)->operand.is_const)
		x = vector(b, x);
	if (node->args[0]->type == RULE_TEXT && node->op != NODE_EQ && node->op != NODE_NE)
		step.code = STEP_COMPARE_TEXT;
	step.a = use(b, x);
	step.b = use(b, y);
	return bit_step(b, step, value_at(b, x)->can_fail || value_at(b, y)->can_fail);
}

static size_t in_list(struct builder *b, const struct rule_node *node)
{
	const struct rule_node *x = node->args[0];
	int64_t *list = arena_array(b->mem, int64_t, node->arg_count);
	struct step step = {.code = STEP_IN, .list = list, .list_count = node->arg_count - 1};
	size_t v;

	for (size_t i = 1; i < node->arg_count; i++)
		list[i - 1] = constant_of(b, node->args[i]);
	if (!b->is_any && x->op == NODE_COLUMN && column_of(b, x)->width == 1) {
		assume(b, x);
		step.code = STEP_IN_COLUMN;
		step.column = (size_t)x->value;
		step.out.is_bit = true;
		step.out.has_state = has_nulls(b, column_of(b, x));
		return emit(b, step, (struct range){0, 1}, false);
	}
	v = lower(b, x);
	step.a = use(b, v);
	return bit_step(b, step, value_at(b, v)->can_fail);
}

static size_t load(struct builder *b, const struct rule_node *node)
{
	const struct column *column = column_of(b, node);
	struct step step = {.code = STEP_LOAD, .column = (size_t)node->value};
	struct range range = INT64_RANGE;

	assume(b, node);
	step.out.is_bit = node->type == RULE_BOOL;
	step.out.has_state = has_nulls(b, column);
	if (!b->is_any && column->min <= column->max)
		range = (struct range){column->min, column->max};
	else if (!b->is_any)
		range = (struct range){0, 0};
	return emit(b, step, range, false);
}

static size_t not_null(struct builder *b, size_t v, bool wants_null)
{
	struct step step = {.code = wants_null ? STEP_IS_NULL : STEP_NOT_NULL};

	if (!value_at(b, v)->operand.has_state)
		return filled(b, true, false, !wants_null);
	step.a = use(b, v);
	step.out.is_bit = true;
	step.out.has_state = value_at(b, v)->can_fail;
	return emit(b, step, (struct range){0, 1}, value_at(b, v)->can_fail);
}

static size_t choose(struct builder *b, size_t when, size_t yes, size_t no)
{
	struct step step = {.code = STEP_SELECT};
	const struct value *w = value_at(b, when), *y = value_at(b, yes), *n = value_at(b, no);

	step.a = use(b, when);
	step.b = use(b, yes);
	step.c = use(b, no);
	step.out.is_bit = y->operand.is_bit;
	step.out.has_state = y->operand.has_state || n->operand.has_state || w->can_fail;
	return emit(b, step, hull(y->range, n->range), w->can_fail || y->can_fail || n->can_fail);
}

static size_t lower_case(struct builder *b, const struct rule_node *node)
{
	size_t result = lower(b, node->args[node->arg_count - 1]);

	for (size_t i = (node->arg_count - 1) / 2; i-- > 0;) {
		size_t when = lower(b, node->args[i * 2]);
		result = choose(b, when, lower(b, node->args[i * 2 + 1]), result);
	}
	return result;
}

static size_t coalesce(struct builder *b, const struct rule_node *node)
{
	size_t result = lower(b, node->args[node->arg_count - 1]);

	for (size_t i = node->arg_count - 1; i-- > 0;) {
		size_t v = lower(b, node->args[i]);
		result = value_at(b, v)->operand.has_state
				 ? choose(b, not_null(b, v, false), v, result)
				 : v;
	}
	return result;
}

static size_t lower_constant(struct builder *b, const struct rule_node *node)
{
	if (node->is_null || node->type == RULE_BOOL)
		return filled(b, node->type == RULE_BOOL, node->is_null, node->value);
	return constant(b, constant_of(b, node));
}

static size_t logic(struct builder *b, enum step_code code, size_t x, size_t y)
{
	struct step step = {.code = code};

	step.a = use(b, x);
	if (code != STEP_NOT)
		step.b = use(b, y);
	return bit_step(b, step, value_at(b, x)->can_fail || value_at(b, y)->can_fail);
}

/* Functions of a text or a date. */
static size_t part(struct builder *b, const struct rule_node *node, enum step_code code)
{
	size_t v = lower(b, node->args[0]);
	struct step step = {.code = code, .text = node->text};

	step.a = use(b, v);
	if (code == STEP_LIKE)
		return bit_step(b, step, value_at(b, v)->can_fail);
	step.out.has_state = step.a.has_state;
	return emit(b, step, (struct range){INT32_MIN, INT32_MAX}, value_at(b, v)->can_fail);
}

static size_t binary(struct builder *b, const struct rule_node *node, enum step_code code)
{
	size_t x = lower(b, node->args[0]), y = lower(b, node->args[1]);

	return arithmetic(b, code, x, y, true);
}

static size_t lower_new(struct builder *b, const struct rule_node *node)
{
	size_t x, y;

	switch (node->op) {
	case NODE_CONST:
		return lower_constant(b, node);
	case NODE_COLUMN:
		return load(b, node);
	case NODE_ADD:
		return binary(b, node, STEP_ADD);
	case NODE_SUB:
	case NODE_DAYS:
		return binary(b, node, STEP_SUB);
	case NODE_MUL:
		return binary(b, node, STEP_MUL);
	case NODE_IDIV:
		return binary(b, node, STEP_IDIV);
	case NODE_MOD:
		return binary(b, node, STEP_MOD);
	case NODE_NEG:
	case NODE_ABS:
		x = lower(b, node->args[0]);
		return arithmetic(b, node->op == NODE_NEG ? STEP_NEG : STEP_ABS, x, x, false);
	case NODE_EQ:
	case NODE_NE:
	case NODE_LT:
	case NODE_LE:
	case NODE_GT:
	case NODE_GE:
		return compare(b, node);
	case NODE_AND:
	case NODE_OR:
		x = lower(b, node->args[0]);
		y = lower(b, node->args[1]);
		return logic(b, node->op == NODE_AND ? STEP_AND : STEP_OR, x, y);
	case NODE_NOT:
		x = lower(b, node->args[0]);
		return logic(b, STEP_NOT, x, x);
	case NODE_IS_NULL:
		return not_null(b, lower(b, node->args[0]), true);
	case NODE_CASE:
		return lower_case(b, node);
	case NODE_COALESCE:
		return coalesce(b, node);
	case NODE_IN:
		return in_list(b, node);
	case NODE_LIKE:
		return part(b, node, STEP_LIKE);
	case NODE_LENGTH:
		return part(b, node, STEP_LENGTH);
	case NODE_YEAR:
		return part(b, node, STEP_YEAR);
	case NODE_MONTH:
		return part(b, node, STEP_MONTH);
	case NODE_DAY:
		return part(b, node, STEP_DAY);
	case NODE_PARTIAL:
	case NODE_DIV:
	case NODE_ROUND:
	case NODE_FLOOR:
	case NODE_CEIL:
		break;
	}
	BUG("node %d has no place in a row", (int)node->op);
}

static size_t lower(struct builder *b, const struct rule_node *node)
{
	if (!b->memo[node->id])
		b->memo[node->id] = lower_new(b, node) + 1;
	return b->memo[node->id] - 1;
}

/* An accumulator; the same one for equal values and masks. Returns its number. */
static size_t accumulate(struct builder *b, struct step step)
{
	bool is_new;
	int64_t *number = strmap_put(&b->numbering, key_of(b, &step), &is_new);

	if (!is_new)
		return (size_t)*number;
	*number = (int64_t)b->accumulators.count;
	step.index = b->accumulators.count;
	*VEC_PUSH(b->mem, &b->accumulators) = b->steps.count;
	*VEC_PUSH(b->mem, &b->steps) = step;
	return step.index;
}

/*
 * Rows that count are those where the filter is true and the value is there: one mask. The mask
 * is in error where that can't be told, and those rows are reported.
 */
static void lower_partial(struct builder *b, size_t index)
{
	static const enum step_code codes[] = {
		[RULE_SUM] = STEP_SUM, [RULE_MIN] = STEP_MIN, [RULE_MAX] = STEP_MAX};
	const struct rule_partial *partial = &b->plan->partials[index];
	struct step count = {.code = STEP_COUNT}, sum;
	size_t mask = KEEP, value = KEEP;

	if (partial->value)
		value = lower(b, partial->value);
	if (partial->filter)
		mask = lower(b, partial->filter);
	if (value != KEEP && value_at(b, value)->operand.has_state) {
		size_t present = not_null(b, value, false);
		mask = mask == KEEP ? present : logic(b, STEP_AND, mask, present);
	}
	if (mask != KEEP) {
		count.b = use(b, mask);
		count.can_fail = value_at(b, mask)->can_fail;
	}
	sum = count;
	b->program->count_of[index] = accumulate(b, count);
	b->program->sum_of[index] = KEEP;
	if (partial->kind == RULE_COUNT)
		return;
	value = vector(b, value);
	sum.code = codes[partial->kind];
	sum.a = use(b, value);
	sum.bound = magnitude(value_at(b, value)->range);
	b->program->sum_of[index] = accumulate(b, sum);
}

static void note_use(struct builder *b, const struct operand *o, size_t step)
{
	if (o->is_used && !o->is_const && b->values.items[o->slot].last_use != KEEP)
		b->values.items[o->slot].last_use = step;
}

struct slots {
	VEC(uint32_t) free_list;
	uint32_t count;
};

static void place(struct builder *b, struct operand *o, struct slots *slots)
{
	struct value *value;

	if (!o->is_used || o->is_const)
		return;
	value = &b->values.items[o->slot];
	if (!value->has_slot) {
		struct slots *of = &slots[value->operand.is_bit];
		value->has_slot = true;
		value->operand.slot = of->free_list.count
					      ? of->free_list.items[--of->free_list.count]
					      : of->count++;
	}
	o->slot = value->operand.slot;
}

static void release(struct builder *b, uint32_t v, size_t step, struct slots *slots)
{
	struct value *value = &b->values.items[v];

	if (value->last_use == step) {
		value->last_use = KEEP; /* an operand may stand twice */
		*VEC_PUSH(b->scratch, &slots[value->operand.is_bit].free_list) =
			value->operand.slot;
	}
}

/* Values to slots, in the order of steps; a vector that nobody reads later gives its slot back. */
static void assign_slots(struct builder *b)
{
	struct slots slots[2] = {0};

	for (size_t i = 0; i < b->steps.count; i++) {
		const struct step *step = &b->steps.items[i];
		note_use(b, &step->out, i);
		note_use(b, &step->a, i);
		note_use(b, &step->b, i);
		note_use(b, &step->c, i);
	}
	for (size_t i = 0; i < b->steps.count; i++) {
		struct step *step = &b->steps.items[i];
		struct operand *operands[] = {&step->out, &step->a, &step->b, &step->c};
		uint32_t numbers[4];
		for (size_t k = 0; k < 4; k++) {
			numbers[k] = operands[k]->slot;
			place(b, operands[k], slots);
		}
		for (size_t k = 0; k < 4; k++)
			if (operands[k]->is_used && !operands[k]->is_const)
				release(b, numbers[k], i, slots);
	}
	b->program->number_slots = slots[0].count;
	b->program->bit_slots = slots[1].count;
}

static size_t lower_root(struct builder *b, const struct rule_node *node, struct operand *out)
{
	size_t v = vector(b, lower(b, node));

	b->values.items[v].last_use = KEEP;
	*out = use(b, v);
	return v;
}

static void lower_rules(struct builder *b)
{
	struct plan *plan = b->plan;

	for (size_t r = 0; r < plan->rule_count; r++) {
		const struct rule *rule = plan->rules[r];
		b->memo = arena_array(b->scratch, size_t, rule->node_count);
		if (rule->kind == RULE_ROW) {
			lower_root(b, rule->value, &b->program->roots[r].value);
			if (rule->denominator)
				lower_root(b, rule->denominator, &b->program->roots[r].denominator);
		}
		for (size_t k = 0; k < rule->partial_count; k++)
			if (rule->partials[k].value ==
					plan->partials[plan->partial_of[r][k]].value &&
				rule->partials[k].filter ==
					plan->partials[plan->partial_of[r][k]].filter)
				lower_partial(b, plan->partial_of[r][k]);
	}
}

struct plan_program *plan_build(struct plan *plan, bool is_any)
{
	struct arena *mem = plan->mem, *scratch = arena_create();
	struct plan_program *program = arena_new(mem, struct plan_program);
	struct builder b = {.mem = mem, .scratch = scratch, .plan = plan, .program = program};

	b.is_any = is_any;
	strmap_init(&b.numbering, scratch);
	program->assumptions = arena_array(mem, struct assumption, plan->env->column_count);
	program->sum_of = arena_array(mem, size_t, plan->partial_count);
	program->count_of = arena_array(mem, size_t, plan->partial_count);
	program->roots = arena_array(mem, struct root, plan->rule_count);
	lower_rules(&b);
	assign_slots(&b);
	for (size_t r = 0; r < plan->rule_count; r++) {
		struct root *root = &program->roots[r];
		if (root->value.is_used)
			root->value.slot = value_at(&b, root->value.slot)->operand.slot;
		if (root->denominator.is_used)
			root->denominator.slot = value_at(&b, root->denominator.slot)->operand.slot;
	}
	program->steps = b.steps.items;
	program->step_count = b.steps.count;
	program->accumulator_count = b.accumulators.count;
	program->accumulators = arena_array(mem, const struct step *, b.accumulators.count);
	for (size_t i = 0; i < b.accumulators.count; i++)
		program->accumulators[i] = &program->steps[b.accumulators.items[i]];
	arena_free(scratch);
	return program;
}
