/*
 * Path to pass with pupils re-balanced: pupils move between neighbouring schools of one stage
 * first, teachers and rooms stay where they are, and what is then still missing is bought. The
 * search is local (engine/uplift/shift.h); a bound on every way to move and buy stands beside it.
 *
 * No school takes more than the pack's weight_limits let it, none is emptied, and none gives more
 * than the share asked for. Left out are schools with several rows in the ledger (stages that share
 * what they have) and those whose membership or counted resources change with their number of
 * pupils (the rules of the pack decide).
 */
#pragma once

#include "mod/allocate/pass.h"
#include "mod/org/org.h"

struct pass_move_options {
	const struct pass_options *pass; /* without a budget */
	int64_t count_max;               /* pupils that may leave a school; -1: see share_ppm */
	int64_t share_ppm;               /* of a school's pupils, in millionths */
	const struct strmap *pairs;      /* of pass_read_neighbours; NULL: by the tree */
	const struct org_tree *tree;     /* may be NULL when there are pairs */
	void (*begin)(void *arg); /* called before each of the search's three parts: for a limit of
				     time; NULL: none */
	void *begin_arg;
};

struct pass_move {
	size_t from, to; /* units of plan.needs */
	int64_t pupils;  /* > 0 */
};

struct pass_moves {
	struct evaluation_result before, start; /* as it is; and with the pupils moved */
	struct pass_plan without, plan;         /* what to buy without moves; and after them */
	struct pass_move *list;                 /* by pair; empty when moving does not pay */
	size_t count, pair_count;               /* pair_count: pairs that could exchange */
	int64_t moved;
	size_t left_out;  /* units */
	double bound;     /* no moves and raises cost less; money */
	bool is_finished; /* the search was not cut off */
	bool is_confirmed;
};

/*
 * Pairs that may exchange: columns org and neighbour (学校标识码, 相邻学校), either way round.
 * Fails: REJECTED (every bad line is named), and as table_reader_open.
 */
MUST_CHECK enum err pass_read_neighbours(
	struct ctx *cx, const char *path, const struct dataset_ledger *rows, struct strmap *out);

/* The pairs of units that may exchange: is_fixed, one a unit, takes part in none. By the tree:
 * schools of one town, or within the stage's time to school of one another where both have
 * coordinates. Fails: PACK (the pack has no such time, or speed). */
struct uplift_pair;
MUST_CHECK enum err pass_find_pairs(struct ctx *cx, const struct pack *pack,
	const struct pass_plan *plan, const struct pass_move_options *options, const bool *is_fixed,
	struct uplift_pair **out, size_t *out_count);

/*
 * Work out one group of an area. Afterwards the rows of ds hold the plan: moved pupils and raises.
 * A plan with moves is cheaper than the one without, else it has none. Lives in cx->mem.
 * Fails: as pass_solve and pass_find_pairs.
 */
MUST_CHECK enum err pass_moves_solve(struct ctx *cx, struct dataset *ds,
	const struct pack_evaluation *evaluation, struct str area, struct str group,
	const struct pass_move_options *options, struct pass_moves *out);

/* How far from the best the cost may be, as a share of it. */
double pass_moves_gap(const struct pass_moves *m);
/* Does the bound prove the plan, up to what the solver itself leaves open? Else it is local. */
bool pass_moves_is_proven(const struct pass_moves *m);

enum { PASS_MOVES_COLUMNS = PASS_REPORT_COLUMNS + 2 };
extern const struct report_column pass_moves_columns[PASS_MOVES_COLUMNS];
/* A row for every move, then one for every raise. */
void pass_moves_report(struct report *r, const struct pass_moves *m);
void pass_moves_write_json(struct ctx *cx, struct json_writer *w, const struct pass_moves *m);
