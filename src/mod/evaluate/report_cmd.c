/* shuren report: an evaluation of one area as a document. */
#include "mod/evaluate/evaluate_cmd.h"
#include "mod/evaluate/evaluate_document.h"
#include "mod/measure/place_data.h"

static const struct cli_option options[] = {
	{"org", "CODE", false, "哪个县区", "the county"},
	{"period", "PERIOD", false, "年度", "the period"},
	{"to", "FILE.docx|FILE.pdf", false, "写到哪里", "where to"},
	{"date", "YYYY-MM-DD", false, "报告日期, 默认今天", "the day it bears; today"},
	{NULL, NULL, false, NULL, NULL},
};

struct task {
	struct open_place *place;
	const struct pack_evaluation *evaluation;
	struct org_tree tree;
	struct dataset ds;
	struct evaluation_result result;
};

static enum err load(struct ctx *cx, const struct cli_args *args, struct task *t)
{
	struct str *ledgers, period = cli_get(args, "period");
	size_t n;

	TRY(place_open(cx, cli_word(args, 0), DB_READ_ONLY, &t->place));
	t->evaluation = pack_find_evaluations(t->place->pack, cli_word(args, 1));
	if (!t->evaluation)
		return ctx_fail(cx, ERR_NOT_FOUND,
			TR(cx, "没有评估 '" STR_FMT "'", "no evaluation '" STR_FMT "'"),
			STR_ARG(cli_word(args, 1)));
	TRY(org_tree_load(cx, t->place->db, cx->mem, &t->tree));
	dataset_init(&t->ds, cx->mem, t->place->pack, period);
	evaluation_ledgers(cx, t->place->pack, t->evaluation, &ledgers, &n);
	for (size_t i = 0; i < n; i++)
		TRY(dataset_add_place(
			cx, &t->ds, t->place, &t->tree, ledgers[i], cli_get(args, "org")));
	return ERR_OK;
}

/* --org must be one of the areas: not a town in it, nor the city above it. */
static enum err judge(struct ctx *cx, struct task *t, struct str area, struct evaluation_run *run)
{
	struct str *areas;
	size_t n;

	evaluation_areas(cx, run, &areas, &n);
	for (size_t i = 0; i < n; i++)
		if (str_eq(areas[i], area))
			return evaluation_area(cx, run, area, &t->result);
	return ctx_fail(cx, ERR_NOT_FOUND,
		TR(cx, "没有县区 '" STR_FMT "', 或它还没有数据",
			"no county '" STR_FMT "', or no rows of it yet"),
		STR_ARG(area));
}

static enum err report(struct ctx *cx, const struct cli_args *args)
{
	struct task *t = arena_new(cx->mem, struct task);
	struct evaluation_paper paper = {
		.place = NULL, .tree = &t->tree, .result = &t->result, .on = DATE_NONE};
	struct str to = cli_get(args, "to"), date = cli_get(args, "date");
	struct evaluation_run *run;
	enum document_format format;

	TRY(evaluation_document_format(cx, to, &format));
	if (!cli_has(args, "org"))
		return ctx_fail(cx, ERR_INVALID, "%s",
			TR(cx, "请用 --org 给出县区", "say which county: --org CODE"));
	if (date.p && !date_parse(date, &paper.on))
		return ctx_fail(cx, ERR_INVALID, "--date YYYY-MM-DD");
	TRY(load(cx, args, t));
	TRY(evaluation_ready(cx, &t->ds, t->evaluation, &run));
	TRY(judge(cx, t, cli_get(args, "org"), run));
	paper.place = t->place;
	paper.run = run;
	return evaluation_document_write(cx, &paper, str_z(cx->mem, to), format);
}

const struct command report_commands[] = {
	{"report", "PLACE EVALUATION --org CODE --to FILE.docx|FILE.pdf", 2, 2, options,
		"一个县区的自评报告, 供打印上报", "a county's self-evaluation as a document",
		report},
	{0},
};
