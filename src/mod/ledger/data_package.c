/* Frictionless Data Package: one CSV and the schema it keeps to. */
#include "mod/ledger/export_internal.h"

#include "wire/json_write.h"

#include <errno.h>
#include <sys/stat.h>

static const char *frictionless_type(const struct pack_field *f)
{
	switch ((enum field_type)f->type) {
	case FIELD_INTEGER:
		return "integer";
	case FIELD_DECIMAL:
		return "number";
	case FIELD_BOOLEAN:
		return "boolean";
	case FIELD_DATE:
		return "date";
	case FIELD_TIME:
		return "time";
	case FIELD_STRING:
	case FIELD_TEXT:
	case FIELD_ORG:
	case FIELD_PERIOD:
	case FIELD_FILE:
	case FIELD_POINT:
		break;
	}
	return "string";
}

static void text_pair(struct json_writer *w, const char *key, struct str text)
{
	if (!text.n)
		return;
	json_key(w, key);
	json_str(w, text);
}

static void decimal_pair(struct json_writer *w, const char *key, const struct dec_opt *v)
{
	if (!v->is_set)
		return;
	json_key(w, key);
	json_dec(w, v->micro, 6);
}

/* The codes that may stand in the column: the field's own list, or its code table. */
static void write_enum(struct json_writer *w, const struct pack *p, const struct pack_field *f)
{
	const struct located_list *own = f->constraints ? &f->constraints->choices : NULL;
	const struct pack_codes *codes = f->codes.text.n ? pack_find_codes(p, f->codes.text) : NULL;

	if (!(own && own->count) && !codes)
		return;
	json_key(w, "enum");
	json_array(w);
	for (size_t i = 0; own && i < own->count; i++)
		json_str(w, own->items[i].text);
	for (size_t i = 0; !(own && own->count) && i < codes->items.count; i++)
		json_str(w, codes->items.items[i].code.text);
	json_end_array(w);
}

static void write_constraints(
	struct json_writer *w, const struct pack *p, const struct pack_field *f)
{
	const struct pack_constraints *c = f->constraints;

	json_key(w, "constraints");
	json_object(w);
	json_key(w, "required");
	json_bool(w, c && c->is_required);
	if (c) {
		decimal_pair(w, "minimum", &c->minimum);
		decimal_pair(w, "maximum", &c->maximum);
		text_pair(w, "pattern", c->pattern.text);
	}
	write_enum(w, p, f);
	json_end_object(w);
}

static void write_field(struct json_writer *w, const struct pack *p, const struct pack_field *f)
{
	json_object(w);
	text_pair(w, "name", f->name.text);
	text_pair(w, "title", f->title.text);
	json_key(w, "type");
	json_str(w, str_from(frictionless_type(f)));
	if (f->type == FIELD_BOOLEAN) {
		json_key(w, "trueValues");
		json_array(w);
		json_str(w, STR("1"));
		json_end_array(w);
		json_key(w, "falseValues");
		json_array(w);
		json_str(w, STR("0"));
		json_end_array(w);
	}
	text_pair(w, "unit", f->unit.text);
	text_pair(w, "description", f->help.text);
	write_constraints(w, p, f);
	json_end_object(w);
}

static void write_names(struct json_writer *w, const char *key, const struct located_list *names)
{
	json_key(w, key);
	json_array(w);
	for (size_t i = 0; i < names->count; i++)
		json_str(w, names->items[i].text);
	json_end_array(w);
}

static void write_schema(struct json_writer *w, const struct export *x)
{
	const struct pack_ledger *l = x->stored.ledger;

	json_key(w, "schema");
	json_object(w);
	json_key(w, "fields");
	json_array(w);
	for (size_t c = 0; c < x->column_count; c++)
		write_field(w, x->place->pack, &l->fields.items[x->columns[c]]);
	json_end_array(w);
	write_names(w, "primaryKey", &l->grain);
	json_key(w, "foreignKeys");
	json_array(w);
	for (size_t i = 0; i < l->foreign_keys.count; i++) {
		const struct pack_foreign_key *k = &l->foreign_keys.items[i];
		json_object(w);
		write_names(w, "fields", &k->fields);
		json_key(w, "reference");
		json_object(w);
		json_key(w, "resource");
		json_str(w, k->reference->resource.text);
		write_names(w, "fields", &k->reference->fields);
		json_end_object(w);
		json_end_object(w);
	}
	json_end_array(w);
	json_key(w, "missingValues");
	json_array(w);
	json_str(w, STR(""));
	json_end_array(w);
	json_end_object(w);
}

static void write_package(struct json_writer *w, const struct export *x)
{
	const struct pack_ledger *l = x->stored.ledger;

	json_object(w);
	text_pair(w, "name", l->id.text);
	text_pair(w, "title", l->title.text);
	text_pair(w, "description", l->help.text);
	text_pair(w, "source", l->source.text);
	text_pair(w, "period", x->request->period);
	text_pair(w, "within", x->request->within);
	json_key(w, "profile");
	json_str(w, STR("tabular-data-package"));
	json_key(w, "resources");
	json_array(w);
	json_object(w);
	text_pair(w, "name", l->id.text);
	json_key(w, "path");
	json_str(w, str_printf(x->cx->mem, STR_FMT ".csv", STR_ARG(l->id.text)));
	json_key(w, "profile");
	json_str(w, STR("tabular-data-resource"));
	json_key(w, "encoding");
	json_str(w, STR("utf-8"));
	json_key(w, "rows");
	json_i64(w, (int64_t)x->row_count);
	write_schema(w, x);
	json_end_object(w);
	json_end_array(w);
	json_end_object(w);
}

static enum err write_file(struct ctx *cx, const char *path, struct str text)
{
	FILE *f = fopen(path, "wb");
	bool is_bad = !f || fwrite(text.p, 1, text.n, f) != text.n;

	if (f && fclose(f) != 0)
		is_bad = true;
	return is_bad ? ctx_fail(cx, ERR_IO, TR(cx, "写不了 %s: %s", "cannot write %s: %s"), path,
				strerror(errno))
		      : ERR_OK;
}

enum err export_package(struct export *x)
{
	struct str id = x->stored.ledger->id.text;
	const char *dir = x->request->to;
	struct json_writer w;
	struct strbuf b;
	enum err e;

	if (mkdir(dir, 0777) != 0 && errno != EEXIST)
		return ctx_fail(x->cx, ERR_IO,
			TR(x->cx, "建不了文件夹 %s: %s", "cannot make the folder %s: %s"), dir,
			strerror(errno));
	TRY(export_csv(
		x, arena_printf(x->cx->mem, "%s/" STR_FMT ".csv", dir, STR_ARG(id)), CSV_EXACT));
	strbuf_init(&b, STRBUF_MAX);
	json_begin(&w, &b);
	write_package(&w, x);
	strbuf_char(&b, '\n');
	e = write_file(
		x->cx, arena_printf(x->cx->mem, "%s/datapackage.json", dir), strbuf_view(&b));
	strbuf_release(&b);
	return e;
}
