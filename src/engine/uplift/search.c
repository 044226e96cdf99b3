/*
 * Best-first branch and bound over excusals and totals (Theorem 3 in uplift.c).
 *
 * A node keeps which excusals are open and an interval for the total of each row. It is bounded by
 * the Lagrangian; the excusals chosen there are evaluated exactly, which gives an answer and, per
 * row, the part of the gap that the row makes. The worst row decides: while the secant is what is
 * loose, its interval is cut at the total that the units chose, else an excusal is.
 */
#include "engine/uplift/dual.h"
#include "engine/uplift/search_node.h"

#include <math.h>

struct search {
	const struct model *m;
	struct dual dual;
	struct search_heap nodes;
	uint32_t *best_excused;
	double best_cost, best_row_cost[UPLIFT_RESOURCES_MAX];
	double closed_bound;   /* least bound of a node that was closed without being solved */
	bool has_gap;          /* closed a node without knowing whether it has answers */
	int64_t *low, *filled; /* scratch, n each */
};

/* --- answers ------------------------------------------------------------------------------ */

/* A bound from here on needs no more work. */
static double cutoff(const struct search *s)
{
	return s->best_cost * (1 - MAX(s->m->options->gap, 1e-9));
}

static bool fill(struct search *s, size_t k, const uint32_t *excused, struct row_fill *out)
{
	model_lows(s->m, k, excused, s->low);
	return row_fill(&s->m->rows[k], s->low, s->filled, out);
}

/* Cost of the excusals, row by row; rows that bind become active. HUGE_VAL: cannot be. */
static double evaluate(struct search *s, const uint32_t *excused, double *out_row_cost)
{
	double cost = 0;

	for (size_t k = 0; k < s->m->resource_count; k++) {
		struct row_fill f;
		if (!fill(s, k, excused, &f))
			return HUGE_VAL;
		if (f.rho > 0) {
			s->dual.active |= UINT32_C(1) << k;
			s->dual.rho_unit[k] = f.rho;
		}
		out_row_cost[k] = f.cost;
		cost += f.cost;
	}
	return cost;
}

static void keep(struct search *s, const uint32_t *excused, double cost, const double *row_cost)
{
	if (!(cost < s->best_cost))
		return;
	s->best_cost = cost;
	memcpy(s->best_excused, excused, s->m->unit_count * sizeof *excused);
	memcpy(s->best_row_cost, row_cost, s->m->resource_count * sizeof *row_cost);
}

/* Would unit i with this mask be better than in the best answer? Only changed rows are filled. */
static bool try_mask(struct search *s, size_t i, uint32_t mask)
{
	uint32_t was = s->best_excused[i];
	double row_cost[UPLIFT_RESOURCES_MAX], cost = s->best_cost;

	memcpy(row_cost, s->best_row_cost, sizeof row_cost);
	s->best_excused[i] = mask;
	for (uint32_t changed = was ^ mask; changed; changed &= changed - 1) {
		size_t k = (size_t)__builtin_ctz(changed);
		struct row_fill f;
		if (!fill(s, k, s->best_excused, &f)) {
			cost = HUGE_VAL;
			break;
		}
		cost += f.cost - row_cost[k];
		row_cost[k] = f.cost;
	}
	if (cost < s->best_cost * (1 - 1e-12)) {
		s->best_cost = cost;
		memcpy(s->best_row_cost, row_cost, sizeof row_cost);
		return true;
	}
	s->best_excused[i] = was;
	return false;
}

/* Exchange or add one excusal of unit i, where the Lagrangian hardly minds (HUGE_VAL: anywhere). */
static bool improve_unit(struct search *s, size_t i, double most_regret)
{
	uint32_t must = s->m->must[i], may = s->m->may[i];
	bool is_better = false;

	for (uint32_t in = may; in; in &= in - 1) {
		uint32_t add = in & -in, now = s->best_excused[i];
		bool is_full = __builtin_popcount(now) >= s->m->problem->excusals;

		if (now & add)
			continue;
		if (isfinite(most_regret) &&
			dual_regret(&s->dual, i, (size_t)__builtin_ctz(add)) > most_regret)
			continue;
		if (!is_full) {
			is_better |= try_mask(s, i, now | add);
			continue;
		}
		for (uint32_t out = now & ~must; out; out &= out - 1)
			if (try_mask(s, i, (now | add) & ~(out & -out))) {
				is_better = true;
				break;
			}
	}
	return is_better;
}

/* Changes of one unit's excusals as long as they help. */
static void improve(struct search *s, int rounds)
{
	bool is_better = isfinite(s->best_cost);

	for (; is_better && rounds > 0; rounds--) {
		double most = MAX(s->best_cost - s->dual.value, 1e-9 * s->best_cost);
		is_better = false;
		for (size_t i = 0; i < s->m->unit_count && !model_is_stopped(s->m); i++)
			if (s->m->may[i] != s->m->must[i])
				is_better |= improve_unit(s, i, most);
	}
}

/* Whoever may miss more than it does, misses more: that never costs more. Then single changes
 * until none helps, whatever the Lagrangian minds. */
static void finish_improving(struct search *s)
{
	bool is_better = isfinite(s->best_cost);

	while (is_better) {
		is_better = false;
		for (size_t i = 0; i < s->m->unit_count; i++)
			if (s->m->may[i] != s->m->must[i])
				is_better |= improve_unit(s, i, HUGE_VAL);
	}
}

/* --- bounds ------------------------------------------------------------------------------- */

/*
 * Ends of the totals: at least that of the loosest bounds filled; at most that of the tightest
 * (with one price), or what the best answer leaves for the row. False: no answer in this node.
 */
static bool tighten(struct search *s, struct search_node *n)
{
	const struct model *m = s->m;
	double least[UPLIFT_RESOURCES_MAX], low_total[UPLIFT_RESOURCES_MAX] = {0}, least_sum = 0;
	struct row_fill f;

	for (size_t k = 0; k < m->resource_count; k++) {
		const struct row *row = &m->rows[k];

		model_lows(m, k, n->may, s->low);
		n->from[k] = MAX(n->from[k], row_least_total(row, s->low, s->filled));
		if (isinf(n->from[k]))
			return false;
		for (size_t i = 0; i < m->unit_count; i++)
			low_total[k] += (double)s->low[i] * row->share[i];
		least[k] = MAX(m->cost_least[k] * (n->from[k] - m->stock_total[k]), 0);
		least_sum += least[k];
	}
	for (size_t k = 0; k < m->resource_count; k++) {
		double left = s->best_cost - (least_sum - least[k]);
		double most = m->stock_total[k] + left / m->cost_least[k];

		n->to[k] = MIN(n->to[k], most + 1e-9 * fabs(most) + 1);
		if (m->rows[k].is_uniform && s->dual.active >> k & 1 && fill(s, k, n->must, &f))
			n->to[k] = MIN(n->to[k], f.total * (1 + 1e-15));
		if (n->from[k] > n->to[k])
			return false;
		s->dual.room[k] = n->to[k] - low_total[k] * (1 - 1e-14);
	}
	return true;
}

static void enter(struct search *s, const struct search_node *n)
{
	struct dual *d = &s->dual;

	d->must = n->must;
	d->may = n->may;
	for (size_t k = 0; k < s->m->resource_count; k++) {
		d->from[k] = n->from[k];
		d->to[k] = n->to[k];
		d->rho[k] = n->rho[k];
		d->eta[k] = n->eta[k];
		if (d->active >> k & 1 && !(n->rho[k] > 0))
			d->rho[k] = d->rho_unit[k];
	}
}

/* Excusals that would lift the bound over the cutoff are decided; *open: how many are not. */
static void fix_by_regret(struct search *s, struct search_node *n, size_t *out_open)
{
	const struct dual *d = &s->dual;
	double most = cutoff(s) - d->value;

	*out_open = 0;
	for (size_t i = 0; i < s->m->unit_count; i++) {
		uint32_t open = n->may[i] & ~n->must[i];
		for (uint32_t rest = open; rest; rest &= rest - 1) {
			size_t k = (size_t)__builtin_ctz(rest);
			uint32_t bit = UINT32_C(1) << k;
			double regret = dual_regret(d, i, k);
			if (regret <= most)
				continue;
			if (d->excused[i] & bit)
				n->must[i] |= bit;
			else
				n->may[i] &= ~bit;
			s->closed_bound = MIN(s->closed_bound, d->value + regret);
		}
		if (open)
			model_settle(s->m, &n->must[i], &n->may[i]);
		*out_open += (size_t)__builtin_popcount(n->may[i] & ~n->must[i]);
	}
}

/* --- branching ---------------------------------------------------------------------------- */

/* Sums of whole steps are whole where nothing is shared (and doubles can tell). */
static bool has_whole_totals(const struct search *s, const struct search_node *n, size_t k)
{
	return !s->m->rows[k].shares && n->to[k] < 0x1p52;
}

/*
 * Where to cut the interval of row k, and what of the row's gap that would take away: between
 * its ends the secant is loose, and a total between two whole numbers costs at least the next.
 */
static double find_cut(
	const struct search *s, const struct search_node *n, size_t k, double *out_gain)
{
	const struct dual *d = &s->dual;
	const struct row *row = &s->m->rows[k];
	double l = n->from[k], u = n->to[k], cut = d->total[k], paid;

	*out_gain = 0;
	if (!(d->active >> k & 1) || u - l <= 1e-12 * u)
		return cut;
	if (!(cut > l && cut < u))
		cut = (l + u) / 2;
	*out_gain = d->rho[k] * row->k2 * (u - cut) * (cut - l);
	if (!has_whole_totals(s, n, k))
		return cut;
	cut = MIN(floor(cut), u - 1);
	if (!row->is_uniform)
		return cut;
	paid = s->m->stock_total[k] + d->row_value[k] / row->costs[0];
	if (paid > l && paid < u - 1e-6 && (ceil(paid) - paid) * row->costs[0] > *out_gain) {
		*out_gain = (ceil(paid) - paid) * row->costs[0];
		cut = floor(paid);
	}
	return cut;
}

static void branch_total(struct search *s, struct search_node *n, size_t k, double cut)
{
	struct search_node *above = search_node_new(&s->nodes, n);

	above->from[k] = has_whole_totals(s, n, k) ? cut + 1 : cut;
	n->to[k] = cut;
	search_node_push(&s->nodes, n);
	search_node_push(&s->nodes, above);
}

/* The open excusal that moves most and about which the Lagrangian is least sure. */
static void find_unsure(
	const struct search *s, const struct search_node *n, size_t *out_i, size_t *out_k)
{
	const struct model *m = s->m;
	double gap = isfinite(s->best_cost) ? s->best_cost - n->bound : n->bound, most = -1;

	for (size_t i = 0; i < m->unit_count; i++) {
		for (uint32_t open = n->may[i] & ~n->must[i]; open; open &= open - 1) {
			size_t k = (size_t)__builtin_ctz(open), at = i * m->resource_count + k;
			double size = m->cost[at] * (double)(m->need[at] - m->need_floor[at]);
			double score = size / (dual_regret(&s->dual, i, k) + 0.02 * gap + 1e-300);
			if (score > most) {
				most = score;
				*out_i = i;
				*out_k = k;
			}
		}
	}
}

static void branch_excusal(struct search *s, struct search_node *n)
{
	struct search_node *other = search_node_new(&s->nodes, n);
	size_t i = 0, k = 0;

	find_unsure(s, n, &i, &k);
	n->must[i] |= UINT32_C(1) << k;
	other->may[i] &= ~(UINT32_C(1) << k);
	model_settle(s->m, &n->must[i], &n->may[i]);
	model_settle(s->m, &other->must[i], &other->may[i]);
	search_node_push(&s->nodes, n);
	search_node_push(&s->nodes, other);
}

/* row_cost: of the excusals that the units chose, exact; the dual is evaluated. */
static void branch(struct search *s, struct search_node *n, const double *row_cost)
{
	size_t best = SIZE_MAX;
	double most = 0, best_cut = 0, worst = 0;

	for (size_t k = 0; k < s->m->resource_count; k++) {
		double gap = row_cost[k] - s->dual.row_value[k], gain;
		double cut = find_cut(s, n, k, &gain);

		worst = MAX(worst, gap);
		gain = MIN(gain, gap);
		if (gain > most) {
			most = gain;
			best = k;
			best_cut = cut;
		}
	}
	if (best != SIZE_MAX && most > 0.2 * worst)
		branch_total(s, n, best, best_cut);
	else
		branch_excusal(s, n);
}

static void close_node(struct search *s, struct search_node *n)
{
	s->closed_bound = MIN(s->closed_bound, n->bound);
	search_node_drop(&s->nodes, n);
}

/* A node in which there may be answers that the row fills do not find. */
static void give_up(struct search *s, struct search_node *n)
{
	s->has_gap = true;
	close_node(s, n);
}

/* Nothing is left to decide; rows that are not uniform may leave a gap to their bound. */
static void finish_leaf(struct search *s, struct search_node *n)
{
	double row_cost[UPLIFT_RESOURCES_MAX], cost = 0, bound = 0;

	for (size_t k = 0; k < s->m->resource_count; k++) {
		struct row_fill f;
		if (!fill(s, k, n->must, &f)) {
			if (s->m->rows[k].is_uniform) /* then there is none, proven */
				search_node_drop(&s->nodes, n);
			else
				give_up(s, n);
			return;
		}
		row_polish(&s->m->rows[k], s->low, s->filled, &f);
		row_close(&s->m->rows[k], s->low, s->filled, &f);
		row_cost[k] = f.cost;
		cost += f.cost;
		bound += f.bound;
	}
	keep(s, n->must, cost, row_cost);
	n->bound = MAX(n->bound, bound);
	close_node(s, n);
}

/*
 * Whole pieces whose shares differ leave a gap in their row that no choice of excusals closes. So
 * try the bound again with the row at what it costs by itself when all is excused that may be,
 * and the others without it.
 */
static void bound_apart(struct search *s, struct search_node *n, int rounds, const double *row_cost)
{
	struct dual *d = &s->dual;
	double most = 0.3 * (s->best_cost - n->bound); /* of one step, too: fine rows close */
	uint32_t active = d->active;
	size_t worst = SIZE_MAX;
	struct row_fill f;

	for (size_t k = 0; k < s->m->resource_count; k++)
		if (!s->m->rows[k].is_uniform && s->m->rows[k].costs[0] > most &&
			row_cost[k] - d->row_value[k] > most) {
			most = row_cost[k] - d->row_value[k];
			worst = k;
		}
	if (worst == SIZE_MAX || !fill(s, worst, n->may, &f))
		return;
	d->fixed = UINT32_C(1) << worst;
	d->fixed_value[worst] = f.bound;
	d->active &= ~d->fixed;
	dual_ascend(d, rounds, cutoff(s));
	n->bound = MAX(n->bound, d->value);
	d->fixed = 0;
	d->active = active;
	enter(s, n);
	dual_evaluate(d);
}

/*
 * Raise the bound and evaluate what the units chose, again when that shows a row to bind that was
 * thought slack. False: nothing is left to find in the node.
 */
static bool bound_node(
	struct search *s, struct search_node *n, int rounds, double *out_row_cost, double *out_cost)
{
	struct dual *d = &s->dual;
	uint32_t active;

	do {
		active = d->active;
		enter(s, n);
		dual_ascend(d, rounds, cutoff(s));
		n->bound = MAX(n->bound, d->value);
		memcpy(n->rho, d->rho, sizeof n->rho);
		memcpy(n->eta, d->eta, sizeof n->eta);
		if (n->bound >= cutoff(s))
			return false;
		*out_cost = evaluate(s, d->excused, out_row_cost);
		keep(s, d->excused, *out_cost, out_row_cost);
	} while (d->active != active);
	if (isfinite(*out_cost))
		bound_apart(s, n, rounds / 2, out_row_cost);
	return true;
}

/* Bound the node, look for answers in it, and close it or put it back in two parts. */
static void process(struct search *s, struct search_node *n, bool is_root)
{
	double row_cost[UPLIFT_RESOURCES_MAX], before = s->best_cost, cost;
	size_t open;

	if (!tighten(s, n)) {
		search_node_drop(&s->nodes, n);
		return;
	}
	if (!bound_node(s, n, is_root ? 600 : 120, row_cost, &cost)) {
		close_node(s, n);
		return;
	}
	if (is_root || s->best_cost < before)
		improve(s, is_root ? 4 : 1);
	if (n->bound >= cutoff(s)) {
		close_node(s, n);
		return;
	}
	fix_by_regret(s, n, &open);
	if (!open) {
		finish_leaf(s, n);
		return;
	}
	if (isinf(cost))
		branch_excusal(s, n);
	else
		branch(s, n, row_cost);
}

static void search_init(struct search *s, const struct model *m, struct arena *mem)
{
	size_t count = m->unit_count;

	*s = (struct search){.m = m,
		.nodes = {.m = m, .mem = mem},
		.best_cost = HUGE_VAL,
		.closed_bound = HUGE_VAL};
	dual_init(&s->dual, m, mem);
	s->best_excused = arena_array(mem, uint32_t, count);
	s->low = arena_array(mem, int64_t, count);
	s->filled = arena_array(mem, int64_t, count);
	for (size_t k = 0; k < m->resource_count; k++) {
		double mean = 0;
		for (size_t i = 0; i < count; i++)
			mean += m->rows[k].costs[i] / (double)count;
		s->dual.eta_unit[k] = mean;
		s->dual.rho_unit[k] = mean / MAX(m->stock_total[k], 1);
	}
}

/* First answers: excuse nobody, and everybody in all that is open as far as it goes. */
static void first_answers(struct search *s)
{
	double row_cost[UPLIFT_RESOURCES_MAX], cost;

	/* Rows that bind even with everything excused are active from the start. */
	(void)evaluate(s, s->m->may, row_cost);
	cost = evaluate(s, s->m->must, row_cost);
	keep(s, s->m->must, cost, row_cost);
}

void search_run(const struct model *m, struct arena *mem, struct search_result *out)
{
	struct search s;
	struct search_node *root;
	double open_bound = HUGE_VAL;

	search_init(&s, m, mem);
	first_answers(&s);
	root = search_node_new(&s.nodes, NULL);
	process(&s, root, true);
	while (s.nodes.list.count) {
		struct search_node *n;
		bool is_limit =
			m->options->node_limit && s.nodes.node_count >= m->options->node_limit;
		if (s.nodes.list.items[0]->bound >= cutoff(&s) || is_limit || model_is_stopped(m))
			break;
		n = search_node_pop(&s.nodes);
		process(&s, n, false);
	}
	if (s.nodes.list.count)
		open_bound = s.nodes.list.items[0]->bound;
	finish_improving(&s);
	*out = (struct search_result){
		.excused = isfinite(s.best_cost) ? s.best_excused : NULL,
		.cost = s.best_cost,
		.bound = MIN(MIN(open_bound, s.closed_bound), s.best_cost),
		.nodes = s.nodes.node_count,
		.is_exhausted = s.nodes.list.count == 0 && !s.has_gap,
	};
}
