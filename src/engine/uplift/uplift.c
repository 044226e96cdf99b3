/*
 * The mathematics. r_ik: stock after raising, in steps; P_i: weights, P their sum; k2 = 1 +
 * limit^2. Shares are left out here: with them m_i = s_i r_i stands for r_i in the limit, at a
 * price c_i / s_i.
 *
 *   min  sum c_ik (r_ik - a_ik)     over integers r and binary y
 *   r_ik >= need_ik - (need_ik - floor_ik) y_ik,  r_ik >= a_ik,  r_ik <= u_ik,  sum_k y_ik <= E
 *   P sum_i r_ik^2 / P_i <= k2 (sum_i r_ik)^2        for each k: CV_k <= limit_k
 *
 * need and floor are the thresholds times P_i rounded up to whole steps, so integrality is in the
 * bounds from the start. M_k = sum_i r_ik.
 *
 * Theorem 1 (y given, real r, one price). Rows separate. KKT of the cone ||r_i/sqrt(P_i)|| <=
 * kappa M / sqrt(P): every unit raised above its bound b_i ends at one level, r_i/P_i =
 * max(b_i/P_i, t), clipped at u_i. In t, sqrt(P sum r^2/P_i) - kappa M is convex as a function of
 * M, so the least feasible t is the first root of P(S0 t^2 + S2) = k2 (S0 t + S1)^2, where S0 =
 * sum P_i at the level, S1 = sum r_i and S2 = sum r_i^2/P_i of the rest (row.c). Prices by unit:
 * r_i/P_i = clip(N (kappa - c_i/lambda)/P) with two nested monotone searches (row_priced.c).
 *
 * Theorem 2 (y given, integers, one price). For every M the least sum r^2/P_i is what the greedy
 * by smallest (2r+1)/P_i reaches (separable convex: its points are nested). The cost depends on M
 * only, so the first M whose greedy point keeps the limit is optimal, and no M below that of
 * Theorem 1 can be it (row.c).
 *
 * Theorem 3 (y free). On M in [l, u], k2 M^2 lies below its secant k2 ((l+u) M - l u); dualise the
 * row with the secant (rho >= 0) and the ends of the interval (eta). The Lagrangian is a sum over
 * units of min over y of parabolas in integers: closed form (dual.c). Its gap is the secant's,
 * rho k2 (u-M)(M-l), and that of one unit's choice per row (Shapley-Folkman), which fades as n
 * grows. Best-first branch and bound cuts intervals and fixes excusals (search.c). l is the least
 * M when all that may be excused is; u the least M when only what must be is (more bounds never
 * need less M), or what the best cost known leaves. Excusing more never costs more, so who has no
 * more open excusals than allowed takes them all.
 *
 * Rounding: bounds are doubles with an allowance for their sums taken off; whether a row is within
 * its limit is decided in integers (row.c); the cost of the answer is summed in 128 bits.
 */
#include "engine/uplift/model.h"

#include <math.h>

#define MICRO 1000000

/* A row that no choice of excusals brings within its limit. */
static bool find_row_cause(const struct model *m, struct uplift_cause *out_cause)
{
	int64_t *low = arena_array(m->mem, int64_t, m->unit_count);
	int64_t *r = arena_array(m->mem, int64_t, m->unit_count);
	struct row_fill fill;

	for (size_t k = 0; k < m->resource_count; k++) {
		const struct row *row = &m->rows[k];

		model_lows(m, k, m->may, low);
		if (row_fill(row, low, r, &fill))
			continue;
		(void)row_least_cv(row, low, r);
		*out_cause = (struct uplift_cause){.kind = UPLIFT_CAUSE_SPREAD,
			.unit = SIZE_MAX,
			.resource = k,
			.cv_micro = (int64_t)ceil(row_cv(row, r) * MICRO * (1 + 1e-12))};
		return true;
	}
	return false;
}

static void finish(const struct model *m, const struct search_result *found, struct arena *mem,
	struct uplift_answer *out)
{
	size_t n = m->unit_count;
	int64_t *low = arena_array(m->mem, int64_t, n);
	int64_t *stocks = arena_array(m->mem, int64_t, n * m->resource_count);
	struct row_fill fills[UPLIFT_RESOURCES_MAX];

	for (size_t k = 0; k < m->resource_count; k++) {
		model_lows(m, k, found->excused, low);
		if (!row_fill(&m->rows[k], low, stocks + k * n, &fills[k]))
			BUG("row %zu was filled before", k);
		row_polish(&m->rows[k], low, stocks + k * n, &fills[k]);
		row_close(&m->rows[k], low, stocks + k * n, &fills[k]);
	}
	model_answer(m, stocks, fills, mem, out);
	out->bound = MIN(found->bound, out->cost);
	out->gap = out->cost > 0 ? (out->cost - out->bound) / out->cost : 0;
	out->status = out->gap <= MAX(m->options->gap, 1e-9) ? UPLIFT_OPTIMAL : UPLIFT_STOPPED;
}

bool uplift_is_bad_input(const struct uplift_cause *cause)
{
	return cause->kind != UPLIFT_CAUSE_NONE && cause->kind < UPLIFT_CAUSE_FLOOR;
}

void uplift_solve(const struct uplift_problem *problem, const struct uplift_options *options,
	struct arena *mem, struct uplift_answer *out)
{
	struct arena *scratch = arena_create();
	struct search_result found = {0};
	struct model m;

	*out = (struct uplift_answer){0};
	out->cause = model_build(problem, options, scratch, &m);
	if (out->cause.kind != UPLIFT_CAUSE_NONE) {
		out->status =
			uplift_is_bad_input(&out->cause) ? UPLIFT_BAD_INPUT : UPLIFT_INFEASIBLE;
	} else if (find_row_cause(&m, &out->cause)) {
		out->status = UPLIFT_INFEASIBLE;
	} else {
		search_run(&m, scratch, &found);
		out->nodes = found.nodes;
		if (found.excused) {
			finish(&m, &found, mem, out);
		} else {
			out->status = found.is_exhausted ? UPLIFT_INFEASIBLE : UPLIFT_UNKNOWN;
			out->bound = found.bound;
			if (found.is_exhausted)
				out->cause = (struct uplift_cause){
					UPLIFT_CAUSE_JOINT, SIZE_MAX, SIZE_MAX, 0, 0};
		}
	}
	arena_free(scratch);
}
