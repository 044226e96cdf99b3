#include "mod/plan/promise.h"

#include "mod/evaluate/evaluate.h"
#include "mod/ledger/ledger_rows.h"
#include "mod/measure/place_data.h"
#include "mod/pack/rules.h"

/* Rows are read once for each period that promises ask for. */
struct cached {
	struct str period;
	struct dataset ds;
};

/* Where the areas stand in an evaluation, worked out once for all promises that count them. */
struct counted {
	const struct pack_evaluation *evaluation;
	struct str asked, period; /* the period asked for, and that of the rows */
	VEC(struct indicator_value) areas;
};

struct board {
	struct ctx *cx;
	const struct open_place *place;
	const struct org_tree *tree;
	struct str within;
	struct date today;
	struct dataset *latest; /* read already, or NULL */
	VEC(struct cached *) data;
	VEC(struct counted *) counts;
};

const char *promise_state_name(enum promise_state state)
{
	static const char *const names[] = {
		"done", "on-the-way", "late", "no-data", "undefined", "words"};

	return names[state];
}

enum promise_state promise_state_of(
	bool is_met, const struct pack_promise *promise, struct date today)
{
	if (is_met)
		return PROMISE_DONE;
	return promise->due.day != DATE_NONE.day && promise->due.day < today.day
		       ? PROMISE_LATE
		       : PROMISE_ON_THE_WAY;
}

static struct dataset *data_of(struct board *b, struct str period)
{
	struct cached *c;

	if (!period.n && b->latest)
		return b->latest;
	for (size_t i = 0; i < b->data.count; i++)
		if (str_eq(b->data.items[i]->period, period))
			return &b->data.items[i]->ds;
	c = arena_new(b->cx->mem, struct cached);
	c->period = period;
	dataset_init(&c->ds, b->cx->mem, b->place->pack, period);
	*VEC_PUSH(b->cx->mem, &b->data) = c;
	return &c->ds;
}

static struct str period_of(const struct board *b, struct str ledger, int64_t year)
{
	const struct pack_ledger *l = pack_find_ledgers(b->place->pack, ledger);

	return l && l->period == PERIOD_YEAR && year ? str_printf(b->cx->mem, "%" PRId64, year)
						     : STR("");
}

/* A bound has no columns: it is a number, or one of law in force today. */
static enum err take_target(struct board *b, struct promise_status *s)
{
	const struct pack_promise *p = s->promise;
	const struct located *text = p->at_least.text.n ? &p->at_least : &p->at_most;
	const struct rule *rule;
	struct rule_result r;
	struct problems ps;

	s->target_unit = p->unit.text;
	s->op = p->at_least.text.n ? ">=" : "<=";
	if (!text->text.n)
		return ERR_OK;
	problems_init(&ps, b->cx->mem);
	rule = pack_compile(b->cx->mem, pack_constant_env(b->cx->mem, b->place->pack, b->today),
		text, RULE_AGGREGATE, false, &ps);
	if (!rule)
		return ctx_fail(b->cx, ERR_PACK, STR_FMT, STR_ARG(ps.list.items[0].text));
	r = rule_finish(rule, NULL);
	s->has_target = r.state == RULE_VALUE;
	s->target = r.value;
	return ERR_OK;
}

static void judge(const struct board *b, struct promise_status *s)
{
	bool is_met = s->op[0] == '>' ? s->value >= s->target : s->value <= s->target;

	if (!s->has_target)
		s->state = PROMISE_WORDS;
	else
		s->state = promise_state_of(is_met, s->promise, b->today);
}

static bool splits_by_county(const struct pack_promise *p)
{
	for (size_t i = 0; i < p->split_by.count; i++)
		if (str_is(p->split_by.items[i].text, "county"))
			return true;
	return false;
}

static enum err measure_in(struct board *b, const struct pack_indicator *d, struct str period,
	struct str by, struct indicator_result *out)
{
	struct dataset *ds = data_of(b, period);

	TRY(dataset_add_place(b->cx, ds, b->place, b->tree, d->from.text, b->within));
	if (d->denominator_from.text.n)
		TRY(dataset_add_place(
			b->cx, ds, b->place, b->tree, d->denominator_from.text, b->within));
	return indicator_compute(b->cx, ds, b->tree, d, by, out);
}

static enum err measure(struct board *b, struct promise_status *s)
{
	const struct pack_indicator *d =
		pack_find_indicators(b->place->pack, s->promise->indicator.text);
	struct indicator_result result;

	if (!d)
		return ERR_OK; /* pack check tells */
	s->period = period_of(b, d->from.text, s->promise->year);
	TRY(measure_in(
		b, d, s->period, splits_by_county(s->promise) ? STR("county") : STR(""), &result));
	for (size_t i = 0; i < result.groups.count; i++)
		*VEC_PUSH(b->cx->mem, &s->split) = result.groups.items[i];
	if (result.total.rows == 0 || result.total.state == INDICATOR_MISSING) {
		s->state = PROMISE_NO_DATA;
		return ERR_OK;
	}
	if (result.total.state == INDICATOR_UNDEFINED) {
		s->state = PROMISE_UNDEFINED;
		return ERR_OK;
	}
	s->has_value = true;
	s->value = result.total.value;
	judge(b, s);
	return ERR_OK;
}

/* An area among those that pass, as a number: their sum is the count. */
static struct indicator_value as_number(struct str area, enum verdict verdict)
{
	struct indicator_value v = {.group = area, .denominator = 1, .rows = 1};

	v.state = verdict == VERDICT_MISSING     ? INDICATOR_MISSING
		  : verdict == VERDICT_UNDEFINED ? INDICATOR_UNDEFINED
						 : INDICATOR_VALUE;
	v.value = v.numerator = verdict == VERDICT_PASS;
	return v;
}

/* What it takes to judge an area is given back at once; its verdict stays. */
static enum err judge_area(
	struct board *b, struct evaluation_run *run, struct str area, struct counted *c)
{
	struct ctx cx = *b->cx;
	struct evaluation_result r;
	enum err e;

	cx.mem = arena_create();
	e = evaluation_area(&cx, run, area, &r);
	if (e == ERR_OK) {
		*VEC_PUSH(b->cx->mem, &c->areas) = as_number(area, r.verdict);
		c->period = str_copy(b->cx->mem, r.period);
	} else {
		b->cx->error = str_copy(b->cx->mem, cx.error);
	}
	arena_free(cx.mem);
	return e;
}

static enum err judge_areas(struct board *b, struct counted *c)
{
	struct evaluation_run *run;
	struct str *ledgers, *areas;
	struct dataset *ds = data_of(b, c->asked);
	size_t n, count;

	evaluation_ledgers(b->cx, b->place->pack, c->evaluation, &ledgers, &n);
	for (size_t i = 0; i < n; i++)
		TRY(dataset_add_place(b->cx, ds, b->place, b->tree, ledgers[i], b->within));
	TRY(evaluation_ready(b->cx, ds, c->evaluation, &run));
	evaluation_areas(b->cx, run, &areas, &count);
	for (size_t i = 0; i < count; i++)
		if (areas[i].n)
			TRY(judge_area(b, run, areas[i], c));
	return ERR_OK;
}

static enum err counted_of(struct board *b, const struct pack_evaluation *e, struct str period,
	const struct counted **out)
{
	struct counted *c;

	for (size_t i = 0; i < b->counts.count; i++) {
		*out = b->counts.items[i];
		if ((*out)->evaluation == e && str_eq((*out)->asked, period))
			return ERR_OK;
	}
	c = arena_new(b->cx->mem, struct counted);
	*c = (struct counted){.evaluation = e, .asked = period};
	TRY(judge_areas(b, c));
	*VEC_PUSH(b->cx->mem, &b->counts) = c;
	*out = c;
	return ERR_OK;
}

/* How many areas pass; those without a row are not counted. */
static enum err count_in(struct board *b, const struct pack_evaluation *e, struct str period,
	struct promise_status *s)
{
	const struct counted *c;

	TRY(counted_of(b, e, period, &c));
	for (size_t i = 0; i < c->areas.count; i++) {
		s->value += c->areas.items[i].value;
		s->period = c->period;
		s->has_value = true;
		if (splits_by_county(s->promise))
			*VEC_PUSH(b->cx->mem, &s->split) = c->areas.items[i];
	}
	return ERR_OK;
}

static enum err count_passes(struct board *b, struct promise_status *s)
{
	const struct pack_evaluation *e =
		pack_find_evaluations(b->place->pack, s->promise->evaluation.text);

	if (!e)
		return ERR_OK;
	TRY(count_in(b, e, STR(""), s));
	if (s->has_value)
		judge(b, s);
	else
		s->state = PROMISE_NO_DATA;
	return ERR_OK;
}

static enum err look(struct board *b, const struct pack_promise *p, struct promise_status *s)
{
	*s = (struct promise_status){.promise = p, .state = PROMISE_WORDS};
	if (p->due.day != DATE_NONE.day)
		s->days_left = p->due.day - b->today.day;
	TRY(take_target(b, s));
	if (p->indicator.text.n)
		return measure(b, s);
	return p->evaluation.text.n ? count_passes(b, s) : ERR_OK;
}

enum err promise_board_make(struct ctx *cx, const struct open_place *place,
	const struct org_tree *tree, struct str within, struct date today, struct dataset *latest,
	struct promise_board *out)
{
	struct board b = {.cx = cx,
		.place = place,
		.tree = tree,
		.within = within,
		.today = today,
		.latest = latest};

	*out = (struct promise_board){0};
	for (size_t i = 0; i < place->pack->promises.count; i++) {
		struct promise_status *s = VEC_PUSH(cx->mem, &out->list);
		TRY(look(&b, &place->pack->promises.items[i], s));
	}
	return ERR_OK;
}

enum err promise_look(struct ctx *cx, const struct open_place *place, const struct org_tree *tree,
	struct str within, struct date today, const struct pack_promise *promise,
	struct promise_status *out)
{
	struct board b = {.cx = cx, .place = place, .tree = tree, .within = within, .today = today};

	return look(&b, promise, out);
}

/* ---- over the periods ---- */

/* The ledger whose periods are the path's; "" when nothing is measured. */
static struct str path_ledger(const struct pack *p, const struct pack_promise *promise)
{
	const struct pack_indicator *d = pack_find_indicators(p, promise->indicator.text);
	const struct pack_evaluation *e = pack_find_evaluations(p, promise->evaluation.text);

	if (d)
		return d->from.text;
	return e && e->units ? e->units->ledger.text : STR("");
}

static enum err put_point(struct board *b, const struct pack_promise *promise, struct str period,
	struct promise_path *out)
{
	struct promise_point *point = VEC_PUSH(b->cx->mem, &out->list);
	const struct pack_indicator *d =
		pack_find_indicators(b->place->pack, promise->indicator.text);
	struct promise_status s = {.promise = promise};
	struct indicator_result r;

	*point = (struct promise_point){.period = period};
	if (d) {
		TRY(measure_in(b, d, period, STR(""), &r));
		point->has_value = r.total.rows && r.total.state == INDICATOR_VALUE;
		point->value = r.total.value;
		return ERR_OK;
	}
	TRY(count_in(
		b, pack_find_evaluations(b->place->pack, promise->evaluation.text), period, &s));
	point->has_value = s.has_value;
	point->value = s.value;
	return ERR_OK;
}

enum err promise_path_make(struct ctx *cx, const struct open_place *place,
	const struct org_tree *tree, struct str within, const struct pack_promise *promise,
	struct promise_path *out)
{
	struct board b = {.cx = cx, .place = place, .tree = tree, .within = within};
	const struct pack_ledger *ledger =
		pack_find_ledgers(place->pack, path_ledger(place->pack, promise));
	struct stored_ledger stored;
	struct ledger_periods periods;

	*out = (struct promise_path){0};
	if (!ledger)
		return ERR_OK;
	stored_ledger_init(cx->mem, ledger, &stored);
	TRY(ledger_list_periods(cx, place->db, &stored, &periods));
	for (size_t i = 0; i < periods.list.count; i++)
		TRY(put_point(&b, promise, periods.list.items[i], out));
	return ERR_OK;
}
