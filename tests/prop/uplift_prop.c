/*
 * Tiny problems against brute force: every choice of excusals and every whole raise. The answer
 * costs what the best costs (with one price and nothing shared), the bound is never above it, the
 * check finds no fault in it and finds the faults that are put into it. With a budget nobody makes
 * more units pass. Prints its seed; arguments: seed, rounds.
 */
#include "base/rng.h"
#include "engine/uplift/uplift.h"

#include <math.h>

#define UNITS 4
#define KINDS 3
#define CELLS (UNITS * KINDS)
#define REACH 5 /* brute force raises at most that far */

struct sample {
	int64_t weights[UNITS], stocks[CELLS], uppers[CELLS], prices[CELLS];
	struct uplift_resource resources[KINDS];
	struct uplift_share shares[UNITS];
	uint32_t excusable[UNITS], excused[UNITS];
	struct uplift_problem problem;
};

static void draw(struct rng *rng, struct sample *s, bool has_shares, bool has_prices)
{
	static const int64_t limits[] = {0, 200000, 300000, 450000, 500000};
	size_t n = (size_t)rng_between(rng, 1, UNITS), count = (size_t)rng_between(rng, 1, KINDS);
	bool has_pins = rng_below(rng, 3) == 0;

	*s = (struct sample){0};
	for (size_t k = 0; k < count; k++)
		s->resources[k] = (struct uplift_resource){
			.threshold_nano = rng_between(rng, 2, 14) * 100000000,
			.floor_ppm = rng_between(rng, 3, 10) * 100000,
			.limit_micro = limits[rng_below(rng, ARRAY_LEN(limits))],
			.price_micro = rng_between(rng, 1, 9) * 1000000,
			.is_shared = has_shares && rng_below(rng, 2)};
	for (size_t i = 0; i < n; i++) {
		s->weights[i] = rng_between(rng, 1, 5);
		s->shares[i].den = rng_between(rng, 1, 3);
		s->shares[i].num = rng_between(rng, 1, s->shares[i].den);
		s->excusable[i] = (uint32_t)rng_below(rng, 8) | (rng_below(rng, 2) ? 7 : 0);
		s->excused[i] = rng_below(rng, 6) ? 0 : UINT32_C(1) << rng_below(rng, 3);
		for (size_t k = 0; k < count; k++) {
			size_t at = i * count + k;
			s->stocks[at] = rng_between(rng, 0, 5);
			s->uppers[at] = s->stocks[at] + rng_between(rng, 0, REACH);
			s->prices[at] = rng_between(rng, 1, 9) * 1000000;
		}
	}
	s->problem = (struct uplift_problem){.unit_count = n,
		.resource_count = count,
		.excusals = (int)rng_below(rng, 2) + (count == 3 ? (int)rng_below(rng, 2) : 0),
		.weights = s->weights,
		.resources = s->resources,
		.shares = has_shares ? s->shares : NULL,
		.stocks = s->stocks,
		.uppers = s->uppers,
		.prices_micro = has_prices ? s->prices : NULL,
		.excusable = has_pins ? s->excusable : NULL,
		.excused = has_pins ? s->excused : NULL};
	s->problem.excusals = (int)MIN((size_t)s->problem.excusals, count);
}

static bool reaches(const struct uplift_problem *p, size_t i, size_t k, int64_t r, int64_t ppm)
{
	const struct uplift_resource *q = &p->resources[k];
	bool is_shared = p->shares && q->is_shared;
	int64_t num = is_shared ? p->shares[i].num : 1, den = is_shared ? p->shares[i].den : 1;

	return (i128)r * num * 1000000000 * 1000000 >=
	       (i128)q->threshold_nano * p->weights[i] * den * ppm;
}

/* The masks of resources a unit may miss at the end, as bits of the result. */
static uint32_t allowed_masks(const struct uplift_problem *p, size_t i)
{
	uint32_t forced = 0, allowed = 0;

	for (size_t k = 0; p->excused && k < p->resource_count; k++)
		if (p->excused[i] >> k & 1 &&
			!reaches(p, i, k, p->stocks[i * p->resource_count + k], 1000000))
			forced |= UINT32_C(1) << k;
	for (uint32_t mask = 0; mask < UINT32_C(1) << p->resource_count; mask++) {
		bool is_open = !p->excusable || (mask & ~forced & ~p->excusable[i]) == 0;
		if (is_open && __builtin_popcount(mask | forced) <= p->excusals)
			allowed |= UINT32_C(1) << mask;
	}
	return allowed;
}

/* Least cost of row k in millionths when the units with this bit in excused miss it. */
static int64_t brute_row(
	const struct uplift_problem *p, size_t k, uint32_t excused_units, bool is_bounded)
{
	int64_t low[UNITS], r[UNITS], best = INT64_MAX;
	size_t n = p->unit_count, i;

	for (i = 0; i < n; i++) {
		size_t at = i * p->resource_count + k;
		int64_t ppm = excused_units >> i & 1 ? p->resources[k].floor_ppm : 1000000;
		for (low[i] = p->stocks[at]; is_bounded && !reaches(p, i, k, low[i], ppm);)
			low[i]++;
		if (low[i] > p->uppers[at])
			return INT64_MAX;
		r[i] = low[i];
	}
	do {
		/* Shares have denominators 1 to 3: masses in sixths are whole. */
		i128 total = 0, squares = 0, limit = p->resources[k].limit_micro;
		int64_t cost = 0, weight = 0;
		for (i = 0; i < n; i++) {
			size_t at = i * p->resource_count + k;
			bool is_shared = p->shares && p->resources[k].is_shared;
			int64_t mass = is_shared ? r[i] * 6 * p->shares[i].num / p->shares[i].den
						 : r[i] * 6;
			int64_t price =
				p->prices_micro ? p->prices_micro[at] : p->resources[k].price_micro;
			weight += p->weights[i];
			total += mass;
			squares += (i128)mass * mass * (60 / p->weights[i]);
			cost += (r[i] - p->stocks[at]) * price;
		}
		if (cost < best &&
			(!limit || (i128)weight * squares * 1000000 * 1000000 <=
					   60 * (limit * limit + (i128)1000000 * 1000000) * total *
						   total))
			best = cost;
		for (i = 0; i < n && ++r[i] > p->uppers[i * p->resource_count + k]; i++)
			r[i] = low[i];
	} while (i < n);
	return best;
}

/* Least cost in millionths; INT64_MAX: cannot be. */
static int64_t brute(const struct uplift_problem *p)
{
	uint32_t masks[UNITS] = {0}, allowed[UNITS], end = UINT32_C(1) << p->resource_count;
	int64_t rows[KINDS][1 << UNITS], best = INT64_MAX;
	size_t i;

	for (size_t k = 0; k < p->resource_count; k++)
		for (uint32_t units = 0; units < UINT32_C(1) << p->unit_count; units++)
			rows[k][units] = brute_row(p, k, units, true);
	for (i = 0; i < p->unit_count; i++)
		allowed[i] = allowed_masks(p, i);
	do {
		int64_t cost = 0;
		for (i = 0; i < p->unit_count && cost < INT64_MAX; i++)
			if (!(allowed[i] >> masks[i] & 1))
				cost = INT64_MAX;
		for (size_t k = 0; k < p->resource_count && cost < INT64_MAX; k++) {
			uint32_t units = 0;
			for (i = 0; i < p->unit_count; i++)
				units |= (masks[i] >> k & 1) << i;
			cost = rows[k][units] == INT64_MAX ? INT64_MAX : cost + rows[k][units];
		}
		best = MIN(best, cost);
		for (i = 0; i < p->unit_count && ++masks[i] == end; i++)
			masks[i] = 0;
	} while (i < p->unit_count);
	return best;
}

/* How many units the budget lets pass at most: units alone, so every subset is tried. */
static size_t brute_passing(const struct uplift_problem *p, int64_t budget)
{
	int64_t least[UNITS];
	size_t most = 0;

	for (size_t i = 0; i < p->unit_count; i++) {
		uint32_t allowed = allowed_masks(p, i);
		least[i] = INT64_MAX;
		for (uint32_t mask = 0; mask < UINT32_C(1) << p->resource_count; mask++) {
			int64_t cost = 0;
			for (size_t k = 0; k < p->resource_count && cost < INT64_MAX; k++) {
				size_t at = i * p->resource_count + k;
				int64_t r = p->stocks[at];
				while (!reaches(p, i, k, r,
					mask >> k & 1 ? p->resources[k].floor_ppm : 1000000))
					r++;
				cost += (r - p->stocks[at]) *
					(p->prices_micro ? p->prices_micro[at]
							 : p->resources[k].price_micro);
				if (r > p->uppers[at])
					cost = INT64_MAX;
			}
			if (allowed >> mask & 1)
				least[i] = MIN(least[i], cost);
		}
	}
	for (uint32_t units = 0; units < UINT32_C(1) << p->unit_count; units++) {
		int64_t cost = 0;
		for (size_t i = 0; i < p->unit_count && cost <= budget; i++)
			if (units >> i & 1)
				cost = least[i] > budget ? INT64_MAX : cost + least[i];
		if (cost <= budget)
			most = MAX(most, (size_t)__builtin_popcount(units));
	}
	return most;
}

/* Faults put in by hand must be found. */
static const char *spoil(const struct uplift_problem *p, struct uplift_answer *a, struct rng *rng)
{
	size_t at = (size_t)rng_below(rng, (int64_t)(p->unit_count * p->resource_count));
	const char *missed = NULL;

	a->cost_e12 += 1;
	if (uplift_check(p, a, NULL, NULL).kind != UPLIFT_FAULT_COST)
		missed = "a wrong cost passes the check";
	a->cost_e12 -= 1;
	a->missed[at / p->resource_count] ^= UINT32_C(1) << at % p->resource_count;
	if (uplift_check(p, a, NULL, NULL).kind == UPLIFT_FAULT_NONE)
		missed = "a wrong mask passes the check";
	a->missed[at / p->resource_count] ^= UINT32_C(1) << at % p->resource_count;
	if (a->raises[at] > 0) {
		int64_t kept = a->raises[at], price;
		price = p->prices_micro ? p->prices_micro[at]
					: p->resources[at % p->resource_count].price_micro;
		a->raises[at] = 0;
		a->cost_e12 -= (i128)kept * price * 1000000;
		if (uplift_check(p, a, NULL, NULL).kind == UPLIFT_FAULT_NONE)
			missed = "a raise is not needed";
		a->raises[at] = kept;
		a->cost_e12 += (i128)kept * price * 1000000;
	}
	return missed;
}

struct tally {
	int solved, binding, infeasible, unknown, above;
	double over;
};

static const char *try_one(struct sample *s, struct rng *rng, struct arena *mem, struct tally *t)
{
	struct uplift_options options = {0};
	int64_t best = brute(&s->problem), budget;
	bool is_exact = !s->problem.shares && !s->problem.prices_micro;
	struct uplift_answer a;
	struct uplift_budget b;

	uplift_solve(&s->problem, &options, mem, &a);
	if (a.status == UPLIFT_BAD_INPUT)
		return "bad input";
	if (a.status == UPLIFT_INFEASIBLE && best != INT64_MAX)
		return "called infeasible";
	if (a.raises && best == INT64_MAX)
		return "solved what cannot be";
	if (is_exact && a.status != UPLIFT_OPTIMAL && a.status != UPLIFT_INFEASIBLE)
		return "not proven";
	t->infeasible += a.status == UPLIFT_INFEASIBLE;
	t->unknown += a.status == UPLIFT_UNKNOWN;
	if (a.raises) {
		double cost = (double)best * 1e-6;
		if (uplift_check(&s->problem, &a, NULL, NULL).kind != UPLIFT_FAULT_NONE)
			return "the check finds a fault";
		if (a.bound > cost * (1 + 1e-9) + 1e-9)
			return "the bound is above the best";
		if (a.cost < cost - 1e-9 ||
			(a.status == UPLIFT_OPTIMAL && a.cost > cost * (1 + 1e-8) + 1e-9))
			return "not the best cost";
		t->solved++;
		for (size_t k = 0; k < s->problem.resource_count; k++)
			t->binding += a.rows[k].is_binding;
		if (a.cost > cost + 1e-9) {
			t->above++;
			t->over = fmax(t->over, (a.cost - cost) / cost);
		}
	}
	budget = rng_between(rng, 0, 60) * 1000000;
	uplift_solve_budget(&s->problem, &options, budget, mem, &b);
	if (b.answer.cost > (double)budget * 1e-6 + 1e-9)
		return "over the budget";
	if (uplift_check(&s->problem, &b.answer, b.is_passing, b.is_within).kind !=
		UPLIFT_FAULT_NONE)
		return "the check finds a fault in the answer to a budget";
	if (b.passing_count != brute_passing(&s->problem, budget))
		return "not the greatest number of units";
	if (is_exact && best <= budget && b.within_count != s->problem.resource_count)
		return "affordable, and not all rows are within";
	return a.raises ? spoil(&s->problem, &a, rng) : NULL;
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 20260901;
	int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 600;
	struct tally t = {0};
	struct rng rng;

	printf("seed %" PRIu64 "\n", seed);
	rng_seed(&rng, seed);
	for (int round = 0; round < rounds; round++) {
		struct arena *mem = arena_create();
		struct sample s;
		const char *wrong;

		draw(&rng, &s, round % 4 == 2, round % 4 == 3);
		wrong = try_one(&s, &rng, mem, &t);
		arena_free(mem);
		if (wrong) {
			printf("round %d: %s\n", round, wrong);
			return 1;
		}
	}
	printf("%d problems: %d solved (limits binding in %d rows), %d infeasible; with shares or "
	       "prices by unit %d above the best, at most %.0f %%, %d not found\n",
		rounds, t.solved, t.binding, t.infeasible, t.above, 100 * t.over, t.unknown);
	return 0;
}
