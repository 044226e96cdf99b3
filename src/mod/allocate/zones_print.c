/* Zones as tables, as rows of a proposal and as JSON. */
#include "mod/allocate/zones.h"

const struct report_column zones_block_columns[ZONES_BLOCK_COLUMNS] = {
	{"county", "县区", REPORT_TEXT}, {"community", "社区代码", REPORT_TEXT},
	{"community_name", "社区", REPORT_TEXT}, {"children", "儿童数", REPORT_NUMBER},
	{"site", "校点代码", REPORT_TEXT}, {"site_name", "学校", REPORT_TEXT},
	{"from", "现行学区", REPORT_TEXT}, {"metres", "路程（米）", REPORT_NUMBER},
	{"crossings", "过河过路", REPORT_NUMBER}};

const struct report_column zones_school_columns[ZONES_SCHOOL_COLUMNS] = {
	{"county", "县区", REPORT_TEXT}, {"site", "校点代码", REPORT_TEXT},
	{"site_name", "学校", REPORT_TEXT}, {"communities", "社区数", REPORT_NUMBER},
	{"children", "儿童数", REPORT_NUMBER}, {"places", "学位", REPORT_NUMBER},
	{"metres", "平均路程（米）", REPORT_NUMBER}};

int64_t zones_children(const struct zones_county *c, int32_t block)
{
	int64_t sum = 0;

	for (int32_t k = 0; k < c->map.cohort_count; k++)
		sum += c->map.demand[block * c->map.cohort_count + k];
	return sum;
}

static const struct places_community *community(const struct zones_county *c, int32_t block)
{
	return &c->data->places.communities[c->communities[block]];
}

static const struct places_site *school(const struct zones_county *c, int32_t site)
{
	return &c->data->places.sites[c->schools[site]];
}

/* The school of the present zone; a code with p NULL when there is none. */
static struct str current(const struct zones_county *c, int32_t block)
{
	int32_t now = c->data->current[c->communities[block]];

	return now < 0 ? STR_NONE : c->data->places.sites[now].code;
}

/* Is the block's school, or the group that it is in, another than now? */
static bool is_changed(const struct zones_county *c, int32_t block)
{
	int32_t now = c->data->current[c->communities[block]], site = c->answer.site[block];

	return site >= 0 && now >= 0 && c->data->leader[now] != c->schools[site];
}

struct zones_sums zones_sum(const struct zones_county *c, int32_t site)
{
	const struct zones_data *d = c->data;
	struct zones_sums s = {0};

	for (int32_t v = 0; v < c->map.block_count; v++) {
		if (c->answer.site[v] != site)
			continue;
		s.communities++;
		s.children += zones_children(c, v);
		s.metres += zones_children(c, v) * c->metres[zones_arc(c, v)];
	}
	for (int32_t i = 0; i < d->places.site_count; i++)
		if (d->leader[i] == c->schools[site] && d->places.sites[i].is_open)
			s.places += d->places.rooms[i * d->places.kind_count + d->kind].places;
	return s;
}

struct str zones_school_name(struct arena *mem, const struct zones_county *c, int32_t site)
{
	const struct zones_data *d = c->data;
	struct str name = school(c, site)->name;

	for (int32_t i = 0; i < d->places.site_count; i++)
		if (i != c->schools[site] && d->leader[i] == c->schools[site])
			name = str_printf(mem, STR_FMT "、" STR_FMT, STR_ARG(name),
				STR_ARG(d->places.sites[i].name));
	return name;
}

static void report_block(struct report *r, const struct zones_county *c, int32_t v)
{
	int32_t site = c->answer.site[v], arc = zones_arc(c, v);

	report_str(r, c->code);
	report_str(r, community(c, v)->code);
	report_str(r, community(c, v)->name);
	report_i64(r, zones_children(c, v));
	if (arc >= 0) {
		report_str(r, school(c, site)->code);
		report_str(r, zones_school_name(r->mem, c, site));
	} else {
		report_null(r);
		report_null(r);
	}
	if (current(c, v).n)
		report_str(r, current(c, v));
	else
		report_null(r);
	if (arc >= 0) {
		report_i64(r, c->metres[arc]);
		report_i64(r, c->crossing[arc]);
	} else {
		report_null(r);
		report_null(r);
	}
}

void zones_report_blocks(struct report *r, const struct zones_plan *plan)
{
	for (size_t n = 0; n < plan->count; n++)
		for (int32_t v = 0; v < plan->counties[n].map.block_count; v++)
			report_block(r, &plan->counties[n], v);
}

void zones_report_schools(struct report *r, const struct zones_plan *plan)
{
	for (size_t n = 0; n < plan->count; n++)
		for (int32_t i = 0; i < plan->counties[n].map.site_count; i++) {
			const struct zones_county *c = &plan->counties[n];
			struct zones_sums s = zones_sum(c, i);
			report_str(r, c->code);
			report_str(r, school(c, i)->code);
			report_str(r, zones_school_name(r->mem, c, i));
			report_i64(r, s.communities);
			report_i64(r, s.children);
			report_i64(r, s.places);
			report_i64(r, s.children ? s.metres / s.children : 0);
		}
}

static struct proposal_row row_of(struct ctx *cx, const struct zones_county *c, int32_t v)
{
	const struct zones_data *d = c->data;

	return (struct proposal_row){.county = c->code,
		.item = community(c, v)->code,
		.item_name = community(c, v)->name,
		.action = "assign",
		.stage = d->places.kinds[d->kind].stage,
		.from = current(c, v),
		.to = school(c, c->answer.site[v])->code,
		.reason = str_printf(cx->mem,
			TR(cx, "%" PRId64 " 名儿童, 路程 %" PRId64 " 米",
				"%" PRId64 " children, %" PRId64 " metres"),
			zones_children(c, v), c->metres[zones_arc(c, v)])};
}

size_t zones_rows(struct ctx *cx, const struct zones_plan *plan, struct proposal_row **out_rows)
{
	VEC(struct proposal_row) rows = {0};

	for (size_t n = 0; n < plan->count; n++) {
		const struct zones_county *c = &plan->counties[n];
		for (int32_t v = 0; v < c->map.block_count && c->answer.has_zones; v++)
			if (!current(c, v).n || is_changed(c, v))
				*VEC_PUSH(cx->mem, &rows) = row_of(cx, c, v);
	}
	*out_rows = rows.items;
	return rows.count;
}

void zones_propose(struct ctx *cx, struct proposal *p, const struct zones_plan *plan)
{
	struct proposal_row *rows;
	size_t count = zones_rows(cx, plan, &rows);

	for (size_t i = 0; i < count; i++)
		proposal_add(p, &rows[i]);
}

/* --- JSON ----------------------------------------------------------------------------------- */

/* cost NULL where there are no zones: the bound then bounds nothing. */
static void write_proof(struct json_writer *w, bool has_zones, int64_t cost, int64_t bound)
{
	json_key(w, "cost");
	if (has_zones)
		json_i64(w, cost);
	else
		json_null(w);
	json_field_i64(w, "bound", bound);
	json_key(w, "gap");
	if (has_zones)
		json_f64(w, cost > 0 ? (double)(cost - bound) / (double)cost : 0);
	else
		json_null(w);
}

static void write_county(struct json_writer *w, const struct zones_county *c)
{
	int64_t children = 0, metres = 0, changed = 0, moved = 0, crossings = 0;

	for (int32_t v = 0; v < c->map.block_count; v++) {
		int32_t arc = zones_arc(c, v);
		int64_t count = zones_children(c, v);
		children += count;
		changed += is_changed(c, v);
		moved += is_changed(c, v) ? count : 0;
		metres += arc < 0 ? 0 : count * c->metres[arc];
		crossings += arc < 0 ? 0 : count * c->crossing[arc];
	}
	json_object(w);
	json_field_text(w, "county", c->code);
	json_field_bool(w, "has_zones", c->answer.has_zones);
	write_proof(w, c->answer.has_zones, c->verdict.cost, c->verdict.bound);
	json_field_bool(w, "is_exhausted", c->answer.is_exhausted);
	json_field_i64(w, "communities", c->map.block_count);
	json_field_i64(w, "schools", c->map.site_count);
	json_field_i64(w, "children", children);
	json_field_f64(w, "mean_metres", children ? (double)metres / (double)children : 0);
	json_field_i64(w, "changed_communities", changed);
	json_field_i64(w, "changed_children", moved);
	json_field_i64(w, "crossings", crossings);
	json_field_f64(w, "seconds", c->seconds);
	json_end_object(w);
}

static void write_schools(struct ctx *cx, struct json_writer *w, const struct zones_county *c)
{
	for (int32_t i = 0; i < c->map.site_count; i++) {
		struct zones_sums s = zones_sum(c, i);
		json_object(w);
		json_field_text(w, "county", c->code);
		json_field_text(w, "site", school(c, i)->code);
		json_field_text(w, "name", zones_school_name(cx->mem, c, i));
		json_field_i64(w, "communities", s.communities);
		json_field_i64(w, "children", s.children);
		json_field_i64(w, "places", s.places);
		json_field_f64(
			w, "mean_metres", s.children ? (double)s.metres / (double)s.children : 0);
		json_end_object(w);
	}
}

static void write_blocks(struct json_writer *w, const struct zones_county *c)
{
	for (int32_t v = 0; v < c->map.block_count; v++) {
		int32_t site = c->answer.site[v], arc = zones_arc(c, v);
		json_object(w);
		json_field_text(w, "community", community(c, v)->code);
		json_field_i64(w, "children", zones_children(c, v));
		json_field_text(w, "site", site < 0 ? STR_NONE : school(c, site)->code);
		json_field_text(w, "from", current(c, v));
		json_field_bool(w, "changed", is_changed(c, v));
		if (arc >= 0) {
			json_field_i64(w, "metres", c->metres[arc]);
			json_field_i64(w, "crossings", c->crossing[arc]);
		}
		json_key(w, "neighbours");
		json_array(w);
		for (int32_t e = c->map.first_near[v]; e < c->map.first_near[v + 1]; e++)
			json_str(w, community(c, c->map.near[e])->code);
		json_end_array(w);
		json_end_object(w);
	}
}

void zones_write_json(struct ctx *cx, struct json_writer *w, const struct zones_plan *plan)
{
	const struct zones_data *d = plan->data;
	int64_t cost = 0, bound = 0;
	bool has_zones = true;

	for (size_t n = 0; n < plan->count; n++) {
		cost += plan->counties[n].verdict.cost;
		bound += plan->counties[n].verdict.bound;
		has_zones &= plan->counties[n].answer.has_zones;
	}
	json_object(w);
	json_field_text(w, "stage", d->places.kinds[d->kind].stage);
	json_field_i64(w, "change_weight", d->change_weight);
	json_field_i64(w, "crossing_weight", d->crossing_weight);
	json_field_bool(w, "has_zones", has_zones);
	write_proof(w, has_zones, cost, bound);
	json_field_text(w, "shortages", zones_shortages(cx, plan));
	json_key(w, "counties");
	json_array(w);
	for (size_t n = 0; n < plan->count; n++)
		write_county(w, &plan->counties[n]);
	json_end_array(w);
	json_key(w, "schools");
	json_array(w);
	for (size_t n = 0; n < plan->count; n++)
		write_schools(cx, w, &plan->counties[n]);
	json_end_array(w);
	json_key(w, "communities");
	json_array(w);
	for (size_t n = 0; n < plan->count; n++)
		write_blocks(w, &plan->counties[n]);
	json_end_array(w);
	json_end_object(w);
}
