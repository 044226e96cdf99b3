/* What the files of mod/evaluate share. */
#pragma once

#include "mod/evaluate/evaluate.h"
#include "mod/pack/rules.h"

/* The values of one row rule over all rows of a table, copied out of the plan's batches. */
struct row_values {
	int64_t *num, *den; /* den NULL unless a ratio */
	uint8_t *state;     /* 0 value, else NULL or error */
	int scale;
};

struct unit_rules {
	struct row_values where, weight, share; /* share: apportion weight */
	struct row_values *exclude, *numerators;
	double *share_sum; /* per row: sum of share over the rows of the same org; 0: none */
	bool *is_ready;    /* per measure */
};

struct evaluation_run {
	const struct dataset *ds;
	const struct pack_evaluation *e;
	struct date day; /* parameters in force */
	struct unit_rules units;
	struct dataset_ledger *unit_rows; /* NULL: no rows given */
};

/* Evaluate a row rule over every row; all NULL when the text is empty. */
MUST_CHECK enum err row_values_make(struct ctx *cx, const struct evaluation_run *run,
	const struct dataset_ledger *dl, const struct located *rule, bool wants_bool,
	struct row_values *out);
bool row_is_true(const struct row_values *v, size_t row);

MUST_CHECK enum err units_ready(struct ctx *cx, struct evaluation_run *run);
/* Values and verdicts of the area's units. */
MUST_CHECK enum err units_area(
	struct ctx *cx, struct evaluation_run *run, struct str area, struct evaluation_result *out);

/* A bound without columns; `group` stands for the text given. not set: the text is empty. */
MUST_CHECK enum err bound_value(struct ctx *cx, const struct evaluation_run *run,
	const struct located *text, struct str group, struct rule_result *out, bool *out_is_set);
bool row_in_area(const struct dataset_ledger *dl, size_t row, struct str area);
