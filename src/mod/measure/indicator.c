#include "mod/measure/indicator.h"

#include "base/num.h"
#include "engine/rule/plan.h"
#include "mod/pack/rules.h"

/* One of the two sums, by group. */
struct side {
	const struct rule *rule;
	struct plan *plan;
	struct plan_sums sums;
	size_t *rows; /* by group */
};

/* Groups of both ledgers under the same numbers: 0 is the whole. */
struct grouping {
	struct arena *mem;
	struct strmap codes; /* group -> number from 1 */
	const struct org_tree *tree;
	struct str by, top;
};

const char *indicator_state_name(enum indicator_state state)
{
	static const char *const names[] = {"value", "missing", "undefined"};

	return names[state];
}

struct date period_day(struct str period, struct date today)
{
	struct str year = str_sub(period, 0, 4);
	struct date end;
	int64_t y;

	if (parse_i64(year, 1, 9998, &y) != NUM_OK)
		return today;
	if (period.n == 9 && date_from_ymd((int)y + 1, 8, 31, &end)) /* a school year */
		return end.day < today.day ? end : today;
	if (period.n == 10 && date_parse(period, &end))
		return end;
	if (!date_from_ymd((int)y, 12, 31, &end))
		return today;
	return end.day < today.day ? end : today;
}

static const struct column *group_column(const struct grouping *g, const struct table *t)
{
	const struct column *c;

	if (str_is(g->by, "county")) {
		c = table_find(t, STR("@county"));
		return c ? c : table_find(t, STR("county"));
	}
	if (str_is(g->by, "town") || str_is(g->by, "school") || str_is(g->by, "children")) {
		c = table_find(t, STR("@org"));
		return c ? c : table_find(t, STR("org"));
	}
	return table_find(t, g->by);
}

/* The one organisation that has none above it; of several, none. */
static struct str only_root(const struct org_tree *tree)
{
	struct str root = STR("");

	for (size_t i = 0; tree && i < tree->count; i++) {
		if (tree->items[i].parent != ORG_NONE)
			continue;
		if (root.n)
			return STR("");
		root = tree->items[i].code;
	}
	return root;
}

/* The one of top's children that holds the organisation; top itself for its own rows. */
static struct str child_of(const struct org_tree *tree, struct str top, struct str code)
{
	const struct org *o = tree ? org_find(tree, code) : NULL;

	while (o && !str_eq(o->code, top) && o->parent != ORG_NONE && !str_eq(o->parent_code, top))
		o = &tree->items[o->parent];
	return o ? o->code : STR("");
}

static struct str group_text(const struct grouping *g, const struct column *c, size_t row)
{
	struct str text = STR("");
	int64_t v;

	if (!column_get(c, row, &v))
		return text;
	text = c->type == COLUMN_TEXT ? dict_text(c->dict, (uint32_t)v)
				      : str_from(dec_format(g->mem, v, c->scale));
	if (str_is(g->by, "town")) {
		const struct org *o = g->tree ? org_find(g->tree, text) : NULL;
		text = o ? o->town : STR("");
	} else if (str_is(g->by, "children")) {
		text = child_of(g->tree, g->top, text);
	}
	return text;
}

/* Group numbers of the rows; known_dict_size many texts are looked up once each. */
static uint32_t *number_rows(struct grouping *g, const struct table *t)
{
	const struct column *c = g->by.n ? group_column(g, t) : NULL;
	uint32_t *ids = arena_array(g->mem, uint32_t, t->row_count);
	size_t texts = c && c->type == COLUMN_TEXT ? t->dict->map.count : 0;
	uint32_t *of_code = arena_array(g->mem, uint32_t, texts);

	for (size_t i = 0; c && i < t->row_count; i++) {
		int64_t v, *number;
		bool is_text = texts && column_get(c, i, &v), is_new;
		if (is_text && of_code[v]) {
			ids[i] = of_code[v];
			continue;
		}
		number = strmap_put(&g->codes, group_text(g, c, i), &is_new);
		if (is_new)
			*number = (int64_t)g->codes.count;
		ids[i] = (uint32_t)*number;
		if (is_text)
			of_code[v] = ids[i];
	}
	return ids;
}

static enum err side_ready(struct ctx *cx, const struct dataset *ds,
	const struct dataset_ledger *dl, const struct located *text, struct side *out)
{
	struct date today = {(int32_t)(cx->now_us / 86400000000)};
	const struct rule_env *env =
		pack_rule_env(cx->mem, ds->pack, dl->ledger, period_day(ds->period, today), false);
	struct problems ps;
	struct str missing;

	problems_init(&ps, cx->mem);
	out->rule = pack_compile(cx->mem, env, text, RULE_AGGREGATE, false, &ps);
	if (!out->rule || !plan_make(cx->mem, &out->rule, 1, dl->table, &out->plan, &missing))
		return ctx_fail(cx, ERR_PACK, STR_FMT,
			STR_ARG(ps.list.count ? ps.list.items[0].text : text->text));
	return ERR_OK;
}

static void side_run(
	struct ctx *cx, struct side *s, const struct table *t, const uint32_t *ids, size_t groups)
{
	plan_sums_init(&s->sums, cx->mem, s->plan, groups);
	s->rows = arena_array(cx->mem, size_t, groups);
	plan_run_sums(plan_run_new(cx->mem, s->plan), 0, t->row_count, ids, &s->sums);
	for (size_t i = 0; i < t->row_count; i++)
		s->rows[ids[i]]++;
}

/* The whole is the sum of the groups: into group 0, which rows of no group already are in. */
static void add_up(struct ctx *cx, const struct side *s, size_t groups, struct plan_sums *total)
{
	plan_sums_init(total, cx->mem, s->plan, 1);
	for (size_t g = 0; g < groups; g++) {
		struct plan_sums one = {1, s->sums.partial_count,
			&s->sums.items[g * s->sums.partial_count], s->sums.overflows};
		for (size_t p = 0; p < one.partial_count; p++)
			rule_sum_merge(
				&s->plan->partials[p], &total->items[p], one.items[p], false);
	}
}

static void take(const struct pack_indicator *d, struct rule_result num, struct rule_result den,
	struct indicator_value *out)
{
	long double per = d->per.is_set ? (long double)d->per.micro / 1e6L : 1.0L;

	if (num.state == RULE_MISSING || den.state == RULE_MISSING) {
		out->state = INDICATOR_MISSING;
		return;
	}
	if (num.state == RULE_OVERFLOW || den.state == RULE_OVERFLOW || den.num == 0) {
		out->state = INDICATOR_UNDEFINED;
		out->numerator = num.value;
		return;
	}
	out->state = INDICATOR_VALUE;
	out->numerator = num.value;
	out->denominator = den.value;
	/* Integers in long double are exact here, so that 100 * 21 / 500 is 4.2 itself. */
	out->value = (double)((long double)num.num * (long double)den.den * per /
			      ((long double)num.den * (long double)den.num));
}

static const struct rule_result one = {.state = RULE_VALUE, .num = 1, .den = 1, .value = 1};

static struct rule_result finish(const struct side *s, size_t group)
{
	return s->rule ? plan_finish(s->plan, 0, &s->sums, group) : one;
}

static struct rule_result finish_total(struct ctx *cx, const struct side *s, size_t groups)
{
	struct plan_sums total;

	if (!s->rule)
		return one;
	add_up(cx, s, groups, &total);
	return plan_finish(s->plan, 0, &total, 0);
}

static int by_group(const void *a, const void *b)
{
	const struct indicator_value *x = a, *y = b;

	return str_cmp(x->group, y->group);
}

static enum err check_by(struct ctx *cx, const struct grouping *g, const struct pack_indicator *d,
	const struct table *t)
{
	bool is_allowed = !g->by.n || str_is(g->by, "county") || str_is(g->by, "town") ||
			  str_is(g->by, "school") || str_is(g->by, "children");

	for (size_t i = 0; i < d->by.count; i++)
		is_allowed |= str_eq(d->by.items[i].text, g->by);
	if (is_allowed && (!g->by.n || group_column(g, t)))
		return ERR_OK;
	return ctx_fail(cx, ERR_NOT_FOUND,
		TR(cx, "指标 " STR_FMT " 不能按 '" STR_FMT "' 分组",
			"indicator " STR_FMT " cannot be split by '" STR_FMT "'"),
		STR_ARG(d->id.text), STR_ARG(g->by));
}

static enum err find_ledger(
	struct ctx *cx, const struct dataset *ds, struct str id, struct dataset_ledger **out)
{
	*out = dataset_find(ds, id);
	return *out ? ERR_OK
		    : ctx_fail(cx, ERR_NOT_FOUND,
			      TR(cx, "没有台账 " STR_FMT " 的数据", "no rows of ledger " STR_FMT),
			      STR_ARG(id));
}

static void collect(struct ctx *cx, const struct grouping *g, const struct side *num,
	const struct side *den, struct indicator_result *out)
{
	size_t groups = g->codes.count + 1;

	out->total = (struct indicator_value){.group = STR("")};
	take(out->indicator, finish_total(cx, num, groups), finish_total(cx, den, groups),
		&out->total);
	for (size_t i = 0; i < groups; i++)
		out->total.rows += num->rows[i];
	for (size_t i = 0; i < g->codes.count; i++) {
		struct indicator_value *v = VEC_PUSH(cx->mem, &out->groups);
		*v = (struct indicator_value){
			.group = g->codes.entries[i].key, .rows = num->rows[i + 1]};
		take(out->indicator, finish(num, i + 1), finish(den, i + 1), v);
	}
	if (out->groups.count)
		qsort(out->groups.items, out->groups.count, sizeof *out->groups.items, by_group);
}

enum err indicator_compute(struct ctx *cx, const struct dataset *ds, const struct org_tree *tree,
	const struct pack_indicator *d, struct str by, struct indicator_result *out)
{
	struct grouping g = {.mem = cx->mem,
		.tree = tree,
		.by = by,
		.top = ds->top.n ? ds->top : only_root(tree)};
	struct side num = {0}, den = {0};
	struct dataset_ledger *from, *den_from = NULL;
	uint32_t *ids, *den_ids = NULL;

	*out = (struct indicator_result){.indicator = d, .period = ds->period};
	strmap_init(&g.codes, cx->mem);
	TRY(find_ledger(cx, ds, d->from.text, &from));
	TRY(check_by(cx, &g, d, from->table));
	TRY(side_ready(cx, ds, from, &d->numerator, &num));
	ids = number_rows(&g, from->table);
	if (d->denominator.text.n) {
		struct str id =
			d->denominator_from.text.n ? d->denominator_from.text : d->from.text;
		TRY(find_ledger(cx, ds, id, &den_from));
		TRY(side_ready(cx, ds, den_from, &d->denominator, &den));
		den_ids = den_from == from ? ids : number_rows(&g, den_from->table);
	}
	side_run(cx, &num, from->table, ids, g.codes.count + 1);
	if (den_from)
		side_run(cx, &den, den_from->table, den_ids, g.codes.count + 1);
	out->numerator = num.rule;
	out->denominator = den.rule;
	collect(cx, &g, &num, &den, out);
	return ERR_OK;
}

static bool counts(const struct plan_sums *sums, size_t row)
{
	for (size_t p = 0; p < sums->partial_count; p++)
		if (sums->items[row * sums->partial_count + p].count)
			return true;
	return false;
}

enum err indicator_list_rows(struct ctx *cx, const struct dataset *ds,
	const struct pack_indicator *d, bool is_denominator, struct indicator_rows *out)
{
	const struct located *text = is_denominator ? &d->denominator : &d->numerator;
	struct str id = is_denominator && d->denominator_from.text.n ? d->denominator_from.text
								     : d->from.text;
	struct dataset_ledger *dl;
	struct side side = {0};
	uint32_t *ids;

	*out = (struct indicator_rows){0};
	if (!text->text.n)
		return ctx_fail(cx, ERR_NOT_FOUND, "%s",
			TR(cx, "这个指标没有分母", "this indicator has no denominator"));
	TRY(find_ledger(cx, ds, id, &dl));
	TRY(side_ready(cx, ds, dl, text, &side));
	out->ledger = dl;
	if (dl->table->row_count == 0)
		return ERR_OK;
	/* Each row a group of its own: then its sums tell whether it counts, and as what. */
	ids = arena_array(cx->mem, uint32_t, dl->table->row_count);
	for (size_t i = 0; i < dl->table->row_count; i++)
		ids[i] = (uint32_t)i;
	side_run(cx, &side, dl->table, ids, dl->table->row_count);
	for (size_t i = 0; i < dl->table->row_count; i++) {
		struct rule_result r;
		if (!counts(&side.sums, i))
			continue;
		r = plan_finish(side.plan, 0, &side.sums, i);
		*VEC_PUSH(cx->mem, &out->list) =
			(struct indicator_row){i, r.state == RULE_VALUE, r.value};
	}
	return ERR_OK;
}
