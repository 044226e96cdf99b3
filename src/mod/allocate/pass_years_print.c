/* Plans of several years as a table and as JSON. */
#include "mod/allocate/pass_years.h"
#include "wire/json_write.h"

#include <string.h>

const struct report_column pass_years_columns[PASS_YEARS_COLUMNS] = {
	{"year", "年份", REPORT_NUMBER}, {"county", "县区", REPORT_TEXT},
	{"org", "学校标识码", REPORT_TEXT}, {"name", "学校名称", REPORT_TEXT},
	{"indicator", "指标", REPORT_TEXT}, {"from", "现有", REPORT_NUMBER},
	{"to", "增至", REPORT_NUMBER}, {"cost", "费用", REPORT_NUMBER},
	{"excused", "低于标准而不超限的指标", REPORT_TEXT}};

void pass_years_report(struct report *r, const struct pass_years *y)
{
	const struct pass_schedule *best = pass_years_best(y);

	for (int32_t t = 0; best && t < y->count; t++)
		pass_report_year(r, &best->years[t].plan, best->years[t].year);
}

static void write_schedule(struct ctx *cx, struct json_writer *w, const struct pass_years *y,
	const struct pass_schedule *s)
{
	json_object(w);
	if (s->cause.n) {
		json_field_str(w, "cause", s->cause);
		json_end_object(w);
		return;
	}
	json_field_f64(w, "cost", s->cost);
	json_key(w, "years");
	json_array(w);
	for (int32_t t = 0; t < y->count; t++) {
		const struct pass_year *year = &s->years[t];
		json_object(w);
		json_field_i64(w, "year", year->year);
		json_field_i64(w, "pupils", year->pupils);
		json_field_f64(w, "factor", year->factor);
		json_key(w, "plan");
		pass_write_json(cx, w, &year->before, &year->plan, year->is_confirmed);
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
}

void pass_years_write_json(struct ctx *cx, struct json_writer *w, const struct pass_years *y)
{
	const struct pass_schedule *best = pass_years_best(y);

	json_object(w);
	json_field_str(w, "county", y->area);
	json_field_str(w, "stage", y->group);
	json_key(w, "best");
	json_z(w, !best ? "none" : best == &y->late ? "late" : "early");
	json_field_f64(w, "bound", y->bound);
	json_field_f64(w, "gap", pass_years_gap(y));
	json_key(w, "late");
	write_schedule(cx, w, y, &y->late);
	json_key(w, "early");
	write_schedule(cx, w, y, &y->early);
	json_end_object(w);
}
