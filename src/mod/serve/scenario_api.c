/*
 * /api/scenarios: what would be if, kept under a name. Whoever may see the evaluation of its area
 * sees a scenario; who made it changes it. It is judged anew each time, on the rows of the day.
 */
#include "mod/serve/what_if.h"

#include "db/id.h"
#include "mod/serve/kept_list.h"
#include "mod/serve/scenario_sql.h"

#define COMPARED_MAX 10

/* ---- shapes ---- */

struct scenario_body {
	struct str name;
	struct what_if_asked asked;
};
#define ASKED(member, ...)                                                                         \
	{                                                                                          \
		.name = #member, .offset = offsetof(struct scenario_body, asked.member),           \
		__VA_ARGS__                                                                        \
	}
#define NAME   IN_WITH(scenario_body, name, JT_TEXT, .max = 100)
#define PERIOD ASKED(period, .type = JT_TEXT, .is_optional = true, .is_nullable = true, .max = 20)
#define CHANGES                                                                                    \
	ASKED(changes, .type = JT_LIST, .of = &what_if_change_shape, .max = WHAT_IF_CHANGES_MAX)
static const struct json_field new_fields[] = {NAME, ASKED(evaluation, .type = JT_TEXT, .max = 100),
	ASKED(area, .type = JT_TEXT, .max = 40), PERIOD, CHANGES};
static const struct json_shape new_shape =
	JSON_SHAPE("scenario_new", sizeof(struct scenario_body), new_fields);
static const struct json_field edit_fields[] = {NAME, PERIOD, CHANGES};
static const struct json_shape edit_shape =
	JSON_SHAPE("scenario_edit", sizeof(struct scenario_body), edit_fields);
static const struct json_field kept_fields[] = {CHANGES};
static const struct json_shape kept_shape =
	JSON_SHAPE("scenario_kept", sizeof(struct scenario_body), kept_fields);
struct compare_body {
	struct json_texts ids;
};
static const struct json_field compare_fields[] = {
	IN_WITH(compare_body, ids, JT_TEXTS, .min = 1, .max = COMPARED_MAX)};
static const struct json_shape compare_shape =
	JSON_SHAPE("scenarios_compared", sizeof(struct compare_body), compare_fields);

#define ITEM_FIELDS                                                                                \
	OUT("id", JT_TEXT), OUT("name", JT_TEXT), OUT("evaluation", JT_TEXT),                      \
		OUT("area", JT_TEXT), OUT_OR_NULL("period", JT_TEXT), OUT("made_by", JT_TEXT),     \
		OUT("made_at", JT_TEXT), OUT("updated_at", JT_TEXT), OUT("version", JT_I64),       \
		OUT("verdict", JT_TEXT)
static const struct json_field item_fields[] = {ITEM_FIELDS};
static const struct json_shape item_shape = JSON_SHAPE("scenario_item", 0, item_fields);
static const struct json_field list_fields[] = {
	OUT_WITH("items", JT_LIST, .of = &item_shape), OUT_OR_NULL("next", JT_TEXT)};
static const struct json_shape list_shape = JSON_SHAPE("scenarios", 0, list_fields);
static const struct json_field whole_fields[] = {ITEM_FIELDS,
	OUT_WITH("changes", JT_LIST, .of = &what_if_change_shape),
	OUT_WITH("result", JT_OBJECT, .of = &what_if_shape, .is_nullable = true),
	OUT_OR_NULL("problem", JT_TEXT)};
static const struct json_shape whole_shape = JSON_SHAPE("scenario", 0, whole_fields);
static const struct json_field clause_fields[] = {OUT("id", JT_TEXT), OUT("title", JT_TEXT)};
static const struct json_shape clause_shape = JSON_SHAPE("compared_clause", 0, clause_fields);
static const struct json_field column_fields[] = {OUT_OR_NULL("id", JT_TEXT),
	OUT_OR_NULL("name", JT_TEXT), OUT_OR_NULL("verdict", JT_TEXT),
	OUT_OR_NULL("problem", JT_TEXT), OUT_WITH("cells", JT_LIST, .of = &clause_cell_shape)};
static const struct json_shape column_shape = JSON_SHAPE("compared_column", 0, column_fields);
static const struct json_field compared_fields[] = {
	OUT_WITH("clauses", JT_LIST, .of = &clause_shape),
	OUT_WITH("columns", JT_LIST, .of = &column_shape)};
static const struct json_shape compared_shape = JSON_SHAPE("comparison", 0, compared_fields);

/* ---- finding, and who may ---- */

static enum err find_by(struct http_call *call, struct str text, struct scenario_get_row *out)
{
	struct service *s = service_of(call);
	bool is_found = false;
	struct scopes scopes;
	int64_t id;

	if (parse_i64(text, 1, INT64_MAX, &id) == NUM_OK)
		TRY(scenario_get(&call->cx, s->db, &(struct scenario_get_in){id}, out, &is_found));
	call_scopes(call, STR("evaluations"), "read", &scopes);
	if (is_found && scopes_have(&scopes, s->tree, out->area))
		return ERR_OK;
	return ctx_fail(&call->cx, ERR_NOT_FOUND, "%s",
		TR(&call->cx, "没有这个方案", "there is no such scenario"));
}

static enum err find(struct http_call *call, struct scenario_get_row *out)
{
	return find_by(call, http_param(call, "id"), out);
}

static enum err refuse_stranger(struct http_call *call)
{
	return ctx_fail(&call->cx, ERR_FORBIDDEN, "%s",
		TR(&call->cx, "方案由做它的人改", "a scenario is changed by who made it"));
}

/* The changes that are kept, read again. */
static enum err asked_of(
	struct http_call *call, const struct scenario_get_row *s, struct scenario_body *out)
{
	struct json_faults faults = {0};
	struct json_node *node;

	*out = (struct scenario_body){0};
	TRY(json_parse(&call->cx, s->changes, &node));
	json_shape_read(&call->cx, &kept_shape, node, out, &faults);
	if (faults.list.count)
		return ctx_fail(&call->cx, ERR_STORE, "scenario %" PRId64 ": " STR_FMT, s->id,
			STR_ARG(faults.list.items[0].text));
	out->name = s->name;
	out->asked.evaluation = s->evaluation;
	out->asked.area = s->area;
	out->asked.period = s->period;
	return ERR_OK;
}

/* Rows may have gone since: then *problem says so and there is no result. */
static enum err run_kept(struct http_call *call, const struct scenario_get_row *s,
	struct what_if *out, struct str *problem)
{
	struct scenario_body body;
	enum err e;

	*problem = STR_NONE;
	TRY(asked_of(call, s, &body));
	e = what_if_run(call, &body.asked, out);
	if (e != ERR_INVALID && e != ERR_NOT_FOUND)
		return e;
	*problem = str_copy(call->cx.mem, call->cx.error);
	call->cx.error = STR_NONE;
	call->faults = (struct json_faults){0};
	return ERR_OK;
}

/* ---- writing ---- */

static void write_item(struct json_writer *w, const struct scenario_page_row *s)
{
	json_field_id(w, "id", s->id);
	json_field_str(w, "name", s->name);
	json_field_str(w, "evaluation", s->evaluation);
	json_field_str(w, "area", s->area);
	json_field_text(w, "period", s->period);
	json_field_str(w, "made_by", s->made_by);
	json_field_instant(w, "made_at", s->made_at);
	json_field_instant(w, "updated_at", s->updated_at);
	json_field_i64(w, "version", s->version);
	json_field_str(w, "verdict", s->verdict);
}

static struct scenario_page_row item_of(const struct scenario_get_row *s)
{
	return (struct scenario_page_row){.id = s->id,
		.name = s->name,
		.evaluation = s->evaluation,
		.area = s->area,
		.period = s->period,
		.verdict = s->verdict,
		.version = s->version,
		.made_at = s->made_at,
		.made_by = s->made_by,
		.updated_at = s->updated_at};
}

static void write_changes(struct json_writer *w, const struct json_items *changes)
{
	const struct what_if_change *items = changes->items;

	json_key(w, "changes");
	json_array(w);
	for (size_t i = 0; i < changes->count; i++) {
		json_object(w);
		json_field_str(w, "ledger", items[i].ledger);
		json_key(w, "key");
		json_node(w, items[i].key);
		json_key(w, "values");
		json_node(w, items[i].values);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_whole(struct http_call *call, const struct scenario_get_row *s,
	const struct json_items *changes, const struct what_if *result, struct str problem)
{
	struct json_writer *w = &call->json;
	struct scenario_page_row item = item_of(s);

	http_etag(call, s->version);
	json_object(w);
	write_item(w, &item);
	write_changes(w, changes);
	json_key(w, "result");
	if (problem.n)
		json_null(w);
	else
		write_what_if(w, result);
	json_field_text(w, "problem", problem);
	json_end_object(w);
}

/* ---- list and one ---- */

static enum err get_scenarios(struct http_call *call)
{
	struct service *s = service_of(call);
	struct str evaluation = http_query(call, "evaluation");
	struct scenario_page_in in = {
		.evaluation = evaluation.n ? evaluation : STR(""), .limit = 500};
	struct scenario_page_rows rows;
	struct kept_list list;
	struct scopes scopes;

	call_scopes(call, STR("evaluations"), "read", &scopes);
	kept_list_begin(&list, call);
	do {
		in.before = list.before;
		TRY(scenario_page(&call->cx, s->db, &in, &rows));
		for (size_t i = 0; i < rows.count && !list.next; i++) {
			if (!kept_list_takes(&list, &scopes, rows.items[i].id, rows.items[i].area))
				continue;
			json_object(&call->json);
			write_item(&call->json, &rows.items[i]);
			json_end_object(&call->json);
		}
	} while (kept_list_goes_on(&list, rows.count ? rows.items[rows.count - 1].id : 0,
		(int64_t)rows.count == in.limit));
	kept_list_end(&list);
	return ERR_OK;
}

static enum err get_scenario(struct http_call *call)
{
	struct scenario_get_row s;
	struct scenario_body body;
	struct what_if result;
	struct str problem;

	TRY(find(call, &s));
	TRY(asked_of(call, &s, &body));
	TRY(run_kept(call, &s, &result, &problem));
	write_whole(call, &s, &body.asked.changes, &result, problem);
	return ERR_OK;
}

/* ---- making and changing: judged on a worker, kept on the writer ---- */

static struct str changes_text(struct http_call *call, const struct json_items *changes)
{
	struct json_writer w;
	struct strbuf b;
	struct str text;

	strbuf_init(&b, STRBUF_MAX);
	json_begin(&w, &b);
	json_object(&w);
	write_changes(&w, changes);
	json_end_object(&w);
	text = str_copy(call->cx.mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}

static enum err note(struct http_call *call, const char *action, const struct scenario_get_row *s)
{
	return call_note(call, action, str_printf(call->cx.mem, "scenario/%" PRId64, s->id),
		str_printf(call->cx.mem, STR_FMT " " STR_FMT ": " STR_FMT, STR_ARG(s->evaluation),
			STR_ARG(s->area), STR_ARG(s->name)));
}

static struct str text_or_empty(struct str s)
{
	return s.n ? s : STR("");
}

static enum err check_name(struct http_call *call, struct str name)
{
	if (!str_trim(name).n)
		http_fault(call, "/name", "%s", TR(&call->cx, "应有名称", "should have a name"));
	return http_check(call);
}

static enum err reply_kept(struct http_call *call, int64_t id)
{
	const struct scenario_body *in = call->in;
	struct scenario_get_row s;
	bool is_found;

	TRY(scenario_get(
		&call->cx, service_of(call)->db, &(struct scenario_get_in){id}, &s, &is_found));
	write_whole(call, &s, &in->asked.changes, call->then_arg, STR_NONE);
	return ERR_OK;
}

static enum err keep_new(struct http_call *call)
{
	const struct scenario_body *in = call->in;
	const struct what_if *result = call->then_arg;
	struct db *db = service_of(call)->db;
	struct scenario_get_row s = {.id = db_new_id(&call->cx, db),
		.name = in->name,
		.evaluation = in->asked.evaluation,
		.area = in->asked.area};

	TRY(scenario_insert(&call->cx, db,
		&(struct scenario_insert_in){.id = s.id,
			.name = in->name,
			.evaluation = in->asked.evaluation,
			.area = in->asked.area,
			.period = text_or_empty(in->asked.period),
			.changes = changes_text(call, &in->asked.changes),
			.verdict = str_from(verdict_name(result->after.verdict)),
			.at = call->cx.now_us,
			.by = call->cx.user},
		NULL));
	TRY(note(call, "scenario.add", &s));
	http_add_header(
		call, "Location", str_printf(call->cx.mem, "/api/scenarios/%" PRId64, s.id));
	return reply_kept(call, s.id);
}

static enum err post_scenario(struct http_call *call)
{
	const struct scenario_body *in = call->in;
	struct what_if *result = arena_new(call->cx.mem, struct what_if);

	TRY(check_name(call, in->name));
	TRY(what_if_run(call, &in->asked, result));
	call->then_arg = result;
	call->then = keep_new;
	return ERR_OK;
}

static enum err keep_edit(struct http_call *call)
{
	const struct scenario_body *in = call->in;
	const struct what_if *result = call->then_arg;
	struct db *db = service_of(call)->db;
	struct scenario_get_row s;
	int64_t changed = 0;

	TRY(find(call, &s)); /* on the writer: as it is now */
	TRY(http_if_match(call, s.version));
	s.name = in->name;
	TRY(scenario_change(&call->cx, db,
		&(struct scenario_change_in){.id = s.id,
			.version = s.version,
			.name = in->name,
			.period = text_or_empty(in->asked.period),
			.changes = changes_text(call, &in->asked.changes),
			.verdict = str_from(verdict_name(result->after.verdict)),
			.at = call->cx.now_us,
			.by = call->cx.user},
		&changed));
	assert(changed == 1);
	TRY(note(call, "scenario.change", &s));
	return reply_kept(call, s.id);
}

static enum err put_scenario(struct http_call *call)
{
	struct scenario_body *in = call->in;
	struct what_if *result = arena_new(call->cx.mem, struct what_if);
	struct scenario_get_row s;

	TRY(find(call, &s));
	if (!str_eq(s.made_by, call->cx.user))
		return refuse_stranger(call);
	TRY(http_if_match(call, s.version));
	TRY(check_name(call, in->name));
	in->asked.evaluation = s.evaluation;
	in->asked.area = s.area;
	TRY(what_if_run(call, &in->asked, result));
	call->then_arg = result;
	call->then = keep_edit;
	return ERR_OK;
}

/* What nobody can change any more, because its maker has left, those who approve take away. */
static enum err delete_scenario(struct http_call *call)
{
	struct service *service = service_of(call);
	struct scenario_get_row s;
	struct scopes approved;

	TRY(find(call, &s));
	call_scopes(call, STR("evaluations"), "approve", &approved);
	if (!str_eq(s.made_by, call->cx.user) && !scopes_have(&approved, service->tree, s.area))
		return refuse_stranger(call);
	TRY(http_if_match(call, s.version));
	TRY(scenario_drop(&call->cx, service->db, &(struct scenario_drop_in){s.id}, NULL));
	return note(call, "scenario.drop", &s);
}

/* ---- side by side ---- */

static void write_column(struct json_writer *w, const struct scenario_get_row *s,
	const struct evaluation_result *r, struct str problem)
{
	json_object(w);
	json_field_id(w, "id", s ? s->id : 0);
	json_field_text(w, "name", s ? s->name : STR_NONE);
	json_field_z(w, "verdict", problem.n ? NULL : verdict_name(r->verdict));
	json_field_text(w, "problem", problem);
	if (problem.n) {
		json_key(w, "cells");
		json_array(w);
		json_end_array(w);
	} else {
		write_cells(w, r);
	}
	json_end_object(w);
}

static void write_clauses(struct json_writer *w, const struct evaluation_result *r)
{
	json_key(w, "clauses");
	json_array(w);
	for (size_t i = 0; i < r->clauses.count; i++) {
		json_object(w);
		json_field_str(w, "id", r->clauses.items[i].id);
		json_field_str(w, "title", r->clauses.items[i].title);
		json_end_object(w);
	}
	json_end_array(w);
}

/* Columns that stand side by side are of one area, evaluation and period. */
static enum err find_compared(
	struct http_call *call, const struct json_texts *ids, struct scenario_get_row *out)
{
	for (size_t i = 0; i < ids->count; i++) {
		TRY(find_by(call, ids->items[i], &out[i]));
		if (!str_eq(out[i].evaluation, out[0].evaluation) ||
			!str_eq(out[i].area, out[0].area) || !str_eq(out[i].period, out[0].period))
			http_fault(call, arena_printf(call->cx.mem, "/ids/%zu", i), "%s",
				TR(&call->cx, "评估、县区或周期与第一个不同",
					"of another evaluation, area or period than the first"));
	}
	return http_check(call);
}

static enum err compare(struct http_call *call)
{
	const struct compare_body *in = call->in;
	struct scenario_get_row *rows =
		arena_array(call->cx.mem, struct scenario_get_row, in->ids.count);
	struct what_if *results = arena_array(call->cx.mem, struct what_if, in->ids.count + 1);
	struct str *problems = arena_array(call->cx.mem, struct str, in->ids.count);
	struct what_if *as_is = &results[in->ids.count];
	struct what_if_asked asked;

	TRY(find_compared(call, &in->ids, rows));
	asked = (struct what_if_asked){
		.evaluation = rows[0].evaluation, .area = rows[0].area, .period = rows[0].period};
	TRY(what_if_run(call, &asked, as_is));
	for (size_t i = 0; i < in->ids.count; i++)
		TRY(run_kept(call, &rows[i], &results[i], &problems[i]));
	json_object(&call->json);
	write_clauses(&call->json, &as_is->before);
	json_key(&call->json, "columns");
	json_array(&call->json);
	write_column(&call->json, NULL, &as_is->before, STR_NONE);
	for (size_t i = 0; i < in->ids.count; i++)
		write_column(&call->json, &rows[i], &results[i].after, problems[i]);
	json_end_array(&call->json);
	json_end_object(&call->json);
	return ERR_OK;
}

static const struct query_field list_query[] = {
	QUERY("evaluation", "评估", "of one evaluation"), QUERY_LIMIT, QUERY_AFTER, QUERY_END};

const struct route scenario_routes[] = {
	{.path = "/api/scenarios",
		.on = "evaluations",
		.may = "read",
		.query = list_query,
		.reply = &list_shape,
		.handle = get_scenarios,
		.zh = "方案, 新的在前",
		.en = "The scenarios, newest first"},
	{.method = HTTP_POST,
		.path = "/api/scenarios",
		.on = "evaluations",
		.may = "read",
		.body = &new_shape,
		.reply = &whole_shape,
		.status = 201,
		.handle = post_scenario,
		.zh = "存一个方案",
		.en = "Keep a what-if"},
	{.path = "/api/scenarios/{id}",
		.on = "evaluations",
		.may = "read",
		.reply = &whole_shape,
		.handle = get_scenario,
		.zh = "一个方案和它现在的结果",
		.en = "A scenario and its result as of now"},
	{.method = HTTP_PUT,
		.path = "/api/scenarios/{id}",
		.on = "evaluations",
		.may = "read",
		.body = &edit_shape,
		.reply = &whole_shape,
		.handle = put_scenario,
		.zh = "改方案",
		.en = "Change a scenario"},
	{.method = HTTP_DELETE,
		.path = "/api/scenarios/{id}",
		.on = "evaluations",
		.may = "read",
		.tx = HTTP_WRITE,
		.handle = delete_scenario,
		.zh = "删方案",
		.en = "Drop a scenario"},
	{.method = HTTP_POST,
		.path = "/api/scenarios/compare",
		.on = "evaluations",
		.may = "read",
		.body = &compare_shape,
		.reply = &compared_shape,
		.handle = compare,
		.zh = "几个方案并排",
		.en = "Scenarios side by side"},
	{.path = NULL},
};
