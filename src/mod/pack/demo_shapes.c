/* What may stand in a document of the kind `demo`. */
#include "mod/pack/pack_internal.h"

#define REQ .is_required = true
#define OPT .is_required = false

static const char *const form_names[] = {"csv", "xlsx", NULL};

/* clang-format off: one row a line reads best */
static const struct shape_field column_fields[] = {
	{"name", SHAPE_ID, offsetof(struct pack_demo_column, name), REQ},
	{"type", SHAPE_ENUM, offsetof(struct pack_demo_column, type), REQ,
		.choices = field_type_names},
	{"scale", SHAPE_INT, offsetof(struct pack_demo_column, scale), OPT, .max = 9},
};
static const struct shape column_shape = SHAPE(pack_demo_column, column_fields, "column", "");

static const struct shape_field file_fields[] = {
	{"id", SHAPE_ID, offsetof(struct pack_demo_file, id), REQ},
	{"file", SHAPE_TEXT, offsetof(struct pack_demo_file, file), REQ, .help = "CSV of the pack"},
	{"columns", SHAPE_LIST, offsetof(struct pack_demo_file, columns), REQ, .of = &column_shape},
};
static const struct shape file_shape = SHAPE(pack_demo_file, file_fields, "file", "");

static const struct shape_field size_fields[] = {
	{"id", SHAPE_ID, offsetof(struct pack_demo_size, id), REQ},
	{"title", SHAPE_TEXT, offsetof(struct pack_demo_size, title), REQ},
	{"values", SHAPE_DECS, offsetof(struct pack_demo_size, values), REQ,
		.help = "whole numbers; rules see them as size_NAME"},
};
static const struct shape size_shape = SHAPE(pack_demo_size, size_fields, "size", "");

static const struct shape_field field_fields[] = {
	{"name", SHAPE_ID, offsetof(struct pack_demo_field, name), REQ},
	{"type", SHAPE_ENUM, offsetof(struct pack_demo_field, type), OPT,
		.choices = field_type_names, .help = "integer; string with text and pick"},
	{"scale", SHAPE_INT, offsetof(struct pack_demo_field, scale), OPT, .max = 9},
	{"rule", SHAPE_RULE, offsetof(struct pack_demo_field, rule), OPT, .help = "computed"},
	{"least", SHAPE_RULE, offsetof(struct pack_demo_field, least), OPT,
		.help = "a draw from here"},
	{"most", SHAPE_RULE, offsetof(struct pack_demo_field, most), OPT, .help = "to here"},
	{"draws", SHAPE_INT, offsetof(struct pack_demo_field, draws), OPT, .max = 12,
		.help = "the mean of so many draws: 1 flat, 3 like a bell"},
	{"since", SHAPE_DATE, offsetof(struct pack_demo_field, since), OPT,
		.help = "of a date: rule and draw count days from it"},
	{"text", SHAPE_TEXT, offsetof(struct pack_demo_field, text), OPT,
		.help = "with {name}, {name:5} (zeros in front), {date:ymd}"},
	{"check", SHAPE_TEXT, offsetof(struct pack_demo_field, check), OPT,
		.help = "a check character behind the text: mod_11_2"},
	{"pick", SHAPE_DECS, offsetof(struct pack_demo_field, pick), OPT, .help = "value: weight"},
	{"row_of", SHAPE_TEXT, offsetof(struct pack_demo_field, row_of), OPT,
		.help = "a random row of a file; its columns are FIELD_COLUMN"},
	{"key", SHAPE_TEXT, offsetof(struct pack_demo_field, key), OPT,
		.help = "only rows whose column"},
	{"match", SHAPE_TEXT, offsetof(struct pack_demo_field, match), OPT,
		.help = "begins with this text"},
};
static const struct shape field_shape = SHAPE(
	pack_demo_field, field_fields, "field", "Exactly one of rule, most, text, pick, row_of.");

static const struct shape_field add_fields[] = {
	{"to", SHAPE_TEXT, offsetof(struct pack_demo_add, to), REQ, .help = "TABLE_FIELD"},
	{"value", SHAPE_RULE, offsetof(struct pack_demo_add, value), REQ},
};
static const struct shape add_shape = SHAPE(pack_demo_add, add_fields, "add", "");

static const struct shape_field table_fields[] = {
	{"id", SHAPE_ID, offsetof(struct pack_demo_table, id), REQ},
	{"of", SHAPE_TEXT, offsetof(struct pack_demo_table, of), OPT, .help = "the table above"},
	{"count", SHAPE_RULE, offsetof(struct pack_demo_table, count), OPT,
		.help = "rows below each row above"},
	{"rows", SHAPE_TEXT, offsetof(struct pack_demo_table, rows), OPT,
		.help = "or the rows of a file"},
	{"where", SHAPE_RULE, offsetof(struct pack_demo_table, where), OPT,
		.help = "those that keep this"},
	{"until", SHAPE_TEXT, offsetof(struct pack_demo_table, until), OPT,
		.help = "or until the sum of this field"},
	{"reach", SHAPE_RULE, offsetof(struct pack_demo_table, reach), OPT, .help = "reaches this"},
	{"ledger", SHAPE_TEXT, offsetof(struct pack_demo_table, ledger), OPT,
		.help = "where rows go"},
	{"keep", SHAPE_RULE, offsetof(struct pack_demo_table, keep), OPT,
		.help = "only rows that keep this"},
	{"fields", SHAPE_LIST, offsetof(struct pack_demo_table, fields), OPT, .of = &field_shape},
	{"adds", SHAPE_LIST, offsetof(struct pack_demo_table, adds), OPT, .of = &add_shape,
		.help = "what each row adds to a field further up"},
};
static const struct shape table_shape =
	SHAPE(pack_demo_table, table_fields, "table", "Exactly one of count, rows, until.");

static const struct shape_field output_fields[] = {
	{"ledger", SHAPE_TEXT, offsetof(struct pack_demo_output, ledger), REQ},
	{"as", SHAPE_ENUM, offsetof(struct pack_demo_output, as), REQ, .choices = form_names},
};
static const struct shape output_shape = SHAPE(pack_demo_output, output_fields, "output", "");

static const struct shape_field demo_fields[] = {
	{"demo", SHAPE_ID, offsetof(struct pack_demo, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_demo, title), REQ},
	{"notice", SHAPE_TEXT, offsetof(struct pack_demo, notice), REQ,
		.help = "goes with the files and the place"},
	{"day", SHAPE_DATE, offsetof(struct pack_demo, day), REQ,
		.help = "of the parameters that rules use, and of the files"},
	{"files", SHAPE_LIST, offsetof(struct pack_demo, files), OPT, .of = &file_shape},
	{"sizes", SHAPE_LIST, offsetof(struct pack_demo, sizes), REQ, .of = &size_shape},
	{"tables", SHAPE_LIST, offsetof(struct pack_demo, tables), REQ, .of = &table_shape},
	{"outputs", SHAPE_LIST, offsetof(struct pack_demo, outputs), REQ, .of = &output_shape,
		.help = "in the order of import"},
};
const struct shape demo_kind =
	SHAPE(pack_demo, demo_fields, "demo", "A generated place: `shuren demo`.");
/* clang-format on */
