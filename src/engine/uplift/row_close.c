/*
 * Branch and bound over the stocks of one row, depth first. A box is bounded by the real optimum
 * in it (if all steps cost the same, by the next whole number of them), and cut at the stock that
 * is least whole there.
 */
#include "engine/uplift/row.h"

#include <math.h>

/* Boxes times units; about a tenth of a second. */
#define WORK_MAX 40000
/* Rows of fine steps are as good as closed. */
#define GAP_LEAST 1e-7

struct box {
	struct box *below; /* on the stack */
	double bound;
	int64_t *low, *upper;
};

struct closing {
	const struct row *row;
	struct arena *mem;
	struct box *stack, *spare;
	int64_t *best, *tried;
	double best_cost, open_bound, *x;
};

static void push(struct closing *c, const int64_t *low, const int64_t *upper, double bound)
{
	size_t n = c->row->n;
	struct box *b = c->spare;

	if (b) {
		c->spare = b->below;
	} else {
		b = arena_new(c->mem, struct box);
		b->low = arena_array(c->mem, int64_t, n);
		b->upper = arena_array(c->mem, int64_t, n);
	}
	memcpy(b->low, low, n * sizeof *low);
	memcpy(b->upper, upper, n * sizeof *upper);
	b->bound = bound;
	b->below = c->stack;
	c->stack = b;
}

static void keep(struct closing *c, const int64_t *r)
{
	double cost = row_cost(c->row, r);

	if (cost >= c->best_cost)
		return;
	c->best_cost = cost;
	memcpy(c->best, r, c->row->n * sizeof *r);
}

static bool is_done(const struct closing *c, double bound)
{
	return bound >= c->best_cost * (1 - 1e-12);
}

/* The stock that is farthest from whole; of whole ones the first that is free. */
static size_t find_split(const struct closing *c, const struct box *b)
{
	size_t best = SIZE_MAX;
	double most = -1;

	for (size_t i = 0; i < c->row->n; i++) {
		double away = fabs(c->x[i] - nearbyint(c->x[i]));
		if (b->low[i] < b->upper[i] && away > most) {
			most = away;
			best = i;
		}
	}
	return best;
}

/* Bound the box, look for an answer in it, and put it back in two parts. */
static void process(struct closing *c, struct box *b)
{
	struct row row = *c->row;
	struct row_fill f = {0};
	int64_t cut, kept;
	size_t split;

	row.uppers = b->upper;
	if (row_is_within(&row, b->low)) {
		keep(c, b->low);
		return;
	}
	if (row_least_cv(&row, b->low, NULL) > (double)row.limit_micro / 1e6 * (1 + 1e-9))
		return;
	row_relax(&row, b->low, c->x, &f);
	b->bound = MAX(b->bound, f.bound);
	split = find_split(c, b);
	if (is_done(c, b->bound) || split == SIZE_MAX)
		return;
	cut = (int64_t)floor(c->x[split]);
	cut = MAX(b->low[split], MIN(cut, b->upper[split] - 1));
	if (row_fill_priced(&row, b->low, c->tried, &f) && row_is_within(&row, c->tried))
		keep(c, c->tried);
	kept = b->upper[split];
	b->upper[split] = cut;
	push(c, b->low, b->upper, b->bound);
	b->upper[split] = kept;
	kept = b->low[split];
	b->low[split] = cut + 1;
	push(c, b->low, b->upper, b->bound);
	b->low[split] = kept;
}

void row_close(const struct row *row, const int64_t *low, int64_t *r, struct row_fill *fill)
{
	struct closing c = {.row = row, .best = r, .best_cost = fill->cost};
	size_t boxes = WORK_MAX / row->n;

	if (row->is_uniform || !(fill->rho > 0) ||
		fill->cost - fill->bound <= GAP_LEAST * fill->cost)
		return;
	c.mem = arena_create();
	c.tried = arena_array(c.mem, int64_t, row->n);
	c.x = arena_array(c.mem, double, row->n);
	push(&c, low, row->uppers, fill->bound);
	for (; c.stack && boxes > 0; boxes--) {
		struct box *b = c.stack;
		c.stack = b->below;
		if (!is_done(&c, b->bound))
			process(&c, b);
		b->below = c.spare;
		c.spare = b;
	}
	c.open_bound = c.best_cost;
	for (const struct box *b = c.stack; b; b = b->below)
		c.open_bound = MIN(c.open_bound, b->bound);
	fill->bound = MAX(fill->bound, c.open_bound);
	fill->cost = c.best_cost;
	fill->total = 0;
	for (size_t i = 0; i < row->n; i++)
		fill->total += (double)r[i] * row->share[i];
	arena_free(c.mem);
}
