/* HTTP: replies that go on, ranges, and what waits for its turn to write. */
#include "http/server.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- a server ---- */

struct toy {
	_Atomic(struct http_stream *) stream;
	atomic_bool is_locked;
	atomic_int asked;
};

static enum err thread_open(struct ctx *cx, void *arg, bool is_writer, void **out)
{
	(void)cx;
	(void)is_writer;
	*out = arg;
	return ERR_OK;
}
static void nothing(void *thread)
{
	(void)thread;
}
static enum err good(struct ctx *cx, void *thread)
{
	(void)cx;
	(void)thread;
	return ERR_OK;
}
static enum err step_end(struct ctx *cx, void *thread, bool is_kept)
{
	(void)is_kept;
	return good(cx, thread);
}
static enum err anybody(struct http_call *call)
{
	(void)call;
	return ERR_OK;
}
static enum err turn_take(struct ctx *cx, void *thread)
{
	struct toy *toy = thread;

	atomic_fetch_add(&toy->asked, 1);
	if (!atomic_load(&toy->is_locked))
		return ERR_OK;
	usleep(300000);
	return ctx_fail(cx, ERR_BUSY, "a job writes");
}

static enum err give_stream(struct http_call *call)
{
	struct toy *toy = call->thread;
	struct http_stream *stream = http_reply_stream(call, "text/event-stream");

	(void)http_stream_write(stream, STR("data: 1\n\n"));
	atomic_store(&toy->stream, stream);
	return ERR_OK;
}
static enum err fail_behind_stream(struct http_call *call)
{
	http_stream_release(http_reply_stream(call, "text/event-stream"));
	return ctx_fail(&call->cx, ERR_NOT_FOUND, "none");
}
static enum err give_file(struct http_call *call)
{
	char path[] = "/tmp/http_stream_test.XXXXXX";
	int fd = mkstemp(path);

	unlink(path);
	if (write(fd, "0123456789", 10) != 10)
		return ctx_fail(&call->cx, ERR_IO, "write");
	http_etag(call, 7);
	return http_reply_file(call, fd, "text/plain", STR_NONE);
}
static enum err put(struct http_call *call)
{
	json_i64(&call->json, (int64_t)call->body.n);
	return ERR_OK;
}

#define ROUTE(...)                                                                                 \
	{                                                                                          \
		__VA_ARGS__, .zh = "试", .en = "a trial"                                           \
	}
static const struct route toy_routes[] = {
	ROUTE(.path = "/api/stream", .media = "text/event-stream", .handle = give_stream),
	ROUTE(.path = "/api/none", .media = "text/event-stream", .handle = fail_behind_stream),
	ROUTE(.path = "/api/file", .media = "text/plain", .handle = give_file),
	ROUTE(.method = HTTP_PUT, .path = "/api/put", .tx = HTTP_WRITE, .takes_file = true,
		.handle = put),
	ROUTE(.method = HTTP_PUT, .path = "/api/alone", .tx = HTTP_WRITE_ALONE, .takes_file = true,
		.handle = put),
	{.path = NULL},
};
static const struct route *const toy_lists[] = {toy_routes, NULL};
static const struct routes toy_table = {toy_lists};

struct served {
	struct ctx cx;
	struct toy toy;
	struct http_app app;
	struct http_server *server;
};

static int serve(void **state)
{
	struct served *s = calloc(1, sizeof *s);
	struct http_config config = http_config_default;

	s->cx = (struct ctx){.mem = arena_create(), .now_us = 1, .is_english = true};
	s->app = (struct http_app){.arg = &s->toy,
		.routes = &toy_table,
		.thread_open = thread_open,
		.thread_close = nothing,
		.prepare = good,
		.authorize = anybody,
		.read_begin = good,
		.read_end = nothing,
		.turn_take = turn_take,
		.turn_give = nothing,
		.group_begin = good,
		.group_commit = good,
		.group_rollback = nothing,
		.step_begin = good,
		.step_end = step_end};
	config.port = 0;
	config.workers = 1;
	config.body_deadline_s = 1;
	*state = s;
	return http_server_start(&s->cx, &config, &s->app, &s->server) == ERR_OK ? 0 : -1;
}

static int stop(void **state)
{
	struct served *s = *state;

	if (s->server)
		http_server_stop(s->server);
	if (s->toy.stream)
		http_stream_release(s->toy.stream);
	arena_free(s->cx.mem);
	free(s);
	return 0;
}

/* ---- a client ---- */

static int dial(const struct served *s)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)http_server_port(s->server)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval patience = {10, 0};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	size_t n = strlen(text);

	assert_int_equal(send(fd, text, n, MSG_NOSIGNAL), (ssize_t)n);
}

/* Until `last` has come, or the other side closes (NULL). */
static const char *hear(struct served *s, int fd, const char *last)
{
	char *all = arena_alloc(s->cx.mem, 1 << 20);
	size_t n = 0;
	ssize_t got = 1;

	while (got > 0 && !(last && strstr(all, last))) {
		got = recv(fd, all + n, ((size_t)1 << 20) - 1 - n, 0);
		n += got > 0 ? (size_t)got : 0;
		all[n] = '\0';
	}
	if (!last)
		close(fd);
	return all;
}

static const char *ask(struct served *s, const char *head)
{
	int fd = dial(s);

	say(fd, head);
	say(fd, "Host: x\r\nConnection: close\r\n\r\n");
	return hear(s, fd, NULL);
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in: %s", part, text);
}

static struct http_stream *stream_of(struct served *s)
{
	for (int i = 0; i < 1000 && !s->toy.stream; i++)
		usleep(10000);
	assert_non_null(s->toy.stream);
	return s->toy.stream;
}

/* ---- streams ---- */

static void a_stream_goes_on_and_holds_no_worker(void **state)
{
	struct served *s = *state;
	int fd = dial(s);
	const char *head;

	say(fd, "GET /api/stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	head = hear(s, fd, "data: 1\n\n");
	has(head, "200 OK");
	has(head, "Content-Type: text/event-stream");
	has(head, "Cache-Control: no-store");
	/* There is one worker, and it answers. */
	has(ask(s, "GET /api/file HTTP/1.1\r\n"), "0123456789");
	for (int i = 0; i < 50; i++) {
		assert_true(http_stream_write(stream_of(s), STR("data: again\n\n")));
		if (i % 10 == 0)
			usleep(5000);
	}
	assert_true(http_stream_write(stream_of(s), STR("data: last\n\n")));
	has(hear(s, fd, "data: last\n\n"), "data: again\n\n");
	assert_true(http_stream_write(stream_of(s), STR("data: farewell\n\n")));
	http_stream_end(stream_of(s));
	has(hear(s, fd, NULL), "data: farewell\n\n");
	assert_false(http_stream_write(stream_of(s), STR("data: too late\n\n")));
}

static void who_has_gone_is_noticed(void **state)
{
	struct served *s = *state;
	int fd = dial(s), i = 0;

	say(fd, "GET /api/stream HTTP/1.1\r\nHost: x\r\n\r\n");
	(void)hear(s, fd, "data: 1\n\n");
	close(fd);
	while (i < 500 && http_stream_write(stream_of(s), STR(":\n\n"))) {
		usleep(10000);
		i++;
	}
	assert_in_range(i, 0, 499);
}

static void who_does_not_read_is_left(void **state)
{
	struct served *s = *state;
	int fd = dial(s);
	char block[8192];
	size_t sent = 0;

	memset(block, 'x', sizeof block);
	say(fd, "GET /api/stream HTTP/1.1\r\nHost: x\r\n\r\n");
	while (sent < (size_t)64 << 20 &&
		http_stream_write(stream_of(s), (struct str){block, sizeof block}))
		sent += sizeof block;
	assert_in_range(sent, (size_t)200 << 10, (size_t)32 << 20);
	close(fd);
}

static void streams_end_with_the_server(void **state)
{
	struct served *s = *state;
	int fds[8];

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		s->toy.stream = NULL;
		fds[i] = dial(s);
		say(fds[i], "GET /api/stream HTTP/1.1\r\nHost: x\r\n\r\n");
		(void)hear(s, fds[i], "data: 1\n\n");
		if (i + 1 < ARRAY_LEN(fds)) /* the last one stays open to be written to */
			http_stream_release(stream_of(s));
	}
	http_server_stop(s->server);
	s->server = NULL;
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		has(hear(s, fds[i], NULL), "0\r\n\r\n");
	assert_false(http_stream_write(stream_of(s), STR(":\n\n")));
}

static void a_refusal_drops_the_stream(void **state)
{
	struct served *s = *state;

	has(ask(s, "GET /api/none HTTP/1.1\r\n"), "HTTP/1.1 404");
	has(ask(s, "HEAD /api/stream HTTP/1.1\r\n"), "HTTP/1.1 200");
}

/* ---- ranges ---- */

static void a_range_is_of_the_version_it_was_begun_with(void **state)
{
	static const struct {
		const char *headers, *status, *body, *why;
	} cases[] = {
		{"Range: bytes=3-5\r\n", "206", "\r\n\r\n345", "a part"},
		{"Range: bytes=3-99\r\n", "206", "\r\n\r\n3456789", "to the end at most"},
		{"Range: bytes=-99\r\n", "206", "\r\n\r\n0123456789", "the last 99 of 10"},
		{"Range: bytes=0-0\r\n", "206", "\r\n\r\n0", "one byte"},
		{"Range: bytes=10-\r\n", "416", "bytes */10", "behind the end"},
		{"Range: bytes=9-2\r\n", "200", "\r\n\r\n0123456789", "no range"},
		{"Range: bytes=x-2\r\n", "200", "\r\n\r\n0123456789", "no numbers"},
		{"Range: bytes=0-1,4-5\r\n", "200", "\r\n\r\n0123456789", "several"},
		{"Range: lines=0-1\r\n", "200", "\r\n\r\n0123456789", "another unit"},
		{"Range: bytes=3-5\r\nIf-Range: \"7\"\r\n", "206", "\r\n\r\n345", "the same"},
		{"Range: bytes=3-5\r\nIf-Range: \"6\"\r\n", "200", "\r\n\r\n0123456789", "another"},
		{"Range: bytes=3-5\r\nIf-Range: W/\"7\"\r\n", "200", "\r\n\r\n0123456789", "weak"},
		{"If-None-Match: \"7\"\r\n", "304", "ETag: \"7\"", "known already"},
	};
	struct served *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *r = ask(s,
			arena_printf(s->cx.mem, "GET /api/file HTTP/1.1\r\n%s", cases[i].headers));
		if (strncmp(r + 9, cases[i].status, 3) != 0 || !strstr(r, cases[i].body))
			fail_msg("%s: %s", cases[i].why, r);
	}
}

/* ---- waiting ---- */

static void who_waits_for_a_job_is_sent_away_together(void **state)
{
	struct served *s = *state;
	int fds[6], asked;

	s->toy.is_locked = true;
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = dial(s);
		say(fds[i], i % 2 ? "PUT /api/put HTTP/1.1\r\n" : "PUT /api/alone HTTP/1.1\r\n");
		say(fds[i], "Host: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx");
	}
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		const char *r = hear(s, fds[i], NULL);
		has(r, "HTTP/1.1 503");
		has(r, "Retry-After: 1");
	}
	/* The first alone, then all that came meanwhile: not one wait for each. */
	asked = atomic_load(&s->toy.asked);
	assert_in_range(asked, 1, 4);
	has(ask(s, "GET /api/file HTTP/1.1\r\n"), "200 OK");
	s->toy.is_locked = false;
	has(ask(s, "PUT /api/put HTTP/1.1\r\n"), "200 OK");
	has(ask(s, "PUT /api/alone HTTP/1.1\r\n"), "200 OK");
}

static void a_body_that_drips_is_cut(void **state)
{
	struct served *s = *state;
	int fd = dial(s), dripped = 0;

	say(fd, "PUT /api/put HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
	while (dripped < 100 && send(fd, "x", 1, MSG_NOSIGNAL) == 1) {
		dripped++;
		usleep(100000);
	}
	close(fd);
	assert_in_range(dripped, 5, 60);
	has(ask(s, "PUT /api/put HTTP/1.1\r\n"), "200 OK");
}

int main(void)
{
#define SERVED(name) cmocka_unit_test_setup_teardown(name, serve, stop)
	const struct CMUnitTest tests[] = {
		SERVED(a_stream_goes_on_and_holds_no_worker),
		SERVED(who_has_gone_is_noticed),
		SERVED(who_does_not_read_is_left),
		SERVED(streams_end_with_the_server),
		SERVED(a_refusal_drops_the_stream),
		SERVED(a_range_is_of_the_version_it_was_begun_with),
		SERVED(who_waits_for_a_job_is_sent_away_together),
		SERVED(a_body_that_drips_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
