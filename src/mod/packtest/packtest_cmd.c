#include "mod/packtest/packtest_cmd.h"

#include "cli/report.h"
#include "mod/packtest/packtest.h"

static const struct cli_option options[] = {
	{"only", "PREFIX", false, "只运行标识以此开头的用例", "only cases whose id begins so"},
	{"strict", NULL, false, "有未覆盖的规则时退出码为 1", "exit 1 when a rule has no case"},
	{NULL, NULL, false, NULL, NULL},
};

static enum err print(struct ctx *cx, const struct cli_args *args, const struct packtest *t)
{
	static const struct report_column columns[] = {{"result", "结果", REPORT_TEXT},
		{"case", "用例", REPORT_TEXT}, {"title", "内容", REPORT_TEXT},
		{"detail", "差异", REPORT_TEXT}};
	struct report r;

	report_init(&r, cx->mem, columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < t->results.count; i++) {
		const struct case_result *one = &t->results.items[i];
		report_z(&r, one->is_passed ? "pass" : "fail");
		report_str(&r, one->c->id.text);
		report_str(&r, one->c->title.text);
		report_str(&r, one->detail);
	}
	TRY(report_print(cx, &r, args));
	if (!cli_has(args, "format"))
		printf("\n%zu passed, %zu failed\n", t->results.count - t->failed, t->failed);
	return ERR_OK;
}

static enum err test(struct ctx *cx, const struct cli_args *args)
{
	struct pack p;
	struct packtest t;

	TRY(pack_load_folder(cx, str_z(cx->mem, cli_word(args, 0)), &p));
	packtest_run(cx, &p, cli_get(args, "only"), &t);
	TRY(print(cx, args, &t));
	for (size_t i = 0; i < t.uncovered.count; i++)
		fprintf(stderr, TR(cx, "没有用例: " STR_FMT "\n", "no case touches " STR_FMT "\n"),
			STR_ARG(t.uncovered.items[i]));
	if (t.failed || (cli_has(args, "strict") && t.uncovered.count))
		return ERR_REJECTED;
	return ERR_OK;
}

const struct command packtest_commands[] = {
	{"pack test", "DIR", 1, 1, options, "运行政策包的用例", "run the cases of a pack", test},
	{0},
};
