#include "mod/service/service.h"

#include <pthread.h>

#include "mod/ledger/text_index.h"

#define TOUCHES_MAX 4096

struct service_shared {
	const struct open_place *base;
	pthread_mutex_t lock;
	struct service_touch touches[TOUCHES_MAX];
	size_t touch_count;
	struct turn *turn;
	struct jobs *jobs;
	struct text_indexes *texts;
};

struct service_shared *service_shared_new(const struct open_place *base)
{
	struct service_shared *shared = calloc(1, sizeof *shared);

	if (!shared)
		BUG("out of memory");
	shared->base = base;
	shared->turn = turn_new();
	shared->texts = text_indexes_new();
	pthread_mutex_init(&shared->lock, NULL);
	return shared;
}

void service_shared_free(struct service_shared *shared)
{
	pthread_mutex_destroy(&shared->lock);
	turn_free(shared->turn);
	text_indexes_free(shared->texts);
	free(shared);
}

struct turn *service_turn(const struct service *s)
{
	return s->shared->turn;
}

void service_set_jobs(struct service_shared *shared, struct jobs *jobs)
{
	shared->jobs = jobs;
}

struct jobs *service_jobs(const struct service *s)
{
	return s->shared->jobs;
}

struct text_indexes *service_texts(const struct service *s)
{
	return s->shared->texts;
}

enum err service_open(
	struct ctx *cx, struct service_shared *shared, bool is_writer, struct service **out)
{
	struct service *s = calloc(1, sizeof *s);
	struct db *db = NULL;
	enum err e;

	if (!s)
		BUG("out of memory");
	e = db_open(cx, shared->base->url, is_writer ? DB_EXISTING : DB_READ_ONLY, &db);
	if (e != ERR_OK) {
		free(s);
		return e;
	}
	s->cx = (struct ctx){.mem = arena_create()};
	s->place = arena_new(s->cx.mem, struct open_place);
	*s->place = *shared->base;
	s->place->orgs = (struct org_tree_kept){0};
	s->place->db = s->db = db;
	s->pack = shared->base->pack;
	s->is_writer = is_writer;
	s->shared = shared;
	*out = s;
	return ERR_OK;
}

void service_close(struct service *s)
{
	db_close(s->db);
	org_tree_forget(&s->kept_tree);
	org_tree_forget(&s->place->orgs);
	arena_free(s->cx.mem);
	free(s);
}

enum err service_refresh(struct ctx *cx, struct service *s)
{
	TRY(org_tree_keep(cx, s->db, &s->kept_tree));
	s->tree = &s->kept_tree.tree;
	return ERR_OK;
}

void service_touch(struct service *s, struct str key, int64_t at_us)
{
	struct service_shared *shared = s->shared;
	struct service_touch *t;

	pthread_mutex_lock(&shared->lock);
	if (shared->touch_count < TOUCHES_MAX && key.n < sizeof t->key) {
		t = &shared->touches[shared->touch_count++];
		memcpy(t->key, key.p, key.n);
		t->key[key.n] = '\0';
		t->at_us = at_us;
	}
	pthread_mutex_unlock(&shared->lock);
}

size_t service_take_touches(struct service *s, struct service_touch *out, size_t max)
{
	struct service_shared *shared = s->shared;
	size_t n;

	pthread_mutex_lock(&shared->lock);
	n = MIN(max, shared->touch_count);
	memcpy(out, shared->touches, n * sizeof *out);
	shared->touch_count -= n;
	memmove(shared->touches, shared->touches + n, shared->touch_count * sizeof *out);
	pthread_mutex_unlock(&shared->lock);
	return n;
}

void json_field_id(struct json_writer *w, const char *key, int64_t id)
{
	char text[24];

	json_key(w, key);
	if (!id) {
		json_null(w);
		return;
	}
	snprintf(text, sizeof text, "%" PRId64, id);
	json_z(w, text);
}

void json_field_instant(struct json_writer *w, const char *key, int64_t at_us)
{
	struct strbuf b;

	json_key(w, key);
	if (!at_us) {
		json_null(w);
		return;
	}
	strbuf_init(&b, 64);
	strbuf_instant(&b, at_us);
	json_str(w, strbuf_view(&b));
	strbuf_release(&b);
}

void json_field_date(struct json_writer *w, const char *key, struct date date)
{
	struct strbuf b;

	json_key(w, key);
	if (date.day == DATE_NONE.day) {
		json_null(w);
		return;
	}
	strbuf_init(&b, 64);
	strbuf_date(&b, date);
	json_str(w, strbuf_view(&b));
	strbuf_release(&b);
}

void json_field_org(
	struct json_writer *w, const char *key, const struct org_tree *tree, struct str code)
{
	const struct org *org = org_find(tree, code);

	json_key(w, key);
	if (!org) {
		json_null(w);
		return;
	}
	json_object(w);
	json_field_str(w, "code", org->code);
	json_field_str(w, "name", org->name);
	json_end_object(w);
}
