/*
 * What was refused, back to the one who sent it: the own workbook with the bad cells red and
 * commented; for a CSV file a fresh workbook of the rows that have problems.
 */
#pragma once

#include "mod/ledger/intake.h"

/*
 * The intake's problems must be sorted. path is the file that was read (or bytes, when its p is
 * set); out_path is replaced.
 */
MUST_CHECK enum err rejects_write(struct ctx *cx, struct intake *in, const char *path,
	struct str bytes, const char *out_path);
