/* A plan as JSON, as a table and as the ledger rows it changes. */
#include "mod/allocate/pass.h"
#include "wire/csv_write.h"
#include "wire/json_write.h"

#include <math.h>

const struct report_column pass_report_columns[PASS_REPORT_COLUMNS] = {
	{"county", "县区", REPORT_TEXT}, {"org", "学校标识码", REPORT_TEXT},
	{"name", "学校名称", REPORT_TEXT}, {"indicator", "指标", REPORT_TEXT},
	{"from", "现有", REPORT_NUMBER}, {"to", "增至", REPORT_NUMBER},
	{"cost", "费用", REPORT_NUMBER}, {"excused", "低于标准而不超限的指标", REPORT_TEXT}};

static const char *status_name(enum uplift_status s)
{
	static const char *const names[] = {
		"optimal", "stopped", "unknown", "infeasible", "bad-input"};

	return names[s];
}

/* Money in 10^-12, without trailing zeros. */
static struct str money_text(struct arena *mem, i128 e12)
{
	i128 whole = e12 / 1000000000000, rest = e12 % 1000000000000;
	struct strbuf b;
	struct str s;

	strbuf_init(&b, 80);
	strbuf_i128(&b, whole);
	if (rest) {
		strbuf_printf(&b, ".%012" PRId64, (int64_t)rest);
		while (b.p[b.n - 1] == '0')
			b.p[--b.n] = 0;
	}
	s = str_copy(mem, strbuf_view(&b));
	strbuf_release(&b);
	return s;
}

static struct str pieces_text(struct arena *mem, int64_t steps, int scale)
{
	struct strbuf b;
	struct str s;

	strbuf_init(&b, 40);
	strbuf_dec_short(&b, steps, scale);
	s = str_copy(mem, strbuf_view(&b));
	strbuf_release(&b);
	return s;
}

i128 pass_cost(const struct pass_plan *plan, size_t i, size_t k)
{
	const struct uplift_problem *p = &plan->problem;
	size_t at = i * p->resource_count + k;
	i128 cost = p->prices_micro ? p->prices_micro[at] : p->resources[k].price_micro;

	for (int s = p->resources[k].scale; s < UPLIFT_SCALE_MAX; s++)
		cost *= 10;
	return cost * plan->budget.answer.raises[at];
}

static struct str measure_id(const struct pass_plan *plan, size_t k)
{
	return plan->needs.measures[k].measure->id.text;
}

/* null, the one measure that stays below its threshold, or a list. */
static void write_excused(struct json_writer *w, const struct pass_plan *plan, size_t i)
{
	uint32_t missed = plan->budget.answer.missed[i];
	int count = __builtin_popcount(missed);

	json_key(w, "excused");
	if (count == 0)
		json_null(w);
	if (count > 1)
		json_array(w);
	for (; missed; missed &= missed - 1)
		json_str(w, measure_id(plan, (size_t)__builtin_ctz(missed)));
	if (count > 1)
		json_end_array(w);
}

static void write_unit(
	struct ctx *cx, struct json_writer *w, const struct pass_plan *plan, size_t i)
{
	const struct requirements *q = &plan->needs;

	json_object(w);
	json_field_str(w, "org", q->units[i].org);
	json_field_str(w, "name", q->units[i].name);
	json_key(w, "raise");
	json_object(w);
	for (size_t k = 0; k < q->measure_count; k++) {
		size_t at = i * q->measure_count + k;
		int64_t by = plan->budget.answer.raises[at];
		int scale = q->measures[k].scale;
		if (!by)
			continue;
		json_key_str(w, measure_id(plan, k));
		json_object(w);
		json_field_number(w, "from", pieces_text(cx->mem, q->totals[at], scale));
		json_field_number(w, "to", pieces_text(cx->mem, q->totals[at] + by, scale));
		json_field_number(w, "cost", money_text(cx->mem, pass_cost(plan, i, k)));
		json_field_str(w, "column", q->measures[k].measure->raise.text);
		json_end_object(w);
	}
	json_end_object(w);
	write_excused(w, plan, i);
	if (plan->has_budget) {
		json_field_bool(w, "passes", plan->budget.is_passing[i]);
	}
	json_end_object(w);
}

static void write_measure(
	struct ctx *cx, struct json_writer *w, const struct pass_plan *plan, size_t k)
{
	const struct uplift_row *row = &plan->budget.answer.rows[k];
	const struct required_measure *m = &plan->needs.measures[k];

	json_object(w);
	json_field_str(w, "indicator", m->measure->id.text);
	json_field_str(w, "title", m->measure->title.text);
	json_field_number(w, "raised", pieces_text(cx->mem, row->raised, m->scale));
	json_field_f64(w, "cost", row->cost);
	json_field_f64(w, "dispersion_before", plan->cv_before[k]);
	json_field_f64(w, "dispersion", row->cv);
	if (m->limit_micro) {
		json_field_number(w, "limit", pieces_text(cx->mem, m->limit_micro, 6));
		json_field_bool(w, "limit_decides", row->is_binding);
	}
	if (row->is_binding) {
		double per = m->measure->per.is_set ? (double)m->measure->per.micro / 1e6 : 1;
		json_field_f64(w, "filled_up_to", row->level * per);
		json_field_f64(w, "saving_if_limit_0.01_looser", row->shadow_price);
	}
	if (plan->has_budget) {
		json_field_bool(w, "within_limit", plan->budget.is_within[k]);
	}
	json_end_object(w);
}

static void write_answer(
	struct ctx *cx, struct json_writer *w, const struct pass_plan *plan, bool is_confirmed)
{
	const struct uplift_answer *a = &plan->budget.answer;

	json_field_number(w, "cost", money_text(cx->mem, a->cost_e12));
	json_field_f64(w, "bound", a->bound);
	json_field_f64(w, "gap", a->gap);
	json_field_bool(w, "confirmed", is_confirmed);
	if (plan->has_budget) {
		json_field_i64(w, "schools_passing", (int64_t)plan->budget.passing_count);
		json_field_i64(w, "dispersions_within", (int64_t)plan->budget.within_count);
		json_field_i64(w, "dispersions_within_at_most", (int64_t)plan->budget.rows_bound);
	}
	json_key(w, "indicators");
	json_array(w);
	for (size_t k = 0; k < plan->needs.measure_count; k++)
		write_measure(cx, w, plan, k);
	json_end_array(w);
	json_key(w, "schools");
	json_array(w);
	for (size_t i = 0; i < plan->needs.unit_count; i++)
		write_unit(cx, w, plan, i);
	json_end_array(w);
}

void pass_write_json(struct ctx *cx, struct json_writer *w, const struct evaluation_result *before,
	const struct pass_plan *plan, bool is_confirmed)
{
	json_object(w);
	json_field_str(w, "evaluation", before->evaluation->id.text);
	json_field_str(w, "county", before->area);
	json_field_str(w, "period", before->period);
	json_field_str(w, "stage", plan->group);
	json_key(w, "status");
	json_z(w, status_name(plan->budget.answer.status));
	if (plan->budget.answer.raises)
		write_answer(cx, w, plan, is_confirmed);
	else
		json_field_str(w, "cause", pass_cause(cx, plan));
	json_end_object(w);
}

static struct str excused_text(struct arena *mem, const struct pass_plan *plan, size_t i)
{
	struct str text = STR_NONE;

	for (uint32_t m = plan->budget.answer.missed[i]; m; m &= m - 1) {
		struct str id = measure_id(plan, (size_t)__builtin_ctz(m));
		text = text.n ? str_printf(mem, STR_FMT " " STR_FMT, STR_ARG(text), STR_ARG(id))
			      : id;
	}
	return text;
}

static void report_raises(struct report *r, const struct pass_plan *plan, int year, int empty_after)
{
	const struct requirements *q = &plan->needs;

	for (size_t i = 0; plan->budget.answer.raises && i < q->unit_count; i++) {
		for (size_t k = 0; k < q->measure_count; k++) {
			size_t at = i * q->measure_count + k;
			int64_t by = plan->budget.answer.raises[at];
			int scale = q->measures[k].scale;
			if (!by)
				continue;
			if (year)
				report_i64(r, year);
			report_str(r, plan->area);
			report_str(r, q->units[i].org);
			report_str(r, q->units[i].name);
			report_str(r, measure_id(plan, k));
			report_str(r, pieces_text(r->mem, q->totals[at], scale));
			report_str(r, pieces_text(r->mem, q->totals[at] + by, scale));
			report_str(r, money_text(r->mem, pass_cost(plan, i, k)));
			report_str(r, excused_text(r->mem, plan, i));
			for (int c = 0; c < empty_after; c++)
				report_str(r, STR_NONE);
		}
	}
}

void pass_report(struct report *r, const struct pass_plan *plan)
{
	report_raises(r, plan, 0, 0);
}

void pass_report_year(struct report *r, const struct pass_plan *plan, int year)
{
	report_raises(r, plan, year, 0);
}

void pass_report_after_moves(struct report *r, const struct pass_plan *plan)
{
	report_raises(r, plan, 0, 2);
}

/* Is the measure's column not that of an earlier one? */
static bool is_first_of_column(const struct requirements *q, size_t k)
{
	struct str raise = q->measures[k].measure->raise.text;

	for (size_t j = 0; j < k; j++)
		if (str_eq(q->measures[j].measure->raise.text, raise))
			return false;
	return raise.n > 0;
}

/* Which columns of the row the plan has changed: bits by measure. */
static uint32_t changed_in_row(const struct pass_plan *plan, size_t row)
{
	const struct requirements *q = &plan->needs;
	struct str org = column_text(table_find(q->rows->table, STR("org")), row);
	uint32_t changed = 0;

	for (size_t i = 0; i < q->unit_count; i++) {
		if (!str_eq(q->units[i].org, org))
			continue;
		for (size_t k = 0; k < q->measure_count; k++)
			if (plan->budget.answer.raises[i * q->measure_count + k] &&
				(q->units[i].row == row || q->measures[k].measure->is_shared))
				changed |= UINT32_C(1) << k;
	}
	return changed;
}

/* The cells of the ledger's key, without the period. */
static void write_key(
	struct csv_writer *w, const struct pass_plan *plan, size_t row, bool is_header)
{
	const struct pack_ledger *ledger = plan->needs.rows->ledger;

	for (size_t g = 0; g < ledger->grain.count; g++) {
		struct str name = ledger->grain.items[g].text;
		const struct column *c = table_find(plan->needs.rows->table, name);
		if (!str_is(name, "period"))
			csv_write_text(w, is_header ? name : column_text(c, row));
	}
}

static bool is_moved_row(const struct pass_plan *plan, size_t row)
{
	for (size_t i = 0; plan->is_moved && i < plan->needs.unit_count; i++)
		if (plan->is_moved[i] && plan->needs.units[i].row == row)
			return true;
	return false;
}

/* The cell of pupils, in a file that has their column. */
static void write_weight(
	struct ctx *cx, struct csv_writer *w, const struct pass_plan *plan, size_t row)
{
	const struct requirements *q = &plan->needs;
	const struct column *c = table_find(q->rows->table, q->rules->weight.text);
	int64_t v;

	if (!plan->is_moved)
		return;
	if (is_moved_row(plan, row) && column_get(c, row, &v))
		csv_write_plain(w, pieces_text(cx->mem, v, c->scale));
	else
		csv_write_plain(w, STR_NONE);
}

static void write_row(struct ctx *cx, struct csv_writer *w, const struct pass_plan *plan,
	size_t row, uint32_t changed)
{
	const struct requirements *q = &plan->needs;

	write_key(w, plan, row, false);
	for (size_t k = 0; k < q->measure_count; k++) {
		const struct column *c =
			table_find(q->rows->table, q->measures[k].measure->raise.text);
		bool is_changed = false;
		int64_t v = 0;
		if (!is_first_of_column(q, k))
			continue;
		for (size_t j = k; j < q->measure_count; j++)
			is_changed |= (changed >> j & 1) &&
				      str_eq(q->measures[j].measure->raise.text, c->name);
		if (is_changed && column_get(c, row, &v))
			csv_write_plain(w, pieces_text(cx->mem, v, c->scale));
		else
			csv_write_plain(w, STR_NONE);
	}
	write_weight(cx, w, plan, row);
	csv_write_row_end(w);
}

void pass_write_changes(
	struct ctx *cx, struct csv_writer *w, const struct pass_plan *plan, bool has_header)
{
	const struct requirements *q = &plan->needs;

	if (has_header) {
		write_key(w, plan, 0, true);
		for (size_t k = 0; k < q->measure_count; k++)
			if (is_first_of_column(q, k))
				csv_write_text(w, q->measures[k].measure->raise.text);
		if (plan->is_moved)
			csv_write_text(w, q->rules->weight.text);
		csv_write_row_end(w);
	}
	for (size_t row = 0; row < q->rows->table->row_count; row++) {
		uint32_t changed = changed_in_row(plan, row);
		if (changed || is_moved_row(plan, row))
			write_row(cx, w, plan, row, changed);
	}
}
