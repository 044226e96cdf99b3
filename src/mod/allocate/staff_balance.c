/*
 * Balance of people between schools. For each kind of people c and stage, with P_i pupils and R_i
 * heads at school i, and x0 the county's mean of today,
 *
 *   F = sum_i P_i/P (R_i / (P_i x0) - 1)^2
 *
 * is the squared coefficient of variation while the mean is today's. F is convex in the heads, so
 * its tangent at any point is below it: a plan of the tangent's costs gives a bound for all plans,
 * and the points are drawn towards the plans one after the other (Frank and Wolfe). What is kept is
 * the plan of least true cost, and the greatest bound. A tangent's plan goes to an end, all or
 * nobody; so the best one is then bettered by true cost, one person or two that change places at a
 * time.
 */
#include "engine/column/dispersion.h"
#include "mod/allocate/staff_internal.h"

#include <math.h>

#define TANGENTS 6
#define PASSES   4

/* Heads of one kind by school of one stage. */
struct cell_row {
	struct str stage;
	size_t kind;
	double part, pupils_all, heads_all; /* heads_all: of today */
	double *pupils;                     /* [school of the area] */
};

struct evener {
	struct ctx *cx;
	const struct staff_data *d;
	struct staff_area *area;
	const struct posts_limits *limits;
	int32_t *school_at; /* [school]: number in the area, or -1 */
	int32_t school_count;
	struct cell_row *rows;
	size_t row_count;
	double *point; /* [row * school_count + school]: where the tangent is taken */
};

static const struct staff_post *post_of(const struct evener *e, int32_t arc)
{
	return &e->d->posts.items[e->area->posts[e->area->problem.arc_post[arc]]];
}

static const struct staff_person *person_of(const struct evener *e, int32_t i)
{
	return &e->d->persons[e->area->persons[i]];
}

static void find_rows(struct evener *e)
{
	const struct staff_data *d = e->d;
	struct strmap stages;

	e->school_at = arena_array(e->cx->mem, int32_t, d->school_count);
	for (int32_t i = 0; i < d->school_count; i++)
		e->school_at[i] = -1;
	strmap_init(&stages, e->cx->mem);
	for (size_t k = 0; k < d->pupils.count; k++) {
		const struct staff_pupils *p = &d->pupils.items[k];
		if (!str_eq(d->schools[p->school].county, e->area->county) || p->count <= 0)
			continue;
		(void)strmap_put(&stages, p->stage, NULL);
		if (e->school_at[p->school] < 0)
			e->school_at[p->school] = e->school_count++;
	}
	e->rows = arena_array(e->cx->mem, struct cell_row, stages.count * d->balance_count);
	for (size_t s = 0; s < stages.count; s++)
		for (size_t k = 0; k < d->balance_count; k++) {
			struct cell_row *r = &e->rows[e->row_count++];
			*r = (struct cell_row){.stage = stages.entries[s].key,
				.kind = k,
				.part = (double)d->balances[k].part / 1e6,
				.pupils = arena_array(e->cx->mem, double, e->school_count)};
			for (size_t n = 0; n < d->pupils.count; n++) {
				const struct staff_pupils *p = &d->pupils.items[n];
				int32_t at = e->school_at[p->school];
				if (at < 0 || !str_eq(p->stage, r->stage))
					continue;
				r->pupils[at] += (double)p->count;
				r->pupils_all += (double)p->count;
			}
		}
}

/* Heads when everybody takes the arc `arcs` says; NULL: where he is. out: as point. */
static void count_heads(const struct evener *e, const int32_t *arcs, double *out)
{
	const struct posts *p = &e->area->problem;

	memset(out, 0, e->row_count * (size_t)e->school_count * sizeof *out);
	for (int32_t i = 0; i < p->person_count; i++) {
		const struct staff_person *person = person_of(e, i);
		const struct staff_post *post =
			arcs ? post_of(e, arcs[i]) : &e->d->posts.items[person->post];
		int32_t at = e->school_at[post->school];
		for (size_t r = 0; r < e->row_count && at >= 0; r++)
			if ((person->kinds >> e->rows[r].kind & 1) &&
				str_eq(post->stage, e->rows[r].stage) && e->rows[r].pupils[at] > 0)
				out[r * (size_t)e->school_count + (size_t)at]++;
	}
}

/* In thousandths of a point: what the unevenness of these heads costs. */
static double unevenness(const struct evener *e, const double *heads)
{
	double sum = 0;

	for (size_t r = 0; r < e->row_count; r++) {
		const struct cell_row *row = &e->rows[r];
		double mean = row->heads_all / row->pupils_all;
		for (int32_t i = 0; i < e->school_count && mean > 0; i++) {
			double x = row->pupils[i] > 0
					   ? heads[r * (size_t)e->school_count + (size_t)i] /
						     row->pupils[i] / mean
					   : 1;
			sum += row->part * row->pupils[i] / row->pupils_all * (x - 1) * (x - 1);
		}
	}
	return sum * (double)e->d->weight[STAFF_BALANCE];
}

/* The slope at the point for one head more of the row at the school. */
static double slope(const struct evener *e, size_t r, int32_t school)
{
	const struct cell_row *row = &e->rows[r];
	double mean = row->heads_all / row->pupils_all, x;

	if (!(mean > 0) || !(row->pupils[school] > 0))
		return 0;
	x = e->point[r * (size_t)e->school_count + (size_t)school] / row->pupils[school] / mean;
	return (double)e->d->weight[STAFF_BALANCE] * row->part * 2 * (x - 1) / row->heads_all;
}

static double arc_slope(const struct evener *e, const struct staff_person *person, int32_t arc)
{
	const struct staff_post *post = post_of(e, arc);
	int32_t at = e->school_at[post->school];
	double sum = 0;

	for (size_t r = 0; r < e->row_count && at >= 0; r++)
		if ((person->kinds >> e->rows[r].kind & 1) && str_eq(post->stage, e->rows[r].stage))
			sum += slope(e, r, at);
	return sum;
}

/* The costs of the tangent, none below 0: what was added to a person's is in *shift. False: they
 * are too large. */
static bool tangent_costs(const struct evener *e, int64_t *out, double *shift)
{
	const struct posts *p = &e->area->problem;

	*shift = 0;
	for (int32_t i = 0; i < p->person_count; i++) {
		int64_t least = 0;
		for (int32_t a = p->first_arc[i]; a < p->first_arc[i + 1]; a++) {
			out[a] = p->arc_cost[a] + llround(arc_slope(e, person_of(e, i), a));
			least = MIN(least, out[a]);
		}
		for (int32_t a = p->first_arc[i]; a < p->first_arc[i + 1]; a++) {
			out[a] -= least;
			if (out[a] > POSTS_COST_MAX)
				return false;
		}
		*shift += (double)least;
	}
	return true;
}

/* Of the tangent at the point: its value where all heads are 0. */
static double tangent_constant(const struct evener *e)
{
	double value = unevenness(e, e->point);

	for (size_t r = 0; r < e->row_count; r++)
		for (int32_t i = 0; i < e->school_count; i++)
			value -= slope(e, r, i) * e->point[r * (size_t)e->school_count + (size_t)i];
	return value;
}

/* One tangent: its plan into the area if it is better, its bound if it is greater. */
static bool try_tangent(struct evener *e, double *heads)
{
	struct staff_area *area = e->area;
	struct posts tangent = area->problem;
	struct posts_answer answer;
	struct posts_verdict v, own;
	int64_t *cost = arena_array(e->cx->mem, int64_t, tangent.first_arc[tangent.person_count]);
	double shift, bound;

	if (!tangent_costs(e, cost, &shift))
		return false;
	tangent.arc_cost = cost;
	posts_solve(e->cx->mem, &tangent, e->limits, area->answer.row_price, &answer);
	v = posts_check(&tangent, &answer);
	/* Each cost was rounded by half a thousandth at most. */
	bound = (double)v.bound + shift + tangent_constant(e) - tangent.person_count;
	area->verdict.bound = MAX(area->verdict.bound, (int64_t)floor(bound));
	if (!answer.has_plan || !v.is_good)
		return false;
	own = posts_check(&area->problem, &answer);
	count_heads(e, answer.arc, heads);
	own.cost += llround(unevenness(e, heads));
	if (own.is_good && own.cost < area->verdict.cost) {
		own.bound = area->verdict.bound;
		area->verdict = own;
		area->answer = answer;
	}
	return true;
}

/* --- one or two people at a time ------------------------------------------------------------ */

struct polisher {
	struct evener *e;
	int32_t *arc;   /* [person] */
	int64_t *heads; /* [post] */
	double *cells;  /* as point */
	int64_t rows[POSTS_ROWS_MAX];
	int32_t *first_at, *at; /* [post + 1] and people, as they were when the pass began */
};

/* What a head more or less of the person's kinds at a post adds to the unevenness; counts it. */
static double shift_head(struct polisher *w, int32_t i, int32_t arc, double by)
{
	struct evener *e = w->e;
	const struct staff_post *post = post_of(e, arc);
	const struct staff_person *person = person_of(e, i);
	int32_t at = e->school_at[post->school];
	double sum = 0;

	for (size_t r = 0; r < e->row_count && at >= 0; r++) {
		const struct cell_row *row = &e->rows[r];
		double *n = &w->cells[r * (size_t)e->school_count + (size_t)at];
		double one = row->heads_all > 0 ? row->pupils_all / row->heads_all : 0, x, y;
		if (!(person->kinds >> row->kind & 1) || !str_eq(post->stage, row->stage) ||
			!(row->pupils[at] > 0))
			continue;
		x = *n / row->pupils[at] * one - 1;
		*n += by;
		y = *n / row->pupils[at] * one - 1;
		sum += row->part * row->pupils[at] / row->pupils_all * (y * y - x * x);
	}
	return sum * (double)e->d->weight[STAFF_BALANCE];
}

/* The person takes another arc; how much the true cost rises. */
static double take(struct polisher *w, int32_t i, int32_t arc)
{
	const struct posts *p = &w->e->area->problem;
	int32_t old = w->arc[i], from = p->arc_post[old], to = p->arc_post[arc];
	int64_t cost = p->arc_cost[arc] - p->arc_cost[old];
	double uneven = shift_head(w, i, old, -1) + shift_head(w, i, arc, 1);

	cost -= posts_heads_cost(p, from, w->heads[from]) + posts_heads_cost(p, to, w->heads[to]);
	w->heads[from]--;
	w->heads[to]++;
	cost += posts_heads_cost(p, from, w->heads[from]) + posts_heads_cost(p, to, w->heads[to]);
	/* Counted twice when both are one. */
	if (from == to)
		cost = p->arc_cost[arc] - p->arc_cost[old];
	for (int32_t r = 0; r < p->row_count; r++)
		w->rows[r] += p->row_weight[r * p->person_count + i] *
			      (p->arc_is_move[arc] - p->arc_is_move[old]);
	w->arc[i] = arc;
	return (double)cost + uneven;
}

static bool rows_are_kept(const struct polisher *w)
{
	const struct posts *p = &w->e->area->problem;

	for (int32_t r = 0; r < p->row_count; r++)
		if (w->rows[r] < p->row_least[r])
			return false;
	return true;
}

/* Somebody at the post goes where the other one came from. */
static bool try_swap(struct polisher *w, int32_t i, int32_t from, int32_t to, double so_far)
{
	const struct posts *p = &w->e->area->problem;

	for (int32_t n = w->first_at[to]; n < w->first_at[to + 1]; n++) {
		int32_t other = w->at[n], old = w->arc[other];
		if (other == i || p->arc_post[old] != to ||
			person_of(w->e, other)->kinds == person_of(w->e, i)->kinds)
			continue;
		for (int32_t b = p->first_arc[other]; b < p->first_arc[other + 1]; b++) {
			double more;
			if (p->arc_post[b] != from)
				continue;
			more = take(w, other, b);
			if (so_far + more < -0.5 && rows_are_kept(w))
				return true;
			(void)take(w, other, old);
		}
	}
	return false;
}

static bool polish_person(struct polisher *w, int32_t i)
{
	const struct posts *p = &w->e->area->problem;
	int32_t old = w->arc[i];

	for (int32_t a = p->first_arc[i]; a < p->first_arc[i + 1]; a++) {
		double more;
		if (a == old)
			continue;
		more = take(w, i, a);
		if ((more < -0.5 && rows_are_kept(w)) ||
			try_swap(w, i, p->arc_post[old], p->arc_post[a], more))
			return true;
		(void)take(w, i, old);
	}
	return false;
}

static void list_people(struct polisher *w)
{
	const struct posts *p = &w->e->area->problem;

	memset(w->first_at, 0, (size_t)(p->post_count + 1) * sizeof *w->first_at);
	for (int32_t i = 0; i < p->person_count; i++)
		w->first_at[p->arc_post[w->arc[i]] + 1]++;
	for (int32_t j = 0; j < p->post_count; j++)
		w->first_at[j + 1] += w->first_at[j];
	for (int32_t i = p->person_count - 1; i >= 0; i--) {
		/* Filled from the end of each post's stretch. */
		int32_t post = p->arc_post[w->arc[i]];
		w->at[--w->first_at[post + 1]] = i;
	}
	for (int32_t j = 0; j < p->post_count; j++)
		w->first_at[j] = w->first_at[j + 1];
	w->first_at[p->post_count] = p->person_count;
}

static void polish(struct evener *e, double *heads)
{
	struct staff_area *area = e->area;
	const struct posts *p = &area->problem;
	struct posts_answer answer = area->answer;
	struct polisher w = {.e = e,
		.arc = arena_array(e->cx->mem, int32_t, p->person_count),
		.heads = arena_array(e->cx->mem, int64_t, p->post_count),
		.cells = heads,
		.first_at = arena_array(e->cx->mem, int32_t, p->post_count + 1),
		.at = arena_array(e->cx->mem, int32_t, p->person_count)};
	struct posts_verdict v;
	bool is_better = true;

	memcpy(w.arc, area->answer.arc, (size_t)p->person_count * sizeof *w.arc);
	count_heads(e, w.arc, w.cells);
	for (int32_t i = 0; i < p->person_count; i++) {
		w.heads[p->arc_post[w.arc[i]]]++;
		for (int32_t r = 0; r < p->row_count; r++)
			w.rows[r] +=
				p->arc_is_move[w.arc[i]] * p->row_weight[r * p->person_count + i];
	}
	for (int pass = 0; pass < PASSES && is_better; pass++) {
		is_better = false;
		list_people(&w);
		for (int32_t i = 0; i < p->person_count; i++)
			if (person_of(e, i)->kinds)
				is_better |= polish_person(&w, i);
	}
	answer.arc = w.arc;
	v = posts_check(p, &answer);
	count_heads(e, w.arc, heads);
	v.cost += llround(unevenness(e, heads));
	if (!v.is_good || v.cost >= area->verdict.cost)
		return;
	v.bound = area->verdict.bound;
	area->verdict = v;
	area->answer = answer;
}

static void tell_evenness(struct evener *e, const double *before, const double *after)
{
	struct staff_area *area = e->area;

	area->evenness = arena_array(e->cx->mem, struct staff_evenness, e->row_count);
	area->evenness_count = e->row_count;
	for (size_t r = 0; r < e->row_count; r++) {
		const struct cell_row *row = &e->rows[r];
		const double *cells[2] = {
			before + r * (size_t)e->school_count, after + r * (size_t)e->school_count};
		double cv[2];
		for (int n = 0; n < 2; n++) {
			double *pupils = arena_array(e->cx->mem, double, e->school_count);
			double *heads = arena_array(e->cx->mem, double, e->school_count);
			size_t count = 0;
			struct dispersion found;
			for (int32_t i = 0; i < e->school_count; i++)
				if (row->pupils[i] > 0) {
					pupils[count] = row->pupils[i];
					heads[count++] = cells[n][i];
				}
			found = dispersion_of(pupils, heads, count);
			cv[n] = found.state == DISPERSION_OK ? found.cv : (double)NAN;
		}
		area->evenness[r] = (struct staff_evenness){
			e->d->balances[row->kind].column, row->stage, cv[0], cv[1]};
	}
}

void staff_balance_solve(struct ctx *cx, struct staff_area *area, const struct posts_limits *limits)
{
	struct evener e = {.cx = cx, .d = area->data, .area = area, .limits = limits};
	double *before, *heads;
	size_t cells;

	find_rows(&e);
	cells = e.row_count * (size_t)e.school_count;
	before = arena_array(cx->mem, double, cells);
	heads = arena_array(cx->mem, double, cells);
	e.point = arena_array(cx->mem, double, cells);
	count_heads(&e, NULL, before);
	for (size_t r = 0; r < e.row_count; r++)
		for (int32_t i = 0; i < e.school_count; i++)
			e.rows[r].heads_all += before[r * (size_t)e.school_count + (size_t)i];
	if (e.d->weight[STAFF_BALANCE] > 0) {
		count_heads(&e, area->answer.arc, heads);
		area->verdict.cost += llround(unevenness(&e, heads));
		memcpy(e.point, before, cells * sizeof *before);
		for (int k = 0; k < TANGENTS && try_tangent(&e, heads); k++)
			for (size_t n = 0; n < cells; n++)
				e.point[n] += (heads[n] - e.point[n]) * 2 / (k + 2);
		polish(&e, heads);
	}
	count_heads(&e, area->answer.arc, heads);
	tell_evenness(&e, before, heads);
}
