/*
 * How long after one changed row the new verdict of its county is there: rules are compiled and
 * computed anew over all rows, as a what-if does.
 *   verdict-bench PACK EVALUATION LEDGER=FILE ROUNDS
 */
#include "mod/evaluate/evaluate.h"

#include <time.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(const struct ctx *cx, enum err e)
{
	if (e == ERR_OK)
		return;
	fprintf(stderr, "verdict-bench: %.*s\n", (int)cx->error.n, cx->error.p);
	exit(1);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double one_round(const struct dataset *ds, const struct pack_evaluation *e, int64_t seed)
{
	struct ctx cx = {.mem = arena_create(), .now_us = 1795478400000000, .is_english = true};
	struct dataset_ledger *dl = dataset_find(ds, e->units->ledger.text);
	struct column *weight = table_find(dl->table, STR("pupils"));
	size_t row = (size_t)seed % dl->table->row_count;
	struct evaluation_result result;
	struct evaluation_run *run;
	double start = now(), taken;
	int64_t old;

	if (!column_get(weight, row, &old))
		old = 1;
	column_set_i64(weight, row, old + 1);
	must(&cx, evaluation_ready(&cx, ds, e, &run));
	must(&cx, evaluation_area(&cx, run, column_text(dataset_area_column(dl), row), &result));
	taken = now() - start;
	arena_free(cx.mem);
	return taken;
}

int main(int argc, char **argv)
{
	struct ctx cx = {.mem = arena_create(), .now_us = 1795478400000000, .is_english = true};
	struct str given = argc == 5 ? str_from(argv[3]) : STR_NONE, ledger, messages;
	int rounds = argc == 5 ? (int)strtol(argv[4], NULL, 10) : 0;
	struct pack_files files = {0};
	struct problems ps;
	struct dataset ds;
	struct pack pack;
	double taken[1000];

	if (rounds < 1 || rounds > 1000) {
		fprintf(stderr, "usage: verdict-bench PACK EVALUATION LEDGER=FILE ROUNDS\n");
		return 2;
	}
	problems_init(&ps, cx.mem);
	must(&cx, pack_read_folder(&cx, argv[1], &files));
	pack_load(&files, &pack, &ps);
	dataset_init(&ds, cx.mem, &pack, STR_NONE);
	ledger = str_cut(&given, '=');
	must(&cx, dataset_add_file(&cx, &ds, ledger, str_z(cx.mem, given), &messages));
	for (int i = 0; i < rounds; i++)
		taken[i] = one_round(&ds, pack_find_evaluations(&pack, str_from(argv[2])), i * 37);
	qsort(taken, (size_t)rounds, sizeof *taken, by_value);
	printf("{\"rows\": %zu, \"median_ms\": %.3f, \"p95_ms\": %.3f}\n",
		dataset_find(&ds, ledger)->table->row_count, 1000 * taken[rounds / 2],
		1000 * taken[rounds * 95 / 100]);
	arena_free(cx.mem);
	return 0;
}
