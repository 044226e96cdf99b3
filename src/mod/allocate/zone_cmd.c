#include "mod/allocate/zone_cmd.h"

#include "mod/allocate/rows.h"
#include "mod/allocate/zones.h"

const struct cli_option zone_cmd_options[] = {
	{"from", "LEDGER=FILE", true,
		"communities、community_children、school_sites、site_places 的文件, 可有 "
		"community_neighbours、school_zones、community_cohorts",
		"files of communities, community_children, school_sites, site_places, and "
		"community_neighbours, school_zones, community_cohorts if you like"},
	{"stage", "STAGE", false, "学段", "the stage"},
	{"change-weight", "METRES", false, "改划一名儿童的学区抵多少米路程",
		"metres that a child's changed zone counts as"},
	{"fill-max", "PERCENT", false, "学区儿童数至多占学位的百分比",
		"children of a zone, at most, in percent of the places"},
	{"pin", "COMMUNITY=SITE", true, "这个社区一定归这所学校",
		"this community goes to this school"},
	{"ban", "COMMUNITY=SITE", true, "这个社区不归这所学校",
		"this community does not go to this school"},
	{"group", "SITE+SITE", true, "多校划片: 这些学校共用一个学区",
		"these schools share one zone"},
	{"group-shared", NULL, false, "多校划片: 同在一个社区的学校共用一个学区",
		"schools that stand in one community share one zone"},
	{"neighbours", "derived|given", false,
		"相邻关系: 由坐标推出再按台账增删 (默认), 或只用台账",
		"neighbours: from coordinates, then the ledger's (default), or the ledger's alone"},
	{"show", "communities|schools", false, "列出社区或学校 (默认社区)",
		"rows of communities or of schools (default communities)"},
	PROPOSAL_OPTIONS,
	{"org", "CODE", false, "只算这个县区", "only this county"},
	{"period", "PERIOD", false, "年度, 默认最新", "the year; default: the latest"},
	{"pack", "DIR", false, "政策包", "the pack"},
	{NULL, NULL, false, NULL, NULL},
};

struct task {
	struct allocate_rows rows;
	struct zones_options options;
	struct zones_data data;
	struct zones_plan plan;
	struct proposal proposal;
};

static enum err read_options(struct ctx *cx, const struct cli_args *args, struct zones_options *out)
{
	struct str how = cli_get(args, "neighbours"), given;

	*out = (struct zones_options){.stage = cli_get(args, "stage"),
		.shares_community = cli_has(args, "group-shared"),
		.is_given = str_is(how, "given")};
	if (how.n && !str_is(how, "derived") && !out->is_given)
		return ctx_fail(cx, ERR_INVALID, "--neighbours derived|given");
	TRY(cli_i64(cx, args, "change-weight", 0, 1000000, -1, &out->change_weight));
	TRY(cli_i64(cx, args, "fill-max", 1, 1000, -1, &out->fill_max));
	for (size_t i = 0; (given = cli_nth(args, "pin", i)).p; i++) {
		struct str community = str_cut(&given, '=');
		*VEC_PUSH(cx->mem, &out->pins) = (struct zones_pair){community, given};
	}
	for (size_t i = 0; (given = cli_nth(args, "ban", i)).p; i++) {
		struct str community = str_cut(&given, '=');
		*VEC_PUSH(cx->mem, &out->bans) = (struct zones_pair){community, given};
	}
	for (size_t i = 0; (given = cli_nth(args, "group", i)).p; i++)
		*VEC_PUSH(cx->mem, &out->groups) = given;
	return ERR_OK;
}

static enum err print(struct ctx *cx, const struct cli_args *args, const struct zones_plan *plan)
{
	bool is_schools = str_is(cli_get(args, "show"), "schools");
	struct json_writer w;
	struct strbuf b;
	struct report r;

	if (!str_is(cli_get(args, "format"), "json")) {
		report_init(&r, cx->mem, is_schools ? zones_school_columns : zones_block_columns,
			is_schools ? ZONES_SCHOOL_COLUMNS : ZONES_BLOCK_COLUMNS);
		if (is_schools)
			zones_report_schools(&r, plan);
		else
			zones_report_blocks(&r, plan);
		return report_print(cx, &r, args);
	}
	strbuf_init(&b, STRBUF_MAX);
	json_begin(&w, &b);
	zones_write_json(cx, &w, plan);
	strbuf_char(&b, '\n');
	fwrite(b.p, 1, b.n, stdout);
	strbuf_release(&b);
	return ERR_OK;
}

static void tell(struct ctx *cx, const struct zones_plan *plan)
{
	int64_t cost = 0, bound = 0;
	double seconds = 0;
	int zoned = 0;

	for (size_t n = 0; n < plan->count; n++) {
		const struct zones_county *c = &plan->counties[n];
		seconds += c->seconds;
		if (!c->answer.has_zones)
			continue;
		zoned++;
		cost += c->verdict.cost;
		bound += c->verdict.bound;
	}
	fprintf(stderr,
		TR(cx,
			"%d 个县区有成片学区, 共 %" PRId64
			" 人·米 (含改划、过河过路折算), 离最优至多差 "
			"%.2f%%; %.2f 秒\n",
			"%d counties have zones, %" PRId64
			" child-metres with what changes and crossings count, at most %.2f%% from "
			"the best; %.2f s\n"),
		zoned, cost, cost > 0 ? 100 * (double)(cost - bound) / (double)cost : 0.0, seconds);
}

enum err zone_cmd(struct ctx *cx, const struct cli_args *args)
{
	static const char *const ledgers[] = {"communities", "community_children", "school_sites",
		"site_places", "community_neighbours", "school_zones", "community_cohorts"};
	struct task *t = arena_new(cx->mem, struct task);
	struct str show = cli_get(args, "show"), shortages;

	if (show.n && !str_is(show, "communities") && !str_is(show, "schools"))
		return ctx_fail(cx, ERR_INVALID, "--show communities|schools");
	if (!cli_has(args, "stage"))
		return ctx_fail(cx, ERR_INVALID, "--stage STAGE");
	TRY(proposal_open(cx, args, "zone", &t->proposal));
	TRY(allocate_read(
		cx, args, ledgers, ARRAY_LEN(ledgers), cli_get(args, "period"), &t->rows));
	TRY(read_options(cx, args, &t->options));
	TRY(zones_load(cx, &t->options, &t->rows.ds, &t->data));
	TRY(zones_solve(cx, &t->data, cli_has(args, "from") ? cli_get(args, "org") : STR_NONE, NULL,
		&t->plan));
	tell(cx, &t->plan);
	TRY(print(cx, args, &t->plan));
	zones_propose(cx, &t->proposal, &t->plan);
	TRY(proposal_close(&t->proposal));
	shortages = zones_shortages(cx, &t->plan);
	return shortages.n ? ctx_fail(cx, ERR_REJECTED, STR_FMT, STR_ARG(shortages)) : ERR_OK;
}
