#include "base/err.h"

static const struct {
	const char *slug;
	int http, exit;
} errors[] = {
#define X(id, http, exit, slug, means) {slug, http, exit},
	ERR_MAP(X)
#undef X
};

int err_exit_code(enum err e)
{
	return errors[e].exit;
}

int err_http_status(enum err e)
{
	return errors[e].http;
}

const char *err_slug(enum err e)
{
	return errors[e].slug;
}

void problems_init(struct problems *ps, struct arena *mem)
{
	*ps = (struct problems){.mem = mem, .keep = 1000};
}

PRINTF(4, 0)
static void add(struct problems *ps, struct place at, bool is_warning, const char *fmt, va_list ap)
{
	struct problem *p;

	if (is_warning)
		ps->warning_count++;
	else
		ps->error_count++;
	if (ps->list.count >= (ps->keep ? ps->keep : 1000))
		return;
	p = VEC_PUSH(ps->mem, &ps->list);
	p->at = at;
	p->text = str_from(arena_vprintf(ps->mem, fmt, ap));
	p->is_warning = is_warning;
}

void problems_error(struct problems *ps, struct place at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(ps, at, false, fmt, ap);
	va_end(ap);
}

void problems_warn(struct problems *ps, struct place at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(ps, at, true, fmt, ap);
	va_end(ap);
}

void problems_format(const struct problems *ps, struct strbuf *out)
{
	size_t all = ps->error_count + ps->warning_count;

	for (size_t i = 0; i < ps->list.count; i++) {
		const struct problem *p = &ps->list.items[i];
		if (p->at.file.n)
			strbuf_printf(out, STR_FMT ":", STR_ARG(p->at.file));
		if (p->at.line)
			strbuf_printf(out, "%d:", p->at.line);
		if (p->at.column)
			strbuf_printf(out, "%d:", p->at.column);
		strbuf_printf(out, "%s%s" STR_FMT "\n", p->at.file.n || p->at.line ? " " : "",
			p->is_warning ? "warning: " : "", STR_ARG(p->text));
	}
	if (all > ps->list.count)
		strbuf_printf(out, "… (+%zu)\n", all - ps->list.count);
}

enum err ctx_fail(struct ctx *cx, enum err code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	cx->error = str_from(arena_vprintf(cx->mem, fmt, ap));
	va_end(ap);
	return code;
}
