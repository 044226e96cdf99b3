/* Depth first over items by worth per weight, cut by the continuous bound (Horowitz and Sahni
 * 1974). Whole numbers below 2^53 are exact in doubles, so weights do not round. */
#include "engine/places/knapsack.h"

#define STEPS_MAX 4000

void knapsack_init(struct knapsack *k, struct arena *mem, int32_t count)
{
	k->taken = arena_array(mem, bool, count);
	k->best = arena_array(mem, bool, count);
	k->sorted = arena_array(mem, struct knapsack_item, count);
}

/* Descending worth per weight; ties by id. */
static int by_density(const void *a, const void *b)
{
	const struct knapsack_item *x = a, *y = b;
	double left = x->worth * y->weight, right = y->worth * x->weight;

	if (left != right)
		return left > right ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

struct search {
	const struct knapsack_item *items;
	bool *taken, *best;
	int32_t count;
	double worth, room, best_worth;
};

/* What the items from `at` on can add at most. */
static double continuous(const struct search *s, int32_t at)
{
	double room = s->room, sum = 0;

	for (; at < s->count && s->items[at].weight <= room; at++) {
		room -= s->items[at].weight;
		sum += s->items[at].worth;
	}
	return at < s->count ? sum + room * s->items[at].worth / s->items[at].weight : sum;
}

/* Go back to the last item taken and leave it out; -1 when there is none. */
static int32_t back(struct search *s, int32_t at)
{
	while (--at >= 0) {
		if (!s->taken[at])
			continue;
		s->taken[at] = false;
		s->worth -= s->items[at].worth;
		s->room += s->items[at].weight;
		return at + 1;
	}
	return -1;
}

/* False: given up. */
static bool search(struct search *s)
{
	int steps = 0;

	for (int32_t at = 0; at >= 0;) {
		if (++steps > STEPS_MAX)
			return false;
		if (s->worth + continuous(s, at) <= s->best_worth * (1 + 1e-14)) {
			at = back(s, at);
			continue;
		}
		for (; at < s->count; at++) {
			s->taken[at] = s->items[at].weight <= s->room;
			if (!s->taken[at])
				break;
			s->worth += s->items[at].worth;
			s->room -= s->items[at].weight;
		}
		if (s->worth > s->best_worth) {
			s->best_worth = s->worth;
			memcpy(s->best, s->taken, (size_t)at * sizeof *s->best);
			memset(s->best + at, 0, (size_t)(s->count - at) * sizeof *s->best);
		}
		at = at < s->count ? at + 1 : back(s, at);
	}
	return true;
}

double knapsack_solve(struct knapsack *k, struct knapsack_item *items, int32_t count,
	double capacity, int32_t *out_count)
{
	struct search s = {.items = items,
		.taken = k->taken,
		.best = k->best,
		.count = count,
		.room = capacity};
	double bound;
	int32_t at = 0;

	assert(count >= 0);
	if (count > 0)
		qsort(items, (size_t)count, sizeof *items, by_density);
	memset(k->taken, 0, (size_t)count);
	memset(k->best, 0, (size_t)count);
	bound = continuous(&s, 0);
	if (search(&s))
		bound = s.best_worth;
	for (int pass = 1; pass >= 0; pass--) {
		for (int32_t i = 0; i < count; i++)
			if (k->best[i] == (pass == 1))
				k->sorted[at++] = items[i];
		if (pass == 1)
			*out_count = at;
	}
	if (count > 0)
		memcpy(items, k->sorted, (size_t)count * sizeof *items);
	return bound;
}
