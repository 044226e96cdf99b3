/* `shuren backup`, `shuren restore`, `shuren upgrade`. */
#pragma once

#include "cli/cli.h"

extern const struct command backup_commands[];
