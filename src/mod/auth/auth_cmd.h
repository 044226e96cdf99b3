/* `shuren user`. */
#pragma once

#include "cli/cli.h"

extern const struct command auth_commands[];
