/*
 * Money against the way to school: the plans when a kilometre counts less or more than the pack
 * says. Each is a plan of its own with a proven gap; together they say what a shorter way costs and
 * how many sites it takes.
 */
#pragma once

#include "mod/allocate/places.h"

enum { PLACES_CURVE_POINTS = 7 };

struct places_point {
	double weight;         /* of travel against the pack's */
	int64_t money, travel; /* a year: sites and their share of building; travel as the pack
				  counts it */
	double mean_km;
	int64_t sites, opened, closed; /* sites open in the plan */
	int64_t unmet;
	double gap;
	double seconds;
};

/* The points in order of weight; until: of each search (NULL: none). Fails: TOO_LARGE, STORE (a
 * plan failed its check). */
MUST_CHECK enum err places_curve(struct ctx *cx, const struct places_data *data,
	const struct places_until *until, struct places_point out[PLACES_CURVE_POINTS]);

enum { PLACES_CURVE_COLUMNS = 9 };
extern const struct report_column places_curve_columns[PLACES_CURVE_COLUMNS];
void places_curve_report(struct report *r, const struct places_point *points);
void places_curve_write_json(struct json_writer *w, const struct places_point *points);
