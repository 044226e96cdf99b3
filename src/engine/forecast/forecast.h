/*
 * Numbers of people by zone and grade, years ahead: cohort survival with grade progression.
 *
 *   first grade, year y      N_1(y)   = rho E(y),   E(y) = s B(y - a) + (1 - s) B(y - a - 1)
 *   other grades             N_g+1(y) = r_g N_g(y - 1)
 *
 * B are births by calendar year, a the age of entry and s the share of the births of year y - a
 * that enters in y. The ratios hold survival, repetition and migration together. They are sums
 * over the years seen, later years weighing more, and are shrunk: a zone's towards its group's, a
 * group's towards that of all, and that towards 1, each by a number of people `shrink`. So short
 * series and small zones move little by themselves. Weight and shrink are chosen by back-test.
 * Births that are not known yet follow their last level and a damped trend.
 *
 * Intervals are those of the errors that the same method made on held-out years (rolling origin),
 * in logarithms, with a part that grows with the horizon and one for small numbers; see errors.c.
 *
 * Arrays in, arrays out; the same input gives the same answer. No rule of law is in here.
 */
#pragma once

#include "base/arena.h"

#define FORECAST_HORIZON_MAX 30

struct forecast_series {
	size_t zone_count, group_count, grade_count, band_count;
	const size_t *group_of; /* of a zone, below group_count */
	const size_t *band_of;  /* of a grade, below band_count: grades are summed by it */
	int year_count;         /* seen, one after the other; year 0 is the first */
	const double *pupils;   /* [zone][year][grade], >= 0; NAN: not known */
	int birth_count;        /* calendar years; may be 0 */
	int birth_first;        /* year of births[0]: below 0 when before year 0 */
	const double *births;   /* [zone][birth year], >= 0; NAN: not known */
	int entry_age;          /* a */
	double entry_same_year; /* s, 0..1 */
};

struct forecast_options {
	double weight; /* of a year against the next later one, 0..1; 0: only the last counts */
	double shrink; /* people; 0: every zone by itself */
	double damp;   /* of the births' trend from year to year, 0..1; 0: no trend */
};

/* --- changes that people suppose ------------------------------------------------------------ */

enum forecast_change_kind {
	FORECAST_BIRTHS, /* births not known yet, from `year` (calendar) on: times `value` */
	FORECAST_ADD,    /* `value` people more in each grade of the range, in `year` */
	FORECAST_MOVE,   /* the share `value` of the range goes to another zone in `year`; later
			    also those who newly come into its first grade */
};

struct forecast_change {
	enum forecast_change_kind kind;
	size_t zone;                 /* SIZE_MAX: every zone (births) */
	size_t to_zone;              /* MOVE */
	int year;                    /* year 0 is the first seen */
	size_t grade_from, grade_to; /* ADD, MOVE; both included */
	double value;
};

struct forecast_changes {
	const struct forecast_change *items;
	size_t count;
};

/* --- the forecast --------------------------------------------------------------------------- */

/*
 * `horizon` years from the first year_count years of the series, with the births that were known
 * then (birth_count of them). out: [zone][horizon][grade]. A cell that cannot be told (a zone
 * never seen) is 0.
 */
void forecast_project(const struct forecast_series *series, int year_count, int birth_count,
	const struct forecast_options *options, const struct forecast_changes *changes, int horizon,
	double *out);

/* The share of the band's people, year by year, who were born or in a grade when the forecast was
 * made: [band][horizon]; for all zones together. projected: from forecast_project. */
void forecast_born_share(
	const struct forecast_series *series, const double *projected, int horizon, double *out);

/* --- back-test ------------------------------------------------------------------------------ */

enum forecast_method {
	FORECAST_OURS,
	FORECAST_COHORT_RATIO, /* the last year's ratios of each zone as they are */
	FORECAST_NO_CHANGE,    /* as many as in the last year */
	FORECAST_METHODS,
};

/* Sums by band of: a zone, a group, everything. */
enum forecast_level { FORECAST_ZONE, FORECAST_GROUP, FORECAST_ALL, FORECAST_LEVELS };

struct forecast_score {
	size_t count;        /* forecasts compared with what came */
	double absolute_pct; /* sum |error| / sum of what came, % */
	double bias_pct;     /* sum error / sum of what came, % */
};

/* Variance of the log error at horizon h for m people: growth[h] + noise h / m, times a factor. */
struct forecast_errors {
	double growth[FORECAST_HORIZON_MAX + 1]; /* from 1; never falls */
	double noise;
	/* Of the standard deviation, from horizon 1: wider where fewer years that share none tell.
	 */
	double factor_80[FORECAST_HORIZON_MAX + 1], factor_95[FORECAST_HORIZON_MAX + 1];
	size_t count; /* errors that it was made of; 0: there are none */
};

struct forecast_backtest {
	struct forecast_options options; /* chosen */
	int origins, horizon;            /* years held out at most */
	struct forecast_score scores[FORECAST_METHODS][FORECAST_LEVELS][FORECAST_HORIZON_MAX + 1];
	struct forecast_errors errors[FORECAST_LEVELS];
};

/*
 * Choose options and measure errors on the series itself. With fewer than three years there is
 * nothing to hold out: default options, no errors.
 */
void forecast_test(
	const struct forecast_series *series, int horizon, struct forecast_backtest *out);

struct forecast_interval {
	double low_80, high_80, low_95, high_95; /* NAN: no errors to tell from */
};
struct forecast_interval forecast_interval(
	const struct forecast_errors *errors, int horizon, double people);
