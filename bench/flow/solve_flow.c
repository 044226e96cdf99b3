/*
 * Solves DIMACS files with our network simplex and prints one JSON object for each; --check
 * also proves the answer from a second reading of the file.
 */
#include "base/num.h"
#include "engine/graph/dimacs.h"
#include "engine/graph/flow_check.h"

#include <sys/stat.h>
#include <time.h>

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The process's own high-water mark; ru_maxrss would begin with its parent's. */
static long peak_kb(void)
{
	FILE *in = fopen("/proc/self/status", "r");
	char line[256];
	long kb = 0;

	while (in && fgets(line, sizeof line, in))
		if (!strncmp(line, "VmHWM:", 6))
			kb = strtol(line + 6, NULL, 10);
	if (in)
		fclose(in);
	return kb;
}

static struct flow *read_file(const char *path, struct arena *mem, struct problems *ps)
{
	FILE *in = fopen(path, "rb");
	struct stat st;
	struct dimacs d;
	char *line = NULL;
	size_t cap = 0;

	if (!in || fstat(fileno(in), &st)) {
		perror(path);
		exit(3);
	}
	dimacs_begin(&d, mem, ps, str_from(path), (size_t)st.st_size);
	for (ssize_t n; (n = getline(&line, &cap, in)) >= 0;)
		dimacs_line(&d, (struct str){line, (size_t)n});
	free(line);
	fclose(in);
	return dimacs_end(&d);
}

static bool is_proved(const char *path, const struct flow *f, struct problems *ps)
{
	struct arena *mem = arena_create();
	struct flow *again = read_file(path, mem, ps);
	int32_t n = flow_node_count(f);
	int64_t *supplies = arena_array(mem, int64_t, n),
		*potentials = arena_array(mem, int64_t, n);
	struct flow_check c;
	struct flow_verdict v;

	for (int32_t u = 0; u < n; u++) {
		supplies[u] = flow_supply(again, u);
		potentials[u] = flow_potential(f, u);
	}
	flow_check_begin(&c, mem, n, supplies, potentials);
	for (int32_t i = 0; i < flow_arc_count(f); i++) {
		struct flow_arc a = flow_get_arc(again, i);
		flow_check_arc(&c, a.from, a.to, a.lower, a.upper, a.cost, flow_on_arc(f, i));
	}
	v = flow_check_end(&c);
	arena_free(mem);
	return v.is_optimal && v.cost == flow_cost(f);
}

int main(int argc, char **argv)
{
	static const char *const names[] = {"optimal", "infeasible", "unbounded", "too-large"};
	bool is_checked = argc > 1 && !strcmp(argv[1], "--check");
	int bad = 0;

	for (int i = is_checked ? 2 : 1; i < argc; i++) {
		struct arena *mem = arena_create();
		struct problems ps;
		struct strbuf out;
		double begin = now_s(), read;
		struct flow *f;
		enum flow_status status;

		problems_init(&ps, mem);
		ps.is_english = true;
		strbuf_init(&out, STRBUF_MAX);
		f = read_file(argv[i], mem, &ps);
		if (!f) {
			problems_format(&ps, &out);
			fputs(out.p, stderr);
			return 1;
		}
		read = now_s();
		status = flow_solve(f);
		strbuf_printf(&out, "{\"status\":\"%s\"", names[status]);
		if (status == FLOW_OPTIMAL) {
			strbuf_z(&out, ",\"cost\":");
			strbuf_i128(&out, flow_cost(f));
		}
		strbuf_printf(&out,
			",\"seconds\":%.6f,\"read_seconds\":%.6f,\"pivots\":%" PRId64
			",\"peak_kb\":%ld",
			now_s() - read, read - begin, flow_pivots(f), peak_kb());
		if (is_checked && status == FLOW_OPTIMAL) {
			bool ok = is_proved(argv[i], f, &ps);
			strbuf_printf(&out, ",\"proved\":%s", ok ? "true" : "false");
			bad += !ok;
		}
		printf("%s}\n", out.p);
		strbuf_release(&out);
		arena_free(mem);
	}
	return bad > 0;
}
