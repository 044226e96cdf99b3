/* The 0-1 knapsack: which items fit and are worth most. */
#pragma once

#include "base/arena.h"

struct knapsack_item {
	double worth, weight; /* > 0 */
	int32_t id;
};

/* Scratch for up to count items. */
struct knapsack {
	bool *taken, *best;
	struct knapsack_item *sorted;
};

void knapsack_init(struct knapsack *k, struct arena *mem, int32_t count);

/*
 * Sort the items so that the chosen ones come first, *out_count of them, and return an upper
 * bound of what any choice is worth: the choice's worth itself unless the search was given up
 * after a few thousand steps. Deterministic.
 */
double knapsack_solve(struct knapsack *k, struct knapsack_item *items, int32_t count,
	double capacity, int32_t *out_count);
