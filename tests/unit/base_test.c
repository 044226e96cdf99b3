/* Memory, text, numbers, dates, maps: the ground that everything stands on. */
#include "base/date.h"
#include "base/err.h"
#include "base/map.h"
#include "base/num.h"
#include "base/rng.h"

#include <setjmp.h>
#include <cmocka.h>

static void arena_grows_and_runs_deferred_newest_first(void **state)
{
	struct arena *mem = arena_create();
	VEC(int) numbers = {0};
	(void)state;

	for (int i = 0; i < 10000; i++)
		*VEC_PUSH(mem, &numbers) = i;
	for (int i = 0; i < 10000; i++)
		assert_int_equal(numbers.items[i], i);
	assert_string_equal(arena_printf(mem, "%d-%s", 7, "x"), "7-x");
	memset(arena_alloc(mem, 5 << 20), 1, 5 << 20);
	arena_free(mem);
}

static void integers_parse_whole_or_not(void **state)
{
	static const struct {
		const char *text;
		enum num_result result;
		int64_t value;
	} cases[] = {
		{"0", NUM_OK, 0},
		{"-9223372036854775808", NUM_OK, INT64_MIN},
		{"9223372036854775807", NUM_OK, INT64_MAX},
		{"9223372036854775808", NUM_TOO_LARGE, 0},
		{"12a", NUM_NOT_A_NUMBER, 0},
		{"", NUM_NOT_A_NUMBER, 0},
		{"-", NUM_NOT_A_NUMBER, 0},
		{"+7", NUM_OK, 7},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t v = 0;
		assert_int_equal(parse_i64(str_from(cases[i].text), INT64_MIN, INT64_MAX, &v),
			cases[i].result);
		assert_int_equal(v, cases[i].value);
	}
}

static void decimals_are_exact_or_refused(void **state)
{
	static const struct {
		const char *text;
		int scale;
		enum num_result result;
		int64_t value;
	} cases[] = {
		{"12.5", 2, NUM_OK, 1250},
		{"-.5", 2, NUM_OK, -50},
		{"12.", 2, NUM_OK, 1200},
		{"1,234.5", 1, NUM_OK, 12345},
		{"1,234,567", 0, NUM_OK, 1234567},
		{"12,34", 0, NUM_NOT_A_NUMBER, 0},
		{"1,2345", 0, NUM_NOT_A_NUMBER, 0},
		{"1.2,3", 2, NUM_NOT_A_NUMBER, 0},
		{"1.2.3", 2, NUM_NOT_A_NUMBER, 0},
		{"1.234", 2, NUM_TOO_FINE, 0},
		{"1.2300", 2, NUM_OK, 123},
		{"1.5E3", 0, NUM_OK, 1500},
		{"15E-1", 1, NUM_OK, 15},
		{"99999999999999999999", 0, NUM_TOO_LARGE, 0},
		{"0.1", 18, NUM_OK, 100000000000000000},
		{".", 2, NUM_NOT_A_NUMBER, 0},
		{"1e", 2, NUM_NOT_A_NUMBER, 0},
		{"abc", 2, NUM_NOT_A_NUMBER, 0},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t v = 0;
		if (parse_dec(str_from(cases[i].text), cases[i].scale, &v) != cases[i].result ||
			v != cases[i].value)
			fail_msg("'%s' at scale %d", cases[i].text, cases[i].scale);
	}
}

static void numbers_print_shortest_and_round_half_even(void **state)
{
	struct strbuf b;
	(void)state;

	strbuf_init(&b, 1000);
	strbuf_dec(&b, -1250, 2);
	strbuf_char(&b, ' ');
	strbuf_dec_short(&b, -1250, 2);
	strbuf_char(&b, ' ');
	strbuf_f64(&b, 0.1);
	strbuf_char(&b, ' ');
	strbuf_f64(&b, 1.0 / 3.0);
	strbuf_char(&b, ' ');
	strbuf_f64(&b, 1e300);
	assert_string_equal(b.p, "-12.50 -12.5 0.1 0.3333333333333333 1e+300");
	strbuf_release(&b);
	assert_int_equal(div_half_even(5, 2), 2);
	assert_int_equal(div_half_even(7, 2), 4);
	assert_int_equal(div_half_even(-5, 2), -2);
	assert_int_equal(div_half_even(-7, 2), -4);
	assert_int_equal(div_half_even(8, 3), 3);
}

static void dates_round_trip_over_ten_thousand_years(void **state)
{
	struct date d;
	int y, m, day;
	(void)state;

	for (int32_t i = -719162; i <= 2932896; i += 13) {
		struct date again;
		date_to_ymd((struct date){i}, &y, &m, &day);
		assert_true(date_from_ymd(y, m, day, &again));
		assert_int_equal(again.day, i);
	}
	assert_true(date_parse(STR("2026-11-23"), &d));
	assert_int_equal(date_weekday(d), 1);
	assert_true(date_parse(STR("2024年2月29日"), &d));
	assert_true(date_parse(STR("2024/2/9"), &d));
	assert_true(date_parse(STR("20240209"), &d));
	assert_false(date_parse(STR("2023-02-29"), &d));
	assert_false(date_parse(STR("2023-13-01"), &d));
	assert_false(date_parse(STR("2023-1"), &d));
}

static void blanks_of_every_kind_are_trimmed(void **state)
{
	struct arena *mem = arena_create();
	(void)state;

	assert_true(str_eq(str_trim(STR("\xEF\xBB\xBF \t　离石 区\xC2\xA0\r\n")), STR("离石 区")));
	assert_true(str_eq(str_trim(STR(" 　 ")), STR_NONE));
	assert_true(str_eq(utf8_narrow(mem, STR("１２．５　Ａ）")), STR("12.5 A)")));
	assert_int_equal(utf8_width(STR("离石a")), 5);
	assert_int_equal(str_distance(STR("在校生数"), STR("在校学生数"), 3), 1);
	assert_false(utf8_check(STR("\xC0\x80")));
	assert_false(utf8_check(STR("\xED\xA0\x80")));
	assert_true(utf8_check(STR("吕梁𠮷")));
	arena_free(mem);
}

static void maps_find_what_was_put(void **state)
{
	struct arena *mem = arena_create();
	struct strmap map;
	(void)state;

	strmap_init(&map, mem);
	for (int i = 0; i < 5000; i++)
		*strmap_put(&map, str_printf(mem, "key %d", i), NULL) = i;
	for (int i = 0; i < 5000; i++)
		assert_int_equal(*strmap_find(&map, str_printf(mem, "key %d", i)), i);
	assert_null(strmap_find(&map, STR("nothing")));
	arena_free(mem);
}

static void problems_keep_some_and_count_all(void **state)
{
	struct arena *mem = arena_create();
	struct problems ps;
	struct strbuf b;
	(void)state;

	problems_init(&ps, mem);
	ps.keep = 2;
	for (int i = 1; i <= 3; i++)
		problems_error(&ps, (struct place){STR("a.yaml"), i, 4}, "wrong %d", i);
	strbuf_init(&b, 1000);
	problems_format(&ps, &b);
	assert_string_equal(b.p, "a.yaml:1:4: wrong 1\na.yaml:2:4: wrong 2\n… (+1)\n");
	strbuf_release(&b);
	arena_free(mem);
}

static void random_numbers_repeat_with_their_seed(void **state)
{
	struct rng a, b;
	(void)state;

	rng_seed(&a, 7);
	rng_seed(&b, 7);
	for (int i = 0; i < 1000; i++) {
		int64_t v = rng_between(&a, -3, 3);
		assert_in_range(v + 3, 0, 6);
		assert_int_equal(v, rng_between(&b, -3, 3));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_grows_and_runs_deferred_newest_first),
		cmocka_unit_test(integers_parse_whole_or_not),
		cmocka_unit_test(decimals_are_exact_or_refused),
		cmocka_unit_test(numbers_print_shortest_and_round_half_even),
		cmocka_unit_test(dates_round_trip_over_ten_thousand_years),
		cmocka_unit_test(blanks_of_every_kind_are_trimmed),
		cmocka_unit_test(maps_find_what_was_put),
		cmocka_unit_test(problems_keep_some_and_count_all),
		cmocka_unit_test(random_numbers_repeat_with_their_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
