/*
 * The worth of the best whole choice that fits, in integers: for the checker, and written apart
 * from the solver's knapsack. Lists of choices that no other beats in both weight and worth
 * (Nemhauser and Ullmann 1969), thinned by what the rest can add at most.
 */
#pragma once

#include "base/arena.h"

struct knapsack_thing {
	int64_t worth, weight; /* > 0; sums stay below 2^62 */
};

struct knapsack_sack {
	struct knapsack_thing *states, *next; /* choices, by weight */
	i128 *worth_sum, *weight_sum;         /* of the first k things */
};

/* Scratch for up to count things. */
void knapsack_sack_init(struct knapsack_sack *s, struct arena *mem, int32_t count);
/* Sorts the things by worth per weight. -1: too many choices to keep. */
int64_t knapsack_most(
	struct knapsack_sack *s, struct knapsack_thing *things, int32_t count, int64_t capacity);
