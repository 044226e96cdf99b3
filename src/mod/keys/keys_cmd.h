#pragma once

#include "cli/cli.h"

extern const struct command keys_commands[];
