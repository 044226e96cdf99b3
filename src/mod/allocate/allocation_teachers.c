/* Teachers as a plan's result: heads missing and too many, who moves and why. */
#include "mod/allocate/allocation_internal.h"
#include "mod/allocate/staff.h"

#include <math.h>

struct work {
	struct allocation *a;
	struct staff_data data;
	struct staff_plan plan;
	int64_t *gained; /* by school */
};

static enum err load(struct work *w)
{
	static const char *const ledgers[] = {"teachers", "school_resources", "school_sites",
		"kindergartens", "teacher_rotation", "teacher_supply"};
	static const struct allocation_column columns[] = {
		{"type", offsetof(struct allocation_change, type)},
		{"teacher", offsetof(struct allocation_change, code)},
		{"org", offsetof(struct allocation_change, to)}};
	struct allocation *a = w->a;
	struct table_reader *table;
	struct strmap counties;

	for (size_t i = 0; i < ARRAY_LEN(ledgers); i++)
		TRY(allocation_read(a, ledgers[i]));
	TRY(staff_load(a->cx, NULL, &a->ds, &w->data));
	if (a->request->changes.count) {
		TRY(allocation_changes(a, NULL, columns, ARRAY_LEN(columns), &table));
		TRY(staff_change(a->cx, table, TR(a->cx, "假设的变化", "supposed changes"),
			&w->data, &counties));
	}
	TRY(staff_build(a->cx, &w->data, &w->plan));
	for (size_t k = 0; k < w->plan.area_count; k++)
		TRY(staff_solve(a->cx, &w->plan.areas[k], NULL));
	return ERR_OK;
}

static void add_figure(struct work *w, struct str county, struct str stage, const char *figure,
	double before, double after, double limit)
{
	*VEC_PUSH(w->a->cx->mem, &w->a->out->figures) = (struct allocation_figure){.county = county,
		.stage = stage,
		.figure = figure,
		.before = before,
		.after = after,
		.limit = limit};
}

struct heads {
	struct str stage;
	double missing[2], over[2];
};

static struct heads *heads_of(struct heads *list, size_t *count, struct str stage)
{
	for (size_t i = 0; i < *count; i++)
		if (str_eq(list[i].stage, stage))
			return &list[i];
	list[*count] = (struct heads){.stage = stage};
	return &list[(*count)++];
}

/* Stages are few: a county's posts by stage. */
static void add_heads(struct work *w, const struct staff_area *area)
{
	struct arena *mem = w->a->cx->mem;
	size_t posts = (size_t)area->problem.post_count, count = 0;
	struct heads *list = arena_array(mem, struct heads, posts + 1);
	int64_t *then = arena_array(mem, int64_t, posts + 1);

	for (int32_t i = 0; i < area->problem.person_count; i++)
		then[area->problem.arc_post[area->answer.arc[i]]]++;
	for (size_t j = 0; j < posts; j++) {
		const struct staff_post *post = &w->data.posts.items[area->posts[j]];
		struct heads *h = heads_of(list, &count, post->stage);
		int64_t heads[2] = {post->now, then[j]};
		for (int n = 0; n < 2; n++) {
			h->missing[n] += (double)MAX(post->need - heads[n], 0);
			h->over[n] += (double)MAX(heads[n] - post->need, 0);
		}
	}
	for (size_t i = 0; i < count; i++) {
		add_figure(w, area->county, list[i].stage, "missing", list[i].missing[0],
			list[i].missing[1], 0);
		add_figure(w, area->county, list[i].stage, "over", list[i].over[0], list[i].over[1],
			0);
	}
}

static void add_move(struct work *w, const struct staff_area *area, const struct staff_move *m)
{
	const struct staff_school *from = &w->data.schools[m->from->school];
	const struct staff_school *to = &w->data.schools[m->to->school];

	w->gained[m->from->school]--;
	w->gained[m->to->school]++;
	*VEC_PUSH(w->a->cx->mem, &w->a->out->rows) = (struct allocation_row){.county = area->county,
		.item = m->person->id,
		.action = "move",
		.stage = m->to->stage,
		.subject = m->to->subject,
		.from = from->code,
		.from_name = from->name,
		.to = to->code,
		.to_name = to->name,
		.reason = staff_reason(w->a->cx, m),
		.is_proposed = true};
}

static void add_area(struct work *w, const struct staff_area *area)
{
	double moves = 0, due = 0, backbone = 0;

	for (int32_t i = 0; i < area->problem.person_count; i++) {
		struct staff_move m;
		if (!staff_move_of(&w->data, area, i, &m))
			continue;
		moves++;
		due += m.person->is_due;
		backbone += m.person->is_due && m.person->is_backbone;
		add_move(w, area, &m);
	}
	add_heads(w, area);
	add_figure(w, area->county, STR_NONE, "people", (double)area->problem.person_count,
		(double)area->problem.person_count, (double)NAN);
	add_figure(w, area->county, STR_NONE, "moves", 0, moves, (double)NAN);
	add_figure(w, area->county, STR_NONE, "moves_due", 0, due, (double)area->least_moves);
	add_figure(w, area->county, STR_NONE, "moves_backbone", 0, backbone,
		due * (double)w->data.share_backbone / 100);
}

static void add_points(struct work *w)
{
	for (int32_t i = 0; i < w->data.school_count; i++) {
		const struct staff_school *s = &w->data.schools[i];
		int64_t by = w->gained[i];
		/* A programme is nowhere on the map. */
		if (!(s->lon > 0))
			continue;
		*VEC_PUSH(w->a->cx->mem, &w->a->out->points) =
			(struct allocation_point){.code = s->code,
				.name = s->name,
				.county = s->county,
				.what = "site",
				.action = by > 0   ? "gains"
					  : by < 0 ? "gives"
						   : "same",
				.lon = s->lon,
				.lat = s->lat,
				.size = by < 0 ? -by : by};
	}
}

static void add_relaxed(struct work *w)
{
	struct arena *mem = w->a->cx->mem;
	struct allocation_result *out = w->a->out;

	for (size_t k = 0; k < w->plan.area_count; k++) {
		const struct staff_area *area = &w->plan.areas[k];
		if (!area->relaxed.n)
			continue;
		out->is_whole = false;
		out->problem =
			str_printf(mem, STR_FMT STR_FMT ": " STR_FMT "\n", STR_ARG(out->problem),
				STR_ARG(org_attribute(w->a->tree, area->county, STR("name"))),
				STR_ARG(area->relaxed));
	}
}

/* What the heads of today cost, nobody moving: a plan of all staying. */
static int64_t cost_now(const struct work *w, const struct staff_area *area)
{
	int64_t sum = 0;

	for (int32_t j = 0; j < area->problem.post_count; j++)
		sum += posts_heads_cost(&area->problem, j, w->data.posts.items[area->posts[j]].now);
	return sum;
}

enum err allocation_teachers(struct allocation *a)
{
	struct work *w = arena_new(a->cx->mem, struct work);
	struct allocation_result *out = a->out;

	w->a = a;
	TRY(load(w));
	w->gained = arena_array(a->cx->mem, int64_t, w->data.school_count);
	out->unit = "points";
	out->cost_before = 0;
	for (size_t k = 0; k < w->plan.area_count; k++) {
		const struct staff_area *area = &w->plan.areas[k];
		out->cost += area->verdict.cost;
		out->cost_before += cost_now(w, area);
		out->bound += area->verdict.bound;
		out->seconds += area->seconds;
		add_area(w, area);
	}
	out->gap = out->cost > 0 ? (double)(out->cost - out->bound) / (double)out->cost : 0;
	add_points(w);
	add_relaxed(w);
	return ERR_OK;
}
