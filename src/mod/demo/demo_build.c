/* A demo's documents made ready to run: files read, rules planned, names turned into slots. */
#include "base/num.h"
#include "mod/demo/demo_internal.h"
#include "mod/pack/rules.h"
#include "wire/table_reader.h"

struct builder {
	struct machine *m;
	struct arena *mem;
	struct problems ps;
	VEC(struct formula *) formulas;
	VEC(size_t) formula_tables; /* by formula: its table */
};

static void add_formula(struct builder *b, struct formula *f, size_t table,
	const struct located *text, size_t own_end, bool wants_bool)
{
	if (!text->text.n)
		return;
	f->at = text->at;
	f->rule = pack_demo_compile(
		b->mem, b->m->tables[table].layout, text, own_end, wants_bool, &b->ps);
	*VEC_PUSH(b->mem, &b->formulas) = f;
	*VEC_PUSH(b->mem, &b->formula_tables) = table;
}

/* ---- files ------------------------------------------------------------------------------- */

static bool read_cell(struct machine *m, const struct pack_demo_column *column, struct str text,
	int64_t *out, uint8_t *is_null)
{
	struct date day;

	*is_null = text.n == 0;
	if (text.n == 0)
		return true;
	switch ((enum field_type)column->type) {
	case FIELD_INTEGER:
		return parse_i64(text, INT64_MIN, INT64_MAX, out) == NUM_OK;
	case FIELD_DECIMAL:
		return parse_dec(text, (int)column->scale, out) == NUM_OK;
	case FIELD_BOOLEAN:
		return parse_i64(text, 0, 1, out) == NUM_OK;
	case FIELD_DATE:
		if (!date_parse(text, &day))
			return false;
		*out = day.day;
		return true;
	case FIELD_STRING:
	case FIELD_TEXT:
	case FIELD_TIME:
	case FIELD_ORG:
	case FIELD_PERIOD:
	case FIELD_FILE:
	case FIELD_POINT:
		*out = dict_code(&m->dict, str_copy(m->cx->mem, text));
		return true;
	}
	BUG("column type %d", column->type);
}

struct grid {
	VEC(int64_t) numbers;
	VEC(uint8_t) nulls;
};

static enum err read_row(struct machine *m, const struct pack_demo_file *file,
	const uint32_t *places, const struct table_row *row, struct grid *grid)
{
	for (size_t c = 0; c < file->columns.count; c++) {
		const struct pack_demo_column *column = &file->columns.items[c];
		struct str text = str_trim(table_row_cell(row, places[c])->text);
		int64_t value = 0;
		uint8_t is_null;
		if (!read_cell(m, column, text, &value, &is_null))
			return ctx_fail(m->cx, ERR_PACK,
				TR(m->cx, STR_FMT ":%" PRIu32 ": " STR_FMT " '" STR_FMT "' 应为 %s",
					STR_FMT ":%" PRIu32 ": " STR_FMT " '" STR_FMT
						"' is not of type %s"),
				STR_ARG(file->file.text), row->number, STR_ARG(column->name.text),
				STR_ARG(text), field_type_names[column->type]);
		*VEC_PUSH(m->cx->mem, &grid->numbers) = value;
		*VEC_PUSH(m->cx->mem, &grid->nulls) = is_null;
	}
	return ERR_OK;
}

static enum err find_columns(struct machine *m, const struct pack_demo_file *file,
	const struct table_row *header, uint32_t *places)
{
	for (size_t c = 0; c < file->columns.count; c++) {
		struct str name = file->columns.items[c].name.text;
		places[c] = UINT32_MAX;
		for (size_t i = 0; header && i < header->count; i++)
			if (str_eq(str_trim(header->cells[i].text), name))
				places[c] = header->cells[i].column;
		if (places[c] == UINT32_MAX)
			return ctx_fail(m->cx, ERR_PACK,
				TR(m->cx, "文件 " STR_FMT " 没有列 '" STR_FMT "'",
					"file " STR_FMT " has no column '" STR_FMT "'"),
				STR_ARG(file->file.text), STR_ARG(name));
	}
	return ERR_OK;
}

static enum err read_file(
	struct machine *m, const struct pack_demo_file *file, struct demo_rows *out)
{
	struct str bytes = pack_file_find(m->request->files, file->file.text);
	uint32_t *places = arena_array(m->cx->mem, uint32_t, file->columns.count);
	struct table_reader *reader;
	const struct table_row *row;
	struct grid grid = {0};

	if (!bytes.p)
		return ctx_fail(m->cx, ERR_PACK,
			TR(m->cx, "政策包里没有文件 " STR_FMT, "the packs have no file " STR_FMT),
			STR_ARG(file->file.text));
	TRY(table_reader_open_bytes(m->cx, bytes, NULL, &reader));
	TRY(table_reader_next(reader, &row));
	TRY(find_columns(m, file, row, places));
	for (;;) {
		TRY(table_reader_next(reader, &row));
		if (!row)
			break;
		TRY(read_row(m, file, places, row, &grid));
		out->count++;
	}
	table_reader_close(reader);
	out->file = file;
	out->numbers = grid.numbers.items;
	out->nulls = grid.nulls.items;
	return ERR_OK;
}

static const struct demo_rows *rows_of(const struct machine *m, const struct located *id)
{
	for (size_t i = 0; i < m->request->demo->files.count; i++)
		if (str_eq(m->request->demo->files.items[i].id.text, id->text))
			return &m->files[i];
	BUG("file " STR_FMT " was checked", STR_ARG(id->text));
}

/* ---- fields ------------------------------------------------------------------------------ */

static int compare_rows(const void *a, const void *b)
{
	const struct demo_row *x = a, *y = b;
	int order = str_cmp(x->key, y->key);

	return order ? order : (x->row > y->row) - (x->row < y->row);
}

static void sort_rows(struct builder *b, struct field_maker *f)
{
	size_t columns = f->rows->file->columns.count, key = SIZE_MAX;
	struct demo_row *sorted = arena_array(b->mem, struct demo_row, f->rows->count);

	for (size_t c = 0; c < columns; c++)
		if (str_eq(f->rows->file->columns.items[c].name.text, f->field->key.text) &&
			f->rows->file->columns.items[c].type == FIELD_STRING)
			key = c;
	if (key == SIZE_MAX) {
		problems_error(&b->ps, f->field->at,
			TR(&b->ps, "文件没有字符列 '" STR_FMT "'",
				"the file has no text column '" STR_FMT "'"),
			STR_ARG(f->field->key.text));
		return;
	}
	for (size_t i = 0; i < f->rows->count; i++) {
		size_t at = i * columns + key;
		sorted[i].row = i;
		if (!f->rows->nulls[at])
			sorted[i].key = dict_text(&b->m->dict, (uint32_t)f->rows->numbers[at]);
	}
	qsort(sorted, f->rows->count, sizeof *sorted, compare_rows);
	f->sorted = sorted;
}

static void build_pick(struct builder *b, const struct demo_slot *slot, struct field_maker *f)
{
	const struct keyed_dec_list *pick = &f->field->pick;
	struct pack_demo_column column = {.type = slot->type, .scale = slot->scale};
	int64_t sum = 0;
	uint8_t is_null;

	f->values = arena_array(b->mem, int64_t, pick->count);
	f->weights = arena_array(b->mem, int64_t, pick->count);
	for (size_t i = 0; i < pick->count; i++) {
		if (!read_cell(b->m, &column, pick->items[i].key, &f->values[i], &is_null))
			problems_error(&b->ps, pick->items[i].at, "'" STR_FMT "': %s",
				STR_ARG(pick->items[i].key), field_type_names[slot->type]);
		sum += pick->items[i].micro;
		f->weights[i] = sum;
	}
	if (sum == 0)
		problems_error(
			&b->ps, f->field->at, "%s", TR(&b->ps, "权重全是 0", "all weights are 0"));
}

static void release_text(void *arg)
{
	strbuf_release(arg);
}

static void build_field(
	struct builder *b, size_t table, const struct pack_demo_field *d, struct field_maker *f)
{
	const struct demo_layout *layout = b->m->tables[table].layout;

	f->field = d;
	f->slot = layout->field_slot[(size_t)(d - layout->table->fields.items)];
	strbuf_init(&f->built, 1 << 16);
	arena_defer(b->mem, release_text, &f->built);
	add_formula(b, &f->rule, table, &d->rule, f->slot, false);
	add_formula(b, &f->least, table, &d->least, f->slot, false);
	add_formula(b, &f->most, table, &d->most, f->slot, false);
	f->text = pack_demo_pieces(
		b->mem, layout, d->text.text.n ? &d->text : &d->match, f->slot, &b->ps);
	f->kind = d->rule.text.n   ? MAKE_RULE
		  : d->most.text.n ? MAKE_DRAW
		  : d->text.text.n ? MAKE_TEXT
		  : d->pick.count  ? MAKE_PICK
				   : MAKE_ROW;
	if (f->kind == MAKE_PICK)
		build_pick(b, &layout->slots[f->slot], f);
	if (f->kind == MAKE_ROW) {
		f->rows = rows_of(b->m, &d->row_of);
		if (d->key.text.n)
			sort_rows(b, f);
	}
}

/* ---- tables ------------------------------------------------------------------------------ */

static void build_add(
	struct builder *b, size_t table, const struct pack_demo_add *d, struct add_maker *add)
{
	struct demo_table *t = &b->m->tables[table];
	size_t slot = demo_slot_find(t->layout, d->to.text, 0);

	add_formula(b, &add->value, table, &d->value, t->layout->own_count, false);
	for (; t->parent; t = t->parent) {
		slot -= t->layout->own_count;
		if (slot < t->parent->layout->own_count) {
			add->target = t->parent;
			add->slot = slot;
			return;
		}
	}
	problems_error(&b->ps, d->to.at, "%s",
		TR(&b->ps, "to 是上级表的字段", "to is a field of a table above"));
}

static void build_table(struct builder *b, const struct demo_layout *layouts, size_t at)
{
	const struct pack_demo_table *d = layouts[at].table;
	struct demo_table *t = &b->m->tables[at];
	size_t n = layouts[at].count;

	t->layout = &layouts[at];
	t->index = at;
	t->numbers = arena_array(b->mem, int64_t, n);
	t->nulls = arena_array(b->mem, uint8_t, n);
	t->texts = arena_array(b->mem, struct str, n);
	if (layouts[at].parent)
		t->parent = &b->m->tables[(size_t)(layouts[at].parent - layouts)];
	add_formula(b, &t->count, at, &d->count, 0, false);
	add_formula(b, &t->reach, at, &d->reach, 0, false);
	add_formula(b, &t->where, at, &d->where, t->layout->own_count, true);
	add_formula(b, &t->keep, at, &d->keep, t->layout->own_count, true);
	t->rows = d->rows.text.n ? rows_of(b->m, &d->rows) : NULL;
	t->until = demo_slot_find(t->layout, d->until.text, t->layout->own_count);
	t->fields = arena_array(b->mem, struct field_maker, d->fields.count);
	for (size_t i = 0; i < d->fields.count; i++)
		build_field(b, at, &d->fields.items[i], &t->fields[i]);
	t->adds = arena_array(b->mem, struct add_maker, d->adds.count);
	for (size_t i = 0; i < d->adds.count; i++)
		build_add(b, at, &d->adds.items[i], &t->adds[i]);
}

static void build_children(struct builder *b)
{
	struct machine *m = b->m;

	for (size_t i = 0; i < m->table_count; i++) {
		m->tables[i].children = arena_array(b->mem, struct demo_table *, m->table_count);
		for (size_t k = 0; k < m->table_count; k++)
			if (m->tables[k].parent == &m->tables[i])
				m->tables[i].children[m->tables[i].child_count++] = &m->tables[k];
	}
}

/* ---- plans ------------------------------------------------------------------------------- */

static struct table *table_of(struct builder *b, const struct demo_layout *layout)
{
	static const enum column_type types[] = {[RULE_NUM] = COLUMN_DEC,
		[RULE_TEXT] = COLUMN_TEXT,
		[RULE_DATE] = COLUMN_DATE,
		[RULE_BOOL] = COLUMN_BOOL};
	struct table *table = arena_new(b->mem, struct table);

	table_init(table, b->mem, layout->table->id.text, &b->m->dict);
	for (size_t i = 0; i < layout->count; i++) {
		const struct rule_column *c = &layout->env->columns[i];
		enum column_type type = types[c->type];
		if (!c->name.n)
			continue;
		if (type == COLUMN_DEC && c->scale == 0)
			type = COLUMN_INT;
		(void)table_add(table, c->name, type, c->scale);
	}
	table_seal(table);
	return table;
}

/* A plan knows the texts of its rules only when the dictionary has them: so once to hear which
   there are, and again when all are in. */
static void make_plans(struct builder *b)
{
	struct table **tables = arena_array(b->mem, struct table *, b->m->table_count);

	for (size_t i = 0; i < b->m->table_count; i++)
		tables[i] = table_of(b, b->m->tables[i].layout);
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < b->formulas.count; i++) {
			struct formula *f = b->formulas.items[i];
			struct plan *plan;
			struct str missing;
			if (!plan_make(b->mem, &f->rule, 1, tables[b->formula_tables.items[i]],
				    &plan, &missing))
				BUG("no column " STR_FMT, STR_ARG(missing));
			for (size_t k = 0; k < plan->literal_count; k++)
				(void)dict_code(&b->m->dict, plan->literals[k]);
			f->plan = plan;
			if (round)
				f->run = plan_run_new(b->mem, plan);
		}
}

static enum err report(struct builder *b)
{
	struct strbuf text;
	enum err e;

	if (b->ps.error_count == 0)
		return ERR_OK;
	strbuf_init(&text, 1 << 16);
	problems_format(&b->ps, &text);
	e = ctx_fail(b->m->cx, ERR_PACK, "%s", text.p);
	strbuf_release(&text);
	return e;
}

enum err demo_build(struct machine *m)
{
	struct builder b = {.m = m, .mem = m->cx->mem};
	const struct pack_demo *demo = m->request->demo;
	struct demo_layout *layouts;

	problems_init(&b.ps, b.mem);
	b.ps.is_english = m->cx->is_english;
	pack_demo_check(b.mem, m->request->pack, demo, &b.ps);
	TRY(report(&b));
	dict_init(&m->dict, b.mem);
	m->files = arena_array(b.mem, struct demo_rows, demo->files.count);
	for (size_t i = 0; i < demo->files.count; i++)
		TRY(read_file(m, &demo->files.items[i], &m->files[i]));
	layouts = pack_demo_layouts(b.mem, m->request->pack, demo, &b.ps);
	m->table_count = demo->tables.count;
	m->tables = arena_array(b.mem, struct demo_table, m->table_count);
	for (size_t i = 0; i < m->table_count; i++)
		build_table(&b, layouts, i);
	TRY(report(&b));
	build_children(&b);
	make_plans(&b);
	return ERR_OK;
}
