/* The tables of units: a table a group, and those that stay outside. */
#include "mod/evaluate/paper_internal.h"

/* Columns beside the measures: number, name, weight before; behind, where the evaluation asks
 * something of each unit: met, verdict, below. */
#define COLUMNS_BEFORE 3
#define COLUMNS_AFTER  3
/* With more measures than this the page has no room: the rest stand in the last column only. */
#define MEASURES_MAX (DOCUMENT_COLUMNS_MAX - COLUMNS_BEFORE - COLUMNS_AFTER)

static const struct pack_units *units_of(const struct paper *p)
{
	return p->result->evaluation->units;
}

/* The title of the column that weighs, when it is one; else a general word. */
static struct str weight_title(const struct paper *p)
{
	const struct pack_ledger *l = pack_find_ledgers(p->pack, units_of(p)->ledger.text);
	const struct pack_field *f = l ? ledger_field(l, units_of(p)->weight.text) : NULL;

	return f ? f->title.text : str_from(TR(p->cx, "权重", "Weight"));
}

static bool is_in(const struct unit_result *u, struct str group)
{
	return u->is_included && str_eq(u->group, group);
}

static struct str unit_name(const struct paper *p, const struct unit_result *u)
{
	return u->name.n ? str_printf(p->cx->mem, STR_FMT "\n" STR_FMT, STR_ARG(u->name),
				   STR_ARG(u->org))
			 : u->org;
}

static struct str weight_text(const struct paper *p, const struct unit_result *u)
{
	return paper_figure(
		p->cx, (struct number_opt){true, u->weight}, NULL, (struct number_opt){0});
}

static struct str measure_title(
	const struct paper *p, const struct pack_measure *m, const struct number_opt *limit)
{
	struct str number = paper_figure(
		p->cx, limit ? *limit : (struct number_opt){0}, NULL, (struct number_opt){0});

	if (!number.n)
		return str_printf(p->cx->mem, STR_FMT "\n" STR_FMT, STR_ARG(m->title.text),
			STR_ARG(m->unit.text));
	return str_printf(p->cx->mem, STR_FMT "\n≥ " STR_FMT "\n" STR_FMT, STR_ARG(m->title.text),
		STR_ARG(number), STR_ARG(m->unit.text));
}

static const struct below *below_of(const struct unit_result *u, size_t measure)
{
	for (size_t i = 0; i < u->below.count; i++)
		if (u->below.items[i].measure == measure)
			return &u->below.items[i];
	return NULL;
}

/* What each measure below its limit needs, in its own unit. */
static struct str below_text(const struct paper *p, const struct unit_result *u)
{
	struct strbuf b;
	struct str s;

	strbuf_init(&b, STRBUF_MAX);
	for (size_t i = 0; i < u->below.count; i++) {
		const struct below *one = &u->below.items[i];
		const struct pack_measure *m = &units_of(p)->measures.items[one->measure];
		if (b.n)
			strbuf_char(&b, '\n');
		if (one->needs.is_set)
			strbuf_printf(&b,
				TR(p->cx, "需增 " STR_FMT " " STR_FMT,
					"needs " STR_FMT " " STR_FMT),
				STR_ARG(paper_needs(p->cx, one->needs.value)),
				STR_ARG(m->resource.text.n ? m->resource.text : m->title.text));
		else
			strbuf_str(&b, m->title.text);
		if (one->is_excused)
			strbuf_printf(&b,
				TR(p->cx, "（不低于底线 " STR_FMT "）",
					" (not under the floor of " STR_FMT ")"),
				STR_ARG(paper_exact(p->cx, one->floor)));
	}
	s = str_copy(p->cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	return s;
}

static void unit_row(struct paper *p, const struct unit_result *u, size_t measures, int number)
{
	struct document_cell cells[DOCUMENT_COLUMNS_MAX] = {
		{.text = str_printf(p->cx->mem, "%d", number)},
		{.text = unit_name(p, u)},
		{.text = weight_text(p, u)},
	};
	struct document_cell *after = &cells[COLUMNS_BEFORE + measures];

	for (size_t k = 0; k < measures; k++) {
		const struct below *b = below_of(u, k);
		struct number_opt limit =
			b ? (struct number_opt){true, b->limit} : (struct number_opt){0};
		cells[COLUMNS_BEFORE + k] =
			u->values[k].is_set
				? (struct document_cell){.text = paper_figure(
								 p->cx, u->values[k], ">=", limit),
					  .is_bad = b != NULL}
				: (struct document_cell){.text = str_from(TR(p->cx, "缺", "none")),
					  .is_bad = true};
	}
	if (!u->limits) {
		document_row(p->d, cells);
		return;
	}
	after[0].text = str_printf(p->cx->mem, "%zu/%zu", u->met, units_of(p)->measures.count);
	after[1] = paper_verdict_cell(p->cx, u->verdict);
	after[2].text = below_text(p, u);
	document_row(p->d, cells);
}

static void begin_table(struct paper *p, const struct unit_result *first, size_t measures)
{
	struct document_column *columns = arena_array(
		p->cx->mem, struct document_column, COLUMNS_BEFORE + COLUMNS_AFTER + measures);
	struct document_column *after = &columns[COLUMNS_BEFORE + measures];

	columns[0] =
		(struct document_column){str_from(TR(p->cx, "序号", "No.")), 9, DOCUMENT_CENTER};
	columns[1] = (struct document_column){units_of(p)->title.text, 42, DOCUMENT_LEFT};
	columns[2] = (struct document_column){weight_title(p), 13, DOCUMENT_CENTER};
	for (size_t k = 0; k < measures; k++)
		columns[COLUMNS_BEFORE + k] =
			(struct document_column){measure_title(p, &units_of(p)->measures.items[k],
							 first->limits ? &first->limits[k] : NULL),
				18.6, DOCUMENT_CENTER};
	after[0] = (struct document_column){
		str_from(TR(p->cx, "达标项数", "Met")), 11, DOCUMENT_CENTER};
	after[1] = (struct document_column){
		str_from(TR(p->cx, "结论", "Verdict")), 15, DOCUMENT_CENTER};
	after[2] = (struct document_column){
		str_from(TR(p->cx, "低于标准的项目与所需", "Below the limit, and what is needed")),
		44, DOCUMENT_LEFT};
	document_table_begin(
		p->d, &(struct document_table){columns,
			      COLUMNS_BEFORE + measures + (first->limits ? COLUMNS_AFTER : 0),
			      .is_dense = true});
}

static void group_table(struct paper *p, struct str group)
{
	size_t measures = MIN(units_of(p)->measures.count, (size_t)MEASURES_MAX), n = 0, failed = 0;
	const struct unit_result *first = NULL;
	struct str title;
	int number = 0;

	for (size_t i = 0; i < p->result->units.count; i++) {
		const struct unit_result *u = &p->result->units.items[i];
		if (!is_in(u, group))
			continue;
		first = first ? first : u;
		n++;
		failed += u->verdict == VERDICT_FAIL;
	}
	if (!first)
		return;
	title = str_printf(p->cx->mem, TR(p->cx, STR_FMT "：参评 %zu 所", STR_FMT ": %zu in"),
		STR_ARG(evaluation_group_title(p->pack, p->result->evaluation, group)), n);
	if (first->limits)
		title = str_printf(p->cx->mem,
			TR(p->cx, STR_FMT "，不达标 %zu 所", STR_FMT ", %zu failing"),
			STR_ARG(title), failed);
	paper_subheading(p, title);
	begin_table(p, first, measures);
	for (size_t i = 0; i < p->result->units.count; i++)
		if (is_in(&p->result->units.items[i], group))
			unit_row(p, &p->result->units.items[i], measures, ++number);
	document_table_end(p->d);
}

void paper_units(struct paper *p)
{
	if (!units_of(p) || p->result->units.count == 0)
		return;
	paper_heading(p, str_z(p->cx->mem, str_printf(p->cx->mem,
						   TR(p->cx, "各" STR_FMT "情况", "Each " STR_FMT),
						   STR_ARG(units_of(p)->title.text))));
	for (size_t g = 0; g < units_of(p)->groups.count; g++)
		group_table(p, units_of(p)->groups.items[g].text);
}

void paper_exclusions(struct paper *p)
{
	int number = 0;

	for (size_t i = 0; i < p->result->units.count; i++) {
		const struct unit_result *u = &p->result->units.items[i];
		if (u->is_included)
			continue;
		if (number == 0) {
			const struct document_column columns[] = {
				{str_from(TR(p->cx, "序号", "No.")), 11, DOCUMENT_CENTER},
				{units_of(p)->title.text, 60, DOCUMENT_LEFT},
				{p->group_title, 16, DOCUMENT_CENTER},
				{weight_title(p), 18, DOCUMENT_CENTER},
				{str_from(TR(p->cx, "原因", "Reason")), 57, DOCUMENT_LEFT}};
			paper_heading(p, TR(p->cx, "不计入的单位", "Left out"));
			document_table_begin(p->d, &(struct document_table){columns,
							   ARRAY_LEN(columns), .is_dense = true});
		}
		document_row(p->d,
			(struct document_cell[]){{.text = str_printf(p->cx->mem, "%d", ++number)},
				{.text = unit_name(p, u)},
				{.text = evaluation_group_title(
					 p->pack, p->result->evaluation, u->group)},
				{.text = weight_text(p, u)}, {.text = u->reason}});
	}
	if (number)
		document_table_end(p->d);
}
