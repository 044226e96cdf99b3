/* A forecast as JSON and as a table. */
#include "mod/allocate/forecast.h"
#include "wire/json_write.h"

#include <math.h>

const struct report_column forecast_report_columns[FORECAST_REPORT_COLUMNS] = {
	{"scenario", "情景", REPORT_TEXT}, {"county", "县区", REPORT_TEXT},
	{"town", "乡镇", REPORT_TEXT}, {"stage", "学段", REPORT_TEXT},
	{"year", "学年", REPORT_NUMBER}, {"pupils", "在校生", REPORT_NUMBER},
	{"low_80", "80% 下限", REPORT_NUMBER}, {"high_80", "80% 上限", REPORT_NUMBER},
	{"low_95", "95% 下限", REPORT_NUMBER}, {"high_95", "95% 上限", REPORT_NUMBER}};

/* One line of the answer: a unit of the level, a stage and a year. */
struct line {
	struct str county, town, stage;
	int year;
	double people, born;
	struct forecast_interval interval;
};

static size_t unit_count(const struct forecast_data *d, enum forecast_level level)
{
	return level == FORECAST_ZONE    ? d->series.zone_count
	       : level == FORECAST_GROUP ? d->series.group_count
					 : 1;
}

static bool is_in_unit(
	const struct forecast_data *d, enum forecast_level level, size_t unit, size_t zone)
{
	return level == FORECAST_ALL ||
	       (level == FORECAST_ZONE ? zone : d->zones[zone].group) == unit;
}

static struct line make_line(const struct forecast_backtest *test, const struct forecast_run *run,
	enum forecast_level level, size_t unit, size_t stage, int h)
{
	const struct forecast_data *d = run->data;
	const struct forecast_series *s = &d->series;
	struct line l = {.stage = d->stages[stage].id,
		.year = d->first_year + s->year_count - 1 + h,
		.born = run->born[stage * (size_t)run->horizon + (size_t)(h - 1)]};

	if (level == FORECAST_ZONE)
		l.town = d->zones[unit].town;
	if (level != FORECAST_ALL)
		l.county = level == FORECAST_ZONE ? d->zones[unit].county : d->counties[unit];
	for (size_t z = 0; z < s->zone_count; z++) {
		size_t at = (z * (size_t)run->horizon + (size_t)(h - 1)) * s->grade_count;
		if (!is_in_unit(d, level, unit, z))
			continue;
		for (size_t g = d->stages[stage].grade_from; g <= d->stages[stage].grade_to; g++)
			l.people += run->people[at + g];
	}
	l.interval = forecast_interval(&test->errors[level], h, l.people);
	return l;
}

static void write_line(struct json_writer *w, const struct line *l, enum forecast_level level)
{
	json_object(w);
	if (level != FORECAST_ALL)
		json_field_str(w, "county", l->county);
	if (level == FORECAST_ZONE)
		json_field_str(w, "town", l->town);
	json_field_str(w, "stage", l->stage);
	json_field_i64(w, "year", l->year);
	json_field_f64(w, "pupils", l->people);
	json_field_f64(w, "low_80", l->interval.low_80);
	json_field_f64(w, "high_80", l->interval.high_80);
	json_field_f64(w, "low_95", l->interval.low_95);
	json_field_f64(w, "high_95", l->interval.high_95);
	json_end_object(w);
}

static void write_born(struct json_writer *w, const struct forecast_run *run)
{
	json_key(w, "already_born");
	json_array(w);
	for (size_t b = 0; b < run->data->series.band_count; b++)
		for (int h = 1; h <= run->horizon; h++) {
			struct str id = run->data->stages[b].id;
			json_object(w);
			json_field_str(w, "stage", id);
			json_field_i64(w, "year",
				run->data->first_year + run->data->series.year_count - 1 + h);
			json_field_f64(
				w, "share", run->born[b * (size_t)run->horizon + (size_t)(h - 1)]);
			json_end_object(w);
		}
	json_end_array(w);
}

static void write_scores(struct json_writer *w, const struct forecast_backtest *test)
{
	static const char *const methods[FORECAST_METHODS] = {
		"forecast", "cohort_ratio", "no_change"};
	static const char *const levels[FORECAST_LEVELS] = {"zone", "county", "all"};

	json_key(w, "years_ahead");
	json_array(w);
	for (int h = 1; h <= test->horizon; h++) {
		json_object(w);
		json_field_i64(w, "years", h);
		for (int level = 0; level < FORECAST_LEVELS; level++) {
			json_key(w, levels[level]);
			json_object(w);
			for (int m = 0; m < FORECAST_METHODS; m++) {
				const struct forecast_score *s = &test->scores[m][level][h];
				json_key(w, methods[m]);
				json_object(w);
				json_field_f64(w, "error_percent", s->absolute_pct);
				json_field_f64(w, "bias_percent", s->bias_pct);
				json_end_object(w);
			}
			json_end_object(w);
		}
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_test(struct json_writer *w, const struct forecast_backtest *test)
{
	json_key(w, "backtest");
	json_object(w);
	json_field_i64(w, "origins", test->origins);
	json_field_f64(w, "year_weight", test->options.weight);
	json_field_f64(w, "shrink_people", test->options.shrink);
	json_field_f64(w, "birth_trend_damp", test->options.damp);
	write_scores(w, test);
	json_end_object(w);
}

static void write_run(struct json_writer *w, const struct forecast_backtest *test,
	const struct forecast_run *run, enum forecast_level level)
{
	json_object(w);
	json_key(w, "scenario");
	if (run->scenario->name.n)
		json_str(w, run->scenario->name);
	else
		json_null(w);
	write_born(w, run);
	json_key(w, "rows");
	json_array(w);
	for (size_t u = 0; u < unit_count(run->data, level); u++)
		for (size_t b = 0; b < run->data->series.band_count; b++)
			for (int h = 1; h <= run->horizon; h++) {
				struct line l = make_line(test, run, level, u, b, h);
				write_line(w, &l, level);
			}
	json_end_array(w);
	json_end_object(w);
}

void forecast_write_json(struct json_writer *w, const struct forecast_backtest *test,
	const struct forecast_run *runs, size_t run_count, enum forecast_level level)
{
	json_object(w);
	json_field_i64(
		w, "last_year", runs[0].data->first_year + runs[0].data->series.year_count - 1);
	write_test(w, test);
	json_key(w, "forecasts");
	json_array(w);
	for (size_t i = 0; i < run_count; i++)
		write_run(w, test, &runs[i], level);
	json_end_array(w);
	json_end_object(w);
}

static void report_whole(struct report *r, double v)
{
	report_f64(r, isnan(v) ? v : nearbyint(v));
}

void forecast_report(struct report *r, const struct forecast_backtest *test,
	const struct forecast_run *run, enum forecast_level level)
{
	for (size_t u = 0; u < unit_count(run->data, level); u++)
		for (size_t b = 0; b < run->data->series.band_count; b++)
			for (int h = 1; h <= run->horizon; h++) {
				struct line l = make_line(test, run, level, u, b, h);
				report_str(r, run->scenario->name);
				report_str(r, l.county);
				report_str(r, l.town);
				report_str(r, l.stage);
				report_i64(r, l.year);
				report_whole(r, l.people);
				report_whole(r, l.interval.low_80);
				report_whole(r, l.interval.high_80);
				report_whole(r, l.interval.low_95);
				report_whole(r, l.interval.high_95);
			}
}
