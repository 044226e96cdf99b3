/*
 * Where to have how much room: each site is in one of its states (closed, as it is, larger,
 * turned to another use, newly opened …), a state costs something and holds so many units of each
 * kind, and each point's units of one kind are served by sites within its reach at a cost a
 * unit. The least cost of states and serving; units that find no room cost unmet_cost each, so
 * there is always an answer.
 *
 * Method: the problem falls apart into parts that share no site. In each the demand rows are
 * relaxed: a site then takes the state whose cost, less what its best customers pay, is least;
 * the prices are climbed by the volume algorithm. Plans near the mean of its answers are served
 * exactly by the network simplex and improved by changing one site, then two at once, leaving
 * out states that the bound excludes. In small parts the relaxation keeps the sum of room. See
 * Geoffrion and McBride (1978), Barahona and Anbil (2000), Jena, Cordeau and Gendron (2014).
 *
 * The prices prove the bound; layout_check checks plan and proof in integers and shares nothing
 * with the search. No clock and no chance: the same input gives the same answer.
 */
#pragma once

#include "base/arena.h"

#define LAYOUT_KINDS_MAX 8
/* Costs of a state; of serving a unit and of leaving it; units in all. */
#define LAYOUT_COST_MAX  ((int64_t)1 << 50)
#define LAYOUT_UNIT_MAX  ((int64_t)1 << 36)
#define LAYOUT_UNITS_MAX ((int64_t)1 << 24)

struct layout {
	int32_t kind_count, site_count, point_count;
	const int32_t *first_state; /* [site_count + 1]; each site has at least one */
	const int64_t *state_cost;  /* [state], >= 0 */
	const int64_t *state_room;  /* [state * kind_count + kind], >= 0 */
	const int32_t *base_state;  /* [site]: the state it is in now */
	const int32_t *kind;        /* [point] */
	const int64_t *demand;      /* [point], >= 0 */
	const int32_t *first_arc;   /* [point_count + 1] */
	const int32_t *arc_site;    /* [arc], a site once for each point */
	const int64_t *arc_cost;    /* [arc], of a unit, >= 0 and <= unmet_cost */
	int64_t unmet_cost;         /* of a unit without room */
};

struct layout_limits {
	double gap;              /* a part is done when (cost - bound) / cost is within it */
	int rounds;              /* of the climb, at most; 0: 600 */
	bool (*is_over)(void *); /* asked now and then: true ends the search; NULL: never */
	void *is_over_arg;
};

/*
 * Sites and points that share no way with the others, all of one kind: their room together and what
 * is left make up their demand. The bound keeps that row; prices alone would not see that room
 * comes in large pieces.
 */
struct layout_row {
	int32_t kind, site_count, point_count;
	int32_t *sites, *points;
};

struct layout_answer {
	const struct layout *of;
	int32_t *state;          /* [site] */
	int64_t *flow;           /* [arc]: units served */
	int64_t *unmet;          /* [point] */
	int64_t *prices;         /* [point], of a unit: the proof */
	struct layout_row *rows; /* and its rows */
	int32_t row_count;
	int64_t *saving;     /* [site]: what it would cost more with this site as it is now and all
				others as planned; 0 where nothing changes */
	int64_t *more_unmet; /* [site]: and how many units more would be left then */
	uint64_t *part;      /* [point]: a number that tells what its part looked like */
	int32_t part_count, parts_kept; /* kept: taken over from a former answer */
	int64_t flows;                  /* solved */
	bool is_cut_short;
};

/* Are all numbers within their limits and places? */
MUST_CHECK bool layout_fits(const struct layout *l);

/*
 * Solve a layout that fits; the answer lives in mem and points to l. former (or NULL) is the answer
 * to a layout with the same sites and points: parts that look the same are taken over, the
 * others start from its states and prices.
 */
void layout_solve(struct arena *mem, const struct layout *l, const struct layout_limits *limits,
	const struct layout_answer *former, struct layout_answer *out);

enum layout_fault {
	LAYOUT_GOOD,
	LAYOUT_STATE,  /* at: a site in a state that is not its own */
	LAYOUT_SERVED, /* at: a point whose units do not add up */
	LAYOUT_ROOM,   /* at: a site with more units of some kind than its state holds */
};

struct layout_verdict {
	enum layout_fault fault;
	int32_t at;
	int64_t cost, bound; /* bound <= the least cost <= cost, when there is no fault */
	int64_t unmet;       /* units */
};
/* In integers, from the layout and the answer's arrays alone. */
struct layout_verdict layout_check(const struct layout *l, const struct layout_answer *a);

/*
 * Why units of a kind are left: even with each site in the state that holds most of the kind,
 * what is_short points need passes what the sites within their reach can hold.
 */
struct layout_shortage {
	int32_t kind;
	bool *is_short;     /* [point] */
	bool *is_within;    /* [site]: within reach of those */
	int64_t need, room; /* need > room; need 0: this kind is not short */
};
struct layout_shortage layout_explain(struct arena *mem, const struct layout *l, int32_t kind);
