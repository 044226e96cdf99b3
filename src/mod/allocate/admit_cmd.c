#include "mod/allocate/admit_cmd.h"

#include "cli/report.h"
#include "mod/allocate/admit.h"
#include "mod/allocate/rows.h"

const struct cli_option admit_cmd_options[] = {
	{"from", "LEDGER=FILE", true,
		"admission_applicants、admission_choices、admission_plans、admission_pools 的文件",
		"files of admission_applicants, admission_choices, admission_plans, "
		"admission_pools"},
	{"order", "pools-first|open-first", false, "先录指标生还是先录统招 (默认先指标)",
		"which seats are filled first (default pools)"},
	{"seed", "N", false, "同分抽签的种子", "seed of the lot among equals"},
	{"period", "PERIOD", false, "年度, 默认最新", "the year; default: the latest"},
	{"pack", "DIR", false, "政策包", "the pack"},
	{NULL, NULL, false, NULL, NULL},
};

struct task {
	struct allocate_rows rows;
	struct admission_data data;
	struct admit_result result;
	struct admit_check check;
};

static enum err print_table(struct ctx *cx, const struct cli_args *args, const struct task *t)
{
	static const struct report_column columns[] = {{"applicant", "考生号", REPORT_TEXT},
		{"score", "总分", REPORT_NUMBER}, {"school", "录取学校", REPORT_TEXT},
		{"name", "名称", REPORT_TEXT}, {"seat", "计划", REPORT_TEXT},
		{"choice", "志愿", REPORT_NUMBER}};
	const struct admission_data *d = &t->data;
	struct report r;

	report_init(&r, cx->mem, columns, ARRAY_LEN(columns));
	for (uint32_t i = 0; i < d->problem.applicant_count; i++) {
		uint32_t site = t->result.site[i];
		report_str(&r, d->applicants[i]);
		report_str(&r, d->scores[i]);
		if (site == ADMIT_NONE) {
			for (int k = 0; k < 4; k++)
				report_null(&r);
			continue;
		}
		report_str(&r, d->sites[site]);
		report_str(&r, d->site_names[site]);
		report_z(&r, t->result.pool[i] == ADMIT_NONE ? "open" : "pool");
		report_i64(&r, (int64_t)t->result.choice[i] + 1);
	}
	TRY(report_print(cx, &r, args));
	fprintf(stderr,
		TR(cx, "考生 %u, 录取 %u; 同分抽签 %zu 处; 核验: %s\n",
			"%u applicants, %u admitted; %zu ties drawn by lot; check: %s\n"),
		d->problem.applicant_count, t->result.admitted, d->ties_drawn,
		admit_fault_name(t->check.fault));
	return ERR_OK;
}

static enum err print(struct ctx *cx, const struct cli_args *args, const struct task *t)
{
	struct json_writer w;
	struct strbuf b;

	if (!str_is(cli_get(args, "format"), "json"))
		return print_table(cx, args, t);
	strbuf_init(&b, STRBUF_MAX);
	json_begin(&w, &b);
	admission_write_json(
		cx->mem, &w, &t->data, &t->result, &t->check, t->data.problem.is_open_first);
	strbuf_char(&b, '\n');
	fwrite(b.p, 1, b.n, stdout);
	strbuf_release(&b);
	return ERR_OK;
}

enum err admit_cmd(struct ctx *cx, const struct cli_args *args)
{
	struct task *t = arena_new(cx->mem, struct task);
	struct str order = cli_get(args, "order");
	static const char *const ledgers[] = {
		"admission_applicants", "admission_choices", "admission_plans", "admission_pools"};
	int64_t seed;

	if (order.n && !str_is(order, "pools-first") && !str_is(order, "open-first"))
		return ctx_fail(cx, ERR_INVALID, "--order pools-first|open-first");
	TRY(cli_i64(cx, args, "seed", 0, INT64_MAX, 1, &seed));
	TRY(allocate_read(
		cx, args, ledgers, ARRAY_LEN(ledgers), cli_get(args, "period"), &t->rows));
	TRY(admission_load(cx, &t->rows.ds, (uint64_t)seed, &t->data));
	t->data.problem.is_open_first = str_is(order, "open-first");
	admit_solve(cx->mem, &t->data.problem, &t->result);
	admit_verify(cx->mem, &t->data.problem, &t->result, &t->check);
	if (t->check.fault != ADMIT_STABLE)
		return ctx_fail(cx, ERR_STORE, "%s",
			TR(cx, "录取结果没有通过核验, 不予采用", "the result failed its check"));
	return print(cx, args, t);
}
