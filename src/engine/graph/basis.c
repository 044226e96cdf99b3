/*
 * Where the simplex starts: a star of artificial arcs and a few obvious pivots, or the tree of
 * the last solve with the new data laid over it.
 */
#include "engine/graph/flow_impl.h"

#include <math.h>

/* Sums of flows stay below this, so that no residual leaves 64 bits. */
#define SUM_MAX ((i128)1 << 60)

static bool sums_fit(struct flow *f)
{
	i128 sum = f->cap_sum;

	if (f->is_too_large)
		return false;
	for (int32_t u = 0; u < f->node_count; u++)
		sum += f->excess[u] < 0 ? -(i128)f->excess[u] : f->excess[u];
	return sum <= SUM_MAX && ((i128)f->cost_max + 1) * (f->node_count + 1) <= SUM_MAX;
}

/* Join u to the root by its artificial arc that carries `flow` (negative: from the root). */
static void hang_on_root(struct flow *f, int32_t u, int64_t flow)
{
	struct tree_node *n = &f->tree[u];

	n->parent = f->root;
	n->arc = f->arc_count + u;
	n->room_up = flow >= 0 ? FLOW_INF - flow : -flow;
	n->room_down = FLOW_INF - n->room_up;
	f->pi[u] = f->pi[f->root] + (flow >= 0 ? 0 : f->big);
}

bool basis_start(struct flow *f)
{
	int32_t n = f->node_count;

	if (!sums_fit(f))
		return false;
	f->big = (f->cost_max + 1) * (n + 1);
	f->block = MAX((int32_t)sqrt((double)f->arc_count), 10);
	f->next_arc = 0;
	f->pi[f->root] = 0;
	f->tree[f->root] = (struct tree_node){-1, n + 1, -1, n - 1, 0, 0};
	f->next[f->root] = 0;
	f->before[f->root] = n - 1;
	for (int32_t u = 0; u < n; u++) {
		hang_on_root(f, u, f->excess[u]);
		f->tree[u].size = 1;
		f->tree[u].last = u;
		f->before[u] = u == 0 ? f->root : u - 1;
		f->next[u] = u + 1; /* the last one's is the root */
	}
	return true;
}

bool basis_first_pivots(struct flow *f, struct arena *scratch)
{
	int32_t *cheapest = arena_array(scratch, int32_t, f->node_count);

	for (int32_t e = 0; e < f->arc_count; e++) {
		int32_t to = f->head[e];
		if (f->excess[to] >= 0 || f->tail[e] == to)
			continue;
		if (cheapest[to] == 0 || place_cost(f, e) < place_cost(f, cheapest[to] - 1))
			cheapest[to] = e + 1;
	}
	for (int32_t u = 0; u < f->node_count; u++) {
		int32_t e = cheapest[u] - 1;
		if (e < 0 || place_cost(f, e) + f->pi[f->tail[e]] - f->pi[f->head[e]] >= 0)
			continue;
		if (!simplex_pivot(f, e))
			return false;
	}
	return true;
}

/* Flow into each subtree's arc, from the leaves up; subtrees whose arc cannot carry it, or can
 * no longer send more towards the root, are listed in *cut (in mem) and balanced by the root. */
static int32_t flows_up(struct flow *f, int64_t *need, int32_t *cut)
{
	int32_t count = 0;

	for (int32_t u = f->before[f->root]; u != f->root; u = f->before[u]) {
		struct tree_node *n = &f->tree[u];
		bool is_up;
		int64_t cap, flow, fit;

		if (n->arc >= f->arc_count) {
			hang_on_root(f, u, need[u]);
			continue;
		}
		cap = place_cap(f, n->arc);
		is_up = f->tail[n->arc] == u;
		flow = is_up ? need[u] : -need[u];
		fit = flow < 0 ? 0 : MIN(flow, cap);
		n->room_up = is_up ? cap - fit : fit;
		n->room_down = cap - n->room_up;
		need[n->parent] += is_up ? fit : -fit;
		if (fit == flow && n->room_up > 0)
			continue;
		need[u] -= is_up ? fit : -fit;
		cut[count++] = u;
		if (fit == cap && cap > 0)
			place_turn(f, n->arc);
	}
	return count;
}

/* Potentials from the root down. */
static void potentials_down(struct flow *f)
{
	f->pi[f->root] = 0;
	for (int32_t u = f->next[f->root]; u != f->root; u = f->next[u]) {
		const struct tree_node *n = &f->tree[u];

		if (n->arc >= f->arc_count)
			f->pi[u] = n->room_up < n->room_down ? f->big : 0;
		else if (f->tail[n->arc] == u)
			f->pi[u] = f->pi[n->parent] - place_cost(f, n->arc);
		else
			f->pi[u] = f->pi[n->parent] + place_cost(f, n->arc);
	}
}

bool basis_repair(struct flow *f, struct arena *scratch)
{
	int64_t *need = arena_array(scratch, int64_t, f->node_count + 1);
	int32_t *cut = arena_array(scratch, int32_t, f->node_count), count;

	if (!sums_fit(f))
		return false;
	f->big = (f->cost_max + 1) * (f->node_count + 1);
	memcpy(need, f->excess, (size_t)f->node_count * sizeof *need);
	for (int32_t word = 0; word <= (f->arc_count - 1) / 64 && f->arc_count > 0; word++)
		for (uint64_t bits = f->turned[word]; bits; bits &= bits - 1) {
			int32_t e = word * 64 + __builtin_ctzll(bits);
			/* Full in the caller's direction, that is from head to tail; what flows in
			 * the stored direction comes off again. */
			need[f->head[e]] -= place_cap(f, e);
			need[f->tail[e]] += place_cap(f, e);
		}
	count = flows_up(f, need, cut);
	for (int32_t i = 0; i < count; i++) {
		int32_t u = cut[i], size = f->tree[u].size;
		for (int32_t a = f->tree[u].parent; a != f->root; a = f->tree[a].parent)
			f->tree[a].size -= size;
		tree_move(f, u, u, f->root);
		hang_on_root(f, u, need[u]);
	}
	potentials_down(f);
	return true;
}
