/*
 * Rows of a batch on their way into the store: which of them are new, changed or the same, and
 * the values of their columns.
 */
#include "db/id.h"
#include "mod/ledger/import_internal.h"

static void take_value(
	const struct table *table, const struct stored_field *f, size_t row, struct db_value *out)
{
	const struct column *c = table->columns.items[f->index];
	int64_t v;

	*out = (struct db_value){.type = f->type};
	if (!column_get(c, row, &v)) {
		out->is_null = true;
		return;
	}
	switch (f->type) {
	case DB_I64:
		out->i64 = v;
		return;
	case DB_BOOL:
		out->boolean = v != 0;
		return;
	case DB_DATE:
		out->date = (struct date){(int32_t)v};
		return;
	case DB_F64:
	case DB_TEXT:
	case DB_BLOB:
		break;
	}
	out->text = dict_text(c->dict, (uint32_t)v);
}

static bool is_same_value(const struct table *table, const struct stored_field *f, size_t row,
	const struct field_value *former)
{
	const struct column *c = table->columns.items[f->index];
	int64_t v;

	if (!column_get(c, row, &v))
		return former->is_null;
	if (former->is_null)
		return false;
	return c->type == COLUMN_TEXT ? str_eq(dict_text(c->dict, (uint32_t)v), former->text)
				      : v == former->number;
}

static bool is_same_row(const struct import *im, const struct table *table, size_t row)
{
	const struct ledger_row *former = &im->former[row];

	for (size_t i = 0; i < im->ledger.field_count; i++) {
		const struct stored_field *f = &im->ledger.fields[i];
		if (!is_same_value(table, f, row, &former->values[f->index]))
			return false;
	}
	return str_eq(former->org, im->org[row]) &&
	       (im->ledger.is_registry || str_eq(former->county, im->county[row]));
}

static struct db_value text_value(struct str text)
{
	return (struct db_value){.type = DB_TEXT, .text = text.p ? text : STR("")};
}

static struct db_value i64_value(int64_t v)
{
	return (struct db_value){.type = DB_I64, .i64 = v};
}

static struct str period_of(const struct import *im, const struct table *table, size_t row)
{
	const struct column *c;
	int64_t code;

	if (im->ledger.period == SIZE_MAX)
		return STR_NONE;
	c = table->columns.items[im->ledger.period];
	return column_get(c, row, &code) ? dict_text(c->dict, (uint32_t)code) : STR_NONE;
}

static enum err put_row(struct import *im, const struct table *table, size_t row)
{
	const struct ledger_row *former = &im->former[row];
	struct db_value *v = im->values;
	size_t n = STORED_SYSTEM_COLUMNS;

	v[0] = i64_value(im->ids[row]);
	v[1] = text_value(im->county[row]);
	v[2] = text_value(im->org[row]);
	v[3] = text_value(period_of(im, table, row));
	v[4] = text_value(im->request->state.n ? im->request->state : former->state);
	v[5] = i64_value(former->version + 1);
	v[6] = i64_value(im->started_at);
	v[7] = text_value(im->cx->user);
	v[8] = i64_value(im->id);
	for (size_t i = 0; i < im->ledger.field_count; i++)
		if (!im->ledger.fields[i].is_system)
			take_value(table, &im->ledger.fields[i], row, &v[n++]);
	if (im->sealing)
		TRY(import_seal_take(im, table, row, &v[STORED_SYSTEM_COLUMNS], &v[n]));
	changed_rows_add(&im->touched, v[0].i64);
	return db_bulk_row(im->cx, former->id ? im->changed : im->fresh, v);
}

/* Somebody else may have changed the row since it was seen. */
static enum err check_versions(const struct import *im, size_t n)
{
	for (size_t i = 0; i < n && im->request->wants_version; i++) {
		int64_t kept = im->former[i].id ? im->former[i].version : 0;
		if (kept != im->request->version)
			return ctx_fail(im->cx, ERR_CONFLICT,
				TR(im->cx,
					"这一行已被改过: 您看到的是第 %" PRId64
					" 版, 现在是第 %" PRId64 " 版",
					"the row has changed: you saw version %" PRId64
					", now it is %" PRId64),
				im->request->version, kept);
	}
	return ERR_OK;
}

/*
 * The same rows and, while rows are written, the ids of those that will be if the checks let them.
 * Ids of rows that are refused are lost: then nothing goes in.
 */
static void plan_rows(struct import *im, const struct intake_batch *b)
{
	bool is_writing = im->is_writing && !im->request->is_dry_run;

	im->ids = arena_array(im->batch_mem, int64_t, b->row_count);
	im->is_same = arena_array(im->batch_mem, bool, b->row_count);
	for (size_t i = 0; i < b->row_count; i++) {
		if (b->has_error[i])
			continue;
		im->is_same[i] = im->former[i].id && is_same_row(im, b->table, i);
		if (is_writing && !im->is_same[i])
			im->ids[i] =
				im->former[i].id ? im->former[i].id : db_new_id(im->cx, im->db);
	}
}

static enum err check_rows(struct import *im, const struct intake_batch *b, bool *has_error)
{
	import_check_keys(im, b, has_error);
	import_touch_groups(im, b);
	if (im->has_rows && im->unique_count)
		TRY(import_check_unique(im, b));
	return check_versions(im, b->row_count);
}

static enum err put_rows(struct import *im, const struct intake_batch *b, const bool *has_error)
{
	for (size_t i = 0; i < b->row_count; i++) {
		im->result->rows_total++;
		if (has_error[i] || intake_problems(im->in)->error_count) {
			im->is_writing = false;
			continue;
		}
		if (im->is_same[i]) {
			im->result->rows_same++;
			continue;
		}
		*(im->former[i].id ? &im->result->rows_changed : &im->result->rows_new) += 1;
		if (im->is_writing && !im->request->is_dry_run)
			TRY(put_row(im, b->table, i));
	}
	return ERR_OK;
}

enum err import_take_batch(struct import *im, const struct intake_batch *b)
{
	bool *has_error = arena_array(im->batch_mem, bool, b->row_count);
	enum err e;

	memcpy(has_error, b->has_error, b->row_count * sizeof *has_error);
	/* These may add to the table's dictionary: before it is shared. */
	TRY(import_check_periods(im, b));
	TRY(import_check_references(im, b, has_error));
	if (im->has_rows)
		TRY(import_check_former_period(im, b));
	plan_rows(im, b);
	if (im->sealing)
		import_seal_begin(im->sealing, b->table, im->ids, b->row_count);
	e = check_rows(im, b, has_error);
	if (e == ERR_OK)
		e = put_rows(im, b, has_error);
	if (im->sealing)
		import_seal_settle(im->sealing);
	return e;
}
