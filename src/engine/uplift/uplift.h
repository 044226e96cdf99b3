/*
 * The cheapest raises of stocks after which every unit passes and no resource is spread too
 * widely.
 *
 * There are n units with a weight P_i and K resources. Unit i holds a stock a_ik. It meets
 * resource k when stock / weight reaches the threshold of k; it passes when it meets all
 * resources but at most `excusals`, and is in those not below the floor (a share of the
 * threshold). The spread of resource k is the weighted coefficient of variation
 *     CV_k = sqrt(sum_i (P_i/P) (x_i - x)^2) / x,   x_i = stock_i / P_i,  x = sum stock / P,
 * which must not pass the limit of k. Stocks can only be raised, each at a price.
 *
 * All stocks are whole numbers of steps: one piece for what is counted, 10^-scale of a piece for
 * the rest. So an answer is exact as it stands: nothing has to be rounded after the solver.
 *
 * A unit may be a part of something greater that holds a resource for all its parts: then stocks,
 * raises and prices are of the whole, and only the unit's share of them counts for its value.
 *
 * The answer carries a proven lower bound on the cost. Everything is deterministic. A run at a
 * later year is the same call with that year's weights.
 */
#pragma once

#include "base/arena.h"

/* Greater inputs are refused (UPLIFT_BAD_INPUT): sums then stay exact in 128 bits. */
#define UPLIFT_UNITS_MAX     100000
#define UPLIFT_RESOURCES_MAX 32
#define UPLIFT_WEIGHT_MAX    10000000
#define UPLIFT_STOCK_MAX     INT64_C(1000000000000000)    /* steps */
#define UPLIFT_TOTAL_MAX     INT64_C(4000000000000000000) /* steps of one resource */
#define UPLIFT_PRICE_MAX     INT64_C(10000000000000)      /* 10^-6 */
#define UPLIFT_THRESHOLD_MAX INT64_C(10000000000000000)   /* 10^-9 */
#define UPLIFT_SHARE_MAX     INT64_C(1000000000000)
#define UPLIFT_SCALE_MAX     6
#define UPLIFT_NO_UPPER      INT64_MAX

struct uplift_resource {
	int scale;              /* one step is 10^-scale of a piece; 0: counted in whole pieces */
	int64_t threshold_nano; /* pieces per weight, in 10^-9; 0: no threshold */
	int64_t floor_ppm;      /* an excused unit still has this share of the threshold */
	int64_t limit_micro;    /* greatest CV, in millionths; 0: no limit */
	int64_t price_micro;    /* money per piece, in millionths, > 0; see prices_micro */
	bool is_shared;         /* of a stock only the unit's share counts */
};

/* num / den of a shared stock is the unit's: 0 < num <= den <= UPLIFT_SHARE_MAX. */
struct uplift_share {
	int64_t num, den;
};

/* Tables are row by row: [i * resource_count + k]. All memory is the caller's. */
struct uplift_problem {
	size_t unit_count, resource_count;
	int excusals;           /* resources a unit may miss down to the floor: K - at_least */
	const int64_t *weights; /* n, each > 0 */
	const struct uplift_resource *resources;
	const struct uplift_share *shares; /* n, for resources that are shared; NULL: all is own */
	const int64_t *stocks;             /* n * K steps, >= 0 */
	const int64_t *uppers;       /* n * K steps, >= the stock, or UPLIFT_NO_UPPER; NULL: none.
					The stock itself: this unit must not be raised here. */
	const int64_t *prices_micro; /* n * K, where prices differ by unit; NULL: the resource's */
	const uint32_t *excusable;   /* n masks, bit k: may be excused in k; NULL: everywhere */
	const uint32_t *excused;     /* n masks, bit k: must be excused in k, if it has to be
					raised there at all; NULL: free. Counts as an excusal. */
};

struct uplift_options {
	double gap;              /* stop when (cost - bound) / cost is at most this; 0: prove it */
	size_t node_limit;       /* 0: no limit */
	bool (*stop)(void *arg); /* asked now and then; true ends the search; NULL: never */
	void *stop_arg;
};

enum uplift_status {
	UPLIFT_OPTIMAL,    /* gap proven to be within options.gap */
	UPLIFT_STOPPED,    /* stopped with an answer and a bound, gap above options.gap */
	UPLIFT_UNKNOWN,    /* stopped or exhausted before an answer was found */
	UPLIFT_INFEASIBLE, /* proven: see cause */
	UPLIFT_BAD_INPUT,  /* see cause */
};

enum uplift_cause_kind {
	UPLIFT_CAUSE_NONE,
	/* Bad input: unit and resource say where (SIZE_MAX: not about one). */
	UPLIFT_CAUSE_SIZE, /* no units, too many units or resources, excusals out of range */
	UPLIFT_CAUSE_WEIGHT,
	UPLIFT_CAUSE_SHARE,
	UPLIFT_CAUSE_RESOURCE, /* scale, threshold, floor, limit or price out of range */
	UPLIFT_CAUSE_STOCK,
	UPLIFT_CAUSE_UPPER, /* below the stock */
	UPLIFT_CAUSE_PRICE,
	UPLIFT_CAUSE_TOO_LARGE, /* a need above UPLIFT_STOCK_MAX, or all above UPLIFT_TOTAL_MAX */
	/* Infeasible. */
	UPLIFT_CAUSE_FLOOR,     /* unit's upper of resource is `missing` steps below its floor */
	UPLIFT_CAUSE_THRESHOLD, /* unit cannot meet enough resources; in this one, the nearest, its
				   upper is `missing` steps short */
	UPLIFT_CAUSE_SPREAD,    /* within the uppers the CV of resource cannot come below cv_micro,
				   which can be reached if the thresholds leave it alone */
	UPLIFT_CAUSE_JOINT,     /* each row alone could be met, no choice of excusals meets all */
};

struct uplift_cause {
	enum uplift_cause_kind kind;
	size_t unit, resource;
	int64_t missing;  /* steps */
	int64_t cv_micro; /* a limit of this would do for the row alone */
};

/* Is the cause one of bad input, not of infeasibility? */
bool uplift_is_bad_input(const struct uplift_cause *cause);

/* What became of one resource. */
struct uplift_row {
	int64_t raised;      /* steps, over all units */
	double cost;         /* money */
	double cv;           /* afterwards; statistics, the check is exact */
	bool is_binding;     /* the limit, not only the thresholds, made raises necessary */
	double level;        /* pieces per weight up to which units were filled for the limit */
	double shadow_price; /* money saved if the limit were 0.01 looser (first order) */
};

struct uplift_answer {
	enum uplift_status status;
	struct uplift_cause cause;
	int64_t *raises;  /* n * K steps; NULL when there is no answer */
	uint32_t *missed; /* n masks: resources in which the unit stays below the threshold */
	struct uplift_row *rows; /* K */
	i128 cost_e12;           /* money in 10^-12, exact */
	double cost, bound;      /* money; bound <= least possible cost */
	double gap;              /* (cost - bound) / cost, 0 when the cost is 0 */
	size_t nodes;
};

/*
 * Solve. The answer's tables are in mem; scratch memory is freed before it returns.
 * With one price per resource and nothing shared the answer for given excusals is exact, and the
 * search proves the excusals. Else whole pieces are placed by rounding and repair: the gap is
 * printed and may stay above options.gap (UPLIFT_STOPPED). No single unit's excusals, and no raise
 * on its own, could be given up for a cheaper answer, proven or not.
 */
void uplift_solve(const struct uplift_problem *problem, const struct uplift_options *options,
	struct arena *mem, struct uplift_answer *out);

/*
 * The best that a sum of money buys, when everything costs too much. In this order:
 *   1. as many units pass as possible (exact: the cheapest units first);
 *   2. as many resources with their CV within the limit as the rest pays for;
 *   3. least money.
 * Steps 2 and 3 keep the units and excusals of step 1 where the whole problem was not
 * affordable: rows_bound says how many rows no choice at all could exceed.
 */
struct uplift_budget {
	struct uplift_answer answer; /* STOPPED unless the whole problem was affordable; cost is
					within the budget; bound: no plan with as many passing
					units costs less */
	bool *is_passing;            /* n */
	bool *is_within;             /* K */
	size_t passing_count;        /* no plan within the budget has more */
	size_t within_count, rows_bound;
};
void uplift_solve_budget(const struct uplift_problem *problem, const struct uplift_options *options,
	int64_t budget_micro, struct arena *mem, struct uplift_budget *out);

/* What an answer breaks; unit and resource SIZE_MAX where it is not about one. */
enum uplift_fault_kind {
	UPLIFT_FAULT_NONE,
	UPLIFT_FAULT_LOWERED,  /* a raise below 0 */
	UPLIFT_FAULT_UPPER,    /* above its upper */
	UPLIFT_FAULT_FLOOR,    /* below the floor */
	UPLIFT_FAULT_EXCUSALS, /* misses more than may be missed */
	UPLIFT_FAULT_PIN,      /* misses a resource it may not miss, or a forced excusal leaves too
				  few for the others */
	UPLIFT_FAULT_MISSED,   /* the mask `missed` is not what the stocks say */
	UPLIFT_FAULT_SPREAD,   /* CV above the limit */
	UPLIFT_FAULT_COST,     /* cost_e12 is not the sum of raises times prices */
};
struct uplift_fault {
	enum uplift_fault_kind kind;
	size_t unit, resource;
};

/*
 * Re-check an answer from the problem alone, in integers of any size: it shares no code with the
 * solver. The first fault in order of unit, then resource; kind NONE if there is none.
 * Needs answer->raises, ->missed and ->cost_e12. With is_passing and is_within (of a budget
 * answer; else NULL) only the units and rows marked there are held to the rules.
 */
struct uplift_fault uplift_check(const struct uplift_problem *problem,
	const struct uplift_answer *answer, const bool *is_passing, const bool *is_within);
