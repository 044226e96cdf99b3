/*
 * The best that a sum of money buys. What a unit needs at least to pass does not depend on others,
 * so the cheapest units first is the greatest number of them; with their bounds given, rows do not
 * depend on each other either, so the cheapest rows first is the greatest number of those.
 */
#include "engine/uplift/model.h"

struct item {
	i128 cost; /* money in 10^-12 */
	size_t index;
};

struct purse {
	const struct model *m;
	struct arena *mem;
	i128 budget;
	uint32_t *excused; /* n: what the unit excuses if it is made to pass */
	bool *is_passing;
	int64_t *stocks; /* row k at stocks[k * n] */
	struct row_fill fills[UPLIFT_RESOURCES_MAX];
};

static int by_cost(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->cost != y->cost)
		return x->cost < y->cost ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static i128 step_cost(const struct model *m, size_t i, size_t k)
{
	const struct uplift_problem *p = m->problem;
	i128 price = p->prices_micro ? p->prices_micro[i * m->resource_count + k]
				     : p->resources[k].price_micro;

	for (int s = p->resources[k].scale; s < UPLIFT_SCALE_MAX; s++)
		price *= 10;
	return price;
}

/* The excusals that save unit i most; what it then costs to let it pass. */
static i128 cheapest_pass(const struct model *m, size_t i, uint32_t *out_excused)
{
	uint32_t chosen = m->must[i];
	i128 cost = 0;

	while (__builtin_popcount(chosen) < m->problem->excusals) {
		uint32_t best = 0;
		i128 most = 0;
		for (uint32_t open = m->may[i] & ~chosen; open; open &= open - 1) {
			size_t k = (size_t)__builtin_ctz(open), at = i * m->resource_count + k;
			i128 saving = step_cost(m, i, k) * (m->need[at] - m->need_floor[at]);
			if (saving > most) {
				most = saving;
				best = open & -open;
			}
		}
		if (!best)
			break;
		chosen |= best;
	}
	for (size_t k = 0; k < m->resource_count; k++) {
		size_t at = i * m->resource_count + k;
		int64_t low = chosen >> k & 1 ? m->need_floor[at] : m->need[at];
		cost += step_cost(m, i, k) * (low - m->problem->stocks[at]);
	}
	*out_excused = chosen;
	return cost;
}

/* Let the cheapest units pass; the money that takes. */
static i128 buy_units(struct purse *b, size_t *out_count)
{
	const struct model *m = b->m;
	struct item *items = arena_array(b->mem, struct item, m->unit_count);
	struct uplift_cause cause;
	size_t count = 0;
	i128 spent = 0;

	for (size_t i = 0; i < m->unit_count; i++)
		if (model_can_pass(m, i, &cause))
			items[count++] = (struct item){cheapest_pass(m, i, &b->excused[i]), i};
	if (count)
		qsort(items, count, sizeof *items, by_cost);
	*out_count = 0;
	while (*out_count < count && spent + items[*out_count].cost <= b->budget) {
		spent += items[*out_count].cost;
		b->is_passing[items[(*out_count)++].index] = true;
	}
	return spent;
}

static void row_lows(const struct purse *b, size_t k, int64_t *out_low)
{
	const struct model *m = b->m;

	model_lows(m, k, b->excused, out_low);
	for (size_t i = 0; i < m->unit_count; i++)
		if (!b->is_passing[i])
			out_low[i] = m->problem->stocks[i * m->resource_count + k];
}

static i128 cost_between(const struct model *m, size_t k, const int64_t *from, const int64_t *to)
{
	i128 cost = 0;

	for (size_t i = 0; i < m->unit_count; i++)
		cost += step_cost(m, i, k) * (to[i] - from[i]);
	return cost;
}

/* Rows that could be brought within their limits if no unit had to pass: none can be more. */
static size_t count_rows_at_most(const struct purse *b)
{
	const struct model *m = b->m;
	int64_t *filled = arena_array(b->mem, int64_t, m->unit_count);
	struct item items[UPLIFT_RESOURCES_MAX];
	size_t count = 0, taken = 0;
	i128 spent = 0;

	for (size_t k = 0; k < m->resource_count; k++) {
		struct row_fill f;
		if (!row_fill(&m->rows[k], m->rows[k].stocks, filled, &f)) {
			if (!m->rows[k].is_uniform)
				items[count++] = (struct item){0, k};
			continue;
		}
		items[count++] = (struct item){
			m->rows[k].is_uniform ? cost_between(m, k, m->rows[k].stocks, filled)
					      : (i128)(f.bound * 1e12 * (1 - 1e-12)),
			k};
	}
	if (count)
		qsort(items, count, sizeof *items, by_cost);
	while (taken < count && spent + items[taken].cost <= b->budget)
		spent += items[taken++].cost;
	return taken;
}

/* Bring the cheapest rows within their limits with what is left. */
static void buy_rows(struct purse *b, i128 spent, bool *out_is_within, size_t *out_count)
{
	const struct model *m = b->m;
	size_t n = m->unit_count, count = 0;
	int64_t *low = arena_array(b->mem, int64_t, n);
	int64_t *filled = arena_array(b->mem, int64_t, n * m->resource_count);
	struct row_fill fills[UPLIFT_RESOURCES_MAX];
	struct item items[UPLIFT_RESOURCES_MAX];

	*out_count = 0;
	for (size_t k = 0; k < m->resource_count; k++) {
		int64_t *own = filled + k * n;
		row_lows(b, k, low);
		memcpy(b->stocks + k * n, low, n * sizeof *low);
		b->fills[k] = (struct row_fill){0};
		for (size_t i = 0; i < n; i++)
			b->fills[k].total += (double)low[i] * m->rows[k].share[i];
		if (!row_fill(&m->rows[k], low, own, &fills[k]))
			continue;
		row_polish(&m->rows[k], low, own, &fills[k]);
		row_close(&m->rows[k], low, own, &fills[k]);
		items[count++] = (struct item){cost_between(m, k, low, own), k};
	}
	if (count)
		qsort(items, count, sizeof *items, by_cost);
	while (*out_count < count && spent + items[*out_count].cost <= b->budget) {
		size_t k = items[*out_count].index;
		spent += items[(*out_count)++].cost;
		memcpy(b->stocks + k * n, filled + k * n, n * sizeof *filled);
		b->fills[k] = fills[k];
		out_is_within[k] = true;
	}
}

static void solve_within(struct purse *b, struct arena *mem, struct uplift_budget *out)
{
	const struct model *m = b->m;
	i128 spent;

	b->excused = arena_array(b->mem, uint32_t, m->unit_count);
	b->is_passing = out->is_passing;
	b->stocks = arena_array(b->mem, int64_t, m->unit_count * m->resource_count);
	out->rows_bound = count_rows_at_most(b);
	spent = buy_units(b, &out->passing_count);
	buy_rows(b, spent, out->is_within, &out->within_count);
	out->answer = (struct uplift_answer){.status = UPLIFT_STOPPED};
	model_answer(m, b->stocks, b->fills, mem, &out->answer);
	out->answer.bound = MIN((double)spent * 1e-12, out->answer.cost);
	if (out->answer.cost > 0)
		out->answer.gap = (out->answer.cost - out->answer.bound) / out->answer.cost;
}

void uplift_solve_budget(const struct uplift_problem *problem, const struct uplift_options *options,
	int64_t budget_micro, struct arena *mem, struct uplift_budget *out)
{
	struct arena *scratch = arena_create();
	struct purse purse = {.mem = scratch, .budget = (i128)budget_micro * 1000000};
	struct model m;

	*out = (struct uplift_budget){0};
	uplift_solve(problem, options, mem, &out->answer);
	if (out->answer.status != UPLIFT_BAD_INPUT) {
		out->is_passing = arena_array(mem, bool, problem->unit_count);
		out->is_within = arena_array(mem, bool, problem->resource_count);
	}
	if (out->answer.raises && out->answer.cost_e12 <= purse.budget) {
		memset(out->is_passing, true, problem->unit_count);
		memset(out->is_within, true, problem->resource_count);
		out->passing_count = problem->unit_count;
		out->within_count = out->rows_bound = problem->resource_count;
	} else if (out->answer.status != UPLIFT_BAD_INPUT) {
		(void)model_build(problem, options, scratch, &m);
		purse.m = &m;
		solve_within(&purse, mem, out);
	}
	arena_free(scratch);
}
