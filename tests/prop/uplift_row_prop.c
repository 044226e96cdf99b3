/*
 * One resource against brute force: on tiny random rows the filled stocks are the cheapest
 * integers within the limit, with and without upper bounds. Prints its seed; an argument sets it.
 */
#include "base/rng.h"
#include "engine/uplift/row.h"

#include <math.h>

#define UNITS_MAX 5

struct sample {
	int64_t weights[UNITS_MAX], stocks[UNITS_MAX], uppers[UNITS_MAX], low[UNITS_MAX];
	double share[UNITS_MAX], value[UNITS_MAX], costs[UNITS_MAX];
	long double inverse[UNITS_MAX], share_long[UNITS_MAX];
	struct uplift_share shares[UNITS_MAX];
	struct row row;
};

static void draw(struct rng *rng, struct sample *s, bool has_shares, bool has_prices)
{
	static const int64_t limits[] = {100000, 200000, 300000, 450000, 500000, 1000000};
	size_t n = (size_t)rng_between(rng, 1, UNITS_MAX);
	int64_t limit = limits[rng_below(rng, ARRAY_LEN(limits))];

	*s = (struct sample){0};
	s->row = (struct row){.n = n,
		.weights = s->weights,
		.inverse = s->inverse,
		.shares = has_shares ? s->shares : NULL,
		.share = s->share,
		.share_long = s->share_long,
		.value = s->value,
		.limit_micro = limit,
		.k2 = 1 + (double)limit * 1e-6 * ((double)limit * 1e-6),
		.stocks = s->stocks,
		.uppers = s->uppers,
		.costs = s->costs,
		.is_uniform = !has_shares && !has_prices};
	for (size_t i = 0; i < n; i++) {
		s->weights[i] = rng_between(rng, 1, 6);
		s->inverse[i] = 1 / (long double)s->weights[i];
		s->shares[i].den = has_shares ? rng_between(rng, 1, 4) : 1;
		s->shares[i].num = rng_between(rng, 1, s->shares[i].den);
		s->share_long[i] = (long double)s->shares[i].num / (long double)s->shares[i].den;
		s->share[i] = (double)s->share_long[i];
		s->value[i] = (double)(s->share_long[i] * s->inverse[i]);
		s->row.weight_total += s->weights[i];
		s->stocks[i] = rng_between(rng, 0, 5);
		s->low[i] = s->stocks[i] + rng_below(rng, 2);
		s->uppers[i] = s->low[i] + rng_between(rng, 0, 7);
		s->costs[i] = has_prices ? (double)rng_between(rng, 1, 9) : 3;
	}
}

static double brute(const struct row *row, const int64_t *low)
{
	int64_t r[UNITS_MAX];
	double best = HUGE_VAL;
	size_t i;

	memcpy(r, low, row->n * sizeof *r);
	do {
		if (row_is_within(row, r))
			best = fmin(best, row_cost(row, r));
		for (i = 0; i < row->n && ++r[i] > row->uppers[i]; i++)
			r[i] = low[i];
	} while (i < row->n);
	return best;
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 20260901;
	int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 3000, bound = 0, none = 0,
	    above = 0, lost = 0;
	double over = 0;
	struct rng rng;

	printf("seed %" PRIu64 "\n", seed);
	rng_seed(&rng, seed);
	for (int round = 0; round < rounds; round++) {
		struct sample s;
		struct row_fill fill = {0};
		int64_t r[UNITS_MAX];
		double best, cost = HUGE_VAL;

		draw(&rng, &s, round % 4 == 2, round % 4 == 3);
		best = brute(&s.row, s.low);
		if (row_fill(&s.row, s.low, r, &fill)) {
			row_polish(&s.row, s.low, r, &fill);
			cost = fill.cost;
		}
		none += isinf(best);
		bound += fill.rho > 0;
		if (isfinite(cost) && !row_is_within(&s.row, r)) {
			printf("round %d: beyond the limit\n", round);
			return 1;
		}
		if (isfinite(best) && (fill.bound > best + 1e-9 || cost < best - 1e-9 ||
					      (s.row.is_uniform && cost > best + 1e-9))) {
			printf("round %d: %g (bound %g), brute force %g\n", round, cost, fill.bound,
				best);
			return 1;
		}
		if (isinf(best) && isfinite(cost)) {
			printf("round %d: %g, brute force finds none\n", round, cost);
			return 1;
		}
		lost += isfinite(best) && isinf(cost);
		if (isfinite(cost) && cost > best + 1e-9) {
			above++;
			over = fmax(over, (cost - best) / best);
		}
	}
	printf("%d rows, limit binding in %d, impossible %d; with shares or prices by unit: %d "
	       "above the best, at most %.0f %%, %d not found\n",
		rounds, bound, none, above, 100 * over, lost);
	return 0;
}
