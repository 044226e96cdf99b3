/*
 * Rows of a ledger out of a place: a workbook or CSV for people (titles, code titles; both can be
 * imported again), or a Frictionless Data Package for programs (names, codes). Personal fields are
 * masked unless it is asked for otherwise. Sealed fields are never in it: a file that is imported
 * again leaves them as they are.
 */
#pragma once

#include "db/where.h"
#include "mod/place/place.h"

struct export_request {
	const struct pack_ledger *ledger;
	struct str period; /* empty: all */
	struct str within; /* rows of this organisation and what is below it; empty: all */
	const struct db_where *where; /* more conditions, " AND …"; NULL: none */
	const char *to;               /* FILE.xlsx, FILE.csv, or a folder for a Data Package */
	/* Told each 1,024 rows; false ends it: CANCELLED. NULL: nobody. */
	bool (*progress)(void *arg, size_t rows);
	void *arg;
	bool is_unmasked; /* personal fields as they are */
};

/*
 * *out_rows counts the rows written. A file is replaced, a folder made when absent.
 * Fails: NOT_FOUND (no such organisation), TOO_LARGE (more rows than a workbook holds), IO.
 */
MUST_CHECK enum err export_run(struct ctx *cx, struct open_place *place,
	const struct export_request *request, size_t *out_rows);

/* An empty workbook to fill in: titles, notes, drop-downs, ranges, and a sheet that explains. */
MUST_CHECK enum err template_write(
	struct ctx *cx, const struct pack *p, const struct pack_ledger *ledger, const char *path);

/* "在校生数（人）": the title of a column as people see it. In mem. */
struct str field_heading(struct arena *mem, const struct pack_field *field);
/* First and last character of personal text; in mem. */
struct str mask_text(struct arena *mem, struct str text);
