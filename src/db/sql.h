/*
 * SQL text from the common dialect to the one of a database. Quoted text, quoted names and
 * comments pass unchanged; PostgreSQL's `::` is no parameter.
 */
#pragma once

#include "db/db.h"

struct sql_names {
	VEC(char *) list; /* parameter i + 1 is list.items[i] */
};

/*
 * `:name` to ?N (SQLite) or $N (PostgreSQL). N is the place of name in *names, which grows by
 * the names it lacks. Never $N on SQLite: it counts by first appearance and swaps values.
 */
char *sql_params(
	struct arena *mem, const char *sql, enum db_dialect dialect, struct sql_names *names);
/* @pk, @i64 … @strict to the words of the database; an unknown token is a bug of the script. */
char *sql_tokens(struct arena *mem, const char *sql, enum db_dialect dialect);
