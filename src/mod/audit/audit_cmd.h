/* `shuren audit verify`. */
#pragma once

#include "cli/cli.h"

extern const struct command audit_commands[];
