/* The checker's knapsack; see the header. */
#include "engine/places/knapsack_check.h"

#define STATES_MAX 4096

void knapsack_sack_init(struct knapsack_sack *s, struct arena *mem, int32_t count)
{
	s->states = arena_array(mem, struct knapsack_thing, STATES_MAX);
	s->next = arena_array(mem, struct knapsack_thing, 2 * STATES_MAX);
	s->worth_sum = arena_array(mem, i128, count + 1);
	s->weight_sum = arena_array(mem, i128, count + 1);
}

static int denser_first(const void *a, const void *b)
{
	const struct knapsack_thing *x = a, *y = b;
	i128 left = (i128)x->worth * y->weight, right = (i128)y->worth * x->weight;

	return (left < right) - (left > right);
}

/* At most what things from `at` on add to a choice with `room` left: whole ones in order of
 * worth per weight, and a part of the next. */
static i128 rest_most(const struct knapsack_sack *s, const struct knapsack_thing *things,
	int32_t count, int32_t at, int64_t room)
{
	int32_t low = at, high = count;
	i128 sum;

	while (low < high) {
		int32_t middle = low + (high - low + 1) / 2;
		if (s->weight_sum[middle] - s->weight_sum[at] <= room)
			low = middle;
		else
			high = middle - 1;
	}
	sum = s->worth_sum[low] - s->worth_sum[at];
	if (low < count)
		sum += (room - (s->weight_sum[low] - s->weight_sum[at])) * things[low].worth /
		       things[low].weight;
	return sum;
}

/* A choice that fits, thing by thing: what any best choice is at least worth. */
static int64_t greedy(const struct knapsack_thing *things, int32_t count, int64_t room)
{
	int64_t worth = 0;

	for (int32_t k = 0; k < count; k++)
		if (things[k].weight <= room) {
			room -= things[k].weight;
			worth += things[k].worth;
		}
	return worth;
}

/* Merge the choices without and with a thing into s->next, dropping what is beaten. */
static int32_t merge(
	struct knapsack_sack *s, int32_t count, struct knapsack_thing thing, int64_t capacity)
{
	int32_t a = 0, b = 0, out = 0;

	while (a < count || b < count) {
		struct knapsack_thing pick;
		bool is_with = b < count && (a == count || s->states[b].weight + thing.weight <
								   s->states[a].weight);

		if (is_with) {
			pick = s->states[b++];
			pick.weight += thing.weight;
			pick.worth += thing.worth;
			if (pick.weight > capacity) {
				b = count;
				continue;
			}
		} else {
			pick = s->states[a++];
		}
		if (out > 0 && s->next[out - 1].worth >= pick.worth)
			continue;
		if (out > 0 && s->next[out - 1].weight == pick.weight)
			out--;
		s->next[out++] = pick;
	}
	return out;
}

int64_t knapsack_most(
	struct knapsack_sack *s, struct knapsack_thing *things, int32_t count, int64_t capacity)
{
	int32_t states = 1;
	int64_t best;

	if (count > 0)
		qsort(things, (size_t)count, sizeof *things, denser_first);
	for (int32_t k = 0; k < count; k++) {
		s->worth_sum[k + 1] = s->worth_sum[k] + things[k].worth;
		s->weight_sum[k + 1] = s->weight_sum[k] + things[k].weight;
	}
	best = greedy(things, count, capacity);
	s->states[0] = (struct knapsack_thing){0, 0};
	for (int32_t k = 0; k < count; k++) {
		int32_t merged = merge(s, states, things[k], capacity);

		states = 0;
		for (int32_t i = 0; i < merged; i++) {
			struct knapsack_thing t = s->next[i];

			best = MAX(best, t.worth);
			if (t.worth + rest_most(s, things, count, k + 1, capacity - t.weight) <=
				best)
				continue;
			if (states == STATES_MAX)
				return -1;
			s->states[states++] = t;
		}
	}
	return best;
}
