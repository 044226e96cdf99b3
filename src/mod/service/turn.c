#include "mod/service/turn.h"

#include <pthread.h>
#include <time.h>

#define LOOK_MS 100

struct turn {
	pthread_mutex_t lock;
	pthread_cond_t given;
	bool is_taken;
	int waiting[2];   /* the writer, jobs */
	bool is_next_job; /* the writer had the last turn */
};

struct turn *turn_new(void)
{
	struct turn *turn = calloc(1, sizeof *turn);
	pthread_condattr_t attr;

	if (!turn)
		BUG("out of memory");
	pthread_mutex_init(&turn->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&turn->given, &attr);
	pthread_condattr_destroy(&attr);
	return turn;
}

void turn_free(struct turn *turn)
{
	pthread_mutex_destroy(&turn->lock);
	pthread_cond_destroy(&turn->given);
	free(turn);
}

static bool may_take(const struct turn *turn, bool is_job)
{
	return !turn->is_taken && (turn->is_next_job == is_job || turn->waiting[!is_job] == 0);
}

static void wait_a_while(struct turn *turn, int ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)ms * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&turn->given, &turn->lock, &until);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

enum err turn_take(struct ctx *cx, struct turn *turn, bool is_job, int wait_ms,
	bool (*is_wanted)(void *arg), void *arg)
{
	int64_t until_ms = now_ms() + wait_ms;
	enum err e = ERR_OK;

	pthread_mutex_lock(&turn->lock);
	turn->waiting[is_job]++;
	while (e == ERR_OK && !may_take(turn, is_job)) {
		wait_a_while(turn, LOOK_MS);
		if (is_wanted && !is_wanted(arg))
			e = ctx_fail(cx, ERR_CANCELLED, "%s", TR(cx, "已取消", "cancelled"));
		else if (wait_ms >= 0 && now_ms() > until_ms && !may_take(turn, is_job))
			e = ctx_fail(cx, ERR_BUSY, "%s",
				TR(cx, "正在写入大批数据, 请稍后再试",
					"many rows are being written: try again in a moment"));
	}
	turn->waiting[is_job]--;
	if (e == ERR_OK)
		turn->is_taken = true;
	else
		pthread_cond_broadcast(&turn->given);
	pthread_mutex_unlock(&turn->lock);
	return e;
}

void turn_give(struct turn *turn, bool is_job)
{
	pthread_mutex_lock(&turn->lock);
	assert(turn->is_taken);
	turn->is_taken = false;
	turn->is_next_job = !is_job;
	pthread_cond_broadcast(&turn->given);
	pthread_mutex_unlock(&turn->lock);
}
