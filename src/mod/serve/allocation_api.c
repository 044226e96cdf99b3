/*
 * /api/plans: a plan is worked out on a worker, on the rows of that moment, and kept with its
 * answer by the writer. Who may read plans of an area sees it; its maker may drop it while it is
 * a draft.
 */
#include "mod/serve/allocation_api.h"

#include "db/id.h"
#include "mod/ledger/field_value.h"
#include "mod/serve/kept_list.h"

#include <time.h>

/* Of the search: a call that takes 15 s in all is refused. What takes longer is a job. */
#define SECONDS_MAX 6
#define LEDGER      STR("proposals")

/* ---- shapes ---- */

static const struct json_field headline_fields[] = {ALLOCATION_HEADLINE};
static const struct json_shape headline_shape = JSON_SHAPE("plan_headline", 0, headline_fields);
#define ITEM_FIELDS                                                                                \
	OUT("id", JT_TEXT), OUT("name", JT_TEXT), OUT("kind", JT_TEXT), OUT("area", JT_TEXT),      \
		OUT_OR_NULL("area_name", JT_TEXT), OUT_OR_NULL("period", JT_TEXT),                 \
		OUT("state", JT_TEXT), OUT_OR_NULL("state_title", JT_TEXT),                        \
		OUT_OR_NULL("note", JT_TEXT), OUT_OR_NULL("moved_by", JT_TEXT),                    \
		OUT("made_by", JT_TEXT), OUT("made_at", JT_TEXT), OUT("updated_at", JT_TEXT),      \
		OUT("version", JT_I64), OUT_WITH("headline", JT_OBJECT, .of = &headline_shape)
static const struct json_field item_fields[] = {ITEM_FIELDS};
const struct json_shape plan_item_shape = JSON_SHAPE("plan_item", 0, item_fields);
static const struct json_field list_fields[] = {
	OUT_WITH("items", JT_LIST, .of = &plan_item_shape), OUT_OR_NULL("next", JT_TEXT)};
static const struct json_shape list_shape = JSON_SHAPE("plans", 0, list_fields);
static const struct json_field move_fields[] = {
	OUT("id", JT_TEXT), OUT("title", JT_TEXT), OUT("to", JT_TEXT), OUT("needs", JT_TEXTS)};
static const struct json_shape move_shape = JSON_SHAPE("plan_move", 0, move_fields);
static const struct json_field plan_fields[] = {ITEM_FIELDS, OUT("can_drop", JT_BOOL),
	OUT_WITH("moves", JT_LIST, .of = &move_shape),
	OUT_WITH("request", JT_OBJECT, .of = &allocation_request_shape),
	OUT_WITH("result", JT_OBJECT, .of = &allocation_result_shape)};
const struct json_shape plan_shape = JSON_SHAPE("plan", 0, plan_fields);

/* ---- finding ---- */

enum err plan_flow_find(struct http_call *call, struct plan_flow *out)
{
	const struct pack *p = service_of(call)->pack;

	*out = (struct plan_flow){.ledger = pack_find_ledgers(p, LEDGER)};
	out->flow = out->ledger ? pack_find_flows(p, out->ledger->flow.text) : NULL;
	for (size_t i = 0; out->flow && i < out->flow->states.count; i++)
		if (out->flow->states.items[i].is_start)
			out->start = out->flow->states.items[i].id.text;
	if (out->start.n)
		return ERR_OK;
	return ctx_fail(&call->cx, ERR_PACK, "%s",
		TR(&call->cx, "政策包没有台账 proposals 和它的流程",
			"the packs have no ledger proposals with a flow"));
}

enum err plan_find_by(struct http_call *call, struct str text, plan_row *out)
{
	struct service *s = service_of(call);
	struct scopes scopes;
	bool is_found = false;
	int64_t id;

	if (parse_i64(text, 1, INT64_MAX, &id) == NUM_OK)
		TRY(allocation_plan_get(
			&call->cx, s->db, &(struct allocation_plan_get_in){id}, out, &is_found));
	call_scopes(call, PLANS, "read", &scopes);
	if (is_found && scopes_have(&scopes, s->tree, out->area))
		return ERR_OK;
	return ctx_fail(&call->cx, ERR_NOT_FOUND, "%s",
		TR(&call->cx, "没有这个方案", "there is no such plan"));
}

enum err plan_result(struct http_call *call, int64_t id, const struct json_node **out)
{
	struct allocation_plan_result_row row;
	struct json_node *node;
	bool is_found;

	TRY(allocation_plan_result(&call->cx, service_of(call)->db,
		&(struct allocation_plan_result_in){id}, &row, &is_found));
	if (!is_found)
		return ctx_fail(&call->cx, ERR_NOT_FOUND, "%s",
			TR(&call->cx, "没有这个方案", "there is no such plan"));
	TRY(json_parse(&call->cx, row.result, &node));
	*out = node;
	return ERR_OK;
}

/* ---- writing ---- */

static enum err write_kept(struct http_call *call, const char *key, struct str text)
{
	struct json_node *node;

	TRY(json_parse(&call->cx, text, &node));
	json_key(&call->json, key);
	json_node(&call->json, node);
	return ERR_OK;
}

static struct str state_title(const struct pack_flow *flow, struct str state)
{
	for (size_t i = 0; i < flow->states.count; i++)
		if (str_eq(flow->states.items[i].id.text, state))
			return flow->states.items[i].title.text;
	return STR_NONE;
}

static enum err write_members(
	struct http_call *call, const struct plan_flow *flow, const plan_row *plan)
{
	struct json_writer *w = &call->json;

	json_field_id(w, "id", plan->id);
	json_field_str(w, "name", plan->name);
	json_field_str(w, "kind", plan->kind);
	json_field_str(w, "area", plan->area);
	json_field_text(
		w, "area_name", org_attribute(service_of(call)->tree, plan->area, STR("name")));
	json_field_text(w, "period", plan->period);
	json_field_str(w, "state", plan->state);
	json_field_text(w, "state_title", state_title(flow->flow, plan->state));
	json_field_text(w, "note", plan->note);
	json_field_text(w, "moved_by", plan->moved_by);
	json_field_str(w, "made_by", plan->made_by);
	json_field_instant(w, "made_at", plan->made_at);
	json_field_instant(w, "updated_at", plan->updated_at);
	json_field_i64(w, "version", plan->version);
	return write_kept(call, "headline", plan->headline);
}

enum err plan_write_item(struct http_call *call, const struct plan_flow *flow, const plan_row *plan)
{
	json_object(&call->json);
	TRY(write_members(call, flow, plan));
	json_end_object(&call->json);
	return ERR_OK;
}

static void write_moves(struct http_call *call, const struct plan_flow *flow, const plan_row *plan)
{
	struct json_writer *w = &call->json;

	json_key(w, "moves");
	json_array(w);
	for (size_t i = 0; i < flow->flow->moves.count; i++) {
		const struct pack_move *m = &flow->flow->moves.items[i];
		if (!plan_may_move(call, plan, m))
			continue;
		json_object(w);
		json_field_str(w, "id", m->id.text);
		json_field_str(w, "title", m->title.text);
		json_field_str(w, "to", m->to.text);
		json_key(w, "needs");
		json_array(w);
		for (size_t k = 0; k < m->needs.count; k++)
			json_str(w, m->needs.items[k].text);
		json_end_array(w);
		json_end_object(w);
	}
	json_end_array(w);
}

static bool can_drop(struct http_call *call, const struct plan_flow *flow, const plan_row *plan)
{
	return str_eq(plan->made_by, call->cx.user) && str_eq(plan->state, flow->start);
}

enum err plan_reply(struct http_call *call, int64_t id)
{
	struct json_writer *w = &call->json;
	const struct json_node *result;
	struct plan_flow flow;
	plan_row plan;

	TRY(plan_find_by(call, str_printf(call->cx.mem, "%" PRId64, id), &plan));
	TRY(plan_flow_find(call, &flow));
	TRY(plan_result(call, id, &result));
	http_etag(call, plan.version);
	json_object(w);
	TRY(write_members(call, &flow, &plan));
	json_field_bool(w, "can_drop", can_drop(call, &flow, &plan));
	write_moves(call, &flow, &plan);
	TRY(write_kept(call, "request", plan.request));
	json_key(w, "result");
	json_node(w, result);
	json_end_object(w);
	return ERR_OK;
}

/* ---- list and one ---- */

static enum err get_plans(struct http_call *call)
{
	struct service *s = service_of(call);
	struct str kind = http_query(call, "kind");
	struct allocation_plan_page_in in = {.kind = kind.n ? kind : STR(""), .limit = 200};
	struct allocation_plan_page_rows rows;
	struct kept_list list;
	struct plan_flow flow;
	struct scopes scopes;

	TRY(plan_flow_find(call, &flow));
	TRY(call_scopes_asked(call, PLANS, "read", &scopes));
	kept_list_begin(&list, call);
	do {
		in.before = list.before;
		TRY(allocation_plan_page(&call->cx, s->db, &in, &rows));
		for (size_t i = 0; i < rows.count && !list.next; i++) {
			plan_row plan;
			if (!kept_list_takes(&list, &scopes, rows.items[i].id, rows.items[i].area))
				continue;
			static_assert(sizeof plan == sizeof rows.items[i], "one shape");
			memcpy(&plan, &rows.items[i], sizeof plan);
			TRY(plan_write_item(call, &flow, &plan));
		}
	} while (kept_list_goes_on(&list, rows.count ? rows.items[rows.count - 1].id : 0,
		(int64_t)rows.count == in.limit));
	kept_list_end(&list);
	return ERR_OK;
}

static enum err get_plan(struct http_call *call)
{
	plan_row plan;

	TRY(plan_find_by(call, http_param(call, "id"), &plan));
	return plan_reply(call, plan.id);
}

/* ---- running ---- */

struct run {
	struct allocation_result result;
	double until;
};

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool is_over(void *arg)
{
	return seconds_now() > ((const struct run *)arg)->until;
}

static struct str kept_text(struct http_call *call,
	void (*write)(struct json_writer *w, struct http_call *call, void *arg), void *arg)
{
	struct json_writer w;
	struct strbuf b;
	struct str text;

	strbuf_init(&b, STRBUF_MAX);
	json_begin(&w, &b);
	write(&w, call, arg);
	text = str_copy(call->cx.mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}

static void write_request(struct json_writer *w, struct http_call *call, void *arg)
{
	(void)call;
	allocation_write_request(w, arg);
}

static void write_headline(struct json_writer *w, struct http_call *call, void *arg)
{
	(void)call;
	allocation_write_headline(w, arg);
}

static void write_result(struct json_writer *w, struct http_call *call, void *arg)
{
	allocation_write(w, service_of(call)->tree, arg);
}

static enum err note(struct http_call *call, const char *action, int64_t id, struct str kind,
	struct str area, struct str name)
{
	return call_note(call, action, str_printf(call->cx.mem, "plan/%" PRId64, id),
		str_printf(call->cx.mem, STR_FMT " " STR_FMT ": " STR_FMT, STR_ARG(kind),
			STR_ARG(area), STR_ARG(name)));
}

struct str plan_request_text(struct http_call *call, const struct allocation_request *in)
{
	struct allocation_request copy = *in;

	return kept_text(call, write_request, &copy);
}

enum err plan_keep(struct http_call *call, const struct allocation_request *in,
	const struct allocation_result *result, int64_t *out_id)
{
	struct allocation_result copy = *result;
	struct db *db = service_of(call)->db;
	int64_t id = db_new_id(&call->cx, db);
	struct plan_flow flow;

	TRY(plan_flow_find(call, &flow));
	TRY(allocation_plan_insert(&call->cx, db,
		&(struct allocation_plan_insert_in){.id = id,
			.name = in->name,
			.kind = in->kind,
			.area = in->area,
			.period = in->period.n ? in->period : STR(""),
			.request = plan_request_text(call, in),
			.headline = kept_text(call, write_headline, &copy),
			.result = kept_text(call, write_result, &copy),
			.state = flow.start,
			.at = call->cx.now_us,
			.by = call->cx.user},
		NULL));
	*out_id = id;
	return note(call, "plan.add", id, in->kind, in->area, in->name);
}

static enum err keep(struct http_call *call)
{
	struct run *run = call->then_arg;
	int64_t id;

	TRY(plan_keep(call, call->in, &run->result, &id));
	http_add_header(call, "Location", str_printf(call->cx.mem, "/api/plans/%" PRId64, id));
	return plan_reply(call, id);
}

/* Plans are made for a county, or for what has counties below it. */
static enum err check_area(struct http_call *call, struct str area)
{
	struct service *s = service_of(call);
	const struct org *org = org_find(s->tree, area);
	struct scopes scopes;

	call_scopes(call, PLANS, "write", &scopes);
	if (!org || !scopes_have(&scopes, s->tree, area))
		return ctx_fail(&call->cx, ERR_NOT_FOUND,
			TR(&call->cx, "没有机构 '" STR_FMT "'", "no organisation '" STR_FMT "'"),
			STR_ARG(area));
	if (org->county.n && !str_eq(org->county, org->code))
		http_fault(call, "/area", "%s",
			TR(&call->cx, "应为县区或其上级", "should be a county or above"));
	return ERR_OK;
}

enum err plan_check(struct http_call *call, struct allocation_request *in)
{
	TRY(check_area(call, in->area));
	in->name = str_trim(in->name);
	if (!in->name.n || utf8_length(in->name) > 60)
		http_fault(call, "/name", "%s",
			TR(&call->cx, "应有名称, 至多 60 字", "should have a name of at most 60"));
	if (in->period.n && !period_parse(call->cx.mem, in->period, &in->period))
		http_fault(call, "/period", "%s",
			TR(&call->cx, "应为周期, 如 2025", "should be a period such as 2025"));
	allocation_check(&call->cx, service_of(call)->pack, in, &call->faults);
	return http_check(call);
}

static enum err post_plan(struct http_call *call)
{
	struct allocation_request *in = call->in;
	struct run *run = arena_new(call->cx.mem, struct run);
	struct allocation_until until = {.is_over = is_over, .arg = run};

	TRY(plan_check(call, in));
	run->until = seconds_now() + SECONDS_MAX;
	TRY(allocation_run(&call->cx, service_of(call)->place, service_of(call)->tree, in, &until,
		&run->result));
	call->then_arg = run;
	call->then = keep;
	return ERR_OK;
}

static enum err delete_plan(struct http_call *call)
{
	struct plan_flow flow;
	plan_row plan;

	TRY(plan_find_by(call, http_param(call, "id"), &plan));
	TRY(plan_flow_find(call, &flow));
	if (!can_drop(call, &flow, &plan))
		return ctx_fail(&call->cx, ERR_FORBIDDEN, "%s",
			TR(&call->cx, "只有做方案的人能删, 且只能删草案",
				"only its maker drops a plan, while it is a draft"));
	TRY(http_if_match(call, plan.version));
	TRY(allocation_plan_drop(
		&call->cx, service_of(call)->db, &(struct allocation_plan_drop_in){plan.id}, NULL));
	return note(call, "plan.drop", plan.id, plan.kind, plan.area, plan.name);
}

static const struct query_field list_query[] = {{.name = "kind",
							.type = QUERY_TEXT,
							.choices = allocation_kind_names,
							.zh = "哪类方案",
							.en = "of one kind"},
	QUERY("org", "机构及其下级", "an organisation and what is below it"), QUERY_LIMIT,
	QUERY_AFTER, QUERY_END};

const struct route allocation_routes[] = {
	{.path = "/api/plans",
		.on = "plans",
		.may = "read",
		.query = list_query,
		.reply = &list_shape,
		.handle = get_plans,
		.zh = "调配方案, 新的在前",
		.en = "Plans of allocation, newest first"},
	{.method = HTTP_POST,
		.path = "/api/plans",
		.on = "plans",
		.may = "write",
		.body = &allocation_request_shape,
		.reply = &plan_shape,
		.status = 201,
		.handle = post_plan,
		.zh = "算一个方案并存下",
		.en = "Work out a plan and keep it"},
	{.path = "/api/plans/{id}",
		.on = "plans",
		.may = "read",
		.reply = &plan_shape,
		.handle = get_plan,
		.zh = "一个方案和它的结果",
		.en = "A plan and its answer"},
	{.method = HTTP_DELETE,
		.path = "/api/plans/{id}",
		.on = "plans",
		.may = "write",
		.tx = HTTP_WRITE,
		.handle = delete_plan,
		.zh = "删一个草案",
		.en = "Drop a draft"},
	{.path = NULL},
};
