/* `shuren promise`. */
#pragma once

#include "cli/cli.h"

extern const struct command promise_commands[];
