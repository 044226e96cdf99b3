/* Files of supposed changes: one a line. */
#include "mod/allocate/places.h"
#include "mod/allocate/rows.h"
#include "wire/table_reader.h"

enum { TYPE, CODE, STAGE, VALUE, COLUMN_COUNT };
enum { CHILDREN, PLACES, KEEP, CLOSE, LIMIT, TYPE_COUNT };

static const char *const column_names[COLUMN_COUNT][2] = {
	{"type", "类型"}, {"code", "代码"}, {"stage", "学段"}, {"value", "数值"}};
static const char *const type_names[TYPE_COUNT][2] = {{"children", "儿童"}, {"places", "学位"},
	{"keep", "保留"}, {"close", "停办"}, {"limit", "限时"}};

struct reader {
	struct ctx *cx;
	struct places_data *data;
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

static int32_t find(struct reader *r, const struct strmap *map)
{
	const int64_t *at = strmap_find(map, r->cells[CODE]);

	if (at)
		return (int32_t)*at;
	bad(r, CODE, TR(r->cx, "台账里有的代码", "a code that is in the ledgers"));
	return 0;
}

static int32_t find_stage(struct reader *r)
{
	for (int32_t k = 0; k < r->data->kind_count; k++)
		if (str_eq(r->data->kinds[k].stage, r->cells[STAGE]))
			return k;
	bad(r, STAGE, TR(r->cx, "有参数的学段", "a stage that has parameters"));
	return 0;
}

static int64_t whole(struct reader *r)
{
	int64_t v = 0;

	if (parse_i64(r->cells[VALUE], 0, 1000000, &v) != NUM_OK)
		bad(r, VALUE, TR(r->cx, "不小于 0 的整数", "a whole number from 0"));
	return v;
}

static void change_site(struct reader *r, bool is_kept)
{
	int32_t at = find(r, &r->data->site_index);
	struct places_site *site = &r->data->sites[at];

	if (!r->is_good)
		return;
	site->must_keep = is_kept;
	site->must_close = !is_kept;
	if (is_kept)
		site->keep_reason = str_from(TR(r->cx, "假设", "supposed"));
}

static void read_line(struct reader *r)
{
	struct places_data *d = r->data;
	int32_t type = 0, kind, at;
	int64_t value;

	r->is_good = true;
	while (type < TYPE_COUNT && !str_is(r->cells[TYPE], type_names[type][0]) &&
		!str_is(r->cells[TYPE], type_names[type][1]))
		type++;
	switch (type) {
	case CHILDREN:
	case PLACES:
		at = find(r, type == CHILDREN ? &d->community_index : &d->site_index);
		kind = find_stage(r);
		value = whole(r);
		if (r->is_good && type == CHILDREN)
			d->children[at * d->kind_count + kind] = value;
		else if (r->is_good)
			d->rooms[at * d->kind_count + kind].places = value;
		return;
	case KEEP:
	case CLOSE:
		change_site(r, type == KEEP);
		return;
	case LIMIT:
		kind = find_stage(r);
		value = whole(r);
		if (r->is_good)
			d->kinds[kind].minutes_max = (double)value;
		return;
	default:
		bad(r, TYPE, " children, places, keep, close, limit");
	}
}

enum err places_change(
	struct ctx *cx, struct table_reader *table, const char *path, struct places_data *data)
{
	struct reader r = {.cx = cx, .data = data, .at = {.file = str_from(path)}};
	uint32_t columns[COLUMN_COUNT];

	problems_init(&r.problems, cx->mem);
	r.problems.is_english = cx->is_english;
	TRY(allocate_header(
		cx, table, path, column_names, COLUMN_COUNT, 1u << TYPE | 1u << CODE, columns));
	for (;;) {
		const struct table_row *row;
		TRY(table_reader_next(table, &row));
		if (!row)
			break;
		r.at.line = row->line ? (int)MIN(row->line, INT_MAX) : (int)row->number;
		for (int i = 0; i < COLUMN_COUNT; i++)
			r.cells[i] = columns[i] == UINT32_MAX
					     ? STR_NONE
					     : str_trim(table_row_cell(row, columns[i])->text);
		read_line(&r);
	}
	table_reader_close(table);
	return allocate_reject(cx, &r.problems);
}

enum err places_change_file(struct ctx *cx, const char *path, struct places_data *data)
{
	struct table_reader *table;

	TRY(table_reader_open(cx, path, NULL, &table));
	return places_change(cx, table, path, data);
}
