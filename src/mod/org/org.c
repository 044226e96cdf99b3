#include "mod/org/org.h"

#include "mod/org/org_sql.h"

static const char *const state_names[] = {"open", "closed", "merged"};

static enum org_state state_of(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(state_names); i++)
		if (str_is(name, state_names[i]))
			return (enum org_state)i;
	return ORG_OPEN;
}

static void take_row(struct org_tree *tree, const struct org_rows_row *r)
{
	struct arena *mem = tree->mem;
	struct org *o = &tree->items[tree->count];

	*o = (struct org){.code = str_copy(mem, r->code),
		.name = str_copy(mem, r->name),
		.kind = str_copy(mem, r->kind),
		.parent_code = str_copy(mem, r->parent_code),
		.county = str_copy(mem, r->county),
		.town = str_copy(mem, r->town),
		.merged_into = str_copy(mem, r->merged_into),
		.opened_on = r->has_opened_on ? r->opened_on : DATE_NONE,
		.closed_on = r->has_closed_on ? r->closed_on : DATE_NONE,
		.state = state_of(r->state),
		.has_point = r->has_lon && r->has_lat,
		.lon = r->lon,
		.lat = r->lat,
		.version = r->version,
		.parent = ORG_NONE};
	*strmap_put(&tree->by_code, o->code, NULL) = (int64_t)tree->count++;
}

enum err org_tree_load(struct ctx *cx, struct db *db, struct arena *mem, struct org_tree *out)
{
	struct org_alias_rows_rows aliases;
	struct org_rows_rows rows;

	*out = (struct org_tree){.mem = mem};
	strmap_init(&out->by_code, mem);
	strmap_init(&out->by_alias, mem);
	TRY(org_rows(cx, db, &rows));
	TRY(org_alias_rows(cx, db, &aliases));
	out->items = arena_array(mem, struct org, rows.count);
	for (size_t i = 0; i < rows.count; i++)
		take_row(out, &rows.items[i]);
	for (size_t i = 0; i < out->count; i++) {
		const int64_t *at = strmap_find(&out->by_code, out->items[i].parent_code);
		if (at)
			out->items[i].parent = (size_t)*at;
	}
	for (size_t i = 0; i < aliases.count; i++) {
		const int64_t *at = strmap_find(&out->by_code, aliases.items[i].code);
		if (at)
			*strmap_put(&out->by_alias, str_copy(mem, aliases.items[i].alias), NULL) =
				*at;
	}
	return ERR_OK;
}

enum err org_tree_keep(struct ctx *cx, struct db *db, struct org_tree_kept *kept)
{
	struct org_tree_kept now = {0};
	struct org_mark_get_row mark;
	bool is_marked;
	enum err e;

	TRY(org_mark_get(cx, db, &mark, &is_marked));
	/* Without a mark it has not changed since places have marks. */
	if (kept->mem && str_eq(is_marked ? mark.mark : STR_NONE, kept->mark))
		return ERR_OK;
	now.mem = arena_create();
	now.mark = is_marked ? str_copy(now.mem, mark.mark) : STR_NONE;
	e = org_tree_load(cx, db, now.mem, &now.tree);
	if (e != ERR_OK) {
		arena_free(now.mem);
		return e;
	}
	arena_free(kept->mem);
	*kept = now;
	return ERR_OK;
}

void org_tree_forget(struct org_tree_kept *kept)
{
	arena_free(kept->mem);
	*kept = (struct org_tree_kept){0};
}

const struct org *org_find(const struct org_tree *tree, struct str code)
{
	const int64_t *at = strmap_find(&tree->by_code, code);

	return at ? &tree->items[*at] : NULL;
}

const struct org *org_resolve(const struct org_tree *tree, struct str code)
{
	const struct org *o = org_find(tree, code);
	const int64_t *at = o ? NULL : strmap_find(&tree->by_alias, code);

	return at ? &tree->items[*at] : o;
}

bool org_is_within(const struct org_tree *tree, struct str code, struct str ancestor)
{
	const struct org *o = org_find(tree, code);

	while (o) {
		if (str_eq(o->code, ancestor))
			return true;
		o = o->parent == ORG_NONE ? NULL : &tree->items[o->parent];
	}
	return false;
}

bool org_is_leaf(const struct org_tree *tree, const struct org *org)
{
	size_t at = (size_t)(org - tree->items);

	for (size_t i = 0; i < tree->count; i++)
		if (tree->items[i].parent == at)
			return false;
	return true;
}

struct str org_attribute(const struct org_tree *tree, struct str code, struct str attribute)
{
	const struct org *o = org_find(tree, code);

	return o ? org_attribute_of(tree, o, attribute) : STR_NONE;
}

struct str org_attribute_of(const struct org_tree *tree, const struct org *o, struct str attribute)
{
	const struct org *above;

	if (str_is(attribute, "name"))
		return o->name;
	if (str_is(attribute, "county"))
		return o->county;
	if (str_is(attribute, "town"))
		return o->town;
	if (str_is(attribute, "kind"))
		return o->kind;
	above = org_find(tree, str_is(attribute, "county_name") ? o->county : o->town);
	return above ? above->name : STR_NONE;
}

struct str org_nearest(const struct org_tree *tree, struct str code)
{
	struct str best = STR_NONE;
	size_t least = 3; /* two slips at most */

	for (size_t i = 0; i < tree->count; i++) {
		size_t d = str_distance(code, tree->items[i].code, least - 1);
		if (d < least) {
			least = d;
			best = tree->items[i].code;
		}
	}
	return best;
}

enum err org_history(struct ctx *cx, struct db *db, struct str code, struct org_event_list *out)
{
	struct org_events_rows rows;
	const struct org_events_in in = {.code = code};

	*out = (struct org_event_list){0};
	TRY(org_events(cx, db, &in, &rows));
	for (size_t i = 0; i < rows.count; i++) {
		const struct org_events_row *r = &rows.items[i];
		*VEC_PUSH(cx->mem, &out->list) = (struct org_event){r->kind, r->old_value,
			r->new_value, r->note, r->made_by, r->on_date, r->made_at};
	}
	return ERR_OK;
}
