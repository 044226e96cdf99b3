/*
 * The dual function of uplift.c's Theorem 3 and its maximisation.
 *
 * For a row with sum M in [l, u], P sum m^2/P_i <= k2 M^2 implies the same with the secant
 * k2 ((l+u) M - l u) of k2 M^2. With multipliers rho for it and eta for the ends, a unit pays
 *     c r + rho P m^2/P_i - (rho k2 (l+u) + eta) m,  m = s_i r,
 * for stock r: a parabola, least over integers at the nearest one to its vertex, clipped. A unit
 * excuses the resources that save it most. That integers are used keeps the bound as tight for
 * whole pieces as for fine steps.
 */
#include "engine/uplift/dual.h"

#include <math.h>

void dual_init(struct dual *d, const struct model *m, struct arena *mem)
{
	*d = (struct dual){.m = m};
	d->excused = arena_array(mem, uint32_t, m->unit_count);
	d->saving = arena_array(mem, double, m->unit_count * m->resource_count);
}

/* What stock r costs: r (price + curve r); it may rise `room` above its lower bound. */
struct parabola {
	double price, curve, room;
};

static double least_at(const struct parabola *p, double low, double upper)
{
	double vertex, r;

	if (p->price >= 0)
		return low;
	upper = MIN(upper, low + p->room);
	vertex = p->curve > 0 ? -p->price / (2 * p->curve) : upper;
	r = vertex >= upper ? upper : (double)(int64_t)(vertex + 0.5);
	return MAX(r, low);
}

static double pays(const struct parabola *p, double r)
{
	return r * (p->price + p->curve * r);
}

/* Which excusals the unit takes: those it must, then the greatest savings. */
static uint32_t choose(const struct dual *d, size_t i)
{
	const double *saving = &d->saving[i * d->m->resource_count];
	uint32_t chosen = d->must[i], open = d->may[i] & ~d->must[i];
	int left = d->m->problem->excusals - __builtin_popcount(chosen);

	for (; open && left > 0; left--) {
		size_t best = (size_t)__builtin_ctz(open);
		for (uint32_t rest = open; rest; rest &= rest - 1)
			if (saving[__builtin_ctz(rest)] > saving[best])
				best = (size_t)__builtin_ctz(rest);
		chosen |= UINT32_C(1) << best;
		open &= ~(UINT32_C(1) << best);
	}
	return chosen;
}

/* Savings of unit i's open pairs, for its choice. */
static void weigh(struct dual *d, size_t i, const struct parabola *own)
{
	const struct model *m = d->m;

	for (uint32_t open = d->may[i]; open; open &= open - 1) {
		size_t k = (size_t)__builtin_ctz(open), at = i * m->resource_count + k;
		double upper = (double)m->upper[at];
		double r0 = least_at(&own[k], (double)m->need[at], upper);
		double r1 = least_at(&own[k], (double)m->need_floor[at], upper);
		double saving = pays(&own[k], r0) - pays(&own[k], r1);

		d->saving[at] = MAX(saving, 0);
	}
}

/* The parabolas of unit i: the row's prize is for mass, its curve for mass squared. */
static void own_parabolas(const struct dual *d, size_t i, struct parabola *out)
{
	const struct model *m = d->m;

	for (size_t k = 0; k < m->resource_count; k++) {
		const struct row *row = &m->rows[k];
		double share = row->share[i];

		out[k] = (struct parabola){.price = m->cost[i * m->resource_count + k]};
		if (d->fixed >> k & 1)
			out[k].price = 0;
		if (!(d->active >> k & 1))
			continue;
		out[k].price -= (d->rho[k] * row->k2 * (d->from[k] + d->to[k]) + d->eta[k]) * share;
		out[k].curve = d->rho[k] * (double)row->weight_total * share * row->value[i];
		/* A step more than fits: whole steps may be rounded up to it. */
		out[k].room = d->room[k] / share + (row->shares ? 1 : 0);
	}
}

void dual_evaluate(struct dual *d)
{
	const struct model *m = d->m;
	size_t count = m->resource_count;
	double squares[UPLIFT_RESOURCES_MAX] = {0}, size = 0;

	memset(d->row_value, 0, sizeof d->row_value);
	memset(d->total, 0, sizeof d->total);
	for (size_t i = 0; i < m->unit_count; i++) {
		struct parabola own[UPLIFT_RESOURCES_MAX];

		own_parabolas(d, i, own);
		weigh(d, i, own);
		d->excused[i] = choose(d, i);
		for (size_t k = 0; k < count; k++) {
			size_t at = i * count + k;
			bool is_excused = d->excused[i] >> k & 1;
			double low = (double)(is_excused ? m->need_floor[at] : m->need[at]);
			double r = least_at(&own[k], low, (double)m->upper[at]);
			double mass = r * m->rows[k].share[i];

			d->row_value[k] +=
				pays(&own[k], r) - m->cost[at] * (double)m->problem->stocks[at];
			d->total[k] += mass;
			squares[k] += mass * r * m->rows[k].value[i];
			size += fabs(own[k].price * r) + own[k].curve * r * r;
		}
	}
	d->value = 0;
	for (size_t k = 0; k < count; k++) {
		double l = d->from[k], u = d->to[k], k2 = m->rows[k].k2;

		if (d->fixed >> k & 1)
			d->row_value[k] = d->fixed_value[k];
		if (d->active >> k & 1) {
			double end = d->eta[k] > 0 ? l : d->eta[k] < 0 ? u : d->total[k];
			end = MAX(l, MIN(u, end));
			d->row_value[k] += d->rho[k] * k2 * l * u + d->eta[k] * end;
			size += d->rho[k] * k2 * l * u;
			d->slope_rho[k] = (double)m->rows[k].weight_total * squares[k] -
					  k2 * ((l + u) * d->total[k] - l * u);
			d->slope_eta[k] = end - d->total[k];
		}
		d->value += d->row_value[k];
	}
	/* Sums over units round at most that often. */
	d->value -= 2.3e-16 * (double)(m->unit_count + 16) * size;
}

double dual_regret(const struct dual *d, size_t i, size_t k)
{
	const double *saving = &d->saving[i * d->m->resource_count];
	uint32_t bit = UINT32_C(1) << k, chosen = d->excused[i];
	uint32_t others = bit & chosen ? d->may[i] & ~chosen : chosen & ~d->must[i];
	int left = d->m->problem->excusals - __builtin_popcount(chosen);
	double other = bit & chosen ? 0 : left > 0 ? 0 : HUGE_VAL;

	for (; others; others &= others - 1) {
		double s = saving[__builtin_ctz(others)];
		other = bit & chosen ? MAX(other, s) : MIN(other, s);
	}
	return bit & chosen ? saving[k] - other : MAX(other - saving[k], 0);
}

/* --- Shor's r-algorithm ------------------------------------------------------------------- */

#define DIMENSIONS_MAX (2 * UPLIFT_RESOURCES_MAX)

struct ascent {
	struct dual *d;
	size_t n;
	size_t rows[DIMENSIONS_MAX]; /* variable v: rho (v even) or eta of rows[v] */
	double x[DIMENSIONS_MAX], slope[DIMENSIONS_MAX];
	double space[DIMENSIONS_MAX][DIMENSIONS_MAX];
	double best, best_x[DIMENSIONS_MAX];
	int evaluations;
};

static void take(struct ascent *a, const double *x)
{
	for (size_t v = 0; v < a->n; v++) {
		size_t k = a->rows[v];
		if (v % 2 == 0)
			a->d->rho[k] = x[v] * a->d->rho_unit[k];
		else
			a->d->eta[k] = x[v] * a->d->eta_unit[k];
	}
}

/* Evaluate at x, brought back to rho >= 0; keep the best. */
static void look(struct ascent *a)
{
	struct dual *d = a->d;

	for (size_t v = 0; v < a->n; v += 2)
		a->x[v] = MAX(a->x[v], 0);
	take(a, a->x);
	dual_evaluate(d);
	a->evaluations++;
	for (size_t v = 0; v < a->n; v++) {
		size_t k = a->rows[v];
		a->slope[v] = v % 2 == 0 ? d->slope_rho[k] * d->rho_unit[k]
					 : d->slope_eta[k] * d->eta_unit[k];
		if (v % 2 == 0 && a->x[v] <= 0 && a->slope[v] < 0)
			a->slope[v] = 0;
	}
	if (d->value > a->best) {
		a->best = d->value;
		memcpy(a->best_x, a->x, sizeof a->x);
	}
}

/* out = space' v, scaled to length 1; false when v vanishes there. */
static bool direction(const struct ascent *a, const double *v, double *out)
{
	double length = 0;

	for (size_t c = 0; c < a->n; c++) {
		out[c] = 0;
		for (size_t r = 0; r < a->n; r++)
			out[c] += a->space[r][c] * v[r];
		length += out[c] * out[c];
	}
	length = sqrt(length);
	for (size_t c = 0; c < a->n; c++)
		out[c] /= length > 0 ? length : 1;
	return length > 0;
}

/* Shrink the space along the difference of two slopes. */
static void dilate(struct ascent *a, const double *before)
{
	double change[DIMENSIONS_MAX], along[DIMENSIONS_MAX];

	for (size_t v = 0; v < a->n; v++)
		change[v] = a->slope[v] - before[v];
	if (!direction(a, change, along))
		return;
	for (size_t r = 0; r < a->n; r++) {
		double image = 0;
		for (size_t c = 0; c < a->n; c++)
			image += a->space[r][c] * along[c];
		for (size_t c = 0; c < a->n; c++)
			a->space[r][c] -= 0.6 * image * along[c];
	}
}

static void ascent_init(struct ascent *a, struct dual *d)
{
	*a = (struct ascent){.d = d, .best = -HUGE_VAL};
	for (size_t k = 0; k < d->m->resource_count; k++) {
		if (!(d->active >> k & 1))
			continue;
		a->rows[a->n] = k;
		a->x[a->n++] = d->rho[k] / d->rho_unit[k];
		a->rows[a->n] = k;
		a->x[a->n++] = d->eta[k] / d->eta_unit[k];
	}
	for (size_t v = 0; v < a->n; v++)
		a->space[v][v] = 1;
}

void dual_ascend(struct dual *d, int rounds, double enough)
{
	struct ascent a;
	double step = 0.05, mark;
	int marked = 0;

	ascent_init(&a, d);
	look(&a);
	mark = a.best;
	while (a.n && a.evaluations < rounds && a.best < enough && step > 1e-9) {
		double unit[DIMENSIONS_MAX], move[DIMENSIONS_MAX] = {0};
		double before[DIMENSIONS_MAX], uphill = 0;
		int looks = 0;

		memcpy(before, a.slope, sizeof before);
		if (!direction(&a, a.slope, unit))
			break;
		for (size_t r = 0; r < a.n; r++)
			for (size_t c = 0; c < a.n; c++)
				move[r] += a.space[r][c] * unit[c];
		do {
			for (size_t v = 0; v < a.n; v++)
				a.x[v] += step * move[v];
			look(&a);
			uphill = 0;
			for (size_t v = 0; v < a.n; v++)
				uphill += move[v] * a.slope[v];
			if (++looks % 2 == 0)
				step *= 1.3;
		} while (uphill > 0 && a.evaluations < rounds && looks < 30);
		if (looks == 1)
			step *= 0.9;
		dilate(&a, before);
		if (a.evaluations - marked >= 40) { /* has it moved a hundred-thousandth? */
			if (a.best - mark <= 1e-6 * fabs(a.best))
				break;
			mark = a.best;
			marked = a.evaluations;
		}
	}
	take(&a, a.best_x);
	dual_evaluate(d);
}
