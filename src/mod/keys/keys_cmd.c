#include "mod/keys/keys_cmd.h"

#include "cli/report.h"
#include "mod/keys/keys_say.h"

static const struct cli_option options[] = {
	{"suite", "xchacha20|sm4", false, "新密钥的算法, 默认 xchacha20 (sm4: SM4-CTR 加 HMAC-SM3)",
		"algorithm of a new key; default xchacha20 (sm4: SM4-CTR with HMAC-SM3)"},
	{NULL, NULL, false, NULL, NULL},
};

static enum err list(struct ctx *cx, const struct cli_args *args)
{
	static const struct report_column columns[] = {{"key", "密钥", REPORT_TEXT},
		{"suite", "算法", REPORT_TEXT}, {"used_from", "启用", REPORT_TEXT},
		{"used_until", "停用", REPORT_TEXT}, {"file", "密钥文件", REPORT_TEXT}};
	struct open_place *place;
	struct key_entries keys;
	const char *path;
	struct report r;
	bool has_current = true;

	TRY(place_open(cx, cli_word(args, 0), DB_READ_ONLY, &place));
	TRY(keys_list(cx, place, &keys));
	TRY(key_file_path(cx, place->url, &path));
	report_init(&r, cx->mem, columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < keys.list.count; i++) {
		const struct key_entry *k = &keys.list.items[i];
		report_str(&r, k->id);
		report_str(&r, k->suite);
		report_str(&r, instant_text(cx->mem, k->used_from));
		report_str(&r, instant_text(cx->mem, k->used_until));
		report_z(&r, k->is_in_file ? path : TR(cx, "缺", "missing"));
		has_current &= k->is_in_file || k->used_until;
	}
	TRY(report_print(cx, &r, args));
	return has_current ? ERR_OK : ERR_REJECTED;
}

static enum err key(struct ctx *cx, const struct cli_args *args)
{
	struct str what = cli_word(args, 1), suite = cli_get(args, "suite");
	struct keys_work work = {.suite = SEAL_XCHACHA20, .progress = keys_progress, .arg = cx};
	struct open_place *place;
	struct keys_done done;
	bool is_make = str_is(what, "make");

	if (str_is(what, "list"))
		return list(cx, args);
	if ((!is_make && !str_is(what, "rotate")) ||
		(suite.p && !seal_suite_parse(suite, &work.suite)))
		return ctx_fail(
			cx, ERR_INVALID, "key PLACE make|list|rotate [--suite xchacha20|sm4]");
	TRY(place_open(cx, cli_word(args, 0), DB_EXISTING, &place));
	TRY(is_make ? keys_ensure(cx, place, &work, &done) : keys_rotate(cx, place, &work, &done));
	keys_say(cx, &done);
	return ERR_OK;
}

const struct command keys_commands[] = {
	{"key", "PLACE make|list|rotate", 2, 2, options,
		"加密字段的密钥: 建立, 列出, 更换 (更换即全部重新加密)",
		"keys of sealed fields: make, list, or rotate (seals everything anew)", key},
	{0},
};
