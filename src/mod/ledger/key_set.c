#include "mod/ledger/key_set.h"

#include "base/map.h"

#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)

static void release(void *arg)
{
	key_set_clear(arg);
}

void key_set_init(struct key_set *set, struct arena *mem)
{
	*set = (struct key_set){0};
	arena_defer(mem, release, set);
}

/*
 * Zeroed. A key is somewhere in tens of megabytes: with pages of 2 MB, if the system has some, the
 * processor need not look up where each of them lies.
 */
static struct key_slot *slots_new(size_t count)
{
	size_t size = count * sizeof(struct key_slot);
	void *p;

	if (size < 2 * HUGE_PAGE) {
		p = calloc(count, sizeof(struct key_slot));
	} else {
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			p = NULL;
		else
			(void)madvise(p, size, MADV_HUGEPAGE);
	}
	if (!p)
		abort(); /* as everywhere: the number of rows of a file is limited before */
	return p;
}

static void slots_free(struct key_slot *slots, size_t count)
{
	size_t size = count * sizeof(struct key_slot);

	if (size < 2 * HUGE_PAGE)
		free(slots);
	else if (munmap(slots, size) != 0)
		BUG("munmap");
}

void key_set_clear(struct key_set *set)
{
	slots_free(set->slots, set->slot_count);
	*set = (struct key_set){0};
}

struct key_hash key_hash_of(struct str key)
{
	return (struct key_hash){hash_bytes(key.p, key.n, 0x9e3779b97f4a7c15u),
		(uint32_t)hash_bytes(key.p, key.n, 0xc2b2ae3d27d4eb4fu)};
}

static struct key_slot *slot_of(const struct key_set *set, struct key_hash key)
{
	size_t mask = set->slot_count - 1, i = key.a & mask;

	while (set->slots[i].row && (set->slots[i].a != key.a || set->slots[i].b != key.b))
		i = (i + 1) & mask;
	return &set->slots[i];
}

static void grow(struct key_set *set, size_t slot_count)
{
	struct key_set old = *set;

	set->slot_count = slot_count;
	set->slots = slots_new(set->slot_count);
	for (size_t i = 0; i < old.slot_count; i++) {
		const struct key_slot *s = &old.slots[i];
		if (s->row)
			*slot_of(set, (struct key_hash){s->a, s->b}) = *s;
	}
	slots_free(old.slots, old.slot_count);
}

void key_set_expect(struct key_set *set, size_t count)
{
	size_t slot_count = set->slot_count ? set->slot_count : 64;

	while (slot_count <= count * 2)
		slot_count *= 2;
	if (slot_count != set->slot_count)
		grow(set, slot_count);
}

uint32_t key_set_put(struct key_set *set, struct key_hash key, uint32_t row)
{
	struct key_slot *slot;

	assert(row);
	if (set->count * 2 >= set->slot_count)
		grow(set, set->slot_count ? set->slot_count * 2 : 64);
	slot = slot_of(set, key);
	if (slot->row)
		return slot->row;
	*slot = (struct key_slot){key.a, key.b, row};
	set->count++;
	return 0;
}

uint32_t key_set_find(const struct key_set *set, struct key_hash key)
{
	return set->slot_count ? slot_of(set, key)->row : 0;
}

void key_set_fetch(const struct key_set *set, struct key_hash key)
{
	if (set->slot_count)
		__builtin_prefetch(&set->slots[key.a & (set->slot_count - 1)], 1);
}
