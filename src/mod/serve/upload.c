#include "mod/serve/upload.h"

/* ---- its shape ---- */

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
const struct json_shape import_outcome_shape = JSON_SHAPE("import_outcome", 0, outcome_fields);

/* ---- taking it ---- */

static bool may_org(void *guard, const struct org_tree *tree, struct str org)
{
	const struct upload *u = guard;

	return scopes_have(&u->scopes, tree, org);
}

enum err upload_take(struct http_call *call, const struct stored_ledger *l, struct upload *u)
{
	struct str period = http_query(call, "period"), name = http_query(call, "name");

	*u = (struct upload){.call = call, .l = l};
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

void upload_write(struct http_call *call, const struct upload *u, bool is_good, bool is_refused)
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
