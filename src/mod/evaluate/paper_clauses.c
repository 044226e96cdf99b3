/* The tables of clauses, of dispersions and of evidence. */
#include "mod/evaluate/paper_internal.h"

static const char *sign(const char *op)
{
	if (op[0] == '>')
		return op[1] ? "≥" : ">";
	return op[1] ? "≤" : "<";
}

/* --- clauses -------------------------------------------------------------------------------- */

static struct str requirement(const struct paper *p, const struct clause_result *c)
{
	struct str limit;

	if (c->clause->evidence)
		return str_from(c->clause->evidence->must_be_no ? TR(p->cx, "应为“否”", "no")
								: TR(p->cx, "应为“是”", "yes"));
	if (!c->op || !c->limit.is_set)
		return STR("");
	limit = paper_with_unit(
		p->cx, paper_figure(p->cx, c->limit, NULL, (struct number_opt){0}), c->unit, false);
	return str_printf(p->cx->mem, "%s%s " STR_FMT,
		c->clause->met ? TR(p->cx, "未达标 ", "failing ") : "", sign(c->op),
		STR_ARG(limit));
}

/* Yes or no: what the verdict was made of. */
static struct str answer(const struct paper *p, const struct clause_result *c)
{
	bool is_yes = (c->verdict == VERDICT_PASS) != c->clause->evidence->must_be_no;

	if (c->verdict != VERDICT_PASS && c->verdict != VERDICT_FAIL)
		return STR("");
	return str_from(is_yes ? TR(p->cx, "是", "yes") : TR(p->cx, "否", "no"));
}

static struct str value(const struct paper *p, const struct clause_result *c)
{
	struct str figure = paper_figure(p->cx, c->value, c->op, c->limit);

	if (c->clause->evidence)
		return answer(p, c);
	if (!figure.n)
		return figure;
	return paper_with_unit(p->cx, figure, c->unit, false);
}

static struct str short_by(const struct paper *p, const struct clause_result *c)
{
	struct number_opt none = {0};
	struct str figure;

	if (!c->short_by.is_set)
		return STR("");
	figure = paper_figure(p->cx, c->short_by, ">", none);
	if (str_is(figure, "0")) /* short by less than the decimals show */
		figure = paper_exact(p->cx, c->short_by.value);
	return paper_with_unit(p->cx, figure, c->unit, true);
}

static void add_words(struct strbuf *b, const char *words, struct str text, const char *between)
{
	if (text.n)
		strbuf_printf(b, "%s%s" STR_FMT, b->n ? between : "", words, STR_ARG(text));
}

struct str paper_clause_gap(const struct paper *p, const struct clause_result *c)
{
	const char *between = TR(p->cx, "，", ", ");
	struct strbuf b;
	struct str s;

	if (c->clause->met && c->note.n) /* it counts who fails */
		return c->note;
	strbuf_init(&b, STRBUF_MAX);
	add_words(&b, TR(p->cx, "实际 ", "is "), value(p, c), between);
	add_words(&b, TR(p->cx, "要求 ", "required "), requirement(p, c), between);
	add_words(&b, TR(p->cx, "差 ", "short by "), short_by(p, c), between);
	if (!b.n)
		strbuf_z(&b, TR(p->cx, "见逐条评估结果", "see the clauses below"));
	s = str_copy(p->cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	return s;
}

static struct str ledger_of(const struct paper *p, const struct pack_clause *c)
{
	const struct pack_units *units = p->result->evaluation->units;
	const struct pack_indicator *d;

	if (c->every)
		return c->every->from.text;
	if (c->value && !c->value->indicator.text.n)
		return c->value->from.text;
	d = c->value ? pack_find_indicators(p->pack, c->value->indicator.text) : NULL;
	if (d)
		return d->from.text;
	return units && (c->met || c->dispersion || c->composite) ? units->ledger.text : STR("");
}

/* Where the answer comes from: evidence given or not, or the ledger it was computed from. */
static struct str state(const struct paper *p, const struct clause_result *c)
{
	const struct pack_ledger *l = pack_find_ledgers(p->pack, ledger_of(p, c->clause));

	if (c->clause->evidence && c->verdict == VERDICT_MISSING)
		return str_from(TR(p->cx, "佐证未提供", "evidence missing"));
	if (c->clause->evidence)
		return str_from(TR(p->cx, "佐证已提供", "evidence given"));
	if (l)
		return str_printf(p->cx->mem, TR(p->cx, "台账：" STR_FMT, "ledger: " STR_FMT),
			STR_ARG(l->title.text));
	return str_from(c->clause->parts.count ? TR(p->cx, "见分项", "see its parts") : "");
}

static struct str evidence_text(const struct paper *p, const struct clause_result *c)
{
	struct str s = state(p, c);

	if (!c->note.n || (c->clause->evidence && c->verdict == VERDICT_MISSING))
		return s;
	return s.n ? str_printf(p->cx->mem, STR_FMT "\n" STR_FMT, STR_ARG(s), STR_ARG(c->note))
		   : c->note;
}

static struct str title(const struct paper *p, const struct clause_result *c)
{
	return str_printf(p->cx->mem, "%s" STR_FMT "%s", c->is_part ? "　· " : "",
		STR_ARG(c->title),
		c->is_information ? TR(p->cx, "（仅供参考）", " (information only)") : "");
}

static void clause_row(struct paper *p, const struct clause_result *c, int number)
{
	bool is_soft = c->is_part || c->is_information;

	document_row(p->d,
		(struct document_cell[]){
			{.text = number ? str_printf(p->cx->mem, "%d", number) : STR("")},
			{.text = title(p, c)}, {.text = requirement(p, c)},
			{.text = value(p, c), .is_bad = c->verdict == VERDICT_FAIL && !is_soft},
			paper_verdict_cell(p->cx, c->verdict),
			{.text = short_by(p, c), .is_bad = true}, {.text = evidence_text(p, c)},
			{.text = c->clause->source.text, .is_soft = true}});
}

void paper_clauses(struct paper *p)
{
	const struct document_column columns[] = {
		{str_from(TR(p->cx, "序号", "No.")), 10, DOCUMENT_CENTER},
		{str_from(TR(p->cx, "条款", "Clause")), 62, DOCUMENT_LEFT},
		{str_from(TR(p->cx, "要求", "Required")), 25, DOCUMENT_CENTER},
		{str_from(TR(p->cx, "实际", "Actual")), 25, DOCUMENT_CENTER},
		{str_from(TR(p->cx, "结论", "Verdict")), 18, DOCUMENT_CENTER},
		{str_from(TR(p->cx, "差距", "Short by")), 24, DOCUMENT_CENTER},
		{str_from(TR(p->cx, "数据、佐证与说明", "Data, evidence and notes")), 56,
			DOCUMENT_LEFT},
		{str_from(TR(p->cx, "依据", "Source")), 37, DOCUMENT_LEFT}};
	struct str group = STR_NONE;
	int number = 0;

	paper_heading(p, TR(p->cx, "逐条评估结果", "Clause by clause"));
	document_table_begin(
		p->d, &(struct document_table){columns, ARRAY_LEN(columns), .is_dense = true});
	for (size_t i = 0; i < p->result->clauses.count; i++) {
		const struct clause_result *c = &p->result->clauses.items[i];
		if (!c->is_part && c->clause->group.text.n &&
			!str_eq(group, c->clause->group.text)) {
			group = c->clause->group.text;
			document_band(p->d, group);
		}
		clause_row(p, c, c->is_part ? 0 : ++number);
	}
	document_table_end(p->d);
}

/* --- dispersions ---------------------------------------------------------------------------- */

/* "" when both readings lead to the verdict. */
static struct str reading_warning(const struct paper *p, const struct clause_result *c)
{
	double read;
	bool two = clause_holds_rounded(c, 2, &read), three = clause_holds_rounded(c, 3, &read);

	if (two && three)
		return STR("");
	return str_printf(p->cx->mem,
		TR(p->cx, "取%s位小数时结论会相反，以未取整的数值为准",
			"read with %s decimals the verdict would be the other; the unrounded "
			"value decides"),
		!two && !three ? TR(p->cx, "两、三", "2 or 3")
		: !two         ? TR(p->cx, "两", "2")
			       : TR(p->cx, "三", "3"));
}

static struct str reading(const struct paper *p, const struct clause_result *c, int digits)
{
	double read;

	if (!c->value.is_set)
		return STR("");
	(void)clause_holds_rounded(c, digits, &read);
	return str_printf(p->cx->mem, "%.*f", digits, read);
}

static void dispersion_row(struct paper *p, const struct clause_result *c)
{
	const struct pack_units *units = p->result->evaluation->units;
	struct str warning = c->value.is_set ? reading_warning(p, c) : c->note;

	document_row(p->d,
		(struct document_cell[]){
			{.text = evaluation_group_title(p->pack, p->result->evaluation, c->group)},
			{.text = c->measure == SIZE_MAX
					 ? str_from(TR(p->cx, "综合", "composite"))
					 : units->measures.items[c->measure].title.text},
			{.text = c->value.is_set ? paper_exact(p->cx, c->value.value) : STR(""),
				.is_bad = c->verdict == VERDICT_FAIL},
			{.text = reading(p, c, 2)}, {.text = reading(p, c, 3)},
			{.text = requirement(p, c)}, paper_verdict_cell(p->cx, c->verdict),
			{.text = warning, .is_bad = c->value.is_set}});
}

static bool is_dispersion(const struct clause_result *c)
{
	return c->clause->dispersion || c->clause->composite;
}

void paper_dispersions(struct paper *p)
{
	const struct document_column columns[] = {{p->group_title, 16, DOCUMENT_CENTER},
		{str_from(TR(p->cx, "指标", "Indicator")), 62, DOCUMENT_LEFT},
		{str_from(TR(p->cx, "差异系数（未取整）", "Coefficient, unrounded")), 48,
			DOCUMENT_CENTER},
		{str_from(TR(p->cx, "取两位小数", "2 decimals")), 20, DOCUMENT_CENTER},
		{str_from(TR(p->cx, "取三位小数", "3 decimals")), 20, DOCUMENT_CENTER},
		{str_from(TR(p->cx, "要求", "Required")), 22, DOCUMENT_CENTER},
		{str_from(TR(p->cx, "结论", "Verdict")), 18, DOCUMENT_CENTER},
		{str_from(TR(p->cx, "提示", "Note")), 51, DOCUMENT_LEFT}};
	size_t n = 0;

	for (size_t i = 0; i < p->result->clauses.count; i++)
		n += is_dispersion(&p->result->clauses.items[i]);
	if (n == 0)
		return;
	paper_heading(p, TR(p->cx, "差异系数", "Dispersion"));
	document_table_begin(
		p->d, &(struct document_table){columns, ARRAY_LEN(columns), .is_dense = true});
	for (size_t i = 0; i < p->result->clauses.count; i++)
		if (is_dispersion(&p->result->clauses.items[i]))
			dispersion_row(p, &p->result->clauses.items[i]);
	document_table_end(p->d);
}

/* --- evidence ------------------------------------------------------------------------------- */

/* What is asked, and the documents that should show it. */
static struct str asked(const struct paper *p, const struct pack_clause_evidence *e)
{
	struct strbuf b;
	struct str s;

	strbuf_init(&b, STRBUF_MAX);
	strbuf_str(&b, e->question.text);
	for (size_t i = 0; i < e->documents.count; i++)
		strbuf_printf(
			&b, "%s" STR_FMT, b.n ? "\n" : "", STR_ARG(e->documents.items[i].text));
	s = str_copy(p->cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	return s;
}

static void evidence_row(struct paper *p, const struct clause_result *c, int number)
{
	bool is_given = c->verdict != VERDICT_MISSING;

	document_row(p->d, (struct document_cell[]){{.text = str_printf(p->cx->mem, "%d", number)},
				   {.text = c->title}, {.text = asked(p, c->clause->evidence)},
				   {.text = is_given ? c->note : STR("")}, {.text = answer(p, c)},
				   {.text = str_from(is_given ? TR(p->cx, "已提供", "given")
							      : TR(p->cx, "缺", "missing")),
					   .is_bad = !is_given}});
}

void paper_evidence(struct paper *p)
{
	const struct document_column columns[] = {
		{str_from(TR(p->cx, "序号", "No.")), 11, DOCUMENT_CENTER},
		{str_from(TR(p->cx, "条款", "Clause")), 56, DOCUMENT_LEFT},
		{str_from(TR(p->cx, "应提供", "Asked for")), 36, DOCUMENT_LEFT},
		{str_from(TR(p->cx, "已提供的文件", "Document given")), 32, DOCUMENT_LEFT},
		{str_from(TR(p->cx, "回答", "Answer")), 11, DOCUMENT_CENTER},
		{str_from(TR(p->cx, "状态", "State")), 16, DOCUMENT_CENTER}};
	size_t n = 0, given = 0;
	int number = 0;

	for (size_t i = 0; i < p->result->clauses.count; i++) {
		const struct clause_result *c = &p->result->clauses.items[i];
		n += c->clause->evidence != NULL;
		given += c->clause->evidence && c->verdict != VERDICT_MISSING;
	}
	if (n == 0)
		return;
	paper_heading(p, TR(p->cx, "佐证材料清单", "Evidence"));
	paper_say(p, DOCUMENT_BODY,
		TR(p->cx, "共 %zu 项，已提供 %zu 项，缺 %zu 项。",
			"%zu asked for, %zu given, %zu missing."),
		n, given, n - given);
	document_table_begin(
		p->d, &(struct document_table){columns, ARRAY_LEN(columns), .is_dense = true});
	for (size_t i = 0; i < p->result->clauses.count; i++)
		if (p->result->clauses.items[i].clause->evidence)
			evidence_row(p, &p->result->clauses.items[i], ++number);
	document_table_end(p->d);
}
