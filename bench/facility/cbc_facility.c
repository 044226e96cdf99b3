/*
 * CBC on an OR-Library facility location file, with the strong formulation (x_ij <= y_i for each
 * pair, capacity rows, and the capacities together at least the demand): the yardstick.
 * usage: cbc-facility FILE CAPACITY|0 SECONDS [--single-source]
 */
#include "base/num.h"
#include "engine/places/orlib.h"

#include <coin/Cbc_C_Interface.h>
#include <math.h>
#include <time.h>

static struct str slurp(const char *path, struct strbuf *b)
{
	FILE *in = fopen(path, "rb");
	char block[65536];

	if (!in) {
		perror(path);
		exit(3);
	}
	for (size_t n; (n = fread(block, 1, sizeof block, in)) > 0;)
		strbuf_add(b, block, n);
	fclose(in);
	return strbuf_view(b);
}

/* Columns: y_i, then x_ij; rows: customers, capacities, pairs, and the demand. */
static Cbc_Model *build(struct arena *mem, const struct orlib *o, bool is_single)
{
	const struct facility *f = &o->facility;
	int n = f->site_count, m = f->customer_count, columns = n + n * m, rows = m + n + n * m + 1;
	int entries = n * (1 + m + 1) + n * m * 3, at = 0;
	int *start = arena_array(mem, int, columns + 1), *index = arena_array(mem, int, entries);
	double *value = arena_array(mem, double, entries),
	       *cost = arena_array(mem, double, columns);
	double *low = arena_array(mem, double, rows), *high = arena_array(mem, double, rows);
	double *zero = arena_array(mem, double, columns), *one = arena_array(mem, double, columns);
	double unit = pow(10, -o->cost_scale), demand = 0;
	Cbc_Model *model = Cbc_newModel();

	for (int j = 0; j < m; j++) {
		low[j] = high[j] = 1;
		demand += (double)f->demand[j];
	}
	for (int r = m; r < rows; r++)
		low[r] = -HUGE_VAL;
	high[rows - 1] = HUGE_VAL;
	low[rows - 1] = demand;
	for (int i = 0; i < n; i++) {
		start[i] = at;
		cost[i] = (double)f->fixed[i] * unit;
		one[i] = 1;
		index[at] = m + i;
		value[at++] = -(double)f->capacity[i];
		for (int j = 0; j < m; j++) {
			index[at] = m + n + i * m + j;
			value[at++] = -1;
		}
		index[at] = rows - 1;
		value[at++] = (double)f->capacity[i];
	}
	for (int i = 0; i < n; i++)
		for (int j = 0; j < m; j++) {
			int c = n + i * m + j;
			start[c] = at;
			cost[c] = (double)f->cost[i * m + j] * unit;
			one[c] = 1;
			index[at] = j;
			value[at++] = 1;
			index[at] = m + i;
			value[at++] = (double)f->demand[j];
			index[at] = m + n + i * m + j;
			value[at++] = 1;
		}
	start[columns] = at;
	Cbc_loadProblem(model, columns, rows, start, index, value, zero, one, cost, low, high);
	for (int c = 0; c < (is_single ? columns : n); c++)
		Cbc_setInteger(model, c);
	return model;
}

int main(int argc, char **argv)
{
	struct arena *mem = arena_create();
	int64_t capacity, seconds;
	struct timespec a, b;
	struct problems ps;
	struct strbuf text;
	struct orlib o;
	Cbc_Model *model;

	if (argc < 4 || parse_i64(str_from(argv[2]), 0, FACILITY_UNITS_MAX, &capacity) != NUM_OK ||
		parse_i64(str_from(argv[3]), 1, 100000, &seconds) != NUM_OK) {
		fputs("cbc-facility FILE CAPACITY|0 SECONDS [--single-source]\n", stderr);
		return 2;
	}
	problems_init(&ps, mem);
	strbuf_init(&text, STRBUF_MAX);
	if (!orlib_read(mem, &ps, str_from(argv[1]), slurp(argv[1], &text), capacity, &o))
		return 1;
	model = build(mem, &o, argc > 4);
	Cbc_setLogLevel(model, 0);
	Cbc_setParameter(model, "seconds", argv[3]);
	Cbc_setParameter(model, "timeMode", "elapsed");
	clock_gettime(CLOCK_MONOTONIC, &a);
	Cbc_solve(model);
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("\n{\"has_plan\":%s,\"cost\":%.6f,\"bound\":%.6f,\"seconds\":%.3f}\n",
		Cbc_numberSavedSolutions(model) > 0 ? "true" : "false", Cbc_getObjValue(model),
		Cbc_getBestPossibleObjValue(model),
		(double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec));
	Cbc_deleteModel(model);
	strbuf_release(&text);
	arena_free(mem);
	return 0;
}
