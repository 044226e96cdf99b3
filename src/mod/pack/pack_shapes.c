/*
 * The shapes of every kind of document: what may stand in it, and where it goes. One table a
 * struct of pack.h; docs/packs.md is written from these tables (shuren pack schema). Here those
 * of the pack itself, its codes, organisations and cases; the others in *_shapes.c.
 */
#include "mod/pack/pack_internal.h"

const char *const pack_period_names[] = {
	"none", "day", "week", "month", "term", "half", "year", "school_year", NULL};
const char *const field_type_names[] = {"string", "text", "integer", "decimal", "boolean", "date",
	"time", "org", "period", "file", "point", NULL};
const char *const confidence_names[] = {"A", "B", "C", "unverified", NULL};

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
