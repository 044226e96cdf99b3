/* `shuren serve`. */
#pragma once

#include "cli/cli.h"

extern const struct command serve_commands[];
