/* Solving a layout of places: the plan, and what there would be if every site stayed as it is. */
#include "mod/allocate/places.h"

#include <time.h>

/* The search ends when a part is proven this close. */
#define GAP 0.004

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct layout_limits places_limits(const struct places_until *until)
{
	return (struct layout_limits){.gap = GAP,
		.is_over = until ? until->is_over : NULL,
		.is_over_arg = until ? until->arg : NULL};
}

enum err places_solve(struct ctx *cx, const struct places_model *model,
	const struct places_until *until, const struct places_plan *former, struct places_plan *out)
{
	struct layout_limits limits = places_limits(until);
	double start = now();

	*out = (struct places_plan){.model = model};
	layout_solve(
		cx->mem, &model->layout, &limits, former ? &former->answer : NULL, &out->answer);
	out->seconds = now() - start;
	out->verdict = layout_check(&model->layout, &out->answer);
	if (out->verdict.fault != LAYOUT_GOOD)
		return ctx_fail(cx, ERR_STORE, "%s",
			TR(cx, "方案没有通过核验, 不予采用", "the plan failed its check"));
	return ERR_OK;
}

enum err places_as_is(struct ctx *cx, const struct places_model *model,
	struct places_model *out_model, struct places_plan *out)
{
	const struct layout *l = &model->layout;
	size_t sites = (size_t)l->site_count, kinds = (size_t)l->kind_count;
	int32_t *first = arena_array(cx->mem, int32_t, sites + 1);
	int32_t *base = arena_array(cx->mem, int32_t, sites);
	int64_t *cost = arena_array(cx->mem, int64_t, sites);
	int64_t *room = arena_array(cx->mem, int64_t, sites * kinds);
	struct places_state *states = arena_array(cx->mem, struct places_state, sites);

	for (size_t i = 0; i < sites; i++) {
		size_t now_in = (size_t)l->base_state[i];
		first[i + 1] = (int32_t)i + 1;
		base[i] = (int32_t)i;
		cost[i] = l->state_cost[now_in];
		states[i] = model->states[now_in];
		memcpy(&room[i * kinds], &l->state_room[now_in * kinds], kinds * sizeof *room);
	}
	*out_model = *model;
	out_model->states = states;
	out_model->layout.first_state = first;
	out_model->layout.base_state = base;
	out_model->layout.state_cost = cost;
	out_model->layout.state_room = room;
	return places_solve(cx, out_model, NULL, NULL, out);
}
