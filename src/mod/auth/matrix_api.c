/* /api/permissions: who may do what where, as JSON, CSV and a workbook. */
#include "http/made_file.h"
#include "mod/auth/auth_http.h"
#include "wire/csv_write.h"
#include "wire/xlsx_write.h"

struct resource {
	struct str id, title, theme;
	bool is_ledger;
};
struct matrix {
	struct name_list actions;
	VEC(struct resource) resources;
};

static struct matrix make_matrix(struct arena *mem, const struct pack *p)
{
	struct name_list names;
	struct matrix m = {0};

	rights_actions(mem, p, &m.actions);
	for (size_t i = 0; i < m.actions.list.count; i++)
		m.actions.list.items[i] = str_copy(mem, m.actions.list.items[i]);
	rights_resources(mem, p, &names);
	for (size_t i = 0; i < p->ledgers.count; i++) {
		const struct pack_ledger *l = &p->ledgers.items[i];
		*VEC_PUSH(mem, &m.resources) =
			(struct resource){l->id.text, l->title.text, l->theme.text, true};
	}
	for (size_t i = 0; i < names.list.count; i++)
		*VEC_PUSH(mem, &m.resources) = (struct resource){
			names.list.items[i], names.list.items[i], STR_NONE, false};
	return m;
}

static void write_cells(struct json_writer *w, const struct pack *p, const struct pack_role *role,
	const struct matrix *m)
{
	json_key(w, "cells");
	json_object(w);
	for (size_t i = 0; i < m->resources.count; i++) {
		bool is_open = false;
		for (size_t k = 0; k < m->actions.list.count; k++) {
			const char *scope = role_scope_word(
				p, role, m->resources.items[i].id, m->actions.list.items[k].p);
			if (!scope)
				continue;
			if (!is_open) {
				json_key_str(w, m->resources.items[i].id);
				json_object(w);
			}
			is_open = true;
			json_field_z(w, m->actions.list.items[k].p, scope);
		}
		if (is_open)
			json_end_object(w);
	}
	json_end_object(w);
}

static void write_matrix(struct json_writer *w, const struct pack *p, const struct matrix *m)
{
	json_object(w);
	json_key(w, "actions");
	json_array(w);
	for (size_t k = 0; k < m->actions.list.count; k++)
		json_str(w, m->actions.list.items[k]);
	json_end_array(w);
	json_key(w, "resources");
	json_array(w);
	for (size_t i = 0; i < m->resources.count; i++) {
		json_object(w);
		json_field_str(w, "id", m->resources.items[i].id);
		json_field_str(w, "title", m->resources.items[i].title);
		json_field_z(w, "kind", m->resources.items[i].is_ledger ? "ledger" : "resource");
		json_field_text(w, "theme", m->resources.items[i].theme);
		json_end_object(w);
	}
	json_end_array(w);
	json_key(w, "roles");
	json_array(w);
	for (size_t r = 0; r < p->roles.count; r++) {
		json_object(w);
		json_field_str(w, "id", p->roles.items[r].id.text);
		json_field_str(w, "title", p->roles.items[r].title.text);
		write_cells(w, p, &p->roles.items[r], m);
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
}

/* Calls fn for each cell of the matrix that allows something. */
struct cell {
	const struct pack_role *role;
	const struct resource *resource;
	struct str action;
	const char *scope;
};
typedef void cell_fn(void *arg, const struct cell *cell);

static void each_cell(const struct pack *p, const struct matrix *m, cell_fn *fn, void *arg)
{
	for (size_t r = 0; r < p->roles.count; r++)
		for (size_t i = 0; i < m->resources.count; i++)
			for (size_t k = 0; k < m->actions.list.count; k++) {
				struct cell c = {&p->roles.items[r], &m->resources.items[i],
					m->actions.list.items[k], NULL};
				c.scope = role_scope_word(p, c.role, c.resource->id, c.action.p);
				if (c.scope)
					fn(arg, &c);
			}
}

#define CELL_COLUMNS 6
static const char *const cell_titles[CELL_COLUMNS] = {
	"角色", "名称", "资源", "资源名称", "动作", "范围"};

static void cell_texts(const struct cell *c, struct str out[CELL_COLUMNS])
{
	out[0] = c->role->id.text;
	out[1] = c->role->title.text;
	out[2] = c->resource->id;
	out[3] = c->resource->title;
	out[4] = c->action;
	out[5] = str_from(c->scope);
}

/* ---- CSV ---- */

static void csv_cell(void *arg, const struct cell *c)
{
	struct csv_writer *w = arg;
	struct str texts[CELL_COLUMNS];

	cell_texts(c, texts);
	for (size_t i = 0; i < CELL_COLUMNS; i++)
		csv_write_text(w, texts[i]);
	csv_write_row_end(w);
}

/* One line for each role, resource and action that is allowed. */
static enum err write_csv(
	struct ctx *cx, const struct pack *p, const struct matrix *m, const char *path)
{
	struct csv_writer w;

	TRY(csv_writer_open(&w, cx, CSV_FOR_PEOPLE, path));
	for (size_t i = 0; i < CELL_COLUMNS; i++)
		csv_write_text(&w, str_from(cell_titles[i]));
	csv_write_row_end(&w);
	each_cell(p, m, csv_cell, &w);
	return csv_writer_close(&w);
}

/* ---- the workbook: the matrix as people read it, then its lines ---- */

/* "read: city; write: own" of a role for a resource; empty: nothing is allowed. */
static struct str allowed(struct arena *mem, const struct pack *p, const struct pack_role *role,
	const struct resource *resource, const struct matrix *m)
{
	struct strbuf b;
	struct str text;

	strbuf_init(&b, 4096);
	for (size_t k = 0; k < m->actions.list.count; k++) {
		struct str action = m->actions.list.items[k];
		const char *scope = role_scope_word(p, role, resource->id, action.p);
		if (scope)
			strbuf_printf(
				&b, "%s" STR_FMT ": %s", b.n ? "\n" : "", STR_ARG(action), scope);
	}
	text = str_copy(mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}

static void write_grid(
	struct ctx *cx, struct xlsx_writer *w, const struct pack *p, const struct matrix *m)
{
	struct xlsx_style header = {.is_header = true}, plain = {.kind = XLSX_TEXT};

	xlsx_sheet_begin(
		w, &(struct xlsx_sheet_settings){.name = str_from(TR(cx, "权限表", "Rights")),
			   .freeze_rows = 1,
			   .freeze_columns = 2});
	xlsx_column_set(w, 0, &(struct xlsx_column){.width = 26, .style = plain});
	xlsx_column_set(w, 1, &(struct xlsx_column){.width = 30, .style = plain});
	for (uint32_t r = 0; r < p->roles.count; r++)
		xlsx_column_set(w, r + 2, &(struct xlsx_column){.width = 18, .style = plain});
	xlsx_row_begin(w);
	xlsx_put_text(w, 0, str_from(TR(cx, "资源", "Resource")), header);
	xlsx_put_text(w, 1, str_from(TR(cx, "资源名称", "Title")), header);
	for (uint32_t r = 0; r < p->roles.count; r++)
		xlsx_put_text(w, r + 2, p->roles.items[r].title.text, header);
	for (size_t i = 0; i < m->resources.count; i++) {
		const struct resource *resource = &m->resources.items[i];
		xlsx_row_begin(w);
		xlsx_put_text(w, 0, resource->id, plain);
		xlsx_put_text(w, 1, resource->title, plain);
		for (uint32_t r = 0; r < p->roles.count; r++) {
			struct str text = allowed(cx->mem, p, &p->roles.items[r], resource, m);
			if (text.n)
				xlsx_put_text(w, r + 2, text, plain);
		}
	}
}

static void xlsx_cell(void *arg, const struct cell *c)
{
	struct xlsx_writer *w = arg;
	struct str texts[CELL_COLUMNS];

	cell_texts(c, texts);
	xlsx_row_begin(w);
	for (uint32_t i = 0; i < CELL_COLUMNS; i++)
		xlsx_put_text(w, i, texts[i], (struct xlsx_style){.kind = XLSX_TEXT});
}

static void write_lines(
	struct ctx *cx, struct xlsx_writer *w, const struct pack *p, const struct matrix *m)
{
	static const double widths[CELL_COLUMNS] = {22, 22, 26, 30, 12, 12};

	xlsx_sheet_begin(w, &(struct xlsx_sheet_settings){
				    .name = str_from(TR(cx, "逐条", "Lines")), .freeze_rows = 1});
	for (uint32_t i = 0; i < CELL_COLUMNS; i++)
		xlsx_column_set(w, i, &(struct xlsx_column){.width = widths[i]});
	xlsx_row_begin(w);
	for (uint32_t i = 0; i < CELL_COLUMNS; i++)
		xlsx_put_text(
			w, i, str_from(cell_titles[i]), (struct xlsx_style){.is_header = true});
	each_cell(p, m, xlsx_cell, w);
}

static enum err write_workbook(
	struct ctx *cx, const struct pack *p, const struct matrix *m, const char *path)
{
	struct xlsx_writer *w;

	TRY(xlsx_writer_open(cx, path, &w));
	write_grid(cx, w, p, m);
	write_lines(cx, w, p, m);
	return xlsx_writer_close(w);
}

/* ---- the route ---- */

static const struct json_field resource_fields[] = {OUT("id", JT_TEXT), OUT("title", JT_TEXT),
	OUT("kind", JT_TEXT), OUT_OR_NULL("theme", JT_TEXT)};
static const struct json_shape resource_shape = JSON_SHAPE("resource", 0, resource_fields);
static const struct json_field matrix_role_fields[] = {
	OUT("id", JT_TEXT), OUT("title", JT_TEXT), OUT("cells", JT_MAP)};
static const struct json_shape matrix_role = JSON_SHAPE("matrix_role", 0, matrix_role_fields);
static const struct json_field matrix_fields[] = {OUT("actions", JT_TEXTS),
	OUT_WITH("resources", JT_LIST, .of = &resource_shape),
	OUT_WITH("roles", JT_LIST, .of = &matrix_role)};
static const struct json_shape matrix_shape = JSON_SHAPE("permissions", 0, matrix_fields);

static enum err get_permissions(struct http_call *call)
{
	bool is_csv = http_query_is(call, "format", "csv");
	const struct pack *p = service_of(call)->pack;
	struct matrix m = make_matrix(call->cx.mem, p);
	struct made_file f;

	if (!is_csv && !http_query_is(call, "format", "xlsx")) {
		write_matrix(&call->json, p, &m);
		return ERR_OK;
	}
	TRY(made_file_begin(call, is_csv ? MADE_CSV : MADE_XLSX, &f));
	return made_file_reply(call, &f,
		is_csv ? write_csv(&call->cx, p, &m, f.path)
		       : write_workbook(&call->cx, p, &m, f.path),
		str_from(TR(&call->cx, "权限表", "permissions")));
}

static const char *const formats[] = {"json", "csv", "xlsx", NULL};
static const struct query_field permissions_query[] = {
	{.name = "format", .type = QUERY_TEXT, .choices = formats, .zh = "格式", .en = "format"},
	QUERY_END};

const struct route matrix_routes[] = {
	{.path = "/api/permissions",
		.on = "permission_matrix",
		.may = "read",
		.query = permissions_query,
		.reply = &matrix_shape,
		.media = XLSX_TYPE,
		.handle = get_permissions,
		.zh = "权限表",
		.en = "Who may do what where"},
	{.path = NULL},
};
