/* Plans as jobs: a city's takes longer than a reply should. The plan is kept when it is done. */
#include "mod/serve/allocation_api.h"

#include "mod/job/job.h"

#include <time.h>

#define SECONDS_MAX 300 /* of the search; then the best found is kept */
#define JOB_SECONDS 900

struct watched {
	struct job_run *run;
	int64_t until_us;
};

static int64_t monotonic_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool is_over(void *arg)
{
	const struct watched *w = arg;

	return !job_is_wanted(w->run) || monotonic_us() > w->until_us;
}

/* Whether it is still wanted is asked by is_over. */
static void tell(void *arg, int64_t done, int64_t all)
{
	(void)!job_progress(((const struct watched *)arg)->run, done, all);
}

static enum err keep(struct job_run *run, struct http_call *call,
	const struct allocation_request *request, const struct allocation_result *result,
	int64_t *out_id)
{
	struct db *db = run->service->db;
	enum err e;

	TRY(job_turn(run));
	e = db_begin(&call->cx, db, DB_WRITE);
	if (e == ERR_OK)
		e = plan_keep(call, request, result, out_id);
	if (e == ERR_OK)
		e = db_commit(&call->cx, db);
	db_rollback(db);
	job_turn_over(run);
	return e;
}

/* The rights are asked again: they may have changed while it waited. */
static enum err run_call(struct job_run *run, struct http_call *call)
{
	struct allocation_result *result = arena_new(run->cx.mem, struct allocation_result);
	struct allocation_request *request = run->in;
	struct watched watched = {run, monotonic_us() + (int64_t)SECONDS_MAX * 1000000};
	struct allocation_until until = {is_over, tell, &watched};
	struct db *db = run->service->db;
	int64_t id = 0;
	enum err e;

	TRY(plan_check(call, request));
	TRY(db_begin(&call->cx, db, DB_READ));
	e = allocation_run(
		&call->cx, run->service->place, run->service->tree, request, &until, result);
	db_rollback(db);
	TRY(e);
	TRY(job_progress(run, 1, 1));
	TRY(keep(run, call, request, result, &id));
	job_result_at(run, str_printf(run->cx.mem, "/api/plans/%" PRId64, id));
	return ERR_OK;
}

static enum err run_plan(struct job_run *run)
{
	const struct json_texts no_query = {0};
	struct http_call call;
	enum err e;

	job_call(run, &no_query, &call);
	e = run_call(run, &call);
	job_call_end(run, &call);
	return e;
}

const struct job_kind plan_job = {.name = "plan",
	.zh = "调配方案",
	.en = "Plan",
	.in = &allocation_request_shape,
	.run = run_plan,
	.max_s = JOB_SECONDS,
	.tries_max = 2};

/* ---- queueing it ---- */

static enum err queue(struct http_call *call)
{
	struct allocation_request *in = call->in;

	return job_queue(call, &(struct new_job){.kind = &plan_job,
				       .title = in->name,
				       .in = plan_request_text(call, in),
				       .needs_on = PLANS,
				       .needs_may = "write"});
}

static enum err post_job(struct http_call *call)
{
	TRY(plan_check(call, call->in));
	call->then = queue;
	return ERR_OK;
}

const struct route allocation_job_routes[] = {
	{.method = HTTP_POST,
		.path = "/api/plans/job",
		.on = "plans",
		.may = "write",
		.body = &allocation_request_shape,
		.reply = &job_shape,
		.status = 202,
		.handle = post_job,
		.zh = "排队算一个方案",
		.en = "Work out a plan as a job"},
	{.path = NULL},
};
