#include "wire/shape.h"

#include "base/num.h"

static void *member(void *out, const struct shape_field *f)
{
	return (char *)out + f->offset;
}

static bool is_id(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool is_alnum = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
		if (!is_alnum && (i == 0 || !strchr("._-{}", c)))
			if (!(i == 0 && c == '{'))
				return false;
	}
	return s.n > 0;
}

const char *nearest_name(struct str text, const char *const *names)
{
	const char *best = NULL;
	size_t best_distance = MAX(utf8_length(text) / 3, 1) + 1;

	for (; *names; names++) {
		size_t d = str_distance(text, str_from(*names), best_distance);
		if (d < best_distance) {
			best = *names;
			best_distance = d;
		}
	}
	return best;
}

static void wrong_kind(struct problems *ps, const struct yaml_node *node, const char *want)
{
	problems_error(ps, node->at, TR(ps, "'" STR_FMT "' 应为%s", "'" STR_FMT "' should be %s"),
		STR_ARG(node->key), want);
}

static bool want_scalar(struct problems *ps, const struct yaml_node *node)
{
	if (node->kind == YAML_SCALAR)
		return true;
	wrong_kind(ps, node, TR(ps, "一个值", "a single value"));
	return false;
}

static bool read_micro(struct problems *ps, const struct yaml_node *node, int64_t *out)
{
	enum num_result r = parse_dec(node->text, 6, out);

	if (r == NUM_OK)
		return true;
	problems_error(ps, node->at,
		r == NUM_TOO_FINE ? TR(ps, "'" STR_FMT "' 小数超过六位",
					    "'" STR_FMT "' has more than six decimals")
				  : TR(ps, "'" STR_FMT "' 不是数", "'" STR_FMT "' is not a number"),
		STR_ARG(node->text));
	return false;
}

static void read_bool(struct problems *ps, const struct yaml_node *node, bool *out)
{
	if (str_is(node->text, "true"))
		*out = true;
	else if (!str_is(node->text, "false"))
		wrong_kind(ps, node, "true / false");
}

static void read_int(struct problems *ps, const struct shape_field *f, const struct yaml_node *node,
	int64_t *out)
{
	bool is_open = f->min == 0 && f->max == 0;
	int64_t min = is_open ? INT64_MIN : f->min, max = is_open ? INT64_MAX : f->max;

	if (parse_i64(node->text, min, max, out) == NUM_OK)
		return;
	if (is_open)
		wrong_kind(ps, node, TR(ps, "整数", "an integer"));
	else
		problems_error(ps, node->at,
			TR(ps, "'" STR_FMT "' 应为 %" PRId64 " 至 %" PRId64 " 的整数",
				"'" STR_FMT "' should be an integer from %" PRId64 " to %" PRId64),
			STR_ARG(node->key), min, max);
}

static void read_enum(
	struct problems *ps, const struct shape_field *f, const struct yaml_node *node, int *out)
{
	const char *near = nearest_name(node->text, f->choices);
	struct strbuf known;

	for (int i = 0; f->choices[i]; i++)
		if (str_is(node->text, f->choices[i])) {
			*out = i;
			return;
		}
	strbuf_init(&known, 1000);
	for (int i = 0; f->choices[i]; i++)
		strbuf_printf(&known, "%s%s", i ? ", " : "", f->choices[i]);
	if (near)
		problems_error(ps, node->at,
			TR(ps, "不认识的 %s '" STR_FMT "' (是否为 '%s'?)",
				"unknown %s '" STR_FMT "' (did you mean '%s'?)"),
			f->name, STR_ARG(node->text), near);
	else
		problems_error(ps, node->at,
			TR(ps, "不认识的 %s '" STR_FMT "' (可用: %s)",
				"unknown %s '" STR_FMT "' (known: %s)"),
			f->name, STR_ARG(node->text), known.p);
	strbuf_release(&known);
}

static void read_texts(struct problems *ps, const struct yaml_node *node, struct located_list *out)
{
	size_t i = 0;

	if (node->kind == YAML_SCALAR) {
		out->items = arena_new(ps->mem, struct located);
		*out->items = (struct located){node->text, node->at};
		out->count = 1;
		return;
	}
	if (node->kind != YAML_LIST) {
		wrong_kind(ps, node, TR(ps, "列表", "a list"));
		return;
	}
	out->count = yaml_count(node);
	out->items = arena_array(ps->mem, struct located, out->count);
	for (const struct yaml_node *c = node->first; c; c = c->next, i++) {
		if (want_scalar(ps, c))
			out->items[i] = (struct located){c->text, c->at};
	}
}

static void read_decs(struct problems *ps, const struct yaml_node *node, struct keyed_dec_list *out)
{
	size_t i = 0;

	if (node->kind == YAML_LIST) {
		wrong_kind(ps, node, TR(ps, "数或 键: 数", "a number or key: number pairs"));
		return;
	}
	out->count = node->kind == YAML_SCALAR ? 1 : yaml_count(node);
	out->items = arena_array(ps->mem, struct keyed_dec, out->count);
	if (node->kind == YAML_SCALAR) {
		out->items[0].at = node->at;
		(void)read_micro(ps, node, &out->items[0].micro);
		return;
	}
	for (const struct yaml_node *c = node->first; c; c = c->next, i++) {
		out->items[i].key = c->key;
		out->items[i].at = c->at;
		if (want_scalar(ps, c))
			(void)read_micro(ps, c, &out->items[i].micro);
	}
}

static void read_list(
	struct problems *ps, const struct shape_field *f, const struct yaml_node *node, void *out)
{
	SHAPE_LIST_OF(void) list;
	size_t i = 0;

	if (node->kind != YAML_LIST) {
		wrong_kind(ps, node, TR(ps, "列表", "a list"));
		return;
	}
	list.count = yaml_count(node);
	list.items = arena_calloc(ps->mem, list.count, f->of->size);
	for (const struct yaml_node *c = node->first; c; c = c->next, i++)
		shape_read(f->of, c, (char *)list.items + i * f->of->size, ps);
	memcpy(out, &list, sizeof list);
}

static void read_scalar(
	struct problems *ps, const struct shape_field *f, const struct yaml_node *node, void *out)
{
	switch (f->type) {
	case SHAPE_ID:
		if (!is_id(node->text))
			problems_error(ps, node->at,
				TR(ps, "'" STR_FMT "' 不是合法的标识 (小写字母、数字和 . _ -)",
					"'" STR_FMT
					"' is not an id (lower-case letters, digits and . _ -)"),
				STR_ARG(node->text));
		FALLTHROUGH;
	case SHAPE_TEXT:
	case SHAPE_RULE:
		*(struct located *)out = (struct located){node->text, node->at};
		if (node->text.n == 0 && f->is_required)
			wrong_kind(ps, node, TR(ps, "非空", "not empty"));
		return;
	case SHAPE_BOOL:
		read_bool(ps, node, out);
		return;
	case SHAPE_INT:
		read_int(ps, f, node, out);
		return;
	case SHAPE_DEC:
		((struct dec_opt *)out)->is_set =
			read_micro(ps, node, &((struct dec_opt *)out)->micro);
		return;
	case SHAPE_DATE:
		if (!date_parse(node->text, out))
			wrong_kind(ps, node, TR(ps, "日期 (YYYY-MM-DD)", "a date (YYYY-MM-DD)"));
		return;
	case SHAPE_ENUM:
		read_enum(ps, f, node, out);
		return;
	case SHAPE_TEXTS:
	case SHAPE_DECS:
	case SHAPE_OBJECT:
	case SHAPE_LIST:
	case SHAPE_NODE:
		break;
	}
	BUG("shape type %d is not a scalar", (int)f->type);
}

static void read_member(
	struct problems *ps, const struct shape_field *f, const struct yaml_node *node, void *out)
{
	switch (f->type) {
	case SHAPE_TEXTS:
		read_texts(ps, node, out);
		return;
	case SHAPE_DECS:
		read_decs(ps, node, out);
		return;
	case SHAPE_LIST:
		read_list(ps, f, node, out);
		return;
	case SHAPE_OBJECT:
		*(void **)out = arena_alloc(ps->mem, f->of->size);
		shape_read(f->of, node, *(void **)out, ps);
		return;
	case SHAPE_NODE:
		*(const struct yaml_node **)out = node;
		return;
	case SHAPE_TEXT:
	case SHAPE_ID:
	case SHAPE_RULE:
	case SHAPE_BOOL:
	case SHAPE_INT:
	case SHAPE_DEC:
	case SHAPE_DATE:
	case SHAPE_ENUM:
		if (want_scalar(ps, node))
			read_scalar(ps, f, node, out);
		return;
	}
}

static void unknown_key(
	const struct shape *shape, const struct yaml_node *node, struct problems *ps)
{
	const char *names[64];
	const char *near;
	size_t n = 0;

	for (size_t i = 0; i < shape->field_count && n + 1 < ARRAY_LEN(names); i++)
		names[n++] = shape->fields[i].name;
	names[n] = NULL;
	near = nearest_name(node->key, names);
	if (near)
		problems_error(ps, node->key_at,
			TR(ps, "%s 没有 '" STR_FMT "' 这一项 (是否为 '%s'?)",
				"%s has no '" STR_FMT "' (did you mean '%s'?)"),
			shape->name, STR_ARG(node->key), near);
	else
		problems_error(ps, node->key_at,
			TR(ps, "%s 没有 '" STR_FMT "' 这一项", "%s has no '" STR_FMT "'"),
			shape->name, STR_ARG(node->key));
}

static void set_defaults(const struct shape *shape, void *out)
{
	for (size_t i = 0; i < shape->field_count; i++) {
		const struct shape_field *f = &shape->fields[i];
		if (f->type == SHAPE_DATE)
			*(struct date *)member(out, f) = DATE_NONE;
		if (f->type == SHAPE_ENUM)
			*(int *)member(out, f) = -1;
	}
}

void shape_read(
	const struct shape *shape, const struct yaml_node *map, void *out, struct problems *ps)
{
	set_defaults(shape, out);
	*(struct place *)(void *)((char *)out + shape->at_offset) = map->at;
	if (map->kind != YAML_MAP) {
		problems_error(ps, map->at, TR(ps, "%s 应为键值对", "%s should be a mapping"),
			shape->name);
		return;
	}
	for (const struct yaml_node *c = map->first; c; c = c->next) {
		const struct shape_field *f = NULL;
		for (size_t i = 0; i < shape->field_count && !f; i++)
			if (str_is(c->key, shape->fields[i].name))
				f = &shape->fields[i];
		if (f)
			read_member(ps, f, c, member(out, f));
		else
			unknown_key(shape, c, ps);
	}
	for (size_t i = 0; i < shape->field_count; i++)
		if (shape->fields[i].is_required && !yaml_get(map, shape->fields[i].name))
			problems_error(ps, map->at, TR(ps, "%s 缺少 '%s'", "%s lacks '%s'"),
				shape->name, shape->fields[i].name);
}

static const char *type_title(const struct shape_field *f)
{
	static const char *const titles[] = {"text", "id", "rule", "true/false", "integer",
		"number", "date", "one of", "texts", "number(s)", "mapping", "list", "any"};

	return titles[f->type];
}

void shape_describe(const struct shape *shape, struct strbuf *out)
{
	strbuf_printf(out, "### %s\n\n%s\n\n| key | holds | |\n|---|---|---|\n", shape->name,
		shape->help ? shape->help : "");
	for (size_t i = 0; i < shape->field_count; i++) {
		const struct shape_field *f = &shape->fields[i];
		strbuf_printf(
			out, "| `%s`%s | %s", f->name, f->is_required ? " *" : "", type_title(f));
		for (int k = 0; f->type == SHAPE_ENUM && f->choices[k]; k++)
			strbuf_printf(out, "%s `%s`", k ? "," : "", f->choices[k]);
		if (f->of)
			strbuf_printf(out, " of %s", f->of->name);
		strbuf_printf(out, " | %s |\n", f->help ? f->help : "");
	}
	strbuf_char(out, '\n');
}
