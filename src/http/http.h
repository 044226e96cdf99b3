/*
 * HTTP as the program sees it: route tables, calls and replies. A module exports an array of
 * `struct route`; from the tables come dispatch, the checks of query and body, the questions of
 * rights, and the API's description (http/openapi.h). What listens is http/server.h.
 *
 * A handler reads what the table has checked, calls one service function and writes the reply
 * with call->json or one of the http_reply functions. It runs on a worker thread (HTTP_READ) or
 * on the one writer thread (HTTP_WRITE, HTTP_WRITE_ALONE) and may wait for the database; nothing
 * it does blocks the threads that speak with clients.
 */
#pragma once

#include "wire/json_shape.h"

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_DELETE };

/* Where a handler runs, and in which transaction. */
enum http_tx {
	HTTP_READ,       /* a worker; reads one moment */
	HTTP_READ_ALONE, /* a worker; the handler makes its own transactions */
	HTTP_WRITE,      /* the writer; inside a transaction that it shares with its neighbours: the
			    reply leaves after the commit, an error undoes this call alone */
	HTTP_WRITE_ALONE, /* the writer; the handler makes its own transactions */
};

enum query_type { QUERY_TEXT, QUERY_I64, QUERY_TEXTS };

/* A parameter behind the `?`. QUERY_TEXTS may repeat. */
struct query_field {
	const char *name;
	enum query_type type;
	int64_t min, max; /* QUERY_I64: bounds; texts: max bytes, 0 means 200 */
	const char *const *choices;
	bool is_required;
	const char *zh, *en;
};

#define QUERY(name_, zh_, en_)                                                                     \
	{                                                                                          \
		.name = name_, .type = QUERY_TEXT, .zh = zh_, .en = en_                            \
	}
#define QUERY_NUMBER(name_, min_, max_, zh_, en_)                                                  \
	{                                                                                          \
		.name = name_, .type = QUERY_I64, .min = min_, .max = max_, .zh = zh_, .en = en_   \
	}
#define QUERY_LIMIT QUERY_NUMBER("limit", 1, 500, "一页多少条", "items a page")
#define QUERY_AFTER QUERY("after", "上一页给的游标", "the cursor that the page before gave")
#define QUERY_END                                                                                  \
	{                                                                                          \
		.name = NULL                                                                       \
	}

#define HTTP_BODY_MAX ((size_t)1 << 20)  /* of JSON */
#define HTTP_FILE_MAX ((size_t)64 << 20) /* of routes with takes_file */

struct http_call;

struct route {
	enum http_method method;
	const char *path; /* "/api/users/{login}"; a last "{rest*}" takes slashes too */
	const char *on;   /* resource; "{ledger}" is the parameter; "": signed in; NULL: anybody */
	const char *may;  /* the action: "read" */
	enum http_tx tx;
	const struct query_field *query; /* ends with a NULL name; NULL: none */
	const struct json_shape *body;   /* NULL: none */
	const struct json_shape *reply;  /* NULL: no content, or `media` */
	bool takes_file;                 /* the body is a file's bytes */
	int status;                      /* of a good reply; 0: 200, or 204 without one */
	const char *media; /* of replies that are no JSON: "text/csv"; may stand beside reply */
	enum err (*handle)(struct http_call *call);
	const char *zh, *en; /* one line each */
};

/* The lists that a server has: route tables, each ended by a NULL path; the list by NULL. */
struct routes {
	const struct route *const *lists;
};

struct http_pair {
	struct str name, value;
};
struct http_pairs {
	VEC(struct http_pair) list;
};

struct http_stream;

struct http_reply {
	int status; /* 0: the route's */
	struct strbuf body;
	const char *type; /* NULL: application/json */
	struct http_pairs headers;
	int fd; /* >= 0: the body is this file, closed by the server; ranges are answered */
	int64_t fd_size;
	struct http_stream *stream; /* the body goes on; NULL: it does not */
};

struct http_call {
	struct ctx cx; /* cx.mem lives as long as the call; cx.user after sign-in */
	const struct route *route;
	struct str path;
	struct http_pairs params; /* of the path */
	struct http_pairs query, headers, cookies;
	struct str body; /* raw */
	void *in;        /* what route->body read into, or NULL */
	void *thread;    /* of the app: the worker's or writer's connection */
	void *session;   /* of the app: who asks, after its `authorize` */
	struct json_faults faults;
	/* A reason that stands above the enum err: status, slug. 0: none. */
	int refused_status;
	const char *refused_slug;
	int retry_after_s; /* with 429 and 503 */
	/* Set by a handler on a worker: go on here on the writer, inside its transaction. */
	enum err (*then)(struct http_call *call);
	void *then_arg;
	bool keeps_on_refusal; /* what the handler wrote stays though it refuses */
	struct http_reply reply;
	struct json_writer json;
	char id[17];    /* of the request, in logs and problems */
	bool is_secure; /* came over TLS, as the proxy says */
};

/* ---- what came in ---- */

struct str http_param(const struct http_call *call, const char *name); /* of the path; "" */
struct str http_query(const struct http_call *call, const char *name); /* p NULL: absent */
struct str http_query_nth(const struct http_call *call, const char *name, size_t i);
int64_t http_query_i64(const struct http_call *call, const char *name, int64_t fallback);
bool http_query_is(const struct http_call *call, const char *name, const char *value);
struct str http_header(const struct http_call *call, const char *name); /* any case */
struct str http_cookie(const struct http_call *call, const char *name);

/* ---- what goes out ---- */

void http_add_header(struct http_call *call, const char *name, struct str value);
/* `ETag: "version"`. */
void http_etag(struct http_call *call, int64_t version);
/* If-Match must name the version: else 428 or 412, and ERR_CONFLICT. `*` is no version. */
MUST_CHECK enum err http_if_match(struct http_call *call, int64_t version);
/* The body is text of a type. */
void http_reply_text(struct http_call *call, const char *type, struct str text);
/*
 * The body is a file, open and at its start; name is offered for saving (NULL: shown). The
 * server closes fd, also when the call fails.
 */
MUST_CHECK enum err http_reply_file(
	struct http_call *call, int fd, const char *type, struct str name);

/*
 * The reply is of this type and goes on after the handler has returned, such as server-sent
 * events: whoever holds the stream writes to it, from any thread. It costs a connection and no
 * thread. The caller releases what it gets.
 */
struct http_stream *http_reply_stream(struct http_call *call, const char *type);
/* False: there is nobody any more: the client has gone, does not read (256 KB wait for it), or
 * the stream has ended with the server. */
bool http_stream_write(struct http_stream *stream, struct str bytes);
/* What is written still goes out. */
void http_stream_end(struct http_stream *stream);
void http_stream_release(struct http_stream *stream);

/* A fault of the request at a path: ERR_INVALID follows, once, by http_check. */
void http_fault(struct http_call *call, const char *path, const char *fmt, ...) PRINTF(3, 4);
MUST_CHECK enum err http_check(struct http_call *call);
/* A refusal with a status and slug of its own. */
MUST_CHECK enum err http_refuse(
	struct http_call *call, int status, const char *slug, const char *fmt, ...) PRINTF(4, 5);

/* ---- for the server and the tests ---- */

/* The route of a method and path, with its parameters; NULL: none. *out_other: the path has
 * routes of other methods. */
const struct route *route_find(const struct routes *routes, const char *method, struct str path,
	struct arena *mem, struct http_pairs *out_params, bool *out_other);
/* Query and body as the route's tables say. Fails: INVALID (call->faults has all). */
MUST_CHECK enum err route_check(struct http_call *call);
/* Write the problem document of `e` into the reply, dropping what is there. */
void problem_write(struct http_call *call, enum err e);
/* Two routes with one method and path, or a broken table, is a bug. */
void routes_assert(const struct routes *routes);
void http_reply_release(struct http_reply *reply);
/* A reply's stream that will not be sent, or not any more. */
void http_stream_drop(struct http_stream *stream);
