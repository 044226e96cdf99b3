/* Inside staff: what loading and solving share. */
#pragma once

#include "base/err.h"
#include "mod/allocate/staff.h"

struct staff_loader {
	struct ctx *cx;
	const struct dataset *ds;
	struct staff_data *out;
	struct problems problems;
	const struct keyed_dec_list *ranks, *ages, *loads;
	int64_t years_min, years_due;
	struct str class_stage; /* of posts by the class */
	int64_t per_class;
	struct strmap excused; /* by teacher: row + 1 of the rotation ledger */
	const struct dataset_ledger *rotation;
	int32_t today;
};

struct staff_post *staff_find_post(
	struct staff_loader *l, int32_t school, struct str stage, struct str subject);
int64_t staff_keyed(const struct keyed_dec_list *list, struct str key, int64_t none);
/* Parameters of retraining, couples and balance. Fails: PACK. */
MUST_CHECK enum err staff_load_rules(struct staff_loader *l);
/* Those of programmes, as people without a school. Fails: as staff_load. */
MUST_CHECK enum err staff_load_supply(struct staff_loader *l);
/* How many they are, and how many programmes: room to make for them. */
void staff_count_supply(const struct staff_loader *l, int32_t *people, int32_t *programmes);
/* Of each couple: the one who may move; the other one stays. */
void staff_settle_couples(struct staff_loader *l);
double staff_km(const struct staff_data *d, double lon, double lat, int32_t school);

/*
 * Solve with balance, from an area that is solved without: replaces answer and verdict by those of
 * the true cost, and tells how even the plan is.
 */
struct posts_limits;
void staff_balance_solve(
	struct ctx *cx, struct staff_area *area, const struct posts_limits *limits);
