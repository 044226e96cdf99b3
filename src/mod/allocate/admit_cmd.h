/* `shuren allocate admit`. */
#pragma once

#include "cli/cli.h"

extern const struct cli_option admit_cmd_options[];
enum err admit_cmd(struct ctx *cx, const struct cli_args *args);
