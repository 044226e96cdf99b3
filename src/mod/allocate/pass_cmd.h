/* shuren allocate pass. Internal to allocate: allocate_cmd.c has the table. */
#pragma once

#include "cli/cli.h"

extern const struct cli_option pass_cmd_options[];
MUST_CHECK enum err pass_cmd(struct ctx *cx, const struct cli_args *args);
