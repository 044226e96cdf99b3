#include "mod/plan/promise_cmd.h"

#include "cli/report.h"
#include "mod/plan/promise.h"

static const struct cli_option options[] = {
	{"org", "CODE", false, "只看这个机构及其下级的数据", "rows of this organisation and below"},
	{"split", NULL, false, "分县区列出", "a line for each county as well"},
	{NULL, NULL, false, NULL, NULL},
};

static void put_date(struct report *r, struct date d)
{
	struct strbuf b;

	if (d.day == DATE_NONE.day) {
		report_null(r);
		return;
	}
	strbuf_init(&b, 32);
	strbuf_date(&b, d);
	report_str(r, str_copy(r->mem, strbuf_view(&b)));
	strbuf_release(&b);
}

static void put_number(struct report *r, bool has, double v)
{
	if (has)
		report_f64(r, v);
	else
		report_null(r);
}

static void put_line(struct report *r, const struct promise_status *s)
{
	const struct pack_promise *p = s->promise;

	report_str(r, p->id.text);
	report_str(r, STR(""));
	report_z(r, promise_state_name(s->state));
	put_number(r, s->has_value, s->value);
	report_z(r, s->has_target ? s->op : "");
	put_number(r, s->has_target, s->target);
	report_str(r, s->target_unit);
	report_str(r, s->period);
	put_date(r, p->due);
	if (p->due.day != DATE_NONE.day)
		report_i64(r, s->days_left);
	else
		report_null(r);
	report_str(r, p->owner.text);
	report_str(r, p->title.text);
	report_str(r, p->quote.text);
}

static void put_split(struct report *r, const struct promise_status *s, size_t i)
{
	const struct indicator_value *v = &s->split.items[i];

	report_str(r, s->promise->id.text);
	report_str(r, v->group);
	report_z(r, indicator_state_name(v->state));
	put_number(r, v->state == INDICATOR_VALUE, v->value);
	for (int k = 0; k < 2; k++)
		report_null(r);
	report_str(r, s->target_unit);
	report_str(r, s->period);
	for (int k = 0; k < 3; k++)
		report_null(r);
	report_str(r, s->promise->title.text);
	report_null(r);
}

static enum err promise(struct ctx *cx, const struct cli_args *args)
{
	static const struct report_column columns[] = {{"promise", "任务", REPORT_TEXT},
		{"county", "县区", REPORT_TEXT}, {"state", "状态", REPORT_TEXT},
		{"value", "现值", REPORT_NUMBER}, {"op", "", REPORT_TEXT},
		{"target", "目标", REPORT_NUMBER}, {"unit", "单位", REPORT_TEXT},
		{"period", "周期", REPORT_TEXT}, {"due", "期限", REPORT_TEXT},
		{"days_left", "剩余天数", REPORT_NUMBER}, {"owner", "责任", REPORT_TEXT},
		{"title", "内容", REPORT_TEXT}, {"quote", "原文", REPORT_TEXT}};
	struct date today = {(int32_t)(cx->now_us / 86400000000)};
	struct promise_board board;
	struct open_place *place;
	struct org_tree tree;
	struct report r;

	TRY(place_open(cx, cli_word(args, 0), DB_READ_ONLY, &place));
	TRY(org_tree_load(cx, place->db, cx->mem, &tree));
	TRY(promise_board_make(cx, place, &tree, cli_get(args, "org"), today, NULL, &board));
	report_init(&r, cx->mem, columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < board.list.count; i++) {
		const struct promise_status *s = &board.list.items[i];
		put_line(&r, s);
		for (size_t k = 0; cli_has(args, "split") && k < s->split.count; k++)
			put_split(&r, s, k);
	}
	return report_print(cx, &r, args);
}

const struct command promise_commands[] = {
	{"promise", "PLACE", 1, 1, options, "各项任务指标现在到哪里了", "where each promise stands",
		promise},
	{0},
};
