/* Reading sealed fields of a row: an act with a reason, which the audit log keeps. */
#pragma once

#include "mod/ledger/ledger_rows.h"
#include "mod/place/place.h"

#define UNSEAL_REASON_MIN 10 /* characters */
#define UNSEAL_REASON_MAX 500
#define UNSEAL_FIELDS_MAX 50

/* Long enough once blanks are gone? */
bool unseal_reason_fits(struct str reason);

/* Is it a field of the ledger whose text is sealed? */
bool unseal_has_field(const struct stored_ledger *ledger, struct str field);

/*
 * Open these fields of a row, in their order, p NULL for those that are empty; out in cx->mem. The
 * audit log gets "row.unseal" with the fields and the reason (no contents) in the caller's write
 * transaction: hand nothing on before that is committed. Who may read them is the caller's to
 * know; that the fields exist (unseal_has_field) and the reason fits is asserted.
 * Fails: CONFLICT (the key is not at hand), STORE (a value was changed or moved).
 */
MUST_CHECK enum err row_unseal(struct ctx *cx, struct open_place *place,
	const struct stored_ledger *ledger, const struct ledger_row *row, const struct str *fields,
	size_t count, struct str reason, struct str *out);
