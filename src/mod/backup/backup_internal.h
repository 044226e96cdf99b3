/* The file of a backup: bytes, digest and manifest. Shared by making and restoring. */
#pragma once

#include "mod/backup/backup.h"

/* Append the manifest to the store in fd, which stands at its end. Fails: IO. */
MUST_CHECK enum err backup_write_end(
	struct ctx *cx, int fd, const char *path, const struct backup_manifest *m);
/* Fails: STORE (no backup, cut off, or its end changed). */
MUST_CHECK enum err backup_read_end(
	struct ctx *cx, int fd, const char *path, struct backup_manifest *out);
/* The first size bytes of from, digested and, when to is not -1, written there. */
MUST_CHECK enum err backup_copy(
	struct ctx *cx, int from, int to, const char *path, int64_t size, char sha256[DIGEST_HEX]);
/* Schema and audit chain of a store on its own, in a file that nobody else has open. */
MUST_CHECK enum err backup_look(struct ctx *cx, const char *store, struct backup_manifest *out);
enum err backup_io(struct ctx *cx, const char *path);
/* Put names of a folder on the disk. */
MUST_CHECK enum err backup_sync_folder(struct ctx *cx, const char *path);
/* The folder that path stands in. */
const char *backup_parent(struct ctx *cx, const char *path);
