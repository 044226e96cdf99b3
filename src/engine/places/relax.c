/*
 * Bounds for facility location. For prices p of the customers,
 *
 *   sum p_j  +  min over sets of sites that hold the demand of  sum (fixed_i + knapsack_i(p))
 *
 * is a lower bound, where knapsack_i is the least of sum (cost_ij - p_j) z_j with sum d_j z_j
 * within the capacity and 0 <= z <= 1: sort by (cost - p) / d and fill.
 */
#include "engine/places/facility_impl.h"

#include <math.h>

void relax_init(struct relax *r, struct arena *mem, const struct facility *f,
	const struct facility_limits *limits)
{
	int32_t n = f->site_count, m = f->customer_count;

	*r = (struct relax){.site_count = n,
		.customer_count = m,
		.is_single_source = f->is_single_source,
		.limits = limits};
	r->unit = arena_array(mem, double, (size_t)n *(size_t)m);
	r->demand = arena_array(mem, double, m);
	r->fixed = arena_array(mem, double, n);
	r->capacity = arena_array(mem, double, n);
	r->by_capacity = arena_array(mem, int32_t, n);
	r->value = arena_array(mem, double, n);
	r->share = arena_array(mem, double, n);
	r->unserved = arena_array(mem, double, m);
	r->items = arena_array(mem, int32_t, (size_t)n * (size_t)m);
	r->item_count = arena_array(mem, int32_t, n);
	r->last_part = arena_array(mem, double, n);
	r->unit_price = arena_array(mem, double, m);
	r->ratio = arena_array(mem, double, MAX(n, m));
	r->order = arena_array(mem, int32_t, n);
	r->bag = arena_array(mem, struct knapsack_item, m);
	if (f->is_single_source)
		r->picks = arena_array(mem, int32_t, (size_t)n * (size_t)m);
	knapsack_init(&r->knapsack, mem, m);
	for (int32_t j = 0; j < m; j++) {
		r->demand[j] = (double)f->demand[j];
		r->total += r->demand[j];
	}
	for (int32_t i = 0; i < n; i++) {
		int32_t at = i;

		r->fixed[i] = (double)f->fixed[i];
		r->capacity[i] = (double)f->capacity[i];
		for (int32_t j = 0; j < m; j++) {
			size_t e = (size_t)i * (size_t)m + (size_t)j;
			r->unit[e] = (double)f->cost[e] / r->demand[j];
			if (f->is_single_source && f->demand[j] > f->capacity[i])
				r->unit[e] = HUGE_VAL;
		}
		for (; at > 0 && r->capacity[r->by_capacity[at - 1]] < r->capacity[i]; at--)
			r->by_capacity[at] = r->by_capacity[at - 1];
		r->by_capacity[at] = i;
	}
}

/*
 * Keep of the items those with the smallest ratios that fill the capacity; the last one may be
 * taken in part. A selection by weight: split round a pivot and go on in the part where the
 * capacity ends.
 */
static int32_t fill(struct relax *r, int32_t *items, int32_t count, double capacity, double *part)
{
	const double *ratio = r->ratio, *demand = r->demand;
	int32_t low = 0, high = count;

	while (low < high) {
		double pivot = ratio[items[low + (high - low) / 2]], less = 0;
		int32_t same = low, more = high;

		for (int32_t k = low; k < more;) {
			int32_t item = items[k];

			if (ratio[item] < pivot) {
				less += demand[item];
				items[k++] = items[same];
				items[same++] = item;
			} else if (ratio[item] > pivot) {
				items[k] = items[--more];
				items[more] = item;
			} else {
				k++;
			}
		}
		if (less >= capacity) {
			high = same;
			continue;
		}
		capacity -= less;
		for (low = same; low < more; low++) {
			if (demand[items[low]] >= capacity) {
				*part = capacity / demand[items[low]];
				return low + 1;
			}
			capacity -= demand[items[low]];
		}
	}
	*part = 1;
	return low;
}

/* All or nothing of each item: keep the best choice, and return what it is worth at most. */
static double fill_whole(struct relax *r, int32_t *items, int32_t *count, double capacity)
{
	double worth;

	for (int32_t k = 0; k < *count; k++) {
		int32_t j = items[k];
		r->bag[k] = (struct knapsack_item){-r->ratio[j] * r->demand[j], r->demand[j], j};
	}
	worth = knapsack_solve(&r->knapsack, r->bag, *count, capacity, count);
	for (int32_t k = 0; k < *count; k++)
		items[k] = r->bag[k].id;
	return worth;
}

static void site_value(struct relax *r, int32_t i)
{
	int32_t m = r->customer_count, count = 0;
	const double *unit = r->unit + (size_t)i * (size_t)m, *price = r->unit_price;
	int32_t *items = r->items + (size_t)i * (size_t)m;
	double value = r->fixed[i], weight = 0;

	for (int32_t j = 0; j < m; j++)
		if (unit[j] < price[j]) {
			items[count++] = j;
			weight += r->demand[j];
			r->ratio[j] = unit[j] - price[j];
		}
	r->last_part[i] = 1;
	if (weight > r->capacity[i] && r->is_single_source) {
		r->value[i] = value - fill_whole(r, items, &count, r->capacity[i]);
		r->item_count[i] = count;
		return;
	}
	if (weight > r->capacity[i])
		count = fill(r, items, count, r->capacity[i], &r->last_part[i]);
	for (int32_t k = 0; k < count; k++) {
		double part = k + 1 < count ? 1.0 : r->last_part[i];
		value += part * r->demand[items[k]] * r->ratio[items[k]];
	}
	r->item_count[i] = count;
	r->value[i] = value;
}

/* Fewest sites that hold the demand. */
static int32_t sites_needed(const struct relax *r, const int8_t *decided)
{
	double left = r->total;
	int32_t count = 0;

	for (int32_t i = 0; i < r->site_count; i++)
		if (decided[i] == SITE_OPEN) {
			left -= r->capacity[i];
			count++;
		}
	for (int32_t k = 0; k < r->site_count && left > 0; k++) {
		int32_t i = r->by_capacity[k];
		if (decided[i] != SITE_FREE)
			continue;
		left -= r->capacity[i];
		count++;
	}
	return left > 0 ? -1 : count;
}

static void sort_by(int32_t *order, int32_t count, const double *key)
{
	for (int32_t k = 1; k < count; k++) {
		int32_t i = order[k], at = k;
		for (; at > 0 && key[order[at - 1]] > key[i]; at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
}

/*
 * Two relaxations of "together they hold the demand": as a fractional knapsack, and as a number
 * of sites; the better counts. share, if wanted, is that one's choice.
 */
double relax_choose(struct relax *r, const int8_t *decided, double *share)
{
	int32_t n = r->site_count, needed = sites_needed(r, decided), rest = 0, taken = 0;
	double sum = 0, left = r->total, by_count, by_size, *per_unit = r->ratio;

	if (needed < 0)
		return HUGE_VAL;
	for (int32_t i = 0; i < n; i++) {
		bool is_in =
			decided[i] == SITE_OPEN || (decided[i] == SITE_FREE && r->value[i] < 0);
		if (share)
			share[i] = is_in;
		if (is_in) {
			sum += r->value[i];
			left -= r->capacity[i];
			taken++;
		} else if (decided[i] == SITE_FREE) {
			r->order[rest++] = i;
		}
	}
	if (left <= 0 && taken >= needed)
		return sum;
	sort_by(r->order, rest, r->value);
	by_count = by_size = sum;
	for (int32_t k = 0; k < needed - taken && k < rest; k++)
		by_count += r->value[r->order[k]];
	if (share)
		for (int32_t k = 0; k < needed - taken && k < rest; k++)
			share[r->order[k]] = 1;
	if (r->capacity[r->by_capacity[0]] <= r->capacity[r->by_capacity[n - 1]])
		return by_count;
	/* Capacities differ. The customers' ratios are done with: their array serves again. */
	for (int32_t k = 0; k < rest; k++)
		per_unit[k] = 0;
	for (int32_t a = 1; a < rest; a++) {
		int32_t i = r->order[a], at = a;
		for (; at > 0 && r->value[r->order[at - 1]] * r->capacity[i] >
					 r->value[i] * r->capacity[r->order[at - 1]];
			at--)
			r->order[at] = r->order[at - 1];
		r->order[at] = i;
	}
	for (int32_t k = 0; k < rest && left > 0; k++) {
		int32_t i = r->order[k];
		double part = MIN(1.0, left / MAX(r->capacity[i], 1e-9));
		per_unit[k] = part;
		by_size += part * r->value[i];
		left -= part * r->capacity[i];
	}
	if (by_size > by_count && share)
		for (int32_t k = 0; k < rest; k++)
			share[r->order[k]] = per_unit[k];
	return MAX(by_size, by_count);
}

double relax_bound(struct relax *r, const int8_t *decided, const double *prices)
{
	int32_t m = r->customer_count;
	double bound = 0, chosen;

	r->evaluations++;
	for (int32_t j = 0; j < m; j++) {
		r->unit_price[j] = prices[j] / r->demand[j];
		r->unserved[j] = 1;
		bound += prices[j];
	}
	for (int32_t i = 0; i < r->site_count; i++)
		if (decided[i] != SITE_CLOSED)
			site_value(r, i);
	chosen = relax_choose(r, decided, r->share);
	if (isinf(chosen))
		return HUGE_VAL;
	for (int32_t i = 0; i < r->site_count; i++) {
		const int32_t *items = r->items + (size_t)i * (size_t)m;
		int32_t count = r->item_count[i];

		if (r->share[i] <= 0)
			continue;
		for (int32_t k = 0; k < count; k++)
			r->unserved[items[k]] -=
				r->share[i] * (k + 1 < count ? 1.0 : r->last_part[i]);
	}
	return bound + chosen;
}

/* How far to go along the mean direction, and how that has gone. */
struct stride {
	double factor;
	int failures;
};

static void stride_learn(struct stride *s, bool is_better, double agreement)
{
	if (is_better) {
		s->failures = 0;
		if (agreement >= 0)
			s->factor = MIN(s->factor * 1.1, 2.0);
	} else if (++s->failures >= 12) {
		s->failures = 0;
		s->factor = MAX(s->factor * 0.66, 1e-4);
	}
}

static void count_picks(struct relax *r)
{
	r->rounds++;
	for (int32_t i = 0; i < r->site_count; i++) {
		size_t row = (size_t)i * (size_t)r->customer_count;

		for (int32_t k = 0; r->share[i] > 0 && k < r->item_count[i]; k++)
			r->picks[row + (size_t)r->items[row + (size_t)k]]++;
	}
}

double relax_climb(struct relax *r, struct arena *scratch, const int8_t *decided, double *prices,
	double cut, int rounds, double *mean_share)
{
	int32_t n = r->site_count, m = r->customer_count;
	double *mean = arena_array(scratch, double, m), *trial = arena_array(scratch, double, m);
	double best = relax_bound(r, decided, prices);
	struct stride stride = {.factor = 0.3};

	if (r->picks)
		memset(r->picks, 0, (size_t)n * (size_t)m * sizeof *r->picks);
	r->rounds = 0;
	memcpy(mean, r->unserved, (size_t)m * sizeof *mean);
	memcpy(mean_share, r->share, (size_t)n * sizeof *mean_share);
	for (int round = 0; round < rounds && best < cut && !limits_are_over(r->limits); round++) {
		double norm = 0, agreement = 0, bound, step, alpha = 0.1;
		/* No plan yet: aim a little higher. */
		double target = isinf(cut) ? best + 0.05 * fabs(best) + 1 : cut;

		for (int32_t j = 0; j < m; j++)
			norm += mean[j] * mean[j];
		if (norm < 1e-12)
			break;
		step = stride.factor * (target - best) / norm;
		for (int32_t j = 0; j < m; j++)
			trial[j] = prices[j] + step * mean[j];
		bound = relax_bound(r, decided, trial);
		if (r->picks)
			count_picks(r);
		for (int32_t j = 0; j < m; j++) {
			agreement += mean[j] * r->unserved[j];
			mean[j] += alpha * (r->unserved[j] - mean[j]);
		}
		for (int32_t i = 0; i < n; i++)
			mean_share[i] += alpha * (r->share[i] - mean_share[i]);
		stride_learn(&stride, bound > best, agreement);
		if (bound > best) {
			best = bound;
			memcpy(prices, trial, (size_t)m * sizeof *prices);
		}
	}
	return best;
}
