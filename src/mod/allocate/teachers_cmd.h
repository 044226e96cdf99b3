/* `shuren allocate teachers`. */
#pragma once

#include "cli/cli.h"

extern const struct cli_option teachers_cmd_options[];
enum err teachers_cmd(struct ctx *cx, const struct cli_args *args);
