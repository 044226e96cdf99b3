/* /api/overview: where the city stands, on one screen. */
#include "mod/ledger/import.h"
#include "mod/serve/ledger_api.h"
#include "mod/serve/plan_api.h"
#include "mod/serve/verdicts.h"

#define CHANGES_MAX 20

static const struct json_field tile_fields[] = {
	OUT("code", JT_TEXT), OUT_OR_NULL("name", JT_TEXT), OUT("row", JT_I64), OUT("col", JT_I64)};
static const struct json_shape tile_shape = JSON_SHAPE("schematic_tile", 0, tile_fields);
static const struct json_field stand_fields[] = {OUT("code", JT_TEXT), OUT_OR_NULL("name", JT_TEXT),
	OUT("verdict", JT_TEXT), OUT("pass", JT_I64), OUT("fail", JT_I64), OUT("missing", JT_I64),
	OUT("undefined", JT_I64)};
static const struct json_shape stand_shape = JSON_SHAPE("area_standing", 0, stand_fields);
static const struct json_field evaluation_fields[] = {
	OUT("id", JT_TEXT), OUT("title", JT_TEXT), OUT_WITH("areas", JT_LIST, .of = &stand_shape)};
static const struct json_shape evaluation_shape =
	JSON_SHAPE("overview_evaluation", 0, evaluation_fields);
static const struct json_field change_fields[] = {OUT("at", JT_TEXT), OUT("who", JT_TEXT),
	OUT("ledger", JT_TEXT), OUT("title", JT_TEXT), OUT_OR_NULL("import", JT_TEXT),
	OUT("rows_new", JT_I64), OUT("rows_changed", JT_I64)};
static const struct json_shape change_shape = JSON_SHAPE("change", 0, change_fields);
static const struct json_field place_fields[] = {OUT("code", JT_TEXT), OUT_OR_NULL("name", JT_TEXT),
	OUT("state", JT_TEXT), OUT_OR_NULL("value", JT_NUMBER)};
static const struct json_shape place_shape = JSON_SHAPE("indicator_area", 0, place_fields);
static const struct json_field indicator_fields[] = {OUT("id", JT_TEXT), OUT("title", JT_TEXT),
	OUT_OR_NULL("theme", JT_TEXT), OUT_OR_NULL("unit", JT_TEXT), OUT("decimals", JT_I64),
	OUT("better", JT_TEXT), OUT("state", JT_TEXT), OUT_OR_NULL("value", JT_NUMBER),
	OUT_WITH("areas", JT_LIST, .of = &place_shape)};
static const struct json_shape indicator_shape =
	JSON_SHAPE("overview_indicator", 0, indicator_fields);
static const struct json_field todo_fields[] = {
	OUT("kind", JT_TEXT), OUT("title", JT_TEXT), OUT("count", JT_I64), OUT("href", JT_TEXT)};
static const struct json_shape todo_shape = JSON_SHAPE("todo", 0, todo_fields);
static const struct json_field overview_fields[] = {
	OUT_WITH("city", JT_OBJECT, .of = &code_name_shape, .is_nullable = true),
	OUT("is_demo", JT_BOOL), OUT_OR_NULL("period", JT_TEXT),
	OUT_WITH("schematic", JT_LIST, .of = &tile_shape),
	OUT_WITH("evaluations", JT_LIST, .of = &evaluation_shape),
	OUT_WITH("promises", JT_LIST, .of = &promise_shape),
	OUT_WITH("indicators", JT_LIST, .of = &indicator_shape),
	OUT_WITH("changes", JT_LIST, .of = &change_shape),
	OUT_WITH("todo", JT_LIST, .of = &todo_shape)};
static const struct json_shape overview_shape = JSON_SHAPE("overview", 0, overview_fields);

/* A file of the pack: code,row,col. */
static void write_schematic(struct http_call *call)
{
	struct service *s = service_of(call);
	struct str text = pack_file_find(s->place->files, STR("schematic.csv")), line;
	struct json_writer *w = &call->json;
	int64_t row, col;

	json_key(w, "schematic");
	json_array(w);
	while (text.n) {
		struct str code;
		line = str_trim(str_cut(&text, '\n'));
		code = str_cut(&line, ',');
		if (parse_i64(str_cut(&line, ','), 0, 1000, &row) != NUM_OK ||
			parse_i64(line, 0, 1000, &col) != NUM_OK)
			continue;
		json_object(w);
		json_field_str(w, "code", code);
		json_field_text(w, "name", org_attribute(s->tree, code, STR("name")));
		json_field_i64(w, "row", row);
		json_field_i64(w, "col", col);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_standing(struct http_call *call, const struct evaluation_result *r)
{
	struct json_writer *w = &call->json;
	int64_t counts[4] = {0};

	for (size_t i = 0; i < r->clauses.count; i++) {
		const struct clause_result *c = &r->clauses.items[i];
		counts[c->verdict] += !c->is_information && !c->is_part;
	}
	json_object(w);
	json_field_str(w, "code", r->area);
	json_field_text(w, "name", org_attribute(service_of(call)->tree, r->area, STR("name")));
	json_field_z(w, "verdict", verdict_name(r->verdict));
	for (int k = 0; k < 4; k++)
		json_field_i64(w, verdict_name((enum verdict)k), counts[k]);
	json_end_object(w);
}

/* ---- what waits for somebody ---- */

struct todo {
	const char *kind, *page;
	struct str title, id;
	int64_t count;
};
struct todos {
	struct http_call *call;
	VEC(struct todo) list;
};

static void add_todo(struct todos *t, struct todo todo)
{
	if (todo.count)
		*VEC_PUSH(t->call->cx.mem, &t->list) = todo;
}

/* Clauses of the counties: what fails, what no row speaks of, what nobody has confirmed. */
struct open_clauses {
	int64_t failed, missing, evidence;
};

static void count_open(const struct evaluation_result *r, struct open_clauses *n)
{
	for (size_t i = 0; i < r->clauses.count; i++) {
		const struct clause_result *c = &r->clauses.items[i];
		if (c->is_information || c->is_part)
			continue;
		n->failed += c->verdict == VERDICT_FAIL;
		n->evidence += c->verdict == VERDICT_MISSING && c->clause->evidence;
		n->missing += c->verdict == VERDICT_MISSING && !c->clause->evidence;
	}
}

static void add_clauses(
	struct todos *t, const struct pack_evaluation *e, const struct open_clauses *n)
{
	struct str title = e->title.text, id = e->id.text;

	add_todo(t, (struct todo){"failed", "evaluations", title, id, n->failed});
	add_todo(t, (struct todo){"missing", "evaluations", title, id, n->missing});
	add_todo(t, (struct todo){"evidence", "evaluations", title, id, n->evidence});
}

static void write_todos(struct todos *t)
{
	struct json_writer *w = &t->call->json;

	json_key(w, "todo");
	json_array(w);
	for (size_t i = 0; i < t->list.count; i++) {
		const struct todo *todo = &t->list.items[i];
		json_object(w);
		json_field_z(w, "kind", todo->kind);
		json_field_str(w, "title", todo->title);
		json_field_i64(w, "count", todo->count);
		json_field_str(w, "href",
			str_printf(t->call->cx.mem, "/%s/" STR_FMT, todo->page, STR_ARG(todo->id)));
		json_end_object(w);
	}
	json_end_array(w);
}

/* ---- evaluations, promises, indicators ---- */

/* What it takes to judge an area is given back at once: a city has many. */
static enum err write_area(struct http_call *call, struct evaluation_run *run, struct str area,
	struct open_clauses *open)
{
	struct ctx cx = call->cx;
	struct evaluation_result r;
	enum err e;

	cx.mem = arena_create();
	e = evaluation_area(&cx, run, area, &r);
	if (e == ERR_OK) {
		write_standing(call, &r);
		count_open(&r, open);
	} else {
		call->cx.error = str_copy(call->cx.mem, cx.error);
	}
	arena_free(cx.mem);
	return e;
}

static enum err write_evaluation(
	struct measure *m, const struct pack_evaluation *e, struct todos *todos)
{
	struct http_call *call = m->call;
	struct json_writer *w = &call->json;
	struct open_clauses open = {0};
	struct verdicts v;

	TRY(verdicts_on(m, e, &v));
	*m = v.measure; /* with the rows that it has read */
	json_object(w);
	json_field_str(w, "id", e->id.text);
	json_field_str(w, "title", e->title.text);
	json_key(w, "areas");
	json_array(w);
	for (size_t i = 0; i < v.area_count; i++) {
		if (verdicts_has(&v, service_of(call)->tree, i))
			TRY(write_area(call, v.run, v.areas[i], &open));
	}
	json_end_array(w);
	json_end_object(w);
	add_clauses(todos, e, &open);
	return ERR_OK;
}

/* Whose roles do not speak of promises or indicators gets none of them. */
static enum err write_promises(struct measure *m, struct todos *todos)
{
	struct http_call *call = m->call;
	struct service *s = service_of(call);
	struct promise_board board = {0};

	if (call_may(call, STR("promises"), "read")) {
		TRY(measure_turn_to(m, STR("promises")));
		TRY(promise_board_make(&call->cx, s->place, s->tree, m->within, call_today(call),
			m->ds.period.n ? NULL : &m->ds, &board));
	}
	json_key(&call->json, "promises");
	json_array(&call->json);
	for (size_t i = 0; i < board.list.count; i++) {
		const struct promise_status *p = &board.list.items[i];
		write_promise(&call->json, p);
		add_todo(todos, (struct todo){"late", "promises", p->promise->title.text,
					p->promise->id.text, p->state == PROMISE_LATE});
	}
	json_end_array(&call->json);
	return ERR_OK;
}

static enum err write_indicator(struct measure *m, const struct pack_indicator *d)
{
	struct json_writer *w = &m->call->json;
	const struct org_tree *tree = service_of(m->call)->tree;
	struct indicator_result r;

	TRY(measure_indicator(m, d, STR("county"), &r));
	json_object(w);
	json_field_str(w, "id", d->id.text);
	json_field_str(w, "title", d->title.text);
	json_field_text(w, "theme", d->theme.text);
	json_field_text(w, "unit", d->unit.text);
	json_field_i64(w, "decimals", d->decimals);
	json_field_z(w, "better", better_name(d));
	write_indicator_value(w, &r.total);
	json_key(w, "areas");
	json_array(w);
	for (size_t i = 0; i < r.groups.count; i++) {
		const struct indicator_value *v = &r.groups.items[i];
		if (!org_find(tree, v->group))
			continue;
		json_object(w);
		json_field_str(w, "code", v->group);
		json_field_text(w, "name", org_attribute(tree, v->group, STR("name")));
		write_indicator_value(w, v);
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
	return ERR_OK;
}

static enum err write_indicators(struct measure *m)
{
	struct http_call *call = m->call;
	const struct pack *p = service_of(call)->pack;
	bool may = call_may(call, STR("indicators"), "read");

	if (may)
		TRY(measure_turn_to(m, STR("indicators")));
	json_key(&call->json, "indicators");
	json_array(&call->json);
	for (size_t i = 0; may && i < p->indicators.count; i++)
		TRY(write_indicator(m, &p->indicators.items[i]));
	json_end_array(&call->json);
	return ERR_OK;
}

/* Imports of ledgers that one may read everywhere, or one's own. */
static enum err write_changes(struct http_call *call)
{
	struct json_writer *w = &call->json;
	struct import_entries entries;
	struct scopes scopes;
	size_t n = 0;

	TRY(import_list(&call->cx, service_of(call)->place, STR_NONE, 200, &entries));
	json_key(w, "changes");
	json_array(w);
	for (size_t i = 0; i < entries.list.count && n < CHANGES_MAX; i++) {
		const struct import_entry *e = &entries.list.items[i];
		const struct pack_ledger *l = pack_find_ledgers(service_of(call)->pack, e->ledger);
		call_scopes(call, e->ledger, "read", &scopes);
		if (!l || !str_is(e->state, "done") ||
			(!scopes_are_all(&scopes) && !str_eq(e->made_by, call->cx.user)))
			continue;
		n++;
		json_object(w);
		json_field_instant(w, "at", e->ended_at);
		json_field_str(w, "who", e->made_by);
		json_field_str(w, "ledger", e->ledger);
		json_field_str(w, "title", l->title.text);
		json_field_id(w, "import", e->id);
		json_field_i64(w, "rows_new", e->fresh);
		json_field_i64(w, "rows_changed", e->changed);
		json_end_object(w);
	}
	json_end_array(w);
	return ERR_OK;
}

static enum err get_overview(struct http_call *call)
{
	struct service *s = service_of(call);
	struct json_writer *w = &call->json;
	struct todos todos = {.call = call};
	struct str demo, top = STR_NONE;
	struct measure m; /* each ledger is read once for all that follows */

	TRY(place_get(&call->cx, s->place, "is_demo", &demo));
	for (size_t i = 0; i < s->tree->count && !top.n; i++)
		if (s->tree->items[i].parent == ORG_NONE)
			top = s->tree->items[i].code;
	json_object(w);
	json_field_org(w, "city", s->tree, top);
	json_field_bool(w, "is_demo", str_is(demo, "1"));
	json_field_text(w, "period", http_query(call, "period"));
	write_schematic(call);
	TRY(measure_begin(call, STR("evaluations"), &m));
	json_key(w, "evaluations");
	json_array(w);
	for (size_t i = 0; i < s->pack->evaluations.count; i++)
		TRY(write_evaluation(&m, &s->pack->evaluations.items[i], &todos));
	json_end_array(w);
	TRY(write_promises(&m, &todos));
	TRY(write_indicators(&m));
	TRY(write_changes(call));
	write_todos(&todos);
	json_end_object(w);
	return ERR_OK;
}

static const struct query_field overview_query[] = {
	QUERY("period", "周期", "the period"), QUERY_END};

const struct route overview_routes[] = {
	{.path = "/api/overview",
		.on = "evaluations",
		.may = "read",
		.query = overview_query,
		.reply = &overview_shape,
		.handle = get_overview,
		.zh = "总览",
		.en = "Where the city stands"},
	{.path = NULL},
};
