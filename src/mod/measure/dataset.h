/*
 * Ledger rows in memory as columns: what indicators and evaluations compute on, whether the rows
 * come from files or from a place. Every table has the ledger's fields as columns; org_name and
 * county are filled in both cases, so that nothing above asks where rows came from.
 */
#pragma once

#include "engine/column/column.h"
#include "mod/pack/pack.h"
#include "wire/json_shape.h"

struct dataset_ledger {
	const struct pack_ledger *ledger;
	struct table *table;
	struct str source;           /* file name, or the place; for explanations */
	const uint32_t *row_numbers; /* of the file, one a row; NULL from a place */
	const int64_t *row_ids;      /* of the place, one a row; NULL from a file */
};

struct dataset {
	struct arena *mem; /* of everything below */
	const struct pack *pack;
	VEC(struct dataset_ledger) ledgers;
	struct str period; /* asked for; empty: the latest that each ledger has */
	struct str top;    /* of a place: the organisation whose rows these are; empty: all */
};

void dataset_init(struct dataset *ds, struct arena *mem, const struct pack *p, struct str period);

/*
 * Read a file as rows of a ledger. What is wrong with it goes to standard error text in
 * *out_messages (may be empty; in cx->mem); any error in the file rejects it whole.
 * Fails: NOT_FOUND (no such ledger), REJECTED (bad cells), and as table_reader_open.
 */
MUST_CHECK enum err dataset_add_file(struct ctx *cx, struct dataset *ds, struct str ledger,
	const char *path, struct str *out_messages);

/*
 * Rows made in memory, a sealed table of ledger_table_new; of them those of the period count, as
 * with a file. row_numbers: one a row.
 */
void dataset_add_table(struct dataset *ds, const struct pack_ledger *ledger, struct table *table,
	struct str source, const uint32_t *row_numbers);

/* NULL when the dataset does not have the ledger. */
struct dataset_ledger *dataset_find(const struct dataset *ds, struct str ledger);
struct column *dataset_column(const struct dataset *ds, struct str ledger, const char *name);
/* The text of a text column, or an empty str. column may be NULL. */
struct str column_text(const struct column *column, size_t row);

/* The column that holds the area of a row: county, or what a place knows of its organisation. */
const struct column *dataset_area_column(const struct dataset_ledger *dl);

/*
 * Lay changed values over the rows: a file of the ledger's key columns and the columns that
 * change. A row whose key is not there is an error: what-if changes, it does not add.
 */
MUST_CHECK enum err dataset_lay_file(struct ctx *cx, struct dataset *ds, struct str ledger,
	const char *path, struct str *out_messages);

/* One row that a what-if changes, as JSON has it; members of key and values are fields. */
struct laid_row {
	struct str ledger;
	const struct json_node *key, *values;
};
/* Which rows may be changed, by the organisation they belong to; the others are not there. */
struct lay_guard {
	bool (*may)(void *arg, struct str ledger, struct str org);
	void *arg;
};
/*
 * Lay rows over a dataset whose ledgers come from a place; null empties a field. Each value is
 * checked as an import's cell is. What is wrong is in faults at /changes/0/key/FIELD and the
 * like; then the dataset is good for nothing more.
 */
void dataset_lay_rows(struct ctx *cx, struct dataset *ds, const struct laid_row *rows, size_t n,
	const struct lay_guard *guard, struct json_faults *faults);
