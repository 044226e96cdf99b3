#include "mod/allocate/staff.h"

const struct report_column staff_columns[STAFF_COLUMNS] = {{"county", "县区", REPORT_TEXT},
	{"teacher", "教师编号", REPORT_TEXT}, {"from", "现在学校", REPORT_TEXT},
	{"from_name", "现在学校名称", REPORT_TEXT}, {"to", "交流到", REPORT_TEXT},
	{"to_name", "交流学校名称", REPORT_TEXT}, {"stage", "学段", REPORT_TEXT},
	{"subject", "学科", REPORT_TEXT}, {"due", "符合交流条件", REPORT_NUMBER},
	{"backbone", "骨干", REPORT_NUMBER}, {"reason", "理由", REPORT_TEXT}};

bool staff_move_of(
	const struct staff_data *d, const struct staff_area *a, int32_t i, struct staff_move *out)
{
	int32_t arc = a->answer.arc[i];

	if (!a->problem.arc_is_move[arc])
		return false;
	out->person = &d->persons[a->persons[i]];
	out->from = &d->posts.items[out->person->post];
	out->to = &d->posts.items[a->posts[a->problem.arc_post[arc]]];
	return true;
}

struct str staff_reason(struct ctx *cx, const struct staff_move *m)
{
	int64_t missing = m->to->need - m->to->now, over = m->from->now - m->from->need;

	if (missing > 0 && over > 0)
		return str_printf(cx->mem,
			TR(cx, "该校该学科缺 %" PRId64 " 人, 原校超 %" PRId64 " 人",
				"%" PRId64 " missing there, %" PRId64 " too many where he is"),
			missing, over);
	if (missing > 0)
		return str_printf(cx->mem,
			TR(cx, "该校该学科缺 %" PRId64 " 人", "%" PRId64 " missing there"),
			missing);
	if (over > 0)
		return str_printf(cx->mem,
			TR(cx, "原校该学科超 %" PRId64 " 人", "%" PRId64 " too many where he is"),
			over);
	return str_from(m->person->is_due ? TR(cx, "满足交流比例或接替他人",
						    "for the share of moves, or in another's place")
					  : TR(cx, "接替他人", "in another's place"));
}

void staff_report(struct ctx *cx, struct report *r, const struct staff_plan *plan)
{
	const struct staff_data *d = plan->data;

	for (size_t k = 0; k < plan->area_count; k++) {
		const struct staff_area *a = &plan->areas[k];
		for (int32_t i = 0; i < a->problem.person_count; i++) {
			struct staff_move m;
			if (!staff_move_of(d, a, i, &m))
				continue;
			report_str(r, a->county);
			report_str(r, m.person->id);
			report_str(r, d->schools[m.from->school].code);
			report_str(r, d->schools[m.from->school].name);
			report_str(r, d->schools[m.to->school].code);
			report_str(r, d->schools[m.to->school].name);
			report_str(r, m.to->stage);
			report_str(r, m.to->subject);
			report_i64(r, m.person->is_due);
			report_i64(r, m.person->is_backbone);
			report_str(r, staff_reason(cx, &m));
		}
	}
}

void staff_propose(struct ctx *cx, struct proposal *p, const struct staff_plan *plan)
{
	const struct staff_data *d = plan->data;

	for (size_t k = 0; k < plan->area_count; k++)
		for (int32_t i = 0; i < plan->areas[k].problem.person_count; i++) {
			struct staff_move m;
			if (!staff_move_of(d, &plan->areas[k], i, &m))
				continue;
			proposal_add(p, &(struct proposal_row){.county = plan->areas[k].county,
						.item = m.person->id,
						.action = "move",
						.stage = m.to->stage,
						.subject = m.to->subject,
						.from = d->schools[m.from->school].code,
						.to = d->schools[m.to->school].code,
						.reason = staff_reason(cx, &m)});
		}
}

static void key_i64(struct json_writer *w, const char *key, int64_t v)
{
	json_key(w, key);
	json_i64(w, v);
}

static void key_str(struct json_writer *w, const char *key, struct str s)
{
	json_key(w, key);
	json_str(w, s);
}

static void key_f64(struct json_writer *w, const char *key, double v)
{
	json_key(w, key);
	json_f64(w, v);
}

static int64_t missing(const struct staff_data *d, const struct staff_area *a, const int64_t *heads)
{
	int64_t sum = 0;

	for (int32_t j = 0; j < a->problem.post_count; j++) {
		const struct staff_post *post = &d->posts.items[a->posts[j]];
		sum += MAX(post->need - (heads ? heads[j] : post->now), 0);
	}
	return sum;
}

static void write_area(
	struct json_writer *w, const struct staff_data *d, const struct staff_area *a)
{
	struct arena *mem = arena_create();
	int64_t *heads = arena_array(mem, int64_t, a->problem.post_count);
	int64_t moves = 0, due = 0, backbone = 0;

	for (int32_t i = 0; i < a->problem.person_count; i++) {
		struct staff_move m;
		heads[a->problem.arc_post[a->answer.arc[i]]]++;
		if (!staff_move_of(d, a, i, &m))
			continue;
		moves++;
		due += m.person->is_due;
		backbone += m.person->is_due && m.person->is_backbone;
	}
	json_object(w);
	key_str(w, "county", a->county);
	key_i64(w, "people", a->problem.person_count);
	key_i64(w, "posts", a->problem.post_count);
	key_i64(w, "missing_before", missing(d, a, NULL));
	key_i64(w, "missing", missing(d, a, heads));
	key_i64(w, "moves", moves);
	key_i64(w, "due", a->due);
	key_i64(w, "moves_least", a->least_moves);
	key_i64(w, "moves_due", due);
	key_i64(w, "moves_backbone", backbone);
	json_key(w, "cost");
	json_dec(w, a->verdict.cost, 3);
	json_key(w, "bound");
	json_dec(w, a->verdict.bound, 3);
	key_f64(w, "gap",
		a->verdict.cost > 0
			? (double)(a->verdict.cost - a->verdict.bound) / (double)a->verdict.cost
			: 0);
	key_str(w, "relaxed", a->relaxed);
	key_f64(w, "seconds", a->seconds);
	json_end_object(w);
	arena_free(mem);
}

static void write_move(struct ctx *cx, struct json_writer *w, const struct staff_data *d,
	const struct staff_move *m)
{
	json_object(w);
	key_str(w, "teacher", m->person->id);
	key_str(w, "from", d->schools[m->from->school].code);
	key_str(w, "to", d->schools[m->to->school].code);
	key_str(w, "stage", m->to->stage);
	key_str(w, "subject", m->to->subject);
	json_key(w, "due");
	json_bool(w, m->person->is_due);
	json_key(w, "backbone");
	json_bool(w, m->person->is_backbone);
	key_str(w, "reason", staff_reason(cx, m));
	json_end_object(w);
}

void staff_write_json(struct ctx *cx, struct json_writer *w, const struct staff_plan *plan)
{
	double seconds = 0;
	int64_t cost = 0, bound = 0;

	for (size_t k = 0; k < plan->area_count; k++) {
		cost += plan->areas[k].verdict.cost;
		bound += plan->areas[k].verdict.bound;
		seconds += plan->areas[k].seconds;
	}
	json_object(w);
	json_key(w, "cost");
	json_dec(w, cost, 3);
	json_key(w, "bound");
	json_dec(w, bound, 3);
	key_f64(w, "gap", cost > 0 ? (double)(cost - bound) / (double)cost : 0);
	key_f64(w, "seconds", seconds);
	json_key(w, "counties");
	json_array(w);
	for (size_t k = 0; k < plan->area_count; k++)
		write_area(w, plan->data, &plan->areas[k]);
	json_end_array(w);
	json_key(w, "moves");
	json_array(w);
	for (size_t k = 0; k < plan->area_count; k++)
		for (int32_t i = 0; i < plan->areas[k].problem.person_count; i++) {
			struct staff_move m;
			if (staff_move_of(plan->data, &plan->areas[k], i, &m))
				write_move(cx, w, plan->data, &m);
		}
	json_end_array(w);
	json_end_object(w);
}
