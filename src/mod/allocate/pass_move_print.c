/* Moves and what is bought after them, as a table and as JSON. */
#include "mod/allocate/pass_move.h"
#include "wire/json_write.h"

const struct report_column pass_moves_columns[PASS_MOVES_COLUMNS] = {
	{"county", "县区", REPORT_TEXT}, {"org", "学校标识码", REPORT_TEXT},
	{"name", "学校名称", REPORT_TEXT}, {"indicator", "指标", REPORT_TEXT},
	{"from", "现有", REPORT_NUMBER}, {"to", "增至", REPORT_NUMBER},
	{"cost", "费用", REPORT_NUMBER}, {"excused", "低于标准而不超限的指标", REPORT_TEXT},
	{"receiver", "接收学校", REPORT_TEXT}, {"moved", "转入学生", REPORT_NUMBER}};

void pass_moves_report(struct report *r, const struct pass_moves *m)
{
	const struct requirements *q = &m->plan.needs;

	for (size_t i = 0; i < m->count; i++) {
		const struct pass_move *move = &m->list[i];
		report_str(r, m->plan.area);
		report_str(r, q->units[move->from].org);
		report_str(r, q->units[move->from].name);
		report_str(r, q->rules->weight.text);
		for (int empty = 0; empty < 4; empty++)
			report_str(r, STR_NONE);
		report_str(r, q->units[move->to].org);
		report_i64(r, move->pupils);
	}
	pass_report_after_moves(r, &m->plan);
}

static void write_move(
	struct json_writer *w, const struct requirements *q, const struct pass_move *move)
{
	json_object(w);
	json_field_str(w, "from", q->units[move->from].org);
	json_field_str(w, "from_name", q->units[move->from].name);
	json_field_str(w, "to", q->units[move->to].org);
	json_field_str(w, "to_name", q->units[move->to].name);
	json_field_i64(w, "pupils", move->pupils);
	json_end_object(w);
}

void pass_moves_write_json(struct ctx *cx, struct json_writer *w, const struct pass_moves *m)
{
	bool is_possible = m->without.budget.answer.raises != NULL;

	json_object(w);
	json_field_str(w, "county", m->before.area);
	json_field_str(w, "stage", m->plan.group);
	json_key(w, "cost_without_moves");
	if (is_possible)
		json_f64(w, m->without.budget.answer.cost);
	else
		json_null(w);
	if (m->plan.budget.answer.raises) {
		json_field_f64(w, "cost", m->plan.budget.answer.cost);
		json_field_f64(w, "bound_with_moves", m->bound);
		json_field_f64(w, "gap", pass_moves_gap(m));
	}
	json_key(w, "search");
	json_z(w, pass_moves_is_proven(m) ? "proven" : m->is_finished ? "local" : "stopped");
	json_field_i64(w, "moved", m->moved);
	json_field_i64(w, "pairs", (int64_t)m->pair_count);
	json_field_i64(w, "schools_left_out", (int64_t)m->left_out);
	json_key(w, "moves");
	json_array(w);
	for (size_t i = 0; i < m->count; i++)
		write_move(w, &m->plan.needs, &m->list[i]);
	json_end_array(w);
	json_key(w, "plan");
	pass_write_json(cx, w, &m->start, &m->plan, m->is_confirmed);
	json_end_object(w);
}
