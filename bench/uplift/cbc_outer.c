/*
 * cbc-uplift [COUNTIES [SEED [SECONDS]]]
 * The counties of uplift-bench by CBC and outer approximation beside ours, each with the same time:
 * the integer program without the limits on the spread is solved, a tangent is added for each
 * limit that its answer breaks, and again. CBC's excusals are made into an answer by our row
 * fills, which flatters it. CBC runs in a child, as its LP aborts now and then; what it had proven
 * until then counts. One JSON object: proven within 0.01 % and seconds, both sides.
 */
#include "uplift/county.h"

#include <coin/Cbc_C_Interface.h>
#include <math.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

struct progress {
	double bound, cost;
};

/* Raises are columns i * K + k in `unit` pieces, excusals the n * K columns behind them. */
struct outer {
	const struct uplift_problem *p;
	struct arena *mem;
	double unit[COUNTY_RESOURCES]; /* 1 when counted: else of a size that suits the LP */
	double *have, *need, *floor;   /* in units, [i * K + k] */
	VEC(double *) cuts;            /* n coefficients and the right-hand side */
	VEC(size_t) cut_rows;
	struct progress *progress; /* shared with the parent */
};

static double pieces_needed(const struct uplift_problem *p, size_t i, size_t k, double share)
{
	const struct uplift_resource *r = &p->resources[k];
	double steps = pow(10, r->scale);
	double need = (double)r->threshold_nano * 1e-9 * (double)p->weights[i] * share;

	return ceil(need * steps - 1e-7) / steps;
}

static void outer_init(struct outer *o, const struct uplift_problem *p, struct arena *mem)
{
	size_t cells = p->unit_count * p->resource_count;

	*o = (struct outer){.p = p,
		.mem = mem,
		.have = arena_array(mem, double, cells),
		.need = arena_array(mem, double, cells),
		.floor = arena_array(mem, double, cells)};
	for (size_t k = 0; k < p->resource_count; k++)
		o->unit[k] = p->resources[k].scale == 0
				     ? 1
				     : 10 * (double)p->resources[k].threshold_nano * 1e-9;
	for (size_t at = 0; at < cells; at++) {
		size_t i = at / p->resource_count, k = at % p->resource_count;
		double share = (double)p->resources[k].floor_ppm * 1e-6;
		o->have[at] = (double)p->stocks[at] / pow(10, p->resources[k].scale) / o->unit[k];
		o->need[at] = MAX(o->have[at], pieces_needed(p, i, k, 1) / o->unit[k]);
		o->floor[at] = MAX(o->have[at], pieces_needed(p, i, k, share) / o->unit[k]);
	}
}

static Cbc_Model *build(const struct outer *o, double limit)
{
	const struct uplift_problem *p = o->p;
	size_t n = p->unit_count, count = p->resource_count, cells = n * count;
	int *columns = arena_array(o->mem, int, n);
	Cbc_Model *m = Cbc_newModel();

	Cbc_setLogLevel(m, 0);
	Cbc_setMaximumSeconds(m, limit);
	Cbc_setAllowableFractionGap(m, 1e-5);
	for (size_t at = 0; at < cells; at++)
		/* Money in ten thousands. */
		Cbc_addCol(m, "", 0, 1e6,
			(double)p->resources[at % count].price_micro * 1e-10 * o->unit[at % count],
			p->resources[at % count].scale == 0, 0, NULL, NULL);
	for (size_t at = 0; at < cells; at++)
		Cbc_addCol(m, "", 0, o->need[at] > o->floor[at], 0, 1, 0, NULL, NULL);
	for (size_t at = 0; at < cells; at++) {
		int both[2] = {(int)at, (int)(cells + at)};
		double value[2] = {1, o->need[at] - o->floor[at]};
		if (o->need[at] > o->have[at])
			Cbc_addRow(m, "", 2, both, value, 'G', o->need[at] - o->have[at]);
	}
	for (size_t i = 0; i < n; i++) {
		int own[COUNTY_RESOURCES];
		double one[COUNTY_RESOURCES];
		for (size_t k = 0; k < count; k++) {
			own[k] = (int)(cells + i * count + k);
			one[k] = 1;
		}
		Cbc_addRow(m, "", (int)count, own, one, 'L', p->excusals);
	}
	for (size_t c = 0; c < o->cuts.count; c++) {
		for (size_t i = 0; i < n; i++)
			columns[i] = (int)(i * count + o->cut_rows.items[c]);
		Cbc_addRow(m, "", (int)n, columns, o->cuts.items[c], 'L', o->cuts.items[c][n]);
	}
	return m;
}

/* A tangent to sqrt(P sum r^2/P_i) <= kappa sum r where the answer breaks it. */
static bool cut_row(struct outer *o, const double *x, size_t k)
{
	const struct uplift_problem *p = o->p;
	size_t n = p->unit_count, count = p->resource_count;
	double limit = (double)p->resources[k].limit_micro * 1e-6, kappa = sqrt(1 + limit * limit);
	double total = 0, squares = 0, weight = 0, norm, *cut;

	for (size_t i = 0; i < n; i++) {
		double r = o->have[i * count + k] + x[i * count + k];
		total += r;
		squares += r * r / (double)p->weights[i];
		weight += (double)p->weights[i];
	}
	norm = sqrt(weight * squares);
	if (norm <= kappa * total * (1 + 1e-7))
		return false;
	cut = arena_array(o->mem, double, n + 1);
	for (size_t i = 0; i < n; i++) {
		double r = o->have[i * count + k] + x[i * count + k];
		cut[i] = weight * r / ((double)p->weights[i] * norm) - kappa;
		cut[n] -= cut[i] * o->have[i * count + k];
	}
	*VEC_PUSH(o->mem, &o->cuts) = cut;
	*VEC_PUSH(o->mem, &o->cut_rows) = k;
	return true;
}

/* What an answer with CBC's excusals costs. */
static void take_excusals(struct outer *o, const double *x, double until)
{
	struct uplift_problem p = *o->p;
	size_t count = p.resource_count, cells = p.unit_count * count;
	uint32_t *masks = arena_array(o->mem, uint32_t, p.unit_count);
	struct uplift_options options = {.stop = is_late, .stop_arg = &until};
	struct uplift_answer a;

	for (size_t at = 0; at < cells; at++)
		if (x[cells + at] > 0.5)
			masks[at / count] |= UINT32_C(1) << at % count;
	p.excusable = masks;
	uplift_solve(&p, &options, o->mem, &a);
	if (a.raises)
		o->progress->cost = MIN(o->progress->cost, a.cost);
}

static double gap_of(const struct progress *o)
{
	if (isinf(o->cost))
		return 1;
	return o->cost > 0 ? (o->cost - o->bound) / o->cost : 0;
}

static void solve_outer(struct outer *o, double until)
{
	bool is_cut = true;

	while (is_cut && gap_of(o->progress) > 1e-4 && seconds() < until) {
		Cbc_Model *m = build(o, until - seconds());
		const double *x;

		Cbc_solve(m);
		o->progress->bound = MAX(o->progress->bound, 1e4 * Cbc_getBestPossibleObjValue(m));
		x = Cbc_getColSolution(m);
		is_cut = false;
		if (x) {
			take_excusals(o, x, until);
			for (size_t k = 0; k < o->p->resource_count; k++)
				is_cut |= cut_row(o, x, k);
		}
		Cbc_deleteModel(m);
	}
}

/* In a child; true when it ended by itself. */
static bool solve_apart(
	const struct uplift_problem *p, struct arena *mem, double limit, struct progress *progress)
{
	struct outer outer;
	int status = 0;
	pid_t child;

	*progress = (struct progress){0, HUGE_VAL};
	child = fork();
	if (child == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(3);
		outer_init(&outer, p, mem);
		outer.progress = progress;
		solve_outer(&outer, seconds() + limit);
		_exit(0);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status);
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 20;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 20260901;
	double limit = argc > 3 ? strtod(argv[3], NULL) : 5, taken[2] = {0}, worst[2] = {0};
	struct county_options options = {.units_min = 30, .units_max = 300};
	size_t proven[2] = {0}, crossed = 0, aborted = 0;
	struct progress *cbc =
		mmap(NULL, sizeof *cbc, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct rng rng;

	if (cbc == MAP_FAILED) {
		perror("mmap");
		return 3;
	}
	rng_seed(&rng, seed);
	for (size_t round = 0; round < count; round++) {
		struct arena *mem = arena_create();
		double start = seconds(), until = start + limit;
		struct uplift_options o = {.gap = 1e-4, .stop = is_late, .stop_arg = &until};
		struct uplift_problem p;
		struct uplift_answer a;

		county_draw(&rng, &options, mem, &p);
		uplift_solve(&p, &o, mem, &a);
		taken[0] += seconds() - start;
		proven[0] += a.gap <= 1e-4;
		worst[0] = fmax(worst[0], a.gap);
		start = seconds();
		aborted += !solve_apart(&p, mem, limit, cbc);
		taken[1] += seconds() - start;
		proven[1] += gap_of(cbc) <= 1e-4;
		worst[1] = fmax(worst[1], gap_of(cbc));
		crossed += cbc->bound > a.cost * (1 + 2e-5) || a.bound > cbc->cost * (1 + 1e-6);
		arena_free(mem);
	}
	printf("{\"counties\":%zu,\"seed\":%" PRIu64
	       ",\"limit\":%g,\"ours\":{\"proven\":%zu,\"seconds\":%.2f,\"worst_gap\":%.6f},"
	       "\"cbc\":{\"proven\":%zu,\"seconds\":%.2f,\"worst_gap\":%.6f,\"aborted\":%zu},"
	       "\"time_ratio\":%.4f,\"bounds_crossed\":%zu}\n",
		count, seed, limit, proven[0], taken[0], worst[0], proven[1], taken[1], worst[1],
		aborted, taken[0] / taken[1], crossed);
	return crossed ? 1 : 0;
}
