/*
 * Kept rows with the keys of a batch, some hundred keys a query, so that a million rows are a
 * few thousand queries on either store.
 */
#include "mod/ledger/import_internal.h"
#include "mod/pack/rules.h"

#define KEYS_A_QUERY 256

struct lookup {
	struct import *im;
	const struct table *table;
	bool is_before; /* of the period before */
	struct ledger_row *out;
	struct strmap rows; /* key -> row + 1 */
	struct db_stmt *st;
	struct strbuf text;
};

/* The values of a key as they are bound; false when one is missing. */
static bool key_values(struct lookup *k, size_t row, struct db_value *out)
{
	const struct stored_ledger *l = &k->im->ledger;

	for (size_t g = 0; g < l->grain_count; g++) {
		const struct stored_field *f = &l->fields[l->grain[g]];
		const struct column *c = k->table->columns.items[f->index];
		struct db_value *v = &out[g];
		int64_t n;
		if (!column_get(c, row, &n))
			return false;
		*v = (struct db_value){.type = f->type};
		if (c->type == COLUMN_TEXT)
			v->text = dict_text(c->dict, (uint32_t)n);
		else if (f->type == DB_BOOL)
			v->boolean = n != 0;
		else if (f->type == DB_DATE)
			v->date = (struct date){(int32_t)n};
		else
			v->i64 = n;
		if (k->is_before && f->index == l->period) {
			v->text = period_before(k->im->batch_mem, v->text);
			if (!v->text.n)
				return false;
		}
	}
	return true;
}

static void key_text(const struct stored_ledger *l, const struct db_value *key, struct strbuf *out)
{
	strbuf_reset(out);
	for (size_t g = 0; g < l->grain_count; g++) {
		if (key[g].type == DB_TEXT)
			strbuf_str(out, key[g].text);
		else
			strbuf_printf(out, "%" PRId64,
				key[g].type == DB_BOOL   ? (int64_t)key[g].boolean
				: key[g].type == DB_DATE ? (int64_t)key[g].date.day
							 : key[g].i64);
		strbuf_char(out, '\x1f');
	}
}

static enum err prepare(struct lookup *k)
{
	const struct stored_ledger *l = &k->im->ledger;
	struct strbuf sql;
	enum err e;

	strbuf_init(&sql, 1 << 20);
	strbuf_z(&sql, "WITH k (");
	for (size_t g = 0; g < l->grain_count; g++)
		strbuf_printf(&sql, "%sk%zu", g ? ", " : "", g);
	strbuf_z(&sql, ") AS (VALUES ");
	for (int i = 0; i < KEYS_A_QUERY; i++) {
		strbuf_z(&sql, i ? ", (" : "(");
		for (size_t g = 0; g < l->grain_count; g++)
			strbuf_printf(&sql, "%s:k%d_%zu", g ? ", " : "", i, g);
		strbuf_char(&sql, ')');
	}
	strbuf_z(&sql, ") ");
	/* CROSS tells SQLite to go through the keys and look each up, not the other way round. */
	ledger_rows_select(l, arena_printf(k->im->batch_mem, "k CROSS JOIN %s", l->table), &sql);
	for (size_t g = 0; g < l->grain_count; g++)
		strbuf_printf(&sql, "%s \"%s\" = k%zu", g ? " AND" : " WHERE",
			l->fields[l->grain[g]].column, g);
	e = db_prepare(k->im->cx, k->im->db, sql.p, &k->st);
	strbuf_release(&sql);
	return e;
}

/* Values of the statement's row live until its next step. Sealed ones are opened: they are
 * compared with the file's, and sealed again. */
static enum err keep_row(struct lookup *k, const struct ledger_row *row, struct ledger_row *out)
{
	struct arena *mem = k->im->batch_mem;
	size_t n = k->im->ledger.ledger->fields.count;

	*out = *row;
	out->county = str_copy(mem, row->county);
	out->org = str_copy(mem, row->org);
	out->period = str_copy(mem, row->period);
	out->state = str_copy(mem, row->state);
	out->updated_by = str_copy(mem, row->updated_by);
	out->values = arena_array(mem, struct field_value, n);
	for (size_t f = 0; f < n; f++) {
		out->values[f] = row->values[f];
		out->values[f].text = str_copy(mem, row->values[f].text);
	}
	return k->im->ledger.has_sealed
		       ? sealed_open_row(k->im->cx, mem, &k->im->ring, &k->im->ledger, out)
		       : ERR_OK;
}

static enum err run_query(struct lookup *k, struct ledger_row *row)
{
	const struct stored_ledger *l = &k->im->ledger;
	bool has_row = false;

	for (;;) {
		const int64_t *at;
		TRY(db_step(k->im->cx, k->st, &has_row));
		if (!has_row)
			return ERR_OK;
		ledger_rows_take(l, &k->im->tree, k->st, row);
		strbuf_reset(&k->text);
		for (size_t g = 0; g < l->grain_count; g++) {
			const struct stored_field *f = &l->fields[l->grain[g]];
			(void)row_key_text(&row->values[f->index], f->field, &k->text);
		}
		at = strmap_find(&k->rows, strbuf_view(&k->text));
		if (at)
			TRY(keep_row(k, row, &k->out[*at - 1]));
	}
}

static enum err look(struct lookup *k, size_t n)
{
	const struct stored_ledger *l = &k->im->ledger;
	struct arena *mem = k->im->batch_mem;
	struct db_value *key = arena_array(mem, struct db_value, l->grain_count);
	struct ledger_row row = {
		.values = arena_array(mem, struct field_value, l->ledger->fields.count)};
	size_t waiting = 0;

	TRY(prepare(k));
	for (size_t i = 0; i < n; i++) {
		bool is_new = false;
		if (key_values(k, i, key)) {
			int64_t *at;
			key_text(l, key, &k->text);
			at = strmap_put(&k->rows, str_copy(mem, strbuf_view(&k->text)), &is_new);
			if (is_new)
				*at = (int64_t)i + 1;
		}
		for (size_t g = 0; g < l->grain_count && is_new; g++)
			db_bind(k->st, (int)(waiting * l->grain_count + g) + 1, &key[g]);
		waiting += is_new;
		if (waiting == KEYS_A_QUERY || (waiting && i + 1 == n)) {
			/* What is left over asks for the first key again. */
			for (size_t w = waiting; w < KEYS_A_QUERY; w++)
				for (size_t g = 0; g < l->grain_count; g++)
					db_bind(k->st, (int)(w * l->grain_count + g) + 1, &key[g]);
			TRY(run_query(k, &row));
			db_reset(k->st);
			waiting = 0;
		}
	}
	return ERR_OK;
}

static enum err find_rows(struct import *im, const struct table *table, size_t n, bool is_before,
	struct ledger_row *out)
{
	struct lookup k = {.im = im, .table = table, .is_before = is_before, .out = out};
	enum err e;

	if (im->ledger.grain_count == 0)
		return ERR_OK;
	strmap_init(&k.rows, im->batch_mem);
	strbuf_init(&k.text, 65536);
	e = look(&k, n);
	strbuf_release(&k.text);
	db_release(k.st);
	return e;
}

enum err import_find_former(struct import *im, const struct table *table, size_t n)
{
	return find_rows(im, table, n, false, im->former);
}

/* ---- checks against the period before ---- */

static void add_before_column(struct import *im, struct table *both, size_t field,
	const struct ledger_row *before, size_t n)
{
	const struct pack_field *f = &im->ledger.ledger->fields.items[field];
	const struct column *now = both->columns.items[field];
	struct column *c =
		table_add(both, str_printf(im->batch_mem, "before_" STR_FMT, STR_ARG(f->name.text)),
			now->type, now->scale);

	for (size_t i = 0; i < n; i++) {
		const struct field_value *v = before[i].id ? &before[i].values[field] : NULL;
		if (!v || v->is_null)
			column_append_null(c);
		else if (c->type == COLUMN_TEXT)
			column_append_text(c, v->text);
		else
			column_append_i64(c, v->number);
	}
}

/* The batch's columns and before_NAME beside each. */
static struct table *with_before(struct import *im, const struct intake_batch *b)
{
	struct ledger_row *before = arena_array(im->batch_mem, struct ledger_row, b->row_count);
	struct table *both = arena_new(im->batch_mem, struct table);
	size_t n = im->ledger.ledger->fields.count;

	if (find_rows(im, b->table, b->row_count, true, before) != ERR_OK)
		return NULL;
	table_init(both, im->batch_mem, b->table->name, b->table->dict);
	for (size_t f = 0; f < n; f++)
		*VEC_PUSH(im->batch_mem, &both->columns) = b->table->columns.items[f];
	for (size_t f = 0; f < n; f++)
		add_before_column(im, both, f, before, b->row_count);
	table_seal(both);
	return both;
}

static enum err run_before_check(struct import *im, const struct pack_check *check,
	const struct intake_batch *b, const struct table *both)
{
	struct date today = {(int32_t)(im->cx->now_us / 86400000000)};
	const struct rule_env *env =
		pack_rule_env(im->batch_mem, im->place->pack, im->ledger.ledger, today, true);
	const struct rule *rule;
	struct problems ps;
	struct plan *plan;
	struct plan_run *run;
	struct str missing;

	problems_init(&ps, im->cx->mem);
	rule = pack_compile(im->batch_mem, env, &check->rule, RULE_ROW, true, &ps);
	if (!rule || !plan_make(im->batch_mem, &rule, 1, both, &plan, &missing))
		return ctx_fail(im->cx, ERR_PACK, STR_FMT,
			STR_ARG(ps.list.count ? ps.list.items[0].text : check->rule.text));
	run = plan_run_new(im->batch_mem, plan);
	for (size_t from = 0; from < b->row_count; from += PLAN_BATCH) {
		size_t count = MIN(PLAN_BATCH, b->row_count - from);
		struct plan_vector v;
		plan_run_rows(run, from, count);
		v = plan_run_vector(run, 0);
		for (size_t i = 0; i < count; i++)
			if (!(v.states && v.states[i]) && !v.bits[i])
				intake_problem(im->in, b->row_numbers[from + i], UINT32_MAX,
					check->level == 1, STR_NONE, STR_FMT,
					STR_ARG(check->message.text));
	}
	return ERR_OK;
}

enum err import_check_former_period(struct import *im, const struct intake_batch *b)
{
	const struct pack_ledger *ledger = im->ledger.ledger;
	const struct table *both = NULL;

	for (size_t i = 0; i < ledger->checks.count; i++) {
		if (!ledger->checks.items[i].before.text.n)
			continue;
		if (!both && !(both = with_before(im, b)))
			return ERR_STORE;
		TRY(run_before_check(im, &ledger->checks.items[i], b, both));
	}
	return ERR_OK;
}

/* ---- unique fields ---- */

static enum err check_one(struct import *im, const struct intake_batch *b,
	const struct stored_field *f, struct db_stmt *st, size_t i)
{
	const struct column *c = b->table->columns.items[f->index];
	struct str period = STR("");
	bool has_row = false;
	int64_t v;

	if (!column_get(c, i, &v))
		return ERR_OK;
	if (im->ledger.period != SIZE_MAX) {
		const struct column *p = b->table->columns.items[im->ledger.period];
		int64_t at;
		if (column_get(p, i, &at))
			period = dict_text(p->dict, (uint32_t)at);
	}
	if (f->print) {
		struct str print, former;
		TRY(sealed_print(im->cx, im->batch_mem, &im->ring, &im->ledger,
			(size_t)(f - im->ledger.fields), dict_text(c->dict, (uint32_t)v), &print,
			&former));
		db_bind_text(st, 3, print);
		db_bind_text(st, 4, former);
	} else if (c->type == COLUMN_TEXT) {
		db_bind_text(st, 3, dict_text(c->dict, (uint32_t)v));
	} else {
		db_bind_i64(st, 3, v);
	}
	db_bind_text(st, 1, period);
	db_bind_i64(st, 2, im->former[i].id);
	TRY(db_step(im->cx, st, &has_row));
	if (has_row)
		intake_problem(im->in, b->row_numbers[i], intake_column_of(im->in, f->field), false,
			STR_NONE,
			TR(im->cx, "已有记录 (" STR_FMT ") 用了这个值, 本列不得重复",
				"a kept row (of " STR_FMT
				") has this value; this column must differ"),
			STR_ARG(db_text(st, 0)));
	db_reset(st);
	return ERR_OK;
}

enum err import_check_unique(struct import *im, const struct intake_batch *b)
{
	for (size_t u = 0; u < im->unique_count; u++) {
		const struct stored_field *f = &im->ledger.fields[im->uniques[u].field];
		struct db_stmt *st = NULL;
		TRY(db_prepare(im->cx, im->db,
			arena_printf(im->batch_mem,
				"SELECT org FROM %s WHERE period = :period AND id <> :id"
				" AND \"%s\" %s LIMIT 1",
				im->ledger.table, f->print ? f->print : f->column,
				f->print ? "IN (:value, :former)" : "= :value"),
			&st));
		for (size_t i = 0; i < b->row_count; i++)
			TRY(check_one(im, b, f, st, i));
		db_release(st);
	}
	return ERR_OK;
}
