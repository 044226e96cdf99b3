/* /api/session: signing in and out, one's own password, second factor and tokens. */
#include "mod/auth/auth_http.h"
#include "mod/auth/auth_sql.h"

#define COOKIE "shuren_session"

/* ---- the session as JSON ---- */

static const struct json_field org_ref_fields[] = {OUT("code", JT_TEXT), OUT("name", JT_TEXT)};
static const struct json_shape org_ref = JSON_SHAPE_OPEN("org_ref", org_ref_fields);
static const struct json_field held_role_fields[] = {
	OUT("role", JT_TEXT), OUT("title", JT_TEXT), OUT("org", JT_TEXT)};
static const struct json_shape held_role = JSON_SHAPE("held_role", 0, held_role_fields);
static const struct json_field can_fields[] = {OUT("ledgers", JT_MAP), OUT("resources", JT_MAP)};
static const struct json_shape can = JSON_SHAPE("can", 0, can_fields);
static const struct json_field session_fields[] = {OUT("login", JT_TEXT), OUT("name", JT_TEXT),
	OUT_WITH("org", JT_OBJECT, .of = &org_ref, .is_nullable = true), OUT("csrf", JT_TEXT),
	OUT("expires_at", JT_TEXT), OUT("idle_minutes", JT_I64),
	OUT("must_change_password", JT_BOOL), OUT("has_second_factor", JT_BOOL),
	OUT_WITH("roles", JT_LIST, .of = &held_role), OUT_WITH("can", JT_OBJECT, .of = &can)};
static const struct json_shape session_shape = JSON_SHAPE("session", 0, session_fields);

static void write_actions(struct http_call *call, const struct session *s, struct str resource,
	const struct name_list *actions)
{
	const struct pack *p = service_of(call)->pack;
	struct json_writer *w = &call->json;
	bool has_any = false;

	for (size_t i = 0; i < actions->list.count; i++) {
		struct str action = actions->list.items[i];
		if (!rights_may(p, &s->roles, resource, action.p))
			continue;
		if (!has_any) {
			json_key_str(w, resource);
			json_array(w);
		}
		has_any = true;
		json_str(w, action);
	}
	if (has_any)
		json_end_array(w);
}

static void write_can(struct http_call *call, const struct session *s)
{
	const struct pack *p = service_of(call)->pack;
	struct name_list actions, resources;
	struct json_writer *w = &call->json;

	rights_actions(call->cx.mem, p, &actions);
	rights_resources(call->cx.mem, p, &resources);
	/* Actions are compared as C strings: give each a NUL of its own. */
	for (size_t i = 0; i < actions.list.count; i++)
		actions.list.items[i] = str_copy(call->cx.mem, actions.list.items[i]);
	json_key(w, "can");
	json_object(w);
	json_key(w, "ledgers");
	json_object(w);
	for (size_t i = 0; i < p->ledgers.count; i++)
		write_actions(call, s, p->ledgers.items[i].id.text, &actions);
	json_end_object(w);
	json_key(w, "resources");
	json_object(w);
	for (size_t i = 0; i < resources.list.count; i++)
		write_actions(call, s, resources.list.items[i], &actions);
	json_end_object(w);
	json_end_object(w);
}

static void write_roles(struct http_call *call, const struct roles_held *roles)
{
	struct json_writer *w = &call->json;

	json_key(w, "roles");
	json_array(w);
	for (size_t i = 0; i < roles->list.count; i++) {
		const struct pack_role *role =
			pack_find_roles(service_of(call)->pack, roles->list.items[i].role);
		json_object(w);
		json_field_str(w, "role", roles->list.items[i].role);
		json_field_str(w, "title", role ? role->title.text : roles->list.items[i].role);
		json_field_str(w, "org", roles->list.items[i].org);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_session(struct http_call *call, const struct session *s)
{
	struct json_writer *w = &call->json;

	json_object(w);
	json_field_str(w, "login", s->login);
	json_field_str(w, "name", s->name);
	json_field_org(w, "org", service_of(call)->tree, s->org);
	json_field_str(w, "csrf", s->csrf);
	json_field_instant(w, "expires_at", s->expires_at);
	json_field_i64(w, "idle_minutes", s->rules.idle_minutes);
	json_field_bool(w, "must_change_password", s->must_change);
	json_field_bool(w, "has_second_factor", s->has_second_factor);
	write_roles(call, &s->roles);
	write_can(call, s);
	json_end_object(w);
}

static enum err get_session(struct http_call *call)
{
	write_session(call, session_of(call));
	return ERR_OK;
}

/* ---- in and out ---- */

struct sign_in_body {
	struct str login, password, code;
};
static const struct json_field sign_in_fields[] = {
	IN_WITH(sign_in_body, login, JT_TEXT, .min = 1, .max = 40),
	IN_WITH(sign_in_body, password, JT_TEXT, .min = 1, .max = 200),
	IN_WITH(sign_in_body, code, JT_TEXT, .is_optional = true, .is_nullable = true, .max = 6)};
static const struct json_shape sign_in_shape =
	JSON_SHAPE("sign_in", sizeof(struct sign_in_body), sign_in_fields);

static void set_cookie(struct http_call *call, struct str token, int64_t seconds)
{
	http_add_header(call, "Set-Cookie",
		str_printf(call->cx.mem,
			COOKIE "=" STR_FMT "; Path=/; HttpOnly; SameSite=Strict; Max-Age=%" PRId64
			       "%s",
			STR_ARG(token), seconds, call->is_secure ? "; Secure" : ""));
}

static enum err enter(struct http_call *call)
{
	const struct sign_in_body *in = call->in;
	struct db *db = service_of(call)->db;
	struct new_session made;
	struct session s;

	call->cx.user = in->login;
	TRY(sign_in_done(&call->cx, db, in->login, call->then_arg, &made));
	TRY(session_find(&call->cx, db, made.token, false, &s));
	set_cookie(call, made.token, s.rules.session_hours * 3600);
	write_session(call, &s);
	return ERR_OK;
}

static enum err refuse(struct http_call *call)
{
	return http_refuse(call, 401, "sign-in", "%s",
		TR(&call->cx, "登录名或口令不对", "login or password is wrong"));
}

static enum err count_failure(struct http_call *call)
{
	const struct sign_in_body *in = call->in;
	struct auth_rules rules;

	TRY(auth_rules_load(&call->cx, service_of(call)->db, &rules));
	TRY(sign_in_failed(&call->cx, service_of(call)->db, &rules, in->login, call->then_arg));
	call->keeps_on_refusal = true;
	return refuse(call);
}

static enum err post_session(struct http_call *call)
{
	const struct sign_in_body *in = call->in;
	struct sign_in *tried = arena_new(call->cx.mem, struct sign_in);

	TRY(sign_in_check(
		&call->cx, service_of(call)->place, in->login, in->password, in->code, tried));
	call->then_arg = tried;
	switch (tried->state) {
	case SIGN_IN_GOOD:
		call->then = enter;
		return ERR_OK;
	case SIGN_IN_WRONG:
		if (!tried->has_failed)
			return refuse(call);
		call->then = count_failure;
		return ERR_OK;
	case SIGN_IN_CODE:
		return http_refuse(call, 401, "second-factor", "%s",
			TR(&call->cx, "请给出动态口令", "the second factor's code is needed"));
	case SIGN_IN_PAUSE:
		break;
	}
	call->retry_after_s = (int)tried->pause_s;
	return http_refuse(call, 429, "too-many",
		TR(&call->cx, "连错太多次, 请 %" PRId64 " 秒后再试",
			"too many failures: try again in %" PRId64 " s"),
		tried->pause_s);
}

static enum err delete_session(struct http_call *call)
{
	struct session *s = session_of(call);

	if (s->is_token)
		return ctx_fail(&call->cx, ERR_CONFLICT, "%s",
			TR(&call->cx, "令牌没有登录会话", "a token has no session"));
	TRY(sign_out(&call->cx, service_of(call)->db, s->login, s->hash));
	set_cookie(call, STR(""), 0);
	return ERR_OK;
}

/* ---- one's own password ---- */

struct password_body {
	struct str old_password, new_password;
};
static const struct json_field password_fields[] = {
	{.name = "old",
		.type = JT_TEXT,
		.offset = offsetof(struct password_body, old_password),
		.max = 200},
	{.name = "new",
		.type = JT_TEXT,
		.offset = offsetof(struct password_body, new_password),
		.max = 200}};
static const struct json_shape password_shape =
	JSON_SHAPE("password_change", sizeof(struct password_body), password_fields);

static enum err keep_password(struct http_call *call)
{
	struct session *s = session_of(call);
	const struct str *hash = call->then_arg;

	return account_give_password(
		&call->cx, service_of(call)->db, &s->rules, s->login, *hash, false, s->hash);
}

static enum err post_password(struct http_call *call)
{
	const struct password_body *in = call->in;
	struct session *s = session_of(call);
	struct str *hash = arena_new(call->cx.mem, struct str);
	struct account_get_row a;
	bool is_found, is_former;

	if (s->is_token)
		return ctx_fail(&call->cx, ERR_FORBIDDEN, "%s",
			TR(&call->cx, "令牌不能改口令", "a token cannot change a password"));
	TRY(account_get(&call->cx, service_of(call)->db, &(struct account_get_in){s->login}, &a,
		&is_found));
	if (!is_found || !password_fits(a.password_hash, in->old_password)) {
		http_fault(call, "/old", "%s",
			TR(&call->cx, "原口令不对", "the old password is wrong"));
		return http_check(call);
	}
	TRY(password_check(&call->cx, &s->rules, s->login, in->new_password));
	TRY(password_is_former(&call->cx, service_of(call)->db, &s->rules, s->login,
		in->new_password, &is_former));
	if (is_former)
		return ctx_fail(&call->cx, ERR_REJECTED, "%s",
			TR(&call->cx, "不能用最近用过的口令", "this password was used lately"));
	TRY(password_hash(&call->cx, &password_cost_default, in->new_password, hash));
	call->then = keep_password;
	call->then_arg = hash;
	return ERR_OK;
}

/* ---- the second factor: a secret is offered, and kept when a code of it comes back ---- */

struct code_body {
	struct str secret, code;
};
static const struct json_field code_fields[] = {
	IN_WITH(code_body, secret, JT_TEXT, .min = 32, .max = 32),
	IN_WITH(code_body, code, JT_TEXT, .min = 6, .max = 6)};
static const struct json_shape code_shape =
	JSON_SHAPE("second_factor_code", sizeof(struct code_body), code_fields);
static const struct json_field offer_fields[] = {OUT("secret", JT_TEXT), OUT("uri", JT_TEXT)};
static const struct json_shape offer_shape = JSON_SHAPE("second_factor_offer", 0, offer_fields);

static enum err offer_second_factor(struct http_call *call)
{
	struct str secret = totp_make(call->cx.mem);

	json_object(&call->json);
	json_field_str(&call->json, "secret", secret);
	json_field_str(&call->json, "uri",
		str_printf(call->cx.mem,
			"otpauth://totp/Shuren:" STR_FMT "?secret=" STR_FMT "&issuer=Shuren",
			STR_ARG(session_of(call)->login), STR_ARG(secret)));
	json_end_object(&call->json);
	return ERR_OK;
}

static enum err confirm_second_factor(struct http_call *call)
{
	const struct code_body *in = call->in;
	int64_t step;

	if (!totp_fits(in->secret, in->code, call->cx.now_us, 0, &step)) {
		http_fault(call, "/code", "%s", TR(&call->cx, "动态口令不对", "the code is wrong"));
		return http_check(call);
	}
	return account_second_factor(
		&call->cx, service_of(call)->place, session_of(call)->login, in->secret);
}

struct only_password {
	struct str password;
};
static const struct json_field only_password_fields[] = {
	IN_WITH(only_password, password, JT_TEXT, .max = 200)};
static const struct json_shape only_password_shape =
	JSON_SHAPE("password_proof", sizeof(struct only_password), only_password_fields);

static enum err drop_second_factor(struct http_call *call)
{
	return account_second_factor(
		&call->cx, service_of(call)->place, session_of(call)->login, STR_NONE);
}

static enum err delete_second_factor(struct http_call *call)
{
	const struct only_password *in = call->in;
	struct account_get_row a;
	bool is_found;

	TRY(account_get(&call->cx, service_of(call)->db,
		&(struct account_get_in){session_of(call)->login}, &a, &is_found));
	if (!is_found || !password_fits(a.password_hash, in->password)) {
		http_fault(call, "/password", "%s",
			TR(&call->cx, "口令不对", "the password is wrong"));
		return http_check(call);
	}
	call->then = drop_second_factor;
	return ERR_OK;
}

/* ---- tokens ---- */

struct token_body {
	struct str name;
	int64_t days;
};
static const struct json_field token_in_fields[] = {
	IN_WITH(token_body, name, JT_TEXT, .min = 1, .max = 100),
	IN_WITH(token_body, days, JT_I64, .min = 1, .max = 366)};
static const struct json_shape token_in =
	JSON_SHAPE("token_request", sizeof(struct token_body), token_in_fields);
static const struct json_field token_made_fields[] = {
	OUT("id", JT_TEXT), OUT("token", JT_TEXT), OUT("expires_at", JT_TEXT)};
static const struct json_shape token_made = JSON_SHAPE("token_made", 0, token_made_fields);
static const struct json_field token_fields[] = {OUT("id", JT_TEXT), OUT("name", JT_TEXT),
	OUT("created_at", JT_TEXT), OUT("expires_at", JT_TEXT), OUT_OR_NULL("used_at", JT_TEXT)};
static const struct json_shape token_shape = JSON_SHAPE("token", 0, token_fields);
static const struct json_field tokens_fields[] = {OUT_WITH("items", JT_LIST, .of = &token_shape)};
static const struct json_shape tokens_shape = JSON_SHAPE("tokens", 0, tokens_fields);

static enum err post_token(struct http_call *call)
{
	const struct token_body *in = call->in;
	struct str token;
	int64_t id;

	/* Else a stolen token could make itself new ones without end. */
	if (session_of(call)->is_token)
		return ctx_fail(&call->cx, ERR_FORBIDDEN, "%s",
			TR(&call->cx, "令牌不能再生令牌", "a token cannot make tokens"));
	TRY(token_make(&call->cx, service_of(call)->db, session_of(call)->login, in->name, in->days,
		&id, &token));
	json_object(&call->json);
	json_field_id(&call->json, "id", id);
	json_field_str(&call->json, "token", token);
	json_field_instant(
		&call->json, "expires_at", call->cx.now_us + in->days * 86400 * (int64_t)1000000);
	json_end_object(&call->json);
	return ERR_OK;
}

static enum err get_tokens(struct http_call *call)
{
	struct json_writer *w = &call->json;
	struct tokens_of_rows rows;

	TRY(tokens_of(&call->cx, service_of(call)->db,
		&(struct tokens_of_in){session_of(call)->login}, &rows));
	json_object(w);
	json_key(w, "items");
	json_array(w);
	for (size_t i = 0; i < rows.count; i++) {
		json_object(w);
		json_field_id(w, "id", rows.items[i].id);
		json_field_str(w, "name", rows.items[i].name);
		json_field_instant(w, "created_at", rows.items[i].made_at);
		json_field_instant(w, "expires_at", rows.items[i].expires_at);
		json_field_instant(w, "used_at", rows.items[i].used_at);
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
	return ERR_OK;
}

static enum err delete_token(struct http_call *call)
{
	struct str text = http_param(call, "id");
	int64_t id, changed = 0;

	if (parse_i64(text, 1, INT64_MAX, &id) == NUM_OK)
		TRY(token_drop(&call->cx, service_of(call)->db,
			&(struct token_drop_in){id, session_of(call)->login}, &changed));
	if (!changed)
		return ctx_fail(&call->cx, ERR_NOT_FOUND, "%s",
			TR(&call->cx, "没有这个令牌", "there is no such token"));
	return call_note(call, "token.drop",
		str_printf(call->cx.mem, "account/" STR_FMT, STR_ARG(session_of(call)->login)),
		text);
}

const struct route session_routes[] = {
	{.method = HTTP_POST,
		.path = "/api/session",
		.body = &sign_in_shape,
		.reply = &session_shape,
		.handle = post_session,
		.zh = "登录",
		.en = "Sign in"},
	{.path = "/api/session",
		.on = "",
		.reply = &session_shape,
		.handle = get_session,
		.zh = "谁已登录, 能做什么",
		.en = "Who is signed in, and what they may"},
	{.method = HTTP_DELETE,
		.path = "/api/session",
		.on = "",
		.tx = HTTP_WRITE,
		.handle = delete_session,
		.zh = "退出",
		.en = "Sign out"},
	{.method = HTTP_POST,
		.path = "/api/session/password",
		.on = "",
		.body = &password_shape,
		.handle = post_password,
		.zh = "改自己的口令",
		.en = "Change one's own password"},
	{.method = HTTP_POST,
		.path = "/api/session/second-factor",
		.on = "",
		.reply = &offer_shape,
		.handle = offer_second_factor,
		.zh = "申请动态口令的密钥",
		.en = "A secret for a second factor, not kept yet"},
	{.method = HTTP_POST,
		.path = "/api/session/second-factor/confirm",
		.on = "",
		.tx = HTTP_WRITE,
		.body = &code_shape,
		.handle = confirm_second_factor,
		.zh = "用一次动态口令启用它",
		.en = "Keep the secret, shown by a code of it"},
	{.method = HTTP_DELETE,
		.path = "/api/session/second-factor",
		.on = "",
		.body = &only_password_shape,
		.handle = delete_second_factor,
		.zh = "停用动态口令",
		.en = "Do without the second factor"},
	{.path = "/api/session/tokens",
		.on = "",
		.reply = &tokens_shape,
		.handle = get_tokens,
		.zh = "自己的脚本令牌",
		.en = "One's tokens for scripts"},
	{.method = HTTP_POST,
		.path = "/api/session/tokens",
		.on = "",
		.tx = HTTP_WRITE,
		.body = &token_in,
		.reply = &token_made,
		.status = 201,
		.handle = post_token,
		.zh = "新建令牌",
		.en = "Make a token"},
	{.method = HTTP_DELETE,
		.path = "/api/session/tokens/{id}",
		.on = "",
		.tx = HTTP_WRITE,
		.handle = delete_token,
		.zh = "撤销令牌",
		.en = "Drop a token"},
	{.path = NULL},
};
