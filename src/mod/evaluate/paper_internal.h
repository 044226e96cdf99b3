/* What the files that make an evaluation's document share. */
#pragma once

#include "mod/evaluate/evaluate_document.h"
#include "mod/evaluate/evaluate_internal.h"

struct paper {
	struct ctx *cx;
	const struct evaluation_paper *of;
	const struct evaluation_result *result;
	const struct pack *pack;
	struct document *d;
	int headings, subheadings;
	struct str area_name;
	struct str group_title; /* of the column that makes the groups; "" without units */
};

/* Sections: each is left out when it would be empty. */
void paper_clauses(struct paper *p);
void paper_dispersions(struct paper *p);
void paper_units(struct paper *p);
void paper_exclusions(struct paper *p);
void paper_evidence(struct paper *p);

/* "一、title" and, below it, "（一）title". */
void paper_heading(struct paper *p, const char *title);
void paper_subheading(struct paper *p, struct str title);
/* A paragraph. */
void paper_say(struct paper *p, enum document_style style, const char *fmt, ...) PRINTF(3, 4);

const char *paper_verdict(const struct ctx *cx, enum verdict v);
struct document_cell paper_verdict_cell(const struct ctx *cx, enum verdict v);
/* "" when not set; at most four decimals (two from 1,000 on), but as many as it takes to be on its
 * side of limit. */
struct str paper_figure(
	struct ctx *cx, struct number_opt value, const char *op, struct number_opt limit);
/* The shortest text that is exactly the number. */
struct str paper_exact(struct ctx *cx, double value);
/* Up to two decimals, never less than the number: what is to be got. */
struct str paper_needs(struct ctx *cx, double needs);
/* The number and its unit: 3.5%, 2 所; a difference of percents is points. */
struct str paper_with_unit(struct ctx *cx, struct str figure, struct str unit, bool is_difference);
/* What a clause has, should have, and lacks, in a few words. */
struct str paper_clause_gap(const struct paper *p, const struct clause_result *c);
bool clause_counts(const struct clause_result *c); /* not a part, not information */
