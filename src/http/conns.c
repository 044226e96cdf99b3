/*
 * The reaper: a client that takes too long for the head or the body of a request is cut, whoever
 * drips it byte by byte (libmicrohttpd's own time-out begins anew with each byte). A connection
 * is shut down, never closed here: its descriptor stays libmicrohttpd's, and leaves the list
 * under the same lock before it can be used again.
 */
#include "http/server_internal.h"

#include <sys/socket.h>

static int64_t now_ms(void)
{
	return monotonic_us() / 1000;
}

static bool is_late(const struct conns *c, const struct conn *conn, int64_t now)
{
	if (conn->phase == CONN_BUSY)
		return false;
	return now - conn->since_ms > (conn->phase == CONN_HEAD ? c->head_ms : c->body_ms);
}

static void *reap(void *arg)
{
	struct conns *c = arg;

	pthread_mutex_lock(&c->lock);
	while (!c->is_stopping) {
		struct timespec until;
		int64_t now = now_ms();
		for (struct conn *conn = c->first; conn; conn = conn->next)
			if (is_late(c, conn, now)) {
				shutdown(conn->fd, SHUT_RDWR);
				conn->phase = CONN_BUSY; /* once */
				c->cut++;
			}
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += 250 * 1000 * 1000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&c->stop, &c->lock, &until);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

bool conns_start(struct conns *c, int head_s, int body_s)
{
	pthread_condattr_t attr;

	*c = (struct conns){.head_ms = head_s * 1000, .body_ms = body_s * 1000};
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->stop, &attr);
	pthread_condattr_destroy(&attr);
	return pthread_create(&c->thread, NULL, reap, c) == 0;
}

void conns_stop(struct conns *c)
{
	pthread_mutex_lock(&c->lock);
	c->is_stopping = true;
	pthread_cond_signal(&c->stop);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->stop);
}

struct conn *conns_add(struct conns *c, int fd)
{
	struct conn *conn = calloc(1, sizeof *conn);

	if (!conn)
		return NULL;
	*conn = (struct conn){.fd = fd, .since_ms = now_ms()};
	pthread_mutex_lock(&c->lock);
	conn->next = c->first;
	if (c->first)
		c->first->prev = conn;
	c->first = conn;
	c->count++;
	pthread_mutex_unlock(&c->lock);
	return conn;
}

void conns_remove(struct conns *c, struct conn *conn)
{
	if (!conn)
		return;
	pthread_mutex_lock(&c->lock);
	if (conn->prev)
		conn->prev->next = conn->next;
	else
		c->first = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	c->count--;
	pthread_mutex_unlock(&c->lock);
	free(conn);
}

void conns_phase(struct conns *c, struct conn *conn, enum conn_phase phase)
{
	if (!conn)
		return;
	pthread_mutex_lock(&c->lock);
	conn->phase = phase;
	conn->since_ms = now_ms();
	pthread_mutex_unlock(&c->lock);
}
