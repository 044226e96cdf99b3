/* Reads a whole table and checks what table_reader.h promises of every row. */
#pragma once

#include "wire/table_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_read(struct str bytes, const struct table_options *opts)
{
	struct ctx cx = {.mem = arena_create()};
	struct table_reader *reader;
	const struct table_row *row;
	uint32_t last = 0;
	enum err e = table_reader_open_bytes(&cx, bytes, opts, &reader);

	while (e == ERR_OK && (e = table_reader_next(reader, &row)) == ERR_OK && row) {
		assert(row->number > last && row->count > 0);
		last = row->number;
		for (size_t i = 0; i < row->count; i++) {
			const struct table_cell *cell = &row->cells[i];
			assert(cell->text.n > 0 && cell->text.n <= opts->cell_max);
			assert(utf8_check(cell->text));
			assert(cell->column < TABLE_COLUMNS_MAX);
			assert(i == 0 || cell->column > cell[-1].column);
			assert(table_row_cell(row, cell->column) == cell);
		}
	}
	assert(e == ERR_OK || cx.error.n > 0);
	arena_free(cx.mem);
}
