/* Sealed fields of rows on their way in and out of a ledger's tables. */
#pragma once

#include "mod/ledger/ledger_rows.h"
#include "wire/seal.h"

/* A value of the i-th kept field as its column holds it; in mem. salts: as seal_text. */
MUST_CHECK enum err sealed_value(struct ctx *cx, struct arena *mem, const struct seal_ring *ring,
	struct seal_salts *salts, const struct stored_ledger *l, size_t i, int64_t row,
	struct str text, struct str *out_sealed);
/*
 * Its keyed hash for comparing, the same in every row; in mem. Rows that were sealed before
 * have it as *out_former, which may be NULL.
 */
MUST_CHECK enum err sealed_print(struct ctx *cx, struct arena *mem, const struct seal_ring *ring,
	const struct stored_ledger *l, size_t i, struct str text, struct str *out,
	struct str *out_former);
/* What the column of the i-th kept field holds, opened; in mem. Fails: as seal_open. */
MUST_CHECK enum err sealed_open(struct ctx *cx, struct arena *mem, const struct seal_ring *ring,
	const struct stored_ledger *l, size_t i, int64_t row, struct str sealed, struct str *out);
/* All sealed values of a row opened in place; text in mem. */
MUST_CHECK enum err sealed_open_row(struct ctx *cx, struct arena *mem, const struct seal_ring *ring,
	const struct stored_ledger *l, struct ledger_row *row);

/*
 * Seal everything again with ring->current: kept rows and history of every ledger, also what
 * still stands in the clear. Frozen periods that were whole get the digest of what they are now,
 * each noted in the audit log. Inside the caller's write transaction.
 * Fails: CONFLICT (a key is missing), STORE (a value was changed or moved).
 */
struct reseal {
	/* Told now and then; NULL: nobody. */
	void (*progress)(void *arg, struct str ledger, int64_t rows);
	void *arg;
	bool only_clear; /* leave alone what the current key opens */
	int64_t values;  /* how many were sealed */
};
struct open_place;
MUST_CHECK enum err ledgers_reseal(struct ctx *cx, struct open_place *place,
	const struct seal_ring *ring, struct reseal *work);
