/*
 * An evaluation applied to the areas of a dataset: each clause gets a verdict with its value,
 * limit and what is short, each unit (a school's stage) its values. Decisions are made on exact
 * ratios (limits) or unrounded doubles (dispersions); rounding is for the page.
 */
#pragma once

#include "engine/rule/plan.h"
#include "mod/measure/dataset.h"

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_MISSING, VERDICT_UNDEFINED };

/* "pass", "fail", "missing", "undefined". */
const char *verdict_name(enum verdict v);

struct number_opt {
	bool is_set;
	double value;
};

struct clause_result {
	const struct pack_clause *clause;
	struct str id, title, unit, note;
	struct str group; /* of the units it speaks of; empty: not for a group */
	size_t measure;   /* likewise; SIZE_MAX: none */
	enum verdict verdict;
	struct number_opt value, limit, short_by;
	const char *op; /* ">=", "<=", ">", "<"; NULL: no bound */
	bool is_information, is_part;
};

struct below {
	size_t measure;
	double value, limit, floor;
	bool is_excused;         /* not under the floor: the one that may be below */
	struct number_opt needs; /* of the resource, whole when counted */
};

struct unit_result {
	size_t row;                          /* of the ledger's table */
	struct str org, name, group, reason; /* reason: why it stays outside */
	bool is_included;
	size_t met;
	enum verdict verdict;
	struct number_opt *values;       /* one a measure */
	const struct number_opt *limits; /* one a measure; NULL: none are asked of its group */
	double *totals;                  /* of the resource, after apportioning; NAN: missing */
	double weight;
	VEC(struct below) below;
};

struct evaluation_result {
	const struct pack_evaluation *evaluation;
	struct str area, period;
	enum verdict verdict;
	VEC(struct clause_result) clauses;
	VEC(struct unit_result) units;
};

/* The ledgers that its units, clauses, indicators and evidence read, each once. In cx->mem. */
void evaluation_ledgers(struct ctx *cx, const struct pack *p, const struct pack_evaluation *e,
	struct str **out, size_t *n);

/* An evaluation made ready for a dataset: rules compiled and computed over all rows once. */
struct evaluation_run;

/*
 * Fails: PACK (a rule does not compile). Lives in cx->mem; the dataset must not change while it
 * is used.
 */
MUST_CHECK enum err evaluation_ready(struct ctx *cx, const struct dataset *ds,
	const struct pack_evaluation *e, struct evaluation_run **out);
/* The codes of the areas that have rows, sorted; "" when the rows name none. In cx->mem. */
void evaluation_areas(
	struct ctx *cx, const struct evaluation_run *run, struct str **out, size_t *n);
MUST_CHECK enum err evaluation_area(
	struct ctx *cx, struct evaluation_run *run, struct str area, struct evaluation_result *out);

/*
 * Why clause `id` (and its parts) has its verdict, as text for people. False: no such clause.
 */
MUST_CHECK bool evaluation_explain(struct ctx *cx, struct evaluation_run *run,
	const struct evaluation_result *r, struct str id, struct strbuf *out);

/*
 * Is `other` on the same side of the limit as `value`? op as in a clause_result.
 */
bool bound_agrees(const char *op, double value, double other, double limit);
/*
 * The clause's value as it reads with `digits` decimals; true when the verdict would be the same.
 * The clause has a value.
 */
bool clause_holds_rounded(const struct clause_result *c, int digits, double *out_read);
/* What people call a group of units: the title of its code. */
struct str evaluation_group_title(
	const struct pack *p, const struct pack_evaluation *e, struct str group);

struct json_writer;
void evaluation_write_json(struct json_writer *w, const struct evaluation_result *r);
/* One of its units, and what each measure should be at least: {"…", "limits": {measure: n}}. */
void evaluation_write_unit(
	struct json_writer *w, const struct evaluation_result *r, const struct unit_result *u);
