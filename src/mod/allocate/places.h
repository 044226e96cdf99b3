/*
 * Places from ledgers: communities and their children, school_sites and site_places, with the
 * pack's parameters places.*, become a layout (engine/layout), and its answer becomes actions at
 * sites, each with its reason.
 *
 * Money is in thousandths of a yuan. A cost paid once counts by its share of a year (parameter
 * places.years). Children are served within their county.
 */
#pragma once

#include "cli/report.h"
#include "mod/allocate/proposal.h"
#include "engine/layout/layout.h"
#include "mod/measure/dataset.h"
#include "wire/json_write.h"

struct places_kind {
	struct str stage;
	int64_t step;                               /* places of one step */
	int64_t step_cost, open_cost, convert_cost; /* once */
	int64_t running, travel;                    /* a year; a child and km a year */
	double minutes_max, speed;                  /* km an hour */
};

struct places_room {
	int64_t pupils, places, more, converted;
};

struct places_site {
	struct str code, name, county, keep_reason;
	double lon, lat;
	bool is_open, must_keep, must_close;
};

struct places_community {
	struct str code, name, county, town;
	double lon, lat;
};

struct places_data {
	struct places_kind kinds[LAYOUT_KINDS_MAX];
	struct places_site *sites;
	struct places_room *rooms; /* [site * kind_count + kind] */
	struct places_community *communities;
	int64_t *children; /* [community * kind_count + kind] */
	int32_t kind_count, site_count, community_count;
	struct strmap site_index, community_index; /* by code */
	double detour;
	int64_t years, close_cost, unmet_cost;
};

/*
 * Read the ledgers of ds. Fails: NOT_FOUND (one is not there), PACK (a parameter is not), REJECTED:
 * the detail names rows with an unknown site, community or stage.
 */
MUST_CHECK enum err places_load(struct ctx *cx, const struct dataset *ds, struct places_data *out);

/* A copy whose rows can be changed. */
void places_copy(struct arena *mem, const struct places_data *data, struct places_data *out);
/*
 * Lay a table of changes over data: type,code,stage,value. Types: children (of a community, that
 * many), places (of a site, that many), keep, close (a site), limit (of a stage, minutes).
 * Fails: REJECTED, each line with what was expected; and as table_reader_open.
 */
struct table_reader;
MUST_CHECK enum err places_change(
	struct ctx *cx, struct table_reader *table, const char *path, struct places_data *data);
MUST_CHECK enum err places_change_file(struct ctx *cx, const char *path, struct places_data *data);

enum places_action {
	PLACES_KEEP,
	PLACES_CLOSE,
	PLACES_EXPAND,
	PLACES_OPEN,
	PLACES_CONVERT,
	PLACES_ACTIONS
};
extern const char *const places_action_names[PLACES_ACTIONS];
/* Yuan from thousandths, as short as they are said exactly; lives in mem. */
struct str places_money(struct arena *mem, int64_t milli);
/* Places of a kind in a state of a site. */
static inline int64_t places_room(const struct layout *l, int32_t state, int32_t kind)
{
	return l->state_room[state * l->kind_count + kind];
}

struct places_state {
	enum places_action action;
	int64_t once; /* what it costs at once */
};

struct places_model {
	const struct places_data *data;
	struct layout layout; /* point = community * kind_count + kind */
	struct places_state *states;
	double *km; /* [arc] by road */
};
/*
 * What may be at each site, and who reaches it. A site on the list to keep, and one that is the
 * only one within the time for somebody, is neither closed nor converted. Fails: TOO_LARGE.
 */
MUST_CHECK enum err places_build(
	struct ctx *cx, const struct places_data *data, struct places_model *out);
/* With fewer sizes to choose from for each stage where a site has several. */
MUST_CHECK enum err places_build_sizes(struct ctx *cx, const struct places_data *data,
	int32_t joint_sizes, struct places_model *out);
double places_km(const struct places_data *d, int32_t community, int32_t site);
double places_minutes(const struct places_data *d, int32_t kind, double km);

struct places_until {
	bool (*is_over)(void *arg);
	void (*told)(
		void *arg, int64_t done, int64_t all); /* of several plans; NULL: nobody asks */
	void *arg;
};
/* The limits of a search that `until` (NULL: nobody) can end. */
struct layout_limits places_limits(const struct places_until *until);

struct places_plan {
	const struct places_model *model;
	struct layout_answer answer;
	struct layout_verdict verdict;
	double seconds;
};

/* Where the children go whose nearest site it is today: how many, and the site that takes most
 * of them (-1: none) with how many. */
int64_t places_moved(const struct layout *l, const int64_t *flow, int32_t site, int32_t *most,
	int64_t *most_children);

/*
 * Solve, and check the answer. former: the plan before a change, or NULL. is_over ends the search
 * early with what it has (NULL: never). The answer lives in cx->mem.
 * Fails: STORE (the check failed).
 */
MUST_CHECK enum err places_solve(struct ctx *cx, const struct places_model *model,
	const struct places_until *until, const struct places_plan *former,
	struct places_plan *out);
/* All sites as they are now: only who goes where is worked out. *out refers to out_model. */
MUST_CHECK enum err places_as_is(struct ctx *cx, const struct places_model *model,
	struct places_model *out_model, struct places_plan *out);

/* Why a site is in its state: text for people in cx's language; empty when there is nothing to say.
 */
struct str places_reason(struct ctx *cx, const struct places_plan *plan, int32_t site);
/*
 * Where children find no place, as text: which rule to relax, and by how much. Empty when all do.
 */
struct str places_shortages(struct ctx *cx, const struct places_plan *plan);

enum { PLACES_ACTION_COLUMNS = 10, PLACES_SERVED_COLUMNS = 8 };
extern const struct report_column places_action_columns[PLACES_ACTION_COLUMNS];
extern const struct report_column places_served_columns[PLACES_SERVED_COLUMNS];
/* A row for each site that changes or is kept by a rule, and each stage that it concerns. */
void places_report_actions(struct ctx *cx, struct report *r, const struct places_plan *plan);
void places_propose(struct ctx *cx, struct proposal *p, const struct places_plan *plan);
/* A row for each community, stage and site that serves it. */
void places_report_served(struct report *r, const struct places_plan *plan);
/* before: the plan without the changes, or NULL. */
void places_write_json(struct ctx *cx, struct json_writer *w, const struct places_plan *plan,
	const struct places_plan *before);
