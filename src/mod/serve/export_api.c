/* Files out: a ledger's rows, and an empty workbook to fill in. */
#include "http/made_file.h"
#include "mod/ledger/export.h"
#include "mod/serve/ledger_api.h"

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
	{.path = NULL},
};
