/* Every rule of a pack compiled once, so that an author sees every mistake with its place. */
#include "mod/pack/rules.h"

struct checker {
	struct arena *mem;
	const struct pack *p;
	struct problems *ps;
	struct date day;
};

static void check(const struct checker *c, const struct rule_env *env, const struct located *text,
	enum rule_kind kind, bool wants_bool)
{
	if (text->text.n && env)
		(void)pack_compile(c->mem, env, text, kind, wants_bool, c->ps);
}

static const struct rule_env *env_of(const struct checker *c, const struct located *name)
{
	const struct pack_ledger *ledger =
		name->text.n ? pack_find_ledgers(c->p, name->text) : NULL;

	return ledger ? pack_rule_env(c->mem, c->p, ledger, c->day, false) : NULL;
}

static void check_ledger(const struct checker *c, const struct pack_ledger *ledger)
{
	const struct rule_env *env = pack_rule_env(c->mem, c->p, ledger, c->day, false);
	const struct rule_env *before = pack_rule_env(c->mem, c->p, ledger, c->day, true);

	for (size_t i = 0; i < ledger->checks.count; i++) {
		const struct pack_check *k = &ledger->checks.items[i];
		check(c, k->before.text.n ? before : env, &k->rule,
			k->for_each.count ? RULE_AGGREGATE : RULE_ROW, true);
		check(c, env, &k->when, RULE_ROW, true);
	}
	for (size_t i = 0; i < ledger->fields.count; i++)
		check(c, env, &ledger->fields.items[i].derive, RULE_ROW, false);
	for (size_t i = 0; i < ledger->capacities.count; i++) {
		check(c, env, &ledger->capacities.items[i].sum, RULE_ROW, false);
		check(c, env, &ledger->capacities.items[i].when, RULE_ROW, true);
	}
	for (size_t i = 0; i < ledger->foreign_keys.count; i++)
		check(c, env, &ledger->foreign_keys.items[i].when, RULE_ROW, true);
}

/* Bounds may speak of `group`, which stands for each value of the units' group. */
static void check_bound(
	const struct checker *c, const struct pack_evaluation *e, const struct located *text)
{
	const struct rule_env *env = pack_constant_env(c->mem, c->p, c->day);
	struct located one = *text;

	if (!text->text.n)
		return;
	if (!e->units || e->units->groups.count == 0) {
		check(c, env, text, RULE_AGGREGATE, false);
		return;
	}
	for (size_t i = 0; i < e->units->groups.count; i++) {
		one.text = text_replace_word(c->mem, text->text, "group",
			str_printf(
				c->mem, "'" STR_FMT "'", STR_ARG(e->units->groups.items[i].text)));
		check(c, env, &one, RULE_AGGREGATE, false);
	}
}

static void check_pack_bound(
	const struct checker *c, const struct pack_evaluation *e, const struct pack_bound *b)
{
	if (!b)
		return;
	check_bound(c, e, &b->at_least);
	check_bound(c, e, &b->at_most);
	check_bound(c, e, &b->above);
	check_bound(c, e, &b->below);
}

static void check_clause(
	const struct checker *c, const struct pack_evaluation *e, const struct pack_clause *clause)
{
	if (clause->met) {
		check_bound(c, e, &clause->met->at_least);
		check_bound(c, e, &clause->met->floor);
	}
	check_pack_bound(c, e, clause->dispersion);
	check_pack_bound(c, e, clause->composite);
	if (clause->value) {
		const struct pack_clause_value *v = clause->value;
		const struct located *den_from =
			v->denominator_from.text.n ? &v->denominator_from : &v->from;
		check(c, env_of(c, &v->from), &v->numerator, RULE_AGGREGATE, false);
		check(c, env_of(c, den_from), &v->denominator, RULE_AGGREGATE, false);
		check_bound(c, e, &v->at_least);
		check_bound(c, e, &v->at_most);
		check_bound(c, e, &v->above);
		check_bound(c, e, &v->below);
	}
	if (clause->every) {
		const struct rule_env *env = env_of(c, &clause->every->from);
		check(c, env, &clause->every->where, RULE_ROW, true);
		check(c, env, &clause->every->require, RULE_ROW, true);
		check(c, env, &clause->every->needs, RULE_ROW, false);
	}
	for (size_t i = 0; i < clause->parts.count; i++)
		check_clause(c, e, &clause->parts.items[i]);
}

static void check_evaluation(const struct checker *c, const struct pack_evaluation *e)
{
	const struct rule_env *env = e->units ? env_of(c, &e->units->ledger) : NULL;

	for (size_t i = 0; e->units && i < e->units->measures.count; i++) {
		check(c, env, &e->units->measures.items[i].numerator, RULE_ROW, false);
		check(c, env, &e->units->measures.items[i].denominator, RULE_ROW, false);
	}
	for (size_t i = 0; e->units && i < e->units->exclude.count; i++)
		check(c, env, &e->units->exclude.items[i].when, RULE_ROW, true);
	for (size_t i = 0; e->units && i < e->units->weight_limits.count; i++)
		check(c, env, &e->units->weight_limits.items[i].at_most, RULE_ROW, false);
	if (e->units)
		check(c, env, &e->units->where, RULE_ROW, true);
	if (e->units && e->units->apportion)
		check(c, env, &e->units->apportion->weight, RULE_ROW, false);
	for (size_t i = 0; i < e->clauses.count; i++)
		check_clause(c, e, &e->clauses.items[i]);
}

void pack_check_rules(const struct pack *p, struct problems *ps)
{
	struct checker c = {ps->mem, p, ps, {INT32_MAX}};

	pack_check_sealed(p, ps);
	for (size_t i = 0; i < p->ledgers.count; i++)
		check_ledger(&c, &p->ledgers.items[i]);
	for (size_t i = 0; i < p->indicators.count; i++) {
		const struct pack_indicator *d = &p->indicators.items[i];
		check(&c, env_of(&c, &d->from), &d->numerator, RULE_AGGREGATE, false);
		check(&c, env_of(&c, d->denominator_from.text.n ? &d->denominator_from : &d->from),
			&d->denominator, RULE_AGGREGATE, false);
	}
	for (size_t i = 0; i < p->evaluations.count; i++)
		check_evaluation(&c, &p->evaluations.items[i]);
	for (size_t i = 0; i < p->watches.count; i++) {
		const struct pack_watch *w = &p->watches.items[i];
		check(&c, env_of(&c, &w->from), &w->when,
			w->for_each.count ? RULE_AGGREGATE : RULE_ROW, true);
	}
	for (size_t i = 0; i < p->flows.count; i++)
		for (size_t k = 0; k < p->flows.items[i].moves.count; k++)
			check(&c, env_of(&c, &p->flows.items[i].ledger),
				&p->flows.items[i].moves.items[k].when, RULE_ROW, true);
	for (size_t i = 0; i < p->duties.count; i++)
		check(&c, env_of(&c, &p->duties.items[i].ledger), &p->duties.items[i].where,
			RULE_ROW, true);
	for (size_t i = 0; i < p->standards.count; i++)
		for (size_t k = 0; k < p->standards.items[i].items.count; k++)
			check(&c, env_of(&c, &p->standards.items[i].ledger),
				&p->standards.items[i].items.items[k].compute, RULE_ROW, false);
	for (size_t i = 0; i < p->demos.count; i++)
		pack_demo_check(ps->mem, p, &p->demos.items[i], ps);
}
