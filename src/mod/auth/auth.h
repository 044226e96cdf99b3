/*
 * Accounts: who may sign in, as whom, and what for how long. Every change of an account writes
 * its entry in the audit log in the same transaction; passwords, secrets and tokens stand in no
 * entry. All functions that change need a write transaction.
 */
#pragma once

#include "mod/auth/password.h"
#include "mod/auth/rights.h"

struct open_place;

/* What stands in the place; defaults where nothing does. */
MUST_CHECK enum err auth_rules_load(struct ctx *cx, struct db *db, struct auth_rules *out);
/* Fails: NOT_FOUND (no such rule), INVALID (out of its range). */
MUST_CHECK enum err auth_rule_set(struct ctx *cx, struct db *db, struct str name, int64_t value);

struct new_account {
	struct str login; /* 2 to 40 of a-z 0-9 . _ - */
	struct str name, org;
	struct str password_hash; /* of password_hash() */
	bool must_change;
};
/* Fails: INVALID (login), CONFLICT (taken), NOT_FOUND (organisation). */
MUST_CHECK enum err account_add(struct ctx *cx, struct db *db, const struct org_tree *tree,
	const struct new_account *account);
/* Empty name, org: as they are. is_locked also ends sessions and tokens. Fails: NOT_FOUND. */
MUST_CHECK enum err account_edit(struct ctx *cx, struct db *db, const struct org_tree *tree,
	struct str login, struct str name, struct str org);
MUST_CHECK enum err account_set_state(
	struct ctx *cx, struct db *db, struct str login, bool is_locked);
/*
 * by_hand: somebody else gives it and it must be changed at the next sign-in. Ends all sessions
 * of the account but `but_session` (a hash; empty: none is spared).
 */
MUST_CHECK enum err account_give_password(struct ctx *cx, struct db *db,
	const struct auth_rules *rules, struct str login, struct str hash, bool by_hand,
	struct str but_session);
/* Is the password one of the last? Slow (each takes as long as a sign-in): not on the writer. */
MUST_CHECK enum err password_is_former(struct ctx *cx, struct db *db,
	const struct auth_rules *rules, struct str login, struct str password, bool *out);
/* Replace the roles. Fails: as roles_check; NOT_FOUND. */
MUST_CHECK enum err account_set_roles(struct ctx *cx, struct db *db, const struct pack *p,
	const struct org_tree *tree, struct str login, const struct roles_held *roles);
/* Of an account that may sign in. Fails: NOT_FOUND, FORBIDDEN (locked). */
MUST_CHECK enum err account_open_roles(
	struct ctx *cx, struct db *db, struct str login, struct roles_held *out);
MUST_CHECK enum err account_roles_of(
	struct ctx *cx, struct db *db, struct str login, struct roles_held *out);
/* Keep the secret of a second factor, sealed; empty: none. Fails: NOT_FOUND; CONFLICT (no key). */
MUST_CHECK enum err account_second_factor(
	struct ctx *cx, struct open_place *place, struct str login, struct str secret);

/* ---- signing in ---- */

enum sign_in_state {
	SIGN_IN_GOOD,
	SIGN_IN_WRONG, /* login, password, code, or the account is locked: told as one thing */
	SIGN_IN_CODE,  /* the password is right, the second factor is missing */
	SIGN_IN_PAUSE, /* too many failures: wait */
};
struct sign_in {
	enum sign_in_state state;
	int64_t second_factor_step;
	int64_t pause_s;           /* with SIGN_IN_PAUSE */
	bool is_known, has_failed; /* a failure to be counted */
};
/* Look, and compare: slow on purpose. Changes nothing. */
MUST_CHECK enum err sign_in_check(struct ctx *cx, const struct open_place *place, struct str login,
	struct str password, struct str code, struct sign_in *out);
/* Count the failure, lock when there were too many. */
MUST_CHECK enum err sign_in_failed(struct ctx *cx, struct db *db, const struct auth_rules *rules,
	struct str login, const struct sign_in *tried);

struct new_session {
	struct str token; /* what the browser keeps */
	struct str hash, csrf;
};
MUST_CHECK enum err sign_in_done(struct ctx *cx, struct db *db, struct str login,
	const struct sign_in *tried, struct new_session *out);
MUST_CHECK enum err sign_out(struct ctx *cx, struct db *db, struct str login, struct str hash);

/* Who asks. In the memory of the call. */
struct session {
	struct str login, name, org;
	struct str hash, csrf; /* csrf "" with a token */
	int64_t expires_at, version;
	struct roles_held roles;
	struct auth_rules rules;
	bool is_token, must_change, has_second_factor;
	bool wants_touch; /* last seen a while ago: note it */
};
/* NOT_FOUND: there is none, or it is over. */
MUST_CHECK enum err session_find(
	struct ctx *cx, struct db *db, struct str token, bool is_bearer, struct session *out);
/*
 * Who an account is and what it may, for work that goes on without it: nobody is signed in by it.
 * Fails: NOT_FOUND (there is no such account, or it is locked).
 */
MUST_CHECK enum err session_without_sign_in(
	struct ctx *cx, struct db *db, struct str login, struct session *out);
/* The hash under which a token or session is kept. */
MUST_CHECK enum err token_hash(struct ctx *cx, struct str token, struct str *out);
/* A token for scripts; *out_token is shown once. */
MUST_CHECK enum err token_make(struct ctx *cx, struct db *db, struct str login, struct str name,
	int64_t days, int64_t *out_id, struct str *out_token);
/* Forget sessions that are over. */
MUST_CHECK enum err sessions_sweep(struct ctx *cx, struct db *db);
