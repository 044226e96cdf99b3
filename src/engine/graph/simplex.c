/*
 * The pivots: search in blocks for the arc with the most negative reduced cost, send flow round
 * its cycle, swap it with the arc that blocks, move the cut-off subtree and shift its
 * potentials. See Ahuja, Magnanti and Orlin, Network Flows, chapter 11, for the method and the
 * rule for ties that keeps the basis strongly feasible; Kovacs (2015) for block search and
 * for keeping sizes and last successors instead of depths.
 */
#include "engine/graph/flow_impl.h"

/* The smaller residuals on either side of the cycle, and the nodes below them. */
struct cycle {
	int32_t join;
	int32_t first, second; /* ends: flow runs join .. first -> second .. join */
	int32_t first_out, second_out;
	int64_t first_room, second_room;
};

static struct cycle cycle_walk(const struct tree_node *tree, int32_t first, int32_t second)
{
	struct cycle c = {-1, first, second, -1, -1, FLOW_INF, FLOW_INF};
	int32_t u = first, v = second;

	/* The smaller subtree goes up first: it cannot contain the other end. Ties block as late
	 * on the cycle as possible: on the first side nearest the entering arc, on the second
	 * nearest the join. */
	while (u != v) {
		if (tree[u].size < tree[v].size) {
			if (tree[u].room_down < c.first_room) {
				c.first_room = tree[u].room_down;
				c.first_out = u;
			}
			u = tree[u].parent;
		} else {
			if (tree[v].room_up <= c.second_room) {
				c.second_room = tree[v].room_up;
				c.second_out = v;
			}
			v = tree[v].parent;
		}
	}
	c.join = u;
	return c;
}

static void cycle_send(struct tree_node *tree, const struct cycle *c, int64_t amount)
{
	for (int32_t u = c->first; u != c->join; u = tree[u].parent) {
		tree[u].room_down -= amount;
		tree[u].room_up += amount;
	}
	for (int32_t u = c->second; u != c->join; u = tree[u].parent) {
		tree[u].room_up -= amount;
		tree[u].room_down += amount;
	}
}

/* Cut the subtree of out from the ring; its own chain stays. */
static void thread_cut(struct flow *f, int32_t out)
{
	struct tree_node *tree = f->tree;
	int32_t *next = f->next, *before = f->before;
	int32_t last = tree[out].last, front = before[out], after = next[last];

	next[front] = after;
	before[after] = front;
	for (int32_t u = tree[out].parent; u >= 0 && tree[u].last == last; u = tree[u].parent)
		tree[u].last = front;
}

/* Chain the subtree of out in preorder from `in`; returns the last. The stem's part below the
 * former stem node and the part after it close up, and follow what has been chained. */
static int32_t thread_reroot(struct flow *f, int32_t in, int32_t out)
{
	struct tree_node *tree = f->tree;
	int32_t *next = f->next, *before = f->before;
	int32_t child_before = before[in], child_last = tree[in].last;
	int32_t child_after = next[child_last], end = child_last;

	for (int32_t s = in; s != out;) {
		s = tree[s].parent;
		int32_t s_before = before[s], s_last = tree[s].last;
		bool has_more = s_last != child_last;
		int32_t s_after = has_more ? next[s_last] : child_after;

		next[end] = s;
		before[s] = end;
		end = child_before;
		if (has_more) {
			next[end] = child_after;
			before[child_after] = end;
			end = s_last;
		}
		child_before = s_before;
		child_last = s_last;
		child_after = s_after;
	}
	return end;
}

/* Turn the parents of the stem round, in .. out, with arcs, residuals, sizes and lasts. */
static void stem_turn(struct flow *f, int32_t in, int32_t out, int32_t to, int32_t end)
{
	struct tree_node *tree = f->tree;
	struct tree_node moved = tree[in];
	int32_t total = tree[out].size, parent = to;

	for (int32_t s = in;;) {
		struct tree_node *n = &tree[s];
		struct tree_node old = *n;

		n->parent = parent;
		n->last = end;
		if (s == in) {
			n->size = total;
		} else {
			n->size = total - moved.size;
			n->arc = moved.arc;
			n->room_up = moved.room_down;
			n->room_down = moved.room_up;
		}
		if (s == out)
			break;
		moved = old;
		parent = s;
		s = old.parent;
	}
}

void tree_move(struct flow *f, int32_t in, int32_t out, int32_t to)
{
	struct tree_node *tree = f->tree;
	int32_t *next = f->next, *before = f->before;
	int32_t end, after;

	thread_cut(f, out);
	end = thread_reroot(f, in, out);
	after = next[to];
	next[to] = in;
	before[in] = to;
	next[end] = after;
	before[after] = end;
	stem_turn(f, in, out, to, end);
	for (int32_t u = to; u >= 0 && tree[u].last == to; u = tree[u].parent)
		tree[u].last = end;
}

/*
 * Potentials of the moved subtree shift by shift. Only differences count, so when it holds more
 * than half of the nodes, the rest shifts the other way. This walk is the cost of a pivot in
 * deep trees, and waits for memory at each step: it goes from both ends of the ring at once, so
 * that two reads are under way.
 */
static void shift_potentials(struct flow *f, int32_t in, int64_t shift)
{
	const int32_t *next = f->next, *before = f->before;
	int64_t *pi = f->pi;
	int32_t count = f->tree[in].size, u = in, v = f->tree[in].last;

	if (count > f->node_count / 2) {
		u = next[v];
		v = before[in];
		count = f->node_count + 1 - count;
		shift = -shift;
	}
	for (; count > 1; count -= 2) {
		pi[u] += shift;
		pi[v] += shift;
		u = next[u];
		v = before[v];
	}
	if (count == 1)
		pi[u] += shift;
	if (pi[f->root] > FLOW_INF / 2 || pi[f->root] < -FLOW_INF / 2) {
		int64_t back = pi[f->root];
		for (int32_t i = 0; i <= f->root; i++)
			pi[i] -= back;
	}
}

bool simplex_pivot(struct flow *f, int32_t e)
{
	struct tree_node *tree = f->tree;
	int32_t tail = f->tail[e], head = f->head[e], out, in, to, size;
	int64_t cap = place_cap(f, e), amount = cap;
	int64_t reduced = place_cost(f, e) + f->pi[tail] - f->pi[head];
	struct cycle c = cycle_walk(tree, tail, head);
	bool on_second = c.second_out >= 0 && c.second_room <= MIN(cap, c.first_room);

	f->pivots++;
	if (on_second)
		amount = c.second_room;
	else if (c.first_room < cap)
		amount = c.first_room;
	if (amount > FLOW_INF / 2)
		return false;
	if (amount > 0)
		cycle_send(tree, &c, amount);
	if (!on_second && c.first_room >= cap) {
		place_turn(f, e);
		return true;
	}
	out = on_second ? c.second_out : c.first_out;
	in = on_second ? head : tail;
	to = on_second ? tail : head;
	size = tree[out].size;
	for (int32_t u = tree[out].parent; u != c.join; u = tree[u].parent)
		tree[u].size -= size;
	for (int32_t u = to; u != c.join; u = tree[u].parent)
		tree[u].size += size;
	/* It leaves at its upper bound if it was full in its own direction. */
	if (tree[out].arc < f->arc_count && (f->tail[tree[out].arc] == out) == on_second)
		place_turn(f, tree[out].arc);
	tree_move(f, in, out, to);
	tree[in].arc = e;
	tree[in].room_up = in == tail ? cap - amount : amount;
	tree[in].room_down = cap - tree[in].room_up;
	shift_potentials(f, in, in == head ? reduced : -reduced);
	return true;
}

static int32_t best_small(const struct flow *f, int32_t from, int32_t to, int64_t *least)
{
	const int32_t *tail = f->tail, *head = f->head, *cost = f->cost_small;
	const int64_t *pi = f->pi;
	int64_t min = *least;
	int32_t best = -1;

	for (int32_t e = from; e < to; e++) {
		int64_t reduced = cost[e] + pi[tail[e]] - pi[head[e]];
		if (reduced < min) {
			min = reduced;
			best = e;
		}
	}
	*least = min;
	return best;
}

static int32_t best_wide(const struct flow *f, int32_t from, int32_t to, int64_t *least)
{
	const int64_t *pi = f->pi;
	int32_t best = -1;

	for (int32_t e = from; e < to; e++) {
		int64_t reduced = f->cost_wide[e] + pi[f->tail[e]] - pi[f->head[e]];
		if (reduced < *least) {
			*least = reduced;
			best = e;
		}
	}
	return best;
}

/* The best arc of the first block, from where the last search ended, that has one; -1: none. */
static int32_t find_entering(struct flow *f)
{
	int32_t at = f->next_arc, seen = 0;

	while (seen < f->arc_count) {
		int32_t to = MIN(at + f->block, f->arc_count), best;
		int64_t least = 0;

		best = f->cost_small ? best_small(f, at, to, &least) : best_wide(f, at, to, &least);
		seen += to - at;
		at = to == f->arc_count ? 0 : to;
		if (best >= 0) {
			f->next_arc = at;
			return best;
		}
	}
	return -1;
}

bool simplex_run(struct flow *f)
{
	for (int32_t e; (e = find_entering(f)) >= 0;)
		if (!simplex_pivot(f, e))
			return false;
	return true;
}
