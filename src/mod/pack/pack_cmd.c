#include "mod/pack/pack_cmd.h"

#include "mod/pack/rules.h"

static const struct cli_option none[] = {{NULL, NULL, false, NULL, NULL}};

static enum err check(struct ctx *cx, const struct cli_args *args)
{
	struct pack_files files = {0};
	struct problems ps;
	struct strbuf b;
	struct pack p;

	TRY(pack_read_folder(cx, str_z(cx->mem, cli_word(args, 0)), &files));
	problems_init(&ps, cx->mem);
	ps.is_english = cx->is_english;
	pack_load(&files, &p, &ps);
	if (ps.error_count == 0)
		pack_check_rules(&p, &ps);
	strbuf_init(&b, STRBUF_MAX);
	problems_format(&ps, &b);
	if (b.n)
		fputs(b.p, stderr);
	strbuf_release(&b);
	printf(TR(cx, "%zu 个文件, %zu 处错误, %zu 处提醒\n",
		       "%zu files, %zu errors, %zu warnings\n"),
		files.list.count, ps.error_count, ps.warning_count);
	return ps.error_count ? ERR_REJECTED : ERR_OK;
}

struct described {
	struct arena *mem;
	struct strbuf *out;
	VEC(const struct shape *) shapes;
};

/* A shape and then its parts, each once: a clause holds clauses. */
static void describe(struct described *d, const struct shape *shape)
{
	for (size_t i = 0; i < d->shapes.count; i++)
		if (d->shapes.items[i] == shape)
			return;
	*VEC_PUSH(d->mem, &d->shapes) = shape;
	shape_describe(shape, d->out);
	for (size_t i = 0; i < shape->field_count; i++)
		if (shape->fields[i].of)
			describe(d, shape->fields[i].of);
}

static enum err schema(struct ctx *cx, const struct cli_args *args)
{
	struct strbuf b;
	struct described d = {.mem = cx->mem, .out = &b};

	(void)args;
	strbuf_init(&b, STRBUF_MAX);
	for (const char *const *kind = pack_kind_names(); *kind; kind++)
		describe(&d, pack_shape(str_from(*kind)));
	fputs(b.p, stdout);
	strbuf_release(&b);
	return ERR_OK;
}

const struct command pack_commands[] = {
	{"pack check", "DIR", 1, 1, none, "检查政策包", "check a pack", check},
	{"pack schema", "", 0, 0, none, "列出政策包的写法", "list what packs may hold", schema},
	{0},
};
