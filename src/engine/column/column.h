/*
 * Typed columns in memory: what rules, scores and forecasts compute on. A value is an int64
 * (scaled for decimals, days since 1970-01-01 for dates, a dictionary code for text, 0 or 1 for
 * bool) or NULL, kept in 1, 2, 4 or 8 bytes as the range of the column allows, so that a million
 * pupils with 14 columns fit in some 30 MB.
 *
 * Layout: value = base + stored, stored unsigned of `width` bytes. The invariant min <= value
 * <= max holds for every value that is not NULL; min and max may be wider than the values in
 * the column after column_set_*.
 */
#pragma once

#include "base/date.h"
#include "base/map.h"

#define COLUMN_SCALE_MAX 9

enum column_type {
	COLUMN_INT,
	COLUMN_DEC, /* scaled by 10^scale */
	COLUMN_TEXT,
	COLUMN_DATE,
	COLUMN_BOOL,
};

/* Texts and their codes 0, 1, 2 … in order of first appearance. May serve several tables. */
struct dict {
	struct arena *mem;
	struct strmap map; /* entries[code].key is the text */
};

void dict_init(struct dict *dict, struct arena *mem);
uint32_t dict_code(struct dict *dict, struct str text); /* made when absent */
MUST_CHECK bool dict_find(const struct dict *dict, struct str text, uint32_t *out);
struct str dict_text(const struct dict *dict, uint32_t code); /* lives as long as dict */

struct column {
	struct str name;
	enum column_type type;
	int scale;         /* 0..9; 0 unless COLUMN_DEC */
	struct dict *dict; /* COLUMN_TEXT only, not owned */
	void *data;        /* own malloc, count * width bytes */
	uint64_t *nulls;   /* own malloc, a bit a row; NULL when no row ever was NULL */
	int width;         /* 1, 2, 4, 8 */
	int64_t base;
	int64_t min, max; /* min > max: no value yet */
	size_t count, cap, null_count;
};

/* name must outlive the column. The owner ends it with column_release. */
void column_init(struct column *column, struct str name, enum column_type type, int scale,
	struct dict *dict);
void column_release(struct column *column);

/* Loaders append; the width grows as values ask for it. */
void column_append_i64(struct column *column, int64_t value);
void column_append_text(struct column *column, struct str text); /* COLUMN_TEXT */
void column_append_null(struct column *column);
/* Give the memory back that appending left over and take the narrowest width. */
void column_seal(struct column *column);

/* False when the value is NULL. */
MUST_CHECK bool column_get(const struct column *column, size_t row, int64_t *out);
/* What-if: change one value in place; a value out of range of the width widens the column. */
void column_set_i64(struct column *column, size_t row, int64_t value);
void column_set_null(struct column *column, size_t row);

/* rows [from, from+n) as int64; NULL rows give an arbitrary value. */
void column_read(const struct column *column, size_t from, size_t n, int64_t *out);
/* 1 where the row is NULL, else 0. */
void column_read_nulls(const struct column *column, size_t from, size_t n, uint8_t *out);
size_t column_bytes(const struct column *column);

/* Columns of equal length. All text columns of a table share its dictionary. */
struct table {
	struct arena *mem;
	struct str name;
	struct dict *dict;
	VEC(struct column *) columns;
	size_t row_count; /* set by table_seal */
};

/*
 * dict NULL makes one of its own. The columns' data are freed with mem (or its reset), so
 * there is nothing to release.
 */
void table_init(struct table *table, struct arena *mem, struct str name, struct dict *dict);
/* name is copied; adding a name twice is a bug of the caller. */
struct column *table_add(struct table *table, struct str name, enum column_type type, int scale);
struct column *table_find(const struct table *table, struct str name); /* NULL when absent */
/* Seals every column; all must have the same length. Call it again after more appends. */
void table_seal(struct table *table);
