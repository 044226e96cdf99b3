/*
 * The vector back end: many rules over one table in one scan. A plan turns rules into a list of
 * simple steps over batches of rows; what rules share (a column unpacked, a filter, a sum) is
 * done once. From the ranges that the columns are known to have it proves which steps can't
 * overflow, and checks only the others.
 *
 * Make a plan once, a run per thread, and then as many scans as wanted:
 *   plan_make(mem, rules, n, &table, &plan, &missing)
 *   run = plan_run_new(mem, plan)
 *   plan_sums_init(&sums, mem, plan, groups.count)
 *   plan_run_sums(run, 0, table.row_count, groups.ids, &sums)
 *   plan_finish(plan, rule_index, &sums, group)
 * Sums of parts (threads, shards) add up with plan_sums_add; a changed row is
 * plan_run_row(old, minus) and plan_run_row(new, plus), without looking at the table.
 */
#pragma once

#include "engine/column/column.h"
#include "engine/rule/rule.h"

#define PLAN_BATCH ((size_t)1024)

struct plan_program;

struct plan {
	struct arena *mem;
	const struct table *table;
	const struct rule_env *env;
	const struct rule *const *rules;
	size_t rule_count;
	const struct column **columns; /* of the table, by index of env->columns; NULL: unused */
	struct rule_partial *partials; /* of all aggregate rules, equal ones once */
	size_t partial_count;
	size_t **partial_of;        /* [rule][k]: index into partials */
	const struct str *literals; /* texts of rules that the dictionary does not have */
	size_t literal_count;
	size_t dict_count;
	struct plan_program *fast, *any; /* for what the table holds now; for any values */
};

/*
 * All rules are compiled with one env; columns are found in the table by name, with the same
 * type and scale. False: *out_missing names the column that is not there. The plan keeps
 * pointers to rules and table. It stays right when values of the table change (column_set_*);
 * after new texts entered the dictionary it must be made anew.
 */
MUST_CHECK bool plan_make(struct arena *mem, const struct rule *const *rules, size_t rule_count,
	const struct table *table, struct plan **out, struct str *out_missing);

/* Partials by group. */
struct plan_sums {
	size_t group_count, partial_count;
	struct rule_sum *items; /* [group * partial_count + partial] */
	int64_t *overflows;     /* by partial: rows left out because their value did not fit */
};

void plan_sums_init(
	struct plan_sums *sums, struct arena *mem, const struct plan *plan, size_t group_count);
/* into += from; the same plan and groups. */
void plan_sums_add(const struct plan *plan, struct plan_sums *into, const struct plan_sums *from);
struct rule_result plan_finish(
	const struct plan *plan, size_t rule_index, const struct plan_sums *sums, size_t group);

struct plan_run;

/* Scratch of one thread; freed with mem. */
struct plan_run *plan_run_new(struct arena *mem, const struct plan *plan);

/* Add rows [from, to) to sums. ids[row] is the group of a row of the table; NULL: all in 0. */
void plan_run_sums(
	struct plan_run *run, size_t from, size_t to, const uint32_t *ids, struct plan_sums *sums);

/* One row as values: by index of env->columns, text as codes of the table's dictionary. */
struct plan_row {
	const int64_t *values;
	const uint8_t *nulls; /* 1: NULL; may be NULL */
};

/* Add one row to a group, or take it back: min and max can't be (see is_additive). */
void plan_run_row(struct plan_run *run, struct plan_row row, bool is_minus, size_t group,
	struct plan_sums *sums);

#define PLAN_NULL  1 /* bits of a state */
#define PLAN_ERROR 2 /* did not fit into int64 (with PLAN_NULL) */

/* Values of a batch of rows, good until the run is used again. */
struct plan_vector {
	const int64_t *numbers;      /* scaled number, day, text code; numerator of a ratio */
	const int64_t *denominators; /* of a ratio, else NULL; 0 is a NULL ratio */
	const uint8_t *bits;         /* of a bool, else NULL; 0 where it is NULL */
	const uint8_t *states;       /* NULL: all are values */
};

/* Compute the row rules for rows [from, from+n), n <= PLAN_BATCH, or for one row of values. */
void plan_run_rows(struct plan_run *run, size_t from, size_t n);
void plan_run_row_values(struct plan_run *run, struct plan_row row);
struct plan_vector plan_run_vector(const struct plan_run *run, size_t rule_index);
/* The text of a code in a vector of a text rule. */
struct str plan_text(const struct plan *plan, int64_t code);
