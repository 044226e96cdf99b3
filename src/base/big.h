/*
 * Natural numbers of any size, for comparisons that must be exact where 128 bits do not hold:
 * sums of fractions brought to one denominator. Small and plain: schoolbook multiplication.
 */
#pragma once

#include "base/arena.h"

/* Least significant word first; no leading zero words; zero has count 0. Lives in the arena it
 * was made with; operations that grow it allocate there. */
struct big {
	struct arena *mem;
	uint32_t *words;
	size_t count, cap;
};

struct big big_from_u128(struct arena *mem, u128 value);
struct big big_copy(struct arena *mem, const struct big *a);
/* a += b, a *= b; b may be a. */
void big_add(struct big *a, const struct big *b);
void big_mul(struct big *a, const struct big *b);
void big_mul_u128(struct big *a, u128 b);
/* -1, 0, 1 */
int big_cmp(const struct big *a, const struct big *b);
