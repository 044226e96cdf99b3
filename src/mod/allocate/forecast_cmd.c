#include "mod/allocate/forecast_cmd.h"

#include "mod/allocate/forecast.h"
#include "mod/allocate/rows.h"
#include "wire/json_write.h"

#define DEFAULT_YEARS 10

const struct cli_option forecast_cmd_options[] = {
	{"from", "LEDGER=FILE", true, "分年级在校生数 grade_enrolment=文件, 出生人口 births=文件",
		"grade_enrolment=FILE and births=FILE"},
	{"scenario", "FILE", true, "假设的变化: 类型,县区代码,乡镇代码,年份,年级,数值,转入…",
		"supposed changes: kind,county,town,year,grades,value,to_county,to_town"},
	{"years", "N", false, "预测多少年 (默认 10)", "years ahead (default 10)"},
	{"by", "town|county|all", false, "每行一个乡镇、县区或合计 (默认县区)",
		"a row for each town, county or in all (default county)"},
	{"pack", "DIR", false, "政策包", "the pack"},
	{NULL, NULL, false, NULL, NULL},
};

struct task {
	struct allocate_rows rows;
	struct forecast_data data;
	struct forecast_backtest test;
	struct forecast_scenario *scenarios; /* the first is the base */
	struct forecast_run *runs;
	size_t run_count;
	int64_t years;
	enum forecast_level level;
};

static enum err read_options(struct ctx *cx, const struct cli_args *args, struct task *t)
{
	static const char *const levels[FORECAST_LEVELS] = {"town", "county", "all"};
	struct str by = cli_get(args, "by");

	t->level = FORECAST_GROUP;
	for (int i = 0; i < FORECAST_LEVELS; i++)
		if (str_is(by, levels[i]))
			t->level = (enum forecast_level)i;
	if (by.n && !str_is(by, levels[t->level]))
		return ctx_fail(cx, ERR_INVALID, "--by town|county|all");
	return cli_i64(cx, args, "years", 1, FORECAST_HORIZON_MAX, DEFAULT_YEARS, &t->years);
}

static enum err read_scenarios(struct ctx *cx, const struct cli_args *args, struct task *t)
{
	struct str given;

	t->run_count = 1;
	while (cli_nth(args, "scenario", t->run_count - 1).p)
		t->run_count++;
	t->scenarios = arena_array(cx->mem, struct forecast_scenario, t->run_count);
	for (size_t i = 0; (given = cli_nth(args, "scenario", i)).p; i++)
		TRY(forecast_read_scenario(
			cx, str_z(cx->mem, given), &t->data, &t->scenarios[i + 1]));
	return ERR_OK;
}

static void run_all(struct ctx *cx, struct task *t)
{
	const struct forecast_series *s = &t->data.series;
	size_t years = (size_t)t->years;

	forecast_test(s, (int)t->years, &t->test);
	t->runs = arena_array(cx->mem, struct forecast_run, t->run_count);
	for (size_t i = 0; i < t->run_count; i++) {
		struct forecast_run *run = &t->runs[i];
		*run = (struct forecast_run){.data = &t->data,
			.scenario = &t->scenarios[i],
			.horizon = (int)t->years,
			.people =
				arena_array(cx->mem, double, s->zone_count *years * s->grade_count),
			.born = arena_array(cx->mem, double, s->band_count *years)};
		forecast_project(s, s->year_count, s->birth_count, &t->test.options,
			&t->scenarios[i].changes, run->horizon, run->people);
		forecast_born_share(s, run->people, run->horizon, run->born);
	}
}

static enum err print(struct ctx *cx, const struct cli_args *args, const struct task *t)
{
	struct json_writer w;
	struct strbuf b;
	struct report r;

	if (!str_is(cli_get(args, "format"), "json")) {
		report_init(&r, cx->mem, forecast_report_columns, FORECAST_REPORT_COLUMNS);
		for (size_t i = 0; i < t->run_count; i++)
			forecast_report(&r, &t->test, &t->runs[i], t->level);
		return report_print(cx, &r, args);
	}
	strbuf_init(&b, STRBUF_MAX);
	json_begin(&w, &b);
	forecast_write_json(&w, &t->test, t->runs, t->run_count, t->level);
	strbuf_char(&b, '\n');
	fwrite(b.p, 1, b.n, stdout);
	strbuf_release(&b);
	return ERR_OK;
}

enum err forecast_cmd(struct ctx *cx, const struct cli_args *args)
{
	struct task *t = arena_new(cx->mem, struct task);
	static const char *const ledgers[] = {"grade_enrolment", "births"};

	TRY(read_options(cx, args, t));
	TRY(allocate_read(cx, args, ledgers, ARRAY_LEN(ledgers), STR_NONE, &t->rows));
	TRY(forecast_load(cx, &t->rows.ds, &t->data));
	TRY(read_scenarios(cx, args, t));
	run_all(cx, t);
	if (t->test.errors[t->level].count == 0)
		fprintf(stderr, "%s\n",
			TR(cx, "学年太少, 无法用历史检验, 没有区间",
				"too few years to test the method on: there are no intervals"));
	return print(cx, args, t);
}
