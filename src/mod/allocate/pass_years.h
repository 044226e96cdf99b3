/*
 * Path to pass over years: pupils follow the forecast, prices grow, and what is bought stays. Two
 * ways are worked out: each year buys what it needs then (late), or everything that any year needs
 * is bought in the first one, at its price (early); money of later years counts less by
 * places.discount. In each year the evaluation is asked again.
 *
 * No schedule costs less than the bound: each year alone has to be reached from what there is
 * today, at the lowest price up to it.
 */
#pragma once

#include "mod/allocate/forecast.h"
#include "mod/allocate/pass.h"

struct pass_year {
	int year;      /* a school year by the year it begins in */
	double factor; /* of today's price: growth and discount */
	int64_t pupils;
	struct evaluation_result before; /* with what was bought until then */
	struct pass_plan plan;           /* what is bought in this year, at today's price */
	bool is_confirmed;
};

struct pass_schedule {
	struct pass_year *years;
	double cost;      /* discounted; 0 when it has a cause */
	size_t stuck;     /* the year that has a cause */
	struct str cause; /* why it cannot be; empty: it can */
};

struct pass_years {
	struct str area, group;
	int32_t count;
	struct pass_schedule late, early;
	double bound;
};

struct pass_years_options {
	int32_t years;
	double growth, discount; /* a year: 0.03 for 3 % */
	const struct forecast_data *forecast;
	const struct pass_options *pass; /* without a budget */
	void (*begin)(void *arg); /* called before each solve: for a limit of time; NULL: none */
	void *begin_arg;
};

/*
 * Work out one group of an area; the rows of ds are what they were afterwards.
 * Fails: REJECTED (the forecast has no such area, the rows have no column county), PACK (nor such a
 * group), and as pass_solve.
 */
MUST_CHECK enum err pass_years_solve(struct ctx *cx, struct dataset *ds,
	const struct pack_evaluation *evaluation, struct str area, struct str group,
	const struct pass_years_options *options, struct pass_years *out);

/* The way that costs less; NULL: there is none. */
const struct pass_schedule *pass_years_best(const struct pass_years *y);
double pass_years_gap(const struct pass_years *y);

enum { PASS_YEARS_COLUMNS = PASS_REPORT_COLUMNS + 1 };
extern const struct report_column pass_years_columns[PASS_YEARS_COLUMNS];
/* The raises of the best way; their cost is today's. */
void pass_years_report(struct report *r, const struct pass_years *y);
void pass_years_write_json(struct ctx *cx, struct json_writer *w, const struct pass_years *y);
