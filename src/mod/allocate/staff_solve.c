/* Counties as problems of engine/posts, and what gives way when the rows cannot be kept. */
#include "mod/allocate/staff_internal.h"

#include <math.h>
#include <time.h>

#define GAP 0.001
/* Of the tree that closes the last gap: for few people. */
#define NODES 3000

struct builder {
	struct ctx *cx;
	const struct staff_data *d;
	struct staff_area *area;
	VEC(int32_t) arc_post;
	VEC(int64_t) arc_cost;
	VEC(bool) arc_is_move;
	VEC(int64_t) arc_months;
};

static void add_arc(struct builder *b, int32_t post, int64_t cost, bool is_move, int64_t months)
{
	*VEC_PUSH(b->cx->mem, &b->arc_post) = b->d->posts.items[post].area_index;
	*VEC_PUSH(b->cx->mem, &b->arc_cost) = cost;
	*VEC_PUSH(b->cx->mem, &b->arc_is_move) = is_move;
	*VEC_PUSH(b->cx->mem, &b->arc_months) = months;
}

static const struct staff_school *school_of(
	const struct staff_data *d, const struct staff_person *p)
{
	return &d->schools[d->posts.items[p->post].school];
}

/* How far the other one of the couple teaches from a school; 0: there is none. */
static double couple_km(const struct staff_data *d, const struct staff_person *p, int32_t school)
{
	const int64_t *at = p->spouse.n ? strmap_find(&d->person_index, p->spouse) : NULL;
	const struct staff_school *s = at ? school_of(d, &d->persons[*at]) : NULL;

	return s ? staff_km(d, s->lon, s->lat, school) : 0;
}

/* May the person go to a post at another school? All hard rules but those of himself. */
static bool may_go(const struct staff_data *d, const struct staff_person *p,
	const struct staff_post *post, double *km)
{
	const struct staff_school *to = &d->schools[post->school];

	*km = 0;
	if (str_is(p->forbidden, "*") || str_eq(p->forbidden, to->code))
		return false;
	if (p->is_supply)
		return true;
	*km = staff_km(d, p->lon, p->lat, post->school);
	return *km <= d->km_max && *km <= p->km_max &&
	       couple_km(d, p, post->school) <= d->couple_km;
}

static int64_t move_cost(const struct staff_data *d, const struct staff_person *p, double km)
{
	if (p->is_supply)
		return d->weight[STAFF_SUPPLY];
	return d->weight[p->is_due ? STAFF_MOVE : STAFF_MOVE_OTHER] +
	       llround(km * (double)d->weight[STAFF_KM]);
}

/* The post as one of his choices, if the rules let him. */
static void offer(struct builder *b, const struct staff_person *p, int32_t at)
{
	const struct staff_data *d = b->d;
	const struct staff_post *post = &d->posts.items[at];
	bool is_here = post->school == d->posts.items[p->post].school;
	int64_t months;
	double km;

	if (at == p->post || post->need == 0 || (!is_here && p->bar != STAFF_MAY_MOVE))
		return;
	if (p->pinned.n && !str_eq(p->pinned, d->schools[post->school].code))
		return;
	/* At his own school there is nothing to offer but what he retrains for. */
	months = staff_months(d, p, post);
	if (months < 0 || (is_here && months == 0))
		return;
	if (is_here)
		add_arc(b, at, months * d->weight[STAFF_RETRAIN], false, months);
	else if (may_go(d, p, post, &km))
		add_arc(b, at, move_cost(d, p, km) + months * d->weight[STAFF_RETRAIN], true,
			months);
}

static enum err add_person(struct builder *b, const struct staff_person *p)
{
	const struct staff_data *d = b->d;
	size_t before = b->arc_post.count;

	if (!p->pinned.n || str_eq(p->pinned, school_of(d, p)->code))
		add_arc(b, p->post, 0, false, 0);
	for (int32_t k = 0; k < b->area->problem.post_count; k++)
		offer(b, p, b->area->posts[k]);
	if (b->arc_post.count > before)
		return ERR_OK;
	return ctx_fail(b->cx, ERR_REJECTED,
		TR(b->cx, "教师 " STR_FMT " 按规则不能到学校 " STR_FMT,
			"the rules do not let teacher " STR_FMT " be at school " STR_FMT),
		STR_ARG(p->id), STR_ARG(p->pinned));
}

static enum err build_area(struct ctx *cx, const struct staff_data *d, struct staff_area *area)
{
	struct builder b = {.cx = cx, .d = d, .area = area};
	struct posts *p = &area->problem;
	int32_t *first = arena_array(cx->mem, int32_t, p->person_count + 1);
	int64_t *need = arena_array(cx->mem, int64_t, p->post_count);
	int64_t *weight = arena_array(cx->mem, int64_t, 2 * p->person_count);
	int64_t *least = arena_array(cx->mem, int64_t, 2);
	bool *is_free = arena_array(cx->mem, bool, p->post_count);

	for (int32_t j = 0; j < p->post_count; j++) {
		need[j] = d->posts.items[area->posts[j]].need;
		is_free[j] = d->posts.items[area->posts[j]].is_pool;
	}
	for (int32_t i = 0; i < p->person_count; i++) {
		const struct staff_person *person = &d->persons[area->persons[i]];
		TRY(add_person(&b, person));
		first[i + 1] = (int32_t)b.arc_post.count;
		if (!person->is_due)
			continue;
		area->due++;
		weight[i] = 1;
		weight[p->person_count + i] = (person->is_backbone ? 100 : 0) - d->share_backbone;
	}
	area->least_moves = (area->due * d->share + 99) / 100;
	least[0] = area->least_moves;
	p->row_count = 2;
	p->first_arc = first;
	p->arc_post = b.arc_post.items;
	p->arc_cost = b.arc_cost.items;
	p->arc_is_move = b.arc_is_move.items;
	p->need = need;
	p->is_free = is_free;
	area->arc_months = b.arc_months.items;
	p->short_cost = d->weight[STAFF_SHORT];
	p->over_cost = d->weight[STAFF_OVER];
	p->row_weight = weight;
	p->row_least = least;
	if (!posts_fit(p))
		return ctx_fail(cx, ERR_TOO_LARGE, "%s",
			TR(cx, "人数、岗位或权重太大",
				"too many people or posts, or weights too high"));
	return ERR_OK;
}

enum err staff_build(struct ctx *cx, const struct staff_data *data, struct staff_plan *out)
{
	struct strmap counties;
	int32_t *area_of;

	strmap_init(&counties, cx->mem);
	*out = (struct staff_plan){.data = data};
	area_of = arena_array(cx->mem, int32_t, data->person_count);
	for (int32_t i = 0; i < data->person_count; i++) {
		bool is_new;
		int64_t *at = strmap_put(&counties,
			data->schools[data->posts.items[data->persons[i].post].school].county,
			&is_new);
		if (is_new)
			*at = (int64_t)counties.count - 1;
		area_of[i] = (int32_t)*at;
	}
	out->area_count = counties.count;
	out->areas = arena_array(cx->mem, struct staff_area, out->area_count);
	for (size_t a = 0; a < out->area_count; a++) {
		struct staff_area *area = &out->areas[a];
		area->data = data;
		area->county = counties.entries[a].key;
		area->persons = arena_array(cx->mem, int32_t, data->person_count);
		area->posts = arena_array(cx->mem, int32_t, data->posts.count);
		for (int32_t i = 0; i < data->person_count; i++)
			if (area_of[i] == (int32_t)a)
				area->persons[area->problem.person_count++] = i;
		for (size_t j = 0; j < data->posts.count; j++) {
			struct staff_post *post = &data->posts.items[j];
			if (!str_eq(data->schools[post->school].county, area->county))
				continue;
			post->area_index = area->problem.post_count;
			area->posts[area->problem.post_count++] = (int32_t)j;
		}
	}
	for (size_t a = 0; a < out->area_count; a++)
		TRY(build_area(cx, data, &out->areas[a]));
	return ERR_OK;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Those due who have anywhere to go. */
static int64_t most_moves(const struct posts *p)
{
	int64_t count = 0;

	for (int32_t i = 0; i < p->person_count; i++) {
		bool may = false;
		for (int32_t e = p->first_arc[i]; e < p->first_arc[i + 1]; e++)
			may |= p->arc_is_move[e];
		count += may && p->row_weight[i] > 0;
	}
	return count;
}

/* Without the backbone's share; then with as many moves as there can be. */
static void relax(struct ctx *cx, struct staff_area *area, const struct posts_limits *limits)
{
	struct posts *p = &area->problem;
	int64_t *least = arena_array(cx->mem, int64_t, 2), most = most_moves(p);

	memcpy(least, p->row_least, sizeof *least);
	p->row_least = least;
	p->row_count = 1;
	area->relaxed =
		str_from(TR(cx, "骨干教师占交流人数的比例达不到, 请放宽 balance.rotation_backbone",
			"the backbone's share of the moves cannot be kept: relax "
			"balance.rotation_backbone"));
	if (most >= least[0]) {
		posts_solve(cx->mem, p, limits, NULL, &area->answer);
		if (area->answer.has_plan)
			return;
	}
	area->relaxed = str_printf(cx->mem,
		TR(cx,
			"应交流 %" PRId64 " 人, 按规则至多 %" PRId64 " 人能交流: 差 %" PRId64
			" 人, 可放宽 rotation.km_max 或年限",
			"%" PRId64 " moves are due and the rules let %" PRId64 " at most: %" PRId64
			" are short; relax rotation.km_max or the years"),
		area->least_moves, most, MAX(area->least_moves - most, 0));
	least[0] = MIN(most, least[0]);
	posts_solve(cx->mem, p, limits, NULL, &area->answer);
	if (area->answer.has_plan)
		return;
	p->row_count = 0;
	posts_solve(cx->mem, p, limits, NULL, &area->answer);
}

enum err staff_solve(struct ctx *cx, struct staff_area *area, const struct staff_area *former)
{
	struct posts_limits limits = {
		.gap = GAP, .nodes = area->problem.person_count <= 100 ? NODES : 0};
	double start = now();

	posts_solve(cx->mem, &area->problem, &limits,
		former && former->problem.row_count == area->problem.row_count
			? former->answer.row_price
			: NULL,
		&area->answer);
	if (!area->answer.has_plan)
		relax(cx, area, &limits);
	area->seconds = now() - start;
	area->verdict = posts_check(&area->problem, &area->answer);
	if (!area->answer.has_plan || !area->verdict.is_good)
		return ctx_fail(cx, ERR_STORE, "%s",
			TR(cx, "方案没有通过核验, 不予采用", "the plan failed its check"));
	staff_balance_solve(cx, area, &limits);
	area->seconds = now() - start;
	return ERR_OK;
}
