#include "mod/allocate/places_curve.h"

#include <math.h>
#include <time.h>

/* What a plan from its neighbour's may be away from the best before it is made anew. */
#define GAP_KEPT 0.006

static const double weights[PLACES_CURVE_POINTS] = {0.125, 0.25, 0.5, 1, 2, 4, 8};

const struct report_column places_curve_columns[PLACES_CURVE_COLUMNS] = {
	{"weight", "路程权重", REPORT_NUMBER}, {"money", "每年费用", REPORT_NUMBER},
	{"travel", "每年路程费用", REPORT_NUMBER}, {"mean_km", "平均路程", REPORT_NUMBER},
	{"sites", "校点数", REPORT_NUMBER}, {"opened", "新开", REPORT_NUMBER},
	{"closed", "停办", REPORT_NUMBER}, {"unmet", "没有学位", REPORT_NUMBER},
	{"gap_percent", "离最优至多差%", REPORT_NUMBER}};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double gap_of(const struct layout_verdict *v)
{
	return v->cost > 0 ? (double)(v->cost - v->bound) / (double)v->cost : 0;
}

static bool is_open(const struct layout *l, int32_t state)
{
	for (int32_t k = 0; k < l->kind_count; k++)
		if (l->state_room[state * l->kind_count + k] > 0)
			return true;
	return false;
}

/* data: with the pack's own price of a kilometre. */
static void measure(
	const struct places_data *data, const struct places_plan *plan, struct places_point *out)
{
	const struct layout *l = &plan->model->layout;
	double travel = 0, km = 0;
	int64_t children = 0;

	for (int32_t i = 0; i < l->site_count; i++) {
		bool was = is_open(l, l->base_state[i]), is = is_open(l, plan->answer.state[i]);
		out->money += l->state_cost[plan->answer.state[i]];
		out->sites += is;
		out->opened += is && !was;
		out->closed += was && !is;
	}
	for (int32_t j = 0; j < l->point_count; j++)
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++) {
			double own = (double)plan->answer.flow[e] * plan->model->km[e];
			children += plan->answer.flow[e];
			km += own;
			travel += own * (double)data->kinds[l->kind[j]].travel;
		}
	out->travel = llround(travel);
	out->mean_km = children ? km / (double)children : 0;
	out->unmet = plan->verdict.unmet;
	out->gap = gap_of(&plan->verdict);
}

static enum err solve(struct ctx *cx, struct places_model *model, const struct places_until *until,
	const struct layout_answer *former, struct places_plan *out)
{
	struct layout_limits limits = places_limits(until);

	*out = (struct places_plan){.model = model};
	layout_solve(cx->mem, &model->layout, &limits, former, &out->answer);
	out->verdict = layout_check(&model->layout, &out->answer);
	if (former && gap_of(&out->verdict) > GAP_KEPT) {
		layout_solve(cx->mem, &model->layout, &limits, NULL, &out->answer);
		out->verdict = layout_check(&model->layout, &out->answer);
	}
	if (out->verdict.fault == LAYOUT_GOOD)
		return ERR_OK;
	return ctx_fail(cx, ERR_STORE, "%s",
		TR(cx, "方案没有通过核验, 不予采用", "the plan failed its check"));
}

enum err places_curve(struct ctx *cx, const struct places_data *data,
	const struct places_until *until, struct places_point out[PLACES_CURVE_POINTS])
{
	struct places_data *copies = arena_array(cx->mem, struct places_data, PLACES_CURVE_POINTS);
	struct places_model *models =
		arena_array(cx->mem, struct places_model, PLACES_CURVE_POINTS);
	struct places_plan plan = {0};

	for (int n = 0; n < PLACES_CURVE_POINTS; n++) {
		struct places_plan before = plan;
		double start = now();
		copies[n] = *data;
		for (int32_t k = 0; k < data->kind_count; k++)
			copies[n].kinds[k].travel =
				llround((double)data->kinds[k].travel * weights[n]);
		TRY(places_build(cx, &copies[n], &models[n]));
		TRY(solve(cx, &models[n], until, n ? &before.answer : NULL, &plan));
		out[n] = (struct places_point){.weight = weights[n]};
		measure(data, &plan, &out[n]);
		out[n].seconds = now() - start;
		if (until && until->told)
			until->told(until->arg, n + 1, PLACES_CURVE_POINTS);
	}
	return ERR_OK;
}

void places_curve_report(struct report *r, const struct places_point *points)
{
	for (int n = 0; n < PLACES_CURVE_POINTS; n++) {
		const struct places_point *p = &points[n];
		report_f64(r, p->weight);
		report_str(r, places_money(r->mem, p->money));
		report_str(r, places_money(r->mem, p->travel));
		report_f64(r, p->mean_km);
		report_i64(r, p->sites);
		report_i64(r, p->opened);
		report_i64(r, p->closed);
		report_i64(r, p->unmet);
		report_f64(r, 100 * p->gap);
	}
}

void places_curve_write_json(struct json_writer *w, const struct places_point *points)
{
	const char *const names[] = {"sites", "opened", "closed", "unmet"};

	json_object(w);
	json_key(w, "curve");
	json_array(w);
	for (int n = 0; n < PLACES_CURVE_POINTS; n++) {
		const struct places_point *p = &points[n];
		const int64_t counts[] = {p->sites, p->opened, p->closed, p->unmet};
		json_object(w);
		json_key(w, "weight");
		json_f64(w, p->weight);
		json_key(w, "money");
		json_dec(w, p->money, 3);
		json_key(w, "travel");
		json_dec(w, p->travel, 3);
		json_key(w, "mean_km");
		json_f64(w, p->mean_km);
		for (size_t k = 0; k < ARRAY_LEN(counts); k++) {
			json_key(w, names[k]);
			json_i64(w, counts[k]);
		}
		json_key(w, "gap");
		json_f64(w, p->gap);
		json_key(w, "seconds");
		json_f64(w, p->seconds);
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
}
