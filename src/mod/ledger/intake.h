/*
 * A file read as rows of a ledger: the header found and matched by name, title and synonym, each
 * cell parsed and checked, each row checked by the ledger's rules, in batches. The store is not
 * touched: `shuren import` puts the batches in, `shuren evaluate --from` computes on them.
 *
 * A long file is read and parsed by a thread of its own, a batch or two ahead of the caller. The
 * thread sees the file, the pack and the field parsers; everything else is done by the caller's.
 *
 * Every problem names row, column, title and value. The first 1,000 are kept, all are counted.
 */
#pragma once

#include "engine/column/column.h"
#include "mod/ledger/field_value.h"

#define INTAKE_BATCH_ROWS 4096

struct cell_problem {
	uint32_t row;     /* as the spreadsheet shows it, from 1 */
	uint32_t column;  /* from 0; UINT32_MAX: the row as a whole */
	struct str title; /* of the column */
	struct str value; /* as it stands in the file, shortened */
	struct str text;  /* what was expected */
	bool is_warning;
};

struct intake_problems {
	struct arena *mem;
	VEC(struct cell_problem) list;
	size_t error_count, warning_count, keep;
};

struct intake_column {
	const struct pack_field
		*field; /* NULL: a column of the file that the ledger does not know */
	struct str header;
	uint32_t column;
};

struct intake_batch {
	struct table *table; /* one column a field of the ledger, in its order */
	const uint32_t *row_numbers;
	const bool *has_error; /* rows that may not be stored */
	size_t row_count;
};

struct intake_options {
	struct str sheet;  /* empty: the first with rows */
	struct str period; /* for rows without one of their own; empty: none */
	bool needs_period; /* a row without a period is an error */
	struct str bytes;  /* the file itself, in memory; p NULL: read the path */
	/* Told of each batch before its row checks, to fill in what the file lacks; NULL: none. */
	enum err (*complete)(void *arg, struct ctx *cx, struct table *table,
		const uint32_t *row_numbers, bool *has_error, size_t n);
	void *arg;
};

struct intake;

/*
 * Open a file and match its header. p and ledger must outlive the intake; it is released with
 * cx->mem. What is wrong with the header is in intake_problems and makes the call fail.
 * Fails: as table_reader_open; REJECTED: no header, required columns missing, a title twice.
 */
MUST_CHECK enum err intake_open(struct ctx *cx, const struct pack *p,
	const struct pack_ledger *ledger, const char *path, const struct intake_options *options,
	struct intake **out);
/*
 * The next batch, or out->row_count 0 at the end. The batch is good until the next call.
 * Bad cells are NULL in it, their rows have has_error. Fails: as table_reader_next.
 */
MUST_CHECK enum err intake_next(struct ctx *cx, struct intake *in, struct intake_batch *out);

struct intake_problems *intake_problems(struct intake *in);
void intake_problem(struct intake *in, uint32_t row, uint32_t column, bool is_warning,
	struct str value, const char *fmt, ...) PRINTF(6, 7);
/* The columns of the file, for the preview and the rejects workbook. */
const struct intake_column *intake_columns(const struct intake *in, size_t *out_count);
/* Where a field stands in the file; UINT32_MAX when it does not. */
uint32_t intake_column_of(const struct intake *in, const struct pack_field *field);
uint32_t intake_header_row(const struct intake *in);
/* For its kind and sheet; it may be reading. */
const struct table_reader *intake_reader(const struct intake *in);
/* Bytes of the file up to the end of the batch, and all of them. */
void intake_progress(const struct intake *in, uint64_t *out_done, uint64_t *out_total);
size_t intake_rows(const struct intake *in);        /* data rows read so far */
size_t intake_blank_cells(const struct intake *in); /* cells with nothing but blanks */

/* In order of row and column, errors before warnings of the same cell. */
void intake_sort_problems(struct intake *in);
/* "2 行 B 列 (B2) 在校生数 '12a': 应为数字" one a line; "… and N more". For standard error. */
void intake_format_problems(const struct intake *in, bool is_english, struct strbuf *out);
