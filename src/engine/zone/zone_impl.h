/* Between the parts of the zone room. */
#pragma once

#include "base/rng.h"
#include "engine/zone/zone.h"

/* What the search asks again and again. */
struct zone_work {
	struct arena *mem;
	const struct zone_map *z;
	const struct zone_limits *limits;
	int64_t *units; /* [block]: of all cohorts */
	int64_t *room;  /* [site]: upper limits of all cohorts */
	int64_t *least; /* [site]: lower limits of all cohorts */
	bool *is_alive; /* [arc]: a chain of blocks with arcs to the site leads to its root */
	int64_t *upper_price, *lower_price; /* [site], of a unit: of the transportation problem */
	int64_t *block_price;               /* [block], of the whole block: likewise */
	int32_t *table; /* [block * site_count + site]: the live arc or -1; NULL where too large */
	/* By block, the sites for which it is a root. */
	int32_t *first_site_of, *site_of; /* [block_count + 1] */
};

/* The live arc from a block to a site, or -1. */
int32_t zone_arc(const struct zone_work *w, int32_t block, int32_t site);
/* Of the whole block. */
int64_t zone_arc_cost(const struct zone_work *w, int32_t block, int32_t arc);

/* Blocks cut at will: its cost, or -1 when even that cannot be. Sets the prices of w. */
int64_t zone_flow(struct zone_work *w);
/* Climb from the prices of w; the best prices go to out. cost: of the best zones, or -1. */
void zone_climb(const struct zone_work *w, int64_t cost, struct zone_answer *out);
/* Zones that are contiguous, limits aside; noise in millionths moves the prices at random.
 * Blocks that find no zone get -1. */
void zone_grow(const struct zone_work *w, struct rng *rng, int64_t noise, int32_t *site);
/* Improve zones; true when site ends with all rules kept. */
bool zone_search(const struct zone_work *w, struct rng *rng, int32_t *site, int64_t *out_moves);
/* Go through all zones that cost less than *cost (-1: any). False: given up. Improves site and
 * *cost where it can. */
bool zone_exhaust(const struct zone_work *w, int32_t *site, int64_t *cost);
