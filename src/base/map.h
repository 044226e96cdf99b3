/*
 * Hash maps for keys that are text or 64-bit integers, in an arena. Keys are not copied: the
 * caller keeps them alive as long as the map. Order of iteration is order of insertion.
 */
#pragma once

#include "base/str.h"

struct strmap_entry {
	struct str key;
	int64_t value;
	uint64_t hash; /* of the key: the map grows and compares without reading keys again */
};

struct strmap {
	struct arena *mem;
	struct strmap_entry *entries; /* in order of insertion */
	uint32_t *slots;              /* index + 1, 0 is empty */
	size_t count, cap, slot_count;
};

uint64_t hash_bytes(const void *p, size_t n, uint64_t seed);
uint64_t hash_i64(uint64_t v);

void strmap_init(struct strmap *map, struct arena *mem);
/* NULL when absent. The pointer is good until the next put. */
int64_t *strmap_find(const struct strmap *map, struct str key);
/* The value for key, made 0 when absent; *is_new tells (may be NULL). */
int64_t *strmap_put(struct strmap *map, struct str key, bool *is_new);
