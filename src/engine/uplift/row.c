/*
 * Water-filling and the greedy for one resource (Theorems 1 and 2 in uplift.c).
 *
 * With one price the cheapest real stocks raise everybody below a common level t to t, and t is
 * the first root of a quadratic on the segment between two neighbouring bounds. The cheapest
 * integers are found on the chain of greedy points: the least sum of r^2/P_i for each total M is
 * reached by always giving the next step to the smallest (2r+1)/P_i. No total below that of the
 * real optimum can do, so the walk starts there and ends, a few steps on, at the first point
 * within the limit.
 *
 * Long double sums decide unless they are too close to call; then integers of any size do.
 */
#include "engine/uplift/row.h"

#include "base/big.h"

#include <math.h>

#define MICRO 1000000

/* --- is a point within the limit ---------------------------------------------------------- */

struct ratio {
	struct big num, den;
};

/* The mass of r[i], or its square over P_i. */
static struct ratio term(
	struct arena *mem, const struct row *row, const int64_t *r, size_t i, bool is_square)
{
	struct uplift_share share = row->shares ? row->shares[i] : (struct uplift_share){1, 1};
	u128 mass = (u128)r[i] * (u128)share.num;
	struct ratio t = {big_from_u128(mem, mass), big_from_u128(mem, (u128)share.den)};

	if (is_square) {
		big_mul_u128(&t.num, mass);
		big_mul_u128(&t.den, (u128)share.den * (u128)row->weights[i]);
	}
	return t;
}

/* Halves first, so that numbers grow late. */
static struct ratio sum_terms(struct arena *mem, const struct row *row, const int64_t *r,
	size_t from, size_t count, bool is_square)
{
	struct ratio a, b;

	if (count == 1)
		return term(mem, row, r, from, is_square);
	a = sum_terms(mem, row, r, from, count / 2, is_square);
	b = sum_terms(mem, row, r, from + count / 2, count - count / 2, is_square);
	if (big_cmp(&a.den, &b.den) != 0) {
		big_mul(&a.num, &b.den);
		big_mul(&b.num, &a.den);
		big_mul(&a.den, &b.den);
	}
	big_add(&a.num, &b.num);
	return a;
}

static bool is_within_exact(const struct row *row, const int64_t *r)
{
	struct arena *mem = arena_create();
	struct ratio squares = sum_terms(mem, row, r, 0, row->n, true);
	struct ratio total = sum_terms(mem, row, r, 0, row->n, false);
	u128 limit = (u128)row->limit_micro;
	bool is_within;

	/* P S 10^12 / s <= (10^12 + limit^2) T^2 / t^2 */
	big_mul_u128(&squares.num, (u128)row->weight_total);
	big_mul_u128(&squares.num, (u128)MICRO * MICRO);
	big_mul(&squares.num, &total.den);
	big_mul(&squares.num, &total.den);
	big_mul_u128(&squares.den, (u128)MICRO * MICRO + limit * limit);
	big_mul(&squares.den, &total.num);
	big_mul(&squares.den, &total.num);
	is_within = big_cmp(&squares.num, &squares.den) <= 0;
	arena_free(mem);
	return is_within;
}

static void sum_row(
	const struct row *row, const int64_t *r, long double *out_total, long double *out_squares)
{
	long double total = 0, squares = 0;

	for (size_t i = 0; i < row->n; i++) {
		long double mass = (long double)r[i] * row->share_long[i];
		total += mass;
		squares += mass * mass * row->inverse[i];
	}
	*out_total = total;
	*out_squares = squares;
}

/* `operations` counts those that total and squares may have been rounded in. */
static bool is_within(const struct row *row, const int64_t *r, long double total,
	long double squares, size_t operations)
{
	long double limit = (long double)row->limit_micro / MICRO;
	long double left = (long double)row->weight_total * squares;
	long double right = (1 + limit * limit) * total * total;
	/* Each operation errs by at most 2^-64 of a number no greater than left or right. */
	long double error = (left + right) * (long double)(operations + 16) * 0x1p-63L;

	if (row->limit_micro == 0)
		return true;
	if (left - right > error)
		return false;
	if (right - left > error)
		return true;
	return is_within_exact(row, r);
}

void row_walk_start(struct row_walk *walk, const struct row *row, int64_t *r)
{
	*walk = (struct row_walk){.row = row, .r = r};
	sum_row(row, r, &walk->total, &walk->squares);
}

void row_walk_step(struct row_walk *walk, size_t i, int64_t by)
{
	const struct row *row = walk->row;
	long double share = row->share_long[i];
	long double change = (long double)(2 * walk->r[i] + by) * (long double)by;

	walk->squares += change * share * share * row->inverse[i];
	walk->total += (long double)by * share;
	walk->r[i] += by;
	walk->steps++;
}

bool row_walk_is_within(const struct row_walk *walk)
{
	return is_within(
		walk->row, walk->r, walk->total, walk->squares, 3 * walk->row->n + 6 * walk->steps);
}

bool row_is_within(const struct row *row, const int64_t *r)
{
	long double total, squares;

	sum_row(row, r, &total, &squares);
	return is_within(row, r, total, squares, 3 * row->n);
}

double row_cv(const struct row *row, const int64_t *r)
{
	double total = 0, spread = 0, mean;

	for (size_t i = 0; i < row->n; i++)
		total += (double)r[i] * row->share[i];
	mean = total / (double)row->weight_total;
	for (size_t i = 0; i < row->n; i++) {
		double x = (double)r[i] * row->value[i] - mean;
		spread += (double)row->weights[i] * x * x;
	}
	return total > 0 ? sqrt(spread / (double)row->weight_total) / mean : 0;
}

double row_cost(const struct row *row, const int64_t *r)
{
	double cost = 0;
	int64_t raised = 0;

	for (size_t i = 0; i < row->n; i++) {
		raised += r[i] - row->stocks[i];
		cost += row->costs[i] * (double)(r[i] - row->stocks[i]);
	}
	return row->is_uniform ? row->costs[0] * (double)raised : cost;
}

/* --- the level ---------------------------------------------------------------------------- */

/* What the level t makes of the units: those at t (weight s0), the rest at a bound (s1, s2). */
struct segment {
	double s0, s1, s2;
	double from, to; /* the same units are at the level for every t in from..to */
};

static struct segment segment_at(const struct row *row, const int64_t *low, double t)
{
	struct segment s = {.to = HUGE_VAL};

	for (size_t i = 0; i < row->n; i++) {
		double bottom = (double)low[i] * row->value[i];
		double top = (double)row->uppers[i] * row->value[i];

		if (bottom >= t || top <= t) {
			double edge = bottom >= t ? bottom : top;
			double mass = edge * (double)row->weights[i];

			s.s1 += mass;
			s.s2 += mass * edge;
			if (bottom >= t)
				s.to = MIN(s.to, edge);
			else
				s.from = MAX(s.from, edge);
		} else {
			s.s0 += (double)row->weights[i];
			s.from = MAX(s.from, bottom);
			s.to = MIN(s.to, top);
		}
	}
	return s;
}

/* First root of P (s0 t^2 + s2) = k2 (s0 t + s1)^2; negative when there is none. */
static double segment_root(const struct row *row, const struct segment *s)
{
	double total = (double)row->weight_total;
	double a = total * s->s0 - row->k2 * s->s0 * s->s0;
	double b = row->k2 * s->s0 * s->s1;
	double c = total * s->s2 - row->k2 * s->s1 * s->s1;
	double d = b * b - a * c;

	return d < 0 || b + sqrt(d) <= 0 ? -1 : c / (b + sqrt(d));
}

/*
 * The least level within the limit, to machine precision, or the level of the least CV when no
 * level is. In t, sqrt(P sum r^2/P_i) - kappa sum r is first falling, then rising (it is convex
 * in sum r), so its sign and slope tell on which side of t the answer lies.
 */
static double find_level(const struct row *row, const int64_t *low)
{
	double lo = 0, hi = HUGE_VAL, t = 0;
	double total = (double)row->weight_total;

	for (size_t i = 0; i < row->n; i++)
		t += (double)low[i] * row->share[i] / total / 2;
	for (int round = 0; round < 200; round++) {
		struct segment s = segment_at(row, low, t);
		double m = s.s0 * t + s.s1, q = s.s0 * t * t + s.s2;
		double root = segment_root(row, &s);

		if (root >= s.from && root <= s.to && root > 0)
			return root;
		if (total * q <= row->k2 * m * m || total * t * t >= row->k2 * q)
			hi = t;
		else
			lo = t;
		/* The root of this segment is a good guess for the next; halving makes sure. */
		if (root > lo && root < hi && round % 3 != 2)
			t = root;
		else
			t = isinf(hi) ? 2 * lo + 1e-9 : (lo + hi) / 2;
		if (isfinite(hi) && hi - lo <= 1e-15 * hi)
			return hi;
	}
	return hi;
}

/* --- the greedy --------------------------------------------------------------------------- */

/* One step up where it adds least to the squares; false when all are at their uppers. */
static bool step_up(struct row_walk *walk)
{
	const struct row *row = walk->row;
	size_t best = SIZE_MAX;
	double least = HUGE_VAL;

	for (size_t i = 0; i < row->n; i++) {
		double adds;
		if (walk->r[i] >= row->uppers[i])
			continue;
		adds = (double)(2 * walk->r[i] + 1) / (double)row->weights[i];
		if (adds < least) {
			least = adds;
			best = i;
		}
	}
	if (best == SIZE_MAX)
		return false;
	row_walk_step(walk, best, 1);
	return true;
}

/* The step before on the greedy's chain; false at its beginning. */
static bool step_down(struct row_walk *walk, const int64_t *low)
{
	const struct row *row = walk->row;
	size_t best = SIZE_MAX;
	double most = -1;

	for (size_t i = 0; i < row->n; i++) {
		double saves;
		if (walk->r[i] <= low[i])
			continue;
		saves = (double)(2 * walk->r[i] - 1) / (double)row->weights[i];
		if (saves >= most) {
			most = saves;
			best = i;
		}
	}
	if (best == SIZE_MAX)
		return false;
	row_walk_step(walk, best, -1);
	return true;
}

/* The greedy's point for the level: in a uniform row rounding to the nearest is on its chain. */
static void round_to_level(const struct row *row, const int64_t *low, double level, int64_t *out_r)
{
	for (size_t i = 0; i < row->n; i++) {
		double r = ceil(level / row->value[i] - 0.5);
		out_r[i] = r <= (double)low[i]           ? low[i]
			   : r >= (double)row->uppers[i] ? row->uppers[i]
							 : (int64_t)r;
	}
}

static bool fill_uniform(
	const struct row *row, const int64_t *low, int64_t *out_r, struct row_fill *out)
{
	double level = find_level(row, low);
	struct segment s = segment_at(row, low, level);
	double total = s.s0 * level + s.s1;
	double start = ceil(total - 1e-12 * total - 1e-6); /* less is out of reach */
	struct row_walk walk;

	round_to_level(row, low, level, out_r);
	row_walk_start(&walk, row, out_r);
	while ((double)walk.total > start || row_walk_is_within(&walk))
		if (!step_down(&walk, low))
			break;
	while (!row_walk_is_within(&walk))
		if (!step_up(&walk))
			return false;
	out->total = (double)walk.total;
	out->level = level;
	/* c + 2 rho (P t - k2 M) = 0 for the units at the level */
	out->rho = row->costs[0] /
		   (2 * MAX(row->k2 * total - (double)row->weight_total * level, 1e-9 * total));
	return true;
}

/* For doubles whose CV may be that of the limit itself. */
static double limit_with_slack(const struct row *row)
{
	return (double)row->limit_micro / MICRO * (1 + 1e-9);
}

double row_least_cv(const struct row *row, const int64_t *low, int64_t *out_r)
{
	double lo = 0, hi = 1, t = 0;
	struct segment s;

	for (size_t i = 0; i < row->n; i++)
		hi = MAX(hi, (double)row->uppers[i] * row->value[i]);
	/* d(Q/M^2)/dt = 0 where t M = Q; t M - Q grows with t. */
	for (int round = 0; round < 200 && hi - lo > 1e-15 * hi; round++) {
		t = (lo + hi) / 2;
		s = segment_at(row, low, t);
		if (t * (s.s0 * t + s.s1) < s.s0 * t * t + s.s2)
			lo = t;
		else
			hi = t;
	}
	s = segment_at(row, low, hi);
	if (out_r)
		round_to_level(row, low, hi, out_r);
	t = (double)row->weight_total * (s.s0 * hi * hi + s.s2) /
	    ((s.s0 * hi + s.s1) * (s.s0 * hi + s.s1));
	return sqrt(MAX(t - 1, 0));
}

bool row_fill(const struct row *row, const int64_t *low, int64_t *out_r, struct row_fill *out)
{
	memcpy(out_r, low, row->n * sizeof *low);
	*out = (struct row_fill){0};
	if (!row_is_within(row, out_r)) {
		if (row_least_cv(row, low, NULL) > limit_with_slack(row))
			return false;
		if (!(row->is_uniform ? fill_uniform : row_fill_priced)(row, low, out_r, out))
			return false;
	} else {
		for (size_t i = 0; i < row->n; i++)
			out->total += (double)out_r[i] * row->share[i];
	}
	out->cost = row_cost(row, out_r);
	if (row->is_uniform || !(out->rho > 0))
		out->bound = out->cost;
	return true;
}

/* A sum of masses as a lower bound: whole ones are exact up to 2^53. */
static double floor_total(const struct row *row, double total)
{
	return row->shares || total > 0x1p52 ? total * (1 - 1e-14) : total;
}

double row_least_total(const struct row *row, const int64_t *low, int64_t *scratch)
{
	struct row_fill fill;
	double level, total;
	struct segment s;

	if (row->is_uniform || row_is_within(row, low))
		return row_fill(row, low, scratch, &fill) ? floor_total(row, fill.total) : HUGE_VAL;
	if (row_least_cv(row, low, NULL) > limit_with_slack(row))
		return HUGE_VAL;
	level = find_level(row, low);
	s = segment_at(row, low, level);
	total = (s.s0 * level + s.s1) * (1 - 1e-12);
	/* Steps are whole, and where nothing is shared so is their sum. */
	return row->shares || total > 0x1p52 ? total : ceil(total - 1e-6);
}
