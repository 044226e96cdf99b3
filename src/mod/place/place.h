/*
 * A place: where a bureau's data are kept, with the packs installed in it. Everything that works
 * on data opens a place first. Packs are kept in the store file by file, so that a copy of the
 * store holds the rules by which its numbers were made.
 */
#pragma once

#include "db/db.h"
#include "mod/org/org.h"
#include "mod/pack/pack.h"

struct open_place {
	struct arena *mem; /* of this and the pack; the place's own */
	struct db *db;
	const struct pack *pack;
	const struct pack_files *files; /* what the pack was made of, bases first */
	struct str url;
	struct org_tree_kept orgs;  /* of who asks for it by org_tree_keep */
	struct open_place **handle; /* in the memory that closes it */
};

/*
 * Open a place that exists and load its packs; DB_CREATE is for place_create. Closed with
 * cx->mem, or before by place_close.
 * Fails: NOT_FOUND (no such place: shuren init), STORE (a schema of another version), PACK.
 */
MUST_CHECK enum err place_open(
	struct ctx *cx, struct str url, enum db_mode mode, struct open_place **out);
/* Make the store when absent, bring its schema to the newest, open it; the pack may be empty. */
MUST_CHECK enum err place_create(struct ctx *cx, struct str url, struct open_place **out);
void place_close(struct open_place *place);

/*
 * Replace the installed packs by these files and make place->pack of them. Inside the caller's
 * write transaction, so that tables and rows can follow the packs or nothing happens.
 * Fails: PACK (the detail lists what is wrong), STORE.
 */
MUST_CHECK enum err place_install(
	struct ctx *cx, struct open_place *place, const struct pack_files *files);

struct installed_pack {
	struct str id, version, title;
	int64_t installed_at; /* microseconds UTC */
	int64_t files;
};
struct installed_packs {
	VEC(struct installed_pack) list; /* bases first */
};
MUST_CHECK enum err place_list_packs(
	struct ctx *cx, const struct open_place *place, struct installed_packs *out);

/* Facts about the place by key ("is_demo"); p NULL when there is none. Text in cx->mem. */
MUST_CHECK enum err place_get(
	struct ctx *cx, const struct open_place *place, const char *key, struct str *out);
/* Inside the caller's write transaction. */
MUST_CHECK enum err place_set(
	struct ctx *cx, struct open_place *place, const char *key, struct str value);
