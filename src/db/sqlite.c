/*
 * The SQLite driver.
 *
 * WAL: readers never wait for the writer. synchronous=FULL: a commit is on the disk when it
 * returns, as on PostgreSQL. The page cache is small and temporary data go to files, so that an
 * import of a million rows stays in a few tens of megabytes; what does not fit spills to the WAL.
 * A new file has pages of 16 kB: a quarter as many to write, look up and copy in a large import,
 * which takes a tenth off it. Larger ones gain little more and make small changes dear.
 */
#include "db/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLACE_FILE "shuren.db"

static sqlite3 *handle_of(const struct db *db)
{
	return ((const struct sqlite_db *)db)->handle;
}

static sqlite3_stmt *own(const struct db_stmt *st)
{
	return st->own;
}

static enum db_failure_kind constraint_kind(int extended)
{
	switch (extended) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return DB_FAILURE_UNIQUE;
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return DB_FAILURE_FOREIGN_KEY;
	case SQLITE_CONSTRAINT_NOTNULL:
		return DB_FAILURE_NOT_NULL;
	default:
		return DB_FAILURE_CHECK;
	}
}

static enum db_failure_kind failure_kind(sqlite3 *handle)
{
	int extended = sqlite3_extended_errcode(handle);
	int system = sqlite3_system_errno(handle);

	switch (extended & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return DB_FAILURE_BUSY;
	case SQLITE_FULL:
		return DB_FAILURE_FULL;
	case SQLITE_IOERR:
		return system == ENOSPC || system == EDQUOT ? DB_FAILURE_FULL : DB_FAILURE_IO;
	case SQLITE_CANTOPEN:
		return DB_FAILURE_IO;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return DB_FAILURE_CORRUPT;
	case SQLITE_READONLY:
		return DB_FAILURE_READ_ONLY;
	case SQLITE_CONSTRAINT:
		return constraint_kind(extended);
	default:
		return DB_FAILURE_OTHER;
	}
}

/* "NOT NULL constraint failed: org.code" to "org.code". */
static const char *after_failed(const char *said)
{
	const char *at = strstr(said, "failed: ");

	return at ? at + strlen("failed: ") : said;
}

/* "UNIQUE constraint failed: org.code, org.name" to "org(code, name)". */
static const char *unique_name(struct ctx *cx, const char *said)
{
	struct str columns = str_from(after_failed(said)), rest = columns, table;
	struct strbuf b;
	char *name;

	table = str_cut(&rest, '.');
	if (rest.n == 0)
		return said;
	strbuf_init(&b, 4096);
	strbuf_printf(&b, STR_FMT "(", STR_ARG(table));
	for (bool is_first = true; columns.n; is_first = false) {
		struct str column = str_trim(str_cut(&columns, ','));
		(void)str_cut(&column, '.');
		strbuf_printf(&b, "%s" STR_FMT, is_first ? "" : ", ", STR_ARG(column));
	}
	strbuf_char(&b, ')');
	name = str_z(cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	return name;
}

enum err sqlite_fail(struct ctx *cx, struct sqlite_db *db)
{
	enum db_failure_kind kind = failure_kind(db->handle);
	const char *said = sqlite3_errmsg(db->handle);
	const char *constraint = "";

	if (kind == DB_FAILURE_UNIQUE)
		constraint = unique_name(cx, said);
	else if (kind == DB_FAILURE_NOT_NULL || kind == DB_FAILURE_CHECK)
		constraint = after_failed(said);
	return db_fail(cx, &db->base, kind, constraint, said);
}

/* ---- connection ---- */

static enum err sqlite_exec(struct ctx *cx, struct db *db, const char *sql)
{
	if (sqlite3_exec(handle_of(db), sql, NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_fail(cx, (struct sqlite_db *)db);
	return ERR_OK;
}

static enum err sqlite_set_wait(struct ctx *cx, struct db *db, int wait_ms)
{
	(void)cx;
	((struct sqlite_db *)db)->wait_ms = wait_ms;
	sqlite3_busy_timeout(handle_of(db), wait_ms);
	return ERR_OK;
}

static int take_mode(void *is_delete, int columns, char **values, char **names)
{
	(void)names;
	*(bool *)is_delete = columns == 1 && values[0] && strcmp(values[0], "delete") == 0;
	return 0;
}

/* A rollback journal needs nothing of the pages that are new. */
static bool sqlite_claim(struct db *db)
{
	struct sqlite_db *own_db = (struct sqlite_db *)db;

	sqlite3_busy_timeout(own_db->handle, 0);
	if (sqlite3_exec(own_db->handle, "PRAGMA journal_mode = DELETE", take_mode,
		    &own_db->is_claimed, NULL) != SQLITE_OK)
		own_db->is_claimed = false;
	sqlite3_busy_timeout(own_db->handle, own_db->wait_ms);
	return own_db->is_claimed;
}

/* Where somebody reads at this moment, the next who opens it to write makes it so. */
static void sqlite_share(struct db *db)
{
	struct sqlite_db *own_db = (struct sqlite_db *)db;

	if (own_db->is_claimed)
		(void)sqlite3_exec(own_db->handle, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
	own_db->is_claimed = false;
}

static void sqlite_close_(struct db *db)
{
	struct sqlite_db *own_db = (struct sqlite_db *)db;

	/* Every statement is finalised by now: a busy answer would be a leak of ours. */
	if (sqlite3_close(own_db->handle) != SQLITE_OK)
		BUG("closing SQLite: %s", sqlite3_errmsg(own_db->handle));
	free(own_db);
}

/* The file that url names; a folder is made when mode says so. */
static enum err file_of(struct ctx *cx, struct str url, enum db_mode mode, const char **out)
{
	char *path = str_z(cx->mem, url);
	struct stat st;

	if (str_starts(url, "sqlite:")) {
		*out = path + strlen("sqlite:");
		if (!**out)
			return ctx_fail(cx, ERR_INVALID,
				TR(cx, "sqlite: 后面要写文件名", "sqlite: wants a file name"));
		return ERR_OK;
	}
	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return ctx_fail(cx, ERR_INVALID,
			TR(cx, "%s 不是文件夹；若是数据库文件请写 sqlite:%s",
				"%s is not a folder; write sqlite:%s for a database file"),
			path, path);
	if (mode == DB_CREATE && mkdir(path, 0750) != 0 && errno != EEXIST)
		return ctx_fail(cx, ERR_IO, TR(cx, "建不了文件夹 %s：%s", "cannot make %s: %s"),
			path, strerror(errno));
	*out = arena_printf(cx->mem, "%s/" PLACE_FILE, path);
	return ERR_OK;
}

static enum err settle(struct ctx *cx, struct sqlite_db *db, enum db_mode mode)
{
	sqlite3_extended_result_codes(db->handle, 1);
	TRY(sqlite_set_wait(cx, &db->base, DB_WAIT_MS));
	/* A statement keeps its plan whatever is bound to it, and is not planned anew each time. */
	(void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
	/* The first read is here: a file that is no database is told now. */
	TRY(sqlite_exec(cx, &db->base,
		"PRAGMA page_size = 16384;" /* of a file that has none yet */
		"PRAGMA cache_size = -6000; PRAGMA temp_store = FILE; PRAGMA mmap_size = 0;"
		"PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
		"PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;"
		"SELECT count(*) FROM sqlite_schema;"));
	if (mode == DB_READ_ONLY)
		return sqlite_exec(cx, &db->base, "PRAGMA query_only = ON");
	return sqlite_exec(cx, &db->base, "PRAGMA journal_mode = WAL");
}

/* ---- statements ---- */

static enum err sqlite_prepare(struct ctx *cx, struct db *db, struct db_stmt *st)
{
	struct sqlite_db *own_db = (struct sqlite_db *)db;
	sqlite3_stmt *s = NULL;
	const char *tail = "";

	if (sqlite3_prepare_v3(own_db->handle, st->text, -1, SQLITE_PREPARE_PERSISTENT, &s,
		    &tail) != SQLITE_OK)
		return sqlite_fail(cx, own_db);
	if (!s || tail[strspn(tail, " \t\r\n;")])
		BUG("not one statement: %s", st->sql);
	st->own = s;
	return ERR_OK;
}

static void sqlite_finalize_(struct db_stmt *st)
{
	(void)sqlite3_finalize(own(st)); /* repeats the error of the last step */
}

int sqlite_bind_value(sqlite3_stmt *s, int index, const struct db_value *v)
{
	/* A NULL pointer would bind NULL, not empty text. */
	const char *p = v->is_null || !v->text.p ? "" : v->text.p;

	if (v->is_null)
		return sqlite3_bind_null(s, index);
	switch (v->type) {
	case DB_I64:
		return sqlite3_bind_int64(s, index, v->i64);
	case DB_F64:
		return sqlite3_bind_double(s, index, v->f64);
	case DB_BOOL:
		return sqlite3_bind_int64(s, index, v->boolean);
	case DB_TEXT:
		return sqlite3_bind_text64(s, index, p, v->text.n, SQLITE_STATIC, SQLITE_UTF8);
	case DB_BLOB:
		return sqlite3_bind_blob64(s, index, p, v->text.n, SQLITE_STATIC);
	case DB_DATE:
		break;
	}
	BUG("a date reached the driver as such");
}

static void sqlite_bind(struct db_stmt *st, int index, const struct db_value *value)
{
	if (sqlite_bind_value(own(st), index, value) != SQLITE_OK)
		BUG("binding :%s of %s", st->params[index - 1].name, st->sql);
}

static enum err sqlite_describe(struct ctx *cx, struct db_stmt *st)
{
	(void)cx, (void)st; /* known since prepare */
	return ERR_OK;
}

static enum err sqlite_step_(struct ctx *cx, struct db_stmt *st, bool *out_has_row)
{
	struct sqlite_db *db = (struct sqlite_db *)st->db;
	int rc = sqlite3_step(own(st));

	if (rc == SQLITE_ROW) {
		*out_has_row = true;
		return ERR_OK;
	}
	if (rc != SQLITE_DONE)
		return sqlite_fail(cx, db);
	db->changes = sqlite3_stmt_readonly(own(st)) ? 0 : sqlite3_changes64(db->handle);
	*out_has_row = false;
	return ERR_OK;
}

static int64_t sqlite_changes_(const struct db_stmt *st)
{
	return ((const struct sqlite_db *)st->db)->changes;
}

static void sqlite_reset_(struct db_stmt *st)
{
	(void)sqlite3_reset(own(st)); /* repeats the error of the last step */
}

static bool sqlite_is_null(const struct db_stmt *st, int column)
{
	return sqlite3_column_type(own(st), column) == SQLITE_NULL;
}

static int64_t sqlite_i64(const struct db_stmt *st, int column)
{
	return sqlite3_column_int64(own(st), column);
}

static double sqlite_f64(const struct db_stmt *st, int column)
{
	return sqlite3_column_double(own(st), column);
}

static struct str sqlite_bytes(const struct db_stmt *st, int column)
{
	const char *p = sqlite3_column_blob(own(st), column);

	return (struct str){p, (size_t)sqlite3_column_bytes(own(st), column)};
}

static int sqlite_column_count_(const struct db_stmt *st)
{
	return sqlite3_column_count(own(st));
}

static const char *sqlite_column_name_(const struct db_stmt *st, int column)
{
	return sqlite3_column_name(own(st), column);
}

/* ---- transactions ---- */

/*
 * A read transaction must refuse to write here because it does on PostgreSQL. The pragma makes
 * SQLite plan every statement anew: a connection that only reads has it from the start.
 */
static enum err sqlite_begin(struct ctx *cx, struct db *db, enum db_tx tx)
{
	struct sqlite_db *own_db = (struct sqlite_db *)db;

	if (tx == DB_WRITE)
		return sqlite_exec(
			cx, db, own_db->is_claimed ? "BEGIN EXCLUSIVE" : "BEGIN IMMEDIATE");
	own_db->is_query_only = sqlite3_db_readonly(own_db->handle, "main") == 0;
	return sqlite_exec(
		cx, db, own_db->is_query_only ? "PRAGMA query_only = ON; BEGIN" : "BEGIN");
}

static void end_read(struct db *db)
{
	struct sqlite_db *own_db = (struct sqlite_db *)db;

	if (own_db->is_query_only)
		(void)sqlite3_exec(own_db->handle, "PRAGMA query_only = OFF", NULL, NULL, NULL);
	own_db->is_query_only = false;
}

static enum err sqlite_commit(struct ctx *cx, struct db *db)
{
	TRY(sqlite_exec(cx, db, "COMMIT"));
	end_read(db);
	return ERR_OK;
}

static void sqlite_rollback(struct db *db)
{
	/* A full disk or an I/O error may have rolled back already: then this says so. */
	if (!sqlite3_get_autocommit(handle_of(db)))
		(void)sqlite3_exec(handle_of(db), "ROLLBACK", NULL, NULL, NULL);
	end_read(db);
}

/* ---- backup ---- */

static enum err copy_to(struct ctx *cx, struct sqlite_db *from, const char *path)
{
	sqlite3 *to = NULL;
	sqlite3_backup *backup = NULL;
	enum err e = ERR_OK;
	int rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

	if (rc == SQLITE_OK)
		backup = sqlite3_backup_init(to, "main", from->handle, "main");
	/* All pages in one step: one moment, and in WAL mode nobody waits for it. */
	if (backup && (rc = sqlite3_backup_step(backup, -1)) == SQLITE_DONE)
		rc = SQLITE_OK;
	if (backup && sqlite3_backup_finish(backup) != SQLITE_OK && rc == SQLITE_OK)
		rc = SQLITE_ERROR;
	if (rc != SQLITE_OK || !backup)
		e = db_fail(cx, &from->base, failure_kind(to), NULL, sqlite3_errmsg(to));
	(void)sqlite3_close(to); /* nothing is open on it */
	return e;
}

/* The copy gets its name only when it is whole and on the disk. */
static enum err sqlite_backup_(struct ctx *cx, struct db *db, const char *path)
{
	const char *part = arena_printf(cx->mem, "%s.part", path);
	enum err e;
	int fd;

	if (access(path, F_OK) == 0)
		return ctx_fail(cx, ERR_CONFLICT, TR(cx, "%s 已存在", "%s exists already"), path);
	(void)unlink(part); /* of a backup that was killed */
	/* Made here and empty, so that nobody but the owner may ever read it. */
	fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return ctx_fail(cx, ERR_IO,
			TR(cx, "写不出备份 %s：%s", "cannot write backup %s: %s"), path,
			strerror(errno));
	close(fd);
	e = copy_to(cx, (struct sqlite_db *)db, part);
	if (e != ERR_OK) {
		(void)unlink(part);
		return e;
	}
	fd = open(part, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0 || rename(part, path) != 0)
		e = ctx_fail(cx, ERR_IO, TR(cx, "写不出备份 %s：%s", "cannot write backup %s: %s"),
			path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (e != ERR_OK)
		(void)unlink(part);
	return e;
}

static const struct db_driver sqlite_driver = {
	.dialect = DB_SQLITE,
	.close = sqlite_close_,
	.set_wait = sqlite_set_wait,
	.claim = sqlite_claim,
	.share = sqlite_share,
	.exec = sqlite_exec,
	.prepare = sqlite_prepare,
	.finalize = sqlite_finalize_,
	.bind = sqlite_bind,
	.describe = sqlite_describe,
	.step = sqlite_step_,
	.changes = sqlite_changes_,
	.reset = sqlite_reset_,
	.is_null = sqlite_is_null,
	.i64 = sqlite_i64,
	.f64 = sqlite_f64,
	.bytes = sqlite_bytes,
	.column_count = sqlite_column_count_,
	.column_name = sqlite_column_name_,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.bulk_begin = sqlite_bulk_begin,
	.bulk_row = sqlite_bulk_row,
	.bulk_end = sqlite_bulk_end,
	.bulk_release = sqlite_bulk_release,
	.backup = sqlite_backup_,
};

/* *is_cut_off: whoever had claimed the store was killed, and only a writer can roll it back. */
static enum err open_file(
	struct ctx *cx, const char *path, enum db_mode mode, struct db **out, bool *is_cut_off)
{
	static const int flags[] = {
		[DB_EXISTING] = SQLITE_OPEN_READWRITE,
		[DB_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		[DB_READ_ONLY] = SQLITE_OPEN_READONLY,
	};
	struct sqlite_db *db = calloc(1, sizeof *db);
	enum err e;

	if (!db)
		BUG("out of memory");
	db->base.driver = &sqlite_driver;
	/* A connection belongs to one thread: no mutex. */
	if (sqlite3_open_v2(path, &db->handle, flags[mode] | SQLITE_OPEN_NOMUTEX, NULL) !=
		SQLITE_OK)
		e = sqlite_fail(cx, db);
	else
		e = settle(cx, db, mode);
	*is_cut_off =
		e != ERR_OK && sqlite3_extended_errcode(db->handle) == SQLITE_READONLY_ROLLBACK;
	if (e != ERR_OK) {
		char *said = arena_strn(cx->mem, cx->error.p, cx->error.n);
		sqlite_close_(&db->base);
		return ctx_fail(cx, e, TR(cx, "打不开 %s：%s", "cannot open %s: %s"), path, said);
	}
	*out = &db->base;
	return ERR_OK;
}

enum err sqlite_open(struct ctx *cx, struct str url, enum db_mode mode, struct db **out)
{
	const char *path = NULL;
	struct db *writer;
	bool is_cut_off;
	enum err e;

	TRY(file_of(cx, url, mode, &path));
	if (mode != DB_CREATE && strcmp(path, ":memory:") != 0 && access(path, F_OK) != 0)
		return ctx_fail(cx, ERR_NOT_FOUND,
			TR(cx, "没有数据库 %s", "there is no store at %s"), path);
	e = open_file(cx, path, mode, out, &is_cut_off);
	if (!is_cut_off)
		return e;
	TRY(open_file(cx, path, DB_EXISTING, &writer, &is_cut_off));
	db_close(writer);
	return open_file(cx, path, mode, out, &is_cut_off);
}
