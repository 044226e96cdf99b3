/*
 * JSON as it is written: a stream of begin, key, value and end into a strbuf. Commas and
 * escapes are its business; an unbalanced end or a value without a key in an object is a bug.
 */
#pragma once

#include "base/num.h"

#define JSON_DEPTH_MAX 32

struct json_writer {
	struct strbuf *out;
	int depth;
	bool is_object[JSON_DEPTH_MAX], has_item[JSON_DEPTH_MAX];
	bool has_key;
};

void json_begin(struct json_writer *w, struct strbuf *out);
void json_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_array(struct json_writer *w);
void json_end_array(struct json_writer *w);
void json_key(struct json_writer *w, const char *key);
void json_key_str(struct json_writer *w, struct str key);
void json_str(struct json_writer *w, struct str s);
void json_z(struct json_writer *w, const char *z); /* NULL writes null */
void json_i64(struct json_writer *w, int64_t v);
void json_f64(struct json_writer *w, double v); /* not finite: null */
void json_dec(struct json_writer *w, int64_t scaled, int scale);
/* A number that is decimal text already. */
void json_number(struct json_writer *w, struct str digits);
void json_bool(struct json_writer *w, bool v);
void json_null(struct json_writer *w);

/* A key and its value. */
void json_field_str(struct json_writer *w, const char *key, struct str s);
void json_field_text(struct json_writer *w, const char *key, struct str s); /* null when empty */
void json_field_z(struct json_writer *w, const char *key, const char *s);
void json_field_i64(struct json_writer *w, const char *key, int64_t v);
void json_field_f64(struct json_writer *w, const char *key, double v);
void json_field_dec(struct json_writer *w, const char *key, int64_t scaled, int scale);
void json_field_number(struct json_writer *w, const char *key, struct str digits);
void json_field_bool(struct json_writer *w, const char *key, bool v);

/* "text" with JSON's escapes, for use outside a stream. */
void strbuf_json_str(struct strbuf *b, struct str s);
