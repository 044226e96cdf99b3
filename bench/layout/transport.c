/*
 * usage: transport-bench COMMUNITIES SITES NEAR SEED
 * Serving alone, with every site as it is: the network simplex beside CBC's LP (primal or dual
 * as it chooses) on the same arcs. Both must come to the same cost.
 */
#include "base/num.h"
#include "engine/graph/flow.h"
#include "layout/towns.h"

#include <coin/Cbc_C_Interface.h>
#include <math.h>
#include <time.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int64_t room_of(const struct layout *l, int32_t site, int32_t kind)
{
	return l->state_room[l->base_state[site] * l->kind_count + kind];
}

static double by_flow(const struct layout *l, double *seconds)
{
	struct arena *mem = arena_create();
	int32_t groups = l->site_count * l->kind_count, arcs = l->first_arc[l->point_count];
	double start = now(), cost;
	int64_t total = 0;
	int32_t at = 0;
	struct flow *f =
		flow_create(mem, 1 + groups + l->point_count, groups + arcs + l->point_count);

	for (int32_t g = 0; g < groups; g++)
		flow_set_arc(f, at++,
			(struct flow_arc){
				0, 1 + g, 0, room_of(l, g / l->kind_count, g % l->kind_count), 0});
	for (int32_t j = 0; j < l->point_count; j++) {
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++)
			flow_set_arc(f, at++,
				(struct flow_arc){1 + l->arc_site[e] * l->kind_count + l->kind[j],
					1 + groups + j, 0, FLOW_NO_LIMIT, l->arc_cost[e]});
		flow_set_arc(f, at++,
			(struct flow_arc){0, 1 + groups + j, 0, FLOW_NO_LIMIT, l->unmet_cost});
		flow_set_supply(f, 1 + groups + j, -l->demand[j]);
		total += l->demand[j];
	}
	flow_set_supply(f, 0, total);
	cost = flow_solve(f) == FLOW_OPTIMAL ? (double)flow_cost(f) : HUGE_VAL;
	*seconds = now() - start;
	arena_free(mem);
	return cost;
}

/* Columns: arcs, then what is left at each point; rows: points, then groups. */
static double by_cbc(const struct layout *l, double *seconds)
{
	struct arena *mem = arena_create();
	int32_t arcs = l->first_arc[l->point_count], columns = arcs + l->point_count, at = 0;
	int32_t rows = l->point_count + l->site_count * l->kind_count;
	int *start = arena_array(mem, int, columns + 1),
	    *index = arena_array(mem, int, 2 * columns);
	double *value = arena_array(mem, double, 2 * columns);
	double *cost = arena_array(mem, double, columns), *none = arena_array(mem, double, columns);
	double *most = arena_array(mem, double, columns), *low = arena_array(mem, double, rows);
	double *high = arena_array(mem, double, rows), began = now(), got;
	Cbc_Model *model = Cbc_newModel();

	for (int32_t j = 0; j < l->point_count; j++) {
		low[j] = high[j] = (double)l->demand[j];
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++) {
			start[e] = at;
			cost[e] = (double)l->arc_cost[e];
			most[e] = HUGE_VAL;
			index[at] = j;
			value[at++] = 1;
			index[at] = l->point_count + l->arc_site[e] * l->kind_count + l->kind[j];
			value[at++] = 1;
		}
	}
	for (int32_t j = 0; j < l->point_count; j++) {
		start[arcs + j] = at;
		cost[arcs + j] = (double)l->unmet_cost;
		most[arcs + j] = HUGE_VAL;
		index[at] = j;
		value[at++] = 1;
	}
	start[columns] = at;
	for (int32_t g = l->point_count; g < rows; g++)
		high[g] = (double)room_of(l, (g - l->point_count) / l->kind_count,
			(g - l->point_count) % l->kind_count);
	Cbc_loadProblem(model, columns, rows, start, index, value, none, most, cost, low, high);
	Cbc_setLogLevel(model, 0);
	Cbc_solve(model);
	got = Cbc_getObjValue(model);
	*seconds = now() - began;
	Cbc_deleteModel(model);
	arena_free(mem);
	return got;
}

int main(int argc, char **argv)
{
	struct arena *mem = arena_create();
	double ours, theirs, our_seconds, their_seconds;
	struct layout l;
	int64_t n[4];

	for (int i = 0; i < 4; i++)
		if (argc != 5 || parse_i64(str_from(argv[i + 1]), 1, 1000000000, &n[i]) != NUM_OK) {
			fputs("transport-bench COMMUNITIES SITES NEAR SEED\n", stderr);
			return 2;
		}
	l = towns_make(mem, (struct towns_size){1, (int32_t)n[1], (int32_t)n[0], (int32_t)n[2]},
		(uint64_t)n[3]);
	ours = by_flow(&l, &our_seconds);
	theirs = by_cbc(&l, &their_seconds);
	printf("\n{\"points\":%d,\"arcs\":%d,\"cost\":%.0f,\"cbc_cost\":%.0f,\"same\":%s,"
	       "\"seconds\":%.3f,\"cbc_seconds\":%.3f,\"ratio\":%.3f}\n",
		l.point_count, l.first_arc[l.point_count], ours, theirs,
		fabs(ours - theirs) <= 1e-9 * fabs(ours) ? "true" : "false", our_seconds,
		their_seconds, our_seconds / their_seconds);
	arena_free(mem);
	return 0;
}
