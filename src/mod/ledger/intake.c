/*
 * The header is looked for in the first rows, since people put a title above it. Rows are parsed
 * into columns batch by batch (intake_read.c), and the ledger's row checks run over the columns of
 * a batch.
 */
#include "mod/ledger/intake_internal.h"

#include "base/num.h"

#define HEADER_SEARCH_ROWS 10
#define VALUE_SHOWN        40 /* code points of a bad value that are shown */

struct intake_problems *intake_problems(struct intake *in)
{
	return &in->problems;
}

struct cell_problem *intake_note(const struct intake *in, struct intake_problems *ps, uint32_t row,
	uint32_t column, bool is_warning, struct str value)
{
	struct cell_problem *p;
	size_t end = 0;

	*(is_warning ? &ps->warning_count : &ps->error_count) += 1;
	if (ps->list.count >= ps->keep)
		return NULL;
	for (int i = 0; i < VALUE_SHOWN && end < value.n; i++)
		utf8_next(value, &end);
	p = VEC_PUSH(ps->mem, &ps->list);
	*p = (struct cell_problem){.row = row, .column = column, .is_warning = is_warning};
	p->value = str_copy(ps->mem, str_sub(value, 0, end));
	for (size_t i = 0; i < in->column_count; i++) {
		const struct pack_field *field = in->columns[i].field;
		if (in->columns[i].column != column)
			continue;
		p->title = field ? field->title.text : in->columns[i].header;
		/* Problems are kept, in results of jobs and on terminals: the cell says enough. */
		if (field && field->secrecy == SECRECY_SEALED && row != in->header_row)
			p->value = STR_NONE;
	}
	return p;
}

void intake_problem(struct intake *in, uint32_t row, uint32_t column, bool is_warning,
	struct str value, const char *fmt, ...)
{
	struct cell_problem *p = intake_note(in, &in->problems, row, column, is_warning, value);
	va_list ap;

	if (!p)
		return;
	va_start(ap, fmt);
	p->text = str_from(arena_vprintf(in->problems.mem, fmt, ap));
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

size_t intake_count_known(const struct header_map *map, const struct table_row *row)
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
		/* Exports lack sealed fields: their files come back without. */
		if (field->secrecy == SECRECY_SEALED)
			continue;
		if (!is_given && in->parsers[f].is_required && !field->initial.text.n)
			intake_problem(in, in->header_row, UINT32_MAX, false, STR_NONE,
				TR(cx, "缺少必填列 '" STR_FMT "' (" STR_FMT ")",
					"the required column '" STR_FMT "' (" STR_FMT
					") is missing"),
				STR_ARG(field->title.text), STR_ARG(field->name.text));
	}
}

/* The reader has a context of its own, since it may run beside the caller. */
static enum err reading_failed(struct ctx *cx, enum err e, struct str error)
{
	return ctx_fail(cx, e, STR_FMT, STR_ARG(error));
}

static enum err find_header(struct ctx *cx, struct intake *in)
{
	struct header_map map;
	const struct table_row *row;
	size_t looked = 0;

	header_map_init(&map, in->problems.mem, in->ledger);
	do {
		enum err e = table_reader_next(in->reader, &row);
		if (e != ERR_OK)
			return reading_failed(cx, e, in->read_cx.error);
		if (!row)
			break;
		if (intake_count_known(&map, row) >= 2 ||
			(row->count == 1 && intake_count_known(&map, row) == 1)) {
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

	intake_stop_reading(in);
	for (size_t i = 0; i < INTAKE_PARTS; i++)
		arena_free(in->parts[i].mem);
	arena_free(in->read_cx.mem);
}

static enum err open_reader(struct ctx *cx, struct intake *in, const char *path)
{
	struct table_options table = {.sheet = in->options.sheet};
	enum err e;

	in->read_cx = *cx;
	in->read_cx.mem = arena_create();
	for (size_t i = 0; i < INTAKE_PARTS; i++) {
		in->parts[i].mem = arena_create();
		in->parts[i].row_numbers = arena_array(cx->mem, uint32_t, INTAKE_BATCH_ROWS);
		in->parts[i].has_error = arena_array(cx->mem, bool, INTAKE_BATCH_ROWS);
	}
	/* Behind the parsers: what is deferred last ends first, and the reader uses them. */
	arena_defer(cx->mem, close_intake, in);
	if (in->options.bytes.p)
		e = table_reader_open_bytes(&in->read_cx, in->options.bytes, &table, &in->reader);
	else
		e = table_reader_open(&in->read_cx, path, &table, &in->reader);
	return e == ERR_OK ? ERR_OK : reading_failed(cx, e, in->read_cx.error);
}

enum err intake_open(struct ctx *cx, const struct pack *p, const struct pack_ledger *ledger,
	const char *path, const struct intake_options *options, struct intake **out)
{
	struct intake *in = arena_new(cx->mem, struct intake);

	*out = in;
	in->pack = p;
	in->ledger = ledger;
	in->options = *options;
	in->is_english = cx->is_english;
	in->problems.mem = cx->mem;
	in->problems.keep = PROBLEMS_KEPT;
	in->parsers = arena_array(cx->mem, struct field_parser, ledger->fields.count);
	for (size_t i = 0; i < ledger->fields.count; i++)
		field_parser_init(&in->parsers[i], cx->mem, p, &ledger->fields.items[i]);
	in->memos = arena_array(cx->mem, struct intake_memo, ledger->fields.count);
	TRY(open_reader(cx, in, path));
	TRY(find_header(cx, in));
	return intake_checks_ready(cx, in);
}

/* What reading has found wrong, behind what was found before. */
static void take_problems(struct intake *in, const struct intake_part *part)
{
	struct intake_problems *all = &in->problems;
	const struct intake_problems *ps = &part->problems;

	all->error_count += ps->error_count;
	all->warning_count += ps->warning_count;
	for (size_t i = 0; i < ps->list.count && all->list.count < all->keep; i++) {
		struct cell_problem *p = VEC_PUSH(all->mem, &all->list);
		*p = ps->list.items[i];
		p->value = str_copy(all->mem, p->value);
		p->text = str_copy(all->mem, p->text);
	}
}

enum err intake_next(struct ctx *cx, struct intake *in, struct intake_batch *out)
{
	const struct intake_part *part = intake_next_part(in);

	take_problems(in, part);
	in->blank_cells += part->blank_cells;
	if (part->total) { /* else nothing was read any more */
		in->done = part->done;
		in->total = part->total;
	}
	if (part->failed != ERR_OK)
		return reading_failed(cx, part->failed, part->error);
	in->batch_mem = part->mem;
	in->has_error = part->has_error;
	in->row_numbers = part->row_numbers;
	in->row_count += part->row_count;
	*out = (struct intake_batch){
		part->table, part->row_numbers, part->has_error, part->row_count};
	if (part->row_count == 0)
		return ERR_OK;
	if (in->options.complete)
		TRY(in->options.complete(in->options.arg, cx, part->table, part->row_numbers,
			part->has_error, part->row_count));
	return intake_checks_run(cx, in, part->table, part->row_count);
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

const struct table_reader *intake_reader(const struct intake *in)
{
	return in->reader;
}

void intake_progress(const struct intake *in, uint64_t *out_done, uint64_t *out_total)
{
	*out_done = in->done;
	*out_total = in->total;
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
