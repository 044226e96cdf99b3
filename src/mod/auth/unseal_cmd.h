#pragma once

#include "cli/cli.h"

extern const struct command unseal_commands[];
