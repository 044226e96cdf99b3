/* `shuren init` and `shuren pack list`. */
#pragma once

#include "cli/cli.h"

extern const struct command setup_commands[];
