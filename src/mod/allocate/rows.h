/*
 * What the commands of `allocate` share: their rows, from a place or from files; numbers that
 * the pack gives; and rows that are refused by name.
 */
#pragma once

#include "cli/cli.h"
#include "mod/measure/place_data.h"

struct allocate_rows {
	struct pack own_pack; /* of files; a place has its own */
	struct org_tree tree;
	struct dataset ds;
};

/*
 * Read the ledgers of the place in the first word, or those given with --from LEDGER=FILE (which
 * may be fewer) with the pack of --pack. period: empty for the latest. What is wrong with a file
 * goes to standard error. out must stay where it is: the dataset points into it.
 * Fails: INVALID (both or neither given), and as place_open, dataset_add_*, pack_load_folder.
 */
MUST_CHECK enum err allocate_read(struct ctx *cx, const struct cli_args *args,
	const char *const *ledgers, size_t count, struct str period, struct allocate_rows *out);

/* Its steps, for commands that do more in between: a place in the first word or files with --from,
 * one of them (fails: INVALID); the pack of --pack; the files as rows. */
MUST_CHECK enum err allocate_source(
	struct ctx *cx, const struct cli_args *args, bool *out_has_place);
MUST_CHECK enum err allocate_pack(struct ctx *cx, const struct cli_args *args, struct pack *out);
MUST_CHECK enum err allocate_add_files(
	struct ctx *cx, const struct cli_args *args, struct dataset *ds);

/* Of a parameter, what is in force today. Fails: PACK (there is none). */
MUST_CHECK enum err allocate_parameter(
	struct ctx *cx, const struct pack *pack, const char *id, const struct keyed_dec_list **out);
/* Its number for a key (empty: the only one), in millionths. Fails: PACK. */
MUST_CHECK enum err allocate_number(
	struct ctx *cx, const struct pack *pack, const char *id, struct str key, int64_t *out);

/* The ledger's rows. Fails: NOT_FOUND. */
MUST_CHECK enum err allocate_ledger(
	struct ctx *cx, const struct dataset *ds, const char *ledger, struct dataset_ledger **out);
/* Where a row stands, for messages. */
struct place allocate_row_place(const struct dataset_ledger *dl, size_t row);
/* The value of a cell; fallback when it is empty or column is NULL. */
int64_t allocate_cell(const struct column *column, size_t row, int64_t fallback);
/* Kilometres between two points in degrees, as the crow flies. */
double allocate_km(double lon, double lat, double other_lon, double other_lat);
/* ERR_OK, or REJECTED with all problems as the detail. */
MUST_CHECK enum err allocate_reject(struct ctx *cx, const struct problems *ps);
/*
 * The columns of a file by their names ([0] English, [1] Chinese) in its header: places in
 * out_columns, UINT32_MAX where absent. wanted: bit by column. Fails: REJECTED (a wanted one is
 * missing), and as table_reader_next.
 */
struct table_reader;
MUST_CHECK enum err allocate_header(struct ctx *cx, struct table_reader *table, const char *path,
	const char *const names[][2], size_t count, uint32_t wanted, uint32_t *out_columns);
