#include "mod/allocate/rows.h"
#include "mod/allocate/staff_internal.h"
#include "wire/table_reader.h"

#include <math.h>

const char *const staff_goal_names[STAFF_GOALS] = {
	"short", "over", "move", "move_other", "km", "retrain", "supply", "balance"};

int64_t staff_keyed(const struct keyed_dec_list *list, struct str key, int64_t none)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i].key, key))
			return list->items[i].micro / 1000000;
	return none;
}

static enum err load_weights(struct staff_loader *l, const struct cli_args *args)
{
	struct str given;

	for (int g = 0; g < STAFF_GOALS; g++) {
		TRY(allocate_number(l->cx, l->ds->pack,
			args && cli_has(args, "strict") ? "posts.weight_strict" : "posts.weight",
			str_from(staff_goal_names[g]), &l->out->weight[g]));
		l->out->weight[g] /= 1000;
	}
	for (size_t i = 0; args && (given = cli_nth(args, "weight", i)).p; i++) {
		struct str name = str_cut(&given, '=');
		int g = 0;
		while (g < STAFF_GOALS && !str_is(name, staff_goal_names[g]))
			g++;
		if (g == STAFF_GOALS || parse_dec(given, 3, &l->out->weight[g]) != NUM_OK)
			return ctx_fail(l->cx, ERR_INVALID,
				"--weight short|over|move|move_other|km|retrain|supply|balance"
				"=POINTS");
	}
	for (int g = 0; g < STAFF_GOALS; g++)
		if (l->out->weight[g] < 0 || l->out->weight[g] > POSTS_COST_MAX / 4)
			return ctx_fail(l->cx, ERR_INVALID,
				TR(l->cx, "权重 %s 应为 0 到一百万",
					"weight %s must be 0 to 1 million"),
				staff_goal_names[g]);
	l->out->has_retraining = args && cli_has(args, "retrain");
	return staff_load_rules(l);
}

static enum err load_parameters(struct staff_loader *l)
{
	const struct pack *pack = l->ds->pack;
	const struct keyed_dec_list *list;
	int64_t micro;

	TRY(allocate_parameter(l->cx, pack, "posts.stage_rank", &l->ranks));
	TRY(allocate_parameter(l->cx, pack, "posts.load", &l->loads));
	TRY(allocate_parameter(l->cx, pack, "rotation.age_max", &l->ages));
	TRY(allocate_parameter(l->cx, pack, "posts.per_class", &list));
	l->class_stage = list->items[0].key;
	l->per_class = list->items[0].micro / 1000000;
	TRY(allocate_number(l->cx, pack, "rotation.years_min", STR_NONE, &micro));
	l->years_min = micro / 1000000;
	TRY(allocate_number(l->cx, pack, "rotation.years_due", STR_NONE, &micro));
	l->years_due = micro / 1000000;
	TRY(allocate_number(l->cx, pack, "rotation.km_max", STR_NONE, &micro));
	l->out->km_max = (double)micro / 1e6;
	TRY(allocate_number(l->cx, pack, "places.detour", STR_NONE, &micro));
	l->out->detour = (double)micro / 1e6;
	TRY(allocate_number(l->cx, pack, "balance.rotation", STR_NONE, &micro));
	l->out->share = micro / 1000000;
	TRY(allocate_number(l->cx, pack, "balance.rotation_backbone", STR_NONE, &micro));
	l->out->share_backbone = micro / 1000000;
	return ERR_OK;
}

static double degrees(const struct table *t, const char *name, size_t row)
{
	const struct column *c = table_find(t, str_from(name));

	return dec_to_f64(allocate_cell(c, row, 0), c->scale);
}

static enum err load_schools(struct staff_loader *l)
{
	struct staff_data *d = l->out;
	struct dataset_ledger *dl;
	int32_t people, programmes;
	const struct table *t;

	TRY(allocate_ledger(l->cx, l->ds, "school_sites", &dl));
	t = dl->table;
	staff_count_supply(l, &people, &programmes);
	d->schools =
		arena_array(l->cx->mem, struct staff_school, t->row_count + (size_t)programmes);
	for (size_t i = 0; i < t->row_count; i++) {
		struct str code = column_text(table_find(t, STR("site")), i);
		*strmap_put(&d->school_index, code, NULL) = d->school_count;
		d->schools[d->school_count++] =
			(struct staff_school){code, column_text(table_find(t, STR("name")), i),
				column_text(table_find(t, STR("county")), i), degrees(t, "lon", i),
				degrees(t, "lat", i)};
	}
	return ERR_OK;
}

static int32_t find_school(struct staff_loader *l, const struct dataset_ledger *dl, size_t row)
{
	struct str org = column_text(table_find(dl->table, STR("org")), row);
	const int64_t *at = strmap_find(&l->out->school_index, org);

	if (at)
		return (int32_t)*at;
	problems_error(&l->problems, allocate_row_place(dl, row),
		TR(l->cx, "'" STR_FMT "' 不在台账 school_sites 里",
			"'" STR_FMT "' is not in ledger school_sites"),
		STR_ARG(org));
	return -1;
}

/* --- posts ---------------------------------------------------------------------------------- */

struct staff_post *staff_find_post(
	struct staff_loader *l, int32_t school, struct str stage, struct str subject)
{
	struct staff_data *d = l->out;
	struct str key = str_printf(l->cx->mem, "%d\x1f" STR_FMT "\x1f" STR_FMT, school,
		STR_ARG(stage), STR_ARG(subject));
	bool is_new;
	int64_t *at = strmap_put(&d->post_index, key, &is_new);

	if (is_new) {
		*at = (int64_t)d->posts.count;
		*VEC_PUSH(l->cx->mem, &d->posts) = (struct staff_post){.school = school,
			.stage = stage,
			.subject = subject,
			.rank = staff_keyed(l->ranks, stage, -1)};
	}
	return &d->posts.items[*at];
}

/*
 * Heads by subject: lessons a week of all classes over a teacher's load; whole heads by the largest
 * remainders of the stage's total.
 */
static enum err share_heads(
	struct staff_loader *l, int32_t school, struct str stage, int64_t classes, int64_t load)
{
	char *id = arena_printf(l->cx->mem, "posts.lessons_" STR_FMT, STR_ARG(stage));
	const struct keyed_dec_list *lessons;
	int64_t sum = 0, left, *heads, *rest;

	TRY(allocate_parameter(l->cx, l->ds->pack, id, &lessons));
	heads = arena_array(l->cx->mem, int64_t, lessons->count);
	rest = arena_array(l->cx->mem, int64_t, lessons->count);
	for (size_t i = 0; i < lessons->count; i++)
		sum += lessons->items[i].micro;
	left = (classes * sum / 1000000 + load / 2) / load;
	for (size_t i = 0; i < lessons->count; i++) {
		int64_t micro = classes * lessons->items[i].micro;
		heads[i] = micro / (load * 1000000);
		rest[i] = micro % (load * 1000000);
		left -= heads[i];
	}
	for (; left > 0; left--) {
		size_t most = 0;
		for (size_t i = 1; i < lessons->count; i++)
			most = rest[i] > rest[most] ? i : most;
		heads[most]++;
		rest[most] = -1;
	}
	for (size_t i = 0; i < lessons->count; i++)
		staff_find_post(l, school, stage, lessons->items[i].key)->need += heads[i];
	return ERR_OK;
}

static enum err load_posts(struct staff_loader *l)
{
	struct dataset_ledger *dl;
	const struct table *t;

	TRY(allocate_ledger(l->cx, l->ds, "school_resources", &dl));
	t = dl->table;
	for (size_t i = 0; i < t->row_count; i++) {
		struct str stage = column_text(table_find(t, STR("stage")), i);
		int64_t load = staff_keyed(l->loads, stage, 0);
		int32_t school = find_school(l, dl, i);
		if (school < 0 || load <= 0)
			continue;
		*VEC_PUSH(l->cx->mem, &l->out->pupils) = (struct staff_pupils){
			school, stage, allocate_cell(table_find(t, STR("pupils")), i, 0)};
		TRY(share_heads(l, school, stage,
			allocate_cell(table_find(t, STR("classes")), i, 0), load));
	}
	dl = dataset_find(l->ds, STR("kindergartens"));
	for (size_t i = 0; dl && i < dl->table->row_count; i++) {
		int32_t school = find_school(l, dl, i);
		if (school >= 0)
			staff_find_post(l, school, l->class_stage, STR_NONE)->need +=
				allocate_cell(table_find(dl->table, STR("classes")), i, 0) *
				l->per_class;
	}
	return ERR_OK;
}

/* --- persons -------------------------------------------------------------------------------- */

static void load_excused(struct staff_loader *l)
{
	strmap_init(&l->excused, l->cx->mem);
	l->rotation = dataset_find(l->ds, STR("teacher_rotation"));
	for (size_t i = 0; l->rotation && i < l->rotation->table->row_count; i++)
		*strmap_put(&l->excused,
			column_text(table_find(l->rotation->table, STR("teacher_id")), i), NULL) =
			(int64_t)i + 1;
}

static enum staff_bar bar_of(struct staff_loader *l, const struct table *t, size_t row,
	const struct staff_person *p, int64_t served, bool is_excused)
{
	int64_t born = allocate_cell(table_find(t, STR("birth_date")), row, INT32_MIN);
	int64_t age_max =
		staff_keyed(l->ages, column_text(table_find(t, STR("sex")), row), INT32_MAX);

	if (p->licence_rank < 0)
		return STAFF_NO_LICENCE;
	if (is_excused)
		return STAFF_EXCUSED;
	if (served < 0)
		return STAFF_UNKNOWN;
	if (served < l->years_min)
		return STAFF_TOO_NEW;
	/* Somebody whose birthday is not known is not held back by it. */
	if (born != INT32_MIN && (l->today - born) * 100 / 36525 > age_max)
		return STAFF_TOO_OLD;
	return STAFF_MAY_MOVE;
}

static void load_person(struct staff_loader *l, const struct dataset_ledger *dl, size_t row)
{
	struct staff_data *d = l->out;
	const struct table *t = dl->table;
	int32_t school = find_school(l, dl, row);
	struct staff_post *post;
	struct staff_person *p = &d->persons[d->person_count];
	int64_t from, served, excused;
	const int64_t *at;

	if (school < 0)
		return;
	post = staff_find_post(l, school, column_text(table_find(t, STR("stage")), row),
		column_text(table_find(t, STR("subject")), row));
	if (!allocate_cell(table_find(t, STR("on_quota")), row, 1)) {
		/* Not ours to move; the post is filled all the same. */
		post->need = MAX(post->need - 1, 0);
		return;
	}
	*p = (struct staff_person){.id = column_text(table_find(t, STR("teacher_id")), row),
		.licence_subject = column_text(table_find(t, STR("licence_subject")), row),
		.licence_rank = staff_keyed(
			l->ranks, column_text(table_find(t, STR("licence_stage")), row), -1),
		.post = (int32_t)(post - d->posts.items),
		.lon = d->schools[school].lon,
		.lat = d->schools[school].lat,
		.km_max = HUGE_VAL,
		.is_backbone = allocate_cell(table_find(t, STR("backbone")), row, 0)};
	for (size_t k = 0; k < d->balance_count; k++)
		if (allocate_cell(table_find(t, d->balances[k].column), row, 0))
			p->kinds |= 1u << k;
	from = allocate_cell(table_find(t, STR("service_from")), row, INT32_MIN);
	served = from == INT32_MIN ? -1 : (l->today - from) * 100 / 36525;
	at = strmap_find(&l->excused, p->id);
	excused = at ? *at - 1 : -1;
	if (excused >= 0) {
		const struct table *r = l->rotation->table;
		int64_t v;
		if (column_get(table_find(r, STR("home_lon")), (size_t)excused, &v) &&
			column_get(table_find(r, STR("home_lat")), (size_t)excused, &v)) {
			p->lon = degrees(r, "home_lon", (size_t)excused);
			p->lat = degrees(r, "home_lat", (size_t)excused);
		}
		p->spouse = column_text(table_find(r, STR("spouse")), (size_t)excused);
		if (column_get(table_find(r, STR("km_max")), (size_t)excused, &v))
			p->km_max = degrees(r, "km_max", (size_t)excused);
	}
	p->bar = bar_of(l, t, row, p, served,
		excused >= 0 && allocate_cell(table_find(l->rotation->table, STR("excused")),
					(size_t)excused, 0));
	p->is_due = p->bar == STAFF_MAY_MOVE && served >= l->years_due;
	post->now++;
	*strmap_put(&d->person_index, p->id, NULL) = d->person_count++;
}

enum err staff_load(struct ctx *cx, const struct cli_args *args, const struct dataset *ds,
	struct staff_data *out)
{
	struct staff_loader l = {
		.cx = cx, .ds = ds, .out = out, .today = (int32_t)(cx->now_us / 86400000000)};
	int32_t people, programmes;
	struct dataset_ledger *dl;

	*out = (struct staff_data){0};
	problems_init(&l.problems, cx->mem);
	l.problems.is_english = cx->is_english;
	strmap_init(&out->school_index, cx->mem);
	strmap_init(&out->post_index, cx->mem);
	strmap_init(&out->person_index, cx->mem);
	TRY(load_weights(&l, args));
	TRY(load_parameters(&l));
	TRY(load_schools(&l));
	TRY(load_posts(&l));
	TRY(allocate_ledger(cx, ds, "teachers", &dl));
	load_excused(&l);
	staff_count_supply(&l, &people, &programmes);
	out->persons =
		arena_array(cx->mem, struct staff_person, dl->table->row_count + (size_t)people);
	for (size_t i = 0; i < dl->table->row_count; i++)
		load_person(&l, dl, i);
	staff_settle_couples(&l);
	TRY(staff_load_supply(&l));
	TRY(allocate_reject(cx, &l.problems));
	if (out->person_count == 0)
		return ctx_fail(cx, ERR_REJECTED, "%s",
			TR(cx, "没有在编教师", "there are no teachers on the quota"));
	return ERR_OK;
}

/* --- changes -------------------------------------------------------------------------------- */

enum { TYPE, TEACHER, ORG, COLUMN_COUNT };

static const char *const column_names[COLUMN_COUNT][2] = {
	{"type", "类型"}, {"teacher", "教师编号"}, {"org", "学校标识码"}};

static void change_line(struct ctx *cx, struct staff_data *d, struct problems *ps, struct place at,
	const struct str *cells, struct strmap *counties)
{
	const int64_t *who = strmap_find(&d->person_index, cells[TEACHER]);
	bool is_pin = str_is(cells[TYPE], "pin") || str_is(cells[TYPE], "指定");
	struct staff_person *p;
	struct staff_school *own;

	if (!is_pin && !str_is(cells[TYPE], "forbid") && !str_is(cells[TYPE], "禁止"))
		problems_error(ps, at,
			TR(cx, "类型 '" STR_FMT "' 应为 pin 或 forbid",
				"type '" STR_FMT "': pin or forbid is expected"),
			STR_ARG(cells[TYPE]));
	if (!who)
		problems_error(ps, at,
			TR(cx, "没有在编教师 '" STR_FMT "'",
				"there is no teacher '" STR_FMT "' on the quota"),
			STR_ARG(cells[TEACHER]));
	if (cells[ORG].n && !strmap_find(&d->school_index, cells[ORG]))
		problems_error(ps, at,
			TR(cx, "没有学校 '" STR_FMT "'", "there is no school '" STR_FMT "'"),
			STR_ARG(cells[ORG]));
	if (!who)
		return;
	p = &d->persons[*who];
	own = &d->schools[d->posts.items[p->post].school];
	if (is_pin)
		p->pinned = cells[ORG].n ? cells[ORG] : own->code;
	else
		p->forbidden = cells[ORG].n ? cells[ORG] : STR("*");
	(void)strmap_put(counties, own->county, NULL);
}

enum err staff_change(struct ctx *cx, struct table_reader *table, const char *path,
	struct staff_data *data, struct strmap *out_counties)
{
	struct place at = {.file = str_from(path)};
	uint32_t columns[COLUMN_COUNT];
	struct problems ps;

	problems_init(&ps, cx->mem);
	ps.is_english = cx->is_english;
	strmap_init(out_counties, cx->mem);
	TRY(allocate_header(
		cx, table, path, column_names, COLUMN_COUNT, 1u << TYPE | 1u << TEACHER, columns));
	for (;;) {
		const struct table_row *row;
		struct str cells[COLUMN_COUNT];
		TRY(table_reader_next(table, &row));
		if (!row)
			break;
		at.line = row->line ? (int)MIN(row->line, INT_MAX) : (int)row->number;
		for (int i = 0; i < COLUMN_COUNT; i++)
			cells[i] =
				columns[i] == UINT32_MAX
					? STR_NONE
					: str_copy(cx->mem,
						  str_trim(table_row_cell(row, columns[i])->text));
		change_line(cx, data, &ps, at, cells, out_counties);
	}
	table_reader_close(table);
	return allocate_reject(cx, &ps);
}

enum err staff_change_file(
	struct ctx *cx, const char *path, struct staff_data *data, struct strmap *out_counties)
{
	struct table_reader *table;

	TRY(table_reader_open(cx, path, NULL, &table));
	return staff_change(cx, table, path, data, out_counties);
}
