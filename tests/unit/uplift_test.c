/* The cheapest raises: one worked case, what is said of infeasible and of bad input. */
#include "engine/uplift/uplift.h"

#include <setjmp.h>

#include <cmocka.h>

#include <math.h>

/* Three units of weight 10, 20 and 30; one counted resource and one in hundredths. */
struct world {
	int64_t weights[3], stocks[6], uppers[6];
	struct uplift_share shares[3];
	struct uplift_resource resources[2];
	struct uplift_problem problem;
	struct arena *mem;
	struct uplift_answer answer;
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	if (!w)
		return -1;
	*w = (struct world){.weights = {10, 20, 30},
		.stocks = {1, 500, 1, 2000, 3, 3000},
		.shares = {{1, 1}, {1, 2}, {1, 1}},
		.resources = {{.threshold_nano = 100000000,
				      .floor_ppm = 850000,
				      .limit_micro = 500000,
				      .price_micro = 7000000},
			{.scale = 2,
				.threshold_nano = 1000000000,
				.floor_ppm = 850000,
				.limit_micro = 500000,
				.price_micro = 2000000}}};
	for (int i = 0; i < 6; i++)
		w->uppers[i] = UPLIFT_NO_UPPER;
	w->problem = (struct uplift_problem){.unit_count = 3,
		.resource_count = 2,
		.excusals = 1,
		.weights = w->weights,
		.resources = w->resources,
		.stocks = w->stocks,
		.uppers = w->uppers};
	w->mem = arena_create();
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	arena_free(w->mem);
	free(w);
	return 0;
}

static const struct uplift_answer *solve(struct world *w)
{
	struct uplift_options options = {0};

	uplift_solve(&w->problem, &options, w->mem, &w->answer);
	return &w->answer;
}

/* Unit 0 lacks 5.00 of the second (3.50 when excused), unit 1 one whole of the first: 0.85 of 2
 * whole ones is 2. So unit 0 raises 3.50 for 7 and unit 1 one for 7. */
static void the_excusal_goes_where_it_saves_most(void **state)
{
	struct world *w = *state;
	const struct uplift_answer *a = solve(w);

	assert_int_equal(a->status, UPLIFT_OPTIMAL);
	assert_int_equal(a->raises[1], 350);
	assert_int_equal(a->raises[2], 1);
	assert_true(fabs(a->cost - 14) < 1e-12 && fabs(a->bound - 14) < 1e-6);
	assert_int_equal(a->missed[0], 2);
	assert_int_equal(a->missed[1], 0);
	assert_int_equal(uplift_check(&w->problem, a, NULL, NULL).kind, UPLIFT_FAULT_NONE);
}

static void of_a_shared_stock_only_the_share_counts(void **state)
{
	struct world *w = *state;
	const struct uplift_answer *a;

	w->problem.shares = w->shares;
	w->resources[1].is_shared = true;
	a = solve(w);
	/* Half of 20.00 is half of what unit 1 needs, and it has its excusal for 17 instead of 20
	 * halves: 14.00 more of the whole, against one of the first and 20.00 more. */
	assert_int_equal(a->status, UPLIFT_OPTIMAL);
	assert_int_equal(a->raises[3], 1400);
	assert_int_equal(a->raises[2], 1);
	assert_int_equal(uplift_check(&w->problem, a, NULL, NULL).kind, UPLIFT_FAULT_NONE);
}

static void a_unit_that_may_not_be_raised_is_named_with_what_it_lacks(void **state)
{
	struct world *w = *state;

	w->uppers[1] = 600;
	assert_int_equal(solve(w)->status, UPLIFT_INFEASIBLE);
	assert_int_equal(w->answer.cause.kind, UPLIFT_CAUSE_FLOOR);
	assert_int_equal(w->answer.cause.unit, 0);
	assert_int_equal(w->answer.cause.resource, 1);
	assert_int_equal(w->answer.cause.missing, 250);
}

static void a_limit_out_of_reach_is_named_with_one_that_would_do(void **state)
{
	struct world *w = *state;

	w->stocks[4] = 300;
	w->uppers[0] = 1;
	w->uppers[2] = 2;
	assert_int_equal(solve(w)->status, UPLIFT_INFEASIBLE);
	assert_int_equal(w->answer.cause.kind, UPLIFT_CAUSE_SPREAD);
	assert_int_equal(w->answer.cause.resource, 0);
	w->resources[0].limit_micro = w->answer.cause.cv_micro;
	assert_int_equal(solve(w)->status, UPLIFT_OPTIMAL);
}

static void bad_input_is_named_by_unit_and_resource(void **state)
{
	struct world *w = *state;

	w->stocks[3] = -1;
	assert_int_equal(solve(w)->status, UPLIFT_BAD_INPUT);
	assert_int_equal(w->answer.cause.kind, UPLIFT_CAUSE_STOCK);
	assert_int_equal(w->answer.cause.unit, 1);
	assert_int_equal(w->answer.cause.resource, 1);
	w->stocks[3] = 2000;
	w->weights[2] = 0;
	assert_int_equal(solve(w)->cause.kind, UPLIFT_CAUSE_WEIGHT);
	w->weights[2] = 30;
	w->resources[0].price_micro = 0;
	assert_int_equal(solve(w)->cause.kind, UPLIFT_CAUSE_RESOURCE);
	w->resources[0].price_micro = 1;
	w->shares[0].num = 2;
	w->problem.shares = w->shares;
	assert_int_equal(solve(w)->cause.kind, UPLIFT_CAUSE_SHARE);
	w->problem.unit_count = 0;
	assert_int_equal(solve(w)->cause.kind, UPLIFT_CAUSE_SIZE);
}

static void a_budget_lets_the_cheapest_units_pass(void **state)
{
	struct world *w = *state;
	struct uplift_options options = {0};
	struct uplift_budget b;

	w->resources[0].price_micro = 8000000;
	uplift_solve_budget(&w->problem, &options, 7000000, w->mem, &b);
	assert_int_equal(b.passing_count, 2);
	assert_true(b.is_passing[0] && !b.is_passing[1] && b.is_passing[2]);
	assert_int_equal(b.within_count, 2);
	assert_true(fabs(b.answer.cost - 7) < 1e-12);
	uplift_solve_budget(&w->problem, &options, 15000000, w->mem, &b);
	assert_int_equal(b.passing_count, 3);
	assert_int_equal(b.answer.status, UPLIFT_OPTIMAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_excusal_goes_where_it_saves_most, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			of_a_shared_stock_only_the_share_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_unit_that_may_not_be_raised_is_named_with_what_it_lacks, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_limit_out_of_reach_is_named_with_one_that_would_do, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			bad_input_is_named_by_unit_and_resource, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_budget_lets_the_cheapest_units_pass, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
