#include "mod/auth/sample_accounts.h"

/* The first open organisation of a kind (empty: of any), in the order of codes. */
static const struct org *first_open(const struct org_tree *tree, struct str kind)
{
	for (size_t i = 0; i < tree->count; i++)
		if (tree->items[i].state == ORG_OPEN &&
			(!kind.n || str_eq(tree->items[i].kind, kind)))
			return &tree->items[i];
	return NULL;
}

static const struct org *post_of(const struct org_tree *tree, const struct pack_role *role)
{
	const struct org *found = NULL;

	if (!role->org_kinds.count)
		return first_open(tree, STR_NONE);
	for (size_t i = 0; !found && i < role->org_kinds.count; i++)
		found = first_open(tree, role->org_kinds.items[i].text);
	return found;
}

static enum err add_one(struct ctx *cx, struct db *db, const struct pack *p,
	const struct org_tree *tree, const struct new_account *account)
{
	struct roles_held roles = {0};

	TRY(account_add(cx, db, tree, account));
	*VEC_PUSH(cx->mem, &roles.list) = (struct role_held){account->login, account->org};
	return account_set_roles(cx, db, p, tree, account->login, &roles);
}

enum err sample_accounts_add(struct ctx *cx, struct db *db, const struct pack *p,
	const struct org_tree *tree, struct str password_hash, struct sample_accounts *out)
{
	*out = (struct sample_accounts){0};
	for (size_t i = 0; i < p->roles.count; i++) {
		const struct pack_role *role = &p->roles.items[i];
		const struct org *org = post_of(tree, role);
		struct new_account a;

		if (!org)
			continue;
		a = (struct new_account){.login = role->id.text,
			.name = str_from(
				arena_printf(cx->mem, "演示 " STR_FMT, STR_ARG(role->title.text))),
			.org = org->code,
			.password_hash = password_hash};
		TRY(add_one(cx, db, p, tree, &a));
		*VEC_PUSH(cx->mem, &out->list) =
			(struct sample_account){a.login, role->title.text, org->code, org->name};
	}
	return ERR_OK;
}
