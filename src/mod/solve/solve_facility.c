/* shuren solve facility: an OR-Library file in, one JSON object out, after a check in integers. */
#include "engine/places/facility_check.h"
#include "engine/places/orlib.h"
#include "mod/solve/solve_internal.h"
#include "wire/json_write.h"

#include <errno.h>

#define FILE_MAX_BYTES ((size_t)1 << 30)

static enum err read_text(struct ctx *cx, const char *path, struct strbuf *out)
{
	FILE *in = fopen(path, "rb");
	char block[65536];
	size_t n;
	bool is_bad;

	if (!in)
		return ctx_fail(cx, ERR_IO, TR(cx, "打不开 %s: %s", "cannot open %s: %s"), path,
			strerror(errno));
	while ((n = fread(block, 1, sizeof block, in)) > 0 && !out->too_long)
		strbuf_add(out, block, n);
	is_bad = ferror(in) != 0;
	fclose(in);
	if (is_bad)
		return ctx_fail(cx, ERR_IO, TR(cx, "读 %s 出错", "reading %s failed"), path);
	if (out->too_long)
		return ctx_fail(cx, ERR_TOO_LARGE, TR(cx, "%s 超过 1 GB", "%s is over 1 GB"), path);
	return ERR_OK;
}

static enum err read_problem(struct ctx *cx, const char *path, int64_t capacity, struct orlib *out)
{
	struct problems ps;
	struct strbuf text;
	enum err e;

	problems_init(&ps, cx->mem);
	ps.is_english = cx->is_english;
	strbuf_init(&text, FILE_MAX_BYTES);
	e = read_text(cx, path, &text);
	if (e == ERR_OK &&
		!orlib_read(cx->mem, &ps, str_from(path), strbuf_view(&text), capacity, out))
		e = solve_reject(cx, &ps, path);
	strbuf_release(&text);
	return e;
}

static bool is_past(void *deadline)
{
	return solve_seconds() > *(const double *)deadline;
}

/* What a problem without a plan lacks. */
struct shortage {
	int64_t demand, capacity;
	int64_t extra; /* single-source: units more at each site with which there is a plan; 0: the
			  capacity together is too little */
};

/* Seconds for each trial of a larger capacity. */
#define TRIAL_SECONDS 2

static bool fits_with(const struct facility *f, int64_t extra)
{
	struct arena *scratch = arena_create();
	int64_t *capacity = arena_array(scratch, int64_t, f->site_count);
	double deadline = solve_seconds() + TRIAL_SECONDS;
	struct facility_limits limits = {.gap = 1, .is_over = is_past, .is_over_arg = &deadline};
	struct facility larger = *f;
	bool has_plan;

	for (int32_t i = 0; i < f->site_count; i++)
		capacity[i] = MIN(f->capacity[i] + extra, FACILITY_UNITS_MAX);
	larger.capacity = capacity;
	has_plan = facility_solve(scratch, &larger, &limits).has_plan;
	arena_free(scratch);
	return has_plan;
}

/* With the largest demand more at each site any split plan can be made whole (each site then takes
 * at most one of its split customers), so the search ends there. */
static struct shortage find_shortage(const struct facility *f)
{
	struct shortage s = {0};
	int64_t low = 0, high = 0;

	for (int32_t j = 0; j < f->customer_count; j++) {
		s.demand += f->demand[j];
		high = MAX(high, f->demand[j]);
	}
	for (int32_t i = 0; i < f->site_count; i++)
		s.capacity += f->capacity[i];
	if (s.capacity < s.demand)
		return s;
	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;
		if (fits_with(f, middle))
			high = middle;
		else
			low = middle;
	}
	s.extra = high;
	return s;
}

/* No plan: nothing found in time, or the sites hold too little, together or for whole customers. */
static enum err explain_no_plan(
	struct ctx *cx, const struct facility_answer *a, const struct shortage *s)
{
	if (a->is_cut_short)
		return ctx_fail(cx, ERR_CANCELLED,
			TR(cx, "到时仍未找到方案", "no plan was found in the time given"));
	if (s->capacity >= s->demand)
		return ctx_fail(cx, ERR_REJECTED,
			TR(cx,
				"无解：容量共 %" PRId64 " 不少于需求 %" PRId64
				"，但用户不拆分就放不下；每个地点多 %" PRId64
				" 就放得下，或者允许拆分",
				"no plan: the sites hold %" PRId64 " and the demand is %" PRId64
				", but customers do not fit whole; with %" PRId64
				" more at each site they do, or let them be split"),
			s->capacity, s->demand, s->extra);
	return ctx_fail(cx, ERR_REJECTED,
		TR(cx, "无解：需求共 %" PRId64 "，全部地点的容量共 %" PRId64 "，还差 %" PRId64,
			"no plan: the demand is %" PRId64 " in all, the sites hold %" PRId64
			": %" PRId64 " are short"),
		s->demand, s->capacity, s->demand - s->capacity);
}

static const char *status_name(const struct facility_answer *a)
{
	if (a->has_plan)
		return a->is_cut_short ? "feasible" : "optimal";
	return a->is_cut_short ? "unknown" : "infeasible";
}

static void write_answer(struct ctx *cx, const struct orlib *o, const struct facility_answer *a,
	const struct facility_verdict *v, const struct shortage *s, double seconds)
{
	struct json_writer w;
	struct strbuf out;

	strbuf_init(&out, STRBUF_MAX);
	json_begin(&w, &out);
	json_object(&w);
	json_key(&w, "status");
	json_z(&w, status_name(a));
	if (a->has_plan) {
		json_key(&w, "cost");
		json_dec(&w, v->cost, o->cost_scale);
		json_key(&w, "bound");
		json_dec(&w, v->bound, o->cost_scale);
		json_key(&w, "gap");
		json_f64(&w, v->cost > 0 ? (double)(v->cost - v->bound) / (double)v->cost : 0);
		json_key(&w, "open");
		json_array(&w);
		for (int32_t i = 0; i < o->facility.site_count; i++)
			if (a->open[i])
				json_i64(&w, i + 1);
		json_end_array(&w);
	}
	if (!a->has_plan && !a->is_cut_short) {
		json_key(&w, "need");
		json_i64(&w, s->demand);
		json_key(&w, "capacity");
		json_i64(&w, s->capacity);
		if (s->extra > 0) {
			json_key(&w, "extra_at_each_site");
			json_i64(&w, s->extra);
		}
	}
	json_key(&w, "nodes");
	json_i64(&w, a->nodes);
	json_key(&w, "seconds");
	json_number(&w, str_printf(cx->mem, "%.3f", seconds));
	json_end_object(&w);
	puts(out.p);
	strbuf_release(&out);
}

/* Whole customers cost whole steps of the file: no plan lies between two of them. */
static int64_t next_step(const struct orlib *o, int64_t bound)
{
	int64_t step = o->facility.cost_step, over = bound % step;

	return o->facility.is_single_source && over > 0 ? bound - over + step : bound;
}

enum err solve_facility(struct ctx *cx, const struct cli_args *args)
{
	const char *path = str_z(cx->mem, cli_word(args, 0));
	struct facility_limits limits = {0};
	struct facility_answer a;
	struct facility_verdict v;
	int64_t capacity, limit_s;
	struct shortage shortage = {0};
	struct orlib o;
	double begin, deadline, seconds;

	TRY(cli_i64(cx, args, "capacity", 1, FACILITY_UNITS_MAX, 0, &capacity));
	TRY(cli_i64(cx, args, "time-limit", 1, 1000000, 0, &limit_s));
	TRY(read_problem(cx, path, capacity, &o));
	o.facility.is_single_source = cli_has(args, "single-source");
	begin = solve_seconds();
	deadline = begin + (double)limit_s;
	if (limit_s > 0) {
		limits.is_over = is_past;
		limits.is_over_arg = &deadline;
	}
	a = facility_solve(cx->mem, &o.facility, &limits);
	v = facility_check(&o.facility, &a);
	if (v.fault != FACILITY_PLAN_GOOD || !v.has_bound ||
		(!a.has_plan && !a.is_cut_short && !v.is_infeasible))
		BUG("the plan for %s is not proved: fault %d, site %d, customer %d", path,
			(int)v.fault, v.site, v.customer);
	v.bound = next_step(&o, v.bound);
	seconds = solve_seconds() - begin;
	if (!a.has_plan && !a.is_cut_short)
		shortage = find_shortage(&o.facility);
	write_answer(cx, &o, &a, &v, &shortage, seconds);
	return a.has_plan ? ERR_OK : explain_no_plan(cx, &a, &shortage);
}
