/*
 * Checks that need all rows of a group, kept ones too: they run in SQL inside the import's
 * transaction, when its rows are in. Only groups that the file touched are held against it.
 */
#include "mod/ledger/import_internal.h"
#include "mod/pack/rules.h"

static enum rule_dialect dialect_of(const struct import *im)
{
	return db_dialect(im->db) == DB_SQLITE ? RULE_SQLITE : RULE_POSTGRES;
}

static const struct rule_env *env_of(struct import *im)
{
	struct date today = {(int32_t)(im->cx->now_us / 86400000000)};

	return pack_rule_env(im->batch_mem, im->place->pack, im->ledger.ledger, today, false);
}

static const struct rule *compile(
	struct import *im, const struct located *text, enum rule_kind kind, bool wants_bool)
{
	struct problems ps;
	const struct rule *rule;

	problems_init(&ps, im->cx->mem);
	rule = pack_compile(im->batch_mem, env_of(im), text, kind, wants_bool, &ps);
	if (!rule)
		(void)ctx_fail(im->cx, ERR_PACK, STR_FMT,
			STR_ARG(ps.list.count ? ps.list.items[0].text : text->text));
	return rule;
}

/* The key of a result row as batch_key makes it: group columns come first. */
static bool result_key(const struct import *im, const struct import_group_check *k,
	const struct db_stmt *st, struct strbuf *out)
{
	strbuf_reset(out);
	for (size_t i = 0; i < k->field_count; i++) {
		const struct pack_field *f = &im->ledger.ledger->fields.items[k->fields[i]];
		if (db_is_null(st, (int)i))
			return false;
		if (stored_type(f) == DB_TEXT)
			strbuf_str(out, db_text(st, (int)i));
		else if (stored_type(f) == DB_DATE)
			strbuf_printf(out, "%d", (int)db_date(st, (int)i).day);
		else if (stored_type(f) == DB_BOOL)
			strbuf_printf(out, "%d", (int)db_bool(st, (int)i));
		else
			strbuf_printf(out, "%" PRId64, db_i64(st, (int)i));
		strbuf_char(out, '\x1f');
	}
	return true;
}

static uint32_t touched_row(const struct import *im, const struct import_group_check *k,
	const struct db_stmt *st, struct strbuf *text)
{
	return result_key(im, k, st, text)
		       ? key_set_find(&k->touched, key_hash_of(strbuf_view(text)))
		       : 0;
}

/* The check's rule over the partials of a result row. */
static bool group_fails(const struct import_group_check *k, const struct rule *rule,
	const struct db_stmt *st, struct rule_sum *sums)
{
	struct rule_result r;

	for (size_t p = 0; p < rule->partial_count; p++) {
		int column = (int)(k->field_count + 2 * p);
		if (!rule_sum_parse(&rule->partials[p], db_text(st, column), db_i64(st, column + 1),
			    &sums[p]))
			return false;
	}
	r = rule_finish(rule, sums);
	return r.state == RULE_VALUE && r.num == 0;
}

static enum err check_group(struct import *im, const struct import_group_check *k)
{
	const struct rule *rule = compile(im, &k->check->rule, RULE_AGGREGATE, true);
	struct rule_select select = {
		.dialect = dialect_of(im), .table = str_from(im->ledger.table)};
	struct str *groups = arena_array(im->batch_mem, struct str, k->field_count);
	struct rule_sum *sums;
	struct db_stmt *st = NULL;
	struct strbuf text;
	enum err e;

	if (!rule)
		return ERR_PACK;
	for (size_t i = 0; i < k->field_count; i++)
		groups[i] = im->ledger.ledger->fields.items[k->fields[i]].name.text;
	select.groups = groups;
	select.group_count = k->field_count;
	sums = arena_array(im->batch_mem, struct rule_sum, rule->partial_count);
	strbuf_init(&text, 1 << 20);
	e = rule_sql_partials(&text, rule->partials, rule->partial_count, &select, rule->env)
		    ? db_prepare(im->cx, im->db, text.p, &st)
		    : ctx_fail(im->cx, ERR_PACK, STR_FMT, STR_ARG(k->check->rule.text));
	for (bool has_row = true; e == ERR_OK;) {
		uint32_t row;
		e = db_step(im->cx, st, &has_row);
		if (e != ERR_OK || !has_row)
			break;
		row = touched_row(im, k, st, &text);
		if (row && group_fails(k, rule, st, sums))
			intake_problem(im->in, row, UINT32_MAX, k->check->level == 1, STR_NONE,
				STR_FMT, STR_ARG(k->check->message.text));
	}
	strbuf_release(&text);
	db_release(st);
	return e;
}

/* "SELECT per…, taken, held" of the groups that take more than the other ledger's row holds. */
static enum err capacity_sql(
	struct import *im, const struct import_group_check *k, struct strbuf *sql)
{
	const struct pack_capacity *c = k->capacity;
	const struct rule *sum = compile(im, &c->sum, RULE_ROW, false), *when = NULL;
	struct str column = c->of.text, other = str_cut(&column, '.');
	const struct pack_ledger *holder = pack_find_ledgers(im->place->pack, other);
	struct stored_ledger stored;

	if (c->when.text.n && !(when = compile(im, &c->when, RULE_ROW, true)))
		return ERR_PACK;
	if (!sum)
		return ERR_PACK;
	if (!holder || !holder->grain.count)
		return ctx_fail(im->cx, ERR_PACK, STR_FMT, STR_ARG(c->of.text));
	stored_ledger_init(im->batch_mem, holder, &stored);
	strbuf_z(sql, "SELECT ");
	for (size_t i = 0; i < c->per.count; i++)
		strbuf_printf(sql, "t.\"" STR_FMT "\", ", STR_ARG(c->per.items[i].text));
	strbuf_z(sql, "CAST(sum(");
	if (!rule_sql_row(sql, sum, dialect_of(im), STR("t")))
		return ctx_fail(im->cx, ERR_PACK, STR_FMT, STR_ARG(c->sum.text));
	strbuf_printf(sql,
		") AS BIGINT), max(h.\"" STR_FMT "\") FROM %s t JOIN %s h ON h.\"" STR_FMT
		"\" = t.\"" STR_FMT "\"",
		STR_ARG(column), im->ledger.table, stored.table,
		STR_ARG(holder->grain.items[0].text), STR_ARG(c->per.items[0].text));
	if (when) {
		strbuf_z(sql, " WHERE ");
		if (!rule_sql_row(sql, when, dialect_of(im), STR("t")))
			return ctx_fail(im->cx, ERR_PACK, STR_FMT, STR_ARG(c->when.text));
	}
	strbuf_z(sql, " GROUP BY ");
	for (size_t i = 0; i < c->per.count; i++)
		strbuf_printf(
			sql, "%st.\"" STR_FMT "\"", i ? ", " : "", STR_ARG(c->per.items[i].text));
	return ERR_OK;
}

static enum err check_capacity(struct import *im, const struct import_group_check *k)
{
	struct db_stmt *st = NULL;
	struct strbuf text;
	enum err e;

	strbuf_init(&text, 1 << 20);
	e = capacity_sql(im, k, &text);
	if (e == ERR_OK)
		e = db_prepare(im->cx, im->db, text.p, &st);
	for (bool has_row = true; e == ERR_OK;) {
		int n = (int)k->field_count;
		uint32_t row;
		e = db_step(im->cx, st, &has_row);
		if (e != ERR_OK || !has_row)
			break;
		row = touched_row(im, k, st, &text);
		if (row && !db_is_null(st, n + 1) && db_i64(st, n) > db_i64(st, n + 1))
			intake_problem(im->in, row, UINT32_MAX, false, STR_NONE,
				TR(im->cx, STR_FMT " (已用 %" PRId64 ", 可用 %" PRId64 ")",
					STR_FMT " (taken %" PRId64 ", holds %" PRId64 ")"),
				STR_ARG(k->capacity->message.text), db_i64(st, n),
				db_i64(st, n + 1));
	}
	strbuf_release(&text);
	db_release(st);
	return e;
}

enum err import_check_groups(struct import *im)
{
	arena_reset(im->batch_mem);
	for (size_t i = 0; i < im->group_check_count; i++) {
		const struct import_group_check *k = &im->group_checks[i];
		TRY(k->check ? check_group(im, k) : check_capacity(im, k));
	}
	return ERR_OK;
}
