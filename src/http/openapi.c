#include "http/openapi.h"

#define PREFIX "#/components/schemas/"

struct seen {
	const struct json_shape *list[200];
	size_t count;
};

static void collect(struct seen *seen, const struct json_shape *shape)
{
	if (!shape)
		return;
	for (size_t i = 0; i < seen->count; i++) {
		if (seen->list[i] == shape)
			return;
		if (strcmp(seen->list[i]->name, shape->name) == 0)
			BUG("two shapes are called %s", shape->name);
	}
	if (seen->count == ARRAY_LEN(seen->list))
		BUG("more shapes than expected");
	seen->list[seen->count++] = shape;
	for (size_t i = 0; i < shape->field_count; i++)
		collect(seen, shape->fields[i].of);
}

static const struct json_field problem_error_fields[] = {
	OUT_WITH("path", JT_TEXT, .help = "RFC 6901, or ?name for a query parameter"),
	OUT("detail", JT_TEXT)};
static const struct json_shape problem_error = JSON_SHAPE("problem_error", 0, problem_error_fields);
static const struct json_field problem_fields[] = {OUT("type", JT_TEXT), OUT("title", JT_TEXT),
	OUT("status", JT_I64), OUT_WITH("detail", JT_TEXT, .is_optional = true),
	OUT("request", JT_TEXT), OUT_WITH("errors", JT_LIST, .of = &problem_error)};
static const struct json_shape problem = JSON_SHAPE_OPEN("problem", problem_fields);

static void key_z(struct json_writer *w, const char *key, const char *value)
{
	json_key(w, key);
	json_z(w, value);
}

static void write_ref(struct json_writer *w, const struct json_shape *shape)
{
	struct strbuf b;

	strbuf_init(&b, 256);
	strbuf_printf(&b, PREFIX "%s", shape->name);
	json_key(w, "schema");
	json_object(w);
	json_key(w, "$ref");
	json_str(w, strbuf_view(&b));
	json_end_object(w);
	strbuf_release(&b);
}

static void write_media(struct json_writer *w, const char *type, const struct json_shape *shape)
{
	json_key(w, type);
	json_object(w);
	if (shape)
		write_ref(w, shape);
	json_end_object(w);
}

static void write_parameter(
	struct json_writer *w, struct str name, const char *in, const struct query_field *q)
{
	json_object(w);
	json_key(w, "name");
	json_str(w, name);
	key_z(w, "in", in);
	json_key(w, "required");
	json_bool(w, !q || q->is_required);
	if (q)
		key_z(w, "description", q->zh);
	json_key(w, "schema");
	json_object(w);
	key_z(w, "type",
		!q || q->type == QUERY_TEXT ? "string"
		: q->type == QUERY_I64      ? "integer"
					    : "array");
	if (q && q->type == QUERY_I64) {
		json_key(w, "minimum");
		json_i64(w, q->min);
		json_key(w, "maximum");
		json_i64(w, q->max);
	}
	if (q && q->choices) {
		json_key(w, "enum");
		json_array(w);
		for (const char *const *c = q->choices; *c; c++)
			json_z(w, *c);
		json_end_array(w);
	}
	json_end_object(w);
	json_end_object(w);
}

static void write_parameters(struct json_writer *w, const struct route *r)
{
	json_key(w, "parameters");
	json_array(w);
	for (const char *p = strchr(r->path, '{'); p; p = strchr(p + 1, '{')) {
		size_t n = strcspn(p + 1, "*}");
		write_parameter(w, (struct str){p + 1, n}, "path", NULL);
	}
	for (const struct query_field *q = r->query; q && q->name; q++)
		write_parameter(w, str_from(q->name), "query", q);
	json_end_array(w);
}

static void write_body(struct json_writer *w, const struct route *r)
{
	if (!r->body && !r->takes_file)
		return;
	json_key(w, "requestBody");
	json_object(w);
	json_key(w, "required");
	json_bool(w, true);
	json_key(w, "content");
	json_object(w);
	if (r->body)
		write_media(w, "application/json", r->body);
	else
		write_media(w, "application/octet-stream", NULL);
	json_end_object(w);
	json_end_object(w);
}

static void write_responses(struct json_writer *w, const struct route *r)
{
	bool has_body = r->reply || r->media;
	int status = r->status ? r->status : has_body ? 200 : 204;
	char code[8];

	snprintf(code, sizeof code, "%d", status);
	json_key(w, "responses");
	json_object(w);
	json_key(w, code);
	json_object(w);
	key_z(w, "description", r->zh);
	if (has_body) {
		json_key(w, "content");
		json_object(w);
		if (r->reply)
			write_media(w, "application/json", r->reply);
		if (r->media)
			write_media(w, r->media, NULL);
		json_end_object(w);
	}
	json_end_object(w);
	json_key(w, "default");
	json_object(w);
	key_z(w, "description", "RFC 9457");
	json_key(w, "content");
	json_object(w);
	write_media(w, "application/problem+json", &problem);
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
}

static void write_right(struct json_writer *w, const struct route *r)
{
	json_key(w, "security");
	json_array(w);
	if (r->on) {
		json_object(w);
		json_key(w, "cookie");
		json_array(w);
		json_end_array(w);
		json_end_object(w);
		json_object(w);
		json_key(w, "bearer");
		json_array(w);
		json_end_array(w);
		json_end_object(w);
	}
	json_end_array(w);
	if (r->may) {
		json_key(w, "x-right");
		json_object(w);
		key_z(w, "on", r->on);
		key_z(w, "may", r->may);
		json_end_object(w);
	}
}

static void write_operation(struct json_writer *w, const struct route *r)
{
	static const char *const methods[] = {"get", "post", "put", "delete"};

	json_key(w, methods[r->method]);
	json_object(w);
	key_z(w, "summary", r->zh);
	key_z(w, "description", r->en);
	write_right(w, r);
	write_parameters(w, r);
	write_body(w, r);
	write_responses(w, r);
	json_end_object(w);
}

/* "{rest*}" is ours; OpenAPI knows plain names only. */
static void write_path_key(struct json_writer *w, const char *path)
{
	struct strbuf b;

	strbuf_init(&b, 1024);
	for (const char *p = path; *p; p++)
		if (*p != '*')
			strbuf_char(&b, *p);
	json_key_str(w, strbuf_view(&b));
	strbuf_release(&b);
}

static bool is_first_of_path(const struct routes *routes, const struct route *r)
{
	for (const struct route *const *list = routes->lists; *list; list++)
		for (const struct route *o = *list; o->path; o++)
			if (strcmp(o->path, r->path) == 0)
				return o == r;
	return false;
}

static void write_path(struct json_writer *w, const struct routes *routes, const struct route *r)
{
	if (!is_first_of_path(routes, r))
		return;
	write_path_key(w, r->path);
	json_object(w);
	for (const struct route *const *list = routes->lists; *list; list++)
		for (const struct route *o = *list; o->path; o++)
			if (strcmp(o->path, r->path) == 0)
				write_operation(w, o);
	json_end_object(w);
}

static void write_security(struct json_writer *w)
{
	json_key(w, "securitySchemes");
	json_object(w);
	json_key(w, "cookie");
	json_object(w);
	key_z(w, "type", "apiKey");
	key_z(w, "in", "cookie");
	key_z(w, "name", "shuren_session");
	json_end_object(w);
	json_key(w, "bearer");
	json_object(w);
	key_z(w, "type", "http");
	key_z(w, "scheme", "bearer");
	json_end_object(w);
	json_end_object(w);
}

void openapi_write(const struct routes *routes, const char *version, struct strbuf *out)
{
	struct json_writer writer, *w = &writer;
	struct seen seen = {.count = 0};

	json_begin(w, out);
	json_object(w);
	key_z(w, "openapi", "3.1.0");
	json_key(w, "info");
	json_object(w);
	key_z(w, "title", "树人 Shuren");
	key_z(w, "version", version);
	json_end_object(w);
	json_key(w, "paths");
	json_object(w);
	collect(&seen, &problem);
	for (const struct route *const *list = routes->lists; *list; list++)
		for (const struct route *r = *list; r->path; r++) {
			write_path(w, routes, r);
			collect(&seen, r->body);
			collect(&seen, r->reply);
		}
	json_end_object(w);
	json_key(w, "components");
	json_object(w);
	json_key(w, "schemas");
	json_object(w);
	for (size_t i = 0; i < seen.count; i++) {
		json_key(w, seen.list[i]->name);
		json_shape_schema(w, seen.list[i], PREFIX);
	}
	json_end_object(w);
	write_security(w);
	json_end_object(w);
	json_end_object(w);
}
