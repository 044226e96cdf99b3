/* /api/plans/{id}/export: a plan as a workbook or CSV. */
#include "mod/serve/allocation_api.h"

#include "http/made_file.h"
#include "wire/csv_write.h"
#include "wire/xlsx_write.h"

static struct str member(const struct json_node *row, const char *key)
{
	const struct json_node *n = json_get(row, key);

	return n && n->kind != JSON_NULL ? n->text : STR_NONE;
}

static const char *const formats[] = {"xlsx", "csv", NULL};

struct out_column {
	const char *key, *zh, *en;
	bool is_number;
};
static const struct out_column row_columns[] = {{"county", "县区代码", "county", false},
	{"county_name", "县区", "county name", false}, {"item", "编号", "item", false},
	{"name", "名称", "name", false}, {"action", "动作", "action", false},
	{"stage", "学段", "stage", false}, {"subject", "学科", "subject", false},
	{"measure_title", "指标", "measure", false}, {"from", "现状", "from", false},
	{"from_name", "现在学校", "from name", false}, {"to", "调整后", "to", false},
	{"to_name", "调整后学校", "to name", false}, {"once", "一次投入", "once", true},
	{"saving", "每年节省", "saving", true}, {"reason", "理由", "reason", false}};
static const struct out_column figure_columns[] = {{"county_name", "县区", "county", false},
	{"stage", "学段", "stage", false}, {"measure_title", "指标", "measure", false},
	{"figure", "数值", "figure", false}, {"before", "调整前", "before", true},
	{"after", "调整后", "after", true}, {"limit", "要求", "limit", true}};
static const struct out_column shift_columns[] = {{"county_name", "县区", "county", false},
	{"code", "代码", "code", false}, {"name", "社区", "name", false},
	{"stage", "学段", "stage", false}, {"people", "人数", "people", true},
	{"from_name", "原去", "from", false}, {"to_name", "改去", "to", false},
	{"minutes", "分钟", "minutes", true}, {"year", "年份", "year", true},
	{"reason", "理由", "reason", false}};
static const struct out_column step_columns[] = {{"year", "年份", "year", true},
	{"county_name", "县区", "county", false}, {"item", "编号", "item", false},
	{"name", "名称", "name", false}, {"action", "动作", "action", false},
	{"stage", "学段", "stage", false}, {"measure_title", "指标", "measure", false},
	{"from", "现状", "from", false}, {"to", "调整后", "to", false},
	{"into_name", "并入", "into", false}, {"once", "一次投入", "once", true},
	{"reason", "理由", "reason", false}};
static const struct out_column year_columns[] = {{"county_name", "县区", "county", false},
	{"stage", "学段", "stage", false}, {"year", "年份", "year", true},
	{"figure", "数值", "figure", false}, {"value", "值", "value", true}};
static const struct out_column curve_columns[] = {{"weight", "路程权重", "weight", true},
	{"money", "每年费用", "money", true}, {"travel", "每年路程费用", "travel", true},
	{"mean_km", "平均路程", "mean km", true}, {"sites", "校点数", "sites", true},
	{"opened", "新开", "opened", true}, {"closed", "停办", "closed", true},
	{"unmet", "没有学位", "unmet", true}, {"gap", "离最优至多差", "gap", true}};
static const struct out_column future_columns[] = {{"county_name", "县区", "county", false},
	{"stage", "学段", "stage", false}, {"year", "学年", "year", true},
	{"value", "人数", "people", true}, {"low", "80% 下限", "low 80%", true},
	{"high", "80% 上限", "high 80%", true}};
static const struct out_list {
	const char *key, *zh, *en;
	const struct out_column *columns;
	size_t count;
} out_lists[] = {{"rows", "动作", "actions", row_columns, ARRAY_LEN(row_columns)},
	{"steps", "逐年安排", "year by year", step_columns, ARRAY_LEN(step_columns)},
	{"years", "各年数值", "years", year_columns, ARRAY_LEN(year_columns)},
	{"curve", "取舍曲线", "curve", curve_columns, ARRAY_LEN(curve_columns)},
	{"figures", "前后对比", "figures", figure_columns, ARRAY_LEN(figure_columns)},
	{"shifts", "去向变化", "who goes elsewhere", shift_columns, ARRAY_LEN(shift_columns)},
	{"futures", "预测", "forecast", future_columns, ARRAY_LEN(future_columns)}};

static enum err write_csv(struct http_call *call, const struct json_node *result,
	const struct out_list *list, const char *path)
{
	const struct json_node *items = json_get(result, list->key);
	struct csv_writer w;

	TRY(csv_writer_open(&w, &call->cx, CSV_FOR_PEOPLE, path));
	for (size_t c = 0; c < list->count; c++)
		csv_write_text(
			&w, str_from(TR(&call->cx, list->columns[c].zh, list->columns[c].en)));
	csv_write_row_end(&w);
	for (const struct json_node *n = items ? items->first : NULL; n; n = n->next) {
		for (size_t c = 0; c < list->count; c++) {
			struct str text = member(n, list->columns[c].key);
			if (list->columns[c].is_number)
				csv_write_plain(&w, text);
			else
				csv_write_text(&w, text);
		}
		csv_write_row_end(&w);
	}
	return csv_writer_close(&w);
}

static void write_sheet(struct http_call *call, struct xlsx_writer *w,
	const struct json_node *items, const struct out_list *list)
{
	xlsx_sheet_begin(
		w, &(struct xlsx_sheet_settings){
			   .name = str_from(TR(&call->cx, list->zh, list->en)), .freeze_rows = 1});
	xlsx_row_begin(w);
	for (size_t c = 0; c < list->count; c++)
		xlsx_put_text(w, (uint32_t)c,
			str_from(TR(&call->cx, list->columns[c].zh, list->columns[c].en)),
			(struct xlsx_style){.is_header = true});
	for (const struct json_node *n = items->first; n; n = n->next) {
		xlsx_row_begin(w);
		for (size_t c = 0; c < list->count; c++) {
			struct str text = member(n, list->columns[c].key);
			if (text.n && list->columns[c].is_number)
				xlsx_put_number(w, (uint32_t)c, text, (struct xlsx_style){0});
			else if (text.n)
				xlsx_put_text(w, (uint32_t)c, text,
					(struct xlsx_style){.kind = XLSX_TEXT});
		}
	}
}

/* A sheet for each list that has something in it; the first always. */
static enum err write_xlsx(struct http_call *call, const struct json_node *result, const char *path)
{
	struct xlsx_writer *w;
	bool has_sheet = false;

	TRY(xlsx_writer_open(&call->cx, path, &w));
	for (size_t i = 0; i < ARRAY_LEN(out_lists); i++) {
		const struct json_node *items = json_get(result, out_lists[i].key);
		if (!items || (!items->first && (has_sheet || i + 1 < ARRAY_LEN(out_lists))))
			continue;
		write_sheet(call, w, items, &out_lists[i]);
		has_sheet = true;
	}
	return xlsx_writer_close(w);
}

/* One list goes into a file: actions if there are any, else the first that has something. */
static const struct out_list *csv_list(const struct json_node *result)
{
	for (size_t i = 0; i < ARRAY_LEN(out_lists); i++) {
		const struct json_node *items = json_get(result, out_lists[i].key);
		if (items && items->first && !str_is(str_from(out_lists[i].key), "figures"))
			return &out_lists[i];
	}
	return &out_lists[0];
}

static enum err get_export(struct http_call *call)
{
	bool is_csv = http_query_is(call, "format", "csv");
	const struct json_node *result;
	struct made_file f;
	plan_row plan;
	enum err e;

	TRY(plan_find_by(call, http_param(call, "id"), &plan));
	TRY(plan_result(call, plan.id, &result));
	TRY(made_file_begin(call, is_csv ? MADE_CSV : MADE_XLSX, &f));
	e = is_csv ? write_csv(call, result, csv_list(result), f.path)
		   : write_xlsx(call, result, f.path);
	return made_file_reply(call, &f, e, plan.name);
}

static const struct query_field export_query[] = {
	{.name = "format", .type = QUERY_TEXT, .choices = formats, .zh = "格式", .en = "format"},
	QUERY_END};

const struct route allocation_export_routes[] = {
	{.path = "/api/plans/{id}/export",
		.on = "plans",
		.may = "read",
		.query = export_query,
		.media = XLSX_TYPE,
		.handle = get_export,
		.zh = "方案成表",
		.en = "A plan as a workbook or CSV"},
	{.path = NULL},
};
