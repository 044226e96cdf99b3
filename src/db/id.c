#include "db/id.h"

#include "db/driver.h"

#define EPOCH_MS     INT64_C(1577836800000) /* 2020-01-01 */
#define COUNTER_BITS 20

void id_source_init(struct id_source *ids, uint64_t seed)
{
	ids->last = 0;
	rng_seed(&ids->rng, seed);
}

int64_t id_next(struct ctx *cx, struct id_source *ids)
{
	int64_t ms = MAX(cx->now_us / 1000 - EPOCH_MS, 0);

	if (ms > ids->last >> COUNTER_BITS)
		ids->last = (ms << COUNTER_BITS) +
			    rng_below(&ids->rng, INT64_C(1) << (COUNTER_BITS - 1));
	else
		ids->last++;
	return ids->last;
}

int64_t id_instant_us(int64_t id)
{
	return ((id >> COUNTER_BITS) + EPOCH_MS) * 1000;
}

int64_t db_new_id(struct ctx *cx, struct db *db)
{
	return id_next(cx, &db->ids);
}

void db_seed_ids(struct db *db, uint64_t seed)
{
	id_source_init(&db->ids, seed);
}
