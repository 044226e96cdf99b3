/*
 * Generated places: a pack's document of the kind `demo` (mod/pack/pack_demo.h) run with a seed,
 * its rows written as one file a ledger, as people hand them in. Same pack, size and seed: the
 * same rows, and the same bytes of every CSV file, on any machine (integers only, a random
 * source of our own); a workbook's bytes also depend on the zlib that packs it.
 *
 * Rows go to the files as they are made: memory does not grow with their number.
 */
#pragma once

#include "mod/pack/pack.h"

struct demo_request {
	const struct pack *pack;
	const struct pack_files *files; /* that the pack was made of */
	const struct pack_demo *demo;
	const struct pack_demo_size *size;
	uint64_t seed;
	const char *dir; /* exists; files of the same names are replaced */
};

struct demo_file {
	const struct pack_ledger *ledger;
	const char *path;
	size_t rows;
};
struct demo_files {
	VEC(struct demo_file) list; /* in the order of import; in cx->mem */
};

/*
 * Write the files, and a note that says what they are (the demo's notice).
 * Fails: PACK (a mistake in the demo that only shows when it runs: a sum that overflows, a draw
 * without values), IO, TOO_LARGE (a workbook over its limits).
 */
MUST_CHECK enum err demo_write(
	struct ctx *cx, const struct demo_request *request, struct demo_files *out);
/* The last demo of a pack, and one of its sizes (empty: the first). Fails: NOT_FOUND. */
MUST_CHECK enum err demo_find(struct ctx *cx, const struct pack *p, struct str size,
	const struct pack_demo **out, const struct pack_demo_size **out_size);
