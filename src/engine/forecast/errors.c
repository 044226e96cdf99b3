/*
 * Intervals from the errors of held-out years.
 *
 * The variance of a log error at horizon h for m people is taken as growth[h] + noise h / m: what
 * moves whole zones, and chance, which strikes the few harder and once in every year. Divided by
 * its deviation each error is of one kind with the others, whatever its zone's size and its
 * horizon; the quantiles of these give the intervals, so their shape is that of the errors and not
 * assumed. Two more things make the held-out errors unlike those to come, and are measured too:
 *
 * - Ratios of few years err more than ratios of many. If a squared error falls with the years seen
 *   as 1 + L / k, k the years' number as they are weighed, L is that of the errors themselves.
 * - Errors of one origin move together, and there are few origins; of h years ahead only every h-th
 *   shares no year with another. With a correlation r of two errors of one origin, o origins and n
 *   errors tell of the variance at horizon h as much as 1 / (r^2 h / o + (1 - r^2) h / n) errors
 *   that know nothing of each other; the quantiles are widened by Student's t over the normal at
 *   that number.
 */
#include "engine/forecast/forecast_impl.h"

#include <math.h>

/* Growth and noise are each fitted with the other given; by then they have settled. */
#define FIT_STEPS 8

static double variance(const struct forecast_errors *e, int horizon, double people)
{
	return e->growth[MIN(horizon, FORECAST_HORIZON_MAX)] + e->noise * horizon / (people + 0.5);
}

/* The square of an error over its variance. */
static double scaled_square(const struct forecast_errors *e, const struct forecast_error *error)
{
	return error->log_error * error->log_error / variance(e, error->horizon, error->people);
}

/* --- variance ----------------------------------------------------------------------------- */

/* Sums of one horizon for a line by least squares. */
struct line {
	double n, x, y;
};

/*
 * The slope of e^2 on h / m within horizons; not below 0. A squared error of a small zone varies
 * more than one of a large zone, so each weighs by its variance as it was told before.
 */
static double fit_noise(
	const struct forecast_error *errors, size_t count, const struct forecast_errors *e)
{
	struct line lines[FORECAST_HORIZON_MAX + 1] = {{0}};
	double both = 0, square = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < count; i++) {
			struct line *l = &lines[errors[i].horizon];
			double v = variance(e, errors[i].horizon, errors[i].people),
			       w = 1 / (v * v);
			double x = errors[i].horizon / (errors[i].people + 0.5), from_mean;
			double y = errors[i].log_error * errors[i].log_error;
			if (pass == 0) {
				l->n += w;
				l->x += w * x;
				l->y += w * y;
				continue;
			}
			from_mean = x - l->x / l->n;
			both += w * from_mean * (y - l->y / l->n);
			square += w * from_mean * from_mean;
		}
	}
	return square > 0 ? MAX(both / square, 0) : 0;
}

/* What noise leaves of e^2, by horizon; weighed in the same way once a variance was told. */
static void fit_growth(
	const struct forecast_error *errors, size_t count, struct forecast_errors *out)
{
	double n[FORECAST_HORIZON_MAX + 1] = {0}, sum[FORECAST_HORIZON_MAX + 1] = {0};
	int last = 0;

	for (size_t i = 0; i < count; i++) {
		int h = errors[i].horizon;
		double e = errors[i].log_error, v = variance(out, h, errors[i].people);
		double w = v > 0 ? 1 / (v * v) : 1;
		n[h] += w;
		sum[h] += w * (e * e - out->noise * h / (errors[i].people + 0.5));
	}
	out->growth[0] = 1e-8;
	for (int h = 1; h <= FORECAST_HORIZON_MAX; h++) {
		if (n[h] > 0)
			last = h;
		/* Beyond what was held out the variance goes on as that of a random walk. */
		out->growth[h] = n[h] > 0 ? MAX(sum[h] / n[h], out->growth[h - 1])
					  : out->growth[last] * h / MAX(last, 1);
	}
}

static void fit_variance(
	const struct forecast_error *errors, size_t count, struct forecast_errors *out)
{
	*out = (struct forecast_errors){.count = count};
	fit_growth(errors, count, out);
	for (int step = 0; step < FIT_STEPS; step++) {
		out->noise = fit_noise(errors, count, out);
		fit_growth(errors, count, out);
	}
}

/* --- how much was seen -------------------------------------------------------------------- */

/* Weights fall by `weight` from year to year: so many equal ones say as much. */
static double years_weighed(double weight, int transitions)
{
	double sum = 0, square = 0, w = 1;

	for (int i = 0; i < transitions; i++, w *= weight) {
		sum += w;
		square += w * w;
	}
	return sum * sum / square;
}

/* L of the errors, 0..1: the part of the variance that is the ratios' own, were they of one year.
 * Within horizons, as the long ones are from the early origins only. */
static double fit_learning(const struct forecast_error *errors, size_t count, double weight,
	const struct forecast_errors *e)
{
	struct line lines[FORECAST_HORIZON_MAX + 1] = {{0}};
	double both = 0, square = 0, mean = 0, slope, level;

	for (size_t i = 0; i < count; i++) {
		struct line *l = &lines[errors[i].horizon];
		l->n++;
		l->x += 1 / years_weighed(weight, errors[i].origin - 1);
		l->y += scaled_square(e, &errors[i]);
	}
	for (size_t i = 0; i < count; i++) {
		const struct line *l = &lines[errors[i].horizon];
		double x = 1 / years_weighed(weight, errors[i].origin - 1);
		double from_mean = x - l->x / l->n;
		mean += x / (double)count;
		square += from_mean * from_mean;
		if (l->y > 0)
			both += from_mean * (scaled_square(e, &errors[i]) * l->n / l->y - 1);
	}
	slope = square > 0 ? both / square : 0;
	level = 1 - slope * mean;
	return slope <= 0 ? 0 : level <= slope ? 1 : slope / level;
}

/* Make the errors what they would be, had year_count years been seen. */
static void rescale(
	struct forecast_error *errors, size_t count, double weight, int year_count, double learning)
{
	double now = 1 + learning / years_weighed(weight, year_count - 1);

	for (size_t i = 0; i < count; i++)
		errors[i].log_error *=
			sqrt(now / (1 + learning / years_weighed(weight, errors[i].origin - 1)));
}

/* How far errors of one origin and horizon move together: their mean correlation, 0..1. */
static double fit_correlation(
	const struct forecast_error *errors, size_t count, const struct forecast_errors *e)
{
	double products = 0, pairs = 0, squares = 0, mean;

	for (size_t i = 0; i < count;) {
		double n = 0, sum = 0, square = 0;
		int origin = errors[i].origin, h = errors[i].horizon;
		for (; i < count && errors[i].origin == origin && errors[i].horizon == h; i++) {
			double v = variance(e, h, errors[i].people);
			n++;
			sum += errors[i].log_error / sqrt(v);
			square += scaled_square(e, &errors[i]);
		}
		products += sum * sum - square;
		pairs += n * (n - 1);
		squares += square;
	}
	if (pairs <= 0 || squares <= 0)
		return 1;
	mean = products / pairs / (squares / (double)count);
	return MIN(MAX(mean, 0), 1);
}

/* How many errors of one year ahead, knowing nothing of each other, tell as much of the variance.
 */
static double freedom(const struct forecast_error *errors, size_t count, int origins,
	const struct forecast_errors *e)
{
	double r = fit_correlation(errors, count, e);
	size_t first = 0; /* of horizon 1: the others are mostly of the same years again */

	for (size_t i = 0; i < count; i++)
		first += errors[i].horizon == 1;
	return 1 / (r * r / origins + (1 - r * r) / (double)MAX(first, 1));
}

/* --- quantiles ---------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Within this lies one more error of the same kind, with at least that chance. */
static double at_rank(const double *sorted, size_t count, double share)
{
	size_t rank = (size_t)ceil(share * (double)(count + 1));

	return sorted[MIN(MAX(rank, 1), count) - 1];
}

/* Student's t over the normal at the same level (Cornish and Fisher's first two terms). */
static double student_over_normal(double z, double degrees)
{
	double first = (z * z * z + z) / (4 * degrees);
	double second = (5 * pow(z, 5) + 16 * z * z * z + 3 * z) / (96 * degrees * degrees);

	return (z + first + second) / z;
}

static void fit_factors(struct arena *scratch, const struct forecast_error *errors, size_t count,
	int origins, struct forecast_errors *out)
{
	double *scaled = arena_array(scratch, double, count), at_80, at_95;
	double degrees = freedom(errors, count, origins, out);
	int last = 1;

	for (size_t i = 0; i < count; i++) {
		scaled[i] = sqrt(scaled_square(out, &errors[i]));
		last = MAX(last, errors[i].horizon);
	}
	qsort(scaled, count, sizeof *scaled, by_value);
	at_80 = at_rank(scaled, count, 0.80);
	at_95 = at_rank(scaled, count, 0.95);
	for (int h = 1; h <= FORECAST_HORIZON_MAX; h++) {
		double there = degrees / MIN(h, last);
		out->factor_80[h] = at_80 * student_over_normal(1.2816, there);
		out->factor_95[h] = at_95 * student_over_normal(1.96, there);
	}
}

void forecast_fit_errors(struct arena *scratch, struct forecast_error *errors, size_t count,
	double weight, int year_count, int origins, struct forecast_errors *out)
{
	fit_variance(errors, count, out);
	rescale(errors, count, weight, year_count, fit_learning(errors, count, weight, out));
	fit_variance(errors, count, out);
	fit_factors(scratch, errors, count, origins, out);
}

struct forecast_interval forecast_interval(
	const struct forecast_errors *e, int horizon, double people)
{
	struct forecast_interval i = {(double)NAN, (double)NAN, (double)NAN, (double)NAN};
	double deviation, wide_80, wide_95;
	int h = MIN(horizon, FORECAST_HORIZON_MAX);

	if (e->count == 0)
		return i;
	deviation = sqrt(variance(e, horizon, people));
	wide_80 = e->factor_80[h] * deviation;
	wide_95 = e->factor_95[h] * deviation;
	i.low_80 = MAX((people + 0.5) * exp(-wide_80) - 0.5, 0);
	i.high_80 = (people + 0.5) * exp(wide_80) - 0.5;
	i.low_95 = MAX((people + 0.5) * exp(-wide_95) - 0.5, 0);
	i.high_95 = (people + 0.5) * exp(wide_95) - 0.5;
	return i;
}
