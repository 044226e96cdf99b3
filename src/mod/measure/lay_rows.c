/* Rows given as JSON, laid over those of a place. */
#include "mod/ledger/field_value.h"
#include "mod/measure/dataset_internal.h"

/* A ledger that is changed: its rows by key, and what reads its fields. */
struct target {
	struct dataset_ledger *dl;
	struct strmap rows;            /* key -> row + 1 */
	struct field_parser **parsers; /* one a field; NULL: not needed yet */
};

struct laying {
	struct ctx *cx;
	struct dataset *ds;
	const struct lay_guard *guard;
	struct json_faults *faults;
	VEC(struct target) targets;
	size_t change; /* the one that is read */
};

static void fault(struct laying *l, const char *part, struct str member, const char *text)
{
	struct str path = str_printf(l->cx->mem, "/changes/%zu/%s%s" STR_FMT, l->change, part,
		member.n ? "/" : "", STR_ARG(member));

	json_fault(l->cx, l->faults, path, "%s", text);
}

static struct target *find_target(struct laying *l, struct str ledger)
{
	struct arena *mem = l->cx->mem;
	struct dataset_ledger *dl = dataset_find(l->ds, ledger);
	struct target *t;

	for (size_t i = 0; i < l->targets.count; i++)
		if (l->targets.items[i].dl == dl)
			return &l->targets.items[i];
	if (!dl)
		return NULL;
	t = VEC_PUSH(mem, &l->targets);
	*t = (struct target){.dl = dl};
	strmap_init(&t->rows, mem);
	for (size_t i = 0; i < dl->table->row_count; i++)
		*strmap_put(&t->rows, dataset_row_key(mem, dl->ledger, dl->table, i), NULL) =
			(int64_t)i + 1;
	t->parsers = arena_array(mem, struct field_parser *, dl->ledger->fields.count);
	return t;
}

/* SIZE_MAX: no such field. */
static size_t find_field(const struct pack_ledger *ledger, struct str name)
{
	for (size_t i = 0; i < ledger->fields.count; i++)
		if (str_eq(ledger->fields.items[i].name.text, name))
			return i;
	return SIZE_MAX;
}

static bool in_key(const struct pack_ledger *ledger, struct str name)
{
	for (size_t k = 0; k < ledger->grain.count; k++)
		if (str_eq(ledger->grain.items[k].text, name))
			return true;
	return false;
}

static bool read_value(struct laying *l, struct target *t, const char *part, size_t field,
	const struct json_node *node, struct field_value *out)
{
	struct arena *mem = l->cx->mem;
	const struct pack_field *f = &t->dl->ledger->fields.items[field];
	struct table_cell cell = {.kind = CELL_TEXT};
	struct str why;

	if (!t->parsers[field]) {
		t->parsers[field] = arena_new(mem, struct field_parser);
		field_parser_init(t->parsers[field], mem, l->ds->pack, f);
	}
	*out = (struct field_value){.is_null = true};
	if (node->kind == JSON_NULL && !t->parsers[field]->is_required)
		return true;
	if (node->kind == JSON_LIST || node->kind == JSON_MAP) {
		fault(l, part, f->name.text, TR(l->cx, "应为单个值", "should be one value"));
		return false;
	}
	cell.text = node->kind == JSON_TRUE    ? STR("1")
		    : node->kind == JSON_FALSE ? STR("0")
		    : node->kind == JSON_NULL  ? STR("")
					       : node->text;
	if (field_parse(t->parsers[field], &cell, mem, l->cx->is_english, out, &why))
		return true;
	fault(l, part, f->name.text, str_z(mem, why));
	return false;
}

static bool add_part(struct laying *l, struct target *t, const struct json_node *key,
	struct str name, struct strbuf *out)
{
	const struct json_node *node = json_get(key, str_z(l->cx->mem, name));
	size_t field = find_field(t->dl->ledger, name);
	struct field_value v;

	if (!node || field == SIZE_MAX) {
		fault(l, "key", name, TR(l->cx, "键缺这一项", "the key lacks it"));
		return false;
	}
	if (!read_value(l, t, "key", field, node, &v))
		return false;
	if (t->dl->table->columns.items[field]->type == COLUMN_TEXT)
		strbuf_str(out, v.text);
	else if (!v.is_null)
		strbuf_printf(out, "%" PRId64, v.number);
	strbuf_char(out, '\x1f');
	return true;
}

static bool key_is_known(struct laying *l, const struct target *t, const struct json_node *key)
{
	bool is_known = true;

	for (const struct json_node *n = key->first; n; n = n->next)
		if (!in_key(t->dl->ledger, n->key)) {
			fault(l, "key", n->key,
				TR(l->cx, "不是键的一部分", "is no part of the key"));
			is_known = false;
		}
	return is_known;
}

/* The row's number + 1; 0: told what is wrong. */
static size_t find_row(struct laying *l, struct target *t, const struct laid_row *row)
{
	const struct pack_ledger *ledger = t->dl->ledger;
	bool is_whole = key_is_known(l, t, row->key);
	const int64_t *at = NULL;
	struct strbuf key;

	strbuf_init(&key, 4000);
	for (size_t k = 0; k < ledger->grain.count; k++)
		if (!str_is(ledger->grain.items[k].text, "period"))
			is_whole &= add_part(l, t, row->key, ledger->grain.items[k].text, &key);
	if (is_whole)
		at = strmap_find(&t->rows, strbuf_view(&key));
	strbuf_release(&key);
	if (at && l->guard->may(l->guard->arg, ledger->id.text,
			  column_text(table_find(t->dl->table, STR("@org")), (size_t)*at - 1)))
		return (size_t)*at;
	if (is_whole)
		fault(l, "key", STR_NONE,
			TR(l->cx, "没有这一行可改", "there is no such row to change"));
	return 0;
}

static void lay_value(struct laying *l, struct target *t, const struct json_node *node, size_t row)
{
	const struct pack_ledger *ledger = t->dl->ledger;
	size_t field = find_field(ledger, node->key);
	struct column *into;
	struct field_value v;

	if (field == SIZE_MAX) {
		fault(l, "values", node->key, TR(l->cx, "没有这个字段", "no such field"));
		return;
	}
	if (in_key(ledger, node->key) || ledger->fields.items[field].from_org.text.n ||
		ledger->fields.items[field].derive.text.n ||
		ledger->fields.items[field].secrecy == SECRECY_SEALED) {
		fault(l, "values", node->key,
			TR(l->cx, "这个字段不能改", "this field cannot be changed"));
		return;
	}
	if (!read_value(l, t, "values", field, node, &v) || !row)
		return;
	into = t->dl->table->columns.items[field];
	if (v.is_null)
		column_set_null(into, row - 1);
	else
		column_set_i64(into, row - 1,
			into->type == COLUMN_TEXT ? dict_code(into->dict, v.text) : v.number);
}

static void lay_one(struct laying *l, const struct laid_row *row)
{
	struct target *t = find_target(l, row->ledger);
	size_t at;

	if (!t) {
		fault(l, "ledger", STR_NONE,
			TR(l->cx, "这里没有用到这个台账", "this ledger is not used here"));
		return;
	}
	if (!row->values->first)
		fault(l, "values", STR_NONE, TR(l->cx, "没有值", "there are no values"));
	at = find_row(l, t, row);
	for (const struct json_node *n = row->values->first; n; n = n->next)
		lay_value(l, t, n, at);
}

void dataset_lay_rows(struct ctx *cx, struct dataset *ds, const struct laid_row *rows, size_t n,
	const struct lay_guard *guard, struct json_faults *faults)
{
	struct laying l = {.cx = cx, .ds = ds, .guard = guard, .faults = faults};

	for (l.change = 0; l.change < n; l.change++)
		lay_one(&l, &rows[l.change]);
	for (size_t i = 0; i < l.targets.count; i++)
		table_seal(l.targets.items[i].dl->table);
}
