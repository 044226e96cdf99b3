#include "mod/allocate/places.h"
#include "mod/allocate/rows.h"

struct loader {
	struct ctx *cx;
	const struct dataset *ds;
	struct places_data *out;
	struct problems problems;
};

/* --- parameters ----------------------------------------------------------------------------- */

/* In thousandths. */
static enum err milli(struct loader *l, const char *id, struct str key, int64_t *out)
{
	TRY(allocate_number(l->cx, l->ds->pack, id, key, out));
	*out /= 1000;
	if (*out < 0 || *out > LAYOUT_COST_MAX / 1024)
		return ctx_fail(l->cx, ERR_PACK,
			TR(l->cx, "参数 %s 超出范围", "parameter %s is out of range"), id);
	return ERR_OK;
}

static enum err positive(struct loader *l, const char *id, struct str key, double *out)
{
	int64_t micro;

	TRY(allocate_number(l->cx, l->ds->pack, id, key, &micro));
	if (micro <= 0)
		return ctx_fail(l->cx, ERR_PACK,
			TR(l->cx, "参数 %s 应大于 0", "parameter %s must be above 0"), id);
	*out = (double)micro / 1e6;
	return ERR_OK;
}

static enum err load_kinds(struct loader *l)
{
	struct places_data *d = l->out;
	const struct keyed_dec_list *list;
	double number = 0;

	TRY(allocate_parameter(l->cx, l->ds->pack, "places.minutes_max", &list));
	if (list->count > LAYOUT_KINDS_MAX)
		return ctx_fail(l->cx, ERR_PACK, "%s",
			TR(l->cx, "参数 places.minutes_max 的学段太多",
				"parameter places.minutes_max has too many stages"));
	d->kind_count = (int32_t)list->count;
	for (size_t i = 0; i < list->count; i++) {
		struct places_kind *k = &d->kinds[i];
		struct str key = list->items[i].key;
		k->stage = key;
		TRY(positive(l, "places.minutes_max", key, &k->minutes_max));
		TRY(positive(l, "places.speed", key, &k->speed));
		TRY(positive(l, "places.step", key, &number));
		k->step = (int64_t)number;
		TRY(milli(l, "places.step_cost", key, &k->step_cost));
		TRY(milli(l, "places.open_cost", key, &k->open_cost));
		TRY(milli(l, "places.convert_cost", key, &k->convert_cost));
		TRY(milli(l, "places.running_cost", key, &k->running));
		TRY(milli(l, "places.travel_cost", key, &k->travel));
		if (k->step < 1)
			return ctx_fail(l->cx, ERR_PACK, "places.step < 1");
	}
	TRY(positive(l, "places.detour", STR_NONE, &d->detour));
	TRY(positive(l, "places.years", STR_NONE, &number));
	d->years = MAX((int64_t)number, 1);
	TRY(milli(l, "places.close_cost", STR_NONE, &d->close_cost));
	return milli(l, "places.unmet_cost", STR_NONE, &d->unmet_cost);
}

static int32_t find_kind(struct loader *l, const struct dataset_ledger *dl, size_t row)
{
	struct str stage = column_text(table_find(dl->table, STR("stage")), row);

	for (int32_t k = 0; k < l->out->kind_count; k++)
		if (str_eq(l->out->kinds[k].stage, stage))
			return k;
	problems_error(&l->problems, allocate_row_place(dl, row),
		TR(l->cx, "学段 '" STR_FMT "' 没有参数 places.minutes_max",
			"parameter places.minutes_max has no stage '" STR_FMT "'"),
		STR_ARG(stage));
	return -1;
}

static int32_t find_code(struct loader *l, const struct dataset_ledger *dl, size_t row,
	const struct strmap *map, const char *column, const char *ledger)
{
	struct str code = column_text(table_find(dl->table, str_from(column)), row);
	const int64_t *at = strmap_find(map, code);

	if (at)
		return (int32_t)*at;
	problems_error(&l->problems, allocate_row_place(dl, row),
		TR(l->cx, "'" STR_FMT "' 不在台账 %s 里", "'" STR_FMT "' is not in ledger %s"),
		STR_ARG(code), ledger);
	return -1;
}

static double degrees(const struct dataset_ledger *dl, const char *name, size_t row)
{
	const struct column *c = table_find(dl->table, str_from(name));

	return dec_to_f64(allocate_cell(c, row, 0), c->scale);
}

/* --- rows ----------------------------------------------------------------------------------- */

static enum err load_sites(struct loader *l)
{
	struct places_data *d = l->out;
	struct dataset_ledger *dl;
	const struct table *t;

	TRY(allocate_ledger(l->cx, l->ds, "school_sites", &dl));
	t = dl->table;
	strmap_init(&d->site_index, l->cx->mem);
	d->sites = arena_array(l->cx->mem, struct places_site, t->row_count);
	for (size_t i = 0; i < t->row_count; i++) {
		struct str code = column_text(table_find(t, STR("site")), i);
		*strmap_put(&d->site_index, code, NULL) = d->site_count;
		d->sites[d->site_count++] = (struct places_site){.code = code,
			.name = column_text(table_find(t, STR("name")), i),
			.county = column_text(table_find(t, STR("county")), i),
			.keep_reason = column_text(table_find(t, STR("keep_reason")), i),
			.lon = degrees(dl, "lon", i),
			.lat = degrees(dl, "lat", i),
			.is_open = allocate_cell(table_find(t, STR("is_open")), i, 1),
			.must_keep = allocate_cell(table_find(t, STR("must_keep")), i, 0)};
	}
	d->rooms = arena_array(
		l->cx->mem, struct places_room, (size_t)d->site_count * (size_t)d->kind_count);
	return ERR_OK;
}

static enum err load_rooms(struct loader *l)
{
	struct places_data *d = l->out;
	struct dataset_ledger *dl;
	const struct table *t;

	TRY(allocate_ledger(l->cx, l->ds, "site_places", &dl));
	t = dl->table;
	for (size_t i = 0; i < t->row_count; i++) {
		int32_t site = find_code(l, dl, i, &d->site_index, "site", "school_sites");
		int32_t kind = find_kind(l, dl, i);
		if (site < 0 || kind < 0)
			continue;
		d->rooms[site * d->kind_count + kind] =
			(struct places_room){allocate_cell(table_find(t, STR("pupils")), i, 0),
				allocate_cell(table_find(t, STR("places")), i, 0),
				allocate_cell(table_find(t, STR("places_more")), i, 0),
				allocate_cell(table_find(t, STR("places_converted")), i, 0)};
	}
	return ERR_OK;
}

static enum err load_communities(struct loader *l)
{
	struct places_data *d = l->out;
	struct dataset_ledger *dl;
	const struct table *t;

	TRY(allocate_ledger(l->cx, l->ds, "communities", &dl));
	t = dl->table;
	strmap_init(&d->community_index, l->cx->mem);
	d->communities = arena_array(l->cx->mem, struct places_community, t->row_count);
	for (size_t i = 0; i < t->row_count; i++) {
		struct str code = column_text(table_find(t, STR("community")), i);
		*strmap_put(&d->community_index, code, NULL) = d->community_count;
		d->communities[d->community_count++] = (struct places_community){.code = code,
			.name = column_text(table_find(t, STR("name")), i),
			.county = column_text(table_find(t, STR("county")), i),
			.town = column_text(table_find(t, STR("town")), i),
			.lon = degrees(dl, "lon", i),
			.lat = degrees(dl, "lat", i)};
	}
	d->children = arena_array(
		l->cx->mem, int64_t, (size_t)d->community_count * (size_t)d->kind_count);
	TRY(allocate_ledger(l->cx, l->ds, "community_children", &dl));
	t = dl->table;
	for (size_t i = 0; i < t->row_count; i++) {
		int32_t c = find_code(l, dl, i, &d->community_index, "community", "communities");
		int32_t kind = find_kind(l, dl, i);
		if (c >= 0 && kind >= 0)
			d->children[c * d->kind_count + kind] =
				allocate_cell(table_find(t, STR("children")), i, 0);
	}
	return ERR_OK;
}

enum err places_load(struct ctx *cx, const struct dataset *ds, struct places_data *out)
{
	struct loader l = {.cx = cx, .ds = ds, .out = out};

	*out = (struct places_data){0};
	problems_init(&l.problems, cx->mem);
	l.problems.is_english = cx->is_english;
	TRY(load_kinds(&l));
	TRY(load_sites(&l));
	TRY(load_rooms(&l));
	TRY(load_communities(&l));
	TRY(allocate_reject(cx, &l.problems));
	if (out->site_count == 0 || out->community_count == 0)
		return ctx_fail(cx, ERR_REJECTED, "%s",
			TR(cx, "没有校点或社区的数据行",
				"there are no rows of sites or communities"));
	return ERR_OK;
}

static void *copy(struct arena *mem, const void *items, size_t count, size_t size)
{
	return memcpy(arena_calloc(mem, count, size), items, count * size);
}

void places_copy(struct arena *mem, const struct places_data *data, struct places_data *out)
{
	size_t kinds = (size_t)data->kind_count, sites = (size_t)data->site_count;
	size_t communities = (size_t)data->community_count;

	*out = *data;
	out->sites = copy(mem, data->sites, sites, sizeof *data->sites);
	out->rooms = copy(mem, data->rooms, sites * kinds, sizeof *data->rooms);
	out->children = copy(mem, data->children, communities * kinds, sizeof *data->children);
}
