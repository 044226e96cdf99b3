#include "mod/auth/rights.h"

#include "base/map.h"

static bool list_has(const struct located_list *list, struct str text)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i].text, text))
			return true;
	return false;
}

static bool grant_is_on(const struct pack *p, const struct pack_grant *g, struct str resource)
{
	const struct pack_ledger *ledger = pack_find_ledgers(p, resource);

	if (list_has(&g->on, resource))
		return true;
	if (!ledger || !ledger->theme.text.n)
		return false;
	for (size_t i = 0; i < g->on.count; i++) {
		struct str on = g->on.items[i].text;
		if (str_starts(on, "theme:") && str_eq(str_sub(on, 6, on.n), ledger->theme.text))
			return true;
	}
	return false;
}

static bool grant_allows(
	const struct pack *p, const struct pack_grant *g, struct str resource, const char *action)
{
	return !g->where.text.n && list_has(&g->may, str_from(action)) &&
	       grant_is_on(p, g, resource);
}

/* The i-th grant of these roles that allows it, counting through all; NULL behind the last. */
static const struct pack_grant *next_grant(const struct pack *p, const struct roles_held *roles,
	struct str resource, const char *action, size_t *role, size_t *grant)
{
	for (; *role < roles->list.count; (*role)++, *grant = 0) {
		const struct pack_role *r = pack_find_roles(p, roles->list.items[*role].role);
		while (r && *grant < r->grants.count) {
			const struct pack_grant *g = &r->grants.items[(*grant)++];
			if (grant_allows(p, g, resource, action))
				return g;
		}
	}
	return NULL;
}

bool rights_may(const struct pack *p, const struct roles_held *roles, struct str resource,
	const char *action)
{
	size_t role = 0, grant = 0;

	return next_grant(p, roles, resource, action, &role, &grant) != NULL;
}

static struct str top_of(const struct org_tree *tree, const struct org *org)
{
	while (org->parent != ORG_NONE)
		org = &tree->items[org->parent];
	return org->code;
}

static void add_scope(struct arena *mem, const struct org_tree *tree, struct str word,
	struct str code, struct scopes *out)
{
	const struct org *org = org_find(tree, code);
	struct scope s = {SCOPE_ONE, code};

	if (str_is(word, "all")) {
		s.kind = SCOPE_EVERYWHERE;
	} else if (!org) {
		return;
	} else if (str_is(word, "children")) {
		s.kind = SCOPE_CHILDREN;
	} else if (str_is(word, "county")) {
		s = (struct scope){SCOPE_BELOW, org->county.n ? org->county : org->code};
	} else if (str_is(word, "city")) {
		s = (struct scope){SCOPE_BELOW, top_of(tree, org)};
	} else if (!str_is(word, "own")) {
		return;
	}
	/* All that hangs below the only top is everything. */
	if (s.kind == SCOPE_BELOW) {
		const struct org *root = org_find(tree, s.org);
		size_t tops = 0;
		for (size_t i = 0; i < tree->count; i++)
			tops += tree->items[i].parent == ORG_NONE;
		if (root && root->parent == ORG_NONE && tops == 1)
			s.kind = SCOPE_EVERYWHERE;
	}
	*VEC_PUSH(mem, &out->list) = s;
}

void rights_scopes(struct arena *mem, const struct pack *p, const struct org_tree *tree,
	const struct roles_held *roles, struct str resource, const char *action, struct scopes *out)
{
	size_t role = 0, grant = 0;
	const struct pack_grant *g;

	*out = (struct scopes){0};
	while ((g = next_grant(p, roles, resource, action, &role, &grant)))
		add_scope(mem, tree, g->scope.text, roles->list.items[role].org, out);
}

static int width_of(struct str word)
{
	static const char *const words[] = {"own", "children", "county", "city", "all"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_is(word, words[i]))
			return (int)i;
	return -1;
}

const char *role_scope_word(
	const struct pack *p, const struct pack_role *role, struct str resource, const char *action)
{
	static const char *const words[] = {"own", "children", "county", "city", "all"};
	int widest = -1;

	for (size_t i = 0; i < role->grants.count; i++)
		if (grant_allows(p, &role->grants.items[i], resource, action))
			widest = MAX(widest, width_of(role->grants.items[i].scope.text));
	return widest < 0 ? NULL : words[widest];
}

bool rights_unseal_some(
	const struct pack *p, const struct roles_held *roles, struct str ledger, struct str field)
{
	size_t role = 0, grant = 0;
	const struct pack_grant *g;

	while ((g = next_grant(p, roles, ledger, "read", &role, &grant)))
		if (list_has(&g->unseal, field))
			return true;
	return false;
}

bool rights_unseal(const struct pack *p, const struct roles_held *roles, struct str ledger,
	struct str field, const struct org_tree *tree, struct str org)
{
	struct arena *mem = arena_create();
	size_t role = 0, grant = 0;
	const struct pack_grant *g;
	struct scopes scopes = {0};
	bool may;

	while ((g = next_grant(p, roles, ledger, "read", &role, &grant)))
		if (list_has(&g->unseal, field))
			add_scope(mem, tree, g->scope.text, roles->list.items[role].org, &scopes);
	may = scopes_have(&scopes, tree, org);
	arena_free(mem);
	return may;
}

bool scopes_are_all(const struct scopes *scopes)
{
	for (size_t i = 0; i < scopes->list.count; i++)
		if (scopes->list.items[i].kind == SCOPE_EVERYWHERE)
			return true;
	return false;
}

static bool scope_has(const struct scope *s, const struct org_tree *tree, struct str code)
{
	const struct org *org;

	switch (s->kind) {
	case SCOPE_EVERYWHERE:
		return true;
	case SCOPE_ONE:
		return str_eq(s->org, code);
	case SCOPE_CHILDREN:
		org = org_find(tree, code);
		return str_eq(s->org, code) || (org && str_eq(org->parent_code, s->org));
	case SCOPE_BELOW:
		return org_is_within(tree, code, s->org);
	}
	return false;
}

bool scopes_have(const struct scopes *scopes, const struct org_tree *tree, struct str org)
{
	for (size_t i = 0; i < scopes->list.count; i++)
		if (scope_has(&scopes->list.items[i], tree, org))
			return true;
	return false;
}

/* A county's rows are cut by the column; below a town or a bureau the tree is asked. */
static void below_where(const struct org_tree *tree, struct str code, struct db_where *w)
{
	const struct org *org = org_find(tree, code);

	if (org && str_eq(org->county, code)) {
		db_where_add(w, "county = ");
		db_where_text(w, code);
		return;
	}
	if (org && org_is_leaf(tree, org)) {
		db_where_add(w, "org = ");
		db_where_text(w, code);
		return;
	}
	if (org && str_eq(org->town, code)) {
		db_where_add(w, "org IN (SELECT code FROM org WHERE town = ");
		db_where_text(w, code);
		db_where_add(w, ")");
		return;
	}
	db_where_add(
		w, "org IN (WITH RECURSIVE below (code) AS (SELECT code FROM org WHERE code = ");
	db_where_text(w, code);
	db_where_add(w,
		" UNION ALL SELECT o.code FROM org o JOIN below b ON o.parent_code = b.code)"
		" SELECT code FROM below)");
}

void scopes_where(const struct scopes *scopes, const struct org_tree *tree, struct db_where *w)
{
	if (scopes_are_all(scopes))
		return;
	db_where_add(w, " AND (");
	if (scopes->list.count == 0)
		db_where_add(w, "FALSE"); /* beside a condition SQLite would use no index for it */
	for (size_t i = 0; i < scopes->list.count; i++) {
		const struct scope *s = &scopes->list.items[i];
		db_where_add(w, i ? " OR " : "");
		if (s->kind == SCOPE_BELOW) {
			below_where(tree, s->org, w);
			continue;
		}
		db_where_add(w, "org = ");
		db_where_text(w, s->org);
		if (s->kind == SCOPE_CHILDREN) {
			db_where_add(w, " OR org IN (SELECT code FROM org WHERE parent_code = ");
			db_where_text(w, s->org);
			db_where_add(w, ")");
		}
	}
	db_where_add(w, ")");
}

void scopes_within(struct arena *mem, const struct scopes *scopes, const struct org_tree *tree,
	struct str org, struct scopes *out)
{
	*out = (struct scopes){0};
	for (size_t i = 0; i < scopes->list.count; i++) {
		const struct scope *s = &scopes->list.items[i];
		if (s->kind == SCOPE_EVERYWHERE ||
			(s->kind == SCOPE_BELOW && org_is_within(tree, org, s->org)))
			*VEC_PUSH(mem, &out->list) = (struct scope){SCOPE_BELOW, org};
		else if (org_is_within(tree, s->org, org))
			*VEC_PUSH(mem, &out->list) = *s;
		else if (scope_has(s, tree, org))
			*VEC_PUSH(mem, &out->list) = (struct scope){SCOPE_ONE, org};
	}
}

static void add_name(struct arena *mem, struct name_list *list, struct str name)
{
	size_t i = 0;

	while (i < list->list.count && str_cmp(list->list.items[i], name) < 0)
		i++;
	if (i < list->list.count && str_eq(list->list.items[i], name))
		return;
	*VEC_PUSH(mem, &list->list) = name;
	for (size_t k = list->list.count - 1; k > i; k--)
		list->list.items[k] = list->list.items[k - 1];
	list->list.items[i] = name;
}

static void each_grant(
	struct arena *mem, const struct pack *p, bool wants_actions, struct name_list *out)
{
	*out = (struct name_list){0};
	for (size_t i = 0; i < p->roles.count; i++)
		for (size_t k = 0; k < p->roles.items[i].grants.count; k++) {
			const struct pack_grant *g = &p->roles.items[i].grants.items[k];
			const struct located_list *names = wants_actions ? &g->may : &g->on;
			for (size_t n = 0; n < names->count; n++) {
				struct str name = names->items[n].text;
				if (wants_actions || (!str_starts(name, "theme:") &&
							     !pack_find_ledgers(p, name)))
					add_name(mem, out, name);
			}
		}
}

void rights_actions(struct arena *mem, const struct pack *p, struct name_list *out)
{
	each_grant(mem, p, true, out);
}

void rights_resources(struct arena *mem, const struct pack *p, struct name_list *out)
{
	each_grant(mem, p, false, out);
}

static enum err check_pair(struct ctx *cx, const struct pack_role *a, const struct pack_role *b)
{
	if (!list_has(&a->excludes, b->id.text) && !list_has(&b->excludes, a->id.text))
		return ERR_OK;
	return ctx_fail(cx, ERR_CONFLICT,
		TR(cx, "一个人不能同时是 " STR_FMT " 和 " STR_FMT,
			"nobody can be " STR_FMT " and " STR_FMT " at once"),
		STR_ARG(a->title.text), STR_ARG(b->title.text));
}

static enum err check_role(struct ctx *cx, const struct pack *p, const struct org_tree *tree,
	const struct role_held *held)
{
	const struct pack_role *role = pack_find_roles(p, held->role);
	const struct org *org = org_find(tree, held->org);

	if (!role)
		return ctx_fail(cx, ERR_NOT_FOUND,
			TR(cx, "没有角色 '" STR_FMT "'", "no role '" STR_FMT "'"),
			STR_ARG(held->role));
	if (!org)
		return ctx_fail(cx, ERR_NOT_FOUND,
			TR(cx, "没有机构 '" STR_FMT "'", "no organisation '" STR_FMT "'"),
			STR_ARG(held->org));
	if (role->org_kinds.count && !list_has(&role->org_kinds, org->kind))
		return ctx_fail(cx, ERR_CONFLICT,
			TR(cx, "角色 " STR_FMT " 不能给 " STR_FMT " 的人",
				"role " STR_FMT " is not for people of " STR_FMT),
			STR_ARG(role->title.text), STR_ARG(org->name));
	return ERR_OK;
}

enum err roles_check(struct ctx *cx, const struct pack *p, const struct org_tree *tree,
	const struct roles_held *roles)
{
	for (size_t i = 0; i < roles->list.count; i++) {
		TRY(check_role(cx, p, tree, &roles->list.items[i]));
		for (size_t k = 0; k < i; k++)
			TRY(check_pair(cx, pack_find_roles(p, roles->list.items[i].role),
				pack_find_roles(p, roles->list.items[k].role)));
	}
	return ERR_OK;
}
