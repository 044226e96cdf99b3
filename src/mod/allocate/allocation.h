/*
 * A plan asked for and its answer in one form, whatever kind it is of: what the page shows, two
 * plans compare by, and the ledger `proposals` takes. The same arithmetic as the commands of
 * `shuren allocate`, on the rows of a place.
 *
 * What is asked: numbers of the pack laid over for this plan alone (weights), and supposed changes
 * (pins, bans, other numbers of children …) with the columns of the commands' --change files.
 */
#pragma once

#include "mod/measure/place_data.h"
#include "wire/json_shape.h"

enum allocation_kind {
	ALLOCATION_PLACES,
	ALLOCATION_TEACHERS,
	ALLOCATION_PASS,
	ALLOCATION_FORECAST,
	ALLOCATION_CURVE, /* places, as a kilometre counts less or more: points to choose from */
	ALLOCATION_ZONE,
	ALLOCATION_KINDS,
};
extern const char *const allocation_kind_names[ALLOCATION_KINDS + 1]; /* NULL at the end */

struct allocation_weight {
	struct str parameter, key;     /* key empty: the only number */
	const struct json_node *value; /* a number, from 0 */
};

struct allocation_change {
	struct str type, code, stage, value;
	struct str to, town, to_town, year, grades, measure;
};

/* So many places more in a stage, in all counties of the area together. */
struct allocation_addition {
	struct str stage;
	int64_t places;
};

struct allocation_request {
	struct str name, kind, area, period;
	struct str stage;               /* of pass and zone; empty: the first there is */
	struct json_items weights;      /* of struct allocation_weight */
	struct json_items changes;      /* of struct allocation_change */
	struct json_items additions;    /* of struct allocation_addition, one at most; of places */
	const struct json_node *budget; /* of pass; NULL: no cap */
	const struct json_node *growth; /* of prices in percent a year; of pass over years */
	/* Of pass: pupils move between neighbouring schools first, so many percent of a school's
	 * at most; 0: none do. */
	int64_t move_percent;
	int64_t years; /* of forecast (0: ten); of places and pass: 0 for one year's plan */
};
extern const struct json_shape allocation_request_shape;
/*
 * Is each option one that the kind takes, each weight a number of the pack that it may change,
 * each change of a type that it knows, with what that needs? Faults go to *faults with their paths.
 * What only the rows can tell (codes) is seen when it runs.
 */
void allocation_check(struct ctx *cx, const struct pack *pack,
	const struct allocation_request *request, struct json_faults *faults);
/* The request as JSON, to be kept and read again. */
void allocation_write_request(struct json_writer *w, const struct allocation_request *r);

/* --- what may be laid over ------------------------------------------------------------------ */

/* The ids of a kind's parameters that a plan may change; ends with NULL. */
const char *const *allocation_parameters(enum allocation_kind kind);
/* Its number today, or NULL: the pack does not have it. */
const struct pack_value *allocation_value(
	const struct ctx *cx, const struct pack *pack, struct str parameter);

/* --- the answer ----------------------------------------------------------------------------- */

/* A number as it was and as it would be; NAN: not known. stage, measure may be empty. */
struct allocation_figure {
	struct str county, stage, measure, measure_title;
	const char *figure; /* "unmet": the page has words for it */
	double before, after, limit;
};

struct allocation_row {
	struct str county, item, name;
	const char *action;
	struct str stage, subject, measure, measure_title;
	struct str from, from_name, to, to_name;
	struct str once, saving; /* decimal text; empty: none */
	struct str reason;
	bool is_proposed; /* false: told, but nothing to be decided on */
};

/* What is done in which year: a row of a plan over years, year by year. */
struct allocation_step {
	struct str county, item, name;
	int year;
	const char *action;
	struct str stage, measure, measure_title;
	struct str from, to, into, into_name; /* into: of a merger, who takes the children */
	struct str once, reason;
};

/* A figure of a plan over years. */
struct allocation_year {
	struct str county, stage;
	int year;
	const char *figure;
	double value;
};

struct allocation_curve_point {
	double weight;         /* of travel against the request's */
	int64_t money, travel; /* thousandths of a yuan a year */
	double mean_km;
	int64_t sites, opened, closed, unmet;
	double gap;
};

struct allocation_point {
	struct str code, name, county;
	struct str zone;           /* of a plan of zones: the school; else empty */
	const char *what, *action; /* "site" or "home" */
	double lon, lat;
	int64_t size;
};

/* People who would go elsewhere than before; to empty: nowhere. */
struct allocation_shift {
	struct str code, name, county, stage, from, from_name, to, to_name;
	int64_t people;
	double minutes;
	int year; /* 0: a plan of one year */
	struct str reason;
};

struct allocation_future {
	struct str county, stage;
	int year;
	double value, low, high; /* low, high NAN: not known */
	bool is_past;
};

struct allocation_result {
	/* Of cost: "yuan", "yuan_a_year", "yuan_of_today" (of several years, discounted),
	 * "points", "child_metres" (in thousandths too); NULL: there is no cost. */
	const char *unit;
	int64_t cost, cost_before, bound; /* thousandths; cost_before -1: not known */
	double gap, seconds;
	bool is_whole;      /* false: a rule could not be kept, or nothing was found: see problem */
	struct str problem; /* text for people: which rule to relax, and by how much */
	VEC(struct allocation_figure) figures;
	VEC(struct allocation_row) rows;
	VEC(struct allocation_point) points;
	VEC(struct allocation_shift) shifts;
	VEC(struct allocation_future) futures;
	VEC(struct allocation_step) steps;
	VEC(struct allocation_year) years;
	VEC(struct allocation_curve_point) curve;
};

/* Asked now and then while it works: true ends the search with what it has. */
struct allocation_until {
	bool (*is_over)(void *arg);
	void (*told)(void *arg, int64_t done, int64_t all); /* how far it is; NULL: nobody asks */
	void *arg;
};

/*
 * Work the plan out on the rows that the place has in request->area. The place is only read.
 * Lives in cx->mem.
 * Fails: INVALID (kind, a weight or change that cannot be), REJECTED (rows are missing or do not
 * fit: the detail says which), NOT_FOUND, PACK, TOO_LARGE, STORE (the answer failed its check).
 */
MUST_CHECK enum err allocation_run(struct ctx *cx, const struct open_place *place,
	const struct org_tree *tree, const struct allocation_request *request,
	const struct allocation_until *until, struct allocation_result *out);

/* {"unit", "cost", …, "figures": […], "rows": […], …}, with the names of counties. */
void allocation_write(
	struct json_writer *w, const struct org_tree *tree, const struct allocation_result *r);
/* The shape of that. */
extern const struct json_shape allocation_result_shape;
/* Its members without the lists, for headlines; `rows` counts what is proposed. */
#define ALLOCATION_HEADLINE                                                                        \
	OUT_OR_NULL("unit", JT_TEXT), OUT_OR_NULL("cost", JT_NUMBER),                              \
		OUT_OR_NULL("cost_before", JT_NUMBER), OUT_OR_NULL("bound", JT_NUMBER),            \
		OUT_OR_NULL("gap", JT_NUMBER), OUT("seconds", JT_NUMBER),                          \
		OUT("is_whole", JT_BOOL), OUT_OR_NULL("problem", JT_TEXT), OUT("proposed", JT_I64)
void allocation_write_headline(struct json_writer *w, const struct allocation_result *r);
