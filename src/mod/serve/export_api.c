/* Files out: a ledger's rows, and an empty workbook to fill in. */
#include "mod/ledger/export.h"
#include "mod/serve/ledger_api.h"

#include <fcntl.h>
#include <unistd.h>

static const char *const formats[] = {"xlsx", "csv", NULL};

struct made_file {
	char folder[40];
	char *path;
	const char *type;
	bool is_csv;
};

static enum err make_file(struct http_call *call, struct made_file *out)
{
	*out = (struct made_file){.folder = "/tmp/shuren-export-XXXXXX",
		.is_csv = http_query_is(call, "format", "csv")};
	out->type = out->is_csv
			    ? "text/csv; charset=utf-8"
			    : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
	if (!mkdtemp(out->folder))
		return ctx_fail(&call->cx, ERR_IO, "mkdtemp");
	out->path =
		arena_printf(call->cx.mem, "%s/file.%s", out->folder, out->is_csv ? "csv" : "xlsx");
	return ERR_OK;
}

/* The name goes at once; what is open stays until it is sent. */
static int take_file(const struct made_file *f)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC);

	(void)unlink(f->path);
	(void)rmdir(f->folder);
	return fd;
}

static enum err reply(
	struct http_call *call, const struct made_file *f, enum err e, struct str name)
{
	int fd = take_file(f);

	if (e == ERR_OK && fd < 0)
		e = ctx_fail(&call->cx, ERR_IO, "open");
	if (e != ERR_OK) {
		if (fd >= 0)
			close(fd);
		return e;
	}
	return http_reply_file(call, fd, f->type,
		str_printf(
			call->cx.mem, STR_FMT "%s", STR_ARG(name), f->is_csv ? ".csv" : ".xlsx"));
}

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
	e = make_file(call, &f);
	if (e == ERR_OK) {
		request.to = f.path;
		e = export_run(&call->cx, service_of(call)->place, &request, &rows);
		e = reply(call, &f, e, l->ledger->title.text);
	}
	db_where_end(&search.where);
	return e;
}

static enum err get_template(struct http_call *call)
{
	const struct stored_ledger *l = call_ledger(call);
	struct made_file f;
	enum err e;

	TRY(make_file(call, &f));
	e = template_write(&call->cx, service_of(call)->pack, l->ledger, f.path);
	return reply(call, &f, e, l->ledger->title.text);
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
		.media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		.handle = get_export,
		.zh = "导出",
		.en = "Rows as a workbook or CSV, secrets masked"},
	{.path = "/api/ledgers/{ledger}/template",
		.on = "{ledger}",
		.may = "read",
		.media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		.handle = get_template,
		.zh = "填报模板",
		.en = "An empty workbook to fill in"},
	{.path = NULL},
};
