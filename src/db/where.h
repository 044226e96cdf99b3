/*
 * The one place where SQL is put together while the program runs: the conditions of a search.
 * Text of the program goes in as it is, values always as parameters.
 */
#pragma once

#include "db/db.h"

struct db_where {
	struct arena *mem;
	struct strbuf sql; /* released by db_where_end */
	VEC(struct db_value) values;
};

void db_where_begin(struct db_where *w, struct arena *mem);
/* SQL that the program wrote. */
void db_where_add(struct db_where *w, const char *fmt, ...) PRINTF(2, 3);
/* A value in its place. Text must live until the statement is done. */
void db_where_value(struct db_where *w, const struct db_value *value);
void db_where_text(struct db_where *w, struct str text);
void db_where_i64(struct db_where *w, int64_t value);
/* Bind all of them. */
void db_where_bind(const struct db_where *w, struct db_stmt *st);
void db_where_end(struct db_where *w);
