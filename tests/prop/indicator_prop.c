/*
 * Every indicator of the packs on random rows: the sums of the vector back end are those of the
 * database, exactly, in every group, and the ratios agree to 1e-12.
 */
#include "engine/column/group.h"
#include "engine/rule/plan.h"
#include "mod/ledger/ledger_table.h"
#include "mod/measure/indicator.h"
#include "mod/pack/rules.h"
#include "base/rng.h"

#include "../unit/db_world.h"

#include <math.h>

#define ROWS 700

static const struct str counties[] = {{"141102", 6}, {"141121", 6}, {"141122", 6}, {"141181", 6}};

/* A ledger filled with random rows, here and in the database. */
struct filled {
	const struct pack_ledger *ledger;
	struct table *table;
};

struct random_pack {
	struct world *w;
	struct pack pack;
	struct rng rng;
	struct dataset ds;
	VEC(struct filled) ledgers;
};

static struct str random_text(struct random_pack *r, const struct pack_field *f)
{
	const struct pack_codes *codes = pack_find_codes(&r->pack, f->codes.text);
	const struct located_list *choices = f->constraints ? &f->constraints->choices : NULL;

	if (str_is(f->name.text, "county"))
		return counties[rng_below(&r->rng, ARRAY_LEN(counties))];
	if (f->type == FIELD_PERIOD)
		return STR("2026");
	if (choices && choices->count)
		return choices->items[rng_below(&r->rng, (int64_t)choices->count)].text;
	if (codes && codes->items.count)
		return codes->items.items[rng_below(&r->rng, (int64_t)codes->items.count)]
			.code.text;
	return str_printf(r->w->cx.mem, "t%d", (int)rng_below(&r->rng, 30));
}

static void append_random(struct random_pack *r, const struct pack_field *f, struct column *column)
{
	if (f->type != FIELD_PERIOD && rng_below(&r->rng, 9) == 0)
		column_append_null(column);
	else if (column->type == COLUMN_TEXT)
		column_append_text(column, random_text(r, f));
	else if (column->type == COLUMN_BOOL)
		column_append_i64(column, rng_below(&r->rng, 2));
	else if (column->type == COLUMN_DATE)
		column_append_i64(column, rng_between(&r->rng, 20400, 20700));
	else if (rng_below(&r->rng, 20) == 0)
		column_append_i64(column, rng_between(&r->rng, 0, INT64_C(900000000000000)));
	else
		column_append_i64(column, rng_between(&r->rng, 0, 60));
}

static void put_cell(struct strbuf *sql, const struct column *column, size_t row)
{
	int64_t v;

	if (!column_get(column, row, &v)) {
		strbuf_z(sql, "NULL");
	} else if (column->type == COLUMN_TEXT) {
		strbuf_printf(sql, "'" STR_FMT "'", STR_ARG(column_text(column, row)));
	} else if (column->type == COLUMN_DATE) {
		strbuf_char(sql, '\'');
		strbuf_date(sql, (struct date){(int32_t)v});
		strbuf_char(sql, '\'');
	} else if (column->type == COLUMN_BOOL) {
		strbuf_z(sql, v ? "TRUE" : "FALSE");
	} else {
		strbuf_printf(sql, "%" PRId64, v);
	}
}

static void fill_database(struct random_pack *r, const struct filled *f)
{
	struct world *w = r->w;
	struct strbuf sql;

	strbuf_init(&sql, STRBUF_MAX);
	strbuf_printf(&sql, "CREATE TABLE \"" STR_FMT "\" (", STR_ARG(f->ledger->id.text));
	for (size_t c = 0; c < f->table->columns.count; c++) {
		const struct column *column = f->table->columns.items[c];
		strbuf_printf(&sql, "%s\"" STR_FMT "\" %s", c ? ", " : "",
			STR_ARG(f->ledger->fields.items[c].name.text),
			column->type == COLUMN_TEXT || column->type == COLUMN_DATE ? "TEXT"
			: column->type == COLUMN_BOOL                              ? "BOOLEAN"
										   : "BIGINT");
	}
	strbuf_z(&sql, ")");
	OK(db_exec(&w->cx, w->db, sql.p));
	strbuf_reset(&sql);
	strbuf_printf(&sql, "INSERT INTO \"" STR_FMT "\" VALUES ", STR_ARG(f->ledger->id.text));
	for (size_t row = 0; row < ROWS; row++) {
		strbuf_z(&sql, row ? ", (" : "(");
		for (size_t c = 0; c < f->table->columns.count; c++) {
			strbuf_z(&sql, c ? ", " : "");
			put_cell(&sql, f->table->columns.items[c], row);
		}
		strbuf_char(&sql, ')');
	}
	OK(db_exec(&w->cx, w->db, sql.p));
	strbuf_release(&sql);
}

static const struct filled *fill(struct random_pack *r, struct str id)
{
	struct filled *f;
	uint32_t *numbers;

	for (size_t i = 0; i < r->ledgers.count; i++)
		if (str_eq(r->ledgers.items[i].ledger->id.text, id))
			return &r->ledgers.items[i];
	f = VEC_PUSH(r->w->cx.mem, &r->ledgers);
	f->ledger = pack_find_ledgers(&r->pack, id);
	assert_non_null(f->ledger);
	f->table = ledger_table_new(r->w->cx.mem, f->ledger);
	for (size_t row = 0; row < ROWS; row++)
		for (size_t c = 0; c < f->ledger->fields.count; c++)
			append_random(r, &f->ledger->fields.items[c], f->table->columns.items[c]);
	table_seal(f->table);
	numbers = arena_array(r->w->cx.mem, uint32_t, ROWS);
	dataset_add_table(&r->ds, f->ledger, f->table, id, numbers);
	fill_database(r, f);
	return f;
}

/* One sum of an indicator in the groups of a column. */
struct side {
	const struct rule *rule;
	struct plan *plan;
	struct plan_sums ours;
	struct rule_sum *theirs; /* [group * partial_count + partial] */
	struct groups groups;
	const struct column *key;
	size_t *rows; /* of the group, 0: the database did not name it */
};

static void ask(struct random_pack *r, struct side *s, const struct filled *f, struct str key)
{
	struct world *w = r->w;
	bool is_pg = db_dialect(w->db) == DB_POSTGRES;
	struct rule_select select = {.dialect = is_pg ? RULE_POSTGRES : RULE_SQLITE,
		.table = f->ledger->id.text,
		.groups = &key,
		.group_count = 1};
	struct db_stmt *st;
	struct strbuf sql;
	size_t n = s->plan->partial_count;
	bool has_row;

	strbuf_init(&sql, STRBUF_MAX);
	assert_true(rule_sql_partials(&sql, s->plan->partials, n, &select, s->plan->env));
	OK(db_prepare(&w->cx, w->db, sql.p, &st));
	for (OK(db_step(&w->cx, st, &has_row)); has_row; OK(db_step(&w->cx, st, &has_row))) {
		struct str group = db_is_null(st, 0) ? STR("") : db_text(st, 0);
		size_t g = 0;
		while (g < s->groups.count &&
			!str_eq(column_text(s->key, s->groups.first_row[g]), group))
			g++;
		assert_true(g < s->groups.count);
		for (size_t p = 0; p < n; p++) {
			int at = (int)(1 + 2 * p);
			struct str sum = db_is_null(st, at) ? STR_NONE : db_text(st, at);
			assert_true(rule_sum_parse(&s->plan->partials[p], sum, db_i64(st, at + 1),
				&s->theirs[g * n + p]));
		}
		s->rows[g]++;
	}
	db_release(st);
	strbuf_release(&sql);
}

static void run_side(struct random_pack *r, const struct pack_indicator *d, struct str ledger,
	const struct located *text, const char *key, struct side *out)
{
	struct arena *mem = r->w->cx.mem;
	const struct filled *f = fill(r, ledger);
	struct date day =
		period_day(STR("2026"), (struct date){(int32_t)(r->w->cx.now_us / 86400000000)});
	const struct rule_env *env = pack_rule_env(mem, &r->pack, f->ledger, day, false);
	const struct rule **rules = arena_array(mem, const struct rule *, 1);
	struct problems ps;
	struct str missing;
	size_t cells;

	problems_init(&ps, mem);
	out->rule = rules[0] = pack_compile(mem, env, text, RULE_AGGREGATE, false, &ps);
	if (!rules[0] || !plan_make(mem, rules, 1, f->table, &out->plan, &missing))
		fail_msg("%.*s does not compile", STR_ARG(d->id.text));
	out->key = table_find(f->table, str_from(key));
	groups_make(mem, &out->key, 1, ROWS, &out->groups);
	plan_sums_init(&out->ours, mem, out->plan, out->groups.count);
	plan_run_sums(plan_run_new(mem, out->plan), 0, ROWS, out->groups.ids, &out->ours);
	cells = out->groups.count * out->plan->partial_count;
	out->theirs = arena_array(mem, struct rule_sum, cells);
	out->rows = arena_array(mem, size_t, out->groups.count);
	ask(r, out, f, str_from(key));
	for (size_t g = 0; g < out->groups.count; g++)
		assert_int_equal(out->rows[g], 1);
	for (size_t i = 0; i < cells; i++)
		if (out->ours.items[i].count != out->theirs[i].count ||
			out->ours.items[i].sum != out->theirs[i].sum)
			fail_msg("the sums of %.*s differ", STR_ARG(d->id.text));
}

/* What the database's sums amount to in a group; missing when it has no row. */
static struct rule_result their_result(struct arena *mem, const struct side *s, struct str group)
{
	struct rule_sum *mine = arena_array(mem, struct rule_sum, s->rule->partial_count);

	for (size_t g = 0; g < s->groups.count; g++)
		if (str_eq(column_text(s->key, s->groups.first_row[g]), group))
			for (size_t k = 0; k < s->rule->partial_count; k++)
				mine[k] = s->theirs[g * s->plan->partial_count +
						    s->plan->partial_of[0][k]];
	return rule_finish(s->rule, mine);
}

static void check_ratio(struct random_pack *r, const struct pack_indicator *d,
	const struct indicator_value *v, const struct side *num, const struct side *den)
{
	struct rule_result top = their_result(r->w->cx.mem, num, v->group),
			   bottom = {RULE_VALUE, 1, 1, 1};
	long double per = d->per.is_set ? (long double)d->per.micro / 1e6L : 1, want;

	if (den)
		bottom = their_result(r->w->cx.mem, den, v->group);
	if (top.state != RULE_VALUE || bottom.state != RULE_VALUE || bottom.num == 0) {
		assert_int_not_equal(v->state, INDICATOR_VALUE);
		return;
	}
	want = (long double)top.num / (long double)top.den * per /
	       ((long double)bottom.num / (long double)bottom.den);
	assert_int_equal(v->state, INDICATOR_VALUE);
	if (fabsl((long double)v->value - want) > 1e-12L * fmaxl(1, fabsl(want)))
		fail_msg("%.*s in %.*s: %.17g, the database's sums give %.17Lg",
			STR_ARG(d->id.text), STR_ARG(v->group), v->value, want);
}

static void check_indicator(struct random_pack *r, const struct pack_indicator *d)
{
	struct str from = d->from.text;
	struct str den_from = d->denominator_from.text.n ? d->denominator_from.text : from;
	bool by_county = ledger_field(pack_find_ledgers(&r->pack, from), STR("county")) &&
			 ledger_field(pack_find_ledgers(&r->pack, den_from), STR("county"));
	const char *key = by_county ? "county" : "org";
	struct side num = {0}, den = {0};
	struct indicator_result result;
	struct world *w = r->w;

	run_side(r, d, from, &d->numerator, key, &num);
	if (d->denominator.text.n)
		run_side(r, d, den_from, &d->denominator, key, &den);
	OK(indicator_compute(
		&w->cx, &r->ds, NULL, d, str_from(by_county ? "county" : "school"), &result));
	assert_true(result.groups.count > 1);
	for (size_t i = 0; i < result.groups.count; i++)
		check_ratio(
			r, d, &result.groups.items[i], &num, d->denominator.text.n ? &den : NULL);
}

static void every_indicator_is_what_the_database_sums(void **state)
{
	struct world *w = open_world(state);
	struct random_pack *r = arena_new(w->cx.mem, struct random_pack);
	const char *seed = getenv("SHUREN_TEST_SEED");
	uint64_t number = seed ? strtoull(seed, NULL, 10) : 20260904;

	r->w = w;
	rng_seed(&r->rng, number);
	/* It extends the national pack: the indicators of both are in it. */
	OK(pack_load_folder(&w->cx, "packs/lvliang-2026", &r->pack));
	dataset_init(&r->ds, w->cx.mem, &r->pack, STR("2026"));
	for (size_t i = 0; i < r->pack.indicators.count; i++)
		check_indicator(r, &r->pack.indicators.items[i]);
	print_message("seed %" PRIu64 ", %zu indicators\n", number, r->pack.indicators.count);
	assert_true(r->pack.indicators.count > 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {BOTH(every_indicator_is_what_the_database_sums)};

	return cmocka_run_group_tests_name("indicators", tests, NULL, NULL);
}
