/*
 * The command line: one table a command says its words, options and help; from it come parsing,
 * usage and errors. Results go to standard output, messages to standard error; the exit code is
 * that of the enum err (0 done, 1 the data say no, 2 wrong usage, 3 cannot).
 */
#pragma once

#include "base/err.h"

struct cli_option {
	const char *name;  /* without -- */
	const char *value; /* NULL: a flag; else what stands behind it in the help: FILE */
	bool repeats;
	const char *zh, *en;
};

struct cli_value {
	struct str name, value;
};

struct cli_args {
	struct str *words; /* positional */
	size_t word_count;
	struct cli_value *options;
	size_t option_count;
};

struct command {
	const char *name;  /* "evaluate", "pack check" */
	const char *words; /* "PLACE EVALUATION" for the help */
	size_t words_min, words_max;
	const struct cli_option *options; /* ends with a NULL name */
	const char *zh, *en;
	enum err (*run)(struct ctx *cx, const struct cli_args *args);
};

/* Options that every command has: --format, --lang, --key-file, --help. */
extern const struct cli_option cli_common_options[];

/* Find the command, parse, run, print the error. `lists` ends with NULL; each list with a NULL
 * name. */
int cli_main(const struct command *const *lists, int argc, char **argv);

bool cli_has(const struct cli_args *args, const char *name);
/* The last value given, or an empty str. */
struct str cli_get(const struct cli_args *args, const char *name);
/* The i-th value of a repeated option, or an empty str with p NULL. */
struct str cli_nth(const struct cli_args *args, const char *name, size_t i);
struct str cli_word(const struct cli_args *args, size_t i); /* empty when not given */
/* The number in an option; fallback when not given. */
MUST_CHECK enum err cli_i64(struct ctx *cx, const struct cli_args *args, const char *name,
	int64_t min, int64_t max, int64_t fallback, int64_t *out);
