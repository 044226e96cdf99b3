#include "db/where.h"

void db_where_begin(struct db_where *w, struct arena *mem)
{
	*w = (struct db_where){.mem = mem};
	strbuf_init(&w->sql, (size_t)1 << 20);
}

void db_where_add(struct db_where *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strbuf_z(&w->sql, arena_vprintf(w->mem, fmt, ap));
	va_end(ap);
}

void db_where_value(struct db_where *w, const struct db_value *value)
{
	strbuf_printf(&w->sql, ":w%zu", w->values.count);
	*VEC_PUSH(w->mem, &w->values) = *value;
}

void db_where_text(struct db_where *w, struct str text)
{
	db_where_value(w, &(struct db_value){.type = DB_TEXT, .text = text});
}

void db_where_i64(struct db_where *w, int64_t value)
{
	db_where_value(w, &(struct db_value){.type = DB_I64, .i64 = value});
}

void db_where_bind(const struct db_where *w, struct db_stmt *st)
{
	char name[24];

	for (size_t i = 0; i < w->values.count; i++) {
		snprintf(name, sizeof name, "w%zu", i);
		db_bind(st, db_param(st, name), &w->values.items[i]);
	}
}

void db_where_end(struct db_where *w)
{
	strbuf_release(&w->sql);
}
