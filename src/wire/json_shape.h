/*
 * Shapes of JSON documents: one table says what an object holds. From it come the reading and
 * checking of requests (every fault with its path) and the schemas of the API's description,
 * against which replies are tested. The C member's kind follows from the type:
 *
 *   JT_TEXT   struct str   1..max bytes (max 0: 10,000); p NULL when absent or null
 *   JT_I64    int64_t      min..max (both 0: any); only_if_set leaves the member as it was
 *   JT_BOOL   bool
 *   JT_NUMBER, JT_ANY      const struct json_node *; NULL when absent
 *   JT_TEXTS  struct json_texts; min to max of them (max 0: any number)
 *   JT_OBJECT the struct itself, in place; of required objects only
 *   JT_LIST   struct json_items; items of of->size bytes, min to max as above
 *   JT_MAP    const struct json_node *; any keys, values as `of` says (NULL: anything)
 *
 * Shapes of replies are never read: their offsets stay 0.
 */
#pragma once

#include "wire/json_read.h"

enum json_type {
	JT_TEXT,
	JT_I64,
	JT_BOOL,
	JT_NUMBER,
	JT_ANY,
	JT_TEXTS,
	JT_OBJECT,
	JT_LIST,
	JT_MAP,
};

struct json_texts {
	struct str *items;
	size_t count;
};

struct json_items {
	void *items;
	size_t count;
};

struct json_shape;

struct json_field {
	const char *name;
	enum json_type type;
	size_t offset;
	bool is_optional; /* may be absent */
	bool is_nullable; /* may be null */
	int64_t min, max;
	const struct json_shape *of;
	const char *const *choices; /* of JT_TEXT, NULL-terminated */
	const char *help;
};

struct json_shape {
	const char *name; /* in the API's description: "row", "session" */
	size_t size;
	const struct json_field *fields;
	size_t field_count;
	bool is_open; /* of replies: more members than these */
};

#define JSON_SHAPE(name_, size_, fields_)                                                          \
	{                                                                                          \
		.name = name_, .size = size_, .fields = fields_, .field_count = ARRAY_LEN(fields_) \
	}
#define JSON_SHAPE_OPEN(name_, fields_)                                                            \
	{                                                                                          \
		.name = name_, .fields = fields_, .field_count = ARRAY_LEN(fields_),               \
		.is_open = true                                                                    \
	}

/* A member of a reply; of a request's struct T. The rest by designators. */
#define OUT(name_, type_)                                                                          \
	{                                                                                          \
		.name = name_, .type = type_                                                       \
	}
#define OUT_OR_NULL(name_, type_)                                                                  \
	{                                                                                          \
		.name = name_, .type = type_, .is_nullable = true                                  \
	}
#define OUT_WITH(name_, type_, ...)                                                                \
	{                                                                                          \
		.name = name_, .type = type_, __VA_ARGS__                                          \
	}
#define IN(T, member, type_)                                                                       \
	{                                                                                          \
		.name = #member, .type = type_, .offset = offsetof(struct T, member)               \
	}
#define IN_WITH(T, member, type_, ...)                                                             \
	{                                                                                          \
		.name = #member, .type = type_, .offset = offsetof(struct T, member), __VA_ARGS__  \
	}

struct json_fault {
	struct str path; /* RFC 6901: /values/pupils */
	struct str text;
};
struct json_faults {
	VEC(struct json_fault) list;
};

void json_fault(struct ctx *cx, struct json_faults *faults, struct str path, const char *fmt, ...)
	PRINTF(4, 5);
/* Fill out (of shape->size bytes, zeroed) from node, collecting what is wrong. In cx->mem. */
void json_shape_read(struct ctx *cx, const struct json_shape *shape, const struct json_node *node,
	void *out, struct json_faults *faults);

/* JSON Schema (2020-12) of a shape; shapes inside are $refs of prefix NAME. */
void json_shape_schema(struct json_writer *w, const struct json_shape *shape, const char *prefix);
