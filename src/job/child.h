/*
 * Another program as a child, with limits: solvers may abort, hang or eat memory, and the server
 * sees an error. The child gets no standard input, its standard output goes into a file, its
 * standard error is read line by line. It is killed with all that it has started when it takes
 * too long, holds too much memory or is no longer wanted, and by the system when the thread that
 * runs it ends, be it by kill -9 of the whole program.
 */
#pragma once

#include "base/err.h"

struct child {
	const char *const *argv; /* argv[0] is the path of the program; ends with NULL */
	const char *out;         /* where standard output goes: a file, made or emptied */
	int64_t wall_ms_max;     /* 0: any time */
	int64_t memory_max;      /* bytes resident, looked at every 50 ms; 0: any */
	/* Told each line of standard error, without its end; lines are cut at 4,000 bytes. */
	void (*line)(void *arg, struct str line);
	/* Asked every 50 ms; false kills the child. NULL: always wanted. */
	bool (*is_wanted)(void *arg);
	void *arg;
};

/*
 * Run it to its end. *out_status is its exit code. Fails: IO (cannot be started), CANCELLED (not
 * wanted any more), TOO_LARGE (time or memory), STORE (ended by a signal, which is named). Nothing
 * of it runs afterwards.
 */
MUST_CHECK enum err child_run(struct ctx *cx, const struct child *child, int *out_status);

/* The path of this very program. Fails: IO. */
MUST_CHECK enum err child_own_path(struct ctx *cx, const char **out);
