/*
 * Cases beside the rules: a few rows written inline, a period, and what the rules must answer.
 * A case speaks of one subject:
 *
 *   evaluation   expect: clause: verdict, or clause: {verdict, op, value, limit, short_by, note};
 *                verdict: of the area; units: ORG/GROUP: verdict, or ORG/GROUP: {verdict, met,
 *                reason, needs: {measure: number}}, `excluded` for those that stay outside
 *   indicator    expect: a number, or missing, or undefined
 *   watch        expect: how many rows (or groups) raise it
 *   ledger       expect: check: how many rows (or groups) fail it; field: what it derives of row 1
 *   flow         expect: move: for how many rows it is open
 *
 * A number with four or more decimals is compared at the decimals it is written with, one with
 * fewer exactly (to 1e-9 of it). Areas and rows without one belong to the case's area.
 */
#pragma once

#include "mod/pack/pack.h"

struct case_result {
	const struct pack_case *c;
	bool is_passed;
	struct str detail; /* what differs, in one line; of cx->mem */
};

struct packtest {
	VEC(struct case_result) results; /* in the order of the pack */
	size_t failed;
	VEC(struct str) uncovered; /* "clause E ID", "indicator ID", "parameter ID DATE" */
};

/*
 * Run the cases whose id begins with `only` (empty: all) and, when it is empty, find what no case
 * touches: every clause of every evaluation, every indicator, every dated value that a rule uses.
 * A parameter that no rule of the pack reads is nobody's to test here. Lives in cx->mem.
 */
void packtest_run(struct ctx *cx, const struct pack *p, struct str only, struct packtest *out);
