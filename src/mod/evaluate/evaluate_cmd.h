/* shuren evaluate … */
#pragma once

#include "cli/cli.h"

extern const struct command evaluate_commands[];
extern const struct command report_commands[];
