/*
 * The loops. Each is over a batch, without branches on rows where it can be helped, so that the
 * compiler turns them into vector instructions.
 */
#include "engine/rule/plan_program.h"

#define N           (f->n)
#define EACH        for (size_t i = 0; i < n; i++)
#define NUMBERS(o)  frame_numbers(f, &s->o)
#define BITS(o)     frame_bits(f, &s->o)
#define STATES(o)   frame_states(f, &s->o)
#define ERROR_STATE (PLAN_NULL | PLAN_ERROR)
#define WRAP(x)     ((int64_t)(x))
#define U(x)        ((uint64_t)(x))

/* The states of a result are those of its operands together. */
static void merge_states(struct frame *f, const struct step *s)
{
	const struct operand *operands[] = {&s->a, &s->b, &s->c};
	uint8_t *restrict out = STATES(out);
	size_t n = f->n;
	bool is_first = true;

	if (!s->out.has_state)
		return;
	for (size_t k = 0; k < 3; k++) {
		const uint8_t *in;
		if (!operands[k]->is_used || operands[k]->is_const || !operands[k]->has_state)
			continue;
		in = frame_states(f, operands[k]);
		if (is_first)
			memcpy(out, in, n);
		else
			EACH out[i] |= in[i];
		is_first = false;
	}
	if (is_first)
		memset(out, 0, n);
}

/* out[i] = EXPR of x and y, with constants kept out of the loop. */
#define BINARY(T, out_, EXPR)                                                                      \
	do {                                                                                       \
		T *restrict o_ = (out_);                                                           \
		if (s->b.is_const) {                                                               \
			const int64_t *a_ = NUMBERS(a);                                            \
			const int64_t y = s->b.constant;                                           \
			EACH                                                                       \
			{                                                                          \
				int64_t x = a_[i];                                                 \
				o_[i] = (T)(EXPR);                                                 \
			}                                                                          \
		} else if (s->a.is_const) {                                                        \
			const int64_t *b_ = NUMBERS(b);                                            \
			const int64_t x = s->a.constant;                                           \
			EACH                                                                       \
			{                                                                          \
				int64_t y = b_[i];                                                 \
				o_[i] = (T)(EXPR);                                                 \
			}                                                                          \
		} else {                                                                           \
			const int64_t *a_ = NUMBERS(a), *b_ = NUMBERS(b);                          \
			EACH                                                                       \
			{                                                                          \
				int64_t x = a_[i], y = b_[i];                                      \
				o_[i] = (T)(EXPR);                                                 \
			}                                                                          \
		}                                                                                  \
	} while (0)

static int64_t at(const struct frame *f, const struct operand *o, size_t i)
{
	return o->is_const ? o->constant : frame_numbers(f, o)[i];
}

static bool checked(enum step_code code, int64_t x, int64_t y, int64_t *out)
{
	if (code == STEP_ADD)
		return !__builtin_add_overflow(x, y, out);
	if (code == STEP_SUB || code == STEP_NEG)
		return !__builtin_sub_overflow(
			code == STEP_NEG ? 0 : x, code == STEP_NEG ? x : y, out);
	if (code == STEP_ABS)
		return !__builtin_sub_overflow(x < 0 ? 0 : x, x < 0 ? x : 0, out);
	return !__builtin_mul_overflow(x, y, out);
}

/* The same operations where the ranges do not rule an overflow out. */
static void arithmetic_checked(struct frame *f, const struct step *s)
{
	int64_t *restrict out = NUMBERS(out);
	uint8_t *restrict states = STATES(out);
	size_t n = f->n;

	EACH
	{
		int64_t y = s->b.is_used ? at(f, &s->b, i) : 0;
		if (states[i])
			out[i] = 0;
		else if (!checked(s->code, at(f, &s->a, i), y, &out[i])) {
			out[i] = 0;
			states[i] = ERROR_STATE;
		}
	}
}

static void arithmetic(struct frame *f, const struct step *s)
{
	size_t n = f->n;

	merge_states(f, s);
	if (s->is_checked) {
		arithmetic_checked(f, s);
		return;
	}
	/* Unsigned, so that garbage under a NULL may wrap. */
	if (s->code == STEP_ADD)
		BINARY(int64_t, NUMBERS(out), WRAP(U(x) + U(y)));
	else if (s->code == STEP_SUB)
		BINARY(int64_t, NUMBERS(out), WRAP(U(x) - U(y)));
	else if (s->code == STEP_MUL)
		BINARY(int64_t, NUMBERS(out), WRAP(U(x) * U(y)));
	else {
		const int64_t *a = NUMBERS(a);
		int64_t *restrict out = NUMBERS(out);
		bool is_abs = s->code == STEP_ABS;
		EACH out[i] = is_abs && a[i] >= 0 ? a[i] : WRAP(0 - U(a[i]));
	}
}

static void divide(struct frame *f, const struct step *s)
{
	int64_t *restrict out = NUMBERS(out);
	uint8_t *restrict states = s->out.has_state ? STATES(out) : NULL;
	bool is_division = s->code == STEP_IDIV;
	size_t n = f->n;

	merge_states(f, s);
	EACH
	{
		int64_t x = at(f, &s->a, i), y = at(f, &s->b, i);
		out[i] = 0;
		if (states && states[i])
			continue;
		if (y == 0 && states)
			states[i] = PLAN_NULL;
		else if (y != -1)
			out[i] = is_division ? x / y : x % y;
		else if (is_division && x == INT64_MIN)
			states[i] = ERROR_STATE;
		else
			out[i] = is_division ? -x : 0;
	}
}

/* A bit under a state is 0: accumulators rely on it. */
static void clear_under_states(struct frame *f, const struct step *s)
{
	uint8_t *restrict out = BITS(out);
	const uint8_t *states = STATES(out);
	size_t n = f->n;

	if (s->out.has_state)
		EACH out[i] &= states[i] == 0;
}

#define COMPARE(T, out_, DO)                                                                       \
	switch (s->compare) {                                                                      \
	case NODE_EQ:                                                                              \
		DO(T, out_, x == y);                                                               \
		break;                                                                             \
	case NODE_NE:                                                                              \
		DO(T, out_, x != y);                                                               \
		break;                                                                             \
	case NODE_LT:                                                                              \
		DO(T, out_, x < y);                                                                \
		break;                                                                             \
	case NODE_LE:                                                                              \
		DO(T, out_, x <= y);                                                               \
		break;                                                                             \
	case NODE_GT:                                                                              \
		DO(T, out_, x > y);                                                                \
		break;                                                                             \
	default:                                                                                   \
		DO(T, out_, x >= y);                                                               \
		break;                                                                             \
	}

static void compare_bits(struct frame *f, const struct step *s)
{
	const uint8_t *a = BITS(a), *b = BITS(b);
	uint8_t *restrict out = BITS(out);
	uint8_t flip = s->compare == NODE_EQ;
	size_t n = f->n;

	EACH out[i] = (uint8_t)(a[i] ^ b[i] ^ flip);
}

static void compare(struct frame *f, const struct step *s)
{
	size_t n = f->n;

	merge_states(f, s);
	if (s->a.is_bit)
		compare_bits(f, s);
	else
		COMPARE(uint8_t, BITS(out), BINARY)
	clear_under_states(f, s);
}

static bool holds(enum node_op op, int order)
{
	switch ((int)op) {
	case NODE_EQ:
		return order == 0;
	case NODE_NE:
		return order != 0;
	case NODE_LT:
		return order < 0;
	case NODE_LE:
		return order <= 0;
	case NODE_GT:
		return order > 0;
	default:
		return order >= 0;
	}
}

static void compare_text(struct frame *f, const struct step *s)
{
	uint8_t *restrict out = BITS(out);
	const uint8_t *states = s->out.has_state ? STATES(out) : NULL;
	size_t n = f->n;

	merge_states(f, s);
	EACH out[i] = !(states && states[i]) &&
		      holds(s->compare, str_cmp(plan_text(f->plan, at(f, &s->a, i)),
						plan_text(f->plan, at(f, &s->b, i))));
}

static void load_states(struct frame *f, const struct step *s)
{
	if (s->out.has_state)
		column_read_nulls(f->plan->columns[s->column], f->from, f->n, STATES(out));
}

static void load(struct frame *f, const struct step *s)
{
	const struct column *column = f->plan->columns[s->column];
	size_t n = f->n;

	if (f->row) {
		uint8_t is_null = f->row->nulls && f->row->nulls[s->column];
		int64_t value = is_null ? 0 : f->row->values[s->column];
		if (s->out.has_state)
			STATES(out)[0] = is_null;
		if (s->out.is_bit)
			BITS(out)[0] = value != 0;
		else
			NUMBERS(out)[0] = value;
		return;
	}
	load_states(f, s);
	if (!s->out.is_bit) {
		column_read(column, f->from, n, NUMBERS(out));
		return;
	}
	assert(column->width == 1);
	for (size_t i = 0; i < n; i++)
		BITS(out)
	[i] = (uint8_t)(((const uint8_t *)column->data)[f->from + i] + (uint8_t)column->base);
	clear_under_states(f, s);
}

#define NARROW(T, out_, EXPR)                                                                      \
	do {                                                                                       \
		uint8_t *restrict o_ = (out_);                                                     \
		EACH                                                                               \
		{                                                                                  \
			T x = data[i];                                                             \
			o_[i] = (uint8_t)(EXPR);                                                   \
		}                                                                                  \
	} while (0)

#define COMPARE_STORED(T)                                                                          \
	do {                                                                                       \
		const T *data = (const T *)column->data + f->from;                                 \
		const T y = (T)key;                                                                \
		COMPARE(T, BITS(out), NARROW)                                                      \
	} while (0)

/* Compare stored bytes with the constant moved into their range; outside of it all rows agree. */
static void compare_column(struct frame *f, const struct step *s)
{
	const struct column *column = f->plan->columns[s->column];
	i128 offset = (i128)s->a.constant - column->base;
	uint64_t key = (uint64_t)offset;
	size_t n = f->n;

	assert(!f->row && column->width < 8);
	load_states(f, s);
	if (offset < 0 || offset >> (column->width * 8))
		memset(BITS(out), holds(s->compare, offset < 0 ? 1 : -1), n);
	else if (column->width == 1)
		COMPARE_STORED(uint8_t);
	else if (column->width == 2)
		COMPARE_STORED(uint16_t);
	else
		COMPARE_STORED(uint32_t);
	clear_under_states(f, s);
}

/* One byte a row: the answer for each of the 256 stored values. */
static void in_column(struct frame *f, const struct step *s)
{
	const struct column *column = f->plan->columns[s->column];
	const uint8_t *data = (const uint8_t *)column->data + f->from;
	uint8_t *restrict out = BITS(out);
	uint8_t answers[256] = {0};
	size_t n = f->n;

	assert(!f->row && column->width == 1);
	load_states(f, s);
	for (size_t k = 0; k < s->list_count; k++) {
		i128 offset = (i128)s->list[k] - column->base;
		if (offset >= 0 && offset < 256)
			answers[(size_t)offset] = 1;
	}
	EACH out[i] = answers[data[i]];
	clear_under_states(f, s);
}

static void in_list(struct frame *f, const struct step *s)
{
	uint8_t *restrict out = BITS(out);
	size_t n = f->n;

	merge_states(f, s);
	memset(out, 0, n);
	for (size_t k = 0; k < s->list_count; k++) {
		int64_t key = s->list[k];
		if (s->a.is_const)
			memset(out, out[0] | (s->a.constant == key), n);
		else {
			const int64_t *a = NUMBERS(a);
			EACH out[i] |= a[i] == key;
		}
	}
	clear_under_states(f, s);
}

static const uint8_t no_states[PLAN_BATCH];

static void logic(struct frame *f, const struct step *s)
{
	const uint8_t *a = BITS(a), *b = BITS(b);
	const uint8_t *a_states = s->a.has_state ? STATES(a) : no_states;
	const uint8_t *b_states = s->b.has_state ? STATES(b) : no_states;
	uint8_t *restrict out = BITS(out), *restrict states = STATES(out);
	bool is_and = s->code == STEP_AND;
	size_t n = f->n;

	if (is_and)
		EACH out[i] = a[i] & b[i];
	else
		EACH out[i] = a[i] | b[i];
	if (!s->out.has_state)
		return;
	/* A side that is false (and) or true (or) decides, whatever the other one is. */
	if (is_and)
		EACH
		{
			uint8_t is_false = (uint8_t)(!(a[i] | a_states[i]) | !(b[i] | b_states[i]));
			states[i] = (uint8_t)((a_states[i] | b_states[i]) & (is_false - 1));
		}
	else
		EACH states[i] = (uint8_t)((a_states[i] | b_states[i]) & (out[i] - 1));
}

static void negate(struct frame *f, const struct step *s)
{
	const uint8_t *a = BITS(a);
	uint8_t *restrict out = BITS(out);
	size_t n = f->n;

	merge_states(f, s);
	EACH out[i] = a[i] ^ 1;
	clear_under_states(f, s);
}

/* An error is neither NULL nor a value: the answer is an error too. */
static void null_test(struct frame *f, const struct step *s)
{
	const uint8_t *in = STATES(a);
	uint8_t *restrict out = BITS(out);
	uint8_t want = s->code == STEP_IS_NULL ? PLAN_NULL : 0;
	size_t n = f->n;

	EACH out[i] = in[i] == want;
	if (s->out.has_state) {
		uint8_t *restrict states = STATES(out);
		EACH states[i] = in[i] & PLAN_ERROR ? ERROR_STATE : 0;
	}
}

static void select_states(struct frame *f, const struct step *s)
{
	const uint8_t *when = BITS(a), *when_states = s->a.has_state ? STATES(a) : no_states;
	const uint8_t *b = s->b.has_state ? STATES(b) : no_states;
	const uint8_t *c = s->c.has_state ? STATES(c) : no_states;
	uint8_t *restrict out = STATES(out);
	size_t n = f->n;

	EACH out[i] = when_states[i] & PLAN_ERROR ? ERROR_STATE : when[i] ? b[i] : c[i];
}

static void select_rows(struct frame *f, const struct step *s)
{
	const uint8_t *when = BITS(a);
	size_t n = f->n;

	if (s->out.has_state)
		select_states(f, s);
	if (s->out.is_bit) {
		const uint8_t *b = BITS(b), *c = BITS(c);
		uint8_t *restrict out = BITS(out);
		EACH out[i] = when[i] ? b[i] : c[i];
		clear_under_states(f, s);
	} else {
		int64_t *restrict out = NUMBERS(out);
		const int64_t *b = s->b.is_const ? NULL : NUMBERS(b);
		const int64_t *c = s->c.is_const ? NULL : NUMBERS(c);
		const int64_t k = s->b.constant, m = s->c.constant;
		if (b && c)
			EACH out[i] = when[i] ? b[i] : c[i];
		else if (b)
			EACH out[i] = when[i] ? b[i] : m;
		else if (c)
			EACH out[i] = when[i] ? k : c[i];
		else
			EACH out[i] = when[i] ? k : m;
	}
}

/* Patterns of % and _; greedy with one place to come back to. */
static bool is_like(struct str text, struct str pattern)
{
	size_t t = 0, p = 0, back_t = SIZE_MAX, back_p = 0;

	while (t < text.n) {
		if (p < pattern.n && pattern.p[p] == '%') {
			back_p = ++p;
			back_t = t;
		} else if (p < pattern.n && pattern.p[p] == '_') {
			(void)utf8_next(text, &t);
			p++;
		} else if (p < pattern.n && pattern.p[p] == text.p[t]) {
			t++;
			p++;
		} else if (back_t != SIZE_MAX) {
			(void)utf8_next(text, &back_t);
			t = back_t;
			p = back_p;
		} else
			return false;
	}
	while (p < pattern.n && pattern.p[p] == '%')
		p++;
	return p == pattern.n;
}

/* Answers are kept by code: a scan asks the same few texts again and again. */
static bool like_code(struct frame *f, const struct step *s, int64_t code)
{
	uint8_t **memory = &f->like_memory[s->index];

	if (code >= LITERAL_CODE || f->row)
		return is_like(plan_text(f->plan, code), s->text);
	if (!*memory) {
		*memory = calloc(f->plan->dict_count + 1, 1);
		if (!*memory)
			BUG("out of memory");
	}
	if (!(*memory)[code])
		(*memory)[code] = is_like(plan_text(f->plan, code), s->text) ? 1 : 2;
	return (*memory)[code] == 1;
}

static void text_function(struct frame *f, const struct step *s)
{
	const uint8_t *states = s->out.has_state ? STATES(out) : NULL;
	size_t n = f->n;

	merge_states(f, s);
	EACH
	{
		bool is_value = !(states && states[i]);
		int64_t code = at(f, &s->a, i);
		if (s->code == STEP_LIKE)
			BITS(out)[i] = is_value && like_code(f, s, code);
		else
			NUMBERS(out)
		[i] = is_value ? (int64_t)utf8_length(plan_text(f->plan, code)) : 0;
	}
}

static void date_part(struct frame *f, const struct step *s)
{
	size_t n = f->n;

	merge_states(f, s);
	EACH
	{
		int year, month, day;
		date_to_ymd((struct date){(int32_t)at(f, &s->a, i)}, &year, &month, &day);
		NUMBERS(out)[i] = s->code == STEP_YEAR ? year : s->code == STEP_MONTH ? month : day;
	}
}

static void fill(struct frame *f, const struct step *s)
{
	size_t n = f->n;

	if (s->out.has_state)
		memset(STATES(out), s->is_null ? PLAN_NULL : 0, n);
	if (s->out.is_bit)
		memset(BITS(out), s->is_null ? 0 : s->a.constant != 0, n);
	else
		EACH NUMBERS(out)[i] = s->is_null ? 0 : s->a.constant;
}

void step_run(struct frame *f, const struct step *s)
{
	switch (s->code) {
	case STEP_CONST:
		fill(f, s);
		break;
	case STEP_LOAD:
		load(f, s);
		break;
	case STEP_COMPARE_COLUMN:
		compare_column(f, s);
		break;
	case STEP_IN_COLUMN:
		in_column(f, s);
		break;
	case STEP_ADD:
	case STEP_SUB:
	case STEP_MUL:
	case STEP_NEG:
	case STEP_ABS:
		arithmetic(f, s);
		break;
	case STEP_IDIV:
	case STEP_MOD:
		divide(f, s);
		break;
	case STEP_COMPARE:
		compare(f, s);
		break;
	case STEP_COMPARE_TEXT:
		compare_text(f, s);
		break;
	case STEP_AND:
	case STEP_OR:
		logic(f, s);
		break;
	case STEP_NOT:
		negate(f, s);
		break;
	case STEP_IS_NULL:
	case STEP_NOT_NULL:
		null_test(f, s);
		break;
	case STEP_SELECT:
		select_rows(f, s);
		break;
	case STEP_IN:
		in_list(f, s);
		break;
	case STEP_LIKE:
	case STEP_LENGTH:
		text_function(f, s);
		break;
	case STEP_YEAR:
	case STEP_MONTH:
	case STEP_DAY:
		date_part(f, s);
		break;
	case STEP_SUM:
	case STEP_COUNT:
	case STEP_MIN:
	case STEP_MAX:
		BUG("accumulators are run by plan_run.c");
	}
}
