/* The proof in integers: each year's plan by layout_check, the moves, and the bound of the prices
 * by shortest paths of its own. */
#include "engine/layout/horizon.h"
#include "engine/layout/layout_values.h"

/* The cheapest path of a site through values[year][state]. */
static int64_t cheapest(
	struct arena *mem, const struct horizon *h, int64_t *const *values, int32_t site)
{
	const struct layout *l = h->years;
	int32_t first = l->first_state[site], last = l->first_state[site + 1];
	int64_t *now = arena_array(mem, int64_t, last - first);
	int64_t *next = arena_array(mem, int64_t, last - first), least = INT64_MAX;

	for (int32_t s = first; s < last; s++)
		now[s - first] = s == l->base_state[site] ? 0 : INT64_MAX;
	for (int32_t t = 0; t < h->year_count; t++) {
		int64_t *swap = now;
		for (int32_t to = first; to < last; to++) {
			int64_t best = now[to - first];
			for (int32_t from = first; from < last; from++) {
				int32_t m = horizon_move(h, site, from, to);
				if (from == to || now[from - first] == INT64_MAX ||
					h->move_year[m] > t)
					continue;
				best = MIN(best, now[from - first] + horizon_move_cost(h, t, m));
			}
			next[to - first] = best == INT64_MAX ? best : best + values[t][to];
		}
		now = next;
		next = swap;
	}
	for (int32_t s = first; s < last; s++)
		least = MIN(least, now[s - first]);
	return least;
}

static int64_t bound_of(struct arena *mem, const struct horizon *h, const struct horizon_answer *a)
{
	const struct layout *l = h->years;
	int64_t **values = arena_array(mem, int64_t *, h->year_count), bound = 0;

	for (int32_t t = 0; t < h->year_count; t++) {
		values[t] = arena_array(mem, int64_t, l->first_state[l->site_count]);
		bound +=
			layout_values(mem, &h->years[t], a->prices + t * l->point_count, values[t]);
	}
	for (int32_t i = 0; i < l->site_count; i++)
		bound += cheapest(mem, h, values, i);
	return bound;
}

/* The year of the first move that may not be, or -1. */
static int32_t check_moves(
	const struct horizon *h, const struct horizon_answer *a, int32_t site, int64_t *cost)
{
	int32_t from = h->years->base_state[site];

	for (int32_t t = 0; t < h->year_count; t++) {
		int32_t to = a->state[t * h->years->site_count + site];
		if (to != from) {
			int32_t m = horizon_move(h, site, from, to);
			if (h->move_year[m] > t)
				return t;
			*cost += horizon_move_cost(h, t, m);
		}
		from = to;
	}
	return -1;
}

struct horizon_verdict horizon_check(const struct horizon *h, const struct horizon_answer *a)
{
	const struct layout *l = h->years;
	struct horizon_verdict v = {0};
	struct arena *mem;

	for (int32_t t = 0; t < h->year_count; t++) {
		struct layout_answer year = {.of = &h->years[t],
			.state = a->state + t * l->site_count,
			.flow = a->flow + t * l->first_arc[l->point_count],
			.unmet = a->unmet + t * l->point_count,
			.prices = a->prices + t * l->point_count};
		struct layout_verdict of_year = layout_check(&h->years[t], &year);
		if (of_year.fault != LAYOUT_GOOD)
			return (struct horizon_verdict){.fault = HORIZON_YEAR,
				.layout = of_year.fault,
				.year = t,
				.at = of_year.at};
		v.cost += of_year.cost;
		v.unmet += of_year.unmet;
	}
	for (int32_t i = 0; i < l->site_count; i++) {
		int32_t year = check_moves(h, a, i, &v.cost);
		if (year >= 0)
			return (struct horizon_verdict){
				.fault = HORIZON_MOVE, .year = year, .at = i};
	}
	mem = arena_create();
	v.bound = bound_of(mem, h, a);
	arena_free(mem);
	return v;
}
