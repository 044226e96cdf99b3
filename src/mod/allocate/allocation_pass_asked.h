/* Inside mod/allocate: what a path to pass is asked for and told by, of one year or of several. */
#pragma once

#include "mod/allocate/allocation_internal.h"
#include "mod/allocate/pass.h"

#define E12_PER_MILLI 1000000000

/* Must stay where it is: options point into it. */
struct pass_asked {
	struct allocation *a;
	const struct pack_evaluation *evaluation;
	struct str stage;
	struct pass_prices prices;
	struct strmap forbidden;
	struct pass_options options;
	double started, until; /* of the whole, and of the solve that goes on */
};

/*
 * Evaluation, stage, prices and bans of a->request, and the evaluation's rows.
 * Fails: PACK, INVALID, REJECTED (a ban of a school that is not in the rows).
 */
MUST_CHECK enum err pass_asked_read(struct pass_asked *p, struct allocation *a);
/* Since it was read. */
double pass_asked_seconds(const struct pass_asked *p);
/* A solve begins: its time is counted from now. */
void pass_asked_begin(struct pass_asked *p);

/* Units of the group that do not pass. */
double pass_failing(const struct evaluation_result *r, struct str group);
struct str pass_pieces(struct arena *mem, int64_t steps, int scale);
/* Below its own standard, or only to bring units closer together. */
struct str pass_reason(struct ctx *cx, const struct pass_plan *plan, size_t i, size_t k);
/* How far apart units are, and how many do not pass. */
void pass_asked_figures(struct pass_asked *p, const struct pass_plan *plan, double failing_before,
	double failing_after);
/* What is bought, a row a school and measure; the plan has an answer. */
void pass_asked_rows(struct pass_asked *p, const struct pass_plan *plan);
/* The units on the map: raised in the plan, or not. */
void pass_asked_raised(struct pass_asked *p, const struct pass_plan *plan);
void pass_asked_points(struct pass_asked *p, const struct pass_plan *plan, const bool *is_raised);
/* A rule that cannot be kept in an area; an empty text says nothing. */
void pass_asked_problem(struct pass_asked *p, struct str area, struct str text);

MUST_CHECK enum err allocation_pass_years(struct allocation *a);
MUST_CHECK enum err allocation_pass_moves(struct allocation *a);
