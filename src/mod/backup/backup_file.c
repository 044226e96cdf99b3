#include "mod/backup/backup_internal.h"

#include "db/migrate.h"
#include "mod/audit/audit.h"
#include "wire/json_shape.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK         "shuren-backup 1 "
#define MARK_SIZE    (sizeof(MARK) - 1)
#define END_SIZE     (MARK_SIZE + 10 + 1 + 64 + 1)
#define MANIFEST_MAX 65536
#define BLOCK        65536

enum err backup_io(struct ctx *cx, const char *path)
{
	bool is_full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;

	return ctx_fail(cx, ERR_IO,
		is_full ? TR(cx, "磁盘已满: %s: %s", "the disk is full: %s: %s")
			: TR(cx, "读写出错: %s: %s", "cannot read or write %s: %s"),
		path, strerror(errno));
}

const char *backup_parent(struct ctx *cx, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return slash == path ? "/" : arena_strn(cx->mem, path, (size_t)(slash - path));
}

enum err backup_sync_folder(struct ctx *cx, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum err e = fd < 0 || fsync(fd) != 0 ? backup_io(cx, path) : ERR_OK;

	if (fd >= 0)
		close(fd);
	return e;
}

static enum err write_all(struct ctx *cx, int fd, const char *path, struct str bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return backup_io(cx, path);
		bytes = str_sub(bytes, (size_t)n, bytes.n);
	}
	return ERR_OK;
}

enum err backup_copy(
	struct ctx *cx, int from, int to, const char *path, int64_t size, char sha256[DIGEST_HEX])
{
	char *block = arena_alloc(cx->mem, BLOCK);
	struct digest *d;

	TRY(digest_begin(cx, DIGEST_SHA256, &d));
	for (int64_t at = 0; at < size;) {
		ssize_t n = pread(from, block, (size_t)MIN((int64_t)BLOCK, size - at), at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return backup_io(cx, path);
		if (n == 0)
			break; /* shorter than said: the digest tells */
		digest_add(d, (struct str){block, (size_t)n});
		if (to >= 0)
			TRY(write_all(cx, to, path, (struct str){block, (size_t)n}));
		at += n;
	}
	digest_end(d, sha256);
	return ERR_OK;
}

/* ---- the end of the file ---- */

static void write_manifest(struct strbuf *b, const struct backup_manifest *m)
{
	struct json_writer w;

	json_begin(&w, b);
	json_object(&w);
	json_key(&w, "made_at");
	json_str(&w, m->made_at);
	json_key(&w, "program");
	json_str(&w, m->program);
	json_key(&w, "schema");
	json_i64(&w, m->schema);
	json_key(&w, "size");
	json_i64(&w, m->size);
	json_key(&w, "sha256");
	json_str(&w, m->sha256);
	json_key(&w, "audit_entries");
	json_i64(&w, m->audit_entries);
	json_key(&w, "audit_head");
	json_str(&w, m->audit_head);
	json_key(&w, "audit_is_whole");
	json_bool(&w, m->audit_is_whole);
	json_end_object(&w);
	strbuf_char(b, '\n');
}

enum err backup_write_end(struct ctx *cx, int fd, const char *path, const struct backup_manifest *m)
{
	char sha256[DIGEST_HEX];
	struct strbuf b;
	struct str text;

	strbuf_init(&b, MANIFEST_MAX);
	write_manifest(&b, m);
	text = str_copy(cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	TRY(digest_bytes(cx, DIGEST_SHA256, text, sha256));
	TRY(write_all(cx, fd, path, text));
	return write_all(cx, fd, path, str_printf(cx->mem, MARK "%010zu %s\n", text.n, sha256));
}

static enum err no_backup(struct ctx *cx, const char *path)
{
	return ctx_fail(cx, ERR_STORE,
		TR(cx, "%s 不是完整的备份: 文件被截断, 被改动, 或不是 shuren backup 写的",
			"%s is no whole backup: cut off, changed, or not made by shuren backup"),
		path);
}

static const struct json_field manifest_fields[] = {IN(backup_manifest, made_at, JT_TEXT),
	IN(backup_manifest, program, JT_TEXT), IN(backup_manifest, schema, JT_I64),
	IN_WITH(backup_manifest, size, JT_I64, .min = 1, .max = INT64_MAX),
	IN(backup_manifest, sha256, JT_TEXT), IN(backup_manifest, audit_entries, JT_I64),
	IN_WITH(backup_manifest, audit_head, JT_TEXT, .is_optional = true),
	IN(backup_manifest, audit_is_whole, JT_BOOL)};
static const struct json_shape manifest_shape =
	JSON_SHAPE("manifest", sizeof(struct backup_manifest), manifest_fields);

enum err backup_read_end(struct ctx *cx, int fd, const char *path, struct backup_manifest *out)
{
	char end[END_SIZE + 1] = {0}, sha256[DIGEST_HEX];
	struct backup_manifest m = {0};
	struct json_faults faults = {0};
	struct json_node *node;
	struct stat st;
	int64_t length;
	char *text;

	if (fstat(fd, &st) != 0)
		return backup_io(cx, path);
	if (st.st_size <= (off_t)END_SIZE ||
		pread(fd, end, END_SIZE, st.st_size - (off_t)END_SIZE) != (ssize_t)END_SIZE ||
		memcmp(end, MARK, MARK_SIZE) != 0 || end[END_SIZE - 1] != '\n' ||
		parse_i64((struct str){end + MARK_SIZE, 10}, 2, MANIFEST_MAX, &length) != NUM_OK ||
		length > st.st_size - (off_t)END_SIZE)
		return no_backup(cx, path);
	text = arena_alloc(cx->mem, (size_t)length + 1);
	if (pread(fd, text, (size_t)length, st.st_size - (off_t)END_SIZE - length) != length)
		return backup_io(cx, path);
	TRY(digest_bytes(cx, DIGEST_SHA256, (struct str){text, (size_t)length}, sha256));
	if (memcmp(sha256, end + MARK_SIZE + 11, 64) != 0 ||
		json_parse(cx, (struct str){text, (size_t)length}, &node) != ERR_OK)
		return no_backup(cx, path);
	json_shape_read(cx, &manifest_shape, node, &m, &faults);
	if (faults.list.count || m.size != st.st_size - (off_t)END_SIZE - length)
		return no_backup(cx, path);
	*out = m;
	return ERR_OK;
}

enum err backup_look(struct ctx *cx, const char *store, struct backup_manifest *out)
{
	struct audit_state audit;
	struct db *db = NULL;
	int schema = 0;
	enum err e = db_open(cx, str_printf(cx->mem, "sqlite:%s", store), DB_EXISTING, &db);

	if (e == ERR_OK)
		e = db_schema_number(cx, db, &db_migrations, &schema);
	if (e == ERR_OK)
		e = audit_verify(cx, db, STR_NONE, &audit);
	db_close(db);
	if (e != ERR_OK)
		return e;
	out->schema = schema;
	out->audit_entries = audit.entries;
	out->audit_head = audit.head;
	out->audit_is_whole = audit.is_whole;
	return ERR_OK;
}
