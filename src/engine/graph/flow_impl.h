/*
 * Inside the network simplex: shared by flow.c (data in and out), simplex.c (pivots) and
 * basis.c (the first basis, and the repair of an old one).
 *
 * Two ideas keep arcs small and the search for an entering arc short:
 * - An arc at its upper bound is stored turned round: ends swapped, cost negated. So every arc
 *   outside the tree has flow 0 in its stored direction and is eligible exactly when its
 *   reduced cost is negative; arcs in the tree have reduced cost 0 and need no mark.
 * - Only tree arcs have a flow, and it is kept with the child node as two residuals, so that
 *   the walk round a cycle touches one record a node and asks no direction.
 *
 * Arcs are stored mixed: neighbours in memory stand stride apart in the caller's numbering, so
 * that a block of the search sees arcs of many nodes.
 *
 * The tree is rooted in an extra node, joined to the others by artificial arcs without upper
 * bound: towards the root free, away from it at cost big. They never re-enter. The tree is
 * strongly feasible (every tree arc can send more towards the root), which rules out cycling.
 */
#pragma once

#include "engine/graph/flow.h"

/* "No upper bound" inside: nothing that is added to a flow may pass it. */
#define FLOW_INF ((int64_t)1 << 62)

/* What a walk towards the root needs of a node, half a cache line. */
struct tree_node {
	int32_t parent;    /* root: -1 */
	int32_t size;      /* nodes in its subtree, itself included */
	int32_t arc;       /* stored place of the arc to the parent; artificial from arc_count */
	int32_t last;      /* last of its subtree in thread order */
	int64_t room_up;   /* what the arc to the parent can still carry node -> parent */
	int64_t room_down; /* and parent -> node */
};

struct flow {
	struct arena *mem;
	int32_t node_count, arc_count;
	int32_t root; /* = node_count */
	int32_t stride, stride_rows, stride_more;
	/* arcs, by stored place; exactly one of the pairs is in use */
	int32_t *tail, *head;
	int32_t *cost_small;
	int64_t *cost_wide;
	int32_t *cap_small; /* INT32_MAX: no limit */
	int64_t *cap_wide;  /* FLOW_INF: no limit */
	int64_t *lower;     /* NULL while all are 0 */
	uint64_t *turned;   /* bit: stored turned round */
	/* nodes */
	int64_t *supply;
	int64_t *excess; /* supply less lower bounds out plus lower bounds in */
	int64_t *pi;
	struct tree_node *tree;
	int32_t *next, *before; /* preorder of the tree as a ring */
	int64_t big;
	int64_t cost_max; /* largest absolute cost ever set */
	i128 cap_sum;     /* of the arcs with an upper bound */
	int32_t next_arc; /* where the search goes on */
	int32_t block;
	int64_t pivots;
	bool has_basis;
	bool is_too_large; /* a sum of lower bounds left 64 bits */
};

static inline int32_t arc_place(const struct flow *f, int32_t arc)
{
	int32_t column = arc % f->stride, row = arc / f->stride;

	return column * f->stride_rows + MIN(column, f->stride_more) + row;
}

static inline int64_t place_cost(const struct flow *f, int32_t e)
{
	return f->cost_small ? f->cost_small[e] : f->cost_wide[e];
}

static inline int64_t place_cap(const struct flow *f, int32_t e)
{
	if (!f->cap_small)
		return f->cap_wide[e];
	return f->cap_small[e] == INT32_MAX ? FLOW_INF : f->cap_small[e];
}

static inline bool place_is_turned(const struct flow *f, int32_t e)
{
	return f->turned[e >> 6] >> (e & 63) & 1;
}

static inline void place_turn(struct flow *f, int32_t e)
{
	int32_t tail = f->tail[e];

	f->tail[e] = f->head[e];
	f->head[e] = tail;
	if (f->cost_small)
		f->cost_small[e] = -f->cost_small[e];
	else
		f->cost_wide[e] = -f->cost_wide[e];
	f->turned[e >> 6] ^= (uint64_t)1 << (e & 63);
}

/* Hang the subtree of `out`, re-rooted at `in` (a node of it), below `to`. Arcs and residuals
 * of the stem follow; those of `in` are the caller's to set afterwards. */
void tree_move(struct flow *f, int32_t in, int32_t out, int32_t to);

/* Bring arc e (reduced cost negative) into the basis. False: nothing limits it. */
MUST_CHECK bool simplex_pivot(struct flow *f, int32_t e);
/* Pivot until no arc is eligible. False: unbounded. */
MUST_CHECK bool simplex_run(struct flow *f);

/* The star of artificial arcs; false when a sum leaves 64 bits. */
MUST_CHECK bool basis_start(struct flow *f);
/* The old tree with new data; parts that no longer fit hang from the root instead. */
MUST_CHECK bool basis_repair(struct flow *f, struct arena *scratch);
/* A few pivots along the cheapest arc into each node that takes. False: unbounded. */
MUST_CHECK bool basis_first_pivots(struct flow *f, struct arena *scratch);
