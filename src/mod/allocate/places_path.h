/*
 * Places over years: what is opened, enlarged, converted, merged, closed and kept in which year,
 * for the children that the forecast expects (engine/layout/horizon.h). Each year is served exactly
 * by what stands then. Costs are those of the one-year plan, year by year, a later year counting
 * less by places.discount; what is paid once counts by its yearly share in each year from then on.
 */
#pragma once

#include "engine/layout/horizon.h"
#include "mod/allocate/forecast.h"
#include "mod/allocate/places.h"

/* The children of the years to come, in the communities of the data. */
struct places_demand {
	int first_year; /* a school year by the year it begins in */
	int32_t count;
	int64_t *children; /* [year][community * kind_count + kind] */
};

/*
 * Today's children by the forecast's ratio of their stage, in their town where the forecast has it,
 * else in their county; whole children add up to the county's. A stage below the first grade
 * (forecast.before_school) follows those who come to school in the years after. scenario: what is
 * supposed, or NULL.
 * Fails: PACK (a stage of the data is in neither parameter), REJECTED (a county without forecast).
 */
MUST_CHECK enum err places_forecast(struct ctx *cx, const struct places_data *data,
	const struct pack *pack, const struct forecast_data *forecast,
	const struct forecast_scenario *scenario, int32_t years, struct places_demand *out);

struct places_path {
	struct places_data data; /* children: the most of any year */
	const struct places_demand *demand;
	struct places_model model; /* states and ways; its layout is of no year */
	struct horizon horizon;
	struct horizon_answer answer;
	struct horizon_verdict verdict;
	double seconds;
};

/*
 * Build and solve; until may end the search early (NULL: nobody). Which moves there are: larger at
 * the same place, open, convert, close; nothing else, and none before places.lead_years have gone
 * by. Fails: PACK, TOO_LARGE, STORE (the check failed).
 */
MUST_CHECK enum err places_path_solve(struct ctx *cx, const struct places_data *data,
	const struct pack *pack, const struct places_demand *demand,
	const struct places_until *until, struct places_path *out);
/* What the years would cost with every site as it is. Fails: STORE. */
MUST_CHECK enum err places_path_as_is(
	struct ctx *cx, const struct places_path *path, int64_t *out_cost);

/* One move of a site. */
struct places_step {
	int32_t site, year; /* year from 0 */
	int32_t from, to;   /* states of the layout */
	enum places_action action;
	int64_t once;
	int32_t into;          /* of a closed site: who takes most of its children; -1: nobody */
	int64_t moved, merged; /* its children then, and those of them that `into` takes */
};
/* All moves in order of year and site; lives in cx->mem. */
size_t places_path_steps(
	struct ctx *cx, const struct places_path *path, struct places_step **out_steps);
/* "merge" where one site takes nearly all children, else the name of the action. */
const char *places_step_action(const struct places_step *step);
bool places_step_concerns(
	const struct places_path *path, const struct places_step *step, int32_t kind);
bool places_step_is_merger(const struct places_step *step);
/* What leaving the site as it is in all years would mean, for people. */
struct str places_path_reason(
	struct ctx *cx, const struct places_path *path, const struct places_step *step);
/* Which rule to relax and by how much, for each year in which places are short; or empty. */
struct str places_path_shortages(struct ctx *cx, const struct places_path *path);

enum { PLACES_PATH_COLUMNS = 12 };
extern const struct report_column places_path_columns[PLACES_PATH_COLUMNS];
void places_path_report(struct ctx *cx, struct report *r, const struct places_path *path);
/* A row for each site that changes and stage: from today to the last year. */
size_t places_path_rows(
	struct ctx *cx, const struct places_path *path, struct proposal_row **out_rows);
void places_path_propose(struct ctx *cx, struct proposal *p, const struct places_path *path);
void places_path_write_json(struct ctx *cx, struct json_writer *w, const struct places_path *path);
