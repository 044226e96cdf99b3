/* HTTP: JSON that comes in, shapes, routes, problems, pages, and the server over real sockets. */
#include "base/date.h"
#include "http/openapi.h"
#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct ctx context(void)
{
	return (struct ctx){.mem = arena_create(), .now_us = 1, .is_english = true};
}

/* ---- JSON in ---- */

static void json_keeps_numbers_as_they_are_written(void **state)
{
	struct ctx cx = context();
	struct json_node *node;

	(void)state;
	assert_int_equal(
		json_parse(&cx, STR(" {\"a\": [1.50, -0, 1e3], \"b\": null} "), &node), ERR_OK);
	assert_string_equal(json_get(node, "a")->first->text.p, "1.50");
	assert_int_equal(json_get(node, "b")->kind, JSON_NULL);
	assert_null(json_get(node, "c"));
	arena_free(cx.mem);
}

static void json_unescapes_text(void **state)
{
	struct ctx cx = context();
	struct json_node *node;

	(void)state;
	assert_int_equal(json_parse(&cx, STR("\"\\u6811\\n\\ud83d\\ude00\\\"\""), &node), ERR_OK);
	assert_true(str_is(node->text, "树\n😀\""));
	arena_free(cx.mem);
}

static void json_refuses_what_is_no_json(void **state)
{
	static const char *const bad[] = {"", "{", "[1,]", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "01",
		"1.", "1e", "+1", "tru", "\"a", "\"\\x\"", "\"\\ud800\"", "\"\\u0000\"", "\"\n\"",
		"{\"a\":1,\"a\":2}", "1 2", "{a:1}", "\xff", "\"\\u12\"", "[\"\\"};
	struct ctx cx = context();
	struct json_node *node;
	struct strbuf deep;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (json_parse(&cx, str_from(bad[i]), &node) != ERR_INVALID)
			fail_msg("was taken: %s", bad[i]);
	strbuf_init(&deep, 1000);
	for (int i = 0; i < 40; i++)
		strbuf_char(&deep, '[');
	assert_int_equal(json_parse(&cx, strbuf_view(&deep), &node), ERR_INVALID);
	strbuf_release(&deep);
	assert_int_equal(json_parse(&cx, STR("{\"a\":\n 1x}"), &node), ERR_INVALID);
	assert_true(str_starts(cx.error, "JSON line 2 column 3"));
	arena_free(cx.mem);
}

struct pet {
	struct str name;
	int64_t age;
	bool is_tame;
	struct json_texts tags;
};
static const char *const names[] = {"cat", "dog", NULL};
static const struct json_field pet_fields[] = {IN_WITH(pet, name, JT_TEXT, .choices = names),
	IN_WITH(pet, age, JT_I64, .min = 0, .max = 30),
	IN_WITH(pet, is_tame, JT_BOOL, .is_optional = true),
	IN_WITH(pet, tags, JT_TEXTS, .is_optional = true, .is_nullable = true)};
static const struct json_shape pet_shape = JSON_SHAPE("pet", sizeof(struct pet), pet_fields);
struct zoo {
	struct json_items pets;
};
static const struct json_field zoo_fields[] = {IN_WITH(zoo, pets, JT_LIST, .of = &pet_shape)};
static const struct json_shape zoo_shape = JSON_SHAPE("zoo", sizeof(struct zoo), zoo_fields);

static void a_shape_reads_an_object(void **state)
{
	struct ctx cx = context();
	struct json_faults faults = {0};
	struct json_node *node;
	struct zoo zoo = {0};
	struct pet *pet;

	(void)state;
	assert_int_equal(
		json_parse(&cx,
			STR("{\"pets\":[{\"name\":\"cat\",\"age\":3,\"tags\":[\"a\",\"b\"],"
			    "\"is_tame\":true}]}"),
			&node),
		ERR_OK);
	json_shape_read(&cx, &zoo_shape, node, &zoo, &faults);
	assert_int_equal(faults.list.count, 0);
	assert_int_equal(zoo.pets.count, 1);
	pet = zoo.pets.items;
	assert_true(str_is(pet->name, "cat") && pet->age == 3 && pet->is_tame);
	assert_int_equal(pet->tags.count, 2);
	arena_free(cx.mem);
}

static void a_shape_names_every_fault_by_its_path(void **state)
{
	static const char *const paths[] = {"/pets/0/agee", "/pets/0/name", "/pets/0/age",
		"/pets/1", "/pets/2/name", "/pets/2/age"};
	struct ctx cx = context();
	struct json_faults faults = {0};
	struct json_node *node;
	struct zoo zoo = {0};

	(void)state;
	assert_int_equal(json_parse(&cx,
				 STR("{\"pets\":[{\"name\":\"cow\",\"agee\":1},7,"
				     "{\"name\":null,\"age\":31}]}"),
				 &node),
		ERR_OK);
	json_shape_read(&cx, &zoo_shape, node, &zoo, &faults);
	assert_int_equal(faults.list.count, ARRAY_LEN(paths));
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		assert_true(str_is(faults.list.items[i].path, paths[i]));
	assert_non_null(strstr(faults.list.items[0].text.p, "did you mean age?"));
	arena_free(cx.mem);
}

/* ---- a small application ---- */

struct toy {
	atomic_int opened, closed, commits, steps, kept;
	atomic_bool fails_commit, is_slow;
	int writes_lost; /* of the writer alone */
};

static enum err toy_open(struct ctx *cx, void *arg, bool is_writer, void **out)
{
	struct toy *toy = arg;

	(void)cx;
	(void)is_writer;
	toy->opened++;
	*out = toy;
	return ERR_OK;
}
static void toy_close(void *thread)
{
	((struct toy *)thread)->closed++;
}
static enum err toy_authorize(struct http_call *call)
{
	if (!call->route->on || str_is(http_header(call, "Authorization"), "Bearer good"))
		return ERR_OK;
	return http_refuse(call, 401, "sign-in", "sign in first");
}
static enum err toy_begin(struct ctx *cx, void *thread)
{
	(void)cx;
	(void)thread;
	return ERR_OK;
}
static void toy_end(void *thread)
{
	(void)thread;
}
static enum err toy_commit(struct ctx *cx, void *thread)
{
	struct toy *toy = thread;

	toy->commits++;
	return toy->fails_commit ? ctx_fail(cx, ERR_IO, "the disk is full") : ERR_OK;
}
static enum err toy_step_end(struct ctx *cx, void *thread, bool is_kept)
{
	struct toy *toy = thread;

	(void)cx;
	toy->steps++;
	toy->kept += is_kept;
	return ERR_OK;
}

static enum err get_pet(struct http_call *call)
{
	if (str_is(http_param(call, "name"), "none"))
		return ctx_fail(&call->cx, ERR_NOT_FOUND, "no such pet");
	http_etag(call, 3);
	json_object(&call->json);
	json_key(&call->json, "name");
	json_str(&call->json, http_param(call, "name"));
	json_key(&call->json, "age");
	json_i64(&call->json, http_query_i64(call, "age", 1));
	json_end_object(&call->json);
	return ERR_OK;
}
static enum err special_pet(struct http_call *call)
{
	http_reply_text(call, "text/plain", STR("special"));
	return ERR_OK;
}
static enum err put_pet(struct http_call *call)
{
	const struct pet *pet = call->in;

	TRY(http_if_match(call, 3));
	json_i64(&call->json, pet->age);
	return ERR_OK;
}
static enum err wait_a_little(struct http_call *call)
{
	struct toy *toy = call->thread;

	for (int i = 0; i < 400 && toy->is_slow; i++)
		usleep(10000);
	json_z(&call->json, "waited");
	return ERR_OK;
}
static enum err write_stage(struct http_call *call)
{
	json_z(&call->json, call->then_arg);
	return ERR_OK;
}
static enum err read_then_write(struct http_call *call)
{
	call->then = write_stage;
	call->then_arg = arena_strz(call->cx.mem, "written");
	return ERR_OK;
}
static enum err take_file(struct http_call *call)
{
	json_i64(&call->json, (int64_t)call->body.n);
	return ERR_OK;
}
static enum err give_file(struct http_call *call)
{
	char path[] = "/tmp/http_test.XXXXXX";
	int fd = mkstemp(path);

	unlink(path);
	if (write(fd, "0123456789", 10) != 10)
		return ctx_fail(&call->cx, ERR_IO, "write");
	return http_reply_file(call, fd, "text/plain", STR("表 1.txt"));
}
static enum err big(struct http_call *call)
{
	json_array(&call->json);
	for (int i = 0; i < 1000; i++)
		json_z(&call->json, "the same again");
	json_end_array(&call->json);
	return ERR_OK;
}

static const struct query_field pet_query[] = {
	QUERY_NUMBER("age", 0, 30, "岁数", "the age"), QUERY_END};
static const struct json_field pet_out_fields[] = {OUT("name", JT_TEXT), OUT("age", JT_I64)};
static const struct json_shape pet_out = JSON_SHAPE("pet_out", 0, pet_out_fields);
static const struct route toy_routes[] = {
	{.path = "/api/pets/{name}",
		.query = pet_query,
		.reply = &pet_out,
		.handle = get_pet,
		.zh = "一只",
		.en = "one pet"},
	{.path = "/api/pets/special",
		.media = "text/plain",
		.handle = special_pet,
		.zh = "特别",
		.en = "the special one"},
	{.method = HTTP_PUT,
		.path = "/api/pets/{name}",
		.tx = HTTP_WRITE,
		.body = &pet_shape,
		.handle = put_pet,
		.zh = "改",
		.en = "change"},
	{.path = "/api/slow", .handle = wait_a_little, .zh = "慢", .en = "slow"},
	{.method = HTTP_POST,
		.path = "/api/staged",
		.handle = read_then_write,
		.zh = "分两步",
		.en = "two stages"},
	{.method = HTTP_POST,
		.path = "/api/file",
		.tx = HTTP_WRITE_ALONE,
		.takes_file = true,
		.handle = take_file,
		.zh = "收",
		.en = "takes a file"},
	{.path = "/api/file/{rest*}",
		.media = "text/plain",
		.handle = give_file,
		.zh = "给",
		.en = "gives a file"},
	{.path = "/api/big", .handle = big, .zh = "大", .en = "big"},
	{.path = "/api/secret",
		.on = "secrets",
		.may = "read",
		.handle = big,
		.zh = "密",
		.en = "needs a right"},
	{.path = NULL},
};
static const struct route *const toy_lists[] = {toy_routes, NULL};
static const struct routes toy_table = {toy_lists};

/* ---- routes ---- */

static void a_plain_segment_goes_before_a_parameter(void **state)
{
	struct ctx cx = context();
	struct http_pairs params = {0};
	bool other;

	(void)state;
	assert_ptr_equal(
		route_find(&toy_table, "GET", STR("/api/pets/special"), cx.mem, &params, &other),
		&toy_routes[1]);
	assert_ptr_equal(
		route_find(&toy_table, "HEAD", STR("/api/pets/tom"), cx.mem, &params, &other),
		&toy_routes[0]);
	assert_int_equal(params.list.count, 1);
	assert_true(str_is(params.list.items[0].value, "tom"));
	arena_free(cx.mem);
}

static void a_path_matches_whole_or_not_at_all(void **state)
{
	static const char *const none[] = {"/api/pets", "/api/pets/", "/api/pets/a/b",
		"/api/pets/a/", "api/pets/a", "/api", "", "/", "/api/file/", "//api/pets/a"};
	struct ctx cx = context();
	struct http_pairs params = {0};
	bool other;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		if (route_find(&toy_table, "GET", str_from(none[i]), cx.mem, &params, &other))
			fail_msg("matched: %s", none[i]);
	assert_null(route_find(&toy_table, "DELETE", STR("/api/pets/a"), cx.mem, &params, &other));
	assert_true(other);
	assert_ptr_equal(
		route_find(&toy_table, "GET", STR("/api/file/a/b.yaml"), cx.mem, &params, &other),
		&toy_routes[6]);
	assert_true(str_is(params.list.items[0].value, "a/b.yaml"));
	assert_true(str_is(params.list.items[0].name, "rest"));
	arena_free(cx.mem);
}

static void the_description_names_every_route_and_shape(void **state)
{
	struct ctx cx = context();
	struct json_node *node;
	const struct json_node *paths, *op;
	struct strbuf b;

	(void)state;
	strbuf_init(&b, STRBUF_MAX);
	openapi_write(&toy_table, "1", &b);
	assert_int_equal(json_parse(&cx, strbuf_view(&b), &node), ERR_OK);
	paths = json_get(node, "paths");
	assert_non_null(json_get(json_get(paths, "/api/pets/{name}"), "put"));
	assert_non_null(json_get(paths, "/api/file/{rest}"));
	op = json_get(json_get(paths, "/api/pets/{name}"), "get");
	assert_non_null(json_get(json_get(op, "responses"), "200"));
	assert_non_null(json_get(json_get(json_get(node, "components"), "schemas"), "pet_out"));
	strbuf_release(&b);
	arena_free(cx.mem);
}

/* ---- the server ---- */

struct served {
	struct ctx cx;
	struct toy toy;
	struct http_pages pages;
	struct http_app app;
	struct http_config config;
	struct http_server *server;
};

static int start(void **state, void (*adjust)(struct http_config *))
{
	struct served *s = calloc(1, sizeof *s);

	s->cx = context();
	pages_init(&s->pages, s->cx.mem);
	if (pages_add(&s->cx, &s->pages, STR("/index.html"), STR("<html>page</html>"),
		    "text/html; charset=utf-8", "no-cache") != ERR_OK)
		return -1;
	s->app = (struct http_app){.arg = &s->toy,
		.routes = &toy_table,
		.pages = &s->pages,
		.thread_open = toy_open,
		.thread_close = toy_close,
		.prepare = toy_begin,
		.authorize = toy_authorize,
		.read_begin = toy_begin,
		.read_end = toy_end,
		.group_begin = toy_begin,
		.group_commit = toy_commit,
		.group_rollback = toy_end,
		.step_begin = toy_begin,
		.step_end = toy_step_end};
	s->config = http_config_default;
	s->config.port = 0;
	s->config.workers = 2;
	if (adjust)
		adjust(&s->config);
	*state = s;
	return http_server_start(&s->cx, &s->config, &s->app, &s->server) == ERR_OK ? 0 : -1;
}

static int serve(void **state)
{
	return start(state, NULL);
}
static void hasty(struct http_config *config)
{
	config->header_deadline_s = 1;
}
static int serve_hasty(void **state)
{
	return start(state, hasty);
}
static void narrow(struct http_config *config)
{
	config->workers = 1;
	config->read_queue_max = 1;
}
static int serve_narrow(void **state)
{
	return start(state, narrow);
}

static int stop(void **state)
{
	struct served *s = *state;
	int bad;

	s->toy.is_slow = false;
	if (s->server)
		http_server_stop(s->server);
	bad = s->toy.opened != s->toy.closed;
	arena_free(s->cx.mem);
	free(s);
	return bad ? -1 : 0;
}

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

/* Until the other side closes. */
static struct str hear(struct served *s, int fd)
{
	struct strbuf b;
	struct str all;
	char part[4096];
	ssize_t n;

	strbuf_init(&b, STRBUF_MAX);
	while ((n = recv(fd, part, sizeof part, 0)) > 0)
		strbuf_add(&b, part, (size_t)n);
	all = str_copy(s->cx.mem, strbuf_view(&b));
	strbuf_release(&b);
	close(fd);
	return all;
}

static struct str ask(struct served *s, const char *head, const char *body)
{
	int fd = dial(s);

	say(fd, head);
	say(fd, "Host: x\r\nConnection: close\r\n");
	if (body[0])
		say(fd, arena_printf(s->cx.mem, "Content-Length: %zu\r\n", strlen(body)));
	say(fd, "\r\n");
	say(fd, body);
	return hear(s, fd);
}

static bool has(struct str text, const char *part)
{
	return str_find(text, str_from(part)) != SIZE_MAX;
}
#define HAS(text, part)                                                                            \
	do {                                                                                       \
		struct str has_ = (text);                                                          \
		if (!has(has_, part))                                                              \
			fail_msg("'%s' is not in: %s", part, has_.p);                              \
	} while (0)

static void the_server_answers_and_checks(void **state)
{
	struct served *s = *state;
	struct str r = ask(s, "GET /api/pets/tom?age=4 HTTP/1.1\r\n", "");

	HAS(r, "HTTP/1.1 200 OK");
	HAS(r, "{\"name\":\"tom\",\"age\":4}");
	HAS(r, "ETag: \"3\"");
	HAS(r, "X-Content-Type-Options: nosniff");
	HAS(ask(s, "GET /api/pets/tom HTTP/1.1\r\nIf-None-Match: \"3\"\r\n", ""), "HTTP/1.1 304");
	r = ask(s, "GET /api/pets/tom?age=x&q=1&lang=en HTTP/1.1\r\n", "");
	HAS(r, "HTTP/1.1 400");
	HAS(r, "application/problem+json");
	HAS(r, "{\"path\":\"?age\",\"detail\":\"should be an integer from 0 to 30\"}");
	HAS(r, "{\"path\":\"?q\",\"detail\":\"unknown parameter\"}");
	HAS(ask(s, "GET /api/pets/none HTTP/1.1\r\n", ""), "\"type\":\"/problems/not-found\"");
	HAS(ask(s, "DELETE /api/pets/tom HTTP/1.1\r\n", ""), "HTTP/1.1 405");
	HAS(ask(s, "GET /api/nothing.x HTTP/1.1\r\n", ""), "HTTP/1.1 404");
	HAS(ask(s, "GET /api/secret HTTP/1.1\r\n", ""), "HTTP/1.1 401");
	HAS(ask(s, "GET /api/secret HTTP/1.1\r\nAuthorization: Bearer good\r\n", ""), "200 OK");
	HAS(ask(s, "GET /api/pets/%ff HTTP/1.1\r\n", ""), "HTTP/1.1 400");
	HAS(ask(s, "GET /api/pets/none HTTP/1.1\r\nAccept-Language: en\r\n", ""), "Not found");
}

static void changes_need_the_version_and_the_shape(void **state)
{
	struct served *s = *state;
#define PUT "PUT /api/pets/a HTTP/1.1\r\nContent-Type: application/json\r\nAccept-Language: en\r\n"
	HAS(ask(s, PUT, "{\"name\":\"cat\",\"age\":7}"), "HTTP/1.1 428");
	HAS(ask(s, PUT "If-Match: \"2\"\r\n", "{\"name\":\"cat\",\"age\":7}"), "HTTP/1.1 412");
	HAS(ask(s, PUT "If-Match: \"3\"\r\n", "{\"name\":\"cat\",\"age\":7}"), "\r\n\r\n7");
	HAS(ask(s, PUT "If-Match: \"3\"\r\n", "{\"age\":7}"),
		"{\"path\":\"/name\",\"detail\":\"is missing\"}");
	HAS(ask(s, PUT "If-Match: \"3\"\r\n", "{\"age\":7"), "JSON line 1 column");
	HAS(ask(s, "PUT /api/pets/a HTTP/1.1\r\n", "{}"), "HTTP/1.1 415");
	assert_int_equal(s->toy.kept, 1);
	assert_int_equal(s->toy.steps, 6);
}

static void a_failed_commit_is_no_good_reply(void **state)
{
	struct served *s = *state;
	struct str r;

	s->toy.fails_commit = true;
	r = ask(s, PUT "If-Match: \"3\"\r\n", "{\"name\":\"cat\",\"age\":7}");
	HAS(r, "HTTP/1.1 500");
	assert_false(has(r, "the disk is full")); /* for the log, not for the client */
	HAS(ask(s, "POST /api/staged HTTP/1.1\r\n", ""), "HTTP/1.1 500");
	s->toy.fails_commit = false;
	HAS(ask(s, "POST /api/staged HTTP/1.1\r\n", ""), "\"written\"");
}

static void bodies_have_a_limit(void **state)
{
	struct served *s = *state;
	int fd = dial(s);
	char *chunk = arena_alloc(s->cx.mem, 65536 + 1);

	HAS(ask(s, "PUT /api/pets/a HTTP/1.1\r\nContent-Length: 2000000\r\n", ""), "HTTP/1.1 413");
	HAS(ask(s, "GET /api/big HTTP/1.1\r\n", "body"), "HTTP/1.1 413");
	/* Chunked: nobody says how much will come. */
	memset(chunk, ' ', 65536);
	say(fd, "PUT /api/pets/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
		"Transfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 20; i++) {
		say(fd, "10000\r\n");
		say(fd, chunk);
		say(fd, "\r\n");
	}
	say(fd, "0\r\n\r\n");
	HAS(hear(s, fd), "HTTP/1.1 413");
	HAS(ask(s, "POST /api/file HTTP/1.1\r\n", chunk), "65536");
}

static void files_are_sent_whole_or_in_ranges(void **state)
{
	struct served *s = *state;
	struct str r = ask(s, "GET /api/file/a HTTP/1.1\r\n", "");

	HAS(r, "\r\n\r\n0123456789");
	HAS(r, "attachment; filename*=UTF-8''%E8%A1%A8%201.txt");
	r = ask(s, "GET /api/file/a HTTP/1.1\r\nRange: bytes=3-5\r\n", "");
	HAS(r, "HTTP/1.1 206");
	HAS(r, "Content-Range: bytes 3-5/10");
	HAS(r, "\r\n\r\n345");
	HAS(ask(s, "GET /api/file/a HTTP/1.1\r\nRange: bytes=-2\r\n", ""), "\r\n\r\n89");
	HAS(ask(s, "GET /api/file/a HTTP/1.1\r\nRange: bytes=10-\r\n", ""), "HTTP/1.1 416");
}

static void large_replies_are_packed_for_those_who_can_unpack(void **state)
{
	struct served *s = *state;
	struct str plain = ask(s, "GET /api/big HTTP/1.1\r\n", "");
	struct str packed = ask(s, "GET /api/big HTTP/1.1\r\nAccept-Encoding: gzip\r\n", "");

	HAS(packed, "Content-Encoding: gzip");
	assert_true(packed.n * 5 < plain.n);
}

static void pages_come_from_memory(void **state)
{
	struct served *s = *state;
	struct str r = ask(s, "GET /ledgers/x HTTP/1.1\r\n", "");

	HAS(r, "<html>page</html>");
	HAS(r, "Content-Security-Policy: default-src 'self'");
	HAS(ask(s, "GET /../etc/passwd.txt HTTP/1.1\r\n", ""), "HTTP/1.1 404");
	HAS(ask(s, "GET /healthz HTTP/1.1\r\n", ""), "\r\n\r\nok");
	HAS(ask(s, "GET /metrics HTTP/1.1\r\n", ""), "shuren_http_requests_total{class=\"2xx\"} 2");
}

static void one_connection_serves_many_requests(void **state)
{
	struct served *s = *state;
	int fd = dial(s);

	for (int i = 0; i < 12; i++) {
		static const char *const paths[] = {
			"/api/pets/tom", "/healthz", "/page", "/api/nothing.x"};
		char part[2048];
		ssize_t n;
		say(fd, arena_printf(
				s->cx.mem, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", paths[i % 4]));
		n = recv(fd, part, sizeof part - 1, 0);
		assert_true(n > 0);
		part[n] = '\0';
		assert_non_null(strstr(part, i % 4 == 3 ? "404 Not Found" : "200 OK"));
	}
	close(fd);
}

static void too_many_calls_are_sent_away_not_queued(void **state)
{
	struct served *s = *state;
	int busy, waiting;

	s->toy.is_slow = true;
	busy = dial(s);
	say(busy, "GET /api/slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	usleep(200000);
	waiting = dial(s);
	say(waiting, "GET /api/slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	usleep(200000);
	HAS(ask(s, "GET /api/slow HTTP/1.1\r\n", ""), "HTTP/1.1 503");
	HAS(ask(s, "GET /api/slow HTTP/1.1\r\n", ""), "Retry-After: 1");
	HAS(ask(s, "GET /healthz HTTP/1.1\r\n", ""), "200 OK");
	s->toy.is_slow = false;
	HAS(hear(s, busy), "\"waited\"");
	HAS(hear(s, waiting), "\"waited\"");
}

static void a_client_that_drips_is_cut(void **state)
{
	struct served *s = *state;
	int fd = dial(s);
	char c;
	int dripped = 0;

	for (; dripped < 50; dripped++) {
		if (send(fd, "G", 1, MSG_NOSIGNAL) != 1 || (recv(fd, &c, 1, MSG_DONTWAIT) == 0))
			break;
		usleep(100000);
	}
	close(fd);
	assert_in_range(dripped, 5, 30);
	HAS(ask(s, "GET /api/pets/a HTTP/1.1\r\n", ""), "200 OK");
}

static void a_stop_answers_what_is_in(void **state)
{
	struct served *s = *state;
	int fd = dial(s);
	struct http_server *server = s->server;

	s->toy.is_slow = true;
	say(fd, "GET /api/slow HTTP/1.1\r\nHost: x\r\n\r\n");
	usleep(100000);
	s->toy.is_slow = false;
	http_server_stop(server);
	s->server = NULL;
	HAS(hear(s, fd), "\"waited\"");
}

int main(void)
{
#define SERVED(name) cmocka_unit_test_setup_teardown(name, serve, stop)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_keeps_numbers_as_they_are_written),
		cmocka_unit_test(json_unescapes_text),
		cmocka_unit_test(json_refuses_what_is_no_json),
		cmocka_unit_test(a_shape_reads_an_object),
		cmocka_unit_test(a_shape_names_every_fault_by_its_path),
		cmocka_unit_test(a_plain_segment_goes_before_a_parameter),
		cmocka_unit_test(a_path_matches_whole_or_not_at_all),
		cmocka_unit_test(the_description_names_every_route_and_shape),
		SERVED(the_server_answers_and_checks),
		SERVED(changes_need_the_version_and_the_shape),
		SERVED(a_failed_commit_is_no_good_reply),
		SERVED(bodies_have_a_limit),
		SERVED(files_are_sent_whole_or_in_ranges),
		SERVED(large_replies_are_packed_for_those_who_can_unpack),
		SERVED(pages_come_from_memory),
		SERVED(one_connection_serves_many_requests),
		cmocka_unit_test_setup_teardown(
			too_many_calls_are_sent_away_not_queued, serve_narrow, stop),
		cmocka_unit_test_setup_teardown(a_client_that_drips_is_cut, serve_hasty, stop),
		SERVED(a_stop_answers_what_is_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
