/*
 * Shapes: one table says what a mapping may hold, and from it come reading, checking and the
 * description for people (shape_describe). The C member's kind follows from the field's type:
 *
 *   SHAPE_TEXT    struct located           any scalar
 *   SHAPE_ID      struct located           lower-case letters, digits and . _ - ; starts with a
 * letter or digit SHAPE_RULE    struct located           an expression of the rule language
 * (checked by the caller) SHAPE_BOOL    bool                     true or false SHAPE_INT int64_t
 * min..max of the field SHAPE_DEC     struct dec_opt           up to six decimals SHAPE_DATE struct
 * date              YYYY-MM-DD; DATE_NONE when absent SHAPE_ENUM    int                      index
 * into choices; -1 when absent SHAPE_TEXTS   struct located_list      a list of scalars; one scalar
 * counts as a list of one SHAPE_DECS    struct keyed_dec_list    key: number pairs; one number has
 * the key "" SHAPE_OBJECT  pointer to the struct    NULL when absent SHAPE_LIST    SHAPE_LIST_OF(T)
 * a list of mappings SHAPE_NODE    const struct yaml_node * kept raw
 *
 * Unknown keys are problems, with the nearest known one. All problems of a document are
 * collected, none stops the reading.
 */
#pragma once

#include "base/date.h"
#include "wire/yaml.h"

enum shape_type {
	SHAPE_TEXT,
	SHAPE_ID,
	SHAPE_RULE,
	SHAPE_BOOL,
	SHAPE_INT,
	SHAPE_DEC,
	SHAPE_DATE,
	SHAPE_ENUM,
	SHAPE_TEXTS,
	SHAPE_DECS,
	SHAPE_OBJECT,
	SHAPE_LIST,
	SHAPE_NODE,
};

/* Text and where it stands. */
struct located {
	struct str text; /* n is 0 when absent */
	struct place at;
};

struct located_list {
	struct located *items;
	size_t count;
};

struct dec_opt {
	int64_t micro; /* value * 10^6 */
	bool is_set;
};

struct keyed_dec {
	struct str key; /* "" for a lone number */
	int64_t micro;
	struct place at;
};

struct keyed_dec_list {
	struct keyed_dec *items;
	size_t count;
};

#define SHAPE_LIST_OF(T)                                                                           \
	struct {                                                                                   \
		T *items;                                                                          \
		size_t count;                                                                      \
	}

struct shape_field {
	const char *name;
	enum shape_type type;
	size_t offset;
	bool is_required;
	const struct shape *of;     /* of SHAPE_OBJECT and SHAPE_LIST */
	const char *const *choices; /* of SHAPE_ENUM, NULL-terminated */
	int64_t min, max;           /* of SHAPE_INT; both 0: any */
	const char *help;           /* one line, English */
};

struct shape {
	const char *name; /* what an error calls it: "field", "clause" */
	size_t size;      /* of the C struct; its first member may be a struct place `at`… */
	size_t at_offset; /* … or anywhere: offset of a struct place set to the mapping's place */
	const struct shape_field *fields;
	size_t field_count;
	const char *help;
};

#define SHAPE(T, fields_, name_, help_)                                                            \
	{                                                                                          \
		.name = name_, .size = sizeof(struct T), .at_offset = offsetof(struct T, at),      \
		.fields = fields_, .field_count = ARRAY_LEN(fields_), .help = help_                \
	}

/* Fill out (of shape->size bytes, zeroed) from a mapping. Everything lives in ps->mem. */
void shape_read(
	const struct shape *shape, const struct yaml_node *map, void *out, struct problems *ps);

/* The known name nearest to text, or NULL when none is near. names is NULL-terminated. */
const char *nearest_name(struct str text, const char *const *names);

/* A Markdown table of the fields, for the guide. */
void shape_describe(const struct shape *shape, struct strbuf *out);
