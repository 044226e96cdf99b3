/* A demo made ready to run. Internal to mod/demo. */
#pragma once

#include "base/rng.h"
#include "engine/rule/plan.h"
#include "mod/demo/demo.h"
#include "wire/csv_write.h"
#include "wire/xlsx_write.h"

struct formula {
	const struct rule *rule; /* NULL: none */
	const struct plan *plan;
	struct plan_run *run;
	struct place at;
};

/* A file's rows: numbers, or codes of the dictionary. */
struct demo_rows {
	const struct pack_demo_file *file;
	size_t count;
	int64_t *numbers; /* [row * columns + column] */
	uint8_t *nulls;
};

enum maker_kind { MAKE_RULE, MAKE_DRAW, MAKE_TEXT, MAKE_PICK, MAKE_ROW };

struct field_maker {
	enum maker_kind kind;
	const struct pack_demo_field *field;
	size_t slot;
	struct formula rule, least, most;
	struct demo_pieces text;       /* of MAKE_TEXT; of MAKE_ROW what the key begins with */
	struct strbuf built;           /* the row's text */
	int64_t *values, *weights;     /* of MAKE_PICK; weights added up */
	const struct demo_rows *rows;  /* of MAKE_ROW */
	size_t key;                    /* column */
	const struct demo_row *sorted; /* rows by key; NULL: any row will do */
};

struct demo_row {
	struct str key;
	size_t row;
};

struct demo_output {
	const struct pack_ledger *ledger;
	int form; /* enum pack_demo_form */
	char *path;
	struct csv_writer csv;
	struct xlsx_writer *xlsx;
	const struct pack_field **fields; /* the columns of the file */
	size_t field_count, rows;
};

struct add_maker {
	struct demo_table *target;
	size_t slot;
	struct formula value;
};

struct demo_table {
	const struct demo_layout *layout;
	struct demo_table *parent;
	struct demo_table **children;
	size_t child_count, index;
	struct formula count, reach, where, keep;
	const struct demo_rows *rows;
	size_t until;
	struct field_maker *fields;
	struct add_maker *adds;
	struct demo_output *output; /* NULL: rows are not written */
	size_t *columns;            /* by column of the output: its slot, or SIZE_MAX */
	/* The row being made, by slot of the layout; texts of slots that are written. */
	int64_t *numbers;
	uint8_t *nulls;
	struct str *texts;
	int64_t serial;
};

struct machine {
	struct ctx *cx;
	const struct demo_request *request;
	struct dict dict;
	struct demo_table *tables;
	size_t table_count;
	struct demo_output *outputs;
	size_t output_count;
	struct demo_rows *files;
	struct rng rng; /* of the row being made */
};

/* demo_build.c: everything but the open files. Fails: PACK, and as a table reader does. */
MUST_CHECK enum err demo_build(struct machine *m);

/* demo_row.c: the fields of a row after number, serial and the columns of its file are set. */
MUST_CHECK enum err demo_row_make(struct machine *m, struct demo_table *t);
/* The formula's value at a scale; false in *has_value when it has none. Fails: PACK. */
MUST_CHECK enum err demo_eval(struct machine *m, const struct formula *f,
	const struct demo_table *t, int scale, bool *has_value, int64_t *out);
/* A condition; one that is not there holds. */
MUST_CHECK enum err demo_holds(
	struct machine *m, const struct formula *f, const struct demo_table *t, bool *out);
/* A slot's value as it is written to files; nothing when it is NULL. */
void demo_slot_text(
	const struct machine *m, const struct demo_table *t, size_t slot, struct strbuf *out);

/* demo_files.c */
MUST_CHECK enum err demo_outputs_open(struct machine *m);
void demo_output_row(struct machine *m, struct demo_table *t);
MUST_CHECK enum err demo_outputs_close(struct machine *m, struct demo_files *out);
