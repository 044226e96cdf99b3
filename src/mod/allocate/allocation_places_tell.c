#include "mod/allocate/allocation_places_tell.h"

#include "wire/table_reader.h"

#include <math.h>

/* ---- rows in ---- */

static bool is_of_sites(struct str type)
{
	return !allocation_is_of_people(type);
}

enum err allocation_load_places(struct allocation *a, struct places_data *out)
{
	static const struct allocation_column columns[] = {
		{"type", offsetof(struct allocation_change, type)},
		{"code", offsetof(struct allocation_change, code)},
		{"stage", offsetof(struct allocation_change, stage)},
		{"value", offsetof(struct allocation_change, value)}};
	struct table_reader *table;

	TRY(allocation_read(a, "communities"));
	TRY(allocation_read(a, "community_children"));
	TRY(allocation_read(a, "school_sites"));
	TRY(allocation_read(a, "site_places"));
	TRY(places_load(a->cx, &a->ds, out));
	TRY(allocation_changes(a, is_of_sites, columns, ARRAY_LEN(columns), &table));
	if (!table)
		return ERR_OK;
	return places_change(a->cx, table, TR(a->cx, "假设的变化", "supposed changes"), out);
}

/* ---- counties ---- */

static int by_code(const void *a, const void *b)
{
	return str_cmp(
		((const struct strmap_entry *)a)->key, ((const struct strmap_entry *)b)->key);
}

void places_tell_begin(struct places_teller *t, struct allocation *a, const struct places_data *d)
{
	struct arena *mem = a->cx->mem;
	struct strmap seen;

	*t = (struct places_teller){.a = a, .data = d};
	strmap_init(&seen, mem);
	for (int32_t i = 0; i < d->site_count; i++)
		(void)strmap_put(&seen, d->sites[i].county, NULL);
	for (int32_t c = 0; c < d->community_count; c++)
		(void)strmap_put(&seen, d->communities[c].county, NULL);
	qsort(seen.entries, seen.count, sizeof *seen.entries, by_code);
	strmap_init(&t->counties, mem);
	for (size_t i = 0; i < seen.count; i++)
		*strmap_put(&t->counties, seen.entries[i].key, NULL) = (int64_t)i;
	t->county_of_site = arena_array(mem, int32_t, d->site_count);
	t->county_of_home = arena_array(mem, int32_t, d->community_count);
	for (int32_t i = 0; i < d->site_count; i++)
		t->county_of_site[i] = (int32_t)*strmap_find(&t->counties, d->sites[i].county);
	for (int32_t c = 0; c < d->community_count; c++)
		t->county_of_home[c] =
			(int32_t)*strmap_find(&t->counties, d->communities[c].county);
}

/* ---- figures ---- */

struct places_sums *places_tell_sums(const struct places_teller *t, const struct places_plan *plan)
{
	const struct layout *l = &plan->model->layout;
	struct places_sums *out = arena_array(
		t->a->cx->mem, struct places_sums, t->counties.count * (size_t)l->kind_count);

	for (int32_t i = 0; i < l->site_count; i++)
		for (int32_t k = 0; k < l->kind_count; k++) {
			int64_t room = places_room(l, plan->answer.state[i], k);
			struct places_sums *s = &out[t->county_of_site[i] * l->kind_count + k];
			s->places += (double)room;
			s->sites += room > 0;
		}
	for (int32_t j = 0; j < l->point_count; j++) {
		int32_t k = l->kind[j];
		struct places_sums *s =
			&out[t->county_of_home[j / l->kind_count] * l->kind_count + k];
		s->children += (double)l->demand[j];
		s->unmet += (double)plan->answer.unmet[j];
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++) {
			double km = plan->model->km[e];
			if (plan->answer.flow[e] == 0)
				continue;
			s->km += (double)plan->answer.flow[e] * km;
			s->longest = fmax(s->longest, places_minutes(t->data, k, km));
		}
	}
	return out;
}

double places_mean_km(const struct places_sums *s)
{
	double served = s->children - s->unmet;

	return served > 0 ? s->km / served : (double)NAN;
}

static void add_figure(struct places_teller *t, struct str county, int32_t kind, const char *figure,
	double before, double after, double limit)
{
	*VEC_PUSH(t->a->cx->mem, &t->a->out->figures) = (struct allocation_figure){.county = county,
		.stage = t->data->kinds[kind].stage,
		.figure = figure,
		.before = before,
		.after = after,
		.limit = limit};
}

void places_tell_figures(
	struct places_teller *t, const struct places_plan *was, const struct places_plan *is)
{
	const struct places_sums *before = places_tell_sums(t, was);
	const struct places_sums *after = places_tell_sums(t, is);

	for (size_t c = 0; c < t->counties.count; c++)
		for (int32_t k = 0; k < t->data->kind_count; k++) {
			size_t at = c * (size_t)t->data->kind_count + (size_t)k;
			const struct places_sums *b = &before[at], *n = &after[at];
			struct str county = t->counties.entries[c].key;
			add_figure(t, county, k, "children", b->children, n->children, (double)NAN);
			add_figure(t, county, k, "unmet", b->unmet, n->unmet, 0);
			add_figure(t, county, k, "places", b->places, n->places, (double)NAN);
			add_figure(t, county, k, "sites", b->sites, n->sites, (double)NAN);
			add_figure(t, county, k, "km", places_mean_km(b), places_mean_km(n),
				(double)NAN);
			add_figure(t, county, k, "minutes_longest", b->longest, n->longest,
				t->data->kinds[k].minutes_max);
		}
}

/* ---- the map ---- */

void places_tell_sites(struct places_teller *t, const struct places_plan *plan)
{
	const struct places_data *d = t->data;
	const struct layout *l = &plan->model->layout;

	for (int32_t i = 0; i < d->site_count; i++) {
		int32_t then = plan->answer.state[i];
		enum places_action action = plan->model->states[then].action;
		int64_t size = 0;
		for (int32_t k = 0; k < d->kind_count; k++)
			size += MAX(places_room(l, then, k), places_room(l, l->base_state[i], k));
		*VEC_PUSH(t->a->cx->mem, &t->a->out->points) =
			(struct allocation_point){.code = d->sites[i].code,
				.name = d->sites[i].name,
				.county = d->sites[i].county,
				.what = "site",
				.action = action == PLACES_KEEP && !d->sites[i].is_open
						  ? "none"
						  : places_action_names[action],
				.lon = d->sites[i].lon,
				.lat = d->sites[i].lat,
				.size = size};
	}
}

void places_tell_home(
	struct places_teller *t, int32_t home, bool is_moved, int64_t unmet, int64_t children)
{
	const struct places_community *c = &t->data->communities[home];

	*VEC_PUSH(t->a->cx->mem, &t->a->out->points) = (struct allocation_point){.code = c->code,
		.name = c->name,
		.county = c->county,
		.what = "home",
		.action = unmet > 0  ? "short"
			  : is_moved ? "moved"
				     : "same",
		.lon = c->lon,
		.lat = c->lat,
		.size = children};
}

/* ---- who goes elsewhere, and why ---- */

int64_t *places_tell_taken(const struct places_teller *t, const struct places_plan *plan)
{
	const struct layout *l = &plan->model->layout;
	int64_t *taken =
		arena_array(t->a->cx->mem, int64_t, (size_t)l->site_count * (size_t)l->kind_count);

	for (int32_t j = 0; j < l->point_count; j++)
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++)
			taken[l->arc_site[e] * l->kind_count + l->kind[j]] += plan->answer.flow[e];
	return taken;
}

static int64_t room_in(const struct places_plan *plan, int32_t site, int32_t kind)
{
	return places_room(&plan->model->layout, plan->answer.state[site], kind);
}

/* The most telling cause there is: what happens to either school, then room, then the way. */
static struct str reason_of(const struct places_teller *t, const struct places_change_of *c)
{
	const struct places_data *d = t->data;
	int32_t kinds = d->kind_count, kind = c->point % kinds, home = c->point / kinds;
	const struct places_site *from = c->from < 0 ? NULL : &d->sites[c->from];
	const struct places_site *to = c->to < 0 ? NULL : &d->sites[c->to];
	struct ctx *cx = t->a->cx;
	int64_t room;

	if (!to)
		return str_from(
			TR(cx, "限时内的学校没有空余学位", "no school within the time has room"));
	if (from && room_in(c->after, c->from, kind) == 0)
		return str_printf(cx->mem,
			room_in(c->before, c->from, kind) > 0
				? TR(cx, STR_FMT " 不再办这一学段",
					  STR_FMT " no longer has this stage")
				: TR(cx, STR_FMT " 没有这一学段", STR_FMT " has no such stage"),
			STR_ARG(from->name));
	room = room_in(c->after, c->to, kind);
	if (room_in(c->before, c->to, kind) == 0)
		return str_printf(cx->mem,
			TR(cx, STR_FMT " 新开办这一学段, %" PRId64 " 个学位",
				STR_FMT " opens this stage with %" PRId64 " places"),
			STR_ARG(to->name), room);
	if (room_in(c->before, c->to, kind) < room)
		return str_printf(cx->mem,
			TR(cx, STR_FMT " 学位由 %" PRId64 " 增至 %" PRId64,
				STR_FMT " grows from %" PRId64 " to %" PRId64 " places"),
			STR_ARG(to->name), room_in(c->before, c->to, kind), room);
	if (!from)
		return str_from(TR(cx, "原来没有学位", "there was no place before"));
	if (c->taken[c->from * kinds + kind] >= room_in(c->after, c->from, kind))
		return str_printf(cx->mem,
			TR(cx, STR_FMT " 的 %" PRId64 " 个学位已满",
				STR_FMT ": its %" PRId64 " places are taken"),
			STR_ARG(from->name), room_in(c->after, c->from, kind));
	return str_printf(cx->mem,
		TR(cx, STR_FMT " 有空余学位, 路程 %.1f 千米 (原 %.1f 千米)",
			STR_FMT " has room; the way is %.1f km (was %.1f km)"),
		STR_ARG(to->name), places_km(d, home, c->to), places_km(d, home, c->from));
}

void places_tell_shift(struct places_teller *t, const struct places_change_of *c)
{
	const struct places_data *d = t->data;
	int32_t kind = c->point % d->kind_count, at = c->point / d->kind_count;
	const struct places_community *home = &d->communities[at];

	*VEC_PUSH(t->a->cx->mem, &t->a->out->shifts) = (struct allocation_shift){.code = home->code,
		.name = home->name,
		.county = home->county,
		.stage = d->kinds[kind].stage,
		.from = c->from < 0 ? STR_NONE : d->sites[c->from].code,
		.from_name = c->from < 0 ? STR_NONE : d->sites[c->from].name,
		.to = c->to < 0 ? STR_NONE : d->sites[c->to].code,
		.to_name = c->to < 0 ? STR_NONE : d->sites[c->to].name,
		.people = c->people,
		.minutes =
			c->to < 0 ? (double)NAN : places_minutes(d, kind, places_km(d, at, c->to)),
		.year = c->year,
		.reason = reason_of(t, c)};
}
