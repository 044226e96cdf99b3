/*
 * The result of an evaluation for one area as a document to be handed in: title page, summary,
 * every clause, dispersions, units, exclusions, evidence, notes. All that is said of the subject
 * comes from the pack; the frame is the same for every evaluation.
 */
#pragma once

#include "mod/evaluate/evaluate.h"
#include "mod/org/org.h"
#include "mod/place/place.h"
#include "wire/document.h"

struct evaluation_paper {
	const struct open_place *place;
	const struct org_tree *tree;
	const struct evaluation_run *run;
	const struct evaluation_result *result;
	struct date on; /* the day that it bears; DATE_NONE: today, in China */
};

/* By its ending, .docx or .pdf. Fails: INVALID. */
MUST_CHECK enum err evaluation_document_format(
	struct ctx *cx, struct str file, enum document_format *out);
/*
 * Equal rows and an equal day give equal bytes. Fails: as document_open and document_close;
 * STORE.
 */
MUST_CHECK enum err evaluation_document_write(struct ctx *cx, const struct evaluation_paper *paper,
	const char *path, enum document_format format);
/* A name for the file, without ending: area, evaluation, period. In cx->mem. */
struct str evaluation_document_name(struct ctx *cx, const struct evaluation_paper *paper);
