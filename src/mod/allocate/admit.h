/*
 * Admission from ledgers: admission_applicants, admission_choices, admission_plans and
 * admission_pools become the arrays of engine/admit, and its answer goes back to their codes.
 */
#pragma once

#include "engine/admit/admit.h"
#include "mod/measure/dataset.h"
#include "wire/json_write.h"

struct admission_data {
	struct admit_problem problem;
	struct str *applicants; /* by number */
	struct str *sites;      /* codes */
	struct str *site_names; /* or "" */
	struct str *groups;     /* codes of the schools that applicants come from */
	struct str *scores;     /* of applicants, as text */
	uint32_t group_count;
	size_t ties_drawn; /* applicants whose place among equals was drawn by lot */
};

/*
 * Read the four ledgers of ds (pools may be absent). Equal scores are ordered by tie_order, and
 * where that is empty by a lot that seed and the applicant's number decide.
 * Fails: NOT_FOUND (a ledger is not there), REJECTED: the detail names the rows whose applicant
 * or school is not in the other ledgers, and lists that name a school or a place twice.
 */
MUST_CHECK enum err admission_load(
	struct ctx *cx, const struct dataset *ds, uint64_t seed, struct admission_data *out);

void admission_write_json(struct arena *mem, struct json_writer *w, const struct admission_data *d,
	const struct admit_result *r, const struct admit_check *check, bool is_open_first);
