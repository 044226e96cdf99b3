/* One job from its place in the queue to its end. */
#include "mod/job/job_internal.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WRITE_TRIES 60

static int64_t clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * SECOND_US + t.tv_nsec / 1000;
}

/* ---- short writes ---- */

typedef enum err (*write_fn)(struct ctx *cx, struct db *db, const void *arg, int64_t *changed);

/* In its own transaction and turn; tried again while another program writes. */
static enum err write_short(
	struct ctx *cx, struct service *s, write_fn fn, const void *arg, int64_t *changed)
{
	enum err e = ERR_BUSY;

	for (int i = 0; i < WRITE_TRIES && e == ERR_BUSY; i++) {
		TRY(turn_take(cx, service_turn(s), true, -1, NULL, NULL));
		e = db_begin(cx, s->db, DB_WRITE);
		if (e == ERR_OK)
			e = fn(cx, s->db, arg, changed);
		if (e == ERR_OK)
			e = db_commit(cx, s->db);
		db_rollback(s->db);
		turn_give(service_turn(s), true);
	}
	return e;
}

static enum err claim(struct ctx *cx, struct db *db, const void *arg, int64_t *changed)
{
	return job_claim(cx, db, arg, changed);
}

static enum err end(struct ctx *cx, struct db *db, const void *arg, int64_t *changed)
{
	return job_end(cx, db, arg, changed);
}

static enum err put_back(struct ctx *cx, struct db *db, const void *arg, int64_t *changed)
{
	return job_put_back(cx, db, arg, changed);
}

/* ---- in the list of those that run ---- */

static void enter(struct jobs *jobs, struct job_live *live)
{
	pthread_mutex_lock(&jobs->lock);
	live->next = jobs->live;
	if (jobs->live)
		jobs->live->prev = live;
	jobs->live = live;
	if (jobs->is_stopping)
		atomic_store(&live->is_cancelled, true);
	pthread_mutex_unlock(&jobs->lock);
}

static void leave(struct jobs *jobs, struct job_live *live)
{
	pthread_mutex_lock(&jobs->lock);
	if (live->prev)
		live->prev->next = live->next;
	else
		jobs->live = live->next;
	if (live->next)
		live->next->prev = live->prev;
	pthread_mutex_unlock(&jobs->lock);
}

static bool is_stopping(struct jobs *jobs)
{
	bool is;

	pthread_mutex_lock(&jobs->lock);
	is = jobs->is_stopping;
	pthread_mutex_unlock(&jobs->lock);
	return is;
}

/* ---- doing it ---- */

static enum err read_input(struct job_run *run, const struct job_get_row *row)
{
	const struct json_shape *shape = run->kind->in;
	struct json_faults faults = {0};
	struct json_node *node;

	if (!shape)
		return ERR_OK;
	TRY(json_parse(&run->cx, row->input, &node));
	run->in = arena_alloc(run->cx.mem, shape->size);
	json_shape_read(&run->cx, shape, node, run->in, &faults);
	if (faults.list.count)
		return ctx_fail(&run->cx, ERR_STORE, "job %" PRId64 ": " STR_FMT, run->id,
			STR_ARG(faults.list.items[0].text));
	return ERR_OK;
}

/* Rights as they are now: they may have gone since it was queued. */
static enum err check_owner(struct job_run *run, const struct job_get_row *row)
{
	run->session = arena_new(run->cx.mem, struct session);
	TRY(session_without_sign_in(&run->cx, run->service->db, row->made_by, run->session));
	if (!row->needs_on.n || rights_may(run->service->pack, &run->session->roles, row->needs_on,
					str_z(run->cx.mem, row->needs_may)))
		return ERR_OK;
	return ctx_fail(&run->cx, ERR_FORBIDDEN, "%s",
		TR(&run->cx, "您的角色没有这项权限", "your roles do not allow this"));
}

static enum err ready(struct job_run *run, const struct job_get_row *row)
{
	struct stat st;

	run->kind = jobs_kind(run->live->jobs, row->kind);
	if (!run->kind)
		return ctx_fail(&run->cx, ERR_NOT_FOUND,
			TR(&run->cx, "没有这种任务: " STR_FMT, "no such kind of job: " STR_FMT),
			STR_ARG(row->kind));
	run->file = jobs_path(run->live->jobs, run->cx.mem, run->id, "in");
	if (stat(run->file, &st) != 0)
		run->file = NULL;
	TRY(service_refresh(&run->cx, run->service));
	TRY(check_owner(run, row));
	TRY(read_input(run, row));
	run->live->until_us =
		run->kind->max_s ? job_monotonic_us() + run->kind->max_s * SECOND_US : 0;
	return ERR_OK;
}

static enum err late(struct job_run *run)
{
	return ctx_fail(&run->cx, ERR_TOO_LARGE,
		TR(&run->cx, "超过了 %" PRId64 " 秒的时限, 已停止",
			"stopped: it took longer than %" PRId64 " s"),
		run->kind->max_s);
}

static void write_log(const struct job_run *run, const struct job_get_row *row, enum err e)
{
	FILE *log = run->live->jobs->config.log;
	struct strbuf at;

	if (!log)
		return;
	strbuf_init(&at, 64);
	strbuf_instant(&at, clock_us());
	fprintf(log,
		"time=%s event=job id=%" PRId64 " kind=" STR_FMT " result=%s ms=%" PRId64
		"%s" STR_FMT "%s\n",
		at.p, run->id, STR_ARG(row->kind), err_slug(e),
		(clock_us() - run->cx.now_us) / 1000, err_http_status(e) >= 500 ? " cause=\"" : "",
		STR_ARG(err_http_status(e) >= 500 ? run->cx.error : STR_NONE),
		err_http_status(e) >= 500 ? "\"" : "");
	strbuf_release(&at);
}

/* Stopped with the server: what may begin again waits for the next one. */
static bool goes_back(struct job_run *run, enum err e)
{
	return e == ERR_CANCELLED && run->kind && run->kind->tries_max > 1 &&
	       is_stopping(run->live->jobs);
}

/* As the row has it now. */
static void tell_end(struct job_run *run)
{
	struct ctx cx = {.mem = run->cx.mem};
	struct job_page_row page;
	struct job_get_row row;
	bool is_found = false;

	if (job_get(&cx, run->service->db, &(struct job_get_in){run->id}, &row, &is_found) !=
			ERR_OK ||
		!is_found)
		return;
	page = job_page_of(&row);
	jobs_tell(run->live->jobs, cx.mem, &page);
}

static void finish(struct job_run *run, const struct job_get_row *row, enum err e)
{
	struct job_live *live = run->live;
	bool has_file = run->result_name.n && (e == ERR_OK || e == ERR_REJECTED);
	struct job_end_in in = {.id = run->id,
		.state = e == ERR_OK          ? STR("done")
			 : e == ERR_CANCELLED ? STR("cancelled")
					      : STR("failed"),
		.done = atomic_load(&live->done),
		.total = atomic_load(&live->total),
		.error = e == ERR_OK ? STR("") : run->cx.error,
		.result = STR(""),
		.result_name = STR(""),
		.result_type = STR("")};
	struct ctx cx = {.mem = run->cx.mem, .now_us = clock_us()};
	enum err written;

	in.at = cx.now_us;
	if (has_file || (e == ERR_OK && run->result.n)) {
		in.result = run->result;
		in.result_name = run->result_name.n ? run->result_name : STR("");
		in.result_type = run->result_type.n ? run->result_type : STR("");
	}
	if (goes_back(run, e))
		written = write_short(&cx, run->service, put_back,
			&(struct job_put_back_in){run->id, row->tries}, NULL);
	else
		written = write_short(&cx, run->service, end, &in, NULL);
	/* Not written: the next start of the server finds it running, and decides. */
	if (written != ERR_OK)
		run->cx.error = cx.error;
	else
		tell_end(run);
	if (!has_file)
		(void)unlink(job_result_path(run));
	if (!goes_back(run, e) && written == ERR_OK)
		(void)unlink(jobs_path(live->jobs, run->cx.mem, run->id, "in"));
	write_log(run, row, written != ERR_OK ? written : e);
}

static void do_it(struct jobs *jobs, struct service *service, struct job_live *live,
	const struct job_get_row *row, struct arena *mem)
{
	struct job_run run = {.cx = {.mem = mem,
				      .now_us = clock_us(),
				      .user = row->made_by,
				      .is_english = row->is_english},
		.service = service,
		.id = row->id,
		.live = live};
	enum err e;

	(void)jobs;
	e = ready(&run, row);
	if (e == ERR_OK)
		e = run.kind->run(&run);
	db_rollback(service->db);
	if (e == ERR_CANCELLED && atomic_load(&live->is_late))
		e = late(&run);
	finish(&run, row, e);
}

/* False: another thread was faster, or it was cancelled. */
static bool take(struct ctx *cx, struct service *s, int64_t id, struct job_get_row *row)
{
	struct job_claim_in in = {id, cx->now_us};
	int64_t changed = 0;
	bool is_found = false;

	if (write_short(cx, s, claim, &in, &changed) != ERR_OK || changed != 1)
		return false;
	return job_get(cx, s->db, &(struct job_get_in){id}, row, &is_found) == ERR_OK && is_found;
}

/* In the list before it is claimed: whoever finds it running can cancel it. */
static bool work_on(struct jobs *jobs, struct service *service, int64_t id)
{
	struct ctx cx = {.mem = arena_create(), .now_us = clock_us()};
	struct job_live *live = arena_new(cx.mem, struct job_live);
	struct job_get_row row;
	bool is_ours;

	live->jobs = jobs;
	live->id = id;
	enter(jobs, live);
	is_ours = take(&cx, service, id, &row);
	if (is_ours) {
		row.tries--; /* as before this one */
		struct job_page_row page = job_page_of(&row);
		live->row = &row;
		jobs_tell(jobs, cx.mem, &page);
		do_it(jobs, service, live, &row, cx.mem);
	}
	leave(jobs, live);
	arena_free(cx.mem);
	return is_ours;
}

bool jobs_work(struct jobs *jobs, struct service *service)
{
	struct ctx cx = {.mem = arena_create(), .now_us = clock_us()};
	struct job_waiting_rows waiting = {0};
	bool has_worked = false;

	if (job_waiting(&cx, service->db, &(struct job_waiting_in){8}, &waiting) == ERR_OK)
		for (size_t i = 0; i < waiting.count && !has_worked; i++)
			has_worked = work_on(jobs, service, waiting.items[i].id);
	arena_free(cx.mem);
	return has_worked;
}
