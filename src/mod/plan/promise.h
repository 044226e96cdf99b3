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
	VEC(struct indicator_value) split; /* by county, where the promise says so */
};

struct promise_board {
	VEC(struct promise_status) list; /* in the packs' order */
};

/*
 * Where each promise stands. within: only rows of that organisation; empty: all. A yearly
 * ledger's rows are those of the promise's year, other ledgers' the latest. today decides what
 * is late. Everything lives in cx->mem.
 * Fails: as dataset_add_place, indicator_compute, evaluation_area.
 */
MUST_CHECK enum err promise_board_make(struct ctx *cx, const struct open_place *place,
	const struct org_tree *tree, struct str within, struct date today,
	struct promise_board *out);

/* Pure: the state of a value against a target on a day. */
enum promise_state promise_state_of(
	bool is_met, const struct pack_promise *promise, struct date today);
/* "done", "on-the-way", "late", "no-data", "undefined", "words". */
const char *promise_state_name(enum promise_state state);
