/*
 * Capacitated facility location problems in the format of the OR-Library (Beasley 1990):
 *
 *   SITES CUSTOMERS
 *   CAPACITY FIXED_COST            for each site; the capacity may be the word "capacity"
 *   DEMAND                         for each customer, followed by
 *   COST ... COST                  of serving all of it from each site
 *
 * separated by blanks and line ends. Amounts are whole; costs are decimals.
 */
#pragma once

#include "base/err.h"
#include "engine/places/facility.h"

struct orlib {
	struct facility facility; /* costs in units of 10^-cost_scale */
	int cost_scale; /* as many decimals as the file has, at most 9, and up to 3 more */
};

/*
 * capacity, if not 0, stands for the capacity of every site. False: what is wrong is in ps, each
 * with its line. file is for messages; all else lives in mem.
 */
MUST_CHECK bool orlib_read(struct arena *mem, struct problems *ps, struct str file, struct str text,
	int64_t capacity, struct orlib *out);
