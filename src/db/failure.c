/* What went wrong, in words for people: one table over the kinds of failure. */
#include "db/driver.h"

#include <stdio.h>

struct meaning {
	enum err code;
	const char *zh, *en;
	bool names_constraint; /* the constraint is told rather than the database's words */
};

static const struct meaning meanings[] = {
	[DB_FAILURE_NONE] = {ERR_STORE, "", "", false},
	[DB_FAILURE_BUSY] = {ERR_BUSY, "数据库正忙，请稍后再试", "the store is busy: try again",
		false},
	[DB_FAILURE_UNIQUE] = {ERR_CONFLICT, "已有相同的记录", "there is such a row already", true},
	[DB_FAILURE_FOREIGN_KEY] = {ERR_CONFLICT, "引用的记录不存在，或仍被引用",
		"a referenced row is missing, or still referenced", true},
	[DB_FAILURE_NOT_NULL] = {ERR_STORE, "必填的列是空的", "a required column is empty", true},
	[DB_FAILURE_CHECK] = {ERR_STORE, "不符合表的约束", "a table constraint says no", true},
	[DB_FAILURE_FULL] = {ERR_IO, "磁盘已满，没有写入", "the disk is full; nothing was written",
		false},
	[DB_FAILURE_CORRUPT] = {ERR_STORE, "数据库文件损坏，或不是数据库",
		"the store is damaged or is no database", false},
	[DB_FAILURE_READ_ONLY] = {ERR_STORE, "数据库只读", "the store is read-only", false},
	[DB_FAILURE_CONNECTION] = {ERR_IO, "与数据库的连接断了",
		"the connection to the store is lost", false},
	[DB_FAILURE_IO] = {ERR_IO, "数据库读写失败", "the store could not be read or written",
		false},
	[DB_FAILURE_OTHER] = {ERR_STORE, "数据库出错", "the store failed", false},
};

enum err db_fail(struct ctx *cx, struct db *db, enum db_failure_kind kind, const char *constraint,
	const char *said)
{
	const struct meaning *m = &meanings[kind];
	bool names = m->names_constraint && constraint && *constraint;
	/* said may lie in a library's buffer: it goes into cx->mem before anything else runs. */
	struct str text = str_trim(str_from(names ? constraint : said));

	if (db) {
		db->failure.kind = kind;
		snprintf(db->failure.constraint, sizeof db->failure.constraint, "%s",
			constraint ? constraint : "");
		db->is_failed = true;
	}
	if (text.n == 0)
		return ctx_fail(cx, m->code, "%s", TR(cx, m->zh, m->en));
	return ctx_fail(cx, m->code, TR(cx, "%s：" STR_FMT, "%s: " STR_FMT), TR(cx, m->zh, m->en),
		STR_ARG(text));
}

enum err db_fault(struct ctx *cx, struct db *db)
{
#ifdef DB_FAULTS
	if (db->fault_after == 0) {
		db->fault_after = -1;
		return db_fail(cx, db, DB_FAILURE_IO, NULL, "FAULT");
	}
	if (db->fault_after > 0)
		db->fault_after--;
#else
	(void)cx, (void)db;
#endif
	return ERR_OK;
}
