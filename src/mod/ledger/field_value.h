/*
 * One cell to one typed value, as its field says: trimming, full-width forms, code tables,
 * formats with check digits, ranges. The same for a workbook, a form and the API.
 */
#pragma once

#include "mod/pack/pack.h"
#include "wire/table_reader.h"

/* What a field wants, made ready once a file: code tables as maps, bounds at its scale. */
struct field_parser {
	const struct pack_field *field;
	struct strmap codes;   /* code, title or synonym -> position + 1 in code_list */
	struct str *code_list; /* the codes as kept */
	size_t code_count;
	bool has_codes, is_required;
	bool has_min, has_max;
	int64_t min, max; /* at the field's scale */
	void *pattern;    /* regex_t *, compiled; NULL: none */
};

struct field_value {
	bool is_null;
	int64_t number;  /* INTEGER, DECIMAL (scaled), BOOLEAN (0, 1), DATE (days) */
	struct str text; /* everything else; good until the cell is */
};

/* Ready a parser; what it makes lives in mem. */
void field_parser_init(struct field_parser *parser, struct arena *mem, const struct pack *p,
	const struct pack_field *field);

/*
 * Read a cell. False: *why says in one sentence what was expected (in mem). An empty cell is
 * NULL, or the field's default; a required field refuses it.
 */
MUST_CHECK bool field_parse(const struct field_parser *parser, const struct table_cell *cell,
	struct arena *mem, bool is_english, struct field_value *out, struct str *why);

/* Text of a value as people and files read it; code titles when as_title. */
void field_format(const struct pack *p, const struct pack_field *field,
	const struct field_value *value, bool as_title, struct strbuf *out);

/* 2025, 2025-2026, 2025-H1, 2025-09, 2025-09-01 from what people write (2025年, 2025学年). */
MUST_CHECK bool period_parse(struct arena *mem, struct str text, struct str *out);
