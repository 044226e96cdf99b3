/* What the routes of ledgers share: finding, scopes, rows as JSON. */
#pragma once

#include "mod/ledger/ledger_rows.h"
#include "mod/ledger/text_index.h"
#include "mod/serve/serve_api.h"

extern const struct route ledger_routes[]; /* list, definition, codes */
extern const struct route row_routes[];    /* list, get, history */
extern const struct route edit_routes[];   /* put, delete, check */
extern const struct route unseal_routes[]; /* a sealed field, with a reason */
extern const struct route import_routes[];
extern const struct route export_routes[];
extern const struct route import_job_routes[];
extern const struct job_kind import_job, export_job;

/* The ledger of the path; the right has been asked already. In call->cx.mem. */
const struct stored_ledger *call_ledger(struct http_call *call);

extern const struct json_shape row_shape;

/* May the field's content be shown to the asker, be searched and sorted by? */
bool field_is_sealed(const struct pack_field *field);
/* The value of a field as the API has it. */
void write_value(
	struct json_writer *w, const struct pack_field *field, const struct field_value *v);
/* A row as the shape "row". */
void write_row(struct http_call *call, const struct stored_ledger *l, const struct ledger_row *row);

/*
 * The conditions of a list or an export: period, org, q, filter=…, import, inside the asker's
 * scope for `action`. Release with db_where_end.
 * Fails: NOT_FOUND (organisation), INVALID (a filter).
 */
struct row_search {
	struct str period;     /* what was taken; empty: all */
	struct db_where where; /* all of them */
	struct str text;       /* what the index of texts may be asked for; empty: nothing */
};
MUST_CHECK enum err row_search_begin(struct http_call *call, const struct stored_ledger *l,
	const char *action, struct row_search *out);
/* Only the rows that the index of texts names, where they are few: the same rows, sooner found. */
MUST_CHECK enum err row_search_narrow(
	struct http_call *call, const struct stored_ledger *l, struct row_search *search);
void row_search_only(const struct text_candidates *rows, struct db_where *w);
/* The query fields of a search; ends a table. */
#define ROW_SEARCH_QUERY                                                                           \
	QUERY("period", "周期, 默认最新的; * 为全部",                                              \
		"the period; default the latest, * for all"),                                      \
		QUERY("org", "机构及其下级", "an organisation and what is below it"),              \
		QUERY("q", "文字里有", "found in the texts"),                                      \
		{.name = "filter",                                                                 \
			.type = QUERY_TEXTS,                                                       \
			.max = 2000,                                                               \
			.zh = "字段:比较:值",                                                      \
			.en = "field:op:value, all must hold"},                                    \
		QUERY("import", "某次导入的行", "rows of an import")

/* Answers with a page of rows, as the shape "rows". */
MUST_CHECK enum err list_rows(struct http_call *call);

/*
 * One row in the asker's scope for `action`; NULL behind the end of it all: NOT_FOUND.
 * Its text is in call->cx.mem.
 */
MUST_CHECK enum err row_find(struct http_call *call, const struct stored_ledger *l, struct str id,
	const char *action, struct ledger_row *out);
