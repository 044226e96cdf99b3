/* What the files of this module share; nobody outside includes it. */
#pragma once

#include "mod/pack/pack.h"

/* Names that must exist, ids that must be there once, kinds of clause that exclude each other. */
void pack_check_names(const struct pack *p, struct problems *ps);
/* demo_shapes.c */
extern const struct shape demo_kind;
