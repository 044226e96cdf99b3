/*
 * Towns are made up with births, survival, grade progression, migration that drifts from year to
 * year, and chance; the last years are hidden. Shown: intervals cover what came within 5 points
 * of what they promise, and the errors are smaller than those of the plain cohort ratio.
 * Prints its seed; arguments: seed, worlds.
 */
#include "base/rng.h"
#include "engine/forecast/forecast.h"

#include <math.h>

#define GROUPS 4
#define ZONES  24
#define GRADES 12
#define BANDS  3
#define SEEN   12
#define HIDDEN 5
#define YEARS  (SEEN + HIDDEN)
#define BIRTHS (YEARS + 7)

struct world {
	double pupils[ZONES * YEARS * GRADES], births[ZONES * BIRTHS];
	double seen[ZONES * SEEN * GRADES], births_known[ZONES * (SEEN + 7)];
	size_t group_of[ZONES], band_of[GRADES];
};

/* Poisson by a normal: numbers are not small where it matters. */
static double draw_count(struct rng *rng, double mean)
{
	return MAX(0, nearbyint(mean + sqrt(MAX(mean, 0)) * rng_normal(rng)));
}

static void draw_births(struct rng *rng, struct world *w)
{
	double common[BIRTHS], trend = 0;

	for (int y = 0; y < BIRTHS; y++) {
		trend += -0.02 + 0.03 * rng_normal(rng);
		common[y] = trend;
	}
	for (size_t z = 0; z < ZONES; z++) {
		double level = exp(4.5 + rng_normal(rng)), own = 0;
		for (int y = 0; y < BIRTHS; y++) {
			own += 0.02 * rng_normal(rng);
			w->births[z * BIRTHS + (size_t)y] =
				draw_count(rng, level * exp(common[y] + own));
		}
	}
}

static void draw_zone(struct rng *rng, struct world *w, size_t z, const double *drift)
{
	double entry = 0.95 + 0.08 * rng_normal(rng), own = 0.008 * rng_normal(rng);

	w->group_of[z] = z % GROUPS;
	for (size_t g = 0; g < GRADES; g++)
		w->pupils[(z * YEARS) * GRADES + g] =
			draw_count(rng, w->births[z * BIRTHS] * entry);
	for (size_t y = 1; y < YEARS; y++) {
		double *now = &w->pupils[(z * YEARS + y) * GRADES], *before = now - GRADES;
		double shock = 0.01 * rng_normal(rng);
		const double *b = &w->births[z * BIRTHS + y];
		now[0] = draw_count(
			rng, (b[1] * 8 / 12 + b[0] * 4 / 12) * (entry + drift[y] + shock));
		for (size_t g = 1; g < GRADES; g++)
			now[g] = draw_count(rng, before[g - 1] * (1 + own + drift[y] + shock));
	}
}

static void draw(struct rng *rng, struct world *w)
{
	double drift[GROUPS][YEARS];

	for (size_t g = 0; g < GROUPS; g++) {
		double level = 0;
		for (size_t y = 0; y < YEARS; y++) {
			level = 0.8 * level + 0.008 * rng_normal(rng);
			drift[g][y] = level;
		}
	}
	draw_births(rng, w);
	for (size_t g = 0; g < GRADES; g++)
		w->band_of[g] = g < 6 ? 0 : g < 9 ? 1 : 2;
	for (size_t z = 0; z < ZONES; z++) {
		draw_zone(rng, w, z, drift[z % GROUPS]);
		memcpy(&w->seen[z * SEEN * GRADES], &w->pupils[z * YEARS * GRADES],
			SEEN * GRADES * sizeof(double));
		memcpy(&w->births_known[z * (SEEN + 7)], &w->births[z * BIRTHS],
			(SEEN + 7) * sizeof(double));
	}
}

struct cover {
	size_t count, in_80, in_95;
};

static double sum_of(const double *cells, size_t years, size_t year, const size_t *band_of,
	size_t z, size_t band)
{
	double sum = 0;

	for (size_t g = 0; g < GRADES; g++)
		if (band_of[g] == band)
			sum += cells[(z * years + year) * GRADES + g];
	return sum;
}

static void count_cover(const struct world *w, const struct forecast_backtest *t,
	const double *told, struct cover *zones, struct cover *groups)
{
	for (size_t band = 0; band < BANDS; band++) {
		for (size_t h = 1; h <= HIDDEN; h++) {
			double came_group[GROUPS] = {0}, told_group[GROUPS] = {0};
			for (size_t z = 0; z < ZONES + GROUPS; z++) {
				struct cover *c = z < ZONES ? zones : groups;
				struct forecast_interval i;
				double came, mid;
				if (z < ZONES) {
					came = sum_of(w->pupils, YEARS, SEEN - 1 + h, w->band_of, z,
						band);
					mid = sum_of(told, HIDDEN, h - 1, w->band_of, z, band);
					came_group[z % GROUPS] += came;
					told_group[z % GROUPS] += mid;
				} else {
					came = came_group[z - ZONES];
					mid = told_group[z - ZONES];
				}
				i = forecast_interval(
					&t->errors[z < ZONES ? FORECAST_ZONE : FORECAST_GROUP],
					(int)h, mid);
				c->count++;
				c->in_80 += came >= i.low_80 && came <= i.high_80;
				c->in_95 += came >= i.low_95 && came <= i.high_95;
			}
		}
	}
}

static bool is_near(const char *what, const struct cover *c)
{
	double p80 = 100 * (double)c->in_80 / (double)c->count;
	double p95 = 100 * (double)c->in_95 / (double)c->count;

	printf("%s: 80 %% intervals cover %.1f %%, 95 %% ones %.1f %%, of %zu\n", what, p80, p95,
		c->count);
	return fabs(p80 - 80) <= 5 && fabs(p95 - 95) <= 5;
}

struct miss {
	double absolute, came;
};

static void add_errors(const struct world *w, const double *told, struct miss *error)
{
	for (size_t z = 0; z < ZONES; z++)
		for (size_t band = 0; band < BANDS; band++)
			for (size_t h = 1; h <= HIDDEN; h++) {
				double came =
					sum_of(w->pupils, YEARS, SEEN - 1 + h, w->band_of, z, band);
				double mid = sum_of(told, HIDDEN, h - 1, w->band_of, z, band);
				error[h].absolute += fabs(came - mid);
				error[h].came += came;
			}
}

static double percent(const struct miss *m)
{
	return 100 * m->absolute / m->came;
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 20260901;
	int worlds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 20;
	struct miss error[2][HIDDEN + 1] = {{{0}}};
	static const struct forecast_options plain = {0, 0, 0};
	struct cover zones = {0}, groups = {0};
	struct arena *mem = arena_create();
	struct world *w = arena_new(mem, struct world);
	double *told = arena_array(mem, double, ZONES *HIDDEN *GRADES);
	bool is_good = true;
	struct rng rng;

	printf("seed %" PRIu64 "\n", seed);
	rng_seed(&rng, seed);
	for (int round = 0; round < worlds; round++) {
		struct forecast_series s = {.zone_count = ZONES,
			.group_count = GROUPS,
			.grade_count = GRADES,
			.band_count = BANDS,
			.group_of = w->group_of,
			.band_of = w->band_of,
			.year_count = SEEN,
			.pupils = w->seen,
			.birth_count = SEEN + 6, /* up to the year of the last school year */
			.birth_first = -7,
			.births = w->births_known,
			.entry_age = 6,
			.entry_same_year = 8.0 / 12};
		struct forecast_backtest t;

		draw(&rng, w);
		for (size_t z = 0; z < ZONES; z++) /* rows of birth_count years */
			memmove(&w->births_known[z * (SEEN + 6)], &w->births_known[z * (SEEN + 7)],
				(SEEN + 6) * sizeof(double));
		forecast_test(&s, HIDDEN, &t);
		forecast_project(&s, SEEN, s.birth_count, &t.options, NULL, HIDDEN, told);
		count_cover(w, &t, told, &zones, &groups);
		add_errors(w, told, error[FORECAST_OURS]);
		forecast_project(&s, SEEN, s.birth_count, &plain, NULL, HIDDEN, told);
		add_errors(w, told, error[FORECAST_COHORT_RATIO]);
	}
	is_good &= is_near("zones", &zones);
	is_good &= is_near("groups", &groups);
	printf("error in %% on the hidden years (ours, plain cohort ratio):");
	for (int h = 1; h <= HIDDEN; h++) {
		double ours = percent(&error[FORECAST_OURS][h]);
		double theirs = percent(&error[FORECAST_COHORT_RATIO][h]);
		printf(" %.2f/%.2f", ours, theirs);
		is_good &= ours < theirs;
	}
	printf("\n");
	arena_free(mem);
	return is_good ? 0 : 1;
}
