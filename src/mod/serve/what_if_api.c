/* /api/evaluations/{id}: one school's page, and what would be if. */
#include "mod/serve/what_if.h"

#include "mod/serve/ledger_api.h"

#define ROWS_MAX 500 /* of a school's page */

/* ---- shapes ---- */

static const struct json_field change_fields[] = {
	IN_WITH(what_if_change, ledger, JT_TEXT, .max = 100), IN(what_if_change, key, JT_MAP),
	IN(what_if_change, values, JT_MAP)};
const struct json_shape what_if_change_shape =
	JSON_SHAPE("what_if_change", sizeof(struct what_if_change), change_fields);
static const struct json_field asked_fields[] = {IN_WITH(what_if_asked, area, JT_TEXT, .max = 40),
	IN_WITH(what_if_asked, period, JT_TEXT, .is_optional = true, .is_nullable = true,
		.max = 20),
	IN_WITH(what_if_asked, changes, JT_LIST, .of = &what_if_change_shape,
		.max = WHAT_IF_CHANGES_MAX)};
static const struct json_shape asked_shape =
	JSON_SHAPE("what_if_asked", sizeof(struct what_if_asked), asked_fields);
static const struct json_field moved_fields[] = {
	OUT("id", JT_TEXT), OUT_OR_NULL("before", JT_TEXT), OUT_OR_NULL("after", JT_TEXT)};
static const struct json_shape moved_shape = JSON_SHAPE("changed_clause", 0, moved_fields);
static const struct json_field what_if_fields[] = {
	OUT_WITH("before", JT_OBJECT, .of = &county_shape),
	OUT_WITH("after", JT_OBJECT, .of = &county_shape),
	OUT_WITH("changed_clauses", JT_LIST, .of = &moved_shape)};
const struct json_shape what_if_shape = JSON_SHAPE("what_if", 0, what_if_fields);

static const struct json_field measure_fields[] = {OUT("id", JT_TEXT), OUT("title", JT_TEXT),
	OUT_OR_NULL("unit", JT_TEXT), OUT_OR_NULL("resource", JT_TEXT)};
static const struct json_shape measure_shape = JSON_SHAPE("unit_measure", 0, measure_fields);
static const struct json_field row_fields[] = {OUT("ledger", JT_TEXT), OUT("id", JT_TEXT)};
static const struct json_shape row_id_shape = JSON_SHAPE("row_id", 0, row_fields);
static const struct json_field unit_fields[] = {OUT_WITH("org", JT_OBJECT, .of = &code_name_shape),
	OUT_WITH("area", JT_OBJECT, .of = &code_name_shape),
	OUT_WITH("measures", JT_LIST, .of = &measure_shape), OUT("units", JT_ANY),
	OUT_WITH("rows", JT_LIST, .of = &row_id_shape)};
static const struct json_shape unit_shape = JSON_SHAPE("evaluated_unit", 0, unit_fields);

/* ---- what if ---- */

static bool may_change(void *arg, struct str ledger, struct str org)
{
	struct http_call *call = arg;
	struct scopes scopes;

	call_scopes(call, ledger, "read", &scopes);
	return scopes_have(&scopes, service_of(call)->tree, org);
}

static bool has_sealed_key(const struct pack_ledger *ledger)
{
	for (size_t i = 0; i < ledger->grain.count; i++) {
		const struct pack_field *f = ledger_field(ledger, ledger->grain.items[i].text);
		if (f && field_is_sealed(f))
			return true;
	}
	return false;
}

/* Who may not read a ledger, or not its key, cannot find out with a what-if who is in it. */
static enum err check_ledgers(struct http_call *call, const struct json_items *changes)
{
	const struct what_if_change *items = changes->items;

	for (size_t i = 0; i < changes->count; i++) {
		const struct pack_ledger *l =
			pack_find_ledgers(service_of(call)->pack, items[i].ledger);
		if (!l || !call_may(call, items[i].ledger, "read") || has_sealed_key(l))
			http_fault(call, arena_printf(call->cx.mem, "/changes/%zu/ledger", i), "%s",
				TR(&call->cx, "没有这个台账, 或不能假设改它",
					"no such ledger, or none to suppose changes of"));
	}
	return http_check(call);
}

static enum err judge(struct verdicts *v, struct str area, struct evaluation_result *out)
{
	struct http_call *call = v->measure.call;

	for (size_t i = 0; i < v->area_count; i++)
		if (str_eq(v->areas[i], area))
			return evaluation_area(&call->cx, v->run, area, out);
	return ctx_fail(&call->cx, ERR_NOT_FOUND, "%s",
		TR(&call->cx, "没有这个县区, 或它还没有数据",
			"no such county, or no rows of it yet"));
}

static void lay(struct http_call *call, struct dataset *ds, const struct json_items *changes)
{
	const struct what_if_change *items = changes->items;
	struct laid_row *rows = arena_array(call->cx.mem, struct laid_row, changes->count);
	struct lay_guard guard = {may_change, call};

	for (size_t i = 0; i < changes->count; i++)
		rows[i] = (struct laid_row){items[i].ledger, items[i].key, items[i].values};
	dataset_lay_rows(&call->cx, ds, rows, changes->count, &guard, &call->faults);
}

enum err what_if_run(struct http_call *call, const struct what_if_asked *asked, struct what_if *out)
{
	const struct pack_evaluation *e;
	struct str within;
	struct measure m;

	TRY(call_evaluation(call, asked->evaluation, &e));
	TRY(measure_within_org(call, STR("evaluations"), asked->area, &within));
	TRY(measure_begin_at(call, within, asked->period, "/period", &m));
	TRY(check_ledgers(call, &asked->changes));
	TRY(verdicts_on(&m, e, &out->verdicts));
	TRY(judge(&out->verdicts, asked->area, &out->before));
	lay(call, &out->verdicts.measure.ds, &asked->changes);
	TRY(http_check(call));
	TRY(verdicts_again(&out->verdicts));
	return judge(&out->verdicts, asked->area, &out->after);
}

static const struct clause_result *find_clause(const struct evaluation_result *r, struct str id)
{
	for (size_t i = 0; i < r->clauses.count; i++)
		if (str_eq(r->clauses.items[i].id, id))
			return &r->clauses.items[i];
	return NULL;
}

/* A change can make a clause speak of more or fewer groups: then one side has no verdict. */
static void write_moved(struct json_writer *w, struct str id, const struct clause_result *before,
	const struct clause_result *after)
{
	if (before && after && before->verdict == after->verdict)
		return;
	json_object(w);
	json_field_str(w, "id", id);
	json_field_z(w, "before", before ? verdict_name(before->verdict) : NULL);
	json_field_z(w, "after", after ? verdict_name(after->verdict) : NULL);
	json_end_object(w);
}

void write_what_if(struct json_writer *w, const struct what_if *r)
{
	json_object(w);
	json_key(w, "before");
	evaluation_write_json(w, &r->before);
	json_key(w, "after");
	evaluation_write_json(w, &r->after);
	json_key(w, "changed_clauses");
	json_array(w);
	for (size_t i = 0; i < r->before.clauses.count; i++) {
		const struct clause_result *c = &r->before.clauses.items[i];
		write_moved(w, c->id, c, find_clause(&r->after, c->id));
	}
	for (size_t i = 0; i < r->after.clauses.count; i++) {
		const struct clause_result *c = &r->after.clauses.items[i];
		if (!find_clause(&r->before, c->id))
			write_moved(w, c->id, NULL, c);
	}
	json_end_array(w);
	json_end_object(w);
}

static enum err post_what_if(struct http_call *call)
{
	struct what_if_asked asked = *(const struct what_if_asked *)call->in;
	struct what_if r;

	asked.evaluation = http_param(call, "id");
	TRY(what_if_run(call, &asked, &r));
	write_what_if(&call->json, &r);
	return ERR_OK;
}

/* ---- a school's page ---- */

static void write_measures(struct json_writer *w, const struct pack_units *units)
{
	json_key(w, "measures");
	json_array(w);
	for (size_t i = 0; units && i < units->measures.count; i++) {
		const struct pack_measure *m = &units->measures.items[i];
		json_object(w);
		json_field_str(w, "id", m->id.text);
		json_field_str(w, "title", m->title.text);
		json_field_text(w, "unit", m->unit.text);
		json_field_text(w, "resource", m->resource.text);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_units(struct json_writer *w, const struct evaluation_result *r, struct str org)
{
	json_key(w, "units");
	json_array(w);
	for (size_t i = 0; i < r->units.count; i++)
		if (str_eq(r->units.items[i].org, org))
			evaluation_write_unit(w, r, &r->units.items[i]);
	json_end_array(w);
}

static enum err write_ledger_rows(
	struct http_call *call, const struct pack_ledger *ledger, struct str period, struct str org)
{
	struct service *s = service_of(call);
	struct ledger_filter filter = {.period = period, .within = org};
	struct stored_ledger stored;
	struct ledger_cursor *rows;
	const struct ledger_row *row;

	stored_ledger_init(call->cx.mem, ledger, &stored);
	if (stored.owner == SIZE_MAX || !may_change(call, ledger->id.text, org))
		return ERR_OK;
	if (stored.period == SIZE_MAX)
		filter.period = STR_NONE;
	else if (!period.n)
		TRY(ledger_latest_period(&call->cx, s->db, &stored, &filter.period));
	TRY(ledger_rows_begin(&call->cx, s->db, &stored, s->tree, &filter, &rows));
	for (size_t n = 0;; n++) {
		TRY(ledger_rows_next(&call->cx, rows, &row));
		if (!row || n == ROWS_MAX)
			break;
		json_object(&call->json);
		json_field_str(&call->json, "ledger", ledger->id.text);
		json_field_id(&call->json, "id", row->id);
		json_end_object(&call->json);
	}
	ledger_rows_end(rows);
	return ERR_OK;
}

static enum err write_rows(struct http_call *call, const struct verdicts *v, struct str org)
{
	const struct pack *p = service_of(call)->pack;
	struct str *ledgers;
	size_t n;

	evaluation_ledgers(&call->cx, p, v->evaluation, &ledgers, &n);
	json_key(&call->json, "rows");
	json_array(&call->json);
	for (size_t i = 0; i < n; i++)
		TRY(write_ledger_rows(
			call, pack_find_ledgers(p, ledgers[i]), v->measure.ds.period, org));
	json_end_array(&call->json);
	return ERR_OK;
}

/* It is judged among the others of its county, of which nothing else is told. */
static enum err find_unit(struct http_call *call, const struct org **out)
{
	struct scopes scopes;

	*out = org_find(service_of(call)->tree, http_param(call, "org"));
	call_scopes(call, STR("evaluations"), "read", &scopes);
	if (*out && (*out)->county.n && scopes_have(&scopes, service_of(call)->tree, (*out)->code))
		return ERR_OK;
	return ctx_fail(&call->cx, ERR_NOT_FOUND,
		TR(&call->cx, "没有机构 '" STR_FMT "'", "no organisation '" STR_FMT "'"),
		STR_ARG(http_param(call, "org")));
}

static enum err get_unit(struct http_call *call)
{
	struct service *s = service_of(call);
	const struct pack_evaluation *e;
	struct evaluation_result r;
	const struct org *org;
	struct verdicts v;
	struct measure m;

	TRY(call_evaluation(call, http_param(call, "id"), &e));
	TRY(find_unit(call, &org));
	TRY(measure_begin_at(call, org->county, http_query(call, "period"), "?period", &m));
	TRY(verdicts_on(&m, e, &v));
	TRY(judge(&v, org->county, &r));
	json_object(&call->json);
	json_field_org(&call->json, "org", s->tree, org->code);
	json_field_org(&call->json, "area", s->tree, org->county);
	write_measures(&call->json, e->units);
	write_units(&call->json, &r, org->code);
	TRY(write_rows(call, &v, org->code));
	json_end_object(&call->json);
	return ERR_OK;
}

static const struct query_field period_query[] = {QUERY("period", "周期", "the period"), QUERY_END};

const struct route what_if_routes[] = {
	{.path = "/api/evaluations/{id}/units/{org}",
		.on = "evaluations",
		.may = "read",
		.query = period_query,
		.reply = &unit_shape,
		.handle = get_unit,
		.zh = "一个单位: 各项指标与标准",
		.en = "One unit: its measures and their limits"},
	{.method = HTTP_POST,
		.path = "/api/evaluations/{id}/what-if",
		.on = "evaluations",
		.may = "read",
		.body = &asked_shape,
		.reply = &what_if_shape,
		.handle = post_what_if,
		.zh = "假设改几行会怎样, 不写入",
		.en = "What would be with other rows; nothing is written"},
	{.path = NULL},
};
