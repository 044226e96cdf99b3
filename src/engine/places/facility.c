/*
 * The tree of facility location: best bound first; at each node the prices are climbed, sites
 * whose other choice cannot pay are decided, and the most doubtful site is branched on. A node
 * with all sites decided is settled by its flow.
 */
#include "engine/places/tree.h"

#include <math.h>

/* Rounds of the volume algorithm. */
#define ROOT_ROUNDS 600
#define NODE_ROUNDS 40
#define DIVE_EVERY  10

/* Plans near the relaxation's mean choice. */
static void try_plans(struct tree *t)
{
	static const double limits[] = {0.5, 0.3, 0.1};

	for (size_t k = 0; k < ARRAY_LEN(limits); k++) {
		for (int32_t i = 0; i < t->f->site_count; i++)
			t->trial[i] = t->decided[i] == SITE_OPEN ||
				      (t->decided[i] == SITE_FREE && t->mean_share[i] > limits[k]);
		if (primal_try(&t->primal, t->trial) < t->single.best_cost &&
			t->f->is_single_source && t->has_searched)
			primal_round(&t->primal);
	}
}

/*
 * Decide sites whose other choice would bring the bound over the cut, with the prices of the
 * last relax_bound. Each makes a closed leaf with the same prices. Returns the step reached.
 */
static int32_t decide_sites(struct tree *t, int32_t step, double base, const int64_t *prices)
{
	double cut = tree_cut(t);

	for (int32_t i = 0; i < t->f->site_count; i++) {
		for (int value = SITE_CLOSED; value <= SITE_OPEN; value++) {
			double bound;

			if (t->decided[i] != SITE_FREE)
				continue;
			t->decided[i] = (int8_t)value;
			bound = base + relax_choose(&t->relax, t->decided, NULL);
			t->decided[i] = SITE_FREE;
			if (bound < cut)
				continue;
			t->steps.items[step].has_children = true;
			(void)tree_add_step(t, step, i, value == SITE_OPEN, bound, prices);
			step = tree_add_step(t, step, i, value == SITE_CLOSED, 0, prices);
			t->decided[i] = value == SITE_OPEN ? SITE_CLOSED : SITE_OPEN;
		}
	}
	return step;
}

static int32_t most_doubtful(const struct tree *t)
{
	int32_t at = -1;
	double most = -1;

	for (int32_t i = 0; i < t->f->site_count; i++) {
		double doubt = MIN(t->mean_share[i], 1 - t->mean_share[i]);

		if (t->decided[i] != SITE_FREE)
			continue;
		if (doubt > most) {
			most = doubt;
			at = i;
		}
	}
	return at;
}

/* All sites are decided: the flow's prices settle it. */
static void settle(struct tree *t, int32_t step)
{
	for (int32_t i = 0; i < t->f->site_count; i++)
		t->trial[i] = t->decided[i] == SITE_OPEN;
	if (isinf(primal_cost(&t->primal, t->trial)))
		return;
	primal_prices(&t->primal, t->prices);
	t->bounds.items[step] = relax_bound(&t->relax, t->decided, t->prices);
	t->steps.items[step].prices = tree_keep_prices(t);
}

/* Split the plans of a step by a literal; sum: of the prices. */
static void branch(struct tree *t, int32_t step, int32_t literal, double sum, const int64_t *prices)
{
	double bound = t->bounds.items[step];

	t->steps.items[step].has_children = true;
	for (int value = 0; value < 2; value++) {
		int32_t child;

		if (literal < t->f->site_count) {
			t->decided[literal] = value ? SITE_OPEN : SITE_CLOSED;
			bound = sum + relax_choose(&t->relax, t->decided, NULL);
		}
		child = tree_add_step(t, step, literal, value, bound, prices);
		if (bound >= tree_cut(t))
			continue;
		if (t->is_diving && value == 1)
			t->dive_to = child;
		else
			tree_push(t, bound, child);
	}
}

/* Climb the prices of a step's node and keep them. False: the node is done with. */
static bool climb(struct tree *t, int32_t step, int rounds)
{
	double bound, parent_bound = t->bounds.items[step];
	const int64_t *prices = t->steps.items[step].prices;

	tree_load(t, step);
	if (t->f->is_single_source && pairs_are_dead(t)) {
		t->bounds.items[step] = HUGE_VAL;
		return false;
	}
	bound = relax_climb(
		&t->relax, t->scratch, t->decided, t->prices, tree_cut(t), rounds, t->mean_share);
	arena_reset(t->scratch);
	if (bound > parent_bound || step == 0)
		prices = tree_keep_prices(t);
	t->steps.items[step].prices = prices;
	t->bounds.items[step] = bound;
	return bound < tree_cut(t);
}

static void process(struct tree *t, int32_t step, int rounds)
{
	const int64_t *prices;
	int32_t literal;
	double sum = 0;

	t->nodes++;
	if (!climb(t, step, rounds))
		return;
	if (t->nodes < 20 || t->nodes % 10 == 0)
		try_plans(t);
	/* The children inherit the prices as they are kept: the bounds must be theirs. */
	prices = t->steps.items[step].prices;
	for (int32_t j = 0; j < t->f->customer_count; j++) {
		t->prices[j] = (double)prices[j];
		sum += t->prices[j];
	}
	t->bounds.items[step] = relax_bound(&t->relax, t->decided, t->prices);
	if (t->bounds.items[step] >= tree_cut(t))
		return;
	step = decide_sites(t, step, sum, prices);
	t->bounds.items[step] = sum + relax_choose(&t->relax, t->decided, NULL);
	if (t->bounds.items[step] >= tree_cut(t))
		return;
	literal = most_doubtful(t);
	if (literal < 0 && !t->f->is_single_source) {
		settle(t, step);
		return;
	}
	if (literal < 0) {
		(void)relax_bound(&t->relax, t->decided, t->prices);
		if (t->nodes % 4 == 0)
			pairs_try(t, 4);
		literal = pairs_most_doubtful(t);
		if (literal < 0) {
			pairs_settle(t, step);
			return;
		}
		literal += t->f->site_count;
	}
	branch(t, step, literal, sum, prices);
}

static void start(struct tree *t)
{
	double all = 0;

	/* A first plan and first prices: all sites open. */
	for (int32_t i = 0; i < t->f->site_count; i++)
		t->trial[i] = t->f->capacity[i] > 0;
	all = primal_try(&t->primal, t->trial);
	if (!isinf(all))
		primal_prices(&t->primal, t->prices);
	(void)tree_add_step(t, -1, -1, false, 0, tree_keep_prices(t));
}

static void take_plan(struct tree *t, struct facility_answer *out)
{
	const struct facility *f = t->f;
	struct primal *p = &t->primal;
	VEC(struct facility_share) shares = {0};

	out->cost = f->is_single_source ? t->single.best_cost : p->best_cost;
	out->has_plan = !isinf(out->cost);
	if (!out->has_plan)
		return;
	out->open = arena_array(t->mem, bool, f->site_count);
	for (int32_t j = 0; j < f->customer_count && f->is_single_source; j++) {
		int32_t i = t->single.best_site_of[j];
		out->open[i] = true;
		*VEC_PUSH(t->mem, &shares) = (struct facility_share){i, j, f->demand[j]};
	}
	if (!f->is_single_source)
		(void)primal_cost(p, p->best_open);
	for (int32_t i = 0; i < f->site_count; i++)
		for (int32_t j = 0;
			!f->is_single_source && p->best_open[i] && j < f->customer_count; j++) {
			int64_t amount =
				flow_on_arc(p->flow, f->site_count + i * f->customer_count + j);
			if (amount == 0)
				continue;
			out->open[i] = true;
			*VEC_PUSH(t->mem, &shares) = (struct facility_share){i, j, amount};
		}
	out->shares = shares.items;
	out->share_count = shares.count;
}

bool facility_fits(const struct facility *f)
{
	int64_t units = 0, cost = 0;

	if (f->site_count < 1 || f->customer_count < 1 ||
		f->customer_count > FACILITY_PAIRS_MAX / f->site_count)
		return false;
	for (int32_t i = 0; i < f->site_count; i++) {
		if (f->capacity[i] < 0 || f->capacity[i] > FACILITY_UNITS_MAX)
			return false;
		if (f->fixed[i] < 0 || f->fixed[i] > FACILITY_COST_MAX - cost)
			return false;
		cost += f->fixed[i];
	}
	for (int32_t j = 0; j < f->customer_count; j++) {
		int64_t most = 0;

		if (f->demand[j] < 1 || f->demand[j] > FACILITY_UNITS_MAX - units)
			return false;
		units += f->demand[j];
		for (int32_t i = 0; i < f->site_count; i++) {
			int64_t c = f->cost[(size_t)i * (size_t)f->customer_count + (size_t)j];
			if (c < 0)
				return false;
			most = MAX(most, c);
		}
		if (most > FACILITY_COST_MAX - cost)
			return false;
		cost += most;
	}
	return true;
}

/* Best bound first; now and then a dive from there, which finds plans. */
static void search_tree(struct tree *t)
{
	while (t->heap.count > 0 && t->heap.items[0].bound < tree_cut(t) && !tree_is_over(t)) {
		int32_t step = tree_pop(t).step;

		t->is_diving = t->nodes % DIVE_EVERY == 0;
		while (step >= 0) {
			t->dive_to = -1;
			if (t->is_diving && tree_is_over(t)) {
				tree_push(t, t->bounds.items[step], step);
				break;
			}
			process(t, step, NODE_ROUNDS);
			step = t->dive_to;
		}
		t->is_diving = false;
	}
}

struct facility_answer facility_solve(
	struct arena *mem, const struct facility *f, const struct facility_limits *limits)
{
	struct tree t = {.f = f, .limits = limits, .mem = mem, .scratch = arena_create()};
	struct facility_answer out = {.cost = HUGE_VAL};
	double bound = HUGE_VAL;

	assert(facility_fits(f));
	relax_init(&t.relax, mem, f, limits);
	primal_init(&t.primal, mem, f);
	if (f->is_single_source) {
		single_init(&t.single, mem, f, limits);
		t.primal.single = &t.single;
	}
	t.decided = arena_array(mem, int8_t, f->site_count);
	t.prices = arena_array(mem, double, f->customer_count);
	t.mean_share = arena_array(mem, double, f->site_count);
	t.trial = arena_array(mem, bool, f->site_count);
	start(&t);
	if (!isinf(t.primal.best_cost)) {
		process(&t, 0, ROOT_ROUNDS);
		primal_search(&t.primal, &t.relax, limits);
		if (f->is_single_source)
			single_search(&t.primal, limits);
		t.has_searched = true;
		search_tree(&t);
		take_plan(&t, &out);
	}
	for (size_t s = 0; s < t.steps.count; s++)
		if (!t.steps.items[s].has_children)
			bound = MIN(bound, t.bounds.items[s]);
	out.steps = t.steps.items;
	out.step_count = t.steps.count;
	out.bound = MIN(bound, out.cost);
	out.is_cut_short = t.is_cut_short;
	out.nodes = t.nodes;
	out.evaluations = t.relax.evaluations;
	arena_free(t.scratch);
	return out;
}
