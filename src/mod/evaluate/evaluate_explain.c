/* Why a clause has its verdict: words of the law, formula, and the rows behind the number. */
#include "mod/evaluate/evaluate_internal.h"

#include "base/num.h"

static void line(struct strbuf *out, const char *name, struct str text)
{
	if (text.n)
		strbuf_printf(out, "%s: " STR_FMT "\n", name, STR_ARG(text));
}

/* The formula in the ledger's titles, so that people read it. */
static void formula(struct ctx *cx, const struct evaluation_run *run, struct str ledger,
	const struct located *text, enum rule_kind kind, const char *name, struct strbuf *out)
{
	const struct pack_ledger *l = pack_find_ledgers(run->ds->pack, ledger);
	const struct rule *rule;
	struct problems ps;

	if (!text->text.n || !l)
		return;
	problems_init(&ps, cx->mem);
	rule = pack_compile(cx->mem, pack_rule_env(cx->mem, run->ds->pack, l, run->day, false),
		text, kind, false, &ps);
	if (!rule)
		return;
	strbuf_printf(out, "%s: ", name);
	rule_explain(out, rule, cx->is_english);
	strbuf_char(out, '\n');
}

static void explain_measure(
	struct ctx *cx, const struct evaluation_run *run, size_t k, struct strbuf *out)
{
	const struct pack_units *u = run->e->units;
	const struct pack_measure *m = &u->measures.items[k];

	line(out, TR(cx, "指标", "measure"), m->title.text);
	formula(cx, run, u->ledger.text, &m->numerator, RULE_ROW, TR(cx, "分子", "numerator"), out);
	formula(cx, run, u->ledger.text, &m->denominator, RULE_ROW, TR(cx, "分母", "denominator"),
		out);
	if (m->is_shared && u->apportion)
		formula(cx, run, u->ledger.text, &u->apportion->weight, RULE_ROW,
			TR(cx, "多学段拆分权重", "apportioned by"), out);
}

static void explain_rows(struct ctx *cx, const struct clause_result *c, struct evaluation_run *run,
	struct strbuf *out)
{
	const struct pack_clause *k = c->clause;
	const struct pack_clause_value *v = k->value;

	if (v) {
		struct str den =
			v->denominator_from.text.n ? v->denominator_from.text : v->from.text;
		formula(cx, run, v->from.text, &v->numerator, RULE_AGGREGATE,
			TR(cx, "分子", "numerator"), out);
		formula(cx, run, den, &v->denominator, RULE_AGGREGATE,
			TR(cx, "分母", "denominator"), out);
	}
	if (k->every) {
		formula(cx, run, k->every->from.text, &k->every->where, RULE_ROW,
			TR(cx, "适用", "applies to"), out);
		formula(cx, run, k->every->from.text, &k->every->require, RULE_ROW,
			TR(cx, "要求", "requires"), out);
	}
}

/* The measure whose id ends the clause's id; SIZE_MAX when there is none. */
static size_t measure_of(const struct pack_units *units, struct str id)
{
	for (size_t k = 0; units && k < units->measures.count; k++) {
		struct str m = units->measures.items[k].id.text;
		if (id.n > m.n && id.p[id.n - m.n - 1] == '.' &&
			str_eq(str_sub(id, id.n - m.n, id.n), m))
			return k;
	}
	return SIZE_MAX;
}

static void list_units(struct ctx *cx, const struct evaluation_result *r, struct str id, size_t k,
	struct strbuf *out)
{
	for (size_t i = 0; i < r->units.count; i++) {
		const struct unit_result *u = &r->units.items[i];
		char *part = arena_printf(cx->mem, "." STR_FMT, STR_ARG(u->group));
		if (str_find(id, str_from(part)) == SIZE_MAX)
			continue;
		strbuf_printf(out, "  " STR_FMT " " STR_FMT " ", STR_ARG(u->org), STR_ARG(u->name));
		if (!u->is_included) {
			strbuf_printf(out, STR_FMT "\n", STR_ARG(u->reason));
			continue;
		}
		strbuf_printf(out, "%.0f ", u->weight);
		if (k == SIZE_MAX)
			strbuf_printf(out, "%s %zu", verdict_name(u->verdict), u->met);
		else if (u->values[k].is_set)
			strbuf_f64(out, u->values[k].value);
		for (size_t b = 0; k == SIZE_MAX && b < u->below.count; b++) {
			const struct pack_measure *m =
				&r->evaluation->units->measures.items[u->below.items[b].measure];
			strbuf_printf(out,
				TR(cx, "; " STR_FMT " %.6g < %.6g, 还差 %.6g " STR_FMT,
					"; " STR_FMT " %.6g < %.6g, short of %.6g " STR_FMT),
				STR_ARG(m->title.text), u->below.items[b].value,
				u->below.items[b].limit, u->below.items[b].needs.value,
				STR_ARG(m->resource.text));
		}
		strbuf_char(out, '\n');
	}
}

bool evaluation_explain(struct ctx *cx, struct evaluation_run *run,
	const struct evaluation_result *r, struct str id, struct strbuf *out)
{
	bool is_found = false;

	for (size_t i = 0; i < r->clauses.count; i++) {
		const struct clause_result *c = &r->clauses.items[i];
		size_t k = c->clause->dispersion ? measure_of(run->e->units, c->id) : SIZE_MAX;
		bool is_part = c->is_part && str_starts(c->id, str_z(cx->mem, id));
		if (!str_eq(c->id, id) && !is_part)
			continue;
		is_found = true;
		strbuf_printf(out, STR_FMT " " STR_FMT "\n", STR_ARG(r->area), STR_ARG(c->id));
		line(out, TR(cx, "条款", "clause"), c->title);
		line(out, TR(cx, "依据", "source"), c->clause->source.text);
		line(out, TR(cx, "注", "note"), c->clause->note.text);
		if (k != SIZE_MAX)
			explain_measure(cx, run, k, out);
		explain_rows(cx, c, run, out);
		strbuf_printf(out, "%s: %s", TR(cx, "结论", "verdict"), verdict_name(c->verdict));
		if (c->value.is_set) {
			strbuf_char(out, ' ');
			strbuf_f64(out, c->value.value);
		}
		if (c->op && c->limit.is_set) {
			strbuf_printf(out, " (%s ", c->op);
			strbuf_f64(out, c->limit.value);
			strbuf_char(out, ')');
		}
		strbuf_char(out, '\n');
		line(out, TR(cx, "说明", "remark"), c->note);
		if (c->clause->met || c->clause->dispersion)
			list_units(cx, r, c->id, k, out);
	}
	return is_found;
}
