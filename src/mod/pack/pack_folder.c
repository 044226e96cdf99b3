#include "mod/pack/pack.h"

enum err pack_load_folder(struct ctx *cx, const char *dir, struct pack *out)
{
	struct pack_files files = {0};
	struct problems ps;
	struct strbuf b;

	TRY(pack_read_folder(cx, dir, &files));
	problems_init(&ps, cx->mem);
	ps.is_english = cx->is_english;
	pack_load(&files, out, &ps);
	if (ps.error_count == 0)
		return ERR_OK;
	strbuf_init(&b, STRBUF_MAX);
	problems_format(&ps, &b);
	fputs(b.p, stderr);
	strbuf_release(&b);
	return ctx_fail(cx, ERR_PACK, TR(cx, "政策包 %s 有 %zu 处错误", "pack %s has %zu mistakes"),
		dir, ps.error_count);
}
