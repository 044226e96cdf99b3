/* shuren allocate forecast. Internal to allocate: allocate_cmd.c has the table. */
#pragma once

#include "cli/cli.h"

extern const struct cli_option forecast_cmd_options[];
MUST_CHECK enum err forecast_cmd(struct ctx *cx, const struct cli_args *args);
