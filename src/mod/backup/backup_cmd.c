#include "mod/backup/backup_cmd.h"

#include "cli/report.h"
#include "db/migrate.h"
#include "mod/backup/backup.h"
#include "mod/keys/keys_say.h"

static const struct cli_option backup_options[] = {
	{"to", "FILE", false, "写到哪个文件; 不给则写到 PLACE/backups",
		"the file to write; without it one in PLACE/backups"},
	{"force", NULL, false, "文件已存在时替换它", "replace the file when it exists"},
	{NULL, NULL, false, NULL, NULL},
};
static const struct cli_option restore_options[] = {
	{"replace", NULL, false, "替换已有的存放处 (须先停止服务), 原库改名留在旁边",
		"replace a place that is there (stop its server first); its store stays beside"},
	{"accept-broken-audit", NULL, false, "备份时审计链已断开的也恢复",
		"restore though the audit chain was broken at the time of the backup"},
	{NULL, NULL, false, NULL, NULL},
};
static const struct cli_option upgrade_options[] = {
	{"has-backup", NULL, false, "已另行备份, 升级前不再备份 (PostgreSQL 必须)",
		"a backup was made otherwise: make none before (PostgreSQL needs this)"},
	{NULL, NULL, false, NULL, NULL},
};

static enum err print_manifest(struct ctx *cx, const struct cli_args *args, const char *file,
	const struct backup_manifest *m)
{
	static const struct report_column columns[] = {{"file", "文件", REPORT_TEXT},
		{"made_at", "时间", REPORT_TEXT}, {"schema", "结构", REPORT_NUMBER},
		{"size", "字节", REPORT_NUMBER}, {"sha256", "SHA-256", REPORT_TEXT},
		{"audit_entries", "审计条数", REPORT_NUMBER},
		{"audit_head", "审计末尾哈希", REPORT_TEXT}};
	struct report r;

	if (!m->audit_is_whole)
		fprintf(stderr, "%s",
			TR(cx, "警告: 审计链不完整, 见 shuren audit verify\n",
				"warning: the audit chain is broken, see shuren audit verify\n"));
	report_init(&r, cx->mem, columns, ARRAY_LEN(columns));
	report_z(&r, file);
	report_str(&r, m->made_at);
	report_i64(&r, m->schema);
	report_i64(&r, m->size);
	report_str(&r, m->sha256);
	report_i64(&r, m->audit_entries);
	report_str(&r, m->audit_head);
	return report_print(cx, &r, args);
}

static enum err target(struct ctx *cx, const struct cli_args *args, const char **out)
{
	struct str file = cli_word(args, 1);
	const char *folder;

	if (cli_has(args, "to")) {
		if (file.n)
			return ctx_fail(cx, ERR_INVALID, "%s",
				TR(cx, "文件只说一次: FILE 或 --to FILE",
					"say the file once: FILE or --to FILE"));
		file = cli_get(args, "to");
	}
	if (file.n) {
		*out = str_z(cx->mem, file);
		return ERR_OK;
	}
	TRY(backup_folder(cx, cli_word(args, 0), &folder));
	*out = arena_printf(cx->mem, "%s/%s", folder, backup_name(cx, "shuren"));
	return ERR_OK;
}

/* Reads alone, so that it works beside a server and long imports, and when PLACE's disk is full.
 * An older schema is backed up too: it is what one wants before an upgrade. */
static enum err backup(struct ctx *cx, const struct cli_args *args)
{
	struct backup_manifest m;
	const char *path = NULL;
	struct db *db;
	int schema;

	TRY(db_open(cx, cli_word(args, 0), DB_READ_ONLY, &db));
	db_close_with(cx->mem, db);
	TRY(db_schema_number(cx, db, &db_migrations, &schema));
	TRY(target(cx, args, &path));
	TRY(backup_make(cx, db, path, cli_has(args, "force"), &m));
	return print_manifest(cx, args, path, &m);
}

static enum err restore(struct ctx *cx, const struct cli_args *args)
{
	const char *path = str_z(cx->mem, cli_word(args, 0));
	const struct restore_options options = {
		.accepts_broken = cli_has(args, "accept-broken-audit"),
		.replaces = cli_has(args, "replace")};
	struct backup_manifest m;
	const char *former;

	TRY(backup_restore(cx, path, cli_word(args, 1), &options, &m, &former));
	if (former)
		fprintf(stderr, TR(cx, "原来的库: %s\n", "the former store: %s\n"), former);
	if (m.schema < db_migrations.count)
		fprintf(stderr,
			TR(cx, "备份的结构 (%" PRId64 ") 较旧: 请接着运行 shuren upgrade\n",
				"the backup has the older schema %" PRId64
				": run shuren upgrade next\n"),
			m.schema);
	return print_manifest(cx, args, path, &m);
}

static enum err upgrade(struct ctx *cx, const struct cli_args *args)
{
	const char *path = NULL;
	struct keys_done keys;
	int steps;

	TRY(place_upgrade(
		cx, cli_word(args, 0), cli_has(args, "has-backup"), &path, &steps, &keys));
	keys_say(cx, &keys);
	if (path)
		fprintf(stderr, TR(cx, "升级前的备份: %s\n", "the backup from before: %s\n"), path);
	if (path && keys.values)
		fprintf(stderr, "%s",
			TR(cx, "其中的加密字段还是明文: 不再需要时请删除这个备份\n",
				"it holds sealed fields in the clear: delete it when it is not "
				"needed\n"));
	fprintf(stderr, TR(cx, "升级了 %d 步\n", "%d steps made\n"), steps);
	return ERR_OK;
}

const struct command backup_commands[] = {
	{"backup", "PLACE [FILE]", 1, 2, backup_options, "备份, 不必停止服务",
		"back up while the place is in use", backup},
	{"restore", "FILE PLACE", 2, 2, restore_options, "从备份恢复一个存放处",
		"make a place of a backup", restore},
	{"upgrade", "PLACE", 1, 1, upgrade_options, "升级旧的数据库结构, 先自动备份",
		"bring an older schema forward, after a backup", upgrade},
	{0},
};
