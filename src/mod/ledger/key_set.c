#include "mod/ledger/key_set.h"

#include "base/map.h"

static void release(void *arg)
{
	struct key_set *set = arg;

	free(set->keys);
	free(set->rows);
}

void key_set_init(struct key_set *set, struct arena *mem)
{
	*set = (struct key_set){0};
	arena_defer(mem, release, set);
}

struct key_hash key_hash_of(struct str key)
{
	return (struct key_hash){hash_bytes(key.p, key.n, 0x9e3779b97f4a7c15u),
		hash_bytes(key.p, key.n, 0xc2b2ae3d27d4eb4fu)};
}

static size_t slot_of(const struct key_set *set, struct key_hash key)
{
	size_t mask = set->slot_count - 1, i = key.a & mask;

	while (set->rows[i] && (set->keys[i].a != key.a || set->keys[i].b != key.b))
		i = (i + 1) & mask;
	return i;
}

static void grow(struct key_set *set)
{
	struct key_set old = *set;

	set->slot_count = old.slot_count ? old.slot_count * 2 : 64;
	set->keys = malloc(set->slot_count * sizeof *set->keys);
	set->rows = calloc(set->slot_count, sizeof *set->rows);
	if (!set->keys || !set->rows)
		abort(); /* as everywhere: the number of rows of a file is limited before */
	for (size_t i = 0; i < old.slot_count; i++) {
		size_t at;
		if (!old.rows[i])
			continue;
		at = slot_of(set, old.keys[i]);
		set->keys[at] = old.keys[i];
		set->rows[at] = old.rows[i];
	}
	free(old.keys);
	free(old.rows);
}

uint32_t key_set_put(struct key_set *set, struct key_hash key, uint32_t row)
{
	size_t at;

	assert(row);
	if (set->count * 2 >= set->slot_count)
		grow(set);
	at = slot_of(set, key);
	if (set->rows[at])
		return set->rows[at];
	set->keys[at] = key;
	set->rows[at] = row;
	set->count++;
	return 0;
}

uint32_t key_set_find(const struct key_set *set, struct key_hash key)
{
	return set->slot_count ? set->rows[slot_of(set, key)] : 0;
}
