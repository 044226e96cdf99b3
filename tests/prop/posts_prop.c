/*
 * Random tiny staffs against brute force over everybody's choices: the same least cost, rows kept,
 * a bound that is never above it; and where no choice keeps the rows, none is found. Then larger
 * random ones: no plan breaks a rule, and the bound is close. Usage: prop-posts SEED TINY LARGE
 */
#include "base/num.h"
#include "base/rng.h"
#include "engine/posts/posts.h"

struct staff {
	struct posts p;
	int32_t *first, *post;
	int64_t *cost, *need, *weight, *least;
	bool *is_move, *is_free;
};

/* Everybody has a place of his own and up to `choices` others; row 0 counts moves of some, row 1
 * asks that a fifth of them is of a few. */
static void make(struct arena *mem, struct rng *rng, int32_t people, int32_t posts, int64_t choices,
	struct staff *s)
{
	int32_t arcs = 0;

	s->first = arena_array(mem, int32_t, people + 1);
	s->post = arena_array(mem, int32_t, people * (int32_t)(choices + 1));
	s->cost = arena_array(mem, int64_t, people * (int32_t)(choices + 1));
	s->is_move = arena_array(mem, bool, people *(int32_t)(choices + 1));
	s->need = arena_array(mem, int64_t, posts);
	s->weight = arena_array(mem, int64_t, 2 * people);
	s->least = arena_array(mem, int64_t, 2);
	s->is_free = arena_array(mem, bool, posts);
	for (int32_t j = 0; j < posts; j++) {
		s->need[j] = rng_between(rng, 0, 2 * people / posts);
		s->is_free[j] = rng_below(rng, 5) == 0;
	}
	for (int32_t i = 0; i < people; i++) {
		int32_t home = (int32_t)rng_below(rng, posts);
		int64_t others = rng_between(rng, 0, choices);
		s->post[arcs++] = home;
		for (int64_t k = 0; k < others; k++) {
			s->post[arcs] = (int32_t)rng_below(rng, posts);
			s->cost[arcs] = rng_between(rng, 0, 60);
			s->is_move[arcs] = s->post[arcs] != home;
			arcs += s->is_move[arcs];
		}
		s->first[i + 1] = arcs;
		if (rng_below(rng, 3) == 0)
			continue;
		s->weight[i] = 1;
		s->weight[people + i] = rng_below(rng, 4) == 0 ? 4 : -1;
	}
	s->least[0] = rng_between(rng, 0, people / 3);
	s->p = (struct posts){people, posts, 2, s->first, s->post, s->cost, s->is_move, s->need,
		rng_between(rng, 0, 100), rng_between(rng, 0, 40), s->weight, s->least, s->is_free};
}

static int64_t cost_of(const struct posts *p, const int32_t *arc)
{
	int64_t cost = 0, rows[2] = {0}, heads[8] = {0};

	for (int32_t i = 0; i < p->person_count; i++) {
		cost += p->arc_cost[arc[i]];
		heads[p->arc_post[arc[i]]]++;
		for (int32_t r = 0; r < 2 && p->arc_is_move[arc[i]]; r++)
			rows[r] += p->row_weight[r * p->person_count + i];
	}
	if (rows[0] < p->row_least[0] || rows[1] < p->row_least[1])
		return INT64_MAX;
	for (int32_t j = 0; j < p->post_count; j++) {
		int64_t short_by = MAX(p->need[j] - heads[j], 0);
		int64_t far = MAX(p->need[j] / 2 - heads[j], 0);
		if (!p->is_free[j])
			cost += (short_by + far) * p->short_cost +
				MAX(heads[j] - p->need[j], 0) * p->over_cost;
	}
	return cost;
}

static int64_t brute(const struct posts *p)
{
	int32_t arc[8], i;
	int64_t least = INT64_MAX;

	for (i = 0; i < p->person_count; i++)
		arc[i] = p->first_arc[i];
	do {
		least = MIN(least, cost_of(p, arc));
		for (i = 0; i < p->person_count && ++arc[i] == p->first_arc[i + 1]; i++)
			arc[i] = p->first_arc[i];
	} while (i < p->person_count);
	return least;
}

static bool tiny(struct rng *rng, int64_t *solved)
{
	struct arena *mem = arena_create();
	struct posts_limits limits = {.nodes = 1000000};
	struct posts_answer a;
	struct posts_verdict v;
	struct staff s;
	int64_t least;
	bool is_good;

	make(mem, rng, (int32_t)rng_between(rng, 1, 7), (int32_t)rng_between(rng, 1, 4), 3, &s);
	least = brute(&s.p);
	posts_solve(mem, &s.p, &limits, NULL, &a);
	is_good = a.has_plan == (least < INT64_MAX) && a.is_closed;
	if (a.has_plan) {
		v = posts_check(&s.p, &a);
		is_good &= v.is_good && v.cost == least && v.bound <= least;
		(*solved)++;
		if (!is_good)
			printf("cost %" PRId64 ", least %" PRId64 ", bound %" PRId64 "\n", v.cost,
				least, v.bound);
	}
	arena_free(mem);
	return is_good;
}

static bool large(struct rng *rng, double *worst, int64_t *solved)
{
	struct arena *mem = arena_create();
	struct posts_limits limits = {.gap = 1e-3, .nodes = 20};
	struct posts_answer a;
	struct posts_verdict v;
	struct staff s;
	bool is_good = true;

	make(mem, rng, (int32_t)rng_between(rng, 30, 300), (int32_t)rng_between(rng, 4, 40), 8, &s);
	posts_solve(mem, &s.p, &limits, NULL, &a);
	if (a.has_plan) {
		double gap;
		v = posts_check(&s.p, &a);
		is_good = v.is_good && v.bound <= v.cost;
		gap = v.cost > 0 ? (double)(v.cost - v.bound) / (double)v.cost : 0;
		*worst = MAX(*worst, gap);
		(*solved)++;
	}
	arena_free(mem);
	return is_good;
}

int main(int argc, char **argv)
{
	int64_t seed = 20260906, n[2] = {500, 100}, solved[2] = {0};
	double worst = 0;
	struct rng rng;

	if (argc > 3 && (parse_i64(str_from(argv[1]), 0, INT64_MAX, &seed) != NUM_OK ||
				parse_i64(str_from(argv[2]), 0, 10000000, &n[0]) != NUM_OK ||
				parse_i64(str_from(argv[3]), 0, 10000000, &n[1]) != NUM_OK))
		return 2;
	rng_seed(&rng, (uint64_t)seed);
	for (int kind = 0; kind < 2; kind++)
		for (int64_t i = 0; i < n[kind]; i++)
			if (kind == 0 ? !tiny(&rng, &solved[0])
				      : !large(&rng, &worst, &solved[1])) {
				printf("seed %" PRId64 " kind %d instance %" PRId64 "\n", seed,
					kind, i);
				return 1;
			}
	printf("seed %" PRId64 ": %" PRId64 " tiny (%" PRId64 " with a plan), %" PRId64
	       " large (%" PRId64 "), worst gap of these %.4f\n",
		seed, n[0], solved[0], n[1], solved[1], worst);
	return 0;
}
