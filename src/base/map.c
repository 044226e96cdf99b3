#include "base/map.h"

static uint64_t mix(uint64_t a, uint64_t b)
{
	u128 product = (u128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t hash_i64(uint64_t v)
{
	return mix(v ^ 0x9E3779B97F4A7C15U, 0xE7037ED1A0B428DBU);
}

static uint64_t read_tail(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	memcpy(&v, p, n);
	return v;
}

uint64_t hash_bytes(const void *data, size_t n, uint64_t seed)
{
	const unsigned char *p = data;
	uint64_t h = seed ^ mix(n ^ 0xA0761D6478BD642FU, 0x8EBC6AF09C88C6E3U);

	for (; n >= 8; p += 8, n -= 8)
		h = mix(h ^ read_tail(p, 8), 0x589965CC75374CC3U);
	if (n)
		h = mix(h ^ read_tail(p, n), 0x1D8E4E27C47D124FU);
	return mix(h, 0xEB44ACCAB455D165U);
}

void strmap_init(struct strmap *map, struct arena *mem)
{
	*map = (struct strmap){.mem = mem};
}

static uint32_t *slot_for(const struct strmap *map, struct str key, uint64_t hash)
{
	size_t mask = map->slot_count - 1;
	size_t i = hash & mask;

	while (map->slots[i]) {
		const struct strmap_entry *e = &map->entries[map->slots[i] - 1];
		if (e->hash == hash && str_eq(e->key, key))
			break;
		i = (i + 1) & mask;
	}
	return &map->slots[i];
}

int64_t *strmap_find(const struct strmap *map, struct str key)
{
	uint32_t *slot;

	if (map->count == 0)
		return NULL;
	slot = slot_for(map, key, hash_bytes(key.p, key.n, 0));
	return *slot ? &map->entries[*slot - 1].value : NULL;
}

static void grow(struct strmap *map)
{
	map->slot_count = map->slot_count ? map->slot_count * 2 : 16;
	map->slots = arena_array(map->mem, uint32_t, map->slot_count);
	for (size_t i = 0; i < map->count; i++) {
		size_t at = map->entries[i].hash & (map->slot_count - 1);
		while (map->slots[at])
			at = (at + 1) & (map->slot_count - 1);
		map->slots[at] = (uint32_t)i + 1;
	}
}

int64_t *strmap_put(struct strmap *map, struct str key, bool *is_new)
{
	uint64_t hash = hash_bytes(key.p, key.n, 0);
	uint32_t *slot;

	if (map->count * 2 >= map->slot_count)
		grow(map);
	slot = slot_for(map, key, hash);
	if (is_new)
		*is_new = *slot == 0;
	if (*slot == 0) {
		if (map->count == map->cap)
			map->entries = arena_grow(map->mem, map->entries, map->count,
				sizeof *map->entries, &map->cap);
		map->entries[map->count] = (struct strmap_entry){key, 0, hash};
		*slot = (uint32_t)++map->count;
	}
	return &map->entries[*slot - 1].value;
}
