/*
 * Capacitated facility location: which sites to open, and which site serves how much of each
 * customer's demand, at the least cost of opening and serving.
 *
 * Method: Lagrangian relaxation of the demand rows (a site then is a continuous knapsack, the
 * sites a small covering problem), climbed by the volume algorithm; plans from the relaxation
 * are served exactly by the network simplex and improved by adding, dropping and swapping
 * sites; branch and bound closes the gap. With is_single_source each customer is served by one
 * site alone. See Geoffrion and McBride (1978), Barahona and Anbil (2000), Goertz and Klose
 * (2012).
 *
 * The answer carries a proof of its bound: the tree of decisions with the prices of each leaf.
 * facility_check.h checks plan and proof in integers and shares nothing with this code.
 */
#pragma once

#include "base/arena.h"

/* Each capacity, and all demand together, must stay within this. */
#define FACILITY_UNITS_MAX ((int64_t)1 << 40)
/* Opening all sites, and serving each customer from its dearest, together. */
#define FACILITY_COST_MAX ((int64_t)1 << 60)
/* Pairs of site and customer: 45 bytes each. */
#define FACILITY_PAIRS_MAX 50000000

struct facility {
	int32_t site_count, customer_count; /* both >= 1 */
	const int64_t *capacity;            /* per site, >= 0 */
	const int64_t *fixed;               /* per site: cost of opening, >= 0 */
	const int64_t *demand;              /* per customer, > 0 */
	const int64_t *cost;                /* [site * customer_count + customer]: of serving all of
					       its demand from there, >= 0 */
	bool is_single_source;
	int64_t cost_step; /* all costs are multiples of it; 0: not known */
};

struct facility_limits {
	double gap;              /* stop when (cost - bound) / cost is within it; 0: to the end */
	size_t bytes;            /* of prices kept for the proof; 0: 1 GB */
	bool (*is_over)(void *); /* asked now and then: true ends the search; NULL: never */
	void *is_over_arg;
};

struct facility_share {
	int32_t site, customer;
	int64_t amount; /* of the customer's demand, > 0 */
};

/* One decision of the proof: its parent's decisions and this one. The root has literal -1. */
struct facility_step {
	int32_t parent;  /* index, before this one; root: -1 */
	int32_t literal; /* a site, or site_count + site * customer_count + customer */
	bool value;      /* open or closed; served from there or not */
	bool has_children;
	const int64_t *prices; /* of a leaf: per customer, of its whole demand */
};

struct facility_answer {
	bool has_plan; /* false: no plan exists (or, if is_cut_short, none was found) */
	bool is_cut_short;
	bool *open; /* per site */
	struct facility_share *shares;
	size_t share_count;
	struct facility_step *steps;
	size_t step_count;
	double cost, bound; /* as the search saw them; facility_check says what is proved */
	int64_t nodes, evaluations;
};

/* Are all numbers, and their sums, within their limits? */
MUST_CHECK bool facility_fits(const struct facility *f);

/* Solve a problem that fits; all of the answer is in mem. Same input and no time limit: same
 * answer. */
struct facility_answer facility_solve(
	struct arena *mem, const struct facility *f, const struct facility_limits *limits);
