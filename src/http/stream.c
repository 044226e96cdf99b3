/*
 * Replies that go on. libmicrohttpd asks for more whenever the client can take some; when nothing
 * is there its connection is suspended, and whoever writes next wakes it. While a connection is
 * suspended nobody but that one writer can end it.
 */
#include "http/server_internal.h"

#define WAITING_MAX ((size_t)256 << 10)
#define BLOCK       4096

struct http_stream {
	pthread_mutex_t lock;
	int refs; /* who writes; and the reply, then libmicrohttpd's response */
	struct strbuf waiting;
	size_t sent; /* of waiting */
	bool is_ended, is_gone, is_asleep;
	struct http_server *server;
	struct MHD_Connection *connection; /* once it is being sent */
	struct http_stream *prev, *next;
};

struct http_stream *http_reply_stream(struct http_call *call, const char *type)
{
	struct http_stream *s = calloc(1, sizeof *s);

	assert(!call->reply.stream && call->reply.fd < 0);
	if (!s)
		BUG("out of memory");
	pthread_mutex_init(&s->lock, NULL);
	strbuf_init(&s->waiting, WAITING_MAX);
	s->refs = 2;
	call->reply.stream = s;
	call->reply.type = type;
	return s;
}

/* The lock is held, and given back. */
static void wake_and_unlock(struct http_stream *s)
{
	bool wakes = s->is_asleep;

	s->is_asleep = false;
	pthread_mutex_unlock(&s->lock);
	if (wakes)
		MHD_resume_connection(s->connection);
}

bool http_stream_write(struct http_stream *s, struct str bytes)
{
	bool is_open;

	pthread_mutex_lock(&s->lock);
	if (!s->is_ended && !s->is_gone)
		strbuf_str(&s->waiting, bytes);
	if (s->waiting.too_long) { /* a client that does not read */
		s->is_ended = true;
		strbuf_reset(&s->waiting);
		s->sent = 0;
	}
	is_open = !s->is_ended && !s->is_gone;
	wake_and_unlock(s);
	return is_open;
}

void http_stream_end(struct http_stream *s)
{
	pthread_mutex_lock(&s->lock);
	s->is_ended = true;
	wake_and_unlock(s);
}

void http_stream_release(struct http_stream *s)
{
	bool is_last;

	pthread_mutex_lock(&s->lock);
	is_last = --s->refs == 0;
	pthread_mutex_unlock(&s->lock);
	if (!is_last)
		return;
	strbuf_release(&s->waiting);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

void http_stream_drop(struct http_stream *s)
{
	pthread_mutex_lock(&s->lock);
	s->is_gone = true;
	pthread_mutex_unlock(&s->lock);
	http_stream_release(s);
}

/* ---- being sent ---- */

static ssize_t read_stream(void *cls, uint64_t at, char *to, size_t max)
{
	struct http_stream *s = cls;
	bool is_over = false;
	size_t n;

	(void)at;
	pthread_mutex_lock(&s->lock);
	n = MIN(max, s->waiting.n - s->sent);
	if (n) {
		memcpy(to, s->waiting.p + s->sent, n);
		s->sent += n;
		if (s->sent == s->waiting.n) {
			strbuf_reset(&s->waiting);
			s->sent = 0;
		}
	} else if (s->is_ended) {
		is_over = true;
	} else {
		s->is_asleep = true;
		MHD_suspend_connection(s->connection);
	}
	pthread_mutex_unlock(&s->lock);
	return is_over ? MHD_CONTENT_READER_END_OF_STREAM : (ssize_t)n;
}

static void leave(struct http_stream *s)
{
	pthread_mutex_lock(&s->server->streams_lock);
	if (s->prev)
		s->prev->next = s->next;
	else
		s->server->streams = s->next;
	if (s->next)
		s->next->prev = s->prev;
	pthread_mutex_unlock(&s->server->streams_lock);
}

static void sent(void *cls)
{
	leave(cls);
	http_stream_drop(cls);
}

struct MHD_Response *stream_response(struct job *job, struct http_stream *s)
{
	struct http_server *server = job->server;
	struct MHD_Response *r;

	s->server = server;
	s->connection = job->connection;
	r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_stream, s, sent);
	if (!r)
		return NULL;
	pthread_mutex_lock(&server->streams_lock);
	s->next = server->streams;
	if (s->next)
		s->next->prev = s;
	server->streams = s;
	pthread_mutex_unlock(&server->streams_lock);
	if (atomic_load(&server->is_stopping))
		http_stream_end(s);
	return r;
}

/* Each is woken and sees its end: none is suspended when the daemon stops. */
void streams_end(struct http_server *server)
{
	pthread_mutex_lock(&server->streams_lock);
	for (struct http_stream *s = server->streams; s; s = s->next)
		http_stream_end(s);
	pthread_mutex_unlock(&server->streams_lock);
}
