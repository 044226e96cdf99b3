/*
 * One resource whose price or share differs by unit. With c_i the price of a unit of mass, N =
 * sqrt(P sum m^2/P_i) and the multiplier lambda of N <= kappa M, in the real optimum every unit
 * between its bounds stands at
 *     m_i / P_i = N (kappa - c_i / lambda) / P.
 * For a given lambda, N is the one fixed point of the norm of the clipped values (their norm over
 * N only falls with N); lambda is where N - kappa M, which only falls with lambda, is zero.
 * Then the reals are rounded, steps repair the limit, and what is spare is taken back.
 */
#include "engine/uplift/row.h"

#include <math.h>

/* The row as the real optimum sees it, per unit of mass. */
struct real_row {
	size_t n;
	double kappa, weight_total, start; /* start: sum of masses at the bottoms */
	double *weight, *price, *bottom, *top, price_max;
};

static void real_row_init(
	struct real_row *q, const struct row *row, const int64_t *low, struct arena *mem)
{
	*q = (struct real_row){.n = row->n,
		.kappa = sqrt(row->k2),
		.weight_total = (double)row->weight_total,
		.weight = arena_array(mem, double, row->n),
		.price = arena_array(mem, double, row->n),
		.bottom = arena_array(mem, double, row->n),
		.top = arena_array(mem, double, row->n)};
	for (size_t i = 0; i < row->n; i++) {
		q->weight[i] = (double)row->weights[i];
		q->price[i] = row->costs[i] / row->share[i];
		q->bottom[i] = (double)low[i] * row->value[i];
		q->top[i] = (double)row->uppers[i] * row->value[i];
		q->start += q->weight[i] * q->bottom[i];
		q->price_max = MAX(q->price_max, q->price[i]);
	}
}

/* Mass per weight of unit i for norm and 1 / lambda, clipped. */
static double value_at(const struct real_row *q, size_t i, double norm, double inverse)
{
	double x = norm / q->weight_total * (q->kappa - q->price[i] * inverse);

	return MAX(MIN(x, q->top[i]), q->bottom[i]);
}

/* sqrt(P sum m^2/P_i) of the clipped values; *out_free: the part of its square that grows with
 * norm^2. */
static double norm_of(
	const struct real_row *q, double norm, double inverse, double *out_total, double *out_free)
{
	double all = 0, free_share = 0, total = 0;

	for (size_t i = 0; i < q->n; i++) {
		double x = value_at(q, i, norm, inverse), mass = q->weight[i] * x;

		total += mass;
		all += mass * x;
		free_share += x > q->bottom[i] && x < q->top[i] ? mass * x : 0;
	}
	*out_total = total;
	*out_free = free_share * q->weight_total;
	return sqrt(q->weight_total * all);
}

/* The fixed point, looked for from *norm on and left there; *out_total is M there. INFINITY: the
 * norm grows without end. */
static void find_norm(const struct real_row *q, double lambda, double *norm, double *out_total)
{
	double lo = 0, hi = HUGE_VAL, free_square;

	for (int round = 0; round < 200; round++) {
		double got = norm_of(q, *norm, 1 / lambda, out_total, &free_square);
		double share = free_square / (*norm * *norm);
		double guess = share < 1 ? sqrt((got * got - free_square) / (1 - share)) : -1;

		if (fabs(got - *norm) <= 1e-14 * *norm)
			return;
		if (got > *norm)
			lo = *norm;
		else
			hi = *norm;
		if (isfinite(hi) && hi - lo <= 1e-15 * hi)
			return;
		if (*norm > 1e30) {
			*norm = HUGE_VAL;
			return;
		}
		if (guess > lo && guess < hi && round % 3 != 2)
			*norm = guess;
		else
			*norm = isinf(hi) ? 4 * *norm : (lo + hi) / 2;
	}
}

/* N - kappa M over N at lambda: falls with lambda, 0 at the optimum; -1 where N is without end. */
static double miss_at(const struct real_row *q, double lambda, double *norm)
{
	double total;

	if (!isfinite(*norm))
		*norm = MAX(q->start, 1);
	find_norm(q, lambda, norm, &total);
	return isinf(*norm) ? -1 : 1 - q->kappa * total / *norm;
}

/* Lambda of the real optimum, from below: its point is a hair outside the limit. */
static double find_lambda(const struct real_row *q, double *norm)
{
	double lo = 0, hi = q->price_max, at_lo = 1, at_hi = -1;

	*norm = MAX(q->start, 1);
	for (int round = 0; round < 60; round++, hi *= 2) {
		at_hi = miss_at(q, hi, norm);
		if (at_hi <= 0)
			break;
		lo = hi;
		at_lo = at_hi;
	}
	for (int round = 0; round < 80 && hi - lo > 1e-13 * hi; round++) {
		double middle = (lo + hi) / 2, miss;
		double lambda = lo + (hi - lo) * at_lo / (at_lo - at_hi);

		/* The chord, but now and then the middle, as the curve bends. */
		if (round % 3 == 2 || !(lambda > lo && lambda < hi))
			lambda = middle;
		miss = miss_at(q, lambda, norm);
		if (miss <= 0) {
			hi = lambda;
			at_hi = miss;
		} else {
			lo = lambda;
			at_lo = miss;
		}
		if (miss > 0 && miss < 1e-14)
			break;
	}
	(void)miss_at(q, lo, norm);
	return lo;
}

/* What `by` more at i adds to P sum m^2/P_i - k2 M^2. */
static double step_excess(const struct row_walk *walk, size_t i, int64_t by)
{
	const struct row *row = walk->row;
	double d = (double)by * row->share[i];
	double squares = d * (2 * (double)walk->r[i] + (double)by) * row->value[i];

	return (double)row->weight_total * squares - row->k2 * d * (2 * (double)walk->total + d);
}

/* Raise where it has most effect for the money until the limit is kept, in ever longer steps:
 * trim takes back what was too much. */
static bool repair(struct row_walk *walk)
{
	const struct row *row = walk->row;

	for (int64_t by = 1; !row_walk_is_within(walk); by += MAX(by / 8, walk->steps % 8 == 0)) {
		size_t best = SIZE_MAX;
		double most = 0;

		for (size_t i = 0; i < row->n; i++) {
			double effect = -step_excess(walk, i, 1) / row->costs[i];
			if (walk->r[i] < row->uppers[i] && effect > most) {
				most = effect;
				best = i;
			}
		}
		if (best == SIZE_MAX)
			return false;
		row_walk_step(walk, best, MIN(by, row->uppers[best] - walk->r[best]));
	}
	return true;
}

static bool is_within_after(struct row_walk *walk, size_t i, int64_t by)
{
	bool is_within;

	row_walk_step(walk, i, by);
	is_within = row_walk_is_within(walk);
	row_walk_step(walk, i, -by);
	return is_within;
}

/* Take back at one unit as much as the limit allows. */
static bool trim_unit(struct row_walk *walk, const int64_t *low, size_t i)
{
	int64_t lo = 0, hi = walk->r[i] - low[i];

	if (hi == 0)
		return false;
	if (is_within_after(walk, i, -hi))
		lo = hi;
	else if (!is_within_after(walk, i, -1))
		return false;
	while (lo < hi) { /* what can be taken back is an interval from 0 */
		int64_t mid = lo + (hi - lo + 1) / 2;
		if (is_within_after(walk, i, -mid))
			lo = mid;
		else
			hi = mid - 1;
	}
	row_walk_step(walk, i, -lo);
	return lo > 0;
}

/* The dearest first. */
static void trim(struct row_walk *walk, const int64_t *low)
{
	const struct row *row = walk->row;
	bool is_changed = true;

	for (int round = 0; is_changed && round < 20; round++) {
		double ceiling = HUGE_VAL, next;

		is_changed = false;
		do { /* units of one price after the other, downwards */
			next = -1;
			for (size_t i = 0; i < row->n; i++) {
				if (row->costs[i] < ceiling)
					next = MAX(next, row->costs[i]);
			}
			for (size_t i = 0; i < row->n && next >= 0; i++)
				if (row->costs[i] >= next && row->costs[i] < ceiling)
					is_changed |= trim_unit(walk, low, i);
			ceiling = next;
		} while (next >= 0);
	}
}

/* One step at i and, if j is not i, one at j exchanged for one elsewhere that costs less. */
static bool exchange(struct row_walk *walk, const int64_t *low, size_t i, size_t j)
{
	const struct row *row = walk->row;
	double freed = row->costs[i] + (j != i ? row->costs[j] : 0), most = 0;
	size_t best = SIZE_MAX;

	if (walk->r[i] <= low[i] || walk->r[j] <= low[j])
		return false;
	row_walk_step(walk, i, -1);
	if (j != i)
		row_walk_step(walk, j, -1);
	for (size_t k = 0; k < row->n; k++) {
		double effect = -step_excess(walk, k, 1);
		if (k == i || k == j || row->costs[k] >= freed * (1 - 1e-12) ||
			walk->r[k] >= row->uppers[k] || effect <= most)
			continue;
		most = effect;
		best = k;
	}
	if (best != SIZE_MAX) {
		row_walk_step(walk, best, 1);
		if (row_walk_is_within(walk))
			return true;
		row_walk_step(walk, best, -1);
	}
	row_walk_step(walk, i, 1);
	if (j != i)
		row_walk_step(walk, j, 1);
	return false;
}

/* Pairs are n^2, each looked at in n: for rows up to this many units. */
#define POLISH_PAIRS_MAX 400

void row_polish(const struct row *row, const int64_t *low, int64_t *r, struct row_fill *out)
{
	struct row_walk walk;
	bool is_changed = !row->is_uniform && out->rho > 0;

	for (int round = 0; is_changed && round < 10; round++) {
		row_walk_start(&walk, row, r);
		is_changed = false;
		for (size_t i = 0; i < row->n; i++) {
			size_t last = row->n <= POLISH_PAIRS_MAX ? row->n : i + 1;
			if (r[i] <= low[i])
				continue;
			for (size_t j = i; j < last; j++)
				is_changed |= exchange(&walk, low, i, j);
		}
		trim(&walk, low);
	}
	out->cost = row_cost(row, r);
}

/* The real optimum, which errs by `slack`, is a bound; if every step costs the same, so is the next
 * whole number of them. */
static double bound_of(const struct row *row, double real_cost, double slack)
{
	double bound = MAX(real_cost - slack, 0), c = row->costs[0];

	for (size_t i = 1; i < row->n; i++)
		if (row->costs[i] < c || row->costs[i] > c)
			return bound;
	return ceil(bound / c - 1e-7) * c;
}

void row_relax(const struct row *row, const int64_t *low, double *out_x, struct row_fill *out)
{
	struct arena *scratch = arena_create();
	double lambda, norm, cost = 0, value = 0;
	struct real_row q;

	real_row_init(&q, row, low, scratch);
	lambda = find_lambda(&q, &norm);
	*out = (struct row_fill){.rho = lambda / (2 * norm)};
	for (size_t i = 0; i < row->n; i++) {
		double x = value_at(&q, i, norm, 1 / lambda);
		out_x[i] = x / row->value[i];
		if (out_x[i] > (double)low[i] + 0.5)
			out->level = MAX(out->level, x);
		cost += row->costs[i] * (out_x[i] - (double)row->stocks[i]);
		value += row->costs[i] * out_x[i];
	}
	out->bound = bound_of(row, cost, 1e-11 * value);
	arena_free(scratch);
}

static bool round_and_repair(const struct row *row, const int64_t *low, const double *x,
	struct row_walk *walk, int64_t *r)
{
	for (size_t i = 0; i < row->n; i++)
		r[i] = MAX(low[i], MIN(row->uppers[i], (int64_t)nearbyint(x[i])));
	row_walk_start(walk, row, r);
	if (repair(walk))
		return true;
	(void)row_least_cv(row, low, r); /* begin where the CV is least */
	row_walk_start(walk, row, r);
	return repair(walk);
}

bool row_fill_priced(
	const struct row *row, const int64_t *low, int64_t *out_r, struct row_fill *out)
{
	struct arena *scratch = arena_create();
	double *x = arena_array(scratch, double, row->n);
	struct row_walk walk;
	bool is_found;

	row_relax(row, low, x, out);
	is_found = round_and_repair(row, low, x, &walk, out_r);
	arena_free(scratch);
	if (!is_found)
		return false;
	trim(&walk, low);
	out->total = (double)walk.total;
	return true;
}
