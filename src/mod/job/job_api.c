/* /api/jobs: what was asked for, how far it is, stop it, fetch what it made. */
#include "mod/job/job_internal.h"

#include "db/id.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const char *const states[] = {"queued", "running", "done", "failed", "cancelled", NULL};
static const struct json_field job_fields[] = {OUT("id", JT_TEXT), OUT("kind", JT_TEXT),
	OUT("title", JT_TEXT), OUT_WITH("state", JT_TEXT, .choices = states), OUT("done", JT_I64),
	OUT_OR_NULL("total", JT_I64), OUT("made_at", JT_TEXT), OUT_OR_NULL("started_at", JT_TEXT),
	OUT_OR_NULL("ended_at", JT_TEXT), OUT("by", JT_TEXT), OUT_OR_NULL("error", JT_TEXT),
	OUT_OR_NULL("result", JT_TEXT)};
const struct json_shape job_shape = JSON_SHAPE("job", 0, job_fields);
static const struct json_field list_fields[] = {
	OUT_WITH("items", JT_LIST, .of = &job_shape), OUT_OR_NULL("next", JT_TEXT)};
static const struct json_shape list_shape = JSON_SHAPE("jobs", 0, list_fields);

/* Files, or JSON whose members its kind knows. */
static const struct json_field result_fields[] = {OUT_WITH("ok", JT_BOOL, .is_optional = true)};
static const struct json_shape result_shape = JSON_SHAPE_OPEN("job_result", result_fields);

struct job_page_row job_page_of(const struct job_get_row *row)
{
	return (struct job_page_row){.id = row->id,
		.kind = row->kind,
		.title = row->title,
		.state = row->state,
		.done = row->done,
		.total = row->total,
		.made_at = row->made_at,
		.made_by = row->made_by,
		.started_at = row->started_at,
		.ended_at = row->ended_at,
		.error = row->error,
		.result = row->result};
}

void job_write(struct json_writer *w, const struct job_page_row *row)
{
	json_object(w);
	json_field_id(w, "id", row->id);
	json_field_str(w, "kind", row->kind);
	json_field_str(w, "title", row->title);
	json_field_str(w, "state", row->state);
	json_field_i64(w, "done", row->done);
	json_key(w, "total");
	if (row->total)
		json_i64(w, row->total);
	else
		json_null(w);
	json_field_instant(w, "made_at", row->made_at);
	json_field_instant(w, "started_at", row->started_at);
	json_field_instant(w, "ended_at", row->ended_at);
	json_field_str(w, "by", row->made_by);
	json_field_text(w, "error", row->error);
	json_field_text(w, "result", row->result);
	json_end_object(w);
}

/* ---- who may ---- */

static bool may_everywhere(struct http_call *call, const char *action)
{
	struct scopes scopes;

	call_scopes(call, STR("jobs"), action, &scopes);
	return scopes_are_all(&scopes);
}

bool job_is_visible(struct http_call *call, struct str made_by)
{
	return str_eq(made_by, call->cx.user) || may_everywhere(call, "read");
}

static enum err find(struct http_call *call, struct job_get_row *out)
{
	struct service *s = service_of(call);
	bool is_found = false;
	int64_t id;

	if (parse_i64(http_param(call, "id"), 1, INT64_MAX, &id) == NUM_OK)
		TRY(job_get(&call->cx, s->db, &(struct job_get_in){id}, out, &is_found));
	if (is_found && job_is_visible(call, out->made_by))
		return ERR_OK;
	return ctx_fail(&call->cx, ERR_NOT_FOUND, "%s",
		TR(&call->cx, "没有这个任务", "there is no such job"));
}

/* ---- looking ---- */

static void overlay(struct http_call *call, struct job_page_row *row)
{
	if (str_is(row->state, "running"))
		(void)jobs_find_live(
			service_jobs(service_of(call)), row->id, &row->done, &row->total);
}

static enum err get_jobs(struct http_call *call)
{
	struct json_writer *w = &call->json;
	struct job_page_in in = {
		.limit = http_query_i64(call, "limit", 50) + 1, .before = INT64_MAX};
	struct str after = http_query(call, "after");
	struct job_page_rows rows;
	bool is_own = http_query_is(call, "own", "1");

	in.by = is_own || !may_everywhere(call, "read") ? call->cx.user : STR("");
	if (after.p && parse_i64(after, 1, INT64_MAX, &in.before) != NUM_OK)
		http_fault(call, "?after", "%s",
			TR(&call->cx, "应为上一页给的游标",
				"should be the cursor of the page before"));
	TRY(http_check(call));
	TRY(job_page(&call->cx, service_of(call)->db, &in, &rows));
	json_object(w);
	json_key(w, "items");
	json_array(w);
	for (size_t i = 0; i < rows.count && (int64_t)i < in.limit - 1; i++) {
		overlay(call, &rows.items[i]);
		job_write(w, &rows.items[i]);
	}
	json_end_array(w);
	json_field_id(
		w, "next", (int64_t)rows.count == in.limit ? rows.items[rows.count - 2].id : 0);
	json_end_object(w);
	return ERR_OK;
}

static enum err reply_job(struct http_call *call, const struct job_get_row *job)
{
	struct job_page_row row = job_page_of(job);

	overlay(call, &row);
	job_write(&call->json, &row);
	return ERR_OK;
}

static enum err get_job(struct http_call *call)
{
	struct job_get_row job;

	TRY(find(call, &job));
	return reply_job(call, &job);
}

/* ---- listening ---- */

static enum err get_events(struct http_call *call)
{
	return jobs_listen(call, 0);
}

/* Looked at again behind jobs_listen: what happens from then on is told. */
static enum err get_job_events(struct http_call *call)
{
	struct jobs *jobs = service_jobs(service_of(call));
	struct job_page_row row;
	struct job_get_row job;

	TRY(find(call, &job));
	TRY(jobs_listen(call, job.id));
	TRY(find(call, &job));
	row = job_page_of(&job);
	overlay(call, &row);
	jobs_tell(jobs, call->cx.mem, &row);
	return ERR_OK;
}

/* ---- stopping ---- */

/* It may have begun meanwhile. */
static enum err cancel_waiting(struct http_call *call)
{
	struct service *s = service_of(call);
	struct job_page_row row;
	struct job_get_row job;

	TRY(find(call, &job));
	if (str_is(job.state, "queued")) {
		int64_t dropped = 0;
		TRY(job_drop_waiting(&call->cx, s->db,
			&(struct job_drop_waiting_in){job.id, call->cx.now_us}, &dropped));
		if (dropped)
			(void)unlink(jobs_path(service_jobs(s), call->cx.mem, job.id, "in"));
		else /* it has begun since it was read */
			(void)jobs_cancel(service_jobs(s), job.id);
		TRY(find(call, &job));
		row = job_page_of(&job);
		jobs_tell(service_jobs(s), call->cx.mem, &row);
	} else if (str_is(job.state, "running")) {
		(void)jobs_cancel(service_jobs(s), job.id);
	}
	return reply_job(call, &job);
}

/* No write for one that runs: it may be what holds the others' writes up. */
static enum err cancel(struct http_call *call)
{
	struct job_get_row job;

	TRY(find(call, &job));
	if (!str_eq(job.made_by, call->cx.user) && !may_everywhere(call, "configure"))
		return ctx_fail(&call->cx, ERR_FORBIDDEN, "%s",
			TR(&call->cx, "任务由开始它的人取消",
				"a job is stopped by who started it"));
	if (str_is(job.state, "queued")) {
		call->then = cancel_waiting;
		return ERR_OK;
	}
	if (!str_is(job.state, "running"))
		return ctx_fail(&call->cx, ERR_CONFLICT, "%s",
			TR(&call->cx, "任务已经结束", "the job has ended already"));
	(void)jobs_cancel(service_jobs(service_of(call)), job.id);
	return reply_job(call, &job);
}

/* ---- what it made ---- */

/* The owner's alone, and only as long as the right for it is held. */
static enum err get_result(struct http_call *call)
{
	struct service *s = service_of(call);
	struct job_get_row job;
	int fd = -1;

	TRY(find(call, &job));
	if (!str_eq(job.made_by, call->cx.user) ||
		(job.needs_on.n &&
			!call_may(call, job.needs_on, str_z(call->cx.mem, job.needs_may))))
		return ctx_fail(&call->cx, ERR_FORBIDDEN, "%s",
			TR(&call->cx, "结果只给开始任务的人",
				"the result is for who started the job"));
	if (job.result_name.n)
		fd = open(jobs_path(service_jobs(s), call->cx.mem, job.id, "out"),
			O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ctx_fail(&call->cx, ERR_NOT_FOUND, "%s",
			TR(&call->cx, "没有结果, 或已过期删除",
				"there is no result, or it is gone by now"));
	http_etag(call, job.id);
	return http_reply_file(call, fd, str_z(call->cx.mem, job.result_type),
		str_is(job.result_type, "application/json") ? STR_NONE : job.result_name);
}

/* ---- queueing, for other routes ---- */

static enum err keep(struct http_call *call, const char *path)
{
	struct str body = call->body;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	while (fd >= 0 && body.n) {
		ssize_t n = write(fd, body.p, body.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		body = str_sub(body, (size_t)n, body.n);
	}
	if (fd >= 0 && close(fd) == 0 && body.n == 0)
		return ERR_OK;
	(void)unlink(path);
	return ctx_fail(
		&call->cx, ERR_IO, "%s", TR(&call->cx, "存不下文件", "the file cannot be kept"));
}

struct kept_file {
	const char *path;
	bool is_queued;
};

/* With the call: a file of a job that was not queued goes. */
static void drop_kept(void *arg)
{
	const struct kept_file *kept = arg;

	if (!kept->is_queued)
		(void)unlink(kept->path);
}

enum err job_keep_file(struct http_call *call, struct new_job *job)
{
	struct service *s = service_of(call);
	struct kept_file *kept = arena_new(call->cx.mem, struct kept_file);

	job->id = db_new_id(&call->cx, s->db);
	kept->path = jobs_path(service_jobs(s), call->cx.mem, job->id, "in");
	TRY(keep(call, kept->path));
	arena_defer(call->cx.mem, drop_kept, kept);
	job->kept = kept;
	return ERR_OK;
}

enum err job_queue(struct http_call *call, const struct new_job *job)
{
	struct service *s = service_of(call);
	struct job_open_count_row open_jobs;
	struct job_get_row row;
	bool is_found;
	int64_t id = job->id ? job->id : db_new_id(&call->cx, s->db);

	TRY(job_open_count(&call->cx, s->db, &(struct job_open_count_in){call->cx.user}, &open_jobs,
		&is_found));
	if (open_jobs.count >= JOBS_OPEN_MAX) {
		call->retry_after_s = 10;
		return http_refuse(call, 429, "too-many",
			TR(&call->cx, "已有 %d 个任务没有结束, 请等等或取消一些",
				"%d jobs of yours have not ended: wait, or stop some"),
			JOBS_OPEN_MAX);
	}
	TRY(job_add(&call->cx, s->db,
		&(struct job_add_in){.id = id,
			.kind = str_from(job->kind->name),
			.title = job->title,
			.input = job->in.n ? job->in : STR("{}"),
			.needs_on = job->needs_on.n ? job->needs_on : STR(""),
			.needs_may = str_from(job->needs_may ? job->needs_may : ""),
			.is_english = call->cx.is_english,
			.at = call->cx.now_us,
			.by = call->cx.user},
		NULL));
	TRY(job_get(&call->cx, s->db, &(struct job_get_in){id}, &row, &is_found));
	if (job->kept)
		job->kept->is_queued = true;
	call->reply.status = 202;
	http_add_header(call, "Location", str_printf(call->cx.mem, "/api/jobs/%" PRId64, id));
	return reply_job(call, &row);
}

static const char *const yes[] = {"1", NULL};
static const struct query_field list_query[] = {{.name = "own",
							.type = QUERY_TEXT,
							.choices = yes,
							.zh = "只要自己的",
							.en = "one's own only"},
	QUERY_LIMIT, QUERY_AFTER, QUERY_END};

const struct route job_routes[] = {
	{.path = "/api/jobs",
		.on = "",
		.query = list_query,
		.reply = &list_shape,
		.handle = get_jobs,
		.zh = "任务, 新的在前",
		.en = "Jobs, newest first: one's own, or everybody's"},
	{.path = "/api/jobs/{id}",
		.on = "",
		.reply = &job_shape,
		.handle = get_job,
		.zh = "一个任务",
		.en = "One job"},
	{.path = "/api/jobs/events",
		.on = "",
		.tx = HTTP_READ_ALONE,
		.media = "text/event-stream",
		.handle = get_events,
		.zh = "自己的任务的进度",
		.en = "What happens to one's own jobs, as it happens: progress, done, failed, "
		      "cancelled"},
	{.path = "/api/jobs/{id}/events",
		.on = "",
		.tx = HTTP_READ_ALONE,
		.media = "text/event-stream",
		.handle = get_job_events,
		.zh = "一个任务的进度",
		.en = "How a job stands and what happens to it, until it has ended"},
	{.path = "/api/jobs/{id}/result",
		.on = "",
		.reply = &result_shape,
		.media = "application/octet-stream",
		.handle = get_result,
		.zh = "任务的结果文件",
		.en = "The file that a job made; ranges are answered"},
	{.method = HTTP_POST,
		.path = "/api/jobs/{id}/cancel",
		.on = "",
		.tx = HTTP_READ_ALONE,
		.reply = &job_shape,
		.handle = cancel,
		.zh = "取消任务",
		.en = "Stop a job"},
	{.path = NULL},
};
