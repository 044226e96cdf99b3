/* What an area would be with other rows; and what keeps such questions: scenarios. */
#pragma once

#include "mod/serve/verdicts.h"

extern const struct route scenario_routes[];

struct what_if_change {
	struct str ledger;
	const struct json_node *key, *values;
};
extern const struct json_shape what_if_change_shape;
#define WHAT_IF_CHANGES_MAX 2000

struct what_if_asked {
	struct str evaluation, area, period; /* period empty: the latest of each ledger */
	struct json_items changes;           /* of struct what_if_change */
};

struct what_if {
	struct verdicts verdicts;
	struct evaluation_result before, after;
};

/*
 * Judge an area as it is and with the changes; nothing is written. What is wrong with the request
 * is in call->faults.
 * Fails: NOT_FOUND (evaluation, area outside the asker's scope or without rows), INVALID.
 */
MUST_CHECK enum err what_if_run(
	struct http_call *call, const struct what_if_asked *asked, struct what_if *out);
/* {"before", "after", "changed_clauses"} */
extern const struct json_shape what_if_shape;
void write_what_if(struct json_writer *w, const struct what_if *r);
