/* What the ways to print a report share. */
#pragma once

#include "cli/report.h"

size_t report_row_count(const struct report *r);
struct str report_cell(const struct report *r, size_t row, size_t column);

/* To standard output. Fails: INVALID (that is a terminal), and as xlsx_writer_close. */
MUST_CHECK enum err report_print_xlsx(struct ctx *cx, const struct report *r);
