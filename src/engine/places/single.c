/*
 * Plans for facility location where each customer has one site. A site may be overloaded on the
 * way: each unit above its capacity pays a toll, which rises as long as the site stays
 * overloaded and falls when it is not. Between changes of the tolls, customers are moved and
 * exchanged while that pays.
 */
#include "engine/places/facility_impl.h"

#include <math.h>

/* Rounds of changing tolls without a cheaper plan or less overload. */
#define STALE_ROUNDS 15
/* Sets of sites that the search before the tree may try. */
#define TRIES_MAX 400

void single_init(struct single *s, struct arena *mem, const struct facility *f,
	const struct facility_limits *limits)
{
	*s = (struct single){.f = f, .limits = limits, .best_cost = HUGE_VAL};
	s->site_of = arena_array(mem, int32_t, f->customer_count);
	s->best_site_of = arena_array(mem, int32_t, f->customer_count);
	s->load = arena_array(mem, int64_t, f->site_count);
	s->overload_toll = arena_array(mem, double, f->site_count);
	s->order = arena_array(mem, int32_t, f->customer_count);
	s->sites = arena_array(mem, int32_t, f->site_count);
}

static double cost_at(const struct single *s, int32_t site, int32_t customer)
{
	return (double)s->f->cost[(size_t)site * (size_t)s->f->customer_count + (size_t)customer];
}

/* The toll of site i with `more` on top of its load. */
static double toll(const struct single *s, int32_t i, int64_t more)
{
	int64_t over = s->load[i] + more - s->f->capacity[i];

	return over > 0 ? s->overload_toll[i] * (double)over : 0;
}

static void move(struct single *s, int32_t j, int32_t to)
{
	if (s->site_of[j] >= 0)
		s->load[s->site_of[j]] -= s->f->demand[j];
	s->load[to] += s->f->demand[j];
	s->site_of[j] = to;
}

/* The best other site for customer j; its change of cost with tolls is written to *change. */
static int32_t best_move(const struct single *s, int32_t j, int32_t site_count, double *change)
{
	int32_t from = s->site_of[j], at = -1;
	int64_t d = s->f->demand[j];
	double leave = from < 0 ? 0 : toll(s, from, -d) - toll(s, from, 0) - cost_at(s, from, j);

	*change = HUGE_VAL;
	for (int32_t k = 0; k < site_count; k++) {
		int32_t i = s->sites[k];
		double delta;

		if (i == from || d > s->f->capacity[i])
			continue;
		delta = leave + cost_at(s, i, j) + toll(s, i, d) - toll(s, i, 0);
		if (delta < *change) {
			*change = delta;
			at = i;
		}
	}
	return at;
}

/* Less than this is rounding. */
static double least_gain(const struct single *s)
{
	return 1e-12 * (isinf(s->best_cost) ? 1 : s->best_cost);
}

static bool move_all(struct single *s, int32_t site_count)
{
	bool is_better = false;

	for (int32_t j = 0; j < s->f->customer_count; j++) {
		double change;
		int32_t to = best_move(s, j, site_count, &change);

		if (to >= 0 && change < -least_gain(s)) {
			move(s, j, to);
			is_better = true;
		}
	}
	return is_better;
}

/* An exchange can only pay if one of the two gets cheaper or leaves an overloaded site. */
static bool wants_away(const struct single *s, int32_t j, int32_t site_count)
{
	int32_t from = s->site_of[j];

	if (s->load[from] > s->f->capacity[from])
		return true;
	for (int32_t k = 0; k < site_count; k++)
		if (cost_at(s, s->sites[k], j) < cost_at(s, from, j))
			return true;
	return false;
}

static bool exchange_all(struct single *s, int32_t site_count)
{
	const int64_t *demand = s->f->demand, *capacity = s->f->capacity;
	bool is_better = false;

	for (int32_t j = 0; j < s->f->customer_count; j++) {
		if (!wants_away(s, j, site_count))
			continue;
		for (int32_t k = 0; k < s->f->customer_count; k++) {
			int32_t a = s->site_of[j], b = s->site_of[k];
			int64_t more = demand[k] - demand[j];
			double change;

			if (a == b || demand[j] > capacity[b] || demand[k] > capacity[a])
				continue;
			change = cost_at(s, b, j) - cost_at(s, a, j) + cost_at(s, a, k) -
				 cost_at(s, b, k);
			change += toll(s, a, more) - toll(s, a, 0) + toll(s, b, -more) -
				  toll(s, b, 0);
			if (change >= -least_gain(s))
				continue;
			s->load[a] += more;
			s->load[b] -= more;
			s->site_of[j] = b;
			s->site_of[k] = a;
			is_better = true;
		}
	}
	return is_better;
}

/* The true cost, or HUGE_VAL if some site is overloaded. */
static double plan_cost(const struct single *s, int32_t site_count)
{
	double sum = 0;

	for (int32_t k = 0; k < site_count; k++) {
		int32_t i = s->sites[k];

		if (s->load[i] > s->f->capacity[i])
			return HUGE_VAL;
		sum += s->load[i] > 0 ? (double)s->f->fixed[i] : 0;
	}
	for (int32_t j = 0; j < s->f->customer_count; j++)
		sum += cost_at(s, s->site_of[j], j);
	return sum;
}

static int64_t overload(const struct single *s, int32_t site_count)
{
	int64_t sum = 0;

	for (int32_t k = 0; k < site_count; k++)
		sum += MAX(s->load[s->sites[k]] - s->f->capacity[s->sites[k]], 0);
	return sum;
}

static double keep_if_best(struct single *s, int32_t site_count)
{
	double cost = plan_cost(s, site_count);

	if (cost < s->best_cost) {
		s->best_cost = cost;
		memcpy(s->best_site_of, s->site_of,
			(size_t)s->f->customer_count * sizeof *s->site_of);
	}
	return cost;
}

/* Large customers first, those that have a site keep it. */
static bool complete(struct single *s, int32_t site_count)
{
	int32_t m = s->f->customer_count, count = 0;

	memset(s->load, 0, (size_t)s->f->site_count * sizeof *s->load);
	for (int32_t j = 0; j < m; j++) {
		int32_t at = count;

		if (s->site_of[j] >= 0) {
			s->load[s->site_of[j]] += s->f->demand[j];
			continue;
		}
		for (; at > 0 && s->f->demand[s->order[at - 1]] < s->f->demand[j]; at--)
			s->order[at] = s->order[at - 1];
		s->order[at] = j;
		count++;
	}
	for (int32_t k = 0; k < count; k++) {
		double change;
		int32_t to = best_move(s, s->order[k], site_count, &change);

		if (to < 0)
			return false;
		move(s, s->order[k], to);
	}
	return true;
}

static void change_tolls(struct single *s, int32_t site_count)
{
	for (int32_t k = 0; k < site_count; k++) {
		int32_t i = s->sites[k];
		s->overload_toll[i] *= s->load[i] > s->f->capacity[i] ? 1.25 : 0.9;
	}
}

double single_improve(struct single *s, const bool *open, int effort)
{
	int32_t n = s->f->site_count, m = s->f->customer_count, count = 0;
	double best, start = 0, units = 0;
	int64_t least_over = INT64_MAX;

	s->tries++;
	for (int32_t i = 0; i < n; i++)
		if (open[i])
			s->sites[count++] = i;
	for (int32_t j = 0; j < m; j++) {
		for (int32_t k = 0; k < count; k++)
			start += cost_at(s, s->sites[k], j) / count;
		units += (double)s->f->demand[j];
	}
	for (int32_t k = 0; k < count; k++)
		s->overload_toll[s->sites[k]] = MAX(start / units, 1e-6);
	if (count == 0 || !complete(s, count))
		return HUGE_VAL;
	best = keep_if_best(s, count);
	for (int round = 0, stale = 0;
		round <= effort && stale <= STALE_ROUNDS && !limits_are_over(s->limits); round++) {
		double cost;
		int64_t over;

		for (int pass = 0; pass < 20 && !limits_are_over(s->limits); pass++)
			if (!move_all(s, count) && !exchange_all(s, count))
				break;
		cost = keep_if_best(s, count);
		over = overload(s, count);
		stale = cost < best || over < least_over ? 0 : stale + 1;
		best = MIN(best, cost);
		least_over = MIN(over, least_over);
		change_tolls(s, count);
	}
	return best;
}

/* The best plan, squeezed into other sites. */
static void squeeze(struct single *s, const bool *open)
{
	if (isinf(s->best_cost))
		return;
	for (int32_t j = 0; j < s->f->customer_count; j++)
		s->site_of[j] = open[s->best_site_of[j]] ? s->best_site_of[j] : -1;
	(void)single_improve(s, open, STALE_ROUNDS);
}

/* Try a set unless its flow, or memory of it, says that it is in vain. True: a better plan. */
static bool try_set(struct primal *p, const bool *open)
{
	double best = p->single->best_cost;

	if (primal_try(p, open) >= best)
		return false;
	primal_round(p);
	squeeze(p->single, open);
	return p->single->best_cost < best;
}

/* Open one more site, the one that makes the cheapest flow, until customers fit whole. */
static void make_room(struct primal *p, const struct facility_limits *limits, bool *open)
{
	int32_t n = p->f->site_count, at = 0;

	while (isinf(p->single->best_cost) && at >= 0 && !limits_are_over(limits)) {
		double least = HUGE_VAL;

		at = -1;
		for (int32_t i = 0; i < n; i++) {
			double cost;

			if (open[i] || p->f->capacity[i] == 0 || limits_are_over(limits))
				continue;
			open[i] = true;
			cost = primal_cost(p, open);
			open[i] = false;
			if (cost < least) {
				least = cost;
				at = i;
			}
		}
		if (at < 0)
			break;
		open[at] = true;
		if (!isinf(primal_cost(p, open)))
			primal_round(p);
	}
}

/* One more site, one fewer, or one for another. */
static bool step(struct primal *p, const struct facility_limits *limits, bool *open)
{
	int32_t n = p->f->site_count;

	for (int32_t i = 0; i < n && !limits_are_over(limits); i++) {
		open[i] = !open[i];
		if (try_set(p, open))
			return true;
		open[i] = !open[i];
	}
	for (int32_t i = 0; i < n; i++) {
		if (!open[i])
			continue;
		open[i] = false;
		for (int32_t k = 0; k < n; k++) {
			if (open[k] || k == i)
				continue;
			if (p->single->tries > TRIES_MAX || limits_are_over(limits))
				return false;
			open[k] = true;
			if (try_set(p, open))
				return true;
			open[k] = false;
		}
		open[i] = true;
	}
	return false;
}

void single_search(struct primal *p, const struct facility_limits *limits)
{
	struct arena *scratch = arena_create();
	bool *open = arena_array(scratch, bool, p->f->site_count);

	memcpy(open, p->best_open, (size_t)p->f->site_count * sizeof *open);
	(void)primal_cost(p, open);
	primal_round(p);
	make_room(p, limits, open);
	while (!isinf(p->single->best_cost)) {
		memset(open, 0, (size_t)p->f->site_count * sizeof *open);
		for (int32_t j = 0; j < p->f->customer_count; j++)
			open[p->single->best_site_of[j]] = true;
		if (!step(p, limits, open))
			break;
	}
	arena_free(scratch);
}
