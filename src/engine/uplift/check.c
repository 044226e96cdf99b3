/*
 * Is an answer what it says? Read from the problem and the raises alone, with comparisons that
 * are exact: thresholds by cross-multiplication, the coefficient of variation with its fractions
 * brought to one denominator, in integers of any size. No code of the solver.
 */
#include "base/big.h"
#include "engine/uplift/uplift.h"

#define MICRO 1000000
#define NANO  1000000000

static const struct uplift_fault no_fault = {UPLIFT_FAULT_NONE, SIZE_MAX, SIZE_MAX};

static struct uplift_share share_of(const struct uplift_problem *p, size_t i, size_t k)
{
	bool is_own = !p->shares || !p->resources[k].is_shared;

	return is_own ? (struct uplift_share){1, 1} : p->shares[i];
}

/* stock / 10^scale * num / den >= threshold * share of it / 10^15 * weight */
static bool reaches(const struct uplift_problem *p, size_t i, size_t k, int64_t stock, int64_t ppm)
{
	const struct uplift_resource *r = &p->resources[k];
	struct uplift_share share = share_of(p, i, k);
	struct arena *mem = arena_create();
	struct big left = big_from_u128(mem, (u128)stock * (u128)share.num);
	struct big right = big_from_u128(mem, (u128)r->threshold_nano * (u128)p->weights[i]);
	bool is_reached;

	big_mul_u128(&left, (u128)NANO * MICRO);
	big_mul_u128(&right, (u128)share.den * (u128)ppm);
	for (int s = 0; s < r->scale; s++)
		big_mul_u128(&right, 10);
	is_reached = big_cmp(&left, &right) >= 0;
	arena_free(mem);
	return is_reached;
}

static struct uplift_fault check_unit(
	const struct uplift_problem *p, const struct uplift_answer *a, size_t i, bool is_passing)
{
	int forced_count = 0, missed_count = 0;
	uint32_t missed = 0;

	for (size_t k = 0; k < p->resource_count; k++) {
		size_t at = i * p->resource_count + k;
		int64_t stock = p->stocks[at] + a->raises[at];
		bool is_excusable = !p->excusable || (p->excusable[i] >> k & 1);
		bool is_forced = p->excused && (p->excused[i] >> k & 1);

		if (a->raises[at] < 0)
			return (struct uplift_fault){UPLIFT_FAULT_LOWERED, i, k};
		/* Nothing raised is never too much: an upper below the stock is bad input. */
		if (p->uppers && stock > p->uppers[at])
			return (struct uplift_fault){UPLIFT_FAULT_UPPER, i, k};
		if (is_forced && !reaches(p, i, k, p->stocks[at], MICRO))
			forced_count++;
		if (reaches(p, i, k, stock, MICRO))
			continue;
		missed |= UINT32_C(1) << k;
		missed_count += !is_forced;
		if (!is_passing)
			continue;
		if (!reaches(p, i, k, stock, p->resources[k].floor_ppm))
			return (struct uplift_fault){UPLIFT_FAULT_FLOOR, i, k};
		if (!is_excusable && !is_forced)
			return (struct uplift_fault){UPLIFT_FAULT_PIN, i, k};
	}
	if (missed != a->missed[i])
		return (struct uplift_fault){UPLIFT_FAULT_MISSED, i, SIZE_MAX};
	if (is_passing && missed_count + forced_count > p->excusals)
		return (struct uplift_fault){
			forced_count ? UPLIFT_FAULT_PIN : UPLIFT_FAULT_EXCUSALS, i, SIZE_MAX};
	return no_fault;
}

struct fraction {
	struct big num, den;
};

/* Sum over units from..to-1 of the masses M_i = R_i num/den or of M_i^2 / P_i, halves first so
 * that numbers grow late. */
static struct fraction sum(struct arena *mem, const struct uplift_problem *p,
	const struct uplift_answer *a, size_t k, size_t from, size_t to, bool of_squares)
{
	struct fraction left, right;

	if (to - from == 1) {
		size_t at = from * p->resource_count + k;
		struct uplift_share share = share_of(p, from, k);
		u128 mass = (u128)(p->stocks[at] + a->raises[at]) * (u128)share.num;
		left = (struct fraction){
			big_from_u128(mem, mass), big_from_u128(mem, (u128)share.den)};
		if (of_squares) {
			big_mul(&left.num, &left.num);
			big_mul(&left.den, &left.den);
			big_mul_u128(&left.den, (u128)p->weights[from]);
		}
		return left;
	}
	left = sum(mem, p, a, k, from, from + (to - from) / 2, of_squares);
	right = sum(mem, p, a, k, from + (to - from) / 2, to, of_squares);
	big_mul(&left.num, &right.den);
	big_mul(&right.num, &left.den);
	big_add(&left.num, &right.num);
	big_mul(&left.den, &right.den);
	return left;
}

/*
 * CV <= g  <=>  P * sum(M_i^2 / P_i) <= (1 + g^2) * (sum M_i)^2, with both sums as fractions and
 * g = limit / 10^6.
 */
static bool is_row_within(const struct uplift_problem *p, const struct uplift_answer *a, size_t k)
{
	struct arena *mem = arena_create();
	struct fraction squares = sum(mem, p, a, k, 0, p->unit_count, true);
	struct fraction total = sum(mem, p, a, k, 0, p->unit_count, false);
	u128 limit = (u128)p->resources[k].limit_micro;
	i128 weight = 0;
	bool is_within;

	for (size_t i = 0; i < p->unit_count; i++)
		weight += p->weights[i];
	big_mul_u128(&squares.num, (u128)weight);
	big_mul_u128(&squares.num, (u128)MICRO * MICRO);
	big_mul(&squares.num, &total.den);
	big_mul(&squares.num, &total.den);
	big_mul(&total.num, &total.num);
	big_mul_u128(&total.num, (u128)MICRO * MICRO + limit * limit);
	big_mul(&total.num, &squares.den);
	is_within = big_cmp(&squares.num, &total.num) <= 0;
	arena_free(mem);
	return is_within;
}

struct uplift_fault uplift_check(const struct uplift_problem *p, const struct uplift_answer *a,
	const bool *is_passing, const bool *is_within)
{
	i128 cost = 0;

	for (size_t i = 0; i < p->unit_count; i++) {
		struct uplift_fault f = check_unit(p, a, i, !is_passing || is_passing[i]);
		if (f.kind != UPLIFT_FAULT_NONE)
			return f;
	}
	for (size_t k = 0; k < p->resource_count; k++) {
		if (p->resources[k].limit_micro == 0 || (is_within && !is_within[k]))
			continue;
		if (!is_row_within(p, a, k))
			return (struct uplift_fault){UPLIFT_FAULT_SPREAD, SIZE_MAX, k};
	}
	for (size_t i = 0; i < p->unit_count; i++) {
		for (size_t k = 0; k < p->resource_count; k++) {
			size_t at = i * p->resource_count + k;
			i128 one =
				p->prices_micro ? p->prices_micro[at] : p->resources[k].price_micro;
			for (int s = p->resources[k].scale; s < 6; s++)
				one *= 10;
			cost += one * a->raises[at];
		}
	}
	if (cost != a->cost_e12)
		return (struct uplift_fault){UPLIFT_FAULT_COST, SIZE_MAX, SIZE_MAX};
	return no_fault;
}
