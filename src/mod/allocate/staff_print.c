#include "mod/allocate/staff.h"

const struct report_column staff_columns[STAFF_COLUMNS] = {{"county", "县区", REPORT_TEXT},
	{"teacher", "教师编号", REPORT_TEXT}, {"from", "现在学校", REPORT_TEXT},
	{"from_name", "现在学校名称", REPORT_TEXT}, {"to", "交流到", REPORT_TEXT},
	{"to_name", "交流学校名称", REPORT_TEXT}, {"stage", "学段", REPORT_TEXT},
	{"subject", "学科", REPORT_TEXT}, {"retrain", "转岗培训月数", REPORT_NUMBER},
	{"due", "符合交流条件", REPORT_NUMBER}, {"backbone", "骨干", REPORT_NUMBER},
	{"reason", "理由", REPORT_TEXT}};

bool staff_move_of(
	const struct staff_data *d, const struct staff_area *a, int32_t i, struct staff_move *out)
{
	int32_t arc = a->answer.arc[i];

	if (!a->problem.arc_is_move[arc] && a->arc_months[arc] == 0)
		return false;
	out->months = a->arc_months[arc];
	out->person = &d->persons[a->persons[i]];
	out->from = &d->posts.items[out->person->post];
	out->from_name = d->schools[out->from->school].name;
	out->to = &d->posts.items[a->posts[a->problem.arc_post[arc]]];
	return true;
}

struct str staff_reason(struct ctx *cx, const struct staff_move *m)
{
	int64_t missing = m->to->need - m->to->now, over = m->from->now - m->from->need;

	if (m->person->is_supply)
		return str_printf(cx->mem,
			TR(cx, "补充来源 " STR_FMT ", 该校该学科缺 %" PRId64 " 人",
				"by the programme " STR_FMT ", %" PRId64 " missing there"),
			STR_ARG(m->from_name), MAX(missing, 0));
	if (m->months > 0)
		return str_printf(cx->mem,
			TR(cx, "培训 %" PRId64 " 个月后任教, 该校该学科缺 %" PRId64 " 人",
				"after %" PRId64 " months of retraining, %" PRId64
				" missing there"),
			m->months, MAX(missing, 0));
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
			report_i64(r, m.months);
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

static int64_t missing(const struct staff_data *d, const struct staff_area *a, const int64_t *heads)
{
	int64_t sum = 0;

	for (int32_t j = 0; j < a->problem.post_count; j++) {
		const struct staff_post *post = &d->posts.items[a->posts[j]];
		sum += MAX(post->need - (heads ? heads[j] : post->now), 0);
	}
	return sum;
}

/* What one kind of people is spread by, before and after. */
static void write_evenness(struct json_writer *w, const struct staff_area *a)
{
	json_key(w, "evenness");
	json_array(w);
	for (size_t i = 0; i < a->evenness_count; i++) {
		json_object(w);
		json_field_str(w, "column", a->evenness[i].column);
		json_field_str(w, "stage", a->evenness[i].stage);
		json_field_f64(w, "cv_before", a->evenness[i].cv_before);
		json_field_f64(w, "cv_after", a->evenness[i].cv_after);
		json_end_object(w);
	}
	json_end_array(w);
}

struct subject {
	const struct staff_post *post;
	int64_t need, now, heads, missing, missing_before, could;
	int64_t worth;
	int32_t last; /* person counted last, from 1 */
};

/* By stage and subject: what is missing, who could come after retraining, what one more is worth.
 */
static size_t count_subjects(struct arena *mem, const struct staff_data *d,
	const struct staff_area *a, const int64_t *heads, struct subject *out, int32_t *subject_of)
{
	const struct posts *p = &a->problem;
	struct strmap index;
	size_t count = 0;

	strmap_init(&index, mem);
	for (int32_t j = 0; j < p->post_count; j++) {
		const struct staff_post *post = &d->posts.items[a->posts[j]];
		bool is_new;
		int64_t *at;
		subject_of[j] = -1;
		if (post->is_pool || !post->subject.n)
			continue;
		at = strmap_put(&index,
			str_printf(mem, STR_FMT "\x1f" STR_FMT, STR_ARG(post->stage),
				STR_ARG(post->subject)),
			&is_new);
		if (is_new) {
			*at = (int64_t)count;
			out[count++] = (struct subject){.post = post};
		}
		subject_of[j] = (int32_t)*at;
		out[*at].need += post->need;
		out[*at].now += post->now;
		out[*at].heads += heads[j];
		out[*at].missing_before += MAX(post->need - post->now, 0);
		out[*at].missing += MAX(post->need - heads[j], 0);
		out[*at].worth = MAX(out[*at].worth, -a->answer.post_price[j]);
	}
	for (int32_t i = 0; i < p->person_count; i++)
		for (int32_t e = p->first_arc[i]; e < p->first_arc[i + 1]; e++) {
			int32_t at = subject_of[p->arc_post[e]];
			if (at < 0 || a->arc_months[e] == 0 || out[at].last == i + 1)
				continue;
			out[at].could++;
			out[at].last = i + 1;
		}
	return count;
}

static void write_subjects(struct arena *mem, struct json_writer *w, const struct staff_data *d,
	const struct staff_area *a, const int64_t *heads)
{
	int32_t *subject_of = arena_array(mem, int32_t, a->problem.post_count);
	struct subject *list = arena_array(mem, struct subject, a->problem.post_count);
	size_t count = count_subjects(mem, d, a, heads, list, subject_of);

	json_key(w, "subjects");
	json_array(w);
	for (size_t i = 0; i < count; i++) {
		json_object(w);
		json_field_str(w, "stage", list[i].post->stage);
		json_field_str(w, "subject", list[i].post->subject);
		json_field_i64(w, "need", list[i].need);
		json_field_i64(w, "now", list[i].now);
		json_field_i64(w, "heads", list[i].heads);
		json_field_i64(w, "missing_before", list[i].missing_before);
		json_field_i64(w, "missing", list[i].missing);
		json_field_i64(w, "could_retrain", list[i].could);
		json_field_dec(w, "worth", list[i].worth, 3);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_area(
	struct json_writer *w, const struct staff_data *d, const struct staff_area *a)
{
	struct arena *mem = arena_create();
	int64_t *heads = arena_array(mem, int64_t, a->problem.post_count);
	int64_t moves = 0, due = 0, backbone = 0, supplied = 0, retrained = 0;

	for (int32_t i = 0; i < a->problem.person_count; i++) {
		struct staff_move m;
		heads[a->problem.arc_post[a->answer.arc[i]]]++;
		if (!staff_move_of(d, a, i, &m))
			continue;
		supplied += m.person->is_supply;
		retrained += m.months > 0;
		moves += m.from->school != m.to->school && !m.person->is_supply;
		if (m.from->school == m.to->school)
			continue;
		due += m.person->is_due;
		backbone += m.person->is_due && m.person->is_backbone;
	}
	json_object(w);
	json_field_str(w, "county", a->county);
	json_field_i64(w, "people", a->problem.person_count);
	json_field_i64(w, "posts", a->problem.post_count);
	json_field_i64(w, "missing_before", missing(d, a, NULL));
	json_field_i64(w, "missing", missing(d, a, heads));
	json_field_i64(w, "moves", moves);
	json_field_i64(w, "due", a->due);
	json_field_i64(w, "moves_least", a->least_moves);
	json_field_i64(w, "moves_due", due);
	json_field_i64(w, "moves_backbone", backbone);
	json_field_i64(w, "supplied", supplied);
	json_field_i64(w, "retrained", retrained);
	json_field_dec(w, "cost", a->verdict.cost, 3);
	json_field_dec(w, "bound", a->verdict.bound, 3);
	json_field_f64(w, "gap",
		a->verdict.cost > 0
			? (double)(a->verdict.cost - a->verdict.bound) / (double)a->verdict.cost
			: 0);
	json_field_str(w, "relaxed", a->relaxed);
	json_field_f64(w, "seconds", a->seconds);
	write_evenness(w, a);
	write_subjects(mem, w, d, a, heads);
	json_end_object(w);
	arena_free(mem);
}

static void write_move(struct ctx *cx, struct json_writer *w, const struct staff_data *d,
	const struct staff_move *m)
{
	json_object(w);
	json_field_str(w, "teacher", m->person->id);
	json_field_str(w, "from", d->schools[m->from->school].code);
	json_field_str(w, "to", d->schools[m->to->school].code);
	json_field_str(w, "stage", m->to->stage);
	json_field_str(w, "subject", m->to->subject);
	json_field_i64(w, "retrain_months", m->months);
	json_field_bool(w, "supply", m->person->is_supply);
	json_field_bool(w, "due", m->person->is_due);
	json_field_bool(w, "backbone", m->person->is_backbone);
	json_field_str(w, "reason", staff_reason(cx, m));
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
	json_field_dec(w, "cost", cost, 3);
	json_field_dec(w, "bound", bound, 3);
	json_field_f64(w, "gap", cost > 0 ? (double)(cost - bound) / (double)cost : 0);
	json_field_f64(w, "seconds", seconds);
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
