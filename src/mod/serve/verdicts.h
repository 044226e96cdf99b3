/* An evaluation made ready for an asker: on the rows that they may see. */
#pragma once

#include "mod/evaluate/evaluate.h"
#include "mod/serve/measure_api.h"

struct verdicts {
	const struct pack_evaluation *evaluation;
	struct measure measure;
	struct evaluation_run *run;
	struct str *areas;
	size_t area_count;
};
/* The evaluation of a name. Fails: NOT_FOUND. */
MUST_CHECK enum err call_evaluation(
	struct http_call *call, struct str id, const struct pack_evaluation **out);
/* On what a measure that has begun may see; its ledgers are read. Fails: as evaluation_ready. */
MUST_CHECK enum err verdicts_on(
	const struct measure *m, const struct pack_evaluation *e, struct verdicts *out);
/* Once more, after rows have been laid over those of v. */
MUST_CHECK enum err verdicts_again(struct verdicts *v);
/* By the call's ?period. Fails: as measure_begin, evaluation_ready. */
MUST_CHECK enum err verdicts_begin(
	struct http_call *call, const struct pack_evaluation *e, struct verdicts *out);
/* Is the i-th an area of the tree (and not rows that belong to none)? */
bool verdicts_has(const struct verdicts *v, const struct org_tree *tree, size_t i);
extern const struct json_shape county_shape;
extern const struct json_shape clause_cell_shape;
/* "cells": one a clause of the result. */
void write_cells(struct json_writer *w, const struct evaluation_result *r);
