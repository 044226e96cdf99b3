/* The steps of the tree, the heap of open nodes, and the decisions that lead to one. */
#include "engine/places/tree.h"

#include <math.h>

/* The bound must come this close to the best cost for a node to be closed; the proof is then
 * checked in integers, and that is the bound that counts. */
#define CLOSE_ENOUGH 1e-9

double tree_cut(const struct tree *t)
{
	bool is_whole = t->f->is_single_source;
	double best = is_whole ? t->single.best_cost : t->primal.best_cost;
	double close = MAX(t->limits->gap, CLOSE_ENOUGH) * best;

	if (isinf(best))
		return best;
	/* Whole customers cost whole steps: half of one leaves no plan between, and the rest of it
	   for the rounding of the proof. */
	return best - (is_whole ? MAX(close, 0.5 * (double)t->f->cost_step) : close);
}

bool tree_is_over(struct tree *t)
{
	if (t->limits->is_over && t->limits->is_over(t->limits->is_over_arg))
		t->is_cut_short = true;
	if (t->price_bytes > (t->limits->bytes ? t->limits->bytes : (size_t)1 << 30))
		t->is_cut_short = true;
	return t->is_cut_short;
}

void tree_push(struct tree *t, double bound, int32_t step)
{
	size_t at = t->heap.count;

	*VEC_PUSH(t->mem, &t->heap) = (struct open_node){bound, step};
	for (; at > 0 && t->heap.items[(at - 1) / 2].bound > bound; at = (at - 1) / 2)
		t->heap.items[at] = t->heap.items[(at - 1) / 2];
	t->heap.items[at] = (struct open_node){bound, step};
}

struct open_node tree_pop(struct tree *t)
{
	struct open_node top = t->heap.items[0], last = t->heap.items[--t->heap.count];
	size_t at = 0, count = t->heap.count;

	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count &&
			t->heap.items[child + 1].bound < t->heap.items[child].bound)
			child++;
		if (t->heap.items[child].bound >= last.bound)
			break;
		t->heap.items[at] = t->heap.items[child];
	}
	if (count > 0)
		t->heap.items[at] = last;
	return top;
}

int32_t tree_add_step(struct tree *t, int32_t parent, int32_t literal, bool value, double bound,
	const int64_t *prices)
{
	*VEC_PUSH(t->mem, &t->steps) = (struct facility_step){
		.parent = parent, .literal = literal, .value = value, .prices = prices};
	*VEC_PUSH(t->mem, &t->bounds) = bound;
	return (int32_t)t->steps.count - 1;
}

const int64_t *tree_keep_prices(struct tree *t)
{
	int32_t m = t->f->customer_count;
	int64_t *kept = arena_array(t->mem, int64_t, m);

	for (int32_t j = 0; j < m; j++)
		kept[j] = llround(t->prices[j]);
	t->price_bytes += (size_t)m * sizeof *kept;
	return kept;
}

static void rule_out(struct tree *t, int32_t site, int32_t customer)
{
	size_t place = (size_t)site * (size_t)t->f->customer_count + (size_t)customer;

	if (isinf(t->relax.unit[place]))
		return;
	*VEC_PUSH(t->mem, &t->lifted) = (struct lifted){place, t->relax.unit[place]};
	t->relax.unit[place] = HUGE_VAL;
}

static void decide_pair(struct tree *t, int32_t pair, bool value)
{
	int32_t site = pair / t->f->customer_count, customer = pair % t->f->customer_count;

	if (!value) {
		rule_out(t, site, customer);
		return;
	}
	t->decided[site] = SITE_OPEN;
	for (int32_t i = 0; i < t->f->site_count; i++)
		if (i != site)
			rule_out(t, i, customer);
}

void tree_load(struct tree *t, int32_t step)
{
	for (; t->lifted.count > 0; t->lifted.count--) {
		struct lifted l = t->lifted.items[t->lifted.count - 1];
		t->relax.unit[l.place] = l.unit;
	}
	memset(t->decided, SITE_FREE, (size_t)t->f->site_count);
	for (int32_t j = 0; j < t->f->customer_count; j++)
		t->prices[j] = (double)t->steps.items[step].prices[j];
	for (int32_t s = step; t->steps.items[s].literal >= 0; s = t->steps.items[s].parent) {
		struct facility_step *at = &t->steps.items[s];

		if (at->literal >= t->f->site_count)
			decide_pair(t, at->literal - t->f->site_count, at->value);
		else
			t->decided[at->literal] = at->value ? SITE_OPEN : SITE_CLOSED;
	}
}
