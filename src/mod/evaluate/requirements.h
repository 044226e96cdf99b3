/*
 * What an evaluation asks of the units of one group in an area, in exact numbers: what a plan has
 * to reach. The same rules and parameters that the verdicts are made of.
 */
#pragma once

#include "mod/evaluate/evaluate.h"

/* value = total * share / weight must reach the threshold; total is in 10^-scale of a piece. */
struct required_measure {
	const struct pack_measure *measure;
	int scale;              /* decimals that the totals have; 0 when counted */
	int64_t threshold_nano; /* pieces per weight, 10^-9, rounded up */
	int64_t limit_micro;    /* greatest coefficient of variation, rounded down; 0: none */
};

struct required_unit {
	size_t row; /* of the ledger's table */
	struct str org, name;
	int64_t weight;
	int64_t weight_max; /* what the pack lets it grow to, rounded down; INT64_MAX: no limit */
	bool is_alone;      /* its org has no other row in the ledger */
	int64_t share_num, share_den; /* of the org's total, where the measure is shared */
};

struct requirements {
	const struct pack_units *rules;
	struct dataset_ledger *rows;
	size_t unit_count, measure_count;
	struct required_unit *units;
	struct required_measure *measures;
	int64_t *totals; /* [unit * measure_count + measure], of the org where it is shared */
	size_t at_least; /* measures that a unit must meet */
	int64_t floor_ppm;
};

/*
 * For the units of `group` that the result has included. Lives in cx->mem.
 * Fails: REJECTED (a unit lacks a value, has a negative one or a fraction of what is counted: all
 * are named), INVALID (the evaluation does not ask this of its units, or not of this group),
 * PACK (a bound is not what it must be).
 */
MUST_CHECK enum err evaluation_requirements(struct ctx *cx, const struct evaluation_run *run,
	const struct evaluation_result *result, struct str group, struct requirements *out);
