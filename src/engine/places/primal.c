/*
 * Plans for facility location: a set of open sites is served at least cost by a minimum-cost
 * flow (source -> sites -> customers) that is solved again from its last basis whenever sites
 * open or close.
 */
#include "engine/places/facility_impl.h"

#include "base/rng.h"

#include <math.h>

static int32_t serve_arc(const struct primal *p, int32_t site, int32_t customer)
{
	return p->f->site_count + site * p->f->customer_count + customer;
}

static void build_network(struct primal *p)
{
	const struct facility *f = p->f;
	int32_t n = f->site_count, m = f->customer_count;
	int64_t total = 0;
	double unit_max = 1;

	for (int32_t i = 0; i < n; i++)
		for (int32_t j = 0; j < m; j++) {
			double unit = (double)f->cost[(size_t)i * (size_t)m + (size_t)j] /
				      (double)f->demand[j];
			unit_max = MAX(unit_max, unit);
		}
	/* The simplex wants cost_max * nodes below 2^60; the more digits the better. */
	p->unit_scale = ldexp(1, 58) / unit_max / (n + m + 3);
	p->unit_scale = MIN(p->unit_scale, ldexp(1, 20));
	p->flow = flow_create(p->mem, 1 + n + m, n + n * m);
	for (int32_t i = 0; i < n; i++) {
		flow_set_arc(p->flow, i, (struct flow_arc){0, 1 + i, 0, 0, 0});
		for (int32_t j = 0; j < m; j++) {
			double unit = (double)f->cost[(size_t)i * (size_t)m + (size_t)j] /
				      (double)f->demand[j];
			flow_set_arc(p->flow, serve_arc(p, i, j),
				(struct flow_arc){1 + i, 1 + n + j, 0, FLOW_NO_LIMIT,
					llround(unit * p->unit_scale)});
		}
	}
	for (int32_t j = 0; j < m; j++) {
		flow_set_supply(p->flow, 1 + n + j, -f->demand[j]);
		total += f->demand[j];
	}
	flow_set_supply(p->flow, 0, total);
}

void primal_init(struct primal *p, struct arena *mem, const struct facility *f)
{
	struct rng rng;

	*p = (struct primal){.f = f, .mem = mem, .best_cost = HUGE_VAL, .seen_cap = 1024};
	p->open = arena_array(mem, bool, f->site_count);
	p->best_open = arena_array(mem, bool, f->site_count);
	p->site_hash = arena_array(mem, uint64_t, f->site_count);
	p->seen = arena_array(mem, uint64_t, p->seen_cap);
	rng_seed(&rng, 1);
	for (int32_t i = 0; i < f->site_count; i++)
		p->site_hash[i] = rng_u64(&rng);
	build_network(p);
}

/* The cost of the network's flow for the open sites, with the true costs. */
static double network_cost(const struct primal *p)
{
	const struct facility *f = p->f;
	double sum = 0;

	for (int32_t i = 0; i < f->site_count; i++) {
		if (!p->open[i])
			continue;
		sum += (double)f->fixed[i];
		for (int32_t j = 0; j < f->customer_count; j++) {
			int64_t amount = flow_on_arc(p->flow, serve_arc(p, i, j));
			if (amount > 0)
				sum += (double)f->cost[(size_t)i * (size_t)f->customer_count +
						       (size_t)j] *
				       ((double)amount / (double)f->demand[j]);
		}
	}
	return sum;
}

/* True the first time. */
static bool is_new_set(struct primal *p, const bool *open)
{
	uint64_t hash = 1;
	size_t at;

	for (int32_t i = 0; i < p->f->site_count; i++)
		hash += open[i] ? p->site_hash[i] : 0;
	hash |= hash == 0;
	if (p->seen_count * 2 >= p->seen_cap) {
		uint64_t *old = p->seen;
		size_t cap = p->seen_cap;

		p->seen_cap *= 2;
		p->seen = arena_array(p->mem, uint64_t, p->seen_cap);
		for (size_t k = 0; k < cap; k++) {
			if (!old[k])
				continue;
			for (at = old[k] % p->seen_cap; p->seen[at];)
				at = (at + 1) % p->seen_cap;
			p->seen[at] = old[k];
		}
	}
	for (at = hash % p->seen_cap; p->seen[at]; at = (at + 1) % p->seen_cap)
		if (p->seen[at] == hash)
			return false;
	p->seen[at] = hash;
	p->seen_count++;
	return true;
}

double primal_cost(struct primal *p, const bool *open)
{
	const struct facility *f = p->f;
	int64_t left = flow_supply(p->flow, 0);
	double cost;

	for (int32_t i = 0; i < f->site_count; i++)
		left -= open[i] ? MIN(f->capacity[i], left) : 0;
	if (left > 0)
		return HUGE_VAL;
	for (int32_t i = 0; i < f->site_count; i++)
		if (open[i] != p->open[i]) {
			p->open[i] = open[i];
			flow_set_bounds(p->flow, i, 0, open[i] ? f->capacity[i] : 0);
		}
	p->evaluations++;
	if (flow_solve(p->flow) != FLOW_OPTIMAL)
		BUG("sites that hold the demand do not serve it");
	cost = network_cost(p);
	if (cost < p->best_cost) {
		p->best_cost = cost;
		memcpy(p->best_open, open, (size_t)f->site_count * sizeof *open);
	}
	return cost;
}

double primal_try(struct primal *p, const bool *open)
{
	if (!is_new_set(p, open))
		return HUGE_VAL;
	return primal_cost(p, open);
}

void primal_round(struct primal *p)
{
	const struct facility *f = p->f;

	for (int32_t j = 0; j < f->customer_count; j++)
		p->single->site_of[j] = -1;
	for (int32_t i = 0; i < f->site_count; i++)
		for (int32_t j = 0; j < f->customer_count && p->open[i]; j++)
			if (flow_on_arc(p->flow, serve_arc(p, i, j)) == f->demand[j])
				p->single->site_of[j] = i;
	(void)single_improve(p->single, p->open, (int)(10 + 20000 / f->customer_count));
}

void primal_prices(const struct primal *p, double *prices)
{
	const struct facility *f = p->f;

	for (int32_t j = 0; j < f->customer_count; j++)
		prices[j] = (double)(flow_potential(p->flow, 1 + f->site_count + j) -
				     flow_potential(p->flow, 0)) /
			    p->unit_scale * (double)f->demand[j];
}

/* One search: the set being changed, and what the relaxation says at its prices. */
struct search {
	struct primal *p;
	struct relax *r;
	const struct facility_limits *limits;
	bool *open;
	double *prices;
	int8_t *free; /* no decisions */
	double *gain; /* per site: at least what opening it would save; 0 if open */
};

static bool is_over(const struct search *s)
{
	return limits_are_over(s->limits);
}

/* Opening site i on top of the network's plan saves at most -value_i at the plan's prices. */
static void estimate_gains(struct search *s)
{
	primal_prices(s->p, s->prices);
	(void)relax_bound(s->r, s->free, s->prices);
	for (int32_t i = 0; i < s->p->f->site_count; i++)
		s->gain[i] = s->open[i] ? 0 : -s->r->value[i];
}

/* Open the most promising closed sites in turn until one betters best. */
static bool add_one(struct search *s, double cost, double best, int tries)
{
	int32_t n = s->p->f->site_count;

	while (tries-- > 0 && !is_over(s)) {
		int32_t at = -1;

		for (int32_t i = 0; i < n; i++)
			if (s->gain[i] > 0 && (at < 0 || s->gain[i] > s->gain[at]))
				at = i;
		if (at < 0 || cost - s->gain[at] >= best)
			return false;
		s->gain[at] = 0;
		s->open[at] = true;
		if (primal_try(s->p, s->open) < best)
			return true;
		s->open[at] = false;
	}
	return false;
}

/* Close site i, then see which other site, if any, makes it worth while. */
static bool drop_or_swap(struct search *s, int32_t i, double best)
{
	int32_t n = s->p->f->site_count;
	double cost;

	s->open[i] = false;
	cost = primal_cost(s->p, s->open);
	if (cost < best)
		return true;
	if (!isinf(cost)) {
		estimate_gains(s);
		s->gain[i] = 0;
		if (add_one(s, cost, best, n))
			return true;
	} else {
		/* Too little capacity without i: prices of the plan with it must do. */
		s->open[i] = true;
		(void)primal_cost(s->p, s->open);
		estimate_gains(s);
		s->open[i] = false;
		for (int32_t k = 0; k < n; k++)
			s->gain[k] = k == i || s->open[k] ? 0 : s->gain[k] + 4 * best;
		if (add_one(s, 4 * best, best, 12))
			return true;
	}
	s->open[i] = true;
	return false;
}

void primal_search(struct primal *p, struct relax *r, const struct facility_limits *limits)
{
	struct arena *scratch = arena_create();
	int32_t n = p->f->site_count;
	struct search s = {.p = p, .r = r, .limits = limits};
	bool is_better = !isinf(p->best_cost);

	s.open = arena_array(scratch, bool, n);
	s.prices = arena_array(scratch, double, p->f->customer_count);
	s.free = arena_array(scratch, int8_t, n);
	s.gain = arena_array(scratch, double, n);
	memset(s.free, SITE_FREE, (size_t)n);
	while (is_better && !is_over(&s)) {
		double best = p->best_cost;

		is_better = false;
		memcpy(s.open, p->best_open, (size_t)n * sizeof *s.open);
		(void)primal_cost(p, s.open);
		estimate_gains(&s);
		is_better = add_one(&s, best, best, n);
		for (int32_t i = 0; i < n && !is_better && !is_over(&s); i++)
			if (s.open[i])
				is_better = drop_or_swap(&s, i, best);
	}
	arena_free(scratch);
}
