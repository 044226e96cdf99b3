/* Inside mod/allocate: the kinds of plan, each filling one result. */
#pragma once

#include "mod/allocate/allocation.h"
#include "mod/org/org.h"

struct allocation {
	struct ctx *cx;
	const struct open_place *place;
	const struct org_tree *tree;
	const struct allocation_request *request;
	const struct allocation_until *until;
	struct dataset ds; /* its pack has the weights laid over */
	struct allocation_result *out;
};

MUST_CHECK enum err allocation_places(struct allocation *a);
MUST_CHECK enum err allocation_teachers(struct allocation *a);
MUST_CHECK enum err allocation_pass(struct allocation *a);
MUST_CHECK enum err allocation_forecast(struct allocation *a);
MUST_CHECK enum err allocation_curve(struct allocation *a);
MUST_CHECK enum err allocation_zone(struct allocation *a);
/* Places over request->years, of allocation_places. */
MUST_CHECK enum err allocation_places_years(struct allocation *a);

/* A ledger's rows of the area. */
MUST_CHECK enum err allocation_read(struct allocation *a, const char *ledger);

/* Is it a change of how many people there will be: one of a forecast's? */
bool allocation_is_of_people(struct str type);

/*
 * The supposed changes as a table with these columns: name and what of a change stands in it.
 * of: which changes; NULL: all. *out NULL: there are none.
 */
struct allocation_column {
	const char *name;
	size_t offset; /* of a struct str in struct allocation_change */
};
struct table_reader;
MUST_CHECK enum err allocation_changes(struct allocation *a, bool (*of)(struct str type),
	const struct allocation_column *columns, size_t count, struct table_reader **out);
/* Of a forecast, into *out, which stays as it is when there are none. */
struct forecast_data;
struct forecast_scenario;
MUST_CHECK enum err allocation_take_scenario(
	struct allocation *a, const struct forecast_data *data, struct forecast_scenario *out);
/* grade_enrolment and births of the area, as a forecast's data. */
MUST_CHECK enum err allocation_load_forecast(struct allocation *a, struct forecast_data *out);

/* How far it is, to who asked to be told. */
void allocation_told(const struct allocation *a, int64_t done, int64_t all);

/* A row to be decided on; what a proposal has no word for is left to the caller, until the next. */
struct proposal_row;
struct allocation_row *allocation_propose(struct allocation *a, const struct proposal_row *row);

struct str allocation_money(struct arena *mem, int64_t milli);
struct str allocation_whole(struct arena *mem, int64_t v);
