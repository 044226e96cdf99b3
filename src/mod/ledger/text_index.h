/*
 * Which rows of a large ledger may have a text in them: for each character that is no ASCII, and
 * each two that stand side by side, the rows where they do. Names of people and schools are found
 * through it in microseconds, where LIKE reads the whole table.
 *
 * It never misses a row of the moment in which it is asked, and may name rows that do not have
 * the text (any more): the asker's SQL still decides. It is made by the first who asks, kept in
 * memory, and brought up to date from the log of changes (change_log.h) before each answer.
 */
#pragma once

#include "mod/ledger/ledger_store.h"

enum { TEXT_INDEX_ROWS_MIN = 20000 }; /* smaller ledgers are read as fast as this is made */
enum { TEXT_CANDIDATES_MAX = 2000 };  /* more are no faster than reading the table */

/* Of all ledgers of a place, for all threads of a server. */
struct text_indexes;
struct text_indexes *text_indexes_new(void);
void text_indexes_free(struct text_indexes *indexes); /* NULL is fine */

struct text_candidates {
	int64_t after;    /* asked: rows behind this id */
	size_t max;       /* asked: at most so many, the first */
	bool is_known;    /* false: it cannot help; ask the table */
	bool is_all;      /* false: there may be more behind the last */
	VEC(int64_t) ids; /* growing; in cx->mem */
};

/*
 * In the caller's read transaction; `out` says what is asked. Unknown: the ledger is small, the
 * text has no character beyond ASCII, or another thread is making it. Fails: STORE, IO.
 */
MUST_CHECK enum err text_index_find(struct ctx *cx, struct text_indexes *indexes, struct db *db,
	const struct stored_ledger *ledger, struct str text, struct text_candidates *out);

/* Is the field searched: free text, not sealed? */
bool text_index_has(const struct stored_field *field);
