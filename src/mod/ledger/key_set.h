/*
 * Keys that were seen and where, for a million rows in some 32 MB: of each key only 96 bits of
 * hash are kept. Two different keys have the same ones once in 10^17 files of a million rows.
 */
#pragma once

#include "base/str.h"

struct key_hash {
	uint64_t a;
	uint32_t b;
};

struct key_slot { /* 16 bytes, so that a look at a key is one miss of the processor's cache */
	uint64_t a;
	uint32_t b, row; /* row 0: the slot is free */
};

struct key_set {
	struct key_slot *slots; /* its own: it grows to hundreds of megabytes for a province */
	size_t count, slot_count;
};

/* Freed with mem; the set itself must live as long and stay where it is. */
void key_set_init(struct key_set *set, struct arena *mem);
struct key_hash key_hash_of(struct str key);
/* The row (> 0) at which the key was seen before, or 0: it is kept with this row now. */
uint32_t key_set_put(struct key_set *set, struct key_hash key, uint32_t row);
/* So many keys will come: room for them at once. A guess too high takes memory for nothing. */
void key_set_expect(struct key_set *set, size_t count);
/* The row of a key, or 0. */
uint32_t key_set_find(const struct key_set *set, struct key_hash key);
/* The key will be put or found in a moment: its slot may be fetched meanwhile. */
void key_set_fetch(const struct key_set *set, struct key_hash key);
/* Give the memory back; the set is empty then. */
void key_set_clear(struct key_set *set);
