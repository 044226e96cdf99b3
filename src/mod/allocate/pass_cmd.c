#include "mod/allocate/pass_cmd.h"

#include "mod/allocate/pass.h"
#include "mod/allocate/pass_move.h"
#include "mod/allocate/pass_years.h"
#include "mod/allocate/rows.h"
#include "wire/csv_write.h"
#include "wire/json_write.h"

#include <time.h>

#define DEFAULT_EVALUATION "compulsory-balance-2017"
#define DEFAULT_SECONDS    5
#define GAP                1e-5

const struct cli_option pass_cmd_options[] = {
	{"from", "LEDGER=FILE", true, "台账的文件 (xlsx 或 csv)", "rows of a ledger (xlsx or csv)"},
	{"prices", "FILE", false, "单价: 指标,单价 (可按学校: 学校标识码,指标,单价)",
		"prices: indicator,price, by org where there is a column org"},
	{"stage", "STAGE", false, "学段", "the stage"},
	{"pack", "DIR", false, "政策包", "the pack"},
	{"evaluation", "ID", false, "评估 (默认 " DEFAULT_EVALUATION ")",
		"the evaluation (default " DEFAULT_EVALUATION ")"},
	{"county", "CODE", false, "只算一个县区", "one county only"},
	{"org", "CODE", false, "同 --county", "the same as --county"},
	{"period", "PERIOD", false, "年度", "the period"},
	{"what-if", "[LEDGER=]FILE", true, "假设改动的行 (如预测的在校生数)",
		"rows to change first, such as forecast pupils"},
	{"budget", "MONEY", false, "不超过这笔钱的最好方案 (每个县区)",
		"the best within this sum, for each county"},
	{"forbid", "FILE", false, "不许增加的: 学校标识码,指标; 空着一个就是全部",
		"what not to raise: org,indicator; an empty one stands for all"},
	{"years", "N", false, "今后 N 年都要达标: 在校生按预测 (另要 grade_enrolment、births)",
		"pass in each of the next N years, on forecast pupils (needs grade_enrolment, "
		"births)"},
	{"growth", "PERCENT", false, "单价每年上涨 (与 --years 一起)",
		"of prices a year (with --years)"},
	{"move-pupils", "N|PERCENT", false, "先在相邻学校间调整学生再补齐: 每校至多转出 N 人或 10%",
		"move pupils between neighbouring schools first: at most N, or 10%, of a school's"},
	{"neighbours", "FILE", false,
		"可以互转的学校: 学校标识码,相邻学校 (默认同乡镇或在上学时间之内)",
		"who may exchange: org,neighbour (default: one town, or within the time to "
		"school)"},
	{"time-limit", "SECONDS", false, "每个县区最长计算时间", "longest time for each county"},
	{"changes", "FILE", false, "把方案写成可交给 evaluate --what-if 的文件",
		"write the plan as a file for evaluate --what-if"},
	{NULL, NULL, false, NULL, NULL},
};

struct session {
	struct ctx *cx;
	const struct cli_args *args;
	struct pack own_pack;     /* without a place */
	struct open_place *place; /* NULL: files */
	struct org_tree tree;
	const struct pack *pack;
	const struct pack_evaluation *evaluation;
	struct dataset ds;
	struct evaluation_run *run;
	struct pass_prices prices;
	struct strmap forbidden;
	struct pass_options options;
	double seconds, until;
	struct str stage, county; /* county empty: all */
	struct evaluation_result *before;
	struct pass_plan *plans;
	bool *is_confirmed;
	size_t count;
};

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool is_late(void *arg)
{
	const struct session *s = arg;

	return seconds_now() > s->until;
}

static enum err read_rows(struct session *s)
{
	struct str messages, given;

	dataset_init(&s->ds, s->cx->mem, s->pack, cli_get(s->args, "period"));
	if (s->place) {
		TRY(org_tree_load(s->cx, s->place->db, s->cx->mem, &s->tree));
		TRY(dataset_add_place(s->cx, &s->ds, s->place, &s->tree,
			s->evaluation->units->ledger.text, s->county));
	}
	if (s->place && cli_has(s->args, "years")) {
		TRY(dataset_add_place(
			s->cx, &s->ds, s->place, &s->tree, STR("grade_enrolment"), s->county));
		TRY(dataset_add_place(s->cx, &s->ds, s->place, &s->tree, STR("births"), s->county));
	}
	TRY(allocate_add_files(s->cx, s->args, &s->ds));
	for (size_t i = 0; (given = cli_nth(s->args, "what-if", i)).p; i++) {
		struct str ledger = s->evaluation->units->ledger.text;
		enum err e;
		if (str_find_char(given, '=') != SIZE_MAX)
			ledger = str_cut(&given, '=');
		e = dataset_lay_file(s->cx, &s->ds, ledger, str_z(s->cx->mem, given), &messages);
		fprintf(stderr, STR_FMT, STR_ARG(messages));
		TRY(e);
	}
	return ERR_OK;
}

static enum err find_evaluation(struct session *s)
{
	struct str id = cli_has(s->args, "evaluation") ? cli_get(s->args, "evaluation")
						       : STR(DEFAULT_EVALUATION);
	const struct pack_units *units;

	s->evaluation = pack_find_evaluations(s->pack, id);
	if (!s->evaluation || !s->evaluation->units)
		return ctx_fail(s->cx, ERR_NOT_FOUND,
			TR(s->cx, "没有评估 '" STR_FMT "', 或它不评单位",
				"no evaluation '" STR_FMT "', or it has no units"),
			STR_ARG(id));
	units = s->evaluation->units;
	s->stage = cli_get(s->args, "stage");
	for (size_t i = 0; i < units->groups.count; i++)
		if (str_eq(units->groups.items[i].text, s->stage))
			return ERR_OK;
	return ctx_fail(s->cx, ERR_INVALID,
		TR(s->cx, "评估 " STR_FMT " 没有学段 '" STR_FMT "'",
			"evaluation " STR_FMT " has no stage '" STR_FMT "'"),
		STR_ARG(id), STR_ARG(s->stage));
}

static enum err read_numbers(struct session *s)
{
	struct ctx *cx = s->cx;
	struct str text = cli_get(s->args, "budget");

	s->options.budget_micro = -1;
	if (cli_has(s->args, "budget") && (parse_dec(text, 6, &s->options.budget_micro) != NUM_OK ||
						  s->options.budget_micro < 0))
		return ctx_fail(cx, ERR_INVALID,
			TR(cx, "--budget 应为不小于 0 的金额: '" STR_FMT "'",
				"--budget must be a sum of money from 0: '" STR_FMT "'"),
			STR_ARG(text));
	s->seconds = DEFAULT_SECONDS;
	text = cli_get(s->args, "time-limit");
	if (cli_has(s->args, "time-limit") &&
		(parse_f64(text, &s->seconds) != NUM_OK || !(s->seconds > 0)))
		return ctx_fail(cx, ERR_INVALID,
			TR(cx, "--time-limit 应为大于 0 的秒数: '" STR_FMT "'",
				"--time-limit must be seconds above 0: '" STR_FMT "'"),
			STR_ARG(text));
	return ERR_OK;
}

static enum err open_session(struct ctx *cx, const struct cli_args *args, struct session *s)
{
	const struct dataset_ledger *rows;
	bool has_place;

	*s = (struct session){.cx = cx, .args = args};
	if (!cli_has(args, "prices") || !cli_has(args, "stage"))
		return ctx_fail(cx, ERR_INVALID, "%s",
			TR(cx, "要有 --prices 文件和 --stage 学段",
				"--prices FILE and --stage STAGE are needed"));
	TRY(allocate_source(cx, args, &has_place));
	s->county = cli_has(args, "county") ? cli_get(args, "county") : cli_get(args, "org");
	TRY(read_numbers(s));
	if (!has_place) {
		TRY(allocate_pack(cx, args, &s->own_pack));
		s->pack = &s->own_pack;
	} else {
		TRY(place_open(cx, cli_word(args, 0), DB_READ_ONLY, &s->place));
		s->pack = s->place->pack;
	}
	TRY(find_evaluation(s));
	TRY(read_rows(s));
	rows = dataset_find(&s->ds, s->evaluation->units->ledger.text);
	if (!rows)
		return ctx_fail(cx, ERR_INVALID,
			TR(cx, "没有给出台账 " STR_FMT " 的数据", "no rows of ledger " STR_FMT),
			STR_ARG(s->evaluation->units->ledger.text));
	TRY(pass_read_prices(cx, str_z(cx->mem, cli_get(args, "prices")), s->evaluation->units,
		rows, &s->prices));
	s->options.prices = &s->prices;
	if (cli_has(args, "forbid")) {
		TRY(pass_read_forbidden(cx, str_z(cx->mem, cli_get(args, "forbid")),
			s->evaluation->units, rows, &s->forbidden));
		s->options.forbidden = &s->forbidden;
	}
	s->options.uplift = (struct uplift_options){.gap = GAP, .stop = is_late, .stop_arg = s};
	return evaluation_ready(cx, &s->ds, s->evaluation, &s->run);
}

/* Are there units of the stage? Counties without are passed over when nobody named one. */
static bool has_units(const struct session *s, const struct evaluation_result *result)
{
	for (size_t u = 0; u < result->units.count; u++)
		if (result->units.items[u].is_included &&
			str_eq(result->units.items[u].group, s->stage))
			return true;
	return s->county.n > 0;
}

static enum err solve_all(struct session *s)
{
	struct str *areas;
	size_t count;

	evaluation_areas(s->cx, s->run, &areas, &count);
	s->before = arena_array(s->cx->mem, struct evaluation_result, count);
	s->plans = arena_array(s->cx->mem, struct pass_plan, count);
	s->is_confirmed = arena_array(s->cx->mem, bool, count);
	for (size_t i = 0; i < count; i++) {
		/* In a place rows above the areas belong to none of them. */
		if (s->place ? !areas[i].n : s->county.n && !str_eq(s->county, areas[i]))
			continue;
		TRY(evaluation_area(s->cx, s->run, areas[i], &s->before[s->count]));
		if (!has_units(s, &s->before[s->count]))
			continue;
		s->until = seconds_now() + s->seconds;
		TRY(pass_solve(s->cx, s->run, &s->before[s->count], s->stage, &s->options,
			&s->plans[s->count]));
		s->count++;
	}
	if (s->count)
		return ERR_OK;
	return ctx_fail(s->cx, ERR_NOT_FOUND,
		TR(s->cx, "数据里没有县区 '" STR_FMT "'", "no county '" STR_FMT "' in the data"),
		STR_ARG(s->county));
}

/* Lay the plans over the rows and evaluate again, as anybody may with the changes written. */
static enum err confirm_all(struct session *s)
{
	struct evaluation_run *run;

	for (size_t i = 0; i < s->count; i++)
		if (s->plans[i].budget.answer.raises)
			pass_apply(&s->plans[i]);
	TRY(evaluation_ready(s->cx, &s->ds, s->evaluation, &run));
	for (size_t i = 0; i < s->count; i++) {
		struct evaluation_result after;
		TRY(evaluation_area(s->cx, run, s->before[i].area, &after));
		s->is_confirmed[i] = pass_is_confirmed(&s->plans[i], &after);
	}
	return ERR_OK;
}

static enum err write_changes(const struct session *s)
{
	struct csv_writer w;
	bool has_header = true;

	if (!cli_has(s->args, "changes"))
		return ERR_OK;
	TRY(csv_writer_open(&w, s->cx, CSV_EXACT, str_z(s->cx->mem, cli_get(s->args, "changes"))));
	for (size_t i = 0; i < s->count; i++) {
		if (!s->plans[i].budget.answer.raises)
			continue;
		pass_write_changes(s->cx, &w, &s->plans[i], has_header);
		has_header = false;
	}
	return csv_writer_close(&w);
}

static void print_json(const struct session *s)
{
	struct json_writer w;
	struct strbuf b;

	strbuf_init(&b, STRBUF_MAX);
	json_begin(&w, &b);
	if (s->count != 1)
		json_array(&w);
	for (size_t i = 0; i < s->count; i++)
		pass_write_json(s->cx, &w, &s->before[i], &s->plans[i], s->is_confirmed[i]);
	if (s->count != 1)
		json_end_array(&w);
	strbuf_char(&b, '\n');
	fwrite(b.p, 1, b.n, stdout);
	strbuf_release(&b);
}

/* One line for each county below the table: cost and how far from the best it may be. */
static void print_summary(const struct session *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct uplift_answer *a = &s->plans[i].budget.answer;
		if (!a->raises)
			continue;
		printf(TR(s->cx,
			       "\n" STR_FMT " " STR_FMT
			       ": 费用 %.2f, 下界 %.2f, 与最优至多差 %.4f%%\n",
			       "\n" STR_FMT " " STR_FMT
			       ": cost %.2f, bound %.2f, gap at most %.4f%%\n"),
			STR_ARG(s->before[i].area), STR_ARG(s->stage), a->cost, a->bound,
			100 * a->gap);
		if (s->plans[i].has_budget)
			printf(TR(s->cx, "达标 %zu 所, 差异系数达标 %zu 项\n",
				       "%zu schools pass, %zu dispersions are within\n"),
				s->plans[i].budget.passing_count, s->plans[i].budget.within_count);
	}
}

static enum err print_plans(const struct session *s)
{
	struct report r;

	if (str_is(cli_get(s->args, "format"), "json")) {
		print_json(s);
		return ERR_OK;
	}
	report_init(&r, s->cx->mem, pass_report_columns, PASS_REPORT_COLUMNS);
	for (size_t i = 0; i < s->count; i++)
		pass_report(&r, &s->plans[i]);
	TRY(report_print(s->cx, &r, s->args));
	if (!cli_has(s->args, "format"))
		print_summary(s);
	return ERR_OK;
}

/* --- several years -------------------------------------------------------------------------- */

static void start_clock(void *arg)
{
	struct session *s = arg;

	s->until = seconds_now() + s->seconds;
}

static enum err read_years(struct session *s, struct pass_years_options *out)
{
	struct ctx *cx = s->cx;
	struct str growth = cli_get(s->args, "growth");
	int64_t years, micro;

	TRY(cli_i64(cx, s->args, "years", 1, FORECAST_HORIZON_MAX, 5, &years));
	out->years = (int32_t)years;
	if (cli_has(s->args, "growth") && (parse_f64(growth, &out->growth) != NUM_OK ||
						  out->growth < -50 || out->growth > 100))
		return ctx_fail(cx, ERR_INVALID, "--growth -50..100");
	out->growth /= 100;
	if (cli_has(s->args, "budget") || cli_has(s->args, "changes"))
		return ctx_fail(cx, ERR_INVALID, "%s",
			TR(cx, "--years 不能与 --budget、--changes 一起",
				"--years does not go with --budget or --changes"));
	TRY(allocate_number(cx, s->pack, "places.discount", STR_NONE, &micro));
	out->discount = (double)micro / 1e8;
	return ERR_OK;
}

static enum err print_years(struct session *s, const struct pass_years *list, size_t count)
{
	struct json_writer w;
	struct strbuf b;
	struct report r;

	if (!str_is(cli_get(s->args, "format"), "json")) {
		report_init(&r, s->cx->mem, pass_years_columns, PASS_YEARS_COLUMNS);
		for (size_t i = 0; i < count; i++)
			pass_years_report(&r, &list[i]);
		return report_print(s->cx, &r, s->args);
	}
	strbuf_init(&b, STRBUF_MAX);
	json_begin(&w, &b);
	if (count != 1)
		json_array(&w);
	for (size_t i = 0; i < count; i++)
		pass_years_write_json(s->cx, &w, &list[i]);
	if (count != 1)
		json_end_array(&w);
	strbuf_char(&b, '\n');
	fwrite(b.p, 1, b.n, stdout);
	strbuf_release(&b);
	return ERR_OK;
}

static enum err plan_years(struct session *s)
{
	struct forecast_data forecast;
	struct pass_years_options options = {
		.forecast = &forecast, .pass = &s->options, .begin = start_clock, .begin_arg = s};
	struct pass_years *list;
	struct str *areas;
	size_t count, done = 0;
	enum err e = ERR_OK;

	TRY(read_years(s, &options));
	TRY(forecast_load(s->cx, &s->ds, &forecast));
	evaluation_areas(s->cx, s->run, &areas, &count);
	list = arena_array(s->cx->mem, struct pass_years, count);
	for (size_t i = 0; i < count; i++) {
		struct evaluation_result now;
		if (!areas[i].n || (s->county.n && !str_eq(s->county, areas[i])))
			continue;
		TRY(evaluation_area(s->cx, s->run, areas[i], &now));
		if (!has_units(s, &now))
			continue;
		TRY(pass_years_solve(
			s->cx, &s->ds, s->evaluation, areas[i], s->stage, &options, &list[done++]));
	}
	TRY(print_years(s, list, done));
	for (size_t i = 0; i < done; i++) {
		const struct pass_schedule *best = pass_years_best(&list[i]);
		if (!best)
			e = ctx_fail(s->cx, ERR_REJECTED, STR_FMT ": " STR_FMT,
				STR_ARG(list[i].area), STR_ARG(list[i].late.cause));
		else
			fprintf(stderr,
				TR(s->cx,
					STR_FMT ": %s, 折现 %.2f, 下界 %.2f, 与最优至多差 %.2f%%\n",
					STR_FMT ": %s, %.2f of today's money, bound %.2f, gap at "
						"most %.2f%%\n"),
				STR_ARG(list[i].area),
				best == &list[i].late ? TR(s->cx, "逐年购置", "bought year by year")
						      : TR(s->cx, "第一年购置", "bought at once"),
				best->cost, list[i].bound, 100 * pass_years_gap(&list[i]));
	}
	return e;
}

/* --- pupils moved first --------------------------------------------------------------------- */

static enum err read_moves(struct session *s, struct strmap *pairs, struct pass_move_options *out)
{
	struct ctx *cx = s->cx;
	struct str text = cli_get(s->args, "move-pupils");
	bool is_share = str_ends(text, "%");
	int64_t n;

	if (cli_has(s->args, "budget") || cli_has(s->args, "years"))
		return ctx_fail(cx, ERR_INVALID, "%s",
			TR(cx, "--move-pupils 不能与 --budget、--years 一起",
				"--move-pupils does not go with --budget or --years"));
	if (is_share)
		text = str_sub(text, 0, text.n - 1);
	if (parse_dec(text, is_share ? 4 : 0, &n) != NUM_OK || n <= 0 ||
		n > (is_share ? 1000000 : UPLIFT_WEIGHT_MAX))
		return ctx_fail(cx, ERR_INVALID,
			TR(cx, "--move-pupils 应为人数或百分比 (如 10%%): '" STR_FMT "'",
				"--move-pupils must be pupils, or a share such as 10%%: '" STR_FMT
				"'"),
			STR_ARG(cli_get(s->args, "move-pupils")));
	*out = (struct pass_move_options){.pass = &s->options,
		.count_max = is_share ? -1 : n,
		.share_ppm = is_share ? n : 0,
		.tree = s->place ? &s->tree : NULL,
		.begin = start_clock,
		.begin_arg = s};
	if (!cli_has(s->args, "neighbours") && !s->place)
		return ctx_fail(cx, ERR_INVALID, "%s",
			TR(cx, "数据来自文件时要有 --neighbours 文件",
				"--neighbours FILE is needed with rows from files"));
	if (!cli_has(s->args, "neighbours"))
		return ERR_OK;
	out->pairs = pairs;
	return pass_read_neighbours(cx, str_z(cx->mem, cli_get(s->args, "neighbours")),
		dataset_find(&s->ds, s->evaluation->units->ledger.text), pairs);
}

static const char *how_good(struct ctx *cx, const struct pass_moves *m)
{
	if (pass_moves_is_proven(m))
		return TR(cx, "已证明没有更省的调整办法", "no other moves are cheaper: proven");
	if (m->is_finished)
		return TR(cx, "这是局部最优: 下界只计每校标准, 不计校际差异, 别的调整办法可能更省",
			"this is a local optimum: the bound knows the thresholds but not the "
			"dispersions, and other moves may be cheaper");
	return TR(cx, "调整在限定时间内没有找完, 是目前找到的最好办法 (局部)",
		"the search was cut off by the time limit: the best found so far, local");
}

static void print_moves_summary(const struct session *s, const struct pass_moves *m)
{
	const struct uplift_answer *without = &m->without.budget.answer;
	struct ctx *cx = s->cx;

	if (!m->plan.budget.answer.raises)
		return;
	printf("\n" STR_FMT " " STR_FMT ": ", STR_ARG(m->plan.area), STR_ARG(s->stage));
	if (without->raises)
		printf(TR(cx, "不调整学生费用 %.2f, ", "cost without moves %.2f, "), without->cost);
	printf(TR(cx, "调整 %" PRId64 " 名学生后 %.2f, 下界 %.2f, 与最优至多差 %.2f%%\n",
		       "with %" PRId64 " pupils moved %.2f, bound %.2f, gap at most %.2f%%\n"),
		m->moved, m->plan.budget.answer.cost, m->bound, 100 * pass_moves_gap(m));
	puts(how_good(cx, m));
	if (m->left_out)
		printf(TR(cx, "%zu 所学校不参加调整 (多学段, 或人数变动会改变其计算办法)\n",
			       "%zu schools took no part (several stages, or rules that change "
			       "with "
			       "their number of pupils)\n"),
			m->left_out);
}

static enum err print_moves(struct session *s, const struct pass_moves *list)
{
	struct json_writer w;
	struct strbuf b;
	struct report r;

	if (!str_is(cli_get(s->args, "format"), "json")) {
		report_init(&r, s->cx->mem, pass_moves_columns, PASS_MOVES_COLUMNS);
		for (size_t i = 0; i < s->count; i++)
			pass_moves_report(&r, &list[i]);
		TRY(report_print(s->cx, &r, s->args));
		for (size_t i = 0; i < s->count && !cli_has(s->args, "format"); i++)
			print_moves_summary(s, &list[i]);
		return ERR_OK;
	}
	strbuf_init(&b, STRBUF_MAX);
	json_begin(&w, &b);
	if (s->count != 1)
		json_array(&w);
	for (size_t i = 0; i < s->count; i++)
		pass_moves_write_json(s->cx, &w, &list[i]);
	if (s->count != 1)
		json_end_array(&w);
	strbuf_char(&b, '\n');
	fwrite(b.p, 1, b.n, stdout);
	strbuf_release(&b);
	return ERR_OK;
}

static enum err move_all(
	struct session *s, const struct pass_move_options *options, struct pass_moves **out)
{
	struct str *areas;
	size_t count;

	evaluation_areas(s->cx, s->run, &areas, &count);
	s->before = arena_array(s->cx->mem, struct evaluation_result, count);
	s->plans = arena_array(s->cx->mem, struct pass_plan, count);
	s->is_confirmed = arena_array(s->cx->mem, bool, count);
	*out = arena_array(s->cx->mem, struct pass_moves, count);
	for (size_t i = 0; i < count; i++) {
		struct pass_moves *m = &(*out)[s->count];
		struct evaluation_run *run;
		if (s->place ? !areas[i].n : s->county.n && !str_eq(s->county, areas[i]))
			continue;
		/* The rows have changed with the county before. */
		TRY(evaluation_ready(s->cx, &s->ds, s->evaluation, &run));
		TRY(evaluation_area(s->cx, run, areas[i], &s->before[s->count]));
		if (!has_units(s, &s->before[s->count]))
			continue;
		TRY(pass_moves_solve(s->cx, &s->ds, s->evaluation, areas[i], s->stage, options, m));
		s->plans[s->count] = m->plan;
		s->is_confirmed[s->count++] = m->is_confirmed;
	}
	if (s->count)
		return ERR_OK;
	return ctx_fail(s->cx, ERR_NOT_FOUND,
		TR(s->cx, "数据里没有县区 '" STR_FMT "'", "no county '" STR_FMT "' in the data"),
		STR_ARG(s->county));
}

/* ERR_OK when every county has a plan that the evaluation confirms. */
static enum err check_plans(const struct session *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct str cause = pass_cause(s->cx, &s->plans[i]);
		if (cause.n)
			return ctx_fail(s->cx, ERR_REJECTED, STR_FMT ": " STR_FMT,
				STR_ARG(s->before[i].area), STR_ARG(cause));
		if (!s->is_confirmed[i])
			return ctx_fail(s->cx, ERR_CONFLICT,
				TR(s->cx, STR_FMT ": 评估没有确认这个方案",
					STR_FMT ": the evaluation does not confirm the plan"),
				STR_ARG(s->before[i].area));
	}
	return ERR_OK;
}

static enum err plan_moves(struct session *s)
{
	struct pass_move_options options;
	struct pass_moves *list;
	struct strmap pairs;

	TRY(read_moves(s, &pairs, &options));
	TRY(move_all(s, &options, &list));
	TRY(write_changes(s));
	TRY(print_moves(s, list));
	return check_plans(s);
}

enum err pass_cmd(struct ctx *cx, const struct cli_args *args)
{
	struct session s;

	TRY(open_session(cx, args, &s));
	if (cli_has(args, "move-pupils"))
		return plan_moves(&s);
	if (cli_has(args, "years"))
		return plan_years(&s);
	if (cli_has(args, "neighbours"))
		return ctx_fail(cx, ERR_INVALID, "%s",
			TR(cx, "--neighbours 要与 --move-pupils 一起",
				"--neighbours goes with --move-pupils"));
	TRY(solve_all(&s));
	TRY(confirm_all(&s));
	TRY(write_changes(&s));
	TRY(print_plans(&s));
	return check_plans(&s);
}
