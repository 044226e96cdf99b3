/* Who may exchange pupils: pairs of a file, or neighbours by town and by the way to school. */
#include "mod/allocate/pass_move.h"
#include "mod/allocate/rows.h"

#include "engine/uplift/shift.h"
#include "wire/table_reader.h"

enum { COLUMN_ORG, COLUMN_NEIGHBOUR, COLUMN_COUNT };
static const char *const column_names[COLUMN_COUNT][2] = {
	{"org", "学校标识码"}, {"neighbour", "相邻学校"}};

static void take_pair(struct ctx *cx, struct problems *ps, struct place at,
	const struct strmap *orgs, const struct str cells[COLUMN_COUNT], struct strmap *out)
{
	size_t errors = ps->error_count;

	for (int c = 0; c < COLUMN_COUNT; c++)
		if (!strmap_find(orgs, cells[c]))
			problems_error(ps, at,
				TR(cx, "数据里没有学校 '" STR_FMT "'",
					"there is no org '" STR_FMT "' in the rows"),
				STR_ARG(cells[c]));
	if (errors == ps->error_count && str_eq(cells[0], cells[1]))
		problems_error(ps, at, "%s",
			TR(cx, "学校不能与自己相邻", "a school is no neighbour of itself"));
	if (errors < ps->error_count)
		return;
	(void)strmap_put(out, pass_key(cx->mem, cells[0], cells[1]), NULL);
	(void)strmap_put(out, pass_key(cx->mem, cells[1], cells[0]), NULL);
}

enum err pass_read_neighbours(
	struct ctx *cx, const char *path, const struct dataset_ledger *rows, struct strmap *out)
{
	const struct column *org = table_find(rows->table, STR("org"));
	struct place at = {.file = str_from(path)};
	uint32_t columns[COLUMN_COUNT];
	struct table_reader *table;
	struct problems ps;
	struct strmap orgs;

	problems_init(&ps, cx->mem);
	ps.is_english = cx->is_english;
	strmap_init(&orgs, cx->mem);
	strmap_init(out, cx->mem);
	for (size_t i = 0; i < rows->table->row_count; i++)
		(void)strmap_put(&orgs, column_text(org, i), NULL);
	TRY(table_reader_open(cx, path, NULL, &table));
	TRY(allocate_header(cx, table, path, column_names, COLUMN_COUNT, 3, columns));
	for (;;) {
		const struct table_row *row;
		struct str cells[COLUMN_COUNT];
		TRY(table_reader_next(table, &row));
		if (!row)
			break;
		at.line = row->line ? (int)MIN(row->line, INT_MAX) : (int)row->number;
		for (int c = 0; c < COLUMN_COUNT; c++)
			cells[c] =
				str_copy(cx->mem, str_trim(table_row_cell(row, columns[c])->text));
		take_pair(cx, &ps, at, &orgs, cells, out);
	}
	table_reader_close(table);
	return allocate_reject(cx, &ps);
}

/* Kilometres as the crow flies that take the longest time to school of the stage. */
static enum err find_reach(
	struct ctx *cx, const struct pack *pack, struct str stage, double *out_km)
{
	int64_t minutes, speed, detour;

	TRY(allocate_number(cx, pack, "places.minutes_max", stage, &minutes));
	TRY(allocate_number(cx, pack, "places.speed", stage, &speed));
	TRY(allocate_number(cx, pack, "places.detour", STR_NONE, &detour));
	*out_km = detour > 0 ? (double)minutes / 60 * (double)speed / 1e6 / (double)detour : 0;
	return ERR_OK;
}

static bool are_near(const struct org *a, const struct org *b, double km)
{
	if (!a || !b)
		return false;
	if (a->town.n && str_eq(a->town, b->town))
		return true;
	return a->has_point && b->has_point && allocate_km(a->lon, a->lat, b->lon, b->lat) <= km;
}

enum err pass_find_pairs(struct ctx *cx, const struct pack *pack, const struct pass_plan *plan,
	const struct pass_move_options *options, const bool *is_fixed, struct uplift_pair **out,
	size_t *out_count)
{
	const struct requirements *q = &plan->needs;
	VEC(struct uplift_pair) list = {0};
	double km = 0;

	if (!options->pairs)
		TRY(find_reach(cx, pack, plan->group, &km));
	for (size_t i = 0; i < q->unit_count; i++)
		for (size_t j = i + 1; j < q->unit_count; j++) {
			struct str a = q->units[i].org, b = q->units[j].org;
			bool is_pair = options->pairs ? strmap_find(options->pairs,
								pass_key(cx->mem, a, b)) != NULL
						      : are_near(org_find(options->tree, a),
								org_find(options->tree, b), km);
			if (is_pair && !is_fixed[i] && !is_fixed[j])
				*VEC_PUSH(cx->mem, &list) = (struct uplift_pair){i, j};
		}
	*out = list.items;
	*out_count = list.count;
	return ERR_OK;
}
