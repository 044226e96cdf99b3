/*
 * The header is looked for in the first rows, since people put a title above it. Rows are parsed
 * into columns batch by batch, and the ledger's row checks run over the columns of a batch.
 */
#include "mod/ledger/intake_internal.h"

#include "base/num.h"

#define HEADER_SEARCH_ROWS 10
#define VALUE_SHOWN        40 /* code points of a bad value that are shown */

struct intake_problems *intake_problems(struct intake *in)
{
	return &in->problems;
}

void intake_problem(struct intake *in, uint32_t row, uint32_t column, bool is_warning,
	struct str value, const char *fmt, ...)
{
	struct intake_problems *ps = &in->problems;
	struct cell_problem *p;
	size_t end = 0;
	va_list ap;

	*(is_warning ? &ps->warning_count : &ps->error_count) += 1;
	if (ps->list.count >= ps->keep)
		return;
	for (int i = 0; i < VALUE_SHOWN && end < value.n; i++)
		utf8_next(value, &end);
	p = VEC_PUSH(ps->mem, &ps->list);
	*p = (struct cell_problem){.row = row, .column = column, .is_warning = is_warning};
	p->value = str_copy(ps->mem, str_sub(value, 0, end));
	for (size_t i = 0; i < in->column_count; i++)
		if (in->columns[i].column == column)
			p->title = in->columns[i].field ? in->columns[i].field->title.text
							: in->columns[i].header;
	va_start(ap, fmt);
	p->text = str_from(arena_vprintf(ps->mem, fmt, ap));
	va_end(ap);
}

/* The factor from the unit a header names to the field's own; 0: another unit altogether. */
static int64_t unit_factor(struct arena *mem, const struct pack_field *field, struct str header)
{
	static const struct {
		const char *unit, *named;
		int64_t factor;
	} known[] = {
		{"元", "万元", 10000},
		{"元", "千元", 1000},
		{"元", "亿元", 100000000},
		{"m2", "公顷", 10000},
		{"m2", "万平方米", 10000},
	};
	struct str s = utf8_narrow(mem, str_trim(header));
	size_t open = str_find_char(s, '(');

	if (open == SIZE_MAX || !str_ends(s, ")"))
		return 1;
	s = str_sub(s, open + 1, s.n - 1);
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_is(s, known[i].named))
			return str_is(field->unit.text, known[i].unit) ? known[i].factor : 0;
	return 1;
}

static size_t count_known(const struct header_map *map, const struct table_row *row)
{
	size_t known = 0;

	for (size_t i = 0; i < row->count; i++)
		known += row->cells[i].kind == CELL_TEXT && header_find(map, row->cells[i].text);
	return known;
}

static void take_header(
	struct intake *in, const struct header_map *map, const struct table_row *row)
{
	struct arena *mem = in->problems.mem;

	in->header_row = row->number;
	in->columns = arena_array(mem, struct intake_column, row->count);
	in->factors = arena_array(mem, int64_t, row->count);
	in->column_count = row->count;
	for (size_t i = 0; i < row->count; i++) {
		struct intake_column *c = &in->columns[i];
		c->column = row->cells[i].column;
		c->header = str_copy(mem, str_trim(row->cells[i].text));
		c->field = header_find(map, c->header);
		in->factors[i] = c->field ? unit_factor(mem, c->field, c->header) : 1;
	}
}

/* For each field of the ledger where it stands, so that rows need no search. */
static void ready_fields(struct intake *in)
{
	size_t n = in->ledger->fields.count;

	in->field_columns = arena_array(in->problems.mem, uint32_t, n);
	in->field_factors = arena_array(in->problems.mem, int64_t, n);
	for (size_t f = 0; f < n; f++) {
		in->field_columns[f] = intake_column_of(in, &in->ledger->fields.items[f]);
		in->field_factors[f] = 1;
		for (size_t i = 0; i < in->column_count; i++)
			if (in->columns[i].field == &in->ledger->fields.items[f])
				in->field_factors[f] = in->factors[i];
	}
}

static void check_duplicates(struct ctx *cx, struct intake *in)
{
	for (size_t i = 0; i < in->column_count; i++) {
		const struct intake_column *c = &in->columns[i];
		if (c->field && in->factors[i] == 0)
			intake_problem(in, in->header_row, c->column, false, c->header,
				TR(cx, "单位不同, 本列应以 " STR_FMT " 为单位",
					"another unit; this column is in " STR_FMT),
				STR_ARG(c->field->unit.text));
		for (size_t k = 0; c->field && k < i; k++)
			if (in->columns[k].field == c->field)
				intake_problem(in, in->header_row, c->column, false, c->header,
					TR(cx, "与 " STR_FMT " 列重复, 都是 '" STR_FMT "'",
						"column " STR_FMT " already is '" STR_FMT "'"),
					STR_ARG(in->columns[k].header),
					STR_ARG(c->field->title.text));
	}
}

static void check_unknown(struct ctx *cx, struct intake *in, const struct header_map *map)
{
	for (size_t i = 0; i < in->column_count; i++) {
		const struct intake_column *c = &in->columns[i];
		struct str near;
		if (c->field || !c->header.n)
			continue;
		near = header_nearest(map, c->header);
		intake_problem(in, in->header_row, c->column, true, c->header,
			near.n ? TR(cx, "不认识的列, 未读入 (最接近的是 '" STR_FMT "')",
					 "unknown column, not read (nearest: '" STR_FMT "')")
			       : TR(cx, "不认识的列, 未读入" STR_FMT,
					 "unknown column, not read" STR_FMT),
			STR_ARG(near));
	}
}

static void check_required(struct ctx *cx, struct intake *in)
{
	for (size_t f = 0; f < in->ledger->fields.count; f++) {
		const struct pack_field *field = &in->ledger->fields.items[f];
		bool is_given = intake_column_of(in, field) != UINT32_MAX;
		if (!is_given && in->parsers[f].is_required && !field->initial.text.n)
			intake_problem(in, in->header_row, UINT32_MAX, false, STR_NONE,
				TR(cx, "缺少必填列 '" STR_FMT "' (" STR_FMT ")",
					"the required column '" STR_FMT "' (" STR_FMT
					") is missing"),
				STR_ARG(field->title.text), STR_ARG(field->name.text));
	}
}

static enum err find_header(struct ctx *cx, struct intake *in)
{
	struct header_map map;
	const struct table_row *row;
	size_t looked = 0;

	header_map_init(&map, in->problems.mem, in->ledger);
	do {
		TRY(table_reader_next(in->reader, &row));
		if (!row)
			break;
		if (count_known(&map, row) >= 2 ||
			(row->count == 1 && count_known(&map, row) == 1)) {
			take_header(in, &map, row);
			break;
		}
	} while (++looked < HEADER_SEARCH_ROWS);
	if (!in->header_row)
		return ctx_fail(cx, ERR_REJECTED,
			TR(cx, "前 %d 行里没有台账 '%s' 的表头 (如 %s、%s)",
				"the first %d rows have no header of ledger '%s' (such as %s, %s)"),
			HEADER_SEARCH_ROWS, str_z(cx->mem, in->ledger->title.text),
			str_z(cx->mem, in->ledger->fields.items[0].title.text),
			str_z(cx->mem,
				in->ledger->fields.items[1 % in->ledger->fields.count].title.text));
	in->map = arena_new(in->problems.mem, struct header_map);
	*in->map = map;
	ready_fields(in);
	check_duplicates(cx, in);
	check_unknown(cx, in, &map);
	check_required(cx, in);
	if (in->problems.error_count)
		return ctx_fail(cx, ERR_REJECTED,
			TR(cx, "表头有 %zu 处错误", "%zu mistakes in the header"),
			in->problems.error_count);
	return ERR_OK;
}

static enum column_type column_type_of(const struct pack_field *f)
{
	switch (field_rule_type(f)) {
	case RULE_NUM:
		return f->type == FIELD_DECIMAL ? COLUMN_DEC : COLUMN_INT;
	case RULE_BOOL:
		return COLUMN_BOOL;
	case RULE_DATE:
		return COLUMN_DATE;
	case RULE_TEXT:
		return COLUMN_TEXT;
	case RULE_NULL:
	case RULE_RATIO:
		break;
	}
	BUG("no column for field type %d", f->type);
}

struct table *ledger_table_new(struct arena *mem, const struct pack_ledger *ledger)
{
	struct table *table = arena_new(mem, struct table);

	table_init(table, mem, ledger->id.text, NULL);
	for (size_t i = 0; i < ledger->fields.count; i++) {
		const struct pack_field *f = &ledger->fields.items[i];
		table_add(table, f->name.text, column_type_of(f), (int)f->scale);
	}
	return table;
}

static void close_intake(void *arg)
{
	struct intake *in = arg;

	arena_free(in->batch_mem);
}

enum err intake_open(struct ctx *cx, const struct pack *p, const struct pack_ledger *ledger,
	const char *path, const struct intake_options *options, struct intake **out)
{
	struct table_options table = {.sheet = options->sheet};
	struct intake *in = arena_new(cx->mem, struct intake);

	*out = in;
	in->pack = p;
	in->ledger = ledger;
	in->options = *options;
	in->is_english = cx->is_english;
	in->problems.mem = cx->mem;
	in->problems.keep = 1000;
	in->batch_mem = arena_create();
	arena_defer(cx->mem, close_intake, in);
	in->parsers = arena_array(cx->mem, struct field_parser, ledger->fields.count);
	for (size_t i = 0; i < ledger->fields.count; i++)
		field_parser_init(&in->parsers[i], cx->mem, p, &ledger->fields.items[i]);
	in->row_numbers = arena_array(cx->mem, uint32_t, INTAKE_BATCH_ROWS);
	in->has_error = arena_array(cx->mem, bool, INTAKE_BATCH_ROWS);
	if (options->bytes.p)
		TRY(table_reader_open_bytes(cx, options->bytes, &table, &in->reader));
	else
		TRY(table_reader_open(cx, path, &table, &in->reader));
	TRY(find_header(cx, in));
	return intake_checks_ready(cx, in);
}

static void append(struct column *column, const struct pack_field *f, const struct field_value *v)
{
	if (v->is_null)
		column_append_null(column);
	else if (field_rule_type(f) == RULE_TEXT)
		column_append_text(column, v->text);
	else
		column_append_i64(column, v->number);
}

static void read_row(struct intake *in, struct table *table, const struct table_row *row, size_t at)
{
	in->row_numbers[at] = row->number;
	in->has_error[at] = false;
	for (size_t f = 0; f < in->ledger->fields.count; f++) {
		const struct pack_field *field = &in->ledger->fields.items[f];
		struct field_value v;
		struct str why;
		const struct table_cell *cell = table_row_cell(row, in->field_columns[f]);
		int64_t factor = in->field_factors[f];
		bool is_good =
			field_parse(&in->parsers[f], cell, in->batch_mem, in->is_english, &v, &why);
		if (is_good && !v.is_null && factor != 1 &&
			__builtin_mul_overflow(v.number, factor, &v.number)) {
			is_good = false;
			why = STR("×");
		}
		if (is_good && v.is_null && field->type == FIELD_PERIOD) {
			v.text = in->options.period;
			v.is_null = !v.text.n;
			if (v.is_null && in->options.needs_period) {
				is_good = false;
				why = str_from(TR(in, "没有周期: 请填写本列或用 --period 给出",
					"no period: fill the column or give --period"));
			}
		}
		if (!is_good) {
			in->has_error[at] = true;
			intake_problem(in, row->number, intake_column_of(in, field), false,
				cell->text, STR_FMT, STR_ARG(why));
			v.is_null = true;
		}
		if (cell->text.n && v.is_null && is_good)
			in->blank_cells++;
		append(table->columns.items[f], field, &v);
	}
}

/* A second header under the first, or a header repeated half-way down, is no data. */
static bool is_header_again(const struct intake *in, const struct table_row *row)
{
	return count_known(in->map, row) >= 2 && count_known(in->map, row) * 2 > row->count;
}

enum err intake_next(struct ctx *cx, struct intake *in, struct intake_batch *out)
{
	struct table *table;
	size_t n = 0;

	arena_reset(in->batch_mem);
	table = ledger_table_new(in->batch_mem, in->ledger);
	while (n < INTAKE_BATCH_ROWS) {
		const struct table_row *row;
		TRY(table_reader_next(in->reader, &row));
		if (!row)
			break;
		if (in->row_count + n < 3 && is_header_again(in, row)) {
			intake_problem(in, row->number, UINT32_MAX, false, STR_NONE,
				TR(cx, "这一行又是表头; 请只保留一行表头",
					"a second header row; keep one"));
			continue;
		}
		read_row(in, table, row, n++);
	}
	table_seal(table);
	in->row_count += n;
	*out = (struct intake_batch){table, in->row_numbers, in->has_error, n};
	if (n && in->options.complete)
		TRY(in->options.complete(
			in->options.arg, cx, table, in->row_numbers, in->has_error, n));
	return n ? intake_checks_run(cx, in, table, n) : ERR_OK;
}

const struct intake_column *intake_columns(const struct intake *in, size_t *out_count)
{
	*out_count = in->column_count;
	return in->columns;
}

uint32_t intake_column_of(const struct intake *in, const struct pack_field *field)
{
	for (size_t i = 0; i < in->column_count; i++)
		if (in->columns[i].field == field)
			return in->columns[i].column;
	return UINT32_MAX;
}

uint32_t intake_header_row(const struct intake *in)
{
	return in->header_row;
}

struct table_reader *intake_reader(const struct intake *in)
{
	return in->reader;
}

size_t intake_rows(const struct intake *in)
{
	return in->row_count;
}

size_t intake_blank_cells(const struct intake *in)
{
	return in->blank_cells;
}

static int by_place(const void *a, const void *b)
{
	const struct cell_problem *x = a, *y = b;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return x->is_warning - y->is_warning;
}

void intake_sort_problems(struct intake *in)
{
	if (in->problems.list.count)
		qsort(in->problems.list.items, in->problems.list.count,
			sizeof *in->problems.list.items, by_place);
}

void intake_format_problems(const struct intake *in, bool is_english, struct strbuf *out)
{
	const struct intake_problems *ps = &in->problems;
	struct {
		bool is_english;
	} lang = {is_english};
	size_t all = ps->error_count + ps->warning_count;

	for (size_t i = 0; i < ps->list.count; i++) {
		const struct cell_problem *p = &ps->list.items[i];
		char name[TABLE_CELL_NAME_MAX];
		if (p->is_warning)
			strbuf_z(out, TR(&lang, "提醒 ", "warning "));
		if (p->column == UINT32_MAX)
			strbuf_printf(out, TR(&lang, "第 %u 行: ", "row %u: "), p->row);
		else
			strbuf_printf(out, "%s " STR_FMT " ",
				table_reader_cell_name(p->row, p->column, name), STR_ARG(p->title));
		if (p->value.n)
			strbuf_printf(out, "'" STR_FMT "': ", STR_ARG(p->value));
		strbuf_printf(out, STR_FMT "\n", STR_ARG(p->text));
	}
	if (all > ps->list.count)
		strbuf_printf(out,
			TR(&lang, "… 共 %zu 处错误, %zu 处提醒, 以上是前 %zu 处\n",
				"… %zu errors and %zu warnings in all, the first %zu are above\n"),
			ps->error_count, ps->warning_count, ps->list.count);
}
