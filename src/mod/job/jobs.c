/* The jobs of a server: folder, threads, what runs now. */
#include "mod/job/job_internal.h"

#include "wire/digest.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS       5000 /* for jobs that nobody has told of */
#define SWEEP_US      (3600 * SECOND_US)
#define ORPHAN_S      3600
#define RECOVERED_MAX 1000

int64_t job_monotonic_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * SECOND_US + t.tv_nsec / 1000;
}

static int64_t clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * SECOND_US + t.tv_nsec / 1000;
}

const struct job_kind *jobs_kind(const struct jobs *jobs, struct str name)
{
	for (const struct job_kind *const *k = jobs->config.kinds; *k; k++)
		if (str_is(name, (*k)->name))
			return *k;
	return NULL;
}

/* ---- the folder ---- */

const char *jobs_path(const struct jobs *jobs, struct arena *mem, int64_t id, const char *ending)
{
	return arena_printf(mem, "%s/%" PRId64 ".%s", jobs->folder, id, ending);
}

/* Ours alone: others could read results in it, or put links there. */
static enum err check_folder(struct ctx *cx, const char *path)
{
	struct stat st;

	if ((mkdir(path, 0700) != 0 && errno != EEXIST) || lstat(path, &st) != 0)
		return ctx_fail(cx, ERR_IO, "%s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 0022))
		return ctx_fail(cx, ERR_IO,
			TR(cx, "%s 应是只有本程序用户能写的文件夹",
				"%s should be a folder that only this program's user writes"),
			path);
	return ERR_OK;
}

/* PLACE/jobs; for a place that is no folder one named by the store, where the system keeps the
 * state of its services, else below /var/tmp. */
static enum err make_folder(struct ctx *cx, struct str url, const char **out)
{
	const char *state = getenv("STATE_DIRECTORY"); /* set by systemd */
	char hex[DIGEST_HEX];
	bool is_folder = str_find_char(url, ':') == SIZE_MAX ||
			 (url.n && (url.p[0] == '/' || url.p[0] == '.'));

	if (is_folder) {
		*out = arena_printf(cx->mem, STR_FMT "/jobs", STR_ARG(url));
		return check_folder(cx, *out);
	}
	TRY(digest_bytes(cx, DIGEST_SHA256, url, hex));
	if (state && state[0] == '/' && !strchr(state, ':'))
		*out = arena_printf(cx->mem, "%s/jobs-%.16s", state, hex);
	else
		*out = arena_printf(
			cx->mem, "/var/tmp/shuren-jobs-%u-%.16s", (unsigned)geteuid(), hex);
	return check_folder(cx, *out);
}

/*
 * What came with a job is needed until it has ended, what it made as long as it is offered, and
 * anything while it runs. Without a row: its request was cut off, or is about to queue it.
 */
static bool is_needed(struct ctx *cx, struct db *db, int64_t id, struct str ending, int64_t age_s)
{
	struct job_get_row row;
	bool is_found = false;

	if (job_get(cx, db, &(struct job_get_in){id}, &row, &is_found) != ERR_OK)
		return true;
	if (!is_found)
		return age_s < ORPHAN_S;
	if (str_is(row.state, "running"))
		return true;
	return str_is(ending, "in") ? str_is(row.state, "queued")
				    : str_is(ending, "out") && row.result_name.n;
}

/* Uploads may hold what is sealed in the store: none is kept longer than it must. */
static enum err sweep_folder(struct ctx *cx, struct jobs *jobs, struct db *db)
{
	DIR *dir = opendir(jobs->folder);
	struct dirent *entry;
	struct stat st;

	if (!dir)
		return ctx_fail(cx, ERR_IO, "%s: %s", jobs->folder, strerror(errno));
	while ((entry = readdir(dir)) != NULL) {
		struct str name = str_from(entry->d_name);
		const char *path = arena_printf(cx->mem, "%s/%s", jobs->folder, entry->d_name);
		int64_t id;
		if (parse_i64(str_cut(&name, '.'), 1, INT64_MAX, &id) == NUM_OK &&
			stat(path, &st) == 0 &&
			!is_needed(cx, db, id, name, cx->now_us / SECOND_US - st.st_mtime))
			(void)unlink(path);
	}
	(void)closedir(dir);
	return ERR_OK;
}

enum err jobs_sweep(struct ctx *cx, struct jobs *jobs, struct db *db)
{
	struct job_old_results_rows old;

	TRY(db_begin(cx, db, DB_WRITE));
	TRY(job_old_results(
		cx, db, &(struct job_old_results_in){cx->now_us - JOB_RESULT_DAYS * DAY_US}, &old));
	for (size_t i = 0; i < old.count; i++)
		TRY(job_forget_result(
			cx, db, &(struct job_forget_result_in){old.items[i].id}, NULL));
	TRY(job_drop_old(
		cx, db, &(struct job_drop_old_in){cx->now_us - JOB_ROW_DAYS * DAY_US}, NULL));
	TRY(db_commit(cx, db));
	for (size_t i = 0; i < old.count; i++)
		(void)unlink(jobs_path(jobs, cx->mem, old.items[i].id, "out"));
	return sweep_folder(cx, jobs, db);
}

/* ---- what was cut off ---- */

static enum err recover_one(
	struct ctx *cx, struct jobs *jobs, struct db *db, const struct job_left_running_row *left)
{
	const struct job_kind *kind = jobs_kind(jobs, left->kind);

	if (kind && left->tries < kind->tries_max)
		return job_put_back(cx, db, &(struct job_put_back_in){left->id, left->tries}, NULL);
	return job_end(cx, db,
		&(struct job_end_in){.id = left->id,
			.state = STR("failed"),
			.at = cx->now_us,
			.error = str_from(TR(left, "服务中途停了, 没有做完; 请重新开始",
				"the server ended in the middle of it: start it again")),
			.result = STR(""),
			.result_name = STR(""),
			.result_type = STR("")},
		NULL);
}

static enum err recover(struct ctx *cx, struct jobs *jobs, struct db *db)
{
	struct job_left_running_rows left;

	TRY(db_begin(cx, db, DB_WRITE));
	TRY(job_left_running(cx, db, &(struct job_left_running_in){RECOVERED_MAX}, &left));
	for (size_t i = 0; i < left.count; i++)
		TRY(recover_one(cx, jobs, db, &left.items[i]));
	return db_commit(cx, db);
}

/* ---- what runs now ---- */

static struct job_live *find_live(struct jobs *jobs, int64_t id)
{
	for (struct job_live *live = jobs->live; live; live = live->next)
		if (live->id == id)
			return live;
	return NULL;
}

bool jobs_find_live(struct jobs *jobs, int64_t id, int64_t *out_done, int64_t *out_total)
{
	struct job_live *live;

	pthread_mutex_lock(&jobs->lock);
	live = find_live(jobs, id);
	if (live) {
		*out_done = atomic_load(&live->done);
		*out_total = atomic_load(&live->total);
	}
	pthread_mutex_unlock(&jobs->lock);
	return live != NULL;
}

bool jobs_cancel(struct jobs *jobs, int64_t id)
{
	struct job_live *live;

	pthread_mutex_lock(&jobs->lock);
	live = find_live(jobs, id);
	if (live)
		atomic_store(&live->is_cancelled, true);
	pthread_mutex_unlock(&jobs->lock);
	return live != NULL;
}

/* ---- threads ---- */

void jobs_wake(struct jobs *jobs)
{
	pthread_mutex_lock(&jobs->lock);
	jobs->may_have_work = true;
	pthread_cond_broadcast(&jobs->filled);
	pthread_mutex_unlock(&jobs->lock);
}

/* False: the server stops. */
static bool wait_for_work(struct jobs *jobs)
{
	struct timespec until;
	bool goes_on;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += LOOK_MS / 1000;
	pthread_mutex_lock(&jobs->lock);
	if (!jobs->may_have_work && !jobs->is_stopping)
		pthread_cond_timedwait(&jobs->filled, &jobs->lock, &until);
	jobs->may_have_work = false;
	goes_on = !jobs->is_stopping;
	pthread_mutex_unlock(&jobs->lock);
	return goes_on;
}

static bool is_stopping(struct jobs *jobs)
{
	bool is;

	pthread_mutex_lock(&jobs->lock);
	is = jobs->is_stopping;
	pthread_mutex_unlock(&jobs->lock);
	return is;
}

static void sweep_now_and_then(struct jobs *jobs, struct service *service, int64_t *swept_us)
{
	struct ctx cx = {.mem = arena_create(), .now_us = clock_us()};

	if (*swept_us == 0 || job_monotonic_us() - *swept_us > SWEEP_US) {
		*swept_us = job_monotonic_us();
		/* The next one does what this could not. */
		if (jobs_sweep(&cx, jobs, service->db) != ERR_OK)
			db_rollback(service->db);
	}
	arena_free(cx.mem);
}

struct job_thread {
	struct jobs *jobs;
	struct service *service;
};

static void *thread_main(void *arg)
{
	struct job_thread *t = arg;
	int64_t swept_us = 0;

	do {
		sweep_now_and_then(t->jobs, t->service, &swept_us);
		while (!is_stopping(t->jobs) && jobs_work(t->jobs, t->service))
			continue;
	} while (wait_for_work(t->jobs));
	service_close(t->service);
	free(t);
	return NULL;
}

/* ---- all of it ---- */

enum err jobs_open(struct ctx *cx, const struct jobs_config *config, struct service_shared *shared,
	const struct open_place *base, struct jobs **out)
{
	struct jobs *jobs;
	pthread_condattr_t attr;
	const char *folder;
	enum err e;

	TRY(make_folder(cx, base->url, &folder));
	jobs = calloc(1, sizeof *jobs);
	if (!jobs)
		BUG("out of memory");
	*jobs = (struct jobs){.config = *config, .shared = shared, .folder = strdup(folder)};
	jobs->threads = calloc((size_t)config->threads, sizeof *jobs->threads);
	if (!jobs->folder || !jobs->threads)
		BUG("out of memory");
	pthread_mutex_init(&jobs->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&jobs->filled, &attr);
	pthread_condattr_destroy(&attr);
	e = recover(cx, jobs, base->db);
	if (e != ERR_OK) {
		db_rollback(base->db);
		jobs_close(jobs);
		return e;
	}
	service_set_jobs(shared, jobs);
	*out = jobs;
	return ERR_OK;
}

static enum err start_thread(struct ctx *cx, struct jobs *jobs)
{
	struct job_thread *t = calloc(1, sizeof *t);
	enum err e;

	if (!t)
		BUG("out of memory");
	t->jobs = jobs;
	e = service_open(cx, jobs->shared, true, &t->service);
	if (e == ERR_OK &&
		pthread_create(&jobs->threads[jobs->thread_count], NULL, thread_main, t) == 0) {
		jobs->thread_count++;
		return ERR_OK;
	}
	if (e == ERR_OK) {
		service_close(t->service);
		e = ctx_fail(cx, ERR_IO, "threads");
	}
	free(t);
	return e;
}

enum err jobs_start(struct ctx *cx, struct jobs *jobs)
{
	while (jobs->thread_count < jobs->config.threads)
		TRY(start_thread(cx, jobs));
	return ERR_OK;
}

void jobs_stop(struct jobs *jobs)
{
	pthread_mutex_lock(&jobs->lock);
	jobs->is_stopping = true;
	for (struct job_live *live = jobs->live; live; live = live->next)
		atomic_store(&live->is_cancelled, true);
	pthread_cond_broadcast(&jobs->filled);
	pthread_mutex_unlock(&jobs->lock);
	for (int i = 0; i < jobs->thread_count; i++)
		pthread_join(jobs->threads[i], NULL);
	jobs->thread_count = 0;
	jobs_drop_listeners(jobs);
}

void jobs_close(struct jobs *jobs)
{
	pthread_mutex_destroy(&jobs->lock);
	pthread_cond_destroy(&jobs->filled);
	free(jobs->threads);
	free(jobs->folder);
	free(jobs);
}
