/* /api/ledgers/{ledger}/imports and /api/imports: files in, looked at first, taken back. */
#include "mod/serve/upload.h"

#include <fcntl.h>
#include <unistd.h>

/* ---- shapes ---- */

static const struct json_field import_fields[] = {OUT("id", JT_TEXT), OUT("ledger", JT_TEXT),
	OUT("title", JT_TEXT), OUT("file", JT_TEXT), OUT_OR_NULL("period", JT_TEXT),
	OUT("started_at", JT_TEXT), OUT("ended_at", JT_TEXT), OUT("by", JT_TEXT),
	OUT("rows_total", JT_I64), OUT("rows_new", JT_I64), OUT("rows_changed", JT_I64),
	OUT("rows_same", JT_I64), OUT("state", JT_TEXT), OUT("can_undo", JT_BOOL)};
static const struct json_shape import_shape = JSON_SHAPE("import", 0, import_fields);
static const struct json_field list_fields[] = {OUT_WITH("items", JT_LIST, .of = &import_shape)};
static const struct json_shape list_shape = JSON_SHAPE("imports", 0, list_fields);

/* ---- a file ---- */

static enum err preview(struct http_call *call)
{
	struct upload u;
	enum err e;

	TRY(upload_take(call, call_ledger(call), &u));
	u.request.is_dry_run = true;
	e = import_run(&call->cx, service_of(call)->place, &u.request, &u.result);
	if (e != ERR_OK && e != ERR_REJECTED)
		return e;
	upload_write(call, &u, e == ERR_OK, false);
	return ERR_OK;
}

/* What was refused comes back in full, with the status of a refusal. */
static enum err run(struct http_call *call)
{
	struct upload u;
	enum err e;

	TRY(upload_take(call, call_ledger(call), &u));
	e = import_run(&call->cx, service_of(call)->place, &u.request, &u.result);
	if (e != ERR_OK && e != ERR_REJECTED)
		return e;
	call->reply.status = e == ERR_OK ? 201 : 422;
	upload_write(call, &u, e == ERR_OK, e != ERR_OK);
	return ERR_OK;
}

static enum err rejects(struct http_call *call)
{
	char path[] = "/tmp/shuren-rejects-XXXXXX.xlsx";
	struct upload u;
	enum err e;
	int fd;

	TRY(upload_take(call, call_ledger(call), &u));
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
	TRY(find_import(call, &e));
	write_import(call, &e);
	return ERR_OK;
}

static const struct query_field upload_query[] = {UPLOAD_QUERY, QUERY_END};
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
		.reply = &import_outcome_shape,
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
		.reply = &import_outcome_shape,
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
