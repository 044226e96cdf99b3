/*
 * The keys of a place's sealed fields: made, listed, changed. What they seal are the fields that
 * packs declare so, in rows and in history, and the secrets of accounts' second factors.
 */
#pragma once

#include "mod/ledger/sealed.h"
#include "mod/place/place_keys.h"

struct keys_work {
	enum seal_suite suite; /* of a new key */
	/* Told now and then; NULL: nobody. */
	void (*progress)(void *arg, struct str ledger, int64_t rows);
	void *arg;
};
struct keys_done {
	struct str key;   /* the current one's id */
	const char *path; /* the key file */
	bool is_missing;  /* the store has a key that the file lacks: nothing was done */
	bool is_new;      /* the key was made */
	int64_t values;   /* sealed by this call */
};

/*
 * See that there is a key, and that nothing that should be sealed stands in the clear: a store
 * without a key gets a new one, in the key file first. Then the store is rewritten, so that what
 * was overwritten is in none of its files. Its own write transaction; all or nothing.
 * Fails: CONFLICT (the store has a key that the file lacks), BUSY, IO, STORE.
 */
MUST_CHECK enum err keys_ensure(struct ctx *cx, struct open_place *place,
	const struct keys_work *work, struct keys_done *out);
/* Is the store's current key in the file, or none needed yet? */
MUST_CHECK enum err keys_are_whole(struct ctx *cx, const struct open_place *place, bool *out);
/* A new key, and everything sealed with it instead of the one before, which stays in the file:
 * backups from before need it. Fails: as keys_ensure; CONFLICT (there is no key yet). */
MUST_CHECK enum err keys_rotate(struct ctx *cx, struct open_place *place,
	const struct keys_work *work, struct keys_done *out);

struct key_entry {
	struct str id, suite;
	int64_t used_from, used_until; /* 0: not yet */
	bool is_in_file;
};
struct key_entries {
	VEC(struct key_entry) list; /* newest first */
};
MUST_CHECK enum err keys_list(
	struct ctx *cx, const struct open_place *place, struct key_entries *out);

/* The secret of an account's second factor, as the store has it and back; in cx->mem. */
MUST_CHECK enum err second_factor_seal(struct ctx *cx, const struct open_place *place,
	struct str login, struct str secret, struct str *out);
MUST_CHECK enum err second_factor_open(struct ctx *cx, const struct open_place *place,
	struct str login, struct str sealed, struct str *out);
