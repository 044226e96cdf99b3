/*
 * An uplift problem as the solver works on it: bounds in steps, costs per step, and which
 * excusals are still open. Internal to uplift.
 */
#pragma once

#include "engine/uplift/row.h"

/* Tables are [i * resource_count + k] unless said otherwise; everything lives in mem. */
struct model {
	struct arena *mem;
	const struct uplift_problem *problem;
	const struct uplift_options *options;
	size_t unit_count, resource_count;
	int64_t *need;        /* lower bound without an excusal: max(stock, threshold) */
	int64_t *need_floor;  /* lower bound with one */
	int64_t *upper;       /* finite */
	double *cost;         /* per step */
	uint32_t *must, *may; /* n masks: excused, may be excused; must within may, and may only
				 where an excusal lowers the bound */
	struct row *rows;     /* K, with arrays of their own, one after another by unit */
	double *stock_total;  /* K, mass */
	double *cost_least;   /* K, per unit of mass */
};

/*
 * Make the model; options and problem must outlive it. The cause is NONE, one of bad input
 * (then *out is not made), or a unit that cannot pass.
 */
struct uplift_cause model_build(const struct uplift_problem *problem,
	const struct uplift_options *options, struct arena *mem, struct model *out);
/* Whole steps with which unit i, were its weight this, reaches a share of the threshold of k; above
 * UPLIFT_STOCK_MAX when too many. */
int64_t model_steps_needed(
	const struct uplift_problem *p, size_t i, size_t k, int64_t weight, int64_t ppm);
/* Can unit i pass within its uppers? If not, *out_cause says what is in the way. */
bool model_can_pass(const struct model *m, size_t i, struct uplift_cause *out_cause);
/* Bounds of row k when the units' masks of excusals are these. */
void model_lows(const struct model *m, size_t k, const uint32_t *excused, int64_t *out_low);
/* The masks after what follows from them: who may not miss more than it must, and who may miss
 * all that it has open. Excusing more never costs more. */
void model_settle(const struct model *m, uint32_t *must, uint32_t *may);
bool model_is_stopped(const struct model *m);
/* Write stocks (row k at stocks[k * n]) as an answer with cost, rows and missed. */
void model_answer(const struct model *m, const int64_t *stocks, const struct row_fill *fills,
	struct arena *mem, struct uplift_answer *out);

/* The best excusals found and the proof. */
struct search_result {
	uint32_t *excused; /* n masks; NULL: no answer */
	double cost, bound;
	size_t nodes;
	bool is_exhausted; /* nothing is left open: without an answer there is none */
};
/* Row k of the answer is row_fill(&m->rows[k], model_lows(m, k, excused)). */
void search_run(const struct model *m, struct arena *mem, struct search_result *out);
