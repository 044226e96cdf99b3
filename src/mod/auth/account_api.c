/* /api/users, /api/roles, /api/permissions, /api/password-rules. */
#include "mod/auth/auth_http.h"
#include "mod/auth/auth_sql.h"

/* ---- shapes ---- */

static const struct json_field user_role_fields[] = {
	OUT("role", JT_TEXT), OUT("title", JT_TEXT), OUT("org", JT_TEXT)};
static const struct json_shape user_role = JSON_SHAPE("user_role", 0, user_role_fields);
static const struct json_field user_fields[] = {OUT("login", JT_TEXT), OUT("name", JT_TEXT),
	OUT("org", JT_TEXT), OUT_OR_NULL("org_name", JT_TEXT), OUT("state", JT_TEXT),
	OUT_OR_NULL("locked_until", JT_TEXT), OUT_WITH("roles", JT_LIST, .of = &user_role),
	OUT("must_change_password", JT_BOOL), OUT("password_at", JT_TEXT),
	OUT("has_second_factor", JT_BOOL), OUT_OR_NULL("last_sign_in_at", JT_TEXT),
	OUT("version", JT_I64), OUT_WITH("password", JT_TEXT, .is_optional = true)};
static const struct json_shape user_shape = JSON_SHAPE("user", 0, user_fields);
static const struct json_field users_fields[] = {
	OUT_WITH("items", JT_LIST, .of = &user_shape), OUT_OR_NULL("next", JT_TEXT)};
static const struct json_shape users_shape = JSON_SHAPE("users", 0, users_fields);

/* ---- a user as JSON ---- */

static enum err write_user(
	struct http_call *call, const struct account_page_row *a, struct str password)
{
	struct service *s = service_of(call);
	struct json_writer *w = &call->json;
	const struct org *org = org_find(s->tree, a->org);
	struct roles_held roles;

	TRY(account_roles_of(&call->cx, s->db, a->login, &roles));
	json_object(w);
	json_field_str(w, "login", a->login);
	json_field_str(w, "name", a->name);
	json_field_str(w, "org", a->org);
	json_field_text(w, "org_name", org ? org->name : STR_NONE);
	json_field_str(w, "state", a->state);
	json_field_instant(
		w, "locked_until", a->locked_until > call->cx.now_us ? a->locked_until : 0);
	json_key(w, "roles");
	json_array(w);
	for (size_t i = 0; i < roles.list.count; i++) {
		const struct pack_role *role = pack_find_roles(s->pack, roles.list.items[i].role);
		json_object(w);
		json_field_str(w, "role", roles.list.items[i].role);
		json_field_str(w, "title", role ? role->title.text : roles.list.items[i].role);
		json_field_str(w, "org", roles.list.items[i].org);
		json_end_object(w);
	}
	json_end_array(w);
	json_field_bool(w, "must_change_password", a->must_change);
	json_field_instant(w, "password_at", a->password_at);
	json_field_bool(w, "has_second_factor", a->second_factor.n > 0);
	json_field_instant(w, "last_sign_in_at", a->last_sign_in_at);
	json_field_i64(w, "version", a->version);
	if (password.n)
		json_field_str(w, "password", password);
	json_end_object(w);
	return ERR_OK;
}

static enum err find_user(struct http_call *call, struct str login, struct account_page_row *out)
{
	struct account_get_row a;
	bool is_found;

	TRY(account_get(
		&call->cx, service_of(call)->db, &(struct account_get_in){login}, &a, &is_found));
	if (!is_found)
		return ctx_fail(&call->cx, ERR_NOT_FOUND,
			TR(&call->cx, "没有账号 '" STR_FMT "'", "no account '" STR_FMT "'"),
			STR_ARG(login));
	*out = (struct account_page_row){.login = a.login,
		.name = a.name,
		.org = a.org,
		.password_at = a.password_at,
		.must_change = a.must_change,
		.second_factor = a.second_factor,
		.locked_until = a.locked_until,
		.state = a.state,
		.last_sign_in_at = a.last_sign_in_at,
		.version = a.version};
	return ERR_OK;
}

static enum err reply_user(struct http_call *call, struct str login, struct str password)
{
	struct account_page_row a = {0};

	TRY(find_user(call, login, &a));
	http_etag(call, a.version);
	return write_user(call, &a, password);
}

static enum err get_user(struct http_call *call)
{
	return reply_user(call, http_param(call, "login"), STR_NONE);
}

/* % and _ of the asker are letters, not patterns: there is no escape, so they are refused. */
static enum err get_users(struct http_call *call)
{
	struct str q = http_query(call, "q");
	int64_t limit = http_query_i64(call, "limit", 50);
	struct account_page_in in = {
		.q = q.n ? str_printf(call->cx.mem, "%%" STR_FMT "%%", STR_ARG(q)) : STR(""),
		.after = http_query(call, "after").n ? http_query(call, "after") : STR(""),
		.limit = limit + 1};
	struct json_writer *w = &call->json;
	struct account_page_rows rows;
	bool has_more;

	if (str_find_char(q, '%') != SIZE_MAX || str_find_char(q, '_') != SIZE_MAX)
		http_fault(call, "?q", "%s", TR(&call->cx, "不能含 % 和 _", "no % and no _"));
	TRY(http_check(call));
	TRY(account_page(&call->cx, service_of(call)->db, &in, &rows));
	has_more = (int64_t)rows.count > limit;
	json_object(w);
	json_key(w, "items");
	json_array(w);
	for (size_t i = 0; i < rows.count - has_more; i++)
		TRY(write_user(call, &rows.items[i], STR_NONE));
	json_end_array(w);
	json_field_text(w, "next", has_more ? rows.items[limit - 1].login : STR_NONE);
	json_end_object(w);
	return ERR_OK;
}

/* ---- making and changing ---- */

struct user_body {
	struct str login, name, org, password;
};
static const struct json_field new_user_fields[] = {
	IN_WITH(user_body, login, JT_TEXT, .min = 2, .max = 40),
	IN_WITH(user_body, name, JT_TEXT, .min = 1, .max = 100),
	IN_WITH(user_body, org, JT_TEXT, .min = 1, .max = 40),
	IN_WITH(user_body, password, JT_TEXT, .is_optional = true, .is_nullable = true,
		.max = 200)};
static const struct json_shape new_user_shape =
	JSON_SHAPE("new_user", sizeof(struct user_body), new_user_fields);

struct given {
	struct str password, hash;
	bool is_made; /* by us: shown once */
};

static enum err add_user(struct http_call *call)
{
	const struct user_body *in = call->in;
	const struct given *g = call->then_arg;
	struct new_account account = {in->login, in->name, in->org, g->hash, true};

	TRY(account_add(&call->cx, service_of(call)->db, service_of(call)->tree, &account));
	http_add_header(call, "Location",
		str_printf(call->cx.mem, "/api/users/" STR_FMT, STR_ARG(in->login)));
	call->reply.status = 201;
	return reply_user(call, in->login, g->is_made ? g->password : STR_NONE);
}

static enum err prepare_password(struct http_call *call, struct str login, struct str password)
{
	struct given *g = arena_new(call->cx.mem, struct given);

	g->is_made = password.n == 0;
	g->password = g->is_made ? password_make(call->cx.mem) : password;
	if (!g->is_made)
		TRY(password_check(&call->cx, &session_of(call)->rules, login, password));
	TRY(password_hash(&call->cx, &password_cost_default, g->password, &g->hash));
	call->then_arg = g;
	return ERR_OK;
}

static enum err post_user(struct http_call *call)
{
	const struct user_body *in = call->in;

	TRY(prepare_password(call, in->login, in->password));
	call->then = add_user;
	return ERR_OK;
}

static enum err reset_password(struct http_call *call)
{
	struct str login = http_param(call, "login");
	const struct given *g = call->then_arg;

	TRY(account_give_password(&call->cx, service_of(call)->db, &session_of(call)->rules, login,
		g->hash, true, STR_NONE));
	return reply_user(call, login, g->password);
}

static enum err post_reset(struct http_call *call)
{
	struct account_page_row a = {0};

	TRY(find_user(call, http_param(call, "login"), &a));
	TRY(prepare_password(call, a.login, STR_NONE));
	call->then = reset_password;
	return ERR_OK;
}

static const struct json_field edit_user_fields[] = {
	IN_WITH(user_body, name, JT_TEXT, .is_optional = true, .min = 1, .max = 100),
	IN_WITH(user_body, org, JT_TEXT, .is_optional = true, .min = 1, .max = 40)};
static const struct json_shape edit_user_shape =
	JSON_SHAPE("user_change", sizeof(struct user_body), edit_user_fields);

static enum err put_user(struct http_call *call)
{
	const struct user_body *in = call->in;
	struct account_page_row a = {0};

	TRY(find_user(call, http_param(call, "login"), &a));
	TRY(http_if_match(call, a.version));
	TRY(account_edit(&call->cx, service_of(call)->db, service_of(call)->tree, a.login, in->name,
		in->org));
	return reply_user(call, a.login, STR_NONE);
}

static enum err set_state(struct http_call *call, bool is_locked)
{
	struct str login = http_param(call, "login");

	if (str_eq(login, call->cx.user))
		return ctx_fail(&call->cx, ERR_CONFLICT, "%s",
			TR(&call->cx, "不能停用或启用自己", "nobody locks or unlocks themselves"));
	TRY(account_set_state(&call->cx, service_of(call)->db, login, is_locked));
	return reply_user(call, login, STR_NONE);
}

static enum err post_lock(struct http_call *call)
{
	return set_state(call, true);
}

static enum err post_unlock(struct http_call *call)
{
	return set_state(call, false);
}

struct roles_body {
	struct json_items roles;
};
static const struct json_field role_in_fields[] = {
	IN_WITH(role_held, role, JT_TEXT, .min = 1, .max = 60),
	IN_WITH(role_held, org, JT_TEXT, .min = 1, .max = 40)};
static const struct json_shape role_in =
	JSON_SHAPE("role_grant", sizeof(struct role_held), role_in_fields);
static const struct json_field roles_in_fields[] = {
	IN_WITH(roles_body, roles, JT_LIST, .of = &role_in)};
static const struct json_shape roles_in =
	JSON_SHAPE("role_grants", sizeof(struct roles_body), roles_in_fields);

static enum err put_roles(struct http_call *call)
{
	const struct roles_body *in = call->in;
	const struct role_held *items = in->roles.items;
	struct service *s = service_of(call);
	struct str login = http_param(call, "login");
	struct roles_held roles = {0};

	if (str_eq(login, call->cx.user))
		return ctx_fail(&call->cx, ERR_CONFLICT, "%s",
			TR(&call->cx, "不能给自己授权", "nobody grants roles to themselves"));
	for (size_t i = 0; i < in->roles.count; i++)
		*VEC_PUSH(call->cx.mem, &roles.list) = items[i];
	TRY(account_set_roles(&call->cx, s->db, s->pack, s->tree, login, &roles));
	return reply_user(call, login, STR_NONE);
}

/* ---- roles and the matrix of rights ---- */

static void write_texts(struct json_writer *w, const char *key, const struct located_list *list)
{
	json_key(w, key);
	json_array(w);
	for (size_t i = 0; i < list->count; i++)
		json_str(w, list->items[i].text);
	json_end_array(w);
}

static const struct json_field grant_fields[] = {OUT("on", JT_TEXTS), OUT("may", JT_TEXTS),
	OUT("scope", JT_TEXT), OUT_OR_NULL("where", JT_TEXT), OUT("unseal", JT_TEXTS)};
static const struct json_shape grant_shape = JSON_SHAPE("grant", 0, grant_fields);
static const struct json_field role_fields[] = {OUT("id", JT_TEXT), OUT("title", JT_TEXT),
	OUT_OR_NULL("help", JT_TEXT), OUT("excludes", JT_TEXTS), OUT("org_kinds", JT_TEXTS),
	OUT_WITH("grants", JT_LIST, .of = &grant_shape)};
static const struct json_shape role_shape = JSON_SHAPE("role", 0, role_fields);
static const struct json_field role_list_fields[] = {OUT_WITH("items", JT_LIST, .of = &role_shape)};
static const struct json_shape role_list = JSON_SHAPE("roles", 0, role_list_fields);

static void write_role(struct json_writer *w, const struct pack_role *r)
{
	json_object(w);
	json_field_str(w, "id", r->id.text);
	json_field_str(w, "title", r->title.text);
	json_field_text(w, "help", r->help.text);
	write_texts(w, "excludes", &r->excludes);
	write_texts(w, "org_kinds", &r->org_kinds);
	json_key(w, "grants");
	json_array(w);
	for (size_t k = 0; k < r->grants.count; k++) {
		const struct pack_grant *g = &r->grants.items[k];
		json_object(w);
		write_texts(w, "on", &g->on);
		write_texts(w, "may", &g->may);
		json_field_str(w, "scope", g->scope.text);
		json_field_text(w, "where", g->where.text);
		write_texts(w, "unseal", &g->unseal);
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
}

static enum err get_roles(struct http_call *call)
{
	const struct pack *p = service_of(call)->pack;

	json_object(&call->json);
	json_key(&call->json, "items");
	json_array(&call->json);
	for (size_t i = 0; i < p->roles.count; i++)
		write_role(&call->json, &p->roles.items[i]);
	json_end_array(&call->json);
	json_end_object(&call->json);
	return ERR_OK;
}

/* ---- the rules of passwords and sessions ---- */

static const struct json_field rule_fields[] = {
#define X(name, value, min_, max_, zh, en)                                                         \
	OUT_WITH(#name, JT_I64, .min = min_, .max = max_, .help = zh),
	AUTH_RULES(X)
#undef X
};
static const struct json_shape rules_shape = JSON_SHAPE("password_rules", 0, rule_fields);

static enum err get_rules(struct http_call *call)
{
	struct auth_rules rules;

	TRY(auth_rules_load(&call->cx, service_of(call)->db, &rules));
	json_object(&call->json);
#define X(name, value, min, max, zh, en) json_field_i64(&call->json, #name, rules.name);
	AUTH_RULES(X)
#undef X
	json_end_object(&call->json);
	return ERR_OK;
}

struct rule_body {
	struct auth_rules rules;
};
static const struct json_field rule_in_fields[] = {
#define X(name_, value, min_, max_, zh, en)                                                        \
	{.name = #name_,                                                                           \
		.type = JT_I64,                                                                    \
		.offset = offsetof(struct rule_body, rules.name_),                                 \
		.min = min_,                                                                       \
		.max = max_,                                                                       \
		.help = zh},
	AUTH_RULES(X)
#undef X
};
static const struct json_shape rules_in =
	JSON_SHAPE("password_rules_change", sizeof(struct rule_body), rule_in_fields);

static enum err put_rules(struct http_call *call)
{
	const struct rule_body *in = call->in;
	struct db *db = service_of(call)->db;
	struct auth_rules now;

	TRY(auth_rules_load(&call->cx, db, &now));
#define X(name, value, min, max, zh, en)                                                           \
	if (in->rules.name != now.name)                                                            \
		TRY(auth_rule_set(&call->cx, db, STR(#name), in->rules.name));
	AUTH_RULES(X)
#undef X
	return get_rules(call);
}

/* ---- the table ---- */

static const struct query_field users_query[] = {
	QUERY("q", "登录名或姓名里有", "part of login or name"), QUERY_LIMIT, QUERY_AFTER,
	QUERY_END};

const struct route account_routes[] = {
	{.path = "/api/users",
		.on = "accounts|role_grants",
		.may = "read",
		.query = users_query,
		.reply = &users_shape,
		.handle = get_users,
		.zh = "用户",
		.en = "The accounts"},
	{.method = HTTP_POST,
		.path = "/api/users",
		.on = "accounts",
		.may = "configure",
		.body = &new_user_shape,
		.reply = &user_shape,
		.status = 201,
		.handle = post_user,
		.zh = "新建用户",
		.en = "Add an account; without a password one is made and shown once"},
	{.path = "/api/users/{login}",
		.on = "accounts|role_grants",
		.may = "read",
		.reply = &user_shape,
		.handle = get_user,
		.zh = "一个用户",
		.en = "One account"},
	{.method = HTTP_PUT,
		.path = "/api/users/{login}",
		.on = "accounts",
		.may = "configure",
		.tx = HTTP_WRITE,
		.body = &edit_user_shape,
		.reply = &user_shape,
		.handle = put_user,
		.zh = "改姓名或机构",
		.en = "Change name or organisation"},
	{.method = HTTP_POST,
		.path = "/api/users/{login}/lock",
		.on = "accounts",
		.may = "configure",
		.tx = HTTP_WRITE,
		.reply = &user_shape,
		.handle = post_lock,
		.zh = "停用",
		.en = "Lock; sessions and tokens end"},
	{.method = HTTP_POST,
		.path = "/api/users/{login}/unlock",
		.on = "accounts",
		.may = "configure",
		.tx = HTTP_WRITE,
		.reply = &user_shape,
		.handle = post_unlock,
		.zh = "启用",
		.en = "Unlock"},
	{.method = HTTP_POST,
		.path = "/api/users/{login}/password",
		.on = "accounts",
		.may = "configure",
		.reply = &user_shape,
		.handle = post_reset,
		.zh = "重置口令",
		.en = "A new password, shown once"},
	{.method = HTTP_PUT,
		.path = "/api/users/{login}/roles",
		.on = "role_grants",
		.may = "configure",
		.tx = HTTP_WRITE,
		.body = &roles_in,
		.reply = &user_shape,
		.handle = put_roles,
		.zh = "授予角色",
		.en = "Grant roles, in place of the former ones"},
	{.path = "/api/roles",
		.on = "",
		.reply = &role_list,
		.handle = get_roles,
		.zh = "角色",
		.en = "The roles of the packs"},
	{.path = "/api/password-rules",
		.on = "password_rules",
		.may = "read",
		.reply = &rules_shape,
		.handle = get_rules,
		.zh = "口令和会话规则",
		.en = "The rules of passwords and sessions"},
	{.method = HTTP_PUT,
		.path = "/api/password-rules",
		.on = "password_rules",
		.may = "configure",
		.tx = HTTP_WRITE,
		.body = &rules_in,
		.reply = &rules_shape,
		.handle = put_rules,
		.zh = "改口令和会话规则",
		.en = "Change them"},
	{.path = NULL},
};
