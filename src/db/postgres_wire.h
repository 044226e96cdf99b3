/*
 * PostgreSQL's binary forms: big-endian integers, IEEE doubles, plain bytes. Type numbers are
 * those of pg_type, which never change.
 */
#pragma once

#include "db/db.h"

enum {
	PG_BOOL = 16,
	PG_BYTEA = 17,
	PG_CHAR = 18,
	PG_NAME = 19,
	PG_INT8 = 20,
	PG_INT2 = 21,
	PG_INT4 = 23,
	PG_TEXT = 25,
	PG_OID = 26,
	PG_FLOAT4 = 700,
	PG_FLOAT8 = 701,
	PG_BPCHAR = 1042,
	PG_VARCHAR = 1043,
};

static inline void pg_put(unsigned char *to, uint64_t value, int size)
{
	for (int i = size - 1; i >= 0; i--, value >>= 8)
		to[i] = (unsigned char)value;
}

static inline uint64_t pg_get(const char *from, int size)
{
	uint64_t value = 0;

	for (int i = 0; i < size; i++)
		value = value << 8 | (unsigned char)from[i];
	return value;
}

static inline uint64_t pg_f64_bits(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	return bits;
}
