/* Ledgers and options of zones. */
#include "mod/allocate/rows.h"
#include "mod/allocate/zones.h"

struct loader {
	struct ctx *cx;
	const struct zones_options *options;
	const struct dataset *ds;
	struct zones_data *out;
	struct problems problems;
};

static const struct strmap *communities(const struct loader *l)
{
	return &l->out->places.community_index;
}

/* A code of a row in a ledger of codes; -1 and a problem when it is not there. */
static int32_t row_code(struct loader *l, const struct dataset_ledger *dl, size_t row,
	const char *column, const struct strmap *map, const char *ledger)
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

/* Rows of other stages are none of our business. */
static bool is_stage(const struct loader *l, const struct dataset_ledger *dl, size_t row)
{
	const struct zones_data *d = l->out;

	return str_eq(column_text(table_find(dl->table, STR("stage")), row),
		d->places.kinds[d->kind].stage);
}

/* --- ledgers -------------------------------------------------------------------------------- */

static void load_edges(struct loader *l)
{
	const struct dataset_ledger *dl = dataset_find(l->ds, STR("community_neighbours"));

	for (size_t i = 0; dl && i < dl->table->row_count; i++) {
		int32_t a = row_code(l, dl, i, "community", communities(l), "communities");
		int32_t b = row_code(l, dl, i, "neighbour", communities(l), "communities");
		struct str kind = column_text(table_find(dl->table, STR("kind")), i);
		if (a < 0 || b < 0)
			continue;
		if (a == b || !str_eq(l->out->places.communities[a].county,
				      l->out->places.communities[b].county)) {
			problems_error(&l->problems, allocate_row_place(dl, i), "%s",
				TR(l->cx, "应是同一县区的两个不同社区",
					"two different communities of one county are expected"));
			continue;
		}
		*VEC_PUSH(l->cx->mem, &l->out->edges) =
			(struct zones_edge){MIN(a, b), MAX(a, b), true, str_is(kind, "apart"),
				!str_is(kind, "apart") && !str_is(kind, "adjacent")};
	}
}

static void load_current(struct loader *l)
{
	const struct dataset_ledger *dl = dataset_find(l->ds, STR("school_zones"));
	struct zones_data *d = l->out;

	d->current = arena_array(l->cx->mem, int32_t, d->places.community_count);
	for (int32_t c = 0; c < d->places.community_count; c++)
		d->current[c] = -1;
	for (size_t i = 0; dl && i < dl->table->row_count; i++) {
		int32_t c, site;
		if (!is_stage(l, dl, i))
			continue;
		c = row_code(l, dl, i, "community", communities(l), "communities");
		site = row_code(l, dl, i, "site", &d->places.site_index, "school_sites");
		if (c >= 0 && site >= 0)
			d->current[c] = site;
	}
}

static int32_t find_grade(struct zones_data *d, int64_t grade)
{
	for (int32_t k = 0; k < d->cohort_count; k++)
		if (d->grades[k] == grade)
			return k;
	return -1;
}

/* The grades that appear, ascending. Fails: REJECTED (too many). */
static enum err find_grades(struct loader *l, const struct dataset_ledger *dl)
{
	const struct column *grades = dl ? table_find(dl->table, STR("grade")) : NULL;
	struct zones_data *d = l->out;

	d->grades = arena_array(l->cx->mem, int64_t, ZONE_COHORTS_MAX);
	for (size_t i = 0; grades && i < dl->table->row_count; i++) {
		int64_t grade = allocate_cell(grades, i, 0);
		int32_t at = d->cohort_count;
		if (!is_stage(l, dl, i) || find_grade(d, grade) >= 0)
			continue;
		if (at == ZONE_COHORTS_MAX)
			return ctx_fail(l->cx, ERR_REJECTED, "%s",
				TR(l->cx, "年级太多", "too many grades"));
		for (; at > 0 && d->grades[at - 1] > grade; at--)
			d->grades[at] = d->grades[at - 1];
		d->grades[at] = grade;
		d->cohort_count++;
	}
	return ERR_OK;
}

static enum err load_demand(struct loader *l)
{
	const struct dataset_ledger *dl = dataset_find(l->ds, STR("community_cohorts"));
	struct zones_data *d = l->out;

	TRY(find_grades(l, dl));
	if (d->cohort_count == 0) {
		d->grades = NULL;
		d->cohort_count = 1;
	}
	d->demand = arena_array(
		l->cx->mem, int64_t, (size_t)d->places.community_count * (size_t)d->cohort_count);
	for (int32_t c = 0; c < d->places.community_count && !d->grades; c++)
		d->demand[c] = d->places.children[c * d->places.kind_count + d->kind];
	for (size_t i = 0; d->grades && i < dl->table->row_count; i++) {
		int32_t c;
		if (!is_stage(l, dl, i))
			continue;
		c = row_code(l, dl, i, "community", communities(l), "communities");
		if (c < 0)
			continue;
		d->demand[c * d->cohort_count +
			  find_grade(
				  d, allocate_cell(table_find(dl->table, STR("grade")), i, 0))] +=
			allocate_cell(table_find(dl->table, STR("children")), i, 0);
	}
	return ERR_OK;
}

/* --- options -------------------------------------------------------------------------------- */

static enum err option_code(struct loader *l, const char *option, struct str code,
	const struct strmap *map, const char *ledger, int32_t *out)
{
	const int64_t *at = strmap_find(map, code);

	if (!at)
		return ctx_fail(l->cx, ERR_INVALID,
			TR(l->cx, "%s: '" STR_FMT "' 不在台账 %s 里",
				"%s: '" STR_FMT "' is not in ledger %s"),
			option, STR_ARG(code), ledger);
	*out = (int32_t)*at;
	return ERR_OK;
}

static enum err load_rule(
	struct loader *l, const char *option, const struct zones_pair *pair, bool is_pin)
{
	struct zones_data *d = l->out;
	struct zones_rule rule = {.is_pin = is_pin};

	TRY(option_code(
		l, option, pair->community, communities(l), "communities", &rule.community));
	TRY(option_code(l, option, pair->site, &d->places.site_index, "school_sites", &rule.site));
	for (size_t n = 0; n < d->rules.count; n++)
		if (d->rules.items[n].community == rule.community &&
			(d->rules.items[n].is_pin ? is_pin || d->rules.items[n].site == rule.site
						  : is_pin && d->rules.items[n].site == rule.site))
			return ctx_fail(l->cx, ERR_INVALID,
				TR(l->cx, "社区 " STR_FMT " 的指定和禁止 (pin, ban) 互相矛盾",
					"pin and ban of community " STR_FMT
					" contradict each other"),
				STR_ARG(pair->community));
	*VEC_PUSH(l->cx->mem, &d->rules) = rule;
	return ERR_OK;
}

/* A+B: these schools share one zone. */
static enum err load_groups(struct loader *l)
{
	struct zones_data *d = l->out;

	d->leader = arena_array(l->cx->mem, int32_t, d->places.site_count);
	for (int32_t i = 0; i < d->places.site_count; i++)
		d->leader[i] = i;
	for (size_t n = 0; n < l->options->groups.count; n++) {
		struct str given = l->options->groups.items[n];
		int32_t leader = -1, site = -1;
		while (given.n > 0) {
			TRY(option_code(l, "group", str_cut(&given, '+'), &d->places.site_index,
				"school_sites", &site));
			leader = leader < 0 ? d->leader[site] : leader;
			if (!str_eq(d->places.sites[site].county, d->places.sites[leader].county))
				return ctx_fail(l->cx, ERR_INVALID, "%s",
					TR(l->cx, "group: 应是同一县区的学校",
						"group: schools of one county are expected"));
			for (int32_t i = 0; i < d->places.site_count; i++)
				if (d->leader[i] == site)
					d->leader[i] = leader;
		}
	}
	return ERR_OK;
}

/* The community that a school stands in: the nearest of its county; -1: there is none. */
static int32_t home_of(const struct places_data *p, int32_t site)
{
	double least = 0;
	int32_t home = -1;

	for (int32_t c = 0; c < p->community_count; c++) {
		double km;
		if (!str_eq(p->communities[c].county, p->sites[site].county))
			continue;
		km = places_km(p, c, site);
		if (home < 0 || km < least) {
			least = km;
			home = c;
		}
	}
	return home;
}

/* --group-shared: open schools of the stage that stand in one community share one zone. */
static void group_shared(struct zones_data *d, struct arena *mem)
{
	const struct places_data *p = &d->places;
	int32_t *first = arena_array(mem, int32_t, p->community_count);

	for (int32_t c = 0; c < p->community_count; c++)
		first[c] = -1;
	for (int32_t i = 0; i < p->site_count; i++) {
		int32_t home, was = d->leader[i];
		if (!p->sites[i].is_open || p->rooms[i * p->kind_count + d->kind].places == 0)
			continue;
		home = home_of(p, i);
		if (home >= 0 && first[home] < 0)
			first[home] = was;
		for (int32_t n = 0; n < p->site_count && home >= 0; n++)
			if (d->leader[n] == was)
				d->leader[n] = d->leader[first[home]];
	}
}

static enum err whole_parameter(
	struct loader *l, const char *id, struct str key, int64_t most, int64_t *out)
{
	TRY(allocate_number(l->cx, l->ds->pack, id, key, out));
	*out /= 1000000;
	if (*out < 0 || *out > most)
		return ctx_fail(l->cx, ERR_PACK,
			TR(l->cx, "参数 %s 超出范围", "parameter %s is out of range"), id);
	return ERR_OK;
}

static enum err load_numbers(struct loader *l)
{
	struct zones_data *d = l->out;
	struct str stage = d->places.kinds[d->kind].stage;

	TRY(whole_parameter(l, "zone.change_weight", STR_NONE, 1000000, &d->change_weight));
	TRY(whole_parameter(l, "zone.crossing_weight", STR_NONE, 1000000, &d->crossing_weight));
	TRY(whole_parameter(l, "zone.fill_min", stage, 100, &d->fill_min));
	TRY(whole_parameter(l, "zone.fill_max", stage, 1000, &d->fill_max));
	if (l->options->change_weight >= 0)
		d->change_weight = l->options->change_weight;
	if (l->options->fill_max >= 0)
		d->fill_max = l->options->fill_max;
	d->is_derived = !l->options->is_given;
	return ERR_OK;
}

static enum err load_kind(struct loader *l)
{
	struct zones_data *d = l->out;
	struct str stage = l->options->stage;

	for (d->kind = 0; d->kind < d->places.kind_count; d->kind++)
		if (str_eq(d->places.kinds[d->kind].stage, stage))
			return ERR_OK;
	return ctx_fail(l->cx, ERR_INVALID,
		TR(l->cx, "stage '" STR_FMT "': 参数 places.minutes_max 没有这个学段",
			"stage '" STR_FMT "': parameter places.minutes_max has no such stage"),
		STR_ARG(stage));
}

enum err zones_load(struct ctx *cx, const struct zones_options *options, const struct dataset *ds,
	struct zones_data *out)
{
	struct loader l = {.cx = cx, .options = options, .ds = ds, .out = out};

	*out = (struct zones_data){0};
	problems_init(&l.problems, cx->mem);
	l.problems.is_english = cx->is_english;
	TRY(places_load(cx, ds, &out->places));
	TRY(load_kind(&l));
	TRY(load_numbers(&l));
	load_edges(&l);
	load_current(&l);
	TRY(load_demand(&l));
	TRY(allocate_reject(cx, &l.problems));
	for (size_t i = 0; i < options->pins.count; i++)
		TRY(load_rule(&l, "pin", &options->pins.items[i], true));
	for (size_t i = 0; i < options->bans.count; i++)
		TRY(load_rule(&l, "ban", &options->bans.items[i], false));
	TRY(load_groups(&l));
	if (options->shares_community)
		group_shared(out, cx->mem);
	return ERR_OK;
}
