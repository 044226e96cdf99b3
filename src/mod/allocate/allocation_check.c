/* What each kind of plan takes: one table of options, one of changes, and a check against both. */
#include "mod/allocate/allocation_internal.h"
#include "mod/allocate/forecast.h"

#define WEIGHT_MAX ((int64_t)1 << 50) /* millionths */

struct kind_options {
	bool years, stage, budget, growth, moves, additions;
};
static const struct kind_options kind_options[ALLOCATION_KINDS] = {
	[ALLOCATION_PLACES] = {.years = true, .additions = true},
	[ALLOCATION_PASS] =
		{.moves = true, .years = true, .stage = true, .budget = true, .growth = true},
	[ALLOCATION_FORECAST] = {.years = true},
	[ALLOCATION_ZONE] = {.stage = true},
};

/* ---- changes ---- */

enum member { CODE, STAGE, VALUE, TO, TOWN, TO_TOWN, YEAR, GRADES, MEASURE, MEMBERS };
static const struct {
	const char *name;
	size_t offset;
} members[MEMBERS] = {
	[CODE] = {"code", offsetof(struct allocation_change, code)},
	[STAGE] = {"stage", offsetof(struct allocation_change, stage)},
	[VALUE] = {"value", offsetof(struct allocation_change, value)},
	[TO] = {"to", offsetof(struct allocation_change, to)},
	[TOWN] = {"town", offsetof(struct allocation_change, town)},
	[TO_TOWN] = {"to_town", offsetof(struct allocation_change, to_town)},
	[YEAR] = {"year", offsetof(struct allocation_change, year)},
	[GRADES] = {"grades", offsetof(struct allocation_change, grades)},
	[MEASURE] = {"measure", offsetof(struct allocation_change, measure)},
};
#define HAS(m) (1u << (m))

struct change_rule {
	const char *type;
	unsigned needs, may; /* bits of members */
};
#define SITE_CHANGES                                                                               \
	{"keep", HAS(CODE), 0}, {"close", HAS(CODE), 0},                                           \
		{"children", HAS(CODE) | HAS(STAGE) | HAS(VALUE), 0},                              \
		{"places", HAS(CODE) | HAS(STAGE) | HAS(VALUE), 0},                                \
	{                                                                                          \
		"limit", HAS(STAGE) | HAS(VALUE), HAS(CODE)                                        \
	}
#define PEOPLE_CHANGES                                                                             \
	{"births", HAS(YEAR) | HAS(VALUE), HAS(CODE) | HAS(TOWN)},                                 \
		{"add", HAS(CODE) | HAS(YEAR) | HAS(GRADES) | HAS(VALUE), HAS(TOWN)},              \
	{                                                                                          \
		"move", HAS(CODE) | HAS(YEAR) | HAS(GRADES) | HAS(VALUE),                          \
			HAS(TOWN) | HAS(TO) | HAS(TO_TOWN)                                         \
	}
#define END                                                                                        \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}
static const struct change_rule site_changes[] = {SITE_CHANGES, END};
/* Over years the children are forecast: what is supposed of people counts too. */
static const struct change_rule site_years_changes[] = {SITE_CHANGES, PEOPLE_CHANGES, END};
static const struct change_rule staff_changes[] = {
	{"pin", HAS(CODE), HAS(TO)}, {"forbid", HAS(CODE), HAS(TO)}, END};
static const struct change_rule pass_changes[] = {{"forbid", 0, HAS(CODE) | HAS(MEASURE)}, END};
static const struct change_rule people_changes[] = {PEOPLE_CHANGES, END};
static const struct change_rule zone_changes[] = {{"pin", HAS(CODE) | HAS(TO), 0},
	{"forbid", HAS(CODE) | HAS(TO), 0}, {"group", HAS(CODE) | HAS(TO), 0}, END};
static const struct change_rule *const kind_changes[ALLOCATION_KINDS] = {
	site_changes, staff_changes, pass_changes, people_changes, site_changes, zone_changes};

/* ---- the check ---- */

struct check {
	struct ctx *cx;
	const struct pack *pack;
	const struct allocation_request *request;
	struct json_faults *faults;
	enum allocation_kind kind;
};

static void refuse(struct check *c, struct str path, const char *text)
{
	json_fault(c->cx, c->faults, path, "%s", text);
}

static const char *not_taken(const struct check *c)
{
	return TR(c->cx, "这类方案没有这一项", "a plan of this kind does not take it");
}

static bool is_given(const struct json_node *n)
{
	return n && n->kind != JSON_NULL;
}

static bool is_stage(const struct check *c, struct str stage)
{
	const struct pack_codes *codes = pack_find_codes(c->pack, STR("stage"));

	for (size_t i = 0; codes && i < codes->items.count; i++)
		if (str_eq(codes->items.items[i].code.text, stage))
			return true;
	return false;
}

static void check_stage(struct check *c, struct str stage, struct str path)
{
	if (stage.n && !is_stage(c, stage))
		json_fault(c->cx, c->faults, path,
			TR(c->cx, "没有学段 '" STR_FMT "'", "there is no stage '" STR_FMT "'"),
			STR_ARG(stage));
}

static void check_number(struct check *c, const struct json_node *n, int64_t min, int64_t max,
	const char *path, const char *wanted)
{
	int64_t micro;

	if (is_given(n) && (parse_dec(n->text, 6, &micro) != NUM_OK || micro < min || micro > max))
		refuse(c, str_from(path), wanted);
}

static void check_options(struct check *c)
{
	const struct allocation_request *r = c->request;
	const struct kind_options *o = &kind_options[c->kind];

	if (r->years && !o->years)
		refuse(c, STR("/years"), not_taken(c));
	if (r->stage.n && !o->stage)
		refuse(c, STR("/stage"), not_taken(c));
	else
		check_stage(c, r->stage, STR("/stage"));
	if (is_given(r->budget) && !o->budget)
		refuse(c, STR("/budget"), not_taken(c));
	else if (is_given(r->budget) && r->years)
		refuse(c, STR("/budget"),
			TR(c->cx, "多年方案不能限预算",
				"a plan over years does not take a budget"));
	check_number(c, r->budget, 0, INT64_MAX, "/budget",
		TR(c->cx, "应为不小于 0 的金额", "should be a sum from 0"));
	if (is_given(r->growth) && (!o->growth || !r->years))
		refuse(c, STR("/growth"),
			TR(c->cx, "只有多年的达标路径有单价上涨",
				"only a path to pass over years has it"));
	check_number(c, r->growth, -50 * INT64_C(1000000), 100 * INT64_C(1000000), "/growth",
		TR(c->cx, "应为 -50 到 100 (%)", "should be -50 to 100 (%)"));
	if (r->move_percent && !o->moves)
		refuse(c, STR("/move_percent"), not_taken(c));
	else if (r->move_percent && (r->years || is_given(r->budget)))
		refuse(c, STR("/move_percent"),
			TR(c->cx, "先调整学生不能与多年或限预算一起",
				"does not go with years or a budget"));
	if (r->additions.count && !o->additions)
		refuse(c, STR("/additions"), not_taken(c));
	else if (r->additions.count && r->years)
		refuse(c, STR("/additions"),
			TR(c->cx, "新增学位只能和一年的方案一起算; 多年方案按预测的人数算",
				"goes with a plan of one year; over years the forecast says how "
				"many"));
	for (size_t i = 0; i < r->additions.count; i++)
		check_stage(c, ((const struct allocation_addition *)r->additions.items)[i].stage,
			str_printf(c->cx->mem, "/additions/%zu/stage", i));
}

static bool may_change(enum allocation_kind kind, struct str parameter)
{
	const char *const *ids = allocation_parameters(kind);

	while (*ids && !str_is(parameter, *ids))
		ids++;
	return *ids != NULL;
}

static void check_weight(struct check *c, size_t at)
{
	const struct allocation_weight *w = c->request->weights.items;
	const struct pack_value *is;
	bool has_key = false;
	int64_t micro;

	w += at;
	is = may_change(c->kind, w->parameter) ? allocation_value(c->cx, c->pack, w->parameter)
					       : NULL;
	for (size_t i = 0; is && i < is->is.count; i++)
		has_key |= str_eq(is->is.items[i].key, w->key);
	if (!is)
		json_fault(c->cx, c->faults, str_printf(c->cx->mem, "/weights/%zu/parameter", at),
			TR(c->cx, "这类方案不能改参数 '" STR_FMT "'",
				"a plan of this kind cannot change parameter '" STR_FMT "'"),
			STR_ARG(w->parameter));
	else if (!has_key)
		json_fault(c->cx, c->faults, str_printf(c->cx->mem, "/weights/%zu/key", at),
			TR(c->cx, "参数 " STR_FMT " 没有 '" STR_FMT "'",
				"parameter " STR_FMT " has no '" STR_FMT "'"),
			STR_ARG(w->parameter), STR_ARG(w->key));
	if (parse_dec(w->value->text, 6, &micro) != NUM_OK || micro < 0 || micro > WEIGHT_MAX)
		refuse(c, str_printf(c->cx->mem, "/weights/%zu/value", at),
			TR(c->cx, "数值不能用", "the number cannot be used"));
}

static bool is_measure(const struct pack *p, struct str id)
{
	for (size_t i = 0; i < p->evaluations.count; i++) {
		const struct pack_units *u = p->evaluations.items[i].units;
		for (size_t k = 0; u && k < u->measures.count; k++)
			if (str_eq(u->measures.items[k].id.text, id))
				return true;
	}
	return false;
}

static void check_members(struct check *c, size_t at, const struct change_rule *rule)
{
	const struct allocation_change *change = c->request->changes.items;

	change += at;
	for (int m = 0; m < MEMBERS; m++) {
		struct str is = *(const struct str *)((const char *)change + members[m].offset);
		struct str path = str_printf(c->cx->mem, "/changes/%zu/%s", at, members[m].name);
		if (!is.n && rule->needs & HAS(m))
			refuse(c, path, TR(c->cx, "应填写", "should be given"));
		else if (is.n && !((rule->needs | rule->may) & HAS(m)))
			refuse(c, path,
				TR(c->cx, "这类假设没有这一项",
					"a change of this type does not take it"));
		else if (m == STAGE)
			check_stage(c, is, path);
		else if (m == MEASURE && is.n && !is_measure(c->pack, is))
			json_fault(c->cx, c->faults, path,
				TR(c->cx, "没有指标 '" STR_FMT "'",
					"there is no measure '" STR_FMT "'"),
				STR_ARG(is));
	}
	if (c->kind == ALLOCATION_PASS && !change->code.n && !change->measure.n)
		refuse(c, str_printf(c->cx->mem, "/changes/%zu/code", at),
			TR(c->cx, "应写明学校或指标", "should name a school or a measure"));
}

static void check_change(struct check *c, size_t at)
{
	const struct allocation_change *changes = c->request->changes.items;
	const struct change_rule *rule = kind_changes[c->kind];

	if (c->kind == ALLOCATION_PLACES && c->request->years)
		rule = site_years_changes;
	while (rule->type && !str_is(changes[at].type, rule->type))
		rule++;
	if (rule->type)
		check_members(c, at, rule);
	else
		json_fault(c->cx, c->faults, str_printf(c->cx->mem, "/changes/%zu/type", at),
			TR(c->cx, "这类方案没有假设 '" STR_FMT "'",
				"a plan of this kind has no change '" STR_FMT "'"),
			STR_ARG(changes[at].type));
}

void allocation_check(struct ctx *cx, const struct pack *pack,
	const struct allocation_request *request, struct json_faults *faults)
{
	struct check c = {.cx = cx, .pack = pack, .request = request, .faults = faults};

	while (c.kind < ALLOCATION_KINDS && !str_is(request->kind, allocation_kind_names[c.kind]))
		c.kind++;
	if (c.kind == ALLOCATION_KINDS)
		return; /* the shape says so already */
	check_options(&c);
	for (size_t i = 0; i < request->weights.count; i++)
		check_weight(&c, i);
	for (size_t i = 0; i < request->changes.count; i++)
		check_change(&c, i);
}

bool allocation_is_of_people(struct str type)
{
	const struct change_rule *rule = people_changes;

	while (rule->type && !str_is(type, rule->type))
		rule++;
	return rule->type != NULL;
}
