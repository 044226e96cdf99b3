#include "mod/ledger/snapshot.h"

#include "db/id.h"
#include "mod/audit/audit.h"
#include "mod/ledger/import.h"
#include "mod/ledger/ledger_rows.h"
#include "wire/digest.h"

static void add_row(const struct open_place *place, const struct pack_ledger *ledger,
	const struct ledger_row *row, struct strbuf *line, struct digest *d)
{
	strbuf_reset(line);
	for (size_t f = 0; f < ledger->fields.count; f++) {
		/* The tree may rename an organisation without the year having changed. */
		if (!ledger->fields.items[f].from_org.text.n)
			field_format(place->pack, &ledger->fields.items[f], &row->values[f], false,
				line);
		strbuf_char(line, '\x1f');
	}
	strbuf_char(line, '\n');
	digest_add(d, strbuf_view(line));
}

static enum err digest_rows(struct ctx *cx, struct open_place *place,
	const struct pack_ledger *ledger, struct str period, char out[DIGEST_HEX],
	int64_t *out_rows)
{
	const struct ledger_filter filter = {.period = period, .by_key = true};
	struct stored_ledger l;
	struct org_tree tree;
	struct ledger_cursor *rows;
	const struct ledger_row *row;
	struct digest *d;
	struct strbuf line;
	enum err e;

	*out_rows = 0;
	stored_ledger_init(cx->mem, ledger, &l);
	TRY(org_tree_load(cx, place->db, cx->mem, &tree));
	TRY(digest_begin(cx, DIGEST_SHA256, &d));
	TRY(ledger_rows_begin(cx, place->db, &l, &tree, &filter, &rows));
	strbuf_init(&line, STRBUF_MAX);
	while ((e = ledger_rows_next(cx, rows, &row)) == ERR_OK && row) {
		add_row(place, ledger, row, &line, d);
		++*out_rows;
	}
	strbuf_release(&line);
	digest_end(d, out);
	return e;
}

static enum err put(struct ctx *cx, struct open_place *place, const struct snapshot *s)
{
	struct db_stmt *st = NULL;

	TRY(db_prepare(cx, place->db,
		"INSERT INTO snapshot (id, ledger, period, taken_at, taken_by, row_count, digest)"
		" VALUES (:id, :ledger, :period, :taken_at, :taken_by, :row_count, :digest)",
		&st));
	db_bind_i64(st, 1, s->id);
	db_bind_text(st, 2, s->ledger);
	db_bind_text(st, 3, s->period);
	db_bind_i64(st, 4, s->taken_at);
	db_bind_text(st, 5, s->taken_by);
	db_bind_i64(st, 6, s->rows);
	db_bind_text(st, 7, s->digest);
	TRY(db_run(cx, st, NULL));
	db_release(st);
	return audit_append(cx, place->db,
		&(struct audit_entry){.who = cx->user,
			.action = STR("ledger.freeze"),
			.object = str_printf(cx->mem, STR_FMT "/" STR_FMT, STR_ARG(s->ledger),
				STR_ARG(s->period)),
			.detail = s->digest});
}

static enum err take(struct ctx *cx, struct open_place *place, const struct pack_ledger *ledger,
	struct str period, struct snapshot *out)
{
	char digest[DIGEST_HEX];

	*out = (struct snapshot){.id = db_new_id(cx, place->db),
		.ledger = ledger->id.text,
		.period = period,
		.taken_at = cx->now_us,
		.taken_by = cx->user.p ? cx->user : STR(""),
		.is_whole = true};
	TRY(ledger_check_frozen(cx, place->db, ledger->id.text, period));
	TRY(digest_rows(cx, place, ledger, period, digest, &out->rows));
	out->digest = str_copy(cx->mem, str_from(digest));
	if (out->rows == 0)
		return ctx_fail(cx, ERR_NOT_FOUND,
			TR(cx, "台账 " STR_FMT " 没有 " STR_FMT " 的行",
				"ledger " STR_FMT " has no rows of " STR_FMT),
			STR_ARG(ledger->id.text), STR_ARG(period));
	return put(cx, place, out);
}

static enum err release(struct ctx *cx, struct open_place *place, const struct pack_ledger *ledger,
	struct str period, struct str reason)
{
	struct db_stmt *st = NULL;
	int64_t released;

	if (!reason.n)
		return ctx_fail(cx, ERR_INVALID, "%s",
			TR(cx, "解除定稿要写明理由",
				"a reason is needed to release a frozen period"));
	TRY(db_prepare(cx, place->db,
		"UPDATE snapshot SET released_at = :at, released_by = :by, reason = :reason"
		" WHERE ledger = :ledger AND period = :period AND released_at IS NULL",
		&st));
	db_bind_i64(st, 1, cx->now_us);
	db_bind_text(st, 2, cx->user.p ? cx->user : STR(""));
	db_bind_text(st, 3, reason);
	db_bind_text(st, 4, ledger->id.text);
	db_bind_text(st, 5, period);
	TRY(db_run(cx, st, &released));
	db_release(st);
	return released ? audit_append(cx, place->db,
				  &(struct audit_entry){.who = cx->user,
					  .action = STR("ledger.release"),
					  .object = str_printf(cx->mem, STR_FMT "/" STR_FMT,
						  STR_ARG(ledger->id.text), STR_ARG(period)),
					  .detail = reason})
			: ctx_fail(cx, ERR_NOT_FOUND,
				  TR(cx, "台账 " STR_FMT " 的 " STR_FMT " 没有定稿",
					  "ledger " STR_FMT " of " STR_FMT " is not frozen"),
				  STR_ARG(ledger->id.text), STR_ARG(period));
}

enum err snapshot_take(struct ctx *cx, struct open_place *place, const struct pack_ledger *ledger,
	struct str period, struct snapshot *out)
{
	enum err e;

	TRY(db_begin(cx, place->db, DB_WRITE));
	e = take(cx, place, ledger, period, out);
	if (e == ERR_OK)
		e = db_commit(cx, place->db);
	db_rollback(place->db);
	return e;
}

enum err snapshot_release(struct ctx *cx, struct open_place *place,
	const struct pack_ledger *ledger, struct str period, struct str reason)
{
	enum err e;

	TRY(db_begin(cx, place->db, DB_WRITE));
	e = release(cx, place, ledger, period, reason);
	if (e == ERR_OK)
		e = db_commit(cx, place->db);
	db_rollback(place->db);
	return e;
}

static enum err verify(struct ctx *cx, struct open_place *place, struct snapshot *s)
{
	const struct pack_ledger *ledger = pack_find_ledgers(place->pack, s->ledger);
	char digest[DIGEST_HEX];
	int64_t rows;

	if (!ledger || s->released_at)
		return ERR_OK;
	TRY(digest_rows(cx, place, ledger, s->period, digest, &rows));
	s->is_whole = rows == s->rows && str_is(s->digest, digest);
	return ERR_OK;
}

enum err snapshot_list(
	struct ctx *cx, struct open_place *place, bool is_verified, struct snapshots *out)
{
	struct db_stmt *st = NULL;
	bool has_row = true;

	*out = (struct snapshots){0};
	TRY(db_prepare(cx, place->db,
		"SELECT id, taken_at, row_count, released_at, ledger, period, digest, taken_by,"
		" released_by, reason FROM snapshot ORDER BY id DESC",
		&st));
	for (;;) {
		struct snapshot *s;
		TRY(db_step(cx, st, &has_row));
		if (!has_row)
			break;
		s = VEC_PUSH(cx->mem, &out->list);
		*s = (struct snapshot){db_i64(st, 0), db_i64(st, 1), db_i64(st, 2), db_i64(st, 3),
			str_copy(cx->mem, db_text(st, 4)), str_copy(cx->mem, db_text(st, 5)),
			str_copy(cx->mem, db_text(st, 6)), str_copy(cx->mem, db_text(st, 7)),
			str_copy(cx->mem, db_text(st, 8)), str_copy(cx->mem, db_text(st, 9)),
			false};
	}
	db_release(st);
	for (size_t i = 0; is_verified && i < out->list.count; i++)
		TRY(verify(cx, place, &out->list.items[i]));
	return ERR_OK;
}

static bool has_sealed(struct ctx *cx, const struct open_place *place, const struct snapshot *s)
{
	const struct pack_ledger *ledger = pack_find_ledgers(place->pack, s->ledger);
	struct stored_ledger l;

	if (!ledger || s->released_at)
		return false;
	stored_ledger_init(cx->mem, ledger, &l);
	return l.has_sealed;
}

enum err snapshots_before_reseal(struct ctx *cx, struct open_place *place, struct snapshots *out)
{
	TRY(snapshot_list(cx, place, false, out));
	for (size_t i = 0; i < out->list.count; i++)
		if (has_sealed(cx, place, &out->list.items[i]))
			TRY(verify(cx, place, &out->list.items[i]));
	return ERR_OK;
}

static enum err renew(struct ctx *cx, struct open_place *place, const struct snapshot *s)
{
	const struct pack_ledger *ledger = pack_find_ledgers(place->pack, s->ledger);
	char digest[DIGEST_HEX];
	struct db_stmt *st = NULL;
	int64_t rows;

	TRY(digest_rows(cx, place, ledger, s->period, digest, &rows));
	if (str_is(s->digest, digest))
		return ERR_OK;
	TRY(db_prepare(cx, place->db, "UPDATE snapshot SET digest = :digest WHERE id = :id", &st));
	db_bind_text(st, 1, str_from(digest));
	db_bind_i64(st, 2, s->id);
	TRY(db_run(cx, st, NULL));
	db_release(st);
	return audit_append(cx, place->db,
		&(struct audit_entry){.who = cx->user,
			.action = STR("ledger.reseal"),
			.object = str_printf(cx->mem, STR_FMT "/" STR_FMT, STR_ARG(s->ledger),
				STR_ARG(s->period)),
			.detail = str_printf(
				cx->mem, STR_FMT " is now %s", STR_ARG(s->digest), digest)});
}

enum err snapshots_after_reseal(
	struct ctx *cx, struct open_place *place, const struct snapshots *before)
{
	for (size_t i = 0; i < before->list.count; i++) {
		const struct snapshot *s = &before->list.items[i];
		if (s->is_whole && has_sealed(cx, place, s))
			TRY(renew(cx, place, s));
	}
	return ERR_OK;
}
