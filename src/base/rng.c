#include "base/rng.h"

#include <math.h>

static uint64_t rotate(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

void rng_seed(struct rng *rng, uint64_t seed)
{
	for (int i = 0; i < 4; i++) { /* splitmix64 */
		uint64_t z = seed += 0x9E3779B97F4A7C15U;
		z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
		z = (z ^ z >> 27) * 0x94D049BB133111EBU;
		rng->s[i] = z ^ z >> 31;
	}
}

uint64_t rng_u64(struct rng *rng)
{
	uint64_t *s = rng->s;
	uint64_t result = rotate(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

int64_t rng_below(struct rng *rng, int64_t below)
{
	uint64_t n = (uint64_t)below;
	uint64_t limit, v;

	assert(below > 0);
	limit = UINT64_MAX - UINT64_MAX % n;
	do
		v = rng_u64(rng);
	while (v >= limit);
	return (int64_t)(v % n);
}

int64_t rng_between(struct rng *rng, int64_t min, int64_t max)
{
	assert(min <= max);
	return min + rng_below(rng, max - min + 1);
}

double rng_unit(struct rng *rng)
{
	return (double)(rng_u64(rng) >> 11) * 0x1.0p-53;
}

double rng_normal(struct rng *rng)
{
	double u = 1.0 - rng_unit(rng);
	double v = rng_unit(rng);

	return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}
