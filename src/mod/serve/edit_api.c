/* One row by hand: made, changed, checked, ended. The checks are those of an import. */
#include "mod/ledger/row_history.h"
#include "mod/serve/ledger_api.h"

struct row_body {
	struct str org, period;
	const struct json_node *values;
};
static const struct json_field new_row_fields[] = {
	IN_WITH(row_body, org, JT_TEXT, .is_optional = true, .is_nullable = true, .max = 40),
	IN_WITH(row_body, period, JT_TEXT, .is_optional = true, .is_nullable = true, .max = 20),
	IN(row_body, values, JT_MAP)};
static const struct json_shape new_row =
	JSON_SHAPE("row_new", sizeof(struct row_body), new_row_fields);
static const struct json_field change_fields[] = {IN(row_body, values, JT_MAP)};
static const struct json_shape row_change =
	JSON_SHAPE("row_change", sizeof(struct row_body), change_fields);

static const struct json_field note_fields[] = {OUT("path", JT_TEXT), OUT("detail", JT_TEXT)};
static const struct json_shape note_shape = JSON_SHAPE("row_problem", 0, note_fields);
static const struct json_field checked_fields[] = {OUT("ok", JT_BOOL),
	OUT_WITH("errors", JT_LIST, .of = &note_shape),
	OUT_WITH("warnings", JT_LIST, .of = &note_shape)};
static const struct json_shape checked_shape = JSON_SHAPE("row_checked", 0, checked_fields);

/* What an edit needs on its way through the import. */
struct edit {
	struct http_call *call;
	const struct stored_ledger *l;
	struct scopes scopes;
	VEC(struct row_text) texts;
};

static bool may_org(void *guard, const struct org_tree *tree, struct str org)
{
	const struct edit *e = guard;

	return scopes_have(&e->scopes, tree, org);
}

static void add_text(struct edit *e, struct str name, struct str value)
{
	for (size_t i = 0; i < e->texts.count; i++)
		if (str_eq(e->texts.items[i].name, name)) {
			e->texts.items[i].value = value;
			return;
		}
	*VEC_PUSH(e->call->cx.mem, &e->texts) = (struct row_text){name, value};
}

static void take_values(struct edit *e, const struct json_node *values)
{
	struct http_call *call = e->call;

	for (const struct json_node *n = values->first; n; n = n->next) {
		const struct pack_field *f = ledger_field(e->l->ledger, n->key);
		char *path = arena_printf(call->cx.mem, "/values/" STR_FMT, STR_ARG(n->key));
		if (!f)
			http_fault(
				call, path, "%s", TR(&call->cx, "没有这个字段", "no such field"));
		else if (f->from_org.text.n || f->derive.text.n ||
			 (field_is_sealed(f) && n->kind == JSON_NULL))
			continue; /* told again by those who send a whole row back */
		else if (n->kind == JSON_LIST || n->kind == JSON_MAP)
			http_fault(call, path, "%s",
				TR(&call->cx, "应为单个值", "should be one value"));
		else
			add_text(e, n->key,
				n->kind == JSON_NULL    ? STR("")
				: n->kind == JSON_TRUE  ? STR("1")
				: n->kind == JSON_FALSE ? STR("0")
							: n->text);
	}
}

static struct edit begin(struct http_call *call)
{
	struct edit e = {.call = call, .l = call_ledger(call)};

	call_scopes(call, e.l->ledger->id.text, "write", &e.scopes);
	return e;
}

/* Rows that belong to nobody are changed by those who may everywhere. */
static enum err check_owner(const struct edit *e)
{
	bool has_owner = e->l->owner != SIZE_MAX && !e->l->is_registry;

	if (has_owner || scopes_are_all(&e->scopes))
		return ERR_OK;
	return ctx_fail(&e->call->cx, ERR_FORBIDDEN, "%s",
		TR(&e->call->cx, "这个台账的行不属于某个机构, 只有管全部的人能改",
			"its rows belong to no organisation: only who may write everywhere changes "
			"them"));
}

/* What the import found, at the fields of the form. */
static void faults_of(
	struct edit *e, const struct import_result *r, bool wants_warnings, struct json_faults *out)
{
	struct ctx *cx = &e->call->cx;
	struct intake_problems *ps = r->intake ? intake_problems(r->intake) : NULL;
	size_t n = 0;
	const struct intake_column *columns = r->intake ? intake_columns(r->intake, &n) : NULL;

	for (size_t i = 0; ps && i < ps->list.count; i++) {
		const struct cell_problem *p = &ps->list.items[i];
		struct str path = STR("/values");
		if (p->is_warning != wants_warnings)
			continue;
		for (size_t c = 0; c < n; c++)
			if (columns[c].column == p->column && columns[c].field)
				path = str_printf(cx->mem, "/values/" STR_FMT,
					STR_ARG(columns[c].field->name.text));
		json_fault(cx, out, path, STR_FMT, STR_ARG(p->text));
	}
}

static enum err put(struct edit *e, struct str period, int64_t version, bool is_dry_run,
	struct import_result *result)
{
	struct import_request request = {.ledger = e->l->ledger,
		.path = "-",
		.period = period,
		.wants_version = !is_dry_run,
		.version = version,
		.is_dry_run = is_dry_run,
		.may_org = may_org,
		.guard = e};

	TRY(row_as_file(&e->call->cx, e->texts.items, e->texts.count, &request.bytes));
	return import_run(&e->call->cx, service_of(e->call)->place, &request, result);
}

static enum err find_made(struct edit *e, int64_t import, struct str *out)
{
	struct http_call *call = e->call;
	struct db_stmt *st = NULL;
	bool has_row = false;

	TRY(db_prepare(&call->cx, service_of(call)->db,
		arena_printf(
			call->cx.mem, "SELECT id FROM %s WHERE import_id = :import", e->l->table),
		&st));
	db_bind_i64(st, 1, import);
	TRY(db_step(&call->cx, st, &has_row));
	*out = has_row ? str_printf(call->cx.mem, "%" PRId64, db_i64(st, 0)) : STR_NONE;
	db_release(st);
	return ERR_OK;
}

static enum err reply_row(struct edit *e, struct str id)
{
	struct ledger_row row;

	TRY(row_find(e->call, e->l, id, "write", &row));
	http_etag(e->call, row.version);
	write_row(e->call, e->l, &row);
	return ERR_OK;
}

static enum err take_new(struct edit *e, struct str *out_period)
{
	struct http_call *call = e->call;
	const struct row_body *in = call->in;
	const struct pack_ledger *ledger = e->l->ledger;

	TRY(check_owner(e));
	take_values(e, in->values);
	if (in->org.n && e->l->owner != SIZE_MAX)
		add_text(e, ledger->fields.items[e->l->owner].name.text, in->org);
	*out_period = STR_NONE;
	if (in->period.n && !period_parse(call->cx.mem, in->period, out_period))
		http_fault(call, "/period", "%s",
			TR(&call->cx, "应为周期, 如 2025", "should be a period such as 2025"));
	else if (in->period.n && e->l->period != SIZE_MAX)
		add_text(e, ledger->fields.items[e->l->period].name.text, *out_period);
	if (e->texts.count == 0)
		http_fault(call, "/values", "%s", TR(&call->cx, "没有值", "there are no values"));
	return http_check(call);
}

static enum err post_row(struct http_call *call)
{
	struct edit e = begin(call);
	struct import_result result = {0};
	struct str period, id;
	enum err err;

	TRY(take_new(&e, &period));
	err = put(&e, period, 0, false, &result);
	if (err == ERR_REJECTED)
		faults_of(&e, &result, false, &call->faults);
	TRY(err);
	TRY(find_made(&e, result.id, &id));
	http_add_header(call, "Location",
		str_printf(call->cx.mem, "/api/ledgers/" STR_FMT "/rows/" STR_FMT,
			STR_ARG(e.l->ledger->id.text), STR_ARG(id)));
	return reply_row(&e, id);
}

static struct row_text *find_text(struct edit *e, struct str name)
{
	for (size_t i = 0; i < e->texts.count; i++)
		if (str_eq(e->texts.items[i].name, name))
			return &e->texts.items[i];
	return NULL;
}

static bool is_key(const struct stored_ledger *l, size_t field)
{
	for (size_t i = 0; i < l->grain_count; i++)
		if (l->fields[l->grain[i]].index == field)
			return true;
	return false;
}

/* What the form leaves out stays as it is, sealed fields too, which the import keeps when the file
 * lacks them. The key names the row and cannot change. */
static void add_former(struct edit *e, const struct ledger_row *row)
{
	const struct pack *p = service_of(e->call)->pack;
	struct strbuf b;

	strbuf_init(&b, 1 << 20);
	for (size_t i = 0; i < e->l->field_count; i++) {
		const struct pack_field *field = e->l->fields[i].field;
		size_t f = e->l->fields[i].index;
		struct row_text *given = find_text(e, field->name.text);
		if (field->derive.text.n || e->l->fields[i].is_sealed)
			continue;
		strbuf_reset(&b);
		field_format(p, field, &row->values[f], false, &b);
		if (!given)
			add_text(e, field->name.text, str_copy(e->call->cx.mem, strbuf_view(&b)));
		else if (is_key(e->l, f) && !str_eq(given->value, strbuf_view(&b)))
			http_fault(e->call,
				arena_printf(e->call->cx.mem, "/values/" STR_FMT,
					STR_ARG(field->name.text)),
				"%s",
				TR(&e->call->cx, "键不能改: 删去这一行, 另填一行",
					"the key stays: delete the row and add another"));
	}
	strbuf_release(&b);
}

static enum err put_row(struct http_call *call)
{
	const struct row_body *in = call->in;
	struct edit e = begin(call);
	struct import_result result = {0};
	struct str id = http_param(call, "id");
	struct ledger_row row;
	enum err err;

	TRY(row_find(call, e.l, id, "write", &row));
	TRY(http_if_match(call, row.version));
	TRY(check_owner(&e));
	take_values(&e, in->values);
	add_former(&e, &row);
	TRY(http_check(call));
	err = put(&e, row.period, row.version, false, &result);
	if (err == ERR_REJECTED)
		faults_of(&e, &result, false, &call->faults);
	TRY(err);
	return reply_row(&e, id);
}

static enum err delete_row(struct http_call *call)
{
	struct edit e = begin(call);
	struct service *s = service_of(call);
	struct ledger_row row;

	TRY(row_find(call, e.l, http_param(call, "id"), "write", &row));
	TRY(http_if_match(call, row.version));
	TRY(check_owner(&e));
	return row_delete(&call->cx, s->place, e.l->ledger, row.id, row.version, STR_NONE);
}

static void write_notes(struct json_writer *w, const char *key, const struct json_faults *faults)
{
	json_key(w, key);
	json_array(w);
	for (size_t i = 0; i < faults->list.count; i++) {
		json_object(w);
		json_field_str(w, "path", faults->list.items[i].path);
		json_field_str(w, "detail", faults->list.items[i].text);
		json_end_object(w);
	}
	json_end_array(w);
}

static enum err check_row(struct http_call *call)
{
	struct edit e = begin(call);
	struct json_faults errors = {0}, warnings = {0};
	struct import_result result = {0};
	struct str period;
	enum err err;

	TRY(take_new(&e, &period));
	err = put(&e, period, 0, true, &result);
	if (err != ERR_OK && err != ERR_REJECTED)
		return err;
	faults_of(&e, &result, false, &errors);
	faults_of(&e, &result, true, &warnings);
	if (err == ERR_REJECTED && errors.list.count == 0)
		json_fault(&call->cx, &errors, STR("/values"), STR_FMT, STR_ARG(call->cx.error));
	json_object(&call->json);
	json_field_bool(&call->json, "ok", err == ERR_OK);
	write_notes(&call->json, "errors", &errors);
	write_notes(&call->json, "warnings", &warnings);
	json_end_object(&call->json);
	return ERR_OK;
}

const struct route edit_routes[] = {
	{.method = HTTP_POST,
		.path = "/api/ledgers/{ledger}/rows",
		.on = "{ledger}",
		.may = "write",
		.tx = HTTP_WRITE_ALONE,
		.body = &new_row,
		.reply = &row_shape,
		.status = 201,
		.handle = post_row,
		.zh = "填一行",
		.en = "Add a row"},
	{.method = HTTP_POST,
		.path = "/api/ledgers/{ledger}/rows/check",
		.on = "{ledger}",
		.may = "write",
		.tx = HTTP_READ_ALONE,
		.body = &new_row,
		.reply = &checked_shape,
		.handle = check_row,
		.zh = "只检查一行",
		.en = "Check a row, write nothing"},
	{.method = HTTP_PUT,
		.path = "/api/ledgers/{ledger}/rows/{id}",
		.on = "{ledger}",
		.may = "write",
		.tx = HTTP_WRITE_ALONE,
		.body = &row_change,
		.reply = &row_shape,
		.handle = put_row,
		.zh = "改一行",
		.en = "Change a row"},
	{.method = HTTP_DELETE,
		.path = "/api/ledgers/{ledger}/rows/{id}",
		.on = "{ledger}",
		.may = "write",
		.tx = HTTP_WRITE,
		.handle = delete_row,
		.zh = "删一行",
		.en = "End a row; its history stays"},
	{.path = NULL},
};
