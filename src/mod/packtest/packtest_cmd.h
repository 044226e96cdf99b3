/* shuren pack test */
#pragma once

#include "cli/cli.h"

extern const struct command packtest_commands[];
