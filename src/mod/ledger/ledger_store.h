/*
 * Where a ledger's rows are kept: one typed table a ledger (l_NAME) and one of former rows
 * (h_NAME), made from the pack. Besides its fields a row has
 *
 *   id          made by the program, ordered by time (db/id.h)
 *   county, org the organisation it belongs to and the county above that, '' without one
 *   period      '' without one
 *   state       of its flow, '' without one
 *   version     from 1; grows with each change
 *   updated_at, updated_by, import_id   who made this version, when, by which import
 *
 * and a former row also gone_at, gone_by, gone_import and gone_how (changed, deleted, undone).
 * Decimals are kept as integers at the field's scale, dates as ISO text, as rules in SQL want.
 * A sealed field is kept as wire/seal.h makes it, bound to ledger, field and row id, in both
 * tables; one that must be unique has NAME__print beside it, its keyed hash.
 */
#pragma once

#include "db/db.h"
#include "mod/pack/pack.h"

#define STORED_SYSTEM_COLUMNS 9 /* id … import_id */

struct stored_field {
	const struct pack_field *field;
	size_t index; /* in ledger->fields */
	const char *column;
	enum db_type type;
	bool is_system;        /* it is the column org, county or period */
	bool is_sealed;        /* what the column holds is sealed */
	const char *print;     /* the column of its keyed hash; NULL: none */
	struct str print_name; /* what that hash is of, LEDGER.FIELD; of sealed ones */
};

struct stored_ledger {
	const struct pack_ledger *ledger;
	const char *table, *history;
	struct stored_field *fields; /* kept ones; those that come from the tree are not */
	size_t field_count;
	size_t *grain; /* positions in fields of the key */
	size_t grain_count;
	size_t owner;     /* field of the ledger that names the row's org, or SIZE_MAX */
	size_t period;    /* field of the ledger that is the period, or SIZE_MAX */
	bool is_registry; /* of the organisations: its rows become the tree */
	bool has_sealed;  /* one of the fields at least */
};

/* In mem; the ledger must outlive it. */
void stored_ledger_init(
	struct arena *mem, const struct pack_ledger *ledger, struct stored_ledger *out);
/* The columns of bulk loads: the system's, those of the fields that are not system ones, those of
 * the keyed hashes. */
struct db_column *stored_columns(
	struct arena *mem, const struct stored_ledger *ledger, size_t *out_count);
/* Must the i-th kept field differ from row to row of a period (and is not the key itself)? */
bool stored_is_unique(const struct stored_ledger *ledger, size_t i);
enum db_type stored_type(const struct pack_field *field);

/*
 * Make the tables that are missing and add the columns that are new. Columns whose field left
 * the pack stay. Inside the caller's write transaction.
 * Fails: PACK (a field has changed its type while the table has rows).
 */
MUST_CHECK enum err ledger_tables_make(struct ctx *cx, struct db *db, const struct pack *p);

/*
 * The period before one: 2024 before 2025, 2024-2025 before 2025-2026, 2025-08 before 2025-09.
 * "" for what has none. In mem.
 */
struct str period_before(struct arena *mem, struct str period);
