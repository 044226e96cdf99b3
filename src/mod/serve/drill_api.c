/* /api/indicators/{id}/rows: the ledger's rows that a number is made of. */
#include "mod/serve/ledger_api.h"
#include "mod/serve/measure_api.h"

static const struct json_field drill_fields[] = {OUT("ledger", JT_TEXT), OUT("title", JT_TEXT),
	OUT("part", JT_TEXT), OUT_OR_NULL("period", JT_TEXT), OUT("count", JT_I64),
	OUT_WITH("items", JT_LIST, .of = &row_shape), OUT("adds", JT_MAP),
	OUT_OR_NULL("next", JT_TEXT)};
static const struct json_shape drill_shape = JSON_SHAPE("indicator_rows", 0, drill_fields);

struct counted {
	int64_t id;
	bool has_value;
	double value;
};
struct drill {
	struct http_call *call;
	struct stored_ledger l;
	struct str period;
	bool is_denominator;
	VEC(struct counted) rows; /* that the asker may see, by id */
	size_t from, to;          /* of them, the page */
};

static int by_id(const void *a, const void *b)
{
	const struct counted *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* Who may see a number need not see its rows: those stay within what one may read of the ledger. */
static enum err count_rows(struct drill *d, const struct pack_indicator *indicator)
{
	struct http_call *call = d->call;
	const struct column *org;
	struct indicator_rows all;
	struct scopes scopes;
	struct measure m;

	call_scopes(call, d->l.ledger->id.text, "read", &scopes);
	TRY(measure_begin(call, STR("indicators"), &m));
	TRY(measure_add(&m, d->l.ledger->id.text));
	TRY(indicator_list_rows(&call->cx, &m.ds, indicator, d->is_denominator, &all));
	org = table_find(all.ledger->table, STR("@org"));
	for (size_t i = 0; i < all.list.count; i++) {
		const struct indicator_row *r = &all.list.items[i];
		if (scopes_are_all(&scopes) ||
			scopes_have(&scopes, service_of(call)->tree, column_text(org, r->row)))
			*VEC_PUSH(call->cx.mem, &d->rows) = (struct counted){
				all.ledger->row_ids[r->row], r->has_value, r->value};
	}
	if (d->rows.count)
		qsort(d->rows.items, d->rows.count, sizeof *d->rows.items, by_id);
	d->period = m.ds.period;
	if (d->l.period == SIZE_MAX)
		d->period = STR_NONE;
	else if (!d->period.n)
		TRY(ledger_latest_period(&call->cx, service_of(call)->db, &d->l, &d->period));
	return ERR_OK;
}

static enum err take_page(struct drill *d)
{
	struct str after = http_query(d->call, "after");
	size_t limit = (size_t)http_query_i64(d->call, "limit", 50);
	int64_t id = 0;

	if (after.n && parse_i64(after, 0, INT64_MAX, &id) != NUM_OK)
		http_fault(d->call, "?after", "%s", TR(&d->call->cx, "不是游标", "no cursor"));
	while (d->from < d->rows.count && d->rows.items[d->from].id <= id)
		d->from++;
	d->to = MIN(d->from + limit, d->rows.count);
	return http_check(d->call);
}

static enum err write_items(struct drill *d)
{
	struct http_call *call = d->call;
	struct ledger_row row = {
		.values = arena_array(call->cx.mem, struct field_value, d->l.ledger->fields.count)};
	struct db_stmt *st = NULL;
	struct db_where w;
	bool has_row = false;
	enum err e;

	if (d->from == d->to)
		return ERR_OK;
	db_where_begin(&w, call->cx.mem);
	ledger_rows_select(&d->l, d->l.table, &w.sql);
	db_where_add(&w, " WHERE id IN (");
	for (size_t i = d->from; i < d->to; i++) {
		db_where_add(&w, i > d->from ? ", " : "");
		db_where_i64(&w, d->rows.items[i].id);
	}
	db_where_add(&w, ") ORDER BY id");
	e = db_prepare(&call->cx, service_of(call)->db, w.sql.p, &st);
	if (e == ERR_OK)
		db_where_bind(&w, st);
	while (e == ERR_OK) {
		e = db_step(&call->cx, st, &has_row);
		if (e != ERR_OK || !has_row)
			break;
		ledger_rows_take(&d->l, service_of(call)->tree, st, &row);
		write_row(call, &d->l, &row);
	}
	if (st)
		db_release(st);
	db_where_end(&w);
	return e;
}

static void write_adds(const struct drill *d)
{
	struct json_writer *w = &d->call->json;

	json_key(w, "adds");
	json_object(w);
	for (size_t i = d->from; i < d->to; i++) {
		const struct counted *c = &d->rows.items[i];
		json_key_str(w, str_printf(d->call->cx.mem, "%" PRId64, c->id));
		if (c->has_value)
			json_f64(w, c->value);
		else
			json_null(w);
	}
	json_end_object(w);
}

/* Which ledger, and may the asker read any of it? */
static enum err ready(struct drill *d, const struct pack_indicator *indicator)
{
	struct http_call *call = d->call;
	struct str ledger = d->is_denominator && indicator->denominator_from.text.n
				    ? indicator->denominator_from.text
				    : indicator->from.text;

	if (d->is_denominator && !indicator->denominator.text.n)
		http_fault(call, "?part", "%s",
			TR(&call->cx, "这个指标没有分母", "this indicator has no denominator"));
	TRY(http_check(call));
	if (!call_may(call, ledger, "read"))
		return ctx_fail(&call->cx, ERR_FORBIDDEN, "%s",
			TR(&call->cx, "您的角色不能看这个台账的行",
				"your roles do not allow to see rows of this ledger"));
	stored_ledger_init(call->cx.mem, pack_find_ledgers(service_of(call)->pack, ledger), &d->l);
	return ERR_OK;
}

static enum err get_rows(struct http_call *call)
{
	struct drill d = {
		.call = call, .is_denominator = http_query_is(call, "part", "denominator")};
	const struct pack_indicator *indicator;
	struct json_writer *w = &call->json;

	TRY(call_indicator(call, &indicator));
	TRY(ready(&d, indicator));
	TRY(count_rows(&d, indicator));
	TRY(take_page(&d));
	json_object(w);
	json_field_str(w, "ledger", d.l.ledger->id.text);
	json_field_str(w, "title", d.l.ledger->title.text);
	json_field_z(w, "part", d.is_denominator ? "denominator" : "numerator");
	json_field_text(w, "period", d.period);
	json_field_i64(w, "count", (int64_t)d.rows.count);
	json_key(w, "items");
	json_array(w);
	TRY(write_items(&d));
	json_end_array(w);
	write_adds(&d);
	json_field_id(w, "next", d.to < d.rows.count ? d.rows.items[d.to - 1].id : 0);
	json_end_object(w);
	return ERR_OK;
}

static const char *const parts[] = {"numerator", "denominator", NULL};
static const struct query_field drill_query[] = {{.name = "part",
							 .type = QUERY_TEXT,
							 .choices = parts,
							 .zh = "分子还是分母, 默认分子",
							 .en = "which sum, default the numerator"},
	QUERY("period", "周期", "the period"),
	QUERY("org", "机构及其下级", "an organisation and what is below it"), QUERY_LIMIT,
	QUERY_AFTER, QUERY_END};

const struct route drill_routes[] = {
	{.path = "/api/indicators/{id}/rows",
		.on = "indicators",
		.may = "read",
		.query = drill_query,
		.reply = &drill_shape,
		.handle = get_rows,
		.zh = "一个数由哪些行得来",
		.en = "The rows that its numerator or denominator is made of"},
	{.path = NULL},
};
