#include "mod/setup/setup_cmd.h"

#include "cli/report.h"
#include "mod/keys/keys_say.h"
#include "mod/setup/setup.h"

#define DEFAULT_PACK "packs/lvliang-2026"

static const struct cli_option init_options[] = {
	{"pack", "DIR", true, "要装的政策包, 可给多个", "a pack to install; may be repeated"},
	{NULL, NULL, false, NULL, NULL},
};
static const struct cli_option none[] = {{NULL, NULL, false, NULL, NULL}};

static enum err init(struct ctx *cx, const struct cli_args *args)
{
	VEC(const char *) dirs = {0};
	struct open_place *place;
	struct installed_packs packs;
	struct keys_done keys;
	struct str dir;

	for (size_t i = 0; (dir = cli_nth(args, "pack", i)).p; i++)
		*VEC_PUSH(cx->mem, &dirs) = str_z(cx->mem, dir);
	if (dirs.count == 0)
		*VEC_PUSH(cx->mem, &dirs) = DEFAULT_PACK;
	TRY(setup_place(cx, cli_word(args, 0), dirs.items, dirs.count, &place, &keys));
	keys_say(cx, &keys);
	TRY(place_list_packs(cx, place, &packs));
	for (size_t i = 0; i < packs.list.count; i++)
		fprintf(stderr, TR(cx, "已装政策包 %s: %s\n", "installed pack %s: %s\n"),
			str_z(cx->mem, packs.list.items[i].id),
			str_z(cx->mem, packs.list.items[i].title));
	return ERR_OK;
}

static enum err list_packs(struct ctx *cx, const struct cli_args *args)
{
	static const struct report_column columns[] = {{"pack", "政策包", REPORT_TEXT},
		{"version", "版本", REPORT_TEXT}, {"title", "名称", REPORT_TEXT},
		{"files", "文件数", REPORT_NUMBER}, {"installed_at", "装入时间", REPORT_TEXT}};
	struct installed_packs packs;
	struct open_place *place;
	struct report r;

	TRY(place_open(cx, cli_word(args, 0), DB_READ_ONLY, &place));
	TRY(place_list_packs(cx, place, &packs));
	report_init(&r, cx->mem, columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < packs.list.count; i++) {
		const struct installed_pack *p = &packs.list.items[i];
		struct strbuf when;
		report_str(&r, p->id);
		report_str(&r, p->version);
		report_str(&r, p->title);
		report_i64(&r, p->files);
		strbuf_init(&when, 64);
		strbuf_instant(&when, p->installed_at);
		report_str(&r, str_copy(cx->mem, strbuf_view(&when)));
		strbuf_release(&when);
	}
	return report_print(cx, &r, args);
}

const struct command setup_commands[] = {
	{"init", "PLACE", 1, 1, init_options, "建一个存放处, 装入政策包和机构",
		"make a place: packs installed, organisations read in", init},
	{"pack list", "PLACE", 1, 1, none, "列出装入的政策包", "list the packs of a place",
		list_packs},
	{0},
};
