#include "base/big.h"

static void reserve(struct big *a, size_t count)
{
	uint32_t *words;

	if (count <= a->cap)
		return;
	words = arena_array(a->mem, uint32_t, 2 * count);
	if (a->count)
		memcpy(words, a->words, a->count * sizeof *words);
	a->words = words;
	a->cap = 2 * count;
}

struct big big_from_u128(struct arena *mem, u128 value)
{
	struct big a = {.mem = mem};

	reserve(&a, 4);
	for (; value; value >>= 32)
		a.words[a.count++] = (uint32_t)value;
	return a;
}

struct big big_copy(struct arena *mem, const struct big *a)
{
	struct big b = {.mem = mem};

	reserve(&b, a->count + 1);
	if (a->count)
		memcpy(b.words, a->words, a->count * sizeof *b.words);
	b.count = a->count;
	return b;
}

void big_add(struct big *a, const struct big *b)
{
	size_t count = MAX(a->count, b->count);
	uint64_t carry = 0;

	reserve(a, count + 1);
	for (size_t i = 0; i < count; i++) {
		carry += i < a->count ? a->words[i] : 0;
		carry += i < b->count ? b->words[i] : 0;
		a->words[i] = (uint32_t)carry;
		carry >>= 32;
	}
	a->count = count;
	if (carry)
		a->words[a->count++] = (uint32_t)carry;
}

void big_mul(struct big *a, const struct big *b)
{
	struct big product = {.mem = a->mem};

	reserve(&product, a->count + b->count + 1);
	memset(product.words, 0, (a->count + b->count) * sizeof *product.words);
	for (size_t i = 0; i < a->count; i++) {
		uint64_t carry = 0;
		for (size_t j = 0; j < b->count; j++) {
			carry += (uint64_t)a->words[i] * b->words[j] + product.words[i + j];
			product.words[i + j] = (uint32_t)carry;
			carry >>= 32;
		}
		product.words[i + b->count] = (uint32_t)carry;
	}
	product.count = a->count + b->count;
	while (product.count && product.words[product.count - 1] == 0)
		product.count--;
	*a = product;
}

void big_mul_u128(struct big *a, u128 b)
{
	struct big factor = big_from_u128(a->mem, b);

	big_mul(a, &factor);
}

int big_cmp(const struct big *a, const struct big *b)
{
	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	for (size_t i = a->count; i-- > 0;)
		if (a->words[i] != b->words[i])
			return a->words[i] < b->words[i] ? -1 : 1;
	return 0;
}
