/* The steps of a plan. Internal to engine/rule: plan_build.c makes, plan_run.c runs them. */
#pragma once

#include "engine/rule/plan.h"
#include "engine/rule/rule_node.h"

/* Codes of literals that the dictionary lacks: above any code of it. */
#define LITERAL_CODE ((int64_t)1 << 40)

enum step_code {
	STEP_CONST, /* fill with a.constant, or NULL when is_null */
	STEP_LOAD,
	STEP_COMPARE_COLUMN, /* column op a.constant, on the stored bytes */
	STEP_IN_COLUMN,
	STEP_ADD,
	STEP_SUB,
	STEP_MUL,
	STEP_IDIV,
	STEP_MOD,
	STEP_NEG,
	STEP_ABS,
	STEP_COMPARE,
	STEP_COMPARE_TEXT, /* by bytes */
	STEP_AND,
	STEP_OR,
	STEP_NOT,
	STEP_IS_NULL,
	STEP_NOT_NULL,
	STEP_SELECT, /* a ? b : c */
	STEP_IN,
	STEP_LIKE,
	STEP_LENGTH,
	STEP_YEAR,
	STEP_MONTH,
	STEP_DAY,
	STEP_SUM,   /* accumulator += a where b */
	STEP_COUNT, /* accumulator += b */
	STEP_MIN,
	STEP_MAX,
};

/*
 * A vector of a batch. Numbers are int64, bits are bytes 0 and 1. states (0, PLAN_NULL, or both
 * PLAN_NULL and PLAN_ERROR) exist only when has_state; a bit whose state is not 0 is 0.
 */
struct operand {
	bool is_used, is_const, is_bit, has_state;
	int64_t constant; /* numbers only */
	uint32_t slot;
};

struct step {
	enum step_code code;
	enum node_op compare; /* NODE_EQ … NODE_GE */
	bool is_checked;      /* may overflow */
	bool is_null;         /* STEP_CONST */
	bool can_fail;        /* accumulators: rows may be in error */
	struct operand out, a, b, c;
	size_t column; /* index into env->columns */
	size_t index;  /* accumulator; for STEP_LIKE: memory of answers */
	const int64_t *list;
	size_t list_count;
	struct str text;
	i128 bound; /* STEP_SUM: no value is larger than this */
};

struct root {
	struct operand value, denominator;
};

struct plan_program {
	struct step *steps;
	size_t step_count;
	uint32_t number_slots, bit_slots;
	size_t accumulator_count, like_count;
	/* By partial: which accumulators hold its sum and its count. */
	size_t *sum_of, *count_of;
	/* By accumulator: a step that tells its kind. */
	const struct step **accumulators;
	struct root *roots; /* by rule; row rules only */
	/* What was taken for granted about columns, by env index. */
	struct assumption {
		bool is_used, has_nulls;
		int64_t min, max;
	} * assumptions;
};

/* is_any: nothing is taken for granted about values and nulls. */
struct plan_program *plan_build(struct plan *plan, bool is_any);

/* The vectors of a run, for kernels. */
struct frame {
	const struct plan *plan;
	int64_t *numbers;
	uint8_t *number_states, *bits, *bit_states;
	uint8_t **like_memory;
	size_t from, n;
	const struct plan_row *row; /* instead of the table; n is 1 */
};

/* One step that is not an accumulator. */
void step_run(struct frame *frame, const struct step *step);

static inline int64_t *frame_numbers(const struct frame *f, const struct operand *o)
{
	return f->numbers + o->slot * PLAN_BATCH;
}

static inline uint8_t *frame_bits(const struct frame *f, const struct operand *o)
{
	return f->bits + o->slot * PLAN_BATCH;
}

static inline uint8_t *frame_states(const struct frame *f, const struct operand *o)
{
	return (o->is_bit ? f->bit_states : f->number_states) + o->slot * PLAN_BATCH;
}
