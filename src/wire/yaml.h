/*
 * YAML as packs write it: mappings, lists and plain or quoted scalars, several documents in a
 * file. Every node knows its line and column. What makes YAML surprising is refused: anchors,
 * aliases, tags, merge keys, duplicate keys. Scalars stay text: `no`, `012` and `1e3` are what
 * was written, and the shape that reads them (wire/shape.h) gives them a type.
 */
#pragma once

#include "base/err.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	struct place at;
	struct str text; /* of a scalar */
	bool is_quoted;  /* of a scalar: '…' or "…" or a block */
	struct str key;  /* of a child of a mapping */
	struct place key_at;
	struct yaml_node *first; /* children, in the order written */
	struct yaml_node *next;
};

struct yaml_docs {
	struct yaml_node **items; /* the root of each non-empty document */
	size_t count;
};

#define YAML_DEPTH_MAX 32
#define YAML_BYTES_MAX ((size_t)16 << 20)

/*
 * Read text; file is the name that problems carry. Nodes live in ps->mem, their text is copied.
 * Every problem found is in ps; after a syntax error the rest of the file is not read.
 */
struct yaml_docs yaml_parse(struct str file, struct str text, struct problems *ps);

/* The child of a mapping with this key, or NULL. */
struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);
size_t yaml_count(const struct yaml_node *node);
