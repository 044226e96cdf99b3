#include "http/http.h"

#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static struct str find_pair(const struct http_pairs *pairs, const char *name, size_t i)
{
	for (size_t k = 0; k < pairs->list.count; k++)
		if (str_is(pairs->list.items[k].name, name) && i-- == 0)
			return pairs->list.items[k].value;
	return STR_NONE;
}

struct str http_param(const struct http_call *call, const char *name)
{
	return find_pair(&call->params, name, 0);
}

struct str http_query(const struct http_call *call, const char *name)
{
	return find_pair(&call->query, name, 0);
}

struct str http_query_nth(const struct http_call *call, const char *name, size_t i)
{
	return find_pair(&call->query, name, i);
}

int64_t http_query_i64(const struct http_call *call, const char *name, int64_t fallback)
{
	int64_t value;
	struct str text = http_query(call, name);

	return text.p && parse_i64(text, INT64_MIN, INT64_MAX, &value) == NUM_OK ? value : fallback;
}

bool http_query_is(const struct http_call *call, const char *name, const char *value)
{
	return str_is(http_query(call, name), value);
}

struct str http_header(const struct http_call *call, const char *name)
{
	size_t n = strlen(name);

	for (size_t k = 0; k < call->headers.list.count; k++) {
		const struct http_pair *h = &call->headers.list.items[k];
		if (h->name.n == n && strncasecmp(h->name.p, name, n) == 0)
			return h->value;
	}
	return STR_NONE;
}

struct str http_cookie(const struct http_call *call, const char *name)
{
	return find_pair(&call->cookies, name, 0);
}

void http_add_header(struct http_call *call, const char *name, struct str value)
{
	assert(str_find_char(value, '\n') == SIZE_MAX && str_find_char(value, '\r') == SIZE_MAX);
	*VEC_PUSH(call->cx.mem, &call->reply.headers.list) =
		(struct http_pair){str_from(name), str_copy(call->cx.mem, value)};
}

void http_etag(struct http_call *call, int64_t version)
{
	http_add_header(call, "ETag", str_printf(call->cx.mem, "\"%" PRId64 "\"", version));
}

enum err http_if_match(struct http_call *call, int64_t version)
{
	struct str given = http_header(call, "If-Match");

	if (!given.n)
		return http_refuse(call, 428, "if-match", "%s",
			TR(&call->cx, "请用 If-Match 说明所依据的版本",
				"say with If-Match which version the change is of"));
	if (str_eq(given, str_printf(call->cx.mem, "\"%" PRId64 "\"", version)))
		return ERR_OK;
	http_etag(call, version);
	return http_refuse(call, 412, "stale",
		TR(&call->cx, "现在是第 %" PRId64 " 版, 别人已改过; 请重新取得后再改",
			"it is version %" PRId64 " by now: somebody else has changed it"),
		version);
}

void http_reply_text(struct http_call *call, const char *type, struct str text)
{
	strbuf_reset(&call->reply.body);
	strbuf_str(&call->reply.body, text);
	call->reply.type = type;
}

/* RFC 6266, with the name in UTF-8. */
static void attachment(struct http_call *call, struct str name)
{
	struct strbuf b;

	strbuf_init(&b, 4096);
	strbuf_z(&b, "attachment; filename*=UTF-8''");
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];
		bool is_plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
				c == '-' || c == '.' || c == '_';
		if (is_plain)
			strbuf_char(&b, (char)c);
		else
			strbuf_printf(&b, "%%%02X", c);
	}
	http_add_header(call, "Content-Disposition", strbuf_view(&b));
	strbuf_release(&b);
}

enum err http_reply_file(struct http_call *call, int fd, const char *type, struct str name)
{
	struct stat st;

	assert(call->reply.fd < 0);
	call->reply.fd = fd;
	if (fstat(fd, &st) != 0)
		return ctx_fail(&call->cx, ERR_IO, "%s",
			TR(&call->cx, "读不出文件", "the file cannot be read"));
	call->reply.fd_size = st.st_size;
	call->reply.type = type;
	if (name.n)
		attachment(call, name);
	return ERR_OK;
}

void http_fault(struct http_call *call, const char *path, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	json_fault(&call->cx, &call->faults, str_from(arena_strz(call->cx.mem, path)), "%s",
		arena_vprintf(call->cx.mem, fmt, ap));
	va_end(ap);
}

enum err http_check(struct http_call *call)
{
	if (call->faults.list.count == 0)
		return ERR_OK;
	return ctx_fail(&call->cx, ERR_INVALID, STR_FMT ": " STR_FMT,
		STR_ARG(call->faults.list.items[0].path), STR_ARG(call->faults.list.items[0].text));
}

enum err http_refuse(struct http_call *call, int status, const char *slug, const char *fmt, ...)
{
	va_list ap;

	call->refused_status = status;
	call->refused_slug = slug;
	va_start(ap, fmt);
	call->cx.error = str_from(arena_vprintf(call->cx.mem, fmt, ap));
	va_end(ap);
	return ERR_CONFLICT;
}

void http_reply_release(struct http_reply *reply)
{
	strbuf_release(&reply->body);
	if (reply->fd >= 0)
		close(reply->fd);
	reply->fd = -1;
	if (reply->stream)
		http_stream_drop(reply->stream);
	reply->stream = NULL;
}

static const char *title_of(const struct ctx *cx, int status)
{
	static const struct {
		int status;
		const char *zh, *en;
	} titles[] = {{400, "请求有误", "The request is wrong"}, {401, "请先登录", "Sign in first"},
		{403, "没有权限", "Not allowed"}, {404, "没有找到", "Not found"},
		{405, "方法不对", "Wrong method"}, {409, "有冲突", "Conflict"},
		{412, "版本已变", "It has changed"}, {413, "太大", "Too large"},
		{415, "不支持这种文件", "This kind of file is not read"},
		{422, "数据没有通过", "The data say no"},
		{428, "缺少 If-Match", "If-Match is missing"}, {429, "太频繁", "Too many tries"},
		{503, "请稍后再试", "Try again in a moment"}};

	for (size_t i = 0; i < ARRAY_LEN(titles); i++)
		if (titles[i].status == status)
			return TR(cx, titles[i].zh, titles[i].en);
	return TR(cx, "服务出错", "The server failed");
}

void problem_write(struct http_call *call, enum err e)
{
	int status = call->refused_status ? call->refused_status : err_http_status(e);
	const char *slug = call->refused_status ? call->refused_slug : err_slug(e);
	struct json_writer *w = &call->json;
	bool is_ours = status >= 500 && status != 503;

	if (call->reply.fd >= 0)
		close(call->reply.fd);
	call->reply.fd = -1;
	if (call->reply.stream)
		http_stream_drop(call->reply.stream);
	call->reply.stream = NULL;
	strbuf_reset(&call->reply.body);
	json_begin(w, &call->reply.body);
	json_object(w);
	json_key(w, "type");
	json_str(w, str_printf(call->cx.mem, "/problems/%s", slug));
	json_key(w, "title");
	json_z(w, title_of(&call->cx, status));
	json_key(w, "status");
	json_i64(w, status);
	/* The details of our own failures are for the log. */
	if (!is_ours && call->cx.error.n) {
		json_key(w, "detail");
		json_str(w, call->cx.error);
	}
	json_key(w, "request");
	json_z(w, call->id);
	json_key(w, "errors");
	json_array(w);
	for (size_t i = 0; i < call->faults.list.count; i++) {
		json_object(w);
		json_key(w, "path");
		json_str(w, call->faults.list.items[i].path);
		json_key(w, "detail");
		json_str(w, call->faults.list.items[i].text);
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
	call->reply.status = status;
	call->reply.type = "application/problem+json";
	if (status == 503 && call->retry_after_s == 0)
		call->retry_after_s = 1;
	if (call->retry_after_s)
		http_add_header(
			call, "Retry-After", str_printf(call->cx.mem, "%d", call->retry_after_s));
	if (status == 401)
		http_add_header(call, "WWW-Authenticate", STR("Bearer"));
}
