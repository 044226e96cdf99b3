#include "mod/serve/serve.h"

#include "http/openapi.h"
#include "mod/job/job.h"
#include "mod/serve/allocation_api.h"
#include "mod/serve/ledger_api.h"
#include "mod/serve/measure_api.h"
#include "mod/serve/plan_api.h"
#include "mod/serve/what_if.h"

#include <pthread.h>
#include <signal.h>

static const struct route *const lists[] = {about_routes, session_routes, account_routes,
	matrix_routes, audit_routes, backup_routes, map_routes, ledger_routes, row_routes,
	edit_routes, unseal_routes, import_routes, import_job_routes, export_routes, measure_routes,
	drill_routes, evaluate_routes, what_if_routes, scenario_routes, plan_routes,
	overview_routes, job_routes, allocation_routes, allocation_beside_routes,
	allocation_export_routes, allocation_job_routes, allocation_move_routes, NULL};
const struct routes serve_routes = {lists};

/* What may run as a job. */
static const struct job_kind *const job_kinds[] = {
	&backup_job, &export_job, &import_job, &plan_job, NULL};
#define JOB_THREADS   2
#define WRITE_WAIT_MS 5000 /* of calls that write while a job does */

/* ---- a thread's connection, for the server ---- */

static enum err open_thread(struct ctx *cx, void *arg, bool is_writer, void **out)
{
	struct service *s;

	TRY(service_open(cx, arg, is_writer, &s));
	*out = s;
	return ERR_OK;
}

static void close_thread(void *thread)
{
	service_close(thread);
}

static enum err prepare(struct ctx *cx, void *thread)
{
	return service_refresh(cx, thread);
}

static struct db *db_of(void *thread)
{
	return ((struct service *)thread)->db;
}

static enum err read_begin(struct ctx *cx, void *thread)
{
	return db_begin(cx, db_of(thread), DB_READ);
}

static void rollback(void *thread)
{
	db_rollback(db_of(thread));
}

static enum err take_turn(struct ctx *cx, void *thread)
{
	return turn_take(cx, service_turn(thread), false, WRITE_WAIT_MS, NULL, NULL);
}

static void give_turn(void *thread)
{
	turn_give(service_turn(thread), false);
}

static enum err group_begin(struct ctx *cx, void *thread)
{
	return db_begin(cx, db_of(thread), DB_WRITE);
}

static enum err group_commit(struct ctx *cx, void *thread)
{
	enum err e = db_commit(cx, db_of(thread));

	db_rollback(db_of(thread)); /* what is left of a commit that failed */
	jobs_wake(service_jobs(thread));
	return e;
}

static enum err step_begin(struct ctx *cx, void *thread)
{
	return db_savepoint(cx, db_of(thread), "call");
}

static enum err step_end(struct ctx *cx, void *thread, bool is_kept)
{
	return is_kept ? db_savepoint_release(cx, db_of(thread), "call")
		       : db_savepoint_rollback(cx, db_of(thread), "call");
}

static void tick(struct ctx *cx, void *thread)
{
	jobs_breathe(service_jobs(thread));
	/* The next tick does what this one could not. */
	if (turn_take(cx, service_turn(thread), false, 0, NULL, NULL) != ERR_OK)
		return;
	if (auth_tick(cx, thread) != ERR_OK)
		db_rollback(db_of(thread));
	give_turn(thread);
}

/* ---- pages ---- */

static const char no_page[] = "<!doctype html><html lang=zh><meta charset=utf-8><title>树人</title>"
			      "<p>这里只有接口: <a href=/openapi.json>/openapi.json</a>. "
			      "网页还没有构建, 或没有用 --web 指出它的文件夹.</p></html>";

static enum err make_pages(
	struct ctx *cx, const struct serve_options *options, struct http_pages *pages)
{
	struct str description;
	struct strbuf b;

	pages_init(pages, cx->mem);
	if (options->web)
		TRY(pages_add_folder(cx, pages, options->web));
	else
		TRY(pages_add(cx, pages, STR("/index.html"), str_from(no_page),
			"text/html; charset=utf-8", "no-cache"));
	strbuf_init(&b, STRBUF_MAX);
	openapi_write(&serve_routes, SERVE_VERSION, &b);
	description = str_copy(cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	return pages_add(
		cx, pages, STR("/openapi.json"), description, "application/json", "no-cache");
}

/* ---- serving ---- */

/* Threads inherit the mask: the signals come to sigwait alone. */
static void block_signals(sigset_t *signals)
{
	sigemptyset(signals);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, SIGINT);
	sigaddset(signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, signals, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

static void wait_for_end(const sigset_t *signals)
{
	int caught = 0;

	do
		(void)sigwait(signals, &caught);
	while (caught == SIGHUP);
}

static enum err serve_until_told(struct ctx *cx, const struct serve_options *options,
	const struct http_app *app, struct jobs *jobs, void (*ready)(void *arg, int port),
	void *arg)
{
	struct http_server *server;
	sigset_t signals;
	enum err e;

	block_signals(&signals);
	TRY(http_server_start(cx, &options->http, app, &server));
	e = jobs_start(cx, jobs);
	if (e == ERR_OK) {
		ready(arg, http_server_port(server));
		wait_for_end(&signals);
	}
	jobs_stop(jobs);
	http_server_stop(server);
	return e;
}

enum err serve_place(struct ctx *cx, struct str url, const struct serve_options *options,
	void (*ready)(void *arg, int port), void *arg)
{
	struct jobs_config jobs_config = {
		.kinds = job_kinds, .threads = JOB_THREADS, .log = options->http.log};
	struct http_pages pages;
	struct http_app app = {.routes = &serve_routes,
		.pages = &pages,
		.thread_open = open_thread,
		.thread_close = close_thread,
		.prepare = prepare,
		.authorize = auth_authorize,
		.read_begin = read_begin,
		.read_end = rollback,
		.turn_take = take_turn,
		.turn_give = give_turn,
		.group_begin = group_begin,
		.group_commit = group_commit,
		.group_rollback = rollback,
		.step_begin = step_begin,
		.step_end = step_end,
		.tick = tick};
	struct service_shared *shared;
	struct open_place *place;
	struct jobs *jobs;
	enum err e;

	TRY(place_open(cx, url, DB_EXISTING, &place));
	TRY(make_pages(cx, options, &pages));
	app.arg = shared = service_shared_new(place);
	e = jobs_open(cx, &jobs_config, shared, place, &jobs);
	if (e == ERR_OK) {
		e = serve_until_told(cx, options, &app, jobs, ready, arg);
		jobs_close(jobs);
	}
	service_shared_free(shared);
	return e;
}
