/* A pack file of any bytes: it loads, or every reason why not has a place and a text. */
#include "mod/pack/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_create();
	struct pack_files files = {0};
	struct problems ps;
	struct strbuf text;
	struct pack pack;

	*VEC_PUSH(mem, &files.packs) = STR("p");
	*VEC_PUSH(mem, &files.list) =
		(struct pack_file){STR("p"), STR("a.yaml"), {(const char *)data, size}};
	problems_init(&ps, mem);
	pack_load(&files, &pack, &ps);
	if (ps.error_count == 0)
		pack_check_rules(&pack, &ps);
	assert(ps.list.count > 0 || ps.error_count == 0);
	for (size_t i = 0; i < ps.list.count; i++)
		assert(ps.list.items[i].text.n > 0 && utf8_check(ps.list.items[i].text));
	strbuf_init(&text, STRBUF_MAX);
	problems_format(&ps, &text);
	strbuf_release(&text);
	arena_free(mem);
	return 0;
}
