/* Sign-in over HTTP: who asks, what they may, and the routes for sessions, users and rights. */
#pragma once

#include "mod/auth/auth.h"
#include "mod/service/service.h"

extern const struct route session_routes[];
extern const struct route account_routes[];
extern const struct route matrix_routes[]; /* the permission matrix */

/*
 * For http_app: find the session of a call, check its CSRF token, and the route's right.
 * call->session is a struct session afterwards, or NULL on routes for anybody.
 */
MUST_CHECK enum err auth_authorize(struct http_call *call);
static inline struct session *session_of(struct http_call *call)
{
	return call->session;
}

/* May the asker do this with a resource? */
bool call_may(struct http_call *call, struct str resource, const char *action);
/* Where. */
void call_scopes(
	struct http_call *call, struct str resource, const char *action, struct scopes *out);
/*
 * The part of the tree that a call asks for by ?org, inside what it may; no ?org: all of that.
 * Fails: NOT_FOUND (the organisation is unknown or outside).
 */
MUST_CHECK enum err call_scopes_asked(
	struct http_call *call, struct str resource, const char *action, struct scopes *out);
/* The same of an organisation that the call names elsewhere. */
MUST_CHECK enum err call_scopes_at(struct http_call *call, struct str resource, const char *action,
	struct str org, struct scopes *out);
/* An entry in the audit log by the asker. */
MUST_CHECK enum err call_note(
	struct http_call *call, const char *action, struct str object, struct str detail);

/* On the writer now and then: notes that sessions were used, and ends those that are over. */
MUST_CHECK enum err auth_tick(struct ctx *cx, struct service *s);
