/* Statements of the PostgreSQL driver; what each does stands in driver.h. */
#pragma once

#include "db/postgres.h"

enum err pg_prepare(struct ctx *cx, struct db *db, struct db_stmt *st);
void pg_finalize(struct db_stmt *st);
void pg_bind(struct db_stmt *st, int index, const struct db_value *value);
enum err pg_describe(struct ctx *cx, struct db_stmt *st);
enum err pg_step(struct ctx *cx, struct db_stmt *st, bool *out_has_row);
int64_t pg_changes(const struct db_stmt *st);
void pg_reset(struct db_stmt *st);
bool pg_is_null(const struct db_stmt *st, int column);
int64_t pg_i64(const struct db_stmt *st, int column);
double pg_f64(const struct db_stmt *st, int column);
struct str pg_bytes(const struct db_stmt *st, int column);
int pg_column_count(const struct db_stmt *st);
const char *pg_column_name(const struct db_stmt *st, int column);
