/*
 * usage: zone-bench BLOCKS SITES COHORTS NEAR SLACK LOWER SEED
 * A generated county: solve and check. SLACK: percent of room over demand; LOWER: 0 or 1.
 */
#include "base/num.h"
#include "zone/county.h"

#include <time.h>

/* CPU seconds: other work may share the machine. */
static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
	struct arena *mem = arena_create();
	struct zone_limits limits = {0};
	struct zone_verdict v;
	struct zone_answer a;
	struct zone_map z;
	struct rng rng;
	double start, solved;
	int64_t n[7];

	for (int i = 0; i < 7; i++)
		if (argc != 8 || parse_i64(str_from(argv[i + 1]), 0, 1000000000, &n[i]) != NUM_OK) {
			fputs("zone-bench BLOCKS SITES COHORTS NEAR SLACK LOWER SEED\n", stderr);
			return 2;
		}
	rng_seed(&rng, (uint64_t)n[6]);
	z = county_make(mem,
		(struct county_size){(int32_t)n[0], (int32_t)n[1], (int32_t)n[2], (int32_t)n[3],
			(int32_t)n[4], n[5] != 0},
		&rng);
	start = now();
	zone_solve(mem, &z, &limits, &a);
	solved = now();
	v = zone_check(&z, &a);
	printf("{\"fault\":%d,\"cost\":%" PRId64 ",\"bound\":%" PRId64 ",\"flow_bound\":%" PRId64
	       ",\"gap\":%.5f,\"moves\":%" PRId64 ",\"seconds\":%.3f,\"check_seconds\":%.3f}\n",
		v.fault, v.cost, v.bound, a.flow_bound,
		v.fault ? 1 : (double)(v.cost - v.bound) / (double)v.cost, a.moves, solved - start,
		now() - solved);
	arena_free(mem);
	return v.fault != ZONE_GOOD;
}
