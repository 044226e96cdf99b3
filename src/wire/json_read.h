/*
 * JSON as it comes in (RFC 8259): a tree of nodes in an arena. Numbers stay text, so that a
 * decimal never passes through a binary fraction. Refused: duplicate keys, text that is not
 * UTF-8, lone surrogates, NUL, depth over JSON_DEPTH_MAX, anything behind the value.
 */
#pragma once

#include "base/err.h"
#include "wire/json_write.h"

enum json_kind { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_TEXT, JSON_LIST, JSON_MAP };

struct json_node {
	enum json_kind kind;
	struct str text;         /* of a text (unescaped) or a number (as written) */
	struct str key;          /* of a member of a map */
	struct json_node *first; /* members or items, in the order written */
	struct json_node *next;
};

/*
 * Parse text; nodes and their text live in cx->mem, text may go.
 * Fails: INVALID naming line and column.
 */
MUST_CHECK enum err json_parse(struct ctx *cx, struct str text, struct json_node **out);
/* The member of a map, or NULL (also when map is NULL or no map). */
const struct json_node *json_get(const struct json_node *map, const char *key);
/* Write what was read; numbers as they were written. */
void json_node(struct json_writer *w, const struct json_node *node);
