#include "mod/allocate/pass_move.h"

#include "engine/uplift/shift.h"

#include <math.h>

#define PROVEN_GAP 1e-5

struct mover {
	struct ctx *cx;
	struct dataset *ds;
	const struct pack_evaluation *evaluation;
	const struct pass_move_options *options;
	struct str area, group;
	struct pass_moves *out;
	struct column *weights;
	bool *is_fixed; /* [unit]: of without.needs */
	struct uplift_shift_problem problem;
	struct uplift_shift shift;
};

static void begin(const struct mover *m)
{
	if (m->options->begin)
		m->options->begin(m->options->begin_arg);
}

static enum err evaluate(
	struct mover *m, struct evaluation_run **out_run, struct evaluation_result *out)
{
	TRY(evaluation_ready(m->cx, m->ds, m->evaluation, out_run));
	return evaluation_area(m->cx, *out_run, m->area, out);
}

static enum err solve_without(struct mover *m)
{
	const struct requirements *q = &m->out->without.needs;
	struct evaluation_run *run;

	begin(m);
	TRY(evaluate(m, &run, &m->out->before));
	TRY(pass_solve(m->cx, run, &m->out->before, m->group, m->options->pass, &m->out->without));
	m->weights = table_find(q->rows->table, q->rules->weight.text);
	if (!m->weights || m->weights->scale != 0)
		return ctx_fail(m->cx, ERR_PACK,
			TR(m->cx, "'" STR_FMT "' 不是台账的整数列, 无法调整",
				"'" STR_FMT "' is no column of whole numbers that could be moved"),
			STR_ARG(q->rules->weight.text));
	m->is_fixed = arena_array(m->cx->mem, bool, q->unit_count);
	for (size_t i = 0; i < q->unit_count; i++)
		m->is_fixed[i] = !q->units[i].is_alone;
	return ERR_OK;
}

static enum err make_problem(struct mover *m)
{
	const struct requirements *q = &m->out->without.needs;
	struct arena *mem = m->cx->mem;
	int64_t *give = arena_array(mem, int64_t, q->unit_count);
	int64_t *most = arena_array(mem, int64_t, q->unit_count);
	struct uplift_pair *pairs;
	size_t count;

	for (size_t i = 0; i < q->unit_count; i++) {
		int64_t share = q->units[i].weight * m->options->share_ppm / 1000000;
		give[i] = m->options->count_max >= 0 ? m->options->count_max : share;
		most[i] = MIN(q->units[i].weight_max, UPLIFT_WEIGHT_MAX);
	}
	TRY(pass_find_pairs(
		m->cx, m->ds->pack, &m->out->without, m->options, m->is_fixed, &pairs, &count));
	m->problem = (struct uplift_shift_problem){.base = &m->out->without.problem,
		.pairs = pairs,
		.pair_count = count,
		.give_max = give,
		.weight_max = most};
	return ERR_OK;
}

static void lay_weights(struct mover *m, const int64_t *weights)
{
	const struct requirements *q = &m->out->without.needs;

	for (size_t i = 0; i < q->unit_count; i++)
		column_set_i64(m->weights, q->units[i].row, weights[i]);
}

/* Does the evaluation ask of the moved rows what the search thought? If not, a unit that it judges
 * otherwise with other pupils stays where it is from now on. */
static bool is_as_thought(struct mover *m, const struct requirements *now)
{
	const struct requirements *q = &m->out->without.needs;

	for (size_t i = 0; i < q->unit_count; i++) {
		bool is_same = i < now->unit_count && now->units[i].row == q->units[i].row &&
			       now->units[i].weight == m->shift.weights[i];
		for (size_t k = 0; is_same && k < q->measure_count; k++)
			is_same = now->measures[k].scale == q->measures[k].scale &&
				  now->totals[i * q->measure_count + k] ==
					  q->totals[i * q->measure_count + k];
		if (is_same)
			continue;
		m->is_fixed[i] = true;
		return false;
	}
	return now->unit_count == q->unit_count;
}

/* Find moves that the evaluation agrees with; at worst every unit ends up fixed. */
static enum err find_moves(struct mover *m)
{
	size_t tries = m->out->without.needs.unit_count;

	for (;; tries--) {
		struct evaluation_run *run;
		struct requirements now;
		begin(m);
		TRY(make_problem(m));
		uplift_shift_search(&m->problem, &m->options->pass->uplift, m->cx->mem, &m->shift);
		if (m->shift.moved == 0)
			return ERR_OK;
		lay_weights(m, m->shift.weights);
		TRY(evaluate(m, &run, &m->out->start));
		TRY(evaluation_requirements(m->cx, run, &m->out->start, m->group, &now));
		if (is_as_thought(m, &now)) {
			begin(m);
			return pass_solve(m->cx, run, &m->out->start, m->group, m->options->pass,
				&m->out->plan);
		}
		lay_weights(m, m->out->without.problem.weights);
		m->shift.moved = 0;
		if (tries == 0)
			return ERR_OK;
	}
}

static void list_moves(struct mover *m)
{
	struct pass_moves *out = m->out;

	out->list = arena_array(m->cx->mem, struct pass_move, m->problem.pair_count);
	for (size_t e = 0; e < m->problem.pair_count; e++) {
		int64_t flow = m->shift.flows[e];
		const struct uplift_pair *pair = &m->problem.pairs[e];
		if (flow > 0)
			out->list[out->count++] = (struct pass_move){pair->a, pair->b, flow};
		if (flow < 0)
			out->list[out->count++] = (struct pass_move){pair->b, pair->a, -flow};
	}
	out->moved = m->shift.moved;
}

/* The moves are worth it when something passes only with them, or for less. */
static bool is_worth_it(const struct pass_moves *p)
{
	const struct uplift_answer *with = &p->plan.budget.answer;
	const struct uplift_answer *without = &p->without.budget.answer;

	return with->raises && (!without->raises || with->cost_e12 < without->cost_e12);
}

static enum err confirm(struct mover *m)
{
	struct evaluation_run *run;
	struct evaluation_result after;

	if (!m->out->plan.budget.answer.raises)
		return ERR_OK;
	pass_apply(&m->out->plan);
	TRY(evaluate(m, &run, &after));
	m->out->is_confirmed = pass_is_confirmed(&m->out->plan, &after);
	return ERR_OK;
}

enum err pass_moves_solve(struct ctx *cx, struct dataset *ds,
	const struct pack_evaluation *evaluation, struct str area, struct str group,
	const struct pass_move_options *options, struct pass_moves *out)
{
	struct mover m = {.cx = cx,
		.ds = ds,
		.evaluation = evaluation,
		.options = options,
		.area = area,
		.group = group,
		.out = out};
	bool *is_moved;

	*out = (struct pass_moves){0};
	TRY(solve_without(&m));
	TRY(find_moves(&m));
	out->pair_count = m.problem.pair_count;
	out->is_finished = m.shift.is_finished;
	out->bound = uplift_shift_bound(&m.problem, cx->mem);
	if (m.shift.moved > 0 && is_worth_it(out)) {
		list_moves(&m);
	} else {
		lay_weights(&m, out->without.problem.weights);
		out->start = out->before;
		out->plan = out->without;
	}
	is_moved = arena_array(cx->mem, bool, out->plan.needs.unit_count);
	for (size_t i = 0; i < out->count; i++)
		is_moved[out->list[i].from] = is_moved[out->list[i].to] = true;
	out->plan.is_moved = is_moved;
	for (size_t i = 0; i < out->plan.needs.unit_count; i++)
		out->left_out += m.is_fixed[i];
	return confirm(&m);
}

bool pass_moves_is_proven(const struct pass_moves *m)
{
	return m->plan.budget.answer.raises && pass_moves_gap(m) <= PROVEN_GAP;
}

double pass_moves_gap(const struct pass_moves *m)
{
	double cost = m->plan.budget.answer.cost;

	return cost > 0 ? fmax(cost - m->bound, 0) / cost : 0;
}
