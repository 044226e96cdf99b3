/* What the files of an intake share; nobody outside mod/ledger includes it. */
#pragma once

#include "mod/ledger/header.h"
#include "mod/ledger/ledger_table.h"
#include "mod/pack/rules.h"

#include <pthread.h>

#define INTAKE_PARTS  2 /* one with the caller, one that is being read or waits */
#define PROBLEMS_KEPT 1000

struct intake_check;

/* A batch as it was read and parsed, and what was wrong with its cells. */
struct intake_part {
	struct arena *mem; /* emptied when the part is read anew */
	struct table *table;
	uint32_t *row_numbers;
	bool *has_error;
	size_t row_count, blank_cells;
	struct intake_problems problems; /* in mem */
	uint64_t done, total;            /* bytes of the file */
	enum err failed;                 /* the reader's failure behind these rows */
	struct str error;
};

/* The last text of a column: most columns repeat a few. */
struct intake_memo {
	struct str text; /* in the dictionary */
	uint32_t code;
	bool is_set;
};

struct intake {
	const struct pack *pack;
	const struct pack_ledger *ledger;
	struct intake_options options;
	bool is_english;
	struct table_reader *reader;
	struct header_map *map;
	struct intake_column *columns; /* as in the file */
	int64_t *factors;              /* from the unit of a header to the field's */
	size_t column_count;
	uint32_t *field_columns; /* one a field: its column, UINT32_MAX when it has none */
	int64_t *field_factors;
	uint32_t header_row;
	struct field_parser *parsers; /* one a field */
	struct intake_check *checks;
	size_t check_count;
	const struct rule **rules; /* of the checks: rule and when */
	size_t rule_count;
	struct intake_problems problems;

	/* Of the reading, by whoever reads: the caller, or the thread once it runs. */
	struct ctx read_cx;
	struct intake_memo *memos; /* one a field */
	size_t rows_read;
	struct intake_part parts[INTAKE_PARTS]; /* a ring */
	/* What both sides look at, under the lock while the thread runs. */
	pthread_t reading;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t read_count, taken_count; /* parts read, parts that the caller has taken */
	bool has_thread, is_stopping;
	bool is_last; /* the last part that was taken is the last of the file */

	/* Of the batch that the caller has. */
	struct arena *batch_mem;
	const uint32_t *row_numbers;
	bool *has_error;
	size_t row_count, blank_cells;
	uint64_t done, total;
};

/* intake.c: how many cells of a row are names of the ledger's fields. */
size_t intake_count_known(const struct header_map *map, const struct table_row *row);
/* Count a problem and keep it while there is room; its text is the caller's to set. NULL: full. */
struct cell_problem *intake_note(const struct intake *in, struct intake_problems *ps, uint32_t row,
	uint32_t column, bool is_warning, struct str value);

/* intake_read.c: the next part; the former one is given back. row_count 0 at the end. */
const struct intake_part *intake_next_part(struct intake *in);
/* End the thread, if there is one. */
void intake_stop_reading(struct intake *in);

/* Compile the row checks whose columns the file has. */
MUST_CHECK enum err intake_checks_ready(struct ctx *cx, struct intake *in);
/* Run them over a batch: problems, and has_error for rows that break an error check. */
MUST_CHECK enum err intake_checks_run(
	struct ctx *cx, struct intake *in, const struct table *table, size_t n);
