/* Reasons for people, and what would help where places are short. */
#include "mod/allocate/places.h"

#include <math.h>

static struct str yuan(struct arena *mem, int64_t milli)
{
	return str_from(dec_format(mem, (milli + 500) / 1000, 0));
}

/* Of a point: its nearest site that has room of its kind today, or -1. */
static int32_t nearest_now(const struct layout *l, int32_t j)
{
	for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++)
		if (l->state_room[l->base_state[l->arc_site[e]] * l->kind_count + l->kind[j]] > 0)
			return l->arc_site[e];
	return -1;
}

int64_t places_moved(const struct layout *l, const int64_t *flow, int32_t site, int32_t *most,
	int64_t *most_children)
{
	struct arena *mem = arena_create();
	int64_t *taken = arena_array(mem, int64_t, l->site_count), sum = 0;

	*most = -1;
	for (int32_t j = 0; j < l->point_count; j++) {
		if (l->demand[j] == 0 || nearest_now(l, j) != site)
			continue;
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++)
			if (l->arc_site[e] != site) {
				taken[l->arc_site[e]] += flow[e];
				sum += flow[e];
			}
	}
	for (int32_t i = 0; i < l->site_count; i++)
		if (taken[i] > 0 && (*most < 0 || taken[i] > taken[*most]))
			*most = i;
	*most_children = *most < 0 ? 0 : taken[*most];
	arena_free(mem);
	return sum;
}

/* Who comes: how many communities and children, and the community that sends most. */
static int64_t served_at(
	const struct places_plan *plan, int32_t site, int32_t *communities, int32_t *most)
{
	const struct layout *l = &plan->model->layout;
	int64_t sum = 0, largest = 0;

	*communities = 0;
	*most = -1;
	for (int32_t j = 0; j < l->point_count; j++)
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++) {
			if (l->arc_site[e] != site || plan->answer.flow[e] == 0)
				continue;
			(*communities)++;
			sum += plan->answer.flow[e];
			if (plan->answer.flow[e] > largest) {
				largest = plan->answer.flow[e];
				*most = j / l->kind_count;
			}
		}
	return sum;
}

/* A community that has no other site within its time. */
static int32_t only_here(const struct layout *l, int32_t site)
{
	for (int32_t j = 0; j < l->point_count; j++)
		if (l->demand[j] > 0 && l->first_arc[j + 1] - l->first_arc[j] == 1 &&
			l->arc_site[l->first_arc[j]] == site)
			return j;
	return -1;
}

static struct str keep_reason(struct ctx *cx, const struct places_plan *plan, int32_t site)
{
	const struct places_data *d = plan->model->data;
	const struct layout *l = &plan->model->layout;
	const struct places_site *s = &d->sites[site];
	int32_t only = only_here(l, site);

	if (!s->is_open)
		return STR_NONE;
	if (s->must_keep)
		return str_printf(cx->mem,
			TR(cx, "名单要求保留: " STR_FMT, "on the list to keep: " STR_FMT),
			STR_ARG(s->keep_reason));
	if (only < 0)
		return STR_NONE;
	return str_printf(cx->mem,
		TR(cx, STR_FMT " 的 %" PRId64 " 名儿童在 %.0f 分钟内没有别的校点",
			"the children of " STR_FMT " (%" PRId64 ") have no other site within %.0f "
			"minutes"),
		STR_ARG(d->communities[only / l->kind_count].name), l->demand[only],
		d->kinds[l->kind[only]].minutes_max);
}

/* What leaving the site as it is would mean. */
static struct str otherwise(struct ctx *cx, const struct places_plan *plan, int32_t site)
{
	int64_t saving = plan->answer.saving[site], unmet = plan->answer.more_unmet[site];

	if (unmet > 0)
		return str_printf(cx->mem,
			TR(cx, "维持现状有 %" PRId64 " 名儿童没有学位",
				"left as it is, %" PRId64 " children have no place"),
			unmet);
	/* Only where so many new places are asked for. */
	if (saving < 0)
		return str_printf(cx->mem,
			TR(cx, "为满足新增学位的要求, 每年多花 " STR_FMT " 元",
				"for the new places that are asked for, " STR_FMT " yuan a year"),
			STR_ARG(yuan(cx->mem, -saving)));
	return str_printf(cx->mem,
		TR(cx, "维持现状每年多花 " STR_FMT " 元",
			"left as it is, it costs " STR_FMT " yuan more a year"),
		STR_ARG(yuan(cx->mem, saving)));
}

struct str places_reason(struct ctx *cx, const struct places_plan *plan, int32_t site)
{
	const struct places_data *d = plan->model->data;
	struct str saved = otherwise(cx, plan, site);
	enum places_action action = plan->model->states[plan->answer.state[site]].action;
	int32_t communities, most;
	int64_t children, most_children;

	if (action == PLACES_KEEP)
		return keep_reason(cx, plan, site);
	if (action == PLACES_CLOSE && d->sites[site].must_close)
		return str_from(TR(cx, "假设停办", "supposed to close"));
	if (action == PLACES_CLOSE) {
		children = places_moved(
			&plan->model->layout, plan->answer.flow, site, &most, &most_children);
		if (children == 0)
			return saved;
		return str_printf(cx->mem,
			TR(cx, STR_FMT "; 就近的 %" PRId64 " 名儿童改去 " STR_FMT " 等",
				STR_FMT "; %" PRId64 " children near it go to " STR_FMT
					" and others"),
			STR_ARG(saved), children,
			STR_ARG(most < 0 ? STR("-") : d->sites[most].name));
	}
	children = served_at(plan, site, &communities, &most);
	return str_printf(cx->mem,
		TR(cx, STR_FMT "; 接收 " STR_FMT " 等 %d 处的 %" PRId64 " 名儿童",
			STR_FMT "; takes the children of " STR_FMT
				" and others, %d places, %" PRId64 " children"),
		STR_ARG(saved), STR_ARG(most < 0 ? STR("-") : d->communities[most].name),
		communities, children);
}

/* --- shortages ------------------------------------------------------------------------------ */

/* The least time that brings a short community of the county to a site beyond its reach. */
static double minutes_to_relax(const struct places_model *m, const struct layout_shortage *s,
	struct str county, int32_t *site)
{
	const struct places_data *d = m->data;
	const struct layout *l = &m->layout;
	double least = HUGE_VAL;

	for (int32_t j = 0; j < l->point_count; j++) {
		int32_t c = j / l->kind_count;
		if (!s->is_short[j] || l->demand[j] == 0 ||
			!str_eq(d->communities[c].county, county))
			continue;
		for (int32_t i = 0; i < l->site_count; i++) {
			const struct places_room *r = &d->rooms[i * l->kind_count + s->kind];
			double minutes = places_minutes(d, s->kind, places_km(d, c, i));
			if (s->is_within[i] || r->places + r->converted == 0 ||
				d->sites[i].must_close || !str_eq(d->sites[i].county, county))
				continue;
			if (minutes < least) {
				least = minutes;
				*site = i;
			}
		}
	}
	return least;
}

static int64_t largest(const struct layout *l, int32_t site, int32_t kind)
{
	int64_t room = 0;

	for (int32_t s = l->first_state[site]; s < l->first_state[site + 1]; s++)
		room = MAX(room, l->state_room[s * l->kind_count + kind]);
	return room;
}

static void tell_shortage(struct ctx *cx, const struct places_model *m,
	const struct layout_shortage *s, struct str county, struct strbuf *out)
{
	const struct places_data *d = m->data;
	const struct layout *l = &m->layout;
	int64_t need = 0, room = 0, most = 0;
	int32_t first = -1, communities = 0, site = -1;
	double minutes;

	for (int32_t j = 0; j < l->point_count; j++)
		if (s->is_short[j] && l->demand[j] > 0 &&
			str_eq(d->communities[j / l->kind_count].county, county)) {
			communities++;
			need += l->demand[j];
			if (l->demand[j] > most) {
				most = l->demand[j];
				first = j / l->kind_count;
			}
		}
	for (int32_t i = 0; i < l->site_count; i++)
		if (s->is_within[i] && str_eq(d->sites[i].county, county))
			room += largest(l, i, s->kind);
	if (need <= room)
		return;
	strbuf_printf(out,
		TR(cx,
			STR_FMT " " STR_FMT ": " STR_FMT " 等 %d 处 %" PRId64
				" 名儿童, %.0f 分钟内的校点最多容 %" PRId64 " 人, 缺 %" PRId64
				" 个学位。可放宽: 在可达的校点再增 %" PRId64 " 个学位",
			STR_FMT " " STR_FMT ": " STR_FMT " and others, %d places with %" PRId64
				" children; within %.0f minutes the sites hold %" PRId64
				" at most: %" PRId64 " places are short. To relax: %" PRId64
				" more places at a site within reach"),
		STR_ARG(county), STR_ARG(d->kinds[s->kind].stage),
		STR_ARG(d->communities[first].name), communities, need,
		d->kinds[s->kind].minutes_max, room, need - room, need - room);
	minutes = minutes_to_relax(m, s, county, &site);
	if (site >= 0)
		strbuf_printf(out,
			TR(cx, ", 或把限时放宽到 %.0f 分钟 (可到 " STR_FMT ")",
				", or a limit of %.0f minutes (reaches " STR_FMT ")"),
			ceil(minutes), STR_ARG(d->sites[site].name));
	strbuf_char(out, '\n');
}

struct str places_shortages(struct ctx *cx, const struct places_plan *plan)
{
	const struct places_model *m = plan->model;
	const struct layout *l = &m->layout;
	struct strbuf b;
	struct str text;

	if (plan->verdict.unmet == 0)
		return STR_NONE;
	strbuf_init(&b, 1 << 20);
	strbuf_printf(&b,
		TR(cx, "%" PRId64 " 名儿童没有学位。\n", "%" PRId64 " children have no place.\n"),
		plan->verdict.unmet);
	for (int32_t k = 0; k < l->kind_count; k++) {
		struct layout_shortage s = layout_explain(cx->mem, l, k);
		struct strmap told;
		strmap_init(&told, cx->mem);
		for (int32_t j = 0; j < l->point_count && s.need > 0; j++) {
			struct str county = m->data->communities[j / l->kind_count].county;
			bool is_new = false;
			if (s.is_short[j] && l->demand[j] > 0)
				(void)strmap_put(&told, county, &is_new);
			if (is_new)
				tell_shortage(cx, m, &s, county, &b);
		}
	}
	text = str_copy(cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}
