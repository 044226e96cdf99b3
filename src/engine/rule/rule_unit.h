/* Units as products of named factors with exponents: 元/人, m2, %. Internal to engine/rule. */
#pragma once

#include "base/str.h"

#define UNIT_FACTORS 6

struct unit {
	bool is_any; /* a bare literal: takes the other side's unit */
	size_t count;
	struct {
		struct str name;
		int exponent;    /* never 0 */
	} factors[UNIT_FACTORS]; /* by name */
};

/* a*b/c, each with an optional exponent: m2, m^2. False: not a unit. */
MUST_CHECK bool unit_parse(struct str text, struct unit *out);
/* sign 1: a * b; -1: a / b. False: too many factors. */
MUST_CHECK bool unit_combine(
	const struct unit *a, const struct unit *b, int sign, struct unit *out);
/* Can they be added? *out (may be NULL) is the more definite one. */
MUST_CHECK bool unit_same(const struct unit *a, const struct unit *b, struct unit *out);
struct str unit_format(struct arena *mem, const struct unit *unit); /* "" for a plain number */
