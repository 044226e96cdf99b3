/* What the files of an export share; nobody outside mod/ledger includes it. */
#pragma once

#include "mod/ledger/export.h"
#include "mod/ledger/ledger_rows.h"
#include "wire/csv_write.h"

struct export
{
	struct ctx *cx;
	struct open_place *place;
	const struct export_request *request;
	struct stored_ledger stored;
	struct org_tree tree;
	size_t *columns; /* fields that are written: all that are not sealed */
	size_t column_count;
	struct ledger_cursor *rows;
	struct strbuf cell;
	struct arena *row_mem;
	size_t row_count;
};

/* A value as text, masked where it must be; good until the next call. */
struct str export_text(struct export *x, size_t field, const struct ledger_row *row, bool as_title);
MUST_CHECK enum err export_csv(struct export *x, const char *path, enum csv_style style);
/* A folder: datapackage.json and one CSV. */
MUST_CHECK enum err export_package(struct export *x);
