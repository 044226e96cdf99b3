#include "mod/ledger/ledger_cmd.h"

#include "base/num.h"
#include "cli/report.h"
#include "mod/ledger/export.h"
#include "mod/ledger/ledger_cmd_internal.h"
#include "mod/ledger/row_history.h"
#include "mod/ledger/snapshot.h"

enum err find_ledger(struct ctx *cx, const struct open_place *place, struct str name,
	const struct pack_ledger **out)
{
	*out = pack_find_ledgers(place->pack, name);
	return *out ? ERR_OK
		    : ctx_fail(cx, ERR_NOT_FOUND,
			      TR(cx, "没有台账 '" STR_FMT "'", "no ledger '" STR_FMT "'"),
			      STR_ARG(name));
}

static const struct cli_option export_options[] = {
	{"to", "FILE|DIR", false, "FILE.xlsx、FILE.csv, 或数据包文件夹",
		"FILE.xlsx, FILE.csv, or a folder for a Data Package"},
	{"org", "CODE", false, "只要这个机构及其下级", "this organisation and what is below it"},
	{"period", "PERIOD", false, "只要这个周期", "this period only"},
	{"unmasked", NULL, false, "个人信息不遮蔽", "personal fields as they are"},
	{NULL, NULL, false, NULL, NULL},
};
static const struct cli_option template_options[] = {
	{"to", "FILE.xlsx", false, "写到哪里", "where to"},
	{NULL, NULL, false, NULL, NULL},
};

static enum err export_rows(struct ctx *cx, const struct cli_args *args)
{
	struct export_request request = {.period = cli_get(args, "period"),
		.within = cli_get(args, "org"),
		.is_unmasked = cli_has(args, "unmasked")};
	struct open_place *place;
	size_t rows;

	if (!cli_has(args, "to"))
		return ctx_fail(cx, ERR_INVALID, "--to FILE.xlsx | FILE.csv | DIR");
	request.to = str_z(cx->mem, cli_get(args, "to"));
	TRY(place_open(cx, cli_word(args, 0), DB_READ_ONLY, &place));
	TRY(find_ledger(cx, place, cli_word(args, 1), &request.ledger));
	TRY(export_run(cx, place, &request, &rows));
	fprintf(stderr, TR(cx, "%zu 行 → %s\n", "%zu rows → %s\n"), rows, request.to);
	return ERR_OK;
}

static enum err template(struct ctx *cx, const struct cli_args *args) {
	const struct pack_ledger *ledger; struct open_place * place;

	if (!cli_has(args, "to")) return ctx_fail(cx, ERR_INVALID, "--to FILE.xlsx");
	TRY(place_open(cx, cli_word(args, 0), DB_READ_ONLY, &place));
	TRY(find_ledger(cx, place, cli_word(args, 1), &ledger));
	return template_write(cx, place->pack, ledger, str_z(cx->mem, cli_get(args, "to")));
}

static const struct cli_option history_options[] = {{NULL, NULL, false, NULL, NULL}};
static const struct cli_option snapshot_options[] = {
	{"period", "PERIOD", false, "哪个周期", "the period"},
	{"release", "REASON", false, "解除定稿, 写明理由", "release it, with a reason"},
	{"list", NULL, false, "列出全部并核对", "list all of them and verify"},
	{NULL, NULL, false, NULL, NULL},
};

/* "pupils 457 → 458" for each field that differs from the version before. */
static struct str changes_text(struct ctx *cx, const struct open_place *place,
	const struct pack_ledger *ledger, const struct row_version *before,
	const struct row_version *v)
{
	struct strbuf b, old, now;
	struct str text;

	strbuf_init(&b, 65536);
	strbuf_init(&old, 65536);
	strbuf_init(&now, 65536);
	for (size_t f = 0; before && f < ledger->fields.count; f++) {
		const struct pack_field *field = &ledger->fields.items[f];
		strbuf_reset(&old);
		strbuf_reset(&now);
		field_format(place->pack, field, &before->values[f], true, &old);
		field_format(place->pack, field, &v->values[f], true, &now);
		if (str_eq(strbuf_view(&old), strbuf_view(&now)))
			continue;
		if (field->secrecy == SECRECY_SEALED)
			strbuf_printf(&b, "%s" STR_FMT " ****", b.n ? "; " : "",
				STR_ARG(field->title.text));
		else
			strbuf_printf(&b, "%s" STR_FMT " %s → %s", b.n ? "; " : "",
				STR_ARG(field->title.text), old.n ? old.p : "-",
				now.n ? now.p : "-");
	}
	text = str_copy(cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	strbuf_release(&old);
	strbuf_release(&now);
	return text;
}

static enum err history(struct ctx *cx, const struct cli_args *args)
{
	static const struct report_column columns[] = {{"version", "版本", REPORT_NUMBER},
		{"at", "时间", REPORT_TEXT}, {"by", "经办", REPORT_TEXT},
		{"import", "导入编号", REPORT_TEXT}, {"changes", "改动", REPORT_TEXT},
		{"gone", "去向", REPORT_TEXT}};
	const struct pack_ledger *ledger;
	struct row_versions versions;
	struct open_place *place;
	struct report r;
	int64_t id;

	if (parse_i64(cli_word(args, 2), 1, INT64_MAX, &id) != NUM_OK)
		return ctx_fail(cx, ERR_INVALID, "history PLACE LEDGER ROW-ID");
	TRY(place_open(cx, cli_word(args, 0), DB_READ_ONLY, &place));
	TRY(find_ledger(cx, place, cli_word(args, 1), &ledger));
	TRY(row_history(cx, place, ledger, id, &versions));
	if (versions.list.count == 0)
		return ctx_fail(
			cx, ERR_NOT_FOUND, "%s", TR(cx, "没有这一行", "there is no such row"));
	report_init(&r, cx->mem, columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < versions.list.count; i++) {
		const struct row_version *v = &versions.list.items[i];
		report_i64(&r, v->version);
		report_str(&r, instant_text(cx->mem, v->made_at));
		report_str(&r, v->made_by);
		report_str(
			&r, v->import_id ? str_printf(cx->mem, "%" PRId64, v->import_id) : STR(""));
		report_str(&r, changes_text(cx, place, ledger, i ? v - 1 : NULL, v));
		report_str(&r, v->gone_how);
	}
	return report_print(cx, &r, args);
}

static enum err list_snapshots(
	struct ctx *cx, const struct cli_args *args, struct open_place *place)
{
	static const struct report_column columns[] = {{"ledger", "台账", REPORT_TEXT},
		{"period", "周期", REPORT_TEXT}, {"rows", "行数", REPORT_NUMBER},
		{"taken_at", "定稿时间", REPORT_TEXT}, {"by", "经办", REPORT_TEXT},
		{"state", "状态", REPORT_TEXT}, {"digest", "摘要", REPORT_TEXT}};
	struct snapshots all;
	struct report r;
	bool is_whole = true;

	TRY(snapshot_list(cx, place, true, &all));
	report_init(&r, cx->mem, columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < all.list.count; i++) {
		const struct snapshot *s = &all.list.items[i];
		report_str(&r, s->ledger);
		report_str(&r, s->period);
		report_i64(&r, s->rows);
		report_str(&r, instant_text(cx->mem, s->taken_at));
		report_str(&r, s->taken_by);
		report_z(&r, s->released_at ? "released" : s->is_whole ? "whole" : "changed");
		report_str(&r, s->digest);
		is_whole &= s->released_at || s->is_whole;
	}
	TRY(report_print(cx, &r, args));
	return is_whole ? ERR_OK : ERR_REJECTED;
}

static enum err snapshot(struct ctx *cx, const struct cli_args *args)
{
	struct str period = cli_get(args, "period");
	const struct pack_ledger *ledger;
	struct open_place *place;
	struct snapshot s;

	TRY(place_open(
		cx, cli_word(args, 0), cli_has(args, "list") ? DB_READ_ONLY : DB_EXISTING, &place));
	if (cli_has(args, "list"))
		return list_snapshots(cx, args, place);
	TRY(find_ledger(cx, place, cli_word(args, 1), &ledger));
	if (!period.n || !period_parse(cx->mem, period, &period))
		return ctx_fail(cx, ERR_INVALID, "snapshot PLACE LEDGER --period PERIOD");
	if (cli_has(args, "release"))
		return snapshot_release(cx, place, ledger, period, cli_get(args, "release"));
	TRY(snapshot_take(cx, place, ledger, period, &s));
	printf(TR(cx, "已定稿 %" PRId64 " 行, 摘要 %s\n", "%" PRId64 " rows frozen, digest %s\n"),
		s.rows, str_z(cx->mem, s.digest));
	return ERR_OK;
}

const struct command ledger_commands[] = {
	{"history", "PLACE LEDGER ROW-ID", 3, 3, history_options, "一行的历次版本",
		"the versions of a row", history},
	{"snapshot", "PLACE LEDGER --period PERIOD | PLACE --list", 1, 2, snapshot_options,
		"把一个周期定稿, 不再改动", "freeze a period of a ledger", snapshot},
	{"export", "PLACE LEDGER", 2, 2, export_options, "导出台账",
		"write a ledger's rows to a file", export_rows},
	{"template", "PLACE LEDGER", 2, 2, template_options, "写一份空白填报工作簿",
		"write an empty workbook to fill in", template},
	{"import", "PLACE LEDGER FILE | PLACE --undo IMPORT-ID | PLACE [LEDGER] --list", 1, 3,
		import_options, "把工作簿或 CSV 导入台账, 全部或全不",
		"read a workbook or CSV into a ledger, all of it or nothing", import_command},
	{0},
};
