#include "http/server_internal.h"

#include <unistd.h>

static const int64_t bucket_us[LATENCY_BUCKETS] = {
	1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 10000000};

void metrics_count(struct metrics *m, int status, int64_t us, size_t bytes)
{
	int i = 0;

	while (i < LATENCY_BUCKETS && us > bucket_us[i])
		i++;
	atomic_fetch_add(&m->latency[i], 1);
	atomic_fetch_add(&m->latency_us_sum, us);
	atomic_fetch_add(&m->by_class[status / 100 % 6], 1);
	atomic_fetch_add(&m->sent_bytes, (int_fast64_t)bytes);
}

static void gauge(struct strbuf *out, const char *name, const char *type, int64_t value)
{
	strbuf_printf(out, "# TYPE shuren_%s %s\nshuren_%s %" PRId64 "\n", name, type, name, value);
}

static void write_latency(struct metrics *m, struct strbuf *out)
{
	int64_t count = 0;

	strbuf_z(out, "# TYPE shuren_http_request_seconds histogram\n");
	for (int i = 0; i < LATENCY_BUCKETS; i++) {
		count += atomic_load(&m->latency[i]);
		strbuf_printf(out, "shuren_http_request_seconds_bucket{le=\"%g\"} %" PRId64 "\n",
			(double)bucket_us[i] / 1e6, count);
	}
	count += atomic_load(&m->latency[LATENCY_BUCKETS]);
	strbuf_printf(out, "shuren_http_request_seconds_bucket{le=\"+Inf\"} %" PRId64 "\n", count);
	strbuf_printf(out, "shuren_http_request_seconds_sum %.6f\n",
		(double)atomic_load(&m->latency_us_sum) / 1e6);
	strbuf_printf(out, "shuren_http_request_seconds_count %" PRId64 "\n", count);
}

/* Pages of memory in use; 0 where /proc is not there. */
static int64_t resident_bytes(void)
{
	char line[200] = "", *second = line;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f)
		return 0;
	if (!fgets(line, sizeof line, f))
		line[0] = 0;
	fclose(f);
	(void)strtoll(line, &second, 10); /* the size, then what is resident */
	return (int64_t)strtoll(second, NULL, 10) * sysconf(_SC_PAGESIZE);
}

void metrics_write(struct http_server *s, struct strbuf *out)
{
	struct metrics *m = &s->metrics;
	int64_t cut;
	int open;

	strbuf_z(out, "# TYPE shuren_http_requests_total counter\n");
	for (int i = 1; i < 6; i++)
		strbuf_printf(out, "shuren_http_requests_total{class=\"%dxx\"} %" PRId64 "\n", i,
			(int64_t)atomic_load(&m->by_class[i]));
	write_latency(m, out);
	pthread_mutex_lock(&s->conns.lock);
	open = s->conns.count;
	cut = s->conns.cut;
	pthread_mutex_unlock(&s->conns.lock);
	gauge(out, "http_connections", "gauge", open);
	gauge(out, "http_connections_cut_total", "counter", cut);
	gauge(out, "http_in_flight", "gauge", atomic_load(&s->in_flight));
	gauge(out, "http_read_queue", "gauge", queue_count(&s->reads));
	gauge(out, "http_write_queue", "gauge", queue_count(&s->writes));
	gauge(out, "http_refused_total", "counter", atomic_load(&m->refused));
	gauge(out, "http_sent_bytes_total", "counter", atomic_load(&m->sent_bytes));
	gauge(out, "write_groups_total", "counter", atomic_load(&m->groups));
	gauge(out, "write_group_calls_total", "counter", atomic_load(&m->group_calls));
	gauge(out, "start_time_seconds", "gauge", s->started_us / 1000000);
	gauge(out, "resident_bytes", "gauge", resident_bytes());
}
