/* `allocate places` with --years or --to. */
#include "mod/allocate/places_path.h"
#include "mod/allocate/places_path_cmd.h"
#include "mod/allocate/rows.h"

struct task {
	struct allocate_rows rows;
	struct places_data data;
	struct forecast_data forecast;
	struct forecast_scenario scenario;
	struct places_demand demand;
	struct places_path path;
	struct proposal proposal;
};

/* How many years, the first being the one after the last that is known. */
static enum err read_years(
	struct ctx *cx, const struct cli_args *args, const struct task *t, int64_t *out)
{
	int first = t->forecast.first_year + t->forecast.series.year_count;
	int64_t to;

	if (cli_has(args, "years") && cli_has(args, "to"))
		return ctx_fail(cx, ERR_INVALID, "%s",
			TR(cx, "--years 和 --to 只给一个", "give --years or --to, not both"));
	if (cli_has(args, "years"))
		return cli_i64(cx, args, "years", 1, FORECAST_HORIZON_MAX, 10, out);
	TRY(cli_i64(cx, args, "to", first, first + FORECAST_HORIZON_MAX - 1, first, &to));
	*out = to - first + 1;
	return ERR_OK;
}

static enum err print(struct ctx *cx, const struct cli_args *args, const struct places_path *path)
{
	struct json_writer w;
	struct strbuf b;
	struct report r;

	if (!str_is(cli_get(args, "format"), "json")) {
		report_init(&r, cx->mem, places_path_columns, PLACES_PATH_COLUMNS);
		places_path_report(cx, &r, path);
		return report_print(cx, &r, args);
	}
	strbuf_init(&b, STRBUF_MAX);
	json_begin(&w, &b);
	places_path_write_json(cx, &w, path);
	strbuf_char(&b, '\n');
	fwrite(b.p, 1, b.n, stdout);
	strbuf_release(&b);
	return ERR_OK;
}

static void tell(struct ctx *cx, const struct places_path *path)
{
	const struct horizon_verdict *v = &path->verdict;

	fprintf(stderr,
		TR(cx, "%d 至 %d 年, 折现费用 %" PRId64 " 元, 离最优至多差 %.2f%%; %.2f 秒\n",
			"%d to %d: %" PRId64
			" yuan of today, at most %.2f%% from the best; %.2f s\n"),
		path->demand->first_year, path->demand->first_year + path->demand->count - 1,
		v->cost / 1000,
		v->cost > 0 ? 100 * (double)(v->cost - v->bound) / (double)v->cost : 0.0,
		path->seconds);
}

enum err places_path_cmd(struct ctx *cx, const struct cli_args *args)
{
	static const char *const ledgers[] = {"communities", "community_children", "school_sites",
		"site_places", "grade_enrolment", "births"};
	struct task *t = arena_new(cx->mem, struct task);
	bool has_scenario = cli_has(args, "scenario");
	struct str shortages;
	int64_t years;

	TRY(proposal_open(cx, args, "places", &t->proposal));
	TRY(allocate_read(
		cx, args, ledgers, ARRAY_LEN(ledgers), cli_get(args, "period"), &t->rows));
	TRY(places_load(cx, &t->rows.ds, &t->data));
	if (cli_has(args, "change"))
		TRY(places_change_file(cx, str_z(cx->mem, cli_get(args, "change")), &t->data));
	TRY(forecast_load(cx, &t->rows.ds, &t->forecast));
	if (has_scenario)
		TRY(forecast_read_scenario(
			cx, str_z(cx->mem, cli_get(args, "scenario")), &t->forecast, &t->scenario));
	TRY(read_years(cx, args, t, &years));
	TRY(places_forecast(cx, &t->data, t->rows.ds.pack, &t->forecast,
		has_scenario ? &t->scenario : NULL, (int32_t)years, &t->demand));
	TRY(places_path_solve(cx, &t->data, t->rows.ds.pack, &t->demand, NULL, &t->path));
	tell(cx, &t->path);
	TRY(print(cx, args, &t->path));
	places_path_propose(cx, &t->proposal, &t->path);
	TRY(proposal_close(&t->proposal));
	shortages = places_path_shortages(cx, &t->path);
	return shortages.n ? ctx_fail(cx, ERR_REJECTED, STR_FMT, STR_ARG(shortages)) : ERR_OK;
}
