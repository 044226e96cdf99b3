/* Minimum-cost flow: the solver, its proofs, and the DIMACS reader. */
#include "engine/graph/dimacs.h"
#include "engine/graph/flow_check.h"

#include <setjmp.h>
#include <cmocka.h>

static struct flow *network(struct arena *mem, const char *text)
{
	struct problems ps;

	problems_init(&ps, mem);
	return dimacs_read(mem, &ps, STR("test"), str_from(text));
}

static void cheapest_way_is_taken_up_to_its_capacity(void **state)
{
	struct arena *mem = arena_create();
	struct flow *f = network(mem, "p min 4 5\nn 1 4\nn 4 -4\na 1 2 0 4 2\na 1 3 0 2 2\n"
				      "a 2 3 0 2 1\na 2 4 0 3 3\na 3 4 0 5 1\n");
	(void)state;

	assert_non_null(f);
	assert_int_equal(flow_solve(f), FLOW_OPTIMAL);
	assert_int_equal((int)flow_cost(f), 14);
	assert_int_equal(flow_on_arc(f, 1), 2);
	assert_int_equal(flow_on_arc(f, 4), 4);
	arena_free(mem);
}

static void lower_bounds_and_negative_costs_are_kept(void **state)
{
	struct arena *mem = arena_create();
	/* A cycle that pays 3 a round up to 5 times, and an arc that must carry 2. */
	struct flow *f = network(mem, "p min 3 4\nn 1 0\na 1 2 0 5 -4\na 2 1 0 9 1\n"
				      "a 1 3 2 7 10\na 3 1 -1 8 0\n");
	(void)state;

	assert_int_equal(flow_solve(f), FLOW_OPTIMAL);
	assert_int_equal((int)flow_cost(f), -15 + 20);
	assert_int_equal(flow_on_arc(f, 0), 5);
	assert_int_equal(flow_on_arc(f, 2), 2);
	assert_int_equal(flow_on_arc(f, 3), 2);
	arena_free(mem);
}

static void a_loop_that_pays_is_filled_and_without_a_bound_is_unbounded(void **state)
{
	struct arena *mem = arena_create();
	struct flow *f = flow_create(mem, 2, 2);
	(void)state;

	flow_set_arc(f, 0, (struct flow_arc){0, 0, 0, 3, -2});
	flow_set_arc(f, 1, (struct flow_arc){0, 1, 0, FLOW_NO_LIMIT, -5});
	assert_int_equal(flow_solve(f), FLOW_OPTIMAL);
	assert_int_equal(flow_on_arc(f, 0), 3);
	flow_set_bounds(f, 0, 0, FLOW_NO_LIMIT);
	assert_int_equal(flow_solve(f), FLOW_UNBOUNDED);
	flow_set_bounds(f, 0, 1, 2);
	assert_int_equal(flow_solve(f), FLOW_OPTIMAL);
	assert_int_equal((int)flow_cost(f), -4);
	arena_free(mem);
}

static void an_impossible_demand_is_explained_by_a_cut(void **state)
{
	struct arena *mem = arena_create();
	struct flow *f = network(mem, "p min 4 3\nn 1 10\nn 3 -6\nn 4 -4\na 1 2 0 7 1\n"
				      "a 2 3 0 9 1\na 2 4 0 9 1\n");
	struct flow_cut cut;
	(void)state;

	assert_int_equal(flow_solve(f), FLOW_INFEASIBLE);
	cut = flow_explain(f, mem);
	assert_false(cut.in_set[0]);
	assert_true(cut.in_set[3]);
	assert_int_equal((int)cut.need, 10);
	assert_int_equal((int)cut.capacity, 7);
	flow_set_bounds(f, 0, 0, 10);
	assert_int_equal(flow_solve(f), FLOW_OPTIMAL);
	assert_int_equal((int)flow_cost(f), 20);
	arena_free(mem);
}

static void supply_without_demand_has_the_empty_cut(void **state)
{
	struct arena *mem = arena_create();
	struct flow *f = flow_create(mem, 2, 1);
	struct flow_cut cut;
	(void)state;

	flow_set_arc(f, 0, (struct flow_arc){0, 1, 0, 9, 1});
	flow_set_supply(f, 0, 5);
	flow_set_supply(f, 1, -3);
	assert_int_equal(flow_solve(f), FLOW_INFEASIBLE);
	cut = flow_explain(f, mem);
	assert_int_equal((int)cut.need, 0);
	assert_int_equal((int)cut.capacity, -2);
	arena_free(mem);
}

static void numbers_beyond_32_bits_are_exact(void **state)
{
	struct arena *mem = arena_create();
	struct flow *f = flow_create(mem, 3, 3);
	int64_t large = (int64_t)1 << 50, dear = ((int64_t)1 << 55) + 1;
	(void)state;

	flow_set_arc(f, 0, (struct flow_arc){0, 1, 0, large, dear});
	flow_set_arc(f, 1, (struct flow_arc){0, 1, 0, large, dear + 1});
	flow_set_arc(f, 2, (struct flow_arc){1, 2, 0, FLOW_NO_LIMIT, -1});
	flow_set_supply(f, 0, large + 1);
	flow_set_supply(f, 2, -large - 1);
	assert_int_equal(flow_solve(f), FLOW_OPTIMAL);
	assert_true(flow_cost(f) == (i128)large * dear + dear + 1 - large - 1);
	arena_free(mem);
}

static void sums_beyond_64_bits_are_refused(void **state)
{
	struct arena *mem = arena_create();
	struct flow *f = flow_create(mem, 2, 2), *g = flow_create(mem, 2, 1);
	(void)state;

	flow_set_arc(f, 0, (struct flow_arc){0, 1, 0, FLOW_MAX, 1});
	flow_set_arc(f, 1, (struct flow_arc){0, 1, 0, FLOW_MAX, 2});
	assert_int_equal(flow_solve(f), FLOW_TOO_LARGE);
	flow_set_arc(g, 0, (struct flow_arc){0, 1, 0, 1, FLOW_MAX});
	assert_int_equal(flow_solve(g), FLOW_TOO_LARGE);
	arena_free(mem);
}

static void the_checker_refuses_what_is_wrong(void **state)
{
	static const int64_t supplies[] = {2, -2}, good[] = {0, 5}, poor[] = {0, 0};
	static const struct {
		const char *why;
		const int64_t *potentials;
		int64_t cheap, dear;
		bool is_feasible, is_optimal;
	} cases[] = {
		{"the optimum with its prices", good, 1, 1, true, true},
		{"the optimum without a proof", poor, 1, 1, true, false},
		{"not the cheapest", good, 0, 2, true, false},
		{"over the capacity", good, 2, 0, false, false},
		{"out of balance", good, 1, 0, false, false},
	};
	struct arena *mem = arena_create();
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct flow_check c;
		struct flow_verdict v;

		flow_check_begin(&c, mem, 2, supplies, cases[i].potentials);
		flow_check_arc(&c, 0, 1, 0, 1, 3, cases[i].cheap);
		flow_check_arc(&c, 0, 1, 0, INT64_MAX, 5, cases[i].dear);
		v = flow_check_end(&c);
		assert_int_equal(v.is_feasible, cases[i].is_feasible);
		assert_int_equal(v.is_optimal, cases[i].is_optimal);
	}
	arena_free(mem);
}

static void nonsense_in_a_file_names_its_line(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"", "no 'p' line"},
		{"n 1 2\n", "t:1: the 'p' line must come first"},
		{"p max 3 2\n", "t:1: only minimum-cost"},
		{"p min 2 1\np min 2 1\na 1 2 0 1 1\n", "t:2: second 'p' line"},
		{"p min 0 1\n", "t:1: 0 nodes"},
		{"p min 2 1000000000\n", "t:1: 1000000000 arcs do not fit"},
		{"c hello\np min 2 1\nn 3 1\na 1 2 0 1 1\n", "t:3: there is no node 3"},
		{"p min 2 1\na 1 9 0 1 1\n", "t:2: there is no node 9"},
		{"p min 2 1\na 1 2 0 -1 1\n", "t:2: negative capacity -1"},
		{"p min 2 1\na 1 2 5 4 1\n", "t:2: lower bound 5 above capacity 4"},
		{"p min 2 1\na 1 2 0 4\n", "t:2: expected 5 numbers, found 4"},
		{"p min 2 1\na 1 2 0 4 1 1\n", "t:2: more than 5 numbers"},
		{"p min 2 1\na 1 2 0 4 1.5\n", "t:2: '1.5' is not a whole number"},
		{"p min 2 1\na 1 2 0 4 99999999999999999999\n", "t:2: '9999"},
		{"p min 2 1\nn 1 5\nn 2 -4\na 1 2 0 4 1\n", "t:3: supplies add up to 1"},
		{"p min 2 1\nn 1 5\nn 1 5\na 1 2 0 4 1\n", "t:3: the supply of node 1 is already"},
		{"p min 2 2\na 1 2 0 4 1\n", "t:1: 2 arcs announced, 1 found"},
		{"p min 2 1\na 1 2 0 4 1\na 1 2 0 4 1\n", "t:3: more arcs"},
		{"p min 2 1\nx 1 2\na 1 2 0 4 1\n", "t:2: a line begins with"},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena *mem = arena_create();
		struct problems ps;
		struct strbuf said;

		problems_init(&ps, mem);
		ps.is_english = true;
		strbuf_init(&said, 10000);
		assert_null(dimacs_read(mem, &ps, STR("t"), str_from(cases[i].text)));
		problems_format(&ps, &said);
		if (!strstr(said.p, cases[i].says))
			fail_msg("%s: said %s", cases[i].text, said.p);
		strbuf_release(&said);
		arena_free(mem);
	}
}

static void line_ends_blanks_and_comments_do_not_matter(void **state)
{
	struct arena *mem = arena_create();
	struct flow *f =
		network(mem, "c x\r\n\r\np  min\t2 1 \r\ncomment\nn 2 -3\n n 1 +3\na 1 2 0 4 7");
	(void)state;

	assert_non_null(f);
	assert_int_equal(flow_solve(f), FLOW_OPTIMAL);
	assert_int_equal((int)flow_cost(f), 21);
	arena_free(mem);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(cheapest_way_is_taken_up_to_its_capacity),
		cmocka_unit_test(lower_bounds_and_negative_costs_are_kept),
		cmocka_unit_test(a_loop_that_pays_is_filled_and_without_a_bound_is_unbounded),
		cmocka_unit_test(an_impossible_demand_is_explained_by_a_cut),
		cmocka_unit_test(supply_without_demand_has_the_empty_cut),
		cmocka_unit_test(numbers_beyond_32_bits_are_exact),
		cmocka_unit_test(sums_beyond_64_bits_are_refused),
		cmocka_unit_test(the_checker_refuses_what_is_wrong),
		cmocka_unit_test(nonsense_in_a_file_names_its_line),
		cmocka_unit_test(line_ends_blanks_and_comments_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
