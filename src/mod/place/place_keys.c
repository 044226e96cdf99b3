#include "mod/place/place_keys.h"

#include "base/num.h"
#include "mod/audit/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BASE64        sodium_base64_VARIANT_ORIGINAL_NO_PADDING
#define KEY_FILE_SIZE 262144

static const char file_head[] =
	"# 树人: 加密字段的密钥. 丢失本文件, 加密字段即永远打不开; 请与备份分开保存.\n"
	"# Shuren: the keys of sealed fields. Without this file they cannot be read, by nobody "
	"and\n"
	"# never again. Keep a copy apart from the backups of the store.\n";

/* ---- where ---- */

enum err key_file_path(struct ctx *cx, struct str url, const char **out)
{
	const char *given = getenv(KEY_FILE_ENV), *config = getenv("XDG_CONFIG_HOME"),
		   *home = getenv("HOME");

	if (given && given[0]) {
		*out = arena_strz(cx->mem, given);
	} else if (str_starts(url, "sqlite:")) {
		*out = arena_printf(cx->mem, STR_FMT ".keys", STR_ARG(str_sub(url, 7, url.n)));
	} else if (str_find(url, STR("://")) == SIZE_MAX) {
		*out = arena_printf(cx->mem, STR_FMT "/keys/seal.keys", STR_ARG(url));
	} else if (config && config[0] == '/') {
		*out = arena_printf(cx->mem, "%s/shuren/seal.keys", config);
	} else if (home && home[0] == '/') {
		*out = arena_printf(cx->mem, "%s/.config/shuren/seal.keys", home);
	} else {
		return ctx_fail(cx, ERR_INVALID,
			TR(cx, "请用 --key-file 或 %s 说明密钥文件在哪里",
				"say where the key file is: --key-file or %s"),
			KEY_FILE_ENV);
	}
	return ERR_OK;
}

static enum err io(struct ctx *cx, const char *path)
{
	return ctx_fail(cx, ERR_IO, "%s: %s", path, strerror(errno));
}

/* ---- reading ---- */

static bool parse_key(struct ctx *cx, struct arena *mem, struct str line, struct seal_ring *out)
{
	struct str id = str_cut(&line, ' '), suite = str_cut(&line, ' '), at = str_cut(&line, ' ');
	unsigned char master[SEAL_KEY_SIZE];
	struct seal_key *key = NULL;
	enum seal_suite kind = SEAL_XCHACHA20;
	size_t n = 0;
	int64_t made_at;
	bool is_good =
		seal_suite_parse(suite, &kind) && parse_i64(at, 0, INT64_MAX, &made_at) == NUM_OK &&
		sodium_base642bin(master, sizeof master, line.p, line.n, NULL, &n, NULL, BASE64) ==
			0 &&
		n == sizeof master && seal_key_of(cx, mem, kind, master, &key) == ERR_OK &&
		str_is(id, key->id);

	sodium_memzero(master, sizeof master);
	if (!is_good)
		return false;
	key->made_at = made_at;
	if (!seal_ring_find(out, id))
		*VEC_PUSH(mem, &out->list) = key;
	return true;
}

static enum err parse_file(
	struct ctx *cx, struct arena *mem, const char *path, struct str text, struct seal_ring *out)
{
	for (int line = 1; text.n; line++) {
		struct str s = str_trim(str_cut(&text, '\n'));
		if (s.n && s.p[0] != '#' && !parse_key(cx, mem, s, out))
			return ctx_fail(cx, ERR_IO,
				TR(cx, "%s:%d: 不是密钥", "%s:%d: this is no key"), path, line);
	}
	return ERR_OK;
}

static enum err read_all(struct ctx *cx, const char *path, int fd, char *buffer, size_t *out)
{
	size_t n = 0;
	ssize_t got;

	while ((got = read(fd, buffer + n, KEY_FILE_SIZE - n)) > 0)
		n += (size_t)got;
	if (got < 0)
		return io(cx, path);
	if (n == KEY_FILE_SIZE)
		return ctx_fail(cx, ERR_IO, TR(cx, "%s 不是密钥文件", "%s is no key file"), path);
	*out = n;
	return ERR_OK;
}

enum err key_file_read(struct ctx *cx, struct arena *mem, const char *path, struct seal_ring *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char buffer[KEY_FILE_SIZE];
	struct stat st;
	size_t n = 0;
	enum err e;

	*out = (struct seal_ring){0};
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? ERR_OK : io(cx, path);
	if (fstat(fd, &st) != 0)
		e = io(cx, path);
	else if (st.st_mode & 07)
		e = ctx_fail(cx, ERR_IO,
			TR(cx, "密钥文件 %s 人人可读, 请先 chmod 600",
				"everybody may read the key file %s: chmod 600 it first"),
			path);
	else
		e = read_all(cx, path, fd, buffer, &n);
	close(fd);
	if (e == ERR_OK)
		e = parse_file(cx, mem, path, (struct str){buffer, n}, out);
	sodium_memzero(buffer, sizeof buffer);
	return e;
}

/* ---- writing ---- */

/* The folder of the path, made when absent; not those above it but of ~/.config. */
static enum err make_folder(struct ctx *cx, const char *path, const char **out)
{
	char *folder = arena_strz(cx->mem, path), *slash = strrchr(folder, '/');

	if (!slash) {
		*out = ".";
		return ERR_OK;
	}
	*slash = '\0';
	if (slash == folder) {
		*out = "/";
		return ERR_OK;
	}
	*out = folder;
	for (char *c = folder + 1; *c; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		if (mkdir(folder, 0700) != 0 && errno != EEXIST)
			return io(cx, folder);
		*c = '/';
	}
	return mkdir(folder, 0700) == 0 || errno == EEXIST ? ERR_OK : io(cx, folder);
}

static enum err write_line(struct ctx *cx, int fd, const char *path, const struct seal_key *key)
{
	char code[64], line[256];
	struct stat st;
	int n;
	bool is_good;

	(void)sodium_bin2base64(code, sizeof code, key->master, sizeof key->master, BASE64);
	n = snprintf(line, sizeof line, "%s %s %" PRId64 " %s\n", key->id,
		seal_suite_name(key->suite), key->made_at, code);
	is_good = fstat(fd, &st) == 0 &&
		  (st.st_size || write(fd, file_head, sizeof file_head - 1) ==
					 (ssize_t)sizeof file_head - 1) &&
		  write(fd, line, (size_t)n) == n && fsync(fd) == 0;
	sodium_memzero(code, sizeof code);
	sodium_memzero(line, sizeof line);
	return is_good ? ERR_OK : io(cx, path);
}

enum err key_file_add(struct ctx *cx, const char *path, const struct seal_key *key)
{
	const char *folder;
	struct seal_ring had;
	int fd, dir;
	enum err e;

	TRY(key_file_read(cx, cx->mem, path, &had)); /* appended to only when it is one */
	if (seal_ring_find(&had, str_from(key->id)))
		return ERR_OK;
	TRY(make_folder(cx, path, &folder));
	fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return io(cx, path);
	e = flock(fd, LOCK_EX) == 0 ? write_line(cx, fd, path, key) : io(cx, path);
	close(fd);
	TRY(e);
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fsync(dir) != 0)
		e = io(cx, folder);
	if (dir >= 0)
		close(dir);
	return e;
}

/* ---- of a place ---- */

enum err place_current_key(struct ctx *cx, const struct open_place *place, struct str *out)
{
	struct db_stmt *st = NULL;
	bool has_row = false;

	*out = STR_NONE;
	TRY(db_prepare(cx, place->db,
		"SELECT id FROM seal_key WHERE used_until IS NULL ORDER BY used_from DESC", &st));
	TRY(db_step(cx, st, &has_row));
	if (has_row)
		*out = str_copy(cx->mem, db_text(st, 0));
	db_release(st);
	return ERR_OK;
}

enum err place_keys(struct ctx *cx, const struct open_place *place, struct seal_ring *out)
{
	const char *path;
	struct str id;

	TRY(key_file_path(cx, place->url, &path));
	TRY(place_current_key(cx, place, &id));
	TRY(key_file_read(cx, cx->mem, path, out));
	out->current = id.n ? seal_ring_find(out, id) : NULL;
	return ERR_OK;
}

enum err place_keys_to_seal(struct ctx *cx, const struct open_place *place, struct seal_ring *out)
{
	const char *path;
	struct str id;

	TRY(place_keys(cx, place, out));
	if (out->current)
		return ERR_OK;
	TRY(key_file_path(cx, place->url, &path));
	TRY(place_current_key(cx, place, &id));
	if (!id.n)
		return ctx_fail(cx, ERR_CONFLICT,
			TR(cx, "这里有加密字段, 但还没有密钥; 请先运行 shuren key " STR_FMT " make",
				"there are sealed fields here, and no key yet: run shuren "
				"key " STR_FMT " make"),
			STR_ARG(place->url));
	return ctx_fail(cx, ERR_CONFLICT,
		TR(cx,
			"密钥文件 %s 里没有本库的密钥 " STR_FMT
			"; 请用 --key-file 或 %s 指明正确的文件",
			"the key file %s lacks this store's key " STR_FMT
			": name the right file by --key-file or %s"),
		path, STR_ARG(id), KEY_FILE_ENV);
}

enum err place_use_key(struct ctx *cx, struct open_place *place, const struct seal_key *key)
{
	struct db_stmt *st = NULL;

	TRY(db_prepare(cx, place->db,
		"UPDATE seal_key SET used_until = :at WHERE used_until IS NULL", &st));
	db_bind_i64(st, 1, cx->now_us);
	TRY(db_run(cx, st, NULL));
	db_release(st);
	TRY(db_prepare(cx, place->db,
		"INSERT INTO seal_key (id, suite, used_from) VALUES (:id, :suite, :at)"
		" ON CONFLICT (id) DO UPDATE SET used_until = NULL, used_from = excluded.used_from",
		&st));
	db_bind_text(st, 1, str_from(key->id));
	db_bind_text(st, 2, str_from(seal_suite_name(key->suite)));
	db_bind_i64(st, 3, cx->now_us);
	TRY(db_run(cx, st, NULL));
	db_release(st);
	return audit_append(cx, place->db,
		&(struct audit_entry){.who = cx->user,
			.action = STR("key.use"),
			.object = str_printf(cx->mem, "key/%s", key->id),
			.detail = str_from(seal_suite_name(key->suite))});
}
