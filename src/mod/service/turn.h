/*
 * Whose turn it is to write. The store lets one write at a time and is not fair: a thread that
 * asks again and again may find the lock taken each time. Here the server's writer, with its many
 * short calls, and jobs, with few long ones, take turns: when both wait, each gets the next turn
 * after the other.
 */
#pragma once

#include "base/err.h"

struct turn;

struct turn *turn_new(void);
void turn_free(struct turn *turn);
/*
 * Wait for the turn of a job (is_job) or of the server's writer; wait_ms -1: as long as it takes.
 * is_wanted is asked every 100 ms (NULL: always). Every turn taken is given back.
 * Fails: BUSY (after wait_ms), CANCELLED (not wanted any more).
 */
MUST_CHECK enum err turn_take(struct ctx *cx, struct turn *turn, bool is_job, int wait_ms,
	bool (*is_wanted)(void *arg), void *arg);
void turn_give(struct turn *turn, bool is_job);
