#include "engine/column/dispersion.h"

#include <math.h>

struct moments {
	long double weight, total, squares; /* squares: sum of P (X - mean)^2 */
};

static void add_unit(struct dispersion *out, struct moments *m, double weight, double total)
{
	if (!isfinite(weight) || !isfinite(total) || weight < 0) {
		out->state = DISPERSION_INVALID;
		return;
	}
	if (weight <= 0)
		return;
	out->unit_count++;
	m->weight += (long double)weight;
	m->total += (long double)total;
}

static void add_square(const struct dispersion *out, struct moments *m, double weight, double total)
{
	long double away;

	if (out->state == DISPERSION_INVALID || weight <= 0)
		return;
	away = (long double)total / (long double)weight - m->total / m->weight;
	m->squares += (long double)weight * away * away;
}

static void finish(struct dispersion *out, const struct moments *m)
{
	long double mean, sd;

	if (out->state == DISPERSION_INVALID)
		return;
	if (out->unit_count == 0) {
		out->state = DISPERSION_EMPTY;
		return;
	}
	mean = m->total / m->weight;
	sd = out->unit_count == 1 ? 0 : sqrtl(m->squares / m->weight);
	out->mean = (double)mean;
	out->sd = (double)sd;
	if (fpclassify(out->mean) == FP_ZERO)
		out->state = DISPERSION_ZERO_MEAN;
	else
		out->cv = (double)(sd / mean);
}

struct dispersion dispersion_of(const double *weights, const double *totals, size_t n)
{
	struct dispersion out = {.state = DISPERSION_OK};
	struct moments m = {0};

	for (size_t i = 0; i < n; i++)
		add_unit(&out, &m, weights[i], totals[i]);
	for (size_t i = 0; i < n; i++)
		add_square(&out, &m, weights[i], totals[i]);
	finish(&out, &m);
	return out;
}

void dispersion_by_group(const double *weights, const double *totals, const uint32_t *ids, size_t n,
	size_t group_count, struct dispersion *out)
{
	struct arena *scratch = arena_create();
	struct moments *m = arena_array(scratch, struct moments, group_count);

	memset(out, 0, group_count * sizeof *out);
	for (size_t i = 0; i < n; i++) {
		assert(ids[i] < group_count);
		add_unit(&out[ids[i]], &m[ids[i]], weights[i], totals[i]);
	}
	for (size_t i = 0; i < n; i++)
		add_square(&out[ids[i]], &m[ids[i]], weights[i], totals[i]);
	for (size_t g = 0; g < group_count; g++)
		finish(&out[g], &m[g]);
	arena_free(scratch);
}
