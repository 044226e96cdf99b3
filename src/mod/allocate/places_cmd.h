/* `shuren allocate places`. */
#pragma once

#include "cli/cli.h"

extern const struct cli_option places_cmd_options[];
enum err places_cmd(struct ctx *cx, const struct cli_args *args);
