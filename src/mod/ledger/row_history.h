/* One row of a ledger: its versions, a change to it by hand, its end. */
#pragma once

#include "mod/ledger/import.h"
#include "mod/ledger/ledger_rows.h"

struct row_version {
	int64_t version, made_at, import_id; /* import_id 0: by hand */
	struct str made_by;
	bool is_current;
	struct str gone_how; /* "changed", "deleted", "undone"; empty: it is the current one */
	int64_t gone_at;
	struct str gone_by;
	struct field_value *values; /* one a field of the ledger */
};

struct row_versions {
	VEC(struct row_version) list;
};

/* Every version of a row, oldest first; none when there never was such a row. In cx->mem. The text
 * of a sealed field is good for nothing but telling whether it changed. */
MUST_CHECK enum err row_history(struct ctx *cx, struct open_place *place,
	const struct pack_ledger *ledger, int64_t id, struct row_versions *out);

/*
 * Put one row by hand: its fields as text by name, checked as a file's row is. version is the
 * one that was seen, 0 for a row that is to be new.
 * Fails: as import_run; CONFLICT (the row has another version by now, or exists already; the
 * detail tells both versions).
 */
struct row_text {
	struct str name, value;
};
/* The fields as the one row of a CSV file, for an import_request of one's own. In cx->mem. */
MUST_CHECK enum err row_as_file(
	struct ctx *cx, const struct row_text *fields, size_t n, struct str *out);
MUST_CHECK enum err row_put(struct ctx *cx, struct open_place *place,
	const struct pack_ledger *ledger, const struct row_text *fields, size_t field_count,
	struct str period, struct str within, int64_t version, struct import_result *result);
/*
 * End a row (in the caller's write transaction when there is one, else in its own): it goes into
 * the history. Fails: NOT_FOUND, CONFLICT (another version, frozen), FORBIDDEN (the registry's rows
 * are closed, not deleted; or outside `within`).
 */
MUST_CHECK enum err row_delete(struct ctx *cx, struct open_place *place,
	const struct pack_ledger *ledger, int64_t id, int64_t version, struct str within);
