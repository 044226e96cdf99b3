/*
 * What is the same for all sheets of a workbook: the list of sheets, number formats, shared
 * strings. Internal to wire/.
 */
#pragma once

#include "wire/xlsx_package.h"
#include "wire/xlsx_value.h"

struct xlsx_sheet {
	struct str name, part, relation;
	bool is_hidden;
};

/* All texts one behind the other; text i is p[ends[i-1]..ends[i]). Own malloc. */
struct xlsx_strings {
	char *p;
	size_t size, cap;
	uint32_t *ends;
	size_t count, ends_cap;
};

struct xlsx_book {
	struct xlsx_package package;
	struct arena *mem;
	struct str part, styles_part, strings_part; /* the last two may be empty */
	bool is_1904;
	VEC(struct xlsx_sheet) sheets; /* worksheets, in the order of the tabs */
	VEC(uint8_t) formats;          /* enum xlsx_format of each cell style */
	struct xlsx_strings strings;
	bool has_strings; /* loaded */
};

/* Open it and read the list of sheets and the styles; strings are loaded when asked for. */
MUST_CHECK enum err xlsx_book_open(struct xlsx_book *book, struct ctx *cx,
	const struct table_bytes *bytes, uint64_t inflated_max);
MUST_CHECK enum err xlsx_book_load_strings(struct xlsx_book *book, uint64_t max, size_t cell_max);
void xlsx_book_close(struct xlsx_book *book);
/* The sheet of that name; NOT found: REJECTED, with the names there are. */
MUST_CHECK enum err xlsx_book_find_sheet(
	struct xlsx_book *book, struct str name, const struct xlsx_sheet **out);
