/*
 * Row ids: 64-bit, made by the program, ordered by time. The upper 43 bits are milliseconds
 * since 2020-01-01 UTC, the lower 20 a counter. They pass 2^53: JSON carries them as text.
 *
 * Inside one source ids only grow, whatever the clock does; more than a million in one
 * millisecond borrow from the next. Each new millisecond starts the counter at a random place
 * of its lower half, so that two processes do not meet.
 */
#pragma once

#include "base/err.h"
#include "base/rng.h"

struct db;

struct id_source {
	int64_t last;
	struct rng rng;
};

void id_source_init(struct id_source *ids, uint64_t seed);
/* The next id at cx->now_us. */
int64_t id_next(struct ctx *cx, struct id_source *ids);
/* The instant that stands in an id, in microseconds UTC. */
int64_t id_instant_us(int64_t id);

/* The next id of the connection's source, which is seeded by the system. */
int64_t db_new_id(struct ctx *cx, struct db *db);
/* Repeatable ids, for tests and generated data. */
void db_seed_ids(struct db *db, uint64_t seed);
