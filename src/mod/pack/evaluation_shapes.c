/* What may stand in documents that judge: indicators, evaluations, standards, duties, checklists,
 * surveys, forms. */
#include "mod/pack/pack_internal.h"

#define REQ .is_required = true
#define OPT .is_required = false

static const char *const better_names[] = {"higher", "lower", NULL};

/* clang-format off: one row a line reads best */
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
const struct shape indicator_kind = SHAPE(pack_indicator, indicator_kind_fields, "indicator",
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
const struct shape evaluation_kind = SHAPE(pack_evaluation, evaluation_kind_fields, "evaluation",
	"Clauses over an area's rows, each with a verdict and a reason.");

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
const struct shape standard_kind = SHAPE(
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
const struct shape duty_kind =
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
const struct shape checklist_kind = SHAPE(pack_checklist, checklist_kind_fields, "checklist", "");

static const struct shape_field survey_kind_fields[] = {
	{"survey", SHAPE_ID, offsetof(struct pack_survey, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_survey, title), REQ},
	{"ledger", SHAPE_TEXT, offsetof(struct pack_survey, ledger), REQ},
	{"strata", SHAPE_TEXTS, offsetof(struct pack_survey, strata), OPT},
	{"weights", SHAPE_TEXTS, offsetof(struct pack_survey, weights), OPT},
	{"source", SHAPE_TEXT, offsetof(struct pack_survey, source), OPT},
	{"items", SHAPE_LIST, offsetof(struct pack_survey, items), REQ, .of = &question_shape},
};
const struct shape survey_kind = SHAPE(pack_survey, survey_kind_fields, "survey", "");

static const struct shape_field document_kind_fields[] = {
	{"document", SHAPE_ID, offsetof(struct pack_document, id), REQ, .help = "id"},
	{"title", SHAPE_TEXT, offsetof(struct pack_document, title), REQ},
	{"ledger", SHAPE_TEXT, offsetof(struct pack_document, ledger), OPT},
	{"template_file", SHAPE_TEXT, offsetof(struct pack_document, template_file), REQ},
	{"numbering", SHAPE_TEXT, offsetof(struct pack_document, numbering), OPT},
};
const struct shape document_kind = SHAPE(pack_document, document_kind_fields, "document", "");
/* clang-format on */
