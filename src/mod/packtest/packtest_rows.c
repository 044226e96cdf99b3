/*
 * Rows of a case as ledger rows. Each cell is read as a cell of a file would be, so that a case
 * cannot hold what no import would take. A row is a mapping of fields; or all rows of a ledger are
 * lists and the first list names the fields.
 */
#include "mod/packtest/packtest_internal.h"

#include "mod/ledger/field_value.h"
#include "mod/ledger/ledger_table.h"

struct rows {
	struct case_run *run;
	const struct pack_ledger *ledger;
	struct field_parser *parsers;
	struct table *table;
	uint32_t *lines;
	size_t count;
};

static size_t find_field(struct rows *r, struct str name, struct place at)
{
	size_t n = r->ledger->fields.count;
	const char **names;
	const char *near;

	for (size_t f = 0; f < n; f++)
		if (str_eq(r->ledger->fields.items[f].name.text, name))
			return f;
	names = arena_array(r->run->cx->mem, const char *, n + 1);
	for (size_t f = 0; f < n; f++)
		names[f] = str_z(r->run->cx->mem, r->ledger->fields.items[f].name.text);
	near = nearest_name(name, names);
	problems_error(&r->run->ps, at,
		near ? TR(r->run->cx, "台账 %s 没有字段 '" STR_FMT "' (是否为 '%s'?)",
			       "ledger %s has no field '" STR_FMT "' (did you mean '%s'?)")
		     : TR(r->run->cx, "台账 %s 没有字段 '" STR_FMT "'%s",
			       "ledger %s has no field '" STR_FMT "'%s"),
		str_z(r->run->cx->mem, r->ledger->id.text), STR_ARG(name), near ? near : "");
	return SIZE_MAX;
}

static void append_cell(struct rows *r, size_t f, const struct yaml_node *cell, struct place row)
{
	const struct pack_field *field = &r->ledger->fields.items[f];
	struct column *column = r->table->columns.items[f];
	struct table_cell text = {.kind = CELL_TEXT, .text = cell ? cell->text : STR_NONE};
	struct field_value v;
	struct str why;

	if (!text.text.n && str_is(field->name.text, "county"))
		text.text = r->run->area;
	if (!field_parse(
		    &r->parsers[f], &text, r->run->cx->mem, r->run->cx->is_english, &v, &why)) {
		problems_error(&r->run->ps, cell ? cell->at : row, STR_FMT ": " STR_FMT,
			STR_ARG(field->name.text), STR_ARG(why));
		v.is_null = true;
	}
	if (v.is_null)
		column_append_null(column);
	else if (column->type == COLUMN_TEXT)
		column_append_text(column, v.text);
	else
		column_append_i64(column, v.number);
}

static void append_row(
	struct rows *r, const struct yaml_node *const *cells, const struct yaml_node *row)
{
	for (size_t f = 0; f < r->ledger->fields.count; f++)
		append_cell(r, f, cells[f], row->at);
	r->lines[r->count++] = (uint32_t)row->at.line;
}

static void read_mapping(struct rows *r, const struct yaml_node *row)
{
	const struct yaml_node **cells =
		arena_array(r->run->cx->mem, const struct yaml_node *, r->ledger->fields.count);

	for (const struct yaml_node *n = row->first; n; n = n->next) {
		size_t f = find_field(r, n->key, n->key_at);
		if (f != SIZE_MAX)
			cells[f] = n;
	}
	append_row(r, cells, row);
}

static void read_list(struct rows *r, const struct yaml_node *header, const struct yaml_node *row)
{
	const struct yaml_node **cells =
		arena_array(r->run->cx->mem, const struct yaml_node *, r->ledger->fields.count);
	const struct yaml_node *n = row->first;

	if (row->kind != YAML_LIST || yaml_count(row) != yaml_count(header)) {
		problems_error(&r->run->ps, row->at,
			TR(r->run->cx, "应为 %zu 格的一行", "a row of %zu cells expected"),
			yaml_count(header));
		return;
	}
	for (const struct yaml_node *h = header->first; h; h = h->next, n = n->next) {
		size_t f = find_field(r, h->text, h->at);
		if (f != SIZE_MAX)
			cells[f] = n;
	}
	append_row(r, cells, row);
}

static void read_ledger(struct case_run *run, const struct yaml_node *given)
{
	struct arena *mem = run->cx->mem;
	const struct yaml_node *header = given->first;
	struct rows r = {.run = run, .ledger = pack_find_ledgers(run->p, given->key)};
	bool is_table;

	if (!r.ledger || given->kind != YAML_LIST || !header) {
		problems_error(&run->ps, given->key_at,
			r.ledger ? TR(run->cx, "'" STR_FMT "' 应为行的列表",
					   "'" STR_FMT "' should be a list of rows")
				 : TR(run->cx, "没有台账 '" STR_FMT "'", "no ledger '" STR_FMT "'"),
			STR_ARG(given->key));
		return;
	}
	r.parsers = arena_array(mem, struct field_parser, r.ledger->fields.count);
	for (size_t f = 0; f < r.ledger->fields.count; f++)
		field_parser_init(&r.parsers[f], mem, run->p, &r.ledger->fields.items[f]);
	r.table = ledger_table_new(mem, r.ledger);
	r.lines = arena_array(mem, uint32_t, yaml_count(given));
	is_table = header->kind == YAML_LIST;
	for (const struct yaml_node *n = is_table ? header->next : header; n; n = n->next) {
		if (is_table)
			read_list(&r, header, n);
		else if (n->kind == YAML_MAP)
			read_mapping(&r, n);
		else
			problems_error(&run->ps, n->at, "%s",
				TR(run->cx, "一行应为 字段: 值", "a row holds FIELD: value"));
	}
	table_seal(r.table);
	dataset_add_table(&run->ds, r.ledger, r.table, run->c->at.file, r.lines);
}

void case_rows(struct case_run *run)
{
	const struct yaml_node *given = run->c->given;

	if (given->kind != YAML_MAP) {
		problems_error(&run->ps, given->at, "%s",
			TR(run->cx, "given 应为 台账: 行", "given holds LEDGER: rows"));
		return;
	}
	for (const struct yaml_node *n = given->first; n; n = n->next)
		read_ledger(run, n);
}
