/* /api/ledgers/{ledger}/imports and /api/imports: files in, looked at first, taken back. */
#include "mod/ledger/import.h"
#include "mod/ledger/intake.h"
#include "mod/serve/ledger_api.h"

#include <fcntl.h>
#include <unistd.h>

/* ---- shapes ---- */

static const struct json_field column_fields[] = {OUT("column", JT_TEXT), OUT("header", JT_TEXT),
	OUT_OR_NULL("field", JT_TEXT), OUT_OR_NULL("title", JT_TEXT)};
static const struct json_shape column_shape = JSON_SHAPE("import_column", 0, column_fields);
static const struct json_field problem_fields[] = {OUT("row", JT_I64),
	OUT_OR_NULL("column", JT_TEXT), OUT_OR_NULL("cell", JT_TEXT), OUT("title", JT_TEXT),
	OUT("value", JT_TEXT), OUT("text", JT_TEXT), OUT("is_warning", JT_BOOL)};
static const struct json_shape problem_shape = JSON_SHAPE("cell_problem", 0, problem_fields);
static const struct json_field outcome_fields[] = {OUT("ok", JT_BOOL),
	OUT_OR_NULL("import", JT_TEXT), OUT("file", JT_TEXT), OUT("header_row", JT_I64),
	OUT("rows_total", JT_I64), OUT("rows_new", JT_I64), OUT("rows_changed", JT_I64),
	OUT("rows_same", JT_I64), OUT("blank_cells", JT_I64),
	OUT_WITH("columns", JT_LIST, .of = &column_shape), OUT("missing", JT_TEXTS),
	OUT("error_count", JT_I64), OUT("warning_count", JT_I64),
	OUT_WITH("problems", JT_LIST, .of = &problem_shape), OUT_OR_NULL("detail", JT_TEXT)};
static const struct json_shape outcome_shape = JSON_SHAPE("import_outcome", 0, outcome_fields);
static const struct json_field import_fields[] = {OUT("id", JT_TEXT), OUT("ledger", JT_TEXT),
	OUT("title", JT_TEXT), OUT("file", JT_TEXT), OUT_OR_NULL("period", JT_TEXT),
	OUT("started_at", JT_TEXT), OUT("ended_at", JT_TEXT), OUT("by", JT_TEXT),
	OUT("rows_total", JT_I64), OUT("rows_new", JT_I64), OUT("rows_changed", JT_I64),
	OUT("rows_same", JT_I64), OUT("state", JT_TEXT), OUT("can_undo", JT_BOOL)};
static const struct json_shape import_shape = JSON_SHAPE("import", 0, import_fields);
static const struct json_field list_fields[] = {OUT_WITH("items", JT_LIST, .of = &import_shape)};
static const struct json_shape list_shape = JSON_SHAPE("imports", 0, list_fields);

/* ---- a file ---- */

struct upload {
	struct http_call *call;
	const struct stored_ledger *l;
	struct scopes scopes;
	struct import_request request;
	struct import_result result;
};

static bool may_org(void *guard, const struct org_tree *tree, struct str org)
{
	const struct upload *u = guard;

	return scopes_have(&u->scopes, tree, org);
}

static enum err take_upload(struct http_call *call, struct upload *u)
{
	struct str period = http_query(call, "period"), name = http_query(call, "name");

	*u = (struct upload){.call = call, .l = call_ledger(call)};
	call_scopes(call, u->l->ledger->id.text, "import", &u->scopes);
	if ((u->l->owner == SIZE_MAX || u->l->is_registry) && !scopes_are_all(&u->scopes))
		return ctx_fail(&call->cx, ERR_FORBIDDEN, "%s",
			TR(&call->cx, "这个台账的行不属于某个机构, 只有管全部的人能导入",
				"its rows belong to no organisation: only who may import "
				"everywhere does so"));
	if (!call->body.n)
		return ctx_fail(&call->cx, ERR_INVALID, "%s",
			TR(&call->cx, "请求体应是文件本身", "the body should be the file itself"));
	u->request = (struct import_request){.ledger = u->l->ledger,
		.path = name.n ? str_z(call->cx.mem, name) : "upload",
		.bytes = call->body,
		.sheet = http_query(call, "sheet"),
		.may_org = may_org,
		.guard = u};
	if (period.n && !period_parse(call->cx.mem, period, &u->request.period))
		http_fault(call, "?period", "%s",
			TR(&call->cx, "应为周期, 如 2025", "should be a period such as 2025"));
	return http_check(call);
}

static const char *column_name(uint32_t column, char buf[TABLE_CELL_NAME_MAX])
{
	return table_reader_cell_name(0, column, buf);
}

static void write_columns(struct json_writer *w, const struct upload *u)
{
	size_t n = 0;
	const struct intake_column *columns =
		u->result.intake ? intake_columns(u->result.intake, &n) : NULL;
	const struct pack_ledger *ledger = u->l->ledger;
	char name[TABLE_CELL_NAME_MAX];

	json_key(w, "columns");
	json_array(w);
	for (size_t i = 0; i < n; i++) {
		json_object(w);
		json_field_z(w, "column", column_name(columns[i].column, name));
		json_field_str(w, "header", columns[i].header);
		json_field_text(
			w, "field", columns[i].field ? columns[i].field->name.text : STR_NONE);
		json_field_text(
			w, "title", columns[i].field ? columns[i].field->title.text : STR_NONE);
		json_end_object(w);
	}
	json_end_array(w);
	json_key(w, "missing");
	json_array(w);
	for (size_t f = 0; n && f < ledger->fields.count; f++)
		if (!ledger->fields.items[f].derive.text.n &&
			intake_column_of(u->result.intake, &ledger->fields.items[f]) == UINT32_MAX)
			json_str(w, ledger->fields.items[f].name.text);
	json_end_array(w);
}

static void write_problem(struct json_writer *w, const struct cell_problem *p)
{
	char name[TABLE_CELL_NAME_MAX];
	bool has_column = p->column != UINT32_MAX;

	json_object(w);
	json_field_i64(w, "row", p->row);
	json_field_z(w, "column", has_column ? column_name(p->column, name) : NULL);
	json_field_z(
		w, "cell", has_column ? table_reader_cell_name(p->row, p->column, name) : NULL);
	json_field_str(w, "title", p->title);
	json_field_str(w, "value", p->value);
	json_field_str(w, "text", p->text);
	json_field_bool(w, "is_warning", p->is_warning);
	json_end_object(w);
}

static void write_problems(struct json_writer *w, const struct upload *u)
{
	const struct intake_problems *ps =
		u->result.intake ? intake_problems(u->result.intake) : NULL;

	json_field_i64(w, "error_count", ps ? (int64_t)ps->error_count : 0);
	json_field_i64(w, "warning_count", ps ? (int64_t)ps->warning_count : 0);
	json_key(w, "problems");
	json_array(w);
	for (size_t i = 0; ps && i < ps->list.count; i++)
		write_problem(w, &ps->list.items[i]);
	json_end_array(w);
}

static void write_outcome(
	struct http_call *call, const struct upload *u, bool is_good, bool is_refused)
{
	const struct import_result *r = &u->result;
	struct json_writer *w = &call->json;

	json_object(w);
	if (is_refused) {
		json_field_z(w, "type", "/problems/rejected");
		json_field_z(w, "title", TR(&call->cx, "数据没有通过", "The data say no"));
		json_field_i64(w, "status", 422);
		json_field_z(w, "request", call->id);
		json_key(w, "errors");
		json_array(w);
		json_end_array(w);
		call->reply.type = "application/problem+json";
	}
	json_field_bool(w, "ok", is_good);
	json_field_id(w, "import", r->id);
	json_field_z(w, "file", u->request.path);
	json_field_i64(w, "header_row", r->intake ? intake_header_row(r->intake) : 0);
	json_field_i64(w, "rows_total", (int64_t)r->rows_total);
	json_field_i64(w, "rows_new", (int64_t)r->rows_new);
	json_field_i64(w, "rows_changed", (int64_t)r->rows_changed);
	json_field_i64(w, "rows_same", (int64_t)r->rows_same);
	json_field_i64(w, "blank_cells", (int64_t)r->blank_cells);
	write_columns(w, u);
	write_problems(w, u);
	json_field_text(w, "detail", is_good ? STR_NONE : call->cx.error);
	json_end_object(w);
}

static enum err preview(struct http_call *call)
{
	struct upload u;
	enum err e;

	TRY(take_upload(call, &u));
	u.request.is_dry_run = true;
	e = import_run(&call->cx, service_of(call)->place, &u.request, &u.result);
	if (e != ERR_OK && e != ERR_REJECTED)
		return e;
	write_outcome(call, &u, e == ERR_OK, false);
	return ERR_OK;
}

/* What was refused comes back in full, with the status of a refusal. */
static enum err run(struct http_call *call)
{
	struct upload u;
	enum err e;

	TRY(take_upload(call, &u));
	e = import_run(&call->cx, service_of(call)->place, &u.request, &u.result);
	if (e != ERR_OK && e != ERR_REJECTED)
		return e;
	if (e == ERR_OK && u.l->is_registry)
		service_tree_changed(service_of(call));
	call->reply.status = e == ERR_OK ? 201 : 422;
	write_outcome(call, &u, e == ERR_OK, e != ERR_OK);
	return ERR_OK;
}

static enum err rejects(struct http_call *call)
{
	char path[] = "/tmp/shuren-rejects-XXXXXX.xlsx";
	struct upload u;
	enum err e;
	int fd;

	TRY(take_upload(call, &u));
	fd = mkstemps(path, 5);
	if (fd < 0)
		return ctx_fail(&call->cx, ERR_IO, "mkstemps");
	close(fd);
	u.request.is_dry_run = true;
	u.request.rejects = path;
	e = import_run(&call->cx, service_of(call)->place, &u.request, &u.result);
	fd = e == ERR_REJECTED && u.result.has_rejects ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	(void)unlink(path);
	if (fd >= 0)
		return http_reply_file(call, fd,
			"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
			STR("rejects.xlsx"));
	if (e != ERR_OK)
		return e;
	call->reply.status = 204;
	return ERR_OK;
}

/* ---- the list, and taking back ---- */

/* Who may import everywhere where the ledger is kept takes any import back, others their own. */
static bool may_undo(struct http_call *call, const struct import_entry *e)
{
	struct scopes scopes;

	if (!str_is(e->state, "done"))
		return false;
	call_scopes(call, e->ledger, "import", &scopes);
	return scopes_are_all(&scopes) || (scopes.list.count && str_eq(e->made_by, call->cx.user));
}

static bool may_see(struct http_call *call, const struct import_entry *e)
{
	struct scopes scopes;

	call_scopes(call, e->ledger, "read", &scopes);
	return scopes_are_all(&scopes) || (scopes.list.count && str_eq(e->made_by, call->cx.user));
}

static void write_import(struct http_call *call, const struct import_entry *e)
{
	const struct pack_ledger *ledger = pack_find_ledgers(service_of(call)->pack, e->ledger);
	struct json_writer *w = &call->json;

	json_object(w);
	json_field_id(w, "id", e->id);
	json_field_str(w, "ledger", e->ledger);
	json_field_str(w, "title", ledger ? ledger->title.text : e->ledger);
	json_field_str(w, "file", e->file_name);
	json_field_text(w, "period", e->period);
	json_field_instant(w, "started_at", e->started_at);
	json_field_instant(w, "ended_at", e->ended_at);
	json_field_str(w, "by", e->made_by);
	json_field_i64(w, "rows_total", e->total);
	json_field_i64(w, "rows_new", e->fresh);
	json_field_i64(w, "rows_changed", e->changed);
	json_field_i64(w, "rows_same", e->same);
	json_field_str(w, "state", e->state);
	json_field_bool(w, "can_undo", may_undo(call, e));
	json_end_object(w);
}

static enum err get_imports(struct http_call *call)
{
	int64_t limit = http_query_i64(call, "limit", 50), n = 0;
	struct import_entries entries;

	TRY(import_list(
		&call->cx, service_of(call)->place, http_query(call, "ledger"), 100000, &entries));
	json_object(&call->json);
	json_key(&call->json, "items");
	json_array(&call->json);
	for (size_t i = 0; i < entries.list.count && n < limit; i++)
		if (may_see(call, &entries.list.items[i])) {
			write_import(call, &entries.list.items[i]);
			n++;
		}
	json_end_array(&call->json);
	json_end_object(&call->json);
	return ERR_OK;
}

static enum err find_import(struct http_call *call, struct import_entry *out)
{
	struct import_entries entries;
	int64_t id = 0;

	TRY(import_list(&call->cx, service_of(call)->place, STR_NONE, 100000, &entries));
	if (parse_i64(http_param(call, "id"), 1, INT64_MAX, &id) == NUM_OK)
		for (size_t i = 0; i < entries.list.count; i++)
			if (entries.list.items[i].id == id &&
				may_see(call, &entries.list.items[i])) {
				*out = entries.list.items[i];
				return ERR_OK;
			}
	return ctx_fail(&call->cx, ERR_NOT_FOUND, "%s",
		TR(&call->cx, "没有这次导入", "there is no such import"));
}

static enum err get_import(struct http_call *call)
{
	struct import_entry e;

	TRY(find_import(call, &e));
	write_import(call, &e);
	return ERR_OK;
}

static enum err undo(struct http_call *call)
{
	struct service *s = service_of(call);
	struct import_result result;
	struct import_entry e;

	TRY(find_import(call, &e));
	if (str_is(e.state, "done") && !may_undo(call, &e))
		return ctx_fail(&call->cx, ERR_FORBIDDEN, "%s",
			TR(&call->cx, "只能撤销自己的导入",
				"only one's own imports are taken back"));
	TRY(import_undo(&call->cx, s->place, e.id, &result));
	service_tree_changed(s);
	TRY(find_import(call, &e));
	write_import(call, &e);
	return ERR_OK;
}

static const struct query_field upload_query[] = {
	{.name = "name", .type = QUERY_TEXT, .max = 400, .zh = "文件名", .en = "the file's name"},
	QUERY("period", "没有周期列的行的周期", "the period of rows without one"),
	QUERY("sheet", "工作表", "the sheet"), QUERY_END};
static const struct query_field imports_query[] = {
	QUERY("ledger", "台账", "the ledger"), QUERY_LIMIT, QUERY_END};

const struct route import_routes[] = {
	{.method = HTTP_POST,
		.path = "/api/ledgers/{ledger}/imports/preview",
		.on = "{ledger}",
		.may = "import",
		.tx = HTTP_READ_ALONE,
		.query = upload_query,
		.takes_file = true,
		.reply = &outcome_shape,
		.handle = preview,
		.zh = "导入预览",
		.en = "Look at a file"},
	{.method = HTTP_POST,
		.path = "/api/ledgers/{ledger}/imports/rejects",
		.on = "{ledger}",
		.may = "import",
		.tx = HTTP_READ_ALONE,
		.query = upload_query,
		.takes_file = true,
		.media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		.handle = rejects,
		.zh = "标注好的错误工作簿",
		.en = "The workbook with its bad cells marked"},
	{.method = HTTP_POST,
		.path = "/api/ledgers/{ledger}/imports",
		.on = "{ledger}",
		.may = "import",
		.tx = HTTP_WRITE_ALONE,
		.query = upload_query,
		.takes_file = true,
		.reply = &outcome_shape,
		.status = 201,
		.handle = run,
		.zh = "导入",
		.en = "Import a file, all of it or nothing"},
	{.path = "/api/imports",
		.on = "",
		.query = imports_query,
		.reply = &list_shape,
		.handle = get_imports,
		.zh = "导入记录",
		.en = "The imports, newest first"},
	{.path = "/api/imports/{id}",
		.on = "",
		.reply = &import_shape,
		.handle = get_import,
		.zh = "一次导入",
		.en = "One import"},
	{.method = HTTP_POST,
		.path = "/api/imports/{id}/undo",
		.on = "",
		.tx = HTTP_WRITE,
		.reply = &import_shape,
		.handle = undo,
		.zh = "撤销导入",
		.en = "Take an import back"},
	{.path = NULL},
};
