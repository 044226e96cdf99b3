/* shuren solve …: the solvers on the file formats of their field. */
#pragma once

#include "cli/cli.h"

extern const struct command solve_commands[];
