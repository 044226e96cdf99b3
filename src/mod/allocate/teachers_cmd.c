#include "mod/allocate/teachers_cmd.h"

#include "mod/allocate/rows.h"
#include "mod/allocate/staff.h"

const struct cli_option teachers_cmd_options[] = {
	{"from", "LEDGER=FILE", true,
		"teachers、school_resources、school_sites 的文件, 可有 kindergartens、"
		"teacher_rotation、teacher_supply",
		"files of teachers, school_resources, school_sites, and kindergartens, "
		"teacher_rotation, teacher_supply if you like"},
	{"change", "FILE", false, "指定或禁止: 类型,教师编号,学校标识码; 从原方案重新求解",
		"pins and bans: type,teacher,org; solved again from the plan without them"},
	{"weight", "GOAL=POINTS", true,
		"目标的权重: short, over, move, move_other, km, retrain, supply, balance",
		"weights of the goals: short, over, move, move_other, km, retrain, supply, "
		"balance"},
	{"strict", NULL, false, "逐级优先: 先不缺岗, 再校际均衡, 再少动人, 最后少走路",
		"one goal before the other: no head missing, balance, few moves, short ways"},
	{"retrain", NULL, false, "可以转岗培训: 谁取得哪种资格后能教什么",
		"with retraining: who could teach what after which licence"},
	PROPOSAL_OPTIONS,
	{"org", "CODE", false, "只算这个县区", "only this county"},
	{"period", "PERIOD", false, "年度, 默认最新", "the year; default: the latest"},
	{"pack", "DIR", false, "政策包", "the pack"},
	{NULL, NULL, false, NULL, NULL},
};

struct task {
	struct allocate_rows rows;
	struct staff_data data;
	struct staff_plan plan, after;
	struct proposal proposal;
};

static void tell(struct ctx *cx, const struct staff_plan *plan)
{
	int64_t cost = 0, bound = 0;
	double seconds = 0;

	for (size_t a = 0; a < plan->area_count; a++) {
		cost += plan->areas[a].verdict.cost;
		bound += plan->areas[a].verdict.bound;
		seconds += plan->areas[a].seconds;
	}
	fprintf(stderr,
		TR(cx, "离最优至多差 %.2f%%; %.2f 秒\n", "at most %.2f%% from the best; %.2f s\n"),
		cost > 0 ? 100 * (double)(cost - bound) / (double)cost : 0.0, seconds);
}

/* Only the counties that the changes concern are solved again. */
static enum err solve_again(struct ctx *cx, const struct cli_args *args, struct task *t)
{
	struct strmap counties;

	TRY(staff_change_file(cx, str_z(cx->mem, cli_get(args, "change")), &t->data, &counties));
	TRY(staff_build(cx, &t->data, &t->after));
	for (size_t a = 0; a < t->after.area_count; a++) {
		double seconds = t->after.areas[a].seconds;
		if (strmap_find(&counties, t->after.areas[a].county)) {
			TRY(staff_solve(cx, &t->after.areas[a], &t->plan.areas[a]));
			continue;
		}
		t->after.areas[a] = t->plan.areas[a];
		t->after.areas[a].seconds = seconds;
	}
	tell(cx, &t->after);
	return ERR_OK;
}

static enum err print(struct ctx *cx, const struct cli_args *args, const struct staff_plan *plan)
{
	struct json_writer w;
	struct strbuf b;
	struct report r;

	if (!str_is(cli_get(args, "format"), "json")) {
		report_init(&r, cx->mem, staff_columns, STAFF_COLUMNS);
		staff_report(cx, &r, plan);
		return report_print(cx, &r, args);
	}
	strbuf_init(&b, STRBUF_MAX);
	json_begin(&w, &b);
	staff_write_json(cx, &w, plan);
	strbuf_char(&b, '\n');
	fwrite(b.p, 1, b.n, stdout);
	strbuf_release(&b);
	return ERR_OK;
}

enum err teachers_cmd(struct ctx *cx, const struct cli_args *args)
{
	static const char *const ledgers[] = {"teachers", "school_resources", "school_sites",
		"kindergartens", "teacher_rotation", "teacher_supply"};
	struct task *t = arena_new(cx->mem, struct task);
	const struct staff_plan *plan = &t->plan;
	enum err e = ERR_OK;

	TRY(proposal_open(cx, args, "teachers", &t->proposal));
	TRY(allocate_read(
		cx, args, ledgers, ARRAY_LEN(ledgers), cli_get(args, "period"), &t->rows));
	TRY(staff_load(cx, args, &t->rows.ds, &t->data));
	TRY(staff_build(cx, &t->data, &t->plan));
	for (size_t a = 0; a < t->plan.area_count; a++)
		TRY(staff_solve(cx, &t->plan.areas[a], NULL));
	tell(cx, &t->plan);
	if (cli_has(args, "change")) {
		TRY(solve_again(cx, args, t));
		plan = &t->after;
	}
	TRY(print(cx, args, plan));
	staff_propose(cx, &t->proposal, plan);
	TRY(proposal_close(&t->proposal));
	for (size_t a = 0; a < plan->area_count; a++)
		if (plan->areas[a].relaxed.n)
			e = ctx_fail(cx, ERR_REJECTED, STR_FMT ": " STR_FMT,
				STR_ARG(plan->areas[a].county), STR_ARG(plan->areas[a].relaxed));
	return e;
}
