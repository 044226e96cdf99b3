#include "mod/allocate/places_cmd.h"

#include "mod/allocate/places.h"
#include "mod/allocate/places_add.h"
#include "mod/allocate/places_curve.h"
#include "mod/allocate/places_path_cmd.h"
#include "mod/allocate/rows.h"

const struct cli_option places_cmd_options[] = {
	{"from", "LEDGER=FILE", true,
		"communities、community_children、school_sites、site_places 的文件",
		"files of communities, community_children, school_sites, site_places"},
	{"change", "FILE", false, "假设的变化: 类型,代码,学段,数值; 从原方案重新求解",
		"supposed changes: type,code,stage,value; solved again from the plan "
		"without them"},
	{"years", "N", false,
		"今后 N 年逐年的方案, 儿童数按在校生预测 (另要 grade_enrolment、births)",
		"a plan for each of the next N years, on forecast children (needs "
		"grade_enrolment, births)"},
	{"to", "YEAR", false, "同上, 到这一年为止", "the same, up to this year"},
	{"scenario", "FILE", false, "预测的假设 (与 --years 一起), 同 allocate forecast",
		"what the forecast supposes (with --years), as of allocate forecast"},
	{"add", "STAGE=N", false, "全部县区合起来至少新增这么多学位, 如 senior=1000",
		"so many new places in all counties together, such as senior=1000"},
	{"curve", NULL, false, "费用、路程、校点数的取舍: 路程看轻或看重时的七个方案",
		"money against travel: seven plans as a kilometre counts less or more"},
	{"show", "actions|served", false, "列出动作或每个社区去哪里 (默认动作)",
		"rows of actions, or of who goes where (default actions)"},
	PROPOSAL_OPTIONS,
	{"org", "CODE", false, "只算这个县区", "only this county"},
	{"period", "PERIOD", false, "年度, 默认最新", "the year; default: the latest"},
	{"pack", "DIR", false, "政策包", "the pack"},
	{NULL, NULL, false, NULL, NULL},
};

struct task {
	struct allocate_rows rows;
	struct places_data data;
	struct places_model model, changed;
	struct places_plan plan, after;
	struct places_addition addition;
	struct places_point curve[PLACES_CURVE_POINTS];
	struct proposal proposal;
};

static enum err print(struct ctx *cx, const struct cli_args *args, const struct places_plan *plan,
	const struct places_plan *before)
{
	struct json_writer w;
	struct strbuf b;
	struct report r;

	if (!str_is(cli_get(args, "format"), "json")) {
		bool is_served = str_is(cli_get(args, "show"), "served");
		report_init(&r, cx->mem, is_served ? places_served_columns : places_action_columns,
			is_served ? PLACES_SERVED_COLUMNS : PLACES_ACTION_COLUMNS);
		if (is_served)
			places_report_served(&r, plan);
		else
			places_report_actions(cx, &r, plan);
		return report_print(cx, &r, args);
	}
	strbuf_init(&b, STRBUF_MAX);
	json_begin(&w, &b);
	places_write_json(cx, &w, plan, before);
	strbuf_char(&b, '\n');
	fwrite(b.p, 1, b.n, stdout);
	strbuf_release(&b);
	return ERR_OK;
}

static void tell(struct ctx *cx, const struct places_plan *plan)
{
	const struct layout_verdict *v = &plan->verdict;

	fprintf(stderr,
		TR(cx, "每年费用 %" PRId64 " 元, 离最优至多差 %.2f%%; %.2f 秒\n",
			"%" PRId64 " yuan a year, at most %.2f%% from the best; %.2f s\n"),
		v->cost / 1000,
		v->cost > 0 ? 100 * (double)(v->cost - v->bound) / (double)v->cost : 0.0,
		plan->seconds);
}

static enum err print_curve(
	struct ctx *cx, const struct cli_args *args, const struct places_point *points)
{
	struct json_writer w;
	struct strbuf b;
	struct report r;

	if (!str_is(cli_get(args, "format"), "json")) {
		report_init(&r, cx->mem, places_curve_columns, PLACES_CURVE_COLUMNS);
		places_curve_report(&r, points);
		return report_print(cx, &r, args);
	}
	strbuf_init(&b, STRBUF_MAX);
	json_begin(&w, &b);
	places_curve_write_json(&w, points);
	strbuf_char(&b, '\n');
	fwrite(b.p, 1, b.n, stdout);
	strbuf_release(&b);
	return ERR_OK;
}

/* On the last plan: with --add more places. */
static enum err add_places(struct ctx *cx, const struct cli_args *args, struct task *t,
	const struct places_plan **plan)
{
	struct str given = cli_get(args, "add"), stage = str_cut(&given, '=');
	int64_t places;

	if (!cli_has(args, "add"))
		return ERR_OK;
	if (parse_i64(given, 1, LAYOUT_UNITS_MAX, &places) != NUM_OK)
		return ctx_fail(cx, ERR_INVALID, "--add STAGE=N");
	TRY(places_add(cx, *plan, stage, places, NULL, &t->addition));
	*plan = &t->addition.plan;
	fprintf(stderr,
		TR(cx, STR_FMT " 新增 %" PRId64 " 个学位, 最后一个每年 %.0f 元; ",
			STR_FMT ": %" PRId64 " more places, the last at %.0f yuan a year; "),
		STR_ARG(stage), t->addition.answer.room - t->addition.today,
		(double)t->addition.answer.price / 1000);
	tell(cx, *plan);
	return ERR_OK;
}

enum err places_cmd(struct ctx *cx, const struct cli_args *args)
{
	static const char *const ledgers[] = {
		"communities", "community_children", "school_sites", "site_places"};
	struct task *t = arena_new(cx->mem, struct task);
	struct str show = cli_get(args, "show"), shortages;
	bool is_changed = cli_has(args, "change");
	const struct places_plan *plan = &t->plan;

	if (cli_has(args, "years") || cli_has(args, "to"))
		return places_path_cmd(cx, args);
	if (show.n && !str_is(show, "actions") && !str_is(show, "served"))
		return ctx_fail(cx, ERR_INVALID, "--show actions|served");
	TRY(proposal_open(cx, args, "places", &t->proposal));
	TRY(allocate_read(
		cx, args, ledgers, ARRAY_LEN(ledgers), cli_get(args, "period"), &t->rows));
	TRY(places_load(cx, &t->rows.ds, &t->data));
	if (cli_has(args, "curve")) {
		TRY(places_curve(cx, &t->data, NULL, t->curve));
		return print_curve(cx, args, t->curve);
	}
	TRY(places_build(cx, &t->data, &t->model));
	TRY(places_solve(cx, &t->model, NULL, NULL, &t->plan));
	tell(cx, &t->plan);
	if (is_changed) {
		struct places_data *changed = arena_new(cx->mem, struct places_data);
		places_copy(cx->mem, &t->data, changed);
		TRY(places_change_file(cx, str_z(cx->mem, cli_get(args, "change")), changed));
		TRY(places_build(cx, changed, &t->changed));
		TRY(places_solve(cx, &t->changed, NULL, &t->plan, &t->after));
		tell(cx, &t->after);
		plan = &t->after;
	}
	TRY(add_places(cx, args, t, &plan));
	TRY(print(cx, args, plan, plan == &t->plan ? NULL : &t->plan));
	places_propose(cx, &t->proposal, plan);
	TRY(proposal_close(&t->proposal));
	shortages = places_shortages(cx, plan);
	return shortages.n ? ctx_fail(cx, ERR_REJECTED, STR_FMT, STR_ARG(shortages)) : ERR_OK;
}
