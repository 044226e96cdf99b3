/*
 * A batch of an import: organisations, former values and derived columns before the row checks;
 * references and duplicates after them.
 */
#include "base/num.h"
#include "db/id.h"
#include "mod/ledger/import_internal.h"
#include "mod/pack/rules.h"

#define FETCHED_AHEAD 12
#define NO_CODE       UINT32_MAX
#define EXPECTED_MAX  512.0 /* batches: two million rows; more are waited for */

static struct str text_at(const struct table *table, size_t field, size_t row)
{
	const struct column *c = table->columns.items[field];
	int64_t v;

	if (c->type != COLUMN_TEXT || !column_get(c, row, &v))
		return STR_NONE;
	return dict_text(c->dict, (uint32_t)v);
}

static void set_text(struct table *table, size_t field, size_t row, struct str text)
{
	struct column *c = table->columns.items[field];

	if (text.n)
		column_set_i64(c, row, dict_code(c->dict, text));
	else
		column_set_null(c, row);
}

bool batch_key_text(const struct table *table, size_t field, size_t row, struct strbuf *out)
{
	const struct column *c = table->columns.items[field];
	int64_t v;

	if (!column_get(c, row, &v))
		return false;
	if (c->type == COLUMN_TEXT)
		strbuf_str(out, dict_text(c->dict, (uint32_t)v));
	else
		strbuf_printf(out, "%" PRId64, v);
	strbuf_char(out, '\x1f');
	return true;
}

bool batch_key(const struct table *table, const size_t *fields, size_t count, size_t row,
	struct strbuf *out)
{
	strbuf_reset(out);
	for (size_t i = 0; i < count; i++)
		if (!batch_key_text(table, fields[i], row, out))
			return false;
	return true;
}

bool row_key_text(
	const struct field_value *value, const struct pack_field *field, struct strbuf *out)
{
	if (value->is_null)
		return false;
	if (stored_type(field) == DB_TEXT)
		strbuf_str(out, value->text);
	else
		strbuf_printf(out, "%" PRId64, value->number);
	strbuf_char(out, '\x1f');
	return true;
}

static uint32_t column_of(const struct import *im, size_t field)
{
	return field == SIZE_MAX
		       ? UINT32_MAX
		       : intake_column_of(im->in, &im->ledger.ledger->fields.items[field]);
}

static bool kind_is_wanted(const struct pack_ledger *ledger, struct str kind)
{
	for (size_t i = 0; i < ledger->org_kinds.count; i++)
		if (str_eq(ledger->org_kinds.items[i].text, kind))
			return true;
	return ledger->org_kinds.count == 0;
}

static bool refuse_row(struct import *im, uint32_t row, uint32_t column, struct str value,
	const char *fmt, ...) PRINTF(5, 6);

static bool refuse_row(
	struct import *im, uint32_t row, uint32_t column, struct str value, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	intake_problem(
		im->in, row, column, false, value, "%s", arena_vprintf(im->batch_mem, fmt, ap));
	va_end(ap);
	return false;
}

/* Rows of years before it was closed may still come in. */
static bool is_closed_for(const struct org *o, struct str period)
{
	int64_t year;
	int y, m, d;

	if (o->state == ORG_OPEN)
		return false;
	if (o->closed_on.day == DATE_NONE.day ||
		parse_i64(str_sub(period, 0, 4), 1, 9999, &year) != NUM_OK)
		return true;
	date_to_ymd(o->closed_on, &y, &m, &d);
	return year > y;
}

/* False: the row is refused and the reason told. */
static bool check_org(
	struct import *im, const struct org *o, struct str code, struct str period, uint32_t row)
{
	struct ctx *cx = im->cx;
	uint32_t column = column_of(im, im->ledger.owner);
	struct str near;

	if (!o) {
		near = org_nearest(&im->tree, code);
		return near.n ? refuse_row(im, row, column, code,
					TR(cx, "机构名录中没有这个代码 (最接近的是 " STR_FMT ")",
						"no such organisation (nearest: " STR_FMT ")"),
					STR_ARG(near))
			      : refuse_row(im, row, column, code, "%s",
					TR(cx, "机构名录中没有这个代码", "no such organisation"));
	}
	if (!kind_is_wanted(im->ledger.ledger, o->kind))
		return refuse_row(im, row, column, code,
			TR(cx, STR_FMT " 是 " STR_FMT ", 不填这个台账",
				STR_FMT " is a " STR_FMT ", which does not keep this ledger"),
			STR_ARG(o->name), STR_ARG(o->kind));
	if (is_closed_for(o, period))
		return o->merged_into.n ? refuse_row(im, row, column, code,
						  TR(cx, STR_FMT " 已并入 " STR_FMT,
							  STR_FMT " was merged into " STR_FMT),
						  STR_ARG(o->name), STR_ARG(o->merged_into))
					: refuse_row(im, row, column, code,
						  TR(cx, STR_FMT " 已撤销", STR_FMT " is closed"),
						  STR_ARG(o->name));
	if (im->request->within.n && !org_is_within(&im->tree, o->code, im->request->within))
		return refuse_row(im, row, column, code,
			TR(cx, STR_FMT " 不在您的管理范围内", STR_FMT " is outside your scope"),
			STR_ARG(o->name));
	if (im->request->may_org && !im->request->may_org(im->request->guard, &im->tree, o->code))
		return refuse_row(im, row, column, code,
			TR(cx, STR_FMT " 不在您的管理范围内", STR_FMT " is outside your scope"),
			STR_ARG(o->name));
	return true;
}

/* The codes of what the tree says, in the dictionary of this batch. */
static const uint32_t *org_codes(struct import *im, const struct table *table, const struct org *o)
{
	struct import_org *known = &im->orgs[o - im->tree.items];

	if (known->batch == im->batch_number)
		return known->codes;
	known->batch = im->batch_number;
	if (!known->codes)
		known->codes = arena_array(im->cx->mem, uint32_t, im->org_field_count);
	for (size_t k = 0; k < im->org_field_count; k++) {
		size_t f = im->org_fields[k];
		struct str text = org_attribute_of(
			&im->tree, o, im->ledger.ledger->fields.items[f].from_org.text);
		known->codes[k] = text.n ? dict_code(table->columns.items[f]->dict, text) : NO_CODE;
	}
	return known->codes;
}

/* What the file says of the organisation beside its code should be what the tree says. */
static void compare_with_tree(
	struct import *im, struct table *table, size_t row, uint32_t number, const struct org *o)
{
	const uint32_t *codes = org_codes(im, table, o);

	for (size_t k = 0; k < im->org_field_count; k++) {
		size_t f = im->org_fields[k];
		struct column *c = table->columns.items[f];
		int64_t given;
		if (column_get(c, row, &given) && given != codes[k])
			intake_problem(im->in, number, column_of(im, f), true,
				text_at(table, f, row),
				TR(im->cx, "与机构名录不同, 以名录的 '" STR_FMT "' 为准",
					"the registry says '" STR_FMT "', which is taken"),
				STR_ARG(codes[k] == NO_CODE ? STR_NONE
							    : dict_text(c->dict, codes[k])));
		if (codes[k] == NO_CODE)
			column_set_null(c, row);
		else
			column_set_i64(c, row, codes[k]);
	}
}

/* May it keep rows of this ledger? Of one that is open that does not depend on the period. */
static bool org_is_good(
	struct import *im, const struct org *o, struct str code, struct str period, uint32_t number)
{
	struct import_org *known = o ? &im->orgs[o - im->tree.items] : NULL;

	if (known && known->is_good)
		return true;
	if (!check_org(im, o, code, period, number))
		return false;
	known->is_good = o->state == ORG_OPEN;
	return true;
}

static void find_org(
	struct import *im, struct table *table, size_t row, uint32_t number, bool *has_error)
{
	struct str code = STR_NONE, period = STR_NONE;
	const struct org *o;

	im->org[row] = im->county[row] = STR("");
	if (im->ledger.owner == SIZE_MAX)
		return;
	code = text_at(table, im->ledger.owner, row);
	if (im->ledger.is_registry) {
		im->org[row] = code;
		return; /* its county is known when the tree is */
	}
	if (!code.n)
		return;
	if (im->ledger.period != SIZE_MAX)
		period = text_at(table, im->ledger.period, row);
	o = org_resolve(&im->tree, code);
	if (!org_is_good(im, o, code, period, number)) {
		*has_error = true;
		return;
	}
	if (!str_eq(o->code, code))
		set_text(table, im->ledger.owner, row, o->code);
	compare_with_tree(im, table, row, number, o);
	im->org[row] = o->code;
	im->county[row] = o->county;
}

/* Columns that the file does not have keep what they were. */
static void keep_former(struct import *im, struct table *table, size_t row)
{
	const struct stored_ledger *l = &im->ledger;

	for (size_t i = 0; i < l->field_count; i++) {
		const struct stored_field *f = &l->fields[i];
		const struct field_value *v = &im->former[row].values[f->index];
		struct column *c = table->columns.items[f->index];
		if (column_of(im, f->index) != UINT32_MAX || f->field->derive.text.n ||
			f->is_system)
			continue;
		if (v->is_null)
			column_set_null(c, row);
		else
			column_set_i64(c, row,
				c->type == COLUMN_TEXT ? (int64_t)dict_code(c->dict, v->text)
						       : v->number);
	}
}

/* num / den at the column's scale, half to even; false when it does not fit. */
static bool to_scale(i128 num, i128 den, int from, int to, int64_t *out)
{
	i128 v;

	if (den == 0)
		return false;
	if (to >= from)
		v = div_half_even(num * pow10_i64(to - from), den);
	else
		v = div_half_even(num, den * pow10_i64(from - to));
	*out = (int64_t)v;
	return v >= INT64_MIN && v <= INT64_MAX;
}

static void set_derived(struct import *im, const struct rule *rule, const struct plan *plan,
	struct plan_vector v, struct column *column, size_t at, size_t i)
{
	int64_t value;

	if (v.states && v.states[i]) {
		column_set_null(column, at);
		return;
	}
	if (v.bits)
		value = v.bits[i];
	else if (rule->type == RULE_TEXT)
		value = (int64_t)dict_code(column->dict, plan_text(plan, v.numbers[i]));
	else if (rule->type == RULE_DATE)
		value = v.numbers[i];
	else if (!to_scale(v.numbers[i], v.denominators ? v.denominators[i] : 1, rule->scale,
			 column->scale, &value)) {
		column_set_null(column, at);
		return;
	}
	column_set_i64(column, at, value);
}

static enum err compile(
	struct import *im, const struct located *text, bool wants_bool, const struct rule **out)
{
	struct date today = {(int32_t)(im->cx->now_us / 86400000000)};
	const struct rule_env *env =
		pack_rule_env(im->batch_mem, im->place->pack, im->ledger.ledger, today, false);
	struct problems ps;

	problems_init(&ps, im->cx->mem);
	*out = pack_compile(im->batch_mem, env, text, RULE_ROW, wants_bool, &ps);
	return *out ? ERR_OK
		    : ctx_fail(im->cx, ERR_PACK, STR_FMT,
			      STR_ARG(ps.list.count ? ps.list.items[0].text : STR_NONE));
}

static enum err make_plan(struct import *im, const struct rule *const *rule,
	const struct table *table, struct plan **out)
{
	struct str missing;

	if (!plan_make(im->batch_mem, rule, 1, table, out, &missing))
		return ctx_fail(im->cx, ERR_PACK, "no column " STR_FMT, STR_ARG(missing));
	return ERR_OK;
}

static enum err derive(struct import *im, struct table *table, size_t field, size_t n)
{
	const struct pack_field *f = &im->ledger.ledger->fields.items[field];
	const struct rule *rule;
	struct plan *plan;
	struct plan_run *run;

	TRY(compile(im, &f->derive, false, &rule));
	TRY(make_plan(im, &rule, table, &plan));
	run = plan_run_new(im->batch_mem, plan);
	for (size_t from = 0; from < n; from += PLAN_BATCH) {
		size_t count = MIN(PLAN_BATCH, n - from);
		plan_run_rows(run, from, count);
		for (size_t i = 0; i < count; i++)
			set_derived(im, rule, plan, plan_run_vector(run, 0),
				table->columns.items[field], from + i, i);
	}
	return ERR_OK;
}

enum err import_run_rule(struct import *im, const struct located *text, const struct table *table,
	size_t n, uint8_t *out)
{
	const struct rule *rule;
	struct plan *plan;
	struct plan_run *run;

	TRY(compile(im, text, true, &rule));
	TRY(make_plan(im, &rule, table, &plan));
	run = plan_run_new(im->batch_mem, plan);
	for (size_t from = 0; from < n; from += PLAN_BATCH) {
		size_t count = MIN(PLAN_BATCH, n - from);
		struct plan_vector v;
		plan_run_rows(run, from, count);
		v = plan_run_vector(run, 0);
		for (size_t i = 0; i < count; i++)
			out[from + i] = v.states && v.states[i] ? 2 : v.bits[i];
	}
	return ERR_OK;
}

enum err import_complete_batch(void *arg, struct ctx *cx, struct table *table,
	const uint32_t *row_numbers, bool *has_error, size_t n)
{
	struct import *im = arg;
	const struct pack_ledger *ledger = im->ledger.ledger;

	(void)cx;
	arena_reset(im->batch_mem);
	im->batch_number++;
	im->former = arena_array(im->batch_mem, struct ledger_row, n);
	im->county = arena_array(im->batch_mem, struct str, n);
	im->org = arena_array(im->batch_mem, struct str, n);
	for (size_t i = 0; i < n; i++)
		find_org(im, table, i, row_numbers[i], &has_error[i]);
	if (im->has_rows)
		TRY(import_find_former(im, table, n));
	for (size_t i = 0; i < n && im->has_rows && im->has_partial; i++)
		if (im->former[i].id)
			keep_former(im, table, i);
	for (size_t f = 0; f < ledger->fields.count; f++)
		if (ledger->fields.items[f].derive.text.n)
			TRY(derive(im, table, f, n));
	return ERR_OK;
}

/* ---- after the row checks ---- */

/* The keys of a batch's rows for one key set. */
struct batch_keys {
	struct key_set *set;
	struct key_hash *hashes;
	bool *is_whole; /* false: a part of the key is NULL */
};

static bool unique_key(const struct import *im, const struct table *table, size_t field, size_t row,
	struct strbuf *key)
{
	strbuf_reset(key);
	if (!batch_key_text(table, im->ledger.fields[field].index, row, key))
		return false;
	if (im->ledger.period != SIZE_MAX)
		strbuf_str(key, text_at(table, im->ledger.period, row));
	return true;
}

static void take_hash(struct batch_keys *keys, size_t row, bool is_whole, const struct strbuf *key)
{
	keys->is_whole[row] = is_whole;
	if (is_whole)
		keys->hashes[row] = key_hash_of(strbuf_view(key));
}

/* All keys of the batch: the first by the grain, then one for each unique field. */
static struct batch_keys *keys_of(struct import *im, const struct intake_batch *b)
{
	const struct stored_ledger *l = &im->ledger;
	struct batch_keys *keys =
		arena_array(im->batch_mem, struct batch_keys, 1 + im->unique_count);
	size_t *grain = arena_array(im->batch_mem, size_t, l->grain_count);
	struct strbuf key;

	for (size_t g = 0; g < l->grain_count; g++)
		grain[g] = l->fields[l->grain[g]].index;
	for (size_t k = 0; k < 1 + im->unique_count; k++) {
		keys[k].set = k ? &im->uniques[k - 1].seen : &im->keys;
		keys[k].hashes = arena_array(im->batch_mem, struct key_hash, b->row_count);
		keys[k].is_whole = arena_array(im->batch_mem, bool, b->row_count);
	}
	strbuf_init(&key, 65536);
	for (size_t i = 0; i < b->row_count; i++) {
		bool is_whole = batch_key(b->table, grain, l->grain_count, i, &key);
		take_hash(&keys[0], i, is_whole, &key);
		for (size_t u = 0; u < im->unique_count; u++) {
			is_whole = unique_key(im, b->table, im->uniques[u].field, i, &key);
			take_hash(&keys[1 + u], i, is_whole, &key);
		}
	}
	strbuf_release(&key);
	return keys;
}

static bool refuse_empty_key(struct import *im, const struct intake_batch *b, size_t i)
{
	const struct stored_ledger *l = &im->ledger;
	int64_t v;

	for (size_t g = 0; g < l->grain_count && !b->has_error[i]; g++) {
		const struct stored_field *f = &l->fields[l->grain[g]];
		if (!column_get(b->table->columns.items[f->index], i, &v))
			return refuse_row(im, b->row_numbers[i], column_of(im, f->index), STR_NONE,
				TR(im->cx, "'" STR_FMT "' 是主键的一部分, 不能为空",
					"'" STR_FMT "' is part of the key and must not be empty"),
				STR_ARG(f->field->title.text));
	}
	return !b->has_error[i]; /* else the empty cell has been told */
}

static bool check_key(
	struct import *im, const struct intake_batch *b, const struct batch_keys *keys, size_t i)
{
	uint32_t before;

	if (im->ledger.grain_count == 0)
		return true;
	if (!keys->is_whole[i])
		return refuse_empty_key(im, b, i);
	before = key_set_put(keys->set, keys->hashes[i], b->row_numbers[i]);
	return before == 0 ||
	       refuse_row(im, b->row_numbers[i], UINT32_MAX, STR_NONE,
		       TR(im->cx, "与第 %u 行重复", "the same key as row %u"), before);
}

/* A sealed field may be missing in the file, but not in a row that has none from before. */
static bool check_sealed(struct import *im, const struct intake_batch *b, size_t i)
{
	bool is_good = true;

	for (size_t k = 0; k < im->ledger.field_count; k++) {
		const struct stored_field *f = &im->ledger.fields[k];
		int64_t v;
		if (f->is_sealed && f->field->constraints && f->field->constraints->is_required &&
			column_of(im, f->index) == UINT32_MAX &&
			!column_get(b->table->columns.items[f->index], i, &v))
			is_good = refuse_row(im, b->row_numbers[i], UINT32_MAX, STR_NONE,
				TR(im->cx, "缺 '" STR_FMT "'", "'" STR_FMT "' is missing"),
				STR_ARG(f->field->title.text));
	}
	return is_good;
}

static bool check_unique(
	struct import *im, const struct intake_batch *b, const struct batch_keys *keys, size_t i)
{
	bool is_good = true;

	for (size_t u = 0; u < im->unique_count; u++) {
		size_t field = im->ledger.fields[im->uniques[u].field].index;
		uint32_t before;
		if (!keys[u].is_whole[i])
			continue;
		before = key_set_put(keys[u].set, keys[u].hashes[i], b->row_numbers[i]);
		if (before)
			is_good = refuse_row(im, b->row_numbers[i], column_of(im, field), STR_NONE,
				TR(im->cx, "与第 %u 行相同, 本列不得重复",
					"the same as in row %u; this column must differ"),
				before);
	}
	return is_good;
}

/* After the first batch: as many keys a byte are yet to come. Guessed low, since the sets double.
 */
static void expect_keys(struct import *im)
{
	uint64_t done, total;
	double times;

	intake_progress(im->in, &done, &total);
	if (im->batch_number != 1 || done == 0)
		return;
	times = MIN((double)total / (double)done, EXPECTED_MAX) * 0.9;
	key_set_expect(&im->keys, (size_t)((double)im->keys.count * times));
	for (size_t u = 0; u < im->unique_count; u++) {
		struct key_set *seen = &im->uniques[u].seen;
		key_set_expect(seen, (size_t)((double)seen->count * times));
	}
}

/* A million keys lie all over the memory: their places are asked for some rows ahead. */
void import_check_keys(struct import *im, const struct intake_batch *b, bool *has_error)
{
	const struct batch_keys *keys = keys_of(im, b);

	for (size_t i = 0; i < b->row_count; i++) {
		for (size_t k = 0; k < 1 + im->unique_count && i + FETCHED_AHEAD < b->row_count;
			k++)
			key_set_fetch(keys[k].set, keys[k].hashes[i + FETCHED_AHEAD]);
		if (!check_key(im, b, keys, i) || !check_unique(im, b, keys + 1, i) ||
			!check_sealed(im, b, i))
			has_error[i] = true;
	}
	expect_keys(im);
}

static enum err check_reference(struct import *im, struct import_reference *r,
	const struct intake_batch *b, bool *has_error, struct strbuf *key)
{
	uint8_t *when = NULL;

	if (r->key->when.text.n) {
		when = arena_array(im->batch_mem, uint8_t, b->row_count);
		TRY(import_run_rule(im, &r->key->when, b->table, b->row_count, when));
	}
	for (size_t i = 0; i < b->row_count; i++) {
		struct key_hash hash;
		if (r->is_own && batch_key(b->table, r->own, r->field_count, i, key))
			key_set_put(&r->known, key_hash_of(strbuf_view(key)), 1);
		if ((when && when[i] != 1) ||
			!batch_key(b->table, r->fields, r->field_count, i, key))
			continue;
		hash = key_hash_of(strbuf_view(key));
		if (key_set_find(&r->known, hash))
			continue;
		if (r->is_own) {
			*VEC_PUSH(im->cx->mem, &r->pending) = hash;
			*VEC_PUSH(im->cx->mem, &r->pending_rows) = b->row_numbers[i];
			continue;
		}
		has_error[i] = true;
		(void)refuse_row(im, b->row_numbers[i], column_of(im, r->fields[0]),
			text_at(b->table, r->fields[0], i),
			TR(im->cx, "台账 " STR_FMT " 中没有对应的记录",
				"ledger " STR_FMT " has no such row"),
			STR_ARG(r->key->reference->resource.text));
	}
	return ERR_OK;
}

enum err import_check_references(struct import *im, const struct intake_batch *b, bool *has_error)
{
	struct strbuf key;
	enum err e = ERR_OK;

	strbuf_init(&key, 65536);
	for (size_t r = 0; r < im->reference_count && e == ERR_OK; r++)
		e = check_reference(im, &im->references[r], b, has_error, &key);
	strbuf_release(&key);
	return e;
}

enum err import_check_periods(struct import *im, const struct intake_batch *b)
{
	for (size_t i = 0; i < b->row_count && im->ledger.period != SIZE_MAX; i++) {
		struct str period = text_at(b->table, im->ledger.period, i);
		if (!period.n || strmap_find(&im->periods, period))
			continue;
		TRY(ledger_check_frozen(im->cx, im->db, im->ledger.ledger->id.text, period));
		*strmap_put(&im->periods, str_copy(im->cx->mem, period), NULL) = 1;
	}
	return ERR_OK;
}

void import_touch_groups(struct import *im, const struct intake_batch *b)
{
	struct strbuf key;

	strbuf_init(&key, 65536);
	for (size_t c = 0; c < im->group_check_count; c++) {
		struct import_group_check *k = &im->group_checks[c];
		for (size_t i = 0; i < b->row_count; i++)
			if (batch_key(b->table, k->fields, k->field_count, i, &key))
				key_set_put(&k->touched, key_hash_of(strbuf_view(&key)),
					b->row_numbers[i]);
	}
	strbuf_release(&key);
}
