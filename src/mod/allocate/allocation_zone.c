/* School zones as a plan's result: whose zone each community is in, and how full each zone is. */
#include "mod/allocate/allocation_internal.h"
#include "mod/allocate/zones.h"

#include <math.h>

#define METRES 1000 /* the result's cost is in thousandths */

struct work {
	struct allocation *a;
	struct zones_options options;
	struct zones_data data;
	struct zones_plan plan;
};

static enum err load(struct work *w)
{
	static const char *const ledgers[] = {"communities", "community_children", "school_sites",
		"site_places", "community_neighbours", "school_zones", "community_cohorts"};
	const struct allocation_request *r = w->a->request;
	const struct allocation_change *changes = r->changes.items;
	const struct pack_value *limits =
		allocation_value(w->a->cx, w->a->ds.pack, STR("zone.fill_max"));
	struct arena *mem = w->a->cx->mem;

	w->options = (struct zones_options){.stage = r->stage, .change_weight = -1, .fill_max = -1};
	if (!r->stage.n && limits && limits->is.count)
		w->options.stage = limits->is.items[0].key;
	for (size_t i = 0; i < r->changes.count; i++) {
		struct zones_pair pair = {changes[i].code, changes[i].to};
		if (str_is(changes[i].type, "pin"))
			*VEC_PUSH(mem, &w->options.pins) = pair;
		else if (str_is(changes[i].type, "forbid"))
			*VEC_PUSH(mem, &w->options.bans) = pair;
		else
			*VEC_PUSH(mem, &w->options.groups) = str_printf(mem, STR_FMT "+" STR_FMT,
				STR_ARG(pair.community), STR_ARG(pair.site));
	}
	for (size_t i = 0; i < ARRAY_LEN(ledgers); i++)
		TRY(allocation_read(w->a, ledgers[i]));
	return zones_load(w->a->cx, &w->options, &w->a->ds, &w->data);
}

/* ---- the result ---- */

static const struct places_community *home(const struct zones_county *c, int32_t block)
{
	return &c->data->places.communities[c->communities[block]];
}

static const struct places_site *school(const struct zones_county *c, int32_t site)
{
	return &c->data->places.sites[c->schools[site]];
}

static void add_figure(struct work *w, const struct zones_county *c, const char *figure,
	double before, double after)
{
	*VEC_PUSH(w->a->cx->mem, &w->a->out->figures) =
		(struct allocation_figure){.county = c->code,
			.stage = w->data.places.kinds[w->data.kind].stage,
			.figure = figure,
			.before = before,
			.after = after,
			.limit = (double)NAN};
}

static void add_figures(struct work *w, const struct zones_county *c)
{
	double children = 0, zoned = 0, metres = 0, longest = 0, changed = 0;

	for (int32_t v = 0; v < c->map.block_count; v++) {
		int32_t arc = zones_arc(c, v), now = w->data.current[c->communities[v]];
		double count = (double)zones_children(c, v);
		children += count;
		if (arc < 0)
			continue;
		zoned += count;
		metres += count * (double)c->metres[arc];
		longest = fmax(longest, (double)c->metres[arc] / 1000);
		changed += now >= 0 && w->data.leader[now] != c->schools[c->answer.site[v]];
	}
	add_figure(w, c, "children", children, children);
	add_figure(w, c, "zones", (double)NAN, (double)c->map.site_count);
	add_figure(w, c, "zone_changes", (double)NAN, changed);
	add_figure(w, c, "km", (double)NAN, zoned > 0 ? metres / zoned / 1000 : (double)NAN);
	add_figure(w, c, "km_longest", (double)NAN, longest);
}

static void add_points(struct work *w, const struct zones_county *c)
{
	struct arena *mem = w->a->cx->mem;

	for (int32_t i = 0; i < c->map.site_count; i++) {
		struct zones_sums sums = zones_sum(c, i);
		*VEC_PUSH(mem, &w->a->out->points) =
			(struct allocation_point){.code = school(c, i)->code,
				.name = zones_school_name(mem, c, i),
				.county = c->code,
				.zone = school(c, i)->code,
				.what = "site",
				.action = "zone",
				.lon = school(c, i)->lon,
				.lat = school(c, i)->lat,
				.size = sums.places};
	}
	for (int32_t v = 0; v < c->map.block_count; v++) {
		int32_t site = c->answer.site[v];
		*VEC_PUSH(mem, &w->a->out->points) =
			(struct allocation_point){.code = home(c, v)->code,
				.name = home(c, v)->name,
				.county = c->code,
				.zone = site < 0 ? STR_NONE : school(c, site)->code,
				.what = "home",
				.action = site < 0 ? "short" : "zone",
				.lon = home(c, v)->lon,
				.lat = home(c, v)->lat,
				.size = zones_children(c, v)};
	}
}

static struct str site_name(const struct work *w, struct str code)
{
	const int64_t *at = code.n ? strmap_find(&w->data.places.site_index, code) : NULL;

	return at ? w->data.places.sites[*at].name : STR_NONE;
}

static void add_rows(struct work *w)
{
	struct proposal_row *rows;
	size_t count = zones_rows(w->a->cx, &w->plan, &rows);

	for (size_t i = 0; i < count; i++) {
		struct allocation_row *row = allocation_propose(w->a, &rows[i]);
		row->from_name = site_name(w, row->from);
		row->to_name = site_name(w, row->to);
	}
}

enum err allocation_zone(struct allocation *a)
{
	struct work *w = arena_new(a->cx->mem, struct work);
	struct places_until until = {0};
	struct allocation_result *out = a->out;

	w->a = a;
	if (a->until)
		until = (struct places_until){a->until->is_over, a->until->told, a->until->arg};
	TRY(load(w));
	TRY(zones_solve(a->cx, &w->data, STR_NONE, a->until ? &until : NULL, &w->plan));
	out->problem = zones_shortages(a->cx, &w->plan);
	out->is_whole = out->problem.n == 0;
	for (size_t n = 0; n < w->plan.count; n++) {
		const struct zones_county *c = &w->plan.counties[n];
		out->seconds += c->seconds;
		add_figures(w, c);
		add_points(w, c);
		if (!c->answer.has_zones)
			continue;
		out->unit = "child_metres";
		out->cost += c->verdict.cost * METRES;
		out->bound += c->verdict.bound * METRES;
	}
	out->gap = out->cost > 0 ? (double)(out->cost - out->bound) / (double)out->cost : 0;
	add_rows(w);
	return ERR_OK;
}
