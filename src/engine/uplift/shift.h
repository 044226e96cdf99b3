/*
 * Weight (pupils) moved between units before the raises are bought: a local search over the pairs
 * that may exchange, in which every trial is solved as uplift.h solves it, with the stocks where
 * they are. The answer is local: the search takes moves that look worth it by what each end alone
 * would save. The bound says how far from the best it may be.
 */
#pragma once

#include "engine/uplift/uplift.h"

struct uplift_pair {
	size_t a, b; /* units, a != b; each pair once */
};

struct uplift_shift_problem {
	const struct uplift_problem *base; /* before anything moves */
	const struct uplift_pair *pairs;
	size_t pair_count;
	const int64_t *give_max; /* n: how many of a unit may leave it; one always stays */
	const int64_t
		*weight_max; /* n: it may not grow above; one that is above already only gives */
};

struct uplift_shift {
	int64_t *weights; /* n, the same sum as before */
	int64_t *flows;   /* a pair: how many go from a to b; negative: from b to a */
	int64_t moved;    /* sum of the flows' sizes */
	double cost;      /* money, of an answer that exists; HUGE_VAL: none was found */
	size_t solves;
	bool is_finished; /* false: stopped in the middle, with the best so far */
};

/*
 * Search from no moves; the cost is never above that of base. Shares and stocks stay as they are,
 * so units whose share depends on their weight must not be in a pair. Trials stop early
 * (options->gap and node_limit are for the caller's last solve; stop is asked in between).
 * Tables are in mem.
 */
void uplift_shift_search(const struct uplift_shift_problem *problem,
	const struct uplift_options *options, struct arena *mem, struct uplift_shift *out);

/*
 * No moves whatever (of the same sum, within what each unit may give, take and hold) make it
 * cheaper than this, in money: each unit meets its thresholds at its number, dispersions left out,
 * and the sum priced by a multiplier. 0: nothing is known.
 */
double uplift_shift_bound(const struct uplift_shift_problem *problem, struct arena *mem);
