/*
 * Plans of a part: states of the sites, served at least cost by a minimum-cost flow that is
 * solved again from its last basis whenever a state changes, kind by kind.
 *
 * At the flow's prices the relaxation says what a change of one site can save at most, so only
 * promising changes are tried; and what the best bound says a state costs too much leaves it out
 * for good.
 */
#include "engine/layout/layout_impl.h"

#include <math.h>

/* Changes tried behind a first one that does not pay by itself. */
#define SECOND_TRIES 4
/* Of the climb between two settlements of a dive. */
#define DIVE_ROUNDS 30

/* Number nodes and arcs: of each kind its groups, then points; groups' arcs, items, what is left.
 */
static void number(struct search *s, struct arena *mem, int32_t *nodes, int32_t *arcs)
{
	const struct part *p = s->p;

	s->group_at = arena_array(mem, int32_t, p->group_count);
	s->point_at = arena_array(mem, int32_t, p->point_count);
	s->item_at = arena_array(mem, int32_t, p->item_count);
	s->left_at = arena_array(mem, int32_t, p->point_count);
	for (int32_t k = 0; k < p->kind_count; k++)
		nodes[k] = 1;
	for (int32_t i = 0; i < p->site_count; i++)
		for (int32_t k = 0; k < p->kind_count; k++) {
			int32_t g = p->group[i * p->kind_count + k];
			if (g < 0)
				continue;
			s->group_at[g] = nodes[k]++;
			arcs[k]++;
		}
	for (int32_t i = 0; i < p->site_count; i++)
		for (int32_t k = 0; k < p->kind_count; k++) {
			int32_t g = p->group[i * p->kind_count + k];
			for (int32_t e = g < 0 ? 0 : p->first_item[g];
				g >= 0 && e < p->first_item[g + 1]; e++)
				s->item_at[e] = arcs[k]++;
		}
	for (int32_t j = 0; j < p->point_count; j++) {
		int32_t k = p->l->kind[p->point_id[j]];
		s->point_at[j] = nodes[k]++;
		s->left_at[j] = arcs[k]++;
	}
}

static void fill_networks(struct search *s)
{
	const struct part *p = s->p;
	const struct layout *l = p->l;
	int64_t total[LAYOUT_KINDS_MAX] = {0};

	for (int32_t i = 0; i < p->site_count; i++)
		for (int32_t k = 0; k < p->kind_count; k++) {
			int32_t g = p->group[i * p->kind_count + k];
			if (g < 0)
				continue;
			flow_set_arc(s->flow[k], s->group_at[g] - 1,
				(struct flow_arc){0, s->group_at[g], 0, 0, 0});
			for (int32_t e = p->first_item[g]; e < p->first_item[g + 1]; e++)
				flow_set_arc(s->flow[k], s->item_at[e],
					(struct flow_arc){s->group_at[g],
						s->point_at[p->item_point[e]], 0, FLOW_NO_LIMIT,
						l->arc_cost[p->item_arc[e]]});
		}
	for (int32_t j = 0; j < p->point_count; j++) {
		int32_t id = p->point_id[j], k = l->kind[id];
		flow_set_arc(s->flow[k], s->left_at[j],
			(struct flow_arc){0, s->point_at[j], 0, FLOW_NO_LIMIT, l->unmet_cost});
		flow_set_supply(s->flow[k], s->point_at[j], -l->demand[id]);
		total[k] += l->demand[id];
	}
	for (int32_t k = 0; k < p->kind_count; k++)
		flow_set_supply(s->flow[k], 0, total[k]);
}

void layout_search_init(struct search *s, struct arena *mem, const struct part *p, struct dual *d,
	const struct layout_limits *limits)
{
	int32_t nodes[LAYOUT_KINDS_MAX], arcs[LAYOUT_KINDS_MAX] = {0};

	*s = (struct search){.p = p, .dual = d, .limits = limits, .best_cost = HUGE_VAL};
	s->in_flow = arena_array(mem, int32_t, p->site_count);
	s->state = arena_array(mem, int32_t, p->site_count);
	s->best_state = arena_array(mem, int32_t, p->site_count);
	s->price = arena_array(mem, double, p->point_count);
	s->is_out = arena_array(mem, bool, p->state_count);
	number(s, mem, nodes, arcs);
	for (int32_t k = 0; k < p->kind_count; k++) {
		s->flow[k] = flow_create(mem, nodes[k], arcs[k]);
		s->is_stale[k] = true;
	}
	fill_networks(s);
	for (int32_t i = 0; i < p->site_count; i++)
		s->in_flow[i] = -1;
}

static void set_room(struct search *s, int32_t i)
{
	const struct part *p = s->p;
	const double *old = &p->state_room[MAX(s->in_flow[i], 0) * p->kind_count];
	int32_t state = part_state_id(p, i, s->state[i]);

	for (int32_t k = 0; k < p->kind_count; k++) {
		int32_t g = p->group[i * p->kind_count + k];
		int64_t room = p->l->state_room[state * p->kind_count + k];
		if (g < 0 || (s->in_flow[i] >= 0 && room == (int64_t)old[k]))
			continue;
		flow_set_bounds(s->flow[k], s->group_at[g] - 1, 0, room);
		s->is_stale[k] = true;
	}
	s->in_flow[i] = s->state[i];
}

/* By duality: what the points pay, less the rent of full groups. */
static double served_value(struct search *s, int32_t k)
{
	const struct part *p = s->p;
	int64_t zero = flow_potential(s->flow[k], 0), sum = 0;

	for (int32_t j = 0; j < p->point_count; j++) {
		int64_t price;
		if (p->l->kind[p->point_id[j]] != k)
			continue;
		price = flow_potential(s->flow[k], s->point_at[j]) - zero;
		s->price[j] = (double)price;
		sum += price * p->l->demand[p->point_id[j]];
	}
	for (int32_t i = 0; i < p->site_count; i++) {
		int32_t g = p->group[i * p->kind_count + k];
		int64_t rent = g < 0 ? 0 : flow_potential(s->flow[k], s->group_at[g]) - zero;
		if (rent > 0)
			sum -= rent *
			       p->l->state_room[part_state_id(p, i, s->state[i]) * p->kind_count +
						k];
	}
	return (double)sum;
}

double layout_search_cost(struct search *s)
{
	const struct part *p = s->p;
	double cost = 0;

	for (int32_t i = 0; i < p->site_count; i++) {
		if (s->in_flow[i] != s->state[i])
			set_room(s, i);
		cost += p->state_cost[s->state[i]];
	}
	for (int32_t k = 0; k < p->kind_count; k++) {
		if (s->is_stale[k]) {
			if (flow_solve(s->flow[k]) != FLOW_OPTIMAL)
				BUG("units that may be left were not served");
			s->served[k] = served_value(s, k);
			s->is_stale[k] = false;
			s->flows++;
		}
		cost += s->served[k];
	}
	if (cost < s->best_cost) {
		s->best_cost = cost;
		memcpy(s->best_state, s->state, (size_t)p->site_count * sizeof *s->state);
	}
	return cost;
}

int64_t layout_search_item(const struct search *s, int32_t item)
{
	return flow_on_arc(
		s->flow[s->p->l->kind[s->p->point_id[s->p->item_point[item]]]], s->item_at[item]);
}

int64_t layout_search_left(const struct search *s, int32_t point)
{
	return flow_on_arc(s->flow[s->p->l->kind[s->p->point_id[point]]], s->left_at[point]);
}

static bool is_done(struct search *s)
{
	if (s->limits->is_over && s->limits->is_over(s->limits->is_over_arg))
		s->is_cut_short = true;
	return s->is_cut_short || s->flows >= s->flows_max ||
	       s->dual->bound >= s->best_cost * (1 - s->limits->gap);
}

/* States that with the best prices already cost as much as the best plan. */
static void leave_out(struct search *s)
{
	const struct part *p = s->p;

	/* With a row kept the sites' values do not add up to the bound. */
	if (s->dual->row.kind >= 0)
		return;
	for (int32_t i = 0; i < p->site_count; i++) {
		double least = HUGE_VAL;
		for (int32_t t = p->first_state[i]; t < p->first_state[i + 1]; t++)
			least = MIN(least, s->dual->best_value[t]);
		for (int32_t t = p->first_state[i]; t < p->first_state[i + 1]; t++)
			s->is_out[t] =
				s->dual->bound + s->dual->best_value[t] - least >= s->best_cost;
	}
}

struct move {
	int32_t site, state;
	double gain;  /* at most */
	double worth; /* the guess that moves are tried by */
};

static int by_worth(const void *a, const void *b)
{
	const struct move *x = a, *y = b;

	if (x->worth > y->worth || x->worth < y->worth)
		return x->worth > y->worth ? -1 : 1;
	return x->state < y->state ? -1 : x->state > y->state;
}

/* What the units that the network leaves cost. */
static double left_cost(const struct search *s)
{
	const struct part *p = s->p;
	int64_t sum = 0;

	for (int32_t j = 0; j < p->point_count; j++)
		sum += layout_search_left(s, j);
	return (double)sum * p->unmet_cost;
}

/*
 * The changes of one site that may save something at the network's prices, best first. While
 * units are left their prices promise too much to large states: no more than what is left counts.
 */
static size_t promising(struct search *s, double least, int32_t not_site, struct move *out)
{
	const struct part *p = s->p;
	double left = left_cost(s);
	size_t count = 0;

	(void)layout_dual_value(s->dual, s->price);
	for (int32_t i = 0; i < p->site_count; i++)
		for (int32_t t = p->first_state[i]; t < p->first_state[i + 1]; t++) {
			double gain = s->dual->value[s->state[i]] - s->dual->value[t];
			double more = p->state_cost[t] - p->state_cost[s->state[i]];
			if (i == not_site || t == s->state[i] || s->is_out[t] || gain <= least)
				continue;
			out[count++] = (struct move){
				i, t, gain, left > 0 ? MIN(gain + more, left) - more : gain};
		}
	if (count)
		qsort(out, count, sizeof *out, by_worth);
	return count;
}

/* Try the moves in turn from a plan of cost `cost` until one betters the best. */
static bool try_moves(
	struct search *s, const struct move *moves, size_t count, double cost, double best)
{
	for (size_t k = 0; k < count; k++) {
		int32_t old = s->state[moves[k].site];
		if (cost - moves[k].gain >= best)
			continue;
		s->state[moves[k].site] = moves[k].state;
		if (layout_search_cost(s) < best)
			return true;
		s->state[moves[k].site] = old;
	}
	return false;
}

/* One pass over the promising changes, taking each that helps. */
static bool improve_one(struct search *s, struct move *moves)
{
	double before = s->best_cost;
	size_t count;

	memcpy(s->state, s->best_state, (size_t)s->p->site_count * sizeof *s->state);
	(void)layout_search_cost(s);
	count = promising(s, 0, -1, moves);
	for (size_t k = 0; k < count && !is_done(s); k++) {
		int32_t old = s->state[moves[k].site];
		double best = s->best_cost;
		s->state[moves[k].site] = moves[k].state;
		if (layout_search_cost(s) >= best)
			s->state[moves[k].site] = old;
	}
	return s->best_cost < before;
}

/* A change that does not pay by itself, and another that makes it pay. */
static bool improve_two(struct search *s, struct move *moves)
{
	const struct part *p = s->p;
	double best = s->best_cost;

	for (int32_t i = 0; i < p->site_count; i++)
		for (int32_t t = p->first_state[i]; t < p->first_state[i + 1]; t++) {
			int32_t old = s->best_state[i];
			double cost;
			size_t count;
			if (t == old || s->is_out[t])
				continue;
			if (is_done(s))
				return false;
			memcpy(s->state, s->best_state, (size_t)p->site_count * sizeof *s->state);
			s->state[i] = t;
			cost = layout_search_cost(s);
			if (cost < best)
				return true;
			count = promising(s, cost - best, i, moves);
			if (try_moves(s, moves, MIN(count, SECOND_TRIES), cost, best))
				return true;
		}
	return false;
}

void layout_search_improve(struct search *s, struct arena *scratch)
{
	struct move *moves = arena_array(scratch, struct move, s->p->state_count);
	bool is_better = true;

	while (is_better && !is_done(s)) {
		is_better = improve_one(s, moves);
		if (!is_better) {
			leave_out(s);
			is_better = improve_two(s, moves);
		}
	}
}

void layout_search_repair(struct search *s, struct arena *scratch)
{
	struct move *moves = arena_array(scratch, struct move, s->p->state_count);
	double cost = layout_search_cost(s);

	while (left_cost(s) > 0) {
		size_t count = promising(s, 0, -1, moves);
		if (!try_moves(s, moves, count, cost, cost))
			break;
		cost = layout_search_cost(s);
	}
}

struct surest {
	int32_t site, state;
	double weight;
};

static int by_weight(const void *a, const void *b)
{
	const struct surest *x = a, *y = b;

	if (x->weight > y->weight || x->weight < y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->site - y->site;
}

static void settle(struct search *s, struct dual *d, const struct surest *x)
{
	for (int32_t t = s->p->first_state[x->site]; t < s->p->first_state[x->site + 1]; t++)
		d->is_banned[t] = t != x->state;
	s->state[x->site] = x->state;
}

void layout_search_dive(struct search *s, struct arena *scratch, int32_t steps)
{
	const struct part *p = s->p;
	struct surest *list = arena_array(scratch, struct surest, p->site_count);
	bool *is_settled = arena_array(scratch, bool, p->site_count);
	int32_t left = p->site_count;
	struct dual d;

	layout_dual_init(&d, scratch, p);
	memcpy(d.price, s->dual->price, (size_t)p->point_count * sizeof *d.price);
	memcpy(d.mean_state, s->dual->mean_state, (size_t)p->state_count * sizeof *d.mean_state);
	for (int32_t step = 0; left > 0; step++) {
		int32_t count = 0, least = MAX(left / steps, 1);
		for (int32_t i = 0; i < p->site_count; i++) {
			struct surest *x = &list[count];
			if (is_settled[i])
				continue;
			*x = (struct surest){i, p->first_state[i], -1};
			for (int32_t t = x->state; t < p->first_state[i + 1]; t++)
				if (d.mean_state[t] > x->weight) {
					x->state = t;
					x->weight = d.mean_state[t];
				}
			count++;
		}
		qsort(list, (size_t)count, sizeof *list, by_weight);
		for (int32_t n = 0; n < count && (n < least || list[n].weight > 0.98); n++) {
			settle(s, &d, &list[n]);
			is_settled[list[n].site] = true;
			left--;
		}
		d.bound = -HUGE_VAL;
		layout_dual_climb(&d, scratch, s->limits, HUGE_VAL, 0, DIVE_ROUNDS);
	}
	layout_search_repair(s, scratch);
}
