/*
 * More places than there are today, in one stage and in all counties together: at which sites they
 * come cheapest (engine/layout/least.h).
 */
#pragma once

#include "engine/layout/least.h"
#include "mod/allocate/places.h"

struct places_addition {
	int32_t kind;
	int64_t wanted, today; /* new places asked for; places of the stage today */
	struct layout_least least;
	struct layout_least_answer answer;
	struct places_plan plan; /* of the model, the row kept */
};

/*
 * base: the plan of the model without the row. until: NULL for no end but its own.
 * Fails: INVALID (no such stage), REJECTED (the sites cannot hold so many: says how many are
 * short), STORE (the check failed).
 */
MUST_CHECK enum err places_add(struct ctx *cx, const struct places_plan *base, struct str stage,
	int64_t places, const struct places_until *until, struct places_addition *out);
