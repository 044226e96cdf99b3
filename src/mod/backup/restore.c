/* A place made of a backup, and a place brought to a new schema. */
#include "mod/backup/backup_internal.h"

#include "db/migrate.h"
#include "mod/audit/audit.h"
#include "mod/keys/keys_say.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void drop_folder(struct ctx *cx, const char *folder)
{
	static const char *const names[] = {"shuren.db", "shuren.db-wal", "shuren.db-shm"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)unlink(arena_printf(cx->mem, "%s/%s", folder, names[i]));
	(void)rmdir(folder);
}

static enum err copy_store(struct ctx *cx, int from, const char *path, const char *store,
	const struct backup_manifest *m)
{
	int to = open(store, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	char sha256[DIGEST_HEX];
	enum err e;

	if (to < 0)
		return backup_io(cx, store);
	e = backup_copy(cx, from, to, store, m->size, sha256);
	if (e == ERR_OK && fsync(to) != 0)
		e = backup_io(cx, store);
	close(to);
	if (e == ERR_OK && !str_is(m->sha256, sha256))
		e = ctx_fail(cx, ERR_STORE,
			TR(cx, "%s 被改动过: SHA-256 应为 " STR_FMT ", 实为 %s",
				"%s has been changed: SHA-256 should be " STR_FMT ", is %s"),
			path, STR_ARG(m->sha256), sha256);
	return e;
}

/* SQLite's own look at every page and index. */
static enum err check_pages(struct ctx *cx, const char *store)
{
	struct db_stmt *st = NULL;
	struct db *db = NULL;
	bool has_row = false;
	enum err e;

	TRY(db_open(cx, str_printf(cx->mem, "sqlite:%s", store), DB_EXISTING, &db));
	e = db_prepare(cx, db, "PRAGMA quick_check(1)", &st);
	if (e == ERR_OK)
		e = db_step(cx, st, &has_row);
	if (e == ERR_OK && (!has_row || !str_is(db_text(st, 0), "ok")))
		e = ctx_fail(cx, ERR_STORE,
			TR(cx, "备份里的数据库已损坏: " STR_FMT,
				"the store in the backup is damaged: " STR_FMT),
			STR_ARG(db_text(st, 0)));
	db_release(st);
	db_close(db);
	return e;
}

/* What the store says of itself must be what the manifest says. */
static enum err check_store(
	struct ctx *cx, const char *store, const struct backup_manifest *m, bool accepts_broken)
{
	struct backup_manifest seen = {0};

	TRY(check_pages(cx, store));
	TRY(backup_look(cx, store, &seen));
	if (seen.schema != m->schema || seen.audit_entries != m->audit_entries ||
		!str_eq(seen.audit_head, m->audit_head) || seen.audit_is_whole != m->audit_is_whole)
		return ctx_fail(cx, ERR_STORE, "%s",
			TR(cx, "备份里的数据与它的清单不符",
				"the data in the backup are not those of its manifest"));
	if (!seen.audit_is_whole && !accepts_broken)
		return ctx_fail(cx, ERR_STORE, "%s",
			TR(cx,
				"备份里的审计链在备份时就已断开; 若仍要恢复, 加 "
				"--accept-broken-audit",
				"the audit chain was broken when the backup was made; to restore it"
				" nevertheless say --accept-broken-audit"));
	return ERR_OK;
}

/* The new place's own log says where it came from. */
static enum err note_restore(struct ctx *cx, const char *store, const struct backup_manifest *m)
{
	struct db *db = NULL;
	enum err e;

	TRY(db_open(cx, str_printf(cx->mem, "sqlite:%s", store), DB_EXISTING, &db));
	e = db_begin(cx, db, DB_WRITE);
	if (e == ERR_OK)
		e = audit_append(cx, db,
			&(struct audit_entry){.who = cx->user,
				.action = STR("place.restore"),
				.object = m->made_at,
				.detail = m->sha256});
	if (e == ERR_OK)
		e = db_commit(cx, db);
	db_close(db);
	return e;
}

static enum err make_part(struct ctx *cx, int from, const char *path, const char *part,
	const struct backup_manifest *m, bool accepts_broken)
{
	const char *store = arena_printf(cx->mem, "%s/shuren.db", part);

	drop_folder(cx, part); /* of a restore that was killed */
	if (mkdir(part, 0750) != 0)
		return backup_io(cx, part);
	TRY(copy_store(cx, from, path, store, m));
	TRY(check_store(cx, store, m, accepts_broken));
	if (m->audit_is_whole)
		TRY(note_restore(cx, store, m));
	return backup_sync_folder(cx, part);
}

/*
 * Nobody else may have the store open: who has goes on writing into the file that is put aside.
 * Leaving WAL needs the store for oneself alone, and brings what stands in the WAL into the file.
 * A store too damaged for that is what one restores for: it is put aside as it is.
 */
static enum err take_alone(struct ctx *cx, const char *store)
{
	struct db *db = NULL;
	enum err e = db_open(cx, str_printf(cx->mem, "sqlite:%s", store), DB_EXISTING, &db);

	if (e == ERR_OK)
		e = db_set_wait(cx, db, 0);
	if (e == ERR_OK)
		e = db_exec(cx, db, "PRAGMA journal_mode = DELETE");
	db_close(db);
	if (e == ERR_BUSY)
		return ctx_fail(cx, e,
			TR(cx, "%s 正在使用, 请先停止服务", "%s is in use: stop its server first"),
			store);
	return ERR_OK;
}

/* The former store gets a name under which SQLite still finds its WAL, should it have one. */
static enum err swap(struct ctx *cx, const char *part, const char *folder, const char **out_former)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	const char *store = arena_printf(cx->mem, "%s/shuren.db", folder);
	const char *former = arena_printf(cx->mem, "%s/%s.db", folder, backup_name(cx, "replaced"));

	TRY(take_alone(cx, store));
	if (access(former, F_OK) == 0)
		return ctx_fail(cx, ERR_CONFLICT, TR(cx, "%s 已存在", "%s exists already"), former);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (rename(arena_printf(cx->mem, "%s%s", store, ends[i]),
			    arena_printf(cx->mem, "%s%s", former, ends[i])) != 0 &&
			(i == 0 || errno != ENOENT))
			return backup_io(cx, store);
	if (rename(arena_printf(cx->mem, "%s/shuren.db", part), store) != 0) {
		enum err e = backup_io(cx, store);
		(void)rename(former, store);
		return e;
	}
	(void)rmdir(part);
	*out_former = former;
	return backup_sync_folder(cx, folder);
}

/* Is the folder there, and may it be? */
static enum err check_target(struct ctx *cx, const char *folder, bool replaces, bool *out_is_there)
{
	struct stat st;

	*out_is_there = lstat(folder, &st) == 0;
	if (*out_is_there && !replaces)
		return ctx_fail(cx, ERR_CONFLICT,
			TR(cx, "%s 已存在; 若要替换它, 加 --replace",
				"%s exists; to replace it say --replace"),
			folder);
	if (*out_is_there && access(arena_printf(cx->mem, "%s/shuren.db", folder), F_OK) != 0)
		return ctx_fail(cx, ERR_CONFLICT,
			TR(cx, "%s 不是存放处, 不替换", "%s is no place: it is not replaced"),
			folder);
	return ERR_OK;
}

static enum err folder_of(struct ctx *cx, struct str url, const char **out)
{
	if (str_starts(url, "sqlite:") || str_find(url, STR("://")) != SIZE_MAX)
		return ctx_fail(cx, ERR_UNSUPPORTED, "%s",
			TR(cx, "只能恢复到文件夹; PostgreSQL 的备份用 pg_restore 恢复",
				"restores into a folder only; PostgreSQL has pg_restore"));
	while (url.n > 1 && url.p[url.n - 1] == '/')
		url.n--;
	*out = str_z(cx->mem, url);
	return ERR_OK;
}

enum err backup_restore(struct ctx *cx, const char *path, struct str url,
	const struct restore_options *options, struct backup_manifest *out, const char **out_former)
{
	const char *folder = NULL, *part;
	bool is_there;
	enum err e;
	int fd;

	*out_former = NULL;
	TRY(folder_of(cx, url, &folder));
	TRY(check_target(cx, folder, options->replaces, &is_there));
	TRY(backup_read(cx, path, out));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return backup_io(cx, path);
	part = arena_printf(cx->mem, "%s.restoring", folder);
	e = make_part(cx, fd, path, part, out, options->accepts_broken);
	close(fd);
	if (e == ERR_OK && is_there)
		e = swap(cx, part, folder, out_former);
	else if (e == ERR_OK && rename(part, folder) != 0)
		e = backup_io(cx, folder);
	if (e == ERR_OK)
		return backup_sync_folder(cx, backup_parent(cx, folder));
	drop_folder(cx, part);
	return e;
}

/* ---- upgrade ---- */

static enum err backup_before(
	struct ctx *cx, struct str url, struct db *db, int schema, const char **out)
{
	struct backup_manifest m;
	const char *folder = NULL, *prefix, *path;

	TRY(backup_folder(cx, url, &folder));
	prefix = arena_printf(cx->mem, "before-upgrade-of-schema-%d", schema);
	path = arena_printf(cx->mem, "%s/%s", folder, backup_name(cx, prefix));
	TRY(backup_make(cx, db, path, false, &m));
	*out = path;
	return ERR_OK;
}

static enum err upgrade(struct ctx *cx, struct str url, struct db *db, bool has_backup,
	const char **out_backup, int *out_steps)
{
	int schema;

	TRY(db_schema_number(cx, db, &db_migrations, &schema));
	if (schema == db_migrations.count)
		return ERR_OK;
	if (!has_backup && db_dialect(db) == DB_POSTGRES)
		return ctx_fail(cx, ERR_CONFLICT, "%s",
			TR(cx, "请先用 pg_dump -Fc 备份, 再加 --has-backup 升级",
				"back up with pg_dump -Fc first, then upgrade with --has-backup"));
	if (!has_backup)
		TRY(backup_before(cx, url, db, schema, out_backup));
	TRY(db_migrate(cx, db, &db_migrations, out_steps));
	TRY(db_begin(cx, db, DB_WRITE));
	TRY(audit_append(cx, db,
		&(struct audit_entry){.who = cx->user,
			.action = STR("place.upgrade"),
			.detail = str_printf(
				cx->mem, "schema %d to %d", schema, db_migrations.count)}));
	return db_commit(cx, db);
}

/* Tables as this program makes them of the packs, and nothing in the clear that should be sealed.
 */
static enum err seal(struct ctx *cx, struct str url, struct keys_done *out)
{
	const struct keys_work work = {
		.suite = SEAL_XCHACHA20, .progress = keys_progress, .arg = cx};
	struct open_place *place;
	bool is_whole;
	enum err e;

	*out = (struct keys_done){0};
	TRY(place_open(cx, url, DB_EXISTING, &place));
	TRY(keys_are_whole(cx, place, &is_whole));
	TRY(db_begin(cx, place->db, DB_WRITE));
	e = ledger_tables_make(cx, place->db, place->pack);
	if (e == ERR_OK)
		e = db_commit(cx, place->db);
	db_rollback(place->db);
	/* A restored place may wait for its key file; what has a key is sealed already. */
	if (e == ERR_OK && is_whole)
		e = keys_ensure(cx, place, &work, out);
	out->is_missing = !is_whole;
	place_close(place);
	return e;
}

enum err place_upgrade(struct ctx *cx, struct str url, bool has_backup, const char **out_backup,
	int *out_steps, struct keys_done *out_keys)
{
	struct db *db = NULL;
	enum err e;

	*out_backup = NULL;
	*out_steps = 0;
	TRY(db_open(cx, url, DB_EXISTING, &db));
	e = upgrade(cx, url, db, has_backup, out_backup, out_steps);
	db_close(db);
	return e == ERR_OK ? seal(cx, url, out_keys) : e;
}
