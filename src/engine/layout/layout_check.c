/* The proof in integers: feasibility and cost of the plan, and the bound of its prices, by sums
 * that share nothing with the search. */
#include "engine/layout/layout.h"
#include "engine/layout/layout_values.h"

struct offer {
	int64_t gain, demand;
};

static int by_gain(const void *a, const void *b)
{
	const struct offer *x = a, *y = b;

	return x->gain > y->gain ? -1 : x->gain < y->gain;
}

/* By site and kind: the points that gain there. */
struct offers {
	size_t *first; /* [site * kind_count + kind, + 1] */
	struct offer *items;
};

static struct offers find_offers(struct arena *mem, const struct layout *l, const int64_t *prices)
{
	size_t groups = (size_t)l->site_count * (size_t)l->kind_count;
	struct offers o = {.first = arena_array(mem, size_t, groups + 2)};
	size_t *next = o.first + 1;

	for (int32_t pass = 0; pass < 2; pass++) {
		for (int32_t j = 0; j < l->point_count; j++)
			for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++) {
				size_t g = (size_t)l->arc_site[e] * (size_t)l->kind_count +
					   (size_t)l->kind[j];
				int64_t gain = prices[j] - l->arc_cost[e];
				if (gain <= 0)
					continue;
				if (pass == 1)
					o.items[next[g]] = (struct offer){gain, l->demand[j]};
				next[g + (pass == 0)]++;
			}
		if (pass == 1)
			break;
		for (size_t g = 0; g < groups; g++)
			next[g + 1] += next[g];
		o.items = arena_array(mem, struct offer, next[groups]);
	}
	return o;
}

/* The most that `room` units can gain. */
static int64_t most(const struct offer *items, size_t count, int64_t room)
{
	int64_t sum = 0;

	for (size_t k = 0; k < count && room > 0; k++) {
		int64_t amount = MIN(room, items[k].demand);
		sum += amount * items[k].gain;
		room -= amount;
	}
	return sum;
}

int64_t layout_values(struct arena *mem, const struct layout *l, const int64_t *given, int64_t *out)
{
	int64_t *prices = arena_array(mem, int64_t, l->point_count), paid = 0;
	struct offers o;

	for (int32_t j = 0; j < l->point_count; j++) {
		prices[j] = MAX(MIN(given[j], l->unmet_cost), 0);
		paid += prices[j] * l->demand[j];
	}
	o = find_offers(mem, l, prices);
	for (int32_t i = 0; i < l->site_count; i++) {
		size_t at = (size_t)i * (size_t)l->kind_count;
		for (size_t k = at; k < at + (size_t)l->kind_count; k++)
			if (o.first[k + 1] > o.first[k])
				qsort(o.items + o.first[k], o.first[k + 1] - o.first[k],
					sizeof *o.items, by_gain);
		for (int32_t s = l->first_state[i]; s < l->first_state[i + 1]; s++) {
			out[s] = l->state_cost[s];
			for (int32_t k = 0; k < l->kind_count; k++) {
				size_t g = at + (size_t)k;
				out[s] -= most(o.items + o.first[g], o.first[g + 1] - o.first[g],
					l->state_room[s * l->kind_count + k]);
			}
		}
	}
	return paid;
}

/* May the row be kept? Its points are of its kind, and no way leads in or out. Marks its sites. */
static bool row_holds(
	struct arena *mem, const struct layout *l, const struct layout_row *r, bool *in_row)
{
	bool *own = arena_array(mem, bool, l->site_count);
	bool *has_point = arena_array(mem, bool, l->point_count), is_good = true;

	for (int32_t i = 0; i < r->site_count; i++) {
		is_good &= !in_row[r->sites[i]];
		own[r->sites[i]] = in_row[r->sites[i]] = true;
	}
	for (int32_t j = 0; j < r->point_count; j++) {
		is_good &= l->kind[r->points[j]] == r->kind && !has_point[r->points[j]];
		has_point[r->points[j]] = true;
	}
	for (int32_t j = 0; j < l->point_count; j++)
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++)
			is_good &= own[l->arc_site[e]] == has_point[j];
	return is_good;
}

/* The least value of the row's sites, their room and what is left making up the demand. */
static int64_t row_value(struct arena *mem, const struct layout *l, const struct layout_row *r,
	const int64_t *prices, const int64_t *value)
{
	int64_t need = 0, loss = l->unmet_cost, *after, *least;

	for (int32_t j = 0; j < r->point_count; j++) {
		int64_t price = MAX(MIN(prices[r->points[j]], l->unmet_cost), 0);
		need += l->demand[r->points[j]];
		loss = MIN(loss, l->unmet_cost - price);
	}
	after = arena_array(mem, int64_t, need + 1);
	least = arena_array(mem, int64_t, need + 1);
	for (int64_t n = 0; n <= need; n++)
		after[n] = loss * n;
	for (int32_t i = 0; i < r->site_count; i++) {
		int64_t *swap = after;
		for (int64_t n = 0; n <= need; n++)
			least[n] = INT64_MAX;
		for (int32_t s = l->first_state[r->sites[i]]; s < l->first_state[r->sites[i] + 1];
			s++)
			for (int64_t n = 0; n <= need; n++) {
				int64_t room = l->state_room[s * l->kind_count + r->kind];
				least[n] = MIN(least[n], value[s] + after[MAX(n - room, 0)]);
			}
		after = least;
		least = swap;
	}
	return after[need];
}

static int64_t bound_of(struct arena *mem, const struct layout *l, const struct layout_answer *a)
{
	int64_t *value = arena_array(mem, int64_t, l->first_state[l->site_count]), bound;
	bool *in_row = arena_array(mem, bool, l->site_count);

	bound = layout_values(mem, l, a->prices, value);
	for (int32_t n = 0; n < a->row_count; n++) {
		if (!row_holds(mem, l, &a->rows[n], in_row))
			return 0;
		bound += row_value(mem, l, &a->rows[n], a->prices, value);
	}
	for (int32_t i = 0; i < l->site_count; i++) {
		int64_t least = INT64_MAX;
		for (int32_t s = l->first_state[i]; s < l->first_state[i + 1]; s++)
			least = MIN(least, value[s]);
		bound += in_row[i] ? 0 : least;
	}
	return bound;
}

struct layout_verdict layout_check(const struct layout *l, const struct layout_answer *a)
{
	struct arena *mem = arena_create();
	int64_t *load = arena_array(mem, int64_t, (size_t)l->site_count * (size_t)l->kind_count);
	struct layout_verdict v = {0};

	for (int32_t j = 0; j < l->point_count && v.fault == LAYOUT_GOOD; j++) {
		int64_t served = a->unmet[j];
		bool is_good = served >= 0;
		v.unmet += served;
		v.cost += served * l->unmet_cost;
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++) {
			is_good &= a->flow[e] >= 0;
			served += a->flow[e];
			v.cost += a->flow[e] * l->arc_cost[e];
			load[l->arc_site[e] * l->kind_count + l->kind[j]] += a->flow[e];
		}
		if (!is_good || served != l->demand[j])
			v = (struct layout_verdict){.fault = LAYOUT_SERVED, .at = j};
	}
	for (int32_t i = 0; i < l->site_count && v.fault == LAYOUT_GOOD; i++) {
		int32_t s = a->state[i];
		if (s < l->first_state[i] || s >= l->first_state[i + 1]) {
			v = (struct layout_verdict){.fault = LAYOUT_STATE, .at = i};
			break;
		}
		v.cost += l->state_cost[s];
		for (int32_t k = 0; k < l->kind_count; k++)
			if (load[i * l->kind_count + k] > l->state_room[s * l->kind_count + k])
				v = (struct layout_verdict){.fault = LAYOUT_ROOM, .at = i};
	}
	if (v.fault == LAYOUT_GOOD)
		v.bound = bound_of(mem, l, a);
	arena_free(mem);
	return v;
}
