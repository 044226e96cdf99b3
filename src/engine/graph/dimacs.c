/* DIMACS minimum-cost flow, line by line. */
#include "engine/graph/dimacs.h"

#include "base/num.h"

/* "a 1 1 0 0 0" and a line end. */
#define ARC_LINE_MIN 12
/* Nodes that no line names cost nothing to write; so many are believed beyond the text's size. */
#define NODES_UNNAMED_MAX 100000
/* Numbers on a line, and one more to see that there are too many. */
#define FIELDS_MAX 6

static struct place here(const struct dimacs *d)
{
	return (struct place){.file = d->file, .line = d->line};
}

#define FAIL(d, zh, en, ...)                                                                       \
	problems_error((d)->problems, here(d), TR((d)->problems, zh, en), __VA_ARGS__)

void dimacs_begin(
	struct dimacs *d, struct arena *mem, struct problems *ps, struct str file, size_t size)
{
	*d = (struct dimacs){.mem = mem, .problems = ps, .file = file, .size = size};
}

/* The next word of *rest, empty at its end. */
static struct str next_word(struct str *rest)
{
	const char *p = rest->p, *end = p + rest->n, *from;

	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
		p++;
	for (from = p; p < end && *p != ' ' && *p != '\t' && *p != '\r';)
		p++;
	*rest = (struct str){p, (size_t)(end - p)};
	return (struct str){from, (size_t)(p - from)};
}

/* Exactly `count` whole numbers in the rest of the line; false: said why not. */
static bool numbers(struct dimacs *d, struct str rest, int count, int64_t out[])
{
	for (int i = 0; i < count; i++) {
		struct str word = next_word(&rest);

		if (word.n == 0) {
			FAIL(d, "这一行要有 %d 个数，只有 %d 个", "expected %d numbers, found %d",
				count, i);
			return false;
		}
		if (parse_i64(word, -FLOW_MAX, FLOW_MAX, &out[i]) != NUM_OK) {
			FAIL(d, "“" STR_FMT "”不是范围内的整数",
				"'" STR_FMT "' is not a whole number in range", STR_ARG(word));
			return false;
		}
	}
	if (next_word(&rest).n > 0) {
		FAIL(d, "这一行多于 %d 个数", "more than %d numbers", count);
		return false;
	}
	return true;
}

static void read_header(struct dimacs *d, struct str rest)
{
	struct str kind = next_word(&rest);
	int64_t v[2];

	if (d->problem_line > 0) {
		FAIL(d, "重复的 p 行（前一个在第 %d 行）", "second 'p' line (the first is line %d)",
			d->problem_line);
		return;
	}
	d->problem_line = d->line;
	if (!str_is(kind, "min")) {
		FAIL(d, "只读最小费用流（p min），这里是“" STR_FMT "”",
			"only minimum-cost flow (p min) is read, not '" STR_FMT "'", STR_ARG(kind));
		return;
	}
	if (!numbers(d, rest, 2, v))
		return;
	if (v[0] < 1 || v[0] > INT32_MAX / 4 ||
		(uint64_t)v[0] > (uint64_t)d->size + NODES_UNNAMED_MAX) {
		FAIL(d, "节点数 %" PRId64 " 不合理", "%" PRId64 " nodes cannot be", v[0]);
		return;
	}
	if (v[1] < 0 || v[1] > INT32_MAX / 2 || (uint64_t)v[1] > d->size / ARC_LINE_MIN + 1) {
		FAIL(d, "弧数 %" PRId64 " 与文件大小不符",
			"%" PRId64 " arcs do not fit in this text", v[1]);
		return;
	}
	d->arc_count = (int32_t)v[1];
	d->flow = flow_create(d->mem, (int32_t)v[0], d->on_arc ? 0 : d->arc_count);
	d->supply_line = arena_array(d->mem, int32_t, v[0]);
}

/* Node number v, from 1. */
static bool is_node(struct dimacs *d, int64_t v)
{
	if (v >= 1 && v <= flow_node_count(d->flow))
		return true;
	FAIL(d, "没有节点 %" PRId64 "（共 %d 个）", "there is no node %" PRId64 " (of %d)", v,
		flow_node_count(d->flow));
	return false;
}

static void read_supply(struct dimacs *d, struct str rest)
{
	int64_t v[2];

	if (!numbers(d, rest, 2, v) || !is_node(d, v[0]))
		return;
	if (d->supply_line[v[0] - 1] > 0) {
		FAIL(d, "节点 %" PRId64 " 的供给已在第 %d 行给出",
			"the supply of node %" PRId64 " is already on line %d", v[0],
			d->supply_line[v[0] - 1]);
		return;
	}
	d->supply_line[v[0] - 1] = d->line;
	d->last_supply_line = d->line;
	flow_set_supply(d->flow, (int32_t)v[0] - 1, v[1]);
}

static void read_arc(struct dimacs *d, struct str rest)
{
	struct flow_arc a;
	int64_t v[5];

	if (!numbers(d, rest, 5, v))
		return;
	if (d->arc_at++ >= d->arc_count) {
		if (d->arc_at == d->arc_count + 1)
			FAIL(d, "弧多于第 %d 行所说的 %d 条", "more arcs than line %d says (%d)",
				d->problem_line, d->arc_count);
		return;
	}
	if (!is_node(d, v[0]) || !is_node(d, v[1]))
		return;
	if (v[3] < 0) {
		FAIL(d, "容量 %" PRId64 " 是负数", "negative capacity %" PRId64, v[3]);
		return;
	}
	if (v[2] > v[3]) {
		FAIL(d, "下界 %" PRId64 " 大于容量 %" PRId64,
			"lower bound %" PRId64 " above capacity %" PRId64, v[2], v[3]);
		return;
	}
	a = (struct flow_arc){(int32_t)v[0] - 1, (int32_t)v[1] - 1, v[2], v[3], v[4]};
	if (d->on_arc)
		d->on_arc(d->on_arc_to, &a);
	else
		flow_set_arc(d->flow, d->arc_at - 1, a);
}

void dimacs_line(struct dimacs *d, struct str line)
{
	struct str rest = line, word;

	d->line++;
	if (line.n > 0 && line.p[line.n - 1] == '\n')
		rest.n--;
	word = next_word(&rest);
	if (word.n == 0 || word.p[0] == 'c')
		return;
	if (str_is(word, "p")) {
		read_header(d, rest);
	} else if (!str_is(word, "n") && !str_is(word, "a")) {
		FAIL(d, "行首“" STR_FMT "”不认识，应是 c、p、n 或 a",
			"a line begins with c, p, n or a, not '" STR_FMT "'",
			STR_ARG(str_sub(word, 0, 40)));
	} else if (d->problem_line == 0) {
		problems_error(d->problems, here(d),
			TR(d->problems, "p 行要在 n 行和 a 行之前",
				"the 'p' line must come first"));
		d->problem_line = d->line;
	} else if (d->flow) {
		if (word.p[0] == 'n')
			read_supply(d, rest);
		else
			read_arc(d, rest);
	}
}

struct flow *dimacs_end(struct dimacs *d)
{
	i128 sum = 0;

	if (d->problem_line == 0)
		problems_error(
			d->problems, here(d), TR(d->problems, "没有 p 行", "there is no 'p' line"));
	if (!d->flow)
		return NULL;
	if (d->arc_at < d->arc_count) {
		d->line = d->problem_line;
		FAIL(d, "说有 %d 条弧，只有 %d 条", "%d arcs announced, %d found", d->arc_count,
			d->arc_at);
	}
	for (int32_t i = 0; i < flow_node_count(d->flow); i++)
		sum += flow_supply(d->flow, i);
	if (sum != 0) {
		struct strbuf text;

		strbuf_init(&text, 64);
		strbuf_i128(&text, sum);
		d->line = d->last_supply_line;
		FAIL(d, "供给之和到此行为 %s，应为 0",
			"supplies add up to %s by this line, not to 0", text.p);
		strbuf_release(&text);
	}
	return d->problems->error_count == 0 ? d->flow : NULL;
}

struct flow *dimacs_read(struct arena *mem, struct problems *ps, struct str file, struct str text)
{
	struct dimacs d;

	dimacs_begin(&d, mem, ps, file, text.n);
	while (text.n > 0)
		dimacs_line(&d, str_cut(&text, '\n'));
	return dimacs_end(&d);
}
