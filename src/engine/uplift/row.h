/*
 * One resource with the excusals fixed: the cheapest stocks between their lower and upper bounds
 * whose coefficient of variation is within the limit. Internal to uplift.
 *
 * The mass m_i = s_i r_i is what counts of stock r_i (s_i: the unit's share, mostly 1), m_i / P_i
 * its value. With M the sum of masses the limit is P sum m_i^2/P_i <= k2 M^2.
 */
#pragma once

#include "engine/uplift/uplift.h"

/* All arrays have n entries and are only looked at. Steps as in uplift.h. */
struct row {
	size_t n;
	const int64_t *weights;            /* P_i */
	const long double *inverse;        /* 1 / P_i */
	const struct uplift_share *shares; /* NULL: nothing is shared */
	const double *share;               /* s_i */
	const long double *share_long;     /* the same, for sums that decide */
	const double *value;               /* of one step: s_i / P_i */
	int64_t weight_total;              /* P */
	int64_t limit_micro;               /* 0: no limit */
	double k2;                         /* 1 + limit^2 */
	const int64_t *stocks, *uppers;    /* what is there; uppers are finite */
	const double *costs;               /* per step */
	bool is_uniform;                   /* all costs are equal and nothing is shared */
};

struct row_fill {
	double cost;  /* of raising from stocks to the answer */
	double bound; /* no stocks from low up within the limit cost less */
	double total; /* M of the answer; rounded where above 2^53 */
	double level; /* mass per weight up to which units were filled; 0: thresholds sufficed */
	double rho;   /* multiplier of P sum m^2/P_i <= k2 M^2; 0 when it does not bind */
};

/*
 * Fill up from low (low <= uppers). out_r may not be low. In a uniform row the cheapest integers;
 * otherwise the cheapest reals, rounded and repaired, from which nothing can be taken back at one
 * unit alone. False: not even raising without regard to cost keeps the limit (a uniform row), or
 * none was found.
 */
bool row_fill(const struct row *row, const int64_t *low, int64_t *out_r, struct row_fill *out);
/* The same where prices or shares differ by unit; row_fill calls it. rho and level as above. */
bool row_fill_priced(
	const struct row *row, const int64_t *low, int64_t *out_r, struct row_fill *out);
/* After row_fill of a row that is not uniform: exchange whole steps between units while that is
 * cheaper. Slow: for the last word only. */
void row_polish(const struct row *row, const int64_t *low, int64_t *r, struct row_fill *out);
/* The real optimum of a row whose limit low does not keep but something does: out_x in steps, and
 * of *out the bound, level and rho. */
void row_relax(const struct row *row, const int64_t *low, double *out_x, struct row_fill *out);
/*
 * After row_fill of a row that is not uniform: bring cost and bound together by branch and bound
 * over the stocks, as far as that goes in bounded work. The last word on whole pieces whose price
 * or share differs.
 */
void row_close(const struct row *row, const int64_t *low, int64_t *r, struct row_fill *fill);
/* No stocks within the limit have a smaller M; HUGE_VAL: there are none. The smallest there is in a
 * uniform row, else of the reals. scratch has n entries. */
double row_least_total(const struct row *row, const int64_t *low, int64_t *scratch);
/* Exact: is the CV of r within the limit? */
bool row_is_within(const struct row *row, const int64_t *r);
/* The least CV (of reals) between low and the uppers; out_r, if not NULL, those rounded. */
double row_least_cv(const struct row *row, const int64_t *low, int64_t *out_r);
double row_cv(const struct row *row, const int64_t *r);
double row_cost(const struct row *row, const int64_t *r);

/* An integer point that walks unit by unit. */
struct row_walk {
	const struct row *row;
	int64_t *r;
	long double total;   /* M */
	long double squares; /* sum m^2 / P_i */
	size_t steps;        /* since the sums were made: their error grows with them */
};
void row_walk_start(struct row_walk *walk, const struct row *row, int64_t *r);
void row_walk_step(struct row_walk *walk, size_t i, int64_t by);
bool row_walk_is_within(const struct row_walk *walk);
