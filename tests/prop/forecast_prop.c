/*
 * Towns and counties are made up with births, survival, grade progression, migration that drifts
 * from year to year, and chance, all of known size; the last years are hidden. Shown: intervals
 * cover what came within 5 points of what they promise, for zones and groups, small and large,
 * near and far, and the errors are smaller than those of the plain cohort ratio.
 * Prints its seed; arguments: seed, worlds of each kind.
 */
#include "base/rng.h"
#include "engine/forecast/forecast.h"

#include <math.h>

#define ZONES_MAX  52
#define GROUPS_MAX 13
#define GRADES     12
#define BANDS      3
#define SEEN_MAX   12
#define HIDDEN     4
#define YEARS_MAX  (SEEN_MAX + HIDDEN)
#define AGE        6
#define BIRTHS_MAX (YEARS_MAX + AGE + 1)
#define LEVELS     2

/* Standard deviations of a grade's ratio in a year. */
struct kind {
	const char *name;
	size_t seen, groups, zones;
	double group_drift; /* of a group's zones and grades together, and lasting */
	double zone_shock;  /* of a zone's grades together */
	double grade_shock; /* of every grade by itself */
	double own;         /* of a zone for ever */
	double births;      /* in a zone of middling size, a year */
};

static const struct kind kinds[] = {
	{"towns, twelve years", 12, 4, 24, 0.008, 0.010, 0, 0.008, 90},
	{"towns, eight years", 8, 4, 24, 0.008, 0.010, 0, 0.008, 90},
	{"towns, five years", 5, 4, 24, 0.008, 0.010, 0, 0.008, 90},
	{"towns, chance of the few alone", 8, 13, 52, 0, 0, 0, 0, 90},
	{"towns, 2 % of noise of each kind", 8, 13, 52, 0.02, 0.02, 0.02, 0.008, 90},
	{"counties, five years", 5, 13, 13, 0.008, 0.010, 0, 0.008, 3000},
	{"counties, eight years", 8, 13, 13, 0.008, 0.010, 0, 0.008, 3000},
	{"counties, 3 % of noise in every grade", 5, 13, 13, 0, 0, 0.03, 0, 3000},
	{"counties, hardly any noise", 5, 13, 13, 0.002, 0.002, 0.002, 0.008, 3000},
	{"two large zones that drift, eight years", 8, 2, 2, 0.002, 0, 0.0005, 0, 30000},
	{"two large zones that drift, twelve years", 12, 2, 2, 0.002, 0, 0.0005, 0, 30000},
};

struct world {
	const struct kind *k;
	size_t years, births_count, births_known_count;
	double pupils[ZONES_MAX * YEARS_MAX * GRADES], births[ZONES_MAX * BIRTHS_MAX];
	double seen[ZONES_MAX * SEEN_MAX * GRADES], births_known[ZONES_MAX * BIRTHS_MAX];
	size_t group_of[ZONES_MAX], band_of[GRADES];
};

/* Poisson by a normal: numbers are not small where it matters. */
static double draw_count(struct rng *rng, double mean)
{
	double n = nearbyint(mean + sqrt(MAX(mean, 0)) * rng_normal(rng));

	return MAX(n, 0);
}

static void draw_births(struct rng *rng, struct world *w)
{
	double common[BIRTHS_MAX], trend = 0;

	for (size_t y = 0; y < w->births_count; y++) {
		trend += -0.02 + 0.03 * rng_normal(rng);
		common[y] = trend;
	}
	for (size_t z = 0; z < w->k->zones; z++) {
		double level = w->k->births * exp(rng_normal(rng)), own = 0;
		for (size_t y = 0; y < w->births_count; y++) {
			own += 0.02 * rng_normal(rng);
			w->births[z * w->births_count + y] =
				draw_count(rng, level * exp(common[y] + own));
		}
	}
}

static void draw_zone(struct rng *rng, struct world *w, size_t z, const double *drift)
{
	const struct kind *k = w->k;
	double entry = 0.95 + 0.08 * rng_normal(rng), own = k->own * rng_normal(rng);

	for (size_t g = 0; g < GRADES; g++)
		w->pupils[z * w->years * GRADES + g] =
			draw_count(rng, w->births[z * w->births_count] * entry);
	for (size_t y = 1; y < w->years; y++) {
		double *now = &w->pupils[(z * w->years + y) * GRADES], *before = now - GRADES;
		double shift = drift[y] + k->zone_shock * rng_normal(rng);
		const double *b = &w->births[z * w->births_count + y];
		for (size_t g = 0; g < GRADES; g++) {
			double from = g > 0 ? before[g - 1] : b[1] * 8 / 12 + b[0] * 4 / 12;
			double ratio = (g > 0 ? 1 + own : entry) + shift +
				       k->grade_shock * rng_normal(rng);
			now[g] = draw_count(rng, from * ratio);
		}
	}
}

static void draw(struct rng *rng, const struct kind *k, struct world *w)
{
	double drift[GROUPS_MAX][YEARS_MAX];

	w->k = k;
	w->years = k->seen + HIDDEN;
	w->births_count = w->years + AGE + 1;
	w->births_known_count = k->seen + AGE; /* up to the year of the last school year */
	for (size_t g = 0; g < k->groups; g++) {
		double level = 0;
		for (size_t y = 0; y < w->years; y++) {
			level = 0.8 * level + k->group_drift * rng_normal(rng);
			drift[g][y] = level;
		}
	}
	draw_births(rng, w);
	for (size_t g = 0; g < GRADES; g++)
		w->band_of[g] = g < 6 ? 0 : g < 9 ? 1 : 2;
	for (size_t z = 0; z < k->zones; z++) {
		w->group_of[z] = z % k->groups;
		draw_zone(rng, w, z, drift[z % k->groups]);
		memcpy(&w->seen[z * k->seen * GRADES], &w->pupils[z * w->years * GRADES],
			k->seen * GRADES * sizeof(double));
		memcpy(&w->births_known[z * w->births_known_count], &w->births[z * w->births_count],
			w->births_known_count * sizeof(double));
	}
}

/* --- coverage ----------------------------------------------------------------------------- */

/* Shares of many worlds, of each its own: what a world's errors have in common does not make the
 * mean look surer than it is. */
struct cover {
	double within, of; /* of the world at hand */
	double shares, squares, worlds;
};

static void close_world(struct cover *c)
{
	double share = 100 * c->within / MAX(c->of, 1);

	if (c->of > 0) {
		c->shares += share;
		c->squares += share * share;
		c->worlds++;
	}
	c->within = c->of = 0;
}

/* 5 points, and for parts of the whole what chance may add: three standard errors. */
static bool is_near(const char *what, double nominal, const struct cover *c, bool is_part)
{
	double mean = c->shares / MAX(c->worlds, 1);
	double error =
		sqrt(MAX(c->squares / MAX(c->worlds, 1) - mean * mean, 0) / MAX(c->worlds - 1, 1));
	bool is_good = fabs(mean - nominal) <= 5 + (is_part ? 3 * error : 0);

	if (c->worlds < 10)
		return true;
	printf("  %s %.0f: %.1f +- %.1f%s", what, nominal, mean, error, is_good ? "" : " BAD");
	return is_good;
}

/* By level, then by size of the people forecast, then by horizon. */
enum { SMALL = LEVELS, MIDDLE, LARGE, HORIZONS, COVERS = HORIZONS + HIDDEN };

static const char *const cover_names[] = {
	"zones", "groups", "below 150", "below 600", "larger", "1 year", "2", "3", "4"};

struct coverage {
	struct cover at_80[COVERS], at_95[COVERS];
};

static void count_one(struct coverage *c, size_t at, const struct forecast_interval *i, double came)
{
	c->at_80[at].of++;
	c->at_95[at].of++;
	c->at_80[at].within += came >= i->low_80 && came <= i->high_80;
	c->at_95[at].within += came >= i->low_95 && came <= i->high_95;
}

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
	const double *told, size_t band, size_t h, struct coverage *c)
{
	const struct kind *k = w->k;
	double came_group[GROUPS_MAX] = {0}, told_group[GROUPS_MAX] = {0};
	struct forecast_interval i;

	for (size_t z = 0; z < k->zones; z++) {
		double came = sum_of(w->pupils, w->years, k->seen - 1 + h, w->band_of, z, band);
		double mid = sum_of(told, HIDDEN, h - 1, w->band_of, z, band);
		came_group[w->group_of[z]] += came;
		told_group[w->group_of[z]] += mid;
		i = forecast_interval(&t->errors[FORECAST_ZONE], (int)h, mid);
		count_one(c, FORECAST_ZONE, &i, came);
		count_one(c, mid < 150 ? SMALL : mid < 600 ? MIDDLE : LARGE, &i, came);
		count_one(c, HORIZONS + h - 1, &i, came);
	}
	for (size_t g = 0; g < k->groups; g++) {
		i = forecast_interval(&t->errors[FORECAST_GROUP], (int)h, told_group[g]);
		count_one(c, FORECAST_GROUP, &i, came_group[g]);
	}
}

static bool is_covered(const struct coverage *c)
{
	bool is_good = true;

	for (size_t i = 0; i < COVERS; i++) {
		is_good &= is_near(cover_names[i], 80, &c->at_80[i], i >= LEVELS);
		is_good &= is_near("", 95, &c->at_95[i], i >= LEVELS);
		printf("%s", i + 1 == COVERS || i + 1 == LEVELS || i + 1 == HORIZONS ? "\n" : "");
	}
	return is_good;
}

/* --- errors ------------------------------------------------------------------------------- */

struct miss {
	double absolute, came;
};

static void add_errors(const struct world *w, const double *told, struct miss *error)
{
	for (size_t z = 0; z < w->k->zones; z++)
		for (size_t band = 0; band < BANDS; band++)
			for (size_t h = 1; h <= HIDDEN; h++) {
				double came = sum_of(w->pupils, w->years, w->k->seen - 1 + h,
					w->band_of, z, band);
				double mid = sum_of(told, HIDDEN, h - 1, w->band_of, z, band);
				error[h].absolute += fabs(came - mid);
				error[h].came += came;
			}
}

static double percent(const struct miss *m)
{
	return 100 * m->absolute / m->came;
}

static void try_world(
	const struct world *w, double *told, struct coverage *c, struct miss error[2][HIDDEN + 1])
{
	static const struct forecast_options plain = {0, 0, 0};
	const struct kind *k = w->k;
	struct forecast_series s = {.zone_count = k->zones,
		.group_count = k->groups,
		.grade_count = GRADES,
		.band_count = BANDS,
		.group_of = w->group_of,
		.band_of = w->band_of,
		.year_count = (int)k->seen,
		.pupils = w->seen,
		.birth_count = (int)w->births_known_count,
		.birth_first = -AGE - 1,
		.births = w->births_known,
		.entry_age = AGE,
		.entry_same_year = 8.0 / 12};
	struct forecast_backtest t;

	forecast_test(&s, HIDDEN, &t);
	forecast_project(&s, s.year_count, s.birth_count, &t.options, NULL, HIDDEN, told);
	for (size_t band = 0; band < BANDS; band++)
		for (size_t h = 1; h <= HIDDEN; h++)
			count_cover(w, &t, told, band, h, c);
	for (size_t i = 0; i < COVERS; i++) {
		close_world(&c->at_80[i]);
		close_world(&c->at_95[i]);
	}
	add_errors(w, told, error[FORECAST_OURS]);
	forecast_project(&s, s.year_count, s.birth_count, &plain, NULL, HIDDEN, told);
	add_errors(w, told, error[FORECAST_COHORT_RATIO]);
}

static bool try_kind(const struct kind *k, struct rng *rng, int worlds)
{
	struct miss error[2][HIDDEN + 1] = {{{0}}};
	struct coverage c = {0};
	struct arena *mem = arena_create();
	struct world *w = arena_new(mem, struct world);
	double *told = arena_array(mem, double, ZONES_MAX *HIDDEN *GRADES);
	bool is_good;

	for (int round = 0; round < worlds; round++) {
		draw(rng, k, w);
		try_world(w, told, &c, error);
	}
	printf("%s:\n", k->name);
	is_good = is_covered(&c);
	printf("  error in %% on the hidden years (ours, plain cohort ratio):");
	for (int h = 1; h <= HIDDEN; h++) {
		double ours = percent(&error[FORECAST_OURS][h]);
		double theirs = percent(&error[FORECAST_COHORT_RATIO][h]);
		printf(" %.2f/%.2f", ours, theirs);
		is_good &= ours < theirs;
	}
	printf("\n");
	arena_free(mem);
	return is_good;
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 20260901;
	int worlds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 40;
	bool is_good = true;
	struct rng rng;

	printf("seed %" PRIu64 ", %d worlds of each kind\n", seed, worlds);
	rng_seed(&rng, seed);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		is_good &= try_kind(&kinds[i], &rng, worlds);
	return is_good ? 0 : 1;
}
