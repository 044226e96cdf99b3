/*
 * The registry's rows against the tree: what must hold, what changed, what happened.
 */
#include "mod/org/org.h"

#include "db/id.h"
#include "mod/org/org_sql.h"

#include <regex.h>

struct sync {
	struct ctx *cx;
	struct db *db;
	const struct pack *pack;
	const struct org_entry *entries;
	size_t count;
	struct org_tree old;
	struct strmap by_code; /* entries */
	size_t *parents;       /* of entries; ORG_NONE */
	struct date on_date;
	struct org_problems *problems;
};

static void problem(struct sync *s, size_t entry, const char *fmt, ...) PRINTF(3, 4);

static void problem(struct sync *s, size_t entry, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	*VEC_PUSH(s->cx->mem, &s->problems->list) =
		(struct org_problem){entry, str_from(arena_vprintf(s->cx->mem, fmt, ap))};
	va_end(ap);
}

static bool list_has(const struct located_list *list, struct str text)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i].text, text))
			return true;
	return false;
}

static bool matches(struct arena *mem, struct str pattern, struct str text)
{
	regex_t re;
	bool is_match;

	if (regcomp(&re, arena_printf(mem, "^(" STR_FMT ")$", STR_ARG(pattern)),
		    REG_EXTENDED | REG_NOSUB) != 0)
		return true; /* the pack's own mistake is told by pack check */
	is_match = regexec(&re, str_z(mem, text), 0, NULL, 0) == 0;
	regfree(&re);
	return is_match;
}

static void check_parent(struct sync *s, size_t i, const struct pack_org_kind *kind)
{
	const struct org_entry *e = &s->entries[i];
	const int64_t *at = strmap_find(&s->by_code, e->parent);

	s->parents[i] = ORG_NONE;
	if (!e->parent.n) {
		if (kind->parents.count)
			problem(s, i,
				TR(s->cx, STR_FMT "应有上级机构", "a " STR_FMT " needs a parent"),
				STR_ARG(s->cx->is_english ? kind->id.text : kind->title.text));
		return;
	}
	if (!at) {
		problem(s, i, TR(s->cx, "没有上级机构 " STR_FMT, "there is no parent " STR_FMT),
			STR_ARG(e->parent));
		return;
	}
	s->parents[i] = (size_t)*at;
	if (!list_has(&kind->parents, s->entries[*at].kind))
		problem(s, i,
			TR(s->cx, STR_FMT "不能设在 " STR_FMT " (" STR_FMT ") 之下",
				"a " STR_FMT " may not stand under " STR_FMT " (" STR_FMT ")"),
			STR_ARG(s->cx->is_english ? kind->id.text : kind->title.text),
			STR_ARG(s->entries[*at].name), STR_ARG(s->entries[*at].kind));
}

static void check_entry(struct sync *s, size_t i)
{
	const struct org_entry *e = &s->entries[i];
	const struct pack_org_kind *kind = pack_find_org_kinds(s->pack, e->kind);

	s->parents[i] = ORG_NONE;
	if (!kind) {
		problem(s, i, TR(s->cx, "没有机构类型 '" STR_FMT "'", "no kind '" STR_FMT "'"),
			STR_ARG(e->kind));
		return;
	}
	if (kind->code_pattern.text.n && !matches(s->cx->mem, kind->code_pattern.text, e->code))
		problem(s, i,
			TR(s->cx, "代码 " STR_FMT " 不合" STR_FMT "的编码规则 " STR_FMT,
				"code " STR_FMT " is no code of a " STR_FMT ": " STR_FMT),
			STR_ARG(e->code),
			STR_ARG(s->cx->is_english ? kind->id.text : kind->title.text),
			STR_ARG(kind->code_pattern.text));
	check_parent(s, i, kind);
	if (e->merged_into.n &&
		(!strmap_find(&s->by_code, e->merged_into) || str_eq(e->merged_into, e->code)))
		problem(s, i,
			TR(s->cx, "没有并入的机构 " STR_FMT,
				"there is no organisation " STR_FMT " to merge into"),
			STR_ARG(e->merged_into));
	if (e->opened_on.day != DATE_NONE.day && e->closed_on.day != DATE_NONE.day &&
		e->closed_on.day < e->opened_on.day)
		problem(s, i, "%s", TR(s->cx, "撤销早于设立", "closed before it was opened"));
}

/* Up from each entry; more steps than there are entries is a circle. */
static void check_circles(struct sync *s)
{
	for (size_t i = 0; i < s->count; i++) {
		size_t at = i, steps = 0;
		while (at != ORG_NONE && steps <= s->count) {
			at = s->parents[at];
			steps++;
		}
		if (steps > s->count) {
			problem(s, i, "%s",
				TR(s->cx, "上级机构成环", "its parents go round in a circle"));
			return;
		}
	}
}

static enum org_state entry_state(const struct org_entry *e)
{
	if (e->merged_into.n)
		return ORG_MERGED;
	return e->closed_on.day != DATE_NONE.day ? ORG_CLOSED : ORG_OPEN;
}

/* A code means one organisation for ever. */
static void check_former(struct sync *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct org_entry *e = &s->entries[i];
		const struct org *o = org_find(&s->old, e->code);
		if (o && o->state != ORG_OPEN && entry_state(e) == ORG_OPEN &&
			!str_eq(o->name, e->name))
			problem(s, i,
				TR(s->cx,
					"代码 " STR_FMT " 原属已撤销的 " STR_FMT
					", 不得改给其他机构",
					"code " STR_FMT " was that of " STR_FMT
					", now closed, and is never given to another"),
				STR_ARG(e->code), STR_ARG(o->name));
	}
}

/* The code of the nearest one of that kind, going up from the entry itself. */
static struct str above(const struct sync *s, size_t i, const char *kind)
{
	for (size_t at = i; at != ORG_NONE; at = s->parents[at])
		if (str_is(s->entries[at].kind, kind))
			return s->entries[at].code;
	return STR("");
}

static enum err put_event(struct sync *s, struct str code, const char *kind, struct str old_value,
	struct str new_value)
{
	const struct org_put_event_in in = {.id = db_new_id(s->cx, s->db),
		.code = code,
		.kind = str_from(kind),
		.on_date = s->on_date,
		.old_value = old_value.p ? old_value : STR(""),
		.new_value = new_value.p ? new_value : STR(""),
		.note = STR(""),
		.made_at = s->cx->now_us,
		.made_by = s->cx->user.p ? s->cx->user : STR("")};

	return org_put_event(s->cx, s->db, &in, NULL);
}

static enum err put_events(struct sync *s, const struct org_entry *e, const struct org *o)
{
	enum org_state state = entry_state(e);

	if (!o)
		return put_event(s, e->code, "opened", STR(""), e->name);
	if (!str_eq(o->name, e->name))
		TRY(put_event(s, e->code, "renamed", o->name, e->name));
	if (!str_eq(o->parent_code, e->parent))
		TRY(put_event(s, e->code, "moved", o->parent_code, e->parent));
	if (state == o->state)
		return ERR_OK;
	if (state == ORG_OPEN)
		return put_event(s, e->code, "reopened", STR(""), e->name);
	if (state == ORG_MERGED)
		return put_event(s, e->code, "merged", e->name, e->merged_into);
	return put_event(s, e->code, "closed", e->name, STR(""));
}

static bool is_same(const struct org_put_in *in, const struct org *o)
{
	struct str state = str_from(o->state == ORG_OPEN     ? "open"
				    : o->state == ORG_CLOSED ? "closed"
							     : "merged");

	return str_eq(in->name, o->name) && str_eq(in->kind, o->kind) &&
	       str_eq(in->parent_code, o->parent_code) && str_eq(in->county, o->county) &&
	       str_eq(in->town, o->town) && str_eq(in->merged_into, o->merged_into) &&
	       in->opened_on.day == o->opened_on.day && in->closed_on.day == o->closed_on.day &&
	       in->has_lon == o->has_point &&
	       (!o->has_point || (in->lon - o->lon == 0 && in->lat - o->lat == 0)) &&
	       str_eq(in->state, state);
}

static enum err put_entry(struct sync *s, size_t i)
{
	const struct org_entry *e = &s->entries[i];
	const struct org *o = org_find(&s->old, e->code);
	enum org_state state = entry_state(e);
	const struct org_put_in in = {.id = db_new_id(s->cx, s->db),
		.code = e->code,
		.name = e->name,
		.kind = e->kind,
		.has_parent_code = e->parent.n > 0,
		.parent_code = e->parent,
		.county = above(s, i, "county"),
		.town = above(s, i, "town"),
		.has_opened_on = e->opened_on.day != DATE_NONE.day,
		.opened_on = e->opened_on,
		.has_closed_on = e->closed_on.day != DATE_NONE.day,
		.closed_on = e->closed_on,
		.state = str_from(state == ORG_OPEN     ? "open"
				  : state == ORG_CLOSED ? "closed"
							: "merged"),
		.has_merged_into = e->merged_into.n > 0,
		.merged_into = e->merged_into,
		.has_lon = e->has_point,
		.lon = e->lon,
		.has_lat = e->has_point,
		.lat = e->lat,
		.version = o ? o->version : 0,
		.updated_at = s->cx->now_us,
		.updated_by = s->cx->user.p ? s->cx->user : STR("")};

	if (e->alias.n && !str_eq(e->alias, e->code)) {
		const struct org_put_alias_in alias = {STR("former"), e->alias, e->code};
		TRY(org_put_alias(s->cx, s->db, &alias, NULL));
	}
	if (o && is_same(&in, o))
		return ERR_OK;
	TRY(org_put(s->cx, s->db, &in, NULL));
	return put_events(s, e, o);
}

static enum err remove_one(struct sync *s, const char *sql, struct str code)
{
	struct db_stmt *st = NULL;

	TRY(db_prepare(s->cx, s->db, sql, &st));
	db_bind_text(st, 1, code);
	TRY(db_run(s->cx, st, NULL));
	db_release(st);
	return ERR_OK;
}

static enum err remove_vanished(struct sync *s)
{
	for (size_t i = 0; i < s->old.count; i++) {
		struct str code = s->old.items[i].code;
		if (strmap_find(&s->by_code, code))
			continue;
		TRY(remove_one(s, "DELETE FROM org_event WHERE code = :code", code));
		TRY(remove_one(s, "DELETE FROM org_alias WHERE code = :code", code));
		TRY(remove_one(s, "DELETE FROM org WHERE code = :code", code));
	}
	return ERR_OK;
}

enum err org_sync(struct ctx *cx, struct db *db, const struct pack *p,
	const struct org_entry *entries, size_t count, struct date on_date,
	struct org_problems *problems)
{
	struct sync s = {.cx = cx,
		.db = db,
		.pack = p,
		.entries = entries,
		.count = count,
		.on_date = on_date,
		.problems = problems};

	*problems = (struct org_problems){0};
	TRY(org_tree_load(cx, db, cx->mem, &s.old));
	strmap_init(&s.by_code, cx->mem);
	s.parents = arena_array(cx->mem, size_t, count);
	for (size_t i = 0; i < count; i++)
		*strmap_put(&s.by_code, entries[i].code, NULL) = (int64_t)i;
	for (size_t i = 0; i < count; i++)
		check_entry(&s, i);
	check_circles(&s);
	check_former(&s);
	if (problems->list.count)
		return ERR_OK;
	for (size_t i = 0; i < count; i++)
		TRY(put_entry(&s, i));
	TRY(remove_vanished(&s));
	return org_mark_put(cx, db,
		&(struct org_mark_put_in){str_printf(cx->mem, "%" PRId64, db_new_id(cx, db))},
		NULL);
}
