/*
 * The kind `demo`: how a generated place is made. Tables of rows hang under each other (county,
 * school, class, pupil); each row's fields are drawn, picked, computed by a rule or put together
 * as text, in the order they stand in. A table that names a ledger writes its rows there.
 *
 * Names in rules and texts: the own earlier fields and `number` (1, 2 … below one parent) and
 * `serial` (1, 2 … in all) by their name; those of a table further up as TABLE_FIELD; the chosen
 * size's values as size_NAME. A row taken from a file gives FIELD_COLUMN.
 */
#pragma once

#include "engine/rule/rule.h"
#include "wire/shape.h"

/* A CSV file of the pack, and how rules may use its columns. */
struct pack_demo_column {
	struct place at;
	struct located name;
	int type; /* enum field_type: string, integer, decimal, boolean or date */
	int64_t scale;
};

struct pack_demo_file {
	struct place at;
	struct located id, file;
	SHAPE_LIST_OF(struct pack_demo_column) columns;
};

struct pack_demo_size {
	struct place at;
	struct located id, title;
	struct keyed_dec_list values; /* whole numbers; the same names in every size */
};

/* Exactly one of rule, most, text, pick, row_of stands. */
struct pack_demo_field {
	struct place at;
	struct located name;
	int type; /* enum field_type; -1: integer, or string with text and pick */
	int64_t scale;
	struct located rule;        /* computed */
	struct located least, most; /* a draw between both, ends included */
	int64_t draws;              /* the mean of so many: 1 flat, 3 like a bell */
	struct date since;          /* of a date: what rule or draw count days from */
	struct located text;        /* with {name}, {name:5} (zeros in front), {date:ymd} */
	struct located check;       /* a check character behind the text: mod_11_2 */
	struct keyed_dec_list pick; /* value: weight */
	struct located row_of;      /* a random row of a file … */
	struct located key, match;  /* … whose column begins with this text */
};

/* Add a value to a field further up, for the tables that follow there. */
struct pack_demo_add {
	struct place at;
	struct located to, value; /* TABLE_FIELD; rule */
};

/* Exactly one of count, rows, until stands. */
struct pack_demo_table {
	struct place at;
	struct located id, of;
	struct located count;        /* rule over the tables above */
	struct located rows, where;  /* the rows of a file that keep the rule */
	struct located until, reach; /* rows until the sum of a field reaches the rule's value */
	struct located ledger, keep; /* where rows go; keep: only those */
	SHAPE_LIST_OF(struct pack_demo_field) fields;
	SHAPE_LIST_OF(struct pack_demo_add) adds;
};

struct pack_demo_output {
	struct place at;
	struct located ledger;
	int as; /* enum pack_demo_form */
};

enum pack_demo_form { DEMO_CSV, DEMO_XLSX };

struct pack_demo {
	struct place at;
	struct located id, title, notice;
	struct date day; /* of the parameters that rules use, and of the files */
	SHAPE_LIST_OF(struct pack_demo_file) files;
	SHAPE_LIST_OF(struct pack_demo_size) sizes; /* the first is the default */
	SHAPE_LIST_OF(struct pack_demo_table) tables;
	SHAPE_LIST_OF(struct pack_demo_output) outputs; /* in the order of import */
};

struct pack;

/* A value that a row of a table has or sees. */
struct demo_slot {
	struct str name;
	int type; /* enum field_type */
	int scale;
	bool is_written; /* a text put together: texts may use it, rules may not */
};

enum { DEMO_NUMBER, DEMO_SERIAL, DEMO_OWN }; /* the first slots of every table */

struct demo_layout {
	const struct pack_demo_table *table;
	const struct demo_layout *parent; /* NULL: below the size */
	const struct pack_demo_file *rows;
	struct demo_slot *slots; /* own ones, then the parent's in its order, sizes last */
	size_t count, own_count;
	size_t *field_slot; /* by field: its (first) slot */
	const struct rule_env *env;
};

/*
 * The layouts of all tables, in their order; problems in ps, and then the result is of no use.
 * Lives in mem.
 */
struct demo_layout *pack_demo_layouts(
	struct arena *mem, const struct pack *p, const struct pack_demo *demo, struct problems *ps);
/* The slot of a name that stands before `end`, or SIZE_MAX. */
size_t demo_slot_find(const struct demo_layout *layout, struct str name, size_t own_end);
/*
 * A rule of a table, that may use own slots below own_end and all those above. NULL after
 * problems.
 */
const struct rule *pack_demo_compile(struct arena *mem, const struct demo_layout *layout,
	const struct located *text, size_t own_end, bool wants_bool, struct problems *ps);
const struct pack_demo_file *pack_demo_file(const struct pack_demo *demo, struct str id);
/* Everything of a demo that `pack check` can say. */
void pack_demo_check(
	struct arena *mem, const struct pack *p, const struct pack_demo *demo, struct problems *ps);

/* One piece of a text: literal, or a slot with its form. False at the end or on a bad brace. */
struct demo_piece {
	struct str literal;
	size_t slot; /* SIZE_MAX: the literal */
	int width;   /* zeros in front up to it; 0: as it is */
	bool is_ymd;
};
struct demo_pieces {
	struct demo_piece *items;
	size_t count;
};
struct demo_pieces pack_demo_pieces(struct arena *mem, const struct demo_layout *layout,
	const struct located *text, size_t own_end, struct problems *ps);
