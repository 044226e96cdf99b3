/* Turns at writing: jobs and the server's writer get them one after the other. */
#include "mod/service/turn.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <unistd.h>

#include <cmocka.h>

struct taker {
	struct turn *turn;
	bool is_job;
	char *order; /* who had it, one letter each */
	atomic_int *waiting;
	pthread_t thread;
};

/* The order is written by who has the turn alone. */
static void *take_once(void *arg)
{
	struct taker *t = arg;
	struct ctx cx = {.mem = arena_create()};

	atomic_fetch_add(t->waiting, 1);
	if (turn_take(&cx, t->turn, t->is_job, -1, NULL, NULL) == ERR_OK) {
		t->order[strlen(t->order)] = t->is_job ? 'j' : 'w';
		turn_give(t->turn, t->is_job);
	}
	arena_free(cx.mem);
	return NULL;
}

static void a_waiting_writer_comes_between_two_jobs(void **state)
{
	struct turn *turn = turn_new();
	struct ctx cx = {.mem = arena_create()};
	char order[10] = "";
	atomic_int waiting = 0;
	struct taker takers[4];

	(void)state;
	assert_int_equal(turn_take(&cx, turn, true, -1, NULL, NULL), ERR_OK);
	for (int i = 0; i < 4; i++) {
		takers[i] = (struct taker){
			.turn = turn, .is_job = i < 3, .order = order, .waiting = &waiting};
		assert_int_equal(pthread_create(&takers[i].thread, NULL, take_once, &takers[i]), 0);
	}
	while (atomic_load(&waiting) < 4)
		usleep(1000);
	usleep(300000);
	assert_string_equal(order, "");
	turn_give(turn, true);
	for (int i = 0; i < 4; i++)
		pthread_join(takers[i].thread, NULL);
	assert_string_equal(order, "wjjj");
	turn_free(turn);
	arena_free(cx.mem);
}

static bool never(void *arg)
{
	(void)arg;
	return false;
}

static void who_has_waited_long_enough_goes_without(void **state)
{
	struct turn *turn = turn_new();
	struct ctx cx = {.mem = arena_create()};

	(void)state;
	assert_int_equal(turn_take(&cx, turn, true, -1, NULL, NULL), ERR_OK);
	assert_int_equal(turn_take(&cx, turn, false, 50, NULL, NULL), ERR_BUSY);
	assert_int_equal(turn_take(&cx, turn, true, -1, never, NULL), ERR_CANCELLED);
	turn_give(turn, true);
	assert_int_equal(turn_take(&cx, turn, true, 0, NULL, NULL), ERR_OK);
	turn_give(turn, true);
	turn_free(turn);
	arena_free(cx.mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_waiting_writer_comes_between_two_jobs),
		cmocka_unit_test(who_has_waited_long_enough_goes_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
