/*
 * A layout over years: each site is in one state a year, moves from state to state at a cost or
 * not at all, and each year's units are served by what stands then. The least cost of states,
 * moves and serving in all years together.
 *
 * Method: as for one year the demand rows are relaxed. A site then takes the cheapest path through
 * its states, found year by year (a shortest path), so that the years are joined exactly inside
 * the relaxation. Plans come from a dive along it, are served in each year by the network
 * simplex, and are bettered by giving one site another path, or two at once. See Antunes and
 * Peeters (2000).
 *
 * The prices prove the bound; horizon_check checks plan and proof in integers and shares nothing
 * with the search. No clock and no chance: the same input gives the same answer.
 */
#pragma once

#include "engine/layout/layout.h"

#define HORIZON_YEARS_MAX    30
#define HORIZON_STATES_MAX   255 /* of a site */
#define HORIZON_NEVER        INT8_MAX
#define HORIZON_WEIGHT_MAX   ((int64_t)1 << 40)
#define HORIZON_WEIGHT_UNITS 1000000

struct horizon {
	int32_t year_count;
	/* [year]: the same sites, states, rooms, points and arcs; costs and demand are its own. */
	const struct layout *years;
	/*
	 * Of a site with n states, at first_move[site] + from * n + to: the least year in which it
	 * may move (HORIZON_NEVER: not at all) and what that costs, in one unit of move_weight.
	 * Staying is always allowed and costs nothing.
	 */
	const int32_t *first_move; /* [site + 1] */
	const int64_t *move_cost;
	const int8_t *move_year;
	const int64_t *move_weight; /* [year], in millionths: of a move into that year's state */
};

/* What a move costs that is made in a year. */
static inline int64_t horizon_move_cost(const struct horizon *h, int32_t year, int32_t move)
{
	return (int64_t)((i128)h->move_cost[move] * h->move_weight[year] / HORIZON_WEIGHT_UNITS);
}

/* The move between two states of a site (as the layout numbers states). */
static inline int32_t horizon_move(const struct horizon *h, int32_t site, int32_t from, int32_t to)
{
	const struct layout *l = h->years;
	int32_t first = l->first_state[site], count = l->first_state[site + 1] - first;

	return h->first_move[site] + (from - first) * count + to - first;
}

struct horizon_answer {
	const struct horizon *of;
	int32_t *state;  /* [year * site_count + site] */
	int64_t *flow;   /* [year * arc_count + arc] */
	int64_t *unmet;  /* [year * point_count + point] */
	int64_t *prices; /* [year * point_count + point]: the proof */
	int64_t *saving; /* [site]: what all years would cost more with this site as it is now and
			    all others as planned; 0 where it never changes */
	int64_t *more_unmet; /* [site]: and how many units more would be left, all years together */
	int32_t part_count;
	bool is_cut_short;
};

/* Are all numbers within their limits and places? */
MUST_CHECK bool horizon_fits(const struct horizon *h);

/* Solve a horizon that fits; the answer lives in mem and points to h. limits: of each part. */
void horizon_solve(struct arena *mem, const struct horizon *h, const struct layout_limits *limits,
	struct horizon_answer *out);

enum horizon_fault {
	HORIZON_GOOD,
	HORIZON_YEAR, /* see `layout`: what is wrong in that year */
	HORIZON_MOVE, /* a site changes from one state to another in a way that it may not */
};

struct horizon_verdict {
	enum horizon_fault fault;
	enum layout_fault layout;
	int32_t year, at;
	int64_t cost, bound; /* bound <= the least cost <= cost, when there is no fault */
	int64_t unmet;       /* units, all years together */
};
struct horizon_verdict horizon_check(const struct horizon *h, const struct horizon_answer *a);
