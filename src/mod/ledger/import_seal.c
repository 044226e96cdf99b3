/*
 * The sealed values of a batch and their keyed hashes. A batch of any length is sealed by a thread
 * of its own, while the caller checks the rows and puts those that are ready into the store; few
 * rows are sealed where they are asked for.
 *
 * The thread has the batch from import_seal_begin to import_seal_settle and only looks at it:
 * nobody may add to the table or its dictionary meanwhile. What it makes lives in its own arena.
 */
#include "mod/ledger/import_internal.h"

#include <pthread.h>

#define ROWS_FOR_A_THREAD 256
#define ROWS_AT_ONCE      64 /* between two looks at what the other side wants */

struct import_sealing {
	const struct stored_ledger *l;
	const struct seal_ring *ring;
	size_t value_count; /* sealed fields: so many values a row, and at most so many hashes */
	struct seal_salts salts;
	struct ctx cx; /* its memory is that of the batch, emptied when the next one begins */
	/* The batch. */
	const struct table *table;
	const int64_t *ids;
	struct str *values, *prints; /* value_count a row */
	size_t seen;                 /* of done, by the caller */
	/* Under the lock while there is a thread. */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t row_count, done; /* rows of the batch; the first ones are sealed */
	enum err failed;        /* of the row behind them */
	bool has_thread, is_busy, is_stopping;
};

static enum err seal_row(struct import_sealing *s, size_t row)
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
					&s->cx, s->cx.mem, s->ring, s->l, i, text, print, NULL));
			TRY(sealed_value(&s->cx, s->cx.mem, s->ring, &s->salts, s->l, i,
				s->ids[row], text, value));
		}
		value++;
		print++;
	}
	return ERR_OK;
}

static enum err seal_rows(struct import_sealing *s, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (s->ids[i])
			TRY(seal_row(s, i));
	return ERR_OK;
}

/* ---- the thread ---- */

static void *seal_on(void *arg)
{
	struct import_sealing *s = arg;

	pthread_mutex_lock(&s->lock);
	while (!s->is_stopping) {
		size_t from = s->done, to = MIN(from + ROWS_AT_ONCE, s->row_count);
		enum err e;
		if (from >= to || s->failed != ERR_OK) {
			pthread_cond_wait(&s->changed, &s->lock);
			continue;
		}
		s->is_busy = true;
		pthread_mutex_unlock(&s->lock);
		e = seal_rows(s, from, to);
		pthread_mutex_lock(&s->lock);
		s->is_busy = false;
		if (e == ERR_OK)
			s->done = to;
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
	if (!s->has_thread) { /* then it is sealed as it is asked for */
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
	arena_free(s->cx.mem);
}

/* ---- the caller's side ---- */

void import_seal_ready(struct import *im)
{
	struct import_sealing *s = arena_new(im->cx->mem, struct import_sealing);

	s->l = &im->ledger;
	s->ring = &im->ring;
	s->cx = *im->cx;
	s->cx.mem = arena_create();
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
	/* The thread has nothing to do and waits: what is its own may be set. */
	arena_reset(s->cx.mem);
	s->cx.error = STR_NONE;
	s->table = table;
	s->ids = ids;
	s->values = arena_array(s->cx.mem, struct str, n * s->value_count);
	s->prints = arena_array(s->cx.mem, struct str, n * s->value_count);
	if (count_rows(ids, n) < ROWS_FOR_A_THREAD)
		return;
	if (!s->has_thread)
		start(s);
	if (!s->has_thread)
		return;
	pthread_mutex_lock(&s->lock);
	s->done = 0;
	s->row_count = n;
	s->failed = ERR_OK;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

/* Wait until the thread has sealed the row; false: it does not seal this batch. */
static bool wait_for(struct import_sealing *s, size_t row, enum err *out)
{
	*out = ERR_OK;
	if (!s->has_thread || s->row_count == 0)
		return false;
	if (row < s->seen)
		return true;
	pthread_mutex_lock(&s->lock);
	while (s->done <= row && s->failed == ERR_OK)
		pthread_cond_wait(&s->changed, &s->lock);
	s->seen = s->done;
	if (s->done <= row)
		*out = s->failed;
	pthread_mutex_unlock(&s->lock);
	return true;
}

enum err import_seal_take(struct import *im, size_t row, struct db_value *v, struct db_value *print)
{
	struct import_sealing *s = im->sealing;
	const struct stored_ledger *l = s->l;
	size_t k = row * s->value_count;
	enum err e;

	if (!wait_for(s, row, &e))
		e = seal_row(s, row);
	if (e != ERR_OK)
		return ctx_fail(im->cx, e, STR_FMT, STR_ARG(s->cx.error));
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
		s->row_count = s->done; /* what nobody asked for is not wanted */
		while (s->is_busy)
			pthread_cond_wait(&s->changed, &s->lock);
		s->row_count = s->done = 0;
		pthread_mutex_unlock(&s->lock);
	}
	s->seen = 0;
	s->table = NULL;
	s->ids = NULL;
}
