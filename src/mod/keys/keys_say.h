/* What the commands that make keys tell on a terminal. */
#pragma once

#include "mod/keys/keys.h"

/* For keys_work; arg is the context. */
void keys_progress(void *arg, struct str ledger, int64_t rows);
/* Where a new key is kept and what it means to lose it; how much was sealed. */
void keys_say(const struct ctx *cx, const struct keys_done *done);
