#include "wire/json_write.h"

void strbuf_json_str(struct strbuf *b, struct str s)
{
	size_t from = 0;

	strbuf_char(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		const char *escape = c == '"'    ? "\\\""
				     : c == '\\' ? "\\\\"
				     : c == '\n' ? "\\n"
				     : c == '\r' ? "\\r"
				     : c == '\t' ? "\\t"
						 : NULL;
		if (c >= 0x20 && !escape)
			continue;
		strbuf_add(b, s.p + from, i - from);
		if (escape)
			strbuf_z(b, escape);
		else
			strbuf_printf(b, "\\u%04x", c);
		from = i + 1;
	}
	if (s.n > from)
		strbuf_add(b, s.p + from, s.n - from);
	strbuf_char(b, '"');
}

void json_begin(struct json_writer *w, struct strbuf *out)
{
	*w = (struct json_writer){.out = out};
}

static void before_value(struct json_writer *w)
{
	if (w->depth == 0)
		return;
	if (w->is_object[w->depth - 1]) {
		assert(w->has_key);
		w->has_key = false;
		return;
	}
	if (w->has_item[w->depth - 1])
		strbuf_z(w->out, ",");
	w->has_item[w->depth - 1] = true;
}

static void open(struct json_writer *w, bool is_object)
{
	before_value(w);
	assert(w->depth < JSON_DEPTH_MAX);
	w->is_object[w->depth] = is_object;
	w->has_item[w->depth] = false;
	w->depth++;
	strbuf_char(w->out, is_object ? '{' : '[');
}

static void close(struct json_writer *w, bool is_object)
{
	assert(w->depth > 0 && w->is_object[w->depth - 1] == is_object && !w->has_key);
	w->depth--;
	strbuf_char(w->out, is_object ? '}' : ']');
}

void json_object(struct json_writer *w)
{
	open(w, true);
}

void json_end_object(struct json_writer *w)
{
	close(w, true);
}

void json_array(struct json_writer *w)
{
	open(w, false);
}

void json_end_array(struct json_writer *w)
{
	close(w, false);
}

void json_key_str(struct json_writer *w, struct str key)
{
	assert(w->depth > 0 && w->is_object[w->depth - 1] && !w->has_key);
	if (w->has_item[w->depth - 1])
		strbuf_char(w->out, ',');
	w->has_item[w->depth - 1] = true;
	w->has_key = true;
	strbuf_json_str(w->out, key);
	strbuf_char(w->out, ':');
}

void json_key(struct json_writer *w, const char *key)
{
	json_key_str(w, str_from(key));
}

void json_str(struct json_writer *w, struct str s)
{
	before_value(w);
	strbuf_json_str(w->out, s);
}

void json_z(struct json_writer *w, const char *z)
{
	if (z)
		json_str(w, str_from(z));
	else
		json_null(w);
}

void json_i64(struct json_writer *w, int64_t v)
{
	before_value(w);
	strbuf_printf(w->out, "%" PRId64, v);
}

void json_f64(struct json_writer *w, double v)
{
	before_value(w);
	strbuf_f64(w->out, v);
}

void json_dec(struct json_writer *w, int64_t scaled, int scale)
{
	before_value(w);
	strbuf_dec_short(w->out, scaled, scale);
}

void json_number(struct json_writer *w, struct str digits)
{
	before_value(w);
	strbuf_str(w->out, digits);
}

void json_bool(struct json_writer *w, bool v)
{
	before_value(w);
	strbuf_z(w->out, v ? "true" : "false");
}

void json_null(struct json_writer *w)
{
	before_value(w);
	strbuf_z(w->out, "null");
}

void json_field_str(struct json_writer *w, const char *key, struct str s)
{
	json_key(w, key);
	json_str(w, s);
}

void json_field_text(struct json_writer *w, const char *key, struct str s)
{
	json_key(w, key);
	if (s.n)
		json_str(w, s);
	else
		json_null(w);
}

void json_field_z(struct json_writer *w, const char *key, const char *s)
{
	json_key(w, key);
	json_z(w, s);
}

void json_field_i64(struct json_writer *w, const char *key, int64_t v)
{
	json_key(w, key);
	json_i64(w, v);
}

void json_field_f64(struct json_writer *w, const char *key, double v)
{
	json_key(w, key);
	json_f64(w, v);
}

void json_field_dec(struct json_writer *w, const char *key, int64_t scaled, int scale)
{
	json_key(w, key);
	json_dec(w, scaled, scale);
}

void json_field_number(struct json_writer *w, const char *key, struct str digits)
{
	json_key(w, key);
	json_number(w, digits);
}

void json_field_bool(struct json_writer *w, const char *key, bool v)
{
	json_key(w, key);
	json_bool(w, v);
}
