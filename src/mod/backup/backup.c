#include "mod/backup/backup_internal.h"

#include "base/version.h"
#include "db/migrate.h"
#include "mod/audit/audit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The store's copy in part gets its manifest and goes to the disk. */
static enum err finish(struct ctx *cx, const char *part, struct backup_manifest *m)
{
	char sha256[DIGEST_HEX];
	struct stat st;
	enum err e = ERR_OK;
	int fd;

	TRY(backup_look(cx, part, m));
	fd = open(part, O_RDWR | O_APPEND | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		e = backup_io(cx, part);
	if (e == ERR_OK) {
		m->size = st.st_size;
		m->made_at = instant_text(cx->mem, cx->now_us);
		m->program = STR(SHUREN_VERSION);
		e = backup_copy(cx, fd, -1, part, m->size, sha256);
	}
	if (e == ERR_OK) {
		m->sha256 = str_from(arena_strz(cx->mem, sha256));
		e = backup_write_end(cx, fd, part, m);
	}
	if (e == ERR_OK && fsync(fd) != 0)
		e = backup_io(cx, part);
	if (fd >= 0)
		close(fd);
	return e;
}

static enum err exists(struct ctx *cx, const char *path)
{
	return ctx_fail(cx, ERR_CONFLICT, TR(cx, "%s 已存在", "%s exists already"), path);
}

/* link refuses a name that is taken, in one step; some file systems have no links. */
static enum err name_it(struct ctx *cx, const char *part, const char *path, bool replaces)
{
	if (!replaces && link(part, path) == 0)
		return unlink(part) == 0 ? ERR_OK : backup_io(cx, part);
	if (!replaces && errno == EEXIST)
		return exists(cx, path);
	return rename(part, path) == 0 ? ERR_OK : backup_io(cx, path);
}

static void drop_part(struct ctx *cx, const char *part)
{
	static const char *const ends[] = {"", "-wal", "-shm", ".part", ".part-journal"};

	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		(void)unlink(arena_printf(cx->mem, "%s%s", part, ends[i]));
}

enum err backup_make(
	struct ctx *cx, struct db *db, const char *path, bool replaces, struct backup_manifest *out)
{
	const char *part = arena_printf(cx->mem, "%s.tmp", path);
	const char *folder = backup_parent(cx, path);
	struct backup_manifest m = {0};
	enum err e = ERR_OK;
	int lock = -1;

	if (db_dialect(db) == DB_SQLITE) {
		if (!replaces && access(path, F_OK) == 0)
			return exists(cx, path);
		lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (lock < 0)
			return backup_io(cx, folder);
		/* The unfinished file has a fixed name, so that one left by a crash is replaced. */
		if (flock(lock, LOCK_EX | LOCK_NB) != 0)
			e = ctx_fail(cx, ERR_CONFLICT,
				TR(cx, "%s 里正在写另一个备份",
					"another backup is being written into %s"),
				folder);
	}
	if (e == ERR_OK) {
		drop_part(cx, part);
		e = db_backup(cx, db, part);
		if (e == ERR_OK)
			e = finish(cx, part, &m);
		if (e == ERR_OK)
			e = name_it(cx, part, path, replaces);
		if (e == ERR_OK)
			e = backup_sync_folder(cx, folder);
		drop_part(cx, part);
	}
	if (lock >= 0)
		close(lock);
	if (e == ERR_OK)
		*out = m;
	return e;
}

enum err backup_read(struct ctx *cx, const char *path, struct backup_manifest *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum err e;

	if (fd < 0 && errno == ENOENT)
		return ctx_fail(cx, ERR_NOT_FOUND, TR(cx, "没有 %s", "there is no %s"), path);
	if (fd < 0)
		return backup_io(cx, path);
	e = backup_read_end(cx, fd, path, out);
	close(fd);
	return e;
}

/* ---- PLACE/backups ---- */

static bool is_folder_url(struct str url)
{
	return !str_starts(url, "sqlite:") && str_find(url, STR("://")) == SIZE_MAX;
}

enum err backup_folder(struct ctx *cx, struct str url, const char **out)
{
	const char *path;

	if (!is_folder_url(url))
		return ctx_fail(cx, ERR_UNSUPPORTED, "%s",
			TR(cx,
				"这个存放处不是文件夹, 没有 backups 文件夹; PostgreSQL 请用 "
				"pg_dump -Fc",
				"this place is no folder and has no backups folder; for PostgreSQL "
				"use"
				" pg_dump -Fc"));
	path = arena_printf(cx->mem, STR_FMT "/backups", STR_ARG(url));
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return backup_io(cx, path);
	*out = path;
	return ERR_OK;
}

const char *backup_name(struct ctx *cx, const char *prefix)
{
	struct str at = instant_text(cx->mem, cx->now_us);
	struct strbuf b;
	const char *name;

	strbuf_init(&b, 256);
	strbuf_printf(&b, "%s-", prefix);
	for (size_t i = 0; i < at.n && at.p[i] != '.' && at.p[i] != 'Z'; i++)
		if (at.p[i] != '-' && at.p[i] != ':')
			strbuf_char(&b, at.p[i]);
	strbuf_printf(&b, "-%06dZ.backup", (int)(cx->now_us % 1000000));
	name = str_z(cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	return name;
}

static int by_time(const void *a, const void *b)
{
	const struct backup_entry *x = a, *y = b;
	int c = str_cmp(y->manifest.made_at, x->manifest.made_at);

	return c ? c : str_cmp(y->name, x->name);
}

enum err backup_list(struct ctx *cx, const char *folder, struct backup_entries *out)
{
	DIR *dir = opendir(folder);
	const struct dirent *d;

	*out = (struct backup_entries){0};
	if (!dir)
		return backup_io(cx, folder);
	while ((d = readdir(dir)) != NULL) {
		const char *path = arena_printf(cx->mem, "%s/%s", folder, d->d_name);
		struct backup_entry entry = {.name = str_copy(cx->mem, str_from(d->d_name))};
		struct stat st;
		if (!str_ends(entry.name, ".backup") || stat(path, &st) != 0 ||
			!S_ISREG(st.st_mode) || backup_read(cx, path, &entry.manifest) != ERR_OK)
			continue;
		entry.size = st.st_size;
		*VEC_PUSH(cx->mem, &out->list) = entry;
	}
	closedir(dir);
	if (out->list.count)
		qsort(out->list.items, out->list.count, sizeof *out->list.items, by_time);
	return ERR_OK;
}
