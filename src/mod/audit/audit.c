#include "mod/audit/audit.h"

#include "mod/audit/audit_sql.h"

#define PART 1000 /* entries read at a time */

static const char *const kind_names[] = {"sm3", "sha256"};

static void add_text(struct strbuf *b, struct str s)
{
	strbuf_printf(b, "%zu:", s.n);
	strbuf_str(b, s);
	strbuf_char(b, '\n');
}

static enum err entry_hash(struct ctx *cx, enum digest_kind kind, struct str previous, int64_t seq,
	int64_t made_at, const struct audit_entry *entry, struct str *out)
{
	char hex[DIGEST_HEX];
	struct strbuf b;
	enum err e;

	strbuf_init(&b, STRBUF_MAX);
	strbuf_str(&b, previous);
	strbuf_printf(&b, "\n%" PRId64 "\n%" PRId64 "\n", seq, made_at);
	add_text(&b, entry->who);
	add_text(&b, entry->action);
	add_text(&b, entry->object);
	add_text(&b, entry->detail);
	e = digest_bytes(cx, kind, strbuf_view(&b), hex);
	strbuf_release(&b);
	if (e == ERR_OK)
		*out = str_printf(cx->mem, "%s:%s", kind_names[kind], hex);
	return e;
}

static enum err chosen_kind(struct ctx *cx, struct db *db, enum digest_kind *out)
{
	struct db_stmt *st = NULL;
	bool has_row = false;

	*out = DIGEST_SM3;
	TRY(db_prepare(cx, db, "SELECT value FROM meta WHERE key = 'audit_hash'", &st));
	TRY(db_step(cx, st, &has_row));
	if (has_row && str_is(db_text(st, 0), kind_names[DIGEST_SHA256]))
		*out = DIGEST_SHA256;
	db_release(st);
	return ERR_OK;
}

enum err audit_choose(struct ctx *cx, struct db *db, enum digest_kind kind)
{
	struct db_stmt *st = NULL;

	assert(db_in_transaction(db));
	TRY(db_prepare(cx, db,
		"INSERT INTO meta (key, value) VALUES ('audit_hash', :value)"
		" ON CONFLICT (key) DO UPDATE SET value = excluded.value",
		&st));
	db_bind_text(st, 1, str_from(kind_names[kind]));
	TRY(db_run(cx, st, NULL));
	db_release(st);
	return ERR_OK;
}

enum err audit_append(struct ctx *cx, struct db *db, const struct audit_entry *entry)
{
	struct audit_last_row last = {0};
	struct audit_put_in in;
	enum digest_kind kind;
	bool is_found;

	assert(db_in_transaction(db));
	TRY(chosen_kind(cx, db, &kind));
	TRY(audit_last(cx, db, &last, &is_found));
	in = (struct audit_put_in){.seq = last.seq + 1,
		.made_at = cx->now_us,
		.who = entry->who,
		.action = entry->action,
		.object = entry->object,
		.detail = entry->detail,
		.previous_hash = last.hash};
	TRY(entry_hash(cx, kind, in.previous_hash, in.seq, in.made_at, entry, &in.hash));
	return audit_put(cx, db, &in, NULL);
}

static bool kind_of(struct str hash, enum digest_kind *out)
{
	struct str name = str_cut(&hash, ':');

	for (size_t i = 0; i < ARRAY_LEN(kind_names); i++)
		if (str_is(name, kind_names[i]) && hash.n == DIGEST_HEX - 1) {
			*out = (enum digest_kind)i;
			return true;
		}
	return false;
}

/* What is wrong with an entry behind the one whose seq and hash these are; NULL: nothing. */
static enum err check_entry(struct ctx *cx, const struct audit_from_row *r, int64_t seq,
	struct str previous, const char **out_why)
{
	struct audit_entry entry = {r->who, r->action, r->object, r->detail};
	enum digest_kind kind;
	struct str hash;

	*out_why = NULL;
	if (r->seq != seq + 1)
		*out_why = TR(cx, "前面缺了条目", "entries before it are missing");
	else if (!str_eq(r->previous_hash, previous))
		*out_why = TR(cx, "与前一条接不上", "it does not follow the entry before");
	else if (!kind_of(r->hash, &kind))
		*out_why = TR(cx, "不是哈希值", "its hash is no hash");
	if (*out_why)
		return ERR_OK;
	TRY(entry_hash(cx, kind, previous, r->seq, r->made_at, &entry, &hash));
	if (!str_eq(hash, r->hash))
		*out_why = TR(cx, "内容被改过", "its content has been changed");
	return ERR_OK;
}

struct walk {
	int64_t seq;
	struct str hash, head;
	bool has_head;
};

/* A part of the chain, in memory of its own; false in *out_more at the end. */
static enum err walk_part(
	struct ctx *cx, struct db *db, struct walk *walk, struct audit_state *out, bool *out_more)
{
	struct audit_from_in in = {.after = walk->seq, .limit = PART};
	struct audit_from_rows rows;
	const char *why;

	TRY(audit_from(cx, db, &in, &rows));
	*out_more = rows.count == PART;
	for (size_t i = 0; i < rows.count; i++) {
		const struct audit_from_row *r = &rows.items[i];
		TRY(check_entry(cx, r, walk->seq, walk->hash, &why));
		if (why) {
			out->broken_at = r->seq;
			out->reason = str_from(why);
			*out_more = false;
			return ERR_OK;
		}
		walk->seq = r->seq;
		walk->hash = r->hash;
		walk->has_head |= str_eq(r->hash, walk->head);
	}
	return ERR_OK;
}

enum err audit_verify(struct ctx *cx, struct db *db, struct str head, struct audit_state *out)
{
	struct walk walk = {.head = head, .has_head = head.n == 0};
	struct arena *mem = arena_create(), *former = arena_create();
	struct ctx part = *cx;
	bool has_more = true;
	enum err e = ERR_OK;

	*out = (struct audit_state){0};
	while (e == ERR_OK && has_more) {
		struct arena *swap = former;
		part.mem = mem;
		e = walk_part(&part, db, &walk, out, &has_more);
		/* The last hash of this part is read once more with the next one. */
		former = mem;
		mem = swap;
		arena_reset(mem);
	}
	out->entries = walk.seq;
	out->head = str_copy(cx->mem, walk.hash);
	out->is_whole = !out->broken_at && walk.has_head;
	if (!out->broken_at && !walk.has_head)
		out->reason = str_from(TR(cx, "链里没有给出的末尾哈希: 末尾被截断或整条被换过",
			"the head that was given is not in the chain: it was cut or replaced"));
	if (e != ERR_OK)
		cx->error = str_copy(cx->mem, part.error);
	arena_free(mem);
	arena_free(former);
	return e;
}
