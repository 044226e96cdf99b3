/* What may stand in a document of the kind `ledger`: fields, checks, keys. */
#include "mod/pack/pack_internal.h"

#define REQ .is_required = true
#define OPT .is_required = false

static const char *const secrecy_names[] = {"none", "personal", "sealed", NULL};
static const char *const level_names[] = {"error", "warning", NULL};

/* clang-format off: one row a line reads best */
static const struct shape_field constraints_shape_fields[] = {
	{"required", SHAPE_BOOL, offsetof(struct pack_constraints, is_required), OPT},
	{"unique", SHAPE_BOOL, offsetof(struct pack_constraints, is_unique), OPT},
	{"minimum", SHAPE_DEC, offsetof(struct pack_constraints, minimum), OPT},
	{"maximum", SHAPE_DEC, offsetof(struct pack_constraints, maximum), OPT},
	{"min_length", SHAPE_INT, offsetof(struct pack_constraints, min_length), OPT,
		.help = "code points"},
	{"max_length", SHAPE_INT, offsetof(struct pack_constraints, max_length), OPT,
		.help = "code points"},
	{"pattern", SHAPE_TEXT, offsetof(struct pack_constraints, pattern), OPT,
		.help = "POSIX extended regular expression, whole cell"},
	{"enum", SHAPE_TEXTS, offsetof(struct pack_constraints, choices), OPT},
};
static const struct shape constraints_shape = SHAPE(pack_constraints, constraints_shape_fields,
	"constraints", "As in Frictionless Table Schema.");

static const struct shape_field field_shape_fields[] = {
	{"name", SHAPE_ID, offsetof(struct pack_field, name), REQ},
	{"title", SHAPE_TEXT, offsetof(struct pack_field, title), REQ,
		.help = "header in workbooks"},
	{"type", SHAPE_ENUM, offsetof(struct pack_field, type), REQ, .choices = field_type_names},
	{"scale", SHAPE_INT, offsetof(struct pack_field, scale), OPT, .min = 0, .max = 9,
		.help = "decimals of a decimal, 0 to 9"},
	{"unit", SHAPE_TEXT, offsetof(struct pack_field, unit), OPT},
	{"constraints", SHAPE_OBJECT, offsetof(struct pack_field, constraints), OPT,
		.of = &constraints_shape},
	{"codes", SHAPE_TEXT, offsetof(struct pack_field, codes), OPT,
		.help = "code table: its codes and titles are accepted, the code is kept"},
	{"format", SHAPE_TEXT, offsetof(struct pack_field, format), OPT,
		.help = "china_id, school_code, org_code, credit_code, phone, grade_class"},
	{"from_org", SHAPE_TEXT, offsetof(struct pack_field, from_org), OPT,
		.help = "name, county, town or kind: taken from the organisation, not stored"},
	{"synonyms", SHAPE_TEXTS, offsetof(struct pack_field, synonyms), OPT,
		.help = "other headers that mean this column"},
	{"default", SHAPE_TEXT, offsetof(struct pack_field, initial), OPT,
		.help = "where the file has no such column or an empty cell"},
	{"derive", SHAPE_RULE, offsetof(struct pack_field, derive), OPT,
		.help = "computed from the row, not typed"},
	{"secrecy", SHAPE_ENUM, offsetof(struct pack_field, secrecy), OPT, .choices = secrecy_names,
		.help = "personal: masked in exports; sealed: encrypted, each reading logged"},
	{"help", SHAPE_TEXT, offsetof(struct pack_field, help), OPT,
		.help = "a note on the header cell"},
	{"source", SHAPE_TEXT, offsetof(struct pack_field, source), OPT},
};
static const struct shape field_shape = SHAPE(pack_field, field_shape_fields, "field",
	"A column of a ledger, in the vocabulary of Frictionless Table Schema.");

static const struct shape_field check_shape_fields[] = {
	{"id", SHAPE_ID, offsetof(struct pack_check, id), OPT},
	{"rule", SHAPE_RULE, offsetof(struct pack_check, rule), REQ, .help = "must not be false"},
	{"message", SHAPE_TEXT, offsetof(struct pack_check, message), REQ,
		.help = "what the person who filled it reads"},
	{"level", SHAPE_ENUM, offsetof(struct pack_check, level), OPT, .choices = level_names,
		.help = "a warning does not stop an import"},
	{"for_each", SHAPE_TEXTS, offsetof(struct pack_check, for_each), OPT,
		.help = "columns: the rule is an aggregate over each group"},
	{"when", SHAPE_RULE, offsetof(struct pack_check, when), OPT, .help = "rows it speaks of"},
	{"before", SHAPE_TEXT, offsetof(struct pack_check, before), OPT,
		.help = "previous_period: before_X is column X of the row one period earlier"},
	{"source", SHAPE_TEXT, offsetof(struct pack_check, source), OPT},
};
static const struct shape check_shape = SHAPE(pack_check, check_shape_fields, "check",
	"A rule of a row, or with for_each of a group of rows.");

static const struct shape_field reference_shape_fields[] = {
	{"resource", SHAPE_TEXT, offsetof(struct pack_reference, resource), REQ,
		.help = "a ledger, or orgs"},
	{"fields", SHAPE_TEXTS, offsetof(struct pack_reference, fields), REQ},
};
static const struct shape reference_shape =
	SHAPE(pack_reference, reference_shape_fields, "reference", "");

static const struct shape_field foreign_key_shape_fields[] = {
	{"fields", SHAPE_TEXTS, offsetof(struct pack_foreign_key, fields), REQ},
	{"reference", SHAPE_OBJECT, offsetof(struct pack_foreign_key, reference), REQ,
		.of = &reference_shape},
	{"when", SHAPE_RULE, offsetof(struct pack_foreign_key, when), OPT,
		.help = "rows it speaks of"},
};
static const struct shape foreign_key_shape = SHAPE(
	pack_foreign_key, foreign_key_shape_fields, "foreign_key", "Frictionless foreignKeys.");

static const struct shape_field capacity_shape_fields[] = {
	{"sum", SHAPE_RULE, offsetof(struct pack_capacity, sum), REQ, .help = "what a row takes"},
	{"of", SHAPE_TEXT, offsetof(struct pack_capacity, of), REQ,
		.help = "ledger.column that holds the capacity"},
	{"per", SHAPE_TEXTS, offsetof(struct pack_capacity, per), REQ,
		.help = "columns that say which one: site, day, slot"},
	{"when", SHAPE_RULE, offsetof(struct pack_capacity, when), OPT, .help = "rows that take"},
	{"message", SHAPE_TEXT, offsetof(struct pack_capacity, message), OPT},
};
static const struct shape capacity_shape = SHAPE(pack_capacity, capacity_shape_fields, "capacity",
	"Rows may not take more than another ledger's row holds.");

static const struct shape_field ledger_kind_fields[] = {
	{"ledger", SHAPE_ID, offsetof(struct pack_ledger, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_ledger, title), REQ},
	{"theme", SHAPE_TEXT, offsetof(struct pack_ledger, theme), OPT,
		.help = "chapter of the menu"},
	{"help", SHAPE_TEXT, offsetof(struct pack_ledger, help), OPT},
	{"source", SHAPE_TEXT, offsetof(struct pack_ledger, source), OPT},
	{"grain", SHAPE_TEXTS, offsetof(struct pack_ledger, grain), REQ,
		.help = "columns that make a row one of its kind"},
	{"find_by", SHAPE_TEXTS, offsetof(struct pack_ledger, find_by), OPT,
		.help = "columns by which the rows of a county are often filtered, where there are "
			"tens of thousands: each costs an import about 5 %"},
	{"period", SHAPE_ENUM, offsetof(struct pack_ledger, period), OPT,
		.choices = pack_period_names, .help = "what the column period holds"},
	{"filled_by", SHAPE_TEXT, offsetof(struct pack_ledger, filled_by), OPT,
		.help = "org kind or role"},
	{"org_kinds", SHAPE_TEXTS, offsetof(struct pack_ledger, org_kinds), OPT,
		.help = "kinds of the orgs whose rows these are"},
	{"label", SHAPE_TEXT, offsetof(struct pack_ledger, label), OPT,
		.help = "column that names a row to people"},
	{"fields", SHAPE_LIST, offsetof(struct pack_ledger, fields), REQ, .of = &field_shape},
	{"checks", SHAPE_LIST, offsetof(struct pack_ledger, checks), OPT, .of = &check_shape},
	{"foreignKeys", SHAPE_LIST, offsetof(struct pack_ledger, foreign_keys), OPT,
		.of = &foreign_key_shape},
	{"capacities", SHAPE_LIST, offsetof(struct pack_ledger, capacities), OPT,
		.of = &capacity_shape},
	{"flow", SHAPE_TEXT, offsetof(struct pack_ledger, flow), OPT,
		.help = "its rows are cases of this flow"},
};
const struct shape ledger_kind =
	SHAPE(pack_ledger, ledger_kind_fields, "ledger", "A table that people fill.");
/* clang-format on */
