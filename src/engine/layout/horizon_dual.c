/*
 * For prices of a unit at each point in each year,
 *
 *   what the points pay  +  sum over sites of the cheapest path through the states, where a state
 *   costs in a year what layout_dual.c says (its cost less what its best customers pay)
 *
 * is a lower bound. The cheapest path is found from year to year.
 */
#include "engine/layout/horizon_impl.h"

#include <math.h>

void horizon_span_init(struct span *s, struct arena *mem, const struct horizon *h, struct cutter *c,
	int32_t number)
{
	size_t cells;

	*s = (struct span){.h = h, .years = h->year_count, .bound = -HUGE_VAL};
	s->part = arena_array(mem, struct part, s->years);
	s->dual = arena_array(mem, struct dual, s->years);
	for (int32_t t = 0; t < s->years; t++)
		layout_take_part(c, mem, &h->years[t], number, &s->part[t]);
	s->points = s->part[0].point_count;
	cells = (size_t)s->years * (size_t)s->points;
	s->price = arena_array(mem, double, cells);
	s->unserved = arena_array(mem, double, cells);
	s->demand = arena_array(mem, double, cells);
	s->ceiling = arena_array(mem, double, cells);
	s->reach = arena_array(mem, double, s->years *HORIZON_STATES_MAX);
	s->came_of = arena_array(mem, uint8_t, s->years * HORIZON_STATES_MAX);
	for (int32_t t = 0; t < s->years; t++) {
		layout_dual_init(&s->dual[t], mem, &s->part[t]);
		s->dual[t].price = s->price + t * s->points;
		s->dual[t].unserved = s->unserved + t * s->points;
		for (int32_t j = 0; j < s->points; j++) {
			s->demand[t * s->points + j] = s->part[t].demand[j];
			s->ceiling[t * s->points + j] = s->part[t].unmet_cost;
		}
	}
}

double horizon_span_move(const struct span *s, int32_t year, int32_t site, int32_t from, int32_t to)
{
	const struct part *p = &s->part[0];
	int32_t move;

	if (from == to)
		return 0;
	move = horizon_move(
		s->h, p->site_id[site], part_state_id(p, site, from), part_state_id(p, site, to));
	if (s->h->move_year[move] > year)
		return HUGE_VAL;
	return (double)horizon_move_cost(s->h, year, move);
}

static double state_value(const struct span *s, int32_t year, int32_t state, enum span_values what)
{
	const struct dual *d = &s->dual[year];

	if (d->is_banned[state])
		return HUGE_VAL;
	return what == SPAN_COST ? d->value[state] : -d->mean_state[state];
}

void horizon_span_reach(struct span *s, int32_t site, enum span_values what)
{
	const struct part *p = &s->part[0];
	int32_t first = p->first_state[site], count = p->first_state[site + 1] - first;
	int32_t id = p->site_id[site], base = p->l->base_state[id] - p->l->first_state[id];

	for (int32_t t = 0; t < s->years; t++) {
		double *now = s->reach + t * HORIZON_STATES_MAX;
		uint8_t *of = s->came_of + t * HORIZON_STATES_MAX;
		for (int32_t b = 0; b < count; b++) {
			double own = state_value(s, t, first + b, what);
			now[b] = HUGE_VAL;
			of[b] = (uint8_t)base;
			for (int32_t a = t ? 0 : base; a < (t ? count : base + 1); a++) {
				double before = t ? now[a - HORIZON_STATES_MAX] : 0;
				double move;
				if (before + own >= now[b])
					continue;
				move = horizon_span_move(s, t, site, first + a, first + b);
				if (what == SPAN_MEAN && isfinite(move))
					move = 0;
				if (before + own + move < now[b]) {
					now[b] = before + own + move;
					of[b] = (uint8_t)a;
				}
			}
		}
	}
}

void horizon_span_path(const struct span *s, int32_t site, int32_t last, int32_t *out)
{
	for (int32_t t = s->years - 1; t >= 0; t--) {
		out[t] = s->part[0].first_state[site] + last;
		last = s->came_of[t * HORIZON_STATES_MAX + last];
	}
}

int32_t horizon_span_end(const struct span *s, int32_t site)
{
	const double *reach = s->reach + (s->years - 1) * HORIZON_STATES_MAX;
	int32_t best = 0;

	for (int32_t b = 1; b < s->part[0].first_state[site + 1] - s->part[0].first_state[site];
		b++)
		if (reach[b] < reach[best])
			best = b;
	return best;
}

double horizon_span_values(struct span *s, const double *price)
{
	double sum = 0;

	for (int32_t t = 0; t < s->years; t++)
		sum += layout_dual_values(&s->dual[t], price + t * s->points);
	return sum;
}

static double value_of(void *of, const double *price)
{
	struct span *s = of;
	double sum = horizon_span_values(s, price);
	int32_t path[HORIZON_YEARS_MAX];

	for (int32_t i = 0; i < s->part[0].site_count; i++) {
		int32_t end;
		horizon_span_reach(s, i, SPAN_COST);
		end = horizon_span_end(s, i);
		sum += s->reach[(s->years - 1) * HORIZON_STATES_MAX + end];
		horizon_span_path(s, i, end, path);
		for (int32_t t = 0; t < s->years; t++)
			s->dual[t].pick[i] = path[t];
	}
	for (int32_t t = 0; t < s->years; t++)
		layout_dual_serve(&s->dual[t], price + t * s->points);
	return sum;
}

static void keep_nothing(void *of)
{
	(void)of;
}

static void average_of(void *of, double alpha)
{
	struct span *s = of;

	for (int32_t t = 0; t < s->years; t++)
		layout_dual_average(&s->dual[t], alpha);
}

void horizon_span_climb(struct span *s, struct arena *scratch, const struct layout_limits *limits,
	double cost, double gap, int rounds)
{
	struct ascent a = {s->years * s->points, s->demand, s->ceiling, s->price, s->unserved,
		s->bound, s, value_of, keep_nothing, average_of, limits};

	layout_climb(&a, scratch, cost, gap, rounds);
	s->bound = a.bound;
}
