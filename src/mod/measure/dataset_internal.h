/* What the files of datasets share: the keys of rows. */
#pragma once

#include "mod/measure/dataset.h"

/* One cell of a row's key: text, or a number as it is. */
void dataset_add_key(struct strbuf *key, const struct column *column, size_t row);
/* The row's key among the rows of one period. In mem. */
struct str dataset_row_key(
	struct arena *mem, const struct pack_ledger *ledger, const struct table *table, size_t row);
