/* From the caller's problem to the solver's: input checked, thresholds as whole steps, rows. */
#include "engine/uplift/model.h"

#include <math.h>

#define MICRO 1000000
#define NANO  1000000000

static void fail(struct uplift_cause *out, enum uplift_cause_kind kind, size_t unit,
	size_t resource, int64_t missing)
{
	*out = (struct uplift_cause){
		.kind = kind, .unit = unit, .resource = resource, .missing = missing};
}

static int64_t ten_to(int scale)
{
	int64_t ten = 1;

	while (scale-- > 0)
		ten *= 10;
	return ten;
}

static bool is_resource_valid(const struct uplift_resource *r)
{
	return r->scale >= 0 && r->scale <= UPLIFT_SCALE_MAX && r->threshold_nano >= 0 &&
	       r->threshold_nano <= UPLIFT_THRESHOLD_MAX && r->floor_ppm >= 0 &&
	       r->floor_ppm <= MICRO && (r->limit_micro == 0 || r->limit_micro >= 10000) &&
	       r->limit_micro <= 1000 * INT64_C(1000000) && r->price_micro > 0 &&
	       r->price_micro <= UPLIFT_PRICE_MAX;
}

static struct uplift_share share_of(const struct uplift_problem *p, size_t i, size_t k)
{
	bool is_own = !p->shares || !p->resources[k].is_shared;

	return is_own ? (struct uplift_share){1, 1} : p->shares[i];
}

int64_t model_steps_needed(
	const struct uplift_problem *p, size_t i, size_t k, int64_t weight, int64_t ppm)
{
	const struct uplift_resource *r = &p->resources[k];
	struct uplift_share share = share_of(p, i, k);
	u128 need = (u128)r->threshold_nano * (u128)weight * (u128)ten_to(r->scale);
	u128 whole = (u128)NANO * MICRO * (u128)share.num;

	if (__builtin_mul_overflow(need, (u128)ppm, &need) ||
		__builtin_mul_overflow(need, (u128)share.den, &need) ||
		__builtin_add_overflow(need, whole - 1, &need))
		return UPLIFT_STOCK_MAX + 1;
	need /= whole;
	return need > (u128)UPLIFT_STOCK_MAX ? UPLIFT_STOCK_MAX + 1 : (int64_t)need;
}

static int64_t steps_needed(const struct uplift_problem *p, size_t i, size_t k, int64_t ppm)
{
	return model_steps_needed(p, i, k, p->weights[i], ppm);
}

static bool check_cells(const struct uplift_problem *p, size_t i, struct uplift_cause *out_cause)
{
	for (size_t k = 0; k < p->resource_count; k++) {
		size_t at = i * p->resource_count + k;
		enum uplift_cause_kind kind = UPLIFT_CAUSE_NONE;

		if (p->stocks[at] < 0 || p->stocks[at] > UPLIFT_STOCK_MAX)
			kind = UPLIFT_CAUSE_STOCK;
		else if (p->uppers && p->uppers[at] < p->stocks[at])
			kind = UPLIFT_CAUSE_UPPER;
		else if (p->prices_micro &&
			 (p->prices_micro[at] <= 0 || p->prices_micro[at] > UPLIFT_PRICE_MAX))
			kind = UPLIFT_CAUSE_PRICE;
		else if (steps_needed(p, i, k, MICRO) > UPLIFT_STOCK_MAX)
			kind = UPLIFT_CAUSE_TOO_LARGE;
		if (kind != UPLIFT_CAUSE_NONE) {
			fail(out_cause, kind, i, k, 0);
			return false;
		}
	}
	return true;
}

static bool is_share_valid(const struct uplift_share *s)
{
	return s->num > 0 && s->num <= s->den && s->den <= UPLIFT_SHARE_MAX;
}

static bool check_unit(const struct uplift_problem *p, size_t i, struct uplift_cause *out_cause)
{
	if (p->weights[i] <= 0 || p->weights[i] > UPLIFT_WEIGHT_MAX) {
		fail(out_cause, UPLIFT_CAUSE_WEIGHT, i, SIZE_MAX, 0);
		return false;
	}
	if (p->shares && !is_share_valid(&p->shares[i])) {
		fail(out_cause, UPLIFT_CAUSE_SHARE, i, SIZE_MAX, 0);
		return false;
	}
	return check_cells(p, i, out_cause);
}

/* Totals stay within what sums are made for. */
static bool check_totals(const struct uplift_problem *p, struct uplift_cause *out_cause)
{
	for (size_t k = 0; k < p->resource_count; k++) {
		i128 total = 0;
		for (size_t i = 0; i < p->unit_count; i++)
			total += MAX(
				p->stocks[i * p->resource_count + k], steps_needed(p, i, k, MICRO));
		if (total > UPLIFT_TOTAL_MAX) {
			fail(out_cause, UPLIFT_CAUSE_TOO_LARGE, SIZE_MAX, k, 0);
			return false;
		}
	}
	return true;
}

static bool check_input(const struct uplift_problem *p, struct uplift_cause *out_cause)
{
	if (p->unit_count == 0 || p->unit_count > UPLIFT_UNITS_MAX || p->resource_count == 0 ||
		p->resource_count > UPLIFT_RESOURCES_MAX || p->excusals < 0 ||
		p->excusals > (int)p->resource_count) {
		fail(out_cause, UPLIFT_CAUSE_SIZE, SIZE_MAX, SIZE_MAX, 0);
		return false;
	}
	for (size_t k = 0; k < p->resource_count; k++)
		if (!is_resource_valid(&p->resources[k])) {
			fail(out_cause, UPLIFT_CAUSE_RESOURCE, SIZE_MAX, k, 0);
			return false;
		}
	for (size_t i = 0; i < p->unit_count; i++)
		if (!check_unit(p, i, out_cause))
			return false;
	return check_totals(p, out_cause);
}

/* --- the model ---------------------------------------------------------------------------- */

void model_lows(const struct model *m, size_t k, const uint32_t *excused, int64_t *out_low)
{
	for (size_t i = 0; i < m->unit_count; i++) {
		size_t at = i * m->resource_count + k;
		out_low[i] = excused[i] >> k & 1 ? m->need_floor[at] : m->need[at];
	}
}

void model_settle(const struct model *m, uint32_t *must, uint32_t *may)
{
	if (__builtin_popcount(*must) >= m->problem->excusals)
		*may = *must;
	else if (__builtin_popcount(*may) <= m->problem->excusals)
		*must = *may;
}

bool model_is_stopped(const struct model *m)
{
	return m->options->stop && m->options->stop(m->options->stop_arg);
}

static void build_cell(struct model *m, size_t i, size_t k)
{
	const struct uplift_problem *p = m->problem;
	const struct uplift_resource *r = &p->resources[k];
	size_t at = i * p->resource_count + k;
	uint32_t bit = UINT32_C(1) << k;
	int64_t price = p->prices_micro ? p->prices_micro[at] : r->price_micro;
	int64_t upper = p->uppers ? MIN(p->uppers[at], 2 * UPLIFT_STOCK_MAX) : 2 * UPLIFT_STOCK_MAX;
	bool is_forced = p->excused && (p->excused[i] & bit);
	bool is_open = is_forced || !p->excusable || (p->excusable[i] & bit);

	m->need[at] = MAX(p->stocks[at], steps_needed(p, i, k, MICRO));
	m->need_floor[at] = MAX(p->stocks[at], steps_needed(p, i, k, r->floor_ppm));
	m->upper[at] = upper;
	m->cost[at] = (double)price / (double)MICRO / (double)ten_to(r->scale);
	if (m->need[at] > p->stocks[at] && is_forced)
		m->must[i] |= bit;
	if (m->need[at] > upper)
		m->must[i] |= bit; /* whether it may be is for model_can_pass */
	if (m->need[at] > m->need_floor[at] && is_open)
		m->may[i] |= bit;
	m->may[i] |= m->must[i];
	m->rows[k].is_uniform &= price == (p->prices_micro ? p->prices_micro[k] : r->price_micro) &&
				 !(p->shares && r->is_shared);
}

bool model_can_pass(const struct model *m, size_t i, struct uplift_cause *out_cause)
{
	const struct uplift_problem *p = m->problem;
	size_t nearest = SIZE_MAX;
	int64_t least = INT64_MAX;

	for (size_t k = 0; k < m->resource_count; k++) {
		size_t at = i * m->resource_count + k;
		int64_t missing = m->need[at] - m->upper[at];
		uint32_t bit = UINT32_C(1) << k;

		if (m->need_floor[at] > m->upper[at]) {
			fail(out_cause, UPLIFT_CAUSE_FLOOR, i, k, m->need_floor[at] - m->upper[at]);
			return false;
		}
		if (missing > 0 && p->excusable && !(p->excusable[i] & bit) &&
			!(p->excused && p->excused[i] & bit)) {
			fail(out_cause, UPLIFT_CAUSE_THRESHOLD, i, k, missing);
			return false;
		}
		if (missing > 0 && missing < least) {
			least = missing;
			nearest = k;
		}
	}
	if (__builtin_popcount(m->must[i]) <= p->excusals)
		return true;
	fail(out_cause, UPLIFT_CAUSE_THRESHOLD, i, nearest, nearest == SIZE_MAX ? 0 : least);
	return false;
}

/* The arrays of row k; inverse is of all rows. */
static void build_row(struct model *m, size_t k, const long double *inverse, int64_t weight_total)
{
	const struct uplift_problem *p = m->problem;
	size_t n = m->unit_count;
	int64_t *stocks = arena_array(m->mem, int64_t, n);
	int64_t *uppers = arena_array(m->mem, int64_t, n);
	double *costs = arena_array(m->mem, double, n);
	double *share = arena_array(m->mem, double, n);
	long double *share_long = arena_array(m->mem, long double, n);
	double *value = arena_array(m->mem, double, n);
	double limit = (double)p->resources[k].limit_micro / MICRO;

	m->cost_least[k] = HUGE_VAL;
	for (size_t i = 0; i < n; i++) {
		size_t at = i * m->resource_count + k;
		struct uplift_share s = share_of(p, i, k);

		stocks[i] = p->stocks[at];
		uppers[i] = m->upper[at];
		costs[i] = m->cost[at];
		share_long[i] = (long double)s.num / (long double)s.den;
		share[i] = (double)share_long[i];
		value[i] = (double)(share_long[i] * inverse[i]);
		m->stock_total[k] += (double)stocks[i] * share[i];
		m->cost_least[k] = MIN(m->cost_least[k], costs[i] / share[i]);
	}
	m->rows[k] = (struct row){.n = n,
		.weights = p->weights,
		.inverse = inverse,
		.shares = p->shares && p->resources[k].is_shared ? p->shares : NULL,
		.share = share,
		.share_long = share_long,
		.value = value,
		.weight_total = weight_total,
		.limit_micro = p->resources[k].limit_micro,
		.k2 = 1 + limit * limit,
		.stocks = stocks,
		.uppers = uppers,
		.costs = costs,
		.is_uniform = m->rows[k].is_uniform};
}

static void build_rows(struct model *m)
{
	long double *inverse = arena_array(m->mem, long double, m->unit_count);
	int64_t total = 0;

	for (size_t i = 0; i < m->unit_count; i++) {
		inverse[i] = 1 / (long double)m->problem->weights[i];
		total += m->problem->weights[i];
	}
	for (size_t k = 0; k < m->resource_count; k++)
		build_row(m, k, inverse, total);
}

struct uplift_cause model_build(const struct uplift_problem *p,
	const struct uplift_options *options, struct arena *mem, struct model *out)
{
	size_t cells = p->unit_count * p->resource_count;
	struct uplift_cause cause = {0};

	if (!check_input(p, &cause))
		return cause;
	*out = (struct model){.mem = mem,
		.problem = p,
		.options = options,
		.unit_count = p->unit_count,
		.resource_count = p->resource_count,
		.need = arena_array(mem, int64_t, cells),
		.need_floor = arena_array(mem, int64_t, cells),
		.upper = arena_array(mem, int64_t, cells),
		.cost = arena_array(mem, double, cells),
		.must = arena_array(mem, uint32_t, p->unit_count),
		.may = arena_array(mem, uint32_t, p->unit_count),
		.rows = arena_array(mem, struct row, p->resource_count),
		.stock_total = arena_array(mem, double, p->resource_count),
		.cost_least = arena_array(mem, double, p->resource_count)};
	for (size_t k = 0; k < p->resource_count; k++)
		out->rows[k].is_uniform = true;
	for (size_t i = 0; i < p->unit_count; i++) {
		for (size_t k = 0; k < p->resource_count; k++)
			build_cell(out, i, k);
		if (cause.kind == UPLIFT_CAUSE_NONE)
			(void)model_can_pass(out, i, &cause);
		model_settle(out, &out->must[i], &out->may[i]);
	}
	build_rows(out);
	return cause;
}

/* --- answers ------------------------------------------------------------------------------ */

void model_answer(const struct model *m, const int64_t *stocks, const struct row_fill *fills,
	struct arena *mem, struct uplift_answer *out)
{
	const struct uplift_problem *p = m->problem;
	size_t n = m->unit_count, count = m->resource_count;

	out->raises = arena_array(mem, int64_t, n * count);
	out->missed = arena_array(mem, uint32_t, n);
	out->rows = arena_array(mem, struct uplift_row, count);
	out->cost_e12 = 0;
	for (size_t k = 0; k < count; k++) {
		const struct uplift_resource *r = &p->resources[k];
		double total = fills[k].total, limit = (double)r->limit_micro / MICRO;
		i128 row_cost = 0;

		for (size_t i = 0; i < n; i++) {
			size_t at = i * count + k;
			int64_t raise = stocks[k * n + i] - p->stocks[at];
			int64_t price = p->prices_micro ? p->prices_micro[at] : r->price_micro;

			out->raises[at] = raise;
			out->rows[k].raised += raise;
			row_cost += (i128)price * raise * ten_to(UPLIFT_SCALE_MAX - r->scale);
			if (stocks[k * n + i] < m->need[at])
				out->missed[i] |= UINT32_C(1) << k;
		}
		out->cost_e12 += row_cost;
		out->rows[k].cost = (double)row_cost * 1e-12;
		out->rows[k].cv = row_cv(&m->rows[k], stocks + k * n);
		out->rows[k].is_binding = fills[k].rho > 0;
		out->rows[k].level = fills[k].level / (double)ten_to(r->scale);
		/* d cost = rho d(k2) M^2, d(k2) = 2 limit d(limit) */
		out->rows[k].shadow_price = fills[k].rho * 2 * limit * 0.01 * total * total;
	}
	out->cost = (double)out->cost_e12 * 1e-12;
}
