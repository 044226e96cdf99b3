/*
 * A layout whose states must hold so much room of one kind in all, wherever it is cheapest: what a
 * programme of so many new places asks of all counties together.
 *
 * The row is priced: each unit of room is worth so much, and the layout is solved again, from the
 * answer before, until the price is the least at which the room is there. Pieces that are more than
 * is asked for are then taken back one by one. The price and the points' prices prove the bound.
 */
#pragma once

#include "engine/layout/layout.h"

struct layout_least {
	int32_t kind;
	int64_t room; /* over all sites */
};

struct layout_least_answer {
	bool has_plan;              /* false: all states at their largest hold less, see most */
	int64_t most;               /* room of the kind with each site at its largest */
	int64_t room;               /* of the plan */
	int64_t price;              /* of a unit of room: what one more would cost, at the margin */
	struct layout_answer plan;  /* of the layout; its saving does not look at the row */
	struct layout_answer proof; /* at the price, of a layout of its own */
	int32_t solves;
};

/* Solve a layout that fits, with base its answer without the row. Lives in mem. */
void layout_least_solve(struct arena *mem, const struct layout *l, const struct layout_least *least,
	const struct layout_limits *limits, const struct layout_answer *base,
	struct layout_least_answer *out);

/* Checks plan, row and bound in integers. fault LAYOUT_ROOM at -1: the row is not kept. */
struct layout_verdict layout_least_check(const struct layout *l, const struct layout_least *least,
	const struct layout_least_answer *a);
