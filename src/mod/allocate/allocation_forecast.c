/* A forecast as a plan's result: by county and stage, what was and what will be. */
#include "mod/allocate/allocation_internal.h"
#include "mod/allocate/forecast.h"

#include <math.h>

#define DEFAULT_YEARS 10

struct work {
	struct allocation *a;
	struct forecast_data data;
	struct forecast_backtest test;
	struct forecast_scenario scenario;
	struct forecast_run run;
};

enum err allocation_load_forecast(struct allocation *a, struct forecast_data *out)
{
	TRY(allocation_read(a, "grade_enrolment"));
	TRY(allocation_read(a, "births"));
	return forecast_load(a->cx, &a->ds, out);
}

enum err allocation_take_scenario(
	struct allocation *a, const struct forecast_data *data, struct forecast_scenario *out)
{
	static const struct allocation_column columns[] = {
		{"kind", offsetof(struct allocation_change, type)},
		{"county", offsetof(struct allocation_change, code)},
		{"town", offsetof(struct allocation_change, town)},
		{"year", offsetof(struct allocation_change, year)},
		{"grades", offsetof(struct allocation_change, grades)},
		{"value", offsetof(struct allocation_change, value)},
		{"to_county", offsetof(struct allocation_change, to)},
		{"to_town", offsetof(struct allocation_change, to_town)}};
	struct table_reader *table;

	TRY(allocation_changes(a, allocation_is_of_people, columns, ARRAY_LEN(columns), &table));
	if (!table)
		return ERR_OK;
	return forecast_take_scenario(
		a->cx, table, TR(a->cx, "假设的变化", "supposed changes"), data, out);
}

static void solve(struct work *w)
{
	const struct forecast_series *s = &w->data.series;
	int64_t years = w->a->request->years ? w->a->request->years : DEFAULT_YEARS;
	struct arena *mem = w->a->cx->mem;

	forecast_test(s, (int)years, &w->test);
	w->run = (struct forecast_run){.data = &w->data,
		.scenario = &w->scenario,
		.horizon = (int)years,
		.people = arena_array(mem, double, s->zone_count *(size_t)years * s->grade_count)};
	forecast_project(s, s->year_count, s->birth_count, &w->test.options, &w->scenario.changes,
		(int)years, w->run.people);
}

/* People of a stage in a county: `cells` is [zone][years][grade]; NAN where a zone has no rows. */
static double sum_of(const struct work *w, const double *cells, size_t years, size_t county,
	const struct forecast_stage *stage, size_t year)
{
	const struct forecast_series *s = &w->data.series;
	double sum = 0;

	for (size_t z = 0; z < s->zone_count; z++) {
		const double *own = &cells[(z * years + year) * s->grade_count];
		if (w->data.zones[z].group != county)
			continue;
		for (size_t g = stage->grade_from; g <= stage->grade_to; g++)
			sum += own[g];
	}
	return sum;
}

static void add_future(struct work *w, size_t county, size_t stage, int year, double value,
	const struct forecast_interval *interval)
{
	*VEC_PUSH(w->a->cx->mem, &w->a->out->futures) =
		(struct allocation_future){.county = w->data.counties[county],
			.stage = w->data.stages[stage].id,
			.year = year,
			.value = value,
			.low = interval ? interval->low_80 : (double)NAN,
			.high = interval ? interval->high_80 : (double)NAN,
			.is_past = !interval};
}

static void add_line(struct work *w, size_t county, size_t stage)
{
	const struct forecast_series *s = &w->data.series;
	const struct forecast_stage *of = &w->data.stages[stage];
	size_t known = (size_t)s->year_count, ahead = (size_t)w->run.horizon;
	double last = 0, value = 0;

	for (size_t y = 0; y < known; y++) {
		last = sum_of(w, s->pupils, known, county, of, y);
		if (!isnan(last))
			add_future(w, county, stage, w->data.first_year + (int)y, last, NULL);
	}
	for (size_t h = 0; h < ahead; h++) {
		struct forecast_interval interval;
		value = sum_of(w, w->run.people, ahead, county, of, h);
		interval = forecast_interval(&w->test.errors[FORECAST_GROUP], (int)h + 1, value);
		add_future(
			w, county, stage, w->data.first_year + (int)(known + h), value, &interval);
	}
	*VEC_PUSH(w->a->cx->mem, &w->a->out->figures) =
		(struct allocation_figure){.county = w->data.counties[county],
			.stage = of->id,
			.figure = "pupils",
			.before = last,
			.after = value,
			.limit = (double)NAN};
}

enum err allocation_forecast(struct allocation *a)
{
	struct work *w = arena_new(a->cx->mem, struct work);

	w->a = a;
	TRY(allocation_load_forecast(a, &w->data));
	TRY(allocation_take_scenario(a, &w->data, &w->scenario));
	solve(w);
	for (size_t c = 0; c < w->data.series.group_count; c++)
		for (size_t s = 0; s < w->data.series.band_count; s++)
			add_line(w, c, s);
	if (w->test.errors[FORECAST_GROUP].count == 0)
		a->out->problem = str_from(TR(a->cx, "学年太少, 无法用历史检验, 没有区间",
			"too few years to test the method on: there are no intervals"));
	return ERR_OK;
}
