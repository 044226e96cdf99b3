/*
 * The kept rows of a ledger, one after another: for exports, lists, indicators and evaluations.
 * Fields that come from the tree of organisations (name, county …) are filled in.
 */
#pragma once

#include "db/where.h"
#include "mod/ledger/field_value.h"
#include "mod/ledger/ledger_store.h"
#include "mod/org/org.h"

struct ledger_row {
	int64_t id, version, updated_at, import_id;
	struct str county, org, period, state, updated_by;
	struct field_value *values; /* one a field of the ledger, in its order */
};

struct ledger_filter {
	struct str period; /* empty: all */
	struct str
		within; /* code of an organisation: rows of it and of what is below; empty: all */
	int64_t id;     /* 0: all */
	const char *and_where; /* more SQL over the columns, ours and not input; NULL: none */
	const struct db_where *where; /* " AND …" with its values; NULL: none */
	bool by_key;                  /* in order of the key, else as they lie */
	/* Told each 1,024 rows; false ends it: CANCELLED. NULL: nobody. */
	bool (*progress)(void *arg, size_t rows);
	void *arg;
};

struct ledger_cursor;

/*
 * Start reading. tree must outlive the cursor, which lives in cx->mem; release it with
 * ledger_rows_end when it is not read to its end.
 */
MUST_CHECK enum err ledger_rows_begin(struct ctx *cx, struct db *db,
	const struct stored_ledger *ledger, const struct org_tree *tree,
	const struct ledger_filter *filter, struct ledger_cursor **out);
/* The next row, or NULL at the end; good until the next call. */
MUST_CHECK enum err ledger_rows_next(
	struct ctx *cx, struct ledger_cursor *cursor, const struct ledger_row **out);
void ledger_rows_end(struct ledger_cursor *cursor);

/* For other queries: "SELECT id, … FROM from" (NULL: its table), and the row such a statement
 * stands on. */
void ledger_rows_select(const struct stored_ledger *ledger, const char *from, struct strbuf *sql);
void ledger_rows_take(const struct stored_ledger *ledger, const struct org_tree *tree,
	const struct db_stmt *st, struct ledger_row *row);

/* The latest period that has rows, or "". In cx->mem. */
MUST_CHECK enum err ledger_latest_period(
	struct ctx *cx, struct db *db, const struct stored_ledger *ledger, struct str *out);

/* All periods that have rows, oldest first. In cx->mem. */
struct ledger_periods {
	VEC(struct str) list;
};
MUST_CHECK enum err ledger_list_periods(struct ctx *cx, struct db *db,
	const struct stored_ledger *ledger, struct ledger_periods *out);

/* The organisation a field speaks of: its own value, or for from_org the row's owner. */
void ledger_fill_from_org(const struct stored_ledger *ledger, const struct org_tree *tree,
	struct str owner, struct field_value *values);
