#include "wire/json_shape.h"

#include "wire/shape.h"

#define TEXT_MAX   10000
#define LIST_MAX   10000
#define FAULTS_MAX 100

void json_fault(struct ctx *cx, struct json_faults *faults, struct str path, const char *fmt, ...)
{
	struct json_fault *f;
	va_list ap;

	if (faults->list.count >= FAULTS_MAX)
		return;
	f = VEC_PUSH(cx->mem, &faults->list);
	f->path = path;
	va_start(ap, fmt);
	f->text = str_from(arena_vprintf(cx->mem, fmt, ap));
	va_end(ap);
}

static struct str below(struct ctx *cx, struct str path, struct str name)
{
	return str_printf(cx->mem, STR_FMT "/" STR_FMT, STR_ARG(path), STR_ARG(name));
}

static void read_at(struct ctx *cx, const struct json_shape *shape, const struct json_node *node,
	struct str path, void *out, struct json_faults *faults);

static void read_text(struct ctx *cx, const struct json_field *f, const struct json_node *n,
	struct str path, struct str *out, struct json_faults *faults)
{
	size_t max = f->max ? (size_t)f->max : TEXT_MAX;
	const char *const *choice = f->choices;

	if (n->kind != JSON_TEXT) {
		json_fault(cx, faults, path, "%s", TR(cx, "应为文字", "should be text"));
		return;
	}
	if (n->text.n > max || (int64_t)n->text.n < f->min) {
		json_fault(cx, faults, path,
			TR(cx, "应为 %" PRId64 " 到 %zu 字节",
				"should have %" PRId64 " to %zu bytes"),
			f->min, max);
		return;
	}
	while (choice && *choice && !str_is(n->text, *choice))
		choice++;
	if (choice && !*choice) {
		json_fault(cx, faults, path,
			TR(cx, "没有这一项: " STR_FMT, "no such choice: " STR_FMT),
			STR_ARG(n->text));
		return;
	}
	*out = n->text;
}

static void read_i64(struct ctx *cx, const struct json_field *f, const struct json_node *n,
	struct str path, int64_t *out, struct json_faults *faults)
{
	int64_t min = f->min, max = f->max;

	if (min == 0 && max == 0) {
		min = INT64_MIN;
		max = INT64_MAX;
	}
	if (n->kind != JSON_NUMBER || parse_i64(n->text, min, max, out) != NUM_OK)
		json_fault(cx, faults, path,
			TR(cx, "应为 %" PRId64 " 到 %" PRId64 " 的整数",
				"should be an integer from %" PRId64 " to %" PRId64),
			min, max);
}

static size_t count_items(const struct json_node *n)
{
	size_t count = 0;

	for (const struct json_node *c = n->first; c; c = c->next)
		count++;
	return count;
}

static bool check_list(
	struct ctx *cx, const struct json_node *n, struct str path, struct json_faults *faults)
{
	if (n->kind != JSON_LIST) {
		json_fault(cx, faults, path, "%s", TR(cx, "应为列表", "should be a list"));
		return false;
	}
	if (count_items(n) > LIST_MAX) {
		json_fault(cx, faults, path, TR(cx, "最多 %d 项", "at most %d items"), LIST_MAX);
		return false;
	}
	return true;
}

static void read_texts(struct ctx *cx, const struct json_node *n, struct str path,
	struct json_texts *out, struct json_faults *faults)
{
	size_t i = 0;

	if (!check_list(cx, n, path, faults))
		return;
	out->count = count_items(n);
	out->items = arena_array(cx->mem, struct str, out->count);
	for (const struct json_node *c = n->first; c; c = c->next, i++) {
		if (c->kind != JSON_TEXT)
			json_fault(cx, faults,
				str_printf(cx->mem, STR_FMT "/%zu", STR_ARG(path), i), "%s",
				TR(cx, "应为文字", "should be text"));
		out->items[i] = c->text;
	}
}

static void read_list(struct ctx *cx, const struct json_field *f, const struct json_node *n,
	struct str path, struct json_items *out, struct json_faults *faults)
{
	size_t i = 0;

	if (!check_list(cx, n, path, faults))
		return;
	out->count = count_items(n);
	out->items = arena_calloc(cx->mem, out->count, f->of->size);
	for (const struct json_node *c = n->first; c; c = c->next, i++)
		read_at(cx, f->of, c, str_printf(cx->mem, STR_FMT "/%zu", STR_ARG(path), i),
			(char *)out->items + i * f->of->size, faults);
}

static void check_count(struct ctx *cx, const struct json_field *f, const struct json_node *n,
	struct str path, struct json_faults *faults)
{
	size_t count = n->kind == JSON_LIST ? count_items(n) : 0;

	if (n->kind == JSON_LIST && (count < (size_t)f->min || (f->max && count > (size_t)f->max)))
		json_fault(cx, faults, path,
			TR(cx, "应有 %d 到 %d 项", "should have %d to %d items"), (int)f->min,
			(int)f->max);
}

static void read_field(struct ctx *cx, const struct json_field *f, const struct json_node *n,
	struct str path, void *member, struct json_faults *faults)
{
	switch (f->type) {
	case JT_TEXT:
		read_text(cx, f, n, path, member, faults);
		return;
	case JT_I64:
		read_i64(cx, f, n, path, member, faults);
		return;
	case JT_BOOL:
		if (n->kind != JSON_TRUE && n->kind != JSON_FALSE)
			json_fault(cx, faults, path, "%s",
				TR(cx, "应为 true 或 false", "should be true or false"));
		*(bool *)member = n->kind == JSON_TRUE;
		return;
	case JT_TEXTS:
		check_count(cx, f, n, path, faults);
		read_texts(cx, n, path, member, faults);
		return;
	case JT_LIST:
		check_count(cx, f, n, path, faults);
		read_list(cx, f, n, path, member, faults);
		return;
	case JT_OBJECT:
		read_at(cx, f->of, n, path, member, faults);
		return;
	case JT_MAP:
		if (n->kind != JSON_MAP)
			json_fault(
				cx, faults, path, "%s", TR(cx, "应为对象", "should be an object"));
		break;
	case JT_NUMBER:
		if (n->kind != JSON_NUMBER)
			json_fault(cx, faults, path, "%s", TR(cx, "应为数", "should be a number"));
		break;
	case JT_ANY:
		break;
	}
	*(const struct json_node **)member = n;
}

static const struct json_field *find_field(const struct json_shape *shape, struct str name)
{
	for (size_t i = 0; i < shape->field_count; i++)
		if (str_is(name, shape->fields[i].name))
			return &shape->fields[i];
	return NULL;
}

static void check_unknown(struct ctx *cx, const struct json_shape *shape,
	const struct json_node *node, struct str path, struct json_faults *faults)
{
	const char **names = arena_array(cx->mem, const char *, shape->field_count + 1);

	for (size_t i = 0; i < shape->field_count; i++)
		names[i] = shape->fields[i].name;
	for (const struct json_node *n = node->first; n; n = n->next) {
		const char *near;
		if (find_field(shape, n->key))
			continue;
		near = nearest_name(n->key, names);
		json_fault(cx, faults, below(cx, path, n->key),
			near ? TR(cx, "不认识的键 (是否为 %s?)", "unknown key (did you mean %s?)")
			     : TR(cx, "不认识的键%s", "unknown key%s"),
			near ? near : "");
	}
}

static void read_at(struct ctx *cx, const struct json_shape *shape, const struct json_node *node,
	struct str path, void *out, struct json_faults *faults)
{
	if (node->kind != JSON_MAP) {
		json_fault(cx, faults, path, "%s", TR(cx, "应为对象", "should be an object"));
		return;
	}
	check_unknown(cx, shape, node, path, faults);
	for (size_t i = 0; i < shape->field_count; i++) {
		const struct json_field *f = &shape->fields[i];
		const struct json_node *n = json_get(node, f->name);
		struct str at = below(cx, path, str_from(f->name));
		if (n && n->kind == JSON_NULL && f->is_nullable)
			continue;
		if (n)
			read_field(cx, f, n, at, (char *)out + f->offset, faults);
		else if (!f->is_optional)
			json_fault(cx, faults, at, "%s", TR(cx, "缺少", "is missing"));
	}
}

void json_shape_read(struct ctx *cx, const struct json_shape *shape, const struct json_node *node,
	void *out, struct json_faults *faults)
{
	read_at(cx, shape, node, STR(""), out, faults);
}

static void schema_type(struct json_writer *w, const char *type, bool is_nullable)
{
	json_key(w, "type");
	if (!is_nullable) {
		json_z(w, type);
		return;
	}
	json_array(w);
	json_z(w, type);
	json_z(w, "null");
	json_end_array(w);
}

static void schema_ref(struct json_writer *w, const struct json_shape *of, const char *prefix)
{
	struct strbuf b;

	json_object(w);
	if (of) {
		strbuf_init(&b, 256);
		strbuf_printf(&b, "%s%s", prefix, of->name);
		json_key(w, "$ref");
		json_str(w, strbuf_view(&b));
		strbuf_release(&b);
	}
	json_end_object(w);
}

static void schema_object(struct json_writer *w, const struct json_field *f, const char *prefix)
{
	if (!f->is_nullable) {
		json_key(w, "allOf");
		json_array(w);
		schema_ref(w, f->of, prefix);
		json_end_array(w);
		return;
	}
	json_key(w, "anyOf");
	json_array(w);
	schema_ref(w, f->of, prefix);
	json_object(w);
	schema_type(w, "null", false);
	json_end_object(w);
	json_end_array(w);
}

static void schema_limits(struct json_writer *w, const struct json_field *f)
{
	bool is_text = f->type == JT_TEXT;

	if (f->min == 0 && f->max == 0)
		return;
	json_key(w, is_text ? "minLength" : "minimum");
	json_i64(w, f->min);
	json_key(w, is_text ? "maxLength" : "maximum");
	json_i64(w, f->max);
}

static void schema_choices(struct json_writer *w, const struct json_field *f)
{
	if (!f->choices)
		return;
	json_key(w, "enum");
	json_array(w);
	for (const char *const *c = f->choices; *c; c++)
		json_z(w, *c);
	if (f->is_nullable)
		json_null(w);
	json_end_array(w);
}

static void schema_field(struct json_writer *w, const struct json_field *f, const char *prefix)
{
	static const char *const types[] = {
		"string", "integer", "boolean", "number", NULL, "array", NULL, "array", "object"};

	json_object(w);
	if (types[f->type])
		schema_type(w, types[f->type], f->is_nullable);
	if (f->type == JT_TEXT || f->type == JT_I64)
		schema_limits(w, f);
	schema_choices(w, f);
	if (f->type == JT_OBJECT)
		schema_object(w, f, prefix);
	if (f->type == JT_LIST || (f->type == JT_MAP && f->of)) {
		json_key(w, f->type == JT_LIST ? "items" : "additionalProperties");
		schema_ref(w, f->of, prefix);
	}
	if (f->type == JT_TEXTS) {
		json_key(w, "items");
		json_object(w);
		schema_type(w, "string", false);
		json_end_object(w);
	}
	if (f->help) {
		json_key(w, "description");
		json_z(w, f->help);
	}
	json_end_object(w);
}

void json_shape_schema(struct json_writer *w, const struct json_shape *shape, const char *prefix)
{
	bool has_required = false;

	json_object(w);
	schema_type(w, "object", false);
	json_key(w, "properties");
	json_object(w);
	for (size_t i = 0; i < shape->field_count; i++) {
		json_key(w, shape->fields[i].name);
		schema_field(w, &shape->fields[i], prefix);
		has_required |= !shape->fields[i].is_optional;
	}
	json_end_object(w);
	if (has_required) {
		json_key(w, "required");
		json_array(w);
		for (size_t i = 0; i < shape->field_count; i++)
			if (!shape->fields[i].is_optional)
				json_z(w, shape->fields[i].name);
		json_end_array(w);
	}
	json_key(w, "additionalProperties");
	json_bool(w, shape->is_open);
	json_end_object(w);
}
