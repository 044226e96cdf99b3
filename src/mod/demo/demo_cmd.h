/* `shuren demo`. */
#pragma once

#include "cli/cli.h"

extern const struct command demo_commands[];
