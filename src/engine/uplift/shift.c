/* Moves along pairs, largest step first; what a unit gains by giving or taking ranks the pairs. */
#include "engine/uplift/shift.h"

#include "engine/uplift/model.h"

#include <math.h>

#define TRIAL_GAP   1e-4
#define TRIAL_NODES 20
/* Cheaper by less is not cheaper: sums of doubles differ by that much. */
#define TOLERANCE 1e-9
/* Entries of all units' cost curves together; larger problems have the plain bound. */
#define CURVES_MAX  (INT64_C(1) << 21)
#define BOUND_STEPS 60

struct shifter {
	const struct uplift_shift_problem *p;
	struct uplift_options options;
	struct uplift_problem trial; /* weights are out->weights */
	struct arena *scratch;
	struct uplift_shift *out;
	int64_t *given;      /* n: what leaves a unit now */
	double *give, *take; /* n: the least cost saved by step fewer, by step more */
	struct move *moves;  /* 2 * pair_count */
};

struct move {
	double estimate;
	size_t pair;
	bool is_back; /* from b to a */
};

static bool is_stopped(struct shifter *s)
{
	if (s->options.stop && s->options.stop(s->options.stop_arg))
		s->out->is_finished = false;
	return !s->out->is_finished;
}

/* What the weights there cost; HUGE_VAL: no answer. */
static double price(struct shifter *s)
{
	struct uplift_answer answer;

	s->out->solves++;
	uplift_solve(&s->trial, &s->options, s->scratch, &answer);
	arena_reset(s->scratch);
	return answer.raises ? answer.cost : HUGE_VAL;
}

static bool is_cheaper(double cost, double than)
{
	return cost < than - TOLERANCE * fabs(isinf(than) ? 0 : than);
}

static void ends_of(const struct shifter *s, const struct move *m, size_t *out_from, size_t *out_to)
{
	const struct uplift_pair *pair = &s->p->pairs[m->pair];

	*out_from = m->is_back ? pair->b : pair->a;
	*out_to = m->is_back ? pair->a : pair->b;
}

static int64_t flow_of(const struct shifter *s, const struct move *m)
{
	return m->is_back ? -s->out->flows[m->pair] : s->out->flows[m->pair];
}

/* One of those who are there at first stays. */
static int64_t give_limit(const struct uplift_shift_problem *p, size_t i)
{
	return MIN(p->give_max[i], p->base->weights[i] - 1);
}

/* How many more may go that way. Those who came the other way go back first. */
static int64_t room_of(const struct shifter *s, const struct move *m)
{
	size_t from, to;
	int64_t flow = flow_of(s, m), may_give, may_take;

	ends_of(s, m, &from, &to);
	may_give = give_limit(s->p, from) - s->given[from] + MAX(flow, 0) - flow;
	may_give = MIN(may_give, s->out->weights[from] - 1);
	may_take = MAX(s->p->weight_max[to], s->p->base->weights[to]) - s->out->weights[to];
	return MAX(MIN(may_give, may_take), 0);
}

/* A negative count takes the move back. */
static void shift(struct shifter *s, const struct move *m, int64_t count)
{
	size_t from, to;
	int64_t flow = flow_of(s, m);

	ends_of(s, m, &from, &to);
	s->given[from] += MAX(flow + count, 0) - MAX(flow, 0);
	s->given[to] += MAX(-flow - count, 0) - MAX(-flow, 0);
	s->out->weights[from] -= count;
	s->out->weights[to] += count;
	s->out->flows[m->pair] += m->is_back ? -count : count;
}

/* What a unit alone would save with so many more; -HUGE_VAL when it would not pass. */
static double saving_with(struct shifter *s, size_t i, int64_t more)
{
	double cost;

	if (s->out->weights[i] + more < 1)
		return -HUGE_VAL;
	s->out->weights[i] += more;
	cost = price(s);
	s->out->weights[i] -= more;
	return isinf(cost) ? -HUGE_VAL : s->out->cost - cost;
}

static int by_estimate(const void *x, const void *y)
{
	const struct move *a = x, *b = y;

	if (a->estimate < b->estimate || a->estimate > b->estimate)
		return a->estimate > b->estimate ? -1 : 1;
	if (a->pair != b->pair)
		return a->pair < b->pair ? -1 : 1;
	return (int)a->is_back - (int)b->is_back;
}

/* All moves, best estimate first. While nothing passes nothing can be estimated. */
static void rank_moves(struct shifter *s, int64_t step)
{
	bool *is_used = arena_array(s->scratch, bool, s->p->base->unit_count);
	size_t n = s->p->base->unit_count;
	bool is_known = !isinf(s->out->cost);

	for (size_t e = 0; e < s->p->pair_count; e++)
		is_used[s->p->pairs[e].a] = is_used[s->p->pairs[e].b] = true;
	for (size_t i = 0; i < n; i++)
		s->take[i] = is_used[i] ? 1 : 0;
	for (size_t i = 0; i < n && is_known; i++) {
		if (!(s->take[i] > 0) || is_stopped(s))
			continue;
		s->give[i] = saving_with(s, i, -step);
		s->take[i] = saving_with(s, i, step);
	}
	for (size_t e = 0; e < 2 * s->p->pair_count; e++) {
		size_t from, to;
		s->moves[e] = (struct move){.pair = e / 2, .is_back = e % 2};
		ends_of(s, &s->moves[e], &from, &to);
		s->moves[e].estimate = is_known ? s->give[from] + s->take[to] : 1;
	}
	qsort(s->moves, 2 * s->p->pair_count, sizeof *s->moves, by_estimate);
}

/* Take the move as far as it pays, doubling the step; true when it paid. */
static bool try_move(struct shifter *s, const struct move *m, int64_t step)
{
	bool has_paid = false;

	for (int64_t room; (room = room_of(s, m)) > 0 && !is_stopped(s); step *= 2) {
		int64_t count = MIN(step, room);
		double cost;
		shift(s, m, count);
		cost = price(s);
		if (!is_cheaper(cost, s->out->cost)) {
			shift(s, m, -count);
			break;
		}
		s->out->cost = cost;
		has_paid = true;
	}
	return has_paid;
}

static void search_step(struct shifter *s, int64_t step)
{
	bool has_paid = true;

	while (has_paid && !is_stopped(s)) {
		has_paid = false;
		rank_moves(s, step);
		for (size_t e = 0; e < 2 * s->p->pair_count && !is_stopped(s); e++)
			if (s->moves[e].estimate > 0)
				has_paid |= try_move(s, &s->moves[e], step);
	}
}

/* Nobody moves for nothing: send back whom the cost does not need. */
static void trim(struct shifter *s)
{
	for (size_t e = 0; e < s->p->pair_count; e++) {
		struct move back = {.pair = e, .is_back = s->out->flows[e] > 0};
		for (int64_t step = -flow_of(s, &back); step > 0 && !is_stopped(s);) {
			int64_t count = MIN(MIN(step, -flow_of(s, &back)), room_of(s, &back));
			double cost;
			if (count <= 0)
				break;
			shift(s, &back, count);
			cost = price(s);
			if (cost <= s->out->cost) {
				s->out->cost = cost;
				continue;
			}
			shift(s, &back, -count);
			step = count / 2;
		}
	}
}

void uplift_shift_search(const struct uplift_shift_problem *problem,
	const struct uplift_options *options, struct arena *mem, struct uplift_shift *out)
{
	size_t n = problem->base->unit_count;
	struct shifter s = {.p = problem,
		.options = *options,
		.trial = *problem->base,
		.scratch = arena_create(),
		.out = out,
		.given = arena_array(mem, int64_t, n),
		.give = arena_array(mem, double, n),
		.take = arena_array(mem, double, n),
		.moves = arena_array(mem, struct move, 2 * problem->pair_count)};
	int64_t most = 0, step = 1;

	*out = (struct uplift_shift){.is_finished = true,
		.weights = arena_array(mem, int64_t, n),
		.flows = arena_array(mem, int64_t, problem->pair_count)};
	memcpy(out->weights, problem->base->weights, n * sizeof *out->weights);
	s.trial.weights = out->weights;
	s.options.gap = MAX(options->gap, TRIAL_GAP);
	s.options.node_limit = TRIAL_NODES;
	out->cost = price(&s);
	for (size_t i = 0; i < n; i++)
		most = MAX(most, give_limit(problem, i));
	while (step <= most / 2)
		step *= 2;
	for (; step > 0 && most > 0; step /= 2)
		search_step(&s, step);
	trim(&s);
	for (size_t e = 0; e < problem->pair_count; e++)
		out->moved += out->flows[e] < 0 ? -out->flows[e] : out->flows[e];
	arena_free(s.scratch);
}

/* --- the bound ------------------------------------------------------------------------------ */

/* What unit i pays at least for its thresholds with this weight. */
static double threshold_cost(const struct uplift_problem *p, size_t i, int64_t weight)
{
	double savings[UPLIFT_RESOURCES_MAX], cost = 0;

	for (size_t k = 0; k < p->resource_count; k++) {
		size_t at = i * p->resource_count + k;
		const struct uplift_resource *r = &p->resources[k];
		int64_t need = model_steps_needed(p, i, k, weight, 1000000) - p->stocks[at];
		int64_t floor = model_steps_needed(p, i, k, weight, r->floor_ppm) - p->stocks[at];
		double each = (double)(p->prices_micro ? p->prices_micro[at] : r->price_micro) /
			      1e6 / pow(10, r->scale);
		savings[k] = each * (double)(MAX(need, 0) - MAX(floor, 0));
		cost += each * (double)MAX(need, 0);
	}
	for (int used = 0; used < p->excusals; used++) {
		size_t best = 0;
		for (size_t k = 1; k < p->resource_count; k++)
			if (savings[k] > savings[best])
				best = k;
		cost -= savings[best];
		savings[best] = 0;
	}
	return cost;
}

struct curve {
	int64_t from, to;
	double *costs; /* from..to; NULL: only the first is known */
	double first;
};

/* Where each unit's weight can end. */
static void find_reach(const struct uplift_shift_problem *p, struct curve *out)
{
	const struct uplift_problem *base = p->base;

	for (size_t i = 0; i < base->unit_count; i++)
		out[i].from = out[i].to = base->weights[i];
	for (size_t e = 0; e < p->pair_count; e++) {
		size_t a = p->pairs[e].a, b = p->pairs[e].b;
		out[a].from = base->weights[a] - give_limit(p, a);
		out[b].from = base->weights[b] - give_limit(p, b);
		out[a].to += give_limit(p, b);
		out[b].to += give_limit(p, a);
	}
	for (size_t i = 0; i < base->unit_count; i++)
		out[i].to = MIN(out[i].to, MAX(base->weights[i], p->weight_max[i]));
}

/* The Lagrangian of "the weights keep their sum". */
static double value_at(const struct curve *curves, size_t n, double mu, double sum)
{
	double value = mu * sum;

	for (size_t i = 0; i < n; i++) {
		double least = HUGE_VAL;
		for (int64_t w = curves[i].from; w <= curves[i].to; w++)
			least = fmin(least, curves[i].costs[w - curves[i].from] - mu * (double)w);
		value += least;
	}
	return value;
}

/* Concave in mu: ternary search; every value is a bound. */
static double best_value(const struct curve *curves, size_t n, double top, double sum)
{
	double low = 0, high = top, best = value_at(curves, n, 0, sum);

	for (int step = 0; step < BOUND_STEPS; step++) {
		double x = low + (high - low) / 3, y = high - (high - low) / 3;
		double at_x = value_at(curves, n, x, sum), at_y = value_at(curves, n, y, sum);
		best = fmax(best, fmax(at_x, at_y));
		if (at_x < at_y)
			low = x;
		else
			high = y;
	}
	return best;
}

double uplift_shift_bound(const struct uplift_shift_problem *problem, struct arena *mem)
{
	const struct uplift_problem *base = problem->base;
	size_t n = base->unit_count;
	struct curve *curves = arena_array(mem, struct curve, n);
	int64_t entries = 0;
	double plain = 0, sum = 0, top = 0, best;

	find_reach(problem, curves);
	for (size_t i = 0; i < n; i++) {
		entries += curves[i].to - curves[i].from + 1;
		sum += (double)base->weights[i];
		curves[i].first = threshold_cost(base, i, curves[i].from);
		plain += curves[i].first;
	}
	if (entries > CURVES_MAX)
		return plain * (1 - TOLERANCE);
	for (size_t i = 0; i < n; i++) {
		int64_t count = curves[i].to - curves[i].from + 1;
		curves[i].costs = arena_array(mem, double, count);
		for (int64_t w = 0; w < count; w++)
			curves[i].costs[w] = threshold_cost(base, i, curves[i].from + w);
		for (int64_t w = 1; w < count; w++)
			top = fmax(top, curves[i].costs[w] - curves[i].costs[w - 1]);
	}
	best = best_value(curves, n, top, sum);
	return fmax(best - TOLERANCE * (fabs(best) + top * sum), plain * (1 - TOLERANCE));
}
