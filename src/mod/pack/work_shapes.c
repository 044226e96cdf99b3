/* What may stand in documents of the daily work: promises, facts, flows, watches, roles, pages,
 * calendars. */
#include "mod/pack/pack_internal.h"

#define REQ .is_required = true
#define OPT .is_required = false

static const char *const watch_level_names[] = {"notice", "yellow", "red", NULL};

/* clang-format off: one row a line reads best */
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
const struct shape promise_kind = SHAPE(pack_promise, promise_kind_fields, "promise",
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
const struct shape fact_kind =
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
const struct shape flow_kind = SHAPE(pack_flow, flow_kind_fields, "flow",
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
const struct shape watch_kind = SHAPE(pack_watch, watch_kind_fields, "watch",
	"A condition over rows or an indicator that opens a case.");

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
const struct shape role_kind = SHAPE(pack_role, role_kind_fields, "role", "");

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
const struct shape page_kind = SHAPE(pack_page, page_kind_fields, "page", "");

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
const struct shape calendar_kind = SHAPE(pack_calendar, calendar_kind_fields, "calendar",
	"Working days differ from Monday to Friday on these days.");
/* clang-format on */
