#include "mod/measure/dataset_internal.h"

#include "mod/ledger/intake.h"
#include "mod/ledger/ledger_table.h"

void dataset_init(struct dataset *ds, struct arena *mem, const struct pack *p, struct str period)
{
	*ds = (struct dataset){.mem = mem, .pack = p, .period = period};
}

struct dataset_ledger *dataset_find(const struct dataset *ds, struct str ledger)
{
	for (size_t i = 0; i < ds->ledgers.count; i++)
		if (str_eq(ds->ledgers.items[i].ledger->id.text, ledger))
			return &ds->ledgers.items[i];
	return NULL;
}

struct column *dataset_column(const struct dataset *ds, struct str ledger, const char *name)
{
	const struct dataset_ledger *dl = dataset_find(ds, ledger);

	return dl ? table_find(dl->table, str_from(name)) : NULL;
}

struct str column_text(const struct column *column, size_t row)
{
	int64_t code;

	if (!column || column->type != COLUMN_TEXT || !column_get(column, row, &code))
		return STR_NONE;
	return dict_text(column->dict, (uint32_t)code);
}

const struct column *dataset_area_column(const struct dataset_ledger *dl)
{
	const struct column *given = table_find(dl->table, STR("county"));

	return given ? given : table_find(dl->table, STR("@county"));
}

static void copy_row(struct table *into, const struct table *from, size_t row)
{
	for (size_t c = 0; c < from->columns.count; c++) {
		const struct column *source = from->columns.items[c];
		int64_t v;
		if (!column_get(source, row, &v))
			column_append_null(into->columns.items[c]);
		else if (source->type == COLUMN_TEXT)
			column_append_text(
				into->columns.items[c], dict_text(source->dict, (uint32_t)v));
		else
			column_append_i64(into->columns.items[c], v);
	}
}

static struct str period_of(const struct table *table, size_t row)
{
	return column_text(table_find(table, STR("period")), row);
}

/* Keep the rows of the period asked for; without one, of the latest there is. */
static struct str wanted_period(const struct dataset *ds, const struct table *table)
{
	struct str latest = ds->period;

	for (size_t i = 0; !ds->period.n && i < table->row_count; i++)
		if (str_cmp(period_of(table, i), latest) > 0)
			latest = period_of(table, i);
	return latest;
}

static void keep_period(struct dataset *ds, struct dataset_ledger *dl)
{
	struct table *all = dl->table, *kept = ledger_table_new(ds->mem, dl->ledger);
	struct str wanted = wanted_period(ds, all);
	uint32_t *numbers = arena_array(ds->mem, uint32_t, all->row_count);
	size_t n = 0;

	assert(dl->row_numbers || all->row_count == 0);
	for (size_t i = 0; i < all->row_count; i++) {
		struct str period = period_of(all, i);
		if (period.n && !str_eq(period, wanted))
			continue;
		copy_row(kept, all, i);
		numbers[n++] = dl->row_numbers[i];
	}
	table_seal(kept);
	dl->table = kept;
	dl->row_numbers = numbers;
}

void dataset_add_table(struct dataset *ds, const struct pack_ledger *ledger, struct table *table,
	struct str source, const uint32_t *row_numbers)
{
	struct dataset_ledger dl = {
		.ledger = ledger, .table = table, .source = source, .row_numbers = row_numbers};

	keep_period(ds, &dl);
	*VEC_PUSH(ds->mem, &ds->ledgers) = dl;
}

/* All batches of a file into one table. */
static enum err read_all(
	struct ctx *cx, struct intake *in, struct dataset *ds, struct dataset_ledger *dl)
{
	VEC(uint32_t) numbers = {0};
	struct intake_batch batch;

	dl->table = ledger_table_new(ds->mem, dl->ledger);
	for (;;) {
		TRY(intake_next(cx, in, &batch));
		if (batch.row_count == 0)
			break;
		for (size_t i = 0; i < batch.row_count; i++) {
			copy_row(dl->table, batch.table, i);
			*VEC_PUSH(ds->mem, &numbers) = batch.row_numbers[i];
		}
	}
	table_seal(dl->table);
	dl->row_numbers = numbers.items;
	return ERR_OK;
}

static enum err finish_messages(
	struct ctx *cx, struct intake *in, const char *path, enum err e, struct str *out_messages)
{
	struct strbuf b;

	strbuf_init(&b, STRBUF_MAX);
	intake_format_problems(in, cx->is_english, &b);
	*out_messages = str_copy(cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	if (e == ERR_OK && intake_problems(in)->error_count)
		return ctx_fail(cx, ERR_REJECTED,
			TR(cx, "%s: %zu 处错误, 未采用", "%s: %zu mistakes, not taken"), path,
			intake_problems(in)->error_count);
	return e;
}

void dataset_add_key(struct strbuf *key, const struct column *column, size_t row)
{
	int64_t v;

	if (column && column->type != COLUMN_TEXT && column_get(column, row, &v))
		strbuf_printf(key, "%" PRId64, v);
	else
		strbuf_str(key, column_text(column, row));
	strbuf_char(key, '\x1f');
}

static void report_duplicates(struct ctx *cx, struct intake *in, const struct dataset_ledger *dl)
{
	struct strmap seen;
	struct strbuf key;

	strmap_init(&seen, cx->mem);
	strbuf_init(&key, 4000);
	for (size_t i = 0; i < dl->table->row_count; i++) {
		bool is_new;
		int64_t *first;
		strbuf_reset(&key);
		for (size_t k = 0; k < dl->ledger->grain.count; k++)
			dataset_add_key(
				&key, table_find(dl->table, dl->ledger->grain.items[k].text), i);
		first = strmap_put(&seen, str_copy(cx->mem, strbuf_view(&key)), &is_new);
		if (is_new)
			*first = dl->row_numbers[i];
		else
			intake_problem(in, dl->row_numbers[i], UINT32_MAX, false, STR_NONE,
				TR(cx, "与第 %d 行重复", "the same key as row %d"), (int)*first);
	}
	strbuf_release(&key);
}

enum err dataset_add_file(struct ctx *cx, struct dataset *ds, struct str ledger, const char *path,
	struct str *out_messages)
{
	struct dataset_ledger dl = {.ledger = pack_find_ledgers(ds->pack, ledger),
		.source = str_copy(ds->mem, str_from(path))};
	struct intake_options options = {0};
	struct intake *in = NULL;
	enum err e;

	*out_messages = STR_NONE;
	if (!dl.ledger)
		return ctx_fail(cx, ERR_NOT_FOUND,
			TR(cx, "没有台账 '" STR_FMT "'", "no ledger '" STR_FMT "'"),
			STR_ARG(ledger));
	e = intake_open(cx, ds->pack, dl.ledger, path, &options, &in);
	if (e == ERR_OK)
		e = read_all(cx, in, ds, &dl);
	if (e == ERR_OK) {
		keep_period(ds, &dl);
		report_duplicates(cx, in, &dl);
	}
	TRY(finish_messages(cx, in, path, e, out_messages));
	*VEC_PUSH(ds->mem, &ds->ledgers) = dl;
	return ERR_OK;
}

struct str dataset_row_key(
	struct arena *mem, const struct pack_ledger *ledger, const struct table *table, size_t row)
{
	struct strbuf b;
	struct str key;

	strbuf_init(&b, 4000);
	for (size_t k = 0; k < ledger->grain.count; k++) {
		if (str_is(ledger->grain.items[k].text, "period"))
			continue;
		dataset_add_key(&b, table_find(table, ledger->grain.items[k].text), row);
	}
	key = str_copy(mem, strbuf_view(&b));
	strbuf_release(&b);
	return key;
}

static void lay_row(struct intake *in, const struct pack_ledger *given,
	const struct dataset_ledger *dl, const struct table *from, size_t row, size_t target)
{
	for (size_t c = 0; c < from->columns.count; c++) {
		const struct column *source = from->columns.items[c];
		struct column *into = dl->table->columns.items[c];
		int64_t v;
		if (intake_column_of(in, &given->fields.items[c]) == UINT32_MAX)
			continue;
		if (!column_get(source, row, &v))
			continue; /* an empty cell changes nothing */
		if (source->type == COLUMN_TEXT)
			v = dict_code(into->dict, dict_text(source->dict, (uint32_t)v));
		column_set_i64(into, target, v);
	}
}

/* A what-if file holds only what changes: nothing but the key is required of it. */
static const struct pack_ledger *relaxed(struct arena *mem, const struct pack_ledger *ledger)
{
	struct pack_ledger *copy = arena_new(mem, struct pack_ledger);

	*copy = *ledger;
	copy->checks.count = 0;
	copy->fields.items = arena_array(mem, struct pack_field, ledger->fields.count);
	for (size_t i = 0; i < ledger->fields.count; i++) {
		struct pack_field *f = &copy->fields.items[i];
		bool is_key = false;
		*f = ledger->fields.items[i];
		f->initial = (struct located){0};
		for (size_t k = 0; k < ledger->grain.count; k++)
			is_key |= str_eq(ledger->grain.items[k].text, f->name.text);
		if (f->constraints && !is_key) {
			struct pack_constraints *c = arena_new(mem, struct pack_constraints);
			*c = *f->constraints;
			c->is_required = false;
			f->constraints = c;
		}
	}
	return copy;
}

enum err dataset_lay_file(struct ctx *cx, struct dataset *ds, struct str ledger, const char *path,
	struct str *out_messages)
{
	struct dataset_ledger *dl = dataset_find(ds, ledger);
	struct intake_options options = {0};
	struct intake_batch batch;
	struct intake *in = NULL;
	const struct pack_ledger *given;
	struct strmap rows;
	enum err e;

	*out_messages = STR_NONE;
	if (!dl)
		return ctx_fail(cx, ERR_NOT_FOUND,
			TR(cx, "没有台账 '" STR_FMT "' 的数据, 无从假设",
				"no rows of ledger '" STR_FMT "' to change"),
			STR_ARG(ledger));
	strmap_init(&rows, cx->mem);
	for (size_t i = 0; i < dl->table->row_count; i++)
		*strmap_put(&rows, dataset_row_key(cx->mem, dl->ledger, dl->table, i), NULL) =
			(int64_t)i;
	given = relaxed(cx->mem, dl->ledger);
	e = intake_open(cx, ds->pack, given, path, &options, &in);
	while (e == ERR_OK) {
		e = intake_next(cx, in, &batch);
		if (e != ERR_OK || batch.row_count == 0)
			break;
		for (size_t i = 0; i < batch.row_count; i++) {
			const int64_t *target = strmap_find(
				&rows, dataset_row_key(cx->mem, dl->ledger, batch.table, i));
			if (target)
				lay_row(in, given, dl, batch.table, i, (size_t)*target);
			else
				intake_problem(in, batch.row_numbers[i], UINT32_MAX, false,
					STR_NONE, "%s",
					TR(cx, "没有这一行可改", "there is no such row to change"));
		}
	}
	table_seal(dl->table);
	return finish_messages(cx, in, path, e, out_messages);
}
