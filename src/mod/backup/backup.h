/*
 * Backups of a place on SQLite, made while it is being used, and places made of them.
 *
 * A backup is one file: the store at one moment, as a SQLite database that any SQLite tool reads,
 * and behind its last page
 *
 *     {manifest as JSON on one line}\n
 *     shuren-backup 1 <bytes of the manifest line, 10 digits> <SHA-256 of it, hex>\n
 *
 * The store holds everything: rows and their history, accounts, the audit log, settings and every
 * file of the installed packs. Only its owner may read the file (mode 600).
 */
#pragma once

#include "mod/place/place.h"
#include "wire/digest.h"

struct backup_manifest {
	struct str made_at; /* RFC 3339 */
	struct str program; /* version that made it */
	int64_t schema;
	int64_t size; /* of the store, bytes */
	struct str sha256;
	int64_t audit_entries;
	struct str audit_head; /* the last hash of the chain */
	bool audit_is_whole;
};

/*
 * Write what the place holds now to path. The file gets its name only when it is whole and on the
 * disk. replaces: a file of that name is replaced, else CONFLICT.
 * Fails: CONFLICT (also: another backup is being written into that folder), UNSUPPORTED
 * (PostgreSQL: pg_dump), IO (disk full, not writable).
 */
MUST_CHECK enum err backup_make(struct ctx *cx, struct db *db, const char *path, bool replaces,
	struct backup_manifest *out);

/* Read a backup's manifest, without its pages. Fails: NOT_FOUND, STORE (no whole backup). */
MUST_CHECK enum err backup_read(struct ctx *cx, const char *path, struct backup_manifest *out);

struct restore_options {
	bool accepts_broken; /* an audit chain that was broken when the backup was made */
	bool replaces;       /* a place that is there; its store stays beside, as *out_former */
};
/*
 * Make the place url, a folder, of a backup. Everything is checked before the place is touched:
 * length and digest, SQLite's own check, the schema (not newer than the program), and the audit
 * chain, whose head must be the manifest's.
 * Fails: CONFLICT (the folder is there and not to be replaced, or is no place), BUSY (the place
 * that is to be replaced is in use), STORE (what is wrong with the file), UNSUPPORTED (url is no
 * folder), IO.
 */
MUST_CHECK enum err backup_restore(struct ctx *cx, const char *path, struct str url,
	const struct restore_options *options, struct backup_manifest *out,
	const char **out_former);

/* PLACE/backups, made when absent. Fails: UNSUPPORTED (the place is no folder), IO. */
MUST_CHECK enum err backup_folder(struct ctx *cx, struct str url, const char **out);
/* A name for a backup made now: prefix and the instant, "shuren-20261124T031502-012345Z.backup". */
const char *backup_name(struct ctx *cx, const char *prefix);

struct backup_entry {
	struct str name;
	int64_t size; /* of the file */
	struct backup_manifest manifest;
};
struct backup_entries {
	VEC(struct backup_entry) list; /* newest first */
};
/* The whole backups in a folder; other files are left out. */
MUST_CHECK enum err backup_list(struct ctx *cx, const char *folder, struct backup_entries *out);

/*
 * Bring the place to this program's schema, after a backup into PLACE/backups (*out_backup its
 * path, NULL when there was nothing to do), and see that what is to be sealed is (keys_ensure; the
 * backup from before may hold it in the clear). On PostgreSQL has_backup must say that one was
 * made. Fails: as db_migrate, backup_make and keys_ensure; CONFLICT (PostgreSQL without
 * has_backup).
 */
struct keys_done;
MUST_CHECK enum err place_upgrade(struct ctx *cx, struct str url, bool has_backup,
	const char **out_backup, int *out_steps, struct keys_done *out_keys);
