/*
 * Which column of a file is which field: titles as people write them ("在校生数（人）*") against
 * names, titles and synonyms.
 */
#pragma once

#include "mod/ledger/intake.h"

struct header_map {
	struct arena *mem;
	struct strmap names; /* normalised title -> position of the field + 1 */
	const struct pack_ledger *ledger;
};

void header_map_init(struct header_map *map, struct arena *mem, const struct pack_ledger *ledger);
/* Without blanks, unit in brackets, required star; ASCII in lower case. In mem. */
struct str header_normal(struct arena *mem, struct str title);
/* NULL when unknown. */
const struct pack_field *header_find(const struct header_map *map, struct str title);
/* The title nearest to an unknown one, or an empty str. */
struct str header_nearest(const struct header_map *map, struct str title);
