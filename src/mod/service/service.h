/*
 * What the handlers of one server thread stand on: its own connection to the place, the packs
 * that all share, and the tree of organisations, read again when it has changed.
 */
#pragma once

#include "http/http.h"
#include "mod/org/org.h"
#include "mod/place/place.h"
#include "mod/service/turn.h"

/* Shared by the threads of a server. */
struct service_shared;
struct jobs;         /* mod/job/job.h */
struct text_indexes; /* mod/ledger/text_index.h */

struct service {
	struct open_place *place; /* own connection, shared pack */
	struct db *db;
	const struct pack *pack;
	const struct org_tree *tree;
	bool is_writer;
	struct service_shared *shared;
	struct org_tree_kept kept_tree;
	struct ctx cx; /* of the thread: what lives as long as it */
};

/* base is open and stays open until the last thread is closed; its pack and files are shared. */
struct service_shared *service_shared_new(const struct open_place *base);
void service_shared_free(struct service_shared *shared);

/* Fails: as db_open. */
MUST_CHECK enum err service_open(
	struct ctx *cx, struct service_shared *shared, bool is_writer, struct service **out);
void service_close(struct service *s);
/* Before a call: the tree as it is now, whoever has changed it. */
MUST_CHECK enum err service_refresh(struct ctx *cx, struct service *s);

/* Whose turn it is to write: of all threads that have the same shared. */
struct turn *service_turn(const struct service *s);
/* The jobs of the server; NULL before they are set: outside of a server. */
void service_set_jobs(struct service_shared *shared, struct jobs *jobs);
struct jobs *service_jobs(const struct service *s);
struct text_indexes *service_texts(const struct service *s);

static inline struct service *service_of(struct http_call *call)
{
	return call->thread;
}

/*
 * "Seen" notes: readers leave the keys of sessions in use, the writer takes them now and then.
 * At most 4,096 wait; more are dropped.
 */
struct service_touch {
	char key[72];
	int64_t at_us;
};
void service_touch(struct service *s, struct str key, int64_t at_us);
/* Take all; returns how many, at most max. */
size_t service_take_touches(struct service *s, struct service_touch *out, size_t max);

/* ---- common parts of replies ---- */

/* A 64-bit id as text; null when 0. */
void json_field_id(struct json_writer *w, const char *key, int64_t id);
/* RFC 3339; null when 0. */
void json_field_instant(struct json_writer *w, const char *key, int64_t at_us);
void json_field_date(struct json_writer *w, const char *key, struct date date);
/* "key": {"code": …, "name": …}, or null when the organisation is unknown. */
void json_field_org(
	struct json_writer *w, const char *key, const struct org_tree *tree, struct str code);
