/* What the cases touch, and what they leave. */
#include "mod/packtest/packtest_internal.h"

#include "mod/evaluate/evaluate.h"

void coverage_init(struct coverage *c, struct arena *mem, const struct pack *p)
{
	c->mem = mem;
	c->p = p;
	strmap_init(&c->seen, mem);
}

static struct str value_name(struct arena *mem, const struct pack_parameter *p, struct date from)
{
	struct strbuf b;
	struct str name;

	strbuf_init(&b, STRBUF_MAX);
	strbuf_printf(&b, "parameter " STR_FMT " ", STR_ARG(p->id.text));
	strbuf_date(&b, from);
	name = str_copy(mem, strbuf_view(&b));
	strbuf_release(&b);
	return name;
}

static void cover_parameter(struct coverage *c, struct str id, struct date day)
{
	const struct pack_parameter *p = pack_find_parameters(c->p, id);
	const struct pack_value *v;

	if (!p || p->values.count == 0)
		return;
	v = parameter_on(p, day);
	if (!v)
		v = &p->values.items[0];
	(void)strmap_put(&c->seen, value_name(c->mem, p, v->effective_from), NULL);
}

/* The parameters a rule names; its syntax was checked before. */
void cover_rule(struct coverage *c, const struct located *rule, struct date day)
{
	struct str rest = rule->text;
	size_t at;

	while ((at = str_find(rest, STR("param("))) != SIZE_MAX) {
		size_t end;
		rest = str_sub(rest, at + strlen("param("), rest.n);
		for (end = 0; end < rest.n && rest.p[end] != ',' && rest.p[end] != ')';)
			end++;
		cover_parameter(c, str_trim(str_sub(rest, 0, end)), day);
	}
}

void cover_indicator(struct coverage *c, const struct pack_indicator *d, struct date day)
{
	(void)strmap_put(
		&c->seen, str_printf(c->mem, "indicator " STR_FMT, STR_ARG(d->id.text)), NULL);
	cover_rule(c, &d->numerator, day);
	cover_rule(c, &d->denominator, day);
}

static void cover_bound(struct coverage *c, const struct pack_bound *b, struct date day)
{
	cover_rule(c, &b->at_least, day);
	cover_rule(c, &b->at_most, day);
	cover_rule(c, &b->above, day);
	cover_rule(c, &b->below, day);
}

static void cover_units(
	struct coverage *c, const struct pack_units *u, bool with_limits, struct date day)
{
	cover_rule(c, &u->where, day);
	for (size_t i = 0; i < u->exclude.count; i++)
		cover_rule(c, &u->exclude.items[i].when, day);
	if (u->apportion)
		cover_rule(c, &u->apportion->weight, day);
	for (size_t i = 0; i < u->measures.count; i++) {
		cover_rule(c, &u->measures.items[i].numerator, day);
		if (with_limits)
			cover_parameter(c, u->measures.items[i].parameter.text, day);
	}
}

static void cover_value(struct coverage *c, const struct pack_clause_value *v, struct date day)
{
	const struct pack_indicator *d = pack_find_indicators(c->p, v->indicator.text);

	if (d)
		cover_indicator(c, d, day);
	cover_rule(c, &v->numerator, day);
	cover_rule(c, &v->denominator, day);
	cover_rule(c, &v->at_least, day);
	cover_rule(c, &v->at_most, day);
	cover_rule(c, &v->above, day);
	cover_rule(c, &v->below, day);
}

static struct str clause_name(struct arena *mem, const struct pack_evaluation *e, struct str id)
{
	return str_printf(mem, "clause " STR_FMT " " STR_FMT, STR_ARG(e->id.text), STR_ARG(id));
}

static void cover_clause_rules(struct coverage *c, const struct pack_evaluation *e,
	const struct pack_clause *k, struct date day)
{
	if (e->units && (k->met || k->dispersion || k->composite))
		cover_units(c, e->units, k->met != NULL, day);
	if (k->met) {
		cover_rule(c, &k->met->at_least, day);
		cover_rule(c, &k->met->floor, day);
	}
	if (k->dispersion)
		cover_bound(c, k->dispersion, day);
	if (k->composite)
		cover_bound(c, k->composite, day);
	if (k->value)
		cover_value(c, k->value, day);
	if (k->every) {
		cover_rule(c, &k->every->where, day);
		cover_rule(c, &k->every->require, day);
	}
	for (size_t i = 0; i < k->parts.count; i++)
		cover_clause_rules(c, e, &k->parts.items[i], day);
}

void cover_clause(struct coverage *c, const struct pack_evaluation *e, const struct pack_clause *k,
	struct str id, struct date day)
{
	(void)strmap_put(&c->seen, clause_name(c->mem, e, id), NULL);
	cover_clause_rules(c, e, k, day);
}

/* Every parameter that some rule reads, on every day it has a value of. */
static void cover_all_rules(struct coverage *c, struct date day)
{
	const struct pack *p = c->p;

	for (size_t i = 0; i < p->evaluations.count; i++)
		for (size_t k = 0; k < p->evaluations.items[i].clauses.count; k++)
			cover_clause_rules(c, &p->evaluations.items[i],
				&p->evaluations.items[i].clauses.items[k], day);
	for (size_t i = 0; i < p->indicators.count; i++)
		cover_indicator(c, &p->indicators.items[i], day);
	for (size_t i = 0; i < p->watches.count; i++)
		cover_rule(c, &p->watches.items[i].when, day);
	for (size_t i = 0; i < p->ledgers.count; i++) {
		const struct pack_ledger *l = &p->ledgers.items[i];
		for (size_t k = 0; k < l->checks.count; k++)
			cover_rule(c, &l->checks.items[k].rule, day);
		for (size_t k = 0; k < l->fields.count; k++)
			cover_rule(c, &l->fields.items[k].derive, day);
	}
	for (size_t i = 0; i < p->flows.count; i++)
		for (size_t k = 0; k < p->flows.items[i].moves.count; k++)
			cover_rule(c, &p->flows.items[i].moves.items[k].when, day);
}

static void want(const struct coverage *c, struct str name, struct packtest *out)
{
	if (!strmap_find(&c->seen, name))
		*VEC_PUSH(c->mem, &out->uncovered) = name;
}

/* An evaluation of no rows still lists every clause. */
static enum err missing_clauses(struct ctx *cx, const struct coverage *c,
	const struct pack_evaluation *e, struct packtest *out)
{
	struct evaluation_result result;
	struct evaluation_run *run;
	struct dataset ds;

	dataset_init(&ds, cx->mem, c->p, STR_NONE);
	TRY(evaluation_ready(cx, &ds, e, &run));
	TRY(evaluation_area(cx, run, STR(CASE_AREA), &result));
	for (size_t i = 0; i < result.clauses.count; i++)
		want(c, clause_name(c->mem, e, result.clauses.items[i].id), out);
	return ERR_OK;
}

enum err coverage_missing(struct ctx *cx, const struct coverage *c, struct packtest *out)
{
	const struct pack *p = c->p;

	for (size_t i = 0; i < p->evaluations.count; i++)
		TRY(missing_clauses(cx, c, &p->evaluations.items[i], out));
	for (size_t i = 0; i < p->indicators.count; i++)
		want(c,
			str_printf(c->mem, "indicator " STR_FMT,
				STR_ARG(p->indicators.items[i].id.text)),
			out);
	for (size_t i = 0; i < p->parameters.count; i++) {
		const struct pack_parameter *one = &p->parameters.items[i];
		for (size_t k = 0; k < one->values.count; k++) {
			struct date from = one->values.items[k].effective_from;
			struct str name = value_name(c->mem, one, from);
			struct coverage used;
			if (strmap_find(&c->seen, name))
				continue;
			coverage_init(&used, cx->mem, p);
			cover_all_rules(&used, from);
			if (strmap_find(&used.seen, name))
				*VEC_PUSH(c->mem, &out->uncovered) = name;
		}
	}
	return ERR_OK;
}
