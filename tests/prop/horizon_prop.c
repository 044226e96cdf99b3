/*
 * Random small layouts over years against every joint way through their states: the cost is never
 * below the least, the bound never above it, the check agrees, what a change saves is what the
 * difference of two plans is, and nearly always the least is found.
 * Usage: prop-horizon SEED COUNT
 */
#include "base/num.h"
#include "base/rng.h"
#include "engine/layout/horizon.h"
#include "layout_cost.h"

enum { SITES = 3, STATES = 3, POINTS = 5, KINDS = 2, YEARS = 4, JOINT = 27 };

struct small {
	struct horizon h;
	struct layout years[YEARS];
	int32_t first_state[SITES + 1], base_state[SITES], kind[POINTS], first_arc[POINTS + 1];
	int32_t arc_site[SITES * POINTS], first_move[SITES + 1];
	int64_t state_cost[YEARS][SITES * STATES], state_room[SITES * STATES * KINDS];
	int64_t demand[YEARS][POINTS], arc_cost[YEARS][SITES * POINTS];
	int64_t move_cost[SITES * STATES * STATES], weight[YEARS];
	int8_t move_year[SITES * STATES * STATES];
};

static void make_sites(struct rng *rng, struct small *s, int32_t sites)
{
	for (int32_t i = 0; i < sites; i++) {
		int32_t count = (int32_t)rng_between(rng, 1, STATES);
		s->first_state[i + 1] = s->first_state[i] + count;
		s->base_state[i] = s->first_state[i] + (int32_t)rng_below(rng, count);
		s->first_move[i + 1] = s->first_move[i] + count * count;
		for (int32_t t = s->first_state[i]; t < s->first_state[i + 1]; t++)
			for (int32_t k = 0; k < KINDS; k++)
				s->state_room[t * KINDS + k] =
					rng_below(rng, 3) ? rng_between(rng, 0, 40) : 0;
	}
	for (int32_t m = 0; m < s->first_move[sites]; m++) {
		s->move_cost[m] = rng_between(rng, 0, 300);
		s->move_year[m] = rng_below(rng, 4) ? (int8_t)rng_below(rng, 3) : HORIZON_NEVER;
	}
}

static void make_year(struct rng *rng, struct small *s, int32_t t, int32_t sites, int32_t points)
{
	for (int32_t k = 0; k < s->first_state[sites]; k++)
		s->state_cost[t][k] = rng_between(rng, 0, 200);
	for (int32_t j = 0; j < points; j++)
		s->demand[t][j] = rng_between(rng, 0, 30);
	for (int32_t e = 0; e < s->first_arc[points]; e++)
		s->arc_cost[t][e] = rng_between(rng, 0, 30);
	s->weight[t] = rng_between(rng, 0, 3000000);
	s->years[t] = (struct layout){KINDS, sites, points, s->first_state, s->state_cost[t],
		s->state_room, s->base_state, s->kind, s->demand[t], s->first_arc, s->arc_site,
		s->arc_cost[t], 100};
}

static void make(struct rng *rng, struct small *s)
{
	int32_t sites = (int32_t)rng_between(rng, 1, SITES), arcs = 0;
	int32_t points = (int32_t)rng_between(rng, 1, POINTS);
	int32_t years = (int32_t)rng_between(rng, 1, YEARS);

	make_sites(rng, s, sites);
	for (int32_t j = 0; j < points; j++) {
		s->kind[j] = (int32_t)rng_below(rng, KINDS);
		for (int32_t i = 0; i < sites; i++)
			if (rng_below(rng, 3))
				s->arc_site[arcs++] = i;
		s->first_arc[j + 1] = arcs;
	}
	for (int32_t t = 0; t < years; t++)
		make_year(rng, s, t, sites, points);
	s->h = (struct horizon){
		years, s->years, s->first_move, s->move_cost, s->move_year, s->weight};
}

/* The joint states: number n is one choice for each site; returns how many there are. */
static int32_t joint_count(const struct layout *l)
{
	int32_t count = 1;

	for (int32_t i = 0; i < l->site_count; i++)
		count *= l->first_state[i + 1] - l->first_state[i];
	return count;
}

static void joint_states(const struct layout *l, int32_t n, int32_t *out)
{
	for (int32_t i = 0; i < l->site_count; i++) {
		int32_t count = l->first_state[i + 1] - l->first_state[i];
		out[i] = l->first_state[i] + n % count;
		n /= count;
	}
}

static int64_t moves(const struct horizon *h, int32_t t, const int32_t *from, const int32_t *to)
{
	int64_t cost = 0;

	for (int32_t i = 0; i < h->years->site_count; i++) {
		int32_t m = horizon_move(h, i, from[i], to[i]);
		if (from[i] == to[i])
			continue;
		if (h->move_year[m] > t)
			return -1;
		cost += horizon_move_cost(h, t, m);
	}
	return cost;
}

static int64_t brute(const struct horizon *h)
{
	const struct layout *l = h->years;
	int32_t count = joint_count(l), from[SITES], to[SITES];
	int64_t now[JOINT] = {0}, next[JOINT], least = INT64_MAX;

	for (int32_t t = 0; t < h->year_count; t++) {
		for (int32_t b = 0; b < count; b++) {
			next[b] = INT64_MAX;
			joint_states(l, b, to);
			for (int32_t a = 0; a < (t ? count : 1); a++) {
				int64_t cost;
				joint_states(l, a, from);
				cost = moves(h, t, t ? from : l->base_state, to);
				if (cost >= 0 && (!t || now[a] < INT64_MAX))
					next[b] = MIN(next[b], (t ? now[a] : 0) + cost);
			}
			if (next[b] < INT64_MAX)
				next[b] += layout_cost(&h->years[t], to);
		}
		memcpy(now, next, sizeof now);
	}
	for (int32_t b = 0; b < count; b++)
		least = MIN(least, now[b]);
	return least;
}

static int64_t unchanged_cost(const struct horizon *h, const struct horizon_answer *a, int32_t site)
{
	const struct layout *l = h->years;
	int32_t from[SITES], to[SITES];
	int64_t cost = 0;

	memcpy(from, l->base_state, (size_t)l->site_count * sizeof *from);
	for (int32_t t = 0; t < h->year_count; t++) {
		memcpy(to, a->state + t * l->site_count, (size_t)l->site_count * sizeof *to);
		to[site] = l->base_state[site];
		cost += moves(h, t, from, to) + layout_cost(&h->years[t], to);
		memcpy(from, to, sizeof from);
	}
	return cost;
}

static bool agrees(const struct horizon *h, const struct horizon_answer *a, int64_t *missed)
{
	struct horizon_verdict v = horizon_check(h, a);
	int64_t least = brute(h);

	if (v.fault != HORIZON_GOOD || v.bound > least || v.cost < least) {
		printf("fault %d, cost %" PRId64 ", least %" PRId64 ", bound %" PRId64 "\n",
			v.fault, v.cost, least, v.bound);
		return false;
	}
	*missed += v.cost > least;
	for (int32_t i = 0; i < h->years->site_count; i++)
		if (unchanged_cost(h, a, i) - v.cost != a->saving[i]) {
			printf("site %d saves %" PRId64 ", not %" PRId64 "\n", i, a->saving[i],
				unchanged_cost(h, a, i) - v.cost);
			return false;
		}
	return true;
}

int main(int argc, char **argv)
{
	int64_t seed = 20261127, count = 300, missed = 0;
	struct rng rng;

	if (argc > 2 && (parse_i64(str_from(argv[1]), 0, INT64_MAX, &seed) != NUM_OK ||
				parse_i64(str_from(argv[2]), 1, 1000000, &count) != NUM_OK))
		return 2;
	rng_seed(&rng, (uint64_t)seed);
	for (int64_t n = 0; n < count; n++) {
		struct arena *mem = arena_create();
		struct small *s = arena_new(mem, struct small);
		struct layout_limits limits = {.gap = 0};
		struct horizon_answer a;

		make(&rng, s);
		horizon_solve(mem, &s->h, &limits, &a);
		if (!agrees(&s->h, &a, &missed)) {
			printf("seed %" PRId64 " instance %" PRId64 "\n", seed, n);
			return 1;
		}
		arena_free(mem);
	}
	printf("seed %" PRId64 ": %" PRId64 " horizons, the least missed %" PRId64 " times\n", seed,
		count, missed);
	return missed * 20 > count;
}
