/*
 * What a case expects of single units: `units:` holds ORG/GROUP: verdict, or ORG/GROUP: {verdict,
 * met, reason, needs: {measure: number}}. A unit that stays outside has the verdict `excluded`;
 * `none` stands for a row that is no unit at all.
 */
#include "mod/packtest/packtest_internal.h"

#include "mod/evaluate/evaluate.h"

static const struct unit_result *find_unit(const struct evaluation_result *result, struct str name)
{
	struct str org = str_cut(&name, '/');

	for (size_t i = 0; i < result->units.count; i++)
		if (str_eq(result->units.items[i].org, org) &&
			str_eq(result->units.items[i].group, name))
			return &result->units.items[i];
	return NULL;
}

/* A measure that is met needs nothing. */
static void expect_needs(struct case_run *run, const struct pack_evaluation *e,
	const struct unit_result *u, struct str unit, const struct yaml_node *expected)
{
	for (const struct yaml_node *n = expected->first; n; n = n->next) {
		struct str what = str_printf(
			run->cx->mem, STR_FMT " needs " STR_FMT, STR_ARG(unit), STR_ARG(n->key));
		struct number_opt needs = {.is_set = true};
		size_t k = 0;
		while (k < e->units->measures.count &&
			!str_eq(e->units->measures.items[k].id.text, n->key))
			k++;
		if (k == e->units->measures.count) {
			problems_error(&run->ps, n->key_at,
				TR(run->cx, "没有指标项 '" STR_FMT "'", "no measure '" STR_FMT "'"),
				STR_ARG(n->key));
			continue;
		}
		for (size_t i = 0; i < u->below.count; i++)
			if (u->below.items[i].measure == k)
				needs = u->below.items[i].needs;
		expect_number(run, what, needs.is_set, needs.value, n);
	}
}

static void expect_unit(struct case_run *run, const struct pack_evaluation *e,
	const struct unit_result *u, const struct yaml_node *expected)
{
	const char *verdict = u->is_included ? verdict_name(u->verdict) : "excluded";
	struct str unit = expected->key;

	if (expected->kind == YAML_SCALAR)
		expect_text(run, unit, verdict, expected);
	for (const struct yaml_node *n = expected->first; n; n = n->next) {
		struct str what = str_printf(
			run->cx->mem, STR_FMT " " STR_FMT, STR_ARG(unit), STR_ARG(n->key));
		if (str_is(n->key, "verdict"))
			expect_text(run, what, verdict, n);
		else if (str_is(n->key, "met"))
			expect_number(run, what, u->is_included, (double)u->met, n);
		else if (str_is(n->key, "reason"))
			expect_text(run, what, str_z(run->cx->mem, u->reason), n);
		else if (str_is(n->key, "needs") && n->kind == YAML_MAP)
			expect_needs(run, e, u, unit, n);
		else
			problems_error(&run->ps, n->key_at, "verdict, met, reason, needs");
	}
}

void expect_units(struct case_run *run, const struct evaluation_result *result,
	const struct yaml_node *expected)
{
	if (expected->kind != YAML_MAP) {
		problems_error(&run->ps, expected->at, "%s",
			TR(run->cx, "units 应为 机构/组: 结论", "units holds ORG/GROUP: verdict"));
		return;
	}
	for (const struct yaml_node *n = expected->first; n; n = n->next) {
		const struct unit_result *u = find_unit(result, n->key);
		if (u)
			expect_unit(run, result->evaluation, u, n);
		else if (n->kind != YAML_SCALAR || !str_is(n->text, "none"))
			problems_error(&run->ps, n->key_at,
				TR(run->cx, "没有单位 '" STR_FMT "'", "no unit '" STR_FMT "'"),
				STR_ARG(n->key));
	}
}
