/*
 * Rows of a place as a dataset: what indicators and evaluations compute on. Beside a ledger's
 * fields each table gets the columns "@org" and "@county", the organisation of the row.
 */
#pragma once

#include "mod/measure/dataset.h"
#include "mod/org/org.h"
#include "mod/place/place.h"

/*
 * Read a ledger's rows of ds->period (empty: of the latest that it has) into ds, once; within:
 * only of that organisation and what is below it, empty: all. tree must outlive ds.
 * Fails: NOT_FOUND (no such ledger or organisation), STORE.
 */
MUST_CHECK enum err dataset_add_place(struct ctx *cx, struct dataset *ds,
	const struct open_place *place, const struct org_tree *tree, struct str ledger,
	struct str within);
