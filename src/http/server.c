#include "http/server_internal.h"

#include "base/date.h"
#include "base/map.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADERS_MAX 100

const struct http_config http_config_default = {
	.address = "127.0.0.1",
	.port = 8080,
	.workers = 4,
	.io_threads = 2,
	.read_queue_max = 512,
	.write_queue_max = 512,
	.group_max = 64,
	.connections_max = 2000,
	.header_deadline_s = 15,
	.body_deadline_s = 120,
	.idle_s = 75,
	.queue_deadline_s = 15,
	.stop_wait_s = 15,
};

static struct conn *conn_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

/* ---- a request comes in ---- */

static struct job *job_new(struct http_server *s, struct MHD_Connection *c, const char *method)
{
	struct arena *mem = arena_create();
	struct job *job = arena_new(mem, struct job);
	uint64_t id = hash_i64(atomic_fetch_add(&s->next_id, 1) ^ s->id_seed);

	job->server = s;
	job->connection = c;
	job->started_us = monotonic_us();
	job->method = str_copy(mem, str_from(method));
	job->is_head = strcmp(method, "HEAD") == 0;
	job->call.cx = (struct ctx){.mem = mem, .now_us = clock_us()};
	job->call.reply.fd = -1;
	strbuf_init(&job->call.reply.body, STRBUF_MAX);
	strbuf_init(&job->body, HTTP_FILE_MAX);
	snprintf(job->call.id, sizeof job->call.id, "%016" PRIx64, id);
	return job;
}

struct taking {
	struct arena *mem;
	struct http_pairs *to;
	bool is_bad;
};

static enum MHD_Result take_pair(void *cls, enum MHD_ValueKind kind, const char *key,
	size_t key_size, const char *value, size_t value_size)
{
	struct taking *t = cls;
	struct http_pair pair = {str_copy(t->mem, (struct str){key, key_size}),
		value ? str_copy(t->mem, (struct str){value, value_size}) : STR("")};

	(void)kind;
	if (!utf8_check(pair.name) || !utf8_check(pair.value) || t->to->list.count >= HEADERS_MAX) {
		t->is_bad = true;
		return MHD_NO;
	}
	*VEC_PUSH(t->mem, &t->to->list) = pair;
	return MHD_YES;
}

static bool take_pairs(struct job *job, enum MHD_ValueKind kind, struct http_pairs *to)
{
	struct taking t = {job->call.cx.mem, to, false};

	MHD_get_connection_values_n(job->connection, kind, take_pair, &t);
	return !t.is_bad;
}

static bool take_head(struct job *job, const char *url)
{
	struct http_call *call = &job->call;

	call->path = str_copy(call->cx.mem, str_from(url));
	if (!utf8_check(call->path) || !take_pairs(job, MHD_HEADER_KIND, &call->headers) ||
		!take_pairs(job, MHD_GET_ARGUMENT_KIND, &call->query) ||
		!take_pairs(job, MHD_COOKIE_KIND, &call->cookies))
		return false;
	call->cx.is_english = str_starts(http_header(call, "Accept-Language"), "en") ||
			      http_query_is(call, "lang", "en");
	call->is_secure = str_is(http_header(call, "X-Forwarded-Proto"), "https");
	return true;
}

static int64_t announced_bytes(const struct job *job)
{
	struct str text = http_header(&job->call, "Content-Length");
	int64_t n = 0;

	if (http_header(&job->call, "Transfer-Encoding").n)
		return INT64_MAX - 1; /* nobody knows how many */
	if (text.n && parse_i64(text, 0, INT64_MAX, &n) != NUM_OK)
		return INT64_MAX;
	return n;
}

/*
 * The answer is there before any thread has seen the call. A reply in the handler's first call
 * ends the connection, which is right only when a body is still to come that nobody wants.
 */
static enum MHD_Result answer_here(struct job *job)
{
	bool is_first = job->state == JOB_TAKING && !job->has_begun;

	job->state = JOB_ANSWERED;
	if (is_first && announced_bytes(job) == 0)
		return MHD_YES;
	return job->page ? send_page(job) : send_reply(job);
}

static enum MHD_Result refuse(struct job *job, int status, const char *slug, const char *why)
{
	enum err e = http_refuse(&job->call, status, slug, "%s", why);

	problem_write(&job->call, e);
	return answer_here(job);
}

/* Things that need neither a queue nor a thread. */
static bool serve_here(struct job *job)
{
	const struct http_pages *pages = job->server->app->pages;
	bool is_get = job->is_head || str_is(job->method, "GET");

	if (is_get && str_is(job->call.path, "/healthz")) {
		http_reply_text(&job->call, "text/plain", STR("ok\n"));
		job->call.reply.status = 200;
		return true;
	}
	if (is_get && str_is(job->call.path, "/metrics")) {
		metrics_write(job->server, &job->call.reply.body);
		job->call.reply.type = "text/plain; version=0.0.4";
		job->call.reply.status = 200;
		return true;
	}
	job->page = is_get && pages && !str_starts(job->call.path, "/api/")
			    ? pages_find(pages, job->call.path)
			    : NULL;
	return job->page != NULL;
}

static enum MHD_Result first_step(struct job *job, const char *url)
{
	struct http_call *call = &job->call;
	bool has_other = false;

	conns_phase(&job->server->conns, conn_of(job->connection), CONN_BODY);
	if (!take_head(job, url))
		return refuse(job, 400, "invalid",
			"headers, path or query: not UTF-8, or too many / 不是 UTF-8 或太多");
	call->route = route_find(job->server->app->routes, job->method.p, call->path, call->cx.mem,
		&call->params, &has_other);
	if (!call->route && !has_other && serve_here(job))
		return answer_here(job);
	if (!call->route)
		return has_other ? refuse(job, 405, "method",
					   TR(&call->cx, "这个路径没有这种方法",
						   "the path does not have this method"))
				 : refuse(job, 404, "not-found",
					   TR(&call->cx, "没有这个路径", "there is no such path"));
	job->tx = call->route->tx;
	job->body_max = call->route->takes_file ? HTTP_FILE_MAX
			: call->route->body     ? HTTP_BODY_MAX
						: 0;
	if (!http_header(&job->call, "Transfer-Encoding").n &&
		announced_bytes(job) > (int64_t)job->body_max)
		return refuse(job, 413, "too-large",
			arena_printf(call->cx.mem,
				TR(&call->cx, "请求体最多 %zu 字节", "the body may have %zu bytes"),
				job->body_max));
	return MHD_YES;
}

/* A body without Content-Length is counted as it comes. Somewhat more is read and dropped, so
 * that the client gets its answer; then the connection is cut. */
static enum MHD_Result take_body(struct job *job, const char *data, size_t *size)
{
	if (job->body.n + *size > job->body_max) {
		if (job->is_overlong && job->sent_bytes > ((size_t)1 << 20))
			return MHD_NO;
		job->is_overlong = true;
		job->sent_bytes += *size;
	} else if (!job->is_overlong) {
		strbuf_add(&job->body, data, *size);
	}
	*size = 0;
	return MHD_YES;
}

static enum MHD_Result dispatch(struct job *job)
{
	struct http_server *s = job->server;
	struct queue *q =
		job->tx == HTTP_READ || job->tx == HTTP_READ_ALONE ? &s->reads : &s->writes;

	job->sent_bytes = 0;
	if (job->is_overlong)
		return refuse(job, 413, "too-large",
			TR(&job->call.cx, "请求体太大", "the body is too large"));
	job->call.body = strbuf_view(&job->body);
	job->state = JOB_QUEUED;
	job->queued_us = monotonic_us();
	conns_phase(&s->conns, conn_of(job->connection), CONN_BUSY);
	/* Suspended first: the answer may come before this function returns. */
	MHD_suspend_connection(job->connection);
	job->in_flight = true;
	atomic_fetch_add(&s->in_flight, 1);
	if (queue_put(q, job, false))
		return MHD_YES;
	atomic_fetch_add(&s->metrics.refused, 1);
	problem_write(&job->call, ctx_fail(&job->call.cx, ERR_BUSY, "%s",
					  TR(&job->call.cx, "请求太多, 请稍后再试",
						  "too many requests: try again in a moment")));
	job_answer(job);
	return MHD_YES;
}

void job_answer(struct job *job)
{
	job->state = JOB_ANSWERED;
	MHD_resume_connection(job->connection);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url,
	const char *method, const char *version, const char *data, size_t *size, void **con_cls)
{
	struct job *job = *con_cls;

	(void)version;
	if (!job) {
		*con_cls = job = job_new(cls, c, method);
		return first_step(job, url);
	}
	job->has_begun = true;
	if (job->state == JOB_ANSWERED)
		return job->page ? send_page(job) : send_reply(job);
	if (*size)
		return take_body(job, data, size);
	return dispatch(job);
}

/* ---- a request ends ---- */

/* One line; the route's pattern stands for the path: codes and names stay out of the log. */
static void log_call(const struct job *job, int64_t us)
{
	const struct http_server *s = job->server;
	const struct route *r = job->call.route;
	struct strbuf at;

	if (!s->config.log)
		return;
	strbuf_init(&at, 64);
	strbuf_instant(&at, job->call.cx.now_us);
	fprintf(s->config.log,
		"time=%s event=request id=%s method=%s route=%s status=%d ms=%.1f "
		"bytes=%zu%s" STR_FMT "%s\n",
		at.p, job->call.id, job->method.p,
		r           ? r->path
		: job->page ? "page"
			    : "-",
		job->call.reply.status, (double)us / 1000, job->sent_bytes,
		job->call.reply.status >= 500 ? " cause=\"" : "",
		STR_ARG(job->call.reply.status >= 500 ? job->call.cx.error : STR_NONE),
		job->call.reply.status >= 500 ? "\"" : "");
	strbuf_release(&at);
}

static void on_completed(
	void *cls, struct MHD_Connection *c, void **con_cls, enum MHD_RequestTerminationCode why)
{
	struct http_server *s = cls;
	struct job *job = *con_cls;
	int64_t us;

	(void)why;
	if (!job)
		return;
	us = monotonic_us() - job->started_us;
	conns_phase(&s->conns, conn_of(c), CONN_HEAD);
	metrics_count(&s->metrics, job->call.reply.status, us, job->sent_bytes);
	log_call(job, us);
	if (job->in_flight)
		atomic_fetch_sub(&s->in_flight, 1);
	strbuf_release(&job->body);
	http_reply_release(&job->call.reply);
	*con_cls = NULL;
	arena_free(job->call.cx.mem);
}

static void on_connection(void *cls, struct MHD_Connection *c, void **context,
	enum MHD_ConnectionNotificationCode code)
{
	struct http_server *s = cls;
	const union MHD_ConnectionInfo *info;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		conns_remove(&s->conns, *context);
		*context = NULL;
		return;
	}
	info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	*context = info ? conns_add(&s->conns, info->connect_fd) : NULL;
}

/* ---- start and stop ---- */

static enum err parse_address(struct ctx *cx, const struct http_config *config,
	struct sockaddr_storage *out, socklen_t *out_size)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	*out = (struct sockaddr_storage){0};
	if (inet_pton(AF_INET, config->address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)config->port);
		*out_size = sizeof *v4;
		return ERR_OK;
	}
	if (inet_pton(AF_INET6, config->address, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)config->port);
		*out_size = sizeof *v6;
		return ERR_OK;
	}
	return ctx_fail(cx, ERR_INVALID,
		TR(cx, "不是地址: %s (如 127.0.0.1)", "not an address: %s (such as 127.0.0.1)"),
		config->address);
}

static enum err listen_on(struct ctx *cx, const struct http_config *config, int *out)
{
	struct sockaddr_storage address;
	socklen_t size = 0;
	int on = 1, fd;

	TRY(parse_address(cx, config, &address, &size));
	fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return ctx_fail(cx, ERR_IO, "socket: %s", strerror(errno));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 1024) != 0) {
		int why = errno;
		close(fd);
		return ctx_fail(cx, ERR_IO,
			TR(cx, "不能在 %s:%d 监听: %s", "cannot listen on %s:%d: %s"),
			config->address, config->port, strerror(why));
	}
	*out = fd;
	return ERR_OK;
}

static struct MHD_Daemon *start_daemon(struct http_server *s, int fd)
{
	const struct http_config *k = &s->config;

	return MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC, 0, NULL,
		NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE,
		(unsigned)k->io_threads, MHD_OPTION_CONNECTION_LIMIT, (unsigned)k->connections_max,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)k->connections_per_address_max,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)k->idle_s,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(32 * 1024),
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_END);
}

static void free_server(struct http_server *s)
{
	queue_destroy(&s->reads);
	queue_destroy(&s->writes);
	pthread_mutex_destroy(&s->start_lock);
	pthread_mutex_destroy(&s->streams_lock);
	pthread_cond_destroy(&s->started);
	free(s);
}

enum err http_server_start(struct ctx *cx, const struct http_config *config,
	const struct http_app *app, struct http_server **out)
{
	struct http_server *s = calloc(1, sizeof *s);
	int fd = -1;
	enum err e;

	if (!s)
		return ctx_fail(cx, ERR_IO, "out of memory");
	routes_assert(app->routes);
	s->config = *config;
	s->app = app;
	s->started_us = clock_us();
	s->id_seed = (uint64_t)s->started_us ^ (uint64_t)getpid() << 40;
	queue_init(&s->reads, config->read_queue_max);
	queue_init(&s->writes, config->write_queue_max);
	pthread_mutex_init(&s->start_lock, NULL);
	pthread_mutex_init(&s->streams_lock, NULL);
	pthread_cond_init(&s->started, NULL);
	e = listen_on(cx, config, &fd);
	if (e == ERR_OK && !pool_start(s))
		e = ctx_fail(cx, ERR_IO, "%s", s->start_error[0] ? s->start_error : "threads");
	if (e == ERR_OK &&
		!conns_start(&s->conns, config->header_deadline_s, config->body_deadline_s))
		e = ctx_fail(cx, ERR_IO, "threads");
	if (e == ERR_OK) {
		s->daemon = start_daemon(s, fd);
		if (s->daemon) {
			*out = s;
			return ERR_OK;
		}
		conns_stop(&s->conns);
		e = ctx_fail(cx, ERR_IO, "%s", TR(cx, "服务启动不了", "the server cannot start"));
	}
	pool_stop(s);
	if (fd >= 0)
		close(fd);
	free_server(s);
	return e;
}

int http_server_port(const struct http_server *s)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_LISTEN_FD);
	struct sockaddr_storage address;
	socklen_t size = sizeof address;

	if (!info || getsockname(info->listen_fd, (struct sockaddr *)&address, &size) != 0)
		return 0;
	return ntohs(address.ss_family == AF_INET ? ((struct sockaddr_in *)&address)->sin_port
						  : ((struct sockaddr_in6 *)&address)->sin6_port);
}

void http_server_stop(struct http_server *s)
{
	int64_t until_us = monotonic_us() + (int64_t)s->config.stop_wait_s * 1000000;
	MHD_socket fd;

	atomic_store(&s->is_stopping, true);
	fd = MHD_quiesce_daemon(s->daemon);
	streams_end(s);
	while (atomic_load(&s->in_flight) > 0 && monotonic_us() < until_us)
		usleep(5000);
	/* What is still queued is answered by the threads before they end. */
	pool_stop(s);
	MHD_stop_daemon(s->daemon);
	if (fd != MHD_INVALID_SOCKET)
		close(fd);
	conns_stop(&s->conns);
	free_server(s);
}
