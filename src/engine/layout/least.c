#include "engine/layout/least.h"

/* Of the bisection; and how often pieces are taken back. */
#define STEPS 14
#define TRIMS 40
/* So many sites' worth is looked at where the row changed them. */
#define WORTHS 60

struct row {
	const struct layout *l;
	const struct layout_least *least;
	const struct layout_limits *limits;
	int64_t *largest; /* [site] */
	struct arena *mem;
	int32_t solves;
	int64_t price_max;
	int64_t best_cost; /* of the best plan that keeps the row */
	struct layout_answer best;
};

static int64_t room_at(const struct row *r, int32_t state)
{
	return r->l->state_room[state * r->l->kind_count + r->least->kind];
}

static int64_t room_of(const struct row *r, const int32_t *state)
{
	int64_t sum = 0;

	for (int32_t i = 0; i < r->l->site_count; i++)
		sum += room_at(r, state[i]);
	return sum;
}

/* The layout in which room that a site could have and has not costs the price. */
static struct layout *priced(struct row *r, int64_t price)
{
	const struct layout *l = r->l;
	struct layout *out = arena_new(r->mem, struct layout);
	int64_t *cost = arena_array(r->mem, int64_t, l->first_state[l->site_count]);

	for (int32_t i = 0; i < l->site_count; i++)
		for (int32_t s = l->first_state[i]; s < l->first_state[i + 1]; s++)
			cost[s] = l->state_cost[s] + price * (r->largest[i] - room_at(r, s));
	*out = *l;
	out->state_cost = cost;
	return out;
}

/* What a plan of the layout costs: states, ways and what is left. */
static int64_t plan_cost(const struct layout *l, const struct layout_answer *a)
{
	int64_t cost = 0;

	for (int32_t i = 0; i < l->site_count; i++)
		cost += l->state_cost[a->state[i]];
	for (int32_t j = 0; j < l->point_count; j++) {
		cost += a->unmet[j] * l->unmet_cost;
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++)
			cost += a->flow[e] * l->arc_cost[e];
	}
	return cost;
}

static bool keep_best(struct row *r, const struct layout_answer *a)
{
	int64_t cost;

	if (room_of(r, a->state) < r->least->room)
		return false;
	cost = plan_cost(r->l, a);
	if (cost < r->best_cost) {
		r->best_cost = cost;
		r->best = *a;
		r->best.of = r->l;
	}
	return true;
}

/* Serve these states: a layout in which each site has one. What it costs. */
static int64_t serve(struct row *r, const int32_t *state)
{
	const struct layout *l = r->l;
	struct layout fixed = *l;
	struct layout_limits limits = {.rounds = 1, .gap = 1};
	struct layout_answer a;
	size_t kinds = (size_t)l->kind_count;
	int32_t *first = arena_array(r->mem, int32_t, l->site_count + 1);
	int64_t *cost = arena_array(r->mem, int64_t, l->site_count);
	int64_t *room = arena_array(r->mem, int64_t, (size_t)l->site_count * kinds);

	for (int32_t i = 0; i < l->site_count; i++) {
		first[i + 1] = i + 1;
		cost[i] = l->state_cost[state[i]];
		memcpy(room + (size_t)i * kinds, l->state_room + (size_t)state[i] * kinds,
			kinds * sizeof *room);
	}
	fixed.first_state = fixed.base_state = first;
	fixed.state_cost = cost;
	fixed.state_room = room;
	layout_solve(r->mem, &fixed, &limits, NULL, &a);
	r->solves++;
	for (int32_t i = 0; i < l->site_count; i++)
		a.state[i] = state[i];
	(void)keep_best(r, &a);
	return plan_cost(l, &a);
}

/* The change of one site by which the plan still keeps the row and saves most in states. */
static bool find_trim(const struct row *r, const int32_t *state, const bool *is_tried,
	int32_t *out_site, int32_t *out_state)
{
	const struct layout *l = r->l;
	int64_t spare = room_of(r, state) - r->least->room, most = 0;

	for (int32_t i = 0; i < l->site_count; i++)
		for (int32_t s = l->first_state[i]; s < l->first_state[i + 1]; s++) {
			int64_t saves = l->state_cost[state[i]] - l->state_cost[s];
			int64_t less = room_at(r, state[i]) - room_at(r, s);
			if (less <= 0 || less > spare || saves <= most || is_tried[s])
				continue;
			most = saves;
			*out_site = i;
			*out_state = s;
		}
	return most > 0;
}

static void trim(struct row *r)
{
	bool *is_tried = arena_array(r->mem, bool, r->l->first_state[r->l->site_count]);
	int32_t *state = arena_array(r->mem, int32_t, r->l->site_count), site = 0, to = 0;

	for (int tries = 0; tries < TRIMS; tries++) {
		memcpy(state, r->best.state, (size_t)r->l->site_count * sizeof *state);
		if (!find_trim(r, state, is_tried, &site, &to))
			return;
		is_tried[to] = true;
		state[site] = to;
		(void)serve(r, state);
	}
}

/* From a plan that lacks little: the one change that brings the row in most cheaply. */
static void add_one(struct row *r, const int32_t *short_of)
{
	const struct layout *l = r->l;
	int64_t lacks = r->least->room - room_of(r, short_of), cheapest = INT64_MAX;
	int32_t *state = arena_array(r->mem, int32_t, l->site_count), site = -1, to = -1;

	for (int32_t i = 0; i < l->site_count; i++)
		for (int32_t s = l->first_state[i]; s < l->first_state[i + 1]; s++) {
			int64_t costs = l->state_cost[s] - l->state_cost[short_of[i]];
			if (room_at(r, s) - room_at(r, short_of[i]) < lacks || costs >= cheapest)
				continue;
			cheapest = costs;
			site = i;
			to = s;
		}
	if (site < 0)
		return;
	memcpy(state, short_of, (size_t)l->site_count * sizeof *state);
	state[site] = to;
	(void)serve(r, state);
}

static void solve_priced(
	struct row *r, int64_t price, const struct layout_answer *former, struct layout_answer *out)
{
	layout_solve(r->mem, priced(r, price), r->limits, former, out);
	r->solves++;
	(void)keep_best(r, out);
}

/* The least price at which the row is kept, and the answers on both sides of it. */
static int64_t find_price(struct row *r, struct layout_answer *low, struct layout_answer *high)
{
	int64_t below = 0, price = MIN(MAX(r->l->unmet_cost / 1024, 1), r->price_max);

	for (;; price = MIN(4 * price, r->price_max)) {
		solve_priced(r, price, low, high);
		if (room_of(r, high->state) >= r->least->room || price >= r->price_max)
			break;
		below = price;
		*low = *high;
	}
	for (int n = 0; n < STEPS && price - below > 1 + price / 512; n++) {
		int64_t middle = below + (price - below) / 2;
		struct layout_answer a;
		solve_priced(r, middle, high, &a);
		if (room_of(r, a.state) >= r->least->room) {
			price = middle;
			*high = a;
		} else {
			below = middle;
			*low = a;
		}
	}
	return price;
}

/*
 * Of sites that are as in the plan without the row: what they are worth there. Of the few others
 * what it would cost more with the site as it is now; below 0 where only the row wants it.
 */
static void value_changes(struct row *r, const struct layout_answer *base)
{
	const struct layout *l = r->l;
	int32_t *state = arena_array(r->mem, int32_t, l->site_count), count = 0;
	struct layout_answer best = r->best;
	int64_t best_cost = r->best_cost;

	best.saving = arena_array(r->mem, int64_t, l->site_count);
	best.more_unmet = arena_array(r->mem, int64_t, l->site_count);
	for (int32_t i = 0; i < l->site_count; i++) {
		if (best.state[i] == base->state[i]) {
			best.saving[i] = base->saving[i];
			best.more_unmet[i] = base->more_unmet[i];
			continue;
		}
		if (best.state[i] == l->base_state[i] || count++ >= WORTHS)
			continue;
		memcpy(state, best.state, (size_t)l->site_count * sizeof *state);
		state[i] = l->base_state[i];
		best.saving[i] = serve(r, state) - best_cost;
	}
	r->best = best;
	r->best_cost = best_cost;
}

void layout_least_solve(struct arena *mem, const struct layout *l, const struct layout_least *least,
	const struct layout_limits *limits, const struct layout_answer *base,
	struct layout_least_answer *out)
{
	struct row r = {.l = l,
		.least = least,
		.limits = limits,
		.mem = mem,
		.largest = arena_array(mem, int64_t, l->site_count),
		.best_cost = INT64_MAX};

	*out = (struct layout_least_answer){.proof = *base};
	for (int32_t i = 0; i < l->site_count; i++) {
		for (int32_t s = l->first_state[i]; s < l->first_state[i + 1]; s++)
			r.largest[i] = MAX(r.largest[i], room_at(&r, s));
		out->most += r.largest[i];
	}
	if (out->most < least->room)
		return;
	/* Priced states stay within what a layout may cost. */
	r.price_max = MAX(LAYOUT_COST_MAX / 2 / (out->most + 1), 1);
	if (!keep_best(&r, base)) {
		struct layout_answer low = *base, high;
		out->price = find_price(&r, &low, &high);
		out->proof = high;
		add_one(&r, low.state);
		if (r.best_cost < INT64_MAX) {
			trim(&r);
			value_changes(&r, base);
		}
	}
	out->solves = r.solves;
	out->has_plan = r.best_cost < INT64_MAX;
	if (!out->has_plan)
		return;
	out->plan = r.best;
	out->room = room_of(&r, r.best.state);
}

struct layout_verdict layout_least_check(const struct layout *l, const struct layout_least *least,
	const struct layout_least_answer *a)
{
	struct layout_verdict v = layout_check(l, &a->plan), at_price;
	struct arena *mem = arena_create();
	int64_t room = 0, most = 0,
		*cost = arena_array(mem, int64_t, l->first_state[l->site_count]);
	struct layout priced_layout = *l;

	for (int32_t i = 0; i < l->site_count; i++) {
		int64_t largest = 0;
		for (int32_t s = l->first_state[i]; s < l->first_state[i + 1]; s++)
			largest = MAX(largest, l->state_room[s * l->kind_count + least->kind]);
		for (int32_t s = l->first_state[i]; s < l->first_state[i + 1]; s++)
			cost[s] =
				l->state_cost[s] +
				MAX(a->price, 0) *
					(largest - l->state_room[s * l->kind_count + least->kind]);
		most += largest;
	}
	for (int32_t i = 0; i < l->site_count && v.fault == LAYOUT_GOOD; i++)
		room += l->state_room[a->plan.state[i] * l->kind_count + least->kind];
	priced_layout.state_cost = cost;
	at_price = layout_check(&priced_layout, &a->proof);
	arena_free(mem);
	if (v.fault != LAYOUT_GOOD)
		return v;
	if (room < least->room)
		return (struct layout_verdict){.fault = LAYOUT_ROOM, .at = -1};
	/* What is not built of the largest room is most - room at most, and pays the price. */
	v.bound = at_price.bound - MAX(a->price, 0) * (most - least->room);
	return v;
}
