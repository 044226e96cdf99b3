/*
 * Names that documents use of each other. Rules are compiled elsewhere (mod/pack/rules.c); here
 * is what can be said without them.
 */
#include "mod/pack/pack_internal.h"

struct checker {
	const struct pack *p;
	struct problems *ps;
};

static void unknown(const struct checker *c, const struct located *name, const char *what)
{
	problems_error(c->ps, name->at,
		TR(c->ps, "没有这个 %s: '" STR_FMT "'", "unknown %s '" STR_FMT "'"), what,
		STR_ARG(name->text));
}

static const struct pack_ledger *want_ledger(const struct checker *c, const struct located *name)
{
	const struct pack_ledger *ledger = pack_find_ledgers(c->p, name->text);

	if (name->text.n && !ledger)
		unknown(c, name, "ledger");
	return ledger;
}

static void want_field(
	const struct checker *c, const struct pack_ledger *ledger, const struct located *name)
{
	if (ledger && name->text.n && !ledger_field(ledger, name->text))
		problems_error(c->ps, name->at,
			TR(c->ps, "台账 " STR_FMT " 没有字段 '" STR_FMT "'",
				"ledger " STR_FMT " has no field '" STR_FMT "'"),
			STR_ARG(ledger->id.text), STR_ARG(name->text));
}

static void want_fields(
	const struct checker *c, const struct pack_ledger *ledger, const struct located_list *names)
{
	for (size_t i = 0; i < names->count; i++)
		want_field(c, ledger, &names->items[i]);
}

static void want_org_kinds(const struct checker *c, const struct located_list *kinds)
{
	for (size_t i = 0; i < kinds->count; i++)
		if (!pack_find_org_kinds(c->p, kinds->items[i].text))
			unknown(c, &kinds->items[i], "org_kind");
}

static void check_field(const struct checker *c, const struct pack_ledger *ledger, size_t at)
{
	const struct pack_field *f = &ledger->fields.items[at];

	for (size_t i = 0; i < at; i++)
		if (str_eq(ledger->fields.items[i].name.text, f->name.text))
			problems_error(c->ps, f->name.at,
				TR(c->ps, "字段 '" STR_FMT "' 重复",
					"field '" STR_FMT "' stands twice"),
				STR_ARG(f->name.text));
	if (f->codes.text.n && !pack_find_codes(c->p, f->codes.text))
		unknown(c, &f->codes, "codes");
	if (f->scale && f->type != FIELD_DECIMAL)
		problems_error(c->ps, f->at,
			TR(c->ps, "只有 decimal 有 scale", "only a decimal has a scale"));
}

/* What is kept in a column of its own, in the clear, can be indexed. */
static void check_find_by(const struct checker *c, const struct pack_ledger *ledger)
{
	want_fields(c, ledger, &ledger->find_by);
	for (size_t i = 0; i < ledger->find_by.count; i++) {
		const struct located *name = &ledger->find_by.items[i];
		const struct pack_field *f = ledger_field(ledger, name->text);
		if (f && (f->secrecy == SECRECY_SEALED || f->from_org.text.n ||
				 f->type == FIELD_ORG || f->type == FIELD_PERIOD))
			problems_error(c->ps, name->at,
				TR(c->ps, "不能按 " STR_FMT " 建索引", "no index by " STR_FMT),
				STR_ARG(name->text));
	}
}

static void check_ledger(const struct checker *c, const struct pack_ledger *ledger)
{
	for (size_t i = 0; i < ledger->fields.count; i++)
		check_field(c, ledger, i);
	want_fields(c, ledger, &ledger->grain);
	check_find_by(c, ledger);
	want_field(c, ledger, &ledger->label);
	want_org_kinds(c, &ledger->org_kinds);
	for (size_t i = 0; i < ledger->checks.count; i++)
		want_fields(c, ledger, &ledger->checks.items[i].for_each);
	for (size_t i = 0; i < ledger->foreign_keys.count; i++) {
		const struct pack_foreign_key *k = &ledger->foreign_keys.items[i];
		want_fields(c, ledger, &k->fields);
		if (!str_is(k->reference->resource.text, "orgs"))
			want_fields(
				c, want_ledger(c, &k->reference->resource), &k->reference->fields);
		if (k->fields.count != k->reference->fields.count)
			problems_error(c->ps, k->at,
				TR(c->ps, "两边的字段数不同",
					"the two sides have different numbers of fields"));
	}
	if (ledger->flow.text.n && !pack_find_flows(c->p, ledger->flow.text))
		unknown(c, &ledger->flow, "flow");
}

static void check_clause(
	const struct checker *c, const struct pack_evaluation *e, const struct pack_clause *clause)
{
	int kinds = (clause->met != NULL) + (clause->dispersion != NULL) +
		    (clause->composite != NULL) + (clause->value != NULL) +
		    (clause->every != NULL) + (clause->evidence != NULL) +
		    (clause->parts.count > 0);

	if (kinds != 1)
		problems_error(c->ps, clause->at,
			TR(c->ps,
				"条款 '" STR_FMT "' 应有且只有 met, dispersion, composite, value, "
				"every, evidence, parts 之一",
				"clause '" STR_FMT "' needs exactly one of met, dispersion, "
				"composite, value, every, evidence, parts"),
			STR_ARG(clause->id.text));
	if ((clause->met || clause->dispersion || clause->composite) && !e->units)
		problems_error(c->ps, clause->at,
			TR(c->ps, "评估没有 units", "the evaluation has no units"));
	if (clause->value) {
		const struct pack_clause_value *v = clause->value;
		if (v->indicator.text.n && !pack_find_indicators(c->p, v->indicator.text))
			unknown(c, &v->indicator, "indicator");
		want_ledger(c, &v->from);
		want_ledger(c, &v->denominator_from);
	}
	if (clause->every)
		want_fields(c, want_ledger(c, &clause->every->from), &clause->every->show);
	if (clause->evidence && !e->evidence.text.n)
		problems_error(c->ps, clause->at,
			TR(c->ps, "评估没有 evidence 台账",
				"the evaluation names no evidence ledger"));
	for (size_t i = 0; i < clause->parts.count; i++)
		check_clause(c, e, &clause->parts.items[i]);
}

static void check_evaluation(const struct checker *c, const struct pack_evaluation *e)
{
	if (!pack_find_org_kinds(c->p, e->area.text))
		unknown(c, &e->area, "org_kind");
	want_ledger(c, &e->evidence);
	if (e->units) {
		const struct pack_ledger *ledger = want_ledger(c, &e->units->ledger);
		want_field(c, ledger, &e->units->group);
		want_field(c, ledger, &e->units->weight);
		for (size_t i = 0; i < e->units->measures.count; i++) {
			const struct pack_measure *m = &e->units->measures.items[i];
			if (m->raise.text.n)
				want_field(c, ledger, &m->raise);
			/* The coefficient weighs by it, so the two can't be different columns. */
			if (!str_eq(m->denominator.text, e->units->weight.text))
				problems_error(c->ps, m->denominator.at,
					TR(c->ps, "denominator 应与 weight '" STR_FMT "' 相同",
						"denominator should be the weight '" STR_FMT "'"),
					STR_ARG(e->units->weight.text));
			if (m->parameter.text.n && !pack_find_parameters(c->p, m->parameter.text))
				unknown(c, &m->parameter, "parameter");
		}
	}
	for (size_t i = 0; i < e->clauses.count; i++) {
		check_clause(c, e, &e->clauses.items[i]);
		for (size_t k = 0; k < i; k++)
			if (str_eq(e->clauses.items[k].id.text, e->clauses.items[i].id.text))
				problems_error(c->ps, e->clauses.items[i].at,
					TR(c->ps, "条款 '" STR_FMT "' 重复",
						"clause '" STR_FMT "' stands twice"),
					STR_ARG(e->clauses.items[i].id.text));
	}
}

static void check_flow(const struct checker *c, const struct pack_flow *f)
{
	const struct pack_ledger *ledger = want_ledger(c, &f->ledger);
	size_t starts = 0;

	for (size_t i = 0; i < f->states.count; i++)
		starts += f->states.items[i].is_start;
	if (starts != 1)
		problems_error(c->ps, f->at,
			TR(c->ps, "流程应有一个起始状态", "a flow has exactly one start state"));
	for (size_t i = 0; i < f->moves.count; i++) {
		const struct pack_move *m = &f->moves.items[i];
		for (size_t k = 0; k <= m->from.count; k++) {
			const struct located *name = k < m->from.count ? &m->from.items[k] : &m->to;
			bool is_known = false;
			for (size_t s = 0; s < f->states.count; s++)
				is_known |= str_eq(f->states.items[s].id.text, name->text);
			if (!is_known)
				unknown(c, name, "state");
		}
		for (size_t k = 0; k < m->by.count; k++)
			if (!pack_find_roles(c->p, m->by.items[k].text))
				unknown(c, &m->by.items[k], "role");
		want_fields(c, ledger, &m->needs);
		if (m->opens.text.n && !pack_find_flows(c->p, m->opens.text))
			unknown(c, &m->opens, "flow");
	}
}

static void check_parameter(const struct checker *c, const struct pack_parameter *p)
{
	for (size_t i = 0; i < p->values.count; i++) {
		const struct pack_value *v = &p->values.items[i];
		if (i && v->effective_from.day <= p->values.items[i - 1].effective_from.day)
			problems_error(c->ps, v->at,
				TR(c->ps, "各值应按 effective_from 先后排列",
					"values stand in the order of effective_from"));
		if (!p->by.text.n && (v->is.count != 1 || v->is.items[0].key.n))
			problems_error(c->ps, v->at,
				TR(c->ps, "没有 by, is 应为一个数",
					"without `by`, `is` is one number"));
		if (p->by.text.n && v->is.count && !v->is.items[0].key.n)
			problems_error(c->ps, v->at,
				TR(c->ps, "有 by, is 应为 键: 数",
					"with `by`, `is` holds key: number pairs"));
	}
}

static void check_rest(const struct checker *c)
{
	const struct pack *p = c->p;

	for (size_t i = 0; i < p->indicators.count; i++) {
		want_ledger(c, &p->indicators.items[i].from);
		want_ledger(c, &p->indicators.items[i].denominator_from);
	}
	for (size_t i = 0; i < p->promises.count; i++) {
		const struct pack_promise *m = &p->promises.items[i];
		if (m->indicator.text.n && !pack_find_indicators(p, m->indicator.text))
			unknown(c, &m->indicator, "indicator");
		if (m->evaluation.text.n && !pack_find_evaluations(p, m->evaluation.text))
			unknown(c, &m->evaluation, "evaluation");
	}
	for (size_t i = 0; i < p->facts.count; i++)
		if (p->facts.items[i].indicator.text.n &&
			!pack_find_indicators(p, p->facts.items[i].indicator.text))
			unknown(c, &p->facts.items[i].indicator, "indicator");
	for (size_t i = 0; i < p->watches.count; i++) {
		const struct pack_watch *w = &p->watches.items[i];
		want_fields(c, want_ledger(c, &w->from), &w->for_each);
		if (w->opens.text.n && !pack_find_flows(p, w->opens.text))
			unknown(c, &w->opens, "flow");
		if (w->indicator.text.n && !pack_find_indicators(p, w->indicator.text))
			unknown(c, &w->indicator, "indicator");
	}
	for (size_t i = 0; i < p->standards.count; i++)
		want_ledger(c, &p->standards.items[i].ledger);
	for (size_t i = 0; i < p->duties.count; i++) {
		want_ledger(c, &p->duties.items[i].ledger);
		want_org_kinds(c, &p->duties.items[i].org_kinds);
	}
	for (size_t i = 0; i < p->checklists.count; i++)
		want_ledger(c, &p->checklists.items[i].ledger);
	for (size_t i = 0; i < p->surveys.count; i++)
		want_ledger(c, &p->surveys.items[i].ledger);
	for (size_t i = 0; i < p->documents.count; i++)
		want_ledger(c, &p->documents.items[i].ledger);
	for (size_t i = 0; i < p->org_kinds.count; i++)
		want_org_kinds(c, &p->org_kinds.items[i].parents);
	for (size_t i = 0; i < p->roles.count; i++)
		for (size_t k = 0; k < p->roles.items[i].excludes.count; k++)
			if (!pack_find_roles(p, p->roles.items[i].excludes.items[k].text))
				unknown(c, &p->roles.items[i].excludes.items[k], "role");
}

void pack_check_names(const struct pack *p, struct problems *ps)
{
	struct checker c = {p, ps};

	for (size_t i = 0; i < p->ledgers.count; i++)
		check_ledger(&c, &p->ledgers.items[i]);
	for (size_t i = 0; i < p->evaluations.count; i++)
		check_evaluation(&c, &p->evaluations.items[i]);
	for (size_t i = 0; i < p->flows.count; i++)
		check_flow(&c, &p->flows.items[i]);
	for (size_t i = 0; i < p->parameters.count; i++)
		check_parameter(&c, &p->parameters.items[i]);
	check_rest(&c);
}
