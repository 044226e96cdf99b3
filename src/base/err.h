/*
 * Errors: one table gives the enum, the exit code, the HTTP status and the slug. A fallible
 * function returns `enum err`, is MUST_CHECK, and has said the detail with ctx_fail; the code
 * travels by return, the detail in the context.
 */
#pragma once

#include "base/str.h"

/*    id            HTTP exit slug             means */
#define ERR_MAP(X)                                                                                 \
	X(OK, 200, 0, "ok", "done")                                                                \
	X(REJECTED, 422, 1, "rejected", "the data say no")                                         \
	X(INVALID, 400, 2, "invalid", "wrong usage or a malformed request")                        \
	X(NOT_FOUND, 404, 3, "not-found", "there is no such thing")                                \
	X(CONFLICT, 409, 3, "conflict", "somebody else's change or a frozen period")               \
	X(FORBIDDEN, 403, 3, "forbidden", "role or scope does not allow it")                       \
	X(BUSY, 503, 3, "busy", "try again in a moment")                                           \
	X(TOO_LARGE, 413, 3, "too-large", "over a limit that keeps memory bounded")                \
	X(UNSUPPORTED, 415, 3, "unsupported", "a file kind that is not read")                      \
	X(IO, 500, 3, "io", "the system could not read or write")                                  \
	X(STORE, 500, 3, "store", "the database refused or failed")                                \
	X(PACK, 500, 3, "pack", "a pack is broken")                                                \
	X(CANCELLED, 499, 3, "cancelled", "stopped on request")

enum err {
#define X(id, http, exit, slug, means) ERR_##id,
	ERR_MAP(X)
#undef X
};

int err_exit_code(enum err e);
int err_http_status(enum err e);
const char *err_slug(enum err e);

#define TRY(expr)                                                                                  \
	do {                                                                                       \
		enum err try_err_ = (expr);                                                        \
		if (try_err_ != ERR_OK)                                                            \
			return try_err_;                                                           \
	} while (0)

/*
 * Where text that is read stands: file, then line and column from 1 (0: not known). `line` may
 * be set without `column`.
 */
struct place {
	struct str file;
	int line, column;
};

struct problem {
	struct place at;
	struct str text;
	bool is_warning;
};

/* Problems collected while a text is checked. Keeps the first `keep` and counts the rest. */
struct problems {
	struct arena *mem;
	bool is_english;
	VEC(struct problem) list;
	size_t keep; /* 0 means 1,000 */
	size_t error_count, warning_count;
};

void problems_init(struct problems *ps, struct arena *mem);
void problems_error(struct problems *ps, struct place at, const char *fmt, ...) PRINTF(3, 4);
void problems_warn(struct problems *ps, struct place at, const char *fmt, ...) PRINTF(3, 4);
/* "file:line:col: text", one a line, and "… and N more" at the end. */
void problems_format(const struct problems *ps, struct strbuf *out);

/*
 * The context of one request, command or job: its memory, its clock, its error detail.
 */
struct ctx {
	struct arena *mem; /* freed when the request or job ends */
	int64_t now_us;    /* UTC, microseconds; set once */
	struct str user;   /* who asks; "" before sign-in exists */
	bool is_english;   /* language of messages; Chinese is the default */
	struct str error;  /* the detail of the last ctx_fail, in mem */
};

/*
 * Text for people stands in both languages side by side at its place of use; x is anything with
 * an is_english member: ctx_fail(cx, ERR_IO, TR(cx, "读不出 %s", "cannot read %s"), path).
 */
#define TR(x, zh, en) ((x)->is_english ? (en) : (zh))

/* Say what went wrong and hand the code on: return ctx_fail(cx, ERR_IO, "…"). */
enum err ctx_fail(struct ctx *cx, enum err code, const char *fmt, ...) PRINTF(3, 4);
