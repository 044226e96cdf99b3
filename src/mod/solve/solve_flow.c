/*
 * shuren solve flow: a DIMACS file in, one JSON object out. The answer is proved from a second
 * reading of the file, which shares nothing with what the solver keeps.
 */
#include "engine/graph/dimacs.h"
#include "engine/graph/flow_check.h"
#include "mod/solve/solve_internal.h"
#include "wire/json_write.h"

#include <errno.h>
#include <sys/stat.h>

/* Feed all lines of a file that dimacs_begin has been called for. */
static enum err feed_lines(struct ctx *cx, const char *path, FILE *in, struct dimacs *d)
{
	char *line = NULL;
	size_t cap = 0;
	bool is_bad;

	for (ssize_t n; (n = getline(&line, &cap, in)) >= 0;)
		dimacs_line(d, (struct str){line, (size_t)n});
	free(line);
	is_bad = ferror(in) != 0;
	fclose(in);
	if (is_bad)
		return ctx_fail(cx, ERR_IO, TR(cx, "读 %s 出错", "reading %s failed"), path);
	return ERR_OK;
}

static enum err open_file(struct ctx *cx, const char *path, FILE **out, size_t *out_size)
{
	FILE *in = fopen(path, "rb");
	struct stat st;

	if (!in)
		return ctx_fail(cx, ERR_IO, TR(cx, "打不开 %s: %s", "cannot open %s: %s"), path,
			strerror(errno));
	if (fstat(fileno(in), &st) != 0 || !S_ISREG(st.st_mode)) {
		fclose(in);
		return ctx_fail(cx, ERR_UNSUPPORTED,
			TR(cx, "%s 不是普通文件（要读两遍）",
				"%s is no regular file (it is read twice)"),
			path);
	}
	*out = in;
	*out_size = (size_t)st.st_size;
	return ERR_OK;
}

static enum err read_network(struct ctx *cx, const char *path, struct flow **out)
{
	struct problems ps;
	struct dimacs d;
	FILE *in;
	size_t size;

	TRY(open_file(cx, path, &in, &size));
	problems_init(&ps, cx->mem);
	ps.is_english = cx->is_english;
	dimacs_begin(&d, cx->mem, &ps, str_from(path), size);
	TRY(feed_lines(cx, path, in, &d));
	*out = dimacs_end(&d);
	return *out ? ERR_OK : solve_reject(cx, &ps, path);
}

/* The second reading: each arc of the file meets its flow. */
struct proof {
	const struct flow *flow;
	struct flow_check check;
};

static void prove_arc(void *to, const struct flow_arc *a)
{
	struct proof *p = to;
	int32_t at = p->check.arc_at;

	flow_check_arc(&p->check, a->from, a->to, a->lower, a->upper, a->cost,
		at < flow_arc_count(p->flow) ? flow_on_arc(p->flow, at) : 0);
}

static enum err prove(struct ctx *cx, const char *path, const struct flow *f)
{
	int32_t n = flow_node_count(f);
	int64_t *supplies = arena_array(cx->mem, int64_t, n);
	int64_t *potentials = arena_array(cx->mem, int64_t, n);
	struct proof p = {.flow = f};
	struct flow_verdict v;
	struct problems ps;
	struct dimacs d;
	FILE *in;
	size_t size;

	TRY(open_file(cx, path, &in, &size));
	for (int32_t u = 0; u < n; u++) {
		supplies[u] = flow_supply(f, u);
		potentials[u] = flow_potential(f, u);
	}
	flow_check_begin(&p.check, cx->mem, n, supplies, potentials);
	problems_init(&ps, cx->mem);
	dimacs_begin(&d, cx->mem, &ps, str_from(path), size);
	d.on_arc = prove_arc;
	d.on_arc_to = &p;
	TRY(feed_lines(cx, path, in, &d));
	v = flow_check_end(&p.check);
	if (!dimacs_end(&d) || p.check.arc_at != flow_arc_count(f))
		return ctx_fail(cx, ERR_CONFLICT,
			TR(cx, "%s 在求解时变了", "%s changed while it was being solved"), path);
	if (!v.is_optimal || v.cost != flow_cost(f))
		BUG("the flow for %s is not proved: bad arc %d, bad node %d", path, v.bad_arc,
			v.bad_node);
	return ERR_OK;
}

static void json_i128(struct json_writer *w, i128 v)
{
	struct strbuf digits;

	strbuf_init(&digits, 64);
	strbuf_i128(&digits, v);
	json_number(w, strbuf_view(&digits));
	strbuf_release(&digits);
}

/* The cut: its nodes (from 1, as in the file), what they need and what can come in. */
static void write_cut(struct ctx *cx, struct json_writer *w, const struct flow *f)
{
	struct flow_cut cut = flow_explain(f, cx->mem);

	json_key(w, "need");
	json_i128(w, cut.need);
	json_key(w, "capacity");
	json_i128(w, cut.capacity);
	json_key(w, "nodes");
	json_array(w);
	for (int32_t u = 0; u < flow_node_count(f); u++)
		if (cut.in_set[u])
			json_i64(w, u + 1);
	json_end_array(w);
	json_key(w, "unmet");
	json_array(w);
	for (int32_t u = 0; u < flow_node_count(f); u++) {
		if (cut.unmet[u] == 0)
			continue;
		json_object(w);
		json_key(w, "node");
		json_i64(w, u + 1);
		json_key(w, "amount");
		json_i64(w, cut.unmet[u]);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_answer(
	struct ctx *cx, const struct flow *f, enum flow_status status, double seconds)
{
	static const char *const names[] = {
		[FLOW_OPTIMAL] = "optimal",
		[FLOW_INFEASIBLE] = "infeasible",
		[FLOW_UNBOUNDED] = "unbounded",
		[FLOW_TOO_LARGE] = "too-large",
	};
	struct json_writer w;
	struct strbuf out;

	strbuf_init(&out, STRBUF_MAX);
	json_begin(&w, &out);
	json_object(&w);
	json_key(&w, "status");
	json_z(&w, names[status]);
	if (status == FLOW_OPTIMAL) {
		json_key(&w, "cost");
		json_i128(&w, flow_cost(f));
	} else if (status == FLOW_INFEASIBLE) {
		write_cut(cx, &w, f);
	}
	json_key(&w, "seconds");
	json_number(&w, str_printf(cx->mem, "%.6f", seconds));
	json_end_object(&w);
	puts(out.p);
	strbuf_release(&out);
}

enum err solve_flow(struct ctx *cx, const struct cli_args *args)
{
	const char *path = str_z(cx->mem, cli_word(args, 0));
	enum flow_status status;
	struct flow *f;
	double begin, seconds;

	TRY(read_network(cx, path, &f));
	begin = solve_seconds();
	status = flow_solve(f);
	seconds = solve_seconds() - begin;
	if (status == FLOW_OPTIMAL)
		TRY(prove(cx, path, f));
	write_answer(cx, f, status, seconds);
	switch (status) {
	case FLOW_OPTIMAL:
		return ERR_OK;
	case FLOW_INFEASIBLE:
		return ctx_fail(cx, ERR_REJECTED,
			TR(cx, "无解：nodes 中各点所需（need）超过能运到的（capacity）",
				"no answer: the nodes listed need more than arcs can bring to "
				"them"));
	case FLOW_UNBOUNDED:
		return ctx_fail(cx, ERR_REJECTED,
			TR(cx, "费用可以无限降低", "the cost can fall without end"));
	case FLOW_TOO_LARGE:
		break;
	}
	return ctx_fail(cx, ERR_TOO_LARGE,
		TR(cx, "数值之和超出 64 位：请缩小单位",
			"sums leave 64 bits: use a larger unit for costs or amounts"));
}
