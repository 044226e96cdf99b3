/* Inside mod/allocate: what plans of places, of one year or of several, are told by. */
#pragma once

#include "mod/allocate/allocation_internal.h"
#include "mod/allocate/places.h"

struct places_teller {
	struct allocation *a;
	const struct places_data *data;
	struct strmap counties; /* code -> its place among them, in order of code */
	int32_t *county_of_site, *county_of_home;
};

/* Communities, children, sites and places of the area, with the supposed changes of sites. */
MUST_CHECK enum err allocation_load_places(struct allocation *a, struct places_data *out);

/* counties and whose site and home is in which. */
void places_tell_begin(
	struct places_teller *t, struct allocation *a, const struct places_data *data);
/* The same sums of a plan, by county and stage: [county * kind_count + kind]. */
struct places_sums {
	double children, sites, places, unmet, km, longest;
};
struct places_sums *places_tell_sums(const struct places_teller *t, const struct places_plan *plan);
double places_mean_km(const struct places_sums *s); /* NAN: nobody is served */
/* Figures of two plans, before and after. */
void places_tell_figures(
	struct places_teller *t, const struct places_plan *before, const struct places_plan *after);
/* Each site on the map, by its state in the plan. */
void places_tell_sites(struct places_teller *t, const struct places_plan *plan);
/* A home on the map. */
void places_tell_home(
	struct places_teller *t, int32_t home, bool is_moved, int64_t unmet, int64_t children);

/* Of a plan: children of a stage that each site takes, [site * kind_count + kind]. */
int64_t *places_tell_taken(const struct places_teller *t, const struct places_plan *plan);

/* People of a point (community and stage) who go from one site (-1: they had no place) to another
 * (-1: there is none), between two plans. */
struct places_change_of {
	const struct places_plan *before, *after;
	const int64_t *taken; /* in `after` */
	int32_t point, from, to;
	int64_t people;
	int year; /* 0: none */
};
/* As a row with its reason. */
void places_tell_shift(struct places_teller *t, const struct places_change_of *change);
