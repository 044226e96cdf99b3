/*
 * /api/plans/{id}/moves: a plan along the flow of the ledger that takes its rows. The first move
 * imports them, as a file would be; later ones write state, opinion and day on them; a move back
 * to the start takes the import back. Who may, and what is needed, stands in the pack's flow.
 */
#include "mod/serve/allocation_api.h"

#include "mod/ledger/import.h"
#include "mod/ledger/intake.h"
#include "wire/csv_write.h"

struct move_body {
	struct str move, note;
};
static const struct json_field body_fields[] = {IN_WITH(move_body, move, JT_TEXT, .max = 40),
	IN_WITH(move_body, note, JT_TEXT, .is_optional = true, .is_nullable = true, .max = 2000)};
static const struct json_shape body_shape =
	JSON_SHAPE("plan_moved", sizeof(struct move_body), body_fields);

struct moving {
	struct http_call *call;
	struct plan_flow flow;
	const struct pack_move *move;
	plan_row plan;
	struct str note;
	int64_t row_version;
};

static bool is_among(const struct located_list *list, struct str text)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i].text, text))
			return true;
	return false;
}

/* One of the asker's roles is named by the move, and has the area in its scope. */
static bool has_role(struct http_call *call, const struct pack_move *move, struct str area)
{
	struct service *s = service_of(call);
	const struct roles_held *held = &session_of(call)->roles;

	for (size_t i = 0; i < held->list.count; i++) {
		struct roles_held one = {0};
		struct scopes scopes;
		if (!is_among(&move->by, held->list.items[i].role))
			continue;
		*VEC_PUSH(call->cx.mem, &one.list) = held->list.items[i];
		rights_scopes(call->cx.mem, s->pack, s->tree, &one, PLANS, "read", &scopes);
		if (scopes_have(&scopes, s->tree, area))
			return true;
	}
	return false;
}

bool plan_may_move(struct http_call *call, const plan_row *plan, const struct pack_move *move)
{
	return is_among(&move->from, plan->state) && has_role(call, move, plan->area) &&
	       !(move->other_person && str_eq(plan->moved_by, call->cx.user));
}

static enum err find_move(struct moving *m, const struct move_body *in)
{
	struct http_call *call = m->call;

	TRY(plan_find_by(call, http_param(call, "id"), &m->plan));
	TRY(plan_flow_find(call, &m->flow));
	for (size_t i = 0; i < m->flow.flow->moves.count; i++)
		if (str_eq(m->flow.flow->moves.items[i].id.text, in->move))
			m->move = &m->flow.flow->moves.items[i];
	if (!m->move) {
		http_fault(call, "/move", "%s",
			TR(&call->cx, "没有这个动作", "there is no such move"));
		return http_check(call);
	}
	TRY(http_if_match(call, m->plan.version));
	if (!is_among(&m->move->from, m->plan.state))
		return ctx_fail(&call->cx, ERR_CONFLICT,
			TR(&call->cx, "方案现在的状态不能" STR_FMT,
				"not in the state that the plan is in: " STR_FMT),
			STR_ARG(m->move->title.text));
	if (!has_role(call, m->move, m->plan.area))
		return ctx_fail(&call->cx, ERR_FORBIDDEN, "%s",
			TR(&call->cx, "您的角色不能办这一步", "your roles do not make this move"));
	if (m->move->other_person && str_eq(m->plan.moved_by, call->cx.user))
		return ctx_fail(&call->cx, ERR_FORBIDDEN, "%s",
			TR(&call->cx, "报审的人不能审定自己的方案",
				"who asked for it cannot decide on it"));
	m->note = str_trim(in->note);
	if (!m->note.n && is_among(&m->move->needs, STR("opinion")))
		http_fault(call, "/note", "%s", TR(&call->cx, "应写明意见", "should say why"));
	return http_check(call);
}

/* ---- rows ---- */

static struct str member(const struct json_node *row, const char *key)
{
	const struct json_node *n = json_get(row, key);

	return n && n->kind == JSON_TEXT ? n->text : STR_NONE;
}

static enum err to_buffer(void *arg, struct str bytes)
{
	strbuf_str(arg, bytes);
	return ERR_OK;
}

static const char *const columns[][2] = {{"county", "county"}, {"item", "item"},
	{"item_name", "name"}, {"action", "action"}, {"stage", "stage"}, {"subject", "subject"},
	{"measure", "measure"}, {"from_value", "from"}, {"to_value", "to"}, {"once", "once"},
	{"saving", "saving"}, {"reason", "reason"}};

static void write_row(
	struct csv_writer *w, const struct moving *m, const struct json_node *row, struct str day)
{
	csv_write_text(w, m->plan.name);
	csv_write_text(w, m->plan.kind);
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		csv_write_text(w, member(row, columns[i][1]));
	csv_write_text(w, m->note);
	csv_write_text(w, day);
	csv_write_row_end(w);
}

static struct str today(struct http_call *call)
{
	struct strbuf b;
	struct str s;

	strbuf_init(&b, 40);
	strbuf_date(&b, (struct date){(int32_t)(call->cx.now_us / 86400000000)});
	s = str_copy(call->cx.mem, strbuf_view(&b));
	strbuf_release(&b);
	return s;
}

/* What is to be decided on, as the file that the ledger takes. */
static enum err make_file(struct moving *m, struct str *out, size_t *out_rows)
{
	struct http_call *call = m->call;
	const struct json_node *result, *rows;
	struct str day = STR_NONE;
	struct csv_writer w;
	struct strbuf b;

	TRY(plan_result(call, m->plan.id, &result));
	rows = json_get(result, "rows");
	if (is_among(&m->move->needs, STR("decided_on")))
		day = today(call);
	strbuf_init(&b, STRBUF_MAX);
	csv_writer_init(&w, &call->cx, CSV_EXACT, to_buffer, &b);
	csv_write_text(&w, STR("proposal"));
	csv_write_text(&w, STR("kind"));
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		csv_write_text(&w, str_from(columns[i][0]));
	csv_write_text(&w, STR("opinion"));
	csv_write_text(&w, STR("decided_on"));
	csv_write_row_end(&w);
	*out_rows = 0;
	for (const struct json_node *n = rows ? rows->first : NULL; n; n = n->next) {
		const struct json_node *is = json_get(n, "is_proposed");
		if (!is || is->kind != JSON_TRUE)
			continue;
		write_row(&w, m, n, day);
		(*out_rows)++;
	}
	TRY(csv_writer_close(&w));
	*out = str_copy(call->cx.mem, strbuf_view(&b));
	strbuf_release(&b);
	return ERR_OK;
}

static bool is_in_area(void *guard, const struct org_tree *tree, struct str org)
{
	const struct moving *m = guard;

	return org_is_within(tree, org, m->plan.area);
}

/* The plan's own state, in the transaction of its rows. */
static enum err keep_move(struct moving *m, int64_t import_id)
{
	struct http_call *call = m->call;
	int64_t changed = 0;

	TRY(allocation_plan_move(&call->cx, service_of(call)->db,
		&(struct allocation_plan_move_in){.id = m->plan.id,
			.version = m->plan.version,
			.state = m->move->to.text,
			.note = m->note.n ? m->note : STR(""),
			.import_id = import_id,
			.row_version = m->row_version,
			.at = call->cx.now_us,
			.by = call->cx.user},
		&changed));
	if (changed != 1)
		return ctx_fail(&call->cx, ERR_CONFLICT, "%s",
			TR(&call->cx, "方案已被别人改动", "the plan has been changed since"));
	return call_note(call, "plan.move", str_printf(call->cx.mem, "plan/%" PRId64, m->plan.id),
		str_printf(call->cx.mem, STR_FMT ": " STR_FMT " -> " STR_FMT, STR_ARG(m->plan.name),
			STR_ARG(m->plan.state), STR_ARG(m->move->to.text)));
}

static enum err keep_import(void *arg, struct ctx *cx, int64_t import_id)
{
	struct moving *m = arg;

	(void)cx;
	return keep_move(m, import_id);
}

static struct str first_problem(const struct import_result *r)
{
	struct intake_problems *ps = r->intake ? intake_problems(r->intake) : NULL;

	for (size_t i = 0; ps && i < ps->list.count; i++)
		if (!ps->list.items[i].is_warning)
			return ps->list.items[i].text;
	return STR_NONE;
}

static enum err put_rows(struct moving *m)
{
	struct http_call *call = m->call;
	struct import_result result = {0};
	struct import_request request = {.ledger = m->flow.ledger,
		.path = str_z(call->cx.mem, m->plan.name),
		.wants_version = true,
		.version = m->plan.row_version,
		.state = m->move->to.text,
		.also = keep_import,
		.also_arg = m,
		.may_org = is_in_area,
		.guard = m};
	size_t rows;
	enum err e;

	TRY(make_file(m, &request.bytes, &rows));
	if (rows == 0)
		return ctx_fail(&call->cx, ERR_CONFLICT, "%s",
			TR(&call->cx, "方案里没有要决定的动作",
				"the plan has nothing to be decided on"));
	m->row_version = m->plan.row_version + 1;
	e = import_run(&call->cx, service_of(call)->place, &request, &result);
	if (e == ERR_REJECTED)
		return ctx_fail(&call->cx, e, "%s: " STR_FMT,
			TR(&call->cx, "台账不收这些行", "the ledger does not take the rows"),
			STR_ARG(first_problem(&result)));
	return e;
}

static enum err take_back(struct moving *m)
{
	struct http_call *call = m->call;
	struct db *db = service_of(call)->db;
	struct import_result result;
	enum err e;

	TRY(db_begin(&call->cx, db, DB_WRITE));
	e = import_undo(&call->cx, service_of(call)->place, m->plan.import_id, &result);
	m->row_version = 0;
	if (e == ERR_OK)
		e = keep_move(m, 0);
	if (e == ERR_OK)
		e = db_commit(&call->cx, db);
	db_rollback(db);
	return e;
}

static enum err post_move(struct http_call *call)
{
	struct moving m = {.call = call};
	bool is_back;

	TRY(find_move(&m, call->in));
	is_back = str_eq(m.move->to.text, m.flow.start);
	if (is_back && m.plan.row_version != 1)
		return ctx_fail(&call->cx, ERR_CONFLICT, "%s",
			TR(&call->cx, "台账里的行已有后来的改动, 不能撤回",
				"the rows in the ledger have changed since: they stay"));
	TRY(is_back ? take_back(&m) : put_rows(&m));
	return plan_reply(call, m.plan.id);
}

const struct route allocation_move_routes[] = {
	{.method = HTTP_POST,
		.path = "/api/plans/{id}/moves",
		.on = "plans",
		.may = "read",
		.tx = HTTP_WRITE_ALONE,
		.body = &body_shape,
		.reply = &plan_shape,
		.handle = post_move,
		.zh = "报审、审定、撤回一个方案",
		.en = "Ask for a decision on a plan, decide, or take it back"},
	{.path = NULL},
};
