/*
 * Indicators over a dataset: pairs of sums by organisation, divided at the last. Values of
 * counties add up to the city's, whoever holds the rows.
 */
#pragma once

#include "engine/rule/rule.h"
#include "mod/measure/dataset.h"
#include "mod/org/org.h"

enum indicator_state {
	INDICATOR_VALUE,
	INDICATOR_MISSING,   /* no rows that say anything */
	INDICATOR_UNDEFINED, /* the denominator is 0, or a number passes 127 bits */
};

struct indicator_value {
	struct str group; /* code of the organisation, or value of the column; "" for all */
	enum indicator_state state;
	double value;                  /* per * numerator / denominator, unrounded */
	double numerator, denominator; /* as the nearest doubles; denominator 1 for plain sums */
	size_t rows;                   /* of the numerator's ledger */
};

struct indicator_result {
	const struct pack_indicator *indicator;
	struct str period;
	struct indicator_value total;
	VEC(struct indicator_value) groups;         /* by code */
	const struct rule *numerator, *denominator; /* denominator NULL: a plain sum */
};

/*
 * What the groups are: "" none, "county", "town", "school" (the row's own organisation),
 * "children" (what stands directly below the organisation whose rows these are; its own rows
 * under its own code), or a column of the ledger that the indicator allows (`by`). The ledgers must
 * be in ds. tree may be NULL for rows from files: then towns are unknown. Fails: PACK (a rule does
 * not compile), NOT_FOUND (the ledger is not in ds, no such column).
 */
MUST_CHECK enum err indicator_compute(struct ctx *cx, const struct dataset *ds,
	const struct org_tree *tree, const struct pack_indicator *indicator, struct str by,
	struct indicator_result *out);

/* A row that a sum is made of, and what the rule says of it alone. */
struct indicator_row {
	size_t row; /* of the ledger's table */
	bool has_value;
	double value;
};
struct indicator_rows {
	const struct dataset_ledger *ledger;
	VEC(struct indicator_row) list; /* in the table's order */
};
/*
 * The rows that count in the numerator, or in the denominator: those that pass the filter of one
 * of its sums with a value. The ledgers must be in ds.
 * Fails: as indicator_compute; NOT_FOUND also when there is no denominator.
 */
MUST_CHECK enum err indicator_list_rows(struct ctx *cx, const struct dataset *ds,
	const struct pack_indicator *indicator, bool is_denominator, struct indicator_rows *out);
/* The name of a state: "value", "missing", "undefined". */
const char *indicator_state_name(enum indicator_state state);
/* The last day of a period, whose numbers of law count; today for what is not over yet. */
struct date period_day(struct str period, struct date today);
