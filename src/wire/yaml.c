#include "wire/yaml.h"

#include <yaml.h>

struct reader {
	struct problems *ps;
	struct str file;
	yaml_parser_t parser;
	bool has_failed;
};

static struct place place_of(const struct reader *r, yaml_mark_t mark)
{
	return (struct place){r->file, (int)mark.line + 1, (int)mark.column + 1};
}

static bool next_event(struct reader *r, yaml_event_t *event)
{
	if (r->has_failed)
		return false;
	if (yaml_parser_parse(&r->parser, event))
		return true;
	r->has_failed = true;
	problems_error(r->ps, place_of(r, r->parser.problem_mark),
		TR(r->ps, "YAML 写法有误: %s%s%s", "YAML syntax: %s%s%s"),
		r->parser.problem ? r->parser.problem : "?", r->parser.context ? ", " : "",
		r->parser.context ? r->parser.context : "");
	return false;
}

static struct yaml_node *node_new(struct reader *r, enum yaml_kind kind, yaml_mark_t mark)
{
	struct yaml_node *node = arena_new(r->ps->mem, struct yaml_node);

	node->kind = kind;
	node->at = place_of(r, mark);
	return node;
}

static void refuse_extras(struct reader *r, yaml_mark_t mark, const void *anchor, const void *tag)
{
	if (anchor)
		problems_error(r->ps, place_of(r, mark),
			TR(r->ps, "不支持锚点 (&)", "anchors (&) are not supported"));
	if (tag)
		problems_error(r->ps, place_of(r, mark),
			TR(r->ps, "不支持标签 (!)", "tags (!) are not supported"));
}

static struct yaml_node *read_node(struct reader *r, yaml_event_t *event, int depth);

static void read_list(struct reader *r, struct yaml_node *list, int depth)
{
	struct yaml_node **tail = &list->first;
	yaml_event_t event;

	while (next_event(r, &event)) {
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			return;
		}
		*tail = read_node(r, &event, depth);
		if (!*tail)
			return;
		tail = &(*tail)->next;
	}
}

static void check_key(struct reader *r, const struct yaml_node *map, const struct yaml_node *key)
{
	for (const struct yaml_node *c = map->first; c; c = c->next)
		if (str_eq(c->key, key->text))
			problems_error(r->ps, key->at,
				TR(r->ps, "重复的键 '%.*s' (第 %d 行已有)",
					"duplicate key '%.*s' (first on line %d)"),
				STR_ARG(key->text), c->key_at.line);
	if (str_is(key->text, "<<"))
		problems_error(r->ps, key->at,
			TR(r->ps, "不支持合并键 (<<)", "merge keys (<<) are not supported"));
}

static void read_map(struct reader *r, struct yaml_node *map, int depth)
{
	struct yaml_node **tail = &map->first;
	yaml_event_t event;

	while (next_event(r, &event)) {
		struct yaml_node *key, *value;
		if (event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			return;
		}
		key = read_node(r, &event, depth);
		if (!key || !next_event(r, &event))
			return;
		value = read_node(r, &event, depth);
		if (!value)
			return;
		if (key->kind != YAML_SCALAR) {
			problems_error(r->ps, key->at,
				TR(r->ps, "键必须是文字", "a key must be plain text"));
			continue;
		}
		check_key(r, map, key);
		value->key = key->text;
		value->key_at = key->at;
		*tail = value;
		tail = &value->next;
	}
}

static bool too_deep(struct reader *r, yaml_mark_t mark, int depth)
{
	if (depth < YAML_DEPTH_MAX)
		return false;
	r->has_failed = true;
	problems_error(r->ps, place_of(r, mark),
		TR(r->ps, "嵌套超过 %d 层", "nested deeper than %d levels"), YAML_DEPTH_MAX);
	return true;
}

/* Takes the event over. NULL when the file cannot be read on. */
static struct yaml_node *read_node(struct reader *r, yaml_event_t *event, int depth)
{
	struct yaml_node *node = NULL;
	bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
	bool is_map = event->type == YAML_MAPPING_START_EVENT;

	if ((is_list || is_map) && !too_deep(r, event->start_mark, depth)) {
		node = node_new(r, is_list ? YAML_LIST : YAML_MAP, event->start_mark);
		if (is_list)
			refuse_extras(r, event->start_mark, event->data.sequence_start.anchor,
				event->data.sequence_start.tag);
		else
			refuse_extras(r, event->start_mark, event->data.mapping_start.anchor,
				event->data.mapping_start.tag);
		if (is_list)
			read_list(r, node, depth + 1);
		else
			read_map(r, node, depth + 1);
	} else if (event->type == YAML_SCALAR_EVENT) {
		struct str text = {
			(const char *)event->data.scalar.value, event->data.scalar.length};
		node = node_new(r, YAML_SCALAR, event->start_mark);
		refuse_extras(
			r, event->start_mark, event->data.scalar.anchor, event->data.scalar.tag);
		node->text = str_copy(r->ps->mem, text);
		node->is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	} else if (event->type == YAML_ALIAS_EVENT) {
		node = node_new(r, YAML_SCALAR, event->start_mark);
		problems_error(r->ps, node->at,
			TR(r->ps, "不支持别名 (*)", "aliases (*) are not supported"));
	}
	yaml_event_delete(event);
	return r->has_failed ? NULL : node;
}

struct yaml_docs yaml_parse(struct str file, struct str text, struct problems *ps)
{
	struct reader r = {.ps = ps, .file = file};
	VEC(struct yaml_node *) docs = {0};
	yaml_event_t event;
	bool is_done = false;

	if (text.n > YAML_BYTES_MAX || !utf8_check(text)) {
		problems_error(ps, (struct place){file, 0, 0},
			text.n > YAML_BYTES_MAX
				? TR(ps, "文件超过 16 MB", "the file is over 16 MB")
				: TR(ps, "文件不是 UTF-8 编码", "the file is not UTF-8"));
		return (struct yaml_docs){0};
	}
	if (!yaml_parser_initialize(&r.parser))
		BUG("libyaml has no memory");
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.p, text.n);
	while (!is_done && next_event(&r, &event)) {
		bool is_content = event.type == YAML_SCALAR_EVENT ||
				  event.type == YAML_SEQUENCE_START_EVENT ||
				  event.type == YAML_MAPPING_START_EVENT ||
				  event.type == YAML_ALIAS_EVENT;
		is_done = event.type == YAML_STREAM_END_EVENT;
		if (is_content) {
			struct yaml_node *root = read_node(&r, &event, 0);
			if (root && (root->kind != YAML_SCALAR || root->text.n))
				*VEC_PUSH(ps->mem, &docs) = root;
		} else {
			yaml_event_delete(&event);
		}
	}
	yaml_parser_delete(&r.parser);
	return (struct yaml_docs){docs.items, docs.count};
}

struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	if (!map || map->kind != YAML_MAP)
		return NULL;
	for (struct yaml_node *c = map->first; c; c = c->next)
		if (str_is(c->key, key))
			return c;
	return NULL;
}

size_t yaml_count(const struct yaml_node *node)
{
	size_t count = 0;

	for (const struct yaml_node *c = node ? node->first : NULL; c; c = c->next)
		count++;
	return count;
}
