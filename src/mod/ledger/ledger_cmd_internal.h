/* What the commands of ledgers share. */
#pragma once

#include "cli/cli.h"
#include "mod/place/place.h"

extern const struct cli_option import_options[];
enum err import_command(struct ctx *cx, const struct cli_args *args);

/* Fails: NOT_FOUND. */
MUST_CHECK enum err find_ledger(struct ctx *cx, const struct open_place *place, struct str name,
	const struct pack_ledger **out);
