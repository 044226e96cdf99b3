#include "mod/serve/serve_cmd.h"

#include "base/num.h"
#include "mod/serve/serve.h"

#include <malloc.h>
#include <sys/stat.h>

#define DEFAULT_WEB "web/dist"

/*
 * Larger blocks go back to the system when they are freed. Left alone, each thread's arena would
 * keep at its end up to twice the largest block that was ever freed: a font of a PDF is 25 MB.
 */
#define KEPT_BLOCK_MAX (4 << 20)

static const struct cli_option options[] = {
	{"listen", "ADDRESS:PORT", false, "在哪里监听, 默认 127.0.0.1:8080; 端口 0 任选",
		"where to listen, default 127.0.0.1:8080; port 0: any"},
	{"web", "DIR", false, "网页的文件夹, 默认 web/dist (有的话)",
		"the folder of the page, default web/dist when it is there"},
	{"workers", "N", false, "同时处理几个查询, 默认 4", "queries at a time, default 4"},
	{"per-address", "N", false, "一个地址最多几个连接, 默认不限",
		"connections of one address, default: any number"},
	{"quiet", NULL, false, "不写访问日志", "no line for each request"},
	{NULL, NULL, false, NULL, NULL},
};

struct where {
	const struct ctx *cx;
	const char *address;
};

static void say_ready(void *arg, int port)
{
	const struct where *w = arg;
	bool is_v6 = strchr(w->address, ':') != NULL;

	printf(TR(w->cx, "正在服务: http://%s%s%s:%d/\n", "serving: http://%s%s%s:%d/\n"),
		is_v6 ? "[" : "", w->address, is_v6 ? "]" : "", port);
	fflush(stdout);
}

/* ADDRESS:PORT, [V6]:PORT or :PORT. */
static enum err parse_listen(struct ctx *cx, struct str text, struct http_config *out)
{
	size_t colon = text.n;
	struct str address;
	int64_t port;

	if (!text.n)
		return ERR_OK;
	while (colon > 0 && text.p[colon - 1] != ':')
		colon--;
	if (colon == 0 || parse_i64(str_sub(text, colon, text.n), 0, 65535, &port) != NUM_OK)
		return ctx_fail(cx, ERR_INVALID, "--listen ADDRESS:PORT");
	address = str_sub(text, 0, colon - 1);
	if (address.n > 1 && address.p[0] == '[')
		address = str_sub(address, 1, address.n - 1);
	if (address.n)
		out->address = str_z(cx->mem, address);
	out->port = (int)port;
	return ERR_OK;
}

static enum err serve(struct ctx *cx, const struct cli_args *args)
{
	struct serve_options o = {.http = http_config_default};
	struct where where = {.cx = cx};
	struct stat st;
	int64_t n;

	TRY(parse_listen(cx, cli_get(args, "listen"), &o.http));
	TRY(cli_i64(cx, args, "workers", 1, 64, o.http.workers, &n));
	o.http.workers = (int)n;
	TRY(cli_i64(cx, args, "per-address", 0, 100000, 0, &n));
	o.http.connections_per_address_max = (int)n;
	o.http.log = cli_has(args, "quiet") ? NULL : stderr;
	if (cli_has(args, "web"))
		o.web = str_z(cx->mem, cli_get(args, "web"));
	else if (stat(DEFAULT_WEB, &st) == 0 && S_ISDIR(st.st_mode))
		o.web = DEFAULT_WEB;
	(void)mallopt(M_MMAP_THRESHOLD, KEPT_BLOCK_MAX);
	where.address = o.http.address;
	return serve_place(cx, cli_word(args, 0), &o, say_ready, &where);
}

const struct command serve_commands[] = {
	{"serve", "PLACE", 1, 1, options, "打开网页和接口", "serve the page and the API", serve},
	{0},
};
