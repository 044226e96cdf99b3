/*
 * Plans for facility location where each customer has one site. A site may be overloaded on the
 * way: each unit above its capacity pays a toll, which rises as long as the site stays
 * overloaded and falls when it is not. Between changes of the tolls, customers are moved and
 * exchanged while that pays.
 */
#include "engine/places/facility_impl.h"

#include <math.h>

void single_init(struct single *s, struct arena *mem, const struct facility *f)
{
	*s = (struct single){.f = f, .best_cost = HUGE_VAL};
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
		s->overload_toll[i] *= s->load[i] > s->f->capacity[i] ? 1.6 : 0.8;
	}
}

double single_improve(struct single *s, const bool *open, int effort)
{
	int32_t n = s->f->site_count, m = s->f->customer_count, count = 0;
	double best, start = 0, units = 0;

	s->tries++;
	for (int32_t i = 0; i < n; i++)
		if (open[i])
			s->sites[count++] = i;
	for (int32_t j = 0; j < m; j++) {
		double least = HUGE_VAL;
		for (int32_t k = 0; k < count; k++)
			least = MIN(least, cost_at(s, s->sites[k], j));
		start += least;
		units += (double)s->f->demand[j];
	}
	for (int32_t k = 0; k < count; k++)
		s->overload_toll[s->sites[k]] = MAX(start / units, 1e-6);
	if (count == 0 || !complete(s, count))
		return HUGE_VAL;
	best = keep_if_best(s, count);
	for (int round = 0; round <= effort; round++) {
		double cost;

		for (int pass = 0; pass < 20; pass++)
			if (!move_all(s, count) && !exchange_all(s, count))
				break;
		cost = keep_if_best(s, count);
		best = MIN(best, cost);
		change_tolls(s, count);
	}
	return best;
}
