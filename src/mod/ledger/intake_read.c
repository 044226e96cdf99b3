/*
 * The file's rows parsed into parts of a batch each. The first part is read when it is asked for;
 * when it was full, so that the file may be long, a thread reads the following ones into a ring of
 * two. A part is handed over whole: while the caller has it, the thread does not touch it.
 */
#include "mod/ledger/intake_internal.h"

static void refuse_cell(struct intake *in, struct intake_part *part, const struct table_row *row,
	size_t field, struct str value, struct str why)
{
	struct cell_problem *p = intake_note(
		in, &part->problems, row->number, in->field_columns[field], false, value);

	if (p)
		p->text = str_copy(part->mem, why);
}

static void append_text(struct intake_memo *memo, struct column *column, struct str text)
{
	if (!memo->is_set || !str_eq(memo->text, text)) {
		memo->code = dict_code(column->dict, text);
		memo->text = dict_text(column->dict, memo->code);
		memo->is_set = true;
	}
	column_append_i64(column, memo->code);
}

/* The period of a cell that has none is the one given for the whole file. */
static bool take_period(const struct intake *in, struct field_value *v, struct str *why)
{
	v->text = in->options.period;
	v->is_null = !v->text.n;
	if (!v->is_null || !in->options.needs_period)
		return true;
	*why = str_from(TR(in, "没有周期: 请填写本列或用 --period 给出",
		"no period: fill the column or give --period"));
	return false;
}

static bool parse_cell(const struct intake *in, size_t field, const struct table_cell *cell,
	struct arena *mem, struct field_value *v, struct str *why)
{
	int64_t factor = in->field_factors[field];

	if (!field_parse(&in->parsers[field], cell, mem, in->is_english, v, why))
		return false;
	if (!v->is_null && factor != 1 && __builtin_mul_overflow(v->number, factor, &v->number)) {
		*why = STR("×");
		return false;
	}
	if (v->is_null && in->ledger->fields.items[field].type == FIELD_PERIOD)
		return take_period(in, v, why);
	return true;
}

static void read_row(struct intake *in, struct intake_part *part, const struct table_row *row)
{
	part->row_numbers[part->row_count] = row->number;
	part->has_error[part->row_count] = false;
	for (size_t f = 0; f < in->ledger->fields.count; f++) {
		struct column *column = part->table->columns.items[f];
		const struct table_cell *cell = table_row_cell(row, in->field_columns[f]);
		struct field_value v;
		struct str why;
		if (!parse_cell(in, f, cell, part->mem, &v, &why)) {
			part->has_error[part->row_count] = true;
			refuse_cell(in, part, row, f, cell->text, why);
			column_append_null(column);
			continue;
		}
		if (cell->text.n && v.is_null)
			part->blank_cells++;
		if (v.is_null)
			column_append_null(column);
		else if (column->type == COLUMN_TEXT)
			append_text(&in->memos[f], column, v.text);
		else
			column_append_i64(column, v.number);
	}
	part->row_count++;
}

/* A second header under the first, or a header repeated half-way down, is no data. */
static bool is_header_again(const struct intake *in, const struct table_row *row)
{
	size_t known = intake_count_known(in->map, row);

	return known >= 2 && known * 2 > row->count;
}

static void empty_part(struct intake *in, struct intake_part *part)
{
	arena_reset(part->mem);
	part->problems = (struct intake_problems){.mem = part->mem, .keep = PROBLEMS_KEPT};
	part->table = ledger_table_new(part->mem, in->ledger);
	part->row_count = part->blank_cells = 0;
	/* The dictionary that they speak of is gone. */
	memset(in->memos, 0, in->ledger->fields.count * sizeof *in->memos);
}

static void read_part(struct intake *in, struct intake_part *part)
{
	const struct table_row *row;

	empty_part(in, part);
	while (part->row_count < INTAKE_BATCH_ROWS) {
		part->failed = table_reader_next(in->reader, &row);
		if (part->failed != ERR_OK || !row)
			break;
		if (in->rows_read < 3 && is_header_again(in, row)) {
			struct cell_problem *p = intake_note(
				in, &part->problems, row->number, UINT32_MAX, false, STR_NONE);
			if (p)
				p->text = str_from(TR(in, "这一行又是表头; 请只保留一行表头",
					"a second header row; keep one"));
			continue;
		}
		read_row(in, part, row);
		in->rows_read++;
	}
	part->error = in->read_cx.error;
	table_seal(part->table);
	table_reader_progress(in->reader, &part->done, &part->total);
}

static bool is_end(const struct intake_part *part)
{
	return part->failed != ERR_OK || part->row_count < INTAKE_BATCH_ROWS;
}

static void *read_on(void *arg)
{
	struct intake *in = arg;
	struct intake_part *part;

	do {
		pthread_mutex_lock(&in->lock);
		/* The caller has one part of those that were taken. */
		while (in->read_count - in->taken_count >= INTAKE_PARTS - 1 && !in->is_stopping)
			pthread_cond_wait(&in->changed, &in->lock);
		part = in->is_stopping ? NULL : &in->parts[in->read_count % INTAKE_PARTS];
		pthread_mutex_unlock(&in->lock);
		if (!part)
			break;
		read_part(in, part);
		pthread_mutex_lock(&in->lock);
		in->read_count++;
		pthread_cond_signal(&in->changed);
		pthread_mutex_unlock(&in->lock);
	} while (!is_end(part));
	return NULL;
}

static void start_reading(struct intake *in)
{
	pthread_mutex_init(&in->lock, NULL);
	pthread_cond_init(&in->changed, NULL);
	in->has_thread = pthread_create(&in->reading, NULL, read_on, in) == 0;
	if (!in->has_thread) { /* then it is read as it is asked for */
		pthread_mutex_destroy(&in->lock);
		pthread_cond_destroy(&in->changed);
	}
}

void intake_stop_reading(struct intake *in)
{
	if (!in->has_thread)
		return;
	pthread_mutex_lock(&in->lock);
	in->is_stopping = true;
	pthread_cond_signal(&in->changed);
	pthread_mutex_unlock(&in->lock);
	pthread_join(in->reading, NULL);
	pthread_mutex_destroy(&in->lock);
	pthread_cond_destroy(&in->changed);
	in->has_thread = false;
}

/* Wait until the thread has read one more part than were taken, and take it. */
static size_t take_read(struct intake *in)
{
	size_t at;

	pthread_mutex_lock(&in->lock);
	while (in->read_count == in->taken_count)
		pthread_cond_wait(&in->changed, &in->lock);
	at = in->taken_count++;
	pthread_cond_signal(&in->changed);
	pthread_mutex_unlock(&in->lock);
	return at;
}

const struct intake_part *intake_next_part(struct intake *in)
{
	static const struct intake_part nothing;
	struct intake_part *part;

	if (in->is_last)
		return &nothing;
	if (in->taken_count == 1 && !in->has_thread)
		start_reading(in);
	if (in->has_thread) {
		part = &in->parts[take_read(in) % INTAKE_PARTS];
	} else {
		part = &in->parts[in->taken_count % INTAKE_PARTS];
		read_part(in, part);
		in->read_count = ++in->taken_count;
	}
	in->is_last = is_end(part);
	return part;
}
