#include "mod/audit/audit_cmd.h"

#include "cli/report.h"
#include "db/migrate.h"
#include "mod/audit/audit.h"

static const struct cli_option verify_options[] = {
	{"head", "HASH", false, "以前记下的末尾哈希, 必须仍在链中",
		"a head that was kept: it must still stand in the chain"},
	{NULL, NULL, false, NULL, NULL},
};
static const struct cli_option hash_options[] = {{NULL, NULL, false, NULL, NULL}};

static enum err verify(struct ctx *cx, const struct cli_args *args)
{
	static const struct report_column columns[] = {{"ok", "完整", REPORT_TEXT},
		{"entries", "条数", REPORT_NUMBER}, {"head", "末尾哈希", REPORT_TEXT},
		{"broken_at", "断在", REPORT_NUMBER}, {"reason", "原因", REPORT_TEXT}};
	struct audit_state state;
	struct report r;
	struct db *db;

	TRY(db_open(cx, cli_word(args, 0), DB_READ_ONLY, &db));
	db_close_with(cx->mem, db);
	TRY(db_check_schema(cx, db, &db_migrations));
	TRY(audit_verify(cx, db, cli_get(args, "head"), &state));
	report_init(&r, cx->mem, columns, ARRAY_LEN(columns));
	report_z(&r, state.is_whole ? TR(cx, "是", "yes") : TR(cx, "否", "no"));
	report_i64(&r, state.entries);
	report_str(&r, state.head);
	if (state.broken_at)
		report_i64(&r, state.broken_at);
	else
		report_null(&r);
	report_str(&r, state.reason);
	TRY(report_print(cx, &r, args));
	return state.is_whole ? ERR_OK
			      : ctx_fail(cx, ERR_REJECTED, "%s",
					TR(cx, "审计链不完整", "the chain is broken"));
}

static enum err choose(struct ctx *cx, const struct cli_args *args)
{
	bool is_sm3 = str_is(cli_word(args, 1), "sm3");
	struct db *db;

	if (!is_sm3 && !str_is(cli_word(args, 1), "sha256"))
		return ctx_fail(cx, ERR_INVALID, "audit hash PLACE sm3|sha256");
	TRY(db_open(cx, cli_word(args, 0), DB_EXISTING, &db));
	db_close_with(cx->mem, db);
	TRY(db_check_schema(cx, db, &db_migrations));
	TRY(db_begin(cx, db, DB_WRITE));
	TRY(audit_choose(cx, db, is_sm3 ? DIGEST_SM3 : DIGEST_SHA256));
	TRY(audit_append(cx, db,
		&(struct audit_entry){.action = STR("audit.hash"), .detail = cli_word(args, 1)}));
	return db_commit(cx, db);
}

const struct command audit_commands[] = {
	{"audit verify", "PLACE", 1, 1, verify_options, "核对审计日志的哈希链",
		"check the audit log's chain of hashes", verify},
	{"audit hash", "PLACE sm3|sha256", 2, 2, hash_options, "以后的审计条目用哪种哈希",
		"choose the hash of audit entries from now on", choose},
	{0},
};
