/* /api/ledgers and /api/codes: what ledgers there are and how they are made. */
#include "mod/serve/ledger_api.h"

#include "mod/ledger/export.h"

#define CODES_SHOWN_MAX 300

const struct stored_ledger *call_ledger(struct http_call *call)
{
	struct stored_ledger *l = arena_new(call->cx.mem, struct stored_ledger);

	stored_ledger_init(call->cx.mem,
		pack_find_ledgers(service_of(call)->pack, http_param(call, "ledger")), l);
	return l;
}

bool field_is_sealed(const struct pack_field *field)
{
	return field->secrecy == SECRECY_SEALED;
}

static const char *period_name(const struct pack_ledger *ledger)
{
	return pack_period_names[ledger->period < 0 ? PERIOD_NONE : ledger->period];
}

/* ---- shapes ---- */

static const struct json_field item_fields[] = {OUT("id", JT_TEXT), OUT("title", JT_TEXT),
	OUT_OR_NULL("theme", JT_TEXT), OUT("period", JT_TEXT),
	OUT_OR_NULL("latest_period", JT_TEXT), OUT("row_count", JT_I64),
	OUT_OR_NULL("flow", JT_TEXT), OUT("can", JT_TEXTS)};
static const struct json_shape item_shape = JSON_SHAPE("ledger_item", 0, item_fields);
static const struct json_field list_fields[] = {OUT_WITH("items", JT_LIST, .of = &item_shape)};
static const struct json_shape list_shape = JSON_SHAPE("ledgers", 0, list_fields);
static const struct json_field code_fields[] = {OUT("code", JT_TEXT), OUT("title", JT_TEXT)};
static const struct json_shape code_shape = JSON_SHAPE("code", 0, code_fields);
static const struct json_field codes_fields[] = {OUT_WITH("items", JT_LIST, .of = &code_shape)};
static const struct json_shape codes_shape = JSON_SHAPE("codes", 0, codes_fields);
static const struct json_field field_fields[] = {OUT("name", JT_TEXT), OUT("title", JT_TEXT),
	OUT("type", JT_TEXT), OUT_OR_NULL("unit", JT_TEXT), OUT("scale", JT_I64),
	OUT_OR_NULL("help", JT_TEXT), OUT_OR_NULL("source", JT_TEXT), OUT("required", JT_BOOL),
	OUT("unique", JT_BOOL), OUT_OR_NULL("minimum", JT_TEXT), OUT_OR_NULL("maximum", JT_TEXT),
	OUT_OR_NULL("min_length", JT_I64), OUT_OR_NULL("max_length", JT_I64),
	OUT_OR_NULL("pattern", JT_TEXT), OUT_OR_NULL("choices", JT_TEXTS),
	OUT_WITH("codes", JT_LIST, .of = &code_shape, .is_nullable = true),
	OUT_OR_NULL("codes_id", JT_TEXT), OUT_OR_NULL("initial", JT_TEXT), OUT("is_key", JT_BOOL),
	OUT("is_org", JT_BOOL), OUT("is_period", JT_BOOL), OUT_OR_NULL("from_org", JT_TEXT),
	OUT("is_derived", JT_BOOL), OUT("secrecy", JT_TEXT), OUT("is_masked", JT_BOOL),
	OUT("can_sort", JT_BOOL), OUT("can_sum", JT_BOOL), OUT("can_unseal", JT_BOOL)};
static const struct json_shape field_shape = JSON_SHAPE("field", 0, field_fields);
static const struct json_field check_fields[] = {OUT("rule", JT_TEXT), OUT("message", JT_TEXT),
	OUT("level", JT_TEXT), OUT_OR_NULL("source", JT_TEXT)};
static const struct json_shape check_shape = JSON_SHAPE("check", 0, check_fields);
static const struct json_field ledger_fields[] = {OUT("id", JT_TEXT), OUT("title", JT_TEXT),
	OUT_OR_NULL("theme", JT_TEXT), OUT_OR_NULL("help", JT_TEXT), OUT_OR_NULL("source", JT_TEXT),
	OUT_OR_NULL("filled_by", JT_TEXT), OUT("period", JT_TEXT), OUT("grain", JT_TEXTS),
	OUT("org_kinds", JT_TEXTS), OUT_OR_NULL("label", JT_TEXT), OUT_OR_NULL("flow", JT_TEXT),
	OUT("periods", JT_TEXTS), OUT("can", JT_TEXTS),
	OUT_WITH("fields", JT_LIST, .of = &field_shape),
	OUT_WITH("checks", JT_LIST, .of = &check_shape)};
static const struct json_shape ledger_shape = JSON_SHAPE("ledger", 0, ledger_fields);

/* ---- the list ---- */

static void write_can(struct http_call *call, struct str ledger)
{
	struct json_writer *w = &call->json;
	struct name_list actions;

	rights_actions(call->cx.mem, service_of(call)->pack, &actions);
	json_key(w, "can");
	json_array(w);
	for (size_t i = 0; i < actions.list.count; i++)
		if (call_may(call, ledger, str_z(call->cx.mem, actions.list.items[i])))
			json_str(w, actions.list.items[i]);
	json_end_array(w);
}

/* Rows of a period that the asker may read. */
static enum err count_rows(
	struct http_call *call, const struct stored_ledger *l, struct str period, int64_t *out)
{
	struct db_stmt *st = NULL;
	struct scopes scopes;
	struct db_where w;
	bool has_row = false;
	enum err e;

	call_scopes(call, l->ledger->id.text, "read", &scopes);
	db_where_begin(&w, call->cx.mem);
	db_where_add(&w, "SELECT count(*) FROM %s WHERE period = ", l->table);
	db_where_text(&w, period.n ? period : STR(""));
	scopes_where(&scopes, service_of(call)->tree, &w);
	e = db_prepare(&call->cx, service_of(call)->db, w.sql.p, &st);
	if (e == ERR_OK) {
		db_where_bind(&w, st);
		e = db_step(&call->cx, st, &has_row);
		*out = has_row ? db_i64(st, 0) : 0;
		db_release(st);
	}
	db_where_end(&w);
	return e;
}

static enum err write_item(struct http_call *call, const struct pack_ledger *ledger)
{
	struct json_writer *w = &call->json;
	struct stored_ledger l;
	struct str latest;
	int64_t rows;

	stored_ledger_init(call->cx.mem, ledger, &l);
	TRY(ledger_latest_period(&call->cx, service_of(call)->db, &l, &latest));
	TRY(count_rows(call, &l, latest, &rows));
	json_object(w);
	json_field_str(w, "id", ledger->id.text);
	json_field_str(w, "title", ledger->title.text);
	json_field_text(w, "theme", ledger->theme.text);
	json_field_z(w, "period", period_name(ledger));
	json_field_text(w, "latest_period", latest);
	json_field_i64(w, "row_count", rows);
	json_field_text(w, "flow", ledger->flow.text);
	write_can(call, ledger->id.text);
	json_end_object(w);
	return ERR_OK;
}

static enum err get_ledgers(struct http_call *call)
{
	const struct pack *p = service_of(call)->pack;
	struct json_writer *w = &call->json;

	json_object(w);
	json_key(w, "items");
	json_array(w);
	for (size_t i = 0; i < p->ledgers.count; i++)
		if (call_may(call, p->ledgers.items[i].id.text, "read"))
			TRY(write_item(call, &p->ledgers.items[i]));
	json_end_array(w);
	json_end_object(w);
	return ERR_OK;
}

/* ---- one ledger ---- */

static void write_texts(struct json_writer *w, const char *key, const struct located_list *list)
{
	json_key(w, key);
	json_array(w);
	for (size_t i = 0; i < list->count; i++)
		json_str(w, list->items[i].text);
	json_end_array(w);
}

static void write_bound(struct json_writer *w, const char *key, const struct dec_opt *bound)
{
	struct strbuf b;

	json_key(w, key);
	if (!bound || !bound->is_set) {
		json_null(w);
		return;
	}
	strbuf_init(&b, 64);
	strbuf_dec_short(&b, bound->micro, 6);
	json_str(w, strbuf_view(&b));
	strbuf_release(&b);
}

static void write_count(struct json_writer *w, const char *key, int64_t n)
{
	json_key(w, key);
	if (n)
		json_i64(w, n);
	else
		json_null(w);
}

static void write_constraints(struct json_writer *w, const struct pack_constraints *c)
{
	json_field_bool(w, "required", c && c->is_required);
	json_field_bool(w, "unique", c && c->is_unique);
	write_bound(w, "minimum", c ? &c->minimum : NULL);
	write_bound(w, "maximum", c ? &c->maximum : NULL);
	write_count(w, "min_length", c ? c->min_length : 0);
	write_count(w, "max_length", c ? c->max_length : 0);
	json_field_text(w, "pattern", c ? c->pattern.text : STR_NONE);
	if (c && c->choices.count) {
		write_texts(w, "choices", &c->choices);
	} else {
		json_key(w, "choices");
		json_null(w);
	}
}

static void write_codes(
	struct json_writer *w, const struct pack_codes *codes, struct str q, size_t max)
{
	size_t n = 0;

	json_array(w);
	for (size_t i = 0; i < codes->items.count && n < max; i++) {
		const struct pack_code *c = &codes->items.items[i];
		if (q.n && str_find(c->title.text, q) == SIZE_MAX && !str_starts(c->code.text, q.p))
			continue;
		n++;
		json_object(w);
		json_field_str(w, "code", c->code.text);
		json_field_str(w, "title", c->title.text);
		json_end_object(w);
	}
	json_end_array(w);
}

static bool is_grain(const struct stored_ledger *l, size_t field)
{
	for (size_t i = 0; i < l->grain_count; i++)
		if (l->fields[l->grain[i]].index == field)
			return true;
	return false;
}

static void write_field(struct http_call *call, const struct stored_ledger *l, size_t index)
{
	static const char *const secrecies[] = {"none", "personal", "sealed"};
	const struct pack_field *f = &l->ledger->fields.items[index];
	const struct pack_codes *codes =
		f->codes.text.n ? pack_find_codes(service_of(call)->pack, f->codes.text) : NULL;
	bool is_number = f->type == FIELD_INTEGER || f->type == FIELD_DECIMAL;
	struct json_writer *w = &call->json;

	json_object(w);
	json_field_str(w, "name", f->name.text);
	json_field_str(w, "title", f->title.text.n ? f->title.text : f->name.text);
	json_field_z(w, "type", field_type_names[f->type]);
	json_field_text(w, "unit", f->unit.text);
	json_field_i64(w, "scale", f->scale);
	json_field_text(w, "help", f->help.text);
	json_field_text(w, "source", f->source.text);
	write_constraints(w, f->constraints);
	json_key(w, "codes");
	if (codes && codes->items.count <= CODES_SHOWN_MAX)
		write_codes(w, codes, STR_NONE, CODES_SHOWN_MAX);
	else
		json_null(w);
	json_field_text(w, "codes_id", f->codes.text);
	json_field_text(w, "initial", f->initial.text);
	json_field_bool(w, "is_key", is_grain(l, index));
	json_field_bool(w, "is_org", index == l->owner);
	json_field_bool(w, "is_period", index == l->period);
	json_field_text(w, "from_org", f->from_org.text);
	json_field_bool(w, "is_derived", f->derive.text.n > 0);
	json_field_z(w, "secrecy", secrecies[MAX(f->secrecy, 0)]);
	json_field_bool(w, "is_masked", field_is_sealed(f));
	json_field_bool(w, "can_sort", !f->from_org.text.n && !field_is_sealed(f));
	json_field_bool(w, "can_sum", is_number && !field_is_sealed(f));
	json_field_bool(w, "can_unseal",
		field_is_sealed(f) &&
			rights_unseal_some(service_of(call)->pack, &session_of(call)->roles,
				l->ledger->id.text, f->name.text));
	json_end_object(w);
}

/* The newest first. */
static enum err write_periods(struct http_call *call, const struct stored_ledger *l)
{
	struct json_writer *w = &call->json;
	struct ledger_periods periods;

	TRY(ledger_list_periods(&call->cx, service_of(call)->db, l, &periods));
	json_key(w, "periods");
	json_array(w);
	for (size_t i = periods.list.count; i-- > 0;)
		json_str(w, periods.list.items[i]);
	json_end_array(w);
	return ERR_OK;
}

static void write_checks(struct json_writer *w, const struct pack_ledger *ledger)
{
	json_key(w, "checks");
	json_array(w);
	for (size_t i = 0; i < ledger->checks.count; i++) {
		const struct pack_check *c = &ledger->checks.items[i];
		json_object(w);
		json_field_str(w, "rule", c->rule.text);
		json_field_str(w, "message", c->message.text);
		json_field_z(w, "level", c->level == 1 ? "warning" : "error");
		json_field_text(w, "source", c->source.text);
		json_end_object(w);
	}
	json_end_array(w);
}

static enum err get_ledger(struct http_call *call)
{
	const struct stored_ledger *l = call_ledger(call);
	const struct pack_ledger *ledger = l->ledger;
	struct json_writer *w = &call->json;

	json_object(w);
	json_field_str(w, "id", ledger->id.text);
	json_field_str(w, "title", ledger->title.text);
	json_field_text(w, "theme", ledger->theme.text);
	json_field_text(w, "help", ledger->help.text);
	json_field_text(w, "source", ledger->source.text);
	json_field_text(w, "filled_by", ledger->filled_by.text);
	json_field_z(w, "period", period_name(ledger));
	write_texts(w, "grain", &ledger->grain);
	write_texts(w, "org_kinds", &ledger->org_kinds);
	json_field_text(w, "label", ledger->label.text);
	json_field_text(w, "flow", ledger->flow.text);
	TRY(write_periods(call, l));
	write_can(call, ledger->id.text);
	json_key(w, "fields");
	json_array(w);
	for (size_t i = 0; i < ledger->fields.count; i++)
		write_field(call, l, i);
	json_end_array(w);
	write_checks(w, ledger);
	json_end_object(w);
	return ERR_OK;
}

static enum err get_codes(struct http_call *call)
{
	const struct pack_codes *codes =
		pack_find_codes(service_of(call)->pack, http_param(call, "id"));

	if (!codes)
		return ctx_fail(&call->cx, ERR_NOT_FOUND, "%s",
			TR(&call->cx, "没有这个代码表", "there is no such code table"));
	json_object(&call->json);
	json_key(&call->json, "items");
	write_codes(&call->json, codes, http_query(call, "q"),
		(size_t)http_query_i64(call, "limit", 50));
	json_end_object(&call->json);
	return ERR_OK;
}

static const struct query_field codes_query[] = {
	QUERY("q", "名称里有, 或代码开头", "in the title, or how the code begins"), QUERY_LIMIT,
	QUERY_END};

const struct route ledger_routes[] = {
	{.path = "/api/ledgers",
		.on = "",
		.reply = &list_shape,
		.handle = get_ledgers,
		.zh = "台账",
		.en = "The ledgers that one may read"},
	{.path = "/api/ledgers/{ledger}",
		.on = "{ledger}",
		.may = "read",
		.reply = &ledger_shape,
		.handle = get_ledger,
		.zh = "一个台账的定义",
		.en = "How a ledger is made"},
	{.path = "/api/codes/{id}",
		.on = "",
		.query = codes_query,
		.reply = &codes_shape,
		.handle = get_codes,
		.zh = "代码表",
		.en = "A code table"},
	{.path = NULL},
};
