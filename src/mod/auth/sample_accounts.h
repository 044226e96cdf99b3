/*
 * Accounts of a generated place: one for each role of its pack, so that the place can be looked
 * at with each one's eyes. A place with data of real people gets none.
 */
#pragma once

#include "mod/auth/auth.h"

struct sample_account {
	struct str login, title, org, org_name;
};
struct sample_accounts {
	VEC(struct sample_account) list; /* in the order of the pack; in cx->mem */
};

/*
 * The login is the role's name; it stands at the first open organisation of the first of the
 * role's kinds that has one, at the top of the tree when the role names no kind. All have the
 * one password and need not change it. Needs a write transaction.
 * Fails: CONFLICT (such a login is taken).
 */
MUST_CHECK enum err sample_accounts_add(struct ctx *cx, struct db *db, const struct pack *p,
	const struct org_tree *tree, struct str password_hash, struct sample_accounts *out);
