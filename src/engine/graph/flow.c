/*
 * Data in and out of the network simplex: arcs are kept in the narrowest arrays that hold them
 * and are widened when a value needs it.
 */
#include "engine/graph/flow_impl.h"

#include <math.h>

struct flow *flow_create(struct arena *mem, int32_t node_count, int32_t arc_count)
{
	struct flow *f = arena_new(mem, struct flow);

	assert(node_count >= 1 && arc_count >= 0);
	assert((int64_t)node_count + arc_count < INT32_MAX - 1);
	f->mem = mem;
	f->node_count = node_count;
	f->arc_count = arc_count;
	f->root = node_count;
	f->stride = arc_count / MAX(arc_count / node_count, 3) + 1;
	f->stride_rows = arc_count / f->stride;
	f->stride_more = arc_count % f->stride;
	f->tail = arena_array(mem, int32_t, arc_count);
	f->head = arena_array(mem, int32_t, arc_count);
	f->cost_small = arena_array(mem, int32_t, arc_count);
	f->cap_small = arena_array(mem, int32_t, arc_count);
	f->turned = arena_array(mem, uint64_t, arc_count / 64 + 1);
	f->supply = arena_array(mem, int64_t, node_count);
	f->excess = arena_array(mem, int64_t, node_count);
	f->pi = arena_array(mem, int64_t, node_count + 1);
	f->tree = arena_array(mem, struct tree_node, node_count + 1);
	f->next = arena_array(mem, int32_t, node_count + 1);
	f->before = arena_array(mem, int32_t, node_count + 1);
	return f;
}

static void widen_cost(struct flow *f)
{
	f->cost_wide = arena_array(f->mem, int64_t, f->arc_count);
	for (int32_t e = 0; e < f->arc_count; e++)
		f->cost_wide[e] = f->cost_small[e];
	f->cost_small = NULL;
}

static void widen_cap(struct flow *f)
{
	int64_t *wide = arena_array(f->mem, int64_t, f->arc_count);

	for (int32_t e = 0; e < f->arc_count; e++)
		wide[e] = place_cap(f, e);
	f->cap_wide = wide;
	f->cap_small = NULL;
}

static void put_cost(struct flow *f, int32_t e, int64_t cost)
{
	assert(cost >= -FLOW_MAX && cost <= FLOW_MAX);
	f->cost_max = MAX(f->cost_max, cost < 0 ? -cost : cost);
	if (f->cost_small && (cost > INT32_MAX || cost < -INT32_MAX))
		widen_cost(f);
	if (place_is_turned(f, e))
		cost = -cost;
	if (f->cost_small)
		f->cost_small[e] = (int32_t)cost;
	else
		f->cost_wide[e] = cost;
}

static void put_cap(struct flow *f, int32_t e, int64_t cap)
{
	int64_t old = place_cap(f, e);

	f->cap_sum += (cap == FLOW_INF ? 0 : cap) - (i128)(old == FLOW_INF ? 0 : old);
	if (cap == FLOW_INF && place_is_turned(f, e))
		place_turn(f, e);
	if (f->cap_small && cap >= INT32_MAX && cap != FLOW_INF)
		widen_cap(f);
	if (f->cap_small)
		f->cap_small[e] = cap == FLOW_INF ? INT32_MAX : (int32_t)cap;
	else
		f->cap_wide[e] = cap;
}

static void add_excess(struct flow *f, int32_t node, int64_t more)
{
	if (__builtin_add_overflow(f->excess[node], more, &f->excess[node]))
		f->is_too_large = true;
}

/* from and to: the ends in the caller's direction. */
static void put_lower(struct flow *f, int32_t e, int64_t lower, int32_t from, int32_t to)
{
	int64_t old = f->lower ? f->lower[e] : 0;

	if (lower == old)
		return;
	if (!f->lower)
		f->lower = arena_array(f->mem, int64_t, f->arc_count);
	f->lower[e] = lower;
	add_excess(f, from, old - lower);
	add_excess(f, to, lower - old);
}

void flow_set_supply(struct flow *f, int32_t node, int64_t supply)
{
	assert(node >= 0 && node < f->node_count);
	assert(supply >= -FLOW_MAX && supply <= FLOW_MAX);
	add_excess(f, node, supply - f->supply[node]);
	f->supply[node] = supply;
}

void flow_set_cost(struct flow *f, int32_t arc, int64_t cost)
{
	assert(arc >= 0 && arc < f->arc_count);
	put_cost(f, arc_place(f, arc), cost);
}

void flow_set_bounds(struct flow *f, int32_t arc, int64_t lower, int64_t upper)
{
	int32_t e = arc_place(f, arc);
	bool is_turned = place_is_turned(f, e);

	assert(arc >= 0 && arc < f->arc_count && lower <= upper);
	assert(lower >= -FLOW_MAX && (upper == FLOW_NO_LIMIT || upper <= FLOW_MAX));
	put_lower(f, e, lower, is_turned ? f->head[e] : f->tail[e],
		is_turned ? f->tail[e] : f->head[e]);
	put_cap(f, e, upper == FLOW_NO_LIMIT ? FLOW_INF : upper - lower);
}

void flow_set_arc(struct flow *f, int32_t arc, struct flow_arc a)
{
	int32_t e = arc_place(f, arc);

	assert(arc >= 0 && arc < f->arc_count);
	assert(a.from >= 0 && a.from < f->node_count && a.to >= 0 && a.to < f->node_count);
	if (f->has_basis) {
		struct flow_arc old = flow_get_arc(f, arc);
		assert(old.from == a.from && old.to == a.to);
	} else {
		flow_set_bounds(f, arc, 0, 0);
		f->tail[e] = a.from;
		f->head[e] = a.to;
	}
	flow_set_bounds(f, arc, a.lower, a.upper);
	flow_set_cost(f, arc, a.cost);
}

static bool is_feasible(const struct flow *f)
{
	for (int32_t u = 0; u < f->node_count; u++) {
		const struct tree_node *n = &f->tree[u];
		if (n->arc >= f->arc_count && MIN(n->room_up, n->room_down) > 0)
			return false;
	}
	return true;
}

enum flow_status flow_solve(struct flow *f)
{
	struct arena *scratch = arena_create();
	bool had_basis = f->has_basis, fits, is_bounded;

	fits = had_basis ? basis_repair(f, scratch) : basis_start(f);
	f->has_basis = fits || had_basis;
	is_bounded = fits && (had_basis || basis_first_pivots(f, scratch));
	arena_free(scratch);
	if (!fits)
		return FLOW_TOO_LARGE;
	if (!is_bounded || !simplex_run(f))
		return FLOW_UNBOUNDED;
	return is_feasible(f) ? FLOW_OPTIMAL : FLOW_INFEASIBLE;
}

/* In the stored direction, from 0. */
static int64_t place_flow(const struct flow *f, int32_t e)
{
	const struct tree_node *tail = &f->tree[f->tail[e]], *head = &f->tree[f->head[e]];

	if (tail->arc == e)
		return tail->room_down;
	return head->arc == e ? head->room_up : 0;
}

int64_t flow_on_arc(const struct flow *f, int32_t arc)
{
	int32_t e = arc_place(f, arc);
	int64_t flow = place_flow(f, e);

	assert(f->has_basis && arc >= 0 && arc < f->arc_count);
	if (place_is_turned(f, e))
		flow = place_cap(f, e) - flow;
	return flow + (f->lower ? f->lower[e] : 0);
}

int64_t flow_potential(const struct flow *f, int32_t node)
{
	assert(node >= 0 && node < f->node_count);
	return f->pi[node] - f->pi[f->root];
}

i128 flow_cost(const struct flow *f)
{
	i128 sum = 0;

	for (int32_t arc = 0; arc < f->arc_count; arc++) {
		int32_t e = arc_place(f, arc);
		i128 cost = place_cost(f, e);
		sum += (place_is_turned(f, e) ? -cost : cost) * flow_on_arc(f, arc);
	}
	return sum;
}

int32_t flow_node_count(const struct flow *f)
{
	return f->node_count;
}

int32_t flow_arc_count(const struct flow *f)
{
	return f->arc_count;
}

int64_t flow_supply(const struct flow *f, int32_t node)
{
	assert(node >= 0 && node < f->node_count);
	return f->supply[node];
}

int64_t flow_pivots(const struct flow *f)
{
	return f->pivots;
}

struct flow_arc flow_get_arc(const struct flow *f, int32_t arc)
{
	int32_t e = arc_place(f, arc);
	bool is_turned = place_is_turned(f, e);
	int64_t cap = place_cap(f, e), lower = f->lower ? f->lower[e] : 0;

	assert(arc >= 0 && arc < f->arc_count);
	return (struct flow_arc){
		.from = is_turned ? f->head[e] : f->tail[e],
		.to = is_turned ? f->tail[e] : f->head[e],
		.lower = lower,
		.upper = cap == FLOW_INF ? FLOW_NO_LIMIT : cap + lower,
		.cost = is_turned ? -place_cost(f, e) : place_cost(f, e),
	};
}

/*
 * The parts of the tree that hang from the root by an arc that still brings flow. Their
 * potentials lie so high (big is more than any path costs) that every arc into them is full and
 * none leads out.
 */
struct flow_cut flow_explain(const struct flow *f, struct arena *mem)
{
	struct flow_cut cut = {.in_set = arena_array(mem, bool, f->node_count),
		.unmet = arena_array(mem, int64_t, f->node_count)};
	bool is_empty = true;

	assert(f->has_basis);
	for (int32_t u = f->next[f->root]; u != f->root; u = f->next[u]) {
		const struct tree_node *n = &f->tree[u];

		if (n->arc < f->arc_count) {
			cut.in_set[u] = cut.in_set[n->parent];
		} else if (n->room_up < n->room_down) {
			cut.unmet[u] = n->room_up;
			cut.in_set[u] = n->room_up > 0;
		} else {
			cut.unmet[u] = -n->room_down;
		}
		if (!cut.in_set[u])
			continue;
		cut.need -= f->supply[u];
		is_empty = false;
	}
	for (int32_t u = 0; u < f->node_count && is_empty; u++)
		cut.capacity -= f->supply[u];
	for (int32_t arc = 0; arc < f->arc_count; arc++) {
		struct flow_arc a = flow_get_arc(f, arc);

		if (!cut.in_set[a.from] && cut.in_set[a.to])
			cut.capacity += a.upper;
		else if (cut.in_set[a.from] && !cut.in_set[a.to])
			cut.capacity -= a.lower;
	}
	return cut;
}
