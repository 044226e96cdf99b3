/*
 * usage: layout-bench COUNTIES SITES COMMUNITIES NEAR SEED GAP
 * A generated region of three kinds: solve, check, change one point, solve again.
 */
#include "base/num.h"
#include "layout/towns.h"

#include <time.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void tell(const char *name, const struct layout_answer *a, double seconds)
{
	struct layout_verdict v = layout_check(a->of, a);
	double cost = (double)v.cost / 1000, bound = (double)v.bound / 1000;

	printf("{\"run\":\"%s\",\"fault\":%d,\"cost\":%.0f,\"bound\":%.0f,\"gap\":%.6f,"
	       "\"unmet\":%" PRId64 ",\"parts\":%d,\"kept\":%d,\"flows\":%" PRId64
	       ",\"seconds\":%.3f}\n",
		name, v.fault, cost, bound, (cost - bound) / cost, v.unmet, a->part_count,
		a->parts_kept, a->flows, seconds);
}

int main(int argc, char **argv)
{
	struct arena *mem = arena_create();
	struct layout_answer first, again;
	struct layout_limits limits = {0};
	int64_t n[5], *demand;
	struct layout l;
	double start;

	for (int i = 0; i < 5; i++)
		if (argc != 7 || parse_i64(str_from(argv[i + 1]), 1, 1000000000, &n[i]) != NUM_OK ||
			parse_f64(str_from(argv[6]), &limits.gap) != NUM_OK) {
			fputs("layout-bench COUNTIES SITES COMMUNITIES NEAR SEED GAP\n", stderr);
			return 2;
		}
	l = towns_make(mem,
		(struct towns_size){(int32_t)n[0], (int32_t)n[1], (int32_t)n[2], (int32_t)n[3]},
		(uint64_t)n[4]);
	printf("sites %d, points %d, arcs %d\n", l.site_count, l.point_count,
		l.first_arc[l.point_count]);
	start = now();
	layout_solve(mem, &l, &limits, NULL, &first);
	tell("first", &first, now() - start);
	demand = arena_array(mem, int64_t, l.point_count);
	memcpy(demand, l.demand, (size_t)l.point_count * sizeof *demand);
	demand[l.point_count / 2] += 200;
	l.demand = demand;
	start = now();
	layout_solve(mem, &l, &limits, &first, &again);
	tell("again", &again, now() - start);
	arena_free(mem);
	return 0;
}
