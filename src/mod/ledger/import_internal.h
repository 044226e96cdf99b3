/* What the files of an import share; nobody outside mod/ledger includes it. */
#pragma once

#include "engine/rule/plan.h"
#include "mod/ledger/change_log.h"
#include "mod/ledger/import.h"
#include "mod/ledger/key_set.h"
#include "mod/ledger/ledger_rows.h"
#include "mod/ledger/sealed.h"

struct import_unique {
	size_t field; /* in stored fields */
	struct key_set seen;
};

/* A reference to another ledger's rows, by the keys they have. */
struct import_reference {
	const struct pack_foreign_key *key;
	struct key_set known;
	size_t *fields, *own; /* of the ledger; of the referenced ledger when it is this one */
	size_t field_count;
	bool is_own;
	VEC(struct key_hash) pending; /* references to rows of this file yet to come */
	VEC(uint32_t) pending_rows;
};

/* A check over groups of rows: which groups this file touched, and where. */
struct import_group_check {
	const struct pack_check *check;       /* or */
	const struct pack_capacity *capacity; /* this */
	size_t *fields;
	size_t field_count;
	struct key_set touched;
};

/* What was found of an organisation, so that its next row needs no search. */
struct import_org {
	bool is_good;    /* it may keep rows of this ledger, of any period */
	uint32_t batch;  /* codes are of the dictionary of this batch; 0: of none */
	uint32_t *codes; /* one a field taken from the tree; NO_CODE: nothing is known */
};

struct import {
	struct ctx *cx;
	struct open_place *place;
	struct db *db;
	const struct import_request *request;
	struct stored_ledger ledger;
	struct seal_ring ring;          /* of a ledger with sealed fields */
	struct import_sealing *sealing; /* of one that writes sealed fields; else NULL */
	struct org_tree tree;
	struct import_org *orgs; /* one an organisation of the tree */
	size_t *org_fields;      /* fields taken from the tree */
	size_t org_field_count;
	uint32_t batch_number;
	struct intake *in;
	struct import_result *result;
	bool has_rows;    /* the table had rows before */
	bool has_claimed; /* the store, for itself */
	bool is_writing;  /* until the first row is refused */
	bool has_partial; /* the file lacks some of the kept columns */
	int64_t id, started_at;
	struct db_column *columns;
	size_t column_count;
	struct db_value *values; /* one row for a bulk load */
	struct db_bulk *fresh, *changed;
	struct changed_rows touched;
	const char *changed_table;
	struct db_indexes indexes;
	bool has_dropped_indexes;
	struct key_set keys;
	struct strmap periods; /* periods seen; not frozen */
	struct import_unique *uniques;
	size_t unique_count;
	struct import_reference *references;
	size_t reference_count;
	struct import_group_check *group_checks;
	size_t group_check_count;
	/* of the batch */
	struct arena *batch_mem;
	struct ledger_row *former; /* one a row: what is kept; id 0: nothing */
	struct str *county, *org;  /* one a row */
	int64_t *ids;              /* of the rows that may go in, the others' 0 */
	bool *is_same;             /* one a row: it stands in the store as it is */
};

/* import_rows.c: before the row checks of a batch; the callback of intake.h. */
enum err import_complete_batch(void *arg, struct ctx *cx, struct table *table,
	const uint32_t *row_numbers, bool *has_error, size_t n);
/* After them: the keys seen before in this file, and what must differ from row to row. */
void import_check_keys(struct import *im, const struct intake_batch *batch, bool *has_error);
MUST_CHECK enum err import_check_references(
	struct import *im, const struct intake_batch *batch, bool *has_error);
/* Fails: CONFLICT (a period of the batch is frozen). */
MUST_CHECK enum err import_check_periods(struct import *im, const struct intake_batch *batch);
void import_touch_groups(struct import *im, const struct intake_batch *batch);

/* import_put.c: all checks of a batch behind the row checks, and its rows into the store. */
MUST_CHECK enum err import_take_batch(struct import *im, const struct intake_batch *batch);

/* import_seal.c: make im->sealing, which goes with im->cx->mem. */
void import_seal_ready(struct import *im);
/*
 * Begin to seal the rows whose id is not 0. Until import_seal_settle table and ids must stay
 * as they are, the table's dictionary too.
 */
void import_seal_begin(
	struct import_sealing *sealing, const struct table *table, const int64_t *ids, size_t n);
/*
 * The sealed values of a row into those of its fields, v, and the keyed hashes into print. They
 * live until the next import_seal_begin. Fails: as seal_text.
 */
MUST_CHECK enum err import_seal_take(struct import *im, const struct table *table, size_t row,
	struct db_value *v, struct db_value *print);
/* Nothing more of the batch is wanted, nor looked at. */
void import_seal_settle(struct import_sealing *sealing);

/* import_lookup.c: the kept rows with the keys of a batch, into im->former. */
MUST_CHECK enum err import_find_former(struct import *im, const struct table *table, size_t n);
/* The same one period earlier, as columns before_NAME of a table for rules. */
MUST_CHECK enum err import_check_former_period(struct import *im, const struct intake_batch *batch);
/* Values of unique fields that other kept rows have. */
MUST_CHECK enum err import_check_unique(struct import *im, const struct intake_batch *batch);

/* import_groups.c: sums over groups and capacities, when all rows are in. */
MUST_CHECK enum err import_check_groups(struct import *im);

/* A value of a batch as text for keys: numbers in decimal. False: NULL. */
bool batch_key_text(const struct table *table, size_t field, size_t row, struct strbuf *out);
/* The key of a row from these fields of the ledger; false when one is NULL. */
bool batch_key(const struct table *table, const size_t *fields, size_t count, size_t row,
	struct strbuf *out);
bool row_key_text(
	const struct field_value *value, const struct pack_field *field, struct strbuf *out);

/* Rows of a batch for which a rule of the ledger holds: is_true[i] 1 true, 0 false, 2 unknown. */
MUST_CHECK enum err import_run_rule(struct import *im, const struct located *rule,
	const struct table *table, size_t n, uint8_t *out);
