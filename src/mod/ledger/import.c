#include "mod/ledger/import.h"

#include <sys/stat.h>

#include "db/id.h"
#include "mod/audit/audit.h"
#include "mod/ledger/import_internal.h"
#include "mod/ledger/rejects.h"
#include "mod/place/place_keys.h"
#include "wire/digest.h"

/* Of a file whose rows are worth having the store for oneself. */
#define CLAIM_BYTES_MIN ((off_t)2 << 20)

enum err ledger_check_frozen(struct ctx *cx, struct db *db, struct str ledger, struct str period)
{
	struct db_stmt *st = NULL;
	bool has_row = false;
	enum err e = ERR_OK;

	TRY(db_prepare(cx, db,
		"SELECT taken_at, taken_by FROM snapshot WHERE ledger = :ledger AND period = "
		":period"
		" AND released_at IS NULL",
		&st));
	db_bind_text(st, 1, ledger);
	db_bind_text(st, 2, period);
	TRY(db_step(cx, st, &has_row));
	if (has_row) {
		struct strbuf when;
		strbuf_init(&when, 64);
		strbuf_instant(&when, db_i64(st, 0));
		e = ctx_fail(cx, ERR_CONFLICT,
			TR(cx,
				"台账 " STR_FMT " 的 " STR_FMT " 已于 %s 由 '" STR_FMT
				"' 定稿, 不能再改",
				"ledger " STR_FMT " of " STR_FMT " was frozen at %s by '" STR_FMT
				"'"),
			STR_ARG(ledger), STR_ARG(period), when.p, STR_ARG(db_text(st, 1)));
		strbuf_release(&when);
	}
	db_release(st);
	return e;
}

static void free_batch(void *arg)
{
	struct import *im = arg;

	arena_free(im->batch_mem);
}

static size_t *fields_named(
	struct import *im, const struct pack_ledger *ledger, const struct located_list *names)
{
	size_t *fields = arena_array(im->cx->mem, size_t, names->count);

	for (size_t i = 0; i < names->count; i++) {
		const struct pack_field *f = ledger_field(ledger, names->items[i].text);
		assert(f); /* pack_check has seen to it */
		fields[i] = (size_t)(f - ledger->fields.items);
	}
	return fields;
}

static enum err load_known(struct import *im, struct import_reference *r,
	const struct stored_ledger *other, const size_t *fields)
{
	struct db_stmt *st = NULL;
	struct strbuf text;
	bool has_row = true;
	enum err e;

	strbuf_init(&text, 65536);
	strbuf_z(&text, "SELECT DISTINCT ");
	for (size_t i = 0; i < r->field_count; i++)
		strbuf_printf(&text, "%s\"" STR_FMT "\"", i ? ", " : "",
			STR_ARG(other->ledger->fields.items[fields[i]].name.text));
	strbuf_printf(&text, " FROM %s", other->table);
	e = db_prepare(im->cx, im->db, text.p, &st);
	while (e == ERR_OK) {
		bool is_whole = true;
		e = db_step(im->cx, st, &has_row);
		if (e != ERR_OK || !has_row)
			break;
		strbuf_reset(&text);
		for (size_t i = 0; i < r->field_count && is_whole; i++) {
			struct db_stmt *row = st;
			const struct pack_field *f = &other->ledger->fields.items[fields[i]];
			struct field_value v = {.is_null = db_is_null(row, (int)i)};
			if (!v.is_null && stored_type(f) == DB_TEXT)
				v.text = db_text(row, (int)i);
			else if (!v.is_null)
				v.number = stored_type(f) == DB_DATE ? db_date(row, (int)i).day
								     : db_i64(row, (int)i);
			is_whole = row_key_text(&v, f, &text);
		}
		if (is_whole)
			key_set_put(&r->known, key_hash_of(strbuf_view(&text)), 1);
	}
	strbuf_release(&text);
	db_release(st);
	return e;
}

static enum err ready_references(struct import *im)
{
	const struct pack_ledger *ledger = im->ledger.ledger;

	im->references =
		arena_array(im->cx->mem, struct import_reference, ledger->foreign_keys.count);
	for (size_t i = 0; i < ledger->foreign_keys.count; i++) {
		const struct pack_foreign_key *key = &ledger->foreign_keys.items[i];
		struct import_reference *r = &im->references[i];
		const struct pack_ledger *to =
			key->reference->resource.text.n
				? pack_find_ledgers(im->place->pack, key->reference->resource.text)
				: ledger; /* Frictionless: itself */
		struct stored_ledger other;
		size_t *theirs;
		if (!to)
			continue;
		r->key = key;
		r->is_own = to == ledger;
		r->field_count = key->fields.count;
		r->fields = fields_named(im, ledger, &key->fields);
		theirs = fields_named(im, to, &key->reference->fields);
		r->own = theirs;
		key_set_init(&r->known, im->cx->mem);
		stored_ledger_init(im->cx->mem, to, &other);
		TRY(load_known(im, r, &other, theirs));
		im->reference_count++;
	}
	return ERR_OK;
}

static void ready_checks(struct import *im)
{
	const struct pack_ledger *ledger = im->ledger.ledger;

	im->uniques = arena_array(im->cx->mem, struct import_unique, im->ledger.field_count);
	for (size_t i = 0; i < im->ledger.field_count; i++)
		if (stored_is_unique(&im->ledger, i)) {
			im->uniques[im->unique_count].field = i;
			key_set_init(&im->uniques[im->unique_count++].seen, im->cx->mem);
		}
	im->group_checks = arena_array(im->cx->mem, struct import_group_check,
		ledger->checks.count + ledger->capacities.count);
	for (size_t i = 0; i < ledger->checks.count; i++) {
		struct import_group_check *k = &im->group_checks[im->group_check_count];
		const struct pack_check *check = &ledger->checks.items[i];
		if (!check->for_each.count)
			continue;
		k->check = check;
		k->field_count = check->for_each.count;
		k->fields = fields_named(im, ledger, &check->for_each);
		key_set_init(&k->touched, im->cx->mem);
		im->group_check_count++;
	}
	for (size_t i = 0; i < ledger->capacities.count; i++) {
		struct import_group_check *k = &im->group_checks[im->group_check_count++];
		k->capacity = &ledger->capacities.items[i];
		k->field_count = k->capacity->per.count;
		k->fields = fields_named(im, ledger, &k->capacity->per);
		key_set_init(&k->touched, im->cx->mem);
	}
}

static void ready_orgs(struct import *im)
{
	const struct pack_ledger *ledger = im->ledger.ledger;

	im->orgs = arena_array(im->cx->mem, struct import_org, im->tree.count);
	im->org_fields = arena_array(im->cx->mem, size_t, ledger->fields.count);
	for (size_t i = 0; i < ledger->fields.count; i++)
		if (ledger->fields.items[i].from_org.text.n)
			im->org_fields[im->org_field_count++] = i;
}

static enum err table_has_rows(struct import *im)
{
	struct db_stmt *st = NULL;

	TRY(db_prepare(im->cx, im->db,
		arena_printf(im->cx->mem, "SELECT 1 FROM %s LIMIT 1", im->ledger.table), &st));
	TRY(db_step(im->cx, st, &im->has_rows));
	db_release(st);
	return ERR_OK;
}

/* Of these columns, so that a ledger of another pack never meets the table of the former one. */
static const char *changed_table_name(const struct import *im)
{
	uint64_t hash = hash_bytes(im->ledger.table, strlen(im->ledger.table), 0);

	for (size_t i = 0; i < im->column_count; i++)
		hash = hash_bytes(im->columns[i].name, strlen(im->columns[i].name),
			hash + (uint64_t)im->columns[i].type);
	return arena_printf(im->cx->mem, "changed_%016" PRIx64, hash);
}

/*
 * Changed rows wait in a table of their own and go in by two statements. It stays for the next
 * import, as each new table makes SQLite plan all statements of the connection anew.
 */
static enum err make_changed_table(struct import *im)
{
	im->changed_table = changed_table_name(im);
	return db_exec(im->cx, im->db,
		arena_printf(im->cx->mem,
			"CREATE TEMP TABLE IF NOT EXISTS %s AS SELECT * FROM %s WHERE FALSE",
			im->changed_table, im->ledger.table));
}

static enum err ready(struct import *im)
{
	struct intake_options options = {.sheet = im->request->sheet,
		.period = im->request->period,
		.needs_period = im->ledger.period != SIZE_MAX,
		.bytes = im->request->bytes,
		.complete = import_complete_batch,
		.arg = im};

	strmap_init(&im->periods, im->cx->mem);
	key_set_init(&im->keys, im->cx->mem);
	ready_checks(im);
	TRY(intake_open(
		im->cx, im->place->pack, im->ledger.ledger, im->request->path, &options, &im->in));
	im->result->intake = im->in;
	for (size_t i = 0; i < im->ledger.field_count; i++)
		im->has_partial |=
			intake_column_of(im->in, im->ledger.fields[i].field) == UINT32_MAX;
	return ERR_OK;
}

static enum err begin(struct import *im)
{
	TRY(db_begin(im->cx, im->db, im->request->is_dry_run ? DB_READ : DB_WRITE));
	if (im->ledger.has_sealed)
		TRY(place_keys_to_seal(im->cx, im->place, &im->ring));
	TRY(org_tree_keep(im->cx, im->db, &im->place->orgs));
	im->tree = im->place->orgs.tree;
	ready_orgs(im);
	TRY(table_has_rows(im));
	TRY(ready_references(im));
	if (im->request->is_dry_run)
		return ERR_OK;
	if (im->ledger.has_sealed)
		import_seal_ready(im);
	im->is_writing = true;
	im->id = im->request->id ? im->request->id : db_new_id(im->cx, im->db);
	im->started_at = im->cx->now_us;
	im->columns = stored_columns(im->cx->mem, &im->ledger, &im->column_count);
	im->values = arena_array(im->cx->mem, struct db_value, im->column_count);
	if (im->has_rows) {
		TRY(make_changed_table(im));
		TRY(db_bulk_begin(im->cx, im->db, im->changed_table, im->columns,
			(int)im->column_count, &im->changed));
	}
	return db_bulk_begin(
		im->cx, im->db, im->ledger.table, im->columns, (int)im->column_count, &im->fresh);
}

static bool go_on(struct import *im)
{
	uint64_t done, total;

	if (!im->request->progress)
		return true;
	intake_progress(im->in, &done, &total);
	return im->request->progress(im->request->arg, intake_rows(im->in), done, total);
}

static enum err take_rows(struct import *im)
{
	struct intake_batch batch;

	for (;;) {
		TRY(intake_next(im->cx, im->in, &batch));
		if (batch.row_count == 0)
			return ERR_OK;
		/* A first load is faster without indexes, and needs none to find rows. */
		if (batch.row_count == INTAKE_BATCH_ROWS && !im->has_rows &&
			!im->has_dropped_indexes && im->is_writing) {
			TRY(db_drop_indexes(im->cx, im->db, im->ledger.table, &im->indexes));
			im->has_dropped_indexes = true;
		}
		TRY(import_take_batch(im, &batch));
		if (!go_on(im))
			return ctx_fail(im->cx, ERR_CANCELLED, "%s",
				TR(im->cx, "导入已取消, 未写入任何数据",
					"the import was stopped; nothing was written"));
	}
}

static void check_pending(struct import *im)
{
	for (size_t i = 0; i < im->reference_count; i++) {
		const struct import_reference *r = &im->references[i];
		for (size_t k = 0; k < r->pending.count; k++)
			if (!key_set_find(&r->known, r->pending.items[k]))
				intake_problem(im->in, r->pending_rows.items[k],
					intake_column_of(im->in,
						&im->ledger.ledger->fields.items[r->fields[0]]),
					false, STR_NONE, "%s",
					TR(im->cx, "本台账中没有对应的记录",
						"there is no such row in this ledger"));
	}
}

/* sql takes when, by whom and by which import its rows went. */
static enum err move_to_history(struct import *im, const char *sql)
{
	struct db_stmt *st = NULL;

	TRY(db_prepare(im->cx, im->db, sql, &st));
	db_bind_i64(st, 1, im->started_at);
	db_bind_text(st, 2, im->cx->user.p ? im->cx->user : STR(""));
	db_bind_i64(st, 3, im->id);
	TRY(db_run(im->cx, st, NULL));
	db_release(st);
	return ERR_OK;
}

static enum err run_sql(struct import *im, const char *sql)
{
	struct db_stmt *st = NULL;

	TRY(db_prepare(im->cx, im->db, sql, &st));
	TRY(db_run(im->cx, st, NULL));
	db_release(st);
	return ERR_OK;
}

/* The former versions into the history, then the new values over them. */
static enum err apply_changed(struct import *im)
{
	const struct stored_ledger *l = &im->ledger;
	struct strbuf names, sets, sql;
	enum err e;

	strbuf_init(&names, 65536);
	strbuf_init(&sets, 65536);
	strbuf_init(&sql, 262144);
	for (size_t i = 0; i < im->column_count; i++) {
		strbuf_printf(&names, ", \"%s\"", im->columns[i].name);
		if (i)
			strbuf_printf(&sets, "%s\"%s\" = c.\"%s\"", i > 1 ? ", " : "",
				im->columns[i].name, im->columns[i].name);
	}
	strbuf_printf(&sql,
		"INSERT INTO %s (gone_at, gone_by, gone_import, gone_how%s)"
		" SELECT :gone_at, :gone_by, :gone_import, 'changed'%s FROM %s"
		" WHERE id IN (SELECT id FROM %s)",
		l->history, names.p, names.p, l->table, im->changed_table);
	e = move_to_history(im, sql.p);
	strbuf_reset(&sql);
	strbuf_printf(&sql, "UPDATE %s SET %s FROM %s c WHERE c.id = %s.id", l->table, sets.p,
		im->changed_table, l->table);
	if (e == ERR_OK)
		e = run_sql(im, sql.p);
	if (e == ERR_OK)
		e = run_sql(im, arena_printf(im->cx->mem, "DELETE FROM %s", im->changed_table));
	strbuf_release(&names);
	strbuf_release(&sets);
	strbuf_release(&sql);
	return e;
}

static enum err sync_registry(struct import *im)
{
	struct org_problems problems;
	struct str *codes = NULL;

	TRY(registry_sync(im->cx, im->place, &codes, &problems));
	for (size_t i = 0; i < problems.list.count; i++) {
		const struct org_problem *p = &problems.list.items[i];
		uint32_t row = key_set_find(&im->keys,
			key_hash_of(
				str_printf(im->cx->mem, STR_FMT "\x1f", STR_ARG(codes[p->entry]))));
		intake_problem(im->in, row ? row : intake_header_row(im->in), UINT32_MAX, false,
			codes[p->entry], STR_FMT, STR_ARG(p->text));
	}
	return ERR_OK;
}

/*
 * Which file it was. The digest of a short file would let one try out what stands in its sealed
 * fields, all else being known: there it is keyed.
 */
static enum err file_digest(struct import *im, struct str *out)
{
	char sha256[DIGEST_HEX], hex[SEAL_PRINT_HEX];
	unsigned char print[SEAL_PRINT_BYTES];

	if (im->request->bytes.p)
		TRY(digest_bytes(im->cx, DIGEST_SHA256, im->request->bytes, sha256));
	else
		TRY(digest_file(im->cx, DIGEST_SHA256, im->request->path, sha256));
	*out = str_printf(im->cx->mem, "sha256 %s", sha256);
	if (!im->ledger.has_sealed)
		return ERR_OK;
	TRY(seal_print(im->cx, im->ring.current, STR("file"), str_from(sha256), print));
	seal_print_hex(print, hex);
	*out = str_printf(im->cx->mem, "keyed %s", hex);
	return ERR_OK;
}

static enum err put_batch(struct import *im)
{
	const struct import_result *r = im->result;
	struct str digest;
	struct db_stmt *st = NULL;
	struct str name = str_from(im->request->path);

	while (str_find_char(name, '/') != SIZE_MAX)
		(void)str_cut(&name, '/');
	TRY(file_digest(im, &digest));
	TRY(db_prepare(im->cx, im->db,
		"INSERT INTO import_batch (id, ledger, file_name, file_sha256, period, started_at,"
		" ended_at, rows_total, rows_new, rows_changed, rows_same, state, made_by)"
		" VALUES (:id, :ledger, :file_name, :file_sha256, :period, :started_at, :ended_at,"
		" :rows_total, :rows_new, :rows_changed, :rows_same, 'done', :made_by)",
		&st));
	db_bind_i64(st, 1, im->id);
	db_bind_text(st, 2, im->ledger.ledger->id.text);
	db_bind_text(st, 3, name);
	db_bind_text(st, 4, str_sub(digest, str_find_char(digest, ' ') + 1, digest.n));
	db_bind_text(st, 5, im->request->period.p ? im->request->period : STR(""));
	db_bind_i64(st, 6, im->started_at);
	db_bind_i64(st, 7, im->started_at);
	db_bind_i64(st, 8, (int64_t)r->rows_total);
	db_bind_i64(st, 9, (int64_t)r->rows_new);
	db_bind_i64(st, 10, (int64_t)r->rows_changed);
	db_bind_i64(st, 11, (int64_t)r->rows_same);
	db_bind_text(st, 12, im->cx->user.p ? im->cx->user : STR(""));
	TRY(db_run(im->cx, st, NULL));
	db_release(st);
	return audit_append(im->cx, im->db,
		&(struct audit_entry){.who = im->cx->user,
			.action =
				im->request->wants_version ? STR("row.put") : STR("ledger.import"),
			.object = str_printf(im->cx->mem, STR_FMT "/%" PRId64,
				STR_ARG(im->ledger.ledger->id.text), im->id),
			.detail = str_printf(im->cx->mem, "new %zu changed %zu same %zu " STR_FMT,
				r->rows_new, r->rows_changed, r->rows_same, STR_ARG(digest))});
}

static enum err refused(struct import *im)
{
	const struct intake_problems *ps = intake_problems(im->in);

	return ctx_fail(im->cx, ERR_REJECTED,
		TR(im->cx, "%s: %zu 处错误, 一行也没有写入",
			"%s: %zu mistakes, not one row was written"),
		im->request->path, ps->error_count);
}

static bool has_errors(const struct import *im)
{
	return intake_problems(im->in)->error_count > 0;
}

/* What was seen is not asked for any more: building the indexes takes memory too. */
static void forget_keys(struct import *im)
{
	if (!im->ledger.is_registry)
		key_set_clear(&im->keys);
	for (size_t u = 0; u < im->unique_count; u++)
		key_set_clear(&im->uniques[u].seen);
	for (size_t r = 0; r < im->reference_count; r++)
		key_set_clear(&im->references[r].known);
}

static enum err finish(struct import *im)
{
	check_pending(im);
	forget_keys(im);
	im->result->blank_cells = intake_blank_cells(im->in);
	if (has_errors(im))
		return refused(im);
	if (im->request->is_dry_run)
		return ERR_OK;
	TRY(db_bulk_end(im->cx, im->fresh, NULL));
	if (im->has_rows) {
		TRY(db_bulk_end(im->cx, im->changed, NULL));
		TRY(apply_changed(im));
	}
	if (im->has_dropped_indexes)
		TRY(db_restore_indexes(im->cx, im->db, &im->indexes));
	TRY(import_check_groups(im));
	if (im->ledger.is_registry)
		TRY(sync_registry(im));
	if (has_errors(im))
		return refused(im);
	TRY(put_batch(im));
	TRY(change_log_add(im->cx, im->db, im->ledger.ledger->id.text, &im->touched));
	if (im->request->also)
		TRY(im->request->also(im->request->also_arg, im->cx, im->id));
	im->result->id = im->id;
	TRY(db_commit(im->cx, im->db));
	return ERR_OK;
}

/* The marked workbook is a help: that it can't be written does not hide what was wrong. */
static void write_rejects(struct import *im)
{
	struct str error = im->cx->error;

	if (!im->request->rejects || !im->in || !has_errors(im))
		return;
	if (rejects_write(im->cx, im->in, im->request->path, im->request->bytes,
		    im->request->rejects) == ERR_OK) {
		im->result->has_rejects = true;
		im->cx->error = error;
	}
}

/* A first load of many rows is written once where nobody else has the place open. */
static enum err claim(struct import *im)
{
	struct stat st;

	if (db_in_transaction(im->db) || im->request->is_dry_run || im->request->bytes.p ||
		stat(im->request->path, &st) != 0 || st.st_size < CLAIM_BYTES_MIN)
		return ERR_OK;
	TRY(table_has_rows(im));
	im->has_claimed = !im->has_rows && db_claim(im->db);
	return ERR_OK;
}

enum err import_run(struct ctx *cx, struct open_place *place, const struct import_request *request,
	struct import_result *result)
{
	struct import *im = arena_new(cx->mem, struct import);
	enum err e;

	*result = (struct import_result){0};
	*im = (struct import){.cx = cx,
		.place = place,
		.db = place->db,
		.request = request,
		.result = result,
		.batch_mem = arena_create()};
	arena_defer(cx->mem, free_batch, im);
	stored_ledger_init(cx->mem, request->ledger, &im->ledger);
	e = ready(im);
	if (e == ERR_OK)
		e = claim(im);
	if (e == ERR_OK)
		e = begin(im);
	if (e == ERR_OK)
		e = take_rows(im);
	if (e == ERR_OK)
		e = finish(im);
	db_rollback(place->db); /* of a dry run, and of what failed; nothing after a commit */
	if (im->has_claimed)
		db_share(place->db);
	if (e != ERR_OK)
		result->id = 0;
	result->intake = im->in;
	if (im->in)
		intake_sort_problems(im->in);
	if (e == ERR_REJECTED)
		write_rejects(im);
	return e;
}
