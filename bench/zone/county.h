/* Generated maps for the benchmark and the tests: blocks spread over a square as towns and villages
 * are, sites in some of them with room for a
 * zone that could be theirs, neighbours by the Gabriel graph. */
#pragma once

#include "base/rng.h"
#include "engine/zone/zone.h"

struct county_size {
	int32_t blocks, sites, cohorts;
	int32_t near;  /* sites within reach of a block, at most */
	int32_t slack; /* percent of room over demand, on average */
	bool has_lower;
};

/* Arrays are in mem. Same size and state of rng: the same map. Some have no
 * zones, where a block cannot reach a site. */
struct zone_map county_make(struct arena *mem, struct county_size size, struct rng *rng);
