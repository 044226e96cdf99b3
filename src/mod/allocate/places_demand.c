/* Children by community and year, from the forecast. */
#include "mod/allocate/places_path.h"
#include "mod/allocate/rows.h"

#include <math.h>

struct projector {
	struct ctx *cx;
	const struct places_data *data;
	const struct forecast_data *forecast;
	int32_t years, ahead; /* ahead: of the forecast, more than years where a stage needs it */
	double *people;       /* [zone][ahead][grade] */
	struct strmap zones;  /* "county\x1ftown" -> zone; "county\x1f" -> SIZE_MAX - group */
	double *ratio;        /* [zone or zone_count + group][year][kind]; NAN: nobody today */
};

/* Grades of a stage: from the forecast, or `before` years of age groups below the first grade. */
struct stage_grades {
	size_t from, to;
	int before;
};

static enum err find_grades(
	struct projector *p, const struct pack *pack, struct str stage, struct stage_grades *out)
{
	const struct forecast_data *f = p->forecast;
	int64_t micro;

	for (size_t b = 0; b < f->series.band_count; b++)
		if (str_eq(f->stages[b].id, stage)) {
			*out = (struct stage_grades){
				f->stages[b].grade_from, f->stages[b].grade_to, 0};
			return ERR_OK;
		}
	TRY(allocate_number(p->cx, pack, "forecast.before_school", stage, &micro));
	*out = (struct stage_grades){0, 0, (int)(micro / 1000000)};
	if (out->before >= 1 && out->before <= 10)
		return ERR_OK;
	return ctx_fail(p->cx, ERR_PACK, "%s",
		TR(p->cx, "参数 forecast.before_school 应为 1 到 10 的整数",
			"parameter forecast.before_school must be a whole number from 1 to 10"));
}

/* People of a zone's grade `ahead` years on; 0: as last seen. */
static double people_at(const struct projector *p, size_t zone, int32_t ahead, size_t grade)
{
	const struct forecast_series *s = &p->forecast->series;

	if (ahead == 0)
		return s->pupils[(zone * (size_t)s->year_count + (size_t)s->year_count - 1) *
					 s->grade_count +
				 grade];
	return p->people[(zone * (size_t)p->ahead + (size_t)ahead - 1) * s->grade_count + grade];
}

static double stage_people(
	const struct projector *p, size_t zone, int32_t year, const struct stage_grades *g)
{
	double sum = 0;

	for (int k = 1; k <= g->before; k++)
		sum += people_at(p, zone, year + k, 0);
	for (size_t grade = g->from; grade <= g->to && g->before == 0; grade++)
		sum += people_at(p, zone, year, grade);
	return sum;
}

static void fill_ratios(struct projector *p, const struct stage_grades *grades)
{
	const struct forecast_series *s = &p->forecast->series;
	size_t kinds = (size_t)p->data->kind_count, years = (size_t)p->years;
	size_t rows = s->zone_count + s->group_count;
	double *now = arena_array(p->cx->mem, double, rows *kinds);

	p->ratio = arena_array(p->cx->mem, double, rows *years *kinds);
	for (size_t z = 0; z < s->zone_count; z++) {
		size_t group = s->zone_count + s->group_of[z];
		for (size_t k = 0; k < kinds; k++) {
			double today = stage_people(p, z, 0, &grades[k]);
			now[z * kinds + k] += today;
			now[group * kinds + k] += today;
			for (size_t t = 0; t < years; t++) {
				double then = stage_people(p, z, (int32_t)t + 1, &grades[k]);
				p->ratio[(z * years + t) * kinds + k] += then;
				p->ratio[(group * years + t) * kinds + k] += then;
			}
		}
	}
	for (size_t r = 0; r < rows; r++)
		for (size_t t = 0; t < years; t++)
			for (size_t k = 0; k < kinds; k++) {
				double *ratio = &p->ratio[(r * years + t) * kinds + k];
				*ratio = now[r * kinds + k] > 0 ? *ratio / now[r * kinds + k]
								: (double)NAN;
			}
}

static void index_zones(struct projector *p)
{
	const struct forecast_data *f = p->forecast;

	strmap_init(&p->zones, p->cx->mem);
	for (size_t z = 0; z < f->series.zone_count; z++) {
		const struct forecast_zone *zone = &f->zones[z];
		*strmap_put(&p->zones,
			str_printf(p->cx->mem, STR_FMT "\x1f" STR_FMT, STR_ARG(zone->county),
				STR_ARG(zone->town)),
			NULL) = (int64_t)z;
	}
	/* A county with rows for its towns: as a whole. */
	for (size_t g = 0; g < f->series.group_count; g++) {
		bool is_new;
		int64_t *at = strmap_put(&p->zones,
			str_printf(p->cx->mem, STR_FMT "\x1f", STR_ARG(f->counties[g])), &is_new);
		if (is_new)
			*at = (int64_t)(f->series.zone_count + g);
	}
}

/* The row of ratios for a community: its town's or its county's. */
static enum err find_rows(struct projector *p, int32_t community, size_t *out, size_t *out_county)
{
	const struct places_community *c = &p->data->communities[community];
	const int64_t *county =
		strmap_find(&p->zones, str_printf(p->cx->mem, STR_FMT "\x1f", STR_ARG(c->county)));
	const int64_t *town = strmap_find(&p->zones, str_printf(p->cx->mem, STR_FMT "\x1f" STR_FMT,
							     STR_ARG(c->county), STR_ARG(c->town)));

	if (!county)
		return ctx_fail(p->cx, ERR_REJECTED,
			TR(p->cx,
				"台账 grade_enrolment 没有县区 " STR_FMT ", 社区 " STR_FMT
				" 的儿童无法预测",
				"ledger grade_enrolment has no county " STR_FMT
				": the children of community " STR_FMT " cannot be forecast"),
			STR_ARG(c->county), STR_ARG(c->code));
	*out_county = (size_t)*county;
	*out = town ? (size_t)*town : *out_county;
	return ERR_OK;
}

/* Whole children: what is left over by rounding goes to the next community of the stage. */
static enum err fill_children(struct projector *p, struct places_demand *out)
{
	const struct places_data *d = p->data;
	size_t kinds = (size_t)d->kind_count, years = (size_t)p->years;
	size_t points = (size_t)d->community_count * kinds;
	double *rest = arena_array(p->cx->mem, double, years *kinds);

	out->children = arena_array(p->cx->mem, int64_t, years * points);
	for (int32_t c = 0; c < d->community_count; c++) {
		size_t row = 0, county = 0;
		TRY(find_rows(p, c, &row, &county));
		for (size_t t = 0; t < years; t++)
			for (size_t k = 0; k < kinds; k++) {
				int64_t now = d->children[(size_t)c * kinds + k];
				double ratio = p->ratio[(row * years + t) * kinds + k], exact;
				if (isnan(ratio))
					ratio = p->ratio[(county * years + t) * kinds + k];
				exact = isnan(ratio) ? (double)now : (double)now * ratio;
				exact = fmin(exact, LAYOUT_UNITS_MAX) + rest[t * kinds + k];
				out->children[t * points + (size_t)c * kinds + k] =
					MAX(llround(exact), 0);
				rest[t * kinds + k] =
					exact -
					(double)out->children[t * points + (size_t)c * kinds + k];
			}
	}
	return ERR_OK;
}

enum err places_forecast(struct ctx *cx, const struct places_data *data, const struct pack *pack,
	const struct forecast_data *forecast, const struct forecast_scenario *scenario,
	int32_t years, struct places_demand *out)
{
	const struct forecast_series *s = &forecast->series;
	struct projector p = {
		.cx = cx, .data = data, .forecast = forecast, .years = years, .ahead = years};
	struct stage_grades grades[LAYOUT_KINDS_MAX];
	struct forecast_changes none = {0};
	struct forecast_backtest test;

	for (int32_t k = 0; k < data->kind_count; k++) {
		TRY(find_grades(&p, pack, data->kinds[k].stage, &grades[k]));
		p.ahead = MAX(p.ahead, years + grades[k].before);
	}
	if (p.ahead > FORECAST_HORIZON_MAX)
		return ctx_fail(cx, ERR_INVALID,
			TR(cx, "最多预测 %d 年", "at most %d years can be forecast"),
			FORECAST_HORIZON_MAX - (p.ahead - years));
	forecast_test(s, p.ahead, &test);
	p.people = arena_array(cx->mem, double, s->zone_count *(size_t)p.ahead * s->grade_count);
	forecast_project(s, s->year_count, s->birth_count, &test.options,
		scenario ? &scenario->changes : &none, p.ahead, p.people);
	fill_ratios(&p, grades);
	index_zones(&p);
	*out = (struct places_demand){
		.first_year = forecast->first_year + s->year_count, .count = years};
	return fill_children(&p, out);
}
