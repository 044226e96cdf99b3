/* /api/audit: for the audit officer. */
#include "mod/audit/audit.h"

#include "mod/audit/audit_sql.h"
#include "mod/serve/serve_api.h"

#define EXPORT_PART 1000

static const struct json_field entry_fields[] = {OUT("seq", JT_TEXT), OUT("at", JT_TEXT),
	OUT("who", JT_TEXT), OUT("action", JT_TEXT), OUT("object", JT_TEXT), OUT("detail", JT_TEXT),
	OUT("hash", JT_TEXT)};
static const struct json_shape entry_shape = JSON_SHAPE("audit_entry", 0, entry_fields);
static const struct json_field page_fields[] = {
	OUT_WITH("items", JT_LIST, .of = &entry_shape), OUT_OR_NULL("next", JT_TEXT)};
static const struct json_shape page_shape = JSON_SHAPE("audit_page", 0, page_fields);

static void take_instant(struct http_call *call, const char *name, int64_t *out)
{
	struct str text = http_query(call, name);
	struct date day;

	if (!text.n || instant_parse(text, out))
		return;
	if (date_parse(text, &day)) {
		*out = day.day * (int64_t)86400 * 1000000;
		return;
	}
	http_fault(call, arena_printf(call->cx.mem, "?%s", name), "%s",
		TR(&call->cx, "应为日期或时间", "should be a day or an instant"));
}

static struct str text_or_empty(struct http_call *call, const char *name)
{
	struct str text = http_query(call, name);

	return text.n ? text : STR("");
}

static void write_entry(struct json_writer *w, const struct audit_page_row *r)
{
	json_object(w);
	json_field_id(w, "seq", r->seq);
	json_field_instant(w, "at", r->made_at);
	json_field_str(w, "who", r->who);
	json_field_str(w, "action", r->action);
	json_field_str(w, "object", r->object);
	json_field_str(w, "detail", r->detail);
	json_field_str(w, "hash", r->hash);
	json_end_object(w);
}

static enum err get_audit(struct http_call *call)
{
	int64_t limit = http_query_i64(call, "limit", 50);
	struct audit_page_in in = {.who = text_or_empty(call, "who"),
		.action = text_or_empty(call, "action"),
		.object = text_or_empty(call, "object"),
		.from_at = 0,
		.to_at = INT64_MAX,
		.before = http_query_i64(call, "after", INT64_MAX),
		.limit = limit + 1};
	struct json_writer *w = &call->json;
	struct audit_page_rows rows;
	bool has_more;

	take_instant(call, "from", &in.from_at);
	take_instant(call, "to", &in.to_at);
	TRY(http_check(call));
	TRY(audit_page(&call->cx, service_of(call)->db, &in, &rows));
	has_more = (int64_t)rows.count > limit;
	json_object(w);
	json_key(w, "items");
	json_array(w);
	for (size_t i = 0; i < rows.count - has_more; i++)
		write_entry(w, &rows.items[i]);
	json_end_array(w);
	json_field_id(w, "next", has_more ? rows.items[limit - 1].seq : 0);
	json_end_object(w);
	return ERR_OK;
}

static const struct json_field state_fields[] = {OUT("ok", JT_BOOL), OUT("entries", JT_I64),
	OUT("head", JT_TEXT), OUT_OR_NULL("broken_at", JT_TEXT), OUT_OR_NULL("reason", JT_TEXT)};
static const struct json_shape state_shape = JSON_SHAPE("audit_state", 0, state_fields);

static enum err get_verify(struct http_call *call)
{
	struct json_writer *w = &call->json;
	struct audit_state state;

	TRY(audit_verify(&call->cx, service_of(call)->db, http_query(call, "head"), &state));
	json_object(w);
	json_field_bool(w, "ok", state.is_whole);
	json_field_i64(w, "entries", state.entries);
	json_field_str(w, "head", state.head);
	json_field_id(w, "broken_at", state.broken_at);
	json_field_text(w, "reason", state.reason);
	json_end_object(w);
	return ERR_OK;
}

/* A cell that a spreadsheet would take for a formula gets a quote before it. */
static void csv_text(struct strbuf *b, struct str text)
{
	strbuf_char(b, '"');
	if (text.n && strchr("=+-@", text.p[0]))
		strbuf_char(b, '\'');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"')
			strbuf_char(b, '"');
		strbuf_char(b, text.p[i]);
	}
	strbuf_z(b, "\",");
}

static void csv_entry(struct strbuf *b, const struct audit_from_row *r)
{
	strbuf_printf(b, "%" PRId64 ",", r->seq);
	strbuf_instant(b, r->made_at);
	strbuf_char(b, ',');
	csv_text(b, r->who);
	csv_text(b, r->action);
	csv_text(b, r->object);
	csv_text(b, r->detail);
	csv_text(b, r->previous_hash);
	strbuf_str(b, r->hash);
	strbuf_z(b, "\r\n");
}

static enum err get_export(struct http_call *call)
{
	struct audit_from_in in = {.after = 0, .limit = EXPORT_PART};
	struct strbuf *b = &call->reply.body;
	struct audit_from_rows rows;

	strbuf_z(b, "\xEF\xBB\xBFseq,at,who,action,object,detail,previous_hash,hash\r\n");
	do {
		TRY(audit_from(&call->cx, service_of(call)->db, &in, &rows));
		for (size_t i = 0; i < rows.count; i++)
			csv_entry(b, &rows.items[i]);
		if (rows.count)
			in.after = rows.items[rows.count - 1].seq;
	} while (rows.count == EXPORT_PART);
	call->reply.type = "text/csv; charset=utf-8";
	http_add_header(call, "Content-Disposition", STR("attachment; filename=audit.csv"));
	return ERR_OK;
}

static const struct query_field audit_query[] = {QUERY("who", "谁", "who"),
	QUERY("action", "做了什么", "did what"), QUERY("object", "对什么", "to what"),
	QUERY("from", "从 (日期或时间)", "from (day or instant)"),
	QUERY("to", "到 (不含)", "to (not included)"), QUERY_LIMIT, QUERY_AFTER, QUERY_END};
static const struct query_field verify_query[] = {
	QUERY("head", "以前记下的末尾哈希", "a head that was kept"), QUERY_END};

const struct route audit_routes[] = {
	{.path = "/api/audit",
		.on = "audit_log",
		.may = "read",
		.query = audit_query,
		.reply = &page_shape,
		.handle = get_audit,
		.zh = "审计日志",
		.en = "The audit log"},
	{.path = "/api/audit/verify",
		.on = "audit_log",
		.may = "audit",
		.query = verify_query,
		.reply = &state_shape,
		.handle = get_verify,
		.zh = "核对审计链",
		.en = "Check the chain of hashes"},
	{.path = "/api/audit/export",
		.on = "audit_log",
		.may = "export",
		.media = "text/csv",
		.handle = get_export,
		.zh = "导出审计日志",
		.en = "The log as CSV"},
	{.path = NULL},
};
