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

/* Mass per weight of unit i for norm and lambda, clipped. */
static double value_at(
	const struct row *row, const int64_t *low, size_t i, double norm, double lambda)
{
	double price = row->costs[i] / row->share[i];
	double x = norm * (sqrt(row->k2) - price / lambda) / (double)row->weight_total;

	x = MIN(x, (double)row->uppers[i] * row->value[i]);
	return MAX(x, (double)low[i] * row->value[i]);
}

/* sqrt(P sum m^2/P_i) of the clipped values; *out_free: the part of its square that grows with
 * norm^2. */
static double norm_of(const struct row *row, const int64_t *low, double norm, double lambda,
	double *out_total, double *out_free)
{
	double fixed = 0, free_share = 0, total = 0;

	for (size_t i = 0; i < row->n; i++) {
		double w = (double)row->weights[i], bottom = (double)low[i] * row->value[i];
		double top = (double)row->uppers[i] * row->value[i];
		double x = value_at(row, low, i, norm, lambda);

		total += w * x;
		if (x > bottom && x < top)
			free_share += w * x * x;
		else
			fixed += w * x * x;
	}
	*out_total = total;
	*out_free = free_share * (double)row->weight_total;
	return sqrt((double)row->weight_total * (fixed + free_share));
}

/* The fixed point; *out_total is M there. HUGE_VAL: the norm grows without end. */
static double fixed_norm(
	const struct row *row, const int64_t *low, double lambda, double *out_total)
{
	double lo = 0, hi = HUGE_VAL, norm = 0, free_square;

	for (size_t i = 0; i < row->n; i++)
		norm += (double)low[i] * row->share[i];
	norm = MAX(norm, 1);
	for (int round = 0; round < 200; round++) {
		double got = norm_of(row, low, norm, lambda, out_total, &free_square);
		double share = free_square / (norm * norm);
		double guess = share < 1 ? sqrt((got * got - free_square) / (1 - share)) : -1;

		if (fabs(got - norm) <= 1e-14 * norm)
			return norm;
		if (got > norm)
			lo = norm;
		else
			hi = norm;
		if (isfinite(hi) && hi - lo <= 1e-15 * hi)
			return norm;
		if (norm > 1e30)
			return HUGE_VAL;
		if (guess > lo && guess < hi && round % 3 != 2)
			norm = guess;
		else
			norm = isinf(hi) ? 4 * norm : (lo + hi) / 2;
	}
	return norm;
}

/* Lambda of the real optimum, from below: its point is a hair outside the limit. */
static double find_lambda(const struct row *row, const int64_t *low)
{
	double lo = 0, hi = 0, norm, total, kappa = sqrt(row->k2);

	for (size_t i = 0; i < row->n; i++)
		hi = MAX(hi, row->costs[i] / row->share[i]);
	for (int round = 0; round < 60; round++, hi *= 2) {
		norm = fixed_norm(row, low, hi, &total);
		if (isinf(norm) || norm <= kappa * total)
			break;
		lo = hi;
	}
	for (int round = 0; round < 60 && hi - lo > 1e-13 * hi; round++) {
		double lambda = (lo + hi) / 2;
		norm = fixed_norm(row, low, lambda, &total);
		if (isinf(norm) || norm <= kappa * total)
			hi = lambda;
		else
			lo = lambda;
	}
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

bool row_fill_priced(
	const struct row *row, const int64_t *low, int64_t *out_r, struct row_fill *out)
{
	double lambda = find_lambda(row, low), total, norm, real_cost = 0, value = 0;
	struct row_walk walk;

	norm = fixed_norm(row, low, lambda, &total);
	for (size_t i = 0; i < row->n; i++) {
		double x = value_at(row, low, i, norm, lambda);
		double r = nearbyint(x / row->value[i]);
		out_r[i] = MAX(low[i], MIN(row->uppers[i], (int64_t)r));
		out->level = MAX(out->level, r > (double)low[i] ? x : 0);
		real_cost += row->costs[i] * (x / row->value[i] - (double)row->stocks[i]);
		value += row->costs[i] * (x / row->value[i]);
	}
	row_walk_start(&walk, row, out_r);
	if (!repair(&walk)) { /* begin where the CV is least */
		(void)row_least_cv(row, low, out_r);
		row_walk_start(&walk, row, out_r);
		if (!repair(&walk))
			return false;
	}
	trim(&walk, low);
	out->total = (double)walk.total;
	out->rho = lambda / (2 * norm);
	out->bound = bound_of(row, real_cost, 1e-11 * value);
	return true;
}
