/* Replies to libmicrohttpd: bodies, files and their ranges, pages, headers. */
#include "http/server_internal.h"

#include <strings.h>
#include <unistd.h>

static void header(struct MHD_Response *r, const char *name, const char *value)
{
	if (MHD_add_response_header(r, name, value) != MHD_YES)
		BUG("header %s was refused", name);
}

static void common_headers(struct job *job, struct MHD_Response *r)
{
	header(r, "X-Content-Type-Options", "nosniff");
	header(r, "X-Frame-Options", "DENY");
	header(r, "Referrer-Policy", "same-origin");
	header(r, "X-Request-Id", job->call.id);
	if (atomic_load(&job->server->is_stopping))
		header(r, "Connection", "close");
}

static enum MHD_Result queue(struct job *job, int status, struct MHD_Response *r, size_t bytes)
{
	enum MHD_Result done;

	common_headers(job, r);
	job->call.reply.status = status;
	job->sent_bytes = job->is_head ? 0 : bytes;
	done = MHD_queue_response(job->connection, (unsigned)status, r);
	MHD_destroy_response(r);
	return done;
}

static bool is_unchanged(const struct job *job, struct str etag)
{
	struct str given = http_header(&job->call, "If-None-Match");

	return etag.n && given.n && (str_find(given, etag) != SIZE_MAX || str_is(given, "*"));
}

static struct MHD_Response *empty(void)
{
	static const char nothing[1] = "";

	return MHD_create_response_from_buffer(
		0, (void *)(uintptr_t)nothing, MHD_RESPMEM_PERSISTENT);
}

enum MHD_Result send_page(struct job *job)
{
	/* Nothing but what this server gives; styles inline, as component libraries set them. */
	static const char policy[] =
		"default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline';"
		" object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
	const struct http_page *page = job->page;
	bool takes_gzip =
		str_find(http_header(&job->call, "Accept-Encoding"), STR("gzip")) != SIZE_MAX;
	struct str content = takes_gzip && page->gzip.p ? page->gzip : page->content;
	bool is_unchanged_page = is_unchanged(job, page->etag);
	struct MHD_Response *r =
		is_unchanged_page ? empty()
				  : MHD_create_response_from_buffer(content.n,
					    (void *)(uintptr_t)content.p, MHD_RESPMEM_PERSISTENT);

	if (!r)
		return MHD_NO;
	header(r, "ETag", page->etag.p);
	header(r, "Cache-Control", page->caching);
	header(r, "Content-Security-Policy", policy);
	header(r, "Vary", "Accept-Encoding");
	header(r, "Content-Type", page->type);
	if (content.p == page->gzip.p && page->gzip.p && !is_unchanged_page)
		header(r, "Content-Encoding", "gzip");
	return queue(job, is_unchanged_page ? 304 : 200, r, is_unchanged_page ? 0 : content.n);
}

/* "bytes=a-b", "bytes=a-", "bytes=-n"; several ranges are answered as none. */
static bool parse_range(struct str text, int64_t size, int64_t *from, int64_t *to)
{
	struct str first;

	if (!str_starts(text, "bytes=") || str_find_char(text, ',') != SIZE_MAX)
		return false;
	text = str_sub(text, 6, text.n);
	if (str_find_char(text, '-') == SIZE_MAX)
		return false;
	first = str_cut(&text, '-');
	if (first.n == 0) {
		if (parse_i64(text, 1, INT64_MAX, from) != NUM_OK)
			return false;
		*from = MAX(0, size - *from);
		*to = size - 1;
		return true;
	}
	if (parse_i64(first, 0, INT64_MAX, from) != NUM_OK)
		return false;
	*to = size - 1;
	if (text.n && parse_i64(text, *from, INT64_MAX, to) != NUM_OK)
		return false;
	*to = MIN(*to, size - 1);
	return true;
}

static struct str reply_header(const struct http_reply *reply, const char *name)
{
	for (size_t i = 0; i < reply->headers.list.count; i++)
		if (str_is(reply->headers.list.items[i].name, name))
			return reply->headers.list.items[i].value;
	return STR_NONE;
}

/* A range of another version than the one that the client has begun with would make a file of two
 * halves: then it gets the whole. */
static bool has_range(const struct job *job)
{
	struct str given = http_header(&job->call, "If-Range");

	return http_header(&job->call, "Range").n &&
	       (!given.n || str_eq(given, reply_header(&job->call.reply, "ETag")));
}

static struct MHD_Response *file_response(struct job *job, int *status)
{
	struct http_reply *reply = &job->call.reply;
	int64_t from = 0, to = reply->fd_size - 1, asked_from, asked_to;
	struct MHD_Response *r;
	char text[96];

	if (has_range(job) && *status == 200 &&
		parse_range(
			http_header(&job->call, "Range"), reply->fd_size, &asked_from, &asked_to)) {
		from = asked_from;
		to = asked_to;
		*status = from < reply->fd_size ? 206 : 416;
	}
	if (*status == 416) {
		r = empty();
	} else {
		r = MHD_create_response_from_fd_at_offset64(
			(uint64_t)(to - from + 1), reply->fd, (uint64_t)from);
		if (r)
			reply->fd = -1; /* the response's from now on */
		job->sent_bytes = (size_t)(to - from + 1);
	}
	if (!r)
		return NULL;
	header(r, "Accept-Ranges", "bytes");
	if (*status == 206) {
		snprintf(text, sizeof text, "bytes %" PRId64 "-%" PRId64 "/%" PRId64, from, to,
			reply->fd_size);
		header(r, "Content-Range", text);
	} else if (*status == 416) {
		snprintf(text, sizeof text, "bytes */%" PRId64, reply->fd_size);
		header(r, "Content-Range", text);
	}
	return r;
}

static struct MHD_Response *body_response(struct http_reply *reply)
{
	struct MHD_Response *r;

	if (reply->body.n == 0)
		return empty();
	r = MHD_create_response_from_buffer(reply->body.n, reply->body.p, MHD_RESPMEM_MUST_FREE);
	if (r)
		strbuf_init(&reply->body, 1); /* the response's from now on */
	return r;
}

static struct MHD_Response *stream_reply(struct job *job)
{
	struct http_reply *reply = &job->call.reply;
	struct MHD_Response *r = stream_response(job, reply->stream);

	if (!r)
		return NULL;
	reply->stream = NULL;                 /* the response's from now on */
	header(r, "X-Accel-Buffering", "no"); /* a proxy in front hands it on at once */
	return r;
}

enum MHD_Result send_reply(struct job *job)
{
	struct http_reply *reply = &job->call.reply;
	struct str etag = reply_header(reply, "ETag");
	size_t bytes = reply->body.n;
	int status = reply->status;
	bool has_body = bytes || reply->fd >= 0 || reply->stream;
	struct MHD_Response *r;

	assert(status != 0);
	if (status == 200 && is_unchanged(job, etag) && str_is(job->method, "GET")) {
		status = 304;
		bytes = 0;
		has_body = false;
		r = empty();
	} else {
		r = reply->stream    ? stream_reply(job)
		    : reply->fd >= 0 ? file_response(job, &status)
				     : body_response(reply);
	}
	if (!r)
		return MHD_NO;
	if (has_body)
		header(r, "Content-Type", reply->type ? reply->type : "application/json");
	for (size_t i = 0; i < reply->headers.list.count; i++)
		header(r, reply->headers.list.items[i].name.p,
			reply->headers.list.items[i].value.p);
	if (!reply_header(reply, "Cache-Control").n)
		header(r, "Cache-Control", etag.n ? "private, no-cache" : "no-store");
	return queue(job, status, r, job->sent_bytes ? job->sent_bytes : bytes);
}
