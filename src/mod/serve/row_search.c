/* The conditions of a list or an export, out of a call's query. */
#include "mod/serve/ledger_api.h"

enum operation { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_IN, OP_HAS, OP_NULL, OP_NOTNULL };
static const struct {
	const char *name, *sql;
} operations[] = {{"eq", "="}, {"ne", "<>"}, {"lt", "<"}, {"le", "<="}, {"gt", ">"}, {"ge", ">="},
	{"in", NULL}, {"has", NULL}, {"null", NULL}, {"notnull", NULL}};

static bool is_text(const struct stored_field *f)
{
	return f->type == DB_TEXT;
}

static const struct stored_field *find_field(const struct stored_ledger *l, struct str name)
{
	for (size_t i = 0; i < l->field_count; i++)
		if (str_eq(l->fields[i].field->name.text, name) &&
			!field_is_sealed(l->fields[i].field))
			return &l->fields[i];
	return NULL;
}

static void wrong(struct http_call *call, struct str filter, const char *why)
{
	http_fault(call, "?filter", STR_FMT ": %s", STR_ARG(filter), why);
}

/* The value of a filter as the field reads it in a workbook: titles of codes are taken too. */
static bool add_value(struct http_call *call, const struct stored_field *f, struct str text,
	struct db_where *w, struct str *why)
{
	struct table_cell cell = {.text = text, .kind = CELL_TEXT};
	struct field_parser parser;
	struct field_value v;
	struct db_value value = {.type = f->type};

	field_parser_init(&parser, call->cx.mem, service_of(call)->pack, f->field);
	if (!field_parse(&parser, &cell, call->cx.mem, call->cx.is_english, &v, why))
		return false;
	if (v.is_null) {
		*why = str_from(TR(&call->cx, "没有值", "no value"));
		return false;
	}
	value.i64 = v.number;
	if (f->type == DB_TEXT)
		value.text = v.text;
	else if (f->type == DB_BOOL)
		value.boolean = v.number != 0;
	else if (f->type == DB_DATE)
		value.date = (struct date){(int32_t)v.number};
	db_where_value(w, &value);
	return true;
}

/* LIKE's own letters are quoted: the asker's % is a percent sign. */
static struct str pattern_of(struct arena *mem, struct str text)
{
	struct strbuf b;
	struct str pattern;

	strbuf_init(&b, 65536);
	strbuf_char(&b, '%');
	for (size_t i = 0; i < text.n; i++) {
		if (strchr("%_\\", text.p[i]))
			strbuf_char(&b, '\\');
		strbuf_char(&b,
			text.p[i] >= 'A' && text.p[i] <= 'Z' ? (char)(text.p[i] | 32) : text.p[i]);
	}
	strbuf_char(&b, '%');
	pattern = str_copy(mem, strbuf_view(&b));
	strbuf_release(&b);
	return pattern;
}

/* A bare parameter behind LIKE would make SQLite plan anew, once it knows the value. */
static void add_like(struct db_where *w, const char *column, struct str pattern)
{
	db_where_add(w, "lower(\"%s\") LIKE '' || ", column);
	db_where_text(w, pattern);
	db_where_add(w, " ESCAPE '\\'");
}

static bool add_operation(struct http_call *call, const struct stored_field *f, enum operation op,
	struct str text, struct db_where *w, struct str *why)
{
	switch (op) {
	case OP_NULL:
	case OP_NOTNULL:
		db_where_add(w, "\"%s\" IS %s", f->column, op == OP_NULL ? "NULL" : "NOT NULL");
		return true;
	case OP_HAS:
		*why = str_from(TR(&call->cx, "只用于文字", "for texts only"));
		if (is_text(f))
			add_like(w, f->column, pattern_of(call->cx.mem, text));
		return is_text(f);
	case OP_IN:
		db_where_add(w, "\"%s\" IN (", f->column);
		for (bool is_first = true; text.n; is_first = false) {
			db_where_add(w, is_first ? "" : ", ");
			if (!add_value(call, f, str_cut(&text, '|'), w, why))
				return false;
		}
		db_where_add(w, ")");
		return true;
	case OP_EQ:
	case OP_NE:
	case OP_LT:
	case OP_LE:
	case OP_GT:
	case OP_GE:
		break;
	}
	db_where_add(w, "\"%s\" %s ", f->column, operations[op].sql);
	return add_value(call, f, text, w, why);
}

static void add_filter(
	struct http_call *call, const struct stored_ledger *l, struct str given, struct db_where *w)
{
	struct str rest = given, name = str_cut(&rest, ':'), op = str_cut(&rest, ':'), why;
	const struct stored_field *f = find_field(l, name);
	size_t i = 0;

	while (i < ARRAY_LEN(operations) && !str_is(op, operations[i].name))
		i++;
	if (!f || i == ARRAY_LEN(operations)) {
		wrong(call, given,
			!f ? TR(&call->cx, "不能按这个字段筛选", "not a field to filter by")
			   : TR(&call->cx, "没有这种比较", "no such comparison"));
		return;
	}
	if (i == OP_IN && !rest.n) {
		wrong(call, given, TR(&call->cx, "没有值", "no value"));
		return;
	}
	db_where_add(w, " AND ");
	if (!add_operation(call, f, (enum operation)i, rest, w, &why))
		wrong(call, given, str_z(call->cx.mem, why));
}

/* Rows of the organisations whose name has the text. */
static void add_orgs(struct str pattern, struct db_where *w)
{
	db_where_add(w, "org IN (SELECT code FROM org WHERE lower(name) LIKE '' || ");
	db_where_text(w, pattern);
	db_where_add(w, " ESCAPE '\\')");
}

static void add_texts(
	const struct stored_ledger *l, struct str pattern, const char *first, struct db_where *w)
{
	for (size_t i = 0; i < l->field_count; i++) {
		if (!text_index_has(&l->fields[i]))
			continue;
		db_where_add(w, "%s", first);
		add_like(w, l->fields[i].column, pattern);
		first = " OR ";
	}
}

static bool has_letters(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((text.p[i] | 32) >= 'a' && (text.p[i] | 32) <= 'z')
			return true;
	return false;
}

/* As lower() and LIKE compare: without regard to the case of ASCII letters. */
static bool has_text(struct str name, struct str text, bool is_cased)
{
	if (!is_cased)
		return memmem(name.p, name.n, text.p, text.n) != NULL;
	for (size_t i = 0; i + text.n <= name.n; i++)
		if (strncasecmp(name.p + i, text.p, text.n) == 0)
			return true;
	return false;
}

static bool names_an_org(const struct org_tree *tree, struct str text)
{
	bool is_cased = has_letters(text);

	for (size_t i = 0; i < tree->count; i++)
		if (has_text(tree->items[i].name, text, is_cased))
			return true;
	return false;
}

/*
 * Text anywhere: in the row's own texts, or in the name of its organisation. Where no organisation
 * is called so, the index of a large ledger's texts may name the rows that are worth a look.
 */
static void add_text(struct http_call *call, const struct stored_ledger *l, struct row_search *out)
{
	struct str q = str_trim(http_query(call, "q")), pattern;
	struct db_where *w = &out->where;

	if (!q.n)
		return;
	pattern = pattern_of(call->cx.mem, q);
	db_where_add(w, " AND (");
	if (names_an_org(service_of(call)->tree, q)) {
		add_orgs(pattern, w);
	} else {
		out->text = q;
		db_where_add(w, "FALSE");
	}
	add_texts(l, pattern, " OR ", w);
	db_where_add(w, ")");
}

/* Written out: SQLite finds each bound value by looking at all of their names. */
void row_search_only(const struct text_candidates *rows, struct db_where *w)
{
	db_where_add(w, rows->ids.count ? " AND id IN (" : " AND FALSE");
	for (size_t i = 0; i < rows->ids.count; i++)
		db_where_add(w, "%s%" PRId64, i ? ", " : "", rows->ids.items[i]);
	if (rows->ids.count)
		db_where_add(w, ")");
}

enum err row_search_narrow(
	struct http_call *call, const struct stored_ledger *l, struct row_search *search)
{
	struct service *s = service_of(call);
	struct text_candidates rows = {.max = TEXT_CANDIDATES_MAX};

	if (search->text.n)
		TRY(text_index_find(&call->cx, service_texts(s), s->db, l, search->text, &rows));
	if (rows.is_known && rows.is_all)
		row_search_only(&rows, &search->where);
	return ERR_OK;
}

static enum err take_period(struct http_call *call, const struct stored_ledger *l, struct str *out)
{
	struct str given = http_query(call, "period");

	*out = STR_NONE;
	if (str_is(given, "*") || (!given.n && http_query(call, "import").n))
		return ERR_OK;
	if (!given.n)
		return ledger_latest_period(&call->cx, service_of(call)->db, l, out);
	if (!period_parse(call->cx.mem, given, out))
		http_fault(call, "?period", "%s",
			TR(&call->cx, "应为周期, 如 2025", "should be a period such as 2025"));
	return http_check(call);
}

static enum err add_conditions(struct http_call *call, const struct stored_ledger *l,
	const struct scopes *scopes, struct row_search *out)
{
	struct db_where *w = &out->where;
	struct str import = http_query(call, "import"), filter;
	int64_t id;

	if (out->period.n) {
		db_where_add(w, " AND period = ");
		db_where_text(w, out->period);
	}
	scopes_where(scopes, service_of(call)->tree, w);
	if (import.n && parse_i64(import, 1, INT64_MAX, &id) != NUM_OK)
		http_fault(call, "?import", "%s", TR(&call->cx, "不是编号", "no id"));
	else if (import.n) {
		db_where_add(w, " AND import_id = ");
		db_where_i64(w, id);
	}
	for (size_t i = 0; (filter = http_query_nth(call, "filter", i)).p; i++)
		add_filter(call, l, filter, w);
	add_text(call, l, out);
	return http_check(call);
}

enum err row_search_begin(struct http_call *call, const struct stored_ledger *l, const char *action,
	struct row_search *out)
{
	struct scopes scopes;
	enum err e;

	*out = (struct row_search){0};
	TRY(call_scopes_asked(call, l->ledger->id.text, action, &scopes));
	TRY(take_period(call, l, &out->period));
	db_where_begin(&out->where, call->cx.mem);
	e = add_conditions(call, l, &scopes, out);
	if (e != ERR_OK)
		db_where_end(&out->where);
	return e;
}
