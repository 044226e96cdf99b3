/* The parts of the server among themselves. */
#pragma once

#include "http/server.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

enum job_state { JOB_TAKING, JOB_QUEUED, JOB_ANSWERED };

/* A request from its first byte to its last. */
struct job {
	struct http_call call;
	struct http_server *server;
	struct MHD_Connection *connection;
	struct job *next; /* in a queue */
	struct strbuf body;
	size_t body_max;
	const struct http_page *page;
	enum http_tx tx;
	enum job_state state;
	enum err result;
	bool is_head, is_overlong, in_flight, has_begun;
	int64_t started_us, queued_us;
	struct str method;
	size_t sent_bytes;
};

/* First in, first out, with a bound. */
struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct job *first, **last;
	int count, max;
	bool is_closed;
};

void queue_init(struct queue *q, int max);
void queue_destroy(struct queue *q);
/* False: full or closed. `always` passes the bound (a call on its way already). */
bool queue_put(struct queue *q, struct job *job, bool always);
/* Up to max jobs in order; waits up to wait_ms (-1: as long as it takes); 0: none came. *closed: no
 * more. */
int queue_take(struct queue *q, struct job **out, int max, int wait_ms, bool *closed);
void queue_close(struct queue *q);
int queue_count(struct queue *q);

/* A connection as the reaper sees it. */
enum conn_phase { CONN_HEAD, CONN_BODY, CONN_BUSY };
struct conn {
	int fd;
	enum conn_phase phase;
	int64_t since_ms;
	struct conn *prev, *next;
};
struct conns {
	pthread_mutex_t lock;
	pthread_cond_t stop;
	struct conn *first;
	int count;
	int64_t cut;
	bool is_stopping;
	pthread_t thread;
	int head_ms, body_ms;
};
bool conns_start(struct conns *c, int head_s, int body_s);
void conns_stop(struct conns *c);
struct conn *conns_add(struct conns *c, int fd);
void conns_remove(struct conns *c, struct conn *conn);
void conns_phase(struct conns *c, struct conn *conn, enum conn_phase phase);

#define LATENCY_BUCKETS 12
struct metrics {
	atomic_int_fast64_t by_class[6]; /* 1xx … 5xx by their first digit */
	atomic_int_fast64_t latency[LATENCY_BUCKETS + 1], latency_us_sum;
	atomic_int_fast64_t refused, groups, group_calls, sent_bytes;
};
void metrics_count(struct metrics *m, int status, int64_t us, size_t bytes);
void metrics_write(struct http_server *server, struct strbuf *out);

struct http_server {
	struct http_config config;
	const struct http_app *app;
	struct MHD_Daemon *daemon;
	struct conns conns;
	pthread_mutex_t streams_lock;
	struct http_stream *streams; /* that are being sent */
	struct queue reads, writes;
	pthread_t *workers;
	int worker_count;
	pthread_t writer;
	bool has_writer;
	pthread_mutex_t start_lock;
	pthread_cond_t started;
	int opened, failed; /* threads that have opened their state */
	char start_error[512];
	atomic_int in_flight;
	atomic_bool is_stopping;
	atomic_uint_fast64_t next_id;
	uint64_t id_seed;
	struct metrics metrics;
	int64_t started_us;
};

int64_t clock_us(void); /* wall, UTC */
int64_t monotonic_us(void);
/* Where a thread opens its state and works; arg is a http_server. */
void *worker_main(void *arg);
void *writer_main(void *arg);
/* Start the threads; false: one could not open its state (start_error). */
bool pool_start(struct http_server *server);
void pool_stop(struct http_server *server);

/* Hand the finished job back to the thread that speaks with its client. */
void job_answer(struct job *job);
/* The response that sends a stream, which is the response's from now on; NULL: out of memory. */
struct MHD_Response *stream_response(struct job *job, struct http_stream *stream);
void streams_end(struct http_server *server);
/* Queue the reply of a job. */
enum MHD_Result send_reply(struct job *job);
enum MHD_Result send_page(struct job *job);
