/* Inside facility location: relax.c (bounds), primal.c (plans), facility.c (the tree). */
#pragma once

#include "engine/graph/flow.h"
#include "engine/places/facility.h"
#include "engine/places/knapsack.h"

/* What the decisions of a node say of a site. */
enum { SITE_FREE = -1, SITE_CLOSED = 0, SITE_OPEN = 1 };

/* No time is left: what was found by then has to do. limits may be NULL. */
static inline bool limits_are_over(const struct facility_limits *limits)
{
	return limits && limits->is_over && limits->is_over(limits->is_over_arg);
}

/*
 * The relaxation for given prices: each site chooses the customers that pay more than they cost,
 * up to its capacity; then sites are chosen that together hold all demand.
 */
struct relax {
	int32_t site_count, customer_count;
	bool is_single_source; /* then a site's choice is a 0-1 knapsack */
	double *unit; /* [site][customer]: cost of one unit of demand; HUGE_VAL: not from there */
	double *demand, *fixed, *capacity;
	double total;         /* demand */
	int32_t *by_capacity; /* sites, largest first */
	/* of the last relax_bound: */
	double *value;    /* per site: what opening it costs, less what it earns */
	double *share;    /* per site: how far the relaxation opens it */
	double *unserved; /* per customer: 1 less the part served, may be negative */
	int32_t *items;   /* [site][..]: customers chosen */
	int32_t *item_count;
	double *last_part; /* per site: of the last item, the part chosen */
	int32_t *
		picks; /* [site][customer], single-source: rounds of the last climb that chose it */
	int32_t rounds; /* of that climb */
	const struct facility_limits *limits;
	/* scratch */
	struct knapsack knapsack;
	struct knapsack_item *bag;
	double *unit_price, *ratio;
	int32_t *order;
	int64_t evaluations;
};

void relax_init(struct relax *r, struct arena *mem, const struct facility *f,
	const struct facility_limits *limits);
/* The bound for prices (of each customer's whole demand), HUGE_VAL if no choice of sites holds
 * the demand. */
double relax_bound(struct relax *r, const int8_t *decided, const double *prices);
/* The choice of sites alone, for r->value as it is; share may be NULL. */
double relax_choose(struct relax *r, const int8_t *decided, double *share);
/*
 * Better prices by the volume algorithm, at most `rounds`; stops when the bound reaches cut
 * or time is up.
 * prices: start, and the best on return. mean_share: an estimate of the relaxation's best
 * (fractional) choice of sites. Returns the bound of prices.
 */
double relax_climb(struct relax *r, struct arena *scratch, const int8_t *decided, double *prices,
	double cut, int rounds, double *mean_share);

/* Plans that serve each customer from one site: found by moving and exchanging customers. */
struct single {
	const struct facility *f;
	const struct facility_limits *limits;
	int32_t *site_of;      /* per customer: the plan being changed, -1: not yet */
	int64_t *load;         /* per site */
	double *overload_toll; /* per site: what a unit above the capacity is charged */
	int32_t *best_site_of;
	double best_cost; /* of a plan within all capacities; HUGE_VAL: none yet */
	int32_t *order, *sites;
	int64_t tries;
};

void single_init(struct single *s, struct arena *mem, const struct facility *f,
	const struct facility_limits *limits);
/*
 * From s->site_of as it is (-1 where open) to a good plan that uses the open sites; keeps the
 * best. effort: rounds of raising tolls. The plan's cost, or HUGE_VAL if it does not fit.
 */
double single_improve(struct single *s, const bool *open, int effort);

/* Plans: sets of open sites, each served at least cost. */
struct primal {
	const struct facility *f;
	struct arena *mem;
	struct flow *flow;
	double unit_scale; /* costs in the network: of a unit, times this */
	bool *open;        /* in the network now */
	bool *best_open;
	double best_cost; /* HUGE_VAL: none yet */
	int64_t open_capacity;
	uint64_t *site_hash, *seen; /* sets evaluated: open addressing */
	size_t seen_count, seen_cap;
	int64_t evaluations;
	struct single *single; /* if customers must not be split */
};

void primal_init(struct primal *p, struct arena *mem, const struct facility *f);
/* The least cost with exactly these sites open; HUGE_VAL if they cannot hold the demand. Keeps
 * the best. The network then holds the flow. */
double primal_cost(struct primal *p, const bool *open);
/* The same, but HUGE_VAL for a set evaluated before. */
double primal_try(struct primal *p, const bool *open);
/* Single-source: the network's flow with each split customer placed anew, then improved. */
void primal_round(struct primal *p);
/* Prices of the customers' whole demand that prove the network's flow cheapest for its sites. */
void primal_prices(const struct primal *p, double *prices);
/* Improve the best plan by adding, dropping and swapping sites until nothing helps. */
void primal_search(struct primal *p, struct relax *r, const struct facility_limits *limits);
/* Single-source: the same for whole customers, with a limited number of tries. */
void single_search(struct primal *p, const struct facility_limits *limits);
