/* /api/evaluations: county by clause, one county, why. */
#include "http/made_file.h"
#include "mod/evaluate/evaluate_document.h"
#include "mod/serve/ledger_api.h"
#include "mod/serve/measure_api.h"
#include "mod/serve/verdicts.h"

/* ---- shapes ---- */

static const struct json_field item_fields[] = {OUT("id", JT_TEXT), OUT("title", JT_TEXT),
	OUT_OR_NULL("source", JT_TEXT), OUT_OR_NULL("effective_from", JT_TEXT)};
static const struct json_shape item_shape = JSON_SHAPE("evaluation_item", 0, item_fields);
static const struct json_field list_fields[] = {OUT_WITH("items", JT_LIST, .of = &item_shape)};
static const struct json_shape list_shape = JSON_SHAPE("evaluations", 0, list_fields);
static const struct json_field column_fields[] = {OUT("id", JT_TEXT), OUT("title", JT_TEXT),
	OUT_OR_NULL("group", JT_TEXT), OUT("is_information", JT_BOOL), OUT("is_part", JT_BOOL),
	OUT_OR_NULL("source", JT_TEXT)};
static const struct json_shape column_shape = JSON_SHAPE("clause_column", 0, column_fields);
static const struct json_field cell_fields[] = {OUT("clause", JT_TEXT), OUT("verdict", JT_TEXT),
	OUT_OR_NULL("value", JT_NUMBER), OUT_OR_NULL("op", JT_TEXT),
	OUT_OR_NULL("limit", JT_NUMBER), OUT_OR_NULL("short_by", JT_NUMBER),
	OUT_OR_NULL("unit", JT_TEXT)};
const struct json_shape clause_cell_shape = JSON_SHAPE("clause_cell", 0, cell_fields);
static const struct json_field area_fields[] = {OUT("code", JT_TEXT), OUT_OR_NULL("name", JT_TEXT),
	OUT("verdict", JT_TEXT), OUT("units", JT_I64), OUT("units_failed", JT_I64),
	OUT_WITH("cells", JT_LIST, .of = &clause_cell_shape)};
static const struct json_shape area_shape = JSON_SHAPE("evaluation_area", 0, area_fields);
static const struct json_field matrix_fields[] = {OUT("id", JT_TEXT), OUT("title", JT_TEXT),
	OUT_OR_NULL("source", JT_TEXT), OUT_OR_NULL("period", JT_TEXT),
	OUT_WITH("clauses", JT_LIST, .of = &column_shape),
	OUT_WITH("areas", JT_LIST, .of = &area_shape)};
static const struct json_shape matrix_shape = JSON_SHAPE("evaluation", 0, matrix_fields);
static const struct json_field county_fields[] = {OUT("evaluation", JT_TEXT),
	OUT("county", JT_TEXT), OUT_OR_NULL("period", JT_TEXT), OUT("verdict", JT_TEXT),
	OUT("clauses", JT_ANY), OUT("schools", JT_ANY)};
const struct json_shape county_shape = JSON_SHAPE("evaluated_county", 0, county_fields);
static const struct json_field why_fields[] = {OUT("explanation", JT_TEXT)};
static const struct json_shape why_shape = JSON_SHAPE("clause_explanation", 0, why_fields);

/* ---- running one ---- */

enum err verdicts_again(struct verdicts *v)
{
	struct http_call *call = v->measure.call;

	TRY(evaluation_ready(&call->cx, &v->measure.ds, v->evaluation, &v->run));
	evaluation_areas(&call->cx, v->run, &v->areas, &v->area_count);
	return ERR_OK;
}

enum err verdicts_on(const struct measure *m, const struct pack_evaluation *e, struct verdicts *out)
{
	struct str *ledgers;
	size_t n;

	*out = (struct verdicts){.evaluation = e, .measure = *m};
	evaluation_ledgers(&m->call->cx, service_of(m->call)->pack, e, &ledgers, &n);
	for (size_t i = 0; i < n; i++)
		TRY(measure_add(&out->measure, ledgers[i]));
	return verdicts_again(out);
}

enum err verdicts_begin(
	struct http_call *call, const struct pack_evaluation *e, struct verdicts *out)
{
	struct measure m;

	TRY(measure_begin(call, STR("evaluations"), &m));
	return verdicts_on(&m, e, out);
}

bool verdicts_has(const struct verdicts *v, const struct org_tree *tree, size_t i)
{
	return v->areas[i].n && org_find(tree, v->areas[i]);
}

enum err call_evaluation(struct http_call *call, struct str id, const struct pack_evaluation **out)
{
	*out = pack_find_evaluations(service_of(call)->pack, id);
	return *out ? ERR_OK
		    : ctx_fail(&call->cx, ERR_NOT_FOUND, "%s",
			      TR(&call->cx, "没有这个评估", "there is no such evaluation"));
}

/* ---- lists ---- */

static enum err get_evaluations(struct http_call *call)
{
	const struct pack *p = service_of(call)->pack;
	struct json_writer *w = &call->json;

	json_object(w);
	json_key(w, "items");
	json_array(w);
	for (size_t i = 0; i < p->evaluations.count; i++) {
		const struct pack_evaluation *e = &p->evaluations.items[i];
		json_object(w);
		json_field_str(w, "id", e->id.text);
		json_field_str(w, "title", e->title.text);
		json_field_text(w, "source", e->source.text);
		json_field_date(w, "effective_from", e->effective_from);
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
	return ERR_OK;
}

static void write_number(struct json_writer *w, const char *key, struct number_opt n)
{
	json_key(w, key);
	if (n.is_set)
		json_f64(w, n.value);
	else
		json_null(w);
}

static void write_columns(struct json_writer *w, const struct evaluation_result *r)
{
	json_key(w, "clauses");
	json_array(w);
	for (size_t i = 0; r && i < r->clauses.count; i++) {
		const struct clause_result *c = &r->clauses.items[i];
		json_object(w);
		json_field_str(w, "id", c->id);
		json_field_str(w, "title", c->title);
		json_field_text(w, "group", c->clause->group.text);
		json_field_bool(w, "is_information", c->is_information);
		json_field_bool(w, "is_part", c->is_part);
		json_field_text(w, "source", c->clause->source.text);
		json_end_object(w);
	}
	json_end_array(w);
}

void write_cells(struct json_writer *w, const struct evaluation_result *r)
{
	json_key(w, "cells");
	json_array(w);
	for (size_t i = 0; i < r->clauses.count; i++) {
		const struct clause_result *c = &r->clauses.items[i];
		json_object(w);
		json_field_str(w, "clause", c->id);
		json_field_z(w, "verdict", verdict_name(c->verdict));
		write_number(w, "value", c->value);
		json_field_z(w, "op", c->op);
		write_number(w, "limit", c->limit);
		write_number(w, "short_by", c->short_by);
		json_field_text(w, "unit", c->unit);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_area(struct http_call *call, const struct evaluation_result *r)
{
	struct json_writer *w = &call->json;
	int64_t units = 0, failed = 0;

	for (size_t i = 0; i < r->units.count; i++) {
		units += r->units.items[i].is_included;
		failed +=
			r->units.items[i].is_included && r->units.items[i].verdict == VERDICT_FAIL;
	}
	json_object(w);
	json_field_str(w, "code", r->area);
	json_field_text(w, "name", org_attribute(service_of(call)->tree, r->area, STR("name")));
	json_field_z(w, "verdict", verdict_name(r->verdict));
	json_field_i64(w, "units", units);
	json_field_i64(w, "units_failed", failed);
	write_cells(w, r);
	json_end_object(w);
}

static enum err get_matrix(struct http_call *call)
{
	const struct pack_evaluation *e;
	struct json_writer *w = &call->json;
	struct evaluation_result *results;
	struct verdicts v;
	size_t n = 0;

	TRY(call_evaluation(call, http_param(call, "id"), &e));
	TRY(verdicts_begin(call, e, &v));
	results = arena_array(call->cx.mem, struct evaluation_result, v.area_count + 1);
	for (size_t i = 0; i < v.area_count; i++)
		if (verdicts_has(&v, service_of(call)->tree, i))
			TRY(evaluation_area(&call->cx, v.run, v.areas[i], &results[n++]));
	json_object(w);
	json_field_str(w, "id", e->id.text);
	json_field_str(w, "title", e->title.text);
	json_field_text(w, "source", e->source.text);
	json_field_text(w, "period", n ? results[0].period : v.measure.ds.period);
	write_columns(w, n ? &results[0] : NULL);
	json_key(w, "areas");
	json_array(w);
	for (size_t i = 0; i < n; i++)
		write_area(call, &results[i]);
	json_end_array(w);
	json_end_object(w);
	return ERR_OK;
}

/* ---- one county ---- */

static enum err evaluate_county(
	struct http_call *call, struct verdicts *v, struct evaluation_result *out)
{
	const struct pack_evaluation *e;
	struct str code = http_param(call, "code");

	TRY(call_evaluation(call, http_param(call, "id"), &e));
	TRY(verdicts_begin(call, e, v));
	for (size_t i = 0; i < v->area_count; i++)
		if (code.n && str_eq(v->areas[i], code) &&
			verdicts_has(v, service_of(call)->tree, i))
			return evaluation_area(&call->cx, v->run, code, out);
	return ctx_fail(&call->cx, ERR_NOT_FOUND, "%s",
		TR(&call->cx, "没有这个县区, 或它还没有数据",
			"no such county, or no rows of it yet"));
}

static enum err get_county(struct http_call *call)
{
	struct evaluation_result r;
	struct verdicts v;

	TRY(evaluate_county(call, &v, &r));
	evaluation_write_json(&call->json, &r);
	return ERR_OK;
}

static enum err get_why(struct http_call *call)
{
	struct evaluation_result r;
	struct verdicts v;
	struct strbuf b;
	bool is_found;

	TRY(evaluate_county(call, &v, &r));
	strbuf_init(&b, STRBUF_MAX);
	is_found = evaluation_explain(&call->cx, v.run, &r, http_param(call, "clause"), &b);
	if (is_found) {
		json_object(&call->json);
		json_field_str(&call->json, "explanation", strbuf_view(&b));
		json_end_object(&call->json);
	}
	strbuf_release(&b);
	return is_found ? ERR_OK
			: ctx_fail(&call->cx, ERR_NOT_FOUND, "%s",
				  TR(&call->cx, "没有这个条款", "there is no such clause"));
}

static enum err get_report(struct http_call *call)
{
	bool is_pdf = http_query_is(call, "format", "pdf");
	struct evaluation_result r;
	struct evaluation_paper paper;
	struct made_file f;
	struct verdicts v;
	struct str within;
	enum err e;

	TRY(measure_within_to(
		call, STR("evaluations"), "export", http_param(call, "code"), &within));
	TRY(evaluate_county(call, &v, &r));
	paper = (struct evaluation_paper){
		service_of(call)->place, service_of(call)->tree, v.run, &r, DATE_NONE};
	TRY(made_file_begin(call, is_pdf ? MADE_PDF : MADE_DOCX, &f));
	e = evaluation_document_write(
		&call->cx, &paper, f.path, is_pdf ? DOCUMENT_PDF : DOCUMENT_DOCX);
	return made_file_reply(call, &f, e, evaluation_document_name(&call->cx, &paper));
}

static const char *const report_formats[] = {"docx", "pdf", NULL};
static const struct query_field report_query[] = {QUERY("period", "周期", "the period"),
	{.name = "format",
		.type = QUERY_TEXT,
		.choices = report_formats,
		.zh = "格式, 默认 docx",
		.en = "format; docx"},
	QUERY_END};
static const struct query_field period_query[] = {QUERY("period", "周期", "the period"), QUERY_END};

const struct route evaluate_routes[] = {
	{.path = "/api/evaluations",
		.on = "evaluations",
		.may = "read",
		.reply = &list_shape,
		.handle = get_evaluations,
		.zh = "评估",
		.en = "The evaluations"},
	{.path = "/api/evaluations/{id}",
		.on = "evaluations",
		.may = "read",
		.query = period_query,
		.reply = &matrix_shape,
		.handle = get_matrix,
		.zh = "县区 × 条款",
		.en = "County by clause"},
	{.path = "/api/evaluations/{id}/areas/{code}",
		.on = "evaluations",
		.may = "read",
		.query = period_query,
		.reply = &county_shape,
		.handle = get_county,
		.zh = "一个县区",
		.en = "One county: each clause, each school"},
	{.path = "/api/evaluations/{id}/areas/{code}/report",
		.on = "evaluations",
		.may = "export",
		.query = report_query,
		.media = DOCX_TYPE,
		.handle = get_report,
		.zh = "一个县区的自评报告",
		.en = "One county's self-evaluation as DOCX or PDF"},
	{.path = "/api/evaluations/{id}/areas/{code}/clauses/{clause}",
		.on = "evaluations",
		.may = "read",
		.query = period_query,
		.reply = &why_shape,
		.handle = get_why,
		.zh = "一条为什么是这个结论",
		.en = "Why a clause has its verdict"},
	{.path = NULL},
};
