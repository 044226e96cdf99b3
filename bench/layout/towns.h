/* Generated layouts for the benchmarks: counties apart from each other, in each so many sites and
 * communities spread over a square of 40 km, three kinds. Costs in thousandths of a yuan. */
#pragma once

#include "engine/layout/layout.h"

struct towns_size {
	int32_t counties, sites, communities; /* in all */
	int32_t near;                         /* sites within reach of a point, at most */
};

/* Arrays are in mem and may be changed. Same size and seed: the same layout. */
struct layout towns_make(struct arena *mem, struct towns_size size, uint64_t seed);
