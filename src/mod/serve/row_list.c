/* A page of a ledger's rows: their order, cursors, the rows, and the count and sums of all. */
#include "mod/serve/ledger_api.h"

/* ---- sorting and pages ---- */

struct order {
	const struct stored_field *field; /* NULL: by id */
	bool is_down;
};

static enum err take_order(struct http_call *call, const struct stored_ledger *l, struct order *out)
{
	struct str sort = http_query(call, "sort");

	*out = (struct order){0};
	if (!sort.n)
		return ERR_OK;
	out->is_down = sort.p[0] == '-';
	if (out->is_down)
		sort = str_sub(sort, 1, sort.n);
	for (size_t i = 0; i < l->field_count; i++)
		if (str_eq(l->fields[i].field->name.text, sort) &&
			!field_is_sealed(l->fields[i].field))
			out->field = &l->fields[i];
	if (!out->field)
		http_fault(call, "?sort", "%s",
			TR(&call->cx, "不能按这个字段排序", "rows are not sorted by this field"));
	return http_check(call);
}

/* A cursor is "ID" or "ID~VALUE" as it is kept; "ID~" followed by nothing but a NULL mark '!'. */
static bool cursor_value(const struct stored_field *f, struct str text, struct db_value *out)
{
	int64_t n = 0;

	*out = (struct db_value){.type = f->type};
	switch (f->type) {
	case DB_I64:
		if (parse_i64(text, INT64_MIN, INT64_MAX, &n) != NUM_OK)
			return false;
		out->i64 = n;
		return true;
	case DB_BOOL:
		out->boolean = str_is(text, "1");
		return true;
	case DB_DATE:
		return date_parse(text, &out->date);
	case DB_TEXT:
		out->text = text;
		return true;
	case DB_F64:
	case DB_BLOB:
		break;
	}
	return false;
}

static enum err no_cursor(struct http_call *call)
{
	http_fault(call, "?after", "%s", TR(&call->cx, "不是游标", "no cursor"));
	return http_check(call);
}

/* The condition of a page that is not the first, where rows are in the order of a field. */
static enum err add_after(
	struct http_call *call, const struct order *o, struct str after, struct db_where *w)
{
	const char *column = o->field->column;
	struct str id_text = str_cut(&after, '~');
	struct db_value value;
	int64_t id;

	if (parse_i64(id_text, 0, INT64_MAX, &id) != NUM_OK ||
		(!str_is(after, "!") && !cursor_value(o->field, after, &value)))
		return no_cursor(call);
	if (str_is(after, "!")) {
		db_where_add(w, " AND \"%s\" IS NULL AND id > ", column);
		db_where_i64(w, id);
		return ERR_OK;
	}
	db_where_add(w, " AND (\"%s\" %s ", column, o->is_down ? "<" : ">");
	db_where_value(w, &value);
	db_where_add(w, " OR (\"%s\" = ", column);
	db_where_value(w, &value);
	db_where_add(w, " AND id > ");
	db_where_i64(w, id);
	db_where_add(w, ") OR \"%s\" IS NULL)", column);
	return ERR_OK;
}

static struct str cursor_of(
	struct http_call *call, const struct order *o, const struct ledger_row *row)
{
	struct strbuf b;
	struct str text;

	if (!o->field)
		return str_printf(call->cx.mem, "%" PRId64, row->id);
	strbuf_init(&b, 65536);
	strbuf_printf(&b, "%" PRId64 "~", row->id);
	if (row->values[o->field->index].is_null)
		strbuf_char(&b, '!');
	else if (o->field->type == DB_I64)
		strbuf_printf(&b, "%" PRId64, row->values[o->field->index].number);
	else
		field_format(service_of(call)->pack, o->field->field, &row->values[o->field->index],
			false, &b);
	text = str_copy(call->cx.mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}

/* ---- the list ---- */

/* What is written of a page: by one statement, or by several that follow each other. */
struct page {
	const struct row_search *search;
	const struct order *order;
	int64_t limit, skip, written;
	int64_t after;   /* in the order of ids: only rows behind it */
	struct str last; /* the cursor of the last row, once the page is full */
	bool has_more;
};

static enum err write_rows(struct http_call *call, const struct stored_ledger *l,
	struct db_stmt *st, struct page *page)
{
	struct ledger_row row = {
		.values = arena_array(call->cx.mem, struct field_value, l->ledger->fields.count)};
	bool has_row = false;

	for (;; page->written++) {
		TRY(db_step(&call->cx, st, &has_row));
		if (!has_row)
			return ERR_OK;
		if (page->written == page->limit) {
			page->has_more = true;
			return ERR_OK;
		}
		ledger_rows_take(l, service_of(call)->tree, st, &row);
		write_row(call, l, &row);
		if (page->written == page->limit - 1)
			page->last = cursor_of(call, page->order, &row);
	}
}

static void add_order(const struct page *page, struct db_where *w)
{
	const struct order *o = page->order;

	if (o->field)
		db_where_add(w, " ORDER BY \"%s\"%s NULLS LAST, id LIMIT ", o->field->column,
			o->is_down ? " DESC" : "");
	else
		db_where_add(w, " ORDER BY id LIMIT ");
	db_where_i64(w, page->limit - page->written + 1);
	if (page->skip) {
		db_where_add(w, " OFFSET ");
		db_where_i64(w, page->skip);
	}
}

/* More of the page; only: of these rows, NULL for all that the search finds. */
static enum err add_rows(struct http_call *call, const struct stored_ledger *l,
	const struct text_candidates *only, struct page *page)
{
	struct db_where w = page->search->where;
	struct db_stmt *st = NULL;
	struct strbuf sql;
	enum err e = ERR_OK;

	strbuf_init(&w.sql, (size_t)1 << 20);
	strbuf_str(&w.sql, strbuf_view(&page->search->where.sql));
	strbuf_init(&sql, (size_t)1 << 20);
	if (only) {
		row_search_only(only, &w);
	} else if (page->order->field && http_query(call, "after").n) {
		e = add_after(call, page->order, http_query(call, "after"), &w);
	} else if (page->after) {
		db_where_add(&w, " AND id > ");
		db_where_i64(&w, page->after);
	}
	if (e == ERR_OK) {
		add_order(page, &w);
		ledger_rows_select(l, l->table, &sql);
		strbuf_z(&sql, " WHERE TRUE");
		strbuf_str(&sql, strbuf_view(&w.sql));
		e = db_prepare(&call->cx, service_of(call)->db, sql.p, &st);
	}
	if (e == ERR_OK) {
		db_where_bind(&w, st);
		e = write_rows(call, l, st, page);
		db_release(st);
	}
	strbuf_release(&sql);
	db_where_end(&w);
	return e;
}

/*
 * The page out of the rows that the index of texts names, some pages' worth of them at a time: a
 * common name has thousands, and a page is full after a hundred. *is_done: it was enough.
 */
static enum err add_rows_by_index(
	struct http_call *call, const struct stored_ledger *l, struct page *page, bool *is_done)
{
	struct service *s = service_of(call);
	struct text_candidates rows = {.max = 2 * (size_t)page->limit + 2};

	for (size_t seen = 0; seen < TEXT_CANDIDATES_MAX && !*is_done; seen += rows.ids.count) {
		rows.after = page->after;
		TRY(text_index_find(
			&call->cx, service_texts(s), s->db, l, page->search->text, &rows));
		if (!rows.is_known)
			return ERR_OK;
		if (rows.ids.count) {
			TRY(add_rows(call, l, &rows, page));
			page->after = rows.ids.items[rows.ids.count - 1];
		}
		*is_done = page->has_more || rows.is_all;
		rows.max *= 4;
	}
	return ERR_OK;
}

static enum err write_page(struct http_call *call, const struct stored_ledger *l, struct page *page)
{
	struct str after = http_query(call, "after");
	bool is_done = false;

	if (!page->order->field && after.n &&
		parse_i64(after, 0, INT64_MAX, &page->after) != NUM_OK)
		return no_cursor(call);
	if (page->search->text.n && !page->order->field && !page->skip)
		TRY(add_rows_by_index(call, l, page, &is_done));
	return is_done ? ERR_OK : add_rows(call, l, NULL, page);
}

static const struct stored_field *sum_field(const struct stored_ledger *l, struct str name)
{
	for (size_t i = 0; i < l->field_count; i++) {
		const struct pack_field *f = l->fields[i].field;
		bool is_number = f->type == FIELD_INTEGER || f->type == FIELD_DECIMAL;
		if (str_eq(f->name.text, name) && is_number && !field_is_sealed(f))
			return &l->fields[i];
	}
	return NULL;
}

struct sums {
	VEC(const struct stored_field *) fields;
};

static enum err take_totals(struct http_call *call, const struct stored_ledger *l, struct sums *out)
{
	struct str names = http_query(call, "totals");

	*out = (struct sums){0};
	while (names.n) {
		const struct stored_field *f = sum_field(l, str_cut(&names, ','));
		if (!f)
			http_fault(call, "?totals", "%s",
				TR(&call->cx, "不是可以合计的字段", "not a field that is summed"));
		else
			*VEC_PUSH(call->cx.mem, &out->fields) = f;
	}
	return http_check(call);
}

static void write_totals(struct http_call *call, const struct sums *sums, const struct db_stmt *st)
{
	struct json_writer *w = &call->json;

	json_key(w, "totals");
	json_object(w);
	for (size_t i = 0; i < sums->fields.count; i++) {
		const struct pack_field *f = sums->fields.items[i]->field;
		struct field_value v = {
			.is_null = db_is_null(st, (int)i + 1), .number = db_i64(st, (int)i + 1)};
		json_key_str(w, f->name.text);
		write_value(w, f, &v);
	}
	json_end_object(w);
}

/* Count and sums over everything that the search finds, not over a page; after the page. */
static enum err write_summary(
	struct http_call *call, const struct stored_ledger *l, struct row_search *search)
{
	bool wants_count = http_query_is(call, "count", "1");
	struct db_stmt *st = NULL;
	struct strbuf sql;
	struct sums sums;
	bool has_row = false;
	enum err e;

	TRY(take_totals(call, l, &sums));
	if (!wants_count && sums.fields.count == 0)
		return ERR_OK;
	TRY(row_search_narrow(call, l, search));
	strbuf_init(&sql, (size_t)1 << 20);
	strbuf_z(&sql, "SELECT count(*)");
	for (size_t i = 0; i < sums.fields.count; i++)
		strbuf_printf(&sql, ", CAST(sum(\"%s\") AS BIGINT)", sums.fields.items[i]->column);
	strbuf_printf(&sql, " FROM %s WHERE TRUE", l->table);
	strbuf_str(&sql, strbuf_view(&search->where.sql));
	e = db_prepare(&call->cx, service_of(call)->db, sql.p, &st);
	strbuf_release(&sql);
	TRY(e);
	db_where_bind(&search->where, st);
	TRY(db_step(&call->cx, st, &has_row));
	if (has_row && wants_count)
		json_field_i64(&call->json, "count", db_i64(st, 0));
	if (has_row && sums.fields.count)
		write_totals(call, &sums, st);
	db_release(st);
	return ERR_OK;
}

enum err list_rows(struct http_call *call)
{
	const struct stored_ledger *l = call_ledger(call);
	struct json_writer *w = &call->json;
	struct row_search search;
	struct order order;
	struct page page = {.search = &search,
		.order = &order,
		.limit = http_query_i64(call, "limit", 50),
		.skip = http_query_i64(call, "skip", 0)};
	enum err e;

	TRY(take_order(call, l, &order));
	TRY(row_search_begin(call, l, "read", &search));
	json_object(w);
	json_key(w, "items");
	json_array(w);
	e = write_page(call, l, &page);
	json_end_array(w);
	json_field_text(w, "next", page.has_more ? page.last : STR_NONE);
	json_field_text(w, "period", search.period);
	if (e == ERR_OK)
		e = write_summary(call, l, &search);
	json_end_object(w);
	db_where_end(&search.where);
	return e;
}
