#include "layout/towns.h"

#include "base/rng.h"

#include <math.h>

enum { KINDS = 3, STEPS = 3, STATES = 2 + STEPS };

static const int64_t step_room[KINDS] = {30, 45, 50};
static const int64_t running[KINDS] = {180000000, 320000000, 480000000};
static const int64_t step_cost[KINDS] = {20000000, 30000000, 40000000};
static const int64_t per_km[KINDS] = {260000, 220000, 200000};

struct maker {
	struct rng rng;
	struct towns_size size;
	int64_t *cost, *room, *demand, *arc_cost;
	int32_t *first_state, *base, *kind, *first_arc, *arc_site, *site_kind, arcs;
	double *x, *y;
};

static void make_site(struct maker *m, int32_t i)
{
	static const int32_t kinds[] = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2};
	int32_t k = kinds[rng_below(&m->rng, ARRAY_LEN(kinds))], first = i * STATES;
	int64_t now = rng_between(&m->rng, 2, 22) * step_room[k];

	m->site_kind[i] = k;
	m->x[i] = rng_unit(&m->rng) * 40;
	m->y[i] = rng_unit(&m->rng) * 40;
	m->first_state[i + 1] = first + STATES;
	m->base[i] = first + 1;
	m->cost[first] = 4000000;
	for (int32_t s = 1; s < STATES; s++) {
		m->cost[first + s] = running[k] + (s - 1) * step_cost[k];
		m->room[(first + s) * KINDS + k] = now + (s - 1) * step_room[k];
	}
}

struct near {
	int32_t site;
	double km;
};

static int by_km(const void *a, const void *b)
{
	const struct near *p = a, *q = b;

	if (p->km > q->km || p->km < q->km)
		return p->km > q->km ? 1 : -1;
	return p->site < q->site ? -1 : 1;
}

/* A community's three points. */
static void make_points(struct maker *m, struct near *near, int32_t c, int32_t from, int32_t to)
{
	double x = rng_unit(&m->rng) * 40, y = rng_unit(&m->rng) * 40;

	for (int32_t k = 0; k < KINDS; k++) {
		int32_t j = c * KINDS + k, count = 0;
		m->kind[j] = k;
		m->demand[j] = rng_between(&m->rng, 1, k == 0 ? 60 : k == 1 ? 130 : 70);
		for (int32_t i = from; i < to; i++)
			if (m->site_kind[i] == k)
				near[count++] =
					(struct near){i, hypot(m->x[i] - x, m->y[i] - y) * 1.3};
		if (count)
			qsort(near, (size_t)count, sizeof *near, by_km);
		for (int32_t n = 0; n < MIN(count, m->size.near); n++) {
			m->arc_site[m->arcs] = near[n].site;
			m->arc_cost[m->arcs++] = llround(near[n].km * (double)per_km[k]);
		}
		m->first_arc[j + 1] = m->arcs;
	}
}

struct layout towns_make(struct arena *mem, struct towns_size size, uint64_t seed)
{
	size_t points = (size_t)size.communities * KINDS, states = (size_t)size.sites * STATES;
	struct near *near = arena_array(mem, struct near, size.sites);
	struct maker m = {.size = size};

	rng_seed(&m.rng, seed);
	m.cost = arena_array(mem, int64_t, states);
	m.room = arena_array(mem, int64_t, states * KINDS);
	m.first_state = arena_array(mem, int32_t, size.sites + 1);
	m.base = arena_array(mem, int32_t, size.sites);
	m.site_kind = arena_array(mem, int32_t, size.sites);
	m.x = arena_array(mem, double, size.sites);
	m.y = arena_array(mem, double, size.sites);
	m.kind = arena_array(mem, int32_t, points);
	m.demand = arena_array(mem, int64_t, points);
	m.first_arc = arena_array(mem, int32_t, points + 1);
	m.arc_site = arena_array(mem, int32_t, points * (size_t)size.near);
	m.arc_cost = arena_array(mem, int64_t, points * (size_t)size.near);
	for (int32_t i = 0; i < size.sites; i++)
		make_site(&m, i);
	for (int32_t c = 0; c < size.communities; c++) {
		int32_t county = (int32_t)((int64_t)c * size.counties / size.communities);
		make_points(&m, near, c, county * size.sites / size.counties,
			(county + 1) * size.sites / size.counties);
	}
	return (struct layout){KINDS, size.sites, size.communities * KINDS, m.first_state, m.cost,
		m.room, m.base, m.kind, m.demand, m.first_arc, m.arc_site, m.arc_cost, 60000000};
}
