/* Prices and forbidden pairs: small tables with one line a fact, every bad line named. */
#include "mod/allocate/pass.h"
#include "mod/allocate/rows.h"

#include "base/num.h"
#include "wire/table_reader.h"

enum { COLUMN_ORG, COLUMN_INDICATOR, COLUMN_PRICE, COLUMN_COUNT };

static const char *const column_names[COLUMN_COUNT][3] = {
	{"org", "学校标识码", "标识码"},
	{"indicator", "指标", "指标名称"},
	{"price", "单价", "单价（元）"},
};

struct pair_reader {
	bool may_lack_one; /* org or indicator */
	struct ctx *cx;
	struct table_reader *table;
	const struct pack_units *rules;
	const struct table *rows;
	struct str file;
	struct strmap orgs; /* that are in the rows */
	bool has_column[COLUMN_COUNT];
	uint32_t columns[COLUMN_COUNT];
	struct problems problems;
};

/* A line as read: org empty where the column is absent or the cell is. */
struct pair {
	struct place at;
	struct str org, price;
	size_t measure; /* SIZE_MAX: not known, a problem has been noted */
};

struct str pass_key(struct arena *mem, struct str org, struct str measure)
{
	return str_printf(mem, STR_FMT "\x1f" STR_FMT, STR_ARG(org), STR_ARG(measure));
}

static void take_header(struct pair_reader *r, const struct table_row *row)
{
	for (size_t i = 0; i < row->count; i++) {
		struct str name = str_trim(row->cells[i].text);
		for (size_t c = 0; c < COLUMN_COUNT; c++)
			for (size_t k = 0; k < ARRAY_LEN(column_names[c]); k++)
				if (str_is(name, column_names[c][k])) {
					r->has_column[c] = true;
					r->columns[c] = row->cells[i].column;
				}
	}
}

/* Open the file and find its columns; `wanted`: bits of those that must be there. */
static enum err open_pairs(struct ctx *cx, const char *path, const struct pack_units *rules,
	const struct dataset_ledger *rows, unsigned wanted, struct pair_reader *r)
{
	const struct column *org = table_find(rows->table, STR("org"));
	const struct table_row *header;

	*r = (struct pair_reader){
		.cx = cx, .rules = rules, .rows = rows->table, .file = str_from(path)};
	problems_init(&r->problems, cx->mem);
	r->problems.is_english = cx->is_english;
	strmap_init(&r->orgs, cx->mem);
	for (size_t i = 0; i < rows->table->row_count; i++)
		(void)strmap_put(&r->orgs, column_text(org, i), NULL);
	TRY(table_reader_open(cx, path, NULL, &r->table));
	TRY(table_reader_next(r->table, &header));
	if (header)
		take_header(r, header);
	for (size_t c = 0; c < COLUMN_COUNT; c++)
		if (wanted >> c & 1 && !r->has_column[c])
			return ctx_fail(cx, ERR_REJECTED,
				TR(cx, "%s: 缺少列 %s (%s)", "%s: column %s (%s) is missing"), path,
				column_names[c][0], column_names[c][1]);
	return ERR_OK;
}

static struct str cell(const struct pair_reader *r, const struct table_row *row, int column)
{
	if (!r->has_column[column])
		return STR_NONE;
	return str_copy(r->cx->mem, str_trim(table_row_cell(row, r->columns[column])->text));
}

static size_t find_measure(const struct pair_reader *r, struct str name)
{
	for (size_t k = 0; k < r->rules->measures.count; k++) {
		const struct pack_measure *m = &r->rules->measures.items[k];
		if (str_eq(m->id.text, name) || str_eq(m->title.text, name))
			return k;
	}
	return SIZE_MAX;
}

/* The next line that has no problem in org and indicator; false at the end. */
static enum err next_pair(struct pair_reader *r, struct pair *out, bool *out_is_end)
{
	const struct table_row *row;
	struct str name;

	*out = (struct pair){.measure = SIZE_MAX};
	TRY(table_reader_next(r->table, &row));
	*out_is_end = !row;
	if (!row)
		return ERR_OK;
	out->at = (struct place){.file = r->file,
		.line = row->line ? (int)MIN(row->line, INT_MAX) : (int)row->number};
	out->org = cell(r, row, COLUMN_ORG);
	out->price = cell(r, row, COLUMN_PRICE);
	name = cell(r, row, COLUMN_INDICATOR);
	out->measure = find_measure(r, name);
	if (out->measure == SIZE_MAX && (name.n || !r->may_lack_one))
		problems_error(&r->problems, out->at,
			TR(r->cx, "没有指标 '" STR_FMT "'", "there is no indicator '" STR_FMT "'"),
			STR_ARG(name));
	if (out->org.n && !strmap_find(&r->orgs, out->org)) {
		problems_error(&r->problems, out->at,
			TR(r->cx, "数据里没有学校 '" STR_FMT "'",
				"there is no org '" STR_FMT "' in the rows"),
			STR_ARG(out->org));
		out->measure = SIZE_MAX;
	}
	return ERR_OK;
}

static enum err finish_pairs(struct pair_reader *r)
{
	table_reader_close(r->table);
	return allocate_reject(r->cx, &r->problems);
}

/* False after a problem. */
static bool parse_price(struct pair_reader *r, const struct pair *p, int64_t *out)
{
	enum num_result got = parse_dec(p->price, 6, out);

	if (got == NUM_OK && *out > 0 && *out <= UPLIFT_PRICE_MAX)
		return true;
	problems_error(&r->problems, p->at,
		TR(r->cx, "单价 '" STR_FMT "' 应为大于 0、不超过 %d 的数, 至多 6 位小数",
			"the price '" STR_FMT "' must be a number above 0, at most %d, with at "
			"most 6 decimals"),
		STR_ARG(p->price), (int)(UPLIFT_PRICE_MAX / 1000000));
	return false;
}

enum err pass_read_prices(struct ctx *cx, const char *path, const struct pack_units *rules,
	const struct dataset_ledger *rows, struct pass_prices *out)
{
	struct pair_reader r;
	struct pair p;
	bool is_end;

	*out = (struct pass_prices){.rules = rules,
		.source = str_copy(cx->mem, str_from(path)),
		.common = arena_array(cx->mem, int64_t, rules->measures.count)};
	strmap_init(&out->by_org, cx->mem);
	TRY(open_pairs(cx, path, rules, rows, 1u << COLUMN_INDICATOR | 1u << COLUMN_PRICE, &r));
	for (;;) {
		int64_t price, *slot;
		TRY(next_pair(&r, &p, &is_end));
		if (is_end)
			break;
		if (!parse_price(&r, &p, &price) || p.measure == SIZE_MAX)
			continue;
		slot = p.org.n ? strmap_put(&out->by_org,
					 pass_key(cx->mem, p.org,
						 rules->measures.items[p.measure].id.text),
					 NULL)
			       : &out->common[p.measure];
		if (*slot)
			problems_error(&r.problems, p.at, "%s",
				TR(cx, "这个单价已经给过", "this price has been given before"));
		*slot = price;
	}
	return finish_pairs(&r);
}

enum err pass_read_forbidden(struct ctx *cx, const char *path, const struct pack_units *rules,
	const struct dataset_ledger *rows, struct strmap *out)
{
	struct pair_reader r;
	struct pair p;
	bool is_end;

	strmap_init(out, cx->mem);
	TRY(open_pairs(cx, path, rules, rows, 1u << COLUMN_ORG | 1u << COLUMN_INDICATOR, &r));
	r.may_lack_one = true;
	for (;;) {
		size_t before = r.problems.error_count;
		TRY(next_pair(&r, &p, &is_end));
		if (is_end)
			break;
		if (r.problems.error_count > before)
			continue;
		if (!p.org.n && p.measure == SIZE_MAX)
			problems_error(&r.problems, p.at, "%s",
				TR(cx, "学校和指标都空着", "both org and indicator are empty"));
		else
			(void)strmap_put(out,
				pass_key(cx->mem, p.org,
					p.measure == SIZE_MAX
						? STR_NONE
						: rules->measures.items[p.measure].id.text),
				NULL);
	}
	return finish_pairs(&r);
}
