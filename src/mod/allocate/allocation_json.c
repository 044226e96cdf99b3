/* A plan's result as JSON, and the shape that it has. */
#include "mod/allocate/allocation.h"

#include <math.h>

/* ---- shapes ---- */

#define TEXT(name)   OUT_OR_NULL(name, JT_TEXT)
#define NUMBER(name) OUT_OR_NULL(name, JT_NUMBER)
/* Plans kept by older versions lack these. */
#define SINCE(name, type)       OUT_WITH(name, type, .is_optional = true, .is_nullable = true)
#define SINCE_LIST(name, shape) OUT_WITH(name, JT_LIST, .of = &(shape), .is_optional = true)

static const struct json_field figure_fields[] = {OUT("county", JT_TEXT), TEXT("county_name"),
	TEXT("stage"), TEXT("measure"), TEXT("measure_title"), OUT("figure", JT_TEXT),
	NUMBER("before"), NUMBER("after"), NUMBER("limit")};
static const struct json_shape figure_shape = JSON_SHAPE("plan_figure", 0, figure_fields);
static const struct json_field row_fields[] = {OUT("county", JT_TEXT), TEXT("county_name"),
	OUT("item", JT_TEXT), TEXT("name"), OUT("action", JT_TEXT), TEXT("stage"), TEXT("subject"),
	TEXT("measure"), TEXT("measure_title"), TEXT("from"), TEXT("from_name"), TEXT("to"),
	TEXT("to_name"), TEXT("once"), TEXT("saving"), TEXT("reason"), OUT("is_proposed", JT_BOOL)};
static const struct json_shape row_shape = JSON_SHAPE("plan_row", 0, row_fields);
static const struct json_field step_fields[] = {OUT("county", JT_TEXT), TEXT("county_name"),
	OUT("item", JT_TEXT), TEXT("name"), OUT("year", JT_I64), OUT("action", JT_TEXT),
	TEXT("stage"), TEXT("measure"), TEXT("measure_title"), TEXT("from"), TEXT("to"),
	TEXT("into"), TEXT("into_name"), TEXT("once"), TEXT("reason")};
static const struct json_shape step_shape = JSON_SHAPE("plan_step", 0, step_fields);
static const struct json_field year_fields[] = {OUT("county", JT_TEXT), TEXT("county_name"),
	TEXT("stage"), OUT("year", JT_I64), OUT("figure", JT_TEXT), NUMBER("value")};
static const struct json_shape year_shape = JSON_SHAPE("plan_year", 0, year_fields);
static const struct json_field curve_fields[] = {OUT("weight", JT_NUMBER), OUT("money", JT_NUMBER),
	OUT("travel", JT_NUMBER), OUT("mean_km", JT_NUMBER), OUT("sites", JT_I64),
	OUT("opened", JT_I64), OUT("closed", JT_I64), OUT("unmet", JT_I64), OUT("gap", JT_NUMBER)};
static const struct json_shape curve_shape = JSON_SHAPE("plan_curve_point", 0, curve_fields);
static const struct json_field point_fields[] = {OUT("code", JT_TEXT), TEXT("name"),
	SINCE("zone", JT_TEXT), OUT("county", JT_TEXT), OUT("what", JT_TEXT),
	OUT("action", JT_TEXT), OUT("lon", JT_NUMBER), OUT("lat", JT_NUMBER), OUT("size", JT_I64)};
static const struct json_shape point_shape = JSON_SHAPE("plan_point", 0, point_fields);
static const struct json_field shift_fields[] = {OUT("code", JT_TEXT), TEXT("name"),
	OUT("county", JT_TEXT), TEXT("county_name"), OUT("stage", JT_TEXT), TEXT("from"),
	TEXT("from_name"), TEXT("to"), TEXT("to_name"), OUT("people", JT_I64), NUMBER("minutes"),
	SINCE("year", JT_I64), SINCE("reason", JT_TEXT)};
static const struct json_shape shift_shape = JSON_SHAPE("plan_shift", 0, shift_fields);
static const struct json_field future_fields[] = {OUT("county", JT_TEXT), TEXT("county_name"),
	OUT("stage", JT_TEXT), OUT("year", JT_I64), OUT("value", JT_NUMBER), NUMBER("low"),
	NUMBER("high"), OUT("is_past", JT_BOOL)};
static const struct json_shape future_shape = JSON_SHAPE("plan_future", 0, future_fields);
static const struct json_field result_fields[] = {ALLOCATION_HEADLINE,
	OUT_WITH("figures", JT_LIST, .of = &figure_shape),
	OUT_WITH("rows", JT_LIST, .of = &row_shape),
	OUT_WITH("points", JT_LIST, .of = &point_shape),
	OUT_WITH("shifts", JT_LIST, .of = &shift_shape),
	OUT_WITH("futures", JT_LIST, .of = &future_shape), SINCE_LIST("steps", step_shape),
	SINCE_LIST("years", year_shape), SINCE_LIST("curve", curve_shape)};
const struct json_shape allocation_result_shape = JSON_SHAPE("plan_result", 0, result_fields);

/* ---- writing ---- */

/* Rounded to what people read; not known: null. */
static void number(struct json_writer *w, const char *key, double v)
{
	json_key(w, key);
	json_f64(w, isfinite(v) ? round(v * 1e4) / 1e4 : v);
}

static void money(struct json_writer *w, const char *key, bool has, int64_t milli)
{
	json_key(w, key);
	if (has)
		json_dec(w, milli, 3);
	else
		json_null(w);
}

static void county(struct json_writer *w, const struct org_tree *tree, struct str code)
{
	json_field_text(w, "county", code);
	json_field_text(w, "county_name", org_attribute(tree, code, STR("name")));
}

static void write_figures(
	struct json_writer *w, const struct org_tree *tree, const struct allocation_result *r)
{
	json_key(w, "figures");
	json_array(w);
	for (size_t i = 0; i < r->figures.count; i++) {
		const struct allocation_figure *f = &r->figures.items[i];
		json_object(w);
		county(w, tree, f->county);
		json_field_text(w, "stage", f->stage);
		json_field_text(w, "measure", f->measure);
		json_field_text(w, "measure_title", f->measure_title);
		json_key(w, "figure");
		json_z(w, f->figure);
		number(w, "before", f->before);
		number(w, "after", f->after);
		number(w, "limit", f->limit);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_row(
	struct json_writer *w, const struct org_tree *tree, const struct allocation_row *row)
{
	json_object(w);
	county(w, tree, row->county);
	json_field_text(w, "item", row->item);
	json_field_text(w, "name", row->name);
	json_key(w, "action");
	json_z(w, row->action);
	json_field_text(w, "stage", row->stage);
	json_field_text(w, "subject", row->subject);
	json_field_text(w, "measure", row->measure);
	json_field_text(w, "measure_title", row->measure_title);
	json_field_text(w, "from", row->from);
	json_field_text(w, "from_name", row->from_name);
	json_field_text(w, "to", row->to);
	json_field_text(w, "to_name", row->to_name);
	json_field_text(w, "once", row->once);
	json_field_text(w, "saving", row->saving);
	json_field_text(w, "reason", row->reason);
	json_key(w, "is_proposed");
	json_bool(w, row->is_proposed);
	json_end_object(w);
}

static void write_points(struct json_writer *w, const struct allocation_result *r)
{
	json_key(w, "points");
	json_array(w);
	for (size_t i = 0; i < r->points.count; i++) {
		const struct allocation_point *p = &r->points.items[i];
		json_object(w);
		json_field_text(w, "code", p->code);
		json_field_text(w, "name", p->name);
		json_field_text(w, "zone", p->zone);
		json_field_text(w, "county", p->county);
		json_key(w, "what");
		json_z(w, p->what);
		json_key(w, "action");
		json_z(w, p->action);
		json_key(w, "lon");
		json_f64(w, p->lon);
		json_key(w, "lat");
		json_f64(w, p->lat);
		json_key(w, "size");
		json_i64(w, p->size);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_shifts(
	struct json_writer *w, const struct org_tree *tree, const struct allocation_result *r)
{
	json_key(w, "shifts");
	json_array(w);
	for (size_t i = 0; i < r->shifts.count; i++) {
		const struct allocation_shift *s = &r->shifts.items[i];
		json_object(w);
		json_field_text(w, "code", s->code);
		json_field_text(w, "name", s->name);
		county(w, tree, s->county);
		json_field_text(w, "stage", s->stage);
		json_field_text(w, "from", s->from);
		json_field_text(w, "from_name", s->from_name);
		json_field_text(w, "to", s->to);
		json_field_text(w, "to_name", s->to_name);
		json_key(w, "people");
		json_i64(w, s->people);
		number(w, "minutes", s->minutes);
		json_key(w, "year");
		if (s->year)
			json_i64(w, s->year);
		else
			json_null(w);
		json_field_text(w, "reason", s->reason);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_futures(
	struct json_writer *w, const struct org_tree *tree, const struct allocation_result *r)
{
	json_key(w, "futures");
	json_array(w);
	for (size_t i = 0; i < r->futures.count; i++) {
		const struct allocation_future *f = &r->futures.items[i];
		json_object(w);
		county(w, tree, f->county);
		json_field_text(w, "stage", f->stage);
		json_key(w, "year");
		json_i64(w, f->year);
		number(w, "value", f->value);
		number(w, "low", f->low);
		number(w, "high", f->high);
		json_key(w, "is_past");
		json_bool(w, f->is_past);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_steps(
	struct json_writer *w, const struct org_tree *tree, const struct allocation_result *r)
{
	json_key(w, "steps");
	json_array(w);
	for (size_t i = 0; i < r->steps.count; i++) {
		const struct allocation_step *s = &r->steps.items[i];
		json_object(w);
		county(w, tree, s->county);
		json_field_text(w, "item", s->item);
		json_field_text(w, "name", s->name);
		json_key(w, "year");
		json_i64(w, s->year);
		json_key(w, "action");
		json_z(w, s->action);
		json_field_text(w, "stage", s->stage);
		json_field_text(w, "measure", s->measure);
		json_field_text(w, "measure_title", s->measure_title);
		json_field_text(w, "from", s->from);
		json_field_text(w, "to", s->to);
		json_field_text(w, "into", s->into);
		json_field_text(w, "into_name", s->into_name);
		json_field_text(w, "once", s->once);
		json_field_text(w, "reason", s->reason);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_years(
	struct json_writer *w, const struct org_tree *tree, const struct allocation_result *r)
{
	json_key(w, "years");
	json_array(w);
	for (size_t i = 0; i < r->years.count; i++) {
		const struct allocation_year *y = &r->years.items[i];
		json_object(w);
		county(w, tree, y->county);
		json_field_text(w, "stage", y->stage);
		json_key(w, "year");
		json_i64(w, y->year);
		json_key(w, "figure");
		json_z(w, y->figure);
		number(w, "value", y->value);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_curve(struct json_writer *w, const struct allocation_result *r)
{
	static const char *const counts[] = {"sites", "opened", "closed", "unmet"};

	json_key(w, "curve");
	json_array(w);
	for (size_t i = 0; i < r->curve.count; i++) {
		const struct allocation_curve_point *p = &r->curve.items[i];
		const int64_t values[] = {p->sites, p->opened, p->closed, p->unmet};
		json_object(w);
		number(w, "weight", p->weight);
		money(w, "money", true, p->money);
		money(w, "travel", true, p->travel);
		number(w, "mean_km", p->mean_km);
		for (size_t k = 0; k < ARRAY_LEN(counts); k++) {
			json_key(w, counts[k]);
			json_i64(w, values[k]);
		}
		number(w, "gap", p->gap);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_headline(struct json_writer *w, const struct allocation_result *r)
{
	int64_t proposed = 0;

	for (size_t i = 0; i < r->rows.count; i++)
		proposed += r->rows.items[i].is_proposed;
	json_field_text(w, "unit", str_from(r->unit));
	money(w, "cost", r->unit != NULL, r->cost);
	money(w, "cost_before", r->unit && r->cost_before >= 0, r->cost_before);
	money(w, "bound", r->unit != NULL, r->bound);
	json_key(w, "gap");
	if (r->unit)
		json_f64(w, r->gap);
	else
		json_null(w);
	number(w, "seconds", r->seconds);
	json_key(w, "is_whole");
	json_bool(w, r->is_whole);
	json_field_text(w, "problem", r->problem);
	json_key(w, "proposed");
	json_i64(w, proposed);
}

void allocation_write_headline(struct json_writer *w, const struct allocation_result *r)
{
	json_object(w);
	write_headline(w, r);
	json_end_object(w);
}

void allocation_write(
	struct json_writer *w, const struct org_tree *tree, const struct allocation_result *r)
{
	json_object(w);
	write_headline(w, r);
	write_figures(w, tree, r);
	json_key(w, "rows");
	json_array(w);
	for (size_t i = 0; i < r->rows.count; i++)
		write_row(w, tree, &r->rows.items[i]);
	json_end_array(w);
	write_points(w, r);
	write_shifts(w, tree, r);
	write_futures(w, tree, r);
	write_steps(w, tree, r);
	write_years(w, tree, r);
	write_curve(w, r);
	json_end_object(w);
}
