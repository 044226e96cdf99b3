/*
 * A store for a test: a SQLite place in a folder of its own, or a PostgreSQL schema of its own on
 * the server that SHUREN_TEST_PG names (tools/with-postgres). Both are gone after the test.
 *
 *   static void x_is_kept(void **state) { struct world *w = open_world(state); … }
 *   const struct CMUnitTest tests[] = {BOTH(x_is_kept), ON(only_here, sqlite)};
 */
#pragma once

#include "db/db.h"

#include <setjmp.h>
#include <cmocka.h>
#include <unistd.h>

struct world {
	struct ctx cx; /* in English, at 2026-11-24T00:00:00Z */
	struct db *db; /* may be closed and set by the test; NULL: closed */
	char *url;
	char *folder; /* for files of the test */
};

int setup_sqlite(void **state);
int setup_postgres(void **state);
int teardown_world(void **state);
/* Skips the test when it would need a server and there is none. */
struct world *open_world(void **state);
void assert_ok(struct ctx *cx, enum err e, const char *file, int line);

/* For tests whose world is called w. */
#define OK(expr) assert_ok(&w->cx, (expr), __FILE__, __LINE__)
#define ON(name, dialect)                                                                          \
	{                                                                                          \
#name " (" #dialect ")", name, setup_##dialect, teardown_world, NULL               \
	}
#define BOTH(name) ON(name, sqlite), ON(name, postgres)
