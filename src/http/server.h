/*
 * The server: libmicrohttpd with a few epoll threads that only move bytes, workers that read and
 * one writer. A request is taken whole (a body has a limit), queued, answered by a thread that
 * owns its own connection to the store, and sent. Nothing waits without a bound: a full queue
 * is 503 with Retry-After, and slow clients are cut.
 *
 * The writer takes what is queued as one group: each call in a step of its own, one commit for
 * all, and only then the replies. A call that fails undoes its own step.
 */
#pragma once

#include "http/http.h"
#include "http/pages.h"

struct http_server;

/* What the program behind the server does. Every function gets its thread's own state. */
struct http_app {
	void *arg;
	const struct routes *routes;
	const struct http_pages *pages; /* may be NULL */
	enum err (*thread_open)(struct ctx *cx, void *arg, bool is_writer, void **out);
	void (*thread_close)(void *thread);
	/* Before each part of a call that runs on this thread. */
	enum err (*prepare)(struct ctx *cx, void *thread);
	/* Who asks, and may they: sets call->session and cx.user, or refuses. */
	enum err (*authorize)(struct http_call *call);
	/* A read sees one moment. */
	enum err (*read_begin)(struct ctx *cx, void *thread);
	void (*read_end)(void *thread);
	/* The writer asks for its turn before each group and each call that it does alone; NULL: it
	   is always its turn. Fails: BUSY, and all calls that wait are answered so. */
	enum err (*turn_take)(struct ctx *cx, void *thread);
	void (*turn_give)(void *thread);
	/* The writer's transaction and a call's step in it. */
	enum err (*group_begin)(struct ctx *cx, void *thread);
	enum err (*group_commit)(struct ctx *cx, void *thread);
	void (*group_rollback)(void *thread);
	enum err (*step_begin)(struct ctx *cx, void *thread);
	enum err (*step_end)(struct ctx *cx, void *thread, bool is_kept);
	/* Now and then on the writer, outside a group; NULL: nothing. */
	void (*tick)(struct ctx *cx, void *thread);
};

struct http_config {
	const char *address; /* numeric, IPv4 or IPv6 */
	int port;            /* 0: any that is free */
	int workers, io_threads;
	int read_queue_max, write_queue_max;              /* calls that wait */
	int group_max;                                    /* calls in one commit */
	int connections_max, connections_per_address_max; /* the latter 0: no limit */
	int header_deadline_s; /* for a request's head, counted from the connection or the last
				  reply */
	int body_deadline_s;   /* for its body */
	int idle_s;            /* without a byte */
	int queue_deadline_s;  /* a call that waited longer is 503 */
	int stop_wait_s;       /* for calls that run when the server stops */
	FILE *log;             /* a line each call; NULL: none */
};

/* 4 workers, 2 I/O threads and bounds for a bureau. */
extern const struct http_config http_config_default;

/*
 * Start; app and what it points to must outlive the server.
 * Fails: IO (the address cannot be had), and as thread_open.
 */
MUST_CHECK enum err http_server_start(struct ctx *cx, const struct http_config *config,
	const struct http_app *app, struct http_server **out);
int http_server_port(const struct http_server *server);
/* No new requests; those that are in are answered; then everything ends. */
void http_server_stop(struct http_server *server);
