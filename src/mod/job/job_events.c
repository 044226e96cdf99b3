/* Who listens to jobs, and what they are told: server-sent events, each a whole job. */
#include "mod/job/job_internal.h"

#define LISTENERS_MAX 500
#define LISTEN_US     (600 * SECOND_US) /* then the listener asks again, with its rights of then */
#define BREATH_US     (15 * SECOND_US)  /* shows who has gone, and keeps proxies from cutting */

struct job_listener {
	struct http_stream *stream;
	int64_t id; /* of the job; 0: all of `user` */
	struct str user;
	int64_t since_us;
	struct arena *mem; /* of this */
	struct job_listener *prev, *next;
};

/* "event: NAME", then the job in one line. In mem. */
static struct str event_text(struct arena *mem, const struct job_page_row *row)
{
	bool goes_on = str_is(row->state, "queued") || str_is(row->state, "running");
	struct json_writer w;
	struct strbuf b;
	struct str text;

	strbuf_init(&b, 65536);
	strbuf_printf(
		&b, "event: " STR_FMT "\ndata: ", STR_ARG(goes_on ? STR("progress") : row->state));
	json_begin(&w, &b);
	job_write(&w, row);
	strbuf_z(&b, "\n\n");
	text = str_copy(mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}

/* The lock is held. */
static void drop(struct jobs *jobs, struct job_listener *l)
{
	if (l->prev)
		l->prev->next = l->next;
	else
		jobs->listeners = l->next;
	if (l->next)
		l->next->prev = l->prev;
	jobs->listener_count--;
	http_stream_end(l->stream);
	http_stream_release(l->stream);
	arena_free(l->mem);
}

void jobs_tell(struct jobs *jobs, struct arena *mem, const struct job_page_row *row)
{
	bool has_ended = !str_is(row->state, "queued") && !str_is(row->state, "running");
	struct job_listener *next;
	struct str text = event_text(mem, row);

	pthread_mutex_lock(&jobs->lock);
	for (struct job_listener *l = jobs->listeners; l; l = next) {
		next = l->next;
		if (l->id ? l->id != row->id : !str_eq(l->user, row->made_by))
			continue;
		if (!http_stream_write(l->stream, text) || (has_ended && l->id))
			drop(jobs, l);
	}
	pthread_mutex_unlock(&jobs->lock);
}

void jobs_breathe(struct jobs *jobs)
{
	int64_t now_us = job_monotonic_us();
	struct job_listener *next;

	pthread_mutex_lock(&jobs->lock);
	if (now_us - jobs->breathed_us > BREATH_US) {
		jobs->breathed_us = now_us;
		for (struct job_listener *l = jobs->listeners; l; l = next) {
			next = l->next;
			if (!http_stream_write(l->stream, STR(":\n\n")) ||
				now_us - l->since_us > LISTEN_US)
				drop(jobs, l);
		}
	}
	pthread_mutex_unlock(&jobs->lock);
}

void jobs_drop_listeners(struct jobs *jobs)
{
	pthread_mutex_lock(&jobs->lock);
	while (jobs->listeners)
		drop(jobs, jobs->listeners);
	pthread_mutex_unlock(&jobs->lock);
}

static struct job_listener *listener_new(struct http_call *call, int64_t id)
{
	struct arena *mem = arena_create();
	struct job_listener *l = arena_new(mem, struct job_listener);

	*l = (struct job_listener){.mem = mem,
		.id = id,
		.user = str_copy(mem, call->cx.user),
		.since_us = job_monotonic_us(),
		.stream = http_reply_stream(call, "text/event-stream")};
	return l;
}

enum err jobs_listen(struct http_call *call, int64_t id)
{
	struct jobs *jobs = service_jobs(service_of(call));
	struct job_listener *l = NULL;

	pthread_mutex_lock(&jobs->lock);
	if (jobs->listener_count < LISTENERS_MAX && !jobs->is_stopping) {
		l = listener_new(call, id);
		l->next = jobs->listeners;
		if (l->next)
			l->next->prev = l;
		jobs->listeners = l;
		jobs->listener_count++;
		/* A first breath: the client sees the head of the reply at once. */
		(void)http_stream_write(l->stream, STR(":\n\n"));
	}
	pthread_mutex_unlock(&jobs->lock);
	if (l)
		return ERR_OK;
	call->retry_after_s = 5;
	return ctx_fail(&call->cx, ERR_BUSY, "%s",
		TR(&call->cx, "听进度的人太多, 请稍后再试",
			"too many listen already: try again in a moment"));
}
