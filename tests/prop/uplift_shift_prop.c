/*
 * Weight moved between units of tiny problems, against every way to spread the same sum: the moves
 * keep every rule, never cost more than none, what they cost is what the whole solver says, and the
 * bound is never above the best of all ways. Prints its seed; arguments: seed, rounds.
 */
#include "base/rng.h"
#include "engine/uplift/shift.h"

#include <math.h>

#define UNITS 4
#define KINDS 3

struct sample {
	int64_t weights[UNITS], stocks[UNITS * KINDS], prices[UNITS * KINDS];
	int64_t give_max[UNITS], weight_max[UNITS];
	struct uplift_resource resources[KINDS];
	struct uplift_pair pairs[UNITS * UNITS];
	struct uplift_problem base;
	struct uplift_shift_problem problem;
};

struct tally {
	int cheaper, best, moved;
};

static void draw(struct rng *rng, struct sample *s, bool has_prices)
{
	static const int64_t limits[] = {0, 200000, 300000, 450000, 500000};
	size_t n = (size_t)rng_between(rng, 2, UNITS), count = (size_t)rng_between(rng, 1, KINDS);

	*s = (struct sample){0};
	for (size_t k = 0; k < count; k++)
		s->resources[k] = (struct uplift_resource){
			.threshold_nano = rng_between(rng, 2, 14) * 100000000,
			.floor_ppm = rng_between(rng, 3, 10) * 100000,
			.limit_micro = limits[rng_below(rng, ARRAY_LEN(limits))],
			.price_micro = rng_between(rng, 1, 9) * 1000000};
	for (size_t i = 0; i < n; i++) {
		s->weights[i] = rng_between(rng, 1, 7);
		s->give_max[i] = rng_between(rng, 0, 5);
		s->weight_max[i] = rng_between(rng, 1, 9);
		for (size_t k = 0; k < count; k++) {
			s->stocks[i * count + k] = rng_between(rng, 0, 6);
			s->prices[i * count + k] = rng_between(rng, 1, 9) * 1000000;
		}
		for (size_t j = i + 1; j < n; j++)
			if (rng_below(rng, 4))
				s->pairs[s->problem.pair_count++] = (struct uplift_pair){i, j};
	}
	s->base = (struct uplift_problem){.unit_count = n,
		.resource_count = count,
		.excusals = (int)rng_below(rng, 2),
		.weights = s->weights,
		.resources = s->resources,
		.stocks = s->stocks,
		.prices_micro = has_prices ? s->prices : NULL};
	s->problem.base = &s->base;
	s->problem.pairs = s->pairs;
	s->problem.give_max = s->give_max;
	s->problem.weight_max = s->weight_max;
}

static double cost_of(const struct sample *s, const int64_t *weights, struct arena *mem)
{
	struct uplift_problem p = s->base;
	struct uplift_options options = {.gap = 0};
	struct uplift_answer a;

	p.weights = weights;
	uplift_solve(&p, &options, mem, &a);
	return a.raises ? a.cost : HUGE_VAL;
}

/* The least cost of all weights from i on that use up `left` and keep what each unit may. */
static double brute(const struct sample *s, size_t i, int64_t left, int64_t *w, struct arena *mem)
{
	double best = HUGE_VAL;
	int64_t low, high;

	if (i >= MIN(s->base.unit_count, ARRAY_LEN(s->weights)))
		return left == 0 ? cost_of(s, w, mem) : HUGE_VAL;
	low = high = s->weights[i];
	for (size_t e = 0; e < s->problem.pair_count; e++) {
		size_t a = s->pairs[e].a, b = s->pairs[e].b, other = a == i ? b : a;
		if (a != i && b != i)
			continue;
		low = MAX(1, s->weights[i] - s->give_max[i]);
		high += MIN(s->give_max[other], s->weights[other] - 1);
	}
	high = MIN(high, MAX(s->weights[i], s->weight_max[i]));
	for (w[i] = low; w[i] <= high && w[i] <= left; w[i]++)
		best = fmin(best, brute(s, i + 1, left - w[i], w, mem));
	return best;
}

/* What the moves break, or NULL. */
static const char *check_moves(const struct sample *s, const struct uplift_shift *shift)
{
	int64_t weights[UNITS], given[UNITS] = {0}, moved = 0;

	memcpy(weights, s->weights, sizeof weights);
	for (size_t e = 0; e < s->problem.pair_count; e++) {
		int64_t flow = shift->flows[e];
		weights[s->pairs[e].a] -= flow;
		weights[s->pairs[e].b] += flow;
		given[s->pairs[e].a] += MAX(flow, 0);
		given[s->pairs[e].b] += MAX(-flow, 0);
		moved += MAX(flow, -flow);
	}
	for (size_t i = 0; i < s->base.unit_count; i++) {
		if (weights[i] != shift->weights[i])
			return "the weights are not what the flows say";
		if (weights[i] < 1 || weights[i] > MAX(s->weights[i], s->weight_max[i]))
			return "a unit is empty or too large";
		if (given[i] > s->give_max[i])
			return "a unit gives too much";
	}
	return moved == shift->moved ? NULL : "moved is not the sum of the flows";
}

static const char *try_one(const struct sample *s, struct arena *mem, struct tally *t)
{
	struct uplift_options options = {.gap = 0};
	int64_t scratch[UNITS], sum = 0;
	struct uplift_shift shift;
	const char *wrong;
	double none, best, bound;

	for (size_t i = 0; i < s->base.unit_count; i++)
		sum += s->weights[i];
	none = cost_of(s, s->weights, mem);
	uplift_shift_search(&s->problem, &options, mem, &shift);
	bound = uplift_shift_bound(&s->problem, mem);
	best = brute(s, 0, sum, scratch, mem);
	wrong = check_moves(s, &shift);
	if (wrong)
		return wrong;
	if (!shift.is_finished)
		return "nobody stopped it";
	if (shift.cost > none * (1 + 1e-4) + 1e-9)
		return "dearer than no moves";
	if (cost_of(s, shift.weights, mem) > shift.cost + 1e-9)
		return "the solver finds it dearer than the search said";
	if (shift.cost < best * (1 - 1e-9) - 1e-9)
		return "cheaper than the best of all ways";
	if (bound > best * (1 + 1e-9) + 1e-9)
		return "the bound is above the best";
	if (shift.moved && !(shift.cost < none))
		return "moved for nothing";
	t->moved += shift.moved > 0;
	t->cheaper += best < none * (1 - 1e-9);
	t->best += best < none * (1 - 1e-9) && shift.cost <= best * (1 + 1e-9) + 1e-9;
	return NULL;
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 20260901;
	int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 300;
	struct tally t = {0};
	struct rng rng;

	printf("seed %" PRIu64 "\n", seed);
	rng_seed(&rng, seed);
	for (int round = 0; round < rounds; round++) {
		struct arena *mem = arena_create();
		struct sample s;
		const char *wrong;

		draw(&rng, &s, round % 4 == 3);
		wrong = try_one(&s, mem, &t);
		arena_free(mem);
		if (wrong) {
			printf("round %d: %s\n", round, wrong);
			return 1;
		}
	}
	printf("%d problems: moves pay in %d, the search moved in %d, and found the best of all in "
	       "%d\n",
		rounds, t.cheaper, t.moved, t.best);
	return t.moved * 2 > t.cheaper ? 0 : 1;
}
