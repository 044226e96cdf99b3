/*
 * The key file of a place and the key that is current in it. The store knows only ids of keys.
 *
 * The file is --key-file, else SHUREN_KEY_FILE, else PLACE/keys/seal.keys for a folder,
 * FILE.keys for sqlite:FILE, and $XDG_CONFIG_HOME/shuren/seal.keys (~/.config) for PostgreSQL. It
 * is text, one key a line, "ID SUITE MADE-AT BASE64"; others than its owner and group may not
 * read it, or it is refused. Several places may share one.
 */
#pragma once

#include "mod/place/place.h"
#include "wire/seal.h"

#define KEY_FILE_ENV "SHUREN_KEY_FILE"

/* In cx->mem. Fails: INVALID (PostgreSQL, and no home folder). */
MUST_CHECK enum err key_file_path(struct ctx *cx, struct str url, const char **out);
/* All keys of a file in mem, none current; an absent file has none.
 * Fails: IO (also when everybody may read it, or a line is no key). */
MUST_CHECK enum err key_file_read(
	struct ctx *cx, struct arena *mem, const char *path, struct seal_ring *out);
/* One more key into the file, which is made (mode 600) with its folder when absent; what was
 * there stays. On the disk when it returns. Fails: IO. */
MUST_CHECK enum err key_file_add(struct ctx *cx, const char *path, const struct seal_key *key);

/*
 * The keys of the place, read from its file, in cx->mem. current is the store's; NULL when it has
 * none yet or the file lacks it. Reads two small things: call it where it is needed.
 * Fails: IO, INVALID, STORE.
 */
MUST_CHECK enum err place_keys(
	struct ctx *cx, const struct open_place *place, struct seal_ring *out);
/* The same, but there must be a current key. Fails also: CONFLICT, naming the command to use. */
MUST_CHECK enum err place_keys_to_seal(
	struct ctx *cx, const struct open_place *place, struct seal_ring *out);
/* The id of the store's current key; p NULL: none. In cx->mem. */
MUST_CHECK enum err place_current_key(
	struct ctx *cx, const struct open_place *place, struct str *out);
/* Make it current and retire the one before. Inside the caller's write transaction. */
MUST_CHECK enum err place_use_key(
	struct ctx *cx, struct open_place *place, const struct seal_key *key);
