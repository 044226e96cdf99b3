/*
 * The rule language: SQL scalar and aggregate expressions, and nothing else. One parser, one
 * type checker with units, two back ends that agree exactly: vector over columns in memory
 * (plan.h) and SQL text for SQLite and PostgreSQL (rule_sql below).
 *
 * Language
 *   12  0.05  'text'  true  false  null  date '2026-09-01'  name  "学校名称"
 *   + - * / %   = <> != < <= > >=   and or not   is [not] null   [not] in (…)
 *   [not] between a and b   [not] like 'a%_'   case when … end   case x when … end
 *   coalesce nullif abs ceil floor round(x[, digits]) greatest least div(a, b)
 *   length(text) year(date) month(date) day(date)   date - date (days)
 *   param(name) param(name, key)      numbers of law, made constants when compiling
 *   sum avg min max count(x) count(*)  each with  filter (where …)
 *
 * Numbers are exact: int64 scaled by 10^scale (at most 18 places). What does not fit is an
 * error of that row or sum, counted, never a wrong value. Three-valued logic is SQL's.
 *   a / b       an exact ratio, NULL when b is 0. It may be compared, rounded or be the result,
 *               but not summed: binary fractions do not add up to the same total everywhere.
 *   div, %      truncate towards zero, the sign of % is that of the left side; NULL for 0
 *   round       half away from zero, as SQL's round of a decimal
 *   greatest, least     NULL when any argument is NULL
 *   text        compares by bytes; like is case-sensitive, without an escape character
 *
 * Units combine: 元 / 人 is 元/人; + - and comparisons want equal ones, a bare literal fits any.
 *
 * Everything here is pure. A compiled rule is read-only afterwards and may serve many threads.
 */
#pragma once

#include "base/err.h"

#define RULE_TEXT_MAX ((size_t)16384) /* bytes of a rule */

enum rule_type {
	RULE_NULL, /* nothing but NULL */
	RULE_NUM,  /* scaled integer; scale 0 is an integer */
	RULE_TEXT,
	RULE_DATE,
	RULE_BOOL,
	RULE_RATIO, /* exact numerator over denominator */
};

/* A name that rules may use. */
struct rule_column {
	struct str name;
	struct str title;    /* Chinese; also found by "title"; may be empty */
	enum rule_type type; /* NUM, TEXT, DATE or BOOL */
	int scale;           /* 0..9, NUM only */
	struct str unit;     /* 人, 元, m2, 元/人, %; empty: a plain number */
	const struct str *enums;
	size_t enum_count; /* 0: any text */
	bool is_sealed;    /* known, but no rule may read it */
};

struct rule_param_entry {
	struct str text; /* the key of a table by text */
	int64_t number;  /* the key of a table by integer */
	int64_t value;
};

/* A number of law, valid on the day the caller has in mind. */
struct rule_param {
	enum rule_type type; /* NUM, DATE (days) or BOOL */
	int scale;
	struct str unit;
	int64_t value;           /* when it has no key */
	enum rule_type key_type; /* RULE_NULL: no key; RULE_TEXT or RULE_NUM: a table */
	const struct rule_param_entry *entries;
	size_t entry_count; /* a key that is not in the table gives NULL */
};

struct rule_env {
	const struct rule_column *columns;
	size_t column_count;
	/* NULL: there are none. False: unknown name. *out must live as long as the rule. */
	bool (*param)(void *arg, struct str name, struct rule_param *out);
	void *arg;
	const struct str *param_names; /* for "did you mean" */
	size_t param_count;
};

enum rule_kind {
	RULE_ROW,       /* a value of each row: checks, filters, computed values */
	RULE_AGGREGATE, /* a value of a group of rows, by sums that add up */
};

struct rule_options {
	enum rule_kind kind;
	bool wants_bool;     /* a check, a filter: another type is an error */
	struct place at;     /* where the text begins, for problems */
	struct str row_unit; /* unit of count(*): 所, 人; empty fits any */
};

enum rule_partial_kind {
	RULE_SUM,   /* sum of the values and count of the rows that gave one */
	RULE_COUNT, /* count only */
	RULE_MIN,   /* merge by comparing; can't be taken back: see is_additive */
	RULE_MAX,
};

struct rule_node;

/* One additive part of an aggregate rule: sum(value) filter (where filter). */
struct rule_partial {
	enum rule_partial_kind kind;
	bool is_additive;               /* sums and counts: old rows can be subtracted */
	enum rule_type type;            /* NUM, or DATE for min and max */
	int scale;                      /* of the sum */
	const struct rule_node *value;  /* NULL: count(*) */
	const struct rule_node *filter; /* NULL: all rows */
};

/* What a partial amounts to over some rows. No row counted: SQL's NULL (for RULE_COUNT, 0). */
struct rule_sum {
	i128 sum; /* RULE_COUNT: unused */
	int64_t count;
};

struct rule {
	struct str text;
	enum rule_kind kind;
	enum rule_type type; /* of the result; an aggregate's NUM is an exact rational too */
	/* Of a row rule's RULE_NUM; of its RULE_RATIO, whose value is numbers / denominators /
	   10^scale, and then it may be negative. */
	int scale;
	struct str unit; /* of the result, "" for none */
	const struct rule_env *env;
	const size_t *columns; /* indices into env->columns, in order of first use */
	size_t column_count;
	const struct rule_partial *partials; /* RULE_AGGREGATE */
	size_t partial_count;
	bool is_additive; /* all partials are */

	const struct rule_node *value;       /* row value; numerator; or final expression */
	const struct rule_node *denominator; /* RULE_RATIO of a row rule */
	const struct rule_ast *ast;
	size_t node_count; /* ids of nodes are below this */
};

/*
 * Parse and check text. False after problems were added (file, line and column of the place;
 * "did you mean" where a near name exists). Warnings alone do not fail. env and text must live
 * as long as the rule, which lives in mem.
 */
MUST_CHECK bool rule_compile(struct arena *mem, const struct rule_env *env, struct str text,
	const struct rule_options *options, struct rule **out, struct problems *problems);

enum rule_state {
	RULE_VALUE,
	RULE_MISSING,  /* SQL's NULL */
	RULE_OVERFLOW, /* the exact value needs more than 127 bits */
};

/* num / den in lowest terms, den > 0; true is 1/1; a date is its day. */
struct rule_result {
	enum rule_state state;
	i128 num, den;
	double value; /* num / den correctly scaled, 0 unless RULE_VALUE */
};

/* The final expression of an aggregate rule over its partials, in their order. */
struct rule_result rule_finish(const struct rule *rule, const struct rule_sum *sums);

/* Add (or with is_minus take back) the sums of other rows, by kind. Minus wants is_additive. */
void rule_sum_merge(const struct rule_partial *partial, struct rule_sum *into, struct rule_sum from,
	bool is_minus);

enum rule_dialect { RULE_SQLITE, RULE_POSTGRES };

/*
 * SQL of a row rule: numbers are scaled BIGINTs, bool is 0/1 (SQLite) or BOOLEAN, dates are ISO
 * text, a ratio is a double. Columns are quoted names, with "alias". before when alias is not
 * empty. False when the text passes the maximum of out (rules that repeat themselves grow).
 *
 * Overflow: PostgreSQL raises an error. SQLite goes over to REAL within a row, and a sum of
 * REALs prints with a point or exponent, which rule_sum_parse refuses; its sum of integers
 * raises "integer overflow".
 */
MUST_CHECK bool rule_sql_row(
	struct strbuf *out, const struct rule *rule, enum rule_dialect dialect, struct str alias);

struct rule_select {
	enum rule_dialect dialect;
	struct str table;
	const struct str *groups; /* columns to group by */
	size_t group_count;
	const struct rule *where; /* a row rule of type bool, or NULL */
};

/*
 * SELECT groups…, then for each partial two columns: p<i>_sum (decimal text, exact at any size
 * on PostgreSQL; ISO date for min/max of dates; NULL for counts and empty sums) and p<i>_count.
 * Ordered by the groups, NULLs last.
 */
MUST_CHECK bool rule_sql_partials(struct strbuf *out, const struct rule_partial *partials,
	size_t partial_count, const struct rule_select *select, const struct rule_env *env);
/* One partial from the two columns above; sum is empty for NULL. False: not an integer. */
MUST_CHECK bool rule_sum_parse(
	const struct rule_partial *partial, struct str sum, int64_t count, struct rule_sum *out);

/* The formula for people: Chinese with titles, or (is_english) with names. */
void rule_explain(struct strbuf *out, const struct rule *rule, bool is_english);
