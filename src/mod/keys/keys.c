#include "mod/keys/keys.h"

#include "mod/audit/audit.h"

/* ---- second factors ---- */

static struct seal_context second_factor_of(struct str login)
{
	return (struct seal_context){STR("account"), STR("second_factor"), login};
}

enum err second_factor_seal(struct ctx *cx, const struct open_place *place, struct str login,
	struct str secret, struct str *out)
{
	const struct seal_context at = second_factor_of(login);
	struct seal_ring ring;

	TRY(place_keys_to_seal(cx, place, &ring));
	return seal_text(cx, cx->mem, ring.current, &at, NULL, secret, out);
}

enum err second_factor_open(struct ctx *cx, const struct open_place *place, struct str login,
	struct str sealed, struct str *out)
{
	const struct seal_context at = second_factor_of(login);
	struct seal_ring ring;
	char key_id[SEAL_KEY_ID_SIZE];

	/* One from before the place had a key. */
	if (!seal_is_sealed(sealed, key_id)) {
		*out = sealed;
		return ERR_OK;
	}
	TRY(place_keys(cx, place, &ring));
	return seal_open(cx, cx->mem, &ring, &at, sealed, out);
}

struct secret {
	struct str login, text;
};
struct secrets {
	VEC(struct secret) list;
};

static enum err read_secrets(struct ctx *cx, const struct open_place *place, struct secrets *out)
{
	struct db_stmt *st = NULL;
	bool has_row = true;

	*out = (struct secrets){0};
	TRY(db_prepare(cx, place->db,
		"SELECT login, second_factor FROM account WHERE second_factor <> '' ORDER BY login",
		&st));
	for (;;) {
		TRY(db_step(cx, st, &has_row));
		if (!has_row)
			break;
		*VEC_PUSH(cx->mem, &out->list) = (struct secret){
			str_copy(cx->mem, db_text(st, 0)), str_copy(cx->mem, db_text(st, 1))};
	}
	db_release(st);
	return ERR_OK;
}

static enum err put_secret(struct ctx *cx, struct open_place *place, const struct secret *s)
{
	struct db_stmt *st = NULL;

	TRY(db_prepare(cx, place->db,
		"UPDATE account SET second_factor = :text WHERE login = :login", &st));
	db_bind_text(st, 1, s->text);
	db_bind_text(st, 2, s->login);
	TRY(db_run(cx, st, NULL));
	db_release(st);
	return ERR_OK;
}

static enum err reseal_accounts(
	struct ctx *cx, struct open_place *place, const struct seal_ring *ring, struct reseal *work)
{
	struct secrets secrets;

	TRY(read_secrets(cx, place, &secrets));
	for (size_t i = 0; i < secrets.list.count; i++) {
		struct secret *s = &secrets.list.items[i];
		const struct seal_context at = second_factor_of(s->login);
		char key_id[SEAL_KEY_ID_SIZE];
		bool is_sealed = seal_is_sealed(s->text, key_id);
		if (is_sealed && work->only_clear && strcmp(key_id, ring->current->id) == 0)
			continue;
		if (is_sealed)
			TRY(seal_open(cx, cx->mem, ring, &at, s->text, &s->text));
		TRY(seal_text(cx, cx->mem, ring->current, &at, NULL, s->text, &s->text));
		TRY(put_secret(cx, place, s));
		work->values++;
	}
	return ERR_OK;
}

/* ---- keys ---- */

/* With a new key in ring: make it the store's and seal with it. One transaction. */
static enum err seal_store(struct ctx *cx, struct open_place *place, const struct seal_ring *ring,
	bool is_new, struct reseal *work)
{
	if (is_new)
		TRY(place_use_key(cx, place, ring->current));
	TRY(ledgers_reseal(cx, place, ring, work));
	TRY(reseal_accounts(cx, place, ring, work));
	if (work->values == 0)
		return ERR_OK;
	return audit_append(cx, place->db,
		&(struct audit_entry){.who = cx->user,
			.action = STR("key.seal"),
			.object = str_printf(cx->mem, "key/%s", ring->current->id),
			.detail = str_printf(cx->mem, "%" PRId64 " values", work->values)});
}

static enum err seal_all(struct ctx *cx, struct open_place *place, const struct seal_ring *ring,
	const struct keys_work *work, bool only_clear, struct keys_done *out)
{
	struct reseal reseal = {
		.progress = work->progress, .arg = work->arg, .only_clear = only_clear};
	enum err e;

	TRY(db_begin(cx, place->db, DB_WRITE));
	e = seal_store(cx, place, ring, out->is_new, &reseal);
	if (e == ERR_OK)
		e = db_commit(cx, place->db);
	db_rollback(place->db);
	TRY(e);
	out->key = str_copy(cx->mem, str_from(ring->current->id));
	out->values = reseal.values;
	return ERR_OK;
}

/* What was in the clear, or under the key before, must not be left in the store's free pages. */
static enum err scrub(struct ctx *cx, struct open_place *place)
{
	VEC(const char *) tables = {0};

	*VEC_PUSH(cx->mem, &tables) = "account";
	for (size_t i = 0; i < place->pack->ledgers.count; i++) {
		struct stored_ledger l;
		stored_ledger_init(cx->mem, &place->pack->ledgers.items[i], &l);
		if (!l.has_sealed)
			continue;
		*VEC_PUSH(cx->mem, &tables) = l.table;
		*VEC_PUSH(cx->mem, &tables) = l.history;
	}
	return db_scrub(cx, place->db, tables.items, tables.count);
}

/* A new key, kept before anything is sealed with it. */
static enum err add_key(
	struct ctx *cx, const char *path, enum seal_suite suite, struct seal_ring *ring)
{
	struct seal_key *key;

	TRY(seal_key_new(cx, cx->mem, suite, &key));
	TRY(key_file_add(cx, path, key));
	*VEC_PUSH(cx->mem, &ring->list) = key;
	ring->current = key;
	return ERR_OK;
}

enum err keys_are_whole(struct ctx *cx, const struct open_place *place, bool *out)
{
	struct seal_ring ring;
	struct str current;

	TRY(place_current_key(cx, place, &current));
	TRY(place_keys(cx, place, &ring));
	*out = !current.n || ring.current;
	return ERR_OK;
}

enum err keys_ensure(struct ctx *cx, struct open_place *place, const struct keys_work *work,
	struct keys_done *out)
{
	struct seal_ring ring;
	struct str current;

	*out = (struct keys_done){0};
	TRY(key_file_path(cx, place->url, &out->path));
	TRY(place_current_key(cx, place, &current));
	if (current.n) {
		TRY(place_keys_to_seal(cx, place, &ring));
	} else {
		TRY(place_keys(cx, place, &ring));
		TRY(add_key(cx, out->path, work->suite, &ring));
		out->is_new = true;
	}
	TRY(seal_all(cx, place, &ring, work, true, out));
	return out->values ? scrub(cx, place) : ERR_OK;
}

enum err keys_rotate(struct ctx *cx, struct open_place *place, const struct keys_work *work,
	struct keys_done *out)
{
	struct seal_ring ring;

	*out = (struct keys_done){.is_new = true};
	TRY(key_file_path(cx, place->url, &out->path));
	TRY(place_keys_to_seal(cx, place, &ring));
	TRY(add_key(cx, out->path, work->suite, &ring));
	TRY(seal_all(cx, place, &ring, work, false, out));
	return scrub(cx, place);
}

enum err keys_list(struct ctx *cx, const struct open_place *place, struct key_entries *out)
{
	struct db_stmt *st = NULL;
	struct seal_ring ring;
	bool has_row = true;

	*out = (struct key_entries){0};
	TRY(place_keys(cx, place, &ring));
	TRY(db_prepare(cx, place->db,
		"SELECT id, suite, used_from, used_until FROM seal_key"
		" ORDER BY used_from DESC, id",
		&st));
	for (;;) {
		struct key_entry *k;
		TRY(db_step(cx, st, &has_row));
		if (!has_row)
			break;
		k = VEC_PUSH(cx->mem, &out->list);
		*k = (struct key_entry){.id = str_copy(cx->mem, db_text(st, 0)),
			.suite = str_copy(cx->mem, db_text(st, 1)),
			.used_from = db_i64(st, 2),
			.used_until = db_is_null(st, 3) ? 0 : db_i64(st, 3)};
		k->is_in_file = seal_ring_find(&ring, k->id) != NULL;
	}
	db_release(st);
	return ERR_OK;
}
