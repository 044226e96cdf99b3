#include "mod/allocate/forecast.h"
#include "mod/allocate/rows.h"

#include <math.h>

#define YEARS_MAX 100

static enum err whole_number(
	struct ctx *cx, const struct pack *pack, const char *id, int most, int *out)
{
	const struct keyed_dec_list *list;

	TRY(allocate_parameter(cx, pack, id, &list));
	*out = (int)(list->items[0].micro / 1000000);
	if (list->items[0].micro % 1000000 || *out < 0 || *out > most)
		return ctx_fail(cx, ERR_PACK,
			TR(cx, "参数 %s 应为 0 到 %d 的整数",
				"parameter %s must be a whole number from 0 to %d"),
			id, most);
	return ERR_OK;
}

static enum err load_stages(
	struct ctx *cx, const struct pack *pack, struct forecast_data *data, size_t *band_of)
{
	const struct keyed_dec_list *list;
	size_t first = 0;

	TRY(allocate_parameter(cx, pack, "forecast.last_grade", &list));
	data->stages = arena_array(cx->mem, struct forecast_stage, list->count);
	for (size_t i = 0; i < list->count; i++) {
		size_t last = (size_t)(list->items[i].micro / 1000000);
		if (last <= first || last > FORECAST_HORIZON_MAX)
			return ctx_fail(cx, ERR_PACK, "%s",
				TR(cx, "参数 forecast.last_grade 应逐段增大",
					"parameter forecast.last_grade must rise"));
		data->stages[i] = (struct forecast_stage){list->items[i].key, first, last - 1};
		for (size_t g = first; g < last; g++)
			band_of[g] = i;
		first = last;
	}
	data->series.band_count = list->count;
	data->series.grade_count = first;
	data->series.band_of = band_of;
	return ERR_OK;
}

/* --- rows --------------------------------------------------------------------------------- */

struct rows {
	const struct dataset_ledger *ledger;
	const struct column *county, *town, *year, *grade, *count;
};

static struct rows rows_of(const struct dataset_ledger *dl, const char *year, const char *count)
{
	return (struct rows){.ledger = dl,
		.county = table_find(dl->table, STR("county")),
		.town = table_find(dl->table, STR("town")),
		.year = table_find(dl->table, str_from(year)),
		.grade = table_find(dl->table, STR("grade")),
		.count = table_find(dl->table, str_from(count))};
}

static int64_t number(const struct column *column, size_t row)
{
	int64_t v;

	return column_get(column, row, &v) ? v : 0;
}

static struct str zone_key(struct arena *mem, const struct rows *r, size_t row)
{
	return str_printf(mem, STR_FMT "\x1f" STR_FMT, STR_ARG(column_text(r->county, row)),
		STR_ARG(column_text(r->town, row)));
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(
		((const struct strmap_entry *)a)->key, ((const struct strmap_entry *)b)->key);
}

/* Zones in order of their codes; map gives the position of a key. */
static void find_zones(
	struct ctx *cx, const struct rows *r, struct forecast_data *data, struct strmap *map)
{
	struct strmap seen;
	size_t groups = 0;
	size_t *group_of;

	strmap_init(&seen, cx->mem);
	for (size_t i = 0; i < r->ledger->table->row_count; i++)
		(void)strmap_put(&seen, zone_key(cx->mem, r, i), NULL);
	if (seen.count)
		qsort(seen.entries, seen.count, sizeof *seen.entries, by_text);
	strmap_init(map, cx->mem);
	data->zones = arena_array(cx->mem, struct forecast_zone, seen.count);
	data->counties = arena_array(cx->mem, struct str, seen.count);
	group_of = arena_array(cx->mem, size_t, seen.count);
	for (size_t z = 0; z < seen.count; z++) {
		struct str town = seen.entries[z].key, county = str_cut(&town, '\x1f');
		if (groups == 0 || !str_eq(data->counties[groups - 1], county))
			data->counties[groups++] = county;
		data->zones[z] = (struct forecast_zone){county, town, groups - 1};
		group_of[z] = groups - 1;
		*strmap_put(map, seen.entries[z].key, NULL) = (int64_t)z;
	}
	data->series.zone_count = seen.count;
	data->series.group_count = groups;
	data->series.group_of = group_of;
}

static void span_of(const struct rows *r, int *out_first, int *out_count)
{
	int64_t first = INT64_MAX, last = INT64_MIN;

	for (size_t i = 0; i < r->ledger->table->row_count; i++) {
		first = MIN(first, number(r->year, i));
		last = MAX(last, number(r->year, i));
	}
	*out_first = (int)first;
	*out_count = (int)(last - first + 1);
}

static void fill_pupils(
	struct ctx *cx, const struct rows *r, const struct strmap *map, struct forecast_data *data)
{
	struct forecast_series *s = &data->series;
	size_t years = (size_t)s->year_count, cells = s->zone_count * years * s->grade_count;
	double *pupils = arena_array(cx->mem, double, cells);

	for (size_t i = 0; i < cells; i++)
		pupils[i] = (double)NAN;
	for (size_t i = 0; i < r->ledger->table->row_count; i++) {
		size_t zone = (size_t)*strmap_find(map, zone_key(cx->mem, r, i));
		size_t year = (size_t)(number(r->year, i) - data->first_year);
		size_t grade = (size_t)(number(r->grade, i) - 1);
		double *own = &pupils[(zone * years + year) * s->grade_count];
		for (size_t g = 0; g < s->grade_count; g++)
			own[g] = isnan(own[g]) ? 0 : own[g];
		if (grade < s->grade_count)
			own[grade] = (double)number(r->count, i);
	}
	s->pupils = pupils;
}

static enum err check_last_year(struct ctx *cx, const struct forecast_data *data)
{
	const struct forecast_series *s = &data->series;

	for (size_t z = 0; z < s->zone_count; z++) {
		size_t last = (z + 1) * (size_t)s->year_count - 1;
		if (isnan(s->pupils[last * s->grade_count]))
			return ctx_fail(cx, ERR_REJECTED,
				TR(cx, STR_FMT " " STR_FMT " 没有最后一年 (%d) 的在校生数",
					STR_FMT " " STR_FMT " has no rows of the last year, %d"),
				STR_ARG(data->zones[z].county), STR_ARG(data->zones[z].town),
				data->first_year + s->year_count - 1);
	}
	return ERR_OK;
}

static enum err fill_births(struct ctx *cx, const struct dataset_ledger *dl,
	const struct strmap *map, struct forecast_data *data)
{
	struct forecast_series *s = &data->series;
	struct rows r = rows_of(dl, "year", "births");
	double *births;
	int first;

	if (dl->table->row_count == 0)
		return ERR_OK;
	span_of(&r, &first, &s->birth_count);
	if (s->birth_count > YEARS_MAX)
		return ctx_fail(cx, ERR_REJECTED, "%s",
			TR(cx, "出生人口的年份跨度太大", "births span too many years"));
	s->birth_first = first - data->first_year;
	births = arena_array(cx->mem, double, s->zone_count *(size_t)s->birth_count);
	for (size_t i = 0; i < s->zone_count * (size_t)s->birth_count; i++)
		births[i] = (double)NAN;
	for (size_t i = 0; i < dl->table->row_count; i++) {
		const int64_t *zone = strmap_find(map, zone_key(cx->mem, &r, i));
		if (!zone)
			return ctx_fail(cx, ERR_REJECTED,
				TR(cx, STR_FMT ":%" PRIu32 ": " STR_FMT " " STR_FMT " 没有在校生数",
					STR_FMT ":%" PRIu32 ": there is no enrolment of " STR_FMT
						" " STR_FMT),
				STR_ARG(dl->source), dl->row_numbers ? dl->row_numbers[i] : 0,
				STR_ARG(column_text(r.county, i)), STR_ARG(column_text(r.town, i)));
		births[(size_t)*zone * (size_t)s->birth_count +
			(size_t)(number(r.year, i) - first)] = (double)number(r.count, i);
	}
	s->births = births;
	return ERR_OK;
}

enum err forecast_load(struct ctx *cx, const struct dataset *ds, struct forecast_data *out)
{
	const struct dataset_ledger *enrolment = dataset_find(ds, STR("grade_enrolment"));
	const struct dataset_ledger *births = dataset_find(ds, STR("births"));
	size_t *band_of = arena_array(cx->mem, size_t, FORECAST_HORIZON_MAX + 1);
	struct strmap zones;
	struct rows r;
	int months;

	*out = (struct forecast_data){0};
	if (!enrolment)
		return ctx_fail(cx, ERR_INVALID, "%s",
			TR(cx, "请用 --from grade_enrolment=文件 给出分年级在校生数",
				"give the numbers by grade with --from grade_enrolment=FILE"));
	if (enrolment->table->row_count == 0)
		return ctx_fail(cx, ERR_REJECTED, "%s", TR(cx, "没有数据行", "there are no rows"));
	TRY(load_stages(cx, ds->pack, out, band_of));
	TRY(whole_number(cx, ds->pack, "forecast.entry_age", 20, &out->series.entry_age));
	TRY(whole_number(cx, ds->pack, "forecast.entry_months", 12, &months));
	out->series.entry_same_year = months / 12.0;
	r = rows_of(enrolment, "school_year", "pupils");
	span_of(&r, &out->first_year, &out->series.year_count);
	if (out->series.year_count > YEARS_MAX)
		return ctx_fail(cx, ERR_REJECTED, "%s",
			TR(cx, "学年的跨度太大", "the school years span too many years"));
	find_zones(cx, &r, out, &zones);
	fill_pupils(cx, &r, &zones, out);
	TRY(check_last_year(cx, out));
	return births ? fill_births(cx, births, &zones, out) : ERR_OK;
}
