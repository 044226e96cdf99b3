/* Imports of large files as jobs: the file is kept, the answer comes later. */
#include "mod/serve/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct import_input {
	struct str ledger;
	struct json_texts query; /* name, period, sheet: names and values by turns */
	bool is_check;
};
static const struct json_field input_fields[] = {IN(import_input, ledger, JT_TEXT),
	IN(import_input, query, JT_TEXTS), IN(import_input, is_check, JT_BOOL)};
static const struct json_shape input_shape =
	JSON_SHAPE("import_input", sizeof(struct import_input), input_fields);

/* ---- the file ---- */

static void unmap(void *arg)
{
	struct str *bytes = arg;

	(void)munmap((void *)(uintptr_t)bytes->p, bytes->n);
}

static enum err map_file(struct job_run *run, struct str *out)
{
	struct str *bytes = arena_new(run->cx.mem, struct str);
	int fd = run->file ? open(run->file, O_RDONLY | O_CLOEXEC) : -1;
	void *p = MAP_FAILED;
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0)
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (fd >= 0)
		close(fd);
	if (p == MAP_FAILED)
		return ctx_fail(&run->cx, ERR_IO, "%s",
			TR(&run->cx, "上传的文件已不在, 请重新上传",
				"the file is gone: send it again"));
	*bytes = (struct str){p, (size_t)st.st_size};
	arena_defer(run->cx.mem, unmap, bytes);
	*out = *bytes;
	return ERR_OK;
}

/* ---- doing it ---- */

static bool progress(void *arg, size_t rows, uint64_t done, uint64_t total)
{
	(void)rows;
	return job_progress(arg, (int64_t)done, (int64_t)total) == ERR_OK;
}

/* The server ended between the import's commit and the job's end: what it did is told again. */
static enum err find_done(struct job_run *run, struct upload *u, bool *out_found)
{
	struct import_entries entries;

	*out_found = false;
	TRY(import_list(&run->cx, run->service->place, u->l->ledger->id.text, 100000, &entries));
	for (size_t i = 0; i < entries.list.count; i++) {
		const struct import_entry *e = &entries.list.items[i];
		if (e->id != run->id)
			continue;
		*out_found = true;
		u->result = (struct import_result){.id = e->id,
			.rows_total = (size_t)e->total,
			.rows_new = (size_t)e->fresh,
			.rows_changed = (size_t)e->changed,
			.rows_same = (size_t)e->same};
	}
	return ERR_OK;
}

static enum err import_it(struct job_run *run, struct upload *u)
{
	struct open_place *place = run->service->place;
	bool is_done = false;
	enum err e;

	u->request.progress = progress;
	u->request.arg = run;
	u->request.is_dry_run = ((struct import_input *)run->in)->is_check;
	if (u->request.is_dry_run)
		return import_run(&u->call->cx, place, &u->request, &u->result);
	TRY(find_done(run, u, &is_done));
	if (is_done)
		return ERR_OK;
	u->request.id = run->id;
	TRY(job_turn(run));
	e = import_run(&u->call->cx, place, &u->request, &u->result);
	job_turn_over(run);
	return e;
}

static enum err keep_outcome(struct job_run *run, struct strbuf *body)
{
	FILE *f = fopen(job_result_path(run), "we");
	bool is_written = f && fwrite(body->p, 1, body->n, f) == body->n;

	if (f && fclose(f) != 0)
		is_written = false;
	if (!is_written)
		return ctx_fail(&run->cx, ERR_IO, "%s: %s", job_result_path(run), strerror(errno));
	job_result_file(run, STR("import.json"), "application/json");
	return ERR_OK;
}

static enum err run_call(struct job_run *run, struct http_call *call)
{
	const struct import_input *in = run->in;
	const struct pack_ledger *ledger = pack_find_ledgers(run->service->pack, in->ledger);
	struct stored_ledger *l = arena_new(run->cx.mem, struct stored_ledger);
	struct upload u;
	enum err e;

	if (!ledger)
		return ctx_fail(&call->cx, ERR_NOT_FOUND,
			TR(&call->cx, "没有台账 '" STR_FMT "'", "no ledger '" STR_FMT "'"),
			STR_ARG(in->ledger));
	stored_ledger_init(run->cx.mem, ledger, l);
	TRY(upload_take(call, l, &u));
	e = import_it(run, &u);
	if (e != ERR_OK && e != ERR_REJECTED)
		return e;
	upload_write(call, &u, e == ERR_OK, false);
	TRY(keep_outcome(run, &call->reply.body));
	return in->is_check ? ERR_OK : e;
}

static enum err run_import(struct job_run *run)
{
	const struct import_input *in = run->in;
	struct http_call call;
	struct str bytes;
	enum err e;

	TRY(map_file(run, &bytes));
	job_call(run, &in->query, &call);
	call.body = bytes;
	e = run_call(run, &call);
	job_call_end(run, &call);
	return e;
}

const struct job_kind import_job = {.name = "import",
	.zh = "导入",
	.en = "Import",
	.in = &input_shape,
	.run = run_import,
	.max_s = 3600,
	.tries_max = 2};

/* ---- queueing it ---- */

static void write_pair(struct json_writer *w, const char *name, struct str value)
{
	if (!value.n)
		return;
	json_z(w, name);
	json_str(w, value);
}

static struct str input_text(struct http_call *call, bool is_check)
{
	struct json_writer w;
	struct strbuf b;
	struct str text;

	strbuf_init(&b, 65536);
	json_begin(&w, &b);
	json_object(&w);
	json_field_str(&w, "ledger", http_param(call, "ledger"));
	json_key(&w, "query");
	json_array(&w);
	write_pair(&w, "name", http_query(call, "name"));
	write_pair(&w, "period", http_query(call, "period"));
	write_pair(&w, "sheet", http_query(call, "sheet"));
	json_end_array(&w);
	json_field_bool(&w, "is_check", is_check);
	json_end_object(&w);
	text = str_copy(call->cx.mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}

static enum err queue_it(struct http_call *call)
{
	return job_queue(call, call->then_arg);
}

/* On a worker: the file goes to the disk without keeping anybody's write waiting. */
static enum err keep_and_queue(struct http_call *call)
{
	const struct stored_ledger *l = call_ledger(call);
	bool is_check = http_query_is(call, "check", "1");
	struct new_job *job = arena_new(call->cx.mem, struct new_job);
	struct upload u;

	TRY(upload_take(call, l, &u));
	*job = (struct new_job){.kind = &import_job,
		.title = str_printf(call->cx.mem, "%s " STR_FMT ": %s",
			is_check ? TR(&call->cx, "检查", "Check") : TR(&call->cx, "导入", "Import"),
			STR_ARG(l->ledger->title.text), u.request.path),
		.in = input_text(call, is_check),
		.needs_on = l->ledger->id.text,
		.needs_may = "import"};
	TRY(job_keep_file(call, job));
	call->then = queue_it;
	call->then_arg = job;
	return ERR_OK;
}

static const char *const yes[] = {"1", NULL};
static const struct query_field queue_query[] = {UPLOAD_QUERY,
	{.name = "check",
		.type = QUERY_TEXT,
		.choices = yes,
		.zh = "只检查, 不写入",
		.en = "only look, write nothing"},
	QUERY_END};

const struct route import_job_routes[] = {
	{.method = HTTP_POST,
		.path = "/api/ledgers/{ledger}/imports/job",
		.on = "{ledger}",
		.may = "import",
		.tx = HTTP_READ_ALONE,
		.query = queue_query,
		.takes_file = true,
		.reply = &job_shape,
		.status = 202,
		.handle = keep_and_queue,
		.zh = "导入, 作为任务",
		.en = "Import a file as a job; its result is the import's outcome"},
	{.path = NULL},
};
