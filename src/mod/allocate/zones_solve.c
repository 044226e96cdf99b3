/* Zones of all counties: each is a map of its own, solved and checked. */
#include "mod/allocate/zones.h"

#include <time.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static enum err solve(struct ctx *cx, const struct places_until *until, struct zones_county *c)
{
	struct zone_limits limits = {
		.is_over = until ? until->is_over : NULL, .is_over_arg = until ? until->arg : NULL};
	double start = now();

	zone_solve(cx->mem, &c->map, &limits, &c->answer);
	c->seconds = now() - start;
	c->verdict = zone_check(&c->map, &c->answer);
	if (c->answer.has_zones != (c->verdict.fault == ZONE_GOOD) ||
		(c->answer.has_zones && c->verdict.bound > c->verdict.cost))
		return ctx_fail(cx, ERR_STORE, "%s",
			TR(cx, "方案没有通过核验, 不予采用", "the plan failed its check"));
	return ERR_OK;
}

/* Counties share no school. */
enum err zones_solve(struct ctx *cx, const struct zones_data *data, struct str only,
	const struct places_until *until, struct zones_plan *out)
{
	const struct places_data *p = &data->places;
	struct strmap counties;

	strmap_init(&counties, cx->mem);
	for (int32_t v = 0; v < p->community_count; v++)
		if (!only.n || str_eq(p->communities[v].county, only))
			(void)strmap_put(&counties, p->communities[v].county, NULL);
	*out = (struct zones_plan){.data = data,
		.counties = arena_array(cx->mem, struct zones_county, counties.count)};
	for (; out->count < counties.count; out->count++) {
		struct zones_county *c = &out->counties[out->count];
		TRY(zones_build(cx, data, counties.entries[out->count].key, c));
		TRY(solve(cx, until, c));
		if (until && until->told)
			until->told(until->arg, (int64_t)out->count + 1, (int64_t)counties.count);
	}
	return ERR_OK;
}
