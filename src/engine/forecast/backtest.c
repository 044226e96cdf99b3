/*
 * The back-test: from every year that has others behind it the method is run as if nothing later
 * were known (births neither), and compared with what came.
 * What the errors make of intervals stands in errors.c.
 */
#include "engine/forecast/forecast_impl.h"

#include <math.h>

#define ORIGIN_MIN   2 /* years before the first forecast: one transition */
#define ERRORS_LEAST 20

/* Sums over what one method forecast, by level and horizon. */
struct totals {
	size_t count;
	double absolute, bias, came;
};

struct tester {
	const struct forecast_series *s;
	struct arena *mem;
	int horizon;
	VEC(struct forecast_error) errors[FORECAST_LEVELS];
	double *projected;                                     /* [zone][horizon][grade] */
	double *came[FORECAST_LEVELS], *told[FORECAST_LEVELS]; /* [unit][band] */
	size_t units[FORECAST_LEVELS];
	struct totals totals[FORECAST_LEVELS][FORECAST_HORIZON_MAX + 1];
	double *lost; /* sum of |error| by zones' bands, all horizons of a run: [origin][group] */
};

static const struct forecast_options defaults = {0.7, 60, 0.8};

static size_t lost_count(const struct tester *t)
{
	return (size_t)(t->s->year_count - ORIGIN_MIN) * t->s->group_count;
}

static size_t unit_of(const struct tester *t, int level, size_t zone)
{
	return level == FORECAST_ZONE ? zone : level == FORECAST_GROUP ? t->s->group_of[zone] : 0;
}

static void add_zone(struct tester *t, int level, size_t zone, int year_count, int h)
{
	const struct forecast_series *s = t->s;
	size_t year = (size_t)year_count - 1 + (size_t)h;
	const double *came = &s->pupils[(zone * (size_t)s->year_count + year) * s->grade_count];
	const double *told =
		&t->projected[(zone * (size_t)t->horizon + (size_t)(h - 1)) * s->grade_count];

	for (size_t g = 0; g < s->grade_count; g++) {
		size_t at = unit_of(t, level, zone) * s->band_count + s->band_of[g];
		t->came[level][at] += came[g]; /* what is not known makes the sum unknown */
		t->told[level][at] += told[g];
	}
}

static double *lost_at(const struct tester *t, int year_count, size_t group)
{
	return &t->lost[(size_t)(year_count - ORIGIN_MIN) * t->s->group_count + group];
}

static void compare(struct tester *t, int year_count, int h, bool keeps_errors)
{
	for (int level = 0; level < FORECAST_LEVELS; level++) {
		size_t size = t->units[level] * t->s->band_count;
		struct totals *sum = &t->totals[level][h];

		memset(t->came[level], 0, size * sizeof(double));
		memset(t->told[level], 0, size * sizeof(double));
		for (size_t z = 0; z < t->s->zone_count; z++)
			add_zone(t, level, z, year_count, h);
		for (size_t i = 0; i < size; i++) {
			double came = t->came[level][i], told = t->told[level][i];
			if (isnan(came) || came + told <= 0)
				continue;
			sum->count++;
			sum->absolute += fabs(told - came);
			sum->bias += told - came;
			sum->came += came;
			if (level == FORECAST_ZONE)
				*lost_at(t, year_count, t->s->group_of[i / t->s->band_count]) +=
					fabs(told - came);
			if (keeps_errors)
				*VEC_PUSH(t->mem, &t->errors[level]) = (struct forecast_error){
					h, year_count, told, log((came + 0.5) / (told + 0.5))};
		}
	}
}

static void repeat_last(const struct forecast_series *s, int year_count, int horizon, double *out)
{
	for (size_t z = 0; z < s->zone_count; z++) {
		const double *last =
			&s->pupils[(z * (size_t)s->year_count + (size_t)(year_count - 1)) *
				   s->grade_count];
		for (int h = 0; h < horizon; h++, out += s->grade_count)
			for (size_t g = 0; g < s->grade_count; g++)
				out[g] = isnan(last[g]) ? 0 : last[g];
	}
}

/* Births are known at each origin as far beyond its last year as they are at the end. */
static int births_known(const struct forecast_series *s, int year_count)
{
	return MAX(0, MIN(s->birth_count, s->birth_count - (s->year_count - year_count)));
}

static void run(struct tester *t, enum forecast_method method,
	const struct forecast_options *options, bool keeps_errors)
{
	static const struct forecast_options last_ratios = {0, 0, 0};
	const struct forecast_series *s = t->s;

	memset(t->totals, 0, sizeof t->totals);
	memset(t->lost, 0, lost_count(t) * sizeof *t->lost);
	for (int n = ORIGIN_MIN; n < s->year_count; n++) {
		if (method == FORECAST_NO_CHANGE)
			repeat_last(s, n, t->horizon, t->projected);
		else
			forecast_project(s, n, births_known(s, n),
				method == FORECAST_OURS ? options : &last_ratios, NULL, t->horizon,
				t->projected);
		for (int h = 1; h <= t->horizon && n - 1 + h < s->year_count; h++)
			compare(t, n, h, keeps_errors);
	}
}

/* --- choosing ----------------------------------------------------------------------------- */

/*
 * Weight and shrink are chosen by the errors of one year ahead: of these there are most, and no two
 * of them share a year, while those of several years are few and say one thing many times. Even so
 * it stays unsure which weight is best. Of those that chance may have put behind the best the least
 * is taken: the last year's ratios follow whatever changes, while means are right only where ratios
 * come back to what they were, which the years must have shown.
 */
#define ORIGINS_TO_CHOOSE 3   /* at the first, all weights are alike: it has one year's ratios */
#define DOUBT             0.5 /* standard errors */

static const double weights[] = {0, 0.3, 0.5, 0.7, 0.85, 1}, damps[] = {0, 0.5, 0.8};
static const double shrinks[] = {5, 20, 60, 200, 1000};

static double try_options(struct tester *t, const struct forecast_options *options)
{
	double sum = 0;

	run(t, FORECAST_OURS, options, false);
	for (size_t i = 0; i < lost_count(t); i++)
		sum += t->lost[i];
	return sum;
}

/* Whether more was lost (t->lost) than `best` beyond doubt. How sure the sum of the differences is,
 * they say themselves: each by itself or, where it is less, those of an origin as one. */
static bool is_clearly_worse(const struct tester *t, const double *best)
{
	size_t groups = t->s->group_count, origins = lost_count(t) / groups;
	double sum = 0, squares = 0, by_origin = 0, mean, cells;

	for (size_t i = groups; i < lost_count(t); i++)
		sum += t->lost[i] - best[i];
	cells = (double)(lost_count(t) - groups);
	mean = sum / cells;
	for (size_t o = 1; o < origins; o++) {
		double whole = 0;
		for (size_t i = o * groups; i < (o + 1) * groups; i++) {
			double from_mean = t->lost[i] - best[i] - mean;
			whole += from_mean;
			squares += from_mean * from_mean;
		}
		by_origin += whole * whole;
	}
	squares *= cells / (cells - 1);
	by_origin *= (double)(origins - 1) / (double)(origins - 2);
	return sum > DOUBT * sqrt(MAX(squares, by_origin));
}

static void choose_weight(struct tester *t, struct forecast_options *best)
{
	double *least = arena_array(t->mem, double, lost_count(t));
	struct forecast_options o = *best;

	(void)try_options(t, best);
	memcpy(least, t->lost, lost_count(t) * sizeof *least);
	for (size_t w = 0; w < ARRAY_LEN(weights) && weights[w] < best->weight; w++) {
		o.weight = weights[w];
		(void)try_options(t, &o);
		if (is_clearly_worse(t, least))
			continue;
		*best = o;
		return;
	}
}

/* Take what is tried instead of the best when it loses less. */
static void keep_better(struct tester *t, const struct forecast_options *tried,
	struct forecast_options *best, double *least)
{
	double lost = try_options(t, tried);

	if (lost >= *least)
		return;
	*least = lost;
	*best = *tried;
}

static struct forecast_options choose(struct tester *t)
{
	bool can_choose = t->s->year_count - ORIGIN_MIN >= ORIGINS_TO_CHOOSE;
	struct forecast_options best = defaults, o = defaults;
	double least = HUGE_VAL;
	int horizon = t->horizon;

	t->horizon = 1;
	for (size_t w = 0; w < (can_choose ? ARRAY_LEN(weights) : 1); w++)
		for (size_t k = 0; k < ARRAY_LEN(shrinks); k++) {
			o.shrink = shrinks[k];
			o.weight = can_choose ? weights[w] : defaults.weight;
			keep_better(t, &o, &best, &least);
		}
	if (can_choose)
		choose_weight(t, &best);
	/* What is not born yet shows in later years only. */
	t->horizon = horizon;
	o = best;
	least = HUGE_VAL;
	for (size_t d = 0; d < ARRAY_LEN(damps); d++) {
		o.damp = damps[d];
		keep_better(t, &o, &best, &least);
	}
	return best;
}

static void take_scores(const struct tester *t, struct forecast_backtest *out, int method)
{
	for (int level = 0; level < FORECAST_LEVELS; level++)
		for (int h = 1; h <= t->horizon; h++) {
			const struct totals *sum = &t->totals[level][h];
			if (sum->came > 0)
				out->scores[method][level][h] = (struct forecast_score){sum->count,
					100 * sum->absolute / sum->came,
					100 * sum->bias / sum->came};
		}
}

void forecast_test(const struct forecast_series *s, int horizon, struct forecast_backtest *out)
{
	struct arena *mem = arena_create();
	struct tester *t = arena_new(mem, struct tester);

	*out = (struct forecast_backtest){.options = defaults};
	*t = (struct tester){.s = s, .mem = mem};
	t->horizon = MIN(MIN(horizon, s->year_count - ORIGIN_MIN), FORECAST_HORIZON_MAX);
	if (t->horizon < 1) {
		arena_free(mem);
		return;
	}
	out->origins = s->year_count - ORIGIN_MIN;
	out->horizon = t->horizon;
	t->units[FORECAST_ZONE] = s->zone_count;
	t->units[FORECAST_GROUP] = s->group_count;
	t->units[FORECAST_ALL] = 1;
	for (int level = 0; level < FORECAST_LEVELS; level++) {
		t->came[level] = arena_array(mem, double, t->units[level] * s->band_count);
		t->told[level] = arena_array(mem, double, t->units[level] * s->band_count);
	}
	t->projected = arena_array(mem, double, s->zone_count *(size_t)t->horizon * s->grade_count);
	t->lost = arena_array(mem, double, lost_count(t));
	if (out->origins > 1)
		out->options = choose(t);
	for (int method = FORECAST_METHODS; method-- > 0;) {
		run(t, (enum forecast_method)method, &out->options, method == FORECAST_OURS);
		take_scores(t, out, method);
	}
	for (int level = 0; level < FORECAST_LEVELS; level++) {
		if (t->errors[level].count >= ERRORS_LEAST)
			forecast_fit_errors(mem, t->errors[level].items, t->errors[level].count,
				out->options.weight, s->year_count, out->origins,
				&out->errors[level]);
		else if (level > 0) /* wider than need be, as zones are less steady than sums */
			out->errors[level] = out->errors[level - 1];
	}
	arena_free(mem);
}
