/*
 * Packs: folders of YAML and CSV that say what is kept (ledgers), how it is measured
 * (indicators), what must hold (evaluations), what was promised, who may do what. The guide for
 * people is docs/packs.md; the shapes below are its twin.
 *
 * A file holds one or more documents (`---` between them); the first key of a document is its
 * kind, its value the id. A pack may `extends:` another: a document that has kind and id of one
 * further up and says `overrides: true` is laid over it (mapping by mapping; lists of named
 * things by name), all else is added.
 *
 * Everything here is made once, never changed afterwards, and lives in the arena it was loaded
 * into. Rules are kept as text with their place; mod/pack/rules.h compiles them.
 */
#pragma once

#include "base/map.h"
#include "mod/pack/pack_demo.h"
#include "wire/shape.h"

/* Where a legal number or duty comes from. Confidence: A two sources, B one, C not seen in print.
 */
enum pack_confidence { CONFIDENCE_A, CONFIDENCE_B, CONFIDENCE_C, CONFIDENCE_UNVERIFIED };

/* --- codes: a code table ------------------------------------------------------------------ */
struct pack_code {
	struct place at;
	struct located code, title;
	struct located_list synonyms;
};

struct pack_codes {
	struct place at;
	struct located id, title, source;
	int confidence;
	struct located file; /* CSV beside the YAML: code,title,synonyms */
	SHAPE_LIST_OF(struct pack_code) items;
};

/* --- parameter: a dated number of the law -------------------------------------------------- */
struct pack_value {
	struct place at;
	struct date effective_from;
	struct keyed_dec_list is; /* one number, or one per key of `by` */
	struct located source, note;
	int confidence;
};

struct pack_parameter {
	struct place at;
	struct located id, title, unit;
	struct located by;                       /* what the keys are: stage, structure … */
	SHAPE_LIST_OF(struct pack_value) values; /* oldest first */
};

/* --- org_kind ------------------------------------------------------------------------------ */
struct pack_org_kind {
	struct place at;
	struct located id, title;
	struct located_list parents; /* kinds it may hang under */
	struct located code_pattern; /* POSIX extended regular expression */
	bool is_area;                /* city, county, town: evaluated and rolled up to */
	struct located_list synonyms;
};

/* --- ledger -------------------------------------------------------------------------------- */
enum field_type {
	FIELD_STRING,
	FIELD_TEXT, /* long */
	FIELD_INTEGER,
	FIELD_DECIMAL,
	FIELD_BOOLEAN,
	FIELD_DATE,
	FIELD_TIME,
	FIELD_ORG,
	FIELD_PERIOD,
	FIELD_FILE,
	FIELD_POINT,
};

enum field_secrecy { SECRECY_NONE, SECRECY_PERSONAL, SECRECY_SEALED };

struct pack_constraints {
	struct place at;
	bool is_required, is_unique;
	struct dec_opt minimum, maximum;
	int64_t min_length, max_length; /* code points; 0 none */
	struct located pattern;
	struct located_list choices; /* enum */
};

struct pack_field {
	struct place at;
	struct located name, title, unit, help;
	int type; /* enum field_type */
	int64_t scale;
	struct pack_constraints *constraints; /* NULL: none */
	struct located codes;                 /* a code table: its code or its title is accepted */
	struct located format;   /* china_id, school_code, credit_code, phone, email … */
	struct located from_org; /* name, county, town, kind: comes from the org tree, not stored */
	struct located_list synonyms;
	struct located initial; /* value where the file has none */
	struct located derive;  /* rule: computed on save, not typed */
	int secrecy;            /* enum field_secrecy; -1 when not said: none */
	struct located source;
};

struct pack_check {
	struct place at;
	struct located id, rule, message, source;
	struct located_list for_each; /* columns: an aggregate check over each group */
	struct located when;          /* rows it speaks of */
	struct located before; /* "previous_period": before_X names the former row's column X */
	int level;             /* 0 error, 1 warning */
};

struct pack_reference {
	struct place at;
	struct located resource;
	struct located_list fields;
};

struct pack_foreign_key {
	struct place at;
	struct located_list fields;
	struct pack_reference *reference;
	struct located when;
};

/* Rows may not take more than another ledger's row holds: seats of a site, beds, booking slots. */
struct pack_capacity {
	struct place at;
	struct located sum, of, message;
	struct located_list per;
	struct located when;
};

struct pack_ledger {
	struct place at;
	struct located id, title, theme, help, filled_by, flow, source;
	struct located_list grain;
	int period;                    /* enum pack_period */
	struct located_list org_kinds; /* of the orgs its rows belong to */
	SHAPE_LIST_OF(struct pack_field) fields;
	SHAPE_LIST_OF(struct pack_check) checks;
	SHAPE_LIST_OF(struct pack_foreign_key) foreign_keys;
	SHAPE_LIST_OF(struct pack_capacity) capacities;
	struct located label;        /* field that names a row to people */
	struct located_list find_by; /* fields by which a large ledger is filtered: indexed */
};

enum pack_period {
	PERIOD_NONE,
	PERIOD_DAY,
	PERIOD_WEEK,
	PERIOD_MONTH,
	PERIOD_TERM,
	PERIOD_HALF,
	PERIOD_YEAR,
	PERIOD_SCHOOL_YEAR,
};

/* --- indicator ----------------------------------------------------------------------------- */
struct pack_indicator {
	struct place at;
	struct located id, title, theme, unit, help, source;
	struct located from, numerator;
	struct located denominator_from, denominator; /* absent: the indicator is a plain sum */
	struct dec_opt per;                           /* 100 for percent; 1 when absent */
	int64_t decimals;                             /* on the page; never in a decision */
	int better;                                   /* 0 higher, 1 lower, -1 neither */
	struct located_list by;                       /* columns people may split it by */
};

/* --- evaluation ---------------------------------------------------------------------------- */
struct pack_exclusion {
	struct place at;
	struct located when, reason, source;
	int confidence;
};

/* How large a unit may be made by moving people to it; where at_most has no value, as it likes. */
struct pack_weight_limit {
	struct place at;
	struct located at_most, reason, source;
	int confidence;
};

struct pack_apportion {
	struct place at;
	struct located weight, source; /* rule over a unit row: its share of the org's total */
	int confidence;
};

struct pack_measure {
	struct place at;
	struct located id, title, unit, resource; /* resource: what is short, "名骨干教师" */
	struct located numerator, denominator;
	struct located parameter; /* the limit's parameter, by the group key */
	struct located raise;     /* column that grows by what is bought; empty: not for sale */
	struct dec_opt per;
	bool is_shared;  /* the org's total stands on each of its rows and is apportioned */
	bool is_counted; /* comes in whole units */
	struct located source;
};

struct pack_units {
	struct place at;
	struct located ledger, title, group, weight, where;
	struct located_list groups; /* the values of group, in order */
	SHAPE_LIST_OF(struct pack_exclusion) exclude;
	SHAPE_LIST_OF(struct pack_weight_limit) weight_limits;
	struct pack_apportion *apportion;
	SHAPE_LIST_OF(struct pack_measure) measures;
};

/* Every unit meets at least n of the measures, the rest are not below floor * limit. */
struct pack_met {
	struct place at;
	struct located at_least, floor;
};

/* A bound; exactly one of the four stands. A number or a rule without columns. */
struct pack_bound {
	struct place at;
	struct located at_least, at_most, above, below;
};

/* A ratio of aggregates over the area's rows, or an indicator, held against a bound. */
struct pack_clause_value {
	struct place at;
	struct located indicator, from, numerator, denominator_from, denominator, unit;
	struct dec_opt per;
	struct located at_least, at_most, above, below;
};

/* A rule that each row of the area must keep. */
struct pack_clause_every {
	struct place at;
	struct located from, where, require, needs;
	struct dec_opt share;     /* this percent of the rows is enough; 100 when absent */
	struct located weight;    /* the share counts this column instead of rows */
	struct located_list show; /* columns to show of a row that fails */
};

/* A yes/no with a document, kept in the evidence ledger. */
struct pack_clause_evidence {
	struct place at;
	struct located question;
	bool must_be_no;
	struct located_list documents;
};

struct pack_clause {
	struct place at;
	struct located id, title, source, note;
	int confidence;
	struct located_list for_each; /* group, measure */
	struct pack_met *met;
	struct pack_bound *dispersion, *composite;
	struct pack_clause_value *value;
	struct pack_clause_every *every;
	struct pack_clause_evidence *evidence;

	SHAPE_LIST_OF(struct pack_clause) parts;
	struct located group; /* 资源配置, 政府保障 … for tables */
	bool is_information;  /* shown, decides nothing */
};

struct pack_evaluation {
	struct place at;
	struct located id, title, source, area, evidence, help;
	struct date effective_from;
	struct pack_units *units;
	SHAPE_LIST_OF(struct pack_clause) clauses;
};

/* --- promise and fact ---------------------------------------------------------------------- */
struct pack_promise {
	struct place at;
	struct located id, title, quote, indicator, owner, unit, scope, note;
	struct located_list split_by;
	struct located at_least, at_most;
	struct located evaluation; /* instead of an indicator: how many areas pass it */
	struct date due;
	int64_t year;
};

struct pack_fact {
	struct place at;
	struct located id, title, quote, indicator, unit, period, note;
	struct dec_opt value;
};

/* --- flow: the life of a case --------------------------------------------------------------- */
struct pack_limit {
	struct place at;
	int64_t working_days, days, hours;
	struct located source, escalate_to;
	int confidence;
};

struct pack_state {
	struct place at;
	struct located id, title;
	bool is_start, is_end;
	struct pack_limit *limit; /* how long a case may stay */
};

struct pack_move {
	struct place at;
	struct located id, title, to, when, message, source, opens;
	struct located_list from, by, needs;
	bool other_person; /* not the one who made the former move */
};

struct pack_flow {
	struct place at;
	struct located id, title, ledger, source;
	SHAPE_LIST_OF(struct pack_state) states;
	SHAPE_LIST_OF(struct pack_move) moves;
};

/* --- watch ---------------------------------------------------------------------------------- */
struct pack_watch {
	struct place at;
	struct located id, title, from, when, indicator, opens, message, source, scan;
	struct located_list for_each;
	struct located at_least, at_most;
	int confidence, level; /* level: 0 notice, 1 yellow, 2 red */
	int64_t window_days;
	struct located owner;
};

/* --- standard: a published scoring rule ------------------------------------------------------ */
struct pack_item {
	struct place at;
	struct located id, title, unit, column, compute;
	int better; /* 0 higher, 1 lower */
	int64_t scale;
	struct dec_opt weight;
	bool is_veto; /* below its limit nothing else counts */
	struct located limit;
};

struct pack_level {
	struct place at;
	struct located id, title;
	struct dec_opt from; /* total at least */
};

struct pack_standard {
	struct place at;
	struct located id, title, source, ledger, tables, weights, bonus, help;
	struct date effective_from;
	struct located_list by;
	SHAPE_LIST_OF(struct pack_item) items;
	SHAPE_LIST_OF(struct pack_level) levels;
};

/* --- duty: what must be done how often -------------------------------------------------------- */
struct pack_duty {
	struct place at;
	struct located id, title, ledger, where, source;
	int every; /* enum pack_period */
	int64_t at_least;
	struct located_list org_kinds, for_each;
	int confidence;
};

/* --- checklist, survey, document -------------------------------------------------------------- */
struct pack_question {
	struct place at;
	struct located id, title, source, when;
	struct located_list answers;
	int64_t grade;
};

struct pack_checklist {
	struct place at;
	struct located id, title, theme, ledger, opens, source;
	SHAPE_LIST_OF(struct pack_question) items;
};

struct pack_survey {
	struct place at;
	struct located id, title, ledger, source;
	struct located_list strata, weights;
	SHAPE_LIST_OF(struct pack_question) items;
};

struct pack_document {
	struct place at;
	struct located id, title, ledger, template_file, numbering;
};

/* --- role, page, calendar ----------------------------------------------------------------------
 */
struct pack_grant {
	struct place at;
	struct located_list on,
		may; /* ledgers, themes or resources; read write import export move approve … */
	struct located scope; /* own, children, county, city, all */
	struct located where;
	struct located_list unseal; /* sealed fields it may open, with a reason that is logged */
};

struct pack_role {
	struct place at;
	struct located id, title, help;
	struct located_list excludes, org_kinds;
	SHAPE_LIST_OF(struct pack_grant) grants;
};

struct pack_tile {
	struct place at;
	struct located title, indicator, ledger, evaluation, promise, shows, by;
	int64_t width;
};

struct pack_page {
	struct place at;
	struct located id, title, menu;
	struct located_list roles;
	SHAPE_LIST_OF(struct pack_tile) tiles;
};

struct pack_day {
	struct place at;
	struct date date;
	struct located title;
	bool is_working;
};

struct pack_calendar {
	struct place at;
	struct located id, title, source, file;
	SHAPE_LIST_OF(struct pack_day) days;
};

/* --- orgs: where the tree comes from ------------------------------------------------------------
 */
struct pack_orgs {
	struct place at;
	struct located id, title, file, source;
};

/* --- case: what a rule must answer ---------------------------------------------------------------
 */
struct pack_case {
	struct place at;
	struct located id, title, area, period;
	struct located evaluation, indicator, watch, ledger, flow; /* one of them: the subject */
	/* given: ledger: rows, as mappings or as lists under a first list of fields;
	   expect: what the subject answers, see mod/packtest/packtest.h */
	const struct yaml_node *given, *expect;
};

/* --- the pack itself -----------------------------------------------------------------------------
 */
struct pack_head {
	struct place at;
	struct located id, title, version, help, publisher;
	struct located_list extends;
	struct date effective_from;
};

/*    member       kind          struct            */
#define PACK_KINDS(X)                                                                              \
	X(heads, "pack", pack_head)                                                                \
	X(codes, "codes", pack_codes)                                                              \
	X(parameters, "parameter", pack_parameter)                                                 \
	X(org_kinds, "org_kind", pack_org_kind)                                                    \
	X(orgs, "orgs", pack_orgs)                                                                 \
	X(ledgers, "ledger", pack_ledger)                                                          \
	X(indicators, "indicator", pack_indicator)                                                 \
	X(evaluations, "evaluation", pack_evaluation)                                              \
	X(promises, "promise", pack_promise)                                                       \
	X(facts, "fact", pack_fact)                                                                \
	X(flows, "flow", pack_flow)                                                                \
	X(watches, "watch", pack_watch)                                                            \
	X(standards, "standard", pack_standard)                                                    \
	X(duties, "duty", pack_duty)                                                               \
	X(checklists, "checklist", pack_checklist)                                                 \
	X(surveys, "survey", pack_survey)                                                          \
	X(documents, "document", pack_document)                                                    \
	X(roles, "role", pack_role)                                                                \
	X(pages, "page", pack_page)                                                                \
	X(calendars, "calendar", pack_calendar)                                                    \
	X(cases, "case", pack_case)                                                                \
	X(demos, "demo", pack_demo)

/* A pack and all it extends, as one. Order: as loaded, bases first. */
struct pack {
	struct arena *mem;
#define X(member, kind, type)                                                                      \
	struct {                                                                                   \
		struct type *items;                                                                \
		size_t count;                                                                      \
	} member;
	PACK_KINDS(X)
#undef X
	struct strmap index; /* "kind id" -> position + 1 */
};

/* A file of a pack, as it is kept in a place. */
struct pack_file {
	struct str pack; /* id: the folder's name */
	struct str path; /* below the folder, with / */
	struct str content;
};

struct pack_files {
	VEC(struct pack_file) list; /* bases first */
	VEC(struct str) packs;      /* ids, bases first */
};

/*
 * Read the folders and what they extend (looked for beside each folder). Files live in cx->mem.
 * Fails: NOT_FOUND, IO, TOO_LARGE.
 */
MUST_CHECK enum err pack_read_folder(struct ctx *cx, const char *dir, struct pack_files *files);

/*
 * Make one pack of files: parse, lay overrides, read shapes, resolve names. Everything wrong is
 * in ps (also warnings); the result is usable only when ps->error_count is 0. Lives in ps->mem.
 */
void pack_load(const struct pack_files *files, struct pack *out, struct problems *ps);

/* The content of a file of a pack, the latest pack first; p is NULL when there is none. */
struct str pack_file_find(const struct pack_files *files, struct str path);

/*
 * Both for a folder, for commands without a place; what is wrong is printed to standard error.
 * Lives in cx->mem. Fails: as pack_read_folder; PACK.
 */
MUST_CHECK enum err pack_load_folder(struct ctx *cx, const char *dir, struct pack *out);

/* NULL when absent. */
#define X(member, kind, type)                                                                      \
	const struct type *pack_find_##member(const struct pack *p, struct str id);
PACK_KINDS(X)
#undef X

const struct pack_field *ledger_field(const struct pack_ledger *ledger, struct str name);
/* The code that a code or title of a table stands for; n is 0 when unknown. */
struct str codes_resolve(const struct pack_codes *codes, struct str text);
/* The value in force on a day: NULL before the first. */
const struct pack_value *parameter_on(const struct pack_parameter *parameter, struct date day);
/* The shape of a kind, for the guide; NULL when unknown. */
const struct shape *pack_shape(struct str kind);
const char *const *pack_kind_names(void);

extern const char *const pack_period_names[];
extern const char *const field_type_names[];
