/* Why there are no zones, and which rule to relax by how much. */
#include "mod/allocate/zones.h"

#include <math.h>

#define NAMES 5

/* The first names of those marked, and how many there are. */
static struct str names(struct ctx *cx, const struct zones_county *c, const bool *is_marked,
	bool is_block, int32_t *out_count)
{
	const struct places_data *p = &c->data->places;
	int32_t all = is_block ? c->map.block_count : c->map.site_count, count = 0;
	struct str text = STR_NONE;

	for (int32_t n = 0; n < all; n++) {
		struct str name = is_block ? p->communities[c->communities[n]].name
					   : p->sites[c->schools[n]].name;
		if (!is_marked[n] || ++count > NAMES)
			continue;
		text = count == 1 ? name
				  : str_printf(cx->mem, STR_FMT "%s" STR_FMT, STR_ARG(text),
					    TR(cx, "、", ", "), STR_ARG(name));
	}
	*out_count = count;
	return count > NAMES ? str_printf(cx->mem, STR_FMT "%s", STR_ARG(text), TR(cx, "等", " …"))
			     : text;
}

/* The limit of time with which the first of the marked blocks would reach a school. */
static int64_t minutes_to_relax(const struct zones_county *c, const bool *is_block)
{
	const struct places_data *p = &c->data->places;
	double most = 0;

	for (int32_t v = 0; v < c->map.block_count; v++) {
		double least = HUGE_VAL;
		for (int32_t i = 0; i < c->map.site_count && is_block[v]; i++) {
			int64_t m = zones_metres(c->data, c->communities[v], c->schools[i]);
			least = fmin(least, places_minutes(p, c->data->kind, (double)m / 1000));
		}
		if (is_block[v])
			most = fmax(most, least);
	}
	return (int64_t)ceil(most);
}

/* Of several cohorts, which one it is about. */
static struct str cohort_name(struct ctx *cx, const struct zones_county *c, int32_t cohort)
{
	if (!c->data->grades)
		return STR_NONE;
	return str_printf(cx->mem, TR(cx, "%" PRId64 " 年级 ", "grade %" PRId64 ": "),
		c->data->grades[cohort]);
}

static struct str tell_room(struct ctx *cx, const struct zones_county *c,
	const struct zone_shortage *s, struct str blocks, int32_t count)
{
	struct str grade = cohort_name(cx, c, s->cohort);

	return str_printf(cx->mem,
		TR(cx,
			STR_FMT "%d 个社区 (" STR_FMT ") 有 %" PRId64
				" 名儿童, 能去的学校只有 %" PRId64 " 个学位, 缺 %" PRId64
				" 个: 增加学位, 或放宽上学限时",
			STR_FMT "the %d communities " STR_FMT " have %" PRId64
				" children and can reach only schools with %" PRId64
				" places: %" PRId64
				" places are missing; add places, or allow more "
				"time"),
		STR_ARG(grade), count, STR_ARG(blocks), s->need, s->room, s->need - s->room);
}

static struct str tell_whole(struct ctx *cx, const struct zones_county *c,
	const struct zone_shortage *s, struct str block)
{
	struct str grade = cohort_name(cx, c, s->cohort);

	return str_printf(cx->mem,
		TR(cx,
			STR_FMT "社区 " STR_FMT " 有 %" PRId64
				" 名儿童, 能去的学校最大只有 %" PRId64
				" 个学位: 把社区分成几块, 或增加 %" PRId64 " 个学位",
			STR_FMT "community " STR_FMT " has %" PRId64
				" children, the largest school that it can reach %" PRId64
				" places: divide it, or add %" PRId64 " places"),
		STR_ARG(grade), STR_ARG(block), s->need, s->room, s->need - s->room);
}

static struct str tell_units(struct ctx *cx, const struct zones_county *c,
	const struct zone_shortage *s, struct str schools)
{
	struct str grade = cohort_name(cx, c, s->cohort);

	return str_printf(cx->mem,
		TR(cx,
			STR_FMT "学校 " STR_FMT " 的下限共 %" PRId64 " 人, 能去的社区只有 %" PRId64
				" 人: 把下限降低 %" PRId64 " 人",
			STR_FMT "the lower limits of schools " STR_FMT " are %" PRId64
				", but only %" PRId64
				" children live within reach: lower them by %" PRId64),
		STR_ARG(grade), STR_ARG(schools), s->need, s->room, s->need - s->room);
}

/* Units over (or under, when is_over is false) the limits of all schools in the nearest plan; the
 * first ones by name. */
static struct str list_broken(
	struct ctx *cx, const struct zones_county *c, bool is_over, int64_t *out_sum)
{
	int32_t kinds = c->map.cohort_count, count = 0;
	int64_t *load = arena_array(cx->mem, int64_t, c->map.site_count * kinds);
	struct str text = STR_NONE;

	for (int32_t n = 0; n < c->map.block_count * kinds; n++)
		if (c->answer.site[n / kinds] >= 0)
			load[c->answer.site[n / kinds] * kinds + n % kinds] += c->map.demand[n];
	*out_sum = 0;
	for (int32_t r = 0; r < c->map.site_count * kinds; r++) {
		int64_t by = is_over ? load[r] - c->map.upper[r] : c->map.lower[r] - load[r];
		if (by <= 0)
			continue;
		*out_sum += by;
		if (++count <= NAMES)
			text = str_printf(cx->mem, STR_FMT "%s" STR_FMT " %" PRId64, STR_ARG(text),
				count > 1 ? TR(cx, "、", ", ") : "",
				STR_ARG(c->data->places.sites[c->schools[r / kinds]].name), by);
	}
	return count > NAMES ? str_printf(cx->mem, STR_FMT "%s", STR_ARG(text), TR(cx, "等", " …"))
			     : text;
}

/* The limits can be met by dividing communities, or nobody knows better: how near we came. */
static struct str tell_nearest(struct ctx *cx, const struct zones_county *c)
{
	const struct zone_verdict *v = &c->verdict;
	int64_t over, under;
	struct str overs = list_broken(cx, c, true, &over);
	struct str unders = list_broken(cx, c, false, &under);
	struct str known = str_from(
		c->answer.is_exhausted
			? TR(cx, "不分割社区就没有成片又不超限的学区",
				  "without dividing communities there are no zones within the "
				  "limits")
			: TR(cx, "没有找到成片又不超限的学区 (社区可以分割时限制是够的)",
				  "no zones were found that are whole and within all limits (they "
				  "suffice where communities may be divided)"));

	if (v->fault == ZONE_SITE || v->fault == ZONE_APART)
		return str_printf(cx->mem,
			TR(cx, STR_FMT "; 最接近的方案里社区 " STR_FMT " 没有学区",
				STR_FMT "; in the nearest plan community " STR_FMT " has no zone"),
			STR_ARG(known),
			STR_ARG(c->data->places.communities[c->communities[v->at]].name));
	if (over > 0)
		known = str_printf(cx->mem,
			TR(cx,
				STR_FMT
				"; 最接近的方案超出上限 %" PRId64 " 人 (" STR_FMT
				"): 在这些学校增加学位, 分割社区, 或几校共用一个学区 (--group)",
				STR_FMT
				"; the nearest plan is over by %" PRId64 " (" STR_FMT
				"): add places there, divide communities, or let schools share a "
				"zone (--group)"),
			STR_ARG(known), over, STR_ARG(overs));
	if (under > 0)
		known = str_printf(cx->mem,
			TR(cx,
				STR_FMT "; 最接近的方案低于下限 %" PRId64 " 人 (" STR_FMT
					"): 降低下限",
				STR_FMT "; the nearest plan is under by %" PRId64 " (" STR_FMT
					"): lower the limit"),
			STR_ARG(known), under, STR_ARG(unders));
	return known;
}

static struct str tell(struct ctx *cx, const struct zones_county *c)
{
	struct zone_shortage s = zone_explain(cx->mem, &c->map);
	int32_t count, schools;
	struct str blocks = names(cx, c, s.is_block, true, &count);
	struct str sites = names(cx, c, s.is_site, false, &schools);

	switch (s.lack) {
	case ZONE_LACKS_SITE:
		return str_printf(cx->mem,
			TR(cx,
				"%d 个社区 (" STR_FMT
				") 没有可去的学校: 上学限时 %.0f 分钟, 放宽到 %" PRId64
				" 分钟才到, 或看 --pin、--ban",
				"%d communities (" STR_FMT
				") have no school to go to: the limit is %.0f minutes, with "
				"%" PRId64 " they reach one; or see --pin and --ban"),
			count, STR_ARG(blocks), c->data->places.kinds[c->data->kind].minutes_max,
			minutes_to_relax(c, s.is_block));
	case ZONE_LACKS_WAY:
		return str_printf(cx->mem,
			TR(cx,
				"%d 个社区 (" STR_FMT ") 与能去的学校之间没有相邻社区相连: 在台账 "
				"community_neighbours 补上相邻关系, 或放宽上学限时",
				"%d communities (" STR_FMT
				") are not joined to any school that they can reach: add "
				"neighbours in ledger community_neighbours, or allow more time"),
			count, STR_ARG(blocks));
	case ZONE_LACKS_ROOM:
		return tell_room(cx, c, &s, blocks, count);
	case ZONE_LACKS_WHOLE:
		return tell_whole(cx, c, &s, blocks);
	case ZONE_LACKS_UNITS:
		return tell_units(cx, c, &s, sites);
	case ZONE_LACKS_NOTHING:
		break;
	}
	return tell_nearest(cx, c);
}

struct str zones_shortages(struct ctx *cx, const struct zones_plan *plan)
{
	struct str text = STR_NONE;

	for (size_t n = 0; n < plan->count; n++) {
		const struct zones_county *c = &plan->counties[n];
		struct str why;
		if (c->answer.has_zones)
			continue;
		why = tell(cx, c);
		text = str_printf(cx->mem, STR_FMT STR_FMT ": " STR_FMT "\n", STR_ARG(text),
			STR_ARG(c->code), STR_ARG(why));
	}
	return text;
}
