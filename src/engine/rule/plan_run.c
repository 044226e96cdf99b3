/*
 * Scans: batch after batch through the steps, then into accumulators by group. Rows that come
 * in runs of one group (as loaders leave them) are added up within the run first.
 */
#include "engine/rule/plan_program.h"

struct plan_run {
	struct frame frame;
	const struct plan_program *last; /* whose vectors the frame holds */
	/* By accumulator, of the scan at hand: */
	struct accumulator {
		int64_t *items; /* by group */
		i128 *wide;     /* instead, for sums that may pass int64 */
		int64_t overflows;
	} * accumulators;
	void *block; /* what they point into; own malloc */
	size_t block_size;
	/* Runs of equal groups in the batch; count 0: too many to be of use. */
	uint32_t run_start[PLAN_BATCH + 1], run_group[PLAN_BATCH];
	size_t run_count;
	const uint32_t *ids; /* of the batch */
};

static void release_run(void *arg)
{
	struct plan_run *run = arg;

	for (size_t i = 0; i < run->frame.plan->fast->like_count; i++)
		free(run->frame.like_memory[i]);
	free(run->frame.like_memory);
	free(run->frame.numbers);
	free(run->block);
}

static void *need(void *p)
{
	if (!p)
		BUG("out of memory for a scan");
	return p;
}

struct plan_run *plan_run_new(struct arena *mem, const struct plan *plan)
{
	struct plan_run *run = arena_new(mem, struct plan_run);
	const struct plan_program *fast = plan->fast, *any = plan->any;
	size_t numbers = MAX(fast->number_slots, any->number_slots) * PLAN_BATCH;
	size_t bits = MAX(fast->bit_slots, any->bit_slots) * PLAN_BATCH;
	uint8_t *states;

	assert(fast->like_count == any->like_count);
	run->frame.plan = plan;
	run->frame.numbers = need(calloc(1, numbers * 9 + bits * 2 + 1));
	states = (uint8_t *)(run->frame.numbers + numbers);
	run->frame.number_states = states;
	run->frame.bits = states + numbers;
	run->frame.bit_states = states + numbers + bits;
	run->frame.like_memory = need(calloc(fast->like_count + 1, sizeof(uint8_t *)));
	run->accumulators = arena_array(
		mem, struct accumulator, MAX(fast->accumulator_count, any->accumulator_count));
	arena_defer(mem, release_run, run);
	return run;
}

/* Does what the fast program takes for granted still hold? */
static const struct plan_program *program_for(const struct plan *plan)
{
	assert(plan->dict_count == plan->table->dict->map.count);
	for (size_t i = 0; i < plan->env->column_count; i++) {
		const struct assumption *a = &plan->fast->assumptions[i];
		const struct column *column = plan->columns[i];
		if (a->is_used && ((column->null_count > 0 && !a->has_nulls) ||
					  column->min < a->min || column->max > a->max))
			return plan->any;
	}
	return plan->fast;
}

static void find_runs(struct plan_run *run)
{
	size_t n = run->frame.n, count = 0;

	if (!run->ids) {
		run->run_count = 1;
		run->run_start[0] = 0;
		run->run_start[1] = (uint32_t)n;
		run->run_group[0] = 0;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (i && run->ids[i] == run->ids[i - 1])
			continue;
		run->run_start[count] = (uint32_t)i;
		run->run_group[count++] = run->ids[i];
	}
	run->run_start[count] = (uint32_t)n;
	run->run_count = count * 8 <= n ? count : 0;
}

#define RUNS for (size_t r = 0; r < run->run_count; r++)
#define ROWS for (size_t i = run->run_start[r]; i < run->run_start[r + 1]; i++)

static void add_counts(struct plan_run *run, const uint8_t *mask, int64_t *items)
{
	size_t n = run->frame.n;

	if (!run->run_count && !mask)
		for (size_t i = 0; i < n; i++)
			items[run->ids[i]]++;
	else if (!run->run_count)
		for (size_t i = 0; i < n; i++)
			items[run->ids[i]] += mask[i];
	else if (!mask)
		RUNS items[run->run_group[r]] += run->run_start[r + 1] - run->run_start[r];
	else
		RUNS
		{
			uint32_t count = 0;
			ROWS count += mask[i];
			items[run->run_group[r]] += count;
		}
}

/* The scan made sure that no sum passes int64. */
static void add_narrow(
	struct plan_run *run, const int64_t *values, const uint8_t *mask, int64_t *items)
{
	size_t n = run->frame.n;

	if (!run->run_count && !mask)
		for (size_t i = 0; i < n; i++)
			items[run->ids[i]] += values[i];
	else if (!run->run_count)
		for (size_t i = 0; i < n; i++)
			items[run->ids[i]] += values[i] & -(int64_t)mask[i];
	else
		RUNS
		{
			int64_t sum = 0;
			if (mask)
				ROWS sum += values[i] & -(int64_t)mask[i];
			else
				ROWS sum += values[i];
			items[run->run_group[r]] += sum;
		}
}

static uint32_t group_of(const struct plan_run *run, size_t i)
{
	return run->ids ? run->ids[i] : 0;
}

static void add_wide(struct plan_run *run, const int64_t *values, const uint8_t *mask, i128 *items)
{
	for (size_t i = 0; i < run->frame.n; i++)
		if (!mask || mask[i])
			items[group_of(run, i)] += values[i];
}

static void add_extremes(struct plan_run *run, const struct step *step, const int64_t *values,
	const uint8_t *mask, int64_t *items)
{
	bool is_min = step->code == STEP_MIN;

	for (size_t i = 0; i < run->frame.n; i++) {
		int64_t *best = &items[group_of(run, i)];
		if (mask && !mask[i])
			continue;
		if (is_min ? values[i] < *best : values[i] > *best)
			*best = values[i];
	}
}

static void accumulate(struct plan_run *run, const struct step *step)
{
	struct accumulator *acc = &run->accumulators[step->index];
	const uint8_t *mask = step->b.is_used ? frame_bits(&run->frame, &step->b) : NULL;
	const int64_t *values = step->a.is_used ? frame_numbers(&run->frame, &step->a) : NULL;

	if (step->can_fail) {
		const uint8_t *states = frame_states(&run->frame, &step->b);
		for (size_t i = 0; step->b.has_state && i < run->frame.n; i++)
			acc->overflows += states[i] >= PLAN_ERROR;
	}
	if (step->code == STEP_COUNT)
		add_counts(run, mask, acc->items);
	else if (step->code != STEP_SUM)
		add_extremes(run, step, values, mask, acc->items);
	else if (acc->wide)
		add_wide(run, values, mask, acc->wide);
	else
		add_narrow(run, values, mask, acc->items);
}

/* Empty accumulators for a scan of row_count rows into group_count groups. */
static void begin(struct plan_run *run, const struct plan_program *program, size_t row_count,
	size_t group_count)
{
	size_t size = program->accumulator_count * group_count * sizeof(i128);
	unsigned char *at;

	if (size > run->block_size) {
		free(run->block);
		run->block = need(malloc(size));
		run->block_size = size;
	}
	at = run->block;
	for (size_t k = 0; k < program->accumulator_count; k++) {
		const struct step *step = program->accumulators[k];
		struct accumulator *acc = &run->accumulators[k];
		bool is_wide = step->code == STEP_SUM &&
			       step->bound * (i128)MAX(row_count, (size_t)1) > INT64_MAX;
		*acc = (struct accumulator){.items = is_wide ? NULL : (int64_t *)(void *)at,
			.wide = is_wide ? (i128 *)(void *)at : NULL};
		memset(at, 0, group_count * (is_wide ? sizeof(i128) : sizeof(int64_t)));
		if (step->code == STEP_MIN || step->code == STEP_MAX)
			for (size_t g = 0; g < group_count; g++)
				acc->items[g] = step->code == STEP_MIN ? INT64_MAX : INT64_MIN;
		at += group_count * sizeof(i128);
	}
}

static void scan_batch(struct plan_run *run, const struct plan_program *program)
{
	for (size_t i = 0; i < program->step_count; i++) {
		const struct step *step = &program->steps[i];
		if (step->code >= STEP_SUM)
			accumulate(run, step);
		else
			step_run(&run->frame, step);
	}
	run->last = program;
}

static struct rule_sum take(const struct plan_run *run, const struct plan_program *program,
	size_t partial, size_t group)
{
	const struct accumulator *accs = run->accumulators;
	size_t sum = program->sum_of[partial];
	struct rule_sum out = {.count = accs[program->count_of[partial]].items[group]};

	if (sum != SIZE_MAX && out.count)
		out.sum = accs[sum].wide ? accs[sum].wide[group] : accs[sum].items[group];
	return out;
}

static void finish(struct plan_run *run, const struct plan_program *program, bool is_minus,
	size_t first_group, size_t group_count, struct plan_sums *sums)
{
	const struct plan *plan = run->frame.plan;
	size_t n = plan->partial_count;

	for (size_t p = 0; p < n; p++) {
		int64_t overflows = run->accumulators[program->count_of[p]].overflows;
		sums->overflows[p] += is_minus ? -overflows : overflows;
		for (size_t g = 0; g < group_count; g++)
			rule_sum_merge(&plan->partials[p], &sums->items[(first_group + g) * n + p],
				take(run, program, p, g), is_minus);
	}
}

void plan_run_sums(
	struct plan_run *run, size_t from, size_t to, const uint32_t *ids, struct plan_sums *sums)
{
	const struct plan_program *program = program_for(run->frame.plan);

	assert(from <= to && to <= run->frame.plan->table->row_count);
	assert(sums->group_count > 0 || from == to);
	begin(run, program, to - from, sums->group_count);
	run->frame.row = NULL;
	for (; from < to; from += run->frame.n) {
		run->frame.from = from;
		run->frame.n = MIN(PLAN_BATCH, to - from);
		run->ids = ids ? ids + from : NULL;
		find_runs(run);
		scan_batch(run, program);
	}
	finish(run, program, false, 0, sums->group_count, sums);
}

void plan_run_row(struct plan_run *run, struct plan_row row, bool is_minus, size_t group,
	struct plan_sums *sums)
{
	const struct plan_program *program = run->frame.plan->any;

	assert(group < sums->group_count);
	begin(run, program, 1, 1);
	run->frame.row = &row;
	run->frame.from = 0;
	run->frame.n = 1;
	run->ids = NULL;
	find_runs(run);
	scan_batch(run, program);
	finish(run, program, is_minus, group, 1, sums);
	run->frame.row = NULL;
}

static void compute(struct plan_run *run, const struct plan_program *program)
{
	for (size_t i = 0; i < program->step_count; i++)
		if (program->steps[i].code < STEP_SUM)
			step_run(&run->frame, &program->steps[i]);
	run->last = program;
}

void plan_run_rows(struct plan_run *run, size_t from, size_t n)
{
	assert(n <= PLAN_BATCH && from + n <= run->frame.plan->table->row_count);
	run->frame.row = NULL;
	run->frame.from = from;
	run->frame.n = n;
	compute(run, program_for(run->frame.plan));
}

void plan_run_row_values(struct plan_run *run, struct plan_row row)
{
	run->frame.row = &row;
	run->frame.from = 0;
	run->frame.n = 1;
	compute(run, run->frame.plan->any);
	run->frame.row = NULL;
}

struct plan_vector plan_run_vector(const struct plan_run *run, size_t rule_index)
{
	const struct root *root;
	struct plan_vector out = {0};

	assert(run->last && rule_index < run->frame.plan->rule_count);
	root = &run->last->roots[rule_index];
	assert(root->value.is_used);
	if (root->value.is_bit)
		out.bits = frame_bits(&run->frame, &root->value);
	else
		out.numbers = frame_numbers(&run->frame, &root->value);
	if (root->value.has_state)
		out.states = frame_states(&run->frame, &root->value);
	if (root->denominator.is_used)
		out.denominators = frame_numbers(&run->frame, &root->denominator);
	return out;
}
