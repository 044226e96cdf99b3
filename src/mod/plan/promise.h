/*
 * Promises: clauses with a due date. What a promise says is held against what the ledgers say,
 * by an indicator or by the number of areas that pass an evaluation.
 */
#pragma once

#include "mod/measure/indicator.h"
#include "mod/place/place.h"

enum promise_state {
	PROMISE_DONE,       /* the target is met */
	PROMISE_ON_THE_WAY, /* not yet, and not due yet */
	PROMISE_LATE,       /* not met when it was due */
	PROMISE_NO_DATA,    /* no row of its year says anything */
	PROMISE_UNDEFINED,  /* it cannot be computed: the denominator is 0 */
	PROMISE_WORDS,      /* nothing is there to measure it by */
};

struct promise_status {
	const struct pack_promise *promise;
	enum promise_state state;
	struct str period; /* whose rows were looked at; "" for ledgers without periods */
	bool has_value, has_target;
	double value, target;
	const char *op; /* ">=" or "<=" */
	struct str target_unit;
	int64_t days_left; /* to the due date, negative when it is past; 0 without one */
	VEC(struct indicator_value)
	split; /* by county, where the promise says so; of areas that
		  pass an evaluation 1, of others 0 */
};

struct promise_board {
	VEC(struct promise_status) list; /* in the packs' order */
};

/*
 * Where each promise stands. within: only rows of that organisation; empty: all. A yearly
 * ledger's rows are those of the promise's year, other ledgers' the latest. today decides what
 * is late. latest: rows of that organisation and of the latest periods that were read already,
 * to which what else is needed is added; may be NULL. Everything lives in cx->mem.
 * Fails: as dataset_add_place, indicator_compute, evaluation_area.
 */
MUST_CHECK enum err promise_board_make(struct ctx *cx, const struct open_place *place,
	const struct org_tree *tree, struct str within, struct date today, struct dataset *latest,
	struct promise_board *out);

/* Of one promise. Fails: as promise_board_make. */
MUST_CHECK enum err promise_look(struct ctx *cx, const struct open_place *place,
	const struct org_tree *tree, struct str within, struct date today,
	const struct pack_promise *promise, struct promise_status *out);

struct promise_point {
	struct str period;
	bool has_value;
	double value;
};
struct promise_path {
	VEC(struct promise_point) list; /* oldest first */
};
/*
 * What it is measured by in each period that has rows; empty for ledgers without periods and
 * where nothing measures it. Fails: as promise_board_make.
 */
MUST_CHECK enum err promise_path_make(struct ctx *cx, const struct open_place *place,
	const struct org_tree *tree, struct str within, const struct pack_promise *promise,
	struct promise_path *out);

/* Pure: the state of a value against a target on a day. */
enum promise_state promise_state_of(
	bool is_met, const struct pack_promise *promise, struct date today);
/* "done", "on-the-way", "late", "no-data", "undefined", "words". */
const char *promise_state_name(enum promise_state state);
