/*
 * POST /api/ledgers/{ledger}/rows/{id}/unseal: sealed fields of a row, for a reason. On the writer,
 * so that the audit log has the reading before the reply goes.
 */
#include "mod/ledger/unseal.h"
#include "mod/serve/ledger_api.h"

struct unseal_body {
	struct json_texts fields;
	struct str reason;
};
static const struct json_field body_fields[] = {
	IN_WITH(unseal_body, fields, JT_TEXTS, .min = 1, .max = UNSEAL_FIELDS_MAX),
	IN_WITH(unseal_body, reason, JT_TEXT, .max = 4 * UNSEAL_REASON_MAX)};
static const struct json_shape body_shape =
	JSON_SHAPE("unseal_request", sizeof(struct unseal_body), body_fields);
static const struct json_field values_fields[] = {OUT("values", JT_MAP)};
static const struct json_shape values_shape = JSON_SHAPE("unsealed", 0, values_fields);

static enum err check(
	struct http_call *call, const struct stored_ledger *l, const struct unseal_body *in)
{
	for (size_t i = 0; i < in->fields.count; i++)
		if (!unseal_has_field(l, in->fields.items[i]))
			http_fault(call, arena_printf(call->cx.mem, "/fields/%zu", i), "%s",
				TR(&call->cx, "不是加密保存的字段", "not a sealed field"));
	if (!unseal_reason_fits(in->reason))
		http_fault(call, "/reason",
			TR(&call->cx, "请写明理由, %d 到 %d 个字",
				"say why, in %d to %d characters"),
			UNSEAL_REASON_MIN, UNSEAL_REASON_MAX);
	return http_check(call);
}

static enum err check_rights(struct http_call *call, const struct stored_ledger *l,
	const struct ledger_row *row, const struct json_texts *fields)
{
	const struct service *s = service_of(call);

	for (size_t i = 0; i < fields->count; i++)
		if (!rights_unseal(s->pack, &session_of(call)->roles, l->ledger->id.text,
			    fields->items[i], s->tree, row->org))
			return ctx_fail(&call->cx, ERR_FORBIDDEN,
				TR(&call->cx, "您的角色不能查看这一行的 " STR_FMT,
					"your roles do not open " STR_FMT " of this row"),
				STR_ARG(fields->items[i]));
	return ERR_OK;
}

static enum err post_unseal(struct http_call *call)
{
	const struct unseal_body *in = call->in;
	const struct stored_ledger *l = call_ledger(call);
	struct str *values = arena_array(call->cx.mem, struct str, in->fields.count);
	struct json_writer *w = &call->json;
	struct ledger_row row;

	TRY(row_find(call, l, http_param(call, "id"), "read", &row));
	TRY(check(call, l, in));
	TRY(check_rights(call, l, &row, &in->fields));
	TRY(row_unseal(&call->cx, service_of(call)->place, l, &row, in->fields.items,
		in->fields.count, in->reason, values));
	http_add_header(call, "Cache-Control", STR("no-store"));
	json_object(w);
	json_key(w, "values");
	json_object(w);
	for (size_t i = 0; i < in->fields.count; i++)
		json_field_text(w, str_z(call->cx.mem, in->fields.items[i]), values[i]);
	json_end_object(w);
	json_end_object(w);
	return ERR_OK;
}

const struct route unseal_routes[] = {
	{.method = HTTP_POST,
		.path = "/api/ledgers/{ledger}/rows/{id}/unseal",
		.on = "{ledger}",
		.may = "read",
		.tx = HTTP_WRITE,
		.body = &body_shape,
		.reply = &values_shape,
		.handle = post_unseal,
		.zh = "查看加密字段, 理由记入审计",
		.en = "Read sealed fields; the reason goes into the audit log"},
	{.path = NULL},
};
