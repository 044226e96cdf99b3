/*
 * A list of blocks, each twice as large as the one before up to a bound. The newest block is
 * bumped; a request larger than a block gets a block of its own.
 */
#include "base/arena.h"

#define BLOCK_MIN ((size_t)4096)
#define BLOCK_MAX ((size_t)1 << 20)
#define ALIGN     ((size_t)16)

#if defined(__SANITIZE_ADDRESS__)
#define SEPARATE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SEPARATE 1
#endif
#endif
#ifndef SEPARATE
#define SEPARATE 0
#endif

struct block {
	struct block *next;
	size_t size, used;
	_Alignas(16) unsigned char bytes[];
};

struct deferred {
	struct deferred *next;
	void (*fn)(void *arg);
	void *arg;
};

struct arena {
	struct block *blocks;
	struct deferred *deferred;
	size_t used;
};

void base_bug(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "BUG %s:%d: ", file, line);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	abort();
}

static struct block *block_new(size_t size)
{
	struct block *block;

	if (size > SIZE_MAX / 2)
		BUG("allocation of %zu bytes", size);
	block = malloc(sizeof *block + size);
	if (!block) {
		fputs("shuren: out of memory\n", stderr);
		abort();
	}
	block->next = NULL;
	block->size = size;
	block->used = 0;
	return block;
}

struct arena *arena_create(void)
{
	struct arena *mem = calloc(1, sizeof *mem);

	if (!mem) {
		fputs("shuren: out of memory\n", stderr);
		abort();
	}
	return mem;
}

static void run_deferred(struct arena *mem)
{
	while (mem->deferred) {
		struct deferred *d = mem->deferred;
		mem->deferred = d->next;
		d->fn(d->arg);
	}
}

void arena_free(struct arena *mem)
{
	if (!mem)
		return;
	run_deferred(mem);
	for (struct block *b = mem->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(mem);
}

void arena_reset(struct arena *mem)
{
	struct block *keep = NULL;

	run_deferred(mem);
	for (struct block *b = mem->blocks, *next; b; b = next) {
		next = b->next;
		if (!SEPARATE && !keep && b->size <= BLOCK_MAX)
			keep = b;
		else
			free(b);
	}
	if (keep) {
		keep->next = NULL;
		keep->used = 0;
	}
	mem->blocks = keep;
	mem->used = 0;
}

size_t arena_used(const struct arena *mem)
{
	return mem->used;
}

static void *raw_alloc(struct arena *mem, size_t size)
{
	size_t want = (MAX(size, 1) + ALIGN - 1) & ~(ALIGN - 1);
	struct block *b = mem->blocks;

	mem->used += want;
	if (SEPARATE) {
		b = block_new(MAX(size, 1));
		b->used = b->size;
		b->next = mem->blocks;
		mem->blocks = b;
		return b->bytes;
	}
	if (!b || b->size - b->used < want) {
		size_t next_size = b ? MIN(b->size * 2, BLOCK_MAX) : BLOCK_MIN;
		struct block *fresh = block_new(MAX(next_size, want));
		if (b && want > next_size) { /* a large one: keep bumping the old block */
			fresh->used = fresh->size;
			fresh->next = b->next;
			b->next = fresh;
			return fresh->bytes;
		}
		fresh->next = b;
		mem->blocks = b = fresh;
	}
	b->used += want;
	return b->bytes + b->used - want;
}

void *arena_alloc(struct arena *mem, size_t size)
{
	void *p = raw_alloc(mem, size);

	memset(p, 0, size);
	return p;
}

void *arena_calloc(struct arena *mem, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		BUG("array of %zu items of %zu bytes", count, size);
	return arena_alloc(mem, bytes);
}

void *arena_grow(struct arena *mem, const void *items, size_t count, size_t size, size_t *cap)
{
	size_t new_cap = count ? count * 2 : 8;
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(new_cap, size, &bytes))
		BUG("array of %zu items of %zu bytes", new_cap, size);
	p = raw_alloc(mem, bytes);
	if (count)
		memcpy(p, items, count * size);
	memset((unsigned char *)p + count * size, 0, bytes - count * size);
	*cap = new_cap;
	return p;
}

char *arena_strn(struct arena *mem, const char *p, size_t n)
{
	char *copy = raw_alloc(mem, n + 1);

	if (n)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

char *arena_strz(struct arena *mem, const char *z)
{
	return arena_strn(mem, z, strlen(z));
}

char *arena_vprintf(struct arena *mem, const char *fmt, va_list ap)
{
	va_list again;
	char *text;
	int n;

	assert(fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		BUG("bad format '%s'", fmt);
	text = raw_alloc(mem, (size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	return text;
}

char *arena_printf(struct arena *mem, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = arena_vprintf(mem, fmt, ap);
	va_end(ap);
	return text;
}

void arena_defer(struct arena *mem, void (*fn)(void *arg), void *arg)
{
	struct deferred *d = arena_new(mem, struct deferred);

	d->fn = fn;
	d->arg = arg;
	d->next = mem->deferred;
	mem->deferred = d;
}
