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
/* By the call's ?period. Fails: as measure_begin, evaluation_ready. */
MUST_CHECK enum err verdicts_begin(
	struct http_call *call, const struct pack_evaluation *e, struct verdicts *out);
/* Is the i-th an area of the tree (and not rows that belong to none)? */
bool verdicts_has(const struct verdicts *v, const struct org_tree *tree, size_t i);
