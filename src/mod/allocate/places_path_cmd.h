/* `shuren allocate places --years N`: places over years. */
#pragma once

#include "cli/cli.h"

MUST_CHECK enum err places_path_cmd(struct ctx *cx, const struct cli_args *args);
