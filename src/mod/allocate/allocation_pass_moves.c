/*
 * The path to pass with pupils moved first, as a plan's result: who goes from which school to
 * which (shifts), a row for each school whose pupils change, and what is then bought.
 */
#include "mod/allocate/allocation_pass_asked.h"
#include "mod/allocate/pass_move.h"

#include <math.h>

#define PPM_PER_PERCENT 10000
#define PARTS           3 /* of the search for an area, each with its time */

struct work {
	struct allocation *a;
	struct pass_asked asked;
	struct pass_move_options options;
	int64_t done, all;
};

static void begin(void *arg)
{
	struct work *w = arg;

	allocation_told(w->a, MIN(w->done, w->all), w->all);
	w->done++;
	pass_asked_begin(&w->asked);
}

/* ---- pupils ---- */

static void add_shifts(struct work *w, const struct pass_moves *m)
{
	const struct requirements *q = &m->plan.needs;

	for (size_t n = 0; n < m->count; n++) {
		const struct required_unit *from = &q->units[m->list[n].from];
		const struct required_unit *to = &q->units[m->list[n].to];
		*VEC_PUSH(w->a->cx->mem, &w->a->out->shifts) =
			(struct allocation_shift){.code = from->org,
				.name = from->name,
				.county = m->plan.area,
				.stage = w->asked.stage,
				.from = from->org,
				.from_name = from->name,
				.to = to->org,
				.to_name = to->name,
				.people = m->list[n].pupils,
				.minutes = (double)NAN,
				.reason = str_from(TR(w->a->cx, "先调整学生再补齐更省",
					"moving pupils first costs less than buying"))};
	}
}

/* Whose pupils go where, in a sentence; *by: how many more the unit has then. */
static struct str moves_of(struct work *w, const struct pass_moves *m, size_t unit, int64_t *by)
{
	struct arena *mem = w->a->cx->mem;
	struct str text = STR_NONE;

	*by = 0;
	for (size_t n = 0; n < m->count; n++) {
		const struct pass_move *move = &m->list[n];
		bool is_out = move->from == unit;
		if (!is_out && move->to != unit)
			continue;
		*by += is_out ? -move->pupils : move->pupils;
		text = str_printf(mem,
			is_out ? TR(w->a->cx, STR_FMT "%s%" PRId64 " 名转往 " STR_FMT,
					 STR_FMT "%s%" PRId64 " to " STR_FMT)
			       : TR(w->a->cx, STR_FMT "%s%" PRId64 " 名来自 " STR_FMT,
					 STR_FMT "%s%" PRId64 " from " STR_FMT),
			STR_ARG(text), text.n ? "; " : "", move->pupils,
			STR_ARG(m->plan.needs.units[is_out ? move->to : move->from].name));
	}
	return text;
}

static void add_move_rows(struct work *w, const struct pass_moves *m)
{
	const struct requirements *q = &m->plan.needs;
	struct arena *mem = w->a->cx->mem;

	for (size_t i = 0; i < q->unit_count; i++) {
		int64_t by;
		struct str text = moves_of(w, m, i, &by);
		if (!text.n)
			continue;
		*VEC_PUSH(mem, &w->a->out->rows) = (struct allocation_row){.county = m->plan.area,
			.item = q->units[i].org,
			.name = q->units[i].name,
			.action = "move",
			.stage = w->asked.stage,
			.measure = q->rules->weight.text,
			.from = allocation_whole(mem, q->units[i].weight - by),
			.to = allocation_whole(mem, q->units[i].weight),
			.reason = text,
			.is_proposed = true};
	}
}

/* ---- an area ---- */

static void add_cost(struct work *w, const struct pass_moves *m)
{
	const struct uplift_answer *without = &m->without.budget.answer;
	struct allocation_result *out = w->a->out;

	out->cost += (int64_t)(m->plan.budget.answer.cost_e12 / E12_PER_MILLI);
	out->bound += (int64_t)floor(m->bound * 1000);
	/* Comparable as long as each area has a plan without moves, too. */
	if (without->raises && out->cost_before >= 0)
		out->cost_before += (int64_t)(without->cost_e12 / E12_PER_MILLI);
	else
		out->cost_before = -1;
}

static enum err add_area(struct work *w, struct str area)
{
	struct pass_moves *m = arena_new(w->a->cx->mem, struct pass_moves);
	struct ctx *cx = w->a->cx;
	struct evaluation_result after;
	struct evaluation_run *run;

	TRY(pass_moves_solve(
		cx, &w->a->ds, w->asked.evaluation, area, w->asked.stage, &w->options, m));
	TRY(evaluation_ready(cx, &w->a->ds, w->asked.evaluation, &run));
	TRY(evaluation_area(cx, run, area, &after));
	pass_asked_figures(&w->asked, &m->plan, pass_failing(&m->before, w->asked.stage),
		pass_failing(&after, w->asked.stage));
	pass_asked_problem(&w->asked, area, pass_cause(cx, &m->plan));
	if (!m->plan.budget.answer.raises)
		return ERR_OK;
	if (!m->is_confirmed)
		pass_asked_problem(&w->asked, area,
			str_from(TR(cx, "评估没有确认这个方案",
				"the evaluation does not confirm the plan")));
	add_cost(w, m);
	add_shifts(w, m);
	add_move_rows(w, m);
	pass_asked_rows(&w->asked, &m->plan);
	pass_asked_raised(&w->asked, &m->plan);
	return ERR_OK;
}

enum err allocation_pass_moves(struct allocation *a)
{
	struct work *w = arena_new(a->cx->mem, struct work);
	struct allocation_result *out = a->out;
	struct evaluation_run *run;
	struct str *areas;
	size_t n, count = 0;

	w->a = a;
	TRY(pass_asked_read(&w->asked, a));
	w->options = (struct pass_move_options){.pass = &w->asked.options,
		.count_max = -1,
		.share_ppm = a->request->move_percent * PPM_PER_PERCENT,
		.tree = a->tree,
		.begin = begin,
		.begin_arg = w};
	TRY(evaluation_ready(a->cx, &a->ds, w->asked.evaluation, &run));
	evaluation_areas(a->cx, run, &areas, &n);
	w->all = (int64_t)n * PARTS;
	out->unit = "yuan";
	out->cost_before = 0;
	for (size_t i = 0; i < n; i++) {
		if (!areas[i].n)
			continue;
		TRY(add_area(w, areas[i]));
		count++;
	}
	out->seconds = pass_asked_seconds(&w->asked);
	out->bound = MIN(out->bound, out->cost);
	out->gap = out->cost > 0 ? (double)(out->cost - out->bound) / (double)out->cost : 0;
	if (count)
		return ERR_OK;
	return ctx_fail(
		a->cx, ERR_REJECTED, "%s", TR(a->cx, "没有数据行", "there are no rows to plan on"));
}
