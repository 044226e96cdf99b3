#include "mod/ledger/text_index.h"

#include <pthread.h>

#include "base/map.h"
#include "mod/ledger/change_log.h"

/* The number of each gram, by open addressing; key 0 is a free slot. */
struct gram_table {
	uint64_t *keys;
	uint32_t *numbers;
	size_t cap, count; /* cap: a power of two, at least twice count */
};

/* A row that changed after the index was made: one of its grams. */
struct late_gram {
	uint64_t gram;
	int64_t id;
};

/*
 * Grams are numbered as they come; the rows of gram g are rows[starts[g]] to rows[starts[g + 1] -
 * 1], growing, as positions in ids. What came later is in late, in no order. Nothing is taken out
 * before the whole is made anew, so that it holds for who sees an earlier moment too.
 */
struct text_index {
	struct arena *mem; /* of what follows; NULL: not made yet */
	bool is_small;
	int64_t seq; /* of the last change in it */
	int64_t *ids;
	size_t id_count;
	struct gram_table grams;
	uint32_t *starts, *rows;
	VEC(struct late_gram) late;
};

struct ledger_index {
	struct str ledger;
	pthread_rwlock_t lock;  /* of index */
	pthread_mutex_t making; /* held by who makes it anew */
	struct text_index index;
	struct ledger_index *next;
};

struct text_indexes {
	struct arena *mem;
	pthread_mutex_t lock; /* of the list, which only grows */
	struct ledger_index *first;
};

struct text_indexes *text_indexes_new(void)
{
	struct arena *mem = arena_create();
	struct text_indexes *x = arena_new(mem, struct text_indexes);

	x->mem = mem;
	pthread_mutex_init(&x->lock, NULL);
	return x;
}

void text_indexes_free(struct text_indexes *x)
{
	if (!x)
		return;
	for (struct ledger_index *l = x->first; l; l = l->next) {
		pthread_rwlock_destroy(&l->lock);
		pthread_mutex_destroy(&l->making);
		arena_free(l->index.mem);
	}
	pthread_mutex_destroy(&x->lock);
	arena_free(x->mem);
}

static struct ledger_index *index_of(struct text_indexes *x, struct str ledger)
{
	struct ledger_index *l;

	pthread_mutex_lock(&x->lock);
	for (l = x->first; l && !str_eq(l->ledger, ledger);)
		l = l->next;
	if (!l) {
		l = arena_new(x->mem, struct ledger_index);
		l->ledger = str_copy(x->mem, ledger);
		pthread_rwlock_init(&l->lock, NULL);
		pthread_mutex_init(&l->making, NULL);
		l->next = x->first;
		x->first = l;
	}
	pthread_mutex_unlock(&x->lock);
	return l;
}

bool text_index_has(const struct stored_field *field)
{
	const struct pack_field *f = field->field;

	return (f->type == FIELD_STRING || f->type == FIELD_TEXT) && !f->codes.text.n &&
	       !field->is_sealed;
}

/* ---- grams ---- */

/* Calls fn for each character beyond ASCII, and for each two side by side. */
typedef void gram_fn(void *arg, uint64_t gram);

static void each_gram(struct str text, gram_fn *fn, void *arg)
{
	uint32_t before = 0;

	for (size_t at = 0; at < text.n;) {
		uint32_t rune = utf8_next(text, &at);
		if (rune < 0x80) {
			before = 0;
			continue;
		}
		fn(arg, rune);
		if (before)
			fn(arg, (uint64_t)before << 32 | rune);
		before = rune;
	}
}

static size_t slot_of(const struct gram_table *t, uint64_t gram)
{
	size_t slot = hash_i64(gram) & (t->cap - 1);

	while (t->keys[slot] && t->keys[slot] != gram)
		slot = (slot + 1) & (t->cap - 1);
	return slot;
}

static void grow_table(struct arena *mem, struct gram_table *t)
{
	struct gram_table old = *t;

	t->cap = old.cap ? old.cap * 2 : 4096;
	t->keys = arena_array(mem, uint64_t, t->cap);
	t->numbers = arena_array(mem, uint32_t, t->cap);
	for (size_t i = 0; i < old.cap; i++) {
		if (!old.keys[i])
			continue;
		size_t slot = slot_of(t, old.keys[i]);
		t->keys[slot] = old.keys[i];
		t->numbers[slot] = old.numbers[i];
	}
}

/* The number of a gram, the next one when it is new. */
static uint32_t number_of(struct arena *mem, struct gram_table *t, uint64_t gram)
{
	size_t slot;

	if (t->count * 2 >= t->cap)
		grow_table(mem, t);
	slot = slot_of(t, gram);
	if (!t->keys[slot]) {
		t->keys[slot] = gram;
		t->numbers[slot] = (uint32_t)t->count++;
	}
	return t->numbers[slot];
}

/* ---- making ---- */

struct making {
	struct arena *mem, *scratch;
	struct gram_table grams;
	VEC(int64_t) ids;
	VEC(uint32_t) gram_of, row_of; /* one an occurrence, rows growing */
	uint32_t row;
};

static void count_gram(void *arg, uint64_t gram)
{
	struct making *m = arg;

	*VEC_PUSH(m->scratch, &m->gram_of) = number_of(m->mem, &m->grams, gram);
	*VEC_PUSH(m->scratch, &m->row_of) = m->row;
}

static const char *texts_select(
	struct arena *mem, const struct stored_ledger *ledger, const char *where)
{
	struct strbuf b;
	const char *sql;

	strbuf_init(&b, 65536);
	strbuf_z(&b, "SELECT id");
	for (size_t i = 0; i < ledger->field_count; i++)
		if (text_index_has(&ledger->fields[i]))
			strbuf_printf(&b, ", \"%s\"", ledger->fields[i].column);
	strbuf_printf(&b, " FROM %s%s", ledger->table, where);
	sql = str_z(mem, strbuf_view(&b));
	strbuf_release(&b);
	return sql;
}

static enum err read_all(
	struct ctx *cx, struct db *db, const struct stored_ledger *ledger, struct making *m)
{
	struct db_stmt *st = NULL;
	bool has_row = false;

	TRY(db_prepare(cx, db, texts_select(cx->mem, ledger, " ORDER BY id"), &st));
	for (;;) {
		TRY(db_step(cx, st, &has_row));
		if (!has_row)
			break;
		m->row = (uint32_t)m->ids.count;
		*VEC_PUSH(m->scratch, &m->ids) = db_i64(st, 0);
		for (int i = 1; i < db_column_count(st); i++)
			if (!db_is_null(st, i))
				each_gram(db_text(st, i), count_gram, m);
	}
	db_release(st);
	return ERR_OK;
}

/* The occurrences sorted by gram, each row once. */
static void put_in_order(struct making *m, struct text_index *out)
{
	size_t grams = m->grams.count, n = m->gram_of.count;
	uint32_t *fill = arena_array(m->scratch, uint32_t, grams);

	out->mem = m->mem;
	out->grams = m->grams;
	out->ids = arena_array(m->mem, int64_t, m->ids.count);
	out->id_count = m->ids.count;
	if (m->ids.count)
		memcpy(out->ids, m->ids.items, m->ids.count * sizeof *out->ids);
	out->starts = arena_array(m->mem, uint32_t, grams + 1);
	out->rows = arena_array(m->mem, uint32_t, n);
	for (size_t i = 0; i < n; i++)
		out->starts[m->gram_of.items[i] + 1]++;
	for (size_t g = 0; g < grams; g++)
		out->starts[g + 1] += out->starts[g];
	for (size_t i = 0; i < n; i++) {
		uint32_t g = m->gram_of.items[i], *at = out->rows + out->starts[g] + fill[g];
		if (fill[g] && at[-1] == m->row_of.items[i])
			continue;
		*at = m->row_of.items[i];
		fill[g]++;
	}
	/* Where a row had a gram twice the list ends with its last row again. */
	for (size_t g = 0; g < grams; g++)
		for (uint32_t i = out->starts[g] + fill[g]; i < out->starts[g + 1]; i++)
			out->rows[i] = out->rows[out->starts[g] + fill[g] - 1];
}

static enum err count_rows(
	struct ctx *cx, struct db *db, const struct stored_ledger *ledger, int64_t *out)
{
	struct db_stmt *st = NULL;
	bool has_row = false;

	TRY(db_prepare(
		cx, db, arena_printf(cx->mem, "SELECT count(*) FROM %s", ledger->table), &st));
	TRY(db_step(cx, st, &has_row));
	*out = db_i64(st, 0);
	db_release(st);
	return ERR_OK;
}

/* As the rows are now: seq has been read in the same transaction. */
static enum err make(struct ctx *cx, struct db *db, const struct stored_ledger *ledger, int64_t seq,
	struct text_index *out)
{
	struct making m = {.mem = arena_create(), .scratch = arena_create()};
	int64_t rows;
	enum err e;

	*out = (struct text_index){.mem = m.mem, .seq = seq};
	e = count_rows(cx, db, ledger, &rows);
	out->is_small = rows < TEXT_INDEX_ROWS_MIN;
	if (e == ERR_OK && !out->is_small)
		e = read_all(cx, db, ledger, &m);
	if (e == ERR_OK && !out->is_small)
		put_in_order(&m, out);
	arena_free(m.scratch);
	if (e != ERR_OK)
		arena_free(m.mem);
	return e;
}

/* ---- keeping up ---- */

struct late {
	struct arena *mem;
	VEC(struct late_gram) grams;
	int64_t id;
};

static void note_late(void *arg, uint64_t gram)
{
	struct late *l = arg;

	*VEC_PUSH(l->mem, &l->grams) = (struct late_gram){gram, l->id};
}

static enum err read_late(struct ctx *cx, struct db *db, const struct stored_ledger *ledger,
	const struct changes_seen *changes, struct late *out)
{
	struct db_stmt *st = NULL;
	bool has_row = false;

	TRY(db_prepare(cx, db, texts_select(cx->mem, ledger, " WHERE id = :id"), &st));
	for (size_t i = 0; i < changes->ids.count; i++) {
		db_bind_i64(st, 1, out->id = changes->ids.items[i]);
		TRY(db_step(cx, st, &has_row));
		for (int c = 1; has_row && c < db_column_count(st); c++)
			if (!db_is_null(st, c))
				each_gram(db_text(st, c), note_late, out);
		db_reset(st);
	}
	db_release(st);
	return ERR_OK;
}

/* What has changed since seq goes in, unless somebody else has put it in meanwhile. */
static enum err catch_up(struct ctx *cx, struct db *db, const struct stored_ledger *ledger,
	struct ledger_index *l, int64_t was, int64_t seq, const struct changes_seen *changes)
{
	struct late late = {.mem = cx->mem};

	TRY(read_late(cx, db, ledger, changes, &late));
	pthread_rwlock_wrlock(&l->lock);
	if (l->index.seq == was) {
		for (size_t i = 0; i < late.grams.count; i++)
			*VEC_PUSH(l->index.mem, &l->index.late) = late.grams.items[i];
		l->index.seq = seq;
	}
	pthread_rwlock_unlock(&l->lock);
	return ERR_OK;
}

/* Make it anew, unless another thread does; *is_ready: it has been made. */
static enum err make_anew(struct ctx *cx, struct db *db, const struct stored_ledger *ledger,
	struct ledger_index *l, int64_t seq, bool *is_ready)
{
	struct text_index made;
	struct arena *former;
	enum err e;

	*is_ready = false;
	if (pthread_mutex_trylock(&l->making) != 0)
		return ERR_OK;
	e = make(cx, db, ledger, seq, &made);
	if (e == ERR_OK) {
		pthread_rwlock_wrlock(&l->lock);
		former = l->index.mem;
		/* Another may have seen more, and made it before this one had the lock. */
		if (!former || seq >= l->index.seq) {
			l->index = made;
		} else {
			former = made.mem;
		}
		pthread_rwlock_unlock(&l->lock);
		arena_free(former);
		*is_ready = true;
	}
	pthread_mutex_unlock(&l->making);
	return e;
}

static enum err bring_up_to_date(struct ctx *cx, struct db *db, const struct stored_ledger *ledger,
	struct ledger_index *l, bool *is_ready)
{
	struct changes_seen changes;
	int64_t was, seq;
	bool is_made, is_small;

	pthread_rwlock_rdlock(&l->lock);
	was = seq = l->index.seq;
	is_made = l->index.mem != NULL;
	is_small = l->index.is_small;
	pthread_rwlock_unlock(&l->lock);
	TRY(change_log_read(cx, db, ledger->ledger->id.text, &seq, &changes));
	*is_ready = true;
	if (!is_made || changes.is_many)
		return make_anew(cx, db, ledger, l, seq, is_ready);
	/* Few changes make no small ledger large: that shows at the next "many". */
	if (changes.ids.count && !is_small)
		return catch_up(cx, db, ledger, l, was, seq, &changes);
	return ERR_OK;
}

/* ---- finding ---- */

struct wanted {
	struct arena *mem;
	VEC(uint64_t) grams;
	bool has_pairs;
};

static void want(void *arg, uint64_t gram)
{
	struct wanted *w = arg;
	bool is_pair = gram >> 32;

	if (w->has_pairs && !is_pair)
		return;
	if (is_pair && !w->has_pairs) {
		w->has_pairs = true;
		w->grams.count = 0;
	}
	*VEC_PUSH(w->mem, &w->grams) = gram;
}

struct list {
	const uint32_t *rows;
	size_t count;
};

static struct list rows_of(const struct text_index *x, uint64_t gram)
{
	size_t slot = x->grams.cap ? slot_of(&x->grams, gram) : 0;
	uint32_t number;

	if (!x->grams.cap || !x->grams.keys[slot])
		return (struct list){NULL, 0};
	number = x->grams.numbers[slot];
	return (struct list){
		x->rows + x->starts[number], x->starts[number + 1] - x->starts[number]};
}

/* The first place in the list that is not before the row. */
static size_t place_of(struct list l, uint32_t row)
{
	size_t low = 0, high = l.count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (l.rows[mid] < row)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool list_holds(struct list l, uint32_t row)
{
	size_t at = place_of(l, row);

	return at < l.count && l.rows[at] == row;
}

/* The first row behind an id. */
static uint32_t row_after(const struct text_index *x, int64_t id)
{
	size_t low = 0, high = x->id_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (x->ids[mid] <= id)
			low = mid + 1;
		else
			high = mid;
	}
	return (uint32_t)low;
}

/* Rows in the lists of all grams, by the shortest one. */
static void find_made(struct arena *mem, const struct text_index *x, const struct wanted *w,
	struct text_candidates *out)
{
	struct list shortest = rows_of(x, w->grams.items[0]);
	uint32_t last = UINT32_MAX;

	for (size_t g = 1; g < w->grams.count; g++) {
		struct list l = rows_of(x, w->grams.items[g]);
		if (l.count < shortest.count)
			shortest = l;
	}
	out->is_all = true;
	for (size_t i = place_of(shortest, row_after(x, out->after)); i < shortest.count; i++) {
		bool is_in_all = shortest.rows[i] != last;
		last = shortest.rows[i];
		for (size_t g = 0; g < w->grams.count && is_in_all; g++)
			is_in_all = list_holds(rows_of(x, w->grams.items[g]), last);
		if (!is_in_all)
			continue;
		if (out->ids.count == out->max) {
			out->is_all = false;
			return;
		}
		*VEC_PUSH(mem, &out->ids) = x->ids[last];
	}
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Late rows with the first gram, a few more than needed; none behind the last where more follow. */
static void find_late(struct arena *mem, const struct text_index *x, const struct wanted *w,
	struct text_candidates *out)
{
	int64_t end =
		out->is_all ? INT64_MAX : (out->ids.count ? out->ids.items[out->ids.count - 1] : 0);
	size_t n = 0;

	for (size_t i = 0; i < x->late.count; i++) {
		int64_t id = x->late.items[i].id;
		if (x->late.items[i].gram == w->grams.items[0] && id > out->after && id <= end)
			*VEC_PUSH(mem, &out->ids) = id;
	}
	if (out->ids.count)
		qsort(out->ids.items, out->ids.count, sizeof *out->ids.items, by_value);
	for (size_t i = 0; i < out->ids.count; i++)
		if (!n || out->ids.items[n - 1] != out->ids.items[i])
			out->ids.items[n++] = out->ids.items[i];
	out->is_all = out->is_all && n <= out->max;
	out->ids.count = n < out->max ? n : out->max;
}

enum err text_index_find(struct ctx *cx, struct text_indexes *indexes, struct db *db,
	const struct stored_ledger *ledger, struct str text, struct text_candidates *out)
{
	struct ledger_index *l = index_of(indexes, ledger->ledger->id.text);
	struct wanted w = {.mem = cx->mem};
	bool is_ready = false;

	*out = (struct text_candidates){.after = out->after, .max = out->max};
	each_gram(text, want, &w);
	if (w.grams.count == 0)
		return ERR_OK;
	TRY(bring_up_to_date(cx, db, ledger, l, &is_ready));
	if (!is_ready)
		return ERR_OK;
	pthread_rwlock_rdlock(&l->lock);
	out->is_known = !l->index.is_small;
	if (out->is_known) {
		find_made(cx->mem, &l->index, &w, out);
		find_late(cx->mem, &l->index, &w, out);
	}
	pthread_rwlock_unlock(&l->lock);
	return ERR_OK;
}
