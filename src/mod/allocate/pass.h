/*
 * Path to pass: the cheapest raises of the schools' resources after which an evaluation's clauses
 * about its units hold for one group (stage) of one area: every unit meets enough measures, the
 * rest are not below the floor, and every measure's dispersion is within its limit. All numbers
 * of law come from the pack; the arithmetic is engine/uplift.
 */
#pragma once

#include "cli/report.h"
#include "engine/uplift/uplift.h"
#include "mod/evaluate/requirements.h"

/* --- what the user gives -------------------------------------------------------------------- */

/* Prices of a piece in millionths of the currency, by measure and, where given, by org. */
struct pass_prices {
	const struct pack_units *rules;
	struct str source;
	int64_t *common;      /* a measure's price, 0: none given */
	struct strmap by_org; /* "org\x1fmeasure" -> price */
};

/*
 * Columns indicator, price and perhaps org (CSV or XLSX); an empty org stands for all others.
 * Measures are named by id or title; orgs must be among the rows of the ledger.
 * Fails: REJECTED (every bad line is named), and as table_reader_open.
 */
MUST_CHECK enum err pass_read_prices(struct ctx *cx, const char *path,
	const struct pack_units *rules, const struct dataset_ledger *rows, struct pass_prices *out);

/*
 * What must not be raised: columns org and indicator; an empty org stands for all, an empty
 * indicator for everything of the org. Keys "org\x1fmeasure", the empty one as it is.
 */
MUST_CHECK enum err pass_read_forbidden(struct ctx *cx, const char *path,
	const struct pack_units *rules, const struct dataset_ledger *rows, struct strmap *out);

/* The key of both, in mem. */
struct str pass_key(struct arena *mem, struct str org, struct str measure);

/* --- the plan ------------------------------------------------------------------------------- */

struct pass_options {
	const struct pass_prices *prices;
	const struct strmap *forbidden; /* NULL: none */
	int64_t budget_micro;           /* -1: no cap */
	struct uplift_options uplift;
};

struct pass_plan {
	struct str area, group;
	struct requirements needs;
	struct uplift_problem problem;
	bool has_budget;
	struct uplift_budget budget; /* of it the answer always; the rest when has_budget */
	double *cv_before;           /* a measure; NAN when it has no mean */
	const bool *is_moved; /* a unit: its pupils were moved first (pass_move.h); NULL: none */
};

/*
 * Solve for one group of an evaluated area. The answer is checked by uplift_check; a fault there
 * is a bug. Status INFEASIBLE or UNKNOWN is no failure of the function. Lives in cx->mem.
 * Fails: REJECTED (a price is missing, rows have gaps, numbers are too large), and as
 * evaluation_requirements.
 */
MUST_CHECK enum err pass_solve(struct ctx *cx, const struct evaluation_run *run,
	const struct evaluation_result *result, struct str group,
	const struct pass_options *options, struct pass_plan *out);

/* Why there is no plan, for people; empty when there is one. */
struct str pass_cause(struct ctx *cx, const struct pass_plan *plan);

/*
 * Write what the plan buys into the rows of the ledger: what an org holds for all its stages
 * grows on each of its rows. Evaluate again to see the verdict.
 */
void pass_apply(const struct pass_plan *plan);

/* Does an evaluation after pass_apply agree with what the plan says of each unit and measure? */
bool pass_is_confirmed(const struct pass_plan *plan, const struct evaluation_result *after);
/* What the raise of unit i in measure k costs, in 10^-12 of the currency. */
i128 pass_cost(const struct pass_plan *plan, size_t i, size_t k);

/* --- out ------------------------------------------------------------------------------------ */

struct json_writer;
struct csv_writer;
/* confirmed: the evaluation says so too, after pass_apply. */
void pass_write_json(struct ctx *cx, struct json_writer *w, const struct evaluation_result *before,
	const struct pass_plan *plan, bool is_confirmed);
/* A row for every raise. */
#define PASS_REPORT_COLUMNS 8
extern const struct report_column pass_report_columns[PASS_REPORT_COLUMNS];
void pass_report(struct report *r, const struct pass_plan *plan);
/* The same behind a column with the year. */
void pass_report_year(struct report *r, const struct pass_plan *plan, int year);
/* The same before two empty columns, where moves of pupils stand (pass_move.h). */
void pass_report_after_moves(struct report *r, const struct pass_plan *plan);
/* The changed cells as rows for `evaluate --what-if`, after pass_apply. */
void pass_write_changes(
	struct ctx *cx, struct csv_writer *w, const struct pass_plan *plan, bool has_header);
