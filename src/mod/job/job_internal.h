/* What the parts of mod/job share. */
#pragma once

#include "mod/job/job.h"
#include "mod/job/job_sql.h"

#include <pthread.h>
#include <stdatomic.h>

#define JOB_RESULT_DAYS 1
#define JOB_ROW_DAYS    30
#define SECOND_US       ((int64_t)1000000)
#define DAY_US          (86400 * SECOND_US)

/* A running job as the rest of the program sees it. In the list of jobs, under its lock. */
struct job_live {
	struct jobs *jobs;
	int64_t id;
	atomic_int_fast64_t done, total;
	atomic_bool is_cancelled, is_late;
	int64_t until_us; /* monotonic */
	int64_t told_us;
	const struct job_get_row *row; /* as it was begun */
	struct job_live *prev, *next;
};

struct jobs {
	struct jobs_config config;
	struct service_shared *shared;
	char *folder;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t filled;
	bool is_stopping, may_have_work;
	struct job_live *live;
	struct job_listener *listeners;
	int listener_count;
	int64_t breathed_us;
	pthread_t *threads;
	int thread_count;
};

const struct job_kind *jobs_kind(const struct jobs *jobs, struct str name);
/* FOLDER/ID.in and FOLDER/ID.out; in mem. */
const char *jobs_path(const struct jobs *jobs, struct arena *mem, int64_t id, const char *ending);
/* Where and how a job may be seen by the asker of a call. */
bool job_is_visible(struct http_call *call, struct str made_by);
/* How far it is, when it runs here. */
bool jobs_find_live(struct jobs *jobs, int64_t id, int64_t *out_done, int64_t *out_total);
/* False: it does not run here. */
bool jobs_cancel(struct jobs *jobs, int64_t id);
int64_t job_monotonic_us(void);

/* The row as the API's "job". */
void job_write(struct json_writer *w, const struct job_page_row *row);
struct job_page_row job_page_of(const struct job_get_row *row);

/* ---- listeners ---- */

/* The asker of the call hears of a job, or of all of his own (0), until it ends. Whoever wants to
 * miss nothing looks at the job after this. Fails: BUSY. */
MUST_CHECK enum err jobs_listen(struct http_call *call, int64_t id);
/* How a job stands; those that listen to it alone hear no more when it has ended. */
void jobs_tell(struct jobs *jobs, struct arena *mem, const struct job_page_row *row);
void jobs_drop_listeners(struct jobs *jobs);

/* Take the next job and do it. False: nothing to do. */
bool jobs_work(struct jobs *jobs, struct service *service);
/* Drop rows and files that are too old, and files that no row knows. */
MUST_CHECK enum err jobs_sweep(struct ctx *cx, struct jobs *jobs, struct db *db);
