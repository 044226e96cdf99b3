#include "mod/allocate/rows.h"

#include "wire/table_reader.h"

#include <math.h>

#define DEFAULT_PACK "packs/lvliang-2026"

static enum err read_place(struct ctx *cx, const struct cli_args *args, const char *const *ledgers,
	size_t count, struct str period, struct allocate_rows *out)
{
	struct open_place *place;

	TRY(place_open(cx, cli_word(args, 0), DB_READ_ONLY, &place));
	TRY(org_tree_load(cx, place->db, cx->mem, &out->tree));
	dataset_init(&out->ds, cx->mem, place->pack, period);
	for (size_t i = 0; i < count; i++)
		TRY(dataset_add_place(cx, &out->ds, place, &out->tree, str_from(ledgers[i]),
			cli_get(args, "org")));
	return ERR_OK;
}

enum err allocate_add_files(struct ctx *cx, const struct cli_args *args, struct dataset *ds)
{
	struct str messages, given;

	for (size_t i = 0; (given = cli_nth(args, "from", i)).p; i++) {
		struct str ledger = str_cut(&given, '=');
		enum err e;
		if (!given.n)
			return ctx_fail(cx, ERR_INVALID, "--from LEDGER=FILE");
		e = dataset_add_file(cx, ds, ledger, str_z(cx->mem, given), &messages);
		fprintf(stderr, STR_FMT, STR_ARG(messages));
		TRY(e);
	}
	return ERR_OK;
}

enum err allocate_pack(struct ctx *cx, const struct cli_args *args, struct pack *out)
{
	return pack_load_folder(cx,
		cli_has(args, "pack") ? str_z(cx->mem, cli_get(args, "pack")) : DEFAULT_PACK, out);
}

static enum err read_files(
	struct ctx *cx, const struct cli_args *args, struct str period, struct allocate_rows *out)
{
	TRY(allocate_pack(cx, args, &out->own_pack));
	dataset_init(&out->ds, cx->mem, &out->own_pack, period);
	return allocate_add_files(cx, args, &out->ds);
}

enum err allocate_source(struct ctx *cx, const struct cli_args *args, bool *out_has_place)
{
	*out_has_place = cli_word(args, 0).n > 0;
	if (*out_has_place != cli_has(args, "from"))
		return ERR_OK;
	return ctx_fail(cx, ERR_INVALID, "%s",
		TR(cx, "请给出存放处, 或用 --from 台账=文件 给出数据, 二者取一",
			"give either a PLACE or the rows with --from LEDGER=FILE"));
}

enum err allocate_read(struct ctx *cx, const struct cli_args *args, const char *const *ledgers,
	size_t count, struct str period, struct allocate_rows *out)
{
	bool has_place;

	TRY(allocate_source(cx, args, &has_place));
	return has_place ? read_place(cx, args, ledgers, count, period, out)
			 : read_files(cx, args, period, out);
}

enum err allocate_parameter(
	struct ctx *cx, const struct pack *pack, const char *id, const struct keyed_dec_list **out)
{
	const struct pack_parameter *p = pack_find_parameters(pack, str_from(id));
	struct date today = {(int32_t)(cx->now_us / 86400000000)};
	const struct pack_value *v = p ? parameter_on(p, today) : NULL;

	if (!v || v->is.count == 0)
		return ctx_fail(cx, ERR_PACK,
			TR(cx, "政策包没有参数 %s", "the pack has no parameter %s"), id);
	*out = &v->is;
	return ERR_OK;
}

enum err allocate_number(
	struct ctx *cx, const struct pack *pack, const char *id, struct str key, int64_t *out)
{
	const struct keyed_dec_list *list;

	TRY(allocate_parameter(cx, pack, id, &list));
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i].key, key) || key.n == 0) {
			*out = list->items[i].micro;
			return ERR_OK;
		}
	return ctx_fail(cx, ERR_PACK,
		TR(cx, "参数 %s 没有 '" STR_FMT "'", "parameter %s has no '" STR_FMT "'"), id,
		STR_ARG(key));
}

enum err allocate_ledger(
	struct ctx *cx, const struct dataset *ds, const char *ledger, struct dataset_ledger **out)
{
	*out = dataset_find(ds, str_from(ledger));
	if (!*out)
		return ctx_fail(cx, ERR_NOT_FOUND,
			TR(cx, "没有台账 %s 的数据", "no rows of ledger %s"), ledger);
	return ERR_OK;
}

struct place allocate_row_place(const struct dataset_ledger *dl, size_t row)
{
	return (struct place){
		.file = dl->source, .line = dl->row_numbers ? (int)dl->row_numbers[row] : 0};
}

int64_t allocate_cell(const struct column *column, size_t row, int64_t fallback)
{
	int64_t v;

	return column && column_get(column, row, &v) ? v : fallback;
}

double allocate_km(double lon, double lat, double other_lon, double other_lat)
{
	const double earth_km = 6371.0, rad = acos(-1) / 180;
	double dlat = (lat - other_lat) * rad / 2, dlon = (lon - other_lon) * rad / 2;
	double h = sin(dlat) * sin(dlat) +
		   cos(lat * rad) * cos(other_lat * rad) * sin(dlon) * sin(dlon);

	return 2 * earth_km * asin(fmin(1, sqrt(h)));
}

enum err allocate_reject(struct ctx *cx, const struct problems *ps)
{
	struct strbuf b;
	enum err e;

	if (ps->error_count == 0)
		return ERR_OK;
	strbuf_init(&b, STRBUF_MAX);
	problems_format(ps, &b);
	e = ctx_fail(cx, ERR_REJECTED, STR_FMT, STR_ARG(strbuf_view(&b)));
	strbuf_release(&b);
	return e;
}

enum err allocate_header(struct ctx *cx, struct table_reader *table, const char *path,
	const char *const names[][2], size_t count, uint32_t wanted, uint32_t *out_columns)
{
	const struct table_row *header;

	TRY(table_reader_next(table, &header));
	for (size_t i = 0; i < count; i++) {
		out_columns[i] = UINT32_MAX;
		for (size_t c = 0; header && c < header->count; c++)
			for (size_t n = 0; n < 2; n++)
				if (str_is(str_trim(header->cells[c].text), names[i][n]))
					out_columns[i] = header->cells[c].column;
		if (out_columns[i] == UINT32_MAX && (wanted >> i & 1))
			return ctx_fail(cx, ERR_REJECTED,
				TR(cx, "%s: 缺少列 %s (%s)", "%s: column %s (%s) is missing"), path,
				names[i][0], names[i][1]);
	}
	return ERR_OK;
}
