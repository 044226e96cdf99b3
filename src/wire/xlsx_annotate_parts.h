/* The parts of a workbook that xlsx_annotate changes, and how. Internal to wire/. */
#pragma once

#include "wire/xlsx_annotate.h"
#include "wire/xlsx_book.h"
#include "wire/xlsx_edit.h"

/* Red copies of cell styles, made as cells need them: copy i of style sources[i]. */
struct red_styles {
	struct arena *mem;
	bool is_possible; /* the workbook has styles */
	uint32_t first;   /* index of copy 0 */
	VEC(uint32_t) sources;
};
uint32_t red_style_of(struct red_styles *reds, uint32_t style);
MUST_CHECK enum err red_styles_write(
	struct red_styles *reds, struct xlsx_book *book, struct strbuf *out);

struct sheet_annotation {
	const struct xlsx_annotation *what;
	struct red_styles *reds;
	bool has_table;     /* a filter of its own would overlap the table's */
	bool wants_drawing; /* there will be comments */
	const char *new_drawing_id;
	struct str drawing_id; /* out: of the sheet's own legacyDrawing; empty: the new one */
	bool is_strict;        /* out */
};
/* The sheet with marks, to file. */
MUST_CHECK enum err sheet_annotate(
	struct sheet_annotation *sheet, struct xlsx_book *book, struct str part, FILE *file);

/* A comment to add. */
struct note {
	uint32_t row, column;
	struct str text;
};
struct notes {
	struct arena *mem;
	VEC(struct note) list;
};
void notes_collect(struct notes *notes, const struct xlsx_annotation *what);
/* Comments and their shapes, added to the existing part, or new when part is empty. Cells that
   have a comment already keep theirs: it is taken out of notes. */
MUST_CHECK enum err notes_write_comments(struct notes *notes, struct xlsx_book *book,
	struct str part, bool is_strict, struct strbuf *out);
MUST_CHECK enum err notes_write_shapes(
	const struct notes *notes, struct xlsx_book *book, struct str part, struct strbuf *out);
/* Put xml before the end of the root of part, or of an empty root around it when there is none. */
MUST_CHECK enum err part_append(struct xlsx_book *book, struct str part, const char *empty_root,
	struct str xml, struct strbuf *out);
