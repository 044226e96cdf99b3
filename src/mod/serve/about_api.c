/* /readyz, /api/about, /api/orgs, /api/packs. */
#include "mod/serve/serve.h"
#include "mod/serve/serve_api.h"

#include <math.h>

static const struct json_field code_name_fields[] = {OUT("code", JT_TEXT), OUT("name", JT_TEXT)};
const struct json_shape code_name_shape = JSON_SHAPE("code_name", 0, code_name_fields);

static enum err get_ready(struct http_call *call)
{
	struct db_stmt *st = NULL;
	bool has_row;

	TRY(db_prepare(&call->cx, service_of(call)->db, "SELECT 1", &st));
	TRY(db_step(&call->cx, st, &has_row));
	db_release(st);
	http_reply_text(call, "text/plain", STR("ready\n"));
	return ERR_OK;
}

static const struct json_field about_fields[] = {OUT("title", JT_TEXT), OUT("is_demo", JT_BOOL),
	OUT("version", JT_TEXT),
	OUT_WITH("city", JT_OBJECT, .of = &code_name_shape, .is_nullable = true)};
static const struct json_shape about_shape = JSON_SHAPE("about", 0, about_fields);

static enum err get_about(struct http_call *call)
{
	struct service *s = service_of(call);
	const struct pack *p = s->pack;
	struct str demo, top = STR_NONE;

	TRY(place_get(&call->cx, s->place, "is_demo", &demo));
	for (size_t i = 0; i < s->tree->count && !top.n; i++)
		if (s->tree->items[i].parent == ORG_NONE)
			top = s->tree->items[i].code;
	json_object(&call->json);
	json_field_str(&call->json, "title",
		p->heads.count ? p->heads.items[p->heads.count - 1].title.text : STR(""));
	json_field_bool(&call->json, "is_demo", str_is(demo, "1"));
	json_field_z(&call->json, "version", SERVE_VERSION);
	json_field_org(&call->json, "city", s->tree, top);
	json_end_object(&call->json);
	return ERR_OK;
}

/* ---- organisations ---- */

static const struct json_field org_fields[] = {OUT("code", JT_TEXT), OUT("name", JT_TEXT),
	OUT("kind", JT_TEXT), OUT("kind_title", JT_TEXT), OUT_OR_NULL("parent", JT_TEXT),
	OUT_OR_NULL("county", JT_TEXT), OUT_OR_NULL("town", JT_TEXT), OUT("state", JT_TEXT),
	OUT_OR_NULL("opened_on", JT_TEXT), OUT_OR_NULL("closed_on", JT_TEXT),
	OUT_OR_NULL("lon", JT_NUMBER), OUT_OR_NULL("lat", JT_NUMBER), OUT("has_children", JT_BOOL)};
static const struct json_shape org_shape = JSON_SHAPE("org", 0, org_fields);
static const struct json_field orgs_fields[] = {
	OUT_WITH("items", JT_LIST, .of = &org_shape), OUT_OR_NULL("next", JT_TEXT)};
static const struct json_shape orgs_shape = JSON_SHAPE("orgs", 0, orgs_fields);

static void add_new(struct arena *mem, const struct scopes *part, struct scopes *out)
{
	for (size_t k = 0; k < part->list.count; k++) {
		bool is_known = false;
		for (size_t m = 0; m < out->list.count && !is_known; m++)
			is_known = out->list.items[m].kind == part->list.items[k].kind &&
				   str_eq(out->list.items[m].org, part->list.items[k].org);
		if (!is_known)
			*VEC_PUSH(mem, &out->list) = part->list.items[k];
	}
}

/* The parts of the tree in which one may read anything at all. Who keeps accounts or gives roles
 * chooses from all organisations. */
static void readable(struct http_call *call, struct scopes *out)
{
	struct service *s = service_of(call);
	struct scopes part;

	*out = (struct scopes){0};
	for (size_t i = 0; i < s->pack->ledgers.count; i++) {
		call_scopes(call, s->pack->ledgers.items[i].id.text, "read", &part);
		add_new(call->cx.mem, &part, out);
	}
	if (call_may(call, STR("accounts"), "read") || call_may(call, STR("role_grants"), "read"))
		*VEC_PUSH(call->cx.mem, &out->list) = (struct scope){SCOPE_EVERYWHERE, STR_NONE};
}

/* The object stays open for more members. */
static void begin_org(struct http_call *call, const struct org *o)
{
	static const char *const states[] = {"open", "closed", "merged"};
	struct service *s = service_of(call);
	const struct pack_org_kind *kind = pack_find_org_kinds(s->pack, o->kind);
	struct json_writer *w = &call->json;

	json_object(w);
	json_field_str(w, "code", o->code);
	json_field_str(w, "name", o->name);
	json_field_str(w, "kind", o->kind);
	json_field_str(w, "kind_title", kind ? kind->title.text : o->kind);
	json_field_text(w, "parent", o->parent_code);
	json_field_text(w, "county", o->county);
	json_field_text(w, "town", o->town);
	json_field_z(w, "state", states[o->state]);
	json_field_date(w, "opened_on", o->opened_on);
	json_field_date(w, "closed_on", o->closed_on);
	json_field_f64(w, "lon", o->has_point ? o->lon : (double)NAN);
	json_field_f64(w, "lat", o->has_point ? o->lat : (double)NAN);
	json_field_bool(w, "has_children", !org_is_leaf(s->tree, o));
}

struct org_search {
	struct scopes scopes;
	struct str parent, kind, q, after;
};

/* Without parent and text: the tops of what one may see. */
static bool org_fits(const struct org_tree *tree, const struct org_search *f, const struct org *o)
{
	if (str_cmp(o->code, f->after) <= 0 || !scopes_have(&f->scopes, tree, o->code))
		return false;
	if (f->kind.n && !str_eq(o->kind, f->kind))
		return false;
	if (f->q.n && str_find(o->name, f->q) == SIZE_MAX && !str_starts(o->code, f->q.p))
		return false;
	if (f->parent.n)
		return f->q.n ? org_is_within(tree, o->code, f->parent)
			      : str_eq(o->parent_code, f->parent);
	return f->q.n || f->kind.n || o->parent == ORG_NONE ||
	       !scopes_have(&f->scopes, tree, tree->items[o->parent].code);
}

static enum err get_orgs(struct http_call *call)
{
	const struct org_tree *tree = service_of(call)->tree;
	struct org_search f = {.parent = http_query(call, "parent"),
		.kind = http_query(call, "kind"),
		.q = http_query(call, "q"),
		.after = http_query(call, "after")};
	int64_t limit = http_query_i64(call, "limit", 200), n = 0;
	struct str last = STR_NONE, next = STR_NONE;

	readable(call, &f.scopes);
	json_object(&call->json);
	json_key(&call->json, "items");
	json_array(&call->json);
	for (size_t i = 0; i < tree->count; i++) {
		if (!org_fits(tree, &f, &tree->items[i]))
			continue;
		if (n++ == limit) {
			next = last;
			break;
		}
		last = tree->items[i].code;
		begin_org(call, &tree->items[i]);
		json_end_object(&call->json);
	}
	json_end_array(&call->json);
	json_field_text(&call->json, "next", next);
	json_end_object(&call->json);
	return ERR_OK;
}

static const struct json_field org_event_fields[] = {
	OUT("kind", JT_TEXT), OUT("on", JT_TEXT), OUT("old", JT_TEXT), OUT("new", JT_TEXT)};
static const struct json_shape org_event_shape = JSON_SHAPE("org_event", 0, org_event_fields);
static const struct json_field org_step_fields[] = {
	OUT("code", JT_TEXT), OUT("name", JT_TEXT), OUT("kind", JT_TEXT)};
static const struct json_shape org_step = JSON_SHAPE("org_step", 0, org_step_fields);
static const struct json_field org_whole_fields[] = {OUT("code", JT_TEXT), OUT("name", JT_TEXT),
	OUT("kind", JT_TEXT), OUT_WITH("path", JT_LIST, .of = &org_step),
	OUT_WITH("events", JT_LIST, .of = &org_event_shape)};
static const struct json_shape org_whole = JSON_SHAPE_OPEN("org_whole", org_whole_fields);

static void write_path(struct json_writer *w, const struct org_tree *tree, const struct org *o)
{
	if (o->parent != ORG_NONE)
		write_path(w, tree, &tree->items[o->parent]);
	json_object(w);
	json_field_str(w, "code", o->code);
	json_field_str(w, "name", o->name);
	json_field_str(w, "kind", o->kind);
	json_end_object(w);
}

static void write_events(struct json_writer *w, const struct org_event_list *events)
{
	json_key(w, "events");
	json_array(w);
	for (size_t i = 0; i < events->list.count; i++) {
		json_object(w);
		json_field_str(w, "kind", events->list.items[i].kind);
		json_field_date(w, "on", events->list.items[i].on_date);
		json_field_str(w, "old", events->list.items[i].old_value);
		json_field_str(w, "new", events->list.items[i].new_value);
		json_end_object(w);
	}
	json_end_array(w);
}

static enum err get_org(struct http_call *call)
{
	const struct org_tree *tree = service_of(call)->tree;
	const struct org *o = org_find(tree, http_param(call, "code"));
	struct json_writer *w = &call->json;
	struct org_event_list events;
	struct scopes scopes;

	readable(call, &scopes);
	if (!o || !scopes_have(&scopes, tree, o->code))
		return ctx_fail(&call->cx, ERR_NOT_FOUND, "%s",
			TR(&call->cx, "没有这个机构", "there is no such organisation"));
	TRY(org_history(&call->cx, service_of(call)->db, o->code, &events));
	begin_org(call, o);
	json_key(w, "path");
	json_array(w);
	write_path(w, tree, o);
	json_end_array(w);
	write_events(w, &events);
	json_end_object(w);
	return ERR_OK;
}

/* ---- packs ---- */

static const struct json_field pack_fields[] = {OUT("id", JT_TEXT), OUT("title", JT_TEXT),
	OUT("version", JT_TEXT), OUT("installed_at", JT_TEXT), OUT("files", JT_I64)};
static const struct json_shape pack_out = JSON_SHAPE("pack", 0, pack_fields);
static const struct json_field packs_fields[] = {OUT_WITH("items", JT_LIST, .of = &pack_out)};
static const struct json_shape packs_shape = JSON_SHAPE("packs", 0, packs_fields);

static enum err get_packs(struct http_call *call)
{
	struct json_writer *w = &call->json;
	struct installed_packs packs;

	TRY(place_list_packs(&call->cx, service_of(call)->place, &packs));
	json_object(w);
	json_key(w, "items");
	json_array(w);
	for (size_t i = 0; i < packs.list.count; i++) {
		const struct installed_pack *p = &packs.list.items[i];
		json_object(w);
		json_field_str(w, "id", p->id);
		json_field_str(w, "title", p->title);
		json_field_str(w, "version", p->version);
		json_field_instant(w, "installed_at", p->installed_at);
		json_field_i64(w, "files", p->files);
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
	return ERR_OK;
}

static const struct json_field pack_file_fields[] = {OUT("path", JT_TEXT), OUT("size", JT_I64)};
static const struct json_shape pack_file_shape = JSON_SHAPE("pack_file", 0, pack_file_fields);
static const struct json_field pack_files_fields[] = {
	OUT_WITH("items", JT_LIST, .of = &pack_file_shape)};
static const struct json_shape pack_files_shape = JSON_SHAPE("pack_files", 0, pack_files_fields);

static enum err get_pack_files(struct http_call *call)
{
	const struct pack_files *files = service_of(call)->place->files;
	struct json_writer *w = &call->json;

	json_object(w);
	json_key(w, "items");
	json_array(w);
	for (size_t i = 0; i < files->list.count; i++) {
		if (!str_eq(files->list.items[i].pack, http_param(call, "id")))
			continue;
		json_object(w);
		json_field_str(w, "path", files->list.items[i].path);
		json_field_i64(w, "size", (int64_t)files->list.items[i].content.n);
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
	return ERR_OK;
}

static enum err get_pack_file(struct http_call *call)
{
	const struct pack_files *files = service_of(call)->place->files;

	for (size_t i = 0; i < files->list.count; i++) {
		const struct pack_file *f = &files->list.items[i];
		if (str_eq(f->pack, http_param(call, "id")) &&
			str_eq(f->path, http_param(call, "path"))) {
			http_reply_text(call, "text/plain; charset=utf-8", f->content);
			return ERR_OK;
		}
	}
	return ctx_fail(&call->cx, ERR_NOT_FOUND, "%s",
		TR(&call->cx, "没有这个文件", "there is no such file"));
}

static const struct query_field orgs_query[] = {
	QUERY("parent", "上级的代码", "code of the one above"), QUERY("kind", "机构类型", "kind"),
	QUERY("q", "名称里有, 或代码开头", "in the name, or how the code begins"), QUERY_LIMIT,
	QUERY_AFTER, QUERY_END};

const struct route about_routes[] = {
	{.path = "/readyz",
		.media = "text/plain",
		.handle = get_ready,
		.zh = "存放处是否可用",
		.en = "Does the place answer?"},
	{.path = "/api/about",
		.reply = &about_shape,
		.handle = get_about,
		.zh = "这是哪里",
		.en = "Which place this is"},
	{.path = "/api/orgs",
		.on = "",
		.query = orgs_query,
		.reply = &orgs_shape,
		.handle = get_orgs,
		.zh = "机构",
		.en = "Organisations that one may see"},
	{.path = "/api/orgs/{code}",
		.on = "",
		.reply = &org_whole,
		.handle = get_org,
		.zh = "一个机构",
		.en = "One organisation, its path and what happened to it"},
	{.path = "/api/packs",
		.on = "",
		.reply = &packs_shape,
		.handle = get_packs,
		.zh = "政策包",
		.en = "The packs"},
	{.path = "/api/packs/{id}/files",
		.on = "",
		.reply = &pack_files_shape,
		.handle = get_pack_files,
		.zh = "政策包的文件",
		.en = "A pack's files"},
	{.path = "/api/packs/{id}/files/{path*}",
		.on = "",
		.media = "text/plain",
		.handle = get_pack_file,
		.zh = "政策包里的一个文件",
		.en = "One file of a pack"},
	{.path = NULL},
};
