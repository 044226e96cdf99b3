/* /api/indicators: the tree, one value with its groups, its periods. */
#include "mod/measure/indicator.h"

#include "mod/measure/place_data.h"
#include "mod/serve/ledger_api.h"
#include "mod/serve/measure_api.h"

/* ---- shapes ---- */

static const struct json_field item_fields[] = {OUT("id", JT_TEXT), OUT("title", JT_TEXT),
	OUT_OR_NULL("unit", JT_TEXT), OUT("decimals", JT_I64), OUT("better", JT_TEXT),
	OUT("state", JT_TEXT), OUT_OR_NULL("value", JT_NUMBER), OUT("rows", JT_I64)};
static const struct json_shape item_shape = JSON_SHAPE("indicator_item", 0, item_fields);
static const struct json_field theme_fields[] = {
	OUT("theme", JT_TEXT), OUT_WITH("items", JT_LIST, .of = &item_shape)};
static const struct json_shape theme_shape = JSON_SHAPE("indicator_theme", 0, theme_fields);
static const struct json_field tree_fields[] = {OUT_OR_NULL("period", JT_TEXT),
	OUT_OR_NULL("org", JT_TEXT), OUT_WITH("themes", JT_LIST, .of = &theme_shape)};
static const struct json_shape tree_shape = JSON_SHAPE("indicators", 0, tree_fields);
static const struct json_field formula_fields[] = {OUT("numerator", JT_TEXT),
	OUT_OR_NULL("denominator", JT_TEXT), OUT("per", JT_TEXT), OUT("from", JT_TEXT),
	OUT_OR_NULL("denominator_from", JT_TEXT)};
static const struct json_shape formula_shape = JSON_SHAPE("formula", 0, formula_fields);
static const struct json_field explanation_fields[] = {
	OUT("numerator", JT_TEXT), OUT_OR_NULL("denominator", JT_TEXT)};
static const struct json_shape explanation_shape = JSON_SHAPE("explanation", 0, explanation_fields);
static const struct json_field group_fields[] = {OUT("group", JT_TEXT),
	OUT_OR_NULL("name", JT_TEXT), OUT("state", JT_TEXT), OUT_OR_NULL("value", JT_NUMBER),
	OUT("numerator", JT_NUMBER), OUT("denominator", JT_NUMBER), OUT("rows", JT_I64)};
static const struct json_shape group_shape = JSON_SHAPE("indicator_group", 0, group_fields);
static const struct json_field value_fields[] = {OUT("id", JT_TEXT), OUT("title", JT_TEXT),
	OUT_OR_NULL("help", JT_TEXT), OUT_OR_NULL("theme", JT_TEXT), OUT_OR_NULL("unit", JT_TEXT),
	OUT("decimals", JT_I64), OUT("better", JT_TEXT), OUT_OR_NULL("source", JT_TEXT),
	OUT("defined", JT_TEXT), OUT_OR_NULL("period", JT_TEXT), OUT_OR_NULL("org", JT_TEXT),
	OUT("state", JT_TEXT), OUT_OR_NULL("value", JT_NUMBER), OUT("numerator", JT_NUMBER),
	OUT("denominator", JT_NUMBER), OUT("rows", JT_I64),
	OUT_WITH("formula", JT_OBJECT, .of = &formula_shape),
	OUT_WITH("explanation", JT_OBJECT, .of = &explanation_shape), OUT_OR_NULL("by", JT_TEXT),
	OUT("can_split_by", JT_TEXTS), OUT_WITH("groups", JT_LIST, .of = &group_shape)};
static const struct json_shape value_shape = JSON_SHAPE("indicator", 0, value_fields);
static const struct json_field point_fields[] = {OUT("period", JT_TEXT), OUT("state", JT_TEXT),
	OUT_OR_NULL("value", JT_NUMBER), OUT("numerator", JT_NUMBER),
	OUT("denominator", JT_NUMBER)};
static const struct json_shape point_shape = JSON_SHAPE("trend_point", 0, point_fields);
static const struct json_field trend_fields[] = {OUT_WITH("items", JT_LIST, .of = &point_shape)};
static const struct json_shape trend_shape = JSON_SHAPE("trend", 0, trend_fields);

/* ---- what may be computed on ---- */

/* An organisation without all that is below it: numbers are computed on whole subtrees only. */
static bool is_part_of(struct http_call *call, const struct scope *scope)
{
	const struct org_tree *tree = service_of(call)->tree;

	if (scope->kind == SCOPE_BELOW || scope->kind == SCOPE_EVERYWHERE)
		return false;
	for (size_t i = 0; i < tree->count; i++)
		if (str_eq(tree->items[i].parent_code, scope->org))
			return true;
	return false;
}

enum err measure_within_to(struct http_call *call, struct str resource, const char *action,
	struct str org, struct str *out)
{
	struct scopes scopes;

	TRY(call_scopes_at(call, resource, action, org, &scopes));
	*out = org;
	if (scopes_are_all(&scopes) && !org.n) {
		*out = STR("");
		return ERR_OK;
	}
	if (scopes.list.count == 0 || is_part_of(call, &scopes.list.items[0]))
		return ctx_fail(&call->cx, ERR_FORBIDDEN, "%s",
			TR(&call->cx, "您的角色没有这项权限", "your roles do not allow this"));
	*out = scopes.list.items[0].org;
	return ERR_OK;
}

enum err measure_within_org(
	struct http_call *call, struct str resource, struct str org, struct str *out)
{
	return measure_within_to(call, resource, "read", org, out);
}

enum err measure_within(struct http_call *call, struct str resource, struct str *out)
{
	return measure_within_org(call, resource, http_query(call, "org"), out);
}

enum err measure_begin_at(struct http_call *call, struct str within, struct str period,
	const char *path, struct measure *out)
{
	*out = (struct measure){.call = call, .within = within};
	if (period.n && !period_parse(call->cx.mem, period, &period)) {
		http_fault(call, path, "%s",
			TR(&call->cx, "应为周期, 如 2025", "should be a period such as 2025"));
		return http_check(call);
	}
	dataset_init(&out->ds, call->cx.mem, service_of(call)->pack, period);
	return ERR_OK;
}

enum err measure_begin(struct http_call *call, struct str resource, struct measure *out)
{
	struct str within;

	TRY(measure_within(call, resource, &within));
	return measure_begin_at(call, within, http_query(call, "period"), "?period", out);
}

enum err measure_turn_to(struct measure *m, struct str resource)
{
	struct str within;

	TRY(measure_within(m->call, resource, &within));
	if (str_eq(within, m->within))
		return ERR_OK;
	return measure_begin_at(m->call, within, m->ds.period, "?period", m);
}

enum err measure_add(struct measure *m, struct str ledger)
{
	struct service *s = service_of(m->call);

	return dataset_add_place(&m->call->cx, &m->ds, s->place, s->tree, ledger, m->within);
}

enum err measure_indicator(struct measure *m, const struct pack_indicator *d, struct str by,
	struct indicator_result *out)
{
	struct service *s = service_of(m->call);

	TRY(measure_add(m, d->from.text));
	if (d->denominator_from.text.n)
		TRY(measure_add(m, d->denominator_from.text));
	return indicator_compute(&m->call->cx, &m->ds, s->tree, d, by, out);
}

/* ---- values as JSON ---- */

const char *better_name(const struct pack_indicator *d)
{
	return d->better == 0 ? "higher" : d->better == 1 ? "lower" : "neither";
}

void write_indicator_value(struct json_writer *w, const struct indicator_value *v)
{
	json_field_z(w, "state", indicator_state_name(v->state));
	json_key(w, "value");
	if (v->state == INDICATOR_VALUE)
		json_f64(w, v->value);
	else
		json_null(w);
}

static void write_sums(struct json_writer *w, const struct indicator_value *v)
{
	write_indicator_value(w, v);
	json_field_f64(w, "numerator", v->numerator);
	json_field_f64(w, "denominator", v->denominator);
}

/* ---- the tree ---- */

static enum err write_item(struct measure *m, const struct pack_indicator *d)
{
	struct json_writer *w = &m->call->json;
	struct indicator_result r;

	TRY(measure_indicator(m, d, STR(""), &r));
	json_object(w);
	json_field_str(w, "id", d->id.text);
	json_field_str(w, "title", d->title.text);
	json_field_text(w, "unit", d->unit.text);
	json_field_i64(w, "decimals", d->decimals);
	json_field_z(w, "better", better_name(d));
	write_indicator_value(w, &r.total);
	json_field_i64(w, "rows", (int64_t)r.total.rows);
	json_end_object(w);
	return ERR_OK;
}

static bool is_first_of_theme(const struct pack *p, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (str_eq(p->indicators.items[k].theme.text, p->indicators.items[i].theme.text))
			return false;
	return true;
}

static enum err write_theme(struct measure *m, struct str theme)
{
	const struct pack *p = service_of(m->call)->pack;
	struct json_writer *w = &m->call->json;

	json_object(w);
	json_field_str(w, "theme", theme);
	json_key(w, "items");
	json_array(w);
	for (size_t i = 0; i < p->indicators.count; i++)
		if (str_eq(p->indicators.items[i].theme.text, theme))
			TRY(write_item(m, &p->indicators.items[i]));
	json_end_array(w);
	json_end_object(w);
	return ERR_OK;
}

static enum err get_tree(struct http_call *call)
{
	const struct pack *p = service_of(call)->pack;
	struct json_writer *w = &call->json;
	struct measure m;

	TRY(measure_begin(call, STR("indicators"), &m));
	json_object(w);
	json_field_text(w, "period", m.ds.period);
	json_field_text(w, "org", m.within);
	json_key(w, "themes");
	json_array(w);
	for (size_t i = 0; i < p->indicators.count; i++)
		if (is_first_of_theme(p, i))
			TRY(write_theme(&m, p->indicators.items[i].theme.text));
	json_end_array(w);
	json_end_object(w);
	return ERR_OK;
}

/* ---- one indicator ---- */

enum err call_indicator(struct http_call *call, const struct pack_indicator **out)
{
	*out = pack_find_indicators(service_of(call)->pack, http_param(call, "id"));
	return *out ? ERR_OK
		    : ctx_fail(&call->cx, ERR_NOT_FOUND, "%s",
			      TR(&call->cx, "没有这个指标", "there is no such indicator"));
}

static void write_formula(struct http_call *call, const struct pack_indicator *d)
{
	struct json_writer *w = &call->json;
	struct strbuf b;

	strbuf_init(&b, 64);
	strbuf_dec_short(&b, d->per.is_set ? d->per.micro : 1000000, 6);
	json_key(w, "formula");
	json_object(w);
	json_field_str(w, "numerator", d->numerator.text);
	json_field_text(w, "denominator", d->denominator.text);
	json_field_str(w, "per", strbuf_view(&b));
	json_field_str(w, "from", d->from.text);
	json_field_text(w, "denominator_from", d->denominator_from.text);
	json_end_object(w);
	strbuf_release(&b);
}

static void write_rule(struct http_call *call, const char *key, const struct rule *rule)
{
	struct strbuf b;

	json_key(&call->json, key);
	if (!rule) {
		json_null(&call->json);
		return;
	}
	strbuf_init(&b, 65536);
	rule_explain(&b, rule, call->cx.is_english);
	json_str(&call->json, strbuf_view(&b));
	strbuf_release(&b);
}

static void write_splits(struct json_writer *w, const struct pack_indicator *d)
{
	json_key(w, "can_split_by");
	json_array(w);
	json_z(w, "county");
	json_z(w, "town");
	json_z(w, "school");
	for (size_t i = 0; i < d->by.count; i++)
		json_str(w, d->by.items[i].text);
	json_end_array(w);
}

static void write_groups(struct http_call *call, const struct indicator_result *r)
{
	const struct org_tree *tree = service_of(call)->tree;
	struct json_writer *w = &call->json;

	json_key(w, "groups");
	json_array(w);
	for (size_t i = 0; i < r->groups.count; i++) {
		const struct indicator_value *v = &r->groups.items[i];
		json_object(w);
		json_field_str(w, "group", v->group);
		json_field_text(w, "name", org_attribute(tree, v->group, STR("name")));
		write_sums(w, v);
		json_field_i64(w, "rows", (int64_t)v->rows);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_definition(struct http_call *call, const struct pack_indicator *d)
{
	struct json_writer *w = &call->json;

	json_field_str(w, "id", d->id.text);
	json_field_str(w, "title", d->title.text);
	json_field_text(w, "help", d->help.text);
	json_field_text(w, "theme", d->theme.text);
	json_field_text(w, "unit", d->unit.text);
	json_field_i64(w, "decimals", d->decimals);
	json_field_z(w, "better", better_name(d));
	json_field_text(w, "source", d->source.text);
	json_field_str(w, "defined",
		str_printf(call->cx.mem, STR_FMT ":%d", STR_ARG(d->at.file), d->at.line));
}

static enum err get_indicator(struct http_call *call)
{
	const struct pack_indicator *d;
	struct str by = http_query(call, "by");
	struct json_writer *w = &call->json;
	struct indicator_result r;
	struct measure m;

	TRY(call_indicator(call, &d));
	TRY(measure_begin(call, STR("indicators"), &m));
	TRY(measure_indicator(&m, d, by.n ? by : STR(""), &r));
	json_object(w);
	write_definition(call, d);
	json_field_text(w, "period", r.period);
	json_field_text(w, "org", m.within);
	write_sums(w, &r.total);
	json_field_i64(w, "rows", (int64_t)r.total.rows);
	write_formula(call, d);
	json_key(w, "explanation");
	json_object(w);
	write_rule(call, "numerator", r.numerator);
	write_rule(call, "denominator", r.denominator);
	json_end_object(w);
	json_field_text(w, "by", by);
	write_splits(w, d);
	write_groups(call, &r);
	json_end_object(w);
	return ERR_OK;
}

/* ---- over the periods ---- */

static enum err write_point(struct http_call *call, const struct pack_indicator *d,
	struct str within, struct str period)
{
	struct measure m = {.call = call, .within = within};
	struct json_writer *w = &call->json;
	struct indicator_result r;

	dataset_init(&m.ds, call->cx.mem, service_of(call)->pack, period);
	TRY(measure_indicator(&m, d, STR(""), &r));
	json_object(w);
	json_field_str(w, "period", period);
	write_sums(w, &r.total);
	json_end_object(w);
	return ERR_OK;
}

static enum err get_trend(struct http_call *call)
{
	const struct pack_indicator *d;
	struct stored_ledger l;
	struct ledger_periods periods;
	struct str within;

	TRY(call_indicator(call, &d));
	TRY(measure_within(call, STR("indicators"), &within));
	stored_ledger_init(
		call->cx.mem, pack_find_ledgers(service_of(call)->pack, d->from.text), &l);
	TRY(ledger_list_periods(&call->cx, service_of(call)->db, &l, &periods));
	json_object(&call->json);
	json_key(&call->json, "items");
	json_array(&call->json);
	for (size_t i = 0; i < periods.list.count; i++)
		TRY(write_point(call, d, within, periods.list.items[i]));
	json_end_array(&call->json);
	json_end_object(&call->json);
	return ERR_OK;
}

static const struct query_field tree_query[] = {QUERY("period", "周期", "the period"),
	QUERY("org", "机构及其下级", "an organisation and what is below it"), QUERY_END};
static const struct query_field value_query[] = {QUERY("period", "周期", "the period"),
	QUERY("org", "机构及其下级", "an organisation and what is below it"),
	QUERY("by", "按什么分组: county town school children 或一个字段",
		"county, town, school, children or a column"),
	QUERY_END};
static const struct query_field trend_query[] = {
	QUERY("org", "机构及其下级", "an organisation and what is below it"), QUERY_END};

const struct route measure_routes[] = {
	{.path = "/api/indicators",
		.on = "indicators",
		.may = "read",
		.query = tree_query,
		.reply = &tree_shape,
		.handle = get_tree,
		.zh = "指标",
		.en = "The indicators by theme"},
	{.path = "/api/indicators/{id}",
		.on = "indicators",
		.may = "read",
		.query = value_query,
		.reply = &value_shape,
		.handle = get_indicator,
		.zh = "一个指标",
		.en = "One indicator with formula and groups"},
	{.path = "/api/indicators/{id}/trend",
		.on = "indicators",
		.may = "read",
		.query = trend_query,
		.reply = &trend_shape,
		.handle = get_trend,
		.zh = "历年",
		.en = "Its value over the periods"},
	{.path = NULL},
};
