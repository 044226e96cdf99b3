/* shuren evaluate … */
#pragma once

#include "cli/cli.h"

extern const struct command evaluate_commands[];
