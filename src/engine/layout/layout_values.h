/* Of the checks: what prices say of each state, in integers. */
#pragma once

#include "engine/layout/layout.h"

/*
 * out: [state], its cost less what its best customers pay at the prices (of which what passes 0 or
 * unmet_cost is cut). Returns what the points pay.
 */
int64_t layout_values(
	struct arena *mem, const struct layout *l, const int64_t *given, int64_t *out);
