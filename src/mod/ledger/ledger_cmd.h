/* `shuren import`, `export`, `template`, `history`, `snapshot`. */
#pragma once

#include "cli/cli.h"

extern const struct command ledger_commands[];
