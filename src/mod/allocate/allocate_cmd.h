/* shuren allocate … */
#pragma once

#include "cli/cli.h"

extern const struct command allocate_commands[];
