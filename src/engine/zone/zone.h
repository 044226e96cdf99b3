/*
 * Which site each block belongs to, so that the zones are whole: every block to one site, each
 * site within its limits for every cohort, each zone joined through neighbouring blocks to its
 * site, at the least cost. The cost of a block at a site is arc_cost for each of its units, and
 * for one unit if it has none (so that empty blocks are zoned sensibly too).
 *
 * Method: the transportation problem (network simplex) gives a first bound and prices of sites;
 * zones grow along the priced costs, and border blocks are shifted one by one and in ejection
 * chains, always contiguous, limits at first at a penalty. A Lagrangian of the rows "each block
 * once" leaves a 0-1 knapsack for each site and proves the bound, which knows limits but not
 * contiguity. Small maps are searched through. See Caro et al. (2004), Yagiura, Ibaraki and
 * Glover (2004), Validi, Buchanan and Lykhovyd (2022).
 *
 * zone_check goes through an answer in integers and shares nothing with the search. No clock and
 * no chance: the same input gives the same answer.
 */
#pragma once

#include "base/arena.h"

#define ZONE_COHORTS_MAX 16
#define ZONE_COST_MAX    ((int64_t)1 << 31) /* of a unit */
#define ZONE_UNITS_MAX   ((int64_t)1 << 24) /* in all, and of a site's limits */
#define ZONE_ARCS_MAX    (1 << 25)

struct zone_map {
	int32_t block_count, site_count, cohort_count; /* each >= 1 */
	const int64_t *demand;        /* [block * cohort_count + cohort], units, >= 0 */
	const int64_t *lower, *upper; /* [site * cohort_count + cohort], 0 <= lower <= upper */
	const int32_t *first_root;    /* [site_count + 1] */
	const int32_t *root;       /* the blocks where a site's zone may begin: each block of a zone
				      is joined to one of them by blocks of the same zone */
	const int32_t *first_near; /* [block_count + 1] */
	const int32_t *near;       /* neighbouring blocks; both ways */
	const int32_t *first_arc;  /* [block_count + 1] */
	const int32_t *arc_site;   /* sites that a block may belong to, ascending */
	const int64_t *arc_cost;   /* [arc], of a unit, >= 0 */
};

struct zone_limits {
	int kicks;               /* of the search, for each block; 0: 40 */
	int rounds;              /* of the climb, at most; 0: 400 */
	bool (*is_over)(void *); /* asked now and then: true ends the search; NULL: never */
	void *is_over_arg;
};

struct zone_answer {
	bool has_zones;       /* all rules kept. Else site is the nearest that was found */
	bool is_exhausted;    /* everything was looked at: it is the best, or there is none */
	int32_t *site;        /* [block]; -1: none */
	int64_t *block_price; /* [block]: these three are the proof */
	int64_t *upper_price, *lower_price; /* [site * cohort_count + cohort], of a unit, >= 0 */
	int64_t flow_bound; /* of the transportation problem; -1: it has no answer */
	int64_t moves;      /* tried */
};

/* Are all numbers, and their sums, within their limits and places? */
MUST_CHECK bool zone_fits(const struct zone_map *z);

/* Solve a map that fits; the answer lives in mem. */
void zone_solve(struct arena *mem, const struct zone_map *z, const struct zone_limits *limits,
	struct zone_answer *out);

enum zone_fault {
	ZONE_GOOD,
	ZONE_SITE,  /* at: a block without a site, or with one that it may not belong to */
	ZONE_APART, /* at: a block that its zone does not join to its site */
	ZONE_OVER,  /* at: a site with more units of a cohort than its upper limit */
	ZONE_UNDER, /* at: a site with fewer than its lower limit */
};

struct zone_verdict {
	enum zone_fault fault; /* the first */
	int32_t at, cohort;
	int64_t by;    /* units over or under */
	int64_t cost;  /* when there is no fault */
	int64_t bound; /* no zones that keep all rules cost less */
};
/* In integers, from the map and the answer's arrays alone. */
struct zone_verdict zone_check(const struct zone_map *z, const struct zone_answer *a);

enum zone_lack {
	ZONE_LACKS_NOTHING, /* that can be seen without zones: limits could be met by split blocks
			     */
	ZONE_LACKS_SITE,    /* is_block: no site may serve them */
	ZONE_LACKS_WAY,     /* is_block: sites may, but no chain of neighbours leads to one */
	ZONE_LACKS_ROOM,    /* is_block can reach is_site alone, which hold less than they need */
	ZONE_LACKS_WHOLE,   /* is_block, one, fits whole in none of is_site; room: the largest */
	ZONE_LACKS_UNITS,   /* is_site need more than is_block, all that may belong to them, have */
};
/* Why there are no zones, by the first rule that is broken whatever the zones. */
struct zone_shortage {
	enum zone_lack lack;
	int32_t cohort;     /* of room and units */
	bool *is_block;     /* [block] */
	bool *is_site;      /* [site] */
	int64_t need, room; /* need > room: relax by the difference */
};
struct zone_shortage zone_explain(struct arena *mem, const struct zone_map *z);
