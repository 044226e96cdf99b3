/* What the files of an intake share; nobody outside mod/ledger includes it. */
#pragma once

#include "mod/ledger/header.h"
#include "mod/ledger/ledger_table.h"
#include "mod/pack/rules.h"

struct intake_check;

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
	struct arena *batch_mem; /* emptied at each batch */
	uint32_t *row_numbers;
	bool *has_error;
	size_t row_count, blank_cells;
	struct intake_problems problems;
};

/* Compile the row checks whose columns the file has. */
MUST_CHECK enum err intake_checks_ready(struct ctx *cx, struct intake *in);
/* Run them over a batch: problems, and has_error for rows that break an error check. */
MUST_CHECK enum err intake_checks_run(
	struct ctx *cx, struct intake *in, const struct table *table, size_t n);
