#include "mod/ledger/change_log.h"

/* A ledger's lines are put together into one "many" when there are so many. */
#define LINES_MAX 5000

void changed_rows_add(struct changed_rows *rows, int64_t id)
{
	if (rows->count < CHANGED_ROWS_MAX)
		rows->ids[rows->count] = id;
	if (rows->count <= CHANGED_ROWS_MAX)
		rows->count++;
}

void changed_rows_add_many(struct changed_rows *rows)
{
	rows->count = CHANGED_ROWS_MAX + 1;
}

/* The number behind the last; *lines: how many the ledger has. */
static enum err next_seq(
	struct ctx *cx, struct db *db, struct str ledger, int64_t *seq, int64_t *lines)
{
	struct db_stmt *st = NULL;
	bool has_row = false;

	TRY(db_prepare(cx, db,
		"SELECT (SELECT coalesce(max(seq), 0) + 1 FROM ledger_change),"
		" (SELECT count(*) FROM ledger_change WHERE ledger = :ledger)",
		&st));
	db_bind_text(st, 1, ledger);
	TRY(db_step(cx, st, &has_row));
	*seq = db_i64(st, 0);
	*lines = db_i64(st, 1);
	db_release(st);
	return ERR_OK;
}

static enum err put_line(
	struct ctx *cx, struct db *db, int64_t seq, struct str ledger, const int64_t *row_id)
{
	struct db_stmt *st = NULL;

	TRY(db_prepare(cx, db,
		"INSERT INTO ledger_change (seq, ledger, row_id) VALUES (:seq, :ledger, :row_id)",
		&st));
	db_bind_i64(st, 1, seq);
	db_bind_text(st, 2, ledger);
	if (row_id)
		db_bind_i64(st, 3, *row_id);
	else
		db_bind_null(st, 3, DB_I64);
	TRY(db_run(cx, st, NULL));
	db_release(st);
	return ERR_OK;
}

static enum err drop_lines(struct ctx *cx, struct db *db, struct str ledger)
{
	struct db_stmt *st = NULL;

	TRY(db_prepare(cx, db, "DELETE FROM ledger_change WHERE ledger = :ledger", &st));
	db_bind_text(st, 1, ledger);
	TRY(db_run(cx, st, NULL));
	db_release(st);
	return ERR_OK;
}

enum err change_log_add(
	struct ctx *cx, struct db *db, struct str ledger, const struct changed_rows *rows)
{
	int64_t seq, lines;

	if (rows->count == 0)
		return ERR_OK;
	TRY(next_seq(cx, db, ledger, &seq, &lines));
	if (rows->count > CHANGED_ROWS_MAX || lines >= LINES_MAX) {
		/* seq was taken before: the numbers go on although lines are dropped. */
		TRY(drop_lines(cx, db, ledger));
		return put_line(cx, db, seq, ledger, NULL);
	}
	for (size_t i = 0; i < rows->count; i++)
		TRY(put_line(cx, db, seq + (int64_t)i, ledger, &rows->ids[i]));
	return ERR_OK;
}

enum err change_log_read(
	struct ctx *cx, struct db *db, struct str ledger, int64_t *seq, struct changes_seen *out)
{
	struct db_stmt *st = NULL;
	bool has_row = false;

	*out = (struct changes_seen){0};
	TRY(db_prepare(cx, db,
		"SELECT seq, row_id FROM ledger_change WHERE ledger = :ledger AND seq > :seq"
		" ORDER BY seq",
		&st));
	db_bind_text(st, 1, ledger);
	db_bind_i64(st, 2, *seq);
	for (;;) {
		TRY(db_step(cx, st, &has_row));
		if (!has_row)
			break;
		*seq = db_i64(st, 0);
		if (db_is_null(st, 1))
			out->is_many = true;
		else
			*VEC_PUSH(cx->mem, &out->ids) = db_i64(st, 1);
	}
	db_release(st);
	return ERR_OK;
}
