/* A seeded, portable random source (xoshiro256**): the same seed gives the same numbers on every
 * machine. For generated data, tests and search heuristics; never for secrets. */
#pragma once

#include "base/base.h"

struct rng {
	uint64_t s[4];
};

void rng_seed(struct rng *rng, uint64_t seed);
uint64_t rng_u64(struct rng *rng);
/* Uniform in [0, below); below > 0. */
int64_t rng_below(struct rng *rng, int64_t below);
int64_t rng_between(struct rng *rng, int64_t min, int64_t max); /* both ends included */
double rng_unit(struct rng *rng);                               /* [0, 1) */
double rng_normal(struct rng *rng);                             /* mean 0, deviation 1 */
