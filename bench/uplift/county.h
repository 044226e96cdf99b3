/*
 * Random problems the size and shape of a county: sizes are log-normal, small units are richer per
 * head, some resources are scarce and unequal. Seven resources, three of them people, one rooms,
 * two areas and one money; figures are of the kind that the evaluation uses, not taken from it.
 */
#pragma once

#include "base/rng.h"
#include "engine/uplift/uplift.h"

#define COUNTY_RESOURCES 7

struct county_options {
	size_t units_min, units_max;
	bool has_shared; /* a tenth of the units are parts of something greater */
	bool has_prices; /* prices differ by unit, by a tenth either way */
};

/* Everything is in mem. */
void county_draw(struct rng *rng, const struct county_options *options, struct arena *mem,
	struct uplift_problem *out);
