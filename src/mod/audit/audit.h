/*
 * The audit log: who did what to what, when. Each entry's hash covers the entry and the hash of
 * the one before, so that a changed, inserted or missing entry breaks the chain for everybody
 * who reads it. What the chain alone cannot show is a cut at its end: whoever wants to know that
 * keeps the head (the last hash) elsewhere and gives it to audit_verify.
 *
 * A hash is "sm3:" or "sha256:" and 64 hex digits, over the text
 *
 *     previous_hash \n seq \n made_at \n then who, action, object, detail as "bytes:text\n"
 *
 * in UTF-8; previous_hash of the first entry is "". The algorithm may change on the way: each
 * entry names its own.
 */
#pragma once

#include "db/db.h"
#include "wire/digest.h"

struct audit_entry {
	struct str who;    /* login; "" the program itself */
	struct str action; /* "row.change", "sign-in" */
	struct str object; /* "LEDGER/ID", "account/LOGIN" */
	struct str detail; /* no contents of sealed or personal fields */
};

/*
 * Append inside the caller's write transaction: the entry stays or goes with what it tells of.
 * The algorithm is that of meta's "audit_hash" ("sm3" when absent).
 * Fails: STORE (also when the last entry cannot be read).
 */
MUST_CHECK enum err audit_append(struct ctx *cx, struct db *db, const struct audit_entry *entry);

/* Choose the algorithm for entries from now on. Inside a write transaction. */
MUST_CHECK enum err audit_choose(struct ctx *cx, struct db *db, enum digest_kind kind);

struct audit_state {
	bool is_whole;
	int64_t entries;
	struct str head;   /* the last hash; "" when there are none */
	int64_t broken_at; /* seq of the first entry that is wrong; 0: none */
	struct str reason; /* why, in words */
};

/*
 * Read the chain from its beginning. head: the last hash as somebody kept it, which must stand
 * in the chain; empty: none. A broken chain is no failure: out->is_whole says it.
 */
MUST_CHECK enum err audit_verify(
	struct ctx *cx, struct db *db, struct str head, struct audit_state *out);
