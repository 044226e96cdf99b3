/* Scenario files: one supposed change a line. */
#include "mod/allocate/forecast.h"
#include "mod/allocate/rows.h"

#include "base/num.h"
#include "wire/table_reader.h"

#include <math.h>

enum { KIND, COUNTY, TOWN, YEAR, GRADES, VALUE, TO_COUNTY, TO_TOWN, COLUMN_COUNT };

static const char *const column_names[COLUMN_COUNT][2] = {{"kind", "类型"}, {"county", "县区代码"},
	{"town", "乡镇代码"}, {"year", "年份"}, {"grades", "年级"}, {"value", "数值"},
	{"to_county", "转入县区代码"}, {"to_town", "转入乡镇代码"}};

static const char *const kind_names[][2] = {
	[FORECAST_BIRTHS] = {"births", "出生"},
	[FORECAST_ADD] = {"add", "增加"},
	[FORECAST_MOVE] = {"move", "迁移"},
};

struct reader {
	struct ctx *cx;
	const struct forecast_data *data;
	struct problems problems;
	struct place at;
	struct str cells[COLUMN_COUNT];
	bool is_good; /* the line so far */
};

static void bad(struct reader *r, int column, const char *wanted)
{
	problems_error(&r->problems, r->at,
		TR(r->cx, "%s '" STR_FMT "' 应为%s", "%s '" STR_FMT "': %s is expected"),
		column_names[column][r->cx->is_english ? 0 : 1], STR_ARG(r->cells[column]), wanted);
	r->is_good = false;
}

static size_t find_zone(struct reader *r, int county, int town)
{
	for (size_t z = 0; z < r->data->series.zone_count; z++)
		if (str_eq(r->data->zones[z].county, r->cells[county]) &&
			str_eq(r->data->zones[z].town, r->cells[town]))
			return z;
	bad(r, r->cells[town].n ? town : county,
		TR(r->cx, "数据里有的地方", "a place that is in the data"));
	return 0;
}

static int read_year(struct reader *r)
{
	int64_t year;

	if (parse_i64(r->cells[YEAR], 1900, 2200, &year) != NUM_OK) {
		bad(r, YEAR, TR(r->cx, "年份, 如 2028", "a year such as 2028"));
		return 0;
	}
	return (int)year - r->data->first_year;
}

static void read_grades(struct reader *r, struct forecast_change *c)
{
	struct str rest = r->cells[GRADES], first = str_cut(&rest, '-');
	int64_t most = (int64_t)r->data->series.grade_count, from, to;

	if (parse_i64(str_trim(first), 1, most, &from) != NUM_OK ||
		(rest.n && parse_i64(str_trim(rest), from, most, &to) != NUM_OK)) {
		bad(r, GRADES, TR(r->cx, "年级或范围, 如 1 或 1-6", "a grade or range: 1 or 1-6"));
		return;
	}
	c->grade_from = (size_t)from - 1;
	c->grade_to = rest.n ? (size_t)to - 1 : c->grade_from;
}

/* "-10%" as -0.1. */
static double read_percent(struct reader *r, double least, double most)
{
	struct str text = r->cells[VALUE];
	double v = 0;

	if (!str_ends(text, "%") || parse_f64(str_sub(text, 0, text.n - 1), &v) != NUM_OK ||
		v / 100 < least || v / 100 > most)
		bad(r, VALUE, TR(r->cx, "百分数, 如 -10%", "a percentage such as -10%"));
	return v / 100;
}

static bool read_kind(struct reader *r, enum forecast_change_kind *out)
{
	for (size_t k = 0; k < ARRAY_LEN(kind_names); k++)
		for (size_t n = 0; n < 2; n++)
			if (str_is(r->cells[KIND], kind_names[k][n])) {
				*out = (enum forecast_change_kind)k;
				return true;
			}
	bad(r, KIND, TR(r->cx, " births、add 或 move", "births, add or move"));
	return false;
}

static void read_births(struct reader *r, struct forecast_change *c)
{
	c->zone = r->cells[COUNTY].n ? find_zone(r, COUNTY, TOWN) : SIZE_MAX;
	c->value = 1 + read_percent(r, -1, 10);
}

static void read_add(struct reader *r, struct forecast_change *c)
{
	c->zone = find_zone(r, COUNTY, TOWN);
	read_grades(r, c);
	if (parse_f64(r->cells[VALUE], &c->value) != NUM_OK || fabs(c->value) > 1e7)
		bad(r, VALUE, TR(r->cx, "每个年级的人数", "people in each grade"));
}

static void read_move(struct reader *r, struct forecast_change *c)
{
	c->zone = find_zone(r, COUNTY, TOWN);
	c->to_zone = find_zone(r, TO_COUNTY, TO_TOWN);
	read_grades(r, c);
	c->value = read_percent(r, 0, 1);
}

static void read_line(struct reader *r, struct forecast_change *c)
{
	*c = (struct forecast_change){.zone = SIZE_MAX};
	r->is_good = true;
	if (!read_kind(r, &c->kind))
		return;
	c->year = read_year(r);
	switch (c->kind) {
	case FORECAST_BIRTHS:
		read_births(r, c);
		break;
	case FORECAST_ADD:
		read_add(r, c);
		break;
	case FORECAST_MOVE:
		read_move(r, c);
		break;
	}
	/* Births that are known, and years that have been, are not changed. */
	if (r->is_good && c->kind != FORECAST_BIRTHS && c->year < r->data->series.year_count)
		bad(r, YEAR,
			TR(r->cx, "最后一个学年之后的年份", "a year after the last one known"));
}

static enum err read_lines(struct reader *r, struct table_reader *table, const uint32_t *columns,
	struct forecast_scenario *out)
{
	VEC(struct forecast_change) changes = {0};

	for (;;) {
		const struct table_row *row;
		struct forecast_change c;
		TRY(table_reader_next(table, &row));
		if (!row)
			break;
		r->at.line = row->line ? (int)MIN(row->line, INT_MAX) : (int)row->number;
		for (int i = 0; i < COLUMN_COUNT; i++)
			r->cells[i] = columns[i] == UINT32_MAX
					      ? STR_NONE
					      : str_trim(table_row_cell(row, columns[i])->text);
		read_line(r, &c);
		if (r->is_good)
			*VEC_PUSH(r->cx->mem, &changes) = c;
	}
	out->changes = (struct forecast_changes){changes.items, changes.count};
	return ERR_OK;
}

enum err forecast_take_scenario(struct ctx *cx, struct table_reader *table, const char *path,
	const struct forecast_data *data, struct forecast_scenario *out)
{
	struct reader r = {.cx = cx, .data = data, .at = {.file = str_from(path)}};
	uint32_t columns[COLUMN_COUNT];

	*out = (struct forecast_scenario){.name = str_copy(cx->mem, str_from(path))};
	problems_init(&r.problems, cx->mem);
	r.problems.is_english = cx->is_english;
	TRY(allocate_header(cx, table, path, column_names, COLUMN_COUNT,
		1u << KIND | 1u << YEAR | 1u << VALUE, columns));
	TRY(read_lines(&r, table, columns, out));
	table_reader_close(table);
	return allocate_reject(cx, &r.problems);
}

enum err forecast_read_scenario(struct ctx *cx, const char *path, const struct forecast_data *data,
	struct forecast_scenario *out)
{
	struct table_reader *table;

	TRY(table_reader_open(cx, path, NULL, &table));
	return forecast_take_scenario(cx, table, path, data, out);
}
