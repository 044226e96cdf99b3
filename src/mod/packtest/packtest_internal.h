/* What the files of mod/packtest share. */
#pragma once

#include "mod/measure/dataset.h"
#include "mod/packtest/packtest.h"

/* The area of rows that name none. */
#define CASE_AREA "area"

/* What was touched: texts as in struct packtest's uncovered. */
struct coverage {
	struct arena *mem;
	const struct pack *p;
	struct strmap seen;
};

/* One case on its way: sub-context, data, and what differs. */
struct case_run {
	struct ctx *cx; /* its own memory */
	const struct pack *p;
	const struct pack_case *c;
	struct str area;
	struct dataset ds;
	struct problems ps;        /* mistakes in the case itself */
	struct strbuf *differs;    /* "; " between */
	struct coverage *coverage; /* NULL: nobody asks */
};

/* The day whose numbers of law count: the end of the case's period, else today. */
struct date case_day(const struct case_run *run);

/* Read `given` into run->ds; mistakes are in run->ps. */
void case_rows(struct case_run *run);

/* Hold an answer against what is expected; a difference goes to run->differs. */
void expect_text(struct case_run *run, struct str what, const char *got, const struct yaml_node *n);
void expect_number(
	struct case_run *run, struct str what, bool is_set, double got, const struct yaml_node *n);
void differs(struct case_run *run, const char *fmt, ...) PRINTF(2, 3);

struct evaluation_result;
/* What the case expects of single units, under `units`. */
void expect_units(struct case_run *run, const struct evaluation_result *result,
	const struct yaml_node *expected);

/* Subjects that are conditions over rows: watches, checks, moves. */
MUST_CHECK enum err case_conditions(struct case_run *run);

void coverage_init(struct coverage *c, struct arena *mem, const struct pack *p);
struct pack_clause;
void cover_clause(struct coverage *c, const struct pack_evaluation *e,
	const struct pack_clause *clause, struct str id, struct date day);
void cover_indicator(struct coverage *c, const struct pack_indicator *d, struct date day);
void cover_rule(struct coverage *c, const struct located *rule, struct date day);
/* Everything that can be touched and is not in c. */
MUST_CHECK enum err coverage_missing(
	struct ctx *cx, const struct coverage *c, struct packtest *out);
