#include "mod/allocate/places_add.h"

#include <time.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static enum err find_stage(
	struct ctx *cx, const struct places_data *d, struct str stage, int32_t *out)
{
	for (*out = 0; *out < d->kind_count; (*out)++)
		if (str_eq(d->kinds[*out].stage, stage))
			return ERR_OK;
	return ctx_fail(cx, ERR_INVALID,
		TR(cx, "参数 places.minutes_max 没有学段 '" STR_FMT "'",
			"parameter places.minutes_max has no stage '" STR_FMT "'"),
		STR_ARG(stage));
}

enum err places_add(struct ctx *cx, const struct places_plan *base, struct str stage,
	int64_t places, const struct places_until *until, struct places_addition *out)
{
	const struct layout *l = &base->model->layout;
	struct layout_limits limits = places_limits(until);
	double start = now();

	*out = (struct places_addition){.wanted = places};
	TRY(find_stage(cx, base->model->data, stage, &out->kind));
	for (int32_t i = 0; i < l->site_count; i++)
		out->today += l->state_room[l->base_state[i] * l->kind_count + out->kind];
	out->least = (struct layout_least){out->kind, out->today + places};
	layout_least_solve(cx->mem, l, &out->least, &limits, &base->answer, &out->answer);
	if (!out->answer.has_plan)
		return ctx_fail(cx, ERR_REJECTED,
			TR(cx,
				STR_FMT ": 所有校点 (含拟建) 最多再增 %" PRId64
					" 个学位, 比要求的 %" PRId64 " 个少 %" PRId64
					" 个。可放宽: 提高校点的可增学位, 或增加拟建校点",
				STR_FMT ": all sites, planned ones too, hold %" PRId64
					" more at most; %" PRId64 " are asked for, %" PRId64
					" are short. To relax: more room at the sites, or more "
					"planned sites"),
			STR_ARG(stage), out->answer.most - out->today, places,
			out->least.room - out->answer.most);
	out->plan = (struct places_plan){.model = base->model,
		.answer = out->answer.plan,
		.verdict = layout_least_check(l, &out->least, &out->answer),
		.seconds = now() - start};
	if (out->plan.verdict.fault == LAYOUT_GOOD)
		return ERR_OK;
	return ctx_fail(cx, ERR_STORE, "%s",
		TR(cx, "方案没有通过核验, 不予采用", "the plan failed its check"));
}
