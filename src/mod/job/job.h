/*
 * Long work as jobs. A job is a row of the table job: queued by a route, done by a thread of the
 * server with a connection of its own, in the name and with the rights of whom it is for, as they
 * are when it runs. What it is about to do stands in `input`, what it has made lies as a file in
 * the folder of jobs for a day.
 *
 * How far a running job is stands in memory: while one writes, the store takes no other write.
 * Listeners are told it (job_api.c); the row has it when the job has ended.
 *
 * A kind of job is a table entry and a function:
 *
 *	static enum err run(struct job_run *run)
 *	{
 *		const struct my_input *in = run->in;
 *		const char *path = job_result_path(run);
 *		…write what was asked for to path…
 *		TRY(job_progress(run, done, total));       now and then: CANCELLED stops it
 *		job_result_file(run, "plan.json", "application/json");
 *		return ERR_OK;
 *	}
 *	const struct job_kind my_job = {.name = "my", .zh = "…", .en = "…", .in = &my_shape,
 *		.run = run, .max_s = 600, .tries_max = 2};
 *
 * It stands in the list of serve.c. A route queues one with job_queue.
 */
#pragma once

#include "job/child.h"
#include "mod/auth/auth_http.h"

struct job_run;

struct job_kind {
	const char *name;            /* in the table and for the page: "export" */
	const char *zh, *en;         /* for people: 导出 */
	const struct json_shape *in; /* of the input; NULL: none */
	enum err (*run)(struct job_run *run);
	int64_t max_s; /* then it is stopped as by cancel, and has failed */
	/* How often it is begun when the server was cut off in the middle; 1: it has failed then.
	   More only if beginning again does no harm. */
	int tries_max;
};

/* A job that is being done. */
struct job_run {
	struct ctx cx; /* of the job: memory, owner, language, the instant when it began */
	struct service *service; /* may write, has the tree of now */
	struct session *session; /* the owner's roles of now */
	const struct job_kind *kind;
	int64_t id;
	void *in;         /* what kind->in read, or NULL */
	const char *file; /* the bytes that came with it, a path; NULL: none */
	struct str result, result_name, result_type;
	struct job_live *live; /* what others see and set meanwhile */
};

/* ---- in a job's function ---- */

/* So far `done` of `total` (0: nobody knows). Cheap: listeners are told four times a second.
 * Fails: CANCELLED (by somebody, by time, by the server's stop): return it, with all undone. */
MUST_CHECK enum err job_progress(struct job_run *run, int64_t done, int64_t total);
/* Is it still wanted? For callbacks: child.is_wanted with the run as arg. */
bool job_is_wanted(void *run);
/*
 * Before a write transaction of some size, and after it: waits until it is this job's turn, so
 * that short writes of others come between two jobs. Calls that come meanwhile wait up to 5 s,
 * then they are answered 503 with Retry-After. Fails: CANCELLED.
 */
MUST_CHECK enum err job_turn(struct job_run *run);
void job_turn_over(struct job_run *run);
/* Where its result may be written; it is dropped unless job_result_file says that it counts. */
const char *job_result_path(struct job_run *run);
/* The file is the result: the API offers it under this name to its owner for a day. */
void job_result_file(struct job_run *run, struct str name, const char *type);
/* The result is found elsewhere: "/api/…". */
void job_result_at(struct job_run *run, struct str url);
/*
 * A call as if the owner had sent it now with this query (names and values by turns), for code
 * that stands on one: scopes, filters, replies as JSON. Release with job_call_end; a detail of
 * an error is the run's then.
 */
void job_call(struct job_run *run, const struct json_texts *query, struct http_call *out);
void job_call_end(struct job_run *run, struct http_call *call);
/*
 * Run this program itself as a child, with its standard output as the result's file. A line
 * "progress DONE TOTAL" on its standard error is progress; the last other line is the detail of
 * a failure. Exit code 1 is given as ERR_REJECTED, others but 0 as ERR_STORE. words: without the
 * program's name, ends with NULL. Fails: also as child_run.
 */
MUST_CHECK enum err job_own_program(
	struct job_run *run, const char *const *words, int64_t memory_max);

/* ---- in a route ---- */

#define JOBS_OPEN_MAX 20 /* of one account */

struct new_job {
	const struct job_kind *kind;
	struct str title; /* "学校台账 2025.xlsx", for lists */
	struct str in;    /* JSON that kind->in reads */
	/* The right that is asked for again when it runs and when its result is fetched. */
	struct str needs_on;
	const char *needs_may;
	int64_t id; /* both of job_keep_file; 0: no file came with it */
	struct kept_file *kept;
};
/*
 * Keep the call's body as the file of a job that is to be queued, on a worker: fills id and kept.
 * When it is not queued in the end, the file goes with the call. Fails: IO.
 */
MUST_CHECK enum err job_keep_file(struct http_call *call, struct new_job *job);
/*
 * Queue it for the asker and answer 202 with its address and the job. On the writer, in a
 * transaction. Fails: CONFLICT as 429 (JOBS_OPEN_MAX of the asker's are waiting or running).
 */
MUST_CHECK enum err job_queue(struct http_call *call, const struct new_job *job);
extern const struct json_shape job_shape;
/* Query and route of what is queued are the module's; these are list, get, events, cancel. */
extern const struct route job_routes[];

/* ---- in the server ---- */

struct jobs_config {
	const struct job_kind *const *kinds; /* ends with NULL */
	int threads;
	FILE *log; /* a line for each job that ended; NULL: none */
};

/* Jobs that were cut off are queued again or have failed. base: the place, open.
 * Fails: IO (the folder), as the store does. */
MUST_CHECK enum err jobs_open(struct ctx *cx, const struct jobs_config *config,
	struct service_shared *shared, const struct open_place *base, struct jobs **out);
/* Begin to work. Fails: as service_open. */
MUST_CHECK enum err jobs_start(struct ctx *cx, struct jobs *jobs);
/* Something may have been queued. */
void jobs_wake(struct jobs *jobs);
/* Every few seconds: listeners that have gone are dropped. */
void jobs_breathe(struct jobs *jobs);
/* Running jobs are stopped: those that may be begun again are queued, others cancelled. */
void jobs_stop(struct jobs *jobs);
void jobs_close(struct jobs *jobs);
