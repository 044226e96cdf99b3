/* /api/promises: where each promise stands. */
#include "mod/serve/plan_api.h"

#include "mod/serve/measure_api.h"

/* ---- shapes ---- */

#define PROMISE_FIELDS                                                                             \
	OUT("id", JT_TEXT), OUT("title", JT_TEXT), OUT_OR_NULL("quote", JT_TEXT),                  \
		OUT_OR_NULL("owner", JT_TEXT), OUT_OR_NULL("due", JT_TEXT),                        \
		OUT_OR_NULL("days_left", JT_I64), OUT_OR_NULL("indicator", JT_TEXT),               \
		OUT_OR_NULL("evaluation", JT_TEXT), OUT_OR_NULL("period", JT_TEXT),                \
		OUT_OR_NULL("op", JT_TEXT), OUT_OR_NULL("target", JT_NUMBER),                      \
		OUT_OR_NULL("value", JT_NUMBER), OUT_OR_NULL("unit", JT_TEXT),                     \
		OUT("state", JT_TEXT), OUT_OR_NULL("share", JT_NUMBER),                            \
		OUT_OR_NULL("note", JT_TEXT)

static const struct json_field promise_fields[] = {PROMISE_FIELDS};
const struct json_shape promise_shape = JSON_SHAPE("promise", 0, promise_fields);
static const struct json_field area_fields[] = {OUT("code", JT_TEXT), OUT_OR_NULL("name", JT_TEXT),
	OUT("state", JT_TEXT), OUT_OR_NULL("value", JT_NUMBER)};
static const struct json_shape area_shape = JSON_SHAPE("promise_area", 0, area_fields);
static const struct json_field point_fields[] = {
	OUT("period", JT_TEXT), OUT_OR_NULL("value", JT_NUMBER)};
static const struct json_shape point_shape = JSON_SHAPE("promise_point", 0, point_fields);
static const struct json_field whole_fields[] = {PROMISE_FIELDS,
	OUT_WITH("areas", JT_LIST, .of = &area_shape),
	OUT_WITH("path", JT_LIST, .of = &point_shape)};
static const struct json_shape whole_shape = JSON_SHAPE("promise_whole", 0, whole_fields);
static const struct json_field item_fields[] = {PROMISE_FIELDS,
	OUT_WITH("areas", JT_LIST, .of = &area_shape, .is_optional = true),
	OUT_WITH("path", JT_LIST, .of = &point_shape, .is_optional = true)};
static const struct json_shape item_shape = JSON_SHAPE("promise_item", 0, item_fields);
static const struct json_field list_fields[] = {OUT_WITH("items", JT_LIST, .of = &item_shape)};
static const struct json_shape list_shape = JSON_SHAPE("promises", 0, list_fields);

/* ---- writing ---- */

static void number(struct json_writer *w, const char *key, bool has, double value)
{
	json_key(w, key);
	if (has)
		json_f64(w, value);
	else
		json_null(w);
}

static void write_members(struct json_writer *w, const struct promise_status *s)
{
	const struct pack_promise *p = s->promise;
	bool has_share = s->has_value && s->has_target && s->target > 0 && s->op[0] == '>';

	json_field_str(w, "id", p->id.text);
	json_field_str(w, "title", p->title.text);
	json_field_text(w, "quote", p->quote.text);
	json_field_text(w, "owner", p->owner.text);
	json_field_date(w, "due", p->due);
	json_key(w, "days_left");
	if (p->due.day == DATE_NONE.day)
		json_null(w);
	else
		json_i64(w, s->days_left);
	json_field_text(w, "indicator", p->indicator.text);
	json_field_text(w, "evaluation", p->evaluation.text);
	json_field_text(w, "period", s->period);
	json_field_z(w, "op", s->has_target ? s->op : NULL);
	number(w, "target", s->has_target, s->target);
	number(w, "value", s->has_value, s->value);
	json_field_text(w, "unit", s->target_unit);
	json_field_z(w, "state", promise_state_name(s->state));
	number(w, "share", has_share, has_share ? s->value / s->target : 0);
	json_field_text(w, "note", p->note.text);
}

void write_promise(struct json_writer *w, const struct promise_status *s)
{
	json_object(w);
	write_members(w, s);
	json_end_object(w);
}

static void write_areas(struct http_call *call, const struct promise_status *s)
{
	struct json_writer *w = &call->json;

	json_key(w, "areas");
	json_array(w);
	for (size_t i = 0; i < s->split.count; i++) {
		const struct indicator_value *v = &s->split.items[i];
		json_object(w);
		json_field_str(w, "code", v->group);
		json_field_text(
			w, "name", org_attribute(service_of(call)->tree, v->group, STR("name")));
		write_indicator_value(w, v);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_path(struct json_writer *w, const struct promise_path *path)
{
	json_key(w, "path");
	json_array(w);
	for (size_t i = 0; i < path->list.count; i++) {
		const struct promise_point *point = &path->list.items[i];
		json_object(w);
		json_field_str(w, "period", point->period);
		number(w, "value", point->has_value, point->value);
		json_end_object(w);
	}
	json_end_array(w);
}

/* ---- the routes ---- */

struct date call_today(const struct http_call *call)
{
	return (struct date){(int32_t)(call->cx.now_us / 86400000000)};
}

static enum err write_whole(
	struct http_call *call, struct str within, const struct promise_status *status)
{
	struct service *s = service_of(call);
	struct promise_path path;

	TRY(promise_path_make(&call->cx, s->place, s->tree, within, status->promise, &path));
	write_members(&call->json, status);
	write_areas(call, status);
	write_path(&call->json, &path);
	return ERR_OK;
}

static enum err get_promises(struct http_call *call)
{
	bool is_whole = http_query_is(call, "whole", "1");
	struct service *s = service_of(call);
	struct promise_board board;
	struct str within;

	TRY(measure_within(call, STR("promises"), &within));
	TRY(promise_board_make(
		&call->cx, s->place, s->tree, within, call_today(call), NULL, &board));
	json_object(&call->json);
	json_key(&call->json, "items");
	json_array(&call->json);
	for (size_t i = 0; i < board.list.count; i++) {
		json_object(&call->json);
		if (is_whole)
			TRY(write_whole(call, within, &board.list.items[i]));
		else
			write_members(&call->json, &board.list.items[i]);
		json_end_object(&call->json);
	}
	json_end_array(&call->json);
	json_end_object(&call->json);
	return ERR_OK;
}

static enum err get_promise(struct http_call *call)
{
	struct service *s = service_of(call);
	const struct pack_promise *p = pack_find_promises(s->pack, http_param(call, "id"));
	struct promise_status status;
	struct str within;

	if (!p)
		return ctx_fail(&call->cx, ERR_NOT_FOUND, "%s",
			TR(&call->cx, "没有这项任务", "there is no such promise"));
	TRY(measure_within(call, STR("promises"), &within));
	TRY(promise_look(&call->cx, s->place, s->tree, within, call_today(call), p, &status));
	json_object(&call->json);
	TRY(write_whole(call, within, &status));
	json_end_object(&call->json);
	return ERR_OK;
}

static const char *const ones[] = {"1", NULL};
static const struct query_field list_query[] = {
	QUERY("org", "机构及其下级", "an organisation and what is below it"),
	{.name = "whole",
		.type = QUERY_TEXT,
		.choices = ones,
		.zh = "各项都带分县区和历年",
		.en = "each by county and over the periods, too"},
	QUERY_END};
static const struct query_field org_query[] = {
	QUERY("org", "机构及其下级", "an organisation and what is below it"), QUERY_END};

const struct route plan_routes[] = {
	{.path = "/api/promises",
		.on = "promises",
		.may = "read",
		.query = list_query,
		.reply = &list_shape,
		.handle = get_promises,
		.zh = "各项任务现在到哪里了",
		.en = "Where each promise stands"},
	{.path = "/api/promises/{id}",
		.on = "promises",
		.may = "read",
		.query = org_query,
		.reply = &whole_shape,
		.handle = get_promise,
		.zh = "一项任务, 分县区和历年",
		.en = "One promise by county and over the periods"},
	{.path = NULL},
};
