/* Inside mod/solve: its commands, and what they share. */
#pragma once

#include "cli/cli.h"

/* shuren solve flow FILE */
enum err solve_flow(struct ctx *cx, const struct cli_args *args);

/* shuren solve facility FILE */
enum err solve_facility(struct ctx *cx, const struct cli_args *args);

/* Seconds of a clock that only runs forward. */
double solve_seconds(void);
/* What is wrong with a file goes to standard error; REJECTED. */
enum err solve_reject(struct ctx *cx, const struct problems *ps, const char *path);
