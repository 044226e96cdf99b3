/* /api/plans/options and …/compare: what can be asked, and plans side by side. */
#include "mod/serve/allocation_api.h"

/* ---- options ---- */

static const struct json_field value_fields[] = {
	OUT_OR_NULL("key", JT_TEXT), OUT_OR_NULL("title", JT_TEXT), OUT("value", JT_NUMBER)};
static const struct json_shape value_shape = JSON_SHAPE("plan_parameter_value", 0, value_fields);
static const struct json_field parameter_fields[] = {OUT("id", JT_TEXT), OUT("title", JT_TEXT),
	OUT_OR_NULL("unit", JT_TEXT), OUT_OR_NULL("by", JT_TEXT), OUT_OR_NULL("source", JT_TEXT),
	OUT("is_law", JT_BOOL), OUT_WITH("values", JT_LIST, .of = &value_shape)};
static const struct json_shape parameter_shape = JSON_SHAPE("plan_parameter", 0, parameter_fields);
static const struct json_field kind_fields[] = {
	OUT("kind", JT_TEXT), OUT_WITH("parameters", JT_LIST, .of = &parameter_shape)};
static const struct json_shape kind_shape = JSON_SHAPE("plan_kind", 0, kind_fields);
static const struct json_field stage_fields[] = {OUT("id", JT_TEXT), OUT("title", JT_TEXT)};
static const struct json_shape stage_shape = JSON_SHAPE("plan_stage", 0, stage_fields);
static const struct json_field options_fields[] = {OUT_WITH("kinds", JT_LIST, .of = &kind_shape),
	OUT_WITH("areas", JT_LIST, .of = &code_name_shape),
	OUT_WITH("stages", JT_LIST, .of = &stage_shape)};
static const struct json_shape options_shape = JSON_SHAPE("plan_options", 0, options_fields);

static struct str code_title(const struct pack *p, struct str table, struct str code)
{
	const struct pack_codes *codes = pack_find_codes(p, table);

	for (size_t i = 0; codes && i < codes->items.count; i++)
		if (str_eq(codes->items.items[i].code.text, code))
			return codes->items.items[i].title.text;
	return STR_NONE;
}

static struct str measure_title(const struct pack *p, struct str id)
{
	for (size_t i = 0; i < p->evaluations.count; i++) {
		const struct pack_units *u = p->evaluations.items[i].units;
		for (size_t k = 0; u && k < u->measures.count; k++)
			if (str_eq(u->measures.items[k].id.text, id))
				return u->measures.items[k].title.text;
	}
	return STR_NONE;
}

static void write_parameter(
	struct http_call *call, const struct pack_parameter *parameter, const struct pack_value *v)
{
	const struct pack *p = service_of(call)->pack;
	struct json_writer *w = &call->json;
	struct str by = parameter->by.text;

	json_object(w);
	json_field_str(w, "id", parameter->id.text);
	json_field_str(w, "title", parameter->title.text);
	json_field_text(w, "unit", parameter->unit.text);
	json_field_text(w, "by", by);
	json_field_text(w, "source", v->source.text);
	json_field_bool(w, "is_law", v->confidence < CONFIDENCE_UNVERIFIED);
	json_key(w, "values");
	json_array(w);
	for (size_t i = 0; i < v->is.count; i++) {
		struct str key = v->is.items[i].key;
		json_object(w);
		json_field_text(w, "key", key);
		json_field_text(w, "title",
			str_is(by, "measure") ? measure_title(p, key) : code_title(p, by, key));
		json_key(w, "value");
		json_dec(w, v->is.items[i].micro, 6);
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
}

static void write_kind(struct http_call *call, enum allocation_kind kind)
{
	const struct pack *p = service_of(call)->pack;
	struct json_writer *w = &call->json;

	json_object(w);
	json_field_z(w, "kind", allocation_kind_names[kind]);
	json_key(w, "parameters");
	json_array(w);
	for (const char *const *id = allocation_parameters(kind); *id; id++) {
		const struct pack_value *v = allocation_value(&call->cx, p, str_from(*id));
		if (v)
			write_parameter(call, pack_find_parameters(p, str_from(*id)), v);
	}
	json_end_array(w);
	json_end_object(w);
}

static void write_areas(struct http_call *call)
{
	const struct org_tree *tree = service_of(call)->tree;
	struct json_writer *w = &call->json;
	struct scopes scopes;

	call_scopes(call, PLANS, "read", &scopes);
	json_key(w, "areas");
	json_array(w);
	for (size_t i = 0; i < tree->count; i++) {
		const struct org *o = &tree->items[i];
		const struct pack_org_kind *kind =
			pack_find_org_kinds(service_of(call)->pack, o->kind);
		if ((o->county.n && !str_eq(o->county, o->code)) || !kind || !kind->is_area ||
			!scopes_have(&scopes, tree, o->code))
			continue;
		json_object(w);
		json_field_str(w, "code", o->code);
		json_field_str(w, "name", o->name);
		json_end_object(w);
	}
	json_end_array(w);
}

static enum err get_options(struct http_call *call)
{
	const struct pack_codes *stages = pack_find_codes(service_of(call)->pack, STR("stage"));
	struct json_writer *w = &call->json;

	json_object(w);
	json_key(w, "kinds");
	json_array(w);
	for (int k = 0; k < ALLOCATION_KINDS; k++)
		write_kind(call, (enum allocation_kind)k);
	json_end_array(w);
	write_areas(call);
	json_key(w, "stages");
	json_array(w);
	for (size_t i = 0; stages && i < stages->items.count; i++) {
		json_object(w);
		json_field_str(w, "id", stages->items.items[i].code.text);
		json_field_str(w, "title", stages->items.items[i].title.text);
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
	return ERR_OK;
}

/* ---- side by side ---- */

#define COMPARED_MAX 4

struct compare_body {
	struct json_texts ids;
};
static const struct json_field compare_fields[] = {
	IN_WITH(compare_body, ids, JT_TEXTS, .min = 2, .max = COMPARED_MAX)};
static const struct json_shape compare_shape =
	JSON_SHAPE("plans_to_compare", sizeof(struct compare_body), compare_fields);
static const struct json_field cell_fields[] = {OUT("action", JT_TEXT), OUT_OR_NULL("to", JT_TEXT),
	OUT_OR_NULL("to_name", JT_TEXT), OUT_OR_NULL("once", JT_TEXT),
	OUT_OR_NULL("reason", JT_TEXT)};
static const struct json_shape cell_shape = JSON_SHAPE("plan_cell", 0, cell_fields);
static const struct json_field slot_fields[] = {
	OUT_WITH("is", JT_OBJECT, .of = &cell_shape, .is_nullable = true)};
static const struct json_shape slot_shape = JSON_SHAPE("plan_slot", 0, slot_fields);
static const struct json_field compared_row_fields[] = {OUT("county", JT_TEXT),
	OUT_OR_NULL("county_name", JT_TEXT), OUT("item", JT_TEXT), OUT_OR_NULL("name", JT_TEXT),
	OUT_OR_NULL("stage", JT_TEXT), OUT_OR_NULL("measure_title", JT_TEXT),
	OUT_OR_NULL("from", JT_TEXT), OUT_OR_NULL("from_name", JT_TEXT), OUT("differs", JT_BOOL),
	OUT_WITH("cells", JT_LIST, .of = &slot_shape)};
static const struct json_shape compared_row_shape =
	JSON_SHAPE("plan_compared_row", 0, compared_row_fields);
static const struct json_field after_fields[] = {OUT_OR_NULL("after", JT_NUMBER)};
static const struct json_shape after_shape = JSON_SHAPE("plan_after", 0, after_fields);
static const struct json_field compared_figure_fields[] = {OUT("county", JT_TEXT),
	OUT_OR_NULL("county_name", JT_TEXT), OUT_OR_NULL("stage", JT_TEXT),
	OUT_OR_NULL("measure_title", JT_TEXT), OUT("figure", JT_TEXT),
	OUT_OR_NULL("before", JT_NUMBER), OUT("differs", JT_BOOL),
	OUT_WITH("plans", JT_LIST, .of = &after_shape)};
static const struct json_shape compared_figure_shape =
	JSON_SHAPE("plan_compared_figure", 0, compared_figure_fields);
static const struct json_field compared_fields[] = {
	OUT_WITH("plans", JT_LIST, .of = &plan_item_shape),
	OUT_WITH("figures", JT_LIST, .of = &compared_figure_shape),
	OUT_WITH("rows", JT_LIST, .of = &compared_row_shape)};
static const struct json_shape compared_shape = JSON_SHAPE("plan_comparison", 0, compared_fields);

static struct str member(const struct json_node *row, const char *key)
{
	const struct json_node *n = json_get(row, key);

	return n && n->kind != JSON_NULL ? n->text : STR_NONE;
}

/* The lists of the plans, met by what names an entry: [entry * plans + plan]. */
struct met {
	struct strmap index;
	VEC(const struct json_node *) cells;
	size_t plans;
};

static void meet(struct arena *mem, struct met *m, const struct json_node *result, const char *list,
	size_t plan, const char *const *names, size_t count)
{
	const struct json_node *items = json_get(result, list);

	for (const struct json_node *n = items ? items->first : NULL; n; n = n->next) {
		struct str key = STR_NONE;
		bool is_new;
		int64_t *at;
		for (size_t i = 0; i < count; i++)
			key = str_printf(mem, STR_FMT "\x1f" STR_FMT, STR_ARG(key),
				STR_ARG(member(n, names[i])));
		at = strmap_put(&m->index, key, &is_new);
		if (is_new) {
			*at = (int64_t)m->index.count - 1;
			for (size_t p = 0; p < m->plans; p++)
				*VEC_PUSH(mem, &m->cells) = NULL;
		}
		m->cells.items[(size_t)*at * m->plans + plan] = n;
	}
}

static void copy(struct json_writer *w, const struct json_node *from, const char *key)
{
	const struct json_node *n = json_get(from, key);

	json_key(w, key);
	if (n)
		json_node(w, n);
	else
		json_null(w);
}

static const struct json_node *any_of(const struct json_node *const *cells, size_t count)
{
	size_t i = 0;

	while (i + 1 < count && !cells[i])
		i++;
	return cells[i];
}

static bool is_different(
	const struct json_node *const *cells, size_t count, const char *const *keys)
{
	for (size_t i = 1; i < count; i++) {
		if (!cells[i] != !cells[0])
			return true;
		for (const char *const *k = keys; cells[i] && *k; k++)
			if (!str_eq(member(cells[i], *k), member(cells[0], *k)))
				return true;
	}
	return false;
}

static void write_compared_rows(struct json_writer *w, const struct met *m)
{
	static const char *const told[] = {"county", "county_name", "item", "name", "stage",
		"measure_title", "from", "from_name", NULL};
	static const char *const compared[] = {"action", "to", "once", NULL};
	static const char *const shown[] = {"action", "to", "to_name", "once", "reason", NULL};

	json_key(w, "rows");
	json_array(w);
	for (size_t i = 0; i < m->index.count; i++) {
		const struct json_node *const *cells = &m->cells.items[i * m->plans];
		json_object(w);
		for (const char *const *k = told; *k; k++)
			copy(w, any_of(cells, m->plans), *k);
		json_field_bool(w, "differs", is_different(cells, m->plans, compared));
		json_key(w, "cells");
		json_array(w);
		for (size_t p = 0; p < m->plans; p++) {
			json_object(w);
			json_key(w, "is");
			if (cells[p])
				json_object(w);
			else
				json_null(w);
			for (const char *const *k = shown; cells[p] && *k; k++)
				copy(w, cells[p], *k);
			if (cells[p])
				json_end_object(w);
			json_end_object(w);
		}
		json_end_array(w);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_compared_figures(struct json_writer *w, const struct met *m)
{
	static const char *const told[] = {
		"county", "county_name", "stage", "measure_title", "figure", "before", NULL};
	static const char *const compared[] = {"after", NULL};

	json_key(w, "figures");
	json_array(w);
	for (size_t i = 0; i < m->index.count; i++) {
		const struct json_node *const *cells = &m->cells.items[i * m->plans];
		json_object(w);
		for (const char *const *k = told; *k; k++)
			copy(w, any_of(cells, m->plans), *k);
		json_field_bool(w, "differs", is_different(cells, m->plans, compared));
		json_key(w, "plans");
		json_array(w);
		for (size_t p = 0; p < m->plans; p++) {
			json_object(w);
			copy(w, cells[p], "after");
			json_end_object(w);
		}
		json_end_array(w);
		json_end_object(w);
	}
	json_end_array(w);
}

static enum err compare(struct http_call *call)
{
	static const char *const row_names[] = {"county", "item", "stage", "measure"};
	static const char *const figure_names[] = {"county", "stage", "measure", "figure"};
	const struct json_texts *ids = &((const struct compare_body *)call->in)->ids;
	struct met rows = {.plans = ids->count}, figures = {.plans = ids->count};
	struct arena *mem = call->cx.mem;
	plan_row *plans = arena_array(mem, plan_row, ids->count);
	struct plan_flow flow;

	TRY(plan_flow_find(call, &flow));
	strmap_init(&rows.index, mem);
	strmap_init(&figures.index, mem);
	for (size_t i = 0; i < ids->count; i++) {
		const struct json_node *result;
		TRY(plan_find_by(call, ids->items[i], &plans[i]));
		if (!str_eq(plans[i].kind, plans[0].kind))
			http_fault(call, arena_printf(mem, "/ids/%zu", i), "%s",
				TR(&call->cx, "与第一个不是同一类方案",
					"of another kind than the first"));
		TRY(plan_result(call, plans[i].id, &result));
		meet(mem, &rows, result, "rows", i, row_names, ARRAY_LEN(row_names));
		meet(mem, &figures, result, "figures", i, figure_names, ARRAY_LEN(figure_names));
	}
	TRY(http_check(call));
	json_object(&call->json);
	json_key(&call->json, "plans");
	json_array(&call->json);
	for (size_t i = 0; i < ids->count; i++)
		TRY(plan_write_item(call, &flow, &plans[i]));
	json_end_array(&call->json);
	write_compared_figures(&call->json, &figures);
	write_compared_rows(&call->json, &rows);
	json_end_object(&call->json);
	return ERR_OK;
}

const struct route allocation_beside_routes[] = {
	{.path = "/api/plans/options",
		.on = "plans",
		.may = "read",
		.reply = &options_shape,
		.handle = get_options,
		.zh = "能算哪些方案, 可调的参数",
		.en = "Which plans there are, and the numbers that can be changed"},
	{.method = HTTP_POST,
		.path = "/api/plans/compare",
		.on = "plans",
		.may = "read",
		.body = &compare_shape,
		.reply = &compared_shape,
		.handle = compare,
		.zh = "方案并排",
		.en = "Plans side by side"},
	{.path = NULL},
};
