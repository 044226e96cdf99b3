/*
 * A file into a ledger of a place: all of it or nothing. Rows are matched with those that are
 * kept by the ledger's key; of each it is told whether it is new, changed or the same. Columns
 * that the file does not have keep their values.
 *
 * Checked, beyond what intake.h checks: the organisation exists, is open and of a kind that
 * keeps this ledger; keys and unique fields are not twice; references lead somewhere; checks
 * against the former period, over groups of rows, and of capacities; the period is not frozen.
 *
 * Everything happens in one write transaction: kill -9 at any moment leaves all rows or none.
 */
#pragma once

#include "mod/ledger/intake.h"
#include "mod/place/place.h"

struct org_tree;

struct import_request {
	int64_t id; /* that the import gets; 0: a new one */
	const struct pack_ledger *ledger;
	const char *path;  /* of the file, or the name to show for bytes */
	struct str bytes;  /* the file itself, in memory; p NULL: read path */
	struct str period; /* for rows without one of their own; empty: none */
	struct str sheet;  /* empty: the first with rows */
	struct str within; /* rows of other organisations are refused; empty: any */
	/* With wants_version a row is refused (CONFLICT) unless the kept one has this version; 0:
	   unless there is none. */
	bool wants_version;
	int64_t version;
	/* May rows of this organisation be written? NULL: yes. */
	bool (*may_org)(void *guard, const struct org_tree *tree, struct str org);
	void *guard;
	struct str state; /* of its flow, for rows that are new or changed; empty: as it was */
	/* More to be done in the same transaction, once all rows are in; NULL: nothing. */
	enum err (*also)(void *arg, struct ctx *cx, int64_t import_id);
	void *also_arg;
	bool is_dry_run; /* check and count, write nothing */
	const char
		*rejects; /* where the marked workbook goes when rows are refused; NULL: nowhere */
	/* Told now and then; NULL: nobody. False stops the import. */
	bool (*progress)(void *arg, size_t rows, uint64_t done, uint64_t total);
	void *arg;
};

struct import_result {
	int64_t id; /* 0: nothing was written */
	size_t rows_total, rows_new, rows_changed, rows_same;
	size_t blank_cells;    /* cells with nothing but blanks, read as empty */
	struct intake *intake; /* problems and columns; NULL: the file could not be opened */
	bool has_rejects;
};

/*
 * Fails: REJECTED (rows are refused; result->intake has why, and the place is as it was),
 * CONFLICT (the period is frozen), CANCELLED, BUSY, and as intake_open and the store do. Nothing
 * is kept on any failure.
 */
MUST_CHECK enum err import_run(struct ctx *cx, struct open_place *place,
	const struct import_request *request, struct import_result *result);

/*
 * Take an import back (in the caller's write transaction when there is one, else in its own): its
 * new rows go, its changed ones get their former values as a new version. What went stays in the
 * history. Fails: NOT_FOUND; CONFLICT (undone already, later changes stand on it, frozen, or other
 * rows speak of organisations that would go).
 */
MUST_CHECK enum err import_undo(
	struct ctx *cx, struct open_place *place, int64_t id, struct import_result *result);

struct import_entry {
	int64_t id, started_at, ended_at, total, fresh, changed, same;
	struct str ledger, file_name, period, state, made_by;
};
struct import_entries {
	VEC(struct import_entry) list;
};
/* The imports of a ledger (empty: of all), newest first, at most `limit`. */
MUST_CHECK enum err import_list(struct ctx *cx, const struct open_place *place, struct str ledger,
	int64_t limit, struct import_entries *out);

/* Is the ledger's period frozen? Fails with CONFLICT naming when and by whom. */
MUST_CHECK enum err ledger_check_frozen(
	struct ctx *cx, struct db *db, struct str ledger, struct str period);
/* The rows of the registry ledger into the tree of organisations; see org.h for *problems. */
struct org_problems;
MUST_CHECK enum err registry_sync(struct ctx *cx, struct open_place *place, struct str **out_codes,
	struct org_problems *problems);
