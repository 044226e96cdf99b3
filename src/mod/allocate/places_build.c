/* From data to a layout: which states each site may be in, and who may reach it. */
#include "mod/allocate/places.h"
#include "mod/allocate/rows.h"

#include <math.h>

/* So many sizes to choose from for each stage at a site. */
#define SIZES 8

struct builder {
	struct arena *mem;
	const struct places_data *d;
	int32_t joint_sizes; /* where a site has several stages */
	bool *is_needed;     /* [site]: somebody has no other within the time */
	VEC(struct places_state) states;
	VEC(int64_t) costs;
	VEC(int64_t) rooms;
	VEC(int32_t) arc_site;
	VEC(int64_t) arc_cost;
	VEC(double) km;
};

double places_km(const struct places_data *d, int32_t community, int32_t site)
{
	const struct places_community *c = &d->communities[community];
	const struct places_site *s = &d->sites[site];

	return allocate_km(c->lon, c->lat, s->lon, s->lat) * d->detour;
}

double places_minutes(const struct places_data *d, int32_t kind, double km)
{
	return km / d->kinds[kind].speed * 60;
}

static void add_state(struct builder *b, enum places_action action, const int64_t *rooms,
	int64_t running, int64_t once)
{
	*VEC_PUSH(b->mem, &b->states) = (struct places_state){action, once};
	*VEC_PUSH(b->mem, &b->costs) = running + once / b->d->years;
	for (int32_t k = 0; k < b->d->kind_count; k++)
		*VEC_PUSH(b->mem, &b->rooms) = rooms ? rooms[k] : 0;
}

static int32_t sizes_of(const struct builder *b, int32_t site)
{
	int32_t stages = 0;

	for (int32_t k = 0; k < b->d->kind_count; k++)
		stages += b->d->rooms[site * b->d->kind_count + k].places > 0;
	/* With each stage the states multiply. */
	if (stages > 2)
		return (b->joint_sizes + 1) / 2;
	return stages > 1 ? b->joint_sizes : SIZES;
}

/* Open with its stages, each at one of its sizes. */
static void add_open_states(struct builder *b, int32_t site)
{
	const struct places_data *d = b->d;
	const struct places_room *rooms = &d->rooms[site * d->kind_count];
	bool is_open = d->sites[site].is_open;
	int64_t level[LAYOUT_KINDS_MAX] = {0};
	int32_t k, sizes = sizes_of(b, site);

	do {
		int64_t room[LAYOUT_KINDS_MAX], running = 0, once = 0;
		bool is_more = false;
		for (k = 0; k < d->kind_count; k++) {
			const struct places_kind *kind = &d->kinds[k];
			int64_t most = rooms[k].more / kind->step, levels = MIN(most, sizes);
			int64_t steps = levels ? level[k] * most / levels : 0;
			room[k] = rooms[k].places + steps * kind->step;
			if (room[k] == 0)
				continue;
			running += kind->running;
			once += steps * kind->step_cost;
			if (!is_open)
				once += kind->open_cost + (rooms[k].places + kind->step - 1) /
								  kind->step * kind->step_cost;
			is_more |= steps > 0;
		}
		add_state(b,
			!is_open  ? PLACES_OPEN
			: is_more ? PLACES_EXPAND
				  : PLACES_KEEP,
			room, running, once);
		for (k = 0; k < d->kind_count; k++) {
			if (rooms[k].places > 0 &&
				++level[k] <= MIN(rooms[k].more / d->kinds[k].step, sizes))
				break;
			level[k] = 0;
		}
	} while (k < d->kind_count);
}

static void add_conversions(struct builder *b, int32_t site)
{
	const struct places_data *d = b->d;

	for (int32_t k = 0; k < d->kind_count; k++) {
		const struct places_room *r = &d->rooms[site * d->kind_count + k];
		int64_t room[LAYOUT_KINDS_MAX] = {0};
		if (r->converted == 0 || r->places > 0)
			continue;
		room[k] = r->converted;
		add_state(b, PLACES_CONVERT, room, d->kinds[k].running, d->kinds[k].convert_cost);
	}
}

static void add_states(struct builder *b, int32_t *first, int32_t *base)
{
	const struct places_data *d = b->d;

	for (int32_t i = 0; i < d->site_count; i++) {
		const struct places_site *s = &d->sites[i];
		bool is_kept = s->must_keep || b->is_needed[i];
		first[i] = base[i] = (int32_t)b->states.count;
		/* Of a new site the first state is the one of today: not there. */
		if (!s->is_open || s->must_close || !is_kept)
			add_state(b, s->is_open ? PLACES_CLOSE : PLACES_KEEP, NULL, 0,
				s->is_open ? d->close_cost : 0);
		if (s->must_close)
			continue;
		if (s->is_open)
			base[i] = (int32_t)b->states.count;
		add_open_states(b, i);
		if (s->is_open && !is_kept)
			add_conversions(b, i);
	}
	first[d->site_count] = (int32_t)b->states.count;
}

static bool may_serve(const struct places_data *d, int32_t site, int32_t kind)
{
	const struct places_site *s = &d->sites[site];
	const struct places_room *r = &d->rooms[site * d->kind_count + kind];

	return !s->must_close &&
	       (r->places > 0 || (r->converted > 0 && s->is_open && !s->must_keep));
}

struct served {
	int32_t site;
	double km;
};

static int by_km(const void *a, const void *b)
{
	const struct served *x = a, *y = b;

	if (x->km < y->km || x->km > y->km)
		return x->km < y->km ? -1 : 1;
	return x->site < y->site ? -1 : 1;
}

/* Nearest first. */
static void add_arcs(struct builder *b, int32_t *first_arc)
{
	const struct places_data *d = b->d;
	struct served *near = arena_array(b->mem, struct served, d->site_count);

	for (int32_t c = 0; c < d->community_count; c++) {
		size_t count = 0;
		for (int32_t i = 0; i < d->site_count; i++)
			if (str_eq(d->sites[i].county, d->communities[c].county))
				near[count++] = (struct served){i, places_km(d, c, i)};
		if (count)
			qsort(near, count, sizeof *near, by_km);
		for (int32_t k = 0; k < d->kind_count; k++) {
			const struct places_kind *kind = &d->kinds[k];
			for (size_t n = 0; n < count; n++) {
				if (places_minutes(d, k, near[n].km) > kind->minutes_max)
					break;
				if (!may_serve(d, near[n].site, k))
					continue;
				*VEC_PUSH(b->mem, &b->arc_site) = near[n].site;
				*VEC_PUSH(b->mem, &b->km) = near[n].km;
				*VEC_PUSH(b->mem, &b->arc_cost) = MIN(
					llround(near[n].km * (double)kind->travel), d->unmet_cost);
			}
			first_arc[c * d->kind_count + k + 1] = (int32_t)b->arc_site.count;
		}
	}
}

/* The rule of necessary sites: whoever would be left without any keeps the one there is. */
static void find_needed(struct builder *b, const int32_t *first_arc)
{
	const struct places_data *d = b->d;

	for (int32_t j = 0; j < d->community_count * d->kind_count; j++) {
		int32_t site;
		if (d->children[j] == 0 || first_arc[j + 1] - first_arc[j] != 1)
			continue;
		site = b->arc_site.items[first_arc[j]];
		if (d->sites[site].is_open &&
			d->rooms[site * d->kind_count + j % d->kind_count].places > 0)
			b->is_needed[site] = true;
	}
}

enum err places_build(struct ctx *cx, const struct places_data *data, struct places_model *out)
{
	return places_build_sizes(cx, data, SIZES, out);
}

enum err places_build_sizes(struct ctx *cx, const struct places_data *data, int32_t joint_sizes,
	struct places_model *out)
{
	struct builder b = {.mem = cx->mem,
		.d = data,
		.joint_sizes = joint_sizes,
		.is_needed = arena_array(cx->mem, bool, data->site_count)};
	int32_t points = data->community_count * data->kind_count;
	int32_t *first = arena_array(cx->mem, int32_t, data->site_count + 1);
	int32_t *base = arena_array(cx->mem, int32_t, data->site_count);
	int32_t *kind = arena_array(cx->mem, int32_t, points);
	int32_t *first_arc = arena_array(cx->mem, int32_t, points + 1);

	for (int32_t j = 0; j < points; j++)
		kind[j] = j % data->kind_count;
	add_arcs(&b, first_arc);
	find_needed(&b, first_arc);
	add_states(&b, first, base);
	*out = (struct places_model){.data = data,
		.states = b.states.items,
		.km = b.km.items,
		.layout = {data->kind_count, data->site_count, points, first, b.costs.items,
			b.rooms.items, base, kind, data->children, first_arc, b.arc_site.items,
			b.arc_cost.items, data->unmet_cost}};
	if (!layout_fits(&out->layout))
		return ctx_fail(cx, ERR_TOO_LARGE, "%s",
			TR(cx, "人数、学位或费用太大",
				"too many children or places, or costs too high"));
	return ERR_OK;
}
