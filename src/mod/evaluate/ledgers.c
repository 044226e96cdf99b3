/* What an evaluation reads. */
#include "mod/evaluate/evaluate.h"

static void add(struct strmap *seen, struct str ledger)
{
	if (ledger.n)
		(void)strmap_put(seen, ledger, NULL);
}

static void add_value(struct strmap *seen, const struct pack *p, const struct pack_clause_value *v)
{
	const struct pack_indicator *d =
		v->indicator.text.n ? pack_find_indicators(p, v->indicator.text) : NULL;

	add(seen, d ? d->from.text : v->from.text);
	add(seen, d ? d->denominator_from.text : v->denominator_from.text);
}

static void add_clause(struct strmap *seen, const struct pack *p, const struct pack_clause *c)
{
	if (c->value)
		add_value(seen, p, c->value);
	if (c->every)
		add(seen, c->every->from.text);
	for (size_t i = 0; i < c->parts.count; i++)
		add_clause(seen, p, &c->parts.items[i]);
}

void evaluation_ledgers(struct ctx *cx, const struct pack *p, const struct pack_evaluation *e,
	struct str **out, size_t *n)
{
	struct strmap seen;

	strmap_init(&seen, cx->mem);
	if (e->units)
		add(&seen, e->units->ledger.text);
	add(&seen, e->evidence.text);
	for (size_t i = 0; i < e->clauses.count; i++)
		add_clause(&seen, p, &e->clauses.items[i]);
	*n = seen.count;
	*out = arena_array(cx->mem, struct str, seen.count);
	for (size_t i = 0; i < seen.count; i++)
		(*out)[i] = seen.entries[i].key;
}
