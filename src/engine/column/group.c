/*
 * One key after another refines the groups: (group so far, value) becomes a new group. Small
 * ranges go through an array of all pairs, others through an open hash table.
 */
#include "engine/column/group.h"

#define DIRECT_MAX ((uint64_t)1 << 22)
#define CHUNK      ((size_t)4096)

struct pairs {
	uint32_t *slots; /* group + 1; 0 is free */
	size_t slot_count;
	uint64_t stride; /* values a group can have; 0: hashed */
	int64_t min;
	const uint32_t *parents; /* the former groups, to compare hashed pairs */
	int64_t *values;         /* of each new group */
	uint8_t *nulls;
	uint32_t *parent_of;
};

static bool is_direct(const struct column *key, size_t group_count)
{
	u128 span = key->min <= key->max ? (u128)((i128)key->max - key->min) + 2 : 2;

	return span * group_count <= DIRECT_MAX;
}

/* The slot of a pair: its own when direct, the one to use or to fill when hashed. */
static uint32_t *pair_slot(struct pairs *pairs, uint32_t parent, int64_t value, uint8_t null)
{
	uint64_t at;

	if (pairs->stride) {
		uint64_t offset = null ? 0 : (uint64_t)value - (uint64_t)pairs->min + 1;
		return &pairs->slots[parent * pairs->stride + offset];
	}
	at = hash_i64((uint64_t)value * 2 + null + hash_i64(parent)) & (pairs->slot_count - 1);
	for (;; at = (at + 1) & (pairs->slot_count - 1)) {
		uint32_t group = pairs->slots[at];
		if (!group)
			return &pairs->slots[at];
		group--;
		if (pairs->values[group] == value && pairs->nulls[group] == null &&
			pairs->parent_of[group] == parent)
			return &pairs->slots[at];
	}
}

static size_t power_of_two(size_t n)
{
	size_t p = 16;

	while (p < n)
		p *= 2;
	return p;
}

static void refine(struct arena *scratch, const struct column *key, struct groups *groups)
{
	struct pairs pairs = {.min = key->min};
	size_t rows = groups->row_count, count = 0;
	int64_t *values = arena_array(scratch, int64_t, CHUNK);
	uint8_t *nulls = arena_array(scratch, uint8_t, CHUNK);

	if (is_direct(key, groups->count)) {
		pairs.stride = key->min <= key->max ? (uint64_t)(key->max - key->min) + 2 : 2;
		pairs.slot_count = pairs.stride * groups->count;
	} else {
		pairs.slot_count = power_of_two(rows * 2);
		pairs.values = arena_array(scratch, int64_t, rows);
		pairs.nulls = arena_array(scratch, uint8_t, rows);
		pairs.parent_of = arena_array(scratch, uint32_t, rows);
	}
	pairs.slots = arena_array(scratch, uint32_t, pairs.slot_count);
	for (size_t from = 0; from < rows; from += CHUNK) {
		size_t n = MIN(CHUNK, rows - from);
		column_read(key, from, n, values);
		column_read_nulls(key, from, n, nulls);
		for (size_t i = 0; i < n; i++) {
			uint32_t parent = groups->ids[from + i], *slot;
			int64_t value = nulls[i] ? 0 : values[i];
			slot = pair_slot(&pairs, parent, value, nulls[i]);
			if (!*slot) {
				if (!pairs.stride) {
					pairs.values[count] = value;
					pairs.nulls[count] = nulls[i];
					pairs.parent_of[count] = parent;
				}
				groups->first_row[count] = (uint32_t)(from + i);
				*slot = (uint32_t)++count;
			}
			groups->ids[from + i] = *slot - 1;
		}
	}
	groups->count = count;
}

void groups_make(struct arena *mem, const struct column *const *keys, size_t key_count,
	size_t row_count, struct groups *out)
{
	struct arena *scratch = arena_create();
	struct groups groups = {.row_count = row_count, .count = row_count ? 1 : 0};
	uint32_t *first_row;

	assert(row_count < UINT32_MAX);
	groups.ids = arena_array(mem, uint32_t, row_count);
	groups.first_row = arena_array(scratch, uint32_t, row_count + 1);
	for (size_t k = 0; k < key_count && row_count; k++) {
		assert(keys[k]->count == row_count);
		refine(scratch, keys[k], &groups);
	}
	first_row = arena_array(mem, uint32_t, groups.count + 1);
	memcpy(first_row, groups.first_row, groups.count * sizeof *first_row);
	groups.first_row = first_row;
	arena_free(scratch);
	*out = groups;
}
