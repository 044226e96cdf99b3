/*
 * The tree of facility location: best bound first; at each node the prices are climbed, sites
 * whose other choice cannot pay are decided, and the most doubtful site is branched on. A node
 * with all sites decided is settled by its flow.
 */
#include "engine/places/facility_impl.h"

#include <math.h>

/* The bound must come this close to the best cost for a node to be closed; the proof is then
 * checked in integers, and that is the bound that counts. */
#define CLOSE_ENOUGH 1e-9

struct open_node {
	double bound;
	int32_t step;
};

struct tree {
	const struct facility *f;
	const struct facility_limits *limits;
	struct arena *mem, *scratch;
	struct relax relax;
	struct primal primal;
	VEC(struct facility_step) steps;
	VEC(double) bounds; /* of each step */
	VEC(struct open_node) heap;
	size_t price_bytes;
	bool is_cut_short;
	int8_t *decided;
	double *prices, *mean_share;
	bool *trial;
	int64_t nodes;
};

static double cut_of(const struct tree *t)
{
	double gap = MAX(t->limits->gap, CLOSE_ENOUGH);

	return t->primal.best_cost - gap * fabs(t->primal.best_cost);
}

static bool is_over(struct tree *t)
{
	if (t->limits->is_over && t->limits->is_over(t->limits->is_over_arg))
		t->is_cut_short = true;
	if (t->price_bytes > (t->limits->bytes ? t->limits->bytes : (size_t)1 << 30))
		t->is_cut_short = true;
	return t->is_cut_short;
}

static void heap_push(struct tree *t, double bound, int32_t step)
{
	size_t at = t->heap.count;

	*VEC_PUSH(t->mem, &t->heap) = (struct open_node){bound, step};
	for (; at > 0 && t->heap.items[(at - 1) / 2].bound > bound; at = (at - 1) / 2)
		t->heap.items[at] = t->heap.items[(at - 1) / 2];
	t->heap.items[at] = (struct open_node){bound, step};
}

static struct open_node heap_pop(struct tree *t)
{
	struct open_node top = t->heap.items[0], last = t->heap.items[--t->heap.count];
	size_t at = 0, count = t->heap.count;

	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count &&
			t->heap.items[child + 1].bound < t->heap.items[child].bound)
			child++;
		if (t->heap.items[child].bound >= last.bound)
			break;
		t->heap.items[at] = t->heap.items[child];
	}
	if (count > 0)
		t->heap.items[at] = last;
	return top;
}

static int32_t add_step(struct tree *t, int32_t parent, int32_t literal, bool value, double bound,
	const int64_t *prices)
{
	*VEC_PUSH(t->mem, &t->steps) = (struct facility_step){
		.parent = parent, .literal = literal, .value = value, .prices = prices};
	*VEC_PUSH(t->mem, &t->bounds) = bound;
	return (int32_t)t->steps.count - 1;
}

static const int64_t *keep_prices(struct tree *t)
{
	int32_t m = t->f->customer_count;
	int64_t *kept = arena_array(t->mem, int64_t, m);

	for (int32_t j = 0; j < m; j++)
		kept[j] = llround(t->prices[j]);
	t->price_bytes += (size_t)m * sizeof *kept;
	return kept;
}

static void load_node(struct tree *t, int32_t step)
{
	memset(t->decided, SITE_FREE, (size_t)t->f->site_count);
	for (int32_t j = 0; j < t->f->customer_count; j++)
		t->prices[j] = (double)t->steps.items[step].prices[j];
	for (int32_t s = step; t->steps.items[s].literal >= 0; s = t->steps.items[s].parent)
		t->decided[t->steps.items[s].literal] =
			t->steps.items[s].value ? SITE_OPEN : SITE_CLOSED;
}

/* Plans near the relaxation's mean choice. */
static void try_plans(struct tree *t)
{
	static const double limits[] = {0.5, 0.3, 0.1};

	for (size_t k = 0; k < ARRAY_LEN(limits); k++) {
		for (int32_t i = 0; i < t->f->site_count; i++)
			t->trial[i] = t->decided[i] == SITE_OPEN ||
				      (t->decided[i] == SITE_FREE && t->mean_share[i] > limits[k]);
		(void)primal_try(&t->primal, t->trial);
	}
}

/*
 * Decide sites whose other choice would bring the bound over the cut, with the prices of the
 * last relax_bound. Each makes a closed leaf with the same prices. Returns the step reached.
 */
static int32_t decide_sites(struct tree *t, int32_t step, double base, const int64_t *prices)
{
	double cut = cut_of(t);

	for (int32_t i = 0; i < t->f->site_count; i++) {
		for (int8_t value = SITE_CLOSED; value <= SITE_OPEN; value++) {
			double bound;

			if (t->decided[i] != SITE_FREE)
				continue;
			t->decided[i] = value;
			bound = base + relax_choose(&t->relax, t->decided, NULL);
			t->decided[i] = SITE_FREE;
			if (bound < cut)
				continue;
			t->steps.items[step].has_children = true;
			(void)add_step(t, step, i, value == SITE_OPEN, bound, prices);
			step = add_step(t, step, i, value == SITE_CLOSED, 0, prices);
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
	t->steps.items[step].prices = keep_prices(t);
}

static void process(struct tree *t, int32_t step, int rounds)
{
	double bound, sum = 0, parent_bound = t->bounds.items[step];
	const int64_t *prices;
	int32_t site;

	t->nodes++;
	load_node(t, step);
	bound = relax_climb(
		&t->relax, t->scratch, t->decided, t->prices, cut_of(t), rounds, t->mean_share);
	prices = bound > parent_bound ? keep_prices(t) : t->steps.items[step].prices;
	arena_reset(t->scratch);
	t->steps.items[step].prices = prices;
	t->bounds.items[step] = bound;
	if (bound >= cut_of(t))
		return;
	if (t->nodes < 20 || t->nodes % 10 == 0)
		try_plans(t);
	for (int32_t j = 0; j < t->f->customer_count; j++) {
		t->prices[j] = (double)prices[j];
		sum += t->prices[j];
	}
	bound = relax_bound(&t->relax, t->decided, t->prices);
	if (bound >= cut_of(t))
		return;
	step = decide_sites(t, step, sum, prices);
	bound = sum + relax_choose(&t->relax, t->decided, NULL);
	t->bounds.items[step] = bound;
	if (bound >= cut_of(t))
		return;
	site = most_doubtful(t);
	if (site < 0) {
		settle(t, step);
		return;
	}
	t->steps.items[step].has_children = true;
	for (int value = 0; value < 2; value++) {
		t->decided[site] = value ? SITE_OPEN : SITE_CLOSED;
		bound = sum + relax_choose(&t->relax, t->decided, NULL);
		int32_t child = add_step(t, step, site, value, bound, prices);
		if (bound < cut_of(t))
			heap_push(t, bound, child);
	}
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
	(void)add_step(t, -1, -1, false, 0, keep_prices(t));
}

static void take_plan(struct tree *t, struct facility_answer *out)
{
	const struct facility *f = t->f;
	struct primal *p = &t->primal;
	VEC(struct facility_share) shares = {0};

	out->has_plan = !isinf(p->best_cost);
	if (!out->has_plan)
		return;
	(void)primal_cost(p, p->best_open);
	out->open = arena_array(t->mem, bool, f->site_count);
	for (int32_t i = 0; i < f->site_count; i++)
		for (int32_t j = 0; j < f->customer_count && p->best_open[i]; j++) {
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

struct facility_answer facility_solve(
	struct arena *mem, const struct facility *f, const struct facility_limits *limits)
{
	struct tree t = {.f = f, .limits = limits, .mem = mem, .scratch = arena_create()};
	struct facility_answer out = {0};
	double bound = HUGE_VAL;

	assert(facility_fits(f));
	relax_init(&t.relax, mem, f);
	primal_init(&t.primal, mem, f);
	t.decided = arena_array(mem, int8_t, f->site_count);
	t.prices = arena_array(mem, double, f->customer_count);
	t.mean_share = arena_array(mem, double, f->site_count);
	t.trial = arena_array(mem, bool, f->site_count);
	start(&t);
	if (!isinf(t.primal.best_cost)) {
		process(&t, 0, 600);
		primal_search(&t.primal, &t.relax, limits);
		while (t.heap.count > 0 && t.heap.items[0].bound < cut_of(&t) && !is_over(&t)) {
			process(&t, heap_pop(&t).step, 40);
		}
		take_plan(&t, &out);
	}
	for (size_t s = 0; s < t.steps.count; s++)
		if (!t.steps.items[s].has_children)
			bound = MIN(bound, t.bounds.items[s]);
	out.steps = t.steps.items;
	out.step_count = t.steps.count;
	out.cost = t.primal.best_cost;
	out.bound = MIN(bound, out.cost);
	out.is_cut_short = t.is_cut_short;
	out.nodes = t.nodes;
	out.evaluations = t.relax.evaluations;
	arena_free(t.scratch);
	return out;
}
