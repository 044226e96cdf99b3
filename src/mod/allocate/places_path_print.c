/* A path as tables, as rows of a proposal and as JSON, and reasons for people. */
#include "mod/allocate/places_path.h"

/* Of a closed site's children: one site takes so many, and it is a merger. */
#define MERGED_PERCENT 80

const struct report_column places_path_columns[PLACES_PATH_COLUMNS] = {
	{"county", "县区", REPORT_TEXT}, {"year", "年份", REPORT_NUMBER},
	{"site", "校点代码", REPORT_TEXT}, {"name", "校点名称", REPORT_TEXT},
	{"action", "动作", REPORT_TEXT}, {"stage", "学段", REPORT_TEXT},
	{"places_from", "原有学位", REPORT_NUMBER}, {"places_to", "调整后学位", REPORT_NUMBER},
	{"once", "一次投入", REPORT_NUMBER}, {"into", "并入", REPORT_TEXT},
	{"saving", "各年共节省", REPORT_NUMBER}, {"reason", "理由", REPORT_TEXT}};

bool places_step_is_merger(const struct places_step *s)
{
	return s->into >= 0 && s->merged * 100 >= s->moved * MERGED_PERCENT;
}

const char *places_step_action(const struct places_step *s)
{
	return places_step_is_merger(s) ? "merge" : places_action_names[s->action];
}

/* Children of the stages that the step concerns, within the site's reach: today's and that year's.
 */
static void children_near(
	const struct places_path *p, const struct places_step *s, int64_t *today, int64_t *then)
{
	const struct layout *l = p->horizon.years;

	*today = *then = 0;
	for (int32_t j = 0; j < l->point_count; j++) {
		if (places_room(l, s->from, l->kind[j]) == places_room(l, s->to, l->kind[j]))
			continue;
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++)
			if (l->arc_site[e] == s->site) {
				*today += p->horizon.years[0].demand[j];
				*then += p->horizon.years[s->year].demand[j];
			}
	}
}

static struct str otherwise(struct ctx *cx, const struct places_path *path, int32_t site)
{
	if (path->answer.more_unmet[site] > 0)
		return str_printf(cx->mem,
			TR(cx, "一直维持现状, 各年共有 %" PRId64 " 人次没有学位",
				"left as it is, %" PRId64 " times in these years a child has no "
				"place"),
			path->answer.more_unmet[site]);
	return str_printf(cx->mem,
		TR(cx, "一直维持现状, 各年共多花 " STR_FMT " 元",
			"left as it is, it costs " STR_FMT " yuan more in these years"),
		STR_ARG(places_money(cx->mem, (path->answer.saving[site] + 500) / 1000 * 1000)));
}

struct str places_path_reason(
	struct ctx *cx, const struct places_path *path, const struct places_step *step)
{
	const struct places_site *sites = path->data.sites;
	struct str saved = otherwise(cx, path, step->site);
	int64_t today, then;

	if (sites[step->site].must_close)
		return str_from(TR(cx, "假设停办", "supposed to close"));
	if (step->action == PLACES_CLOSE && step->into >= 0)
		return str_printf(cx->mem,
			TR(cx, STR_FMT "; 就近的 %" PRId64 " 名儿童中 %" PRId64 " 名改去 " STR_FMT,
				STR_FMT "; of %" PRId64 " children near it %" PRId64
					" go to " STR_FMT),
			STR_ARG(saved), step->moved, step->merged, STR_ARG(sites[step->into].name));
	children_near(path, step, &today, &then);
	if (step->year == 0)
		return str_printf(cx->mem,
			TR(cx, STR_FMT "; 可达范围内的儿童 %" PRId64 " 名",
				STR_FMT "; %" PRId64 " children within reach"),
			STR_ARG(saved), then);
	return str_printf(cx->mem,
		TR(cx, STR_FMT "; 可达范围内的儿童 %d 年 %" PRId64 " 名, %d 年 %" PRId64 " 名",
			STR_FMT "; children within reach: %d: %" PRId64 ", %d: %" PRId64),
		STR_ARG(saved), path->demand->first_year, today,
		path->demand->first_year + step->year, then);
}

/*
 * A year may be short though its sites could be large enough: what is begun now is not ready then.
 * Told by county, with how many places would do.
 */
static void tell_not_ready(
	struct ctx *cx, const struct places_path *path, int32_t t, int32_t kind, struct strbuf *b)
{
	const struct layout *l = &path->horizon.years[t];
	const int64_t *unmet = path->answer.unmet + t * l->point_count;
	struct strmap counties;

	if (layout_explain(cx->mem, l, kind).need > 0)
		return; /* places_shortages has told it */
	strmap_init(&counties, cx->mem);
	for (int32_t j = kind; j < l->point_count; j += l->kind_count)
		if (unmet[j] > 0)
			*strmap_put(&counties, path->data.communities[j / l->kind_count].county,
				NULL) += unmet[j];
	for (size_t i = 0; i < counties.count; i++)
		strbuf_printf(b,
			TR(cx,
				STR_FMT " " STR_FMT ": 这一年缺 %" PRId64
					" 个学位, 所有校点扩到最大时够用, 但来不及建成。可放宽: "
					"这一年临时借用 %" PRId64
					" 个学位, 或缩短从决定到投入使用的年数 (参数 "
					"places.lead_years)\n",
				STR_FMT " " STR_FMT ": %" PRId64
					" places are short in this year; the largest sites would "
					"do but are not ready. To relax: %" PRId64
					" places on loan in this year, or fewer years from "
					"decision to use (parameter places.lead_years)\n"),
			STR_ARG(counties.entries[i].key), STR_ARG(path->data.kinds[kind].stage),
			counties.entries[i].value, counties.entries[i].value);
}

struct str places_path_shortages(struct ctx *cx, const struct places_path *path)
{
	const struct layout *l = path->horizon.years;
	struct strbuf b;
	struct str text;

	if (path->verdict.unmet == 0)
		return STR_NONE;
	strbuf_init(&b, 1 << 20);
	for (int32_t t = 0; t < path->horizon.year_count; t++) {
		struct places_model model = path->model;
		struct places_plan plan = {.model = &model};
		model.layout = path->horizon.years[t];
		for (int32_t j = 0; j < l->point_count; j++)
			plan.verdict.unmet += path->answer.unmet[t * l->point_count + j];
		if (plan.verdict.unmet > 0)
			strbuf_printf(&b, TR(cx, "%d 年: " STR_FMT, "%d: " STR_FMT),
				path->demand->first_year + t, STR_ARG(places_shortages(cx, &plan)));
		for (int32_t k = 0; k < l->kind_count && plan.verdict.unmet > 0; k++)
			tell_not_ready(cx, path, t, k, &b);
	}
	text = str_copy(cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}

/* --- tables --------------------------------------------------------------------------------- */

bool places_step_concerns(const struct places_path *path, const struct places_step *s, int32_t kind)
{
	const struct layout *l = path->horizon.years;

	return places_room(l, s->from, kind) != places_room(l, s->to, kind);
}

void places_path_report(struct ctx *cx, struct report *r, const struct places_path *path)
{
	const struct layout *l = path->horizon.years;
	const struct places_data *d = &path->data;
	struct places_step *steps;
	size_t count = places_path_steps(cx, path, &steps);

	for (size_t n = 0; n < count; n++) {
		const struct places_step *s = &steps[n];
		for (int32_t k = 0; k < d->kind_count; k++) {
			if (!places_step_concerns(path, s, k))
				continue;
			report_str(r, d->sites[s->site].county);
			report_i64(r, path->demand->first_year + s->year);
			report_str(r, d->sites[s->site].code);
			report_str(r, d->sites[s->site].name);
			report_z(r, places_step_action(s));
			report_str(r, d->kinds[k].stage);
			report_i64(r, places_room(l, s->from, k));
			report_i64(r, places_room(l, s->to, k));
			report_str(r, places_money(r->mem, s->once));
			report_str(r, places_step_is_merger(s) ? d->sites[s->into].code : STR_NONE);
			report_str(r, places_money(r->mem, path->answer.saving[s->site]));
			report_str(r, places_path_reason(cx, path, s));
		}
	}
}

/* For people, in a sentence. */
static const char *action_word(struct ctx *cx, const struct places_step *s)
{
	static const char *const zh[PLACES_ACTIONS] = {"保留", "停办", "增班", "新建", "改办"};

	if (cx->is_english)
		return places_step_action(s);
	return places_step_is_merger(s) ? "并入他校" : zh[s->action];
}

/* The steps of a site in words: "2027 expand, 2031 close", and why. */
static struct str all_steps(struct ctx *cx, const struct places_path *path,
	const struct places_step *steps, size_t count, int32_t site,
	const struct places_step **last, int64_t *once)
{
	struct strbuf b;
	struct str text;

	strbuf_init(&b, 1 << 16);
	*once = 0;
	for (size_t n = 0; n < count; n++)
		if (steps[n].site == site) {
			strbuf_printf(&b, TR(cx, "%d 年%s, ", "%d %s, "),
				path->demand->first_year + steps[n].year,
				action_word(cx, &steps[n]));
			*last = &steps[n];
			*once += steps[n].once;
		}
	strbuf_str(&b, places_path_reason(cx, path, *last));
	text = str_copy(cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}

size_t places_path_rows(
	struct ctx *cx, const struct places_path *path, struct proposal_row **out_rows)
{
	const struct layout *l = path->horizon.years;
	const struct places_data *d = &path->data;
	const int32_t *end = path->answer.state + (path->horizon.year_count - 1) * l->site_count;
	VEC(struct proposal_row) rows = {0};
	struct places_step *steps;
	size_t count = places_path_steps(cx, path, &steps);

	for (int32_t i = 0; i < d->site_count; i++) {
		const struct places_step *last = NULL;
		struct str text;
		int64_t once;
		if (end[i] == l->base_state[i])
			continue;
		text = all_steps(cx, path, steps, count, i, &last, &once);
		for (int32_t k = 0; k < d->kind_count; k++) {
			int64_t from = places_room(l, l->base_state[i], k),
				to = places_room(l, end[i], k);
			if (from == to)
				continue;
			*VEC_PUSH(cx->mem, &rows) =
				(struct proposal_row){.county = d->sites[i].county,
					.item = d->sites[i].code,
					.item_name = d->sites[i].name,
					.action = places_action_names[last->action],
					.stage = d->kinds[k].stage,
					.from = str_printf(cx->mem, "%" PRId64, from),
					.to = str_printf(cx->mem, "%" PRId64, to),
					.once = places_money(cx->mem, once),
					.saving = places_money(cx->mem, path->answer.saving[i]),
					.reason = text};
		}
	}
	*out_rows = rows.items;
	return rows.count;
}

void places_path_propose(struct ctx *cx, struct proposal *p, const struct places_path *path)
{
	struct proposal_row *rows;
	size_t count = places_path_rows(cx, path, &rows);

	for (size_t i = 0; i < count; i++)
		proposal_add(p, &rows[i]);
}

/* --- JSON ----------------------------------------------------------------------------------- */

static void write_stage(
	struct json_writer *w, const struct places_path *path, int32_t t, int32_t kind)
{
	const struct layout *l = &path->horizon.years[t];
	const int64_t *flow = path->answer.flow + t * l->first_arc[l->point_count];
	int64_t sites = 0, places = 0, children = 0, unmet = 0;
	double km = 0;

	for (int32_t i = 0; i < l->site_count; i++) {
		int64_t room = places_room(l, path->answer.state[t * l->site_count + i], kind);
		places += room;
		sites += room > 0;
	}
	for (int32_t j = kind; j < l->point_count; j += l->kind_count) {
		children += l->demand[j];
		unmet += path->answer.unmet[t * l->point_count + j];
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++)
			km += (double)flow[e] * path->model.km[e];
	}
	json_object(w);
	json_field_str(w, "stage", path->data.kinds[kind].stage);
	json_field_i64(w, "children", children);
	json_field_i64(w, "sites", sites);
	json_field_i64(w, "places", places);
	json_field_i64(w, "unmet", unmet);
	json_field_f64(w, "mean_km", children ? km / (double)children : 0);
	json_end_object(w);
}

static void write_step(struct ctx *cx, struct json_writer *w, const struct places_path *path,
	const struct places_step *s)
{
	const struct layout *l = path->horizon.years;
	const struct places_data *d = &path->data;

	json_object(w);
	json_field_str(w, "county", d->sites[s->site].county);
	json_field_i64(w, "year", path->demand->first_year + s->year);
	json_field_str(w, "site", d->sites[s->site].code);
	json_field_str(w, "name", d->sites[s->site].name);
	json_field_str(w, "action", str_from(places_step_action(s)));
	json_field_dec(w, "once", s->once, 3);
	json_field_str(w, "into", places_step_is_merger(s) ? d->sites[s->into].code : STR_NONE);
	json_field_dec(w, "saving", path->answer.saving[s->site], 3);
	json_field_str(w, "reason", places_path_reason(cx, path, s));
	json_key(w, "stages");
	json_array(w);
	for (int32_t k = 0; k < d->kind_count; k++) {
		if (!places_step_concerns(path, s, k))
			continue;
		json_object(w);
		json_field_str(w, "stage", d->kinds[k].stage);
		json_field_i64(w, "places_from", places_room(l, s->from, k));
		json_field_i64(w, "places_to", places_room(l, s->to, k));
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
}

void places_path_write_json(struct ctx *cx, struct json_writer *w, const struct places_path *path)
{
	const struct horizon_verdict *v = &path->verdict;
	struct places_step *steps;
	size_t count = places_path_steps(cx, path, &steps);

	json_object(w);
	json_field_dec(w, "cost", v->cost, 3);
	json_field_dec(w, "bound", v->bound, 3);
	json_field_f64(w, "gap", v->cost > 0 ? (double)(v->cost - v->bound) / (double)v->cost : 0);
	json_field_i64(w, "unmet", v->unmet);
	json_field_i64(w, "parts", path->answer.part_count);
	json_field_f64(w, "seconds", path->seconds);
	json_field_str(w, "shortages", places_path_shortages(cx, path));
	json_key(w, "years");
	json_array(w);
	for (int32_t t = 0; t < path->horizon.year_count; t++) {
		json_object(w);
		json_field_i64(w, "year", path->demand->first_year + t);
		json_key(w, "stages");
		json_array(w);
		for (int32_t k = 0; k < path->data.kind_count; k++)
			write_stage(w, path, t, k);
		json_end_array(w);
		json_end_object(w);
	}
	json_end_array(w);
	json_key(w, "actions");
	json_array(w);
	for (size_t n = 0; n < count; n++)
		write_step(cx, w, path, &steps[n]);
	json_end_array(w);
	json_end_object(w);
}
