/*
 * A frozen year: from then on no import, form or undo changes the ledger's rows of the period,
 * until it is released with a reason. The digest tells later whether they are still the same.
 */
#pragma once

#include "mod/place/place.h"

struct snapshot {
	int64_t id, taken_at, rows, released_at; /* released_at 0: it holds */
	struct str ledger, period, digest, taken_by, released_by, reason;
	bool is_whole; /* snapshot_verify: the rows still have this digest */
};
struct snapshots {
	VEC(struct snapshot) list;
};

/*
 * Freeze. Fails: CONFLICT (frozen already), NOT_FOUND (no rows of the period).
 * The digest is SHA-256 over the rows in order of their key, with codes, sealed fields sealed.
 */
MUST_CHECK enum err snapshot_take(struct ctx *cx, struct open_place *place,
	const struct pack_ledger *ledger, struct str period, struct snapshot *out);
/* Fails: NOT_FOUND (not frozen), INVALID (no reason given). */
MUST_CHECK enum err snapshot_release(struct ctx *cx, struct open_place *place,
	const struct pack_ledger *ledger, struct str period, struct str reason);
/* All, newest first; with is_verified each that holds is computed anew. */
MUST_CHECK enum err snapshot_list(
	struct ctx *cx, struct open_place *place, bool is_verified, struct snapshots *out);

/*
 * The digest is over what the store holds, sealed fields as they are sealed. When they are sealed
 * anew, those that were whole before get a new digest, which the audit log has beside the old one.
 * Inside one write transaction: before, reseal, after.
 */
MUST_CHECK enum err snapshots_before_reseal(
	struct ctx *cx, struct open_place *place, struct snapshots *out);
MUST_CHECK enum err snapshots_after_reseal(
	struct ctx *cx, struct open_place *place, const struct snapshots *before);
