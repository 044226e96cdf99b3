/*
 * The difference coefficient (差异系数) of the national evaluations of compulsory education:
 * the coefficient of variation of per-pupil values, weighted by pupils. With P_i pupils and x_i
 * of a resource in school i: X_i = x_i / P_i, mean = sum(x) / sum(P),
 * S = sqrt(sum(P_i / P (X_i - mean)^2)), and the coefficient is S / mean. (教督〔2012〕3号 and
 * 教督〔2017〕6号 use the same formula; population form, no n-1.)
 */
#pragma once

#include "base/arena.h"

enum dispersion_state {
	DISPERSION_OK,
	DISPERSION_EMPTY,     /* no unit with pupils */
	DISPERSION_ZERO_MEAN, /* nobody has any: the coefficient is undefined, not 0 */
	DISPERSION_INVALID,   /* a negative weight, or a number that is not finite */
};

struct dispersion {
	enum dispersion_state state;
	size_t unit_count;   /* units with pupils */
	double mean, sd, cv; /* 0 unless their meaning is defined; one unit gives cv 0 */
};

/* Units with weight 0 are left out. Order of the units does not change the printed digits. */
struct dispersion dispersion_of(const double *weights, const double *totals, size_t n);
/* The same per group: out has group_count items, ids[i] < group_count. */
void dispersion_by_group(const double *weights, const double *totals, const uint32_t *ids, size_t n,
	size_t group_count, struct dispersion *out);
