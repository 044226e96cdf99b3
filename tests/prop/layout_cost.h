/* What a layout costs, by one flow and nothing else of the solver: for those who try all choices.
 */
#pragma once

#include "engine/layout/layout.h"

/* The least cost of serving with the sites in these states, and of the states. */
int64_t layout_cost(const struct layout *l, const int32_t *state);
