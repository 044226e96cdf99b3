/*
 * For prices p of a unit at each point,
 *
 *   sum p_j d_j  +  sum over sites of  min over states of  cost + sum over kinds of the best that
 *   the state's room can do:  least sum (c_ij - p_j) x_j  with  0 <= x_j <= d_j,  sum x_j <= room
 *
 * is a lower bound when no price passes unmet_cost. The inner problem is filled by the largest
 * gain p - c first; one sorting serves all states of a site.
 */
#include "engine/layout/layout_impl.h"

#include <math.h>

/* Of the gain at which the largest room was full. */
#define LEVEL_SLACK 0.8
/* Rows are kept for so many sites, in so many units. */
#define ROW_SITES 40
#define ROW_UNITS 400

static void keep_largest(struct dual *d, int32_t site, int32_t kind, int32_t state)
{
	int32_t g = d->p->group[site * d->p->kind_count + kind];

	d->largest[g] = MAX(d->largest[g], d->p->state_room[state * d->p->kind_count + kind]);
}

void layout_dual_init(struct dual *d, struct arena *mem, const struct part *p)
{
	int32_t most = 0;

	*d = (struct dual){.p = p, .row.kind = -1, .bound = -HUGE_VAL};
	d->order = arena_array(mem, int32_t, p->item_count);
	d->gain = arena_array(mem, double, p->item_count);
	for (int32_t e = 0; e < p->item_count; e++)
		d->order[e] = e;
	for (int32_t g = 0; g < p->group_count; g++)
		most = MAX(most, p->first_item[g + 1] - p->first_item[g]);
	d->level = arena_array(mem, double, p->group_count);
	d->largest = arena_array(mem, double, p->group_count);
	for (int32_t i = 0; i < p->site_count; i++)
		for (int32_t k = 0; k < p->kind_count; k++)
			for (int32_t t = p->first_state[i]; t < p->first_state[i + 1]; t++)
				if (p->group[i * p->kind_count + k] >= 0)
					keep_largest(d, i, k, t);
	d->weights = arena_array(mem, double, most + 1);
	d->gains = arena_array(mem, double, most + 1);
	d->value = arena_array(mem, double, p->state_count);
	d->best_value = arena_array(mem, double, p->state_count);
	d->mean_state = arena_array(mem, double, p->state_count);
	d->is_banned = arena_array(mem, bool, p->state_count);
	d->pick = arena_array(mem, int32_t, p->site_count);
	d->unserved = arena_array(mem, double, p->point_count);
	d->price = arena_array(mem, double, p->point_count);
}

/* Items that gain more than `least` go to the front; returns how many, and what they weigh. */
static int32_t gather(
	struct dual *d, int32_t g, const double *price, double least, double *out_weight)
{
	const struct part *p = d->p;
	int32_t *order = d->order + p->first_item[g], front = 0;
	int32_t count = p->first_item[g + 1] - p->first_item[g];

	*out_weight = 0;
	for (int32_t i = 0; i < count; i++) {
		int32_t e = order[i];
		d->gain[e] = price[p->item_point[e]] - p->item_cost[e];
		if (d->gain[e] <= least)
			continue;
		*out_weight += p->demand[p->item_point[e]];
		order[i] = order[front];
		order[front++] = e;
	}
	return front;
}

/*
 * Sort what gains in a group, best first; returns how many do and fills their sums. What gains less
 * than what fills the largest room does not matter: where that ended last time says where to look
 * first.
 */
static int32_t sort_group(struct dual *d, int32_t g, const double *price)
{
	const struct part *p = d->p;
	int32_t *order = d->order + p->first_item[g], positive;
	double *gain = d->gain, weight;

	positive = gather(d, g, price, d->level[g], &weight);
	if (weight < d->largest[g] && d->level[g] > 0)
		positive = gather(d, g, price, 0, &weight);
	for (int32_t i = 1; i < positive; i++) {
		int32_t e = order[i], at = i;
		for (; at > 0 && gain[order[at - 1]] < gain[e]; at--)
			order[at] = order[at - 1];
		order[at] = e;
	}
	for (int32_t k = 0; k < positive; k++) {
		weight = p->demand[p->item_point[order[k]]];
		d->weights[k + 1] = d->weights[k] + weight;
		d->gains[k + 1] = d->gains[k] + weight * gain[order[k]];
		if (d->weights[k + 1] >= d->largest[g]) {
			d->level[g] = gain[order[k]] * LEVEL_SLACK;
			return k + 1;
		}
	}
	d->level[g] = 0;
	return positive;
}

/* What the best customers of a sorted group pay for `room`. */
static double filled(const struct dual *d, int32_t g, int32_t count, double room)
{
	const int32_t *order = d->order + d->p->first_item[g];
	int32_t low = 0, high = count;

	if (room >= d->weights[count])
		return d->gains[count];
	while (high - low > 1) {
		int32_t middle = low + (high - low) / 2;
		if (d->weights[middle] <= room)
			low = middle;
		else
			high = middle;
	}
	return d->gains[low] + (room - d->weights[low]) * d->gain[order[low]];
}

static void value_site(struct dual *d, int32_t i, const double *price)
{
	const struct part *p = d->p;
	int32_t from = p->first_state[i], to = p->first_state[i + 1];

	for (int32_t s = from; s < to; s++)
		d->value[s] = p->state_cost[s];
	for (int32_t k = 0; k < p->kind_count; k++) {
		int32_t g = p->group[i * p->kind_count + k], count;
		if (g < 0)
			continue;
		count = sort_group(d, g, price);
		for (int32_t s = from; s < to && count > 0; s++)
			d->value[s] -= filled(d, g, count, p->state_room[s * p->kind_count + k]);
	}
}

static void pick_state(struct dual *d, int32_t i)
{
	const struct part *p = d->p;

	d->pick[i] = -1;
	for (int32_t s = p->first_state[i]; s < p->first_state[i + 1]; s++)
		if (!d->is_banned[s] && (d->pick[i] < 0 || d->value[s] < d->value[d->pick[i]]))
			d->pick[i] = s;
}

static void serve(struct dual *d, int32_t i)
{
	const struct part *p = d->p;

	for (int32_t k = 0; k < p->kind_count; k++) {
		int32_t g = p->group[i * p->kind_count + k];
		double room = p->state_room[d->pick[i] * p->kind_count + k];
		if (g < 0)
			continue;
		for (int32_t at = p->first_item[g]; at < p->first_item[g + 1] && room > 0; at++) {
			int32_t e = d->order[at], j = p->item_point[e];
			double amount = MIN(room, p->demand[j]);
			if (d->gain[e] <= 0)
				break;
			if (amount <= 0)
				continue;
			d->unserved[j] -= amount / p->demand[j];
			room -= amount;
		}
	}
}

double layout_dual_values(struct dual *d, const double *price)
{
	const struct part *p = d->p;
	double sum = 0;

	for (int32_t j = 0; j < p->point_count; j++)
		sum += price[j] * p->demand[j];
	for (int32_t i = 0; i < p->site_count; i++)
		value_site(d, i, price);
	return sum;
}

void layout_dual_serve(struct dual *d, const double *price)
{
	const struct part *p = d->p;

	for (int32_t j = 0; j < p->point_count; j++)
		d->unserved[j] = p->demand[j] > 0;
	for (int32_t i = 0; i < p->site_count; i++)
		serve(d, i);
	/* At this price a unit may as well be left. */
	for (int32_t j = 0; j < p->point_count; j++)
		if (price[j] >= p->unmet_cost && d->unserved[j] > 0)
			d->unserved[j] = 0;
}

/* --- the row -------------------------------------------------------------------------------- */

static int32_t only_kind(const struct part *p)
{
	int32_t kind = p->l->kind[p->point_id[0]];

	for (int32_t j = 1; j < p->point_count; j++)
		if (p->l->kind[p->point_id[j]] != kind)
			return -1;
	return kind;
}

bool layout_dual_keep_row(struct dual *d, struct arena *mem)
{
	const struct part *p = d->p;
	double demand = 0;

	d->row.kind = p->site_count <= ROW_SITES ? only_kind(p) : -1;
	if (d->row.kind < 0)
		return false;
	for (int32_t j = 0; j < p->point_count; j++)
		demand += p->demand[j];
	d->row.unit = fmax(ceil(demand / ROW_UNITS), 1);
	d->row.need = (int32_t)(demand / d->row.unit);
	d->row.least = arena_array(mem, double, 2 * (d->row.need + 1));
	d->row.pick = arena_array(mem, int16_t, p->site_count * (d->row.need + 1));
	return true;
}

/*
 * least[r] of the sites from i on: with r units still needed, the least value of their states and
 * of what is then left. `after` is that of the sites behind i.
 */
static void add_site(struct dual *d, int32_t i, const double *after, double *least)
{
	const struct part *p = d->p;
	int32_t need = d->row.need;
	int16_t *pick = d->row.pick + i * (need + 1);

	for (int32_t r = 0; r <= need; r++)
		least[r] = HUGE_VAL;
	for (int32_t s = p->first_state[i]; s < p->first_state[i + 1]; s++) {
		double room = ceil(p->state_room[s * p->kind_count + d->row.kind] / d->row.unit);
		int32_t more = (int32_t)fmin(room, need);
		if (d->is_banned[s])
			continue;
		for (int32_t r = 0; r <= need; r++) {
			double value = d->value[s] + after[MAX(r - more, 0)];
			if (value < least[r]) {
				least[r] = value;
				pick[r] = (int16_t)(s - p->first_state[i]);
			}
		}
	}
}

/* The cheapest picks whose room, with what is left at a loss, makes up the need. */
static double pick_row(struct dual *d, const double *price)
{
	const struct part *p = d->p;
	int32_t need = d->row.need, left = need;
	double *after = d->row.least, *least = after + need + 1, loss = HUGE_VAL;

	for (int32_t j = 0; j < p->point_count; j++)
		loss = fmin(loss, p->unmet_cost - price[j]);
	for (int32_t r = 0; r <= need; r++)
		after[r] = fmax(loss, 0) * r * d->row.unit;
	for (int32_t i = p->site_count - 1; i >= 0; i--) {
		double *swap = after;
		add_site(d, i, after, least);
		after = least;
		least = swap;
	}
	for (int32_t i = 0; i < p->site_count; i++) {
		int32_t s = p->first_state[i] + d->row.pick[i * (need + 1) + left];
		double room = ceil(p->state_room[s * p->kind_count + d->row.kind] / d->row.unit);
		d->pick[i] = s;
		left = MAX(left - (int32_t)fmin(room, need), 0);
	}
	return after[need];
}

double layout_dual_value(struct dual *d, const double *price)
{
	const struct part *p = d->p;
	double sum = layout_dual_values(d, price);

	if (d->row.kind >= 0) {
		sum += pick_row(d, price);
	} else {
		for (int32_t i = 0; i < p->site_count; i++) {
			pick_state(d, i);
			sum += d->value[d->pick[i]];
		}
	}
	layout_dual_serve(d, price);
	return sum;
}

/* --- the climb ------------------------------------------------------------------------------ */

static void keep(struct ascent *a, double bound, const double *price)
{
	a->bound = bound;
	if (price != a->price)
		memcpy(a->price, price, (size_t)a->count * sizeof *price);
	a->keep(a->of);
}

static bool is_over(const struct layout_limits *l)
{
	return l && l->is_over && l->is_over(l->is_over_arg);
}

void layout_climb(struct ascent *a, struct arena *scratch, double cost, double gap, int rounds)
{
	double *mean = arena_array(scratch, double, a->count);
	double *trial = arena_array(scratch, double, a->count);
	double factor = 0.5;
	int failures = 0;

	keep(a, a->value(a->of, a->price), a->price);
	memcpy(mean, a->unserved, (size_t)a->count * sizeof *mean);
	a->average(a->of, 1);
	for (int round = 0; round < rounds && a->bound < cost * (1 - gap) && !is_over(a->limits);
		round++) {
		double norm = 0, agreement = 0, bound, step, alpha = round < 100 ? 0.1 : 0.05;
		/* A poor plan must not make the steps too long, nor a poor bound too short. */
		double aim = a->bound + 0.03 * fabs(a->bound) + 1;

		if (isfinite(cost))
			aim = MIN(cost, MAX(aim, cost / 4));
		for (int32_t j = 0; j < a->count; j++)
			norm += mean[j] * mean[j] * a->demand[j];
		if (norm < 1e-12)
			break;
		step = factor * (aim - a->bound) / norm;
		for (int32_t j = 0; j < a->count; j++)
			trial[j] = MIN(MAX(a->price[j] + step * mean[j], 0), a->ceiling[j]);
		bound = a->value(a->of, trial);
		for (int32_t j = 0; j < a->count; j++) {
			agreement += mean[j] * a->unserved[j] * a->demand[j];
			mean[j] += alpha * (a->unserved[j] - mean[j]);
		}
		a->average(a->of, alpha);
		if (bound > a->bound) {
			keep(a, bound, trial);
			failures = 0;
			if (agreement >= 0)
				factor = MIN(factor * 1.1, 2.0);
		} else if (++failures >= 10) {
			failures = 0;
			factor = MAX(factor * 0.7, 1e-4);
		}
	}
}

void layout_dual_average(struct dual *d, double alpha)
{
	const struct part *p = d->p;

	for (int32_t s = 0; s < p->state_count; s++)
		d->mean_state[s] *= 1 - alpha;
	for (int32_t i = 0; i < p->site_count; i++)
		d->mean_state[d->pick[i]] += alpha;
}

static double value_of(void *of, const double *price)
{
	return layout_dual_value(of, price);
}

static void keep_values(void *of)
{
	struct dual *d = of;

	memcpy(d->best_value, d->value, (size_t)d->p->state_count * sizeof *d->value);
}

static void average_of(void *of, double alpha)
{
	layout_dual_average(of, alpha);
}

void layout_dual_climb(struct dual *d, struct arena *scratch, const struct layout_limits *limits,
	double cost, double gap, int rounds)
{
	const struct part *p = d->p;
	double *ceiling = arena_array(scratch, double, p->point_count);
	struct ascent a = {p->point_count, p->demand, ceiling, d->price, d->unserved, d->bound, d,
		value_of, keep_values, average_of, limits};

	for (int32_t j = 0; j < p->point_count; j++)
		ceiling[j] = p->unmet_cost;
	layout_climb(&a, scratch, cost, gap, rounds);
	d->bound = a.bound;
}
