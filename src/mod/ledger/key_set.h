/*
 * Keys that were seen and where, for a million rows in some 40 MB: of each key only 128 bits of
 * hash are kept. Two different keys have the same ones once in 10^20 files of a million rows.
 */
#pragma once

#include "base/str.h"

struct key_hash {
	uint64_t a, b;
};

struct key_set {
	struct key_hash *keys; /* own malloc: it grows to hundreds of megabytes for a province */
	uint32_t *rows;        /* 0: the slot is free */
	size_t count, slot_count;
};

/* Freed with mem; the set itself must live as long and stay where it is. */
void key_set_init(struct key_set *set, struct arena *mem);
struct key_hash key_hash_of(struct str key);
/* The row (> 0) at which the key was seen before, or 0: it is kept with this row now. */
uint32_t key_set_put(struct key_set *set, struct key_hash key, uint32_t row);
/* The row of a key, or 0. */
uint32_t key_set_find(const struct key_set *set, struct key_hash key);
