/*
 * Which rows of a ledger have changed: written in the transaction that changes them, read by who
 * keeps something made of them in memory (text_index.h).
 */
#pragma once

#include "db/db.h"

/* Rows that one transaction has made, changed or ended; more than fit are "many". */
enum { CHANGED_ROWS_MAX = 64 };
struct changed_rows {
	int64_t ids[CHANGED_ROWS_MAX];
	size_t count; /* above CHANGED_ROWS_MAX: many, ids say nothing */
};
void changed_rows_add(struct changed_rows *rows, int64_t id);
void changed_rows_add_many(struct changed_rows *rows);

/* In the caller's write transaction. Nothing for no rows. Fails: STORE, IO. */
MUST_CHECK enum err change_log_add(
	struct ctx *cx, struct db *db, struct str ledger, const struct changed_rows *rows);

/*
 * The changes of a ledger behind *seq, which becomes the last one's; *out: its rows (each may
 * stand twice), or many. In the caller's read transaction. Fails: STORE, IO.
 */
struct changes_seen {
	VEC(int64_t) ids; /* in cx->mem */
	bool is_many;
};
MUST_CHECK enum err change_log_read(
	struct ctx *cx, struct db *db, struct str ledger, int64_t *seq, struct changes_seen *out);
