/* The frame of an evaluation's document: title page, summary, notes, and numbers as text. */
#include "mod/evaluate/evaluate_document.h"

#include "base/num.h"
#include "base/version.h"
#include "mod/evaluate/paper_internal.h"

#include <math.h>

/* The day that offices write is China's, wherever the program runs. */
#define CHINA_AHEAD_US (INT64_C(8) * 3600 * 1000000)
#define DAY_US         (INT64_C(24) * 3600 * 1000000)

/* --- words and numbers ---------------------------------------------------------------------- */

const char *paper_verdict(const struct ctx *cx, enum verdict v)
{
	switch (v) {
	case VERDICT_PASS:
		return TR(cx, "达标", "pass");
	case VERDICT_FAIL:
		return TR(cx, "不达标", "fail");
	case VERDICT_MISSING:
		return TR(cx, "缺数据", "missing");
	case VERDICT_UNDEFINED:
		return TR(cx, "无法计算", "undefined");
	}
	BUG("verdict %d", (int)v);
}

struct document_cell paper_verdict_cell(const struct ctx *cx, enum verdict v)
{
	return (struct document_cell){
		.text = str_from(paper_verdict(cx, v)), .is_bad = v != VERDICT_PASS};
}

bool clause_counts(const struct clause_result *c)
{
	return !c->is_part && !c->is_information;
}

struct str paper_exact(struct ctx *cx, double value)
{
	struct strbuf b;
	struct str s;

	strbuf_init(&b, 64);
	strbuf_f64(&b, value);
	s = str_copy(cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	return s;
}

/* Decimals without zeros at their end. */
static struct str fixed(struct ctx *cx, double value, int digits)
{
	struct str s = str_printf(cx->mem, "%.*f", digits, value);

	while (s.n > 1 && s.p[s.n - 1] == '0')
		s.n--;
	if (s.p[s.n - 1] == '.')
		s.n--;
	return str_is(s, "-0") ? STR("0") : s;
}

struct str paper_figure(
	struct ctx *cx, struct number_opt value, const char *op, struct number_opt limit)
{
	int digits = fabs(value.value) < 1000 ? 4 : 2;
	double p = pow(10, digits);

	if (!value.is_set)
		return STR("");
	if (op && limit.is_set &&
		!bound_agrees(op, value.value, nearbyint(value.value * p) / p, limit.value))
		return paper_exact(cx, value.value);
	return fixed(cx, value.value, digits);
}

struct str paper_needs(struct ctx *cx, double needs)
{
	return fixed(cx, ceil(needs * 100 - 1e-7) / 100, 2);
}

struct str paper_with_unit(struct ctx *cx, struct str figure, struct str unit, bool is_difference)
{
	if (!unit.n)
		return figure;
	if (str_is(unit, "%") && is_difference)
		return str_printf(
			cx->mem, TR(cx, STR_FMT " 个百分点", STR_FMT " points"), STR_ARG(figure));
	return str_printf(cx->mem, str_is(unit, "%") ? STR_FMT STR_FMT : STR_FMT " " STR_FMT,
		STR_ARG(figure), STR_ARG(unit));
}

/* 一 to 九十九. */
static struct str numeral(struct ctx *cx, int n)
{
	static const char *const digits[] = {
		"", "一", "二", "三", "四", "五", "六", "七", "八", "九"};

	assert(n >= 1 && n <= 99);
	return str_printf(cx->mem, "%s%s%s", n >= 20 ? digits[n / 10] : "", n >= 10 ? "十" : "",
		digits[n % 10]);
}

void paper_heading(struct paper *p, const char *title)
{
	p->headings++;
	p->subheadings = 0;
	document_text(p->d, DOCUMENT_HEADING,
		p->cx->is_english ? str_printf(p->cx->mem, "%d. %s", p->headings, title)
				  : str_printf(p->cx->mem, STR_FMT "、%s",
					    STR_ARG(numeral(p->cx, p->headings)), title));
}

void paper_subheading(struct paper *p, struct str title)
{
	p->subheadings++;
	document_text(p->d, DOCUMENT_SUBHEADING,
		p->cx->is_english
			? str_printf(p->cx->mem, "%d.%d " STR_FMT, p->headings, p->subheadings,
				  STR_ARG(title))
			: str_printf(p->cx->mem, "（" STR_FMT "）" STR_FMT,
				  STR_ARG(numeral(p->cx, p->subheadings)), STR_ARG(title)));
}

void paper_say(struct paper *p, enum document_style style, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	document_text(p->d, style, str_from(arena_vprintf(p->cx->mem, fmt, ap)));
	va_end(ap);
}

/* --- title page ----------------------------------------------------------------------------- */

static struct str day_text(struct ctx *cx, struct date day)
{
	int y, m, d;

	date_to_ymd(day, &y, &m, &d);
	return str_printf(cx->mem, TR(cx, "%d年%d月%d日", "%d-%02d-%02d"), y, m, d);
}

static void title_page(struct paper *p, struct date on, struct str mark)
{
	const struct pack_evaluation *e = p->result->evaluation;
	static const char line[] = "____________________";

	document_section(p->d, &(struct document_section){0});
	document_text(p->d, DOCUMENT_GAP, STR(""));
	document_text(p->d, DOCUMENT_GAP, STR(""));
	document_text(p->d, DOCUMENT_TITLE, p->area_name);
	document_text(p->d, DOCUMENT_TITLE, e->title.text);
	document_text(
		p->d, DOCUMENT_TITLE, str_from(TR(p->cx, "自评报告", "Self-evaluation report")));
	if (e->source.text.n)
		paper_say(p, DOCUMENT_SUBTITLE, TR(p->cx, "（" STR_FMT "）", "(" STR_FMT ")"),
			STR_ARG(e->source.text));
	if (mark.n)
		document_text(p->d, DOCUMENT_MARK, mark);
	for (int i = 0; i < 3; i++)
		document_text(p->d, DOCUMENT_GAP, STR(""));
	paper_say(p, DOCUMENT_FIELD, TR(p->cx, "评估周期：" STR_FMT, "Period: " STR_FMT),
		STR_ARG(p->result->period));
	paper_say(p, DOCUMENT_FIELD, TR(p->cx, "自评结论：%s", "Verdict: %s"),
		paper_verdict(p->cx, p->result->verdict));
	paper_say(p, DOCUMENT_FIELD, TR(p->cx, "填报单位（盖章）：%s", "Office (seal): %s"), line);
	paper_say(p, DOCUMENT_FIELD, TR(p->cx, "负责人（签字）：%s", "Head (signature): %s"), line);
	paper_say(p, DOCUMENT_FIELD, TR(p->cx, "填报人：%s", "Filled in by: %s"), line);
	paper_say(p, DOCUMENT_FIELD, TR(p->cx, "报告日期：" STR_FMT, "Date: " STR_FMT),
		STR_ARG(day_text(p->cx, on)));
}

/* --- summary -------------------------------------------------------------------------------- */

struct group_count {
	struct str group;
	int64_t verdicts[4];
};

struct group_counts {
	VEC(struct group_count) list;
	int64_t all, verdicts[4];
};

static void count_clauses(struct paper *p, struct group_counts *out)
{
	*out = (struct group_counts){0};
	for (size_t i = 0; i < p->result->clauses.count; i++) {
		const struct clause_result *c = &p->result->clauses.items[i];
		struct str group = c->clause->group.text;
		size_t at = 0;
		if (!clause_counts(c))
			continue;
		while (at < out->list.count && !str_eq(out->list.items[at].group, group))
			at++;
		if (at == out->list.count)
			*VEC_PUSH(p->cx->mem, &out->list) = (struct group_count){.group = group};
		out->list.items[at].verdicts[c->verdict]++;
		out->verdicts[c->verdict]++;
		out->all++;
	}
}

static void count_row(struct paper *p, struct str name, const int64_t verdicts[4])
{
	struct document_cell cells[6] = {{.text = name}};
	int64_t all = 0;

	for (int v = 0; v < 4; v++) {
		cells[v + 2].text = str_printf(p->cx->mem, "%" PRId64, verdicts[v]);
		cells[v + 2].is_bad = v != VERDICT_PASS && verdicts[v] > 0;
		all += verdicts[v];
	}
	cells[1].text = str_printf(p->cx->mem, "%" PRId64, all);
	document_row(p->d, cells);
}

static void count_table(struct paper *p, const struct group_counts *counts)
{
	struct document_column columns[6] = {
		{str_from(TR(p->cx, "部分", "Part")), 40, DOCUMENT_LEFT},
		{str_from(TR(p->cx, "条款数", "Clauses")), 20, DOCUMENT_CENTER}};

	for (int v = 0; v < 4; v++)
		columns[v + 2] = (struct document_column){
			str_from(paper_verdict(p->cx, (enum verdict)v)), 20, DOCUMENT_CENTER};
	document_table_begin(p->d, &(struct document_table){.columns = columns, .column_count = 6});
	for (size_t i = 0; i < counts->list.count; i++)
		count_row(p, counts->list.items[i].group, counts->list.items[i].verdicts);
	count_row(p, str_from(TR(p->cx, "合计", "All")), counts->verdicts);
	document_table_end(p->d);
}

static void say_units(struct paper *p)
{
	const struct pack_units *units = p->result->evaluation->units;
	size_t in = 0, failed = 0, missing = 0, out = 0;
	bool is_judged = false; /* does the evaluation ask something of each of them? */

	for (size_t i = 0; i < p->result->units.count; i++) {
		const struct unit_result *u = &p->result->units.items[i];
		in += u->is_included;
		is_judged |= u->limits != NULL;
		out += !u->is_included;
		failed += u->is_included && u->verdict == VERDICT_FAIL;
		missing += u->is_included && u->verdict == VERDICT_MISSING;
	}
	if (!units)
		return;
	if (!is_judged) {
		paper_say(p, DOCUMENT_BODY,
			TR(p->cx, STR_FMT "按" STR_FMT "计共 %zu 所参评；不计入 %zu 所。",
				STR_FMT " by " STR_FMT ": %zu in; %zu left out."),
			STR_ARG(units->title.text), STR_ARG(p->group_title), in, out);
		return;
	}
	paper_say(p, DOCUMENT_BODY,
		TR(p->cx,
			STR_FMT "按" STR_FMT "计共 %zu 所参评，其中不达标 %zu 所、数据不全 %zu "
				"所；不计入 %zu 所。",
			STR_FMT " by " STR_FMT
				": %zu in, of which %zu fail and %zu lack data; %zu left out."),
		STR_ARG(units->title.text), STR_ARG(p->group_title), in, failed, missing, out);
}

/* The clauses that fail, each with what it is short of. */
static void say_failures(struct paper *p)
{
	int number = 0;

	for (size_t i = 0; i < p->result->clauses.count; i++) {
		const struct clause_result *c = &p->result->clauses.items[i];
		if (!clause_counts(c) || c->verdict != VERDICT_FAIL)
			continue;
		if (number == 0)
			paper_say(p, DOCUMENT_BODY, "%s",
				TR(p->cx, "不达标的条款：", "Clauses that fail:"));
		paper_say(p, DOCUMENT_BODY, "%d. " STR_FMT "%s" STR_FMT, ++number,
			STR_ARG(c->title), TR(p->cx, "：", ": "), STR_ARG(paper_clause_gap(p, c)));
	}
}

static void summary(struct paper *p)
{
	const struct pack_evaluation *e = p->result->evaluation;
	struct group_counts counts;
	struct str area = p->area_name;

	count_clauses(p, &counts);
	document_section(p->d, &(struct document_section){.has_frame = true});
	paper_heading(p, TR(p->cx, "自评结论", "Verdict"));
	paper_say(p, DOCUMENT_BODY,
		TR(p->cx,
			"依据" STR_FMT "，对" STR_FMT " " STR_FMT " 周期的数据按“" STR_FMT
			"”逐条判定，自评结论为：%s。",
			"By " STR_FMT ", the rows of " STR_FMT " for " STR_FMT
			" were judged by \"" STR_FMT "\", clause by clause. The verdict: %s."),
		STR_ARG(e->source.text.n ? e->source.text : e->title.text), STR_ARG(area),
		STR_ARG(p->result->period), STR_ARG(e->title.text),
		paper_verdict(p->cx, p->result->verdict));
	paper_say(p, DOCUMENT_BODY,
		TR(p->cx,
			"共 %" PRId64 " 条，达标 %" PRId64 " 条，不达标 %" PRId64
			" 条，缺数据或佐证 %" PRId64 " 条，无法计算 %" PRId64 " 条。",
			"Of %" PRId64 " clauses %" PRId64 " pass, %" PRId64 " fail, %" PRId64
			" lack data or evidence, %" PRId64 " cannot be computed."),
		counts.all, counts.verdicts[VERDICT_PASS], counts.verdicts[VERDICT_FAIL],
		counts.verdicts[VERDICT_MISSING], counts.verdicts[VERDICT_UNDEFINED]);
	say_units(p);
	document_text(p->d, DOCUMENT_NOTE, STR(""));
	count_table(p, &counts);
	say_failures(p);
}

/* --- notes ---------------------------------------------------------------------------------- */

static void note(struct paper *p, int *number, const char *fmt, ...) PRINTF(3, 4);

static void note(struct paper *p, int *number, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	paper_say(p, DOCUMENT_NOTE, "%d. %s", ++*number, arena_vprintf(p->cx->mem, fmt, ap));
	va_end(ap);
}

static void note_ledgers(struct paper *p, int *number)
{
	const struct dataset *ds = p->of->run->ds;

	for (size_t i = 0; i < ds->ledgers.count; i++) {
		const struct dataset_ledger *dl = &ds->ledgers.items[i];
		size_t rows = 0;
		for (size_t row = 0; row < dl->table->row_count; row++)
			rows += row_in_area(dl, row, p->result->area);
		note(p, number,
			TR(p->cx, "数据：台账“" STR_FMT "”%zu 行。",
				"Data: ledger \"" STR_FMT "\", %zu rows."),
			STR_ARG(dl->ledger->title.text), rows);
	}
}

static enum err note_packs(struct paper *p, int *number)
{
	struct installed_packs packs;

	TRY(place_list_packs(p->cx, p->of->place, &packs));
	for (size_t i = 0; i < packs.list.count; i++) {
		const struct installed_pack *one = &packs.list.items[i];
		note(p, number,
			TR(p->cx, "规则：政策包 " STR_FMT "（" STR_FMT "），版本 " STR_FMT "。",
				"Rules: pack " STR_FMT " (" STR_FMT "), version " STR_FMT "."),
			STR_ARG(one->id), STR_ARG(one->title), STR_ARG(one->version));
	}
	return ERR_OK;
}

static enum err notes(struct paper *p)
{
	const struct pack_evaluation *e = p->result->evaluation;
	int number = 0;

	paper_heading(p, TR(p->cx, "说明", "Notes"));
	note(p, &number, "%s",
		TR(p->cx,
			"结论按未取整的数值作出；表中数值至多四位小数（一千以上两位），会改变结论时"
			"写全。",
			"Verdicts are made on unrounded numbers; the tables show four decimals at "
			"most (two from 1,000 on), and all where fewer would change the verdict."));
	note(p, &number, "%s",
		TR(p->cx,
			"所有计入的条款达标为达标，有一条不达标为不达标，否则为缺数据；"
			"标明仅供参考的条款不影响结论。",
			"The verdict is pass when all clauses pass, fail when one fails, else "
			"missing; clauses for information decide nothing."));
	if (e->help.text.n)
		note(p, &number, STR_FMT, STR_ARG(e->help.text));
	note_ledgers(p, &number);
	TRY(note_packs(p, &number));
	note(p, &number,
		TR(p->cx, "本报告由树人 %s 依据台账生成。", "Made from the ledgers by Shuren %s."),
		SHUREN_VERSION);
	return ERR_OK;
}

/* --- all ------------------------------------------------------------------------------------ */

enum err evaluation_document_format(struct ctx *cx, struct str file, enum document_format *out)
{
	bool is_docx = str_ends(file, ".docx"), is_pdf = str_ends(file, ".pdf");

	if (!is_docx && !is_pdf)
		return ctx_fail(cx, ERR_INVALID, "--to FILE.docx | FILE.pdf");
	*out = is_docx ? DOCUMENT_DOCX : DOCUMENT_PDF;
	return ERR_OK;
}

/* With the organisation above it: a county's name alone is not known everywhere. */
static struct str area_name(struct ctx *cx, const struct evaluation_paper *paper)
{
	const struct org_tree *tree = paper->tree;
	const struct org *area = org_find(tree, paper->result->area);

	if (!area)
		return paper->result->area;
	if (area->parent == ORG_NONE)
		return area->name;
	return str_printf(cx->mem, STR_FMT STR_FMT, STR_ARG(tree->items[area->parent].name),
		STR_ARG(area->name));
}

static struct str group_title(const struct pack *pack, const struct pack_evaluation *e)
{
	const struct pack_ledger *l =
		e->units ? pack_find_ledgers(pack, e->units->ledger.text) : NULL;
	const struct pack_field *f = l ? ledger_field(l, e->units->group.text) : NULL;

	return f ? f->title.text : STR("");
}

struct str evaluation_document_name(struct ctx *cx, const struct evaluation_paper *paper)
{
	const struct org *area = org_find(paper->tree, paper->result->area);

	return str_printf(cx->mem, STR_FMT STR_FMT "%s" STR_FMT,
		STR_ARG(area ? area->name : paper->result->area),
		STR_ARG(paper->result->evaluation->title.text),
		TR(cx, "自评报告", "-self-evaluation-"), STR_ARG(paper->result->period));
}

static enum err write_sections(struct paper *p, struct date on, struct str mark)
{
	title_page(p, on, mark);
	summary(p);
	document_section(p->d, &(struct document_section){.is_landscape = true, .has_frame = true});
	paper_clauses(p);
	paper_dispersions(p);
	paper_units(p);
	document_section(p->d, &(struct document_section){.has_frame = true});
	paper_exclusions(p);
	paper_evidence(p);
	return notes(p);
}

enum err evaluation_document_write(struct ctx *cx, const struct evaluation_paper *paper,
	const char *path, enum document_format format)
{
	const struct pack_evaluation *e = paper->result->evaluation;
	struct paper p = {.cx = cx,
		.of = paper,
		.result = paper->result,
		.pack = paper->run->ds->pack,
		.area_name = area_name(cx, paper),
		.group_title = group_title(paper->run->ds->pack, e)};
	struct document_settings settings = {0};
	struct date on = paper->on;
	struct str demo;

	if (on.day == DATE_NONE.day)
		on.day = (int32_t)((cx->now_us + CHINA_AHEAD_US) / DAY_US);
	TRY(place_get(cx, paper->place, "is_demo", &demo));
	if (str_is(demo, "1"))
		settings.mark = str_from(TR(cx, "演示数据", "DEMO DATA"));
	settings.title = str_printf(cx->mem, STR_FMT STR_FMT "%s", STR_ARG(p.area_name),
		STR_ARG(e->title.text), TR(cx, "自评报告", " self-evaluation report"));
	settings.running = settings.title;
	settings.made_at_us = on.day * DAY_US;
	TRY(document_open(cx, path, format, &settings, &p.d));
	TRY(write_sections(&p, on, settings.mark));
	return document_close(p.d);
}
