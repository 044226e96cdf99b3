/*
 * Group numbers: rows with equal keys get the same dense number 0, 1, 2 … in order of first
 * appearance, so that results never depend on hashing. NULL is a key like any other.
 */
#pragma once

#include "engine/column/column.h"

struct groups {
	uint32_t *ids;       /* one a row */
	uint32_t *first_row; /* one a group */
	size_t row_count, count;
};

/*
 * Group the rows of key_count columns of equal length (no key: one group, or none when there
 * is no row). The arrays live in mem. Fewer than 2^32 rows.
 */
void groups_make(struct arena *mem, const struct column *const *keys, size_t key_count,
	size_t row_count, struct groups *out);
