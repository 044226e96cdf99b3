/* One row: drawn, picked, computed, put together. Integers only, so that it is the same
 * everywhere. */
#include "base/num.h"
#include "mod/demo/demo_internal.h"

static enum err fail(const struct machine *m, struct place at, const char *zh, const char *en)
{
	return ctx_fail(m->cx, ERR_PACK, STR_FMT ":%d:%d: %s", STR_ARG(at.file), at.line, at.column,
		TR(m->cx, zh, en));
}

/* num / (den * 10^from) at scale `to`, rounded half to even. */
static bool rescale(i128 num, i128 den, int from, int to, int64_t *out)
{
	i128 value;

	if (from >= to)
		value = div_half_even(num, den * pow10_i64(from - to));
	else
		value = div_half_even(num * pow10_i64(to - from), den);
	if (value > INT64_MAX || value < INT64_MIN)
		return false;
	*out = (int64_t)value;
	return true;
}

enum err demo_eval(struct machine *m, const struct formula *f, const struct demo_table *t,
	int scale, bool *has_value, int64_t *out)
{
	struct plan_vector v;

	plan_run_row_values(f->run, (struct plan_row){t->numbers, t->nulls});
	v = plan_run_vector(f->run, 0);
	if (v.states && v.states[0] & PLAN_ERROR)
		return fail(m, f->at, "数值溢出", "the value does not fit");
	*has_value = !(v.states && v.states[0] & PLAN_NULL) &&
		     !(v.denominators && v.denominators[0] == 0);
	if (!*has_value)
		return ERR_OK;
	if (v.bits)
		*out = v.bits[0] != 0;
	else if (f->rule->type != RULE_NUM && f->rule->type != RULE_RATIO)
		*out = v.numbers[0];
	else if (!rescale(v.numbers[0], v.denominators ? v.denominators[0] : 1, f->rule->scale,
			 scale, out))
		return fail(m, f->at, "数值溢出", "the value does not fit");
	return ERR_OK;
}

enum err demo_holds(
	struct machine *m, const struct formula *f, const struct demo_table *t, bool *out)
{
	bool has_value = true;
	int64_t value = 1;

	if (f->rule)
		TRY(demo_eval(m, f, t, 0, &has_value, &value));
	*out = has_value && value != 0;
	return ERR_OK;
}

void demo_slot_text(
	const struct machine *m, const struct demo_table *t, size_t slot, struct strbuf *out)
{
	const struct demo_slot *s = &t->layout->slots[slot];

	if (t->nulls[slot])
		return;
	if (s->is_written) {
		strbuf_str(out, t->texts[slot]);
		return;
	}
	switch ((enum field_type)s->type) {
	case FIELD_INTEGER:
	case FIELD_BOOLEAN:
		strbuf_printf(out, "%" PRId64, t->numbers[slot]);
		return;
	case FIELD_DECIMAL:
		strbuf_dec(out, t->numbers[slot], s->scale);
		return;
	case FIELD_DATE:
		strbuf_date(out, (struct date){(int32_t)t->numbers[slot]});
		return;
	case FIELD_STRING:
	case FIELD_TEXT:
	case FIELD_TIME:
	case FIELD_ORG:
	case FIELD_PERIOD:
	case FIELD_FILE:
	case FIELD_POINT:
		strbuf_str(out, dict_text(&m->dict, (uint32_t)t->numbers[slot]));
		return;
	}
	BUG("field type %d", s->type);
}

static void build(const struct machine *m, const struct demo_table *t,
	const struct demo_pieces *pieces, struct strbuf *out)
{
	strbuf_reset(out);
	for (size_t i = 0; i < pieces->count; i++) {
		const struct demo_piece *piece = &pieces->items[i];
		if (piece->slot == SIZE_MAX)
			strbuf_str(out, piece->literal);
		else if (piece->is_ymd && !t->nulls[piece->slot]) {
			int year, month, day;
			date_to_ymd((struct date){(int32_t)t->numbers[piece->slot]}, &year, &month,
				&day);
			strbuf_printf(out, "%04d%02d%02d", year, month, day);
		} else if (piece->width && !t->nulls[piece->slot])
			strbuf_printf(out, "%0*" PRId64, piece->width, t->numbers[piece->slot]);
		else
			demo_slot_text(m, t, piece->slot, out);
	}
}

/* ISO 7064 MOD 11-2 over the digits; other characters do not count. */
static void add_check_character(struct strbuf *b)
{
	int rest = 0;

	for (size_t i = 0; i < b->n; i++)
		if (b->p[i] >= '0' && b->p[i] <= '9')
			rest = (rest + b->p[i] - '0') * 2 % 11;
	strbuf_char(b, "0123456789X"[(12 - rest) % 11]);
}

static void set(struct demo_table *t, size_t slot, bool has_value, int64_t value)
{
	t->nulls[slot] = !has_value;
	t->numbers[slot] = has_value ? value : 0;
}

static int64_t since(const struct pack_demo_field *f)
{
	return f->since.day == DATE_NONE.day ? 0 : f->since.day;
}

static enum err draw(struct machine *m, struct demo_table *t, struct field_maker *f)
{
	int scale = t->layout->slots[f->slot].scale;
	bool has_least, has_most;
	int64_t least = 0, most = 0, draws = f->field->draws > 1 ? f->field->draws : 1;
	i128 sum = 0;

	TRY(demo_eval(m, &f->least, t, scale, &has_least, &least));
	TRY(demo_eval(m, &f->most, t, scale, &has_most, &most));
	set(t, f->slot, false, 0);
	if (!has_least || !has_most)
		return ERR_OK;
	if (most < least || (i128)most - least >= INT64_MAX)
		return fail(m, f->field->at, "least 大于 most", "least is above most");
	for (int64_t i = 0; i < draws; i++)
		sum += rng_between(&m->rng, least, most);
	set(t, f->slot, true, (int64_t)div_half_even(sum, draws) + since(f->field));
	return ERR_OK;
}

static void pick(struct machine *m, struct demo_table *t, const struct field_maker *f)
{
	size_t n = f->field->pick.count, i = 0;
	int64_t at = rng_below(&m->rng, f->weights[n - 1]);

	while (f->weights[i] <= at)
		i++;
	set(t, f->slot, true, f->values[i]);
}

/* The first of the sorted rows whose key is not before `text`; with is_after: is behind all that
   begin with it. */
static size_t bound(const struct field_maker *f, struct str text, bool is_after)
{
	size_t low = 0, high = f->rows->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(str_sub(f->sorted[middle].key, 0, text.n), text);
		if (order < 0 || (is_after && order == 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void take_row(struct machine *m, struct demo_table *t, struct field_maker *f)
{
	size_t columns = f->rows->file->columns.count, from = 0, to = f->rows->count, row;

	if (f->sorted) {
		build(m, t, &f->text, &f->built);
		from = bound(f, strbuf_view(&f->built), false);
		/* Nothing begins with a code that is not there. */
		to = f->built.n ? bound(f, strbuf_view(&f->built), true) : from;
	}
	if (from == to) {
		for (size_t i = 0; i < columns; i++)
			set(t, f->slot + i, false, 0);
		return;
	}
	row = from + (size_t)rng_below(&m->rng, (int64_t)(to - from));
	if (f->sorted)
		row = f->sorted[row].row;
	memcpy(&t->numbers[f->slot], &f->rows->numbers[row * columns], columns * sizeof(int64_t));
	memcpy(&t->nulls[f->slot], &f->rows->nulls[row * columns], columns);
}

enum err demo_row_make(struct machine *m, struct demo_table *t)
{
	for (size_t i = 0; i < t->layout->table->fields.count; i++) {
		struct field_maker *f = &t->fields[i];
		int64_t value = 0;
		bool has_value;
		switch (f->kind) {
		case MAKE_RULE:
			TRY(demo_eval(m, &f->rule, t, t->layout->slots[f->slot].scale, &has_value,
				&value));
			set(t, f->slot, has_value, value + since(f->field));
			break;
		case MAKE_DRAW:
			TRY(draw(m, t, f));
			break;
		case MAKE_TEXT:
			build(m, t, &f->text, &f->built);
			if (f->field->check.text.n)
				add_check_character(&f->built);
			t->texts[f->slot] = strbuf_view(&f->built);
			t->nulls[f->slot] = f->built.n == 0;
			break;
		case MAKE_PICK:
			pick(m, t, f);
			break;
		case MAKE_ROW:
			take_row(m, t, f);
			break;
		}
	}
	return ERR_OK;
}
