/* The rows of a ledger as columns in memory. */
#pragma once

#include "engine/column/column.h"
#include "mod/pack/pack.h"

/* An empty table with one column a field, in the ledger's order and of its types, in mem. */
struct table *ledger_table_new(struct arena *mem, const struct pack_ledger *ledger);
