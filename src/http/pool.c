/* The threads that answer: workers that read, and one writer that commits in groups. */
#include "http/server_internal.h"

#define TICK_MS   5000
#define GROUP_CAP 256

int64_t clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t monotonic_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- queues ---- */

void queue_init(struct queue *q, int max)
{
	pthread_condattr_t attr;

	*q = (struct queue){.max = max};
	q->last = &q->first;
	pthread_mutex_init(&q->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&q->filled, &attr);
	pthread_condattr_destroy(&attr);
}

void queue_destroy(struct queue *q)
{
	pthread_mutex_destroy(&q->lock);
	pthread_cond_destroy(&q->filled);
}

bool queue_put(struct queue *q, struct job *job, bool always)
{
	bool is_taken = false;

	pthread_mutex_lock(&q->lock);
	if (!q->is_closed && (always || q->count < q->max)) {
		job->next = NULL;
		*q->last = job;
		q->last = &job->next;
		q->count++;
		is_taken = true;
		pthread_cond_signal(&q->filled);
	}
	pthread_mutex_unlock(&q->lock);
	return is_taken;
}

static void wait_filled(struct queue *q, int wait_ms)
{
	struct timespec until;

	if (wait_ms < 0) {
		pthread_cond_wait(&q->filled, &q->lock);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += wait_ms / 1000;
	until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&q->filled, &q->lock, &until);
}

int queue_take(struct queue *q, struct job **out, int max, int wait_ms, bool *closed)
{
	int n = 0;

	pthread_mutex_lock(&q->lock);
	while (!q->first && !q->is_closed) {
		wait_filled(q, wait_ms);
		if (wait_ms >= 0)
			break;
	}
	while (n < max && q->first) {
		out[n] = q->first;
		q->first = q->first->next;
		if (!q->first)
			q->last = &q->first;
		q->count--;
		n++;
	}
	*closed = q->is_closed && !q->first && n == 0;
	pthread_mutex_unlock(&q->lock);
	return n;
}

void queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->is_closed = true;
	pthread_cond_broadcast(&q->filled);
	pthread_mutex_unlock(&q->lock);
}

int queue_count(struct queue *q)
{
	int n;

	pthread_mutex_lock(&q->lock);
	n = q->count;
	pthread_mutex_unlock(&q->lock);
	return n;
}

/* ---- one call ---- */

static void pack_reply(struct job *job)
{
	struct http_reply *r = &job->call.reply;
	const char *type = r->type ? r->type : "application/json";
	struct strbuf packed;

	if (r->fd >= 0 || r->body.n < 1400 || !pages_is_packable(type) ||
		str_find(http_header(&job->call, "Accept-Encoding"), STR("gzip")) == SIZE_MAX)
		return;
	if (!pages_pack(strbuf_view(&r->body), 4, &packed))
		return;
	strbuf_release(&r->body);
	r->body = packed;
	http_add_header(&job->call, "Content-Encoding", STR("gzip"));
}

/* The reply as it stands is good, or becomes a problem document. */
static void finish(struct job *job, enum err e)
{
	struct http_call *call = &job->call;

	if (e == ERR_OK && call->reply.body.too_long)
		e = ctx_fail(&call->cx, ERR_TOO_LARGE, "%s",
			TR(&call->cx, "回复太大, 请缩小范围",
				"the reply is too large: ask for less"));
	job->result = e;
	if (e != ERR_OK)
		problem_write(call, e);
	else if (call->reply.status == 0)
		call->reply.status =
			call->route->status ? call->route->status
			: call->reply.body.n || call->reply.fd >= 0 || call->reply.stream ? 200
											  : 204;
	pack_reply(job);
	http_add_header(call, "Vary", STR("Accept-Encoding, Accept-Language, Cookie"));
	job_answer(job);
}

static bool is_too_late(struct job *job)
{
	int64_t waited_us = monotonic_us() - job->queued_us;

	if (waited_us <= (int64_t)job->server->config.queue_deadline_s * 1000000)
		return false;
	atomic_fetch_add(&job->server->metrics.refused, 1);
	finish(job, ctx_fail(&job->call.cx, ERR_BUSY, "%s",
			    TR(&job->call.cx, "等得太久, 请稍后再试",
				    "waited too long: try again in a moment")));
	return true;
}

/* The first part of every call: who asks, and is the request in its shape? */
static enum err enter(struct job *job, void *thread)
{
	struct http_call *call = &job->call;

	call->thread = thread;
	TRY(job->server->app->prepare(&call->cx, thread));
	if (call->then)
		return ERR_OK;
	TRY(job->server->app->authorize(call));
	return route_check(call);
}

static enum err run(struct http_call *call)
{
	enum err (*handle)(struct http_call *) = call->then ? call->then : call->route->handle;

	call->then = NULL;
	json_begin(&call->json, &call->reply.body);
	return handle(call);
}

/* ---- workers ---- */

static enum err read_call(struct job *job, void *thread)
{
	const struct http_app *app = job->server->app;
	enum err e;

	if (job->tx == HTTP_READ_ALONE) {
		TRY(enter(job, thread));
		return run(&job->call);
	}
	TRY(app->read_begin(&job->call.cx, thread));
	e = enter(job, thread);
	if (e == ERR_OK)
		e = run(&job->call);
	app->read_end(thread);
	return e;
}

static void work(struct job *job, void *thread)
{
	enum err e;

	if (is_too_late(job))
		return;
	e = read_call(job, thread);
	if (e == ERR_OK && job->call.then) {
		job->tx = HTTP_WRITE;
		if (queue_put(&job->server->writes, job, true))
			return;
		e = ctx_fail(&job->call.cx, ERR_BUSY, "%s",
			TR(&job->call.cx, "正在停机", "the server is stopping"));
	}
	finish(job, e);
}

static bool open_thread(struct http_server *s, bool is_writer, void **out)
{
	struct ctx cx = {.mem = arena_create(), .now_us = clock_us(), .is_english = true};
	bool is_open = s->app->thread_open(&cx, s->app->arg, is_writer, out) == ERR_OK;

	pthread_mutex_lock(&s->start_lock);
	if (is_open) {
		s->opened++;
	} else {
		s->failed++;
		snprintf(s->start_error, sizeof s->start_error, STR_FMT, STR_ARG(cx.error));
	}
	pthread_cond_signal(&s->started);
	pthread_mutex_unlock(&s->start_lock);
	arena_free(cx.mem);
	return is_open;
}

void *worker_main(void *arg)
{
	struct http_server *s = arg;
	bool closed = false;
	void *thread = NULL;
	struct job *job;

	if (!open_thread(s, false, &thread))
		return NULL;
	while (!closed)
		if (queue_take(&s->reads, &job, 1, -1, &closed) == 1)
			work(job, thread);
	s->app->thread_close(thread);
	return NULL;
}

/* ---- the writer ---- */

struct group {
	struct http_server *server;
	void *thread;
	struct arena *mem;
	struct job *done[GROUP_CAP]; /* good so far, waiting for the commit */
	int count;
	bool is_open, has_turn, is_locked_out;
};

static void give_turn(struct group *g)
{
	if (g->has_turn)
		g->server->app->turn_give(g->thread);
	g->has_turn = false;
}

/* One wait for all calls that were taken together: the next of them is not told later. */
static enum err take_turn(struct group *g, struct ctx *cx)
{
	const struct http_app *app = g->server->app;
	enum err e = ERR_OK;

	if (g->is_locked_out)
		return ctx_fail(cx, ERR_BUSY, "%s",
			TR(cx, "正在写入大批数据, 请稍后再试",
				"many rows are being written: try again in a moment"));
	if (!app->turn_take)
		return ERR_OK;
	e = app->turn_take(cx, g->thread);
	g->has_turn = e == ERR_OK;
	g->is_locked_out = e == ERR_BUSY;
	return e;
}

static void group_end(struct group *g)
{
	const struct http_app *app = g->server->app;
	struct ctx cx = {.mem = g->mem, .now_us = clock_us()};
	enum err e;

	if (!g->is_open)
		return;
	e = app->group_commit(&cx, g->thread);
	g->is_open = false;
	give_turn(g);
	atomic_fetch_add(&g->server->metrics.groups, 1);
	atomic_fetch_add(&g->server->metrics.group_calls, g->count);
	for (int i = 0; i < g->count; i++) {
		if (e != ERR_OK)
			g->done[i]->call.cx.error = str_copy(g->done[i]->call.cx.mem, cx.error);
		finish(g->done[i], e == ERR_OK ? g->done[i]->result : e);
	}
	g->count = 0;
	arena_reset(g->mem);
}

static enum err group_open(struct group *g, struct ctx *cx)
{
	enum err e;

	if (g->is_open)
		return ERR_OK;
	TRY(take_turn(g, cx));
	e = g->server->app->group_begin(cx, g->thread);
	g->is_open = e == ERR_OK;
	g->is_locked_out = e == ERR_BUSY;
	if (e != ERR_OK)
		give_turn(g);
	return e;
}

/* The call's step is kept when it went well, or when it was refused and says what must stay (a
 * counted failure to sign in). */
static enum err write_step(struct group *g, struct job *job, bool *out_kept)
{
	const struct http_app *app = g->server->app;
	struct ctx *cx = &job->call.cx;
	enum err e, ended;
	struct str why;

	TRY(group_open(g, cx));
	TRY(app->step_begin(cx, g->thread));
	e = enter(job, g->thread);
	if (e == ERR_OK)
		e = run(&job->call);
	why = cx->error;
	*out_kept = e == ERR_OK || job->call.keeps_on_refusal;
	ended = app->step_end(cx, g->thread, *out_kept);
	if (ended != ERR_OK) {
		*out_kept = false;
		return ended;
	}
	cx->error = why;
	return e;
}

static void write_in_group(struct group *g, struct job *job)
{
	bool is_kept = false;
	enum err e = write_step(g, job, &is_kept);

	job->result = e;
	if (is_kept)
		g->done[g->count++] = job;
	else
		finish(job, e);
}

static void write_alone(struct group *g, struct job *job)
{
	enum err e;

	group_end(g);
	e = take_turn(g, &job->call.cx);
	if (e == ERR_OK)
		e = enter(job, g->thread);
	if (e == ERR_OK)
		e = run(&job->call);
	give_turn(g);
	finish(job, e);
}

static void write_jobs(struct group *g, struct job **jobs, int n)
{
	g->is_locked_out = false;
	for (int i = 0; i < n; i++) {
		if (is_too_late(jobs[i]))
			continue;
		if (jobs[i]->tx == HTTP_WRITE_ALONE)
			write_alone(g, jobs[i]);
		else
			write_in_group(g, jobs[i]);
	}
	group_end(g);
}

static void tick(struct group *g)
{
	struct ctx cx = {.mem = g->mem, .now_us = clock_us()};

	if (g->server->app->tick)
		g->server->app->tick(&cx, g->thread);
	arena_reset(g->mem);
}

void *writer_main(void *arg)
{
	struct http_server *s = arg;
	struct group g = {.server = s, .mem = arena_create()};
	int max = MIN(s->config.group_max, GROUP_CAP);
	int64_t ticked_us = monotonic_us();
	struct job *jobs[GROUP_CAP];
	bool closed = false;

	if (!open_thread(s, true, &g.thread)) {
		arena_free(g.mem);
		return NULL;
	}
	while (!closed) {
		int n = queue_take(&s->writes, jobs, max, TICK_MS, &closed);
		write_jobs(&g, jobs, n);
		if (monotonic_us() - ticked_us >= (int64_t)TICK_MS * 1000 || closed) {
			tick(&g);
			ticked_us = monotonic_us();
		}
	}
	s->app->thread_close(g.thread);
	arena_free(g.mem);
	return NULL;
}

/* ---- all of them ---- */

bool pool_start(struct http_server *s)
{
	int wanted = s->config.workers + 1;

	s->workers = calloc((size_t)s->config.workers, sizeof *s->workers);
	if (!s->workers)
		return false;
	s->has_writer = pthread_create(&s->writer, NULL, writer_main, s) == 0;
	while (s->has_writer && s->worker_count < s->config.workers &&
		pthread_create(&s->workers[s->worker_count], NULL, worker_main, s) == 0)
		s->worker_count++;
	if (s->worker_count < s->config.workers)
		return false;
	pthread_mutex_lock(&s->start_lock);
	while (s->opened + s->failed < wanted)
		pthread_cond_wait(&s->started, &s->start_lock);
	pthread_mutex_unlock(&s->start_lock);
	return s->failed == 0;
}

/* Workers first: what they hand on, the writer still takes. */
void pool_stop(struct http_server *s)
{
	queue_close(&s->reads);
	for (int i = 0; i < s->worker_count; i++)
		pthread_join(s->workers[i], NULL);
	queue_close(&s->writes);
	if (s->has_writer)
		pthread_join(s->writer, NULL);
	free(s->workers);
}
