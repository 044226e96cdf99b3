/*
 * uplift-bench [COUNTIES [SEED [SECONDS [plain|shared|prices]]]]
 * Solves random counties one after the other and prints one JSON object: how many were proven
 * within 0.01 % and within 0.05 % in the time given, times, nodes and gaps. Every answer is
 * checked in exact arithmetic. Exit 1 when one has a fault, none, or a gap above 0.05 %.
 */
#include "uplift/county.h"

#include <math.h>
#include <time.h>

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool is_late(void *arg)
{
	return seconds() > *(const double *)arg;
}

struct tally {
	size_t within_1, within_5, faults, failed, binding;
	double worst_gap, *times, *nodes;
};

static void solve_one(const struct uplift_problem *p, double limit, size_t round, struct tally *t)
{
	struct arena *mem = arena_create();
	double start = seconds(), until = start + limit;
	struct uplift_options options = {.gap = 1e-4, .stop = is_late, .stop_arg = &until};
	struct uplift_answer a;

	uplift_solve(p, &options, mem, &a);
	t->times[round] = seconds() - start;
	t->nodes[round] = (double)a.nodes;
	if (!a.raises) {
		t->failed++;
	} else {
		t->within_1 += a.gap <= 1e-4;
		t->within_5 += a.gap <= 5e-4;
		t->worst_gap = fmax(t->worst_gap, a.gap);
		t->faults += uplift_check(p, &a, NULL, NULL).kind != UPLIFT_FAULT_NONE;
		for (size_t k = 0; k < p->resource_count; k++)
			t->binding += a.rows[k].is_binding;
		if (a.gap > 1e-4)
			fprintf(stderr, "county %zu: %zu units, gap %.4f %%, %zu nodes, %.2f s\n",
				round, p->unit_count, 100 * a.gap, a.nodes, t->times[round]);
	}
	arena_free(mem);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 800;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 20260901;
	double limit = argc > 3 ? strtod(argv[3], NULL) : 5;
	const char *shape = argc > 4 ? argv[4] : "plain";
	struct county_options options = {.units_min = 30,
		.units_max = 300,
		.has_shared = strcmp(shape, "shared") == 0,
		.has_prices = strcmp(shape, "prices") == 0};
	struct arena *mem = arena_create();
	struct tally t = {.times = arena_array(mem, double, count + 1),
		.nodes = arena_array(mem, double, count + 1)};
	struct rng rng;

	rng_seed(&rng, seed);
	for (size_t round = 0; round < count; round++) {
		struct arena *own = arena_create();
		struct uplift_problem p;
		county_draw(&rng, &options, own, &p);
		solve_one(&p, limit, round, &t);
		arena_free(own);
	}
	qsort(t.times, count, sizeof *t.times, by_value);
	qsort(t.nodes, count, sizeof *t.nodes, by_value);
	printf("{\"shape\":\"%s\",\"seed\":%" PRIu64
	       ",\"counties\":%zu,\"within_0.01%%\":%zu,\"within_0.05%%\":%zu,\"failed\":%zu,"
	       "\"faults\":%zu,\"binding_rows\":%zu,\"worst_gap\":%.6f,\"seconds\":{\"median\":"
	       "%.4f,\"p95\":%.4f,\"max\":%.4f},\"nodes\":{\"median\":%.0f,\"max\":%.0f}}\n",
		shape, seed, count, t.within_1, t.within_5, t.failed, t.faults, t.binding,
		t.worst_gap, t.times[count / 2], t.times[count * 95 / 100], t.times[count - 1],
		t.nodes[count / 2], t.nodes[count - 1]);
	arena_free(mem);
	return t.faults || t.failed || t.within_5 < count ? 1 : 0;
}
