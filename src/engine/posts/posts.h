/*
 * Who stands where: each person takes one of the posts open to him (one of them is where he is
 * now), posts want so many heads, and rows ask that enough of the moves are of certain people. At
 * the least cost of moves, of heads missing and of heads too many.
 *
 * Without rows this is a minimum-cost flow. The rows are relaxed: each gets a price for a move,
 * found by bisection over flows that are solved again from their last basis; where a row then
 * oversteps, persons are decided one by one (stay or move) in a tree, as far as the limits let it.
 *
 * The prices prove the bound; posts_check checks plan and bound in integers and shares nothing
 * with the search. The same input gives the same answer.
 */
#pragma once

#include "base/arena.h"

#define POSTS_ROWS_MAX 4
#define POSTS_COST_MAX ((int64_t)1 << 32)

struct posts {
	int32_t person_count, post_count, row_count;
	const int32_t *first_arc; /* [person + 1]; each has at least one */
	const int32_t *arc_post;  /* [arc] */
	const int64_t *arc_cost;  /* [arc], >= 0 */
	const bool *arc_is_move;  /* [arc] */
	const int64_t *need;      /* [post], >= 0 */
	int64_t short_cost;       /* of a head missing; twice as much below half of the need */
	int64_t over_cost;        /* of a head above the need */
	const int64_t
		*row_weight; /* [row * person_count + person]: what his move adds, |w| <= 1000 */
	const int64_t *row_least; /* [row] */
	const bool *is_free;      /* [post]: heads missing or too many cost nothing; NULL: none */
};

struct posts_limits {
	double gap;    /* done when (cost - bound) / cost is within it */
	int64_t nodes; /* of the tree, at most; 0: the root alone */
};

struct posts_answer {
	bool has_plan;  /* false: the rows cannot be kept (or no plan was found) */
	bool is_closed; /* the tree proved that nothing is cheaper within the gap */
	int32_t *arc;   /* [person]: the one taken */
	int64_t *post_price, *row_price; /* the proof of the bound */
	int64_t most[POSTS_ROWS_MAX];    /* no plan: what the rows came to, at a high price */
	int64_t flows, nodes;
};

MUST_CHECK bool posts_fit(const struct posts *p);
/* Lives in mem. row_price: to start from, or NULL. */
void posts_solve(struct arena *mem, const struct posts *p, const struct posts_limits *limits,
	const int64_t *row_price, struct posts_answer *out);

struct posts_verdict {
	bool is_good;       /* each person in a post of his own, all rows kept */
	int32_t bad_person; /* or -1 */
	int32_t bad_row;    /* or -1 */
	int64_t cost;
	int64_t bound; /* of the prices: no plan costs less */
};
struct posts_verdict posts_check(const struct posts *p, const struct posts_answer *a);
/* What `heads` at a post cost. */
int64_t posts_heads_cost(const struct posts *p, int32_t post, int64_t heads);
