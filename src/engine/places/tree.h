/* Inside facility location: the tree of decisions. tree.c keeps it, pairs.c decides who serves
 * whom (single-source), facility.c searches. */
#pragma once

#include "engine/places/facility_impl.h"

struct open_node {
	double bound;
	int32_t step;
};

/* A pair that decisions rule out: its place in relax.unit, and what stood there. */
struct lifted {
	size_t place;
	double unit;
};

struct tree {
	const struct facility *f;
	const struct facility_limits *limits;
	struct arena *mem, *scratch;
	struct relax relax;
	struct primal primal;
	struct single single;
	VEC(struct lifted) lifted;
	VEC(struct facility_step) steps;
	VEC(double) bounds; /* of each step */
	VEC(struct open_node) heap;
	size_t price_bytes;
	bool is_cut_short;
	int8_t *decided;
	double *prices, *mean_share;
	bool *trial;
	int64_t nodes;
	bool has_searched; /* the search before the tree is done */
	bool is_diving;
	int32_t dive_to; /* the step to go on with, or -1 */
};

/* A node whose bound reaches this cannot better the best plan; HUGE_VAL before there is one. */
double tree_cut(const struct tree *t);
/* Time or memory is used up: sets is_cut_short. */
bool tree_is_over(struct tree *t);
void tree_push(struct tree *t, double bound, int32_t step);
struct open_node tree_pop(struct tree *t);
int32_t tree_add_step(struct tree *t, int32_t parent, int32_t literal, bool value, double bound,
	const int64_t *prices);
/* t->prices, rounded, for the proof. */
const int64_t *tree_keep_prices(struct tree *t);
/* Set decided, prices and relax.unit to what the path to a step says. */
void tree_load(struct tree *t, int32_t step);

/* Some customer has no site left, or those that have only one do not fit there together. */
bool pairs_are_dead(struct tree *t);
/* All sites are decided: site * customer_count + customer to branch on, or -1: nobody has a
 * choice. */
int32_t pairs_most_doubtful(const struct tree *t);
/* The relaxation's choice where it is clear, made into a plan. */
void pairs_try(struct tree *t, int effort);
/* Nobody has a choice: that is the plan, and its costs are the prices. */
void pairs_settle(struct tree *t, int32_t step);
