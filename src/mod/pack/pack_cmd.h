/* shuren pack … */
#pragma once

#include "cli/cli.h"

extern const struct command pack_commands[];
