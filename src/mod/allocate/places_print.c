/* A plan as tables and as JSON. */
#include "mod/allocate/places.h"

const struct report_column places_action_columns[PLACES_ACTION_COLUMNS] = {
	{"county", "县区", REPORT_TEXT}, {"site", "校点代码", REPORT_TEXT},
	{"name", "校点名称", REPORT_TEXT}, {"action", "动作", REPORT_TEXT},
	{"stage", "学段", REPORT_TEXT}, {"places_from", "现有学位", REPORT_NUMBER},
	{"places_to", "调整后学位", REPORT_NUMBER}, {"once", "一次投入", REPORT_NUMBER},
	{"saving", "每年节省", REPORT_NUMBER}, {"reason", "理由", REPORT_TEXT}};

const struct report_column places_served_columns[PLACES_SERVED_COLUMNS] = {
	{"county", "县区", REPORT_TEXT}, {"community", "社区代码", REPORT_TEXT},
	{"community_name", "社区", REPORT_TEXT}, {"stage", "学段", REPORT_TEXT},
	{"children", "人数", REPORT_NUMBER}, {"site", "校点代码", REPORT_TEXT},
	{"site_name", "校点", REPORT_TEXT}, {"minutes", "分钟", REPORT_NUMBER}};

const char *const places_action_names[PLACES_ACTIONS] = {
	"keep", "close", "expand", "open", "convert"};

struct str places_money(struct arena *mem, int64_t milli)
{
	struct strbuf b;
	struct str s;

	strbuf_init(&b, 40);
	strbuf_dec_short(&b, milli, 3);
	s = str_copy(mem, strbuf_view(&b));
	strbuf_release(&b);
	return s;
}

/* The stages whose room the row of a site shows: those that change; of a kept one all. */
static bool concerns(const struct places_plan *plan, int32_t site, int32_t kind)
{
	const struct layout *l = &plan->model->layout;
	int64_t now = places_room(l, l->base_state[site], kind);
	int64_t then = places_room(l, plan->answer.state[site], kind);

	return now != then || (now > 0 && plan->answer.state[site] == l->base_state[site]);
}

void places_report_actions(struct ctx *cx, struct report *r, const struct places_plan *plan)
{
	const struct places_data *d = plan->model->data;
	const struct layout *l = &plan->model->layout;

	for (int32_t i = 0; i < d->site_count; i++) {
		const struct places_state *state = &plan->model->states[plan->answer.state[i]];
		struct str reason = places_reason(cx, plan, i);
		for (int32_t k = 0; k < d->kind_count && reason.n > 0; k++) {
			if (!concerns(plan, i, k))
				continue;
			report_str(r, d->sites[i].county);
			report_str(r, d->sites[i].code);
			report_str(r, d->sites[i].name);
			report_z(r, places_action_names[state->action]);
			report_str(r, d->kinds[k].stage);
			report_i64(r, places_room(l, l->base_state[i], k));
			report_i64(r, places_room(l, plan->answer.state[i], k));
			report_str(r, places_money(r->mem, state->once));
			report_str(r, places_money(r->mem, plan->answer.saving[i]));
			report_str(r, reason);
		}
	}
}

static struct str whole(struct arena *mem, int64_t v)
{
	return str_printf(mem, "%" PRId64, v);
}

/* What is kept by a rule is no action to be decided on. */
void places_propose(struct ctx *cx, struct proposal *p, const struct places_plan *plan)
{
	const struct places_data *d = plan->model->data;
	const struct layout *l = &plan->model->layout;

	for (int32_t i = 0; i < d->site_count; i++) {
		const struct places_state *state = &plan->model->states[plan->answer.state[i]];
		struct str reason = places_reason(cx, plan, i);
		for (int32_t k = 0; k < d->kind_count && state->action != PLACES_KEEP; k++) {
			if (!concerns(plan, i, k))
				continue;
			proposal_add(p,
				&(struct proposal_row){.county = d->sites[i].county,
					.item = d->sites[i].code,
					.item_name = d->sites[i].name,
					.action = places_action_names[state->action],
					.stage = d->kinds[k].stage,
					.from = whole(cx->mem, places_room(l, l->base_state[i], k)),
					.to = whole(
						cx->mem, places_room(l, plan->answer.state[i], k)),
					.once = places_money(cx->mem, state->once),
					.saving = places_money(cx->mem, plan->answer.saving[i]),
					.reason = reason});
		}
	}
}

void places_report_served(struct report *r, const struct places_plan *plan)
{
	const struct places_data *d = plan->model->data;
	const struct layout *l = &plan->model->layout;

	for (int32_t j = 0; j < l->point_count; j++) {
		const struct places_community *c = &d->communities[j / l->kind_count];
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++) {
			if (plan->answer.flow[e] == 0)
				continue;
			report_str(r, c->county);
			report_str(r, c->code);
			report_str(r, c->name);
			report_str(r, d->kinds[l->kind[j]].stage);
			report_i64(r, plan->answer.flow[e]);
			report_str(r, d->sites[l->arc_site[e]].code);
			report_str(r, d->sites[l->arc_site[e]].name);
			report_f64(r, places_minutes(d, l->kind[j], plan->model->km[e]));
		}
	}
}

/* --- JSON ----------------------------------------------------------------------------------- */

static void write_figures(struct json_writer *w, const struct places_plan *plan)
{
	const struct layout_verdict *v = &plan->verdict;

	json_field_dec(w, "cost", v->cost, 3);
	json_field_dec(w, "bound", v->bound, 3);
	json_field_f64(w, "gap", v->cost > 0 ? (double)(v->cost - v->bound) / (double)v->cost : 0);
	json_field_i64(w, "unmet", v->unmet);
	json_field_i64(w, "parts", plan->answer.part_count);
	json_field_i64(w, "parts_kept", plan->answer.parts_kept);
	json_field_f64(w, "seconds", plan->seconds);
}

static void write_kind(struct json_writer *w, const struct places_plan *plan, int32_t k)
{
	const struct layout *l = &plan->model->layout;
	int64_t sites[2] = {0}, places[2] = {0}, children = 0;
	double km = 0;

	for (int32_t i = 0; i < l->site_count; i++) {
		int32_t states[2] = {l->base_state[i], plan->answer.state[i]};
		for (int n = 0; n < 2; n++) {
			places[n] += places_room(l, states[n], k);
			sites[n] += places_room(l, states[n], k) > 0;
		}
	}
	for (int32_t j = k; j < l->point_count; j += l->kind_count) {
		children += l->demand[j];
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++)
			km += (double)plan->answer.flow[e] * plan->model->km[e];
	}
	json_object(w);
	json_field_str(w, "stage", plan->model->data->kinds[k].stage);
	json_field_i64(w, "children", children);
	json_field_i64(w, "sites_from", sites[0]);
	json_field_i64(w, "sites_to", sites[1]);
	json_field_i64(w, "places_from", places[0]);
	json_field_i64(w, "places_to", places[1]);
	json_field_f64(w, "mean_km", children ? km / (double)children : 0);
	json_end_object(w);
}

static void write_action(
	struct json_writer *w, const struct places_plan *plan, int32_t i, struct str reason)
{
	const struct places_data *d = plan->model->data;
	const struct layout *l = &plan->model->layout;
	const struct places_state *state = &plan->model->states[plan->answer.state[i]];

	json_object(w);
	json_field_str(w, "county", d->sites[i].county);
	json_field_str(w, "site", d->sites[i].code);
	json_field_str(w, "name", d->sites[i].name);
	json_key(w, "action");
	json_z(w, places_action_names[state->action]);
	json_field_dec(w, "once", state->once, 3);
	json_field_dec(w, "saving", plan->answer.saving[i], 3);
	json_field_str(w, "reason", reason);
	json_key(w, "stages");
	json_array(w);
	for (int32_t k = 0; k < d->kind_count; k++) {
		if (!concerns(plan, i, k))
			continue;
		json_object(w);
		json_field_str(w, "stage", d->kinds[k].stage);
		json_field_i64(w, "places_from", places_room(l, l->base_state[i], k));
		json_field_i64(w, "places_to", places_room(l, plan->answer.state[i], k));
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
}

static void write_served(struct json_writer *w, const struct places_plan *plan)
{
	const struct places_data *d = plan->model->data;
	const struct layout *l = &plan->model->layout;

	json_key(w, "served");
	json_array(w);
	for (int32_t j = 0; j < l->point_count; j++)
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++) {
			if (plan->answer.flow[e] == 0)
				continue;
			json_object(w);
			json_field_str(w, "community", d->communities[j / l->kind_count].code);
			json_field_str(w, "stage", d->kinds[l->kind[j]].stage);
			json_field_str(w, "site", d->sites[l->arc_site[e]].code);
			json_field_i64(w, "children", plan->answer.flow[e]);
			json_field_f64(
				w, "minutes", places_minutes(d, l->kind[j], plan->model->km[e]));
			json_end_object(w);
		}
	json_end_array(w);
}

void places_write_json(struct ctx *cx, struct json_writer *w, const struct places_plan *plan,
	const struct places_plan *before)
{
	const struct places_data *d = plan->model->data;

	json_object(w);
	write_figures(w, plan);
	if (before) {
		json_key(w, "before");
		json_object(w);
		write_figures(w, before);
		json_end_object(w);
	}
	json_field_str(w, "shortages", places_shortages(cx, plan));
	json_key(w, "stages");
	json_array(w);
	for (int32_t k = 0; k < d->kind_count; k++)
		write_kind(w, plan, k);
	json_end_array(w);
	json_key(w, "actions");
	json_array(w);
	for (int32_t i = 0; i < d->site_count; i++) {
		struct str reason = places_reason(cx, plan, i);
		if (reason.n > 0)
			write_action(w, plan, i, reason);
	}
	json_end_array(w);
	write_served(w, plan);
	json_end_object(w);
}
