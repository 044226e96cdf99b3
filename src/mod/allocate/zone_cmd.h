/* `shuren allocate zone`. */
#pragma once

#include "cli/cli.h"

extern const struct cli_option zone_cmd_options[];
enum err zone_cmd(struct ctx *cx, const struct cli_args *args);
