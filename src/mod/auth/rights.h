/*
 * What roles allow: (resource, action, scope), as the packs say. A resource is a ledger, a theme
 * of ledgers ("theme:plan" in a grant) or one of the platform's own: promises, accounts, ….
 *
 * The scope of a grant and the organisation of a role give the part of the tree:
 *   own       that organisation alone
 *   children  and those directly below it
 *   county    its county with all below; for one above the counties: it and all below
 *   city      everything below the topmost of its ancestors
 *   all       everything
 * A grant with `where` speaks of single rows by a rule; no row is allowed by it here.
 */
#pragma once

#include "db/where.h"
#include "mod/org/org.h"
#include "mod/pack/pack.h"

struct role_held {
	struct str role, org;
};
struct roles_held {
	VEC(struct role_held) list;
};

enum scope_kind { SCOPE_ONE, SCOPE_CHILDREN, SCOPE_BELOW, SCOPE_EVERYWHERE };

/* The union of these parts of the tree; empty: nothing. */
struct scope {
	enum scope_kind kind;
	struct str org;
};
struct scopes {
	VEC(struct scope) list;
};

/* May these roles do this somewhere? */
bool rights_may(const struct pack *p, const struct roles_held *roles, struct str resource,
	const char *action);
/* Where? In mem. */
void rights_scopes(struct arena *mem, const struct pack *p, const struct org_tree *tree,
	const struct roles_held *roles, struct str resource, const char *action,
	struct scopes *out);
/* The widest word of a role's own grants for it ("county"), or NULL: for the matrix. */
const char *role_scope_word(const struct pack *p, const struct pack_role *role, struct str resource,
	const char *action);
/* May a sealed field be opened by these roles somewhere? */
bool rights_unseal_some(
	const struct pack *p, const struct roles_held *roles, struct str ledger, struct str field);
/* May it be opened in rows of this organisation? */
bool rights_unseal(const struct pack *p, const struct roles_held *roles, struct str ledger,
	struct str field, const struct org_tree *tree, struct str org);

bool scopes_are_all(const struct scopes *scopes);
bool scopes_have(const struct scopes *scopes, const struct org_tree *tree, struct str org);
/* Add " AND (…)" over the columns county and org of a ledger's table. Everything: nothing. */
void scopes_where(const struct scopes *scopes, const struct org_tree *tree, struct db_where *where);
/* The same part of the tree, but no more than what is at or below org. Org must be known. */
void scopes_within(struct arena *mem, const struct scopes *scopes, const struct org_tree *tree,
	struct str org, struct scopes *out);

/* The actions and the platform's resources that packs speak of, each once, sorted; in mem. */
struct name_list {
	VEC(struct str) list;
};
void rights_actions(struct arena *mem, const struct pack *p, struct name_list *out);
void rights_resources(struct arena *mem, const struct pack *p, struct name_list *out);

/*
 * Do roles exclude each other, exist, and fit the kind of their organisation?
 * Fails: NOT_FOUND (role or organisation), CONFLICT.
 */
MUST_CHECK enum err roles_check(struct ctx *cx, const struct pack *p, const struct org_tree *tree,
	const struct roles_held *roles);
