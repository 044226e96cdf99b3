/* From data and the years' children to a horizon, and its answer as steps. */
#include "mod/allocate/places_path.h"

#include "mod/allocate/rows.h"

#include <math.h>
#include <time.h>

/* Of a site with several stages: fewer, since a path passes from each to each. */
#define JOINT_SIZES 3

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct rules {
	int64_t weight[HORIZON_YEARS_MAX]; /* of a year, in millionths */
	int8_t lead[PLACES_ACTIONS];
};

static enum err load_rules(
	struct ctx *cx, const struct pack *pack, int32_t years, struct rules *out)
{
	int64_t micro;
	double rate;

	TRY(allocate_number(cx, pack, "places.discount", STR_NONE, &micro));
	rate = (double)micro / 1e8;
	if (rate < 0 || rate > 1)
		return ctx_fail(cx, ERR_PACK, "%s",
			TR(cx, "参数 places.discount 应为 0 到 100 (%)",
				"parameter places.discount must be 0 to 100 (%)"));
	for (int32_t t = 0; t < years; t++)
		out->weight[t] = llround(HORIZON_WEIGHT_UNITS / pow(1 + rate, t));
	for (int a = 0; a < PLACES_ACTIONS; a++) {
		if (a == PLACES_KEEP)
			continue;
		TRY(allocate_number(
			cx, pack, "places.lead_years", str_from(places_action_names[a]), &micro));
		if (micro < 0 || micro > HORIZON_YEARS_MAX * INT64_C(1000000))
			return ctx_fail(cx, ERR_PACK, "%s",
				TR(cx, "参数 places.lead_years 应为 0 到 30 年",
					"parameter places.lead_years must be 0 to 30 years"));
		/* Year 0 is the next one: that much is before it at least. */
		out->lead[a] = (int8_t)MAX(micro / 1000000 - 1, 0);
	}
	return ERR_OK;
}

static int64_t weighted(int64_t cost, int64_t weight)
{
	return (int64_t)((i128)cost * weight / HORIZON_WEIGHT_UNITS);
}

static bool has_no_less_room(const struct layout *l, int32_t from, int32_t to)
{
	for (int32_t k = 0; k < l->kind_count; k++)
		if (l->state_room[to * l->kind_count + k] < l->state_room[from * l->kind_count + k])
			return false;
	return true;
}

/* What a site does when it goes from one state to another; PLACES_KEEP: that is no way. */
static enum places_action action_of(
	const struct places_model *m, int32_t site, int32_t from, int32_t to)
{
	enum places_action was = m->states[from].action, is = m->states[to].action;
	bool is_open = m->data->sites[site].is_open;

	if (!is_open)
		return is == PLACES_OPEN && (was == PLACES_KEEP ||
						    has_no_less_room(&m->layout, from, to))
			       ? (was == PLACES_KEEP ? PLACES_OPEN : PLACES_EXPAND)
			       : PLACES_KEEP;
	if (was != PLACES_KEEP && was != PLACES_EXPAND)
		return PLACES_KEEP;
	if (is == PLACES_CLOSE || (is == PLACES_CONVERT && was == PLACES_KEEP))
		return is;
	return is == PLACES_EXPAND && has_no_less_room(&m->layout, from, to) ? PLACES_EXPAND
									     : PLACES_KEEP;
}

/* At once; of a larger size what it costs more than the smaller. */
static int64_t once_of(const struct places_model *m, enum places_action a, int32_t from, int32_t to)
{
	return a == PLACES_EXPAND ? MAX(m->states[to].once - m->states[from].once, 0)
				  : m->states[to].once;
}

static void add_moves(struct ctx *cx, struct places_path *p, const struct rules *rules)
{
	const struct layout *l = &p->model.layout;
	int32_t *first = arena_array(cx->mem, int32_t, l->site_count + 1);
	int64_t *cost, *weight = arena_array(cx->mem, int64_t, p->demand->count);
	int8_t *year;

	for (int32_t i = 0; i < l->site_count; i++) {
		int32_t count = l->first_state[i + 1] - l->first_state[i];
		first[i + 1] = first[i] + count * count;
	}
	cost = arena_array(cx->mem, int64_t, first[l->site_count]);
	year = arena_array(cx->mem, int8_t, first[l->site_count]);
	p->horizon.first_move = first;
	for (int32_t i = 0; i < l->site_count; i++)
		for (int32_t a = l->first_state[i]; a < l->first_state[i + 1]; a++)
			for (int32_t b = l->first_state[i]; b < l->first_state[i + 1]; b++) {
				int32_t m = first[i] +
					    (a - l->first_state[i]) *
						    (l->first_state[i + 1] - l->first_state[i]) +
					    b - l->first_state[i];
				enum places_action action = action_of(&p->model, i, a, b);
				year[m] = HORIZON_NEVER;
				if (action == PLACES_KEEP || a == b)
					continue;
				year[m] = rules->lead[action];
				cost[m] = once_of(&p->model, action, a, b) / p->data.years;
			}
	/* Its share of each year from then on. */
	for (int32_t t = p->demand->count - 1; t >= 0; t--)
		weight[t] = rules->weight[t] + (t + 1 < p->demand->count ? weight[t + 1] : 0);
	p->horizon.move_cost = cost;
	p->horizon.move_year = year;
	p->horizon.move_weight = weight;
}

/* Running a state costs a year, without what is paid once. */
static int64_t running(const struct places_model *m, int32_t state)
{
	return m->layout.state_cost[state] - m->states[state].once / m->data->years;
}

static void add_years(struct ctx *cx, struct places_path *p, const struct rules *rules)
{
	const struct layout *l = &p->model.layout;
	int32_t states = l->first_state[l->site_count], arcs = l->first_arc[l->point_count];
	struct layout *years = arena_array(cx->mem, struct layout, p->demand->count);

	for (int32_t t = 0; t < p->demand->count; t++) {
		int64_t *state_cost = arena_array(cx->mem, int64_t, states);
		int64_t *arc_cost = arena_array(cx->mem, int64_t, arcs);
		for (int32_t s = 0; s < states; s++)
			state_cost[s] = weighted(running(&p->model, s), rules->weight[t]);
		for (int32_t e = 0; e < arcs; e++)
			arc_cost[e] = weighted(l->arc_cost[e], rules->weight[t]);
		years[t] = *l;
		years[t].state_cost = state_cost;
		years[t].arc_cost = arc_cost;
		years[t].demand = p->demand->children + (size_t)t * (size_t)l->point_count;
		years[t].unmet_cost = weighted(l->unmet_cost, rules->weight[t]);
	}
	p->horizon.year_count = p->demand->count;
	p->horizon.years = years;
}

static void take_most(struct ctx *cx, struct places_path *p)
{
	size_t points = (size_t)p->data.community_count * (size_t)p->data.kind_count;
	int64_t *most = arena_array(cx->mem, int64_t, points);

	for (int32_t t = 0; t < p->demand->count; t++)
		for (size_t j = 0; j < points; j++)
			most[j] = MAX(most[j], p->demand->children[(size_t)t * points + j]);
	p->data.children = most;
}

enum err places_path_solve(struct ctx *cx, const struct places_data *data, const struct pack *pack,
	const struct places_demand *demand, const struct places_until *until,
	struct places_path *out)
{
	struct layout_limits limits = places_limits(until);
	struct rules rules;
	double start = now();

	assert(demand->count >= 1 && demand->count <= HORIZON_YEARS_MAX);
	TRY(load_rules(cx, pack, demand->count, &rules));
	*out = (struct places_path){.data = *data, .demand = demand};
	take_most(cx, out);
	TRY(places_build_sizes(cx, &out->data, JOINT_SIZES, &out->model));
	add_years(cx, out, &rules);
	add_moves(cx, out, &rules);
	if (!horizon_fits(&out->horizon))
		return ctx_fail(cx, ERR_TOO_LARGE, "%s",
			TR(cx, "人数、学位或费用太大",
				"too many children or places, or costs too high"));
	horizon_solve(cx->mem, &out->horizon, &limits, &out->answer);
	out->seconds = now() - start;
	out->verdict = horizon_check(&out->horizon, &out->answer);
	if (out->verdict.fault != HORIZON_GOOD)
		return ctx_fail(cx, ERR_STORE, "%s",
			TR(cx, "方案没有通过核验, 不予采用", "the plan failed its check"));
	return ERR_OK;
}

enum err places_path_as_is(struct ctx *cx, const struct places_path *path, int64_t *out_cost)
{
	/* Nobody may move: one path for each site, and nothing to search for. */
	struct layout_limits limits = {.gap = 1, .rounds = 1};
	size_t moves = (size_t)path->horizon.first_move[path->model.layout.site_count];
	struct horizon still = path->horizon;
	int8_t *never = arena_array(cx->mem, int8_t, moves);
	struct horizon_answer answer;
	struct horizon_verdict verdict;

	memset(never, HORIZON_NEVER, moves);
	still.move_year = never;
	horizon_solve(cx->mem, &still, &limits, &answer);
	verdict = horizon_check(&still, &answer);
	if (verdict.fault != HORIZON_GOOD)
		return ctx_fail(cx, ERR_STORE, "%s",
			TR(cx, "现状没有通过核验", "the present failed its check"));
	*out_cost = verdict.cost;
	return ERR_OK;
}

static void fill_close(const struct places_path *p, struct places_step *s)
{
	const struct layout *l = &p->horizon.years[s->year];
	const int64_t *flow = p->answer.flow + s->year * l->first_arc[l->point_count];

	s->moved = places_moved(l, flow, s->site, &s->into, &s->merged);
}

size_t places_path_steps(
	struct ctx *cx, const struct places_path *path, struct places_step **out_steps)
{
	const struct layout *l = path->horizon.years;
	VEC(struct places_step) steps = {0};

	for (int32_t t = 0; t < path->horizon.year_count; t++)
		for (int32_t i = 0; i < l->site_count; i++) {
			const int32_t *now_at = path->answer.state + t * l->site_count + i;
			int32_t from = t ? *(now_at - l->site_count) : l->base_state[i];
			struct places_step s = {
				.site = i, .year = t, .from = from, .to = *now_at, .into = -1};
			if (from == *now_at)
				continue;
			s.action = action_of(&path->model, i, from, *now_at);
			s.once = once_of(&path->model, s.action, from, *now_at);
			if (s.action == PLACES_CLOSE)
				fill_close(path, &s);
			*VEC_PUSH(cx->mem, &steps) = s;
		}
	*out_steps = steps.items;
	return steps.count;
}
