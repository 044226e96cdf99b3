/* The server of a place: all routes in one list, the page, and the threads' connections. */
#pragma once

#include "base/version.h"
#include "http/server.h"
#include "mod/place/place.h"

#define SERVE_VERSION SHUREN_VERSION

struct serve_options {
	struct http_config http;
	const char *web; /* folder of the page; NULL: none */
};

/*
 * Serve until SIGTERM or SIGINT. `ready` is told the port once it listens.
 * Fails: as place_open, http_server_start.
 */
MUST_CHECK enum err serve_place(struct ctx *cx, struct str url, const struct serve_options *options,
	void (*ready)(void *arg, int port), void *arg);

/* All routes of the program; what the API's description is made of. */
extern const struct routes serve_routes;
