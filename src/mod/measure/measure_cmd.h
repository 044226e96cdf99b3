/* `shuren indicator`. */
#pragma once

#include "cli/cli.h"

extern const struct command measure_commands[];
