/*
 * The shapes of every kind of document: what may stand in it, and where it goes. One table a
 * struct of pack.h; docs/packs.md is written from these tables (shuren pack schema).
 */
#include "mod/pack/pack_internal.h"

const char *const pack_period_names[] = {
	"none", "day", "week", "month", "term", "half", "year", "school_year", NULL};
const char *const field_type_names[] = {"string", "text", "integer", "decimal", "boolean", "date",
	"time", "org", "period", "file", "point", NULL};
static const char *const confidence_names[] = {"A", "B", "C", "unverified", NULL};
static const char *const secrecy_names[] = {"none", "personal", "sealed", NULL};
static const char *const level_names[] = {"error", "warning", NULL};
static const char *const watch_level_names[] = {"notice", "yellow", "red", NULL};
static const char *const better_names[] = {"higher", "lower", NULL};

#define REQ .is_required = true
#define OPT .is_required = false

/* clang-format off: one row a line reads best */
static const struct shape_field code_shape_fields[] = {
	{"code", SHAPE_TEXT, offsetof(struct pack_code, code), REQ, .help = "the code as kept"},
	{"title", SHAPE_TEXT, offsetof(struct pack_code, title), REQ,
		.help = "what people read and may type"},
	{"synonyms", SHAPE_TEXTS, offsetof(struct pack_code, synonyms), OPT,
		.help = "other spellings that are accepted"},
};
static const struct shape code_shape =
	SHAPE(pack_code, code_shape_fields, "code", "one entry of a code table");

static const struct shape_field codes_kind_fields[] = {
	{"codes", SHAPE_ID, offsetof(struct pack_codes, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_codes, title), REQ},
	{"source", SHAPE_TEXT, offsetof(struct pack_codes, source), OPT,
		.help = "standard or document"},
	{"confidence", SHAPE_ENUM, offsetof(struct pack_codes, confidence), OPT,
		.choices = confidence_names},
	{"file", SHAPE_TEXT, offsetof(struct pack_codes, file), OPT,
		.help = "CSV beside this file with columns code,title,synonyms (a bar between "
			"synonyms)"},
	{"items", SHAPE_LIST, offsetof(struct pack_codes, items), OPT, .of = &code_shape},
};
static const struct shape codes_kind = SHAPE(pack_codes, codes_kind_fields, "codes",
	"A code table: GB/T and ministry codes. Cells may hold the code or the title.");

static const struct shape_field value_shape_fields[] = {
	{"effective_from", SHAPE_DATE, offsetof(struct pack_value, effective_from), REQ,
		.help = "first day it holds"},
	{"is", SHAPE_DECS, offsetof(struct pack_value, is), REQ,
		.help = "a number, or one per key of `by`"},
	{"source", SHAPE_TEXT, offsetof(struct pack_value, source), REQ,
		.help = "document and clause; `unverified` where we could not see the text"},
	{"note", SHAPE_TEXT, offsetof(struct pack_value, note), OPT},
	{"confidence", SHAPE_ENUM, offsetof(struct pack_value, confidence), OPT,
		.choices = confidence_names},
};
static const struct shape value_shape =
	SHAPE(pack_value, value_shape_fields, "value", "one dated value of a parameter");

static const struct shape_field parameter_kind_fields[] = {
	{"parameter", SHAPE_ID, offsetof(struct pack_parameter, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_parameter, title), REQ},
	{"unit", SHAPE_TEXT, offsetof(struct pack_parameter, unit), OPT},
	{"by", SHAPE_TEXT, offsetof(struct pack_parameter, by), OPT,
		.help = "what the keys of `is` are, for example stage"},
	{"values", SHAPE_LIST, offsetof(struct pack_parameter, values), REQ, .of = &value_shape,
		.help = "oldest first"},
};
static const struct shape parameter_kind = SHAPE(pack_parameter, parameter_kind_fields, "parameter",
	"A number of the law. A change is one more value, never an edit.");

static const struct shape_field org_kind_kind_fields[] = {
	{"org_kind", SHAPE_ID, offsetof(struct pack_org_kind, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_org_kind, title), REQ},
	{"parents", SHAPE_TEXTS, offsetof(struct pack_org_kind, parents), OPT,
		.help = "kinds it may hang under"},
	{"code_pattern", SHAPE_TEXT, offsetof(struct pack_org_kind, code_pattern), OPT,
		.help = "POSIX extended regular expression of its codes"},
	{"is_area", SHAPE_BOOL, offsetof(struct pack_org_kind, is_area), OPT,
		.help = "evaluations and roll-ups may be asked of it"},
	{"synonyms", SHAPE_TEXTS, offsetof(struct pack_org_kind, synonyms), OPT},
};
static const struct shape org_kind_kind = SHAPE(pack_org_kind, org_kind_kind_fields, "org_kind",
	"A kind of node of the organisation tree.");

static const struct shape_field orgs_kind_fields[] = {
	{"orgs", SHAPE_ID, offsetof(struct pack_orgs, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_orgs, title), OPT},
	{"file", SHAPE_TEXT, offsetof(struct pack_orgs, file), REQ,
		.help = "CSV: code,name,kind,parent"},
	{"source", SHAPE_TEXT, offsetof(struct pack_orgs, source), OPT},
};
static const struct shape orgs_kind =
	SHAPE(pack_orgs, orgs_kind_fields, "orgs", "Organisations that come with the pack.");

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
static const struct shape ledger_kind =
	SHAPE(pack_ledger, ledger_kind_fields, "ledger", "A table that people fill.");

static const struct shape_field indicator_kind_fields[] = {
	{"indicator", SHAPE_ID, offsetof(struct pack_indicator, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_indicator, title), REQ},
	{"theme", SHAPE_TEXT, offsetof(struct pack_indicator, theme), OPT},
	{"unit", SHAPE_TEXT, offsetof(struct pack_indicator, unit), OPT},
	{"help", SHAPE_TEXT, offsetof(struct pack_indicator, help), OPT},
	{"source", SHAPE_TEXT, offsetof(struct pack_indicator, source), OPT},
	{"from", SHAPE_TEXT, offsetof(struct pack_indicator, from), REQ, .help = "ledger"},
	{"numerator", SHAPE_RULE, offsetof(struct pack_indicator, numerator), REQ,
		.help = "aggregate"},
	{"denominator_from", SHAPE_TEXT, offsetof(struct pack_indicator, denominator_from), OPT,
		.help = "ledger of the denominator, where it is another"},
	{"denominator", SHAPE_RULE, offsetof(struct pack_indicator, denominator), OPT,
		.help = "aggregate; absent: a plain sum"},
	{"per", SHAPE_DEC, offsetof(struct pack_indicator, per), OPT, .help = "100 for percent"},
	{"decimals", SHAPE_INT, offsetof(struct pack_indicator, decimals), OPT,
		.help = "shown; never used in a decision"},
	{"better", SHAPE_ENUM, offsetof(struct pack_indicator, better), OPT,
		.choices = better_names},
	{"by", SHAPE_TEXTS, offsetof(struct pack_indicator, by), OPT,
		.help = "columns people may split it by"},
};
static const struct shape indicator_kind = SHAPE(pack_indicator, indicator_kind_fields, "indicator",
	"Numerator over denominator, each a sum over ledger rows, so that parts add up.");

static const struct shape_field exclusion_shape_fields[] = {
	{"when", SHAPE_RULE, offsetof(struct pack_exclusion, when), REQ},
	{"reason", SHAPE_TEXT, offsetof(struct pack_exclusion, reason), REQ},
	{"source", SHAPE_TEXT, offsetof(struct pack_exclusion, source), OPT},
	{"confidence", SHAPE_ENUM, offsetof(struct pack_exclusion, confidence), OPT,
		.choices = confidence_names},
};
static const struct shape exclusion_shape = SHAPE(pack_exclusion, exclusion_shape_fields,
	"exclusion", "Units that stay outside, with the reason that is shown.");

static const struct shape_field weight_limit_shape_fields[] = {
	{"at_most", SHAPE_RULE, offsetof(struct pack_weight_limit, at_most), REQ,
		.help = "over a unit row; no value: no limit"},
	{"reason", SHAPE_TEXT, offsetof(struct pack_weight_limit, reason), REQ},
	{"source", SHAPE_TEXT, offsetof(struct pack_weight_limit, source), OPT},
	{"confidence", SHAPE_ENUM, offsetof(struct pack_weight_limit, confidence), OPT,
		.choices = confidence_names},
};
static const struct shape weight_limit_shape = SHAPE(pack_weight_limit, weight_limit_shape_fields,
	"weight limit", "How large plans may make a unit by moving people to it.");

static const struct shape_field apportion_shape_fields[] = {
	{"weight", SHAPE_RULE, offsetof(struct pack_apportion, weight), REQ,
		.help = "share of a row = weight / sum of the weights of the org's rows"},
	{"source", SHAPE_TEXT, offsetof(struct pack_apportion, source), OPT},
	{"confidence", SHAPE_ENUM, offsetof(struct pack_apportion, confidence), OPT,
		.choices = confidence_names},
};
static const struct shape apportion_shape = SHAPE(pack_apportion, apportion_shape_fields,
	"apportion", "How an org's total is shared among its units.");

static const struct shape_field measure_shape_fields[] = {
	{"id", SHAPE_ID, offsetof(struct pack_measure, id), REQ},
	{"title", SHAPE_TEXT, offsetof(struct pack_measure, title), REQ},
	{"unit", SHAPE_TEXT, offsetof(struct pack_measure, unit), OPT},
	{"resource", SHAPE_TEXT, offsetof(struct pack_measure, resource), OPT,
		.help = "what is short, with its measure word: 名骨干教师"},
	{"numerator", SHAPE_RULE, offsetof(struct pack_measure, numerator), REQ,
		.help = "the resource in the unit"},
	{"denominator", SHAPE_RULE, offsetof(struct pack_measure, denominator), REQ,
		.help = "usually the weight column"},
	{"per", SHAPE_DEC, offsetof(struct pack_measure, per), OPT},
	{"parameter", SHAPE_TEXT, offsetof(struct pack_measure, parameter), OPT,
		.help = "the limit, by the unit's group"},
	{"raise", SHAPE_TEXT, offsetof(struct pack_measure, raise), OPT,
		.help = "the column that grows by what is bought; plans leave alone what has none"},
	{"is_shared", SHAPE_BOOL, offsetof(struct pack_measure, is_shared), OPT,
		.help = "the row holds the org's total, which is apportioned"},
	{"is_counted", SHAPE_BOOL, offsetof(struct pack_measure, is_counted), OPT,
		.help = "comes in whole units"},
	{"source", SHAPE_TEXT, offsetof(struct pack_measure, source), OPT},
};
static const struct shape measure_shape = SHAPE(pack_measure, measure_shape_fields, "measure",
	"A value per unit, held against a limit and compared between units.");

static const struct shape_field units_shape_fields[] = {
	{"ledger", SHAPE_TEXT, offsetof(struct pack_units, ledger), REQ},
	{"title", SHAPE_TEXT, offsetof(struct pack_units, title), OPT},
	{"group", SHAPE_TEXT, offsetof(struct pack_units, group), OPT,
		.help = "column that splits the units into classes judged apart"},
	{"groups", SHAPE_TEXTS, offsetof(struct pack_units, groups), OPT,
		.help = "its values, in order"},
	{"weight", SHAPE_TEXT, offsetof(struct pack_units, weight), REQ,
		.help = "column that weighs a unit in dispersions"},
	{"where", SHAPE_RULE, offsetof(struct pack_units, where), OPT,
		.help = "rows that are units"},
	{"exclude", SHAPE_LIST, offsetof(struct pack_units, exclude), OPT, .of = &exclusion_shape},
	{"weight_limits", SHAPE_LIST, offsetof(struct pack_units, weight_limits), OPT,
		.of = &weight_limit_shape},
	{"apportion", SHAPE_OBJECT, offsetof(struct pack_units, apportion), OPT,
		.of = &apportion_shape},
	{"measures", SHAPE_LIST, offsetof(struct pack_units, measures), REQ, .of = &measure_shape},
};
static const struct shape units_shape = SHAPE(pack_units, units_shape_fields, "units",
	"What is compared inside the area: schools by stage, kindergartens.");

static const struct shape_field met_shape_fields[] = {
	{"at_least", SHAPE_RULE, offsetof(struct pack_met, at_least), REQ},
	{"floor", SHAPE_RULE, offsetof(struct pack_met, floor), REQ},
};
static const struct shape met_shape = SHAPE(pack_met, met_shape_fields, "met",
	"Every unit reaches n of the measures; the rest are not below floor times the limit.");

static const struct shape_field bound_shape_fields[] = {
	{"at_least", SHAPE_RULE, offsetof(struct pack_bound, at_least), OPT},
	{"at_most", SHAPE_RULE, offsetof(struct pack_bound, at_most), OPT},
	{"above", SHAPE_RULE, offsetof(struct pack_bound, above), OPT},
	{"below", SHAPE_RULE, offsetof(struct pack_bound, below), OPT},
};
static const struct shape bound_shape = SHAPE(pack_bound, bound_shape_fields, "bound",
	"One of the four, a number or a rule without columns.");

static const struct shape_field value_clause_shape_fields[] = {
	{"indicator", SHAPE_TEXT, offsetof(struct pack_clause_value, indicator), OPT},
	{"from", SHAPE_TEXT, offsetof(struct pack_clause_value, from), OPT, .help = "ledger"},
	{"numerator", SHAPE_RULE, offsetof(struct pack_clause_value, numerator), OPT},
	{"denominator_from", SHAPE_TEXT, offsetof(struct pack_clause_value, denominator_from), OPT},
	{"denominator", SHAPE_RULE, offsetof(struct pack_clause_value, denominator), OPT},
	{"per", SHAPE_DEC, offsetof(struct pack_clause_value, per), OPT},
	{"unit", SHAPE_TEXT, offsetof(struct pack_clause_value, unit), OPT},
	{"at_least", SHAPE_RULE, offsetof(struct pack_clause_value, at_least), OPT},
	{"at_most", SHAPE_RULE, offsetof(struct pack_clause_value, at_most), OPT},
	{"above", SHAPE_RULE, offsetof(struct pack_clause_value, above), OPT},
	{"below", SHAPE_RULE, offsetof(struct pack_clause_value, below), OPT},
};
static const struct shape value_clause_shape =
	SHAPE(pack_clause_value, value_clause_shape_fields, "value clause",
		"A ratio of aggregates over the area's rows, or an indicator, against a bound.");

static const struct shape_field every_shape_fields[] = {
	{"from", SHAPE_TEXT, offsetof(struct pack_clause_every, from), REQ, .help = "ledger"},
	{"where", SHAPE_RULE, offsetof(struct pack_clause_every, where), OPT,
		.help = "rows it speaks of"},
	{"require", SHAPE_RULE, offsetof(struct pack_clause_every, require), REQ},
	{"share", SHAPE_DEC, offsetof(struct pack_clause_every, share), OPT,
		.help = "this percent of the rows is enough"},
	{"weight", SHAPE_TEXT, offsetof(struct pack_clause_every, weight), OPT,
		.help = "the share counts this column instead of rows"},
	{"needs", SHAPE_RULE, offsetof(struct pack_clause_every, needs), OPT,
		.help = "how much is short, for a row that fails"},
	{"show", SHAPE_TEXTS, offsetof(struct pack_clause_every, show), OPT,
		.help = "columns shown of a row that fails"},
};
static const struct shape every_shape = SHAPE(pack_clause_every, every_shape_fields, "every clause",
	"A rule that each row of the area must keep.");

static const struct shape_field evidence_shape_fields[] = {
	{"question", SHAPE_TEXT, offsetof(struct pack_clause_evidence, question), OPT},
	{"must_be_no", SHAPE_BOOL, offsetof(struct pack_clause_evidence, must_be_no), OPT,
		.help = "a veto: yes fails"},
	{"documents", SHAPE_TEXTS, offsetof(struct pack_clause_evidence, documents), OPT,
		.help = "what an inspector wants to see"},
};
static const struct shape evidence_shape = SHAPE(pack_clause_evidence, evidence_shape_fields,
	"evidence clause", "A yes or no with a document, kept in the evidence ledger.");

static const struct shape clause_shape;

static const struct shape_field clause_shape_fields[] = {
	{"id", SHAPE_ID, offsetof(struct pack_clause, id), REQ,
		.help = "may hold {group} and {measure}"},
	{"title", SHAPE_TEXT, offsetof(struct pack_clause, title), REQ,
		.help = "may hold {group} and {measure}"},
	{"group", SHAPE_TEXT, offsetof(struct pack_clause, group), OPT,
		.help = "heading in tables"},
	{"source", SHAPE_TEXT, offsetof(struct pack_clause, source), OPT},
	{"note", SHAPE_TEXT, offsetof(struct pack_clause, note), OPT},
	{"confidence", SHAPE_ENUM, offsetof(struct pack_clause, confidence), OPT,
		.choices = confidence_names},
	{"for_each", SHAPE_TEXTS, offsetof(struct pack_clause, for_each), OPT,
		.help = "group, measure"},
	{"met", SHAPE_OBJECT, offsetof(struct pack_clause, met), OPT, .of = &met_shape},
	{"dispersion", SHAPE_OBJECT, offsetof(struct pack_clause, dispersion), OPT,
		.of = &bound_shape, .help = "weighted coefficient of variation of one measure"},
	{"composite", SHAPE_OBJECT, offsetof(struct pack_clause, composite), OPT,
		.of = &bound_shape, .help = "mean of the dispersions of all measures"},
	{"value", SHAPE_OBJECT, offsetof(struct pack_clause, value), OPT,
		.of = &value_clause_shape},
	{"every", SHAPE_OBJECT, offsetof(struct pack_clause, every), OPT, .of = &every_shape},
	{"evidence", SHAPE_OBJECT, offsetof(struct pack_clause, evidence), OPT,
		.of = &evidence_shape},
	{"parts", SHAPE_LIST, offsetof(struct pack_clause, parts), OPT, .of = &clause_shape,
		.help = "passes when all parts do"},
	{"is_information", SHAPE_BOOL, offsetof(struct pack_clause, is_information), OPT,
		.help = "shown, decides nothing"},
};
static const struct shape clause_shape = SHAPE(pack_clause, clause_shape_fields, "clause",
	"One requirement. Exactly one of met, dispersion, composite, value, every, evidence, "
	"parts.");

static const struct shape_field evaluation_kind_fields[] = {
	{"evaluation", SHAPE_ID, offsetof(struct pack_evaluation, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_evaluation, title), REQ},
	{"source", SHAPE_TEXT, offsetof(struct pack_evaluation, source), REQ},
	{"effective_from", SHAPE_DATE, offsetof(struct pack_evaluation, effective_from), REQ},
	{"area", SHAPE_TEXT, offsetof(struct pack_evaluation, area), REQ,
		.help = "org kind that is judged"},
	{"evidence", SHAPE_TEXT, offsetof(struct pack_evaluation, evidence), OPT,
		.help = "ledger with the answers of evidence clauses"},
	{"help", SHAPE_TEXT, offsetof(struct pack_evaluation, help), OPT},
	{"units", SHAPE_OBJECT, offsetof(struct pack_evaluation, units), OPT, .of = &units_shape},
	{"clauses", SHAPE_LIST, offsetof(struct pack_evaluation, clauses), REQ,
		.of = &clause_shape},
};
static const struct shape evaluation_kind = SHAPE(pack_evaluation, evaluation_kind_fields,
	"evaluation", "Clauses over an area's rows, each with a verdict and a reason.");

static const struct shape_field promise_kind_fields[] = {
	{"promise", SHAPE_ID, offsetof(struct pack_promise, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_promise, title), REQ},
	{"quote", SHAPE_TEXT, offsetof(struct pack_promise, quote), REQ,
		.help = "the words of the report"},
	{"year", SHAPE_INT, offsetof(struct pack_promise, year), OPT},
	{"indicator", SHAPE_TEXT, offsetof(struct pack_promise, indicator), OPT},
	{"evaluation", SHAPE_TEXT, offsetof(struct pack_promise, evaluation), OPT,
		.help = "counts the areas that pass it"},
	{"unit", SHAPE_TEXT, offsetof(struct pack_promise, unit), OPT},
	{"at_least", SHAPE_RULE, offsetof(struct pack_promise, at_least), OPT},
	{"at_most", SHAPE_RULE, offsetof(struct pack_promise, at_most), OPT},
	{"due", SHAPE_DATE, offsetof(struct pack_promise, due), OPT},
	{"owner", SHAPE_TEXT, offsetof(struct pack_promise, owner), OPT},
	{"scope", SHAPE_TEXT, offsetof(struct pack_promise, scope), OPT, .help = "who it binds"},
	{"split_by", SHAPE_TEXTS, offsetof(struct pack_promise, split_by), OPT},
	{"note", SHAPE_TEXT, offsetof(struct pack_promise, note), OPT},
};
static const struct shape promise_kind = SHAPE(pack_promise, promise_kind_fields, "promise",
	"A sentence of the report as a target that is computed.");

static const struct shape_field fact_kind_fields[] = {
	{"fact", SHAPE_ID, offsetof(struct pack_fact, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_fact, title), REQ},
	{"quote", SHAPE_TEXT, offsetof(struct pack_fact, quote), REQ},
	{"value", SHAPE_DEC, offsetof(struct pack_fact, value), REQ},
	{"unit", SHAPE_TEXT, offsetof(struct pack_fact, unit), OPT},
	{"period", SHAPE_TEXT, offsetof(struct pack_fact, period), REQ},
	{"indicator", SHAPE_TEXT, offsetof(struct pack_fact, indicator), OPT,
		.help = "that should show it"},
	{"note", SHAPE_TEXT, offsetof(struct pack_fact, note), OPT},
};
static const struct shape fact_kind =
	SHAPE(pack_fact, fact_kind_fields, "fact", "A baseline figure of the report.");

static const struct shape_field limit_shape_fields[] = {
	{"working_days", SHAPE_INT, offsetof(struct pack_limit, working_days), OPT},
	{"days", SHAPE_INT, offsetof(struct pack_limit, days), OPT},
	{"hours", SHAPE_INT, offsetof(struct pack_limit, hours), OPT},
	{"escalate_to", SHAPE_TEXT, offsetof(struct pack_limit, escalate_to), OPT},
	{"source", SHAPE_TEXT, offsetof(struct pack_limit, source), OPT},
	{"confidence", SHAPE_ENUM, offsetof(struct pack_limit, confidence), OPT,
		.choices = confidence_names},
};
static const struct shape limit_shape = SHAPE(pack_limit, limit_shape_fields, "limit", "");

static const struct shape_field state_shape_fields[] = {
	{"id", SHAPE_ID, offsetof(struct pack_state, id), REQ},
	{"title", SHAPE_TEXT, offsetof(struct pack_state, title), REQ},
	{"is_start", SHAPE_BOOL, offsetof(struct pack_state, is_start), OPT},
	{"is_end", SHAPE_BOOL, offsetof(struct pack_state, is_end), OPT},
	{"limit", SHAPE_OBJECT, offsetof(struct pack_state, limit), OPT, .of = &limit_shape,
		.help = "how long a case may stay"},
};
static const struct shape state_shape = SHAPE(pack_state, state_shape_fields, "state", "");

static const struct shape_field move_shape_fields[] = {
	{"id", SHAPE_ID, offsetof(struct pack_move, id), REQ},
	{"title", SHAPE_TEXT, offsetof(struct pack_move, title), REQ},
	{"from", SHAPE_TEXTS, offsetof(struct pack_move, from), REQ},
	{"to", SHAPE_TEXT, offsetof(struct pack_move, to), REQ},
	{"by", SHAPE_TEXTS, offsetof(struct pack_move, by), REQ, .help = "roles"},
	{"needs", SHAPE_TEXTS, offsetof(struct pack_move, needs), OPT,
		.help = "columns or files that must be there"},
	{"when", SHAPE_RULE, offsetof(struct pack_move, when), OPT},
	{"other_person", SHAPE_BOOL, offsetof(struct pack_move, other_person), OPT,
		.help = "not the one who made the former move"},
	{"opens", SHAPE_TEXT, offsetof(struct pack_move, opens), OPT,
		.help = "flow of a case that this move opens"},
	{"message", SHAPE_TEXT, offsetof(struct pack_move, message), OPT},
	{"source", SHAPE_TEXT, offsetof(struct pack_move, source), OPT},
};
static const struct shape move_shape = SHAPE(pack_move, move_shape_fields, "move", "");

static const struct shape_field flow_kind_fields[] = {
	{"flow", SHAPE_ID, offsetof(struct pack_flow, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_flow, title), REQ},
	{"ledger", SHAPE_TEXT, offsetof(struct pack_flow, ledger), REQ},
	{"source", SHAPE_TEXT, offsetof(struct pack_flow, source), OPT},
	{"states", SHAPE_LIST, offsetof(struct pack_flow, states), REQ, .of = &state_shape},
	{"moves", SHAPE_LIST, offsetof(struct pack_flow, moves), REQ, .of = &move_shape},
};
static const struct shape flow_kind = SHAPE(pack_flow, flow_kind_fields, "flow",
	"States and moves of a ledger's rows: who may, what is needed, how long it may take.");

static const struct shape_field watch_kind_fields[] = {
	{"watch", SHAPE_ID, offsetof(struct pack_watch, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_watch, title), REQ},
	{"from", SHAPE_TEXT, offsetof(struct pack_watch, from), OPT, .help = "ledger"},
	{"when", SHAPE_RULE, offsetof(struct pack_watch, when), OPT,
		.help = "a rule of a row, or with for_each an aggregate"},
	{"for_each", SHAPE_TEXTS, offsetof(struct pack_watch, for_each), OPT},
	{"indicator", SHAPE_TEXT, offsetof(struct pack_watch, indicator), OPT},
	{"at_least", SHAPE_RULE, offsetof(struct pack_watch, at_least), OPT},
	{"at_most", SHAPE_RULE, offsetof(struct pack_watch, at_most), OPT},
	{"window_days", SHAPE_INT, offsetof(struct pack_watch, window_days), OPT},
	{"scan", SHAPE_TEXT, offsetof(struct pack_watch, scan), OPT,
		.help = "burst: Kleinberg-like detection on counts"},
	{"level", SHAPE_ENUM, offsetof(struct pack_watch, level), OPT,
		.choices = watch_level_names},
	{"opens", SHAPE_TEXT, offsetof(struct pack_watch, opens), OPT, .help = "flow"},
	{"owner", SHAPE_TEXT, offsetof(struct pack_watch, owner), OPT},
	{"message", SHAPE_TEXT, offsetof(struct pack_watch, message), OPT},
	{"source", SHAPE_TEXT, offsetof(struct pack_watch, source), OPT},
	{"confidence", SHAPE_ENUM, offsetof(struct pack_watch, confidence), OPT,
		.choices = confidence_names},
};
static const struct shape watch_kind = SHAPE(pack_watch, watch_kind_fields, "watch",
	"A condition over rows or an indicator that opens a case.");

static const struct shape_field item_shape_fields[] = {
	{"id", SHAPE_ID, offsetof(struct pack_item, id), REQ},
	{"title", SHAPE_TEXT, offsetof(struct pack_item, title), REQ},
	{"unit", SHAPE_TEXT, offsetof(struct pack_item, unit), OPT},
	{"column", SHAPE_TEXT, offsetof(struct pack_item, column), OPT,
		.help = "ledger column with the raw value"},
	{"compute", SHAPE_RULE, offsetof(struct pack_item, compute), OPT,
		.help = "instead of a column"},
	{"better", SHAPE_ENUM, offsetof(struct pack_item, better), OPT, .choices = better_names},
	{"scale", SHAPE_INT, offsetof(struct pack_item, scale), OPT, .help = "recorded decimals"},
	{"weight", SHAPE_DEC, offsetof(struct pack_item, weight), OPT},
	{"is_veto", SHAPE_BOOL, offsetof(struct pack_item, is_veto), OPT,
		.help = "below its limit nothing else counts"},
	{"limit", SHAPE_RULE, offsetof(struct pack_item, limit), OPT},
};
static const struct shape item_shape = SHAPE(pack_item, item_shape_fields, "item", "");

static const struct shape_field level_shape_fields[] = {
	{"id", SHAPE_ID, offsetof(struct pack_level, id), REQ},
	{"title", SHAPE_TEXT, offsetof(struct pack_level, title), REQ},
	{"from", SHAPE_DEC, offsetof(struct pack_level, from), REQ, .help = "total at least"},
};
static const struct shape level_shape = SHAPE(pack_level, level_shape_fields, "level", "");

static const struct shape_field standard_kind_fields[] = {
	{"standard", SHAPE_ID, offsetof(struct pack_standard, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_standard, title), REQ},
	{"source", SHAPE_TEXT, offsetof(struct pack_standard, source), REQ},
	{"effective_from", SHAPE_DATE, offsetof(struct pack_standard, effective_from), REQ},
	{"ledger", SHAPE_TEXT, offsetof(struct pack_standard, ledger), OPT},
	{"by", SHAPE_TEXTS, offsetof(struct pack_standard, by), OPT, .help = "keys of the tables"},
	{"items", SHAPE_LIST, offsetof(struct pack_standard, items), REQ, .of = &item_shape},
	{"levels", SHAPE_LIST, offsetof(struct pack_standard, levels), OPT, .of = &level_shape},
	{"tables", SHAPE_TEXT, offsetof(struct pack_standard, tables), OPT,
		.help = "CSV with the thresholds"},
	{"weights", SHAPE_TEXT, offsetof(struct pack_standard, weights), OPT,
		.help = "CSV with the weights"},
	{"bonus", SHAPE_TEXT, offsetof(struct pack_standard, bonus), OPT,
		.help = "CSV with the bonus ladders"},
	{"help", SHAPE_TEXT, offsetof(struct pack_standard, help), OPT},
};
static const struct shape standard_kind = SHAPE(
	pack_standard, standard_kind_fields, "standard", "A published scoring rule with tables.");

static const struct shape_field duty_kind_fields[] = {
	{"duty", SHAPE_ID, offsetof(struct pack_duty, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_duty, title), REQ},
	{"ledger", SHAPE_TEXT, offsetof(struct pack_duty, ledger), REQ},
	{"every", SHAPE_ENUM, offsetof(struct pack_duty, every), REQ, .choices = pack_period_names},
	{"at_least", SHAPE_INT, offsetof(struct pack_duty, at_least), OPT, .help = "times"},
	{"where", SHAPE_RULE, offsetof(struct pack_duty, where), OPT, .help = "rows that count"},
	{"for_each", SHAPE_TEXTS, offsetof(struct pack_duty, for_each), OPT},
	{"org_kinds", SHAPE_TEXTS, offsetof(struct pack_duty, org_kinds), OPT},
	{"source", SHAPE_TEXT, offsetof(struct pack_duty, source), OPT},
	{"confidence", SHAPE_ENUM, offsetof(struct pack_duty, confidence), OPT,
		.choices = confidence_names},
};
static const struct shape duty_kind =
	SHAPE(pack_duty, duty_kind_fields, "duty", "What must be done how often.");

static const struct shape_field question_shape_fields[] = {
	{"id", SHAPE_ID, offsetof(struct pack_question, id), REQ},
	{"title", SHAPE_TEXT, offsetof(struct pack_question, title), REQ},
	{"answers", SHAPE_TEXTS, offsetof(struct pack_question, answers), OPT},
	{"grade", SHAPE_INT, offsetof(struct pack_question, grade), OPT,
		.help = "weight of a wrong answer"},
	{"when", SHAPE_RULE, offsetof(struct pack_question, when), OPT},
	{"source", SHAPE_TEXT, offsetof(struct pack_question, source), OPT},
};
static const struct shape question_shape =
	SHAPE(pack_question, question_shape_fields, "question", "");

static const struct shape_field checklist_kind_fields[] = {
	{"checklist", SHAPE_ID, offsetof(struct pack_checklist, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_checklist, title), REQ},
	{"theme", SHAPE_TEXT, offsetof(struct pack_checklist, theme), OPT},
	{"ledger", SHAPE_TEXT, offsetof(struct pack_checklist, ledger), REQ,
		.help = "where the answers go"},
	{"opens", SHAPE_TEXT, offsetof(struct pack_checklist, opens), OPT,
		.help = "flow for what is found"},
	{"source", SHAPE_TEXT, offsetof(struct pack_checklist, source), OPT},
	{"items", SHAPE_LIST, offsetof(struct pack_checklist, items), REQ, .of = &question_shape},
};
static const struct shape checklist_kind =
	SHAPE(pack_checklist, checklist_kind_fields, "checklist", "");

static const struct shape_field survey_kind_fields[] = {
	{"survey", SHAPE_ID, offsetof(struct pack_survey, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_survey, title), REQ},
	{"ledger", SHAPE_TEXT, offsetof(struct pack_survey, ledger), REQ},
	{"strata", SHAPE_TEXTS, offsetof(struct pack_survey, strata), OPT},
	{"weights", SHAPE_TEXTS, offsetof(struct pack_survey, weights), OPT},
	{"source", SHAPE_TEXT, offsetof(struct pack_survey, source), OPT},
	{"items", SHAPE_LIST, offsetof(struct pack_survey, items), REQ, .of = &question_shape},
};
static const struct shape survey_kind = SHAPE(pack_survey, survey_kind_fields, "survey", "");

static const struct shape_field document_kind_fields[] = {
	{"document", SHAPE_ID, offsetof(struct pack_document, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_document, title), REQ},
	{"ledger", SHAPE_TEXT, offsetof(struct pack_document, ledger), OPT},
	{"template_file", SHAPE_TEXT, offsetof(struct pack_document, template_file), REQ},
	{"numbering", SHAPE_TEXT, offsetof(struct pack_document, numbering), OPT},
};
static const struct shape document_kind =
	SHAPE(pack_document, document_kind_fields, "document", "");

static const struct shape_field grant_shape_fields[] = {
	{"on", SHAPE_TEXTS, offsetof(struct pack_grant, on), REQ,
		.help = "ledgers, themes (theme:…) or resources"},
	{"may", SHAPE_TEXTS, offsetof(struct pack_grant, may), REQ,
		.help = "read, write, import, export, move, approve, unseal, configure, audit"},
	{"scope", SHAPE_TEXT, offsetof(struct pack_grant, scope), REQ,
		.help = "own, children, county, city, all"},
	{"where", SHAPE_RULE, offsetof(struct pack_grant, where), OPT},
	{"unseal", SHAPE_TEXTS, offsetof(struct pack_grant, unseal), OPT, .help = "sealed columns"},
};
static const struct shape grant_shape = SHAPE(pack_grant, grant_shape_fields, "grant", "");

static const struct shape_field role_kind_fields[] = {
	{"role", SHAPE_ID, offsetof(struct pack_role, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_role, title), REQ},
	{"help", SHAPE_TEXT, offsetof(struct pack_role, help), OPT},
	{"excludes", SHAPE_TEXTS, offsetof(struct pack_role, excludes), OPT,
		.help = "roles one person may not hold beside it"},
	{"org_kinds", SHAPE_TEXTS, offsetof(struct pack_role, org_kinds), OPT},
	{"grants", SHAPE_LIST, offsetof(struct pack_role, grants), REQ, .of = &grant_shape},
};
static const struct shape role_kind = SHAPE(pack_role, role_kind_fields, "role", "");

static const struct shape_field tile_shape_fields[] = {
	{"title", SHAPE_TEXT, offsetof(struct pack_tile, title), OPT},
	{"indicator", SHAPE_TEXT, offsetof(struct pack_tile, indicator), OPT},
	{"ledger", SHAPE_TEXT, offsetof(struct pack_tile, ledger), OPT},
	{"evaluation", SHAPE_TEXT, offsetof(struct pack_tile, evaluation), OPT},
	{"promise", SHAPE_TEXT, offsetof(struct pack_tile, promise), OPT},
	{"shows", SHAPE_TEXT, offsetof(struct pack_tile, shows), OPT,
		.help = "number, trend, map, table, heat, list"},
	{"by", SHAPE_TEXT, offsetof(struct pack_tile, by), OPT},
	{"width", SHAPE_INT, offsetof(struct pack_tile, width), OPT, .help = "columns of twelve"},
};
static const struct shape tile_shape = SHAPE(pack_tile, tile_shape_fields, "tile", "");

static const struct shape_field page_kind_fields[] = {
	{"page", SHAPE_ID, offsetof(struct pack_page, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_page, title), REQ},
	{"menu", SHAPE_TEXT, offsetof(struct pack_page, menu), OPT},
	{"roles", SHAPE_TEXTS, offsetof(struct pack_page, roles), OPT},
	{"tiles", SHAPE_LIST, offsetof(struct pack_page, tiles), REQ, .of = &tile_shape},
};
static const struct shape page_kind = SHAPE(pack_page, page_kind_fields, "page", "");

static const struct shape_field day_shape_fields[] = {
	{"date", SHAPE_DATE, offsetof(struct pack_day, date), REQ},
	{"title", SHAPE_TEXT, offsetof(struct pack_day, title), REQ},
	{"is_working", SHAPE_BOOL, offsetof(struct pack_day, is_working), OPT},
};
static const struct shape day_shape = SHAPE(pack_day, day_shape_fields, "day", "");

static const struct shape_field calendar_kind_fields[] = {
	{"calendar", SHAPE_ID, offsetof(struct pack_calendar, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_calendar, title), REQ},
	{"source", SHAPE_TEXT, offsetof(struct pack_calendar, source), REQ},
	{"file", SHAPE_TEXT, offsetof(struct pack_calendar, file), OPT},
	{"days", SHAPE_LIST, offsetof(struct pack_calendar, days), OPT, .of = &day_shape},
};
static const struct shape calendar_kind = SHAPE(pack_calendar, calendar_kind_fields, "calendar",
	"Working days differ from Monday to Friday on these days.");

static const struct shape_field case_kind_fields[] = {
	{"case", SHAPE_ID, offsetof(struct pack_case, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_case, title), OPT},
	{"evaluation", SHAPE_TEXT, offsetof(struct pack_case, evaluation), OPT},
	{"indicator", SHAPE_TEXT, offsetof(struct pack_case, indicator), OPT},
	{"watch", SHAPE_TEXT, offsetof(struct pack_case, watch), OPT},
	{"ledger", SHAPE_TEXT, offsetof(struct pack_case, ledger), OPT,
		.help = "its checks and derived fields"},
	{"flow", SHAPE_TEXT, offsetof(struct pack_case, flow), OPT, .help = "its moves"},
	{"area", SHAPE_TEXT, offsetof(struct pack_case, area), OPT,
		.help = "the county that is evaluated, and of rows that name none"},
	{"period", SHAPE_TEXT, offsetof(struct pack_case, period), OPT,
		.help = "whose rows and whose numbers of law count; absent: today's"},
	{"given", SHAPE_NODE, offsetof(struct pack_case, given), REQ,
		.help = "ledger: rows, as mappings or as lists under a first list of fields"},
	{"expect", SHAPE_NODE, offsetof(struct pack_case, expect), REQ,
		.help = "clause: verdict, or {verdict, op, value, limit, short_by, note}; a "
			"number; check or move: how many rows"},
};
static const struct shape case_kind = SHAPE(pack_case, case_kind_fields, "case",
	"What the rules must answer: run by `shuren pack test`.");

static const struct shape_field head_kind_fields[] = {
	{"pack", SHAPE_ID, offsetof(struct pack_head, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_head, title), REQ},
	{"version", SHAPE_TEXT, offsetof(struct pack_head, version), REQ},
	{"publisher", SHAPE_TEXT, offsetof(struct pack_head, publisher), OPT},
	{"help", SHAPE_TEXT, offsetof(struct pack_head, help), OPT},
	{"extends", SHAPE_TEXTS, offsetof(struct pack_head, extends), OPT},
	{"effective_from", SHAPE_DATE, offsetof(struct pack_head, effective_from), OPT},
};
static const struct shape head_kind = SHAPE(pack_head, head_kind_fields, "pack", "");

/* clang-format on */

static const struct {
	const char *kind;
	const struct shape *shape;
} kinds[] = {
#define X(member, kind, type) {kind, &SHAPE_OF_##member},
#define SHAPE_OF_heads        head_kind
#define SHAPE_OF_codes        codes_kind
#define SHAPE_OF_parameters   parameter_kind
#define SHAPE_OF_org_kinds    org_kind_kind
#define SHAPE_OF_orgs         orgs_kind
#define SHAPE_OF_ledgers      ledger_kind
#define SHAPE_OF_indicators   indicator_kind
#define SHAPE_OF_evaluations  evaluation_kind
#define SHAPE_OF_promises     promise_kind
#define SHAPE_OF_facts        fact_kind
#define SHAPE_OF_flows        flow_kind
#define SHAPE_OF_watches      watch_kind
#define SHAPE_OF_standards    standard_kind
#define SHAPE_OF_duties       duty_kind
#define SHAPE_OF_checklists   checklist_kind
#define SHAPE_OF_surveys      survey_kind
#define SHAPE_OF_documents    document_kind
#define SHAPE_OF_roles        role_kind
#define SHAPE_OF_pages        page_kind
#define SHAPE_OF_calendars    calendar_kind
#define SHAPE_OF_cases        case_kind
#define SHAPE_OF_demos        demo_kind
	PACK_KINDS(X)
#undef X
};

const struct shape *pack_shape(struct str kind)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_is(kind, kinds[i].kind))
			return kinds[i].shape;
	return NULL;
}

const char *const *pack_kind_names(void)
{
	static const char *const names[] = {
#define X(member, kind, type) kind,
		PACK_KINDS(X)
#undef X
			NULL};

	return names;
}
