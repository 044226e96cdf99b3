#include "engine/forecast/forecast.h"

#include <math.h>

/* People by which the ratio of all is shrunk towards 1. */
#define SHRINK_ALL 20

/* What a forecast is made with; ratios are [zone][grade], grade 0: entrants over births. */
struct projection {
	const struct forecast_series *s;
	const struct forecast_changes *changes;
	int year_count, birth_count, horizon;
	double damp;
	double *ratios;
	double *entrants;     /* [zone]: the level where births are not known */
	double *birth_level;  /* [zone]: births in the last years known */
	double *group_growth; /* [group]: of births, logarithm a year */
};

static double pupils_at(const struct forecast_series *s, size_t zone, int year, size_t grade)
{
	return s->pupils[(zone * (size_t)s->year_count + (size_t)year) * s->grade_count + grade];
}

/* Known births of a calendar year; NAN when they are not. */
static double births_seen(const struct projection *p, size_t zone, int year)
{
	const struct forecast_series *s = p->s;
	int at = year - s->birth_first;

	if (at < 0 || at >= p->birth_count)
		return (double)NAN;
	return s->births[zone * (size_t)s->birth_count + (size_t)at];
}

/* What changes make of the births of a year that are not known. */
static double birth_factor(const struct projection *p, size_t zone, int year)
{
	double factor = 1;

	for (size_t i = 0; p->changes && i < p->changes->count; i++) {
		const struct forecast_change *c = &p->changes->items[i];
		if (c->kind == FORECAST_BIRTHS && (c->zone == SIZE_MAX || c->zone == zone) &&
			year >= c->year)
			factor *= c->value;
	}
	return factor;
}

static double births_at(const struct projection *p, size_t zone, int year)
{
	double seen = births_seen(p, zone, year), growth = 0, step;
	int last = p->s->birth_first + p->birth_count - 1;

	if (!isnan(seen))
		return seen;
	if (year <= last || isnan(p->birth_level[zone]))
		return p->birth_level[zone];
	step = p->group_growth[p->s->group_of[zone]];
	for (int y = last; y < year; y++, step *= p->damp)
		growth += step * p->damp;
	return p->birth_level[zone] * exp(growth) * birth_factor(p, zone, year);
}

/* Who may enter in a year; NAN when births tell nothing. */
static double entry_pool(const struct projection *p, size_t zone, int year)
{
	const struct forecast_series *s = p->s;
	double same = births_at(p, zone, year - s->entry_age);
	double before = births_at(p, zone, year - s->entry_age - 1);

	return s->entry_same_year * same + (1 - s->entry_same_year) * before;
}

/* --- births ------------------------------------------------------------------------------- */

#define LEVEL_YEARS 2
#define TREND_YEARS 5

static void fit_birth_levels(struct projection *p)
{
	int last = p->s->birth_first + p->birth_count - 1;

	for (size_t z = 0; z < p->s->zone_count; z++) {
		double sum = 0;
		int count = 0;
		for (int y = last; y > last - LEVEL_YEARS; y--)
			if (!isnan(births_seen(p, z, y))) {
				sum += births_seen(p, z, y);
				count++;
			}
		p->birth_level[z] = count ? sum / count : (double)NAN;
	}
}

/* Mean growth of each group's births, damped where few years are known. */
static void fit_birth_growth(struct projection *p)
{
	const struct forecast_series *s = p->s;
	int last = s->birth_first + p->birth_count - 1;

	for (size_t g = 0; g < s->group_count; g++) {
		double growth = 0, next = (double)NAN;
		int count = 0;
		for (int y = last; y >= last - TREND_YEARS; y--) {
			double sum = 0;
			for (size_t z = 0; z < s->zone_count; z++)
				if (s->group_of[z] == g)
					sum += births_seen(p, z, y); /* NAN stays NAN */
			if (sum > 0 && next > 0) {
				growth += log(next / sum);
				count++;
			}
			next = sum;
		}
		p->group_growth[g] = count ? growth / (count + 2) : 0;
	}
}

/* --- ratios ------------------------------------------------------------------------------- */

struct sums {
	double above, below;
};

/* Grade g of year y over what it came from in the year before; nothing when either is unknown. */
static struct sums transition(const struct projection *p, size_t zone, int year, size_t grade)
{
	double above = pupils_at(p->s, zone, year, grade), below;

	if (grade == 0)
		below = entry_pool(p, zone, year);
	else if (year > 0)
		below = pupils_at(p->s, zone, year - 1, grade - 1);
	else
		return (struct sums){0, 0};
	return isnan(above) || isnan(below) ? (struct sums){0, 0} : (struct sums){above, below};
}

static struct sums weighted(const struct projection *p, size_t zone, size_t grade, double weight)
{
	struct sums total = {0, 0};
	double w = 1;

	for (int y = p->year_count - 1; y >= 0; y--, w *= weight) {
		struct sums one = transition(p, zone, y, grade);
		total.above += w * one.above;
		total.below += w * one.below;
	}
	return total;
}

static double shrunk(struct sums s, double shrink, double towards)
{
	double below = s.below + shrink;

	return below > 0 ? (s.above + shrink * towards) / below : towards;
}

static void fit_ratios(
	struct projection *p, const struct forecast_options *options, struct arena *mem)
{
	const struct forecast_series *s = p->s;
	struct sums *zones = arena_array(mem, struct sums, s->zone_count);
	struct sums *groups = arena_array(mem, struct sums, s->group_count);

	for (size_t g = 0; g < s->grade_count; g++) {
		struct sums all = {0, 0};
		double common;

		memset(groups, 0, s->group_count * sizeof *groups);
		for (size_t z = 0; z < s->zone_count; z++) {
			struct sums *group = &groups[s->group_of[z]];
			zones[z] = weighted(p, z, g, options->weight);
			group->above += zones[z].above;
			group->below += zones[z].below;
			all.above += zones[z].above;
			all.below += zones[z].below;
		}
		common = shrunk(all, options->shrink > 0 ? SHRINK_ALL : 0, 1);
		for (size_t z = 0; z < s->zone_count; z++) {
			double own = shrunk(groups[s->group_of[z]], options->shrink, common);
			p->ratios[z * s->grade_count + g] = shrunk(zones[z], options->shrink, own);
		}
	}
}

/* Where births are unknown, the weighted mean of the entrants seen. */
static void fit_entrants(struct projection *p, double weight)
{
	for (size_t z = 0; z < p->s->zone_count; z++) {
		double sum = 0, weights = 0, w = 1;
		for (int y = p->year_count - 1; y >= 0; y--, w *= weight) {
			double n = pupils_at(p->s, z, y, 0);
			if (isnan(n))
				continue;
			sum += w * n;
			weights += w;
		}
		p->entrants[z] = weights > 0 ? sum / weights : 0;
	}
}

/* --- years -------------------------------------------------------------------------------- */

static double *cell(const struct projection *p, double *out, size_t zone, int h, size_t grade)
{
	return &out[(zone * (size_t)p->horizon + (size_t)(h - 1)) * p->s->grade_count + grade];
}

/* The last known number of a grade before the forecast, 0 when there is none. */
static double last_seen(const struct projection *p, size_t zone, size_t grade)
{
	double n = pupils_at(p->s, zone, p->year_count - 1, grade);

	return isnan(n) ? 0 : n;
}

static void step_zone(const struct projection *p, size_t zone, int h, double *out)
{
	const struct forecast_series *s = p->s;
	const double *ratios = &p->ratios[zone * s->grade_count];
	double pool = entry_pool(p, zone, p->year_count - 1 + h);

	*cell(p, out, zone, h, 0) = isnan(pool) ? p->entrants[zone] : ratios[0] * pool;
	for (size_t g = 1; g < s->grade_count; g++) {
		double before =
			h == 1 ? last_seen(p, zone, g - 1) : *cell(p, out, zone, h - 1, g - 1);
		*cell(p, out, zone, h, g) = ratios[g] * before;
	}
}

static void apply_changes(const struct projection *p, int h, double *out)
{
	int year = p->year_count - 1 + h;

	for (size_t i = 0; p->changes && i < p->changes->count; i++) {
		const struct forecast_change *c = &p->changes->items[i];
		/* After its year a move goes on only for those who newly come in. */
		size_t last = year == c->year ? c->grade_to : c->grade_from;

		if (c->kind == FORECAST_BIRTHS || year < c->year ||
			(c->kind == FORECAST_ADD && year != c->year))
			continue;
		for (size_t g = c->grade_from; g <= last; g++) {
			double *from = cell(p, out, c->zone, h, g), moved = c->value;
			if (c->kind == FORECAST_MOVE) {
				moved = *from * c->value;
				*cell(p, out, c->to_zone, h, g) += moved;
				moved = -moved;
			}
			*from = MAX(*from + moved, 0);
		}
	}
}

void forecast_project(const struct forecast_series *series, int year_count, int birth_count,
	const struct forecast_options *options, const struct forecast_changes *changes, int horizon,
	double *out)
{
	struct arena *mem = arena_create();
	struct projection p = {.s = series,
		.changes = changes,
		.year_count = year_count,
		.birth_count = birth_count,
		.horizon = horizon,
		.damp = options->damp,
		.ratios = arena_array(mem, double, series->zone_count * series->grade_count),
		.entrants = arena_array(mem, double, series->zone_count),
		.birth_level = arena_array(mem, double, series->zone_count),
		.group_growth = arena_array(mem, double, series->group_count)};

	assert(year_count >= 1 && year_count <= series->year_count);
	assert(birth_count >= 0 && birth_count <= series->birth_count);
	fit_birth_levels(&p);
	fit_birth_growth(&p);
	fit_ratios(&p, options, mem);
	fit_entrants(&p, options->weight);
	for (int h = 1; h <= horizon; h++) {
		for (size_t z = 0; z < series->zone_count; z++)
			step_zone(&p, z, h, out);
		apply_changes(&p, h, out);
	}
	arena_free(mem);
}

void forecast_born_share(
	const struct forecast_series *s, const double *projected, int horizon, double *out)
{
	for (size_t b = 0; b < s->band_count; b++) {
		for (int h = 1; h <= horizon; h++) {
			double born = 0, all = 0;
			for (size_t z = 0; z < s->zone_count; z++) {
				for (size_t g = 0; g < s->grade_count; g++) {
					size_t at = (z * (size_t)horizon + (size_t)(h - 1)) *
							    s->grade_count +
						    g;
					/* The calendar year that most of the grade was born in. */
					int year = s->year_count - 1 + h - (int)g - s->entry_age;
					if (s->band_of[g] != b)
						continue;
					all += projected[at];
					if ((int)g >= h || year < s->birth_first + s->birth_count)
						born += projected[at];
				}
			}
			out[b * (size_t)horizon + (size_t)(h - 1)] = all > 0 ? born / all : 1;
		}
	}
}
