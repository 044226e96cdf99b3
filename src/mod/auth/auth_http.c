#include "mod/auth/auth_http.h"

#include "mod/audit/audit.h"
#include "mod/auth/auth_sql.h"

#include <sodium.h>

static enum err not_signed_in(struct http_call *call)
{
	return http_refuse(call, 401, "sign-in", "%s",
		TR(&call->cx, "没有登录, 或登录已过期", "not signed in, or signed out by now"));
}

static enum err find_session(struct http_call *call, struct session *session)
{
	struct str header = http_header(call, "Authorization"), token;
	bool is_bearer = str_starts(header, "Bearer ");
	enum err e;

	token = is_bearer ? str_trim(str_sub(header, 7, header.n))
			  : http_cookie(call, "shuren_session");
	if (!token.n || token.n > 200)
		return not_signed_in(call);
	e = session_find(&call->cx, service_of(call)->db, token, is_bearer, session);
	return e == ERR_NOT_FOUND ? not_signed_in(call) : e;
}

/* A page of another site can make a browser send the cookie, but cannot read this token. */
static enum err check_csrf(struct http_call *call, const struct session *session)
{
	struct str given = http_header(call, "X-CSRF-Token");

	if (session->is_token || call->route->method == HTTP_GET)
		return ERR_OK;
	if (given.n == session->csrf.n && given.n &&
		sodium_memcmp(given.p, session->csrf.p, given.n) == 0)
		return ERR_OK;
	return http_refuse(call, 403, "forbidden", "%s",
		TR(&call->cx, "缺少 X-CSRF-Token, 或已过期", "X-CSRF-Token is missing or stale"));
}

bool call_may(struct http_call *call, struct str resource, const char *action)
{
	return rights_may(service_of(call)->pack, &session_of(call)->roles, resource, action);
}

/* on: "a|b" any of them; "{x}": the path's parameter, which must be a ledger. */
static enum err check_right(struct http_call *call)
{
	struct str on = str_from(call->route->on), one;

	if (str_starts(on, "{")) {
		on = http_param(call, arena_strn(call->cx.mem, on.p + 1, on.n - 2));
		if (!pack_find_ledgers(service_of(call)->pack, on))
			return ctx_fail(&call->cx, ERR_NOT_FOUND,
				TR(&call->cx, "没有台账 '" STR_FMT "'", "no ledger '" STR_FMT "'"),
				STR_ARG(on));
		if (call_may(call, on, call->route->may))
			return ERR_OK;
		on = STR_NONE;
	}
	while (on.n) {
		one = str_cut(&on, '|');
		if (call_may(call, one, call->route->may))
			return ERR_OK;
	}
	return ctx_fail(&call->cx, ERR_FORBIDDEN, "%s",
		TR(&call->cx, "您的角色没有这项权限", "your roles do not allow this"));
}

enum err auth_authorize(struct http_call *call)
{
	struct session *session;

	if (!call->route->on)
		return ERR_OK;
	session = arena_new(call->cx.mem, struct session);
	TRY(find_session(call, session));
	call->session = session;
	call->cx.user = session->login;
	TRY(check_csrf(call, session));
	if (session->wants_touch)
		service_touch(service_of(call), session->hash, call->cx.now_us);
	if (session->must_change && !str_starts(call->path, "/api/session"))
		return http_refuse(call, 403, "password-change", "%s",
			TR(&call->cx, "请先修改口令", "change the password first"));
	return call->route->on[0] ? check_right(call) : ERR_OK;
}

void call_scopes(
	struct http_call *call, struct str resource, const char *action, struct scopes *out)
{
	struct service *s = service_of(call);

	rights_scopes(
		call->cx.mem, s->pack, s->tree, &session_of(call)->roles, resource, action, out);
}

enum err call_scopes_asked(
	struct http_call *call, struct str resource, const char *action, struct scopes *out)
{
	return call_scopes_at(call, resource, action, http_query(call, "org"), out);
}

enum err call_scopes_at(struct http_call *call, struct str resource, const char *action,
	struct str org, struct scopes *out)
{
	struct service *s = service_of(call);
	struct scopes all;

	call_scopes(call, resource, action, &all);
	*out = all;
	if (!org.n)
		return ERR_OK;
	if (org_find(s->tree, org))
		scopes_within(call->cx.mem, &all, s->tree, org, out);
	if (org_find(s->tree, org) && out->list.count)
		return ERR_OK;
	return ctx_fail(&call->cx, ERR_NOT_FOUND,
		TR(&call->cx, "没有机构 '" STR_FMT "'", "no organisation '" STR_FMT "'"),
		STR_ARG(org));
}

enum err call_note(struct http_call *call, const char *action, struct str object, struct str detail)
{
	return audit_append(&call->cx, service_of(call)->db,
		&(struct audit_entry){call->cx.user, str_from(action), object, detail});
}

enum err auth_tick(struct ctx *cx, struct service *s)
{
	enum { MANY = 512 };
	struct service_touch *touches = arena_array(cx->mem, struct service_touch, MANY);
	size_t n = service_take_touches(s, touches, MANY);

	TRY(db_begin(cx, s->db, DB_WRITE));
	for (size_t i = 0; i < n; i++) {
		struct str hash = str_from(touches[i].key);
		TRY(session_seen(
			cx, s->db, &(struct session_seen_in){hash, touches[i].at_us}, NULL));
		TRY(token_used(cx, s->db, &(struct token_used_in){hash, touches[i].at_us}, NULL));
	}
	TRY(sessions_sweep(cx, s->db));
	return db_commit(cx, s->db);
}
