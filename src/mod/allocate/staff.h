/*
 * Teachers and posts from ledgers: teachers, school_resources, school_sites, and where they are
 * there kindergartens, teacher_rotation and teacher_supply; with the pack's parameters posts.* and
 * rotation.*. Each county is a problem of its own (engine/posts).
 *
 * Hard rules, kept by what is offered at all: who moves is on the quota, licensed for the subject
 * at the post's stage or above it (posts.stage_rank), has served rotation.years_min years, is not
 * above rotation.age_max, is not excused, and goes no further than rotation.km_max and what is
 * noted of himself. Of a couple one moves at most, and stays within rotation.couple_km of the
 * other's school. With retraining, people may take a subject or the next stage whose licence they
 * would get (posts.retrain), at their own school too. Costs are in thousandths of the points of
 * posts.weight.
 *
 * Balance (posts.balance names columns of the roster): heads of a kind for each pupil, between the
 * schools of a stage, as the evaluation's squared coefficient of variation; see staff_balance.c.
 */
#pragma once

#include "cli/report.h"
#include "engine/posts/posts.h"
#include "mod/allocate/proposal.h"
#include "mod/measure/dataset.h"
#include "wire/json_write.h"

struct staff_school {
	struct str code, name, county;
	double lon, lat;
};

struct staff_post {
	int32_t school;
	struct str stage, subject; /* subject may be empty */
	int64_t rank;              /* of the stage; -1: none */
	int64_t need, now;         /* heads that are on the quota */
	int32_t area_index;
	bool is_pool; /* where those of a programme wait; no post of a school */
};

enum staff_bar { /* why somebody may not move */
	STAFF_MAY_MOVE,
	STAFF_NO_LICENCE,
	STAFF_TOO_NEW,
	STAFF_TOO_OLD,
	STAFF_EXCUSED,
	STAFF_COUPLE,  /* the other one of the couple may move */
	STAFF_UNKNOWN, /* date of service or the school's place is not there */
};

struct staff_person {
	struct str id, licence_subject;
	int64_t licence_rank; /* -1: none */
	int32_t post;         /* where he is */
	double lon, lat;      /* of his home, or of his school */
	enum staff_bar bar;
	bool is_due, is_backbone, is_supply;
	uint32_t kinds;       /* bit k: counts for balances[k] */
	struct str spouse;    /* his number; empty: none */
	double km_max;        /* his own; HUGE_VAL: none is noted */
	struct str pinned;    /* a school he must be at; empty: none */
	struct str forbidden; /* a school he must not go to; "*": none at all */
};

enum staff_goal {
	STAFF_SHORT,
	STAFF_OVER,
	STAFF_MOVE,
	STAFF_MOVE_OTHER,
	STAFF_KM,
	STAFF_RETRAIN, /* a month */
	STAFF_SUPPLY,  /* a head of a programme used */
	STAFF_BALANCE, /* a squared coefficient of variation of 1 */
	STAFF_GOALS
};
extern const char *const staff_goal_names[STAFF_GOALS];

enum { STAFF_BALANCES_MAX = 8 };

/* A kind of people to be balanced: a column of the roster, and how much it counts. */
struct staff_balance {
	struct str column;
	int64_t part; /* millionths */
};

/* Pupils of a school's stage. */
struct staff_pupils {
	int32_t school;
	struct str stage;
	int64_t count;
};

struct staff_data {
	struct staff_school *schools; /* behind those of the ledger: one for each programme */
	VEC(struct staff_post) posts;
	struct staff_person *persons;
	int32_t school_count, person_count;
	struct strmap school_index, post_index, person_index;
	int64_t weight[STAFF_GOALS]; /* thousandths of a point */
	double detour, km_max, couple_km;
	int64_t share, share_backbone; /* percent */
	bool has_retraining;
	const struct keyed_dec_list *retrain; /* "from>to": months in millionths */
	int64_t retrain_stage;                /* months for the next stage; 0: not to be had */
	struct staff_balance balances[STAFF_BALANCES_MAX];
	size_t balance_count;
	VEC(struct staff_pupils) pupils;
};

/*
 * Of args (NULL: none): --weight GOAL=POINTS lays over the pack's; --strict takes
 * posts.weight_strict for them (first no head missing, then balance, few moves, short ways);
 * --retrain lets people retrain. Fails: as places_load; INVALID.
 */
MUST_CHECK enum err staff_load(struct ctx *cx, const struct cli_args *args,
	const struct dataset *ds, struct staff_data *out);
/*
 * Lay a table of changes over data: type,teacher,org. pin: must be at that school (empty: stays);
 * forbid: not to that school (empty: stays too). out_counties: those concerned, in cx->mem.
 * Fails: REJECTED; as table_reader_open.
 */
struct table_reader;
MUST_CHECK enum err staff_change(struct ctx *cx, struct table_reader *table, const char *path,
	struct staff_data *data, struct strmap *out_counties);
MUST_CHECK enum err staff_change_file(
	struct ctx *cx, const char *path, struct staff_data *data, struct strmap *out_counties);

/*
 * Months of retraining after which the person could take a post of the subject and rank; 0: none
 * are needed, -1: he could not.
 */
int64_t staff_months(
	const struct staff_data *d, const struct staff_person *p, const struct staff_post *post);

/* How even one kind of people is between a county's schools of a stage. */
struct staff_evenness {
	struct str column, stage;
	double cv_before, cv_after; /* NAN: there are none */
};

/* A county. Which rows had to give way is told in `relaxed`. */
struct staff_area {
	const struct staff_data *data;
	struct str county;
	int32_t *persons, *posts; /* in the data */
	struct posts problem;
	struct posts_answer answer;
	struct posts_verdict verdict;
	int64_t due, least_moves;
	int64_t *arc_months; /* [arc] of retraining */
	struct staff_evenness *evenness;
	size_t evenness_count;
	struct str relaxed; /* empty: every rule is kept */
	double seconds;
};

struct staff_plan {
	const struct staff_data *data;
	struct staff_area *areas;
	size_t area_count;
};

/*
 * The counties with their problems, not solved. Fails: REJECTED (somebody is pinned to a school
 * where he may not be), TOO_LARGE.
 */
MUST_CHECK enum err staff_build(
	struct ctx *cx, const struct staff_data *data, struct staff_plan *out);
/* former: the same county before a change, or NULL. Fails: STORE (the check failed). */
MUST_CHECK enum err staff_solve(
	struct ctx *cx, struct staff_area *area, const struct staff_area *former);

struct staff_move {
	const struct staff_person *person;
	const struct staff_post *from, *to;
	struct str from_name;
	int64_t months; /* of retraining */
};
/* Of the area's i-th person, in a plan that is solved: to another school or subject; false: he
 * stays as he is. */
bool staff_move_of(
	const struct staff_data *d, const struct staff_area *a, int32_t i, struct staff_move *out);
/* Why, for people. */
struct str staff_reason(struct ctx *cx, const struct staff_move *m);

enum { STAFF_COLUMNS = 12 };
extern const struct report_column staff_columns[STAFF_COLUMNS];
void staff_report(struct ctx *cx, struct report *r, const struct staff_plan *plan);
void staff_propose(struct ctx *cx, struct proposal *p, const struct staff_plan *plan);
void staff_write_json(struct ctx *cx, struct json_writer *w, const struct staff_plan *plan);
