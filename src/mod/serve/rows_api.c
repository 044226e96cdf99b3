/* /api/ledgers/{ledger}/rows: the routes; one row, its history. */
#include "mod/ledger/row_history.h"
#include "mod/serve/ledger_api.h"

/* ---- shapes ---- */

static const struct json_field row_fields[] = {OUT("id", JT_TEXT), OUT("version", JT_I64),
	OUT_WITH("org", JT_OBJECT, .of = &code_name_shape, .is_nullable = true),
	OUT_OR_NULL("county", JT_TEXT), OUT_OR_NULL("period", JT_TEXT), OUT("state", JT_TEXT),
	OUT("updated_at", JT_TEXT), OUT("updated_by", JT_TEXT), OUT_OR_NULL("import", JT_TEXT),
	OUT("label", JT_TEXT), OUT("values", JT_MAP), OUT("masked", JT_TEXTS)};
const struct json_shape row_shape = JSON_SHAPE("row", 0, row_fields);
static const struct json_field rows_fields[] = {OUT_WITH("items", JT_LIST, .of = &row_shape),
	OUT_OR_NULL("next", JT_TEXT), OUT_OR_NULL("period", JT_TEXT),
	OUT_WITH("count", JT_I64, .is_optional = true),
	OUT_WITH("totals", JT_MAP, .is_optional = true)};
static const struct json_shape rows_shape = JSON_SHAPE("rows", 0, rows_fields);
static const struct json_field version_fields[] = {OUT("version", JT_I64), OUT("at", JT_TEXT),
	OUT("by", JT_TEXT), OUT_OR_NULL("import", JT_TEXT), OUT("how", JT_TEXT),
	OUT("values", JT_MAP), OUT("changed", JT_TEXTS)};
static const struct json_shape version_shape = JSON_SHAPE("row_version", 0, version_fields);
static const struct json_field history_fields[] = {
	OUT_WITH("items", JT_LIST, .of = &version_shape)};
static const struct json_shape history_shape = JSON_SHAPE("row_history", 0, history_fields);

/* ---- rows as JSON ---- */

void write_value(struct json_writer *w, const struct pack_field *field, const struct field_value *v)
{
	struct strbuf b;

	if (v->is_null || field_is_sealed(field)) {
		json_null(w);
		return;
	}
	switch ((enum field_type)field->type) {
	case FIELD_INTEGER:
		json_i64(w, v->number);
		return;
	case FIELD_BOOLEAN:
		json_bool(w, v->number != 0);
		return;
	case FIELD_DECIMAL:
	case FIELD_DATE:
		strbuf_init(&b, 64);
		if (field->type == FIELD_DATE)
			strbuf_date(&b, (struct date){(int32_t)v->number});
		else
			strbuf_dec(&b, v->number, (int)field->scale);
		json_str(w, strbuf_view(&b));
		strbuf_release(&b);
		return;
	case FIELD_STRING:
	case FIELD_TEXT:
	case FIELD_TIME:
	case FIELD_ORG:
	case FIELD_PERIOD:
	case FIELD_FILE:
	case FIELD_POINT:
		break;
	}
	json_str(w, v->text);
}

static void write_values(
	struct json_writer *w, const struct pack_ledger *ledger, const struct field_value *values)
{
	json_key(w, "values");
	json_object(w);
	for (size_t f = 0; f < ledger->fields.count; f++) {
		json_key_str(w, ledger->fields.items[f].name.text);
		write_value(w, &ledger->fields.items[f], &values[f]);
	}
	json_end_object(w);
}

/* What people call the row: the label's field, else the organisation, else the key. */
static void write_label(
	struct http_call *call, const struct stored_ledger *l, const struct ledger_row *row)
{
	const struct pack *p = service_of(call)->pack;
	const struct pack_ledger *ledger = l->ledger;
	const struct org *org = org_find(service_of(call)->tree, row->org);
	struct strbuf b;

	strbuf_init(&b, 4096);
	for (size_t f = 0; f < ledger->fields.count && ledger->label.text.n; f++) {
		const struct pack_field *field = &ledger->fields.items[f];
		if (str_eq(field->name.text, ledger->label.text) && !field_is_sealed(field))
			field_format(p, field, &row->values[f], true, &b);
	}
	if (!b.n && org)
		strbuf_str(&b, org->name);
	for (size_t i = 0; i < l->grain_count && !b.n; i++) {
		size_t f = l->fields[l->grain[i]].index;
		if (!field_is_sealed(&ledger->fields.items[f]))
			field_format(p, &ledger->fields.items[f], &row->values[f], true, &b);
	}
	json_field_str(&call->json, "label", strbuf_view(&b));
	strbuf_release(&b);
}

void write_row(struct http_call *call, const struct stored_ledger *l, const struct ledger_row *row)
{
	const struct pack_ledger *ledger = l->ledger;
	struct json_writer *w = &call->json;

	json_object(w);
	json_field_id(w, "id", row->id);
	json_field_i64(w, "version", row->version);
	json_field_org(w, "org", service_of(call)->tree, row->org);
	json_field_text(w, "county", row->county);
	json_field_text(w, "period", row->period);
	json_field_str(w, "state", row->state);
	json_field_instant(w, "updated_at", row->updated_at);
	json_field_str(w, "updated_by", row->updated_by);
	json_field_id(w, "import", row->import_id);
	write_label(call, l, row);
	write_values(w, ledger, row->values);
	json_key(w, "masked");
	json_array(w);
	for (size_t f = 0; f < ledger->fields.count; f++)
		if (field_is_sealed(&ledger->fields.items[f]) && !row->values[f].is_null)
			json_str(w, ledger->fields.items[f].name.text);
	json_end_array(w);
	json_end_object(w);
}

/* ---- one row ---- */

enum err row_find(struct http_call *call, const struct stored_ledger *l, struct str id_text,
	const char *action, struct ledger_row *out)
{
	struct service *s = service_of(call);
	struct ledger_filter filter = {0};
	const struct ledger_row *row = NULL;
	struct ledger_cursor *rows;
	struct scopes scopes;

	if (parse_i64(id_text, 1, INT64_MAX, &filter.id) == NUM_OK) {
		TRY(ledger_rows_begin(&call->cx, s->db, l, s->tree, &filter, &rows));
		TRY(ledger_rows_next(&call->cx, rows, &row));
		call_scopes(call, l->ledger->id.text, action, &scopes);
		if (row && !scopes_are_all(&scopes) && !scopes_have(&scopes, s->tree, row->org))
			row = NULL;
		if (row) {
			struct field_value *values = arena_array(
				call->cx.mem, struct field_value, l->ledger->fields.count);
			*out = *row;
			out->values = values;
			out->county = str_copy(call->cx.mem, row->county);
			out->org = str_copy(call->cx.mem, row->org);
			out->period = str_copy(call->cx.mem, row->period);
			out->state = str_copy(call->cx.mem, row->state);
			out->updated_by = str_copy(call->cx.mem, row->updated_by);
			for (size_t f = 0; f < l->ledger->fields.count; f++) {
				values[f] = row->values[f];
				values[f].text = str_copy(call->cx.mem, row->values[f].text);
			}
		}
		ledger_rows_end(rows);
	}
	/* What is outside is told as what does not exist. */
	return row ? ERR_OK
		   : ctx_fail(&call->cx, ERR_NOT_FOUND, "%s",
			     TR(&call->cx, "没有这一行", "there is no such row"));
}

static enum err get_row(struct http_call *call)
{
	const struct stored_ledger *l = call_ledger(call);
	struct ledger_row row;

	TRY(row_find(call, l, http_param(call, "id"), "read", &row));
	http_etag(call, row.version);
	write_row(call, l, &row);
	return ERR_OK;
}

/* ---- history ---- */

static bool same_value(const struct field_value *a, const struct field_value *b)
{
	return a->is_null == b->is_null &&
	       (a->is_null || (a->number == b->number && str_eq(a->text, b->text)));
}

static void write_version(struct json_writer *w, const struct pack_ledger *ledger,
	const struct row_version *v, const struct row_version *before)
{
	json_object(w);
	json_field_i64(w, "version", v->version);
	json_field_instant(w, "at", v->made_at);
	json_field_str(w, "by", v->made_by);
	json_field_id(w, "import", v->import_id);
	json_field_str(w, "how", v->is_current ? STR("current") : v->gone_how);
	write_values(w, ledger, v->values);
	json_key(w, "changed");
	json_array(w);
	for (size_t f = 0; before && f < ledger->fields.count; f++)
		if (!same_value(&v->values[f], &before->values[f]))
			json_str(w, ledger->fields.items[f].name.text);
	json_end_array(w);
	json_end_object(w);
}

static enum err get_history(struct http_call *call)
{
	const struct stored_ledger *l = call_ledger(call);
	struct json_writer *w = &call->json;
	struct row_versions versions;
	struct ledger_row row;

	TRY(row_find(call, l, http_param(call, "id"), "read", &row));
	TRY(row_history(&call->cx, service_of(call)->place, l->ledger, row.id, &versions));
	json_object(w);
	json_key(w, "items");
	json_array(w);
	for (size_t i = versions.list.count; i-- > 0;)
		write_version(w, l->ledger, &versions.list.items[i],
			i ? &versions.list.items[i - 1] : NULL);
	json_end_array(w);
	json_end_object(w);
	return ERR_OK;
}

static const char *const ones[] = {"1", NULL};
static const struct query_field rows_query[] = {ROW_SEARCH_QUERY,
	QUERY("sort", "按字段排序, 前加 - 为降序", "a field; with - before it downwards"),
	{.name = "count", .type = QUERY_TEXT, .choices = ones, .zh = "要总数", .en = "count them"},
	QUERY("totals", "要合计的字段, 逗号隔开", "fields to sum, by commas"), QUERY_LIMIT,
	QUERY_NUMBER("skip", 0, 10000000, "跳过多少行 (滚动条用; 逐页请用 after)",
		"rows to skip: for a scroll bar; pages are cheaper by `after`"),
	{.name = "after",
		.type = QUERY_TEXT,
		.max = 2000,
		.zh = "上一页给的游标",
		.en = "the cursor that the page before gave"},
	QUERY_END};

const struct route row_routes[] = {
	{.path = "/api/ledgers/{ledger}/rows",
		.on = "{ledger}",
		.may = "read",
		.query = rows_query,
		.reply = &rows_shape,
		.handle = list_rows,
		.zh = "台账的行",
		.en = "Rows of a ledger"},
	{.path = "/api/ledgers/{ledger}/rows/{id}",
		.on = "{ledger}",
		.may = "read",
		.reply = &row_shape,
		.handle = get_row,
		.zh = "一行",
		.en = "One row"},
	{.path = "/api/ledgers/{ledger}/rows/{id}/history",
		.on = "{ledger}",
		.may = "read",
		.reply = &history_shape,
		.handle = get_history,
		.zh = "一行的历史",
		.en = "A row's versions, newest first"},
	{.path = NULL},
};
