/* What a job's function calls. */
#include "mod/job/job_internal.h"

#include "base/num.h"

#define TELL_US 250000

/* On the thread of the job alone. */
static void tell(struct job_run *run)
{
	struct job_live *live = run->live;
	struct job_page_row row = job_page_of(live->row);
	struct arena *mem;

	if (job_monotonic_us() - live->told_us < TELL_US)
		return;
	live->told_us = job_monotonic_us();
	mem = arena_create();
	row.state = STR("running");
	row.done = atomic_load(&live->done);
	row.total = atomic_load(&live->total);
	jobs_tell(live->jobs, mem, &row);
	arena_free(mem);
}

bool job_is_wanted(void *arg)
{
	struct job_live *live = ((struct job_run *)arg)->live;

	if (live->until_us && job_monotonic_us() > live->until_us)
		atomic_store(&live->is_late, true);
	return !atomic_load(&live->is_cancelled) && !atomic_load(&live->is_late);
}

enum err job_progress(struct job_run *run, int64_t done, int64_t total)
{
	struct job_live *live = run->live;

	atomic_store(&live->done, done);
	atomic_store(&live->total, total);
	tell(run);
	if (!job_is_wanted(run))
		return ctx_fail(&run->cx, ERR_CANCELLED, "%s", TR(&run->cx, "已取消", "cancelled"));
	return ERR_OK;
}

enum err job_turn(struct job_run *run)
{
	return turn_take(&run->cx, service_turn(run->service), true, -1, job_is_wanted, run);
}

void job_turn_over(struct job_run *run)
{
	turn_give(service_turn(run->service), true);
}

const char *job_result_path(struct job_run *run)
{
	return jobs_path(run->live->jobs, run->cx.mem, run->id, "out");
}

void job_result_file(struct job_run *run, struct str name, const char *type)
{
	assert(name.n);
	run->result = str_printf(run->cx.mem, "/api/jobs/%" PRId64 "/result", run->id);
	run->result_name = str_copy(run->cx.mem, name);
	run->result_type = str_from(type);
}

void job_result_at(struct job_run *run, struct str url)
{
	run->result = str_copy(run->cx.mem, url);
}

void job_call(struct job_run *run, const struct json_texts *query, struct http_call *out)
{
	*out = (struct http_call){.cx = run->cx, .thread = run->service, .session = run->session};
	out->reply.fd = -1;
	for (size_t i = 0; i + 1 < query->count; i += 2)
		*VEC_PUSH(run->cx.mem, &out->query.list) =
			(struct http_pair){query->items[i], query->items[i + 1]};
	strbuf_init(&out->reply.body, STRBUF_MAX);
	json_begin(&out->json, &out->reply.body);
}

void job_call_end(struct job_run *run, struct http_call *call)
{
	run->cx.error = call->cx.error;
	http_reply_release(&call->reply);
}

/* ---- this program as a child ---- */

struct own_program {
	struct job_run *run;
	char said[400]; /* the last line that is no progress */
};

static bool is_wanted(void *arg)
{
	return job_is_wanted(((struct own_program *)arg)->run);
}

static void take_line(void *arg, struct str line)
{
	struct own_program *own = arg;
	int64_t done, total;
	struct str rest = line;

	if (str_starts(line, "progress ")) {
		rest = str_sub(rest, 9, rest.n);
		if (parse_i64(str_cut(&rest, ' '), 0, INT64_MAX, &done) == NUM_OK &&
			parse_i64(rest, 0, INT64_MAX, &total) == NUM_OK)
			(void)!job_progress(own->run, done, total); /* is_wanted ends it */
		return;
	}
	if (utf8_check(line) && line.n < sizeof own->said) {
		memcpy(own->said, line.p, line.n);
		own->said[line.n] = '\0';
	}
}

enum err job_own_program(struct job_run *run, const char *const *words, int64_t memory_max)
{
	struct own_program own = {.run = run};
	const char **argv, *path;
	struct child child;
	size_t n = 0;
	int status = 0;

	while (words[n])
		n++;
	TRY(child_own_path(&run->cx, &path));
	argv = arena_array(run->cx.mem, const char *, n + 2);
	argv[0] = path;
	for (size_t i = 0; i < n; i++)
		argv[i + 1] = words[i];
	child = (struct child){.argv = argv,
		.out = job_result_path(run),
		.wall_ms_max = run->kind->max_s * 1000,
		.memory_max = memory_max,
		.line = take_line,
		.is_wanted = is_wanted,
		.arg = &own};
	TRY(child_run(&run->cx, &child, &status));
	if (status == 0)
		return ERR_OK;
	if (own.said[0])
		return ctx_fail(&run->cx, status == 1 ? ERR_REJECTED : ERR_STORE, "%s", own.said);
	return ctx_fail(
		&run->cx, ERR_STORE, TR(&run->cx, "计算程序退出码 %d", "exit code %d"), status);
}
