/* Facility location of any bytes: problems with lines, or an answer that passes the check. */
#include "engine/places/facility_check.h"
#include "engine/places/orlib.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The search is cut short after a while: that, too, must leave a proof. */
static bool is_over(void *asked)
{
	return ++*(int *)asked > 20;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_create();
	struct problems ps;
	struct orlib o;
	int asked = 0;

	problems_init(&ps, mem);
	if (orlib_read(mem, &ps, STR("fuzz"), (struct str){(const char *)data, size}, 0, &o) &&
		o.facility.customer_count <= 300 / o.facility.site_count) {
		struct facility_limits limits = {.is_over = is_over, .is_over_arg = &asked};
		struct facility_answer a = facility_solve(mem, &o.facility, &limits);
		struct facility_verdict v = facility_check(&o.facility, &a);

		if (!v.has_bound || v.fault != FACILITY_PLAN_GOOD || a.has_plan == v.is_infeasible)
			abort();
	} else if (ps.error_count == 0 && o.facility.site_count == 0) {
		abort();
	}
	arena_free(mem);
	return 0;
}
