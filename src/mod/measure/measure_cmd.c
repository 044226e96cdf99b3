#include "mod/measure/measure_cmd.h"

#include "cli/report.h"
#include "mod/measure/indicator.h"
#include "mod/measure/place_data.h"

static const struct cli_option options[] = {
	{"org", "CODE", false, "只算这个机构及其下级", "this organisation and what is below it"},
	{"period", "PERIOD", false, "周期, 默认最新", "the period; default: the latest"},
	{"by", "LEVEL", false, "按 county、town、school 或指标允许的列分组",
		"county, town, school, or a column that the indicator allows"},
	{"explain", NULL, false, "公式、出处和两个总和", "formula, source and both sums"},
	{NULL, NULL, false, NULL, NULL},
};

struct task {
	struct open_place *place;
	struct org_tree tree;
	struct dataset ds;
	struct str by, within;
	bool is_explained;
};

static void report_row(struct report *r, const struct task *t, const struct pack_indicator *d,
	const struct indicator_value *v, bool is_group)
{
	struct str name = is_group ? org_attribute(&t->tree, v->group, STR("name")) : STR_NONE;

	report_str(r, d->id.text);
	report_str(r, is_group ? v->group : t->within);
	report_str(r, name);
	if (v->state == INDICATOR_VALUE)
		report_f64(r, v->value);
	else
		report_null(r);
	report_str(r, d->unit.text);
	report_z(r, indicator_state_name(v->state));
	report_f64(r, v->numerator);
	report_f64(r, v->denominator);
	report_i64(r, (int64_t)v->rows);
	report_str(r, d->title.text);
}

static void explain(struct ctx *cx, const struct task *t, const struct indicator_result *r)
{
	const struct pack_indicator *d = r->indicator;
	struct strbuf b;

	strbuf_init(&b, 65536);
	strbuf_printf(&b, STR_FMT " " STR_FMT "\n", STR_ARG(d->id.text), STR_ARG(d->title.text));
	strbuf_printf(&b, TR(cx, "  分子 (" STR_FMT "): ", "  numerator (" STR_FMT "): "),
		STR_ARG(d->from.text));
	rule_explain(&b, r->numerator, cx->is_english);
	if (r->denominator) {
		struct str from =
			d->denominator_from.text.n ? d->denominator_from.text : d->from.text;
		strbuf_printf(&b,
			TR(cx, "\n  分母 (" STR_FMT "): ", "\n  denominator (" STR_FMT "): "),
			STR_ARG(from));
		rule_explain(&b, r->denominator, cx->is_english);
	}
	if (d->source.text.n)
		strbuf_printf(&b, TR(cx, "\n  出处: " STR_FMT, "\n  source: " STR_FMT),
			STR_ARG(d->source.text));
	strbuf_printf(&b, TR(cx, "\n  定义: " STR_FMT ":%d", "\n  defined: " STR_FMT ":%d"),
		STR_ARG(d->at.file), d->at.line);
	for (size_t i = 0; i < t->ds.ledgers.count; i++) {
		const struct dataset_ledger *dl = &t->ds.ledgers.items[i];
		if (str_eq(dl->ledger->id.text, d->from.text) ||
			str_eq(dl->ledger->id.text, d->denominator_from.text))
			strbuf_printf(&b,
				TR(cx, "\n  台账 " STR_FMT ": %zu 行",
					"\n  ledger " STR_FMT ": %zu rows"),
				STR_ARG(dl->ledger->id.text), dl->table->row_count);
	}
	strbuf_char(&b, '\n');
	fputs(b.p, stderr);
	strbuf_release(&b);
}

static enum err one(
	struct ctx *cx, struct task *t, const struct pack_indicator *d, struct report *r)
{
	struct indicator_result result;

	TRY(dataset_add_place(cx, &t->ds, t->place, &t->tree, d->from.text, t->within));
	if (d->denominator_from.text.n)
		TRY(dataset_add_place(
			cx, &t->ds, t->place, &t->tree, d->denominator_from.text, t->within));
	TRY(indicator_compute(cx, &t->ds, &t->tree, d, t->by, &result));
	if (t->is_explained)
		explain(cx, t, &result);
	for (size_t i = 0; i < result.groups.count; i++)
		report_row(r, t, d, &result.groups.items[i], true);
	report_row(r, t, d, &result.total, false);
	return ERR_OK;
}

static enum err indicator(struct ctx *cx, const struct cli_args *args)
{
	static const struct report_column columns[] = {{"indicator", "指标", REPORT_TEXT},
		{"group", "机构", REPORT_TEXT}, {"name", "名称", REPORT_TEXT},
		{"value", "数值", REPORT_NUMBER}, {"unit", "单位", REPORT_TEXT},
		{"state", "状态", REPORT_TEXT}, {"numerator", "分子", REPORT_NUMBER},
		{"denominator", "分母", REPORT_NUMBER}, {"rows", "行数", REPORT_NUMBER},
		{"title", "内容", REPORT_TEXT}};
	struct task *t = arena_new(cx->mem, struct task);
	struct report r;

	TRY(place_open(cx, cli_word(args, 0), DB_READ_ONLY, &t->place));
	TRY(org_tree_load(cx, t->place->db, cx->mem, &t->tree));
	dataset_init(&t->ds, cx->mem, t->place->pack, cli_get(args, "period"));
	t->by = cli_get(args, "by");
	t->within = cli_get(args, "org");
	t->is_explained = cli_has(args, "explain");
	report_init(&r, cx->mem, columns, ARRAY_LEN(columns));
	for (size_t i = 1; cli_word(args, i).n; i++) {
		const struct pack_indicator *d =
			pack_find_indicators(t->place->pack, cli_word(args, i));
		if (!d)
			return ctx_fail(cx, ERR_NOT_FOUND,
				TR(cx, "没有指标 '" STR_FMT "'", "no indicator '" STR_FMT "'"),
				STR_ARG(cli_word(args, i)));
		TRY(one(cx, t, d, &r));
	}
	for (size_t i = 0; !cli_word(args, 1).n && i < t->place->pack->indicators.count; i++)
		TRY(one(cx, t, &t->place->pack->indicators.items[i], &r));
	return report_print(cx, &r, args);
}

const struct command measure_commands[] = {
	{"indicator", "PLACE [INDICATOR]...", 1, 200, options, "算指标, 可按机构分组",
		"compute indicators, also by organisation", indicator},
	{0},
};
