#include "mod/evaluate/evaluate_cmd.h"

#include "cli/report.h"
#include "mod/evaluate/evaluate.h"
#include "mod/measure/place_data.h"
#include "wire/json_write.h"

#define DEFAULT_PACK "packs/lvliang-2026"

static const struct cli_option options[] = {
	{"from", "LEDGER=FILE", true, "台账的文件 (xlsx 或 csv)", "rows of a ledger (xlsx or csv)"},
	{"pack", "DIR", false, "政策包", "the pack"},
	{"org", "CODE", false, "只评一个县区", "one county only"},
	{"period", "PERIOD", false, "年度", "the period"},
	{"what-if", "[LEDGER=]FILE", true, "假设改动的行", "rows to change first"},
	{"explain", "CLAUSE", false, "一条为什么是这个结论", "why a clause has its verdict"},
	{"summary", NULL, false, "每个县区一行", "one line a county"},
	{"strict", NULL, false, "有不通过时退出码为 1", "exit 1 unless all pass"},
	{NULL, NULL, false, NULL, NULL},
};

/* What is evaluated and on what. */
struct task {
	const struct pack_evaluation *e;
	struct dataset ds;
	struct pack own_pack;     /* without a place */
	struct open_place *place; /* NULL: files */
	struct org_tree tree;
};

static enum err add_files(struct ctx *cx, const struct cli_args *args, struct dataset *ds,
	const struct pack_evaluation *e)
{
	struct str messages, given;

	for (size_t i = 0; (given = cli_nth(args, "from", i)).p; i++) {
		struct str ledger = str_cut(&given, '=');
		enum err r;
		if (!given.n)
			return ctx_fail(cx, ERR_INVALID, "--from LEDGER=FILE");
		r = dataset_add_file(cx, ds, ledger, str_z(cx->mem, given), &messages);
		fprintf(stderr, STR_FMT, STR_ARG(messages));
		TRY(r);
	}
	for (size_t i = 0; (given = cli_nth(args, "what-if", i)).p; i++) {
		struct str ledger = e->units ? e->units->ledger.text : STR_NONE;
		enum err r;
		if (str_find_char(given, '=') != SIZE_MAX)
			ledger = str_cut(&given, '=');
		r = dataset_lay_file(cx, ds, ledger, str_z(cx->mem, given), &messages);
		fprintf(stderr, STR_FMT, STR_ARG(messages));
		TRY(r);
	}
	return ERR_OK;
}

static void report_result(struct report *r, const struct evaluation_result *result)
{
	for (size_t i = 0; i < result->clauses.count; i++) {
		const struct clause_result *c = &result->clauses.items[i];
		report_str(r, result->area);
		report_str(r, c->id);
		report_z(r, verdict_name(c->verdict));
		c->value.is_set ? report_f64(r, c->value.value) : report_null(r);
		report_z(r, c->op);
		c->limit.is_set ? report_f64(r, c->limit.value) : report_null(r);
		c->short_by.is_set ? report_f64(r, c->short_by.value) : report_null(r);
		report_str(r, c->title);
		report_str(r, c->note);
	}
}

static enum err print_summary(struct ctx *cx, const struct cli_args *args,
	const struct evaluation_result *results, size_t n)
{
	static const struct report_column columns[] = {{"county", "县区", REPORT_TEXT},
		{"verdict", "结论", REPORT_TEXT}, {"units", "参评单位", REPORT_NUMBER},
		{"units_failed", "未达标单位", REPORT_NUMBER}, {"pass", "通过", REPORT_NUMBER},
		{"fail", "不通过", REPORT_NUMBER}, {"missing", "缺佐证", REPORT_NUMBER},
		{"undefined", "无法计算", REPORT_NUMBER}};
	struct report r;

	report_init(&r, cx->mem, columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < n; i++) {
		int64_t counts[4] = {0}, units = 0, failed = 0;
		for (size_t k = 0; k < results[i].clauses.count; k++) {
			const struct clause_result *c = &results[i].clauses.items[k];
			counts[c->verdict] += !c->is_information && !c->is_part;
		}
		for (size_t k = 0; k < results[i].units.count; k++) {
			units += results[i].units.items[k].is_included;
			failed += results[i].units.items[k].verdict == VERDICT_FAIL;
		}
		report_str(&r, results[i].area);
		report_z(&r, verdict_name(results[i].verdict));
		report_i64(&r, units);
		report_i64(&r, failed);
		for (int k = 0; k < 4; k++)
			report_i64(&r, counts[k]);
	}
	return report_print(cx, &r, args);
}

static enum err print(struct ctx *cx, const struct cli_args *args,
	const struct evaluation_result *results, size_t n)
{
	static const struct report_column columns[] = {{"county", "县区", REPORT_TEXT},
		{"id", "条款", REPORT_TEXT}, {"verdict", "结论", REPORT_TEXT},
		{"value", "数值", REPORT_NUMBER}, {"op", "", REPORT_TEXT},
		{"limit", "标准", REPORT_NUMBER}, {"short_by", "差", REPORT_NUMBER},
		{"title", "内容", REPORT_TEXT}, {"note", "说明", REPORT_TEXT}};
	struct json_writer w;
	struct strbuf b;
	struct report r;

	if (cli_has(args, "summary"))
		return print_summary(cx, args, results, n);
	if (!str_is(cli_get(args, "format"), "json")) {
		report_init(&r, cx->mem, columns, ARRAY_LEN(columns));
		for (size_t i = 0; i < n; i++)
			report_result(&r, &results[i]);
		TRY(report_print(cx, &r, args));
		for (size_t i = 0; i < n && !cli_has(args, "format"); i++)
			printf("\n" STR_FMT ": %s\n", STR_ARG(results[i].area),
				verdict_name(results[i].verdict));
		return ERR_OK;
	}
	strbuf_init(&b, STRBUF_MAX);
	json_begin(&w, &b);
	if (n != 1)
		json_array(&w);
	for (size_t i = 0; i < n; i++)
		evaluation_write_json(&w, &results[i]);
	if (n != 1)
		json_end_array(&w);
	strbuf_char(&b, '\n');
	fwrite(b.p, 1, b.n, stdout);
	strbuf_release(&b);
	return ERR_OK;
}

static enum err explain(struct ctx *cx, const struct cli_args *args, struct evaluation_run *run,
	const struct evaluation_result *results, size_t n)
{
	struct str id = cli_get(args, "explain");
	struct strbuf b;
	bool is_found = false;

	strbuf_init(&b, STRBUF_MAX);
	for (size_t i = 0; i < n; i++)
		is_found |= evaluation_explain(cx, run, &results[i], id, &b);
	fwrite(b.p ? b.p : "", 1, b.n, stdout);
	strbuf_release(&b);
	return is_found ? ERR_OK
			: ctx_fail(cx, ERR_NOT_FOUND,
				  TR(cx, "没有条款 '" STR_FMT "'", "no clause '" STR_FMT "'"),
				  STR_ARG(id));
}

static enum err find_evaluation(
	struct ctx *cx, const struct pack *p, struct str id, const struct pack_evaluation **out)
{
	*out = pack_find_evaluations(p, id);
	return *out ? ERR_OK
		    : ctx_fail(cx, ERR_NOT_FOUND,
			      TR(cx, "没有评估 '" STR_FMT "'", "no evaluation '" STR_FMT "'"),
			      STR_ARG(id));
}

/* Files first: what --from gives takes the place of the ledger that is kept. */
static enum err ready_place(struct ctx *cx, const struct cli_args *args, struct task *t)
{
	struct str *ledgers;
	size_t n;

	TRY(place_open(cx, cli_word(args, 0), DB_READ_ONLY, &t->place));
	TRY(find_evaluation(cx, t->place->pack, cli_word(args, 1), &t->e));
	TRY(org_tree_load(cx, t->place->db, cx->mem, &t->tree));
	dataset_init(&t->ds, cx->mem, t->place->pack, cli_get(args, "period"));
	evaluation_ledgers(cx, t->place->pack, t->e, &ledgers, &n);
	for (size_t i = 0; i < n; i++)
		TRY(dataset_add_place(
			cx, &t->ds, t->place, &t->tree, ledgers[i], cli_get(args, "org")));
	return add_files(cx, args, &t->ds, t->e);
}

static enum err ready(struct ctx *cx, const struct cli_args *args, struct task *t)
{
	bool has_place = cli_word(args, 1).n > 0;

	if (has_place && cli_has(args, "from"))
		return ctx_fail(cx, ERR_INVALID, "%s",
			TR(cx, "数据取自存放处或 --from, 不能两样都给",
				"rows come from a place or from --from, not from both"));
	if (has_place)
		return ready_place(cx, args, t);
	if (!cli_has(args, "from"))
		return ctx_fail(cx, ERR_INVALID, "%s",
			TR(cx, "请给出存放处, 或用 --from 台账=文件 给出数据",
				"give a PLACE, or the rows with --from LEDGER=FILE"));
	TRY(pack_load_folder(cx,
		cli_has(args, "pack") ? str_z(cx->mem, cli_get(args, "pack")) : DEFAULT_PACK,
		&t->own_pack));
	TRY(find_evaluation(cx, &t->own_pack, cli_word(args, 0), &t->e));
	dataset_init(&t->ds, cx->mem, &t->own_pack, cli_get(args, "period"));
	return add_files(cx, args, &t->ds, t->e);
}

/* In a place rows above the areas (city-level ones) belong to none of them. */
static bool is_wanted(const struct task *t, struct str area, struct str only)
{
	if (t->place && !area.n)
		return false;
	return !only.n || str_eq(only, area) || t->place;
}

static enum err evaluate(struct ctx *cx, const struct cli_args *args)
{
	struct str only = cli_get(args, "org"), *areas;
	struct task *t = arena_new(cx->mem, struct task);
	struct evaluation_result *results;
	struct evaluation_run *run;
	size_t count, n = 0;
	bool all_pass = true;

	TRY(ready(cx, args, t));
	TRY(evaluation_ready(cx, &t->ds, t->e, &run));
	evaluation_areas(cx, run, &areas, &count);
	results = arena_array(cx->mem, struct evaluation_result, count);
	for (size_t i = 0; i < count; i++) {
		if (!is_wanted(t, areas[i], only))
			continue;
		TRY(evaluation_area(cx, run, areas[i], &results[n]));
		all_pass &= results[n++].verdict == VERDICT_PASS;
	}
	if (n == 0)
		return ctx_fail(cx, ERR_NOT_FOUND,
			only.n ? TR(cx, "数据里没有县区 '" STR_FMT "'",
					 "no county '" STR_FMT "' in the data")
			       : TR(cx, "还没有可评估的数据" STR_FMT,
					 "there are no rows to evaluate yet" STR_FMT),
			STR_ARG(only));
	if (cli_has(args, "explain"))
		return explain(cx, args, run, results, n);
	TRY(print(cx, args, results, n));
	return cli_has(args, "strict") && !all_pass ? ERR_REJECTED : ERR_OK;
}

const struct command evaluate_commands[] = {
	{"evaluate", "PLACE EVALUATION | EVALUATION --from LEDGER=FILE ...", 1, 2, options,
		"按国家评估办法逐条判定", "apply an evaluation, clause by clause", evaluate},
	{0},
};
