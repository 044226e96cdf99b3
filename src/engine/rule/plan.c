/* What is the same for every program of a plan: columns, literals, partials; and sums. */
#include "engine/rule/plan_program.h"

static bool matches(const struct rule_column *want, const struct column *column)
{
	switch (want->type) {
	case RULE_NUM:
		return (column->type == COLUMN_INT || column->type == COLUMN_DEC) &&
		       column->scale == want->scale;
	case RULE_TEXT:
		return column->type == COLUMN_TEXT;
	case RULE_DATE:
		return column->type == COLUMN_DATE;
	case RULE_BOOL:
		return column->type == COLUMN_BOOL;
	case RULE_NULL:
	case RULE_RATIO:
		break;
	}
	return false;
}

static bool find_columns(struct plan *plan, struct str *out_missing)
{
	for (size_t r = 0; r < plan->rule_count; r++) {
		const struct rule *rule = plan->rules[r];
		assert(rule->env == plan->env);
		for (size_t i = 0; i < rule->column_count; i++) {
			const struct rule_column *want = &plan->env->columns[rule->columns[i]];
			const struct column *column = table_find(plan->table, want->name);
			if (!column || !matches(want, column)) {
				*out_missing = want->name;
				return false;
			}
			plan->columns[rule->columns[i]] = column;
		}
	}
	return true;
}

struct literals {
	struct arena *mem;
	const struct dict *dict;
	VEC(struct str) list;
	uint8_t *is_seen; /* by node id */
};

static void collect(struct literals *literals, const struct rule_node *node)
{
	uint32_t code;

	if (literals->is_seen[node->id])
		return;
	literals->is_seen[node->id] = 1;
	for (size_t i = 0; i < node->arg_count; i++)
		collect(literals, node->args[i]);
	if (node->op != NODE_CONST || node->type != RULE_TEXT || node->is_null ||
		dict_find(literals->dict, node->text, &code))
		return;
	for (size_t i = 0; i < literals->list.count; i++)
		if (str_eq(literals->list.items[i], node->text))
			return;
	*VEC_PUSH(literals->mem, &literals->list) = node->text;
}

static void collect_literals(struct plan *plan)
{
	struct literals literals = {.mem = plan->mem, .dict = plan->table->dict};

	for (size_t r = 0; r < plan->rule_count; r++) {
		const struct rule *rule = plan->rules[r];
		literals.is_seen = arena_array(plan->mem, uint8_t, rule->node_count);
		collect(&literals, rule->value);
		if (rule->denominator)
			collect(&literals, rule->denominator);
		for (size_t k = 0; k < rule->partial_count; k++) {
			if (rule->partials[k].value)
				collect(&literals, rule->partials[k].value);
			if (rule->partials[k].filter)
				collect(&literals, rule->partials[k].filter);
		}
	}
	plan->literals = literals.list.items;
	plan->literal_count = literals.list.count;
}

static bool same_node(const struct rule_node *a, const struct rule_node *b, int *budget)
{
	if (a == b)
		return true;
	if (!a || !b || --*budget < 0)
		return false;
	if (a->op != b->op || a->type != b->type || a->is_null != b->is_null ||
		a->scale != b->scale || a->value != b->value || !str_eq(a->text, b->text) ||
		a->arg_count != b->arg_count)
		return false;
	for (size_t i = 0; i < a->arg_count; i++)
		if (!same_node(a->args[i], b->args[i], budget))
			return false;
	return true;
}

/* Not finding two equal ones costs a column of output, no more: hence the budget. */
static bool same_partial(const struct rule_partial *a, const struct rule_partial *b)
{
	int budget = 2000;

	return a->kind == b->kind && a->type == b->type && a->scale == b->scale &&
	       same_node(a->value, b->value, &budget) && same_node(a->filter, b->filter, &budget);
}

static void unify_partials(struct plan *plan)
{
	VEC(struct rule_partial) partials = {0};

	plan->partial_of = arena_array(plan->mem, size_t *, plan->rule_count);
	for (size_t r = 0; r < plan->rule_count; r++) {
		const struct rule *rule = plan->rules[r];
		plan->partial_of[r] = arena_array(plan->mem, size_t, rule->partial_count);
		for (size_t k = 0; k < rule->partial_count; k++) {
			size_t i = 0;
			while (i < partials.count &&
				!same_partial(&partials.items[i], &rule->partials[k]))
				i++;
			if (i == partials.count)
				*VEC_PUSH(plan->mem, &partials) = rule->partials[k];
			plan->partial_of[r][k] = i;
		}
	}
	plan->partials = partials.items;
	plan->partial_count = partials.count;
}

bool plan_make(struct arena *mem, const struct rule *const *rules, size_t rule_count,
	const struct table *table, struct plan **out, struct str *out_missing)
{
	struct plan *plan = arena_new(mem, struct plan);
	const struct rule **copy = arena_array(mem, const struct rule *, rule_count);

	assert(rule_count > 0);
	memcpy(copy, rules, rule_count * sizeof(const struct rule *));
	*plan = (struct plan){.mem = mem,
		.table = table,
		.env = rules[0]->env,
		.rules = copy,
		.rule_count = rule_count,
		.dict_count = table->dict->map.count};
	plan->columns = arena_array(mem, const struct column *, plan->env->column_count);
	if (!find_columns(plan, out_missing))
		return false;
	collect_literals(plan);
	unify_partials(plan);
	plan->fast = plan_build(plan, false);
	plan->any = plan_build(plan, true);
	*out = plan;
	return true;
}

struct str plan_text(const struct plan *plan, int64_t code)
{
	if (code >= LITERAL_CODE)
		return plan->literals[code - LITERAL_CODE];
	return dict_text(plan->table->dict, (uint32_t)code);
}

void plan_sums_init(
	struct plan_sums *sums, struct arena *mem, const struct plan *plan, size_t group_count)
{
	sums->group_count = group_count;
	sums->partial_count = plan->partial_count;
	sums->items = arena_calloc(mem, group_count, plan->partial_count * sizeof *sums->items);
	sums->overflows = arena_array(mem, int64_t, plan->partial_count);
}

void plan_sums_add(const struct plan *plan, struct plan_sums *into, const struct plan_sums *from)
{
	size_t n = plan->partial_count;

	assert(into->group_count == from->group_count && into->partial_count == n);
	for (size_t g = 0; g < into->group_count; g++)
		for (size_t p = 0; p < n; p++)
			rule_sum_merge(&plan->partials[p], &into->items[g * n + p],
				from->items[g * n + p], false);
	for (size_t p = 0; p < n; p++)
		into->overflows[p] += from->overflows[p];
}

struct rule_result plan_finish(
	const struct plan *plan, size_t rule_index, const struct plan_sums *sums, size_t group)
{
	const struct rule *rule = plan->rules[rule_index];
	struct arena *scratch = arena_create();
	struct rule_sum *own = arena_array(scratch, struct rule_sum, rule->partial_count);
	struct rule_result result;

	assert(rule->kind == RULE_AGGREGATE && group < sums->group_count);
	for (size_t k = 0; k < rule->partial_count; k++)
		own[k] = sums->items[group * sums->partial_count + plan->partial_of[rule_index][k]];
	result = rule_finish(rule, own);
	arena_free(scratch);
	return result;
}
