/*
 * What cannot be done with a sealed field. The same text sealed in two rows differs, so nothing
 * that groups, joins, sorts or finds by value works; `unique` does, by a keyed hash. Rules that
 * name one are refused where they are compiled.
 */
#include "mod/pack/rules.h"

struct checker {
	const struct pack *p;
	struct problems *ps;
};

static const struct pack_field *sealed_field(const struct pack_ledger *ledger, struct str name)
{
	const struct pack_field *f = ledger && name.n ? ledger_field(ledger, name) : NULL;

	return f && f->secrecy == SECRECY_SEALED ? f : NULL;
}

static void refuse(const struct checker *c, const struct pack_ledger *ledger,
	const struct located *name, const char *zh, const char *en)
{
	if (sealed_field(ledger, name->text))
		problems_error(c->ps, name->at,
			TR(c->ps, "字段 '" STR_FMT "' 加密保存, 不能%s",
				"field '" STR_FMT "' is sealed: it cannot %s"),
			STR_ARG(name->text), TR(c->ps, zh, en));
}

static void refuse_all(const struct checker *c, const struct pack_ledger *ledger,
	const struct located_list *names, const char *zh, const char *en)
{
	for (size_t i = 0; i < names->count; i++)
		refuse(c, ledger, &names->items[i], zh, en);
}

static void check_field(const struct checker *c, const struct pack_field *f)
{
	bool is_text = f->type == FIELD_STRING || f->type == FIELD_TEXT || f->type == FIELD_FILE;

	if (f->secrecy != SECRECY_SEALED)
		return;
	if (!is_text)
		problems_error(c->ps, f->at, "%s",
			TR(c->ps, "加密保存的字段应为 string, text 或 file",
				"a sealed field is a string, a text or a file"));
	if (f->derive.text.n || f->from_org.text.n)
		problems_error(c->ps, f->at, "%s",
			TR(c->ps, "算出来的字段不能加密保存",
				"a field that is computed cannot be sealed"));
	if (f->codes.text.n && f->constraints && f->constraints->is_unique)
		problems_error(c->ps, f->at, "%s",
			TR(c->ps, "加密保存的代码字段不能要求不重复: 试几次就能猜出",
				"a sealed field of codes cannot be unique: a few tries would tell "
				"it"));
}

static void check_ledger(const struct checker *c, const struct pack_ledger *l)
{
	for (size_t i = 0; i < l->fields.count; i++)
		check_field(c, &l->fields.items[i]);
	refuse_all(c, l, &l->grain, "作主键", "be part of the key");
	refuse(c, l, &l->label, "作名称", "be the label");
	for (size_t i = 0; i < l->checks.count; i++)
		refuse_all(c, l, &l->checks.items[i].for_each, "用来分组", "make groups");
	for (size_t i = 0; i < l->capacities.count; i++)
		refuse_all(c, l, &l->capacities.items[i].per, "用来分组", "make groups");
	for (size_t i = 0; i < l->foreign_keys.count; i++) {
		const struct pack_foreign_key *k = &l->foreign_keys.items[i];
		const struct pack_ledger *other =
			k->reference->resource.text.n
				? pack_find_ledgers(c->p, k->reference->resource.text)
				: l;
		refuse_all(c, l, &k->fields, "作外键", "be a foreign key");
		refuse_all(c, other, &k->reference->fields, "被引用", "be referred to");
	}
}

static void check_clause(const struct checker *c, const struct pack_clause *clause)
{
	if (clause->every)
		refuse_all(c, pack_find_ledgers(c->p, clause->every->from.text),
			&clause->every->show, "列出", "be shown");
	for (size_t i = 0; i < clause->parts.count; i++)
		check_clause(c, &clause->parts.items[i]);
}

void pack_check_sealed(const struct pack *p, struct problems *ps)
{
	const struct checker c = {p, ps};

	for (size_t i = 0; i < p->ledgers.count; i++)
		check_ledger(&c, &p->ledgers.items[i]);
	for (size_t i = 0; i < p->evaluations.count; i++) {
		const struct pack_evaluation *e = &p->evaluations.items[i];
		if (e->units)
			refuse(&c, pack_find_ledgers(p, e->units->ledger.text), &e->units->group,
				"用来分组", "make groups");
		for (size_t k = 0; k < e->clauses.count; k++)
			check_clause(&c, &e->clauses.items[k]);
	}
	for (size_t i = 0; i < p->watches.count; i++)
		refuse_all(&c, pack_find_ledgers(p, p->watches.items[i].from.text),
			&p->watches.items[i].for_each, "用来分组", "make groups");
}
