/* The proof of a facility plan; see the header. */
#include "engine/places/facility_check.h"

#include "engine/places/knapsack_check.h"

/* Costs and bounds are added up in parts of a unit, so that rounding does not add up. */
#define FINE_BITS 20

/* No plan: above every bound. */
#define NO_PLAN ((i128)1 << 100)

struct checker {
	const struct facility *f;
	const struct facility_answer *a;
	struct arena *mem;
	int64_t demand;    /* in all */
	i128 *value;       /* per site, fine: at least what opening it adds */
	const int64_t *of; /* the prices that value was computed for */
	int8_t *decided;   /* per site: -1, 0, 1 */
	bool *known;       /* per site: is value of these prices? */
	bool *ruled_out;   /* per pair, by the decisions on pairs */
	bool has_pairs;    /* some are */
	struct knapsack_sack sack;
	struct knapsack_thing *things;
	int64_t *load; /* per site, of customers that have no other */
	int32_t *order;
	double *key; /* to sort by; only the tightness of the bound hangs on it */
};

static i128 fine(int64_t v)
{
	return (i128)v * ((i128)1 << FINE_BITS);
}

static int64_t cost_at(const struct facility *f, int32_t site, int32_t customer)
{
	return f->cost[(size_t)site * (size_t)f->customer_count + (size_t)customer];
}

static void check_plan(struct checker *c, struct facility_verdict *v)
{
	const struct facility *f = c->f;
	int64_t *used = arena_array(c->mem, int64_t, f->site_count);
	int64_t *left = arena_array(c->mem, int64_t, f->customer_count);
	i128 *bill = arena_array(c->mem, i128, f->customer_count);
	i128 cost = 0;

	memcpy(left, f->demand, (size_t)f->customer_count * sizeof *left);
	for (size_t k = 0; k < c->a->share_count && v->fault == FACILITY_PLAN_GOOD; k++) {
		struct facility_share s = c->a->shares[k];

		v->site = s.site;
		v->customer = s.customer;
		if (s.site < 0 || s.site >= f->site_count || s.customer < 0 ||
			s.customer >= f->customer_count || s.amount <= 0)
			v->fault = FACILITY_BAD_SHARE;
		else if (!c->a->open[s.site])
			v->fault = FACILITY_SITE_CLOSED;
		else if (s.amount > left[s.customer])
			v->fault = FACILITY_NOT_SERVED;
		else if (s.amount > f->capacity[s.site] - used[s.site])
			v->fault = FACILITY_SITE_OVERFULL;
		else if (f->is_single_source && s.amount != f->demand[s.customer])
			v->fault = FACILITY_SPLIT;
		if (v->fault != FACILITY_PLAN_GOOD)
			return;
		used[s.site] += s.amount;
		left[s.customer] -= s.amount;
		bill[s.customer] += (i128)cost_at(f, s.site, s.customer) * s.amount;
	}
	v->site = v->customer = -1;
	for (int32_t j = 0; j < f->customer_count; j++) {
		if (left[j] != 0) {
			v->fault = FACILITY_NOT_SERVED;
			v->customer = j;
			return;
		}
		bill[j] *= (i128)1 << FINE_BITS;
		cost += bill[j] / f->demand[j];
	}
	for (int32_t i = 0; i < f->site_count; i++)
		cost += c->a->open[i] ? fine(f->fixed[i]) : 0;
	v->cost = (int64_t)((cost + ((i128)1 << FINE_BITS) - 1) >> FINE_BITS);
}

/* Sort the first count of c->order by c->key. */
static void sort_order(struct checker *c, int32_t count)
{
	for (int32_t gap = count / 2; gap > 0; gap /= 2)
		for (int32_t k = gap; k < count; k++) {
			int32_t item = c->order[k], at = k;
			for (; at >= gap && c->key[c->order[at - gap]] > c->key[item]; at -= gap)
				c->order[at] = c->order[at - gap];
			c->order[at] = item;
		}
}

static bool may_serve(const struct checker *c, int32_t i, int32_t j)
{
	const struct facility *f = c->f;

	if (f->is_single_source && f->demand[j] > f->capacity[i])
		return false;
	return !c->has_pairs || !c->ruled_out[(size_t)i * (size_t)f->customer_count + (size_t)j];
}

/* The most that whole customers among the first count of c->order are worth, -1: not known. */
static int64_t worth_whole(struct checker *c, int32_t i, int32_t count, const int64_t *prices)
{
	for (int32_t k = 0; k < count; k++) {
		int32_t j = c->order[k];
		c->things[k] =
			(struct knapsack_thing){prices[j] - cost_at(c->f, i, j), c->f->demand[j]};
	}
	return knapsack_most(&c->sack, c->things, count, c->f->capacity[i]);
}

/* Fixed cost and the least of (cost - price) over what fits, from below: for any toll per unit
 * of capacity, - toll * capacity + sum of min(0, cost - price + toll * demand). */
static i128 site_value(struct checker *c, int32_t i, const int64_t *prices)
{
	const struct facility *f = c->f;
	i128 value = fine(f->fixed[i]), toll = 0;
	int64_t room = f->capacity[i], worth = -1;
	int32_t count = 0;
	i128 weight = 0;

	for (int32_t j = 0; j < f->customer_count; j++)
		if (cost_at(f, i, j) < prices[j] && may_serve(c, i, j)) {
			c->key[j] = (double)(cost_at(f, i, j) - prices[j]) / (double)f->demand[j];
			c->order[count++] = j;
			weight += f->demand[j];
		}
	if (weight > room) {
		int32_t k = 0;
		worth = f->is_single_source ? worth_whole(c, i, count, prices) : -1;
		sort_order(c, count);
		while (k < count - 1 && room >= f->demand[c->order[k]])
			room -= f->demand[c->order[k++]];
		toll = fine(prices[c->order[k]] - cost_at(f, i, c->order[k])) /
		       f->demand[c->order[k]];
		value -= toll * f->capacity[i];
	}
	for (int32_t k = 0; k < count; k++) {
		int32_t j = c->order[k];
		i128 gain = fine(cost_at(f, i, j) - prices[j]) + toll * f->demand[j];
		value += MIN(gain, 0);
	}
	return worth < 0 ? value : MAX(value, fine(f->fixed[i]) - fine(worth));
}

/* What remains for each free site when holding the demand is paid: by a toll per unit held, and
 * by a toll per site, `needed` of them. */
static i128 with_toll_per_unit(const struct checker *c, i128 toll)
{
	i128 sum = toll * c->demand;

	for (int32_t i = 0; i < c->f->site_count; i++) {
		i128 rest = c->value[i] - toll * c->f->capacity[i];
		if (c->decided[i] == 1 || (c->decided[i] < 0 && rest < 0))
			sum += rest;
	}
	return sum;
}

static i128 with_toll_per_site(const struct checker *c, i128 toll, int32_t needed)
{
	i128 sum = toll * needed;

	for (int32_t i = 0; i < c->f->site_count; i++) {
		i128 rest = c->value[i] - toll;
		if (c->decided[i] == 1 || (c->decided[i] < 0 && rest < 0))
			sum += rest;
	}
	return sum;
}

/* Fewest sites that hold the demand, -1 if all that may be open do not. */
static int32_t sites_needed(struct checker *c)
{
	int32_t count = 0, taken = 0, k = 0;
	i128 left = c->demand;

	for (int32_t i = 0; i < c->f->site_count; i++) {
		if (c->decided[i] == 1) {
			left -= c->f->capacity[i];
			taken++;
		} else if (c->decided[i] < 0) {
			c->key[i] = -(double)c->f->capacity[i];
			c->order[count++] = i;
		}
	}
	sort_order(c, count);
	for (; k < count && left > 0; k++)
		left -= c->f->capacity[c->order[k]];
	return left > 0 ? -1 : taken + k;
}

static i128 leaf_bound(struct checker *c, const int64_t *prices)
{
	const struct facility *f = c->f;
	int32_t needed = sites_needed(c), count = 0, taken = 0;
	i128 best, left = c->demand, sum = 0;

	if (needed < 0)
		return NO_PLAN;
	for (int32_t j = 0; j < f->customer_count; j++)
		sum += fine(prices[j]);
	if (c->of != prices || c->has_pairs)
		memset(c->known, 0, (size_t)f->site_count * sizeof *c->known);
	c->of = c->has_pairs ? NULL : prices;
	for (int32_t i = 0; i < f->site_count; i++)
		if (c->decided[i] != 0 && !c->known[i]) {
			c->value[i] = site_value(c, i, prices);
			c->known[i] = true;
		}
	best = with_toll_per_unit(c, 0);
	for (int32_t i = 0; i < f->site_count; i++) {
		if (c->decided[i] == 1 || (c->decided[i] < 0 && c->value[i] < 0)) {
			left -= f->capacity[i];
			taken++;
		} else if (c->decided[i] < 0) {
			c->key[i] = (double)c->value[i];
			c->order[count++] = i;
		}
	}
	sort_order(c, count);
	if (needed > taken)
		best = MAX(best,
			with_toll_per_site(c, c->value[c->order[needed - taken - 1]], needed));
	for (int32_t k = 0; k < count; k++)
		c->key[c->order[k]] /= (double)MAX(f->capacity[c->order[k]], 1);
	sort_order(c, count);
	for (int32_t k = 0; k < count && left > 0; k++) {
		int32_t i = c->order[k];
		left -= f->capacity[i];
		if (left <= 0)
			best = MAX(best, with_toll_per_unit(c, c->value[i] / f->capacity[i]));
	}
	return sum + best;
}

/* The steps make a tree with two sides to every decision; inner[s]: s has children. */
static bool is_whole_tree(const struct checker *c, bool *inner)
{
	const struct facility *f = c->f;
	size_t count = c->a->step_count;
	int64_t literal_end = f->site_count;
	int32_t *literal = arena_array(c->mem, int32_t, count);
	uint8_t *sides = arena_array(c->mem, uint8_t, count);

	if (f->is_single_source)
		literal_end += (int64_t)f->site_count * f->customer_count;
	if (count == 0 || c->a->steps[0].parent != -1)
		return false;
	for (size_t s = 1; s < count; s++) {
		const struct facility_step *step = &c->a->steps[s];
		int32_t up = step->parent;

		if (up < 0 || (size_t)up >= s || step->literal < 0 || step->literal >= literal_end)
			return false;
		if (inner[up] && literal[up] != step->literal)
			return false;
		if (sides[up] & (1 << step->value))
			return false;
		inner[up] = true;
		literal[up] = step->literal;
		sides[up] = (uint8_t)(sides[up] | 1 << step->value);
	}
	for (size_t s = 0; s < count; s++)
		if (inner[s] ? sides[s] != 3 : !c->a->steps[s].prices)
			return false;
	return true;
}

/* What the path to a step decides of sites and pairs. */
static void follow_decisions(struct checker *c, size_t s)
{
	int32_t n = c->f->site_count, m = c->f->customer_count;

	if (c->has_pairs)
		memset(c->ruled_out, 0, (size_t)n * (size_t)m);
	c->has_pairs = false;
	memset(c->decided, -1, (size_t)n);
	for (const struct facility_step *step = &c->a->steps[s]; step->parent >= 0;
		step = &c->a->steps[step->parent]) {
		int32_t pair = step->literal - n;

		if (pair < 0) {
			c->decided[step->literal] = step->value;
			continue;
		}
		c->has_pairs = true;
		if (!step->value) {
			c->ruled_out[pair] = true;
			continue;
		}
		for (int32_t i = 0; i < n; i++)
			if (i != pair / m)
				c->ruled_out[(size_t)i * (size_t)m + (size_t)(pair % m)] = true;
	}
}

/* Whole customers only: one has no site left, or those with one site overfill it. */
static bool has_stranded(struct checker *c)
{
	const struct facility *f = c->f;

	if (!f->is_single_source)
		return false;
	memset(c->load, 0, (size_t)f->site_count * sizeof *c->load);
	for (int32_t j = 0; j < f->customer_count; j++) {
		int32_t count = 0, one = -1;

		for (int32_t i = 0; i < f->site_count && count < 2; i++)
			if (c->decided[i] != 0 && may_serve(c, i, j)) {
				one = i;
				count++;
			}
		if (count == 0)
			return true;
		if (count == 1 && (c->load[one] += f->demand[j]) > f->capacity[one])
			return true;
	}
	return false;
}

static void check_proof(struct checker *c, struct facility_verdict *v)
{
	bool *inner = arena_array(c->mem, bool, c->a->step_count);
	i128 least = NO_PLAN, bound;

	v->has_bound = is_whole_tree(c, inner);
	if (!v->has_bound)
		return;
	for (size_t s = 0; s < c->a->step_count; s++) {
		if (inner[s])
			continue;
		follow_decisions(c, s);
		if (has_stranded(c))
			continue;
		bound = leaf_bound(c, c->a->steps[s].prices);
		least = MIN(least, bound);
	}
	v->is_infeasible = least == NO_PLAN;
	if (!v->is_infeasible)
		v->bound = (int64_t)(least >> FINE_BITS);
}

struct facility_verdict facility_check(const struct facility *f, const struct facility_answer *a)
{
	struct facility_verdict v = {.site = -1, .customer = -1};
	struct checker c = {.f = f, .a = a, .mem = arena_create()};
	int32_t most = MAX(f->site_count, f->customer_count);

	c.value = arena_array(c.mem, i128, f->site_count);
	c.decided = arena_array(c.mem, int8_t, f->site_count);
	c.known = arena_array(c.mem, bool, f->site_count);
	if (f->is_single_source) {
		c.ruled_out =
			arena_array(c.mem, bool, (size_t)f->site_count *(size_t)f->customer_count);
		c.load = arena_array(c.mem, int64_t, f->site_count);
		c.things = arena_array(c.mem, struct knapsack_thing, f->customer_count);
		knapsack_sack_init(&c.sack, c.mem, f->customer_count);
	}
	c.order = arena_array(c.mem, int32_t, most);
	c.key = arena_array(c.mem, double, most);
	for (int32_t j = 0; j < f->customer_count; j++)
		c.demand += f->demand[j];
	if (a->has_plan)
		check_plan(&c, &v);
	check_proof(&c, &v);
	if (a->has_plan && v.fault == FACILITY_PLAN_GOOD && v.has_bound)
		v.bound = MIN(v.bound, v.cost);
	arena_free(c.mem);
	return v;
}
