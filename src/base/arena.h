/*
 * Arenas: memory named by how long it lives. Almost nothing is freed one by one; an arena is
 * freed or reset as a whole, and other resources can hang on it (arena_defer).
 *
 * Allocation never returns NULL: out of memory aborts. That is safe because everything a user
 * can grow has a limit before it (file size, rows, cells, nodes, strbuf maximum).
 * In builds with AddressSanitizer each allocation is a malloc of its own, so that a one-byte
 * overflow is found.
 *
 * An arena belongs to one thread at a time.
 */
#pragma once

#include "base/base.h"

struct arena;

/* A new, empty arena. Owner frees it with arena_free. */
struct arena *arena_create(void);
/* Run the deferred calls, newest first, and free everything. NULL is fine. */
void arena_free(struct arena *mem);
/* The same, but the arena stays usable and keeps one block. */
void arena_reset(struct arena *mem);
/* Bytes handed out since creation or reset. */
size_t arena_used(const struct arena *mem);

/* size zeroed bytes, aligned for any type. size 0 gives a valid pointer. */
void *arena_alloc(struct arena *mem, size_t size);
/* count * size zeroed bytes; an overflow of the product aborts. */
void *arena_calloc(struct arena *mem, size_t count, size_t size);
/* A copy of n bytes with a NUL behind it. */
char *arena_strn(struct arena *mem, const char *p, size_t n);
char *arena_strz(struct arena *mem, const char *z);
char *arena_printf(struct arena *mem, const char *fmt, ...) PRINTF(2, 3);
char *arena_vprintf(struct arena *mem, const char *fmt, va_list ap) PRINTF(2, 0);

/* Call fn(arg) when the arena is reset or freed, newest first. */
void arena_defer(struct arena *mem, void (*fn)(void *arg), void *arg);

#define arena_new(mem, T)      ((T *)arena_alloc((mem), sizeof(T)))
#define arena_array(mem, T, n) ((T *)arena_calloc((mem), (size_t)(n), sizeof(T)))

/*
 * Growable arrays in an arena: struct { T *items; size_t count, cap; }. The old block stays in
 * the arena until it is freed, so at most half is waste.
 *   VEC(int) numbers = {0};  *VEC_PUSH(mem, &numbers) = 7;
 */
#define VEC(T)                                                                                     \
	struct {                                                                                   \
		T *items;                                                                          \
		size_t count, cap;                                                                 \
	}
#define VEC_PUSH(mem, v)                                                                           \
	((v)->count == (v)->cap ? (void)((v)->items = arena_grow((mem), (v)->items, (v)->count,    \
						 sizeof *(v)->items, &(v)->cap))                   \
				: (void)0,                                                         \
		&(v)->items[(v)->count++])
/* For VEC_PUSH: a block twice as large with count items copied. */
void *arena_grow(struct arena *mem, const void *items, size_t count, size_t size, size_t *cap);
