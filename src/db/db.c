/*
 * The common part of every driver: opening by URL, the statement cache, transactions and what
 * the header promises for both databases alike.
 */
#include "db/driver.h"
#include "db/sql.h"

#include <sys/random.h>

#include "base/map.h"

#define CACHE_MAX 128

enum err db_open(struct ctx *cx, struct str url, enum db_mode mode, struct db **out)
{
	uint64_t seed;
	struct db *db;

	if (url.n == 0)
		return ctx_fail(
			cx, ERR_INVALID, TR(cx, "没有给出数据库地址", "no store was named"));
	if (str_starts(url, "postgres://") || str_starts(url, "postgresql://"))
		TRY(postgres_open(cx, url, mode, &db));
	else
		TRY(sqlite_open(cx, url, mode, &db));
	if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
		seed = (uint64_t)cx->now_us;
	db_seed_ids(db, seed);
#ifdef DB_FAULTS
	const char *after = getenv("FAULT");
	db->fault_after = after ? strtol(after, NULL, 10) - 1 : -1;
#endif
	*out = db;
	return ERR_OK;
}

static void statement_free(struct db_stmt *st)
{
	struct arena *mem = st->mem;

	st->db->driver->finalize(st);
	arena_free(mem);
}

void db_close(struct db *db)
{
	if (!db)
		return;
	db_rollback(db);
	for (struct db_stmt *st = db->cache, *next; st; st = next) {
		next = st->next;
		statement_free(st);
	}
	db->driver->close(db);
}

static void close_deferred(void *arg)
{
	db_close(arg);
}

void db_close_with(struct arena *mem, struct db *db)
{
	arena_defer(mem, close_deferred, db);
}

enum db_dialect db_dialect(const struct db *db)
{
	return db->driver->dialect;
}

const struct db_failure *db_last_failure(const struct db *db)
{
	return &db->failure;
}

enum err db_set_wait(struct ctx *cx, struct db *db, int wait_ms)
{
	return db->driver->set_wait(cx, db, wait_ms);
}

enum err db_exec(struct ctx *cx, struct db *db, const char *sql)
{
	TRY(db_fault(cx, db));
	return db->driver->exec(cx, db, sql_tokens(cx->mem, sql, db->driver->dialect));
}

void db_format_date(char out[DB_DATE_SIZE], struct date d)
{
	int year, month, day;

	date_to_ymd(d, &year, &month, &day);
	assert(year >= 0 && year <= 9999);
	for (int i = 3; i >= 0; i--, year /= 10)
		out[i] = (char)('0' + year % 10);
	out[4] = out[7] = '-';
	out[5] = (char)('0' + month / 10);
	out[6] = (char)('0' + month % 10);
	out[8] = (char)('0' + day / 10);
	out[9] = (char)('0' + day % 10);
}

/* ---- statements ---- */

static struct db_stmt *cache_take(struct db *db, const char *sql, uint64_t key)
{
	for (struct db_stmt **at = &db->cache; *at; at = &(*at)->next) {
		struct db_stmt *st = *at;
		if (st->key != key || st->is_taken || strcmp(st->sql, sql) != 0)
			continue;
		*at = st->next;
		st->next = db->cache;
		db->cache = st;
		st->is_taken = true;
		return st;
	}
	return NULL;
}

/* Drop the statement whose last use is longest ago; taken ones stay, however many they are. */
static void cache_trim(struct db *db)
{
	struct db_stmt **victim = NULL;

	if (db->cache_count <= CACHE_MAX)
		return;
	for (struct db_stmt **at = &db->cache; *at; at = &(*at)->next)
		if (!(*at)->is_taken)
			victim = at;
	if (victim) {
		struct db_stmt *st = *victim;
		*victim = st->next;
		db->cache_count--;
		statement_free(st);
	}
}

static enum err prepare_new(struct ctx *cx, struct db *db, const char *sql, uint64_t key,
	const struct db_query *query, struct db_stmt **out)
{
	struct arena *mem = arena_create();
	struct db_stmt *st = arena_new(mem, struct db_stmt);
	struct sql_names names = {0};
	enum err e;

	*st = (struct db_stmt){.db = db, .mem = mem, .key = key, .is_taken = true};
	for (int i = 0; query && i < query->param_count; i++)
		*VEC_PUSH(mem, &names.list) = arena_strz(mem, query->params[i].name);
	st->sql = arena_strz(mem, sql);
	st->text = sql_params(mem, sql, db->driver->dialect, &names);
	st->param_count = (int)names.list.count;
	st->params = arena_array(mem, struct db_param_value, names.list.count);
	for (size_t i = 0; i < names.list.count; i++)
		st->params[i].name = names.list.items[i];
	e = db->driver->prepare(cx, db, st);
	if (e != ERR_OK) {
		arena_free(mem);
		return e;
	}
	st->next = db->cache;
	db->cache = st;
	db->cache_count++;
	cache_trim(db);
	*out = st;
	return ERR_OK;
}

static enum err prepare(struct ctx *cx, struct db *db, const char *sql,
	const struct db_query *query, struct db_stmt **out)
{
	/* A query numbers its parameters itself: it must not meet the same text without. */
	uint64_t key = hash_bytes(sql, strlen(sql), query ? 1 : 0);
	struct db_stmt *st = cache_take(db, sql, key);

	TRY(db_fault(cx, db));
	if (st) {
		*out = st;
		return ERR_OK;
	}
	return prepare_new(cx, db, sql, key, query, out);
}

enum err db_prepare(struct ctx *cx, struct db *db, const char *sql, struct db_stmt **out)
{
	return prepare(cx, db, sql, NULL, out);
}

static const char *query_sql(const struct db *db, const struct db_query *query)
{
	bool differs = db->driver->dialect == DB_POSTGRES && query->sql_postgres;

	return differs ? query->sql_postgres : query->sql;
}

enum err db_prepare_query(
	struct ctx *cx, struct db *db, const struct db_query *query, struct db_stmt **out)
{
	TRY(prepare(cx, db, query_sql(db, query), query, out));
	if ((*out)->param_count != query->param_count)
		BUG("query %s uses a parameter that its in: lacks", query->name);
	return ERR_OK;
}

static enum err compare_columns(struct ctx *cx, struct db_stmt *st, const struct db_query *query)
{
	TRY(db_describe(cx, st));
	if (db_column_count(st) != query->column_count)
		return ctx_fail(cx, ERR_STORE,
			TR(cx, "查询 %s 有 %d 列，声明了 %d 列",
				"query %s has %d columns, %d declared"),
			query->name, db_column_count(st), query->column_count);
	for (int i = 0; i < query->column_count; i++)
		if (strcmp(db_column_name(st, i), query->columns[i].name) != 0)
			return ctx_fail(cx, ERR_STORE,
				TR(cx, "查询 %s 的列 %s 声明成了 %s",
					"query %s: column %s is declared as %s"),
				query->name, db_column_name(st, i), query->columns[i].name);
	return ERR_OK;
}

enum err db_check_query(struct ctx *cx, struct db *db, const struct db_query *query)
{
	struct db_stmt *st;
	enum err e;

	TRY(db_prepare_query(cx, db, query, &st));
	for (int i = 0; i < query->param_count; i++)
		db_bind_null(st, i + 1, query->params[i].type);
	e = compare_columns(cx, st, query);
	db_release(st);
	return e;
}

void db_release(struct db_stmt *st)
{
	if (!st)
		return;
	assert(st->is_taken);
	db_reset(st);
	for (int i = 1; i <= st->param_count; i++)
		db_bind_null(st, i, DB_TEXT);
	st->is_taken = false;
}

void db_bind(struct db_stmt *st, int index, const struct db_value *value)
{
	struct db_value text = {.type = DB_TEXT, .is_null = value->is_null};

	assert(index >= 1 && index <= st->param_count);
	if (st->is_running)
		db_reset(st);
	if (value->type != DB_DATE) {
		st->db->driver->bind(st, index, value);
		return;
	}
	if (value->date.day == DATE_NONE.day)
		text.is_null = true;
	if (!text.is_null) {
		char *to = st->params[index - 1].date;
		db_format_date(to, value->date);
		text.text = (struct str){to, DB_DATE_SIZE};
	}
	st->db->driver->bind(st, index, &text);
}

void db_bind_null(struct db_stmt *st, int index, enum db_type type)
{
	db_bind(st, index, &(struct db_value){.type = type, .is_null = true});
}

void db_bind_i64(struct db_stmt *st, int index, int64_t value)
{
	db_bind(st, index, &(struct db_value){.type = DB_I64, .i64 = value});
}

void db_bind_f64(struct db_stmt *st, int index, double value)
{
	db_bind(st, index, &(struct db_value){.type = DB_F64, .f64 = value});
}

void db_bind_bool(struct db_stmt *st, int index, bool value)
{
	db_bind(st, index, &(struct db_value){.type = DB_BOOL, .boolean = value});
}

void db_bind_text(struct db_stmt *st, int index, struct str value)
{
	db_bind(st, index, &(struct db_value){.type = DB_TEXT, .text = value});
}

void db_bind_blob(struct db_stmt *st, int index, struct str value)
{
	db_bind(st, index, &(struct db_value){.type = DB_BLOB, .text = value});
}

void db_bind_date(struct db_stmt *st, int index, struct date value)
{
	db_bind(st, index, &(struct db_value){.type = DB_DATE, .date = value});
}

int db_param(const struct db_stmt *st, const char *name)
{
	for (int i = 0; i < st->param_count; i++)
		if (strcmp(st->params[i].name, name) == 0)
			return i + 1;
	BUG("no parameter :%s in: %s", name, st->sql);
}

enum err db_step(struct ctx *cx, struct db_stmt *st, bool *out_has_row)
{
	enum err e = db_fault(cx, st->db);

	assert(st->is_taken);
	st->is_running = true;
	if (e == ERR_OK)
		e = st->db->driver->step(cx, st, out_has_row);
	if (e != ERR_OK)
		db_reset(st);
	return e;
}

enum err db_run(struct ctx *cx, struct db_stmt *st, int64_t *out_changed)
{
	bool has_row = true;

	while (has_row)
		TRY(db_step(cx, st, &has_row));
	if (out_changed)
		*out_changed = st->db->driver->changes(st);
	db_reset(st);
	return ERR_OK;
}

void db_reset(struct db_stmt *st)
{
	if (!st->is_running)
		return;
	st->db->driver->reset(st);
	st->is_running = false;
}

bool db_is_null(const struct db_stmt *st, int column)
{
	return st->db->driver->is_null(st, column);
}

int64_t db_i64(const struct db_stmt *st, int column)
{
	return st->db->driver->i64(st, column);
}

double db_f64(const struct db_stmt *st, int column)
{
	return st->db->driver->f64(st, column);
}

bool db_bool(const struct db_stmt *st, int column)
{
	return st->db->driver->i64(st, column) != 0;
}

struct str db_text(const struct db_stmt *st, int column)
{
	return st->db->driver->bytes(st, column);
}

struct str db_blob(const struct db_stmt *st, int column)
{
	return st->db->driver->bytes(st, column);
}

struct date db_date(const struct db_stmt *st, int column)
{
	struct date d;

	return date_parse(db_text(st, column), &d) ? d : DATE_NONE;
}

enum err db_describe(struct ctx *cx, struct db_stmt *st)
{
	TRY(db_fault(cx, st->db));
	return st->db->driver->describe(cx, st);
}

int db_column_count(const struct db_stmt *st)
{
	return st->db->driver->column_count(st);
}

const char *db_column_name(const struct db_stmt *st, int column)
{
	assert(column >= 0 && column < db_column_count(st));
	return st->db->driver->column_name(st, column);
}
