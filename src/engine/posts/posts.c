#include "engine/posts/posts.h"

#include "engine/graph/flow.h"

#include <math.h>

/* A row's price stays below this. */
#define PRICE_MAX ((int64_t)1 << 34)

/* Of the best plan at the root. */
#define TRIMS 30

enum { FREE, STAYS, MOVES };

struct solver {
	const struct posts *p;
	const struct posts_limits *limits;
	struct arena *mem;
	struct flow *flow;                                   /* persons -> posts -> sink */
	int8_t *decided;                                     /* [person] */
	int64_t price[POSTS_ROWS_MAX], rows[POSTS_ROWS_MAX]; /* rows: of the last flow */
	int32_t *taken, *best;
	int64_t *heads;   /* [post] */
	bool *low, *high; /* [person]: moved, when a row was last missed and last kept */
	int64_t best_cost;
	int64_t bound; /* of the last flow */
	int64_t root_bound;
	int64_t *root_post_price, root_price[POSTS_ROWS_MAX];
	int64_t flows, nodes;
	bool is_root, was_given_up;
};

bool posts_fit(const struct posts *p)
{
	int64_t most = (int64_t)p->person_count + p->post_count;

	if (p->person_count < 1 || p->post_count < 1 || p->row_count < 0 ||
		p->row_count > POSTS_ROWS_MAX || most > 1 << 22 || p->short_cost < 0 ||
		p->short_cost > POSTS_COST_MAX || p->over_cost < 0 || p->over_cost > POSTS_COST_MAX)
		return false;
	for (int32_t i = 0; i < p->person_count; i++) {
		if (p->first_arc[i] >= p->first_arc[i + 1])
			return false;
		for (int32_t r = 0; r < p->row_count; r++) {
			int64_t w = p->row_weight[r * p->person_count + i];
			if (w < -1000 || w > 1000)
				return false;
		}
	}
	for (int32_t e = 0; e < p->first_arc[p->person_count]; e++)
		if (p->arc_post[e] < 0 || p->arc_post[e] >= p->post_count || p->arc_cost[e] < 0 ||
			p->arc_cost[e] > POSTS_COST_MAX)
			return false;
	for (int32_t j = 0; j < p->post_count; j++)
		if (p->need[j] < 0 || p->need[j] > 1 << 22)
			return false;
	return true;
}

static bool is_in_rows(const struct posts *p, int32_t person)
{
	for (int32_t r = 0; r < p->row_count; r++)
		if (p->row_weight[r * p->person_count + person])
			return true;
	return false;
}

/* What the prices give for a move of the person. */
static int64_t bonus(const struct solver *s, int32_t person)
{
	int64_t sum = 0;

	for (int32_t r = 0; r < s->p->row_count; r++)
		sum += s->price[r] * s->p->row_weight[r * s->p->person_count + person];
	return sum;
}

static int32_t sink_of(const struct posts *p)
{
	return p->person_count + p->post_count;
}

static void build(struct solver *s)
{
	const struct posts *p = s->p;
	int32_t arcs = p->first_arc[p->person_count], sink = sink_of(p);

	s->flow = flow_create(s->mem, sink + 1, arcs + 3 * p->post_count);
	for (int32_t i = 0; i < p->person_count; i++) {
		flow_set_supply(s->flow, i, 1);
		for (int32_t e = p->first_arc[i]; e < p->first_arc[i + 1]; e++)
			flow_set_arc(s->flow, e,
				(struct flow_arc){
					i, p->person_count + p->arc_post[e], 0, 1, p->arc_cost[e]});
	}
	for (int32_t j = 0; j < p->post_count; j++) {
		int64_t half = p->need[j] / 2;
		int32_t from = p->person_count + j, at = arcs + 3 * j;
		bool is_free = p->is_free && p->is_free[j];
		flow_set_arc(s->flow, at,
			(struct flow_arc){from, sink, 0, half, is_free ? 0 : -2 * p->short_cost});
		flow_set_arc(s->flow, at + 1,
			(struct flow_arc){
				from, sink, 0, p->need[j] - half, is_free ? 0 : -p->short_cost});
		flow_set_arc(s->flow, at + 2,
			(struct flow_arc){
				from, sink, 0, FLOW_NO_LIMIT, is_free ? 0 : p->over_cost});
	}
	flow_set_supply(s->flow, sink, -(int64_t)p->person_count);
}

int64_t posts_heads_cost(const struct posts *p, int32_t post, int64_t heads)
{
	int64_t need = p->need[post], half = need / 2;

	if (p->is_free && p->is_free[post])
		return 0;
	if (heads > need)
		return (heads - need) * p->over_cost;
	return (need - heads) * p->short_cost + MAX(half - heads, 0) * p->short_cost;
}

/* Who takes what in the last flow, what it costs, and what the rows come to. */
static int64_t read_plan(struct solver *s)
{
	const struct posts *p = s->p;
	int64_t cost = 0, *heads = s->heads;

	memset(s->rows, 0, sizeof s->rows);
	memset(heads, 0, (size_t)p->post_count * sizeof *heads);
	for (int32_t i = 0; i < p->person_count; i++) {
		int32_t e = p->first_arc[i];
		while (flow_on_arc(s->flow, e) == 0)
			e++;
		s->taken[i] = e;
		cost += p->arc_cost[e];
		heads[p->arc_post[e]]++;
		for (int32_t r = 0; r < p->row_count && p->arc_is_move[e]; r++)
			s->rows[r] += p->row_weight[r * p->person_count + i];
	}
	for (int32_t j = 0; j < p->post_count; j++)
		cost += posts_heads_cost(p, j, heads[j]);
	return cost;
}

static void keep_root(struct solver *s)
{
	const struct posts *p = s->p;

	s->root_bound = s->bound;
	memcpy(s->root_price, s->price, sizeof s->price);
	for (int32_t j = 0; j < p->post_count; j++)
		s->root_post_price[j] = flow_potential(s->flow, sink_of(p)) -
					flow_potential(s->flow, p->person_count + j);
}

/* Solve at the prices. False: nobody may be where the decisions want him. */
static bool evaluate(struct solver *s)
{
	const struct posts *p = s->p;
	bool is_kept = true;
	int64_t cost;

	for (int32_t i = 0; i < p->person_count; i++) {
		int64_t gain;
		if (!is_in_rows(p, i))
			continue;
		gain = bonus(s, i);
		for (int32_t e = p->first_arc[i]; e < p->first_arc[i + 1]; e++)
			if (p->arc_is_move[e])
				flow_set_cost(s->flow, e, p->arc_cost[e] - gain);
	}
	s->flows++;
	switch (flow_solve(s->flow)) {
	case FLOW_OPTIMAL:
		break;
	case FLOW_INFEASIBLE:
		return false;
	case FLOW_UNBOUNDED:
	case FLOW_TOO_LARGE:
		BUG("numbers that fit do not");
	}
	cost = read_plan(s);
	s->bound = cost;
	for (int32_t r = 0; r < p->row_count; r++) {
		s->bound += s->price[r] * (p->row_least[r] - s->rows[r]);
		is_kept &= s->rows[r] >= p->row_least[r];
	}
	if (s->is_root && s->bound > s->root_bound)
		keep_root(s);
	for (int32_t i = 0; i < p->person_count; i++)
		(is_kept ? s->high : s->low)[i] = p->arc_is_move[s->taken[i]];
	if (is_kept && cost < s->best_cost) {
		s->best_cost = cost;
		memcpy(s->best, s->taken, (size_t)p->person_count * sizeof *s->best);
	}
	return true;
}

/*
 * Bring one row's price to where the row is just kept. Returns false when no price does; the
 * best bound on the way goes to *bound.
 */
static bool price_row(struct solver *s, int32_t r, int64_t fine, int64_t *bound)
{
	int64_t least = s->p->row_least[r], low = 0, high = s->price[r];

	if (s->rows[r] < least) {
		low = s->price[r];
		high = MAX(2 * low, 256);
		for (;; high *= 4) {
			s->price[r] = MIN(high, PRICE_MAX);
			if (!evaluate(s))
				return false;
			*bound = MAX(*bound, s->bound);
			if (s->rows[r] >= least)
				break;
			if (high >= PRICE_MAX)
				return false;
			low = s->price[r];
		}
		high = s->price[r];
	} else if (high == 0) {
		return true;
	}
	while (high - low > 1 && high - low > high / fine) {
		s->price[r] = low + (high - low) / 2;
		if (!evaluate(s))
			return false;
		*bound = MAX(*bound, s->bound);
		if (s->rows[r] >= least)
			high = s->price[r];
		else
			low = s->price[r];
	}
	/* Down to nothing, if nothing is needed. */
	s->price[r] = low == 0 && high <= 1 ? 0 : high;
	if (!evaluate(s))
		return false;
	*bound = MAX(*bound, s->bound);
	return true;
}

static bool rows_are_kept(const struct solver *s)
{
	for (int32_t r = 0; r < s->p->row_count; r++)
		if (s->rows[r] < s->p->row_least[r])
			return false;
	return true;
}

/* The best bound of a node; INT64_MAX: it has no plan. */
static int64_t climb(struct solver *s)
{
	int64_t bound, fine = s->p->person_count > 200 ? 256 : (int64_t)1 << 40;

	if (!evaluate(s))
		return INT64_MAX;
	bound = s->bound;
	for (int pass = 0; pass < (s->p->row_count > 1 ? 3 : 1); pass++) {
		for (int32_t r = 0; r < s->p->row_count; r++)
			if (!price_row(s, r, fine, &bound))
				return INT64_MAX;
		if (rows_are_kept(s) && bound >= s->best_cost)
			break;
	}
	return bound;
}

static void decide(struct solver *s, int32_t person, int how)
{
	const struct posts *p = s->p;

	s->decided[person] = (int8_t)how;
	for (int32_t e = p->first_arc[person]; e < p->first_arc[person + 1]; e++) {
		bool is_open = how == FREE || (how == MOVES) == p->arc_is_move[e];
		flow_set_bounds(s->flow, e, 0, is_open);
	}
}

struct mover {
	int32_t person;
	int64_t cost;
};

static int by_cost(const void *a, const void *b)
{
	const struct mover *x = a, *y = b;

	if (x->cost != y->cost)
		return x->cost > y->cost ? -1 : 1;
	return x->person < y->person ? -1 : 1;
}

/* Those of the best plan who move and are free to be told to stay, the dearest first. */
static int32_t list_movers(const struct solver *s, struct mover *out)
{
	const struct posts *p = s->p;
	int32_t count = 0;

	for (int32_t i = 0; i < p->person_count; i++)
		if (s->decided[i] == FREE && p->row_weight[i] > 0 && p->arc_is_move[s->best[i]])
			out[count++] = (struct mover){i, p->arc_cost[s->best[i]]};
	qsort(out, (size_t)count, sizeof *out, by_cost);
	return count;
}

/*
 * Where many moves are worth the same the price takes them all at once: tell as many to stay as
 * the first row has to spare, half as many when that is too much, as long as it helps.
 */
static void trim(struct solver *s)
{
	const struct posts *p = s->p;
	struct mover *movers = arena_array(s->mem, struct mover, p->person_count);
	VEC(int32_t) told = {0};

	for (int tries = 0; tries < TRIMS && s->best_cost < INT64_MAX; tries++) {
		int32_t count = list_movers(s, movers), over;
		int64_t before = s->best_cost, moves = 0;
		for (int32_t i = 0; i < p->person_count; i++)
			moves += p->arc_is_move[s->best[i]] ? p->row_weight[i] : 0;
		over = (int32_t)MIN(moves - p->row_least[0], count);
		for (; over > 0 && s->best_cost >= before; over /= 2) {
			for (int32_t k = 0; k < over; k++)
				decide(s, movers[k].person, STAYS);
			(void)evaluate(s);
			for (int32_t k = 0; k < over; k++)
				if (s->best_cost >= before)
					decide(s, movers[k].person, FREE);
				else
					*VEC_PUSH(s->mem, &told) = movers[k].person;
		}
		if (s->best_cost >= before)
			break;
	}
	for (size_t k = 0; k < told.count; k++)
		decide(s, told.items[k], FREE);
}

static int32_t most_doubtful(const struct solver *s)
{
	int32_t other = -1;

	for (int32_t i = 0; i < s->p->person_count; i++) {
		if (s->decided[i] != FREE || !is_in_rows(s->p, i))
			continue;
		if (s->low[i] != s->high[i])
			return i;
		other = other < 0 ? i : other;
	}
	return other;
}

/* Depth first; how deep is at most the number of persons in rows, but no deeper than nodes. */
static void search(struct solver *s, int64_t bound)
{
	int64_t price[POSTS_ROWS_MAX];
	int32_t person;

	if (bound == INT64_MAX ||
		(s->best_cost < INT64_MAX &&
			(double)(s->best_cost - bound) <= s->limits->gap * (double)s->best_cost))
		return;
	person = most_doubtful(s);
	if (person < 0)
		return;
	if (s->nodes >= s->limits->nodes) {
		s->was_given_up = true;
		return;
	}
	memcpy(price, s->price, sizeof price);
	for (int how = MOVES; how >= STAYS; how--) {
		s->nodes++;
		decide(s, person, how);
		memcpy(s->price, price, sizeof price);
		search(s, climb(s));
		decide(s, person, FREE);
	}
}

void posts_solve(struct arena *mem, const struct posts *p, const struct posts_limits *limits,
	const int64_t *row_price, struct posts_answer *out)
{
	struct arena *scratch = arena_create();
	struct solver s = {.p = p,
		.limits = limits,
		.mem = scratch,
		.best_cost = INT64_MAX,
		.root_bound = INT64_MIN,
		.is_root = true};
	int64_t bound;

	assert(posts_fit(p));
	s.decided = arena_array(scratch, int8_t, p->person_count);
	s.low = arena_array(scratch, bool, p->person_count);
	s.high = arena_array(scratch, bool, p->person_count);
	s.taken = arena_array(scratch, int32_t, p->person_count);
	s.heads = arena_array(scratch, int64_t, p->post_count);
	s.best = arena_array(mem, int32_t, p->person_count);
	s.root_post_price = arena_array(mem, int64_t, p->post_count);
	if (row_price)
		memcpy(s.price, row_price, (size_t)p->row_count * sizeof *row_price);
	build(&s);
	bound = climb(&s);
	*out = (struct posts_answer){0};
	memcpy(out->most, s.rows, sizeof out->most);
	s.is_root = false;
	if (p->row_count > 0 && bound != INT64_MAX)
		trim(&s);
	/* A row that no price keeps: with several, each by itself may still be kept. */
	if (bound != INT64_MAX || p->row_count > 1)
		search(&s, bound == INT64_MAX ? INT64_MIN / 4 : bound);
	out->has_plan = s.best_cost < INT64_MAX;
	out->is_closed = !s.was_given_up;
	out->arc = s.best;
	out->post_price = s.root_post_price;
	out->row_price = arena_array(mem, int64_t, POSTS_ROWS_MAX);
	memcpy(out->row_price, s.root_price, sizeof s.root_price);
	out->flows = s.flows;
	out->nodes = s.nodes;
	arena_free(scratch);
}
