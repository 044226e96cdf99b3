/* The Lagrangian of "each block once": a knapsack for each site. Climbed by deflected
 * subgradients with Polyak's step, scaled by units. */
#include "engine/places/knapsack.h"
#include "engine/zone/zone_impl.h"

#include <math.h>

#define ROUNDS   400
#define PATIENCE 15

struct climb {
	const struct zone_work *w;
	size_t *first; /* [site + 1]: live arcs by site */
	int32_t *arc, *block;
	struct knapsack sack;
	struct knapsack_item *items;
	double *price, *upper, *lower; /* tried: [block], [site * cohorts] */
	double *taken, *load;          /* of its answer: how often a block, units of a row */
	double *step_block, *step_row; /* the direction */
	double value;
};

static void sort_arcs(struct climb *c, struct arena *mem)
{
	const struct zone_map *z = c->w->z;
	int32_t arcs = z->first_arc[z->block_count];
	size_t *next;

	c->first = arena_array(mem, size_t, z->site_count + 2);
	c->arc = arena_array(mem, int32_t, arcs);
	c->block = arena_array(mem, int32_t, arcs);
	next = c->first + 1;
	for (int32_t e = 0; e < arcs; e++)
		next[z->arc_site[e] + 1] += c->w->is_alive[e];
	for (int32_t i = 1; i <= z->site_count; i++)
		next[i] += next[i - 1];
	for (int32_t v = 0; v < z->block_count; v++)
		for (int32_t e = z->first_arc[v]; e < z->first_arc[v + 1]; e++)
			if (c->w->is_alive[e]) {
				size_t at = next[z->arc_site[e]]++;
				c->arc[at] = e;
				c->block[at] = v;
			}
}

static void take(struct climb *c, int32_t site, int32_t block)
{
	int32_t kinds = c->w->z->cohort_count;

	c->taken[block]++;
	for (int32_t k = 0; k < kinds; k++)
		c->load[site * kinds + k] += (double)c->w->z->demand[block * kinds + k];
}

static void fill(struct climb *c, int32_t site)
{
	const struct zone_work *w = c->w;
	int32_t kinds = w->z->cohort_count, count = 0, chosen;

	for (size_t n = c->first[site]; n < c->first[site + 1]; n++) {
		int32_t v = c->block[n];
		double worth = c->price[v] - (double)zone_arc_cost(w, v, c->arc[n]);
		for (int32_t k = 0; k < kinds; k++)
			worth += (c->lower[site * kinds + k] - c->upper[site * kinds + k]) *
				 (double)w->z->demand[v * kinds + k];
		if (worth <= 0 || w->units[v] > w->room[site])
			continue;
		if (w->units[v] > 0) {
			c->items[count++] = (struct knapsack_item){worth, (double)w->units[v], v};
			continue;
		}
		c->value -= worth;
		take(c, site, v);
	}
	c->value -= knapsack_solve(&c->sack, c->items, count, (double)w->room[site], &chosen);
	for (int32_t n = 0; n < chosen; n++)
		take(c, site, c->items[n].id);
}

static void evaluate(struct climb *c)
{
	const struct zone_map *z = c->w->z;
	int32_t rows = z->site_count * z->cohort_count;

	c->value = 0;
	memset(c->taken, 0, (size_t)z->block_count * sizeof *c->taken);
	memset(c->load, 0, (size_t)rows * sizeof *c->load);
	for (int32_t v = 0; v < z->block_count; v++)
		c->value += c->price[v];
	for (int32_t r = 0; r < rows; r++)
		c->value += c->lower[r] * (double)z->lower[r] - c->upper[r] * (double)z->upper[r];
	for (int32_t i = 0; i < z->site_count; i++)
		fill(c, i);
}

/* Turn the direction towards what is violated now; returns its length by which to divide, 0 when
 * nothing is: no prices are better then. */
static double turn(struct climb *c)
{
	const struct zone_map *z = c->w->z;
	double length = 0;
	bool is_violated = false;

	for (int32_t v = 0; v < z->block_count; v++) {
		double scale = (double)MAX(c->w->units[v], 1);
		is_violated |= c->taken[v] < 0.5 || c->taken[v] > 1.5;
		c->step_block[v] = 0.4 * c->step_block[v] + (1 - c->taken[v]);
		length += scale * c->step_block[v] * c->step_block[v];
	}
	for (int32_t r = 0; r < z->site_count * z->cohort_count; r++) {
		double over = c->load[r] - (double)z->upper[r];
		double under = (double)z->lower[r] - c->load[r];
		double scale = 1 / (double)(z->upper[r] + 1), now = 0;
		/* With one cohort the knapsack knows the upper limit already. */
		if (z->cohort_count > 1 && (over > 0 || c->upper[r] > 0))
			now = over;
		if (under > 0 || c->lower[r] > 0)
			now = -under;
		is_violated |= now > 0 || now < 0;
		c->step_row[r] = 0.4 * c->step_row[r] + now;
		length += scale * c->step_row[r] * c->step_row[r];
	}
	return is_violated ? length : 0;
}

static void go(struct climb *c, double t)
{
	const struct zone_map *z = c->w->z;

	for (int32_t v = 0; v < z->block_count; v++)
		c->price[v] += t * (double)MAX(c->w->units[v], 1) * c->step_block[v];
	for (int32_t r = 0; r < z->site_count * z->cohort_count; r++) {
		/* One signed price for both limits of a row. */
		double price =
			c->upper[r] - c->lower[r] + t * c->step_row[r] / (double)(z->upper[r] + 1);
		c->upper[r] = z->cohort_count > 1 ? fmax(price, 0) : 0;
		c->lower[r] = z->lower[r] > 0 ? fmax(-price, 0) : 0;
	}
}

static void keep(const struct climb *c, struct zone_answer *out)
{
	const struct zone_map *z = c->w->z;

	for (int32_t v = 0; v < z->block_count; v++)
		out->block_price[v] = llround(c->price[v]);
	for (int32_t r = 0; r < z->site_count * z->cohort_count; r++) {
		out->upper_price[r] = llround(c->upper[r]);
		out->lower_price[r] = llround(c->lower[r]);
	}
}

static struct climb begin(const struct zone_work *w, struct arena *mem)
{
	const struct zone_map *z = w->z;
	int32_t kinds = z->cohort_count, rows = z->site_count * kinds;
	struct climb c = {.w = w,
		.items = arena_array(mem, struct knapsack_item, z->block_count),
		.price = arena_array(mem, double, z->block_count),
		.upper = arena_array(mem, double, rows),
		.lower = arena_array(mem, double, rows),
		.taken = arena_array(mem, double, z->block_count),
		.load = arena_array(mem, double, rows),
		.step_block = arena_array(mem, double, z->block_count),
		.step_row = arena_array(mem, double, rows)};

	sort_arcs(&c, mem);
	knapsack_init(&c.sack, mem, z->block_count);
	for (int32_t v = 0; v < z->block_count; v++)
		c.price[v] = (double)w->block_price[v];
	for (int32_t r = 0; r < rows; r++) {
		int32_t school = r / kinds;
		c.lower[r] = z->lower[r] > 0 ? (double)w->lower_price[school] : 0;
	}
	return c;
}

void zone_climb(const struct zone_work *w, int64_t cost, struct zone_answer *out)
{
	struct arena *mem = arena_create();
	struct climb c = begin(w, mem);
	int rounds = w->limits->rounds > 0 ? w->limits->rounds : ROUNDS, idle = 0;
	double best = -HUGE_VAL, pace = 1;

	for (int n = 0; n < rounds && pace > 0.005; n++) {
		double length, target;
		evaluate(&c);
		if (n == 0 || c.value > best + 1e-7 * fabs(best)) {
			best = c.value;
			keep(&c, out);
			idle = 0;
		} else if (++idle >= PATIENCE) {
			idle = 0;
			pace /= 2;
		}
		target = cost >= 0 ? (double)cost : best + 0.05 * fabs(best) + 1;
		length = turn(&c);
		if (length <= 0 || target - best < 0.5)
			break;
		go(&c, pace * fmax(target - c.value, 0) / length);
	}
	arena_free(mem);
}
