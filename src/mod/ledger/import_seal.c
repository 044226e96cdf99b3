/*
 * The sealed values of a batch and their keyed hashes. A thread of its own seals a long batch from
 * its first row on, some rows at a time, while the caller checks the rows and puts those that are
 * ready into the store. Where the caller is first it does not wait but seals the next rows itself:
 * with two processors and a third thread that reads, either may be late. A short batch is sealed
 * by the caller alone.
 *
 * The thread has the batch from import_seal_begin to import_seal_settle and only looks at it:
 * nobody may add to the table or its dictionary meanwhile.
 */
#include "mod/ledger/import_internal.h"

#include <pthread.h>

#define ROWS_FOR_A_THREAD 256
#define ROWS_AT_ONCE      64
#define CHUNKS            ((INTAKE_BATCH_ROWS + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE)

/* What each of the two who seal has for itself. */
struct sealer {
	struct ctx cx; /* its memory is that of the batch, emptied when the next one begins */
	struct seal_salts salts;
};

struct import_sealing {
	const struct stored_ledger *l;
	const struct seal_ring *ring;
	size_t value_count; /* sealed fields: so many values a row, and at most so many hashes */
	struct sealer caller, helper;
	/* The batch. */
	const struct table *table;
	const int64_t *ids;
	struct str *values, *prints; /* value_count a row */
	bool is_seen[CHUNKS];        /* sealed, as the caller knows */
	/* Under the lock while there is a thread. */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t row_count, taken; /* rows of the batch; those before `taken` are somebody's */
	bool is_done[CHUNKS];
	enum err failed; /* of the thread */
	bool has_thread, is_busy, is_stopping;
};

static enum err seal_row(struct import_sealing *s, struct sealer *by, size_t row)
{
	struct str *value = s->values + row * s->value_count;
	struct str *print = s->prints + row * s->value_count;

	for (size_t i = 0; i < s->l->field_count; i++) {
		const struct stored_field *f = &s->l->fields[i];
		const struct column *c = s->table->columns.items[f->index];
		struct str text;
		int64_t code;
		if (!f->is_sealed)
			continue;
		if (column_get(c, row, &code)) {
			text = dict_text(c->dict, (uint32_t)code);
			if (f->print)
				TRY(sealed_print(
					&by->cx, by->cx.mem, s->ring, s->l, i, text, print, NULL));
			TRY(sealed_value(&by->cx, by->cx.mem, s->ring, &by->salts, s->l, i,
				s->ids[row], text, value));
		}
		value++;
		print++;
	}
	return ERR_OK;
}

static enum err seal_rows(struct import_sealing *s, struct sealer *by, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (s->ids[i])
			TRY(seal_row(s, by, i));
	return ERR_OK;
}

/* ---- the thread ---- */

static void *seal_on(void *arg)
{
	struct import_sealing *s = arg;

	pthread_mutex_lock(&s->lock);
	while (!s->is_stopping) {
		size_t from = s->taken, to = MIN(from + ROWS_AT_ONCE, s->row_count);
		enum err e;
		if (from >= to || s->failed != ERR_OK) {
			pthread_cond_wait(&s->changed, &s->lock);
			continue;
		}
		s->taken = to;
		s->is_busy = true;
		pthread_mutex_unlock(&s->lock);
		e = seal_rows(s, &s->helper, from, to);
		pthread_mutex_lock(&s->lock);
		s->is_busy = false;
		s->is_done[from / ROWS_AT_ONCE] = e == ERR_OK;
		s->failed = e;
		pthread_cond_broadcast(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static void start(struct import_sealing *s)
{
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	s->has_thread = pthread_create(&s->thread, NULL, seal_on, s) == 0;
	if (!s->has_thread) { /* then the caller seals all */
		pthread_mutex_destroy(&s->lock);
		pthread_cond_destroy(&s->changed);
	}
}

static void release(void *arg)
{
	struct import_sealing *s = arg;

	if (s->has_thread) {
		pthread_mutex_lock(&s->lock);
		s->is_stopping = true;
		pthread_cond_broadcast(&s->changed);
		pthread_mutex_unlock(&s->lock);
		pthread_join(s->thread, NULL);
		pthread_mutex_destroy(&s->lock);
		pthread_cond_destroy(&s->changed);
	}
	arena_free(s->caller.cx.mem);
	arena_free(s->helper.cx.mem);
}

/* ---- the caller's side ---- */

void import_seal_ready(struct import *im)
{
	struct import_sealing *s = arena_new(im->cx->mem, struct import_sealing);

	s->l = &im->ledger;
	s->ring = &im->ring;
	s->caller.cx = s->helper.cx = *im->cx;
	s->caller.cx.mem = arena_create();
	s->helper.cx.mem = arena_create();
	for (size_t i = 0; i < s->l->field_count; i++)
		s->value_count += s->l->fields[i].is_sealed;
	arena_defer(im->cx->mem, release, s);
	im->sealing = s;
}

static size_t count_rows(const int64_t *ids, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += ids[i] != 0;
	return count;
}

void import_seal_begin(
	struct import_sealing *s, const struct table *table, const int64_t *ids, size_t n)
{
	assert(n <= INTAKE_BATCH_ROWS);
	/* The thread has nothing to do and waits: what is its own may be set. */
	arena_reset(s->caller.cx.mem);
	arena_reset(s->helper.cx.mem);
	s->table = table;
	s->ids = ids;
	s->values = arena_array(s->caller.cx.mem, struct str, n * s->value_count);
	s->prints = arena_array(s->caller.cx.mem, struct str, n * s->value_count);
	memset(s->is_seen, 0, sizeof s->is_seen);
	if (count_rows(ids, n) < ROWS_FOR_A_THREAD)
		return;
	if (!s->has_thread)
		start(s);
	if (!s->has_thread)
		return;
	pthread_mutex_lock(&s->lock);
	memset(s->is_done, 0, sizeof s->is_done);
	s->taken = 0;
	s->row_count = n;
	s->failed = ERR_OK;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

/*
 * True: the thread has sealed the chunk, or failed. False: the caller is to seal it, and all
 * before it that nobody has taken is wanted no more.
 */
static bool is_sealed_by_thread(struct import_sealing *s, size_t chunk, enum err *out)
{
	bool is_taken;

	if (!s->has_thread)
		return false;
	pthread_mutex_lock(&s->lock);
	is_taken = chunk * ROWS_AT_ONCE < s->taken;
	while (is_taken && !s->is_done[chunk] && s->failed == ERR_OK)
		pthread_cond_wait(&s->changed, &s->lock);
	if (!is_taken && s->row_count)
		s->taken = MIN((chunk + 1) * ROWS_AT_ONCE, s->row_count);
	*out = is_taken && !s->is_done[chunk] ? s->failed : ERR_OK;
	pthread_mutex_unlock(&s->lock);
	return is_taken;
}

static enum err seal_chunk(struct import *im, size_t chunk, size_t row_count)
{
	struct import_sealing *s = im->sealing;
	struct sealer *by = &s->helper;
	enum err e = ERR_OK;

	if (!is_sealed_by_thread(s, chunk, &e)) {
		by = &s->caller;
		e = seal_rows(
			s, by, chunk * ROWS_AT_ONCE, MIN((chunk + 1) * ROWS_AT_ONCE, row_count));
	}
	if (e != ERR_OK)
		return ctx_fail(im->cx, e, STR_FMT, STR_ARG(by->cx.error));
	s->is_seen[chunk] = true;
	return ERR_OK;
}

enum err import_seal_take(struct import *im, const struct table *table, size_t row,
	struct db_value *v, struct db_value *print)
{
	struct import_sealing *s = im->sealing;
	const struct stored_ledger *l = s->l;
	size_t k = row * s->value_count;

	assert(table == s->table && s->ids[row]);
	if (!s->is_seen[row / ROWS_AT_ONCE])
		TRY(seal_chunk(im, row / ROWS_AT_ONCE, table->row_count));
	for (size_t i = 0; i < l->field_count; i++) {
		if (l->fields[i].print)
			*print++ = (struct db_value){
				.type = DB_TEXT, .is_null = v->is_null, .text = s->prints[k]};
		if (l->fields[i].is_sealed)
			v->text = s->values[k++];
		v += !l->fields[i].is_system;
	}
	return ERR_OK;
}

void import_seal_settle(struct import_sealing *s)
{
	if (s->has_thread) {
		pthread_mutex_lock(&s->lock);
		s->row_count = s->taken = 0; /* what nobody asked for is not wanted */
		while (s->is_busy)
			pthread_cond_wait(&s->changed, &s->lock);
		pthread_mutex_unlock(&s->lock);
	}
	s->table = NULL;
	s->ids = NULL;
}
