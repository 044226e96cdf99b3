/* Route tables: finding, and checking what came in against what the table says. */
#include "http/http.h"

#include "wire/shape.h"

static const char *const method_names[] = {"GET", "POST", "PUT", "DELETE"};

/* One segment of a pattern against the path; a parameter is kept when params is not NULL. */
static bool match_segment(
	struct str pattern, struct str *path, struct arena *mem, struct http_pairs *params)
{
	bool is_param = pattern.n && pattern.p[0] == '{';
	bool is_rest = is_param && pattern.n > 2 && pattern.p[pattern.n - 2] == '*';
	struct str value = is_rest ? *path : str_cut(path, '/');

	if (!is_param)
		return str_eq(pattern, value);
	if (is_rest)
		*path = STR_NONE;
	if (value.n == 0)
		return false;
	if (params)
		*VEC_PUSH(mem, &params->list) = (struct http_pair){
			str_sub(pattern, 1, pattern.n - (is_rest ? 2 : 1)), value};
	return true;
}

static bool match(struct str pattern, struct str path, struct arena *mem, struct http_pairs *params)
{
	size_t kept = params ? params->list.count : 0;

	/* Both begin with a slash; a slash at the end matters. */
	if (!str_starts(path, "/"))
		return false;
	pattern = str_sub(pattern, 1, pattern.n);
	path = str_sub(path, 1, path.n);
	while (pattern.n && path.n) {
		bool pattern_goes_on = str_find_char(pattern, '/') != SIZE_MAX;
		bool path_goes_on = str_find_char(path, '/') != SIZE_MAX;
		struct str segment = str_cut(&pattern, '/');
		bool is_rest = segment.n > 2 && segment.p[segment.n - 2] == '*';
		if ((!is_rest && pattern_goes_on != path_goes_on) ||
			!match_segment(segment, &path, mem, params)) {
			if (params)
				params->list.count = kept;
			return false;
		}
	}
	if (pattern.n == 0 && path.n == 0)
		return true;
	if (params)
		params->list.count = kept;
	return false;
}

/* A route without parameters at a segment goes before one with: /imports/preview, /imports/{id}. */
static bool is_nearer(const struct route *a, const struct route *b)
{
	const char *p = a->path, *q = b->path;

	while (*p && *p == *q) {
		p++;
		q++;
	}
	return *q == '{' && *p != '{';
}

const struct route *route_find(const struct routes *routes, const char *method, struct str path,
	struct arena *mem, struct http_pairs *out_params, bool *out_other)
{
	bool is_head = strcmp(method, "HEAD") == 0;
	const struct route *best = NULL;

	*out_other = false;
	for (const struct route *const *list = routes->lists; *list; list++)
		for (const struct route *r = *list; r->path; r++) {
			const char *name = method_names[r->method];
			if (!match(str_from(r->path), path, mem, NULL))
				continue;
			if (strcmp(name, is_head ? "GET" : method) != 0)
				*out_other = true;
			else if (!best || is_nearer(r, best))
				best = r;
		}
	if (best && !match(str_from(best->path), path, mem, out_params))
		BUG("a route matched once and not again");
	return best;
}

static const struct query_field *find_query(const struct route *r, struct str name)
{
	for (const struct query_field *q = r->query; q && q->name; q++)
		if (str_is(name, q->name))
			return q;
	return NULL;
}

static void check_query_value(
	struct http_call *call, const struct query_field *q, struct str value, size_t times)
{
	char *path = arena_printf(call->cx.mem, "?%s", q->name);
	size_t max = q->max ? (size_t)q->max : 200;
	const char *const *choice = q->choices;
	int64_t number;

	if (times > 1 && q->type != QUERY_TEXTS) {
		http_fault(call, path, "%s", TR(&call->cx, "只能给一次", "may be given once only"));
		return;
	}
	if (q->type == QUERY_I64) {
		if (parse_i64(value, q->min, q->max, &number) != NUM_OK)
			http_fault(call, path,
				TR(&call->cx, "应为 %" PRId64 " 到 %" PRId64 " 的整数",
					"should be an integer from %" PRId64 " to %" PRId64),
				q->min, q->max);
		return;
	}
	if (value.n > max)
		http_fault(call, path, TR(&call->cx, "最多 %zu 字节", "at most %zu bytes"), max);
	while (choice && *choice && !str_is(value, *choice))
		choice++;
	if (choice && !*choice)
		http_fault(call, path,
			TR(&call->cx, "没有这一项: " STR_FMT, "no such choice: " STR_FMT),
			STR_ARG(value));
}

static void check_query(struct http_call *call)
{
	const struct route *r = call->route;

	for (size_t i = 0; i < call->query.list.count; i++) {
		const struct http_pair *p = &call->query.list.items[i];
		const struct query_field *q = find_query(r, p->name);
		size_t times = 0;
		for (size_t k = 0; k <= i; k++)
			times += str_eq(call->query.list.items[k].name, p->name);
		if (q)
			check_query_value(call, q, p->value, times);
		else if (!str_is(p->name, "lang"))
			http_fault(call, arena_printf(call->cx.mem, "?" STR_FMT, STR_ARG(p->name)),
				"%s", TR(&call->cx, "不认识的参数", "unknown parameter"));
	}
	for (const struct query_field *q = r->query; q && q->name; q++)
		if (q->is_required && !http_query(call, q->name).p)
			http_fault(call, arena_printf(call->cx.mem, "?%s", q->name), "%s",
				TR(&call->cx, "缺少", "is missing"));
}

enum err route_check(struct http_call *call)
{
	const struct json_shape *shape = call->route->body;
	struct json_node *node;

	check_query(call);
	TRY(http_check(call));
	if (!shape)
		return ERR_OK;
	if (!str_starts(http_header(call, "Content-Type"), "application/json"))
		return ctx_fail(&call->cx, ERR_UNSUPPORTED, "%s",
			TR(&call->cx, "请求体应为 application/json",
				"the body should be application/json"));
	TRY(json_parse(&call->cx, call->body, &node));
	call->in = arena_alloc(call->cx.mem, shape->size);
	json_shape_read(&call->cx, shape, node, call->in, &call->faults);
	return http_check(call);
}

static void assert_route(const struct routes *routes, const struct route *r)
{
	int same = 0;

	if (!r->handle || !r->en || !r->zh || r->path[0] != '/')
		BUG("route %s lacks something", r->path);
	if ((r->on && r->on[0]) != (r->may != NULL))
		BUG("route %s: on and may go together", r->path);
	for (const struct route *const *list = routes->lists; *list; list++)
		for (const struct route *o = *list; o->path; o++)
			same += o->method == r->method && strcmp(o->path, r->path) == 0;
	if (same != 1)
		BUG("route %s stands twice", r->path);
}

void routes_assert(const struct routes *routes)
{
	for (const struct route *const *list = routes->lists; *list; list++)
		for (const struct route *r = *list; r->path; r++)
			assert_route(routes, r);
}
