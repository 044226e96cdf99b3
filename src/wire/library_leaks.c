/*
 * What Debian 12's libraries leak, by name:
 * - libxlsxwriter 1.1.4 copies the formula of a drop-down twice and frees one: a few bytes for
 *   each long list;
 * - cairo 1.16 loses an array of 768 bytes with each font that it writes into a PDF;
 * - fontconfig keeps patterns for good, once a program.
 */
#include "wire/library_leaks.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__clang__)
/* Clang knows a function's name only where llvm-symbolizer is installed, a library's always. */
#ifdef __clang__
#define XLSXWRITER "leak:libxlsxwriter.so\n"
#else
#define XLSXWRITER "leak:lxw_strdup\n"
#endif

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return XLSXWRITER "leak:libcairo.so\nleak:libfontconfig.so\n";
}

/* Without a table of them on standard error. */
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
	return "print_suppressions=0";
}
#endif

void library_leaks_known(void)
{
}
