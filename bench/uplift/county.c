#include "uplift/county.h"

#include <math.h>

struct kind {
	double threshold; /* per head */
	int scale;
	double price, scatter; /* of the values between units */
	bool is_shared;
};

static const struct kind kinds[COUNTY_RESOURCES] = {
	{0.042, 0, 80000, 0.35, false},
	{0.010, 0, 100000, 0.60, false},
	{0.009, 0, 80000, 0.45, false},
	{4.5, 2, 3000, 0.45, true},
	{7.5, 2, 600, 0.55, true},
	{2000, 2, 1, 0.50, true},
	{0.023, 0, 60000, 0.45, true},
};

static void draw_unit(struct rng *rng, const struct county_options *options, size_t i,
	struct uplift_problem *p, int64_t *weights, int64_t *stocks, int64_t *prices,
	struct uplift_share *shares)
{
	double size = exp(6 + 0.9 * rng_normal(rng)), wealth = 0.15 * rng_normal(rng);
	bool is_part = options->has_shared && rng_below(rng, 10) == 0;

	weights[i] = (int64_t)MAX(20, MIN(size, 4000));
	shares[i] = (struct uplift_share){1, 1};
	if (is_part) {
		shares[i].num = 10 * weights[i];
		shares[i].den = shares[i].num + 11 * rng_between(rng, 20, 1500);
	}
	for (size_t k = 0; k < COUNTY_RESOURCES; k++) {
		const struct kind *kind = &kinds[k];
		size_t at = i * COUNTY_RESOURCES + k;
		double small = 0.2 * log(400 / (double)weights[i]);
		double value = kind->threshold *
			       exp(small + wealth + kind->scatter * rng_normal(rng) + 0.15);
		double share = kind->is_shared ? (double)shares[i].num / (double)shares[i].den : 1;
		double steps = value * (double)weights[i] / share * pow(10, kind->scale);

		stocks[at] = (int64_t)steps;
		prices[at] = (int64_t)(kind->price * 1e6 *
				       (options->has_prices ? 0.9 + 0.2 * rng_unit(rng) : 1));
	}
	(void)p;
}

void county_draw(struct rng *rng, const struct county_options *options, struct arena *mem,
	struct uplift_problem *out)
{
	size_t n =
		(size_t)rng_between(rng, (int64_t)options->units_min, (int64_t)options->units_max);
	struct uplift_resource *resources =
		arena_array(mem, struct uplift_resource, COUNTY_RESOURCES);
	int64_t *weights = arena_array(mem, int64_t, n);
	int64_t *stocks = arena_array(mem, int64_t, n * COUNTY_RESOURCES);
	int64_t *prices = arena_array(mem, int64_t, n * COUNTY_RESOURCES);
	struct uplift_share *shares = arena_array(mem, struct uplift_share, n);
	int64_t limit = rng_below(rng, 2) ? 450000 : 500000;

	*out = (struct uplift_problem){.unit_count = n,
		.resource_count = COUNTY_RESOURCES,
		.excusals = 1,
		.weights = weights,
		.resources = resources,
		.shares = options->has_shared ? shares : NULL,
		.stocks = stocks,
		.prices_micro = options->has_prices ? prices : NULL};
	for (size_t k = 0; k < COUNTY_RESOURCES; k++)
		resources[k] = (struct uplift_resource){.scale = kinds[k].scale,
			.threshold_nano = (int64_t)nearbyint(kinds[k].threshold * 1e9),
			.floor_ppm = 850000,
			.limit_micro = limit,
			.price_micro = (int64_t)(kinds[k].price * 1e6),
			.is_shared = kinds[k].is_shared};
	for (size_t i = 0; i < n; i++)
		draw_unit(rng, options, i, out, weights, stocks, prices, shares);
}
