/* What the files of this module share; nobody outside includes it. */
#pragma once

#include "mod/pack/pack.h"

/* Names that must exist, ids that must be there once, kinds of clause that exclude each other. */
void pack_check_names(const struct pack *p, struct problems *ps);
extern const char *const confidence_names[];

/* pack_shapes.c puts the kinds of these into its table: demo_shapes.c */
extern const struct shape demo_kind;
/* ledger_shapes.c */
extern const struct shape ledger_kind;
/* evaluation_shapes.c */
extern const struct shape indicator_kind, evaluation_kind, standard_kind, duty_kind, checklist_kind,
	survey_kind, document_kind;
/* work_shapes.c */
extern const struct shape promise_kind, fact_kind, flow_kind, watch_kind, role_kind, page_kind,
	calendar_kind;
