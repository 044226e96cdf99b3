/*
 * School zones from ledgers: communities, their children of one stage and the schools' places
 * become a map (engine/zone) for each county, and its answer says which school each community
 * belongs to, what changes, and why there are no zones where there are none.
 *
 * The cost is children times metres; a changed zone and a crossing count as so many metres. A
 * zone begins at the community that its school stands in (the nearest); where several schools
 * share it, or it is larger than the school, also at that community's neighbours.
 */
#pragma once

#include "engine/zone/near.h"
#include "engine/zone/zone.h"
#include "mod/allocate/places.h"

struct zones_edge {
	int32_t a, b; /* communities, a < b */
	bool is_given, is_apart, is_marked;
};

struct zones_rule {
	int32_t community, site;
	bool is_pin; /* else a ban */
};

struct zones_data {
	struct places_data places;
	int32_t kind;         /* the stage's place in places.kinds */
	int32_t cohort_count; /* grades, or 1 */
	int64_t *grades;      /* [cohort]; NULL: one cohort, the stage */
	int64_t *demand;      /* [community * cohort_count + cohort] */
	int32_t *current;     /* [community]: site, or -1 */
	int32_t *leader;      /* [site]: the first of its group; itself when alone */
	int64_t change_weight, crossing_weight; /* metres */
	int64_t fill_min, fill_max;             /* percent of places */
	bool is_derived;                        /* neighbours are found from coordinates too */
	VEC(struct zones_edge) edges;           /* of the ledger */
	VEC(struct zones_rule) rules;
};

/* What is asked for. */
struct zones_pair {
	struct str community, site; /* codes */
};
struct zones_options {
	struct str stage;
	int64_t change_weight, fill_max; /* -1: the pack's */
	VEC(struct zones_pair) pins;     /* this community goes to this school */
	VEC(struct zones_pair) bans;     /* and does not */
	VEC(struct str) groups;          /* schools that share one zone: "SITE+SITE" */
	bool shares_community;           /* so do schools that stand in one community */
	bool is_given;                   /* neighbours are the ledger's alone */
};

/*
 * Ledgers of places_load, and community_neighbours, school_zones, community_cohorts if they are
 * there. Fails: INVALID (an option), REJECTED (rows, by name), PACK.
 */
MUST_CHECK enum err zones_load(struct ctx *cx, const struct zones_options *options,
	const struct dataset *ds, struct zones_data *out);

/* One county. Blocks and sites are places in the lists communities and schools. */
struct zones_county {
	const struct zones_data *data;
	struct str code;
	int32_t *communities; /* [block] */
	int32_t *schools;     /* [site]: its leader */
	struct zone_map map;
	int64_t *metres;   /* [arc] */
	int32_t *crossing; /* [arc] */
	struct zone_answer answer;
	struct zone_verdict verdict;
	double seconds;
};

struct zones_plan {
	const struct zones_data *data;
	struct zones_county *counties;
	size_t count;
};

/*
 * Solve and check every county, or `only` one; told of each that is done. until: NULL for no end
 * but its own. Fails: TOO_LARGE, STORE (a check failed).
 */
MUST_CHECK enum err zones_solve(struct ctx *cx, const struct zones_data *data, struct str only,
	const struct places_until *until, struct zones_plan *out);
/* The map of a county. Fails: TOO_LARGE. */
MUST_CHECK enum err zones_build(
	struct ctx *cx, const struct zones_data *data, struct str code, struct zones_county *out);
/* Metres by road from a community to the nearest school of a group. */
int64_t zones_metres(const struct zones_data *d, int32_t community, int32_t leader);
/* The arc of the block's site in the answer, or -1. */
int32_t zones_arc(const struct zones_county *c, int32_t block);

/* Why there are no zones and what to relax, for all counties; empty when all have theirs. */
struct str zones_shortages(struct ctx *cx, const struct zones_plan *plan);

enum { ZONES_BLOCK_COLUMNS = 9, ZONES_SCHOOL_COLUMNS = 7 };
extern const struct report_column zones_block_columns[ZONES_BLOCK_COLUMNS];
extern const struct report_column zones_school_columns[ZONES_SCHOOL_COLUMNS];
void zones_report_blocks(struct report *r, const struct zones_plan *plan);
void zones_report_schools(struct report *r, const struct zones_plan *plan);
/* A school's zone; for a group the places of all its schools. */
struct zones_sums {
	int64_t communities, children, places, metres; /* metres: of all children */
};
struct zones_sums zones_sum(const struct zones_county *c, int32_t site);
int64_t zones_children(const struct zones_county *c, int32_t block);
/* The names of a group's schools. */
struct str zones_school_name(struct arena *mem, const struct zones_county *c, int32_t site);
/* New or changed zones of the counties that have zones. */
size_t zones_rows(struct ctx *cx, const struct zones_plan *plan, struct proposal_row **out_rows);
void zones_propose(struct ctx *cx, struct proposal *p, const struct zones_plan *plan);
void zones_write_json(struct ctx *cx, struct json_writer *w, const struct zones_plan *plan);
