#include "engine/column/column.h"

void dict_init(struct dict *dict, struct arena *mem)
{
	dict->mem = mem;
	strmap_init(&dict->map, mem);
}

uint32_t dict_code(struct dict *dict, struct str text)
{
	bool is_new;
	int64_t *code = strmap_put(&dict->map, text, &is_new);

	if (is_new) {
		*code = (int64_t)dict->map.count - 1;
		/* The map keeps a key of ours, of the same bytes. */
		dict->map.entries[*code].key = str_copy(dict->mem, text);
	}
	return (uint32_t)*code;
}

bool dict_find(const struct dict *dict, struct str text, uint32_t *out)
{
	const int64_t *code = strmap_find(&dict->map, text);

	if (!code)
		return false;
	*out = (uint32_t)*code;
	return true;
}

struct str dict_text(const struct dict *dict, uint32_t code)
{
	assert(code < dict->map.count);
	return dict->map.entries[code].key;
}

static void *grow(void *p, size_t size)
{
	void *grown = realloc(p, size ? size : 1);

	if (!grown)
		BUG("out of memory for a column of %zu bytes", size);
	return grown;
}

/* While loading a width stands for its signed range; sealing finds the real one. */
static int64_t signed_base(int width)
{
	return width == 8 ? 0 : -((int64_t)1 << (width * 8 - 1));
}

static bool fits(int64_t base, int width, int64_t value)
{
	uint64_t offset = (uint64_t)value - (uint64_t)base;

	return width == 8 || (value >= base && offset >> (width * 8) == 0);
}

static void store(void *data, int width, size_t row, uint64_t offset)
{
	switch (width) {
	case 1:
		((uint8_t *)data)[row] = (uint8_t)offset;
		break;
	case 2:
		((uint16_t *)data)[row] = (uint16_t)offset;
		break;
	case 4:
		((uint32_t *)data)[row] = (uint32_t)offset;
		break;
	default:
		((uint64_t *)data)[row] = offset;
		break;
	}
}

static uint64_t fetch(const void *data, int width, size_t row)
{
	switch (width) {
	case 1:
		return ((const uint8_t *)data)[row];
	case 2:
		return ((const uint16_t *)data)[row];
	case 4:
		return ((const uint32_t *)data)[row];
	default:
		return ((const uint64_t *)data)[row];
	}
}

static bool is_null(const struct column *column, size_t row)
{
	return column->nulls && (column->nulls[row / 64] >> (row % 64) & 1);
}

/* Rewrite all rows for another base and width, with room for cap rows. */
static void recode(struct column *column, int64_t base, int width, size_t cap)
{
	void *data = grow(NULL, cap * (size_t)width);

	for (size_t i = 0; i < column->count; i++) {
		uint64_t value = (uint64_t)column->base + fetch(column->data, column->width, i);
		uint64_t offset = value - (uint64_t)base;
		store(data, width, i, is_null(column, i) ? 0 : offset);
	}
	free(column->data);
	column->data = data;
	column->base = base;
	column->width = width;
	column->cap = cap;
}

void column_init(
	struct column *column, struct str name, enum column_type type, int scale, struct dict *dict)
{
	assert(scale >= 0 && scale <= COLUMN_SCALE_MAX);
	assert(scale == 0 || type == COLUMN_DEC);
	assert((type == COLUMN_TEXT) == (dict != NULL));
	*column = (struct column){.name = name,
		.type = type,
		.scale = scale,
		.dict = dict,
		.width = 1,
		.base = signed_base(1),
		.min = INT64_MAX,
		.max = INT64_MIN};
}

void column_release(struct column *column)
{
	free(column->data);
	free(column->nulls);
	column->data = NULL;
	column->nulls = NULL;
	column->count = column->cap = 0;
}

static size_t null_words(size_t rows)
{
	return rows / 64 + 1;
}

static void reserve(struct column *column)
{
	size_t cap = column->cap ? column->cap * 2 : 256;

	if (column->count < column->cap)
		return;
	column->data = grow(column->data, cap * (size_t)column->width);
	if (column->nulls) {
		column->nulls = grow(column->nulls, null_words(cap) * sizeof(uint64_t));
		memset(column->nulls + null_words(column->cap), 0,
			(null_words(cap) - null_words(column->cap)) * sizeof(uint64_t));
	}
	column->cap = cap;
}

static void make_fit(struct column *column, int64_t value)
{
	int width = column->width;

	if (fits(column->base, width, value))
		return;
	/* A sealed base may sit anywhere: what is there must fit the new base too. */
	do {
		if (fits(signed_base(width), width, value) &&
			(column->min > column->max ||
				(fits(signed_base(width), width, column->min) &&
					fits(signed_base(width), width, column->max))))
			break;
		width *= 2;
	} while (width < 8);
	recode(column, signed_base(width), width, column->cap ? column->cap : column->count);
}

static void note_range(struct column *column, int64_t value)
{
	column->min = MIN(column->min, value);
	column->max = MAX(column->max, value);
}

void column_append_i64(struct column *column, int64_t value)
{
	assert(column->type != COLUMN_BOOL || value == 0 || value == 1);
	reserve(column);
	make_fit(column, value);
	note_range(column, value);
	store(column->data, column->width, column->count++,
		(uint64_t)value - (uint64_t)column->base);
}

void column_append_text(struct column *column, struct str text)
{
	assert(column->type == COLUMN_TEXT);
	column_append_i64(column, dict_code(column->dict, text));
}

static void mark_null(struct column *column, size_t row)
{
	if (!column->nulls) {
		size_t size = null_words(MAX(column->cap, column->count)) * sizeof(uint64_t);
		column->nulls = grow(NULL, size);
		memset(column->nulls, 0, size);
	}
	column->nulls[row / 64] |= (uint64_t)1 << (row % 64);
	column->null_count++;
}

void column_append_null(struct column *column)
{
	reserve(column);
	store(column->data, column->width, column->count, 0);
	mark_null(column, column->count++);
}

void column_seal(struct column *column)
{
	int64_t base = column->min <= column->max ? column->min : 0;
	uint64_t span = column->min <= column->max ? (uint64_t)column->max - (uint64_t)base : 0;
	int width = span < 1ull << 8 ? 1 : span < 1ull << 16 ? 2 : span < 1ull << 32 ? 4 : 8;

	/* Codes keep base 0, so that a code is found in the column as it stands. */
	if (column->type == COLUMN_TEXT && column->max >= 0 && column->max < 1 << 8) {
		base = 0;
		width = 1;
	}
	recode(column, base, width, column->count);
	if (column->nulls)
		column->nulls = grow(column->nulls, null_words(column->count) * sizeof(uint64_t));
}

bool column_get(const struct column *column, size_t row, int64_t *out)
{
	assert(row < column->count);
	if (is_null(column, row))
		return false;
	*out = (int64_t)((uint64_t)column->base + fetch(column->data, column->width, row));
	return true;
}

void column_set_i64(struct column *column, size_t row, int64_t value)
{
	assert(row < column->count);
	assert(column->type != COLUMN_BOOL || value == 0 || value == 1);
	if (is_null(column, row)) {
		column->nulls[row / 64] &= ~((uint64_t)1 << (row % 64));
		column->null_count--;
	}
	make_fit(column, value);
	note_range(column, value);
	store(column->data, column->width, row, (uint64_t)value - (uint64_t)column->base);
}

void column_set_null(struct column *column, size_t row)
{
	assert(row < column->count);
	if (!is_null(column, row))
		mark_null(column, row);
}

#define UNPACK(T)                                                                                  \
	do {                                                                                       \
		const T *data = (const T *)column->data + from;                                    \
		for (size_t i = 0; i < n; i++)                                                     \
			out[i] = (int64_t)(base + data[i]);                                        \
	} while (0)

void column_read(const struct column *column, size_t from, size_t n, int64_t *out)
{
	uint64_t base = (uint64_t)column->base;

	assert(from <= column->count && n <= column->count - from);
	switch (column->width) {
	case 1:
		UNPACK(uint8_t);
		break;
	case 2:
		UNPACK(uint16_t);
		break;
	case 4:
		UNPACK(uint32_t);
		break;
	default:
		UNPACK(uint64_t);
		break;
	}
}

void column_read_nulls(const struct column *column, size_t from, size_t n, uint8_t *out)
{
	assert(from <= column->count && n <= column->count - from);
	if (!column->nulls) {
		memset(out, 0, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		out[i] = column->nulls[(from + i) / 64] >> ((from + i) % 64) & 1;
}

size_t column_bytes(const struct column *column)
{
	size_t nulls = column->nulls ? null_words(column->count) * sizeof(uint64_t) : 0;

	return column->cap * (size_t)column->width + nulls;
}

void table_init(struct table *table, struct arena *mem, struct str name, struct dict *dict)
{
	*table = (struct table){.mem = mem, .name = str_copy(mem, name), .dict = dict};
	if (!dict) {
		table->dict = arena_new(mem, struct dict);
		dict_init(table->dict, mem);
	}
}

static void release_column(void *arg)
{
	column_release(arg);
}

struct column *table_add(struct table *table, struct str name, enum column_type type, int scale)
{
	struct column *column = arena_new(table->mem, struct column);

	assert(!table_find(table, name));
	column_init(column, str_copy(table->mem, name), type, scale,
		type == COLUMN_TEXT ? table->dict : NULL);
	arena_defer(table->mem, release_column, column);
	*VEC_PUSH(table->mem, &table->columns) = column;
	return column;
}

struct column *table_find(const struct table *table, struct str name)
{
	for (size_t i = 0; i < table->columns.count; i++)
		if (str_eq(table->columns.items[i]->name, name))
			return table->columns.items[i];
	return NULL;
}

void table_seal(struct table *table)
{
	table->row_count = table->columns.count ? table->columns.items[0]->count : 0;
	for (size_t i = 0; i < table->columns.count; i++) {
		assert(table->columns.items[i]->count == table->row_count);
		column_seal(table->columns.items[i]);
	}
}
