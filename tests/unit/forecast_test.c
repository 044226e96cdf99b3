/* The forecast: what scenarios do, and that little history moves little. */
#include "engine/forecast/forecast.h"

#include <setjmp.h>

#include <cmocka.h>

#include <math.h>

#define ZONES   2
#define GRADES  3
#define YEARS   4
#define HORIZON 5

/* Two zones with as many people in every grade as were born: all ratios are 1. */
struct world {
	double pupils[ZONES * YEARS * GRADES], births[ZONES * 10];
	size_t group_of[ZONES], band_of[GRADES];
	struct forecast_series series;
	double base[ZONES * HORIZON * GRADES], out[ZONES * HORIZON * GRADES];
};

static const struct forecast_options options = {0.7, 60, 0};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	if (!w)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(w->pupils); i++)
		w->pupils[i] = i < ARRAY_LEN(w->pupils) / 2 ? 100 : 40;
	for (size_t i = 0; i < ARRAY_LEN(w->births); i++)
		w->births[i] = i < 10 ? 100 : 40;
	w->band_of[2] = 1;
	w->series = (struct forecast_series){.zone_count = ZONES,
		.group_count = 1,
		.grade_count = GRADES,
		.band_count = 2,
		.group_of = w->group_of,
		.band_of = w->band_of,
		.year_count = YEARS,
		.pupils = w->pupils,
		.birth_count = 10,
		.birth_first = -7, /* up to year 2: entrants of years 3 to 8 are born, 9 in part */
		.births = w->births,
		.entry_age = 6,
		.entry_same_year = 0.5};
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static double at(const double *cells, size_t zone, size_t h, size_t grade)
{
	return cells[(zone * HORIZON + h - 1) * GRADES + grade];
}

static void project(struct world *w, const struct forecast_change *changes, size_t count)
{
	struct forecast_changes c = {changes, count};

	forecast_project(
		&w->series, YEARS, w->series.birth_count, &options, NULL, HORIZON, w->base);
	forecast_project(&w->series, YEARS, w->series.birth_count, &options, &c, HORIZON, w->out);
}

static void what_was_steady_stays(void **state)
{
	struct world *w = *state;

	project(w, NULL, 0);
	for (size_t h = 1; h <= HORIZON; h++)
		for (size_t g = 0; g < GRADES; g++) {
			assert_true(fabs(at(w->base, 0, h, g) - 100) < 1e-9);
			assert_true(fabs(at(w->base, 1, h, g) - 40) < 1e-9);
		}
}

static void fewer_births_touch_only_those_not_born_yet(void **state)
{
	struct world *w = *state;
	struct forecast_change fall = {
		.kind = FORECAST_BIRTHS, .zone = SIZE_MAX, .year = -100, .value = 0.9};

	w->series.birth_count = 6; /* births up to year -2: entrants from year 5 on not all born */
	for (size_t i = 0; i < 12; i++)
		w->births[i] = i < 6 ? 100 : 40;
	project(w, &fall, 1);
	assert_true(fabs(at(w->out, 0, 1, 0) - 100) < 1e-9); /* year 4 */
	assert_true(fabs(at(w->out, 0, 2, 0) - 95) < 1e-9);  /* half of year 5 */
	assert_true(fabs(at(w->out, 0, 3, 0) - 90) < 1e-9);
	assert_true(fabs(at(w->out, 0, 3, 1) - 95) < 1e-9); /* they move on */
	assert_true(fabs(at(w->out, 0, 3, 2) - 100) < 1e-9);
}

static void people_who_come_move_on_through_the_grades(void **state)
{
	struct world *w = *state;
	struct forecast_change estate = {.kind = FORECAST_ADD,
		.zone = 0,
		.year = YEARS, /* one year ahead */
		.grade_from = 0,
		.grade_to = 1,
		.value = 30};

	project(w, &estate, 1);
	assert_true(fabs(at(w->out, 0, 1, 0) - 130) < 1e-9);
	assert_true(fabs(at(w->out, 0, 1, 1) - 130) < 1e-9);
	assert_true(fabs(at(w->out, 0, 1, 2) - 100) < 1e-9);
	assert_true(fabs(at(w->out, 0, 2, 0) - 100) < 1e-9);
	assert_true(fabs(at(w->out, 0, 3, 2) - 130) < 1e-9);
	assert_true(fabs(at(w->out, 1, 3, 2) - 40) < 1e-9);
}

static void a_move_takes_and_gives_the_same_and_goes_on(void **state)
{
	struct world *w = *state;
	struct forecast_change move = {.kind = FORECAST_MOVE,
		.zone = 0,
		.to_zone = 1,
		.year = YEARS + 1,
		.grade_from = 0,
		.grade_to = 2,
		.value = 0.25};

	project(w, &move, 1);
	assert_true(fabs(at(w->out, 0, 1, 0) - 100) < 1e-9);
	for (size_t h = 2; h <= HORIZON; h++)
		for (size_t g = 0; g < GRADES; g++) {
			assert_true(fabs(at(w->out, 0, h, g) - 75) < 1e-9);
			assert_true(fabs(at(w->out, 1, h, g) - 65) < 1e-9);
		}
}

static void one_year_alone_is_carried_on(void **state)
{
	struct world *w = *state;
	struct forecast_backtest t;

	w->series.year_count = 1;
	w->series.birth_count = 0;
	for (size_t i = 0; i < ZONES * GRADES; i++)
		w->pupils[i] = 10 * (double)(i + 1);
	forecast_test(&w->series, HORIZON, &t);
	assert_int_equal(t.origins, 0);
	forecast_project(&w->series, 1, 0, &t.options, NULL, HORIZON, w->out);
	assert_true(fabs(at(w->out, 0, 1, 0) - 10) < 1e-9);
	assert_true(fabs(at(w->out, 0, 1, 1) - 10) < 1e-9);
	assert_true(fabs(at(w->out, 0, 2, 2) - 10) < 1e-9);
	assert_true(fabs(at(w->out, 1, 1, 2) - 50) < 1e-9);
	assert_true(isnan(forecast_interval(&t.errors[FORECAST_ZONE], 1, 100).low_80));
}

static void a_small_zones_odd_year_hardly_moves_it(void **state)
{
	struct world *w = *state;

	/* Zone 1: in the last year its second grade is 60 where 40 were before. */
	w->pupils[(ZONES * YEARS - 1) * GRADES + 1] = 60;
	project(w, NULL, 0);
	assert_true(at(w->base, 1, 2, 1) > 40 && at(w->base, 1, 2, 1) < 48);
	assert_true(at(w->base, 0, 2, 1) > 100 && at(w->base, 0, 2, 1) < 105);
}

static void intervals_widen_with_the_horizon_and_for_few_people(void **state)
{
	struct forecast_errors e = {.noise = 1, .count = 100, .growth = {0}};
	struct forecast_interval near_by, far_off, few;

	(void)state;
	for (int h = 1; h <= FORECAST_HORIZON_MAX; h++) {
		e.growth[h] = 0.001 * h;
		e.factor_80[h] = 1.3;
		e.factor_95[h] = 2;
	}
	near_by = forecast_interval(&e, 1, 1000);
	far_off = forecast_interval(&e, 9, 1000);
	few = forecast_interval(&e, 1, 10);
	assert_true(far_off.high_80 > near_by.high_80 && far_off.low_80 < near_by.low_80);
	assert_true(near_by.high_95 > near_by.high_80);
	assert_true(few.high_80 / 10 > near_by.high_80 / 1000);
	assert_true(forecast_interval(&e, 1, 0).low_95 >= 0);
}

#define LONG_YEARS 12

/* Both zones' ratios of a year, in all grades, are as given; births stay the same. */
static struct forecast_backtest test_ratios(const double *ratio_of)
{
	static double pupils[ZONES * LONG_YEARS * GRADES], births[ZONES * (LONG_YEARS + 7)];
	static const size_t group_of[ZONES] = {0, 1}, band_of[GRADES] = {0, 0, 1};
	struct forecast_series s = {.zone_count = ZONES,
		.group_count = ZONES,
		.grade_count = GRADES,
		.band_count = 2,
		.group_of = group_of,
		.band_of = band_of,
		.year_count = LONG_YEARS,
		.pupils = pupils,
		.birth_count = LONG_YEARS + 7,
		.birth_first = -7,
		.births = births,
		.entry_age = 6,
		.entry_same_year = 0.5};
	struct forecast_backtest t;

	for (size_t i = 0; i < ARRAY_LEN(births); i++)
		births[i] = 1e6;
	for (size_t z = 0; z < ZONES; z++)
		for (size_t y = 0; y < LONG_YEARS; y++)
			for (size_t g = 0; g < GRADES; g++) {
				size_t cell = (z * LONG_YEARS + y) * GRADES + g;
				double from = g > 0 && y > 0 ? pupils[cell - GRADES - 1] : 1e6;
				pupils[cell] = from * ratio_of[y];
			}
	forecast_test(&s, 4, &t);
	return t;
}

static void means_are_taken_where_ratios_come_back_and_the_last_where_they_drift(void **state)
{
	double to_and_fro[LONG_YEARS], away[LONG_YEARS];

	(void)state;
	for (int y = 0; y < LONG_YEARS; y++) {
		to_and_fro[y] = y % 2 ? 1.02 : 0.98;
		away[y] = 1 + 0.002 * y;
	}
	assert_true(test_ratios(to_and_fro).options.weight > 0.6);
	assert_true(test_ratios(away).options.weight < 0.1);
}

static void errors_that_move_together_tell_less_of_later_years(void **state)
{
	static const double ratios[LONG_YEARS] = {
		1, 1.01, 0.98, 1.02, 1.01, 0.99, 1, 1.03, 0.97, 1, 1.01, 0.99};
	struct forecast_backtest t = test_ratios(ratios);
	const struct forecast_errors *e = &t.errors[FORECAST_ZONE];

	(void)state;
	for (int h = 2; h <= 4; h++) {
		assert_true(e->factor_80[h] > e->factor_80[h - 1]);
		assert_true(e->factor_95[h] > e->factor_95[h - 1]);
	}
	assert_true(e->factor_95[5] <= e->factor_95[4]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_steady_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			fewer_births_touch_only_those_not_born_yet, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			people_who_come_move_on_through_the_grades, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_move_takes_and_gives_the_same_and_goes_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_year_alone_is_carried_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_small_zones_odd_year_hardly_moves_it, set_up, tear_down),
		cmocka_unit_test(intervals_widen_with_the_horizon_and_for_few_people),
		cmocka_unit_test(
			means_are_taken_where_ratios_come_back_and_the_last_where_they_drift),
		cmocka_unit_test(errors_that_move_together_tell_less_of_later_years),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
