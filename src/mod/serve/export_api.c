/* Files out: a ledger's rows, and an empty workbook to fill in. */
#include "http/made_file.h"
#include "mod/ledger/export.h"
#include "mod/serve/ledger_api.h"

#include <unistd.h>

static const char *const formats[] = {"xlsx", "csv", NULL};

static enum err get_export(struct http_call *call)
{
	const struct stored_ledger *l = call_ledger(call);
	struct export_request request = {.ledger = l->ledger};
	struct row_search search;
	struct made_file f;
	size_t rows = 0;
	enum err e;

	TRY(row_search_begin(call, l, "export", &search));
	request.where = &search.where;
	e = made_file_begin(call, http_query_is(call, "format", "csv") ? MADE_CSV : MADE_XLSX, &f);
	if (e == ERR_OK) {
		request.to = f.path;
		e = export_run(&call->cx, service_of(call)->place, &request, &rows);
		e = made_file_reply(call, &f, e, l->ledger->title.text);
	}
	db_where_end(&search.where);
	return e;
}

static enum err get_template(struct http_call *call)
{
	const struct stored_ledger *l = call_ledger(call);
	struct made_file f;

	TRY(made_file_begin(call, MADE_XLSX, &f));
	return made_file_reply(call, &f,
		template_write(&call->cx, service_of(call)->pack, l->ledger, f.path),
		l->ledger->title.text);
}

/* ---- as a job ---- */

struct export_input {
	struct str ledger;
	struct json_texts query; /* names and values by turns */
};
static const struct json_field input_fields[] = {
	IN(export_input, ledger, JT_TEXT), IN(export_input, query, JT_TEXTS)};
static const struct json_shape input_shape =
	JSON_SHAPE("export_input", sizeof(struct export_input), input_fields);

struct export_run_state {
	struct job_run *run;
	int64_t total;
};

static bool progress(void *arg, size_t rows)
{
	struct export_run_state *x = arg;

	return job_progress(x->run, (int64_t)rows, x->total) == ERR_OK;
}

static enum err count_rows(struct http_call *call, const struct stored_ledger *l,
	const struct row_search *search, int64_t *out)
{
	struct db_stmt *st = NULL;
	bool has_row = false;

	TRY(db_prepare(&call->cx, service_of(call)->db,
		arena_printf(call->cx.mem, "SELECT count(*) FROM %s WHERE TRUE" STR_FMT, l->table,
			STR_ARG(strbuf_view(&search->where.sql))),
		&st));
	db_where_bind(&search->where, st);
	TRY(db_step(&call->cx, st, &has_row));
	*out = has_row ? db_i64(st, 0) : 0;
	db_release(st);
	return ERR_OK;
}

static enum err write_file(struct job_run *run, struct http_call *call,
	const struct stored_ledger *l, const struct row_search *search)
{
	bool is_csv = http_query_is(call, "format", "csv");
	const char *ending = is_csv ? "csv" : "xlsx", *path = job_result_path(run);
	struct export_run_state x = {.run = run};
	struct export_request request = {.ledger = l->ledger,
		.where = &search->where,
		.progress = progress,
		.arg = &x,
		.to = arena_printf(call->cx.mem, "%s.%s", path, ending)};
	size_t rows = 0;
	enum err e;

	TRY(count_rows(call, l, search, &x.total));
	e = export_run(&call->cx, run->service->place, &request, &rows);
	if (e == ERR_OK && rename(request.to, path) != 0)
		e = ctx_fail(&call->cx, ERR_IO, "rename");
	if (e != ERR_OK) {
		(void)unlink(request.to);
		return e;
	}
	job_result_file(run,
		str_printf(call->cx.mem, STR_FMT ".%s", STR_ARG(l->ledger->title.text), ending),
		is_csv ? "text/csv; charset=utf-8" : XLSX_TYPE);
	return job_progress(run, (int64_t)rows, (int64_t)rows);
}

static enum err run_export(struct job_run *run)
{
	const struct export_input *in = run->in;
	const struct pack_ledger *ledger = pack_find_ledgers(run->service->pack, in->ledger);
	struct stored_ledger *l = arena_new(run->cx.mem, struct stored_ledger);
	struct row_search search;
	struct http_call call;
	enum err e;

	if (!ledger)
		return ctx_fail(&run->cx, ERR_NOT_FOUND,
			TR(&run->cx, "没有台账 '" STR_FMT "'", "no ledger '" STR_FMT "'"),
			STR_ARG(in->ledger));
	stored_ledger_init(run->cx.mem, ledger, l);
	job_call(run, &in->query, &call);
	e = row_search_begin(&call, l, "export", &search);
	if (e == ERR_OK) {
		e = write_file(run, &call, l, &search);
		db_where_end(&search.where);
	}
	job_call_end(run, &call);
	return e;
}

const struct job_kind export_job = {.name = "export",
	.zh = "导出",
	.en = "Export",
	.in = &input_shape,
	.run = run_export,
	.max_s = 3600,
	.tries_max = 2};

static struct str input_text(struct http_call *call)
{
	struct json_writer w;
	struct strbuf b;
	struct str text;

	strbuf_init(&b, STRBUF_MAX);
	json_begin(&w, &b);
	json_object(&w);
	json_field_str(&w, "ledger", http_param(call, "ledger"));
	json_key(&w, "query");
	json_array(&w);
	for (size_t i = 0; i < call->query.list.count; i++)
		if (call->query.list.items[i].value.n) {
			json_str(&w, call->query.list.items[i].name);
			json_str(&w, call->query.list.items[i].value);
		}
	json_end_array(&w);
	json_end_object(&w);
	text = str_copy(call->cx.mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}

/* The search is made once here, so that its mistakes are told at once. */
static enum err queue_export(struct http_call *call)
{
	const struct stored_ledger *l = call_ledger(call);
	struct row_search search;

	TRY(row_search_begin(call, l, "export", &search));
	db_where_end(&search.where);
	return job_queue(call,
		&(struct new_job){.kind = &export_job,
			.title = str_printf(call->cx.mem, "%s " STR_FMT,
				TR(&call->cx, "导出", "Export"), STR_ARG(l->ledger->title.text)),
			.in = input_text(call),
			.needs_on = l->ledger->id.text,
			.needs_may = "export"});
}

static const struct query_field export_query[] = {ROW_SEARCH_QUERY,
	{.name = "format", .type = QUERY_TEXT, .choices = formats, .zh = "格式", .en = "format"},
	QUERY_END};

const struct route export_routes[] = {
	{.path = "/api/ledgers/{ledger}/export",
		.on = "{ledger}",
		.may = "export",
		.tx = HTTP_READ_ALONE,
		.query = export_query,
		.media = XLSX_TYPE,
		.handle = get_export,
		.zh = "导出",
		.en = "Rows as a workbook or CSV, secrets masked"},
	{.path = "/api/ledgers/{ledger}/template",
		.on = "{ledger}",
		.may = "read",
		.media = XLSX_TYPE,
		.handle = get_template,
		.zh = "填报模板",
		.en = "An empty workbook to fill in"},
	{.method = HTTP_POST,
		.path = "/api/ledgers/{ledger}/export",
		.on = "{ledger}",
		.may = "export",
		.tx = HTTP_WRITE,
		.query = export_query,
		.reply = &job_shape,
		.status = 202,
		.handle = queue_export,
		.zh = "导出, 作为任务",
		.en = "Export as a job; its result is the file"},
	{.path = NULL},
};
